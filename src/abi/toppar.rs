//! The historical partition.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void};

use super::broker::{rd_kafka_broker_t, rd_kafka_cgrp_t};
use super::buf::{rd_kafka_q_t, rd_kafka_replyq_t};
use super::layout::layout;
use super::msg::rd_kafka_msgq_t;
use super::producer_v2::rd_kafka_toppar_producer_v2_t;
use super::public::{rd_kafka_resp_err_t, rd_kafka_topic_t};
use super::rd::*;
use super::sysqueue::{CircleqEntry, TailqEntry};

/// A position in the log.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_fetch_pos_t {
    /// Offset.
    pub offset: i64,
    /// Leader epoch, -1 if not known.
    pub leader_epoch: i32,
    /// Was the epoch looked at?
    pub validated: rd_bool_t,
}

layout! { rd_kafka_fetch_pos_t: size 16, align 8; offset @ 0, leader_epoch @ 8, validated @ 12 }

/// A consumer's offsets.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct offset_stats {
    /// The next one to fetch.
    pub fetch_pos: rd_kafka_fetch_pos_t,
    /// The end that was reported last.
    pub eof_offset: i64,
}

layout! { offset_stats: size 24, align 8; fetch_pos @ 0, eof_offset @ 16 }

/// Idempotence of a partition.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_toppar_eos_t {
    /// The producer id and epoch of its sequence numbers.
    pub pid: rd_kafka_pid_t,
    /// Number of the highest message that was acknowledged.
    pub acked_msgid: u64,
    /// The number that has sequence number 0.
    pub epoch_base_msgid: u64,
    /// The sequence number that is acknowledged next.
    pub next_ack_seq: i32,
    /// The sequence number that may fail next.
    pub next_err_seq: i32,
    /// Nothing is sent before the answers of all that is in flight are there.
    pub wait_drain: rd_bool_t,
}

/// A partition's last produce error.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_toppar_err {
    /// The error.
    pub err: rd_kafka_resp_err_t,
    /// `RD_KAFKA_ERR_ACTION_...`.
    pub actions: c_int,
    /// When.
    pub ts: rd_ts_t,
    /// Number of the batch's first message.
    pub base_msgid: u64,
    /// Sequence number of the batch's first message.
    pub base_seq: i32,
    /// Sequence number of its last message.
    pub last_seq: i32,
}

/// Counters of a partition.
#[repr(C)]
pub struct rd_kafka_toppar_counters_t {
    /// Messages put into requests.
    pub tx_msgs: rd_atomic64_t,
    /// Their key and value bytes.
    pub tx_msg_bytes: rd_atomic64_t,
    /// A consumer's.
    pub rx_msgs: rd_atomic64_t,
    /// A consumer's.
    pub rx_msg_bytes: rd_atomic64_t,
    /// Messages that the application produced.
    pub producer_enq_msgs: rd_atomic64_t,
    /// A consumer's.
    pub rx_ver_drops: rd_atomic64_t,
}

/// A partition of a topic.
#[repr(C)]
pub struct rd_kafka_toppar_t {
    /// Its place among all partitions; not used.
    pub rktp_rklink: TailqEntry<rd_kafka_toppar_t>,
    /// Its place among its broker's partitions.
    pub rktp_rkblink: TailqEntry<rd_kafka_toppar_t>,
    /// Its place among those that are served.
    pub rktp_activelink: CircleqEntry<rd_kafka_toppar_t>,
    /// Its place among its topic's; not used.
    pub rktp_rktlink: TailqEntry<rd_kafka_toppar_t>,
    /// A consumer's.
    pub rktp_cgrplink: TailqEntry<rd_kafka_toppar_t>,
    /// Its place in the transaction.
    pub rktp_txnlink: TailqEntry<rd_kafka_toppar_t>,
    /// The topic.
    pub rktp_rkt: *mut rd_kafka_topic_t,
    /// Partition number.
    pub rktp_partition: i32,
    /// Node id of the leader; -1 if none.
    pub rktp_leader_id: i32,
    /// Node id of the broker whose thread serves it; -1 if none does.
    pub rktp_broker_id: i32,
    /// The leader, one reference; NULL if none.
    pub rktp_leader: *mut rd_kafka_broker_t,
    /// The broker whose thread serves it, one reference; NULL if none.
    pub rktp_broker: *mut rd_kafka_broker_t,
    /// The broker that shall serve it next, one reference; NULL if none.
    pub rktp_next_broker: *mut rd_kafka_broker_t,
    /// References.
    pub rktp_refcnt: rd_refcnt_t,
    /// Protects the partition.
    pub rktp_lock: mtx_t,
    /// The queue of the broker thread that is woken for it.
    pub rktp_msgq_wakeup_q: *mut rd_kafka_q_t,
    /// Messages of the application.
    pub rktp_msgq: rd_kafka_msgq_t,
    /// Messages that the broker thread took; only that thread uses it.
    pub rktp_xmit_msgq: rd_kafka_msgq_t,
    /// Is it fetched?
    pub rktp_fetch: c_int,
    /// Messages fetched.
    pub rktp_fetchq: *mut rd_kafka_q_t,
    /// Operations for the partition.
    pub rktp_ops: *mut rd_kafka_q_t,
    /// Messages in flight.
    pub rktp_msgs_inflight: rd_atomic32_t,
    /// The number of the newest message.
    pub rktp_msgid: u64,
    /// Idempotence.
    pub rktp_eos: rd_kafka_toppar_eos_t,
    /// Version of operations that still count.
    pub rktp_version: rd_atomic32_t,
    /// A consumer's.
    pub rktp_op_version: i32,
    /// A consumer's.
    pub rktp_fetch_version: i32,
    /// A consumer's.
    pub rktp_fetch_state: c_int,
    /// Leader epoch, -1 if not known.
    pub rktp_leader_epoch: i32,
    /// A consumer's.
    pub rktp_fetch_msg_max_bytes: i32,
    /// A consumer's.
    pub rktp_ts_fetch_backoff: rd_ts_t,
    /// A consumer's.
    pub rktp_query_pos: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_next_fetch_start: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_last_next_fetch_start: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_offset_validation_pos: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_app_pos: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_stored_pos: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_stored_metadata: *mut c_void,
    /// A consumer's.
    pub rktp_stored_metadata_size: usize,
    /// A consumer's.
    pub rktp_committing_pos: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_committed_pos: rd_kafka_fetch_pos_t,
    /// A consumer's.
    pub rktp_ts_committed_offset: rd_ts_t,
    /// A consumer's.
    pub rktp_offsets: offset_stats,
    /// A consumer's.
    pub rktp_offsets_fin: offset_stats,
    /// A consumer's.
    pub rktp_ls_offset: i64,
    /// A consumer's.
    pub rktp_hi_offset: i64,
    /// A consumer's.
    pub rktp_lo_offset: i64,
    /// A consumer's.
    pub rktp_ts_offset_lag: rd_ts_t,
    /// A consumer's.
    pub rktp_offset_path: *mut c_char,
    /// A consumer's.
    pub rktp_offset_fp: *mut c_void,
    /// A consumer's.
    pub rktp_last_error: rd_kafka_resp_err_t,
    /// A consumer's.
    pub rktp_cgrp: *mut rd_kafka_cgrp_t,
    /// A consumer's.
    pub rktp_started: rd_bool_t,
    /// A consumer's.
    pub rktp_replyq: rd_kafka_replyq_t,
    /// `RD_KAFKA_TOPPAR_F_...`.
    pub rktp_flags: c_int,
    /// A consumer's.
    pub rktp_offset_query_tmr: rd_kafka_timer_t,
    /// A consumer's.
    pub rktp_offset_commit_tmr: rd_kafka_timer_t,
    /// A consumer's.
    pub rktp_offset_sync_tmr: rd_kafka_timer_t,
    /// A consumer's.
    pub rktp_consumer_lag_tmr: rd_kafka_timer_t,
    /// A consumer's.
    pub rktp_validate_tmr: rd_kafka_timer_t,
    /// A consumer's.
    pub rktp_lease_intvl: rd_interval_t,
    /// A consumer's.
    pub rktp_new_lease_intvl: rd_interval_t,
    /// A consumer's.
    pub rktp_new_lease_log_intvl: rd_interval_t,
    /// A consumer's.
    pub rktp_metadata_intvl: rd_interval_t,
    /// A consumer's.
    pub rktp_wait_consumer_lag_resp: c_int,
    /// The last produce error.
    pub rktp_last_err: rd_kafka_toppar_err,
    /// Counters.
    pub rktp_c: rd_kafka_toppar_counters_t,
    /// What engine `v2` keeps of it; NULL with another engine.
    pub rktp_producer_v2: *mut rd_kafka_toppar_producer_v2_t,
}

// History ends at 1208.
layout! { rd_kafka_toppar_t: size 1216, align 8;
rktp_rklink @ 0, rktp_rkblink @ 16, rktp_activelink @ 32, rktp_rktlink @ 48, rktp_cgrplink @ 64,
rktp_txnlink @ 80, rktp_rkt @ 96, rktp_partition @ 104, rktp_leader_id @ 108, rktp_broker_id @ 112,
rktp_leader @ 120, rktp_broker @ 128, rktp_next_broker @ 136, rktp_refcnt @ 144, rktp_lock @ 152,
rktp_msgq_wakeup_q @ 192, rktp_msgq @ 200, rktp_xmit_msgq @ 264, rktp_fetch @ 328,
rktp_fetchq @ 336, rktp_ops @ 344, rktp_msgs_inflight @ 352, rktp_msgid @ 360, rktp_eos @ 368,
rktp_eos.pid @ 368, rktp_eos.acked_msgid @ 384, rktp_eos.epoch_base_msgid @ 392,
rktp_eos.next_ack_seq @ 400, rktp_eos.next_err_seq @ 404, rktp_eos.wait_drain @ 408,
rktp_version @ 416, rktp_op_version @ 420, rktp_fetch_version @ 424, rktp_fetch_state @ 428,
rktp_leader_epoch @ 432, rktp_fetch_msg_max_bytes @ 436, rktp_ts_fetch_backoff @ 440,
rktp_query_pos @ 448, rktp_next_fetch_start @ 464, rktp_last_next_fetch_start @ 480,
rktp_offset_validation_pos @ 496, rktp_app_pos @ 512, rktp_stored_pos @ 528,
rktp_stored_metadata @ 544, rktp_stored_metadata_size @ 552, rktp_committing_pos @ 560,
rktp_committed_pos @ 576, rktp_ts_committed_offset @ 592, rktp_offsets @ 600,
rktp_offsets_fin @ 624, rktp_ls_offset @ 648, rktp_hi_offset @ 656, rktp_lo_offset @ 664,
rktp_ts_offset_lag @ 672, rktp_offset_path @ 680, rktp_offset_fp @ 688, rktp_last_error @ 696,
rktp_cgrp @ 704, rktp_started @ 712, rktp_replyq @ 720, rktp_flags @ 736,
rktp_offset_query_tmr @ 744, rktp_offset_commit_tmr @ 800, rktp_offset_sync_tmr @ 856,
rktp_consumer_lag_tmr @ 912, rktp_validate_tmr @ 968, rktp_lease_intvl @ 1024,
rktp_new_lease_intvl @ 1048, rktp_new_lease_log_intvl @ 1072, rktp_metadata_intvl @ 1096,
rktp_wait_consumer_lag_resp @ 1120, rktp_last_err @ 1128,
rktp_c @ 1160, rktp_c.tx_msgs @ 1160, rktp_c.tx_msg_bytes @ 1168, rktp_c.rx_msgs @ 1176,
rktp_c.rx_msg_bytes @ 1184, rktp_c.producer_enq_msgs @ 1192, rktp_c.rx_ver_drops @ 1200,
rktp_producer_v2 @ 1208 }
layout! { rd_kafka_toppar_eos_t: size 48, align 8; pid @ 0, wait_drain @ 40 }
layout! { rd_kafka_toppar_err: size 32, align 8;
err @ 0, actions @ 4, ts @ 8, base_msgid @ 16, base_seq @ 24, last_seq @ 28 }
