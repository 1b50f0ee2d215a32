//! The numbers of a record without headers, made ready in registers: a produce call writes them at
//! once. Records with other numbers are written field by field ([`BatchWriter`]).
#![forbid(unsafe_code)]

use super::batch::BatchWriter;
use crate::proto::varint;

/// Varints of two bytes are below.
const TWO_BYTES: u64 = 1 << 14;
/// Varints of three bytes are below: so is the length of a record whose fields' lengths take two.
const THREE_BYTES: u64 = 1 << 21;

/// A few bytes, the first one lowest, and how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Few {
    /// The bytes.
    pub(crate) bytes: u64,
    /// How many.
    pub(crate) count: usize,
}

/// How many bytes a varint of at most three takes.
#[inline(always)]
fn count(value: u64) -> usize {
    1 + usize::from(value >= 1 << 7) + usize::from(value >= TWO_BYTES)
}

/// A varint of at most three bytes.
#[inline(always)]
fn few(value: u64) -> Few {
    if value < 1 << 7 {
        return Few { bytes: value, count: 1 };
    }
    let (first, second) = ((value & 0x7f) | 0x80, (value >> 7) & 0x7f);
    if value < TWO_BYTES {
        return Few { bytes: first | second << 8, count: 2 };
    }
    Few { bytes: first | (second | 0x80) << 8 | (value >> 14) << 16, count: 3 }
}

/// The numbers of a record, folded: they become bytes one by one, when they are written.
pub(crate) struct Frame {
    body: u64,
    timestamp: u64,
    index: u64,
    key: u64,
    value: u64,
    /// Bytes of the whole record.
    pub(crate) len: usize,
}

impl Frame {
    /// The frame of a batch's next record; `None` if a number is not short. Fields are given by
    /// their length; `None` is null.
    #[inline(always)]
    pub(crate) fn next(
        batch: &BatchWriter,
        timestamp: i64,
        key: Option<usize>,
        value: Option<usize>,
    ) -> Option<Self> {
        let timestamp = varint::zigzag(timestamp.wrapping_sub(batch.base_timestamp()));
        let index = varint::zigzag(i64::from(batch.count()));
        let (key_len, value_len) = (folded(key), folded(value));
        if timestamp | key_len | value_len >= TWO_BYTES || index >= THREE_BYTES {
            return None;
        }
        let numbers = count(timestamp) + count(index) + count(key_len) + count(value_len);
        // Attributes before them, and the number of headers behind.
        let len = 2 + numbers + key.unwrap_or(0) + value.unwrap_or(0);
        let body = folded(Some(len));
        let len = count(body) + len;
        Some(Self { body, timestamp, index, key: key_len, value: value_len, len })
    }

    /// What stands before the key: length; attributes and timestamp; offset; the key's length.
    #[inline(always)]
    pub(crate) fn before_key(&self, mut put: impl FnMut(Few)) {
        put(few(self.body));
        put(Few { bytes: 0, count: 1 });
        put(few(self.timestamp));
        put(few(self.index));
        put(few(self.key));
    }

    /// What stands before the value: its length.
    #[inline(always)]
    pub(crate) fn before_value(&self) -> Few {
        few(self.value)
    }

    /// What stands behind the value: no headers.
    #[inline(always)]
    pub(crate) fn behind_value(&self) -> u8 {
        0
    }
}

/// A length as records write it.
#[inline]
fn folded(len: Option<usize>) -> u64 {
    len.map_or(1, |len| if len < 1 << 31 { 2 * len as u64 } else { u64::MAX })
}

#[cfg(test)]
mod tests {
    use super::super::NewRecord;
    use super::super::batch::HEADER_BYTES;
    use super::*;
    use proptest::prelude::*;

    fn framed(frame: &Frame, key: &[u8], value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let put = |out: &mut Vec<u8>, few: Few| {
            out.extend_from_slice(&few.bytes.to_le_bytes()[..few.count]);
        };
        frame.before_key(|few| put(&mut out, few));
        out.extend_from_slice(key);
        put(&mut out, frame.before_value());
        out.extend_from_slice(value);
        out.push(frame.behind_value());
        out
    }

    proptest! {
        #[test]
        fn a_frame_is_what_the_writer_writes_field_by_field(
            delta in -8190i64..8200, count in prop_oneof![0i32..200, 0i32..300_000],
            key in proptest::option::of(prop_oneof![0usize..200, 0usize..8200]),
            value in proptest::option::of(prop_oneof![0usize..200, 0usize..8200]),
        ) {
            let bytes = vec![7; 8200];
            let [key_bytes, value_bytes] = [key, value].map(|len| len.map(|len| &bytes[..len]));
            let mut writer = BatchWriter::resume(0, 1_000_000, 0, count);
            let frame = Frame::next(&writer, 1_000_000 + delta, key, value);
            let is_short = delta.abs() < 8192 && count < 300_000
                && key.is_none_or(|len| len < 8192) && value.is_none_or(|len| len < 8192);
            prop_assert_eq!(frame.is_some(), is_short);
            if let Some(frame) = frame {
                let mut out = Vec::new();
                let timestamp = 1_000_000 + delta;
                let (key, value) = (key_bytes, value_bytes);
                writer.push(&mut out, &NewRecord { timestamp, key, value, headers: &() });
                let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
                prop_assert!(framed(&frame, key, value) == out);
                prop_assert_eq!(frame.len, out.len());
            }
        }
    }

    #[test]
    fn long_numbers_have_no_frame() {
        let writer = BatchWriter::start(&mut Vec::with_capacity(HEADER_BYTES), 0);
        assert!(Frame::next(&writer, i64::MIN, None, None).is_none());
        assert!(Frame::next(&writer, 0, Some(usize::MAX), None).is_none());
        assert!(Frame::next(&writer, 0, None, Some(1 << 13)).is_none());
        assert!(Frame::next(&writer, 0, Some((1 << 13) - 1), Some((1 << 13) - 1)).is_some());
    }
}
