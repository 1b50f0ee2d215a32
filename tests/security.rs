//! A producer through TLS and SASL: a front of our own before the mock cluster, which also behaves
//! as badly as a broker can.

#[path = "security/gate.rs"]
mod gate;

use std::collections::BTreeSet;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use gate::{Gate, Manner, Mischief};
use rdkafka::mock::MockCluster;
use rdkafka::testing::authority::Authority;

type Opaque = *mut c_void;

#[repr(C)]
struct Message {
    err: c_int,
    rkt: Opaque,
    partition: i32,
    payload: *const u8,
    len: usize,
    key: *const u8,
    key_len: usize,
    offset: i64,
    private: Opaque,
}

type ReportCb = unsafe extern "C" fn(Opaque, *const Message, Opaque);
type ErrorCb = unsafe extern "C" fn(Opaque, c_int, *const c_char, Opaque);
type StatsCb = unsafe extern "C" fn(Opaque, *const c_char, usize, Opaque) -> c_int;
type LogCb = unsafe extern "C" fn(Opaque, c_int, *const c_char, *const c_char);
type RefreshCb = unsafe extern "C" fn(Opaque, *const c_char, Opaque);
type VerifyCb = unsafe extern "C" fn(
    Opaque,
    *const c_char,
    i32,
    *mut c_int,
    c_int,
    *const c_char,
    usize,
    *mut c_char,
    usize,
    Opaque,
) -> c_int;

unsafe extern "C" {
    fn rd_kafka_conf_new() -> Opaque;
    fn rd_kafka_conf_destroy(conf: Opaque);
    fn rd_kafka_conf_set(
        conf: Opaque,
        name: *const c_char,
        value: *const c_char,
        errstr: *mut c_char,
        size: usize,
    ) -> c_int;
    fn rd_kafka_conf_set_dr_msg_cb(conf: Opaque, cb: ReportCb);
    fn rd_kafka_conf_set_error_cb(conf: Opaque, cb: ErrorCb);
    fn rd_kafka_conf_set_stats_cb(conf: Opaque, cb: StatsCb);
    fn rd_kafka_conf_set_log_cb(conf: Opaque, cb: LogCb);
    fn rd_kafka_conf_set_opaque(conf: Opaque, opaque: Opaque);
    fn rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf: Opaque, cb: RefreshCb);
    fn rd_kafka_conf_set_ssl_cert_verify_cb(conf: Opaque, cb: VerifyCb) -> c_int;
    fn rd_kafka_conf_enable_sasl_queue(conf: Opaque, enable: c_int);
    fn rd_kafka_opaque(rk: Opaque) -> Opaque;
    fn rd_kafka_new(kind: c_int, conf: Opaque, errstr: *mut c_char, size: usize) -> Opaque;
    fn rd_kafka_destroy(rk: Opaque);
    fn rd_kafka_poll(rk: Opaque, timeout_ms: c_int) -> c_int;
    fn rd_kafka_outq_len(rk: Opaque) -> c_int;
    fn rd_kafka_topic_new(rk: Opaque, name: *const c_char, conf: Opaque) -> Opaque;
    fn rd_kafka_topic_destroy(rkt: Opaque);
    fn rd_kafka_produce(
        rkt: Opaque,
        partition: i32,
        flags: c_int,
        payload: *const c_void,
        len: usize,
        key: *const c_void,
        key_len: usize,
        opaque: Opaque,
    ) -> c_int;
    fn rd_kafka_sasl_set_credentials(
        rk: Opaque,
        user: *const c_char,
        word: *const c_char,
    ) -> Opaque;
    fn rd_kafka_sasl_background_callbacks_enable(rk: Opaque) -> Opaque;
    fn rd_kafka_error_code(error: Opaque) -> c_int;
    fn rd_kafka_error_destroy(error: Opaque);
    fn rd_kafka_oauthbearer_set_token(
        rk: Opaque,
        token: *const c_char,
        lifetime_ms: i64,
        principal: *const c_char,
        extensions: *const *const c_char,
        size: usize,
        errstr: *mut c_char,
        errstr_size: usize,
    ) -> c_int;
    fn rd_kafka_oauthbearer_set_token_failure(rk: Opaque, errstr: *const c_char) -> c_int;
    fn rd_kafka_queue_get_sasl(rk: Opaque) -> Opaque;
    fn rd_kafka_queue_destroy(queue: Opaque);
    fn rd_kafka_queue_poll(queue: Opaque, timeout_ms: c_int) -> Opaque;
    fn rd_kafka_event_type(event: Opaque) -> c_int;
    fn rd_kafka_event_config_string(event: Opaque) -> *const c_char;
    fn rd_kafka_event_destroy(event: Opaque);
}

const PATIENCE: Duration = Duration::from_secs(60);
const AUTHENTICATION: c_int = -169;
const TRANSPORT: c_int = -195;
const SSL: c_int = -181;
const F_COPY: c_int = 2;

/// One test at a time: one of them counts the process's descriptors.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What a producer told.
#[derive(Default)]
struct Told {
    reports: Mutex<Vec<c_int>>,
    errors: Mutex<Vec<(c_int, String)>>,
    /// Logs, errors and statistics.
    all: Mutex<Vec<String>>,
    /// What the refresh callback gives; none: a failure.
    token: Mutex<Option<String>>,
    refreshes: Mutex<usize>,
    /// What the verify callback saw.
    seen: Mutex<BTreeSet<(c_int, c_int)>>,
    /// The verify callback's answer, and whether it takes the error away.
    verdict: Mutex<(c_int, bool)>,
}

unsafe fn told<'a>(opaque: Opaque) -> &'a Told {
    // SAFETY: the opaque pointer of `Producer::with`, which outlives the instance.
    unsafe { &*opaque.cast::<Told>() }
}

unsafe fn owned(text: *const c_char) -> String {
    match text.is_null() {
        true => String::new(),
        // SAFETY: not NULL, so it ends in NUL.
        false => unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned(),
    }
}

unsafe extern "C" fn on_report(_: Opaque, message: *const Message, opaque: Opaque) {
    // SAFETY: the library gives a live message, and the opaque pointer.
    unsafe { told(opaque).reports.lock().expect("no panic").push((*message).err) };
}

unsafe extern "C" fn on_error(_: Opaque, code: c_int, reason: *const c_char, opaque: Opaque) {
    // SAFETY: as above; the text ends in NUL.
    let (told, text) = unsafe { (told(opaque), owned(reason)) };
    told.all.lock().expect("no panic").push(text.clone());
    told.errors.lock().expect("no panic").push((code, text));
}

unsafe extern "C" fn on_stats(_: Opaque, json: *const c_char, _: usize, opaque: Opaque) -> c_int {
    // SAFETY: as above.
    unsafe { told(opaque).all.lock().expect("no panic").push(owned(json)) };
    0
}

unsafe extern "C" fn on_log(rk: Opaque, _: c_int, facility: *const c_char, text: *const c_char) {
    // SAFETY: a live instance; both texts end in NUL.
    unsafe {
        let opaque = rd_kafka_opaque(rk);
        if !opaque.is_null() {
            let line = format!("{} {}", owned(facility), owned(text));
            told(opaque).all.lock().expect("no panic").push(line);
        }
    }
}

unsafe extern "C" fn on_refresh(rk: Opaque, config: *const c_char, opaque: Opaque) {
    // SAFETY: the library gives a live instance, a text or NULL, and the opaque pointer.
    unsafe {
        let told = told(opaque);
        assert_eq!(owned(config), "their=config");
        *told.refreshes.lock().expect("no panic") += 1;
        match &*told.token.lock().expect("no panic") {
            Some(token) => set_token(rk, token),
            None => {
                assert_eq!(rd_kafka_oauthbearer_set_token_failure(rk, c"no luck".as_ptr()), 0);
            }
        }
    }
}

unsafe fn set_token(rk: Opaque, token: &str) {
    let token = CString::new(token).expect("no zero byte");
    let extensions = [c"traceid".as_ptr(), c"123".as_ptr()];
    let now_ms = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_millis();
    let end_ms = i64::try_from(now_ms).expect("a time") + 100_000;
    // SAFETY: a live instance; the texts end in NUL, and there are as many as it says.
    let code = unsafe {
        rd_kafka_oauthbearer_set_token(
            rk,
            token.as_ptr(),
            end_ms,
            c"me".as_ptr(),
            extensions.as_ptr(),
            extensions.len(),
            null_mut(),
            0,
        )
    };
    assert_eq!(code, 0);
}

unsafe extern "C" fn on_verify(
    _: Opaque,
    broker: *const c_char,
    _: i32,
    error: *mut c_int,
    depth: c_int,
    der: *const c_char,
    size: usize,
    errstr: *mut c_char,
    errstr_size: usize,
    opaque: Opaque,
) -> c_int {
    // SAFETY: the library gives bytes of this length, room for a text of that, and a number.
    unsafe {
        let told = told(opaque);
        assert!(owned(broker).starts_with("localhost:"));
        let der = std::slice::from_raw_parts(der.cast::<u8>(), size);
        openssl::x509::X509::from_der(der).expect("a certificate");
        told.seen.lock().expect("no panic").insert((depth, *error));
        let (answer, clears) = *told.verdict.lock().expect("no panic");
        if answer == 0 {
            let reason = b"not today\0";
            assert!(errstr_size > reason.len());
            errstr.copy_from_nonoverlapping(reason.as_ptr().cast(), reason.len());
        }
        if clears {
            *error = 0;
        }
        answer
    }
}

/// A gate before a mock cluster of one broker.
struct Setting {
    cluster: MockCluster,
    gate: Gate,
}

fn setting(manner: Manner) -> Setting {
    let cluster = MockCluster::new(1).expect("a cluster");
    let behind = Arc::new(Mutex::new(cluster.bootstraps().to_owned()));
    let gate = Gate::new(behind, manner);
    cluster.set_host_port(1, "localhost", gate.port.into()).expect("there is a broker 1");
    cluster.create_topic("t", 1, 1).expect("it does not exist");
    Setting { cluster, gate }
}

struct Producer {
    rk: Opaque,
    topic: Opaque,
    told: Box<Told>,
}

/// Sets properties; gives the refusal of the first bad one.
fn set(conf: Opaque, name: &str, value: &str) {
    let (name, value) = (CString::new(name).expect("text"), CString::new(value).expect("text"));
    let mut text = [0 as c_char; 512];
    // SAFETY: a live configuration, texts that end in NUL, and room for another.
    let code = unsafe {
        rd_kafka_conf_set(conf, name.as_ptr(), value.as_ptr(), text.as_mut_ptr(), text.len())
    };
    // SAFETY: a live configuration, texts that end in NUL, and room for another.
    assert_eq!(code, 0, "{}", unsafe { owned(text.as_ptr()) });
}

impl Producer {
    fn new(setting: &Setting, settings: &[(&str, &str)]) -> Self {
        Self::with(setting, settings, |_| {}).expect("a producer")
    }

    fn with(
        setting: &Setting,
        settings: &[(&str, &str)],
        configure: impl FnOnce(Opaque),
    ) -> Result<Self, String> {
        let told = Box::new(Told::default());
        // SAFETY: a live configuration until the instance takes it; texts end in NUL.
        let rk = unsafe {
            let conf = rd_kafka_conf_new();
            rd_kafka_conf_set_dr_msg_cb(conf, on_report);
            rd_kafka_conf_set_error_cb(conf, on_error);
            rd_kafka_conf_set_log_cb(conf, on_log);
            rd_kafka_conf_set_stats_cb(conf, on_stats);
            rd_kafka_conf_set_opaque(conf, (&raw const *told).cast_mut().cast());
            set(conf, "bootstrap.servers", &format!("localhost:{}", setting.gate.port));
            set(conf, "broker.address.family", "v4");
            set(conf, "reconnect.backoff.ms", "50");
            set(conf, "reconnect.backoff.max.ms", "100");
            set(conf, "linger.ms", "1");
            for (name, value) in settings {
                set(conf, name, value);
            }
            configure(conf);
            let mut text = [0 as c_char; 512];
            let rk = rd_kafka_new(0, conf, text.as_mut_ptr(), text.len());
            if rk.is_null() {
                rd_kafka_conf_destroy(conf);
                return Err(owned(text.as_ptr()));
            }
            rk
        };
        // SAFETY: a live configuration until the instance takes it; texts end in NUL.
        let topic = unsafe { rd_kafka_topic_new(rk, c"t".as_ptr(), null_mut()) };
        Ok(Self { rk, topic, told })
    }

    fn produce(&self, count: usize, len: usize) {
        let value = vec![b'x'; len];
        for _ in 0..count {
            // SAFETY: a live topic; the value is readable and copied.
            let code = unsafe {
                let pointer = value.as_ptr().cast();
                rd_kafka_produce(self.topic, 0, F_COPY, pointer, len, null(), 0, null_mut())
            };
            assert_eq!(code, 0);
        }
    }

    /// Polls until something holds.
    fn until(&self, what: &str, mut holds: impl FnMut(&Told) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.told) {
            assert!(Instant::now() < end, "{what} did not come: {:#?}", self.told.first_lines());
            // SAFETY: live.
            unsafe { rd_kafka_poll(self.rk, 20) };
        }
    }

    fn delivered(&self, count: usize) {
        self.until("delivery", |told| told.reports.lock().expect("no panic").len() >= count);
        let reports = self.told.reports.lock().expect("no panic");
        assert!(reports.iter().all(|code| *code == 0), "{reports:?}");
    }

    /// The first error of this code.
    fn error(&self, code: c_int) -> String {
        let find = |told: &Told| {
            let errors = told.errors.lock().expect("no panic");
            errors.iter().find(|error| error.0 == code).map(|error| error.1.clone())
        };
        self.until(&format!("error {code}"), |told| find(told).is_some());
        find(&self.told).expect("it came")
    }
}

impl Told {
    fn first_lines(&self) -> Vec<String> {
        let all = self.all.lock().expect("no panic");
        all.iter().take(30).cloned().collect()
    }

    fn refresh_count(&self) -> usize {
        *self.refreshes.lock().expect("no panic")
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        // SAFETY: live until here.
        unsafe {
            rd_kafka_topic_destroy(self.topic);
            rd_kafka_destroy(self.rk);
        }
    }
}

fn pem(authority: &Authority) -> String {
    String::from_utf8(authority.pem()).expect("text")
}

fn user(mechanism: &'static str) -> Manner {
    Manner { users: vec![(mechanism, "alice", "alice-secret".to_owned())], ..Manner::default() }
}

const ALICE: [(&str, &str); 3] = [
    ("security.protocol", "sasl_plaintext"),
    ("sasl.username", "alice"),
    ("sasl.password", "alice-secret"),
];

fn as_alice(mechanism: &str) -> Vec<(&str, &str)> {
    let mut settings = ALICE.to_vec();
    settings.push(("sasl.mechanism", mechanism));
    settings
}

#[test]
fn messages_go_through_every_mechanism_of_passwords() {
    let _alone = alone();
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        for engine in ["legacy", "v2"] {
            if !rdkafka::testing::has_engine(engine) {
                continue;
            }
            let setting = setting(user(mechanism));
            let mut settings = as_alice(mechanism);
            settings.push(("produce.engine", engine));
            let producer = Producer::new(&setting, &settings);
            producer.produce(100, 100);
            producer.delivered(100);
            let records = setting.cluster.log("t", 0).expect("a topic").records();
            assert_eq!(records.expect("good records").len(), 100, "{mechanism} {engine}");
            assert!(setting.gate.logins.load(Ordering::Acquire) >= 1);
        }
    }
}

#[test]
fn messages_go_through_tls_whatever_their_size() {
    let _alone = alone();
    let authority = Authority::new("ca");
    let manner = Manner { identity: Some(authority.issue(&["localhost"])), ..Manner::default() };
    let setting = setting(manner);
    let ca = pem(&authority);
    let settings =
        [("security.protocol", "ssl"), ("ssl.ca.pem", &*ca), ("message.max.bytes", "3000000")];
    let producer = Producer::new(&setting, &settings);
    for (count, len) in [(1000, 1), (100, 1000), (5, 500_000), (1, 2_000_000)] {
        producer.produce(count, len);
    }
    producer.delivered(1106);
    let records = setting.cluster.log("t", 0).expect("a topic").records().expect("good records");
    assert_eq!(records.len(), 1106);
}

#[test]
fn tls_and_sasl_go_together() {
    let _alone = alone();
    let authority = Authority::new("ca");
    let identity = Some(authority.issue(&["localhost"]));
    let setting = setting(Manner { identity, ..user("SCRAM-SHA-512") });
    let ca = pem(&authority);
    let mut settings = as_alice("SCRAM-SHA-512");
    settings.extend([("security.protocol", "sasl_ssl"), ("ssl.ca.pem", &*ca)]);
    let producer = Producer::new(&setting, &settings);
    producer.produce(100, 100);
    producer.delivered(100);
}

#[test]
fn a_wrong_password_is_told_and_can_be_corrected() {
    let _alone = alone();
    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        let setting = setting(user(mechanism));
        let mut settings = as_alice(mechanism);
        settings.push(("sasl.password", "wrong"));
        let producer = Producer::new(&setting, &settings);
        producer.produce(1, 10);
        let text = producer.error(AUTHENTICATION);
        let expected = "SASL authentication error: Authentication failed: who is that? (after ";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("in state AUTH_REQ)"), "{text}");
        // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
        unsafe {
            let (user, word) = (c"alice".as_ptr(), c"alice-secret".as_ptr());
            assert!(rd_kafka_sasl_set_credentials(producer.rk, user, word).is_null());
        }
        producer.delivered(1);
    }
}

#[test]
fn a_mechanism_that_the_broker_lacks_is_told_with_those_it_has() {
    let _alone = alone();
    let setting = setting(user("PLAIN"));
    let producer = Producer::new(&setting, &as_alice("SCRAM-SHA-256"));
    producer.produce(1, 10);
    let text = producer.error(AUTHENTICATION);
    let expected = "SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL \
                    mechanism: broker's supported mechanisms: PLAIN (after";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn connections_authenticate_anew_while_messages_flow() {
    let _alone = alone();
    for (mechanism, engine) in [("PLAIN", "legacy"), ("SCRAM-SHA-256", "v2")] {
        if !rdkafka::testing::has_engine(engine) {
            continue;
        }
        let setting = setting(Manner { lifetime_ms: 300, ..user(mechanism) });
        let mut settings = as_alice(mechanism);
        settings.push(("produce.engine", engine));
        let producer = Producer::new(&setting, &settings);
        let mut sent = 0;
        // Two connections at most begin anew each; more logins than that are others.
        producer.until("more logins", |_| {
            producer.produce(10, 100);
            sent += 10;
            setting.gate.logins.load(Ordering::Acquire) >= 8
        });
        producer.delivered(sent);
        let records = setting.cluster.log("t", 0).expect("a topic").records();
        assert_eq!(records.expect("good records").len(), sent, "nothing is lost or doubled");
        let errors = producer.told.errors.lock().expect("no panic").clone();
        assert_eq!(errors, [], "the connection stood");
    }
}

#[test]
fn a_failed_re_authentication_loses_no_message() {
    let _alone = alone();
    let setting = setting(Manner { lifetime_ms: 300, ..user("PLAIN") });
    let producer = Producer::new(&setting, &as_alice("PLAIN"));
    producer.produce(1, 10);
    producer.delivered(1);
    setting.gate.change(|manner| manner.users[0].2 = "another".to_owned());
    let mut sent = 1;
    producer.until("a failure", |told| {
        producer.produce(1, 10);
        sent += 1;
        told.errors.lock().expect("no panic").iter().any(|error| error.0 == AUTHENTICATION)
    });
    producer.produce(10, 10);
    sent += 10;
    setting.gate.change(|manner| manner.users[0].2 = "alice-secret".to_owned());
    producer.delivered(sent);
}

#[test]
fn an_application_brings_tokens_through_its_callback() {
    let _alone = alone();
    let manner =
        Manner { users: vec![("OAUTHBEARER", "", "good-token".to_owned())], ..Manner::default() };
    let setting = setting(manner);
    let settings = [
        ("security.protocol", "sasl_plaintext"),
        ("sasl.mechanism", "OAUTHBEARER"),
        ("sasl.oauthbearer.config", "their=config"),
    ];
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    let configure = |conf| unsafe {
        rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, on_refresh);
    };
    let producer = Producer::with(&setting, &settings, configure).expect("a producer");
    producer.produce(1, 10);
    let text = producer.error(AUTHENTICATION);
    assert_eq!(text, "Failed to acquire SASL OAUTHBEARER token: no luck");
    assert_eq!(producer.told.refresh_count(), 1);

    // Any thread may bring a token at any time; a bad one is the broker's to refuse.
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    unsafe { set_token(producer.rk, "bad-token") };
    producer.until("a refusal", |told| {
        let errors = told.errors.lock().expect("no panic");
        errors.iter().any(|error| error.1.contains("who is that?"))
    });
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    unsafe { set_token(producer.rk, "good-token") };
    producer.delivered(1);
}

#[test]
fn tokens_can_be_asked_for_on_a_queue_or_in_the_background() {
    let _alone = alone();
    let manner = || Manner {
        users: vec![("OAUTHBEARER", "", "good-token".to_owned())],
        ..Manner::default()
    };
    let settings = [
        ("security.protocol", "sasl_plaintext"),
        ("sasl.mechanism", "OAUTHBEARER"),
        ("sasl.oauthbearer.config", "their=config"),
    ];
    let first = setting(manner());
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    let configure = |conf| unsafe { rd_kafka_conf_enable_sasl_queue(conf, 1) };
    let producer = Producer::with(&first, &settings, configure).expect("a producer");
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    unsafe {
        let queue = rd_kafka_queue_get_sasl(producer.rk);
        assert!(!queue.is_null());
        let event = rd_kafka_queue_poll(queue, 30_000);
        assert_eq!(rd_kafka_event_type(event), 0x100);
        assert_eq!(owned(rd_kafka_event_config_string(event)), "their=config");
        set_token(producer.rk, "good-token");
        rd_kafka_event_destroy(event);
        rd_kafka_queue_destroy(queue);
    }
    producer.produce(1, 10);
    producer.delivered(1);

    let second = setting(manner());
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    let configure = |conf| unsafe {
        rd_kafka_conf_enable_sasl_queue(conf, 1);
        rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, on_refresh);
    };
    let producer = Producer::with(&second, &settings, configure).expect("a producer");
    *producer.told.token.lock().expect("no panic") = Some("good-token".to_owned());
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    unsafe { assert!(rd_kafka_sasl_background_callbacks_enable(producer.rk).is_null()) };
    // Without a poll the connection comes about.
    let end = Instant::now() + PATIENCE;
    while second.gate.logins.load(Ordering::Acquire) == 0 {
        assert!(Instant::now() < end, "nobody logs in");
        std::thread::yield_now();
    }
    assert_eq!(producer.told.refresh_count(), 1);
}

#[test]
fn who_has_no_such_mechanism_has_no_queue_and_takes_no_token() {
    let _alone = alone();
    let setting = setting(user("PLAIN"));
    let producer = Producer::new(&setting, &as_alice("PLAIN"));
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    unsafe {
        assert!(rd_kafka_queue_get_sasl(producer.rk).is_null());
        let error = rd_kafka_sasl_background_callbacks_enable(producer.rk);
        assert_eq!(rd_kafka_error_code(error), -145);
        rd_kafka_error_destroy(error);
        let error = rd_kafka_sasl_set_credentials(producer.rk, c"x".as_ptr(), null());
        assert_eq!(rd_kafka_error_code(error), -186);
        rd_kafka_error_destroy(error);
        assert_eq!(rd_kafka_oauthbearer_set_token_failure(producer.rk, c"x".as_ptr()), -172);
    }
}

#[test]
fn an_unsigned_token_needs_nobody() {
    let _alone = alone();
    // {"alg":"none"}, then the claims, of which the first is the principal.
    let start = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIs";
    let manner = Manner { users: vec![("OAUTHBEARER", "", start.to_owned())], ..Manner::default() };
    let setting = setting(manner);
    let settings = [
        ("security.protocol", "sasl_plaintext"),
        ("sasl.mechanism", "OAUTHBEARER"),
        ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
        ("sasl.oauthbearer.config", "principal=me"),
    ];
    let producer = Producer::new(&setting, &settings);
    producer.produce(1, 10);
    producer.delivered(1);
}

#[test]
fn the_application_may_judge_certificates() {
    let _alone = alone();
    let authority = Authority::new("ca");
    let other = Authority::new("other");
    // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
    let configure = |conf| unsafe {
        assert_eq!(rd_kafka_conf_set_ssl_cert_verify_cb(conf, on_verify), 0);
    };
    let manner = || Manner { identity: Some(authority.issue(&["localhost"])), ..Manner::default() };
    let (known, unknown) = (pem(&authority), pem(&other));
    for (ca, verdict, is_good) in [
        (&known, (1, false), true),
        (&known, (0, false), false),
        (&unknown, (1, true), true),
        (&unknown, (1, false), false),
    ] {
        let setting = setting(manner());
        let settings = [("security.protocol", "ssl"), ("ssl.ca.pem", ca.as_str())];
        let producer = Producer::with(&setting, &settings, configure).expect("a producer");
        *producer.told.verdict.lock().expect("no panic") = verdict;
        producer.produce(1, 10);
        if is_good {
            producer.delivered(1);
            assert!(!producer.told.seen.lock().expect("no panic").is_empty());
            continue;
        }
        producer.error(SSL);
        let all = producer.told.all.lock().expect("no panic").join("\n");
        let note = "SSLCERTVRFY";
        assert_eq!(all.contains(note), verdict.0 == 0, "{all}");
        assert_eq!(all.contains("verification callback failed: not today"), verdict.0 == 0);
    }
}

#[test]
fn brokers_that_cannot_be_trusted_are_told() {
    let _alone = alone();
    let authority = Authority::new("ca");
    let ca = pem(&authority);
    let settings = [("security.protocol", "ssl"), ("ssl.ca.pem", &*ca)];
    for identity in [
        authority.issue(&["elsewhere"]),
        authority.issue_expired(&["localhost"]),
        Authority::new("ca").issue(&["localhost"]),
    ] {
        let setting = setting(Manner { identity: Some(identity), ..Manner::default() });
        let producer = Producer::new(&setting, &settings);
        producer.produce(1, 10);
        let text = producer.error(SSL);
        assert!(text.contains("SSL handshake failed: error:0A000086:"), "{text}");
        assert!(text.contains("in state SSL_HANDSHAKE)"), "{text}");
    }
}

#[test]
fn a_client_certificate_is_asked_for() {
    let _alone = alone();
    let (authority, clients) = (Authority::new("ca"), Authority::new("clients"));
    let client = clients.issue(&[]);
    let ca = pem(&authority);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let (cert, key) = (text(client.cert_pem()), text(client.key_pem()));
    let setting = setting(Manner {
        identity: Some(authority.issue(&["localhost"])),
        clients: Some(clients),
        ..Manner::default()
    });
    let without = [("security.protocol", "ssl"), ("ssl.ca.pem", &*ca)];
    let producer = Producer::new(&setting, &without);
    producer.produce(1, 10);
    producer.until("a refusal", |told| !told.errors.lock().expect("no panic").is_empty());
    drop(producer);

    let mut with = without.to_vec();
    with.extend([("ssl.certificate.pem", &*cert), ("ssl.key.pem", &*key)]);
    let producer = Producer::new(&setting, &with);
    producer.produce(1, 10);
    producer.delivered(1);
}

/// How many descriptors the process has.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("there is /proc").count()
}

#[test]
fn bad_brokers_cost_neither_the_process_nor_descriptors() {
    let _alone = alone();
    let authority = Authority::new("ca");
    let ca = pem(&authority);
    let identity = || Some(authority.issue(&["localhost"]));
    let quick = ("socket.connection.setup.timeout.ms", "1000");
    let run = |mischief: Mischief, has_tls: bool| {
        let identity = if has_tls { identity() } else { None };
        let setting = setting(Manner { identity, mischief, ..user("SCRAM-SHA-256") });
        let mut settings = as_alice("SCRAM-SHA-256");
        settings.push(("ssl.ca.pem", &*ca));
        // Who does not answer is waited for, but not for long here.
        if matches!(mischief, Mischief::Silence | Mischief::Drip) {
            settings.push(quick);
        }
        if has_tls {
            settings.push(("security.protocol", "sasl_ssl"));
        }
        let producer = Producer::new(&setting, &settings);
        producer.produce(1, 10);
        producer.until("an error", |told| !told.errors.lock().expect("no panic").is_empty());
        let (code, text) = producer.told.errors.lock().expect("no panic")[0].clone();
        assert!([AUTHENTICATION, TRANSPORT, SSL].contains(&code), "{mischief:?}: {code} {text}");
        // It is tried again, and destroying does not wait for the broker.
        let again = producer.told.all.lock().expect("no panic").len();
        producer.until("another", |told| told.all.lock().expect("no panic").len() > again);
        (code, text)
    };
    let all = [
        (Mischief::Silence, "Connection setup timed out in state "),
        (Mischief::Drip, ""),
        (Mischief::Garbage, ""),
        (Mischief::GarbageToSasl, "mechanism handshake failed: "),
        (Mischief::HugeSasl, "Receive failed: invalid frame size 2097152"),
        (Mischief::CloseAtSasl, "Disconnected"),
        (Mischief::Impostor, "ServerSignature mismatch"),
    ];
    // The first round may make what the process keeps.
    let mut before = None;
    for _ in 0..2 {
        for (mischief, expected) in all {
            for has_tls in [false, true] {
                let (_, text) = run(mischief, has_tls);
                assert!(text.contains(expected), "{mischief:?} {has_tls}: {text}");
            }
        }
        before.get_or_insert_with(descriptors);
    }
    // The gates' threads let go of theirs when they notice.
    let before = before.expect("there was a round");
    let end = Instant::now() + PATIENCE;
    while descriptors() > before {
        assert!(Instant::now() < end, "{before} descriptors became {}", descriptors());
        std::thread::yield_now();
    }
}

#[test]
fn a_secret_is_told_nowhere() {
    let _alone = alone();
    let authority = Authority::new("ca");
    let ca = pem(&authority);
    let client = authority.issue(&[]);
    let key = client
        .key
        .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"canary-key")
        .expect("PEM");
    let key = String::from_utf8(key).expect("text");
    let cert = String::from_utf8(client.cert_pem()).expect("text");
    let identity = || Some(authority.issue(&["localhost"]));
    let loud = [
        ("debug", "all"),
        ("statistics.interval.ms", "100"),
        ("security.protocol", "sasl_ssl"),
        ("ssl.ca.pem", &*ca),
        ("ssl.certificate.pem", &*cert),
        ("ssl.key.pem", &*key),
        ("ssl.key.password", "canary-key"),
        ("sasl.username", "canary-user"),
        ("sasl.password", "canary-word"),
    ];
    let token_settings = [
        ("sasl.mechanism", "OAUTHBEARER"),
        ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
        ("sasl.oauthbearer.config", "principal=canary-principal extension_a=canary-extension"),
    ];
    let name = "canary-user";
    let plain = ("PLAIN", name, "canary-word".to_owned());
    let wrong = ("PLAIN", name, "other".to_owned());
    let scram = ("SCRAM-SHA-256", name, "canary-word".to_owned());
    let token = ("OAUTHBEARER", "", "eyJhbGciOiJub25lIn0".to_owned());
    let no_token = ("OAUTHBEARER", "", "other".to_owned());
    for (user, mischief) in [
        (plain, Mischief::None),
        (wrong, Mischief::None),
        (scram.clone(), Mischief::None),
        (scram, Mischief::Impostor),
        (token, Mischief::None),
        (no_token, Mischief::None),
    ] {
        let (mechanism, word) = (user.0, user.2.clone());
        let users = vec![user];
        let setting =
            setting(Manner { identity: identity(), users, mischief, ..Manner::default() });
        let mut settings = loud.to_vec();
        match mechanism {
            "OAUTHBEARER" => settings.extend(token_settings),
            _ => settings.push(("sasl.mechanism", mechanism)),
        }
        let producer = Producer::new(&setting, &settings);
        producer.produce(1, 10);
        let is_refused = word == "other" || mischief == Mischief::Impostor;
        if is_refused {
            producer.error(AUTHENTICATION);
        } else {
            producer.delivered(1);
        }
        producer.until("statistics", |told| {
            told.all.lock().expect("no panic").iter().any(|line| line.starts_with('{'))
        });
        let all = producer.told.all.lock().expect("no panic").join("\n");
        assert!(all.contains("sasl.password = [redacted]"), "the configuration was printed");
        for secret in ["canary", "BEGIN PRIVATE", "BEGIN ENCRYPTED", "Bearer ey", "eyJhbGciOi"] {
            assert!(!all.contains(secret), "{mechanism} {mischief:?}: {secret} in\n{all}");
        }
        // SAFETY: a live instance or configuration; texts end in NUL, results are given back once.
        assert!(unsafe { rd_kafka_outq_len(producer.rk) } <= 1);
    }
}

#[test]
fn what_cannot_work_is_refused_at_once() {
    let _alone = alone();
    let setting = setting(Manner::default());
    for (settings, text) in [
        (&[("security.protocol", "sasl_plaintext")][..], "No provider for SASL mechanism GSSAPI"),
        (
            &[("security.protocol", "sasl_ssl"), ("sasl.mechanism", "PLAIN")],
            "sasl.username and sasl.password must be set",
        ),
        (
            &[("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "SCRAM-SHA-3")],
            "Unsupported hash function: SCRAM-SHA-3 (try SCRAM-SHA-512)",
        ),
        (
            &[("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "EXTERNAL")],
            "Unsupported SASL mechanism: EXTERNAL",
        ),
        (
            &[("security.protocol", "ssl"), ("ssl.ca.location", "/none/such")],
            "ssl.ca.location failed: error:",
        ),
    ] {
        let refusal = Producer::with(&setting, settings, |_| {}).err().expect("refused");
        assert!(refusal.starts_with(text), "{refusal}");
    }
    // Without TLS its files are not looked at.
    let settings = [("ssl.ca.location", "/none/such"), ("sasl.mechanism", "EXTERNAL")];
    Producer::new(&setting, &settings);
}
