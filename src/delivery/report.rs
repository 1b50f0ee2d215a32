//! Messages to a delivery report on the reply queue, or dropped if nobody asked.
//!
//! Which error and status a message has is the engine's decision; when a report is served is
//! `poll.rs`.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::sync::Arc;

use crate::error::ErrorCode;
use crate::handle::{Handle, ReportMode};
use crate::op::{Op, Place, Report};
use crate::own::account::Account;
use crate::own::msg::Msg;
use crate::own::msgq::MsgQueue;
use crate::own::topic::Topic;

/// Reports messages without a broker's answer, or with one that is in them already.
pub(crate) fn report(handle: &Handle, topic: &Arc<Topic>, messages: MsgQueue, error: ErrorCode) {
    report_at(handle, topic, messages, error, None);
}

/// Reports messages. A message's own error stays; others get `error`.
///
/// Historical: `rd_kafka_dr_msgq0`.
pub(crate) fn report_at(
    handle: &Handle,
    topic: &Arc<Topic>,
    messages: MsgQueue,
    error: ErrorCode,
    place: Option<Place>,
) {
    if messages.is_empty() {
        return;
    }
    let is_wanted = handle.report_mode != ReportMode::None
        && !(handle.settings.reports_only_errors && error.is_ok());
    if is_wanted {
        let topic = Arc::clone(topic);
        handle.reply_queue.push(Op::Report(Report { messages, topic, error, place }));
    } else {
        discard(&handle.account, messages);
    }
}

/// Drops messages and gives them back to their account together.
pub(crate) fn discard(account: &Account, mut messages: MsgQueue) {
    let (mut count, mut bytes) = (0, 0);
    while let Some(mut message) = messages.pop_front() {
        if let Some(len) = message.leave_account() {
            count += 1;
            bytes += len;
        }
    }
    account.release(count, bytes);
}

/// Reported messages that an account does not have back yet.
#[derive(Clone, Copy, Default)]
struct Owed {
    /// Address of the account.
    account: usize,
    count: i64,
    bytes: i64,
}

thread_local! {
    /// What this thread owes while it serves reports. A plain cell: it needs no destructor.
    static OWED: Cell<Owed> = const { Cell::new(Owed { account: 0, count: 0, bytes: 0 }) };
}

/// Gives back what this thread owes to `account`: a callback that looks at the account, or wants
/// room, sees it as if every message had been given back at once.
pub(crate) fn settle(account: &Account) {
    let owed = OWED.get();
    if owed.account == address(account) && owed.count != 0 {
        OWED.set(Owed { account: owed.account, ..Owed::default() });
        account.release(owed.count, owed.bytes);
    }
}

fn address(account: &Account) -> usize {
    (&raw const *account).addr()
}

/// Serving reports on this thread: messages are given back to the account some at a time, the last
/// ones when this goes. Such rounds nest, since a callback may poll.
pub(crate) struct Round<'a> {
    account: &'a Account,
    outer: Owed,
}

impl<'a> Round<'a> {
    /// A round for an account.
    pub(crate) fn begin(account: &'a Account) -> Self {
        let outer = OWED.replace(Owed { account: address(account), ..Owed::default() });
        Self { account, outer }
    }

    /// The application has seen the message: it ends.
    pub(crate) fn finish(&self, mut message: Msg) {
        let len = message.leave_account();
        drop(message);
        let Some(len) = len else { return };
        let mut owed = OWED.get();
        owed.count += 1;
        owed.bytes += len;
        OWED.set(owed);
        if owed.count >= self.account.release_step() {
            settle(self.account);
        }
    }
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        settle(self.account);
        OWED.set(self.outer);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn without_a_way_to_report_messages_end_at_once() {
        let handle = instance(|_| {});
        report_some(&handle, 3, ErrorCode::_MSG_TIMED_OUT);
        assert_eq!(handle.reply_queue.len(), 0);
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn one_operation_carries_a_batch() {
        let handle = instance(report_events);
        report_some(&handle, 3, ErrorCode::NO_ERROR);
        assert_eq!(handle.reply_queue.len(), 1);
        assert_eq!(handle.account.messages(), 3);
    }

    #[test]
    fn successes_are_not_reported_if_only_errors_are_wanted() {
        let handle = instance(|conf| {
            report_events(conf);
            crate::delivery::fixture::set(conf, b"delivery.report.only.error", b"true");
        });
        report_some(&handle, 2, ErrorCode::NO_ERROR);
        assert_eq!((handle.reply_queue.len(), handle.account.messages()), (0, 0));
        report_some(&handle, 2, ErrorCode::_PURGE_QUEUE);
        assert_eq!((handle.reply_queue.len(), handle.account.messages()), (1, 2));
    }

    #[test]
    fn reports_of_an_ended_instance_are_dropped() {
        let handle = instance(report_events);
        report_some(&handle, 2, ErrorCode::NO_ERROR);
        handle.reply_queue.disable();
        report_some(&handle, 2, ErrorCode::_DESTROY);
        assert_eq!((handle.reply_queue.len(), handle.account.messages()), (0, 0));
    }

    #[test]
    fn what_is_owed_to_one_account_is_not_given_to_another() {
        let (handle, other) = (instance(|_| {}), instance(|_| {}));
        let mut messages = messages(&handle, 1);
        let round = Round::begin(&handle.account);
        round.finish(messages.pop_front().expect("one"));
        settle(&other.account);
        assert_eq!((handle.account.messages(), other.account.messages()), (1, 0));
        drop(round);
        assert_eq!(handle.account.messages(), 0);
    }
}
