//! The historical request or response buffer, and queues of them.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void};
use std::mem::ManuallyDrop;

use super::broker::rd_kafka_broker_t;
use super::internal_codes::rd_kafka_prio_t;
use super::layout::layout;
use super::msgbatch::rd_kafka_msgbatch_t;
use super::public::{opaque, rd_kafka_resp_err_t, rd_kafka_t};
use super::rd::*;
use super::sysqueue::{TailqEntry, TailqHead};

opaque! {
    /// An operation.
    rd_kafka_op_t;
    /// What tells a program of news.
    rd_kafka_q_io;
}

/// A queue of operations.
#[repr(C)]
pub struct rd_kafka_q_t {
    /// Protects the queue.
    pub rkq_lock: mtx_t,
    /// Tells of news.
    pub rkq_cond: cnd_t,
    /// The queue that it is forwarded to.
    pub rkq_fwdq: *mut rd_kafka_q_t,
    /// The operations.
    pub rkq_q: TailqHead<rd_kafka_op_t>,
    /// How many.
    pub rkq_qlen: c_int,
    /// Their bytes.
    pub rkq_qsize: i64,
    /// References.
    pub rkq_refcnt: c_int,
    /// `RD_KAFKA_Q_F_...`.
    pub rkq_flags: c_int,
    /// The instance.
    pub rkq_rk: *mut rd_kafka_t,
    /// Tells a program of news.
    pub rkq_qio: *mut rd_kafka_q_io,
    /// Serves operations; not used.
    pub rkq_serve: *mut c_void,
    /// What that function gets.
    pub rkq_opaque: *mut c_void,
    /// Its name.
    pub rkq_name: *const c_char,
}

layout! { rd_kafka_q_t: size 176, align 8;
rkq_lock @ 0, rkq_cond @ 40, rkq_fwdq @ 88, rkq_q @ 96, rkq_qlen @ 112, rkq_qsize @ 120,
rkq_refcnt @ 128, rkq_flags @ 132, rkq_rk @ 136, rkq_qio @ 144, rkq_serve @ 152, rkq_opaque @ 160,
rkq_name @ 168 }

/// Where an answer goes.
#[repr(C)]
pub struct rd_kafka_replyq_t {
    /// The queue, one reference; NULL for none.
    pub q: *mut rd_kafka_q_t,
    /// Answers of an older version are dropped.
    pub version: i32,
}

layout! { rd_kafka_replyq_t: size 16, align 8; q @ 0, version @ 8 }

/// Header of a request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafkap_reqhdr {
    /// Bytes that follow this field.
    pub Size: i32,
    /// Which request.
    pub ApiKey: i16,
    /// Its version.
    pub ApiVersion: i16,
    /// The response has the same.
    pub CorrId: i32,
}

/// Header of a response.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafkap_reshdr {
    /// Bytes that follow this field.
    pub Size: i32,
    /// Of the request.
    pub CorrId: i32,
}

layout! { rd_kafkap_reqhdr: size 12, align 4; Size @ 0, ApiKey @ 4, ApiVersion @ 6, CorrId @ 8 }
layout! { rd_kafkap_reshdr: size 8, align 4; Size @ 0, CorrId @ 4 }

/// Called with the answer, or with the error instead of one.
pub type rd_kafka_resp_cb_t = unsafe extern "C-unwind" fn(
    rk: *mut rd_kafka_t,
    rkb: *mut rd_kafka_broker_t,
    err: rd_kafka_resp_err_t,
    reply: *mut rd_kafka_buf_t,
    request: *mut rd_kafka_buf_t,
    opaque: *mut c_void,
);
/// Writes a request when its broker's versions are known.
pub type rd_kafka_make_req_cb_t = unsafe extern "C-unwind" fn(
    rkb: *mut rd_kafka_broker_t,
    rkbuf: *mut rd_kafka_buf_t,
    make_opaque: *mut c_void,
) -> rd_kafka_resp_err_t;

/// A metadata request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_buf_metadata_t {
    /// Names of the topics.
    pub topics: *mut rd_list_t,
    /// Ids of the topics.
    pub topic_ids: *mut rd_list_t,
    /// Why it is sent.
    pub reason: *mut c_char,
    /// Does it ask for all topics?
    pub all_topics: rd_bool_t,
    /// Does it update the consumer group?
    pub cgrp_update: rd_bool_t,
    /// The group's subscription.
    pub cgrp_subscription_version: i32,
    /// Are racks wanted?
    pub force_racks: rd_bool_t,
    /// Counted down with the request's end.
    pub decr: *mut c_int,
    /// Protects that counter.
    pub decr_lock: *mut mtx_t,
}

/// A produce request of the legacy engine: one batch, or a list of batches.
#[repr(C)]
pub struct rd_kafka_buf_produce_t {
    /// The batch of a request with one; all zero in one with a list.
    pub batch: rd_kafka_msgbatch_t,
    /// The batches, `rd_kafka_msgbatch_t *`; empty in a request with one.
    pub batch_list: rd_list_t,
    /// Where the length of the one batch's records stands.
    pub batch_start_pos: usize,
    /// Where that batch ends.
    pub batch_end_pos: usize,
}

/// A produce request of the engine `v2`: batches of many partitions, which stay the engine's.
#[repr(C)]
pub struct rd_kafka_buf_produce_v2_t {
    /// What all batches have together: numbers of messages and bytes, no partition and no message.
    pub batch: rd_kafka_msgbatch_t,
    /// The batches; see `rd_kafka_produce_req_toppar_v2`.
    pub slots: *const c_void,
    /// How many.
    pub slot_cnt: usize,
}

/// The end of a transaction.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_buf_end_txn_t {
    /// Commit, or abort?
    pub commit: rd_bool_t,
}

/// What only some requests have. `rkbuf_reqhdr.ApiKey` says which is valid, and for produce
/// requests `rkbuf_produce_engine`.
#[repr(C)]
pub union rd_kafka_buf_u_t {
    /// Metadata.
    pub Metadata: rd_kafka_buf_metadata_t,
    /// Produce, engine `legacy`.
    pub Produce: ManuallyDrop<rd_kafka_buf_produce_t>,
    /// Produce, engine `v2`.
    pub ProduceV2: ManuallyDrop<rd_kafka_buf_produce_v2_t>,
    /// EndTxn.
    pub EndTxn: rd_kafka_buf_end_txn_t,
}

/// A request or a response.
#[repr(C)]
pub struct rd_kafka_buf_t {
    /// Its place in a queue.
    pub rkbuf_link: TailqEntry<rd_kafka_buf_t>,
    /// Correlation id.
    pub rkbuf_corrid: i32,
    /// When it is sent again.
    pub rkbuf_ts_retry: rd_ts_t,
    /// `RD_KAFKA_OP_F_...`.
    pub rkbuf_flags: c_int,
    /// Priority.
    pub rkbuf_prio: rd_kafka_prio_t,
    /// The bytes.
    pub rkbuf_buf: rd_buf_t,
    /// Reads them.
    pub rkbuf_reader: rd_slice_t,
    /// The connection on which a part was sent.
    pub rkbuf_connid: c_int,
    /// Bytes to receive.
    pub rkbuf_totlen: usize,
    /// The checksum that is being computed.
    pub rkbuf_crc: rd_crc32_t,
    /// Header of the request.
    pub rkbuf_reqhdr: rd_kafkap_reqhdr,
    /// Header of the response.
    pub rkbuf_reshdr: rd_kafkap_reshdr,
    /// Expected size of the response.
    pub rkbuf_expected_size: i32,
    /// Where the answer goes.
    pub rkbuf_replyq: rd_kafka_replyq_t,
    /// Where it went before the request was sent again.
    pub rkbuf_orig_replyq: rd_kafka_replyq_t,
    /// Takes the answer.
    pub rkbuf_cb: Option<rd_kafka_resp_cb_t>,
    /// The response, owned.
    pub rkbuf_response: *mut rd_kafka_buf_t,
    /// Writes the request.
    pub rkbuf_make_req_cb: Option<rd_kafka_make_req_cb_t>,
    /// What that function gets.
    pub rkbuf_make_opaque: *mut c_void,
    /// Frees it.
    pub rkbuf_free_make_opaque_cb: Option<unsafe extern "C" fn(make_opaque: *mut c_void)>,
    /// The broker, one reference; NULL if none.
    pub rkbuf_rkb: *mut rd_kafka_broker_t,
    /// References.
    pub rkbuf_refcnt: rd_refcnt_t,
    /// What `rkbuf_cb` gets.
    pub rkbuf_opaque: *mut c_void,
    /// How often it may be sent again.
    pub rkbuf_max_retries: c_int,
    /// How often it was.
    pub rkbuf_retries: c_int,
    /// Features that the broker must have.
    pub rkbuf_features: c_int,
    /// When it came into the output queue.
    pub rkbuf_ts_enq: rd_ts_t,
    /// When it was sent; once the answer is there, how long that took.
    pub rkbuf_ts_sent: rd_ts_t,
    /// When it fails.
    pub rkbuf_ts_timeout: rd_ts_t,
    /// The latest such time, whatever is tried; 0 for none.
    pub rkbuf_abs_timeout: rd_ts_t,
    /// Time for one try, milliseconds; 0 if `rkbuf_abs_timeout` holds.
    pub rkbuf_rel_timeout: c_int,
    /// Keep a timeout that is longer than the configuration allows?
    pub rkbuf_force_timeout: rd_bool_t,
    /// An offset of the request.
    pub rkbuf_offset: i64,
    /// Partitions and their versions.
    pub rkbuf_rktp_vers: *mut rd_list_t,
    /// Error while it is read.
    pub rkbuf_err: rd_kafka_resp_err_t,
    /// What only some requests have.
    pub rkbuf_u: rd_kafka_buf_u_t,
    /// What a response that is too short may mean.
    pub rkbuf_uflow_mitigation: *const c_char,
    /// Which engine's part of `rkbuf_u` is valid: `RD_KAFKA_PRODUCE_...`.
    pub rkbuf_produce_engine: c_int,
}

// History ends at 568.
layout! { rd_kafka_buf_t: size 576, align 8;
rkbuf_link @ 0, rkbuf_link.tqe_next @ 0, rkbuf_link.tqe_prev @ 8, rkbuf_corrid @ 16,
rkbuf_ts_retry @ 24, rkbuf_flags @ 32, rkbuf_prio @ 36, rkbuf_buf @ 40, rkbuf_reader @ 120,
rkbuf_connid @ 160, rkbuf_totlen @ 168, rkbuf_crc @ 176, rkbuf_reqhdr @ 180, rkbuf_reshdr @ 192,
rkbuf_expected_size @ 200, rkbuf_replyq @ 208, rkbuf_orig_replyq @ 224, rkbuf_cb @ 240,
rkbuf_response @ 248, rkbuf_make_req_cb @ 256, rkbuf_make_opaque @ 264,
rkbuf_free_make_opaque_cb @ 272, rkbuf_rkb @ 280, rkbuf_refcnt @ 288, rkbuf_opaque @ 296,
rkbuf_max_retries @ 304, rkbuf_retries @ 308, rkbuf_features @ 312, rkbuf_ts_enq @ 320,
rkbuf_ts_sent @ 328, rkbuf_ts_timeout @ 336, rkbuf_abs_timeout @ 344, rkbuf_rel_timeout @ 352,
rkbuf_force_timeout @ 356, rkbuf_offset @ 360, rkbuf_rktp_vers @ 368, rkbuf_err @ 376, rkbuf_u @ 384,
rkbuf_u.Metadata @ 384, rkbuf_u.Metadata.topics @ 384, rkbuf_u.Metadata.topic_ids @ 392,
rkbuf_u.Metadata.reason @ 400, rkbuf_u.Metadata.decr @ 424, rkbuf_u.Metadata.decr_lock @ 432,
rkbuf_u.Produce @ 384, rkbuf_u.ProduceV2 @ 384, rkbuf_u.EndTxn @ 384, rkbuf_u.EndTxn.commit @ 384,
rkbuf_uflow_mitigation @ 560, rkbuf_produce_engine @ 568 }
layout! { rd_kafka_buf_u_t: size 176, align 8; Metadata @ 0, Produce @ 0, ProduceV2 @ 0, EndTxn @ 0 }
layout! { rd_kafka_buf_metadata_t: size 56, align 8;
topics @ 0, topic_ids @ 8, reason @ 16, all_topics @ 24, cgrp_update @ 25,
cgrp_subscription_version @ 28, force_racks @ 32, decr @ 40, decr_lock @ 48 }
layout! { rd_kafka_buf_produce_t: size 176, align 8;
batch @ 0, batch_list @ 120, batch_list.rl_cnt @ 124, batch_start_pos @ 160, batch_end_pos @ 168 }
layout! { rd_kafka_buf_produce_v2_t: size 136, align 8; batch @ 0, slots @ 120, slot_cnt @ 128 }
layout! { rd_kafka_buf_end_txn_t: size 1, align 1; commit @ 0 }

/// A queue of requests.
#[repr(C)]
pub struct rd_kafka_bufq_t {
    /// The requests.
    pub rkbq_bufs: TailqHead<rd_kafka_buf_t>,
    /// How many.
    pub rkbq_cnt: rd_atomic32_t,
    /// Messages in them; those of a list of batches do not count.
    pub rkbq_msg_cnt: rd_atomic32_t,
}

layout! { rd_kafka_bufq_t: size 24, align 8; rkbq_bufs @ 0, rkbq_cnt @ 16, rkbq_msg_cnt @ 20 }
