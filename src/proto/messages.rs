//! Every Kafka message but Produce: a thin face over the crate `kafka-protocol`, which the client names nowhere else.
#![forbid(unsafe_code)]

use bytes::Bytes;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, TopicName,
    metadata_response::MetadataResponseTopic,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

use super::features::ApiRange;
use super::wire::{DecodeError, Result};

/// Highest ApiVersions version of the client.
pub(crate) const API_VERSIONS_MAX: i16 = 3;
/// Highest Metadata version of the client.
pub(crate) const METADATA_MAX: i16 = 13;

/// Where a broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrokerEndpoint {
    /// Node id.
    pub(crate) id: i32,
    /// Host.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: i32,
}

/// A partition in a metadata answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartitionMetadata {
    /// Partition number.
    pub(crate) partition: i32,
    /// Error code.
    pub(crate) error: i16,
    /// Leader's node id; -1 if none.
    pub(crate) leader: i32,
    /// Leader epoch; -1 if unknown.
    pub(crate) leader_epoch: i32,
    /// Replicas.
    pub(crate) replicas: Vec<i32>,
    /// Replicas in sync.
    pub(crate) in_sync: Vec<i32>,
}

/// A topic in a metadata answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicMetadata {
    /// Name; a topic without one is left out of the answer.
    pub(crate) name: String,
    /// Error code.
    pub(crate) error: i16,
    /// Partitions.
    pub(crate) partitions: Vec<PartitionMetadata>,
}

/// A metadata answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MetadataResponse {
    /// Error of the whole answer (version 13).
    pub(crate) error: i16,
    /// Brokers.
    pub(crate) brokers: Vec<BrokerEndpoint>,
    /// Cluster id.
    pub(crate) cluster_id: Option<String>,
    /// Controller's node id; -1 if unknown.
    pub(crate) controller_id: i32,
    /// Topics.
    pub(crate) topics: Vec<TopicMetadata>,
}

fn encoded(message: &impl Encodable, version: i16) -> Result<Vec<u8>> {
    let mut out = bytes::BytesMut::new();
    message.encode(&mut out, version).map_err(|error| DecodeError::Bad(error.to_string()))?;
    Ok(out.to_vec())
}

fn decoded<T: Decodable>(body: Vec<u8>, version: i16) -> Result<T> {
    let mut bytes = Bytes::from(body);
    T::decode(&mut bytes, version).map_err(|error| DecodeError::Bad(error.to_string()))
}

/// An ApiVersions request's body. `software` is the client's name and version (KIP-511).
pub(crate) fn api_versions_request(version: i16, software: (&str, &str)) -> Result<Vec<u8>> {
    let mut request = ApiVersionsRequest::default();
    if version >= 3 {
        request.client_software_name = StrBytes::from_string(software.0.to_owned());
        request.client_software_version = StrBytes::from_string(software.1.to_owned());
    }
    encoded(&request, version)
}

/// An ApiVersions response: error code and ranges. A broker that does not know the version answers in version 0.
pub(crate) fn api_versions_response(version: i16, body: &[u8]) -> Result<(i16, Vec<ApiRange>)> {
    const UNSUPPORTED_VERSION: i16 = 35;
    let version = match body {
        [high, low, ..] if i16::from_be_bytes([*high, *low]) == UNSUPPORTED_VERSION => 0,
        _ => version,
    };
    let response: ApiVersionsResponse = decoded(body.to_vec(), version)?;
    let ranges = response
        .api_keys
        .iter()
        .map(|key| ApiRange { api: key.api_key, min: key.min_version, max: key.max_version })
        .collect();
    Ok((response.error_code, ranges))
}

/// Which topics a metadata request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WantedTopics {
    /// All topics of the cluster.
    All,
    /// No topic: only brokers.
    None,
    /// These.
    Named(Vec<String>),
}

/// A Metadata request's body.
pub(crate) fn metadata_request(
    version: i16,
    wanted: &WantedTopics,
    may_create: bool,
) -> Result<Vec<u8>> {
    let named = |names: &[String]| {
        names
            .iter()
            .map(|name| {
                MetadataRequestTopic::default()
                    .with_name(Some(TopicName(StrBytes::from_string(name.clone()))))
            })
            .collect::<Vec<_>>()
    };
    let topics = match wanted {
        // An empty list means all topics in version 0, none in later ones; null means all.
        WantedTopics::All if version == 0 => Some(Vec::new()),
        WantedTopics::All => None,
        WantedTopics::None => Some(Vec::new()),
        WantedTopics::Named(names) => Some(named(names)),
    };
    let mut request = MetadataRequest::default().with_topics(topics);
    request.allow_auto_topic_creation = version < 4 || may_create;
    encoded(&request, version)
}

/// A Metadata response.
pub(crate) fn metadata_response(version: i16, body: Vec<u8>) -> Result<MetadataResponse> {
    let response: kafka_protocol::messages::MetadataResponse = decoded(body, version)?;
    let brokers = response
        .brokers
        .iter()
        .map(|broker| BrokerEndpoint {
            id: broker.node_id.0,
            host: broker.host.to_string(),
            port: broker.port,
        })
        .collect();
    Ok(MetadataResponse {
        error: response.error_code,
        brokers,
        cluster_id: response.cluster_id.as_ref().map(ToString::to_string),
        controller_id: response.controller_id.0,
        topics: response.topics.iter().filter_map(topic_metadata).collect(),
    })
}

fn topic_metadata(topic: &MetadataResponseTopic) -> Option<TopicMetadata> {
    let partitions = topic
        .partitions
        .iter()
        .map(|partition| PartitionMetadata {
            partition: partition.partition_index,
            error: partition.error_code,
            leader: partition.leader_id.0,
            leader_epoch: partition.leader_epoch,
            replicas: partition.replica_nodes.iter().map(|id| id.0).collect(),
            in_sync: partition.isr_nodes.iter().map(|id| id.0).collect(),
        })
        .collect();
    let name = topic.name.as_ref()?.0.to_string();
    Some(TopicMetadata { name, error: topic.error_code, partitions })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_unsupported_version_answer_is_read_in_version_0() {
        let body = [0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 2];
        let (error, ranges) = api_versions_response(3, &body).expect("version 0 body");
        assert_eq!(error, 35);
        assert_eq!(ranges, [ApiRange { api: 18, min: 0, max: 2 }]);
    }

    #[test]
    fn requests_of_every_version_encode() {
        for version in 0..=METADATA_MAX {
            let named = WantedTopics::Named(vec!["orders".to_owned()]);
            for wanted in [WantedTopics::All, WantedTopics::None, named] {
                metadata_request(version, &wanted, true).expect("encodes");
            }
        }
        for version in 0..=API_VERSIONS_MAX {
            api_versions_request(version, ("name", "1.0")).expect("encodes");
        }
    }

    proptest! {
        #[test]
        fn damaged_bodies_never_panic(body in proptest::collection::vec(any::<u8>(), 0..200), version in 0i16..14) {
            let _ = metadata_response(version, body.clone());
            let _ = api_versions_response(version.min(3), &body);
        }
    }
}
