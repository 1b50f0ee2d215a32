//! Opaque types of the public headers that have no shape of ours: requests, results and other
//! parts' objects.
#![forbid(unsafe_code)]
// The headers need every type; the library itself uses some.
#![allow(dead_code)]

use super::public::{opaque, rd_kafka_event_t};

opaque! {
    /// Options of an admin request.
    rd_kafka_AdminOptions_t;
    /// A topic to create.
    rd_kafka_NewTopic_t;
    /// A topic to delete.
    rd_kafka_DeleteTopic_t;
    /// Partitions to add to a topic.
    rd_kafka_NewPartitions_t;
    /// A configuration entry of the cluster.
    rd_kafka_ConfigEntry_t;
    /// A resource with configuration entries.
    rd_kafka_ConfigResource_t;
    /// Records to delete.
    rd_kafka_DeleteRecords_t;
    /// Topics to describe.
    rd_kafka_TopicCollection_t;
    /// Description of a partition.
    rd_kafka_TopicPartitionInfo_t;
    /// Description of a topic.
    rd_kafka_TopicDescription_t;
    /// A consumer group in a list of groups.
    rd_kafka_ConsumerGroupListing_t;
    /// A list of consumer groups.
    rd_kafka_ListConsumerGroupsResult_t;
    /// Description of a consumer group.
    rd_kafka_ConsumerGroupDescription_t;
    /// Description of a member of a consumer group.
    rd_kafka_MemberDescription_t;
    /// Partitions assigned to a member.
    rd_kafka_MemberAssignment_t;
    /// A consumer group to delete.
    rd_kafka_DeleteGroup_t;
    /// A consumer group whose offsets shall be listed.
    rd_kafka_ListConsumerGroupOffsets_t;
    /// A consumer group whose offsets shall be changed.
    rd_kafka_AlterConsumerGroupOffsets_t;
    /// A consumer group whose offsets shall be deleted.
    rd_kafka_DeleteConsumerGroupOffsets_t;
    /// Offset of a partition.
    rd_kafka_ListOffsetsResultInfo_t;
    /// Mechanism and iterations of a SCRAM credential.
    rd_kafka_ScramCredentialInfo_t;
    /// SCRAM credentials of a user.
    rd_kafka_UserScramCredentialsDescription_t;
    /// Change of a user's SCRAM credential.
    rd_kafka_UserScramCredentialAlteration_t;
    /// Outcome of a change of a SCRAM credential.
    rd_kafka_AlterUserScramCredentials_result_response_t;
    /// An access control entry.
    rd_kafka_AclBinding_t;
    /// Outcome of one filter of `rd_kafka_DeleteAcls`.
    rd_kafka_DeleteAcls_result_response_t;
    /// Partitions whose leaders shall be elected.
    rd_kafka_ElectLeaders_t;
    /// A broker in a description.
    rd_kafka_Node_t;
    /// Outcome for a topic.
    rd_kafka_topic_result_t;
    /// Outcome for a consumer group.
    rd_kafka_group_result_t;
    /// Outcome for an access control entry.
    rd_kafka_acl_result_t;
    /// Outcome for a partition.
    rd_kafka_topic_partition_result_t;
    /// What a transaction must know of a consumer group.
    rd_kafka_consumer_group_metadata_t;
    /// A share consumer.
    rd_kafka_share_t;
    /// A batch of messages of a share consumer.
    rd_kafka_messages_t;
    /// Acknowledged offsets of a partition.
    rd_kafka_share_partition_offsets_t;
    /// Acknowledged offsets of partitions.
    rd_kafka_share_partition_offsets_list_t;
    /// A request that a mock broker received.
    rd_kafka_mock_request_t;
    /// Assignment that a mock group shall reach.
    rd_kafka_mock_cgrp_consumer_target_assignment_t;
}

/// A filter for access control entries.
pub type rd_kafka_AclBindingFilter_t = rd_kafka_AclBinding_t;
/// Result of `rd_kafka_CreateTopics`; it is the event itself and lives as long.
pub type rd_kafka_CreateTopics_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DeleteTopics`; it is the event itself and lives as long.
pub type rd_kafka_DeleteTopics_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_CreatePartitions`; it is the event itself and lives as long.
pub type rd_kafka_CreatePartitions_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_AlterConfigs`; it is the event itself and lives as long.
pub type rd_kafka_AlterConfigs_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_IncrementalAlterConfigs`; it is the event itself and lives as long.
pub type rd_kafka_IncrementalAlterConfigs_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DescribeConfigs`; it is the event itself and lives as long.
pub type rd_kafka_DescribeConfigs_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DeleteRecords`; it is the event itself and lives as long.
pub type rd_kafka_DeleteRecords_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_ListConsumerGroups`; it is the event itself and lives as long.
pub type rd_kafka_ListConsumerGroups_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DescribeConsumerGroups`; it is the event itself and lives as long.
pub type rd_kafka_DescribeConsumerGroups_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DeleteGroups`; it is the event itself and lives as long.
pub type rd_kafka_DeleteGroups_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DeleteConsumerGroupOffsets`; it is the event itself and lives as long.
pub type rd_kafka_DeleteConsumerGroupOffsets_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_AlterConsumerGroupOffsets`; it is the event itself and lives as long.
pub type rd_kafka_AlterConsumerGroupOffsets_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_ListConsumerGroupOffsets`; it is the event itself and lives as long.
pub type rd_kafka_ListConsumerGroupOffsets_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DescribeTopics`; it is the event itself and lives as long.
pub type rd_kafka_DescribeTopics_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DescribeCluster`; it is the event itself and lives as long.
pub type rd_kafka_DescribeCluster_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DescribeUserScramCredentials`; it is the event itself and lives as long.
pub type rd_kafka_DescribeUserScramCredentials_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_AlterUserScramCredentials`; it is the event itself and lives as long.
pub type rd_kafka_AlterUserScramCredentials_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_ListOffsets`; it is the event itself and lives as long.
pub type rd_kafka_ListOffsets_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_ElectLeaders`; it is the event itself and lives as long.
pub type rd_kafka_ElectLeaders_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_CreateAcls`; it is the event itself and lives as long.
pub type rd_kafka_CreateAcls_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DescribeAcls`; it is the event itself and lives as long.
pub type rd_kafka_DescribeAcls_result_t = rd_kafka_event_t;
/// Result of `rd_kafka_DeleteAcls`; it is the event itself and lives as long.
pub type rd_kafka_DeleteAcls_result_t = rd_kafka_event_t;
