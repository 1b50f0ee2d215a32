//! Transactions and secured transports: not available in this version of the library; each function answers with its documented failure.

use std::ffi::{c_char, c_void};

use super::absent::{NOT_IMPLEMENTED, absent, error, nothing};
use super::types::*;
use crate::abi::public::*;

#[rustfmt::skip]
absent! {
    fn rd_kafka_queue_get_sasl(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t = nothing();
    fn rd_kafka_sasl_background_callbacks_enable(rk: *mut rd_kafka_t) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_sasl_set_credentials(rk: *mut rd_kafka_t, username: *const c_char, password: *const c_char) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_consumer_group_metadata(rk: *mut rd_kafka_t) -> *mut rd_kafka_consumer_group_metadata_t = nothing();
    fn rd_kafka_consumer_group_metadata_new(group_id: *const c_char) -> *mut rd_kafka_consumer_group_metadata_t = nothing();
    fn rd_kafka_consumer_group_metadata_new_with_genid(group_id: *const c_char, generation_id: i32, member_id: *const c_char, group_instance_id: *const c_char) -> *mut rd_kafka_consumer_group_metadata_t = nothing();
    fn rd_kafka_consumer_group_metadata_group_id(group_metadata: *const rd_kafka_consumer_group_metadata_t) -> *const c_char = nothing();
    fn rd_kafka_consumer_group_metadata_group_instance_id(group_metadata: *const rd_kafka_consumer_group_metadata_t) -> *const c_char = nothing();
    fn rd_kafka_consumer_group_metadata_member_id(group_metadata: *const rd_kafka_consumer_group_metadata_t) -> *const c_char = nothing();
    fn rd_kafka_consumer_group_metadata_generation_id(group_metadata: *const rd_kafka_consumer_group_metadata_t) -> i32 = 0;
    fn rd_kafka_consumer_group_metadata_destroy(object: *mut rd_kafka_consumer_group_metadata_t) = ();
    fn rd_kafka_consumer_group_metadata_write(cgmd: *const rd_kafka_consumer_group_metadata_t, bufferp: *mut *mut c_void, sizep: *mut usize) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_consumer_group_metadata_read(cgmdp: *mut *mut rd_kafka_consumer_group_metadata_t, buffer: *const c_void, size: usize) -> *mut rd_kafka_error_t = error();
    fn rd_kafka_oauthbearer_set_token(rk: *mut rd_kafka_t, token_value: *const c_char, md_lifetime_ms: i64, md_principal_name: *const c_char, extensions: *mut *const c_char, extension_size: usize, errstr: *mut c_char, errstr_size: usize) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_oauthbearer_set_token_failure(rk: *mut rd_kafka_t, errstr: *const c_char) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
}
