//! Many partitions in one request: the requests of one turn, each complete for its partition, are
//! joined (property `multibatch`).
#![forbid(unsafe_code)]

use std::cmp::Ordering;
use std::sync::Arc;

use super::request;
use super::response;
use crate::broker::request::{Handler, Request};
use crate::broker::thread::BrokerThread;
use crate::own::list::List;
use crate::own::msgbatch::Batch;
use crate::own::topic::Topic;
use crate::proto::produce::{RequestParams, Skeleton};
use crate::proto::wire::{Buffer, Write};
use crate::proto::{api, header};
use crate::sys::clock::Ts;

/// Joins the kept requests into as few as the size limit allows and puts those into the output
/// queue. Returns how many.
///
/// Historical: `rd_kafka_MultiBatchProduceRequest`.
pub(super) fn produce(thread: &mut BrokerThread, mut kept: List<Request>, now: Ts) -> usize {
    kept.sort_by(by_topic);
    let limit = thread.handle.settings.message_bytes_max;
    let mut rest = &mut kept[..];
    let mut count = 0;
    while !rest.is_empty() {
        let (taken, bytes) = select(rest, limit);
        let (part, others) = rest.split_at_mut(taken);
        join(thread, part, bytes, now);
        rest = others;
        count += 1;
    }
    count
}

/// The partitions of a topic stand together, in the order in which they were served. Quirk: history
/// sorts topics by address; here it is by age, which is as arbitrary but the same in each run.
///
/// Historical: `rd_kafka_buf_cmp_by_topic`.
pub(super) fn by_topic(a: &Request, b: &Request) -> Ordering {
    let (a, b) = (topic(a), topic(b));
    a.created().cmp(&b.created()).then_with(|| a.name().cmp(b.name()))
}

fn topic(request: &Request) -> Arc<Topic> {
    request.toppar().expect("a kept request has a batch").topic()
}

/// How many of the requests, from the first on, go into one, and their bytes. Each counts as a
/// whole, which is more than it will take; the first always fits.
///
/// Historical: `select_batches_to_include`.
pub(super) fn select(requests: &mut [Request], limit: usize) -> (usize, usize) {
    let mut bytes = 0;
    for (taken, request) in requests.iter_mut().enumerate() {
        let more = request.bytes().position();
        if taken > 0 && bytes + more > limit {
            return (taken, bytes);
        }
        bytes += more;
    }
    (requests.len(), bytes)
}

/// Makes one request of several.
fn join(thread: &mut BrokerThread, parts: &mut [Request], bytes: usize, now: Ts) {
    let Some(version) = parts.first().map(|first| first.version()) else { return };
    let block = thread.block(bytes);
    let mut request = Request::new(api::PRODUCE, version, block);
    let client_id = &thread.handle.settings.client_id;
    header::start(&mut request.bytes(), api::PRODUCE, version, client_id);
    fill_header(&parts[0], &mut request);
    let skeleton = Skeleton::new(version);
    let topics = parts.chunk_by(|a, b| Arc::ptr_eq(&topic(a), &topic(b))).count();
    skeleton.topics(&mut request.bytes(), topics);
    for of_topic in parts.chunk_by_mut(|a, b| Arc::ptr_eq(&topic(a), &topic(b))) {
        let name = topic(&of_topic[0]);
        let count = of_topic.len();
        let count_at = skeleton.open_topic(&mut request.bytes(), name.name().to_bytes(), count);
        for part in of_topic {
            let partition = part.toppar().map_or(-1, |toppar| toppar.partition());
            request.bytes().put_i32(partition);
            request.absorb(part);
        }
        finalize_topic(&mut request, count_at, count);
    }
    skeleton.end(&mut request.bytes());
    request.finalize();
    request.set_handler(Handler::Produce(response::handle_many));
    let left_ms = first_timeout_ms(request.batches(), now);
    request.set_expires(request::expires(left_ms, thread.handle.settings.socket_timeout_ms, now));
    thread.enqueue(request, now);
}

/// Writes what stands before the count of topics. Quirk: acks and timeout are those of the first
/// one.
///
/// Historical: `rd_kafka_fill_MultiBatch_header`.
pub(super) fn fill_header(first: &Request, request: &mut Request) {
    let first = topic(first);
    let params = RequestParams {
        version: request.version(),
        transactional_id: None,
        acks: first.settings.acks,
        timeout_ms: first.settings.request_timeout_ms,
    };
    if params.acks == 0 {
        request.expect_no_response();
    }
    Skeleton::params(&mut request.bytes(), &params);
}

/// Milliseconds until the first message of all the batches expires.
///
/// Historical: `get_first_msg_timeout`.
pub(super) fn first_timeout_ms<'a>(batches: impl Iterator<Item = Batch<'a>>, now: Ts) -> i64 {
    let first = |batch: Batch<'_>| batch.messages.front().map(|first| first.expires());
    let left_ms = batches.filter_map(first).map(|expires| (expires - now) / 1000);
    left_ms.min().unwrap_or(i64::MAX)
}

/// Writes the count of a topic's partitions at its place, and what stands behind the last one.
///
/// Historical: `finalize_topic_encoding`.
pub(super) fn finalize_topic(request: &mut Request, count_at: usize, count: usize) {
    let skeleton = Skeleton::new(request.version());
    skeleton.close_topic(&mut request.bytes(), count_at, count);
}
