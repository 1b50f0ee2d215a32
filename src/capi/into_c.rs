//! Rust values to C values: error texts into buffers, the thread's last error, errno.

use std::cell::Cell;
use std::ffi::c_char;

use crate::error::ErrorCode;

thread_local! {
    /// `rd_kafka_last_error`. A plain cell: it needs no destructor.
    static LAST_ERROR: Cell<i32> = const { Cell::new(0) };
}

/// Remembers the thread's last error.
pub(crate) fn set_last_error(code: ErrorCode) {
    LAST_ERROR.set(code.0);
}

/// The thread's last error.
pub(crate) fn last_error() -> ErrorCode {
    ErrorCode(LAST_ERROR.get())
}

/// Remembers the thread's last error and sets errno. Called last in a door: Rust code may change
/// errno.
pub(crate) fn fail(code: ErrorCode, errno: i32) {
    set_last_error(code);
    set_errno(errno);
}

/// Sets errno.
pub(crate) fn set_errno(errno: i32) {
    // SAFETY: the address is the thread's own errno.
    unsafe { *libc::__errno_location() = errno };
}

/// The errno that goes with a code that a produce call returns.
pub(crate) fn errno_of(code: ErrorCode) -> i32 {
    match code {
        ErrorCode::_QUEUE_FULL => libc::ENOBUFS,
        ErrorCode::MSG_SIZE_TOO_LARGE => libc::EMSGSIZE,
        ErrorCode::_UNKNOWN_PARTITION => libc::ESRCH,
        ErrorCode::_UNKNOWN_TOPIC => libc::ENOENT,
        ErrorCode::_FATAL => libc::ECANCELED,
        ErrorCode::_STATE => libc::ENOEXEC,
        _ => libc::EINVAL,
    }
}

/// Writes a text into a caller's buffer: cut to its size and at a NUL, always NUL-terminated, never
/// beyond it.
///
/// # Safety
/// `buffer` is NULL or writable for `size` bytes.
pub(crate) unsafe fn text(buffer: *mut c_char, size: usize, text: &str) {
    if buffer.is_null() || size == 0 {
        return;
    }
    let text = text.as_bytes();
    let text = &text[..text.iter().position(|byte| *byte == 0).unwrap_or(text.len())];
    let len = text.len().min(size - 1);
    // SAFETY: `len` and the NUL fit into `size`.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast::<u8>(), len);
        *buffer.add(len) = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_its_buffer_and_nul_terminated() {
        for (size, expected) in [
            (0, *b"########"),
            (1, *b"\0#######"),
            (4, *b"abc\0####"),
            (7, *b"abcdef\0#"),
            (8, *b"abcdef\0#"),
        ] {
            let mut buffer = *b"########";

            // SAFETY: the buffer is at least `size` long.
            unsafe { text(buffer.as_mut_ptr().cast(), size, "abcdef\0g") };

            assert_eq!(buffer, expected, "size {size}");
        }
    }

    #[test]
    fn a_null_buffer_takes_nothing() {
        // SAFETY: NULL is allowed.
        unsafe { text(std::ptr::null_mut(), 100, "text") };
    }

    #[test]
    fn the_last_error_belongs_to_its_thread() {
        fail(ErrorCode::_QUEUE_FULL, libc::ENOBUFS);
        let errno = std::io::Error::last_os_error().raw_os_error();

        let other = std::thread::spawn(last_error).join().expect("the thread only reads");

        assert_eq!(other, ErrorCode::NO_ERROR);
        assert_eq!(last_error(), ErrorCode::_QUEUE_FULL);
        assert_eq!(errno, Some(libc::ENOBUFS));
    }

    #[test]
    fn a_success_leaves_errno_alone() {
        fail(ErrorCode::_FAIL, libc::EIO);
        set_last_error(ErrorCode::NO_ERROR);

        assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EIO));
    }
}
