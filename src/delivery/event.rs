//! Operations as public events (`rd_kafka_event_t`).
//!
//! Who owns: the application, until it destroys the event; texts and messages live as long.
#![forbid(unsafe_code)]

use std::ffi::CString;

use super::report::discard;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::cut;
use crate::op::{Op, Report, Statistics};
use crate::own::mark::{self, Mark};
use crate::own::msg::MsgFields;
use crate::own::msgq::MsgQueue;
use crate::own::reported::Reported;
use crate::own::stats_tree::StatsTree;

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
    /// Delivery reports of messages that are made when they are taken.
    Batch(Box<Reported>),
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
    Stats {
        /// As JSON, if somebody wants that.
        json: Option<CString>,
        /// As structs, if the application has a callback for these.
        typed: Option<Box<StatsTree>>,
    },
}

/// An event.
#[repr(C)]
pub(crate) struct Event {
    mark: Mark,
    /// The instance's address, where the panic fence looks for it. The event may outlive it.
    owner: usize,
    /// What it carries.
    pub(crate) content: Content,
}

const _: () = assert!(std::mem::offset_of!(Event, owner) == 8);

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
            Op::Report(report) => Content::Report { taken: MsgQueue::new(), report },
            Op::Batch(report) => Content::Batch(report),
            Op::Error { code, text: reason } => Self::error(handle, code, &reason),
            Op::Log(line) => Content::Log {
                level: line.level,
                facility: text(cut(&line.facility, FACILITY_BYTES_MAX)),
                text: text(&line.text),
                contexts: line.contexts,
            },
            Op::Stats(Statistics { json, typed }) => {
                Content::Stats { json: json.as_deref().map(text), typed }
            }
            other @ (Op::Throttle { .. } | Op::Outside(_)) => return Err(other),
        };
        Ok(Box::new(Self { mark: Mark::EVENT, owner: handle.address(), content }))
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
            Content::Report { .. } | Content::Batch(_) => kind::DR,
            Content::Error { .. } => kind::ERROR,
            Content::Log { .. } => kind::LOG,
            Content::Stats { .. } => kind::STATS,
        }
    }

    /// The next message that was not taken yet; it stays the event's.
    pub(crate) fn next_message(&mut self) -> Option<&mut MsgFields> {
        let (report, taken) = match &mut self.content {
            Content::Report { report, taken } => (report, taken),
            Content::Batch(report) => return report.keep(),
            _ => return None,
        };
        let message = report.next()?;
        taken.push_back(message);
        taken.back_mut()
    }

    /// How many messages were not taken yet.
    pub(crate) fn message_count(&self) -> usize {
        match &self.content {
            Content::Report { report, .. } => report.messages.len(),
            Content::Batch(report) => report.left(),
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

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::op::LogLine;
    use crate::sys::clock::Ts;

    fn event(handle: &Handle, op: Op) -> Box<Event> {
        Event::of(handle, op).unwrap_or_else(|_| panic!("an event"))
    }

    #[test]
    fn messages_are_the_events_until_it_ends() {
        let handle = instance(report_events);
        report_some(&handle, 3, ErrorCode::_PURGE_QUEUE);
        let op = handle.reply_queue.pop(&*handle.clock, Ts::ZERO).expect("a report");
        let mut event = event(&handle, op);

        assert_eq!((event.kind(), event.message_count()), (kind::DR, 3));
        for number in 0..2 {
            let message = event.next_message().expect("three");
            assert_eq!(message.opaque().addr(), number);
            assert_eq!(message.error(), ErrorCode::_PURGE_QUEUE);
        }
        assert_eq!(event.message_count(), 1);
        assert_eq!(handle.account.messages(), 3);

        drop(event);
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn messages_of_records_are_made_when_they_are_taken_and_last_as_long() {
        let handle = instance(report_events);
        report_records(&handle, 3, ErrorCode::_PURGE_QUEUE);
        let op = handle.reply_queue.pop(&*handle.clock, Ts::ZERO).expect("a report");
        let mut event = event(&handle, op);
        let account = std::sync::Arc::clone(&handle.account);
        drop(handle);

        assert_eq!((event.kind(), event.message_count()), (kind::DR, 3));
        let mut messages = Vec::new();
        while let Some(message) = event.next_message() {
            messages.push((message.opaque().addr(), message.error(), message.as_public()));
        }
        assert_eq!((event.message_count(), messages.len()), (0, 3));
        for (number, (opaque, error, public)) in messages.into_iter().enumerate() {
            assert_eq!((opaque, error), (number, ErrorCode::_PURGE_QUEUE));
            assert!(!public.is_null());
        }
        assert_eq!(event.next_message().map(|it| it.opaque().addr()), None);
        assert_eq!(account.messages(), 3);
        drop(event);
        assert_eq!((account.messages(), account.bytes()), (0, 0));
    }

    #[test]
    fn an_event_may_outlive_its_instance() {
        let handle = instance(report_events);
        report_some(&handle, 2, ErrorCode::NO_ERROR);
        let op = handle.reply_queue.pop(&*handle.clock, Ts::ZERO).expect("a report");
        let mut event = event(&handle, op);
        let account = std::sync::Arc::clone(&handle.account);
        drop(handle);

        let message = event.next_message().expect("two");
        assert_eq!(message.value(), Some(VALUE));
        drop(event);
        assert_eq!(account.messages(), 0);
    }

    #[test]
    fn a_fatal_error_event_tells_the_first_cause() {
        let handle = instance(|_| {});
        handle.store_fatal(ErrorCode::_FENCED, "why");
        handle.store_fatal(ErrorCode::_INCONSISTENT, "later");
        let text = "Fatal error: fenced: why".to_owned();
        let event = event(&handle, Op::Error { code: ErrorCode::_FATAL, text });
        let Content::Error { code, text, is_fatal } = &event.content else { panic!("an error") };
        assert_eq!((*code, text.as_c_str(), *is_fatal), (ErrorCode::_FENCED, c"why", true));
    }

    #[test]
    fn other_errors_stay_what_they_are() {
        let handle = instance(|_| {});
        handle.store_fatal(ErrorCode::_FENCED, "why");
        let text = "h:1/2: gone".to_owned();
        let event = event(&handle, Op::Error { code: ErrorCode::_TRANSPORT, text });
        let Content::Error { code, text, is_fatal } = &event.content else { panic!("an error") };
        assert_eq!(*code, ErrorCode::_TRANSPORT);
        assert_eq!((text.as_c_str(), *is_fatal), (c"h:1/2: gone", false));
    }

    #[test]
    fn long_facilities_are_cut_and_zero_bytes_replaced() {
        let handle = instance(|_| {});
        let (facility, text) = ("F".repeat(70), "a\0b".to_owned());
        let line = LogLine { level: 3, facility, text, contexts: 0 };
        let event = event(&handle, Op::Log(line));
        let Content::Log { facility, text, .. } = &event.content else { panic!("a line") };
        assert_eq!(facility.as_bytes().len(), 63);
        assert_eq!(text.as_c_str(), c"a b");
    }
}
