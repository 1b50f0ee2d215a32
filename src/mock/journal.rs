//! What was asked of the cluster, for tests. Nothing is written down until somebody asks for it.
#![forbid(unsafe_code)]

use crate::sys::clock::Ts;

/// One request that a broker received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// The broker that received it.
    pub broker_id: i32,
    /// The request's type.
    pub api_key: i16,
    /// When it was received, in microseconds of the monotonic clock.
    pub received_us: i64,
}

/// The list of requests since tracking began.
#[derive(Default)]
pub(crate) struct Journal {
    is_on: bool,
    requests: Vec<Request>,
}

impl Journal {
    /// Begins a new list.
    pub(crate) fn start(&mut self) {
        self.requests.clear();
        self.is_on = true;
    }

    /// Stops, and forgets the list.
    pub(crate) fn stop(&mut self) {
        self.requests = Vec::new();
        self.is_on = false;
    }

    /// Forgets the list and goes on.
    pub(crate) fn clear(&mut self) {
        self.requests.clear();
    }

    /// The list so far, in the order of arrival.
    pub(crate) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Notes a request, if tracking is on.
    pub(crate) fn record(&mut self, broker_id: i32, api_key: i16, now: Ts) {
        if self.is_on {
            self.requests.push(Request { broker_id, api_key, received_us: now.0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_requests_between_start_and_stop_are_kept() {
        let mut journal = Journal::default();
        journal.record(1, 3, Ts(1));
        journal.start();
        journal.record(1, 0, Ts(2));
        assert_eq!(journal.requests(), [Request { broker_id: 1, api_key: 0, received_us: 2 }]);
        journal.clear();
        journal.record(2, 0, Ts(3));
        assert_eq!(journal.requests().len(), 1);
        journal.stop();
        assert!(journal.requests().is_empty());
    }
}
