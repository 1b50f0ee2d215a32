//! Consumers, groups and offsets: not available in this version of the library; each function answers with its documented failure.

use std::ffi::{c_char, c_int, c_void};

use super::absent::{NOT_IMPLEMENTED, absent, error, failure, nothing};
use super::types::*;
use crate::abi::public::*;

#[rustfmt::skip]
absent! {
    fn rd_kafka_pause_partitions(rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_resume_partitions(rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_query_watermark_offsets(rk: *mut rd_kafka_t, topic: *const c_char, partition: i32, low: *mut i64, high: *mut i64, timeout_ms: c_int) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_get_watermark_offsets(rk: *mut rd_kafka_t, topic: *const c_char, partition: i32, low: *mut i64, high: *mut i64) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_offsets_for_times(rk: *mut rd_kafka_t, offsets: *mut rd_kafka_topic_partition_list_t, timeout_ms: c_int) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_queue_get_consumer(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t = nothing();
    fn rd_kafka_queue_get_partition(rk: *mut rd_kafka_t, topic: *const c_char, partition: i32) -> *mut rd_kafka_queue_t = nothing();
    fn rd_kafka_consume_start(rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64) -> c_int = failure();
    fn rd_kafka_consume_start_queue(rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64, rkqu: *mut rd_kafka_queue_t) -> c_int = failure();
    fn rd_kafka_consume_stop(rkt: *mut rd_kafka_topic_t, partition: i32) -> c_int = failure();
    fn rd_kafka_seek(rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64, timeout_ms: c_int) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_seek_partitions(rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t, timeout_ms: c_int) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_consume(rkt: *mut rd_kafka_topic_t, partition: i32, timeout_ms: c_int) -> *mut rd_kafka_message_t = nothing();
    fn rd_kafka_consume_batch(rkt: *mut rd_kafka_topic_t, partition: i32, timeout_ms: c_int, rkmessages: *mut *mut rd_kafka_message_t, rkmessages_size: usize) -> isize = failure();
    fn rd_kafka_consume_callback(rkt: *mut rd_kafka_topic_t, partition: i32, timeout_ms: c_int, consume_cb: Option<unsafe extern "C" fn(*mut rd_kafka_message_t, *mut c_void)>, commit_opaque: *mut c_void) -> c_int = failure();
    fn rd_kafka_consume_queue(rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int) -> *mut rd_kafka_message_t = nothing();
    fn rd_kafka_consume_batch_queue(rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int, rkmessages: *mut *mut rd_kafka_message_t, rkmessages_size: usize) -> isize = failure();
    fn rd_kafka_consume_callback_queue(rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int, consume_cb: Option<unsafe extern "C" fn(*mut rd_kafka_message_t, *mut c_void)>, commit_opaque: *mut c_void) -> c_int = failure();
    fn rd_kafka_offset_store(rkt: *mut rd_kafka_topic_t, partition: i32, offset: i64) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_offsets_store(rk: *mut rd_kafka_t, offsets: *mut rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_offset_store_message(rkmessage: *mut rd_kafka_message_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_subscribe(rk: *mut rd_kafka_t, topics: *const rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_unsubscribe(rk: *mut rd_kafka_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_subscription(rk: *mut rd_kafka_t, topics: *mut *mut rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_consumer_poll(rk: *mut rd_kafka_t, timeout_ms: c_int) -> *mut rd_kafka_message_t = nothing();
    fn rd_kafka_consumer_close(rk: *mut rd_kafka_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_consumer_close_queue(rk: *mut rd_kafka_t, rkqu: *mut rd_kafka_queue_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_consumer_closed(rk: *mut rd_kafka_t) -> c_int = 1;
    fn rd_kafka_incremental_assign(rk: *mut rd_kafka_t, partitions: *const rd_kafka_topic_partition_list_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_incremental_unassign(rk: *mut rd_kafka_t, partitions: *const rd_kafka_topic_partition_list_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_rebalance_protocol(rk: *mut rd_kafka_t) -> *const c_char = nothing();
    fn rd_kafka_assign(rk: *mut rd_kafka_t, partitions: *const rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_assignment(rk: *mut rd_kafka_t, partitions: *mut *mut rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_assignment_lost(rk: *mut rd_kafka_t) -> c_int = 0;
    fn rd_kafka_commit(rk: *mut rd_kafka_t, offsets: *const rd_kafka_topic_partition_list_t, r#async: c_int) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_commit_message(rk: *mut rd_kafka_t, rkmessage: *const rd_kafka_message_t, r#async: c_int) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_commit_queue(rk: *mut rd_kafka_t, offsets: *const rd_kafka_topic_partition_list_t, rkqu: *mut rd_kafka_queue_t, cb: Option<unsafe extern "C" fn(*mut rd_kafka_t, rd_kafka_resp_err_t, *mut rd_kafka_topic_partition_list_t, *mut c_void)>, commit_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_committed(rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t, timeout_ms: c_int) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_position(rk: *mut rd_kafka_t, partitions: *mut rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_list_groups(rk: *mut rd_kafka_t, group: *const c_char, grplistp: *mut *const rd_kafka_group_list_t, timeout_ms: c_int) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_consumer_group_state_name(state: rd_kafka_consumer_group_state_t) -> *const c_char = c"UNKNOWN".as_ptr();
    fn rd_kafka_consumer_group_state_code(name: *const c_char) -> rd_kafka_consumer_group_state_t = 0;
    fn rd_kafka_consumer_group_type_name(r#type: rd_kafka_consumer_group_type_t) -> *const c_char = c"UNKNOWN".as_ptr();
    fn rd_kafka_consumer_group_type_code(name: *const c_char) -> rd_kafka_consumer_group_type_t = 0;
    fn rd_kafka_group_list_destroy(grplist: *const rd_kafka_group_list_t) = ();
}
