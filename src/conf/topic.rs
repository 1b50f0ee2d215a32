//! The topic properties: one line each, in the historical order; what a release added stands where that release put it.
#![forbid(unsafe_code)]

use super::property::{DEPRECATED, EXPERIMENTAL, Importance::*, Kind, PLAIN, Property, Role::*, row};

/// The table.
#[rustfmt::skip]
pub(crate) static TOPIC: &[Property] = &[
    row("request.required.acks", Producer, High, PLAIN, Kind::Int { min: -1, max: 1000, default: -1, names: &[("all", -1)] }, "Acknowledgements that a broker waits for: 0 none, -1 or `all` all replicas in sync."),
    row("acks", Producer, High, PLAIN, Kind::Alias("request.required.acks"), "Alias of `request.required.acks`."),
    row("request.timeout.ms", Producer, Medium, PLAIN, Kind::Int { min: 1, max: 900000, default: 30000, names: &[] }, "Milliseconds that the broker may wait for acknowledgements."),
    row("message.timeout.ms", Producer, High, PLAIN, Kind::Int { min: 0, max: 2147483647, default: 300000, names: &[] }, "Milliseconds until a message is reported, delivered or not, retries included. 0: no limit."),
    row("delivery.timeout.ms", Producer, High, PLAIN, Kind::Alias("message.timeout.ms"), "Alias of `message.timeout.ms`."),
    row("queuing.strategy", Producer, Low, DEPRECATED | EXPERIMENTAL, Kind::Enum { names: &[("fifo", 0), ("lifo", 1)], default: 0 }, "Order in which a partition's messages are sent."),
    row("produce.offset.report", Producer, Low, DEPRECATED, Kind::Bool(false), "Not used: offsets are always reported."),
    row("partitioner", Producer, High, PLAIN, Kind::Text(Some("consistent_random")), "Partitioner of messages without a partition."),
    row("partitioner_cb", Producer, Low, PLAIN, Kind::Pointer, "Partitioner callback, set by `rd_kafka_topic_conf_set_partitioner_cb()`."),
    row("msg_order_cmp", Producer, Low, DEPRECATED | EXPERIMENTAL, Kind::Pointer, "Message order callback, set by `rd_kafka_topic_conf_set_msg_order_cmp()`."),
    row("opaque", Any, Low, PLAIN, Kind::Pointer, "The application's pointer, given to callbacks."),
    row("compression.codec", Producer, High, PLAIN, Kind::Enum { names: &[("none", 0), ("gzip", 1), ("snappy", 2), ("lz4", 3), ("zstd", 4), ("inherit", 5)], default: 5 }, "Codec of batches."),
    row("compression.type", Producer, High, PLAIN, Kind::Alias("compression.codec"), "Alias of `compression.codec`."),
    row("compression.level", Producer, Medium, PLAIN, Kind::Int { min: -1, max: 12, default: -1, names: &[] }, "Level of the codec; -1 is the codec's default."),
    row("auto.commit.enable", Consumer, Low, DEPRECATED, Kind::Bool(true), "Commit offsets of the simple consumer in the background."),
    row("enable.auto.commit", Consumer, Low, PLAIN, Kind::Alias("auto.commit.enable"), "Alias of `auto.commit.enable`."),
    row("auto.commit.interval.ms", Consumer, High, PLAIN, Kind::Int { min: 10, max: 86400000, default: 60000, names: &[] }, "Milliseconds between background commits."),
    row("auto.offset.reset", Consumer, High, PLAIN, Kind::Enum { names: &[("smallest", -2), ("earliest", -2), ("beginning", -2), ("largest", -1), ("latest", -1), ("end", -1), ("error", -1001)], default: -1 }, "Where to start when there is no offset."),
    row("offset.store.path", Consumer, Low, DEPRECATED, Kind::Text(Some(".")), "Directory of offset files."),
    row("offset.store.sync.interval.ms", Consumer, Low, DEPRECATED, Kind::Int { min: -1, max: 86400000, default: -1, names: &[] }, "Milliseconds between syncs of offset files."),
    row("offset.store.method", Consumer, Low, DEPRECATED, Kind::Enum { names: &[("file", 1), ("broker", 2)], default: 2 }, "Where offsets are stored."),
    row("consume.callback.max.messages", Consumer, Low, PLAIN, Kind::Int { min: 0, max: 1000000, default: 0, names: &[] }, "Most messages of one call of `rd_kafka_consume_callback*()`."),
];
