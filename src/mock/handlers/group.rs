//! The requests of classic consumer groups: JoinGroup 0 to 6, SyncGroup, Heartbeat and LeaveGroup 0
//! to 4, OffsetCommit 2 to 9, OffsetFetch 1 to 7.
//!
//! Only the group's coordinator answers. Static membership is accepted and treated as ordinary.
#![forbid(unsafe_code)]

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::TopicName;
use kafka_protocol::messages::heartbeat_request::HeartbeatRequest;
use kafka_protocol::messages::heartbeat_response::HeartbeatResponse;
use kafka_protocol::messages::join_group_request::JoinGroupRequest;
use kafka_protocol::messages::join_group_response::{JoinGroupResponse, JoinGroupResponseMember};
use kafka_protocol::messages::leave_group_request::LeaveGroupRequest;
use kafka_protocol::messages::leave_group_response::{LeaveGroupResponse, MemberResponse};
use kafka_protocol::messages::offset_commit_request::OffsetCommitRequest;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequest;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponsePartition, OffsetFetchResponseTopic,
};
use kafka_protocol::messages::sync_group_request::SyncGroupRequest;
use kafka_protocol::messages::sync_group_response::SyncGroupResponse;

use super::{Answer, Call, Head, Malformed, Parked, text, wire_code};
use crate::error::ErrorCode;
use crate::mock::cluster::{Cluster, CoordinatorKind};
use crate::mock::group::{Committed, Generation, Joining};
use crate::sys::clock::Ts;

/// The longest a follower waits for the leader's assignment, in milliseconds.
const SYNC_WAIT_MS: i64 = 30_000;

/// The error that was pushed, or the one of a broker that isn't the group's coordinator.
fn check(call: &Call<'_>, group_id: &str) -> Result<(), ErrorCode> {
    if call.error.is_err() {
        return Err(call.error);
    }
    let coordinator = call.cluster.coordinator(CoordinatorKind::Group, group_id);
    if coordinator != Some(call.broker_id) {
        return Err(ErrorCode::NOT_COORDINATOR_FOR_GROUP);
    }
    Ok(())
}

fn code(result: Result<(), ErrorCode>) -> i16 {
    result.map_or_else(wire_code, |()| 0)
}

/// Answers a JoinGroup request when the generation begins.
pub(crate) fn join(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: JoinGroupRequest = call.request()?;
    let group_id = request.group_id.to_string();
    let mut member_id = request.member_id.to_string();
    if let Err(error) = check(call, &group_id) {
        return call.reply(&refused(&member_id, error));
    }
    if member_id.is_empty() {
        let (high, low) = (call.cluster.draw(), call.cluster.draw());
        member_id = format!("{}-{high:08x}{low:08x}", call.client_id);
    }
    let session_ms = i64::from(request.session_timeout_ms);
    let has_rebalance_time = call.head.version >= 1;
    let rebalance_ms =
        if has_rebalance_time { i64::from(request.rebalance_timeout_ms) } else { session_ms };
    let protocols = request.protocols.into_iter();
    let joining = Joining {
        member_id: member_id.clone(),
        protocols: protocols.map(|it| (it.name.to_string(), it.metadata)).collect(),
        session_ms: session_ms.max(0),
        rebalance_ms: rebalance_ms.max(0),
    };
    let delay_ms = call.cluster.groups.initial_delay_ms;
    let group = call.cluster.groups.group(&group_id);
    group.join(joining, delay_ms, call.now);
    let due = group.joining_due();
    call.cluster.change_count += 1;
    let mut wait = Join { head: call.head, group_id, member_id, due };
    Ok(match wait.resume(call.cluster, call.now) {
        Some(bytes) => Answer::Now(bytes?),
        None => Answer::Later(Box::new(wait)),
    })
}

struct Join {
    head: Head,
    group_id: String,
    member_id: String,
    due: Ts,
}

impl Parked for Join {
    fn resume(&mut self, cluster: &mut Cluster, now: Ts) -> Option<Result<BytesMut, Malformed>> {
        let group = cluster.groups.group(&self.group_id);
        let Some(joined) = group.joined(&self.member_id, now) else {
            self.due = group.joining_due();
            return None;
        };
        cluster.change_count += 1;
        let response = match joined {
            Ok(generation) => welcome(&self.member_id, &generation),
            Err(error) => refused(&self.member_id, error),
        };
        Some(self.head.encode(&response))
    }

    fn due(&self) -> Ts {
        self.due
    }
}

fn refused(member_id: &str, error: ErrorCode) -> JoinGroupResponse {
    let nobody = Generation {
        number: -1,
        protocol: String::new(),
        leader: String::new(),
        members: Vec::new(),
    };
    welcome(member_id, &nobody).with_error_code(wire_code(error))
}

fn welcome(member_id: &str, generation: &Generation) -> JoinGroupResponse {
    let member = |(id, data): &(String, Bytes)| {
        JoinGroupResponseMember::default().with_member_id(text(id)).with_metadata(data.clone())
    };
    JoinGroupResponse::default()
        .with_generation_id(generation.number)
        .with_protocol_name(Some(text(&generation.protocol)))
        .with_leader(text(&generation.leader))
        .with_member_id(text(member_id))
        .with_members(generation.members.iter().map(member).collect())
}

/// Answers a SyncGroup request when the leader has sent its assignments.
pub(crate) fn sync(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: SyncGroupRequest = call.request()?;
    let group_id = request.group_id.to_string();
    let member_id = request.member_id.to_string();
    let generation = request.generation_id;
    let assignments = request.assignments.into_iter();
    let assignments = assignments.map(|it| (it.member_id.to_string(), it.assignment)).collect();
    let now = call.now;
    let taken = check(call, &group_id).and_then(|()| {
        let group = call.cluster.groups.group(&group_id);
        group.assign(&member_id, generation, assignments, now)
    });
    if let Err(error) = taken {
        return call.reply(&SyncGroupResponse::default().with_error_code(wire_code(error)));
    }
    call.cluster.change_count += 1;
    let due = call.now.plus_ms(SYNC_WAIT_MS);
    let mut wait = Sync { head: call.head, group_id, member_id, generation, due };
    Ok(match wait.resume(call.cluster, call.now) {
        Some(bytes) => Answer::Now(bytes?),
        None => Answer::Later(Box::new(wait)),
    })
}

struct Sync {
    head: Head,
    group_id: String,
    member_id: String,
    generation: i32,
    due: Ts,
}

impl Parked for Sync {
    fn resume(&mut self, cluster: &mut Cluster, now: Ts) -> Option<Result<BytesMut, Malformed>> {
        let group = cluster.groups.group(&self.group_id);
        let mut response = SyncGroupResponse::default();
        match group.assigned(&self.member_id, self.generation, now) {
            None if now < self.due => return None,
            None => response.error_code = wire_code(ErrorCode::REBALANCE_IN_PROGRESS),
            Some(Err(error)) => response.error_code = wire_code(error),
            Some(Ok(assignment)) => response.assignment = assignment,
        }
        Some(self.head.encode(&response))
    }

    fn due(&self) -> Ts {
        self.due
    }
}

/// Answers a Heartbeat request.
pub(crate) fn heartbeat(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: HeartbeatRequest = call.request()?;
    let now = call.now;
    let result = check(call, &request.group_id).and_then(|()| {
        let group = call.cluster.groups.group(&request.group_id);
        group.heartbeat(&request.member_id, request.generation_id, now)
    });
    call.cluster.change_count += 1;
    call.reply(&HeartbeatResponse::default().with_error_code(code(result)))
}

/// Answers a LeaveGroup request; from version 3 several members may leave in one.
pub(crate) fn leave(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: LeaveGroupRequest = call.request()?;
    let now = call.now;
    let mut response = LeaveGroupResponse::default();
    if let Err(error) = check(call, &request.group_id) {
        return call.reply(&response.with_error_code(wire_code(error)));
    }
    let group = call.cluster.groups.group(&request.group_id);
    if call.head.version < 3 {
        response.error_code = code(group.leave(&request.member_id, now));
    }
    for member in &request.members {
        let left = group.leave(&member.member_id, now);
        response.members.push(
            MemberResponse::default()
                .with_member_id(member.member_id.clone())
                .with_group_instance_id(member.group_instance_id.clone())
                .with_error_code(code(left)),
        );
    }
    call.cluster.change_count += 1;
    call.reply(&response)
}

/// Answers an OffsetCommit request.
pub(crate) fn offset_commit(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: OffsetCommitRequest = call.request()?;
    let now = call.now;
    let result = check(call, &request.group_id).and_then(|()| {
        let group = call.cluster.groups.group(&request.group_id);
        group.commit(&request.member_id, request.generation_id_or_member_epoch, now)
    });
    let group = call.cluster.groups.group(&request.group_id);
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for partition in &topic.partitions {
            let index = partition.partition_index;
            if result.is_ok() {
                let committed = Committed {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.committed_metadata.as_deref().unwrap_or("").to_owned(),
                };
                group.set_committed(&topic.name, index, committed);
            }
            partitions.push(
                OffsetCommitResponsePartition::default()
                    .with_partition_index(index)
                    .with_error_code(code(result)),
            );
        }
        topics.push(
            OffsetCommitResponseTopic::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions),
        );
    }
    call.reply(&OffsetCommitResponse::default().with_topics(topics))
}

/// Answers an OffsetFetch request; null asks for every partition (version 2 and up).
pub(crate) fn offset_fetch(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: OffsetFetchRequest = call.request()?;
    let result = check(call, &request.group_id);
    let version = call.head.version;
    let group = call.cluster.groups.group(&request.group_id);
    let asked: Vec<(String, i32)> = match request.topics {
        None => group.committed_partitions(),
        Some(topics) => topics
            .iter()
            .flat_map(|topic| {
                let name = topic.name.to_string();
                topic.partition_indexes.iter().map(move |index| (name.clone(), *index))
            })
            .collect(),
    };
    let mut topics = Vec::new();
    for chunk in asked.chunk_by(|a, b| a.0 == b.0) {
        let partitions = chunk.iter().map(|(topic, index)| {
            let mut out = OffsetFetchResponsePartition::default()
                .with_partition_index(*index)
                .with_committed_offset(-1)
                .with_metadata(Some(text("")));
            match group.committed(topic, *index).filter(|_| result.is_ok()) {
                Some(committed) => {
                    out.committed_offset = committed.offset;
                    out.metadata = Some(text(&committed.metadata));
                    if version >= 5 {
                        out.committed_leader_epoch = committed.leader_epoch;
                    }
                }
                None => out.error_code = code(result),
            }
            out
        });
        topics.push(
            OffsetFetchResponseTopic::default()
                .with_name(TopicName(text(&chunk[0].0)))
                .with_partitions(partitions.collect()),
        );
    }
    let mut response = OffsetFetchResponse::default().with_topics(topics);
    if version >= 2 {
        response.error_code = code(result);
    }
    call.reply(&response)
}
