//! Operations as public events (`rd_kafka_event_t`).
//!
//! Who owns: the application, until it destroys the event; texts and messages live as long.
#![forbid(unsafe_code)]

use std::ffi::CString;

use super::report::discard;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::cut;
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
    /// Only a flag of `enabled_events`: the background thread is wanted.
    pub(crate) const BACKGROUND: i32 = 0x200;
}

/// What an event carries.
pub(crate) enum Content {
    /// Delivery reports; taken ones move to the second queue and die with the event.
    Report {
        /// Those that the application took. They go before the topic, which they point to.
        taken: MsgQueue,
        /// The reports.
        report: Report,
    },
    /// An error.
    Error {
        /// Its code; of a fatal one the underlying code.
        code: ErrorCode,
        /// Its reason; of a fatal one the underlying reason.
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

/// Longest facility that a log event gives, in bytes.
const FACILITY_BYTES_MAX: usize = 63;

impl Event {
    /// The event of an operation.
    ///
    /// # Errors
    /// The operation, if it is none that becomes an event.
    pub(crate) fn of(handle: &Handle, op: Op) -> Result<Box<Self>, Op> {
        let content = match op {
            Op::Report(mut report) => {
                for message in report.messages.iter_mut() {
                    if message.error().is_ok() {
                        message.set_error(report.error);
                    }
                }
                Content::Report { taken: MsgQueue::new(), report }
            }
            Op::Error { code, text: reason } => Self::error(handle, code, &reason),
            Op::Log(line) => Content::Log {
                level: line.level,
                facility: text(cut(&line.facility, FACILITY_BYTES_MAX)),
                text: text(&line.text),
                contexts: line.contexts,
            },
            Op::Stats(json) => Content::Stats(text(&json)),
            throttle @ Op::Throttle { .. } => return Err(throttle),
        };
        Ok(Box::new(Self { mark: Mark::EVENT, content }))
    }

    fn error(handle: &Handle, code: ErrorCode, reason: &str) -> Content {
        let fatal = if code == ErrorCode::_FATAL { handle.fatal() } else { None };
        match fatal {
            Some(fatal) => {
                Content::Error { code: fatal.code, text: text(&fatal.reason), is_fatal: true }
            }
            None => Content::Error { code, text: text(reason), is_fatal: false },
        }
    }

    /// Its kind.
    pub(crate) fn kind(&self) -> i32 {
        match self.content {
            Content::Report { .. } => kind::DR,
            Content::Error { .. } => kind::ERROR,
            Content::Log { .. } => kind::LOG,
            Content::Stats(_) => kind::STATS,
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
        if let Content::Report { taken, report } = &mut self.content {
            taken.append(&mut report.messages);
            discard(&report.topic.account, taken.take());
        }
    }
}
