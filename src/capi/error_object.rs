//! The error object `rd_kafka_error_t`: made from [`Error`], read by C code.
//!
//! `rd_kafka_error_new` itself is variadic; its C body formats the text, then calls
//! [`error_new_body`].

use std::ffi::{CStr, CString, c_char, c_int};

use crate::abi::public::{rd_kafka_error_t, rd_kafka_resp_err_t};
use crate::capi::codes;
use crate::error::{Error, ErrorCode};
use crate::forward::both;
use crate::own::mark::{self, Mark};
use crate::sys::fence::{export, fenced};

/// What `rd_kafka_error_t` points at, when it is ours.
#[repr(C)]
pub(crate) struct ErrorObject {
    mark: Mark,
    code: ErrorCode,
    /// `None`: the text of the code.
    text: Option<CString>,
    is_fatal: bool,
    is_retriable: bool,
    requires_abort: bool,
}

impl ErrorObject {
    fn new(code: ErrorCode, text: Option<CString>) -> Self {
        Self {
            mark: Mark::ERROR,
            code,
            text,
            is_fatal: false,
            is_retriable: false,
            requires_abort: false,
        }
    }

    /// Gives the object to C code, which destroys it with `rd_kafka_error_destroy`.
    pub(crate) fn into_raw(self) -> *mut rd_kafka_error_t {
        Box::into_raw(Box::new(self)).cast()
    }

    /// Looks at an object of C code; `None` for NULL and for what is no object of ours.
    ///
    /// # Safety
    /// `object` is NULL or points to an opaque object that lives during `'a`.
    pub(crate) unsafe fn borrow<'a>(object: *const rd_kafka_error_t) -> Option<&'a Self> {
        // SAFETY: the mark says that `into_raw` made the pointer; life time is the caller's word.
        unsafe { mark::is(object, Mark::ERROR).then(|| &*object.cast::<Self>()) }
    }

    /// Takes the object back from C code; `None` for NULL and for what is no object of ours.
    ///
    /// # Safety
    /// `object` is NULL or points to a live opaque object; if it is one of ours, the caller owned
    /// it and nobody uses it any more.
    pub(crate) unsafe fn from_raw(object: *mut rd_kafka_error_t) -> Option<Box<Self>> {
        // SAFETY: the mark says that `into_raw` made the pointer; ownership is the caller's word.
        unsafe { mark::is(object, Mark::ERROR).then(|| Box::from_raw(object.cast::<Self>())) }
    }
}

impl From<Error> for ErrorObject {
    fn from(error: Error) -> Self {
        let text = error.text.split('\0').next().unwrap_or_default();
        let text = CString::new(text).ok().filter(|text| !text.is_empty());
        let mut object = Self::new(error.code, text);
        object.is_fatal = error.is_fatal;
        object.is_retriable = error.is_retriable;
        object.requires_abort = error.requires_abort;
        object
    }
}

impl Drop for ErrorObject {
    fn drop(&mut self) {
        mark::bury(&mut self.mark);
    }
}

/// The error as an object for C code; NULL says that all went well.
pub(crate) fn into_c(result: Result<(), Error>) -> *mut rd_kafka_error_t {
    match result {
        Ok(()) => std::ptr::null_mut(),
        Err(error) => ErrorObject::from(error).into_raw(),
    }
}

/// What `rd_kafka_error_new` does once its text is formatted; NULL text: the text of the code.
///
/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe extern "C" fn error_new_body(
    code: c_int,
    text: *const c_char,
) -> *mut rd_kafka_error_t {
    fenced(
        "rd_kafka_error_new",
        || 0,
        || {
            // SAFETY: not NULL, and NUL-terminated by the caller's contract.
            let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_owned());
            ErrorObject::new(ErrorCode(code), text).into_raw()
        },
    )
}

export! {
    /// The error's code; no error for NULL.
    ///
    /// # Safety
    /// `error` is NULL or a live error object.
    fn rd_kafka_error_code(error: *const rd_kafka_error_t) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        match unsafe { ErrorObject::borrow(error) } {
            Some(error) => error.code.0,
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_error_code(error) }.unwrap_or(0),
        }
    }

    /// The name of the error's code; empty for NULL.
    ///
    /// # Safety
    /// `error` is NULL or a live error object.
    fn rd_kafka_error_name(error: *const rd_kafka_error_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { ErrorObject::borrow(error) } {
            Some(error) => codes::name(error.code),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_error_name(error) }.unwrap_or(c"".as_ptr()),
        }
    }

    /// The error's text, as long as the object lives; empty for NULL.
    ///
    /// # Safety
    /// `error` is NULL or a live error object.
    fn rd_kafka_error_string(error: *const rd_kafka_error_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { ErrorObject::borrow(error) } {
            Some(error) => match &error.text {
                Some(text) => text.as_ptr(),
                None => codes::text(error.code),
            },
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_error_string(error) }.unwrap_or(c"".as_ptr()),
        }
    }

    /// Is the instance dead?
    ///
    /// # Safety
    /// `error` is NULL or a live error object.
    fn rd_kafka_error_is_fatal(error: *const rd_kafka_error_t) -> c_int {
        // SAFETY: the caller's contract.
        match unsafe { ErrorObject::borrow(error) } {
            Some(error) => c_int::from(error.is_fatal),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_error_is_fatal(error) }.unwrap_or(0),
        }
    }

    /// May the same call succeed later?
    ///
    /// # Safety
    /// `error` is NULL or a live error object.
    fn rd_kafka_error_is_retriable(error: *const rd_kafka_error_t) -> c_int {
        // SAFETY: the caller's contract.
        match unsafe { ErrorObject::borrow(error) } {
            Some(error) => c_int::from(error.is_retriable),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_error_is_retriable(error) }.unwrap_or(0),
        }
    }

    /// Must the current transaction be aborted?
    ///
    /// # Safety
    /// `error` is NULL or a live error object.
    fn rd_kafka_error_txn_requires_abort(error: *const rd_kafka_error_t) -> c_int {
        // SAFETY: the caller's contract.
        match unsafe { ErrorObject::borrow(error) } {
            Some(error) => c_int::from(error.requires_abort),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_error_txn_requires_abort(error) }.unwrap_or(0),
        }
    }

    /// Destroys the object. NULL is allowed.
    ///
    /// # Safety
    /// The caller owns `error` and nobody uses it any more.
    fn rd_kafka_error_destroy(error: *mut rd_kafka_error_t) {
        // SAFETY: the caller's contract.
        match unsafe { ErrorObject::from_raw(error) } {
            Some(error) => drop(error),
            // SAFETY: as above.
            None => _ = unsafe { both::rd_kafka_error_destroy(error) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null;

    /// Everything that C code can see of an error object.
    unsafe fn seen(error: *const rd_kafka_error_t) -> (i32, String, String, [c_int; 3]) {
        // SAFETY: `error` is NULL or live; the texts live as long as it.
        unsafe {
            let text = |text| CStr::from_ptr(text).to_str().expect("UTF-8").to_owned();
            (
                rd_kafka_error_code(error),
                text(rd_kafka_error_name(error)),
                text(rd_kafka_error_string(error)),
                [
                    rd_kafka_error_is_fatal(error),
                    rd_kafka_error_is_retriable(error),
                    rd_kafka_error_txn_requires_abort(error),
                ],
            )
        }
    }

    #[test]
    fn a_null_error_is_no_error() {
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(seen(null()), (0, String::new(), String::new(), [0; 3]));
            rd_kafka_error_destroy(std::ptr::null_mut());
        }
        assert!(into_c(Ok(())).is_null());
    }

    #[test]
    fn code_text_and_flags_arrive() {
        let mut error = Error::new(ErrorCode::_TIMED_OUT, "too slow\0hidden").fatal();
        error.is_retriable = true;
        error.requires_abort = true;
        let object = into_c(Err(error));
        // SAFETY: the object is live until it is destroyed.
        unsafe {
            assert_eq!(seen(object), (-185, "_TIMED_OUT".into(), "too slow".into(), [1; 3]));
            rd_kafka_error_destroy(object);
        }
    }

    #[test]
    fn without_a_text_the_code_speaks() {
        // SAFETY: the text is NULL or NUL-terminated; objects are live until they are destroyed.
        unsafe {
            for (code, text, name, expected) in [
                (-185, null(), "_TIMED_OUT", "Local: Timed out"),
                (-185, c"".as_ptr(), "_TIMED_OUT", ""),
                (-185, c"mine %s".as_ptr(), "_TIMED_OUT", "mine %s"),
                (4711, null(), "ERR_4711?", "Err-4711?"),
            ] {
                let object = error_new_body(code, text);
                assert_eq!(seen(object), (code, name.into(), expected.into(), [0; 3]));
                rd_kafka_error_destroy(object);
            }
        }
        let object = into_c(Err(Error::new(ErrorCode::_STATE, "")));
        // SAFETY: as above.
        unsafe {
            assert_eq!(seen(object).2, "Local: Erroneous state");
            rd_kafka_error_destroy(object);
        }
    }
}
