//! The historical message and message queue.
#![forbid(unsafe_code)]

use std::ffi::{c_char, c_int};

use super::layout::layout;
use super::public::*;

/// Link of a message in its queue (a TAILQ entry).
#[repr(C)]
pub struct rd_kafka_msg_link_t {
    /// The next message, NULL at the end.
    pub tqe_next: *mut rd_kafka_msg_t,
    /// The pointer that points to this message: the previous one's `tqe_next`, or the head's
    /// `tqh_first`.
    pub tqe_prev: *mut *mut rd_kafka_msg_t,
}

/// What only produced messages have.
#[repr(C)]
pub struct rd_kafka_msg_producer_t {
    /// When the message expires; `i64::MAX` for never.
    pub ts_timeout: i64,
    /// When the produce call took it.
    pub ts_enq: i64,
    /// Not before this time is it sent again.
    pub ts_backoff: i64,
    /// Number within its partition, from 1; 0 before it has one.
    pub msgid: u64,
    /// Last message id of the batch that this message began when it was sent first (idempotence).
    pub last_msgid: u64,
    /// How often it was sent again.
    pub retries: c_int,
    /// The broker's text; owned by the message.
    pub errstr: *const c_char,
}

/// A message.
#[repr(C)]
pub struct rd_kafka_msg_t {
    /// The public part, at offset 0.
    pub rkm_rkmessage: rd_kafka_message_t,
    /// The link in a queue.
    pub rkm_link: rd_kafka_msg_link_t,
    /// `RD_KAFKA_MSG_F_*`, public and internal.
    pub rkm_flags: c_int,
    /// Kind of the timestamp.
    pub rkm_tstype: rd_kafka_timestamp_type_t,
    /// Timestamp, milliseconds since the epoch.
    pub rkm_timestamp: i64,
    /// Headers, owned; NULL if none.
    pub rkm_headers: *mut rd_kafka_headers_t,
    /// Persistence.
    pub rkm_status: rd_kafka_msg_status_t,
    /// Node id of the broker that gave the final result; -1 if none did.
    pub rkm_broker_id: i32,
    /// The producer's part.
    pub rkm_producer: rd_kafka_msg_producer_t,
}

layout! { rd_kafka_msg_t: size 176, align 8;
rkm_rkmessage @ 0, rkm_link @ 72, rkm_flags @ 88, rkm_tstype @ 92, rkm_timestamp @ 96, rkm_headers @ 104,
rkm_status @ 112, rkm_broker_id @ 116, rkm_producer @ 120 }
layout! { rd_kafka_msg_producer_t: size 56, align 8;
ts_timeout @ 0, ts_enq @ 8, ts_backoff @ 16, msgid @ 24, last_msgid @ 32, retries @ 40, errstr @ 48 }

/// Head of a message list (a TAILQ head). It points into itself when empty, so it never moves.
#[repr(C)]
pub struct rd_kafka_msgs_head_s {
    /// The first message.
    pub tqh_first: *mut rd_kafka_msg_t,
    /// The pointer at the end: the last message's `tqe_next`, or `tqh_first`.
    pub tqh_last: *mut *mut rd_kafka_msg_t,
}

/// When the application's enqueue wakes the broker thread.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct rd_kafka_msgq_wakeup_t {
    /// From this time on each enqueue wakes.
    pub abstime: i64,
    /// This many messages wake.
    pub msg_cnt: i32,
    /// More than this many bytes wake.
    pub msg_bytes: i64,
    /// The first message wakes.
    pub on_first: bool,
    /// The thread is awake or was woken.
    pub signalled: bool,
}

/// A queue of messages.
#[repr(C)]
pub struct rd_kafka_msgq_t {
    /// The list.
    pub rkmq_msgs: rd_kafka_msgs_head_s,
    /// How many.
    pub rkmq_msg_cnt: i32,
    /// Sum of value and key lengths.
    pub rkmq_msg_bytes: i64,
    /// Wake-up conditions.
    pub rkmq_wakeup: rd_kafka_msgq_wakeup_t,
}

layout! { rd_kafka_msgq_t: size 64, align 8;
rkmq_msgs @ 0, rkmq_msg_cnt @ 16, rkmq_msg_bytes @ 24, rkmq_wakeup @ 32 }

/// The library frees the payload.
pub const MSG_F_FREE: c_int = 0x1;
/// The library copies the payload.
pub const MSG_F_COPY: c_int = 0x2;
/// Wait when the queue is full.
pub const MSG_F_BLOCK: c_int = 0x4;
/// `produce_batch`: each message has its own partition.
pub const MSG_F_PARTITION: c_int = 0x8;
/// Internal: the block itself is freed.
pub const MSG_F_FREE_RKM: c_int = 0x10000;
/// Internal: counted in the instance's account.
pub const MSG_F_ACCOUNT: c_int = 0x20000;
/// Internal: a producer's message.
pub const MSG_F_PRODUCER: c_int = 0x40000;
