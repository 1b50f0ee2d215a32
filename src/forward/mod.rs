//! The neighbour: functions that belong to a real librdkafka. In this version there is none to pass them on to, so each
//! answers as the API documents for a client that cannot do it, and is safe with NULL.

pub(crate) mod absent;
mod admin_requests;
mod admin_results;
mod client;
mod consumer;
mod interceptor;
mod other;
mod share;
pub(crate) mod types;
