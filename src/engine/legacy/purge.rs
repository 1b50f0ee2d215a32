//! Purging a partition's queued messages: the transmit queue, then the produce queue.
#![forbid(unsafe_code)]

use super::serve::Slot;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::own::msg::Status;

/// Reports all queued messages of a partition as purged, in one report.
pub(super) fn purge(slot: &mut Slot, thread: &BrokerThread) {
    let mut purged = slot.xmit.take();
    slot.toppar.lock().drain(&mut purged);
    thread.report(&slot.toppar, purged, ErrorCode::_PURGE_QUEUE, Status::NotPersisted);
}
