//! Admin requests about topics, partitions, records, offsets and the cluster.

use std::ffi::{c_char, c_int};
use std::ptr::{null, null_mut};

use crate::abi::codes::{
    RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT, RD_KAFKA_EVENT_CREATETOPICS_RESULT,
    RD_KAFKA_EVENT_DELETERECORDS_RESULT, RD_KAFKA_EVENT_DELETETOPICS_RESULT,
    RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT, RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT,
    RD_KAFKA_EVENT_ELECTLEADERS_RESULT, RD_KAFKA_EVENT_LISTOFFSETS_RESULT, rd_kafka_AclOperation_t,
    rd_kafka_ElectionType_t,
};
use crate::abi::handles::{
    rd_kafka_AdminOptions_t, rd_kafka_CreatePartitions_result_t, rd_kafka_CreateTopics_result_t,
    rd_kafka_DeleteRecords_result_t, rd_kafka_DeleteRecords_t, rd_kafka_DeleteTopic_t,
    rd_kafka_DeleteTopics_result_t, rd_kafka_DescribeCluster_result_t,
    rd_kafka_DescribeTopics_result_t, rd_kafka_ElectLeaders_result_t, rd_kafka_ElectLeaders_t,
    rd_kafka_ListOffsets_result_t, rd_kafka_ListOffsetsResultInfo_t, rd_kafka_NewPartitions_t,
    rd_kafka_NewTopic_t, rd_kafka_Node_t, rd_kafka_TopicCollection_t, rd_kafka_TopicDescription_t,
    rd_kafka_TopicPartitionInfo_t, rd_kafka_topic_partition_result_t, rd_kafka_topic_result_t,
};
use crate::abi::public::{
    rd_kafka_Uuid_t, rd_kafka_error_t, rd_kafka_queue_t, rd_kafka_resp_err_t, rd_kafka_t,
    rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t,
};
use crate::forward::absent::{code, code_with, none, none_mut, null_with, request};
use crate::forward::call::forward;

forward! {
    /// A topic to create; -1: the broker's default number of partitions or replicas. The caller
    /// destroys it; NULL and `errstr` if an argument is not valid.
    fn rd_kafka_NewTopic_new(
        topic: *const c_char, num_partitions: c_int, replication_factor: c_int,
        errstr: *mut c_char, errstr_size: usize,
    ) -> *mut rd_kafka_NewTopic_t = null_with(errstr, errstr_size);

    /// Destroys a topic to create.
    fn rd_kafka_NewTopic_destroy(new_topic: *mut rd_kafka_NewTopic_t) = ();

    /// Destroys topics to create, not the array itself.
    fn rd_kafka_NewTopic_destroy_array(
        new_topics: *mut *mut rd_kafka_NewTopic_t, new_topic_cnt: usize,
    ) = ();

    /// Brokers of one partition's replicas; partitions are given in ascending order.
    fn rd_kafka_NewTopic_set_replica_assignment(
        new_topic: *mut rd_kafka_NewTopic_t, partition: i32, broker_ids: *mut i32,
        broker_id_cnt: usize, errstr: *mut c_char, errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// Sets a property of the new topic; both strings are copied.
    fn rd_kafka_NewTopic_set_config(
        new_topic: *mut rd_kafka_NewTopic_t, name: *const c_char, value: *const c_char,
    ) -> rd_kafka_resp_err_t = code();

    /// Creates topics. `RD_KAFKA_EVENT_CREATETOPICS_RESULT` follows on `rkqu`.
    fn rd_kafka_CreateTopics(
        rk: *mut rd_kafka_t, new_topics: *mut *mut rd_kafka_NewTopic_t, new_topic_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_CREATETOPICS_RESULT);

    /// Outcome for each topic.
    fn rd_kafka_CreateTopics_result_topics(
        result: *const rd_kafka_CreateTopics_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_topic_result_t = none_mut(cntp);

    /// A topic to delete; the caller destroys it.
    fn rd_kafka_DeleteTopic_new(topic: *const c_char) -> *mut rd_kafka_DeleteTopic_t = null_mut();

    /// Destroys a topic to delete.
    fn rd_kafka_DeleteTopic_destroy(del_topic: *mut rd_kafka_DeleteTopic_t) = ();

    /// Destroys topics to delete, not the array itself.
    fn rd_kafka_DeleteTopic_destroy_array(
        del_topics: *mut *mut rd_kafka_DeleteTopic_t, del_topic_cnt: usize,
    ) = ();

    /// Deletes topics. `RD_KAFKA_EVENT_DELETETOPICS_RESULT` follows on `rkqu`.
    fn rd_kafka_DeleteTopics(
        rk: *mut rd_kafka_t, del_topics: *mut *mut rd_kafka_DeleteTopic_t, del_topic_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DELETETOPICS_RESULT);

    /// Outcome for each topic.
    fn rd_kafka_DeleteTopics_result_topics(
        result: *const rd_kafka_DeleteTopics_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_topic_result_t = none_mut(cntp);

    /// A topic's new number of partitions; the caller destroys it. NULL and `errstr` if an argument
    /// is not valid.
    fn rd_kafka_NewPartitions_new(
        topic: *const c_char, new_total_cnt: usize, errstr: *mut c_char, errstr_size: usize,
    ) -> *mut rd_kafka_NewPartitions_t = null_with(errstr, errstr_size);

    /// Destroys the request.
    fn rd_kafka_NewPartitions_destroy(new_parts: *mut rd_kafka_NewPartitions_t) = ();

    /// Destroys the requests, not the array itself.
    fn rd_kafka_NewPartitions_destroy_array(
        new_parts: *mut *mut rd_kafka_NewPartitions_t, new_parts_cnt: usize,
    ) = ();

    /// Brokers of one new partition's replicas; the index counts from the first new one.
    fn rd_kafka_NewPartitions_set_replica_assignment(
        new_parts: *mut rd_kafka_NewPartitions_t, new_partition_idx: i32, broker_ids: *mut i32,
        broker_id_cnt: usize, errstr: *mut c_char, errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// Adds partitions to topics. `RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT` follows on `rkqu`.
    fn rd_kafka_CreatePartitions(
        rk: *mut rd_kafka_t, new_parts: *mut *mut rd_kafka_NewPartitions_t, new_parts_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT);

    /// Outcome for each topic.
    fn rd_kafka_CreatePartitions_result_topics(
        result: *const rd_kafka_CreatePartitions_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_topic_result_t = none_mut(cntp);

    /// Records before the offsets of the list, to delete; the list is copied. The caller destroys
    /// it.
    fn rd_kafka_DeleteRecords_new(
        before_offsets: *const rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_DeleteRecords_t = null_mut();

    /// Destroys the request.
    fn rd_kafka_DeleteRecords_destroy(del_records: *mut rd_kafka_DeleteRecords_t) = ();

    /// Destroys the requests, not the array itself.
    fn rd_kafka_DeleteRecords_destroy_array(
        del_records: *mut *mut rd_kafka_DeleteRecords_t, del_record_cnt: usize,
    ) = ();

    /// Deletes records. `RD_KAFKA_EVENT_DELETERECORDS_RESULT` follows on `rkqu`.
    fn rd_kafka_DeleteRecords(
        rk: *mut rd_kafka_t, del_records: *mut *mut rd_kafka_DeleteRecords_t,
        del_record_cnt: usize, options: *const rd_kafka_AdminOptions_t,
        rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DELETERECORDS_RESULT);

    /// First offsets afterwards, with an error for each partition.
    fn rd_kafka_DeleteRecords_result_offsets(
        result: *const rd_kafka_DeleteRecords_result_t,
    ) -> *const rd_kafka_topic_partition_list_t = null();

    /// Topics by name, to describe; names are copied. The caller destroys it.
    fn rd_kafka_TopicCollection_of_topic_names(
        topics: *mut *const c_char, topics_cnt: usize,
    ) -> *mut rd_kafka_TopicCollection_t = null_mut();

    /// Destroys a collection of topics.
    fn rd_kafka_TopicCollection_destroy(topics: *mut rd_kafka_TopicCollection_t) = ();

    /// Describes topics. `RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT` follows on `rkqu`.
    fn rd_kafka_DescribeTopics(
        rk: *mut rd_kafka_t, topics: *const rd_kafka_TopicCollection_t,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT);

    /// Description of each topic.
    fn rd_kafka_DescribeTopics_result_topics(
        result: *const rd_kafka_DescribeTopics_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_TopicDescription_t = none_mut(cntp);

    /// Description of each partition.
    fn rd_kafka_TopicDescription_partitions(
        topicdesc: *const rd_kafka_TopicDescription_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_TopicPartitionInfo_t = none_mut(cntp);

    /// Allowed operations; NULL if they weren't asked for.
    fn rd_kafka_TopicDescription_authorized_operations(
        topicdesc: *const rd_kafka_TopicDescription_t, cntp: *mut usize,
    ) -> *const rd_kafka_AclOperation_t = none(cntp);

    /// Topic name.
    fn rd_kafka_TopicDescription_name(
        topicdesc: *const rd_kafka_TopicDescription_t,
    ) -> *const c_char = null();

    /// Topic id.
    fn rd_kafka_TopicDescription_topic_id(
        topicdesc: *const rd_kafka_TopicDescription_t,
    ) -> *const rd_kafka_Uuid_t = null();

    /// Is it one of Kafka's own topics? 1 or 0.
    fn rd_kafka_TopicDescription_is_internal(topicdesc: *const rd_kafka_TopicDescription_t) -> c_int
        = 0;

    /// Error for the topic, or NULL.
    fn rd_kafka_TopicDescription_error(
        topicdesc: *const rd_kafka_TopicDescription_t,
    ) -> *const rd_kafka_error_t = null();

    /// Partition number.
    fn rd_kafka_TopicPartitionInfo_partition(
        partition: *const rd_kafka_TopicPartitionInfo_t,
    ) -> c_int = 0;

    /// The leader, or NULL.
    fn rd_kafka_TopicPartitionInfo_leader(
        partition: *const rd_kafka_TopicPartitionInfo_t,
    ) -> *const rd_kafka_Node_t = null();

    /// Replicas that are in sync.
    fn rd_kafka_TopicPartitionInfo_isr(
        partition: *const rd_kafka_TopicPartitionInfo_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_Node_t = none_mut(cntp);

    /// All replicas.
    fn rd_kafka_TopicPartitionInfo_replicas(
        partition: *const rd_kafka_TopicPartitionInfo_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_Node_t = none_mut(cntp);

    /// Describes the cluster. `RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT` follows on `rkqu`.
    fn rd_kafka_DescribeCluster(
        rk: *mut rd_kafka_t, options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT);

    /// The brokers.
    fn rd_kafka_DescribeCluster_result_nodes(
        result: *const rd_kafka_DescribeCluster_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_Node_t = none_mut(cntp);

    /// Allowed operations; NULL if they weren't asked for.
    fn rd_kafka_DescribeCluster_result_authorized_operations(
        result: *const rd_kafka_DescribeCluster_result_t, cntp: *mut usize,
    ) -> *const rd_kafka_AclOperation_t = none(cntp);

    /// The controller, or NULL.
    fn rd_kafka_DescribeCluster_result_controller(
        result: *const rd_kafka_DescribeCluster_result_t,
    ) -> *const rd_kafka_Node_t = null();

    /// Cluster id.
    fn rd_kafka_DescribeCluster_result_cluster_id(
        result: *const rd_kafka_DescribeCluster_result_t,
    ) -> *const c_char = null();

    /// Topic, partition, offset and error.
    fn rd_kafka_ListOffsetsResultInfo_topic_partition(
        result_info: *const rd_kafka_ListOffsetsResultInfo_t,
    ) -> *const rd_kafka_topic_partition_t = null();

    /// Timestamp of the record at the offset, milliseconds; -1 if not known.
    fn rd_kafka_ListOffsetsResultInfo_timestamp(
        result_info: *const rd_kafka_ListOffsetsResultInfo_t,
    ) -> i64 = -1;

    /// Offset of each partition.
    fn rd_kafka_ListOffsets_result_infos(
        result: *const rd_kafka_ListOffsets_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ListOffsetsResultInfo_t = none_mut(cntp);

    /// Looks up offsets; each `offset` of the list is an `RD_KAFKA_OFFSET_SPEC_...` or a timestamp
    /// in milliseconds. `RD_KAFKA_EVENT_LISTOFFSETS_RESULT` follows on `rkqu`.
    fn rd_kafka_ListOffsets(
        rk: *mut rd_kafka_t, topic_partitions: *mut rd_kafka_topic_partition_list_t,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_LISTOFFSETS_RESULT);

    /// Partitions whose leaders shall be elected, all if NULL; the list is copied. The caller
    /// destroys it.
    fn rd_kafka_ElectLeaders_new(
        election_type: rd_kafka_ElectionType_t, partitions: *mut rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_ElectLeaders_t = null_mut();

    /// Destroys the request.
    fn rd_kafka_ElectLeaders_destroy(elect_leaders: *mut rd_kafka_ElectLeaders_t) = ();

    /// Elects leaders. `RD_KAFKA_EVENT_ELECTLEADERS_RESULT` follows on `rkqu`.
    fn rd_kafka_ElectLeaders(
        rk: *mut rd_kafka_t, elect_leaders: *mut rd_kafka_ElectLeaders_t,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_ELECTLEADERS_RESULT);

    /// Outcome for each partition.
    fn rd_kafka_ElectLeaders_result_partitions(
        result: *const rd_kafka_ElectLeaders_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_topic_partition_result_t = none_mut(cntp);
}
