//! Polling, flushing, purging.

use std::ffi::c_int;

use super::from_c;
use crate::abi::public::*;
use crate::client::purge::flag;
use crate::client::{flush, purge};
use crate::delivery::poll;
use crate::error::ErrorCode;
use crate::op::Purge;
use crate::sys::fence::export;

export! {
    /// Serves callbacks on this thread; waits for the first up to `timeout_ms` (0: not at all, -1: for ever). Returns how
    /// many operations were served.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_poll(rk: *mut rd_kafka_t, timeout_ms: c_int) -> c_int {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else { return 0 };
        let until = poll::deadline(&handle, timeout_ms);
        poll::serve(&handle, &handle.reply_queue, until)
    }

    /// Ends the present round of callbacks on this thread.
    fn rd_kafka_yield(_rk: *mut rd_kafka_t) {
        poll::yield_now();
    }

    /// Waits until every accepted message is reported, serving callbacks, at most `timeout_ms` (-1: for ever).
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_flush(rk: *mut rd_kafka_t, timeout_ms: c_int) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => flush::flush(&handle, timeout_ms).0,
            None => ErrorCode::_INVALID_ARG.0,
        }
    }

    /// Reports queued and in-flight messages as purged, as the flags say.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_purge(rk: *mut rd_kafka_t, purge_flags: c_int) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            return ErrorCode::_INVALID_ARG.0;
        };
        if purge_flags & !flag::ALL != 0 {
            return ErrorCode::_INVALID_ARG.0;
        }
        let which = Purge {
            queue: purge_flags & flag::QUEUE != 0,
            in_flight: purge_flags & flag::IN_FLIGHT != 0,
        };
        if which.queue || which.in_flight {
            purge::purge(&handle, which, purge_flags & flag::NON_BLOCKING == 0);
        }
        ErrorCode::NO_ERROR.0
    }

    /// How many messages and operations wait: messages that are not reported, and operations that are not served.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_outq_len(rk: *mut rd_kafka_t) -> c_int {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else { return 0 };
        let messages = usize::try_from(handle.account.messages()).unwrap_or(0);
        let waiting = messages + handle.reply_queue.len() + handle.background_queue.len();
        c_int::try_from(waiting).unwrap_or(c_int::MAX)
    }
}
