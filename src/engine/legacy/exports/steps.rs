//! More of the formerly static functions for a C harness (feature `c-harness`): steps of the
//! answer and of joint requests. See `harness.rs` for how a harness gets what they take.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::Arc;

use super::harness::{borrowed, outcome_of};
use super::stepped;
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::buf::rd_kafka_buf_t;
use crate::abi::msgbatch::rd_kafka_msgbatch_t;
use crate::abi::produce_result::{rd_kafka_Produce_err, rd_kafka_Produce_result_t};
use crate::abi::produce_tags::rd_kafkap_Produce_reply_tags_t;
use crate::abi::public::rd_kafka_resp_err_t;
use crate::abi::rd::{rd_kafkap_str_t, rd_list_t};
use crate::broker::request::Request;
use crate::engine::legacy::idempotence::Verdict;
use crate::engine::legacy::response::{self, Matching};
use crate::engine::legacy::{multibatch, outcome};
use crate::error::ErrorCode;
use crate::own::list::List;
use crate::own::msg::Status;
use crate::own::msgbatch::{Batch, BatchBox};
use crate::own::produce_result::ProduceResult;
use crate::own::reply_tags::{self, ReplyTags};
use crate::own::segbuf::Block;
use crate::own::toppar::Toppar;
use crate::proto::produce::Skeleton;
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
        tell(perr, &verdict);
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

    /// A topic of a request for many partitions, the only one: its name, and a place for the count
    /// of its partitions. Returns the place, for `finalize_topic_encoding`.
    ///
    /// # Safety
    /// `request_rkbuf` is a request for many partitions with a header; `topic` is a string.
    fn rd_kafka_harness_open_topic(
        request_rkbuf: *mut rd_kafka_buf_t,
        topic: *const c_char,
        part_cnt: c_int,
    ) -> usize {
        // SAFETY: the caller's contract.
        let request = unsafe { borrowed(request_rkbuf) };
        let Some(mut request) = request.filter(|_| !topic.is_null()) else { return 0 };
        // SAFETY: as above.
        let name = unsafe { CStr::from_ptr(topic) }.to_bytes();
        let skeleton = Skeleton::new(request.version());
        skeleton.topics(&mut request.bytes(), 1);
        let count = usize::try_from(part_cnt).unwrap_or(0);
        skeleton.open_topic(&mut request.bytes(), name, count)
    }

    /// Writes the count of a topic's partitions at its place, and what stands behind the last one;
    /// see [`multibatch::finalize_topic`]. The count is as wide as the one that the place was made
    /// for.
    ///
    /// # Safety
    /// `request_rkbuf` is a request for many partitions; `of_part_cnt` is such a place in it.
    fn finalize_topic_encoding(
        request_rkbuf: *mut rd_kafka_buf_t,
        batch_rkbuf: *mut rd_kafka_buf_t,
        of_part_cnt: usize,
        part_cnt: c_int,
    ) {
        let _ = batch_rkbuf;
        // SAFETY: the caller's contract.
        if let Some(mut request) = unsafe { borrowed(request_rkbuf) } {
            let count = usize::try_from(part_cnt).unwrap_or(0);
            multibatch::finalize_topic(&mut request, of_part_cnt, count);
        }
    }

    /// What is done about a batch's error; see [`outcome::handle_error`]. Messages that are sent
    /// again leave the batch. Changes the error, the actions, the status and what moves in `perr`.
    /// 0 if nothing more is to be done, 1 if messages are left to be reported.
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `request` is live, `batch` one of its batches, with
    /// messages; `perr` is a writable `struct rd_kafka_Produce_err`.
    fn rd_kafka_handle_Produce_error(
        rkb: *mut rd_kafka_broker_t,
        request: *const rd_kafka_buf_t,
        batch: *mut rd_kafka_msgbatch_t,
        perr: *mut c_void,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let (stepped, request, batch, perr) = unsafe {
            let batch = NonNull::new(batch).and_then(|at| Batch::at(at));
            let perr = perr.cast::<rd_kafka_Produce_err>().as_mut();
            (stepped(rkb), borrowed(request.cast_mut()), batch, perr)
        };
        let (Some(stepped), Some(request), Some(mut batch), Some(perr)) =
            (stepped, request, batch, perr)
        else {
            return 0;
        };
        if perr.err == ErrorCode::_DESTROY.0 {
            return 0;
        }
        let mut verdict = Verdict::of(ErrorCode(perr.err));
        let outcome = outcome_of(&request, Ok(&[]), stepped.thread.handle.now());
        outcome::handle_error(&mut stepped.thread, &mut batch, &mut verdict, &outcome);
        tell(perr, &verdict);
        c_int::from(!batch.messages.is_empty())
    }

    /// Passes on the new leader that a partition's tags name; see [`response::metadata_update`].
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; the tags are live.
    fn rd_kafka_handle_Produce_metadata_update(
        rkb: *mut rd_kafka_broker_t,
        reply_level_tags: *mut rd_kafkap_Produce_reply_tags_t,
        toppar_tags: *mut rd_kafkap_Produce_reply_tags_t,
    ) {
        // SAFETY: the caller's contract.
        let (stepped, response, partition) = unsafe {
            (stepped(rkb), ReplyTags::borrow(reply_level_tags), ReplyTags::borrow(toppar_tags))
        };
        if let (Some(stepped), Some(response), Some(partition)) = (stepped, response, partition) {
            response::metadata_update(&stepped.thread, response, partition);
        }
    }

    /// Frees the contents of a response's tags, and the tags of its partitions with their array;
    /// see [`reply_tags::free`].
    ///
    /// # Safety
    /// `toppar_level_tags` is an array of `num_batches` from `malloc()`, as is all that the tags
    /// point to.
    fn produce_reply_tags_cleaup(
        reply_level_tags: *mut rd_kafkap_Produce_reply_tags_t,
        toppar_level_tags: *mut rd_kafkap_Produce_reply_tags_t,
        num_batches: c_int,
    ) {
        let count = usize::try_from(num_batches).unwrap_or(0);
        // SAFETY: the caller's contract.
        let (response, partitions) =
            unsafe { reply_tags::take(reply_level_tags, toppar_level_tags, count) };
        reply_tags::free(response, partitions);
    }
}

/// Shows a verdict to C code.
fn tell(perr: &mut rd_kafka_Produce_err, verdict: &Verdict) {
    perr.err = verdict.error.0;
    perr.actions = verdict.action.bits();
    perr.incr_retry = c_int::from(verdict.action.counts);
    perr.status = verdict.status as c_int;
    perr.update_next_ack = verdict.moves_ack;
    perr.update_next_err = verdict.moves_err;
}
