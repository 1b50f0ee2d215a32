//! The finalized values that the core reads, with their types: made once, by finalize.
#![forbid(unsafe_code)]

use super::{Conf, Opaque, TopicConf};
use crate::abi::callbacks::PartitionerCb;
use crate::codec::Codec;
use crate::topic::partitioner::Partitioner;

/// An instance's settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) client_id: String,
    pub(crate) software: (String, String),
    pub(crate) bootstrap: Option<String>,
    pub(crate) message_bytes_max: usize,
    pub(crate) response_bytes_max: usize,
    pub(crate) in_flight_max: usize,
    pub(crate) metadata_refresh_ms: i64,
    pub(crate) metadata_max_age_ms: i64,
    pub(crate) metadata_fast_ms: i64,
    pub(crate) metadata_is_sparse: bool,
    pub(crate) metadata_propagation_ms: i64,
    pub(crate) rebootstraps: bool,
    pub(crate) rebootstrap_after_ms: i64,
    pub(crate) may_create_topics: bool,
    pub(crate) socket_timeout_ms: i64,
    pub(crate) socket_send_bytes: i32,
    pub(crate) socket_receive_bytes: i32,
    pub(crate) socket_keepalive: bool,
    pub(crate) socket_nodelay: bool,
    pub(crate) socket_fails_max: u32,
    pub(crate) address_ttl_ms: i64,
    pub(crate) address_family: i32,
    pub(crate) setup_timeout_ms: i64,
    pub(crate) idle_max_ms: i64,
    pub(crate) connects_sparsely: bool,
    pub(crate) reconnect_ms: i64,
    pub(crate) reconnect_max_ms: i64,
    pub(crate) logs_connection_close: bool,
    pub(crate) asks_api_versions: bool,
    pub(crate) api_versions_timeout_ms: i64,
    pub(crate) version_fallback: String,
    pub(crate) queued_messages_max: i64,
    pub(crate) queued_bytes_max: i64,
    pub(crate) linger_us: i64,
    pub(crate) retries_max: i32,
    pub(crate) retry_ms: i64,
    pub(crate) retry_max_ms: i64,
    pub(crate) outbufs_max: usize,
    pub(crate) batch_messages_max: usize,
    pub(crate) batch_bytes_max: usize,
    pub(crate) reports_only_errors: bool,
    pub(crate) sticky_ms: i64,
    pub(crate) statistics_ms: i64,
    pub(crate) enabled_events: i32,
    pub(crate) mock_brokers: usize,
    pub(crate) mock_rtt_ms: i64,
}

impl Settings {
    /// The settings of a finalized configuration.
    pub(crate) fn of(conf: &Conf) -> Self {
        let values = &conf.values;
        let int = |name| values.int(name);
        let size = |name| usize::try_from(values.int(name)).unwrap_or(0);
        let small = |name| i32::try_from(values.int(name)).unwrap_or(0);
        let text = |name| values.string(name).unwrap_or_default();
        Self {
            client_id: text("client.id"),
            software: (text("client.software.name"), text("client.software.version")),
            bootstrap: values.string("metadata.broker.list"),
            message_bytes_max: size("message.max.bytes"),
            response_bytes_max: size("receive.message.max.bytes"),
            in_flight_max: size("max.in.flight"),
            metadata_refresh_ms: int("topic.metadata.refresh.interval.ms"),
            metadata_max_age_ms: int("metadata.max.age.ms"),
            metadata_fast_ms: int("topic.metadata.refresh.fast.interval.ms"),
            metadata_is_sparse: values.bool("topic.metadata.refresh.sparse"),
            metadata_propagation_ms: int("topic.metadata.propagation.max.ms"),
            rebootstraps: int("metadata.recovery.strategy") == 1,
            rebootstrap_after_ms: int("metadata.recovery.rebootstrap.trigger.ms"),
            may_create_topics: values.bool("allow.auto.create.topics"),
            socket_timeout_ms: int("socket.timeout.ms"),
            socket_send_bytes: small("socket.send.buffer.bytes"),
            socket_receive_bytes: small("socket.receive.buffer.bytes"),
            socket_keepalive: values.bool("socket.keepalive.enable"),
            socket_nodelay: values.bool("socket.nagle.disable"),
            socket_fails_max: u32::try_from(int("socket.max.fails")).unwrap_or(0),
            address_ttl_ms: int("broker.address.ttl"),
            address_family: small("broker.address.family"),
            setup_timeout_ms: int("socket.connection.setup.timeout.ms"),
            idle_max_ms: int("connections.max.idle.ms"),
            connects_sparsely: values.bool("enable.sparse.connections"),
            reconnect_ms: int("reconnect.backoff.ms"),
            reconnect_max_ms: int("reconnect.backoff.max.ms"),
            logs_connection_close: values.bool("log.connection.close"),
            asks_api_versions: values.bool("api.version.request"),
            api_versions_timeout_ms: int("api.version.request.timeout.ms"),
            version_fallback: text("broker.version.fallback"),
            queued_messages_max: int("queue.buffering.max.messages"),
            queued_bytes_max: int("queue.buffering.max.kbytes") * 1024,
            linger_us: (values.float("linger.ms") * 1000.0) as i64,
            retries_max: small("retries"),
            retry_ms: int("retry.backoff.ms"),
            retry_max_ms: int("retry.backoff.max.ms"),
            outbufs_max: size("queue.buffering.backpressure.threshold"),
            batch_messages_max: size("batch.num.messages"),
            batch_bytes_max: size("batch.size"),
            reports_only_errors: values.bool("delivery.report.only.error"),
            sticky_ms: int("sticky.partitioning.linger.ms"),
            statistics_ms: int("statistics.interval.ms"),
            enabled_events: small("enabled_events"),
            mock_brokers: size("test.mock.num.brokers"),
            mock_rtt_ms: int("test.mock.broker.rtt"),
        }
    }
}

/// A topic's settings.
#[derive(Clone)]
pub(crate) struct TopicSettings {
    /// Acknowledgements that the broker waits for.
    pub(crate) acks: i16,
    /// Milliseconds that the broker may wait for them.
    pub(crate) request_timeout_ms: i32,
    /// Milliseconds until a message is reported; 0 for ever.
    pub(crate) message_timeout_ms: i64,
    /// Newest first.
    pub(crate) is_lifo: bool,
    /// The built-in partitioner.
    pub(crate) partitioner: Partitioner,
    /// The application's partitioner.
    pub(crate) custom_partitioner: Option<PartitionerCb>,
    /// The application's pointer.
    pub(crate) opaque: Opaque,
    /// The codec.
    pub(crate) codec: Codec,
    /// Its level; -1 for its default.
    pub(crate) level: i32,
}

impl TopicSettings {
    /// The settings of a finalized topic configuration.
    pub(crate) fn of(conf: &TopicConf, global: &Conf) -> Self {
        const INHERIT: i64 = 5;
        let values = &conf.values;
        let codec = match values.int("compression.codec") {
            INHERIT => global.values.int("compression.codec"),
            own => own,
        };
        let named =
            || values.string("partitioner").and_then(|name| Partitioner::from_name(&name));
        let partitioner = conf.builtin.or_else(named).unwrap_or_default();
        Self {
            acks: i16::try_from(values.int("acks")).unwrap_or(-1),
            request_timeout_ms: i32::try_from(values.int("request.timeout.ms")).unwrap_or(i32::MAX),
            message_timeout_ms: values.int("message.timeout.ms"),
            is_lifo: values.int("queuing.strategy") == 1,
            partitioner,
            custom_partitioner: conf.partitioner,
            opaque: conf.opaque,
            codec: i16::try_from(codec).ok().and_then(Codec::from_bits).unwrap_or_default(),
            level: i32::try_from(values.int("compression.level")).unwrap_or(-1),
        }
    }
}
