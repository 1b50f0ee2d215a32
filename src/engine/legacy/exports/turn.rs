//! The formerly static functions of the produce loop for a C harness (feature `c-harness`): what
//! the engine does in a turn for one partition, for all, and turn after turn. See `harness.rs` for
//! how a harness gets what they take.

use std::ffi::c_int;
use std::ptr::NonNull;

use super::harness::parts;
use super::stepped;
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::rd::{rd_kafka_pid_t, rd_list_t, rd_ts_t};
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::broker::request::Request;
use crate::broker::thread;
use crate::engine::legacy::serve::harness::May;
use crate::engine::seam::ProducerEngine;
use crate::own::list::List;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::sys::fence::export;

/// Makes a time earlier, if C code passed one.
///
/// # Safety
/// `place` is NULL or writable.
unsafe fn lower(place: *mut rd_ts_t, to: Ts) {
    // SAFETY: the caller's contract.
    if let Some(place) = unsafe { place.as_mut() } {
        *place = to.0.min(*place);
    }
}

export! {
    /// One partition's part of a turn: its messages are taken and, if they are ready, put into
    /// requests; see `Engine::send_one`. `next_wakeup` becomes its deadline if that is earlier.
    /// Whether a flush is going on is the instance's to know. Returns how many messages went into
    /// requests.
    ///
    /// # Safety
    /// `rkb` and `rktp` came from `rd_kafka_harness_...`, and the partition joined the broker;
    /// `next_wakeup` is NULL or writable; `batch_bufq` is a list of requests if
    /// `multi_batch_request` is true.
    fn rd_kafka_toppar_producer_serve(
        rkb: *mut rd_kafka_broker_t,
        rktp: *mut rd_kafka_toppar_t,
        pid: rd_kafka_pid_t,
        now: rd_ts_t,
        next_wakeup: *mut rd_ts_t,
        do_timeout_scan: bool,
        may_send: bool,
        flushing: bool,
        multi_batch_request: bool,
        batch_bufq: *mut rd_list_t,
    ) -> c_int {
        let _ = flushing;
        // SAFETY: the caller's contract.
        let (stepped, parts) = unsafe { (stepped(rkb), parts(rktp)) };
        let (Some(stepped), Some(parts)) = (stepped, parts) else { return 0 };
        // Another broker has it.
        let Some(at) = stepped.engine.slot_of(&parts.toppar) else { return 0 };
        let pid = Some(Pid { id: pid.id, epoch: pid.epoch }).filter(|pid| pid.is_valid());
        let may = May { pid, scan: do_timeout_scan, send: may_send };
        let list = NonNull::new(batch_bufq).filter(|_| multi_batch_request);
        // SAFETY: the caller's contract: a list of requests is what `List` is.
        let kept = list.map(|list| unsafe { List::<Request>::at(list) });
        let (due, count) =
            stepped.engine.serve_one(&mut stepped.thread, at, may, kept, Ts(now));
        // SAFETY: the caller's contract.
        unsafe { lower(next_wakeup, due) };
        c_int::try_from(count).unwrap_or(c_int::MAX)
    }

    /// All partitions' part of a turn; see `Engine::produce_toppars`. `next_wakeup` becomes when
    /// the next turn is wanted, if that is earlier. Returns how many messages went into requests.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new`; `next_wakeup` is NULL or writable.
    fn rd_kafka_broker_produce_toppars(
        rkb: *mut rd_kafka_broker_t,
        now: rd_ts_t,
        next_wakeup: *mut rd_ts_t,
        do_timeout_scan: bool,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return 0 };
        if do_timeout_scan {
            stepped.engine.scan_next();
        }
        let (until, count) = stepped.engine.produce_toppars(&mut stepped.thread, Ts(now));
        // SAFETY: the caller's contract.
        unsafe { lower(next_wakeup, until) };
        c_int::try_from(count).unwrap_or(c_int::MAX)
    }

    /// Turn after turn until a time, asleep in between as a broker's thread is; see
    /// [`ProducerEngine::serve`] and [`thread::sleep`]. There is at least one, and one when the
    /// time has come.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new`.
    fn rd_kafka_broker_producer_serve(rkb: *mut rd_kafka_broker_t, abs_timeout: rd_ts_t) {
        // SAFETY: the caller's contract.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return };
        loop {
            let now = stepped.thread.handle.now();
            stepped.thread.broker.begin_turn();
            let until = stepped.engine.serve(&mut stepped.thread, now);
            if now >= Ts(abs_timeout) {
                return;
            }
            thread::sleep(&mut stepped.thread, until.min(Ts(abs_timeout)));
        }
    }
}
