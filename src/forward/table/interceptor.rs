//! Interceptors.

use std::ffi::{c_char, c_void};

use crate::abi::callbacks::{
    rd_kafka_interceptor_f_on_acknowledgement_t, rd_kafka_interceptor_f_on_broker_state_change_t,
    rd_kafka_interceptor_f_on_commit_t, rd_kafka_interceptor_f_on_conf_destroy_t,
    rd_kafka_interceptor_f_on_conf_dup_t, rd_kafka_interceptor_f_on_conf_set_t,
    rd_kafka_interceptor_f_on_consume_t, rd_kafka_interceptor_f_on_destroy_t,
    rd_kafka_interceptor_f_on_new_t, rd_kafka_interceptor_f_on_request_sent_t,
    rd_kafka_interceptor_f_on_response_received_t, rd_kafka_interceptor_f_on_send_t,
    rd_kafka_interceptor_f_on_thread_exit_t, rd_kafka_interceptor_f_on_thread_start_t,
};
use crate::abi::public::{rd_kafka_conf_t, rd_kafka_resp_err_t, rd_kafka_t};
use crate::forward::absent::code;
use crate::forward::call::forward;

forward! {
    /// Adds an interceptor of set properties. `_CONFLICT`: it was added before.
    fn rd_kafka_conf_interceptor_add_on_conf_set(
        conf: *mut rd_kafka_conf_t, ic_name: *const c_char,
        on_conf_set: Option<rd_kafka_interceptor_f_on_conf_set_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of copied configurations. `_CONFLICT`: it was added before.
    fn rd_kafka_conf_interceptor_add_on_conf_dup(
        conf: *mut rd_kafka_conf_t, ic_name: *const c_char,
        on_conf_dup: Option<rd_kafka_interceptor_f_on_conf_dup_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of destroyed configurations.
    fn rd_kafka_conf_interceptor_add_on_conf_destroy(
        conf: *mut rd_kafka_conf_t, ic_name: *const c_char,
        on_conf_destroy: Option<rd_kafka_interceptor_f_on_conf_destroy_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of new instances. `_CONFLICT`: it was added before.
    fn rd_kafka_conf_interceptor_add_on_new(
        conf: *mut rd_kafka_conf_t, ic_name: *const c_char,
        on_new: Option<rd_kafka_interceptor_f_on_new_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of the instance's end. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_destroy(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_destroy: Option<rd_kafka_interceptor_f_on_destroy_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of produced messages. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_send(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_send: Option<rd_kafka_interceptor_f_on_send_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of final results. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_acknowledgement(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_acknowledgement: Option<rd_kafka_interceptor_f_on_acknowledgement_t>,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of consumed messages. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_consume(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_consume: Option<rd_kafka_interceptor_f_on_consume_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of committed offsets. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_commit(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_commit: Option<rd_kafka_interceptor_f_on_commit_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of sent requests. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_request_sent(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_request_sent: Option<rd_kafka_interceptor_f_on_request_sent_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of received responses. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_response_received(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_response_received: Option<rd_kafka_interceptor_f_on_response_received_t>,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of threads that start. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_thread_start(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_thread_start: Option<rd_kafka_interceptor_f_on_thread_start_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of threads that end. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_thread_exit(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_thread_exit: Option<rd_kafka_interceptor_f_on_thread_exit_t>, ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;

    /// Adds an interceptor of broker states. `_CONFLICT`: it was added before.
    fn rd_kafka_interceptor_add_on_broker_state_change(
        rk: *mut rd_kafka_t, ic_name: *const c_char,
        on_broker_state_change: Option<rd_kafka_interceptor_f_on_broker_state_change_t>,
        ic_opaque: *mut c_void,
    ) -> rd_kafka_resp_err_t = code(), Consumer;
}
