//! Messages without a known partition: they return when metadata arrives, fail with the topic, or
//! expire.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::route;
use crate::delivery::report::report;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::own::msgq::MsgQueue;
use crate::own::topic::{Topic, TopicState};
use crate::sys::clock::Ts;

/// Routes the waiting messages again after the topic changed; those that have no place are
/// reported.
///
/// `broker_error` is what the cluster said of a topic that does not exist.
///
/// Historical: `rd_kafka_topic_assign_uas`.
pub(crate) fn assign(handle: &Handle, topic: &Arc<Topic>, broker_error: ErrorCode, now: Ts) {
    let table = topic.table();
    if table.state == TopicState::Unknown
        || (table.state == TopicState::Exists && table.partitions.is_empty())
    {
        return;
    }
    let mut failed = MsgQueue::new();
    let mut error = ErrorCode::_UNKNOWN_PARTITION;
    while let Some(mut waiting) = topic.unassigned().take_for_assignment() {
        while let Some(message) = waiting.pop_front() {
            let mut place = Some(message);
            if let Err(code) = route::assign(handle, topic, &mut place, now) {
                error = code;
            }
            if let Some(message) = place {
                failed.push_back(message);
            }
        }
    }
    if error == ErrorCode::_UNKNOWN_TOPIC && broker_error.is_err() {
        error = broker_error;
    }
    report(handle, topic, failed, error);
}

/// Reports the waiting messages that expired.
pub(crate) fn expire(handle: &Handle, topic: &Arc<Topic>, now: Ts) {
    let mut expired = MsgQueue::new();
    {
        // Producers with a fixed partition and a sticky one share this queue, but all have the
        // topic's time limit, so the head is the oldest.
        let mut unassigned = topic.unassigned();
        if unassigned.is_empty() {
            return;
        }
        unassigned.take_expired(now, &mut expired);
    }
    report(handle, topic, expired, ErrorCode::_MSG_TIMED_OUT);
}

/// Reports all waiting messages as purged.
pub(crate) fn purge(handle: &Handle, topic: &Arc<Topic>) {
    let purged = topic.unassigned().take();
    report(handle, topic, purged, ErrorCode::_PURGE_QUEUE);
}
