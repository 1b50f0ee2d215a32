//! Tests of the rules that a whole configuration must keep.
#![forbid(unsafe_code)]

use super::*;
use crate::conf::{Marked, SetResult};

const HERE: Surroundings<'_> = Surroundings { engine_variable: None, version: "2.16.0-oxide" };

fn conf(settings: &[(&str, &str)]) -> Conf {
    let mut conf = Conf::default();
    for (name, value) in settings {
        let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
        assert_eq!(answer.result, SetResult::Ok, "{name}={value}: {:?}", answer.text);
    }
    conf
}

/// The configuration after a successful finalize, and what is logged.
fn finalized(settings: &[(&str, &str)]) -> (Conf, Vec<LogLine>) {
    let mut conf = conf(settings);
    let log = conf.finalize_producer(HERE).expect("the settings agree");
    (conf, log)
}

fn shown(conf: &Conf, name: &[u8]) -> String {
    String::from_utf8(conf.value(name).expect("it has a value")).expect("it is ASCII")
}

fn refusal(settings: &[(&str, &str)]) -> String {
    conf(settings).finalize_producer(HERE).expect_err("the settings contradict each other")
}

/// The texts of the warnings, without the notice that there are no brokers.
fn warnings(settings: &[(&str, &str)]) -> Vec<String> {
    let mut settings = settings.to_vec();
    settings.push(("bootstrap.servers", "localhost"));
    let (_, log) = finalized(&settings);
    for line in &log {
        assert_eq!((line.0, line.1), (LOG_WARNING, "CONFWARN"));
    }
    log.into_iter().map(|line| line.2).collect()
}

#[test]
fn an_untouched_configuration_gets_historys_derived_values() {
    let (conf, log) = finalized(&[]);

    let text = "No `bootstrap.servers` configured: client will not be able to connect to \
                Kafka cluster";
    assert_eq!(log, [(LOG_NOTICE, "CONFWARN", text.to_owned())]);
    assert_eq!(shown(&conf, b"client.software.name"), "librdkafka");
    assert_eq!(shown(&conf, b"client.software.version"), "2.16.0-oxide");
    assert_eq!(conf.engine, Engine::Legacy);
    assert_eq!(conf.sticky_partition_linger_ms, 10);
    assert_eq!(conf.metadata_max_age_ms, 900_000);
    assert_eq!(conf.metadata_refresh_fast_interval_ms, 100);
    assert_eq!(conf.sparse_connect_interval_ms, 50);
    assert_eq!(conf.buffering_max_us, 5_000);
    assert_eq!(conf.broker_linger_us, 5_000);
    assert!(conf.allow_auto_create_topics);
    assert_eq!((conf.enabled_events, conf.log_level), (0, 6));
}

#[test]
fn brokers_that_can_say_their_versions_are_always_asked() {
    for (fallback, is_asked) in [
        ("0.10.0", true),
        ("0.11.0.1", true),
        ("1.0", true),
        ("2", true),
        ("0.9.0.1", false),
        ("0.8.2", false),
        ("nonsense", false),
    ] {
        let settings = [("api.version.request", "false"), ("broker.version.fallback", fallback)];
        assert_eq!(finalized(&settings).0.api_version_request, is_asked, "{fallback}");
    }
}

#[test]
fn what_this_version_lacks_is_refused_by_name() {
    let text = "`transactional.id` is not available in this version";
    assert_eq!(refusal(&[("transactional.id", "t")]), text);
}

#[test]
fn contradictions_are_refused_with_historys_texts() {
    for (settings, text) in [
        (
            &[("enable.gapless.guarantee", "true")][..],
            "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled",
        ),
        (
            &[("reconnect.backoff.ms", "20000")],
            "`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`",
        ),
        (
            &[("linger.ms", "100"), ("message.timeout.ms", "100")],
            "`message.timeout.ms` must be greater than `linger.ms`",
        ),
        (
            &[("ssl.keystore.location", "x")],
            "`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set",
        ),
        (
            &[("https.ca.location", "probe"), ("https.ca.pem", "x")],
            "`https.ca.location` and `https.ca.pem` are mutually exclusive",
        ),
        (
            &[("https.ca.location", "/no/such/file")],
            "`https.ca.location` must be an existing file or directory",
        ),
        (
            &[("produce.request.max.partitions", "0")],
            "`produce.request.max.partitions` requires `produce.engine=v2`",
        ),
    ] {
        assert_eq!(refusal(settings), text);
    }
}

#[test]
fn a_refused_configuration_can_be_fixed_and_used() {
    let mut conf = conf(&[("linger.ms", "100"), ("message.timeout.ms", "100")]);
    conf.finalize_producer(HERE).expect_err("the linger is too long");

    conf.set(b"linger.ms", Some(b"99"));

    conf.finalize_producer(HERE).expect("the linger fits");
    assert_eq!(conf.buffering_max_us, 99_000);
}

#[test]
fn socket_and_file_callbacks_are_mandatory() {
    let mut conf = conf(&[]);
    conf.open_cb = Hook::Unset;
    assert_eq!(
        conf.finalize_producer(HERE),
        Err("Mandatory config property `open_cb` not set".to_owned())
    );
    conf.socket_cb = Hook::Unset;
    assert_eq!(
        conf.finalize_producer(HERE),
        Err("Mandatory config property `socket_cb` not set".to_owned())
    );
}

#[test]
fn an_unset_linger_stays_below_the_message_timeout() {
    let (conf, _) = finalized(&[("message.timeout.ms", "5")]);

    assert_eq!(shown(&conf, b"linger.ms"), "4.9");
    assert_eq!(conf.buffering_max_us, 4_900);
    assert_eq!(conf.sticky_partition_linger_ms, 10);
}

#[test]
fn a_message_timeout_of_zero_is_longer_than_any_linger() {
    let (conf, _) = finalized(&[("message.timeout.ms", "0"), ("linger.ms", "900000")]);

    assert_eq!(conf.buffering_max_us, 900_000_000);
    assert_eq!(conf.sticky_partition_linger_ms, 900_000);
}

#[test]
fn derived_values_follow_what_was_set() {
    let (conf, _) = finalized(&[
        ("linger.ms", "0.5"),
        ("topic.metadata.refresh.interval.ms", "1000"),
        ("retry.backoff.ms", "70"),
        ("bootstrap.servers", "a.AZURE.net"),
        ("client.software.name", "--a b/c--"),
        ("client.software.version", "_1.0_"),
        ("reconnect.backoff.ms", "4"),
        ("debug", "msg"),
    ]);

    assert_eq!(conf.sticky_partition_linger_ms, 1);
    assert_eq!(conf.buffering_max_us, 500);
    assert_eq!(conf.metadata_max_age_ms, 3000);
    assert_eq!(conf.metadata_refresh_fast_interval_ms, 70);
    assert_eq!(conf.connections_max_idle_ms, 230_000);
    assert_eq!(shown(&conf, b"client.software.name"), "a-b-c");
    assert_eq!(shown(&conf, b"client.software.version"), "1.0");
    assert_eq!(conf.sparse_connect_interval_ms, 11);
    assert_eq!(conf.log_level, 7);
}

#[test]
fn what_was_set_is_not_derived() {
    let (conf, _) = finalized(&[
        ("sticky.partitioning.linger.ms", "3"),
        ("topic.metadata.refresh.interval.ms", "1000"),
        ("metadata.max.age.ms", "9"),
        ("topic.metadata.refresh.fast.interval.ms", "8"),
        ("connections.max.idle.ms", "7"),
        ("bootstrap.servers", "azure"),
        ("allow.auto.create.topics", "false"),
    ]);

    assert_eq!(conf.sticky_partition_linger_ms, 3);
    assert_eq!(conf.metadata_max_age_ms, 9);
    assert_eq!(conf.metadata_refresh_fast_interval_ms, 8);
    assert_eq!(conf.connections_max_idle_ms, 7);
    assert!(!conf.allow_auto_create_topics);
}

#[test]
fn transactions_imply_idempotence_and_bound_the_socket_timeout() {
    let mut implied = conf(&[("transactional.id", "t"), ("transaction.timeout.ms", "1000")]);
    assert_eq!(derive_transactions(&mut implied), Ok(()));
    assert!(implied.eos_idempotence);
    assert_eq!(implied.socket_timeout_ms, 900);

    for (settings, text) in [
        (("enable.idempotence", "false"), "`transactional.id` requires `enable.idempotence=true`"),
        (
            ("socket.timeout.ms", "60101"),
            "`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100",
        ),
    ] {
        let mut conf = conf(&[("transactional.id", "t"), settings]);
        assert_eq!(derive_transactions(&mut conf), Err(text.to_owned()));
    }
}

#[test]
fn idempotence_bounds_flight_retries_and_backpressure() {
    let mut derived = conf(&[("enable.idempotence", "true")]);
    assert_eq!(derive_idempotence(&mut derived), Ok(()));
    assert_eq!((derived.max_inflight, derived.max_retries), (5, i32::MAX));
    assert_eq!(derived.queue_backpressure_thres, 1);

    for (settings, text) in [
        (
            ("max.in.flight", "6"),
            "`max.in.flight` must be set <= 5 when `enable.idempotence` is true",
        ),
        (("retries", "0"), "`retries` must be set >= 1 when `enable.idempotence` is true"),
        (
            ("queue.buffering.backpressure.threshold", "2"),
            "`queue.buffering.backpressure.threshold` must be set to 1 when \
             `enable.idempotence` is true",
        ),
    ] {
        let mut conf = conf(&[("enable.idempotence", "true"), settings]);
        assert_eq!(derive_idempotence(&mut conf), Err(text.to_owned()));
    }
}

#[test]
fn a_topic_follows_its_instance() {
    let topic = |settings: &[(&str, &str)]| {
        let mut topic = TopicConf::default();
        for (name, value) in settings {
            let answer = topic.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok);
        }
        topic
    };
    let mut instance = conf(&[("transactional.id", "t"), ("transaction.timeout.ms", "1000")]);
    instance.eos_idempotence = true;

    let mut derived = topic(&[]);
    derived.required_acks = 1;
    assert_eq!(derived.finalize(&instance), Ok(()));
    assert_eq!((derived.required_acks, derived.message_timeout_ms), (-1, 1000));

    for (settings, text) in [
        (("acks", "1"), "`acks` must be set to `all` when `enable.idempotence` is true"),
        (
            ("queuing.strategy", "lifo"),
            "`queuing.strategy` must be set to `fifo` when `enable.idempotence` is true",
        ),
        (
            ("message.timeout.ms", "1001"),
            "`message.timeout.ms` must be set <= `transaction.timeout.ms`",
        ),
    ] {
        assert_eq!(topic(&[settings]).finalize(&instance), Err(text.to_owned()));
    }
    let lingering = conf(&[("linger.ms", "50")]);
    assert_eq!(
        topic(&[("message.timeout.ms", "50")]).finalize(&lingering),
        Err(LINGER_TEXT.to_owned())
    );
    assert_eq!(topic(&[("message.timeout.ms", "5")]).finalize(&conf(&[])), Ok(()));
}

#[test]
fn deprecated_experimental_and_foreign_properties_are_warned_about() {
    assert_eq!(
        warnings(&[
            ("group.id", "g"),
            ("socket.blocking.max.ms", "5"),
            ("enable.gapless.guarantee", "false"),
            ("topic.auto.offset.reset", "earliest"),
            ("queuing.strategy", "lifo"),
        ]),
        [
            "Configuration property socket.blocking.max.ms is deprecated: Not used.",
            "Configuration property group.id is a consumer property and will be ignored by \
             this producer instance",
            "Configuration property enable.gapless.guarantee is experimental: Raise a fatal \
             error when a message of an idempotent producer fails and would leave a gap.",
            "Configuration property queuing.strategy is deprecatedexperimental: Order in \
             which queued messages are sent.",
            "Configuration property auto.offset.reset is a consumer property and will be \
             ignored by this producer instance",
        ]
    );
}

#[test]
fn settings_without_effect_are_warned_about() {
    assert_eq!(
        warnings(&[("retry.backoff.ms", "5000"), ("sasl.username", "u")]),
        [
            "Configuration `retry.backoff.ms` with value 5000 is greater than configuration \
             `retry.backoff.max.ms` with value 1000. A static backoff with value \
             `retry.backoff.max.ms` will be applied.",
            "Configuration property `sasl.username` only applies when `sasl.mechanism` is \
             set to PLAIN or SCRAM-SHA-..",
        ]
    );
    assert_eq!(
        warnings(&[
            ("topic.metadata.refresh.fast.interval.ms", "5000"),
            ("sasl.mechanism", "PLAIN"),
        ]),
        [
            "Configuration `topic.metadata.refresh.fast.interval.ms` with value 5000 is \
             greater than configuration `retry.backoff.max.ms` with value 1000. A static \
             backoff with value `retry.backoff.max.ms` will be applied.",
            "Configuration property `sasl.mechanism` set to `PLAIN` but `security.protocol` \
             is not configured for SASL: recommend setting `security.protocol` to SASL_SSL \
             or SASL_PLAINTEXT",
        ]
    );
}

#[test]
fn a_lost_default_topic_conf_is_warned_about() {
    let mut conf = conf(&[("acks", "1"), ("bootstrap.servers", "localhost")]);
    conf.set_default_topic_conf(Some(Marked::new(TopicConf::default())));

    let log = conf.finalize_producer(HERE).expect("the settings agree");

    let text = "Topic configuration properties set in the global configuration were \
                overwritten by explicitly setting a default_topic_conf: recommend not using \
                set_default_topic_conf";
    assert_eq!(log, [(LOG_WARNING, "CONFWARN", text.to_owned())]);
}

#[test]
fn callbacks_enable_their_events() {
    let mut conf = conf(&[("bootstrap.servers", "localhost")]);
    assert_eq!(conf.report_mode(), ReportMode::None);
    conf.set(b"enabled_events", Some(b"1"));
    assert_eq!(conf.report_mode(), ReportMode::Event);

    extern "C-unwind" fn on_error(
        _: *mut crate::abi::public::rd_kafka_t,
        _: i32,
        _: *const std::ffi::c_char,
        _: *mut std::ffi::c_void,
    ) {
    }
    conf.error_cb = Some(on_error);
    conf.finalize_producer(HERE).expect("the settings agree");

    assert_eq!(conf.enabled_events, EVENT_DR | EVENT_ERROR);
}
