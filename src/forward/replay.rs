//! Our configuration objects, set again on the peer's: what the application set and nothing else,
//! so that the peer's own defaults and adjustments hold.

use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::NonNull;

use super::peer::{Peer, peer_functions};
use crate::abi::callbacks::*;
use crate::abi::public::*;
use crate::conf::property::App;
use crate::conf::{Cert, Conf, Hook, TopicConf, dump};

pub(super) mod set {
    use super::*;

    peer_functions! {
        fn rd_kafka_conf_new() -> *mut rd_kafka_conf_t;
        fn rd_kafka_conf_destroy(conf: *mut rd_kafka_conf_t);
        fn rd_kafka_conf_set(
            conf: *mut rd_kafka_conf_t, name: *const c_char, value: *const c_char,
            errstr: *mut c_char, size: usize,
        ) -> rd_kafka_conf_res_t;
        fn rd_kafka_conf_set_ssl_cert(
            conf: *mut rd_kafka_conf_t, kind: c_int, encoding: c_int, bytes: *const c_void,
            size: usize, errstr: *mut c_char, errstr_size: usize,
        ) -> rd_kafka_conf_res_t;
        fn rd_kafka_conf_enable_sasl_queue(conf: *mut rd_kafka_conf_t, enable: c_int);
        fn rd_kafka_conf_set_default_topic_conf(
            conf: *mut rd_kafka_conf_t, topic: *mut rd_kafka_topic_conf_t,
        );
        fn rd_kafka_topic_conf_new() -> *mut rd_kafka_topic_conf_t;
        fn rd_kafka_topic_conf_destroy(conf: *mut rd_kafka_topic_conf_t);
        fn rd_kafka_topic_conf_set(
            conf: *mut rd_kafka_topic_conf_t, name: *const c_char, value: *const c_char,
            errstr: *mut c_char, size: usize,
        ) -> rd_kafka_conf_res_t;
        fn rd_kafka_topic_conf_set_opaque(conf: *mut rd_kafka_topic_conf_t, opaque: *mut c_void);
        fn rd_kafka_conf_set_opaque(conf: *mut rd_kafka_conf_t, opaque: *mut c_void);
        fn rd_kafka_conf_set_engine_callback_data(conf: *mut rd_kafka_conf_t, data: *mut c_void);
        fn rd_kafka_conf_set_log_cb(conf: *mut rd_kafka_conf_t, function: Option<LogCb>);
        fn rd_kafka_conf_set_error_cb(conf: *mut rd_kafka_conf_t, function: Option<ErrorCb>);
        fn rd_kafka_conf_set_throttle_cb(conf: *mut rd_kafka_conf_t, function: Option<ThrottleCb>);
        fn rd_kafka_conf_set_stats_cb(conf: *mut rd_kafka_conf_t, function: Option<StatsCb>);
        fn rd_kafka_conf_set_background_event_cb(
            conf: *mut rd_kafka_conf_t, function: Option<BackgroundEventCb>,
        );
        fn rd_kafka_conf_set_consume_cb(conf: *mut rd_kafka_conf_t, function: Option<ConsumeCb>);
        fn rd_kafka_conf_set_rebalance_cb(
            conf: *mut rd_kafka_conf_t, function: Option<RebalanceCb>,
        );
        fn rd_kafka_conf_set_offset_commit_cb(
            conf: *mut rd_kafka_conf_t, function: Option<OffsetCommitCb>,
        );
        fn rd_kafka_conf_set_socket_cb(conf: *mut rd_kafka_conf_t, function: Option<SocketCb>);
        fn rd_kafka_conf_set_connect_cb(conf: *mut rd_kafka_conf_t, function: Option<ConnectCb>);
        fn rd_kafka_conf_set_closesocket_cb(
            conf: *mut rd_kafka_conf_t, function: Option<CloseSocketCb>,
        );
        fn rd_kafka_conf_set_open_cb(conf: *mut rd_kafka_conf_t, function: Option<OpenCb>);
        fn rd_kafka_conf_set_resolve_cb(conf: *mut rd_kafka_conf_t, function: Option<ResolveCb>);
        fn rd_kafka_conf_set_oauthbearer_token_refresh_cb(
            conf: *mut rd_kafka_conf_t, function: Option<OauthRefreshCb>,
        );
        fn rd_kafka_conf_set_ssl_cert_verify_cb(
            conf: *mut rd_kafka_conf_t, function: Option<SslCertVerifyCb>,
        ) -> rd_kafka_conf_res_t;
    }
}

/// `RD_KAFKA_CONF_OK`.
const OK: rd_kafka_conf_res_t = 0;
/// `RD_KAFKA_CONF_UNKNOWN`.
const UNKNOWN: rd_kafka_conf_res_t = -2;
/// Bytes of an error text.
const ERRSTR_BYTES: usize = 512;

/// Set by a function of its own, or the peer's own affair.
const NOT_BY_NAME: [&str; 2] = ["enable_sasl_queue", "builtin.features"];
/// What would be wrong in a shadow: it produces nothing, reports nothing, and its cluster is that
/// of the instance.
const NOT_IN_A_SHADOW: [&str; 9] = [
    "transactional.id",
    "enable.idempotence",
    "enable.gapless.guarantee",
    "statistics.interval.ms",
    "log.queue",
    "enabled_events",
    "test.mock.num.brokers",
    "test.mock.broker.rtt",
    "plugin.library.paths",
];
/// A peer may know fewer of its values than we do, and does without.
const BEST_EFFORT: [&str; 1] = ["debug"];

/// What the peer's object is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// A consumer: everything the application set.
    Consumer,
    /// The shadow of a producer: how to reach the cluster, and nothing that calls back.
    Shadow,
}

/// A configuration of the peer's, until an instance takes it.
pub(super) struct Replayed {
    peer: &'static Peer,
    conf: NonNull<rd_kafka_conf_t>,
    /// Properties that the peer does not know, though the application set them.
    pub(super) ignored: Vec<&'static str>,
}

impl Replayed {
    /// The object, for the peer's functions.
    pub(super) fn as_ptr(&self) -> *mut rd_kafka_conf_t {
        self.conf.as_ptr()
    }

    /// An instance of the peer has taken it.
    pub(super) fn taken(self) {
        std::mem::forget(self);
    }

    /// Sets one more property.
    ///
    /// # Errors
    /// What the peer says.
    pub(super) fn set(&self, name: &str, value: &[u8]) -> Result<(), String> {
        // SAFETY: the object is live.
        let (_, text) = unsafe { set_global(self.peer, self.as_ptr(), name, value) };
        text
    }
}

impl Drop for Replayed {
    fn drop(&mut self) {
        // SAFETY: the object is ours alone: no instance has taken it.
        unsafe { set::rd_kafka_conf_destroy(self.peer, self.as_ptr()) };
    }
}

/// The peer's object for ours.
///
/// # Errors
/// The peer refuses a value.
pub(super) fn conf(peer: &'static Peer, conf: &Conf, purpose: Purpose) -> Result<Replayed, String> {
    // SAFETY: the function takes nothing.
    let new = unsafe { set::rd_kafka_conf_new(peer) }.and_then(NonNull::new);
    let new = new.ok_or("the peer makes no configuration object")?;
    let mut replayed = Replayed { peer, conf: new, ignored: Vec::new() };
    for (name, app, value) in dump::modified_values(conf) {
        if NOT_BY_NAME.contains(&name)
            || (purpose == Purpose::Shadow && NOT_IN_A_SHADOW.contains(&name))
        {
            continue;
        }
        // SAFETY: the object is live.
        let (result, text) = unsafe { set_global(peer, new.as_ptr(), name, &value) };
        match text {
            Ok(()) => {}
            // A consumer has no use for a producer's properties, nor a shadow.
            Err(_) if app == App::Producer || BEST_EFFORT.contains(&name) => {}
            Err(_) if result == UNKNOWN => replayed.ignored.push(name),
            Err(text) => return Err(text),
        }
    }
    // SAFETY: the object is live; callbacks and pointers are handed on as the application gave
    // them.
    unsafe {
        certificates(peer, new.as_ptr(), conf)?;
        transport_callbacks(peer, new.as_ptr(), conf);
        if purpose == Purpose::Consumer {
            callbacks(peer, new.as_ptr(), conf);
        }
        if let Some(topic) = &conf.default_topic_conf {
            let topic = topic_conf(peer, topic)?;
            set::rd_kafka_conf_set_default_topic_conf(peer, new.as_ptr(), topic);
        }
    }
    Ok(replayed)
}

/// The peer's topic configuration for ours; the caller owns it.
///
/// # Errors
/// The peer refuses a value.
pub(super) fn topic_conf(
    peer: &'static Peer,
    conf: &TopicConf,
) -> Result<*mut rd_kafka_topic_conf_t, String> {
    // SAFETY: the object is new, and ours until it is returned or destroyed.
    unsafe {
        let new = set::rd_kafka_topic_conf_new(peer).ok_or("the peer has no topic objects")?;
        for (name, app, value) in dump::modified_values(conf) {
            let set = |name, value, errstr, size| {
                set::rd_kafka_topic_conf_set(peer, new, name, value, errstr, size)
            };
            let (result, text) = set_with(name, &value, set);
            match text {
                Err(_) if app == App::Producer || result == UNKNOWN => {}
                Err(text) => {
                    set::rd_kafka_topic_conf_destroy(peer, new);
                    return Err(text);
                }
                Ok(()) => {}
            }
        }
        set::rd_kafka_topic_conf_set_opaque(peer, new, conf.opaque.as_ptr());
        Ok(new)
    }
}

/// # Safety
/// The object is the peer's, and live.
unsafe fn set_global(
    peer: &Peer,
    conf: *mut rd_kafka_conf_t,
    name: &str,
    value: &[u8],
) -> (rd_kafka_conf_res_t, Result<(), String>) {
    // SAFETY: the caller's contract; texts and buffer live for the call.
    set_with(name, value, |name, value, errstr, size| unsafe {
        set::rd_kafka_conf_set(peer, conf, name, value, errstr, size)
    })
}

fn set_with<F>(name: &str, value: &[u8], set: F) -> (rd_kafka_conf_res_t, Result<(), String>)
where
    F: FnOnce(*const c_char, *const c_char, *mut c_char, usize) -> Option<rd_kafka_conf_res_t>,
{
    let mut errstr = [0u8; ERRSTR_BYTES];
    let (Ok(name), Ok(value)) = (CString::new(name), CString::new(value)) else {
        return (UNKNOWN, Err("a text has a NUL".to_owned()));
    };
    let result = set(name.as_ptr(), value.as_ptr(), errstr.as_mut_ptr().cast(), errstr.len());
    match result.unwrap_or(UNKNOWN) {
        OK => (OK, Ok(())),
        other => {
            let len = errstr.iter().position(|byte| *byte == 0).unwrap_or(errstr.len());
            (other, Err(String::from_utf8_lossy(&errstr[..len]).into_owned()))
        }
    }
}

/// # Safety
/// The object is the peer's, and live.
unsafe fn certificates(peer: &Peer, conf: *mut rd_kafka_conf_t, ours: &Conf) -> Result<(), String> {
    let certs: [(c_int, &Option<Cert>); 3] =
        [(0, &ours.ssl_certificate), (1, &ours.ssl_key), (2, &ours.ssl_ca)];
    for (kind, cert) in certs {
        let Some(cert) = cert else { continue };
        let bytes = cert.data.expose();
        // The name is only for the text.
        let (_, text) = set_with("certificate", b"", |_, _, errstr, size| {
            // SAFETY: the caller's contract; the bytes live for the call and are copied.
            unsafe {
                set::rd_kafka_conf_set_ssl_cert(
                    peer,
                    conf,
                    kind,
                    cert.encoding,
                    bytes.as_ptr().cast(),
                    bytes.len(),
                    errstr,
                    size,
                )
            }
        });
        text?;
    }
    Ok(())
}

/// How the cluster is reached.
///
/// # Safety
/// The object is the peer's, and live.
unsafe fn transport_callbacks(peer: &Peer, conf: *mut rd_kafka_conf_t, ours: &Conf) {
    // SAFETY: the caller's contract.
    unsafe {
        set::rd_kafka_conf_set_opaque(peer, conf, ours.opaque.as_ptr());
        if ours.ssl_engine_callback_data.address() != 0 {
            let data = ours.ssl_engine_callback_data.as_ptr();
            set::rd_kafka_conf_set_engine_callback_data(peer, conf, data);
        }
        if ours.socket_cb != Hook::BuiltIn {
            set::rd_kafka_conf_set_socket_cb(peer, conf, ours.socket_cb.set());
        }
        if ours.open_cb != Hook::BuiltIn {
            set::rd_kafka_conf_set_open_cb(peer, conf, ours.open_cb.set());
        }
        if ours.connect_cb.is_some() {
            set::rd_kafka_conf_set_connect_cb(peer, conf, ours.connect_cb);
        }
        if ours.closesocket_cb.is_some() {
            set::rd_kafka_conf_set_closesocket_cb(peer, conf, ours.closesocket_cb);
        }
        if ours.resolve_cb.is_some() {
            set::rd_kafka_conf_set_resolve_cb(peer, conf, ours.resolve_cb);
        }
        if ours.ssl_cert_verify_cb.is_some() {
            set::rd_kafka_conf_set_ssl_cert_verify_cb(peer, conf, ours.ssl_cert_verify_cb);
        }
        if ours.oauthbearer_token_refresh_cb.is_some() {
            let refresh = ours.oauthbearer_token_refresh_cb;
            set::rd_kafka_conf_set_oauthbearer_token_refresh_cb(peer, conf, refresh);
        }
    }
}

/// Everything else that calls back.
///
/// # Safety
/// The object is the peer's, and live.
unsafe fn callbacks(peer: &Peer, conf: *mut rd_kafka_conf_t, ours: &Conf) {
    // SAFETY: the caller's contract.
    unsafe {
        if ours.log_cb != Hook::BuiltIn {
            set::rd_kafka_conf_set_log_cb(peer, conf, ours.log_cb.set());
        }
        if ours.sasl_enable_callback_queue {
            set::rd_kafka_conf_enable_sasl_queue(peer, conf, 1);
        }
        if ours.error_cb.is_some() {
            set::rd_kafka_conf_set_error_cb(peer, conf, ours.error_cb);
        }
        if ours.throttle_cb.is_some() {
            set::rd_kafka_conf_set_throttle_cb(peer, conf, ours.throttle_cb);
        }
        if ours.stats_cb.is_some() {
            set::rd_kafka_conf_set_stats_cb(peer, conf, ours.stats_cb);
        }
        if ours.background_event_cb.is_some() {
            set::rd_kafka_conf_set_background_event_cb(peer, conf, ours.background_event_cb);
        }
        if ours.consume_cb.is_some() {
            set::rd_kafka_conf_set_consume_cb(peer, conf, ours.consume_cb);
        }
        if ours.rebalance_cb.is_some() {
            set::rd_kafka_conf_set_rebalance_cb(peer, conf, ours.rebalance_cb);
        }
        if ours.offset_commit_cb.is_some() {
            set::rd_kafka_conf_set_offset_commit_cb(peer, conf, ours.offset_commit_cb);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::peer::tests::for_tests;
    use super::*;
    use crate::conf::property::{Flag, Kind, Property};
    use crate::conf::{Marked, Properties, SetResult};

    peer_functions! {
        fn rd_kafka_conf_get(
            conf: *const rd_kafka_conf_t, name: *const c_char, value: *mut c_char,
            size: *mut usize,
        ) -> rd_kafka_conf_res_t;
        fn rd_kafka_topic_conf_get(
            conf: *const rd_kafka_topic_conf_t, name: *const c_char, value: *mut c_char,
            size: *mut usize,
        ) -> rd_kafka_conf_res_t;
    }

    fn get(
        name: &str,
        get: impl FnOnce(*const c_char, *mut c_char, *mut usize) -> Option<rd_kafka_conf_res_t>,
    ) -> Option<String> {
        let name = CString::new(name).expect("no NUL");
        let (mut value, mut size) = ([0u8; 512], 512usize);
        let result = get(name.as_ptr(), value.as_mut_ptr().cast(), &raw mut size);
        let text = std::ffi::CStr::from_bytes_until_nul(&value).expect("NUL-terminated");
        (result == Some(OK)).then(|| text.to_string_lossy().into_owned())
    }

    /// A value that is not the default, if there is one that may be set by name.
    fn other_value<C>(property: &Property<C>) -> Option<String> {
        if property.is(Flag::WindowsOnly) {
            return None;
        }
        match &property.kind {
            Kind::Bool { default, .. } => Some((!default).to_string()),
            Kind::Int { max, default, .. } if default < max => Some((default + 1).to_string()),
            Kind::Int { default, .. } => Some((default - 1).to_string()),
            Kind::Double { min, .. } => Some((min + 1.0).to_string()),
            Kind::Choice { words, default, .. } | Kind::Flags { words, default, .. } => words
                .iter()
                .find(|word| word.value != *default && word.unsupported.is_none())
                .map(|word| word.text.to_owned()),
            Kind::Text { check: None, .. } | Kind::Secret { .. } => Some("a text".to_owned()),
            Kind::Patterns { .. } => Some("^a.*,b".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn every_property_arrives_with_its_value() {
        let Some(peer) = for_tests() else { return };
        let mut count = 0;
        for property in Conf::table() {
            let Some(value) = other_value(property) else { continue };
            if NOT_IN_A_SHADOW.contains(&property.name) || NOT_BY_NAME.contains(&property.name) {
                continue;
            }
            let mut ours = Conf::default();
            let answer = ours.set(property.name.as_bytes(), Some(value.as_bytes()));
            if answer.text.as_ref().is_some_and(|text| text.contains("not supported in this")) {
                continue;
            }
            assert_eq!(answer.result, SetResult::Ok, "{}: {:?}", property.name, answer.text);
            let replayed = match conf(peer, &ours, Purpose::Shadow) {
                Ok(replayed) => replayed,
                // A build without TLS or SASL says so.
                Err(text) if text.contains("not supported") => continue,
                Err(text) if text.contains("not available") => continue,
                Err(text) => panic!("{}={value}: {text}", property.name),
            };
            // SAFETY: the object is live, and the buffer as long as it says.
            let theirs = get(property.name, |name, value, size| unsafe {
                rd_kafka_conf_get(peer, replayed.as_ptr(), name, value, size)
            });
            if let Some(theirs) = theirs {
                let expected = ours.value(property.name.as_bytes()).expect("it was set");
                assert_eq!(theirs, String::from_utf8_lossy(&expected), "{}", property.name);
                count += 1;
            }
        }
        assert!(count > 80, "only {count} properties are known to the peer");
    }

    #[test]
    fn the_default_topic_configuration_goes_with_it() {
        let Some(peer) = for_tests() else { return };
        let mut topic = TopicConf::default();
        assert_eq!(topic.set(b"auto.offset.reset", Some(b"earliest")).result, SetResult::Ok);
        assert_eq!(topic.set(b"acks", Some(b"all")).result, SetResult::Ok);
        let mut ours = Conf::default();
        ours.set_default_topic_conf(Some(Marked::new(topic)));
        let replayed = conf(peer, &ours, Purpose::Consumer).expect("the peer takes it");
        // SAFETY: as above; a property of topics is looked for in the default topic configuration.
        let theirs = get("auto.offset.reset", |name, value, size| unsafe {
            rd_kafka_conf_get(peer, replayed.as_ptr(), name, value, size)
        });
        assert_eq!(theirs.as_deref(), Some("smallest"));
        let alone = topic_conf(peer, ours.default_topic_conf.as_ref().expect("it was set"));
        let alone = alone.expect("the peer takes it");
        // SAFETY: the object is live until it is destroyed.
        unsafe {
            let theirs = get("acks", |name, value, size| {
                rd_kafka_topic_conf_get(peer, alone, name, value, size)
            });
            assert_eq!(theirs.as_deref(), Some("-1"));
            set::rd_kafka_topic_conf_destroy(peer, alone);
        }
    }

    #[test]
    fn what_the_peer_refuses_is_refused_with_its_text() {
        let Some(peer) = for_tests() else { return };
        let mut ours = Conf::default();
        ours.ssl_ca = Some(Cert { encoding: 2, data: b"no certificate".as_slice().into() });
        let refused = conf(peer, &ours, Purpose::Consumer).err().expect("no certificate");
        assert!(!refused.is_empty());
    }

    #[test]
    fn a_shadow_is_no_idempotent_or_transactional_producer() {
        let Some(peer) = for_tests() else { return };
        let mut ours = Conf::default();
        for (name, value) in [("enable.idempotence", "true"), ("transactional.id", "t")] {
            ours.set(name.as_bytes(), Some(value.as_bytes()));
        }
        let replayed = conf(peer, &ours, Purpose::Shadow).expect("the peer takes it");
        let theirs = |name| {
            get(name, |name, value, size| {
                // SAFETY: as above.
                unsafe { rd_kafka_conf_get(peer, replayed.as_ptr(), name, value, size) }
            })
        };
        assert_eq!(theirs("enable.idempotence").as_deref(), Some("false"));
        assert_eq!(theirs("transactional.id"), None);
    }
}
