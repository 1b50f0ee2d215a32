//! Engine `legacy`: the historical producer, one partition per request.

pub(crate) mod explain;
mod exports;
pub(crate) mod format;
pub(crate) mod gate;
pub(crate) mod idempotence;
mod linger;
pub(crate) mod multibatch;
pub(crate) mod outcome;
pub(crate) mod purge;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod writer;

pub(crate) use serve::Engine;
