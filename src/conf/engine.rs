//! The engine selector, and the only place that spells the engines' names: the explicit setting,
//! else the environment, else `legacy`.
//!
//! The environment is read by the caller and handed in, so that a test can play any environment.
#![forbid(unsafe_code)]

use super::finalize::LogLine;
use super::property::{Properties, Word, alias_word, word};
use super::{Conf, LOG_INFO, LOG_WARNING};

/// The environment variable that chooses the engine of producers whose configuration doesn't.
pub(crate) const ENGINE_VARIABLE: &str = "RDKAFKA_PRODUCE_ENGINE";

/// What sends a producer's messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Engine {
    /// The historical one: a request has one partition.
    Legacy,
    /// Many partitions in one request.
    V2,
}

impl Default for Engine {
    /// The historical one, unless the build has only the other.
    fn default() -> Self {
        let is_only_v2 = Self::V2.is_built() && !Self::Legacy.is_built();
        if is_only_v2 { Self::V2 } else { Self::Legacy }
    }
}

/// Words of `produce.engine`; `v1` is understood and never printed.
pub(super) const WORDS: &[Word] = &[word("legacy", 0), alias_word("v1", 0), word("v2", 1)];

/// Who chose the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// The property was set, be it to its default.
    Property,
    /// The environment variable.
    Environment,
    /// Nobody.
    Default,
}

impl Engine {
    fn of_value(value: i32) -> Self {
        if value == 1 { Self::V2 } else { Self::Legacy }
    }

    /// The value of `produce.engine`.
    fn value(self) -> i32 {
        match self {
            Self::Legacy => 0,
            Self::V2 => 1,
        }
    }

    /// The engine's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::V2 => "v2",
        }
    }

    /// Is the engine a part of this build?
    pub(crate) fn is_built(self) -> bool {
        match self {
            Self::Legacy => cfg!(feature = "engine-legacy"),
            Self::V2 => cfg!(feature = "engine-v2"),
        }
    }
}

/// Chooses the engine of a producer and notes it in the configuration. `environment` is the value
/// of [`ENGINE_VARIABLE`], if it is set.
///
/// # Errors A wrong value of the variable, a property that the engine does not have, an engine that
/// is not built.
pub(super) fn choose(
    conf: &mut Conf,
    environment: Option<&str>,
    log: &mut Vec<LogLine>,
) -> Result<(), String> {
    let (engine, origin) = select(conf, environment)?;
    check_conflicts(conf, engine, origin, log)?;
    if !engine.is_built() {
        let by = if origin == Origin::Environment {
            format!(" (chosen by the environment variable {ENGINE_VARIABLE})")
        } else {
            String::new()
        };
        let name = engine.name();
        return Err(format!(
            "`produce.engine={name}`{by}: this engine is not available in this build"
        ));
    }
    if origin == Origin::Environment {
        let name = engine.name();
        let text = format!(
            "Producer engine `{name}` chosen by the environment variable {ENGINE_VARIABLE}"
        );
        log.push((LOG_INFO, "PRODENGINE", text));
    }
    conf.produce_engine = engine.value();
    conf.engine = engine;
    Ok(())
}

/// The engine and who chose it.
fn select(conf: &Conf, environment: Option<&str>) -> Result<(Engine, Origin), String> {
    if conf.is_modified("produce.engine") {
        return Ok((Engine::of_value(conf.produce_engine), Origin::Property));
    }
    let value = environment.map(str::trim_ascii).unwrap_or_default();
    if value.is_empty() {
        return Ok((Engine::default(), Origin::Default));
    }
    match WORDS.iter().find(|word| word.text.eq_ignore_ascii_case(value)) {
        Some(word) => Ok((Engine::of_value(word.value), Origin::Environment)),
        None => Err(format!(
            "Invalid value \"{}\" of the environment variable {ENGINE_VARIABLE}: \
             expected legacy, v1 or v2",
            value.escape_debug()
        )),
    }
}

/// Properties of one engine are an error with the other, unless the environment chose that other
/// one: it must be possible to switch an application that can't be changed.
fn check_conflicts(
    conf: &Conf,
    engine: Engine,
    origin: Origin,
    log: &mut Vec<LogLine>,
) -> Result<(), String> {
    let (property, text) = match engine {
        Engine::Legacy => (
            "produce.request.max.partitions",
            "`produce.request.max.partitions` requires `produce.engine=v2`",
        ),
        Engine::V2 => {
            ("multibatch", "`multibatch` may only be configured when `produce.engine=legacy`")
        }
    };
    if !conf.is_modified(property) {
        return Ok(());
    }
    if origin != Origin::Environment {
        return Err(text.to_owned());
    }
    let name = engine.name();
    let text = format!(
        "Configuration property `{property}` is ignored: the environment variable \
         {ENGINE_VARIABLE} chose the producer engine `{name}`"
    );
    log.push((LOG_WARNING, "CONFWARN", text));
    Ok(())
}

/// The rules of engine `v2` for its own properties, and the values it derives.
///
/// # Errors
/// Limits that contradict each other.
pub(super) fn derive_v2(conf: &mut Conf, log: &mut Vec<LogLine>) -> Result<(), String> {
    let pairs = [
        ("adaptive.alpha", conf.adaptive_alpha, "adaptive.beta", conf.adaptive_beta),
        (
            "adaptive.linger.min.ms",
            conf.adaptive_linger_min_ms,
            "adaptive.linger.max.ms",
            conf.adaptive_linger_max_ms,
        ),
        (
            "adaptive.batch.min.bytes",
            f64::from(conf.adaptive_batch_min_bytes),
            "adaptive.batch.max.bytes",
            f64::from(conf.adaptive_batch_max_bytes),
        ),
    ];
    for (low, low_value, high, high_value) in pairs {
        if low_value > high_value && (conf.is_modified(low) || conf.is_modified(high)) {
            return Err(format!("`{low}` must be <= `{high}`"));
        }
    }
    if !conf.is_modified("max.in.flight") {
        conf.max_inflight = V2_MAX_IN_FLIGHT;
    }
    if !conf.is_modified("broker.linger.ms") && conf.is_modified("linger.ms") {
        let text = format!(
            "Configuration property `linger.ms` is deprecated for batching: its value {:.0} is \
             used for `broker.linger.ms`, please set that one",
            conf.buffering_max_ms
        );
        log.push((LOG_WARNING, "CONFWARN", text));
    }
    Ok(())
}

/// Requests in flight per broker where nothing is set: enough to keep a connection busy, and what
/// idempotence allows.
const V2_MAX_IN_FLIGHT: i32 = 5;

/// The broker linger of engine `v2`, in milliseconds: its own, or `linger.ms` where only that is
/// set. It stays below a message timeout.
///
/// # Errors A linger that was set and is no shorter than the message timeout.
pub(super) fn broker_linger_ms(conf: &Conf, message_timeout_ms: i32) -> Result<f64, String> {
    let is_linger_set = conf.is_modified("linger.ms");
    let is_own_set = conf.is_modified("broker.linger.ms");
    let (name, linger_ms) = match is_own_set || !is_linger_set {
        true => ("broker.linger.ms", conf.broker_linger_ms),
        false => ("linger.ms", conf.buffering_max_ms),
    };
    let limit_ms = f64::from(message_timeout_ms);
    if conf.engine == Engine::Legacy || message_timeout_ms == 0 || linger_ms < limit_ms {
        return Ok(linger_ms);
    }
    if is_own_set || is_linger_set {
        return Err(format!("`message.timeout.ms` must be greater than `{name}`"));
    }
    Ok(limit_ms - 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conf::SetResult;

    fn conf(settings: &[(&str, &str)]) -> Conf {
        let mut conf = Conf::default();
        for (name, value) in settings {
            let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok, "{name}={value}");
        }
        conf
    }

    fn choice(settings: &[(&str, &str)], environment: Option<&str>) -> Result<Engine, String> {
        let mut conf = conf(settings);
        choose(&mut conf, environment, &mut Vec::new()).map(|()| conf.engine)
    }

    #[test]
    fn the_property_wins_over_the_environment_and_that_over_the_default() {
        let legacy = &[("produce.engine", "legacy")];
        let v2 = &[("produce.engine", "V2")];
        let v1 = &[("produce.engine", "v1")];

        assert_eq!(select(&conf(&[]), None), Ok((Engine::default(), Origin::Default)));
        assert_eq!(select(&conf(&[]), Some(" \t")), Ok((Engine::default(), Origin::Default)));
        assert_eq!(select(&conf(&[]), Some(" V2 ")), Ok((Engine::V2, Origin::Environment)));
        assert_eq!(select(&conf(&[]), Some("v1")), Ok((Engine::Legacy, Origin::Environment)));
        assert_eq!(select(&conf(legacy), Some("v2")), Ok((Engine::Legacy, Origin::Property)));
        assert_eq!(select(&conf(v1), Some("v2")), Ok((Engine::Legacy, Origin::Property)));
        assert_eq!(select(&conf(v2), Some("nonsense")), Ok((Engine::V2, Origin::Property)));
        assert_eq!(conf(v1).value(b"produce.engine"), Some(b"legacy".to_vec()));
    }

    #[test]
    fn a_wrong_environment_names_variable_value_and_choices() {
        assert_eq!(
            choice(&[], Some("v3\n")),
            Err("Invalid value \"v3\" of the environment variable RDKAFKA_PRODUCE_ENGINE: \
                 expected legacy, v1 or v2"
                .to_owned())
        );
    }

    #[cfg(not(feature = "engine-v2"))]
    #[test]
    fn an_engine_that_is_not_built_is_an_error() {
        assert_eq!(
            choice(&[("produce.engine", "v2")], None),
            Err("`produce.engine=v2`: this engine is not available in this build".to_owned())
        );
        assert_eq!(
            choice(&[], Some("v2")),
            Err(
                "`produce.engine=v2` (chosen by the environment variable RDKAFKA_PRODUCE_ENGINE): \
                 this engine is not available in this build"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_property_of_the_other_engine_is_an_error_unless_the_environment_chose() {
        let partitions = conf(&[("produce.request.max.partitions", "0")]);
        let multibatch = conf(&[("multibatch", "false")]);
        let mut log = Vec::new();
        let mut check = |conf, engine, origin| check_conflicts(conf, engine, origin, &mut log);

        assert_eq!(
            check(&partitions, Engine::Legacy, Origin::Default),
            Err("`produce.request.max.partitions` requires `produce.engine=v2`".to_owned())
        );
        assert_eq!(
            check(&multibatch, Engine::V2, Origin::Property),
            Err("`multibatch` may only be configured when `produce.engine=legacy`".to_owned())
        );
        assert_eq!(check(&partitions, Engine::V2, Origin::Property), Ok(()));
        assert_eq!(check(&multibatch, Engine::Legacy, Origin::Property), Ok(()));
        assert_eq!(check(&multibatch, Engine::V2, Origin::Environment), Ok(()));
        assert_eq!(check(&partitions, Engine::Legacy, Origin::Environment), Ok(()));
        assert_eq!(
            log,
            [("multibatch", "v2"), ("produce.request.max.partitions", "legacy")].map(
                |(property, engine)| (
                    LOG_WARNING,
                    "CONFWARN",
                    format!(
                        "Configuration property `{property}` is ignored: the environment variable \
                         RDKAFKA_PRODUCE_ENGINE chose the producer engine `{engine}`"
                    )
                )
            )
        );
    }

    #[test]
    fn an_engine_that_is_not_built_cannot_be_selected() {
        for engine in [Engine::Legacy, Engine::V2] {
            let name = engine.name();
            let said = |by| {
                Err(format!(
                    "`produce.engine={name}`{by}: this engine is not available in this build"
                ))
            };
            let settings = [("produce.engine", name)];
            let log = &mut Vec::new();
            let by_property = choose(&mut conf(&settings), None, log);
            let by_environment = choose(&mut conf(&[]), Some(name), log);
            if engine.is_built() {
                assert_eq!((by_property, by_environment), (Ok(()), Ok(())), "{name}");
                continue;
            }
            assert_eq!(by_property, said(""));
            let variable = " (chosen by the environment variable RDKAFKA_PRODUCE_ENGINE)";
            assert_eq!(by_environment, said(variable));
        }
    }

    #[cfg(feature = "engine-legacy")]
    #[test]
    fn the_environments_choice_is_logged() {
        let mut conf = conf(&[]);
        let mut log = Vec::new();

        assert_eq!(choose(&mut conf, Some("legacy"), &mut log), Ok(()));

        let text = "Producer engine `legacy` chosen by the environment variable \
                    RDKAFKA_PRODUCE_ENGINE";
        assert_eq!(log, [(LOG_INFO, "PRODENGINE", text.to_owned())]);
    }

    #[test]
    fn v2_limits_must_not_cross() {
        for (settings, text) in [
            (("adaptive.alpha", "0.9"), "`adaptive.alpha` must be <= `adaptive.beta`"),
            (
                ("adaptive.linger.max.ms", "1"),
                "`adaptive.linger.min.ms` must be <= `adaptive.linger.max.ms`",
            ),
            (
                ("adaptive.batch.max.bytes", "1"),
                "`adaptive.batch.min.bytes` must be <= `adaptive.batch.max.bytes`",
            ),
        ] {
            assert_eq!(derive_v2(&mut conf(&[settings]), &mut Vec::new()), Err(text.to_owned()));
        }
    }

    #[test]
    fn v2_takes_linger_ms_where_only_that_is_set() {
        let mut conf = conf(&[("linger.ms", "7.5")]);
        conf.engine = Engine::V2;
        let mut log = Vec::new();

        assert_eq!(derive_v2(&mut conf, &mut log), Ok(()));

        assert_eq!(broker_linger_ms(&conf, 0), Ok(7.5));
        assert_eq!(conf.max_inflight, 5);
        assert_eq!(log.len(), 1);
        assert!(log[0].2.contains("its value 8 is used for `broker.linger.ms`"));
        assert_eq!(
            broker_linger_ms(&conf, 7),
            Err("`message.timeout.ms` must be greater than `linger.ms`".to_owned())
        );
    }

    #[test]
    fn an_unset_broker_linger_stays_below_the_message_timeout() {
        let mut conf = conf(&[]);
        conf.engine = Engine::V2;

        assert_eq!(broker_linger_ms(&conf, 5), Ok(4.9));
        assert_eq!(broker_linger_ms(&conf, 0), Ok(5.0));
    }
}
