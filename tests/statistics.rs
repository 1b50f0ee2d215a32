//! Statistics of running producers, read by the structs of the crate `rdkafka`: a field that is
//! missing, or of another type, is an error there.
//!
//! If the crate cannot be had the test is skipped aloud; with `RDKAFKA_REQUIRE_REFERENCES` set that
//! is an error.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr::null;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, fs};

// Its functions are called by their C names.
use rdkafka as _;

type Opaque = *mut c_void;
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
    fn rd_kafka_conf_set_stats_cb(conf: Opaque, cb: StatsCb);
    fn rd_kafka_conf_set_opaque(conf: Opaque, opaque: Opaque);
    fn rd_kafka_new(kind: c_int, conf: Opaque, errstr: *mut c_char, size: usize) -> Opaque;
    fn rd_kafka_destroy(rk: Opaque);
    fn rd_kafka_topic_new(rk: Opaque, name: *const c_char, conf: Opaque) -> Opaque;
    fn rd_kafka_topic_destroy(rkt: Opaque);
    fn rd_kafka_poll(rk: Opaque, timeout_ms: c_int) -> c_int;
    fn rd_kafka_flush(rk: Opaque, timeout_ms: c_int) -> c_int;
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

/// The crate whose structs read, and the program around them.
const VERSION: &str = "0.38.0";
const PROGRAM: &str = "mod statistics;
fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).expect(\"a document\");
        let read: statistics::Statistics =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!(\"{path}: {error}\"));
        let up = read.brokers.values().filter(|broker| broker.state == \"UP\").count();
        let sent: u64 = read.topics.values().flat_map(|topic| topic.partitions.values())
            .map(|partition| partition.txmsgs).sum();
        let latencies: i64 =
            read.brokers.values().filter_map(|it| Some(it.int_latency.as_ref()?.hdrsize)).sum();
        let id = read.eos.as_ref().map_or(-1, |eos| eos.producer_id);
        println!(\"{} {} {sent} {} {} {}\", read.client_type, up > 0, read.txmsgs, latencies > 0, id >= 0);
    }
}
";

/// What engines are built.
fn engines() -> Vec<&'static str> {
    let all = [("legacy", cfg!(feature = "engine-legacy")), ("v2", cfg!(feature = "engine-v2"))];
    all.into_iter().filter(|(_, is_built)| *is_built).map(|(name, _)| name).collect()
}

unsafe extern "C" fn keep(_rk: Opaque, json: *const c_char, _len: usize, opaque: Opaque) -> c_int {
    // SAFETY: the text is NUL-terminated; the opaque is the test's place for the newest document.
    unsafe {
        let text = CStr::from_ptr(json).to_str().expect("UTF-8").to_owned();
        *(*opaque.cast::<Mutex<String>>()).lock().expect("no panic") = text;
    }
    0
}

/// A document of a producer that delivered ten messages to the embedded cluster.
fn document(engine: &str, is_idempotent: bool) -> String {
    let newest = Mutex::new(String::new());
    let idempotence = if is_idempotent { "true" } else { "false" };
    let settings = [
        ("produce.engine", engine),
        ("test.mock.num.brokers", "2"),
        ("statistics.interval.ms", "50"),
        ("enable.idempotence", idempotence),
        ("log_level", "0"),
    ];
    let mut text = [0; 256];
    // SAFETY: strings are NUL-terminated and live through the calls; the opaque outlives the
    // instance.
    unsafe {
        let conf = rd_kafka_conf_new();
        for (name, value) in settings {
            let (name, value) = (CString::new(name), CString::new(value));
            let (name, value) = (name.expect("no NUL"), value.expect("no NUL"));
            let (errstr, size) = (text.as_mut_ptr(), text.len());
            let answer = rd_kafka_conf_set(conf, name.as_ptr(), value.as_ptr(), errstr, size);
            assert_eq!(answer, 0, "{name:?}");
        }
        rd_kafka_conf_set_stats_cb(conf, keep);
        rd_kafka_conf_set_opaque(conf, (&raw const newest).cast_mut().cast());
        let rk = rd_kafka_new(0, conf, text.as_mut_ptr(), text.len());
        assert!(!rk.is_null(), "{:?}", CStr::from_ptr(text.as_ptr()));
        let rkt = rd_kafka_topic_new(rk, c"t".as_ptr(), std::ptr::null_mut());
        for _ in 0..10 {
            let sent = rd_kafka_produce(
                rkt,
                -1,
                2,
                c"value".as_ptr().cast(),
                5,
                null(),
                0,
                std::ptr::null_mut(),
            );
            assert_eq!(sent, 0);
        }
        assert_eq!(rd_kafka_flush(rk, 60_000), 0, "delivered");
        // The next document tells of all ten.
        let end = Instant::now() + Duration::from_secs(60);
        while !newest.lock().expect("no panic").contains("\"txmsgs\":10,") {
            assert!(Instant::now() < end, "no document tells of the messages");
            rd_kafka_poll(rk, 20);
        }
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
    }
    newest.into_inner().expect("no panic")
}

/// A project with the crate's structs and nothing else of it; `None` if it cannot be had.
fn reader() -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("statistics");
    fs::create_dir_all(project.join("src")).expect("the folder for tests is writable");
    let manifest = format!(
        "[package]\nname = \"reader\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
         [features]\nwhole = [\"dep:rdkafka\"]\n[dependencies]\n\
         rdkafka = {{ version = \"={VERSION}\", default-features = false, optional = true }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n[workspace]\n"
    );
    fs::write(project.join("Cargo.toml"), manifest).expect("the folder for tests is writable");
    fs::write(project.join("src/main.rs"), PROGRAM).expect("the folder for tests is writable");
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1", "--quiet", "--features", "whole"])
        .current_dir(&project)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let end = format!("rdkafka-{VERSION}/Cargo.toml");
    let at = text.find(&end)?;
    let start = text[..at].rfind('"')? + 1;
    let package = PathBuf::from(&text[start..at + end.len() - "/Cargo.toml".len()]);
    let whole = fs::read_to_string(package.join("src/statistics.rs")).ok()?;
    // Links in its comments lead to other parts of the crate; its own tests have their own needs.
    let structs = whole.split("#[cfg(test)]").next().unwrap_or_default();
    fs::write(project.join("src/statistics.rs"), structs).expect("the folder is writable");
    Some(project)
}

fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[test]
fn the_structs_of_another_crate_read_every_document() {
    let Some(project) = reader() else {
        assert!(env::var_os("RDKAFKA_REQUIRE_REFERENCES").is_none(), "the crate is needed");
        eprintln!("skipped: the crate rdkafka cannot be had");
        return;
    };
    let (mut paths, mut expected) = (Vec::new(), String::new());
    for engine in engines() {
        for is_idempotent in [false, true] {
            let path = project.join(format!("{engine}-{is_idempotent}.json"));
            fs::write(&path, document(engine, is_idempotent)).expect("the folder is writable");
            paths.push(path);
            expected.push_str(&format!("producer true 10 10 true {is_idempotent}\n"));
        }
    }
    let output = Command::new(cargo())
        .args(["run", "--quiet", "--"])
        .args(&paths)
        .current_dir(&project)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{said}");
}
