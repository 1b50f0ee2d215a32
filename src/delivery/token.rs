//! Tokens of OAUTHBEARER: who is asked for one, and what happens when one comes or does not.
//!
//! Asked is the application, through its callback or an event, or the library itself.
#![forbid(unsafe_code)]

use super::poll;
use crate::callback;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::op::{BrokerOp, Op};
use crate::sasl::oauthbearer::Token;
use crate::sasl::{Mechanism, token};
use crate::sys::clock::Ts;

/// Microseconds between looks at the token's age.
const LOOK_EVERY_US: i64 = 1_000_000;

/// Asks for a token if one is wanted; returns when to look again.
///
/// Historical: `rd_kafka_oauthbearer_enqueue_token_refresh_if_necessary`.
pub(crate) fn look(handle: &Handle, now: Ts) -> Ts {
    if handle.security.mechanism != Some(Mechanism::OauthBearer) {
        return Ts::MAX;
    }
    let is_due = handle.security.tokens.lock().take_due(handle.wall_ms(now));
    if is_due {
        ask(handle);
    }
    now + LOOK_EVERY_US
}

/// Asks for a token.
fn ask(handle: &Handle) {
    let conf = &handle.conf;
    // Nothing that takes time: it is made at once.
    if conf.sasl_enable_oauthbearer_unsecure_jwt {
        make_unsecured(handle);
        return;
    }
    let op = Op::TokenRefresh { is_internal: handle.gets_tokens() };
    handle.security.queue.as_ref().unwrap_or(&handle.reply_queue).push(op);
}

/// Historical: `rd_kafka_oauthbearer_unsecured_token`.
fn make_unsecured(handle: &Handle) {
    handle.log.debug(
        context::SECURITY,
        "OAUTHBEARER",
        "main",
        format_args!("Creating unsecured token"),
    );
    let config = handle.conf.oauthbearer_config.as_ref();
    let config = config.map(|config| config.expose()).unwrap_or_default();
    match token::unsecured(config, handle.wall_ms(handle.now())) {
        Ok(token) => set(handle, token),
        Err(reason) => fail(handle, &reason),
    }
}

/// Serves a request for a token.
pub(super) fn serve(handle: &Handle, is_internal: bool) {
    let conf = &handle.conf;
    if let Some(provider) = handle.security.provider.as_ref().filter(|_| is_internal) {
        match provider.token(|| handle.wall_ms(handle.now())) {
            Ok(token) => set(handle, token),
            Err(_) if handle.is_terminating() => {}
            Err(reason) => {
                handle.log.log(level::ERR, "OIDC", "background", &reason);
                fail(handle, &reason);
            }
        }
        return;
    }
    if let Some(function) = conf.oauthbearer_token_refresh_cb {
        let config = conf.oauthbearer_config.as_ref().map(|config| config.expose());
        callback::token_refresh(function, handle.address(), config, conf.opaque.address());
    }
}

/// A token came: connections that wait for it begin.
pub(crate) fn set(handle: &Handle, token: Token) {
    let now_ms = handle.wall_ms(handle.now());
    handle.security.tokens.lock().set(token, now_ms);
    let text = format_args!("Waking up waiting broker threads after setting OAUTHBEARER token");
    handle.log.debug(context::SECURITY, "BRKMAIN", "app", text);
    let brokers = handle.brokers.read().all.clone();
    for broker in brokers {
        broker.push(BrokerOp::Wakeup);
    }
}

/// There is no token: the application hears why, unless it is what it heard last.
pub(crate) fn fail(handle: &Handle, reason: &str) {
    let now_ms = handle.wall_ms(handle.now());
    let is_new = handle.security.tokens.lock().fail(reason, now_ms);
    if is_new {
        let text = format!("Failed to acquire SASL OAUTHBEARER token: {reason}");
        poll::raise(handle, ErrorCode::_AUTHENTICATION, text);
    }
}
