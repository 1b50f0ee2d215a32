//! An idempotent producer on the mock cluster with a broker's rules: sequence numbers, repeated and
//! lost answers, new epochs, and the errors after which nothing more may be sent.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::mock::{ErrorCode, Fault, MockCluster, Outcome, Strictness};

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
type StatsCb = unsafe extern "C" fn(Opaque, *const c_char, usize, Opaque) -> c_int;

unsafe extern "C" {
    fn rd_kafka_conf_new() -> Opaque;
    fn rd_kafka_conf_set(
        conf: Opaque,
        name: *const c_char,
        value: *const c_char,
        errstr: *mut c_char,
        size: usize,
    ) -> c_int;
    fn rd_kafka_conf_set_dr_msg_cb(conf: Opaque, cb: ReportCb);
    fn rd_kafka_conf_set_stats_cb(conf: Opaque, cb: StatsCb);
    fn rd_kafka_conf_set_opaque(conf: Opaque, opaque: Opaque);
    fn rd_kafka_new(kind: c_int, conf: Opaque, errstr: *mut c_char, size: usize) -> Opaque;
    fn rd_kafka_destroy(rk: Opaque);
    fn rd_kafka_topic_new(rk: Opaque, name: *const c_char, conf: Opaque) -> Opaque;
    fn rd_kafka_topic_destroy(rkt: Opaque);
    fn rd_kafka_poll(rk: Opaque, timeout_ms: c_int) -> c_int;
    fn rd_kafka_flush(rk: Opaque, timeout_ms: c_int) -> c_int;
    fn rd_kafka_purge(rk: Opaque, flags: c_int) -> c_int;
    fn rd_kafka_fatal_error(rk: Opaque, errstr: *mut c_char, size: usize) -> c_int;
    fn rd_kafka_message_status(message: *const Message) -> c_int;
    fn rd_kafka_last_error() -> c_int;
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
}

const F_COPY: c_int = 2;
const PRODUCE: i16 = 0;
const METADATA: i16 = 3;
const INIT_PRODUCER_ID: i16 = 22;
const NOT_PERSISTED: c_int = 0;
const POSSIBLY_PERSISTED: c_int = 1;
const PERSISTED: c_int = 2;

/// Is engine `v2` that of a producer that names none? The environment says so, or it is the only
/// one that is built.
fn is_v2() -> bool {
    let named = std::env::var("RDKAFKA_PRODUCE_ENGINE").unwrap_or_default();
    named == "v2" || !cfg!(feature = "engine-legacy")
}

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Report {
    value: String,
    error: ErrorCode,
    status: c_int,
    offset: i64,
}

#[derive(Default)]
struct Heard {
    reports: Vec<Report>,
    stats: String,
}

struct Producer {
    rk: Opaque,
    rkt: Opaque,
    heard: Box<Mutex<Heard>>,
}

unsafe extern "C" fn on_report(_rk: Opaque, message: *const Message, opaque: Opaque) {
    // SAFETY: the library gives a live message, and the opaque pointer of `Producer::new`.
    let (heard, report) = unsafe {
        let value = std::slice::from_raw_parts((*message).payload, (*message).len);
        let report = Report {
            value: String::from_utf8_lossy(value).into_owned(),
            error: ErrorCode((*message).err),
            status: rd_kafka_message_status(message),
            offset: (*message).offset,
        };
        (&*opaque.cast::<Mutex<Heard>>(), report)
    };
    heard.lock().expect("not poisoned").reports.push(report);
}

unsafe extern "C" fn on_stats(
    _rk: Opaque,
    json: *const c_char,
    len: usize,
    opaque: Opaque,
) -> c_int {
    // SAFETY: as in `on_report`; the text has this length.
    let (heard, text) = unsafe {
        let text = std::slice::from_raw_parts(json.cast::<u8>(), len);
        (&*opaque.cast::<Mutex<Heard>>(), text)
    };
    heard.lock().expect("not poisoned").stats = String::from_utf8_lossy(text).into_owned();
    0
}

fn c(text: &str) -> CString {
    CString::new(text).expect("no NUL")
}

impl Producer {
    /// An idempotent producer to topic `t`; batches go at once, unless `settings` say otherwise.
    fn new(cluster: &MockCluster, settings: &[(&str, &str)]) -> Self {
        Self::to(c"t", cluster, settings)
    }

    /// The same for another topic.
    fn to(topic: &CStr, cluster: &MockCluster, settings: &[(&str, &str)]) -> Self {
        let heard = Box::new(Mutex::new(Heard::default()));
        let mut reason = [0; 512];
        let base = [
            ("bootstrap.servers", cluster.bootstraps()),
            ("enable.idempotence", "true"),
            ("linger.ms", "0"),
            ("retry.backoff.ms", "20"),
            ("topic.metadata.refresh.fast.interval.ms", "20"),
            ("reconnect.backoff.ms", "20"),
            ("reconnect.backoff.max.ms", "50"),
            ("log_level", "0"),
        ];
        // SAFETY: the configuration is live until the instance takes it, texts end in NUL, and the
        // opaque pointer lives as long as the instance.
        unsafe {
            let conf = rd_kafka_conf_new();
            for (name, value) in base.iter().chain(settings) {
                let (name, value) = (c(name), c(value));
                let errstr = reason.as_mut_ptr();
                let answer =
                    rd_kafka_conf_set(conf, name.as_ptr(), value.as_ptr(), errstr, reason.len());
                assert_eq!(answer, 0, "{name:?}");
            }
            rd_kafka_conf_set_dr_msg_cb(conf, on_report);
            rd_kafka_conf_set_stats_cb(conf, on_stats);
            rd_kafka_conf_set_opaque(conf, (&raw const *heard).cast_mut().cast());
            let rk = rd_kafka_new(0, conf, reason.as_mut_ptr(), reason.len());
            assert!(!rk.is_null(), "{:?}", CStr::from_ptr(reason.as_ptr()));
            let rkt = rd_kafka_topic_new(rk, topic.as_ptr(), null_mut());
            assert!(!rkt.is_null());
            Self { rk, rkt, heard }
        }
    }

    fn try_send(&self, partition: i32, value: &str) -> c_int {
        let (at, len) = (value.as_ptr().cast(), value.len());
        // SAFETY: a live topic; the value is readable and copied.
        unsafe { rd_kafka_produce(self.rkt, partition, F_COPY, at, len, null(), 0, null_mut()) }
    }

    fn send(&self, value: &str) {
        assert_eq!(self.try_send(0, value), 0, "{value}");
    }

    fn flush(&self) {
        let patience_ms = c_int::try_from(PATIENCE.as_millis()).expect("short");
        // SAFETY: live.
        assert_eq!(unsafe { rd_kafka_flush(self.rk, patience_ms) }, 0, "flushed");
    }

    /// Polls until it is so.
    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < end, "waited for: {what}");
            // SAFETY: live.
            unsafe { rd_kafka_poll(self.rk, 5) };
        }
    }

    fn reports(&self) -> Vec<Report> {
        self.heard.lock().expect("not poisoned").reports.clone()
    }

    fn forget_reports(&self) {
        self.heard.lock().expect("not poisoned").reports.clear();
    }

    /// The errors of the reports, by value.
    fn errors(&self) -> Vec<(String, ErrorCode)> {
        self.reports().into_iter().map(|report| (report.value, report.error)).collect()
    }

    fn fatal(&self) -> (ErrorCode, String) {
        let mut reason = [0; 512];
        // SAFETY: a live instance, and room for the text, which ends in NUL.
        unsafe {
            let code = rd_kafka_fatal_error(self.rk, reason.as_mut_ptr(), reason.len());
            (ErrorCode(code), CStr::from_ptr(reason.as_ptr()).to_string_lossy().into_owned())
        }
    }

    /// One message is delivered, so that there is a producer id, a connection and a sequence.
    fn warm_up(&self) {
        self.send("first");
        self.flush();
        assert_eq!(self.errors(), [("first".to_owned(), ErrorCode::NO_ERROR)]);
        self.forget_reports();
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        // SAFETY: live until here.
        unsafe {
            rd_kafka_topic_destroy(self.rkt);
            rd_kafka_destroy(self.rk);
        }
    }
}

/// A cluster with a broker's rules and topic `t`.
fn cluster(brokers: i32) -> MockCluster {
    let cluster = MockCluster::new(brokers).expect("a cluster");
    cluster.set_strictness(Strictness::Strict);
    cluster.create_topic("t", 1, brokers).expect("a topic");
    cluster.set_leader("t", 0, Some(1)).expect("a leader");
    cluster.open_ledger();
    cluster
}

/// Epoch, first sequence number, count and answer of each batch that was sent.
fn sent(cluster: &MockCluster) -> Vec<(i16, i32, i32, ErrorCode)> {
    let row = |it: Outcome| (it.producer_epoch, it.base_sequence, it.record_count, it.answer);
    cluster.ledger().into_iter().map(row).collect()
}

fn log(cluster: &MockCluster) -> Vec<String> {
    let records = cluster.log("t", 0).expect("a partition").records().expect("readable");
    records
        .into_iter()
        .map(|record| String::from_utf8(record.value.unwrap_or_default()).expect("text"))
        .collect()
}

const OK: ErrorCode = ErrorCode::NO_ERROR;
const ONE_BY_ONE: (&str, &str) = ("batch.num.messages", "1");

#[test]
fn sequences_begin_at_zero_and_go_on_by_the_count() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[("linger.ms", "50")]);
    for round in [&["a", "b", "c"][..], &["d", "e"]] {
        round.iter().for_each(|value| producer.send(value));
        producer.flush();
    }
    let rows = sent(&cluster);
    let counts: i32 = rows.iter().map(|row| row.2).sum();
    assert_eq!(counts, 5);
    let mut next = 0;
    for (epoch, first, count, answer) in rows {
        assert_eq!((epoch, first, answer), (0, next, OK));
        next += count;
    }
    assert!(cluster.ledger().iter().all(|it| it.producer_id >= 0));
    assert_eq!(log(&cluster), ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_plain_producer_has_no_sequence() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[("enable.idempotence", "false")]);
    producer.warm_up();
    let outcome = cluster.ledger().remove(0);
    let stamp = (outcome.producer_id, outcome.producer_epoch, outcome.base_sequence);
    assert_eq!(stamp, (-1, -1, -1));
}

#[test]
fn a_retried_batch_has_the_same_messages_though_more_are_queued() {
    let cluster = cluster(1);
    // Engine `v2` would send the next batch before the first is answered, and have it refused.
    let settings = [("linger.ms", "300"), ("max.in.flight", "1")];
    let producer = Producer::new(&cluster, &settings);
    producer.warm_up();
    let fault = Fault { error: ErrorCode::NOT_ENOUGH_REPLICAS, rtt_ms: 200 };
    cluster.push_broker_faults(1, PRODUCE, &[fault]).expect("a broker");
    // As many as hold the next batch back.
    ["a", "b", "c", "d", "e"].iter().for_each(|value| producer.send(value));
    producer.until("the batch is sent", |_| sent(&cluster).len() == 2);
    ["f", "g"].iter().for_each(|value| producer.send(value));
    producer.flush();
    assert_eq!(
        sent(&cluster)[1..],
        [(0, 1, 5, ErrorCode::NOT_ENOUGH_REPLICAS), (0, 1, 5, OK), (0, 6, 2, OK)]
    );
    assert_eq!(log(&cluster), ["first", "a", "b", "c", "d", "e", "f", "g"]);
}

#[test]
fn a_batch_whose_answer_was_lost_is_in_the_log_once() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    cluster.push_errors(PRODUCE, &[ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND]);
    producer.send("a");
    producer.flush();
    let expected = Report { value: "a".into(), error: OK, status: PERSISTED, offset: 1 };
    assert_eq!(producer.reports(), [expected]);
    assert_eq!(sent(&cluster).len(), 3, "sent twice");
    assert_eq!(log(&cluster), ["first", "a"]);
}

#[test]
fn a_duplicate_is_a_success_without_an_offset() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[]);
    producer.warm_up();
    cluster.push_errors(PRODUCE, &[ErrorCode::DUPLICATE_SEQUENCE_NUMBER]);
    producer.send("a");
    producer.flush();
    let expected = Report { value: "a".into(), error: OK, status: PERSISTED, offset: -1 };
    assert_eq!(producer.reports(), [expected]);
    assert_eq!(producer.fatal().0, OK);
}

#[test]
fn out_of_order_at_the_head_is_fatal_and_nothing_is_taken_any_more() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[]);
    producer.warm_up();
    cluster.push_errors(PRODUCE, &[ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER]);
    producer.send("a");
    producer.flush();
    let (code, reason) = producer.fatal();
    assert_eq!(code, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    let begin = "ProduceRequest for t [0] with 1 message(s) failed due to sequence \
                 desynchronization with broker 1 (PID{Id:";
    assert!(reason.starts_with(begin), "{reason}");
    assert!(reason.contains("base seq 1, idemp state change "), "{reason}");
    assert_eq!(
        producer.reports(),
        [Report {
            value: "a".into(),
            error: ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
            status: POSSIBLY_PERSISTED,
            offset: -1
        }]
    );
    assert_eq!(producer.try_send(0, "b"), -1);
    // SAFETY: no pointers.
    assert_eq!(ErrorCode(unsafe { rd_kafka_last_error() }), ErrorCode::_FATAL);
}

#[test]
fn after_a_fatal_error_what_is_in_flight_gets_its_result_and_nothing_more_is_taken() {
    let cluster = cluster(1);
    cluster.create_topic("two", 2, 1).expect("a topic");
    let producer = Producer::to(c"two", &cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    // The partition is refused, not the request: engine `v2` may have both in one.
    let bad = ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER;
    cluster.push_partition_errors("two", 0, PRODUCE, &[bad]).expect("a partition");
    let slow = |rtt_ms| Fault { error: OK, rtt_ms };
    cluster.push_broker_faults(1, PRODUCE, &[slow(100), slow(500)]).expect("a broker");
    assert_eq!(producer.try_send(0, "bad"), 0);
    assert_eq!(producer.try_send(1, "late"), 0);
    producer.until("the fatal error", |it| it.fatal().0 == bad && !it.reports().is_empty());
    assert_eq!(producer.try_send(1, "refused"), -1);
    // SAFETY: no pointers.
    assert_eq!(ErrorCode(unsafe { rd_kafka_last_error() }), ErrorCode::_FATAL);
    producer.flush();
    let expected = Report { value: "late".into(), error: OK, status: PERSISTED, offset: 0 };
    assert_eq!(producer.reports()[1..], [expected]);
}

#[test]
fn what_was_in_flight_behind_a_failed_head_begins_a_new_epoch_in_order() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    cluster.set_rtt(1, 200).expect("a broker");
    cluster.push_errors(PRODUCE, &[ErrorCode::NOT_ENOUGH_REPLICAS]);
    let values = ["m0", "m1", "m2", "m3", "m4"];
    values.iter().for_each(|value| producer.send(value));
    producer.flush();
    let rows = sent(&cluster);
    assert_eq!(rows[1], (0, 1, 1, ErrorCode::NOT_ENOUGH_REPLICAS));
    let behind = rows.iter().filter(|row| row.3 == ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert!(behind.count() >= 1, "{rows:?}");
    let last: Vec<_> = rows[rows.len() - 5..].to_vec();
    assert_eq!(last, [(1, 0, 1, OK), (1, 1, 1, OK), (1, 2, 1, OK), (1, 3, 1, OK), (1, 4, 1, OK)]);
    assert_eq!(log(&cluster), ["first", "m0", "m1", "m2", "m3", "m4"]);
    assert_eq!(producer.errors(), values.map(|value| (value.to_owned(), OK)));
}

#[test]
fn a_forgotten_producer_begins_a_new_epoch_unless_it_is_a_retry() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    cluster.push_errors(PRODUCE, &[ErrorCode::UNKNOWN_PRODUCER_ID]);
    producer.send("a");
    producer.flush();
    assert_eq!(sent(&cluster)[1..], [(0, 1, 1, ErrorCode::UNKNOWN_PRODUCER_ID), (1, 0, 1, OK)]);

    let errors = [ErrorCode::NOT_ENOUGH_REPLICAS, ErrorCode::UNKNOWN_PRODUCER_ID];
    cluster.push_errors(PRODUCE, &errors);
    producer.send("b");
    producer.flush();
    let (code, reason) = producer.fatal();
    assert_eq!(code, ErrorCode::UNKNOWN_PRODUCER_ID);
    let end = "base seq 1, 1 retries): unable to retry without risking duplication/reordering";
    assert!(reason.ends_with(end), "{reason}");
}

#[test]
fn a_partition_whose_very_first_batch_is_refused_begins_a_new_epoch_in_order() {
    let cluster = cluster(1);
    cluster.create_topic("two", 2, 1).expect("a topic");
    let producer = Producer::to(c"two", &cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    cluster.set_rtt(1, 200).expect("a broker");
    let refused = ErrorCode::NOT_ENOUGH_REPLICAS;
    cluster.push_partition_errors("two", 1, PRODUCE, &[refused]).expect("a partition");
    let values = ["m0", "m1", "m2"];
    values.iter().for_each(|value| assert_eq!(producer.try_send(1, value), 0));
    producer.flush();
    // The broker knows nothing of the producer, since it took nothing from it.
    let unknown = ErrorCode::UNKNOWN_PRODUCER_ID;
    assert_eq!(
        sent(&cluster)[1..],
        [
            (0, 0, 1, refused),
            (0, 1, 1, unknown),
            (0, 2, 1, unknown),
            (1, 0, 1, OK),
            (1, 1, 1, OK),
            (1, 2, 1, OK)
        ]
    );
    assert_eq!(producer.errors(), values.map(|value| (value.to_owned(), OK)));
}

#[test]
fn a_permanent_error_leaves_a_gap_and_a_new_epoch() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    cluster.push_errors(PRODUCE, &[ErrorCode::MSG_SIZE_TOO_LARGE]);
    producer.send("a");
    producer.flush();
    producer.send("b");
    producer.flush();
    assert_eq!(sent(&cluster)[1..], [(0, 1, 1, ErrorCode::MSG_SIZE_TOO_LARGE), (1, 0, 1, OK)]);
    let expected =
        [("a".to_owned(), ErrorCode::MSG_SIZE_TOO_LARGE), ("b".to_owned(), ErrorCode::NO_ERROR)];
    assert_eq!(producer.errors(), expected);
    assert_eq!(cluster.requests().len(), 0, "nobody tracked");
}

#[test]
fn without_gaps_a_permanent_error_is_fatal_and_what_is_queued_is_purged() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE, ("enable.gapless.guarantee", "true")]);
    producer.warm_up();
    cluster.set_rtt(1, 300).expect("a broker");
    cluster.push_errors(PRODUCE, &[ErrorCode::MSG_SIZE_TOO_LARGE]);
    let values = ["m0", "m1", "m2", "m3", "m4", "m5"];
    values.iter().for_each(|value| producer.send(value));
    producer.flush();
    let (code, reason) = producer.fatal();
    assert_eq!(code, ErrorCode::_GAPLESS_GUARANTEE);
    let end = "base seq 1): unable to satisfy gap-less guarantee";
    assert!(reason.ends_with(end), "{reason}");
    let by_value = |value: &str| {
        let report = producer.reports().into_iter().find(|report| report.value == value);
        report.map(|report| (report.error, report.status)).expect("each is reported")
    };
    assert_eq!(by_value("m0"), (ErrorCode::MSG_SIZE_TOO_LARGE, NOT_PERSISTED));
    assert_eq!(by_value("m5"), (ErrorCode::_PURGE_QUEUE, NOT_PERSISTED));
}

#[test]
fn what_may_be_in_the_log_is_there_twice_under_a_new_epoch() {
    let cluster = cluster(1);
    cluster.create_topic("two", 2, 1).expect("a topic");
    let producer = Producer::to(c"two", &cluster, &[ONE_BY_ONE, ("retry.backoff.ms", "400")]);
    for partition in 0..2 {
        assert_eq!(producer.try_send(partition, "first"), 0);
    }
    producer.flush();
    producer.forget_reports();
    let push = |partition, error| {
        cluster.push_partition_errors("two", partition, PRODUCE, &[error]).expect("a partition");
    };
    push(0, ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    assert_eq!(producer.try_send(0, "a"), 0);
    producer.until("it was refused", |_| sent(&cluster).len() == 3);
    push(1, ErrorCode::MSG_SIZE_TOO_LARGE);
    assert_eq!(producer.try_send(1, "too large"), 0);
    producer.until("the epoch may rise", |it| it.reports().len() == 1);
    assert_eq!(producer.try_send(0, "b"), 0);
    producer.flush();
    let of_first = cluster.ledger().into_iter().filter(|it| it.partition == 0);
    let rows: Vec<_> =
        of_first.map(|it| (it.producer_epoch, it.base_sequence, it.answer)).collect();
    let begin = [(0, 0, OK), (0, 1, ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND)];
    assert_eq!(rows[..2], begin);
    let records = cluster.log("two", 0).expect("a partition").records().expect("readable");
    let values: Vec<_> = records.into_iter().filter_map(|record| record.value).collect();
    if is_v2() {
        assert_eq!(rows[2..], [(0, 1, OK), (1, 0, OK)], "settled under its own epoch first");
        assert_eq!(values, [&b"first"[..], b"a", b"b"]);
    } else {
        assert_eq!(rows[2..], [(1, 0, OK), (1, 1, OK)]);
        let doubled = [&b"first"[..], b"a", b"a", b"b"];
        assert_eq!(values, doubled, "history: the new epoch hides the old one");
    }
}

#[test]
fn a_later_success_acknowledges_what_waits_to_be_sent_again() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE, ("retry.backoff.ms", "500")]);
    producer.warm_up();
    let late = Fault { error: ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, rtt_ms: 200 };
    let good = Fault { error: OK, rtt_ms: 250 };
    cluster.push_broker_faults(1, PRODUCE, &[late, good]).expect("a broker");
    producer.send("a");
    producer.send("b");
    producer.flush();
    let row =
        |value: &str, offset| Report { value: value.into(), error: OK, status: PERSISTED, offset };
    assert_eq!(producer.reports(), [row("a", -1001), row("b", 2)], "the implicit one first");
    assert_eq!(sent(&cluster).len(), 3, "nothing was sent again");
    producer.send("c");
    producer.flush();
    assert_eq!(sent(&cluster)[3], (0, 3, 1, OK), "the sequence goes on");
}

#[test]
fn the_sequence_goes_on_behind_messages_that_expire_in_the_queue() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[("message.timeout.ms", "1500")]);
    producer.warm_up();
    cluster.broker_down(1).expect("a broker");
    producer.send("late");
    producer.until("it expires", |it| !it.reports().is_empty());
    assert_eq!(producer.errors(), [("late".to_owned(), ErrorCode::_MSG_TIMED_OUT)]);
    cluster.broker_up(1).expect("a broker");
    producer.send("next");
    producer.flush();
    let bumped = sent(&cluster)[1..] == [(1, 0, 1, OK)];
    // In engine `v2` messages get numbers with their batch only: there is no gap unless one was
    // made before the connection was known to be gone.
    assert!(bumped || (is_v2() && sent(&cluster)[1..] == [(0, 1, 1, OK)]), "{:?}", sent(&cluster));
}

#[test]
fn partitions_whose_messages_expire_raise_the_epoch_where_they_left_a_gap() {
    let cluster = cluster(1);
    cluster.create_topic("two", 2, 1).expect("a topic");
    let producer = Producer::to(c"two", &cluster, &[("message.timeout.ms", "1200")]);
    let send = |value| {
        (0..2).for_each(|partition| assert_eq!(producer.try_send(partition, value), 0));
    };
    send("first");
    producer.flush();
    producer.forget_reports();
    cluster.broker_down(1).expect("a broker");
    send("late");
    producer.until("both expire", |it| it.reports().len() == 2);
    assert!(producer.reports().iter().all(|it| it.error == ErrorCode::_MSG_TIMED_OUT));
    cluster.broker_up(1).expect("a broker");
    send("next");
    producer.flush();
    // Engine `legacy` raises it for each partition, `v2` once, and only if there is a gap.
    let epochs = if is_v2() { 0..=1 } else { 2..=2 };
    let next = |epoch: i16| (epoch, i32::from(epoch == 0), 1, OK);
    let is_one = epochs.map(next).any(|next| sent(&cluster)[2..] == [next, next]);
    assert!(is_one, "{:?}", sent(&cluster));
}

#[test]
fn a_new_leader_gets_nothing_before_the_old_one_has_answered() {
    let cluster = cluster(2);
    let producer =
        Producer::new(&cluster, &[ONE_BY_ONE, ("topic.metadata.refresh.interval.ms", "50")]);
    producer.warm_up();
    let fault = Fault { error: ErrorCode::NOT_ENOUGH_REPLICAS, rtt_ms: 500 };
    cluster.push_broker_faults(1, PRODUCE, &[fault]).expect("a broker");
    producer.send("a");
    producer.until("it is in flight", |_| sent(&cluster).len() == 2);
    cluster.set_leader("t", 0, Some(2)).expect("a leader");
    cluster.start_tracking();
    producer.until("it knows the new leader", |_| {
        cluster.requests().iter().filter(|request| request.api_key == METADATA).count() > 2
    });
    producer.send("b");
    producer.flush();
    assert_eq!(
        sent(&cluster)[1..],
        [(0, 1, 1, ErrorCode::NOT_ENOUGH_REPLICAS), (0, 1, 1, OK), (0, 2, 1, OK)]
    );
    let brokers: Vec<i32> = cluster.ledger().iter().map(|it| it.broker_id).collect();
    assert_eq!(brokers, [1, 1, 2, 2]);
    assert_eq!(log(&cluster), ["first", "a", "b"]);
}

#[test]
fn five_messages_in_flight_hold_the_next_batch_back() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    cluster.start_tracking();
    cluster.set_rtt(1, 1_500).expect("a broker");
    for number in 0..7 {
        producer.send(&number.to_string());
    }
    producer.flush();
    let requests = cluster.requests();
    let of_produce = requests.iter().filter(|request| request.api_key == PRODUCE);
    let at: Vec<_> = of_produce.map(|request| request.received_us).collect();
    assert!(at[4] - at[0] < 1_400_000, "five at once: {at:?}");
    assert!(at[5] - at[0] >= 1_490_000, "the sixth waits: {at:?}");
    assert_eq!(sent(&cluster).len(), 8);
}

#[test]
fn a_connection_that_breaks_loses_and_doubles_nothing() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[ONE_BY_ONE]);
    producer.warm_up();
    for round in 0..10 {
        cluster.push_errors(PRODUCE, &[OK, OK, ErrorCode::_TRANSPORT]);
        for number in 0..5 {
            producer.send(&format!("{round}-{number}"));
        }
        producer.flush();
    }
    assert_eq!(producer.fatal().0, OK, "{}", producer.fatal().1);
    assert!(producer.reports().iter().all(|report| report.error == OK));
    let expected: Vec<String> = std::iter::once("first".to_owned())
        .chain((0..10).flat_map(|round| (0..5).map(move |number| format!("{round}-{number}"))))
        .collect();
    assert_eq!(log(&cluster), expected);
}

#[test]
fn a_broker_that_gives_no_producer_id_is_asked_again_unless_the_error_is_fatal() {
    let cluster = cluster(1);
    cluster.push_errors(INIT_PRODUCER_ID, &[ErrorCode::GROUP_LOAD_IN_PROGRESS]);
    let producer = Producer::new(&cluster, &[]);
    producer.warm_up();
    drop(producer);

    cluster.push_errors(INIT_PRODUCER_ID, &[ErrorCode::CLUSTER_AUTHORIZATION_FAILED]);
    let producer = Producer::new(&cluster, &[]);
    producer.send("never");
    producer.until("the fatal error", |it| it.fatal().0 != OK);
    let (code, reason) = producer.fatal();
    assert_eq!(code, ErrorCode::CLUSTER_AUTHORIZATION_FAILED);
    assert!(reason.starts_with("Failed to acquire idempotence PID from broker "), "{reason}");
    producer.flush();
    assert_eq!(producer.errors(), [("never".to_owned(), ErrorCode::_PURGE_QUEUE)]);
}

#[test]
fn brokers_without_producer_ids_are_a_fatal_error() {
    let cluster = cluster(1);
    cluster.set_versions(INIT_PRODUCER_ID, 0, -1).expect("a known request");
    let producer = Producer::new(&cluster, &[]);
    producer.send("never");
    producer.until("the fatal error", |it| it.fatal().0 != OK);
    assert_eq!(producer.fatal(), (
        ErrorCode::_UNSUPPORTED_FEATURE,
        "Idempotent producer not supported by any of the 1 connected broker(s): requires Apache \
         Kafka broker version >= 0.11.0"
            .to_owned()
    ));
}

#[test]
fn a_purge_that_aborts_gives_the_purged_messages_place_to_later_ones() {
    const PURGE_QUEUE_AND_ABORT: c_int = 0x101;
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[("linger.ms", "1000")]);
    producer.warm_up();
    producer.send("purged");
    // SAFETY: live.
    assert_eq!(unsafe { rd_kafka_purge(producer.rk, PURGE_QUEUE_AND_ABORT) }, 0);
    producer.send("next");
    producer.flush();
    let expected = [("purged".to_owned(), ErrorCode::_PURGE_QUEUE), ("next".to_owned(), OK)];
    assert_eq!(producer.errors(), expected);
    assert_eq!(sent(&cluster)[1..], [(0, 1, 1, OK)]);
}

#[test]
fn the_producer_recovers_from_the_gap_that_a_purge_may_leave() {
    const PURGE_QUEUE: c_int = 0x1;
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[("linger.ms", "1000")]);
    producer.warm_up();
    producer.send("purged");
    // SAFETY: live.
    assert_eq!(unsafe { rd_kafka_purge(producer.rk, PURGE_QUEUE) }, 0);
    producer.send("next");
    producer.flush();
    // Engine `v2` leaves none.
    let refused = (0, 2, 1, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    let expected = if is_v2() { vec![(0, 1, 1, OK)] } else { vec![refused, (1, 0, 1, OK)] };
    assert_eq!(sent(&cluster)[1..], expected);
    assert_eq!(producer.fatal().0, OK);
}

#[test]
fn a_partition_that_comes_back_goes_on_with_its_sequence() {
    let cluster = cluster(1);
    let settings = [("topic.metadata.refresh.interval.ms", "30")];
    let producer = Producer::new(&cluster, &settings);
    producer.warm_up();
    cluster.set_topic_error("t", ErrorCode::UNKNOWN_TOPIC_OR_PART).expect("a topic");
    cluster.start_tracking();
    producer.until("it knows that the topic is gone", |_| {
        cluster.requests().iter().filter(|request| request.api_key == METADATA).count() > 3
    });
    assert_eq!(producer.try_send(0, "refused"), -1);
    cluster.set_topic_error("t", OK).expect("a topic");
    producer.until("the topic is back", |it| it.try_send(0, "back") == 0);
    producer.flush();
    assert_eq!(producer.errors(), [("back".to_owned(), OK)]);
    assert_eq!(sent(&cluster)[1..], [(0, 1, 1, OK)]);
}

#[test]
fn statistics_show_the_producer_id_and_the_sequence() {
    let cluster = cluster(1);
    let producer = Producer::new(&cluster, &[("statistics.interval.ms", "50")]);
    producer.warm_up();
    producer.until("statistics", |it| {
        let stats = it.heard.lock().expect("not poisoned").stats.clone();
        stats.contains("\"idemp_state\": \"Assigned\"")
            && stats.contains("\"producer_epoch\": 0, \"epoch_cnt\": 1 }")
            && stats.contains("\"next_ack_seq\": 1, \"next_err_seq\": 1, \"acked_msgid\": 1}")
    });
}

/// Numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// One round of trouble.
fn disturb(cluster: &MockCluster, dice: &mut Dice) {
    let broker = 1 + dice.roll(3) as i32;
    let errors = [
        ErrorCode::NOT_ENOUGH_REPLICAS,
        ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        ErrorCode::REQUEST_TIMED_OUT,
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
        ErrorCode::_TRANSPORT,
        ErrorCode::UNKNOWN_TOPIC_OR_PART,
        ErrorCode::KAFKA_STORAGE_ERROR,
    ];
    match dice.roll(4) {
        0 => {
            let partition = dice.roll(3) as i32;
            cluster.set_leader("three", partition, Some(broker)).expect("a leader");
        }
        1 => {
            cluster.broker_down(broker).expect("a broker");
            cluster.broker_up(broker).expect("a broker");
        }
        _ => {
            let error = errors[dice.roll(errors.len())];
            let fault = Fault { error, rtt_ms: dice.roll(30) as i32 };
            cluster.push_broker_faults(broker, PRODUCE, &[fault]).expect("a broker");
        }
    }
}

/// One run, with what a message may meet: `harsh` ones fail some for good and let others expire.
fn survives(seed: u64, harsh: bool) {
    let cluster = cluster(3);
    cluster.create_topic("three", 3, 3).expect("a topic");
    let dice = &mut Dice(seed);
    let limit = (1 + dice.roll(4)).to_string();
    let mut settings = vec![("batch.num.messages", limit.as_str()), ("linger.ms", "1")];
    if harsh {
        settings.extend([("message.timeout.ms", "700"), ("retries", "3")]);
    }
    let producer = Producer::to(c"three", &cluster, &settings);
    for number in 0..900 {
        if number == 3 {
            // A broker that never heard of the producer refuses what follows a lost first batch,
            // and then nothing is certain any more.
            producer.flush();
        }
        let partition = number % 3;
        let answer = producer.try_send(partition, &format!("{partition}-{}", number / 3));
        assert_eq!(answer, 0, "seed {seed}: {:?}", producer.fatal());
        if number > 3 && dice.roll(12) == 0 {
            disturb(&cluster, dice);
        }
        if harsh && dice.roll(100) == 0 {
            cluster.push_errors(PRODUCE, &[ErrorCode::MSG_SIZE_TOO_LARGE]);
        }
        if harsh && dice.roll(200) == 0 {
            cluster.broker_down(-1).expect("brokers");
            let count = producer.reports().len();
            producer.until("something expires", |it| it.reports().len() > count);
            cluster.broker_up(-1).expect("brokers");
        }
        if dice.roll(6) == 0 {
            // SAFETY: live.
            unsafe { rd_kafka_poll(producer.rk, 1) };
        }
    }
    producer.flush();
    assert_eq!(producer.fatal().0, OK, "seed {seed}: {}", producer.fatal().1);
    let reports = producer.reports();
    assert_eq!(reports.len(), 900, "seed {seed}: one report each");
    assert!(harsh || reports.iter().all(|report| report.error == OK), "seed {seed}");
    for partition in 0..3 {
        audit(&cluster, partition, &reports, &format!("seed {seed}, partition {partition}"));
    }
}

/// Nothing twice, nothing out of order, and what was said of each message is true; but a message
/// that was in the log without an answer when the epoch rose is there again under the new one.
fn audit(cluster: &MockCluster, partition: i32, reports: &[Report], run: &str) {
    let number = |value: &str| -> usize {
        value.rsplit('-').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    let records = cluster.log("three", partition).expect("a partition").records();
    let logged: Vec<usize> = records
        .expect("readable")
        .into_iter()
        .map(|record| number(&String::from_utf8(record.value.unwrap_or_default()).expect("text")))
        .collect();
    let prefix = format!("{partition}-");
    let own = || reports.iter().filter(|report| report.value.starts_with(&prefix));
    let answered: Vec<_> = own()
        .filter(|report| report.error == OK && report.offset >= 0)
        .map(|report| (number(&report.value), report.offset as usize))
        .collect();
    let epochs = epochs(cluster, partition, logged.len());
    if let Err(at) = is_as_promised(&logged, &epochs, &answered) {
        let of_it = |it: &Outcome| it.partition == partition && it.topic == "three";
        let rows: Vec<_> = cluster.ledger().into_iter().filter(of_it).collect();
        let until = rows.iter().position(|it| it.appended_at > Some(at as i64));
        let until = until.unwrap_or(rows.len());
        let near = &logged[at.saturating_sub(3)..(at + 4).min(logged.len())];
        panic!("{run} at {at}: {near:?}\n{:#?}", &rows[until.saturating_sub(14)..until]);
    }
    for report in own() {
        let is_logged = logged.contains(&number(&report.value));
        let is_true = match (report.error, report.status) {
            (OK, _) => is_logged,
            (_, NOT_PERSISTED) => !is_logged,
            _ => true,
        };
        assert!(is_true, "{run}: {report:?}");
    }
}

/// The producer's epoch of each record in a partition's log.
fn epochs(cluster: &MockCluster, partition: i32, count: usize) -> Vec<i16> {
    let mut epochs = vec![-1; count];
    let of_it = |it: &Outcome| it.partition == partition && it.topic == "three";
    for row in cluster.ledger().into_iter().filter(of_it) {
        let Some(first) = row.appended_at else { continue };
        epochs[first as usize..][..row.record_count as usize].fill(row.producer_epoch);
    }
    epochs
}

/// Is the log as promised? `answered` has the numbers of messages whose place the producer was
/// told. The error is the first place that is wrong.
fn is_as_promised(
    logged: &[usize],
    epochs: &[i16],
    answered: &[(usize, usize)],
) -> Result<(), usize> {
    let answered: HashMap<_, _> = answered.iter().copied().collect();
    let mut place = HashMap::new();
    let mut next = 0;
    for (at, &number) in logged.iter().enumerate() {
        let is_in_order = match at.checked_sub(1) {
            Some(before) if epochs[before] == epochs[at] => logged[before] < number,
            Some(before) => epochs[before] < epochs[at],
            None => true,
        };
        let is_allowed = match place.insert(number, at) {
            None => number >= next,
            Some(former) => epochs[former] < epochs[at] && answered.get(&number) != Some(&former),
        };
        if !is_in_order || !is_allowed {
            return Err(at);
        }
        next = next.max(number + 1);
    }
    Ok(())
}

#[test]
fn the_audit_finds_doubles_and_overtaking_and_forgives_what_an_epoch_hides() {
    let told = &[(1, 0), (3, 4)][..];
    for (logged, epochs, result) in [
        (&[1, 2, 3][..], &[0, 0, 1][..], Ok(())),
        (&[1, 2, 2, 3], &[0, 0, 1, 1], Ok(())),
        (&[1, 2, 4, 2, 3], &[0, 0, 0, 1, 1], Err(4)),
        (&[1, 2, 2, 3], &[0, 0, 0, 1], Err(2)),
        (&[1, 2, 1], &[0, 0, 1], Err(2)),
        (&[1, 3, 2], &[0, 0, 1], Err(2)),
        (&[1, 2, 3, 3, 2], &[0, 0, 0, 1, 1], Err(4)),
        (&[1, 2, 2, 3, 3], &[0, 1, 0, 0, 0], Err(2)),
    ] {
        assert_eq!(is_as_promised(logged, epochs, told), result, "{logged:?} in {epochs:?}");
    }
}

#[test]
fn trouble_of_every_kind_loses_and_reorders_nothing() {
    let seeds = std::env::var("SEEDS").map_or(2, |count| count.parse().expect("a number"));
    (0..seeds).for_each(|seed| survives(seed, false));
}

#[test]
fn messages_that_fail_for_good_leave_the_others_in_order() {
    let seeds = std::env::var("SEEDS").map_or(2, |count| count.parse().expect("a number"));
    (0..seeds).for_each(|seed| survives(seed, true));
}
