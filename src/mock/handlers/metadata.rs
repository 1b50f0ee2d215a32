//! Metadata 0 to 13: brokers, controller, topics and leaders.
//!
//! Version 0 asks for all topics with an empty list, later ones with null. From version 4 the
//! client says whether a topic may be made; from 10 topics have ids; from 12 they can be asked for
//! by id.
#![forbid(unsafe_code)]

use kafka_protocol::messages::metadata_request::MetadataRequest;
use kafka_protocol::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{BrokerId, TopicName};
use uuid::Uuid;

use super::{Answer, Call, Malformed, text, wire_code};
use crate::error::ErrorCode;
use crate::mock::cluster::{Cluster, Partition};

/// Answers a Metadata request. A pushed error delays or cuts, but doesn't show in the body: the
/// answer has no room for one in most versions.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let version = call.head.version;
    let request: MetadataRequest = call.request()?;
    let may_create = version < 4 || request.allow_auto_topic_creation;
    let asked = request.topics.filter(|topics| version > 0 || !topics.is_empty());
    let cluster = &mut *call.cluster;
    let topics = match asked {
        None => {
            let names: Vec<String> = cluster.topics.keys().cloned().collect();
            names.iter().map(|name| describe(cluster, name, false)).collect()
        }
        Some(topics) => topics
            .iter()
            .map(|topic| match &topic.name {
                Some(name) => describe(cluster, name, may_create),
                None => describe_by_id(cluster, topic.topic_id),
            })
            .collect(),
    };
    let response = MetadataResponse::default()
        .with_brokers(brokers(cluster))
        .with_cluster_id(Some(text(&cluster.id)))
        .with_controller_id(BrokerId(cluster.controller_id))
        .with_topics(topics);
    call.reply(&response)
}

fn brokers(cluster: &Cluster) -> Vec<MetadataResponseBroker> {
    let describe = |(id, broker): (i32, &crate::mock::cluster::Broker)| {
        MetadataResponseBroker::default()
            .with_node_id(BrokerId(id))
            .with_host(text(&broker.host))
            .with_port(broker.port)
            .with_rack(broker.rack.as_deref().map(text))
    };
    cluster.listed().map(describe).collect()
}

fn describe(cluster: &mut Cluster, name: &str, may_create: bool) -> MetadataResponseTopic {
    let mut out = MetadataResponseTopic::default().with_name(Some(TopicName(text(name))));
    let created = if may_create { cluster.topic_or_create(name).err() } else { None };
    let Some(topic) = cluster.topics.get_mut(name) else {
        let error = created.unwrap_or(ErrorCode::UNKNOWN_TOPIC_OR_PART);
        return out.with_error_code(wire_code(error));
    };
    out.topic_id = topic.id;
    out.error_code = wire_code(topic.error);
    if topic.error.is_ok() {
        let most = topic.listed_count.unwrap_or(usize::MAX);
        let partitions = topic.partitions.iter_mut().enumerate().take(most);
        out.partitions =
            partitions.map(|(index, it)| describe_partition(index as i32, it)).collect();
    }
    out
}

fn describe_by_id(cluster: &mut Cluster, id: Uuid) -> MetadataResponseTopic {
    let found = cluster.topics.iter().find(|(_, topic)| topic.id == id);
    match found.map(|(name, _)| name.clone()) {
        Some(name) => describe(cluster, &name, false),
        None => MetadataResponseTopic::default()
            .with_name(None)
            .with_topic_id(id)
            .with_error_code(wire_code(ErrorCode::UNKNOWN_TOPIC_ID)),
    }
}

fn describe_partition(index: i32, partition: &mut Partition) -> MetadataResponsePartition {
    let (leader, epoch) = match partition.pushed_leaders.pop_front() {
        Some(pushed) => pushed,
        None => (partition.leader.unwrap_or(-1), partition.leader_epoch),
    };
    let error = if leader < 0 { ErrorCode::LEADER_NOT_AVAILABLE } else { ErrorCode::NO_ERROR };
    let replicas: Vec<BrokerId> = partition.replicas.iter().copied().map(BrokerId).collect();
    MetadataResponsePartition::default()
        .with_error_code(wire_code(error))
        .with_partition_index(index)
        .with_leader_id(BrokerId(leader))
        .with_leader_epoch(epoch)
        .with_isr_nodes(replicas.clone())
        .with_replica_nodes(replicas)
}
