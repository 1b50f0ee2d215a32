//! What a C harness needs beside `exports.rs` (feature `c-harness`): a broker whose thread it steps
//! itself, partitions and messages of it, answers; and the formerly static functions, whose bare
//! names would be in the way of a host program.

use std::ffi::{c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

use super::{Stepped, stepped, xmit};
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::buf::rd_kafka_buf_t;
use crate::abi::internal_codes::RD_KAFKA_PRODUCE_LEGACY;
use crate::abi::msg::rd_kafka_msg_t;
use crate::abi::msgbatch::rd_kafka_msgbatch_t;
use crate::abi::produce_result::rd_kafka_Produce_result_t;
use crate::abi::public::{rd_kafka_resp_err_t, rd_kafka_t, rd_kafka_topic_t};
use crate::abi::rd::{rd_list_t, rd_ts_t};
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::broker::request::{Outcome, Request};
use crate::broker::thread::BrokerThread;
use crate::conf;
use crate::engine::legacy::serve::Engine;
use crate::engine::legacy::store::Store;
use crate::engine::legacy::{multibatch, outcome, request, response};
use crate::engine::seam::ProducerEngine;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::own::broker::{Broker, BrokerSource, BrokerState};
use crate::own::list::List;
use crate::own::mark::{self, Mark};
use crate::own::msg::{Msg, NewMessage, Value};
use crate::own::msgbatch::Batch;
use crate::own::produce_result::ProduceResult;
use crate::own::segbuf::Block;
use crate::own::topic::{Topic, TopicHandle, weak};
use crate::own::toppar::Toppar;
use crate::proto::api;
use crate::proto::features::{ApiRange, ApiVersions};
use crate::proto::wire::{Buffer, Write};
use crate::sys::clock::Ts;
use crate::sys::fence::export;

/// The newest version of Fetch and FindCoordinator that a harness's broker offers: those decide on
/// message formats and codecs.
const FETCH_MAX: i16 = 16;
const FIND_COORDINATOR_MAX: i16 = 4;

/// The partition of a batch or a queue that C code passes, and its topic.
pub(super) struct Parts {
    pub(super) toppar: Arc<Toppar>,
    pub(super) topic: Arc<Topic>,
}

/// # Safety
/// `rktp` is NULL or a live partition.
pub(super) unsafe fn parts(rktp: *mut rd_kafka_toppar_t) -> Option<Parts> {
    // SAFETY: the caller's contract.
    let toppar = unsafe { Toppar::of_c(rktp) }?;
    let topic = toppar.topic();
    Some(Parts { toppar, topic })
}

/// A request that C code keeps.
///
/// # Safety
/// `rkbuf` is NULL or a live request that nobody else uses.
pub(super) unsafe fn borrowed(rkbuf: *mut rd_kafka_buf_t) -> Option<ManuallyDrop<Request>> {
    // SAFETY: the caller's contract; the request is not dropped here.
    NonNull::new(rkbuf).map(|raw| ManuallyDrop::new(unsafe { Request::from_raw(raw) }))
}

export! {
    /// A broker without a thread and without a connection: it is up, and offers Produce up to
    /// version `produce_max`. Freed with `rd_kafka_harness_broker_destroy`, before the instance.
    ///
    /// # Safety
    /// `rk` is a live producer of engine `legacy`.
    fn rd_kafka_harness_broker_new(
        rk: *mut rd_kafka_t,
        nodeid: i32,
        produce_max: i16,
    ) -> *mut rd_kafka_broker_t {
        // SAFETY: the mark is an instance's first field; the caller's instance keeps its reference.
        let handle = unsafe {
            if !mark::is(rk, Mark::HANDLE) {
                return std::ptr::null_mut();
            }
            Arc::clone(&ManuallyDrop::new(Arc::from_raw(rk.cast::<Handle>().cast_const())))
        };
        let Ok(broker) = Broker::new(BrokerSource::Learned, nodeid, "harness", 9092) else {
            return std::ptr::null_mut();
        };
        if handle.conf.engine != conf::Engine::Legacy {
            return std::ptr::null_mut();
        }
        broker.set_state(BrokerState::Up, handle.now());
        let mut thread = BrokerThread::new(handle, Arc::clone(&broker));
        let range = |api, max| ApiRange { api, min: 0, max };
        thread.versions = ApiVersions::new(vec![
            range(api::PRODUCE, produce_max),
            range(api::FETCH, FETCH_MAX),
            range(api::FIND_COORDINATOR, FIND_COORDINATOR_MAX),
        ]);
        let state = Box::into_raw(Box::new(Stepped { thread, engine: Engine::new() }));
        broker.set_thread_state(state.cast::<c_void>());
        broker.as_c()
    }

    /// Frees a harness's broker: its requests are failed with `_DESTROY`.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new`; it is not used again.
    fn rd_kafka_harness_broker_destroy(rkb: *mut rd_kafka_broker_t) {
        // SAFETY: the caller's contract.
        let state =
            unsafe { Broker::thread_state(rkb, RD_KAFKA_PRODUCE_LEGACY).cast::<Stepped>() };
        if state.is_null() {
            return;
        }
        // SAFETY: the state came from a box in `new`; with the last reference the broker goes.
        let mut stepped = unsafe { Box::from_raw(state) };
        let now = stepped.thread.handle.now();
        for mut queue in [
            std::mem::take(&mut stepped.thread.outbufs),
            std::mem::take(&mut stepped.thread.waitresps),
        ] {
            while let Some(request) = queue.pop_front() {
                request.finish(&mut stepped.thread, Err(ErrorCode::_DESTROY), now);
            }
        }
        let Stepped { thread, engine } = &mut *stepped;
        engine.end(thread, now);
    }

    /// A partition that a harness's broker serves. Freed with `rd_kafka_harness_toppar_destroy`.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new`; `rkt` is a live topic object of its instance.
    fn rd_kafka_harness_toppar_new(
        rkb: *mut rd_kafka_broker_t,
        rkt: *mut rd_kafka_topic_t,
        partition: i32,
    ) -> *mut rd_kafka_toppar_t {
        // SAFETY: the caller's contract.
        let (stepped, topic) = unsafe { (stepped(rkb), TopicHandle::borrow(rkt)) };
        let (Some(stepped), Some(topic)) = (stepped, topic) else { return std::ptr::null_mut() };
        let store = Store::boxed(&stepped.thread.handle.settings, topic.order);
        let toppar = Toppar::new(weak(topic), partition, store);
        toppar.lock().set_broker(Some(Arc::clone(&stepped.thread.broker)));
        let as_c = toppar.as_c();
        std::mem::forget(toppar);
        as_c
    }

    /// Frees a harness's partition, with the messages on its queues.
    ///
    /// # Safety
    /// `rktp` came from `rd_kafka_harness_toppar_new`; it is not used again.
    fn rd_kafka_harness_toppar_destroy(rktp: *mut rd_kafka_toppar_t) {
        if !rktp.is_null() {
            // SAFETY: the reference that `new` forgot is given back.
            let toppar = unsafe { Arc::from_raw(rktp.cast::<Toppar>().cast_const()) };
            toppar.lock().let_brokers_go();
        }
    }

    /// A message; value and key are copied. It belongs to the caller until it is put onto a queue.
    ///
    /// # Safety
    /// `rkt` is a live topic object; `payload` and `key` are NULL or readable for their lengths.
    fn rd_kafka_harness_msg_new(
        rkt: *mut rd_kafka_topic_t,
        payload: *const c_void,
        len: usize,
        key: *const c_void,
        keylen: usize,
    ) -> *mut rd_kafka_msg_t {
        // SAFETY: the caller's contract.
        let Some(topic) = (unsafe { TopicHandle::borrow(rkt) }) else {
            return std::ptr::null_mut();
        };
        let Some(handle) = Handle::of_topic(topic) else { return std::ptr::null_mut() };
        if !topic.account.try_admit(len) {
            return std::ptr::null_mut();
        }
        let bytes = |at: *const c_void, len| {
            // SAFETY: the caller's contract.
            (!at.is_null()).then(|| unsafe { std::slice::from_raw_parts(at.cast::<u8>(), len) })
        };
        let now = handle.now();
        let message = Msg::new(
            topic,
            NewMessage {
                partition: -1,
                value: bytes(payload, len).map_or(Value::Null(0), Value::Copy),
                key: bytes(key, keylen),
                headers: None,
                timestamp_ms: handle.wall_ms(now),
                opaque: std::ptr::null_mut(),
                now,
                expires: now.plus_ms(topic.settings.message_timeout_ms),
            },
        );
        message.into_raw()
    }

    /// Moves the messages of a partition's produce queue to its transmit queue, as its thread does.
    ///
    /// # Safety
    /// `rktp` came from `rd_kafka_harness_toppar_new`.
    fn rd_kafka_harness_take(rktp: *mut rd_kafka_toppar_t) {
        // SAFETY: the caller's contract.
        let Some(Parts { toppar, .. }) = (unsafe { parts(rktp) }) else { return };
        // SAFETY: as above: this is the partition's thread.
        let mut xmit = unsafe { xmit(rktp) };
        if let Some((store, queue)) = toppar.lock().store::<Store>() {
            store.take_into(queue, &mut xmit);
        }
    }

    /// The bytes of an answer, behind its header, as `rd_kafka_handle_Produce` takes them. Freed
    /// with `rd_kafka_buf_destroy_final`.
    ///
    /// # Safety
    /// `bytes` is readable for `len`.
    fn rd_kafka_harness_reply_new(bytes: *const c_char, len: usize) -> *mut rd_kafka_buf_t {
        let mut reply = Request::new(api::PRODUCE, 0, Block::new(len));
        if len > 0 {
            // SAFETY: the caller's contract.
            reply.bytes().put(unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), len) });
        }
        reply.into_raw().as_ptr()
    }

    /// The broker's thread takes one turn of its engine; returns when it wants the next one.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new`.
    fn rd_kafka_harness_serve(rkb: *mut rd_kafka_broker_t, now: rd_ts_t) -> rd_ts_t {
        // SAFETY: the caller's contract.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return now };
        stepped.engine.serve(&mut stepped.thread, Ts(now)).0
    }

    /// Drops the first request of the output queue, as if the socket had taken it and its answer
    /// had been handled.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new`.
    fn rd_kafka_harness_forget(rkb: *mut rd_kafka_broker_t) {
        // SAFETY: the caller's contract.
        if let Some(stepped) = unsafe { stepped(rkb) } {
            drop(stepped.thread.outbufs.pop_front());
        }
    }

    /// The engine serves the partition from now on, in `rd_kafka_harness_serve`; functions that
    /// take the partition's queues directly are not for it any more.
    ///
    /// # Safety
    /// `rkb` and `rktp` came from this file's functions.
    fn rd_kafka_harness_join(rkb: *mut rd_kafka_broker_t, rktp: *mut rd_kafka_toppar_t) {
        // SAFETY: the caller's contract.
        let (stepped, parts) = unsafe { (stepped(rkb), parts(rktp)) };
        let (Some(stepped), Some(parts)) = (stepped, parts) else { return };
        let now = stepped.thread.handle.now();
        stepped.engine.partition_join(&mut stepped.thread, &parts.toppar, now);
    }
}

export! {
    /// Are there messages of a partition in a request? See [`Request::contains`].
    ///
    /// # Safety
    /// `rkbuf` is a live request, `rktp` a live partition.
    fn buf_contains_toppar(rkbuf: *mut rd_kafka_buf_t, rktp: *mut rd_kafka_toppar_t) -> bool {
        // SAFETY: the caller's contract.
        let (request, parts) = unsafe { (borrowed(rkbuf), parts(rktp)) };
        request.zip(parts).is_some_and(|(request, parts)| request.contains(&parts.toppar))
    }

    /// Calls a partition's unsent requests back from the broker's output queue; see
    /// [`request::call_back`]. `rkbq`, `ApiKey` and `err` are always the output queue, Produce and
    /// `_RETRY`. Returns how many requests.
    ///
    /// # Safety
    /// `rkb` and `rktp` are live and this is the broker's thread.
    fn rd_kafka_broker_bufq_purge_by_toppar(
        rkb: *mut rd_kafka_broker_t,
        rkbq: *mut c_void,
        api_key: i64,
        rktp: *mut rd_kafka_toppar_t,
        err: rd_kafka_resp_err_t,
    ) -> c_int {
        let _ = (rkbq, err);
        // SAFETY: the caller's contract.
        let (stepped, parts) = unsafe { (stepped(rkb), parts(rktp)) };
        let (Some(stepped), Some(parts)) = (stepped, parts) else { return 0 };
        assert_eq!(api_key, i64::from(api::PRODUCE));
        let before = stepped.thread.outbufs.len();
        let now = stepped.thread.handle.now();
        request::call_back(&mut stepped.thread, &parts.toppar, now);
        c_int::try_from(before - stepped.thread.outbufs.len()).unwrap_or(c_int::MAX)
    }

    /// Handles the outcome of a request with a batch of its own; see [`response::handle`].
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `reply` is NULL or an answer; `request` is live.
    fn rd_kafka_handle_Produce(
        rk: *mut rd_kafka_t,
        rkb: *mut rd_kafka_broker_t,
        err: rd_kafka_resp_err_t,
        reply: *mut rd_kafka_buf_t,
        request: *mut rd_kafka_buf_t,
        opaque: *mut c_void,
    ) {
        let _ = (rk, opaque);
        // SAFETY: the caller's contract.
        unsafe { answer(rkb, err, reply, request, response::handle) };
    }

    /// Handles the outcome of a request of many partitions; see [`response::handle_many`].
    ///
    /// # Safety
    /// As for `rd_kafka_handle_Produce`.
    fn rd_kafka_handle_MultiBatchProduce(
        rk: *mut rd_kafka_t,
        rkb: *mut rd_kafka_broker_t,
        err: rd_kafka_resp_err_t,
        reply: *mut rd_kafka_buf_t,
        request: *mut rd_kafka_buf_t,
        opaque: *mut c_void,
    ) {
        let _ = (rk, opaque);
        // SAFETY: the caller's contract.
        unsafe { answer(rkb, err, reply, request, response::handle_many) };
    }

    /// Settles a batch; see [`outcome::settle`].
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `batch`, `presult` and `request` are live.
    fn rd_kafka_msgbatch_handle_Produce_result(
        rkb: *mut rd_kafka_broker_t,
        batch: *mut rd_kafka_msgbatch_t,
        err: rd_kafka_resp_err_t,
        presult: *const rd_kafka_Produce_result_t,
        request: *const rd_kafka_buf_t,
    ) {
        // SAFETY: the caller's contract.
        let (stepped, batch, request) = unsafe {
            let batch = NonNull::new(batch).and_then(|at| Batch::at(at));
            (stepped(rkb), batch, borrowed(request.cast_mut()))
        };
        let (Some(stepped), Some(mut batch), Some(request), Some(result)) =
            (stepped, batch, request, NonNull::new(presult.cast_mut()))
        else {
            return;
        };
        // SAFETY: the caller's contract; the result is only read, and not dropped here.
        let result = ManuallyDrop::new(unsafe { ProduceResult::from_raw(result) });
        let outcome = outcome_of(&request, Ok(&[]), stepped.thread.handle.now());
        outcome::settle(&mut stepped.thread, &mut batch, ErrorCode(err), &result, &outcome);
    }

    /// Gives each message of a batch the text and the code that follow from the blamed records; see
    /// [`outcome::record_errors`].
    ///
    /// # Safety
    /// Both are live.
    fn rd_kafka_msgbatch_handle_Produce_result_record_errors(
        presult: *const rd_kafka_Produce_result_t,
        batch: *mut rd_kafka_msgbatch_t,
    ) {
        // SAFETY: the caller's contract.
        let batch = NonNull::new(batch).and_then(|at| unsafe { Batch::at(at) });
        let (Some(mut batch), Some(result)) = (batch, NonNull::new(presult.cast_mut())) else {
            return;
        };
        // SAFETY: as above; the result is only read, and not dropped here.
        let result = ManuallyDrop::new(unsafe { ProduceResult::from_raw(result) });
        outcome::record_errors(&result, &mut batch.messages, ErrorCode::NO_ERROR);
    }

    /// Orders requests by their topic; see [`multibatch::by_topic`]. -1, 0 or 1.
    ///
    /// # Safety
    /// Both are live requests with a batch of their own.
    fn rd_kafka_buf_cmp_by_topic(a: *const c_void, b: *const c_void) -> c_int {
        // SAFETY: the caller's contract.
        let both = unsafe { (borrowed(a.cast_mut().cast()), borrowed(b.cast_mut().cast())) };
        let (Some(a), Some(b)) = both else { return 0 };
        multibatch::by_topic(&a, &b) as c_int
    }

    /// How many of the kept requests, from `start_ind` on, go into one; see [`multibatch::select`].
    ///
    /// # Safety
    /// `rk` is live; `batch_bufq` is a list of requests; the others are writable.
    fn select_batches_to_include(
        rk: *mut rd_kafka_t,
        batch_bufq: *mut rd_list_t,
        start_ind: c_int,
        next_ind: *mut c_int,
        estimated_size: *mut usize,
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            if !mark::is(rk, Mark::HANDLE) {
                return;
            }
            let handle = &*rk.cast::<Handle>();
            let Some(list) = NonNull::new(batch_bufq) else { return };
            let requests = List::<Request>::at(list);
            let start = usize::try_from(start_ind).unwrap_or(0).min(requests.len());
            let limit = handle.settings.message_bytes_max;
            let (taken, bytes) = multibatch::select(&mut requests[start..], limit);
            *next_ind = start_ind + c_int::try_from(taken).unwrap_or(c_int::MAX);
            *estimated_size = bytes;
        }
    }

    /// Takes the bytes and the batch of a kept request into a request of many partitions; see
    /// [`Request::absorb`].
    ///
    /// # Safety
    /// Both are live; `batch_rkbuf` came from `rd_kafka_ProduceRequest` with `skip_sending`.
    fn rd_kafka_copy_batch_buf(
        batch_rkbuf: *mut rd_kafka_buf_t,
        request_rkbuf: *mut rd_kafka_buf_t,
    ) {
        // SAFETY: the caller's contract.
        let both = unsafe { (borrowed(batch_rkbuf), borrowed(request_rkbuf)) };
        if let (Some(mut batch), Some(mut request)) = both {
            request.absorb(&mut batch);
        }
    }
}

/// # Safety
/// As for `rd_kafka_handle_Produce`.
unsafe fn answer(
    rkb: *mut rd_kafka_broker_t,
    err: rd_kafka_resp_err_t,
    reply: *mut rd_kafka_buf_t,
    request: *mut rd_kafka_buf_t,
    handle: fn(&mut BrokerThread, &mut Request, &Outcome<'_>),
) {
    // SAFETY: the caller's contract.
    let (stepped, reply, request) = unsafe { (stepped(rkb), borrowed(reply), borrowed(request)) };
    let (Some(stepped), Some(mut request)) = (stepped, request) else { return };
    let body = reply.map(|mut reply| reply.bytes().tail(0).into_owned());
    let result = match err {
        0 => Ok(body.as_deref().unwrap_or_default()),
        code => Err(ErrorCode(code)),
    };
    let mut outcome = outcome_of(&request, result, stepped.thread.handle.now());
    outcome.has_response = body.is_some();
    outcome.was_sent = outcome.was_sent || body.is_some();
    drop(request.free_bytes());
    handle(&mut stepped.thread, &mut request, &outcome);
}

pub(super) fn outcome_of<'a>(
    request: &Request,
    result: Result<&'a [u8], ErrorCode>,
    now: Ts,
) -> Outcome<'a> {
    Outcome {
        result,
        version: request.version(),
        has_response: request.has_response(),
        was_sent: request.is_sent(),
        sent_at: request.sent_at(),
        now,
    }
}
