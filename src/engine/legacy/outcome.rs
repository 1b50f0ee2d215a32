//! What became of a batch: delivered, sent again, or failed; the historical rules.
#![forbid(unsafe_code)]

use std::sync::atomic::Ordering;

use super::request::Batch;
use super::response::BatchResult;
use crate::broker::action::{self, Action};
use crate::broker::request::Outcome;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::op::MainOp;
use crate::own::msg::{MsgFields, Status};
use crate::own::msgq::MsgQueue;
use crate::own::toppar::Toppar;
use crate::proto::produce::{PartitionResult, RecordError};
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
    mut batch: Batch,
    result: &BatchResult,
    outcome: &Outcome<'_>,
) {
    let count = i32::try_from(batch.messages.len()).unwrap_or(i32::MAX);
    let before = batch.toppar.in_flight.fetch_sub(count, Ordering::AcqRel);
    assert!(before >= count, "{before} messages in flight, {count} answered");
    let mut error = result.error;
    let mut status = Status::PossiblyPersisted;
    if error.is_ok() {
        if batch.toppar.topic().settings.acks != 0 {
            status = Status::Persisted;
        }
    } else {
        (error, status) = failed(thread, &mut batch, error, outcome);
    }
    if batch.messages.is_empty() {
        return;
    }
    describe(thread, &mut batch.messages, result, status);
    if let Some(partition) = &result.partition {
        record_errors(partition, &mut batch.messages, error);
    }
    let topic = batch.toppar.topic();
    crate::delivery::report::report(&thread.handle, &topic, batch.messages, error);
}

/// Sends a failed batch's messages again where that is allowed; the others stay in the batch.
/// Returns their error and status.
///
/// Historical: `rd_kafka_handle_Produce_error`.
fn failed(
    thread: &mut BrokerThread,
    batch: &mut Batch,
    error: ErrorCode,
    outcome: &Outcome<'_>,
) -> (ErrorCode, Status) {
    if error == ErrorCode::_DESTROY {
        return (error, Status::PossiblyPersisted);
    }
    let action = action::action(error);
    let mut status = action.status.unwrap_or(Status::NotPersisted);
    if error == ErrorCode::_PURGE_QUEUE && outcome.was_sent {
        // Its connection was closed because of a purged request that was half written.
        status = Status::PossiblyPersisted;
    }
    if action.sends_again() {
        let counts = action.counts && outcome.was_sent;
        if !counts {
            status = Status::NotPersisted;
        }
        refresh(thread, &batch.toppar, action);
        send_again(thread, batch, counts, status, outcome.now);
    }
    let reported = match error {
        ErrorCode::_TIMED_OUT | ErrorCode::_TIMED_OUT_QUEUE => ErrorCode::_MSG_TIMED_OUT,
        other => other,
    };
    if error == ErrorCode::TOPIC_AUTHORIZATION_FAILED {
        thread.handle.main.push(MainOp::TopicFailed(batch.toppar.topic(), error));
    }
    (reported, status)
}

fn refresh(thread: &BrokerThread, toppar: &Toppar, action: Action) {
    if action.refresh && !thread.handle.is_terminating() {
        thread.handle.main.push(MainOp::LeaderUnavailable(toppar.topic()));
    }
}

/// Moves the messages that may be sent again back to their partition, all with one back-off.
///
/// Historical: `rd_kafka_toppar_retry_msgq`.
fn send_again(thread: &mut BrokerThread, batch: &mut Batch, counts: bool, status: Status, now: Ts) {
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
    batch.messages = kept;
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

/// Offset, broker, time and status of each message.
fn describe(thread: &BrokerThread, messages: &mut MsgQueue, result: &BatchResult, status: Status) {
    let broker_id = thread.broker.id();
    let mut offset = result.offset;
    for message in messages.iter_mut() {
        message.set_broker_id(broker_id);
        message.set_offset(offset);
        // Quirk: offsets count up from -1 or -1001 too.
        offset = offset.wrapping_add(1);
        if result.timestamp != -1 {
            message.set_log_append_time(result.timestamp);
        }
        message.set_status(status);
    }
}

/// The broker's texts and the codes that follow from them (KIP-467).
///
/// Historical: `rd_kafka_msgbatch_handle_Produce_result_record_errors`.
fn record_errors(partition: &PartitionResult, messages: &mut MsgQueue, error: ErrorCode) {
    let blamed = &partition.record_errors;
    if blamed.is_empty() {
        if let Some(text) = &partition.error_text {
            messages.iter_mut().for_each(|message| message.set_error_text(text));
        }
        return;
    }
    let mut next = blamed.iter().peekable();
    for (at, message) in messages.iter_mut().enumerate() {
        let is_blamed =
            next.peek().is_some_and(|record| usize::try_from(record.index).is_ok_and(|i| i == at));
        match next.next_if(|_| is_blamed) {
            Some(record) => blame(message, record, blamed.len() > 1),
            None => {
                message.set_error_text(OTHERS_TEXT);
                message.set_error(ErrorCode::_INVALID_DIFFERENT_RECORD);
            }
        }
        // Quirk: one blamed record leaves the partition's code for all.
        if error.is_err() && blamed.len() <= 1 {
            message.set_error(error);
        }
    }
}

fn blame(message: &mut MsgFields, record: &RecordError, is_one_of_many: bool) {
    if let Some(text) = &record.text {
        message.set_error_text(text);
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
