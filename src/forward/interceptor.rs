//! Interceptors: not available in this version of the library; each function answers with its documented failure.

use std::ffi::{c_char, c_void};

use super::absent::{NOT_IMPLEMENTED, absent};
use super::types::*;
use crate::abi::public::*;

#[rustfmt::skip]
absent! {
    fn rd_kafka_conf_interceptor_add_on_conf_set(conf: *mut rd_kafka_conf_t, ic_name: *const c_char, on_conf_set: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_conf_interceptor_add_on_conf_dup(conf: *mut rd_kafka_conf_t, ic_name: *const c_char, on_conf_dup: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_conf_interceptor_add_on_conf_destroy(conf: *mut rd_kafka_conf_t, ic_name: *const c_char, on_conf_destroy: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_conf_interceptor_add_on_new(conf: *mut rd_kafka_conf_t, ic_name: *const c_char, on_new: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_destroy(rk: *mut rd_kafka_t, ic_name: *const c_char, on_destroy: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_send(rk: *mut rd_kafka_t, ic_name: *const c_char, on_send: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_acknowledgement(rk: *mut rd_kafka_t, ic_name: *const c_char, on_acknowledgement: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_consume(rk: *mut rd_kafka_t, ic_name: *const c_char, on_consume: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_commit(rk: *mut rd_kafka_t, ic_name: *const c_char, on_commit: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_request_sent(rk: *mut rd_kafka_t, ic_name: *const c_char, on_request_sent: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_response_received(rk: *mut rd_kafka_t, ic_name: *const c_char, on_response_received: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_thread_start(rk: *mut rd_kafka_t, ic_name: *const c_char, on_thread_start: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_thread_exit(rk: *mut rd_kafka_t, ic_name: *const c_char, on_thread_exit: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
    fn rd_kafka_interceptor_add_on_broker_state_change(rk: *mut rd_kafka_t, ic_name: *const c_char, on_broker_state_change: InterceptorFn, ic_opaque: *mut c_void) -> rd_kafka_resp_err_t = NOT_IMPLEMENTED;
}
