//! The operations of a broker's thread as C code sees them: the queue that `rkb_ops` points to, and
//! `rktp_msgq_wakeup_q` of each partition that the broker serves.
//!
//! The operations themselves are behind the broker's own lock; the queue shows how many there are,
//! who refers to it and whether it is open. Its list is always empty.

use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

use crate::abi::buf::rd_kafka_q_t;
use crate::abi::internal_codes::{RD_KAFKA_Q_F_ALLOCATED, RD_KAFKA_Q_F_READY};
use crate::abi::public::rd_kafka_t;
use crate::sys::lock::Mtx;

/// The queue; it is part of its broker and never moves.
pub(super) struct OpsQueue(UnsafeCell<rd_kafka_q_t>);

impl OpsQueue {
    /// A queue that has not found its place.
    pub(super) fn new() -> Self {
        // SAFETY: pointers, numbers, a lock and a condition, for which zero is free or which are
        // set here: zero is valid.
        let mut queue: rd_kafka_q_t = unsafe { MaybeUninit::zeroed().assume_init() };
        queue.rkq_lock = Mtx::INIT;
        queue.rkq_refcnt = 1;
        queue.rkq_flags = RD_KAFKA_Q_F_ALLOCATED | RD_KAFKA_Q_F_READY;
        queue.rkq_name = c"ops".as_ptr();
        Self(UnsafeCell::new(queue))
    }

    /// It has its place now: an empty list points into itself.
    pub(super) fn begin(&self) {
        let queue = self.0.get();
        // SAFETY: nobody else has the broker yet.
        unsafe { (*queue).rkq_q.tqh_last = &raw mut (*queue).rkq_q.tqh_first };
    }

    /// The address that C code has.
    pub(super) fn as_c(&self) -> *mut rd_kafka_q_t {
        self.0.get()
    }

    fn number(&self, place: *mut c_int) -> &AtomicI32 {
        // SAFETY: the callers pass an aligned number in the queue, which is used like this only.
        unsafe { AtomicI32::from_ptr(place) }
    }

    /// How many operations wait.
    pub(super) fn set_len(&self, len: usize) {
        let len = i32::try_from(len).unwrap_or(i32::MAX);
        // SAFETY: only the address is taken.
        self.number(unsafe { &raw mut (*self.0.get()).rkq_qlen }).store(len, Ordering::Relaxed);
    }

    /// Partitions refer to it, or do not any more.
    pub(super) fn count_references(&self, more: i32) {
        // SAFETY: only the address is taken.
        let count = self.number(unsafe { &raw mut (*self.0.get()).rkq_refcnt });
        count.fetch_add(more, Ordering::Relaxed);
    }

    /// The instance that it belongs to.
    pub(super) fn set_owner(&self, rk: *mut rd_kafka_t) {
        // SAFETY: the place is aligned and written like this only.
        let owner = unsafe { AtomicPtr::from_ptr(&raw mut (*self.0.get()).rkq_rk) };
        owner.store(rk, Ordering::Release);
    }

    /// Takes nothing any more.
    pub(super) fn end(&self) {
        self.set_len(0);
        // SAFETY: only the address is taken.
        let flags = self.number(unsafe { &raw mut (*self.0.get()).rkq_flags });
        flags.fetch_and(!RD_KAFKA_Q_F_READY, Ordering::Relaxed);
    }
}
