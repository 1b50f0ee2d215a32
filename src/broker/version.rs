//! Asking a broker which request versions it supports, with one step down if it does not know ours.
#![forbid(unsafe_code)]

use super::connection;
use super::request::{Outcome, Request};
use super::thread::BrokerThread;
use crate::conf::settings::Settings;
use crate::error::ErrorCode;
use crate::log::{context, level};
use crate::own::broker::BrokerState;
use crate::proto::features::{ApiRange, ApiVersions, Features};
use crate::proto::{api, messages};
use crate::sys::clock::Ts;

/// Does the broker know the question? One that closed the connection over it is older than the
/// question, and is taken for `broker.version.fallback` for `api.version.fallback.ms`.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Asking {
    knows_it: bool,
    /// When it was last taken to know it, whatever it did before.
    since: Option<Ts>,
}

impl Asking {
    /// The connection was lost over the question.
    pub(crate) fn has_failed(&mut self) {
        self.knows_it = false;
    }

    /// Is the broker asked on a connection that stands now?
    fn may_ask(&mut self, settings: &Settings, now: Ts) -> bool {
        // Quirk: the time runs from the question, not from its failure, and begins anew if the
        // broker did answer.
        let is_over = |since: Ts| now > since.plus_ms(settings.version_fallback_ms);
        if settings.asks_api_versions && self.since.is_none_or(is_over) {
            *self = Self { knows_it: true, since: Some(now) };
        }
        self.knows_it || settings.fallback_is_asked
    }
}

/// The TCP connection stands: ask, or believe the configured release.
pub(crate) fn begin(thread: &mut BrokerThread, now: Ts) {
    if !thread.asking.may_ask(&thread.handle.settings, now) {
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
    if error != 0 {
        refused(thread, version, ErrorCode(i32::from(error)), ranges, now);
        return;
    }
    thread.versions = ApiVersions::new(ranges);
    thread.asking.knows_it = thread.versions.features().contains(Features::APIVERSION);
    let text = format_args!("Broker API support: {:?}", thread.versions);
    thread.debug(context::BROKER | context::FEATURE, "APIVERSION", text);
    connection::up(thread, now);
}

/// The broker does not answer this version of the question: ask in a lower one, if there is one.
fn refused(
    thread: &mut BrokerThread,
    version: i16,
    code: ErrorCode,
    ranges: Vec<ApiRange>,
    now: Ts,
) {
    let lower = match code {
        // The answer says what it knows; without it, version 0 always works.
        ErrorCode::UNSUPPORTED_VERSION => {
            let known = ApiVersions::new(ranges);
            known.supported(api::API_VERSIONS, 0, version - 1).unwrap_or(0)
        }
        // From version 3 on the request names the client's software, which it may dislike.
        ErrorCode::INVALID_REQUEST => 0,
        _ => version,
    };
    if lower >= version {
        let text = format!("ApiVersionRequest failed: {code}");
        connection::fail(thread, ErrorCode::_TRANSPORT, &text, now);
        return;
    }
    if code == ErrorCode::INVALID_REQUEST {
        let (name, number) = &thread.handle.settings.software;
        let text = format!(
            "ApiVersionRequest v{version} failed due to invalid request: check \
             client.software.name (\"{name}\") and client.software.version (\"{number}\") for \
             invalid characters: falling back to older request version"
        );
        thread.handle.log.broker(level::ERR, "APIVERSION", &thread.name, text);
    }
    let text = format_args!(
        "ApiVersionRequest v{version} failed due to {}: retrying with v{lower}",
        code.known_name().unwrap_or("?")
    );
    thread.debug(context::BROKER | context::FEATURE | context::PROTOCOL, "APIVERSION", text);
    ask(thread, lower, now);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::fixture::{instance, set};

    fn settings(release: &[u8], fallback_ms: &[u8]) -> Settings {
        let handle = instance(|conf| {
            set(conf, b"broker.version.fallback", release);
            set(conf, b"api.version.fallback.ms", fallback_ms);
            conf.api_version_request = true;
        });
        handle.settings.clone()
    }

    #[test]
    fn a_broker_that_hangs_up_is_taken_for_the_fallback_until_the_time_is_over() {
        let settings = settings(b"0.9.0", b"100");
        let mut asking = Asking::default();
        assert!(asking.may_ask(&settings, Ts(0)));
        asking.has_failed();
        assert!(!asking.may_ask(&settings, Ts(1)));
        assert!(!asking.may_ask(&settings, Ts(100_000)));
        assert!(asking.may_ask(&settings, Ts(100_001)));
        // It answers now: it is asked, and the time begins anew only when it is over.
        assert!(asking.may_ask(&settings, Ts(150_000)));
        asking.has_failed();
        assert!(!asking.may_ask(&settings, Ts(200_001)));
        assert!(asking.may_ask(&settings, Ts(200_002)));
    }

    #[test]
    fn a_broker_is_asked_each_time_without_a_time_or_with_a_release_that_knows_the_question() {
        for settings in [settings(b"0.9.0", b"0"), settings(b"0.10.0", b"100000")] {
            let mut asking = Asking::default();
            for now in [0, 1, 2] {
                assert!(asking.may_ask(&settings, Ts(now)));
                asking.has_failed();
            }
        }
    }
}
