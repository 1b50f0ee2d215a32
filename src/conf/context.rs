//! The debug contexts: one bit each in `Conf::debug`, and their words in the property `debug`.
#![forbid(unsafe_code)]

use super::property::{Word, word};

macro_rules! contexts {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $word:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: i32 = $value;)*
        /// The words of the property `debug`.
        pub(crate) const WORDS: &[Word] = &[$(word($word, $name)),*];
    };
}

contexts! {
    /// What fits nowhere else.
    GENERIC = 0x1, "generic";
    /// Connections and states of brokers.
    BROKER = 0x2, "broker";
    /// Topics and their partitions.
    TOPIC = 0x4, "topic";
    /// Metadata requests and answers.
    METADATA = 0x8, "metadata";
    /// Protocol features of brokers.
    FEATURE = 0x10, "feature";
    /// Message and event queues.
    QUEUE = 0x20, "queue";
    /// Messages and batches.
    MSG = 0x40, "msg";
    /// Requests and responses.
    PROTOCOL = 0x80, "protocol";
    /// A consumer's group.
    CGRP = 0x100, "cgrp";
    /// TLS and SASL.
    SECURITY = 0x200, "security";
    /// A consumer's fetches.
    FETCH = 0x400, "fetch";
    /// Interceptors.
    INTERCEPTOR = 0x800, "interceptor";
    /// Plug-ins.
    PLUGIN = 0x1000, "plugin";
    /// A consumer.
    CONSUMER = 0x2000, "consumer";
    /// Admin requests.
    ADMIN = 0x4000, "admin";
    /// Idempotence and transactions.
    EOS = 0x8000, "eos";
    /// The mock cluster.
    MOCK = 0x10000, "mock";
    /// A consumer's assignments.
    ASSIGNOR = 0x20000, "assignor";
    /// The configuration at start.
    CONF = 0x40000, "conf";
    /// Metrics pushed to the cluster.
    TELEMETRY = 0x80000, "telemetry";
    /// The batch collector of engine `v2`.
    BATCHCOL = 0x100000, "batchcol";
    /// All of them.
    ALL = 0x1fffff, "all";
}
