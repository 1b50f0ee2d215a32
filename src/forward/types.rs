//! Types that only functions of the peer use.
#![forbid(unsafe_code)]
#![allow(non_camel_case_types)]

use std::ffi::{c_int, c_void};

/// A C enum, as an integer.
pub type rd_kafka_AclOperation_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_AclPermissionType_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_AlterConfigOpType_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_ConfigSource_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_ElectionType_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_IsolationLevel_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_ResourcePatternType_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_ResourceType_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_ScramMechanism_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_admin_op_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_consumer_group_state_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_consumer_group_type_t = c_int;
/// A C enum, as an integer.
pub type rd_kafka_share_AcknowledgeType_t = c_int;
/// An interceptor function of any kind.
pub type InterceptorFn = *const c_void;

macro_rules! opaque {
    ($($name:ident)*) => {
        $(
            /// An object of the peer.
            #[repr(C)]
            pub struct $name {
                _private: [u8; 0],
            }
        )*
    };
}

opaque! {
    rd_kafka_AclBindingFilter_t
    rd_kafka_AclBinding_t
    rd_kafka_AdminOptions_t
    rd_kafka_AlterConfigs_result_t
    rd_kafka_AlterConsumerGroupOffsets_result_t
    rd_kafka_AlterConsumerGroupOffsets_t
    rd_kafka_AlterUserScramCredentials_result_response_t
    rd_kafka_AlterUserScramCredentials_result_t
    rd_kafka_ConfigEntry_t
    rd_kafka_ConfigResource_t
    rd_kafka_ConsumerGroupDescription_t
    rd_kafka_ConsumerGroupListing_t
    rd_kafka_CreateAcls_result_t
    rd_kafka_CreatePartitions_result_t
    rd_kafka_CreateTopics_result_t
    rd_kafka_DeleteAcls_result_response_t
    rd_kafka_DeleteAcls_result_t
    rd_kafka_DeleteConsumerGroupOffsets_result_t
    rd_kafka_DeleteConsumerGroupOffsets_t
    rd_kafka_DeleteGroup_t
    rd_kafka_DeleteGroups_result_t
    rd_kafka_DeleteRecords_result_t
    rd_kafka_DeleteRecords_t
    rd_kafka_DeleteTopic_t
    rd_kafka_DeleteTopics_result_t
    rd_kafka_DescribeAcls_result_t
    rd_kafka_DescribeCluster_result_t
    rd_kafka_DescribeConfigs_result_t
    rd_kafka_DescribeConsumerGroups_result_t
    rd_kafka_DescribeTopics_result_t
    rd_kafka_DescribeUserScramCredentials_result_t
    rd_kafka_ElectLeaders_result_t
    rd_kafka_ElectLeaders_t
    rd_kafka_IncrementalAlterConfigs_result_t
    rd_kafka_ListConsumerGroupOffsets_result_t
    rd_kafka_ListConsumerGroupOffsets_t
    rd_kafka_ListConsumerGroups_result_t
    rd_kafka_ListOffsetsResultInfo_t
    rd_kafka_ListOffsets_result_t
    rd_kafka_MemberAssignment_t
    rd_kafka_MemberDescription_t
    rd_kafka_NewPartitions_t
    rd_kafka_NewTopic_t
    rd_kafka_Node_t
    rd_kafka_ScramCredentialInfo_t
    rd_kafka_TopicCollection_t
    rd_kafka_TopicDescription_t
    rd_kafka_TopicPartitionInfo_t
    rd_kafka_UserScramCredentialAlteration_t
    rd_kafka_UserScramCredentialsDescription_t
    rd_kafka_acl_result_t
    rd_kafka_consumer_group_metadata_t
    rd_kafka_group_list_t
    rd_kafka_group_result_t
    rd_kafka_mock_cgrp_consumer_target_assignment_t
    rd_kafka_share_partition_offsets_list_t
    rd_kafka_share_partition_offsets_t
    rd_kafka_share_t
    rd_kafka_topic_partition_result_t
    rd_kafka_topic_result_t
    unsigned
}
