//! Messages to a delivery report on the reply queue, or dropped if nobody asked.
//!
//! Which error and status a message has is the engine's decision; when a report is served is `poll.rs`.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::sync::Arc;

use crate::error::ErrorCode;
use crate::handle::{Handle, ReportMode};
use crate::op::{Op, Report};
use crate::own::account::Account;
use crate::own::msg::Msg;
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
        handle.reply_queue.push(Op::Report(Report { messages, topic, error }));
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

/// Gives back what this thread owes to `account`: a callback that looks at the account, or wants room, sees it as if
/// every message had been given back at once.
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

/// Serving reports on this thread: messages are given back to the account some at a time, the last ones when this goes.
/// Such rounds nest, since a callback may poll.
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
