//! ListOffsets 1 to 7: the first and the next offset of a partition, and the first at or after a
//! time.
//!
//! Version 7 adds the timestamp -3, the record with the latest timestamp.
#![forbid(unsafe_code)]

use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest};
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};

use super::{Answer, Call, Malformed, wire_code};
use crate::error::ErrorCode;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;

/// Answers a ListOffsets request.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: ListOffsetsRequest = call.request()?;
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|it| answer(call, topic.name.as_str(), it)).collect();
        topics.push(
            ListOffsetsTopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions),
        );
    }
    call.reply(&ListOffsetsResponse::default().with_topics(topics))
}

fn answer(
    call: &mut Call<'_>,
    topic: &str,
    asked: &ListOffsetsPartition,
) -> ListOffsetsPartitionResponse {
    let mut out = ListOffsetsPartitionResponse::default()
        .with_partition_index(asked.partition_index)
        .with_timestamp(-1)
        .with_offset(-1);
    match find(call, topic, asked) {
        Err(error) => out.error_code = wire_code(error),
        Ok(found) => {
            (out.offset, out.timestamp) = (found.offset, found.timestamp_ms);
            if call.head.version >= 4 {
                out.leader_epoch = found.leader_epoch;
            }
        }
    }
    out
}

struct Found {
    offset: i64,
    timestamp_ms: i64,
    leader_epoch: i32,
}

fn find(
    call: &mut Call<'_>,
    topic: &str,
    asked: &ListOffsetsPartition,
) -> Result<Found, ErrorCode> {
    if call.error.is_err() {
        return Err(call.error);
    }
    let partition = call.cluster.partition(topic, asked.partition_index);
    let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?;
    if partition.leader != Some(call.broker_id) {
        return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    partition.check_epoch(asked.current_leader_epoch)?;
    let log = &partition.log;
    let (offset, timestamp_ms) = match asked.timestamp {
        LATEST => (log.end(), -1),
        EARLIEST => (log.start(), -1),
        MAX_TIMESTAMP => log.latest_timestamp().unwrap_or((-1, -1)),
        time => log.find_timestamp(time).unwrap_or((-1, -1)),
    };
    Ok(Found { offset, timestamp_ms, leader_epoch: partition.leader_epoch })
}
