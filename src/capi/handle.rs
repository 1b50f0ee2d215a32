//! Instances: making and ending them, what they are called, the fatal error.

use std::collections::VecDeque;
use std::ffi::{c_char, c_int, c_void};
use std::sync::{Arc, Weak};

use super::conf::{self, Taken};
use super::version::version_text;
use super::{from_c, into_c};
use crate::abi::public::*;
use crate::client::{close, fatal, metadata, new};
use crate::error::ErrorCode;
use crate::forward::{both, clients, peer, shadow};
use crate::handle::Handle;
use crate::sys::clock::{Clock, SystemClock, Ts};
use crate::sys::fence::export;
use crate::sys::{heap, thread};

/// `rd_kafka_type_t`: a producer.
const PRODUCER: rd_kafka_type_t = 0;
/// `rd_kafka_type_t`: a consumer.
const CONSUMER: rd_kafka_type_t = 1;

/// Instances that were destroyed lately. A weak reference keeps nothing of one but its own bytes,
/// so that their buried mark can be read when C code uses the address once more.
static DESTROYED: parking_lot::Mutex<VecDeque<Weak<Handle>>> =
    parking_lot::Mutex::new(VecDeque::new());
/// How many are kept: a few kilobytes each.
const DESTROYED_MAX: usize = 1024;
/// How many instances live.
static LIVE: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(0);

fn announce(handle: Arc<Handle>) -> *mut rd_kafka_t {
    let address = Arc::into_raw(handle).cast_mut().cast::<rd_kafka_t>();
    LIVE.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
    into_c::set_last_error(ErrorCode::NO_ERROR);
    address
}

/// Makes a producer.
///
/// # Safety
/// `conf` is NULL or a live configuration; `errstr` is NULL or writable for `size` bytes.
unsafe fn new_producer(
    conf: *mut rd_kafka_conf_t,
    errstr: *mut c_char,
    size: usize,
) -> *mut rd_kafka_t {
    // SAFETY: the caller's contract.
    let (is_applications, made) = match unsafe { conf::take(conf) } {
        Ok(taken) => (taken.is_applications, new::producer(taken.conf, version_text())),
        Err(error) => (false, Err(new::Failure { conf: None, error })),
    };
    match made {
        Ok(handle) => announce(handle),
        Err(failure) => {
            // SAFETY: the caller's contract.
            unsafe { into_c::text(errstr, size, &failure.error.text) };
            if let Some(conf) = failure.conf {
                Taken { conf, is_applications }.give_back();
            }
            let errno = match failure.error.code {
                ErrorCode::_INVALID_ARG => libc::EINVAL,
                _ => libc::EAGAIN,
            };
            into_c::fail(failure.error.code, errno);
            std::ptr::null_mut()
        }
    }
}

/// Makes a consumer, which is the peer's.
///
/// # Safety
/// As for [`new_producer`].
unsafe fn new_consumer(
    conf: *mut rd_kafka_conf_t,
    errstr: *mut c_char,
    size: usize,
) -> *mut rd_kafka_t {
    // SAFETY: the caller's contract.
    let (is_applications, made) = match unsafe { conf::take(conf) } {
        Ok(taken) => (taken.is_applications, clients::consumer(taken.conf)),
        Err(error) => {
            // SAFETY: the caller's contract.
            unsafe { into_c::text(errstr, size, &error.text) };
            into_c::fail(error.code, libc::EINVAL);
            return std::ptr::null_mut();
        }
    };
    match made {
        Ok(rk) => {
            into_c::set_last_error(ErrorCode::NO_ERROR);
            rk
        }
        Err(failure) => {
            // SAFETY: the caller's contract.
            unsafe { into_c::text(errstr, size, &failure.error.text) };
            Taken { conf: failure.conf, is_applications }.give_back();
            into_c::fail(failure.error.code, libc::EINVAL);
            std::ptr::null_mut()
        }
    }
}

export! {
    /// Makes an instance and starts its threads. It takes `conf` if it succeeds; otherwise `conf`
    /// stays the caller's,
    /// `errstr` has the reason, and `rd_kafka_last_error` and errno are set.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration; `errstr` is NULL or writable for `errstr_size`
    /// bytes.
    fn rd_kafka_new(
        r#type: rd_kafka_type_t,
        conf: *mut rd_kafka_conf_t,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> *mut rd_kafka_t {
        super::absent::register();
        match r#type {
            // SAFETY: the caller's contract.
            PRODUCER => unsafe { new_producer(conf, errstr, errstr_size) },
            // SAFETY: the caller's contract.
            CONSUMER => unsafe { new_consumer(conf, errstr, errstr_size) },
            _ => {
                // SAFETY: the caller's contract.
                unsafe { into_c::text(errstr, errstr_size, "Unknown client type") };
                into_c::fail(ErrorCode::_INVALID_ARG, libc::EINVAL);
                std::ptr::null_mut()
            }
        }
    }

    /// Ends an instance: waits for its threads, drops queued messages without report. NULL is
    /// allowed.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance that is not used again.
    fn rd_kafka_destroy(rk: *mut rd_kafka_t) {
        // SAFETY: the caller's contract.
        unsafe { rd_kafka_destroy_flags(rk, 0) };
    }

    /// As `rd_kafka_destroy`; the flags are for consumers.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance that is not used again.
    fn rd_kafka_destroy_flags(rk: *mut rd_kafka_t, flags: c_int) {
        // SAFETY: the caller's contract; one that was destroyed already has a mark that says so.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            return unsafe { clients::destroy(rk, flags) };
        };
        if !close::close(&handle) {
            return;
        }
        shadow::end(&handle);
        handle.mark.bury();
        // Dropped at the end of the function: not under the lock.
        let _oldest = {
            let mut destroyed = DESTROYED.lock();
            destroyed.push_back(Arc::downgrade(&handle));
            if destroyed.len() > DESTROYED_MAX { destroyed.pop_front() } else { None }
        };
        LIVE.fetch_sub(1, std::sync::atomic::Ordering::AcqRel);
        // SAFETY: the address came from `Arc::into_raw` in `announce`, and the application gave it
        // up.
        drop(unsafe { Arc::from_raw(rk.cast::<Handle>()) });
    }

    /// The instance's name; it lives as long as the instance.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_name(rk: *const rd_kafka_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => handle.name().as_ptr(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_name(rk) }.unwrap_or(std::ptr::null()),
        }
    }

    /// Producer or consumer.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_type(rk: *const rd_kafka_t) -> rd_kafka_type_t {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_type(rk) }.unwrap_or(PRODUCER)
    }

    /// The pointer that was set with `rd_kafka_conf_set_opaque`.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_opaque(rk: *const rd_kafka_t) -> *mut c_void {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => handle.conf.opaque.as_ptr(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_opaque(rk) }.unwrap_or(std::ptr::null_mut()),
        }
    }

    /// The cluster's id, from metadata; waits for it up to `timeout_ms`. Freed by the caller; NULL
    /// if unknown.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_clusterid(rk: *mut rd_kafka_t, timeout_ms: c_int) -> *mut c_char {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            let id = unsafe { both::rd_kafka_clusterid(rk, timeout_ms) };
            return id.unwrap_or(std::ptr::null_mut());
        };
        match metadata::wait_cluster(&handle, timeout_ms, |cluster| cluster.id.clone()) {
            Some(id) => heap::string(id.as_bytes()),
            None => std::ptr::null_mut(),
        }
    }

    /// The controller's node id, from metadata; waits for it up to `timeout_ms`. -1 if unknown.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_controllerid(rk: *mut rd_kafka_t, timeout_ms: c_int) -> i32 {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_controllerid(rk, timeout_ms) }.unwrap_or(-1);
        };
        metadata::wait_cluster(&handle, timeout_ms, |cluster| cluster.controller_id).unwrap_or(-1)
    }

    /// Adds brokers to start from; returns how many entries of the list are usable.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `brokerlist` is NULL or NUL-terminated.
    fn rd_kafka_brokers_add(rk: *mut rd_kafka_t, brokerlist: *const c_char) -> c_int {
        // SAFETY: the caller's contract.
        let (handle, list) = unsafe { (from_c::handle(rk), from_c::text(brokerlist)) };
        let (Some(handle), Some(list)) = (handle, list) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_brokers_add(rk, brokerlist) }.unwrap_or(0);
        };
        let usable = new::add_brokers(&handle, &list.to_string_lossy());
        c_int::try_from(usable).unwrap_or(c_int::MAX)
    }

    /// Node ids of the brokers that metadata named; freed by the caller. NULL and 0 if there are
    /// none.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `cntp` is NULL or live.
    fn rd_kafka_brokers_learned_ids(rk: *mut rd_kafka_t, cntp: *mut usize) -> *mut i32 {
        // SAFETY: the caller's contract.
        let handle = unsafe { from_c::handle(rk) };
        if handle.is_none() {
            // SAFETY: as above.
            if let Some(ids) = unsafe { both::rd_kafka_brokers_learned_ids(rk, cntp) } {
                return ids;
            }
        }
        let ids: Vec<i32> = handle.map_or_else(Vec::new, |handle| {
            let brokers = handle.brokers.read();
            brokers.all.iter().map(|broker| broker.id()).filter(|id| *id >= 0).collect()
        });
        // SAFETY: the caller's contract.
        if let Some(count) = unsafe { cntp.as_mut() } {
            *count = ids.len();
        }
        if ids.is_empty() {
            return std::ptr::null_mut();
        }
        let array = heap::malloc(ids.len() * size_of::<i32>()).cast::<i32>();
        // SAFETY: the block has room for all ids.
        unsafe { std::ptr::copy_nonoverlapping(ids.as_ptr(), array, ids.len()) };
        array
    }

    /// The mock cluster of `test.mock.num.brokers`; it belongs to the instance. NULL if there is
    /// none.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_handle_mock_cluster(rk: *const rd_kafka_t) -> *mut rd_kafka_mock_cluster_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else { return clients::mock_of(rk) };
        let mock = handle.mock.lock();
        mock.as_deref().map_or(std::ptr::null_mut(), |cluster| {
            (&raw const *cluster).cast_mut().cast()
        })
    }

    /// The first fatal error, and its reason in `errstr`; 0 if there was none.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `errstr` is NULL or writable for `errstr_size` bytes.
    fn rd_kafka_fatal_error(
        rk: *mut rd_kafka_t,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_fatal_error(rk, errstr, errstr_size) }.unwrap_or(0);
        };
        let fatal = handle.fatal();
        match fatal {
            Some(fatal) => {
                // SAFETY: the caller's contract.
                unsafe { into_c::text(errstr, errstr_size, &fatal.reason) };
                fatal.code.0
            }
            None => 0,
        }
    }

    /// Raises a fatal error, for tests of applications.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `reason` is NULL or NUL-terminated.
    fn rd_kafka_test_fatal_error(
        rk: *mut rd_kafka_t,
        err: rd_kafka_resp_err_t,
        reason: *const c_char,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (handle, given) = unsafe { (from_c::handle(rk), from_c::text(reason)) };
        let Some(handle) = handle else {
            // SAFETY: as above.
            let answer = unsafe { both::rd_kafka_test_fatal_error(rk, err, reason) };
            return answer.unwrap_or(ErrorCode::_INVALID_ARG.0);
        };
        let reason = given.map(|reason| reason.to_string_lossy()).unwrap_or_default();
        let text = format!("test_fatal_error: {reason}");
        match fatal::raise(&handle, ErrorCode(err), &text) {
            true => ErrorCode::NO_ERROR.0,
            false => ErrorCode::_PREV_IN_PROGRESS.0,
        }
    }

    /// How many threads of the library run in this process.
    fn rd_kafka_thread_cnt() -> c_int {
        // SAFETY: the function takes nothing.
        let theirs = peer::opened().and_then(|peer| unsafe { peer::rd_kafka_thread_cnt(peer) });
        thread::count() + theirs.unwrap_or(0)
    }

    /// Waits until all instances of the process are gone: 0, or -1 with `_TIMED_OUT`.
    fn rd_kafka_wait_destroyed(timeout_ms: c_int) -> c_int {
        const LOOK_EVERY_US: i64 = 25_000;
        let until = SystemClock.now().plus_ms(i64::from(timeout_ms));
        loop {
            let live = LIVE.load(std::sync::atomic::Ordering::Acquire);
            if live == 0 && thread::count() == 0 {
                return wait_for_peer(until);
            }
            if SystemClock.now() >= until {
                into_c::fail(ErrorCode::_TIMED_OUT, libc::ETIMEDOUT);
                return -1;
            }
            crate::sys::poll::poll(&mut [], LOOK_EVERY_US);
        }
    }
}

/// Waits until the peer's instances are gone, as `rd_kafka_wait_destroyed`.
fn wait_for_peer(until: Ts) -> c_int {
    let Some(peer) = peer::opened() else { return 0 };
    let left_ms = ((until - SystemClock.now()) / 1000).max(0);
    let left_ms = c_int::try_from(left_ms).unwrap_or(c_int::MAX);
    // SAFETY: the function takes a number.
    let answer = unsafe { peer::rd_kafka_wait_destroyed(peer, left_ms) }.unwrap_or(0);
    if answer != 0 {
        into_c::fail(ErrorCode::_TIMED_OUT, libc::ETIMEDOUT);
    }
    answer
}
