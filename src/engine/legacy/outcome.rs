//! What became of a batch: delivered, sent again, or failed; the historical rules.
#![forbid(unsafe_code)]

use std::ffi::CStr;
use std::sync::Arc;

use super::explain;
use super::gate;
use super::idempotence::{self, Acknowledged, Also, Facts, Verdict, seq_wrap};
use super::request;
use super::store::{Store, take_up_to};
use crate::broker::action::Action;
use crate::broker::request::Outcome;
use crate::broker::thread::BrokerThread;
use crate::delivery::{fatal, report};
use crate::eos::drain;
use crate::error::ErrorCode;
use crate::metadata::apply;
use crate::op::{MainOp, Place};
use crate::own::eos::LastErr;
use crate::own::msg::{MsgFields, Status};
use crate::own::msgbatch::Batch;
use crate::own::msgq::MsgQueue;
use crate::own::produce_result::ProduceResult;
use crate::own::toppar::Toppar;
use crate::sys::clock::Ts;
use crate::topic::migrate;

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
///
/// Historical: `rd_kafka_msgbatch_handle_Produce_result`.
pub(super) fn settle(
    thread: &mut BrokerThread,
    batch: &mut Batch<'_>,
    error: ErrorCode,
    result: &ProduceResult,
    outcome: &Outcome<'_>,
) {
    let toppar = Arc::clone(&batch.toppar);
    let count = i32::try_from(batch.messages.len()).unwrap_or(i32::MAX);
    let next_seq = seq_wrap(i64::from(batch.ids.first_seq) + i64::from(count));
    let (error, status) = match error {
        ErrorCode::NO_ERROR => (ErrorCode::NO_ERROR, succeeded(thread, batch, next_seq)),
        error => failed(thread, batch, error, next_seq, outcome),
    };
    if !batch.messages.is_empty() {
        record_errors(result, &mut batch.messages, error);
        let messages = batch.messages.take();
        let place = Some(place(thread, result, status));
        report::report_at(&thread.handle, &toppar.topic(), messages, error, place);
    }
    gate::land(thread, &toppar, count, outcome.now);
}

/// A batch is in the log, and perhaps others with it.
fn succeeded(thread: &BrokerThread, batch: &Batch<'_>, next_seq: i32) -> Status {
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
pub(super) fn acknowledged(
    thread: &BrokerThread,
    batch: &Batch<'_>,
    next_seq: i32,
    status: Status,
) {
    let id = |message: Option<&MsgFields>| message.map_or(0, MsgFields::id);
    let (first, last) = (id(batch.messages.front()), id(batch.messages.back()));
    let mut acked = MsgQueue::new();
    let (meaning, before, last_acked) = {
        let mut shared = batch.toppar.lock();
        let before = *shared.eos();
        let meaning =
            idempotence::acknowledge(shared.eos_mut(), batch.ids.first_seq, next_seq, first, last);
        // While a batch is in flight, what came back of others is here: the transmit queue has only
        // later messages.
        if meaning == Acknowledged::Implicitly
            && let Some((_, queue)) = shared.store::<Store>()
        {
            take_up_to(queue, last, &mut acked);
        }
        (meaning, before, shared.eos().acked_msgid)
    };
    if meaning == Acknowledged::Unexpected {
        let text = explain::unexpected(thread, batch, &before);
        fatal::raise(&thread.handle, ErrorCode::_INCONSISTENT, &text);
    }
    if !acked.is_empty() {
        explain::implicitly(thread, batch, &acked, last_acked);
        thread.report(&batch.toppar, acked, ErrorCode::NO_ERROR, status);
    }
}

/// A batch failed: what is done about it, and the sequence moves on. Returns the error and the
/// status of the messages that stay in the batch.
fn failed(
    thread: &mut BrokerThread,
    batch: &mut Batch<'_>,
    error: ErrorCode,
    next_seq: i32,
    outcome: &Outcome<'_>,
) -> (ErrorCode, Status) {
    let mut verdict = Verdict::of(error);
    if error == ErrorCode::_DESTROY {
        return (error, Status::PossiblyPersisted);
    }
    handle_error(thread, batch, &mut verdict, outcome);
    if thread.handle.settings.is_idempotent {
        move_on(&batch.toppar, &verdict, next_seq);
        if verdict.action.sends_again() {
            // Before the socket takes it: what follows would only be refused.
            let toppar = Arc::clone(&batch.toppar);
            request::call_back(thread, &toppar, outcome.now);
        }
    }
    (verdict.error, verdict.status)
}

/// Sends a failed batch's messages again where that is allowed; the others stay in the batch.
///
/// Historical: `rd_kafka_handle_Produce_error`.
pub(super) fn handle_error(
    thread: &mut BrokerThread,
    batch: &mut Batch<'_>,
    verdict: &mut Verdict,
    outcome: &Outcome<'_>,
) {
    let error = verdict.error;
    let is_idempotent = thread.handle.settings.is_idempotent;
    if error == ErrorCode::_PURGE_QUEUE && outcome.was_sent {
        // Its connection was closed because of a purged request that was half written.
        verdict.status = Status::PossiblyPersisted;
    }
    if is_idempotent {
        judge(thread, batch, verdict, outcome.now);
    }
    remember(batch, verdict, outcome.now);
    let action = verdict.action;
    if action.sends_again() {
        let counts = action.counts && outcome.was_sent;
        if !counts {
            verdict.status = Status::NotPersisted;
        }
        refresh(thread, &batch.toppar, action);
        if is_idempotent {
            // What is in flight fails or succeeds first, so that it is known what came before.
            (verdict.moves_ack, verdict.moves_err) = (false, true);
            gate::wait_for_drain(thread, &batch.toppar, "drain before retrying");
        }
        send_again(thread, batch, counts, verdict.status, outcome.now);
    }
    if is_idempotent && action.permanent {
        leave_gap(thread, batch, verdict, outcome.now);
    }
    if matches!(verdict.error, ErrorCode::_TIMED_OUT | ErrorCode::_TIMED_OUT_QUEUE) {
        verdict.error = ErrorCode::_MSG_TIMED_OUT;
    }
    if error == ErrorCode::TOPIC_AUTHORIZATION_FAILED {
        // Before the messages are reported: who learns of it there gets no more accepted.
        apply::refuse(&thread.handle, &batch.toppar.topic(), error, outcome.now);
    }
}

/// What idempotence makes of an error, with the consequences for the instance. Pins the batch's
/// boundaries: it is sent again with the same messages, or not at all.
pub(super) fn judge(thread: &BrokerThread, batch: &mut Batch<'_>, verdict: &mut Verdict, now: Ts) {
    let last = batch.messages.back().map_or(0, MsgFields::id);
    let mut messages = batch.messages.iter_mut();
    let Some(first) = messages.next() else { return };
    match first.last_id_of_batch() {
        0 => {
            first.set_last_id_of_batch(last);
            // Another one may have begun a batch of which a part is gone.
            messages.for_each(|message| message.set_last_id_of_batch(0));
        }
        pinned => assert_eq!(pinned, last, "a repeated batch has the same messages"),
    }
    let retries = batch.messages.front().map_or(0, MsgFields::retries);
    let (eos, last_err) = {
        let shared = batch.toppar.lock();
        (*shared.eos(), shared.last_err())
    };
    let facts = Facts { pid: batch.ids.pid, first_seq: batch.ids.first_seq, retries };
    let also = idempotence::judge(verdict, &facts, &eos);
    if batch.ids.pid != eos.pid {
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
fn leave_gap(thread: &BrokerThread, batch: &Batch<'_>, verdict: &mut Verdict, now: Ts) {
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
fn remember(batch: &Batch<'_>, verdict: &Verdict, now: Ts) {
    let count = i32::try_from(batch.messages.len()).unwrap_or(i32::MAX);
    batch.toppar.lock().set_last_err(LastErr {
        err: verdict.error,
        actions: verdict.action.bits(),
        ts: now,
        base_msgid: batch.ids.first_msgid,
        base_seq: batch.ids.first_seq,
        last_seq: batch.ids.first_seq.wrapping_add(count).wrapping_sub(1),
    });
}

/// Moves the sequence on.
fn move_on(toppar: &Toppar, verdict: &Verdict, next_seq: i32) {
    let mut shared = toppar.lock();
    let eos = shared.eos_mut();
    if verdict.moves_ack {
        eos.next_ack_seq = next_seq;
    }
    if verdict.moves_err {
        eos.next_err_seq = next_seq;
    }
}

fn refresh(thread: &BrokerThread, toppar: &Toppar, action: Action) {
    if action.refresh && !thread.handle.is_terminating() {
        thread.handle.main.push(MainOp::LeaderUnavailable(toppar.topic()));
    }
}

/// Moves the messages that may be sent again back to their partition, all with one back-off.
///
/// Historical: `rd_kafka_toppar_retry_msgq`.
fn send_again(
    thread: &mut BrokerThread,
    batch: &mut Batch<'_>,
    counts: bool,
    status: Status,
    now: Ts,
) {
    if thread.handle.is_terminating() || thread.handle.has_fatal() {
        return;
    }
    let jitter = thread.rng.between(JITTER_PERCENT.0, JITTER_PERCENT.1);
    let settings = &thread.handle.settings;
    let mut again = MsgQueue::new();
    let mut kept = MsgQueue::new();
    let mut due = Ts::MAX;
    while let Some(mut message) = batch.messages.pop_front() {
        let retries = message.retries().saturating_add(i32::from(counts));
        if retries > settings.retries_max {
            kept.push_back(message);
            continue;
        }
        if counts {
            message.add_retry();
        }
        let wait_us =
            backoff_us(message.retries(), jitter, settings.retry_ms, settings.retry_max_ms);
        message.set_backoff(now + wait_us);
        message.set_status(status);
        due = due.min(now + wait_us);
        again.push_back(message);
    }
    batch.messages.append(&mut kept);
    if !again.is_empty() {
        migrate::give_back(&thread.handle, &batch.toppar, again, due);
    }
}

/// The pause before the next attempt, in microseconds: doubles with each counted retry, jittered,
/// capped.
fn backoff_us(retries: i32, jitter_percent: i64, first_ms: i64, most_ms: i64) -> i64 {
    let doublings = u32::try_from(retries - 1).unwrap_or(0).min(DOUBLINGS_MAX);
    let base_ms = first_ms.saturating_mul(1 << doublings);
    base_ms.saturating_mul(jitter_percent * 10).min(most_ms * 1000)
}

/// Broker, offset, time and status.
fn place(thread: &BrokerThread, result: &ProduceResult, status: Status) -> Place {
    let append_time_ms = Some(result.timestamp()).filter(|ms| *ms != -1);
    Place { broker_id: thread.broker.id(), offset: result.offset(), append_time_ms, status }
}

/// The broker's texts and the codes that follow from them (KIP-467).
///
/// Historical: `rd_kafka_msgbatch_handle_Produce_result_record_errors`.
pub(super) fn record_errors(result: &ProduceResult, messages: &mut MsgQueue, error: ErrorCode) {
    let blamed_count = result.blamed().len();
    if blamed_count == 0 {
        if let Some(text) = result.text() {
            messages.iter_mut().for_each(|message| message.set_error_text(text.to_bytes()));
        }
        return;
    }
    let mut next = result.blamed().peekable();
    for (at, message) in (0..).zip(messages.iter_mut()) {
        match next.next_if(|(index, _)| *index == at) {
            Some((_, text)) => blame(message, text, blamed_count > 1),
            None => {
                message.set_error_text(OTHERS_TEXT);
                message.set_error(ErrorCode::_INVALID_DIFFERENT_RECORD);
            }
        }
        // Quirk: one blamed record leaves the partition's code for all.
        if error.is_err() && blamed_count <= 1 {
            message.set_error(error);
        }
    }
}

fn blame(message: &mut MsgFields, text: Option<&CStr>, is_one_of_many: bool) {
    if let Some(text) = text {
        message.set_error_text(text.to_bytes());
    }
    if is_one_of_many {
        message.set_error(ErrorCode::INVALID_RECORD);
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
