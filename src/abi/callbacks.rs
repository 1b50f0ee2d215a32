//! The application's callbacks, as C function pointers. `C-unwind`: a C++ exception that leaves a callback meets a guard.
#![forbid(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};

use super::public::*;

/// `dr_cb` (deprecated form of a delivery report).
pub type DrCb = unsafe extern "C-unwind" fn(
    *mut rd_kafka_t,
    *mut c_void,
    usize,
    rd_kafka_resp_err_t,
    *mut c_void,
    *mut c_void,
);
/// `dr_msg_cb`.
pub type DrMsgCb =
    unsafe extern "C-unwind" fn(*mut rd_kafka_t, *const rd_kafka_message_t, *mut c_void);
/// `error_cb`.
pub type ErrorCb = unsafe extern "C-unwind" fn(*mut rd_kafka_t, c_int, *const c_char, *mut c_void);
/// `throttle_cb`.
pub type ThrottleCb =
    unsafe extern "C-unwind" fn(*mut rd_kafka_t, *const c_char, i32, c_int, *mut c_void);
/// `stats_cb`.
pub type StatsCb =
    unsafe extern "C-unwind" fn(*mut rd_kafka_t, *mut c_char, usize, *mut c_void) -> c_int;
/// `log_cb`.
pub type LogCb =
    unsafe extern "C-unwind" fn(*const rd_kafka_t, c_int, *const c_char, *const c_char);
/// `background_event_cb`.
pub type BackgroundEventCb =
    unsafe extern "C-unwind" fn(*mut rd_kafka_t, *mut rd_kafka_event_t, *mut c_void);
/// `socket_cb`.
pub type SocketCb = unsafe extern "C-unwind" fn(c_int, c_int, c_int, *mut c_void) -> c_int;
/// `connect_cb`.
pub type ConnectCb = unsafe extern "C-unwind" fn(
    c_int,
    *const libc::sockaddr,
    c_int,
    *const c_char,
    *mut c_void,
) -> c_int;
/// `closesocket_cb`.
pub type CloseSocketCb = unsafe extern "C-unwind" fn(c_int, *mut c_void) -> c_int;
/// `open_cb`.
pub type OpenCb =
    unsafe extern "C-unwind" fn(*const c_char, c_int, libc::mode_t, *mut c_void) -> c_int;
/// `resolve_cb`.
pub type ResolveCb = unsafe extern "C-unwind" fn(
    *const c_char,
    *const c_char,
    *const libc::addrinfo,
    *mut *mut libc::addrinfo,
    *mut c_void,
) -> c_int;
/// A topic's partitioner.
pub type PartitionerCb = unsafe extern "C-unwind" fn(
    *const rd_kafka_topic_t,
    *const c_void,
    usize,
    i32,
    *mut c_void,
    *mut c_void,
) -> i32;
/// A topic's message order.
pub type MsgOrderCmp =
    unsafe extern "C-unwind" fn(*const rd_kafka_message_t, *const rd_kafka_message_t) -> c_int;
/// The callback of `rd_kafka_queue_cb_event_enable`.
pub type QueueEventCb = unsafe extern "C-unwind" fn(*mut rd_kafka_t, *mut c_void);
/// `consume_cb`.
pub type ConsumeCb = unsafe extern "C-unwind" fn(*mut rd_kafka_message_t, *mut c_void);
/// `rebalance_cb`.
pub type RebalanceCb = unsafe extern "C-unwind" fn(
    *mut rd_kafka_t,
    rd_kafka_resp_err_t,
    *mut rd_kafka_topic_partition_list_t,
    *mut c_void,
);
/// `offset_commit_cb`.
pub type OffsetCommitCb = unsafe extern "C-unwind" fn(
    *mut rd_kafka_t,
    rd_kafka_resp_err_t,
    *mut rd_kafka_topic_partition_list_t,
    *mut c_void,
);
/// `oauthbearer_token_refresh_cb`.
pub type OauthRefreshCb = unsafe extern "C-unwind" fn(*mut rd_kafka_t, *const c_char, *mut c_void);
/// `ssl_cert_verify_cb`.
pub type SslCertVerifyCb = unsafe extern "C-unwind" fn(
    *mut rd_kafka_t,
    *const c_char,
    i32,
    *mut c_int,
    c_int,
    *const c_char,
    usize,
    *mut c_char,
    usize,
    *mut c_void,
) -> c_int;
/// `stats_cb_typed`; its second argument is an `rd_kafka_stats_t`.
pub type StatsTypedCb = unsafe extern "C-unwind" fn(*mut rd_kafka_t, *const c_void, *mut c_void);
/// An interceptor's `on_conf_set`.
pub type OnConfSet = unsafe extern "C-unwind" fn(
    *mut rd_kafka_conf_t,
    *const c_char,
    *const c_char,
    *mut c_char,
    usize,
    *mut c_void,
) -> rd_kafka_conf_res_t;
/// An interceptor's `on_conf_dup`.
pub type OnConfDup = unsafe extern "C-unwind" fn(
    *mut rd_kafka_conf_t,
    *const rd_kafka_conf_t,
    usize,
    *mut *const c_char,
    *mut c_void,
) -> rd_kafka_resp_err_t;
/// An interceptor's `on_conf_destroy`.
pub type OnConfDestroy = unsafe extern "C-unwind" fn(*mut c_void) -> rd_kafka_resp_err_t;
/// An interceptor's `on_new`.
pub type OnNew = unsafe extern "C-unwind" fn(
    *mut rd_kafka_t,
    *const rd_kafka_conf_t,
    *mut c_void,
    *mut c_char,
    usize,
) -> rd_kafka_resp_err_t;
