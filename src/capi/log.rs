//! Loggers.

use std::ffi::{c_char, c_int};

use super::{from_c, queue};
use crate::abi::callbacks::LogCb;
use crate::abi::public::*;
use crate::conf::Hook;
use crate::error::ErrorCode;
use crate::forward::{both, queues};
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
            .unwrap_or_else(|| text(both::rd_kafka_name(rk).unwrap_or(std::ptr::null())));
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
        match unsafe { from_c::handle(rk) } {
            Some(handle) => handle.log.set_level(level),
            // SAFETY: as above.
            None => _ = unsafe { both::rd_kafka_set_log_level(rk, level) },
        }
    }

    /// Sets the log callback of an instance (deprecated); NULL discards logs.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_set_logger(rk: *mut rd_kafka_t, func: Option<LogCb>) {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => handle.log.set_sink(Hook::from(func)),
            // SAFETY: as above.
            None => _ = unsafe { both::rd_kafka_set_logger(rk, func) },
        }
    }

    /// Says where log lines go with `log.queue=true`: NULL is the main queue. `_NOT_CONFIGURED`
    /// without that property.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `rkqu` is NULL or a live queue object.
    fn rd_kafka_set_log_queue(
        rk: *mut rd_kafka_t,
        rkqu: *mut rd_kafka_queue_t,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (handle, queue) = unsafe { (from_c::handle(rk), queue::operations(rkqu)) };
        let Some(handle) = handle else {
            // SAFETY: as above.
            let answer = unsafe { both::rd_kafka_set_log_queue(rk, rkqu) };
            return answer.unwrap_or(ErrorCode::_INVALID_ARG.0);
        };
        let Some(lines) = handle.log.queue() else { return ErrorCode::_NOT_CONFIGURED.0 };
        let queue = queue.or_else(|| queues::front_for(rkqu, &handle));
        let target = queue.unwrap_or_else(|| std::sync::Arc::clone(&handle.reply_queue));
        lines.forward(Some(&target));
        ErrorCode::NO_ERROR.0
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::ffi::CStr;
    use std::process::Command;
    use std::ptr::{null, null_mut};
    use std::sync::Arc;

    use super::*;
    use crate::delivery::fixture::*;
    use crate::handle::Handle;
    use crate::log::level;

    thread_local! {
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    extern "C-unwind" fn on_line(
        rk: *const rd_kafka_t,
        level: c_int,
        fac: *const c_char,
        buf: *const c_char,
    ) {
        assert!(!rk.is_null());
        // SAFETY: both texts are NUL-terminated.
        let (fac, buf) = unsafe { (CStr::from_ptr(fac), CStr::from_ptr(buf)) };
        let line = format!("{level} {} {}", fac.to_string_lossy(), buf.to_string_lossy());
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    fn address(handle: &Arc<Handle>) -> *mut rd_kafka_t {
        Arc::as_ptr(handle).cast_mut().cast()
    }

    fn direct() -> Arc<Handle> {
        let handle = instance(|conf| crate::delivery::fixture::set(conf, b"log.queue", b"false"));
        handle.log.set_instance(handle.address());
        handle
    }

    #[test]
    fn a_logger_and_a_level_may_be_set_later() {
        let handle = direct();
        // SAFETY: the instance is live.
        unsafe {
            rd_kafka_set_logger(address(&handle), Some(on_line));
            handle.log.log(level::ERR, "A", "app", "one");
            handle.log.log(level::DEBUG, "B", "app", "two");
            rd_kafka_set_log_level(address(&handle), 7);
            handle.log.log(level::DEBUG, "C", "app", "three");
            rd_kafka_set_logger(address(&handle), None);
            handle.log.log(level::ERR, "D", "app", "four");
        }
        assert_eq!(LINES.take(), ["3 A [thrd:app]: one", "7 C [thrd:app]: three"]);
    }

    #[test]
    fn lines_go_to_the_queue_that_is_set_and_from_there_to_poll() {
        let handle = instance(|_| {});
        handle.log.set_instance(handle.address());
        handle.log.log(level::ERR, "A", "app", "one");
        // SAFETY: the instance is live.
        unsafe {
            rd_kafka_set_logger(address(&handle), Some(on_line));
            assert_eq!(rd_kafka_set_log_queue(address(&handle), null_mut()), 0);
            handle.log.log(level::ERR, "B", "app", "two");
            assert!(LINES.take().is_empty());
            assert_eq!(super::super::poll::rd_kafka_poll(address(&handle), 0), 2);
        }
        assert_eq!(LINES.take(), ["3 A [thrd:app]: one", "3 B [thrd:app]: two"]);
    }

    #[test]
    fn a_log_queue_needs_its_property() {
        let handle = direct();
        // SAFETY: the instance is live; NULL is allowed.
        unsafe {
            let refused = ErrorCode::_NOT_CONFIGURED.0;
            assert_eq!(rd_kafka_set_log_queue(address(&handle), null_mut()), refused);
            let invalid = ErrorCode::_INVALID_ARG.0;
            assert_eq!(rd_kafka_set_log_queue(null_mut(), null_mut()), invalid);
        }
    }

    #[test]
    fn the_default_logger_writes_one_line_to_standard_error() {
        const CHILD: &str = "RDKAFKA_TEST_LOG_PRINT";
        if std::env::var_os(CHILD).is_some() {
            let handle = direct();
            handle.log.log(level::WARNING, "FAC", "app", "by the logger");
            // SAFETY: the instance is live; the texts are NUL-terminated; NULL is allowed.
            unsafe {
                let text = c"by hand".as_ptr();
                rd_kafka_log_print(address(&handle), 3, c"FAC".as_ptr(), text);
                rd_kafka_log_print(null(), 3, c"FAC".as_ptr(), text);
            }
            return;
        }
        let name = "capi::log::tests::the_default_logger_writes_one_line_to_standard_error";
        let output = Command::new(std::env::current_exe().expect("this test's file"))
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, "1")
            .output()
            .expect("the child runs");
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| {
                let (level, rest) = line.split_once('|')?;
                let (time, rest) = rest.split_once('|')?;
                let (seconds, milliseconds) = time.split_once('.')?;
                assert!(seconds.len() >= 10 && milliseconds.len() == 3, "{line}");
                Some((level, rest))
            })
            .collect();
        let expected = [
            ("%4", "FAC|test#producer-1| [thrd:app]: by the logger"),
            ("%3", "FAC|test#producer-1| by hand"),
            ("%3", "FAC|| by hand"),
        ];
        assert_eq!(lines, expected, "{text}");
    }
}
