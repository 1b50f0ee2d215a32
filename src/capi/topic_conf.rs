//! The doors of a topic's configuration: new, dup, set, get, dump, callback setters.
//!
//! An `rd_kafka_topic_conf_t` is a boxed `Marked<TopicConf>`, also where it is a part of an
//! instance's configuration.

use std::ffi::{c_char, c_void};

use super::conf::{answer, give, no_name, not_writable, put_pairs, put_value};
use super::{from_c, partitioner as built_in};
use crate::abi::callbacks::{MsgOrderCmp, PartitionerCb};
use crate::abi::opaque::Opaque;
use crate::abi::public::*;
use crate::conf::{Marked, Properties, TopicConf, dump};
use crate::error::{Error, ErrorCode};
use crate::forward::clients;
use crate::sys::fence::export;

/// Moves the application's topic configuration into a topic; `None` for NULL.
///
/// # Errors
/// `_INVALID_ARG` if it is no topic configuration of this library.
///
/// # Safety
/// `conf` is NULL or a live object that nobody else uses any more.
pub(crate) unsafe fn take(
    conf: *mut rd_kafka_topic_conf_t,
) -> Result<Option<Box<Marked<TopicConf>>>, Error> {
    if conf.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's contract.
    match unsafe { from_c::given_object_or_null::<TopicConf>(conf.cast()) } {
        Some(conf) => Ok(Some(conf)),
        None => {
            let text = "Not a topic configuration object of this library";
            Err(Error::new(ErrorCode::_INVALID_ARG, text))
        }
    }
}

/// A copy for the application.
fn copy(conf: &TopicConf) -> *mut rd_kafka_topic_conf_t {
    give(Marked::new(conf.duplicate(&[])))
}

export! {
    /// A topic configuration with all defaults.
    ///
    /// # Safety
    /// None; the caller owns the result.
    fn rd_kafka_topic_conf_new() -> *mut rd_kafka_topic_conf_t {
        give(Marked::new(TopicConf::default()))
    }

    /// A copy of a topic configuration.
    ///
    /// # Safety
    /// `conf` is NULL or live.
    fn rd_kafka_topic_conf_dup(conf: *const rd_kafka_topic_conf_t) -> *mut rd_kafka_topic_conf_t {
        // SAFETY: the caller's contract.
        let conf = unsafe { from_c::object_or_null::<TopicConf>(conf.cast()) };
        conf.map_or(std::ptr::null_mut(), |conf| copy(conf))
    }

    /// A copy of an instance's default topic configuration; one with all defaults if it has none.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_default_topic_conf_dup(rk: *mut rd_kafka_t) -> *mut rd_kafka_topic_conf_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            let conf = clients::default_topic_conf(rk);
            return conf.map_or(std::ptr::null_mut(), |conf| give(Marked::new(conf)));
        };
        match &handle.conf.default_topic_conf {
            Some(conf) => copy(conf),
            None => give(Marked::new(TopicConf::default())),
        }
    }

    /// Frees a topic configuration that no topic, instance or configuration has taken.
    ///
    /// # Safety
    /// `topic_conf` is NULL, or a topic configuration that nobody uses any more.
    fn rd_kafka_topic_conf_destroy(topic_conf: *mut rd_kafka_topic_conf_t) {
        // SAFETY: the caller's contract.
        drop(unsafe { from_c::given_object_or_null::<TopicConf>(topic_conf.cast()) });
    }

    /// Sets a property by name.
    ///
    /// # Safety
    /// `conf` is NULL or live; `name` and `value` are NULL or NUL-terminated; `errstr` is NULL or
    /// has `errstr_size` bytes.
    fn rd_kafka_topic_conf_set(
        conf: *mut rd_kafka_topic_conf_t,
        name: *const c_char,
        value: *const c_char,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let conf = from_c::own_object_or_null::<TopicConf>(conf.cast());
            let result = match (conf, from_c::text_bytes(name)) {
                (None, _) => not_writable(),
                (_, None) => no_name(),
                (Some(conf), Some(name)) => conf.set(name, from_c::text_bytes(value)),
            };
            answer(result, errstr, errstr_size)
        }
    }

    /// A property's value as text.
    ///
    /// # Safety
    /// `conf` is NULL or live; `name` is NULL or NUL-terminated; `dest` is NULL or has `*dest_size`
    /// bytes; `dest_size` is NULL or valid.
    fn rd_kafka_topic_conf_get(
        conf: *const rd_kafka_topic_conf_t,
        name: *const c_char,
        dest: *mut c_char,
        dest_size: *mut usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let conf = from_c::object_or_null::<TopicConf>(conf.cast());
            let value = conf.zip(from_c::text_bytes(name));
            let value = value.and_then(|(conf, name)| conf.value(name));
            put_value(value, false, dest, dest_size)
        }
    }

    /// All properties that have a value, as an array of names and values.
    ///
    /// # Safety
    /// `conf` is NULL or live; `cntp` is NULL or valid. `rd_kafka_conf_dump_free` frees the result.
    fn rd_kafka_topic_conf_dump(
        conf: *mut rd_kafka_topic_conf_t,
        cntp: *mut usize,
    ) -> *mut *const c_char {
        // SAFETY: the caller's contract.
        unsafe {
            let conf = from_c::object_or_null::<TopicConf>(conf.cast_const().cast());
            put_pairs(&conf.map(|conf| dump::dump::<TopicConf>(conf)).unwrap_or_default(), cntp)
        }
    }

    /// The pointer handed to the topic's callbacks.
    ///
    /// # Safety
    /// `conf` is NULL or live.
    fn rd_kafka_topic_conf_set_opaque(conf: *mut rd_kafka_topic_conf_t, rkt_opaque: *mut c_void) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::own_object_or_null::<TopicConf>(conf.cast()) } {
            conf.opaque = Opaque::new(rkt_opaque);
            conf.mark_modified("opaque");
        }
    }

    /// The topic's partitioner; it wins over the property `partitioner`.
    ///
    /// # Safety
    /// `topic_conf` is NULL or live; the callback is NULL, or callable as long as a topic uses
    /// `topic_conf`.
    fn rd_kafka_topic_conf_set_partitioner_cb(
        topic_conf: *mut rd_kafka_topic_conf_t,
        partitioner: Option<PartitionerCb>,
    ) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::own_object_or_null::<TopicConf>(topic_conf.cast()) } {
            conf.partitioner_cb = partitioner;
            // A built-in partitioner keeps its rules for messages without a key.
            conf.built_in_partitioner_cb = partitioner.and_then(built_in::of_callback);
            conf.mark_modified("partitioner_cb");
        }
    }

    /// The order of the topic's messages. Kept and not used: `queuing.strategy` decides.
    ///
    /// # Safety
    /// `topic_conf` is NULL or live.
    fn rd_kafka_topic_conf_set_msg_order_cmp(
        topic_conf: *mut rd_kafka_topic_conf_t,
        msg_order_cmp: Option<MsgOrderCmp>,
    ) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::own_object_or_null::<TopicConf>(topic_conf.cast()) } {
            conf.msg_order_cmp = msg_order_cmp;
            conf.mark_modified("msg_order_cmp");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ptr::{null, null_mut};

    use super::*;

    #[test]
    fn a_copy_lives_on_its_own() {
        // SAFETY: the objects are live until each is destroyed.
        unsafe {
            let conf = rd_kafka_topic_conf_new();
            let (name, value) = (c"acks".as_ptr(), c"1".as_ptr());
            assert_eq!(rd_kafka_topic_conf_set(conf, name, value, null_mut(), 0), 0);
            let copy = rd_kafka_topic_conf_dup(conf);
            rd_kafka_topic_conf_destroy(conf);

            let mut buffer = [0u8; 8];
            let mut size = buffer.len();
            let dest = buffer.as_mut_ptr().cast();
            assert_eq!(rd_kafka_topic_conf_get(copy, name, dest, &raw mut size), 0);
            assert_eq!((size, &buffer[..2]), (2, b"1\0".as_slice()));
            rd_kafka_topic_conf_destroy(copy);
        }
    }

    #[test]
    fn a_taken_topic_conf_keeps_its_settings() {
        // SAFETY: the object moves into the box.
        unsafe {
            let conf = rd_kafka_topic_conf_new();
            let pointer = std::ptr::without_provenance_mut(0x77);
            rd_kafka_topic_conf_set_opaque(conf, pointer);
            let taken = take(conf).expect("it is ours").expect("it isn't NULL");

            assert_eq!(taken.opaque.as_ptr(), pointer);
            assert!(taken.is_modified("opaque"));
        }
    }

    #[test]
    fn null_and_foreign_objects_are_harmless() {
        let mut foreign = [0u64; 4];
        let foreign = foreign.as_mut_ptr().cast::<rd_kafka_topic_conf_t>();
        // SAFETY: NULL is allowed everywhere here; the other object is longer than eight bytes.
        unsafe {
            assert!(take(null_mut()).expect("NULL is allowed").is_none());
            assert!(take(foreign).is_err());
            rd_kafka_topic_conf_destroy(null_mut());
            rd_kafka_topic_conf_destroy(foreign);
            assert!(rd_kafka_topic_conf_dup(null()).is_null());
            rd_kafka_topic_conf_set_partitioner_cb(null_mut(), None);
            rd_kafka_topic_conf_set_msg_order_cmp(null_mut(), None);
            assert_eq!(
                rd_kafka_topic_conf_set(null_mut(), c"acks".as_ptr(), null(), null_mut(), 0),
                -1
            );
            let mut count = 7;
            let array = rd_kafka_topic_conf_dump(null_mut(), &raw mut count);
            assert_eq!(count, 0);
            crate::capi::conf::rd_kafka_conf_dump_free(array, count);
        }
    }
}
