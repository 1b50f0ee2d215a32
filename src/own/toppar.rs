//! `Toppar`: one partition of one topic, as the client knows it (`rd_kafka_toppar_t`).
//!
//! Who owns: everybody with an `Arc`; C code has the historical struct, which comes first. What the
//! partition lock protects is reached through [`HeldToppar`]; the transmit queue belongs to the
//! thread with its [`XmitQueue`]; counters are atomic. The last `Arc` frees the queued messages.

use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, MaybeUninit, offset_of};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::broker::Broker;
use super::eos::{Eos, LastErr, SavedIds};
use super::lot::Lot;
use super::msg::{Msg, NewMessage};
use super::msgq::MsgQueue;
use super::store::{Enqueued, PartitionStore};
use super::topic::Topic;
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::internal_codes::{RD_KAFKA_TOPPAR_F_ON_RKB, RD_KAFKA_TOPPAR_F_REMOVE};
use crate::abi::rd::rd_kafka_pid_t;
use crate::abi::toppar::{rd_kafka_toppar_eos_t, rd_kafka_toppar_err, rd_kafka_toppar_t};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::sys::lock::{Mtx, MtxGuard, Rank};

/// Who leads a partition, according to the newest metadata.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Leader {
    /// Node id, -1 if none.
    pub(crate) id: i32,
    /// Leader epoch, -1 if unknown.
    pub(crate) epoch: i32,
}

/// Counters of the statistics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TopparCounts {
    /// Messages that came from the application.
    pub(crate) produced: u64,
    /// Messages put into requests.
    pub(crate) sent: u64,
    /// Their value and key bytes.
    pub(crate) sent_bytes: u64,
}

/// Two types have the same layout, and these fields of theirs the same places.
macro_rules! same_layout {
    ($ours:ty, $theirs:ty: $($field:ident),*) => {
        const _: () = {
            assert!(size_of::<$ours>() == size_of::<$theirs>());
            assert!(align_of::<$ours>() == align_of::<$theirs>());
            $(assert!(offset_of!($ours, $field) == offset_of!($theirs, $field));)*
        };
    };
}

same_layout! { Pid, rd_kafka_pid_t: id, epoch }
same_layout! { Eos, rd_kafka_toppar_eos_t:
pid, acked_msgid, epoch_base_msgid, next_ack_seq, next_err_seq, wait_drain }
same_layout! { LastErr, rd_kafka_toppar_err: err, actions, ts, base_msgid, base_seq, last_seq }

/// One partition.
#[repr(C)]
pub(crate) struct Toppar {
    frame: UnsafeCell<rd_kafka_toppar_t>,
    /// The engine's part, behind the partition lock as well.
    store: UnsafeCell<Box<dyn PartitionStore>>,
    /// See [`HeldToppar::set_held`]; behind the partition lock as well.
    is_held: UnsafeCell<bool>,
    topic: Weak<Topic>,
    /// The serving engine's place for it; only the serving broker's thread uses it.
    pub(crate) slot: AtomicUsize,
    /// There is an [`XmitQueue`].
    is_xmit_taken: AtomicBool,
}

// SAFETY: what changes is atomic, behind the partition lock, or behind `is_xmit_taken`; the
// messages and brokers that it owns may change threads.
unsafe impl Send for Toppar {}
// SAFETY: as above.
unsafe impl Sync for Toppar {}

impl Toppar {
    /// A partition without a leader.
    pub(crate) fn new(
        topic: Weak<Topic>,
        partition: i32,
        store: Box<dyn PartitionStore>,
    ) -> Arc<Self> {
        // SAFETY: pointers, numbers, truth values, and locks that are set below: zero is valid.
        let mut frame: rd_kafka_toppar_t = unsafe { MaybeUninit::zeroed().assume_init() };
        frame.rktp_lock = Mtx::INIT;
        frame.rktp_rkt = topic.as_ptr().cast_mut().cast();
        frame.rktp_partition = partition;
        frame.rktp_leader_id = -1;
        frame.rktp_leader_epoch = -1;
        frame.rktp_broker_id = -1;
        frame.rktp_refcnt.val = AtomicI32::new(1);
        frame.rktp_eos.pid.id = -1;
        frame.rktp_eos.pid.epoch = -1;
        let toppar = Arc::new(Self {
            frame: UnsafeCell::new(frame),
            store: UnsafeCell::new(store),
            is_held: UnsafeCell::new(false),
            topic,
            slot: AtomicUsize::new(usize::MAX),
            is_xmit_taken: AtomicBool::new(false),
        });
        // The heads have their place now, and C code expects lists.
        toppar.lock().forget_signals();
        drop(toppar.take_xmit());
        toppar
    }

    /// The address that C code has.
    pub(crate) fn as_c(&self) -> *mut rd_kafka_toppar_t {
        self.frame.get()
    }

    /// Takes the partition lock.
    #[inline]
    pub(crate) fn lock(&self) -> HeldToppar<'_> {
        let frame = self.frame.get();
        // SAFETY: `new` initialised the lock at the place where it stays. The head is zeroed or was
        // used before, and only who has the lock uses it.
        unsafe {
            let held = Mtx::at(&raw const (*frame).rktp_lock).lock(Rank::Toppar);
            let queue = MsgQueue::at(NonNull::new_unchecked(&raw mut (*frame).rktp_msgq));
            HeldToppar { toppar: self, queue, _held: held }
        }
    }

    /// The partition behind C code's address.
    ///
    /// # Safety
    /// `at` is NULL or came from [`Toppar::as_c`] of a partition that is alive.
    pub(crate) unsafe fn of_c(at: *const rd_kafka_toppar_t) -> Option<Arc<Self>> {
        let toppar = at.cast::<Self>();
        // SAFETY: the caller's contract; the frame is the first field, and every partition is made
        // inside an `Arc`.
        (!toppar.is_null()).then(|| unsafe {
            Arc::increment_strong_count(toppar);
            Arc::from_raw(toppar)
        })
    }

    /// The transmit queue, for the thread that serves the partition: there is one at a time.
    pub(crate) fn take_xmit(self: &Arc<Self>) -> XmitQueue {
        let was_taken = self.is_xmit_taken.swap(true, Ordering::AcqRel);
        assert!(!was_taken, "two threads serve one partition");
        // SAFETY: the head is zeroed or was used before and stays as long as the partition; the
        // flag keeps others away until the result is dropped.
        let queue = unsafe {
            let head = &raw mut (*self.frame.get()).rktp_xmit_msgq;
            MsgQueue::at(NonNull::new_unchecked(head))
        };
        XmitQueue { queue, toppar: Arc::clone(self) }
    }

    /// The topic.
    pub(crate) fn topic(&self) -> Arc<Topic> {
        self.topic.upgrade().expect("the instance keeps topics until its broker threads have ended")
    }

    /// Partition number.
    pub(crate) fn partition(&self) -> i32 {
        // SAFETY: the number never changes after `new`.
        unsafe { (*self.frame.get()).rktp_partition }
    }

    /// Messages in flight on any broker thread, the former one included: after a migration the old
    /// thread still gets answers.
    pub(crate) fn in_flight(&self) -> &AtomicI32 {
        // SAFETY: an atomic field lives as long as the partition and is only used as one.
        unsafe { &(*self.frame.get()).rktp_msgs_inflight.val }
    }

    /// Counts references for C code: the topic's, the serving broker's and those of batches.
    pub(super) fn count_references(&self, more: i32) {
        // SAFETY: the field is atomic and only used as such.
        let count = unsafe { &(*self.frame.get()).rktp_refcnt.val };
        count.fetch_add(more, Ordering::Relaxed);
    }

    /// Counts messages that were put into a request, and their value and key bytes.
    pub(crate) fn count_sent(&self, messages: usize, bytes: i64) {
        // SAFETY: the fields are atomic and only used as such.
        let counters = unsafe { &(*self.frame.get()).rktp_c };
        let messages = i64::try_from(messages).unwrap_or(i64::MAX);
        counters.tx_msgs.val.fetch_add(messages, Ordering::Relaxed);
        counters.tx_msg_bytes.val.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What the statistics count.
    pub(crate) fn counts(&self) -> TopparCounts {
        // SAFETY: the fields are atomic and only used as such.
        let counters = unsafe { &(*self.frame.get()).rktp_c };
        let load = |counter: &AtomicI64| u64::try_from(counter.load(Ordering::Relaxed));
        TopparCounts {
            produced: load(&counters.producer_enq_msgs.val).unwrap_or(0),
            sent: load(&counters.tx_msgs.val).unwrap_or(0),
            sent_bytes: load(&counters.tx_msg_bytes.val).unwrap_or(0),
        }
    }

    /// What the partition goes on with should it come back; nothing if its messages have no
    /// sequence.
    ///
    /// Historical: `rd_kafka_topic_keep_partition_msgid`.
    pub(crate) fn saved_ids(&self) -> Option<SavedIds> {
        let mut shared = self.lock();
        let (eos, last_id) = (*shared.eos(), shared.last_id());
        let next = shared.parts().0.next_sequence();
        let base = |next: i32| (last_id + 1).wrapping_sub(u64::from(next.unsigned_abs()));
        eos.pid.is_valid().then_some(SavedIds {
            partition: self.partition(),
            last_id,
            pid: eos.pid,
            epoch_base_msgid: next.map_or(eos.epoch_base_msgid, base),
        })
    }

    /// Does it have batches with sequence numbers under a producer id that are not settled?
    pub(crate) fn is_unsettled(&self, pid: Pid) -> bool {
        let mut shared = self.lock();
        shared.eos().pid == pid && shared.parts().0.is_unsettled()
    }

    /// Goes on where a former partition of the same number ended.
    pub(crate) fn restore_ids(&self, saved: &mut Vec<SavedIds>) {
        let number = self.partition();
        let Some(at) = saved.iter().position(|ids| ids.partition == number) else { return };
        let ids = saved.swap_remove(at);
        let mut shared = self.lock();
        // SAFETY: the lock is held.
        unsafe { (*self.frame.get()).rktp_msgid = ids.last_id };
        let eos = shared.eos_mut();
        eos.pid = ids.pid;
        eos.epoch_base_msgid = ids.epoch_base_msgid;
        let next = (ids.last_id + 1).wrapping_sub(ids.epoch_base_msgid)
            & u64::from(i32::MAX.unsigned_abs());
        shared.parts().0.go_on_at(i32::try_from(next).unwrap_or(0));
    }

    /// Can messages be sent to it now (`rd_kafka_topic_partition_available`)?
    pub(crate) fn is_available(&self) -> bool {
        self.broker_id() != -1
    }

    /// Node id of the serving broker; -1 if none. Written by that broker's thread when it takes the
    /// partition and when it lets go.
    pub(crate) fn broker_id(&self) -> i32 {
        self.shared_broker_id().load(Ordering::Acquire)
    }

    /// A broker's thread took the partition, or (-1) let go.
    pub(crate) fn set_broker_id(&self, id: i32) {
        self.shared_broker_id().store(id, Ordering::Release);
    }

    fn shared_broker_id(&self) -> &AtomicI32 {
        // SAFETY: the field is aligned, lives as long as the partition, and is only used like this.
        unsafe { AtomicI32::from_ptr(&raw mut (*self.frame.get()).rktp_broker_id) }
    }
}

impl Drop for Toppar {
    fn drop(&mut self) {
        self.end_v2();
        let frame = self.frame.get();
        // SAFETY: `&mut self`: nobody else has the partition, so both queues and the references are
        // ours to end, without the lock; it is in the lists of the broker that it refers to.
        unsafe {
            for head in [&raw mut (*frame).rktp_msgq, &raw mut (*frame).rktp_xmit_msgq] {
                let mut queue = MsgQueue::at(NonNull::new_unchecked(head));
                while queue.pop_front().is_some() {}
            }
            if let Some(broker) = borrow(&raw const (*frame).rktp_broker) {
                broker.release(frame);
            }
            for place in [
                &raw mut (*frame).rktp_leader,
                &raw mut (*frame).rktp_broker,
                &raw mut (*frame).rktp_next_broker,
            ] {
                drop(replace(place, None));
            }
        }
    }
}

/// The broker behind a reference, if there is one.
///
/// # Safety
/// `place` holds NULL or a pointer from [`replace`], and does not change during `'a`.
unsafe fn borrow<'a>(place: *const *mut rd_kafka_broker_t) -> Option<&'a Broker> {
    // SAFETY: the caller's contract.
    unsafe { (*place).cast::<Broker>().cast_const().as_ref() }
}

/// Another reference to that broker.
///
/// # Safety
/// As for [`borrow`].
unsafe fn share(place: *const *mut rd_kafka_broker_t) -> Option<Arc<Broker>> {
    // SAFETY: the caller's contract: the pointer came from `Arc::into_raw` and its reference stays
    // where it is.
    unsafe {
        let broker = NonNull::new((*place).cast::<Broker>())?.as_ptr().cast_const();
        Arc::increment_strong_count(broker);
        Some(Arc::from_raw(broker))
    }
}

/// Puts a reference at a place, and returns the one that was there.
///
/// # Safety
/// `place` holds NULL or a pointer from this function, and is the caller's alone.
unsafe fn replace(
    place: *mut *mut rd_kafka_broker_t,
    broker: Option<Arc<Broker>>,
) -> Option<Arc<Broker>> {
    let raw = broker.map_or(std::ptr::null(), Arc::into_raw).cast_mut().cast();
    // SAFETY: the caller's contract; the pointer that comes out is in no other place.
    unsafe {
        let former = std::mem::replace(&mut *place, raw).cast::<Broker>().cast_const();
        if former.is_null() { None } else { Some(Arc::from_raw(former)) }
    }
}

/// A partition whose lock is held: what the lock protects.
pub(crate) struct HeldToppar<'a> {
    toppar: &'a Toppar,
    /// The produce queue, at its place.
    queue: ManuallyDrop<MsgQueue>,
    _held: MtxGuard<'a>,
}

impl HeldToppar<'_> {
    fn frame(&self) -> *mut rd_kafka_toppar_t {
        self.toppar.frame.get()
    }

    /// The engine's store, whichever engine's, and the produce queue.
    fn parts(&mut self) -> (&mut dyn PartitionStore, &mut MsgQueue) {
        // SAFETY: the lock is held, and `&mut self` makes the reference the only one.
        let store = unsafe { &mut *self.toppar.store.get() };
        (&mut **store, &mut self.queue)
    }

    /// The engine's store, for its engine, and the produce queue.
    pub(crate) fn store<S: PartitionStore>(&mut self) -> Option<(&mut S, &mut MsgQueue)> {
        let (store, queue) = self.parts();
        Some((store.as_any().downcast_mut::<S>()?, queue))
    }

    /// Takes a message, numbers it if it has no number, and counts it.
    #[inline]
    pub(crate) fn enqueue(&mut self, mut message: Msg) -> Enqueued {
        let frame = self.frame();
        // SAFETY: the lock is held; the counter is written under it only.
        unsafe {
            if message.id() == 0 {
                (*frame).rktp_msgid += 1;
                message.set_id((*frame).rktp_msgid);
            }
        }
        self.count();
        message.set_partition(self.toppar.partition());
        let (store, queue) = self.parts();
        store.enqueue(queue, message)
    }

    /// Takes a message that there is no object of, numbers and counts it: for engines that write
    /// records when messages come.
    #[inline]
    pub(crate) fn enqueue_new(&mut self, topic: &Topic, new: &NewMessage<'_>) -> Enqueued {
        let frame = self.frame();
        // SAFETY: the lock is held; the counter is written under it only.
        let id = unsafe {
            (*frame).rktp_msgid += 1;
            (*frame).rktp_msgid
        };
        self.count();
        self.parts().0.enqueue_new(topic, new, id)
    }

    /// Takes messages back that are sent again, or that a former broker had; keeps the order.
    /// `messages` is empty afterwards.
    pub(crate) fn requeue(&mut self, messages: &mut MsgQueue) -> Enqueued {
        let (store, queue) = self.parts();
        store.requeue(queue, messages)
    }

    /// Moves expired messages of the produce queue to `out`.
    pub(crate) fn take_expired(&mut self, now: Ts, out: &mut MsgQueue) {
        self.queue.take_expired(now, out);
    }

    /// Moves all waiting messages to `out`. Whatever was announced is gone: the next message is
    /// news.
    pub(crate) fn drain(&mut self, out: &mut Lot) {
        let (store, queue) = self.parts();
        store.drain(queue, out);
        self.forget_signals();
    }

    /// How many of the waiting messages have sequence numbers under a producer id.
    pub(crate) fn numbered(&mut self, pid: Pid) -> usize {
        if self.eos().pid == pid { self.parts().0.numbered() } else { 0 }
    }

    /// How many messages wait, and their value and key bytes.
    pub(crate) fn waiting(&mut self) -> (usize, i64) {
        let (store, queue) = self.parts();
        let (count, bytes) = store.kept();
        (queue.len() + count, queue.bytes() + bytes)
    }

    /// The partition changed its broker: the next message makes it ready again, whatever was
    /// signalled before.
    pub(crate) fn forget_signals(&mut self) -> Enqueued {
        let (store, queue) = self.parts();
        store.forget_signals(queue)
    }

    /// Takes a message that has no partition yet: it is counted and gets no number.
    pub(super) fn wait(&mut self, message: Msg) {
        self.count();
        self.queue.push_back(message);
    }

    fn count(&mut self) {
        // SAFETY: the field is atomic, and the lock is held: nobody else writes it.
        let produced = unsafe { &(*self.frame()).rktp_c.producer_enq_msgs.val };
        produced.store(produced.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// The produce queue, to change it: not for partitions that an engine serves.
    pub(super) fn queue_mut(&mut self) -> &mut MsgQueue {
        &mut self.queue
    }

    /// The produce queue.
    pub(crate) fn queue(&self) -> &MsgQueue {
        &self.queue
    }

    /// Idempotence.
    pub(crate) fn eos(&self) -> &Eos {
        // SAFETY: the lock is held, and the layouts are the same.
        unsafe { &*(&raw const (*self.frame()).rktp_eos).cast::<Eos>() }
    }

    /// Idempotence, to change it.
    pub(crate) fn eos_mut(&mut self) -> &mut Eos {
        // SAFETY: as above; `&mut self` makes the reference the only one.
        unsafe { &mut *(&raw mut (*self.frame()).rktp_eos).cast::<Eos>() }
    }

    /// The last produce error.
    pub(crate) fn last_err(&self) -> LastErr {
        // SAFETY: the lock is held, and the layouts are the same.
        unsafe { *(&raw const (*self.frame()).rktp_last_err).cast::<LastErr>() }
    }

    /// A batch failed.
    pub(crate) fn set_last_err(&mut self, error: LastErr) {
        // SAFETY: the lock is held, and the layouts are the same.
        unsafe { (&raw mut (*self.frame()).rktp_last_err).cast::<LastErr>().write(error) };
    }

    /// The serving thread waits until fewer messages are in flight, or (`false`) does not: whoever
    /// takes the last one out of the way puts the partition onto the ready list. Returns what was.
    pub(crate) fn set_held(&mut self, is_held: bool) -> bool {
        // SAFETY: the lock is held.
        unsafe { self.toppar.is_held.get().replace(is_held) }
    }

    /// The number of the newest message.
    pub(crate) fn last_id(&self) -> u64 {
        // SAFETY: the lock is held.
        unsafe { (*self.frame()).rktp_msgid }
    }

    /// The leader.
    pub(crate) fn leader(&self) -> Leader {
        let frame = self.frame();
        // SAFETY: the lock is held.
        unsafe { Leader { id: (*frame).rktp_leader_id, epoch: (*frame).rktp_leader_epoch } }
    }

    /// Metadata told a leader; `broker` is the broker of that id, if there is one.
    pub(crate) fn set_leader(&mut self, leader: Leader, broker: Option<Arc<Broker>>) {
        let frame = self.frame();
        // SAFETY: the lock is held.
        unsafe {
            (*frame).rktp_leader_id = leader.id;
            (*frame).rktp_leader_epoch = leader.epoch;
            drop(replace(&raw mut (*frame).rktp_leader, broker));
        }
    }

    /// The broker whose thread serves the partition.
    pub(crate) fn broker(&self) -> Option<Arc<Broker>> {
        // SAFETY: the lock is held, and the place is written by `replace` only.
        unsafe { share(&raw const (*self.frame()).rktp_broker) }
    }

    /// The same, without a reference of its own.
    pub(crate) fn broker_ref(&self) -> Option<&Broker> {
        // SAFETY: as in `broker`; the place does not change while `self` is borrowed.
        unsafe { borrow(&raw const (*self.frame()).rktp_broker) }
    }

    /// A broker's thread took the partition, or (`None`) let go.
    pub(crate) fn set_broker(&mut self, broker: Option<Arc<Broker>>) {
        let frame = self.frame();
        self.toppar.set_broker_id(broker.as_ref().map_or(-1, |broker| broker.id()));
        // SAFETY: the lock is held, so that the partition is in the lists of the broker that it
        // has a reference to, and in no others.
        unsafe {
            if let Some(former) = borrow(&raw const (*frame).rktp_broker) {
                former.release(frame);
                (*frame).rktp_flags &= !RD_KAFKA_TOPPAR_F_ON_RKB;
                (*frame).rktp_msgq_wakeup_q = std::ptr::null_mut();
                self.toppar.count_references(-1);
            }
            if let Some(broker) = &broker {
                broker.adopt(frame);
                (*frame).rktp_flags |= RD_KAFKA_TOPPAR_F_ON_RKB;
                (*frame).rktp_msgq_wakeup_q = broker.ops_shown().as_c();
                self.toppar.count_references(1);
            }
            drop(replace(&raw mut (*frame).rktp_broker, broker));
        }
    }

    /// The broker that shall serve it once the present one let go.
    pub(crate) fn next_broker(&self) -> Option<Arc<Broker>> {
        // SAFETY: the lock is held, and the place is written by `replace` only.
        unsafe { share(&raw const (*self.frame()).rktp_next_broker) }
    }

    /// The partition shall go to a broker, or (`None`) is where it belongs.
    pub(crate) fn set_next_broker(&mut self, broker: Option<Arc<Broker>>) {
        // SAFETY: the lock is held.
        drop(unsafe { replace(&raw mut (*self.frame()).rktp_next_broker, broker) });
    }

    /// The brokers end: the partition has no reference to one any more.
    pub(crate) fn let_brokers_go(&mut self) {
        self.set_leader(self.leader(), None);
        self.set_broker(None);
        self.set_next_broker(None);
    }

    /// The partition is gone from the cluster; messages are refused.
    pub(crate) fn is_removed(&self) -> bool {
        // SAFETY: the lock is held.
        unsafe { (*self.frame()).rktp_flags & RD_KAFKA_TOPPAR_F_REMOVE != 0 }
    }

    /// The partition went from the cluster, and its leader is none of ours any more.
    pub(crate) fn set_removed(&mut self) {
        self.set_leader(self.leader(), None);
        // SAFETY: the lock is held.
        unsafe { (*self.frame()).rktp_flags |= RD_KAFKA_TOPPAR_F_REMOVE };
    }
}

/// The transmit queue: messages that the serving broker's thread took and that are in no request
/// yet. It is the partition's; this is the right to use it.
pub(crate) struct XmitQueue {
    queue: ManuallyDrop<MsgQueue>,
    toppar: Arc<Toppar>,
}

impl Deref for XmitQueue {
    type Target = MsgQueue;
    fn deref(&self) -> &MsgQueue {
        &self.queue
    }
}

impl DerefMut for XmitQueue {
    fn deref_mut(&mut self) -> &mut MsgQueue {
        &mut self.queue
    }
}

impl Drop for XmitQueue {
    fn drop(&mut self) {
        self.toppar.is_xmit_taken.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::any::Any;

    use super::super::broker::BrokerSource;
    use super::super::fixture::{contents, message, topic};
    use super::super::msgq::Order;
    use super::super::topic::weak;
    use super::*;
    use crate::sys::rand::Rng;

    /// Keeps the produce queue in ascending order and says what it was told.
    #[derive(Default)]
    struct Plain {
        told: usize,
    }

    impl PartitionStore for Plain {
        fn enqueue(&mut self, queue: &mut MsgQueue, message: Msg) -> Enqueued {
            self.told += 1;
            queue.push_back(message);
            Enqueued::Quiet
        }
        fn requeue(&mut self, queue: &mut MsgQueue, messages: &mut MsgQueue) -> Enqueued {
            self.told += messages.len();
            queue.merge(messages, Order::Fifo);
            Enqueued::First
        }
        fn forget_signals(&mut self, _: &mut MsgQueue) -> Enqueued {
            self.told = 0;
            Enqueued::Quiet
        }
        fn as_any(&mut self) -> &mut dyn Any {
            self
        }
    }

    fn toppar(topic: &Arc<Topic>) -> Arc<Toppar> {
        Toppar::new(weak(topic), 7, Box::new(Plain::default()))
    }

    /// What C code sees; nobody else uses the partition meanwhile.
    fn seen(toppar: &Toppar) -> &rd_kafka_toppar_t {
        // SAFETY: the tests have one thread, and let the result go before the next change.
        unsafe { &*toppar.as_c() }
    }

    #[test]
    fn a_partition_behaves_like_its_model_and_c_code_sees_it() {
        let topic = topic(Order::Fifo);
        let toppar = toppar(&topic);
        let mut xmit = toppar.take_xmit();
        let mut rng = Rng::from_system();
        let (mut queued, mut taken, mut ids) = (Vec::new(), Vec::new(), 0);
        for _ in 0..2000 {
            match rng.between(0, 5) {
                0..=2 => {
                    ids += 1;
                    toppar.lock().enqueue(message(&topic, 2, Ts::MAX));
                    queued.push((ids, 2));
                }
                3 => {
                    let mut held = toppar.lock();
                    let (_, queue) = held.store::<Plain>().expect("the store");
                    xmit.append(queue);
                    taken.append(&mut queued);
                }
                4 => {
                    toppar.lock().requeue(&mut xmit);
                    queued.append(&mut taken);
                    queued.sort_unstable();
                }
                _ => {
                    let mut out = Lot::default();
                    toppar.lock().drain(&mut out);
                    assert_eq!(contents(&out.objects), std::mem::take(&mut queued));
                }
            }
            assert_eq!(contents(toppar.lock().queue()), queued);
            assert_eq!(contents(&xmit), taken);
            let frame = seen(&toppar);
            assert_eq!(frame.rktp_msgq.rkmq_msg_cnt as usize, queued.len());
            assert_eq!(frame.rktp_xmit_msgq.rkmq_msg_bytes, 2 * taken.len() as i64);
            assert_eq!((toppar.lock().last_id(), toppar.counts().produced), (ids, ids));
        }
        let left = (queued.len() + taken.len()) as i64;
        assert_eq!(topic.account.messages(), left);
        drop(xmit);
        drop(toppar);
        assert_eq!(topic.account.messages(), 0, "a partition frees its messages");
    }

    #[test]
    fn references_to_brokers_are_counted_and_c_code_has_their_addresses() {
        let topic = topic(Order::Fifo);
        let toppar = toppar(&topic);
        let broker = |id| Broker::new(BrokerSource::Learned, id, "h", 1).expect("a descriptor");
        let (one, two) = (broker(1), broker(2));
        let address = |broker: &Arc<Broker>| Arc::as_ptr(broker).cast_mut().cast();
        {
            let mut held = toppar.lock();
            held.set_leader(Leader { id: 2, epoch: 5 }, Some(Arc::clone(&two)));
            held.set_broker(Some(Arc::clone(&one)));
            held.set_next_broker(Some(Arc::clone(&two)));
            held.set_next_broker(Some(Arc::clone(&one)));
            assert!(held.next_broker().is_some_and(|next| Arc::ptr_eq(&next, &one)));
            assert_eq!(held.broker_ref().map(Broker::id), Some(1));
        }
        assert_eq!((Arc::strong_count(&one), Arc::strong_count(&two)), (3, 2));
        let frame = seen(&toppar);
        assert_eq!((frame.rktp_leader, frame.rktp_broker), (address(&two), address(&one)));
        assert_eq!(
            (frame.rktp_leader_id, frame.rktp_leader_epoch, frame.rktp_broker_id),
            (2, 5, 1)
        );
        assert_eq!(frame.rktp_rkt.cast_const(), topic.as_c());
        assert!(toppar.is_available());
        toppar.lock().let_brokers_go();
        assert_eq!((Arc::strong_count(&one), Arc::strong_count(&two)), (1, 1));
        assert_eq!(toppar.lock().leader(), Leader { id: 2, epoch: 5 });
        toppar.lock().set_next_broker(Some(Arc::clone(&two)));
        drop(toppar);
        assert_eq!(Arc::strong_count(&two), 1);
    }

    #[test]
    fn a_partition_that_is_gone_says_so_by_the_historical_flag() {
        let topic = topic(Order::Fifo);
        let toppar = toppar(&topic);
        assert!(!toppar.lock().is_removed());
        toppar.lock().set_removed();
        assert_eq!(seen(&toppar).rktp_flags, RD_KAFKA_TOPPAR_F_REMOVE);
        assert!(toppar.lock().is_removed());
    }

    #[test]
    #[should_panic(expected = "two threads serve one partition")]
    fn the_transmit_queue_has_one_user() {
        let topic = topic(Order::Fifo);
        let toppar = toppar(&topic);
        drop(toppar.take_xmit());
        let _one = toppar.take_xmit();
        let _two = toppar.take_xmit();
    }

    #[test]
    fn the_lock_is_the_one_in_the_struct() {
        let topic = topic(Order::Fifo);
        let toppar = toppar(&topic);
        // SAFETY: the lock is initialised and at its place.
        let try_lock =
            || unsafe { libc::pthread_mutex_trylock(&raw mut (*toppar.as_c()).rktp_lock) };
        let held = toppar.lock();
        assert_eq!(try_lock(), libc::EBUSY);
        drop(held);
        assert_eq!(try_lock(), 0);
        // SAFETY: this thread just took it.
        unsafe { libc::pthread_mutex_unlock(&raw mut (*toppar.as_c()).rktp_lock) };
    }
}
