//! Standard error, and the system's log: the sinks of the default loggers.

use std::ffi::CString;

/// Writes one line to standard error, in one call.
pub(crate) fn write_line(line: &str) {
    let mut bytes = line.as_bytes().to_vec();
    bytes.push(b'\n');
    // SAFETY: the bytes are readable for their length. If nobody reads standard error there is
    // nobody to tell.
    unsafe { libc::write(libc::STDERR_FILENO, bytes.as_ptr().cast(), bytes.len()) };
}

/// Writes one line to syslog.
pub(crate) fn syslog(level: i32, line: &str) {
    static OPENED: std::sync::Once = std::sync::Once::new();
    // SAFETY: the identity is a static string, as openlog keeps the pointer; the format has one
    // string argument.
    unsafe {
        OPENED.call_once(|| {
            libc::openlog(c"rdkafka".as_ptr(), libc::LOG_PID | libc::LOG_CONS, libc::LOG_USER);
        });
        let line = CString::new(line.replace('\0', " ")).unwrap_or_default();
        libc::syslog(level, c"%s".as_ptr(), line.as_ptr());
    }
}
