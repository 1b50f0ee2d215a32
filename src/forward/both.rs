//! Functions that make sense on both sides: the doors in `capi/` ask here when the object is not
//! ours.
//!
//! Each gives `None` if the object is not the peer's either, or the peer does not have the
//! function.

use std::ffi::{c_char, c_int, c_void};

use super::call::{Route, pass};
use super::peer::{Function, output};
use crate::abi::callbacks::{LogCb, QueueEventCb};
use crate::abi::public::*;

macro_rules! both {
    ($(fn $name:ident($($arg:ident : $type:ty),* $(,)?) $(-> $ret:ty)?;)*) => {
        $(
            /// The function of the peer.
            ///
            /// # Safety
            /// Pointers are NULL, or lead to what the prototype says.
            pub(crate) unsafe fn $name($($arg: $type),*) -> Option<output!($($ret)?)> {
                type Pointer = unsafe extern "C" fn($($type),*) $(-> $ret)?;
                static FUNCTION: Function = Function::new(concat!(stringify!($name), "\0"));
                // SAFETY: the caller's contract.
                unsafe { pass!(Route::Consumer, FUNCTION, Pointer, ($($arg),*)) }
            }
        )*
    };
}

both! {
    // Instances.
    fn rd_kafka_name(rk: *const rd_kafka_t) -> *const c_char;
    fn rd_kafka_type(rk: *const rd_kafka_t) -> rd_kafka_type_t;
    fn rd_kafka_opaque(rk: *const rd_kafka_t) -> *mut c_void;
    fn rd_kafka_clusterid(rk: *mut rd_kafka_t, timeout_ms: c_int) -> *mut c_char;
    fn rd_kafka_controllerid(rk: *mut rd_kafka_t, timeout_ms: c_int) -> i32;
    fn rd_kafka_brokers_add(rk: *mut rd_kafka_t, brokerlist: *const c_char) -> c_int;
    fn rd_kafka_brokers_learned_ids(rk: *mut rd_kafka_t, cntp: *mut usize) -> *mut i32;
    fn rd_kafka_fatal_error(
        rk: *mut rd_kafka_t, errstr: *mut c_char, size: usize,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_test_fatal_error(
        rk: *mut rd_kafka_t, err: rd_kafka_resp_err_t, reason: *const c_char,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_poll(rk: *mut rd_kafka_t, timeout_ms: c_int) -> c_int;
    fn rd_kafka_flush(rk: *mut rd_kafka_t, timeout_ms: c_int) -> rd_kafka_resp_err_t;
    fn rd_kafka_purge(rk: *mut rd_kafka_t, flags: c_int) -> rd_kafka_resp_err_t;
    fn rd_kafka_outq_len(rk: *mut rd_kafka_t) -> c_int;
    fn rd_kafka_set_log_level(rk: *mut rd_kafka_t, level: c_int);
    fn rd_kafka_set_logger(rk: *mut rd_kafka_t, function: Option<LogCb>);
    fn rd_kafka_set_log_queue(
        rk: *mut rd_kafka_t, queue: *mut rd_kafka_queue_t,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_metadata(
        rk: *mut rd_kafka_t, all_topics: c_int, only: *mut rd_kafka_topic_t,
        metadatap: *mut *const rd_kafka_metadata_t, timeout_ms: c_int,
    ) -> rd_kafka_resp_err_t;

    // Topics.
    fn rd_kafka_topic_destroy(rkt: *mut rd_kafka_topic_t);
    fn rd_kafka_topic_name(rkt: *const rd_kafka_topic_t) -> *const c_char;
    fn rd_kafka_topic_opaque(rkt: *const rd_kafka_topic_t) -> *mut c_void;
    fn rd_kafka_topic_partition_available(rkt: *const rd_kafka_topic_t, partition: i32) -> c_int;

    // Queues.
    fn rd_kafka_queue_new(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t;
    fn rd_kafka_queue_get_main(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t;
    fn rd_kafka_queue_get_background(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t;
    fn rd_kafka_queue_destroy(queue: *mut rd_kafka_queue_t);
    fn rd_kafka_queue_poll(
        queue: *mut rd_kafka_queue_t, timeout_ms: c_int,
    ) -> *mut rd_kafka_event_t;
    fn rd_kafka_queue_poll_callback(queue: *mut rd_kafka_queue_t, timeout_ms: c_int) -> c_int;
    fn rd_kafka_queue_length(queue: *mut rd_kafka_queue_t) -> usize;
    fn rd_kafka_queue_yield(queue: *mut rd_kafka_queue_t);
    fn rd_kafka_queue_io_event_enable(
        queue: *mut rd_kafka_queue_t, fd: c_int, payload: *const c_void, size: usize,
    );
    fn rd_kafka_queue_cb_event_enable(
        queue: *mut rd_kafka_queue_t, function: Option<QueueEventCb>, opaque: *mut c_void,
    );

    // Events.
    fn rd_kafka_event_type(event: *const rd_kafka_event_t) -> rd_kafka_event_type_t;
    fn rd_kafka_event_name(event: *const rd_kafka_event_t) -> *const c_char;
    fn rd_kafka_event_destroy(event: *mut rd_kafka_event_t);
    fn rd_kafka_event_message_next(event: *mut rd_kafka_event_t) -> *const rd_kafka_message_t;
    fn rd_kafka_event_message_array(
        event: *mut rd_kafka_event_t, messages: *mut *const rd_kafka_message_t, size: usize,
    ) -> usize;
    fn rd_kafka_event_message_count(event: *mut rd_kafka_event_t) -> usize;
    fn rd_kafka_event_config_string(event: *mut rd_kafka_event_t) -> *const c_char;
    fn rd_kafka_event_error(event: *mut rd_kafka_event_t) -> rd_kafka_resp_err_t;
    fn rd_kafka_event_error_string(event: *mut rd_kafka_event_t) -> *const c_char;
    fn rd_kafka_event_error_is_fatal(event: *mut rd_kafka_event_t) -> c_int;
    fn rd_kafka_event_opaque(event: *mut rd_kafka_event_t) -> *mut c_void;
    fn rd_kafka_event_log(
        event: *mut rd_kafka_event_t, facility: *mut *const c_char, text: *mut *const c_char,
        level: *mut c_int,
    ) -> c_int;
    fn rd_kafka_event_debug_contexts(
        event: *mut rd_kafka_event_t, dst: *mut c_char, size: usize,
    ) -> c_int;
    fn rd_kafka_event_stats(event: *mut rd_kafka_event_t) -> *const c_char;
    fn rd_kafka_event_topic_partition_list(
        event: *mut rd_kafka_event_t,
    ) -> *mut rd_kafka_topic_partition_list_t;
    fn rd_kafka_event_topic_partition(
        event: *mut rd_kafka_event_t,
    ) -> *mut rd_kafka_topic_partition_t;

    // Messages.
    fn rd_kafka_message_destroy(message: *mut rd_kafka_message_t);
    fn rd_kafka_message_produce_errstr(message: *const rd_kafka_message_t) -> *const c_char;
    fn rd_kafka_message_timestamp(
        message: *const rd_kafka_message_t, kind: *mut rd_kafka_timestamp_type_t,
    ) -> i64;
    fn rd_kafka_message_latency(message: *const rd_kafka_message_t) -> i64;
    fn rd_kafka_message_broker_id(message: *const rd_kafka_message_t) -> i32;
    fn rd_kafka_message_status(message: *const rd_kafka_message_t) -> rd_kafka_msg_status_t;
    fn rd_kafka_message_leader_epoch(message: *const rd_kafka_message_t) -> i32;
    fn rd_kafka_message_delivery_count(message: *const rd_kafka_message_t) -> i16;
    fn rd_kafka_messages_count(messages: *const rd_kafka_messages_t) -> usize;
    fn rd_kafka_messages_destroy(messages: *mut rd_kafka_messages_t);
    fn rd_kafka_message_headers(
        message: *const rd_kafka_message_t, headersp: *mut *mut rd_kafka_headers_t,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_message_detach_headers(
        message: *mut rd_kafka_message_t, headersp: *mut *mut rd_kafka_headers_t,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_message_set_headers(
        message: *mut rd_kafka_message_t, headers: *mut rd_kafka_headers_t,
    );

    // Headers.
    fn rd_kafka_headers_destroy(headers: *mut rd_kafka_headers_t);
    fn rd_kafka_headers_copy(headers: *const rd_kafka_headers_t) -> *mut rd_kafka_headers_t;
    fn rd_kafka_header_add(
        headers: *mut rd_kafka_headers_t, name: *const c_char, name_size: isize,
        value: *const c_void, value_size: isize,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_header_remove(
        headers: *mut rd_kafka_headers_t, name: *const c_char,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_header_get_last(
        headers: *const rd_kafka_headers_t, name: *const c_char, valuep: *mut *const c_void,
        sizep: *mut usize,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_header_get(
        headers: *const rd_kafka_headers_t, idx: usize, name: *const c_char,
        valuep: *mut *const c_void, sizep: *mut usize,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_header_get_all(
        headers: *const rd_kafka_headers_t, idx: usize, namep: *mut *const c_char,
        valuep: *mut *const c_void, sizep: *mut usize,
    ) -> rd_kafka_resp_err_t;
    fn rd_kafka_header_cnt(headers: *const rd_kafka_headers_t) -> usize;

    // Error objects.
    fn rd_kafka_error_code(error: *const rd_kafka_error_t) -> rd_kafka_resp_err_t;
    fn rd_kafka_error_name(error: *const rd_kafka_error_t) -> *const c_char;
    fn rd_kafka_error_string(error: *const rd_kafka_error_t) -> *const c_char;
    fn rd_kafka_error_is_fatal(error: *const rd_kafka_error_t) -> c_int;
    fn rd_kafka_error_is_retriable(error: *const rd_kafka_error_t) -> c_int;
    fn rd_kafka_error_txn_requires_abort(error: *const rd_kafka_error_t) -> c_int;
    fn rd_kafka_error_destroy(error: *mut rd_kafka_error_t);
}
