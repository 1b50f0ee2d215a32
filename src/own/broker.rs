//! `Broker`: what all threads may know of one broker (`rd_kafka_broker_t`). The connection belongs
//! to the broker's thread.
//!
//! Who owns: everybody with an `Arc`; C code has the address of the historical struct, which comes
//! first and holds what history kept there. Names are behind the lock in the struct, everything
//! else in it is atomic; the two request queues belong to who took them ([`Broker::take_queue`]).

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU64, Ordering, fence};
use std::sync::{Arc, OnceLock};

use super::averages::Shown;
pub(crate) use super::broker_names::{BrokerNames, BrokerSource, BrokerState};
use super::broker_ops::OpsQueue;
use super::producer_v2::BrokerV2;
use super::toppar::Toppar;
use super::window::BrokerWindows;
use crate::abi::broker::{RD_KAFKA_NODENAME_SIZE, rd_kafka_broker_t};
use crate::abi::buf::rd_kafka_bufq_t;
use crate::abi::internal_codes::rd_kafka_produce_engine_t;
use crate::abi::layout::layout;
use crate::abi::public::rd_kafka_t;
use crate::op::BrokerOp;
use crate::sys::clock::Ts;
use crate::sys::heap;
use crate::sys::lock::{Mtx, Mutex, Rank};
use crate::sys::wake::Wake;

/// API keys that are counted.
const APIS: usize = 74;

/// Requests by kind.
#[repr(transparent)]
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

/// Counters that the statistics and the application see, under our names (`rkb_c`).
#[repr(C)]
pub(crate) struct BrokerCounters {
    /// Bytes sent.
    pub(crate) tx_bytes: AtomicU64,
    /// Requests sent.
    pub(crate) tx: AtomicU64,
    /// Failed sends.
    pub(crate) tx_errors: AtomicU64,
    /// Requests sent again.
    pub(crate) tx_retries: AtomicU64,
    /// Requests that timed out.
    pub(crate) request_timeouts: AtomicU64,
    /// Bytes received.
    pub(crate) rx_bytes: AtomicU64,
    /// Responses received.
    pub(crate) rx: AtomicU64,
    /// Failed receives.
    pub(crate) rx_errors: AtomicU64,
    /// Responses without a request.
    pub(crate) rx_unmatched: AtomicU64,
    /// What only a consumer counts.
    _of_consumers: [AtomicU64; 3],
    /// Returns from poll.
    pub(crate) wakeups: AtomicU64,
    /// Connection attempts.
    pub(crate) connects: AtomicI32,
    /// Lost connections.
    pub(crate) disconnects: AtomicI32,
    /// Requests sent, by kind.
    pub(crate) requests: RequestCounts,
    /// Last send, monotonic microseconds; 0 if never.
    pub(crate) last_tx: AtomicI64,
    /// Last receive, monotonic microseconds; 0 if never.
    pub(crate) last_rx: AtomicI64,
}

layout! { BrokerCounters: size 720, align 8;
tx_bytes @ 0, tx @ 8, tx_errors @ 16, tx_retries @ 24, request_timeouts @ 32, rx_bytes @ 40, rx @ 48,
rx_errors @ 56, rx_unmatched @ 64, wakeups @ 96, connects @ 104, disconnects @ 108, requests @ 112,
last_tx @ 704, last_rx @ 712 }

/// A row of requests of a broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum QueueKind {
    /// To be written.
    Outbufs = 0,
    /// In flight.
    Waitresps = 1,
}

/// The deadline of a thread that is awake.
const AWAKE: i64 = i64::MIN;

/// One broker.
#[repr(C)]
pub(crate) struct Broker {
    frame: UnsafeCell<rd_kafka_broker_t>,
    /// Operations for the broker's thread; `None` after it ended.
    ops: Mutex<Option<Vec<BrokerOp>>>,
    /// What C code sees of them.
    ops_shown: OpsQueue,
    /// Partitions with something new for the broker's thread.
    ready: Mutex<Vec<Arc<Toppar>>>,
    has_news: AtomicBool,
    sleeps_until: AtomicI64,
    wake: Wake,
    /// Made at the first use: never if statistics are off.
    windows: OnceLock<Mutex<BrokerWindows>>,
    gives_producer_ids: AtomicBool,
    /// By [`QueueKind`].
    are_queues_taken: [AtomicBool; 2],
}

// SAFETY: what changes is atomic, behind a lock, or behind `are_queues_taken`; the strings and
// requests that it owns may change threads.
unsafe impl Send for Broker {}
// SAFETY: as above.
unsafe impl Sync for Broker {}

impl Broker {
    /// A broker without a thread yet; an error when no descriptor is left.
    pub(crate) fn new(
        source: BrokerSource,
        id: i32,
        host: &str,
        port: u16,
    ) -> std::io::Result<Arc<Self>> {
        let wake = Wake::new()?;
        // SAFETY: pointers, numbers, truth values, callbacks that may be none, and locks, for which
        // zero is free or which are set below: zero is valid.
        let mut frame: rd_kafka_broker_t = unsafe { MaybeUninit::zeroed().assume_init() };
        frame.rkb_nodeid = id;
        frame.rkb_source = source as c_int;
        frame.rkb_refcnt.val = AtomicI32::new(1);
        frame.rkb_lock = Mtx::INIT;
        frame.rkb_logname_lock = Mtx::INIT;
        frame.rkb_wakeup_fd = [wake.fd(); 2];
        let broker = Arc::new(Self {
            frame: UnsafeCell::new(frame),
            ops: Mutex::new(Rank::Queue, Some(Vec::new())),
            ops_shown: OpsQueue::new(),
            ready: Mutex::new(Rank::Queue, Vec::new()),
            has_news: AtomicBool::new(false),
            sleeps_until: AtomicI64::new(AWAKE),
            wake,
            windows: OnceLock::new(),
            gives_producer_ids: AtomicBool::new(false),
            are_queues_taken: [const { AtomicBool::new(false) }; 2],
        });
        broker.empty_lists();
        broker.rename(id, host, port);
        Ok(broker)
    }

    /// The heads have their place now: empty lists point into themselves.
    fn empty_lists(&self) {
        let frame = self.frame.get();
        // SAFETY: nobody else has the broker yet.
        unsafe {
            (*frame).rkb_toppars.tqh_last = &raw mut (*frame).rkb_toppars.tqh_first;
            (*frame).rkb_monitors.tqh_last = &raw mut (*frame).rkb_monitors.tqh_first;
            (*frame).rkb_ops = self.ops_shown.as_c();
            self.ops_shown.begin();
            let circle = &raw mut (*frame).rkb_active_toppars;
            ((*circle).cqh_first, (*circle).cqh_last) = (circle.cast(), circle.cast());
            for queue in [
                &raw mut (*frame).rkb_outbufs,
                &raw mut (*frame).rkb_waitresps,
                &raw mut (*frame).rkb_retrybufs,
            ] {
                (*queue).rkbq_bufs.tqh_last = &raw mut (*queue).rkbq_bufs.tqh_first;
            }
        }
    }

    /// The address that C code has.
    pub(crate) fn as_c(&self) -> *mut rd_kafka_broker_t {
        self.frame.get()
    }

    /// What the thread of a broker of this engine keeps, as far as C code may reach it: NULL,
    /// unless a harness steps the thread itself.
    ///
    /// # Safety
    /// `at` is NULL or a live broker.
    pub(crate) unsafe fn thread_state(
        at: *const rd_kafka_broker_t,
        engine: rd_kafka_produce_engine_t,
    ) -> *mut c_void {
        // SAFETY: the caller's contract; both places are written before C code gets a broker that
        // it steps.
        unsafe {
            match at.is_null() || (*at).rkb_producer_engine != engine {
                true => std::ptr::null_mut(),
                false => (*at).rkb_thread_state,
            }
        }
    }

    /// Sets what C code may reach of the broker's thread.
    #[cfg(feature = "c-harness")]
    pub(crate) fn set_thread_state(&self, state: *mut c_void) {
        // SAFETY: the place is in the frame, and nobody else reads it yet.
        unsafe { (*self.frame.get()).rkb_thread_state = state };
    }

    fn number(&self, place: *mut i32) -> &AtomicI32 {
        // SAFETY: the callers pass an aligned number in `frame`, which lives as long as `self` and
        // is used as an atomic one only.
        unsafe { AtomicI32::from_ptr(place) }
    }

    /// Where the client knows it from.
    pub(crate) fn source(&self) -> BrokerSource {
        // SAFETY: the number never changes after `new`.
        match unsafe { (*self.frame.get()).rkb_source } {
            0 => BrokerSource::Configured,
            1 => BrokerSource::Learned,
            _ => BrokerSource::Internal,
        }
    }

    fn node_id(&self) -> &AtomicI32 {
        // SAFETY: the place is in the frame.
        self.number(unsafe { &raw mut (*self.frame.get()).rkb_nodeid })
    }

    /// Node id; -1 for one that is not learned.
    pub(crate) fn id(&self) -> i32 {
        self.node_id().load(Ordering::Acquire)
    }

    /// A copy of its names.
    pub(crate) fn names(&self) -> BrokerNames {
        let frame = self.frame.get();
        // SAFETY: names are behind this lock, which is initialised and at its place; `rename` makes
        // each of them end with NUL.
        unsafe {
            let _held = Mtx::at(&raw const (*frame).rkb_lock).lock(Rank::Leaf);
            BrokerNames {
                host: text((*frame).rkb_origname),
                port: (*frame).rkb_port,
                address: text((&raw const (*frame).rkb_nodename).cast()),
                name: text((&raw const (*frame).rkb_name).cast()),
            }
        }
    }

    /// The name in logs and statistics.
    pub(crate) fn name(&self) -> String {
        self.names().name
    }

    /// The broker got another id or address.
    pub(crate) fn rename(&self, id: i32, host: &str, port: u16) {
        let names = BrokerNames::new(host, port, id, self.source());
        let frame = self.frame.get();
        // SAFETY: names are behind these locks, which are initialised and at their places; the
        // strings on the heap are ours.
        unsafe {
            let held = Mtx::at(&raw const (*frame).rkb_lock).lock(Rank::Leaf);
            let host = heap::string(host.as_bytes());
            heap::free(std::mem::replace(&mut (*frame).rkb_origname, host));
            write_name(&mut (*frame).rkb_name, &names.name);
            write_name(&mut (*frame).rkb_nodename, &names.address);
            (*frame).rkb_port = port;
            (*frame).rkb_nodename_epoch += 1;
            drop(held);
            let _held = Mtx::at(&raw const (*frame).rkb_logname_lock).lock(Rank::Leaf);
            let name = heap::string(names.name.as_bytes());
            heap::free(std::mem::replace(&mut (*frame).rkb_logname, name));
        }
        self.node_id().store(id, Ordering::Release);
    }

    /// Which instance and engine its thread works for.
    pub(crate) fn begin_work(&self, rk: *mut rd_kafka_t, engine: rd_kafka_produce_engine_t) {
        // SAFETY: the places are in the frame, aligned, and written like this only.
        unsafe {
            let instance = &raw mut (*self.frame.get()).rkb_rk;
            AtomicPtr::from_ptr(instance).store(rk, Ordering::Release);
            self.ops_shown.set_owner(rk);
            self.number(&raw mut (*self.frame.get()).rkb_producer_engine)
                .store(engine, Ordering::Release);
        }
    }

    /// Counts references for C code: the instance's, those of partitions that it serves and of
    /// requests.
    pub(super) fn count_references(&self, more: i32) {
        // SAFETY: the field is atomic and only used as such.
        let count = unsafe { &(*self.frame.get()).rkb_refcnt.val };
        count.fetch_add(more, Ordering::Relaxed);
    }

    /// The operations, as C code sees them.
    pub(super) fn ops_shown(&self) -> &OpsQueue {
        &self.ops_shown
    }

    fn engine_state(&self) -> &AtomicPtr<BrokerV2> {
        // SAFETY: the place is in the frame, aligned, and used as an atomic pointer only.
        unsafe {
            AtomicPtr::from_ptr((&raw mut (*self.frame.get()).rkb_producer_engine_state).cast())
        }
    }

    /// Its producer engine is `v2`, which keeps something of it.
    pub(crate) fn begin_v2(&self) {
        let new = Box::into_raw(BrokerV2::new());
        let former = self.engine_state().swap(new, Ordering::AcqRel);
        assert!(former.is_null(), "a broker has one engine");
    }

    /// What engine `v2` keeps of it; nothing with another engine.
    pub(crate) fn v2(&self) -> Option<&BrokerV2> {
        // SAFETY: the pointer is NULL or came from a box that goes with the broker.
        unsafe { self.engine_state().load(Ordering::Acquire).as_ref() }
    }

    /// Counters.
    pub(crate) fn counters(&self) -> &BrokerCounters {
        // SAFETY: the layouts are the same, and all fields are atomic.
        unsafe { &*(&raw const (*self.frame.get()).rkb_c).cast::<BrokerCounters>() }
    }

    fn shared_state(&self) -> (&AtomicI32, &AtomicI64) {
        let frame = self.frame.get();
        // SAFETY: the places are in the frame, aligned, and used as atomic numbers only.
        unsafe {
            let since = AtomicI64::from_ptr(&raw mut (*frame).rkb_ts_state);
            (self.number(&raw mut (*frame).rkb_state), since)
        }
    }

    /// The connection's state.
    pub(crate) fn state(&self) -> BrokerState {
        BrokerState::from_number(self.shared_state().0.load(Ordering::Acquire))
    }

    /// When the state was entered.
    pub(crate) fn state_since(&self) -> Ts {
        Ts(self.shared_state().1.load(Ordering::Acquire))
    }

    /// Enters a state; only the broker's thread does.
    pub(crate) fn set_state(&self, state: BrokerState, now: Ts) {
        let (place, since) = self.shared_state();
        since.store(now.0, Ordering::Release);
        place.store(state as i32, Ordering::Release);
    }

    fn down_mark(&self) -> &AtomicI32 {
        // SAFETY: the place is in the frame.
        self.number(unsafe { &raw mut (*self.frame.get()).rkb_down_reported })
    }

    /// Does it count in "n of m brokers are down"?
    pub(crate) fn is_marked_down(&self) -> bool {
        self.down_mark().load(Ordering::Acquire) != 0
    }

    /// From now on it counts there, or does not; returns whether it did.
    pub(crate) fn mark_down(&self, is_down: bool) -> bool {
        self.down_mark().swap(is_down.into(), Ordering::AcqRel) != 0
    }

    /// The head of a queue in the struct.
    fn queue_head(&self, kind: QueueKind) -> *mut rd_kafka_bufq_t {
        let frame = self.frame.get();
        // SAFETY: only the address is taken.
        unsafe {
            match kind {
                QueueKind::Outbufs => &raw mut (*frame).rkb_outbufs,
                QueueKind::Waitresps => &raw mut (*frame).rkb_waitresps,
            }
        }
    }

    /// The right to use a queue; there is one at a time.
    pub(super) fn take_queue(&self, kind: QueueKind) -> NonNull<rd_kafka_bufq_t> {
        let was_taken = self.are_queues_taken[kind as usize].swap(true, Ordering::AcqRel);
        assert!(!was_taken, "two threads write one broker's requests");
        NonNull::new(self.queue_head(kind)).expect("a place in the broker")
    }

    /// Gives that right back; the queue is empty.
    pub(super) fn give_queue_back(&self, kind: QueueKind) {
        self.are_queues_taken[kind as usize].store(false, Ordering::Release);
    }

    /// How many requests are in a queue, and how many messages in these; a request of many
    /// partitions counts none, as history has it.
    pub(crate) fn queue_counts(&self, kind: QueueKind) -> (i32, i32) {
        let head = self.queue_head(kind);
        // SAFETY: the counts are atomic and live as long as `self`.
        let (requests, messages) = unsafe { (&(*head).rkbq_cnt.val, &(*head).rkbq_msg_cnt.val) };
        (requests.load(Ordering::Relaxed), messages.load(Ordering::Relaxed))
    }

    /// The windows of the statistics. Not for instances without statistics: they need no windows.
    pub(crate) fn windows(&self) -> Shown<'_, BrokerWindows, 4> {
        let new = || Mutex::new(Rank::Leaf, BrokerWindows::new());
        let (held, frame) = (self.windows.get_or_init(new).lock(), self.frame.get());
        // SAFETY: the averages are in the frame, and of no other use.
        unsafe {
            let averages = [
                &raw mut (*frame).rkb_avg_int_latency,
                &raw mut (*frame).rkb_avg_outbuf_latency,
                &raw mut (*frame).rkb_avg_rtt,
                &raw mut (*frame).rkb_avg_throttle,
            ];
            Shown::new(held, averages)
        }
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

    fn end_mark(&self) -> &AtomicI32 {
        // SAFETY: the field is atomic and lives as long as `self`.
        unsafe { &(*self.frame.get()).termination_in_progress.val }
    }

    /// Is its thread asked to end?
    pub(crate) fn is_terminating(&self) -> bool {
        self.end_mark().load(Ordering::Acquire) != 0
    }

    /// Asks the thread to end.
    pub(crate) fn terminate(&self) {
        self.end_mark().store(1, Ordering::Release);
        self.push(BrokerOp::Wakeup);
    }

    /// Gives the thread an operation and wakes it. After the thread ended the operation answers
    /// itself; a partition that was to join comes back.
    pub(crate) fn push(&self, op: BrokerOp) -> Option<Arc<Toppar>> {
        let refused = match &mut *self.ops.lock() {
            Some(ops) => {
                ops.push(op);
                self.ops_shown.set_len(ops.len());
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
            self.ops_shown.set_len(ops.len());
        }
    }

    /// The thread ends: operations answer themselves from now on. Those that came before and were
    /// not served are returned.
    pub(crate) fn close_ops(&self) -> Vec<BrokerOp> {
        let rest = self.ops.lock().take().unwrap_or_default();
        self.ops_shown.end();
        rest
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

impl Drop for Broker {
    fn drop(&mut self) {
        let frame = self.frame.get_mut();
        // SAFETY: both strings are ours, from `rename`, and the state is, from `begin_v2`.
        unsafe {
            heap::free(frame.rkb_origname);
            heap::free(frame.rkb_logname);
            if !frame.rkb_producer_engine_state.is_null() {
                drop(Box::from_raw(frame.rkb_producer_engine_state.cast::<BrokerV2>()));
            }
        }
    }
}

/// A copy of a C string; what is not UTF-8 is replaced.
///
/// # Safety
/// `text` ends with NUL.
unsafe fn text(text: *const c_char) -> String {
    // SAFETY: the caller's contract.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Writes a name into its place, cut if it is too long.
fn write_name(place: &mut [c_char; RD_KAFKA_NODENAME_SIZE], name: &str) {
    place.fill(0);
    for (to, from) in place[..RD_KAFKA_NODENAME_SIZE - 1].iter_mut().zip(name.bytes()) {
        *to = from as c_char;
    }
}

#[cfg(test)]
mod tests {
    use super::super::buf::Request;
    use super::super::bufq::RequestQueue;
    use super::super::segbuf::Block;
    use super::*;
    use crate::abi::internal_codes::*;

    fn broker(host: &str) -> Arc<Broker> {
        Broker::new(BrokerSource::Configured, -1, host, 9092).expect("a descriptor")
    }

    /// What C code sees; nobody else uses the broker meanwhile.
    fn seen(broker: &Broker) -> &rd_kafka_broker_t {
        // SAFETY: the tests have one thread, and let the result go before the next change.
        unsafe { &*broker.as_c() }
    }

    #[test]
    fn names_are_where_c_code_looks_for_them() {
        let broker = broker("one");
        assert_eq!(broker.name(), "one:9092/bootstrap");
        broker.rename(7, "zwei\u{00df}", 9093);
        let names = broker.names();
        assert_eq!((names.host.as_str(), names.port, broker.id()), ("zwei\u{00df}", 9093, 7));
        let frame = seen(&broker);
        // SAFETY: all of them end with NUL.
        let of = |text: *const c_char| unsafe { super::text(text) };
        assert_eq!(of(frame.rkb_name.as_ptr()), "zwei\u{00df}:9093/7");
        assert_eq!(of(frame.rkb_nodename.as_ptr()), names.address);
        assert_eq!(of(frame.rkb_logname), broker.name());
        assert_eq!(of(frame.rkb_origname), names.host);
        assert_eq!((frame.rkb_nodeid, frame.rkb_port, frame.rkb_nodename_epoch), (7, 9093, 2));
        assert_eq!(frame.rkb_source, RD_KAFKA_CONFIGURED);
    }

    #[test]
    fn a_name_that_is_too_long_is_cut_and_the_host_is_not() {
        let host = "h".repeat(400);
        let broker = broker(&host);
        assert_eq!(broker.name(), "h".repeat(RD_KAFKA_NODENAME_SIZE - 1));
        assert_eq!(broker.names().host, host);
    }

    #[test]
    fn states_counters_and_marks_are_where_c_code_looks_for_them() {
        let broker = broker("one");
        broker.set_state(BrokerState::AuthReq, Ts(17));
        broker.counters().tx_retries.fetch_add(2, Ordering::Relaxed);
        broker.counters().requests.add(22);
        broker.counters().last_rx.store(5, Ordering::Relaxed);
        assert!(!broker.mark_down(true) && broker.is_marked_down());
        assert!(!broker.is_terminating());
        broker.terminate();
        broker.begin_work(std::ptr::dangling_mut(), RD_KAFKA_PRODUCE_LEGACY);
        let frame = seen(&broker);
        let load = |counter: &AtomicI64| counter.load(Ordering::Relaxed);
        assert_eq!(frame.rkb_state, RD_KAFKA_BROKER_STATE_AUTH_REQ);
        assert_eq!((frame.rkb_ts_state, frame.rkb_down_reported), (17, 1));
        assert_eq!(load(&frame.rkb_c.tx_retries.val), 2);
        assert_eq!(load(&frame.rkb_c.reqtype[22].val), 1);
        assert_eq!(load(&frame.rkb_c.ts_recv.val), 5);
        assert_eq!(frame.termination_in_progress.val.load(Ordering::Relaxed), 1);
        assert_eq!(frame.rkb_producer_engine, RD_KAFKA_PRODUCE_LEGACY);
        assert!(!frame.rkb_rk.is_null() && frame.rkb_producer_engine_state.is_null());
        assert_eq!(broker.state(), BrokerState::AuthReq);
    }

    #[test]
    fn every_state_keeps_its_number() {
        let broker = broker("one");
        for number in 0..=RD_KAFKA_BROKER_STATE_REAUTH {
            broker.set_state(BrokerState::from_number(number), Ts::ZERO);
            assert_eq!(seen(&broker).rkb_state, number);
        }
    }

    #[test]
    fn requests_are_in_the_queues_of_the_struct() {
        let broker = broker("one");
        let mut queue = RequestQueue::<u8>::of(&broker, QueueKind::Outbufs);
        assert!(seen(&broker).rkb_outbufs.rkbq_bufs.tqh_first.is_null());
        for version in [3, 4] {
            queue.push_front(Request::new(0, version, Block::new(8)));
        }
        assert_eq!(broker.queue_counts(QueueKind::Outbufs), (2, 0));
        assert_eq!(broker.queue_counts(QueueKind::Waitresps), (0, 0));
        let first = seen(&broker).rkb_outbufs.rkbq_bufs.tqh_first;
        // SAFETY: the queue has two requests and does not change meanwhile.
        assert_eq!(unsafe { (*first).rkbuf_reqhdr.ApiVersion }, 4);
        assert_eq!(queue.take().len(), 2);
        drop(queue);
        assert_eq!(broker.queue_counts(QueueKind::Outbufs), (0, 0));
        drop(RequestQueue::<u8>::of(&broker, QueueKind::Outbufs));
        assert_eq!(Arc::strong_count(&broker), 1);
    }

    #[test]
    #[should_panic(expected = "two threads write one broker's requests")]
    fn a_queue_has_one_user() {
        let broker = broker("one");
        let _one = RequestQueue::<u8>::of(&broker, QueueKind::Waitresps);
        let _two = RequestQueue::<u8>::of(&broker, QueueKind::Waitresps);
    }
}
