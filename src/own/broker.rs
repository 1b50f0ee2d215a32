//! `Broker`: what all threads may know of one broker. The connection and its requests belong to the
//! broker's thread.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU8, AtomicU64, Ordering, fence};
use std::sync::{Arc, OnceLock};

use super::toppar::Toppar;
use super::window::BrokerWindows;
use crate::op::BrokerOp;
use crate::sys::clock::Ts;
use crate::sys::lock::{Guard, Mutex, Rank};
use crate::sys::wake::Wake;

/// Where the client knows a broker from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BrokerSource {
    /// `bootstrap.servers` or `rd_kafka_brokers_add`.
    Configured,
    /// Metadata.
    Learned,
    /// The one that never connects and keeps partitions without a leader.
    Internal,
}

impl BrokerSource {
    /// The word in the statistics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Learned => "learned",
            Self::Internal => "internal",
        }
    }
}

/// A connection's state, in the historical numeric order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub(crate) enum BrokerState {
    /// Not needed yet.
    Init = 0,
    /// Failed; waits for its back-off.
    Down = 1,
    /// Is about to connect.
    TryConnect = 2,
    /// TCP handshake.
    Connect = 3,
    /// TLS handshake.
    SslHandshake = 4,
    /// SASL without Kafka framing.
    AuthLegacy = 5,
    /// Usable.
    Up = 6,
    /// Asks for the supported versions.
    ApiVersionQuery = 7,
    /// SASL mechanism handshake.
    AuthHandshake = 8,
    /// SASL authentication.
    AuthReq = 9,
    /// SASL re-authentication.
    Reauth = 10,
}

impl BrokerState {
    /// The word in logs and statistics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Down => "DOWN",
            Self::TryConnect => "TRY_CONNECT",
            Self::Connect => "CONNECT",
            Self::SslHandshake => "SSL_HANDSHAKE",
            Self::AuthLegacy => "AUTH_LEGACY",
            Self::Up => "UP",
            Self::ApiVersionQuery => "APIVERSION_QUERY",
            Self::AuthHandshake => "AUTH_HANDSHAKE",
            Self::AuthReq => "AUTH_REQ",
            Self::Reauth => "REAUTH",
        }
    }

    fn from_number(number: u8) -> Self {
        const ALL: [BrokerState; 11] = [
            BrokerState::Init,
            BrokerState::Down,
            BrokerState::TryConnect,
            BrokerState::Connect,
            BrokerState::SslHandshake,
            BrokerState::AuthLegacy,
            BrokerState::Up,
            BrokerState::ApiVersionQuery,
            BrokerState::AuthHandshake,
            BrokerState::AuthReq,
            BrokerState::Reauth,
        ];
        ALL[usize::from(number)]
    }
}

/// A broker's names, which change when it is learned or moves.
#[derive(Clone, Debug)]
pub(crate) struct BrokerNames {
    /// Host, as configured or learned.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// `host:port`.
    pub(crate) address: String,
    /// `host:port/<id>`, `host:port/bootstrap` or `:0/internal`.
    pub(crate) name: String,
}

impl BrokerNames {
    /// The names of a broker at an address.
    pub(crate) fn new(host: &str, port: u16, id: i32, source: BrokerSource) -> Self {
        let address = match source {
            BrokerSource::Internal => ":0".to_owned(),
            _ if host.contains(':') => format!("[{host}]:{port}"),
            _ => format!("{host}:{port}"),
        };
        let name = match source {
            BrokerSource::Internal => format!("{address}/internal"),
            _ if id < 0 => format!("{address}/bootstrap"),
            _ => format!("{address}/{id}"),
        };
        Self { host: host.to_owned(), port, address, name }
    }
}

/// API keys that are counted.
const APIS: usize = 74;

/// Requests by kind.
pub(crate) struct RequestCounts {
    /// The place is the API key.
    pub(crate) by_api: [AtomicU64; APIS],
}

impl RequestCounts {
    /// Counts a request.
    pub(crate) fn add(&self, api: i16) {
        let count = usize::try_from(api).ok().and_then(|api| self.by_api.get(api));
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Default for RequestCounts {
    fn default() -> Self {
        Self { by_api: [const { AtomicU64::new(0) }; APIS] }
    }
}

/// Counters that the statistics and the application see.
#[derive(Default)]
pub(crate) struct BrokerCounters {
    /// Requests sent.
    pub(crate) tx: AtomicU64,
    /// Bytes sent.
    pub(crate) tx_bytes: AtomicU64,
    /// Failed sends.
    pub(crate) tx_errors: AtomicU64,
    /// Requests sent again.
    pub(crate) tx_retries: AtomicU64,
    /// Requests that timed out.
    pub(crate) request_timeouts: AtomicU64,
    /// Responses received.
    pub(crate) rx: AtomicU64,
    /// Bytes received.
    pub(crate) rx_bytes: AtomicU64,
    /// Failed receives.
    pub(crate) rx_errors: AtomicU64,
    /// Responses without a request.
    pub(crate) rx_unmatched: AtomicU64,
    /// Returns from poll.
    pub(crate) wakeups: AtomicU64,
    /// Connection attempts.
    pub(crate) connects: AtomicI32,
    /// Lost connections.
    pub(crate) disconnects: AtomicI32,
    /// Requests waiting to be written.
    pub(crate) outbuf_count: AtomicI32,
    /// Messages in them.
    pub(crate) outbuf_messages: AtomicI32,
    /// Requests in flight.
    pub(crate) waitresp_count: AtomicI32,
    /// Messages in them.
    pub(crate) waitresp_messages: AtomicI32,
    /// Last send, monotonic microseconds; 0 if never.
    pub(crate) last_tx: AtomicI64,
    /// Last receive, monotonic microseconds; 0 if never.
    pub(crate) last_rx: AtomicI64,
    /// Requests sent, by kind.
    pub(crate) requests: RequestCounts,
}

/// The deadline of a thread that is awake.
const AWAKE: i64 = i64::MIN;

/// One broker.
pub(crate) struct Broker {
    /// Where it is known from.
    pub(crate) source: BrokerSource,
    id: AtomicI32,
    names: Mutex<BrokerNames>,
    state: AtomicU8,
    state_since: AtomicI64,
    /// Operations for the broker's thread; `None` after it ended.
    ops: Mutex<Option<Vec<BrokerOp>>>,
    /// Partitions with something new for the broker's thread.
    ready: Mutex<Vec<Arc<Toppar>>>,
    has_news: AtomicBool,
    sleeps_until: AtomicI64,
    wake: Wake,
    /// Counters.
    pub(crate) counters: BrokerCounters,
    /// Made at the first use: never if statistics are off.
    windows: OnceLock<Mutex<BrokerWindows>>,
    /// The thread has ended or will.
    is_terminating: AtomicBool,
    /// It counts in "n of m brokers are down".
    pub(crate) is_marked_down: AtomicBool,
    gives_producer_ids: AtomicBool,
}

impl Broker {
    /// A broker without a thread yet; an error when no descriptor is left.
    pub(crate) fn new(
        source: BrokerSource,
        id: i32,
        host: &str,
        port: u16,
    ) -> std::io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            source,
            id: AtomicI32::new(id),
            names: Mutex::new(Rank::Leaf, BrokerNames::new(host, port, id, source)),
            state: AtomicU8::new(BrokerState::Init as u8),
            state_since: AtomicI64::new(0),
            ops: Mutex::new(Rank::Queue, Some(Vec::new())),
            ready: Mutex::new(Rank::Queue, Vec::new()),
            has_news: AtomicBool::new(false),
            sleeps_until: AtomicI64::new(AWAKE),
            wake: Wake::new()?,
            counters: BrokerCounters::default(),
            windows: OnceLock::new(),
            is_terminating: AtomicBool::new(false),
            is_marked_down: AtomicBool::new(false),
            gives_producer_ids: AtomicBool::new(false),
        }))
    }

    /// Node id; -1 for one that is not learned.
    pub(crate) fn id(&self) -> i32 {
        self.id.load(Ordering::Acquire)
    }

    /// A copy of its names.
    pub(crate) fn names(&self) -> BrokerNames {
        self.names.lock().clone()
    }

    /// The name in logs and statistics.
    pub(crate) fn name(&self) -> String {
        self.names.lock().name.clone()
    }

    /// The broker got another id or address.
    pub(crate) fn rename(&self, id: i32, host: &str, port: u16) {
        let names = BrokerNames::new(host, port, id, self.source);
        *self.names.lock() = names;
        self.id.store(id, Ordering::Release);
    }

    /// The connection's state.
    pub(crate) fn state(&self) -> BrokerState {
        BrokerState::from_number(self.state.load(Ordering::Acquire))
    }

    /// When the state was entered.
    pub(crate) fn state_since(&self) -> Ts {
        Ts(self.state_since.load(Ordering::Acquire))
    }

    /// Enters a state; only the broker's thread does.
    pub(crate) fn set_state(&self, state: BrokerState, now: Ts) {
        self.state_since.store(now.0, Ordering::Release);
        self.state.store(state as u8, Ordering::Release);
    }

    /// The windows of the statistics. Not for instances without statistics: they need no windows.
    pub(crate) fn windows(&self) -> Guard<'_, BrokerWindows> {
        let new = || Mutex::new(Rank::Leaf, BrokerWindows::new());
        self.windows.get_or_init(new).lock()
    }

    /// Can it be used now?
    pub(crate) fn is_up(&self) -> bool {
        self.state() == BrokerState::Up
    }

    /// Does the connected broker know idempotent producers?
    pub(crate) fn gives_producer_ids(&self) -> bool {
        self.gives_producer_ids.load(Ordering::Acquire)
    }

    /// The broker said whether it does.
    pub(crate) fn set_gives_producer_ids(&self, does: bool) {
        self.gives_producer_ids.store(does, Ordering::Release);
    }

    /// Is its thread asked to end?
    pub(crate) fn is_terminating(&self) -> bool {
        self.is_terminating.load(Ordering::Acquire)
    }

    /// Asks the thread to end.
    pub(crate) fn terminate(&self) {
        self.is_terminating.store(true, Ordering::Release);
        self.push(BrokerOp::Wakeup);
    }

    /// Gives the thread an operation and wakes it. After the thread ended the operation answers
    /// itself; a partition that was to join comes back.
    pub(crate) fn push(&self, op: BrokerOp) -> Option<Arc<Toppar>> {
        let refused = match &mut *self.ops.lock() {
            Some(ops) => {
                ops.push(op);
                None
            }
            None => Some(op),
        };
        match refused {
            None => {
                self.announce(Ts(AWAKE + 1));
                None
            }
            Some(op) => op.refuse(),
        }
    }

    /// Takes the operations; only the broker's thread does.
    pub(crate) fn take_ops(&self, into: &mut Vec<BrokerOp>) {
        if let Some(ops) = &mut *self.ops.lock() {
            std::mem::swap(ops, into);
        }
    }

    /// The thread ends: operations answer themselves from now on. Those that came before and were
    /// not served are returned.
    pub(crate) fn close_ops(&self) -> Vec<BrokerOp> {
        self.ops.lock().take().unwrap_or_default()
    }

    /// Puts a partition onto the ready list. The thread is woken if it sleeps beyond `deadline`.
    pub(crate) fn make_ready(&self, toppar: &Arc<Toppar>, deadline: Ts) {
        self.ready.lock().push(Arc::clone(toppar));
        self.announce(deadline);
    }

    /// A turn begins: news from now on forbid the sleep at its end. Called before operations and
    /// ready list are taken, so that what comes between is not overlooked.
    pub(crate) fn begin_turn(&self) {
        self.has_news.store(false, Ordering::SeqCst);
    }

    /// Takes the ready list; only the broker's thread does.
    pub(crate) fn take_ready(&self, into: &mut Vec<Arc<Toppar>>) {
        std::mem::swap(&mut *self.ready.lock(), into);
    }

    fn announce(&self, deadline: Ts) {
        self.has_news.store(true, Ordering::SeqCst);
        // The fence pairs with the one in `may_sleep`: either the thread sees the news before it
        // sleeps, or we see that it sleeps.
        fence(Ordering::SeqCst);
        let until = self.sleeps_until.load(Ordering::SeqCst);
        if until != AWAKE
            && until > deadline.0
            && self
                .sleeps_until
                .compare_exchange(until, AWAKE, Ordering::SeqCst, Ordering::SeqCst)
                .is_ok()
        {
            self.wake.wake();
        }
    }

    /// The thread is about to sleep until `until`. `false`: there is news, look first.
    pub(crate) fn may_sleep(&self, until: Ts) -> bool {
        self.sleeps_until.store(until.0.max(AWAKE + 2), Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if self.has_news.load(Ordering::SeqCst) {
            self.is_awake();
            return false;
        }
        true
    }

    /// The thread is awake.
    pub(crate) fn is_awake(&self) {
        self.sleeps_until.store(AWAKE, Ordering::SeqCst);
    }

    /// Does the thread sleep, and has nobody woken it?
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn is_asleep(&self) -> bool {
        self.sleeps_until.load(Ordering::SeqCst) != AWAKE
    }

    /// The descriptor that wakes the thread.
    pub(crate) fn wake(&self) -> &Wake {
        &self.wake
    }
}
