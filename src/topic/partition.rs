//! Onto a partition's queue: number a message, decide whether the broker thread must wake; and
//! back, for retries.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::error::ErrorCode;
use crate::own::msg::Msg;
use crate::own::msgq::MsgQueue;
use crate::own::store::Enqueued;
use crate::own::toppar::{Toppar, TopparShared};
use crate::sys::clock::Ts;

/// Puts a message onto its partition's queue. `linger_us` is how long it may wait there. A refused
/// message stays in its place.
///
/// Historical: `rd_kafka_toppar_enq_msg`.
pub(crate) fn enqueue(
    toppar: &Arc<Toppar>,
    place: &mut Option<Msg>,
    now: Ts,
    linger_us: i64,
) -> Result<(), ErrorCode> {
    let mut shared = toppar.lock();
    if shared.is_removed {
        return Err(ErrorCode::_UNKNOWN_PARTITION);
    }
    let Some(mut message) = place.take() else { return Ok(()) };
    if message.id() == 0 {
        shared.last_id += 1;
        message.set_id(shared.last_id);
    }
    message.set_partition(toppar.partition);
    let news = shared.store.enqueue(message);
    announce(toppar, &shared, news, now + linger_us);
    Ok(())
}

/// Puts messages back that are sent again; they keep their place by message id.
pub(super) fn requeue(
    toppar: &Arc<Toppar>,
    shared: &mut TopparShared,
    messages: &mut MsgQueue,
    due: Ts,
) {
    let news = shared.store.requeue(messages);
    announce(toppar, shared, news, due);
}

/// Tells the serving broker's thread. Called under the partition lock, so that a migration cannot
/// come between.
fn announce(toppar: &Arc<Toppar>, shared: &TopparShared, news: Enqueued, due: Ts) {
    let Some(broker) = &shared.broker else { return };
    match news {
        Enqueued::Quiet => {}
        Enqueued::First => broker.make_ready(toppar, due),
        Enqueued::Full => broker.make_ready(toppar, Ts::ZERO),
    }
}
