//! `RequestQueue`: requests in a row (`rd_kafka_bufq_t`): waiting to be written, or in flight.
//!
//! Who owns: the queue owns its head and the requests linked into it. A head must not move: it is
//! in a box, or in the broker whose requests these are. The counts beside the list are atomic,
//! since the statistics read them from another thread; the list itself belongs to the broker's
//! thread.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::broker::{Broker, QueueKind};
use super::buf::Request;
use super::segbuf::Slices;
use crate::abi::buf::{rd_kafka_buf_t, rd_kafka_bufq_t};

/// A queue of requests whose outcomes go to an `H`.
pub(crate) struct RequestQueue<H> {
    head: NonNull<rd_kafka_bufq_t>,
    /// The broker that the head is part of; a head in a box has none.
    home: Option<(Arc<Broker>, QueueKind)>,
    requests: PhantomData<Request<H>>,
}

// SAFETY: the queue owns all that it points to, and requests may change threads.
unsafe impl<H: Send> Send for RequestQueue<H> {}

impl<H> RequestQueue<H> {
    /// An empty queue.
    pub(crate) fn new() -> Self {
        // SAFETY: zeroes are a valid head but for `tqh_last`, which is set here.
        let head = Box::into_raw(Box::new(unsafe { std::mem::zeroed::<rd_kafka_bufq_t>() }));
        // SAFETY: the head was just made; a box is never NULL.
        unsafe {
            (*head).rkbq_bufs.tqh_last = &raw mut (*head).rkbq_bufs.tqh_first;
            Self { head: NonNull::new_unchecked(head), home: None, requests: PhantomData }
        }
    }

    /// A broker's queue, which nobody else uses as long as the result lives. It is empty.
    pub(crate) fn of(broker: &Arc<Broker>, kind: QueueKind) -> Self {
        let home = Some((Arc::clone(broker), kind));
        Self { head: broker.take_queue(kind), home, requests: PhantomData }
    }

    /// Takes everything out.
    pub(crate) fn take(&mut self) -> Self {
        let mut all = Self::new();
        all.append(self);
        all
    }

    fn head(&self) -> *mut rd_kafka_bufq_t {
        self.head.as_ptr()
    }

    fn first(&self) -> *mut rd_kafka_buf_t {
        // SAFETY: the head lives as long as the queue.
        unsafe { (*self.head()).rkbq_bufs.tqh_first }
    }

    /// How many requests.
    pub(crate) fn len(&self) -> usize {
        // SAFETY: the head lives as long as the queue.
        let count = unsafe { (*self.head()).rkbq_cnt.val.load(Ordering::Relaxed) };
        usize::try_from(count).unwrap_or(0)
    }

    /// Is it empty?
    pub(crate) fn is_empty(&self) -> bool {
        self.first().is_null()
    }

    fn count(&mut self, requests: i32, messages: i32) {
        let head = self.head();
        // SAFETY: the head lives as long as the queue.
        unsafe {
            (*head).rkbq_cnt.val.fetch_add(requests, Ordering::Relaxed);
            (*head).rkbq_msg_cnt.val.fetch_add(messages, Ordering::Relaxed);
        }
    }

    /// Appends a request.
    pub(crate) fn push_back(&mut self, request: Request<H>) {
        self.count(1, request.message_count());
        let (head, raw) = (self.head(), request.into_raw().as_ptr());
        // SAFETY: the request is in no list; `tqh_last` is the last one's `tqe_next`, or the head's
        // pointer to the first.
        unsafe {
            let last = (*head).rkbq_bufs.tqh_last;
            (*raw).rkbuf_link.tqe_next = std::ptr::null_mut();
            (*raw).rkbuf_link.tqe_prev = last;
            *last = raw;
            (*head).rkbq_bufs.tqh_last = &raw mut (*raw).rkbuf_link.tqe_next;
        }
    }

    /// Puts a request before all others.
    pub(crate) fn push_front(&mut self, request: Request<H>) {
        let mut rest = self.take();
        self.push_back(request);
        self.append(&mut rest);
    }

    /// Moves all of `source` to the end.
    pub(crate) fn append(&mut self, source: &mut Self) {
        while let Some(request) = source.pop_front() {
            self.push_back(request);
        }
    }

    /// Takes the first request out.
    pub(crate) fn pop_front(&mut self) -> Option<Request<H>> {
        NonNull::new(self.first()).map(|first| self.remove(first))
    }

    fn remove(&mut self, raw: NonNull<rd_kafka_buf_t>) -> Request<H> {
        let (head, raw) = (self.head(), raw.as_ptr());
        // SAFETY: the request is in this list, so its neighbours are alive; once out of it, it
        // belongs to the caller. It was put in by `push_back`, which has the same `H`.
        let request = unsafe {
            let (next, prev) = ((*raw).rkbuf_link.tqe_next, (*raw).rkbuf_link.tqe_prev);
            if next.is_null() {
                (*head).rkbq_bufs.tqh_last = prev;
            } else {
                (*next).rkbuf_link.tqe_prev = prev;
            }
            *prev = next;
            Request::from_raw(NonNull::new_unchecked(raw))
        };
        self.count(-1, -request.message_count());
        request
    }

    /// Takes the first request out for which `is_wanted` holds.
    pub(crate) fn take_first(
        &mut self,
        is_wanted: impl Fn(&Request<H>) -> bool,
    ) -> Option<Request<H>> {
        let found = self.iter().find(|request| is_wanted(request)).map(|request| request.raw());
        found.map(|raw| self.remove(raw))
    }

    /// Takes the requests out for which `is_wanted` holds.
    pub(crate) fn take_where(&mut self, is_wanted: impl Fn(&Request<H>) -> bool) -> Self {
        let mut taken = Self::new();
        let found: Vec<_> =
            self.iter().filter(|request| is_wanted(request)).map(|request| request.raw()).collect();
        for raw in found {
            taken.push_back(self.remove(raw));
        }
        taken
    }

    /// The first request.
    pub(crate) fn front(&self) -> Option<Queued<'_, H>> {
        self.iter().next()
    }

    /// The first request, to change it.
    pub(crate) fn front_mut(&mut self) -> Option<QueuedMut<'_, H>> {
        self.iter_mut().next()
    }

    /// The requests, first to last.
    pub(crate) fn iter(&self) -> Iter<'_, H> {
        Iter { next: self.first(), queue: PhantomData }
    }

    /// The requests, first to last, to change them.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = QueuedMut<'_, H>> {
        self.iter().map(QueuedMut)
    }
}

impl<H> Default for RequestQueue<H> {
    fn default() -> Self {
        Self::new()
    }
}

impl<H> Drop for RequestQueue<H> {
    fn drop(&mut self) {
        while self.pop_front().is_some() {}
        match &self.home {
            Some((broker, kind)) => broker.give_queue_back(*kind),
            // SAFETY: the head came from a box in `new`, and nothing points to it any more.
            None => drop(unsafe { Box::from_raw(self.head()) }),
        }
    }
}

/// A request that stays in its queue.
pub(crate) struct Queued<'a, H> {
    request: ManuallyDrop<Request<H>>,
    queue: PhantomData<&'a RequestQueue<H>>,
}

impl<'a, H> Queued<'a, H> {
    fn raw(&self) -> NonNull<rd_kafka_buf_t> {
        self.request.raw()
    }

    /// Its unwritten bytes, for as long as the queue is borrowed.
    pub(crate) fn into_rest(self) -> Slices<'a> {
        // SAFETY: the request stays in its queue, unchanged, for as long as the queue is borrowed.
        unsafe { self.request.rest_unbound() }
    }
}

impl<H> Deref for Queued<'_, H> {
    type Target = Request<H>;
    fn deref(&self) -> &Request<H> {
        &self.request
    }
}

/// A request that stays in its queue, to change it.
pub(crate) struct QueuedMut<'a, H>(Queued<'a, H>);

impl<H> Deref for QueuedMut<'_, H> {
    type Target = Request<H>;
    fn deref(&self) -> &Request<H> {
        &self.0.request
    }
}

impl<H> DerefMut for QueuedMut<'_, H> {
    fn deref_mut(&mut self) -> &mut Request<H> {
        &mut self.0.request
    }
}

/// Iterator over a queue.
pub(crate) struct Iter<'a, H> {
    next: *mut rd_kafka_buf_t,
    queue: PhantomData<&'a RequestQueue<H>>,
}

impl<'a, H> Iterator for Iter<'a, H> {
    type Item = Queued<'a, H>;

    fn next(&mut self) -> Option<Queued<'a, H>> {
        let raw = NonNull::new(self.next)?;
        // SAFETY: the queue is borrowed, so the request stays linked and alive. It was put in by a
        // queue with the same `H`; the request that is made of it here is never dropped.
        unsafe {
            self.next = (*raw.as_ptr()).rkbuf_link.tqe_next;
            let request = ManuallyDrop::new(Request::from_raw(raw));
            Some(Queued { request, queue: PhantomData })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;
    use crate::abi::buf::rd_kafka_buf_produce_v2_t;
    use crate::abi::internal_codes::RD_KAFKA_PRODUCE_V2;
    use crate::own::broker::BrokerSource;
    use crate::own::segbuf::Block;

    type Numbers = RequestQueue<u16>;

    fn request(number: u16) -> Request<u16> {
        let mut request = Request::new(0, 3, Block::new(8));
        request.set_handler(number);
        request
    }

    fn number(mut request: Request<u16>) -> u16 {
        request.take_handler().expect("it was given one")
    }

    /// The list, walked forwards and backwards.
    fn versions_both_ways(queue: &Numbers) -> usize {
        let forwards = queue.iter().count();
        let mut backwards = 0;
        // SAFETY: the queue is alive and nobody changes it; the links are those of its requests.
        unsafe {
            let head = &raw mut (*queue.head()).rkbq_bufs.tqh_first;
            let mut link = (*queue.head()).rkbq_bufs.tqh_last;
            while link != head {
                backwards += 1;
                link = (*link.cast::<rd_kafka_buf_t>()).rkbuf_link.tqe_prev;
            }
        }
        assert_eq!(forwards, backwards);
        forwards
    }

    #[test]
    fn messages_of_engine_v2_count_and_its_batches_stay_its_own() {
        let broker = Broker::new(BrokerSource::Configured, -1, "one", 9092).expect("a descriptor");
        let mut queue = Numbers::of(&broker, QueueKind::Outbufs);
        let batches = [1_u64, 2, 3];
        let mut one = request(7);
        one.carry_v2(batches.as_ptr().cast(), batches.len(), 60, 600);
        queue.push_back(one);
        assert_eq!(broker.queue_counts(QueueKind::Outbufs), (1, 60));
        // SAFETY: the request is in the queue, and nobody else uses it.
        unsafe {
            let at = queue.front().expect("it is there").as_c();
            assert_eq!((*at).rkbuf_produce_engine, RD_KAFKA_PRODUCE_V2);
            let part = (&raw const (*at).rkbuf_u).cast::<rd_kafka_buf_produce_v2_t>();
            assert_eq!((*part).slots, batches.as_ptr().cast());
            assert_eq!(((*part).slot_cnt, (*part).batch.msgq.rkmq_msg_bytes), (3, 600));
            assert!((*part).batch.rktp.is_null());
        }
        // Dropping the request frees nothing of them.
        assert_eq!(queue.pop_front().map(number), Some(7));
        assert_eq!(broker.queue_counts(QueueKind::Outbufs), (0, 0));
        assert_eq!(batches, [1, 2, 3]);
    }

    proptest! {
        #[test]
        fn a_queue_behaves_as_a_deque(
            ops in proptest::collection::vec((0u8..6, any::<u16>()), 0..60),
        ) {
            let (mut queue, mut model) = (Numbers::new(), VecDeque::new());
            for (op, value) in ops {
                match op {
                    0 | 1 => {
                        queue.push_back(request(value));
                        model.push_back(value);
                    }
                    2 => {
                        queue.push_front(request(value));
                        model.push_front(value);
                    }
                    3 => prop_assert_eq!(queue.pop_front().map(number), model.pop_front()),
                    4 => {
                        let is_odd = |number: &u16| number % 2 == 1;
                        let mut taken = queue.take_where(|it| it.handler().is_some_and(is_odd));
                        let taken: Vec<u16> =
                            std::iter::from_fn(|| taken.pop_front()).map(number).collect();
                        let expected: Vec<u16> = model.iter().copied().filter(is_odd).collect();
                        model.retain(|number| !is_odd(number));
                        prop_assert_eq!(taken, expected);
                    }
                    _ => {
                        let is_it = |request: &Request<u16>| request.handler() == Some(&value);
                        let expected = model.iter().position(|n| *n == value);
                        let expected = expected.and_then(|at| model.remove(at));
                        prop_assert_eq!(queue.take_first(is_it).map(number), expected);
                    }
                }
                prop_assert_eq!(versions_both_ways(&queue), model.len());
                prop_assert_eq!(queue.len(), model.len());
            }
        }
    }
}
