//! C values to Rust values: one short function per kind of argument; its name says whether NULL is allowed.

use std::ffi::{CStr, c_char, c_void};
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::abi::public::*;
use crate::conf::{Conf, TopicConf};
use crate::handle::Handle;
use crate::own::headers::Headers;
use crate::own::mark::{self, Mark};
use crate::own::topic::{Topic, TopicHandle};

/// The instance behind an address; `None` for NULL or something that is no instance of ours.
///
/// # Safety
/// `rk` is NULL or a live instance.
pub(crate) unsafe fn handle(rk: *const rd_kafka_t) -> Option<ManuallyDrop<Arc<Handle>>> {
    // SAFETY: the mark is an instance's first field; a live instance was given out by `Arc::into_raw`, and the reference
    // that the application holds is not given up here.
    unsafe {
        if !mark::is(rk, Mark::HANDLE) {
            return None;
        }
        Some(ManuallyDrop::new(Arc::from_raw(rk.cast::<Handle>())))
    }
}

/// The topic behind an address; `None` for NULL or something that is no topic of ours.
///
/// # Safety
/// `rkt` is NULL or a live topic object.
pub(crate) unsafe fn topic<'a>(rkt: *const rd_kafka_topic_t) -> Option<&'a Topic> {
    // SAFETY: the caller's contract.
    unsafe { TopicHandle::borrow(rkt) }
}

/// A configuration that may be changed; `None` for NULL, or one that an instance took.
///
/// # Safety
/// `conf` is NULL or a live configuration that no other thread uses.
pub(crate) unsafe fn conf_mut<'a>(conf: *mut rd_kafka_conf_t) -> Option<&'a mut Conf> {
    // SAFETY: the mark is a configuration's first field.
    unsafe {
        if !mark::is(conf, Mark::CONF) {
            return None;
        }
        conf.cast::<Conf>().as_mut()
    }
}

/// A configuration to look at, also an instance's.
///
/// # Safety
/// `conf` is NULL or a live configuration.
pub(crate) unsafe fn conf<'a>(conf: *const rd_kafka_conf_t) -> Option<&'a Conf> {
    // SAFETY: as above.
    unsafe {
        if !mark::is(conf, Mark::CONF) && !mark::is(conf, Mark::CONF_TAKEN) {
            return None;
        }
        conf.cast::<Conf>().as_ref()
    }
}

/// A topic configuration.
///
/// # Safety
/// `conf` is NULL or a live topic configuration that no other thread uses.
pub(crate) unsafe fn topic_conf<'a>(conf: *mut rd_kafka_topic_conf_t) -> Option<&'a mut TopicConf> {
    // SAFETY: the mark is a topic configuration's first field.
    unsafe {
        if !mark::is(conf, Mark::TOPIC_CONF) {
            return None;
        }
        conf.cast::<TopicConf>().as_mut()
    }
}

/// Headers.
///
/// # Safety
/// `headers` is NULL or a live headers object that no other thread uses.
pub(crate) unsafe fn headers<'a>(headers: *const rd_kafka_headers_t) -> Option<&'a mut Headers> {
    // SAFETY: the mark is the first field of headers.
    unsafe {
        if !mark::is(headers, Mark::HEADERS) {
            return None;
        }
        headers.cast_mut().cast::<Headers>().as_mut()
    }
}

/// A text; `None` for NULL.
///
/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's contract.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

/// Bytes; `None` for NULL, whatever the length says. An impossible length counts as none.
///
/// # Safety
/// `bytes` is NULL or readable for `len` bytes.
pub(crate) unsafe fn bytes<'a>(bytes: *const c_void, len: usize) -> Option<&'a [u8]> {
    if bytes.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: the caller's contract; the length is possible.
    Some(unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), len) })
}
