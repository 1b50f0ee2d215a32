//! Options and common results of admin requests.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::{null, null_mut};

use crate::abi::codes::{
    rd_kafka_IsolationLevel_t, rd_kafka_admin_op_t, rd_kafka_consumer_group_state_t,
    rd_kafka_consumer_group_type_t,
};
use crate::abi::handles::{
    rd_kafka_AdminOptions_t, rd_kafka_AlterConfigs_result_t,
    rd_kafka_AlterConsumerGroupOffsets_result_t, rd_kafka_AlterUserScramCredentials_result_t,
    rd_kafka_CreateAcls_result_t, rd_kafka_CreatePartitions_result_t,
    rd_kafka_CreateTopics_result_t, rd_kafka_DeleteAcls_result_t,
    rd_kafka_DeleteConsumerGroupOffsets_result_t, rd_kafka_DeleteGroups_result_t,
    rd_kafka_DeleteRecords_result_t, rd_kafka_DeleteTopics_result_t,
    rd_kafka_DescribeAcls_result_t, rd_kafka_DescribeCluster_result_t,
    rd_kafka_DescribeConfigs_result_t, rd_kafka_DescribeConsumerGroups_result_t,
    rd_kafka_DescribeTopics_result_t, rd_kafka_DescribeUserScramCredentials_result_t,
    rd_kafka_ElectLeaders_result_t, rd_kafka_IncrementalAlterConfigs_result_t,
    rd_kafka_ListConsumerGroupOffsets_result_t, rd_kafka_ListConsumerGroups_result_t,
    rd_kafka_ListOffsets_result_t, rd_kafka_Node_t, rd_kafka_group_result_t,
    rd_kafka_topic_partition_result_t, rd_kafka_topic_result_t,
};
use crate::abi::public::{
    rd_kafka_error_t, rd_kafka_event_t, rd_kafka_resp_err_t, rd_kafka_t,
    rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t,
};
use crate::forward::absent::{code, code_with, error};
use crate::forward::call::forward;

forward! {
    /// Node id.
    fn rd_kafka_Node_id(node: *const rd_kafka_Node_t) -> c_int = 0;

    /// Host name; lives as long as the node.
    fn rd_kafka_Node_host(node: *const rd_kafka_Node_t) -> *const c_char = null();

    /// Port.
    fn rd_kafka_Node_port(node: *const rd_kafka_Node_t) -> u16 = 0;

    /// Rack or NULL; lives as long as the node.
    fn rd_kafka_Node_rack(node: *const rd_kafka_Node_t) -> *const c_char = null();

    /// The event as a result of `rd_kafka_CreateTopics`; NULL if it is none.
    fn rd_kafka_event_CreateTopics_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_CreateTopics_result_t = null();

    /// The event as a result of `rd_kafka_DeleteTopics`; NULL if it is none.
    fn rd_kafka_event_DeleteTopics_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DeleteTopics_result_t = null();

    /// The event as a result of `rd_kafka_CreatePartitions`; NULL if it is none.
    fn rd_kafka_event_CreatePartitions_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_CreatePartitions_result_t = null();

    /// The event as a result of `rd_kafka_AlterConfigs`; NULL if it is none.
    fn rd_kafka_event_AlterConfigs_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_AlterConfigs_result_t = null();

    /// The event as a result of `rd_kafka_IncrementalAlterConfigs`; NULL if it is none.
    fn rd_kafka_event_IncrementalAlterConfigs_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_IncrementalAlterConfigs_result_t = null();

    /// The event as a result of `rd_kafka_DescribeConfigs`; NULL if it is none.
    fn rd_kafka_event_DescribeConfigs_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DescribeConfigs_result_t = null();

    /// The event as a result of `rd_kafka_DeleteRecords`; NULL if it is none.
    fn rd_kafka_event_DeleteRecords_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DeleteRecords_result_t = null();

    /// The event as a result of `rd_kafka_ListConsumerGroups`; NULL if it is none.
    fn rd_kafka_event_ListConsumerGroups_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_ListConsumerGroups_result_t = null();

    /// The event as a result of `rd_kafka_DescribeConsumerGroups`; NULL if it is none.
    fn rd_kafka_event_DescribeConsumerGroups_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DescribeConsumerGroups_result_t = null();

    /// The event as a result of `rd_kafka_DescribeTopics`; NULL if it is none.
    fn rd_kafka_event_DescribeTopics_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DescribeTopics_result_t = null();

    /// The event as a result of `rd_kafka_DescribeCluster`; NULL if it is none.
    fn rd_kafka_event_DescribeCluster_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DescribeCluster_result_t = null();

    /// The event as a result of `rd_kafka_DeleteGroups`; NULL if it is none.
    fn rd_kafka_event_DeleteGroups_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DeleteGroups_result_t = null();

    /// The event as a result of `rd_kafka_DeleteConsumerGroupOffsets`; NULL if it is none.
    fn rd_kafka_event_DeleteConsumerGroupOffsets_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DeleteConsumerGroupOffsets_result_t = null();

    /// The event as a result of `rd_kafka_CreateAcls`; NULL if it is none.
    fn rd_kafka_event_CreateAcls_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_CreateAcls_result_t = null();

    /// The event as a result of `rd_kafka_DescribeAcls`; NULL if it is none.
    fn rd_kafka_event_DescribeAcls_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DescribeAcls_result_t = null();

    /// The event as a result of `rd_kafka_DeleteAcls`; NULL if it is none.
    fn rd_kafka_event_DeleteAcls_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DeleteAcls_result_t = null();

    /// The event as a result of `rd_kafka_ListConsumerGroupOffsets`; NULL if it is none.
    fn rd_kafka_event_ListConsumerGroupOffsets_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_ListConsumerGroupOffsets_result_t = null();

    /// The event as a result of `rd_kafka_AlterConsumerGroupOffsets`; NULL if it is none.
    fn rd_kafka_event_AlterConsumerGroupOffsets_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_AlterConsumerGroupOffsets_result_t = null();

    /// The event as a result of `rd_kafka_ListOffsets`; NULL if it is none.
    fn rd_kafka_event_ListOffsets_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_ListOffsets_result_t = null();

    /// The event as a result of `rd_kafka_DescribeUserScramCredentials`; NULL if it is none.
    fn rd_kafka_event_DescribeUserScramCredentials_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_DescribeUserScramCredentials_result_t = null();

    /// The event as a result of `rd_kafka_AlterUserScramCredentials`; NULL if it is none.
    fn rd_kafka_event_AlterUserScramCredentials_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_AlterUserScramCredentials_result_t = null();

    /// The event as a result of `rd_kafka_ElectLeaders`; NULL if it is none.
    fn rd_kafka_event_ElectLeaders_result(
        rkev: *mut rd_kafka_event_t,
    ) -> *const rd_kafka_ElectLeaders_result_t = null();

    /// Error for the topic.
    fn rd_kafka_topic_result_error(topicres: *const rd_kafka_topic_result_t) -> rd_kafka_resp_err_t
        = code();

    /// Text of the error, or NULL; lives as long as the result.
    fn rd_kafka_topic_result_error_string(topicres: *const rd_kafka_topic_result_t) -> *const c_char
        = null();

    /// Topic name; lives as long as the result.
    fn rd_kafka_topic_result_name(topicres: *const rd_kafka_topic_result_t) -> *const c_char
        = null();

    /// Error for the group, or NULL; lives as long as the result.
    fn rd_kafka_group_result_error(
        groupres: *const rd_kafka_group_result_t,
    ) -> *const rd_kafka_error_t = null();

    /// Group id; lives as long as the result.
    fn rd_kafka_group_result_name(groupres: *const rd_kafka_group_result_t) -> *const c_char
        = null();

    /// Partitions of the group, or NULL; lives as long as the result.
    fn rd_kafka_group_result_partitions(
        groupres: *const rd_kafka_group_result_t,
    ) -> *const rd_kafka_topic_partition_list_t = null();

    /// Topic and partition; lives as long as the result.
    fn rd_kafka_topic_partition_result_partition(
        partition_result: *const rd_kafka_topic_partition_result_t,
    ) -> *const rd_kafka_topic_partition_t = null();

    /// Error for the partition; lives as long as the result.
    fn rd_kafka_topic_partition_result_error(
        partition_result: *const rd_kafka_topic_partition_result_t,
    ) -> *const rd_kafka_error_t = null();

    /// Options for a request, with its defaults; the caller destroys them. NULL if there is no such
    /// request.
    fn rd_kafka_AdminOptions_new(
        rk: *mut rd_kafka_t, for_api: rd_kafka_admin_op_t,
    ) -> *mut rd_kafka_AdminOptions_t = null_mut();

    /// Destroys options.
    fn rd_kafka_AdminOptions_destroy(options: *mut rd_kafka_AdminOptions_t) = ();

    /// How long the whole request may take, milliseconds; -1: `socket.timeout.ms`.
    fn rd_kafka_AdminOptions_set_request_timeout(
        options: *mut rd_kafka_AdminOptions_t, timeout_ms: c_int, errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// How long the brokers may take to carry it out, milliseconds; 0: don't wait for it.
    fn rd_kafka_AdminOptions_set_operation_timeout(
        options: *mut rd_kafka_AdminOptions_t, timeout_ms: c_int, errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// Check only, don't change anything.
    fn rd_kafka_AdminOptions_set_validate_only(
        options: *mut rd_kafka_AdminOptions_t, true_or_false: c_int, errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// Send the request to this broker.
    fn rd_kafka_AdminOptions_set_broker(
        options: *mut rd_kafka_AdminOptions_t, broker_id: i32, errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// Fail while there are offsets of open transactions. NULL or an error that the caller
    /// destroys.
    fn rd_kafka_AdminOptions_set_require_stable_offsets(
        options: *mut rd_kafka_AdminOptions_t, true_or_false: c_int,
    ) -> *mut rd_kafka_error_t = error();

    /// Ask for the allowed operations too. NULL or an error that the caller destroys.
    fn rd_kafka_AdminOptions_set_include_authorized_operations(
        options: *mut rd_kafka_AdminOptions_t, true_or_false: c_int,
    ) -> *mut rd_kafka_error_t = error();

    /// List only groups in these states. NULL or an error that the caller destroys.
    fn rd_kafka_AdminOptions_set_match_consumer_group_states(
        options: *mut rd_kafka_AdminOptions_t,
        consumer_group_states: *const rd_kafka_consumer_group_state_t,
        consumer_group_states_cnt: usize,
    ) -> *mut rd_kafka_error_t = error();

    /// List only groups of these types. NULL or an error that the caller destroys.
    fn rd_kafka_AdminOptions_set_match_consumer_group_types(
        options: *mut rd_kafka_AdminOptions_t,
        consumer_group_types: *const rd_kafka_consumer_group_type_t,
        consumer_group_types_cnt: usize,
    ) -> *mut rd_kafka_error_t = error();

    /// Isolation level of the offsets. NULL or an error that the caller destroys.
    fn rd_kafka_AdminOptions_set_isolation_level(
        options: *mut rd_kafka_AdminOptions_t, value: rd_kafka_IsolationLevel_t,
    ) -> *mut rd_kafka_error_t = error();

    /// Pointer that `rd_kafka_event_opaque` of the result gives back.
    fn rd_kafka_AdminOptions_set_opaque(
        options: *mut rd_kafka_AdminOptions_t, ev_opaque: *mut c_void,
    ) = ();
}
