//! One Produce request for one partition, sent or kept to be joined with others.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::response;
use super::writer::{self, Compressors, Source, Written};
use crate::broker::request::{Handler, Request};
use crate::broker::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::log::context;
use crate::own::eos::BatchIds;
use crate::own::list::List;
use crate::own::toppar::Toppar;
use crate::proto::api;
use crate::proto::produce::SingleWriter;
use crate::sys::clock::Ts;

/// Time that a request gets whose first message should have been reported already, in milliseconds.
const LATE_TIMEOUT_MS: i64 = 100;

/// Makes a request of the source's messages. It goes into the output queue, or, if `kept` is given,
/// there: it is not complete then. Returns how many messages it has; 0: nothing could be made.
///
/// Historical: `rd_kafka_ProduceRequest`.
pub(super) fn produce(
    thread: &mut BrokerThread,
    source: &mut Source<'_>,
    compressors: &mut Compressors,
    kept: Option<&mut List<Request>>,
    now: Ts,
) -> usize {
    let Some(mut written) = writer::create(thread, source, compressors, now) else { return 0 };
    if thread.handle.has_stats {
        measure(thread, source, &mut written, now);
    }
    let mut request = written.request;
    let Some(batch) = request.batch() else { return 0 };
    let count = batch.messages.len();
    tell(thread, source, count, &batch.ids);
    let first = batch.messages.front().map_or(Ts::MAX, |first| first.expires());
    if source.topic.settings.acks == 0 {
        request.expect_no_response();
    }
    if let Some(kept) = kept {
        kept.push(request);
        return count;
    }
    let version = request.version();
    SingleWriter::end(&mut request.bytes(), version);
    request.finalize();
    request.set_handler(Handler::Produce(response::handle));
    let left_ms = (first - now) / 1000;
    request.set_expires(expires(left_ms, thread.handle.settings.socket_timeout_ms, now));
    thread.enqueue(request, now);
    count
}

/// The debug line of a batch that was sent before.
fn tell(thread: &BrokerThread, source: &Source<'_>, count: usize, ids: &BatchIds) {
    if ids.last_msgid == 0 || !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let (name, partition) = (source.topic.display_name(), source.toppar.partition());
    let (first, last) = (ids.first_msgid, ids.last_msgid);
    let text = format_args!(
        "{name} [{partition}]: Reconstructed MessageSet ({count} message(s), MsgIds \
         {first}..{last})"
    );
    thread.debug(context::MSG, "PRODUCE", text);
}

/// Adds a batch to the windows of the statistics.
fn measure(thread: &BrokerThread, source: &Source<'_>, written: &mut Written, now: Ts) {
    let Some(batch) = written.request.batch() else { return };
    let messages = &batch.messages;
    let latencies = messages.iter().map(|message| now.since(message.enqueued()));
    thread.broker.windows().int_latency.add_all(latencies);
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut windows = source.topic.windows(&thread.handle.settings);
    windows.batch_bytes.add(number(written.set_bytes));
    windows.batch_messages.add(number(messages.len()));
}

/// An attempt ends with the first message's time limit, which comes in `left_ms`, and never lasts
/// longer than a socket may be silent.
pub(super) fn expires(left_ms: i64, socket_timeout_ms: i64, now: Ts) -> Ts {
    let limit_ms = if left_ms <= 0 { LATE_TIMEOUT_MS } else { left_ms.min(i64::from(i32::MAX)) };
    now.plus_ms(limit_ms.min(socket_timeout_ms))
}

/// Purges the requests that are not on the wire yet, before the socket takes one.
pub(super) fn purge_unsent(thread: &mut BrokerThread, now: Ts) {
    let mut unsent = thread
        .outbufs
        .take_where(|request| request.api() == api::PRODUCE && request.written() == 0);
    while let Some(request) = unsent.pop_front() {
        request.finish(thread, Err(ErrorCode::_PURGE_QUEUE), now);
    }
}

/// Calls the partition's requests back that are not on the wire yet; their messages go back to the
/// partition.
///
/// Historical: `rd_kafka_broker_bufq_purge_by_toppar`.
pub(super) fn call_back(thread: &mut BrokerThread, toppar: &Arc<Toppar>, now: Ts) {
    let mut his = thread.outbufs.take_where(|request| {
        request.api() == api::PRODUCE && request.contains(toppar) && request.written() == 0
    });
    while let Some(request) = his.pop_front() {
        request.finish(thread, Err(ErrorCode::_RETRY), now);
    }
}
