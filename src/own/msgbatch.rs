//! `Batch`: the messages of one partition in one request (`rd_kafka_msgbatch_t`).
//!
//! A batch lives in its request or, in a request of many partitions, on the C heap, in the
//! request's list; either frees it. It owns its messages and one reference to the partition.
//! `Batch` is exclusive access to one: the list head in it points into itself, so it never moves,
//! and messages do.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

use super::eos::BatchIds;
use super::list::Pointer;
use super::msgq::MsgQueue;
use super::toppar::Toppar;
use crate::abi::msgbatch::rd_kafka_msgbatch_t;
use crate::abi::rd::rd_kafka_pid_t;
use crate::proto::pid::Pid;
use crate::sys::heap;

/// Exclusive access to a batch that belongs to a partition.
pub(crate) struct Batch<'a> {
    at: NonNull<rd_kafka_msgbatch_t>,
    /// The partition.
    pub(crate) toppar: ManuallyDrop<Arc<Toppar>>,
    /// The messages.
    pub(crate) messages: ManuallyDrop<MsgQueue>,
    /// How they are numbered.
    pub(crate) ids: BatchIds,
    batch: PhantomData<&'a mut rd_kafka_msgbatch_t>,
}

impl Batch<'_> {
    /// Access to a batch; `None` if it belongs to no partition.
    ///
    /// # Safety
    /// `at` is zeroed or was initialised by [`init`]; it stays at its place, and nobody else uses
    /// it as long as the result lives.
    pub(crate) unsafe fn at(at: NonNull<rd_kafka_msgbatch_t>) -> Option<Self> {
        // SAFETY: the head is in the batch, so that the caller's contract is that of
        // `MsgQueue::at`. The batch holds a reference to the partition that it points to; the one
        // that is made of it here is never dropped.
        unsafe {
            let toppar = NonNull::new((*at.as_ptr()).rktp)?;
            let toppar = Arc::from_raw(toppar.cast::<Toppar>().as_ptr().cast_const());
            let head = NonNull::new_unchecked(&raw mut (*at.as_ptr()).msgq);
            Some(Self {
                at,
                toppar: ManuallyDrop::new(toppar),
                messages: MsgQueue::at(head),
                ids: ids(at),
                batch: PhantomData,
            })
        }
    }

    /// Changes how its messages are numbered.
    pub(crate) fn set_ids(&mut self, ids: BatchIds) {
        self.ids = ids;
        // SAFETY: the batch is alive and ours while `self` is.
        unsafe { write_ids(self.at, &ids) };
    }
}

/// # Safety
/// `at` is a batch that nobody changes.
unsafe fn ids(at: NonNull<rd_kafka_msgbatch_t>) -> BatchIds {
    let batch = at.as_ptr();
    // SAFETY: the caller's contract.
    unsafe {
        BatchIds {
            pid: Pid { id: (*batch).pid.id, epoch: (*batch).pid.epoch },
            first_seq: (*batch).first_seq,
            first_msgid: (*batch).first_msgid.cast_unsigned(),
            epoch_base_msgid: (*batch).epoch_base_msgid,
            last_msgid: (*batch).last_msgid,
        }
    }
}

/// Makes a zeroed batch that of a partition, without messages.
///
/// # Safety
/// `at` is zeroed, stays at its place, and nobody else uses it.
///
/// Historical: `rd_kafka_msgbatch_init`.
pub(crate) unsafe fn init(at: NonNull<rd_kafka_msgbatch_t>, toppar: &Arc<Toppar>, ids: &BatchIds) {
    let batch = at.as_ptr();
    // SAFETY: the caller's contract. The reference is given back by `destroy`.
    unsafe {
        (*batch).rktp = Arc::into_raw(Arc::clone(toppar)).cast_mut().cast();
        toppar.count_references(1);
        write_ids(at, ids);
    }
}

/// # Safety
/// `at` is a batch that nobody else uses.
///
/// Historical: `rd_kafka_msgbatch_set_first_msg`.
unsafe fn write_ids(at: NonNull<rd_kafka_msgbatch_t>, ids: &BatchIds) {
    let batch = at.as_ptr();
    // SAFETY: the caller's contract.
    unsafe {
        (*batch).pid = rd_kafka_pid_t { id: ids.pid.id, epoch: ids.pid.epoch };
        (*batch).first_seq = ids.first_seq;
        (*batch).first_msgid = ids.first_msgid.cast_signed();
        (*batch).epoch_base_msgid = ids.epoch_base_msgid;
        (*batch).last_msgid = ids.last_msgid;
    }
}

/// Ends a batch: partition and messages are let go. Whoever uses the messages has taken them
/// before.
///
/// # Safety
/// As for [`Batch::at`]; afterwards the batch is as good as zeroed.
///
/// Historical: `rd_kafka_msgbatch_destroy`.
pub(crate) unsafe fn destroy(at: NonNull<rd_kafka_msgbatch_t>) {
    // SAFETY: the caller's contract; partition and messages are taken out of their only place.
    unsafe {
        let Some(mut batch) = Batch::at(at) else { return };
        debug_assert!(batch.messages.is_empty(), "{} messages die", batch.messages.len());
        while batch.messages.pop_front().is_some() {}
        batch.toppar.count_references(-1);
        ManuallyDrop::drop(&mut batch.toppar);
        (*at.as_ptr()).rktp = std::ptr::null_mut();
    }
}

/// A batch on the C heap, for the list of a request of many partitions.
#[repr(transparent)]
pub(crate) struct BatchBox(NonNull<rd_kafka_msgbatch_t>);

// SAFETY: a batch owns what it points to: messages, and a counted reference to a partition.
unsafe impl Send for BatchBox {}

// SAFETY: it is a transparent pointer that is not NULL.
unsafe impl Pointer for BatchBox {}

impl BatchBox {
    /// A batch with another one's partition, producer id and messages, which it takes.
    pub(super) fn take(source: &mut Batch<'_>) -> Self {
        let raw = heap::calloc(size_of::<rd_kafka_msgbatch_t>()).cast();
        // SAFETY: the block is fresh and zeroed; `calloc` never gives NULL.
        let this = unsafe {
            let at = NonNull::new_unchecked(raw);
            init(at, &source.toppar, &source.ids);
            Self(at)
        };
        if let Some(mut batch) = this.batch() {
            batch.messages.append(&mut source.messages);
        }
        this
    }

    /// Access to it. Callers with `&self` have the list that it is in for themselves.
    pub(crate) fn batch(&self) -> Option<Batch<'_>> {
        // SAFETY: the batch was initialised by `take` and stays at its place.
        unsafe { Batch::at(self.0) }
    }
}

impl Drop for BatchBox {
    fn drop(&mut self) {
        // SAFETY: the batch is ours and nobody else's.
        unsafe {
            destroy(self.0);
            heap::free(self.0.as_ptr());
        }
    }
}
