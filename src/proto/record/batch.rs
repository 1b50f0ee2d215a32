//! Writing record batches: header, records, compression, CRC. One pass over each record; sizes
//! first.
#![forbid(unsafe_code)]

use super::frame::Frame;
use super::{NewRecord, signed, signed_or_null};
use crate::codec::{Codec, Compressor};
use crate::proto::varint;
use crate::proto::wire::Buffer;

/// Bytes of a batch's header.
pub(crate) const HEADER_BYTES: usize = 61;
/// Where the attributes are, with which the bytes begin that the CRC covers.
const ATTRIBUTES_AT: usize = 21;
/// Where the CRC is.
pub(crate) const CRC_AT: usize = 17;
/// The attribute bit of transactional batches.
const TRANSACTIONAL: i16 = 0x10;
/// Where the batch length begins to count.
const LENGTH_FROM: usize = 12;

/// Producer id, epoch and first sequence number of a batch; all -1 without idempotence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ProducerStamp {
    /// Producer id.
    pub(crate) id: i64,
    /// Its epoch.
    pub(crate) epoch: i16,
    /// Sequence number of the first record.
    pub(crate) base_sequence: i32,
    /// The batch belongs to a transaction.
    pub(crate) is_transactional: bool,
}

impl ProducerStamp {
    /// A plain producer.
    pub(crate) const NONE: Self =
        Self { id: -1, epoch: -1, base_sequence: -1, is_transactional: false };
}

/// A batch that is being written to the end of a buffer.
pub(crate) struct BatchWriter {
    start: usize,
    base_timestamp: i64,
    max_timestamp: i64,
    count: i32,
}

impl BatchWriter {
    /// Starts a batch at the end of `out`. `base_timestamp` is the first record's.
    pub(crate) fn start(out: &mut impl Buffer, base_timestamp: i64) -> Self {
        let start = out.position();
        out.put(&[0; HEADER_BYTES]);
        Self { start, base_timestamp, max_timestamp: 0, count: 0 }
    }

    /// Goes on with a batch that begins at `start` and has `count` records.
    pub(crate) fn resume(
        start: usize,
        base_timestamp: i64,
        max_timestamp: i64,
        count: i32,
    ) -> Self {
        Self { start, base_timestamp, max_timestamp, count }
    }

    /// The highest timestamp so far; never below zero.
    #[inline]
    pub(crate) fn max_timestamp(&self) -> i64 {
        self.max_timestamp
    }

    /// The first record's timestamp.
    #[inline]
    pub(crate) fn base_timestamp(&self) -> i64 {
        self.base_timestamp
    }

    /// How many records are in it.
    #[inline]
    pub(crate) fn count(&self) -> i32 {
        self.count
    }

    /// Appends a record; returns the bytes that it took.
    #[inline]
    pub(crate) fn push(&mut self, out: &mut impl Buffer, record: &NewRecord<'_>) -> usize {
        let (key, value) = (record.key.map(<[u8]>::len), record.value.map(<[u8]>::len));
        if record.headers.count() == 0
            && let Some(frame) = Frame::next(self, record.timestamp, key, value)
        {
            let (key, value) = (record.key.unwrap_or_default(), record.value.unwrap_or_default());
            out.put_framed(&frame, key, value);
            self.count_in(record.timestamp);
            return frame.len;
        }
        let before = out.position();
        let body_len = self.body_len(record);
        self.push_sized(out, record, body_len);
        out.position() - before
    }

    /// A record with this timestamp was written to the end.
    #[inline]
    pub(crate) fn count_in(&mut self, timestamp: i64) {
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.count += 1;
    }

    /// Bytes that the next record takes behind its length.
    #[inline]
    pub(crate) fn body_len(&self, record: &NewRecord<'_>) -> usize {
        record.body_len(self.base_timestamp, self.count)
    }

    /// Appends a record whose [`BatchWriter::body_len`] is known.
    #[inline]
    pub(crate) fn push_sized(
        &mut self,
        out: &mut impl Buffer,
        record: &NewRecord<'_>,
        body_len: usize,
    ) {
        let mut prefix = Prefix { room: [0; PREFIX_ROOM], used: 0 };
        prefix.varint(signed(body_len));
        prefix.byte(0);
        prefix.varint(record.timestamp.wrapping_sub(self.base_timestamp));
        prefix.varint(i64::from(self.count));
        prefix.varint(signed_or_null(record.key));
        out.make_room(body_len + 2 * PREFIX_ROOM);
        if let Some(key) = record.key {
            out.put_few(&prefix.room, prefix.used);
            out.put(key);
            prefix.clear();
        }
        prefix.varint(signed_or_null(record.value));
        out.put_few(&prefix.room, prefix.used);
        if let Some(value) = record.value {
            out.put_value(value);
        }
        push_headers(out, record);
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.count += 1;
    }

    /// Compresses the records if `compressor` is given and that makes them no larger, and writes
    /// the header. Returns the codec that was used.
    pub(crate) fn finish(
        self,
        out: &mut impl Buffer,
        stamp: ProducerStamp,
        compressor: Option<&mut Compressor>,
    ) -> Codec {
        let used = compressor.map_or(Codec::None, |compressor| self.compress(out, compressor));
        self.write_header(out, stamp, used);
        used
    }

    /// Compresses the records if that makes them no larger. Returns the codec that was used.
    pub(crate) fn compress(&self, out: &mut impl Buffer, compressor: &mut Compressor) -> Codec {
        let records_at = self.start + HEADER_BYTES;
        let Some(smaller) = compressor.compress_if_smaller(&out.parts(records_at)) else {
            return Codec::None;
        };
        out.cut(records_at);
        out.put(smaller);
        compressor.codec()
    }

    /// Writes the header of a batch whose records are final.
    pub(crate) fn write_header(&self, out: &mut impl Buffer, stamp: ProducerStamp, codec: Codec) {
        let start = self.start;
        let length = out.position() - start - LENGTH_FROM;
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        out.patch(start + 8, &length.to_be_bytes());
        out.patch(start + 16, &[2]);
        out.patch(start + 23, &(self.count - 1).to_be_bytes());
        out.patch(start + 27, &self.base_timestamp.to_be_bytes());
        out.patch(start + 35, &self.max_timestamp.to_be_bytes());
        out.patch(start + 57, &self.count.to_be_bytes());
        write_stamp(out, start, codec.bits(), stamp);
    }
}

/// Writes a producer's stamp into a finished batch, which `batch` is from its first byte to its
/// last, and computes the CRC again: a batch that is sent again under a new epoch keeps its records
/// as they are.
pub(crate) fn restamp(batch: &mut impl Buffer, stamp: ProducerStamp) {
    let attributes = {
        let tail = batch.tail(ATTRIBUTES_AT);
        i16::from_be_bytes([tail[0], tail[1]])
    };
    write_stamp(batch, 0, attributes & !TRANSACTIONAL, stamp);
}

/// Writes the attributes, the stamp and the CRC of the batch that begins at `start`.
fn write_stamp(out: &mut impl Buffer, start: usize, attributes: i16, stamp: ProducerStamp) {
    let bit = if stamp.is_transactional { TRANSACTIONAL } else { 0 };
    out.patch(start + ATTRIBUTES_AT, &(attributes | bit).to_be_bytes());
    out.patch(start + 43, &stamp.id.to_be_bytes());
    out.patch(start + 51, &stamp.epoch.to_be_bytes());
    out.patch(start + 53, &stamp.base_sequence.to_be_bytes());
    // One pass over the finished batch: while records are added it costs as much, and combining
    // parts costs more.
    let mut crc = 0;
    out.pieces(start + ATTRIBUTES_AT, &mut |piece| crc = crc32c::crc32c_append(crc, piece));
    out.patch(start + CRC_AT, &crc.to_be_bytes());
}

fn push_headers(out: &mut impl Buffer, record: &NewRecord<'_>) {
    let count = record.headers.count();
    if count == 0 {
        out.put_few(&[0], 1);
        return;
    }
    out.put_varint(signed(count));
    record.headers.each(&mut |name, value| {
        out.put_varint(signed(name.len()));
        out.put(name);
        out.put_varint(signed_or_null(value));
        out.put(value.unwrap_or_default());
    });
}

/// Length, attributes, timestamp delta, offset delta, key length, value length.
const PREFIX_BYTES_MAX: usize = 5 * varint::BYTES_MAX + 1;
/// Room for them.
const PREFIX_ROOM: usize = PREFIX_BYTES_MAX.next_power_of_two();

/// The fields before a record's key, or before its value if it has no key, collected so that they
/// are copied at once.
struct Prefix {
    room: [u8; PREFIX_ROOM],
    used: usize,
}

impl Prefix {
    #[inline]
    fn varint(&mut self, value: i64) {
        let mut folded = varint::zigzag(value);
        while folded >= 0x80 {
            self.byte(varint::low_bits(folded) | 0x80);
            folded >>= 7;
        }
        self.byte(varint::low_bits(folded));
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.room[self.used] = byte;
        self.used += 1;
    }

    fn clear(&mut self) {
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::decompress;
    use crate::proto::record::reader;
    use kafka_protocol::records::RecordBatchDecoder;
    use proptest::prelude::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_batch_equals_the_captured_one() {
        let mut out = Vec::new();
        let timestamp = 0x0000_01a2_0c1a_9276;
        let mut batch = BatchWriter::start(&mut out, timestamp);
        let record = NewRecord { timestamp, key: Some(b"k"), value: Some(b"hello"), headers: &() };
        batch.push(&mut out, &record);

        let used = batch.finish(&mut out, ProducerStamp::NONE, None);

        assert_eq!(used, Codec::None);
        assert_eq!(
            hex(&out),
            "00000000000000000000003e0000000002549afc64000000000000000001a20c1a9276000001a20c1a9276\
             ffffffffffffffffffffffffffff000000011800000002\
             6b0a68656c6c6f00"
        );
    }

    #[test]
    fn the_first_sequence_number_of_a_batch_may_be_zero_again() {
        let mut out = vec![0xaa; 5];
        let mut batch = BatchWriter::start(&mut out, 9);
        for timestamp in [9, 4, 12] {
            let record = NewRecord { timestamp, key: None, value: None, headers: &() };
            batch.push(&mut out, &record);
        }
        assert_eq!(batch.count(), 3);
        let stamp =
            ProducerStamp { id: 4711, epoch: 32767, base_sequence: 0, is_transactional: true };
        batch.finish(&mut out, stamp, None);
        assert_eq!(out[..5], [0xaa; 5]);
        let (header, records) = reader::records(&out[5..]).expect("our own bytes");
        assert_eq!((header.producer, header.attributes), (stamp, 0x10));
        assert_eq!((header.base_timestamp, header.max_timestamp), (9, 12));
        assert_eq!(records.iter().map(|r| r.timestamp).collect::<Vec<_>>(), [9, 4, 12]);
        assert_eq!(records.iter().map(|r| r.offset).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_batch_gets_another_stamp_and_keeps_its_records() {
        let written = |stamp| {
            let mut out = Vec::new();
            let mut batch = BatchWriter::start(&mut out, 9);
            let value = Some(&[b'a'; 200][..]);
            batch.push(&mut out, &NewRecord { timestamp: 9, key: None, value, headers: &() });
            batch.finish(&mut out, stamp, Some(&mut Compressor::new(Codec::Lz4, -1)));
            out
        };
        let old = ProducerStamp { id: 1, epoch: 2, base_sequence: 3, is_transactional: true };
        let new = ProducerStamp { id: 1, epoch: 3, base_sequence: 0, is_transactional: false };
        let mut batch = written(old);
        restamp(&mut batch, new);
        assert_eq!(batch, written(new));
    }

    #[test]
    fn the_highest_timestamp_is_never_below_zero() {
        let mut out = Vec::new();
        let mut batch = BatchWriter::start(&mut out, -5);
        batch.push(&mut out, &NewRecord { timestamp: -5, key: None, value: None, headers: &() });
        batch.finish(&mut out, ProducerStamp::NONE, None);
        let header = reader::header(&out).expect("our own bytes");
        assert_eq!((header.base_timestamp, header.max_timestamp), (-5, 0));
    }

    #[test]
    fn bytes_that_grow_in_compression_are_sent_plain() {
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let mut out = Vec::new();
            let mut batch = BatchWriter::start(&mut out, 1);
            let record = NewRecord { timestamp: 1, key: None, value: Some(b"ab"), headers: &() };
            batch.push(&mut out, &record);
            let used =
                batch.finish(&mut out, ProducerStamp::NONE, Some(&mut Compressor::new(codec, -1)));
            assert_eq!((used, out[22]), (Codec::None, 0));
        }
    }

    #[test]
    fn a_pushed_record_takes_the_bytes_it_says() {
        let mut out = Vec::new();
        let mut batch = BatchWriter::start(&mut out, 1000);
        let value = vec![7; 300];
        let record = NewRecord { timestamp: 900, key: None, value: Some(&value), headers: &() };
        let said = batch.push(&mut out, &record);
        assert_eq!(HEADER_BYTES + said, out.len());
        assert!(said <= 36 + 300);
    }

    proptest! {
        #[test]
        fn kafka_protocol_reads_the_same_records(
            inputs in proptest::collection::vec(
                (
                    0i64..1 << 45,
                    field(),
                    field(),
                    proptest::collection::btree_map("[a-z]{0,9}", field(), 0..4),
                ),
                1..20,
            ),
            codec in 0i16..5,
            is_idempotent in any::<bool>(),
        ) {
            let codec = Codec::from_bits(codec).expect("0 to 4");
            let mut stamp = ProducerStamp::NONE;
            if is_idempotent {
                (stamp.id, stamp.epoch, stamp.base_sequence) = (77, 3, 1000);
            }
            let mut out = Vec::new();
            let mut batch = BatchWriter::start(&mut out, inputs[0].0);
            for (index, (timestamp, key, value, headers)) in inputs.iter().enumerate() {
                let headers: Vec<(&[u8], Option<&[u8]>)> = headers
                    .iter()
                    .map(|(name, value)| (name.as_bytes(), value.as_deref()))
                    .collect();
                let headers = &headers[..];
                let record = NewRecord {
                    timestamp: *timestamp,
                    key: key.as_deref(),
                    value: value.as_deref(),
                    headers: &headers,
                };
                let len = batch.push(&mut out, &record);
                let index = i32::try_from(index).expect("few");
                prop_assert_eq!(len, record.len_in_batch(inputs[0].0, index));
                prop_assert!(len <= record.len_max(2));
            }
            let mut compressor = Compressor::new(codec, -1);
            let compressor = (codec != Codec::None).then_some(&mut compressor);
            let used = batch.finish(&mut out, stamp, compressor);

            let inflate = |packed: &mut bytes::Bytes, _| {
                Ok(bytes::Bytes::from(decompress(used, packed).expect("our own bytes")))
            };
            let mut all = bytes::Bytes::from(out);
            let read = RecordBatchDecoder::decode_with_custom_compression(&mut all, Some(inflate))
                .expect("our own bytes");
            prop_assert!(all.is_empty());
            prop_assert_eq!(i16::from(read.compression as u8), used.bits());
            prop_assert_eq!(read.records.len(), inputs.len());
            for (index, (record, input)) in read.records.iter().zip(&inputs).enumerate() {
                let index = i32::try_from(index).expect("few");
                prop_assert_eq!(record.timestamp, input.0);
                prop_assert_eq!(record.offset, i64::from(index));
                prop_assert_eq!(record.key.as_deref(), input.1.as_deref());
                prop_assert_eq!(record.value.as_deref(), input.2.as_deref());
                let producer = (record.producer_id, record.producer_epoch);
                prop_assert_eq!(producer, (stamp.id, stamp.epoch));
                let headers: Vec<(String, Option<Vec<u8>>)> = record
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.as_ref().map(|v| v.to_vec())))
                    .collect();
                let expected: Vec<_> = input.3.clone().into_iter().collect();
                prop_assert_eq!(headers, expected);
            }
        }
    }

    fn field() -> impl Strategy<Value = Option<Vec<u8>>> {
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..150))
    }
}
