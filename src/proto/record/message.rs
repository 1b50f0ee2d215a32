//! Writing message sets (formats 0 and 1), for brokers before 0.11.
#![forbid(unsafe_code)]

use super::NewRecord;
use crate::codec::{Codec, Compressor};
use crate::proto::wire::Write;

/// A message set that is being written to the end of a buffer. Headers are dropped: the formats have none.
pub(crate) struct MessageSetWriter {
    start: usize,
    magic: i8,
    first_timestamp: i64,
    count: i64,
}

impl MessageSetWriter {
    /// Starts a set of format 0 or 1 at the end of `out`.
    pub(crate) fn start(out: &Vec<u8>, magic: i8, first_timestamp: i64) -> Self {
        Self { start: out.len(), magic, first_timestamp, count: 0 }
    }

    /// Appends a message; returns the bytes that it took.
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, record: &NewRecord<'_>) -> usize {
        let before = out.len();
        put_message(out, self.magic, self.count, 0, record.timestamp, record.key, record.value);
        self.count += 1;
        out.len() - before
    }

    /// Wraps the messages into a compressed one, if `compressor` is given and that makes them no larger.
    pub(crate) fn finish(self, out: &mut Vec<u8>, compressor: Option<&mut Compressor>) -> Codec {
        let Some(compressor) = compressor else { return Codec::None };
        let codec = compressor.codec();
        let Some(smaller) = compressor.compress_if_smaller(&out[self.start..]) else {
            return Codec::None;
        };
        let mut value = smaller.to_vec();
        if codec == Codec::Lz4 && self.magic == 0 {
            spoil_lz4_checksum(&mut value);
        }
        out.truncate(self.start);
        put_message(
            out,
            self.magic,
            0,
            codec.bits() as i8,
            self.first_timestamp,
            None,
            Some(&value),
        );
        codec
    }
}

fn put_message(
    out: &mut Vec<u8>,
    magic: i8,
    offset: i64,
    attributes: i8,
    timestamp: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) {
    out.put_i64(offset);
    let size_at = out.len();
    out.put_i32(0);
    out.put_i32(0);
    let crc_from = out.len();
    out.put_i8(magic);
    out.put_i8(attributes);
    if magic == 1 {
        out.put_i64(timestamp);
    }
    for field in [key, value] {
        out.put_i32(field.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX)));
        out.put(field.unwrap_or_default());
    }
    let size = i32::try_from(out.len() - size_at - 4).unwrap_or(i32::MAX);
    out.patch(size_at, &size.to_be_bytes());
    let crc = crc32fast::hash(&out[crc_from..]);
    out.patch(size_at + 4, &crc.to_be_bytes());
}

/// Quirk: brokers that speak format 0 expect the LZ4 header checksum over magic, FLG and BD, which is not what the LZ4
/// frame format says (KIP-57).
fn spoil_lz4_checksum(frame: &mut [u8]) {
    if frame.len() > 6 {
        frame[6] = (xxh32(&frame[..6]) >> 8) as u8;
    }
}

/// XXH32 with seed 0 of fewer than 16 bytes.
fn xxh32(bytes: &[u8]) -> u32 {
    const P1: u32 = 2_654_435_761;
    const P2: u32 = 2_246_822_519;
    const P3: u32 = 3_266_489_917;
    const P4: u32 = 668_265_263;
    const P5: u32 = 374_761_393;
    debug_assert!(bytes.len() < 16, "{} bytes", bytes.len());
    let mut hash = P5.wrapping_add(bytes.len() as u32);
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        hash = hash.wrapping_add(word.wrapping_mul(P3)).rotate_left(17).wrapping_mul(P4);
    }
    for byte in words.remainder() {
        hash =
            hash.wrapping_add(u32::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
    }
    hash = (hash ^ (hash >> 15)).wrapping_mul(P2);
    hash = (hash ^ (hash >> 13)).wrapping_mul(P3);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn messages_equal_the_captured_ones() {
        for (magic, expected) in [
            (0, "000000000000000000000011165764b10000000000016b000000027630"),
            (1, "000000000000000000000019a9da3eaf0100000001a20c1e11e2000000016b000000027630"),
        ] {
            let mut out = Vec::new();
            let mut set = MessageSetWriter::start(&out, magic, 0x0000_01a2_0c1e_11e2);
            let record = NewRecord {
                timestamp: 0x0000_01a2_0c1e_11e2,
                key: Some(b"k"),
                value: Some(b"v0"),
                headers: &(),
            };
            set.push(&mut out, &record);
            set.finish(&mut out, None);
            assert_eq!(hex(&out), expected, "format {magic}");
        }
    }

    #[test]
    fn format_0_has_the_wrong_lz4_checksum_on_purpose() {
        for (magic, checksum) in [(0, 0x1a), (1, 0x82)] {
            let mut out = Vec::new();
            let mut set = MessageSetWriter::start(&out, magic, 1);
            let value = [b'a'; 500];
            let record = NewRecord { timestamp: 1, key: None, value: Some(&value), headers: &() };
            set.push(&mut out, &record);
            assert_eq!(
                set.finish(&mut out, Some(&mut Compressor::new(Codec::Lz4, -1))),
                Codec::Lz4
            );
            let frame_at =
                out.windows(4).position(|w| w == [0x04, 0x22, 0x4d, 0x18]).expect("frame");
            assert_eq!(out[frame_at + 4..frame_at + 7], [0x60, 0x40, checksum], "format {magic}");
        }
    }
}
