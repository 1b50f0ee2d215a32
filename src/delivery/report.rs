//! Messages to a delivery report on the reply queue, or dropped if nobody asked.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::error::ErrorCode;
use crate::handle::{Handle, ReportMode};
use crate::op::{Op, Report};
use crate::own::msgq::MsgQueue;
use crate::own::topic::Topic;

/// Reports messages. A message's own error stays; others get `error`.
///
/// Historical: `rd_kafka_dr_msgq0`.
pub(crate) fn report(handle: &Handle, topic: &Arc<Topic>, messages: MsgQueue, error: ErrorCode) {
    if messages.is_empty() {
        return;
    }
    let is_wanted = handle.report_mode != ReportMode::None
        && !(handle.settings.reports_only_errors && error.is_ok());
    if is_wanted {
        let topic = Arc::clone(topic);
        handle.reply_queue.push(Op::Report(Report { topic, messages, error }));
    } else {
        discard(handle, messages);
    }
}

/// Drops messages, giving them back to the account at once.
pub(crate) fn discard(handle: &Handle, mut messages: MsgQueue) {
    let (mut count, mut bytes) = (0, 0);
    for message in messages.iter_mut() {
        if let Some(len) = message.leave_account() {
            count += 1;
            bytes += len;
        }
    }
    drop(messages);
    handle.account.release(count, bytes);
}
