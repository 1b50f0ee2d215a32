//! `SegBuf`: the bytes of a request (`rd_buf_t`), in segments.
//!
//! Who allocates: small things are copied into one block of the C heap that grows as needed; a
//! large value of a message is a segment of its own that points to where the application put it.
//! Who frees: [`SegBuf::clear`], which the request calls before it gives its messages away, so that
//! no segment points to a value that has been reported. A `SegBuf` is exclusive access to a buffer
//! that lives in a request; the buffer's list points into it, so it never moves.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::framed::{SLACK, write_framed};
use super::msg::MsgFields;
use crate::abi::rd::{rd_buf_t, rd_segment_t, rd_slice_t};
use crate::proto::record::frame::Frame;
use crate::proto::wire::{Buffer, Write};
use crate::sys::heap;

/// Values from this length on are referenced, not copied (`message.copy.max.bytes`' default is one
/// less).
pub(crate) const REFERENCED_FROM: usize = 64 * 1024;
/// Room of a segment behind a referenced value, in bytes.
const SMALL_ROOM: usize = 1024;
/// The segment's bytes are someone else's.
const RD_SEGMENT_F_RDONLY: i32 = 0x1;

/// A block of the C heap that bytes are copied into.
pub(crate) struct Block {
    start: NonNull<u8>,
    capacity: usize,
}

// SAFETY: a block is plain memory that only its owner knows.
unsafe impl Send for Block {}

impl Block {
    /// A block of at least one byte.
    pub(crate) fn new(capacity: usize) -> Self {
        // SAFETY: `malloc` never gives NULL.
        Self { start: unsafe { NonNull::new_unchecked(heap::malloc(capacity)) }, capacity }
    }

    /// How many bytes it has.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Makes it at least `capacity` bytes; what is in it is kept.
    pub(crate) fn grow(&mut self, capacity: usize) {
        if capacity > self.capacity {
            // SAFETY: the block is ours and on the C heap; the old pointer is forgotten here.
            unsafe {
                self.start = NonNull::new_unchecked(heap::realloc(self.start.as_ptr(), capacity));
            }
            self.capacity = capacity;
        }
    }

    fn into_raw(self) -> (*mut u8, usize) {
        let block = std::mem::ManuallyDrop::new(self);
        (block.start.as_ptr(), block.capacity)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the block is ours and on the C heap.
        unsafe { heap::free(self.start.as_ptr()) };
    }
}

/// A segment: the historical struct, and behind it the block that its bytes are in.
#[repr(C)]
struct Segment {
    seg: rd_segment_t,
    /// NULL if the bytes are someone else's.
    block: *mut u8,
    capacity: usize,
}

/// Exclusive access to a buffer.
pub(crate) struct SegBuf<'a> {
    at: NonNull<rd_buf_t>,
    /// The value that may be referenced: that of the message which is being written.
    value: (*const u8, usize),
    buffer: PhantomData<&'a mut rd_buf_t>,
}

impl<'a> SegBuf<'a> {
    /// Access to a buffer.
    ///
    /// # Safety
    /// `at` is zeroed or was used through this type before; it stays at its place, and nobody else
    /// uses it during `'a`.
    pub(crate) unsafe fn at(at: NonNull<rd_buf_t>) -> Self {
        let this = Self { at, value: (std::ptr::null(), 0), buffer: PhantomData };
        let buf = this.buf();
        // SAFETY: the caller gives exclusive access to the buffer.
        unsafe {
            if (*buf).rbuf_segments.tqh_last.is_null() {
                (*buf).rbuf_segments.tqh_last = &raw mut (*buf).rbuf_segments.tqh_first;
            }
        }
        this
    }

    /// Allows the value of a message to be referenced instead of copied.
    ///
    /// # Safety
    /// The message's value stays as it is until the buffer is cleared.
    pub(super) unsafe fn allow_reference(&mut self, message: &MsgFields) {
        self.value = message
            .value()
            .filter(|value| value.len() >= REFERENCED_FROM)
            .map_or((std::ptr::null(), 0), |value| (value.as_ptr(), value.len()));
    }

    fn buf(&self) -> *mut rd_buf_t {
        self.at.as_ptr()
    }

    fn first(&self) -> *mut rd_segment_t {
        // SAFETY: the buffer is alive and ours while `self` is.
        unsafe { (*self.buf()).rbuf_segments.tqh_first }
    }

    fn last(&self) -> *mut rd_segment_t {
        // SAFETY: as above. The last segment is the one that is written to.
        unsafe { (*self.buf()).rbuf_wpos }
    }

    /// Begins an empty buffer with a block.
    pub(crate) fn begin(&mut self, block: Block) {
        let (start, capacity) = block.into_raw();
        self.push(start, start, capacity, 0, 0);
    }

    /// Appends a segment that has `used` bytes already.
    fn push(&mut self, start: *mut u8, block: *mut u8, capacity: usize, used: usize, flags: i32) {
        let segment = heap::calloc(size_of::<Segment>()).cast::<Segment>();
        let buf = self.buf();
        // SAFETY: the segment is fresh; the buffer is ours, and `tqh_last` points to the last
        // segment's `tqe_next` or to `tqh_first`.
        unsafe {
            (*segment).block = block;
            (*segment).capacity = if block.is_null() { 0 } else { capacity };
            let seg = segment.cast::<rd_segment_t>();
            (*seg).seg_p = start.cast();
            (*seg).seg_of = used;
            (*seg).seg_size = capacity;
            (*seg).seg_absof = (*buf).rbuf_len;
            (*seg).seg_flags = flags;
            let last = (*buf).rbuf_segments.tqh_last;
            (*seg).seg_link.tqe_prev = last;
            *last = seg;
            (*buf).rbuf_segments.tqh_last = &raw mut (*seg).seg_link.tqe_next;
            (*buf).rbuf_segment_cnt += 1;
            (*buf).rbuf_size += capacity;
            (*buf).rbuf_len += used;
            (*buf).rbuf_wpos = seg;
        }
    }

    /// Appends someone else's bytes.
    ///
    /// # Safety
    /// The bytes stay as they are until the buffer is cleared.
    pub(super) unsafe fn push_foreign(&mut self, bytes: &[u8]) {
        let start = bytes.as_ptr().cast_mut();
        self.push(start, std::ptr::null_mut(), bytes.len(), bytes.len(), RD_SEGMENT_F_RDONLY);
    }

    /// Removes the last segment; gives its block back.
    fn pop(&mut self) -> Option<Block> {
        let seg = self.last();
        if seg.is_null() {
            return None;
        }
        let buf = self.buf();
        // SAFETY: the segment is the list's last and was made by `push`; what points to it is the
        // previous one's `tqe_next` or the head. Its block, if it has one, came from a `Block`.
        unsafe {
            let prev = (*seg).seg_link.tqe_prev;
            *prev = std::ptr::null_mut();
            (*buf).rbuf_segments.tqh_last = prev;
            (*buf).rbuf_segment_cnt -= 1;
            (*buf).rbuf_size -= (*seg).seg_size;
            (*buf).rbuf_len = (*seg).seg_absof;
            (*buf).rbuf_wpos = match prev == &raw mut (*buf).rbuf_segments.tqh_first {
                true => std::ptr::null_mut(),
                // `tqe_next` is the first field of the link, which is the segment's first.
                false => prev.cast(),
            };
            let segment = seg.cast::<Segment>();
            let (block, capacity) = ((*segment).block, (*segment).capacity);
            heap::free(segment);
            NonNull::new(block).map(|start| Block { start, capacity })
        }
    }

    /// Empties the buffer; gives the largest of its blocks back.
    pub(crate) fn clear(&mut self) -> Option<Block> {
        let mut largest: Option<Block> = None;
        while !self.last().is_null() {
            if let Some(block) = self.pop()
                && largest.as_ref().is_none_or(|other| block.capacity > other.capacity)
            {
                largest = Some(block);
            }
        }
        largest
    }

    /// Makes room behind the last segment's bytes, in a new segment if they are someone else's.
    #[cold]
    fn extend(&mut self, more: usize) {
        let seg = self.last();
        // SAFETY: a last segment is alive; its block came from a `Block`, and nothing else points
        // into it.
        unsafe {
            if seg.is_null() || (*seg).seg_flags & RD_SEGMENT_F_RDONLY != 0 {
                let (start, capacity) = Block::new(more.max(SMALL_ROOM)).into_raw();
                return self.push(start, start, capacity, 0, 0);
            }
            let segment = seg.cast::<Segment>();
            let skipped = (*seg).seg_p.cast::<u8>().offset_from((*segment).block).unsigned_abs();
            let start = NonNull::new_unchecked((*segment).block);
            let mut block = Block { start, capacity: (*segment).capacity };
            block.grow((skipped + (*seg).seg_of + more).max(2 * block.capacity));
            let grown = block.capacity - (*segment).capacity;
            ((*segment).block, (*segment).capacity) = block.into_raw();
            (*seg).seg_p = (*segment).block.add(skipped).cast();
            (*seg).seg_size += grown;
            (*self.buf()).rbuf_size += grown;
        }
    }

    /// The bytes from `at` on, piece by piece, for as long as the access was given.
    pub(super) fn into_slices_from(self, at: usize) -> Slices<'a> {
        Slices { next: self.first(), skip: at, buffer: PhantomData }
    }

    /// The segment that has the byte at `at`, and where in it; no segment at the end.
    pub(super) fn place(&self, at: usize) -> (*const rd_segment_t, usize) {
        let mut seg = self.first();
        // SAFETY: the segments are alive.
        unsafe {
            while !seg.is_null() && at >= (*seg).seg_absof + (*seg).seg_of {
                seg = (*seg).seg_link.tqe_next;
            }
            (seg, if seg.is_null() { 0 } else { at - (*seg).seg_absof })
        }
    }

    /// A range of the buffer, to be read from its start.
    pub(super) fn range(&self, start: usize, end: usize) -> rd_slice_t {
        let (seg, rof) = self.place(start);
        rd_slice_t { buf: self.buf(), seg, rof, start, end }
    }

    /// Appends the next `size` bytes of a range of another buffer, and moves the range on; nothing
    /// if there are not so many. A value that is referenced there is referenced here. Returns how
    /// many.
    ///
    /// # Safety
    /// The range's buffer is alive and is not this one. Values that it refers to stay as they are
    /// until this buffer is cleared.
    ///
    /// Historical: `rd_slice_read_into_buf`.
    pub(crate) unsafe fn append(&mut self, slice: &mut rd_slice_t, size: usize) -> usize {
        // SAFETY: the caller's contract; `seg_of` bytes of each segment are written.
        unsafe {
            if left(slice) < size {
                return 0;
            }
            let mut rest = size;
            while let Some((at, len, flags)) = next_piece(slice, rest) {
                if flags & RD_SEGMENT_F_RDONLY != 0 {
                    self.push(at, std::ptr::null_mut(), len, len, RD_SEGMENT_F_RDONLY);
                } else {
                    self.put(std::slice::from_raw_parts(at, len));
                }
                rest -= len;
            }
        }
        size
    }
}

/// Bytes of a range that are not read yet.
///
/// # Safety
/// The range's buffer is alive.
unsafe fn left(slice: &rd_slice_t) -> usize {
    // SAFETY: the caller's contract.
    match unsafe { slice.seg.as_ref() } {
        Some(seg) => slice.end.saturating_sub(seg.seg_absof + slice.rof),
        None => 0,
    }
}

/// Takes at most `most` bytes of a range, up to the end of a segment: where they are, how many, and
/// the segment's flags.
///
/// # Safety
/// The range's buffer is alive and has that many bytes from the range's place on.
unsafe fn next_piece(slice: &mut rd_slice_t, most: usize) -> Option<(*mut u8, usize, i32)> {
    // SAFETY: the caller's contract.
    unsafe {
        while let Some(seg) = slice.seg.as_ref().filter(|_| most > 0) {
            let len = (seg.seg_of - slice.rof).min(most);
            let at = seg.seg_p.cast::<u8>().add(slice.rof);
            slice.rof += len;
            let next = seg.seg_link.tqe_next;
            if slice.rof == seg.seg_of && !next.is_null() {
                (slice.seg, slice.rof) = (next, 0);
            }
            if len > 0 || next.is_null() {
                return (len > 0).then_some((at, len, seg.seg_flags));
            }
        }
        None
    }
}

/// A copy of what is left of a range, which is read to its end.
///
/// # Safety
/// The range's buffer is alive.
#[cfg(feature = "c-harness")]
pub(crate) unsafe fn read_rest(slice: &mut rd_slice_t) -> Vec<u8> {
    let mut all = Vec::new();
    // SAFETY: the caller's contract; `seg_of` bytes of each segment are written.
    unsafe {
        let mut rest = left(slice);
        while let Some((at, len, _)) = next_piece(slice, rest) {
            all.extend_from_slice(std::slice::from_raw_parts(at, len));
            rest -= len;
        }
    }
    all
}

impl Write for SegBuf<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        let (buf, seg) = (self.buf(), self.last());
        // SAFETY: `make_room` made the last segment writable with this much room behind `seg_of`.
        unsafe {
            let end = (*seg).seg_p.cast::<u8>().add((*seg).seg_of);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), end, bytes.len());
            (*seg).seg_of += bytes.len();
            (*buf).rbuf_len += bytes.len();
        }
    }

    fn patch(&mut self, at: usize, bytes: &[u8]) {
        let mut seg = self.first();
        // SAFETY: the segments are alive; bytes are only written where bytes were copied before.
        unsafe {
            while !seg.is_null() && at >= (*seg).seg_absof + (*seg).seg_of {
                seg = (*seg).seg_link.tqe_next;
            }
            assert!(!seg.is_null(), "a patch at {at} is behind the end");
            let of = at - (*seg).seg_absof;
            assert!(of + bytes.len() <= (*seg).seg_of, "a patch at {at} goes over a segment's end");
            assert!((*seg).seg_flags & RD_SEGMENT_F_RDONLY == 0, "a patch at {at} hits a value");
            let at = (*seg).seg_p.cast::<u8>().add(of);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len());
        }
    }
}

impl Buffer for SegBuf<'_> {
    #[inline]
    fn position(&self) -> usize {
        // SAFETY: the buffer is alive and ours while `self` is.
        unsafe { (*self.buf()).rbuf_len }
    }

    #[inline]
    fn make_room(&mut self, more: usize) {
        let seg = self.last();
        // SAFETY: a last segment is alive. A referenced one has as many bytes as it has room.
        let room = if seg.is_null() { 0 } else { unsafe { (*seg).seg_size - (*seg).seg_of } };
        if room < more || room == 0 {
            self.extend(more);
        }
    }

    #[inline]
    fn put_value(&mut self, value: &[u8]) {
        if value.len() < REFERENCED_FROM || (value.as_ptr(), value.len()) != self.value {
            return self.put(value);
        }
        let start = value.as_ptr().cast_mut();
        self.push(start, std::ptr::null_mut(), value.len(), value.len(), RD_SEGMENT_F_RDONLY);
    }

    #[inline(always)]
    fn put_framed(&mut self, frame: &Frame, key: &[u8], value: &[u8]) {
        self.make_room(frame.len + SLACK);
        let (buf, seg) = (self.buf(), self.last());
        // SAFETY: `make_room` made the last segment writable with this much room behind `seg_of`.
        unsafe {
            write_framed((*seg).seg_p.cast::<u8>().add((*seg).seg_of), frame, key, value);
            (*seg).seg_of += frame.len;
            (*buf).rbuf_len += frame.len;
        }
    }

    fn cut(&mut self, at: usize) {
        loop {
            let seg = self.last();
            // SAFETY: a last segment is alive.
            unsafe {
                if seg.is_null() || self.position() <= at {
                    return;
                }
                if at > (*seg).seg_absof || (*seg).seg_link.tqe_prev == self.head() {
                    (*seg).seg_of = at - (*seg).seg_absof;
                    (*self.buf()).rbuf_len = at;
                    if (*seg).seg_flags & RD_SEGMENT_F_RDONLY != 0 {
                        // A value never has room behind it.
                        (*self.buf()).rbuf_size -= (*seg).seg_size - (*seg).seg_of;
                        (*seg).seg_size = (*seg).seg_of;
                    }
                    return;
                }
            }
            drop(self.pop());
        }
    }

    fn tail(&self, at: usize) -> Cow<'_, [u8]> {
        let mut pieces = self.slices_from(at);
        match (pieces.next(), pieces.next()) {
            (None, _) => Cow::Borrowed(&[]),
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => {
                let mut all = [first, second].concat();
                pieces.for_each(|piece| all.extend_from_slice(piece));
                Cow::Owned(all)
            }
        }
    }

    fn parts(&self, at: usize) -> Vec<&[u8]> {
        self.slices_from(at).collect()
    }

    fn pieces(&self, at: usize, visit: &mut dyn FnMut(&[u8])) {
        self.slices_from(at).for_each(visit);
    }

    fn close_gap(&mut self, at: usize, gap: usize) {
        let (buf, first) = (self.buf(), self.first());
        // SAFETY: the first segment is alive and its first `at + gap` bytes were copied into its
        // block, which the assertion makes sure of.
        unsafe {
            assert!(at + gap <= (*first).seg_of, "a gap at {at} behind the first segment");
            let start = (*first).seg_p.cast::<u8>();
            std::ptr::copy(start, start.add(gap), at);
            (*first).seg_p = start.add(gap).cast();
            (*first).seg_of -= gap;
            (*first).seg_size -= gap;
            (*buf).rbuf_size -= gap;
            (*buf).rbuf_len -= gap;
            let mut seg = (*first).seg_link.tqe_next;
            while !seg.is_null() {
                (*seg).seg_absof -= gap;
                seg = (*seg).seg_link.tqe_next;
            }
        }
    }
}

impl SegBuf<'_> {
    fn head(&self) -> *mut *mut rd_segment_t {
        // SAFETY: the buffer is alive and ours while `self` is.
        unsafe { &raw mut (*self.buf()).rbuf_segments.tqh_first }
    }

    /// The bytes from `at` on, piece by piece.
    fn slices_from(&self, at: usize) -> Slices<'_> {
        Slices { next: self.first(), skip: at, buffer: PhantomData }
    }
}

/// Iterator over a buffer's bytes; empty pieces are left out.
pub(crate) struct Slices<'a> {
    next: *mut rd_segment_t,
    skip: usize,
    buffer: PhantomData<&'a rd_buf_t>,
}

impl<'a> Iterator for Slices<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.next.is_null() {
            let seg = self.next;
            // SAFETY: the buffer is borrowed, so its segments stay; the first `seg_of` bytes of
            // each are written.
            let piece = unsafe {
                self.next = (*seg).seg_link.tqe_next;
                std::slice::from_raw_parts((*seg).seg_p.cast::<u8>().cast_const(), (*seg).seg_of)
            };
            let skipped = self.skip.min(piece.len());
            self.skip -= skipped;
            if skipped < piece.len() {
                return Some(&piece[skipped..]);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A buffer at its place on the heap.
    struct Place(NonNull<rd_buf_t>);

    impl Place {
        fn new(capacity: usize) -> Self {
            let place = heap::calloc(size_of::<rd_buf_t>()).cast::<rd_buf_t>();
            let place = Self(NonNull::new(place).expect("calloc never gives NULL"));
            place.buf().begin(Block::new(capacity));
            place
        }

        fn buf(&self) -> SegBuf<'_> {
            // SAFETY: the buffer was zeroed, stays at its place, and each test uses one access at a
            // time.
            unsafe { SegBuf::at(self.0) }
        }

        fn bytes(&self) -> Vec<u8> {
            self.buf().into_slices_from(0).collect::<Vec<_>>().concat()
        }

        fn segment_count(&self) -> usize {
            // SAFETY: the buffer is alive.
            unsafe { (*self.0.as_ptr()).rbuf_segment_cnt }
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            self.buf().clear();
            // SAFETY: the place is ours and empty.
            unsafe { heap::free(self.0.as_ptr()) };
        }
    }

    #[test]
    fn a_large_value_of_the_message_is_referenced_and_any_other_copied() {
        let place = Place::new(16);
        let (mine, other) = (vec![1; REFERENCED_FROM], vec![2; REFERENCED_FROM]);
        let mut buf = place.buf();
        buf.value = (mine.as_ptr(), mine.len());
        buf.put(b"ab");
        buf.put_value(&other);
        buf.put_value(&mine);
        buf.put_value(&mine[1..]);
        assert_eq!(place.segment_count(), 3);
        assert_eq!(place.bytes(), [&b"ab"[..], &other, &mine, &mine[1..]].concat());
        let address = |at: usize| place.buf().into_slices_from(at).next().map(<[u8]>::as_ptr);
        assert_eq!(address(2 + other.len()), Some(mine.as_ptr()));
        assert_ne!(address(2), Some(other.as_ptr()));
    }

    #[test]
    fn a_range_of_another_buffer_keeps_its_references() {
        let (source, place) = (Place::new(16), Place::new(4));
        let value = vec![7; REFERENCED_FROM];
        let mut from = source.buf();
        from.value = (value.as_ptr(), value.len());
        from.put(b"head");
        from.put_value(&value);
        from.put(b"tail");
        let mut range = from.range(2, 4 + value.len() + 1);
        // SAFETY: the other buffer and the value live longer.
        unsafe {
            let size = left(&range);
            assert_eq!(size, 3 + value.len());
            assert_eq!(place.buf().append(&mut range, size + 1), 0, "there are not so many");
            assert_eq!(place.buf().append(&mut range, 1), 1);
            assert_eq!(place.buf().append(&mut range, size - 1), size - 1);
            assert_eq!((left(&range), place.buf().append(&mut range, 1)), (0, 0));
        }
        assert_eq!(place.bytes(), [b"ad", &value[..], b"t"].concat());
        assert_eq!(place.segment_count(), 3);
    }

    #[test]
    fn clearing_gives_the_largest_block_back() {
        let place = Place::new(8);
        place.buf().put(&[0; 100]);
        let block = place.buf().clear().expect("there was one");
        assert!(block.capacity() >= 100);
        assert_eq!((place.segment_count(), place.buf().position()), (0, 0));
        assert!(place.buf().clear().is_none());
    }

    proptest! {
        #[test]
        fn a_buffer_behaves_as_a_vector(
            ops in proptest::collection::vec((0u8..6, any::<u16>(), any::<u8>()), 0..40),
        ) {
            let (place, mut model) = (Place::new(8), Vec::new());
            let large = vec![9; REFERENCED_FROM];
            let mut buf = place.buf();
            buf.value = (large.as_ptr(), large.len());
            for (op, number, byte) in ops {
                let number = usize::from(number);
                match op {
                    0 | 1 => {
                        let bytes = vec![byte; number % 300];
                        buf.put(&bytes);
                        model.put(&bytes);
                    }
                    2 => {
                        buf.put_value(&large);
                        model.put_value(&large);
                    }
                    3 => {
                        // Only what was copied may be patched: a mark that is put first.
                        let at = buf.position();
                        for out in [&mut buf as &mut dyn Write, &mut model] {
                            out.put(&[1, 2, 3, 4]);
                            out.patch(at + 1, &[byte, byte]);
                        }
                    }
                    4 => {
                        let at = number.min(model.len());
                        buf.cut(at);
                        model.cut(at);
                    }
                    _ => {
                        // SAFETY: the first segment is alive.
                        let first = unsafe { buf.first().as_ref().map_or(0, |it| it.seg_of) };
                        if first >= 10 {
                            buf.close_gap(first / 2, 3);
                            model.close_gap(first / 2, 3);
                        }
                    }
                }
                prop_assert_eq!(buf.position(), model.len());
                let at = number.min(model.len());
                prop_assert!(*buf.tail(at) == model[at..]);
                prop_assert!(buf.parts(at).concat() == model[at..]);
                let (segment, offset) = buf.place(at);
                prop_assert_eq!(segment.is_null(), at == model.len());
                // SAFETY: the segment is alive.
                let found = unsafe {
                    segment.as_ref().map(|it| *it.seg_p.cast::<u8>().add(offset))
                };
                prop_assert_eq!(found, model.get(at).copied());
            }
            prop_assert!(place.bytes() == model);
        }
    }
}
