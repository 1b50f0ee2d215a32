//! Produce: the request's skeleton around a record batch, and the response.
//!
//! Versions 0 to 10. The record data is written into the request's own buffer by `record/`; here
//! are the bytes around it.
#![forbid(unsafe_code)]

use super::varint;
use super::wire::{Read, Result, Write};

/// Highest version that the client speaks.
pub(crate) const VERSION_MAX: i16 = 10;
/// Most topics that a response may have.
const TOPICS_MAX: usize = 1_000_000;
/// Most partitions that a topic of a response may have.
const PARTITIONS_MAX: usize = 100_000;
/// Most node endpoints that a response may have.
const NODES_MAX: usize = 10_000;
/// Bytes that are kept free for the length of the record data.
const LENGTH_ROOM: usize = 4;

/// What a request says beside its batches.
pub(crate) struct RequestParams<'a> {
    /// Version, 0 to 10.
    pub(crate) version: i16,
    /// `transactional.id`.
    pub(crate) transactional_id: Option<&'a str>,
    /// Acknowledgements that the leader waits for.
    pub(crate) acks: i16,
    /// Milliseconds that the leader may wait for them.
    pub(crate) timeout_ms: i32,
}

/// A request with one batch of one partition that is being written.
pub(crate) struct SingleWriter {
    version: i16,
    length_at: usize,
}

impl SingleWriter {
    /// Writes everything before the record data; the header is in `out` already.
    pub(crate) fn start(
        out: &mut Vec<u8>,
        params: &RequestParams<'_>,
        topic: &[u8],
        partition: i32,
    ) -> Self {
        let flexible = params.version >= 9;
        if params.version >= 3 {
            out.put_string(params.transactional_id.map(str::as_bytes), flexible);
        }
        out.put_i16(params.acks);
        out.put_i32(params.timeout_ms);
        out.put_count(1, flexible);
        out.put_string(Some(topic), flexible);
        out.put_count(1, flexible);
        out.put_i32(partition);
        let length_at = out.len();
        out.put(&[0; LENGTH_ROOM]);
        Self { version: params.version, length_at }
    }

    /// Bytes of record data so far.
    pub(crate) fn records_len(&self, out: &[u8]) -> usize {
        out.len() - self.length_at - LENGTH_ROOM
    }

    /// Writes the length of the record data and what comes behind it. In flexible versions a length
    /// that takes fewer bytes than were kept free moves the bytes before it, which are few; the
    /// returned number says by how much the frame begins later.
    pub(crate) fn finish(self, out: &mut Vec<u8>) -> usize {
        let len = self.records_len(out);
        if self.version < 9 {
            out.patch(self.length_at, &i32::try_from(len).unwrap_or(i32::MAX).to_be_bytes());
            return 0;
        }
        let mut room = [0; varint::BYTES_MAX];
        let used = varint::write_u64(&mut room, len as u64 + 1);
        assert!(used <= LENGTH_ROOM, "record data of {len} bytes");
        let gap = LENGTH_ROOM - used;
        out.copy_within(0..self.length_at, gap);
        out.patch(self.length_at + gap, &room[..used]);
        // Tags of the partition, of the topic, of the request.
        out.put(&[0, 0, 0]);
        gap
    }
}

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
    /// Topic name.
    pub(crate) topic: Vec<u8>,
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

/// Reads a response's body.
pub(crate) fn read_response(read: &mut Read<'_>, version: i16) -> Result<Response> {
    let flexible = version >= 9;
    let mut response = Response::default();
    for _ in 0..read.count(flexible, TOPICS_MAX)? {
        let topic = read.string(flexible)?.to_vec();
        for _ in 0..read.count(flexible, PARTITIONS_MAX)? {
            response.partitions.push(read_partition(read, version, &topic)?);
        }
        read.skip_tags(flexible)?;
    }
    if version >= 1 {
        response.throttle_ms = read.i32()?;
    }
    read.tags(flexible, |tag, mut value| {
        if tag == 0 {
            response.endpoints = read_endpoints(&mut value)?;
        }
        Ok(())
    })?;
    Ok(response)
}

fn read_partition(read: &mut Read<'_>, version: i16, topic: &[u8]) -> Result<PartitionResult> {
    let flexible = version >= 9;
    let mut result = PartitionResult {
        topic: topic.to_vec(),
        partition: read.i32()?,
        error: read.i16()?,
        base_offset: read.i64()?,
        log_append_time: if version >= 2 { read.i64()? } else { -1 },
        record_errors: Vec::new(),
        error_text: None,
        current_leader: None,
    };
    if version >= 5 {
        read.i64()?;
    }
    if version >= 8 {
        for _ in 0..read.count(flexible, PARTITIONS_MAX)? {
            let index = read.i32()?;
            let text = read.nullable_string(flexible)?.map(<[u8]>::to_vec);
            read.skip_tags(flexible)?;
            result.record_errors.push(RecordError { index, text });
        }
        result.error_text = read.nullable_string(flexible)?.map(<[u8]>::to_vec);
    }
    read.tags(flexible, |tag, mut value| {
        if tag == 0 && version >= 10 {
            result.current_leader = Some((value.i32()?, value.i32()?));
        }
        Ok(())
    })?;
    Ok(result)
}

fn read_endpoints(read: &mut Read<'_>) -> Result<Vec<NodeEndpoint>> {
    let count = read.count(true, NODES_MAX)?;
    let mut endpoints = Vec::with_capacity(count.min(64));
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
    let flexible = version >= 9;
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
    let flexible = version >= 9;
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
        Some((id, epoch)) if version >= 10 => {
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
    if version < 10 || endpoints.is_empty() {
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
    out.put_uvarint(value.len() as u64);
    out.put(&value);
}

/// One batch of a request, as the mock cluster reads it.
pub(crate) struct RequestPartition<'a> {
    /// Topic name.
    pub(crate) topic: &'a [u8],
    /// Partition number.
    pub(crate) partition: i32,
    /// Record data; `None` is null.
    pub(crate) records: Option<&'a [u8]>,
}

/// A request, as the mock cluster reads it.
pub(crate) struct Request<'a> {
    /// Acknowledgements.
    pub(crate) acks: i16,
    /// The batches.
    pub(crate) partitions: Vec<RequestPartition<'a>>,
}

/// Reads a request's body.
pub(crate) fn read_request<'a>(read: &mut Read<'a>, version: i16) -> Result<Request<'a>> {
    let flexible = version >= 9;
    if version >= 3 {
        read.nullable_string(flexible)?;
    }
    let acks = read.i16()?;
    read.i32()?;
    let mut partitions = Vec::new();
    for _ in 0..read.count(flexible, TOPICS_MAX)? {
        let topic = read.string(flexible)?;
        for _ in 0..read.count(flexible, PARTITIONS_MAX)? {
            let partition = read.i32()?;
            let length =
                if flexible { i64::from(read.uvarint()?) - 1 } else { i64::from(read.i32()?) };
            let records = match usize::try_from(length) {
                Ok(length) => Some(read.take(length)?),
                Err(_) => None,
            };
            read.skip_tags(flexible)?;
            partitions.push(RequestPartition { topic, partition, records });
        }
        read.skip_tags(flexible)?;
    }
    read.skip_tags(flexible)?;
    Ok(Request { acks, partitions })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::header;
    use crate::proto::record::NewRecord;
    use crate::proto::record::batch::{BatchWriter, ProducerStamp};
    use proptest::prelude::*;

    /// A request frame as the client sends it.
    fn frame(version: i16, topic: &[u8], records: &[(&[u8], &[u8])], timestamp: i64) -> Vec<u8> {
        let mut out = Vec::new();
        header::start(&mut out, 0, version, "rdkafka");
        let params =
            RequestParams { version, transactional_id: None, acks: -1, timeout_ms: 30_000 };
        let single = SingleWriter::start(&mut out, &params, topic, 0);
        let mut batch = BatchWriter::start(&mut out, timestamp);
        for (key, value) in records {
            let record = NewRecord { timestamp, key: Some(key), value: Some(value), headers: &() };
            batch.push(&mut out, &record);
        }
        batch.finish(&mut out, ProducerStamp::NONE, None);
        let gap = single.finish(&mut out);
        out.drain(..gap);
        header::finish(&mut out);
        header::set_correlation_id(&mut out, 3);
        out
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn version_10_equals_the_captured_request() {
        let bytes = frame(10, b"t1", &[(b"k", b"hello")], 0x0000_01a2_0c1a_9276);
        assert_eq!(
            hex(&bytes),
            "000000700000000a00000003000772646b61666b610000ffff000075300203743102000000004b\
             00000000000000000000003e0000000002549afc64000000000000000001a20c1a9276\
             000001a20c1a9276ffffffffffffffffffffffffffff0000000118000000026b0a68656c6c6f00000000"
        );
    }

    #[test]
    fn version_3_equals_the_captured_request() {
        let records: [(&[u8], &[u8]); 3] = [(b"k", b"v0"), (b"k", b"v1"), (b"k", b"v2")];
        let bytes = hex(&frame(3, b"topic1", &records, 0x0000_01a2_0c1a_9276));
        assert!(bytes.starts_with(
            "0000008c0000000300000003000772646b61666b61ffffffff00007530000000010006746f70696331\
             00000001000000000000005b"
        ));
        assert!(
            bytes.ends_with(
                "12000000026b04763000120000 02026b04763100120000 04026b04763200"
                    .replace(' ', "")
                    .as_str()
            )
        );
    }

    #[test]
    fn kafka_protocol_reads_what_we_write() {
        use kafka_protocol::messages::ProduceRequest;
        use kafka_protocol::protocol::Decodable;
        for version in 3..=10 {
            let bytes = frame(version, b"orders", &[(b"a", b"b")], 5);
            let at = header::len(0, version, "rdkafka");
            let mut body = bytes::Bytes::copy_from_slice(&bytes[at..]);
            let request = ProduceRequest::decode(&mut body, version).expect("valid");
            assert_eq!(request.acks, -1);
            assert_eq!(request.timeout_ms, 30_000);
            let topic = &request.topic_data[0];
            assert_eq!(topic.name.0.as_str(), "orders");
            assert!(topic.partition_data[0].records.as_ref().is_some_and(|r| r.len() > 61));
            assert!(body.is_empty(), "version {version}");
        }
    }

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
                        topic: vec![b'a' + topic; 3],
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

    proptest! {
        #[test]
        fn responses_read_back(results in proptest::collection::vec(result(), 0..6)) {
            let response = Response {
                partitions: results,
                throttle_ms: 9,
                endpoints: vec![NodeEndpoint { id: 1, host: "h".into(), port: 2 }],
            };
            let mut out = Vec::new();
            write_response(&mut out, 10, &response);
            prop_assert_eq!(read_response(&mut Read::new(&out), 10), Ok(response));
        }

        #[test]
        fn damaged_responses_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for version in 0..=10 {
                let _ = read_response(&mut Read::new(&bytes), version);
                let _ = read_request(&mut Read::new(&bytes), version);
            }
        }
    }
}
