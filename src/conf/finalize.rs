//! Checks across properties, derived values and warnings: what happens to a configuration in `rd_kafka_new`.
#![forbid(unsafe_code)]

use std::ffi::CString;

use super::property::{DEPRECATED, EXPERIMENTAL, Role};
use super::values::{Value, Values};
use super::{Conf, TopicConf};

/// Why a configuration is refused, in the historical words.
pub(crate) type Refusal = String;

/// A warning: facility CONFWARN.
pub(crate) type Warnings = Vec<String>;

/// Checks and completes a producer's configuration.
///
/// # Errors
/// The first rule that does not hold.
pub(crate) fn finalize(conf: &mut Conf, version: &str) -> Result<Warnings, Refusal> {
    software(conf, version);
    shared_rules(conf)?;
    not_available_yet(conf)?;
    producer_rules(conf)?;
    derived(conf)?;
    if let Some(mut topic) = conf.topic.take() {
        let result = default_topic(conf, &mut topic);
        conf.topic = Some(topic);
        result?;
    }
    Ok(warnings(conf))
}

fn refuse_if(condition: bool, text: &str) -> Result<(), Refusal> {
    if condition { Err(text.to_owned()) } else { Ok(()) }
}

/// Name and version as brokers allow them (KIP-511).
fn software(conf: &mut Conf, version: &str) {
    for (name, fallback) in
        [("client.software.name", "librdkafka"), ("client.software.version", version)]
    {
        let given = conf.values.string(name).filter(|text| !text.is_empty());
        let text = given.unwrap_or_else(|| fallback.to_owned());
        let is_plain = |c: char| c.is_ascii_alphanumeric();
        let clean: String = text
            .chars()
            .map(|c| if is_plain(c) || c == '.' || c == '-' { c } else { '-' })
            .collect();
        let clean = clean.trim_matches(|c| !is_plain(c));
        conf.values.adjust(name, Value::Text(CString::new(clean).unwrap_or_default()));
    }
}

fn shared_rules(conf: &Conf) -> Result<(), Refusal> {
    let values = &conf.values;
    refuse_if(
        conf.callbacks.has_no_socket,
        "Mandatory config property `socket_cb` not set",
    )?;
    refuse_if(conf.callbacks.has_no_open, "Mandatory config property `open_cb` not set")?;
    refuse_if(
        values.text("ssl.keystore.location").is_some()
            && values.text("ssl.keystore.password").is_none(),
        "`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set",
    )?;
    refuse_if(
        values.text("https.ca.location").is_some() && values.text("https.ca.pem").is_some(),
        "`https.ca.location` and `https.ca.pem` are mutually exclusive",
    )?;
    let is_oauth = values
        .string("sasl.mechanisms")
        .is_some_and(|mechanism| mechanism.eq_ignore_ascii_case("OAUTHBEARER"));
    let is_unsecured = is_oauth && values.bool("enable.sasl.oauthbearer.unsecure.jwt");
    refuse_if(
        is_unsecured && conf.callbacks.oauth_refresh.is_some(),
        "`enable.sasl.oauthbearer.unsecure.jwt` and `oauthbearer_token_refresh_cb` are mutually \
         exclusive",
    )?;
    refuse_if(
        is_unsecured && values.int("sasl.oauthbearer.method") == 1,
        "`enable.sasl.oauthbearer.unsecure.jwt` and `sasl.oauthbearer.method=oidc` are mutually \
         exclusive",
    )
}

/// What this version of the library refuses rather than ignores.
fn not_available_yet(conf: &Conf) -> Result<(), Refusal> {
    let values = &conf.values;
    refuse_if(
        values.text("transactional.id").is_some() && values.is_set("transactional.id"),
        "`transactional.id` is not available in this version of the library",
    )?;
    refuse_if(
        values.bool("enable.idempotence"),
        "`enable.idempotence=true` is not available in this version of the library",
    )?;
    refuse_if(
        values.int("security.protocol") != 0,
        "`security.protocol` other than `plaintext` is not available in this version of the \
         library",
    )
}

fn producer_rules(conf: &mut Conf) -> Result<(), Refusal> {
    let values = &mut conf.values;
    refuse_if(
        values.is_set("enable.gapless.guarantee") && values.bool("enable.gapless.guarantee"),
        "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled",
    )?;
    if !values.is_set("sticky.partitioning.linger.ms") {
        let sticky = (values.float("linger.ms") * 2.0) as i64;
        values.adjust("sticky.partitioning.linger.ms", Value::Int(sticky.min(900_000)));
    }
    Ok(())
}

fn derived(conf: &mut Conf) -> Result<(), Refusal> {
    let values = &mut conf.values;
    let refresh = values.int("topic.metadata.refresh.interval.ms");
    if !values.is_set("metadata.max.age.ms") && refresh > 0 {
        values.adjust("metadata.max.age.ms", Value::Int(refresh * 3));
    }
    refuse_if(
        values.int("reconnect.backoff.max.ms") < values.int("reconnect.backoff.ms"),
        "`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`",
    )?;
    if !values.is_set("topic.metadata.refresh.fast.interval.ms") {
        let retry = values.int("retry.backoff.ms");
        values.adjust("topic.metadata.refresh.fast.interval.ms", Value::Int(retry));
    }
    let is_azure = values
        .string("metadata.broker.list")
        .is_some_and(|list| list.to_ascii_lowercase().contains("azure"));
    if !values.is_set("connections.max.idle.ms") && is_azure {
        values.adjust("connections.max.idle.ms", Value::Int(230_000));
    }
    if !values.is_set("allow.auto.create.topics") {
        values.adjust("allow.auto.create.topics", Value::Int(1));
    }
    let fallback = values.string("broker.version.fallback").unwrap_or_default();
    if is_at_least_0_10(&fallback) {
        values.adjust("api.version.request", Value::Int(1));
    }
    Ok(())
}

/// Brokers from 0.10 on always say which versions they support.
fn is_at_least_0_10(release: &str) -> bool {
    let mut parts = release.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (0, 10)
}

fn default_topic(conf: &mut Conf, topic: &mut TopicConf) -> Result<(), Refusal> {
    let timeout = topic.values.int("message.timeout.ms");
    let linger = conf.values.float("linger.ms");
    if timeout != 0 && timeout as f64 <= linger && !conf.values.is_set("linger.ms") {
        conf.values.adjust("linger.ms", Value::Float((timeout as f64 - 0.1).max(0.0)));
    }
    topic_rules(conf, topic)
}

/// Checks a topic's configuration against its instance's.
///
/// # Errors
/// The first rule that does not hold.
pub(crate) fn topic_rules(conf: &Conf, topic: &TopicConf) -> Result<(), Refusal> {
    let timeout = topic.values.int("message.timeout.ms");
    refuse_if(
        timeout != 0
            && timeout as f64 <= conf.values.float("linger.ms")
            && conf.values.is_set("linger.ms"),
        "`message.timeout.ms` must be greater than `linger.ms`",
    )
}

fn warnings(conf: &Conf) -> Warnings {
    let mut warnings = Vec::new();
    role_warnings(&conf.values, &mut warnings);
    if let Some(topic) = &conf.topic {
        role_warnings(&topic.values, &mut warnings);
    }
    if conf.has_replaced_topic {
        warnings.push(
            "Topic configuration properties set in the global configuration were overwritten by \
             explicitly setting a default_topic_conf"
                .to_owned(),
        );
    }
    let values = &conf.values;
    let (first, most) = (values.int("retry.backoff.ms"), values.int("retry.backoff.max.ms"));
    if first > most {
        warnings.push(format!(
            "Configuration `retry.backoff.ms` with value {first} is larger than configuration \
             `retry.backoff.max.ms` with value {most}: the exponential backoff has no effect"
        ));
    }
    if values.is_set("sasl.mechanisms") {
        warnings.push(
            "Configuration property `sasl.mechanisms` set to `".to_owned()
                + &values.string("sasl.mechanisms").unwrap_or_default()
                + "` but `security.protocol` is not configured for SASL: recommend setting \
                   `security.protocol` to SASL_SSL or SASL_PLAINTEXT",
        );
    }
    warnings
}

fn role_warnings(values: &Values, warnings: &mut Warnings) {
    for (property, _, is_set) in values.iter() {
        if !is_set {
            continue;
        }
        if property.role == Role::Consumer {
            warnings.push(format!(
                "Configuration property {} is a consumer property and will be ignored by this \
                 producer instance",
                property.name
            ));
        }
        let state = match (property.is(DEPRECATED), property.is(EXPERIMENTAL)) {
            (false, false) => continue,
            (true, false) => "deprecated",
            (false, true) => "experimental",
            // Quirk: history leaves the "and" out.
            (true, true) => "deprecatedexperimental",
        };
        warnings.push(format!(
            "Configuration property {} is {state}: {}",
            property.name, property.description
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finalized(settings: &[(&str, &str)]) -> (Conf, Result<Warnings, Refusal>) {
        let mut conf = Conf::new();
        for (name, value) in settings {
            conf.set(name.as_bytes(), Some(value.as_bytes())).expect("valid");
        }
        let result = finalize(&mut conf, "2.16.0");
        (conf, result)
    }

    #[test]
    fn rules_have_the_historical_texts() {
        for (settings, text) in [
            (
                &[("reconnect.backoff.ms", "200"), ("reconnect.backoff.max.ms", "100")][..],
                "`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`",
            ),
            (
                &[("message.timeout.ms", "5"), ("linger.ms", "5")],
                "`message.timeout.ms` must be greater than `linger.ms`",
            ),
            (
                &[("enable.gapless.guarantee", "true")],
                "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled",
            ),
            (
                &[("ssl.keystore.location", "f")],
                "`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set",
            ),
        ] {
            assert_eq!(finalized(settings).1, Err(text.to_owned()));
        }
    }

    #[test]
    fn what_is_not_available_is_refused_by_name() {
        for (name, value) in [
            ("enable.idempotence", "true"),
            ("transactional.id", "t"),
            ("security.protocol", "ssl"),
        ] {
            let error = finalized(&[(name, value)]).1.expect_err(name);
            assert!(error.contains(name), "{error}");
            assert!(error.contains("not available"), "{error}");
        }
    }

    #[test]
    fn derived_values_follow_what_was_set() {
        let (conf, _) = finalized(&[("linger.ms", "30"), ("retry.backoff.ms", "70")]);
        assert_eq!(conf.values.int("sticky.partitioning.linger.ms"), 60);
        assert_eq!(conf.values.int("topic.metadata.refresh.fast.interval.ms"), 70);
        assert_eq!(conf.values.int("metadata.max.age.ms"), 900_000);
        assert!(conf.values.bool("allow.auto.create.topics"));
        let (conf, result) = finalized(&[("message.timeout.ms", "3")]);
        assert!(result.is_ok());
        assert!((conf.values.float("linger.ms") - 2.9).abs() < 1e-9);
    }

    #[test]
    fn warnings_name_deprecated_and_foreign_properties() {
        let (_, warnings) = finalized(&[("group.id", "g"), ("socket.blocking.max.ms", "5")]);
        let warnings = warnings.expect("accepted");
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].starts_with("Configuration property socket.blocking.max.ms is dep"));
        assert!(warnings[1].contains("group.id is a consumer property"));
    }

    #[test]
    fn client_software_is_made_safe() {
        let (conf, _) = finalized(&[("client.software.name", "_my app!")]);
        assert_eq!(conf.values.string("client.software.name").as_deref(), Some("my-app"));
        assert_eq!(conf.values.string("client.software.version").as_deref(), Some("2.16.0"));
    }
}
