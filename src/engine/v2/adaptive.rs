//! Adaptive batching: how long messages may wait, and how many bytes are enough, from what a
//! broker's answers tell. A law without clock or socket.
//!
//! A broker or link that is congested lets requests wait: their round trips get longer than they
//! were, or messages wait longer than they should before they are sent. Fewer and larger requests
//! help then. A broker that answers as it did is asked as often as the bounds allow.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use crate::conf::Conf;
use crate::own::producer_v2::AdaptiveNumbers;
use crate::sys::clock::Ts;

/// One step changes both limits by this factor.
const STEP: (i64, i64) = (6, 5);
/// Weight of a new sample, one of so many, and one more for each of these many microseconds since
/// the one before.
const WEIGHT: i64 = 10;
const MEMORY_US: i64 = 100_000;
/// Differences below this many microseconds are noise.
const FLOOR_US: i64 = 1_000;
/// The shortest round trip of so many windows is what the broker can do.
const WINDOWS: usize = 10;
/// Microseconds of a window.
const WINDOW_US: i64 = 1_000_000;
/// Intervals in a row that must look congested before anything is slowed down.
const PERSISTENCE: u32 = 3;
/// Round trips older than this many microseconds, or four lingers, say nothing.
const STALE_US: i64 = 5_000_000;

/// What the application configured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    linger_us: (i64, i64),
    bytes: (i64, i64),
    /// Below the first score both limits fall, above the second they rise.
    scores: (f64, f64),
    interval_us: i64,
}

impl Bounds {
    /// The bounds, if adaptive batching is on.
    pub(super) fn of(conf: &Conf) -> Option<Self> {
        #[allow(clippy::cast_possible_truncation)]
        let us = |ms: f64| (ms * 1000.0) as i64;
        conf.adaptive_batching_enabled.then(|| Self {
            linger_us: (us(conf.adaptive_linger_min_ms), us(conf.adaptive_linger_max_ms)),
            bytes: (conf.adaptive_batch_min_bytes.into(), conf.adaptive_batch_max_bytes.into()),
            scores: (conf.adaptive_alpha, conf.adaptive_beta),
            interval_us: us(conf.adaptive_adjustment_interval_ms),
        })
    }
}

/// The law's state.
pub(super) struct Law {
    bounds: Bounds,
    /// How long the oldest message may wait, in microseconds.
    pub(super) linger_us: i64,
    /// How many bytes are enough.
    pub(super) bytes: i64,
    /// Smoothed round trip; 0 before the first.
    rtt_us: i64,
    sampled_at: Ts,
    /// The shortest round trip of each window, and when it began.
    shortest: VecDeque<(Ts, i64)>,
    /// Smoothed time that messages waited longer than they should.
    late_us: i64,
    /// Looks in a row that found congestion, and that found none.
    congested: u32,
    calm: u32,
    adjusted_at: Ts,
    /// What the last look found: by round trips, and by waiting times.
    scores: (f64, f64),
    /// How often both limits rose and fell, or would have without their bounds.
    steps: (i64, i64),
}

impl Law {
    /// A broker of which nothing is known.
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            linger_us: bounds.linger_us.0,
            bytes: bounds.bytes.0,
            rtt_us: 0,
            sampled_at: Ts::ZERO,
            shortest: VecDeque::new(),
            late_us: 0,
            congested: 0,
            calm: 0,
            adjusted_at: Ts::ZERO,
            scores: (0.0, 0.0),
            steps: (0, 0),
        }
    }

    fn smooth(value: i64, sample: i64, parts: i64) -> i64 {
        (value * (WEIGHT - parts) + sample * parts) / WEIGHT
    }

    /// A Produce request was answered.
    pub(super) fn answered(&mut self, rtt_us: i64, now: Ts) {
        if rtt_us <= 0 {
            return;
        }
        // Rare samples weigh more: what was long ago says little.
        let parts = ((now - self.sampled_at) / MEMORY_US).clamp(1, WEIGHT);
        self.rtt_us = match self.rtt_us {
            0 => rtt_us,
            before => Self::smooth(before, rtt_us, parts),
        };
        self.sampled_at = now;
        match self.shortest.back_mut() {
            Some((since, shortest)) if now - *since < WINDOW_US => {
                *shortest = rtt_us.min(*shortest);
            }
            _ => self.shortest.push_back((now, rtt_us)),
        }
        if self.shortest.len() > WINDOWS {
            self.shortest.pop_front();
        }
    }

    /// A request was made; its oldest message had waited this long.
    pub(super) fn sent(&mut self, waited_us: i64) {
        self.late_us = Self::smooth(self.late_us, (waited_us - self.linger_us).max(0), 1);
    }

    /// The shortest round trip of the last windows.
    fn base_us(&self) -> i64 {
        self.shortest.iter().map(|(_, rtt)| *rtt).min().unwrap_or(0)
    }

    /// How congested the broker is, by round trips and by waiting times: 0 if it does what it can.
    fn score(&self) -> (f64, f64) {
        let base = self.base_us();
        let excess = |value: i64, base: i64| {
            let base = base.max(FLOOR_US);
            #[allow(clippy::cast_precision_loss)]
            if value > base { (value - base) as f64 / base as f64 } else { 0.0 }
        };
        // What it can do, and as long as messages may wait anyway.
        (excess(self.rtt_us, base), excess(self.late_us, self.linger_us.max(base)))
    }

    /// Adjusts both limits, not more often than configured; `true`: they may have changed.
    pub(super) fn adjust(&mut self, now: Ts) -> bool {
        let is_stale = now - self.sampled_at > STALE_US.max(4 * self.linger_us);
        if now - self.adjusted_at < self.bounds.interval_us || is_stale {
            return false;
        }
        self.adjusted_at = now;
        self.scores = self.score();
        let (score, (calm, busy)) = (self.scores.0.max(self.scores.1), self.bounds.scores);
        self.congested = if score > busy { self.congested + 1 } else { 0 };
        self.calm = if score < calm { self.calm + 1 } else { 0 };
        let (times, by) = if score < calm {
            self.steps.1 += 1;
            (STEP.1, STEP.0)
        } else if self.congested >= PERSISTENCE {
            self.steps.0 += 1;
            STEP
        } else {
            return false;
        };
        let step = |value: i64, (least, most): (i64, i64)| {
            // Small values would never grow by a part of themselves.
            let up = i64::from(times > by);
            (value.saturating_mul(times) / by + up).clamp(least, most.max(least))
        };
        self.linger_us = step(self.linger_us, self.bounds.linger_us);
        self.bytes = step(self.bytes, self.bounds.bytes);
        true
    }
}

/// What statistics tell of the law.
impl Law {
    /// Everything that it knows.
    pub(super) fn numbers(&self) -> AdaptiveNumbers {
        let count = |looks: u32| i32::try_from(looks).unwrap_or(i32::MAX);
        AdaptiveNumbers {
            linger_us: self.linger_us,
            linger_bounds_us: self.bounds.linger_us,
            bytes: self.bytes,
            bytes_bounds: self.bounds.bytes,
            scores: self.bounds.scores,
            score: self.scores.0.max(self.scores.1),
            rtt_score: self.scores.0,
            late_score: self.scores.1,
            rtt_base_us: self.base_us(),
            rtt_us: self.rtt_us,
            rtt_at: self.sampled_at,
            late_base_us: self.linger_us.max(self.base_us()),
            late_us: self.late_us,
            adjusted_at: self.adjusted_at,
            congested: count(self.congested),
            calm: count(self.calm),
            ups: self.steps.0,
            downs: self.steps.1,
        }
    }
}

#[cfg(test)]
#[path = "adaptive/tests.rs"]
mod tests;
