//! Requests compared byte by byte with what the historical library sent: `tests/golden/`. There
//! `??` stands for a byte that differs from capture to capture.
#![forbid(unsafe_code)]

use super::{RequestParams, SingleWriter, Skeleton};
use crate::codec::{Codec, Compressor};
use crate::proto::record::NewRecord;
use crate::proto::record::batch::{BatchWriter, ProducerStamp};
use crate::proto::record::message::MessageSetWriter;
use crate::proto::wire::Write;
use crate::proto::{api, header};

type KeyValue = (&'static [u8], &'static [u8]);

const THREE: [KeyValue; 3] = [(b"k", b"v0"), (b"k", b"v1"), (b"k", b"v2")];

fn params(version: i16) -> RequestParams<'static> {
    RequestParams { version, transactional_id: None, acks: -1, timeout_ms: 30_000 }
}

fn push_records(out: &mut Vec<u8>, version: i16, records: &[KeyValue], timestamp: i64) {
    let record =
        |(key, value)| NewRecord { timestamp, key: Some(key), value: Some(value), headers: &() };
    if version >= 3 {
        let mut batch = BatchWriter::start(out, timestamp);
        for &pair in records {
            batch.push(out, &record(pair));
        }
        batch.finish(out, ProducerStamp::NONE, None);
        return;
    }
    let mut set = MessageSetWriter::start(out, i8::from(version == 2), timestamp);
    for &pair in records {
        set.push(out, &record(pair));
    }
    set.finish(out, None);
}

/// A frame of one batch, as the client sends it.
fn single(version: i16, topic: &[u8], records: &[KeyValue], timestamp: i64) -> Vec<u8> {
    let mut out = Vec::new();
    header::start(&mut out, api::PRODUCE, version, "rdkafka");
    let single = SingleWriter::start(&mut out, &params(version), topic, 0);
    push_records(&mut out, version, records, timestamp);
    single.finish(&mut out);
    SingleWriter::end(&mut out, version);
    finished(out)
}

fn finished(mut frame: Vec<u8>) -> Vec<u8> {
    header::finish(&mut frame);
    header::set_correlation_id(&mut frame, 3);
    frame
}

/// A fixture's bytes; `None` is any byte.
fn fixture(text: &str) -> Vec<Option<u8>> {
    let digits: String = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    assert_eq!(digits.len() % 2, 0, "half a byte");
    (0..digits.len())
        .step_by(2)
        .map(|at| match &digits[at..at + 2] {
            "??" => None,
            pair => Some(u8::from_str_radix(pair, 16).expect("two digits")),
        })
        .collect()
}

#[track_caller]
fn assert_equals(bytes: &[u8], text: &str) {
    let expected = fixture(text);
    let hex = |byte: Option<u8>| byte.map_or_else(|| "??".to_owned(), |byte| format!("{byte:02x}"));
    let masked = bytes.iter().zip(&expected).map(|(byte, mask)| hex(mask.map(|_| *byte)));
    assert_eq!(
        masked.collect::<Vec<_>>().join(" "),
        expected.iter().map(|byte| hex(*byte)).collect::<Vec<_>>().join(" ")
    );
    assert_eq!(bytes.len(), expected.len());
}

#[test]
fn single_batches_equal_the_captured_requests() {
    let hello: [KeyValue; 1] = [(b"k", b"hello")];
    assert_equals(
        &single(10, b"t1", &hello, 0x0000_01a2_0c1a_9276),
        include_str!("../../../tests/golden/produce-v10-single.hex"),
    );
    let time = 0x0000_01a2_0c1e_11e2;
    for (version, text) in [
        (3, include_str!("../../../tests/golden/produce-v3-single.hex")),
        (2, include_str!("../../../tests/golden/produce-v2-single.hex")),
        (1, include_str!("../../../tests/golden/produce-v1-single.hex")),
        (0, include_str!("../../../tests/golden/produce-v0-single.hex")),
    ] {
        assert_equals(&single(version, b"topic1", &THREE, time), text);
    }
}

#[test]
fn several_batches_equal_the_captured_request() {
    let value = &[b'v'; 20];
    let records = |out: &mut Vec<u8>| {
        let mut batch = BatchWriter::start(out, 5);
        batch.push(out, &NewRecord { timestamp: 5, key: None, value: Some(value), headers: &() });
        batch.finish(out, ProducerStamp::NONE, None);
    };
    let mut out = Vec::new();
    header::start(&mut out, api::PRODUCE, 10, "rdkafka");
    let skeleton = Skeleton::begin(&mut out, &params(10), 2);
    for (topic, partition_count) in [(&b"t1"[..], 4), (b"topic2", 2)] {
        skeleton.topic(&mut out, topic, partition_count);
        for partition in 0..i32::try_from(partition_count).expect("few") {
            let open = skeleton.open_partition(&mut out, partition, 88);
            records(&mut out);
            skeleton.close_partition(&mut out, open);
        }
        skeleton.end_topic(&mut out);
    }
    skeleton.end(&mut out);
    assert_equals(&finished(out), include_str!("../../../tests/golden/produce-v10-multibatch.hex"));
}

#[test]
fn an_lz4_wrapper_starts_like_the_captured_one() {
    let mut out = Vec::new();
    let mut set = MessageSetWriter::start(&out, 0, 1);
    for (key, value) in THREE {
        let record = NewRecord { timestamp: 1, key: Some(key), value: Some(value), headers: &() };
        set.push(&mut out, &record);
    }
    set.finish(&mut out, Some(&mut Compressor::new(Codec::Lz4, -1)));
    let text = include_str!("../../../tests/golden/message-v0-lz4-wrapper.hex");
    let captured = fixture(text).len();
    assert_equals(&out[..captured], text);
}

#[test]
fn kafka_protocol_reads_what_we_write() {
    use kafka_protocol::messages::ProduceRequest;
    use kafka_protocol::protocol::Decodable;
    for version in 3..=10 {
        let mut bytes = single(version, b"orders", &[(b"a", b"b")], 5);
        let at = header::len(api::PRODUCE, version, "rdkafka");
        let mut body = bytes::Bytes::from(bytes.split_off(at));
        let request = ProduceRequest::decode(&mut body, version).expect("valid");
        assert_eq!((request.acks, request.timeout_ms), (-1, 30_000));
        let topic = &request.topic_data[0];
        assert_eq!(topic.name.0.as_str(), "orders");
        let mut records = Vec::new();
        records.put(topic.partition_data[0].records.as_ref().expect("records"));
        let mut expected = Vec::new();
        push_records(&mut expected, version, &[(b"a", b"b")], 5);
        assert_eq!(records, expected);
        assert!(body.is_empty(), "version {version}");
    }
}
