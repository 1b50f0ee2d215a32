//! May a partition send now, which batch, and under which numbers? And what follows when a batch
//! is in a request no more.
//!
//! Whoever serves a partition reads under its lock how many batches are in requests; whoever
//! settles one, on whatever thread, takes it out of that count under the same lock and puts the
//! partition onto its broker's ready list if something waits. So no partition is forgotten.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context::Part;
use super::sealed::Sealed;
use super::state;
use super::store::{Store, Waiting};
use crate::broker::thread::BrokerThread;
use crate::eos::drain;
use crate::log::context;
use crate::own::arena::Batch;
use crate::own::eos::Eos;
use crate::own::lot::Lot;
use crate::own::toppar::{HeldToppar, Toppar};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::topic::migrate;

/// What a look at a partition found.
pub(super) enum Found {
    /// It may send, now or later, or has nothing.
    Waiting(Waiting),
    /// It has something that must not go before a batch in flight is answered.
    Blocked,
    /// The same, and everything in flight is waited for.
    Draining,
    /// Messages that came back expired meanwhile.
    Late,
}

/// Is everything in flight still to be waited for? If not, the wait is over.
fn is_draining(shared: &mut HeldToppar<'_>) -> bool {
    if !shared.eos().wait_drain {
        return false;
    }
    let is_flying = shared.store::<Store>().is_some_and(|(store, _)| store.flying > 0);
    shared.eos_mut().wait_drain = is_flying;
    is_flying
}

/// Looks at a partition; its store knows that the thread knows. `pid` is the instance's producer id
/// if there is one.
pub(super) fn look(toppar: &Toppar, pid: Option<Pid>, now: Ts) -> Found {
    let mut shared = toppar.lock();
    let is_draining = is_draining(&mut shared);
    let is_between = pid.is_some_and(|pid| is_between_pids(&mut shared, pid));
    let is_removed = shared.is_removed();
    let Some((store, _)) = shared.store::<Store>() else {
        return Found::Waiting(Waiting::Nothing);
    };
    if store.is_late(now) {
        return Found::Late;
    }
    let found = match store.look(now) {
        Waiting::Nothing => Found::Waiting(Waiting::Nothing),
        _ if is_draining => Found::Draining,
        _ if is_between || is_removed || store.is_blocked() => Found::Blocked,
        waiting => Found::Waiting(waiting),
    };
    let waits = matches!(found, Found::Waiting(Waiting::Batch { .. }));
    state::show_wait(toppar, &mut shared, waits, now);
    found
}

/// Does the partition's next batch need another producer id than those in flight have?
fn is_between_pids(shared: &mut HeldToppar<'_>, pid: Pid) -> bool {
    let is_other = shared.eos().pid != pid;
    is_other
        && shared.store::<Store>().is_some_and(|(store, _)| {
            store.flying > 0 && store.first_id().is_some_and(|first| store.is_settled(first))
        })
}

/// Did the time of what a partition sends next run out?
pub(super) fn is_late(toppar: &Toppar, now: Ts) -> bool {
    let mut shared = toppar.lock();
    shared.store::<Store>().is_some_and(|(store, _)| store.is_late(now))
}

/// What a partition sends next.
pub(super) enum Next {
    /// A batch that was sealed before.
    Again(Box<Sealed>),
    /// A batch that was never sent.
    Fresh(Batch),
}

/// Takes what the partition sends next, which counts as flying from now on, and under which
/// producer id. `pid` is the instance's if it is idempotent.
pub(super) fn take(
    thread: &BrokerThread,
    toppar: &Toppar,
    pid: Option<Pid>,
    now: Ts,
) -> Option<(Next, Pid)> {
    let mut shared = toppar.lock();
    let is_between = pid.is_some_and(|pid| is_between_pids(&mut shared, pid));
    // Of a partition that is gone it is known where its sequence ends.
    if is_draining(&mut shared) || is_between || shared.is_removed() {
        return None;
    }
    let (store, _) = shared.store::<Store>()?;
    let is_early = store.returned.front().is_some_and(|sealed| sealed.backoff > now);
    if is_early || store.is_blocked() || store.is_late(now) {
        return None;
    }
    let first_id = store.first_id()?;
    let is_settled = store.is_settled(first_id);
    let (mut own, mut former) = (Pid::NONE, None);
    if let Some(pid) = pid {
        if is_settled && shared.eos().pid != pid {
            former = Some(change_pid(&mut shared, pid, first_id));
        }
        own = shared.eos().pid;
    }
    let (store, _) = shared.store::<Store>()?;
    let next = match store.returned.pop_front() {
        Some(mut sealed) => {
            sealed.set_stamp(store.stamp(own, sealed.stamp, sealed.count()));
            Next::Again(sealed)
        }
        None => Next::Fresh(store.take_fresh()?),
    };
    store.flying += 1;
    if store.flying == 1 && thread.handle.settings.is_idempotent {
        drain::toppar_begins(&thread.handle);
    }
    // The next message is news, unless the thread looks before.
    store.look(now);
    drop(shared);
    if let (Some(former), Some(pid)) = (former, pid) {
        tell_pid(thread, toppar, former, pid, first_id);
    }
    Some((next, own))
}

/// Historical: `rd_kafka_toppar_pid_change`.
fn change_pid(shared: &mut HeldToppar<'_>, pid: Pid, base_msgid: u64) -> Pid {
    let Eos { pid: former, acked_msgid, .. } = *shared.eos();
    *shared.eos_mut() = Eos { pid, acked_msgid, epoch_base_msgid: base_msgid, ..Eos::default() };
    if let Some((store, _)) = shared.store::<Store>() {
        store.begin_epoch();
    }
    former
}

fn tell_pid(thread: &BrokerThread, toppar: &Toppar, former: Pid, pid: Pid, base: u64) {
    if thread.handle.log.debugs(context::TOPIC | context::EOS) {
        let (topic, partition) = (toppar.topic(), toppar.partition());
        let name = topic.display_name();
        let text =
            format_args!("{name} [{partition}] changed {former} -> {pid} with base MsgId {base}");
        thread.debug(context::TOPIC | context::EOS, "NEWPID", text);
    }
}

/// A batch goes for the first time: it gets its numbers, and if it is too large for the broker's
/// format the rest comes back.
pub(super) fn seal(toppar: &Toppar, batch: Batch, rest: Option<Batch>, pid: Pid) -> Box<Sealed> {
    let mut sealed = Box::new(Sealed::new(batch));
    if let Some((store, _)) = toppar.lock().store::<Store>() {
        sealed.set_stamp(store.stamp(pid, sealed.stamp, sealed.count()));
        if let Some(rest) = rest {
            store.put_back(rest);
        }
    }
    sealed
}

/// Nothing more is sent until everything in flight has been answered.
///
/// Historical: `rd_kafka_idemp_drain_toppar`.
pub(super) fn wait_for_drain(thread: &BrokerThread, toppar: &Toppar, reason: &str) {
    let waits_already = std::mem::replace(&mut toppar.lock().eos_mut().wait_drain, true);
    if !waits_already && thread.handle.log.debugs(context::EOS | context::TOPIC) {
        let (topic, partition) = (toppar.topic(), toppar.partition());
        let name = topic.display_name();
        let text = format_args!("{name} [{partition}] beginning partition drain: {reason}");
        thread.debug(context::EOS | context::TOPIC, "DRAIN", text);
    }
}

/// A batch's messages are in a request.
pub(super) fn take_off(toppar: &Toppar, sealed: &Sealed) {
    toppar.in_flight().fetch_add(sealed.count(), Ordering::SeqCst);
}

/// A batch of `count` messages is in a request no more: it was settled, or (`again`) waits to be
/// sent again. Comes last: whoever waits for it may go on at once, on another thread.
pub(super) fn land(
    thread: &BrokerThread,
    toppar: &Arc<Toppar>,
    count: i32,
    again: Option<Box<Sealed>>,
    now: Ts,
) {
    toppar.in_flight().fetch_sub(count, Ordering::SeqCst);
    let left = {
        let mut shared = toppar.lock();
        let is_homeless = shared.is_removed() && shared.broker_ref().is_none();
        let Some((store, _)) = shared.store::<Store>() else { return };
        assert!(store.flying > 0, "a batch lands that did not fly");
        store.flying -= 1;
        let left = store.flying;
        if let Some(sealed) = again {
            store.take_back(sealed);
        }
        let has_more = !store.is_empty();
        if has_more && !is_homeless {
            if let Some(broker) = shared.broker_ref() {
                broker.make_ready(toppar, Ts::ZERO);
            }
        } else if has_more {
            let mut orphans = Lot::default();
            shared.drain(&mut orphans);
            drop(shared);
            // Nobody serves the partition, and nobody will.
            migrate::report_orphans(&thread.handle, toppar, orphans);
        }
        left
    };
    if left == 0 && thread.handle.settings.is_idempotent {
        drain::toppar_ends(&thread.handle, &thread.name, now);
    }
}

/// A sealed batch did not fit into the request: it is the partition's next one.
pub(super) fn ground(thread: &BrokerThread, part: Part, now: Ts) {
    let count = part.sealed.count();
    land(thread, &part.toppar, count, Some(part.sealed), now);
}
