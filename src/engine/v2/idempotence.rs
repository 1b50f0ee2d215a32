//! The rules of an idempotent partition: sequence numbers, what an error or a success means for
//! them, and whether messages are sent again. Functions of their arguments; `outcome.rs` acts.
#![forbid(unsafe_code)]

use super::sealed::Stamp;
use crate::broker::action::{self, Action};
use crate::error::ErrorCode;
use crate::own::eos::Eos;
use crate::own::msg::Status;
use crate::proto::pid::Pid;

/// Batches of one partition that may be in flight: how many a broker remembers.
pub(super) const WINDOW: usize = 5;

/// The sequence number `seq`; after the largest comes 0.
///
/// Historical: `rd_kafka_seq_wrap`.
pub(super) fn seq_wrap(seq: i64) -> i32 {
    i32::try_from(seq & i64::from(i32::MAX)).expect("31 bits")
}

/// The next free sequence number of a partition under its producer id.
///
/// Numbers are given to batches when they are sealed, not to messages: those that expire or are
/// purged before leave no hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct NextSeq(pub(super) i32);

impl NextSeq {
    /// The numbers of a batch of `count` messages, which had `former` ones. Those of the same
    /// producer id stay: by them a broker knows the batch again.
    pub(super) fn stamp(&mut self, pid: Pid, former: Stamp, count: i32) -> Stamp {
        if !pid.is_valid() {
            return Stamp::NONE;
        }
        if former.pid == pid {
            return former;
        }
        let first_seq = self.0;
        self.0 = seq_wrap(i64::from(first_seq) + i64::from(count));
        Stamp { pid, first_seq }
    }
}

/// What the rules look at of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// Producer id of the batch.
    pub(super) pid: Pid,
    /// Its first sequence number.
    pub(super) first_seq: i32,
    /// How often its first message was sent again.
    pub(super) retries: i32,
}

/// What an error means for a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The error that is reported; none if it turned out to be a success.
    pub(super) error: ErrorCode,
    /// What is done.
    pub(super) action: Action,
    /// What is known of the messages.
    pub(super) status: Status,
    /// The batch's end is what is acknowledged next.
    pub(super) moves_ack: bool,
    /// The batch's end is what fails next.
    pub(super) moves_err: bool,
    /// Neither the batch nor a later one is in the log.
    pub(super) is_absent: bool,
}

impl Verdict {
    /// The table's row for an error.
    pub(super) fn of(error: ErrorCode) -> Self {
        let mut action = action::action(error);
        if is_unclear(error) {
            // The request was answered, but not in words that tell what became of the batch.
            action = Action { retry: true, counts: true, permanent: false, ..action };
            action.status = Some(Status::PossiblyPersisted);
        }
        let status = action.status.unwrap_or(Status::NotPersisted);
        Self { error, action, status, moves_ack: false, moves_err: true, is_absent: false }
    }

    /// Are the messages sent again although they may be in the log? They are if the broker did not
    /// answer what it got, whatever is reported of them, or if it answered that it may keep them.
    pub(super) fn leaves_doubt(&self, was_sent: bool) -> bool {
        let is_unanswered = was_sent && self.error.0 < 0;
        self.action.sends_again() && (is_unanswered || self.status == Status::PossiblyPersisted)
    }

    fn give_up(&mut self) {
        self.action = Action::PERMANENT;
        self.status = Status::PossiblyPersisted;
    }

    fn send_again(&mut self) {
        self.is_absent = true;
        self.action = Action::RETRY;
        self.status = Status::NotPersisted;
    }
}

/// Does an answer leave it open whether the batch is in the log? It broke off, or says nothing of
/// the partition.
fn is_unclear(error: ErrorCode) -> bool {
    matches!(error, ErrorCode::_BAD_MSG | ErrorCode::_UNDERFLOW)
}

/// What has to happen beside the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Also {
    /// Nothing.
    Nothing,
    /// The epoch rises, for this reason.
    Bump(&'static str),
    /// The broker and the producer disagree on what comes next.
    Desynchronized,
    /// The broker refused what it had acknowledged before.
    Rewound,
    /// The broker forgot the producer, and perhaps messages that it had.
    Forgotten,
}

/// What idempotence makes of an error. `verdict` is the table's row and may be changed.
///
/// Historical: `rd_kafka_handle_idempotent_Produce_error`.
pub(super) fn judge(verdict: &mut Verdict, batch: &Facts, eos: &Eos) -> Also {
    if batch.pid != eos.pid {
        // Nothing is known across two producer ids.
        verdict.give_up();
        return Also::Nothing;
    }
    match verdict.error {
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER => {
            let ahead = i64::from(batch.first_seq) - i64::from(eos.next_ack_seq);
            if ahead > 0 {
                // A batch before this one failed, so none of this one's messages is in the log.
                verdict.send_again();
                return Also::Bump("skipped sequence numbers");
            }
            verdict.give_up();
            verdict.moves_err = ahead == 0;
            if ahead == 0 { Also::Desynchronized } else { Also::Rewound }
        }
        ErrorCode::DUPLICATE_SEQUENCE_NUMBER => {
            verdict.error = ErrorCode::NO_ERROR;
            verdict.action = Action::NONE;
            verdict.status = Status::Persisted;
            verdict.moves_ack = true;
            Also::Nothing
        }
        ErrorCode::UNKNOWN_PRODUCER_ID => {
            if batch.first_seq > 0 && eos.next_ack_seq == 0 {
                // Nothing of this epoch is in the log: a broker that never had the first batch
                // does not know the producer of those behind it.
                verdict.send_again();
                return Also::Bump("unknown producer id");
            }
            if batch.retries == 0 && eos.next_err_seq == batch.first_seq {
                // All before it is accounted for, and this was the first attempt.
                verdict.send_again();
                return Also::Bump("unknown producer id");
            }
            verdict.give_up();
            Also::Forgotten
        }
        _ => Also::Nothing,
    }
}

/// What a success says of the batches before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acknowledged {
    /// Nothing new.
    InOrder,
    /// Messages that wait to be sent again are in the log as well.
    Implicitly,
    /// A failure was due here.
    Unexpected,
}

/// A batch was acknowledged. `next_seq` is the sequence number behind it.
///
/// Historical: `rd_kafka_handle_idempotent_Produce_success`.
pub(super) fn acknowledge(
    eos: &mut Eos,
    first_seq: i32,
    next_seq: i32,
    first_msgid: u64,
    last_msgid: u64,
) -> Acknowledged {
    let is_unexpected = first_seq != eos.next_ack_seq && first_seq == eos.next_err_seq;
    let acknowledged = if eos.acked_msgid < first_msgid.saturating_sub(1) {
        Acknowledged::Implicitly
    } else if is_unexpected {
        Acknowledged::Unexpected
    } else {
        Acknowledged::InOrder
    };
    if acknowledged == Acknowledged::Unexpected {
        eos.next_err_seq = next_seq;
    } else {
        if eos.next_err_seq == eos.next_ack_seq {
            eos.next_err_seq = next_seq;
        }
        eos.next_ack_seq = next_seq;
    }
    // Brokers answer repeated batches too: an older one takes nothing back.
    eos.acked_msgid = eos.acked_msgid.max(last_msgid);
    acknowledged
}

#[cfg(test)]
mod tests {
    use super::*;

    const PID: Pid = Pid { id: 7, epoch: 1 };

    fn eos(next_ack_seq: i32, next_err_seq: i32) -> Eos {
        Eos { pid: PID, next_ack_seq, next_err_seq, ..Eos::default() }
    }

    fn judged(error: ErrorCode, batch: Facts, eos: Eos) -> (Verdict, Also) {
        let mut verdict = Verdict::of(error);
        let also = judge(&mut verdict, &batch, &eos);
        (verdict, also)
    }

    fn batch(first_seq: i32, retries: i32) -> Facts {
        Facts { pid: PID, first_seq, retries }
    }

    #[test]
    fn batches_are_numbered_one_behind_the_other_and_keep_their_numbers() {
        let mut next = NextSeq::default();
        let first = next.stamp(PID, Stamp::NONE, 3);
        assert_eq!(first, Stamp { pid: PID, first_seq: 0 });
        assert_eq!(next.stamp(PID, Stamp::NONE, 1), Stamp { pid: PID, first_seq: 3 });
        assert_eq!(next.stamp(PID, first, 3), first, "sent again");
        assert_eq!(next.stamp(PID, Stamp::NONE, 1), Stamp { pid: PID, first_seq: 4 });
        let bumped = PID.bumped();
        let mut next = NextSeq::default();
        assert_eq!(next.stamp(bumped, first, 3), Stamp { pid: bumped, first_seq: 0 });
    }

    #[test]
    fn sequence_numbers_wrap() {
        let mut next = NextSeq(i32::MAX - 1);
        assert_eq!(next.stamp(PID, Stamp::NONE, 2).first_seq, i32::MAX - 1);
        assert_eq!(next.stamp(PID, Stamp::NONE, 7).first_seq, 0);
        assert_eq!(next.stamp(PID, Stamp::NONE, 1).first_seq, 7);
    }

    #[test]
    fn a_batch_without_a_producer_id_has_no_numbers() {
        assert_eq!(NextSeq::default().stamp(Pid::NONE, Stamp::NONE, 8), Stamp::NONE);
    }

    /// Error, first sequence number, retries, next to be acknowledged, next to fail; then what is
    /// done, the status, whether the two numbers move, and what else happens.
    #[test]
    fn each_special_error_has_its_row() {
        use ErrorCode as E;
        use Status::{NotPersisted as Not, Persisted, PossiblyPersisted as Possibly};
        let (out_of_order, unknown) = (E::OUT_OF_ORDER_SEQUENCE_NUMBER, E::UNKNOWN_PRODUCER_ID);
        let duplicate = E::DUPLICATE_SEQUENCE_NUMBER;
        let (permanent, retry, none) = (Action::PERMANENT, Action::RETRY, Action::NONE);
        let skipped = Also::Bump("skipped sequence numbers");
        let unknown_pid = Also::Bump("unknown producer id");
        #[rustfmt::skip]
        let rows = [
            (out_of_order, 5, 0, 5, 5, permanent, Possibly,  false, true,  Also::Desynchronized),
            (out_of_order, 6, 0, 5, 5, retry,     Not,       false, true,  skipped),
            (out_of_order, 4, 0, 5, 5, permanent, Possibly,  false, false, Also::Rewound),
            (out_of_order, 5, 3, 5, 9, permanent, Possibly,  false, true,  Also::Desynchronized),
            (duplicate,    5, 0, 5, 5, none,      Persisted, true,  true,  Also::Nothing),
            (duplicate,    2, 1, 5, 5, none,      Persisted, true,  true,  Also::Nothing),
            (unknown,      5, 0, 5, 5, retry,     Not,       false, true,  unknown_pid),
            (unknown,      5, 1, 5, 5, permanent, Possibly,  false, true,  Also::Forgotten),
            (unknown,      6, 0, 5, 5, permanent, Possibly,  false, true,  Also::Forgotten),
            (unknown,      6, 2, 0, 9, retry,     Not,       false, true,  unknown_pid),
            (unknown,      0, 1, 0, 0, permanent, Possibly,  false, true,  Also::Forgotten),
        ];
        for (error, first, retries, ack, err, action, status, moves_ack, moves_err, also) in rows {
            let (verdict, beside) = judged(error, batch(first, retries), eos(ack, err));
            let row = format!("{error:?} of {first} after {retries}, next {ack} and {err}");
            assert_eq!((verdict.action, verdict.status), (action, status), "{row}");
            assert_eq!((verdict.moves_ack, verdict.moves_err), (moves_ack, moves_err), "{row}");
            assert_eq!(beside, also, "{row}");
            let is_success = error == duplicate;
            assert_eq!(verdict.error, if is_success { E::NO_ERROR } else { error }, "{row}");
        }
    }

    #[test]
    fn other_errors_keep_their_row() {
        for code in [
            ErrorCode::_TRANSPORT,
            ErrorCode::_TIMED_OUT,
            ErrorCode::NOT_ENOUGH_REPLICAS,
            ErrorCode::MSG_SIZE_TOO_LARGE,
            ErrorCode::INVALID_PRODUCER_EPOCH,
        ] {
            let (verdict, also) = judged(code, batch(6, 0), eos(5, 5));
            assert_eq!((verdict, also), (Verdict::of(code), Also::Nothing));
        }
    }

    #[test]
    fn a_batch_of_another_producer_id_is_never_sent_again() {
        for code in [ErrorCode::_TRANSPORT, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER] {
            let other = Facts { pid: PID.bumped(), ..batch(6, 0) };
            let (verdict, also) = judged(code, other, eos(5, 5));
            assert_eq!(verdict.action, Action::PERMANENT);
            assert_eq!(verdict.status, Status::PossiblyPersisted);
            assert_eq!((verdict.error, also), (code, Also::Nothing));
        }
    }

    #[test]
    fn a_batch_is_in_doubt_unless_the_broker_refused_it_or_never_had_it() {
        for (code, was_sent, is_in_doubt) in [
            (ErrorCode::_TRANSPORT, true, true),
            (ErrorCode::_DESTROY_BROKER, true, true),
            (ErrorCode::_DESTROY_BROKER, false, false),
            (ErrorCode::_RETRY, false, false),
            (ErrorCode::NOT_ENOUGH_REPLICAS, true, false),
            (ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, true, true),
            (ErrorCode::REQUEST_TIMED_OUT, true, true),
            (ErrorCode::NOT_LEADER_OR_FOLLOWER, true, false),
            (ErrorCode::_BAD_MSG, true, true),
        ] {
            assert_eq!(Verdict::of(code).leaves_doubt(was_sent), is_in_doubt, "{code:?}");
        }
    }

    #[test]
    fn successes_in_order_move_both_numbers() {
        let mut it = Eos { acked_msgid: 5, ..eos(5, 5) };
        assert_eq!(acknowledge(&mut it, 5, 8, 6, 8), Acknowledged::InOrder);
        assert_eq!((it.next_ack_seq, it.next_err_seq, it.acked_msgid), (8, 8, 8));
    }

    #[test]
    fn a_failure_that_is_still_open_keeps_its_number() {
        let mut it = Eos { acked_msgid: 5, ..eos(5, 8) };
        assert_eq!(acknowledge(&mut it, 5, 8, 6, 8), Acknowledged::InOrder);
        assert_eq!((it.next_ack_seq, it.next_err_seq), (8, 8));
        assert_eq!(acknowledge(&mut it, 8, 9, 9, 9), Acknowledged::InOrder);
        assert_eq!((it.next_ack_seq, it.next_err_seq), (9, 9));
    }

    #[test]
    fn a_success_behind_a_gap_acknowledges_the_gap() {
        let mut it = Eos { acked_msgid: 5, ..eos(5, 8) };
        assert_eq!(acknowledge(&mut it, 8, 10, 9, 10), Acknowledged::Implicitly);
        assert_eq!((it.next_ack_seq, it.next_err_seq, it.acked_msgid), (10, 8, 10));
    }

    #[test]
    fn a_success_where_a_failure_is_due_is_unexpected() {
        let mut it = Eos { acked_msgid: 9, ..eos(5, 8) };
        assert_eq!(acknowledge(&mut it, 8, 10, 9, 10), Acknowledged::Unexpected);
        assert_eq!((it.next_ack_seq, it.next_err_seq, it.acked_msgid), (5, 10, 10));
    }

    #[test]
    fn an_older_success_takes_nothing_back() {
        let mut it = Eos { acked_msgid: 9, ..eos(9, 9) };
        assert_eq!(acknowledge(&mut it, 0, 3, 1, 3), Acknowledged::InOrder);
        assert_eq!(it.acked_msgid, 9);
    }
}
