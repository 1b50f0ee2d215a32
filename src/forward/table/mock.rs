//! The mock cluster's functions for consumers.

use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

use crate::abi::handles::rd_kafka_mock_cgrp_consumer_target_assignment_t;
use crate::abi::public::{
    rd_kafka_mock_cluster_t, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t,
};
use crate::forward::absent::{code, code_and_null};
use crate::forward::call::forward;

forward! {
    /// Metrics that the cluster asks clients for.
    fn rd_kafka_mock_telemetry_set_requested_metrics(
        mcluster: *mut rd_kafka_mock_cluster_t, metrics: *mut *mut c_char, metrics_cnt: usize,
    ) -> rd_kafka_resp_err_t = code(), Native;

    /// How often clients shall push metrics, milliseconds.
    fn rd_kafka_mock_telemetry_set_push_interval(
        mcluster: *mut rd_kafka_mock_cluster_t, push_interval_ms: i64,
    ) -> rd_kafka_resp_err_t = code(), Native;

    /// An assignment for each member, copied; the caller destroys it.
    fn rd_kafka_mock_cgrp_consumer_target_assignment_new(
        member_ids: *mut *mut c_char, member_cnt: c_int,
        assignment: *mut *mut rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_mock_cgrp_consumer_target_assignment_t = null_mut(), Native;

    /// Destroys an assignment.
    fn rd_kafka_mock_cgrp_consumer_target_assignment_destroy(
        target_assignment: *mut rd_kafka_mock_cgrp_consumer_target_assignment_t,
    ) = (), Native;

    /// Sets the assignment that a group shall reach.
    fn rd_kafka_mock_cgrp_consumer_target_assignment(
        mcluster: *mut rd_kafka_mock_cluster_t, group_id: *const c_char,
        target_assignment: *mut rd_kafka_mock_cgrp_consumer_target_assignment_t,
    ) = (), Native;

    /// Session timeout of consumer groups, milliseconds.
    fn rd_kafka_mock_set_group_consumer_session_timeout_ms(
        mcluster: *mut rd_kafka_mock_cluster_t, group_consumer_session_timeout_ms: c_int,
    ) = (), Native;

    /// Heartbeat interval of consumer groups, milliseconds.
    fn rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(
        mcluster: *mut rd_kafka_mock_cluster_t, group_consumer_heartbeat_interval_ms: c_int,
    ) = (), Native;

    /// Session timeout of share groups, milliseconds.
    fn rd_kafka_mock_sharegroup_set_session_timeout(
        mcluster: *mut rd_kafka_mock_cluster_t, session_timeout_ms: c_int,
    ) = (), Native;

    /// Heartbeat interval of share groups, milliseconds.
    fn rd_kafka_mock_sharegroup_set_heartbeat_interval(
        mcluster: *mut rd_kafka_mock_cluster_t, heartbeat_interval_ms: c_int,
    ) = (), Native;

    /// How often a record is delivered at most; 0: no limit. Default 5.
    fn rd_kafka_mock_sharegroup_set_max_delivery_attempts(
        mcluster: *mut rd_kafka_mock_cluster_t, max_attempts: c_int,
    ) = (), Native;

    /// How long a record is locked, milliseconds; 0: the session timeout.
    fn rd_kafka_mock_sharegroup_set_record_lock_duration(
        mcluster: *mut rd_kafka_mock_cluster_t, lock_duration_ms: c_int,
    ) = (), Native;

    /// 0: all records; 1: none of open or aborted transactions.
    fn rd_kafka_mock_sharegroup_set_isolation_level(
        mcluster: *mut rd_kafka_mock_cluster_t, level: c_int,
    ) = (), Native;

    /// Most members of a group; 0: no limit.
    fn rd_kafka_mock_sharegroup_set_max_size(
        mcluster: *mut rd_kafka_mock_cluster_t, max_size: c_int,
    ) = (), Native;

    /// Most fetch sessions of a broker; 0: no limit. Default 2000.
    fn rd_kafka_mock_sharegroup_set_max_fetch_sessions(
        mcluster: *mut rd_kafka_mock_cluster_t, max_fetch_sessions: c_int,
    ) = (), Native;

    /// Most locked records of a partition; 0: no limit. Default 2000.
    fn rd_kafka_mock_sharegroup_set_max_record_locks(
        mcluster: *mut rd_kafka_mock_cluster_t, max_record_locks: c_int,
    ) = (), Native;

    /// Where a new group begins; 0: at the end, 1: at the beginning.
    fn rd_kafka_mock_sharegroup_set_auto_offset_reset(
        mcluster: *mut rd_kafka_mock_cluster_t, auto_offset_reset: c_int,
    ) = (), Native;

    /// Sets the assignments that the members of a share group shall reach.
    fn rd_kafka_mock_sharegroup_target_assignment(
        mcluster: *mut rd_kafka_mock_cluster_t, group_id: *const c_char,
        member_ids: *mut *const c_char, assignments: *mut *mut rd_kafka_topic_partition_list_t,
        member_cnt: usize,
    ) = (), Native;

    /// Member ids of a share group; the caller frees the array and each string with `free()`.
    fn rd_kafka_mock_sharegroup_get_member_ids(
        mcluster: *mut rd_kafka_mock_cluster_t, group_id: *const c_char,
        member_ids_out: *mut *mut *mut c_char, member_cnt_out: *mut usize,
    ) -> rd_kafka_resp_err_t = code_and_null(member_ids_out), Native;
}
