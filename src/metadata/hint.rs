//! Leader hints found in Produce responses (KIP-951).
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::apply;
use crate::broker::set;
use crate::handle::Handle;
use crate::own::topic::Topic;
use crate::proto::messages::BrokerEndpoint;

/// Believes a new leader, if its broker is known or named along with it.
pub(crate) fn follow(
    handle: &Arc<Handle>,
    topic: &Topic,
    partition: i32,
    leader_id: i32,
    leader_epoch: i32,
    endpoints: &[BrokerEndpoint],
) {
    set::learn(handle, endpoints);
    let is_known = handle.brokers.read().by_id(leader_id).is_some();
    if let Some(toppar) = topic.partition(partition)
        && is_known
    {
        apply::lead(handle, toppar, leader_id, leader_epoch);
    }
}
