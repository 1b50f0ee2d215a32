//! The doors: every exported function. A door translates arguments, makes one call and translates
//! the answer; decisions are made behind it.

pub(crate) mod codes;
pub(crate) mod error_object;
pub(crate) mod headers;
pub(crate) mod memory;
pub(crate) mod partitioner;
pub(crate) mod topic_partition;
pub(crate) mod uuid;
pub(crate) mod version;
