//! Checks across properties and values derived from others, made once when an instance or a topic
//! is made.
//!
//! The order of the checks is history's: it decides which of several texts an application sees.
//! Only producers come here; a consumer's configuration goes to the peer as it is.
#![forbid(unsafe_code)]

use super::property::{App, Flag, Properties};
use super::value::{Hook, Text};
use super::{
    Conf, Engine, LOG_NOTICE, LOG_WARNING, QUEUING_FIFO, SECURITY_PLAINTEXT, TopicConf, engine,
    security,
};

/// Level, facility and text of a line that the new instance logs.
pub(crate) type LogLine = (i32, &'static str, String);

/// What finalizing needs to know of the world.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Surroundings<'a> {
    /// The value of [`super::ENGINE_VARIABLE`], if it is set.
    pub(crate) engine_variable: Option<&'a str>,
    /// `rd_kafka_version_str()`.
    pub(crate) version: &'a str,
}

/// How delivery reports reach the application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReportMode {
    /// Not at all.
    None,
    /// Through a callback.
    Callback,
    /// As events.
    Event,
}

/// `RD_KAFKA_EVENT_DR`: delivery reports.
const EVENT_DR: i32 = 0x1;
/// `RD_KAFKA_EVENT_ERROR`: errors.
const EVENT_ERROR: i32 = 0x8;
/// `RD_KAFKA_EVENT_REBALANCE`: a consumer's rebalances.
const EVENT_REBALANCE: i32 = 0x10;
/// `RD_KAFKA_EVENT_OFFSET_COMMIT`: a consumer's commits.
const EVENT_OFFSET_COMMIT: i32 = 0x20;
/// `RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH`: requests for a token.
const EVENT_OAUTHBEARER_TOKEN_REFRESH: i32 = 0x100;

/// The most requests in flight with which brokers keep an idempotent producer's order.
const IDEMPOTENT_MAX_IN_FLIGHT: i32 = 5;
/// Longest `sticky.partitioning.linger.ms` that is derived.
const STICKY_LINGER_MAX_MS: f64 = 900_000.0;
/// Azure's load balancers drop connections that are idle for four minutes, without a word.
const AZURE_IDLE_MS: i32 = 230_000;

impl Conf {
    /// Makes the configuration of a producer fit for use. The result is what the instance logs once
    /// it can. On failure the configuration may be changed and finalized again.
    ///
    /// # Errors
    /// Settings that contradict each other, or that this version does not have.
    pub(crate) fn finalize_producer(
        &mut self,
        surroundings: Surroundings<'_>,
    ) -> Result<Vec<LogLine>, String> {
        let mut log = Vec::new();
        not_available_yet(self)?;
        name_software(self, surroundings.version);
        check_mandatory(self)?;
        security::check(self)?;
        derive_transactions(self)?;
        derive_idempotence(self)?;
        engine::choose(self, surroundings.engine_variable, &mut log)?;
        if self.engine == Engine::V2 {
            engine::derive_v2(self, &mut log)?;
        }
        derive_sticky_linger(self, self.buffering_max_ms);
        derive_common(self)?;
        finalize_default_topic(self)?;
        derive_linger(self)?;
        settle_events(self);
        warn(self, &mut log);
        Ok(log)
    }

    /// How delivery reports reach the application.
    pub(crate) fn report_mode(&self) -> ReportMode {
        if self.dr_cb.is_some() || self.dr_msg_cb.is_some() {
            ReportMode::Callback
        } else if self.enabled_events & EVENT_DR != 0 {
            ReportMode::Event
        } else {
            ReportMode::None
        }
    }
}

/// What later versions bring: each rule goes when its feature comes.
fn not_available_yet(conf: &Conf) -> Result<(), String> {
    let property = if conf.eos_transactional_id.is_some() {
        "`transactional.id`"
    } else if conf.security_protocol != SECURITY_PLAINTEXT {
        "`security.protocol` other than `plaintext`"
    } else {
        return Ok(());
    };
    Err(format!("{property} is not available in this version"))
}

fn name_software(conf: &mut Conf, version: &str) {
    if conf.sw_name.is_none() {
        conf.sw_name = Some(Text::from("librdkafka"));
        conf.mark_modified("client.software.name");
    }
    if conf.sw_version.is_none() {
        conf.sw_version = Some(Text::from(version));
        conf.mark_modified("client.software.version");
    }
    conf.sw_name = conf.sw_name.take().map(|name| software_word(&name));
    conf.sw_version = conf.sw_version.take().map(|version| software_word(&version));
}

/// A word that brokers accept as the name or version of a client (KIP-511).
fn software_word(text: &Text) -> Text {
    let is_safe = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let word: Vec<u8> =
        text.as_bytes().iter().map(|b| if is_safe(b) { *b } else { b'-' }).collect();
    let Some(first) = word.iter().position(u8::is_ascii_alphanumeric) else {
        return Text::default();
    };
    let last = word.iter().rposition(u8::is_ascii_alphanumeric).unwrap_or(first);
    Text::from(&word[first..=last])
}

fn check_mandatory(conf: &Conf) -> Result<(), String> {
    let missing = match (&conf.socket_cb, &conf.open_cb) {
        (Hook::Unset, _) => "socket_cb",
        (_, Hook::Unset) => "open_cb",
        _ => return Ok(()),
    };
    Err(format!("Mandatory config property `{missing}` not set"))
}

fn derive_transactions(conf: &mut Conf) -> Result<(), String> {
    if conf.eos_transactional_id.is_none() {
        return Ok(());
    }
    if !conf.eos_idempotence {
        if conf.is_modified("enable.idempotence") {
            return Err("`transactional.id` requires `enable.idempotence=true`".to_owned());
        }
        conf.eos_idempotence = true;
    }
    // At least one request must fit before the transaction times out.
    if !conf.is_modified("socket.timeout.ms") {
        conf.socket_timeout_ms = (conf.eos_transaction_timeout_ms - 100).max(900);
    } else if conf.socket_timeout_ms > conf.eos_transaction_timeout_ms.saturating_add(100) {
        let text = "`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100";
        return Err(text.to_owned());
    }
    Ok(())
}

fn derive_idempotence(conf: &mut Conf) -> Result<(), String> {
    if !conf.eos_idempotence {
        if conf.eos_gapless && conf.is_modified("enable.gapless.guarantee") {
            let text = "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled";
            return Err(text.to_owned());
        }
        return Ok(());
    }
    if !conf.is_modified("max.in.flight") {
        conf.max_inflight = conf.max_inflight.min(IDEMPOTENT_MAX_IN_FLIGHT);
    } else if conf.max_inflight > IDEMPOTENT_MAX_IN_FLIGHT {
        let text = "`max.in.flight` must be set <= 5 when `enable.idempotence` is true";
        return Err(text.to_owned());
    }
    if !conf.is_modified("retries") {
        conf.max_retries = i32::MAX;
    } else if conf.max_retries < 1 {
        let text = "`retries` must be set >= 1 when `enable.idempotence` is true";
        return Err(text.to_owned());
    }
    let threshold = "queue.buffering.backpressure.threshold";
    if conf.queue_backpressure_thres > 1 && conf.is_modified(threshold) {
        return Err(format!("`{threshold}` must be set to 1 when `enable.idempotence` is true"));
    }
    conf.queue_backpressure_thres = 1;
    Ok(())
}

fn derive_sticky_linger(conf: &mut Conf, linger_ms: f64) {
    if !conf.is_modified("sticky.partitioning.linger.ms") {
        // The minimum fits, and no linger is negative.
        #[allow(clippy::cast_possible_truncation)]
        let sticky_ms = (2.0 * linger_ms).min(STICKY_LINGER_MAX_MS) as i32;
        conf.sticky_partition_linger_ms = sticky_ms;
    }
}

fn derive_common(conf: &mut Conf) -> Result<(), String> {
    if conf.metadata_refresh_interval_ms > 0 && !conf.is_modified("metadata.max.age.ms") {
        conf.metadata_max_age_ms = conf.metadata_refresh_interval_ms * 3;
    }
    if conf.reconnect_backoff_max_ms < conf.reconnect_backoff_ms {
        return Err("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`".to_owned());
    }
    conf.sparse_connect_interval_ms = (conf.reconnect_backoff_ms / 2).clamp(11, 1000);
    if !conf.is_modified("topic.metadata.refresh.fast.interval.ms") {
        conf.metadata_refresh_fast_interval_ms = conf.retry_backoff_ms;
    }
    let is_azure = conf.brokerlist.as_ref().is_some_and(|list| {
        list.as_bytes().windows(5).any(|word| word.eq_ignore_ascii_case(b"azure"))
    });
    if is_azure && !conf.is_modified("connections.max.idle.ms") {
        conf.connections_max_idle_ms = AZURE_IDLE_MS;
    }
    if !conf.is_modified("allow.auto.create.topics") {
        conf.allow_auto_create_topics = true;
    }
    if fallback_is_asked(conf) {
        conf.api_version_request = true;
    }
    Ok(())
}

/// Brokers from 0.10 on say which versions they speak, so they are always asked.
pub(super) fn fallback_is_asked(conf: &Conf) -> bool {
    let fallback = conf.broker_version_fallback.as_ref().map(|version| version.to_str());
    fallback.is_some_and(|version| is_at_least_0_10(&version))
}

fn is_at_least_0_10(release: &str) -> bool {
    let mut numbers = release.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (0, 10)
}

fn finalize_default_topic(conf: &mut Conf) -> Result<(), String> {
    let Some(mut topic) = conf.default_topic_conf.take() else { return Ok(()) };
    let is_too_long = !fits_linger(&topic, conf);
    let result = if is_too_long && conf.is_modified("linger.ms") {
        Err(LINGER_TEXT.to_owned())
    } else {
        if is_too_long {
            conf.buffering_max_ms = f64::from(topic.message_timeout_ms) - 0.1;
        }
        topic.finalize(conf)
    };
    conf.default_topic_conf = Some(topic);
    result
}

const LINGER_TEXT: &str = "`message.timeout.ms` must be greater than `linger.ms`";

/// Does a message live longer than its batch waits?
fn fits_linger(topic: &TopicConf, conf: &Conf) -> bool {
    topic.message_timeout_ms == 0 || f64::from(topic.message_timeout_ms) > conf.buffering_max_ms
}

/// Milliseconds become microseconds, after everything that changes them.
fn derive_linger(conf: &mut Conf) -> Result<(), String> {
    let timeout_ms = conf
        .default_topic_conf
        .as_ref()
        .map_or_else(|| TopicConf::default().message_timeout_ms, |topic| topic.message_timeout_ms);
    let broker_linger_ms = engine::broker_linger_ms(conf, timeout_ms)?;
    conf.buffering_max_us = microseconds(conf.buffering_max_ms);
    conf.broker_linger_us = microseconds(broker_linger_ms);
    if conf.engine == Engine::V2 {
        derive_sticky_linger(conf, broker_linger_ms);
    }
    Ok(())
}

/// Properties in milliseconds have ranges far below what microseconds can hold.
#[allow(clippy::cast_possible_truncation)]
fn microseconds(ms: f64) -> i64 {
    (ms * 1000.0) as i64
}

/// Callbacks enable their events; debugging shows every level.
fn settle_events(conf: &mut Conf) {
    if conf.debug != 0 {
        conf.log_level = 7;
    }
    let has_oauth_cb = conf.oauthbearer_token_refresh_cb.is_some() && !security::is_oidc(conf);
    for (is_on, bit) in [
        (conf.report_mode() != ReportMode::None, EVENT_DR),
        (conf.rebalance_cb.is_some(), EVENT_REBALANCE),
        (conf.offset_commit_cb.is_some(), EVENT_OFFSET_COMMIT),
        (conf.error_cb.is_some(), EVENT_ERROR),
        (has_oauth_cb, EVENT_OAUTHBEARER_TOKEN_REFRESH),
    ] {
        if is_on {
            conf.enabled_events |= bit;
        }
    }
}

impl TopicConf {
    /// Makes the configuration of a producer's topic fit for use.
    ///
    /// # Errors
    /// Settings that contradict each other or those of the instance.
    pub(crate) fn finalize(&mut self, conf: &Conf) -> Result<(), String> {
        if conf.eos_idempotence {
            if !self.is_modified("acks") {
                self.required_acks = -1;
            } else if self.required_acks != -1 {
                let text = "`acks` must be set to `all` when `enable.idempotence` is true";
                return Err(text.to_owned());
            }
            if !self.is_modified("queuing.strategy") {
                self.queuing_strategy = QUEUING_FIFO;
            } else if self.queuing_strategy != QUEUING_FIFO {
                return Err("`queuing.strategy` must be set to `fifo` when `enable.idempotence` \
                            is true"
                    .to_owned());
            }
        }
        if conf.eos_transactional_id.is_some() {
            if !self.is_modified("message.timeout.ms") {
                self.message_timeout_ms = conf.eos_transaction_timeout_ms;
            } else if self.message_timeout_ms > conf.eos_transaction_timeout_ms {
                let text = "`message.timeout.ms` must be set <= `transaction.timeout.ms`";
                return Err(text.to_owned());
            }
        }
        if !fits_linger(self, conf) && conf.is_modified("linger.ms") {
            return Err(LINGER_TEXT.to_owned());
        }
        Ok(())
    }
}

fn warn(conf: &Conf, log: &mut Vec<LogLine>) {
    warn_of_properties(conf, log);
    if let Some(topic) = &conf.default_topic_conf {
        warn_of_properties::<TopicConf>(topic, log);
    }
    let mut warn = |text: String| log.push((LOG_WARNING, "CONFWARN", text));
    if conf.default_topic_conf_overwritten {
        warn(
            "Topic configuration properties set in the global configuration were overwritten by \
              explicitly setting a default_topic_conf: recommend not using set_default_topic_conf"
                .to_owned(),
        );
    }
    let longest = conf.retry_backoff_max_ms;
    for (name, value, is_set) in [
        ("retry.backoff.ms", conf.retry_backoff_ms, true),
        (
            "topic.metadata.refresh.fast.interval.ms",
            conf.metadata_refresh_fast_interval_ms,
            conf.is_modified("topic.metadata.refresh.fast.interval.ms"),
        ),
    ] {
        if is_set && value > longest {
            warn(format!(
                "Configuration `{name}` with value {value} is greater than configuration \
                 `retry.backoff.max.ms` with value {longest}. A static backoff with value \
                 `retry.backoff.max.ms` will be applied."
            ));
        }
    }
    security::warn(conf, &mut warn);
    let has_brokers = conf.mock_broker_count > 0
        || conf
            .brokerlist
            .as_ref()
            .is_some_and(|list| list.as_bytes().iter().any(|byte| !matches!(byte, b',' | b' ')));
    if !has_brokers && conf.eos_transactional_id.is_none() {
        let text = "No `bootstrap.servers` configured: client will not be able to connect to \
                    Kafka cluster";
        log.push((LOG_NOTICE, "CONFWARN", text.to_owned()));
    }
}

/// Warns of everything that was set and is deprecated, experimental or not for producers.
fn warn_of_properties<C: Properties>(conf: &C, log: &mut Vec<LogLine>) {
    for (row, property) in C::table().iter().enumerate() {
        if !conf.modified().has(row) {
            continue;
        }
        let name = property.name;
        let mut warn = |text: String| log.push((LOG_WARNING, "CONFWARN", text));
        let is_deprecated = property.is(Flag::Deprecated);
        let is_experimental = property.is(Flag::Experimental);
        if is_deprecated || is_experimental {
            // Quirk: no word stands between the two.
            let deprecated = if is_deprecated { "deprecated" } else { "" };
            let experimental = if is_experimental { "experimental" } else { "" };
            let description = property.description();
            warn(format!(
                "Configuration property {name} is {deprecated}{experimental}: {description}"
            ));
        }
        if property.app == App::Consumer {
            warn(format!(
                "Configuration property {name} is a consumer property and will be ignored by \
                 this producer instance"
            ));
        }
    }
}

#[cfg(all(test, feature = "engine-legacy"))]
mod tests;
