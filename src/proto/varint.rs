//! Variable-length integers: 7 bits a byte, least significant first; signed ones are zigzag-folded
//! before. Always written minimally; read in up to 5 bytes (32 bits) or 10 (64 bits), minimal or
//! not.
#![forbid(unsafe_code)]

/// Most bytes that a 64-bit value takes.
pub(crate) const BYTES_MAX: usize = 10;
/// Most bytes that a 32-bit value takes.
pub(crate) const BYTES_MAX_32: usize = 5;

/// Why a varint could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The bytes end before the varint does.
    Short,
    /// It has more bytes or more bits than its type.
    Long,
}

/// Folds the sign into the lowest bit.
#[inline]
pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// The inverse of [`zigzag`].
#[inline]
pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// Bytes that `value` takes, unsigned.
#[inline]
pub(crate) const fn len_u64(value: u64) -> usize {
    // One byte for each started group of seven bits.
    ((70 - (value | 1).leading_zeros()) / 7) as usize
}

/// Bytes that `value` takes, signed.
#[inline]
pub(crate) const fn len_i64(value: i64) -> usize {
    len_u64(zigzag(value))
}

/// Writes `value` to the start of `out`; returns how many bytes it took.
#[inline]
pub(crate) fn write_u64(out: &mut [u8; BYTES_MAX], mut value: u64) -> usize {
    let mut used = 0;
    while value >= 0x80 {
        out[used] = low_bits(value) | 0x80;
        value >>= 7;
        used += 1;
    }
    out[used] = low_bits(value);
    used + 1
}

/// The lowest seven bits.
#[inline]
pub(crate) const fn low_bits(value: u64) -> u8 {
    // The first of the little-endian bytes is the lowest: no cast that could lose anything.
    value.to_le_bytes()[0] & 0x7f
}

/// Reads a value of at most `most` bytes from the start of `bytes`; returns it and how many bytes
/// it took.
#[inline]
pub(crate) fn read_u64(bytes: &[u8], most: usize) -> Result<(u64, usize), Fault> {
    let mut value = 0u64;
    let mut shift = 0;
    for (at, byte) in bytes.iter().take(most).enumerate() {
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return Err(Fault::Long);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok((value, at + 1));
        }
        shift += 7;
    }
    Err(if bytes.len() < most { Fault::Short } else { Fault::Long })
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

    #[test]
    fn short_and_long_varints_are_told_apart() {
        assert_eq!(read_u64(&[], 5), Err(Fault::Short));
        assert_eq!(read_u64(&[0x80; 4], 5), Err(Fault::Short));
        assert_eq!(read_u64(&[0x80; 5], 5), Err(Fault::Long));
        assert_eq!(read_u64(&[0x80; 9], 10), Err(Fault::Short));
        assert_eq!(read_u64(&[0x80; 10], 10), Err(Fault::Long));
    }

    #[test]
    fn the_tenth_byte_has_one_bit() {
        let with_last = |last: u8| {
            let mut bytes = [0xff; BYTES_MAX];
            bytes[9] = last;
            read_u64(&bytes, BYTES_MAX)
        };
        assert_eq!(with_last(1), Ok((u64::MAX, 10)));
        assert_eq!(with_last(2), Err(Fault::Long));
    }

    #[test]
    fn padded_varints_are_read() {
        assert_eq!(read_u64(&[0x81, 0x80, 0x00, 9], 5), Ok((1, 3)));
    }

    #[test]
    fn lengths_change_at_seven_bits() {
        for bits in 1..=9 {
            let first_longer = 1u64 << (7 * bits);
            assert_eq!(len_u64(first_longer - 1), bits);
            assert_eq!(len_u64(first_longer), bits + 1);
        }
        assert_eq!((len_u64(0), len_u64(u64::MAX)), (1, BYTES_MAX));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any::<u64>(), bits in 0u32..64) {
            let value = value >> bits;
            let mut room = [0; BYTES_MAX];
            let used = write_u64(&mut room, value);
            prop_assert_eq!(used, len_u64(value));
            prop_assert_eq!(read_u64(&room, BYTES_MAX), Ok((value, used)));
            prop_assert_eq!(unzigzag(zigzag(value.cast_signed())), value.cast_signed());
        }
    }
}
