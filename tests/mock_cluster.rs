//! The mock cluster over real sockets, asked by a client that's made of the standard library and
//! `kafka-protocol`.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    FetchRequest, FetchResponse, MetadataRequest, MetadataResponse, ProduceRequest,
    ProduceResponse, RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use rdkafka::mock::{ErrorCode, Fault, MockCluster, Strictness};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(10);

struct Client(TcpStream);

impl Client {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the broker listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket option");
        Self(stream)
    }

    fn send<R: Request>(&mut self, request: &R, version: i16) {
        let mut out = BytesMut::new();
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(5);
        header.encode(&mut out, R::header_version(version)).expect("a header");
        request.encode(&mut out, version).expect("a request of this version");
        let size = (out.len() as u32).to_be_bytes();
        self.0.write_all(&[&size[..], &out].concat()).expect("sent");
    }

    fn receive<R: Decodable + HeaderVersion>(&mut self, version: i16) -> R {
        let mut size = [0; 4];
        self.0.read_exact(&mut size).expect("an answer");
        let mut body = vec![0; u32::from_be_bytes(size) as usize];
        self.0.read_exact(&mut body).expect("a whole answer");
        let mut body = Bytes::from(body);
        let header = ResponseHeader::decode(&mut body, R::header_version(version)).expect("header");
        assert_eq!(header.correlation_id, 5);
        R::decode(&mut body, version).expect("an answer of this version")
    }

    fn ask<R: Request>(&mut self, request: &R, version: i16) -> R::Response {
        self.send(request, version);
        self.receive(version)
    }

    fn is_cut(&mut self) -> bool {
        match self.0.read(&mut [0; 1]) {
            Ok(count) => count == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }
}

fn name(text: &'static str) -> TopicName {
    TopicName(StrBytes::from_static_str(text))
}

fn records(values: &[&'static str], compression: Compression) -> Bytes {
    let record = |(offset, value): (usize, &&'static str)| Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: 0,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: offset as i64,
        // The encoder begins a new batch where offset and sequence don't rise together.
        sequence: offset as i32 - 1,
        timestamp: 1_700_000_000_000,
        key: None,
        value: Some(Bytes::from_static(value.as_bytes())),
        headers: Default::default(),
    };
    let records: Vec<Record> = values.iter().enumerate().map(record).collect();
    let mut out = BytesMut::new();
    let options = RecordEncodeOptions { version: 2, compression };
    RecordBatchEncoder::encode(&mut out, &records, &options).expect("records");
    out.freeze()
}

fn produce(topic: &'static str, records: Bytes) -> ProduceRequest {
    let data = PartitionProduceData::default().with_index(0).with_records(Some(records));
    let topic = TopicProduceData::default().with_name(name(topic)).with_partition_data(vec![data]);
    ProduceRequest::default().with_acks(-1).with_topic_data(vec![topic])
}

fn fetch(topic: &'static str, offset: i64, wait_ms: i32) -> FetchRequest {
    let part = FetchPartition::default()
        .with_partition(0)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(1 << 20);
    let topic = FetchTopic::default().with_topic(name(topic)).with_partitions(vec![part]);
    FetchRequest::default()
        .with_max_wait_ms(wait_ms)
        .with_min_bytes(1)
        .with_max_bytes(1 << 20)
        .with_topics(vec![topic])
}

fn error_of(response: &ProduceResponse) -> i16 {
    response.responses[0].partition_responses[0].error_code
}

fn addresses(cluster: &MockCluster) -> Vec<String> {
    cluster.bootstraps().split(',').map(str::to_owned).collect()
}

#[test]
fn metadata_produce_and_fetch_work_over_a_socket() {
    let cluster = MockCluster::new(3).expect("loopback is there");
    cluster.set_strictness(Strictness::Strict);
    let mut client = Client::connect(&addresses(&cluster)[0]);

    let topic = MetadataRequestTopic::default().with_name(Some(name("orders")));
    let request = MetadataRequest::default()
        .with_topics(Some(vec![topic]))
        .with_allow_auto_topic_creation(true);
    let metadata: MetadataResponse = client.ask(&request, 12);
    assert_eq!(metadata.brokers.len(), 3);
    assert_eq!(metadata.topics[0].partitions.len(), 4);
    assert_eq!(metadata.topics[0].partitions[0].leader_id.0, 1);

    for base in [0, 2] {
        let sent = produce("orders", records(&["one", "two"], Compression::None));
        let response = client.ask(&sent, 9);
        let result = &response.responses[0].partition_responses[0];
        assert_eq!((result.error_code, result.base_offset), (0, base));
    }

    let response: FetchResponse = client.ask(&fetch("orders", 0, 0), 11);
    let mut bytes = response.responses[0].partitions[0].records.clone().expect("records");
    let sets = RecordBatchDecoder::decode_all(&mut bytes).expect("they decode");
    let read: Vec<(i64, Bytes)> = sets
        .into_iter()
        .flat_map(|set| set.records)
        .map(|record| (record.offset, record.value.expect("a value")))
        .collect();
    let expected = ["one", "two", "one", "two"].map(|value| Bytes::from_static(value.as_bytes()));
    assert_eq!(read, (0..).zip(expected).collect::<Vec<(i64, Bytes)>>());
    let log = cluster.log("orders", 0).expect("it's there").records().expect("they decode");
    assert_eq!(log.len(), 4);
    assert_eq!((log[3].offset, log[3].value.as_deref()), (3, Some(&b"two"[..])));
}

#[test]
fn a_waiting_fetch_is_answered_by_another_clients_append() {
    let cluster = MockCluster::new(1).expect("loopback is there");
    cluster.create_topic("t", 1, 1).expect("it's new");
    let address = &addresses(&cluster)[0];
    let (mut consumer, mut producer) = (Client::connect(address), Client::connect(address));
    let began = Instant::now();
    consumer.send(&fetch("t", 0, 60_000), 11);
    // The consumer's own produce request would queue behind its fetch, so another connection sends
    // it.
    let sent = produce("t", records(&["x"], Compression::None));
    assert_eq!(error_of(&producer.ask(&sent, 7)), 0);
    let response: FetchResponse = consumer.receive(11);
    assert!(response.responses[0].partitions[0].records.as_ref().is_some_and(|it| !it.is_empty()));
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn a_broker_that_goes_down_cuts_and_refuses_until_it_is_up() {
    let cluster = MockCluster::new(2).expect("loopback is there");
    let addresses = addresses(&cluster);
    let mut first = Client::connect(&addresses[0]);
    let mut second = Client::connect(&addresses[1]);
    let request = MetadataRequest::default().with_topics(None);
    first.ask(&request, 1);

    assert_eq!(cluster.broker_down(1), Ok(()));
    assert!(first.is_cut());
    assert!(TcpStream::connect(&addresses[0]).is_err());
    second.ask(&request, 1);

    assert_eq!(cluster.broker_up(1), Ok(()));
    Client::connect(&addresses[0]).ask(&request, 1);
    assert_eq!(cluster.broker_down(9), Err(ErrorCode::BROKER_NOT_AVAILABLE));
}

#[test]
fn faults_delay_fail_and_cut() {
    let cluster = MockCluster::new(1).expect("loopback is there");
    cluster.create_topic("t", 1, 1).expect("it's new");
    let faults = [
        Fault { error: ErrorCode::NOT_LEADER_OR_FOLLOWER, rtt_ms: 0 },
        Fault { error: ErrorCode::NO_ERROR, rtt_ms: 200 },
        Fault { error: ErrorCode::_TRANSPORT, rtt_ms: 0 },
    ];
    cluster.push_broker_faults(1, 0, &faults).expect("broker 1 is there");
    let mut client = Client::connect(&addresses(&cluster)[0]);
    let sent = produce("t", records(&["x"], Compression::None));

    assert_eq!(error_of(&client.ask(&sent, 7)), 6);
    let began = Instant::now();
    assert_eq!(error_of(&client.ask(&sent, 7)), 0);
    assert!(began.elapsed() >= Duration::from_millis(200));
    client.send(&sent, 7);
    assert!(client.is_cut());
    assert_eq!(cluster.broker_fault_count(1, 0), Ok(0));
    assert_eq!(cluster.log("t", 0).expect("it's there").end_offset, 1);
}

#[test]
fn brokers_come_and_go_and_requests_are_tracked() {
    let cluster = MockCluster::new(2).expect("loopback is there");
    cluster.create_topic("t", 2, 1).expect("it's new");
    cluster.start_tracking();
    let mut client = Client::connect(&addresses(&cluster)[0]);
    let request = MetadataRequest::default().with_topics(None);
    let mut leaders = || {
        let response: MetadataResponse = client.ask(&request, 9);
        let partitions = response.topics[0].partitions.iter();
        let leaders: Vec<i32> = partitions.map(|partition| partition.leader_id.0).collect();
        (response.brokers.len(), leaders)
    };
    assert_eq!(leaders(), (2, vec![1, 2]));
    assert_eq!(cluster.decommission_broker(2), Ok(()));
    assert_eq!(leaders(), (1, vec![1, 1]));
    assert_eq!(cluster.add_broker(3), Ok(()));
    assert_eq!(leaders(), (2, vec![1, 3]));
    assert_eq!(cluster.set_leader("t", 1, None), Ok(()));
    assert_eq!(leaders(), (2, vec![1, -1]));
    assert_eq!(cluster.push_leader_response("t", 1, 1, 9), Ok(()));
    assert_eq!(leaders().1, [1, 1]);
    assert_eq!(leaders().1, [1, -1]);

    let requests = cluster.requests();
    assert_eq!(requests.len(), 6);
    assert!(requests.iter().all(|request| request.api_key == 3 && request.broker_id == 1));
    cluster.stop_tracking();
    assert!(cluster.requests().is_empty());
}

#[test]
fn a_client_that_does_not_read_does_not_hold_up_others() {
    let cluster = MockCluster::new(1).expect("loopback is there");
    cluster.create_topic("t", 1, 1).expect("it's new");
    let address = &addresses(&cluster)[0];
    let (mut lazy, mut other) = (Client::connect(address), Client::connect(address));
    let large: &'static str = Box::leak("x".repeat(900_000).into_boxed_str());
    let sent = produce("t", records(&[large], Compression::None));
    assert_eq!(error_of(&other.ask(&sent, 7)), 0);
    // About 45 MB of answers that nobody reads.
    for _ in 0..50 {
        lazy.send(&fetch("t", 0, 0), 11);
    }
    assert_eq!(error_of(&other.ask(&sent, 7)), 0);
    for _ in 0..50 {
        let response: FetchResponse = lazy.receive(11);
        assert_eq!(response.responses[0].partitions[0].error_code, 0);
    }
}

#[test]
fn a_dropped_cluster_leaves_no_thread_and_no_descriptor() {
    let count = || std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let mock_threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").expect("procfs");
        let names =
            tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.trim() == "rdk:mock").count()
    };
    // Other tests of this process come and go, so a child process does the counting.
    let exe = std::env::current_exe().expect("this test");
    if std::env::var_os("MOCK_CLUSTER_ALONE").is_none() {
        let status = std::process::Command::new(exe)
            .args(["--exact", "a_dropped_cluster_leaves_no_thread_and_no_descriptor"])
            .env("MOCK_CLUSTER_ALONE", "1")
            .status()
            .expect("a child");
        assert!(status.success());
        return;
    }
    let before = count();
    for _ in 0..3 {
        let cluster = MockCluster::new(3).expect("loopback is there");
        let mut client = Client::connect(&addresses(&cluster)[2]);
        let _: MetadataResponse = client.ask(&MetadataRequest::default().with_topics(None), 1);
        assert_eq!(mock_threads(), 1);
        drop(cluster);
        drop(client);
    }
    assert_eq!((count(), mock_threads()), (before, 0));
}
