//! Fetch 4 to 16: batches from an offset on, at once or when there are enough of them.
//!
//! Version 5 brings the log's start, 7 fetch sessions (answered with session 0, which means none),
//! 9 the leader epoch, 11 the rack and the follower to read from, 12 compact strings and the leader
//! that moved, 13 topic ids instead of names.
#![forbid(unsafe_code)]

use bytes::BytesMut;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use kafka_protocol::messages::fetch_response::{
    FetchResponse, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use kafka_protocol::messages::{BrokerId, TopicName};

use super::{Answer, Call, Head, Malformed, Parked, text, wire_code};
use crate::error::ErrorCode;
use crate::mock::cluster::{Cluster, Partition};
use crate::sys::clock::Ts;

/// The first version that names topics by id.
const TOPIC_ID_SINCE_VERSION: i16 = 13;
/// The first version whose answer names the leader that moved.
const LEADER_SINCE_VERSION: i16 = 12;
/// The first version whose answer can send the consumer to a follower.
const REPLICA_SINCE_VERSION: i16 = 11;
/// The first version whose answer says where the leader is that moved.
const ENDPOINT_SINCE_VERSION: i16 = 16;
/// The longest wait that is honoured, so that a hostile number can't park an answer for ever.
const WAIT_MS_MAX: i32 = 10 * 60 * 1000;

/// Answers a Fetch request.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: FetchRequest = call.request()?;
    let wait_ms = i64::from(request.max_wait_ms.clamp(0, WAIT_MS_MAX));
    let mut fetch = Fetch {
        head: call.head,
        broker_id: call.broker_id,
        error: call.error,
        due: call.now.plus_ms(wait_ms),
        request,
    };
    match fetch.resume(call.cluster, call.now) {
        Some(bytes) => bytes.map(Answer::Now),
        None => Ok(Answer::Later(Box::new(fetch))),
    }
}

/// A fetch that may have to wait.
struct Fetch {
    head: Head,
    broker_id: i32,
    error: ErrorCode,
    due: Ts,
    request: FetchRequest,
}

impl Parked for Fetch {
    fn resume(&mut self, cluster: &mut Cluster, now: Ts) -> Option<Result<BytesMut, Malformed>> {
        if now < self.due && !self.is_ready(cluster) {
            return None;
        }
        Some(self.head.encode(&self.answer(cluster)))
    }

    fn due(&self) -> Ts {
        self.due
    }
}

impl Fetch {
    /// Is there an error to tell, or are there enough bytes?
    fn is_ready(&self, cluster: &mut Cluster) -> bool {
        let enough = usize::try_from(self.request.min_bytes).unwrap_or(0);
        let mut found = 0;
        for topic in &self.request.topics {
            for asked in &topic.partitions {
                let Ok(partition) = self.find(cluster, topic, asked) else { return true };
                let (start, end) = partition.bounds(self.broker_id);
                let is_inside = (start..=end).contains(&asked.fetch_offset);
                if !is_inside || self.preferred(partition).is_some() {
                    return true;
                }
                if asked.fetch_offset < end {
                    found += partition.log.available(asked.fetch_offset, enough);
                }
            }
        }
        found >= enough
    }

    fn find<'c>(
        &self,
        cluster: &'c mut Cluster,
        topic: &FetchTopic,
        asked: &FetchPartition,
    ) -> Result<&'c mut Partition, ErrorCode> {
        if self.error.is_err() {
            return Err(self.error);
        }
        let is_by_id = self.head.version >= TOPIC_ID_SINCE_VERSION;
        let found = if is_by_id {
            let by_id = cluster.topics.values_mut().find(|known| known.id == topic.topic_id);
            by_id.ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?
        } else {
            let by_name = cluster.topics.get_mut(topic.topic.as_str());
            by_name.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?
        };
        let partition = found.partition(asked.partition);
        let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?;
        let is_follower = partition.follower.is_some_and(|it| it.broker_id == self.broker_id);
        if partition.leader != Some(self.broker_id) && !is_follower {
            return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        }
        partition.check_epoch(asked.current_leader_epoch)?;
        Ok(partition)
    }

    /// The follower that the leader sends consumers to, if the version can say so.
    fn preferred(&self, partition: &Partition) -> Option<i32> {
        let follower = partition.follower.filter(|_| self.head.version >= REPLICA_SINCE_VERSION)?;
        let is_other = follower.broker_id >= 0 && follower.broker_id != self.broker_id;
        is_other.then_some(follower.broker_id)
    }

    fn answer(&self, cluster: &mut Cluster) -> FetchResponse {
        let mut room = usize::try_from(self.request.max_bytes).unwrap_or(0);
        let mut is_first = true;
        let mut topics = Vec::with_capacity(self.request.topics.len());
        for topic in &self.request.topics {
            let mut out = FetchableTopicResponse::default();
            if self.head.version >= TOPIC_ID_SINCE_VERSION {
                out.topic_id = topic.topic_id;
            } else {
                out.topic = TopicName(text(topic.topic.as_str()));
            }
            for asked in &topic.partitions {
                let data = self.describe(cluster, topic, asked, room, is_first);
                let size = data.records.as_ref().map_or(0, |records| records.len());
                room = room.saturating_sub(size);
                is_first &= size == 0;
                out.partitions.push(data);
            }
            topics.push(out);
        }
        let endpoints = self.endpoints(cluster, &topics);
        FetchResponse::default().with_responses(topics).with_node_endpoints(endpoints)
    }

    /// Where the leaders are that `topics` name.
    fn endpoints(&self, cluster: &Cluster, topics: &[FetchableTopicResponse]) -> Vec<NodeEndpoint> {
        let parts = topics.iter().flat_map(|topic| &topic.partitions);
        let mut leaders: Vec<i32> = parts.map(|part| part.current_leader.leader_id.0).collect();
        leaders.sort_unstable();
        leaders.dedup();
        leaders.retain(|id| *id >= 0 && self.head.version >= ENDPOINT_SINCE_VERSION);
        let found = leaders.into_iter().filter_map(|id| {
            let broker = cluster.brokers.get(&id)?;
            let endpoint = NodeEndpoint::default().with_node_id(BrokerId(id));
            Some(endpoint.with_host(text(&broker.host)).with_port(broker.port))
        });
        found.collect()
    }

    /// One partition's part. The first part with data has at least one batch, however little room
    /// there is.
    fn describe(
        &self,
        cluster: &mut Cluster,
        topic: &FetchTopic,
        asked: &FetchPartition,
        room: usize,
        is_first: bool,
    ) -> PartitionData {
        let mut out = PartitionData::default()
            .with_partition_index(asked.partition)
            .with_high_watermark(-1)
            .with_aborted_transactions(Some(Vec::new()))
            .with_records(Some(bytes::Bytes::new()));
        let partition = match self.find(cluster, topic, asked) {
            Ok(partition) => partition,
            Err(error) => {
                out.error_code = wire_code(error);
                if error == ErrorCode::NOT_LEADER_OR_FOLLOWER {
                    self.name_leader(cluster, topic, asked, &mut out);
                }
                return out;
            }
        };
        let (start, end) = partition.bounds(self.broker_id);
        out.high_watermark = end;
        out.last_stable_offset = end;
        if self.head.version >= 5 {
            out.log_start_offset = start;
        }
        if let Some(follower) = self.preferred(partition) {
            out.preferred_read_replica = BrokerId(follower);
            return out;
        }
        let fault = partition.faults.take(1).unwrap_or_default();
        if fault.error.is_err() {
            out.error_code = wire_code(fault.error);
            return out;
        }
        if !(start..=end).contains(&asked.fetch_offset) {
            out.error_code = wire_code(ErrorCode::OFFSET_OUT_OF_RANGE);
            return out;
        }
        let limit = usize::try_from(asked.partition_max_bytes).unwrap_or(0).min(room);
        if (limit == 0 && !is_first) || asked.fetch_offset == end {
            return out;
        }
        match partition.log.read(asked.fetch_offset, limit) {
            Ok(records) => out.records = Some(records),
            Err(error) => out.error_code = wire_code(error),
        }
        out
    }

    fn name_leader(
        &self,
        cluster: &mut Cluster,
        topic: &FetchTopic,
        asked: &FetchPartition,
        out: &mut PartitionData,
    ) {
        if self.head.version < LEADER_SINCE_VERSION {
            return;
        }
        let is_asked = |name: &str, known: &crate::mock::cluster::Topic| {
            known.id == topic.topic_id || name == topic.topic.as_str()
        };
        let found = cluster.topics.iter_mut().find(|(name, known)| is_asked(name, known));
        let partition = found.and_then(|(_, known)| known.partition(asked.partition));
        if let Some(leader) = partition.as_ref().and_then(|partition| partition.leader) {
            out.current_leader = LeaderIdAndEpoch::default()
                .with_leader_id(BrokerId(leader))
                .with_leader_epoch(partition.map_or(-1, |partition| partition.leader_epoch));
        }
    }
}
