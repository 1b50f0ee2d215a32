//! Asking a broker which request versions it supports, with one step down if it does not know ours.
#![forbid(unsafe_code)]

use super::connection;
use super::request::{Outcome, Request};
use super::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::context;
use crate::own::broker::BrokerState;
use crate::proto::features::ApiVersions;
use crate::proto::{api, messages};
use crate::sys::clock::Ts;

/// The TCP connection stands: ask, or believe the configured release.
pub(crate) fn begin(thread: &mut BrokerThread, now: Ts) {
    if !thread.handle.settings.asks_api_versions {
        thread.versions = ApiVersions::fallback(&thread.handle.settings.version_fallback);
        let release = &thread.handle.settings.version_fallback;
        let text = format_args!("Not asking for ApiVersions: taken for a broker of {release}");
        thread.debug(context::BROKER | context::FEATURE, "FEATURE", text);
        connection::up(thread, now);
        return;
    }
    connection::enter(thread, BrokerState::ApiVersionQuery, now);
    ask(thread, messages::API_VERSIONS_MAX, now);
}

fn ask(thread: &mut BrokerThread, version: i16, now: Ts) {
    let settings = &thread.handle.settings;
    let software = (settings.software.0.as_str(), settings.software.1.as_str());
    let body = match messages::api_versions_request(version, software) {
        Ok(body) => body,
        Err(error) => {
            let text = format!("ApiVersionRequest could not be written: {error}");
            connection::fail(thread, ErrorCode::_FAIL, &text, now);
            return;
        }
    };
    let timeout_ms = settings.api_versions_timeout_ms;
    let handler = Box::new(move |thread: &mut BrokerThread, outcome: Outcome<'_>| {
        answered(thread, version, &outcome);
    });
    let mut request = Request::of_body(thread, api::API_VERSIONS, version, &body, handler);
    request.set_setup();
    request.set_expires(now.plus_ms(timeout_ms));
    thread.enqueue(request, now);
}

fn answered(thread: &mut BrokerThread, version: i16, outcome: &Outcome<'_>) {
    let now = outcome.now;
    if thread.broker.state() != BrokerState::ApiVersionQuery {
        return;
    }
    let body = match outcome.result {
        Ok(body) => body,
        Err(code) => {
            let text = format!("ApiVersionRequest failed: {code}");
            connection::fail(thread, ErrorCode::_TRANSPORT, &text, now);
            return;
        }
    };
    let (error, ranges) = match messages::api_versions_response(version, body) {
        Ok(answer) => answer,
        Err(error) => {
            let text = format!("ApiVersionRequest failed: {error}");
            connection::fail(thread, ErrorCode::_TRANSPORT, &text, now);
            return;
        }
    };
    if error == messages::UNSUPPORTED_VERSION && version > 0 {
        // The answer says what it knows; without it, version 0 always works.
        let known = ApiVersions::new(ranges);
        let lower = known.supported(api::API_VERSIONS, 0, version - 1).unwrap_or(0);
        thread.debug(
            context::BROKER | context::PROTOCOL,
            "APIVERSION",
            format_args!("ApiVersionRequest v{version} is not supported: retrying with v{lower}"),
        );
        ask(thread, lower, now);
        return;
    }
    if error != 0 {
        let code = ErrorCode(i32::from(error));
        let text = format!("ApiVersionRequest failed: {code}");
        connection::fail(thread, ErrorCode::_TRANSPORT, &text, now);
        return;
    }
    thread.versions = ApiVersions::new(ranges);
    let text = format_args!("Broker API support: {:?}", thread.versions);
    thread.debug(context::BROKER | context::FEATURE, "APIVERSION", text);
    connection::up(thread, now);
}
