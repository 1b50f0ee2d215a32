//! What scripted worlds ask about afterwards.
#![forbid(unsafe_code)]

use super::report::Reported;
use crate::sys::clock::Ts;

/// What a script asks about afterwards.
#[derive(Default)]
pub(crate) struct Record {
    /// Produce requests that are on the wire as a whole.
    pub(crate) requests: Vec<Sent>,
    /// Reports.
    pub(crate) reports: Vec<(Ts, Reported)>,
    /// Documents of statistics.
    pub(crate) documents: Vec<String>,
}

/// A Produce request.
#[allow(dead_code)] // Only scenes ask.
pub(crate) struct Sent {
    /// When it was written.
    pub(crate) at: Ts,
    /// To which broker.
    pub(crate) broker: i32,
    /// Its bytes, without the length.
    pub(crate) len: usize,
    /// Its batches, in their order: topic, partition, messages.
    pub(crate) batches: Vec<(usize, i32, Vec<u32>)>,
}
