//! Variable-length integers: 7 bits a byte, least significant first; signed ones are zigzag-folded
//! before.
#![forbid(unsafe_code)]

/// Most bytes that a 64-bit value takes.
pub(crate) const BYTES_MAX: usize = 10;

/// Folds the sign into the lowest bit.
pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub(crate) const fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

/// Bytes that `value` takes, unsigned.
pub(crate) const fn len_u64(value: u64) -> usize {
    // One byte for each started group of seven bits.
    ((70 - (value | 1).leading_zeros()) / 7) as usize
}

/// Bytes that `value` takes, signed.
pub(crate) const fn len_i64(value: i64) -> usize {
    len_u64(zigzag(value))
}

/// Writes `value` to the start of `out`; returns how many bytes it took.
#[inline]
pub(crate) fn write_u64(out: &mut [u8; BYTES_MAX], mut value: u64) -> usize {
    let mut used = 0;
    while value >= 0x80 {
        out[used] = value as u8 | 0x80;
        value >>= 7;
        used += 1;
    }
    out[used] = value as u8;
    used + 1
}

/// Reads a value of at most `most` bytes; `None` if it is longer or the bytes end.
pub(crate) fn read_u64(bytes: &[u8], most: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().take(most).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * at as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zigzag_interleaves_signs() {
        for (value, folded) in [(0, 0), (-1, 1), (1, 2), (-2, 3), (i64::MIN, u64::MAX)] {
            assert_eq!(zigzag(value), folded);
            assert_eq!(unzigzag(folded), value);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any::<u64>()) {
            let mut room = [0; BYTES_MAX];
            let used = write_u64(&mut room, value);
            prop_assert_eq!(used, len_u64(value));
            prop_assert_eq!(read_u64(&room, BYTES_MAX), Some((value, used)));
        }
    }
}
