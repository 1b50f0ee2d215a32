//! Damage to answers: frames whose length is right and whose body is short.
#![forbid(unsafe_code)]

use bytes::BytesMut;

/// Bytes of a frame that stay: length and correlation id.
const KEPT: usize = 8;

/// Cuts the body of the first frame short; `kind` says how much. `false`: there is nothing to cut.
pub(crate) fn damage(out: &mut BytesMut, kind: usize) -> bool {
    let Some(size) = out.first_chunk::<4>() else { return false };
    let len = 4 + usize::try_from(u32::from_be_bytes(*size)).unwrap_or(0);
    if len <= KEPT + 1 || out.len() < len {
        return false;
    }
    let kept = match kind {
        0 => KEPT,
        1 => len - 1,
        _ => KEPT + (len - KEPT) / 2,
    };
    let rest = out.split_off(len);
    out.truncate(kept);
    let size = u32::try_from(kept - 4).unwrap_or(0);
    out[..4].copy_from_slice(&size.to_be_bytes());
    out.unsplit(rest);
    true
}
