//! Message sets (formats 0 and 1), for brokers before 0.11: written, and read for the mock cluster
//! and the tests.
#![forbid(unsafe_code)]

use super::NewRecord;
use crate::codec::{Codec, Compressor, decompress_within, inflated_max};
use crate::proto::wire::{Buffer, DecodeError, Read, Result};

/// Bytes of a message of format 0 beside key and value; format 1 has 8 more.
pub(super) const FRAME_BYTES: usize = 26;
/// Where a short LZ4 frame header has its checksum, and the flags that make a header longer:
/// content size, dictionary.
const LZ4_CHECKSUM_AT: usize = 6;
const LZ4_LONG_HEADER: u8 = 0x09;

/// A message set that is being written to the end of a buffer. Headers are dropped: the formats
/// have none.
pub(crate) struct MessageSetWriter {
    start: usize,
    magic: i8,
    first_timestamp: i64,
    count: i64,
}

impl MessageSetWriter {
    /// Starts a set of format 0 or 1 at the end of `out`.
    pub(crate) fn start(out: &impl Buffer, magic: i8, first_timestamp: i64) -> Self {
        Self { start: out.position(), magic, first_timestamp, count: 0 }
    }

    /// Goes on with a set that begins at `start` and has `count` messages.
    pub(crate) fn resume(start: usize, magic: i8, first_timestamp: i64, count: i64) -> Self {
        Self { start, magic, first_timestamp, count }
    }

    /// Appends a message; returns the bytes that it took.
    pub(crate) fn push(&mut self, out: &mut impl Buffer, record: &NewRecord<'_>) -> usize {
        let before = out.position();
        put_message(out, self.magic, self.count, 0, record.timestamp, record.key, record.value);
        self.count += 1;
        out.position() - before
    }

    /// Wraps the messages into a compressed one, if `compressor` is given and that makes them no
    /// larger.
    pub(crate) fn finish(
        self,
        out: &mut impl Buffer,
        compressor: Option<&mut Compressor>,
    ) -> Codec {
        let Some(compressor) = compressor else { return Codec::None };
        let codec = compressor.codec();
        let Some(smaller) = compressor.compress_if_smaller(&out.parts(self.start)) else {
            return Codec::None;
        };
        let mut value = smaller.to_vec();
        if codec == Codec::Lz4 && self.magic == 0 {
            spoil_lz4_checksum(&mut value);
        }
        out.cut(self.start);
        put_message(
            out,
            self.magic,
            0,
            i8::try_from(codec.bits()).unwrap_or(0),
            self.first_timestamp,
            None,
            Some(&value),
        );
        codec
    }
}

fn put_message(
    out: &mut impl Buffer,
    magic: i8,
    offset: i64,
    attributes: i8,
    timestamp: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) {
    out.put_i64(offset);
    let size_at = out.position();
    out.put_i32(0);
    out.put_i32(0);
    let crc_from = out.position();
    out.put_i8(magic);
    out.put_i8(attributes);
    if magic == 1 {
        out.put_i64(timestamp);
    }
    let len = |field: Option<&[u8]>| {
        field.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX))
    };
    out.put_i32(len(key));
    out.put(key.unwrap_or_default());
    out.put_i32(len(value));
    out.put_value(value.unwrap_or_default());
    let size = i32::try_from(out.position() - size_at - 4).unwrap_or(i32::MAX);
    out.patch(size_at, &size.to_be_bytes());
    let mut crc = crc32fast::Hasher::new();
    out.pieces(crc_from, &mut |piece| crc.update(piece));
    out.patch(size_at + 4, &crc.finalize().to_be_bytes());
}

/// A message of a set, compressed ones taken out of their wrapper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its offset: in a wrapper the one inside it.
    pub(crate) offset: i64,
    /// Message format, 0 or 1.
    pub(crate) magic: i8,
    /// What it was compressed with.
    pub(crate) codec: Codec,
    /// Milliseconds since the epoch; -1 in format 0.
    pub(crate) timestamp: i64,
    /// The key.
    pub(crate) key: Option<Vec<u8>>,
    /// The value.
    pub(crate) value: Option<Vec<u8>>,
}

/// Reads a message set and checks sizes, formats and CRCs. All wrappers together may inflate to
/// what one of the set's size might.
pub(crate) fn read_set(bytes: &[u8]) -> Result<Vec<Message>> {
    let mut inflated_left = inflated_max(bytes.len());
    let mut messages = Vec::new();
    let mut read = Read::new(bytes);
    while read.left() > 0 {
        let outer = raw_message(&mut read)?;
        if outer.codec == Codec::None {
            messages.push(outer.to_message(Codec::None));
            continue;
        }
        let packed = outer.value.ok_or_else(|| read.bad("wrapper without a value"))?;
        let plain = inflate(&outer, packed, inflated_left)?;
        inflated_left -= plain.len();
        let mut inside = Read::new(&plain);
        while inside.left() > 0 {
            let inner = raw_message(&mut inside)?;
            if inner.codec != Codec::None || inner.magic != outer.magic {
                return Err(inside.bad("message in a wrapper"));
            }
            messages.push(inner.to_message(outer.codec));
        }
    }
    Ok(messages)
}

/// A message within the set's bytes.
struct RawMessage<'a> {
    offset: i64,
    magic: i8,
    codec: Codec,
    timestamp: i64,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
}

impl RawMessage<'_> {
    fn to_message(&self, codec: Codec) -> Message {
        Message {
            offset: self.offset,
            magic: self.magic,
            codec,
            timestamp: self.timestamp,
            key: self.key.map(<[u8]>::to_vec),
            value: self.value.map(<[u8]>::to_vec),
        }
    }
}

fn raw_message<'a>(read: &mut Read<'a>) -> Result<RawMessage<'a>> {
    let offset = read.i64()?;
    let size = usize::try_from(read.i32()?).map_err(|_| read.bad("message size"))?;
    let mut body = Read::new(read.take(size)?);
    let crc = body.u32()?;
    let computed = crc32fast::hash(body.clone().take(body.left())?);
    if crc != computed {
        return Err(DecodeError::Bad(format!("CRC {computed:#010x} computed, {crc:#010x} found")));
    }
    let magic = body.i8()?;
    if !(0..=1).contains(&magic) {
        return Err(DecodeError::Bad(format!("message format {magic}, 0 or 1 expected")));
    }
    let attributes = body.i8()?;
    let codec = Codec::from_bits(i16::from(attributes))
        .filter(|codec| *codec != Codec::Zstd)
        .ok_or_else(|| DecodeError::Bad(format!("attributes {attributes:#04x}")))?;
    let timestamp = if magic == 1 { body.i64()? } else { -1 };
    let key = body.nullable_bytes(false)?;
    let value = body.nullable_bytes(false)?;
    if body.left() != 0 {
        return Err(body.bad("message end"));
    }
    Ok(RawMessage { offset, magic, codec, timestamp, key, value })
}

fn inflate(wrapper: &RawMessage<'_>, packed: &[u8], limit: usize) -> Result<Vec<u8>> {
    let unspoiled;
    let packed = match wrapper.codec {
        Codec::Lz4 if wrapper.magic == 0 => {
            unspoiled = with_right_lz4_checksum(packed);
            &unspoiled
        }
        _ => packed,
    };
    decompress_within(wrapper.codec, packed, limit)
        .map_err(|error| DecodeError::Bad(format!("{} messages: {error}", wrapper.codec.name())))
}

/// The frame with the header checksum that the LZ4 frame format wants. Only headers as short as
/// ours are repaired; the others are left for the library to judge.
fn with_right_lz4_checksum(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    if frame.len() > LZ4_CHECKSUM_AT && frame[4] & LZ4_LONG_HEADER == 0 {
        frame[LZ4_CHECKSUM_AT] = second_byte(xxh32(&frame[4..LZ4_CHECKSUM_AT]));
    }
    frame
}

/// Quirk: brokers that speak format 0 expect the LZ4 header checksum over magic, FLG and BD, which
/// is not what the LZ4 frame format says (KIP-57).
fn spoil_lz4_checksum(frame: &mut [u8]) {
    if frame.len() > LZ4_CHECKSUM_AT {
        frame[LZ4_CHECKSUM_AT] = second_byte(xxh32(&frame[..LZ4_CHECKSUM_AT]));
    }
}

fn second_byte(hash: u32) -> u8 {
    hash.to_le_bytes()[1]
}

/// XXH32 with seed 0 of fewer than 16 bytes.
fn xxh32(bytes: &[u8]) -> u32 {
    const P1: u32 = 2_654_435_761;
    const P2: u32 = 2_246_822_519;
    const P3: u32 = 3_266_489_917;
    const P4: u32 = 668_265_263;
    const P5: u32 = 374_761_393;
    debug_assert!(bytes.len() < 16, "{} bytes", bytes.len());
    let mut hash = P5.wrapping_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
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
    use proptest::prelude::*;

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

    type Input = (i64, Option<Vec<u8>>, Option<Vec<u8>>);

    fn inputs() -> impl Strategy<Value = Vec<Input>> {
        let bytes = proptest::option::of(proptest::collection::vec(0u8..9, 0..200));
        proptest::collection::vec((0i64..1 << 45, bytes.clone(), bytes), 1..30)
    }

    fn written(inputs: &[Input], magic: i8, codec: Codec) -> (Vec<u8>, Codec) {
        let mut out = Vec::new();
        let mut set = MessageSetWriter::start(&out, magic, inputs[0].0);
        for (timestamp, key, value) in inputs {
            let record = NewRecord {
                timestamp: *timestamp,
                key: key.as_deref(),
                value: value.as_deref(),
                headers: &(),
            };
            let len = set.push(&mut out, &record);
            assert_eq!(len, record.len_in_set(magic));
            let format = usize::try_from(magic).expect("0 or 1");
            assert!(len <= record.len_max(format));
        }
        let mut compressor = Compressor::new(codec, -1);
        let used = set.finish(&mut out, (codec != Codec::None).then_some(&mut compressor));
        (out, used)
    }

    #[test]
    fn each_fault_is_named() {
        let (good, _) = written(&[(1, None, Some(b"value".to_vec()))], 1, Codec::None);
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            let crc = crc32fast::hash(&bytes[16..]);
            bytes[12..16].copy_from_slice(&crc.to_be_bytes());
            bytes
        };
        let mut bad_crc = good.clone();
        bad_crc[12] ^= 1;
        for (bytes, expected) in [
            (good[..11].to_vec(), "4 bytes expected, 3 left"),
            (good[..good.len() - 1].to_vec(), "27 bytes expected, 26 left"),
            (bad_crc, "computed"),
            (with(8, 0xff), "bad message size"),
            (with(16, 2), "message format 2, 0 or 1 expected"),
            (with(17, 4), "attributes 0x04"),
            (with(17, 1), "gzip messages"),
            (with(33, 4), "bad message end"),
            (with(33, 6), "6 bytes expected, 5 left"),
        ] {
            let error = read_set(&bytes).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }

    #[test]
    fn many_wrappers_together_inflate_no_more_than_one_might() {
        let zeros = vec![(1, None, Some(vec![0; 900 << 10]))];
        let (wrapper, used) = written(&zeros, 1, Codec::Gzip);
        assert_eq!(used, Codec::Gzip);
        assert_eq!(read_set(&wrapper).map(|messages| messages.len()), Ok(1));
        assert!(read_set(&wrapper.repeat(2)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(inputs in inputs(), magic in 0i8..2, codec in 0i16..4) {
            let codec = Codec::from_bits(codec).expect("0 to 3");
            let (bytes, used) = written(&inputs, magic, codec);
            let messages = read_set(&bytes).expect("our own bytes");
            prop_assert_eq!(messages.len(), inputs.len());
            for (index, (message, input)) in messages.into_iter().zip(inputs).enumerate() {
                let expected = Message {
                    offset: i64::try_from(index).expect("few"),
                    magic,
                    codec: used,
                    timestamp: if magic == 1 { input.0 } else { -1 },
                    key: input.1,
                    value: input.2,
                };
                prop_assert_eq!(message, expected);
            }
        }

        #[test]
        fn damaged_sets_never_panic(
            inputs in inputs(),
            magic in 0i8..2,
            codec in 0i16..4,
            at in any::<prop::sample::Index>(),
            with in any::<u8>(),
        ) {
            let codec = Codec::from_bits(codec).expect("0 to 3");
            let (mut bytes, _) = written(&inputs, magic, codec);
            let at = at.index(bytes.len());
            bytes[at] ^= with;
            let _ = read_set(&bytes);
            let _ = read_set(&bytes[..at]);
        }
    }
}
