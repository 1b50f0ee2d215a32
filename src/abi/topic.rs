//! The historical topic. Its public name is the opaque `rd_kafka_topic_t`.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int};

use super::internal_codes::rd_kafka_topic_state_t;
use super::layout::layout;
use super::public::{opaque, rd_kafka_resp_err_t, rd_kafka_t};
use super::rd::*;
use super::sysqueue::{TailqEntry, TailqHead};
use super::toppar::rd_kafka_toppar_t;

opaque! {
    /// Numbers of a partition that is gone; not used.
    rd_kafka_partition_msgid_t;
}

/// A topic.
#[repr(C)]
pub struct rd_kafka_topic_s {
    /// The mark.
    pub rkt_magic: [c_char; 4],
    /// Behind history's mark.
    pub rkt_reserved_4: [c_char; 4],
    /// Its place among the instance's topics.
    pub rkt_link: TailqEntry<rd_kafka_topic_s>,
    /// References.
    pub rkt_refcnt: rd_refcnt_t,
    /// Protects the topic.
    pub rkt_lock: rwlock_t,
    /// Name.
    pub rkt_topic: *mut rd_kafkap_str_t,
    /// Topic id.
    pub rkt_topic_id: [u64; 5],
    /// The partition of messages that have none yet.
    pub rkt_ua: *mut rd_kafka_toppar_t,
    /// The partitions, by number.
    pub rkt_p: *mut *mut rd_kafka_toppar_t,
    /// How many.
    pub rkt_partition_cnt: i32,
    /// The sticky partition; -1 for none.
    pub rkt_sticky_partition: i32,
    /// Until when it stays.
    pub rkt_sticky_intvl: rd_interval_t,
    /// Partitions that the application wants and the cluster does not have.
    pub rkt_desp: rd_list_t,
    /// When those are asked for again.
    pub rkt_desp_refresh_intvl: rd_interval_t,
    /// When the object was made.
    pub rkt_ts_create: rd_ts_t,
    /// When metadata arrived last.
    pub rkt_ts_metadata: rd_ts_t,
    /// References of the application.
    pub rkt_app_refcnt: rd_refcnt_t,
    /// State.
    pub rkt_state: rd_kafka_topic_state_t,
    /// When it changed.
    pub rkt_ts_state: rd_ts_t,
    /// `RD_KAFKA_TOPIC_F_...`.
    pub rkt_flags: c_int,
    /// The cluster's error.
    pub rkt_err: rd_kafka_resp_err_t,
    /// The instance.
    pub rkt_rk: *mut rd_kafka_t,
    /// Bytes of message sets.
    pub rkt_avg_batchsize: rd_avg_t,
    /// Messages in them.
    pub rkt_avg_batchcnt: rd_avg_t,
    /// History's configuration; not used.
    pub rkt_conf: [u64; 46],
    /// Numbers of partitions that are gone; not used.
    pub rkt_saved_partmsgids: TailqHead<rd_kafka_partition_msgid_t>,
}

layout! { rd_kafka_topic_s: size 1048, align 8;
rkt_magic @ 0, rkt_link @ 8, rkt_refcnt @ 24, rkt_lock @ 32, rkt_topic @ 88, rkt_topic_id @ 96,
rkt_ua @ 136, rkt_p @ 144, rkt_partition_cnt @ 152, rkt_sticky_partition @ 156,
rkt_sticky_intvl @ 160, rkt_desp @ 184, rkt_desp_refresh_intvl @ 224, rkt_ts_create @ 248,
rkt_ts_metadata @ 256, rkt_app_refcnt @ 264, rkt_state @ 268, rkt_ts_state @ 272, rkt_flags @ 280,
rkt_err @ 284, rkt_rk @ 288, rkt_avg_batchsize @ 296, rkt_avg_batchcnt @ 480, rkt_conf @ 664,
rkt_saved_partmsgids @ 1032 }
