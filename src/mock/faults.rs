//! Errors that were pushed for requests to come: a stack per request type, for the cluster, a
//! broker or a partition.
//!
//! Who asks for the next one, and what the error does, is up to `connection.rs` and the handlers.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, VecDeque};

use crate::error::ErrorCode;

/// What happens to one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fault {
    /// The answer's error code. `_TRANSPORT` closes the connection instead of an answer.
    pub error: ErrorCode,
    /// How long the answer waits, in milliseconds; 0 leaves the broker's own round-trip time.
    pub rtt_ms: i32,
}

/// The faults that wait for requests, first in, first out for each request type.
#[derive(Default)]
pub(crate) struct Faults(BTreeMap<i16, VecDeque<Fault>>);

impl Faults {
    /// Adds faults for the next requests of a type.
    pub(crate) fn push(&mut self, api_key: i16, faults: impl IntoIterator<Item = Fault>) {
        self.0.entry(api_key).or_default().extend(faults);
    }

    /// Takes the fault of a request that just arrived.
    pub(crate) fn take(&mut self, api_key: i16) -> Option<Fault> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get_mut(&api_key)?.pop_front()
    }

    /// How many faults wait for a type.
    pub(crate) fn count(&self, api_key: i16) -> usize {
        self.0.get(&api_key).map_or(0, VecDeque::len)
    }

    /// Forgets those of a type.
    pub(crate) fn clear(&mut self, api_key: i16) {
        self.0.remove(&api_key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(code: i32) -> Fault {
        Fault { error: ErrorCode(code), rtt_ms: 0 }
    }

    #[test]
    fn faults_come_in_the_order_they_were_pushed_and_by_type() {
        let mut faults = Faults::default();
        faults.push(0, [fault(6), fault(7)]);
        faults.push(3, [fault(5)]);
        assert_eq!(faults.count(0), 2);
        assert_eq!(faults.take(0), Some(fault(6)));
        assert_eq!(faults.take(0), Some(fault(7)));
        assert_eq!(faults.take(0), None);
        faults.clear(3);
        assert_eq!(faults.take(3), None);
    }
}
