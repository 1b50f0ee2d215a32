//! A record whose numbers are ready ([`Frame`]), written into bare memory: what the owners of bytes
//! have in common.

use crate::proto::record::frame::Frame;

/// Room that must be there behind a record: pieces of a few bytes are written as whole numbers.
pub(super) const SLACK: usize = size_of::<u64>();

/// Writes the record, which takes `frame.len` bytes.
///
/// # Safety
/// There is room for `frame.len` and [`SLACK`] bytes at `start`, not within `key` or `value`, whose
/// lengths the frame was made with.
#[inline(always)]
pub(super) unsafe fn write_framed(start: *mut u8, frame: &Frame, key: &[u8], value: &[u8]) {
    // SAFETY: the caller's contract: there is room for the record, and behind it for what a piece
    // of a few bytes is longer as a number; the next piece overwrites that.
    unsafe {
        let mut at = start;
        frame.before_key(|few| {
            at.cast::<u64>().write_unaligned(few.bytes.to_le());
            at = at.add(few.count);
        });
        if !key.is_empty() {
            at.copy_from_nonoverlapping(key.as_ptr(), key.len());
            at = at.add(key.len());
        }
        let few = frame.before_value();
        at.cast::<u64>().write_unaligned(few.bytes.to_le());
        at = at.add(few.count);
        at.copy_from_nonoverlapping(value.as_ptr(), value.len());
        at = at.add(value.len());
        at.write(frame.behind_value());
        debug_assert_eq!(at.offset_from_unsigned(start) + 1, frame.len);
    }
}
