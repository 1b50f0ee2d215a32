//! Produce, versions 0 to 10: the request's skeleton around record batches, and the response.
//!
//! The record data is written by `record/`, mostly into the request's own buffer; here are the
//! bytes around it.
#![forbid(unsafe_code)]

mod request;
mod response;

#[cfg(test)]
pub(crate) mod fields;
#[cfg(test)]
mod golden;
#[cfg(test)]
pub(crate) mod response_table;
#[cfg(test)]
pub(crate) mod scenario;
#[cfg(test)]
mod witness;

#[allow(unused_imports)] // Both sides' names: each build uses some of them.
pub(crate) use request::{
    OpenPartition, Request, RequestParams, RequestPartition, SinglePart, SingleWriter, Skeleton,
    read_request,
};
#[allow(unused_imports)]
pub(crate) use response::{
    NodeEndpoint, PartitionResult, PartitionView, RecordError, RecordErrors, Response,
    ResponseTail, has_one_partition, read_response, visit_response, write_response,
};

/// Highest version that the client speaks.
pub(crate) const VERSION_MAX: i16 = 10;
/// First version with compact forms and tags.
pub(crate) const FLEXIBLE_SINCE: i16 = 9;
/// Most topics that a request or a response may have.
const TOPICS_MAX: usize = 1_000_000;
/// Most partitions that a topic of a request or a response may have.
const PARTITIONS_MAX: usize = 100_000;
