//! The answer to a Produce request: parse it, match it to its batch.
#![forbid(unsafe_code)]

use super::outcome;
use super::request::Batch;
use crate::broker::request::Outcome;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::context;
use crate::op::{MainOp, Op};
use crate::own::msg::OFFSET_INVALID;
use crate::proto::messages::BrokerEndpoint;
use crate::proto::produce::{PartitionResult, Response, read_response};
use crate::proto::wire::Read;

/// What a broker said of a batch.
pub(super) struct BatchResult {
    /// The error.
    pub(super) error: ErrorCode,
    /// Offset of the first message.
    pub(super) offset: i64,
    /// The log's append time; -1 if messages keep theirs.
    pub(super) timestamp: i64,
    /// The whole partition's part of the answer, if there was one.
    pub(super) partition: Option<PartitionResult>,
}

/// Handles the outcome of a request with one batch.
///
/// Historical: `rd_kafka_handle_Produce`.
pub(super) fn handle(thread: &mut BrokerThread, batch: Batch, outcome: &Outcome<'_>) {
    let mut result = BatchResult {
        error: ErrorCode::NO_ERROR,
        offset: OFFSET_INVALID,
        timestamp: -1,
        partition: None,
    };
    match outcome.result {
        Err(code) => result.error = code,
        // Acks 0: written is all that is known.
        Ok(_) if !outcome.has_response => {}
        Ok(body) => parse(thread, &batch, body, outcome.version, &mut result),
    }
    tell(thread, &batch, result.error);
    outcome::settle(thread, batch, &result, outcome);
}

/// The debug line of a batch's outcome.
fn tell(thread: &BrokerThread, batch: &Batch, error: ErrorCode) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let (topic, count) = (batch.toppar.topic(), batch.messages.len());
    let name = topic.display_name();
    let partition = batch.toppar.partition();
    let set = format_args!("{name} [{partition}]: MessageSet with {count} message(s)");
    match error {
        ErrorCode::NO_ERROR => {
            thread.debug(context::MSG, "MSGSET", format_args!("{set} delivered"));
        }
        error => {
            thread.debug(context::MSG, "MSGSET", format_args!("{set} encountered error: {error}"));
        }
    }
}

/// Historical: `rd_kafka_handle_Produce_parse`.
fn parse(
    thread: &mut BrokerThread,
    batch: &Batch,
    body: &[u8],
    version: i16,
    result: &mut BatchResult,
) {
    let mut response = match read_response(&mut Read::new(body), version) {
        Ok(response) => response,
        Err(error) => {
            result.error = error.code();
            return;
        }
    };
    throttled(thread, response.throttle_ms);
    // Quirk: which topic and partition the answer names is not compared with the request.
    let is_single = response.partitions.len() == 1;
    let Some(partition) = response.partitions.pop().filter(|_| is_single) else {
        result.error = ErrorCode::_BAD_MSG;
        return;
    };
    hint(thread, batch, &partition, &response);
    result.error = ErrorCode(i32::from(partition.error));
    result.offset = partition.base_offset;
    result.timestamp = partition.log_append_time;
    result.partition = Some(partition);
}

/// Tells the application of throttling, and once of its end.
fn throttled(thread: &mut BrokerThread, throttle_ms: i32) {
    let throttle_ms = throttle_ms.max(0);
    let before = std::mem::replace(&mut thread.throttle_ms, throttle_ms);
    if thread.handle.has_stats && throttle_ms > 0 {
        thread.broker.windows().throttle.add(i64::from(throttle_ms));
    }
    if thread.handle.conf.throttle_cb.is_none() || (throttle_ms == 0 && before == 0) {
        return;
    }
    thread.handle.reply_queue.push(Op::Throttle {
        broker_name: thread.broker.names().address,
        broker_id: thread.broker.id(),
        throttle_ms,
    });
}

/// Passes on the new leader that the answer names (KIP-951).
fn hint(thread: &BrokerThread, batch: &Batch, partition: &PartitionResult, response: &Response) {
    let Some((leader_id, leader_epoch)) = partition.current_leader else { return };
    let endpoints = response
        .endpoints
        .iter()
        .map(|node| BrokerEndpoint { id: node.id, host: node.host.clone(), port: node.port })
        .collect();
    thread.handle.main.push(MainOp::LeaderHint {
        topic: batch.toppar.topic(),
        partition: batch.toppar.partition(),
        leader_id,
        leader_epoch,
        endpoints,
    });
}
