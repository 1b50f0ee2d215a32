//! Writing record batches: header, records, compression, CRC. One pass over each record; sizes
//! first.
#![forbid(unsafe_code)]

use super::NewRecord;
use crate::codec::{Codec, Compressor};
use crate::proto::varint;
use crate::proto::wire::Write;

/// Bytes of a batch's header.
pub(crate) const HEADER_BYTES: usize = 61;
/// Where the bytes begin that the CRC covers.
const CRC_FROM: usize = 21;
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
    pub(crate) fn start(out: &mut Vec<u8>, base_timestamp: i64) -> Self {
        let start = out.len();
        out.resize(start + HEADER_BYTES, 0);
        Self { start, base_timestamp, max_timestamp: 0, count: 0 }
    }

    /// Appends a record; returns the bytes that it took.
    #[inline]
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, record: &NewRecord<'_>) -> usize {
        let before = out.len();
        let body_len = self.body_len(record);
        let mut prefix = Prefix { room: [0; PREFIX_BYTES_MAX], used: 0 };
        prefix.varint(body_len as i64);
        prefix.byte(0);
        prefix.varint(record.timestamp.wrapping_sub(self.base_timestamp));
        prefix.varint(i64::from(self.count));
        prefix.varint(record.key.map_or(-1, |key| key.len() as i64));
        out.reserve(body_len + varint::BYTES_MAX);
        out.extend_from_slice(prefix.bytes());
        if let Some(key) = record.key {
            out.extend_from_slice(key);
        }
        prefix.clear();
        prefix.varint(record.value.map_or(-1, |value| value.len() as i64));
        out.extend_from_slice(prefix.bytes());
        if let Some(value) = record.value {
            out.extend_from_slice(value);
        }
        push_headers(out, record);
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.count += 1;
        out.len() - before
    }

    /// Bytes of a record behind its length.
    fn body_len(&self, record: &NewRecord<'_>) -> usize {
        let field = |bytes: Option<&[u8]>| match bytes {
            None => 1,
            Some(bytes) => varint::len_i64(bytes.len() as i64) + bytes.len(),
        };
        1 + varint::len_i64(record.timestamp.wrapping_sub(self.base_timestamp))
            + varint::len_i64(i64::from(self.count))
            + field(record.key)
            + field(record.value)
            + varint::len_i64(record.headers.count() as i64)
            + record.headers.wire_len()
    }

    /// Compresses the records if `codec` is given and that makes them no larger, and writes the
    /// header. Returns the codec that was used.
    pub(crate) fn finish(
        self,
        out: &mut Vec<u8>,
        stamp: ProducerStamp,
        compressor: Option<&mut Compressor>,
    ) -> Codec {
        let records_at = self.start + HEADER_BYTES;
        let mut used = Codec::None;
        if let Some(compressor) = compressor
            && let Some(smaller) = compressor.compress_if_smaller(&out[records_at..])
        {
            out.truncate(records_at);
            out.extend_from_slice(smaller);
            used = compressor.codec();
        }
        self.write_header(out, stamp, used);
        used
    }

    fn write_header(&self, out: &mut [u8], stamp: ProducerStamp, codec: Codec) {
        let batch = &mut out[self.start..];
        let length = i32::try_from(batch.len() - LENGTH_FROM).unwrap_or(i32::MAX);
        let attributes = codec.bits() | if stamp.is_transactional { 0x10 } else { 0 };
        let mut put = |at: usize, bytes: &[u8]| batch[at..at + bytes.len()].copy_from_slice(bytes);
        put(8, &length.to_be_bytes());
        put(16, &[2]);
        put(21, &attributes.to_be_bytes());
        put(23, &(self.count - 1).to_be_bytes());
        put(27, &self.base_timestamp.to_be_bytes());
        put(35, &self.max_timestamp.to_be_bytes());
        put(43, &stamp.id.to_be_bytes());
        put(51, &stamp.epoch.to_be_bytes());
        put(53, &stamp.base_sequence.to_be_bytes());
        put(57, &self.count.to_be_bytes());
        let crc = crc32c::crc32c(&batch[CRC_FROM..]);
        batch[17..CRC_FROM].copy_from_slice(&crc.to_be_bytes());
    }
}

fn push_headers(out: &mut Vec<u8>, record: &NewRecord<'_>) {
    let count = record.headers.count();
    if count == 0 {
        out.push(0);
        return;
    }
    out.put_uvarint(varint::zigzag(count as i64));
    record.headers.each(&mut |name, value| {
        out.put_uvarint(varint::zigzag(name.len() as i64));
        out.put(name);
        out.put_uvarint(varint::zigzag(value.map_or(-1, |value| value.len() as i64)));
        out.put(value.unwrap_or_default());
    });
}

/// Length, attributes, timestamp delta, offset delta, key length.
const PREFIX_BYTES_MAX: usize = 4 * varint::BYTES_MAX + 1;

/// The fields before a record's key, collected so that the buffer grows once.
struct Prefix {
    room: [u8; PREFIX_BYTES_MAX],
    used: usize,
}

impl Prefix {
    #[inline]
    fn varint(&mut self, value: i64) {
        let mut folded = varint::zigzag(value);
        while folded >= 0x80 {
            self.byte(folded as u8 | 0x80);
            folded >>= 7;
        }
        self.byte(folded as u8);
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.room[self.used] = byte;
        self.used += 1;
    }

    fn clear(&mut self) {
        self.used = 0;
    }

    fn bytes(&self) -> &[u8] {
        &self.room[..self.used]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_pushed_record_takes_the_bytes_it_says() {
        let mut out = Vec::new();
        let mut batch = BatchWriter::start(&mut out, 1000);
        let value = vec![7; 300];
        let record = NewRecord { timestamp: 900, key: None, value: Some(&value), headers: &() };
        let said = batch.push(&mut out, &record);
        assert_eq!(HEADER_BYTES + said, out.len());
        assert!(said <= 36 + 300);
    }
}
