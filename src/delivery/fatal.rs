//! The fatal error: the first one stays, the application is told, and what is queued is purged.
#![forbid(unsafe_code)]

use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::op::{MainOp, Op};

/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 511;

/// Raises a fatal error. `false`: there is one already. The caller holds no lock.
///
/// Historical: `rd_kafka_set_fatal_error`.
pub(crate) fn raise(handle: &Handle, code: ErrorCode, reason: &str) -> bool {
    let reason = cut(reason);
    if !handle.store_fatal(code, reason) {
        let name = code.known_name().unwrap_or_default();
        let text = format_args!("Suppressing subsequent fatal error: {name}");
        handle.log.debug(context::GENERIC, "FATAL", "main", text);
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

fn cut(reason: &str) -> &str {
    let mut end = reason.len().min(REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::fixture::instance;

    #[test]
    fn the_first_fatal_error_stays_and_later_ones_count() {
        let handle = instance(|_| {});
        assert!(raise(&handle, ErrorCode::_FENCED, "first"));
        assert!(!raise(&handle, ErrorCode::_INCONSISTENT, "second"));
        let fatal = handle.fatal().expect("raised");
        assert_eq!(
            (fatal.code, fatal.reason.as_str(), fatal.count),
            (ErrorCode::_FENCED, "first", 2)
        );
    }

    #[test]
    fn long_reasons_are_cut_between_characters() {
        assert_eq!(cut(&"é".repeat(300)).len(), 510);
        assert_eq!(cut("short"), "short");
    }
}
