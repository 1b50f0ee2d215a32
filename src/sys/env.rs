//! Environment variables.

use std::ffi::{CStr, CString, c_char};

unsafe extern "C" {
    /// glibc and musl have it; the crate `libc` does not declare it.
    fn secure_getenv(name: *const c_char) -> *mut c_char;
}

/// The value of a variable; `None` if it is unset, or if the process runs with raised privileges
/// (then the environment belongs to somebody we do not trust).
pub(crate) fn var(name: &str) -> Option<String> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` is NUL-terminated; the returned string is copied before anything else can
    // change it.
    let value = unsafe {
        let value = secure_getenv(name.as_ptr());
        if value.is_null() {
            return None;
        }
        CStr::from_ptr(value)
    };
    Some(value.to_string_lossy().into_owned())
}
