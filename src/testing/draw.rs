//! Draws of a seed, split by name: another draw in one place does not shift those of the others.
#![forbid(unsafe_code)]

use crate::sys::rand::Rng;

/// A stream of draws.
pub(crate) struct Draw(Rng);

impl Draw {
    /// The stream of a seed and a name.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        Self(rng(seed, name))
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.between(low, high)
    }

    /// A count in `low..=high`.
    pub(crate) fn count(&mut self, low: usize, high: usize) -> usize {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        usize::try_from(self.0.between(number(low), number(high))).unwrap_or(low)
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: i64) -> bool {
        self.0.between(1, 100) <= percent
    }

    /// One of several.
    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.count(0, of.len() - 1)].clone()
    }

    /// A place in a list; `None` if it is empty.
    pub(crate) fn place(&mut self, len: usize) -> Option<usize> {
        (len > 0).then(|| self.count(0, len - 1))
    }
}

/// The generator of a seed and a name.
pub(crate) fn rng(seed: u64, name: &str) -> Rng {
    let mut mixed = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Rng::from_seed(seed ^ mixed)
}
