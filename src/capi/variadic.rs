//! The variadic functions. Stable Rust cannot define one, and a shared library does not export symbols of a C object: so
//! the body is C (`variadic.c`), the public name a jump to it, and what the C body calls is a hidden name of a Rust body.

use std::arch::{global_asm, naked_asm};
use std::ffi::{c_char, c_int};

use super::error_object::error_new_body;
use super::mock;
use super::produceva::producev_body;
use crate::abi::public::*;
use crate::sys::fence::fenced;

unsafe extern "C" {
    fn oxide_producev();
    fn oxide_error_new();
    fn oxide_push_request_errors();
    fn oxide_push_request_error_rtts();
    fn oxide_partition_push_request_errors();
}

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

/// Public names: one jump each.
macro_rules! variadic {
    ($($(#[$meta:meta])* $name:ident => $body:ident;)*) => {
        $(
            $(#[$meta])*
            ///
            /// # Safety
            /// As the C prototype in the header says.
            #[unsafe(no_mangle)]
            #[unsafe(naked)]
            pub unsafe extern "C" fn $name() {
                naked_asm!(jump!(), body = sym $body)
            }
        )*
    };
}

variadic! {
    /// Produces what a list of `RD_KAFKA_V_*` values says.
    rd_kafka_producev => oxide_producev;
    /// Makes an error object with a formatted text.
    rd_kafka_error_new => oxide_error_new;
    /// Makes the next requests of a kind fail, on any broker of the mock cluster.
    rd_kafka_mock_push_request_errors => oxide_push_request_errors;
    /// Makes the next requests of a kind fail after a time, on one broker of the mock cluster.
    rd_kafka_mock_broker_push_request_error_rtts => oxide_push_request_error_rtts;
    /// Makes the next requests of a kind fail for one partition of the mock cluster.
    rd_kafka_mock_partition_push_request_errors => oxide_partition_push_request_errors;
}

/// Hidden names for the C body to call.
macro_rules! hidden {
    ($($name:literal => $body:ident;)*) => {
        $(
            global_asm!(
                concat!(".globl ", $name),
                concat!(".hidden ", $name),
                concat!($name, ":"),
                jump!(),
                body = sym $body
            );
        )*
    };
}

hidden! {
    "oxide_producev_body" => producev_body;
    "oxide_error_new_body" => error_new_body;
    "oxide_push_request_errors_body" => push_request_errors;
    "oxide_push_request_error_rtts_body" => push_request_error_rtts;
    "oxide_partition_push_request_errors_body" => partition_push_request_errors;
}

unsafe extern "C" fn push_request_errors(
    cluster: *mut rd_kafka_mock_cluster_t,
    key: i16,
    count: usize,
    errors: *const rd_kafka_resp_err_t,
) {
    fenced("rd_kafka_mock_push_request_errors", || {
        // SAFETY: the C body gives an array of that many errors.
        unsafe { mock::mock_push_request_errors_array_impl(cluster, key, count, errors) };
    });
}

unsafe extern "C" fn push_request_error_rtts(
    cluster: *mut rd_kafka_mock_cluster_t,
    broker: i32,
    key: i16,
    count: usize,
    errors: *const rd_kafka_resp_err_t,
    rtts: *const c_int,
) -> rd_kafka_resp_err_t {
    fenced("rd_kafka_mock_broker_push_request_error_rtts", || {
        // SAFETY: the C body gives arrays of that many errors and times.
        unsafe {
            mock::mock_broker_push_request_error_rtts_impl(
                cluster, broker, key, count, errors, rtts,
            )
        }
    })
}

unsafe extern "C" fn partition_push_request_errors(
    cluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: i32,
    key: i16,
    count: usize,
    errors: *const rd_kafka_resp_err_t,
) -> rd_kafka_resp_err_t {
    fenced("rd_kafka_mock_partition_push_request_errors", || {
        // SAFETY: the C body gives an array of that many errors.
        unsafe {
            mock::mock_partition_push_request_errors_impl(
                cluster, topic, partition, key, count, errors,
            )
        }
    })
}
