//! Share consumers: not available in this version of the library; each function answers with its documented failure.

use std::ffi::{c_char, c_int, c_void};

use super::absent::{NOT_IMPLEMENTED, absent, error, nothing};
use super::types::*;
use crate::abi::public::*;

#[rustfmt::skip]
absent! {
    fn rd_kafka_messages_get(messages: *const rd_kafka_messages_t, index: usize) -> *mut rd_kafka_message_t = nothing();
    fn rd_kafka_share_queue_get_sasl(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_queue_t = nothing();
    fn rd_kafka_share_oauthbearer_set_token(rkshare: *mut rd_kafka_share_t, token_value: *const c_char, md_lifetime_ms: i64, md_principal_name: *const c_char, extensions: *mut *const c_char, extension_size: usize, errstr: *mut c_char, errstr_size: usize) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_oauthbearer_set_token_failure(rkshare: *mut rd_kafka_share_t, errstr: *const c_char) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_partition_offsets_list_count(list: *const rd_kafka_share_partition_offsets_list_t) -> usize = 0;
    fn rd_kafka_share_partition_offsets_list_get(list: *const rd_kafka_share_partition_offsets_list_t, index: usize) -> *const rd_kafka_share_partition_offsets_t = nothing();
    fn rd_kafka_share_partition_offsets_list_destroy(list: *mut rd_kafka_share_partition_offsets_list_t) = ();
    fn rd_kafka_share_partition_offsets_partition(partition_offsets: *const rd_kafka_share_partition_offsets_t) -> *const rd_kafka_topic_partition_t = nothing();
    fn rd_kafka_share_partition_offsets_offsets(partition_offsets: *const rd_kafka_share_partition_offsets_t) -> *const i64 = nothing();
    fn rd_kafka_share_partition_offsets_offsets_cnt(partition_offsets: *const rd_kafka_share_partition_offsets_t) -> usize = 0;
    fn rd_kafka_share_consumer_new(conf: *mut rd_kafka_conf_t, errstr: *mut c_char, errstr_size: usize) -> *mut rd_kafka_share_t = nothing();
    fn rd_kafka_share_set_acknowledgement_commit_cb(rkshare: *mut rd_kafka_share_t, share_acknowledgement_commit_cb: Option<unsafe extern "C" fn(*mut rd_kafka_share_t, *mut rd_kafka_share_partition_offsets_list_t, rd_kafka_resp_err_t, *mut c_void)>, opaque: *mut c_void) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_subscribe(rkshare: *mut rd_kafka_share_t, topics: *const rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_unsubscribe(rkshare: *mut rd_kafka_share_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_subscription(rkshare: *mut rd_kafka_share_t, topics: *mut *mut rd_kafka_topic_partition_list_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_poll(rkshare: *mut rd_kafka_share_t, timeout_ms: c_int, rkmessages: *mut *mut rd_kafka_messages_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_acknowledge(rkshare: *mut rd_kafka_share_t, rkmessage: *const rd_kafka_message_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_acknowledge_type(rkshare: *mut rd_kafka_share_t, rkmessage: *const rd_kafka_message_t, r#type: rd_kafka_share_AcknowledgeType_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_acknowledge_offset(rkshare: *mut rd_kafka_share_t, topic: *const c_char, partition: i32, offset: i64, r#type: rd_kafka_share_AcknowledgeType_t) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_share_commit_async(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_commit_sync(rkshare: *mut rd_kafka_share_t, timeout_ms: c_int, partitions: *mut *mut rd_kafka_topic_partition_list_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_consumer_close(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_consumer_close_queue(rkshare: *mut rd_kafka_share_t, rkqu: *mut rd_kafka_queue_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_consumer_closed(rkshare: *mut rd_kafka_share_t) -> c_int = 0;
    fn rd_kafka_share_destroy(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_destroy_flags(rkshare: *mut rd_kafka_share_t, flags: c_int) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_set_log_queue(rkshare: *mut rd_kafka_share_t, rkqu: *mut rd_kafka_queue_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_sasl_background_callbacks_enable(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_share_sasl_set_credentials(rkshare: *mut rd_kafka_share_t, username: *const c_char, password: *const c_char) -> *mut rd_kafka_error_t = error();
}
