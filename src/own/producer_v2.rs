//! What engine `v2` shows of a broker and of a partition: [`BrokerV2`] and [`TopparV2`], behind
//! pointers in the core's structs. They are made for that engine only.
//!
//! Who owns: the broker, the partition. The engine's thread writes, statistics and C code read;
//! every number is atomic, and they begin with the structs that C code knows.
#![forbid(unsafe_code)]

use std::mem::offset_of;
use std::sync::OnceLock;
use std::sync::atomic::{
    AtomicBool, AtomicI16, AtomicI32, AtomicI64, AtomicPtr, AtomicU64, AtomicUsize,
    Ordering::Relaxed,
};

use super::window::ProduceWindows;
use crate::abi::producer_v2::{
    rd_kafka_adaptive_params_t, rd_kafka_adaptive_state_t, rd_kafka_broker_batch_collector_t,
    rd_kafka_broker_producer_v2_t, rd_kafka_toppar_producer_v2_t,
};
use crate::conf::settings::Settings;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::sys::lock::{Guard, Mutex, Rank};

/// A number with a fraction.
#[derive(Default)]
struct AtomicF64(AtomicU64);

impl AtomicF64 {
    fn store(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }

    fn load(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}

/// Who waits for a request.
#[repr(C)]
struct Collector {
    first_add_ts: AtomicI64,
    earliest_backoff: AtomicI64,
    active_partition_cnt: AtomicI32,
    total_bytes: AtomicI64,
    toppars_first: AtomicUsize,
    toppars_last: AtomicPtr<AtomicUsize>,
    next: AtomicUsize,
}

/// What adaptive batching measured.
#[derive(Default)]
#[repr(C)]
struct State {
    alpha: AtomicF64,
    beta: AtomicF64,
    congestion_score: AtomicF64,
    rtt_congestion: AtomicF64,
    int_lat_congestion: AtomicF64,
    last_adjustment: AtomicI64,
    rtt_base: AtomicI64,
    rtt_current: AtomicI64,
    /// Samples, and two counters of them.
    _samples: [AtomicU64; 17],
    rtt_last_update: AtomicI64,
    _rtt_base_update: AtomicI64,
    int_lat_base: AtomicI64,
    int_lat_current: AtomicI64,
    _int_lat_updates: [AtomicI64; 2],
    consecutive_increases: AtomicI32,
    consecutive_decreases: AtomicI32,
    _former: [AtomicU64; 2],
    adjustments_up: AtomicI64,
    adjustments_down: AtomicI64,
    backlog_drain_events: AtomicI64,
}

/// What adaptive batching set.
#[derive(Default)]
#[repr(C)]
struct Params {
    linger_us: AtomicI64,
    batch_max_bytes: AtomicI64,
    linger_min_us: AtomicI64,
    linger_max_us: AtomicI64,
    batch_max_bytes_min: AtomicI64,
    batch_max_bytes_max: AtomicI64,
}

/// What the engine keeps of a broker (`rkb_producer_engine_state`).
#[repr(C)]
pub(crate) struct BrokerV2 {
    collector: Collector,
    state: State,
    params: Params,
    /// Averages, which are windows here.
    _averages: [AtomicU64; 115],
    pid: AtomicI64,
    epoch: AtomicI16,
    /// Made at the first use: never if statistics are off.
    windows: OnceLock<Mutex<ProduceWindows>>,
}

/// What the engine keeps of a partition (`rktp_producer_v2`).
#[derive(Default)]
#[repr(C)]
pub(crate) struct TopparV2 {
    in_batch_collector: AtomicBool,
    ts_xmit_enq: AtomicI64,
    xmit_msgq_cnt: AtomicI32,
    xmit_msgq_bytes: AtomicI64,
}

/// The fields of our struct stand where C code looks for them.
macro_rules! same_places {
    ($ours:ty, $theirs:ty: $($field:ident = $($their:ident).+),*) => {
        const _: () = {
            $(assert!(offset_of!($ours, $field) == offset_of!($theirs, $($their).+));)*
        };
    };
}

same_places! { Collector, rd_kafka_broker_batch_collector_t:
first_add_ts = rkbbcol_first_add_ts, earliest_backoff = rkbbcol_earliest_backoff,
active_partition_cnt = rkbbcol_active_partition_cnt, total_bytes = rkbbcol_total_bytes,
toppars_first = rkbbcol_toppars, next = rkbbcol_next }
same_places! { State, rd_kafka_adaptive_state_t:
alpha = alpha, beta = beta, congestion_score = congestion_score, rtt_congestion = rtt_congestion,
int_lat_congestion = int_lat_congestion, last_adjustment = last_adjustment,
rtt_base = rtt_stats.rtt_base, rtt_current = rtt_stats.rtt_current,
rtt_last_update = rtt_stats.rtt_last_update, int_lat_base = int_lat_stats.int_lat_base,
int_lat_current = int_lat_stats.int_lat_current, consecutive_increases = consecutive_increases,
consecutive_decreases = consecutive_decreases, adjustments_up = adjustments_up,
adjustments_down = adjustments_down, backlog_drain_events = backlog_drain_events }
same_places! { Params, rd_kafka_adaptive_params_t:
linger_us = linger_us, batch_max_bytes = batch_max_bytes, linger_min_us = linger_min_us,
linger_max_us = linger_max_us, batch_max_bytes_min = batch_max_bytes_min,
batch_max_bytes_max = batch_max_bytes_max }
same_places! { BrokerV2, rd_kafka_broker_producer_v2_t:
collector = rkbp_collector, state = rkbp_adaptive_state, params = rkbp_adaptive_params,
_averages = rkbp_avg_produce_partitions, pid = rkbp_produce_pid }
same_places! { TopparV2, rd_kafka_toppar_producer_v2_t:
in_batch_collector = rktp_in_batch_collector, ts_xmit_enq = rktp_ts_xmit_enq,
xmit_msgq_cnt = rktp_xmit_msgq_cnt, xmit_msgq_bytes = rktp_xmit_msgq_bytes }
const _: () = {
    assert!(size_of::<State>() == size_of::<rd_kafka_adaptive_state_t>());
    assert!(size_of::<Params>() == size_of::<rd_kafka_adaptive_params_t>());
    assert!(size_of::<TopparV2>() == size_of::<rd_kafka_toppar_producer_v2_t>());
    assert!(offset_of!(BrokerV2, windows) == size_of::<rd_kafka_broker_producer_v2_t>());
};

/// What adaptive batching knows of a broker.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct AdaptiveNumbers {
    /// How long the oldest message may wait, microseconds.
    pub(crate) linger_us: i64,
    /// Its bounds.
    pub(crate) linger_bounds_us: (i64, i64),
    /// How many bytes are enough.
    pub(crate) bytes: i64,
    /// Their bounds.
    pub(crate) bytes_bounds: (i64, i64),
    /// The scores between which nothing changes.
    pub(crate) scores: (f64, f64),
    /// The score.
    pub(crate) score: f64,
    /// Its part from round trips.
    pub(crate) rtt_score: f64,
    /// Its part from waiting times.
    pub(crate) late_score: f64,
    /// The shortest round trip of the last seconds, microseconds; 0 before the first.
    pub(crate) rtt_base_us: i64,
    /// Smoothed round trip, microseconds.
    pub(crate) rtt_us: i64,
    /// When the last one was measured.
    pub(crate) rtt_at: Ts,
    /// How long messages may wait before they are late, microseconds.
    pub(crate) late_base_us: i64,
    /// Smoothed lateness, microseconds.
    pub(crate) late_us: i64,
    /// When the limits were looked at last.
    pub(crate) adjusted_at: Ts,
    /// How many looks in a row found congestion.
    pub(crate) congested: i32,
    /// How many found none.
    pub(crate) calm: i32,
    /// How often the limits rose.
    pub(crate) ups: i64,
    /// How often they fell.
    pub(crate) downs: i64,
}

impl BrokerV2 {
    /// A broker of which nothing is known.
    pub(crate) fn new() -> Box<Self> {
        let new = Box::new(Self {
            collector: Collector {
                first_add_ts: AtomicI64::new(0),
                earliest_backoff: AtomicI64::new(0),
                active_partition_cnt: AtomicI32::new(0),
                total_bytes: AtomicI64::new(0),
                toppars_first: AtomicUsize::new(0),
                toppars_last: AtomicPtr::default(),
                next: AtomicUsize::new(0),
            },
            state: State::default(),
            params: Params::default(),
            _averages: [const { AtomicU64::new(0) }; 115],
            pid: AtomicI64::new(-1),
            epoch: AtomicI16::new(-1),
            windows: OnceLock::new(),
        });
        // An empty list points into itself; the box is its place.
        let first = (&raw const new.collector.toppars_first).cast_mut();
        new.collector.toppars_last.store(first, Relaxed);
        new
    }

    /// The windows of the statistics. Not for instances without statistics: they need no windows.
    pub(crate) fn windows(&self, settings: &Settings) -> Guard<'_, ProduceWindows> {
        let new = || Mutex::new(Rank::Leaf, ProduceWindows::new(settings));
        self.windows.get_or_init(new).lock()
    }

    /// Who waits for a request: how many, since when, and when the next back-off ends.
    pub(crate) fn set_waiting(&self, count: usize, since: Ts, backoff: Ts) {
        let shown = |ts: Ts| if ts == Ts::MAX { 0 } else { ts.0 };
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        self.collector.active_partition_cnt.store(count, Relaxed);
        self.collector.first_add_ts.store(shown(since), Relaxed);
        self.collector.earliest_backoff.store(shown(backoff), Relaxed);
    }

    /// The producer id under which the engine sends.
    pub(crate) fn set_pid(&self, pid: Pid) {
        self.pid.store(pid.id, Relaxed);
        self.epoch.store(pid.epoch, Relaxed);
    }

    /// Shows what adaptive batching knows.
    pub(crate) fn set_adaptive(&self, numbers: &AdaptiveNumbers) {
        let (state, params) = (&self.state, &self.params);
        params.linger_us.store(numbers.linger_us, Relaxed);
        params.linger_min_us.store(numbers.linger_bounds_us.0, Relaxed);
        params.linger_max_us.store(numbers.linger_bounds_us.1, Relaxed);
        params.batch_max_bytes.store(numbers.bytes, Relaxed);
        params.batch_max_bytes_min.store(numbers.bytes_bounds.0, Relaxed);
        params.batch_max_bytes_max.store(numbers.bytes_bounds.1, Relaxed);
        state.alpha.store(numbers.scores.0);
        state.beta.store(numbers.scores.1);
        state.congestion_score.store(numbers.score);
        state.rtt_congestion.store(numbers.rtt_score);
        state.int_lat_congestion.store(numbers.late_score);
        state.last_adjustment.store(numbers.adjusted_at.0, Relaxed);
        state.rtt_base.store(numbers.rtt_base_us, Relaxed);
        state.rtt_current.store(numbers.rtt_us, Relaxed);
        state.rtt_last_update.store(numbers.rtt_at.0, Relaxed);
        state.int_lat_base.store(numbers.late_base_us, Relaxed);
        state.int_lat_current.store(numbers.late_us, Relaxed);
        state.consecutive_increases.store(numbers.congested, Relaxed);
        state.consecutive_decreases.store(numbers.calm, Relaxed);
        state.adjustments_up.store(numbers.ups, Relaxed);
        state.adjustments_down.store(numbers.downs, Relaxed);
    }

    /// What adaptive batching knows; zero if it is off.
    pub(crate) fn adaptive(&self) -> AdaptiveNumbers {
        let (state, params) = (&self.state, &self.params);
        AdaptiveNumbers {
            linger_us: params.linger_us.load(Relaxed),
            linger_bounds_us: (
                params.linger_min_us.load(Relaxed),
                params.linger_max_us.load(Relaxed),
            ),
            bytes: params.batch_max_bytes.load(Relaxed),
            bytes_bounds: (
                params.batch_max_bytes_min.load(Relaxed),
                params.batch_max_bytes_max.load(Relaxed),
            ),
            scores: (state.alpha.load(), state.beta.load()),
            score: state.congestion_score.load(),
            rtt_score: state.rtt_congestion.load(),
            late_score: state.int_lat_congestion.load(),
            rtt_base_us: state.rtt_base.load(Relaxed),
            rtt_us: state.rtt_current.load(Relaxed),
            rtt_at: Ts(state.rtt_last_update.load(Relaxed)),
            late_base_us: state.int_lat_base.load(Relaxed),
            late_us: state.int_lat_current.load(Relaxed),
            adjusted_at: Ts(state.last_adjustment.load(Relaxed)),
            congested: state.consecutive_increases.load(Relaxed),
            calm: state.consecutive_decreases.load(Relaxed),
            ups: state.adjustments_up.load(Relaxed),
            downs: state.adjustments_down.load(Relaxed),
        }
    }
}

impl TopparV2 {
    /// It waits for a request, with so many messages and bytes.
    pub(crate) fn wait(&self, messages: usize, bytes: i64, now: Ts) {
        self.in_batch_collector.store(true, Relaxed);
        self.xmit_msgq_cnt.store(i32::try_from(messages).unwrap_or(i32::MAX), Relaxed);
        self.xmit_msgq_bytes.store(bytes, Relaxed);
        if self.ts_xmit_enq.load(Relaxed) == 0 {
            self.ts_xmit_enq.store(now.0, Relaxed);
        }
    }

    /// It does not wait any more; returns since when it did.
    pub(crate) fn end_wait(&self) -> Option<Ts> {
        self.in_batch_collector.store(false, Relaxed);
        self.xmit_msgq_cnt.store(0, Relaxed);
        self.xmit_msgq_bytes.store(0, Relaxed);
        Some(self.ts_xmit_enq.swap(0, Relaxed)).filter(|since| *since != 0).map(Ts)
    }

    /// Messages that the broker's thread knows of and that wait for a request, and their bytes.
    pub(crate) fn waiting(&self) -> (i32, i64) {
        (self.xmit_msgq_cnt.load(Relaxed), self.xmit_msgq_bytes.load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_adaptive_batching_are_given_back_as_they_were() {
        let numbers = AdaptiveNumbers {
            linger_us: 1,
            linger_bounds_us: (2, 3),
            bytes: 4,
            bytes_bounds: (5, 6),
            scores: (0.7, 0.8),
            score: 0.9,
            rtt_score: 1.0,
            late_score: 1.1,
            rtt_base_us: 12,
            rtt_us: 13,
            rtt_at: Ts(14),
            late_base_us: 15,
            late_us: 16,
            adjusted_at: Ts(17),
            congested: 18,
            calm: 19,
            ups: 20,
            downs: 21,
        };
        let broker = BrokerV2::new();
        assert_eq!(broker.adaptive(), AdaptiveNumbers::default());
        broker.set_adaptive(&numbers);
        assert_eq!(broker.adaptive(), numbers);
    }

    #[test]
    fn a_wait_begins_once_and_ends_with_its_numbers() {
        let toppar = TopparV2::default();
        assert_eq!(toppar.end_wait(), None);
        toppar.wait(2, 20, Ts(5));
        toppar.wait(3, 30, Ts(9));
        assert_eq!(toppar.waiting(), (3, 30));
        assert_eq!(toppar.end_wait(), Some(Ts(5)));
        assert_eq!((toppar.waiting(), toppar.end_wait()), ((0, 0), None));
    }
}
