//! The historical message and message queue.
#![forbid(unsafe_code)]

use std::ffi::{c_char, c_int};

use super::layout::layout;
use super::public::*;
use super::rd::{rd_bool_t, rd_ts_t};
use super::sysqueue::{TailqEntry, TailqHead};

/// What only produced messages have.
#[repr(C)]
pub struct rd_kafka_msg_producer_t {
    /// When the message expires; `i64::MAX` for never.
    pub ts_timeout: rd_ts_t,
    /// When the produce call took it.
    pub ts_enq: rd_ts_t,
    /// Not before this time is it sent again.
    pub ts_backoff: rd_ts_t,
    /// Number within its partition, from 1; 0 before it has one.
    pub msgid: u64,
    /// Last message id of the batch that this message began when it was sent first (idempotence).
    pub last_msgid: u64,
    /// How often it was sent again.
    pub retries: c_int,
    /// The broker's text; owned by the message.
    pub errstr: *const c_char,
}

/// What depends on the kind of message; ours are produced ones.
#[repr(C)]
pub struct rd_kafka_msg_u_t {
    /// A produced message's.
    pub producer: rd_kafka_msg_producer_t,
}

/// A message.
#[repr(C)]
pub struct rd_kafka_msg_t {
    /// The public part, at offset 0.
    pub rkm_rkmessage: rd_kafka_message_t,
    /// The link in a queue.
    pub rkm_link: TailqEntry<rd_kafka_msg_t>,
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
    pub rkm_u: rd_kafka_msg_u_t,
}

layout! { rd_kafka_msg_t: size 176, align 8;
rkm_rkmessage @ 0, rkm_link @ 72, rkm_flags @ 88, rkm_tstype @ 92, rkm_timestamp @ 96, rkm_headers @ 104,
rkm_status @ 112, rkm_broker_id @ 116, rkm_u @ 120, rkm_u.producer.ts_timeout @ 120,
rkm_u.producer.ts_enq @ 128, rkm_u.producer.ts_backoff @ 136, rkm_u.producer.msgid @ 144,
rkm_u.producer.last_msgid @ 152, rkm_u.producer.retries @ 160, rkm_u.producer.errstr @ 168 }
layout! { rd_kafka_msg_producer_t: size 56, align 8;
ts_timeout @ 0, ts_enq @ 8, ts_backoff @ 16, msgid @ 24, last_msgid @ 32, retries @ 40, errstr @ 48 }

/// When the application's enqueue wakes the broker thread.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct rd_kafka_msgq_wakeup_t {
    /// From this time on each enqueue wakes.
    pub abstime: rd_ts_t,
    /// This many messages wake.
    pub msg_cnt: i32,
    /// More than this many bytes wake.
    pub msg_bytes: i64,
    /// The first message wakes.
    pub on_first: rd_bool_t,
    /// The thread is awake or was woken.
    pub signalled: rd_bool_t,
}

/// A queue of messages.
#[repr(C)]
pub struct rd_kafka_msgq_t {
    /// The list.
    pub rkmq_msgs: TailqHead<rd_kafka_msg_t>,
    /// How many.
    pub rkmq_msg_cnt: i32,
    /// Sum of value and key lengths.
    pub rkmq_msg_bytes: i64,
    /// Wake-up conditions.
    pub rkmq_wakeup: rd_kafka_msgq_wakeup_t,
}

layout! { rd_kafka_msgq_t: size 64, align 8;
rkmq_msgs @ 0, rkmq_msg_cnt @ 16, rkmq_msg_bytes @ 24, rkmq_wakeup @ 32, rkmq_wakeup.abstime @ 32,
rkmq_wakeup.msg_cnt @ 40, rkmq_wakeup.msg_bytes @ 48, rkmq_wakeup.on_first @ 56,
rkmq_wakeup.signalled @ 57 }

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
