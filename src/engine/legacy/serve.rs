//! The engine's turn: which partitions have something to send, in which order, and when to look
//! again.
//!
//! History walked all partitions of the broker at each turn. Here a partition is met only when it
//! has news (the ready list), when its deadline comes (the heap), when it waits for room in the
//! output queue (the pending queue), or once a second if it holds messages that could expire. The
//! order in which requests are made is the historical round: who became ready first is served
//! first, and goes behind the others afterwards.
#![forbid(unsafe_code)]

#[cfg(feature = "c-harness")]
pub(super) mod harness;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::gate;
use super::idempotence::Numbering;
use super::linger::{self, Ready};
use super::multibatch;
use super::purge;
use super::request;
use super::store::Store;
use super::writer::{Compressors, Source};
use crate::broker::request::Request;
use crate::broker::send;
use crate::broker::thread::BrokerThread;
use crate::engine::seam::ProducerEngine;
use crate::eos::drain;
use crate::error::ErrorCode;
use crate::op::Purge;
use crate::own::list::List;
use crate::own::msg::{MsgFields, Status};
use crate::own::msgq::MsgQueue;
use crate::own::topic::Topic;
use crate::own::toppar::{Toppar, XmitQueue};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// Microseconds between looks for expired messages.
const SCAN_EVERY_US: i64 = 1_000_000;

/// From so many partitions with messages on they wait for each other: a part of the linger, and no
/// longer than this many microseconds. History slept in whole milliseconds, rounded up, and was as
/// late.
const SHARED_FROM: usize = 8;
const GRACE_PART: i64 = 10;
const GRACE_US_MAX: i64 = 1000;

/// A partition of this broker.
pub(super) struct Slot {
    /// The partition.
    pub(super) toppar: Arc<Toppar>,
    /// Its topic.
    pub(super) topic: Arc<Topic>,
    /// The transmit queue: messages that the thread took and that are in no request yet.
    pub(super) xmit: XmitQueue,
    /// How the next batch is numbered; nothing for producers that are not idempotent.
    pub(super) numbering: Numbering,
    /// How many partitions the engine had got before it.
    joined: u64,
    /// Its deadline in the heap; `Ts::MAX` if it has none there.
    due: Ts,
    /// It is in the pending queue.
    is_pending: bool,
    /// It is in the list of partitions with messages.
    is_active: bool,
}

impl Slot {
    /// Its messages, to be written.
    fn source(&mut self) -> Source<'_> {
        let Self { toppar, topic, xmit, numbering, .. } = self;
        Source { toppar, topic, queue: xmit, numbering: *numbering }
    }
}

/// The engine's state on one broker's thread.
pub(crate) struct Engine {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    /// How many partitions it ever got.
    joined: u64,
    deadlines: BinaryHeap<Reverse<(Ts, usize)>>,
    pending: VecDeque<usize>,
    /// Partitions that hold messages.
    active: Vec<usize>,
    scan_at: Ts,
    /// A flush began: linger does not hold.
    must_look: bool,
    /// An idempotent producer's id, as of the last turn; without it nothing is sent.
    pid: Option<Pid>,
    /// Requests may be made.
    may_send: bool,
    /// Codec contexts, one per codec and level.
    pub(super) compressors: Compressors,
    /// Room for the ready list.
    news: Vec<Arc<Toppar>>,
}

impl Engine {
    /// An engine without partitions.
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            joined: 0,
            deadlines: BinaryHeap::new(),
            pending: VecDeque::new(),
            active: Vec::new(),
            scan_at: Ts::MAX,
            must_look: false,
            pid: None,
            may_send: true,
            compressors: Vec::new(),
            news: Vec::new(),
        }
    }

    pub(super) fn slot_of(&self, toppar: &Arc<Toppar>) -> Option<usize> {
        let at = toppar.slot.load(Ordering::Relaxed);
        let slot = self.slots.get(at)?.as_ref()?;
        Arc::ptr_eq(&slot.toppar, toppar).then_some(at)
    }

    /// Takes the ready list.
    fn take_news(&mut self, thread: &mut BrokerThread, now: Ts) {
        let mut news = std::mem::take(&mut self.news);
        thread.broker.take_ready(&mut news);
        for toppar in news.drain(..) {
            let Some(at) = self.slot_of(&toppar) else { continue };
            let has_room = thread.outbufs.len() < thread.handle.settings.outbufs_max;
            // A partition that waits for what is in flight takes back what is in the way.
            if has_room || is_draining(thread, &toppar) {
                self.look(thread, at, now);
            } else {
                self.wait_for_room(at, now);
            }
        }
        self.news = news;
    }

    /// A partition has news and nothing can be made of it now: its messages stay where they are,
    /// which shows in the order of reports if they are purged.
    fn wait_for_room(&mut self, at: usize, now: Ts) {
        let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { return };
        if !slot.is_pending {
            slot.is_pending = true;
            self.pending.push_back(at);
        }
        self.activate(at, now);
    }

    /// The partition has messages, which may expire.
    fn activate(&mut self, at: usize, now: Ts) {
        let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { return };
        if !slot.is_active {
            slot.is_active = true;
            self.active.push(at);
            if self.scan_at == Ts::MAX {
                self.scan_at = now + SCAN_EVERY_US;
            }
        }
    }

    /// Takes a partition's messages and decides when they are sent.
    pub(super) fn look(&mut self, thread: &mut BrokerThread, at: usize, now: Ts) {
        let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { return };
        slot.due = Ts::MAX;
        let has_messages = match take(thread, slot, now) {
            Taken::Late => {
                expire(thread, slot, now);
                return self.look(thread, at, now);
            }
            Taken::Held => {
                let toppar = Arc::clone(&slot.toppar);
                // What is not on the wire yet would only be refused.
                request::call_back(thread, &toppar, now);
                // Nobody announces what comes meanwhile, and that may expire.
                true
            }
            Taken::Ready(ready) => {
                match ready {
                    Ready::Empty => {}
                    Ready::Now if slot.is_pending => {}
                    Ready::Now => {
                        slot.is_pending = true;
                        self.pending.push_back(at);
                    }
                    Ready::At(due) => {
                        slot.due = due;
                        self.deadlines.push(Reverse((due, at)));
                    }
                }
                ready != Ready::Empty
            }
        };
        // In a sequence messages expire at the scan only, which begins a new one; it comes at once
        // for what came back too late.
        let is_overdue = thread.handle.settings.is_idempotent && is_late(slot.xmit.front(), now);
        if has_messages {
            self.activate(at, now);
        }
        if is_overdue {
            self.scan_at = now;
        }
    }

    /// Looks at the partitions whose deadline has come; returns the next deadline. Among many
    /// partitions one waits a little for the next ones, so that they share a wake-up and a write.
    fn take_due(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        let grace_us = match self.active.len() {
            _ if thread.handle.is_flushing() => 0,
            ..SHARED_FROM => 0,
            _ => (thread.handle.settings.linger_us / GRACE_PART).min(GRACE_US_MAX),
        };
        let mut is_open = false;
        while let Some(Reverse((due, at))) = self.deadlines.peek().copied() {
            let is_stale =
                self.slots.get(at).and_then(Option::as_ref).is_none_or(|slot| slot.due != due);
            if !is_stale {
                // One has waited long enough: those that are due go with it.
                is_open |= due + grace_us <= now;
                if !is_open || due > now {
                    return due + grace_us;
                }
            }
            self.deadlines.pop();
            if !is_stale {
                self.look(thread, at, now);
            }
        }
        Ts::MAX
    }

    /// Makes requests for the partitions that are ready, as long as the output queue has room.
    /// Returns how many messages are in them.
    fn send_pending(&mut self, thread: &mut BrokerThread, now: Ts) -> usize {
        let most = thread.handle.settings.outbufs_max;
        if thread.handle.settings.joins_batches {
            let has_room = thread.outbufs.len() < most;
            return if has_room { self.send_joined(thread, now) } else { 0 };
        }
        let mut count = 0;
        while thread.outbufs.len() < most || send::takes_more(thread) {
            let Some(at) = self.pending.pop_front() else { break };
            count += self.send_one(thread, at, None, now);
        }
        count
    }

    /// Makes requests of a partition, if it is still ready: one that is kept, or as many as there
    /// is room for. Returns how many messages are in them.
    ///
    /// Historical: `rd_kafka_toppar_producer_serve`.
    pub(super) fn send_one(
        &mut self,
        thread: &mut BrokerThread,
        at: usize,
        mut kept: Option<&mut List<Request>>,
        now: Ts,
    ) -> usize {
        if !self.is_still_ready(thread, at, now) {
            return 0;
        }
        let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { return 0 };
        if let Some(pid) = self.pid
            && !gate::may_send(thread, slot, pid, now)
        {
            // Held: it comes back when less is in flight. Or it has nothing any more.
            if slot.xmit.is_empty() {
                self.look(thread, at, now);
            }
            return 0;
        }
        let room = thread.handle.settings.outbufs_max.saturating_sub(thread.outbufs.len()).max(1);
        let most = if kept.is_some() { 1 } else { room };
        let mut count = 0;
        // Quirk: with a higher threshold history goes on making requests without asking again
        // whether the next batch is ready.
        for _ in 0..most {
            let (source, kept) = (&mut slot.source(), kept.as_deref_mut());
            let made = request::produce(thread, source, &mut self.compressors, kept, now);
            if made == 0 {
                break;
            }
            count += made;
        }
        if count > 0 {
            thread.broker.was_served(&slot.toppar);
        }
        // What is left may be ready for the next turn.
        self.look(thread, at, now);
        count
    }

    /// Makes one batch of each partition that is ready, and joint requests of them.
    fn send_joined(&mut self, thread: &mut BrokerThread, now: Ts) -> usize {
        let mut count = 0;
        let mut kept = List::new();
        let mut pending = Vec::from(std::mem::take(&mut self.pending));
        // In a joint request partitions stand in the order in which they came to the broker.
        pending.sort_by_key(|at| self.slots[*at].as_ref().map(|slot| slot.joined));
        for at in pending {
            count += self.send_one(thread, at, Some(&mut kept), now);
        }
        multibatch::produce(thread, kept, now);
        count
    }

    /// There is room for a request of a partition that waited for it: what came meanwhile belongs
    /// to the batch, and messages that came back come first and may have to wait.
    fn is_still_ready(&mut self, thread: &mut BrokerThread, at: usize, now: Ts) -> bool {
        match self.slots.get_mut(at).and_then(Option::as_mut) {
            Some(slot) => slot.is_pending = false,
            None => return false,
        }
        self.look(thread, at, now);
        let is_ready = self.slots[at].as_ref().is_some_and(|slot| slot.is_pending);
        if is_ready {
            // It keeps its turn.
            self.pending.pop_back();
            if let Some(slot) = &mut self.slots[at] {
                slot.is_pending = false;
            }
        }
        is_ready
    }

    /// Reports expired messages, at most once a second unless one came back too late.
    fn scan(&mut self, thread: &mut BrokerThread, now: Ts) {
        if self.active.is_empty() {
            self.scan_at = Ts::MAX;
            return;
        }
        if now < self.scan_at {
            return;
        }
        self.scan_at = now + SCAN_EVERY_US;
        // Without a producer id one is waited for, and with it the numbers begin anew in any case.
        let is_numbered = thread.handle.settings.is_idempotent && usable_pid(thread).is_some();
        for at in std::mem::take(&mut self.active) {
            self.scan_one(thread, at, is_numbered, now);
        }
        if self.active.is_empty() {
            self.scan_at = Ts::MAX;
        }
    }

    /// Reports the expired messages of a partition that is not in the list of active ones now.
    fn scan_one(&mut self, thread: &mut BrokerThread, at: usize, is_numbered: bool, now: Ts) {
        let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { return };
        let count = expire(thread, slot, now);
        if count > 0 && is_numbered {
            renumber(thread, count, &slot.toppar, now);
        }
        // Looking again makes it active if messages are left, and lets the next one signal if none
        // is.
        slot.is_active = false;
        self.look(thread, at, now);
    }

    /// All partitions' part of a turn: what has news, what expires, what is due, and the requests
    /// that follow. Returns when the next turn is wanted, and how many messages went into requests.
    ///
    /// Historical: `rd_kafka_broker_produce_toppars`.
    pub(super) fn produce_toppars(&mut self, thread: &mut BrokerThread, now: Ts) -> (Ts, usize) {
        self.take_news(thread, now);
        if std::mem::take(&mut self.must_look) {
            for at in self.active.clone() {
                self.look(thread, at, now);
            }
        }
        self.scan(thread, now);
        let mut until = self.take_due(thread, now);
        if thread.handle.has_fatal() {
            // Nothing is sent any more: what comes back from requests is reported.
            let queued = Purge { queue: true, in_flight: false, aborts: false };
            self.purge(thread, queued, now);
            request::purge_unsent(thread, now);
            return (Ts::MAX, 0);
        }
        self.learn_pid(thread);
        let mut count = 0;
        if thread.is_up() {
            if self.may_send {
                count = self.send_pending(thread, now);
            }
            until = until.min(self.take_due(thread, now));
        } else if !self.pending.is_empty() || !self.active.is_empty() {
            thread.wants_connection = true;
        }
        (until.min(self.scan_at), count)
    }

    /// Learns the producer id of this turn.
    fn learn_pid(&mut self, thread: &BrokerThread) {
        if thread.handle.settings.is_idempotent {
            self.pid = usable_pid(thread);
            self.may_send = self.pid.is_some();
        }
    }

    /// All partitions.
    pub(super) fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.slots.iter_mut().filter_map(Option::as_mut)
    }
}

/// What a look at a partition found.
enum Taken {
    /// Its messages are in the transmit queue.
    Ready(Ready),
    /// The first message's time ran out while its request was under way: it is reported now, not at
    /// the next scan.
    Late,
    /// Everything in flight is waited for. What comes back from there stays behind the partition's
    /// lock until then: a later batch's success may be theirs as well.
    Held,
}

fn is_draining(thread: &BrokerThread, toppar: &Toppar) -> bool {
    thread.handle.settings.is_idempotent && gate::is_draining(toppar, &mut toppar.lock())
}

/// Takes a partition's messages into the transmit queue.
fn take(thread: &BrokerThread, slot: &mut Slot, now: Ts) -> Taken {
    let settings = &thread.handle.settings;
    let mut shared = slot.toppar.lock();
    let is_held = settings.is_idempotent && gate::is_draining(&slot.toppar, &mut shared);
    let Some((store, queue)) = shared.store::<Store>() else {
        return Taken::Ready(Ready::Empty);
    };
    if is_held {
        store.forbid_wakeup(queue);
        return Taken::Held;
    }
    store.take_into(queue, &mut slot.xmit);
    if !settings.is_idempotent && is_late(slot.xmit.front(), now) {
        return Taken::Late;
    }
    let linger_us = match thread.handle.is_flushing() {
        true => linger::FLUSH_LINGER_US,
        false => settings.linger_us,
    };
    store.was_seen();
    Taken::Ready(linger::ready(queue, &slot.xmit, store.limits(linger_us), now))
}

/// The producer id with which messages may be sent now.
fn usable_pid(thread: &BrokerThread) -> Option<Pid> {
    thread.handle.idempotence.lock().usable_pid()
}

/// Did the first message come back, counted as an attempt or not, after its time ran out?
fn is_late(first: Option<&MsgFields>, now: Ts) -> bool {
    first.is_some_and(|first| first.backoff() != Ts::ZERO && first.expires() <= now)
}

/// Messages expired that had a place in the sequence: the next ones begin a new one.
///
/// Quirk: each partition raises the epoch, also if another one just did.
fn renumber(thread: &BrokerThread, count: usize, toppar: &Toppar, now: Ts) {
    let (topic, partition) = (toppar.topic(), toppar.partition());
    let name = topic.display_name();
    let reason = format_args!("{count} message(s) timed out on {name} [{partition}]");
    drain::epoch_bump(&thread.handle, &thread.name, reason, now);
}

/// Reports the expired messages of one partition, both queues in order; returns how many.
fn expire(thread: &BrokerThread, slot: &mut Slot, now: Ts) -> usize {
    let mut expired = MsgQueue::new();
    let mut queued = MsgQueue::new();
    slot.xmit.take_expired(now, &mut expired);
    slot.toppar.lock().take_expired(now, &mut queued);
    expired.merge(&mut queued, slot.topic.order);
    let (count, status) = (expired.len(), Status::NotPersisted);
    thread.report(&slot.toppar, expired, ErrorCode::_MSG_TIMED_OUT, status);
    count
}

impl ProducerEngine for Engine {
    /// Historical: `rd_kafka_broker_producer_serve`.
    fn serve(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        self.produce_toppars(thread, now).0
    }

    fn is_waiting_for_room(&self) -> bool {
        self.may_send && !self.pending.is_empty()
    }

    fn partition_join(&mut self, thread: &mut BrokerThread, toppar: &Arc<Toppar>, now: Ts) {
        let slot = Slot {
            toppar: Arc::clone(toppar),
            topic: toppar.topic(),
            xmit: toppar.take_xmit(),
            numbering: Numbering::default(),
            joined: self.joined,
            due: Ts::MAX,
            is_pending: false,
            is_active: false,
        };
        self.joined += 1;
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at] = Some(slot);
                at
            }
            None => {
                self.slots.push(Some(slot));
                self.slots.len() - 1
            }
        };
        toppar.slot.store(at, Ordering::Relaxed);
        if thread.handle.settings.is_idempotent {
            // What the former broker has is answered first.
            toppar.lock().eos_mut().wait_drain = true;
        }
        self.look(thread, at, now);
    }

    fn partition_leave(
        &mut self,
        thread: &mut BrokerThread,
        toppar: &Arc<Toppar>,
        now: Ts,
    ) -> MsgQueue {
        request::call_back(thread, toppar, now);
        let Some(at) = self.slot_of(toppar) else { return MsgQueue::new() };
        self.pending.retain(|other| *other != at);
        self.active.retain(|other| *other != at);
        self.free.push(at);
        self.slots[at].take().map(|mut slot| slot.xmit.take()).unwrap_or_default()
    }

    fn flush_may_have_begun(&mut self) {
        self.must_look = true;
    }

    fn purge(&mut self, thread: &mut BrokerThread, which: Purge, now: Ts) {
        // A partition whose messages expired while it was pending has none, and is pending still.
        for at in std::mem::take(&mut self.pending) {
            if let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) {
                slot.is_pending = false;
            }
        }
        for at in std::mem::take(&mut self.active) {
            let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { continue };
            slot.is_active = false;
            purge::purge(slot, thread, which);
            self.look(thread, at, now);
        }
    }

    #[cfg(any(test, feature = "testing"))]
    fn held(&self) -> usize {
        self.slots.iter().flatten().map(|slot| slot.xmit.len()).sum()
    }

    fn end(&mut self, thread: &mut BrokerThread, now: Ts) {
        let toppars: Vec<Arc<Toppar>> =
            self.slots_mut().map(|slot| Arc::clone(&slot.toppar)).collect();
        for toppar in toppars {
            let kept = self.partition_leave(thread, &toppar, now);
            crate::topic::migrate::abandon(&thread.handle, &toppar, kept);
        }
    }
}

#[cfg(test)]
mod tests;
