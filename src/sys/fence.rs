//! The only spelling of an exported function, and the fence that keeps panics inside the library.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

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

/// Called with the name of the function in which a panic was stopped.
static HOOK: OnceLock<fn(&str)> = OnceLock::new();

/// Registers what happens after a panic was stopped: `client/fatal.rs` raises the instance's fatal error.
pub(crate) fn set_hook(hook: fn(&str)) {
    let _ = HOOK.set(hook);
}

/// Runs `body`; a panic becomes the return value of [`OnPanic`].
pub(crate) fn fenced<R: OnPanic>(name: &'static str, body: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(_) => {
            if let Some(hook) = HOOK.get() {
                let _ = catch_unwind(|| hook(name));
            }
            R::on_panic()
        }
    }
}

/// Declares exported C functions: name, C ABI, panic fence.
///
/// ```ignore
/// export! {
///     /// What it does.
///     ///
///     /// # Safety
///     /// What the caller must keep.
///     fn rd_kafka_flush(rk: *mut rd_kafka_t, timeout_ms: c_int) -> rd_kafka_resp_err_t { … }
/// }
/// ```
macro_rules! export {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident : $type:ty),* $(,)?) $(-> $ret:ty)? $body:block)*) => {
        $(
            $(#[$meta])*
            #[unsafe(no_mangle)]
            #[allow(unreachable_pub, reason = "a door for C; no Rust path leads to it")]
            pub unsafe extern "C" fn $name($($arg: $type),*) $(-> $ret)? {
                $crate::sys::fence::fenced(stringify!($name), || {
                    $crate::sys::fence::failpoint(stringify!($name));
                    $body
                })
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
        assert_eq!(fenced::<i32>("f", || panic!("inside")), -1);
        assert!(fenced::<*mut u8>("f", || panic!("inside")).is_null());
        assert_eq!(fenced("f", || 7), 7);
    }
}
