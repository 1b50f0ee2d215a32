//! The engine's turn: who has news, what expired, who may send, and one request after the other as
//! long as the output queue has room.
//!
//! A partition is met only when it has news (the ready list), when it is its turn (the collector),
//! when a back-off ends (the heap), or once a second if it holds messages that could expire.
#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::adaptive::{Bounds, Law};
use super::calculator::Limits;
use super::collector::{Collector, SlotId, Triggers};
use super::context::{Context, Part, Terms};
use super::format;
use super::gate::{self, Found, Next};
use super::purge;
use super::request::{self, RoundTrips};
use super::sealed::Sealed;
use super::state;
use super::store::{Store, Total, Waiting};
use super::writer::{self, Compressors};
use crate::broker::thread::BrokerThread;
use crate::engine::seam::ProducerEngine;
use crate::eos::drain;
use crate::handle::Handle;
use crate::op::Purge;
use crate::own::broker::Broker;
use crate::own::msgq::MsgQueue;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::sys::lock::{Mutex, Rank};

/// Microseconds between looks for expired messages.
const SCAN_EVERY_US: i64 = 1_000_000;

/// A partition of this broker.
struct Slot {
    toppar: Arc<Toppar>,
    topic: Arc<Topic>,
    /// Its deadline in the heap; `Ts::MAX` if it has none there.
    due: Ts,
    /// It does not send before: the broker has no version for it.
    hold_until: Ts,
    /// It is in the list of partitions with messages.
    is_active: bool,
}

/// The engine's state on one broker's thread.
pub(crate) struct Engine {
    slots: Vec<Option<Slot>>,
    free: Vec<SlotId>,
    pub(super) collector: Collector,
    /// Ends of back-offs.
    deadlines: BinaryHeap<Reverse<(Ts, SlotId)>>,
    /// Partitions that hold messages.
    active: Vec<SlotId>,
    scan_at: Ts,
    /// An idempotent producer's id, as of this turn; without it nothing is sent.
    pid: Option<Pid>,
    may_send: bool,
    pub(super) limits: Limits,
    /// The bytes that wait, if they are a trigger.
    total: Option<Arc<Total>>,
    /// Adaptive batching, if it is on, and the round trips that it has not seen.
    pub(super) law: Option<(Law, RoundTrips)>,
    compressors: Compressors,
    /// Room for the ready list.
    news: Vec<Arc<Toppar>>,
}

impl Engine {
    /// An engine without partitions, for a broker.
    pub(crate) fn new(handle: &Handle, broker: &Broker) -> Self {
        let law = Bounds::of(&handle.conf).map(Law::new);
        broker.begin_v2();
        if let Some(law) = &law {
            state::show_adaptive(broker, law);
        }
        let configured = handle.settings.broker_bytes_max;
        let enough = law.as_ref().map_or(configured, |law| least(configured, law.bytes));
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            collector: Collector::default(),
            deadlines: BinaryHeap::new(),
            active: Vec::new(),
            scan_at: Ts::MAX,
            pid: None,
            may_send: true,
            limits: Limits {
                bytes_max: handle.settings.message_bytes_max,
                partitions_max: handle.settings.request_partitions_max,
            },
            total: Some(enough)
                .filter(|enough| *enough > 0)
                .map(|enough| Arc::new(Total::new(enough))),
            law: law.map(|law| (law, Arc::new(Mutex::new(Rank::Leaf, Vec::new())))),
            compressors: Vec::new(),
            news: Vec::new(),
        }
    }

    pub(super) fn slot_of(&self, toppar: &Arc<Toppar>) -> Option<SlotId> {
        let at = toppar.slot.load(Ordering::Relaxed);
        let slot = self.slots.get(at)?.as_ref()?;
        Arc::ptr_eq(&slot.toppar, toppar).then_some(at)
    }

    fn slot(&mut self, at: SlotId) -> Option<&mut Slot> {
        self.slots.get_mut(at).and_then(Option::as_mut)
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

    /// Decides where a partition stands.
    pub(super) fn look(&mut self, thread: &mut BrokerThread, at: SlotId, now: Ts) {
        let Some(slot) = self.slot(at) else { return };
        slot.due = Ts::MAX;
        let (toppar, hold_until) = (Arc::clone(&slot.toppar), slot.hold_until);
        let wait_until = match gate::look(&toppar, self.pid, now) {
            Found::Waiting(Waiting::Nothing) => return self.collector.remove(at),
            Found::Late => {
                let numbered = purge::expire(thread, &toppar, now);
                self.renumber(thread, numbered, "timed out", &toppar, now);
                return self.look(thread, at, now);
            }
            Found::Draining => {
                // What is not on the wire yet would only be refused.
                request::call_back(thread, Some(&toppar), now);
                Ts::MAX
            }
            Found::Blocked => Ts::MAX,
            Found::Waiting(Waiting::Until(until)) => until.max(hold_until),
            Found::Waiting(Waiting::Batch { since, is_full }) => {
                if hold_until <= now {
                    self.collector.add(at, since, is_full);
                    return self.activate(at, now);
                }
                hold_until
            }
        };
        self.collector.remove(at);
        self.activate(at, now);
        if wait_until < Ts::MAX
            && let Some(slot) = self.slot(at)
        {
            slot.due = wait_until;
            self.deadlines.push(Reverse((wait_until, at)));
        }
    }

    /// The partition has messages, which may expire.
    fn activate(&mut self, at: SlotId, now: Ts) {
        let Some(slot) = self.slot(at) else { return };
        if !std::mem::replace(&mut slot.is_active, true) {
            self.active.push(at);
            self.scan_at = self.scan_at.min(now + SCAN_EVERY_US);
        }
    }

    /// Looks at the partitions whose back-off is over; returns the next one's end.
    fn take_due(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        while let Some(Reverse((due, at))) = self.deadlines.peek().copied() {
            let is_stale = self.slot(at).is_none_or(|slot| slot.due != due);
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

    /// Reports expired messages, at most once a second; returns when it wants to look again.
    fn scan(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        if now < self.scan_at {
            return self.scan_at;
        }
        self.scan_at = Ts::MAX;
        for at in std::mem::take(&mut self.active) {
            let Some(slot) = self.slot(at) else { continue };
            slot.is_active = false;
            let toppar = Arc::clone(&slot.toppar);
            let numbered = purge::expire(thread, &toppar, now);
            self.renumber(thread, numbered, "timed out", &toppar, now);
            // Looking again makes it active if messages are left.
            self.look(thread, at, now);
        }
        self.scan_at
    }

    /// Learns the producer id of this turn. Without one, what is not on the wire yet comes back:
    /// nothing more goes before everything in flight is answered.
    fn learn_pid(&mut self, thread: &mut BrokerThread, now: Ts) {
        if thread.handle.settings.is_idempotent {
            self.pid = thread.handle.idempotence.lock().usable_pid();
            self.may_send = self.pid.is_some();
            state::show_pid(&thread.broker, self.pid);
            if !self.may_send {
                request::call_back(thread, None, now);
            }
        }
    }

    /// Messages that had a place in the sequence are gone: the next ones begin a new one.
    fn renumber(
        &mut self,
        thread: &mut BrokerThread,
        count: usize,
        how: &str,
        toppar: &Toppar,
        now: Ts,
    ) {
        let usable = thread.handle.idempotence.lock().usable_pid();
        // With another producer id the numbers begin anew in any case.
        if count == 0 || usable != Some(toppar.lock().eos().pid) {
            return;
        }
        let (topic, partition) = (toppar.topic(), toppar.partition());
        let name = topic.display_name();
        let reason = format_args!("{count} message(s) {how} on {name} [{partition}]");
        drain::epoch_bump(&thread.handle, &thread.name, reason, now);
        self.learn_pid(thread, now);
    }

    /// Makes requests of those that are ready when they are due; returns when the next are.
    fn send(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        let linger_us = self.adapt(thread, now);
        let is_flushing = thread.handle.is_flushing();
        let triggers =
            |engine: &Self| Triggers { linger_us, has_bytes: engine.has_bytes(), is_flushing };
        let trigger = self.collector.collect(&triggers(self), now);
        state::tell_round(thread, trigger, self.collector.round_len());
        while self.may_send
            && self.collector.round_len() > 0
            && thread.outbufs.len() < thread.handle.settings.outbufs_max
        {
            if !self.make_request(thread, now) {
                break;
            }
            let trigger = self.collector.collect(&triggers(self), now);
            state::tell_round(thread, trigger, self.collector.round_len());
        }
        self.collector.due(linger_us)
    }

    /// Do enough bytes wait?
    pub(super) fn has_bytes(&self) -> bool {
        self.total.as_ref().is_some_and(|total| total.is_enough())
    }

    /// How long messages may wait, in microseconds; adaptive batching looks at what it learned.
    fn adapt(&mut self, thread: &BrokerThread, now: Ts) -> i64 {
        let settings = &thread.handle.settings;
        let Some((law, round_trips)) = &mut self.law else { return settings.linger_us };
        let mut is_news = false;
        for rtt_us in round_trips.lock().drain(..) {
            law.answered(rtt_us, now);
            is_news = true;
        }
        let before = (law.linger_us, law.bytes);
        if law.adjust(now) {
            is_news = true;
            if (law.linger_us, law.bytes) != before {
                state::tell_adaptive(thread, law);
            }
            if let Some(total) = &self.total {
                total.set_enough(least(settings.broker_bytes_max, law.bytes));
            }
        }
        if is_news {
            state::show_adaptive(&thread.broker, law);
        }
        law.linger_us
    }

    /// Makes one request of those whose turn it is; `false`: none of them may send.
    pub(super) fn make_request(&mut self, thread: &mut BrokerThread, now: Ts) -> bool {
        let mut context: Option<Context> = None;
        for _ in 0..self.collector.round_len() {
            if !self.may_send {
                break;
            }
            let Some(at) = self.collector.next() else { break };
            let Some(slot) = self.slot(at) else { continue };
            let (toppar, topic) = (Arc::clone(&slot.toppar), Arc::clone(&slot.topic));
            if context.as_ref().is_some_and(|context| !context.suits(&topic)) {
                self.collector.last_again(at);
                continue;
            }
            let Some((sealed, version)) = self.seal(thread, at, &toppar, &topic, now) else {
                self.look(thread, at, now);
                continue;
            };
            let context = context.get_or_insert_with(|| {
                let client_id = &thread.handle.settings.client_id;
                Context::new(version, Terms::of(&topic), client_id, self.limits)
            });
            if let Some(part) = context.add(&topic, Part { toppar: Arc::clone(&toppar), sealed }) {
                gate::ground(thread, part, now);
                self.collector.first_again(at);
                break;
            }
            // A full batch may have left messages behind it.
            self.look(thread, at, now);
            if context.is_full() {
                break;
            }
        }
        match context.filter(|context| !context.is_empty()) {
            Some(context) => {
                if let (Some((law, _)), Some(since)) = (&mut self.law, context.since()) {
                    law.sent(now.since(since));
                }
                let round_trips = self.law.as_ref().map(|(_, trips)| Arc::clone(trips));
                request::send(thread, context, round_trips, now);
                true
            }
            None => false,
        }
    }

    /// The partition's next batch with its bytes, and the version of the request that it goes in.
    /// It counts as flying. Nothing: it may not send, or has nothing.
    pub(super) fn seal(
        &mut self,
        thread: &mut BrokerThread,
        at: SlotId,
        toppar: &Arc<Toppar>,
        topic: &Arc<Topic>,
        now: Ts,
    ) -> Option<(Box<Sealed>, i16)> {
        let format = match format::select(thread, topic, toppar, now) {
            Ok(format) => format,
            Err(until) => {
                self.slot(at)?.hold_until = until;
                return None;
            }
        };
        let taken = match gate::take(thread, toppar, self.pid, now) {
            // It keeps its turn.
            None if gate::is_late(toppar, now) => {
                let numbered = purge::expire(thread, toppar, now);
                self.renumber(thread, numbered, "timed out", toppar, now);
                if !self.may_send {
                    return None;
                }
                gate::take(thread, toppar, self.pid, now)
            }
            taken => taken,
        };
        let (next, pid) = taken?;
        state::measure_wait(thread, toppar, now);
        let mut sealed = match next {
            Next::Again(sealed) => sealed,
            Next::Fresh(mut batch) => {
                let count = writer::fitting(&batch, &thread.handle.settings, format.magic);
                let rest = (count < batch.len()).then(|| {
                    let first = batch.split(count);
                    std::mem::replace(&mut batch, first)
                });
                toppar.count_sent(batch.len(), batch.queued_bytes());
                gate::seal(toppar, batch, rest, pid)
            }
        };
        let is_fresh = sealed.encoded.is_none();
        writer::encode(thread, topic, toppar, &mut sealed, &format, &mut self.compressors);
        if is_fresh && thread.handle.has_stats {
            measure(thread, topic, &sealed, now);
        }
        gate::take_off(toppar, &sealed);
        Some((sealed, format.version))
    }
}

/// The lower of two limits; one that is not positive is none.
fn least(configured: i64, adaptive: i64) -> i64 {
    if configured > 0 { configured.min(adaptive) } else { adaptive }
}

/// Where the bytes of a partition count.
fn count_in(toppar: &Toppar, total: Option<Arc<Total>>) {
    if let Some((store, _)) = toppar.lock().store::<Store>() {
        store.count_in(total);
    }
}

/// Adds a batch to the windows of the statistics.
fn measure(thread: &BrokerThread, topic: &Topic, sealed: &Sealed, now: Ts) {
    let latencies = sealed.batch.times().map(|enqueued| now.since(enqueued));
    thread.broker.windows().int_latency.add_all(latencies);
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut windows = topic.windows(&thread.handle.settings);
    windows.batch_bytes.add(number(sealed.bytes().len()));
    windows.batch_messages.add(number(sealed.batch.len()));
}

impl ProducerEngine for Engine {
    fn serve(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts {
        self.learn_pid(thread, now);
        self.take_news(thread, now);
        let scan_at = self.scan(thread, now);
        let mut until = self.take_due(thread, now);
        if thread.handle.has_fatal() {
            // Nothing is sent any more: what comes back from requests is reported.
            let queued = Purge { queue: true, in_flight: false, aborts: false };
            self.purge(thread, queued, now);
            request::purge_unsent(thread, now);
            return Ts::MAX;
        }
        if thread.is_up() {
            if self.may_send {
                until = until.min(self.send(thread, now));
                until = until.min(self.take_due(thread, now));
            }
        } else if !self.active.is_empty() {
            thread.wants_connection = true;
        }
        let since = self.collector.due(0);
        let backoff = self.deadlines.peek().map_or(Ts::MAX, |Reverse((until, _))| *until);
        state::show_waiting(&thread.broker, self.collector.len(), since, backoff);
        until.min(scan_at).min(self.scan_at)
    }

    fn is_waiting_for_room(&self) -> bool {
        self.may_send && self.collector.round_len() > 0
    }

    fn partition_join(&mut self, thread: &mut BrokerThread, toppar: &Arc<Toppar>, now: Ts) {
        let slot = Slot {
            toppar: Arc::clone(toppar),
            topic: toppar.topic(),
            due: Ts::MAX,
            hold_until: Ts::ZERO,
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
        toppar.begin_v2();
        count_in(toppar, self.total.clone());
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
        request::call_back(thread, Some(toppar), now);
        if let Some(at) = self.slot_of(toppar) {
            count_in(toppar, None);
            state::end_wait(toppar);
            self.collector.remove(at);
            self.active.retain(|other| *other != at);
            self.slots[at] = None;
            self.free.push(at);
        }
        // Messages are the partition's, wherever it is.
        MsgQueue::new()
    }

    fn flush_may_have_begun(&mut self) {
        // Whoever has messages is in the collector, which is asked in each turn.
    }

    fn purge(&mut self, thread: &mut BrokerThread, which: Purge, now: Ts) {
        // Who has messages since this turn began is not active yet.
        self.take_news(thread, now);
        for at in self.active.clone() {
            let Some(slot) = self.slot(at) else { continue };
            let toppar = Arc::clone(&slot.toppar);
            let numbered = purge::purge(thread, &toppar, which);
            self.renumber(thread, numbered, "purged", &toppar, now);
            self.look(thread, at, now);
        }
    }

    #[cfg(any(test, feature = "testing"))]
    fn held(&self) -> usize {
        // Messages are the partition's, wherever it is.
        0
    }

    #[cfg(any(test, feature = "testing"))]
    fn in_line(&self) -> Vec<Arc<Toppar>> {
        let slot = |at: SlotId| self.slots.get(at)?.as_ref();
        self.collector.members().filter_map(slot).map(|slot| Arc::clone(&slot.toppar)).collect()
    }

    #[cfg(any(test, feature = "testing"))]
    fn adapted(&self) -> Option<(i64, i64)> {
        self.law.as_ref().map(|(law, _)| (law.linger_us, law.bytes))
    }

    fn end(&mut self, thread: &mut BrokerThread, now: Ts) {
        let toppars: Vec<Arc<Toppar>> =
            self.slots.iter().flatten().map(|slot| Arc::clone(&slot.toppar)).collect();
        for toppar in toppars {
            let kept = self.partition_leave(thread, &toppar, now);
            crate::topic::migrate::abandon(&thread.handle, &toppar, kept);
        }
    }
}
