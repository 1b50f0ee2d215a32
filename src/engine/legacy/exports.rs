//! The historical internal functions of this engine under their C names. Each is the function that
//! the engine itself runs through; here are only its C name and prototype.
//!
//! They belong to a broker's thread. Those that need it find it behind the broker's historical end;
//! a broker whose thread runs by itself gives none, and the function answers that nothing was done.
//! A harness steps threads itself: see `exports/harness.rs`.

#[cfg(feature = "c-harness")]
mod harness;
#[cfg(feature = "c-harness")]
mod steps;
#[cfg(feature = "c-harness")]
mod turn;
#[cfg(feature = "c-harness")]
mod writing;

use std::ffi::c_int;
use std::ptr::NonNull;

use super::idempotence::Numbering;
use super::linger::{self, Limits};
use super::serve::Engine;
use super::writer::{self, Source};
use super::{gate, multibatch, request};
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::buf::rd_kafka_buf_t;
use crate::abi::internal_codes::RD_KAFKA_PRODUCE_LEGACY;
use crate::abi::msg::{rd_kafka_msg_t, rd_kafka_msgq_t};
use crate::abi::msgbatch::rd_kafka_msgbatch_t;
use crate::abi::produce_result::rd_kafka_Produce_result_t;
use crate::abi::rd::{rd_buf_t, rd_kafka_pid_t, rd_list_t, rd_slice_t, rd_ts_t};
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::broker::request::Request;
use crate::broker::thread::BrokerThread;
use crate::own::broker::Broker;
use crate::own::eos::BatchIds;
use crate::own::list::List;
use crate::own::msg::Msg;
use crate::own::msgbatch::{self, Batch};
use crate::own::msgq::MsgQueue;
use crate::own::produce_result::ProduceResult;
use crate::own::segbuf::SegBuf;
use crate::own::toppar::Toppar;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::sys::fence::export;

/// A broker's thread that is stepped by C code, and its engine.
pub(super) struct Stepped {
    pub(super) thread: BrokerThread,
    pub(super) engine: Engine,
}

/// The thread of a broker, if C code steps it.
///
/// # Safety
/// `rkb` is NULL or a live broker, and no other call uses its thread.
pub(super) unsafe fn stepped<'a>(rkb: *mut rd_kafka_broker_t) -> Option<&'a mut Stepped> {
    // SAFETY: the caller's contract; only `harness` sets the pointer, and that of this engine's
    // brokers leads to this.
    unsafe { Broker::thread_state(rkb, RD_KAFKA_PRODUCE_LEGACY).cast::<Stepped>().as_mut() }
}

/// The transmit queue of a partition, for the thread that serves it.
///
/// # Safety
/// `rktp` is a live partition, and this is its thread.
pub(super) unsafe fn xmit(rktp: *mut rd_kafka_toppar_t) -> std::mem::ManuallyDrop<MsgQueue> {
    // SAFETY: the head stays at its place in the partition; the rest is the caller's contract.
    unsafe { MsgQueue::at(NonNull::new_unchecked(&raw mut (*rktp).rktp_xmit_msgq)) }
}

pub(super) fn numbering(pid: rd_kafka_pid_t, epoch_base_msgid: u64) -> Numbering {
    Numbering { pid: Pid { id: pid.id, epoch: pid.epoch }, epoch_base_msgid }
}

export! {
    /// Makes a Produce request of the partition's transmit queue; see [`request::produce`].
    ///
    /// With `skip_sending` the request is appended to `batch_bufq` and is not complete; otherwise
    /// it goes into the broker's output queue. Returns the number of messages in it, 0 if none
    /// could be made.
    ///
    /// # Safety
    /// * `rkb` and `rktp` are live; this is the broker's thread.
    /// * `batch_bufq` is a list of requests if `skip_sending` is true; it owns what is appended.
    fn rd_kafka_ProduceRequest(
        rkb: *mut rd_kafka_broker_t,
        rktp: *mut rd_kafka_toppar_t,
        pid: rd_kafka_pid_t,
        epoch_base_msgid: u64,
        skip_sending: bool,
        batch_bufq: *mut rd_list_t,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let (Some(stepped), Some(toppar)) = (unsafe { (stepped(rkb), Toppar::of_c(rktp)) }) else {
            return 0;
        };
        // SAFETY: as above; a list of requests is what `List` is.
        let (mut queue, kept) = unsafe {
            let list = NonNull::new(batch_bufq).filter(|_| skip_sending);
            (xmit(rktp), list.map(|list| List::<Request>::at(list)))
        };
        if skip_sending && kept.is_none() {
            return 0;
        }
        let topic = toppar.topic();
        let numbering = numbering(pid, epoch_base_msgid);
        let mut source =
            Source { toppar: &toppar, topic: &topic, queue: &mut queue, numbering };
        let now = stepped.thread.handle.now();
        let compressors = &mut stepped.engine.compressors;
        let count = request::produce(&mut stepped.thread, &mut source, compressors, kept, now);
        c_int::try_from(count).unwrap_or(c_int::MAX)
    }

    /// Joins the kept requests into requests of many partitions; see [`multibatch::produce`].
    ///
    /// The list is empty afterwards. `pid` is not used. Returns the number of requests that went
    /// into the output queue.
    ///
    /// # Safety
    /// `rkb` is live and this is its thread; `batch_bufq` is a list of requests from
    /// `rd_kafka_ProduceRequest`.
    fn rd_kafka_MultiBatchProduceRequest(
        rkb: *mut rd_kafka_broker_t,
        pid: rd_kafka_pid_t,
        batch_bufq: *mut rd_list_t,
    ) -> c_int {
        let _ = pid;
        // SAFETY: the caller's contract.
        let (stepped, list) = unsafe { (stepped(rkb), NonNull::new(batch_bufq)) };
        let (Some(stepped), Some(list)) = (stepped, list) else { return 0 };
        let mut kept = List::new();
        // SAFETY: a list of requests is what `List` is.
        std::mem::swap(&mut kept, unsafe { List::<Request>::at(list) });
        let now = stepped.thread.handle.now();
        let count = multibatch::produce(&mut stepped.thread, kept, now);
        c_int::try_from(count).unwrap_or(c_int::MAX)
    }

    /// Writes a request of messages from `rkmq`; see [`writer::create`]. The caller owns it: it is
    /// freed with `rd_kafka_buf_destroy_final`. NULL if nothing could be written.
    ///
    /// # Safety
    /// `rkb` and `rktp` are live and this is the broker's thread; `rkmq` is a queue of the
    /// partition's messages; `message_set_size` is NULL or writable.
    fn rd_kafka_msgset_create_ProduceRequest(
        rkb: *mut rd_kafka_broker_t,
        rktp: *mut rd_kafka_toppar_t,
        rkmq: *mut rd_kafka_msgq_t,
        pid: rd_kafka_pid_t,
        epoch_base_msgid: u64,
        message_set_size: *mut usize,
    ) -> *mut rd_kafka_buf_t {
        // SAFETY: the caller's contract.
        let (stepped, toppar) = unsafe { (stepped(rkb), Toppar::of_c(rktp)) };
        let (Some(stepped), Some(toppar), Some(rkmq)) = (stepped, toppar, NonNull::new(rkmq))
        else {
            return std::ptr::null_mut();
        };
        // SAFETY: the caller's contract.
        let mut queue = unsafe { MsgQueue::at(rkmq) };
        let topic = toppar.topic();
        let numbering = numbering(pid, epoch_base_msgid);
        let mut source =
            Source { toppar: &toppar, topic: &topic, queue: &mut queue, numbering };
        let now = stepped.thread.handle.now();
        let compressors = &mut stepped.engine.compressors;
        let written = writer::create(&mut stepped.thread, &mut source, compressors, now);
        let Some(written) = written else { return std::ptr::null_mut() };
        if !message_set_size.is_null() {
            // SAFETY: the caller's contract.
            unsafe { *message_set_size = written.set_bytes };
        }
        written.request.into_raw().as_ptr()
    }

    /// Frees a request: its bytes, its batches, their references to partitions. Messages that are
    /// still in a batch are dropped without a report.
    ///
    /// # Safety
    /// `rkbuf` is NULL or a request that is in no queue; it is not used again.
    fn rd_kafka_buf_destroy_final(rkbuf: *mut rd_kafka_buf_t) {
        // SAFETY: the caller's contract.
        drop(NonNull::new(rkbuf).map(|raw| unsafe { Request::from_raw(raw) }));
    }

    /// Appends the next `size` bytes of a range to a request's bytes, and moves the range on;
    /// nothing if there are not so many. Returns how many. A large value that is referenced there
    /// is referenced in the request too. See [`SegBuf::append`].
    ///
    /// # Safety
    /// `slice` is a range of a request's bytes; `rbuf` is the bytes of another request. The values
    /// stay as long as the bytes of both.
    fn rd_slice_read_into_buf(
        slice: *mut rd_slice_t,
        rbuf: *mut rd_buf_t,
        size: usize,
    ) -> usize {
        // SAFETY: the caller's contract.
        unsafe {
            let (slice, rbuf) = (slice.as_mut(), NonNull::new(rbuf));
            let (Some(slice), Some(rbuf)) = (slice, rbuf) else { return 0 };
            SegBuf::at(rbuf).append(slice, size)
        }
    }

    /// When does what is in `dest_rkmq` make a batch, and what of `rkmq` wakes the thread? See
    /// [`linger::allow_wakeup_at`].
    ///
    /// # Safety
    /// The queues are live and the partition's lock is held; `next_wakeup` is NULL or writable.
    fn rd_kafka_msgq_allow_wakeup_at(
        rkmq: *mut rd_kafka_msgq_t,
        dest_rkmq: *const rd_kafka_msgq_t,
        next_wakeup: *mut rd_ts_t,
        now: rd_ts_t,
        linger_us: rd_ts_t,
        batch_msg_cnt: i32,
        batch_msg_bytes: i64,
    ) -> bool {
        let queues = NonNull::new(rkmq).zip(NonNull::new(dest_rkmq.cast_mut()));
        let Some((queue, dest)) = queues else { return false };
        // SAFETY: the caller's contract; `dest` is only read.
        let (mut queue, dest) = unsafe { (MsgQueue::at(queue), MsgQueue::at(dest)) };
        let limits = Limits { linger_us, messages: batch_msg_cnt, bytes: batch_msg_bytes };
        // SAFETY: the caller's contract; `Ts` is a transparent number.
        let next = unsafe { next_wakeup.cast::<Ts>().as_mut() };
        linger::allow_wakeup_at(&mut queue, &dest, next, Ts(now), limits)
    }

    /// Puts a message onto its partition's queue; see `topic/partition.rs`.
    ///
    /// # Safety
    /// `rktp` is live; `rkm` is a message in no queue, which the partition owns afterwards.
    fn rd_kafka_toppar_enq_msg(
        rktp: *mut rd_kafka_toppar_t,
        rkm: *mut rd_kafka_msg_t,
        now: rd_ts_t,
    ) {
        // SAFETY: the caller's contract.
        let Some(toppar) = (unsafe { Toppar::of_c(rktp) }) else { return };
        if rkm.is_null() {
            return;
        }
        // SAFETY: the caller's contract.
        let mut message = Some(unsafe { Msg::from_raw(rkm) });
        // A partition that is gone refuses the message, which is dropped then.
        let _ =
            crate::topic::partition::enqueue(&toppar, &toppar.topic(), &mut message, Ts(now), 0);
    }

    /// Makes a batch that of a partition, without messages; see [`msgbatch::init`].
    ///
    /// # Safety
    /// `rkmb` is memory for a batch that stays at its place; `rktp` is live.
    fn rd_kafka_msgbatch_init(
        rkmb: *mut rd_kafka_msgbatch_t,
        rktp: *mut rd_kafka_toppar_t,
        pid: rd_kafka_pid_t,
        epoch_base_msgid: u64,
    ) {
        // SAFETY: the caller's contract.
        let toppar = unsafe { Toppar::of_c(rktp) };
        let (Some(at), Some(toppar)) = (NonNull::new(rkmb), toppar) else { return };
        let ids = BatchIds {
            pid: Pid { id: pid.id, epoch: pid.epoch },
            first_seq: -1,
            first_msgid: 0,
            epoch_base_msgid,
            last_msgid: 0,
        };
        // SAFETY: the caller's contract; a zeroed batch is what `init` wants.
        unsafe {
            at.as_ptr().write_bytes(0, 1);
            msgbatch::init(at, &toppar, &ids);
        }
    }

    /// Numbers a batch by its first message; nothing happens without a producer id.
    ///
    /// # Safety
    /// `rkmb` is a batch, `rkm` a live message.
    fn rd_kafka_msgbatch_set_first_msg(
        rkmb: *mut rd_kafka_msgbatch_t,
        rkm: *mut rd_kafka_msg_t,
    ) {
        // SAFETY: the caller's contract.
        let batch = NonNull::new(rkmb).and_then(|at| unsafe { Batch::at(at) });
        let (Some(mut batch), false) = (batch, rkm.is_null()) else { return };
        // SAFETY: the caller's contract; the message is only looked at.
        let message = std::mem::ManuallyDrop::new(unsafe { Msg::from_raw(rkm) });
        let BatchIds { pid, epoch_base_msgid, .. } = batch.ids;
        batch.set_ids(Numbering { pid, epoch_base_msgid }.of_batch(&message));
    }

    /// The batch's messages are in flight from now on; see [`gate::take_off`].
    ///
    /// # Safety
    /// `rkmb` is a batch of a partition that a thread serves which C code steps.
    fn rd_kafka_msgbatch_ready_produce(rkmb: *mut rd_kafka_msgbatch_t) {
        // SAFETY: the caller's contract.
        let batch = NonNull::new(rkmb).and_then(|at| unsafe { Batch::at(at) });
        let Some(batch) = batch else { return };
        let Some(broker) = batch.toppar.lock().broker() else { return };
        let rkb = std::sync::Arc::as_ptr(&broker).cast::<rd_kafka_broker_t>().cast_mut();
        // SAFETY: the partition keeps its broker, which begins with the historical struct.
        let Some(stepped) = (unsafe { stepped(rkb) }) else { return };
        let count = c_int::try_from(batch.messages.len()).unwrap_or(c_int::MAX);
        gate::take_off(&stepped.thread, &batch.toppar, count);
    }

    /// Ends a batch, which has no messages any more; see [`msgbatch::destroy`].
    ///
    /// # Safety
    /// `rkmb` is a batch.
    fn rd_kafka_msgbatch_destroy(rkmb: *mut rd_kafka_msgbatch_t) {
        if let Some(at) = NonNull::new(rkmb) {
            // SAFETY: the caller's contract.
            unsafe { msgbatch::destroy(at) };
        }
    }

    /// A result without error; freed with `rd_kafka_Produce_result_destroy`.
    ///
    /// # Safety
    /// None is needed.
    fn rd_kafka_Produce_result_new(
        offset: i64,
        timestamp: i64,
    ) -> *mut rd_kafka_Produce_result_t {
        ProduceResult::new(offset, timestamp).into_raw()
    }

    /// A copy of everything in a result; freed with `rd_kafka_Produce_result_destroy`.
    ///
    /// # Safety
    /// `result` is NULL or a live result.
    fn rd_kafka_Produce_result_copy(
        result: *const rd_kafka_Produce_result_t,
    ) -> *mut rd_kafka_Produce_result_t {
        let Some(raw) = NonNull::new(result.cast_mut()) else { return std::ptr::null_mut() };
        // SAFETY: the caller's contract; the result is only read, and not dropped here.
        let result = std::mem::ManuallyDrop::new(unsafe { ProduceResult::from_raw(raw) });
        result.copy().into_raw()
    }

    /// Frees a result.
    ///
    /// # Safety
    /// `result` is NULL or a live result, which is not used again.
    fn rd_kafka_Produce_result_destroy(result: *mut rd_kafka_Produce_result_t) {
        // SAFETY: the caller's contract.
        drop(NonNull::new(result).map(|raw| unsafe { ProduceResult::from_raw(raw) }));
    }
}
