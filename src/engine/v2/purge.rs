//! Purging and expiring a partition's waiting messages.
#![forbid(unsafe_code)]

use super::store::Store;
use crate::broker::thread::BrokerThread;
use crate::delivery::report::report_lot;
use crate::error::ErrorCode;
use crate::op::Purge;
use crate::own::lot::Lot;
use crate::own::toppar::Toppar;
use crate::sys::clock::Ts;

/// Reports all waiting messages of a partition as purged.
pub(super) fn purge(thread: &BrokerThread, toppar: &Toppar, which: Purge) {
    let mut purged = Lot::default();
    {
        let mut shared = toppar.lock();
        shared.drain(&mut purged);
        if which.aborts {
            shared.eos_mut().skip(purged.len());
        }
    }
    report_lot(&thread.handle, toppar, purged, ErrorCode::_PURGE_QUEUE);
}

/// Reports the expired messages of a partition; returns how many.
pub(super) fn expire(thread: &BrokerThread, toppar: &Toppar, now: Ts) -> usize {
    let mut expired = Lot::default();
    if let Some((store, _)) = toppar.lock().store::<Store>() {
        store.take_expired(now, &mut expired);
    }
    let count = expired.len();
    if count > 0 {
        report_lot(&thread.handle, toppar, expired, ErrorCode::_MSG_TIMED_OUT);
    }
    count
}
