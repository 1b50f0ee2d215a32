//! Station 1 of 9: the doors, one file per section of the public header. After:
//! [`client`](crate::client).
//!
//! A door turns C values into Rust values, asks the core, and turns the answer into C values; it
//! decides nothing.
#![allow(non_snake_case)]

#[cfg(test)]
#[path = "golden/tests.rs"]
mod golden;

pub(crate) mod from_c;
pub(crate) mod into_c;

pub(crate) mod absent;
pub(crate) mod codes;
pub(crate) mod conf;
pub(crate) mod error_object;
pub(crate) mod event;
pub(crate) mod handle;
pub(crate) mod headers;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod message;
pub(crate) mod metadata;
pub(crate) mod mock;
pub(crate) mod mock_journal;
pub(crate) mod partitioner;
pub(crate) mod poll;
pub(crate) mod produce;
pub(crate) mod produceva;
pub(crate) mod queue;
pub(crate) mod sasl;
pub(crate) mod topic;
pub(crate) mod topic_conf;
pub(crate) mod topic_partition;
pub(crate) mod txn;
pub(crate) mod uuid;
pub(crate) mod variadic;
pub(crate) mod version;
