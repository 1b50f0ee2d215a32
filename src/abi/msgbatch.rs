//! The historical batch: messages of one partition that are in one request.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use super::layout::layout;
use super::msg::rd_kafka_msgq_t;
use super::rd::rd_kafka_pid_t;
use super::toppar::rd_kafka_toppar_t;

/// A batch.
#[repr(C)]
pub struct rd_kafka_msgbatch_t {
    /// The partition, one reference; NULL in a request that has a list of batches instead.
    pub rktp: *mut rd_kafka_toppar_t,
    /// The messages, owned.
    pub msgq: rd_kafka_msgq_t,
    /// The producer id and epoch with which it is sent.
    pub pid: rd_kafka_pid_t,
    /// Sequence number of the first message; -1 without idempotence.
    pub first_seq: i32,
    /// Number of the first message; 0 without idempotence.
    pub first_msgid: i64,
    /// The number that has sequence number 0.
    pub epoch_base_msgid: u64,
    /// Number of the last message, if the batch was sent before and must have the same messages.
    pub last_msgid: u64,
}

layout! { rd_kafka_msgbatch_t: size 120, align 8;
rktp @ 0, msgq @ 8, msgq.rkmq_msgs @ 8, msgq.rkmq_msg_cnt @ 24, msgq.rkmq_msg_bytes @ 32, pid @ 72,
first_seq @ 88, first_msgid @ 96, epoch_base_msgid @ 104, last_msgid @ 112 }
