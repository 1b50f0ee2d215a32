//! A record of a batch, read where it stands: what a batch that was written by us is asked later.
#![forbid(unsafe_code)]

use super::{RecordHeaders, VisitHeader};
use crate::proto::varint;

/// A record.
pub(crate) struct RecordView<'a> {
    /// Milliseconds behind the batch's first timestamp.
    pub(crate) timestamp_delta: i64,
    /// The key.
    pub(crate) key: Option<&'a [u8]>,
    /// Length of the value; `None` if it is null.
    pub(crate) value_len: Option<usize>,
    /// The value, unless it is null or stands elsewhere.
    pub(crate) value: Option<&'a [u8]>,
    /// The headers.
    pub(crate) headers: RawHeaders<'a>,
}

impl<'a> RecordView<'a> {
    /// The record that begins at `at`; `None` if there is none. With `is_outside` its value is left
    /// out of `bytes`.
    #[inline]
    pub(crate) fn at(bytes: &'a [u8], at: usize, is_outside: bool) -> Option<Self> {
        match Self::plain_at(bytes, at) {
            Some(view) if !is_outside => Some(view),
            _ => Self::any_at(bytes, at, is_outside),
        }
    }

    /// The same for most records: short numbers, the value at its place, no headers. All numbers
    /// before the key are looked at together.
    #[inline(always)]
    fn plain_at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let record = bytes.get(at..)?;
        let head = u64::from_le_bytes(*record.first_chunk::<8>()?);
        // The last byte of each number is the one without the highest bit.
        let length_end = !head & 0x8080_8080_8080_8080;
        let attributes_end = length_end & length_end.wrapping_sub(1);
        let timestamp_end = attributes_end & attributes_end.wrapping_sub(1);
        let offset_end = timestamp_end & timestamp_end.wrapping_sub(1);
        if offset_end == 0 {
            return None;
        }
        let from = attributes_end.trailing_zeros() + 1;
        let timestamp = (head & (timestamp_end ^ (timestamp_end - 1))) >> from;
        if timestamp >> 32 != 0 {
            return None;
        }
        let folded = timestamp & 0x7f
            | (timestamp >> 1) & 0x3f80
            | (timestamp >> 2) & 0x1f_c000
            | (timestamp >> 3) & 0xfe0_0000;
        let rest = &record[(offset_end.trailing_zeros() as usize + 1) / 8..];
        let (key, rest) = short_field(rest)?;
        let (value, rest) = short_field(rest)?;
        if rest.first() != Some(&0) {
            return None;
        }
        Some(Self {
            timestamp_delta: varint::unzigzag(folded),
            key,
            value_len: value.map(<[u8]>::len),
            value,
            headers: RawHeaders { count: 0, bytes: &[] },
        })
    }

    fn any_at(bytes: &'a [u8], at: usize, is_outside: bool) -> Option<Self> {
        let mut walk = Walk { bytes, at };
        let len = walk.length()??;
        let end = walk.at.checked_add(len)?;
        walk.take(1)?;
        let timestamp_delta = walk.varint()?;
        walk.varint()?;
        let key = match walk.length()? {
            Some(len) => Some(walk.take(len)?),
            None => None,
        };
        let value_len = walk.length()?;
        let (value, outside) = match value_len {
            None => (None, 0),
            Some(len) if is_outside => (None, len),
            Some(len) => (Some(walk.take(len)?), 0),
        };
        let count = walk.length()??;
        let left = end.checked_sub(walk.at)?.checked_sub(outside)?;
        let headers = RawHeaders { count, bytes: walk.take(left)? };
        Some(Self { timestamp_delta, key, value_len, value, headers })
    }
}

/// A nullable field whose length takes one or two bytes, and what is behind it.
#[inline(always)]
fn short_field(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (len, rest) = match *bytes {
        [1, ref rest @ ..] => return Some((None, rest)),
        [low, ref rest @ ..] if low & 0x81 == 0 => (usize::from(low) / 2, rest),
        [low, high @ ..0x80, ref rest @ ..] if low & 1 == 0 => {
            (usize::from(low & 0x7f) / 2 + usize::from(high) * 64, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(len).map(|(field, rest)| (Some(field), rest))
}

/// A reader of records of any kind.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..count)?;
        self.at += count;
        Some(taken)
    }

    fn varint(&mut self) -> Option<i64> {
        let bytes = self.bytes.get(self.at..)?;
        let (value, used) = varint::read_u64(bytes, varint::BYTES_MAX).ok()?;
        self.at += used;
        Some(varint::unzigzag(value))
    }

    /// A length; the inner `None` is null.
    fn length(&mut self) -> Option<Option<usize>> {
        match self.varint()? {
            -1 => Some(None),
            len => usize::try_from(len).ok().map(Some),
        }
    }
}

/// Headers as they stand in a record.
#[derive(Clone, Copy)]
pub(crate) struct RawHeaders<'a> {
    count: usize,
    bytes: &'a [u8],
}

impl<'a> RawHeaders<'a> {
    /// `count` headers that were taken apart by [`RawHeaders::parts`].
    pub(crate) fn new(count: usize, bytes: &'a [u8]) -> Self {
        Self { count, bytes }
    }

    /// Their number, and their bytes.
    pub(crate) fn parts(&self) -> (usize, &'a [u8]) {
        (self.count, self.bytes)
    }

    fn visit(&self, visit: VisitHeader<'_>) -> Option<()> {
        let mut walk = Walk { bytes: self.bytes, at: 0 };
        for _ in 0..self.count {
            let len = walk.length()??;
            let name = walk.take(len)?;
            let value = match walk.length()? {
                Some(len) => Some(walk.take(len)?),
                None => None,
            };
            visit(name, value);
        }
        Some(())
    }
}

impl RecordHeaders for RawHeaders<'_> {
    fn count(&self) -> usize {
        self.count
    }

    fn wire_len(&self) -> usize {
        self.bytes.len()
    }

    fn each(&self, visit: VisitHeader<'_>) {
        self.visit(visit).expect("a record that we wrote ourselves");
    }
}

#[cfg(test)]
mod tests {
    use super::super::NewRecord;
    use super::super::batch::{BatchWriter, HEADER_BYTES};
    use super::*;
    use proptest::prelude::*;

    type Field = Option<Vec<u8>>;

    fn field() -> impl Strategy<Value = Field> {
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300))
    }

    proptest! {
        #[test]
        fn a_written_record_reads_back_where_it_stands(
            delta in any::<i32>(), key in field(), value in field(),
            headers in proptest::collection::vec(("[a-z]{0,9}", field()), 0..5),
        ) {
            let headers: Vec<(&[u8], Option<&[u8]>)> =
                headers.iter().map(|(name, value)| (name.as_bytes(), value.as_deref())).collect();
            let mut out = Vec::new();
            let mut writer = BatchWriter::start(&mut out, 7);
            let (key, value) = (key.as_deref(), value.as_deref());
            let timestamp = 7 + i64::from(delta);
            writer.push(&mut out, &NewRecord { timestamp, key, value, headers: &&headers[..] });
            out.extend_from_slice(b"the next record");

            let view = RecordView::at(&out, HEADER_BYTES, false).expect("a record");
            prop_assert_eq!(view.timestamp_delta, i64::from(delta));
            prop_assert_eq!((view.key, view.value), (key, value));
            prop_assert_eq!(view.value_len, value.map(<[u8]>::len));
            let mut seen = Vec::new();
            view.headers.each(&mut |name, value| {
                seen.push((name.to_vec(), value.map(<[u8]>::to_vec)));
            });
            let expected: Vec<_> = headers.iter()
                .map(|(name, value)| (name.to_vec(), value.map(<[u8]>::to_vec))).collect();
            prop_assert_eq!(seen, expected);
            let (count, bytes) = view.headers.parts();
            prop_assert_eq!((count, bytes.len()), (headers.len(), (&headers[..]).wire_len()));
        }
    }

    #[test]
    fn a_value_elsewhere_is_left_out() {
        let mut out = Vec::new();
        let mut writer = BatchWriter::start(&mut out, 0);
        let headers: &[(&[u8], Option<&[u8]>)] = &[(b"h", Some(b"v"))];
        let record =
            NewRecord { timestamp: 0, key: Some(b"k"), value: Some(&[9; 70]), headers: &headers };
        writer.push(&mut out, &record);
        let at = out.windows(70).position(|window| window == [9; 70]).expect("the value");
        out.drain(at..at + 70);
        let view = RecordView::at(&out, HEADER_BYTES, true).expect("a record");
        assert_eq!((view.key, view.value, view.value_len), (Some(&b"k"[..]), None, Some(70)));
        assert_eq!(view.headers.parts(), (1, &b"\x02h\x02v"[..]));
        assert!(RecordView::at(&out, HEADER_BYTES, false).is_none());
    }
}
