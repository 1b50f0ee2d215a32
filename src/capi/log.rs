//! Loggers.

use std::ffi::{c_char, c_int};

use super::{from_c, queue};
use crate::abi::callbacks::LogCb;
use crate::abi::public::*;
use crate::conf::LogSink;
use crate::error::ErrorCode;
use crate::log;
use crate::sys::fence::export;
use crate::sys::stderr;

/// The name of an instance, facility and text of a line, as texts.
///
/// # Safety
/// `rk` is NULL or a live instance; the texts are NULL or NUL-terminated.
unsafe fn line(
    rk: *const rd_kafka_t,
    fac: *const c_char,
    buf: *const c_char,
) -> (String, String, String) {
    // SAFETY: the caller's contract.
    unsafe {
        let text = |text: *const c_char| {
            from_c::text(text).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let name = from_c::handle(rk)
            .map(|handle| handle.name().to_string_lossy().into_owned())
            .unwrap_or_default();
        (name, text(fac), text(buf))
    }
}

export! {
    /// Writes a log line to standard error.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; the texts are NULL or NUL-terminated.
    fn rd_kafka_log_print(
        rk: *const rd_kafka_t,
        level: c_int,
        fac: *const c_char,
        buf: *const c_char,
    ) {
        // SAFETY: the caller's contract.
        let (name, facility, text) = unsafe { line(rk, fac, buf) };
        log::print(level, &facility, &name, &text);
    }

    /// Writes a log line to syslog.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; the texts are NULL or NUL-terminated.
    fn rd_kafka_log_syslog(
        rk: *const rd_kafka_t,
        level: c_int,
        fac: *const c_char,
        buf: *const c_char,
    ) {
        // SAFETY: the caller's contract.
        let (name, facility, text) = unsafe { line(rk, fac, buf) };
        stderr::syslog(level, &format!("{facility}: {name}: {text}"));
    }

    /// Sets the highest syslog level that an instance logs.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_set_log_level(rk: *mut rd_kafka_t, level: c_int) {
        // SAFETY: the caller's contract.
        if let Some(handle) = unsafe { from_c::handle(rk) } {
            handle.log.set_level(level);
        }
    }

    /// Sets the log callback of an instance (deprecated); NULL discards logs.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_set_logger(rk: *mut rd_kafka_t, func: Option<LogCb>) {
        // SAFETY: the caller's contract.
        if let Some(handle) = unsafe { from_c::handle(rk) } {
            handle.log.set_sink(func.map_or(LogSink::Discard, LogSink::Callback));
        }
    }

    /// Says where log lines go with `log.queue=true`: NULL is the main queue. `_NOT_CONFIGURED` without that property.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `rkqu` is NULL or a live queue object.
    fn rd_kafka_set_log_queue(
        rk: *mut rd_kafka_t,
        rkqu: *mut rd_kafka_queue_t,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (handle, queue) = unsafe { (from_c::handle(rk), queue::operations(rkqu)) };
        let Some(handle) = handle else { return ErrorCode::_INVALID_ARG.0 };
        let Some(lines) = handle.log.queue() else { return ErrorCode::_NOT_CONFIGURED.0 };
        let target = queue.unwrap_or_else(|| std::sync::Arc::clone(&handle.reply_queue));
        lines.forward(Some(&target));
        ErrorCode::NO_ERROR.0
    }
}
