//! What the engine shows of itself: the numbers behind `rkb_producer_engine_state` and
//! `rktp_producer_v2`, and the windows of the statistics. Who decides something is elsewhere.
#![forbid(unsafe_code)]

use super::adaptive::Law;
use super::collector::Trigger;
use super::context::Part;
use crate::broker::thread::BrokerThread;
use crate::log::context;
use crate::own::broker::Broker;
use crate::own::toppar::{HeldToppar, Toppar};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// Shows what adaptive batching learned.
pub(super) fn show_adaptive(broker: &Broker, law: &Law) {
    if let Some(state) = broker.v2() {
        state.set_adaptive(&law.numbers());
    }
}

/// Shows the producer id of this turn.
pub(super) fn show_pid(broker: &Broker, pid: Option<Pid>) {
    if let Some(state) = broker.v2() {
        state.set_pid(pid.unwrap_or(Pid::NONE));
    }
}

/// Shows who waits for a request: how many, since when, and when the next back-off ends.
pub(super) fn show_waiting(broker: &Broker, count: usize, since: Ts, backoff: Ts) {
    if let Some(state) = broker.v2() {
        state.set_waiting(count, since, backoff);
    }
}

/// A partition waits for a request, or does not; its lock is held.
pub(super) fn show_wait(toppar: &Toppar, shared: &mut HeldToppar<'_>, waits: bool, now: Ts) {
    let Some(state) = toppar.v2() else { return };
    if waits {
        let (messages, bytes) = shared.waiting();
        state.wait(messages, bytes, now);
    } else {
        state.end_wait();
    }
}

/// A partition does not wait here any more, and nothing was sent.
pub(super) fn end_wait(toppar: &Toppar) {
    if let Some(state) = toppar.v2() {
        state.end_wait();
    }
}

/// A partition's batch goes into a request.
pub(super) fn measure_wait(thread: &BrokerThread, toppar: &Toppar, now: Ts) {
    let since = toppar.v2().and_then(|state| state.end_wait());
    if let Some(since) = since.filter(|_| thread.handle.has_stats)
        && let Some(state) = thread.broker.v2()
    {
        state.windows(&thread.handle.settings).batch_wait.add(now.since(since));
    }
}

/// How many messages and bytes batches have.
pub(super) fn messages_of(parts: &[Part]) -> (i64, i64) {
    parts.iter().fold((0, 0), |(count, bytes), part| {
        (count + i64::from(part.sealed.count()), bytes + part.sealed.batch.queued_bytes())
    })
}

/// A request of `len` bytes is finished.
pub(super) fn measure_request(thread: &BrokerThread, len: usize, parts: &[Part]) {
    tell_request(thread, len, parts);
    let Some(state) = thread.broker.v2().filter(|_| thread.handle.has_stats) else { return };
    let settings = &thread.handle.settings;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (messages, _) = messages_of(parts);
    let mut windows = state.windows(settings);
    windows.partitions.add(number(parts.len()));
    windows.messages.add(messages);
    windows.request_bytes.add(number(len));
    windows.fill.add(number(len.saturating_mul(1_000) / settings.message_bytes_max.max(1)));
}

/// The debug line of a round that begins.
pub(super) fn tell_round(thread: &BrokerThread, trigger: Option<Trigger>, count: usize) {
    let Some(trigger) = trigger else { return };
    if !thread.handle.log.debugs(context::BATCHCOL) {
        return;
    }
    let why = match trigger {
        Trigger::Flush => "flush",
        Trigger::Full => "a full batch",
        Trigger::Bytes => "enough bytes",
        Trigger::Linger => "linger",
    };
    let (queued, most) = (thread.outbufs.len(), thread.handle.settings.outbufs_max);
    let text = format_args!(
        "{count} partition(s) to send because of {why}; {queued} of {most} request(s) are queued"
    );
    thread.debug(context::BATCHCOL, "BATCHCOL", text);
}

fn tell_request(thread: &BrokerThread, len: usize, parts: &[Part]) {
    if !thread.handle.log.debugs(context::BATCHCOL) {
        return;
    }
    let (count, (messages, _)) = (parts.len(), messages_of(parts));
    let text = format_args!(
        "ProduceRequest with {count} partition(s), {messages} message(s), {len} bytes"
    );
    thread.debug(context::BATCHCOL, "BATCHCOL", text);
}

/// The debug line of limits that adaptive batching changed.
pub(super) fn tell_adaptive(thread: &BrokerThread, law: &Law) {
    if !thread.handle.log.debugs(context::BROKER) {
        return;
    }
    let numbers = law.numbers();
    let text = format_args!(
        "Linger {} us, {} bytes: congestion {:.3} (round trip {} us, at best {} us; messages \
         {} us late)",
        numbers.linger_us,
        numbers.bytes,
        numbers.score,
        numbers.rtt_us,
        numbers.rtt_base_us,
        numbers.late_us
    );
    thread.debug(context::BROKER, "ADAPTIVE", text);
}
