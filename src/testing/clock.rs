//! A clock that moves when it is told to.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicI64, Ordering};

use crate::sys::clock::{Clock, Ts};

/// The wall clock at the world's beginning, in milliseconds since the epoch.
const WALL_MS: i64 = 1_700_000_000_000;
/// The monotonic clock at the world's beginning, in microseconds: the machine runs for a while.
const BEGIN_US: i64 = 1_000_000_000;

/// The world's clocks.
pub(crate) struct SimClock {
    now_us: AtomicI64,
    wall_offset_ms: AtomicI64,
}

impl SimClock {
    /// The clocks at the beginning.
    pub(crate) fn new() -> Self {
        let wall_offset_ms = AtomicI64::new(WALL_MS - BEGIN_US / 1000);
        Self { now_us: AtomicI64::new(BEGIN_US), wall_offset_ms }
    }

    /// Both clocks move on to `now`.
    pub(crate) fn move_to(&self, now: Ts) {
        debug_assert!(now >= self.now(), "the monotonic clock does not go back");
        self.now_us.store(now.0, Ordering::Relaxed);
    }

    /// The wall clock is set to another time.
    pub(crate) fn jump_wall(&self, ms: i64) {
        self.wall_offset_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Ts {
        Ts(self.now_us.load(Ordering::Relaxed))
    }

    fn wall_ms(&self) -> i64 {
        self.now().0 / 1000 + self.wall_offset_ms.load(Ordering::Relaxed)
    }
}
