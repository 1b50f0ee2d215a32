//! The seam between a broker's thread and its producer engine.
//!
//! The other half of an engine, how a partition keeps its messages, is
//! [`PartitionStore`](crate::own::store).
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::broker::thread::BrokerThread;
use crate::op::Purge;
use crate::own::msgq::MsgQueue;
use crate::own::toppar::Toppar;
use crate::sys::clock::Ts;

/// What a broker's thread asks of its engine.
pub(crate) trait ProducerEngine: Send {
    /// Makes the requests that are due and expires messages; returns when it wants to be asked
    /// again.
    fn serve(&mut self, thread: &mut BrokerThread, now: Ts) -> Ts;

    /// Would it make more requests if the output queue had room?
    fn is_waiting_for_room(&self) -> bool;

    /// A partition is this broker's from now on.
    fn partition_join(&mut self, thread: &mut BrokerThread, toppar: &Arc<Toppar>, now: Ts);

    /// A partition is let go: its unsent requests are called back, and the messages that the engine
    /// had are returned.
    fn partition_leave(
        &mut self,
        thread: &mut BrokerThread,
        toppar: &Arc<Toppar>,
        now: Ts,
    ) -> MsgQueue;

    /// The application flushes: linger does not hold now.
    fn flush_may_have_begun(&mut self);

    /// Reports all queued messages of the broker's partitions as purged.
    fn purge(&mut self, thread: &mut BrokerThread, which: Purge, now: Ts);

    /// How many messages it holds that are in no request, and with no partition.
    #[cfg(any(test, feature = "testing"))]
    fn held(&self) -> usize;

    /// The partitions that may send and wait for their turn, as far as it keeps a list of them.
    #[cfg(any(test, feature = "testing"))]
    fn in_line(&self) -> Vec<Arc<Toppar>> {
        Vec::new()
    }

    /// What adaptive batching came to: how long messages may wait, in microseconds, and how many
    /// bytes are enough.
    #[cfg(any(test, feature = "testing"))]
    fn adapted(&self) -> Option<(i64, i64)> {
        None
    }

    /// The thread ends: partitions and their messages are let go.
    fn end(&mut self, thread: &mut BrokerThread, now: Ts);
}
