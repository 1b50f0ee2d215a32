//! Topic configuration objects.

use std::ffi::{c_char, c_void};

use super::conf::{dump_result, get_result, set_result};
use super::{from_c, into_c, partitioner as builtin};
use crate::abi::callbacks::*;
use crate::abi::public::*;
use crate::conf::{TopicConf, dump};
use crate::sys::fence::export;

fn give(conf: TopicConf) -> *mut rd_kafka_topic_conf_t {
    Box::into_raw(Box::new(conf)).cast()
}

export! {
    /// Makes a topic configuration with all defaults. The caller owns it until a topic or configuration takes it.
    fn rd_kafka_topic_conf_new() -> *mut rd_kafka_topic_conf_t {
        give(TopicConf::default())
    }

    /// Copies what was set in a topic configuration.
    ///
    /// # Safety
    /// `conf` is NULL or a live topic configuration.
    fn rd_kafka_topic_conf_dup(
        conf: *const rd_kafka_topic_conf_t,
    ) -> *mut rd_kafka_topic_conf_t {
        // SAFETY: the caller's contract; it is only looked at.
        match unsafe { from_c::topic_conf(conf.cast_mut()) } {
            Some(conf) => give(conf.copy(&[])),
            None => std::ptr::null_mut(),
        }
    }

    /// Copies an instance's default topic configuration; an empty one if it has none.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_default_topic_conf_dup(rk: *mut rd_kafka_t) -> *mut rd_kafka_topic_conf_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => {
                let topic = handle.conf.topic.as_ref();
                give(topic.map_or_else(TopicConf::default, |topic| topic.copy(&[])))
            }
            None => std::ptr::null_mut(),
        }
    }

    /// Frees a topic configuration that nobody took. NULL is allowed.
    ///
    /// # Safety
    /// `topic_conf` is NULL or a live topic configuration that is not used again.
    fn rd_kafka_topic_conf_destroy(topic_conf: *mut rd_kafka_topic_conf_t) {
        // SAFETY: the caller's contract; it came from `give`.
        unsafe {
            if let Some(conf) = from_c::topic_conf(topic_conf) {
                drop(Box::from_raw(&raw mut *conf));
            }
        }
    }

    /// Sets a topic property. `errstr` gets the reason of a refusal.
    ///
    /// # Safety
    /// `conf` is NULL or a live topic configuration; the texts are NULL or NUL-terminated; `errstr` is NULL or writable
    /// for `errstr_size` bytes.
    fn rd_kafka_topic_conf_set(
        conf: *mut rd_kafka_topic_conf_t,
        name: *const c_char,
        value: *const c_char,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let (Some(conf), Some(name)) = (from_c::topic_conf(conf), from_c::text(name)) else {
                into_c::text(errstr, errstr_size, "No such configuration property: \"(null)\"");
                return -2;
            };
            let name = name.to_bytes();
            let name = name.strip_prefix(b"topic.").unwrap_or(name);
            let value = from_c::text(value).map(|text| text.to_bytes());
            set_result(conf.values.set(name, value), errstr, errstr_size)
        }
    }

    /// Prints a topic property's value into `dest` and its length with the NUL into `*dest_size`.
    ///
    /// # Safety
    /// `conf` is NULL or a live topic configuration; `name` is NULL or NUL-terminated; `dest` is NULL or writable for
    /// `*dest_size` bytes.
    fn rd_kafka_topic_conf_get(
        conf: *const rd_kafka_topic_conf_t,
        name: *const c_char,
        dest: *mut c_char,
        dest_size: *mut usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let conf = from_c::topic_conf(conf.cast_mut());
            let (Some(conf), Some(name)) = (conf, from_c::text(name)) else { return -2 };
            get_result(conf.values.print(name.to_bytes()), dest, dest_size)
        }
    }

    /// All topic properties that have a value, as pairs; freed with `rd_kafka_conf_dump_free`.
    ///
    /// # Safety
    /// `conf` is NULL or a live topic configuration; `cntp` is NULL or live.
    fn rd_kafka_topic_conf_dump(
        conf: *mut rd_kafka_topic_conf_t,
        cntp: *mut usize,
    ) -> *mut *const c_char {
        // SAFETY: the caller's contract.
        unsafe {
            let pairs = from_c::topic_conf(conf).map(|conf| dump::pairs(&conf.values));
            dump_result(pairs.unwrap_or_default(), cntp)
        }
    }

    /// Sets the pointer that the partitioner gets.
    ///
    /// # Safety
    /// `conf` is NULL or a live topic configuration.
    fn rd_kafka_topic_conf_set_opaque(conf: *mut rd_kafka_topic_conf_t, rkt_opaque: *mut c_void) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::topic_conf(conf) } {
            conf.opaque = rkt_opaque as usize;
            conf.values.set_address("opaque", rkt_opaque as usize);
        }
    }

    /// Sets the partitioner: on the thread that produces, or on one of the library's when metadata comes late.
    ///
    /// # Safety
    /// `topic_conf` is NULL or a live topic configuration.
    fn rd_kafka_topic_conf_set_partitioner_cb(
        topic_conf: *mut rd_kafka_topic_conf_t,
        partitioner: Option<PartitionerCb>,
    ) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::topic_conf(topic_conf) } {
            // A built-in partitioner by its address keeps its rules for messages without a key.
            match partitioner.and_then(builtin::of_callback) {
                Some(known) => {
                    conf.partitioner = None;
                    conf.builtin = Some(known);
                }
                None => conf.partitioner = partitioner,
            }
            let address = partitioner.map_or(0, |function| function as usize);
            conf.values.set_address("partitioner_cb", address);
        }
    }

    /// Sets the message order. It is only carried: `queuing.strategy` decides, as history has it.
    ///
    /// # Safety
    /// `topic_conf` is NULL or a live topic configuration.
    fn rd_kafka_topic_conf_set_msg_order_cmp(
        topic_conf: *mut rd_kafka_topic_conf_t,
        msg_order_cmp: Option<MsgOrderCmp>,
    ) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::topic_conf(topic_conf) } {
            conf.msg_order = msg_order_cmp;
            let address = msg_order_cmp.map_or(0, |function| function as usize);
            conf.values.set_address("msg_order_cmp", address);
        }
    }
}
