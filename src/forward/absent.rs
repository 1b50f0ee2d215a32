//! What a function of the peer answers if there is none, or if it does not have the function: the
//! documented error, and nothing else happens.
//!
//! NULL arguments are fine everywhere. Names of enumeration values need no neighbour, so they are
//! answered for real.

use std::ffi::{CStr, c_char, c_int};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::peer;
use crate::abi::handles::rd_kafka_AdminOptions_t;
use crate::abi::public::{
    rd_kafka_error_t, rd_kafka_event_type_t, rd_kafka_queue_t, rd_kafka_resp_err_t,
};
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::op::queue::OpQueue;

/// The text in error buffers and error objects.
const TEXT: &CStr = c"Not implemented by this library";

/// What the upper layers do for absent functions; without them the answer is the return value
/// alone.
pub(crate) struct Hooks {
    /// Logs that the function of this name was called, and why nothing came of it; at most once for
    /// each.
    pub log: fn(&'static str, &str),
    /// Sets `rd_kafka_last_error` of the calling thread.
    pub set_last_error: fn(ErrorCode),
    /// Sets `rd_kafka_last_error` of the calling thread, and leaves errno alone.
    pub copy_last_error: fn(ErrorCode),
    /// What is behind a queue of ours, and whose it is; `None` for NULL and for other objects.
    ///
    /// # Safety
    /// The queue is NULL or live.
    pub queue: unsafe fn(*mut rd_kafka_queue_t) -> Option<OwnQueue>,
    /// Puts an error event with `_NOT_IMPLEMENTED` on a queue, where an event of this type is
    /// waited for.
    ///
    /// # Safety
    /// The queue is live; the options are NULL or live.
    pub fail_request:
        unsafe fn(*mut rd_kafka_queue_t, rd_kafka_event_type_t, *const rd_kafka_AdminOptions_t),
}

/// What is behind a queue of ours, and whose it is.
pub(crate) type OwnQueue = (Arc<OpQueue>, Arc<Handle>);

static HOOKS: OnceLock<Hooks> = OnceLock::new();

/// Registers the hooks; the first call counts.
pub(crate) fn set_hooks(hooks: Hooks) {
    let _ = HOOKS.set(hooks);
}

/// Notes a call of an absent function. The first one is logged, unless the function only frees or
/// names something.
pub(super) fn called(name: &'static str, seen: &AtomicBool) {
    let is_harmless = ["_destroy", "_destroy_array", "_name", "_code"];
    if is_harmless.iter().any(|end| name.ends_with(end)) {
        return;
    }
    let Some(hooks) = HOOKS.get() else { return };
    if !seen.swap(true, Ordering::Relaxed) {
        let why = match peer::opened() {
            Some(peer) => {
                format!("the peer {} does not have it, or not for this object", peer.version)
            }
            None => peer::failure().unwrap_or("no peer was needed so far").to_owned(),
        };
        (hooks.log)(name, &why);
    }
}

/// Sets the thread's last error.
pub(super) fn set_last_error(code: ErrorCode) {
    if let Some(hooks) = HOOKS.get() {
        (hooks.copy_last_error)(code);
    }
}

/// What is behind a queue of ours.
///
/// # Safety
/// The queue is NULL or live.
pub(super) unsafe fn own_queue(queue: *mut rd_kafka_queue_t) -> Option<OwnQueue> {
    // SAFETY: the caller's contract.
    HOOKS.get().and_then(|hooks| unsafe { (hooks.queue)(queue) })
}

/// The error code.
pub(super) fn code() -> rd_kafka_resp_err_t {
    ErrorCode::_NOT_IMPLEMENTED.0
}

/// The error code, with a text in the caller's buffer.
///
/// # Safety
/// `errstr` is NULL or writable for `errstr_size` bytes.
pub(super) unsafe fn code_with(errstr: *mut c_char, errstr_size: usize) -> rd_kafka_resp_err_t {
    // SAFETY: the caller's contract.
    unsafe { write_text(errstr, errstr_size) };
    code()
}

/// NULL, with a text in the caller's buffer.
///
/// # Safety
/// `errstr` is NULL or writable for `errstr_size` bytes.
pub(super) unsafe fn null_with<T>(errstr: *mut c_char, errstr_size: usize) -> *mut T {
    // SAFETY: the caller's contract.
    unsafe { write_text(errstr, errstr_size) };
    null_mut()
}

/// The error code; the result is NULL.
///
/// # Safety
/// `result` is NULL or writable.
pub(super) unsafe fn code_and_null<T: NullPointer>(result: *mut T) -> rd_kafka_resp_err_t {
    // SAFETY: the caller's contract.
    if let Some(result) = unsafe { result.as_mut() } {
        *result = T::NULL;
    }
    code()
}

/// An error object; the result is NULL.
///
/// # Safety
/// `result` is NULL or writable.
pub(super) unsafe fn error_and_null<T: NullPointer>(result: *mut T) -> *mut rd_kafka_error_t {
    // SAFETY: the caller's contract.
    unsafe { code_and_null(result) };
    error()
}

/// An error object, which the caller destroys.
pub(super) fn error() -> *mut rd_kafka_error_t {
    // SAFETY: `%s` takes the one string that follows.
    unsafe { rd_kafka_error_new(code(), c"%s".as_ptr(), TEXT.as_ptr()) }
}

unsafe extern "C" {
    /// Our own public function: error objects are made by the layer above, which this one cannot
    /// name.
    fn rd_kafka_error_new(
        code: rd_kafka_resp_err_t,
        fmt: *const c_char,
        ...
    ) -> *mut rd_kafka_error_t;
}

/// -1, with the thread's last error.
pub(super) fn failed<T: From<i8>>() -> T {
    if let Some(hooks) = HOOKS.get() {
        (hooks.set_last_error)(ErrorCode::_NOT_IMPLEMENTED);
    }
    T::from(-1)
}

/// NULL, with the thread's last error.
pub(super) fn failed_null<T>() -> *mut T {
    failed::<i32>();
    null_mut()
}

/// An empty array.
///
/// # Safety
/// `cntp` is NULL or writable.
pub(super) unsafe fn none<T>(cntp: *mut usize) -> *const T {
    // SAFETY: the caller's contract.
    unsafe { none_mut::<T>(cntp) }
}

/// An empty array.
///
/// # Safety
/// `cntp` is NULL or writable.
pub(super) unsafe fn none_mut<T>(cntp: *mut usize) -> *mut T {
    // SAFETY: the caller's contract.
    if let Some(count) = unsafe { cntp.as_mut() } {
        *count = 0;
    }
    null_mut()
}

/// The outcome of an admin request: an event with the error, so that nobody waits for ever.
///
/// # Safety
/// Queue and options are NULL or live.
pub(super) unsafe fn request(
    queue: *mut rd_kafka_queue_t,
    options: *const rd_kafka_AdminOptions_t,
    event_type: rd_kafka_event_type_t,
) {
    if let Some(hooks) = HOOKS.get()
        && !queue.is_null()
    {
        // SAFETY: the queue isn't NULL, so it is live; options are NULL or live.
        unsafe { (hooks.fail_request)(queue, event_type, options) };
    }
}

/// # Safety
/// `buffer` is NULL or writable for `size` bytes.
unsafe fn write_text(buffer: *mut c_char, size: usize) {
    // SAFETY: the caller's contract.
    unsafe { write(&TEXT.to_string_lossy(), buffer, size) };
}

/// Writes a text into a buffer, cut to its size.
///
/// # Safety
/// `buffer` is NULL or writable for `size` bytes.
pub(super) unsafe fn write(text: &str, buffer: *mut c_char, size: usize) {
    if buffer.is_null() || size == 0 {
        return;
    }
    let len = text.len().min(size - 1);
    // SAFETY: `len` is less than `size`, and the text is at least that long.
    unsafe {
        buffer.copy_from_nonoverlapping(text.as_ptr().cast(), len);
        *buffer.add(len) = 0;
    }
}

/// A raw pointer, whose NULL an output argument gets.
pub(super) trait NullPointer {
    /// NULL.
    const NULL: Self;
}

impl<T> NullPointer for *mut T {
    const NULL: Self = null_mut();
}

impl<T> NullPointer for *const T {
    const NULL: Self = null();
}

/// Names of `rd_kafka_consumer_group_state_t`, from 0.
pub(super) const GROUP_STATES: &[&CStr] =
    &[c"Unknown", c"PreparingRebalance", c"CompletingRebalance", c"Stable", c"Dead", c"Empty"];
/// Names of `rd_kafka_consumer_group_type_t`, from 0.
pub(super) const GROUP_TYPES: &[&CStr] = &[c"Unknown", c"Consumer", c"Classic"];
/// Names of `rd_kafka_ConfigSource_t`, from 0.
pub(super) const CONFIG_SOURCES: &[&CStr] = &[
    c"UNKNOWN_CONFIG",
    c"DYNAMIC_TOPIC_CONFIG",
    c"DYNAMIC_BROKER_CONFIG",
    c"DYNAMIC_DEFAULT_BROKER_CONFIG",
    c"STATIC_BROKER_CONFIG",
    c"DEFAULT_CONFIG",
    c"DYNAMIC_BROKER_LOGGER_CONFIG",
    c"CLIENT_METRICS_CONFIG",
    c"GROUP_CONFIG",
];
/// Names of `rd_kafka_ResourcePatternType_t`, from 0.
pub(super) const PATTERN_TYPES: &[&CStr] = &[c"UNKNOWN", c"ANY", c"MATCH", c"LITERAL", c"PREFIXED"];
/// Names of `rd_kafka_ResourceType_t`, from 0.
pub(super) const RESOURCE_TYPES: &[&CStr] =
    &[c"UNKNOWN", c"ANY", c"TOPIC", c"GROUP", c"BROKER", c"TRANSACTIONAL_ID"];
/// Names of `rd_kafka_AclOperation_t`, from 0.
pub(super) const ACL_OPERATIONS: &[&CStr] = &[
    c"UNKNOWN",
    c"ANY",
    c"ALL",
    c"READ",
    c"WRITE",
    c"CREATE",
    c"DELETE",
    c"ALTER",
    c"DESCRIBE",
    c"CLUSTER_ACTION",
    c"DESCRIBE_CONFIGS",
    c"ALTER_CONFIGS",
    c"IDEMPOTENT_WRITE",
];
/// Names of `rd_kafka_AclPermissionType_t`, from 0.
pub(super) const ACL_PERMISSIONS: &[&CStr] = &[c"UNKNOWN", c"ANY", c"DENY", c"ALLOW"];

/// The name of a value; `UNSUPPORTED` if there is none.
pub(super) fn name(names: &'static [&'static CStr], value: c_int) -> *const c_char {
    known(names, value).unwrap_or(c"UNSUPPORTED").as_ptr()
}

/// The name of a value; NULL if there is none.
pub(super) fn name_or_null(names: &'static [&'static CStr], value: c_int) -> *const c_char {
    known(names, value).map_or(null(), CStr::as_ptr)
}

fn known(names: &'static [&'static CStr], value: c_int) -> Option<&'static CStr> {
    usize::try_from(value).ok().and_then(|at| names.get(at).copied())
}

/// The value of a name, upper or lower case; 0 if there is none.
///
/// # Safety
/// `wanted` is NULL or NUL-terminated.
pub(super) unsafe fn code_of(names: &'static [&'static CStr], wanted: *const c_char) -> c_int {
    if wanted.is_null() {
        return 0;
    }
    // SAFETY: not NULL, so the caller says that it is NUL-terminated.
    let wanted = unsafe { CStr::from_ptr(wanted) }.to_bytes();
    let at = names.iter().position(|name| name.to_bytes().eq_ignore_ascii_case(wanted));
    at.and_then(|at| c_int::try_from(at).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_cut_to_the_buffer_and_null_buffers_are_left_alone() {
        let mut buffer = [b'x' as c_char; 8];
        // SAFETY: the buffer is as long as it says.
        unsafe {
            assert_eq!(code_with(buffer.as_mut_ptr(), 4), -170);
            assert_eq!(CStr::from_ptr(buffer.as_ptr()), c"Not");
            assert_eq!(buffer[4], b'x' as c_char);
            assert_eq!(code_with(buffer.as_mut_ptr(), 0), -170);
            assert!(null_with::<u8>(null_mut(), 100).is_null());
        }
    }

    #[test]
    fn results_and_counters_are_cleared() {
        let mut count = 7;
        let mut thing = 1;
        let mut result: *mut i32 = &raw mut thing;
        // SAFETY: the pointers lead to locals, or are NULL.
        unsafe {
            assert!(none::<u8>(&raw mut count).is_null());
            assert_eq!(count, 0);
            assert!(none_mut::<u8>(null_mut()).is_null());
            assert_eq!(code_and_null(&raw mut result), -170);
            assert!(result.is_null());
            assert_eq!(code_and_null::<*const u8>(null_mut()), -170);
        }
    }

    #[test]
    fn values_have_their_historical_names() {
        // SAFETY: names are static and NUL-terminated; NULL is allowed.
        unsafe {
            let text = |name| CStr::from_ptr(name);
            assert_eq!(text(name(RESOURCE_TYPES, 2)), c"TOPIC");
            assert_eq!(text(name(RESOURCE_TYPES, 99)), c"UNSUPPORTED");
            assert_eq!(text(name(RESOURCE_TYPES, -1)), c"UNSUPPORTED");
            assert!(name_or_null(GROUP_STATES, 6).is_null());
            assert_eq!(code_of(GROUP_STATES, c"preparingREBALANCE".as_ptr()), 1);
            assert_eq!(code_of(GROUP_STATES, c"nonsense".as_ptr()), 0);
            assert_eq!(code_of(GROUP_STATES, null()), 0);
        }
    }
}
