//! What functions answer that are not available, and the one spelling of such a function.

use crate::abi::public::{rd_kafka_error_t, rd_kafka_resp_err_t};
use crate::capi::{error_object, into_c};
use crate::error::{Error, ErrorCode};

/// The code of a function that is not available.
pub(super) const NOT_IMPLEMENTED: rd_kafka_resp_err_t = ErrorCode::_NOT_IMPLEMENTED.0;

/// No object; the last error says why.
pub(super) fn nothing<T: PointerLike>() -> T {
    into_c::fail(ErrorCode::_NOT_IMPLEMENTED, libc::ENOSYS);
    T::NULL
}

/// A negative count; the last error says why.
pub(super) fn failure<T: From<i8>>() -> T {
    into_c::fail(ErrorCode::_NOT_IMPLEMENTED, libc::ENOSYS);
    T::from(-1)
}

/// An error object.
pub(super) fn error() -> *mut rd_kafka_error_t {
    let text = "Not available in this version of the library";
    error_object::into_c(Err(Error::new(ErrorCode::_NOT_IMPLEMENTED, text)))
}

/// A pointer of either kind.
pub(super) trait PointerLike {
    /// NULL.
    const NULL: Self;
}

impl<T> PointerLike for *const T {
    const NULL: Self = std::ptr::null();
}

impl<T> PointerLike for *mut T {
    const NULL: Self = std::ptr::null_mut();
}

/// Declares functions that are not available: one line each, prototype and answer.
macro_rules! absent {
    ($(fn $name:ident($($arg:ident : $type:ty),* $(,)?) $(-> $ret:ty)? = $answer:expr;)*) => {
        $crate::sys::fence::export! {
            $(
                /// Not available in this version of the library.
                ///
                /// # Safety
                /// Nothing is looked at.
                fn $name($($arg: $type),*) $(-> $ret)? {
                    $(let _ = $arg;)*
                    $answer
                }
            )*
        }
    };
}
pub(super) use absent;
