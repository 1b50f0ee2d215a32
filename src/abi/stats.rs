//! The typed statistics of `rdkafka_stats.h`: plain structs, filled for one callback.
#![forbid(unsafe_code)]
// The headers need every item; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int};

use super::layout::layout;

/// Size of the name fields, with the NUL.
pub const RD_KAFKA_STATS_NAME_MAX: c_int = 256;
/// Most request types that a broker can have.
pub const RD_KAFKA_STATS_REQ_TYPES_MAX: c_int = 64;

/// A window of samples since the last report.
#[repr(C)]
pub struct rd_kafka_avg_stats_t {
    /// Smallest sample.
    pub min: i64,
    /// Largest sample.
    pub max: i64,
    /// Average.
    pub avg: i64,
    /// Sum of the samples.
    pub sum: i64,
    /// Number of samples.
    pub cnt: i64,
    /// Standard deviation.
    pub stddev: i64,
    /// Median.
    pub p50: i64,
    /// 75th percentile.
    pub p75: i64,
    /// 90th percentile.
    pub p90: i64,
    /// 95th percentile.
    pub p95: i64,
    /// 99th percentile.
    pub p99: i64,
    /// 99.99th percentile.
    pub p99_99: i64,
    /// Samples outside of the histogram's range.
    pub oor: i64,
    /// Size of the histogram, bytes.
    pub hdrsize: i32,
    /// Unused.
    pub _pad: i32,
}

layout! { rd_kafka_avg_stats_t: size 112, align 8;
min @ 0, max @ 8, avg @ 16, sum @ 24, cnt @ 32, stddev @ 40, p50 @ 48, p75 @ 56, p90 @ 64,
p95 @ 72, p99 @ 80, p99_99 @ 88, oor @ 96, hdrsize @ 104, _pad @ 108 }

/// A partition.
#[repr(C)]
pub struct rd_kafka_partition_stats_t {
    /// Partition number; -1: messages that wait for metadata.
    pub partition: i32,
    /// Node id of the broker that handles it; -1 for none.
    pub broker_id: i32,
    /// Node id of its leader; -1 if not known.
    pub leader: i32,
    /// Was it asked for by the application?
    pub desired: i8,
    /// Is it missing in the metadata?
    pub unknown: i8,
    /// Unused.
    pub _pad: [i8; 2],
    /// Messages in the queue.
    pub msgq_cnt: i32,
    /// Bytes in the queue.
    pub msgq_bytes: i64,
    /// Messages that the broker thread took over.
    pub xmit_msgq_cnt: i32,
    /// Bytes of them.
    pub xmit_msgq_bytes: i64,
    /// Consumer: messages fetched and not consumed.
    pub fetchq_cnt: i32,
    /// Consumer: bytes of them.
    pub fetchq_size: i64,
    /// Consumer: state of the fetcher.
    pub fetch_state: i32,
    /// Consumer: offset asked for.
    pub query_offset: i64,
    /// Consumer: next offset to fetch.
    pub next_offset: i64,
    /// Consumer: one after the last offset given to the application.
    pub app_offset: i64,
    /// Consumer: offset stored.
    pub stored_offset: i64,
    /// Consumer: leader epoch of it.
    pub stored_leader_epoch: i32,
    /// Consumer: offset committed.
    pub committed_offset: i64,
    /// Consumer: leader epoch of it.
    pub committed_leader_epoch: i32,
    /// Consumer: end reported to the application.
    pub eof_offset: i64,
    /// Consumer: first offset of the log.
    pub lo_offset: i64,
    /// Consumer: end of the log.
    pub hi_offset: i64,
    /// Consumer: last stable offset.
    pub ls_offset: i64,
    /// Consumer: messages behind the end, by the offset committed.
    pub consumer_lag: i64,
    /// Consumer: messages behind the end, by the offset stored.
    pub consumer_lag_stored: i64,
    /// Leader epoch; -1 if not known.
    pub leader_epoch: i32,
    /// Unused.
    pub _pad2: i32,
    /// Messages sent.
    pub txmsgs: i64,
    /// Bytes sent.
    pub txbytes: i64,
    /// Messages received.
    pub rxmsgs: i64,
    /// Bytes received.
    pub rxbytes: i64,
    /// Messages that entered the partition.
    pub msgs: i64,
    /// Consumer: messages dropped because they were outdated.
    pub rx_ver_drops: i64,
    /// Messages sent and not answered.
    pub msgs_inflight: i64,
    /// Idempotence: next sequence number to be acknowledged.
    pub next_ack_seq: i64,
    /// Idempotence: next sequence number that may fail.
    pub next_err_seq: i64,
    /// Idempotence: last message id acknowledged.
    pub acked_msgid: i64,
}

layout! { rd_kafka_partition_stats_t: size 264, align 8;
partition @ 0, broker_id @ 4, leader @ 8, desired @ 12, unknown @ 13, _pad @ 14, msgq_cnt @ 16,
msgq_bytes @ 24, xmit_msgq_cnt @ 32, xmit_msgq_bytes @ 40, fetchq_cnt @ 48, fetchq_size @ 56,
fetch_state @ 64, query_offset @ 72, next_offset @ 80, app_offset @ 88, stored_offset @ 96,
stored_leader_epoch @ 104, committed_offset @ 112, committed_leader_epoch @ 120,
eof_offset @ 128, lo_offset @ 136, hi_offset @ 144, ls_offset @ 152, consumer_lag @ 160,
consumer_lag_stored @ 168, leader_epoch @ 176, _pad2 @ 180, txmsgs @ 184, txbytes @ 192,
rxmsgs @ 200, rxbytes @ 208, msgs @ 216, rx_ver_drops @ 224, msgs_inflight @ 232,
next_ack_seq @ 240, next_err_seq @ 248, acked_msgid @ 256 }

/// A topic.
#[repr(C)]
pub struct rd_kafka_topic_stats_t {
    /// Name.
    pub name: [c_char; 256],
    /// Age, microseconds.
    pub age_us: i64,
    /// Age of the metadata, microseconds.
    pub metadata_age_us: i64,
    /// Bytes of each batch.
    pub batchsize: rd_kafka_avg_stats_t,
    /// Messages of each batch.
    pub batchcnt: rd_kafka_avg_stats_t,
    /// Number of partitions.
    pub partition_cnt: u32,
    /// Unused.
    pub _pad: u32,
    /// The partitions.
    pub partitions: *mut rd_kafka_partition_stats_t,
}

layout! { rd_kafka_topic_stats_t: size 512, align 8;
name @ 0, age_us @ 256, metadata_age_us @ 264, batchsize @ 272, batchcnt @ 384,
partition_cnt @ 496, _pad @ 500, partitions @ 504 }

/// A partition that a broker handles.
#[repr(C)]
pub struct rd_kafka_broker_toppar_ref_t {
    /// Topic name.
    pub topic: [c_char; 256],
    /// Partition number; -1: messages that wait for metadata.
    pub partition: i32,
    /// Unused.
    pub _pad: i32,
}

layout! { rd_kafka_broker_toppar_ref_t: size 264, align 4;
topic @ 0, partition @ 256, _pad @ 260 }

/// How often a request was sent.
#[repr(C)]
pub struct rd_kafka_req_count_t {
    /// Name.
    pub name: [c_char; 32],
    /// How often.
    pub count: i64,
}

layout! { rd_kafka_req_count_t: size 40, align 8;
name @ 0, count @ 32 }

/// A broker.
#[repr(C)]
pub struct rd_kafka_broker_stats_t {
    /// Name.
    pub name: [c_char; 256],
    /// Node id; -1 for a bootstrap broker.
    pub nodeid: i32,
    /// `host:port`.
    pub nodename: [c_char; 256],
    /// `configured`, `learned`, `internal` or `logical`.
    pub source: [c_char; 32],
    /// State, as a number.
    pub state: i32,
    /// Time in that state, microseconds.
    pub stateage_us: i64,
    /// Requests that wait to be sent.
    pub outbuf_cnt: i32,
    /// Messages in them.
    pub outbuf_msg_cnt: i32,
    /// Requests that wait for their answer.
    pub waitresp_cnt: i32,
    /// Messages in them.
    pub waitresp_msg_cnt: i32,
    /// Requests sent.
    pub tx: i64,
    /// Bytes sent.
    pub tx_bytes: i64,
    /// Send errors.
    pub tx_errs: i64,
    /// Requests sent again.
    pub tx_retries: i64,
    /// Time since the last send, microseconds; -1 for never.
    pub tx_idle_us: i64,
    /// Requests that timed out.
    pub req_timeouts: i64,
    /// Responses received.
    pub rx: i64,
    /// Bytes received.
    pub rx_bytes: i64,
    /// Receive errors.
    pub rx_errs: i64,
    /// Time since the last receive, microseconds; -1 for never.
    pub rx_idle_us: i64,
    /// Responses without a request.
    pub rx_corriderrs: i64,
    /// Consumer: incomplete message sets.
    pub rx_partial: i64,
    /// Always 0.
    pub zbuf_grow: i64,
    /// Always 0.
    pub buf_grow: i64,
    /// Wake-ups of the broker thread.
    pub wakeups: i64,
    /// Connection attempts.
    pub connects: i64,
    /// Connections lost.
    pub disconnects: i64,
    /// Microseconds from the produce call to the batch.
    pub int_latency: rd_kafka_avg_stats_t,
    /// Microseconds from the batch to the socket.
    pub outbuf_latency: rd_kafka_avg_stats_t,
    /// Microseconds from request to response.
    pub rtt: rd_kafka_avg_stats_t,
    /// Milliseconds of throttling asked for by the broker.
    pub throttle: rd_kafka_avg_stats_t,
    /// Partitions of each produce request.
    pub produce_partitions: rd_kafka_avg_stats_t,
    /// Messages of each produce request.
    pub produce_messages: rd_kafka_avg_stats_t,
    /// Bytes of each produce request.
    pub produce_reqsize: rd_kafka_avg_stats_t,
    /// How full each produce request was, per mille.
    pub produce_fill: rd_kafka_avg_stats_t,
    /// Microseconds that batches waited.
    pub batch_wait: rd_kafka_avg_stats_t,
    /// Is adaptive batching on?
    pub adaptive_enabled: i8,
    /// Unused.
    pub _pad_adaptive: [i8; 7],
    /// Current linger time, microseconds.
    pub adaptive_linger_us: i64,
    /// Current limit of a batch, bytes.
    pub adaptive_batch_max_bytes: i64,
    /// Congestion, 0 to 1.
    pub adaptive_congestion: f64,
    /// Congestion by round-trip time.
    pub adaptive_rtt_congestion: f64,
    /// Congestion by internal latency.
    pub adaptive_int_lat_congestion: f64,
    /// Base round-trip time, microseconds.
    pub adaptive_rtt_base_us: i64,
    /// Current round-trip time, microseconds.
    pub adaptive_rtt_current_us: i64,
    /// Base internal latency, microseconds.
    pub adaptive_int_lat_base_us: i64,
    /// Current internal latency, microseconds.
    pub adaptive_int_lat_current_us: i64,
    /// Adjustments upwards.
    pub adaptive_adjustments_up: i64,
    /// Adjustments downwards.
    pub adaptive_adjustments_down: i64,
    /// Adjustments because of a backlog.
    pub adaptive_backlog_drain_events: i64,
    /// Number of request types.
    pub req_cnt: u32,
    /// Unused.
    pub _pad2: u32,
    /// Requests sent, by type.
    pub reqs: *mut rd_kafka_req_count_t,
    /// Number of partitions that the broker handles.
    pub toppar_cnt: u32,
    /// Unused.
    pub _pad: u32,
    /// The partitions.
    pub toppars: *mut rd_kafka_broker_toppar_ref_t,
}

layout! { rd_kafka_broker_stats_t: size 1856, align 8;
name @ 0, nodeid @ 256, nodename @ 260, source @ 516, state @ 548, stateage_us @ 552,
outbuf_cnt @ 560, outbuf_msg_cnt @ 564, waitresp_cnt @ 568, waitresp_msg_cnt @ 572, tx @ 576,
tx_bytes @ 584, tx_errs @ 592, tx_retries @ 600, tx_idle_us @ 608, req_timeouts @ 616, rx @ 624,
rx_bytes @ 632, rx_errs @ 640, rx_idle_us @ 648, rx_corriderrs @ 656, rx_partial @ 664,
zbuf_grow @ 672, buf_grow @ 680, wakeups @ 688, connects @ 696, disconnects @ 704,
int_latency @ 712, outbuf_latency @ 824, rtt @ 936, throttle @ 1048, produce_partitions @ 1160,
produce_messages @ 1272, produce_reqsize @ 1384, produce_fill @ 1496, batch_wait @ 1608,
adaptive_enabled @ 1720, _pad_adaptive @ 1721, adaptive_linger_us @ 1728,
adaptive_batch_max_bytes @ 1736, adaptive_congestion @ 1744, adaptive_rtt_congestion @ 1752,
adaptive_int_lat_congestion @ 1760, adaptive_rtt_base_us @ 1768, adaptive_rtt_current_us @ 1776,
adaptive_int_lat_base_us @ 1784, adaptive_int_lat_current_us @ 1792,
adaptive_adjustments_up @ 1800, adaptive_adjustments_down @ 1808,
adaptive_backlog_drain_events @ 1816, req_cnt @ 1824, _pad2 @ 1828, reqs @ 1832,
toppar_cnt @ 1840, _pad @ 1844, toppars @ 1848 }

/// The consumer group.
#[repr(C)]
pub struct rd_kafka_cgrp_stats_t {
    /// State, as a number.
    pub state: i32,
    /// Time in that state, microseconds.
    pub stateage_us: i64,
    /// State of joining, as a number.
    pub join_state: i32,
    /// Time since the last rebalance, microseconds.
    pub rebalance_age_us: i64,
    /// Number of rebalances.
    pub rebalance_cnt: i32,
    /// Reason of the last rebalance.
    pub rebalance_reason: [c_char; 256],
    /// Number of partitions assigned.
    pub assignment_size: i32,
    /// Unused.
    pub _pad: i32,
}

layout! { rd_kafka_cgrp_stats_t: size 304, align 8;
state @ 0, stateage_us @ 8, join_state @ 16, rebalance_age_us @ 24, rebalance_cnt @ 32,
rebalance_reason @ 36, assignment_size @ 292, _pad @ 296 }

/// The idempotent or transactional producer.
#[repr(C)]
pub struct rd_kafka_eos_stats_t {
    /// State of the producer id, as a number.
    pub idemp_state: i32,
    /// Time in that state, microseconds.
    pub idemp_stateage_us: i64,
    /// State of the transaction, as a number.
    pub txn_state: i32,
    /// Time in that state, microseconds.
    pub txn_stateage_us: i64,
    /// May messages be produced?
    pub txn_may_enq: i8,
    /// Unused.
    pub _pad: [i8; 3],
    /// Producer id; -1 for none.
    pub producer_id: i64,
    /// Producer epoch; -1 for none.
    pub producer_epoch: i16,
    /// Unused.
    pub _pad2: i16,
    /// Number of producer ids acquired.
    pub epoch_cnt: i32,
}

layout! { rd_kafka_eos_stats_t: size 56, align 8;
idemp_state @ 0, idemp_stateage_us @ 8, txn_state @ 16, txn_stateage_us @ 24, txn_may_enq @ 32,
_pad @ 33, producer_id @ 40, producer_epoch @ 48, _pad2 @ 50, epoch_cnt @ 52 }

/// Statistics of an instance. They live until the callback returns or the event is destroyed.
#[repr(C)]
pub struct rd_kafka_stats_t {
    /// Name.
    pub name: [c_char; 256],
    /// `client.id`.
    pub client_id: [c_char; 256],
    /// Producer or consumer (`rd_kafka_type_t`).
    pub r#type: i32,
    /// Unused.
    pub _pad: i32,
    /// Monotonic clock, microseconds.
    pub ts_us: i64,
    /// Wall clock, seconds since the epoch.
    pub time_sec: i64,
    /// Age, microseconds.
    pub age_us: i64,
    /// Events that wait for the application.
    pub replyq: i32,
    /// Messages accepted and not reported.
    pub msg_cnt: u32,
    /// Bytes of them.
    pub msg_size: u64,
    /// Most messages that may wait.
    pub msg_max: u32,
    /// Most bytes that may wait.
    pub msg_size_max: u64,
    /// Always 0 for a producer.
    pub simple_cnt: i32,
    /// Topics in the metadata cache.
    pub metadata_cache_cnt: i32,
    /// Requests sent.
    pub tx: i64,
    /// Bytes sent.
    pub tx_bytes: i64,
    /// Responses received.
    pub rx: i64,
    /// Bytes received.
    pub rx_bytes: i64,
    /// Messages sent.
    pub txmsgs: i64,
    /// Bytes of the messages sent.
    pub txmsg_bytes: i64,
    /// Messages received.
    pub rxmsgs: i64,
    /// Bytes of the messages received.
    pub rxmsg_bytes: i64,
    /// Number of brokers.
    pub broker_cnt: u32,
    /// Unused.
    pub _pad2: u32,
    /// The brokers.
    pub brokers: *mut rd_kafka_broker_stats_t,
    /// Number of topics.
    pub topic_cnt: u32,
    /// Unused.
    pub _pad3: u32,
    /// The topics.
    pub topics: *mut rd_kafka_topic_stats_t,
    /// Does `cgrp` count?
    pub has_cgrp: i8,
    /// Unused.
    pub _pad4: [i8; 7],
    /// The consumer group.
    pub cgrp: rd_kafka_cgrp_stats_t,
    /// Does `eos` count?
    pub has_eos: i8,
    /// Unused.
    pub _pad5: [i8; 7],
    /// Idempotence and transactions.
    pub eos: rd_kafka_eos_stats_t,
    /// Was there a fatal error?
    pub has_fatal: i8,
    /// Unused.
    pub _pad6: [i8; 3],
    /// Its code.
    pub fatal_err: i32,
    /// Its reason.
    pub fatal_reason: [c_char; 512],
    /// Number of fatal errors.
    pub fatal_cnt: i32,
    /// Unused.
    pub _pad7: i32,
}

layout! { rd_kafka_stats_t: size 1584, align 8;
name @ 0, client_id @ 256, r#type @ 512, _pad @ 516, ts_us @ 520, time_sec @ 528, age_us @ 536,
replyq @ 544, msg_cnt @ 548, msg_size @ 552, msg_max @ 560, msg_size_max @ 568, simple_cnt @ 576,
metadata_cache_cnt @ 580, tx @ 584, tx_bytes @ 592, rx @ 600, rx_bytes @ 608, txmsgs @ 616,
txmsg_bytes @ 624, rxmsgs @ 632, rxmsg_bytes @ 640, broker_cnt @ 648, _pad2 @ 652, brokers @ 656,
topic_cnt @ 664, _pad3 @ 668, topics @ 672, has_cgrp @ 680, _pad4 @ 681, cgrp @ 688,
has_eos @ 992, _pad5 @ 993, eos @ 1000, has_fatal @ 1056, _pad6 @ 1057, fatal_err @ 1060,
fatal_reason @ 1064, fatal_cnt @ 1576, _pad7 @ 1580 }
