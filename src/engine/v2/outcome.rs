//! What became of a batch: delivered, sent again as it is, or failed.
#![forbid(unsafe_code)]

use std::ffi::CStr;

use super::context::Part;
use super::explain;
use super::gate;
use super::idempotence::{self, Acknowledged, Also, Facts, Verdict, seq_wrap};
use super::sealed::Sealed;
use super::store::Store;
use crate::broker::action::Action;
use crate::broker::request::Outcome;
use crate::broker::thread::BrokerThread;
use crate::delivery::fatal;
use crate::delivery::report::report_batch;
use crate::eos::drain;
use crate::error::ErrorCode;
use crate::metadata::apply;
use crate::op::MainOp;
use crate::own::arena::Batch;
use crate::own::eos::LastErr;
use crate::own::msg::Status;
use crate::own::produce_result::ProduceResult;
use crate::own::reported::{Known, Remark, Remarks, Reported};
use crate::own::toppar::Toppar;
use crate::sys::clock::Ts;

/// Jitter of retry back-offs, in percent of the back-off.
const JITTER_PERCENT: (i64, i64) = (80, 120);
/// Back-offs double at most this often before the cap is taken, so that the shift cannot overflow.
const DOUBLINGS_MAX: u32 = 34;
/// The text for messages that share a batch with rejected ones. Quirk: the doubled word is
/// history's.
const OTHERS_TEXT: &[u8] =
    b"Failed to append record because it was part of a batch which had one more \
      more invalid records";

/// Settles a batch.
pub(super) fn settle(
    thread: &mut BrokerThread,
    mut part: Part,
    result: &ProduceResult,
    outcome: &Outcome<'_>,
) {
    let (count, error, now) = (part.sealed.count(), result.error(), outcome.now);
    if error == ErrorCode::_RETRY && !outcome.was_sent {
        // Called back: nobody knows of this attempt.
        gate::land(thread, &part.toppar, count, Some(part.sealed), now);
        return;
    }
    let next_seq = seq_wrap(i64::from(part.sealed.stamp.first_seq) + i64::from(count));
    let fate = match error {
        ErrorCode::NO_ERROR => Fate::Over(error, succeeded(thread, &part, next_seq)),
        error => failed(thread, &mut part, error, next_seq, outcome),
    };
    let Part { toppar, mut sealed } = part;
    let Fate::Over(error, status) = fate else {
        return gate::land(thread, &toppar, count, Some(sealed), now);
    };
    sealed.batch.set_status(status);
    let remarks = remarks(result, sealed.batch.len(), error);
    report(thread, &toppar, sealed.batch, &answered(thread, result, error), remarks);
    gate::land(thread, &toppar, count, None, now);
}

/// What becomes of a batch.
enum Fate {
    /// It is reported, with this error and status.
    Over(ErrorCode, Status),
    /// It is sent again.
    Again,
}

/// A batch is in the log, and perhaps others with it.
fn succeeded(thread: &BrokerThread, batch: &Part, next_seq: i32) -> Status {
    let status = match batch.toppar.topic().settings.acks {
        0 => Status::PossiblyPersisted,
        _ => Status::Persisted,
    };
    if thread.handle.settings.is_idempotent {
        acknowledged(thread, batch, next_seq, status);
    }
    status
}

/// Moves the sequence on. A success behind a batch that waits to be sent again shows that this one
/// is in the log too: its messages are reported first.
fn acknowledged(thread: &BrokerThread, batch: &Part, next_seq: i32, status: Status) {
    let (first, last) = (batch.sealed.first_id(), batch.sealed.last_id());
    let mut acked = Vec::new();
    let (meaning, before, last_acked) = {
        let mut shared = batch.toppar.lock();
        let before = *shared.eos();
        let meaning = idempotence::acknowledge(
            shared.eos_mut(),
            batch.sealed.stamp.first_seq,
            next_seq,
            first,
            last,
        );
        if meaning == Acknowledged::Implicitly
            && let Some((store, _)) = shared.store::<Store>()
        {
            store.take_up_to(last, &mut acked);
        }
        (meaning, before, shared.eos().acked_msgid)
    };
    if meaning == Acknowledged::Unexpected {
        let text = explain::unexpected(thread, batch, &before);
        fatal::raise(&thread.handle, ErrorCode::_INCONSISTENT, &text);
    }
    if !acked.is_empty() {
        explain::implicitly(thread, batch, &acked, last_acked);
        for mut earlier in acked {
            earlier.set_status(status);
            let known = Known::local(ErrorCode::NO_ERROR, status);
            report(thread, &batch.toppar, earlier, &known, Remarks::None);
        }
    }
}

/// Sends a failed batch again where that is allowed, or says how it ends.
///
/// Historical: `rd_kafka_handle_Produce_error`.
fn failed(
    thread: &mut BrokerThread,
    batch: &mut Part,
    error: ErrorCode,
    next_seq: i32,
    outcome: &Outcome<'_>,
) -> Fate {
    if error == ErrorCode::_DESTROY {
        return Fate::Over(error, Status::PossiblyPersisted);
    }
    let is_idempotent = thread.handle.settings.is_idempotent;
    let mut verdict = Verdict::of(error);
    // "Unknown", -1, is a broker's word.
    let is_unanswered = outcome.was_sent && error.0 < ErrorCode::UNKNOWN.0;
    if is_unanswered {
        // Whatever ended it: the broker has it, perhaps, and nobody knows what it did.
        verdict.status = Status::PossiblyPersisted;
    }
    if is_idempotent {
        judge(thread, batch, &mut verdict, outcome.now);
    }
    remember(batch, &verdict, outcome.now);
    let action = verdict.action;
    let mut is_again = false;
    if action.sends_again() {
        let counts = action.counts && outcome.was_sent;
        if !counts && !is_unanswered {
            verdict.status = Status::NotPersisted;
        }
        refresh(thread, &batch.toppar, action);
        if is_idempotent {
            // What is in flight fails or succeeds first, so that it is known what came before.
            (verdict.moves_ack, verdict.moves_err) = (false, true);
            gate::wait_for_drain(thread, &batch.toppar, "drain before retrying");
        }
        is_again = send_again(thread, &mut batch.sealed, counts, verdict.status, outcome.now);
    }
    if is_idempotent {
        if action.permanent {
            leave_gap(thread, batch, &mut verdict, outcome.now);
        }
        move_on(batch, &verdict, next_seq, outcome.was_sent);
    }
    if is_again {
        return Fate::Again;
    }
    let reported = match verdict.error {
        ErrorCode::_TIMED_OUT | ErrorCode::_TIMED_OUT_QUEUE => ErrorCode::_MSG_TIMED_OUT,
        other => other,
    };
    if error == ErrorCode::TOPIC_AUTHORIZATION_FAILED {
        // Before the messages are reported: who learns of it there gets no more accepted.
        apply::refuse(&thread.handle, &batch.toppar.topic(), error, outcome.now);
    }
    Fate::Over(reported, verdict.status)
}

/// What idempotence makes of an error, with the consequences for the instance.
fn judge(thread: &BrokerThread, batch: &Part, verdict: &mut Verdict, now: Ts) {
    let (eos, last_err) = {
        let shared = batch.toppar.lock();
        (*shared.eos(), shared.last_err())
    };
    let (stamp, retries) = (batch.sealed.stamp, batch.sealed.retries);
    let facts = Facts { pid: stamp.pid, first_seq: stamp.first_seq, retries };
    let also = idempotence::judge(verdict, &facts, &eos);
    if stamp.pid != eos.pid {
        explain::other_pid(thread, batch, &eos, verdict.error);
    }
    match also {
        Also::Nothing => {}
        Also::Bump(reason) => {
            explain::bump(thread, batch, reason, &eos, &last_err, now);
            drain::epoch_bump(&thread.handle, &thread.name, format_args!("{reason}"), now);
        }
        fatal_one => {
            let text = explain::fatal(thread, batch, fatal_one, retries, &eos, &last_err, now);
            fatal::raise(&thread.handle, verdict.error, &text);
        }
    }
}

/// A batch fails for good and leaves a gap in the sequence: the epoch rises, unless gaps are fatal.
fn leave_gap(thread: &BrokerThread, batch: &Part, verdict: &mut Verdict, now: Ts) {
    let (handle, name) = (&thread.handle, &thread.name);
    if handle.settings.is_gapless {
        let text = explain::gap(thread, batch, verdict.error);
        fatal::raise(handle, ErrorCode::_GAPLESS_GUARANTEE, &text);
        drain::reset(handle, name, format_args!("unable to satisfy gap-less guarantee"), now);
    } else {
        drain::epoch_bump(handle, name, format_args!("message sequence gap"), now);
    }
    (verdict.moves_ack, verdict.moves_err) = (false, true);
}

/// The error explains the next one.
fn remember(batch: &Part, verdict: &Verdict, now: Ts) {
    let (count, stamp) = (batch.sealed.count(), batch.sealed.stamp);
    batch.toppar.lock().set_last_err(LastErr {
        err: verdict.error,
        actions: verdict.action.bits(),
        ts: now,
        base_msgid: batch.sealed.first_id(),
        base_seq: stamp.first_seq,
        last_seq: stamp.first_seq.wrapping_add(count).wrapping_sub(1),
    });
}

/// Moves the sequence on, and remembers up to where the log is not known.
fn move_on(batch: &Part, verdict: &Verdict, next_seq: i32, was_sent: bool) {
    let (first, last) = (batch.sealed.first_id(), batch.sealed.last_id());
    let mut shared = batch.toppar.lock();
    let eos = shared.eos_mut();
    if verdict.moves_ack {
        eos.next_ack_seq = next_seq;
    }
    if verdict.moves_err {
        eos.next_err_seq = next_seq;
    }
    let Some((store, _)) = shared.store::<Store>() else { return };
    if verdict.is_absent {
        store.unresolved_to = store.unresolved_to.min(first.saturating_sub(1));
    } else if verdict.leaves_doubt(was_sent) {
        store.unresolved_to = store.unresolved_to.max(last);
    }
}

fn refresh(thread: &BrokerThread, toppar: &Toppar, action: Action) {
    if action.refresh && !thread.handle.is_terminating() {
        thread.handle.main.push(MainOp::LeaderUnavailable(toppar.topic()));
    }
}

/// Prepares a batch to be sent again, if it may.
fn send_again(
    thread: &mut BrokerThread,
    sealed: &mut Sealed,
    counts: bool,
    status: Status,
    now: Ts,
) -> bool {
    let handle = &thread.handle;
    let retries = sealed.retries.saturating_add(i32::from(counts));
    if handle.is_terminating() || handle.has_fatal() || retries > handle.settings.retries_max {
        return false;
    }
    let jitter = thread.rng.between(JITTER_PERCENT.0, JITTER_PERCENT.1);
    let settings = &thread.handle.settings;
    sealed.retries = retries;
    sealed.backoff = now + backoff_us(retries, jitter, settings.retry_ms, settings.retry_max_ms);
    sealed.batch.set_status(status);
    true
}

/// The pause before the next attempt, in microseconds: doubles with each counted retry, jittered,
/// capped.
fn backoff_us(retries: i32, jitter_percent: i64, first_ms: i64, most_ms: i64) -> i64 {
    let doublings = u32::try_from(retries - 1).unwrap_or(0).min(DOUBLINGS_MAX);
    let base_ms = first_ms.saturating_mul(1 << doublings);
    base_ms.saturating_mul(jitter_percent * 10).min(most_ms * 1000)
}

/// Reports a batch; what was known of its messages before stays.
fn report(thread: &BrokerThread, toppar: &Toppar, batch: Batch, known: &Known, remarks: Remarks) {
    let known = Known { status: batch.status(), ..*known };
    report_batch(&thread.handle, Reported::new(batch, toppar, known, remarks));
}

/// Offset, broker and time of a batch.
fn answered(thread: &BrokerThread, result: &ProduceResult, error: ErrorCode) -> Known {
    Known {
        broker_id: thread.broker.id(),
        offset: Some(result.offset()),
        append_time_ms: result.timestamp(),
        ..Known::local(error, Status::NotPersisted)
    }
}

/// The broker's texts and the codes that follow from them (KIP-467).
///
/// Historical: `rd_kafka_msgbatch_handle_Produce_result_record_errors`.
fn remarks(result: &ProduceResult, count: usize, error: ErrorCode) -> Remarks {
    let blamed_count = result.blamed().len();
    if blamed_count == 0 {
        let text = result.text().map(|text| text.to_bytes().to_vec());
        return text.map_or(Remarks::None, Remarks::Text);
    }
    let mut next = result.blamed().peekable();
    let each = (0..i64::try_from(count).unwrap_or(i64::MAX)).map(|at| {
        let mut remark = match next.next_if(|(index, _)| *index == at) {
            Some((_, text)) => blame(text, blamed_count > 1),
            None => Remark {
                error: Some(ErrorCode::_INVALID_DIFFERENT_RECORD),
                text: Some(OTHERS_TEXT.to_vec()),
            },
        };
        // Quirk: one blamed record leaves the partition's code for all.
        if error.is_err() && blamed_count <= 1 {
            remark.error = Some(error);
        }
        remark
    });
    Remarks::Each(each.collect())
}

fn blame(text: Option<&CStr>, is_one_of_many: bool) -> Remark {
    Remark {
        error: is_one_of_many.then_some(ErrorCode::INVALID_RECORD),
        text: text.map(|text| text.to_bytes().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoffs_double_and_are_capped_without_overflow() {
        for (retries, low, high) in [
            (0, 80_000, 120_000),
            (1, 80_000, 120_000),
            (2, 160_000, 240_000),
            (4, 640_000, 960_000),
            (5, 1_000_000, 1_000_000),
            (1000, 1_000_000, 1_000_000),
        ] {
            assert_eq!(backoff_us(retries, 80, 100, 1000), low, "{retries} retries");
            assert_eq!(backoff_us(retries, 120, 100, 1000), high, "{retries} retries");
        }
        assert_eq!(backoff_us(i32::MAX, 120, 300_000, 300_000), 300_000_000);
    }
}
