//! Onto a partition's queue: number a message, decide whether the broker thread must wake; and
//! back, for retries.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::route::Offer;
use crate::error::ErrorCode;
use crate::own::msgq::MsgQueue;
use crate::own::store::Enqueued;
use crate::own::topic::Topic;
use crate::own::toppar::{HeldToppar, Toppar};
use crate::sys::clock::Ts;

/// Puts a message onto its partition's queue. `linger_us` is how long it may wait there. A refused
/// message stays in its place.
///
/// Historical: `rd_kafka_toppar_enq_msg`.
#[inline]
pub(crate) fn enqueue<M: Offer>(
    toppar: &Arc<Toppar>,
    topic: &Topic,
    place: &mut Option<M>,
    now: Ts,
    linger_us: i64,
) -> Result<(), ErrorCode> {
    let mut shared = toppar.lock();
    if shared.is_removed() {
        return Err(ErrorCode::_UNKNOWN_PARTITION);
    }
    let Some(news) = M::enqueue(place, &mut shared, topic) else { return Ok(()) };
    if news != Enqueued::Quiet {
        announce(toppar, &shared, news, now + linger_us);
    }
    Ok(())
}

/// Puts messages back that are sent again; they keep their place by message id.
pub(super) fn requeue(
    toppar: &Arc<Toppar>,
    shared: &mut HeldToppar<'_>,
    messages: &mut MsgQueue,
    due: Ts,
) {
    let news = shared.requeue(messages);
    announce(toppar, shared, news, due);
}

/// Tells the serving broker's thread. Called under the partition lock, so that a migration cannot
/// come between.
fn announce(toppar: &Arc<Toppar>, shared: &HeldToppar<'_>, news: Enqueued, due: Ts) {
    let due = match news {
        Enqueued::Quiet => return,
        Enqueued::First => due,
        Enqueued::Full => Ts::ZERO,
    };
    if let Some(broker) = shared.broker_ref() {
        broker.make_ready(toppar, due);
    }
}
