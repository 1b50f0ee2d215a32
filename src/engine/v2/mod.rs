//! Engine `v2`: many partitions in one request.
//!
//! A partition with news joins the broker's collector; when that is due, one turn makes requests of
//! all partitions that may send, one batch of each. A batch is sealed once and sent again as it is.

pub(crate) mod adaptive;
pub(crate) mod calculator;
pub(crate) mod collector;
pub(crate) mod context;
pub(crate) mod explain;
mod exports;
pub(crate) mod format;
pub(crate) mod gate;
pub(crate) mod idempotence;
pub(crate) mod outcome;
pub(crate) mod purge;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod sealed;
pub(crate) mod serve;
pub(crate) mod state;
pub(crate) mod store;
pub(crate) mod writer;

pub(crate) use serve::Engine;
