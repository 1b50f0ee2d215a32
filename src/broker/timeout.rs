//! Requests that wait too long: a scan once a second.
#![forbid(unsafe_code)]

use std::sync::atomic::Ordering;

use super::connection;
use super::request::RequestQueue;
use super::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::level;
use crate::own::broker::BrokerState;
use crate::proto::api;
use crate::sys::clock::Ts;

/// Microseconds between scans.
const SCAN_EVERY_US: i64 = 1_000_000;

/// Times out requests; returns when it wants to look again.
pub(crate) fn scan(thread: &mut BrokerThread, now: Ts) -> Ts {
    if thread.outbufs.is_empty() && thread.waitresps.is_empty() {
        thread.timeouts_due = now + SCAN_EVERY_US;
        return Ts::MAX;
    }
    if now < thread.timeouts_due {
        return thread.timeouts_due;
    }
    thread.timeouts_due = now + SCAN_EVERY_US;
    let mut in_flight = thread.waitresps.take_where(|request| request.expires() <= now);
    let first = thread.outbufs.front();
    let has_partial = first.is_some_and(|it| it.written() > 0 && it.expires() <= now);
    let mut queued = thread.outbufs.take_where(|request| request.expires() <= now);
    let count = in_flight.len() + queued.len();
    if count == 0 {
        return thread.timeouts_due;
    }
    note(thread, &in_flight, &queued, now);
    let flying = in_flight.len();
    while let Some(request) = in_flight.pop_front() {
        request.finish(thread, Err(ErrorCode::_TIMED_OUT), now);
    }
    while let Some(request) = queued.pop_front() {
        request.finish(thread, Err(ErrorCode::_TIMED_OUT_QUEUE), now);
    }
    let counted = u32::try_from(count).unwrap_or(u32::MAX);
    thread.timed_out_in_a_row = thread.timed_out_in_a_row.saturating_add(counted);
    thread.broker.counters().request_timeouts.fetch_add(count as u64, Ordering::Relaxed);
    let most = thread.handle.settings.socket_fails_max;
    let is_too_often = most != 0 && thread.timed_out_in_a_row >= most;
    if has_partial || (is_too_often && thread.broker.state() >= BrokerState::Up) {
        let text = format!("{} request(s) timed out: disconnect", flying.max(1));
        connection::fail(thread, ErrorCode::_TIMED_OUT, &text, now);
    }
    thread.timeouts_due
}

fn note(thread: &BrokerThread, in_flight: &RequestQueue, queued: &RequestQueue, now: Ts) {
    let log = &thread.handle.log;
    for (requests, place) in [(in_flight, "in flight"), (queued, "in output queue")] {
        for (at, request) in requests.iter().take(5).enumerate() {
            let since = if request.is_sent() { request.sent_at() } else { request.queued_at() };
            let text = format!(
                "Timed out {}Request {place} (after {}ms, timeout #{at})",
                api::name(request.api()),
                now.since(since) / 1000
            );
            log.broker(level::NOTICE, "REQTMOUT", &thread.name, text);
        }
    }
    let partial = queued.iter().filter(|request| request.written() > 0).count();
    let text = format!(
        "Timed out {} in-flight, 0 retry-queued, {} out-queue, {partial} partially-sent requests",
        in_flight.len(),
        queued.len() - partial
    );
    log.broker(level::WARNING, "REQTMOUT", &thread.name, text);
}
