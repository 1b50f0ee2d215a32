//! Produce 0 to 10: appends what a producer sends. The records stay one block of bytes; nothing is
//! done per record.
//!
//! The bytes of request and answer are `proto/produce.rs`; a version changes nothing here but
//! whether the answer names the leader that moved (10).
#![forbid(unsafe_code)]

use bytes::{BufMut, Bytes, BytesMut};

use super::{Answer, Call, Malformed, wire_code};
use crate::error::ErrorCode;
use crate::mock::cluster::Cluster;
use crate::mock::ledger::Outcome;
use crate::mock::rules::BatchHeader;
use crate::proto::produce::{self, NodeEndpoint, PartitionResult, Response};
use crate::proto::wire::Read;

/// The key of produce requests.
const PRODUCE: i16 = 0;
/// The first version with compact strings and tags.
const FLEXIBLE_SINCE_VERSION: i16 = 9;

/// Answers a Produce request.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let body = call.body.clone();
    let version = call.head.version;
    let request = produce::read_request(&mut Read::new(&body), version).map_err(|_| Malformed)?;
    let throttle_ms = call.cluster.throttle_ms;
    let mut response = Response { throttle_ms, ..Response::default() };
    let mut moved = Vec::new();
    for sent in &request.partitions {
        let topic = std::str::from_utf8(sent.topic).map_err(|_| Malformed)?;
        let records = body.slice_ref(sent.records.unwrap_or_default());
        let batch = Sent { acks: request.acks, topic, index: sent.partition, records };
        let result = batch.append_noted(call);
        response.partitions.push(batch.describe(call.cluster, result, &mut moved));
    }
    if request.acks == 0 {
        // Without an answer, closing the connection is all a broker can do to say that something
        // went wrong.
        let has_failed = response.partitions.iter().any(|result| result.error != 0);
        let is_told = has_failed && call.cluster.rules.is_strict();
        return Ok(if is_told { Answer::Close } else { Answer::Silent });
    }
    response.endpoints = endpoints(call.cluster, moved);
    Ok(Answer::Now(encode(call, &response)))
}

fn encode(call: &Call<'_>, response: &Response) -> BytesMut {
    let mut body = Vec::with_capacity(64);
    produce::write_response(&mut body, call.head.version, response);
    let mut out = BytesMut::with_capacity(5 + body.len());
    out.put_i32(call.head.correlation_id);
    if call.head.version >= FLEXIBLE_SINCE_VERSION {
        out.put_u8(0);
    }
    out.put_slice(&body);
    out
}

/// What a request has for one partition.
struct Sent<'a> {
    acks: i16,
    topic: &'a str,
    index: i32,
    records: Bytes,
}

impl Sent<'_> {
    /// Appends, and writes the outcome into the ledger.
    fn append_noted(&self, call: &mut Call<'_>) -> Result<i64, ErrorCode> {
        if !call.cluster.ledger.is_open() {
            return self.append(call);
        }
        let end_before = self.log_end(call.cluster);
        let result = self.append(call);
        let is_appended = self.log_end(call.cluster) != end_before;
        let header = BatchHeader::read(&self.records);
        let producer = header.map_or((-1, -1, -1), |header| header.producer());
        call.cluster.ledger.write(Outcome {
            broker_id: call.broker_id,
            topic: self.topic.to_owned(),
            partition: self.index,
            producer_id: producer.0,
            producer_epoch: producer.1,
            base_sequence: producer.2,
            record_count: header.map_or(0, |header| header.record_count),
            appended_at: end_before.filter(|_| is_appended),
            answer: result.err().unwrap_or_default(),
            base_offset: result.unwrap_or(-1),
        });
        result
    }

    fn log_end(&self, cluster: &mut Cluster) -> Option<i64> {
        cluster.partition(self.topic, self.index).map(|partition| partition.log.end())
    }

    fn append(&self, call: &mut Call<'_>) -> Result<i64, ErrorCode> {
        let version = call.head.version;
        if call.error.is_err() {
            return Err(self.pushed(call.cluster, version, call.error));
        }
        let is_legal = (-1..=1).contains(&self.acks);
        if !is_legal && call.cluster.rules.is_strict() {
            return Err(ErrorCode::INVALID_REQUIRED_ACKS);
        }
        let partition = call.cluster.partition(self.topic, self.index);
        let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?;
        if partition.leader != Some(call.broker_id) {
            return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        }
        let fault = partition.faults.take(PRODUCE).unwrap_or_default();
        if fault.error.is_err() {
            return Err(self.pushed(call.cluster, version, fault.error));
        }
        call.cluster.append(self.topic, self.index, &self.records, version)
    }

    /// A pushed error. Under strict rules those that a broker gives after it appended are given
    /// after an append.
    fn pushed(&self, cluster: &mut Cluster, version: i16, error: ErrorCode) -> ErrorCode {
        let is_late = error == ErrorCode::REQUEST_TIMED_OUT
            || error == ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND;
        if !is_late || !cluster.rules.is_strict() {
            return error;
        }
        // An append that fails has an error of its own, which comes first.
        match cluster.append(self.topic, self.index, &self.records, version) {
            Ok(_) => error,
            Err(own) => own,
        }
    }

    fn describe(
        &self,
        cluster: &mut Cluster,
        result: Result<i64, ErrorCode>,
        moved: &mut Vec<i32>,
    ) -> PartitionResult {
        let mut out = PartitionResult {
            topic: self.topic.as_bytes().into(),
            partition: self.index,
            error: 0,
            base_offset: -1,
            log_append_time: -1,
            record_errors: Vec::new(),
            error_text: None,
            current_leader: None,
        };
        match result {
            Ok(offset) => out.base_offset = offset,
            Err(error) => out.error = wire_code(error),
        }
        if result == Err(ErrorCode::NOT_LEADER_OR_FOLLOWER) {
            let partition = cluster.partition(self.topic, self.index);
            out.current_leader = partition.and_then(|it| Some((it.leader?, it.leader_epoch)));
            moved.extend(out.current_leader.map(|(leader, _)| leader));
        }
        out
    }
}

/// Where the leaders are that partitions moved to.
fn endpoints(cluster: &Cluster, mut moved: Vec<i32>) -> Vec<NodeEndpoint> {
    moved.sort_unstable();
    moved.dedup();
    let found = moved.into_iter().filter_map(|id| {
        let broker = cluster.brokers.get(&id)?;
        Some(NodeEndpoint { id, host: broker.host.clone(), port: broker.port })
    });
    found.collect()
}
