//! Statistics: one snapshot of all numbers, and its JSON text. The numbers themselves are kept in
//! `own`; when a document is due is the main thread's business, who gets it is `delivery`'s.
#![forbid(unsafe_code)]

mod json;
mod snapshot;

use crate::handle::Handle;
use crate::op::Op;
use crate::sys::clock::Ts;

/// Takes the numbers, begins new windows, and queues the document for the application.
///
/// Historical: `rd_kafka_stats_emit_all`.
pub(crate) fn emit(handle: &Handle, now: Ts) {
    let numbers = snapshot::take(handle, now);
    handle.reply_queue.push(Op::Stats(json::document(&numbers)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::fixture::instance;
    use crate::error::ErrorCode;

    #[test]
    fn a_document_of_an_instance_with_a_fatal_error_takes_one_lock_after_the_other() {
        let handle = instance(|_| {});
        handle.store_fatal(ErrorCode::_FENCED, "why");
        emit(&handle, handle.now());
        assert!(matches!(handle.reply_queue.pop(&*handle.clock, Ts::ZERO), Some(Op::Stats(_))));
    }
}
