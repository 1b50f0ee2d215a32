//! The answer to a request: each partition's result finds its batch and touches only that one.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::sync::Arc;

use super::context::Part;
use super::outcome;
use crate::broker::request::Outcome;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::{context, level};
use crate::op::{MainOp, Op};
use crate::own::msg::OFFSET_INVALID;
use crate::own::produce_result::ProduceResult;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::messages::BrokerEndpoint;
use crate::proto::produce::{PartitionView, ResponseTail, visit_response};
use crate::proto::wire::Read;

/// First version whose hints at a new leader are followed (KIP-951).
const HINTS_SINCE: i16 = 10;

/// Handles a request's outcome: each batch is settled for itself.
pub(super) fn handle(thread: &mut BrokerThread, parts: Vec<Part>, outcome: &Outcome<'_>) {
    let results = match outcome.result {
        Err(code) => parts.iter().map(|_| failed(code)).collect(),
        // Acks 0: written is all that is known.
        Ok(_) if !outcome.has_response => parts.iter().map(|_| nothing()).collect(),
        Ok(body) => results(thread, &parts, body, outcome.version),
    };
    for (part, result) in parts.into_iter().zip(results) {
        tell(thread, &part, result.error());
        outcome::settle(thread, part, &result, outcome);
    }
}

/// No error, and no offset.
fn nothing() -> ProduceResult {
    ProduceResult::new(OFFSET_INVALID, -1)
}

fn failed(code: ErrorCode) -> ProduceResult {
    let mut result = nothing();
    result.set_error(code);
    result
}

/// The debug line of a batch's outcome.
fn tell(thread: &BrokerThread, part: &Part, error: ErrorCode) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let (topic, count) = (part.toppar.topic(), part.sealed.batch.len());
    let (name, partition) = (topic.display_name(), part.toppar.partition());
    let (first, sequence) = (part.sealed.first_id(), part.sealed.stamp.first_seq);
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

/// Finds the batches of an answer's parts. Answers mostly come in the order of the request.
struct Finder<'a> {
    parts: &'a [Part],
    topics: Vec<Arc<Topic>>,
    next: usize,
    /// Made when an answer comes in another order.
    index: Option<HashMap<(Vec<u8>, i32), usize>>,
}

impl<'a> Finder<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let topics = parts.iter().map(|part| part.toppar.topic()).collect();
        Self { parts, topics, next: 0, index: None }
    }

    fn is_it(&self, at: usize, view: &PartitionView<'_>) -> bool {
        let is_number = |part: &Part| part.toppar.partition() == view.partition;
        self.parts.get(at).is_some_and(is_number) && self.topics[at].name().to_bytes() == view.topic
    }

    fn find(&mut self, view: &PartitionView<'_>) -> Option<usize> {
        let at = if self.is_it(self.next, view) {
            self.next
        } else {
            let index = self.index.get_or_insert_with(|| {
                let key = |at: usize| {
                    let name = self.topics[at].name().to_bytes().to_vec();
                    ((name, self.parts[at].toppar.partition()), at)
                };
                (0..self.parts.len()).map(key).collect()
            });
            index.get(&(view.topic.to_vec(), view.partition)).copied()?
        };
        self.next = at + 1;
        Some(at)
    }
}

/// The result of each batch. What the answer says counts even if it breaks off later; of those that
/// it does not name nothing is known.
fn results(
    thread: &mut BrokerThread,
    parts: &[Part],
    body: &[u8],
    version: i16,
) -> Vec<ProduceResult> {
    let mut results: Vec<Option<ProduceResult>> = parts.iter().map(|_| None).collect();
    let mut finder = Finder::new(parts);
    let (mut leaders, mut foreign, mut doubled) = (Vec::new(), None, 0);
    let tail = visit_response(&mut Read::new(body), version, |view| {
        let Some(at) = finder.find(&view) else {
            let name = String::from_utf8_lossy(view.topic).into_owned();
            foreign.get_or_insert((name, view.partition));
            return;
        };
        if results[at].is_some() {
            doubled += 1;
            return;
        }
        results[at] = Some(read(&view));
        if let Some(leader) = view.current_leader.filter(|_| version >= HINTS_SINCE) {
            leaders.push((at, leader));
        }
    });
    let missing = results.iter().filter(|result| result.is_none()).count();
    if let Some((name, partition)) = foreign {
        note(thread, &format!("names {name} [{partition}], which the request did not"));
    }
    if doubled > 0 {
        note(thread, &format!("names {doubled} partition(s) twice: the first word counts"));
    }
    let unread = match &tail {
        Ok(_) => ErrorCode::_BAD_MSG,
        Err(error) => error.code(),
    };
    if missing > 0 {
        note(thread, &format!("says nothing of {missing} partition(s) ({unread})"));
    }
    if let Ok(tail) = tail {
        throttled(thread, tail.throttle_ms);
        for (at, leader) in leaders {
            hint(thread, &parts[at].toppar, leader, &tail);
        }
    }
    results.into_iter().map(|result| result.unwrap_or_else(|| failed(unread))).collect()
}

/// An answer that does not fit its request.
fn note(thread: &BrokerThread, what: &str) {
    let text = format!("Produce response {what}");
    thread.handle.log.broker(level::WARNING, "PRODUCE", &thread.name, text);
}

fn read(view: &PartitionView<'_>) -> ProduceResult {
    let mut result = nothing();
    result.set_error(ErrorCode(i32::from(view.error)));
    result.set_place(view.base_offset, view.log_append_time);
    if let Some(text) = view.error_text {
        result.set_text(text);
    }
    for (index, text) in view.record_errors.clone() {
        result.blame(i64::from(index), text);
    }
    result
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
fn hint(thread: &BrokerThread, toppar: &Toppar, leader: (i32, i32), tail: &ResponseTail) {
    let (leader_id, leader_epoch) = leader;
    let endpoints = tail
        .endpoints
        .iter()
        .map(|node| BrokerEndpoint { id: node.id, host: node.host.clone(), port: node.port })
        .collect();
    thread.handle.main.push(MainOp::LeaderHint {
        topic: toppar.topic(),
        partition: toppar.partition(),
        leader_id,
        leader_epoch,
        endpoints,
    });
}

#[cfg(test)]
#[path = "response/tests.rs"]
mod tests;
