//! The answer to a Produce request: parse it, and match each part to its batch.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::outcome;
use crate::broker::request::{Outcome, Request};
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::context;
use crate::op::{MainOp, Op};
use crate::own::msg::OFFSET_INVALID;
use crate::own::msgbatch::Batch;
use crate::own::produce_result::ProduceResult;
use crate::own::reply_tags::{self, ReplyTags};
use crate::own::toppar::Toppar;
use crate::proto::messages::BrokerEndpoint;
use crate::proto::produce::{
    NodeEndpoint, PartitionView, ResponseTail, has_one_partition, visit_response,
};
use crate::proto::wire::Read;

/// First version whose hints at a new leader are followed (KIP-951).
const HINTS_SINCE: i16 = 10;

/// Handles the outcome of a request with a batch of its own.
///
/// Historical: `rd_kafka_handle_Produce`.
pub(super) fn handle(thread: &mut BrokerThread, request: &mut Request, outcome: &Outcome<'_>) {
    let Some(mut batch) = request.batch() else { return };
    let mut result = ProduceResult::new(OFFSET_INVALID, -1);
    let error = match outcome.result {
        Err(code) => code,
        // Acks 0: written is all that is known.
        Ok(_) if !outcome.has_response => ErrorCode::NO_ERROR,
        Ok(body) => {
            let toppars = [Arc::clone(&batch.toppar)];
            let results = std::slice::from_mut(&mut result);
            match parse(thread, &toppars, body, outcome.version, results, Matching::Alone) {
                Ok(()) => result.error(),
                Err(code) => code,
            }
        }
    };
    tell(thread, &batch, error);
    outcome::settle(thread, &mut batch, error, &result, outcome);
}

/// Handles the outcome of a request of many partitions: each is settled for itself.
///
/// Historical: `rd_kafka_handle_MultiBatchProduce`.
pub(super) fn handle_many(thread: &mut BrokerThread, request: &mut Request, outcome: &Outcome<'_>) {
    let toppars: Vec<_> = request.batches().map(|batch| Arc::clone(&batch.toppar)).collect();
    let mut results: Vec<_> =
        toppars.iter().map(|_| ProduceResult::new(OFFSET_INVALID, -1)).collect();
    let overall = match outcome.result {
        Err(code) => code,
        Ok(_) if !outcome.has_response => ErrorCode::NO_ERROR,
        Ok(body) => parse(thread, &toppars, body, outcome.version, &mut results, Matching::ByName)
            .err()
            .unwrap_or(ErrorCode::NO_ERROR),
    };
    for (mut batch, result) in request.batches().zip(results) {
        let error = if overall.is_err() { overall } else { result.error() };
        tell(thread, &batch, error);
        outcome::settle(thread, &mut batch, error, &result, outcome);
    }
}

/// The debug line of a batch's outcome.
fn tell(thread: &BrokerThread, batch: &Batch<'_>, error: ErrorCode) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let (topic, count) = (batch.toppar.topic(), batch.messages.len());
    let name = topic.display_name();
    let partition = batch.toppar.partition();
    let (first, sequence) = (batch.ids.first_msgid, batch.ids.first_seq);
    let set = format_args!(
        "{name} [{partition}]: MessageSet with {count} message(s) (MsgId {first}, BaseSeq \
         {sequence})"
    );
    match error {
        ErrorCode::NO_ERROR => {
            thread.debug(context::MSG, "MSGSET", format_args!("{set} delivered"));
        }
        error => {
            thread.debug(context::MSG, "MSGSET", format_args!("{set} encountered error: {error}"));
        }
    }
}

/// How the parts of an answer find their batches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Matching {
    /// There is one of each. Quirk: which topic and partition the answer names is not compared with
    /// the request.
    Alone,
    /// By topic and partition, in any order.
    ByName,
}

/// Reads an answer into the results of the batches, which are those of `toppars`.
///
/// # Errors
/// An answer that is damaged or does not fit the request. What was read before stays in the
/// results.
///
/// Historical: `rd_kafka_handle_Produce_parse`.
pub(super) fn parse(
    thread: &mut BrokerThread,
    toppars: &[Arc<Toppar>],
    body: &[u8],
    version: i16,
    results: &mut [ProduceResult],
    matching: Matching,
) -> Result<(), ErrorCode> {
    // Quirk: an answer for one batch that has other counts is refused before anything in it counts,
    // and whatever follows.
    let is_alone = matching == Matching::Alone;
    if is_alone && !has_one_partition(Read::new(body), version).map_err(|error| error.code())? {
        return Err(ErrorCode::_BAD_MSG);
    }
    let mut seen = 0;
    let mut is_foreign = false;
    let mut leaders = Vec::new();
    let tail = visit_response(&mut Read::new(body), version, |view| {
        let at = match matching {
            Matching::Alone => Some(0),
            Matching::ByName => find(toppars, seen, view.topic, view.partition),
        };
        seen += 1;
        if matching == Matching::Alone && seen > 1 {
            // History looks at the counts first and reads nothing of such an answer.
            results[0] = ProduceResult::new(OFFSET_INVALID, -1);
            is_foreign = true;
        }
        let Some(at) = at.filter(|_| !is_foreign) else {
            is_foreign = true;
            return;
        };
        fill(&mut results[at], &view);
        if let Some(leader) = view.current_leader.filter(|_| version >= HINTS_SINCE) {
            leaders.push((at, leader));
        }
    })
    .map_err(|error| if is_foreign { ErrorCode::_BAD_MSG } else { error.code() })?;
    if is_foreign || (matching == Matching::Alone && seen == 0) {
        return Err(ErrorCode::_BAD_MSG);
    }
    throttled(thread, tail.throttle_ms);
    // Quirk: a partition that is named twice hides that another is missing.
    if seen != toppars.len() {
        return Err(ErrorCode::_BAD_MSG);
    }
    if !leaders.is_empty() {
        hint(thread, toppars, &leaders, tail);
    }
    Ok(())
}

/// The batch of a part of an answer. Answers mostly come in the order of the request, so that the
/// search begins where the last one ended.
///
/// Historical: `rd_kafka_find_msgbatch`.
pub(super) fn find(
    toppars: &[Arc<Toppar>],
    expected: usize,
    topic: &[u8],
    partition: i32,
) -> Option<usize> {
    let is_it = |toppar: &Arc<Toppar>| {
        toppar.partition() == partition && toppar.topic().name().to_bytes() == topic
    };
    if toppars.get(expected).is_some_and(is_it) {
        return Some(expected);
    }
    toppars.iter().position(is_it)
}

fn fill(result: &mut ProduceResult, view: &PartitionView<'_>) {
    if result.text().is_some() || result.blamed().len() > 0 {
        // The partition is named twice: the last word counts, alone.
        *result = ProduceResult::new(OFFSET_INVALID, -1);
    }
    result.set_error(ErrorCode(i32::from(view.error)));
    result.set_place(view.base_offset, view.log_append_time);
    if let Some(text) = view.error_text {
        result.set_text(text);
    }
    for (index, text) in view.record_errors.clone() {
        result.blame(i64::from(index), text);
    }
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

/// Passes on the new leaders that the answer names: the partition's place and its leader.
fn hint(
    thread: &BrokerThread,
    toppars: &[Arc<Toppar>],
    leaders: &[(usize, (i32, i32))],
    tail: ResponseTail,
) {
    let endpoint =
        |node: NodeEndpoint| BrokerEndpoint { id: node.id, host: node.host, port: node.port };
    let of_response = ReplyTags::of_response(tail.endpoints.into_iter().map(endpoint));
    let of_partition = |(at, leader): &(usize, (i32, i32))| {
        let toppar = &toppars[*at];
        ReplyTags::of_partition(toppar.topic().name(), toppar.partition(), *leader)
    };
    let of_partitions: Vec<_> = leaders.iter().map(of_partition).collect();
    for tags in &of_partitions {
        metadata_update(thread, &of_response, tags);
    }
    reply_tags::free(of_response, of_partitions);
}

/// Passes on the new leader that a partition's tags name, if they do (KIP-951).
///
/// Historical: `rd_kafka_handle_Produce_metadata_update`.
pub(super) fn metadata_update(thread: &BrokerThread, of_response: &ReplyTags, tags: &ReplyTags) {
    let Some(new) = tags.new_leader() else { return };
    let Some(topic) = crate::topic::find(&thread.handle, new.topic) else { return };
    thread.handle.main.push(MainOp::LeaderHint {
        topic,
        partition: new.partition,
        leader_id: new.id,
        leader_epoch: new.epoch,
        endpoints: of_response.endpoints().collect(),
    });
}

#[cfg(test)]
#[path = "response/tests.rs"]
mod tests;
