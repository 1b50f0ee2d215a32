//! Purging and expiring a partition's waiting messages.
#![forbid(unsafe_code)]

use super::store::Store;
use crate::broker::thread::BrokerThread;
use crate::delivery::report::report_lot;
use crate::error::ErrorCode;
use crate::op::Purge;
use crate::own::lot::Lot;
use crate::own::store::PartitionStore;
use crate::own::toppar::Toppar;
use crate::sys::clock::Ts;

/// Reports all waiting messages of a partition as purged; returns how many of them had numbers,
/// which leave a gap.
pub(super) fn purge(thread: &BrokerThread, toppar: &Toppar, which: Purge) -> usize {
    let mut purged = Lot::default();
    let numbered = {
        let mut shared = toppar.lock();
        let numbered = shared.store::<Store>().map_or(0, |(store, _)| store.numbered());
        shared.drain(&mut purged);
        if which.aborts {
            shared.eos_mut().skip(purged.len());
        }
        numbered
    };
    report_lot(&thread.handle, toppar, purged, ErrorCode::_PURGE_QUEUE);
    numbered
}

/// Reports the expired messages of a partition; returns how many of them had numbers, which leave a
/// gap.
pub(super) fn expire(thread: &BrokerThread, toppar: &Toppar, now: Ts) -> usize {
    let (mut expired, mut numbered) = (Lot::default(), 0);
    if let Some((store, _)) = toppar.lock().store::<Store>() {
        numbered = store.take_expired(now, &mut expired);
    }
    if expired.len() > 0 {
        report_lot(&thread.handle, toppar, expired, ErrorCode::_MSG_TIMED_OUT);
    }
    numbered
}
