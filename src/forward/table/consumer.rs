//! Consumer functions, group lists and offset queries.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::{null, null_mut};

use libc::ssize_t;

use crate::abi::callbacks::{ConsumeCb, OffsetCommitCb};
use crate::abi::codes::{rd_kafka_consumer_group_state_t, rd_kafka_consumer_group_type_t};
use crate::abi::public::{
    rd_kafka_error_t, rd_kafka_group_list, rd_kafka_message_t, rd_kafka_queue_t,
    rd_kafka_resp_err_t, rd_kafka_t, rd_kafka_topic_partition_list_t, rd_kafka_topic_t,
};
use crate::forward::absent::{
    GROUP_STATES, GROUP_TYPES, code, code_and_null, code_of, error, failed, failed_null,
    name_or_null,
};
use crate::forward::call::forward;

forward! {
    /// The consumer's member id in its group; the caller frees it with `rd_kafka_mem_free`. NULL if
    /// it has none.
    fn rd_kafka_memberid(rk: *const rd_kafka_t) -> *mut c_char = null_mut(), Consumer;

    /// Sends what goes to the instance's main queue to that of `rd_kafka_consumer_poll`.
    fn rd_kafka_poll_set_consumer(rk: *mut rd_kafka_t) -> rd_kafka_resp_err_t = code();

    /// Stops fetching the given partitions, or sending to them. Each element of `partitions` gets
    /// its own error.
    fn rd_kafka_pause_partitions(
        rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Takes up the given partitions again. Each element of `partitions` gets its own error.
    fn rd_kafka_resume_partitions(
        rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Asks the leader for a partition's first offset and its end; waits at most `timeout_ms`.
    fn rd_kafka_query_watermark_offsets(
        rk: *mut rd_kafka_t, topic: *const c_char, partition: i32, low: *mut i64, high: *mut i64,
        timeout_ms: c_int,
    ) -> rd_kafka_resp_err_t = code();

    /// A consumed partition's first offset and its end, as last seen; asks nobody.
    fn rd_kafka_get_watermark_offsets(
        rk: *mut rd_kafka_t, topic: *const c_char, partition: i32, low: *mut i64, high: *mut i64,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Looks up offsets by time: on entry each `offset` is a timestamp in milliseconds, afterwards
    /// the first offset at or after it.
    fn rd_kafka_offsets_for_times(
        rk: *mut rd_kafka_t, offsets: *mut rd_kafka_topic_partition_list_t, timeout_ms: c_int,
    ) -> rd_kafka_resp_err_t = code();

    /// The queue of `rd_kafka_consumer_poll`. The caller destroys the reference; NULL if there is
    /// none.
    fn rd_kafka_queue_get_consumer(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t = null_mut(), Consumer;

    /// The queue of one assigned partition. The caller destroys the reference; NULL if there is
    /// none.
    fn rd_kafka_queue_get_partition(
        rk: *mut rd_kafka_t, topic: *const c_char, partition: i32,
    ) -> *mut rd_kafka_queue_t = null_mut(), Consumer;

    /// Starts consuming a partition at `offset` or `RD_KAFKA_OFFSET_...`. 0, or -1 with
    /// `rd_kafka_last_error`.
    fn rd_kafka_consume_start(rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64) -> c_int
        = failed(), Legacy;

    /// As `rd_kafka_consume_start`, with the messages going to `rkqu`.
    fn rd_kafka_consume_start_queue(
        rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64, rkqu: *mut rd_kafka_queue_t,
    ) -> c_int = failed(), Legacy;

    /// Stops consuming a partition and drops what was fetched. 0, or -1 with `rd_kafka_last_error`.
    fn rd_kafka_consume_stop(rkt: *mut rd_kafka_topic_t, partition: i32) -> c_int = failed(), Legacy;

    /// Continues consuming at another offset; waits at most `timeout_ms`, not at all if 0.
    fn rd_kafka_seek(
        rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64, timeout_ms: c_int,
    ) -> rd_kafka_resp_err_t = code();

    /// Continues consuming partitions at the offsets in the list. Each element gets its own error;
    /// NULL or an error that the caller destroys.
    fn rd_kafka_seek_partitions(
        rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t, timeout_ms: c_int,
    ) -> *mut rd_kafka_error_t = error();

    /// Takes one message of a partition. The caller destroys it; NULL with `rd_kafka_last_error` if
    /// none came within `timeout_ms`.
    fn rd_kafka_consume(
        rkt: *mut rd_kafka_topic_t, partition: i32, timeout_ms: c_int,
    ) -> *mut rd_kafka_message_t = failed_null(), Legacy;

    /// Takes up to `rkmessages_size` messages of a partition, which the caller destroys. Their
    /// number, or -1 with `rd_kafka_last_error`.
    fn rd_kafka_consume_batch(
        rkt: *mut rd_kafka_topic_t, partition: i32, timeout_ms: c_int,
        rkmessages: *mut *mut rd_kafka_message_t, rkmessages_size: usize,
    ) -> ssize_t = failed(), Legacy;

    /// Hands messages of a partition to `consume_cb`. Their number, or -1 with
    /// `rd_kafka_last_error`.
    fn rd_kafka_consume_callback(
        rkt: *mut rd_kafka_topic_t, partition: i32, timeout_ms: c_int,
        consume_cb: Option<ConsumeCb>, commit_opaque: *mut c_void,
    ) -> c_int = failed(), Legacy;

    /// As `rd_kafka_consume`, from a queue.
    fn rd_kafka_consume_queue(
        rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int,
    ) -> *mut rd_kafka_message_t = failed_null(), Legacy;

    /// As `rd_kafka_consume_batch`, from a queue.
    fn rd_kafka_consume_batch_queue(
        rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int, rkmessages: *mut *mut rd_kafka_message_t,
        rkmessages_size: usize,
    ) -> ssize_t = failed(), Legacy;

    /// As `rd_kafka_consume_callback`, from a queue.
    fn rd_kafka_consume_callback_queue(
        rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int, consume_cb: Option<ConsumeCb>,
        commit_opaque: *mut c_void,
    ) -> c_int = failed(), Legacy;

    /// Stores one after `offset`, to be committed. Use `rd_kafka_offsets_store` instead.
    fn rd_kafka_offset_store(
        rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64,
    ) -> rd_kafka_resp_err_t = code();

    /// Stores offsets, to be committed. Each element of `offsets` gets its own error.
    fn rd_kafka_offsets_store(
        rk: *mut rd_kafka_t, offsets: *mut rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Stores the offset after a message, to be committed. NULL or an error that the caller
    /// destroys.
    fn rd_kafka_offset_store_message(rkmessage: *mut rd_kafka_message_t) -> *mut rd_kafka_error_t
        = error();

    /// Joins the group with these topics; a name that begins with `^` is a regular expression. The
    /// list is copied.
    fn rd_kafka_subscribe(
        rk: *mut rd_kafka_t, topics: *const rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Leaves all subscribed topics.
    fn rd_kafka_unsubscribe(rk: *mut rd_kafka_t) -> rd_kafka_resp_err_t = code();

    /// The subscribed topics; the caller destroys the list.
    fn rd_kafka_subscription(
        rk: *mut rd_kafka_t, topics: *mut *mut rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code_and_null(topics);

    /// Takes one message or error and serves callbacks; the caller destroys it. NULL if nothing
    /// came within `timeout_ms`.
    fn rd_kafka_consumer_poll(rk: *mut rd_kafka_t, timeout_ms: c_int) -> *mut rd_kafka_message_t
        = null_mut();

    /// Leaves the group and commits stored offsets; serves the rebalance callback meanwhile.
    fn rd_kafka_consumer_close(rk: *mut rd_kafka_t) -> rd_kafka_resp_err_t = code();

    /// Starts closing; events of the last rebalance go to `rkqu`. NULL or an error that the caller
    /// destroys.
    fn rd_kafka_consumer_close_queue(
        rk: *mut rd_kafka_t, rkqu: *mut rd_kafka_queue_t,
    ) -> *mut rd_kafka_error_t = error();

    /// Is the consumer closed? 1 or 0.
    fn rd_kafka_consumer_closed(rk: *mut rd_kafka_t) -> c_int = 0, Consumer;

    /// Adds partitions to the assignment. NULL or an error that the caller destroys.
    fn rd_kafka_incremental_assign(
        rk: *mut rd_kafka_t, partitions: *const rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_error_t = error();

    /// Takes partitions from the assignment. NULL or an error that the caller destroys.
    fn rd_kafka_incremental_unassign(
        rk: *mut rd_kafka_t, partitions: *const rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_error_t = error();

    /// `NONE`, `EAGER` or `COOPERATIVE`; NULL on error. Valid until the next call.
    fn rd_kafka_rebalance_protocol(rk: *mut rd_kafka_t) -> *const c_char = null(), Consumer;

    /// Sets the assignment; NULL consumes nothing. The list is copied.
    fn rd_kafka_assign(
        rk: *mut rd_kafka_t, partitions: *const rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code();

    /// The assignment; the caller destroys the list.
    fn rd_kafka_assignment(
        rk: *mut rd_kafka_t, partitions: *mut *mut rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code_and_null(partitions);

    /// Was the assignment lost, so that its offsets can't be committed? 1 or 0.
    fn rd_kafka_assignment_lost(rk: *mut rd_kafka_t) -> c_int = 0, Consumer;

    /// Commits offsets, or the stored ones if `offsets` is NULL. `is_async` 0: waits for the
    /// answer.
    fn rd_kafka_commit(
        rk: *mut rd_kafka_t, offsets: *const rd_kafka_topic_partition_list_t, is_async: c_int,
    ) -> rd_kafka_resp_err_t = code();

    /// Commits the offset after a message. `is_async` 0: waits for the answer.
    fn rd_kafka_commit_message(
        rk: *mut rd_kafka_t, rkmessage: *const rd_kafka_message_t, is_async: c_int,
    ) -> rd_kafka_resp_err_t = code();

    /// Commits offsets; the outcome goes to `rkqu`, or to `cb` from there.
    fn rd_kafka_commit_queue(
        rk: *mut rd_kafka_t, offsets: *const rd_kafka_topic_partition_list_t,
        rkqu: *mut rd_kafka_queue_t, cb: Option<OffsetCommitCb>, commit_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code();

    /// Asks for committed offsets of the partitions; waits at most `timeout_ms`. Each element gets
    /// offset and error.
    fn rd_kafka_committed(
        rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t, timeout_ms: c_int,
    ) -> rd_kafka_resp_err_t = code();

    /// Offsets after the last consumed messages. Each element gets offset and error.
    fn rd_kafka_position(
        rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Lists consumer groups, all if `group` is NULL. `_PARTIAL`: some brokers didn't answer. The
    /// caller destroys the list.
    fn rd_kafka_list_groups(
        rk: *mut rd_kafka_t, group: *const c_char, grplistp: *mut *const rd_kafka_group_list,
        timeout_ms: c_int,
    ) -> rd_kafka_resp_err_t = code_and_null(grplistp);

    /// Destroys a list of `rd_kafka_list_groups`.
    fn rd_kafka_group_list_destroy(grplist: *const rd_kafka_group_list) = ();

    /// Name of a group state; NULL if there is no such state.
    fn rd_kafka_consumer_group_state_name(state: rd_kafka_consumer_group_state_t) -> *const c_char
        = name_or_null(GROUP_STATES, state), Native;

    /// Group state of a name, upper or lower case.
    fn rd_kafka_consumer_group_state_code(name: *const c_char) -> rd_kafka_consumer_group_state_t
        = code_of(GROUP_STATES, name), Native;

    /// Name of a group type; NULL if there is no such type.
    fn rd_kafka_consumer_group_type_name(r#type: rd_kafka_consumer_group_type_t) -> *const c_char
        = name_or_null(GROUP_TYPES, r#type), Native;

    /// Group type of a name, upper or lower case.
    fn rd_kafka_consumer_group_type_code(name: *const c_char) -> rd_kafka_consumer_group_type_t
        = code_of(GROUP_TYPES, name), Native;
}
