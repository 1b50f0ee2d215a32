//! What engine `v2` keeps of a broker, of a partition and of a request, as far as C code may see
//! it. None of it exists with another engine.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int};

use super::layout::layout;
use super::msg::rd_kafka_msg_t;
use super::produce_result::rd_kafka_Produce_result_record_error_t;
use super::public::opaque;
use super::rd::*;
use super::sysqueue::TailqHead;
use super::toppar::rd_kafka_toppar_t;

/// The partitions of a broker that wait for a request.
#[repr(C)]
pub struct rd_kafka_broker_batch_collector_t {
    /// When the oldest message that may be sent was produced; 0 for none.
    pub rkbbcol_first_add_ts: rd_ts_t,
    /// When the next back-off ends; 0 for none.
    pub rkbbcol_earliest_backoff: rd_ts_t,
    /// Partitions that may send.
    pub rkbbcol_active_partition_cnt: c_int,
    /// Not used.
    pub rkbbcol_total_bytes: i64,
    /// Always empty: the engine keeps its partitions without links through them.
    pub rkbbcol_toppars: TailqHead<rd_kafka_toppar_t>,
    /// Not used: who is next stands in the engine.
    pub rkbbcol_next: *mut rd_kafka_toppar_t,
}

layout! { rd_kafka_broker_batch_collector_t: size 56, align 8;
rkbbcol_first_add_ts @ 0, rkbbcol_earliest_backoff @ 8, rkbbcol_active_partition_cnt @ 16,
rkbbcol_total_bytes @ 24, rkbbcol_toppars @ 32, rkbbcol_next @ 48 }

/// Round trips of Produce requests.
#[repr(C)]
pub struct rd_kafka_adaptive_rtt_stats_t {
    /// The shortest of the last seconds, microseconds.
    pub rtt_base: rd_ts_t,
    /// Smoothed, microseconds.
    pub rtt_current: rd_ts_t,
    /// Not used.
    pub rtt_samples: [rd_ts_t; 16],
    /// Not used.
    pub rtt_sample_idx: c_int,
    /// Not used.
    pub rtt_sample_cnt: c_int,
    /// When the last one was measured.
    pub rtt_last_update: rd_ts_t,
    /// Not used.
    pub rtt_base_update: rd_ts_t,
}

layout! { rd_kafka_adaptive_rtt_stats_t: size 168, align 8;
rtt_base @ 0, rtt_current @ 8, rtt_samples @ 16, rtt_sample_idx @ 144, rtt_sample_cnt @ 148,
rtt_last_update @ 152, rtt_base_update @ 160 }

/// How long messages wait before they are sent.
#[repr(C)]
pub struct rd_kafka_adaptive_int_latency_stats_t {
    /// As long as they should, microseconds.
    pub int_lat_base: rd_ts_t,
    /// Smoothed time beyond that, microseconds.
    pub int_lat_current: rd_ts_t,
    /// Not used.
    pub int_lat_last_update: rd_ts_t,
    /// Not used.
    pub int_lat_base_update: rd_ts_t,
}

layout! { rd_kafka_adaptive_int_latency_stats_t: size 32, align 8;
int_lat_base @ 0, int_lat_current @ 8, int_lat_last_update @ 16, int_lat_base_update @ 24 }

/// What adaptive batching knows of a broker.
#[repr(C)]
pub struct rd_kafka_adaptive_state_t {
    /// Below this score both limits fall.
    pub alpha: f64,
    /// Above this one they rise.
    pub beta: f64,
    /// The score: the larger of the next two.
    pub congestion_score: f64,
    /// Excess of the round trips.
    pub rtt_congestion: f64,
    /// Excess of the waiting time.
    pub int_lat_congestion: f64,
    /// When the limits were looked at.
    pub last_adjustment: rd_ts_t,
    /// Round trips.
    pub rtt_stats: rd_kafka_adaptive_rtt_stats_t,
    /// Waiting times.
    pub int_lat_stats: rd_kafka_adaptive_int_latency_stats_t,
    /// Looks in a row that found congestion.
    pub consecutive_increases: c_int,
    /// Looks in a row that found none.
    pub consecutive_decreases: c_int,
    /// Not used.
    pub prev_throughput: f64,
    /// Not used.
    pub prev_rtt: f64,
    /// How often the limits rose.
    pub adjustments_up: i64,
    /// How often they fell.
    pub adjustments_down: i64,
    /// Always 0: a backlog is congestion like any other.
    pub backlog_drain_events: i64,
}

layout! { rd_kafka_adaptive_state_t: size 296, align 8;
alpha @ 0, beta @ 8, congestion_score @ 16, rtt_congestion @ 24, int_lat_congestion @ 32,
last_adjustment @ 40, rtt_stats @ 48, int_lat_stats @ 216, consecutive_increases @ 248,
consecutive_decreases @ 252, prev_throughput @ 256, prev_rtt @ 264, adjustments_up @ 272,
adjustments_down @ 280, backlog_drain_events @ 288 }

/// The limits that adaptive batching sets.
#[repr(C)]
pub struct rd_kafka_adaptive_params_t {
    /// How long the oldest message may wait, microseconds.
    pub linger_us: rd_ts_t,
    /// How many bytes are enough.
    pub batch_max_bytes: i64,
    /// The least linger.
    pub linger_min_us: rd_ts_t,
    /// The longest.
    pub linger_max_us: rd_ts_t,
    /// The fewest bytes.
    pub batch_max_bytes_min: i64,
    /// The most.
    pub batch_max_bytes_max: i64,
}

layout! { rd_kafka_adaptive_params_t: size 48, align 8;
linger_us @ 0, batch_max_bytes @ 8, linger_min_us @ 16, linger_max_us @ 24,
batch_max_bytes_min @ 32, batch_max_bytes_max @ 40 }

/// What engine `v2` keeps of a broker: `rkb_producer_engine_state`.
#[repr(C)]
pub struct rd_kafka_broker_producer_v2_t {
    /// The partitions that wait for a request.
    pub rkbp_collector: rd_kafka_broker_batch_collector_t,
    /// Adaptive batching; zero if it is off.
    pub rkbp_adaptive_state: rd_kafka_adaptive_state_t,
    /// Its limits; zero if it is off.
    pub rkbp_adaptive_params: rd_kafka_adaptive_params_t,
    /// Partitions of a request; not used: the windows of the statistics are elsewhere.
    pub rkbp_avg_produce_partitions: rd_avg_t,
    /// Messages of a request; not used.
    pub rkbp_avg_produce_messages: rd_avg_t,
    /// Bytes of a request; not used.
    pub rkbp_avg_produce_reqsize: rd_avg_t,
    /// How full a request is; not used.
    pub rkbp_avg_produce_fill: rd_avg_t,
    /// How long a batch waits; not used.
    pub rkbp_avg_batch_wait: rd_avg_t,
    /// The producer id under which the engine sends; -1 for none.
    pub rkbp_produce_pid: rd_kafka_pid_t,
}

layout! { rd_kafka_broker_producer_v2_t: size 1336, align 8;
rkbp_collector @ 0, rkbp_adaptive_state @ 56, rkbp_adaptive_params @ 352,
rkbp_avg_produce_partitions @ 400, rkbp_avg_produce_messages @ 584,
rkbp_avg_produce_reqsize @ 768, rkbp_avg_produce_fill @ 952, rkbp_avg_batch_wait @ 1136,
rkbp_produce_pid @ 1320 }

/// What engine `v2` keeps of a partition: `rktp_producer_v2`.
#[repr(C)]
pub struct rd_kafka_toppar_producer_v2_t {
    /// It waits for a request.
    pub rktp_in_batch_collector: rd_bool_t,
    /// Since when; 0 if it does not.
    pub rktp_ts_xmit_enq: rd_ts_t,
    /// Messages that the broker's thread knows of and that wait for a request.
    pub rktp_xmit_msgq_cnt: rd_atomic32_t,
    /// Their bytes.
    pub rktp_xmit_msgq_bytes: rd_atomic64_t,
}

layout! { rd_kafka_toppar_producer_v2_t: size 32, align 8;
rktp_in_batch_collector @ 0, rktp_ts_xmit_enq @ 8, rktp_xmit_msgq_cnt @ 16,
rktp_xmit_msgq_bytes @ 24 }

/// A batch in a request, as `rd_kafka_produce_req_toppar_v2` shows it; nothing in it is owned.
#[repr(C)]
pub struct rd_kafka_produce_req_toppar_t {
    /// 1.
    pub rkprt_assigned: c_int,
    /// Not used.
    pub rkprt_crc: rd_crc32_t,
    /// The partition.
    pub rkprt_s_rktp: *mut rd_kafka_toppar_t,
    /// Messages.
    pub rkprt_msg_cnt: i32,
    /// Not used: results are not kept here.
    pub rkprt_produce_base_offset: i64,
    /// Not used.
    pub rkprt_produce_errorcode: i16,
    /// Not used.
    pub rkprt_log_append_time: rd_ts_t,
    /// Not used.
    pub rkprt_recv: c_int,
    /// Not used.
    pub rkprt_errstr: *mut c_char,
    /// Not used.
    pub rkprt_record_errors: *mut rd_kafka_Produce_result_record_error_t,
    /// Not used.
    pub rkprt_record_errors_cnt: i32,
    /// The producer id and epoch; -1 without idempotence.
    pub rkprt_pid: rd_kafka_pid_t,
    /// Number of the first message.
    pub rkprt_base_msgid: u64,
    /// Sequence number of the first message; -1 without idempotence.
    pub rkprt_base_seq: i32,
    /// Sequence number of the last one.
    pub rkprt_last_seq: i32,
    /// Sequence number of the next batch.
    pub rkprt_next_seq: i32,
    /// Not used: messages stay the engine's.
    pub rkprt_base_rkm: *mut rd_kafka_msg_t,
}

layout! { rd_kafka_produce_req_toppar_t: size 128, align 8;
rkprt_assigned @ 0, rkprt_crc @ 4, rkprt_s_rktp @ 8, rkprt_msg_cnt @ 16,
rkprt_produce_base_offset @ 24, rkprt_produce_errorcode @ 32, rkprt_log_append_time @ 40,
rkprt_recv @ 48, rkprt_errstr @ 56, rkprt_record_errors @ 64, rkprt_record_errors_cnt @ 72,
rkprt_pid @ 80, rkprt_base_msgid @ 96, rkprt_base_seq @ 104, rkprt_last_seq @ 108,
rkprt_next_seq @ 112, rkprt_base_rkm @ 120 }

opaque! {
    /// The length of a request before it is written.
    rd_kafka_produce_calculator_t;
    /// A request that is put together.
    rd_kafka_produce_ctx_t;
}
