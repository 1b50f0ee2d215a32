//! Purging a partition's queued messages: the transmit queue, then the produce queue.
#![forbid(unsafe_code)]

use super::serve::Slot;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::op::Purge;
use crate::own::lot::Lot;
use crate::own::msg::Status;

/// Reports all queued messages of a partition as purged, in one report.
///
/// Historical: `rd_kafka_toppar_purge_queues`.
pub(super) fn purge(slot: &mut Slot, thread: &BrokerThread, which: Purge) {
    let mut purged = Lot { objects: slot.xmit.take(), ..Lot::default() };
    {
        let mut shared = slot.toppar.lock();
        shared.drain(&mut purged);
        if which.aborts {
            shared.eos_mut().skip(purged.len());
        }
    }
    thread.report(&slot.toppar, purged.objects, ErrorCode::_PURGE_QUEUE, Status::NotPersisted);
}
