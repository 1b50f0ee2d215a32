//! Random numbers: the system's for seeds, a small generator for jitter and partitioners.

/// Fills `bytes` from the system's source.
pub(crate) fn fill(bytes: &mut [u8]) {
    let mut done = 0;
    while done < bytes.len() {
        // SAFETY: the pointer and the length describe the rest of `bytes`.
        let got =
            unsafe { libc::getrandom(bytes[done..].as_mut_ptr().cast(), bytes.len() - done, 0) };
        match usize::try_from(got) {
            Ok(count) => done += count,
            Err(_) if std::io::Error::last_os_error().raw_os_error() == Some(libc::EINTR) => {}
            Err(_) => {
                // No source of randomness at all: clock and address are the fallback for jitter.
                let seed = read_fallback();
                bytes[done..]
                    .iter_mut()
                    .zip(seed.to_le_bytes().iter().cycle())
                    .for_each(|(b, s)| *b = *s);
                return;
            }
        }
    }
}

fn read_fallback() -> u64 {
    let marker = 0u8;
    use super::clock::{Clock, SystemClock};
    (SystemClock.now().0 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (&raw const marker as u64)
}

/// A fast generator (xoshiro256**), not for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Rng([u64; 4]);

impl Rng {
    /// Seeded by the system.
    pub(crate) fn from_system() -> Self {
        let mut seed = [0u8; 8];
        fill(&mut seed);
        Self::from_seed(u64::from_le_bytes(seed))
    }

    /// The generator of a seed: the same numbers for the same seed.
    pub(crate) fn from_seed(seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self([next(), next(), next(), next()])
    }

    /// The next 64 random bits.
    pub(crate) fn next_u64(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A uniform number in `low..=high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        debug_assert!(low <= high, "{low} above {high}");
        let span = (high - low) as u64 + 1;
        low + ((u128::from(self.next_u64()) * u128::from(span)) >> 64) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_stays_in_its_bounds_and_reaches_both() {
        let mut rng = Rng::from_seed(1);
        let drawn: Vec<i64> = (0..1000).map(|_| rng.between(80, 84)).collect();
        assert_eq!(drawn.iter().min(), Some(&80));
        assert_eq!(drawn.iter().max(), Some(&84));
    }
}
