//! The topic properties, one row each, in the historical order, and the struct `TopicConf` that
//! they make.
//!
//! A property is added here and nowhere else; `finalize.rs` has the rules between properties.
#![forbid(unsafe_code)]

use super::property::{
    App, Field, Flag, Importance, Kind, Modified, Properties, Property, Word, field_type,
    properties, row_kind, word,
};
use crate::abi::callbacks::{MsgOrderCmp, PartitionerCb};
use crate::abi::opaque::Opaque;
use crate::topic::partitioner::Partitioner;

const MAX: i32 = i32::MAX;

const ACKS: &[Word] = &[word("all", -1)];
const QUEUING: &[Word] = &[word("fifo", 0), word("lifo", 1)];
const CODEC: &[Word] = &[
    word("none", 0),
    word("gzip", 1),
    word("snappy", 2),
    word("lz4", 3),
    word("zstd", 4),
    word("inherit", 5),
];
const RESET: &[Word] = &[
    word("smallest", -2),
    word("earliest", -2),
    word("beginning", -2),
    word("largest", -1),
    word("latest", -1),
    word("end", -1),
    word("error", -1001),
];
const STORE: &[Word] = &[word("file", 1), word("broker", 2)];
const PARTITIONERS: &[&str] = &[
    "random",
    "consistent",
    "consistent_random",
    "murmur2",
    "murmur2_random",
    "fnv1a",
    "fnv1a_random",
];

/// Is it the name of a built-in partitioner?
fn is_partitioner(value: &[u8]) -> bool {
    PARTITIONERS.iter().any(|name| name.as_bytes() == value)
}

properties! {
    /// The configuration of a topic.
    struct TopicConf as TOPIC;
    extra {
        /// The built-in partitioner that `partitioner_cb` is, if it is one.
        built_in_partitioner_cb: Option<Partitioner>,
    }

    /// Acknowledgements the leader waits for: 0 none, 1 its own, -1 or `all` all in-sync
    /// replicas.
    required_acks: "request.required.acks" [Producer High] int_or_word(-1, 1_000, -1, ACKS);
    /// Same as `request.required.acks`.
    "acks" [Producer High] alias("request.required.acks");
    /// Time the broker may wait for the acknowledgements, in milliseconds.
    request_timeout_ms: "request.timeout.ms" [Producer Medium] int(1, 900_000, 30_000);
    /// Time from the produce call to the final result of a message, in milliseconds; 0 is no
    /// limit.
    message_timeout_ms: "message.timeout.ms" [Producer High] int(0, MAX, 300_000);
    /// Same as `message.timeout.ms`.
    "delivery.timeout.ms" [Producer High] alias("message.timeout.ms");
    /// Order in which queued messages are sent.
    queuing_strategy: "queuing.strategy" [Producer Low Deprecated Experimental] choice(0, QUEUING);
    /// Not used; delivery reports carry the offset in any case.
    produce_offset_report: "produce.offset.report" [Producer Low Deprecated] bool(false);
    /// Built-in partitioner: `random`, `consistent`, `consistent_random`, `murmur2`,
    /// `murmur2_random`, `fnv1a` or `fnv1a_random`.
    partitioner: "partitioner" [Producer High] checked_text("consistent_random", is_partitioner);
    /// Partitioner callback; see `rd_kafka_topic_conf_set_partitioner_cb()`.
    partitioner_cb: "partitioner_cb" [Producer Low] pointer(Option<PartitionerCb>);
    /// Message order callback; see `rd_kafka_topic_conf_set_msg_order_cmp()`.
    msg_order_cmp: "msg_order_cmp" [Producer Low Deprecated Experimental]
        pointer(Option<MsgOrderCmp>);
    /// Application pointer handed to the topic's callbacks; see
    /// `rd_kafka_topic_conf_set_opaque()`.
    opaque: "opaque" [Any Low] pointer(Opaque);
    /// Codec that compresses batches of this topic; `inherit` takes the global one.
    compression_codec: "compression.codec" [Producer High] choice(5, CODEC);
    /// Same as `compression.codec`.
    "compression.type" [Producer High] alias("compression.codec");
    /// Compression level, by codec; -1 is the codec's default.
    compression_level: "compression.level" [Producer Medium] int(-1, 12, -1);
    /// Commit offsets of the historical simple consumer in the background.
    auto_commit: "auto.commit.enable" [Consumer Low Deprecated] bool(true);
    /// Same as `auto.commit.enable`.
    "enable.auto.commit" [Consumer Low] alias("auto.commit.enable");
    /// Time between two offset commits of the simple consumer, in milliseconds.
    auto_commit_interval_ms: "auto.commit.interval.ms" [Consumer High] int(10, 86_400_000, 60_000);
    /// Where a consumer starts when there is no valid committed offset.
    auto_offset_reset: "auto.offset.reset" [Consumer High] choice(-1, RESET);
    /// Directory of offset files.
    offset_store_path: "offset.store.path" [Consumer Low Deprecated] text(Some("."));
    /// Time between two syncs of an offset file, in milliseconds; -1 disables them.
    offset_store_sync_interval_ms: "offset.store.sync.interval.ms" [Consumer Low Deprecated]
        int(-1, 86_400_000, -1);
    /// Where the simple consumer commits offsets.
    offset_store_method: "offset.store.method" [Consumer Low Deprecated] choice(2, STORE);
    /// Most messages of one callback-based consume call; 0 is no limit.
    consume_callback_max_msgs: "consume.callback.max.messages" [Consumer Low] int(0, 1_000_000, 0);
}
