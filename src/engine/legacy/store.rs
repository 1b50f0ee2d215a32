//! How engine `legacy` keeps a partition's messages: the order of the produce queue, and when it
//! wakes the broker's thread. The transmit queue is the thread's own; see `serve.rs`.
#![forbid(unsafe_code)]

use std::any::Any;

use super::linger::{self, Limits};
use crate::abi::msg::rd_kafka_msgq_wakeup_t;
use crate::conf::settings::Settings;
use crate::own::msg::Msg;
use crate::own::msgq::{MsgQueue, Order};
use crate::own::store::{Enqueued, PartitionStore, StoreKind};

/// The order of the produce queue and its wake-up conditions.
pub(crate) struct Store {
    order: Order,
    messages_max: i32,
    bytes_max: i64,
    /// The thread knows that there is something: only a full batch is announced.
    is_announced: bool,
}

/// The engine's partition stores.
pub(crate) const KIND: StoreKind = StoreKind { make: Store::boxed, writes_at_once: false };

impl Store {
    /// An empty store.
    pub(crate) fn boxed(settings: &Settings, order: Order) -> Box<dyn PartitionStore> {
        Box::new(Self {
            order,
            messages_max: i32::try_from(settings.batch_messages_max).unwrap_or(i32::MAX),
            bytes_max: i64::try_from(settings.batch_bytes_max).unwrap_or(i64::MAX),
            is_announced: false,
        })
    }

    /// The thread takes what is queued.
    pub(crate) fn take_into(&self, queue: &mut MsgQueue, xmit: &mut MsgQueue) {
        xmit.merge(queue, self.order);
    }

    /// The thread waits for what is in flight and is told when it is answered: nothing else is
    /// announced.
    pub(crate) fn forbid_wakeup(&mut self, queue: &mut MsgQueue) {
        queue.set_wakeup(rd_kafka_msgq_wakeup_t { signalled: true, ..queue.wakeup() });
    }

    /// The thread looked at what there is: what comes is news.
    pub(crate) fn was_seen(&mut self) {
        self.is_announced = false;
    }

    /// When a batch is full; messages wait for that as long as `linger_us`.
    pub(crate) fn limits(&self, linger_us: i64) -> Limits {
        Limits { linger_us, messages: self.messages_max, bytes: self.bytes_max }
    }

    fn signal(&mut self, queue: &mut MsgQueue) -> Enqueued {
        let mut wakeup = queue.wakeup();
        // A new partition has no conditions yet: its first message is news.
        let is_idle = wakeup.on_first || wakeup.msg_cnt == 0;
        let count = i32::try_from(queue.len()).unwrap_or(i32::MAX);
        let is_due = match is_idle {
            true => count > 0,
            false => count >= wakeup.msg_cnt || queue.bytes() > wakeup.msg_bytes,
        };
        if wakeup.signalled || !is_due {
            return Enqueued::Quiet;
        }
        if !is_idle || count >= self.messages_max || queue.bytes() >= self.bytes_max {
            wakeup.signalled = true;
            queue.set_wakeup(wakeup);
            return Enqueued::Full;
        }
        if std::mem::replace(&mut self.is_announced, true) {
            Enqueued::Quiet
        } else {
            Enqueued::First
        }
    }
}

/// Moves the messages from the head of a queue whose ids are at most `last_msgid`.
pub(super) fn take_up_to(queue: &mut MsgQueue, last_msgid: u64, out: &mut MsgQueue) {
    while queue.front().is_some_and(|first| first.id() <= last_msgid) {
        let Some(message) = queue.pop_front() else { return };
        out.push_back(message);
    }
}

impl PartitionStore for Store {
    fn enqueue(&mut self, queue: &mut MsgQueue, message: Msg) -> Enqueued {
        match self.order {
            Order::Fifo => queue.push_back(message),
            Order::Lifo => queue.insert(message, Order::Lifo),
        }
        self.signal(queue)
    }

    fn requeue(&mut self, queue: &mut MsgQueue, messages: &mut MsgQueue) -> Enqueued {
        queue.merge(messages, self.order);
        if queue.is_empty() || self.is_announced || queue.wakeup().signalled {
            return Enqueued::Quiet;
        }
        // The thread has to learn the new back-off, whatever it waits for.
        self.is_announced = true;
        Enqueued::First
    }

    fn forget_signals(&mut self, queue: &mut MsgQueue) -> Enqueued {
        self.is_announced = false;
        queue.set_wakeup(linger::IDLE);
        if queue.is_empty() { Enqueued::Quiet } else { self.signal(queue) }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
