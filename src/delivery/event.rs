//! Operations as public events (`rd_kafka_event_t`).
//!
//! Who owns: the application, until it destroys the event; texts and messages live as long.
#![forbid(unsafe_code)]

use std::ffi::CString;

use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::op::{Op, Report};
use crate::own::mark::{self, Mark};
use crate::own::msg::MsgFields;
use crate::own::msgq::MsgQueue;

/// Event kinds (`RD_KAFKA_EVENT_*`).
pub(crate) mod kind {
    pub(crate) const NONE: i32 = 0x0;
    pub(crate) const DR: i32 = 0x1;
    pub(crate) const LOG: i32 = 0x4;
    pub(crate) const ERROR: i32 = 0x8;
    pub(crate) const STATS: i32 = 0x40;
    pub(crate) const BACKGROUND: i32 = 0x200;
    pub(crate) const THROTTLE: i32 = 0x400;
}

/// What an event carries.
pub(crate) enum Content {
    /// Delivery reports; taken ones move to the second queue and die with the event.
    Report {
        /// The reports.
        report: Report,
        /// Those that the application took.
        taken: MsgQueue,
    },
    /// An error.
    Error {
        /// Its code; of a fatal one the underlying code.
        code: ErrorCode,
        /// Its reason.
        text: CString,
        /// The instance is dead.
        is_fatal: bool,
    },
    /// A log line.
    Log {
        /// Syslog level.
        level: i32,
        /// Facility.
        facility: CString,
        /// Text.
        text: CString,
        /// Debug contexts.
        contexts: u32,
    },
    /// Statistics.
    Stats(CString),
    /// Throttling.
    Throttle,
}

/// An event.
#[repr(C)]
pub(crate) struct Event {
    mark: Mark,
    /// What it carries.
    pub(crate) content: Content,
}

fn text(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}

impl Event {
    /// The event of an operation.
    pub(crate) fn of(handle: &Handle, op: Op) -> Box<Self> {
        let content = match op {
            Op::Report(mut report) => {
                for message in report.messages.iter_mut() {
                    if message.error().is_ok() {
                        message.set_error(report.error);
                    }
                }
                Content::Report { report, taken: MsgQueue::new() }
            }
            Op::Error { code: ErrorCode::_FATAL, text: reason } => {
                let code = handle.fatal().map_or(ErrorCode::_FATAL, |fatal| fatal.code);
                Content::Error { code, text: text(&reason), is_fatal: true }
            }
            Op::Error { code, text: reason } => {
                Content::Error { code, text: text(&reason), is_fatal: false }
            }
            Op::Log(line) => Content::Log {
                level: line.level,
                facility: text(&line.facility),
                text: text(&line.text),
                contexts: line.contexts,
            },
            Op::Stats(json) => Content::Stats(text(&json)),
            Op::Throttle { .. } => Content::Throttle,
        };
        Box::new(Self { mark: Mark::EVENT, content })
    }

    /// Its kind.
    pub(crate) fn kind(&self) -> i32 {
        match self.content {
            Content::Report { .. } => kind::DR,
            Content::Error { .. } => kind::ERROR,
            Content::Log { .. } => kind::LOG,
            Content::Stats(_) => kind::STATS,
            Content::Throttle => kind::THROTTLE,
        }
    }

    /// The next message that was not taken yet; it stays the event's.
    pub(crate) fn next_message(&mut self) -> Option<&mut MsgFields> {
        let Content::Report { report, taken } = &mut self.content else { return None };
        let message = report.messages.pop_front()?;
        taken.push_back(message);
        taken.back_mut()
    }

    /// How many messages were not taken yet.
    pub(crate) fn message_count(&self) -> usize {
        match &self.content {
            Content::Report { report, .. } => report.messages.len(),
            _ => 0,
        }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        mark::bury(&mut self.mark);
    }
}
