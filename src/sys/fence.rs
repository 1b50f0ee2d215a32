//! The only spelling of an exported function, and the fence that keeps panics inside the library.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use crate::abi::public::{
    rd_kafka_event_t, rd_kafka_message_t, rd_kafka_mock_cluster_t, rd_kafka_queue_t, rd_kafka_t,
    rd_kafka_topic_t,
};

/// What a C function returns after a panic.
pub(crate) trait OnPanic {
    /// The value that says "failed" most plainly.
    fn on_panic() -> Self;
}

macro_rules! on_panic {
    ($($type:ty => $value:expr),* $(,)?) => {
        $(impl OnPanic for $type {
            fn on_panic() -> Self {
                $value
            }
        })*
    };
}

on_panic! {
    () => (), i8 => -1, i16 => -1, i32 => -1, i64 => -1, isize => -1,
    u8 => 0, u16 => 0, u32 => 0, u64 => 0, usize => 0, bool => false,
}

impl<T> OnPanic for *const T {
    fn on_panic() -> Self {
        std::ptr::null()
    }
}

impl<T> OnPanic for *mut T {
    fn on_panic() -> Self {
        std::ptr::null_mut()
    }
}

impl<T> OnPanic for Option<T> {
    fn on_panic() -> Self {
        None
    }
}

/// Called with the name of the function in which a panic was stopped, and the address of the
/// instance or topic that it was called for; 0 for none. See [`object_of`].
static HOOK: OnceLock<fn(&str, usize)> = OnceLock::new();

/// Registers what happens after a panic was stopped: `client/fatal.rs` raises the instance's fatal
/// error.
pub(crate) fn set_hook(hook: fn(&str, usize)) {
    let _ = HOOK.set(hook);
}

/// The address of the instance or topic that a function's arguments lead to first; 0 if none does.
/// It is compared with those of living instances and topics, and never followed: the panic may have
/// come from what it points at.
///
/// Queues, events, mock clusters and messages know whose they are in their second word.
pub(crate) fn object_of(arguments: &[&dyn Any]) -> usize {
    arguments
        .iter()
        .find_map(|argument| {
            address::<rd_kafka_t>(*argument)
                .or_else(|| address::<rd_kafka_topic_t>(*argument))
                .or_else(|| owner::<rd_kafka_queue_t>(*argument))
                .or_else(|| owner::<rd_kafka_event_t>(*argument))
                .or_else(|| owner::<rd_kafka_mock_cluster_t>(*argument))
                .or_else(|| owner::<rd_kafka_message_t>(*argument))
        })
        .unwrap_or(0)
}

/// The address that an argument is, if it points to a `T`.
fn address<T: 'static>(argument: &dyn Any) -> Option<usize> {
    pointer::<T>(argument).map(<*const T>::addr)
}

fn pointer<T: 'static>(argument: &dyn Any) -> Option<*const T> {
    let constant = || argument.downcast_ref::<*const T>().copied();
    argument.downcast_ref::<*mut T>().map(|pointer| pointer.cast_const()).or_else(constant)
}

/// The second word of the `T` that an argument points to.
fn owner<T: 'static>(argument: &dyn Any) -> Option<usize> {
    let words = pointer::<T>(argument)?.cast::<usize>();
    if words.is_null() || !words.is_aligned() {
        return Some(0);
    }
    // SAFETY: a door's caller passes NULL or a live object, and each such object has more than two
    // words, ours and those of another library. Functions that give objects back are asked before
    // they do (see `fenced`). Volatile: the object may be anything, nothing is derived from its
    // type.
    Some(unsafe { words.add(1).read_volatile() })
}

/// Does the function give its object back, so that nothing can be asked afterwards?
const fn gives_back(name: &str) -> bool {
    const SUFFIX: &[u8] = b"_destroy";
    match name.as_bytes().split_last_chunk::<{ SUFFIX.len() }>() {
        Some((_, end)) => u64::from_ne_bytes(*end) == u64::from_ne_bytes(*b"_destroy"),
        None => false,
    }
}

/// Runs `body`; a panic becomes the return value of [`OnPanic`]. `object` is asked after a panic
/// only, so that a call that goes well pays nothing; or before the body, if that ends the object:
/// see [`object_of`].
pub(crate) fn fenced<R: OnPanic>(
    name: &'static str,
    object: impl Fn() -> usize,
    body: impl FnOnce() -> R,
) -> R {
    let before = if gives_back(name) { Some(object()) } else { None };
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(_) => {
            if let Some(hook) = HOOK.get() {
                let object = before.unwrap_or_else(object);
                let _ = catch_unwind(|| hook(name, object));
            }
            R::on_panic()
        }
    }
}

/// Runs `body`; `None` if it panicked. For what must be tidied up before the panic is answered.
pub(crate) fn contained<R>(body: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}

/// Declares exported C functions: name, C ABI, panic fence.
///
/// ```text
/// export! {
///     /// What it does.
///     ///
///     /// # Safety
///     /// What the caller must keep.
///     fn rd_kafka_flush(rk: *mut rd_kafka_t, timeout_ms: c_int) -> rd_kafka_resp_err_t { … }
/// }
/// ```
macro_rules! export {
    ($(
        $(#[$meta:meta])*
        fn $name:ident($($arg:ident : $type:ty),* $(,)?) $(-> $ret:ty)? $body:block
    )*) => {
        $(
            $(#[$meta])*
            #[unsafe(no_mangle)]
            #[allow(unreachable_pub, reason = "a door for C; no Rust path leads to it")]
            pub unsafe extern "C" fn $name($($arg: $type),*) $(-> $ret)? {
                $crate::sys::fence::fenced(
                    stringify!($name),
                    || $crate::sys::fence::object_of(&[$(&$arg as &dyn std::any::Any),*]),
                    || {
                        $crate::sys::fence::failpoint(stringify!($name));
                        $body
                    },
                )
            }
        )*
    };
}
pub(crate) use export;

/// The name of the function whose next call panics (feature `testing`).
#[cfg(any(test, feature = "testing"))]
static FAILPOINT: parking_lot::Mutex<Option<String>> = parking_lot::Mutex::new(None);

/// Makes the next call of the exported function `name` panic behind its fence.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn arm_failpoint(name: &str) {
    *FAILPOINT.lock() = Some(name.to_owned());
}

/// Panics if the failpoint of `name` is armed.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn failpoint(name: &str) {
    let hit = FAILPOINT.lock().take_if(|armed| armed == name).is_some();
    assert!(!hit, "failpoint in {name}");
}

/// No failpoints in a product build.
#[cfg(not(any(test, feature = "testing")))]
#[inline(always)]
pub(crate) fn failpoint(_name: &str) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_the_failure_value() {
        assert_eq!(fenced::<i32>("f", || 0, || panic!("inside")), -1);
        assert!(fenced::<*mut u8>("f", || 0, || panic!("inside")).is_null());
        assert_eq!(fenced("f", || 0, || 7), 7);
    }

    #[test]
    fn objects_lead_to_whom_they_belong_to() {
        let object: [usize; 3] = [1, 0x30, 2];
        let here = object.as_ptr();

        assert_eq!(object_of(&[&here.cast::<rd_kafka_queue_t>().cast_mut()]), 0x30);
        assert_eq!(object_of(&[&here.cast::<rd_kafka_event_t>(), &7usize]), 0x30);
        assert_eq!(object_of(&[&here.cast::<rd_kafka_mock_cluster_t>()]), 0x30);
        assert_eq!(object_of(&[&here.cast::<rd_kafka_message_t>()]), 0x30);
        assert_eq!(object_of(&[&std::ptr::null::<rd_kafka_event_t>()]), 0);
        assert_eq!(object_of(&[&here.wrapping_byte_add(1).cast::<rd_kafka_queue_t>()]), 0);
    }

    #[test]
    fn a_function_that_gives_an_object_back_is_asked_before() {
        assert!(gives_back("rd_kafka_queue_destroy") && gives_back("_destroy"));
        assert!(!gives_back("rd_kafka_destroy_flags") && !gives_back("destroy"));
        let asked = std::cell::Cell::new(0);
        let object = || {
            asked.set(asked.get() + 1);
            0
        };
        fenced("rd_kafka_queue_destroy", object, || assert_eq!(asked.get(), 1));
        fenced("rd_kafka_queue_length", object, || {});
        assert_eq!(asked.get(), 1);
    }

    #[test]
    fn the_first_instance_or_topic_is_found_among_the_arguments() {
        let rk = std::ptr::without_provenance_mut::<rd_kafka_t>(0x10);
        let rkt = std::ptr::without_provenance::<rd_kafka_topic_t>(0x20);

        assert_eq!(object_of(&[&1i32, &rk, &rkt]), 0x10);
        assert_eq!(object_of(&[&rkt, &rk]), 0x20);
        assert_eq!(object_of(&[&rk.cast_const()]), 0x10);
        assert_eq!(object_of(&[&1i32, &std::ptr::null::<u8>()]), 0);
        assert_eq!(object_of(&[]), 0);
    }
}
