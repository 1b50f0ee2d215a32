//! One connection to one broker: bytes in, bytes out with a due time. No sockets, no clock.
//!
//! Requests are answered in the order they came; an answer that waits holds back those behind it,
//! as a broker's does.
//! `server.rs` gives it real bytes and time, tests give it theirs.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};

use super::cluster::Cluster;
use super::faults::Fault;
use super::handlers::{self, Answer, Call, Head, Malformed, Parked};
use crate::error::ErrorCode;
use crate::proto::wire::Read;
use crate::sys::clock::Ts;

/// The largest request; a broker's `socket.request.max.bytes`.
const REQUEST_BYTES_MAX: usize = 100 * 1024 * 1024;
/// ApiVersions, whose version the handler checks itself.
const API_VERSIONS: i16 = 18;

/// The connection has to be closed: the client sent nonsense, or a test wants it so.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl From<Malformed> for Closed {
    fn from(_: Malformed) -> Self {
        Self
    }
}

/// One connection's state.
pub(crate) struct Connection {
    broker_id: i32,
    input: BytesMut,
    answers: VecDeque<Pending>,
    /// How many of `answers` wait for the cluster.
    parked_count: usize,
    /// The cluster's change count when those were asked last.
    seen_changes: u64,
}

/// An answer on its way.
enum Pending {
    Ready { due: Ts, bytes: BytesMut },
    Parked { due: Ts, task: Box<dyn Parked> },
}

impl Connection {
    /// A new connection to a broker.
    pub(crate) fn new(broker_id: i32) -> Self {
        Self {
            broker_id,
            input: BytesMut::new(),
            answers: VecDeque::new(),
            parked_count: 0,
            seen_changes: 0,
        }
    }

    /// The broker it leads to.
    pub(crate) fn broker_id(&self) -> i32 {
        self.broker_id
    }

    /// Takes bytes from the client and handles every request that is complete.
    pub(crate) fn receive(
        &mut self,
        cluster: &mut Cluster,
        bytes: &[u8],
        now: Ts,
    ) -> Result<(), Closed> {
        self.input.extend_from_slice(bytes);
        while let Some(request) = self.next_request()? {
            self.handle(cluster, request, now)?;
        }
        Ok(())
    }

    /// The next complete request, without its length.
    fn next_request(&mut self) -> Result<Option<Bytes>, Closed> {
        let Some(length) = self.input.first_chunk::<4>() else { return Ok(None) };
        let size = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| Closed)?;
        if size > REQUEST_BYTES_MAX {
            return Err(Closed);
        }
        let missing = (4 + size).saturating_sub(self.input.len());
        if missing > 0 {
            self.input.reserve(missing);
            return Ok(None);
        }
        let mut request = self.input.split_to(4 + size).freeze();
        Ok(Some(request.split_off(4)))
    }

    fn handle(&mut self, cluster: &mut Cluster, request: Bytes, now: Ts) -> Result<(), Closed> {
        let header = Header::read(&request).ok_or(Closed)?;
        let row = handlers::row(header.api_key).ok_or(Closed)?;
        let is_offered = cluster.versions.allows(header.api_key, header.head.version);
        if !is_offered && header.api_key != API_VERSIONS {
            return Err(Closed);
        }
        cluster.journal.record(self.broker_id, header.api_key, now);
        let fault = cluster.take_fault(self.broker_id, header.api_key);
        if fault.error == ErrorCode::_TRANSPORT {
            return Err(Closed);
        }
        let is_flexible = is_offered && row.is_flexible(header.head.version);
        let (head, client_id) = (header.head, header.client_id);
        let body_at = header.body_at(is_flexible).ok_or(Closed)?;
        let due = now.plus_ms(self.delay_ms(cluster, fault));
        let mut call = Call {
            cluster,
            broker_id: self.broker_id,
            head,
            client_id: std::str::from_utf8(client_id).unwrap_or("?"),
            is_flexible,
            body: request.slice(body_at..),
            error: fault.error,
            now,
        };
        match row.answer(&mut call)? {
            Answer::Now(bytes) => self.answers.push_back(Pending::Ready { due, bytes }),
            Answer::Later(task) => {
                self.parked_count += 1;
                self.answers.push_back(Pending::Parked { due, task });
            }
            Answer::Silent => {}
            Answer::Close => return Err(Closed),
        }
        Ok(())
    }

    fn delay_ms(&self, cluster: &Cluster, fault: Fault) -> i64 {
        let own = cluster.brokers.get(&self.broker_id).map_or(0, |broker| broker.rtt_ms);
        i64::from(if fault.rtt_ms > 0 { fault.rtt_ms } else { own })
    }

    /// Writes every answer that is due, in order, with its length in front.
    pub(crate) fn transmit(
        &mut self,
        cluster: &mut Cluster,
        now: Ts,
        out: &mut BytesMut,
    ) -> Result<(), Closed> {
        self.resume(cluster, now)?;
        while let Some(Pending::Ready { due, bytes }) = self.answers.front() {
            if *due > now {
                break;
            }
            out.put_u32(bytes.len() as u32);
            out.extend_from_slice(bytes);
            self.answers.pop_front();
        }
        Ok(())
    }

    /// Asks the answers that wait, those behind the first one too: a group's members wait for each
    /// other.
    fn resume(&mut self, cluster: &mut Cluster, now: Ts) -> Result<(), Closed> {
        let is_changed = self.seen_changes != cluster.change_count;
        if self.parked_count == 0 || !(is_changed || self.parked_due() <= now) {
            return Ok(());
        }
        self.seen_changes = cluster.change_count;
        for pending in &mut self.answers {
            let Pending::Parked { due, task } = pending else { continue };
            if let Some(bytes) = task.resume(cluster, now) {
                *pending = Pending::Ready { due: *due, bytes: bytes? };
                self.parked_count -= 1;
            }
        }
        Ok(())
    }

    fn parked_due(&self) -> Ts {
        let dues = self.answers.iter().filter_map(|pending| match pending {
            Pending::Parked { task, .. } => Some(task.due()),
            Pending::Ready { .. } => None,
        });
        dues.min().unwrap_or(Ts::MAX)
    }

    /// When `transmit` should be called again, if nothing else happens.
    pub(crate) fn due(&self) -> Ts {
        let first = match self.answers.front() {
            Some(Pending::Ready { due, .. }) => *due,
            _ => Ts::MAX,
        };
        if self.parked_count == 0 { first } else { first.min(self.parked_due()) }
    }

    /// Does an answer wait for a change of the cluster that it hasn't seen?
    pub(crate) fn is_behind(&self, cluster: &Cluster) -> bool {
        self.parked_count > 0 && self.seen_changes != cluster.change_count
    }
}

/// A request's header.
struct Header<'a> {
    api_key: i16,
    head: Head,
    client_id: &'a [u8],
    rest: Read<'a>,
}

impl<'a> Header<'a> {
    fn read(request: &'a [u8]) -> Option<Self> {
        let mut read = Read::new(request);
        let api_key = read.i16().ok()?;
        let version = read.i16().ok()?;
        let correlation_id = read.i32().ok()?;
        // Flexible headers have an ordinary string here too.
        let client_id = read.string(false).ok()?;
        Some(Self { api_key, head: Head { correlation_id, version }, client_id, rest: read })
    }

    /// Where the body begins.
    fn body_at(mut self, is_flexible: bool) -> Option<usize> {
        self.rest.skip_tags(is_flexible).ok()?;
        Some(self.rest.at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::log::tests::batch;
    use kafka_protocol::messages::api_versions_response::ApiVersionsResponse;
    use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
    use kafka_protocol::messages::create_topics_request::CreatableTopic;
    use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
    use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
    use kafka_protocol::messages::leave_group_request::MemberIdentity;
    use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
    use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
    use kafka_protocol::messages::offset_commit_request::{
        OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    };
    use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
    use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
    use kafka_protocol::messages::{
        ApiVersionsRequest, CreatePartitionsRequest, CreateTopicsRequest, FetchRequest,
        FetchResponse, FindCoordinatorRequest, GroupId, HeartbeatRequest, InitProducerIdRequest,
        JoinGroupRequest, LeaveGroupRequest, ListOffsetsRequest, MetadataRequest, MetadataResponse,
        OffsetCommitRequest, OffsetFetchRequest, ProduceRequest, ProduceResponse, RequestHeader,
        ResponseHeader, SyncGroupRequest, TopicName,
    };
    use kafka_protocol::protocol::{
        Decodable, Encodable, HeaderVersion, Request as KafkaRequest, StrBytes,
    };
    use proptest::prelude::*;

    const NOW: Ts = Ts(1_000_000);

    fn name(text: &'static str) -> TopicName {
        TopicName(StrBytes::from_static_str(text))
    }

    /// A cluster of two brokers with topic `t` of two partitions: 0 on broker 1, 1 on broker 2.
    fn cluster() -> Cluster {
        let mut cluster = Cluster::new(7);
        cluster.add_broker(1, 9001);
        cluster.add_broker(2, 9002);
        cluster.create_topic("t", 2, 2).expect("it's new");
        cluster
    }

    fn frame<R: KafkaRequest>(request: &R, version: i16, correlation_id: i32) -> Vec<u8> {
        let mut out = BytesMut::new();
        RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(correlation_id)
            .with_client_id(Some(StrBytes::from_static_str("test")))
            .encode(&mut out, R::header_version(version))
            .expect("a header");
        request.encode(&mut out, version).expect("a request of this version");
        let mut framed = (out.len() as u32).to_be_bytes().to_vec();
        framed.extend_from_slice(&out);
        framed
    }

    /// The first answer in `bytes`, which is cut off.
    fn answer<R: Decodable + HeaderVersion>(bytes: &mut Bytes, version: i16) -> (i32, R) {
        let size = bytes.split_to(4);
        let mut body = bytes.split_to(u32::from_be_bytes(size[..].try_into().expect("4")) as usize);
        let header = ResponseHeader::decode(&mut body, R::header_version(version)).expect("header");
        let response = R::decode(&mut body, version).expect("an answer of this version");
        assert!(body.is_empty(), "{} bytes behind the answer", body.len());
        (header.correlation_id, response)
    }

    fn sent(connection: &mut Connection, cluster: &mut Cluster, now: Ts) -> Bytes {
        let mut out = BytesMut::new();
        connection.transmit(cluster, now, &mut out).expect("answers can be written");
        out.freeze()
    }

    /// Sends one request on a new connection to broker 1 and gives its answer.
    fn ask<R>(cluster: &mut Cluster, request: &R, version: i16) -> R::Response
    where
        R: KafkaRequest,
    {
        let mut connection = Connection::new(1);
        let frame = frame(request, version, 3);
        connection.receive(cluster, &frame, NOW).expect("a good request");
        let late = NOW.plus_ms(60_000);
        let mut bytes = sent(&mut connection, cluster, late);
        let (correlation_id, response) = answer::<R::Response>(&mut bytes, version);
        assert_eq!(correlation_id, 3);
        response
    }

    fn produce(partition: i32, records: Bytes) -> ProduceRequest {
        let data =
            PartitionProduceData::default().with_index(partition).with_records(Some(records));
        let topic =
            TopicProduceData::default().with_name(name("t")).with_partition_data(vec![data]);
        ProduceRequest::default().with_acks(-1).with_topic_data(vec![topic])
    }

    fn fetch(partition: i32, offset: i64, wait_ms: i32) -> FetchRequest {
        let part = FetchPartition::default()
            .with_partition(partition)
            .with_fetch_offset(offset)
            .with_partition_max_bytes(1 << 20);
        let topic = FetchTopic::default().with_topic(name("t")).with_partitions(vec![part]);
        FetchRequest::default()
            .with_max_wait_ms(wait_ms)
            .with_min_bytes(1)
            .with_max_bytes(1 << 20)
            .with_topics(vec![topic])
    }

    /// A stream of requests of several kinds.
    fn stream() -> Vec<u8> {
        let topic = MetadataRequestTopic::default().with_name(Some(name("new")));
        let metadata = MetadataRequest::default()
            .with_topics(Some(vec![topic]))
            .with_allow_auto_topic_creation(true);
        [
            frame(&ApiVersionsRequest::default(), 3, 1),
            frame(&metadata, 9, 2),
            frame(&InitProducerIdRequest::default(), 4, 3),
            frame(&produce(0, batch(3, -1, -1, 5)), 7, 4),
            frame(&fetch(0, 1, 0), 11, 5),
        ]
        .concat()
    }

    #[test]
    fn the_answers_do_not_depend_on_where_the_bytes_are_split() {
        let stream = stream();
        let answers = |pieces: &[&[u8]]| {
            let (mut cluster, mut connection) = (cluster(), Connection::new(1));
            let mut out = BytesMut::new();
            for piece in pieces {
                connection.receive(&mut cluster, piece, NOW).expect("good requests");
                connection.transmit(&mut cluster, NOW, &mut out).expect("good answers");
            }
            out.freeze()
        };
        let whole = answers(&[&stream]);
        assert!(whole.len() > 300);
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(answers(&[head, tail]), whole, "split at {at}");
        }
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(answers(&single), whole);
    }

    #[test]
    fn what_was_produced_is_fetched_with_its_offset() {
        let mut cluster = cluster();
        for expected in [0, 3] {
            let response: ProduceResponse = ask(&mut cluster, &produce(0, batch(3, -1, -1, 5)), 7);
            assert_eq!(response.responses[0].partition_responses[0].base_offset, expected);
        }
        let response: FetchResponse = ask(&mut cluster, &fetch(0, 4, 0), 11);
        let part = &response.responses[0].partitions[0];
        assert_eq!((part.error_code, part.high_watermark), (0, 6));
        let records = part.records.as_ref().expect("there are some");
        assert_eq!(records[..8], 3i64.to_be_bytes());
    }

    #[test]
    fn a_leader_sends_consumers_to_the_follower_which_has_bounds_of_its_own() {
        let mut cluster = cluster();
        ask(&mut cluster, &produce(0, batch(3, -1, -1, 5)), 7);
        let follower = crate::mock::cluster::Follower { broker_id: 2, start: None, end: Some(2) };
        cluster.partition("t", 0).expect("it's there").follower = Some(follower);

        let response: FetchResponse = ask(&mut cluster, &fetch(0, 0, 0), 11);
        let part = &response.responses[0].partitions[0];
        assert_eq!(part.preferred_read_replica.0, 2);
        assert!(part.records.as_ref().is_none_or(|records| records.is_empty()));

        cluster.partition("t", 0).expect("it's there").leader = Some(2);
        cluster.partition("t", 0).expect("it's there").follower =
            Some(crate::mock::cluster::Follower { broker_id: 1, ..follower });
        let read = |cluster: &mut Cluster, offset| {
            let response: FetchResponse = ask(cluster, &fetch(0, offset, 0), 11);
            let part = &response.responses[0].partitions[0];
            let size = part.records.as_ref().map_or(0, Bytes::len);
            (part.error_code, part.high_watermark, size > 0)
        };
        assert_eq!(read(&mut cluster, 0), (0, 2, true));
        assert_eq!(read(&mut cluster, 2), (0, 2, false));
        assert_eq!(read(&mut cluster, 3), (1, 2, false));
    }

    #[test]
    fn every_version_of_metadata_and_produce_is_answered_in_its_form() {
        let mut cluster = cluster();
        for version in 0..=3 {
            ask(&mut cluster, &ApiVersionsRequest::default(), version);
        }
        for version in 0..=13 {
            let topic = MetadataRequestTopic::default().with_name(Some(name("t")));
            let request = MetadataRequest::default().with_topics(Some(vec![topic]));
            let response: MetadataResponse = ask(&mut cluster, &request, version);
            assert_eq!(response.topics[0].partitions.len(), 2, "version {version}");
        }
        for version in 3..=10 {
            ask(&mut cluster, &produce(0, batch(1, -1, -1, 0)), version);
            let moved: ProduceResponse =
                ask(&mut cluster, &produce(1, batch(1, -1, -1, 0)), version);
            let result = &moved.responses[0].partition_responses[0];
            assert_eq!(result.error_code, 6);
            assert_eq!(result.current_leader.leader_id.0, if version < 10 { -1 } else { 2 });
        }
    }

    #[test]
    fn every_version_of_fetch_and_list_offsets_is_answered_in_its_form() {
        let mut cluster = cluster();
        for version in 4..=12 {
            let response: FetchResponse = ask(&mut cluster, &fetch(1, 0, 0), version);
            assert_eq!(response.responses[0].partitions[0].error_code, 6);
            ask(&mut cluster, &fetch(0, 0, 0), version);
        }
        for version in 13..=16 {
            let mut request = fetch(0, 0, 0);
            request.topics[0].topic_id = cluster.topics["t"].id;
            let response: FetchResponse = ask(&mut cluster, &request, version);
            assert!(response.responses[0].partitions[0].records.is_some());
        }
        for version in 1..=7 {
            let part = ListOffsetsPartition::default().with_timestamp(-1);
            let topic =
                ListOffsetsTopic::default().with_name(name("t")).with_partitions(vec![part]);
            ask(&mut cluster, &ListOffsetsRequest::default().with_topics(vec![topic]), version);
        }
    }

    fn group() -> GroupId {
        GroupId(StrBytes::from_static_str("g"))
    }

    /// A cluster in which broker 1 coordinates group `g`.
    fn coordinated() -> Cluster {
        let mut cluster = cluster();
        cluster.set_coordinator(crate::mock::cluster::CoordinatorKind::Group, "g", 1);
        cluster
    }

    #[test]
    fn every_version_of_the_group_requests_is_answered_in_its_form() {
        let mut cluster = coordinated();
        for version in 0..=4 {
            let mut request = FindCoordinatorRequest::default();
            match version {
                4 => request.coordinator_keys = vec![StrBytes::from_static_str("g")],
                _ => request.key = StrBytes::from_static_str("g"),
            }
            ask(&mut cluster, &request, version);
            ask(&mut cluster, &InitProducerIdRequest::default(), version);
            ask(&mut cluster, &HeartbeatRequest::default().with_group_id(group()), version);
            ask(&mut cluster, &SyncGroupRequest::default().with_group_id(group()), version);
            let mut leave = LeaveGroupRequest::default().with_group_id(group());
            if version >= 3 {
                leave.members = vec![MemberIdentity::default()];
            }
            ask(&mut cluster, &leave, version);
        }
        for version in 0..=6 {
            let protocol = JoinGroupRequestProtocol::default();
            let request = JoinGroupRequest::default()
                .with_group_id(group())
                .with_session_timeout_ms(1000)
                .with_protocols(vec![protocol.with_name(StrBytes::from_static_str("range"))]);
            assert_eq!(ask(&mut cluster, &request, version).error_code, 0);
        }
    }

    #[test]
    fn every_version_of_the_offset_and_topic_requests_is_answered_in_its_form() {
        let mut cluster = coordinated();
        for version in 2..=9 {
            let part = OffsetCommitRequestPartition::default().with_committed_offset(5);
            let topic = OffsetCommitRequestTopic::default()
                .with_name(name("t"))
                .with_partitions(vec![part]);
            let request = OffsetCommitRequest::default()
                .with_group_id(group())
                .with_generation_id_or_member_epoch(-1)
                .with_topics(vec![topic]);
            let response = ask(&mut cluster, &request, version);
            assert_eq!(response.topics[0].partitions[0].error_code, 0);
        }
        for version in 1..=7 {
            let topic = OffsetFetchRequestTopic::default()
                .with_name(name("t"))
                .with_partition_indexes(vec![0]);
            let request =
                OffsetFetchRequest::default().with_group_id(group()).with_topics(Some(vec![topic]));
            let response = ask(&mut cluster, &request, version);
            assert_eq!(response.topics[0].partitions[0].committed_offset, 5);
        }
        for version in 2..=5 {
            let topic = CreatableTopic::default().with_name(name("t")).with_num_partitions(1);
            let request = CreateTopicsRequest::default().with_topics(vec![topic]);
            assert_eq!(ask(&mut cluster, &request, version).topics[0].error_code, 36);
        }
        for version in 0..=3 {
            let count = 3 + i32::from(version);
            let topic = CreatePartitionsTopic::default().with_name(name("t")).with_count(count);
            let request = CreatePartitionsRequest::default().with_topics(vec![topic]);
            assert_eq!(ask(&mut cluster, &request, version).results[0].error_code, 0);
        }
    }

    #[test]
    fn an_unknown_version_of_api_versions_gets_the_list_in_version_0() {
        let mut connection = Connection::new(1);
        let mut cluster = cluster();
        let request = [0, 0, 0, 11, 0, 18, 0, 99, 0, 0, 0, 8, 0xff, 0xff, 0];
        connection.receive(&mut cluster, &request, NOW).expect("it's answered");
        let mut bytes = sent(&mut connection, &mut cluster, NOW);
        let (id, response) = answer::<ApiVersionsResponse>(&mut bytes, 0);
        assert_eq!((id, response.error_code), (8, 35));
        assert!(response.api_keys.len() > 10);
    }

    #[test]
    fn requests_that_are_not_offered_close_the_connection() {
        let mut cluster = cluster();
        let bad: [&[u8]; 5] = [
            &[0, 0, 0, 10, 0, 99, 0, 0, 0, 0, 0, 8, 0xff, 0xff],
            &[0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 8, 0xff, 0xff],
            &[0xff, 0xff, 0xff, 0xff],
            &[0x7f, 0xff, 0xff, 0xff],
            &[0, 0, 0, 2, 0, 3],
        ];
        for bytes in bad {
            let received = Connection::new(1).receive(&mut cluster, bytes, NOW);
            assert_eq!(received, Err(Closed), "{bytes:?}");
        }
    }

    #[test]
    fn answers_wait_for_the_round_trip_time_and_keep_their_order() {
        let mut cluster = cluster();
        let mut connection = Connection::new(1);
        cluster.brokers.get_mut(&1).expect("it's there").rtt_ms = 100;
        let slow = Fault { error: ErrorCode::NO_ERROR, rtt_ms: 300 };
        cluster.brokers.get_mut(&1).expect("it's there").faults.push(18, [slow]);
        let request = ApiVersionsRequest::default();
        let two = [frame(&request, 0, 1), frame(&request, 0, 2)].concat();
        connection.receive(&mut cluster, &two, NOW).expect("good requests");
        assert_eq!(connection.due(), NOW.plus_ms(300));
        assert!(sent(&mut connection, &mut cluster, NOW.plus_ms(299)).is_empty());
        let mut bytes = sent(&mut connection, &mut cluster, NOW.plus_ms(300));
        assert_eq!(answer::<ApiVersionsResponse>(&mut bytes, 0).0, 1);
        assert_eq!(answer::<ApiVersionsResponse>(&mut bytes, 0).0, 2);
        assert_eq!(connection.due(), Ts::MAX);
    }

    #[test]
    fn a_fetch_waits_for_an_append_or_for_its_time() {
        let mut cluster = cluster();
        let mut connection = Connection::new(1);
        let request = frame(&fetch(0, 0, 500), 11, 1);
        connection.receive(&mut cluster, &request, NOW).expect("good");
        assert!(sent(&mut connection, &mut cluster, NOW).is_empty());
        assert_eq!(connection.due(), NOW.plus_ms(500));
        assert!(!connection.is_behind(&cluster));

        ask(&mut cluster, &produce(0, batch(1, -1, -1, 0)), 7);
        assert!(connection.is_behind(&cluster));
        let mut bytes = sent(&mut connection, &mut cluster, NOW.plus_ms(1));
        let (_, response) = answer::<FetchResponse>(&mut bytes, 11);
        assert!(
            response.responses[0].partitions[0].records.as_ref().is_some_and(|it| it.len() > 60)
        );

        let request = frame(&fetch(0, 1, 500), 11, 2);
        connection.receive(&mut cluster, &request, NOW).expect("good");
        assert!(sent(&mut connection, &mut cluster, NOW.plus_ms(499)).is_empty());
        assert!(!sent(&mut connection, &mut cluster, NOW.plus_ms(500)).is_empty());
    }

    #[test]
    fn pushed_errors_are_met_once_and_transport_errors_close() {
        let mut cluster = cluster();
        cluster.faults.push(0, [7, -195].map(|code| Fault { error: ErrorCode(code), rtt_ms: 0 }));
        let request = produce(0, batch(1, -1, -1, 0));
        let response: ProduceResponse = ask(&mut cluster, &request, 7);
        assert_eq!(response.responses[0].partition_responses[0].error_code, 7);
        assert_eq!(cluster.topics["t"].partitions[0].log.end(), 0, "lenient: not appended");
        let received = Connection::new(1).receive(&mut cluster, &frame(&request, 7, 1), NOW);
        assert_eq!(received, Err(Closed));
        let response: ProduceResponse = ask(&mut cluster, &request, 7);
        assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
    }

    #[test]
    fn a_strict_time_out_comes_after_the_append() {
        let mut cluster = cluster();
        cluster.rules.strictness = crate::mock::Strictness::Strict;
        cluster.faults.push(0, [Fault { error: ErrorCode::REQUEST_TIMED_OUT, rtt_ms: 0 }]);
        cluster.ledger.open();
        let request = produce(0, batch(2, 5, 0, 0));
        let first: ProduceResponse = ask(&mut cluster, &request, 7);
        assert_eq!(first.responses[0].partition_responses[0].error_code, 7);
        let again: ProduceResponse = ask(&mut cluster, &request, 7);
        assert_eq!(again.responses[0].partition_responses[0].base_offset, 0);
        assert_eq!(cluster.topics["t"].partitions[0].log.end(), 2, "appended once");
        let noted = |outcome: &crate::mock::Outcome| {
            (outcome.appended_at, outcome.answer, outcome.base_offset, outcome.base_sequence)
        };
        let ledger: Vec<_> = cluster.ledger.outcomes().iter().map(noted).collect();
        let expected =
            [(Some(0), ErrorCode::REQUEST_TIMED_OUT, -1, 0), (None, ErrorCode::NO_ERROR, 0, 0)];
        assert_eq!(ledger, expected);
    }

    #[test]
    fn acks_0_has_no_answer_and_a_strict_failure_closes() {
        let mut cluster = cluster();
        let mut connection = Connection::new(1);
        let request = produce(1, batch(1, -1, -1, 0)).with_acks(0);
        let bytes = frame(&request, 7, 1);
        assert_eq!(connection.receive(&mut cluster, &bytes, NOW), Ok(()));
        assert!(sent(&mut connection, &mut cluster, NOW).is_empty());
        cluster.rules.strictness = crate::mock::Strictness::Strict;
        assert_eq!(connection.receive(&mut cluster, &bytes, NOW), Err(Closed));
    }

    /// Feeds bytes; whatever they are, nothing panics.
    fn feed(bytes: &[u8]) {
        let (mut cluster, mut connection) = (cluster(), Connection::new(1));
        cluster.rules.strictness = crate::mock::Strictness::Strict;
        if connection.receive(&mut cluster, bytes, NOW).is_ok() {
            sent(&mut connection, &mut cluster, NOW.plus_ms(1));
            sent(&mut connection, &mut cluster, Ts::MAX);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            feed(&bytes);
        }

        #[test]
        fn random_bodies_of_known_requests_never_panic(
            key in 0i16..40,
            version in 0i16..17,
            body in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = ((10 + body.len()) as u32).to_be_bytes().to_vec();
            bytes.extend_from_slice(&key.to_be_bytes());
            bytes.extend_from_slice(&version.to_be_bytes());
            bytes.extend_from_slice(&[0, 0, 0, 1, 0xff, 0xff]);
            bytes.extend_from_slice(&body);
            feed(&bytes);
        }

        #[test]
        fn damaged_requests_never_panic(
            at in 0usize..10_000,
            with in any::<u8>(),
            cut in 0usize..10_000,
        ) {
            let mut bytes = stream();
            let length = bytes.len();
            bytes[at % length] = with;
            bytes.truncate(length - cut % length / 2);
            feed(&bytes);
        }
    }
}
