//! `Bytes`: record data that is written once, in one piece but for large values, which stay where
//! the application put them.
//!
//! Who owns: whoever has it, or shares it by `Arc` with a request; it never owns the values that it
//! refers to. Who keeps those alive: the batch whose records these are, until its reports.

use std::borrow::Cow;

use super::framed::{SLACK, write_framed};
use crate::proto::record::frame::Frame;
use crate::proto::wire::{Buffer, Write};

/// Between these lengths, in bytes, room is made for four times as much.
const LARGE_FROM: usize = 16 << 10;
const LARGE_TO: usize = 1 << 20;

/// A value that stays where it is.
#[derive(Clone, Copy)]
struct Outside {
    /// How many plain bytes stand before it.
    at: usize,
    start: *const u8,
    len: usize,
}

impl Outside {
    fn bytes(&self) -> &[u8] {
        // SAFETY: who let the value be referred to promised that it stays as it is.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

/// Record data.
#[derive(Clone, Default)]
pub(crate) struct Bytes {
    plain: Vec<u8>,
    outside: Vec<Outside>,
    outside_len: usize,
    /// The next value is referred to.
    refers: bool,
}

// SAFETY: the values that are referred to do not change, and are alive on whatever thread.
unsafe impl Send for Bytes {}
// SAFETY: as above; shared references only read.
unsafe impl Sync for Bytes {}

impl From<Vec<u8>> for Bytes {
    fn from(plain: Vec<u8>) -> Self {
        Self { plain, ..Self::default() }
    }
}

impl Bytes {
    /// No bytes, and room for some.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self::from(Vec::with_capacity(capacity))
    }

    /// Lets the next value be referred to.
    ///
    /// # Safety
    /// That value stays as it is as long as these bytes, or a copy of them, are in use.
    pub(super) unsafe fn refer_to_next(&mut self) {
        self.refers = true;
    }

    /// Makes room for more: what became large will become larger, and is not moved often.
    #[cold]
    fn grow(&mut self, more: usize) {
        let capacity = self.plain.capacity();
        let aim = if capacity < LARGE_FROM { 2 * capacity } else { (4 * capacity).min(LARGE_TO) };
        self.plain.reserve(more.max(aim.saturating_sub(self.plain.len())));
    }

    /// How many, with the values outside.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.plain.len() + self.outside_len
    }

    /// Those that are no values outside.
    #[inline]
    pub(super) fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Gives memory back that will not be needed, if it is more than `slack` bytes.
    pub(super) fn trim(&mut self, slack: usize) {
        if self.plain.capacity() - self.plain.len() > slack {
            self.plain.shrink_to_fit();
        }
    }

    /// All of them, piece by piece.
    pub(crate) fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = 0;
        let before = self.outside.iter().flat_map(move |value| {
            let plain = &self.plain[std::mem::replace(&mut from, value.at)..value.at];
            [plain, value.bytes()]
        });
        let last = self.outside.last().map_or(0, |value| value.at);
        before.chain(std::iter::once(&self.plain[last..])).filter(|piece| !piece.is_empty())
    }
}

impl Write for Bytes {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.plain.extend_from_slice(bytes);
    }

    /// Headers are patched: they are before every value.
    fn patch(&mut self, at: usize, bytes: &[u8]) {
        debug_assert!(self.outside.first().is_none_or(|value| at + bytes.len() <= value.at));
        self.plain.patch(at, bytes);
    }
}

impl Buffer for Bytes {
    #[inline]
    fn position(&self) -> usize {
        self.len()
    }

    #[inline]
    fn make_room(&mut self, more: usize) {
        if !self.refers {
            self.plain.reserve(more);
        }
    }

    #[inline(always)]
    fn put_framed(&mut self, frame: &Frame, key: &[u8], value: &[u8]) {
        let used = self.plain.len();
        if self.plain.capacity() - used < frame.len + SLACK {
            self.grow(frame.len + SLACK);
        }
        // SAFETY: there is room for the record and the slack, and all of its bytes are written.
        unsafe {
            write_framed(self.plain.as_mut_ptr().add(used), frame, key, value);
            self.plain.set_len(used + frame.len);
        }
    }

    #[inline]
    fn put_few<const N: usize>(&mut self, few: &[u8; N], count: usize) {
        self.plain.reserve(N);
        let (used, count) = (self.plain.len(), count.min(N));
        // SAFETY: there is room for all `N` bytes behind those that are used; `count` of them are
        // initialised and kept.
        unsafe {
            std::ptr::copy_nonoverlapping(few.as_ptr(), self.plain.as_mut_ptr().add(used), N);
            self.plain.set_len(used + count);
        }
    }

    #[inline]
    fn put_value(&mut self, value: &[u8]) {
        if !self.refers {
            self.plain.extend_from_slice(value);
            return;
        }
        self.refers = false;
        self.outside_len += value.len();
        let at = self.plain.len();
        self.outside.push(Outside { at, start: value.as_ptr(), len: value.len() });
    }

    fn cut(&mut self, at: usize) {
        assert!(self.outside.is_empty(), "values outside are not cut");
        self.plain.truncate(at);
    }

    fn tail(&self, at: usize) -> Cow<'_, [u8]> {
        if self.outside.is_empty() {
            return Cow::Borrowed(&self.plain[at..]);
        }
        let mut whole = Vec::with_capacity(self.len() - at);
        self.pieces(at, &mut |piece| whole.extend_from_slice(piece));
        Cow::Owned(whole)
    }

    fn parts(&self, at: usize) -> Vec<&[u8]> {
        let mut skip = at;
        let rest = self.slices().map(|piece| {
            let skipped = skip.min(piece.len());
            skip -= skipped;
            &piece[skipped..]
        });
        rest.filter(|piece| !piece.is_empty()).collect()
    }

    fn pieces(&self, at: usize, visit: &mut dyn FnMut(&[u8])) {
        self.parts(at).into_iter().for_each(visit);
    }

    fn close_gap(&mut self, at: usize, gap: usize) {
        assert!(self.outside.is_empty(), "values outside do not move");
        self.plain.close_gap(at, gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &Bytes) -> Vec<u8> {
        bytes.slices().collect::<Vec<_>>().concat()
    }

    #[test]
    fn values_that_stay_outside_are_where_they_were_put() {
        let (one, two) = ([1; 5], [2; 3]);
        let mut bytes = Bytes::with_capacity(0);
        bytes.put(b"ab");
        for value in [&one[..], &two] {
            // SAFETY: the values live longer than the bytes.
            unsafe { bytes.refer_to_next() };
            bytes.put_value(value);
        }
        bytes.put(b"c");
        bytes.put_value(b"dd");
        bytes.patch(0, b"x");
        assert_eq!(whole(&bytes), b"xb\x01\x01\x01\x01\x01\x02\x02\x02cdd");
        assert_eq!((bytes.len(), bytes.position(), bytes.plain()), (13, 13, &b"xbcdd"[..]));
        assert!(bytes.slices().any(|piece| std::ptr::eq(piece, &raw const one[..])));
        for at in 0..=13 {
            assert_eq!(*bytes.tail(at), whole(&bytes)[at..], "from {at}");
        }
    }

    #[test]
    fn without_values_outside_there_is_one_piece() {
        let mut bytes = Bytes::from(b"abc".to_vec());
        bytes.put_value(b"de");
        assert_eq!(bytes.slices().count(), 1);
        assert!(matches!(bytes.tail(1), Cow::Borrowed(b"bcde")));
        bytes.close_gap(1, 2);
        bytes.cut(2);
        assert_eq!(whole(&bytes), b"ad");
        bytes.cut(0);
        assert_eq!(bytes.slices().count(), 0);
    }
}
