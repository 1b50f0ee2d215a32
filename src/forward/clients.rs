//! Consumers: instances of the peer, made from our configuration objects.

use std::ffi::{CStr, c_char, c_int};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::peer::{self, Peer, peer_functions};
use super::replay::{self, Purpose, Replayed};
use super::{call, queues};
use crate::abi::handles::rd_kafka_share_t;
use crate::abi::public::*;
use crate::callback;
use crate::client::new;
use crate::conf::{Conf, Hook, Marked, TopicConf};
use crate::error::{Error, ErrorCode};
use crate::log;
use crate::mock::MockCluster;

/// `RD_KAFKA_CONSUMER`.
const CONSUMER: rd_kafka_type_t = 1;
/// Bytes of an error text.
const ERRSTR_BYTES: usize = 512;

pub(super) mod of_peer {
    use super::*;

    peer_functions! {
        fn rd_kafka_new(
            kind: rd_kafka_type_t, conf: *mut rd_kafka_conf_t, errstr: *mut c_char, size: usize,
        ) -> *mut rd_kafka_t;
        fn rd_kafka_destroy_flags(rk: *mut rd_kafka_t, flags: c_int);
        fn rd_kafka_destroy(rk: *mut rd_kafka_t);
        fn rd_kafka_share_consumer_new(
            conf: *mut rd_kafka_conf_t, errstr: *mut c_char, size: usize,
        ) -> *mut rd_kafka_share_t;
        fn rd_kafka_topic_new(
            rk: *mut rd_kafka_t, topic: *const c_char, conf: *mut rd_kafka_topic_conf_t,
        ) -> *mut rd_kafka_topic_t;
    }
}

/// What an instance of the peer has of ours.
struct Client {
    rk: usize,
    conf: Box<Marked<Conf>>,
    mock: Option<Box<MockCluster>>,
    /// The application gave it up.
    is_ending: bool,
}

static CLIENTS: Mutex<Vec<Client>> = Mutex::new(Vec::new());
/// How many there are, so that nobody takes the lock in vain.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Why no instance was made; the configuration goes back to the application.
pub(crate) struct Failure {
    /// The configuration.
    pub(crate) conf: Box<Marked<Conf>>,
    /// Why.
    pub(crate) error: Error,
}

/// Makes a consumer. It gets the peer's own object; ours is what `rd_kafka_conf` answers.
///
/// # Errors
/// `_NOT_IMPLEMENTED` without a peer, or the peer's reason.
pub(crate) fn consumer(mut conf: Box<Marked<Conf>>) -> Result<*mut rd_kafka_t, Box<Failure>> {
    match try_consumer(&mut conf) {
        Ok((rk, mock)) => {
            COUNT.fetch_add(1, Ordering::AcqRel);
            CLIENTS.lock().push(Client {
                rk: rk.expose_provenance(),
                conf,
                mock,
                is_ending: false,
            });
            Ok(rk)
        }
        Err(error) => Err(Box::new(Failure { conf, error })),
    }
}

type Made = (*mut rd_kafka_t, Option<Box<MockCluster>>);

fn try_consumer(conf: &mut Conf) -> Result<Made, Error> {
    let peer = peer()?;
    let invalid = |text| Error::new(ErrorCode::_INVALID_ARG, text);
    let bootstrap = conf.brokerlist.clone();
    let mut mock = new::start_mock(conf).map_err(invalid)?;
    let made = replay::conf(peer, conf, Purpose::Consumer).and_then(|replayed| {
        if mock.is_some() {
            // Ours takes the place of the peer's: functions for mock clusters are ours.
            replayed.set("test.mock.num.brokers", b"0")?;
            replayed.set("security.protocol", b"plaintext")?;
            let list = conf.brokerlist.as_ref().map(|list| list.as_bytes()).unwrap_or_default();
            replayed.set("bootstrap.servers", list)?;
        }
        Ok(replayed)
    });
    let made = made.map_err(invalid).and_then(|replayed| {
        let ignored = replayed.ignored.clone();
        let make = |conf, errstr, size| {
            // SAFETY: the object is the peer's, and the buffer as long as it says.
            unsafe { of_peer::rd_kafka_new(peer, CONSUMER, conf, errstr, size) }
        };
        let rk = instance(peer, replayed, make)?;
        tell(peer, conf, rk, &ignored);
        Ok(rk)
    });
    match made {
        Ok(rk) => {
            if let Some(mock) = &mut mock {
                mock.set_owner(rk.expose_provenance());
            }
            Ok((rk, mock))
        }
        Err(error) => {
            conf.brokerlist = bootstrap;
            Err(error)
        }
    }
}

/// Makes a share consumer.
///
/// # Errors
/// `_NOT_IMPLEMENTED` without a peer or if it has none, or the peer's reason.
fn share_consumer(conf: &Conf) -> Result<*mut rd_kafka_share_t, Error> {
    let peer = peer()?;
    let replayed = replay::conf(peer, conf, Purpose::Consumer)
        .map_err(|text| Error::new(ErrorCode::_INVALID_ARG, text))?;
    instance(peer, replayed, |conf, errstr, size| {
        // SAFETY: the object is the peer's, and the buffer as long as it says.
        unsafe { of_peer::rd_kafka_share_consumer_new(peer, conf, errstr, size) }
    })
}

/// The door of `rd_kafka_share_consumer_new`: takes the configuration if it succeeds.
///
/// # Safety
/// `conf` is NULL or live and used by nobody else; `errstr` is NULL or writable for `size` bytes.
pub(super) unsafe fn new_share_consumer(
    conf: *mut rd_kafka_conf_t,
    errstr: *mut c_char,
    size: usize,
) -> *mut rd_kafka_share_t {
    // SAFETY: the caller's contract; only our configuration objects begin with this mark, and they
    // came out of a box.
    let made = unsafe {
        if conf.is_null() {
            share_consumer(&Conf::default())
        } else if crate::own::mark::is(conf, crate::own::mark::Mark::CONF) {
            share_consumer(&*conf.cast::<Marked<Conf>>())
        } else {
            let text = "Not a configuration object, or one that a client instance owns";
            Err(Error::new(ErrorCode::_INVALID_ARG, text))
        }
    };
    match made {
        Ok(share) => {
            if !conf.is_null() {
                // SAFETY: it was checked above, and the application gives it up.
                drop(unsafe { Box::from_raw(conf.cast::<Marked<Conf>>()) });
            }
            share
        }
        Err(error) => {
            // SAFETY: the caller's contract.
            unsafe { super::absent::write(&error.text, errstr, size) };
            super::absent::set_last_error(error.code);
            std::ptr::null_mut()
        }
    }
}

fn peer() -> Result<&'static Peer, Error> {
    peer::open().map_err(|why| {
        let text = format!("Consumers need a librdkafka beside this library: {why}");
        Error::new(ErrorCode::_NOT_IMPLEMENTED, text)
    })
}

/// Lets the peer make an instance of a configuration, which it takes.
pub(super) fn instance<T>(
    peer: &'static Peer,
    conf: Replayed,
    make: impl FnOnce(*mut rd_kafka_conf_t, *mut c_char, usize) -> Option<*mut T>,
) -> Result<*mut T, Error> {
    let mut errstr = [0u8; ERRSTR_BYTES];
    match make(conf.as_ptr(), errstr.as_mut_ptr().cast(), errstr.len()) {
        Some(made) if !made.is_null() => {
            conf.taken();
            Ok(made)
        }
        Some(_) => {
            let text = CStr::from_bytes_until_nul(&errstr).unwrap_or_default().to_string_lossy();
            // SAFETY: the function takes nothing.
            let code = unsafe { peer::rd_kafka_last_error(peer) }.map(ErrorCode);
            let code = code.filter(|code| code.is_err()).unwrap_or(ErrorCode::_INVALID_ARG);
            Err(Error::new(code, text.into_owned()))
        }
        None => {
            let text = format!("The peer {} cannot do this", peer.version);
            Err(Error::new(ErrorCode::_NOT_IMPLEMENTED, text))
        }
    }
}

/// Log lines about a new consumer.
fn tell(peer: &Peer, conf: &Conf, rk: *mut rd_kafka_t, ignored: &[&str]) {
    let say = |level: i32, facility: &str, line: &str| match conf.log_cb {
        Hook::Set(function) if !conf.log_queue => {
            callback::log(function, rk.expose_provenance(), level, facility, line);
        }
        Hook::BuiltIn if !conf.log_queue => log::print(level, facility, "rdkafka", line),
        _ => {}
    };
    for name in ignored {
        let line = format!("The peer {} has no property \"{name}\": ignored", peer.version);
        say(log::level::WARNING, "PEERCONF", &line);
    }
    if conf.debug != 0 {
        let how = if peer.is_deep { "bound deeply" } else { "as a copy" };
        let line =
            format!("Consumer of the peer {} ({how}): {}", peer.version, peer.path.display());
        say(log::level::DEBUG, "PEER", &line);
    }
}

/// Ends a consumer; one that was ended before, and what is none, is left alone.
///
/// # Safety
/// If `rk` is a consumer, it is not used again.
pub(crate) unsafe fn destroy(rk: *mut rd_kafka_t, flags: c_int) {
    let Some(peer) = peer::opened() else { return };
    let is_live = {
        let mut clients = CLIENTS.lock();
        let client = clients.iter_mut().find(|client| client.rk == rk.addr());
        client.is_some_and(|client| !std::mem::replace(&mut client.is_ending, true))
    };
    if !is_live {
        return;
    }
    queues::instance_ends(rk);
    // SAFETY: the caller's contract; the instance is live. Callbacks may still ask for it.
    unsafe { of_peer::rd_kafka_destroy_flags(peer, rk, flags) };
    let client = {
        let mut clients = CLIENTS.lock();
        let at = clients.iter().position(|client| client.rk == rk.addr() && client.is_ending);
        at.map(|at| clients.swap_remove(at))
    };
    COUNT.fetch_sub(1, Ordering::AcqRel);
    // The cluster goes after the instance that talks to it.
    drop(client);
}

/// What a consumer was made from; `None` if it is none.
fn with<R>(rk: *const rd_kafka_t, look: impl FnOnce(&Client) -> R) -> Option<R> {
    if COUNT.load(Ordering::Acquire) == 0 {
        return None;
    }
    CLIENTS.lock().iter().find(|client| client.rk == rk.addr()).map(look)
}

/// The configuration that an instance of the peer was made from.
pub(crate) fn conf_of(rk: *const rd_kafka_t) -> *const rd_kafka_conf_t {
    with(rk, |client| (&raw const *client.conf).cast()).unwrap_or(std::ptr::null())
}

/// A copy of an instance's default topic configuration; `None` if it is no instance of the peer.
pub(crate) fn default_topic_conf(rk: *const rd_kafka_t) -> Option<TopicConf> {
    use crate::conf::Properties;
    with(rk, |client| match &client.conf.default_topic_conf {
        Some(conf) => conf.duplicate(&[]),
        None => TopicConf::default(),
    })
}

/// The mock cluster of an instance of the peer.
pub(crate) fn mock_of(rk: *const rd_kafka_t) -> *mut rd_kafka_mock_cluster_t {
    let cluster = |client: &Client| {
        client.mock.as_deref().map(|cluster| (&raw const *cluster).cast_mut().cast())
    };
    with(rk, cluster).flatten().unwrap_or(std::ptr::null_mut())
}

/// A topic object of an instance of the peer.
///
/// # Safety
/// `rk` is an instance of the peer; `topic` is NULL or NUL-terminated.
pub(crate) unsafe fn topic(
    rk: *mut rd_kafka_t,
    topic: *const c_char,
    conf: Option<&TopicConf>,
) -> Option<*mut rd_kafka_topic_t> {
    let peer = peer::opened()?;
    // SAFETY: the caller's contract; the peer takes its own object in any case.
    unsafe {
        let conf = match conf {
            Some(conf) => replay::topic_conf(peer, conf).ok()?,
            None => std::ptr::null_mut(),
        };
        let made = of_peer::rd_kafka_topic_new(peer, rk, topic, conf);
        call::take_last_error(peer);
        made
    }
}
