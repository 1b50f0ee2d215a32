//! The historical state of a message set while it is written.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::c_int;

use super::broker::rd_kafka_broker_t;
use super::buf::rd_kafka_buf_t;
use super::internal_codes::rd_kafka_compression_t;
use super::layout::layout;
use super::msg::rd_kafka_msgq_t;
use super::msgbatch::rd_kafka_msgbatch_t;
use super::rd::rd_kafka_pid_t;
use super::toppar::rd_kafka_toppar_t;

/// The first message of a message set.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_msgset_writer_firstmsg_t {
    /// Where it stands in the buffer.
    pub of: usize,
    /// Its timestamp.
    pub timestamp: i64,
}

/// A message set that is being written.
#[repr(C)]
pub struct rd_kafka_msgset_writer_t {
    /// The request, owned until it is finished.
    pub msetw_rkbuf: *mut rd_kafka_buf_t,
    /// Version of the request.
    pub msetw_ApiVersion: i16,
    /// Version of the messages: 0, 1 or 2.
    pub msetw_MsgVersion: c_int,
    /// Features of the broker that are needed.
    pub msetw_features: c_int,
    /// How it is compressed.
    pub msetw_compression: rd_kafka_compression_t,
    /// The most messages.
    pub msetw_msgcntmax: c_int,
    /// Bytes of messages written.
    pub msetw_messages_len: usize,
    /// Bytes of keys and values in them.
    pub msetw_messages_kvlen: usize,
    /// Bytes of the message set.
    pub msetw_MessageSetSize: usize,
    /// Where that number stands in the buffer.
    pub msetw_of_MessageSetSize: usize,
    /// Where the message set begins.
    pub msetw_of_start: usize,
    /// Are offsets relative to the first message's?
    pub msetw_relative_offsets: c_int,
    /// Attributes of the batch.
    pub msetw_Attributes: c_int,
    /// The latest timestamp.
    pub msetw_MaxTimestamp: i64,
    /// Where the checksum stands in the buffer.
    pub msetw_of_CRC: usize,
    /// The batch.
    pub msetw_batch: *mut rd_kafka_msgbatch_t,
    /// The first message.
    pub msetw_firstmsg: rd_kafka_msgset_writer_firstmsg_t,
    /// Producer id and epoch.
    pub msetw_pid: rd_kafka_pid_t,
    /// The broker.
    pub msetw_rkb: *mut rd_kafka_broker_t,
    /// The partition.
    pub msetw_rktp: *mut rd_kafka_toppar_t,
    /// Where the messages come from.
    pub msetw_msgq: *mut rd_kafka_msgq_t,
}

layout! { rd_kafka_msgset_writer_t: size 160, align 8;
msetw_rkbuf @ 0, msetw_ApiVersion @ 8, msetw_MsgVersion @ 12, msetw_features @ 16,
msetw_compression @ 20, msetw_msgcntmax @ 24, msetw_messages_len @ 32, msetw_messages_kvlen @ 40,
msetw_MessageSetSize @ 48, msetw_of_MessageSetSize @ 56, msetw_of_start @ 64,
msetw_relative_offsets @ 72, msetw_Attributes @ 76, msetw_MaxTimestamp @ 80, msetw_of_CRC @ 88,
msetw_batch @ 96, msetw_firstmsg @ 104, msetw_firstmsg.of @ 104, msetw_firstmsg.timestamp @ 112,
msetw_pid @ 120, msetw_rkb @ 136, msetw_rktp @ 144, msetw_msgq @ 152 }
