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

const FATAL: c_int = -150;
const F_COPY: c_int = 2;

/// The failpoint is the process's: one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn producer(error_cb: Option<ErrorCb>) -> Opaque {
    let mut reason = [0; 256];
    // SAFETY: the configuration is live until the instance takes it; the texts end in NUL.
    unsafe {
        let conf = rd_kafka_conf_new();
        for (name, value) in [(c"bootstrap.servers", c"127.0.0.1:1"), (c"log_level", c"0")] {
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
