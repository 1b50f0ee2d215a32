//! The engine's turn: which partitions have something to send, in which order, and when to look
//! again.
//!
//! History walked all partitions of the broker at each turn. Here a partition is met only when it
//! has news (the ready list), when its deadline comes (the heap), when it waits for room in the
//! output queue (the pending queue), or once a second if it holds messages that could expire. The
//! order in which requests are made is the historical round: who became ready first is served
//! first, and goes behind the others afterwards.
#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::linger::{self, Ready};
use super::purge;
use super::request;
use super::store::Store;
use crate::broker::thread::BrokerThread;
use crate::codec::Compressor;
use crate::engine::seam::ProducerEngine;
use crate::error::ErrorCode;
use crate::own::msg::Status;
use crate::own::msgq::MsgQueue;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::sys::clock::Ts;

/// Microseconds between looks for expired messages.
const SCAN_EVERY_US: i64 = 1_000_000;

/// A partition of this broker.
pub(super) struct Slot {
    /// The partition.
    pub(super) toppar: Arc<Toppar>,
    /// Its topic.
    pub(super) topic: Arc<Topic>,
    /// The transmit queue: messages that the thread took and that are in no request yet.
    pub(super) xmit: MsgQueue,
    /// Its deadline in the heap; `Ts::MAX` if it has none there.
    due: Ts,
    /// It is in the pending queue.
    is_pending: bool,
    /// It is in the list of partitions with messages.
    is_active: bool,
}

/// The engine's state on one broker's thread.
pub(crate) struct Engine {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    deadlines: BinaryHeap<Reverse<(Ts, usize)>>,
    pending: VecDeque<usize>,
    /// Partitions that hold messages.
    active: Vec<usize>,
    scan_at: Ts,
    /// A flush began: linger does not hold.
    must_look: bool,
    /// Codec contexts, one per codec and level.
    pub(super) compressors: Vec<((i16, i32), Compressor)>,
    /// Room for the ready list.
    news: Vec<Arc<Toppar>>,
}

impl Engine {
    /// An engine without partitions.
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            deadlines: BinaryHeap::new(),
            pending: VecDeque::new(),
            active: Vec::new(),
            scan_at: Ts::MAX,
            must_look: false,
            compressors: Vec::new(),
            news: Vec::new(),
        }
    }

    fn slot_of(&self, toppar: &Arc<Toppar>) -> Option<usize> {
        let at = toppar.slot.load(Ordering::Relaxed);
        let slot = self.slots.get(at)?.as_ref()?;
        Arc::ptr_eq(&slot.toppar, toppar).then_some(at)
    }

    /// Takes the ready list.
    fn take_news(&mut self, thread: &mut BrokerThread, now: Ts) {
        let mut news = std::mem::take(&mut self.news);
        thread.broker.take_ready(&mut news);
        for toppar in news.drain(..) {
            if let Some(at) = self.slot_of(&toppar) {
                self.look(thread, at, now);
            }
        }
        self.news = news;
    }

    /// Takes a partition's messages and decides when they are sent.
    fn look(&mut self, thread: &mut BrokerThread, at: usize, now: Ts) {
        let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { return };
        let has_late_retry;
        let ready = {
            let mut shared = slot.toppar.lock();
            let Some(store) = shared.store.as_any().downcast_mut::<Store>() else { return };
            store.take_into(&mut slot.xmit);
            has_late_retry = slot
                .xmit
                .front()
                .is_some_and(|first| first.backoff() != Ts::ZERO && first.expires() <= now);
            let settings = &thread.handle.settings;
            let ready = linger::ready(&slot.xmit, settings, thread.handle.is_flushing(), now);
            store.allow_wakeup(&slot.xmit, ready);
            ready
        };
        if has_late_retry {
            // A message whose time ran out while its request was under way is reported now, not at
            // the next scan.
            expire(thread, slot, now);
            return self.look(thread, at, now);
        }
        slot.due = Ts::MAX;
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
        if ready != Ready::Empty && !slot.is_active {
            slot.is_active = true;
            self.active.push(at);
            if self.scan_at == Ts::MAX {
                self.scan_at = now + SCAN_EVERY_US;
            }
        }
    }

    /// Looks at the partitions whose deadline has come; returns the next deadline.
    fn take_due(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        while let Some(Reverse((due, at))) = self.deadlines.peek().copied() {
            let is_stale =
                self.slots.get(at).and_then(Option::as_ref).is_none_or(|slot| slot.due != due);
            if !is_stale && due > now {
                return due;
            }
            self.deadlines.pop();
            if !is_stale {
                self.look(thread, at, now);
            }
        }
        Ts::MAX
    }

    /// Makes requests for the partitions that are ready, as long as the output queue has room.
    fn send_pending(&mut self, thread: &mut BrokerThread, now: Ts) {
        let most = thread.handle.settings.outbufs_max;
        while thread.outbufs.len() < most {
            let Some(at) = self.pending.pop_front() else { return };
            let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { continue };
            slot.is_pending = false;
            // What came back while it was pending goes before what is newer.
            if let Some(store) = slot.toppar.lock().store.as_any().downcast_mut::<Store>() {
                store.take_into(&mut slot.xmit);
            }
            // Quirk: with a higher threshold history goes on making requests without asking again
            // whether the next batch is ready.
            for _ in thread.outbufs.len()..most {
                if !request::produce(thread, slot, &mut self.compressors, now) {
                    break;
                }
            }
            self.look(thread, at, now);
        }
    }

    /// Reports expired messages, at most once a second; returns when it wants to look again.
    fn scan(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        if self.active.is_empty() {
            self.scan_at = Ts::MAX;
            return Ts::MAX;
        }
        if now < self.scan_at {
            return self.scan_at;
        }
        self.scan_at = now + SCAN_EVERY_US;
        for at in std::mem::take(&mut self.active) {
            let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { continue };
            expire(thread, slot, now);
            // Looking again makes it active if messages are left, and lets the next one signal if
            // none is.
            slot.is_active = false;
            self.look(thread, at, now);
        }
        if self.active.is_empty() {
            self.scan_at = Ts::MAX;
        }
        self.scan_at
    }

    /// All partitions.
    pub(super) fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.slots.iter_mut().filter_map(Option::as_mut)
    }
}

/// Reports the expired messages of one partition, both queues in order.
fn expire(thread: &BrokerThread, slot: &mut Slot, now: Ts) {
    let mut expired = MsgQueue::new();
    let mut queued = MsgQueue::new();
    slot.xmit.take_expired(now, &mut expired);
    slot.toppar.lock().store.take_expired(now, &mut queued);
    expired.merge(&mut queued, slot.topic.order);
    let status = Status::NotPersisted;
    thread.report(&slot.toppar, expired, ErrorCode::_MSG_TIMED_OUT, status);
}

impl ProducerEngine for Engine {
    fn serve(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        self.take_news(thread, now);
        if std::mem::take(&mut self.must_look) {
            for at in self.active.clone() {
                self.look(thread, at, now);
            }
        }
        let scan_at = self.scan(thread, now);
        let mut until = self.take_due(thread, now);
        if thread.handle.has_fatal() {
            // Nothing is sent any more: what comes back from requests is reported.
            self.purge(thread, now);
            return Ts::MAX;
        }
        if thread.is_up() {
            self.send_pending(thread, now);
            until = until.min(self.take_due(thread, now));
        } else if !self.pending.is_empty() || !self.active.is_empty() {
            thread.wants_connection = true;
        }
        until.min(scan_at)
    }

    fn is_waiting_for_room(&self) -> bool {
        !self.pending.is_empty()
    }

    fn partition_join(&mut self, thread: &mut BrokerThread, toppar: &Arc<Toppar>, now: Ts) {
        let slot = Slot {
            toppar: Arc::clone(toppar),
            topic: toppar.topic(),
            xmit: MsgQueue::new(),
            due: Ts::MAX,
            is_pending: false,
            is_active: false,
        };
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
        self.slots[at].take().map(|slot| slot.xmit).unwrap_or_default()
    }

    fn flush_may_have_begun(&mut self) {
        self.must_look = true;
    }

    fn purge(&mut self, thread: &mut BrokerThread, now: Ts) {
        // A partition whose messages expired while it was pending has none, and is pending still.
        for at in std::mem::take(&mut self.pending) {
            if let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) {
                slot.is_pending = false;
            }
        }
        for at in std::mem::take(&mut self.active) {
            let Some(slot) = self.slots.get_mut(at).and_then(Option::as_mut) else { continue };
            slot.is_active = false;
            purge::purge(slot, thread);
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
