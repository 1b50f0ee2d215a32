//! A panic inside an exported function stays inside: the caller gets the failure value, the
//! instance that was worked for its fatal error, and everything can be given back.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rdkafka::testing::arm_failpoint;

type Opaque = *mut c_void;
type ErrorCb = unsafe extern "C" fn(Opaque, c_int, *const c_char, Opaque);

unsafe extern "C" {
    fn rd_kafka_conf_new() -> Opaque;
    fn rd_kafka_conf_set(
        conf: Opaque,
        name: *const c_char,
        value: *const c_char,
        errstr: *mut c_char,
        size: usize,
    ) -> c_int;
    fn rd_kafka_conf_set_error_cb(conf: Opaque, cb: ErrorCb);
    fn rd_kafka_new(kind: c_int, conf: Opaque, errstr: *mut c_char, size: usize) -> Opaque;
    fn rd_kafka_destroy(rk: Opaque);
    fn rd_kafka_topic_new(rk: Opaque, name: *const c_char, conf: Opaque) -> Opaque;
    fn rd_kafka_topic_destroy(rkt: Opaque);
    fn rd_kafka_name(rk: Opaque) -> *const c_char;
    fn rd_kafka_poll(rk: Opaque, timeout_ms: c_int) -> c_int;
    fn rd_kafka_flush(rk: Opaque, timeout_ms: c_int) -> c_int;
    fn rd_kafka_outq_len(rk: Opaque) -> c_int;
    fn rd_kafka_fatal_error(rk: Opaque, errstr: *mut c_char, size: usize) -> c_int;
    fn rd_kafka_err2str(code: c_int) -> *const c_char;
    fn rd_kafka_conf_set_events(conf: Opaque, events: c_int);
    fn rd_kafka_queue_new(rk: Opaque) -> Opaque;
    fn rd_kafka_queue_get_main(rk: Opaque) -> Opaque;
    fn rd_kafka_queue_length(rkqu: Opaque) -> usize;
    fn rd_kafka_queue_poll(rkqu: Opaque, timeout_ms: c_int) -> Opaque;
    fn rd_kafka_queue_destroy(rkqu: Opaque);
    fn rd_kafka_event_type(rkev: Opaque) -> c_int;
    fn rd_kafka_event_message_next(rkev: Opaque) -> *const c_void;
    fn rd_kafka_event_message_count(rkev: Opaque) -> usize;
    fn rd_kafka_event_destroy(rkev: Opaque);
    fn rd_kafka_message_status(message: *const c_void) -> c_int;
    fn rd_kafka_purge(rk: Opaque, flags: c_int) -> c_int;
    fn rd_kafka_handle_mock_cluster(rk: Opaque) -> Opaque;
    fn rd_kafka_mock_cluster_new(rk: Opaque, count: c_int) -> Opaque;
    fn rd_kafka_mock_cluster_bootstraps(cluster: Opaque) -> *const c_char;
    fn rd_kafka_mock_cluster_destroy(cluster: Opaque);
    fn rd_kafka_headers_new(count: usize) -> Opaque;
    fn rd_kafka_headers_destroy(headers: Opaque);
    fn rd_kafka_header_add(
        headers: Opaque,
        name: *const c_char,
        name_len: isize,
        value: *const c_void,
        value_len: isize,
    ) -> c_int;
    fn rd_kafka_produceva(rk: Opaque, values: *const Typed, count: usize) -> Opaque;
    fn rd_kafka_error_code(error: Opaque) -> c_int;
    fn rd_kafka_error_destroy(error: Opaque);
    fn malloc(size: usize) -> Opaque;
    fn free(block: Opaque);
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

/// A value of `rd_kafka_produceva`: its type, and a union of 64 bytes.
#[repr(C)]
struct Typed {
    kind: c_int,
    value: [usize; 8],
}

fn typed(kind: c_int, first: usize, second: usize) -> Typed {
    Typed { kind, value: [first, second, 0, 0, 0, 0, 0, 0] }
}

const FATAL: c_int = -150;
const F_FREE: c_int = 1;
const F_COPY: c_int = 2;

/// The failpoint is the process's: one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn producer(error_cb: Option<ErrorCb>) -> Opaque {
    producer_with(&[], 0, error_cb)
}

/// A producer that gives reports as events.
fn reporting_producer() -> Opaque {
    const EVENT_DR: c_int = 1;
    producer_with(&[], EVENT_DR, None)
}

fn producer_with(more: &[(&CStr, &CStr)], events: c_int, error_cb: Option<ErrorCb>) -> Opaque {
    let mut reason = [0; 256];
    // SAFETY: the configuration is live until the instance takes it; the texts end in NUL.
    unsafe {
        let conf = rd_kafka_conf_new();
        rd_kafka_conf_set_events(conf, events);
        let usual = [(c"bootstrap.servers", c"127.0.0.1:1"), (c"log_level", c"0")];
        for (name, value) in usual.iter().chain(more) {
            let errstr = reason.as_mut_ptr();
            assert_eq!(
                rd_kafka_conf_set(conf, name.as_ptr(), value.as_ptr(), errstr, reason.len()),
                0
            );
        }
        if let Some(error_cb) = error_cb {
            rd_kafka_conf_set_error_cb(conf, error_cb);
        }
        let rk = rd_kafka_new(0, conf, reason.as_mut_ptr(), reason.len());
        assert!(!rk.is_null());
        rk
    }
}

fn fatal(rk: Opaque) -> (c_int, String) {
    let mut reason = [0; 256];
    // SAFETY: a live instance, and room for the text, which ends in NUL.
    unsafe {
        let code = rd_kafka_fatal_error(rk, reason.as_mut_ptr(), reason.len());
        (code, CStr::from_ptr(reason.as_ptr()).to_string_lossy().into_owned())
    }
}

fn produce(rkt: Opaque) -> c_int {
    // SAFETY: a live topic, and one readable byte, which is copied.
    unsafe { rd_kafka_produce(rkt, 0, F_COPY, c"x".as_ptr().cast(), 1, null(), 0, null_mut()) }
}

#[test]
fn a_panic_for_an_instance_is_its_fatal_error_only() {
    let _one = ONE_AT_A_TIME.lock();
    let (rk, other) = (producer(None), producer(None));

    arm_failpoint("rd_kafka_name");
    // SAFETY: both are live.
    assert!(unsafe { rd_kafka_name(rk) }.is_null());

    assert_eq!(fatal(rk), (FATAL, "internal error in rd_kafka_name".to_owned()));
    assert_eq!(fatal(other).0, 0);
    // SAFETY: both are live until destroyed.
    unsafe {
        assert!(!rd_kafka_name(rk).is_null());
        assert_eq!(rd_kafka_flush(rk, 5000), 0);
        rd_kafka_destroy(rk);
        rd_kafka_destroy(other);
    }
}

#[test]
fn a_panic_for_a_topic_is_its_instances_fatal_error() {
    let _one = ONE_AT_A_TIME.lock();
    let (other, rk) = (producer(None), producer(None));
    // SAFETY: a live instance.
    let rkt = unsafe { rd_kafka_topic_new(rk, c"t".as_ptr(), null_mut()) };
    assert_eq!(produce(rkt), 0);

    arm_failpoint("rd_kafka_produce");
    assert_eq!(produce(rkt), -1);

    assert_eq!(fatal(rk), (FATAL, "internal error in rd_kafka_produce".to_owned()));
    assert_eq!(fatal(other).0, 0);
    assert_eq!(produce(rkt), -1, "nothing is taken any more");
    // SAFETY: all are live until given back.
    unsafe {
        assert_eq!(rd_kafka_flush(rk, 5000), 0, "what was queued is purged");
        assert_eq!(rd_kafka_outq_len(rk), 0);
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
        rd_kafka_destroy(other);
    }
}

#[test]
fn a_panic_for_a_queue_is_its_instances_fatal_error() {
    let _one = ONE_AT_A_TIME.lock();
    let (other, rk, third) = (producer(None), producer(None), producer(None));
    // SAFETY: all are live until destroyed.
    unsafe {
        let queue = rd_kafka_queue_new(rk);
        arm_failpoint("rd_kafka_queue_length");
        assert_eq!(rd_kafka_queue_length(queue), 0);
        assert_eq!(fatal(rk), (FATAL, "internal error in rd_kafka_queue_length".to_owned()));

        let last = rd_kafka_queue_get_main(third);
        arm_failpoint("rd_kafka_queue_destroy");
        rd_kafka_queue_destroy(last);
        assert_eq!(fatal(third).0, FATAL);

        assert_eq!(fatal(other).0, 0);
        rd_kafka_queue_destroy(queue);
        rd_kafka_queue_destroy(last);
        for rk in [other, rk, third] {
            rd_kafka_destroy(rk);
        }
    }
}

#[test]
fn a_panic_for_an_event_or_a_message_is_its_instances_fatal_error() {
    let _one = ONE_AT_A_TIME.lock();
    for door in ["rd_kafka_event_type", "rd_kafka_message_status", "rd_kafka_event_destroy"] {
        let (other, rk) = (producer(None), reporting_producer());
        // SAFETY: all are live until given back.
        unsafe {
            let rkt = rd_kafka_topic_new(rk, c"t".as_ptr(), null_mut());
            assert_eq!(produce(rkt), 0);
            assert_eq!(rd_kafka_purge(rk, 1), 0);
            let queue = rd_kafka_queue_get_main(rk);
            // The failed connection may be told first.
            let mut event = rd_kafka_queue_poll(queue, 5000);
            while rd_kafka_event_message_count(event) == 0 {
                assert!(!event.is_null());
                rd_kafka_event_destroy(event);
                event = rd_kafka_queue_poll(queue, 5000);
            }
            let message = rd_kafka_event_message_next(event);
            assert!(!message.is_null());

            arm_failpoint(door);
            match door {
                "rd_kafka_event_type" => assert_eq!(rd_kafka_event_type(event), -1),
                "rd_kafka_message_status" => assert_eq!(rd_kafka_message_status(message), -1),
                _ => rd_kafka_event_destroy(event),
            }

            assert_eq!(fatal(rk), (FATAL, format!("internal error in {door}")));
            assert_eq!(fatal(other).0, 0);
            rd_kafka_event_destroy(event);
            rd_kafka_queue_destroy(queue);
            rd_kafka_topic_destroy(rkt);
            rd_kafka_destroy(rk);
            rd_kafka_destroy(other);
        }
    }
}

#[test]
fn a_panic_for_a_mock_cluster_is_its_instances_fatal_error() {
    let _one = ONE_AT_A_TIME.lock();
    let (other, rk) = (producer(None), producer(None));
    let with_cluster = producer_with(&[(c"test.mock.num.brokers", c"1")], 0, None);
    // SAFETY: all are live until given back.
    unsafe {
        let cluster = rd_kafka_mock_cluster_new(rk, 1);
        for (rk, cluster) in
            [(rk, cluster), (with_cluster, rd_kafka_handle_mock_cluster(with_cluster))]
        {
            arm_failpoint("rd_kafka_mock_cluster_bootstraps");
            assert!(rd_kafka_mock_cluster_bootstraps(cluster).is_null());
            assert_eq!(fatal(rk).0, FATAL);
        }
        assert_eq!(fatal(other).0, 0);
        rd_kafka_mock_cluster_destroy(cluster);
        for rk in [other, rk, with_cluster] {
            rd_kafka_destroy(rk);
        }
    }
}

/// A block on the C heap, as `F_FREE` wants it.
fn block() -> Opaque {
    // SAFETY: any size is allowed.
    let block = unsafe { malloc(16) };
    // SAFETY: sixteen bytes of ours.
    unsafe { block.cast::<[u8; 16]>().write([b'v'; 16]) };
    block
}

#[test]
fn a_value_is_the_applications_if_a_panic_comes_before_a_queue_has_it() {
    let _one = ONE_AT_A_TIME.lock();
    let rk = producer(None);
    let value = block();
    // SAFETY: all are live until given back; the value is freed once, here.
    unsafe {
        let rkt = rd_kafka_topic_new(rk, c"t".as_ptr(), null_mut());
        arm_failpoint("produce, before a queue has the message");
        let taken = rd_kafka_produce(rkt, 0, F_FREE, value, 16, null(), 0, null_mut());
        assert_eq!(taken, -1);
        free(value);
        assert_eq!(fatal(rk), (FATAL, "internal error in produce".to_owned()));
        assert_eq!(rd_kafka_flush(rk, 5000), 0);
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
    }
}

#[test]
fn a_value_is_the_librarys_if_a_panic_comes_after_a_queue_has_it() {
    let _one = ONE_AT_A_TIME.lock();
    let rk = reporting_producer();
    let value = block();
    // SAFETY: all are live until given back; the library frees the value.
    unsafe {
        let rkt = rd_kafka_topic_new(rk, c"t".as_ptr(), null_mut());
        arm_failpoint("produce, after a queue has the message");
        let taken = rd_kafka_produce(rkt, 0, F_FREE, value, 16, null(), 0, null_mut());
        assert_eq!(taken, 0, "the message is queued");
        assert_eq!(fatal(rk), (FATAL, "internal error in produce".to_owned()));

        let queue = rd_kafka_queue_get_main(rk);
        let mut messages = 0;
        while messages == 0 {
            let event = rd_kafka_queue_poll(queue, 5000);
            assert!(!event.is_null(), "its report");
            messages += usize::from(!rd_kafka_event_message_next(event).is_null());
            rd_kafka_event_destroy(event);
        }
        // Other events (the failed connection's) count as well while they wait.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while rd_kafka_outq_len(rk) > 0 && std::time::Instant::now() < until {
            rd_kafka_event_destroy(rd_kafka_queue_poll(queue, 10));
        }
        assert_eq!(rd_kafka_outq_len(rk), 0, "the message is gone");
        rd_kafka_queue_destroy(queue);
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
    }
}

#[test]
fn headers_are_the_applications_if_a_panic_comes_before_a_queue_has_them() {
    const RKT: c_int = 2;
    const HEADERS: c_int = 10;
    let _one = ONE_AT_A_TIME.lock();
    let rk = producer(None);
    // SAFETY: all are live until given back; the headers are destroyed once, here.
    unsafe {
        let rkt = rd_kafka_topic_new(rk, c"t".as_ptr(), null_mut());
        let headers = rd_kafka_headers_new(1);
        assert_eq!(rd_kafka_header_add(headers, c"n".as_ptr(), -1, c"v".as_ptr().cast(), 1), 0);
        let values = [
            typed(RKT, rkt.expose_provenance(), 0),
            typed(HEADERS, headers.expose_provenance(), 0),
        ];
        arm_failpoint("produce, before a queue has the message");
        let error = rd_kafka_produceva(rk, values.as_ptr(), values.len());
        assert_eq!(rd_kafka_error_code(error), FATAL);
        rd_kafka_error_destroy(error);
        assert_eq!(rd_kafka_header_add(headers, c"n".as_ptr(), -1, c"w".as_ptr().cast(), 1), 0);
        rd_kafka_headers_destroy(headers);
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
    }
}

#[test]
fn a_panic_without_an_instance_is_nobodys() {
    let _one = ONE_AT_A_TIME.lock();
    let rk = producer(None);

    arm_failpoint("rd_kafka_err2str");
    // SAFETY: no pointers.
    assert!(unsafe { rd_kafka_err2str(0) }.is_null());
    arm_failpoint("rd_kafka_poll");
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { rd_kafka_poll(null_mut(), 0) }, -1);

    assert_eq!(fatal(rk).0, 0);
    // SAFETY: live until destroyed.
    unsafe { rd_kafka_destroy(rk) };
}

/// The instance that [`asks_another`] asks.
static OTHER: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn asks_another(_rk: Opaque, _code: c_int, _text: *const c_char, _o: Opaque) {
    let other = OTHER.swap(0, Ordering::SeqCst);
    if other != 0 {
        arm_failpoint("rd_kafka_outq_len");
        // SAFETY: the test destroys the other instance after its polls.
        unsafe { rd_kafka_outq_len(std::ptr::with_exposed_provenance_mut(other)) };
    }
}

#[test]
fn a_panic_in_a_callbacks_call_is_for_the_instance_of_that_call() {
    let _one = ONE_AT_A_TIME.lock();
    let (other, rk) = (producer(None), producer(Some(asks_another)));
    OTHER.store(other.expose_provenance(), Ordering::SeqCst);

    for _ in 0..100 {
        // SAFETY: live.
        unsafe { rd_kafka_poll(rk, 100) };
        if OTHER.load(Ordering::SeqCst) == 0 {
            break;
        }
    }

    assert_eq!(fatal(other).0, FATAL);
    assert_eq!(fatal(rk).0, 0);
    // SAFETY: live until destroyed.
    unsafe {
        rd_kafka_destroy(rk);
        rd_kafka_destroy(other);
    }
}
