//! The only spelling of an exported function, and the fence that keeps panics inside the library.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use crate::abi::public::{rd_kafka_t, rd_kafka_topic_t};

/// What a C function returns after a panic.
pub(crate) trait OnPanic {
    /// The value that says "failed" most plainly.
    fn on_panic() -> Self;
}

macro_rules! on_panic {
    ($($type:ty => $value:expr),* $(,)?) => {
        $(impl OnPanic for $type { fn on_panic() -> Self { $value } })*
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
/// instance or topic that it was called for; 0 for none.
static HOOK: OnceLock<fn(&str, usize)> = OnceLock::new();

/// Registers what happens after a panic was stopped: `client/fatal.rs` raises the instance's fatal
/// error.
pub(crate) fn set_hook(hook: fn(&str, usize)) {
    let _ = HOOK.set(hook);
}

/// The address of the first instance or topic among a function's arguments; 0 if there is none. It
/// is not followed: the panic may have come from what it points at.
pub(crate) fn object_of(arguments: &[&dyn Any]) -> usize {
    let address = |argument: &&dyn Any| {
        let instance = argument.downcast_ref::<*mut rd_kafka_t>().map(|rk| rk.addr());
        let constant = || argument.downcast_ref::<*const rd_kafka_t>().map(|rk| rk.addr());
        let topic = || argument.downcast_ref::<*mut rd_kafka_topic_t>().map(|rkt| rkt.addr());
        let unchanged = || argument.downcast_ref::<*const rd_kafka_topic_t>().map(|rkt| rkt.addr());
        instance.or_else(constant).or_else(topic).or_else(unchanged)
    };
    arguments.iter().find_map(address).unwrap_or(0)
}

/// Runs `body`; a panic becomes the return value of [`OnPanic`]. `object` is asked after a panic
/// only, so that a call that goes well pays nothing: see [`object_of`].
pub(crate) fn fenced<R: OnPanic>(
    name: &'static str,
    object: impl FnOnce() -> usize,
    body: impl FnOnce() -> R,
) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(_) => {
            if let Some(hook) = HOOK.get() {
                let object = object();
                let _ = catch_unwind(|| hook(name, object));
            }
            R::on_panic()
        }
    }
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
#[cfg(feature = "testing")]
static FAILPOINT: parking_lot::Mutex<Option<String>> = parking_lot::Mutex::new(None);

/// Makes the next call of the exported function `name` panic behind its fence.
#[cfg(feature = "testing")]
pub(crate) fn arm_failpoint(name: &str) {
    *FAILPOINT.lock() = Some(name.to_owned());
}

/// Panics if the failpoint of `name` is armed.
#[cfg(feature = "testing")]
pub(crate) fn failpoint(name: &str) {
    let hit = FAILPOINT.lock().take_if(|armed| armed == name).is_some();
    assert!(!hit, "failpoint in {name}");
}

/// No failpoints in a product build.
#[cfg(not(feature = "testing"))]
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
