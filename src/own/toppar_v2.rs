//! What engine `v2` keeps of a partition: made when its thread takes the partition, and gone with
//! it. The place is a pointer in the partition's struct, NULL with another engine.

use std::sync::atomic::{AtomicPtr, Ordering};

use super::producer_v2::TopparV2;
use super::toppar::Toppar;

impl Toppar {
    fn producer_v2(&self) -> &AtomicPtr<TopparV2> {
        // SAFETY: the place is in the struct, which lives as long as `self`, aligned, and used as
        // an atomic pointer only.
        unsafe { AtomicPtr::from_ptr((&raw mut (*self.as_c()).rktp_producer_v2).cast()) }
    }

    /// Engine `v2` serves it, and keeps something of it from now on.
    pub(crate) fn begin_v2(&self) {
        // One broker's thread serves it at a time, so nobody else is here.
        if self.v2().is_none() {
            let new = Box::into_raw(Box::new(TopparV2::default()));
            let former = self.producer_v2().swap(new, Ordering::AcqRel);
            assert!(former.is_null(), "two threads serve one partition");
        }
    }

    /// What engine `v2` keeps of it; nothing with another engine.
    #[inline]
    pub(crate) fn v2(&self) -> Option<&TopparV2> {
        // SAFETY: the pointer is NULL or came from a box that goes with the partition.
        unsafe { self.producer_v2().load(Ordering::Acquire).as_ref() }
    }

    /// The partition ends.
    pub(super) fn end_v2(&mut self) {
        let former = self.producer_v2().swap(std::ptr::null_mut(), Ordering::AcqRel);
        if !former.is_null() {
            // SAFETY: it came from a box, and `&mut self`: nobody else has the partition.
            drop(unsafe { Box::from_raw(former) });
        }
    }
}
