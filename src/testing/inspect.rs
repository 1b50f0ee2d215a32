//! Looks inside the instance of a world: where messages are, and which places were reached there.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::fair::Place;
use super::message;
use super::world::World;
use crate::broker::request::Request;
use crate::own::broker::BrokerState;
use crate::own::topic::{Table, Topic};
use crate::own::toppar::Toppar;
use crate::proto::api;

/// Every partition that there ever was.
#[derive(Default)]
pub(super) struct Places {
    toppars: Vec<Arc<Toppar>>,
    /// Addresses of the tables that were looked at; topics keep them all.
    tables: Vec<*const Table>,
}

impl Places {
    /// Learns of new partitions.
    pub(super) fn look(&mut self, topics: &[Arc<Topic>]) {
        for topic in topics {
            let table = topic.table();
            if self.tables.contains(&std::ptr::from_ref(table)) {
                continue;
            }
            self.tables.push(table);
            for toppar in &table.partitions {
                if !self.toppars.iter().any(|known| Arc::ptr_eq(known, toppar)) {
                    self.toppars.push(Arc::clone(toppar));
                }
            }
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.toppars.len()
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.toppars.clear();
    }
}

/// What a turn is compared with.
pub(super) struct Before {
    state: BrokerState,
    timeouts: u64,
    /// A Produce request is half written.
    is_partial: bool,
    /// A partition on its way to another broker, with a request that is not written.
    moving: Option<Arc<Toppar>>,
}

/// Every message in custody is in exactly one place, and the account says how many there are.
pub(super) fn check_account(world: &World) -> Result<(), String> {
    let account = world.handle.account.messages();
    let in_custody = world.app.in_custody;
    if account != in_custody {
        return Err(format!("E2: {account} messages in the account, {in_custody} in custody"));
    }
    let (bytes, expected) = (world.handle.account.bytes(), world.app.bytes_in_custody);
    if bytes != expected {
        return Err(format!("E2: {bytes} bytes in the account, {expected} in custody"));
    }
    let waiting: usize = world.app.topics().iter().map(|topic| topic.unassigned().len()).sum();
    let (mut queued, mut flying) = (0, 0);
    let mut requested = in_requests(world);
    for toppar in &world.places.toppars {
        queued += toppar.lock().waiting().0;
        let counted = i64::from(toppar.in_flight().load(Ordering::Acquire));
        let found = requested.remove(&Arc::as_ptr(toppar)).unwrap_or(0);
        if counted != found {
            let (topic, partition) = (toppar.topic(), toppar.partition());
            let name = topic.display_name();
            return Err(format!(
                "E1: {counted} messages of {name} [{partition}] count as in flight, {found} are"
            ));
        }
        flying += counted;
    }
    if !requested.is_empty() {
        return Err(format!("E1: requests of {} partitions that nobody knows", requested.len()));
    }
    let held: usize = world.parties.iter().map(|party| party.engine.held()).sum();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let found = number(waiting + queued + held) + flying;
    let is_reported = world.handle.reply_queue.len() == 0;
    if found > account || (is_reported && found != account) {
        return Err(format!(
            "E1: {account} messages in custody; {waiting} wait for a partition, {queued} in \
             queues, {held} with engines, {flying} in requests"
        ));
    }
    Ok(())
}

/// How many messages of each partition are in requests, by the partition's address.
fn in_requests(world: &World) -> BTreeMap<*const Toppar, i64> {
    let mut counts = BTreeMap::new();
    for party in &world.parties {
        let thread = &party.thread;
        for request in thread.outbufs.iter().chain(thread.waitresps.iter()) {
            for (toppar, count) in request.parts() {
                *counts.entry(Arc::as_ptr(&toppar)).or_insert(0) +=
                    i64::try_from(count).unwrap_or(i64::MAX);
            }
        }
    }
    counts
}

/// Has a request a batch of a partition?
fn has(request: &Request, toppar: &Arc<Toppar>) -> bool {
    request.api() == api::PRODUCE
        && request.parts().iter().any(|(owner, _)| Arc::ptr_eq(owner, toppar))
}

/// Adaptive batching stays within its bounds.
pub(super) fn check_adaptive(world: &World, at: usize) -> Result<(), String> {
    let Some((linger_us, bytes)) = world.parties[at].engine.adapted() else { return Ok(()) };
    let conf = &world.handle.conf;
    #[allow(clippy::cast_precision_loss)]
    let linger_ms = linger_us as f64 / 1000.0;
    let is_linger =
        (conf.adaptive_linger_min_ms..=conf.adaptive_linger_max_ms).contains(&linger_ms);
    let bounds = i64::from(conf.adaptive_batch_min_bytes)..=conf.adaptive_batch_max_bytes.into();
    match is_linger && bounds.contains(&bytes) {
        true => Ok(()),
        false => Err(format!("adaptive: {linger_us} us and {bytes} bytes are out of bounds")),
    }
}

/// A partition that may send waits no longer than one full round behind others of its broker.
pub(super) fn check_fairness(world: &mut World, at: usize) -> Result<(), String> {
    if world.plan.promise.is_legacy {
        return Ok(());
    }
    let party = &world.parties[at];
    // Without a connection nobody has his turn.
    let in_line = if party.thread.is_up() { party.engine.in_line() } else { Vec::new() };
    let in_line: Vec<Place> = in_line.iter().map(|it| place(it)).collect();
    let broker = &party.thread.broker;
    let mut made = world.net.lock().audit.made.get(&broker.id()).cloned().unwrap_or_default();
    for (toppar, _) in party.thread.outbufs.iter().flat_map(|request| request.parts()) {
        *made.entry(place(&toppar)).or_default() += 1;
    }
    let is_his = |toppar: &&Arc<Toppar>| {
        toppar.lock().broker_ref().is_some_and(|own| std::ptr::eq(own, &**broker))
    };
    let served: Vec<Place> =
        world.places.toppars.iter().filter(is_his).map(|it| place(it)).collect();
    let has_waited = world.fairness.look(broker.id(), &served, &in_line, &made)?;
    world.net.lock().marks.reach_if(has_waited, "partition waits a round");
    Ok(())
}

fn place(toppar: &Toppar) -> Place {
    (message::topic_index(toppar.topic().name().to_bytes()), toppar.partition())
}

/// What an idempotent producer has in flight of a partition is in flight to one broker (E4).
pub(super) fn check_in_flight(world: &World, at: usize) -> Result<(), String> {
    if !world.plan.promise.is_idempotent {
        return Ok(());
    }
    let own = world.parties[at].thread.waitresps.iter();
    for (toppar, _) in own.flat_map(|request| request.parts()) {
        for (other, party) in world.parties.iter().enumerate().filter(|(other, _)| *other != at) {
            if party.thread.waitresps.iter().any(|it| has(&it, &toppar)) {
                let (topic, partition) = (toppar.topic(), toppar.partition());
                let name = topic.display_name();
                return Err(format!("E4: {name} [{partition}] in flight to {at} and {other}"));
            }
        }
    }
    Ok(())
}

impl World {
    /// Partitions that are on the way from one broker to another.
    pub(super) fn note_migrations(&mut self) {
        if self.places.len() > 24 {
            return;
        }
        for toppar in &self.places.toppars {
            let shared = toppar.lock();
            if shared.next_broker().is_none() {
                continue;
            }
            let is_between = shared.broker_ref().is_none();
            drop(shared);
            let mut net = self.net.lock();
            net.marks.reach("migration");
            net.marks.reach_if(is_between, "migration target changed on the way");
            let is_flying = toppar.in_flight().load(Ordering::Acquire) > 0;
            net.marks.reach_if(is_flying, "migration with messages in flight");
            let is_queued = self.parties.iter().any(|party| {
                let mut requests = party.thread.outbufs.iter();
                requests.any(|it| it.written() == 0 && has(&it, toppar))
            });
            net.marks.reach_if(is_queued, "migration with a queued request");
        }
    }

    /// A purge that meets a half written request.
    pub(super) fn note_purge(&mut self) {
        let is_partial = self.parties.iter().any(|party| {
            let first = party.thread.outbufs.front();
            first.is_some_and(|it| it.api() == api::PRODUCE && it.written() > 0)
        });
        if is_partial && self.app.take_purged() {
            self.net.lock().marks.reach("partly written request purged");
        }
    }

    /// What is to be compared with after a turn of a broker's thread.
    pub(super) fn look_before(&self, at: usize) -> Before {
        let thread = &self.parties[at].thread;
        let waiting = thread.outbufs.iter().filter(|it| it.written() == 0);
        let moving = waiting.filter(|it| it.api() == api::PRODUCE).find_map(|request| {
            let owners = request.parts().into_iter().map(|(owner, _)| owner);
            owners.into_iter().find(|owner| owner.lock().next_broker().is_some())
        });
        let first = thread.outbufs.front();
        Before {
            state: thread.broker.state(),
            timeouts: thread.broker.counters().request_timeouts.load(Ordering::Relaxed),
            is_partial: first.is_some_and(|it| it.api() == api::PRODUCE && it.written() > 0),
            moving,
        }
    }

    /// What a turn of a broker's thread came to.
    pub(super) fn note_turn(&mut self, at: usize, before: &Before) {
        let broker = &self.parties[at].thread.broker;
        let timeouts = broker.counters().request_timeouts.load(Ordering::Relaxed);
        let unmatched = broker.counters().rx_unmatched.load(Ordering::Relaxed);
        let has_timed_out = timeouts > before.timeouts;
        let was_up = before.state == BrokerState::Up;
        let has_failed = was_up && broker.state() == BrokerState::Down;
        let has_closed = was_up && broker.state() == BrokerState::Init;
        let has_let_go = before.moving.as_ref().is_some_and(|toppar| {
            toppar.lock().broker().is_none_or(|other| !Arc::ptr_eq(&other, broker))
        });
        let mut net = self.net.lock();
        if has_timed_out && !net.audit.promise.is_idempotent {
            // What times out without a disconnect is overtaken by what waits (X1).
            net.audit.promise.keeps_order = false;
        }
        let marks = &mut net.marks;
        marks.reach_if(has_timed_out, "request timed out");
        marks.reach_if(has_timed_out && has_failed, "disconnect after timeouts");
        let is_partial = before.is_partial && has_timed_out && has_failed;
        marks.reach_if(is_partial, "partly written request timed out");
        marks.reach_if(has_closed, "idle connection closed");
        marks.reach_if(has_let_go, "request called back");
        marks.reach_if(unmatched > 0, "answer to nobody");
        let waits = self.app.topics().iter().any(|topic| topic.has_unassigned());
        marks.reach_if(waits, "unassigned messages");
    }
}
