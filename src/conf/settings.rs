//! The finalized values that the core reads, with their types: made once, by finalize.
#![forbid(unsafe_code)]

use super::{CODEC_INHERIT, Conf, Engine, QUEUING_LIFO, RECOVERY_REBOOTSTRAP, Text, TopicConf};
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
    pub(crate) version_fallback_ms: i64,
    pub(crate) fallback_is_asked: bool,
    pub(crate) queued_messages_max: i64,
    pub(crate) queued_bytes_max: i64,
    pub(crate) linger_us: i64,
    pub(crate) retries_max: i32,
    pub(crate) retry_ms: i64,
    pub(crate) retry_max_ms: i64,
    pub(crate) outbufs_max: usize,
    /// Requests of one turn are joined; never with idempotence.
    pub(crate) joins_batches: bool,
    /// Most partitions in a request of engine `v2`; 0 is no limit.
    pub(crate) request_partitions_max: usize,
    /// Waiting bytes that trigger a request of engine `v2`; none do if it is not positive.
    pub(crate) broker_bytes_max: i64,
    pub(crate) batch_messages_max: usize,
    pub(crate) batch_bytes_max: usize,
    pub(crate) reports_only_errors: bool,
    pub(crate) sticky_ms: i64,
    pub(crate) statistics_ms: i64,
    pub(crate) enabled_events: i32,
    pub(crate) is_idempotent: bool,
    pub(crate) is_gapless: bool,
}

impl Settings {
    /// The settings of a finalized configuration.
    pub(crate) fn of(conf: &Conf) -> Self {
        Self {
            client_id: shown(conf.client_id.as_ref()),
            software: (shown(conf.sw_name.as_ref()), shown(conf.sw_version.as_ref())),
            bootstrap: conf.brokerlist.as_ref().map(|list| list.to_str().into_owned()),
            message_bytes_max: size(conf.max_msg_size),
            response_bytes_max: size(conf.recv_max_msg_size),
            in_flight_max: size(conf.max_inflight),
            metadata_refresh_ms: conf.metadata_refresh_interval_ms.into(),
            metadata_fast_ms: conf.metadata_refresh_fast_interval_ms.into(),
            metadata_is_sparse: conf.metadata_refresh_sparse,
            metadata_propagation_ms: conf.metadata_propagation_max_ms.into(),
            rebootstraps: conf.metadata_recovery_strategy == RECOVERY_REBOOTSTRAP,
            rebootstrap_after_ms: conf.metadata_recovery_rebootstrap_trigger_ms.into(),
            may_create_topics: conf.allow_auto_create_topics,
            socket_timeout_ms: conf.socket_timeout_ms.into(),
            socket_send_bytes: conf.socket_sndbuf_size,
            socket_receive_bytes: conf.socket_rcvbuf_size,
            socket_keepalive: conf.socket_keepalive,
            socket_nodelay: conf.socket_nagle_disable,
            socket_fails_max: u32::try_from(conf.socket_max_fails).unwrap_or(0),
            address_ttl_ms: conf.broker_addr_ttl.into(),
            address_family: conf.broker_addr_family,
            setup_timeout_ms: conf.socket_connection_setup_timeout_ms.into(),
            idle_max_ms: conf.connections_max_idle_ms.into(),
            connects_sparsely: conf.sparse_connections,
            reconnect_ms: conf.reconnect_backoff_ms.into(),
            reconnect_max_ms: conf.reconnect_backoff_max_ms.into(),
            logs_connection_close: conf.log_connection_close,
            asks_api_versions: conf.api_version_request,
            api_versions_timeout_ms: conf.api_version_request_timeout_ms.into(),
            version_fallback: shown(conf.broker_version_fallback.as_ref()),
            version_fallback_ms: conf.api_version_fallback_ms.into(),
            fallback_is_asked: super::finalize::fallback_is_asked(conf),
            queued_messages_max: conf.queue_buffering_max_msgs.into(),
            queued_bytes_max: i64::from(conf.queue_buffering_max_kbytes) * 1024,
            linger_us: match conf.engine {
                Engine::Legacy => conf.buffering_max_us,
                Engine::V2 => conf.broker_linger_us,
            },
            retries_max: conf.max_retries,
            retry_ms: conf.retry_backoff_ms.into(),
            retry_max_ms: conf.retry_backoff_max_ms.into(),
            outbufs_max: size(conf.queue_backpressure_thres),
            joins_batches: conf.multibatch && !conf.eos_idempotence,
            request_partitions_max: size(conf.produce_request_max_partitions),
            broker_bytes_max: conf.broker_batch_max_bytes.into(),
            batch_messages_max: size(conf.batch_num_messages),
            batch_bytes_max: size(conf.batch_size),
            reports_only_errors: conf.dr_err_only,
            sticky_ms: conf.sticky_partition_linger_ms.into(),
            statistics_ms: conf.stats_interval_ms.into(),
            enabled_events: conf.enabled_events,
            is_idempotent: conf.eos_idempotence,
            is_gapless: conf.eos_gapless,
        }
    }
}

/// A text; empty if unset.
fn shown(text: Option<&Text>) -> String {
    text.map(|text| text.to_str().into_owned()).unwrap_or_default()
}

/// A count or size; their properties' ranges have no negative number.
fn size(value: i32) -> usize {
    usize::try_from(value).unwrap_or(0)
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
    pub(crate) opaque: usize,
    /// The codec.
    pub(crate) codec: Codec,
    /// Its level; -1 for its default.
    pub(crate) level: i32,
}

impl TopicSettings {
    /// The settings of a finalized topic configuration.
    pub(crate) fn of(conf: &TopicConf, global: &Conf) -> Self {
        let codec = match conf.compression_codec {
            CODEC_INHERIT => global.compression_codec,
            own => own,
        };
        // A callback wins over the name; one that is a built-in partitioner stands for its name.
        let known = conf.partitioner_cb.and(conf.built_in_partitioner_cb);
        let named = || Partitioner::from_name(&shown(conf.partitioner.as_ref()));
        Self {
            acks: i16::try_from(conf.required_acks).unwrap_or(-1),
            request_timeout_ms: conf.request_timeout_ms,
            message_timeout_ms: conf.message_timeout_ms.into(),
            is_lifo: conf.queuing_strategy == QUEUING_LIFO,
            partitioner: known.or_else(named).unwrap_or_default(),
            custom_partitioner: if known.is_some() { None } else { conf.partitioner_cb },
            opaque: conf.opaque.address(),
            codec: i16::try_from(codec).ok().and_then(Codec::from_bits).unwrap_or_default(),
            level: conf.compression_level,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;

    use super::*;
    use crate::abi::public::rd_kafka_topic_t;
    use crate::conf::SetResult;

    extern "C-unwind" fn first(
        _: *const rd_kafka_topic_t,
        _: *const c_void,
        _: usize,
        _: i32,
        _: *mut c_void,
        _: *mut c_void,
    ) -> i32 {
        0
    }

    fn topic_conf(settings: &[(&str, &str)]) -> TopicConf {
        let mut conf = TopicConf::default();
        for (name, value) in settings {
            let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok, "{name}");
        }
        conf
    }

    #[test]
    fn numbers_and_texts_keep_their_values() {
        let mut conf = Conf::default();
        for (name, value) in [
            ("client.id", "me"),
            ("bootstrap.servers", "a:1,b"),
            ("queue.buffering.max.kbytes", "2"),
            ("metadata.recovery.strategy", "none"),
        ] {
            let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok, "{name}");
        }
        let settings = Settings::of(&conf);
        assert_eq!(settings.client_id, "me");
        assert_eq!(settings.bootstrap.as_deref(), Some("a:1,b"));
        assert_eq!(settings.queued_bytes_max, 2048);
        assert!(!settings.rebootstraps);
        assert_eq!(Settings::of(&Conf::default()).bootstrap, None);
    }

    #[test]
    fn a_topic_inherits_the_codec_unless_it_has_one() {
        let mut global = Conf::default();
        global.compression_codec = 3;
        assert_eq!(TopicSettings::of(&topic_conf(&[]), &global).codec, Codec::Lz4);
        let own = topic_conf(&[("compression.codec", "none")]);
        assert_eq!(TopicSettings::of(&own, &global).codec, Codec::default());
    }

    #[test]
    fn a_callback_wins_over_the_name_and_a_built_in_one_is_known() {
        let global = Conf::default();
        let named = TopicSettings::of(&topic_conf(&[("partitioner", "murmur2")]), &global);
        assert_eq!(named.partitioner, Partitioner::Murmur2);
        assert!(named.custom_partitioner.is_none());

        let mut conf = topic_conf(&[("partitioner", "murmur2")]);
        conf.partitioner_cb = Some(first);
        assert!(TopicSettings::of(&conf, &global).custom_partitioner.is_some());

        conf.built_in_partitioner_cb = Some(Partitioner::Fnv1a);
        let known = TopicSettings::of(&conf, &global);
        assert_eq!(known.partitioner, Partitioner::Fnv1a);
        assert!(known.custom_partitioner.is_none());

        conf.partitioner_cb = None;
        assert_eq!(TopicSettings::of(&conf, &global).partitioner, Partitioner::Murmur2);
    }
}
