//! The variadic functions. Each public name is a single jump to a body in `variadic.c`, so registers and stack arrive
//! there untouched; the body turns its arguments into an array and calls one of the functions at the end.
#![allow(unreachable_pub)]

use std::arch::naked_asm;
use std::ffi::{c_char, c_int};

use crate::abi::public::{
    rd_kafka_error_t, rd_kafka_mock_cluster_t, rd_kafka_resp_err_t, rd_kafka_t, rd_kafka_vu_t,
};
use crate::sys::fence::fenced;

/// The instruction that jumps.
#[cfg(target_arch = "x86_64")]
macro_rules! jump {
    () => {
        "jmp {body}"
    };
}
#[cfg(target_arch = "aarch64")]
macro_rules! jump {
    () => {
        "b {body}"
    };
}

/// Exports variadic functions: prototype for the header, name of the C body.
macro_rules! variadic {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident : $type:ty,)+ ...) $(-> $ret:ty)? = $body:ident;)*) => {
        unsafe extern "C" {
            $(fn $body();)*
        }
        $(
            const _: Option<unsafe extern "C" fn($($type,)+ ...) $(-> $ret)?> = None;
            $(#[$meta])*
            #[unsafe(no_mangle)]
            #[unsafe(naked)]
            pub unsafe extern "C" fn $name() {
                naked_asm!(jump!(), body = sym $body)
            }
        )*
    };
}

variadic! {
    /// Produces one message; its parts are given as `RD_KAFKA_V_...`, the last one is `RD_KAFKA_V_END`.
    ///
    /// A topic is needed; everything else is optional. Key and headers are copied, the value as `RD_KAFKA_V_MSGFLAGS`
    /// says. `RD_KAFKA_V_HEADERS` is taken only if the call succeeds. Returns 0 or an error.
    ///
    /// # Safety
    /// `rk` is a live producer; each tag is followed by its values; the list is ended.
    fn rd_kafka_producev(rk: *mut rd_kafka_t, ...) -> rd_kafka_resp_err_t = rdkafka_oxide_c_producev;

    /// Makes an error object with a text formatted as by `printf`; the text of the code if `fmt` is NULL.
    ///
    /// The caller destroys it.
    ///
    /// # Safety
    /// The arguments fit the format.
    fn rd_kafka_error_new(code: rd_kafka_resp_err_t, fmt: *const c_char, ...)
        -> *mut rd_kafka_error_t = rdkafka_oxide_c_error_new;

    /// Has the next `cnt` requests of a type meet these errors (`rd_kafka_resp_err_t`), one each.
    ///
    /// `RD_KAFKA_RESP_ERR__TRANSPORT` closes the connection.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `cnt` errors follow.
    fn rd_kafka_mock_push_request_errors(
        mcluster: *mut rd_kafka_mock_cluster_t, api_key: i16, cnt: usize, ...
    ) = rdkafka_oxide_c_push_errors;

    /// Has a broker's next `cnt` requests of a type meet these errors (`rd_kafka_resp_err_t`), each answered after
    /// its round-trip time (`int`, milliseconds).
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `cnt` pairs of an error and a time follow.
    fn rd_kafka_mock_broker_push_request_error_rtts(
        mcluster: *mut rd_kafka_mock_cluster_t, broker_id: i32, api_key: i16, cnt: usize, ...
    ) -> rd_kafka_resp_err_t = rdkafka_oxide_c_push_error_rtts;

    /// Has a partition meet these errors (`rd_kafka_resp_err_t`) in the next `cnt` requests of a type.
    ///
    /// The topic is created if need be.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated; `cnt` errors follow.
    fn rd_kafka_mock_partition_push_request_errors(
        mcluster: *mut rd_kafka_mock_cluster_t, topic: *const c_char, partition: i32, api_key: i16,
        cnt: usize, ...
    ) -> rd_kafka_resp_err_t = rdkafka_oxide_c_push_partition_errors;
}

/// What `variadic.c` calls. The names are hidden there, so the shared library does not export them.
mod called_by_c {
    use super::*;

    /// # Safety
    /// `vus` is readable for `cnt` elements, whose values are as their tags say.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rdkafka_oxide_producev(
        rk: *mut rd_kafka_t,
        vus: *const rd_kafka_vu_t,
        cnt: usize,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the contract of `rd_kafka_producev`, kept by its C body.
        fenced("rd_kafka_producev", || unsafe { bodies::producev(rk, vus, cnt) })
    }

    /// # Safety
    /// `text` is NULL or NUL-terminated.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rdkafka_oxide_error_new(
        code: rd_kafka_resp_err_t,
        text: *const c_char,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        fenced("rd_kafka_error_new", || unsafe { bodies::error_new(code, text) })
    }

    /// # Safety
    /// `mcluster` is NULL or live; `errors` is readable for `cnt` elements.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rdkafka_oxide_push_errors(
        mcluster: *mut rd_kafka_mock_cluster_t,
        api_key: i16,
        cnt: usize,
        errors: *const rd_kafka_resp_err_t,
    ) {
        fenced("rd_kafka_mock_push_request_errors", || {
            // SAFETY: the caller's contract.
            unsafe { bodies::push_errors(mcluster, api_key, cnt, errors) }
        });
    }

    /// # Safety
    /// `mcluster` is NULL or live; both arrays are readable for `cnt` elements.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rdkafka_oxide_push_error_rtts(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
        api_key: i16,
        cnt: usize,
        errors: *const rd_kafka_resp_err_t,
        rtts: *const c_int,
    ) -> rd_kafka_resp_err_t {
        fenced("rd_kafka_mock_broker_push_request_error_rtts", || {
            // SAFETY: the caller's contract.
            unsafe { bodies::push_error_rtts(mcluster, broker_id, api_key, cnt, errors, rtts) }
        })
    }

    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated; `errors` is readable for `cnt` elements.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rdkafka_oxide_push_partition_errors(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition: i32,
        api_key: i16,
        cnt: usize,
        errors: *const rd_kafka_resp_err_t,
    ) -> rd_kafka_resp_err_t {
        fenced("rd_kafka_mock_partition_push_request_errors", || {
            // SAFETY: the caller's contract.
            unsafe { bodies::push_partition_errors(mcluster, topic, partition, api_key, cnt, errors) }
        })
    }
}

/// The functions behind, from the files of their sections. Replaced by `use` lines when those files are merged.
mod bodies {
    use super::*;
    use crate::error::ErrorCode;

    pub(super) unsafe fn producev(
        _rk: *mut rd_kafka_t,
        _vus: *const rd_kafka_vu_t,
        _cnt: usize,
    ) -> rd_kafka_resp_err_t {
        ErrorCode::_NOT_IMPLEMENTED.0
    }

    pub(super) unsafe fn error_new(
        _code: rd_kafka_resp_err_t,
        _text: *const c_char,
    ) -> *mut rd_kafka_error_t {
        std::ptr::null_mut()
    }

    pub(super) unsafe fn push_errors(
        _mcluster: *mut rd_kafka_mock_cluster_t,
        _api_key: i16,
        _cnt: usize,
        _errors: *const rd_kafka_resp_err_t,
    ) {
    }

    pub(super) unsafe fn push_error_rtts(
        _mcluster: *mut rd_kafka_mock_cluster_t,
        _broker_id: i32,
        _api_key: i16,
        _cnt: usize,
        _errors: *const rd_kafka_resp_err_t,
        _rtts: *const c_int,
    ) -> rd_kafka_resp_err_t {
        ErrorCode::_NOT_IMPLEMENTED.0
    }

    pub(super) unsafe fn push_partition_errors(
        _mcluster: *mut rd_kafka_mock_cluster_t,
        _topic: *const c_char,
        _partition: i32,
        _api_key: i16,
        _cnt: usize,
        _errors: *const rd_kafka_resp_err_t,
    ) -> rd_kafka_resp_err_t {
        ErrorCode::_NOT_IMPLEMENTED.0
    }
}
