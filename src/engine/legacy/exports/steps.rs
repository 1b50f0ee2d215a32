//! More of the formerly static functions for a C harness (feature `c-harness`): steps of the
//! answer, of joint requests and of the writer. See `harness.rs` for how a harness gets what they
//! take.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::sync::Arc;

use super::harness::{borrowed, with_writer};
use super::stepped;
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::buf::rd_kafka_buf_t;
use crate::abi::msgbatch::rd_kafka_msgbatch_t;
use crate::abi::produce_result::{rd_kafka_Produce_err, rd_kafka_Produce_result_t};
use crate::abi::public::rd_kafka_resp_err_t;
use crate::abi::rd::{rd_kafkap_str_t, rd_list_t};
use crate::abi::writer::rd_kafka_msgset_writer_t;
use crate::broker::request::Request;
use crate::engine::legacy::idempotence::Verdict;
use crate::engine::legacy::response::{self, Matching};
use crate::engine::legacy::{multibatch, outcome, writer};
use crate::error::ErrorCode;
use crate::own::list::List;
use crate::own::msg::Status;
use crate::own::msgbatch::{Batch, BatchBox};
use crate::own::produce_result::ProduceResult;
use crate::own::segbuf::Block;
use crate::own::toppar::Toppar;
use crate::proto::wire::Buffer;
use crate::proto::{api, header};
use crate::sys::fence::export;

/// The partitions of a request's batches.
fn toppars(request: &mut Request) -> Vec<Arc<Toppar>> {
    match request.toppar() {
        Some(own) => vec![own],
        None => request.batches().map(|batch| Arc::clone(&batch.toppar)).collect(),
    }
}

export! {
    /// The place of a partition's batch in a list of batches; -1 if it is not there. See
    /// [`response::find`].
    ///
    /// # Safety
    /// `msgbatch_list` is a list of batches; the topic's name is readable.
    fn rd_kafka_find_msgbatch(
        msgbatch_list: *mut rd_list_t,
        topic_in_response: *const rd_kafkap_str_t,
        partition_id: i32,
    ) -> c_int {
        let (Some(list), false) = (NonNull::new(msgbatch_list), topic_in_response.is_null()) else {
            return -1;
        };
        // SAFETY: the caller's contract.
        let (list, topic) = unsafe {
            let len = usize::try_from((*topic_in_response).len).unwrap_or(0);
            let at = (*topic_in_response).str.cast::<u8>();
            (List::<BatchBox>::at(list), std::slice::from_raw_parts(at, len))
        };
        let toppars: Vec<_> = list
            .iter()
            .filter_map(BatchBox::batch)
            .map(|batch| Arc::clone(&batch.toppar))
            .collect();
        let found = response::find(&toppars, 0, topic, partition_id);
        found.and_then(|at| c_int::try_from(at).ok()).unwrap_or(-1)
    }

    /// Reads an answer into the results of a request's batches; see [`response::parse`]. The error
    /// of the partition for a request with a batch of its own; 0 for others, whose results have
    /// theirs; or why the answer cannot be used.
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `rkbuf` is an answer, `request` a request; `results`
    /// has one result for each of its batches.
    fn rd_kafka_handle_Produce_parse(
        rkb: *mut rd_kafka_broker_t,
        rkbuf: *mut rd_kafka_buf_t,
        request: *mut rd_kafka_buf_t,
        results: *mut *mut rd_kafka_Produce_result_t,
        multi_batch_request: bool,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (stepped, reply, request) =
            unsafe { (stepped(rkb), borrowed(rkbuf), borrowed(request)) };
        let (Some(stepped), Some(mut reply), Some(mut request), false) =
            (stepped, reply, request, results.is_null())
        else {
            return ErrorCode::_INVALID_ARG.0;
        };
        let toppars = toppars(&mut request);
        // SAFETY: the caller's contract; a result is a transparent pointer to one.
        let results = unsafe {
            std::slice::from_raw_parts_mut(results.cast::<ProduceResult>(), toppars.len())
        };
        let body = reply.bytes().tail(0).into_owned();
        let matching = if multi_batch_request { Matching::ByName } else { Matching::Alone };
        let version = request.version();
        let thread = &mut stepped.thread;
        match response::parse(thread, &toppars, &body, version, results, matching) {
            Err(code) => code.0,
            Ok(()) if multi_batch_request => 0,
            Ok(()) => results.first().map_or(0, |result| result.error().0),
        }
    }

    /// What idempotence makes of an error, with the consequences for the instance; see
    /// [`outcome::judge`]. Changes the error, the actions, the status and what moves in `perr`.
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `batch` is a batch with messages; `perr` is a writable
    /// `struct rd_kafka_Produce_err`.
    fn rd_kafka_handle_idempotent_Produce_error(
        rkb: *mut rd_kafka_broker_t,
        batch: *mut rd_kafka_msgbatch_t,
        perr: *mut c_void,
    ) {
        // SAFETY: the caller's contract.
        let (stepped, batch, perr) = unsafe {
            let batch = NonNull::new(batch).and_then(|at| Batch::at(at));
            (stepped(rkb), batch, perr.cast::<rd_kafka_Produce_err>().as_mut())
        };
        let (Some(stepped), Some(mut batch), Some(perr)) = (stepped, batch, perr) else { return };
        let mut verdict = Verdict::of(ErrorCode(perr.err));
        let now = stepped.thread.handle.now();
        outcome::judge(&stepped.thread, &mut batch, &mut verdict, now);
        perr.err = verdict.error.0;
        perr.actions = verdict.action.bits();
        perr.incr_retry = c_int::from(verdict.action.counts);
        perr.status = verdict.status as c_int;
        perr.update_next_ack = verdict.moves_ack;
        perr.update_next_err = verdict.moves_err;
    }

    /// Moves a partition's sequence on after a success, and reports what it acknowledges
    /// implicitly; see [`outcome::acknowledged`].
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `batch` is a batch with messages.
    fn rd_kafka_handle_idempotent_Produce_success(
        rkb: *mut rd_kafka_broker_t,
        batch: *mut rd_kafka_msgbatch_t,
        next_seq: i32,
    ) {
        // SAFETY: the caller's contract.
        let (stepped, batch) =
            unsafe { (stepped(rkb), NonNull::new(batch).and_then(|at| Batch::at(at))) };
        let (Some(stepped), Some(batch)) = (stepped, batch) else { return };
        outcome::acknowledged(&stepped.thread, &batch, next_seq, Status::Persisted);
    }

    /// A request for many partitions, with its header and nothing else. Freed with
    /// `rd_kafka_buf_destroy_final`.
    ///
    /// # Safety
    /// `rkb` came from `rd_kafka_harness_broker_new`.
    fn rd_kafka_harness_request_new(
        rkb: *mut rd_kafka_broker_t,
        version: i16,
    ) -> *mut rd_kafka_buf_t {
        // SAFETY: the caller's contract.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return std::ptr::null_mut() };
        let mut request = Request::new(api::PRODUCE, version, Block::new(0));
        let client_id = &stepped.thread.handle.settings.client_id;
        header::start(&mut request.bytes(), api::PRODUCE, version, client_id);
        request.into_raw().as_ptr()
    }

    /// Writes what stands before the count of topics; see [`multibatch::fill_header`].
    ///
    /// # Safety
    /// `batch_rkbuf` is a kept request, `request_rkbuf` one for many partitions.
    fn rd_kafka_fill_MultiBatch_header(
        rkb: *mut rd_kafka_broker_t,
        batch_rkbuf: *mut rd_kafka_buf_t,
        request_rkbuf: *mut rd_kafka_buf_t,
    ) {
        let _ = rkb;
        // SAFETY: the caller's contract.
        let both = unsafe { (borrowed(batch_rkbuf), borrowed(request_rkbuf)) };
        if let (Some(first), Some(mut request)) = both {
            multibatch::fill_header(&first, &mut request);
        }
    }

    /// Milliseconds until the first message of a list of batches expires; see
    /// [`multibatch::first_timeout_ms`].
    ///
    /// # Safety
    /// `msg_batch_list` is a list of batches of a live instance.
    fn get_first_msg_timeout(msg_batch_list: *mut rd_list_t) -> i64 {
        let Some(list) = NonNull::new(msg_batch_list) else { return i64::MAX };
        // SAFETY: the caller's contract.
        let list = unsafe { List::<BatchBox>::at(list) };
        let topic = list.iter().find_map(BatchBox::batch).map(|batch| batch.toppar.topic());
        let Some(topic) = topic else { return i64::MAX };
        let Some(handle) = crate::handle::Handle::of_topic(&topic) else { return i64::MAX };
        multibatch::first_timeout_ms(list.iter().filter_map(BatchBox::batch), handle.now())
    }

    /// Compresses the records of a message set; see [`writer::compress`]. `outlenp` gets the bytes
    /// of the records afterwards. 0, or -1 if they stay as they are.
    ///
    /// # Safety
    /// As [`with_writer`] says; `outlenp` is NULL or writable.
    fn rd_kafka_msgset_writer_compress(
        msetw: *mut rd_kafka_msgset_writer_t,
        outlenp: *mut usize,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let used = unsafe {
            with_writer(msetw, |writer, stepped, source| {
                let mut request = writer.rkbuf.take()?;
                let count = request.batch().map_or(0, |batch| batch.messages.len());
                let level = source.topic.settings.level;
                let codec = writer::codec(writer);
                let compressor = writer::compressor(&mut stepped.engine.compressors, codec, level);
                let thread = &stepped.thread;
                let used = writer::compress(writer, thread, &mut request, count, compressor);
                writer.attributes = used.bits().into();
                writer.rkbuf = Some(request);
                (used == codec).then_some(writer.messages_len)
            })
        };
        let Some(len) = used.flatten() else { return -1 };
        if !outlenp.is_null() {
            // SAFETY: the caller's contract.
            unsafe { *outlenp = len };
        }
        0
    }

    /// Writes the header of a record batch; see [`writer::finalize_header`].
    ///
    /// # Safety
    /// As [`with_writer`] says.
    fn rd_kafka_msgset_writer_finalize_MessageSet_v2_header(
        msetw: *mut rd_kafka_msgset_writer_t,
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            with_writer(msetw, |writer, _, _| {
                let Some(mut request) = writer.rkbuf.take() else { return };
                let count = request.batch().map_or(0, |batch| batch.messages.len());
                writer::finalize_header(writer, &mut request, count);
                writer.rkbuf = Some(request);
            });
        }
    }
}
