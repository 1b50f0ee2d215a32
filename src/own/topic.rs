//! `Topic`: what `rd_kafka_topic_t *` points at.
//!
//! Who owns: the instance keeps every topic until it goes; the application's handles are references
//! on top. The partition table is read without a lock on the produce path: a table never changes, a
//! new one replaces it, and the old ones stay until the topic goes (there is one per change of the
//! partition count or of the topic's state).

use std::ffi::{CStr, CString};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use super::account::Account;
use super::backref::BackRef;
use super::eos::SavedIds;
use super::mark::{self, Mark};
use super::msgq::{MsgQueue, Order};
use super::toppar::Toppar;
use super::window::TopicWindows;
use crate::abi::public::rd_kafka_topic_t;
use crate::conf::settings::{Settings, TopicSettings};
use crate::error::ErrorCode;
use crate::sys::clock::Ts;
use crate::sys::lock::{Guard, Mutex, Rank};

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

/// A topic's state and partitions at one time.
pub(crate) struct Table {
    /// The state.
    pub(crate) state: TopicState,
    /// The partitions, by number.
    pub(crate) partitions: Vec<Arc<Toppar>>,
}

/// What the control plane knows; see `metadata/apply.rs`.
pub(crate) struct TopicControl {
    /// All tables, the current one last; freed with the topic, since the produce path points to
    /// them.
    tables: Vec<NonNull<Table>>,
    /// When the state changed last.
    pub(crate) state_since: Ts,
    /// When metadata for it arrived last; zero if never.
    pub(crate) metadata_at: Ts,
    /// A leader is missing: the fast leader query includes the topic.
    pub(crate) wants_leader: bool,
    /// What partitions that are gone go on with when they come back.
    pub(crate) saved_ids: Vec<SavedIds>,
}

/// The sticky partition and when it was drawn.
pub(crate) struct Sticky {
    /// The partition; -1 before the first draw.
    pub(crate) partition: AtomicI32,
    /// When it is drawn anew.
    pub(crate) until: std::sync::atomic::AtomicI64,
}

/// One topic.
#[repr(C)]
pub(crate) struct Topic {
    mark: Mark,
    name: CString,
    /// The finalized configuration.
    pub(crate) settings: TopicSettings,
    /// The instance.
    pub(crate) owner: BackRef,
    /// The order of its messages.
    pub(crate) order: Order,
    current: AtomicPtr<Table>,
    control: Mutex<TopicControl>,
    /// Messages without a known partition.
    unassigned: Mutex<MsgQueue>,
    /// How many ever waited there.
    pub(crate) unassigned_total: AtomicU64,
    /// Made at the first use: never if statistics are off.
    windows: OnceLock<Mutex<TopicWindows>>,
    /// Messages wait there, so that later ones must wait behind them. Changed under the lock of
    /// `unassigned`.
    has_unassigned: AtomicBool,
    /// The sticky partition.
    pub(crate) sticky: Sticky,
    /// When the object was made.
    pub(crate) created: Ts,
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
        let table = leak(Table { state: TopicState::Unknown, partitions: Vec::new() });
        Arc::new(Self {
            mark: Mark::TOPIC,
            name,
            settings,
            account,
            owner,
            order,
            current: AtomicPtr::new(table.as_ptr()),
            control: Mutex::new(
                Rank::Topic,
                TopicControl {
                    tables: vec![table],
                    state_since: now,
                    metadata_at: Ts::ZERO,
                    wants_leader: false,
                    saved_ids: Vec::new(),
                },
            ),
            unassigned: Mutex::new(Rank::Toppar, MsgQueue::new()),
            unassigned_total: AtomicU64::new(0),
            windows: OnceLock::new(),
            has_unassigned: AtomicBool::new(false),
            sticky: Sticky {
                partition: AtomicI32::new(-1),
                until: std::sync::atomic::AtomicI64::new(0),
            },
            created: now,
        })
    }

    /// The name.
    pub(crate) fn name(&self) -> &CStr {
        &self.name
    }

    /// The name for logs: what is not UTF-8 is replaced.
    pub(crate) fn display_name(&self) -> std::borrow::Cow<'_, str> {
        self.name.to_string_lossy()
    }

    /// The address that C code has.
    pub(crate) fn as_c(&self) -> *const rd_kafka_topic_t {
        (&raw const *self).cast()
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
    pub(crate) fn control(&self) -> Guard<'_, TopicControl> {
        self.control.lock()
    }

    /// Replaces state and partitions.
    pub(crate) fn replace_table(
        &self,
        control: &mut Guard<'_, TopicControl>,
        state: TopicState,
        partitions: Vec<Arc<Toppar>>,
        now: Ts,
    ) {
        if self.table().state != state {
            control.state_since = now;
        }
        let table = leak(Table { state, partitions });
        control.tables.push(table);
        self.current.store(table.as_ptr(), Ordering::Release);
    }

    /// The windows of the statistics. Not for instances without statistics: they need no windows.
    pub(crate) fn windows(&self, settings: &Settings) -> Guard<'_, TopicWindows> {
        let (bytes, messages) = (settings.message_bytes_max, settings.batch_messages_max);
        let new = || Mutex::new(Rank::Leaf, TopicWindows::new(bytes, messages));
        self.windows.get_or_init(new).lock()
    }

    /// The messages without a partition.
    pub(crate) fn unassigned(&self) -> Unassigned<'_> {
        Unassigned { queue: self.unassigned.lock(), flag: &self.has_unassigned, keeps_flag: false }
    }

    /// Do messages wait without a partition?
    pub(crate) fn has_unassigned(&self) -> bool {
        self.has_unassigned.load(Ordering::Acquire)
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        for table in self.control.lock().tables.drain(..) {
            // SAFETY: each table came from `leak` and is in the list once; `&mut self` shows that
            // nobody reads one.
            drop(unsafe { Box::from_raw(table.as_ptr()) });
        }
    }
}

fn leak(table: Table) -> NonNull<Table> {
    NonNull::from(Box::leak(Box::new(table)))
}

/// The messages without a partition, locked. While any waits here, later ones have to come here
/// too: the queue tells so when the lock is given up.
pub(crate) struct Unassigned<'a> {
    queue: Guard<'a, MsgQueue>,
    flag: &'a AtomicBool,
    /// What was taken is not on its partitions yet.
    keeps_flag: bool,
}

impl Unassigned<'_> {
    /// Takes everything, to give it partitions: later messages still come here until the queue is
    /// found empty.
    pub(crate) fn take_for_assignment(mut self) -> Option<MsgQueue> {
        if self.queue.is_empty() {
            return None;
        }
        self.keeps_flag = true;
        Some(self.queue.take())
    }
}

impl Deref for Unassigned<'_> {
    type Target = MsgQueue;
    fn deref(&self) -> &MsgQueue {
        &self.queue
    }
}

impl DerefMut for Unassigned<'_> {
    fn deref_mut(&mut self) -> &mut MsgQueue {
        &mut self.queue
    }
}

impl Drop for Unassigned<'_> {
    fn drop(&mut self) {
        let waits = self.keeps_flag || !self.queue.is_empty();
        self.flag.store(waits, Ordering::Release);
    }
}

/// A topic object as C code holds it: one reference.
pub(crate) struct TopicHandle;

impl TopicHandle {
    /// Gives C code a reference.
    pub(crate) fn give(topic: Arc<Topic>) -> *mut rd_kafka_topic_t {
        Arc::into_raw(topic).cast_mut().cast()
    }

    /// Takes C code's reference back.
    ///
    /// # Safety
    /// `address` came from [`TopicHandle::give`] and is not used again by the caller.
    pub(crate) unsafe fn take(address: *mut rd_kafka_topic_t) -> Arc<Topic> {
        // SAFETY: the caller's contract.
        unsafe { Arc::from_raw(address.cast::<Topic>()) }
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
