//! The application's callbacks, as C function pointers. `C-unwind`: a C++ exception that leaves a
//! callback meets a guard.
//!
//! The headers write a CamelCase type out where it is used; a `rd_kafka_..._t` type is a typedef
//! there.
#![forbid(unsafe_code)]
// The headers need every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void};

pub use super::codes::rd_kafka_thread_type_t;
use super::handles::{rd_kafka_share_partition_offsets_list_t, rd_kafka_share_t};
use super::public::*;
use super::stats::rd_kafka_stats_t;
/// `dr_cb` (deprecated form of a delivery report).
pub type DrCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    payload: *mut c_void,
    len: usize,
    err: rd_kafka_resp_err_t,
    opaque: *mut c_void,
    msg_opaque: *mut c_void,
);
/// `dr_msg_cb`.
pub type DrMsgCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    rkmessage: *const rd_kafka_message_t,
    opaque: *mut c_void,
);
/// `error_cb`.
pub type ErrorCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    err: c_int,
    reason: *const c_char,
    opaque: *mut c_void,
);
/// `throttle_cb`.
pub type ThrottleCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    broker_name: *const c_char,
    broker_id: i32,
    throttle_time_ms: c_int,
    opaque: *mut c_void,
);
/// `stats_cb`.
pub type StatsCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    json: *mut c_char,
    json_len: usize,
    opaque: *mut c_void,
) -> c_int;
/// `stats_cb_typed`.
pub type StatsTypedCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    stats: *const rd_kafka_stats_t,
    opaque: *mut c_void,
);
/// `log_cb`.
pub type LogCb = unsafe extern "C-unwind" fn(
    rk: *const rd_kafka_t,
    level: c_int,
    fac: *const c_char,
    buf: *const c_char,
);
/// `background_event_cb`.
pub type BackgroundEventCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    rkev: *mut rd_kafka_event_t,
    opaque: *mut c_void,
);
/// `socket_cb`.
pub type SocketCb = unsafe extern "C-unwind" fn(
    domain: c_int,
    r#type: c_int,
    protocol: c_int,
    opaque: *mut c_void,
) -> c_int;
/// `connect_cb`.
pub type ConnectCb = unsafe extern "C-unwind" fn(
    sockfd: c_int,
    addr: *const libc::sockaddr,
    addrlen: c_int,
    id: *const c_char,
    opaque: *mut c_void,
) -> c_int;
/// `closesocket_cb`.
pub type CloseSocketCb = unsafe extern "C-unwind" fn(sockfd: c_int, opaque: *mut c_void) -> c_int;
/// `open_cb`.
pub type OpenCb = unsafe extern "C-unwind" fn(
    pathname: *const c_char,
    flags: c_int,
    mode: libc::mode_t,
    opaque: *mut c_void,
) -> c_int;
/// `resolve_cb`.
pub type ResolveCb = unsafe extern "C-unwind" fn(
    node: *const c_char,
    service: *const c_char,
    hints: *const libc::addrinfo,
    res: *mut *mut libc::addrinfo,
    opaque: *mut c_void,
) -> c_int;
/// A topic's partitioner.
pub type PartitionerCb = unsafe extern "C-unwind" fn(
    rkt: *const rd_kafka_topic_t,
    keydata: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32;
/// A topic's message order.
pub type MsgOrderCmp = unsafe extern "C-unwind" fn(
    a: *const rd_kafka_message_t,
    b: *const rd_kafka_message_t,
) -> c_int;
/// The order of `rd_kafka_topic_partition_list_sort`.
pub type ListCmp = unsafe extern "C-unwind" fn(
    a: *const c_void,
    b: *const c_void,
    cmp_opaque: *mut c_void,
) -> c_int;
/// The callback of `rd_kafka_queue_cb_event_enable`.
pub type QueueEventCb = unsafe extern "C-unwind" fn(rk: *mut rd_kafka_t, qev_opaque: *mut c_void);
/// `consume_cb`.
pub type ConsumeCb =
    unsafe extern "C-unwind" fn(rkmessage: *mut rd_kafka_message_t, opaque: *mut c_void);
/// `rebalance_cb`.
pub type RebalanceCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    err: rd_kafka_resp_err_t,
    partitions: *mut rd_kafka_topic_partition_list_t,
    opaque: *mut c_void,
);
/// `offset_commit_cb`.
pub type OffsetCommitCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    err: rd_kafka_resp_err_t,
    offsets: *mut rd_kafka_topic_partition_list_t,
    opaque: *mut c_void,
);
/// `oauthbearer_token_refresh_cb`.
pub type OauthRefreshCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    oauthbearer_config: *const c_char,
    opaque: *mut c_void,
);
/// `ssl_cert_verify_cb`.
pub type SslCertVerifyCb = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    broker_name: *const c_char,
    broker_id: i32,
    x509_error: *mut c_int,
    depth: c_int,
    buf: *const c_char,
    size: usize,
    errstr: *mut c_char,
    errstr_size: usize,
    opaque: *mut c_void,
) -> c_int;
/// The callback of `rd_kafka_share_set_acknowledgement_commit_cb`.
pub type ShareAckCommitCb = unsafe extern "C-unwind" fn(
    rkshare: *mut rd_kafka_share_t,
    partitions: *mut rd_kafka_share_partition_offsets_list_t,
    err: rd_kafka_resp_err_t,
    opaque: *mut c_void,
);
/// The function `conf_init` that a plugin exports. It adds its interceptors to `conf`.
pub type rd_kafka_plugin_f_conf_init_t = unsafe extern "C-unwind" fn(
    conf: *mut rd_kafka_conf_t,
    plug_opaquep: *mut *mut c_void,
    errstr: *mut c_char,
    errstr_size: usize,
) -> rd_kafka_resp_err_t;
/// A property is set. `RD_KAFKA_CONF_UNKNOWN`: it is none of the interceptor's.
pub type rd_kafka_interceptor_f_on_conf_set_t = unsafe extern "C-unwind" fn(
    conf: *mut rd_kafka_conf_t,
    name: *const c_char,
    val: *const c_char,
    errstr: *mut c_char,
    errstr_size: usize,
    ic_opaque: *mut c_void,
) -> rd_kafka_conf_res_t;
/// A configuration was copied; the interceptor adds itself to the copy.
pub type rd_kafka_interceptor_f_on_conf_dup_t = unsafe extern "C-unwind" fn(
    new_conf: *mut rd_kafka_conf_t,
    old_conf: *const rd_kafka_conf_t,
    filter_cnt: usize,
    filter: *mut *const c_char,
    ic_opaque: *mut c_void,
) -> rd_kafka_resp_err_t;
/// A configuration is destroyed.
pub type rd_kafka_interceptor_f_on_conf_destroy_t =
    unsafe extern "C-unwind" fn(ic_opaque: *mut c_void) -> rd_kafka_resp_err_t;
/// An instance is made; further interceptors are added here.
pub type rd_kafka_interceptor_f_on_new_t = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    conf: *const rd_kafka_conf_t,
    ic_opaque: *mut c_void,
    errstr: *mut c_char,
    errstr_size: usize,
) -> rd_kafka_resp_err_t;
/// An instance is destroyed.
pub type rd_kafka_interceptor_f_on_destroy_t =
    unsafe extern "C-unwind" fn(rk: *mut rd_kafka_t, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t;
/// A message is produced. It runs in the caller's thread; the partition is not known yet.
pub type rd_kafka_interceptor_f_on_send_t = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    rkmessage: *mut rd_kafka_message_t,
    ic_opaque: *mut c_void,
) -> rd_kafka_resp_err_t;
/// A message got its final result. It runs in one of the library's threads.
pub type rd_kafka_interceptor_f_on_acknowledgement_t =
    unsafe extern "C-unwind" fn(
        rk: *mut rd_kafka_t,
        rkmessage: *mut rd_kafka_message_t,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t;
/// A message is about to be given to the application.
pub type rd_kafka_interceptor_f_on_consume_t = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    rkmessage: *mut rd_kafka_message_t,
    ic_opaque: *mut c_void,
) -> rd_kafka_resp_err_t;
/// Offsets were committed.
pub type rd_kafka_interceptor_f_on_commit_t = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    offsets: *const rd_kafka_topic_partition_list_t,
    err: rd_kafka_resp_err_t,
    ic_opaque: *mut c_void,
) -> rd_kafka_resp_err_t;
/// A request was sent. It runs in the broker's thread.
pub type rd_kafka_interceptor_f_on_request_sent_t =
    unsafe extern "C-unwind" fn(
        rk: *mut rd_kafka_t,
        sockfd: c_int,
        brokername: *const c_char,
        brokerid: i32,
        api_key: i16,
        api_version: i16,
        corr_id: i32,
        size: usize,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t;
/// A response was received. `rtt` is in microseconds; -1 if not known.
pub type rd_kafka_interceptor_f_on_response_received_t =
    unsafe extern "C-unwind" fn(
        rk: *mut rd_kafka_t,
        sockfd: c_int,
        brokername: *const c_char,
        brokerid: i32,
        api_key: i16,
        api_version: i16,
        corr_id: i32,
        size: usize,
        rtt: i64,
        err: rd_kafka_resp_err_t,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t;
/// One of the library's threads started. It runs in that thread.
pub type rd_kafka_interceptor_f_on_thread_start_t =
    unsafe extern "C-unwind" fn(
        rk: *mut rd_kafka_t,
        thread_type: rd_kafka_thread_type_t,
        thread_name: *const c_char,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t;
/// One of the library's threads ends. It runs in that thread.
pub type rd_kafka_interceptor_f_on_thread_exit_t =
    unsafe extern "C-unwind" fn(
        rk: *mut rd_kafka_t,
        thread_type: rd_kafka_thread_type_t,
        thread_name: *const c_char,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t;
/// A broker's connection changed its state.
pub type rd_kafka_interceptor_f_on_broker_state_change_t =
    unsafe extern "C-unwind" fn(
        rk: *mut rd_kafka_t,
        broker_id: i32,
        secproto: *const c_char,
        name: *const c_char,
        port: c_int,
        state: *const c_char,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t;
