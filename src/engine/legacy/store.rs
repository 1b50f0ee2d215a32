//! How engine `legacy` keeps a partition's messages: the order of the produce queue, and when it
//! wakes the broker's thread. The transmit queue is the thread's own; see `serve.rs`.
#![forbid(unsafe_code)]

use std::any::Any;

use super::linger::Ready;
use crate::conf::settings::Settings;
use crate::own::msg::Msg;
use crate::own::msgq::{MsgQueue, Order};
use crate::own::store::{Enqueued, PartitionStore};

/// The order of the produce queue and its wake-up conditions.
pub(crate) struct Store {
    order: Order,
    batch_messages_max: usize,
    batch_bytes_max: i64,
    /// What the thread still lacks for a full batch, beside what it took already.
    wake_messages: usize,
    wake_bytes: i64,
    /// The thread has nothing of this partition: the first message joins the ready list.
    is_idle: bool,
    /// What the thread knows already.
    signalled: Signal,
    /// The highest id of a message that waits to be sent again and may be in the log: up to here
    /// producer id and sequence stay, so that the broker knows it again. 0 if there is none.
    pub(super) unresolved_to: u64,
}

/// How much of a partition's state its thread was told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Signal {
    /// Nothing: the next message that counts is announced.
    Nothing,
    /// That there is something: only a full batch is announced.
    First,
    /// That a batch is full: nothing is announced until it looked.
    Full,
}

impl Store {
    /// An empty store.
    pub(crate) fn boxed(settings: &Settings, order: Order) -> Box<dyn PartitionStore> {
        Box::new(Self {
            order,
            batch_messages_max: settings.batch_messages_max,
            batch_bytes_max: i64::try_from(settings.batch_bytes_max).unwrap_or(i64::MAX),
            wake_messages: 1,
            wake_bytes: 0,
            is_idle: true,
            signalled: Signal::Nothing,
            unresolved_to: 0,
        })
    }

    /// The thread takes what is queued.
    pub(crate) fn take_into(&self, queue: &mut MsgQueue, xmit: &mut MsgQueue) {
        xmit.merge(queue, self.order);
    }

    /// The thread waits for what is in flight and is told when it is answered: nothing else is
    /// announced.
    pub(crate) fn forbid_wakeup(&mut self) {
        self.signalled = Signal::Full;
    }

    /// The thread looked at what it has and goes away until its deadline, or until a batch is full.
    ///
    /// Historical: `rd_kafka_msgq_allow_wakeup_at`.
    pub(crate) fn allow_wakeup(&mut self, xmit: &MsgQueue, ready: Ready) {
        self.is_idle = xmit.is_empty();
        self.signalled = if ready == Ready::Now { Signal::Full } else { Signal::Nothing };
        if self.is_idle {
            self.wake_messages = 1;
            self.wake_bytes = 0;
        } else if ready != Ready::Now {
            self.wake_messages = self.batch_messages_max.saturating_sub(xmit.len());
            self.wake_bytes = self.batch_bytes_max - xmit.bytes();
        }
    }

    fn signal(&mut self, queue: &MsgQueue) -> Enqueued {
        let is_due = queue.len() >= self.wake_messages || queue.bytes() > self.wake_bytes;
        if self.signalled == Signal::Full || !is_due {
            return Enqueued::Quiet;
        }
        let is_full = !self.is_idle
            || queue.len() >= self.batch_messages_max
            || queue.bytes() >= self.batch_bytes_max;
        if is_full {
            self.signalled = Signal::Full;
            return Enqueued::Full;
        }
        if self.signalled == Signal::First {
            return Enqueued::Quiet;
        }
        self.signalled = Signal::First;
        Enqueued::First
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
        if queue.is_empty() || self.signalled != Signal::Nothing {
            return Enqueued::Quiet;
        }
        // The thread has to learn the new back-off, whatever it waits for.
        self.signalled = Signal::First;
        Enqueued::First
    }

    fn forget_signals(&mut self, queue: &MsgQueue) -> Enqueued {
        self.is_idle = true;
        self.signalled = Signal::Nothing;
        self.wake_messages = 1;
        self.wake_bytes = 0;
        if queue.is_empty() { Enqueued::Quiet } else { self.signal(queue) }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
