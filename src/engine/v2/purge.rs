//! Purging and expiring a partition's waiting messages.
#![forbid(unsafe_code)]

use super::store::Store;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::op::Purge;
use crate::own::msg::Status;
use crate::own::msgq::MsgQueue;
use crate::own::toppar::Toppar;
use crate::sys::clock::Ts;

/// Reports all waiting messages of a partition as purged, in one report.
pub(super) fn purge(thread: &BrokerThread, toppar: &Toppar, which: Purge) {
    let mut purged = MsgQueue::new();
    {
        let mut shared = toppar.lock();
        shared.drain(&mut purged);
        if which.aborts {
            shared.eos_mut().skip(purged.len());
        }
    }
    thread.report(toppar, purged, ErrorCode::_PURGE_QUEUE, Status::NotPersisted);
}

/// Reports the expired messages of a partition; returns how many.
pub(super) fn expire(thread: &BrokerThread, toppar: &Toppar, now: Ts) -> usize {
    let mut expired = MsgQueue::new();
    if let Some((store, queue)) = toppar.lock().store::<Store>() {
        store.take_expired(queue, now, &mut expired);
    }
    let count = expired.len();
    if count > 0 {
        thread.report(toppar, expired, ErrorCode::_MSG_TIMED_OUT, Status::NotPersisted);
    }
    count
}
