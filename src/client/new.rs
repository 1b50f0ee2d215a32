//! Building an instance: finalize the configuration, choose the engine once, start the threads.
#![forbid(unsafe_code)]

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::fatal;
use super::main_thread::MainThread;
use crate::broker::set;
use crate::conf::settings::Settings;
use crate::conf::{Conf, ENGINE_VARIABLE, Marked, Surroundings, Text, TopicConf};
use crate::delivery::event::kind;
use crate::delivery::{background, poll};
use crate::engine::choose;
use crate::error::{Error, ErrorCode};
use crate::handle::{Handle, HandleParts};
use crate::log::{Logger, level};
use crate::mock::MockCluster;
use crate::own::broker::{Broker, BrokerSource};
use crate::sys::clock::SystemClock;
use crate::sys::rand::Rng;
use crate::sys::{env, thread};

/// Numbers the instances of the process.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Builds a producer. The configuration comes back, adjusted, when that fails.
///
/// # Errors
/// `_INVALID_ARG` with the rule that does not hold, `_CRIT_SYS_RESOURCE` when the system has no
/// room.
pub(crate) fn producer(mut conf: Box<Marked<Conf>>, version: &str) -> Result<Arc<Handle>, Failure> {
    let engine_variable = env::var(ENGINE_VARIABLE);
    let surroundings = Surroundings { engine_variable: engine_variable.as_deref(), version };
    let lines = match conf.finalize_producer(surroundings) {
        Ok(lines) => lines,
        Err(text) => return Err(Failure::new(conf, Error::new(ErrorCode::_INVALID_ARG, text))),
    };
    let mock = match start_mock(&mut conf) {
        Ok(mock) => mock,
        Err(text) => {
            return Err(Failure::new(conf, Error::new(ErrorCode::_CRIT_SYS_RESOURCE, text)));
        }
    };
    let internal = match Broker::new(BrokerSource::Internal, -1, "", 0) {
        Ok(internal) => internal,
        Err(error) => return Err(Failure::new(conf, no_room(&error))),
    };
    let handle = Handle::new(parts(conf, mock, internal));
    handle.log.set_instance(handle.address());
    if let Some(mock) = &mut *handle.mock.lock() {
        mock.set_owner(handle.exposed_address());
    }
    fatal::watch(&handle);
    // Before the threads: this is the first line of an instance.
    announce(&handle, version);
    if let Err(error) = start_threads(&handle) {
        super::close::stop(&handle);
        let conf = Arc::into_inner(handle).map(|handle| handle.conf);
        return Err(Failure { conf, error: no_room(&error) });
    }
    for (level, facility, text) in lines {
        handle.log.log(level, facility, "app", text);
    }
    handle.log.configuration::<Conf>("Client configuration", &handle.conf);
    if let Some(topic) = &handle.conf.default_topic_conf {
        handle.log.configuration::<TopicConf>("Default topic configuration", topic);
    }
    bootstrap(&handle);
    Ok(handle)
}

/// An instance that could not be built.
pub(crate) struct Failure {
    /// The configuration, where it was; `None` if a thread that cannot be stopped still looks at
    /// it.
    pub(crate) conf: Option<Box<Marked<Conf>>>,
    /// Why.
    pub(crate) error: Error,
}

impl Failure {
    fn new(conf: Box<Marked<Conf>>, error: Error) -> Self {
        Self { conf: Some(conf), error }
    }
}

fn no_room(error: &std::io::Error) -> Error {
    Error::new(ErrorCode::_CRIT_SYS_RESOURCE, format!("Failed to create thread: {error}"))
}

/// The cluster of `test.mock.num.brokers` takes the place of the bootstrap servers.
///
/// # Errors
/// The system has no room for it.
pub(crate) fn start_mock(conf: &mut Conf) -> Result<Option<Box<MockCluster>>, String> {
    let count = conf.mock_broker_count;
    if count == 0 {
        return Ok(None);
    }
    let cluster = MockCluster::new(count)
        .map_err(|error| format!("Failed to create mock cluster: {error}"))?;
    let rtt_ms = conf.mock_broker_rtt_ms;
    for broker in 1..=count {
        cluster.set_rtt(broker, rtt_ms).map_err(|code| code.to_string())?;
    }
    // The property's value is replaced, as the listing of the instance's configuration shows.
    conf.brokerlist = Some(Text::from(cluster.bootstraps()));
    Ok(Some(Box::new(cluster)))
}

fn parts(
    conf: Box<Marked<Conf>>,
    mock: Option<Box<MockCluster>>,
    internal: Arc<Broker>,
) -> HandleParts {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
    let client_id = conf.client_id.as_ref().map(|id| id.to_str()).unwrap_or_default();
    let name = format!("{client_id}#producer-{number}");
    HandleParts {
        log: Logger::new(&conf, &name),
        name: CString::new(name).unwrap_or_default(),
        clock: Arc::new(SystemClock),
        report_mode: conf.report_mode(),
        internal,
        store: choose::store_kind(conf.engine),
        start_broker: set::start_thread,
        mock,
        conf,
    }
}

fn start_threads(handle: &Arc<Handle>) -> std::io::Result<()> {
    let on_panic = |handle: &Arc<Handle>, place: &'static str| {
        let handle = Arc::clone(handle);
        move || fatal::raise_internal(&handle, place)
    };
    let main = MainThread::new(Arc::clone(handle), Rng::from_system());
    let after = on_panic(handle, "the main thread");
    let started = thread::spawn("rdk:main", true, move || main.run(), after)?;
    *handle.main_thread.lock() = Some(started);
    let internal = Arc::clone(&handle.brokers.read().internal);
    set::start_thread(handle, &internal)?;
    let events = handle.settings.enabled_events;
    let wants_background =
        handle.conf.background_event_cb.is_some() || events & kind::BACKGROUND != 0;
    if wants_background {
        start_background(handle)?;
    }
    Ok(())
}

/// Starts the background thread, once.
///
/// # Errors
/// The system has no thread left.
pub(crate) fn start_background(handle: &Arc<Handle>) -> std::io::Result<()> {
    if handle.has_background.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let of_thread = Arc::clone(handle);
    let after = Arc::clone(handle);
    let started = match thread::spawn(
        "rdk:bg",
        true,
        move || background::run(&of_thread),
        move || fatal::raise_internal(&after, "the background thread"),
    ) {
        Ok(started) => started,
        Err(error) => {
            handle.has_background.store(false, Ordering::Release);
            return Err(error);
        }
    };
    handle.threads.lock().push(started);
    Ok(())
}

fn announce(handle: &Handle, version: &str) {
    let name = handle.name().to_string_lossy();
    handle.log.debug(
        u32::MAX,
        "INIT",
        "app",
        format_args!(
            "librdkafka v{version} {name} initialized (engine {})",
            handle.conf.engine.name()
        ),
    );
}

/// Adds the configured brokers; none at all is an error that the application hears of, not one of
/// this call.
fn bootstrap(handle: &Arc<Handle>) {
    let settings: &Settings = &handle.settings;
    let Some(list) = settings.bootstrap.clone() else { return };
    if handle.mock.lock().is_some() {
        let text = format!(
            "Mock cluster enabled: original bootstrap.servers and security.protocol ignored and \
             replaced with {list}"
        );
        handle.log.log(level::NOTICE, "MOCK", "app", text);
    }
    if add_brokers(handle, &list) == 0 {
        let text = "No brokers configured".to_owned();
        poll::raise(handle, ErrorCode::_ALL_BROKERS_DOWN, text);
    }
}

/// Adds a broker list (`rd_kafka_brokers_add`); returns how many entries are usable.
pub(crate) fn add_brokers(handle: &Arc<Handle>, list: &str) -> usize {
    handle.bootstrap.lock().push(list.to_owned());
    let usable = set::add_configured(handle, list);
    handle.main.push(crate::op::MainOp::Wakeup);
    usable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::produce::{Produce, produce};
    use crate::client::{close, flush};
    use crate::conf::Engine;
    use crate::delivery::fixture::{set, topic};
    use crate::own::msg::Value;

    /// What an engine made of its state: brokers and partitions, with and without it.
    fn states(engine: Engine) -> ((usize, usize), (usize, usize)) {
        let mut conf = Marked::new(Conf::default());
        for (name, value) in [
            ("produce.engine", engine.name()),
            ("test.mock.num.brokers", "2"),
            ("statistics.interval.ms", "20"),
            ("log.queue", "true"),
        ] {
            set(&mut conf, name.as_bytes(), value.as_bytes());
        }
        let handle = producer(conf, "0").unwrap_or_else(|failure| panic!("{:?}", failure.error));
        let topic = topic(&handle);
        for partition in 0..4 {
            let call = Produce {
                partition,
                value: Value::Copy(b"value"),
                key: None,
                headers: None,
                timestamp_ms: 0,
                opaque: std::ptr::null_mut(),
                blocks: false,
            };
            assert!(produce(&handle, &topic, call).is_ok(), "it is taken");
        }
        assert_eq!(flush::flush(&handle, 60_000), ErrorCode::NO_ERROR);
        crate::stats::emit(&handle, handle.now());
        let mut brokers = handle.brokers.read().all.clone();
        brokers.push(handle.internal());
        let of_brokers = brokers.iter().filter(|broker| broker.v2().is_some()).count();
        let partitions = topic.table().partitions.clone();
        let of_partitions = partitions.iter().filter(|toppar| toppar.v2().is_some()).count();
        let all = ((of_brokers, brokers.len()), (of_partitions, partitions.len()));
        drop((brokers, partitions));
        assert!(close::close(&handle));
        all
    }

    #[cfg(feature = "engine-legacy")]
    #[test]
    fn an_instance_of_engine_legacy_has_nothing_of_v2() {
        let ((of_brokers, brokers), (of_partitions, partitions)) = states(Engine::Legacy);
        assert!(brokers >= 2 && partitions == 4, "{brokers} brokers, {partitions} partitions");
        assert_eq!((of_brokers, of_partitions), (0, 0));
    }

    #[cfg(feature = "engine-v2")]
    #[test]
    fn an_instance_of_engine_v2_keeps_something_of_each_broker_and_partition() {
        let ((of_brokers, brokers), (of_partitions, partitions)) = states(Engine::V2);
        assert!(brokers >= 2 && partitions == 4, "{brokers} brokers, {partitions} partitions");
        assert_eq!((of_brokers, of_partitions), (brokers, partitions));
    }
}
