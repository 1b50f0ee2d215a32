//! Purge: queued and in-flight messages are reported instead of sent.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::delivery::report::report_lot;
use crate::eos::drain;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::op::latch::Latch;
use crate::op::{BrokerOp, Purge};
use crate::own::broker::Broker;
use crate::own::lot::Lot;
use crate::own::topic::Topic;
use crate::proto::pid::Pid;
use crate::topic::unassigned;

/// Flags of `rd_kafka_purge`.
pub(crate) mod flag {
    pub(crate) const QUEUE: i32 = 0x1;
    pub(crate) const IN_FLIGHT: i32 = 0x2;
    pub(crate) const NON_BLOCKING: i32 = 0x4;
    /// Internal, and accepted from applications too, as history does (quirk 30): the purged
    /// messages give their place in the sequence to later ones.
    pub(crate) const ABORT: i32 = 0x100;
    pub(crate) const ALL: i32 = QUEUE | IN_FLIGHT | NON_BLOCKING | ABORT;
}

/// Purges; waits for the brokers' threads if `waits`.
pub(crate) fn purge(handle: &Arc<Handle>, which: Purge, waits: bool) {
    let topics: Vec<Arc<Topic>> = handle.topics.read().values().cloned().collect();
    if which.queue {
        for topic in &topics {
            purge_topic(handle, topic, which);
        }
    }
    let mut brokers: Vec<Arc<Broker>> = handle.brokers.read().all.clone();
    brokers.push(handle.internal());
    let done = Latch::new(brokers.len());
    for broker in &brokers {
        broker.push(BrokerOp::Purge(which, Arc::clone(&done)));
    }
    if waits && !brokers.is_empty() {
        done.wait();
    }
    if which.queue {
        for topic in &topics {
            unassigned::purge(handle, topic);
        }
    }
}

fn purge_topic(handle: &Handle, topic: &Arc<Topic>, which: Purge) {
    let pid = handle.idempotence.lock().usable_pid().unwrap_or(Pid::NONE);
    let mut numbered = 0;
    for toppar in &topic.table().partitions {
        let mut purged = Lot::default();
        {
            let mut shared = toppar.lock();
            numbered += shared.numbered(pid);
            shared.drain(&mut purged);
            if which.aborts {
                shared.eos_mut().skip(purged.len());
            }
        }
        report_lot(handle, toppar, purged, ErrorCode::_PURGE_QUEUE);
    }
    if numbered > 0 && pid.is_valid() {
        let name = topic.display_name();
        let reason = format_args!("{numbered} message(s) purged on {name}");
        drain::epoch_bump(handle, "main", reason, handle.now());
    }
    unassigned::purge(handle, topic);
}
