//! Interesting places: a world says which of them it reached. One that no world of a full run
//! reaches is a fault of the simulator.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;

use crate::error::ErrorCode;

/// The places of one engine alone.
const OF_LEGACY: &[&str] = &["duplicate in another epoch"];
const OF_V2: &[&str] = &[
    "sent again byte by byte",
    "most partitions in a request",
    "adaptive batching",
    "partition waits a round",
];

/// Every place of an engine.
pub(crate) fn all(engine: &str) -> Vec<&'static str> {
    let own = if engine == "legacy" { OF_LEGACY } else { OF_V2 };
    ALL.iter().chain(own).copied().collect()
}

/// The places of every engine.
#[rustfmt::skip]
const ALL: &[&str] = &[
    // The network.
    "connection refused", "connection attempt without an answer", "send on a dead connection",
    "partial write", "full window", "reset", "closed by the broker", "cut inside a request",
    "cut inside an answer", "cut with requests in flight", "cut before an answer",
    "written and lost", "appended and cut off", "answer cut short", "answer split",
    "answer with a false count", "frame with a false length",
    // Requests.
    "several requests in flight", "retry", "third attempt", "duplicate in the log",
    "reordered in the log", "acks 0", "acks 1", "acks all", "codec none", "codec gzip",
    "codec snappy", "codec lz4", "codec zstd", "batch of one", "batch of many",
    "request timed out", "throttled", "request called back", "answer to nobody",
    "older Produce", "newest Produce", "older Metadata", "message format 0",
    "message format 1", "several partitions in a request", "several topics in a request",
    "partly written request purged", "partly written request timed out",
    // Partitions and leaders.
    "migration", "migration with messages in flight", "migration with a queued request",
    "migration target changed on the way", "partition without a leader", "leader hint",
    "partition added", "partitions gone and back", "topic gone and back", "broker gone from metadata and back",
    "log truncated", "metadata lie", "unassigned messages",
    // Brokers.
    "broker down", "all brokers down", "broker silent", "disconnect after timeouts",
    "idle connection closed", "broker thread ended", "sparse connections", "eager connections",
    // Reports.
    "timed out unassigned", "timed out in the queue", "timed out in flight",
    "retries exhausted", "permanent error", "queue full", "queue full of bytes",
    "purged from the queue",
    "purged in flight", "unknown topic refused", "unknown partition reported",
    // The application.
    "flush done", "flush timed out", "purge", "fatal error", "destroyed with messages",
    "slow poll", "wall clock jump", "suspended", "starved thread", "borrowed values",
    "last in, first out", "no time limit", "statistics",
    // Answers to Produce.
    "answer UNKNOWN_SERVER_ERROR", "answer CORRUPT_MESSAGE", "answer UNKNOWN_TOPIC_OR_PARTITION",
    "answer LEADER_NOT_AVAILABLE", "answer NOT_LEADER", "answer REQUEST_TIMED_OUT",
    "answer BROKER_NOT_AVAILABLE", "answer REPLICA_NOT_AVAILABLE", "answer MESSAGE_TOO_LARGE",
    "answer COORDINATOR_LOADING", "answer COORDINATOR_NOT_AVAILABLE", "answer NOT_COORDINATOR",
    "answer INVALID_TOPIC", "answer NOT_ENOUGH_REPLICAS",
    "answer NOT_ENOUGH_REPLICAS_AFTER_APPEND", "answer TOPIC_AUTHORIZATION_FAILED",
    "answer OUT_OF_ORDER_SEQUENCE", "answer KAFKA_STORAGE_ERROR", "answer INVALID_RECORD",
    "answer UNKNOWN_CODE",
];

/// Codes that brokers answer Produce with, and their places.
#[rustfmt::skip]
pub(crate) const ANSWERS: &[(ErrorCode, &str)] = &[
    (ErrorCode::UNKNOWN,                          "answer UNKNOWN_SERVER_ERROR"),
    (ErrorCode::INVALID_MSG,                      "answer CORRUPT_MESSAGE"),
    (ErrorCode::UNKNOWN_TOPIC_OR_PART,            "answer UNKNOWN_TOPIC_OR_PARTITION"),
    (ErrorCode::LEADER_NOT_AVAILABLE,             "answer LEADER_NOT_AVAILABLE"),
    (ErrorCode::NOT_LEADER_OR_FOLLOWER,           "answer NOT_LEADER"),
    (ErrorCode::REQUEST_TIMED_OUT,                "answer REQUEST_TIMED_OUT"),
    (ErrorCode::BROKER_NOT_AVAILABLE,             "answer BROKER_NOT_AVAILABLE"),
    (ErrorCode::REPLICA_NOT_AVAILABLE,            "answer REPLICA_NOT_AVAILABLE"),
    (ErrorCode::MSG_SIZE_TOO_LARGE,               "answer MESSAGE_TOO_LARGE"),
    (ErrorCode::GROUP_LOAD_IN_PROGRESS,           "answer COORDINATOR_LOADING"),
    (ErrorCode::GROUP_COORDINATOR_NOT_AVAILABLE,  "answer COORDINATOR_NOT_AVAILABLE"),
    (ErrorCode::NOT_COORDINATOR_FOR_GROUP,        "answer NOT_COORDINATOR"),
    (ErrorCode::TOPIC_EXCEPTION,                  "answer INVALID_TOPIC"),
    (ErrorCode::NOT_ENOUGH_REPLICAS,              "answer NOT_ENOUGH_REPLICAS"),
    (ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, "answer NOT_ENOUGH_REPLICAS_AFTER_APPEND"),
    (ErrorCode::TOPIC_AUTHORIZATION_FAILED,       "answer TOPIC_AUTHORIZATION_FAILED"),
    (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,     "answer OUT_OF_ORDER_SEQUENCE"),
    (ErrorCode::KAFKA_STORAGE_ERROR,              "answer KAFKA_STORAGE_ERROR"),
    (ErrorCode::INVALID_RECORD,                   "answer INVALID_RECORD"),
    (ErrorCode(31_999),                           "answer UNKNOWN_CODE"),
];

/// The places that a world reached.
#[derive(Default)]
pub(crate) struct Marks(BTreeSet<&'static str>);

impl Marks {
    /// The world reached a place.
    pub(crate) fn reach(&mut self, place: &'static str) {
        let is_known = [ALL, OF_LEGACY, OF_V2].iter().any(|list| list.contains(&place));
        debug_assert!(is_known, "{place} is no place");
        self.0.insert(place);
    }

    /// As [`Marks::reach`], if `is_there`.
    pub(crate) fn reach_if(&mut self, is_there: bool, place: &'static str) {
        if is_there {
            self.reach(place);
        }
    }

    /// All of them.
    pub(crate) fn take(&mut self) -> BTreeSet<&'static str> {
        std::mem::take(&mut self.0)
    }
}
