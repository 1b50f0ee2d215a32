//! The control plane's messages. Requests are written by the crate `kafka-protocol`, which the
//! client names nowhere else.
//!
//! Responses are read here: the crate reserves memory for as many elements as an array's count
//! says, so that twelve bytes from a broker could end the process. Its decoder is the witness in
//! the tests.
#![forbid(unsafe_code)]

use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    ApiVersionsRequest, FindCoordinatorRequest, InitProducerIdRequest, MetadataRequest, ProducerId,
    TopicName, TransactionalId,
};
use kafka_protocol::protocol::{Encodable, StrBytes};

use super::features::ApiRange;
use super::pid::Pid;
use super::wire::{DecodeError, Read, Result};

/// Most brokers, topics and partitions of a topic that an answer may have.
const BROKERS_MAX: usize = 10_000;
const TOPICS_MAX: usize = 1_000_000;
const PARTITIONS_MAX: usize = 100_000;
/// Most request kinds that an ApiVersions answer may have.
const APIS_MAX: usize = 65_535;

/// Fewest bytes of an element, whatever the version: its integers and empty strings and arrays.
const API_BYTES_MIN: usize = 6;
const BROKER_BYTES_MIN: usize = 9;
const TOPIC_BYTES_MIN: usize = 8;
const PARTITION_BYTES_MIN: usize = 16;

/// Highest ApiVersions version of the client.
pub(crate) const API_VERSIONS_MAX: i16 = 3;
/// Highest Metadata version of the client.
pub(crate) const METADATA_MAX: i16 = 13;

/// Highest FindCoordinator version of the client.
pub(crate) const FIND_COORDINATOR_MAX: i16 = 2;
/// Highest InitProducerId version of the client.
pub(crate) const INIT_PRODUCER_ID_MAX: i16 = 4;

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
    /// Its id (version 10); zeroes if it has none.
    pub(crate) id: [u8; 16],
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

/// An ApiVersions request's body. `software` is the client's name and version (KIP-511).
pub(crate) fn api_versions_request(version: i16, software: (&str, &str)) -> Result<Vec<u8>> {
    let mut request = ApiVersionsRequest::default();
    if version >= 3 {
        request.client_software_name = StrBytes::from_string(software.0.to_owned());
        request.client_software_version = StrBytes::from_string(software.1.to_owned());
    }
    encoded(&request, version)
}

/// The broker does not know the version of an ApiVersions request.
pub(crate) const UNSUPPORTED_VERSION: i16 = 35;

/// An ApiVersions response: error code and ranges. A broker that does not know the version answers
/// in version 0 (KIP-511), or with anything behind the error code: then there are no ranges.
pub(crate) fn api_versions_response(version: i16, body: &[u8]) -> Result<(i16, Vec<ApiRange>)> {
    let mut read = Read::new(body);
    let error = read.i16()?;
    if error == UNSUPPORTED_VERSION {
        // The next question is in a version that is always known: what cannot be read is no matter.
        return Ok((error, api_ranges(&mut read, false).unwrap_or_default()));
    }
    Ok((error, api_ranges(&mut read, version >= 3)?))
}

fn api_ranges(read: &mut Read<'_>, flexible: bool) -> Result<Vec<ApiRange>> {
    let count = read.count_of(flexible, APIS_MAX, API_BYTES_MIN)?;
    let mut ranges = Vec::with_capacity(count);
    for _ in 0..count {
        ranges.push(ApiRange { api: read.i16()?, min: read.i16()?, max: read.i16()? });
        read.skip_tags(flexible)?;
    }
    Ok(ranges)
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
pub(crate) fn metadata_response(version: i16, body: &[u8]) -> Result<MetadataResponse> {
    let flexible = version >= 9;
    let mut read = Read::new(body);
    let mut response = MetadataResponse { controller_id: -1, ..MetadataResponse::default() };
    if version >= 3 {
        read.i32()?;
    }
    let count = read.count_of(flexible, BROKERS_MAX, BROKER_BYTES_MIN)?;
    response.brokers.reserve_exact(count);
    for _ in 0..count {
        response.brokers.push(read_broker(&mut read, version)?);
    }
    if version >= 2 {
        response.cluster_id = read.nullable_string(flexible)?.map(text);
    }
    if version >= 1 {
        response.controller_id = read.i32()?;
    }
    let count = read.count_of(flexible, TOPICS_MAX, TOPIC_BYTES_MIN)?;
    response.topics.reserve_exact(count);
    for _ in 0..count {
        response.topics.extend(read_topic(&mut read, version)?);
    }
    if (8..=10).contains(&version) {
        read.i32()?;
    }
    if version >= 13 {
        response.error = read.i16()?;
    }
    read.skip_tags(flexible)?;
    Ok(response)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read_broker(read: &mut Read<'_>, version: i16) -> Result<BrokerEndpoint> {
    let flexible = version >= 9;
    let (id, host, port) = (read.i32()?, text(read.string(flexible)?), read.i32()?);
    if version >= 1 {
        read.nullable_string(flexible)?;
    }
    read.skip_tags(flexible)?;
    Ok(BrokerEndpoint { id, host, port })
}

fn read_topic(read: &mut Read<'_>, version: i16) -> Result<Option<TopicMetadata>> {
    let flexible = version >= 9;
    let error = read.i16()?;
    let name = read.nullable_string(flexible)?.map(text);
    let mut id = [0; 16];
    if version >= 10 {
        id.copy_from_slice(read.take(16)?);
    }
    if version >= 1 {
        read.i8()?;
    }
    let count = read.count_of(flexible, PARTITIONS_MAX, PARTITION_BYTES_MIN)?;
    let mut partitions = Vec::with_capacity(count);
    for _ in 0..count {
        partitions.push(read_partition(read, version)?);
    }
    if version >= 8 {
        read.i32()?;
    }
    read.skip_tags(flexible)?;
    Ok(name.map(|name| TopicMetadata { name, error, id, partitions }))
}

fn read_partition(read: &mut Read<'_>, version: i16) -> Result<PartitionMetadata> {
    let flexible = version >= 9;
    let partition = PartitionMetadata {
        error: read.i16()?,
        partition: read.i32()?,
        leader: read.i32()?,
        leader_epoch: read_leader_epoch(read, version)?,
        replicas: read_ids(read, flexible)?,
        in_sync: read_ids(read, flexible)?,
    };
    if version >= 5 {
        read_ids(read, flexible)?;
    }
    read.skip_tags(flexible)?;
    Ok(partition)
}

/// Brokers before version 9 may name old epochs.
fn read_leader_epoch(read: &mut Read<'_>, version: i16) -> Result<i32> {
    let epoch = if version >= 7 { read.i32()? } else { -1 };
    Ok(if version >= 9 { epoch } else { -1 })
}

fn read_ids(read: &mut Read<'_>, flexible: bool) -> Result<Vec<i32>> {
    let count = read.count_of(flexible, BROKERS_MAX, size_of::<i32>())?;
    let mut ids = Vec::with_capacity(count);
    for _ in 0..count {
        ids.push(read.i32()?);
    }
    Ok(ids)
}

/// What a coordinator is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CoordinatorOf {
    /// A consumer group, by its id.
    Group,
    /// A transactional producer, by its id; from version 1 on.
    Transaction,
}

/// A FindCoordinator request's body.
pub(crate) fn find_coordinator_request(
    version: i16,
    of: CoordinatorOf,
    id: &str,
) -> Result<Vec<u8>> {
    let key_type = match of {
        CoordinatorOf::Group => 0,
        CoordinatorOf::Transaction => 1,
    };
    let request = FindCoordinatorRequest::default()
        .with_key(StrBytes::from_string(id.to_owned()))
        .with_key_type(key_type);
    encoded(&request, version)
}

/// A FindCoordinator answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FindCoordinatorResponse {
    /// Milliseconds that requests were throttled; never negative.
    pub(crate) throttle_ms: i32,
    /// Error code.
    pub(crate) error: i16,
    /// The broker's text.
    pub(crate) error_text: Option<String>,
    /// The coordinator; means nothing with an error.
    pub(crate) coordinator: BrokerEndpoint,
}

/// A FindCoordinator response of versions 0 to 3.
pub(crate) fn find_coordinator_response(
    version: i16,
    body: &[u8],
) -> Result<FindCoordinatorResponse> {
    let flexible = version >= 3;
    let mut read = Read::new(body);
    let throttle_ms = if version >= 1 { read.i32()?.max(0) } else { 0 };
    let error = read.i16()?;
    let error_text = match version {
        ..1 => None,
        _ => read.nullable_string(flexible)?.map(text),
    };
    let (id, host, port) = (read.i32()?, text(read.string(flexible)?), read.i32()?);
    read.skip_tags(flexible)?;
    let coordinator = BrokerEndpoint { id, host, port };
    Ok(FindCoordinatorResponse { throttle_ms, error, error_text, coordinator })
}

/// An InitProducerId request's body. `current` is the id whose epoch is to be raised (version
/// 3 on), or none.
pub(crate) fn init_producer_id_request(
    version: i16,
    transactional_id: Option<&str>,
    transaction_timeout_ms: i32,
    current: Pid,
) -> Result<Vec<u8>> {
    let id = |id: &str| TransactionalId(StrBytes::from_string(id.to_owned()));
    let mut request = InitProducerIdRequest::default()
        .with_transactional_id(transactional_id.map(id))
        .with_transaction_timeout_ms(transaction_timeout_ms);
    if version >= 3 {
        request.producer_id = ProducerId(current.id);
        request.producer_epoch = current.epoch;
    }
    encoded(&request, version)
}

/// An InitProducerId answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InitProducerIdResponse {
    /// Milliseconds that requests were throttled; never negative.
    pub(crate) throttle_ms: i32,
    /// Error code.
    pub(crate) error: i16,
    /// The new id; means nothing with an error, and is the caller's to check without one.
    pub(crate) pid: Pid,
}

/// An InitProducerId response.
pub(crate) fn init_producer_id_response(
    version: i16,
    body: &[u8],
) -> Result<InitProducerIdResponse> {
    let mut read = Read::new(body);
    let (throttle_ms, error) = (read.i32()?.max(0), read.i16()?);
    let pid = Pid { id: read.i64()?, epoch: read.i16()? };
    read.skip_tags(version >= 2)?;
    Ok(InitProducerIdResponse { throttle_ms, error, pid })
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
    fn an_unsupported_version_answer_needs_no_body_that_can_be_read() {
        let bodies: [&[u8]; 6] = [
            &[0, 35],
            &[0, 35, 0, 0, 0, 0],
            &[0, 35, 0xde, 0xad, 0xbe, 0xef, 1],
            &[0, 35, 0x7f, 0xff, 0xff, 0xff],
            &[0, 35, 1, 0, 0, 0, 0, 0],
            &[0, 35, 0, 0, 0, 2, 0, 18, 0, 0, 0, 2],
        ];
        for body in bodies {
            for version in 0..=API_VERSIONS_MAX {
                let answer = api_versions_response(version, body).expect("the code is enough");
                assert_eq!(answer, (UNSUPPORTED_VERSION, Vec::new()), "{body:?} to {version}");
            }
        }
    }

    #[test]
    fn any_other_answer_must_be_readable() {
        for body in [&[0, 0][..], &[0, 0, 0xde, 0xad, 0xbe, 0xef, 1], &[0], &[]] {
            for version in 0..=API_VERSIONS_MAX {
                assert!(api_versions_response(version, body).is_err(), "{body:?} to {version}");
            }
        }
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

    #[test]
    fn what_the_witness_writes_is_read_in_every_version() {
        use kafka_protocol::messages::metadata_response::{
            MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
        };
        use kafka_protocol::messages::{BrokerId, MetadataResponse as Witness};
        let name = |text: &str| StrBytes::from_string(text.to_owned());
        for version in 0..=METADATA_MAX {
            let mut partition = MetadataResponsePartition::default()
                .with_partition_index(3)
                .with_leader_id(BrokerId(7))
                .with_error_code(5)
                .with_replica_nodes(vec![BrokerId(7), BrokerId(8)])
                .with_isr_nodes(vec![BrokerId(7)]);
            if version >= 7 {
                partition = partition.with_leader_epoch(9);
            }
            let id = if version >= 10 { [4; 16] } else { [0; 16] };
            let topic = MetadataResponseTopic::default()
                .with_topic_id(uuid::Uuid::from_bytes(id))
                .with_name(Some(TopicName(name("orders"))))
                .with_partitions(vec![partition]);
            let broker = MetadataResponseBroker::default()
                .with_node_id(BrokerId(7))
                .with_host(name("host"))
                .with_port(9092);
            let mut witness =
                Witness::default().with_brokers(vec![broker]).with_topics(vec![topic]);
            if version >= 2 {
                witness = witness.with_cluster_id(Some(name("id")));
            }
            if version >= 13 {
                witness = witness.with_error_code(129);
            }
            let body = encoded(&witness, version).expect("encodes");

            let response = metadata_response(version, &body).expect("reads");

            assert_eq!(response.error, if version >= 13 { 129 } else { 0 });
            assert_eq!(response.cluster_id.as_deref(), (version >= 2).then_some("id"));
            let endpoint = BrokerEndpoint { id: 7, host: "host".into(), port: 9092 };
            assert_eq!(response.brokers, [endpoint]);
            let partition = PartitionMetadata {
                partition: 3,
                error: 5,
                leader: 7,
                leader_epoch: if version >= 9 { 9 } else { -1 },
                replicas: vec![7, 8],
                in_sync: vec![7],
            };
            let name = "orders".into();
            let topic = TopicMetadata { name, error: 0, id, partitions: vec![partition] };
            assert_eq!(response.topics, [topic], "version {version}");
        }
    }

    #[test]
    fn coordinators_are_asked_for_and_read_in_every_version() {
        use kafka_protocol::messages::{BrokerId, FindCoordinatorResponse as Witness};
        use kafka_protocol::protocol::Decodable;
        for version in 0..=FIND_COORDINATOR_MAX {
            let of = if version >= 1 { CoordinatorOf::Transaction } else { CoordinatorOf::Group };
            let body = find_coordinator_request(version, of, "id").expect("encodes");
            let mut body = bytes::Bytes::from(body);
            let request = FindCoordinatorRequest::decode(&mut body, version).expect("valid");
            assert_eq!((request.key.as_str(), request.key_type), ("id", i8::from(version >= 1)));

            let mut witness = Witness::default()
                .with_error_code(15)
                .with_node_id(BrokerId(7))
                .with_host(StrBytes::from_static_str("host"))
                .with_port(9092);
            if version >= 1 {
                witness = witness
                    .with_throttle_time_ms(3)
                    .with_error_message(Some(StrBytes::from_static_str("later")));
            }
            let body = encoded(&witness, version).expect("encodes");
            let expected = FindCoordinatorResponse {
                throttle_ms: if version >= 1 { 3 } else { 0 },
                error: 15,
                error_text: (version >= 1).then(|| "later".to_owned()),
                coordinator: BrokerEndpoint { id: 7, host: "host".to_owned(), port: 9092 },
            };
            assert_eq!(find_coordinator_response(version, &body), Ok(expected));
            assert!(find_coordinator_response(version, &body[..body.len() - 1]).is_err());
        }
        assert!(find_coordinator_request(0, CoordinatorOf::Transaction, "id").is_err());
    }

    #[test]
    fn producer_ids_are_asked_for_and_read_in_every_version() {
        use kafka_protocol::messages::InitProducerIdResponse as Witness;
        use kafka_protocol::protocol::Decodable;
        for version in 0..=INIT_PRODUCER_ID_MAX {
            let current = Pid { id: 5, epoch: 6 };
            let body =
                init_producer_id_request(version, Some("id"), 900, current).expect("encodes");
            let mut body = bytes::Bytes::from(body);
            let request = InitProducerIdRequest::decode(&mut body, version).expect("valid");
            assert_eq!(request.transactional_id.map(|id| id.0.to_string()).as_deref(), Some("id"));
            assert_eq!(request.transaction_timeout_ms, 900);
            let sent = (request.producer_id.0, request.producer_epoch);
            assert_eq!(sent, if version >= 3 { (5, 6) } else { (-1, -1) });

            let witness = Witness::default()
                .with_throttle_time_ms(3)
                .with_error_code(47)
                .with_producer_id(ProducerId(1 << 40))
                .with_producer_epoch(32_767);
            let body = encoded(&witness, version).expect("encodes");
            let pid = Pid { id: 1 << 40, epoch: 32_767 };
            let expected = InitProducerIdResponse { throttle_ms: 3, error: 47, pid };
            assert_eq!(init_producer_id_response(version, &body), Ok(expected));
            assert!(init_producer_id_response(version, &body[..body.len() - 1]).is_err());
        }
    }

    #[test]
    fn a_metadata_answer_cut_anywhere_is_an_error() {
        let body = [0, 0, 0, 1, 0, 0, 0, 7, 0, 1, b'h', 0, 0, 0x23, 0x84, 0, 0, 0, 0];
        assert!(metadata_response(0, &body).is_ok());
        for end in 0..body.len() {
            assert!(metadata_response(0, &body[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn api_ranges_of_every_version_are_read_and_odd_ones_survive() {
        use kafka_protocol::messages::ApiVersionsResponse as Witness;
        use kafka_protocol::messages::api_versions_response::ApiVersion;
        for version in 0..=API_VERSIONS_MAX {
            let row = |api, min, max| {
                ApiVersion::default().with_api_key(api).with_min_version(min).with_max_version(max)
            };
            let rows = vec![row(0, 3, 10), row(0, 9, 1), row(32_000, 0, 0)];
            let body = encoded(&Witness::default().with_api_keys(rows), version).expect("encodes");
            let (error, ranges) = api_versions_response(version, &body).expect("valid");
            assert_eq!(error, 0);
            let expected = [(0, 3, 10), (0, 9, 1), (32_000, 0, 0)];
            assert_eq!(ranges, expected.map(|(api, min, max)| ApiRange { api, min, max }));
        }
    }

    proptest! {
        #[test]
        fn damaged_bodies_never_panic(
            body in proptest::collection::vec(any::<u8>(), 0..200),
            version in 0i16..14,
        ) {
            let _ = metadata_response(version, &body);
            let _ = api_versions_response(version.min(3), &body);
            let _ = find_coordinator_response(version.min(3), &body);
            let _ = init_producer_id_response(version.min(4), &body);
        }
    }
}
