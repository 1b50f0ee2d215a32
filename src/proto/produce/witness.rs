//! `kafka-protocol` reads the captured requests and ours, and says what it finds; ours are rebuilt
//! from the messages and compared with the captured ones.
#![forbid(unsafe_code)]

use bytes::Bytes;
use kafka_protocol::messages::ProduceRequest;
use kafka_protocol::protocol::Decodable;
use kafka_protocol::records::{Compression, RecordBatchDecoder, RecordSet};

use super::fields::{Fields, difference, fields};
use super::scenario::{Input, MESSAGES, SCENARIOS, Scenario};
use super::{RequestParams, SingleWriter, Skeleton, read_request};
use crate::codec::{Codec, Compressor, decompress};
use crate::proto::record::NewRecord;
use crate::proto::record::batch::{BatchWriter, ProducerStamp};
use crate::proto::record::message::{MessageSetWriter, read_set};
use crate::proto::wire::Read;
use crate::proto::{api, header};

/// The message format of a version of Produce.
fn magic(version: i16) -> i8 {
    match version {
        3.. => 2,
        2 => 1,
        _ => 0,
    }
}

/// Writes messages as record data of a version.
fn push(out: &mut Vec<u8>, version: i16, inputs: &[Input], stamp: ProducerStamp, codec: Codec) {
    let mut compressor = Compressor::new(codec, -1);
    let compressor = (codec != Codec::None).then_some(&mut compressor);
    let records = inputs.iter().map(|input| NewRecord {
        timestamp: input.timestamp,
        key: input.key,
        value: input.value,
        headers: &input.headers,
    });
    if magic(version) == 2 {
        let mut batch = BatchWriter::start(out, inputs[0].timestamp);
        records.for_each(|record| {
            batch.push(out, &record);
        });
        batch.finish(out, stamp, compressor);
    } else {
        let mut set = MessageSetWriter::start(out, magic(version), inputs[0].timestamp);
        records.for_each(|record| {
            set.push(out, &record);
        });
        set.finish(out, compressor);
    }
}

/// A frame with one batch for partition 0 of `t1`.
fn single(
    params: &RequestParams<'_>,
    client_id: &str,
    inputs: &[Input],
    stamp: ProducerStamp,
    codec: Codec,
) -> Vec<u8> {
    let mut out = Vec::new();
    header::start(&mut out, api::PRODUCE, params.version, client_id);
    let single = SingleWriter::start(&mut out, params, b"t1", 0);
    push(&mut out, params.version, inputs, stamp, codec);
    single.finish(&mut out);
    SingleWriter::end(&mut out, params.version);
    header::finish(&mut out);
    out
}

fn params_of(scenario: &Scenario) -> RequestParams<'static> {
    RequestParams {
        version: scenario.version,
        transactional_id: scenario.transactional_id,
        acks: scenario.acks,
        timeout_ms: scenario.timeout_ms,
    }
}

fn params(version: i16) -> RequestParams<'static> {
    RequestParams { version, transactional_id: None, acks: -1, timeout_ms: 30_000 }
}

#[track_caller]
fn fields_of(frame: &[u8]) -> Fields {
    fields(frame).unwrap_or_else(|error| panic!("{error}"))
}

/// A field of partition 0 as a number.
fn number(fields: &Fields, name: &str) -> i64 {
    let name = format!("topic[0].partition[0].{name}");
    let field = fields.iter().find(|field| field.0 == name).expect("such a field");
    field.1.parse().expect("a number")
}

/// What `kafka-protocol` finds behind the frame's header.
#[track_caller]
fn decoded(frame: &[u8], client_id: &str) -> ProduceRequest {
    let version = i16::from_be_bytes([frame[6], frame[7]]);
    let mut body = Bytes::copy_from_slice(&frame[header::len(api::PRODUCE, version, client_id)..]);
    let request = ProduceRequest::decode(&mut body, version).expect("a request");
    assert!(body.is_empty(), "{} bytes behind the request", body.len());
    request
}

fn record_set(data: &Bytes) -> RecordSet {
    let inflate = |packed: &mut Bytes, compression: Compression| {
        let codec = match compression {
            Compression::None => Codec::None,
            Compression::Gzip => Codec::Gzip,
            Compression::Snappy => Codec::Snappy,
            Compression::Lz4 => Codec::Lz4,
            Compression::Zstd => Codec::Zstd,
        };
        Ok(Bytes::from(decompress(codec, packed).expect("inflates")))
    };
    RecordBatchDecoder::decode_with_custom_compression(&mut data.clone(), Some(inflate))
        .expect("a batch")
}

/// Compares what the witness found in a batch with the messages that it was made of.
#[track_caller]
fn assert_holds(set: &RecordSet, inputs: &[Input], stamp: ProducerStamp) {
    assert_eq!((set.version, set.records.len()), (2, inputs.len()));
    for (offset, (record, input)) in (0..).zip(set.records.iter().zip(inputs)) {
        assert_eq!((record.offset, record.timestamp), (offset, input.timestamp));
        assert_eq!(record.key.as_deref(), input.key);
        assert_eq!(record.value.as_deref(), input.value);
        // The witness keeps the last of two headers of one name, at the place of the first.
        let mut expected: Vec<(&[u8], Option<&[u8]>)> = Vec::new();
        for (name, value) in input.headers {
            match expected.iter_mut().find(|header| header.0 == *name) {
                Some(header) => header.1 = *value,
                None => expected.push((name, *value)),
            }
        }
        let found: Vec<(&[u8], Option<&[u8]>)> = record
            .headers
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_deref()))
            .collect();
        assert_eq!(found, expected);
        assert_eq!((record.producer_id, record.producer_epoch), (stamp.id, stamp.epoch));
        assert_eq!(record.transactional, stamp.is_transactional);
        assert_eq!(record.partition_leader_epoch, 0);
        assert!(!record.control && !record.delete_horizon);
    }
}

/// The stamp of a captured batch.
fn stamp_of(fields: &Fields) -> ProducerStamp {
    ProducerStamp {
        id: number(fields, "producer id"),
        epoch: number(fields, "producer epoch").try_into().expect("two bytes"),
        base_sequence: number(fields, "base sequence").try_into().expect("four bytes"),
        is_transactional: number(fields, "attributes") & 0x10 != 0,
    }
}

fn captured_stamp(scenario: &Scenario, fields: &Fields) -> ProducerStamp {
    if magic(scenario.version) == 2 { stamp_of(fields) } else { ProducerStamp::NONE }
}

#[test]
fn each_captured_request_is_rebuilt_from_its_messages() {
    for scenario in SCENARIOS {
        let captured = scenario.frames();
        assert_eq!(captured.len(), scenario.batches().count(), "{}", scenario.name);
        for (frame, inputs) in captured.iter().zip(scenario.batches()) {
            let theirs = fields_of(frame);
            let stamp = captured_stamp(scenario, &theirs);
            let ours =
                single(&params_of(scenario), scenario.client_id, inputs, stamp, scenario.codec);
            let difference = difference(&fields_of(&ours), &theirs);
            assert_eq!(difference, None, "{}", scenario.name);
            if scenario.codec == Codec::None {
                let mut ours = ours;
                ours[8..12].copy_from_slice(&frame[8..12]);
                assert_eq!(&ours, frame, "{}: each byte", scenario.name);
            }
        }
    }
}

#[test]
fn kafka_protocol_finds_the_messages_in_the_captured_requests() {
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.version >= 3) {
        let mut sequence = 0;
        for (frame, inputs) in scenario.frames().iter().zip(scenario.batches()) {
            let request = decoded(frame, scenario.client_id);
            let id = request.transactional_id.as_ref().map(|id| id.0.as_str());
            assert_eq!(id, scenario.transactional_id);
            assert_eq!((request.acks, request.timeout_ms), (scenario.acks, scenario.timeout_ms));
            let topic = &request.topic_data[0];
            assert_eq!((request.topic_data.len(), topic.partition_data.len()), (1, 1));
            let partition = &topic.partition_data[0];
            assert_eq!((topic.name.0.as_str(), partition.index), ("t1", 0));
            let set = record_set(partition.records.as_ref().expect("records"));
            assert_eq!(set.compression as i16, scenario.codec.bits(), "{}", scenario.name);
            let stamp = stamp_of(&fields_of(frame));
            assert_eq!(stamp.id >= 0, scenario.is_idempotent, "{}", scenario.name);
            let expected = if scenario.is_idempotent { sequence } else { -1 };
            assert_eq!(stamp.base_sequence, expected, "{}", scenario.name);
            assert_holds(&set, inputs, stamp);
            sequence += i32::try_from(inputs.len()).expect("few");
        }
    }
}

#[test]
fn old_message_sets_hold_the_messages_without_their_headers() {
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.version < 3) {
        let frame = &scenario.frames()[0];
        let at = header::len(api::PRODUCE, scenario.version, scenario.client_id);
        let mut read = Read::new(&frame[at..]);
        let request = read_request(&mut read, scenario.version).expect("a request");
        let set = read_set(request.partitions[0].records.expect("records")).expect("a set");
        assert_eq!(set.len(), MESSAGES.len());
        for (offset, (message, input)) in (0..).zip(set.iter().zip(&MESSAGES)) {
            let timestamp = if message.magic == 1 { input.timestamp } else { -1 };
            assert_eq!((message.offset, message.timestamp), (offset, timestamp));
            assert_eq!((message.magic, message.codec), (magic(scenario.version), scenario.codec));
            assert_eq!(message.key.as_deref(), input.key);
            assert_eq!(message.value.as_deref(), input.value);
        }
    }
}

#[test]
fn a_difference_has_the_fields_name() {
    let frame = |version, acks, inputs: &[Input], codec| {
        let params = RequestParams { acks, ..params(version) };
        fields_of(&single(&params, "rdkafka", inputs, ProducerStamp::NONE, codec))
    };
    let plain = frame(7, -1, &MESSAGES, Codec::None);
    let acks = frame(7, 1, &MESSAGES, Codec::None);
    let fewer = frame(7, -1, &MESSAGES[..5], Codec::Gzip);
    let packed = frame(7, -1, &MESSAGES, Codec::Gzip);
    let old = frame(2, -1, &MESSAGES, Codec::None);

    let shown = |ours, theirs| difference(ours, theirs).expect("a difference");
    assert_eq!(difference(&plain, &plain), None);
    assert_eq!(shown(&plain, &acks), "ours: acks = -1, expected: acks = 1");
    assert!(shown(&packed, &fewer).contains("partition[0].last offset delta = 5, expected"));
    assert!(shown(&plain, &packed).starts_with("ours: size = "));
    assert!(shown(&old, &plain).starts_with("ours: size = "));
}

#[test]
fn damage_has_a_place() {
    let frame = single(&params(10), "rdkafka", &MESSAGES, ProducerStamp::NONE, Codec::None);
    for at in 0..frame.len() {
        let mut damaged = frame.clone();
        damaged[at] ^= 1;
        // Whatever is hit: an error, or fields that differ, but for the correlation id.
        let is_seen = match fields(&damaged) {
            Ok(found) => difference(&found, &fields_of(&frame)).is_some(),
            Err(_) => true,
        };
        assert_eq!(is_seen, !(8..12).contains(&at), "byte {at}");
    }
}

#[test]
fn a_transactional_request_has_its_id_and_its_bit() {
    let stamp = ProducerStamp { id: 4_711, epoch: 9, base_sequence: 12, is_transactional: true };
    for version in 3..=10 {
        let params = RequestParams { transactional_id: Some("my-id"), ..params(version) };
        for codec in [Codec::None, Codec::Lz4] {
            let frame = single(&params, "rdkafka", &MESSAGES, stamp, codec);
            let request = decoded(&frame, "rdkafka");
            let id = request.transactional_id.expect("an id");
            assert_eq!(id.0.as_str(), "my-id", "version {version}");
            let records = request.topic_data[0].partition_data[0].records.as_ref();
            assert_holds(&record_set(records.expect("records")), &MESSAGES, stamp);
            let fields = fields_of(&frame);
            assert_eq!(number(&fields, "attributes"), 0x10 | i64::from(codec.bits()));
            assert_eq!(stamp_of(&fields), stamp);
        }
    }
}

#[test]
fn sequence_numbers_go_on_at_zero_after_the_largest() {
    // Messages 2^31 - 1, 2^31 and 2^31 + 1 of an epoch that began with message 1.
    let sequence_of = |id: i64| i32::try_from((id - 1) & 0x7fff_ffff).expect("31 bits");
    for (id, sequence) in [(1 << 31, i32::MAX), ((1 << 31) + 1, 0), ((1 << 31) + 2, 1)] {
        let base_sequence = sequence_of(id);
        assert_eq!(base_sequence, sequence);
        let stamp = ProducerStamp { id: 1, epoch: 0, base_sequence, is_transactional: false };
        let frame = single(&params(10), "rdkafka", &MESSAGES[..1], stamp, Codec::None);
        let request = decoded(&frame, "rdkafka");
        let records = request.topic_data[0].partition_data[0].records.clone();
        assert_eq!(record_set(&records.expect("records")).records[0].sequence, sequence);
        assert_eq!(stamp_of(&fields_of(&frame)), stamp);
    }
}

#[test]
fn requests_of_several_batches_hold_each_of_them_at_its_place() {
    let layout: [(&str, &[i32]); 2] = [("t1", &[0, 3, 2]), ("a-longer-name", &[1])];
    for (version, codec) in [(8, Codec::None), (10, Codec::None), (8, Codec::Zstd)] {
        let mut out = Vec::new();
        header::start(&mut out, api::PRODUCE, version, "rdkafka");
        let skeleton = Skeleton::begin(&mut out, &params(version), layout.len());
        for (name, partitions) in layout {
            skeleton.topic(&mut out, name.as_bytes(), partitions.len());
            for &partition in partitions {
                let open = skeleton.open_partition(&mut out, partition, 1);
                let inputs = &MESSAGES[usize::try_from(partition).expect("small")..];
                push(&mut out, version, inputs, ProducerStamp::NONE, codec);
                skeleton.close_partition(&mut out, open);
            }
            skeleton.end_topic(&mut out);
        }
        skeleton.end(&mut out);
        header::finish(&mut out);

        fields_of(&out);
        let request = decoded(&out, "rdkafka");
        let found: Vec<(&str, Vec<i32>)> = request
            .topic_data
            .iter()
            .map(|topic| {
                (topic.name.0.as_str(), topic.partition_data.iter().map(|it| it.index).collect())
            })
            .collect();
        assert_eq!(found, layout.map(|(name, partitions)| (name, partitions.to_vec())));
        for partition in request.topic_data.iter().flat_map(|topic| &topic.partition_data) {
            let inputs = &MESSAGES[usize::try_from(partition.index).expect("small")..];
            let set = record_set(partition.records.as_ref().expect("records"));
            assert_holds(&set, inputs, ProducerStamp::NONE);
        }
    }
}
