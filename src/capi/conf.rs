//! The doors of an instance's configuration: new, dup, set, get, dump, and one setter per callback.
//!
//! An `rd_kafka_conf_t` is a boxed `Marked<Conf>`. `take` moves it into an instance, and back if
//! that fails.

use std::ffi::{c_char, c_int, c_void};

use super::{from_c, into_c};
use crate::abi::callbacks::*;
use crate::abi::opaque::Opaque;
use crate::abi::public::*;
use crate::conf::{
    Cert, Conf, Hook, Marked, Object, Properties, Secret, SetAnswer, SetResult, TopicConf, dump,
};
use crate::error::{Error, ErrorCode};
use crate::forward::clients;
use crate::sys::fence::export;
use crate::sys::heap;

/// `rd_kafka_conf_res_t`: there is no such property.
const CONF_UNKNOWN: rd_kafka_conf_res_t = -2;
/// `rd_kafka_conf_res_t`: the value is not allowed.
const CONF_INVALID: rd_kafka_conf_res_t = -1;
/// `rd_kafka_conf_res_t`: done.
const CONF_OK: rd_kafka_conf_res_t = 0;

/// A configuration on its way into an instance.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The configuration; the instance keeps the box, since its address is what the application
    /// knows.
    pub(crate) conf: Box<Marked<Conf>>,
    pub(super) is_applications: bool,
}

impl Taken {
    /// The instance could not be made: the application gets its object back, as it is now.
    pub(crate) fn give_back(mut self) {
        if self.is_applications {
            self.conf.set_ours();
            let _ = Box::into_raw(self.conf);
        }
    }
}

/// Moves the application's configuration into an instance; NULL is a fresh one.
///
/// # Errors
/// `_INVALID_ARG` if it is no configuration, or one that an instance has already.
///
/// # Safety
/// `conf` is NULL or a live object that no other thread uses.
pub(crate) unsafe fn take(conf: *mut rd_kafka_conf_t) -> Result<Taken, Error> {
    if conf.is_null() {
        return Ok(Taken { conf: Marked::new(Conf::default()), is_applications: false });
    }
    // SAFETY: the caller's contract.
    let Some(mut taken) = (unsafe { from_c::given_object_or_null::<Conf>(conf.cast()) }) else {
        // SAFETY: as above.
        let is_taken = unsafe { from_c::object_or_null::<Conf>(conf.cast()) }.is_some();
        let text = match is_taken {
            true => "Configuration object is already used by a client instance",
            false => "Not a configuration object of this library",
        };
        return Err(Error::new(ErrorCode::_INVALID_ARG, text));
    };
    taken.set_taken();
    Ok(Taken { conf: taken, is_applications: true })
}

/// Hands a new object to the application.
pub(super) fn give<T: Object, P>(object: Box<Marked<T>>) -> *mut P {
    Box::into_raw(object).cast()
}

/// Writes the text of an answer, if it has one, and gives its code.
///
/// # Safety
/// `errstr` is NULL or writable for `errstr_size` bytes.
pub(super) unsafe fn answer(
    answer: SetAnswer,
    errstr: *mut c_char,
    errstr_size: usize,
) -> rd_kafka_conf_res_t {
    if let Some(text) = &answer.text {
        // SAFETY: the caller's contract.
        unsafe { into_c::text(errstr, errstr_size, text) };
    }
    match answer.result {
        SetResult::Unknown => CONF_UNKNOWN,
        SetResult::Invalid => CONF_INVALID,
        SetResult::Ok => CONF_OK,
    }
}

/// The answer for an object that can't be written.
pub(super) fn not_writable() -> SetAnswer {
    let text = "Not a configuration object, or one that a client instance owns".to_owned();
    SetAnswer { result: SetResult::Invalid, text: Some(text) }
}

/// The answer for a name that is NULL.
pub(super) fn no_name() -> SetAnswer {
    let text = "No such configuration property: \"(null)\"".to_owned();
    SetAnswer { result: SetResult::Unknown, text: Some(text) }
}

/// Writes a value into the caller's buffer, cut to its size, and its full size into `size`.
///
/// # Safety
/// `size` is NULL or valid; `dest` is NULL or writable for `*size` bytes.
pub(super) unsafe fn put_value(
    value: Option<Vec<u8>>,
    is_flags: bool,
    dest: *mut c_char,
    size: *mut usize,
) -> rd_kafka_conf_res_t {
    if size.is_null() {
        return CONF_INVALID;
    }
    let Some(value) = value else { return CONF_UNKNOWN };
    // SAFETY: the caller's contract.
    unsafe {
        if dest.is_null() {
            // Quirk: asked for the size only, a set of words says one byte more than it needs.
            *size = value.len() + 1 + usize::from(is_flags);
            return CONF_OK;
        }
        let mut written = 0;
        if let Some(room) = (*size).checked_sub(1) {
            written = value.len().min(room);
            std::ptr::copy_nonoverlapping(value.as_ptr(), dest.cast::<u8>(), written);
            *dest.add(written) = 0;
        }
        // Quirk: a set of words that was cut says how long it is now, not how long it should be.
        *size = if is_flags { written + 1 } else { value.len() + 1 };
    }
    CONF_OK
}

/// Names and values as a C array that `rd_kafka_conf_dump_free` frees.
///
/// # Safety
/// `count` is NULL or valid.
pub(super) unsafe fn put_pairs(
    pairs: &[(&'static str, Vec<u8>)],
    count: *mut usize,
) -> *mut *const c_char {
    let array = heap::calloc(size_of::<*const c_char>() * pairs.len() * 2).cast::<*const c_char>();
    for (row, (name, value)) in pairs.iter().enumerate() {
        // SAFETY: the array has two elements per pair.
        unsafe {
            *array.add(2 * row) = heap::string(name.as_bytes());
            *array.add(2 * row + 1) = heap::string(value);
        }
    }
    if !count.is_null() {
        // SAFETY: it isn't NULL, so the caller says that it's valid.
        unsafe { *count = pairs.len() * 2 };
    }
    array
}

export! {
    /// A configuration with all defaults.
    ///
    /// # Safety
    /// None; the caller owns the result.
    fn rd_kafka_conf_new() -> *mut rd_kafka_conf_t {
        super::absent::register();
        give(Marked::new(Conf::default()))
    }

    /// Frees a configuration that no instance has taken.
    ///
    /// # Safety
    /// `conf` is NULL, or a configuration that nobody uses any more.
    fn rd_kafka_conf_destroy(conf: *mut rd_kafka_conf_t) {
        // SAFETY: the caller's contract.
        drop(unsafe { from_c::given_object_or_null::<Conf>(conf.cast()) });
    }

    /// A copy of a configuration, also of an instance's.
    ///
    /// # Safety
    /// `conf` is NULL or live.
    fn rd_kafka_conf_dup(conf: *const rd_kafka_conf_t) -> *mut rd_kafka_conf_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::object_or_null::<Conf>(conf.cast()) } {
            Some(conf) => give(Marked::new(conf.copy(&[]))),
            None => std::ptr::null_mut(),
        }
    }

    /// A copy without the properties whose names begin with one of the filters.
    ///
    /// # Safety
    /// `conf` is NULL or live; `filter` has `filter_cnt` strings.
    fn rd_kafka_conf_dup_filter(
        conf: *const rd_kafka_conf_t,
        filter_cnt: usize,
        filter: *mut *const c_char,
    ) -> *mut rd_kafka_conf_t {
        // SAFETY: the caller's contract.
        let (conf, prefixes) = unsafe {
            let filter = from_c::items(filter.cast_const(), filter_cnt);
            let prefixes = filter.iter().filter_map(|text| from_c::text_bytes(*text));
            (from_c::object_or_null::<Conf>(conf.cast()), prefixes.collect::<Vec<_>>())
        };
        let Some(conf) = conf else { return std::ptr::null_mut() };
        give(Marked::new(conf.copy(&prefixes)))
    }

    /// The configuration of an instance, as it is in force; it belongs to the instance, and is for
    /// reading only.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_conf(rk: *mut rd_kafka_t) -> *const rd_kafka_conf_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => (&raw const *handle.conf).cast(),
            None => clients::conf_of(rk),
        }
    }

    /// Sets a property by name.
    ///
    /// # Safety
    /// `conf` is NULL or live; `name` and `value` are NULL or NUL-terminated; `errstr` is NULL or
    /// has `errstr_size` bytes.
    fn rd_kafka_conf_set(
        conf: *mut rd_kafka_conf_t,
        name: *const c_char,
        value: *const c_char,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let conf = from_c::own_object_or_null::<Conf>(conf.cast());
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
    fn rd_kafka_conf_get(
        conf: *const rd_kafka_conf_t,
        name: *const c_char,
        dest: *mut c_char,
        dest_size: *mut usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let conf = from_c::object_or_null::<Conf>(conf.cast());
            let (Some(conf), Some(name)) = (conf, from_c::text_bytes(name)) else {
                return CONF_UNKNOWN;
            };
            put_value(conf.value(name), Conf::is_flags(name), dest, dest_size)
        }
    }

    /// All properties that have a value, as an array of names and values.
    ///
    /// # Safety
    /// `conf` is NULL or live; `cntp` is NULL or valid. `rd_kafka_conf_dump_free` frees the result.
    fn rd_kafka_conf_dump(conf: *mut rd_kafka_conf_t, cntp: *mut usize) -> *mut *const c_char {
        // SAFETY: the caller's contract.
        unsafe {
            let conf = from_c::object_or_null::<Conf>(conf.cast_const().cast());
            put_pairs(&conf.map(|conf| dump::dump::<Conf>(conf)).unwrap_or_default(), cntp)
        }
    }

    /// Frees the result of a dump.
    ///
    /// # Safety
    /// `arr` is NULL, or the unchanged result of a dump with its count, which nobody uses any more.
    fn rd_kafka_conf_dump_free(arr: *mut *const c_char, cnt: usize) {
        // SAFETY: the caller's contract; array and strings came from the C heap.
        unsafe {
            for text in from_c::items(arr.cast_const(), cnt) {
                heap::free(text.cast_mut());
            }
            heap::free(arr);
        }
    }

    /// Prints the table of all properties to a stream of the application.
    ///
    /// # Safety
    /// `fp` is NULL or an open stream.
    fn rd_kafka_conf_properties_show(fp: *mut libc::FILE) {
        if fp.is_null() {
            return;
        }
        let table = dump::table();
        // SAFETY: the caller's contract. A short write has no way to be reported.
        unsafe { libc::fwrite(table.as_ptr().cast(), 1, table.len(), fp) };
    }

    /// Enables events, as a bit mask of `RD_KAFKA_EVENT_*`.
    ///
    /// # Safety
    /// `conf` is NULL or live.
    fn rd_kafka_conf_set_events(conf: *mut rd_kafka_conf_t, events: c_int) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::own_object_or_null::<Conf>(conf.cast()) } {
            // The property's range has no negative number: an application that sets bit 31 keeps
            // what it had.
            if events >= 0 {
                conf.enabled_events = events;
                conf.mark_modified("enabled_events");
            }
        }
    }

    /// Serves SASL callbacks from a queue of their own.
    ///
    /// # Safety
    /// `conf` is NULL or live.
    fn rd_kafka_conf_enable_sasl_queue(conf: *mut rd_kafka_conf_t, enable: c_int) {
        // SAFETY: the caller's contract.
        if let Some(conf) = unsafe { from_c::own_object_or_null::<Conf>(conf.cast()) } {
            conf.sasl_enable_callback_queue = enable != 0;
            conf.mark_modified("enable_sasl_queue");
        }
    }

    /// The callback that judges a broker's certificate.
    ///
    /// # Safety
    /// `conf` is NULL or live; the callback is NULL or callable as long as an instance uses `conf`.
    fn rd_kafka_conf_set_ssl_cert_verify_cb(
        conf: *mut rd_kafka_conf_t,
        ssl_cert_verify_cb: Option<SslCertVerifyCb>,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        let conf = unsafe { from_c::own_object_or_null::<Conf>(conf.cast()) };
        let Some(conf) = conf else { return CONF_INVALID };
        conf.ssl_cert_verify_cb = ssl_cert_verify_cb;
        conf.mark_modified("ssl.certificate.verify_cb");
        CONF_OK
    }

    /// Sets a certificate or key from memory; NULL takes it away. The bytes are copied, and read
    /// when a connection needs them.
    ///
    /// # Safety
    /// `conf` is NULL or live; `buffer` is NULL or has `size` bytes; `errstr` is NULL or has
    /// `errstr_size` bytes.
    fn rd_kafka_conf_set_ssl_cert(
        conf: *mut rd_kafka_conf_t,
        cert_type: rd_kafka_cert_type_t,
        cert_enc: rd_kafka_cert_enc_t,
        buffer: *const c_void,
        size: usize,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> rd_kafka_conf_res_t {
        // SAFETY: the caller's contract.
        unsafe {
            let data = from_c::bytes(buffer, size);
            let result = match from_c::own_object_or_null::<Conf>(conf.cast()) {
                Some(conf) => set_cert(conf, cert_type, cert_enc, data),
                None => Err("Not a writable configuration object".to_owned()),
            };
            let Err(text) = result else { return CONF_OK };
            into_c::text(errstr, errstr_size, &text);
            CONF_INVALID
        }
    }

    /// Sets the configuration of topics that are made without one; it moves into `conf`.
    ///
    /// # Safety
    /// `conf` is NULL or live; `tconf` is NULL, or a live topic configuration that nobody uses
    /// any more.
    fn rd_kafka_conf_set_default_topic_conf(
        conf: *mut rd_kafka_conf_t,
        tconf: *mut rd_kafka_topic_conf_t,
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            if let Some(conf) = from_c::own_object_or_null::<Conf>(conf.cast()) {
                let topic = from_c::given_object_or_null::<TopicConf>(tconf.cast());
                conf.set_default_topic_conf(topic);
            }
        }
    }

    /// The default topic configuration, NULL if there is none; it stays a part of `conf`.
    ///
    /// # Safety
    /// `conf` is NULL or live.
    fn rd_kafka_conf_get_default_topic_conf(
        conf: *mut rd_kafka_conf_t,
    ) -> *mut rd_kafka_topic_conf_t {
        // SAFETY: the caller's contract.
        let conf = unsafe { from_c::own_object_or_null::<Conf>(conf.cast()) };
        conf.and_then(|conf| conf.default_topic_conf.as_deref_mut())
            .map_or(std::ptr::null_mut(), |topic| std::ptr::from_mut(topic).cast())
    }
}

/// Stores a certificate from memory.
fn set_cert(
    conf: &mut Conf,
    cert_type: c_int,
    encoding: c_int,
    data: Option<&[u8]>,
) -> Result<(), String> {
    let place = match cert_type {
        0 => &mut conf.ssl_certificate,
        1 => &mut conf.ssl_key,
        2 => &mut conf.ssl_ca,
        other => return Err(format!("Invalid certificate type {other}")),
    };
    if data.is_some() && !(0..=2).contains(&encoding) {
        return Err(format!("Invalid certificate encoding {encoding}"));
    }
    *place = data.map(|data| Cert { encoding, data: Secret::from(data) });
    Ok(())
}

/// Declares setters that store a value in a field and note that the application did so.
macro_rules! setters {
    ($(
        $(#[$doc:meta])*
        $name:ident($arg:ident: $type:ty) => $field:ident = $value:expr, $property:literal;
    )*) => {
        export! {
            $(
                $(#[$doc])*
                ///
                /// # Safety
                /// `conf` is NULL or live; the argument stays valid as long as an instance uses
                /// `conf`.
                fn $name(conf: *mut rd_kafka_conf_t, $arg: $type) {
                    // SAFETY: the caller's contract.
                    if let Some(conf) = unsafe { from_c::own_object_or_null::<Conf>(conf.cast()) } {
                        conf.$field = $value;
                        conf.mark_modified($property);
                    }
                }
            )*
        }
    };
}

setters! {
    /// The callback of the background event thread.
    rd_kafka_conf_set_background_event_cb(event_cb: Option<BackgroundEventCb>)
        => background_event_cb = event_cb, "background_event_cb";
    /// The delivery report callback, old form.
    rd_kafka_conf_set_dr_cb(dr_cb: Option<DrCb>) => dr_cb = dr_cb, "dr_cb";
    /// The delivery report callback.
    rd_kafka_conf_set_dr_msg_cb(dr_msg_cb: Option<DrMsgCb>) => dr_msg_cb = dr_msg_cb, "dr_msg_cb";
    /// A consumer's message callback.
    rd_kafka_conf_set_consume_cb(consume_cb: Option<ConsumeCb>)
        => consume_cb = consume_cb, "consume_cb";
    /// A consumer's rebalance callback.
    rd_kafka_conf_set_rebalance_cb(rebalance_cb: Option<RebalanceCb>)
        => rebalance_cb = rebalance_cb, "rebalance_cb";
    /// A consumer's commit callback.
    rd_kafka_conf_set_offset_commit_cb(offset_commit_cb: Option<OffsetCommitCb>)
        => offset_commit_cb = offset_commit_cb, "offset_commit_cb";
    /// The error callback.
    rd_kafka_conf_set_error_cb(error_cb: Option<ErrorCb>) => error_cb = error_cb, "error_cb";
    /// The throttle callback.
    rd_kafka_conf_set_throttle_cb(throttle_cb: Option<ThrottleCb>)
        => throttle_cb = throttle_cb, "throttle_cb";
    /// The log callback; NULL switches logging off.
    rd_kafka_conf_set_log_cb(log_cb: Option<LogCb>) => log_cb = Hook::from(log_cb), "log_cb";
    /// The statistics callback.
    rd_kafka_conf_set_stats_cb(stats_cb: Option<StatsCb>) => stats_cb = stats_cb, "stats_cb";
    /// The typed statistics callback.
    rd_kafka_conf_set_stats_cb_typed(stats_cb: Option<StatsTypedCb>)
        => stats_cb_typed = stats_cb, "stats_cb_typed";
    /// The callback that makes sockets.
    rd_kafka_conf_set_socket_cb(socket_cb: Option<SocketCb>)
        => socket_cb = Hook::from(socket_cb), "socket_cb";
    /// The callback that connects sockets.
    rd_kafka_conf_set_connect_cb(connect_cb: Option<ConnectCb>)
        => connect_cb = connect_cb, "connect_cb";
    /// The callback that closes sockets.
    rd_kafka_conf_set_closesocket_cb(closesocket_cb: Option<CloseSocketCb>)
        => closesocket_cb = closesocket_cb, "closesocket_cb";
    /// The callback that opens files.
    rd_kafka_conf_set_open_cb(open_cb: Option<OpenCb>) => open_cb = Hook::from(open_cb), "open_cb";
    /// The callback that resolves host names.
    rd_kafka_conf_set_resolve_cb(resolve_cb: Option<ResolveCb>)
        => resolve_cb = resolve_cb, "resolve_cb";
    /// The callback that gets new OAUTHBEARER tokens.
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(
        oauthbearer_token_refresh_cb: Option<OauthRefreshCb>
    ) => oauthbearer_token_refresh_cb = oauthbearer_token_refresh_cb,
        "oauthbearer_token_refresh_cb";
    /// The pointer handed to callbacks.
    rd_kafka_conf_set_opaque(opaque: *mut c_void) => opaque = Opaque::new(opaque), "opaque";
    /// The pointer handed to an OpenSSL engine.
    rd_kafka_conf_set_engine_callback_data(callback_data: *mut c_void)
        => ssl_engine_callback_data = Opaque::new(callback_data), "ssl_engine_callback_data";
}

#[cfg(test)]
mod tests {
    use std::ffi::{CStr, CString};
    use std::ptr::{null, null_mut};

    use super::*;
    use crate::capi::topic_conf::{rd_kafka_topic_conf_new, rd_kafka_topic_conf_set};

    fn set(conf: *mut rd_kafka_conf_t, name: &CStr, value: &CStr) -> rd_kafka_conf_res_t {
        // SAFETY: the tests give live objects; NULL is allowed for the text.
        unsafe { rd_kafka_conf_set(conf, name.as_ptr(), value.as_ptr(), null_mut(), 0) }
    }

    /// Result, text and size of a get with a buffer of `size` bytes.
    fn get(
        conf: *const rd_kafka_conf_t,
        name: &CStr,
        mut size: usize,
    ) -> (rd_kafka_conf_res_t, String, usize) {
        let mut buffer = [b'#'; 64];
        // SAFETY: the tests give live objects and sizes of at most 64.
        let result = unsafe {
            rd_kafka_conf_get(conf, name.as_ptr(), buffer.as_mut_ptr().cast(), &raw mut size)
        };
        let text = buffer.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte));
        (result, text.collect::<String>().trim_end_matches('#').to_owned(), size)
    }

    #[test]
    fn a_get_cuts_to_the_buffer_and_says_the_full_size() {
        // SAFETY: the object is live until the end.
        unsafe {
            let conf = rd_kafka_conf_new();
            let name = c"client.id";
            assert_eq!(get(conf, name, 64), (CONF_OK, "rdkafka".to_owned(), 8));
            assert_eq!(get(conf, name, 8), (CONF_OK, "rdkafka".to_owned(), 8));
            assert_eq!(get(conf, name, 4), (CONF_OK, "rdk".to_owned(), 8));
            assert_eq!(get(conf, name, 1), (CONF_OK, String::new(), 8));
            assert_eq!(get(conf, name, 0), (CONF_OK, String::new(), 8));
            assert_eq!(get(conf, c"no.such", 64), (CONF_UNKNOWN, String::new(), 64));
            assert_eq!(get(conf, c"opaque", 64), (CONF_UNKNOWN, String::new(), 64));
            assert_eq!(get(conf, c"acks", 64), (CONF_UNKNOWN, String::new(), 64));
            assert_eq!(set(conf, c"acks", c"all"), CONF_OK);
            assert_eq!(get(conf, c"acks", 64), (CONF_OK, "-1".to_owned(), 3));
            assert_eq!(get(conf, c"topic.acks", 64), (CONF_UNKNOWN, String::new(), 64));
            rd_kafka_conf_destroy(conf);
        }
    }

    #[test]
    fn the_size_of_a_set_of_words_is_odd() {
        // SAFETY: the object is live until the end.
        unsafe {
            let conf = rd_kafka_conf_new();
            assert_eq!(set(conf, c"debug", c"broker,msg"), CONF_OK);
            let mut size = 0;
            rd_kafka_conf_get(conf, c"debug".as_ptr(), null_mut(), &raw mut size);
            assert_eq!(size, 12);
            assert_eq!(get(conf, c"debug", 64), (CONF_OK, "broker,msg".to_owned(), 11));
            assert_eq!(get(conf, c"debug", 4), (CONF_OK, "bro".to_owned(), 4));
            rd_kafka_conf_destroy(conf);
        }
    }

    #[test]
    fn the_text_of_a_failure_is_written_and_a_success_leaves_the_buffer_alone() {
        let mut buffer = [b'#'; 128];
        let mut set = |name: &CStr, value: &CStr| {
            // SAFETY: the buffer is as long as we say.
            unsafe {
                let conf = rd_kafka_conf_new();
                let (text, size) = (buffer.as_mut_ptr().cast(), buffer.len());
                let result = rd_kafka_conf_set(conf, name.as_ptr(), value.as_ptr(), text, size);
                rd_kafka_conf_destroy(conf);
                (result, buffer[..8].to_vec())
            }
        };

        assert_eq!(set(c"client.id", c"x"), (CONF_OK, b"########".to_vec()));
        assert_eq!(set(c"client.idx", c"x"), (CONF_UNKNOWN, b"No such ".to_vec()));
        assert_eq!(set(c"retries", c"x"), (CONF_INVALID, b"Invalid ".to_vec()));
    }

    #[test]
    fn a_dump_is_an_array_of_names_and_values() {
        // SAFETY: the array has `count` strings and is freed once.
        unsafe {
            let conf = rd_kafka_conf_new();
            let mut count = 0;
            let array = rd_kafka_conf_dump(conf, &raw mut count);
            assert_eq!(CStr::from_ptr(*array.add(2)), c"client.id");
            assert_eq!(CStr::from_ptr(*array.add(3)), c"rdkafka");
            assert_eq!(count, 2 * dump::dump(&Conf::default()).len());
            rd_kafka_conf_dump_free(array, count);
            rd_kafka_conf_destroy(conf);
        }
    }

    #[test]
    fn null_objects_and_names_are_harmless() {
        // SAFETY: NULL is allowed everywhere here.
        unsafe {
            let mut buffer = [0u8; 64];
            let text = buffer.as_mut_ptr().cast();
            rd_kafka_conf_destroy(null_mut());
            assert!(rd_kafka_conf_dup(null()).is_null());
            assert!(rd_kafka_conf_dup_filter(null(), 3, null_mut()).is_null());
            assert!(rd_kafka_conf_get_default_topic_conf(null_mut()).is_null());
            rd_kafka_conf_set_opaque(null_mut(), null_mut());
            rd_kafka_conf_dump_free(null_mut(), 3);
            rd_kafka_conf_properties_show(null_mut());
            let conf = rd_kafka_conf_new();
            assert_eq!(rd_kafka_conf_set(conf, null(), c"x".as_ptr(), text, 64), CONF_UNKNOWN);
            assert_eq!(buffer[..8], *b"No such ");
            assert_eq!(rd_kafka_conf_get(conf, c"acks".as_ptr(), null_mut(), null_mut()), -1);
            let client_id = c"client.id".as_ptr();
            assert_eq!(rd_kafka_conf_set(conf, client_id, null(), text, 64), CONF_OK);
            assert_eq!(rd_kafka_conf_set(null_mut(), client_id, null(), text, 64), CONF_INVALID);
            rd_kafka_conf_set_default_topic_conf(conf, null_mut());
            rd_kafka_conf_destroy(conf);
        }
    }

    #[test]
    fn a_taken_configuration_can_be_read_and_nothing_else() {
        // SAFETY: the object is live until the end.
        unsafe {
            let conf = rd_kafka_conf_new();
            let taken = take(conf).expect("it is the application's");

            assert_eq!((&raw const *taken.conf).cast(), conf.cast_const());
            assert_eq!(get(conf, c"client.id", 64).1, "rdkafka");
            assert_eq!(set(conf, c"client.id", c"x"), CONF_INVALID);
            let again = take(conf).expect_err("an instance has it");
            assert_eq!(again.code, ErrorCode::_INVALID_ARG);
            assert_eq!(again.text, "Configuration object is already used by a client instance");
            rd_kafka_conf_destroy(conf);
            let copy = rd_kafka_conf_dup(conf);
            assert_eq!(set(copy, c"client.id", c"x"), CONF_OK);

            taken.give_back();
            assert_eq!(set(conf, c"client.id", c"x"), CONF_OK);
            rd_kafka_conf_destroy(conf);
            rd_kafka_conf_destroy(copy);
        }
    }

    #[test]
    fn a_foreign_object_is_no_configuration() {
        let mut foreign = [0x0000_7fff_1234_5678u64, 0, 0, 0];
        let foreign = foreign.as_mut_ptr().cast::<rd_kafka_conf_t>();

        // SAFETY: the object is longer than eight bytes.
        unsafe {
            assert_eq!(set(foreign, c"client.id", c"x"), CONF_INVALID);
            let error = take(foreign).expect_err("it isn't ours");
            assert_eq!(error.text, "Not a configuration object of this library");
            rd_kafka_conf_destroy(foreign);
        }
    }

    #[test]
    fn no_configuration_is_a_fresh_one() {
        // SAFETY: NULL is allowed.
        let taken = unsafe { take(null_mut()) }.expect("NULL is allowed");

        assert_eq!(taken.conf.value(b"client.id").as_deref(), Some(b"rdkafka".as_slice()));
        taken.give_back();
    }

    #[test]
    fn a_default_topic_conf_moves_in_and_is_reached_from_outside() {
        // SAFETY: the objects are live until the end; the topic's moves into `conf`.
        unsafe {
            let conf = rd_kafka_conf_new();
            let topic = rd_kafka_topic_conf_new();
            let (name, value) = (c"topic.acks".as_ptr(), c"1".as_ptr());
            assert_eq!(rd_kafka_topic_conf_set(topic, name, value, null_mut(), 0), CONF_OK);
            rd_kafka_conf_set_default_topic_conf(conf, topic);
            assert_eq!(rd_kafka_conf_get_default_topic_conf(conf), topic);
            assert_eq!(get(conf, c"acks", 64), (CONF_OK, "1".to_owned(), 2));

            let copy = rd_kafka_conf_dup(conf);
            assert_ne!(rd_kafka_conf_get_default_topic_conf(copy), topic);
            assert_eq!(get(copy, c"acks", 64), (CONF_OK, "1".to_owned(), 2));
            rd_kafka_conf_destroy(conf);
            rd_kafka_conf_destroy(copy);
        }
    }

    #[test]
    fn setters_store_and_count_as_set() {
        // SAFETY: the object is live until the end; the pointers are never followed.
        unsafe {
            let conf = rd_kafka_conf_new();
            let pointer = std::ptr::without_provenance_mut(0x1234);
            rd_kafka_conf_set_opaque(conf, pointer);
            rd_kafka_conf_set_log_cb(conf, None);
            rd_kafka_conf_set_events(conf, 9);
            rd_kafka_conf_set_events(conf, -1);
            rd_kafka_conf_enable_sasl_queue(conf, 7);
            let inner =
                from_c::object_or_null::<Conf>(conf.cast_const().cast()).expect("it is ours");

            assert_eq!(inner.opaque.as_ptr(), pointer);
            assert!(matches!(inner.log_cb, Hook::Unset));
            assert_eq!((inner.enabled_events, inner.sasl_enable_callback_queue), (9, true));
            for name in ["opaque", "log_cb", "enabled_events", "enable_sasl_queue"] {
                assert!(inner.is_modified(name), "{name}");
            }
            assert_eq!(get(conf, c"opaque", 64).1, "0x1234");
            rd_kafka_conf_destroy(conf);
        }
    }

    #[test]
    fn certificates_from_memory_are_kept_secret() {
        // SAFETY: the object is live until the end, the buffers are as long as we say.
        unsafe {
            let conf = rd_kafka_conf_new();
            let mut errstr = [0u8; 64];
            let mut set = |kind, encoding, data: Option<&[u8]>| {
                let (data, len) = data.map_or((null(), 0), |data| (data.as_ptr(), data.len()));
                let (text, size) = (errstr.as_mut_ptr().cast(), errstr.len());
                let result =
                    rd_kafka_conf_set_ssl_cert(conf, kind, encoding, data.cast(), len, text, size);
                let text = CStr::from_bytes_until_nul(&errstr).expect("it ends");
                (result, text.to_str().expect("it is ASCII").to_owned())
            };
            assert_eq!(set(1, 2, Some(b"geheim")), (CONF_OK, String::new()));
            assert_eq!(set(2, 2, Some(b"ca")).0, CONF_OK);
            assert_eq!(set(2, 2, None).0, CONF_OK);
            assert_eq!(set(3, 2, None).1, "Invalid certificate type 3");
            assert_eq!(set(0, 3, Some(b"x")).1, "Invalid certificate encoding 3");
            let inner =
                from_c::object_or_null::<Conf>(conf.cast_const().cast()).expect("it is ours");

            assert_eq!(
                inner.ssl_key.as_ref().map(|key| key.data.expose()),
                Some(b"geheim".as_slice())
            );
            assert!(inner.ssl_ca.is_none() && inner.ssl_certificate.is_none());
            assert!(!format!("{inner:?}").contains("geheim"));
            rd_kafka_conf_destroy(conf);
        }
    }

    #[test]
    fn a_filtered_copy_lacks_what_the_filter_names() {
        // SAFETY: the objects are live until the end; the filter has two strings.
        unsafe {
            let conf = rd_kafka_conf_new();
            set(conf, c"client.id", c"x");
            set(conf, c"socket.timeout.ms", c"777");
            let mut filter = [c"socket.".as_ptr(), null()];
            let copy = rd_kafka_conf_dup_filter(conf, 2, filter.as_mut_ptr());

            assert_eq!(get(copy, c"client.id", 64).1, "x");
            assert_eq!(get(copy, c"socket.timeout.ms", 64).1, "60000");
            rd_kafka_conf_destroy(conf);
            rd_kafka_conf_destroy(copy);
        }
    }

    #[test]
    fn the_table_goes_to_the_applications_stream() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("table");
        let name = CString::new(path.as_os_str().as_encoded_bytes()).expect("no NUL in a path");
        // SAFETY: the stream is open until it's closed.
        unsafe {
            let stream = libc::fopen(name.as_ptr(), c"w".as_ptr());
            assert!(!stream.is_null());
            rd_kafka_conf_properties_show(stream);
            libc::fclose(stream);
        }

        assert_eq!(std::fs::read_to_string(path).expect("it was written"), dump::table());
    }
}
