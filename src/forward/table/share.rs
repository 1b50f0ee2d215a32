//! The share consumer.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::{null, null_mut};

use crate::abi::callbacks::ShareAckCommitCb;
use crate::abi::codes::rd_kafka_share_AcknowledgeType_t;
use crate::abi::handles::{
    rd_kafka_messages_t, rd_kafka_share_partition_offsets_list_t,
    rd_kafka_share_partition_offsets_t, rd_kafka_share_t,
};
use crate::abi::public::{
    rd_kafka_conf_t, rd_kafka_error_t, rd_kafka_message_t, rd_kafka_queue_t, rd_kafka_resp_err_t,
    rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t,
};
use crate::forward::absent::{code, code_and_null, code_with, error, error_and_null};
use crate::forward::call::forward;
use crate::forward::clients::new_share_consumer;

forward! {
    /// A message of the batch; it lives as long as the batch and is never destroyed by itself.
    fn rd_kafka_messages_get(
        messages: *const rd_kafka_messages_t, index: usize,
    ) -> *mut rd_kafka_message_t = null_mut();

    /// As `rd_kafka_queue_get_sasl`, for a share consumer.
    fn rd_kafka_share_queue_get_sasl(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_queue_t
        = null_mut();

    /// As `rd_kafka_oauthbearer_set_token`, for a share consumer.
    fn rd_kafka_share_oauthbearer_set_token(
        rkshare: *mut rd_kafka_share_t, token_value: *const c_char, md_lifetime_ms: i64,
        md_principal_name: *const c_char, extensions: *mut *const c_char, extension_size: usize,
        errstr: *mut c_char, errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// As `rd_kafka_oauthbearer_set_token_failure`, for a share consumer.
    fn rd_kafka_share_oauthbearer_set_token_failure(
        rkshare: *mut rd_kafka_share_t, errstr: *const c_char,
    ) -> rd_kafka_resp_err_t = code();

    /// Number of partitions in the list.
    fn rd_kafka_share_partition_offsets_list_count(
        list: *const rd_kafka_share_partition_offsets_list_t,
    ) -> usize = 0;

    /// A partition of the list; lives as long as the list.
    fn rd_kafka_share_partition_offsets_list_get(
        list: *const rd_kafka_share_partition_offsets_list_t, index: usize,
    ) -> *const rd_kafka_share_partition_offsets_t = null();

    /// Destroys a list that the caller owns; one that a callback got is only lent.
    fn rd_kafka_share_partition_offsets_list_destroy(
        list: *mut rd_kafka_share_partition_offsets_list_t,
    ) = ();

    /// Topic, partition and error; lives as long as the list.
    fn rd_kafka_share_partition_offsets_partition(
        partition_offsets: *const rd_kafka_share_partition_offsets_t,
    ) -> *const rd_kafka_topic_partition_t = null();

    /// The offsets; they live as long as the list.
    fn rd_kafka_share_partition_offsets_offsets(
        partition_offsets: *const rd_kafka_share_partition_offsets_t,
    ) -> *const i64 = null();

    /// Number of offsets.
    fn rd_kafka_share_partition_offsets_offsets_cnt(
        partition_offsets: *const rd_kafka_share_partition_offsets_t,
    ) -> usize = 0;

    /// Makes a share consumer. It takes `conf` if it succeeds; else NULL and `errstr`.
    fn rd_kafka_share_consumer_new(
        conf: *mut rd_kafka_conf_t, errstr: *mut c_char, errstr_size: usize,
    ) -> *mut rd_kafka_share_t = new_share_consumer(conf, errstr, errstr_size), Native;

    /// Sets the callback that hears of committed acknowledgements. NULL or an error that the caller
    /// destroys.
    fn rd_kafka_share_set_acknowledgement_commit_cb(
        rkshare: *mut rd_kafka_share_t, share_acknowledgement_commit_cb: Option<ShareAckCommitCb>,
        opaque: *mut c_void,
    ) -> *mut rd_kafka_error_t = error();

    /// Subscribes to topics by name. The list is copied.
    fn rd_kafka_share_subscribe(
        rkshare: *mut rd_kafka_share_t, topics: *const rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Leaves all topics.
    fn rd_kafka_share_unsubscribe(rkshare: *mut rd_kafka_share_t) -> rd_kafka_resp_err_t = code();

    /// The subscribed topics; the caller destroys the list.
    fn rd_kafka_share_subscription(
        rkshare: *mut rd_kafka_share_t, topics: *mut *mut rd_kafka_topic_partition_list_t,
    ) -> rd_kafka_resp_err_t = code_and_null(topics);

    /// Takes a batch of messages, which the caller destroys; waits at most `timeout_ms`. NULL or an
    /// error that the caller destroys.
    fn rd_kafka_share_poll(
        rkshare: *mut rd_kafka_share_t, timeout_ms: c_int,
        rkmessages: *mut *mut rd_kafka_messages_t,
    ) -> *mut rd_kafka_error_t = error_and_null(rkmessages);

    /// Says that a message was processed.
    fn rd_kafka_share_acknowledge(
        rkshare: *mut rd_kafka_share_t, rkmessage: *const rd_kafka_message_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Says what became of a message.
    fn rd_kafka_share_acknowledge_type(
        rkshare: *mut rd_kafka_share_t, rkmessage: *const rd_kafka_message_t,
        r#type: rd_kafka_share_AcknowledgeType_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Says what became of the message at an offset.
    fn rd_kafka_share_acknowledge_offset(
        rkshare: *mut rd_kafka_share_t, topic: *const c_char, partition: i32, offset: i64,
        r#type: rd_kafka_share_AcknowledgeType_t,
    ) -> rd_kafka_resp_err_t = code();

    /// Sends the acknowledgements. NULL or an error that the caller destroys.
    fn rd_kafka_share_commit_async(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_error_t
        = error();

    /// Sends the acknowledgements and waits at most `timeout_ms`. The caller destroys the list,
    /// which may be NULL, and the error.
    fn rd_kafka_share_commit_sync(
        rkshare: *mut rd_kafka_share_t, timeout_ms: c_int,
        partitions: *mut *mut rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_error_t = error_and_null(partitions);

    /// Leaves the group. NULL or an error that the caller destroys.
    fn rd_kafka_share_consumer_close(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_error_t
        = error();

    /// Starts leaving the group; events go to `rkqu`. NULL or an error that the caller destroys.
    fn rd_kafka_share_consumer_close_queue(
        rkshare: *mut rd_kafka_share_t, rkqu: *mut rd_kafka_queue_t,
    ) -> *mut rd_kafka_error_t = error();

    /// Is it closed? 1 or 0.
    fn rd_kafka_share_consumer_closed(rkshare: *mut rd_kafka_share_t) -> c_int = 0;

    /// Closes and destroys a share consumer. An error, which the caller destroys, leaves it alive.
    fn rd_kafka_share_destroy(rkshare: *mut rd_kafka_share_t) -> *mut rd_kafka_error_t = error();

    /// As `rd_kafka_share_destroy`, with `RD_KAFKA_DESTROY_F_...`.
    fn rd_kafka_share_destroy_flags(
        rkshare: *mut rd_kafka_share_t, flags: c_int,
    ) -> *mut rd_kafka_error_t = error();

    /// As `rd_kafka_set_log_queue`, for a share consumer. NULL or an error that the caller
    /// destroys.
    fn rd_kafka_share_set_log_queue(
        rkshare: *mut rd_kafka_share_t, rkqu: *mut rd_kafka_queue_t,
    ) -> *mut rd_kafka_error_t = error();

    /// As `rd_kafka_sasl_background_callbacks_enable`, for a share consumer.
    fn rd_kafka_share_sasl_background_callbacks_enable(
        rkshare: *mut rd_kafka_share_t,
    ) -> *mut rd_kafka_error_t = error();

    /// As `rd_kafka_sasl_set_credentials`, for a share consumer.
    fn rd_kafka_share_sasl_set_credentials(
        rkshare: *mut rd_kafka_share_t, username: *const c_char, password: *const c_char,
    ) -> *mut rd_kafka_error_t = error();
}
