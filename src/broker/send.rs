//! Requests out: one vectored write for everything that is due.
#![forbid(unsafe_code)]

use std::io::IoSlice;
use std::sync::atomic::Ordering;

use super::connection;
use super::request::Request;
use super::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::context;
use crate::own::broker::BrokerState;
use crate::own::bufq::Queued;
use crate::proto::api;
use crate::sys::clock::Ts;
use crate::transport::TransportError;

/// Most pieces of requests in one write.
const SLICES_MAX: usize = 64;
/// Most requests in one write.
const REQUESTS_MAX: usize = 32;
/// Requests are made for the same write up to so many bytes: small ones share it. Larger batches
/// grow while the one before them is written.
const GATHERED_BYTES_MAX: usize = 8 << 10;

/// Writes what is due and what the kernel takes. Setup requests go alone before the connection is
/// up.
pub(crate) fn send(thread: &mut BrokerThread, now: Ts) {
    while !thread.connection.is_blocked {
        let due = due_count(thread);
        if due == 0 {
            return;
        }
        number(thread, due);
        let pieces = thread.outbufs.iter().take(due).flat_map(Queued::into_rest);
        let slices: Vec<IoSlice<'_>> = pieces.take(SLICES_MAX).map(IoSlice::new).collect();
        let Some(transport) = thread.connection.transport() else { return };
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        match transport.send(&slices) {
            Ok(written) => {
                thread.broker.counters().tx_bytes.fetch_add(written as u64, Ordering::Relaxed);
                thread.broker.counters().last_tx.store(now.0, Ordering::Relaxed);
                thread.connection.used_at = now;
                thread.connection.is_blocked = written < offered;
                // Latencies below one turn of the thread count in the statistics only.
                let sent_at = if thread.handle.has_stats { thread.handle.now() } else { now };
                account(thread, written, sent_at);
            }
            Err(error) => {
                thread.broker.counters().tx_errors.fetch_add(1, Ordering::Relaxed);
                let text = match error {
                    TransportError::Disconnected(_) => {
                        connection::disconnected_text(thread, now).to_owned()
                    }
                    TransportError::System(text) => format!("Send failed: {text}"),
                };
                connection::fail(thread, ErrorCode::_TRANSPORT, &text, now);
                return;
            }
        }
    }
}

/// Would the next write take one more request beside those that wait? Then it is made now, however
/// few may wait: none of them will, but for a socket that has just become full.
pub(crate) fn takes_more(thread: &BrokerThread) -> bool {
    let room = thread.handle.settings.in_flight_max.saturating_sub(thread.waitresps.len());
    let waiting = thread.outbufs.len();
    thread.is_up()
        && thread.connection.takes_bytes()
        && waiting < room.min(REQUESTS_MAX)
        && thread.outbufs.iter().map(|request| request.len()).sum::<usize>() < GATHERED_BYTES_MAX
}

/// How many of the waiting requests may be written now.
fn due_count(thread: &BrokerThread) -> usize {
    match thread.broker.state() {
        BrokerState::Up => {
            let room = thread.handle.settings.in_flight_max.saturating_sub(thread.waitresps.len());
            let most = room.min(REQUESTS_MAX);
            if thread.handle.has_fatal() {
                // No more messages: those that did not begin to go are about to be purged.
                let may_go = |request: &Queued<'_, _>| {
                    request.api() != api::PRODUCE || request.written() > 0
                };
                return thread.outbufs.iter().take(most).take_while(may_go).count();
            }
            thread.outbufs.len().min(most)
        }
        // Setup: one request at a time, and nothing else before it is done.
        BrokerState::ApiVersionQuery | BrokerState::AuthHandshake | BrokerState::AuthReq => {
            let is_setup = thread.outbufs.front().is_some_and(|request| request.is_setup());
            usize::from(is_setup && thread.waitresps.is_empty())
        }
        // What was begun is ended.
        BrokerState::Reauth => {
            usize::from(thread.outbufs.front().is_some_and(|request| request.written() > 0))
        }
        _ => 0,
    }
}

fn number(thread: &mut BrokerThread, due: usize) {
    for mut request in thread.outbufs.iter_mut().take(due) {
        if request.correlation_id() == 0 {
            thread.correlation_id = thread.correlation_id.checked_add(1).unwrap_or(1);
            request.set_correlation_id(thread.correlation_id);
        }
    }
}

fn tell(thread: &BrokerThread, request: &Request) {
    if !thread.handle.log.debugs(context::PROTOCOL) {
        return;
    }
    let text = format_args!(
        "Sent {}Request (v{}, {} bytes, CorrId {})",
        api::name(request.api()),
        request.version(),
        request.len(),
        request.correlation_id()
    );
    thread.debug(context::PROTOCOL, "SEND", text);
}

/// Spreads the written bytes over the requests; whole ones are in flight, or done if they have no
/// response.
fn account(thread: &mut BrokerThread, mut written: usize, sent_at: Ts) {
    while written > 0 {
        let Some(mut first) = thread.outbufs.front_mut() else { return };
        let part = (first.len() - first.written()).min(written);
        written -= part;
        if !first.advance(part, sent_at) {
            return;
        }
        if let Some(mut request) = thread.outbufs.pop_front() {
            count(thread, &request);
            tell(thread, &request);
            // A retry is written anew, and the next request finds the block still warm.
            if let Some(block) = request.free_bytes() {
                thread.recycle(block);
            }
            if request.has_response() {
                thread.waitresps.push_back(request);
            } else {
                request.finish(thread, Ok(&[]), sent_at);
            }
        }
    }
}

fn count(thread: &BrokerThread, request: &Request) {
    let counters = thread.broker.counters();
    counters.tx.fetch_add(1, Ordering::Relaxed);
    counters.requests.add(request.api());
    if thread.handle.has_stats {
        let waited_us = request.sent_at().since(request.queued_at());
        thread.broker.windows().outbuf_latency.add(waited_us);
    }
}
