//! The texts of an idempotent partition's errors: reasons of fatal errors and debug lines.
#![forbid(unsafe_code)]

use super::context::Part;
use super::idempotence::Also;
use crate::broker::action::Action;
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::context;
use crate::own::arena::Batch;
use crate::own::eos::{Eos, LastErr};
use crate::sys::clock::Ts;

/// `ProduceRequest for <topic> [<partition>] with <n> message(s)`.
fn request(batch: &Part) -> String {
    let topic = batch.toppar.topic();
    let (name, partition) = (topic.display_name(), batch.toppar.partition());
    let count = batch.sealed.batch.len();
    format!("ProduceRequest for {name} [{partition}] with {count} message(s)")
}

/// What was the matter before.
fn last_error(last: &LastErr, now: Ts) -> String {
    let age_ms = if last.ts == Ts::ZERO { -1 } else { now.since(last.ts) / 1000 };
    let (error, actions) = (name(last.err), Action::names_of(last.actions));
    let (first, end, msgid) = (last.base_seq, last.last_seq, last.base_msgid);
    format!(
        "{error} (actions {actions}, base seq {first}..{end}, base msgid {msgid}, {age_ms}ms ago)"
    )
}

fn name(code: ErrorCode) -> String {
    code.known_name().map_or_else(|| format!("ERR_{}?", code.0), str::to_owned)
}

/// The reason of the fatal error that `what` is.
pub(super) fn fatal(
    thread: &BrokerThread,
    batch: &Part,
    what: Also,
    retries: i32,
    eos: &Eos,
    last: &LastErr,
    now: Ts,
) -> String {
    let (request, last) = (request(batch), last_error(last, now));
    let (broker, pid, first) =
        (thread.broker.id(), batch.sealed.stamp.pid, batch.sealed.stamp.first_seq);
    match what {
        Also::Desynchronized => {
            let since = thread.handle.idempotence.lock().since;
            let age_ms = now.since(since) / 1000;
            format!(
                "{request} failed due to sequence desynchronization with broker {broker} ({pid}, \
                 base seq {first}, idemp state change {age_ms}ms ago, last partition error {last}"
            )
        }
        Also::Rewound => {
            let next = eos.next_ack_seq;
            format!(
                "{request} failed with rewound sequence number on broker {broker} ({pid}, base seq \
                 {first} < next seq {next}): last error {last}"
            )
        }
        _ => format!(
            "{request} failed due to unknown producer id (broker {broker} {pid}, base seq {first}, \
             {retries} retries): unable to retry without risking duplication/reordering"
        ),
    }
}

/// The reason of the fatal error that a gap is.
pub(super) fn gap(thread: &BrokerThread, batch: &Part, error: ErrorCode) -> String {
    let (request, broker) = (request(batch), thread.broker.id());
    let (pid, first) = (batch.sealed.stamp.pid, batch.sealed.stamp.first_seq);
    format!(
        "{request} failed: {error} (broker {broker} {pid}, base seq {first}): unable to satisfy \
         gap-less guarantee"
    )
}

/// The reason of the fatal error that a success is where a failure was due.
pub(super) fn unexpected(thread: &BrokerThread, batch: &Part, eos: &Eos) -> String {
    let (request, broker) = (request(batch), thread.broker.id());
    let (pid, first) = (batch.sealed.stamp.pid, batch.sealed.stamp.first_seq);
    let (ack, err) = (eos.next_ack_seq, eos.next_err_seq);
    format!(
        "{request} succeeded when expecting failure (broker {broker} {pid}, base seq {first}, next \
         ack seq {ack}, next err seq {err}: unable to retry without risking \
         duplication/reordering"
    )
}

fn debug(thread: &BrokerThread, facility: &str, text: impl FnOnce() -> String) {
    if thread.handle.log.debugs(context::MSG | context::EOS) {
        thread.debug(context::MSG | context::EOS, facility, format_args!("{}", text()));
    }
}

/// The debug line of a batch whose producer id is not the partition's any more.
pub(super) fn other_pid(thread: &BrokerThread, batch: &Part, eos: &Eos, error: ErrorCode) {
    debug(thread, "ERRPID", || {
        let topic = batch.toppar.topic();
        let (topic, partition) = (topic.display_name(), batch.toppar.partition());
        let (sent, own) = (batch.sealed.stamp.pid, eos.pid);
        format!(
            "{topic} [{partition}] PID mismatch: request {sent} != partition {own}: failing \
             messages with error {error}"
        )
    });
}

/// The debug line of a batch for which the epoch rises.
pub(super) fn bump(
    thread: &BrokerThread,
    batch: &Part,
    reason: &str,
    eos: &Eos,
    last: &LastErr,
    now: Ts,
) {
    let (pid, first) = (batch.sealed.stamp.pid, batch.sealed.stamp.first_seq);
    debug(thread, "ERRSEQ", || {
        let (request, next, last) = (request(batch), eos.next_ack_seq, last_error(last, now));
        format!(
            "{request} failed due to {reason} ({pid}, base seq {first}, next seq {next}), last \
             error {last}: recovering and retrying"
        )
    });
}

/// The debug line of messages that a later batch's success acknowledged.
pub(super) fn implicitly(thread: &BrokerThread, batch: &Part, acked: &[Batch], last_acked: u64) {
    debug(thread, "IMPLICITACK", || {
        let topic = batch.toppar.topic();
        let (topic, partition) = (topic.display_name(), batch.toppar.partition());
        let count: usize = acked.iter().map(Batch::len).sum();
        let first = acked.first().map_or(0, Batch::first_id);
        let last = acked.last().map_or(0, Batch::last_id);
        format!(
            "{topic} [{partition}] {count} message(s) implicitly acked by subsequent batch success \
             (msgids {first}..{last}, last acked {last_acked})"
        )
    });
}
