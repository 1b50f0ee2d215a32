//! How engine `legacy` keeps a partition's messages: the order of the produce queue, and when it
//! wakes the broker's thread (the conditions stand beside the queue's head). The transmit queue is
//! the thread's own; see `serve.rs`.
#![forbid(unsafe_code)]

use std::any::Any;

use super::linger::Ready;
use crate::conf::settings::Settings;
use crate::own::msg::Msg;
use crate::own::msgq::{MsgQueue, Order, Wakeup};
use crate::own::store::{Enqueued, PartitionStore};
use crate::sys::clock::Ts;

/// The order of the produce queue, and what fills a batch.
pub(crate) struct Store {
    order: Order,
    batch_messages_max: usize,
    batch_bytes_max: i64,
    /// The thread was told that there is something: only a full batch is announced.
    knows_first: bool,
    /// The highest id of a message that waits to be sent again and may be in the log: up to here
    /// producer id and sequence stay, so that the broker knows it again. 0 if there is none.
    pub(super) unresolved_to: u64,
}

impl Store {
    /// An empty store.
    pub(crate) fn boxed(settings: &Settings, order: Order) -> Box<dyn PartitionStore> {
        Box::new(Self {
            order,
            batch_messages_max: settings.batch_messages_max,
            batch_bytes_max: i64::try_from(settings.batch_bytes_max).unwrap_or(i64::MAX),
            knows_first: false,
            unresolved_to: 0,
        })
    }

    /// The thread takes what is queued.
    pub(crate) fn take_into(&self, queue: &mut MsgQueue, xmit: &mut MsgQueue) {
        xmit.merge(queue, self.order);
    }

    /// The thread waits for what is in flight and is told when it is answered: nothing else is
    /// announced.
    pub(crate) fn forbid_wakeup(queue: &mut MsgQueue) {
        queue.wakeup_mut().is_signalled = true;
    }

    /// The thread looked at what it has and goes away until its deadline, or until a batch is full.
    ///
    /// Historical: `rd_kafka_msgq_allow_wakeup_at`.
    pub(crate) fn allow_wakeup(&mut self, queue: &mut MsgQueue, xmit: &MsgQueue, ready: Ready) {
        self.knows_first = false;
        let wakeup = queue.wakeup_mut();
        wakeup.is_signalled = ready == Ready::Now;
        match ready {
            Ready::Empty => *wakeup = WHEN_IDLE,
            Ready::Now => wakeup.on_first = false,
            Ready::At(due) => {
                let lacks = self.batch_messages_max.saturating_sub(xmit.len());
                *wakeup = Wakeup {
                    due,
                    messages: i32::try_from(lacks).unwrap_or(i32::MAX),
                    bytes: self.batch_bytes_max - xmit.bytes(),
                    on_first: false,
                    is_signalled: false,
                };
            }
        }
    }

    fn signal(&mut self, queue: &mut MsgQueue) -> Enqueued {
        let (messages, bytes, wakeup) = (queue.len(), queue.bytes(), *queue.wakeup());
        let enough = usize::try_from(wakeup.messages).unwrap_or(0);
        if wakeup.is_signalled || messages < enough && bytes <= wakeup.bytes {
            return Enqueued::Quiet;
        }
        let is_full = !wakeup.on_first
            || messages >= self.batch_messages_max
            || bytes >= self.batch_bytes_max;
        if is_full {
            queue.wakeup_mut().is_signalled = true;
            return Enqueued::Full;
        }
        if self.knows_first {
            return Enqueued::Quiet;
        }
        self.knows_first = true;
        Enqueued::First
    }
}

/// The thread has nothing of the partition: the first message is announced.
const WHEN_IDLE: Wakeup =
    Wakeup { due: Ts::MAX, messages: 1, bytes: 0, on_first: true, is_signalled: false };

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
        if queue.is_empty() || self.knows_first || queue.wakeup().is_signalled {
            return Enqueued::Quiet;
        }
        // The thread has to learn the new back-off, whatever it waits for.
        self.knows_first = true;
        Enqueued::First
    }

    fn forget_signals(&mut self, queue: &mut MsgQueue) -> Enqueued {
        self.knows_first = false;
        *queue.wakeup_mut() = WHEN_IDLE;
        if queue.is_empty() { Enqueued::Quiet } else { self.signal(queue) }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
