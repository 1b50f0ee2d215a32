//! Damage to answers: bodies that are too short, counts and lengths that are false.
#![forbid(unsafe_code)]

use bytes::BytesMut;

/// Bytes of a frame that stay: length and correlation id.
const KEPT: usize = 8;
/// A count that no body has.
const COUNT: [u8; 4] = i32::MAX.to_be_bytes();
/// The same as a compact one, behind the header's tags.
const COMPACT_COUNT: [u8; 6] = [0, 0xff, 0xff, 0xff, 0xff, 0x07];
/// A frame that may come, and does not.
const LEN: [u8; 4] = (90_i32 << 20).to_be_bytes();

/// What is wrong with an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Damage {
    /// The body ends early: behind the header.
    Empty,
    /// One byte is missing.
    Short,
    /// A half is missing.
    Half,
    /// There are more topics than bytes.
    Count,
    /// The frame is longer than what comes.
    Len,
}

/// Every damage.
pub(crate) const DAMAGES: [Damage; 5] =
    [Damage::Empty, Damage::Short, Damage::Half, Damage::Count, Damage::Len];

/// Damages the first frame, the answer to a Produce request that is flexible or not. `false`: there
/// is nothing to damage.
pub(crate) fn damage(out: &mut BytesMut, how: Damage, is_flexible: bool) -> bool {
    let Some(size) = out.first_chunk::<4>() else { return false };
    let len = 4 + usize::try_from(u32::from_be_bytes(*size)).unwrap_or(0);
    if len <= KEPT + COMPACT_COUNT.len() || out.len() < len {
        return false;
    }
    let kept = match how {
        Damage::Empty => KEPT,
        Damage::Short => len - 1,
        Damage::Half => KEPT + (len - KEPT) / 2,
        Damage::Count if is_flexible => {
            out[KEPT..KEPT + COMPACT_COUNT.len()].copy_from_slice(&COMPACT_COUNT);
            return true;
        }
        Damage::Count => {
            out[KEPT..KEPT + COUNT.len()].copy_from_slice(&COUNT);
            return true;
        }
        Damage::Len => {
            out[..4].copy_from_slice(&LEN);
            return true;
        }
    };
    let rest = out.split_off(len);
    out.truncate(kept);
    let size = u32::try_from(kept - 4).unwrap_or(0);
    out[..4].copy_from_slice(&size.to_be_bytes());
    out.unsplit(rest);
    true
}
