//! May an idempotent partition send now, and under which numbers? And who looks at it again when it
//! may not.
//!
//! The serving thread marks the partition as held under its lock and then reads what is in flight;
//! whoever settles a batch, on whatever thread, takes it out of what is in flight and then looks at
//! the mark. So one of the two sees the other, and no partition is forgotten.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::idempotence::{Numbering, WINDOW};
use super::request;
use super::serve::Slot;
use super::store::Store;
use crate::broker::thread::BrokerThread;
use crate::eos::drain;
use crate::log::context;
use crate::own::eos::Eos;
use crate::own::toppar::{HeldToppar, Toppar};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// Is everything in flight still to be waited for? If not, the wait is over.
pub(super) fn is_draining(toppar: &Toppar, shared: &mut HeldToppar<'_>) -> bool {
    if !shared.eos().wait_drain {
        return false;
    }
    shared.set_held(true);
    if toppar.in_flight().load(Ordering::SeqCst) > 0 {
        return true;
    }
    shared.set_held(false);
    shared.eos_mut().wait_drain = false;
    false
}

/// May the slot's next batch be made? Then the slot has its numbering.
pub(super) fn may_send(thread: &mut BrokerThread, slot: &mut Slot, pid: Pid, now: Ts) -> bool {
    let toppar = Arc::clone(&slot.toppar);
    let mut shared = toppar.lock();
    let is_draining = is_draining(&toppar, &mut shared);
    if !is_draining && let Some((store, queue)) = shared.store::<Store>() {
        // What came back since the last look goes first.
        store.take_into(queue, &mut slot.xmit);
    }
    let Some(first_msgid) = slot.xmit.front().map(|first| first.id()) else { return false };
    shared.set_held(true);
    let in_flight = toppar.in_flight().load(Ordering::SeqCst);
    // Quirk: under another producer id the broker does not know again what comes back. A batch
    // that is in the log without an answer is then there twice.
    let is_other = shared.eos().pid != pid;
    if is_draining || is_other && in_flight > 0 {
        drop(shared);
        // What is not on the wire yet would only be refused.
        request::call_back(thread, &toppar, now);
        return false;
    }
    if in_flight >= WINDOW {
        return false;
    }
    shared.set_held(false);
    let former = shared.eos().pid;
    if is_other {
        change_pid(shared.eos_mut(), pid, first_msgid);
    }
    slot.numbering = Numbering { pid, epoch_base_msgid: shared.eos().epoch_base_msgid };
    drop(shared);
    if is_other && thread.handle.log.debugs(context::TOPIC | context::EOS) {
        let (name, partition) = (slot.topic.display_name(), toppar.partition());
        let text = format_args!(
            "{name} [{partition}] changed {former} -> {pid} with base MsgId {first_msgid}"
        );
        thread.debug(context::TOPIC | context::EOS, "NEWPID", text);
    }
    true
}

/// Historical: `rd_kafka_toppar_pid_change`.
fn change_pid(eos: &mut Eos, pid: Pid, base_msgid: u64) {
    eos.pid = pid;
    eos.next_ack_seq = 0;
    eos.next_err_seq = 0;
    eos.epoch_base_msgid = base_msgid;
}

/// Nothing more is sent until everything in flight has been answered.
///
/// Historical: `rd_kafka_idemp_drain_toppar`.
pub(super) fn wait_for_drain(thread: &BrokerThread, toppar: &Toppar, reason: &str) {
    let waits_already = std::mem::replace(&mut toppar.lock().eos_mut().wait_drain, true);
    if !waits_already && thread.handle.log.debugs(context::EOS | context::TOPIC) {
        let (topic, partition) = (toppar.topic(), toppar.partition());
        let name = topic.display_name();
        let text = format_args!("{name} [{partition}] beginning partition drain: {reason}");
        thread.debug(context::EOS | context::TOPIC, "DRAIN", text);
    }
}

/// Messages of a partition are in flight from now on.
///
/// Historical: `rd_kafka_msgbatch_ready_produce`.
pub(super) fn take_off(thread: &BrokerThread, toppar: &Toppar, count: i32) {
    let before = toppar.in_flight().fetch_add(count, Ordering::SeqCst);
    if before == 0 && thread.handle.settings.is_idempotent {
        drain::toppar_begins(&thread.handle);
    }
}

/// Messages of a partition are not in flight any more. Comes last: whoever waits for it may go on
/// at once, on another thread.
pub(super) fn land(thread: &BrokerThread, toppar: &Arc<Toppar>, count: i32, now: Ts) {
    let before = toppar.in_flight().fetch_sub(count, Ordering::SeqCst);
    assert!(before >= count, "{before} messages in flight, {count} answered");
    if !thread.handle.settings.is_idempotent {
        return;
    }
    let left = before - count;
    if left < WINDOW {
        let mut shared = toppar.lock();
        if shared.set_held(false)
            && let Some(broker) = shared.broker_ref()
        {
            broker.make_ready(toppar, Ts::ZERO);
        }
    }
    if left == 0 {
        drain::toppar_ends(&thread.handle, &thread.name, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_producer_id_numbers_from_the_first_message_on() {
        let mut eos = Eos { next_ack_seq: 9, next_err_seq: 12, acked_msgid: 9, ..Eos::default() };
        let pid = Pid { id: 3, epoch: 0 };
        change_pid(&mut eos, pid, 10);
        let expected = Eos { pid, acked_msgid: 9, epoch_base_msgid: 10, ..Eos::default() };
        assert_eq!(eos, expected);
    }
}
