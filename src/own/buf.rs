//! `Request`: one request on its way (`rd_kafka_buf_t`): its bytes, its deadlines, and the messages
//! whose records are in it.
//!
//! Who allocates: [`Request::new`], on the C heap. Who frees: dropping it. It owns its segments and
//! its batch. Values of messages may be referenced by segments; so a message enters the batch
//! before its record is written ([`Request::put_message`]), and leaves it only after the segments
//! are gone ([`Request::free_bytes`]).

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::AtomicI32;

use super::broker::Broker;
use super::bytes::Bytes;
use super::eos::BatchIds;
use super::list::{List, Pointer};
use super::msg::{Msg, MsgFields};
use super::msgbatch::{self, Batch, BatchBox};
use super::msgq::MsgQueue;
use super::segbuf::{Block, SegBuf, Slices};
use super::toppar::Toppar;
use crate::abi::buf::{rd_kafka_buf_produce_t, rd_kafka_buf_produce_v2_t, rd_kafka_buf_t};
use crate::abi::internal_codes::{
    RD_KAFKA_PRODUCE_LEGACY, RD_KAFKA_PRODUCE_V2, rd_kafka_produce_engine_t,
};
use crate::abi::msgbatch::rd_kafka_msgbatch_t;
use crate::abi::rd::rd_list_t;
use crate::proto::header;
use crate::proto::produce::SinglePart;
use crate::proto::wire::{Buffer, Write};
use crate::sys::clock::Ts;
use crate::sys::heap;

/// Finished bytes from this length on are shared, not copied: below, a copy costs less than another
/// piece of a write.
const SHARED_FROM: usize = 4 * 1024;
/// `rkbuf_flags`: done when it is written.
const NO_RESPONSE: i32 = 0x2;
/// `rkbuf_flags`: all bytes were written.
const SENT: i32 = 0x20;

/// The historical struct, and what we keep behind it.
#[repr(C)]
struct Whole<H> {
    c: rd_kafka_buf_t,
    handler: Option<H>,
    is_setup: bool,
    /// Bytes of others that segments point to.
    shared: Vec<Arc<Bytes>>,
}

/// A request whose outcome goes to an `H`.
#[repr(transparent)]
pub(crate) struct Request<H> {
    at: NonNull<Whole<H>>,
}

// SAFETY: a request owns what it points to: segments, messages, a counted reference to a partition.
unsafe impl<H: Send> Send for Request<H> {}

// SAFETY: it is a transparent pointer that is not NULL.
unsafe impl<H> Pointer for Request<H> {}

impl<H> Request<H> {
    /// A request without a byte; `block` is for its bytes.
    pub(crate) fn new(api_key: i16, version: i16, block: Block) -> Self {
        let whole = heap::calloc(size_of::<Whole<H>>()).cast::<Whole<H>>();
        // SAFETY: the block is fresh, zeroed and large enough; zeroes are a valid `rd_kafka_buf_t`.
        let mut this = unsafe {
            (&raw mut (*whole).handler).write(None);
            (&raw mut (*whole).shared).write(Vec::new());
            (*whole).c.rkbuf_reqhdr.ApiKey = api_key;
            (*whole).c.rkbuf_reqhdr.ApiVersion = version;
            (*whole).c.rkbuf_ts_timeout = Ts::MAX.0;
            (*whole).c.rkbuf_refcnt.val = AtomicI32::new(1);
            Self { at: NonNull::new_unchecked(whole) }
        };
        this.bytes().begin(block);
        this
    }

    /// The request's struct.
    pub(super) fn raw(&self) -> NonNull<rd_kafka_buf_t> {
        self.at.cast()
    }

    /// The broker that it is for, which C code finds in it.
    pub(crate) fn set_broker(&mut self, broker: &Arc<Broker>) {
        // SAFETY: the request is alive, and `&mut self`. The reference goes with the request.
        unsafe {
            if (*self.c()).rkbuf_rkb.is_null() {
                broker.count_references(1);
                (*self.c()).rkbuf_rkb = Arc::into_raw(Arc::clone(broker)).cast_mut().cast();
            }
        }
    }

    /// Gives the request to an intrusive list or to C code.
    pub(crate) fn into_raw(self) -> NonNull<rd_kafka_buf_t> {
        std::mem::ManuallyDrop::new(self).raw()
    }

    /// Takes a request back from an intrusive list or from C code.
    ///
    /// # Safety
    /// `raw` came from [`Request::into_raw`] of the same `H`, and only one of the requests made of
    /// it is dropped.
    pub(crate) unsafe fn from_raw(raw: NonNull<rd_kafka_buf_t>) -> Self {
        Self { at: raw.cast() }
    }

    fn c(&self) -> *mut rd_kafka_buf_t {
        self.at.as_ptr().cast()
    }

    fn buf(&self) -> SegBuf<'_> {
        // SAFETY: the request is alive and its buffer stays at its place. Callers with `&self` only
        // read.
        unsafe { SegBuf::at(NonNull::new_unchecked(&raw mut (*self.c()).rkbuf_buf)) }
    }

    /// The bytes, to write to.
    pub(crate) fn bytes(&mut self) -> SegBuf<'_> {
        self.buf()
    }

    /// What there is of a Produce request.
    fn produce(&self) -> *mut rd_kafka_buf_produce_t {
        // SAFETY: the request is alive; the union's variants begin where it does.
        unsafe { (&raw mut (*self.c()).rkbuf_u).cast() }
    }

    fn engine(&self) -> rd_kafka_produce_engine_t {
        // SAFETY: the request is alive.
        unsafe { (*self.c()).rkbuf_produce_engine }
    }

    fn set_engine(&mut self, engine: rd_kafka_produce_engine_t) {
        // SAFETY: the request is alive, and `&mut self`.
        unsafe { (*self.c()).rkbuf_produce_engine = engine };
    }

    /// The request carries `count` batches of engine `v2`, with so many messages and bytes. They
    /// are at `slots` until the request is finished.
    pub(crate) fn carry_v2(
        &mut self,
        slots: *const c_void,
        count: usize,
        messages: i32,
        bytes: i64,
    ) {
        self.set_engine(RD_KAFKA_PRODUCE_V2);
        let part = self.produce().cast::<rd_kafka_buf_produce_v2_t>();
        // SAFETY: the request is alive, and `&mut self`; the union is zeroed, and this its variant.
        unsafe {
            (*part).batch.msgq.rkmq_msg_cnt = messages;
            (*part).batch.msgq.rkmq_msg_bytes = bytes;
            (*part).slots = slots;
            (*part).slot_cnt = count;
        }
    }

    /// The address that C code has.
    pub(crate) fn as_c(&self) -> *const rd_kafka_buf_t {
        self.c()
    }

    fn batch_place(&self) -> NonNull<rd_kafka_msgbatch_t> {
        // SAFETY: the request is alive.
        unsafe { NonNull::new_unchecked(&raw mut (*self.produce()).batch) }
    }

    fn list(&self) -> NonNull<rd_list_t> {
        // SAFETY: the request is alive.
        unsafe { NonNull::new_unchecked(&raw mut (*self.produce()).batch_list) }
    }

    /// Gives the request the batch of a partition, without messages.
    pub(crate) fn init_batch(&mut self, toppar: &Arc<Toppar>, ids: &BatchIds) {
        assert!(self.batch().is_none(), "a request has one batch of its own");
        self.set_engine(RD_KAFKA_PRODUCE_LEGACY);
        // SAFETY: the batch is zeroed, as the assertion says, and stays in the request.
        unsafe { msgbatch::init(self.batch_place(), toppar, ids) };
    }

    /// The batch of a request with one.
    pub(crate) fn batch(&mut self) -> Option<Batch<'_>> {
        self.shared_batch()
    }

    /// The batch's address for C.
    pub(crate) fn batch_as_c(&mut self) -> *mut rd_kafka_msgbatch_t {
        self.batch_place().as_ptr()
    }

    fn shared_batch(&self) -> Option<Batch<'_>> {
        // SAFETY: the batch is zeroed or was initialised, and stays in the request. Callers with
        // `&self` only read.
        unsafe { Batch::at(self.batch_place()) }
    }

    /// The partition of a request with a batch of its own.
    pub(crate) fn toppar(&self) -> Option<Arc<Toppar>> {
        self.shared_batch().map(|batch| Arc::clone(&batch.toppar))
    }

    /// Takes a message into the batch and lets `write` write its record; its value may be
    /// referenced.
    pub(crate) fn put_message<R>(
        &mut self,
        message: Msg,
        write: impl FnOnce(&mut SegBuf<'_>, &MsgFields) -> R,
    ) -> R {
        let batch = self.batch_place().as_ptr();
        // SAFETY: as for `shared_batch`; `&mut self` makes this the only use of the queue.
        let mut messages = unsafe {
            assert!(!(*batch).rktp.is_null(), "messages are put into a batch");
            MsgQueue::at(NonNull::new_unchecked(&raw mut (*batch).msgq))
        };
        messages.push_back(message);
        let mut bytes = self.buf();
        let message = messages.back().expect("it was just put there");
        // SAFETY: the message stays in the batch, unchanged, until `free_bytes` cleared the bytes.
        unsafe { bytes.allow_reference(message) };
        write(&mut bytes, message)
    }

    /// Appends finished bytes. Large ones are not copied: nobody changes them as long as the
    /// request has them.
    pub(crate) fn put_shared(&mut self, bytes: &Arc<Bytes>) {
        if bytes.len() < SHARED_FROM {
            bytes.slices().for_each(|piece| self.bytes().put(piece));
            return;
        }
        // SAFETY: the request is alive, and `&mut self`. The bytes live as long as the reference
        // that is kept here, which goes after the segments in `free_bytes`; bytes that are shared
        // do not change. Values outside of them are their batch's, which whoever waits for the
        // outcome has: it is not reported before the segments are gone.
        unsafe {
            (*self.at.as_ptr()).shared.push(Arc::clone(bytes));
            bytes.slices().for_each(|piece| self.bytes().push_foreign(piece));
        }
    }

    /// Where the batch stands in the bytes of a request of its own.
    pub(crate) fn set_part(&mut self, part: SinglePart) {
        // SAFETY: the request is alive, and `&mut self`.
        unsafe {
            (*self.produce()).batch_start_pos = part.start;
            (*self.produce()).batch_end_pos = part.end;
        }
    }

    /// Takes the batch of a request of its own into this request's list, and its bytes to the end
    /// of this one's: from the length of its record data to the partition's tags. `source` is of no
    /// use afterwards.
    ///
    /// Historical: `rd_kafka_copy_batch_buf`.
    pub(crate) fn absorb(&mut self, source: &mut Self) {
        self.set_engine(RD_KAFKA_PRODUCE_LEGACY);
        // SAFETY: both requests are alive and ours. The bytes of values that are referenced belong
        // to messages that go into this request's list in the next step, and stay there until its
        // bytes are cleared.
        unsafe {
            let (start, end) =
                ((*source.produce()).batch_start_pos, (*source.produce()).batch_end_pos);
            let reader = &mut (*source.c()).rkbuf_reader;
            *reader = source.buf().range(start, end);
            let copied = self.buf().append(reader, end - start);
            assert_eq!(copied, end - start, "a written part is in its request");
        }
        drop(source.free_bytes());
        let mut batch = source.batch().expect("a request of its own has a batch");
        let moved = BatchBox::take(&mut batch);
        // SAFETY: the list is this request's own; it is zeroed or has batches in it.
        unsafe { List::at(self.list()) }.push(moved);
    }

    /// The batches of a request of many partitions; empty for one with a batch of its own.
    pub(crate) fn batches(&mut self) -> impl Iterator<Item = Batch<'_>> {
        assert!(self.engine() != RD_KAFKA_PRODUCE_V2, "batches of engine v2 are in no list");
        // SAFETY: as in `absorb`.
        let list: &mut List<BatchBox> = unsafe { List::at(self.list()) };
        list.iter().filter_map(BatchBox::batch)
    }

    /// Are there batches of a partition in it?
    ///
    /// Historical: `buf_contains_toppar`.
    pub(crate) fn contains(&self, toppar: &Arc<Toppar>) -> bool {
        if self.engine() == RD_KAFKA_PRODUCE_V2 {
            return false;
        }
        // SAFETY: as in `absorb`; the list is only read.
        let list: &List<BatchBox> = unsafe { List::at(self.list()) };
        let is_his = |batch: Batch<'_>| Arc::ptr_eq(&batch.toppar, toppar);
        match list.is_empty() {
            true => self.shared_batch().is_some_and(is_his),
            false => list.iter().filter_map(BatchBox::batch).any(is_his),
        }
    }
}

#[cfg(any(test, feature = "testing"))]
impl<H> Request<H> {
    /// The partitions whose batches it has as its own, and how many messages each of those has.
    pub(crate) fn owners(&self) -> Vec<(Arc<Toppar>, usize)> {
        // SAFETY: as in `absorb`; the list is only read.
        let list: &List<BatchBox> = unsafe { List::at(self.list()) };
        let joined = list.iter().filter_map(BatchBox::batch);
        let owner = |batch: Batch<'_>| (Arc::clone(&batch.toppar), batch.messages.len());
        self.shared_batch().into_iter().chain(joined).map(owner).collect()
    }
}

impl<H> Request<H> {
    /// API key.
    pub(crate) fn api(&self) -> i16 {
        // SAFETY: the request is alive as long as `self`; the same holds below.
        unsafe { (*self.c()).rkbuf_reqhdr.ApiKey }
    }

    /// Version.
    pub(crate) fn version(&self) -> i16 {
        // SAFETY: as above.
        unsafe { (*self.c()).rkbuf_reqhdr.ApiVersion }
    }

    /// Number on its connection; 0 before its first byte is written.
    pub(crate) fn correlation_id(&self) -> i32 {
        // SAFETY: as above.
        unsafe { (*self.c()).rkbuf_corrid }
    }

    /// When it was put into the output queue.
    pub(crate) fn queued_at(&self) -> Ts {
        // SAFETY: as above.
        Ts(unsafe { (*self.c()).rkbuf_ts_enq })
    }

    /// Remembers when it was put into the output queue.
    pub(crate) fn set_queued_at(&mut self, now: Ts) {
        // SAFETY: as above, and `&mut self`.
        unsafe { (*self.c()).rkbuf_ts_enq = now.0 };
    }

    /// When its last byte was written.
    pub(crate) fn sent_at(&self) -> Ts {
        // SAFETY: as above.
        Ts(unsafe { (*self.c()).rkbuf_ts_sent })
    }

    /// When it times out.
    pub(crate) fn expires(&self) -> Ts {
        // SAFETY: as above.
        Ts(unsafe { (*self.c()).rkbuf_ts_timeout })
    }

    /// Sets when it times out.
    pub(crate) fn set_expires(&mut self, when: Ts) {
        // SAFETY: as above, and `&mut self`.
        unsafe { (*self.c()).rkbuf_ts_timeout = when.0 };
    }

    fn flags(&self) -> i32 {
        // SAFETY: as above.
        unsafe { (*self.c()).rkbuf_flags }
    }

    fn set_flag(&mut self, flag: i32) {
        // SAFETY: as above, and `&mut self`.
        unsafe { (*self.c()).rkbuf_flags |= flag };
    }

    /// Has it an answer to wait for?
    pub(crate) fn has_response(&self) -> bool {
        self.flags() & NO_RESPONSE == 0
    }

    /// It is done when it is written.
    pub(crate) fn expect_no_response(&mut self) {
        self.set_flag(NO_RESPONSE);
    }

    /// Have all its bytes been written?
    pub(crate) fn is_sent(&self) -> bool {
        self.flags() & SENT != 0
    }

    /// Does it belong to the connection's setup, before everything else?
    pub(crate) fn is_setup(&self) -> bool {
        // SAFETY: the request is alive.
        unsafe { (*self.at.as_ptr()).is_setup }
    }

    /// It belongs to the connection's setup.
    pub(crate) fn set_setup(&mut self) {
        // SAFETY: the request is alive, and `&mut self`.
        unsafe { (*self.at.as_ptr()).is_setup = true };
    }

    /// Who gets the outcome.
    pub(crate) fn set_handler(&mut self, handler: H) {
        // SAFETY: the request is alive, and `&mut self`; the field was initialised in `new`.
        unsafe { (*self.at.as_ptr()).handler = Some(handler) };
    }

    /// Who gets the outcome.
    pub(crate) fn handler(&self) -> Option<&H> {
        // SAFETY: the request is alive; the field was initialised in `new`.
        unsafe { (*self.at.as_ptr()).handler.as_ref() }
    }

    /// Takes out who gets the outcome.
    pub(crate) fn take_handler(&mut self) -> Option<H> {
        // SAFETY: as above.
        unsafe { (*self.at.as_ptr()).handler.take() }
    }

    /// The frame is complete: writes its size.
    pub(crate) fn finalize(&mut self) {
        let mut bytes = self.bytes();
        let size = i32::try_from(bytes.position() - 4).unwrap_or(i32::MAX);
        bytes.patch(0, &size.to_be_bytes());
        let len = bytes.position();
        // SAFETY: the request is alive, and `&mut self`.
        unsafe {
            let c = self.c();
            (*c).rkbuf_totlen = len;
            (*c).rkbuf_reader.buf = &raw const (*c).rkbuf_buf;
            (*c).rkbuf_reader.end = len;
        }
    }

    /// Bytes of the frame.
    pub(crate) fn len(&self) -> usize {
        // SAFETY: the request is alive.
        unsafe { (*self.c()).rkbuf_totlen }
    }

    /// Bytes of the frame that were written.
    pub(crate) fn written(&self) -> usize {
        if self.is_sent() {
            return self.len();
        }
        // SAFETY: the request is alive. The reader stands in one of its segments, or in none.
        unsafe {
            let reader = &raw const (*self.c()).rkbuf_reader;
            match (*reader).seg.as_ref() {
                Some(segment) => segment.seg_absof + (*reader).rof,
                None => 0,
            }
        }
    }

    /// The frame's unwritten rest, piece by piece, for as long as the caller says.
    ///
    /// # Safety
    /// The request stays as it is during `'a`.
    pub(super) unsafe fn rest_unbound<'a>(&self) -> Slices<'a> {
        // SAFETY: the caller's contract.
        let buf: SegBuf<'a> =
            unsafe { SegBuf::at(NonNull::new_unchecked(&raw mut (*self.c()).rkbuf_buf)) };
        buf.into_slices_from(self.written())
    }

    /// `count` more bytes were written at `now`. All of them? Then the request is sent.
    pub(crate) fn advance(&mut self, count: usize, now: Ts) -> bool {
        let written = self.written() + count;
        let is_sent = written >= self.len();
        let (segment, offset) = self.buf().place(written);
        // SAFETY: the request is alive, and `&mut self`.
        unsafe {
            let c = self.c();
            (*c).rkbuf_reader.seg = segment;
            (*c).rkbuf_reader.rof = offset;
            if is_sent {
                (*c).rkbuf_ts_sent = now.0;
                (*c).rkbuf_flags |= SENT;
            }
        }
        is_sent
    }

    /// Gives it its number on this connection.
    pub(crate) fn set_correlation_id(&mut self, id: i32) {
        // SAFETY: the request is alive, and `&mut self`.
        unsafe {
            (*self.c()).rkbuf_corrid = id;
            (*self.c()).rkbuf_reqhdr.CorrId = id;
        }
        self.bytes().patch(header::CORRELATION_ID_AT, &id.to_be_bytes());
    }

    /// Frees the bytes, which nobody needs any more; gives a block back that can be used again.
    pub(crate) fn free_bytes(&mut self) -> Option<Block> {
        // SAFETY: the request is alive, and `&mut self`. The reader must not outlive the segment
        // that it stands in.
        unsafe { (*self.c()).rkbuf_reader.seg = std::ptr::null() };
        let block = self.bytes().clear();
        // SAFETY: as above; no segment points there any more.
        unsafe { (*self.at.as_ptr()).shared.clear() };
        block
    }

    /// How many messages are in it; those of a list of batches do not count.
    // Quirk: they are missing in the statistics, as history had it.
    pub(crate) fn message_count(&self) -> i32 {
        // SAFETY: the request is alive; the count is a plain field.
        unsafe { (*self.produce()).batch.msgq.rkmq_msg_cnt }
    }
}

/// Historical: `rd_kafka_buf_destroy_final`.
impl<H> Drop for Request<H> {
    fn drop(&mut self) {
        drop(self.free_bytes());
        drop(self.take_handler());
        // SAFETY: batch and list are this request's own, zeroed or in use, and go with it, as does
        // the broker's reference from `set_broker`.
        unsafe {
            // The batches of engine `v2` went with the handler.
            if self.engine() != RD_KAFKA_PRODUCE_V2 {
                msgbatch::destroy(self.batch_place());
                std::ptr::drop_in_place(List::<BatchBox>::at(self.list()));
            }
            std::ptr::drop_in_place(&raw mut (*self.at.as_ptr()).shared);
            let broker = (*self.c()).rkbuf_rkb.cast::<Broker>().cast_const();
            if !broker.is_null() {
                let broker = Arc::from_raw(broker);
                broker.count_references(-1);
            }
            heap::free(self.at.as_ptr());
        }
    }
}
