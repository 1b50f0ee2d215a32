//! What absent functions need of the layers above theirs: the log, the thread's last error, queues.

use crate::abi::codes::RD_KAFKA_EVENT_NONE;
use crate::abi::handles::rd_kafka_AdminOptions_t;
use crate::abi::public::{rd_kafka_event_type_t, rd_kafka_queue_t};
use crate::error::ErrorCode;
use crate::forward::absent::{Hooks, set_hooks};
use crate::op::Op;

/// Syslog's level for warnings.
const WARNING: i32 = 4;

/// Makes absent functions log, set the last error and answer admin requests. Every new instance
/// calls it; once counts.
pub(super) fn register() {
    set_hooks(Hooks {
        log,
        set_last_error,
        copy_last_error: super::into_c::set_last_error,
        queue: super::queue::parts,
        fail_request,
    });
}

fn log(function: &'static str, why: &str) {
    let line = format!("{function}() is not available: {why}");
    crate::log::print(WARNING, "NOTIMPL", "rdkafka", &line);
}

fn set_last_error(code: ErrorCode) {
    super::into_c::fail(code, libc::ENOSYS);
}

/// The outcome of an admin request is an error event.
///
/// # Safety
/// The queue is live.
unsafe fn fail_request(
    queue: *mut rd_kafka_queue_t,
    event_type: rd_kafka_event_type_t,
    _options: *const rd_kafka_AdminOptions_t,
) {
    debug_assert_ne!(event_type, RD_KAFKA_EVENT_NONE, "a request has a result");
    // SAFETY: the caller's contract.
    if let Some(queue) = unsafe { super::queue::operations(queue) } {
        let text = "The request is not available: see the log".to_owned();
        queue.push(Op::Error { code: ErrorCode::_NOT_IMPLEMENTED, text });
    }
}
