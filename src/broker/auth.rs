//! SASL between the broker's versions and its use: which mechanism, its messages, and doing it
//! again before the broker's patience ends (KIP-368).
#![forbid(unsafe_code)]

use super::connection;
use super::request::{Outcome, Request};
use super::thread::BrokerThread;
use crate::conf::Secret;
use crate::error::ErrorCode;
use crate::log::context;
use crate::own::broker::BrokerState;
use crate::proto::{api, sasl};
use crate::sasl::{Client, Mechanism, Next};
use crate::sys::clock::Ts;

/// Authentication of a connection.
pub(crate) struct Auth {
    /// The conversation, while there is one.
    client: Option<Box<dyn Client>>,
    /// When to begin anew.
    again_at: Ts,
    /// The connection was usable before.
    is_again: bool,
}

impl Auth {
    /// Nothing is known of a connection yet.
    pub(crate) fn new() -> Self {
        Self { client: None, again_at: Ts::MAX, is_again: false }
    }
}

/// The broker's versions are known: authenticate, if that is configured.
///
/// Historical: `rd_kafka_broker_connect_auth`.
pub(crate) fn begin(thread: &mut BrokerThread, now: Ts) {
    let is_again = thread.connection.auth.is_again;
    thread.connection.auth = Auth { is_again, ..Auth::new() };
    let Some(mechanism) = thread.handle.security.mechanism else {
        connection::up(thread, now);
        return;
    };
    let Some(version) = thread.versions.supported(api::SASL_HANDSHAKE, 1, sasl::HANDSHAKE_MAX)
    else {
        let hint = match thread.handle.settings.asks_api_versions {
            true => "",
            false => ": try api.version.request=true",
        };
        let text = format!(
            "SASL Handshake not supported by broker (required by mechanism {}){hint}",
            mechanism.name()
        );
        failed(thread, &text, now);
        return;
    };
    let place = thread.broker.state().name();
    let text = format_args!("Auth in state {place} (handshake supported)");
    thread.debug(context::SECURITY | context::BROKER, "AUTH", text);
    connection::enter(thread, BrokerState::AuthHandshake, now);
    let body = sasl::handshake_request(version, mechanism.name());
    let handler = move |thread: &mut BrokerThread, outcome: Outcome<'_>| {
        handshake_answered(thread, mechanism, &outcome);
    };
    ask(thread, (api::SASL_HANDSHAKE, version), body, Box::new(handler), now);
}

type Handler = Box<dyn FnOnce(&mut BrokerThread, Outcome<'_>) + Send>;

fn ask(
    thread: &mut BrokerThread,
    (api_key, version): (i16, i16),
    body: Result<Vec<u8>, crate::proto::wire::DecodeError>,
    handler: Handler,
    now: Ts,
) {
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            failed(thread, &format!("SASL authentication error: {error}"), now);
            return;
        }
    };
    let mut request = Request::of_body(thread, api_key, version, &body, handler);
    request.set_setup();
    request.set_expires(now.plus_ms(thread.handle.settings.socket_timeout_ms));
    thread.enqueue(request, now);
}

/// Authentication failed: the connection ends.
fn failed(thread: &mut BrokerThread, text: &str, now: Ts) {
    connection::fail(thread, ErrorCode::_AUTHENTICATION, text, now);
}

/// Did the connection end while the request was on its way? Then somebody else said why.
fn is_over(thread: &BrokerThread, state: BrokerState, outcome: &Outcome<'_>) -> bool {
    thread.broker.state() != state || matches!(outcome.result, Err(code) if is_end(code))
}

fn is_end(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::_DESTROY | ErrorCode::_DESTROY_BROKER)
}

fn handshake_answered(thread: &mut BrokerThread, mechanism: Mechanism, outcome: &Outcome<'_>) {
    let now = outcome.now;
    if is_over(thread, BrokerState::AuthHandshake, outcome) {
        return;
    }
    let answer = outcome
        .result
        .and_then(|body| sasl::handshake_response(body).map_err(|error| error.code()));
    let (code, mechanisms) = match answer {
        Ok((0, mechanisms)) => (ErrorCode::NO_ERROR, mechanisms.join(",")),
        Ok((code, mechanisms)) => (ErrorCode(i32::from(code)), mechanisms.join(",")),
        Err(code) => (code, "(n/a)".to_owned()),
    };
    if code.is_err() {
        let text = format!(
            "SASL {} mechanism handshake failed: {code}: broker's supported mechanisms: \
             {mechanisms}",
            mechanism.name()
        );
        failed(thread, &text, now);
        return;
    }
    let contexts = context::PROTOCOL | context::SECURITY | context::BROKER;
    let text = format_args!("Broker supported SASL mechanisms: {mechanisms}");
    thread.debug(contexts, "SASLMECHS", text);
    connection::enter(thread, BrokerState::AuthReq, now);
    let text = format_args!("Initializing SASL client: mechanism {}", mechanism.name());
    thread.debug(context::SECURITY, "SASL", text);
    let begun = thread.handle.security.client(mechanism).and_then(|mut client| {
        let first = client.first()?;
        thread.connection.auth.client = Some(client);
        Ok(first)
    });
    match begun {
        Ok(first) => say(thread, &first, now),
        Err(text) => {
            failed(thread, &format!("Failed to initialize SASL authentication: {text}"), now);
        }
    }
}

/// Sends a message of the mechanism.
///
/// Historical: `rd_kafka_sasl_send`.
fn say(thread: &mut BrokerThread, message: &Secret, now: Ts) {
    let bytes = message.expose();
    let text = format_args!("Send SASL Kafka frame to broker ({} bytes)", bytes.len());
    thread.debug(context::SECURITY, "SASL", text);
    // A broker that has version 1 of the handshake has this.
    let most = sasl::AUTHENTICATE_MAX;
    let version = thread.versions.supported(api::SASL_AUTHENTICATE, 0, most).unwrap_or(0);
    let body = sasl::authenticate_request(version, bytes);
    ask(thread, (api::SASL_AUTHENTICATE, version), body, Box::new(answered), now);
}

/// Historical: `rd_kafka_handle_SaslAuthenticate`.
fn answered(thread: &mut BrokerThread, outcome: Outcome<'_>) {
    let now = outcome.now;
    if is_over(thread, BrokerState::AuthReq, &outcome) {
        return;
    }
    let body = match outcome.result {
        Ok(body) => body,
        Err(code) => {
            let text = format!("SASL authentication error: SaslAuthenticateRequest failed: {code}");
            connection::fail(thread, code, &text, now);
            return;
        }
    };
    let answer = match sasl::authenticate_response(outcome.version, body) {
        Ok(answer) => answer,
        Err(error) => {
            let code = error.code();
            let text = format!(
                "SASL authentication error: SaslAuthenticateResponse parsing failed: {code}"
            );
            connection::fail(thread, code, &text, now);
            return;
        }
    };
    if answer.error != 0 {
        let code = match ErrorCode(i32::from(answer.error)) {
            ErrorCode::SASL_AUTHENTICATION_FAILED => ErrorCode::_AUTHENTICATION,
            other => other,
        };
        let text = format!("SASL authentication error: {}", answer.error_text);
        connection::fail(thread, code, &text, now);
        return;
    }
    note_lifetime(thread, answer.lifetime_ms, now);
    let text = format_args!("Received SASL frame from broker ({} bytes)", answer.token.len());
    thread.debug(context::SECURITY, "SASL", text);
    let Some(client) = &mut thread.connection.auth.client else { return };
    match client.next(answer.token) {
        Ok(Next::Send(message)) => say(thread, &message, now),
        Ok(Next::Done) => done(thread, now),
        Err(text) => failed(thread, &format!("SASL authentication error: {text}"), now),
    }
}

/// The broker closes a connection whose time is over: begin anew when nine tenths of it are.
///
/// Historical: `rd_kafka_broker_start_reauth_timer`.
fn note_lifetime(thread: &mut BrokerThread, lifetime_ms: i64, now: Ts) {
    if lifetime_ms == 0 {
        return;
    }
    let text = format_args!("Received session lifetime {lifetime_ms} ms from broker");
    thread.debug(context::SECURITY, "REAUTH", text);
    thread.connection.auth.again_at = now + lifetime_ms.saturating_mul(900).min(i64::MAX / 4);
}

fn done(thread: &mut BrokerThread, now: Ts) {
    let auth = &mut thread.connection.auth;
    auth.client = None;
    let is_again = std::mem::replace(&mut auth.is_again, true);
    thread.debug(context::SECURITY | context::BROKER, "AUTH", format_args!("Authenticated"));
    match is_again {
        true => connection::up_again(thread, now),
        false => connection::up(thread, now),
    }
}

/// When the connection must authenticate anew.
pub(crate) fn again_at(thread: &BrokerThread) -> Ts {
    thread.connection.auth.again_at
}

/// Begins to authenticate anew: no more requests go out, and those in flight are waited for.
pub(crate) fn start_again(thread: &mut BrokerThread, now: Ts) {
    thread.connection.auth.again_at = Ts::MAX;
    thread.debug(context::SECURITY, "REAUTH", format_args!("Re-authenticating"));
    connection::enter(thread, BrokerState::Reauth, now);
}

/// In state REAUTH: goes on when nothing is in flight, nor half written.
pub(crate) fn go_on_again(thread: &mut BrokerThread, now: Ts) {
    let is_partial = thread.outbufs.front().is_some_and(|request| request.written() > 0);
    if thread.waitresps.is_empty() && !is_partial {
        begin(thread, now);
    }
}
