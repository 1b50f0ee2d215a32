//! Polling, flushing, purging.

use std::ffi::c_int;

use super::from_c;
use crate::abi::public::*;
use crate::client::purge::flag;
use crate::client::{flush, purge};
use crate::delivery::{poll, report};
use crate::error::ErrorCode;
use crate::forward::{both, peer};
use crate::op::Purge;
use crate::sys::fence::export;

export! {
    /// Serves callbacks on this thread; waits for the first up to `timeout_ms` (0: not at all, -1:
    /// for ever). Returns how many operations were served.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_poll(rk: *mut rd_kafka_t, timeout_ms: c_int) -> c_int {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_poll(rk, timeout_ms) }.unwrap_or(0);
        };
        let until = poll::deadline(&handle, timeout_ms);
        poll::serve(&handle, &handle.reply_queue, until)
    }

    /// Ends the present round of callbacks on this thread.
    fn rd_kafka_yield(rk: *mut rd_kafka_t) {
        poll::yield_now();
        if let Some(peer) = peer::opened() {
            // SAFETY: the instance does not matter there either.
            unsafe { peer::rd_kafka_yield(peer, rk) };
        }
    }

    /// Waits until every accepted message is reported, serving callbacks, at most `timeout_ms` (-1:
    /// for ever).
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_flush(rk: *mut rd_kafka_t, timeout_ms: c_int) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => flush::flush(&handle, timeout_ms).0,
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_flush(rk, timeout_ms) }
                .unwrap_or(ErrorCode::_INVALID_ARG.0),
        }
    }

    /// Reports queued and in-flight messages as purged, as the flags say.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_purge(rk: *mut rd_kafka_t, purge_flags: c_int) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            let answer = unsafe { both::rd_kafka_purge(rk, purge_flags) };
            return answer.unwrap_or(ErrorCode::_INVALID_ARG.0);
        };
        if purge_flags & !flag::ALL != 0 {
            return ErrorCode::_INVALID_ARG.0;
        }
        let which = Purge {
            queue: purge_flags & flag::QUEUE != 0,
            in_flight: purge_flags & flag::IN_FLIGHT != 0,
            aborts: purge_flags & flag::ABORT != 0,
        };
        if which.queue || which.in_flight {
            purge::purge(&handle, which, purge_flags & flag::NON_BLOCKING == 0);
        }
        ErrorCode::NO_ERROR.0
    }

    /// How many messages and operations wait: messages that are not reported, and operations that
    /// are not served.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_outq_len(rk: *mut rd_kafka_t) -> c_int {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_outq_len(rk) }.unwrap_or(0);
        };
        report::settle(&handle.account);
        let messages = usize::try_from(handle.account.messages()).unwrap_or(0);
        let waiting = messages + handle.reply_queue.len() + handle.background_queue.len();
        c_int::try_from(waiting).unwrap_or(c_int::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::ffi::{CStr, c_char, c_void};
    use std::ptr::null_mut;
    use std::sync::Arc;

    use super::*;
    use crate::delivery::fixture::*;
    use crate::handle::Handle;
    use crate::op::Op;
    use crate::sys::heap;

    thread_local! {
        static KEPT: RefCell<Vec<*mut c_char>> = const { RefCell::new(Vec::new()) };
        static LENGTHS: RefCell<Vec<c_int>> = const { RefCell::new(Vec::new()) };
    }

    fn address(handle: &Arc<Handle>) -> *mut rd_kafka_t {
        Arc::as_ptr(handle).cast_mut().cast()
    }

    #[test]
    fn statistics_are_the_applications_if_it_says_so() {
        extern "C-unwind" fn keep_long_ones(
            _rk: *mut rd_kafka_t,
            json: *mut c_char,
            len: usize,
            _opaque: *mut c_void,
        ) -> c_int {
            // SAFETY: the text is NUL-terminated.
            assert_eq!(unsafe { CStr::from_ptr(json) }.count_bytes(), len);
            if len > 2 {
                KEPT.with_borrow_mut(|kept| kept.push(json));
            }
            c_int::from(len > 2)
        }
        let handle = instance(|conf| conf.stats_cb = Some(keep_long_ones));
        handle.reply_queue.push(Op::json("{}"));
        handle.reply_queue.push(Op::json("{\"age\":1}"));
        // SAFETY: the instance is live; kept texts are ours, on the C heap.
        unsafe {
            assert_eq!(rd_kafka_poll(address(&handle), 0), 2);
            let kept = KEPT.take();
            assert_eq!(kept.len(), 1);
            assert_eq!(CStr::from_ptr(kept[0]), c"{\"age\":1}");
            heap::free(kept[0]);
        }
    }

    #[test]
    fn a_callback_sees_how_many_messages_are_left() {
        extern "C-unwind" fn on_report(
            rk: *mut rd_kafka_t,
            _message: *const rd_kafka_message_t,
            _opaque: *mut c_void,
        ) {
            // SAFETY: the instance is live.
            let left = unsafe { rd_kafka_outq_len(rk) };
            LENGTHS.with_borrow_mut(|lengths| lengths.push(left));
        }
        let handle = instance(|conf| conf.dr_msg_cb = Some(on_report));
        report_some(&handle, 3, ErrorCode::NO_ERROR);
        // SAFETY: the instance is live.
        unsafe {
            assert_eq!(rd_kafka_outq_len(address(&handle)), 4, "three messages, one operation");
            assert_eq!(rd_kafka_poll(address(&handle), -1), 1);
            assert_eq!(rd_kafka_outq_len(address(&handle)), 0);
        }
        assert_eq!(LENGTHS.take(), [3, 2, 1]);
    }

    #[test]
    fn a_yield_from_a_callback_ends_the_poll() {
        extern "C-unwind" fn on_report(
            rk: *mut rd_kafka_t,
            message: *const rd_kafka_message_t,
            _opaque: *mut c_void,
        ) {
            // SAFETY: instance and message are live.
            unsafe {
                LENGTHS.with_borrow_mut(|seen| seen.push((*message)._private.addr() as c_int));
                rd_kafka_yield(rk);
            }
        }
        let handle = instance(|conf| conf.dr_msg_cb = Some(on_report));
        report_some(&handle, 3, ErrorCode::NO_ERROR);
        // SAFETY: the instance is live.
        unsafe {
            assert_eq!(rd_kafka_poll(address(&handle), 0), 1);
            assert_eq!(LENGTHS.take(), [0]);
            assert_eq!(rd_kafka_flush(address(&handle), 1000), ErrorCode::_TIMED_OUT.0);
            assert_eq!(LENGTHS.take(), [1]);
            assert_eq!(rd_kafka_poll(address(&handle), 0), 1);
        }
        assert_eq!(LENGTHS.take(), [2]);
    }

    #[test]
    fn an_instance_does_not_end_in_its_own_callback() {
        extern "C-unwind" fn destroy(
            rk: *mut rd_kafka_t,
            _message: *const rd_kafka_message_t,
            _opaque: *mut c_void,
        ) {
            // SAFETY: the instance is live, and refuses.
            unsafe { super::super::handle::rd_kafka_destroy(rk) };
        }
        let handle = instance(|conf| conf.dr_msg_cb = Some(destroy));
        report_some(&handle, 1, ErrorCode::NO_ERROR);
        // SAFETY: the instance is live.
        assert_eq!(unsafe { rd_kafka_poll(address(&handle), 0) }, 1);
        assert!(!handle.is_terminating());
        let lines = lines(&handle);
        assert_eq!((lines[0].level, lines[0].facility.as_str()), (2, "DESTROY"));
    }

    #[test]
    fn null_instances_are_nothing() {
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(rd_kafka_poll(null_mut(), -1), 0);
            assert_eq!(rd_kafka_outq_len(null_mut()), 0);
            assert_eq!(rd_kafka_flush(null_mut(), -1), ErrorCode::_INVALID_ARG.0);
            assert_eq!(rd_kafka_purge(null_mut(), 3), ErrorCode::_INVALID_ARG.0);
            rd_kafka_yield(null_mut());
        }
        assert!(poll::has_yielded(), "the instance does not matter");
    }
}
