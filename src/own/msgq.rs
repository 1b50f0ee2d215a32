//! `MsgQueue`: an owned queue of messages (`rd_kafka_msgq_t`).
//!
//! Who owns: the queue owns its head (one box, since a TAILQ head must not move) and every message
//! linked into it. Who frees: dropping the queue drops its messages. All pointer surgery is in the
//! four functions of `link`; each needs
//! `&mut` access to the queue, so no two threads meet here.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use super::msg::{Msg, MsgFields};
use crate::abi::msg::*;
use crate::abi::sysqueue::TailqHead;
use crate::sys::clock::Ts;

/// The order of a partition's messages, by message id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// Ascending.
    Fifo,
    /// Descending.
    Lifo,
}

impl Order {
    /// Does `a` belong before `b`?
    fn is_before(self, a: &MsgFields, b: &MsgFields) -> bool {
        match self {
            Self::Fifo => a.id() < b.id(),
            Self::Lifo => a.id() > b.id(),
        }
    }
}

/// An owned queue.
pub(crate) struct MsgQueue {
    /// From a `Box`, but held as a pointer: the list points back into its head, and a box would
    /// promise the compiler that nothing else does.
    head: NonNull<rd_kafka_msgq_t>,
}

// SAFETY: the queue owns all that it points to, and messages may change threads.
unsafe impl Send for MsgQueue {}

impl MsgQueue {
    /// An empty queue.
    pub(crate) fn new() -> Self {
        let head = Box::into_raw(Box::new(rd_kafka_msgq_t {
            rkmq_msgs: TailqHead {
                tqh_first: std::ptr::null_mut(),
                tqh_last: std::ptr::null_mut(),
            },
            rkmq_msg_cnt: 0,
            rkmq_msg_bytes: 0,
            rkmq_wakeup: rd_kafka_msgq_wakeup_t::default(),
        }));
        // SAFETY: the head was just made; a box is never NULL.
        unsafe {
            (*head).rkmq_msgs.tqh_last = &raw mut (*head).rkmq_msgs.tqh_first;
            Self { head: NonNull::new_unchecked(head) }
        }
    }

    /// Access to a queue whose head is part of something else. What is in it when that ends has to
    /// be taken out before.
    ///
    /// # Safety
    /// `head` is zeroed or was used through this type before; it stays at its place, and nobody
    /// else uses it as long as the result does.
    pub(crate) unsafe fn at(head: NonNull<rd_kafka_msgq_t>) -> ManuallyDrop<Self> {
        // SAFETY: the caller's contract. A zeroed head becomes an empty one.
        unsafe {
            let list = &raw mut (*head.as_ptr()).rkmq_msgs;
            if (*list).tqh_last.is_null() {
                (*list).tqh_last = &raw mut (*list).tqh_first;
            }
        }
        ManuallyDrop::new(Self { head })
    }

    /// The list in the head.
    fn list(&self) -> *mut TailqHead<rd_kafka_msg_t> {
        // SAFETY: the head lives as long as the queue.
        unsafe { &raw mut (*self.head.as_ptr()).rkmq_msgs }
    }

    /// The first message, or NULL.
    fn first(&self) -> *mut rd_kafka_msg_t {
        // SAFETY: the head lives as long as the queue.
        unsafe { (*self.list()).tqh_first }
    }

    /// The `tqe_next` of the last message; of an empty queue, the head's pointer to the first.
    fn last_link(&self) -> *mut *mut rd_kafka_msg_t {
        // SAFETY: the head lives as long as the queue.
        unsafe { (*self.list()).tqh_last }
    }

    /// Messages and bytes.
    fn totals(&self) -> (i32, i64) {
        let head = self.head.as_ptr();
        // SAFETY: the head lives as long as the queue.
        unsafe { ((*head).rkmq_msg_cnt, (*head).rkmq_msg_bytes) }
    }

    fn set_totals(&mut self, (count, bytes): (i32, i64)) {
        let head = self.head.as_ptr();
        // SAFETY: the head lives as long as the queue; `&mut self`: nobody else writes.
        unsafe { ((*head).rkmq_msg_cnt, (*head).rkmq_msg_bytes) = (count, bytes) }
    }

    /// What wakes the thread that is served from here.
    pub(crate) fn wakeup(&self) -> rd_kafka_msgq_wakeup_t {
        // SAFETY: the head lives as long as the queue.
        unsafe { (*self.head.as_ptr()).rkmq_wakeup }
    }

    /// Sets what wakes the thread that is served from here.
    pub(crate) fn set_wakeup(&mut self, wakeup: rd_kafka_msgq_wakeup_t) {
        // SAFETY: the head lives as long as the queue; `&mut self`: nobody else writes.
        unsafe { (*self.head.as_ptr()).rkmq_wakeup = wakeup };
    }

    /// A queue of one message.
    pub(crate) fn of(message: Msg) -> Self {
        let mut queue = Self::new();
        queue.push_back(message);
        queue
    }

    /// How many messages.
    pub(crate) fn len(&self) -> usize {
        self.totals().0 as usize
    }

    /// Value and key bytes.
    pub(crate) fn bytes(&self) -> i64 {
        self.totals().1
    }

    /// Is it empty?
    pub(crate) fn is_empty(&self) -> bool {
        self.first().is_null()
    }

    /// Appends a message.
    pub(crate) fn push_back(&mut self, message: Msg) {
        self.count(&message, 1);
        // SAFETY: the list is this queue's; the message is alive and in no list.
        unsafe { link::push_back(self.list(), message.into_raw()) };
    }

    /// Takes the first message out.
    pub(crate) fn pop_front(&mut self) -> Option<Msg> {
        let first = NonNull::new(self.first())?;
        // SAFETY: the message is this list's first; once out of it, it belongs to the caller.
        let message = unsafe {
            prefetch(first.as_ptr(), (*first.as_ptr()).rkm_link.tqe_next);
            link::remove(self.list(), first.as_ptr());
            Msg::from_raw(first.as_ptr())
        };
        self.count(&message, -1);
        Some(message)
    }

    /// The first message.
    pub(crate) fn front(&self) -> Option<&MsgFields> {
        // SAFETY: linked messages are alive, and `MsgFields` is a transparent message.
        unsafe { self.first().cast::<MsgFields>().as_ref() }
    }

    /// The first message, to change it.
    pub(crate) fn front_mut(&mut self) -> Option<&mut MsgFields> {
        // SAFETY: as in `front`; `&mut self` makes the reference the only one.
        unsafe { self.first().cast::<MsgFields>().as_mut() }
    }

    /// The last message.
    pub(crate) fn back(&self) -> Option<&MsgFields> {
        if self.is_empty() {
            return None;
        }
        // SAFETY: in a queue that is not empty `tqh_last` is the `tqe_next` of the last message.
        unsafe { link::owner(self.last_link()).cast::<MsgFields>().as_ref() }
    }

    /// The last message, to change it.
    pub(crate) fn back_mut(&mut self) -> Option<&mut MsgFields> {
        if self.is_empty() {
            return None;
        }
        // SAFETY: as in `back`; `&mut self` makes the reference the only one.
        unsafe { link::owner(self.last_link()).cast::<MsgFields>().as_mut() }
    }

    /// Moves all of `source` to the end.
    pub(crate) fn append(&mut self, source: &mut Self) {
        let ((count, bytes), (more, more_bytes)) = (self.totals(), source.totals());
        self.set_totals((count + more, bytes + more_bytes));
        source.set_totals((0, 0));
        // SAFETY: both lists are their queues' own, and two queues are two lists.
        unsafe { link::append(self.list(), source.list()) };
    }

    /// Takes everything out.
    pub(crate) fn take(&mut self) -> Self {
        let mut all = Self::new();
        all.append(self);
        all
    }

    /// Inserts a message at its place in `order`.
    pub(crate) fn insert(&mut self, message: Msg, order: Order) {
        let mut single = Self::of(message);
        self.merge(&mut single, order);
    }

    /// Merges two queues that are in `order`; `source` is empty afterwards.
    ///
    /// Historical: `rd_kafka_msgq_insert_msgq`.
    pub(crate) fn merge(&mut self, source: &mut Self, order: Order) {
        let Some(first) = source.front() else { return };
        if self.back().is_none_or(|last| order.is_before(last, first)) {
            self.append(source);
            return;
        }
        if source.back().zip(self.front()).is_some_and(|(last, first)| order.is_before(last, first))
        {
            source.append(self);
            self.append(source);
            return;
        }
        let mut old = self.take();
        while let Some((a, b)) = old.front().zip(source.front()) {
            let next = if order.is_before(b, a) { source.pop_front() } else { old.pop_front() };
            if let Some(message) = next {
                self.push_back(message);
            }
        }
        self.append(&mut old);
        self.append(source);
    }

    /// Moves messages from the head that expired at `now` to the end of `out`; stops at the first
    /// that did not. Returns when that one expires.
    ///
    /// Historical: `rd_kafka_msgq_age_scan`.
    pub(crate) fn take_expired(&mut self, now: Ts, out: &mut Self) -> Option<Ts> {
        while let Some(first) = self.front() {
            if first.expires() > now {
                return Some(first.expires());
            }
            if let Some(message) = self.pop_front() {
                out.push_back(message);
            }
        }
        None
    }

    /// The messages, first to last.
    pub(crate) fn iter(&self) -> Iter<'_> {
        Iter { next: self.first(), queue: PhantomData }
    }

    /// The messages, first to last, to change them.
    pub(crate) fn iter_mut(&mut self) -> IterMut<'_> {
        IterMut { next: self.first(), queue: PhantomData }
    }

    fn count(&mut self, message: &Msg, sign: i32) {
        let (count, bytes) = self.totals();
        let size = message.queued_len() as i64;
        self.set_totals((count + sign, bytes + i64::from(sign) * size));
    }
}

impl Default for MsgQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for MsgQueue {
    fn drop(&mut self) {
        while self.pop_front().is_some() {}
        // SAFETY: the head came from a box in `new`, and nothing points to it any more.
        drop(unsafe { Box::from_raw(self.head.as_ptr()) });
    }
}

/// Iterator over a queue.
pub(crate) struct Iter<'a> {
    next: *mut rd_kafka_msg_t,
    queue: PhantomData<&'a MsgQueue>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a MsgFields;
    fn next(&mut self) -> Option<&'a MsgFields> {
        // SAFETY: the queue is borrowed, so its messages stay linked and alive.
        let message = unsafe { self.next.cast::<MsgFields>().as_ref()? };
        // SAFETY: as above.
        self.next = unsafe { (*self.next).rkm_link.tqe_next };
        Some(message)
    }
}

/// Iterator over a queue that may change its messages.
pub(crate) struct IterMut<'a> {
    next: *mut rd_kafka_msg_t,
    queue: PhantomData<&'a mut MsgQueue>,
}

impl<'a> Iterator for IterMut<'a> {
    type Item = &'a mut MsgFields;
    fn next(&mut self) -> Option<&'a mut MsgFields> {
        let this = NonNull::new(self.next)?;
        // SAFETY: the queue is borrowed for writing, so its messages stay linked and alive and each
        // is given out once.
        unsafe {
            self.next = (*this.as_ptr()).rkm_link.tqe_next;
            prefetch(this.as_ptr(), self.next);
            Some(this.cast::<MsgFields>().as_mut())
        }
    }
}

/// Messages are gone through one by one, and their lines come from another core's cache or from
/// memory. They were mostly allocated in the order of the queue, at even distances, so that it can
/// be guessed where one is that comes in a while.
#[inline]
fn prefetch(message: *const rd_kafka_msg_t, next: *const rd_kafka_msg_t) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const AHEAD: usize = 8;
        const LINE: usize = 64;
        let distance = next.addr().wrapping_sub(message.addr());
        let guess = message.cast::<i8>().wrapping_add(distance.wrapping_mul(AHEAD));
        for line in 0..5 {
            // SAFETY: a hint; any address will do, and nothing is read.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(guess.wrapping_add(line * LINE)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (message, next);
}

/// Pointer surgery on the list. The head's invariant: `tqh_last` points to the `tqe_next` of the
/// last message, or to `tqh_first`; each `tqe_prev` points to the pointer that points to its
/// message.
///
/// Heads are raw pointers throughout: the list writes into its head through `tqe_prev` and
/// `tqh_last`, which a reference to the head would forbid.
mod link {
    use super::{TailqHead, rd_kafka_msg_t};

    /// # Safety
    /// `head` is a live list that nobody else touches; `message` is alive and in no list.
    pub(super) unsafe fn push_back(
        head: *mut TailqHead<rd_kafka_msg_t>,
        message: *mut rd_kafka_msg_t,
    ) {
        // SAFETY: both are alive; `tqh_last` is valid by the invariant.
        unsafe {
            let last = (*head).tqh_last;
            (*message).rkm_link.tqe_next = std::ptr::null_mut();
            (*message).rkm_link.tqe_prev = last;
            *last = message;
            (*head).tqh_last = &raw mut (*message).rkm_link.tqe_next;
        }
    }

    /// # Safety
    /// `head` is a live list that nobody else touches; `message` is in it.
    pub(super) unsafe fn remove(
        head: *mut TailqHead<rd_kafka_msg_t>,
        message: *mut rd_kafka_msg_t,
    ) {
        // SAFETY: `message` is in this list, so its neighbours are alive.
        unsafe {
            let (next, prev) = ((*message).rkm_link.tqe_next, (*message).rkm_link.tqe_prev);
            if next.is_null() {
                (*head).tqh_last = prev;
            } else {
                (*next).rkm_link.tqe_prev = prev;
            }
            *prev = next;
        }
    }

    /// # Safety
    /// Both are live lists that nobody else touches, and not the same.
    pub(super) unsafe fn append(
        head: *mut TailqHead<rd_kafka_msg_t>,
        source: *mut TailqHead<rd_kafka_msg_t>,
    ) {
        // SAFETY: both heads keep the invariant; the first message of `source` is alive.
        unsafe {
            let first = (*source).tqh_first;
            if first.is_null() {
                return;
            }
            let last = (*head).tqh_last;
            *last = first;
            (*first).rkm_link.tqe_prev = last;
            (*head).tqh_last = (*source).tqh_last;
            (*source).tqh_first = std::ptr::null_mut();
            (*source).tqh_last = &raw mut (*source).tqh_first;
        }
    }

    /// The message whose `tqe_next` this is.
    ///
    /// # Safety
    /// `next` is the `tqe_next` of a live message.
    pub(super) unsafe fn owner(next: *mut *mut rd_kafka_msg_t) -> *mut rd_kafka_msg_t {
        let offset = std::mem::offset_of!(rd_kafka_msg_t, rkm_link);
        // SAFETY: `tqe_next` is the first field of the link, which is `offset` bytes into the
        // message.
        unsafe { next.byte_sub(offset).cast() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{contents, message, topic};
    use super::*;
    use crate::sys::rand::Rng;

    /// Follows the list by its links, forwards and backwards, as C code would.
    fn walk(queue: &MsgQueue) -> Vec<(u64, usize)> {
        let mut found = Vec::new();
        // SAFETY: the queue is borrowed, so head and messages are alive.
        unsafe {
            let head = &*queue.head.as_ptr();
            let mut from: *mut *mut rd_kafka_msg_t =
                (&raw const head.rkmq_msgs.tqh_first).cast_mut();
            while !(*from).is_null() {
                let message = *from;
                assert_eq!((*message).rkm_link.tqe_prev, from, "the link back");
                let fields = &*message.cast::<MsgFields>();
                found.push((fields.id(), fields.queued_len()));
                from = &raw mut (*message).rkm_link.tqe_next;
            }
            assert_eq!(head.rkmq_msgs.tqh_last, from, "the end");
            assert_eq!(head.rkmq_msg_cnt as usize, found.len());
            let bytes: usize = found.iter().map(|(_, len)| len).sum();
            assert_eq!(head.rkmq_msg_bytes, bytes as i64);
        }
        found
    }

    #[test]
    fn a_queue_behaves_like_a_vector() {
        let topic = topic(Order::Fifo);
        let mut rng = Rng::from_system();
        let mut head = std::mem::MaybeUninit::<rd_kafka_msgq_t>::zeroed();
        // SAFETY: zeroed, stays in this frame, and is used through the result only.
        let mut in_place = unsafe { MsgQueue::at(NonNull::new_unchecked(head.as_mut_ptr())) };
        let (mut other, mut models) = (MsgQueue::new(), [Vec::new(), Vec::new()]);
        for id in 1..4000_u64 {
            let which = rng.between(0, 1) as usize;
            let [a, b] = &mut models;
            let (queue, source, model, rest) = if which == 0 {
                (&mut *in_place, &mut other, a, b)
            } else {
                (&mut other, &mut *in_place, b, a)
            };
            match rng.between(0, 6) {
                0..=3 => {
                    let mut new = message(&topic, (id % 7) as usize, Ts::MAX);
                    new.set_id(id);
                    model.push((id, (id % 7) as usize));
                    queue.push_back(new);
                }
                4 => {
                    let popped = queue.pop_front().map(|first| (first.id(), first.queued_len()));
                    let wanted = if model.is_empty() { None } else { Some(model.remove(0)) };
                    assert_eq!(popped, wanted);
                }
                5 => {
                    queue.append(source);
                    model.append(rest);
                }
                _ => {
                    // Both are in order as long as nothing was appended behind newer messages.
                    if model.is_sorted() && rest.is_sorted() {
                        queue.merge(source, Order::Fifo);
                        model.append(rest);
                        model.sort_unstable();
                    }
                }
            }
            assert_eq!(walk(&in_place), models[0]);
            assert_eq!(walk(&other), models[1]);
            assert_eq!(contents(&in_place), models[0]);
            assert_eq!(other.back().map(MsgFields::id), models[1].last().map(|(id, _)| *id));
            let messages = models[0].len() + models[1].len();
            assert_eq!(topic.account.messages(), messages as i64);
        }
        other.append(&mut in_place);
        drop(other);
        assert_eq!(topic.account.messages(), 0, "a queue frees its messages");
    }

    #[test]
    fn lists_in_descending_order_merge_in_that_order() {
        let topic = topic(Order::Lifo);
        let mut rng = Rng::from_system();
        let (mut queue, mut model) = (MsgQueue::new(), Vec::new());
        for _ in 0..200 {
            let mut new = message(&topic, 1, Ts::MAX);
            let id = rng.between(1, i64::MAX).unsigned_abs();
            new.set_id(id);
            queue.insert(new, Order::Lifo);
            model.push((id, 1));
        }
        model.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(walk(&queue), model);
    }

    #[test]
    fn conditions_of_waking_stay_with_the_place() {
        let topic = topic(Order::Fifo);
        let (mut queue, mut other) = (MsgQueue::new(), MsgQueue::new());
        let wakeup = rd_kafka_msgq_wakeup_t { msg_cnt: 3, signalled: true, ..queue.wakeup() };
        queue.set_wakeup(wakeup);
        other.push_back(message(&topic, 1, Ts::MAX));
        queue.append(&mut other);
        other.merge(&mut queue, Order::Fifo);
        drop(other.take());
        assert_eq!((queue.wakeup().msg_cnt, queue.wakeup().signalled), (3, true));
        assert_eq!((other.wakeup().msg_cnt, other.wakeup().signalled), (0, false));
    }

    #[test]
    fn expired_messages_leave_up_to_the_first_that_did_not_expire() {
        let topic = topic(Order::Fifo);
        let mut queue = MsgQueue::new();
        for expires in [3, 5, 9, 4] {
            queue.push_back(message(&topic, 1, Ts(expires)));
        }
        let mut out = MsgQueue::new();
        assert_eq!(queue.take_expired(Ts(5), &mut out), Some(Ts(9)));
        assert_eq!((walk(&out).len(), walk(&queue).len()), (2, 2));
        assert_eq!(queue.take_expired(Ts(9), &mut out), None);
        assert_eq!((walk(&out).len(), walk(&queue).len()), (4, 0));
    }
}
