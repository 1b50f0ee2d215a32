//! The requests of `tests/golden/`, sent: by this library through its doors, compared with the
//! captured ones field by field; and by the system's librdkafka, if there is one, so that what was
//! captured stays what it sends.
//!
//! `RDKAFKA_GOLDEN_FROM=librdkafka.so.1 cargo test --lib golden` writes the fixtures of those
//! versions that the named library speaks.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::abi::public::*;
use crate::mock::MockCluster;
use crate::proto::api;
use crate::proto::produce::fields::{difference, fields};
use crate::proto::produce::scenario::{Input, MESSAGES, SCENARIOS, Scenario};

/// Longer than any capture takes.
const PATIENCE: Duration = Duration::from_secs(20);

macro_rules! library {
    ($($name:ident: fn($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        /// The functions of a librdkafka: ours, or those of a loaded one.
        struct Library {
            $($name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
        }

        impl Library {
            fn ours() -> Self {
                use super::{conf::*, error_object::*, handle::*, poll::*, produceva::*, topic::*};
                use super::version::*;
                Self { $($name,)* }
            }

            /// Those of the library at `path`, `None` if it cannot be loaded. It stays loaded.
            fn load(path: &CStr) -> Option<Self> {
                // SAFETY: the path ends in NUL; a librdkafka does nothing when it is loaded.
                let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
                if library.is_null() {
                    return None;
                }
                Some(Self {
                    $($name: {
                        let name = concat!(stringify!($name), "\0");
                        // SAFETY: the library is loaded, the name ends in NUL.
                        let address = unsafe { libc::dlsym(library, name.as_ptr().cast()) };
                        assert!(!address.is_null(), "no {name}");
                        // SAFETY: every librdkafka has this prototype under this name.
                        unsafe {
                            std::mem::transmute::<
                                *mut c_void,
                                unsafe extern "C" fn($($arg),*) $(-> $ret)?,
                            >(address)
                        }
                    },)*
                })
            }
        }
    };
}

library! {
    rd_kafka_version_str: fn() -> *const c_char;
    rd_kafka_conf_new: fn() -> *mut rd_kafka_conf_t;
    rd_kafka_conf_set: fn(*mut rd_kafka_conf_t, *const c_char, *const c_char, *mut c_char, usize)
        -> rd_kafka_conf_res_t;
    rd_kafka_new: fn(rd_kafka_type_t, *mut rd_kafka_conf_t, *mut c_char, usize)
        -> *mut rd_kafka_t;
    rd_kafka_topic_new: fn(*mut rd_kafka_t, *const c_char, *mut rd_kafka_topic_conf_t)
        -> *mut rd_kafka_topic_t;
    rd_kafka_topic_destroy: fn(*mut rd_kafka_topic_t);
    rd_kafka_produceva: fn(*mut rd_kafka_t, *const rd_kafka_vu_t, usize) -> *mut rd_kafka_error_t;
    rd_kafka_error_string: fn(*const rd_kafka_error_t) -> *const c_char;
    rd_kafka_poll: fn(*mut rd_kafka_t, c_int) -> c_int;
    rd_kafka_flush: fn(*mut rd_kafka_t, c_int) -> rd_kafka_resp_err_t;
    rd_kafka_outq_len: fn(*mut rd_kafka_t) -> c_int;
    rd_kafka_destroy: fn(*mut rd_kafka_t);
}

/// Passes the bytes of connections on to a broker and keeps those of the client.
struct Relay {
    port: u16,
    streams: Arc<Mutex<Vec<JoinHandle<Vec<u8>>>>>,
}

impl Relay {
    fn to(broker: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let streams = Arc::new(Mutex::new(Vec::new()));
        let (shared, broker) = (Arc::clone(&streams), broker.to_owned());
        // Ends with the process: it waits for connections, which costs nothing.
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let broker = TcpStream::connect(&broker).expect("the broker listens");
                shared.lock().expect("not poisoned").push(Self::pass_on(client, broker));
            }
        });
        Self { port, streams }
    }

    fn pass_on(mut client: TcpStream, mut broker: TcpStream) -> JoinHandle<Vec<u8>> {
        let mut answers = broker.try_clone().expect("a descriptor");
        let mut back = client.try_clone().expect("a descriptor");
        thread::spawn(move || {
            let mut bytes = [0; 65536];
            while let Ok(len @ 1..) = answers.read(&mut bytes) {
                offer_old_fetch(&mut bytes[..len]);
                if back.write_all(&bytes[..len]).is_err() {
                    break;
                }
            }
            let _ = back.shutdown(Shutdown::Both);
        });
        thread::spawn(move || {
            let (mut sent, mut bytes) = (Vec::new(), [0; 65536]);
            while let Ok(len @ 1..) = client.read(&mut bytes) {
                sent.extend_from_slice(&bytes[..len]);
                if broker.write_all(&bytes[..len]).is_err() {
                    break;
                }
            }
            let _ = broker.shutdown(Shutdown::Both);
            sent
        })
    }

    /// The Produce requests of all connections, which are closed.
    fn produce_requests(&self) -> Vec<Vec<u8>> {
        let streams = std::mem::take(&mut *self.streams.lock().expect("not poisoned"));
        let mut requests = Vec::new();
        for stream in streams {
            let bytes = stream.join().expect("no panic");
            let mut rest = &bytes[..];
            while let Some((size, _)) = rest.split_first_chunk::<4>() {
                let len = 4 + usize::try_from(u32::from_be_bytes(*size)).expect("small");
                let Some((frame, behind)) = rest.split_at_checked(len) else { break };
                if frame[4..6] == api::PRODUCE.to_be_bytes() {
                    requests.push(frame.to_vec());
                }
                rest = behind;
            }
        }
        requests
    }
}

/// Lets the broker say that it has Fetch from version 0 on. Older libraries take message format 1
/// for known only if version 2 of Fetch is, which the mock cluster does not have. Nobody fetches.
fn offer_old_fetch(answer: &mut [u8]) {
    const SAID: [u8; 6] = [0, 1, 0, 4, 0, 16];
    if let Some(at) = answer.windows(SAID.len()).position(|bytes| bytes == SAID) {
        answer[at + 3] = 0;
    }
}

/// A mock cluster of one broker behind a relay.
fn cluster(version: i16, topics: &[(&str, i32)]) -> (MockCluster, Relay) {
    let cluster = MockCluster::new(1).expect("a cluster");
    let relay = Relay::to(cluster.bootstraps());
    cluster.set_host_port(1, "127.0.0.1", relay.port.into()).expect("broker 1");
    cluster.set_versions(api::PRODUCE, 0, version).expect("versions of ours");
    for (name, partitions) in topics {
        cluster.create_topic(name, *partitions, 1).expect("a topic");
    }
    (cluster, relay)
}

/// A producer of the library that knows the relay only.
fn producer(library: &Library, relay: &Relay, settings: &[(&str, &str)]) -> *mut rd_kafka_t {
    let bootstrap = format!("127.0.0.1:{}", relay.port);
    let usual = [("bootstrap.servers", &*bootstrap), ("log_level", "0"), ("linger.ms", "300")];
    let mut reason = [0; 512];
    // SAFETY: the configuration is live until the instance takes it; texts end in NUL.
    unsafe {
        let conf = (library.rd_kafka_conf_new)();
        for (name, value) in usual.iter().chain(settings) {
            let (name, value) = (CString::new(*name), CString::new(*value));
            let (name, value) = (name.expect("no NUL"), value.expect("no NUL"));
            let to = reason.as_mut_ptr();
            let set = library.rd_kafka_conf_set;
            let result = set(conf, name.as_ptr(), value.as_ptr(), to, reason.len());
            assert_eq!(result, 0, "{name:?}");
        }
        let rk = (library.rd_kafka_new)(0, conf, reason.as_mut_ptr(), reason.len());
        assert!(!rk.is_null());
        rk
    }
}

/// Waits for all reports.
///
/// # Safety
/// The instance is the library's and live.
unsafe fn deliver(library: &Library, rk: *mut rd_kafka_t, what: &str) {
    let begin = Instant::now();
    // SAFETY: the caller's contract.
    while unsafe { (library.rd_kafka_outq_len)(rk) } > 0 {
        assert!(begin.elapsed() < PATIENCE, "{what}: not delivered");
        // SAFETY: the caller's contract.
        unsafe { (library.rd_kafka_poll)(rk, 10) };
    }
}

/// What a library sends in a scenario.
fn sent(library: &Library, scenario: &Scenario) -> Vec<Vec<u8>> {
    let (_cluster, relay) = cluster(scenario.version, &[("t1", 1)]);
    let settings = [
        ("client.id", scenario.client_id),
        ("compression.codec", scenario.codec.name()),
        ("acks", &scenario.acks.to_string()),
        ("request.timeout.ms", &scenario.timeout_ms.to_string()),
        ("enable.idempotence", &scenario.is_idempotent.to_string()),
        ("batch.num.messages", &scenario.batch_messages.to_string()),
    ];
    let rk = producer(library, &relay, &settings);
    // SAFETY: both objects are live until they are given back; texts end in NUL.
    unsafe {
        let rkt = (library.rd_kafka_topic_new)(rk, c"t1".as_ptr(), null_mut());
        for input in &MESSAGES {
            produce(library, rk, rkt, 0, input);
        }
        deliver(library, rk, scenario.name);
        (library.rd_kafka_topic_destroy)(rkt);
        (library.rd_kafka_destroy)(rk);
    }
    relay.produce_requests()
}

/// # Safety
/// Both objects are the library's and live.
unsafe fn produce(
    library: &Library,
    rk: *mut rd_kafka_t,
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    input: &Input,
) {
    const F_COPY: c_int = 2;
    let memory = |bytes: &'static [u8]| rd_kafka_vu_u {
        mem: rd_kafka_vu_mem_t { ptr: bytes.as_ptr().cast_mut().cast(), size: bytes.len() },
    };
    let names: Vec<CString> =
        input.headers.iter().map(|(name, _)| CString::new(*name).expect("no NUL")).collect();
    let mut values = vec![
        rd_kafka_vu_t { vtype: 2, u: rd_kafka_vu_u { rkt } },
        rd_kafka_vu_t { vtype: 3, u: rd_kafka_vu_u { i32: partition } },
        rd_kafka_vu_t { vtype: 7, u: rd_kafka_vu_u { i: F_COPY } },
        rd_kafka_vu_t { vtype: 8, u: rd_kafka_vu_u { i64: input.timestamp } },
    ];
    values.extend(input.value.map(|value| rd_kafka_vu_t { vtype: 4, u: memory(value) }));
    values.extend(input.key.map(|key| rd_kafka_vu_t { vtype: 5, u: memory(key) }));
    for ((_, value), name) in input.headers.iter().zip(&names) {
        let header = rd_kafka_vu_header_t {
            name: name.as_ptr(),
            val: value.map_or(std::ptr::null(), |value| value.as_ptr().cast()),
            size: value.map_or(0, <[u8]>::len).cast_signed(),
        };
        values.push(rd_kafka_vu_t { vtype: 9, u: rd_kafka_vu_u { header } });
    }
    // SAFETY: the values are of the types that they say, and live as long as the call.
    unsafe {
        let error = (library.rd_kafka_produceva)(rk, values.as_ptr(), values.len());
        if !error.is_null() {
            panic!("{:?}", CStr::from_ptr((library.rd_kafka_error_string)(error)));
        }
    }
}

/// Compares what was sent with the captured frames. Producer ids are the cluster's choice.
fn assert_captured(scenario: &Scenario, frames: &[Vec<u8>]) {
    let captured = scenario.frames();
    assert_eq!(frames.len(), captured.len(), "{}: requests", scenario.name);
    for (at, (frame, captured)) in frames.iter().zip(&captured).enumerate() {
        let of = |bytes: &[u8]| {
            let mut fields = fields(bytes).unwrap_or_else(|it| panic!("{}: {it}", scenario.name));
            if scenario.is_idempotent {
                fields.retain(|(name, _)| {
                    !["crc", "producer id", "producer epoch"].iter().any(|it| name.ends_with(it))
                });
            }
            fields
        };
        if let Some(difference) = difference(&of(frame), &of(captured)) {
            panic!("{}: request {at}: {difference}", scenario.name);
        }
    }
}

fn version_of(frame: &[u8]) -> i16 {
    i16::from_be_bytes([frame[6], frame[7]])
}

/// Runs `body` for all scenarios that `filter` lets through, some at a time: each waits for linger.
fn each(filter: impl Fn(&Scenario) -> bool, body: impl Fn(&Scenario) + Sync) {
    let chosen: Vec<_> = SCENARIOS.iter().filter(|scenario| filter(scenario)).collect();
    for some in chosen.chunks(9) {
        thread::scope(|scope| {
            for scenario in some {
                scope.spawn(|| body(scenario));
            }
        });
    }
}

#[test]
fn this_library_sends_the_captured_requests() {
    let library = Library::ours();
    each(
        // The mock cluster has no transactions.
        |scenario| scenario.transactional_id.is_none(),
        |scenario| assert_captured(scenario, &sent(&library, scenario)),
    );
}

#[cfg(feature = "engine-legacy")]
#[test]
fn a_multibatch_request_holds_each_partitions_batch() {
    const LAYOUT: [(&CStr, i32); 2] = [(c"t1", 4), (c"topic2", 2)];
    let library = Library::ours();
    for version in [2, 8, 10] {
        let (_cluster, relay) = cluster(version, &[("t1", 4), ("topic2", 2)]);
        let settings = [("multibatch", "true"), ("linger.ms", "1000")];
        let rk = producer(&library, &relay, &settings);
        // SAFETY: the objects are live until they are given back; texts end in NUL.
        unsafe {
            for (name, partitions) in LAYOUT {
                let rkt = (library.rd_kafka_topic_new)(rk, name.as_ptr(), null_mut());
                for partition in 0..partitions {
                    produce(&library, rk, rkt, partition, &MESSAGES[0]);
                    produce(&library, rk, rkt, partition, &MESSAGES[3]);
                }
                (library.rd_kafka_topic_destroy)(rkt);
            }
            // They get their partitions; then all are ready in one turn.
            (library.rd_kafka_poll)(rk, 300);
            assert_eq!((library.rd_kafka_flush)(rk, 10_000), 0);
            (library.rd_kafka_destroy)(rk);
        }
        let frames = relay.produce_requests();
        assert_eq!(frames.len(), 1, "version {version}");
        let fields = fields(&frames[0]).unwrap_or_else(|error| panic!("{version}: {error}"));
        let mut places = Vec::new();
        let mut topic = String::new();
        for (name, value) in &fields {
            match name.rsplit('.').next() {
                Some("name") if name.starts_with("topic[") && !name.contains("record") => {
                    topic.clone_from(value);
                }
                Some("number") => places.push(format!("{topic} {value}")),
                _ => {}
            }
        }
        // Topics may come in any order; partitions keep theirs.
        places.sort_by_key(|place| place.contains("topic2"));
        let expected = ["t1", "t1", "t1", "t1", "topic2", "topic2"];
        let expected: Vec<_> = (expected.iter().zip([0, 1, 2, 3, 0, 1]))
            .map(|(topic, partition)| format!("{topic:?} {partition}"))
            .collect();
        assert_eq!(places, expected, "version {version}");
        let counts = fields.iter().filter(|(name, _)| name.ends_with("record count"));
        assert!(counts.into_iter().all(|(_, count)| count == "2"), "version {version}");
        assert_eq!(version_of(&frames[0]), version);
    }
}

#[test]
fn the_systems_librdkafka_sends_the_captured_requests() {
    let given = std::env::var("RDKAFKA_GOLDEN_FROM").ok();
    let path = CString::new(given.as_deref().unwrap_or("librdkafka.so.1")).expect("no NUL");
    let Some(library) = Library::load(&path) else {
        let is_required = std::env::var_os("RDKAFKA_REQUIRE_REFERENCES").is_some();
        assert!(!is_required, "there is no {path:?} to compare the fixtures with");
        eprintln!("SKIPPED: there is no {path:?} here: nothing to compare the fixtures with");
        return;
    };
    // SAFETY: no arguments; the text is static.
    let name = unsafe { CStr::from_ptr((library.rd_kafka_version_str)()) }.to_string_lossy();
    assert!(!name.contains("oxide"), "{path:?} is this library");
    each(
        |scenario| scenario.transactional_id.is_none(),
        |scenario| {
            let frames = sent(&library, scenario);
            if version_of(&frames[0]) != scenario.version {
                eprintln!("SKIPPED {}: librdkafka {name} does not speak it", scenario.name);
                return;
            }
            if given.is_none() {
                assert_captured(scenario, &frames);
                return;
            }
            write(scenario, &frames, &name);
        },
    );
}

fn write(scenario: &Scenario, frames: &[Vec<u8>], library: &str) {
    let mut text = format!("# Sent by librdkafka {library}: see src/proto/produce/scenario.rs\n");
    for frame in frames {
        text.extend(frame.iter().map(|byte| format!("{byte:02x}")));
        text.push('\n');
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let path = folder.join(format!("{}.hex", scenario.name));
    std::fs::write(path, text).expect("writable");
}
