//! The historical result of a batch, and what is made of its error.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int};

use super::layout::layout;
use super::public::{rd_kafka_msg_status_t, rd_kafka_resp_err_t};
use super::rd::{rd_bool_t, rd_kafka_pid_t};

/// Why a record was rejected.
#[repr(C)]
pub struct rd_kafka_Produce_result_record_error_t {
    /// The record's place in the batch, from 0.
    pub batch_index: i64,
    /// The broker's text, owned; NULL if there is none.
    pub errstr: *mut c_char,
}

/// What the response says of a batch.
#[repr(C)]
pub struct rd_kafka_Produce_result_t {
    /// Offset of the first record.
    pub offset: i64,
    /// Time at which the broker appended the batch, milliseconds since the epoch; -1 if the
    /// messages keep their own.
    pub timestamp: i64,
    /// The broker's text, owned; NULL if there is none.
    pub errstr: *mut c_char,
    /// The rejected records, owned.
    pub record_errors: *mut rd_kafka_Produce_result_record_error_t,
    /// How many.
    pub record_errors_cnt: i32,
    /// The partition's error code.
    pub errorcode: rd_kafka_resp_err_t,
}

layout! { rd_kafka_Produce_result_record_error_t: size 16, align 8; batch_index @ 0, errstr @ 8 }
layout! { rd_kafka_Produce_result_t: size 40, align 8;
offset @ 0, timestamp @ 8, errstr @ 16, record_errors @ 24, record_errors_cnt @ 32, errorcode @ 36 }

/// What is made of a batch's error.
#[repr(C)]
pub struct rd_kafka_Produce_err {
    /// The error.
    pub err: rd_kafka_resp_err_t,
    /// `RD_KAFKA_ERR_ACTION_...`.
    pub actions: c_int,
    /// By how much the messages' count of retries rises.
    pub incr_retry: c_int,
    /// Are the messages in the log?
    pub status: rd_kafka_msg_status_t,
    /// The next sequence number that is expected to be acknowledged.
    pub next_ack_seq: i32,
    /// The next one that may fail.
    pub next_err_seq: i32,
    /// Is `next_ack_seq` the partition's from now on?
    pub update_next_ack: rd_bool_t,
    /// Is `next_err_seq` the partition's from now on?
    pub update_next_err: rd_bool_t,
    /// The partition's producer id.
    pub rktp_pid: rd_kafka_pid_t,
    /// Sequence number of the batch's last message.
    pub last_seq: i32,
}

layout! { rd_kafka_Produce_err: size 56, align 8;
err @ 0, actions @ 4, incr_retry @ 8, status @ 12, next_ack_seq @ 16, next_err_seq @ 20,
update_next_ack @ 24, update_next_err @ 25, rktp_pid @ 32, last_seq @ 48 }
