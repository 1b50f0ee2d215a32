//! The response: read as views into its bytes or as values, and written for the mock cluster.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::{FLEXIBLE_SINCE, PARTITIONS_MAX, TOPICS_MAX};
use crate::proto::wire::{Read, Result, Write};

/// Most bytes of a topic's name: Kafka's own limit.
const TOPIC_BYTES_MAX: usize = 249;
/// Most node endpoints that a response may have.
const NODES_MAX: usize = 10_000;

/// Fewest bytes of one: two integers, two empty strings, no tags.
const NODE_BYTES_MIN: usize = 11;

/// First versions with the throttle time, the append time, the log's start, blamed records, leaders
/// (KIP-951).
const THROTTLE_SINCE: i16 = 1;
const APPEND_TIME_SINCE: i16 = 2;
const START_OFFSET_SINCE: i16 = 5;
const RECORD_ERRORS_SINCE: i16 = 8;
const LEADERS_SINCE: i16 = 10;

/// A partition's tag with the current leader.
const LEADER_TAG: u32 = 0;
/// The body's tag with node endpoints.
const ENDPOINTS_TAG: u32 = 0;

/// A record that the broker blames for a batch's failure (KIP-467).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordError {
    /// Its index in the batch.
    pub(crate) index: i32,
    /// The broker's text.
    pub(crate) text: Option<Vec<u8>>,
}

/// Where a broker is (KIP-951).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeEndpoint {
    /// Node id.
    pub(crate) id: i32,
    /// Host.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: i32,
}

/// One partition of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartitionResult {
    /// Topic name; the results of one topic share it.
    pub(crate) topic: Arc<[u8]>,
    /// Partition number.
    pub(crate) partition: i32,
    /// Error code.
    pub(crate) error: i16,
    /// Offset of the batch's first record.
    pub(crate) base_offset: i64,
    /// The log's append time, -1 if records keep theirs.
    pub(crate) log_append_time: i64,
    /// Blamed records.
    pub(crate) record_errors: Vec<RecordError>,
    /// The broker's text.
    pub(crate) error_text: Option<Vec<u8>>,
    /// Leader id and epoch, if the leader changed.
    pub(crate) current_leader: Option<(i32, i32)>,
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Response {
    /// The partitions, in the order of the response.
    pub(crate) partitions: Vec<PartitionResult>,
    /// Milliseconds that requests were throttled.
    pub(crate) throttle_ms: i32,
    /// Where brokers are.
    pub(crate) endpoints: Vec<NodeEndpoint>,
}

/// One partition of a response, within the response's bytes.
#[derive(Clone)]
pub(crate) struct PartitionView<'a> {
    /// Topic name.
    pub(crate) topic: &'a [u8],
    /// Partition number.
    pub(crate) partition: i32,
    /// Error code.
    pub(crate) error: i16,
    /// Offset of the batch's first record.
    pub(crate) base_offset: i64,
    /// The log's append time, -1 if records keep theirs.
    pub(crate) log_append_time: i64,
    /// First offset of the log, -1 if the version does not say.
    pub(crate) log_start_offset: i64,
    /// Blamed records.
    pub(crate) record_errors: RecordErrors<'a>,
    /// The broker's text.
    pub(crate) error_text: Option<&'a [u8]>,
    /// Leader id and epoch, if the leader changed (versions 9 and 10; history acts on it from 10
    /// on).
    pub(crate) current_leader: Option<(i32, i32)>,
}

/// The blamed records of a partition: index and text of each.
#[derive(Clone)]
pub(crate) struct RecordErrors<'a> {
    read: Read<'a>,
    left: usize,
    flexible: bool,
}

impl<'a> RecordErrors<'a> {
    fn next_checked(&mut self) -> Result<(i32, Option<&'a [u8]>)> {
        let index = self.read.i32()?;
        let text = self.read.nullable_string(self.flexible)?;
        self.read.skip_tags(self.flexible)?;
        Ok((index, text))
    }
}

impl<'a> Iterator for RecordErrors<'a> {
    type Item = (i32, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        // They were all read once before anybody got the view.
        self.next_checked().ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for RecordErrors<'_> {}

/// What stands behind a response's topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseTail {
    /// Milliseconds that requests were throttled; never negative.
    pub(crate) throttle_ms: i32,
    /// Where brokers are.
    pub(crate) endpoints: Vec<NodeEndpoint>,
}

/// Reads a response's body without copying it: `visit` gets each partition, in the order of the
/// response. It may have seen some when the rest turns out to be damaged.
pub(crate) fn visit_response<'a>(
    read: &mut Read<'a>,
    version: i16,
    mut visit: impl FnMut(PartitionView<'a>),
) -> Result<ResponseTail> {
    let flexible = version >= FLEXIBLE_SINCE;
    for _ in 0..read.count(flexible, TOPICS_MAX)? {
        let topic = read.string(flexible)?;
        if topic.len() > TOPIC_BYTES_MAX {
            return Err(read.bad("topic name"));
        }
        for _ in 0..read.count(flexible, PARTITIONS_MAX)? {
            let mut view = PartitionView::begin(read, topic, flexible)?;
            let end = view.finish(read, version);
            // History reports the offset of an answer that breaks off behind it.
            visit(view);
            end?;
        }
        read.skip_tags(flexible)?;
    }
    let mut tail = ResponseTail::default();
    if version >= THROTTLE_SINCE {
        tail.throttle_ms = read.i32()?.max(0);
    }
    read.tags(flexible, |tag, mut value| {
        if tag == ENDPOINTS_TAG {
            tail.endpoints = read_endpoints(&mut value)?;
        }
        Ok(())
    })?;
    Ok(tail)
}

/// Does a response's body name one topic with one partition? No more is read.
pub(crate) fn has_one_partition(mut read: Read<'_>, version: i16) -> Result<bool> {
    let flexible = version >= FLEXIBLE_SINCE;
    if read.count(flexible, TOPICS_MAX)? != 1 {
        return Ok(false);
    }
    read.string(flexible)?;
    Ok(read.count(flexible, PARTITIONS_MAX)? == 1)
}

impl<'a> PartitionView<'a> {
    /// Reads what stands first: partition, error, offset.
    fn begin(read: &mut Read<'a>, topic: &'a [u8], flexible: bool) -> Result<Self> {
        Ok(Self {
            topic,
            partition: read.i32()?,
            error: read.i16()?,
            base_offset: read.i64()?,
            log_append_time: -1,
            log_start_offset: -1,
            record_errors: RecordErrors { read: read.clone(), left: 0, flexible },
            error_text: None,
            current_leader: None,
        })
    }

    /// Reads the rest; what was read before damage stays.
    fn finish(&mut self, read: &mut Read<'a>, version: i16) -> Result<()> {
        let flexible = version >= FLEXIBLE_SINCE;
        if version >= APPEND_TIME_SINCE {
            self.log_append_time = read.i64()?;
        }
        if version >= START_OFFSET_SINCE {
            self.log_start_offset = read.i64()?;
        }
        if version >= RECORD_ERRORS_SINCE {
            // Their number is limited by the bytes alone: a batch may have any number of records.
            let count = read.count(flexible, usize::MAX)?;
            let record_errors = RecordErrors { read: read.clone(), left: count, flexible };
            let mut ahead = record_errors.clone();
            for _ in 0..count {
                ahead.next_checked()?;
            }
            self.record_errors = record_errors;
            *read = ahead.read;
            self.error_text = read.nullable_string(flexible)?;
        }
        read.tags(flexible, |tag, mut value| {
            if tag == LEADER_TAG {
                self.current_leader = Some((value.i32()?, value.i32()?));
            }
            Ok(())
        })
    }
}

/// Reads a response's body. Twice: what is kept is allocated when it is known to be there, and in
/// one piece.
pub(crate) fn read_response(read: &mut Read<'_>, version: i16) -> Result<Response> {
    let mut count = 0;
    visit_response(&mut read.clone(), version, |_| count += 1)?;
    let mut partitions = Vec::<PartitionResult>::with_capacity(count);
    let mut topic = &[][..];
    let tail = visit_response(read, version, |view| {
        // A topic's name is one place in the bytes, however many partitions it has.
        let known = partitions.last().filter(|_| std::ptr::eq(topic, view.topic));
        let shared = known.map_or_else(|| view.topic.into(), |last| Arc::clone(&last.topic));
        topic = view.topic;
        partitions.push(PartitionResult::of(&view, version, shared));
    })?;
    Ok(Response { partitions, throttle_ms: tail.throttle_ms, endpoints: tail.endpoints })
}

impl PartitionResult {
    fn of(view: &PartitionView<'_>, version: i16, topic: Arc<[u8]>) -> Self {
        let blamed = view.record_errors.clone();
        Self {
            topic,
            partition: view.partition,
            error: view.error,
            base_offset: view.base_offset,
            log_append_time: view.log_append_time,
            record_errors: blamed
                .map(|(index, text)| RecordError { index, text: text.map(<[u8]>::to_vec) })
                .collect(),
            error_text: view.error_text.map(<[u8]>::to_vec),
            current_leader: view.current_leader.filter(|_| version >= LEADERS_SINCE),
        }
    }
}

fn read_endpoints(read: &mut Read<'_>) -> Result<Vec<NodeEndpoint>> {
    let count = read.count_of(true, NODES_MAX, NODE_BYTES_MIN)?;
    let mut endpoints = Vec::with_capacity(count);
    for _ in 0..count {
        let id = read.i32()?;
        let host = String::from_utf8_lossy(read.string(true)?).into_owned();
        let port = read.i32()?;
        read.string(true)?;
        read.skip_tags(true)?;
        endpoints.push(NodeEndpoint { id, host, port });
    }
    Ok(endpoints)
}

/// Writes a response's body; the mock cluster's side.
pub(crate) fn write_response(out: &mut Vec<u8>, version: i16, response: &Response) {
    let flexible = version >= FLEXIBLE_SINCE;
    let groups: Vec<&[PartitionResult]> =
        response.partitions.chunk_by(|a, b| a.topic == b.topic).collect();
    out.put_count(groups.len(), flexible);
    for group in groups {
        out.put_string(Some(&group[0].topic), flexible);
        out.put_count(group.len(), flexible);
        for result in group {
            write_partition(out, version, result);
        }
        out.put_no_tags(flexible);
    }
    if version >= 1 {
        out.put_i32(response.throttle_ms);
    }
    if flexible {
        write_endpoints(out, version, &response.endpoints);
    }
}

fn write_partition(out: &mut Vec<u8>, version: i16, result: &PartitionResult) {
    let flexible = version >= FLEXIBLE_SINCE;
    out.put_i32(result.partition);
    out.put_i16(result.error);
    out.put_i64(result.base_offset);
    if version >= 2 {
        out.put_i64(result.log_append_time);
    }
    if version >= 5 {
        out.put_i64(0);
    }
    if version >= 8 {
        out.put_count(result.record_errors.len(), flexible);
        for error in &result.record_errors {
            out.put_i32(error.index);
            out.put_string(error.text.as_deref(), flexible);
            out.put_no_tags(flexible);
        }
        out.put_string(result.error_text.as_deref(), flexible);
    }
    match result.current_leader {
        Some((id, epoch)) if version >= LEADERS_SINCE => {
            // One tag: number 0, nine bytes.
            out.put(&[1, 0, 9]);
            out.put_i32(id);
            out.put_i32(epoch);
            out.put_i8(0);
        }
        _ => out.put_no_tags(flexible),
    }
}

fn write_endpoints(out: &mut Vec<u8>, version: i16, endpoints: &[NodeEndpoint]) {
    if version < LEADERS_SINCE || endpoints.is_empty() {
        out.put_no_tags(true);
        return;
    }
    let mut value = Vec::new();
    value.put_count(endpoints.len(), true);
    for endpoint in endpoints {
        value.put_i32(endpoint.id);
        value.put_string(Some(endpoint.host.as_bytes()), true);
        value.put_i32(endpoint.port);
        value.put_string(None, true);
        value.put_no_tags(true);
    }
    out.put(&[1, 0]);
    out.put_uvarint(u64::try_from(value.len()).unwrap_or(u64::MAX));
    out.put(&value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use proptest::prelude::*;

    fn result() -> impl Strategy<Value = PartitionResult> {
        let text = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20));
        (
            0u8..3,
            any::<i32>(),
            any::<i16>(),
            any::<i64>(),
            proptest::collection::vec((any::<i32>(), text.clone()), 0..4),
            text,
            proptest::option::of(any::<(i32, i32)>()),
        )
            .prop_map(
                |(topic, partition, error, base_offset, blamed, error_text, leader)| {
                    PartitionResult {
                        topic: vec![b'a' + topic; 3].into(),
                        partition,
                        error,
                        base_offset,
                        log_append_time: 7,
                        record_errors: blamed
                            .into_iter()
                            .map(|(index, text)| RecordError { index, text })
                            .collect(),
                        error_text,
                        current_leader: leader,
                    }
                },
            )
    }

    /// What a version carries of a response.
    fn cut_to(version: i16, mut response: Response) -> Response {
        for result in &mut response.partitions {
            if version < APPEND_TIME_SINCE {
                result.log_append_time = -1;
            }
            if version < RECORD_ERRORS_SINCE {
                result.record_errors.clear();
                result.error_text = None;
            }
            if version < LEADERS_SINCE {
                result.current_leader = None;
            }
        }
        if version < THROTTLE_SINCE {
            response.throttle_ms = 0;
        }
        if version < LEADERS_SINCE {
            response.endpoints.clear();
        }
        response
    }

    #[test]
    fn what_stands_before_the_cut_is_seen() {
        // One topic, its name, one partition: its number, its error and its offset.
        let bytes = b"\0\0\0\x01\0\x01t\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x2a";
        for (size, seen) in [(bytes.len() - 1, vec![]), (bytes.len(), vec![42])] {
            let mut offsets = Vec::new();
            let mut read = Read::new(&bytes[..size]);
            let end = visit_response(&mut read, 7, |view| offsets.push(view.base_offset));
            assert!(end.is_err(), "{size} bytes");
            assert_eq!(offsets, seen, "{size} bytes");
        }
    }

    #[test]
    fn one_partition_is_told_from_other_counts() {
        for (topics, partitions, is_one) in
            [(1, 1, true), (0, 1, false), (2, 1, false), (1, 0, false), (1, 2, false)]
        {
            let mut bytes = Vec::new();
            bytes.extend_from_slice(&i32::to_be_bytes(topics));
            bytes.extend_from_slice(b"\0\x01t");
            bytes.extend_from_slice(&i32::to_be_bytes(partitions));
            // A count above the bytes that are left is damage of its own.
            bytes.extend_from_slice(&[0; 8]);
            assert_eq!(has_one_partition(Read::new(&bytes), 7).expect("reads"), is_one);
        }
    }

    #[test]
    fn kafka_protocol_writes_what_we_read() {
        use kafka_protocol::messages::produce_response::{
            BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint as WitnessNode,
            PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
        };
        use kafka_protocol::messages::{BrokerId, TopicName};
        use kafka_protocol::protocol::{Encodable, StrBytes};
        let text = |text: &'static str| StrBytes::from_static_str(text);
        for version in 3..=10 {
            let mut partition = PartitionProduceResponse::default()
                .with_index(3)
                .with_error_code(87)
                .with_base_offset(1 << 40)
                .with_log_append_time_ms(77);
            if version >= 5 {
                partition = partition.with_log_start_offset(5);
            }
            if version >= 8 {
                let blamed = BatchIndexAndErrorMessage::default()
                    .with_batch_index(2)
                    .with_batch_index_error_message(Some(text("no")));
                partition = partition
                    .with_record_errors(vec![blamed.clone(), blamed])
                    .with_error_message(Some(text("bad records")));
            }
            let mut witness = ProduceResponse::default().with_throttle_time_ms(9);
            if version >= 10 {
                let leader =
                    LeaderIdAndEpoch::default().with_leader_id(BrokerId(4)).with_leader_epoch(6);
                partition = partition.with_current_leader(leader);
                let node = WitnessNode::default()
                    .with_node_id(BrokerId(4))
                    .with_host(text("host"))
                    .with_port(9092)
                    .with_rack(Some(text("rack")));
                witness = witness.with_node_endpoints(vec![node]);
            }
            let topic = TopicProduceResponse::default()
                .with_name(TopicName(text("orders")))
                .with_partition_responses(vec![partition]);
            let mut body = bytes::BytesMut::new();
            witness.with_responses(vec![topic]).encode(&mut body, version).expect("encodes");

            let mut read = Read::new(&body);
            let response = read_response(&mut read, version).expect("valid");

            assert_eq!(read.left(), 0, "version {version}");
            let blamed = RecordError { index: 2, text: Some(b"no".to_vec()) };
            let expected = Response {
                partitions: vec![PartitionResult {
                    topic: b"orders"[..].into(),
                    partition: 3,
                    error: 87,
                    base_offset: 1 << 40,
                    log_append_time: 77,
                    record_errors: vec![blamed.clone(), blamed],
                    error_text: Some(b"bad records".to_vec()),
                    current_leader: Some((4, 6)),
                }],
                throttle_ms: 9,
                endpoints: vec![NodeEndpoint { id: 4, host: "host".into(), port: 9092 }],
            };
            assert_eq!(response, cut_to(version, expected), "version {version}");
        }
    }

    #[test]
    fn a_null_array_of_blamed_records_is_empty() {
        let mut out = Vec::new();
        write_response(
            &mut out,
            8,
            &Response { partitions: vec![plain(7)], ..Response::default() },
        );
        let count_at = out.len() - 4 - 2 - 4;
        out.patch(count_at, &(-1i32).to_be_bytes());
        let response = read_response(&mut Read::new(&out), 8).expect("null is empty");
        assert_eq!(response.partitions, [plain(7)]);
        out.patch(count_at, &(-2i32).to_be_bytes());
        let error = read_response(&mut Read::new(&out), 8).expect_err("below null");
        assert_eq!(error.code(), ErrorCode::_BAD_MSG);
    }

    #[test]
    fn a_negative_throttle_time_is_none() {
        let response = Response { throttle_ms: -5, ..Response::default() };
        let mut out = Vec::new();
        write_response(&mut out, 1, &response);
        assert_eq!(read_response(&mut Read::new(&out), 1), Ok(Response::default()));
    }

    #[test]
    fn a_version_9_leader_is_seen_by_views_only() {
        let mut out = Vec::new();
        write_response(
            &mut out,
            10,
            &Response {
                partitions: vec![PartitionResult { current_leader: Some((1, 2)), ..plain(0) }],
                ..Response::default()
            },
        );
        let mut leaders = Vec::new();
        visit_response(&mut Read::new(&out), 9, |view| leaders.push(view.current_leader))
            .expect("valid");
        assert_eq!(leaders, [Some((1, 2))]);
        let response = read_response(&mut Read::new(&out), 9).expect("valid");
        assert_eq!(response.partitions, [plain(0)]);
    }

    #[test]
    fn memory_for_results_is_bounded_by_the_bytes() {
        // Results are the largest where a partition takes the fewest bytes: 14 in version 0.
        assert!(size_of::<PartitionResult>() <= 8 * 14, "{}", size_of::<PartitionResult>());
        let mut out = Vec::new();
        out.put_count(1, false);
        out.put_string(Some(b"t"), false);
        out.put_count(100_000, false);
        out.put(&[0; 100_000]);
        let error = read_response(&mut Read::new(&out), 0).expect_err("7,142 partitions");
        assert_eq!(error.code(), ErrorCode::_UNDERFLOW);
        let mut out = Vec::new();
        out.put_count(1, true);
        out.put_string(Some(&[b'x'; 250]), true);
        let error = read_response(&mut Read::new(&out), 10).expect_err("a name of 250 bytes");
        assert_eq!(error.code(), ErrorCode::_BAD_MSG);
    }

    #[test]
    fn partitions_share_their_topics_name() {
        let named =
            |topic: &[u8], partition| PartitionResult { topic: topic.into(), ..plain(partition) };
        let long = [b'x'; TOPIC_BYTES_MAX];
        let partitions = vec![named(&long, 0), named(&long, 1), named(b"y", 0)];
        let response = Response { partitions, ..Response::default() };
        for version in 0..=10 {
            let mut out = Vec::new();
            write_response(&mut out, version, &response);
            let got = read_response(&mut Read::new(&out), version).expect("valid").partitions;
            assert!(Arc::ptr_eq(&got[0].topic, &got[1].topic), "version {version}");
            assert_eq!((&*got[1].topic, &*got[2].topic), (&long[..], &b"y"[..]));
        }
    }

    fn plain(partition: i32) -> PartitionResult {
        PartitionResult {
            topic: b"t"[..].into(),
            partition,
            error: 0,
            base_offset: 1,
            log_append_time: -1,
            record_errors: Vec::new(),
            error_text: None,
            current_leader: None,
        }
    }

    proptest! {
        #[test]
        fn responses_read_back(
            version in 0i16..=10,
            results in proptest::collection::vec(result(), 0..6),
        ) {
            let response = Response {
                partitions: results,
                throttle_ms: 9,
                endpoints: vec![NodeEndpoint { id: 1, host: "h".into(), port: 2 }],
            };
            let mut out = Vec::new();
            write_response(&mut out, version, &response);
            let mut read = Read::new(&out);
            prop_assert_eq!(read_response(&mut read, version), Ok(cut_to(version, response)));
            prop_assert_eq!(read.left(), 0);
        }

        #[test]
        fn cut_responses_are_errors(
            results in proptest::collection::vec(result(), 1..4),
            at in any::<prop::sample::Index>(),
        ) {
            for version in 0..=10 {
                let response = Response { partitions: results.clone(), ..Response::default() };
                let mut out = Vec::new();
                write_response(&mut out, version, &response);
                let at = at.index(out.len());
                prop_assert!(read_response(&mut Read::new(&out[..at]), version).is_err());
            }
        }

        #[test]
        fn damaged_responses_never_panic(
            results in proptest::collection::vec(result(), 0..4),
            at in any::<prop::sample::Index>(),
            with in any::<[u8; 4]>(),
        ) {
            for version in 0..=10 {
                let response = Response { partitions: results.clone(), ..Response::default() };
                let mut out = Vec::new();
                write_response(&mut out, version, &response);
                for (byte, with) in out.iter_mut().skip(at.index(400)).zip(with) {
                    *byte = with;
                }
                let _ = read_response(&mut Read::new(&out), version);
            }
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for version in 0..=10 {
                let _ = read_response(&mut Read::new(&bytes), version);
            }
        }
    }
}
