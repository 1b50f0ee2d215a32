//! How engine `v2` keeps a partition's messages: as records, in the batch that is open, in those
//! before it that are closed, and in those that wait to be sent again. And when it tells the
//! broker's thread. The produce queue stays empty.
#![forbid(unsafe_code)]

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::idempotence::{self, NextSeq};
use super::sealed::{Sealed, Stamp};
use crate::conf::settings::Settings;
use crate::own::account::Account;
use crate::own::arena::{Batch, Limits, Open, Room};
use crate::own::lot::Lot;
use crate::own::msg::{Msg, NewMessage};
use crate::own::msgq::{MsgQueue, Order};
use crate::own::store::{Enqueued, PartitionStore, StoreKind};
use crate::own::topic::Topic;
use crate::proto::pid::Pid;
use crate::proto::record::batch::HEADER_BYTES;
use crate::sys::clock::Ts;

/// The engine's partition stores: records are written when messages come.
pub(crate) const KIND: StoreKind = StoreKind { make: Store::boxed, writes_at_once: true };

/// A partition's batches and its wake-up conditions.
pub(crate) struct Store {
    order: Order,
    limits: Limits,
    is_idempotent: bool,
    /// What waits on the broker, if its bytes are a trigger, and this partition's part of it.
    total: Option<Arc<Total>>,
    counted: i64,
    /// The thread knows that there is something.
    is_known: bool,
    /// It knows that a batch is full.
    is_full_known: bool,
    /// The batch that takes messages.
    open: Option<Open>,
    /// Batches before it that take none any more, and were never sent.
    closed: VecDeque<Batch>,
    /// What waits in these.
    closed_sums: Sums,
    /// What a batch needs, as the last one showed.
    room: Room,
    /// Batches that wait to be sent again, in the order of their messages.
    pub(super) returned: VecDeque<Box<Sealed>>,
    /// Batches in requests, on whatever thread.
    pub(super) flying: usize,
    /// The highest id of a message that waits to be sent again and may be in the log: up to here
    /// producer id and sequence stay, so that the broker knows it again. 0 if there is none.
    pub(super) unresolved_to: u64,
    /// The numbers of its next batch.
    next_seq: NextSeq,
}

/// What messages come to.
#[derive(Clone, Copy, Default)]
struct Sums {
    messages: usize,
    /// Value and key bytes.
    queued_bytes: i64,
    record_bytes: usize,
}

impl Sums {
    fn of(batch: &Batch) -> Self {
        Self {
            messages: batch.len(),
            queued_bytes: batch.queued_bytes(),
            record_bytes: batch.record_bytes(),
        }
    }

    fn subtract(&mut self, other: Self) {
        self.messages -= other.messages;
        self.queued_bytes -= other.queued_bytes;
        self.record_bytes -= other.record_bytes;
    }
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
            limits: Limits {
                messages: settings.batch_messages_max.max(1),
                bytes: settings.batch_bytes_max.min(settings.message_bytes_max),
            },
            is_idempotent: settings.is_idempotent,
            total: None,
            counted: 0,
            is_known: false,
            is_full_known: false,
            open: None,
            closed: VecDeque::new(),
            closed_sums: Sums::default(),
            room: Room::default(),
            returned: VecDeque::new(),
            flying: 0,
            unresolved_to: 0,
            next_seq: NextSeq::default(),
        })
    }

    /// May no more batches go before one is answered? Without idempotence only that keeps the order
    /// when one has to be sent again.
    #[inline]
    pub(super) fn is_blocked(&self) -> bool {
        self.flying >= if self.is_idempotent { idempotence::WINDOW } else { 1 }
    }

    /// Does nothing wait?
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_none() && self.closed.is_empty() && self.returned.is_empty()
    }

    /// What waits and was never sent.
    #[inline]
    fn fresh(&self) -> Sums {
        let closed = self.closed_sums;
        match &self.open {
            None => closed,
            Some(open) => Sums {
                messages: closed.messages + open.len(),
                queued_bytes: closed.queued_bytes + open.queued_bytes(),
                record_bytes: closed.record_bytes + open.record_bytes(),
            },
        }
    }

    /// The partition's bytes count there from now on, or (`None`) nowhere.
    pub(super) fn count_in(&mut self, total: Option<Arc<Total>>) {
        if let Some(former) = self.total.take() {
            former.add(-self.counted);
        }
        (self.total, self.counted) = (total, 0);
        self.recount();
    }

    /// Its bytes may have changed; `true`: what waits on the broker became enough.
    #[inline]
    fn recount(&mut self) -> bool {
        let Some(total) = &self.total else { return false };
        let bytes = self.fresh().queued_bytes;
        let change = bytes - std::mem::replace(&mut self.counted, bytes);
        total.add(change)
    }

    #[inline]
    fn is_full(&self) -> bool {
        let fresh = self.fresh();
        fresh.messages >= self.limits.messages
            || HEADER_BYTES + fresh.record_bytes >= self.limits.bytes
    }

    /// Writes a message behind the others.
    #[inline(always)]
    fn push(&mut self, account: &Arc<Account>, new: &NewMessage<'_>, id: u64) {
        let is_in = self.open.as_mut().is_some_and(|open| open.push(new, id, self.limits));
        if !is_in {
            self.push_first(account, new, id);
        }
    }

    /// Writes a message that begins a batch.
    #[cold]
    fn push_first(&mut self, account: &Arc<Account>, new: &NewMessage<'_>, id: u64) {
        self.close();
        let mut open = Open::new(account, new, id, self.room);
        let is_in = open.push(new, id, self.limits);
        debug_assert!(is_in, "the first message of a batch goes in");
        self.open = Some(open);
    }

    /// The open batch takes no more messages.
    fn close(&mut self) {
        if let Some(batch) = self.take_open() {
            self.add(&batch);
            self.closed.push_back(batch);
        }
    }

    /// Takes the open batch, which takes no more messages.
    fn take_open(&mut self) -> Option<Batch> {
        let batch = self.open.take()?.close();
        self.room = batch.room(self.room, self.limits);
        Some(batch)
    }

    /// Takes the batch of messages that were never sent and go next.
    pub(super) fn take_fresh(&mut self) -> Option<Batch> {
        let open_first = self.order == Order::Lifo || self.closed.is_empty();
        let open = if open_first { self.take_open() } else { None };
        let mut batch = match open {
            Some(batch) => batch,
            None => {
                let batch = match self.order {
                    Order::Fifo => self.closed.pop_front()?,
                    Order::Lifo => self.closed.pop_back()?,
                };
                self.closed_sums.subtract(Sums::of(&batch));
                batch
            }
        };
        if self.order == Order::Lifo {
            // Written anew it may have other lengths.
            batch.reverse();
        }
        self.recount();
        Some(batch)
    }

    /// The rest of a batch that was taken and is too large for the broker's format goes next.
    pub(super) fn put_back(&mut self, mut rest: Batch) {
        rest.make_whole();
        self.add(&rest);
        match self.order {
            Order::Fifo => self.closed.push_front(rest),
            Order::Lifo => self.closed.push_back(rest),
        }
        self.recount();
    }

    /// The thread looks: from now on it knows what there is.
    pub(super) fn look(&mut self, now: Ts) -> Waiting {
        let is_full = self.is_full();
        self.is_known = !self.is_empty();
        self.is_full_known = is_full && self.is_known;
        self.recount();
        if let Some(first) = self.returned.front() {
            return match first.backoff > now {
                true => Waiting::Until(first.backoff),
                false => Waiting::Batch { since: Ts::ZERO, is_full: true },
            };
        }
        let closed = self.closed.front().map(Batch::since);
        match closed.or_else(|| self.open.as_ref().map(Open::since)) {
            None => Waiting::Nothing,
            Some(since) => Waiting::Batch { since, is_full },
        }
    }

    /// A batch waits to be sent again: it finds its place.
    pub(super) fn take_back(&mut self, sealed: Box<Sealed>) {
        let first = sealed.first_id();
        let at = self.returned.partition_point(|other| other.first_id() < first);
        self.returned.insert(at, sealed);
    }

    /// Did the time of what is sent next run out? Then it is reported now, not at the next scan: in
    /// a request it would have to be waited for once more.
    pub(super) fn is_late(&self, now: Ts) -> bool {
        let fresh = || {
            let closed = self.closed.front().map(Batch::expires);
            closed.or_else(|| self.open.as_ref().map(Open::expires))
        };
        let expires = self.returned.front().map(|first| first.expires()).or_else(fresh);
        expires.is_some_and(|expires| expires <= now)
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
    pub(super) fn first_id(&self) -> Option<u64> {
        if let Some(sealed) = self.returned.front() {
            return Some(sealed.first_id());
        }
        let closed = self.closed.front().map(Batch::first_id);
        closed.or_else(|| self.open.as_ref().map(Open::first_id))
    }

    /// May the batch that begins with this message go under another producer id? What may be in the
    /// log goes under its old one: under another the broker would take it for something else, and
    /// have it twice.
    pub(super) fn is_settled(&self, first_id: u64) -> bool {
        first_id > self.unresolved_to
    }

    /// Takes the expired messages out, in order; returns how many of them had numbers: those leave
    /// a gap.
    pub(super) fn take_expired(&mut self, now: Ts, out: &mut Lot) -> usize {
        let whole = self.is_idempotent;
        for sealed in std::mem::take(&mut self.returned) {
            self.returned.extend(sealed.without_expired(whole, now, out));
        }
        let numbered = if self.is_idempotent { out.len() } else { 0 };
        if self.open.as_ref().is_some_and(|open| open.expires() <= now) {
            self.close();
        }
        for mut batch in std::mem::take(&mut self.closed) {
            let expired = batch.expired(now);
            if expired == 0 {
                self.closed.push_back(batch);
                continue;
            }
            self.closed_sums.subtract(Sums::of(&batch));
            if expired == batch.len() {
                out.batches.push(batch);
                continue;
            }
            out.batches.push(batch.split(expired));
            batch.make_whole();
            self.add(&batch);
            self.closed.push_back(batch);
        }
        self.recount();
        numbered
    }

    fn add(&mut self, batch: &Batch) {
        let more = Sums::of(batch);
        self.closed_sums.messages += more.messages;
        self.closed_sums.queued_bytes += more.queued_bytes;
        self.closed_sums.record_bytes += more.record_bytes;
    }

    /// The batches whose messages have ids up to this one.
    pub(super) fn take_up_to(&mut self, last_id: u64, out: &mut Vec<Batch>) {
        while self.returned.front().is_some_and(|sealed| sealed.last_id() <= last_id) {
            let Some(sealed) = self.returned.pop_front() else { return };
            out.push(sealed.batch);
        }
    }

    /// Something came: does the thread have to learn of it?
    #[inline]
    fn announce(&mut self) -> Enqueued {
        if self.recount() {
            self.is_known = true;
            return Enqueued::Full;
        }
        if self.is_known && self.is_full_known {
            return Enqueued::Quiet;
        }
        if self.is_known && !self.is_full() {
            return Enqueued::Quiet;
        }
        let is_full = self.is_full() && !self.is_blocked();
        let was_known = std::mem::replace(&mut self.is_known, true);
        self.is_full_known = is_full;
        match (is_full, was_known) {
            (true, _) => Enqueued::Full,
            (false, false) => Enqueued::First,
            (false, true) => Enqueued::Quiet,
        }
    }
}

impl PartitionStore for Store {
    fn enqueue(&mut self, _: &mut MsgQueue, message: Msg) -> Enqueued {
        let id = message.id();
        let account = message.topic().map(|topic| Arc::clone(&topic.account));
        if let Some(account) = account {
            NewMessage::of_object(message, |new| self.push(&account, new, id));
        }
        self.announce()
    }

    #[inline]
    fn enqueue_new(&mut self, topic: &Topic, new: &NewMessage<'_>, id: u64) -> Enqueued {
        self.push(&topic.account, new, id);
        self.announce()
    }

    /// Batches come back by `gate::land`; objects are of nobody but who had them before.
    fn requeue(&mut self, queue: &mut MsgQueue, messages: &mut MsgQueue) -> Enqueued {
        while let Some(message) = messages.pop_front() {
            self.enqueue(queue, message);
        }
        self.forget_signals(queue)
    }

    fn forget_signals(&mut self, _: &mut MsgQueue) -> Enqueued {
        self.recount();
        self.is_known = !self.is_empty();
        self.is_full_known = false;
        if self.is_known { Enqueued::First } else { Enqueued::Quiet }
    }

    fn drain(&mut self, _: &mut MsgQueue, out: &mut Lot) {
        self.close();
        out.batches.extend(self.returned.drain(..).map(|sealed| sealed.batch));
        out.batches.extend(self.closed.drain(..));
        self.closed_sums = Sums::default();
        self.recount();
    }

    fn kept(&self) -> (usize, i64) {
        let fresh = self.fresh();
        let fresh = (fresh.messages, fresh.queued_bytes);
        self.returned.iter().fold(fresh, |(count, bytes), sealed| {
            (count + sealed.batch.len(), bytes + sealed.batch.queued_bytes())
        })
    }

    fn next_sequence(&self) -> Option<i32> {
        Some(self.next_seq.0)
    }

    fn go_on_at(&mut self, sequence: i32) {
        self.next_seq = NextSeq(sequence);
    }

    fn numbered(&self) -> usize {
        let numbered = self.returned.iter().filter(|sealed| sealed.stamp != Stamp::NONE);
        numbered.map(|sealed| sealed.batch.len()).sum()
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
