//! A partition moves from one broker's thread to another: the old one lets go, then the new one takes over.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::delivery::report::report;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::op::BrokerOp;
use crate::own::broker::Broker;
use crate::own::msgq::MsgQueue;
use crate::own::topic::TopicState;
use crate::own::toppar::Toppar;

/// Gives the partition to `broker`, or to the internal one. A move that is already under way only changes its target.
///
/// Historical: `rd_kafka_toppar_broker_update`.
pub(crate) fn delegate(handle: &Handle, toppar: &Arc<Toppar>, broker: Option<&Arc<Broker>>) {
    let internal;
    let target = match broker {
        Some(broker) => broker,
        None => {
            internal = Arc::clone(&handle.brokers.read().internal);
            &internal
        }
    };
    let mut shared = toppar.lock();
    if shared.is_removed {
        return;
    }
    match (&shared.broker, &shared.next_broker) {
        (Some(present), None) if Arc::ptr_eq(present, target) => {}
        (_, Some(_)) => shared.next_broker = Some(Arc::clone(target)),
        (Some(present), None) => {
            let present = Arc::clone(present);
            shared.next_broker = Some(Arc::clone(target));
            present.push(BrokerOp::Leave(Arc::clone(toppar)));
        }
        (None, None) => {
            shared.next_broker = Some(Arc::clone(target));
            target.push(BrokerOp::Join(Arc::clone(toppar)));
        }
    }
}

/// The partition is gone from the cluster: its messages are reported by the broker's thread when it lets go.
pub(crate) fn remove(toppar: &Arc<Toppar>) {
    let mut shared = toppar.lock();
    shared.is_removed = true;
    shared.next_broker = None;
    if let Some(broker) = shared.broker.clone() {
        broker.push(BrokerOp::Leave(Arc::clone(toppar)));
    }
}

/// The broker's thread takes the partition. `false`: it does not belong here (any more); a wanted move was passed on.
pub(crate) fn join(handle: &Handle, broker: &Arc<Broker>, toppar: &Arc<Toppar>) -> bool {
    let internal = &Arc::clone(&handle.brokers.read().internal);
    let mut shared = toppar.lock();
    if handle.is_terminating() || shared.is_removed {
        shared.next_broker = None;
        return false;
    }
    if broker.is_terminating() {
        // The broker was let go while the partition was on its way: it waits with the internal one.
        let internal = Arc::clone(internal);
        shared.next_broker = Some(Arc::clone(&internal));
        internal.push(BrokerOp::Join(Arc::clone(toppar)));
        return false;
    }
    match shared.next_broker.clone() {
        Some(next) if !Arc::ptr_eq(&next, broker) => {
            next.push(BrokerOp::Join(Arc::clone(toppar)));
            false
        }
        _ => {
            shared.next_broker = None;
            shared.broker = Some(Arc::clone(broker));
            toppar.set_broker_id(broker.id());
            shared.store.forget_signals();
            true
        }
    }
}

/// The broker's thread lets the partition go; `kept` are the messages that it had.
pub(crate) fn leave(handle: &Handle, toppar: &Arc<Toppar>, mut kept: MsgQueue) {
    let mut orphans = MsgQueue::new();
    {
        let mut shared = toppar.lock();
        shared.store.requeue(&mut kept);
        shared.store.forget_signals();
        shared.broker = None;
        toppar.set_broker_id(-1);
        match shared.next_broker.clone() {
            Some(next) => next.push(BrokerOp::Join(Arc::clone(toppar))),
            None => shared.store.drain(&mut orphans),
        }
    }
    let topic = toppar.topic();
    let error = match topic.table().state {
        _ if handle.is_terminating() => ErrorCode::_DESTROY,
        TopicState::Error(code) => code,
        _ => ErrorCode::_UNKNOWN_PARTITION,
    };
    report(handle, &topic, orphans, error);
}

/// The serving thread ends: the partition waits with the internal broker, unless the instance ends as well.
pub(crate) fn abandon(handle: &Handle, toppar: &Arc<Toppar>, mut kept: MsgQueue) {
    let internal = Arc::clone(&handle.brokers.read().internal);
    let mut shared = toppar.lock();
    shared.store.requeue(&mut kept);
    shared.store.forget_signals();
    shared.broker = None;
    toppar.set_broker_id(-1);
    if handle.is_terminating() || shared.is_removed {
        shared.next_broker = None;
        return;
    }
    let next = shared.next_broker.get_or_insert(internal);
    next.push(BrokerOp::Join(Arc::clone(toppar)));
}
