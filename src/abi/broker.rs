//! The historical broker.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void};

use super::buf::{rd_kafka_buf_t, rd_kafka_bufq_t, rd_kafka_q_t};
use super::internal_codes::*;
use super::layout::layout;
use super::public::{opaque, rd_kafka_resp_err_t, rd_kafka_t};
use super::rd::*;
use super::sysqueue::{CircleqHead, TailqEntry, TailqHead};
use super::toppar::rd_kafka_toppar_t;

opaque! {
    /// A broker's addresses; not used.
    rd_sockaddr_list_t;
    /// An address; not used.
    rd_sockaddr_inx_t;
    /// A connection; not used.
    rd_kafka_transport_t;
    /// A consumer group; not used.
    rd_kafka_cgrp_t;
    /// A broker's version of a request; not used.
    rd_kafka_ApiVersion;
}

/// Kinds of requests that are counted.
pub const RD_KAFKAP__NUM: usize = 74;
/// Room for a name, its NUL included.
pub const RD_KAFKA_NODENAME_SIZE: usize = 256;

/// Counters of a broker.
#[repr(C)]
pub struct rd_kafka_broker_counters_t {
    /// Bytes sent.
    pub tx_bytes: rd_atomic64_t,
    /// Requests sent.
    pub tx: rd_atomic64_t,
    /// Failed sends.
    pub tx_err: rd_atomic64_t,
    /// Requests sent again.
    pub tx_retries: rd_atomic64_t,
    /// Requests that timed out.
    pub req_timeouts: rd_atomic64_t,
    /// Bytes received.
    pub rx_bytes: rd_atomic64_t,
    /// Responses received.
    pub rx: rd_atomic64_t,
    /// Failed receives.
    pub rx_err: rd_atomic64_t,
    /// Responses without a request.
    pub rx_corrid_err: rd_atomic64_t,
    /// A consumer's: incomplete message sets.
    pub rx_partial: rd_atomic64_t,
    /// A consumer's.
    pub zbuf_grow: rd_atomic64_t,
    /// Not used.
    pub buf_grow: rd_atomic64_t,
    /// Returns from poll.
    pub wakeups: rd_atomic64_t,
    /// Connection attempts.
    pub connects: rd_atomic32_t,
    /// Lost connections.
    pub disconnects: rd_atomic32_t,
    /// Requests sent, by kind.
    pub reqtype: [rd_atomic64_t; RD_KAFKAP__NUM],
    /// Last send.
    pub ts_send: rd_atomic64_t,
    /// Last receive.
    pub ts_recv: rd_atomic64_t,
}

/// Averages for telemetry; not used.
#[repr(C)]
pub struct rd_kafka_broker_telemetry_avg_t {
    /// From socket to response.
    pub rkb_avg_rtt: rd_avg_t,
    /// Throttle times.
    pub rkb_avg_throttle: rd_avg_t,
    /// From output queue to socket.
    pub rkb_avg_outbuf_latency: rd_avg_t,
    /// Fetch requests.
    pub rkb_avg_fetch_latency: rd_avg_t,
    /// Produce requests.
    pub rkb_avg_produce_latency: rd_avg_t,
}

/// What telemetry counted before; not used.
#[repr(C)]
pub struct rd_kafka_broker_telemetry_historic_t {
    /// Connections.
    pub connects: i32,
}

/// Telemetry; not used.
#[repr(C)]
pub struct rd_kafka_broker_telemetry_t {
    /// Counted before.
    pub rkb_historic_c: rd_kafka_broker_telemetry_historic_t,
    /// Averages.
    pub rd_avg_current: rd_kafka_broker_telemetry_avg_t,
    /// Averages of the time before.
    pub rd_avg_rollover: rd_kafka_broker_telemetry_avg_t,
}

/// Why a connection is kept.
#[repr(C)]
pub struct rd_kafka_broker_persistconn_t {
    /// Requests of the library.
    pub internal: c_int,
    /// A group's or transaction's coordinator.
    pub coord: rd_atomic32_t,
}

/// Log lines that are not written too often.
#[repr(C)]
pub struct rd_kafka_broker_suppress_t {
    /// The broker does not know the compression.
    pub unsupported_compression: rd_interval_t,
    /// A consumer's.
    pub unsupported_kip62: rd_interval_t,
    /// A consumer's.
    pub unsupported_kip345: rd_interval_t,
    /// The connection failed again with the same error.
    pub fail_error: rd_interval_t,
}

/// The last error of a connection.
#[repr(C)]
pub struct rd_kafka_broker_last_err_t {
    /// Text.
    pub errstr: [c_char; 512],
    /// Error.
    pub err: rd_kafka_resp_err_t,
    /// How often in a row.
    pub cnt: c_int,
}

/// Waits for a broker's state; not used.
#[repr(C)]
pub struct rd_kafka_broker_monitor_t {
    /// Its place in `rkb_monitors`.
    pub rkbmon_link: TailqEntry<rd_kafka_broker_monitor_t>,
    /// The broker.
    pub rkbmon_rkb: *mut rd_kafka_broker_t,
    /// Who waits.
    pub rkbmon_q: *mut rd_kafka_q_t,
    /// Called when the state changed.
    pub rkbmon_cb: Option<unsafe extern "C" fn(rkb: *mut rd_kafka_broker_t)>,
}

/// A broker.
#[repr(C)]
pub struct rd_kafka_broker_t {
    /// Its place among the instance's brokers.
    pub rkb_link: TailqEntry<rd_kafka_broker_t>,
    /// Node id; -1 if it is not known.
    pub rkb_nodeid: i32,
    /// Addresses; not used.
    pub rkb_rsal: *mut rd_sockaddr_list_t,
    /// When they were resolved.
    pub rkb_ts_rsal_last: rd_ts_t,
    /// The address that was tried last; not used.
    pub rkb_addr_last: *const rd_sockaddr_inx_t,
    /// The connection; not used.
    pub rkb_transport: *mut rd_kafka_transport_t,
    /// The next correlation id.
    pub rkb_corrid: u32,
    /// The connection's number.
    pub rkb_connid: c_int,
    /// Operations for the broker's thread. They are elsewhere: the queue says how many there are.
    pub rkb_ops: *mut rd_kafka_q_t,
    /// Protects the broker.
    pub rkb_lock: mtx_t,
    /// The longest wait.
    pub rkb_blocking_max_ms: c_int,
    /// The partitions that it serves.
    pub rkb_toppars: TailqHead<rd_kafka_toppar_t>,
    /// How many.
    pub rkb_toppar_cnt: c_int,
    /// Those that are served now.
    pub rkb_active_toppars: CircleqHead<rd_kafka_toppar_t>,
    /// How many.
    pub rkb_active_toppar_cnt: c_int,
    /// The one that is served first.
    pub rkb_active_toppar_next: *mut rd_kafka_toppar_t,
    /// A consumer's.
    pub rkb_cgrp: *mut rd_kafka_cgrp_t,
    /// A consumer's.
    pub rkb_ts_fetch_backoff: rd_ts_t,
    /// A consumer's.
    pub rkb_fetching: c_int,
    /// State of the connection.
    pub rkb_state: rd_kafka_broker_state_t,
    /// When it was entered.
    pub rkb_ts_state: rd_ts_t,
    /// When requests are looked through for timeouts.
    pub rkb_timeout_scan_intvl: rd_interval_t,
    /// Requests in flight that others wait for.
    pub rkb_blocking_request_cnt: rd_atomic32_t,
    /// `RD_KAFKA_FEATURE_...`.
    pub rkb_features: c_int,
    /// The broker's versions; not used.
    pub rkb_ApiVersions: *mut rd_kafka_ApiVersion,
    /// How many.
    pub rkb_ApiVersions_cnt: usize,
    /// When they are asked for again.
    pub rkb_ApiVersion_fail_intvl: rd_interval_t,
    /// Where it is known from.
    pub rkb_source: rd_kafka_confsource_t,
    /// Counters.
    pub rkb_c: rd_kafka_broker_counters_t,
    /// Telemetry; not used.
    pub rkb_telemetry: rd_kafka_broker_telemetry_t,
    /// Requests that timed out, one after the other.
    pub rkb_req_timeouts: c_int,
    /// The thread.
    pub rkb_thread: thrd_t,
    /// References: the instance's, those of partitions and of requests.
    pub rkb_refcnt: rd_refcnt_t,
    /// The instance.
    pub rkb_rk: *mut rd_kafka_t,
    /// The response that is being received.
    pub rkb_recv_buf: *mut rd_kafka_buf_t,
    /// The most requests in flight.
    pub rkb_max_inflight: c_int,
    /// Requests to send.
    pub rkb_outbufs: rd_kafka_bufq_t,
    /// Requests in flight.
    pub rkb_waitresps: rd_kafka_bufq_t,
    /// Requests to send again, later.
    pub rkb_retrybufs: rd_kafka_bufq_t,
    /// From produce call to written batch.
    pub rkb_avg_int_latency: rd_avg_t,
    /// From output queue to socket.
    pub rkb_avg_outbuf_latency: rd_avg_t,
    /// From socket to response.
    pub rkb_avg_rtt: rd_avg_t,
    /// Throttle times.
    pub rkb_avg_throttle: rd_avg_t,
    /// Name in logs and statistics.
    pub rkb_name: [c_char; RD_KAFKA_NODENAME_SIZE],
    /// `host:port`.
    pub rkb_nodename: [c_char; RD_KAFKA_NODENAME_SIZE],
    /// Port.
    pub rkb_port: u16,
    /// Host, as configured or learned.
    pub rkb_origname: *mut c_char,
    /// Rises when `rkb_nodename` changes.
    pub rkb_nodename_epoch: c_int,
    /// That number at the last connection attempt.
    pub rkb_connect_epoch: c_int,
    /// Name in logs.
    pub rkb_logname: *mut c_char,
    /// Protects it.
    pub rkb_logname_lock: mtx_t,
    /// Wakes the thread.
    pub rkb_wakeup_fd: [rd_socket_t; 2],
    /// How long until the next connection attempt.
    pub rkb_reconnect_backoff_ms: c_int,
    /// When that is.
    pub rkb_ts_reconnect: rd_ts_t,
    /// When the connection was begun.
    pub rkb_ts_connect: rd_ts_t,
    /// Is the connection being authenticated again?
    pub rkb_reauth_in_progress: rd_bool_t,
    /// Why the connection is kept.
    pub rkb_persistconn: rd_kafka_broker_persistconn_t,
    /// Those who wait for its state; not used.
    pub rkb_monitors: TailqHead<rd_kafka_broker_monitor_t>,
    /// Waits for the state of another one; not used.
    pub rkb_coord_monitor: rd_kafka_broker_monitor_t,
    /// Security protocol.
    pub rkb_proto: rd_kafka_secproto_t,
    /// Counts in "all brokers are down"?
    pub rkb_down_reported: c_int,
    /// Log lines that are not written too often.
    pub rkb_suppress: rd_kafka_broker_suppress_t,
    /// The last error.
    pub rkb_last_err: rd_kafka_broker_last_err_t,
    /// When the connection is authenticated again; not used.
    pub rkb_sasl_reauth_tmr: rd_kafka_timer_t,
    /// Does the thread end?
    pub termination_in_progress: rd_atomic32_t,
    /// The end of history's struct.
    pub rkb_reserved_5084: u32,
    /// The producer engine: `RD_KAFKA_PRODUCE_...`.
    pub rkb_producer_engine: c_int,
    /// What that engine keeps of the broker: `rd_kafka_broker_producer_v2_t` of engine `v2`; NULL
    /// with another engine.
    pub rkb_producer_engine_state: *mut c_void,
    /// What the broker's thread keeps, while it runs an engine.
    pub rkb_thread_state: *mut c_void,
}

// History ends at 5088.
layout! { rd_kafka_broker_t: size 5112, align 8;
rkb_link @ 0, rkb_nodeid @ 16, rkb_rsal @ 24, rkb_ts_rsal_last @ 32, rkb_addr_last @ 40,
rkb_transport @ 48, rkb_corrid @ 56, rkb_connid @ 60, rkb_ops @ 64, rkb_lock @ 72,
rkb_blocking_max_ms @ 112, rkb_toppars @ 120, rkb_toppar_cnt @ 136, rkb_active_toppars @ 144,
rkb_active_toppar_cnt @ 160, rkb_active_toppar_next @ 168, rkb_cgrp @ 176,
rkb_ts_fetch_backoff @ 184, rkb_fetching @ 192, rkb_state @ 196, rkb_ts_state @ 200,
rkb_timeout_scan_intvl @ 208, rkb_blocking_request_cnt @ 232, rkb_features @ 236,
rkb_ApiVersions @ 240, rkb_ApiVersions_cnt @ 248, rkb_ApiVersion_fail_intvl @ 256,
rkb_source @ 280, rkb_c @ 288, rkb_c.tx_bytes @ 288, rkb_c.tx @ 296, rkb_c.tx_err @ 304, rkb_c.tx_retries @ 312,
rkb_c.req_timeouts @ 320, rkb_c.rx_bytes @ 328, rkb_c.rx @ 336, rkb_c.rx_err @ 344,
rkb_c.rx_corrid_err @ 352, rkb_c.rx_partial @ 360, rkb_c.zbuf_grow @ 368, rkb_c.buf_grow @ 376,
rkb_c.wakeups @ 384, rkb_c.connects @ 392, rkb_c.disconnects @ 396, rkb_c.reqtype @ 400,
rkb_c.ts_send @ 992, rkb_c.ts_recv @ 1000, rkb_telemetry @ 1008, rkb_telemetry.rkb_historic_c @ 1008,
rkb_telemetry.rd_avg_current @ 1016, rkb_telemetry.rd_avg_current.rkb_avg_rtt @ 1016,
rkb_telemetry.rd_avg_current.rkb_avg_throttle @ 1200,
rkb_telemetry.rd_avg_current.rkb_avg_outbuf_latency @ 1384,
rkb_telemetry.rd_avg_current.rkb_avg_fetch_latency @ 1568,
rkb_telemetry.rd_avg_current.rkb_avg_produce_latency @ 1752,
rkb_telemetry.rd_avg_rollover @ 1936,
rkb_telemetry.rd_avg_rollover.rkb_avg_rtt @ 1936,
rkb_telemetry.rd_avg_rollover.rkb_avg_throttle @ 2120,
rkb_telemetry.rd_avg_rollover.rkb_avg_outbuf_latency @ 2304,
rkb_telemetry.rd_avg_rollover.rkb_avg_fetch_latency @ 2488,
rkb_telemetry.rd_avg_rollover.rkb_avg_produce_latency @ 2672, rkb_req_timeouts @ 2856, rkb_thread @ 2864,
rkb_refcnt @ 2872, rkb_rk @ 2880, rkb_recv_buf @ 2888, rkb_max_inflight @ 2896, rkb_outbufs @ 2904,
rkb_waitresps @ 2928, rkb_retrybufs @ 2952, rkb_avg_int_latency @ 2976,
rkb_avg_outbuf_latency @ 3160, rkb_avg_rtt @ 3344, rkb_avg_throttle @ 3528, rkb_name @ 3712,
rkb_nodename @ 3968, rkb_port @ 4224, rkb_origname @ 4232, rkb_nodename_epoch @ 4240,
rkb_connect_epoch @ 4244, rkb_logname @ 4248, rkb_logname_lock @ 4256, rkb_wakeup_fd @ 4296,
rkb_reconnect_backoff_ms @ 4304, rkb_ts_reconnect @ 4312, rkb_ts_connect @ 4320,
rkb_reauth_in_progress @ 4328, rkb_persistconn @ 4332, rkb_persistconn.internal @ 4332,
rkb_persistconn.coord @ 4336, rkb_monitors @ 4344, rkb_coord_monitor @ 4360, rkb_proto @ 4400, rkb_down_reported @ 4404, rkb_suppress @ 4408,
rkb_suppress.unsupported_compression @ 4408, rkb_suppress.unsupported_kip62 @ 4432,
rkb_suppress.fail_error @ 4480, rkb_last_err @ 4504, rkb_last_err.err @ 5016,
rkb_last_err.cnt @ 5020, rkb_sasl_reauth_tmr @ 5024, termination_in_progress @ 5080,
rkb_producer_engine @ 5088, rkb_producer_engine_state @ 5096, rkb_thread_state @ 5104 }
