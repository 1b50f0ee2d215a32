//! What `rd_kafka_t *` points at: everything that all threads of an instance may see. No behaviour
//! beyond getters.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::ffi::{CStr, CString};
use std::hash::BuildHasherDefault;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

pub(crate) use crate::conf::ReportMode;
use crate::conf::settings::Settings;
use crate::conf::{Conf, Marked};
use crate::error::ErrorCode;
use crate::log::Logger;
use crate::mock::MockCluster;
use crate::op::MainOp;
use crate::op::mailbox::Mailbox;
use crate::op::queue::OpQueue;
use crate::own::account::Account;
use crate::own::broker::Broker;
use crate::own::eos::SharedIdempotence;
use crate::own::mark::{Mark, SharedMark};
use crate::own::store::StoreKind;
use crate::own::topic::Topic;
use crate::security::Security;
use crate::sys::clock::{Clock, Ts, WallOffset};
use crate::sys::lock::{Condvar, Mutex, Rank, RwLock};
use crate::sys::process;
use crate::sys::thread::Thread;

/// The fatal error.
#[derive(Clone, Debug)]
pub(crate) struct Fatal {
    /// The first one's code.
    pub(crate) code: ErrorCode,
    /// The first one's reason.
    pub(crate) reason: String,
    /// How many were raised.
    pub(crate) count: u32,
}

/// The instance's brokers.
pub(crate) struct Brokers {
    /// All but the internal one, in the order in which they were added.
    pub(crate) all: Vec<Arc<Broker>>,
    /// Keeps partitions without a leader.
    pub(crate) internal: Arc<Broker>,
}

impl Brokers {
    /// The learned broker of a node id.
    pub(crate) fn by_id(&self, id: i32) -> Option<&Arc<Broker>> {
        self.all.iter().find(|broker| broker.id() == id && id >= 0)
    }
}

/// What metadata said about the cluster.
#[derive(Default)]
pub(crate) struct Cluster {
    /// The cluster's id.
    pub(crate) id: Option<String>,
    /// The controller's node id; -1 if unknown.
    pub(crate) controller_id: Option<i32>,
    /// The number of topics in the newest full answer or cache.
    pub(crate) cached_topic_count: usize,
}

/// Topics by name. The hasher has no seed: a run of the simulator meets them in the same order.
pub(crate) type Topics = HashMap<CString, Arc<Topic>, BuildHasherDefault<DefaultHasher>>;

/// Starts the thread of a broker; the simulator, which has one thread, steps it instead.
pub(crate) type StartBroker = fn(&Arc<Handle>, &Arc<Broker>) -> std::io::Result<()>;

/// One instance.
#[repr(C)]
pub(crate) struct Handle {
    /// Buried when C code gives the instance up.
    pub(crate) mark: SharedMark,
    /// `<client.id>#producer-<n>`.
    pub(crate) name: CString,
    /// The configuration, finalized.
    pub(crate) conf: Box<Marked<Conf>>,
    /// Its values, typed.
    pub(crate) settings: Settings,
    /// The clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// Wall-clock time derived from the monotonic clock.
    pub(crate) wall: WallOffset,
    /// Messages in custody.
    pub(crate) account: Arc<Account>,
    /// Logs.
    pub(crate) log: Logger,
    /// How reports are given.
    pub(crate) report_mode: ReportMode,
    /// How connections are secured.
    pub(crate) security: Security,
    /// Everything for the application (`rd_kafka_queue_get_main`).
    pub(crate) reply_queue: Arc<OpQueue>,
    /// Events for the background thread.
    pub(crate) background_queue: Arc<OpQueue>,
    /// Operations for the main thread.
    pub(crate) main: Mailbox<MainOp>,
    /// Topics by name.
    pub(crate) topics: RwLock<Topics>,
    internal: Arc<Broker>,
    /// Brokers.
    pub(crate) brokers: RwLock<Brokers>,
    /// The cluster.
    pub(crate) cluster: Mutex<Cluster>,
    /// `cluster` changed, or the instance ends.
    pub(crate) cluster_changed: Condvar,
    fatal: Mutex<Option<Fatal>>,
    has_fatal: AtomicBool,
    is_terminating: AtomicBool,
    /// The producer id and how it is got; only used by idempotent producers.
    pub(crate) idempotence: SharedIdempotence,
    /// How many flushes run.
    pub(crate) flushing: AtomicI32,
    /// Brokers that are down, as "n of m brokers are down" counts them.
    pub(crate) down_count: AtomicI32,
    /// Makes the engine's partition stores.
    pub(crate) store: StoreKind,
    /// Starts brokers' threads.
    pub(crate) start_broker: StartBroker,
    /// The broker lists that were configured or added.
    pub(crate) bootstrap: Mutex<Vec<String>>,
    /// The background thread was started.
    pub(crate) has_background: AtomicBool,
    /// The main thread. It starts others, so it is joined before them.
    pub(crate) main_thread: Mutex<Option<Thread>>,
    /// The other threads.
    pub(crate) threads: Mutex<Vec<Thread>>,
    /// The cluster of `test.mock.num.brokers`.
    pub(crate) mock: Mutex<Option<Box<MockCluster>>>,
    /// When the instance was made.
    pub(crate) created: Ts,
    /// Statistics are made; if not, nobody measures for them. Quirk: nobody has to have asked to
    /// see them; they wait for the next poll.
    pub(crate) has_stats: bool,
    /// The process that made it; a child after a fork has none of its threads.
    process: u32,
}

/// What [`Handle::new`] needs.
pub(crate) struct HandleParts {
    pub(crate) name: CString,
    pub(crate) conf: Box<Marked<Conf>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Logger,
    pub(crate) report_mode: ReportMode,
    pub(crate) internal: Arc<Broker>,
    pub(crate) store: StoreKind,
    pub(crate) start_broker: StartBroker,
    pub(crate) mock: Option<Box<MockCluster>>,
    pub(crate) security: Security,
}

impl Handle {
    /// An instance without threads, brokers and topics.
    pub(crate) fn new(parts: HandleParts) -> Arc<Self> {
        let settings = Settings::of(&parts.conf);
        let account = Account::new(settings.queued_messages_max, settings.queued_bytes_max);
        let created = parts.clock.now();
        Arc::new(Self {
            mark: SharedMark::new(Mark::HANDLE),
            name: parts.name,
            clock: parts.clock,
            wall: WallOffset::new(),
            account: Arc::new(account),
            log: parts.log,
            report_mode: parts.report_mode,
            security: parts.security,
            reply_queue: OpQueue::new(),
            background_queue: OpQueue::new(),
            main: Mailbox::new(),
            topics: RwLock::new(Rank::Instance, Topics::default()),
            internal: Arc::clone(&parts.internal),
            brokers: RwLock::new(
                Rank::Instance,
                Brokers { all: Vec::new(), internal: parts.internal },
            ),
            cluster: Mutex::new(Rank::Leaf, Cluster::default()),
            cluster_changed: Condvar::new(),
            fatal: Mutex::new(Rank::Leaf, None),
            has_fatal: AtomicBool::new(false),
            is_terminating: AtomicBool::new(false),
            idempotence: SharedIdempotence::new(),
            flushing: AtomicI32::new(0),
            down_count: AtomicI32::new(0),
            store: parts.store,
            start_broker: parts.start_broker,
            bootstrap: Mutex::new(Rank::Leaf, Vec::new()),
            has_background: AtomicBool::new(false),
            main_thread: Mutex::new(Rank::Leaf, None),
            threads: Mutex::new(Rank::Leaf, Vec::new()),
            mock: Mutex::new(Rank::Leaf, parts.mock),
            created,
            has_stats: settings.statistics_ms > 0,
            process: process::id(),
            settings,
            conf: parts.conf,
        })
    }

    /// The monotonic clock.
    pub(crate) fn now(&self) -> Ts {
        self.clock.now()
    }

    /// The wall clock at `now`, in milliseconds.
    pub(crate) fn wall_ms(&self, now: Ts) -> i64 {
        self.wall.wall_ms(&*self.clock, now)
    }

    /// The instance that a topic belongs to; `None` after it went.
    pub(crate) fn of_topic(topic: &Topic) -> Option<&Self> {
        topic.owner.get::<Self>()
    }

    /// The address that C code has, as a number.
    pub(crate) fn address(&self) -> usize {
        (&raw const *self).addr()
    }

    /// The same, for who hands it back to C code.
    pub(crate) fn exposed_address(&self) -> usize {
        (&raw const *self).expose_provenance()
    }

    /// Are errors given to the application, by callback or event?
    pub(crate) fn wants_errors(&self) -> bool {
        const EVENT_ERROR: i32 = 0x8;
        self.conf.error_cb.is_some() || self.settings.enabled_events & EVENT_ERROR != 0
    }

    /// The name.
    pub(crate) fn name(&self) -> &CStr {
        &self.name
    }

    /// Has a fatal error been raised?
    pub(crate) fn has_fatal(&self) -> bool {
        self.has_fatal.load(Ordering::Acquire)
    }

    /// The fatal error.
    pub(crate) fn fatal(&self) -> Option<Fatal> {
        if self.has_fatal() { self.fatal.lock().clone() } else { None }
    }

    /// Stores a fatal error; the first one stays. `true` if this is the first.
    pub(crate) fn store_fatal(&self, code: ErrorCode, reason: &str) -> bool {
        let mut fatal = self.fatal.lock();
        match &mut *fatal {
            Some(first) => {
                first.count += 1;
                false
            }
            None => {
                *fatal = Some(Fatal { code, reason: reason.to_owned(), count: 1 });
                self.has_fatal.store(true, Ordering::Release);
                true
            }
        }
    }

    /// Does the instance end?
    pub(crate) fn is_terminating(&self) -> bool {
        self.is_terminating.load(Ordering::Acquire)
    }

    /// The instance ends from now on.
    pub(crate) fn set_terminating(&self) {
        self.is_terminating.store(true, Ordering::Release);
    }

    /// The broker that keeps partitions without a leader.
    pub(crate) fn internal(&self) -> Arc<Broker> {
        Arc::clone(&self.internal)
    }

    /// Is this a child of the process that made the instance?
    pub(crate) fn is_forked(&self) -> bool {
        process::id() != self.process
    }

    /// Does the library itself get tokens from an OIDC provider?
    pub(crate) fn gets_tokens(&self) -> bool {
        self.security.provider.is_some()
    }

    /// Does a flush run?
    pub(crate) fn is_flushing(&self) -> bool {
        self.flushing.load(Ordering::Acquire) > 0
    }
}
