//! Flush: linger does not hold until nothing is unreported.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::delivery::poll;
use crate::error::ErrorCode;
use crate::handle::{Handle, ReportMode};
use crate::metadata::apply::wake_all;
use crate::sys::clock::Ts;

/// Longest wait between looks, in microseconds.
const SLICE_US: i64 = 10_000;

/// Waits until every accepted message is reported, serving callbacks, at most `timeout_ms` (-1: for ever).
pub(crate) fn flush(handle: &Arc<Handle>, timeout_ms: i32) -> ErrorCode {
    handle.flushing.fetch_add(1, Ordering::AcqRel);
    wake_all(handle);
    let until = poll::deadline(handle, timeout_ms);
    let is_done = match handle.report_mode {
        ReportMode::Event => wait(handle, until),
        ReportMode::Callback | ReportMode::None => serve(handle, until),
    };
    handle.flushing.fetch_sub(1, Ordering::AcqRel);
    if is_done { ErrorCode::NO_ERROR } else { ErrorCode::_TIMED_OUT }
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

fn serve(handle: &Handle, until: Ts) -> bool {
    let queue = &handle.reply_queue;
    let mut slice = Ts::ZERO;
    loop {
        poll::serve(handle, queue, slice);
        if handle.account.messages() == 0 && queue.len() == 0 {
            return true;
        }
        let left = left_us(handle, until);
        if left <= 0 || poll::has_yielded() {
            return handle.account.messages() == 0 && queue.len() == 0;
        }
        slice = handle.now() + left.min(SLICE_US);
    }
}

fn left_us(handle: &Handle, until: Ts) -> i64 {
    match until {
        Ts::MAX => i64::MAX,
        Ts::ZERO => 0,
        until => until - handle.now(),
    }
}
