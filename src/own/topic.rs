//! `Topic`: what `rd_kafka_topic_t *` points at: the historical struct, which holds what history
//! kept there, and our part behind it.
//!
//! Who owns: the instance keeps every topic until it goes; the application's handles are references
//! on top. The partition table is read without a lock on the produce path: a table never changes, a
//! new one replaces it, and the old ones stay until the topic goes (there is one per change of the
//! partition count or of the topic's state).

use std::any::Any;
use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use super::account::Account;
use super::averages::Shown;
use super::backref::BackRef;
use super::eos::SavedIds;
use super::mark::{self, Mark};
use super::msg::Msg;
use super::msgq::{MsgQueue, Order};
use super::store::{Enqueued, PartitionStore};
use super::toppar::{HeldToppar, Toppar};
use super::window::TopicWindows;
use crate::abi::internal_codes::*;
use crate::abi::public::rd_kafka_topic_t;
use crate::abi::rd::rd_kafkap_str_t;
use crate::abi::topic::rd_kafka_topic_s;
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::conf::settings::{Settings, TopicSettings};
use crate::error::ErrorCode;
use crate::sys::clock::Ts;
use crate::sys::heap;
use crate::sys::lock::{Mutex, Rank, RwMtx, RwMtxGuard};

/// What is known about a topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TopicState {
    /// No metadata yet.
    Unknown,
    /// The cluster has it.
    Exists,
    /// The cluster does not have it.
    NotExists,
    /// The cluster refuses it.
    Error(ErrorCode),
}

impl TopicState {
    /// State and error, as C code knows them.
    fn numbers(self) -> (rd_kafka_topic_state_t, ErrorCode) {
        match self {
            Self::Unknown => (RD_KAFKA_TOPIC_S_UNKNOWN, ErrorCode::NO_ERROR),
            Self::Exists => (RD_KAFKA_TOPIC_S_EXISTS, ErrorCode::NO_ERROR),
            Self::NotExists => (RD_KAFKA_TOPIC_S_NOTEXISTS, ErrorCode::_UNKNOWN_TOPIC),
            Self::Error(code) => (RD_KAFKA_TOPIC_S_ERROR, code),
        }
    }
}

/// A topic's state and partitions at one time.
pub(crate) struct Table {
    /// The state.
    pub(crate) state: TopicState,
    /// The partitions, by number.
    pub(crate) partitions: Vec<Arc<Toppar>>,
    /// Their addresses, for C code.
    addresses: Vec<*mut rd_kafka_toppar_t>,
}

impl Table {
    fn new(state: TopicState, partitions: Vec<Arc<Toppar>>) -> Self {
        let addresses = partitions.iter().map(|toppar| toppar.as_c()).collect();
        Self { state, partitions, addresses }
    }
}

/// What the control plane knows beside the historical struct; see `metadata/apply.rs`.
struct Control {
    /// All tables that were ever current; freed with the topic, since the produce path points to
    /// them.
    tables: Vec<NonNull<Table>>,
    /// The id that the cluster gave it; another one means that it was made anew.
    id: [u8; 16],
    /// What partitions that are gone go on with when they come back.
    saved_ids: Vec<SavedIds>,
}

/// One topic.
#[repr(C)]
pub(crate) struct Topic {
    frame: UnsafeCell<rd_kafka_topic_s>,
    /// The finalized configuration.
    pub(crate) settings: TopicSettings,
    /// The instance.
    pub(crate) owner: BackRef,
    /// The order of its messages.
    pub(crate) order: Order,
    current: AtomicPtr<Table>,
    /// Behind the lock in `frame`.
    control: UnsafeCell<Control>,
    /// Holds messages without a known partition.
    unassigned: Arc<Toppar>,
    /// Made at the first use: never if statistics are off.
    windows: OnceLock<Mutex<TopicWindows>>,
    /// Messages wait there, so that later ones must wait behind them. Changed under the lock of
    /// `unassigned`.
    has_unassigned: AtomicBool,
    /// The instance's account. The last field: messages that are dropped with the topic still look
    /// at it.
    pub(crate) account: Arc<Account>,
}

// SAFETY: the configuration's raw pointers (callbacks' opaques) are only carried; everything that
// changes is behind an atomic or a lock.
unsafe impl Send for Topic {}
// SAFETY: as above.
unsafe impl Sync for Topic {}

impl Topic {
    /// A topic without metadata.
    pub(crate) fn new(
        name: CString,
        settings: TopicSettings,
        order: Order,
        account: Arc<Account>,
        owner: BackRef,
        now: Ts,
    ) -> Arc<Self> {
        let table = leak(Table::new(TopicState::Unknown, Vec::new()));
        Arc::new_cyclic(|this| {
            let unassigned = Toppar::new(this.clone(), UNASSIGNED, Box::new(Waiting));
            let mut frame = frame(&name, now);
            frame.rkt_ua = unassigned.as_c();
            frame.rkt_rk = owner.address().cast();
            let control = Control { tables: vec![table], id: [0; 16], saved_ids: Vec::new() };
            Self {
                frame: UnsafeCell::new(frame),
                settings,
                account,
                owner,
                order,
                current: AtomicPtr::new(table.as_ptr()),
                control: UnsafeCell::new(control),
                unassigned,
                windows: OnceLock::new(),
                has_unassigned: AtomicBool::new(false),
            }
        })
    }

    /// The name.
    pub(crate) fn name(&self) -> &CStr {
        // SAFETY: the name never changes and was made of a C string by `frame`: `len` bytes that
        // are not NUL, then NUL.
        unsafe {
            let name = &*(*self.frame.get()).rkt_topic;
            let len = usize::try_from(name.len).unwrap_or(0) + 1;
            let bytes = std::slice::from_raw_parts(name.str.cast::<u8>(), len);
            CStr::from_bytes_with_nul_unchecked(bytes)
        }
    }

    /// The name for logs: what is not UTF-8 is replaced.
    pub(crate) fn display_name(&self) -> std::borrow::Cow<'_, str> {
        self.name().to_string_lossy()
    }

    /// The address that C code has.
    pub(crate) fn as_c(&self) -> *const rd_kafka_topic_t {
        (&raw const *self).cast()
    }

    /// The instance goes.
    pub(crate) fn clear_owner(&self) {
        self.owner.clear();
        // SAFETY: the place is in the frame, aligned, and written like this only.
        let instance = unsafe { AtomicPtr::from_ptr(&raw mut (*self.frame.get()).rkt_rk) };
        instance.store(std::ptr::null_mut(), Ordering::Release);
    }

    /// When the object was made.
    pub(crate) fn created(&self) -> Ts {
        // SAFETY: the time never changes after `new`.
        Ts(unsafe { (*self.frame.get()).rkt_ts_create })
    }

    /// The sticky partition; -1 before the first draw.
    pub(crate) fn sticky_partition(&self) -> &AtomicI32 {
        // SAFETY: the place is in the frame, aligned, and used as an atomic number only.
        unsafe { AtomicI32::from_ptr(&raw mut (*self.frame.get()).rkt_sticky_partition) }
    }

    /// When it was drawn.
    pub(crate) fn sticky_since(&self) -> &AtomicI64 {
        // SAFETY: the place is in the frame, aligned, and used as an atomic number only.
        unsafe { AtomicI64::from_ptr(&raw mut (*self.frame.get()).rkt_sticky_intvl.ri_ts_last) }
    }

    /// Counts references for C code: all, and the application's among them. The instance has one,
    /// and each partition in the table; those of messages are not counted.
    fn count_references(&self, more: i32, of_application: i32) {
        // SAFETY: the fields are atomic and only used as such.
        let (all, his) = unsafe {
            let frame = self.frame.get();
            (&(*frame).rkt_refcnt.val, &(*frame).rkt_app_refcnt.val)
        };
        all.fetch_add(more, Ordering::Relaxed);
        his.fetch_add(of_application, Ordering::Relaxed);
    }

    /// The current table.
    pub(crate) fn table(&self) -> &Table {
        // SAFETY: the pointer is to a table in `control.tables`, where each stays until `self`
        // goes. Acquire pairs with the release in `replace_table`: the table's contents are
        // visible.
        unsafe { &*self.current.load(Ordering::Acquire) }
    }

    /// Is `table` still the current one?
    pub(crate) fn is_current(&self, table: &Table) -> bool {
        std::ptr::eq(self.table(), table)
    }

    /// The partition of a number, if it is known.
    pub(crate) fn partition(&self, number: i32) -> Option<&Arc<Toppar>> {
        self.table().partitions.get(usize::try_from(number).ok()?)
    }

    /// What the control plane knows.
    pub(crate) fn control(&self) -> HeldTopic<'_> {
        // SAFETY: `frame` initialised the lock; since it was first taken, the topic stays in its
        // `Arc`.
        let lock = unsafe { RwMtx::at(&raw const (*self.frame.get()).rkt_lock) };
        HeldTopic { _held: lock.write(Rank::Topic), topic: self }
    }

    /// The windows of the statistics. Not for instances without statistics: they need no windows.
    pub(crate) fn windows(&self, settings: &Settings) -> Shown<'_, TopicWindows, 2> {
        let (bytes, messages) = (settings.message_bytes_max, settings.batch_messages_max);
        let new = || Mutex::new(Rank::Leaf, TopicWindows::new(bytes, messages));
        let (held, frame) = (self.windows.get_or_init(new).lock(), self.frame.get());
        // SAFETY: the averages are in the frame, and of no other use.
        unsafe {
            let (size, count) =
                (&raw mut (*frame).rkt_avg_batchsize, &raw mut (*frame).rkt_avg_batchcnt);
            Shown::new(held, [size, count])
        }
    }

    /// The messages without a partition.
    pub(crate) fn unassigned(&self) -> Unassigned<'_> {
        let held = self.unassigned.lock();
        Unassigned { held, flag: &self.has_unassigned, keeps_flag: false }
    }

    /// How many messages ever waited there.
    pub(crate) fn unassigned_total(&self) -> u64 {
        self.unassigned.counts().produced
    }

    /// Do messages wait without a partition?
    pub(crate) fn has_unassigned(&self) -> bool {
        self.has_unassigned.load(Ordering::Acquire)
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        for table in self.control.get_mut().tables.drain(..) {
            // SAFETY: each table came from `leak` and is in the list once; `&mut self` shows that
            // nobody reads one.
            drop(unsafe { Box::from_raw(table.as_ptr()) });
        }
        // SAFETY: the block came from `frame`, and nobody reads the name any more.
        unsafe { heap::free(self.frame.get_mut().rkt_topic) };
    }
}

/// The historical struct of a topic without metadata.
fn frame(name: &CStr, now: Ts) -> rd_kafka_topic_s {
    // SAFETY: pointers, numbers, and locks, for which zero is free or which are set below: zero is
    // valid.
    let mut frame: rd_kafka_topic_s = unsafe { MaybeUninit::zeroed().assume_init() };
    let [magic, behind] = Mark::TOPIC.bytes();
    frame.rkt_magic = magic.map(|byte| byte as c_char);
    frame.rkt_reserved_4 = behind.map(|byte| byte as c_char);
    frame.rkt_refcnt.val = AtomicI32::new(1);
    frame.rkt_lock = RwMtx::INIT;
    frame.rkt_topic = string(name);
    frame.rkt_sticky_partition = UNASSIGNED;
    frame.rkt_ts_create = now.0;
    frame.rkt_ts_state = now.0;
    frame
}

/// A copy of a string in one block of the C heap, text behind struct.
fn string(text: &CStr) -> *mut rd_kafkap_str_t {
    let bytes = text.to_bytes_with_nul();
    let block = heap::malloc(size_of::<rd_kafkap_str_t>() + bytes.len());
    // SAFETY: the block is fresh, aligned for everything, and as large as the struct and the text.
    unsafe {
        let to = block.add(size_of::<rd_kafkap_str_t>());
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
        let len = i32::try_from(bytes.len() - 1).unwrap_or(0);
        let block = block.cast::<rd_kafkap_str_t>();
        block.write(rd_kafkap_str_t { len, str: to.cast() });
        block
    }
}

/// Number of the partition that holds messages without one.
const UNASSIGNED: i32 = -1;

/// The store of that partition: no engine looks at it.
struct Waiting;

impl PartitionStore for Waiting {
    fn enqueue(&mut self, queue: &mut MsgQueue, message: Msg) -> Enqueued {
        queue.push_back(message);
        Enqueued::Quiet
    }

    fn requeue(&mut self, queue: &mut MsgQueue, messages: &mut MsgQueue) -> Enqueued {
        queue.append(messages);
        Enqueued::Quiet
    }

    fn forget_signals(&mut self, _: &mut MsgQueue) -> Enqueued {
        Enqueued::Quiet
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// A topic whose lock is held: what the control plane knows.
pub(crate) struct HeldTopic<'a> {
    topic: &'a Topic,
    _held: RwMtxGuard<'a>,
}

impl HeldTopic<'_> {
    fn frame(&self) -> *mut rd_kafka_topic_s {
        self.topic.frame.get()
    }

    /// Replaces state and partitions.
    pub(crate) fn replace_table(
        &mut self,
        state: TopicState,
        partitions: Vec<Arc<Toppar>>,
        now: Ts,
    ) {
        // A topic may come and go for years: its tables without partitions are used again.
        let kept = if partitions.is_empty() { self.empty_table(state) } else { None };
        let table = kept.unwrap_or_else(|| leak(Table::new(state, partitions)));
        let (number, error) = state.numbers();
        let before = self.topic.table();
        let has_changed = before.state != state;
        let count = |table: &Table| i32::try_from(table.partitions.len()).unwrap_or(i32::MAX);
        // SAFETY: the table is in the topic's list, or will be.
        let more = unsafe { count(table.as_ref()) } - count(before);
        self.topic.count_references(more, 0);
        let frame = self.frame();
        // SAFETY: the lock is held. The addresses stay as long as the table, which is as long as
        // the topic.
        unsafe {
            if has_changed {
                (*frame).rkt_ts_state = now.0;
            }
            ((*frame).rkt_state, (*frame).rkt_err) = (number, error.0);
            let addresses = &table.as_ref().addresses;
            (*frame).rkt_p = addresses.as_ptr().cast_mut();
            (*frame).rkt_partition_cnt = i32::try_from(addresses.len()).unwrap_or(i32::MAX);
            if kept.is_none() {
                (*self.topic.control.get()).tables.push(table);
            }
        }
        self.topic.current.store(table.as_ptr(), Ordering::Release);
    }

    /// A table without partitions that was made before.
    fn empty_table(&self, state: TopicState) -> Option<NonNull<Table>> {
        // SAFETY: the lock is held, and tables live as long as the topic.
        unsafe {
            let mut tables = (*self.topic.control.get()).tables.iter().copied();
            tables.find(|table| {
                let table = table.as_ref();
                table.state == state && table.partitions.is_empty()
            })
        }
    }

    /// When the state changed last.
    pub(crate) fn state_since(&self) -> Ts {
        // SAFETY: the lock is held.
        Ts(unsafe { (*self.frame()).rkt_ts_state })
    }

    /// When metadata for it arrived last; zero if never.
    pub(crate) fn metadata_at(&self) -> Ts {
        // SAFETY: the lock is held.
        Ts(unsafe { (*self.frame()).rkt_ts_metadata })
    }

    /// Metadata for it arrived.
    pub(crate) fn set_metadata_at(&mut self, now: Ts) {
        // SAFETY: the lock is held.
        unsafe { (*self.frame()).rkt_ts_metadata = now.0 };
    }

    /// A leader is missing: the fast leader query includes the topic.
    pub(crate) fn wants_leader(&self) -> bool {
        // SAFETY: the lock is held.
        unsafe { (*self.frame()).rkt_flags & RD_KAFKA_TOPIC_F_LEADER_UNAVAIL != 0 }
    }

    /// A leader is missing, or none is.
    pub(crate) fn set_wants_leader(&mut self, wants: bool) {
        // SAFETY: the lock is held.
        let flags = unsafe { &mut (*self.frame()).rkt_flags };
        *flags &= !RD_KAFKA_TOPIC_F_LEADER_UNAVAIL;
        if wants {
            *flags |= RD_KAFKA_TOPIC_F_LEADER_UNAVAIL;
        }
    }

    /// Remembers the id that the cluster gave the topic; returns the former one.
    pub(crate) fn replace_id(&mut self, id: [u8; 16]) -> [u8; 16] {
        // SAFETY: as below.
        unsafe { std::mem::replace(&mut (*self.topic.control.get()).id, id) }
    }

    /// What partitions that are gone go on with when they come back.
    pub(crate) fn saved_ids(&mut self) -> &mut Vec<SavedIds> {
        // SAFETY: the lock is held, and `&mut self` makes the reference the only one.
        unsafe { &mut (*self.topic.control.get()).saved_ids }
    }
}

fn leak(table: Table) -> NonNull<Table> {
    NonNull::from(Box::leak(Box::new(table)))
}

/// The messages without a partition, locked. While any waits here, later ones have to come here
/// too: the queue tells so when the lock is given up.
pub(crate) struct Unassigned<'a> {
    held: HeldToppar<'a>,
    flag: &'a AtomicBool,
    /// What was taken is not on its partitions yet.
    keeps_flag: bool,
}

impl Unassigned<'_> {
    /// Puts a message behind the others.
    pub(crate) fn wait(&mut self, message: Msg) {
        self.held.wait(message);
    }

    /// Takes everything, to give it partitions: later messages still come here until the queue is
    /// found empty.
    pub(crate) fn take_for_assignment(mut self) -> Option<MsgQueue> {
        if self.is_empty() {
            return None;
        }
        self.keeps_flag = true;
        Some(self.take())
    }
}

impl Deref for Unassigned<'_> {
    type Target = MsgQueue;
    fn deref(&self) -> &MsgQueue {
        self.held.queue()
    }
}

impl DerefMut for Unassigned<'_> {
    fn deref_mut(&mut self) -> &mut MsgQueue {
        self.held.queue_mut()
    }
}

impl Drop for Unassigned<'_> {
    fn drop(&mut self) {
        let waits = self.keeps_flag || !self.held.queue().is_empty();
        self.flag.store(waits, Ordering::Release);
    }
}

/// A topic object as C code holds it: one reference.
pub(crate) struct TopicHandle;

impl TopicHandle {
    /// Gives C code a reference.
    pub(crate) fn give(topic: Arc<Topic>) -> *mut rd_kafka_topic_t {
        topic.count_references(1, 1);
        Arc::into_raw(topic).cast_mut().cast()
    }

    /// Takes C code's reference back.
    ///
    /// # Safety
    /// `address` came from [`TopicHandle::give`] and is not used again by the caller.
    pub(crate) unsafe fn take(address: *mut rd_kafka_topic_t) -> Arc<Topic> {
        // SAFETY: the caller's contract.
        let topic = unsafe { Arc::from_raw(address.cast::<Topic>()) };
        topic.count_references(-1, -1);
        topic
    }

    /// The topic behind an address; `None` for NULL or something that is not our topic.
    ///
    /// # Safety
    /// `address` is NULL or a live topic object.
    pub(crate) unsafe fn borrow<'a>(address: *const rd_kafka_topic_t) -> Option<&'a Topic> {
        // SAFETY: the mark is the first field of our topic; the caller promises a live object.
        unsafe {
            if !mark::is(address, Mark::TOPIC) {
                return None;
            }
            address.cast::<Topic>().as_ref()
        }
    }

    /// Another reference to the topic that `topic` is.
    pub(crate) fn share(topic: &Topic) -> Arc<Topic> {
        // SAFETY: every `Topic` is made by `Topic::new` inside an `Arc`, and `topic` shows that it
        // is alive.
        unsafe {
            Arc::increment_strong_count(&raw const *topic);
            Arc::from_raw(&raw const *topic)
        }
    }
}

/// A weak reference to a topic, for its partitions.
pub(crate) fn weak(topic: &Topic) -> Weak<Topic> {
    Arc::downgrade(&TopicHandle::share(topic))
}

/// Partitions of a topic, for tests; they are not in its table.
#[cfg(test)]
pub(super) fn toppars(topic: &Topic, count: i32) -> Vec<Arc<Toppar>> {
    (0..count).map(|number| Toppar::new(weak(topic), number, Box::new(Waiting))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{contents, message, topic};
    use super::*;
    use crate::sys::rand::Rng;

    /// What C code sees; nobody else uses the topic meanwhile.
    fn seen(topic: &Topic) -> &rd_kafka_topic_s {
        // SAFETY: the tests have one thread, and let the result go before the next change.
        unsafe { &*topic.as_c().cast() }
    }

    #[test]
    fn a_topic_is_known_by_its_mark_and_named_where_c_code_looks() {
        let topic = topic(Order::Fifo);
        let frame = seen(&topic);
        assert_eq!(frame.rkt_magic.map(|c| c as u8), *b"IRKT");
        // SAFETY: a live topic; NULL; and a foreign one, with zeroes behind the magic.
        unsafe {
            let found = TopicHandle::borrow(topic.as_c()).expect("ours");
            assert!(std::ptr::eq(found, &raw const *topic));
            assert!(TopicHandle::borrow(std::ptr::null()).is_none());
            let mut foreign = super::frame(c"x", Ts::ZERO);
            foreign.rkt_reserved_4 = [0; 4];
            assert!(TopicHandle::borrow((&raw const foreign).cast()).is_none());
            heap::free(foreign.rkt_topic);
            let name = &*frame.rkt_topic;
            assert_eq!((name.len, CStr::from_ptr(name.str)), (1, topic.name()));
        }
        assert_eq!(topic.name(), c"t");
        assert_eq!(frame.rkt_ua, topic.unassigned.as_c());
        assert_eq!(topic.unassigned.partition(), UNASSIGNED);
    }

    #[test]
    fn tables_behave_like_their_model_and_c_code_sees_the_current_one() {
        let topic = topic(Order::Fifo);
        let states = [
            (TopicState::Unknown, RD_KAFKA_TOPIC_S_UNKNOWN, 0),
            (TopicState::Exists, RD_KAFKA_TOPIC_S_EXISTS, 0),
            (TopicState::NotExists, RD_KAFKA_TOPIC_S_NOTEXISTS, ErrorCode::_UNKNOWN_TOPIC.0),
            (TopicState::Error(ErrorCode(29)), RD_KAFKA_TOPIC_S_ERROR, 29),
        ];
        let mut rng = Rng::from_system();
        let (mut state, mut since) = (TopicState::Unknown, 0);
        for now in 1..200 {
            let (new, number, error) = states[rng.between(0, 3) as usize];
            let count = rng.between(0, 5) as i32;
            let partitions = toppars(&topic, count);
            let before = topic.table();
            topic.control().replace_table(new, partitions.clone(), Ts(now));
            // One without partitions may be an old one.
            assert!(topic.is_current(topic.table()) && (count == 0 || !topic.is_current(before)));
            since = if new == state { since } else { now };
            state = new;
            assert_eq!((topic.table().state, topic.control().state_since()), (state, Ts(since)));
            let frame = seen(&topic);
            assert_eq!((frame.rkt_state, frame.rkt_err), (number, error));
            assert_eq!(frame.rkt_partition_cnt, count);
            for (at, toppar) in partitions.iter().enumerate() {
                // SAFETY: as many addresses as `rkt_partition_cnt` says.
                assert_eq!(unsafe { *frame.rkt_p.add(at) }, toppar.as_c());
                assert!(topic.partition(at as i32).is_some_and(|own| Arc::ptr_eq(own, toppar)));
            }
            assert!(topic.partition(count).is_none() && topic.partition(-1).is_none());
        }
        let empty = |table: &NonNull<Table>| {
            // SAFETY: tables live as long as the topic, and nobody else has it.
            unsafe { table.as_ref() }.partitions.is_empty()
        };
        // SAFETY: nobody else has the topic.
        let tables = unsafe { &(*topic.control.get()).tables };
        assert!(tables.iter().filter(|table| empty(table)).count() <= states.len());
    }

    #[test]
    fn what_the_control_plane_knows_is_where_c_code_looks() {
        let topic = topic(Order::Fifo);
        {
            let mut control = topic.control();
            control.set_metadata_at(Ts(5));
            control.set_wants_leader(true);
        }
        topic.sticky_partition().store(3, Ordering::Relaxed);
        let frame = seen(&topic);
        assert_eq!((frame.rkt_ts_metadata, frame.rkt_sticky_partition), (5, 3));
        assert_eq!(frame.rkt_flags, RD_KAFKA_TOPIC_F_LEADER_UNAVAIL);
        assert!(topic.control().wants_leader());
        topic.control().set_wants_leader(false);
        assert_eq!(seen(&topic).rkt_flags, 0);
    }

    #[test]
    fn messages_wait_in_the_unassigned_partition_until_all_have_one() {
        let topic = topic(Order::Fifo);
        for _ in 0..3 {
            topic.unassigned().wait(message(&topic, 2, Ts::MAX));
        }
        assert!(topic.has_unassigned());
        // SAFETY: the partition lives as long as the topic, and the test has one thread.
        assert_eq!(unsafe { (*seen(&topic).rkt_ua).rktp_msgq.rkmq_msg_cnt }, 3);
        let taken = topic.unassigned().take_for_assignment().expect("messages");
        assert_eq!(contents(&taken), [(0, 2); 3]);
        assert!(topic.has_unassigned(), "they are on their way");
        assert!(topic.unassigned().take_for_assignment().is_none());
        assert!(!topic.has_unassigned());
        assert_eq!(topic.unassigned_total(), 3);
        topic.unassigned().wait(message(&topic, 2, Ts::MAX));
        drop(taken);
        assert_eq!(topic.account.messages(), 1);
        let account = Arc::clone(&topic.account);
        drop(topic);
        assert_eq!(account.messages(), 0, "a topic frees its messages");
    }
}
