//! Admin requests about consumer groups.

use std::ffi::{c_char, c_int};
use std::ptr::{null, null_mut};

use crate::abi::codes::{
    RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT,
    RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT, RD_KAFKA_EVENT_DELETEGROUPS_RESULT,
    RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT, RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT,
    RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT, rd_kafka_AclOperation_t,
    rd_kafka_consumer_group_state_t, rd_kafka_consumer_group_type_t,
};
use crate::abi::handles::{
    rd_kafka_AdminOptions_t, rd_kafka_AlterConsumerGroupOffsets_result_t,
    rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_ConsumerGroupDescription_t,
    rd_kafka_ConsumerGroupListing_t, rd_kafka_DeleteConsumerGroupOffsets_result_t,
    rd_kafka_DeleteConsumerGroupOffsets_t, rd_kafka_DeleteGroup_t, rd_kafka_DeleteGroups_result_t,
    rd_kafka_DescribeConsumerGroups_result_t, rd_kafka_ListConsumerGroupOffsets_result_t,
    rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroups_result_t,
    rd_kafka_MemberAssignment_t, rd_kafka_MemberDescription_t, rd_kafka_Node_t,
    rd_kafka_group_result_t,
};
use crate::abi::public::{
    rd_kafka_error_t, rd_kafka_queue_t, rd_kafka_t, rd_kafka_topic_partition_list_t,
};
use crate::forward::absent::{none, none_mut, request};
use crate::forward::call::forward;

forward! {
    /// Lists consumer groups. `RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT` follows on `rkqu`.
    fn rd_kafka_ListConsumerGroups(
        rk: *mut rd_kafka_t, options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT);

    /// Group id.
    fn rd_kafka_ConsumerGroupListing_group_id(
        grplist: *const rd_kafka_ConsumerGroupListing_t,
    ) -> *const c_char = null();

    /// Does the group only keep offsets? 1 or 0.
    fn rd_kafka_ConsumerGroupListing_is_simple_consumer_group(
        grplist: *const rd_kafka_ConsumerGroupListing_t,
    ) -> c_int = 0;

    /// State of the group.
    fn rd_kafka_ConsumerGroupListing_state(
        grplist: *const rd_kafka_ConsumerGroupListing_t,
    ) -> rd_kafka_consumer_group_state_t = 0;

    /// Type of the group.
    fn rd_kafka_ConsumerGroupListing_type(
        grplist: *const rd_kafka_ConsumerGroupListing_t,
    ) -> rd_kafka_consumer_group_type_t = 0;

    /// The groups.
    fn rd_kafka_ListConsumerGroups_result_valid(
        result: *const rd_kafka_ListConsumerGroups_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ConsumerGroupListing_t = none_mut(cntp);

    /// Errors of brokers that couldn't answer.
    fn rd_kafka_ListConsumerGroups_result_errors(
        result: *const rd_kafka_ListConsumerGroups_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_error_t = none_mut(cntp);

    /// Describes consumer groups. `RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT` follows on `rkqu`.
    fn rd_kafka_DescribeConsumerGroups(
        rk: *mut rd_kafka_t, groups: *mut *const c_char, groups_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT);

    /// Description of each group.
    fn rd_kafka_DescribeConsumerGroups_result_groups(
        result: *const rd_kafka_DescribeConsumerGroups_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_ConsumerGroupDescription_t = none_mut(cntp);

    /// Group id.
    fn rd_kafka_ConsumerGroupDescription_group_id(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> *const c_char = null();

    /// Error for the group, or NULL.
    fn rd_kafka_ConsumerGroupDescription_error(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> *const rd_kafka_error_t = null();

    /// Does the group only keep offsets? 1 or 0.
    fn rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> c_int = 0;

    /// Name of the assignor.
    fn rd_kafka_ConsumerGroupDescription_partition_assignor(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> *const c_char = null();

    /// Allowed operations; NULL if they weren't asked for.
    fn rd_kafka_ConsumerGroupDescription_authorized_operations(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t, cntp: *mut usize,
    ) -> *const rd_kafka_AclOperation_t = none(cntp);

    /// State of the group.
    fn rd_kafka_ConsumerGroupDescription_state(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> rd_kafka_consumer_group_state_t = 0;

    /// The group's coordinator, or NULL.
    fn rd_kafka_ConsumerGroupDescription_coordinator(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> *const rd_kafka_Node_t = null();

    /// Type of the group.
    fn rd_kafka_ConsumerGroupDescription_type(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> rd_kafka_consumer_group_type_t = 0;

    /// Number of members.
    fn rd_kafka_ConsumerGroupDescription_member_count(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    ) -> usize = 0;

    /// One of the members; NULL if `idx` is too large.
    fn rd_kafka_ConsumerGroupDescription_member(
        grpdesc: *const rd_kafka_ConsumerGroupDescription_t, idx: usize,
    ) -> *const rd_kafka_MemberDescription_t = null();

    /// The member's `client.id`.
    fn rd_kafka_MemberDescription_client_id(
        member: *const rd_kafka_MemberDescription_t,
    ) -> *const c_char = null();

    /// The member's `group.instance.id`, or NULL.
    fn rd_kafka_MemberDescription_group_instance_id(
        member: *const rd_kafka_MemberDescription_t,
    ) -> *const c_char = null();

    /// The member's id.
    fn rd_kafka_MemberDescription_consumer_id(
        member: *const rd_kafka_MemberDescription_t,
    ) -> *const c_char = null();

    /// The member's host.
    fn rd_kafka_MemberDescription_host(member: *const rd_kafka_MemberDescription_t) -> *const c_char
        = null();

    /// The member's assignment.
    fn rd_kafka_MemberDescription_assignment(
        member: *const rd_kafka_MemberDescription_t,
    ) -> *const rd_kafka_MemberAssignment_t = null();

    /// The assignment that the member shall reach, or NULL.
    fn rd_kafka_MemberDescription_target_assignment(
        member: *const rd_kafka_MemberDescription_t,
    ) -> *const rd_kafka_MemberAssignment_t = null();

    /// The assigned partitions.
    fn rd_kafka_MemberAssignment_partitions(
        assignment: *const rd_kafka_MemberAssignment_t,
    ) -> *const rd_kafka_topic_partition_list_t = null();

    /// A group to delete; the caller destroys it.
    fn rd_kafka_DeleteGroup_new(group: *const c_char) -> *mut rd_kafka_DeleteGroup_t = null_mut();

    /// Destroys a group to delete.
    fn rd_kafka_DeleteGroup_destroy(del_group: *mut rd_kafka_DeleteGroup_t) = ();

    /// Destroys groups to delete, not the array itself.
    fn rd_kafka_DeleteGroup_destroy_array(
        del_groups: *mut *mut rd_kafka_DeleteGroup_t, del_group_cnt: usize,
    ) = ();

    /// Deletes groups. `RD_KAFKA_EVENT_DELETEGROUPS_RESULT` follows on `rkqu`.
    fn rd_kafka_DeleteGroups(
        rk: *mut rd_kafka_t, del_groups: *mut *mut rd_kafka_DeleteGroup_t, del_group_cnt: usize,
        options: *const rd_kafka_AdminOptions_t, rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DELETEGROUPS_RESULT);

    /// Outcome for each group.
    fn rd_kafka_DeleteGroups_result_groups(
        result: *const rd_kafka_DeleteGroups_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_group_result_t = none_mut(cntp);

    /// A group and partitions, all if NULL, whose offsets shall be listed; the list is copied. The
    /// caller destroys it.
    fn rd_kafka_ListConsumerGroupOffsets_new(
        group_id: *const c_char, partitions: *const rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_ListConsumerGroupOffsets_t = null_mut();

    /// Destroys the request.
    fn rd_kafka_ListConsumerGroupOffsets_destroy(
        list_grpoffsets: *mut rd_kafka_ListConsumerGroupOffsets_t,
    ) = ();

    /// Destroys the requests, not the array itself.
    fn rd_kafka_ListConsumerGroupOffsets_destroy_array(
        list_grpoffsets: *mut *mut rd_kafka_ListConsumerGroupOffsets_t, list_grpoffset_cnt: usize,
    ) = ();

    /// Lists committed offsets; one group at a time.
    /// `RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT` follows on `rkqu`.
    fn rd_kafka_ListConsumerGroupOffsets(
        rk: *mut rd_kafka_t, list_grpoffsets: *mut *mut rd_kafka_ListConsumerGroupOffsets_t,
        list_grpoffsets_cnt: usize, options: *const rd_kafka_AdminOptions_t,
        rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT);

    /// Offsets of each group.
    fn rd_kafka_ListConsumerGroupOffsets_result_groups(
        result: *const rd_kafka_ListConsumerGroupOffsets_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_group_result_t = none_mut(cntp);

    /// A group and its new offsets; the list is copied. The caller destroys it.
    fn rd_kafka_AlterConsumerGroupOffsets_new(
        group_id: *const c_char, partitions: *const rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_AlterConsumerGroupOffsets_t = null_mut();

    /// Destroys the request.
    fn rd_kafka_AlterConsumerGroupOffsets_destroy(
        alter_grpoffsets: *mut rd_kafka_AlterConsumerGroupOffsets_t,
    ) = ();

    /// Destroys the requests, not the array itself.
    fn rd_kafka_AlterConsumerGroupOffsets_destroy_array(
        alter_grpoffsets: *mut *mut rd_kafka_AlterConsumerGroupOffsets_t,
        alter_grpoffset_cnt: usize,
    ) = ();

    /// Sets committed offsets; one group at a time.
    /// `RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT` follows on `rkqu`.
    fn rd_kafka_AlterConsumerGroupOffsets(
        rk: *mut rd_kafka_t, alter_grpoffsets: *mut *mut rd_kafka_AlterConsumerGroupOffsets_t,
        alter_grpoffsets_cnt: usize, options: *const rd_kafka_AdminOptions_t,
        rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT);

    /// Outcome for each group.
    fn rd_kafka_AlterConsumerGroupOffsets_result_groups(
        result: *const rd_kafka_AlterConsumerGroupOffsets_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_group_result_t = none_mut(cntp);

    /// A group and partitions whose offsets shall be deleted; the list is copied. The caller
    /// destroys it.
    fn rd_kafka_DeleteConsumerGroupOffsets_new(
        group: *const c_char, partitions: *const rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_DeleteConsumerGroupOffsets_t = null_mut();

    /// Destroys the request.
    fn rd_kafka_DeleteConsumerGroupOffsets_destroy(
        del_grpoffsets: *mut rd_kafka_DeleteConsumerGroupOffsets_t,
    ) = ();

    /// Destroys the requests, not the array itself.
    fn rd_kafka_DeleteConsumerGroupOffsets_destroy_array(
        del_grpoffsets: *mut *mut rd_kafka_DeleteConsumerGroupOffsets_t, del_grpoffset_cnt: usize,
    ) = ();

    /// Deletes committed offsets; one group at a time.
    /// `RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT` follows on `rkqu`.
    fn rd_kafka_DeleteConsumerGroupOffsets(
        rk: *mut rd_kafka_t, del_grpoffsets: *mut *mut rd_kafka_DeleteConsumerGroupOffsets_t,
        del_grpoffsets_cnt: usize, options: *const rd_kafka_AdminOptions_t,
        rkqu: *mut rd_kafka_queue_t,
    ) = request(rkqu, options, RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT);

    /// Outcome for each group.
    fn rd_kafka_DeleteConsumerGroupOffsets_result_groups(
        result: *const rd_kafka_DeleteConsumerGroupOffsets_result_t, cntp: *mut usize,
    ) -> *mut *const rd_kafka_group_result_t = none_mut(cntp);
}
