//! Credentials and tokens at run time.

use std::ffi::c_char;
use std::ptr::null_mut;

use crate::abi::public::{rd_kafka_error_t, rd_kafka_queue_t, rd_kafka_resp_err_t, rd_kafka_t};
use crate::forward::absent::{code, code_with, error};
use crate::forward::call::forward;

forward! {
    /// The queue of OAUTHBEARER refreshes. The caller destroys the reference; NULL if there is
    /// none.
    fn rd_kafka_queue_get_sasl(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t = null_mut(), Consumer;

    /// Serves OAUTHBEARER refreshes on the background thread. NULL or an error that the caller
    /// destroys.
    fn rd_kafka_sasl_background_callbacks_enable(rk: *mut rd_kafka_t) -> *mut rd_kafka_error_t
        = error();

    /// Sets user name and password for the next authentication; both are copied. NULL or an error
    /// that the caller destroys.
    fn rd_kafka_sasl_set_credentials(
        rk: *mut rd_kafka_t, username: *const c_char, password: *const c_char,
    ) -> *mut rd_kafka_error_t = error();

    /// Sets a token and its life time (milliseconds since the epoch). `extensions` are
    /// `extension_size` strings, names and values in turn. All is copied.
    fn rd_kafka_oauthbearer_set_token(
        rk: *mut rd_kafka_t, token_value: *const c_char, md_lifetime_ms: i64,
        md_principal_name: *const c_char, extensions: *mut *const c_char, extension_size: usize,
        errstr: *mut c_char, errstr_size: usize,
    ) -> rd_kafka_resp_err_t = code_with(errstr, errstr_size);

    /// Says that no token could be had; an error event follows and a refresh is tried again.
    fn rd_kafka_oauthbearer_set_token_failure(
        rk: *mut rd_kafka_t, errstr: *const c_char,
    ) -> rd_kafka_resp_err_t = code();
}
