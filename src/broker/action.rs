//! Error code to action: the historical table for Produce (specification, section 10.7).
#![forbid(unsafe_code)]

use crate::error::ErrorCode;
use crate::own::msg::Status;

/// What to do after an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Action {
    /// Ask for the leader anew, then send again.
    pub(crate) refresh: bool,
    /// Send again.
    pub(crate) retry: bool,
    /// The attempt counts, if the request was written as a whole.
    pub(crate) counts: bool,
    /// The messages fail.
    pub(crate) permanent: bool,
    /// What is known of the messages; `None` leaves what was known before.
    pub(crate) status: Option<Status>,
}

impl Action {
    /// Nothing: it was no error.
    pub(crate) const NONE: Self =
        Self { refresh: false, retry: false, counts: false, permanent: false, status: None };
    /// The messages fail.
    pub(crate) const PERMANENT: Self = Self { permanent: true, ..Self::NONE };
    /// The messages are sent again, and the attempt does not count.
    pub(crate) const RETRY: Self = Self { retry: true, ..Self::NONE };

    /// Are the messages sent again?
    pub(crate) fn sends_again(self) -> bool {
        self.refresh || self.retry
    }

    /// The historical flags and their names.
    fn flags(self) -> [(bool, i32, &'static str); 6] {
        [
            (self.permanent, 0x1, "Permanent"),
            (self.refresh, 0x4, "Refresh"),
            (self.retry, 0x8, "Retry"),
            (self.status == Some(Status::NotPersisted), 0x40, "MsgNotPersisted"),
            (self.status == Some(Status::PossiblyPersisted), 0x80, "MsgPossiblyPersisted"),
            (self.status == Some(Status::Persisted), 0x100, "MsgPersisted"),
        ]
    }

    /// The historical flags.
    pub(crate) fn bits(self) -> i32 {
        self.flags().into_iter().filter(|flag| flag.0).map(|flag| flag.1).sum()
    }

    /// The names of historical flags.
    ///
    /// Historical: `rd_kafka_actions2str`.
    pub(crate) fn names_of(bits: i32) -> String {
        let named = Self::NONE.flags().into_iter().filter(|flag| bits & flag.1 != 0);
        named.map(|flag| flag.2).collect::<Vec<_>>().join(",")
    }
}

const REFRESH: u8 = 1;
const RETRY: u8 = 2;
const COUNTS: u8 = 4;
const NOT: u8 = 8;
const POSSIBLY: u8 = 16;

/// Codes that are not permanent, or whose messages may be in the log; all others are permanent and
/// not persisted.
#[rustfmt::skip]
static TABLE: &[(ErrorCode, u8)] = &[
    (ErrorCode::_TRANSPORT,                       REFRESH | COUNTS | POSSIBLY),
    (ErrorCode::_SSL,                             RETRY | COUNTS | POSSIBLY),
    (ErrorCode::_TIMED_OUT,                       RETRY | COUNTS | POSSIBLY),
    (ErrorCode::_TIMED_OUT_QUEUE,                 RETRY | NOT),
    (ErrorCode::_MSG_TIMED_OUT,                   POSSIBLY),
    (ErrorCode::_RETRY,                           RETRY | NOT),
    (ErrorCode::_DESTROY,                         POSSIBLY),
    (ErrorCode::_DESTROY_BROKER,                  REFRESH | NOT),
    (ErrorCode::_WAIT_COORD,                      REFRESH | NOT),
    (ErrorCode::_PURGE_INFLIGHT,                  POSSIBLY),
    (ErrorCode::_PURGE_QUEUE,                     NOT),
    (ErrorCode::_BAD_MSG,                         POSSIBLY),
    (ErrorCode::_UNDERFLOW,                       NOT),
    (ErrorCode::INVALID_MSG,                      RETRY | COUNTS | NOT),
    (ErrorCode::UNKNOWN_TOPIC_OR_PART,            REFRESH | NOT),
    (ErrorCode::LEADER_NOT_AVAILABLE,             REFRESH | NOT),
    (ErrorCode::NOT_LEADER_OR_FOLLOWER,           REFRESH | NOT),
    (ErrorCode::BROKER_NOT_AVAILABLE,             REFRESH | NOT),
    (ErrorCode::REPLICA_NOT_AVAILABLE,            REFRESH | NOT),
    (ErrorCode::REQUEST_TIMED_OUT,                RETRY | COUNTS | POSSIBLY),
    (ErrorCode::GROUP_LOAD_IN_PROGRESS,           RETRY | COUNTS),
    (ErrorCode::GROUP_COORDINATOR_NOT_AVAILABLE,  REFRESH | NOT),
    (ErrorCode::NOT_COORDINATOR_FOR_GROUP,        REFRESH | NOT),
    (ErrorCode::NOT_ENOUGH_REPLICAS,              RETRY | COUNTS | NOT),
    (ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, RETRY | COUNTS | POSSIBLY),
    (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,     POSSIBLY),
    (ErrorCode::DUPLICATE_SEQUENCE_NUMBER,        POSSIBLY),
    (ErrorCode::KAFKA_STORAGE_ERROR,              REFRESH | RETRY | COUNTS | NOT),
];

/// The action for a code.
///
/// Historical: `rd_kafka_err_action`.
pub(crate) fn action(code: ErrorCode) -> Action {
    let bits = TABLE.iter().find(|(listed, _)| *listed == code).map_or(NOT, |(_, bits)| *bits);
    Action {
        refresh: bits & REFRESH != 0,
        retry: bits & RETRY != 0,
        counts: bits & COUNTS != 0,
        permanent: bits & (REFRESH | RETRY) == 0,
        status: match bits & (NOT | POSSIBLY) {
            POSSIBLY => Some(Status::PossiblyPersisted),
            NOT => Some(Status::NotPersisted),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_are_permanent_and_not_persisted() {
        let unknown = action(ErrorCode(31_999));
        assert!(!unknown.sends_again());
        assert_eq!(unknown.status, Some(Status::NotPersisted));
    }

    #[test]
    fn flags_have_the_historical_bits_and_names() {
        let transport = action(ErrorCode::_TRANSPORT);
        assert_eq!(transport.bits(), 0x84);
        assert_eq!(Action::names_of(0x84), "Refresh,MsgPossiblyPersisted");
        assert_eq!(Action::names_of(Action::PERMANENT.bits()), "Permanent");
        assert_eq!(Action::names_of(0), "");
    }

    #[test]
    fn a_code_stands_in_the_table_once() {
        for (at, (code, _)) in TABLE.iter().enumerate() {
            assert!(!TABLE[at + 1..].iter().any(|(other, _)| other == code), "{code:?}");
        }
    }
}
