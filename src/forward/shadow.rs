//! Shadows: the peer's own producer beside one of ours, with the same configuration, for admin
//! requests and queries. It is made by the first of them, produces nothing, and ends with ours.

use std::ffi::{CStr, c_char, c_int};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::clients::{self, of_peer};
use super::peer::{Peer, peer_functions};
use super::replay::{self, Purpose};
use super::{peer, queues};
use crate::abi::public::*;
use crate::conf::{Conf, Properties};
use crate::error::Error;
use crate::handle::Handle;
use crate::log::level;
use crate::op::{LogLine, Op};
use crate::own::mark::{self, Mark};

/// `RD_KAFKA_PRODUCER`.
const PRODUCER: rd_kafka_type_t = 0;

peer_functions! {
    fn rd_kafka_sasl_background_callbacks_enable(rk: *mut rd_kafka_t) -> *mut rd_kafka_error_t;
    fn rd_kafka_error_destroy(error: *mut rd_kafka_error_t);
}

struct Shadow {
    /// The address of our instance.
    of: usize,
    handle: Weak<Handle>,
    rk: *mut rd_kafka_t,
}

// SAFETY: the peer's instance may be used by every thread.
unsafe impl Send for Shadow {}

static SHADOWS: Mutex<Vec<Shadow>> = Mutex::new(Vec::new());
/// How many there are, so that an instance without one takes no lock when it ends.
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// One is made at a time.
static MAKING: Mutex<()> = Mutex::new(());

/// The instance behind an address.
///
/// # Safety
/// `rk` is NULL or live.
pub(super) unsafe fn handle(rk: *const rd_kafka_t) -> Option<Arc<Handle>> {
    // SAFETY: only our instances begin with this mark, and `Arc::into_raw` gave their address; the
    // application's own reference stays.
    unsafe {
        if !mark::is(rk, Mark::HANDLE) {
            return None;
        }
        let address = rk.cast::<Handle>();
        Arc::increment_strong_count(address);
        Some(Arc::from_raw(address))
    }
}

fn find(of: usize) -> Option<*mut rd_kafka_t> {
    SHADOWS.lock().iter().find(|shadow| shadow.of == of).map(|shadow| shadow.rk)
}

/// The shadow of an instance of ours; `None` if it cannot be made, which is logged.
///
/// # Safety
/// `rk` is live.
pub(super) unsafe fn of(peer: &'static Peer, rk: *const rd_kafka_t) -> Option<*mut rd_kafka_t> {
    // SAFETY: the caller's contract.
    let handle = unsafe { handle(rk) }?;
    if let Some(shadow) = find(rk.addr()) {
        return Some(shadow);
    }
    let _alone = MAKING.lock();
    if let Some(shadow) = find(rk.addr()) {
        return Some(shadow);
    }
    match make(peer, &handle) {
        Ok(shadow) => {
            let handle = Arc::downgrade(&handle);
            SHADOWS.lock().push(Shadow { of: rk.addr(), handle, rk: shadow });
            COUNT.fetch_add(1, Ordering::AcqRel);
            Some(shadow)
        }
        Err(error) => {
            let text = format!("No instance of the peer {}: {}", peer.version, error.text);
            handle.log.log(level::ERR, "PEER", "app", text);
            None
        }
    }
}

fn make(peer: &'static Peer, handle: &Handle) -> Result<*mut rd_kafka_t, Error> {
    let invalid = |text| Error::new(crate::error::ErrorCode::_INVALID_ARG, text);
    // What finalizing derived is left out: the peer derives it itself.
    let conf: Conf = handle.conf.duplicate(&[]);
    let refreshes = conf.oauthbearer_token_refresh_cb.is_some();
    let replayed = replay::conf(peer, &conf, Purpose::Shadow).map_err(invalid)?;
    let servers = handle.bootstrap.lock().join(",");
    if !servers.is_empty() {
        replayed.set("bootstrap.servers", servers.as_bytes()).map_err(invalid)?;
    }
    if handle.mock.lock().is_some() {
        replayed.set("security.protocol", b"plaintext").map_err(invalid)?;
    }
    // SAFETY: the object is the peer's; the relay takes whatever a logger is called with.
    unsafe { replay::set::rd_kafka_conf_set_log_cb(peer, replayed.as_ptr(), Some(relay)) };
    let rk = clients::instance(peer, replayed, |conf, errstr, size| {
        // SAFETY: the object is the peer's, and the buffer as long as it says.
        unsafe { of_peer::rd_kafka_new(peer, PRODUCER, conf, errstr, size) }
    })?;
    if refreshes {
        // Nobody polls the shadow: tokens are asked for on a thread of its own.
        // SAFETY: the instance is live; an error object is destroyed once.
        unsafe {
            if let Some(error) = rd_kafka_sasl_background_callbacks_enable(peer, rk) {
                rd_kafka_error_destroy(peer, error);
            }
        }
    }
    Ok(rk)
}

/// A line of a shadow becomes a line of its instance. Those from before it is known repeat what the
/// instance has said of its configuration.
unsafe extern "C-unwind" fn relay(
    rk: *const rd_kafka_t,
    level: c_int,
    facility: *const c_char,
    text: *const c_char,
) {
    let handle = {
        let shadows = SHADOWS.lock();
        let shadow = shadows.iter().find(|shadow| std::ptr::addr_eq(shadow.rk, rk));
        shadow.and_then(|shadow| shadow.handle.upgrade())
    };
    let Some(handle) = handle else { return };
    if facility.is_null() || text.is_null() {
        return;
    }
    // SAFETY: a logger gets two NUL-terminated texts.
    let (facility, text) = unsafe { (CStr::from_ptr(facility), CStr::from_ptr(text)) };
    let (facility, text) = (facility.to_string_lossy(), text.to_string_lossy());
    match handle.log.queue() {
        Some(queue) => {
            let (facility, text) = (facility.into_owned(), text.into_owned());
            queue.push(Op::Log(LogLine { level, facility, text, contexts: 0 }));
        }
        None => handle.log.emit(level, &facility, &text),
    }
}

/// An instance of ours has ended, and its queues with it: so does its shadow.
pub(crate) fn end(handle: &Handle) {
    queues::queue_ends(&handle.reply_queue);
    queues::queue_ends(&handle.background_queue);
    if COUNT.load(Ordering::Acquire) == 0 {
        return;
    }
    let shadow = {
        let mut shadows = SHADOWS.lock();
        let at = shadows.iter().position(|shadow| shadow.of == handle.address());
        at.map(|at| shadows.swap_remove(at))
    };
    let (Some(shadow), Some(peer)) = (shadow, peer::opened()) else { return };
    COUNT.fetch_sub(1, Ordering::AcqRel);
    queues::instance_ends(shadow.rk);
    // A child after a fork has none of the shadow's threads, and nobody to wait for.
    if !handle.is_forked() {
        // SAFETY: nobody else knows the instance.
        unsafe { of_peer::rd_kafka_destroy(peer, shadow.rk) };
    }
}
