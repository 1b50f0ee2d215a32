//! The engine selector, and the only place that spells the engines' names.
#![forbid(unsafe_code)]

use super::values::Value;
use super::Conf;

/// The environment variable that decides when the configuration does not.
pub(crate) const ENVIRONMENT: &str = "RDKAFKA_PRODUCE_ENGINE";
/// The property.
const PROPERTY: &str = "produce.engine";

/// A producer engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EngineKind {
    /// The historical producer.
    Legacy,
    /// The broker-wide collector.
    V2,
}

impl EngineKind {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::V2 => "v2",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        match name.trim_matches([' ', '\t']).to_ascii_lowercase().as_str() {
            "legacy" | "v1" => Some(Self::Legacy),
            "v2" => Some(Self::V2),
            _ => None,
        }
    }

    fn is_built(self) -> bool {
        match self {
            Self::Legacy => cfg!(feature = "engine-legacy"),
            Self::V2 => false,
        }
    }
}

/// What was chosen, and what to say about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Choice {
    /// The engine.
    pub(crate) engine: EngineKind,
    /// The environment decided.
    pub(crate) is_from_environment: bool,
    /// Warnings (facility CONFWARN).
    pub(crate) warnings: Vec<String>,
}

/// Chooses the engine: the configuration's, else the environment's, else `legacy`; the configuration then shows it.
///
/// # Errors
/// A text that names the property or the variable: an unknown name, an engine that is not built, or a property that
/// belongs to the other engine.
pub(crate) fn choose(conf: &mut Conf, environment: Option<&str>) -> Result<Choice, String> {
    let environment = environment.filter(|value| !value.trim().is_empty());
    let (engine, is_from_environment) = match environment {
        Some(value) if !conf.values.is_set(PROPERTY) => {
            let engine = EngineKind::from_name(value).ok_or_else(|| {
                format!("Invalid value \"{value}\" in {ENVIRONMENT}: legacy or v2 expected")
            })?;
            (engine, true)
        }
        _ if conf.values.int(PROPERTY) == 1 => (EngineKind::V2, false),
        _ => (EngineKind::Legacy, false),
    };
    if !engine.is_built() {
        return Err(format!(
            "`{PROPERTY}={}` is not available in this build of the library",
            engine.name()
        ));
    }
    conf.values.adjust(PROPERTY, Value::Int(i64::from(engine == EngineKind::V2)));
    let warnings = conflicts(conf, engine, is_from_environment)?;
    Ok(Choice { engine, is_from_environment, warnings })
}

fn conflicts(
    conf: &Conf,
    engine: EngineKind,
    is_from_environment: bool,
) -> Result<Vec<String>, String> {
    let (foreign, needs) = match engine {
        EngineKind::Legacy => ("produce.request.max.partitions", "v2"),
        EngineKind::V2 => ("multibatch", "legacy"),
    };
    if !conf.values.is_set(foreign) {
        return Ok(Vec::new());
    }
    if is_from_environment {
        let engine = engine.name();
        return Ok(vec![format!(
            "Configuration property {foreign} is ignored: {ENVIRONMENT} selects engine {engine}"
        )]);
    }
    Err(format!("`{foreign}` requires `{PROPERTY}={needs}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conf(settings: &[(&str, &str)]) -> Conf {
        let mut conf = Conf::new();
        for (name, value) in settings {
            conf.set(name.as_bytes(), Some(value.as_bytes())).expect("valid");
        }
        conf
    }

    #[test]
    fn the_configuration_wins_over_the_environment() {
        let mut explicit = conf(&[("produce.engine", "V1")]);
        let choice = choose(&mut explicit, Some("v2")).expect("explicit");
        assert_eq!(choice.engine, EngineKind::Legacy);
        assert!(!choice.is_from_environment);
        assert_eq!(explicit.get(b"produce.engine"), Some(b"legacy".to_vec()));
    }

    #[test]
    fn the_environment_decides_otherwise_and_its_mistakes_are_named() {
        let choice = choose(&mut conf(&[]), Some(" Legacy ")).expect("known");
        assert!(choice.is_from_environment);
        let error = choose(&mut conf(&[]), Some("v3")).expect_err("unknown");
        assert_eq!(error, "Invalid value \"v3\" in RDKAFKA_PRODUCE_ENGINE: legacy or v2 expected");
        assert_eq!(choose(&mut conf(&[]), Some("  ")).map(|c| c.engine), Ok(EngineKind::Legacy));
    }

    #[test]
    fn an_engine_that_is_not_built_is_a_configuration_error() {
        let error = choose(&mut conf(&[("produce.engine", "v2")]), None).expect_err("not built");
        assert!(error.contains("`produce.engine=v2`"), "{error}");
    }

    #[test]
    fn the_other_engines_property_is_refused_or_warned_about() {
        let set = [("produce.request.max.partitions", "3")];
        let error = choose(&mut conf(&set), None).expect_err("conflict");
        assert_eq!(error, "`produce.request.max.partitions` requires `produce.engine=v2`");
        let choice = choose(&mut conf(&set), Some("legacy")).expect("environment");
        assert_eq!(choice.warnings.len(), 1);
    }
}
