//! The rest: not available in this version of the library; each function answers with its documented failure.

use std::ffi::{c_char, c_int};

use super::absent::{NOT_IMPLEMENTED, absent, failure, nothing};
use super::types::*;
use crate::abi::public::*;

#[rustfmt::skip]
absent! {
    fn rd_kafka_memberid(rk: *const rd_kafka_t) -> *mut c_char = nothing();
    fn rd_kafka_dump(fp: *mut libc::FILE, rk: *mut rd_kafka_t) = ();
    fn rd_kafka_unittest() -> c_int = failure();
    fn rd_kafka_poll_set_consumer(rk: *mut rd_kafka_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_mock_telemetry_set_requested_metrics(mcluster: *mut rd_kafka_mock_cluster_t, metrics: *mut *mut c_char, metrics_cnt: usize) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_mock_telemetry_set_push_interval(mcluster: *mut rd_kafka_mock_cluster_t, push_interval_ms: i64) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_mock_cgrp_consumer_target_assignment_new(member_ids: *mut *mut c_char, member_cnt: c_int, assignment: *mut *mut rd_kafka_topic_partition_list_t) -> *mut rd_kafka_mock_cgrp_consumer_target_assignment_t = nothing();
    fn rd_kafka_mock_cgrp_consumer_target_assignment_destroy(target_assignment: *mut rd_kafka_mock_cgrp_consumer_target_assignment_t) = ();
    fn rd_kafka_mock_cgrp_consumer_target_assignment(mcluster: *mut rd_kafka_mock_cluster_t, group_id: *const c_char, target_assignment: *mut rd_kafka_mock_cgrp_consumer_target_assignment_t) = ();
    fn rd_kafka_mock_set_group_consumer_session_timeout_ms(mcluster: *mut rd_kafka_mock_cluster_t, group_consumer_session_timeout_ms: c_int) = ();
    fn rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(mcluster: *mut rd_kafka_mock_cluster_t, group_consumer_heartbeat_interval_ms: c_int) = ();
    fn rd_kafka_event_stats_typed(rkev: *mut rd_kafka_event_t) -> *const rd_kafka_stats_t = nothing();
    fn rd_kafka_mock_sharegroup_set_session_timeout(mcluster: *mut rd_kafka_mock_cluster_t, session_timeout_ms: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_heartbeat_interval(mcluster: *mut rd_kafka_mock_cluster_t, heartbeat_interval_ms: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_max_delivery_attempts(mcluster: *mut rd_kafka_mock_cluster_t, max_attempts: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_record_lock_duration(mcluster: *mut rd_kafka_mock_cluster_t, lock_duration_ms: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_isolation_level(mcluster: *mut rd_kafka_mock_cluster_t, level: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_max_size(mcluster: *mut rd_kafka_mock_cluster_t, max_size: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_max_fetch_sessions(mcluster: *mut rd_kafka_mock_cluster_t, max_fetch_sessions: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_max_record_locks(mcluster: *mut rd_kafka_mock_cluster_t, max_record_locks: c_int) = ();
    fn rd_kafka_mock_sharegroup_set_auto_offset_reset(mcluster: *mut rd_kafka_mock_cluster_t, auto_offset_reset: c_int) = ();
    fn rd_kafka_mock_sharegroup_target_assignment(mcluster: *mut rd_kafka_mock_cluster_t, group_id: *const c_char, member_ids: *mut *const c_char, assignments: *mut *mut rd_kafka_topic_partition_list_t, member_cnt: usize) = ();
    fn rd_kafka_mock_sharegroup_get_member_ids(mcluster: *mut rd_kafka_mock_cluster_t, group_id: *const c_char, member_ids_out: *mut *mut *mut c_char, member_cnt_out: *mut usize) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
}
