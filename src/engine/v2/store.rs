//! How engine `v2` keeps a partition's messages: those of the produce queue, which no batch has
//! yet, and before them the batches that wait to be sent again. And when it tells the broker's
//! thread.
#![forbid(unsafe_code)]

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::idempotence::{self, NextSeq};
use super::sealed::{Sealed, Stamp};
use crate::conf::settings::Settings;
use crate::own::msg::Msg;
use crate::own::msgq::{MsgQueue, Order};
use crate::own::store::{Enqueued, PartitionStore};
use crate::proto::pid::Pid;
use crate::proto::record::batch::HEADER_BYTES;
use crate::sys::clock::Ts;

/// Bytes of the smallest record beside its key and value.
const RECORD_BYTES_MIN: usize = 7;

/// A partition's batches and its wake-up conditions.
pub(crate) struct Store {
    order: Order,
    batch_messages_max: usize,
    batch_bytes_max: usize,
    is_idempotent: bool,
    /// What waits on the broker, if its bytes are a trigger, and this partition's part of it.
    total: Option<Arc<Total>>,
    counted: i64,
    /// The thread knows that there is something.
    is_known: bool,
    /// It knows that a batch is full.
    is_full_known: bool,
    /// Batches that wait to be sent again, in the order of their messages.
    pub(super) returned: VecDeque<Sealed>,
    /// Batches in requests, on whatever thread.
    pub(super) flying: usize,
    /// The highest id of a message that waits to be sent again and may be in the log: up to here
    /// producer id and sequence stay, so that the broker knows it again. 0 if there is none.
    pub(super) unresolved_to: u64,
    /// The numbers of its next batch.
    next_seq: NextSeq,
}

/// The key and value bytes that wait on one broker, and how many are enough to send them.
pub(super) struct Total {
    bytes: AtomicI64,
    enough: AtomicI64,
}

impl Total {
    /// Nothing waits.
    pub(super) fn new(enough: i64) -> Self {
        Self { bytes: AtomicI64::new(0), enough: AtomicI64::new(enough) }
    }

    /// Do enough bytes wait?
    pub(super) fn is_enough(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) >= self.enough.load(Ordering::Relaxed)
    }

    /// From now on so many are enough.
    pub(super) fn set_enough(&self, enough: i64) {
        self.enough.store(enough, Ordering::Relaxed);
    }

    /// Adds bytes; are they enough now and were not before?
    fn add(&self, bytes: i64) -> bool {
        let enough = self.enough.load(Ordering::Relaxed);
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        before < enough && before + bytes >= enough
    }
}

/// What a partition has to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Waiting {
    /// Nothing.
    Nothing,
    /// Something that must not go before this time.
    Until(Ts),
    /// A batch.
    Batch {
        /// When its oldest message was produced.
        since: Ts,
        /// It is full, or was sent before.
        is_full: bool,
    },
}

impl Store {
    /// An empty store.
    pub(crate) fn boxed(settings: &Settings, order: Order) -> Box<dyn PartitionStore> {
        Box::new(Self {
            order,
            batch_messages_max: settings.batch_messages_max,
            batch_bytes_max: settings.batch_bytes_max.min(settings.message_bytes_max),
            is_idempotent: settings.is_idempotent,
            total: None,
            counted: 0,
            is_known: false,
            is_full_known: false,
            returned: VecDeque::new(),
            flying: 0,
            unresolved_to: 0,
            next_seq: NextSeq::default(),
        })
    }

    /// May no more batches go before one is answered? Without idempotence only that keeps the order
    /// when one has to be sent again.
    pub(super) fn is_blocked(&self) -> bool {
        self.flying >= if self.is_idempotent { idempotence::WINDOW } else { 1 }
    }

    /// The partition's bytes count there from now on, or (`None`) nowhere.
    pub(super) fn count_in(&mut self, total: Option<Arc<Total>>, queue: &MsgQueue) {
        if let Some(former) = self.total.take() {
            former.add(-self.counted);
        }
        (self.total, self.counted) = (total, 0);
        self.recount(queue);
    }

    /// Its bytes may have changed; `true`: what waits on the broker became enough.
    #[inline]
    fn recount(&mut self, queue: &MsgQueue) -> bool {
        let Some(total) = &self.total else { return false };
        let change = queue.bytes() - std::mem::replace(&mut self.counted, queue.bytes());
        total.add(change)
    }

    fn is_full(&self, queue: &MsgQueue) -> bool {
        let bytes = usize::try_from(queue.bytes()).unwrap_or(0);
        queue.len() >= self.batch_messages_max
            || HEADER_BYTES + bytes + queue.len() * RECORD_BYTES_MIN >= self.batch_bytes_max
    }

    /// The thread looks: from now on it knows what there is.
    pub(super) fn look(&mut self, queue: &MsgQueue, now: Ts) -> Waiting {
        let is_full = self.is_full(queue);
        self.is_known = !queue.is_empty() || !self.returned.is_empty();
        self.is_full_known = is_full && self.is_known;
        self.recount(queue);
        if let Some(first) = self.returned.front() {
            return match first.backoff > now {
                true => Waiting::Until(first.backoff),
                false => Waiting::Batch { since: Ts::ZERO, is_full: true },
            };
        }
        let oldest = match self.order {
            Order::Fifo => queue.front(),
            Order::Lifo => queue.back(),
        };
        match oldest {
            None => Waiting::Nothing,
            Some(oldest) => Waiting::Batch { since: oldest.enqueued(), is_full },
        }
    }

    /// A batch waits to be sent again: it finds its place.
    pub(super) fn take_back(&mut self, sealed: Sealed) {
        let first = sealed.first_id();
        let at = self.returned.partition_point(|other| other.first_id() < first);
        self.returned.insert(at, sealed);
    }

    /// Did the time of what is sent next run out? Then it is reported now, not at the next scan: in
    /// a request it would have to be waited for once more.
    pub(super) fn is_late(&self, queue: &MsgQueue, now: Ts) -> bool {
        match self.returned.front() {
            Some(first) => first.expires() <= now,
            None => queue.front().is_some_and(|first| first.expires() <= now),
        }
    }

    /// The numbers that a batch of `count` messages gets, or keeps, under a producer id.
    pub(super) fn stamp(&mut self, pid: Pid, former: Stamp, count: i32) -> Stamp {
        self.next_seq.stamp(pid, former, count)
    }

    /// Another producer id begins.
    pub(super) fn begin_epoch(&mut self) {
        self.unresolved_to = 0;
        self.next_seq = NextSeq::default();
    }

    /// Id of the message that is sent next.
    pub(super) fn first_id(&self, queue: &MsgQueue) -> Option<u64> {
        match self.returned.front() {
            Some(sealed) => Some(sealed.first_id()),
            None => queue.front().map(|first| first.id()),
        }
    }

    /// May the batch that begins with this message go under another producer id? What may be in the
    /// log goes under its old one: under another the broker would take it for something else, and
    /// have it twice.
    pub(super) fn is_settled(&self, first_id: u64) -> bool {
        first_id > self.unresolved_to
    }

    /// Messages that were taken and fit in no batch come back; they were first.
    pub(super) fn put_back(&self, queue: &mut MsgQueue, rest: &mut MsgQueue) {
        queue.merge(rest, self.order);
    }

    /// Takes the expired messages out, in order; returns how many of them had numbers: those leave
    /// a gap.
    pub(super) fn take_expired(
        &mut self,
        queue: &mut MsgQueue,
        now: Ts,
        out: &mut MsgQueue,
    ) -> usize {
        for sealed in &mut self.returned {
            sealed.take_expired(self.is_idempotent, now, out);
        }
        self.returned.retain(|sealed| !sealed.messages.is_empty());
        let numbered = if self.is_idempotent { out.len() } else { 0 };
        queue.take_expired(now, out);
        self.recount(queue);
        numbered
    }

    /// The batches whose messages have ids up to this one.
    pub(super) fn take_up_to(&mut self, last_id: u64, out: &mut MsgQueue) {
        while self.returned.front().is_some_and(|sealed| sealed.last_id() <= last_id) {
            let Some(mut sealed) = self.returned.pop_front() else { return };
            out.append(&mut sealed.messages);
        }
    }
}

impl PartitionStore for Store {
    #[inline]
    fn enqueue(&mut self, queue: &mut MsgQueue, message: Msg) -> Enqueued {
        match self.order {
            Order::Fifo => queue.push_back(message),
            Order::Lifo => queue.insert(message, Order::Lifo),
        }
        let is_enough = self.recount(queue);
        if is_enough {
            self.is_known = true;
            return Enqueued::Full;
        }
        if self.is_known && self.is_full_known {
            return Enqueued::Quiet;
        }
        let is_full = self.is_full(queue) && !self.is_blocked();
        let was_known = std::mem::replace(&mut self.is_known, true);
        self.is_full_known = is_full;
        match (is_full, was_known) {
            (true, _) => Enqueued::Full,
            (false, false) => Enqueued::First,
            (false, true) => Enqueued::Quiet,
        }
    }

    fn requeue(&mut self, queue: &mut MsgQueue, messages: &mut MsgQueue) -> Enqueued {
        queue.merge(messages, self.order);
        self.forget_signals(queue)
    }

    fn forget_signals(&mut self, queue: &mut MsgQueue) -> Enqueued {
        self.recount(queue);
        let is_empty = queue.is_empty() && self.returned.is_empty();
        self.is_known = !is_empty;
        self.is_full_known = false;
        if is_empty { Enqueued::Quiet } else { Enqueued::First }
    }

    fn drain(&mut self, queue: &mut MsgQueue, out: &mut MsgQueue) {
        for sealed in &mut self.returned {
            out.append(&mut sealed.messages);
        }
        self.returned.clear();
        out.append(queue);
    }

    fn kept(&self) -> (usize, i64) {
        self.returned.iter().fold((0, 0), |(count, bytes), sealed| {
            (count + sealed.messages.len(), bytes + sealed.messages.bytes())
        })
    }

    fn next_sequence(&self) -> Option<i32> {
        Some(self.next_seq.0)
    }

    fn go_on_at(&mut self, sequence: i32) {
        self.next_seq = NextSeq(sequence);
    }

    fn numbered(&self) -> usize {
        let has_numbers = |sealed: &&Sealed| sealed.stamp != Stamp::NONE;
        self.returned.iter().filter(has_numbers).map(|sealed| sealed.messages.len()).sum()
    }

    fn is_unsettled(&self) -> bool {
        self.is_idempotent && (self.flying > 0 || self.numbered() > 0)
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

#[cfg(test)]
#[path = "store/tests.rs"]
mod tests;
