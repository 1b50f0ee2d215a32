//! Threads of ours: named, with all signals blocked, with a fence against panics.

use std::ffi::CString;
use std::os::unix::thread::JoinHandleExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI32, Ordering};

/// How many threads of this library run in the process.
static COUNT: AtomicI32 = AtomicI32::new(0);

/// How many threads of this library run in the process (`rd_kafka_thread_cnt`).
pub(crate) fn count() -> i32 {
    COUNT.load(Ordering::Acquire)
}

/// A running thread.
pub(crate) struct Thread(std::thread::JoinHandle<()>);

impl Thread {
    /// Waits for the thread's end.
    pub(crate) fn join(self) {
        // The fence below catches every panic of the body, so there is no panic value to look at.
        let _ = self.0.join();
    }

    /// Gives a thread up that does not exist in this process: a child after a fork has only the
    /// thread that forked.
    pub(crate) fn forget(self) {
        std::mem::forget(self.0);
        COUNT.fetch_sub(1, Ordering::AcqRel);
    }

    /// Has the thread ended? Its resources are given back when it is dropped.
    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Is this the calling thread?
    pub(crate) fn is_current(&self) -> bool {
        // Not `std::thread::current`: in an application's thread that would leave a thread-local
        // with a destructor behind.
        // SAFETY: both are ids of threads that were not joined: the handle is still here.
        unsafe { libc::pthread_equal(self.0.as_pthread_t(), libc::pthread_self()) != 0 }
    }
}

/// Starts a thread. `name` is cut to 15 bytes by the system. `counted` threads show in [`count`].
///
/// A panic in `body` ends the thread, not the process; `on_panic` then runs on it.
pub(crate) fn spawn(
    name: &str,
    counted: bool,
    body: impl FnOnce() + Send + 'static,
    on_panic: impl FnOnce() + Send + 'static,
) -> std::io::Result<Thread> {
    let masked = SignalMask::block_all();
    if counted {
        COUNT.fetch_add(1, Ordering::AcqRel);
    }
    let short = CString::new(name.as_bytes().iter().copied().take(15).collect::<Vec<u8>>())
        .unwrap_or_default();
    let started = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
        // SAFETY: `short` is NUL-terminated and at most 15 bytes long.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), short.as_ptr()) };
        if catch_unwind(AssertUnwindSafe(body)).is_err() {
            let _ = catch_unwind(AssertUnwindSafe(on_panic));
        }
        if counted {
            COUNT.fetch_sub(1, Ordering::AcqRel);
        }
    });
    drop(masked);
    if started.is_err() && counted {
        COUNT.fetch_sub(1, Ordering::AcqRel);
    }
    started.map(Thread)
}

/// All signals blocked in the calling thread, until dropped. A new thread inherits the mask.
struct SignalMask(libc::sigset_t);

impl SignalMask {
    fn block_all() -> Self {
        // SAFETY: both sets are live and written by the calls before they are read.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
            Self(before)
        }
    }
}

impl Drop for SignalMask {
    fn drop(&mut self) {
        // SAFETY: the set was filled by `block_all`.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut())
        };
    }
}
