//! Configuration objects: plain values, tables of properties, and the rules between them.
#![forbid(unsafe_code)]

pub(crate) mod dump;
pub(crate) mod engine;
pub(crate) mod finalize;
pub(crate) mod global;
pub(crate) mod parse;
pub(crate) mod property;
pub(crate) mod settings;
pub(crate) mod topic;
pub(crate) mod values;

use crate::abi::callbacks::*;
use crate::own::mark::Mark;
use crate::topic::partitioner::Partitioner;
use values::{SetError, Values};

/// An application's pointer, carried as a number: the library never looks behind it.
pub(crate) type Opaque = usize;

/// Where logs go.
#[derive(Clone, Copy, Default)]
pub(crate) enum LogSink {
    /// Standard error, in the historical format.
    #[default]
    Default,
    /// Nowhere.
    Discard,
    /// The application's callback.
    Callback(LogCb),
}

/// The application's callbacks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Callbacks {
    /// Logs.
    pub(crate) log: LogSink,
    /// Delivery reports, deprecated form.
    pub(crate) dr: Option<DrCb>,
    /// Delivery reports.
    pub(crate) dr_msg: Option<DrMsgCb>,
    /// Errors.
    pub(crate) error: Option<ErrorCb>,
    /// Throttling.
    pub(crate) throttle: Option<ThrottleCb>,
    /// Statistics.
    pub(crate) stats: Option<StatsCb>,
    /// Events on the background thread.
    pub(crate) background_event: Option<BackgroundEventCb>,
    /// Makes sockets.
    pub(crate) socket: Option<SocketCb>,
    /// `socket_cb` was set to NULL.
    pub(crate) has_no_socket: bool,
    /// Connects sockets.
    pub(crate) connect: Option<ConnectCb>,
    /// Closes sockets.
    pub(crate) close_socket: Option<CloseSocketCb>,
    /// Opens files.
    pub(crate) open: Option<OpenCb>,
    /// `open_cb` was set to NULL.
    pub(crate) has_no_open: bool,
    /// Resolves names.
    pub(crate) resolve: Option<ResolveCb>,
    /// OAUTHBEARER tokens.
    pub(crate) oauth_refresh: Option<OauthRefreshCb>,
    /// Certificates.
    pub(crate) ssl_verify: Option<SslCertVerifyCb>,
    /// Consumed messages.
    pub(crate) consume: Option<ConsumeCb>,
    /// Rebalances.
    pub(crate) rebalance: Option<RebalanceCb>,
    /// Commits.
    pub(crate) offset_commit: Option<OffsetCommitCb>,
    /// Typed statistics; only carried, since the typed form comes with engine v2.
    pub(crate) stats_typed: Opaque,
    /// The application's pointer.
    pub(crate) opaque: Opaque,
    /// Data for an OpenSSL engine; only carried.
    pub(crate) ssl_engine_data: Opaque,
}

/// An instance's configuration.
#[derive(Clone)]
#[repr(C)]
pub(crate) struct Conf {
    /// Tells whether an instance took it.
    pub(crate) mark: Mark,
    /// The values.
    pub(crate) values: Values,
    /// The callbacks.
    pub(crate) callbacks: Callbacks,
    /// The default topic configuration.
    pub(crate) topic: Option<Box<TopicConf>>,
    /// The default topic configuration was replaced after properties had been set on it.
    pub(crate) has_replaced_topic: bool,
}

impl Conf {
    /// All defaults.
    pub(crate) fn new() -> Self {
        Self {
            mark: Mark::CONF,
            values: Values::new(global::GLOBAL),
            callbacks: Callbacks::default(),
            topic: None,
            has_replaced_topic: false,
        }
    }

    /// Sets a property by name; names that are not global ones are the default topic configuration's, with or without a
    /// leading `topic.`.
    ///
    /// # Errors
    /// The historical texts.
    pub(crate) fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), SetError> {
        match self.values.set(name, value) {
            Err(SetError::Unknown(_)) => {}
            other => return other,
        }
        let name = name.strip_prefix(b"topic.").unwrap_or(name);
        self.topic.get_or_insert_default().values.set(name, value)
    }

    /// Is `name` one of the global properties?
    pub(crate) fn is_global(&self, name: &[u8]) -> bool {
        self.values.find(name).is_some()
    }

    /// A property's value as text; `None` if unset or unknown.
    pub(crate) fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        if self.is_global(name) {
            return self.values.print(name);
        }
        self.topic.as_ref()?.values.print(name)
    }

    /// A copy of what was set, except properties whose names begin with one of `filters`.
    pub(crate) fn copy(&self, filters: &[Vec<u8>]) -> Self {
        let topic = self.topic.as_ref().map(|topic| Box::new(topic.copy(filters)));
        Self {
            mark: Mark::CONF,
            values: self.values.copy_set(filters),
            callbacks: self.callbacks,
            topic,
            has_replaced_topic: self.has_replaced_topic,
        }
    }
}

/// A topic's configuration.
#[derive(Clone)]
#[repr(C)]
pub(crate) struct TopicConf {
    mark: Mark,
    /// The values.
    pub(crate) values: Values,
    /// The application's partitioner.
    pub(crate) partitioner: Option<PartitionerCb>,
    /// The built-in partitioner that the application set by its address.
    pub(crate) builtin: Option<Partitioner>,
    /// The application's message order; carried only, `queuing.strategy` decides (quirk 25).
    pub(crate) msg_order: Option<MsgOrderCmp>,
    /// The application's pointer.
    pub(crate) opaque: Opaque,
}

impl Default for TopicConf {
    fn default() -> Self {
        Self {
            mark: Mark::TOPIC_CONF,
            values: Values::new(topic::TOPIC),
            partitioner: None,
            builtin: None,
            msg_order: None,
            opaque: 0,
        }
    }
}

impl TopicConf {
    /// A copy of what was set, except properties whose names begin with one of `filters`.
    pub(crate) fn copy(&self, filters: &[Vec<u8>]) -> Self {
        Self { values: self.values.copy_set(filters), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::property::{Importance, Kind, Role};
    use super::*;

    /// The table that the properties are compared with, in the order of the library's listing.
    const EXPECTED: &str = include_str!("../../tests/spec/config.tsv");

    fn range(kind: Kind) -> (String, String, String) {
        let print = parse::print_float;
        match kind {
            Kind::Int { min, max, default, .. } => {
                (min.to_string(), max.to_string(), default.to_string())
            }
            Kind::Float { min, max, default } => (print(min), print(max), print(default)),
            Kind::Bool(default) => (String::new(), String::new(), default.to_string()),
            Kind::Text(default) => {
                (String::new(), String::new(), default.unwrap_or_default().to_owned())
            }
            _ => Default::default(),
        }
    }

    #[test]
    fn the_tables_equal_the_specified_ones() {
        let rows: Vec<Vec<&str>> =
            EXPECTED.lines().skip(1).map(|line| line.split('\t').collect()).collect();
        let ours: Vec<_> = global::GLOBAL
            .iter()
            .map(|property| ("global", property))
            .chain(topic::TOPIC.iter().map(|property| ("topic", property)))
            .collect();
        assert_eq!(rows.len(), ours.len());
        for (row, (scope, property)) in rows.iter().zip(ours) {
            let role = match property.role {
                Role::Any => "*",
                Role::Producer => "P",
                Role::Consumer => "C",
            };
            assert_eq!(row[..3], [property.name, scope, role]);
            assert_eq!(row[9], property.importance.name(), "{}", property.name);
            if matches!(property.kind, Kind::Int { .. } | Kind::Bool(_) | Kind::Float { .. }) {
                let (min, max, default) = range(property.kind);
                assert_eq!(row[4..7], [min, max, default], "{}", property.name);
            }
            if let Kind::Alias(target) = property.kind {
                assert_eq!(row[8], target);
            }
            assert_ne!(property.description, "");
            assert!(matches!(property.importance, Importance::High | Importance::Medium | Importance::Low));
        }
    }

    #[test]
    fn topic_properties_fall_through_to_the_default_topic_configuration() {
        let mut conf = Conf::new();
        assert_eq!(conf.get(b"acks"), None, "no topic configuration yet");
        conf.set(b"topic.acks", Some(b"all")).expect("known");
        assert_eq!(conf.get(b"acks"), Some(b"-1".to_vec()));
        assert_eq!(conf.get(b"topic.acks"), None, "get does not strip the prefix");
        let error = conf.set(b"topic.nope", None).expect_err("unknown");
        assert_eq!(error.text(), "No such configuration property: \"nope\"");
    }

    #[test]
    fn values_and_errors_are_the_historical_ones() {
        let mut conf = Conf::new();
        for (name, value, text) in [
            ("linger.ms", "nan", "Configuration property \"queue.buffering.max.ms\" value NaN is outside allowed range 0..900000\n"),
            ("linger.ms", "x", "Invalid value for configuration property \"queue.buffering.max.ms\""),
            ("retries", "-1", "Configuration property \"message.send.max.retries\" value -1 is outside allowed range 0..2147483647\n"),
            ("enable.idempotence", "yes", "Expected bool value for \"enable.idempotence\": true or false"),
            ("compression.codec", "zip", "Invalid value \"zip\" for configuration property \"compression.codec\""),
            ("debug", "msg,nope", "Invalid value \"nope\" for configuration property \"debug\""),
            ("partitioner", "mine", "Invalid value for configuration property \"partitioner\": mine"),
            ("error_cb", "1", "Property \"error_cb\" must be set through dedicated .._set_..() function"),
        ] {
            let error = conf.set(name.as_bytes(), Some(value.as_bytes())).expect_err(name);
            assert_eq!(error.text(), text, "{name}");
        }
        conf.set(b"batch.size", Some(b"4294969296")).expect("32 bits are kept");
        assert_eq!(conf.get(b"batch.size"), Some(b"2000".to_vec()));
        conf.set(b"debug", Some(b"msg")).expect("known");
        conf.set(b"debug", Some(b"topic")).expect("adds");
        assert_eq!(conf.get(b"debug"), Some(b"topic,msg".to_vec()));
    }

    #[test]
    fn a_copy_has_what_was_set_and_not_what_is_filtered() {
        let mut conf = Conf::new();
        conf.set(b"client.id", Some(b"me")).expect("known");
        conf.set(b"acks", Some(b"1")).expect("known");
        let copy = conf.copy(&[b"client".to_vec()]);
        assert_eq!(copy.get(b"client.id"), Some(b"rdkafka".to_vec()));
        assert_eq!(copy.get(b"acks"), Some(b"1".to_vec()));
    }
}
