//! Produce 0 to 10: appends what a producer sends. The records stay one block of bytes; nothing is done per record.
//!
//! Version 1 answers with a throttle time, 2 with a log append time, 3 brings the transactional id and record batches,
//! 5 the log's start, 8 errors of single records (none here), 9 compact strings, 10 the leader that moved.
#![forbid(unsafe_code)]

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::produce_response::{
    LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse, ProduceResponse,
    TopicProduceResponse,
};
use kafka_protocol::messages::{BrokerId, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::walk::Cursor;
use super::{Answer, Call, Malformed, text, wire_code};
use crate::error::ErrorCode;
use crate::mock::cluster::Cluster;

/// The first version whose answer names the leader that moved.
const LEADER_SINCE_VERSION: i16 = 10;
/// The first version that has a transactional id.
const TRANSACTIONAL_SINCE_VERSION: i16 = 3;

/// A produce request.
struct Request {
    acks: i16,
    topics: Vec<(String, Vec<(i32, Bytes)>)>,
}

/// Answers a Produce request.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request = read(&call.body, call.head.version, call.is_flexible).ok_or(Malformed)?;
    let mut moved = Vec::new();
    let mut failed = false;
    let mut topics = Vec::with_capacity(request.topics.len());
    for (name, partitions) in &request.topics {
        let mut results = Vec::with_capacity(partitions.len());
        for (index, records) in partitions {
            let result = append(call, &request, name, *index, records);
            failed |= result.is_err();
            results.push(describe(call, name, *index, result, &mut moved));
        }
        topics.push(
            TopicProduceResponse::default()
                .with_name(TopicName(text(name)))
                .with_partition_responses(results),
        );
    }
    if request.acks == 0 {
        // Without an answer, closing the connection is all a broker can do to say that something went wrong.
        let is_told = failed && call.cluster.rules.is_strict();
        return Ok(if is_told { Answer::Close } else { Answer::Silent });
    }
    if call.head.version < TRANSACTIONAL_SINCE_VERSION {
        return Ok(Answer::Now(encode_old(call, &topics)));
    }
    let response = ProduceResponse::default()
        .with_responses(topics)
        .with_node_endpoints(endpoints(call.cluster, &moved));
    call.reply(&response)
}

fn append(
    call: &mut Call<'_>,
    request: &Request,
    topic: &str,
    index: i32,
    records: &Bytes,
) -> Result<i64, ErrorCode> {
    let is_strict = call.cluster.rules.is_strict();
    if call.error.is_err() {
        return Err(pushed(call, call.error, topic, index, records));
    }
    if is_strict && !(-1..=1).contains(&request.acks) {
        return Err(ErrorCode::INVALID_REQUIRED_ACKS);
    }
    let broker_id = call.broker_id;
    let partition = call.cluster.partition(topic, index);
    let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?;
    if partition.leader != Some(broker_id) {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    let fault = partition.faults.take(0).unwrap_or_default();
    if fault.error.is_err() {
        return Err(pushed(call, fault.error, topic, index, records));
    }
    call.cluster.append(topic, index, records, call.head.version)
}

/// A pushed error. Under strict rules those that a broker gives after it appended are given after an append.
fn pushed(
    call: &mut Call<'_>,
    error: ErrorCode,
    topic: &str,
    index: i32,
    records: &Bytes,
) -> ErrorCode {
    let is_late = error == ErrorCode::REQUEST_TIMED_OUT
        || error == ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND;
    if is_late && call.cluster.rules.is_strict() {
        // An append that fails has an error of its own, which comes first.
        if let Err(own) = call.cluster.append(topic, index, records, call.head.version) {
            return own;
        }
    }
    error
}

fn describe(
    call: &mut Call<'_>,
    topic: &str,
    index: i32,
    result: Result<i64, ErrorCode>,
    moved: &mut Vec<i32>,
) -> PartitionProduceResponse {
    let mut out = PartitionProduceResponse::default()
        .with_index(index)
        .with_base_offset(-1)
        .with_log_append_time_ms(-1);
    let version = call.head.version;
    let partition = call.cluster.partition(topic, index);
    match result {
        Ok(offset) => {
            out.base_offset = offset;
            if let Some(partition) = partition.filter(|_| version >= 5) {
                out.log_start_offset = partition.log.start();
            }
        }
        Err(error) => {
            out.error_code = wire_code(error);
            let is_moved = error == ErrorCode::NOT_LEADER_OR_FOLLOWER;
            let partition = partition.filter(|_| is_moved && version >= LEADER_SINCE_VERSION);
            if let Some((leader, epoch)) =
                partition.and_then(|it| it.leader.map(|leader| (leader, it.leader_epoch)))
            {
                moved.push(leader);
                out.current_leader = LeaderIdAndEpoch::default()
                    .with_leader_id(BrokerId(leader))
                    .with_leader_epoch(epoch);
            }
        }
    }
    out
}

fn endpoints(cluster: &Cluster, moved: &[i32]) -> Vec<NodeEndpoint> {
    let mut ids = moved.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let found = ids.iter().filter_map(|id| Some((*id, cluster.brokers.get(id)?)));
    let endpoint = |(id, broker): (i32, &crate::mock::cluster::Broker)| {
        NodeEndpoint::default()
            .with_node_id(BrokerId(id))
            .with_host(text(&broker.host))
            .with_port(broker.port)
            .with_rack(broker.rack.as_deref().map(text))
    };
    found.map(endpoint).collect()
}

/// The answer in versions 0 to 2, which the crate doesn't write.
fn encode_old(call: &Call<'_>, topics: &[TopicProduceResponse]) -> BytesMut {
    let version = call.head.version;
    let mut out = BytesMut::with_capacity(64);
    out.put_i32(call.head.correlation_id);
    out.put_i32(topics.len() as i32);
    for topic in topics {
        put_string(&mut out, &topic.name);
        out.put_i32(topic.partition_responses.len() as i32);
        for partition in &topic.partition_responses {
            out.put_i32(partition.index);
            out.put_i16(partition.error_code);
            out.put_i64(partition.base_offset);
            if version >= 2 {
                out.put_i64(partition.log_append_time_ms);
            }
        }
    }
    if version >= 1 {
        out.put_i32(0);
    }
    out
}

fn put_string(out: &mut BytesMut, text: &StrBytes) {
    out.put_i16(text.len() as i16);
    out.put_slice(text.as_bytes());
}

/// Reads a request; `None` when a count or a length doesn't hold.
fn read(body: &Bytes, version: i16, is_flexible: bool) -> Option<Request> {
    let mut cursor = Cursor::new(body, is_flexible);
    if version >= TRANSACTIONAL_SINCE_VERSION {
        cursor.string()?;
    }
    let acks = i16::from_be_bytes(cursor.int()?);
    let _timeout_ms: [u8; 4] = cursor.int()?;
    let topic_count = cursor.array()?;
    let mut topics = Vec::new();
    for _ in 0..topic_count {
        let name = std::str::from_utf8(cursor.string()?.unwrap_or_default()).ok()?.to_owned();
        let partition_count = cursor.array()?;
        let mut partitions = Vec::new();
        for _ in 0..partition_count {
            let index = i32::from_be_bytes(cursor.int()?);
            let records = cursor.bytes()?.unwrap_or_default();
            partitions.push((index, body.slice_ref(records)));
            cursor.tags()?;
        }
        topics.push((name, partitions));
        cursor.tags()?;
    }
    cursor.tags()?;
    Some(Request { acks, topics })
}
