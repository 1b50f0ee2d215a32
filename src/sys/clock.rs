//! Time. The only file that asks the system for it.
//!
//! The monotonic clock decides everything; the wall clock only stamps records.

use std::ops::{Add, Sub};
use std::sync::atomic::{AtomicI64, Ordering};
/// A span, for crates that want one.
pub(crate) use std::time::Duration;

/// A point of the monotonic clock, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(transparent)]
pub(crate) struct Ts(pub(crate) i64);

impl Ts {
    /// Before everything.
    pub(crate) const ZERO: Self = Self(0);
    /// Never.
    pub(crate) const MAX: Self = Self(i64::MAX);

    /// This point plus milliseconds, saturating.
    pub(crate) fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1000)))
    }

    /// Microseconds from `earlier` to this point; 0 if it is not earlier.
    pub(crate) fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }
}

impl Add<i64> for Ts {
    type Output = Self;
    /// This point plus microseconds, saturating.
    fn add(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }
}

impl Sub for Ts {
    type Output = i64;
    /// Microseconds between two points.
    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

/// A source of time. Loops ask it; everything below a loop gets `now` as an argument.
pub(crate) trait Clock: Send + Sync {
    /// The monotonic clock.
    fn now(&self) -> Ts;
    /// The wall clock, in milliseconds since the epoch.
    fn wall_ms(&self) -> i64;
}

/// The system's clocks.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Ts {
        Ts(read(libc::CLOCK_MONOTONIC))
    }

    fn wall_ms(&self) -> i64 {
        read(libc::CLOCK_REALTIME) / 1000
    }
}

fn read(clock: libc::clockid_t) -> i64 {
    let mut spec = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `spec` is a live timespec; both clock ids exist on every Linux, so the call cannot
    // fail.
    unsafe { libc::clock_gettime(clock, &raw mut spec) };
    spec.tv_sec * 1_000_000 + spec.tv_nsec / 1000
}

/// Wall-clock milliseconds derived from monotonic readings, so that a produce call reads one clock.
///
/// The distance between the clocks is measured again when the last measurement is older than
/// `MAX_AGE_US`; a jump of the wall clock therefore shows in record timestamps after at most that
/// time.
pub(crate) struct WallOffset {
    offset_us: AtomicI64,
    measured: AtomicI64,
}

/// How long a measured distance between the clocks is used, in microseconds.
const MAX_AGE_US: i64 = 10_000;

impl WallOffset {
    /// Nothing measured yet.
    pub(crate) const fn new() -> Self {
        Self { offset_us: AtomicI64::new(0), measured: AtomicI64::new(i64::MIN) }
    }

    /// The wall clock at `now`, in milliseconds.
    pub(crate) fn wall_ms(&self, clock: &dyn Clock, now: Ts) -> i64 {
        // Relaxed: a torn pair of the two values is at worst one old, still true distance.
        let measured = self.measured.load(Ordering::Relaxed);
        if measured == i64::MIN || now.0.saturating_sub(measured) > MAX_AGE_US {
            self.offset_us.store(clock.wall_ms() * 1000 - now.0, Ordering::Relaxed);
            self.measured.store(now.0, Ordering::Relaxed);
        }
        (now.0 + self.offset_us.load(Ordering::Relaxed)) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_move_forward() {
        let first = SystemClock.now();
        assert!(SystemClock.now() >= first);
        assert!(SystemClock.wall_ms() > 1_600_000_000_000);
    }

    #[test]
    fn derived_wall_time_follows_the_wall_clock() {
        let offset = WallOffset::new();
        let before = SystemClock.wall_ms();
        let derived = offset.wall_ms(&SystemClock, SystemClock.now());
        assert!((before..=SystemClock.wall_ms()).contains(&derived));
    }
}
