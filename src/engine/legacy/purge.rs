//! Purging a broker's queued messages: per partition the transmit queue, then the produce queue.
#![forbid(unsafe_code)]

use super::serve::Engine;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::own::msg::Status;

/// Reports all queued messages as purged, one report per partition.
pub(super) fn purge(engine: &mut Engine, thread: &BrokerThread) {
    for slot in engine.slots_mut() {
        let mut purged = slot.xmit.take();
        slot.toppar.lock().store.drain(&mut purged);
        thread.report(&slot.toppar, purged, ErrorCode::_PURGE_QUEUE, Status::NotPersisted);
    }
}
