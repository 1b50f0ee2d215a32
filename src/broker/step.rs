//! One turn of a broker's thread: operations, connection, responses, engine, requests, timeouts.
//! Gives the next time at which the thread wants to run.
#![forbid(unsafe_code)]

use super::connection;
use super::receive;
use super::request::{Outcome, Request, RequestQueue};
use super::send;
use super::thread::BrokerThread;
use super::timeout;
use crate::engine::seam::ProducerEngine;
use crate::error::ErrorCode;
use crate::op::latch::Latch;
use crate::op::{BrokerOp, ControlRequest, ControlResponse, Purge};
use crate::own::broker::{BrokerSource, BrokerState};
use crate::proto::api;
use crate::sys::clock::Ts;
use crate::topic::migrate;

/// Most rounds of "the engine makes requests, the socket takes them" in one turn.
const ROUNDS_MAX: usize = 64;

/// One turn.
pub(crate) fn step(thread: &mut BrokerThread, engine: &mut dyn ProducerEngine, now: Ts) -> Ts {
    thread.broker.begin_turn();
    serve_ops(thread, engine, now);
    receive::receive(thread, now);
    let mut until = engine.serve(thread, now);
    until = until.min(connection::advance(thread, now));
    send::send(thread, now);
    // What the socket took made room for more requests.
    for _ in 0..ROUNDS_MAX {
        if !engine.is_waiting_for_room() || !has_room(thread) {
            break;
        }
        until = until.min(engine.serve(thread, now));
        send::send(thread, now);
    }
    until = until.min(timeout::scan(thread, now));
    // Requests that timed out made room too.
    if engine.is_waiting_for_room() && has_room(thread) {
        until = now;
    }
    // Sending or a timeout may have closed the connection after it was looked at.
    until = until.min(connection::next_attempt(thread));
    until
}

fn has_room(thread: &BrokerThread) -> bool {
    thread.is_up() && thread.outbufs.len() < thread.handle.settings.outbufs_max
}

fn serve_ops(thread: &mut BrokerThread, engine: &mut dyn ProducerEngine, now: Ts) {
    let mut ops = Vec::new();
    thread.broker.take_ops(&mut ops);
    for op in ops {
        match op {
            BrokerOp::Wakeup => engine.flush_may_have_begun(),
            BrokerOp::Connect => thread.wants_connection = true,
            BrokerOp::Join(toppar) => {
                if migrate::join(&thread.handle, &thread.broker, &toppar) {
                    engine.partition_join(thread, &toppar, now);
                }
            }
            BrokerOp::Leave(toppar) => {
                let is_ours = {
                    let shared = toppar.lock();
                    shared.broker_ref().is_some_and(|own| std::ptr::eq(own, &*thread.broker))
                };
                if is_ours {
                    let kept = engine.partition_leave(thread, &toppar, now);
                    migrate::leave(&thread.handle, &toppar, kept);
                }
            }
            BrokerOp::Request(request) => enqueue_control(thread, request, now),
            BrokerOp::Purge(which, done) => purge(thread, engine, which, &done, now),
            BrokerOp::Renamed => connection::renamed(thread, now),
        }
    }
}

/// Puts a control-plane request into the output queue, in the highest version that both sides know.
fn enqueue_control(thread: &mut BrokerThread, control: ControlRequest, now: Ts) {
    let version = match thread.is_up() {
        true => thread.versions.supported(control.api, control.version_min, control.version_max),
        // Control requests are only given to brokers that were up; the connection failed meanwhile.
        false => return (control.on_response)(Err(ErrorCode::_TRANSPORT)),
    };
    let Some(version) = version else {
        return (control.on_response)(Err(ErrorCode::_UNSUPPORTED_FEATURE));
    };
    let body = match (control.encode)(version) {
        Ok(body) => body,
        Err(code) => return (control.on_response)(Err(code)),
    };
    let on_response = control.on_response;
    let handler = Box::new(move |_: &mut BrokerThread, outcome: Outcome<'_>| {
        let version = outcome.version;
        on_response(outcome.result.map(|body| ControlResponse { version, body: body.to_vec() }));
    });
    let mut request = Request::of_body(thread, control.api, version, &body, handler);
    request.set_expires(now.plus_ms(control.timeout_ms));
    // Messages may be on their way to a leader that metadata is about to replace.
    if request.api() == api::METADATA {
        thread.enqueue_before_data(request, now);
    } else {
        thread.enqueue(request, now);
    }
}

/// Purges in the historical order: in flight, waiting to be sent, then the partitions.
fn purge(
    thread: &mut BrokerThread,
    engine: &mut dyn ProducerEngine,
    which: Purge,
    done: &Latch,
    now: Ts,
) {
    if which.in_flight {
        let produce = thread.waitresps.take_where(|request| request.api() == api::PRODUCE);
        finish_all(thread, produce, ErrorCode::_PURGE_INFLIGHT, now);
    }
    if which.queue {
        let produce = thread.outbufs.take_where(|request| request.api() == api::PRODUCE);
        let partial_count = produce.iter().filter(|request| request.written() > 0).count();
        finish_all(thread, produce, ErrorCode::_PURGE_QUEUE, now);
        if partial_count > 0 {
            // Half a request is on the wire: the stream means nothing any more. Quirk: what is in
            // flight is purged with the connection, whatever the application asked for.
            let text = format!("Purged {partial_count} partially sent request: forcing disconnect");
            connection::fail(thread, ErrorCode::_PURGE_QUEUE, &text, now);
        }
        engine.purge(thread, which, now);
    }
    done.count_down();
}

fn finish_all(thread: &mut BrokerThread, mut requests: RequestQueue, code: ErrorCode, now: Ts) {
    while let Some(request) = requests.pop_front() {
        request.finish(thread, Err(code), now);
    }
}

/// Shall the thread end?
pub(crate) fn is_over(thread: &BrokerThread) -> bool {
    thread.broker.is_terminating() || thread.handle.is_terminating()
}

/// The thread ends: what it has is failed, partitions are let go.
pub(crate) fn end(thread: &mut BrokerThread, engine: &mut dyn ProducerEngine) {
    let now = thread.handle.now();
    let is_internal = thread.broker.source() == BrokerSource::Internal;
    let code = match thread.handle.is_terminating() {
        true => ErrorCode::_DESTROY,
        false => ErrorCode::_DESTROY_BROKER,
    };
    serve_ops(thread, engine, now);
    if !is_internal {
        connection::fail(thread, code, "Broker handle is terminating", now);
    }
    engine.end(thread, now);
    for op in thread.broker.close_ops() {
        if let Some(toppar) = op.refuse() {
            migrate::park(&thread.handle, &toppar);
        }
    }
    thread.broker.set_state(BrokerState::Down, now);
}
