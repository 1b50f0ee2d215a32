//! Rust values become C values, and the two places where C looks for a failure's cause: the
//! thread's last error and `errno`.

use std::cell::Cell;
use std::ffi::c_int;

use crate::abi::public::rd_kafka_resp_err_t;
use crate::error::ErrorCode;

thread_local! {
    /// `Cell<i32>` has no destructor, so it may live in application threads.
    static LAST_ERROR: Cell<i32> = const { Cell::new(0) };
}

/// Records the cause of this thread's failure, for `rd_kafka_last_error`.
pub(crate) fn set_last_error(code: ErrorCode) {
    LAST_ERROR.with(|last| last.set(code.0));
}

/// What was recorded last on this thread.
pub(crate) fn last_error() -> ErrorCode {
    ErrorCode(LAST_ERROR.with(Cell::get))
}

/// Records a failure with its `errno`. A success is recorded with [`set_last_error`], which leaves
/// `errno` alone.
pub(crate) fn fail(code: ErrorCode, errno: c_int) {
    set_last_error(code);
    set_errno(errno);
}

/// Sets this thread's `errno`.
pub(crate) fn set_errno(errno: c_int) {
    // SAFETY: the C library gives each thread its own, valid location.
    unsafe { *libc::__errno_location() = errno }
}

/// An error code as C code sees it.
pub(crate) fn code(result: Result<(), ErrorCode>) -> rd_kafka_resp_err_t {
    result.err().unwrap_or(ErrorCode::NO_ERROR).0
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(code(Ok(())), 0);
        assert_eq!(code(Err(ErrorCode::_STATE)), ErrorCode::_STATE.0);
    }
}
