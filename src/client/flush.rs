//! Flush: linger does not hold until nothing is unreported.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::delivery::{poll, report};
use crate::error::ErrorCode;
use crate::handle::{Handle, ReportMode};
use crate::metadata::apply::wake_all;
use crate::sys::clock::Ts;

/// Longest wait between looks, in microseconds.
const SLICE_US: i64 = 10_000;

/// Waits until every accepted message is reported, serving callbacks, at most `timeout_ms` (-1: for
/// ever).
pub(crate) fn flush(handle: &Arc<Handle>, timeout_ms: i32) -> ErrorCode {
    begin(handle);
    let until = poll::deadline(handle, timeout_ms);
    let is_done = match handle.report_mode {
        ReportMode::Event => wait(handle, until),
        ReportMode::None => wait_serving(handle, until),
        ReportMode::Callback => serve(handle, until),
    };
    end(handle);
    if is_done { ErrorCode::NO_ERROR } else { ErrorCode::_TIMED_OUT }
}

/// Linger does not hold from now on.
pub(crate) fn begin(handle: &Handle) {
    report::settle(&handle.account);
    handle.flushing.fetch_add(1, Ordering::AcqRel);
    wake_all(handle);
}

/// Linger holds again, unless another flush runs.
pub(crate) fn end(handle: &Handle) {
    handle.flushing.fetch_sub(1, Ordering::AcqRel);
}

/// Another thread serves the events: only the count is looked at.
fn wait(handle: &Handle, until: Ts) -> bool {
    loop {
        if handle.account.messages() == 0 {
            return true;
        }
        let left = left_us(handle, until);
        if left <= 0 {
            return false;
        }
        handle.account.wait_release(left.min(SLICE_US));
    }
}

/// Messages come back as reports: the queue is where to wait.
fn serve(handle: &Handle, until: Ts) -> bool {
    let mut slice = Ts::ZERO;
    loop {
        poll::serve(handle, &handle.reply_queue, slice);
        let is_done = is_done(handle);
        let left = left_us(handle, until);
        if is_done || left <= 0 || poll::has_yielded() {
            return is_done;
        }
        slice = handle.now() + left.min(SLICE_US);
    }
}

/// Messages end without reports: the account is where to wait. Other operations are served
/// meanwhile.
fn wait_serving(handle: &Handle, until: Ts) -> bool {
    loop {
        poll::serve(handle, &handle.reply_queue, Ts::ZERO);
        let is_done = is_done(handle);
        let left = left_us(handle, until);
        if is_done || left <= 0 || poll::has_yielded() {
            return is_done;
        }
        handle.account.wait_release(left.min(SLICE_US));
    }
}

fn is_done(handle: &Handle) -> bool {
    handle.account.messages() == 0 && handle.reply_queue.len() == 0
}

fn left_us(handle: &Handle, until: Ts) -> i64 {
    match until {
        Ts::MAX => i64::MAX,
        Ts::ZERO => 0,
        until => until - handle.now(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::conf::Conf;
    use crate::delivery::fixture::*;

    /// Flushes; how it ended and how long it took by the instance's clock, in milliseconds.
    fn timed(handle: &Arc<Handle>, timeout_ms: i32) -> (ErrorCode, i64) {
        let begin = handle.now();
        let code = flush(handle, timeout_ms);
        assert!(!handle.is_flushing(), "linger holds again");
        (code, (handle.now() - begin) / 1000)
    }

    fn with_no_reports(_: &mut Conf) {}

    #[test]
    fn with_nothing_to_wait_for_it_returns_at_once() {
        let (code, took_ms) = timed(&instance_by(LookedAt::new(), report_events), -1);
        assert_eq!(code, ErrorCode::NO_ERROR);
        assert!(took_ms < 10, "{took_ms} ms");
    }

    #[test]
    fn it_times_out_in_time() {
        for configure in [report_events, with_no_reports] {
            let handle = instance_by(LookedAt::new(), configure);
            let _waiting = messages(&handle, 1);
            for timeout_ms in [0, -2, 30] {
                let (code, took_ms) = timed(&handle, timeout_ms);
                assert_eq!(code, ErrorCode::_TIMED_OUT);
                let at_least = i64::from(timeout_ms).max(0);
                assert!((at_least..at_least + 10).contains(&took_ms), "{timeout_ms}: {took_ms} ms");
            }
        }
    }

    #[test]
    fn it_ends_when_the_last_message_does() {
        for configure in [report_events, with_no_reports] {
            let handle = instance(configure);
            let waiting = messages(&handle, 3);
            let engine = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                drop(waiting);
            });
            assert_eq!(timed(&handle, -1).0, ErrorCode::NO_ERROR);
            engine.join().expect("no panic");
        }
    }

    #[test]
    fn event_reports_are_left_for_who_polls_the_queue() {
        let handle = instance(report_events);
        report_some(&handle, 1, ErrorCode::NO_ERROR);
        assert_eq!(timed(&handle, 10).0, ErrorCode::_TIMED_OUT);
        assert_eq!(handle.reply_queue.len(), 1);
        let event = poll::next_event(&handle, &handle.reply_queue, Ts::ZERO);
        assert!(event.is_some());
        drop(event);
        assert_eq!(timed(&handle, 0).0, ErrorCode::NO_ERROR);
    }
}
