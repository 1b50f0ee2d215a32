//! Transactions. `transactional.id` is refused by this version of the library, so that no instance
//! has any.

use std::ffi::c_int;

use super::{error_object, from_c};
use crate::abi::handles::rd_kafka_consumer_group_metadata_t;
use crate::abi::public::*;
use crate::error::{Error, ErrorCode};
use crate::sys::fence::export;

/// The answer to every call.
///
/// # Safety
/// `rk` is NULL or a live instance.
unsafe fn refused(rk: *mut rd_kafka_t) -> *mut rd_kafka_error_t {
    // SAFETY: the caller's contract.
    let (code, text) = match unsafe { from_c::handle(rk) } {
        Some(_) => (
            ErrorCode::_NOT_CONFIGURED,
            "The Transactional API requires transactional.id to be configured",
        ),
        None => (
            ErrorCode::_INVALID_ARG,
            "The Transactional API can only be used on producer instances",
        ),
    };
    error_object::into_c(Err(Error::new(code, text)))
}

export! {
    /// Gets the producer its id, waiting up to `timeout_ms`. An error object that the caller
    /// destroys, or NULL.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_init_transactions(
        rk: *mut rd_kafka_t,
        _timeout_ms: c_int,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        unsafe { refused(rk) }
    }

    /// Begins a transaction. An error object that the caller destroys, or NULL.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_begin_transaction(rk: *mut rd_kafka_t) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        unsafe { refused(rk) }
    }

    /// Sends consumed offsets with the transaction. An error object that the caller destroys, or
    /// NULL.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_send_offsets_to_transaction(
        rk: *mut rd_kafka_t,
        _offsets: *const rd_kafka_topic_partition_list_t,
        _cgmetadata: *const rd_kafka_consumer_group_metadata_t,
        _timeout_ms: c_int,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        unsafe { refused(rk) }
    }

    /// Commits the transaction. An error object that the caller destroys, or NULL.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_commit_transaction(
        rk: *mut rd_kafka_t,
        _timeout_ms: c_int,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        unsafe { refused(rk) }
    }

    /// Aborts the transaction. An error object that the caller destroys, or NULL.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_abort_transaction(
        rk: *mut rd_kafka_t,
        _timeout_ms: c_int,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        unsafe { refused(rk) }
    }
}
