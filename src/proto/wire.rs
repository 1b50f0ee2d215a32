//! Integers, strings and arrays as Kafka writes them: big-endian, length first.
//!
//! Reading never allocates more than the bytes that are there and never panics.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::fmt;

use super::record::frame::Frame;
use super::varint::{self, Fault};
use crate::error::ErrorCode;

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// The bytes end too early.
    Underflow {
        /// Bytes that were wanted.
        wanted: usize,
        /// Bytes that were left.
        left: usize,
        /// Where, from the start of what is read.
        at: usize,
    },
    /// The bytes say something that cannot be.
    Bad(String),
}

impl DecodeError {
    /// The historical code.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Underflow { .. } => ErrorCode::_UNDERFLOW,
            Self::Bad(_) => ErrorCode::_BAD_MSG,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Underflow { wanted, left, at } => {
                write!(f, "{wanted} bytes expected, {left} left, at byte {at}")
            }
            Self::Bad(text) => f.write_str(text),
        }
    }
}

/// What reading gives.
pub(crate) type Result<T> = std::result::Result<T, DecodeError>;

/// A reader over received bytes.
#[derive(Clone)]
pub(crate) struct Read<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Read<'a> {
    /// Reads from the start of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the reader stands.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        if count > self.left() {
            return Err(DecodeError::Underflow { wanted: count, left: self.left(), at: self.at });
        }
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// An 8-bit integer.
    pub(crate) fn i8(&mut self) -> Result<i8> {
        Ok(i8::from_be_bytes(self.array()?))
    }

    /// A 16-bit integer.
    pub(crate) fn i16(&mut self) -> Result<i16> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    /// A 32-bit integer.
    pub(crate) fn i32(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    /// An unsigned 32-bit integer.
    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A 64-bit integer.
    pub(crate) fn i64(&mut self) -> Result<i64> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    /// An unsigned variable-length integer of up to 32 bits.
    pub(crate) fn uvarint(&mut self) -> Result<u32> {
        let value = self.varint_of(varint::BYTES_MAX_32)?;
        u32::try_from(value).map_err(|_| self.bad("unsigned varint above 32 bits"))
    }

    /// A signed variable-length integer of up to 64 bits.
    pub(crate) fn varlong(&mut self) -> Result<i64> {
        Ok(varint::unzigzag(self.varint_of(varint::BYTES_MAX)?))
    }

    /// A signed variable-length integer of up to 32 bits.
    pub(crate) fn varint(&mut self) -> Result<i32> {
        let value = varint::unzigzag(self.varint_of(varint::BYTES_MAX_32)?);
        i32::try_from(value).map_err(|_| self.bad("varint above 32 bits"))
    }

    #[inline]
    fn varint_of(&mut self, most: usize) -> Result<u64> {
        match varint::read_u64(&self.bytes[self.at..], most) {
            Ok((value, used)) => {
                self.at += used;
                Ok(value)
            }
            Err(Fault::Long) => Err(self.bad("varint")),
            Err(Fault::Short) => {
                let left = self.left();
                Err(DecodeError::Underflow { wanted: left + 1, left, at: self.at })
            }
        }
    }

    /// An error at this place.
    pub(crate) fn bad(&self, what: &str) -> DecodeError {
        DecodeError::Bad(format!("bad {what} at byte {}", self.at))
    }

    /// A nullable string or byte string whose length is written compactly if `flexible`, in 16 bits
    /// otherwise.
    pub(crate) fn nullable_string(&mut self, flexible: bool) -> Result<Option<&'a [u8]>> {
        let length = if flexible { i64::from(self.uvarint()?) - 1 } else { i64::from(self.i16()?) };
        match length {
            -1 => Ok(None),
            _ => {
                let count = usize::try_from(length).map_err(|_| self.bad("string length"))?;
                self.take(count).map(Some)
            }
        }
    }

    /// A string; null reads as empty, as history does.
    pub(crate) fn string(&mut self, flexible: bool) -> Result<&'a [u8]> {
        Ok(self.nullable_string(flexible)?.unwrap_or_default())
    }

    /// An array's element count: null is 0; more than `most`, or more than there are bytes left, is
    /// an error.
    pub(crate) fn count(&mut self, flexible: bool, most: usize) -> Result<usize> {
        self.count_of(flexible, most, 1)
    }

    /// An array's element count, where each element takes at least `bytes_min` bytes: that many may
    /// be given room at once, since the bytes for them are there.
    pub(crate) fn count_of(
        &mut self,
        flexible: bool,
        most: usize,
        bytes_min: usize,
    ) -> Result<usize> {
        let count = if flexible { i64::from(self.uvarint()?) - 1 } else { i64::from(self.i32()?) };
        if count == -1 {
            return Ok(0);
        }
        let count = usize::try_from(count).map_err(|_| self.bad("array count"))?;
        if count > most {
            return Err(self.bad("array count"));
        }
        if count > self.left() / bytes_min {
            let wanted = count.saturating_mul(bytes_min);
            return Err(DecodeError::Underflow { wanted, left: self.left(), at: self.at });
        }
        Ok(count)
    }

    /// Nullable bytes: the length is compact if `flexible`, 32 bits otherwise. Record data is
    /// written so.
    pub(crate) fn nullable_bytes(&mut self, flexible: bool) -> Result<Option<&'a [u8]>> {
        let length = if flexible { i64::from(self.uvarint()?) - 1 } else { i64::from(self.i32()?) };
        if length == -1 {
            return Ok(None);
        }
        let length = usize::try_from(length).map_err(|_| self.bad("byte count"))?;
        self.take(length).map(Some)
    }

    /// Tagged fields: `each` gets tag and value.
    pub(crate) fn tags(
        &mut self,
        flexible: bool,
        mut each: impl FnMut(u32, Self) -> Result<()>,
    ) -> Result<()> {
        if !flexible {
            return Ok(());
        }
        let count = self.uvarint()?;
        for _ in 0..count {
            let tag = self.uvarint()?;
            let length = usize::try_from(self.uvarint()?).map_err(|_| self.bad("tag size"))?;
            each(tag, Read::new(self.take(length)?))?;
        }
        Ok(())
    }

    /// Skips tagged fields.
    pub(crate) fn skip_tags(&mut self, flexible: bool) -> Result<()> {
        self.tags(flexible, |_, _| Ok(()))
    }
}

/// Most bytes of a string whose length takes 16 bits.
pub(crate) const STRING_BYTES_MAX: usize = 0x7fff;

/// A length or a count as compact forms write it: one more, since 0 is null.
pub(crate) fn compact(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX).saturating_add(1)
}

/// Bytes that [`Write::put_count`] takes.
pub(crate) fn count_len(count: usize, flexible: bool) -> usize {
    if flexible { varint::len_u64(compact(count)) } else { 4 }
}

/// Bytes that [`Write::put_string`] takes.
pub(crate) fn string_len(text: Option<&[u8]>, flexible: bool) -> usize {
    let bytes = text.map_or(0, <[u8]>::len);
    match text {
        Some(_) if flexible => varint::len_u64(compact(bytes)) + bytes,
        None if flexible => 1,
        _ => 2 + bytes.min(STRING_BYTES_MAX),
    }
}

/// Appends to a buffer.
pub(crate) trait Write {
    /// Raw bytes.
    fn put(&mut self, bytes: &[u8]);
    /// Overwrites bytes that were written before.
    fn patch(&mut self, at: usize, bytes: &[u8]);

    /// An 8-bit integer.
    fn put_i8(&mut self, value: i8) {
        self.put(&value.to_be_bytes());
    }

    /// A 16-bit integer.
    fn put_i16(&mut self, value: i16) {
        self.put(&value.to_be_bytes());
    }

    /// A 32-bit integer.
    fn put_i32(&mut self, value: i32) {
        self.put(&value.to_be_bytes());
    }

    /// A 64-bit integer.
    fn put_i64(&mut self, value: i64) {
        self.put(&value.to_be_bytes());
    }

    /// An unsigned 32-bit integer.
    fn put_u32(&mut self, value: u32) {
        self.put(&value.to_be_bytes());
    }

    /// A signed variable-length integer.
    fn put_varint(&mut self, value: i64) {
        self.put_uvarint(varint::zigzag(value));
    }

    /// An unsigned variable-length integer.
    fn put_uvarint(&mut self, value: u64) {
        let mut room = [0; varint::BYTES_MAX];
        let used = varint::write_u64(&mut room, value);
        self.put(&room[..used]);
    }

    /// A nullable string: compact if `flexible`. Strings above the length's range are cut.
    fn put_string(&mut self, text: Option<&[u8]>, flexible: bool) {
        match text {
            None if flexible => self.put_uvarint(0),
            None => self.put_i16(-1),
            Some(text) if flexible => {
                self.put_uvarint(compact(text.len()));
                self.put(text);
            }
            Some(text) => {
                let cut = &text[..text.len().min(STRING_BYTES_MAX)];
                self.put_i16(i16::try_from(cut.len()).unwrap_or(i16::MAX));
                self.put(cut);
            }
        }
    }

    /// An array's element count.
    fn put_count(&mut self, count: usize, flexible: bool) {
        if flexible {
            self.put_uvarint(compact(count));
        } else {
            self.put_i32(i32::try_from(count).unwrap_or(i32::MAX));
        }
    }

    /// No tagged fields.
    fn put_no_tags(&mut self, flexible: bool) {
        if flexible {
            self.put_i8(0);
        }
    }
}

impl Write for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn patch(&mut self, at: usize, bytes: &[u8]) {
        self[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

/// A growing buffer that record data is written to. Its bytes may lie in several pieces: a buffer
/// may keep a large value where it is instead of copying it.
pub(crate) trait Buffer: Write {
    /// Bytes written so far.
    fn position(&self) -> usize;
    /// Makes room for `more` bytes, to be copied in one go.
    fn make_room(&mut self, more: usize);
    /// A record's value: copied, or referenced where it is.
    fn put_value(&mut self, value: &[u8]);
    /// The first `count` bytes of a small array: all of it is copied, which is cheaper than to copy
    /// a number of bytes that only the processor knows.
    #[inline]
    fn put_few<const N: usize>(&mut self, few: &[u8; N], count: usize)
    where
        Self: Sized,
    {
        self.put(&few[..count]);
    }
    /// A record whose numbers are ready, with the key and value that it was framed for; null is
    /// empty.
    #[inline]
    fn put_framed(&mut self, frame: &Frame, key: &[u8], value: &[u8]) {
        frame.before_key(|few| self.put(&few.bytes.to_le_bytes()[..few.count]));
        self.put(key);
        let few = frame.before_value();
        self.put(&few.bytes.to_le_bytes()[..few.count]);
        self.put(value);
        self.put(&[frame.behind_value()]);
    }
    /// Forgets the bytes from `at` on.
    fn cut(&mut self, at: usize);
    /// The bytes from `at` on, in one piece if they are in one.
    fn tail(&self, at: usize) -> Cow<'_, [u8]>;
    /// The bytes from `at` on, in their pieces.
    fn parts(&self, at: usize) -> Vec<&[u8]>;
    /// Gives the bytes from `at` on, piece by piece.
    fn pieces(&self, at: usize, visit: &mut dyn FnMut(&[u8]));
    /// Takes `gap` bytes out at `at`: the few bytes before them move, the many behind them do not.
    fn close_gap(&mut self, at: usize, gap: usize);
}

impl Buffer for Vec<u8> {
    #[inline]
    fn position(&self) -> usize {
        self.len()
    }

    #[inline]
    fn make_room(&mut self, more: usize) {
        self.reserve(more);
    }

    #[inline]
    fn put_value(&mut self, value: &[u8]) {
        self.extend_from_slice(value);
    }

    fn cut(&mut self, at: usize) {
        self.truncate(at);
    }

    fn tail(&self, at: usize) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self[at..])
    }

    fn parts(&self, at: usize) -> Vec<&[u8]> {
        vec![&self[at..]]
    }

    fn pieces(&self, at: usize, visit: &mut dyn FnMut(&[u8])) {
        visit(&self[at..]);
    }

    fn close_gap(&mut self, at: usize, gap: usize) {
        self.drain(at..at + gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_in_both_forms() {
        for flexible in [false, true] {
            let mut out = Vec::new();
            out.put_string(Some(b"topic"), flexible);
            out.put_string(None, flexible);
            let mut read = Read::new(&out);
            assert_eq!(read.nullable_string(flexible), Ok(Some(&b"topic"[..])));
            assert_eq!(read.nullable_string(flexible), Ok(None));
            assert_eq!(read.left(), 0);
        }
    }

    #[test]
    fn strings_and_counts_take_the_bytes_they_say() {
        let long = vec![b'x'; 40_000];
        for flexible in [false, true] {
            for text in [None, Some(&b""[..]), Some(b"topic"), Some(&long[..200]), Some(&long)] {
                let mut out = Vec::new();
                out.put_string(text, flexible);
                assert_eq!(out.len(), string_len(text, flexible));
            }
            for count in [0, 126, 127, 128, 20_000] {
                let mut out = Vec::new();
                out.put_count(count, flexible);
                assert_eq!(out.len(), count_len(count, flexible));
            }
        }
    }

    #[test]
    fn a_varint_that_ends_early_underflows_and_one_too_long_is_bad() {
        let code = |bytes: &[u8]| Read::new(bytes).uvarint().expect_err("no varint").code();
        assert_eq!(code(&[0x80, 0x80]), ErrorCode::_UNDERFLOW);
        assert_eq!(code(&[0x80; 6]), ErrorCode::_BAD_MSG);
        assert_eq!(code(&[0xff, 0xff, 0xff, 0xff, 0x1f]), ErrorCode::_BAD_MSG);
        assert_eq!(Read::new(&[0xff, 0xff, 0xff, 0xff, 0x0f]).varint(), Ok(i32::MIN));
        assert!(Read::new(&[0xff, 0xff, 0xff, 0xff, 0x1f]).varint().is_err());
    }

    #[test]
    fn tags_cannot_reach_beyond_the_bytes() {
        assert_eq!(
            Read::new(&[1, 0, 5, 1, 2]).skip_tags(true).map_err(|e| e.code()),
            Err(ErrorCode::_UNDERFLOW)
        );
        assert!(Read::new(&[0xff, 0xff, 0xff, 0xff, 0x0f]).skip_tags(true).is_err());
        let mut seen = Vec::new();
        let mut read = Read::new(&[2, 0, 1, 7, 9, 0, 3]);
        read.tags(true, |tag, value| {
            seen.push((tag, value.left()));
            Ok(())
        })
        .expect("two tags");
        assert_eq!((seen, read.left()), (vec![(0, 1), (9, 0)], 1));
    }

    #[test]
    fn a_count_above_the_bytes_left_is_an_error() {
        let bytes = 1_000_000i32.to_be_bytes();
        let error = Read::new(&bytes).count(false, 10_000_000).expect_err("no bytes behind it");
        assert_eq!(error.code(), ErrorCode::_UNDERFLOW);
        assert_eq!(Read::new(&(-1i32).to_be_bytes()).count(false, 10), Ok(0));
        assert!(Read::new(&(-2i32).to_be_bytes()).count(false, 10).is_err());
    }

    #[test]
    fn short_bytes_underflow_and_say_where() {
        let error = Read::new(&[1, 2, 3]).i32().expect_err("three bytes");
        assert_eq!(error.to_string(), "4 bytes expected, 3 left, at byte 0");
    }
}
