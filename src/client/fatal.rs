//! Raising the fatal error: the first one stays, and the instance produces nothing any more.
#![forbid(unsafe_code)]

use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::level;
use crate::op::{MainOp, Op};

/// Raises a fatal error. `false`: there is one already.
pub(crate) fn raise(handle: &Handle, code: ErrorCode, reason: &str) -> bool {
    if !handle.store_fatal(code, reason) {
        return false;
    }
    let text = format!("Fatal error: {code}: {reason}");
    if handle.wants_errors() {
        handle.log.log(level::EMERG, "FATAL", "main", &text);
        handle.reply_queue.push(Op::Error { code: ErrorCode::_FATAL, text });
    } else {
        let name = handle.name().to_string_lossy();
        handle.log.log(level::ERR, "ERROR", "main", format_args!("{name}: {text}"));
    }
    handle.main.push(MainOp::Fatal);
    true
}

/// A panic was stopped: the instance cannot be trusted any more.
pub(crate) fn raise_internal(handle: &Handle, place: &str) {
    raise(handle, ErrorCode::_FATAL, &format!("internal error in {place}"));
}
