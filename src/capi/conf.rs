//! Configuration objects.

use std::ffi::{CString, c_char, c_int, c_void};

use super::{from_c, into_c};
use crate::abi::callbacks::*;
use crate::abi::public::*;
use crate::conf::values::SetError;
use crate::conf::{Conf, LogSink, TopicConf, dump};
use crate::own::mark;
use crate::sys::fence::export;
use crate::sys::heap;

/// The property is known and the value is taken.
const CONF_OK: rd_kafka_conf_res_t = 0;
/// The value is not allowed.
const CONF_INVALID: rd_kafka_conf_res_t = -1;
/// There is no such property.
const CONF_UNKNOWN: rd_kafka_conf_res_t = -2;

fn give(conf: Conf) -> *mut rd_kafka_conf_t {
    Box::into_raw(Box::new(conf)).cast()
}

/// The answer to a `set` call.
///
/// # Safety
/// `errstr` is NULL or writable for `size` bytes.
pub(super) unsafe fn set_result(
    result: Result<(), SetError>,
    errstr: *mut c_char,
    size: usize,
) -> rd_kafka_conf_res_t {
    match result {
        Ok(()) => CONF_OK,
        Err(error) => {
            // SAFETY: the caller's contract.
            unsafe { into_c::text(errstr, size, error.text()) };
            match error {
                SetError::Unknown(_) => CONF_UNKNOWN,
                SetError::Invalid(_) => CONF_INVALID,
            }
        }
    }
}

/// The answer to a `get` call.
///
/// # Safety
/// `dest` is NULL or writable for `*dest_size` bytes; `dest_size` is NULL or live.
pub(super) unsafe fn get_result(
    value: Option<Vec<u8>>,
    dest: *mut c_char,
    dest_size: *mut usize,
) -> rd_kafka_conf_res_t {
    let (Some(value), false) = (value, dest_size.is_null()) else { return CONF_UNKNOWN };
    let text = String::from_utf8_lossy(&value);
    // SAFETY: the caller's contract.
    unsafe {
        into_c::text(dest, *dest_size, &text);
        *dest_size = value.len() + 1;
    }
    CONF_OK
}

/// Pairs as an array of C strings; the caller frees it with `rd_kafka_conf_dump_free`.
///
/// # Safety
/// `count` is NULL or live.
pub(super) unsafe fn dump_result(
    pairs: Vec<(&'static str, Vec<u8>)>,
    count: *mut usize,
) -> *mut *const c_char {
    let array = heap::calloc(pairs.len() * 2 * size_of::<*const c_char>()).cast::<*const c_char>();
    for (at, (name, value)) in pairs.iter().enumerate() {
        // SAFETY: the array has room for two strings per pair.
        unsafe {
            *array.add(at * 2) = heap::string(name.as_bytes());
            *array.add(at * 2 + 1) = heap::string(value);
        }
    }
    // SAFETY: the caller's contract.
    if let Some(count) = unsafe { count.as_mut() } {
        *count = pairs.len() * 2;
    }
    array
}

export! {
    /// Makes a configuration with all defaults. The caller owns it until an instance takes it.
    fn rd_kafka_conf_new() -> *mut rd_kafka_conf_t {
        let mut conf = Conf::new();
        let print: unsafe extern "C" fn(*const rd_kafka_t, c_int, *const c_char, *const c_char) =
            super::log::rd_kafka_log_print;
        conf.values.adjust("log_cb", crate::conf::values::Value::Address(print as usize));
        give(conf)
    }

    /// Frees a configuration that no instance took. NULL is allowed.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration that is not used again.
    fn rd_kafka_conf_destroy(conf: *mut rd_kafka_conf_t) {
        // SAFETY: the caller's contract; a configuration came from `give`.
        unsafe {
            if let Some(conf) = from_c::conf_mut(conf) {
                mark::bury(&mut conf.mark);
                drop(Box::from_raw(&raw mut *conf));
            }
        }
    }

    /// Copies what was set in a configuration.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_dup(conf: *const rd_kafka_conf_t) -> *mut rd_kafka_conf_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::conf(conf) } {
            Some(conf) => give(conf.copy(&[])),
            None => std::ptr::null_mut(),
        }
    }

    /// Copies what was set in a configuration, except properties whose names begin with one of the filters.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration; `filter` has `filter_cnt` NUL-terminated strings.
    fn rd_kafka_conf_dup_filter(
        conf: *const rd_kafka_conf_t,
        filter_cnt: usize,
        filter: *mut *const c_char,
    ) -> *mut rd_kafka_conf_t {
        let mut filters = Vec::new();
        for at in 0..if filter.is_null() { 0 } else { filter_cnt } {
            // SAFETY: the caller's contract.
            if let Some(text) = unsafe { from_c::text(*filter.add(at)) } {
                filters.push(text.to_bytes().to_vec());
            }
        }
        // SAFETY: the caller's contract.
        match unsafe { from_c::conf(conf) } {
            Some(conf) => give(conf.copy(&filters)),
            None => std::ptr::null_mut(),
        }
    }

    /// The configuration of an instance; it belongs to the instance.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_conf(rk: *mut rd_kafka_t) -> *const rd_kafka_conf_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => (&raw const *handle.conf).cast(),
            None => std::ptr::null(),
        }
    }

    /// Sets a property. `errstr` gets the reason of a refusal.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration; the texts are NULL or NUL-terminated; `errstr` is NULL or writable for
    /// `errstr_size` bytes.
    fn rd_kafka_conf_set(
        conf: *mut rd_kafka_conf_t,
        name: *const c_char,
        value: *const c_char,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let (Some(conf), Some(name)) = (from_c::conf_mut(conf), from_c::text(name)) else {
                into_c::text(errstr, errstr_size, "No such configuration property: \"(null)\"");
                return CONF_UNKNOWN;
            };
            let name = name.to_bytes();
            if !conf.is_global(name) {
                // Quirk: history writes this before it looks among the topic properties, and leaves it there.
                let bare = name.strip_prefix(b"topic.").unwrap_or(name);
                let text = String::from_utf8_lossy(bare);
                let text = format!("No such configuration property: \"{text}\"");
                into_c::text(errstr, errstr_size, &text);
            }
            let value = from_c::text(value).map(|text| text.to_bytes());
            set_result(conf.set(name, value), errstr, errstr_size)
        }
    }

    /// Prints a property's value into `dest` and its length with the NUL into `*dest_size`.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration; `name` is NULL or NUL-terminated; `dest` is NULL or writable for
    /// `*dest_size` bytes.
    fn rd_kafka_conf_get(
        conf: *const rd_kafka_conf_t,
        name: *const c_char,
        dest: *mut c_char,
        dest_size: *mut usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let (Some(conf), Some(name)) = (from_c::conf(conf), from_c::text(name)) else {
                return CONF_UNKNOWN;
            };
            get_result(conf.get(name.to_bytes()), dest, dest_size)
        }
    }

    /// All properties that have a value, as pairs; freed with `rd_kafka_conf_dump_free`.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration; `cntp` is NULL or live.
    fn rd_kafka_conf_dump(conf: *mut rd_kafka_conf_t, cntp: *mut usize) -> *mut *const c_char {
        // SAFETY: the caller's contract.
        unsafe {
            let pairs = from_c::conf(conf).map(|conf| dump::pairs(&conf.values));
            dump_result(pairs.unwrap_or_default(), cntp)
        }
    }

    /// Frees an array of a dump function.
    ///
    /// # Safety
    /// `arr` is NULL or came from a dump function with this count.
    fn rd_kafka_conf_dump_free(arr: *mut *const c_char, cnt: usize) {
        // SAFETY: the caller's contract: `cnt` strings and the array are on the C heap.
        unsafe {
            for at in 0..if arr.is_null() { 0 } else { cnt } {
                heap::free((*arr.add(at)).cast_mut());
            }
            heap::free(arr);
        }
    }

    /// Prints a table of all properties.
    ///
    /// # Safety
    /// `fp` is NULL or an open stream.
    fn rd_kafka_conf_properties_show(fp: *mut libc::FILE) {
        let text = CString::new(dump::listing()).unwrap_or_default();
        if !fp.is_null() {
            // SAFETY: the caller's contract; the text is NUL-terminated.
            unsafe { libc::fputs(text.as_ptr(), fp) };
        }
    }

    /// Sets the topic configuration that topics without one get; `conf` owns it from now on.
    ///
    /// # Safety
    /// Both are NULL or live; `tconf` is not used again.
    fn rd_kafka_conf_set_default_topic_conf(
        conf: *mut rd_kafka_conf_t,
        tconf: *mut rd_kafka_topic_conf_t,
    ) {
        // SAFETY: the caller's contract; a topic configuration came from a box.
        unsafe {
            let Some(conf) = from_c::conf_mut(conf) else { return };
            let topic = from_c::topic_conf(tconf)
                .map(|topic| Box::from_raw(&raw mut *topic));
            conf.has_replaced_topic |= conf.topic.is_some();
            conf.topic = topic;
        }
    }

    /// The default topic configuration; it belongs to `conf`. NULL if there is none.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_get_default_topic_conf(
        conf: *mut rd_kafka_conf_t,
    ) -> *mut rd_kafka_topic_conf_t {
        // SAFETY: the caller's contract.
        let topic = unsafe { from_c::conf_mut(conf) }.and_then(|conf| conf.topic.as_deref_mut());
        topic.map_or(std::ptr::null_mut(), |topic: &mut TopicConf| (&raw mut *topic).cast())
    }

    /// Sets the pointer that callbacks get.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_opaque(conf: *mut rd_kafka_conf_t, opaque: *mut c_void) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.callbacks.opaque = opaque as usize;
            conf.values.set_address("opaque", opaque as usize);
        }
    }

    /// Sets which kinds of events the application wants.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_events(conf: *mut rd_kafka_conf_t, events: c_int) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.values.set_int("enabled_events", i64::from(events));
        }
    }

    /// Sets the log callback; NULL discards logs.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_log_cb(conf: *mut rd_kafka_conf_t, log_cb: Option<LogCb>) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.callbacks.log = log_cb.map_or(LogSink::Discard, LogSink::Callback);
            conf.values.set_address("log_cb", log_cb.map_or(0, |function| function as usize));
        }
    }

    /// Sets the socket callback; an instance cannot be made without one.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_socket_cb(conf: *mut rd_kafka_conf_t, socket_cb: Option<SocketCb>) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.callbacks.socket = socket_cb;
            conf.callbacks.has_no_socket = socket_cb.is_none();
            conf.values.set_address("socket_cb", socket_cb.map_or(0, |function| function as usize));
        }
    }

    /// Sets the file callback; an instance cannot be made without one.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_open_cb(conf: *mut rd_kafka_conf_t, open_cb: Option<OpenCb>) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.callbacks.open = open_cb;
            conf.callbacks.has_no_open = open_cb.is_none();
            conf.values.set_address("open_cb", open_cb.map_or(0, |function| function as usize));
        }
    }

    /// Sends SASL events to a queue of their own.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_enable_sasl_queue(conf: *mut rd_kafka_conf_t, enable: c_int) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.values.set_int("enable_sasl_queue", i64::from(enable != 0));
        }
    }

    /// Sets a certificate or key from memory. Secured transports are not available in this version: always refused.
    ///
    /// # Safety
    /// `errstr` is NULL or writable for `errstr_size` bytes.
    fn rd_kafka_conf_set_ssl_cert(
        _conf: *mut rd_kafka_conf_t,
        _cert_type: rd_kafka_cert_type_t,
        _cert_enc: rd_kafka_cert_enc_t,
        _buffer: *const c_void,
        _size: usize,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_conf_res_t {
        let text = "Certificates are not available in this version of the library";
        // SAFETY: the caller's contract.
        unsafe { into_c::text(errstr, errstr_size, text) };
        CONF_INVALID
    }

    /// Sets the certificate callback; only carried in this version.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_ssl_cert_verify_cb(
        conf: *mut rd_kafka_conf_t,
        ssl_cert_verify_cb: Option<SslCertVerifyCb>,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::conf_mut(conf) } {
            Some(conf) => {
                conf.callbacks.ssl_verify = ssl_cert_verify_cb;
                CONF_OK
            }
            None => CONF_INVALID,
        }
    }

    /// Sets the typed statistics callback; only carried in this version.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_stats_cb_typed(conf: *mut rd_kafka_conf_t, stats_cb: Option<StatsTypedCb>) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.callbacks.stats_typed = stats_cb.map_or(0, |function| function as usize);
            conf.values.set_address("stats_cb_typed", conf.callbacks.stats_typed);
        }
    }

    /// Sets data for an OpenSSL engine; only carried.
    ///
    /// # Safety
    /// `conf` is NULL or a live configuration.
    fn rd_kafka_conf_set_engine_callback_data(
        conf: *mut rd_kafka_conf_t,
        callback_data: *mut c_void,
    ) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
            conf.callbacks.ssl_engine_data = callback_data as usize;
        }
    }
}

/// Setters of one callback each.
macro_rules! callback_setters {
    ($($(#[$meta:meta])* $function:ident($arg:ident: $type:ty) => $field:ident, $property:literal;)*) => {
        export! {
            $(
                $(#[$meta])*
                ///
                /// # Safety
                /// `conf` is NULL or a live configuration.
                fn $function(conf: *mut rd_kafka_conf_t, $arg: Option<$type>) {
                    // SAFETY: the caller's contract.
                    if let Some(conf) = unsafe { from_c::conf_mut(conf) } {
                        conf.callbacks.$field = $arg;
                        let address = $arg.map_or(0, |function| function as usize);
                        conf.values.set_address($property, address);
                    }
                }
            )*
        }
    };
}

callback_setters! {
    /// Sets the delivery report callback in its deprecated form.
    rd_kafka_conf_set_dr_cb(dr_cb: DrCb) => dr, "dr_cb";
    /// Sets the delivery report callback: once per message, from poll.
    rd_kafka_conf_set_dr_msg_cb(dr_msg_cb: DrMsgCb) => dr_msg, "dr_msg_cb";
    /// Sets the message callback of consumers.
    rd_kafka_conf_set_consume_cb(consume_cb: ConsumeCb) => consume, "consume_cb";
    /// Sets the rebalance callback of consumers.
    rd_kafka_conf_set_rebalance_cb(rebalance_cb: RebalanceCb) => rebalance, "rebalance_cb";
    /// Sets the commit callback of consumers.
    rd_kafka_conf_set_offset_commit_cb(offset_commit_cb: OffsetCommitCb) => offset_commit, "offset_commit_cb";
    /// Sets the error callback: from poll.
    rd_kafka_conf_set_error_cb(error_cb: ErrorCb) => error, "error_cb";
    /// Sets the throttle callback: from poll.
    rd_kafka_conf_set_throttle_cb(throttle_cb: ThrottleCb) => throttle, "throttle_cb";
    /// Sets the statistics callback: from poll.
    rd_kafka_conf_set_stats_cb(stats_cb: StatsCb) => stats, "stats_cb";
    /// Sets the callback that gets events on the background thread.
    rd_kafka_conf_set_background_event_cb(event_cb: BackgroundEventCb) => background_event, "background_event_cb";
    /// Sets the callback that connects sockets: on broker threads.
    rd_kafka_conf_set_connect_cb(connect_cb: ConnectCb) => connect, "connect_cb";
    /// Sets the callback that closes sockets: on broker threads.
    rd_kafka_conf_set_closesocket_cb(closesocket_cb: CloseSocketCb) => close_socket, "closesocket_cb";
    /// Sets the callback that resolves host names: on broker threads.
    rd_kafka_conf_set_resolve_cb(resolve_cb: ResolveCb) => resolve, "resolve_cb";
    /// Sets the OAUTHBEARER token callback; only carried in this version.
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(oauthbearer_token_refresh_cb: OauthRefreshCb) => oauth_refresh, "oauthbearer_token_refresh_cb";
}
