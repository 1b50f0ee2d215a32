//! The neighbour: functions that are not ours go to a real librdkafka, the peer; without one they
//! answer as if their part were not built in.
//!
//! `table/` has a row for each such function. Functions that make sense on both sides have their
//! door in `capi/`, which asks `both` when an object is not ours.

pub(crate) mod absent;
pub(crate) mod both;
pub(crate) mod call;
pub(crate) mod clients;
mod elf;
mod find;
pub(crate) mod headers;
mod lists;
pub(crate) mod peer;
pub(crate) mod queues;
mod replay;
pub(crate) mod shadow;
mod table;
