//! One Produce request for one partition.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::response;
use super::serve::Slot;
use super::writer::{self, Written};
use crate::broker::request::Outcome;
use crate::broker::thread::BrokerThread;
use crate::codec::Compressor;
use crate::error::ErrorCode;
use crate::own::msgq::MsgQueue;
use crate::own::toppar::Toppar;
use crate::proto::api;
use crate::sys::clock::Ts;

/// Time that a request gets whose first message should have been reported already, in milliseconds.
const LATE_TIMEOUT_MS: i64 = 100;

/// The messages of one partition in one request.
pub(super) struct Batch {
    /// The partition.
    pub(super) toppar: Arc<Toppar>,
    /// The messages.
    pub(super) messages: MsgQueue,
}

/// Makes a request of the slot's messages and puts it into the output queue. `false`: nothing could
/// be made.
///
/// Historical: `rd_kafka_ProduceRequest`.
pub(super) fn produce(
    thread: &mut BrokerThread,
    slot: &mut Slot,
    compressors: &mut Vec<((i16, i32), Compressor)>,
    now: Ts,
) -> bool {
    let Some(mut written) = writer::write(thread, slot, compressors, now) else { return false };
    if thread.handle.has_stats {
        measure(thread, slot, &mut written, now);
    }
    let mut request = written.request;
    let (first, count, bytes) = {
        let mut batch = request.batch();
        let messages = batch.messages();
        let first = messages.front().map_or(Ts::MAX, |first| first.expires());
        (first, messages.len(), u64::try_from(messages.bytes()).unwrap_or(0))
    };
    slot.toppar.counters.tx_messages.fetch_add(count as u64, Ordering::Relaxed);
    slot.toppar.counters.tx_bytes.fetch_add(bytes, Ordering::Relaxed);
    let in_flight = i32::try_from(count).unwrap_or(i32::MAX);
    slot.toppar.in_flight.fetch_add(in_flight, Ordering::AcqRel);
    let toppar = Arc::clone(&slot.toppar);
    request.set_handler(Box::new(
        move |thread: &mut BrokerThread, messages, outcome: Outcome<'_>| {
            response::handle(thread, Batch { toppar, messages }, &outcome);
        },
    ));
    if slot.topic.settings.acks == 0 {
        request.expect_no_response();
    }
    request.set_expires(expires(first, thread.handle.settings.socket_timeout_ms, now));
    thread.enqueue(request, now);
    true
}

/// Adds a batch to the windows of the statistics.
fn measure(thread: &BrokerThread, slot: &Slot, written: &mut Written, now: Ts) {
    let mut batch = written.request.batch();
    let messages = batch.messages();
    {
        let mut windows = thread.broker.windows();
        for message in messages.iter() {
            windows.int_latency.add(now.since(message.enqueued()));
        }
    }
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut windows = slot.topic.windows(&thread.handle.settings);
    windows.batch_bytes.add(number(written.set_bytes));
    windows.batch_messages.add(number(messages.len()));
}

/// An attempt ends with the first message's time limit, and never lasts longer than a socket may be
/// silent.
fn expires(first: Ts, socket_timeout_ms: i64, now: Ts) -> Ts {
    let left_ms = (first - now) / 1000;
    let limit_ms = if left_ms <= 0 { LATE_TIMEOUT_MS } else { left_ms.min(i64::from(i32::MAX)) };
    now.plus_ms(limit_ms.min(socket_timeout_ms))
}

/// Calls the partition's requests back that are not on the wire yet; their messages go back to the
/// partition.
///
/// Historical: `rd_kafka_broker_bufq_purge_by_toppar`.
pub(super) fn call_back(thread: &mut BrokerThread, toppar: &Arc<Toppar>, now: Ts) {
    let mut his = thread.outbufs.take_where(|request| {
        request.api() == api::PRODUCE && request.is_of(toppar) && request.written() == 0
    });
    while let Some(request) = his.pop_front() {
        request.finish(thread, Err(ErrorCode::_RETRY), now);
    }
}
