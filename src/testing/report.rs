//! Reports, as the application sees them.
#![forbid(unsafe_code)]

use super::marks::Marks;
use crate::error::ErrorCode;

/// A report, as the application sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported {
    /// The message's number.
    pub(crate) number: u32,
    /// Its error.
    pub(crate) error: ErrorCode,
    /// Its status.
    pub(crate) status: i32,
    /// Its partition.
    pub(crate) partition: i32,
    /// Its offset.
    pub(crate) offset: i64,
    /// Its time, and what kind of time that is.
    #[allow(dead_code)] // Only scenes ask.
    pub(crate) timestamp: (i64, i32),
}

impl Reported {
    /// Notes which place a report reached; the message was sent `sends` times.
    pub(crate) fn note(&self, sends: u32, marks: &mut Marks) {
        match self.error {
            ErrorCode::_MSG_TIMED_OUT if self.partition < 0 => marks.reach("timed out unassigned"),
            ErrorCode::_MSG_TIMED_OUT if sends == 0 => marks.reach("timed out in the queue"),
            ErrorCode::_MSG_TIMED_OUT => marks.reach("timed out in flight"),
            ErrorCode::_PURGE_QUEUE => marks.reach("purged from the queue"),
            ErrorCode::_PURGE_INFLIGHT => marks.reach("purged in flight"),
            ErrorCode::_UNKNOWN_PARTITION => marks.reach("unknown partition reported"),
            ErrorCode::_TRANSPORT | ErrorCode::REQUEST_TIMED_OUT => {
                marks.reach("retries exhausted")
            }
            ErrorCode::MSG_SIZE_TOO_LARGE | ErrorCode::UNKNOWN => marks.reach("permanent error"),
            _ => {}
        }
    }
}
