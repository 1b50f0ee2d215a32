//! Topic objects.

use std::ffi::{c_char, c_int, c_void};

use super::{from_c, into_c, topic_conf};
use crate::abi::public::*;
use crate::error::ErrorCode;
use crate::forward::{both, clients};
use crate::handle::Handle;
use crate::log::level;
use crate::own::backref::BackRef;
use crate::own::topic::TopicHandle;
use crate::sys::fence::export;
use crate::topic;

/// The way back from a topic to its instance.
pub(super) fn owner(handle: &Handle) -> BackRef {
    // SAFETY: the handle lives in an `Arc` that the application holds; `client/close.rs` clears the
    // reference of every topic before the instance goes. A handle is shared between threads by
    // design.
    unsafe { BackRef::new::<Handle>(handle) }
}

export! {
    /// A topic object; the same one for the same name. It takes `conf`, also if it fails (NULL,
    /// with last error and errno). Given back with `rd_kafka_topic_destroy`.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `topic` is NULL or NUL-terminated; `conf` is NULL or a live
    /// topic configuration that is not used again.
    fn rd_kafka_topic_new(
        rk: *mut rd_kafka_t,
        topic: *const c_char,
        conf: *mut rd_kafka_topic_conf_t,
    ) -> *mut rd_kafka_topic_t {
        // SAFETY: the caller's contract.
        let (handle, name, conf) =
            unsafe { (from_c::handle(rk), from_c::text(topic), topic_conf::take(conf)) };
        if handle.is_none()
            && let Ok(conf) = &conf
        {
            let conf = conf.as_ref().map(|conf| &***conf);
            // SAFETY: as above.
            if let Some(made) = unsafe { clients::topic(rk, topic, conf) } {
                return made;
            }
        }
        let (Some(handle), Some(name), Ok(conf)) = (handle, name, conf) else {
            into_c::fail(ErrorCode::_INVALID_ARG, libc::EINVAL);
            return std::ptr::null_mut();
        };
        match topic::find_or_create(&handle, || owner(&handle), name, conf) {
            Ok((topic, _)) => {
                into_c::set_last_error(ErrorCode::NO_ERROR);
                TopicHandle::give(topic)
            }
            Err(error) => {
                let name = name.to_string_lossy();
                let text = format!(
                    "Incompatible configuration settings for topic \"{name}\": {error}"
                );
                handle.log.log(level::ERR, "TOPICCONF", "app", text);
                into_c::fail(error.code, libc::EINVAL);
                std::ptr::null_mut()
            }
        }
    }

    /// Gives a topic object back. NULL is allowed.
    ///
    /// # Safety
    /// `rkt` is NULL or a live topic object that is not used again.
    fn rd_kafka_topic_destroy(rkt: *mut rd_kafka_topic_t) {
        // SAFETY: the caller's contract.
        unsafe {
            match from_c::topic(rkt).is_some() {
                true => drop(TopicHandle::take(rkt)),
                false => _ = both::rd_kafka_topic_destroy(rkt),
            }
        }
    }

    /// The topic's name; it lives as long as the topic object.
    ///
    /// # Safety
    /// `rkt` is NULL or a live topic object.
    fn rd_kafka_topic_name(rkt: *const rd_kafka_topic_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { from_c::topic(rkt) } {
            Some(topic) => topic.name().as_ptr(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_topic_name(rkt) }.unwrap_or(std::ptr::null()),
        }
    }

    /// The pointer that was set with `rd_kafka_topic_conf_set_opaque`.
    ///
    /// # Safety
    /// `rkt` is NULL or a live topic object.
    fn rd_kafka_topic_opaque(rkt: *const rd_kafka_topic_t) -> *mut c_void {
        // SAFETY: the caller's contract.
        match unsafe { from_c::topic(rkt) } {
            Some(topic) => topic.settings.opaque as *mut c_void,
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_topic_opaque(rkt) }.unwrap_or(std::ptr::null_mut()),
        }
    }

    /// Has the partition a leader now? For partitioners.
    ///
    /// # Safety
    /// `rkt` is NULL or a live topic object.
    fn rd_kafka_topic_partition_available(
        rkt: *const rd_kafka_topic_t,
        partition: i32,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let Some(topic) = (unsafe { from_c::topic(rkt) }) else {
            // SAFETY: as above.
            let answer = unsafe { both::rd_kafka_topic_partition_available(rkt, partition) };
            return answer.unwrap_or(0);
        };
        let toppar = topic.partition(partition);
        c_int::from(toppar.is_some_and(|toppar| toppar.is_available()))
    }
}
