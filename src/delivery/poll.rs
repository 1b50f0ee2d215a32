//! Serving a queue on the application's thread: callbacks in order.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::sync::Arc;

use crate::callback;
use crate::error::ErrorCode;
use crate::handle::{Handle, ReportMode};
use crate::log::level;
use crate::op::queue::OpQueue;
use crate::op::{Op, Report};
use crate::own::msg::Msg;
use crate::sys::clock::Ts;
use crate::sys::heap_text::HeapText;

/// Messages are given back to the account after at most this many callbacks.
const RELEASE_EVERY: i64 = 256;

thread_local! {
    /// `rd_kafka_yield` was called on this thread. A plain cell: it needs no destructor.
    static YIELDS: Cell<bool> = const { Cell::new(false) };
}

/// Ends the present round of callbacks on this thread (`rd_kafka_yield`).
pub(crate) fn yield_now() {
    YIELDS.set(true);
}

/// Did a callback of the last round ask to end it?
pub(crate) fn has_yielded() -> bool {
    YIELDS.get()
}

/// Serves operations until the queue is empty; waits for the first one until `until`. Returns how many were served.
pub(crate) fn serve(handle: &Handle, queue: &Arc<OpQueue>, until: Ts) -> i32 {
    YIELDS.set(false);
    let mut served = 0;
    let mut until = until;
    while let Some(op) = queue.pop(&*handle.clock, until) {
        served += 1;
        serve_op(handle, queue, op);
        if YIELDS.get() {
            break;
        }
        until = Ts::ZERO;
    }
    served
}

/// When a wait of `timeout_ms` ends: 0 is now, negative ones are never, except that `i32::MIN` and other wild values of
/// applications count as never too.
pub(crate) fn deadline(handle: &Handle, timeout_ms: i32) -> Ts {
    match timeout_ms {
        0 => Ts::ZERO,
        -1 => Ts::MAX,
        negative if negative < 0 => Ts::ZERO,
        _ => handle.now().plus_ms(i64::from(timeout_ms)),
    }
}

fn serve_op(handle: &Handle, queue: &Arc<OpQueue>, op: Op) {
    let callbacks = &handle.conf.callbacks;
    let (rk, opaque) = (handle.address(), callbacks.opaque);
    match op {
        Op::Report(report) => serve_report(handle, queue, report),
        Op::Error { code, text } => match callbacks.error {
            Some(function) => callback::error(function, rk, code.0, &text, opaque),
            None => {
                let name = handle.name().to_string_lossy();
                handle.log.log(level::ERR, "ERROR", "app", format_args!("{name}: {text}"));
            }
        },
        Op::Throttle { broker_name, broker_id, throttle_ms } => {
            if let Some(function) = callbacks.throttle {
                callback::throttle(function, rk, &broker_name, broker_id, throttle_ms, opaque);
            }
        }
        Op::Stats(json) => {
            if let Some(function) = callbacks.stats {
                let text = HeapText::new(json.as_bytes());
                if callback::stats(function, rk, text.as_ptr(), json.len(), opaque) {
                    text.give_away();
                }
            }
        }
        Op::Log(line) => handle.log.emit(line.level, &line.facility, &line.text),
    }
}

fn serve_report(handle: &Handle, queue: &Arc<OpQueue>, mut report: Report) {
    let callbacks = &handle.conf.callbacks;
    let (rk, opaque) = (handle.address(), callbacks.opaque);
    if callbacks.dr_msg.is_none() && callbacks.dr.is_none() {
        drop_report(handle, report);
        return;
    }
    let mut released = Released::default();
    while let Some(mut message) = report.messages.pop_front() {
        if message.error().is_ok() {
            message.set_error(report.error);
        }
        let public = message.as_public();
        if let Some(function) = callbacks.dr_msg {
            callback::report(function, rk, public, opaque);
        } else if let Some(function) = callbacks.dr {
            callback::report_old(function, rk, public, opaque);
        }
        released.add(handle, message);
        if YIELDS.get() && !report.messages.is_empty() {
            queue.push_front(Op::Report(report));
            break;
        }
    }
    released.settle(handle);
}

/// Reports that poll or flush meets in event mode have nobody to go to.
fn drop_report(handle: &Handle, mut report: Report) {
    debug_assert!(handle.report_mode != ReportMode::None, "reports without a mode");
    while let Some(message) = report.messages.pop_front() {
        let error = if message.error().is_ok() { report.error } else { message.error() };
        handle.log.log(
            level::WARNING,
            "DRDROP",
            "app",
            format_args!(
                "Dropped delivery report for message to {} [{}] ({error}) with opaque {:p}: \
                 flush() or poll() should not be called when EVENT_DR is enabled",
                report.topic.display_name(),
                message.partition(),
                message.opaque()
            ),
        );
    }
}

/// Messages that left the account and were not given back to it yet.
#[derive(Default)]
struct Released {
    count: i64,
    bytes: i64,
}

impl Released {
    fn add(&mut self, handle: &Handle, mut message: Msg) {
        if let Some(len) = message.leave_account() {
            self.count += 1;
            self.bytes += len;
        }
        drop(message);
        if self.count >= RELEASE_EVERY {
            self.settle(handle);
        }
    }

    fn settle(&mut self, handle: &Handle) {
        handle.account.release(self.count, self.bytes);
        *self = Self::default();
    }
}

/// Puts an error onto the reply queue, or logs it if nobody asked for errors.
pub(crate) fn raise(handle: &Handle, code: ErrorCode, text: String) {
    if handle.wants_errors() {
        handle.reply_queue.push(Op::Error { code, text });
    } else {
        let name = handle.name().to_string_lossy();
        handle.log.log(level::ERR, "ERROR", "main", format_args!("{name}: {text}"));
    }
}
