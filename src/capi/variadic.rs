//! The variadic functions. Each public name is a single jump to a body in `variadic.c`, so
//! registers and stack arrive there untouched; the body turns its arguments into an array and
//! calls one of the functions at the end.
#![allow(unreachable_pub)]

use std::arch::naked_asm;
use std::ffi::{c_char, c_int};

use crate::abi::public::{
    rd_kafka_error_t, rd_kafka_mock_cluster_t, rd_kafka_resp_err_t, rd_kafka_t, rd_kafka_vu_t,
};
use crate::capi::error_object::error_new_body;
use crate::capi::mock;
use crate::capi::produceva::producev_body;
use crate::sys::fence::{fenced, object_of};

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
    ($(
        $(#[$meta:meta])*
        fn $name:ident($($arg:ident : $type:ty,)+ ...) $(-> $ret:ty)? = $body:ident;
    )*) => {
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
    /// Produces one message; its parts are given as `RD_KAFKA_V_...`, the last one is
    /// `RD_KAFKA_V_END`.
    ///
    /// A topic is needed; everything else is optional. Key and headers are copied, the value as
    /// `RD_KAFKA_V_MSGFLAGS` says. `RD_KAFKA_V_HEADERS` is taken only if the call succeeds.
    /// Returns 0 or an error.
    ///
    /// # Safety
    /// `rk` is a live producer; each tag is followed by its values; the list is ended.
    fn rd_kafka_producev(rk: *mut rd_kafka_t, ...)
        -> rd_kafka_resp_err_t = rdkafka_oxide_c_producev;

    /// Makes an error object with a text formatted as by `printf`; the text of the code if `fmt`
    /// is NULL.
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

    /// Has a broker's next `cnt` requests of a type meet these errors (`rd_kafka_resp_err_t`),
    /// each answered after its round-trip time (`int`, milliseconds).
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `cnt` pairs of an error and a time follow.
    fn rd_kafka_mock_broker_push_request_error_rtts(
        mcluster: *mut rd_kafka_mock_cluster_t, broker_id: i32, api_key: i16, cnt: usize, ...
    ) -> rd_kafka_resp_err_t = rdkafka_oxide_c_push_error_rtts;

    /// Has a partition meet these errors (`rd_kafka_resp_err_t`) in the next `cnt` requests of a
    /// type.
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
        unsafe { producev_body(rk, vus, cnt) }
    }

    /// # Safety
    /// `text` is NULL or NUL-terminated.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rdkafka_oxide_error_new(
        code: rd_kafka_resp_err_t,
        text: *const c_char,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        unsafe { error_new_body(code, text) }
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
        fenced(
            "rd_kafka_mock_push_request_errors",
            || object_of(&[&mcluster]),
            || {
                // SAFETY: the caller's contract.
                unsafe {
                    mock::mock_push_request_errors_array_impl(mcluster, api_key, cnt, errors)
                };
            },
        );
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
        fenced(
            "rd_kafka_mock_broker_push_request_error_rtts",
            || object_of(&[&mcluster]),
            || {
                // SAFETY: the caller's contract.
                unsafe {
                    mock::mock_broker_push_request_error_rtts_impl(
                        mcluster, broker_id, api_key, cnt, errors, rtts,
                    )
                }
            },
        )
    }

    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated; `errors` is readable for
    /// `cnt` elements.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rdkafka_oxide_push_partition_errors(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition: i32,
        api_key: i16,
        cnt: usize,
        errors: *const rd_kafka_resp_err_t,
    ) -> rd_kafka_resp_err_t {
        fenced(
            "rd_kafka_mock_partition_push_request_errors",
            || object_of(&[&mcluster]),
            || {
                // SAFETY: the caller's contract.
                unsafe {
                    mock::mock_partition_push_request_errors_impl(
                        mcluster, topic, partition, api_key, cnt, errors,
                    )
                }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capi::error_object::{
        rd_kafka_error_code, rd_kafka_error_destroy, rd_kafka_error_string,
    };
    use crate::capi::mock::{
        rd_kafka_mock_broker_error_stack_cnt, rd_kafka_mock_cluster_destroy,
        rd_kafka_mock_cluster_new,
    };
    use std::ffi::CStr;
    use std::mem::transmute;
    use std::ptr::null_mut;

    type ErrorNew =
        unsafe extern "C" fn(rd_kafka_resp_err_t, *const c_char, ...) -> *mut rd_kafka_error_t;
    type Producev = unsafe extern "C" fn(*mut rd_kafka_t, ...) -> rd_kafka_resp_err_t;
    type PushRtts = unsafe extern "C" fn(
        *mut rd_kafka_mock_cluster_t,
        i32,
        i16,
        usize,
        ...
    ) -> rd_kafka_resp_err_t;
    type Push = unsafe extern "C" fn(*mut rd_kafka_mock_cluster_t, i16, usize, ...);

    #[test]
    fn the_text_of_an_error_is_formatted_whole() {
        let long = std::ffi::CString::new("x".repeat(5000)).expect("no NUL");
        // SAFETY: the public name takes these arguments; the arguments fit the formats.
        unsafe {
            let new = transmute::<unsafe extern "C" fn(), ErrorNew>(rd_kafka_error_new);
            let seen = |error: *mut rd_kafka_error_t| {
                let text = CStr::from_ptr(rd_kafka_error_string(error)).to_str().expect("UTF-8");
                let seen = (rd_kafka_error_code(error), text.to_owned());
                rd_kafka_error_destroy(error);
                seen
            };
            let error = new(-185, c"%s, %d and %lld".as_ptr(), c"text".as_ptr(), 7, 1_i64 << 40);
            assert_eq!(seen(error), (-185, "text, 7 and 1099511627776".to_owned()));
            let error = new(-172, c"<%s>".as_ptr(), long.as_ptr());
            assert_eq!(seen(error), (-172, format!("<{}>", "x".repeat(5000))));
            let of_code = (-185, "Local: Timed out".to_owned());
            assert_eq!(seen(new(-185, std::ptr::null())), of_code);
            assert_eq!(seen(new(-185, c"".as_ptr())), of_code);
        }
    }

    #[test]
    fn pushed_errors_arrive_one_by_one() {
        // SAFETY: the public names take these arguments; the cluster lives until it is destroyed.
        unsafe {
            let push = transmute::<unsafe extern "C" fn(), Push>(rd_kafka_mock_push_request_errors);
            let push_rtts = transmute::<unsafe extern "C" fn(), PushRtts>(
                rd_kafka_mock_broker_push_request_error_rtts,
            );
            let cluster = rd_kafka_mock_cluster_new(null_mut(), 1);
            assert!(!cluster.is_null());
            let count = || {
                let mut count = 0;
                let err = rd_kafka_mock_broker_error_stack_cnt(cluster, 1, 0, &raw mut count);
                assert_eq!(err, 0);
                count
            };
            assert_eq!(push_rtts(cluster, 1, 0, 3, 6, 10, -195, 20, 0, 30), 0);
            assert_eq!(count(), 3);
            push(cluster, 0, 0);
            push(null_mut(), 0, 2, 6, 7);
            assert_eq!(count(), 3);
            rd_kafka_mock_cluster_destroy(cluster);
        }
    }

    #[test]
    fn a_long_list_of_values_and_an_unknown_tag_come_to_their_end() {
        const HEADER: c_int = 9;
        let (name, value) = (c"name".as_ptr(), c"value".as_ptr());
        // SAFETY: the public name takes these arguments; the instance is NULL, which is refused.
        unsafe {
            let producev = transmute::<unsafe extern "C" fn(), Producev>(rd_kafka_producev);
            macro_rules! headers {
                ($($_time:literal)*) => {
                    producev(null_mut(), $({ let _ = $_time; HEADER }, name, value, 5_isize,)* 0)
                };
            }
            let err = headers!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25
                26 27 28 29 30 31 32 33 34 35 36 37 38 39 40);
            assert_eq!(err, -186);
            assert_eq!(producev(null_mut(), 4711, 1, 2, 3), -186);
        }
    }
}
