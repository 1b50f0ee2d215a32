//! Responses in: one read for everything that is there, then frame by frame to the request that
//! each answers.
#![forbid(unsafe_code)]

use std::sync::atomic::Ordering;

use super::connection;
use super::request::Request;
use super::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::{context, level};
use crate::own::broker::BrokerState::{AuthHandshake, AuthReq};
use crate::proto::wire::Read;
use crate::proto::{api, header};
use crate::sys::clock::Ts;
use crate::transport::TransportError;

/// Bytes of one read.
const READ_BYTES: usize = 64 * 1024;
/// Most bytes of a frame while the broker is not known yet.
const AUTH_BYTES_MAX: usize = 1 << 20;
/// Input buffers above this size are given back when they are empty.
const KEPT_BYTES: usize = 256 * 1024;

/// Reads and handles all responses that are there.
pub(crate) fn receive(thread: &mut BrokerThread, now: Ts) {
    if !thread.connection.take_readable() {
        return;
    }
    loop {
        let mut input = std::mem::take(&mut thread.connection.input);
        let Some(transport) = thread.connection.transport() else { return };
        let received = transport.recv_into(&mut input, READ_BYTES);
        let got = match received {
            Ok(got) => got,
            Err(error) => {
                thread.connection.input = input;
                failed(thread, error, now);
                return;
            }
        };
        if got > 0 {
            thread.broker.counters().rx_bytes.fetch_add(got as u64, Ordering::Relaxed);
            thread.broker.counters().last_rx.store(now.0, Ordering::Relaxed);
            thread.connection.used_at = now;
        }
        let used = frames(thread, &input, now);
        let Some(used) = used else { return };
        input.drain(..used);
        if input.is_empty() && input.capacity() > KEPT_BYTES {
            input = Vec::new();
        }
        thread.connection.input = input;
        if got < READ_BYTES {
            return;
        }
    }
}

fn failed(thread: &mut BrokerThread, error: TransportError, now: Ts) {
    let text = match error {
        TransportError::Disconnected(_) => connection::disconnected_text(thread, now).to_owned(),
        TransportError::System(text) => {
            thread.broker.counters().rx_errors.fetch_add(1, Ordering::Relaxed);
            format!("Receive failed: {text}")
        }
    };
    connection::fail(thread, ErrorCode::_TRANSPORT, &text, now);
}

/// Handles the whole frames at the start of `input`; returns their bytes, or `None` if the
/// connection was closed.
fn frames(thread: &mut BrokerThread, input: &[u8], now: Ts) -> Option<usize> {
    let mut at = 0;
    while let Some((size, rest)) = input[at..].split_first_chunk::<4>() {
        let is_auth = matches!(thread.broker.state(), AuthHandshake | AuthReq);
        let most = thread.handle.settings.response_bytes_max;
        let most = if is_auth { most.min(AUTH_BYTES_MAX) } else { most };
        let len = match header::frame_len(*size, most) {
            Ok(len) => len,
            Err(error) => {
                thread.broker.counters().rx_errors.fetch_add(1, Ordering::Relaxed);
                let text = format!("Receive failed: {error}");
                let code = match is_auth {
                    true => ErrorCode::_AUTHENTICATION,
                    false => ErrorCode::_TRANSPORT,
                };
                connection::fail(thread, code, &text, now);
                return None;
            }
        };
        let Some(frame) = rest.get(..len) else { break };
        at += 4 + len;
        response(thread, frame, now);
        // The handler may have closed the connection; what is left of its bytes means nothing then.
        thread.connection.transport()?;
    }
    Some(at)
}

fn response(thread: &mut BrokerThread, frame: &[u8], now: Ts) {
    thread.broker.counters().rx.fetch_add(1, Ordering::Relaxed);
    let mut read = Read::new(frame);
    let Ok(id) = read.i32() else { return };
    let answered = thread.waitresps.take_first(|request| request.correlation_id() == id);
    let Some(request) = answered else {
        thread.broker.counters().rx_unmatched.fetch_add(1, Ordering::Relaxed);
        thread.handle.log.debug(
            context::BROKER,
            "RECV",
            &thread.name,
            format_args!("{}: Response for unknown CorrId {id} ignored", thread.name),
        );
        return;
    };
    thread.timed_out_in_a_row = 0;
    if thread.handle.has_stats {
        thread.broker.windows().rtt.add(now.since(request.sent_at()));
    }
    tell(thread, &request, frame.len(), now);
    match header::skip_response_tags(&mut read, request.api(), request.version()) {
        Ok(()) => request.finish(thread, Ok(&frame[read.at()..]), now),
        Err(error) => {
            let text = format!("Response header: {error}");
            thread.handle.log.broker(level::ERR, "RECV", &thread.name, text);
            request.finish(thread, Err(error.code()), now);
        }
    }
}

fn tell(thread: &BrokerThread, request: &Request, len: usize, now: Ts) {
    if !thread.handle.log.debugs(context::PROTOCOL) {
        return;
    }
    let rtt_us = (now - request.sent_at()).max(0);
    let text = format_args!(
        "Received {}Response (v{}, {len} bytes, CorrId {}, rtt {}.{:02}ms)",
        api::name(request.api()),
        request.version(),
        request.correlation_id(),
        rtt_us / 1000,
        rtt_us % 1000 / 10
    );
    thread.debug(context::PROTOCOL, "RECV", text);
}
