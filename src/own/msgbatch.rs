//! `Batch`: the messages of one partition in one request (`rd_kafka_msgbatch_t`).
//!
//! A batch lives in its request or, in a request of many partitions, in the request's list; either
//! frees it. It owns its messages and one reference to the partition. `Batch` is exclusive access
//! to one: the list head in it points into itself, so it never moves, and messages do.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

use super::msg::MsgFields;
use super::msgq::MsgQueue;
use super::toppar::Toppar;
use crate::abi::msgbatch::rd_kafka_msgbatch_t;

/// Exclusive access to a batch.
pub(crate) struct Batch<'a> {
    at: NonNull<rd_kafka_msgbatch_t>,
    queue: ManuallyDrop<MsgQueue>,
    batch: PhantomData<&'a mut rd_kafka_msgbatch_t>,
}

impl Batch<'_> {
    /// Access to a batch.
    ///
    /// # Safety
    /// `at` is zeroed or was used through this type before; it stays at its place, and nobody else
    /// uses it as long as the result lives.
    pub(super) unsafe fn at(at: NonNull<rd_kafka_msgbatch_t>) -> Self {
        // SAFETY: the head is in the batch, and the caller's contract is that of `MsgQueue::at`.
        unsafe {
            let head = NonNull::new_unchecked(&raw mut (*at.as_ptr()).msgq);
            Self { at, queue: MsgQueue::at(head), batch: PhantomData }
        }
    }

    /// Makes it the batch of a partition.
    ///
    /// Historical: `rd_kafka_msgbatch_init`.
    pub(crate) fn init(&mut self, toppar: &Arc<Toppar>) {
        self.forget_toppar();
        let batch = self.at.as_ptr();
        // SAFETY: the batch is ours; the reference is given back by `forget_toppar`.
        unsafe {
            (*batch).rktp = Arc::into_raw(Arc::clone(toppar)).cast_mut().cast();
            (*batch).first_seq = -1;
        }
    }

    /// The messages.
    pub(crate) fn messages(&mut self) -> &mut MsgQueue {
        &mut self.queue
    }

    /// The newest message.
    pub(super) fn last(&self) -> Option<&MsgFields> {
        self.queue.back()
    }

    /// Gives the partition up.
    fn forget_toppar(&mut self) {
        let batch = self.at.as_ptr();
        // SAFETY: the pointer is NULL or came from `Arc::into_raw` in `init`, and is taken out of
        // its only place.
        unsafe {
            let toppar = std::mem::replace(&mut (*batch).rktp, std::ptr::null_mut());
            if !toppar.is_null() {
                drop(Arc::from_raw(toppar.cast::<Toppar>().cast_const()));
            }
        }
    }

    /// Ends it: partition and messages are let go. Whoever uses the messages has taken them before.
    ///
    /// Historical: `rd_kafka_msgbatch_destroy`.
    pub(super) fn destroy(mut self) {
        self.forget_toppar();
        debug_assert!(self.queue.is_empty(), "{} messages die with a batch", self.queue.len());
        while self.queue.pop_front().is_some() {}
    }
}
