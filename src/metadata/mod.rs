//! What is known of the cluster: when to ask, what an answer changes.
#![forbid(unsafe_code)]

pub(crate) mod apply;
pub(crate) mod hint;
pub(crate) mod refresh;
