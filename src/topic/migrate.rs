//! A partition moves from one broker's thread to another: the old one lets go, then the new one
//! takes over.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::partition;
use crate::delivery::report::report_lot;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::context;
use crate::op::{BrokerOp, MainOp};
use crate::own::broker::Broker;
use crate::own::lot::Lot;
use crate::own::msgq::MsgQueue;
use crate::own::topic::TopicState;
use crate::own::toppar::{HeldToppar, Toppar};
use crate::sys::clock::Ts;

/// Gives the partition to `broker`, or to the internal one. A move that is already under way only
/// changes its target.
///
/// Historical: `rd_kafka_toppar_broker_update`.
pub(crate) fn delegate(handle: &Handle, toppar: &Arc<Toppar>, broker: Option<&Arc<Broker>>) {
    let internal = handle.internal();
    let target = broker.unwrap_or(&internal);
    let mut shared = toppar.lock();
    if shared.is_removed() {
        return;
    }
    match (shared.broker(), shared.next_broker()) {
        (Some(present), None) if Arc::ptr_eq(&present, target) => {}
        (_, Some(_)) => shared.set_next_broker(Some(Arc::clone(target))),
        (Some(present), None) => {
            shared.set_next_broker(Some(Arc::clone(target)));
            present.push(BrokerOp::Leave(Arc::clone(toppar)));
        }
        (None, None) => send_to(handle, toppar, &mut shared, target),
    }
}

/// Sends the partition to a broker; to the internal one if that broker's thread has ended.
fn send_to(
    handle: &Handle,
    toppar: &Arc<Toppar>,
    shared: &mut HeldToppar<'_>,
    target: &Arc<Broker>,
) {
    shared.set_next_broker(Some(Arc::clone(target)));
    if target.push(BrokerOp::Join(Arc::clone(toppar))).is_some() {
        let internal = handle.internal();
        shared.set_next_broker(Some(Arc::clone(&internal)));
        internal.push(BrokerOp::Join(Arc::clone(toppar)));
        handle.main.push(MainOp::LeaderUnavailable(toppar.topic()));
    }
}

/// A join could not be served any more: the partition waits with the internal broker until its
/// leader is known.
pub(crate) fn park(handle: &Handle, toppar: &Arc<Toppar>) {
    let mut shared = toppar.lock();
    if shared.broker_ref().is_none() && !shared.is_removed() && !handle.is_terminating() {
        send_to(handle, toppar, &mut shared, &handle.internal());
        handle.main.push(MainOp::LeaderUnavailable(toppar.topic()));
    }
}

/// Reports the messages of a partition that nobody serves and nobody will.
pub(crate) fn report_orphans(handle: &Handle, toppar: &Toppar, orphans: Lot) {
    let topic = toppar.topic();
    let error = match topic.table().state {
        _ if handle.is_terminating() => ErrorCode::_DESTROY,
        TopicState::Error(code) => code,
        _ => ErrorCode::_UNKNOWN_PARTITION,
    };
    report_lot(handle, toppar, orphans, error);
}

/// The partition is gone from the cluster: its messages are reported by the broker's thread when it
/// lets go.
pub(crate) fn remove(handle: &Handle, toppar: &Arc<Toppar>) {
    let mut orphans = Lot::default();
    {
        let mut shared = toppar.lock();
        shared.set_removed();
        shared.set_next_broker(None);
        match shared.broker() {
            Some(broker) => {
                broker.push(BrokerOp::Leave(Arc::clone(toppar)));
            }
            // Between two brokers: nobody else will look.
            None => shared.drain(&mut orphans),
        }
    }
    report_orphans(handle, toppar, orphans);
}

/// The broker's thread takes the partition. `false`: it does not belong here (any more); a wanted
/// move was passed on.
pub(crate) fn join(handle: &Handle, broker: &Arc<Broker>, toppar: &Arc<Toppar>) -> bool {
    let mut orphans = Lot::default();
    let is_here = {
        let mut shared = toppar.lock();
        if handle.is_terminating() {
            shared.set_next_broker(None);
            false
        } else if shared.is_removed() {
            shared.set_next_broker(None);
            shared.drain(&mut orphans);
            false
        } else {
            take_or_pass_on(handle, broker, toppar, &mut shared)
        }
    };
    report_orphans(handle, toppar, orphans);
    if is_here {
        tell(handle, broker, toppar, "joining broker");
    }
    is_here
}

/// The debug line of a move. Not under the partition's lock: the application may write it.
fn tell(handle: &Handle, broker: &Broker, toppar: &Toppar, what: &str) {
    if !handle.log.debugs(context::TOPIC) {
        return;
    }
    let (who, topic) = (broker.name(), toppar.topic());
    let (name, partition) = (topic.display_name(), toppar.partition());
    let text = format_args!("{who}: Topic {name} [{partition}]: {what}");
    handle.log.debug(context::TOPIC, "TOPBRK", &who, text);
}

fn take_or_pass_on(
    handle: &Handle,
    broker: &Arc<Broker>,
    toppar: &Arc<Toppar>,
    shared: &mut HeldToppar<'_>,
) -> bool {
    match shared.next_broker() {
        Some(next) if !Arc::ptr_eq(&next, broker) => {
            send_to(handle, toppar, shared, &next);
            false
        }
        _ if broker.is_terminating() => {
            // The broker was let go while the partition was on its way.
            send_to(handle, toppar, shared, &handle.internal());
            handle.main.push(MainOp::LeaderUnavailable(toppar.topic()));
            false
        }
        _ => {
            shared.set_next_broker(None);
            shared.set_broker(Some(Arc::clone(broker)));
            shared.forget_signals();
            true
        }
    }
}

/// The broker's thread lets the partition go; `kept` are the messages that it had.
pub(crate) fn leave(handle: &Handle, toppar: &Arc<Toppar>, mut kept: MsgQueue) {
    let mut orphans = Lot::default();
    {
        let mut shared = toppar.lock();
        shared.requeue(&mut kept);
        shared.forget_signals();
        shared.set_broker(None);
        match shared.next_broker() {
            Some(next) => send_to(handle, toppar, &mut shared, &next),
            None => shared.drain(&mut orphans),
        }
    }
    report_orphans(handle, toppar, orphans);
}

/// The serving thread ends: the partition waits with the internal broker, unless the instance ends
/// as well.
pub(crate) fn abandon(handle: &Handle, toppar: &Arc<Toppar>, mut kept: MsgQueue) {
    let mut orphans = Lot::default();
    {
        let mut shared = toppar.lock();
        shared.requeue(&mut kept);
        shared.forget_signals();
        shared.set_broker(None);
        if shared.is_removed() {
            shared.drain(&mut orphans);
        } else if handle.is_terminating() {
            shared.set_next_broker(None);
        } else {
            let next = shared.next_broker().unwrap_or_else(|| handle.internal());
            send_to(handle, toppar, &mut shared, &next);
            handle.main.push(MainOp::LeaderUnavailable(toppar.topic()));
        }
    }
    report_orphans(handle, toppar, orphans);
}

/// Puts messages back that are sent again; a partition that is gone reports them.
pub(crate) fn give_back(handle: &Handle, toppar: &Arc<Toppar>, mut messages: MsgQueue, due: Ts) {
    let is_homeless = {
        let mut shared = toppar.lock();
        let is_homeless = shared.is_removed() && shared.broker_ref().is_none();
        if !is_homeless {
            partition::requeue(toppar, &mut shared, &mut messages, due);
        }
        is_homeless
    };
    if is_homeless {
        let orphans = Lot { objects: messages, ..Lot::default() };
        report_orphans(handle, toppar, orphans);
    }
}
