//! Configuration: `Conf` and `TopicConf` are plain values, made from two property tables.
//!
//! A value is set by name (`set`), printed (`dump`) and checked against the others when an instance
//! is made (`finalize`). Nothing here keeps state or asks the system for anything.
#![forbid(unsafe_code)]

pub(crate) mod context;
pub(crate) mod dump;
pub(crate) mod engine;
pub(crate) mod finalize;
pub(crate) mod global;
mod number;
pub(crate) mod property;
mod security;
pub(crate) mod set;
pub(crate) mod settings;
pub(crate) mod topic;
pub(crate) mod value;

pub(crate) use engine::{ENGINE_VARIABLE, Engine};
pub(crate) use finalize::{ReportMode, Surroundings};
pub(crate) use global::Conf;
pub(crate) use property::Properties;
pub(crate) use set::{SetAnswer, SetResult};
pub(crate) use topic::TopicConf;
pub(crate) use value::{Cert, Hook, Marked, Object, Secret, Text};

/// `queuing.strategy`: in the order of the produce calls.
pub(crate) const QUEUING_FIFO: i32 = 0;
/// `queuing.strategy`: the newest message first.
pub(crate) const QUEUING_LIFO: i32 = 1;
/// `compression.codec` of a topic: the instance's codec.
pub(crate) const CODEC_INHERIT: i32 = 5;
/// `security.protocol`: TCP without TLS and SASL.
pub(crate) const SECURITY_PLAINTEXT: i32 = 0;
/// `metadata.recovery.strategy`: start over from the first servers.
pub(crate) const RECOVERY_REBOOTSTRAP: i32 = 1;

/// Syslog level of a line that asks for attention.
pub(crate) const LOG_WARNING: i32 = 4;
/// Syslog level of a line that is normal and worth reading.
pub(crate) const LOG_NOTICE: i32 = 5;
/// Syslog level of a line that informs.
pub(crate) const LOG_INFO: i32 = 6;
