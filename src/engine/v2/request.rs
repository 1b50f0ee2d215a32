//! A finished request on its way, and requests that come back before they were sent.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::context::{Context, Part};
use super::{response, state};
use crate::broker::request::{Handler, Joint, Outcome, Request};
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::own::toppar::Toppar;
use crate::proto::api;
use crate::sys::clock::Ts;
use crate::sys::lock::Mutex;

/// Time that a request gets whose first message should have been reported already, in milliseconds.
const LATE_TIMEOUT_MS: i64 = 100;

/// Round trips, in microseconds, for the engine that made the requests.
pub(super) type RoundTrips = Arc<Mutex<Vec<i64>>>;

/// The batches that a request carries.
struct Batches {
    parts: Vec<Part>,
    /// Where its round trip goes, if somebody wants to know.
    round_trips: Option<RoundTrips>,
}

impl Joint for Batches {
    fn contains(&self, toppar: &Arc<Toppar>) -> bool {
        self.parts.iter().any(|part| Arc::ptr_eq(&part.toppar, toppar))
    }

    #[cfg(any(test, feature = "testing"))]
    fn owners(&self) -> Vec<(Arc<Toppar>, usize)> {
        let owner = |part: &Part| (Arc::clone(&part.toppar), part.sealed.batch.len());
        self.parts.iter().map(owner).collect()
    }

    fn finish(self: Box<Self>, thread: &mut BrokerThread, outcome: &Outcome<'_>) {
        if let Some(round_trips) = self.round_trips
            && outcome.result.is_ok()
            && outcome.has_response
        {
            round_trips.lock().push(outcome.now.since(outcome.sent_at));
        }
        response::handle(thread, self.parts, outcome);
    }
}

/// Puts a request into the output queue.
pub(super) fn send(
    thread: &mut BrokerThread,
    context: Context,
    round_trips: Option<RoundTrips>,
    now: Ts,
) {
    let left_ms = (context.expires() - now) / 1000;
    let (mut request, parts) = context.finish(thread);
    state::measure_request(thread, request.len(), &parts);
    // The vector's memory stays where it is when the vector moves.
    let slots = parts.as_ptr().cast();
    let (messages, bytes) = state::messages_of(&parts);
    request.carry_v2(slots, parts.len(), i32::try_from(messages).unwrap_or(i32::MAX), bytes);
    request.set_handler(Handler::Joint(Box::new(Batches { parts, round_trips })));
    request.set_expires(expires(left_ms, thread.handle.settings.socket_timeout_ms, now));
    thread.enqueue(request, now);
}

/// An attempt ends with the first message's time limit, which comes in `left_ms`, and never lasts
/// longer than a socket may be silent.
fn expires(left_ms: i64, socket_timeout_ms: i64, now: Ts) -> Ts {
    let limit_ms = if left_ms <= 0 { LATE_TIMEOUT_MS } else { left_ms.min(i64::from(i32::MAX)) };
    now.plus_ms(limit_ms.min(socket_timeout_ms))
}

/// Ends the requests that are not on the wire yet.
fn end_unsent(
    thread: &mut BrokerThread,
    is_wanted: impl Fn(&dyn Joint) -> bool,
    code: ErrorCode,
    now: Ts,
) {
    let is_unsent = |request: &Request| {
        request.api() == api::PRODUCE
            && request.written() == 0
            && matches!(request.handler(), Some(Handler::Joint(joint)) if is_wanted(&**joint))
    };
    let mut unsent = thread.outbufs.take_where(is_unsent);
    while let Some(request) = unsent.pop_front() {
        request.finish(thread, Err(code), now);
    }
}

/// Purges the requests that are not on the wire yet, before the socket takes one.
pub(super) fn purge_unsent(thread: &mut BrokerThread, now: Ts) {
    end_unsent(thread, |_| true, ErrorCode::_PURGE_QUEUE, now);
}

/// Calls the requests back that are not on the wire yet: those with batches of a partition, or all.
/// The batches wait at their partitions again.
pub(super) fn call_back(thread: &mut BrokerThread, toppar: Option<&Arc<Toppar>>, now: Ts) {
    let has_his = |joint: &dyn Joint| toppar.is_none_or(|toppar| joint.contains(toppar));
    end_unsent(thread, has_his, ErrorCode::_RETRY, now);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_lasts_as_long_as_a_silent_socket_and_the_first_message() {
        let now = Ts(5_000_000);
        assert_eq!(expires(70_000, 60_000, now), now.plus_ms(60_000));
        assert_eq!(expires(700, 60_000, now), now.plus_ms(700));
        assert_eq!(expires(0, 60_000, now), now.plus_ms(100));
        assert_eq!(expires(i64::MAX, 60_000, now), now.plus_ms(60_000));
    }
}
