//! Topics: which partition a message goes to, and what is known of a topic and its partitions.
#![forbid(unsafe_code)]

pub(crate) mod partitioner;
