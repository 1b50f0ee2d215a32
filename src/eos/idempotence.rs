//! The states of the producer id, and what leads from one to the next. Nothing here asks the clock,
//! sends or logs: the caller does what the answer says.
#![forbid(unsafe_code)]

use crate::error::ErrorCode;
use crate::own::eos::{IdempState, Idempotence};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// Milliseconds before the main thread tries again.
const RETRY_MS: i64 = 500;
/// Milliseconds before it looks after a drain.
const SOON_MS: i64 = 1;

/// Why everything in flight is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drain {
    /// Another producer id is wanted.
    Reset,
    /// The epoch is to rise.
    Bump,
}

/// What follows a drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Nobody waited for it.
    Nothing,
    /// The main thread has to look soon.
    Reset,
    /// There is a new epoch: brokers' threads may go on.
    Bumped(Pid),
}

/// What became of a broker's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquired {
    /// Nobody waits for it any more.
    Ignored,
    /// It is no producer id.
    Invalid,
    /// There is a producer id: brokers' threads may go on.
    Assigned,
}

/// What an error of the acquisition means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Try again later.
    Temporary,
    /// It is fatal, under this code.
    Fatal(ErrorCode),
}

/// Is an error fatal?
///
/// Historical: `rd_kafka_idemp_check_error`.
pub(crate) fn failure(code: ErrorCode) -> Failure {
    match code {
        ErrorCode::_UNSUPPORTED_FEATURE
        | ErrorCode::INVALID_TRANSACTION_TIMEOUT
        | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        | ErrorCode::CLUSTER_AUTHORIZATION_FAILED => Failure::Fatal(code),
        ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::PRODUCER_FENCED => {
            Failure::Fatal(ErrorCode::_FENCED)
        }
        _ => Failure::Temporary,
    }
}

impl Idempotence {
    /// Historical: `rd_kafka_idemp_set_state`.
    fn enter(&mut self, wanted: IdempState, has_fatal: bool, now: Ts) {
        let may_follow_fatal = matches!(
            wanted,
            IdempState::FatalError
                | IdempState::Term
                | IdempState::DrainReset
                | IdempState::DrainBump
        );
        let state = match has_fatal && !may_follow_fatal && wanted != self.state {
            true => IdempState::FatalError,
            false => wanted,
        };
        if self.state != state {
            self.state = state;
            self.since = now;
        }
    }

    /// A producer id is wanted from now on.
    ///
    /// Historical: `rd_kafka_idemp_init`.
    pub(crate) fn start(&mut self, now: Ts) {
        self.enter(IdempState::ReqPid, false, now);
        self.due = now.plus_ms(RETRY_MS);
    }

    /// The main thread looks. `true`: a broker is wanted that gives a producer id.
    ///
    /// Historical: `rd_kafka_idemp_pid_fsm`.
    pub(crate) fn wants_broker(&mut self, has_fatal: bool, now: Ts) -> bool {
        self.due = Ts::MAX;
        if has_fatal {
            return false;
        }
        if self.state == IdempState::ReqPid {
            self.enter(IdempState::WaitTransport, has_fatal, now);
        }
        self.state == IdempState::WaitTransport
    }

    /// There is no broker that could be asked: look again later.
    pub(crate) fn has_no_broker(&mut self, now: Ts) {
        self.due = now.plus_ms(RETRY_MS);
    }

    /// A broker is being asked.
    pub(crate) fn asked(&mut self, has_fatal: bool, now: Ts) {
        self.enter(IdempState::WaitPid, has_fatal, now);
    }

    /// A broker gave a producer id.
    ///
    /// Historical: `rd_kafka_idemp_pid_update`.
    pub(crate) fn acquired(&mut self, pid: Pid, has_fatal: bool, now: Ts) -> Acquired {
        if self.state != IdempState::WaitPid {
            return Acquired::Ignored;
        }
        if !pid.is_valid() {
            return Acquired::Invalid;
        }
        self.pid = pid;
        self.epoch_count += 1;
        self.enter(IdempState::Assigned, has_fatal, now);
        Acquired::Assigned
    }

    /// A broker gave none. `false`: nobody waits for it any more.
    ///
    /// Historical: `rd_kafka_idemp_request_pid_failed`.
    pub(crate) fn failed(&mut self, failure: Failure, has_fatal: bool, now: Ts) -> bool {
        let waits = matches!(self.state, IdempState::WaitTransport | IdempState::WaitPid);
        if waits {
            match failure {
                Failure::Fatal(_) => self.enter(IdempState::FatalError, has_fatal, now),
                Failure::Temporary => {
                    self.enter(IdempState::ReqPid, has_fatal, now);
                    self.due = now.plus_ms(RETRY_MS);
                }
            }
        }
        waits
    }

    /// Nothing more is sent until everything in flight has been answered.
    ///
    /// Historical: `rd_kafka_idemp_drain_reset`, `rd_kafka_idemp_drain_epoch_bump`.
    pub(crate) fn drain(&mut self, why: Drain, has_fatal: bool, now: Ts) {
        let state = match why {
            Drain::Reset => IdempState::DrainReset,
            Drain::Bump => IdempState::DrainBump,
        };
        if self.state != IdempState::Term {
            self.enter(state, has_fatal, now);
        }
    }

    /// Nothing is in flight.
    ///
    /// Historical: `rd_kafka_idemp_drain_done`.
    pub(crate) fn drained(&mut self, has_fatal: bool, now: Ts) -> Drained {
        match self.state {
            IdempState::DrainReset => {
                self.enter(IdempState::ReqPid, has_fatal, now);
                self.due = now.plus_ms(SOON_MS);
                Drained::Reset
            }
            IdempState::DrainBump if self.pid.is_valid() => {
                // Without a transaction no broker has to know: it learns the epoch from the next
                // batch.
                self.pid = self.pid.bumped();
                self.enter(IdempState::Assigned, has_fatal, now);
                Drained::Bumped(self.pid)
            }
            _ => Drained::Nothing,
        }
    }

    /// The instance ends.
    ///
    /// Historical: `rd_kafka_idemp_term`.
    pub(crate) fn end(&mut self, now: Ts) {
        self.enter(IdempState::Term, false, now);
        self.due = Ts::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PID: Pid = Pid { id: 7, epoch: 3 };

    fn at(ms: i64) -> Ts {
        Ts::ZERO.plus_ms(ms)
    }

    fn assigned() -> Idempotence {
        let mut it = Idempotence::NEW;
        it.start(at(0));
        assert!(it.wants_broker(false, at(500)));
        it.asked(false, at(500));
        assert_eq!(it.acquired(PID, false, at(510)), Acquired::Assigned);
        it
    }

    #[test]
    fn a_producer_id_is_asked_for_after_half_a_second_and_then_usable() {
        let mut it = Idempotence::NEW;
        it.start(at(0));
        assert_eq!((it.state, it.due), (IdempState::ReqPid, at(500)));
        assert!(it.wants_broker(false, at(500)));
        assert_eq!((it.state, it.due), (IdempState::WaitTransport, Ts::MAX));
        it.has_no_broker(at(500));
        assert_eq!((it.state, it.due), (IdempState::WaitTransport, at(1000)));
        it.asked(false, at(1000));
        assert_eq!((it.state, it.usable_pid()), (IdempState::WaitPid, None));
        assert!(!it.wants_broker(false, at(1001)), "one request at a time");
        assert_eq!(it.acquired(PID, false, at(1002)), Acquired::Assigned);
        assert_eq!((it.usable_pid(), it.epoch_count, it.since), (Some(PID), 1, at(1002)));
    }

    #[test]
    fn a_failed_request_is_repeated_after_half_a_second() {
        let mut it = Idempotence::NEW;
        it.start(at(0));
        it.wants_broker(false, at(1));
        it.asked(false, at(1));
        assert!(it.failed(failure(ErrorCode::_TRANSPORT), false, at(10)));
        assert_eq!((it.state, it.due), (IdempState::ReqPid, at(510)));
        assert_eq!(it.acquired(PID, false, at(11)), Acquired::Ignored, "a late answer");
    }

    #[test]
    fn an_answer_without_a_producer_id_is_refused() {
        let mut it = Idempotence::NEW;
        it.start(at(0));
        it.wants_broker(false, at(1));
        it.asked(false, at(1));
        assert_eq!(it.acquired(Pid::NONE, false, at(2)), Acquired::Invalid);
        assert_eq!(it.state, IdempState::WaitPid);
    }

    #[test]
    fn six_codes_are_fatal_and_two_of_them_mean_fenced() {
        for code in [
            ErrorCode::_UNSUPPORTED_FEATURE,
            ErrorCode::INVALID_TRANSACTION_TIMEOUT,
            ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            ErrorCode::CLUSTER_AUTHORIZATION_FAILED,
        ] {
            assert_eq!(failure(code), Failure::Fatal(code));
        }
        for code in [ErrorCode::INVALID_PRODUCER_EPOCH, ErrorCode::PRODUCER_FENCED] {
            assert_eq!(failure(code), Failure::Fatal(ErrorCode::_FENCED));
        }
        for code in [ErrorCode::_TRANSPORT, ErrorCode::_BAD_MSG, ErrorCode::GROUP_LOAD_IN_PROGRESS]
        {
            assert_eq!(failure(code), Failure::Temporary);
        }
    }

    #[test]
    fn a_bump_raises_the_epoch_once_everything_is_answered() {
        let mut it = assigned();
        it.drain(Drain::Bump, false, at(600));
        assert_eq!((it.state, it.usable_pid()), (IdempState::DrainBump, None));
        it.drain(Drain::Bump, false, at(601));
        assert_eq!(it.drained(false, at(700)), Drained::Bumped(PID.bumped()));
        assert_eq!((it.usable_pid(), it.epoch_count), (Some(PID.bumped()), 1));
        assert_eq!(it.drained(false, at(701)), Drained::Nothing, "once");
    }

    #[test]
    fn a_reset_asks_for_another_producer_id() {
        let mut it = assigned();
        it.drain(Drain::Reset, false, at(600));
        assert_eq!(it.drained(false, at(700)), Drained::Reset);
        assert_eq!((it.state, it.due), (IdempState::ReqPid, at(701)));
    }

    #[test]
    fn after_a_fatal_error_nothing_is_usable_again() {
        let mut it = assigned();
        it.drain(Drain::Bump, true, at(600));
        assert_eq!(it.state, IdempState::DrainBump);
        it.drained(true, at(700));
        assert_eq!((it.state, it.usable_pid()), (IdempState::FatalError, None));
        assert!(!it.wants_broker(true, at(800)));
        let mut it = assigned();
        it.drain(Drain::Reset, true, at(600));
        it.drained(true, at(700));
        assert_eq!(it.state, IdempState::FatalError);
    }

    #[test]
    fn an_ended_instance_takes_no_answer_and_starts_no_drain() {
        let mut it = assigned();
        it.end(at(600));
        it.drain(Drain::Bump, false, at(601));
        assert_eq!((it.state, it.usable_pid()), (IdempState::Term, None));
        assert_eq!(it.acquired(PID, false, at(602)), Acquired::Ignored);
    }
}
