//! Waiting for everything in flight: called by broker threads, whose partitions lost their place in
//! the sequence. The caller holds no lock.
#![forbid(unsafe_code)]

use std::fmt::Arguments;
use std::sync::atomic::Ordering;

use super::change;
use super::idempotence::{Drain, Drained};
use crate::handle::Handle;
use crate::log::context;
use crate::metadata::apply::wake_all;
use crate::op::MainOp;
use crate::sys::clock::Ts;

/// The epoch rises once everything in flight has been answered; until then nothing is sent.
/// `thread` is the calling thread's name.
///
/// Historical: `rd_kafka_idemp_drain_epoch_bump`.
pub(crate) fn epoch_bump(handle: &Handle, thread: &str, reason: Arguments<'_>, now: Ts) {
    begin(handle, thread, Drain::Bump, reason, now);
}

/// Another producer id is asked for once everything in flight has been answered.
///
/// Historical: `rd_kafka_idemp_drain_reset`.
pub(crate) fn reset(handle: &Handle, thread: &str, reason: Arguments<'_>, now: Ts) {
    begin(handle, thread, Drain::Reset, reason, now);
}

fn begin(handle: &Handle, thread: &str, why: Drain, reason: Arguments<'_>, now: Ts) {
    let count = handle.idempotence.toppars_in_flight.load(Ordering::Acquire);
    if handle.log.debugs(context::EOS) {
        let (state, pid) = {
            let idempotence = handle.idempotence.lock();
            (idempotence.state.name(), idempotence.pid)
        };
        let what = match why {
            Drain::Reset => format!("for {pid} reset"),
            Drain::Bump => format!("in state {state} for {pid} epoch bump"),
        };
        let text = format_args!(
            "Beginning partition drain {what} for {count} partition(s) with in-flight requests: \
             {reason}"
        );
        handle.log.debug(context::EOS, "DRAIN", thread, text);
    }
    change(handle, thread, |it, has_fatal| it.drain(why, has_fatal, now));
    if handle.idempotence.toppars_in_flight.load(Ordering::SeqCst) == 0 {
        done(handle, thread, now);
    }
}

/// A partition has messages in flight that had none.
///
/// Historical: `rd_kafka_idemp_inflight_toppar_add`.
pub(crate) fn toppar_begins(handle: &Handle) {
    handle.idempotence.toppars_in_flight.fetch_add(1, Ordering::SeqCst);
}

/// A partition has nothing in flight any more.
///
/// Historical: `rd_kafka_idemp_inflight_toppar_sub`.
pub(crate) fn toppar_ends(handle: &Handle, thread: &str, now: Ts) {
    let before = handle.idempotence.toppars_in_flight.fetch_sub(1, Ordering::SeqCst);
    if before == 1 {
        done(handle, thread, now);
    }
}

fn done(handle: &Handle, thread: &str, now: Ts) {
    match change(handle, thread, |it, has_fatal| it.drained(has_fatal, now)) {
        Drained::Nothing => {}
        Drained::Reset => {
            handle.log.debug(context::EOS, "DRAIN", thread, format_args!("All partitions drained"));
            // It looks when that is due, and learns that from looking.
            handle.main.push(MainOp::Wakeup);
        }
        Drained::Bumped(pid) => {
            let text = format_args!("All partitions drained, bumped epoch to {pid}");
            handle.log.debug(context::EOS, "DRAIN", thread, text);
            wake_all(handle);
        }
    }
}
