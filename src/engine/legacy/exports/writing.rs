//! The formerly static functions of the message set writer for a C harness (feature `c-harness`).
//! See `harness.rs` for how a harness gets what they take.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use super::harness::{Parts, parts};
use super::{Stepped, numbering, stepped};
use crate::abi::broker::rd_kafka_broker_t;
use crate::abi::buf::rd_kafka_buf_t;
use crate::abi::msg::{rd_kafka_msg_t, rd_kafka_msgq_t};
use crate::abi::rd::{rd_kafka_pid_t, rd_slice_t};
use crate::abi::toppar::rd_kafka_toppar_t;
use crate::abi::writer::rd_kafka_msgset_writer_t;
use crate::broker::request::Request;
use crate::codec::Codec;
use crate::engine::legacy::writer::{self, MsgsetWriter, Records, Source};
use crate::own::msg::Msg;
use crate::own::msgq::MsgQueue;
use crate::own::segbuf;
use crate::sys::fence::export;
use crate::sys::heap;

/// A writer that C code keeps, and what it reads from.
///
/// # Safety
/// `msetw` was initialised by `rd_kafka_msgset_writer_init`, and what it points to is alive.
pub(super) unsafe fn with_writer<R>(
    msetw: *mut rd_kafka_msgset_writer_t,
    act: impl FnOnce(&mut MsgsetWriter, &mut Stepped, &mut Source<'_>) -> R,
) -> Option<R> {
    // SAFETY: the caller's contract; the layouts are the same, as `MsgsetWriter` asserts.
    unsafe {
        let writer = msetw.cast::<MsgsetWriter>().as_mut()?;
        let (stepped, parts) = (stepped(writer.rkb)?, parts(writer.rktp)?);
        let mut queue = MsgQueue::at(NonNull::new(writer.msgq)?);
        let pid = rd_kafka_pid_t { id: writer.pid.id, epoch: writer.pid.epoch };
        let base = writer.rkbuf.as_mut().and_then(Request::batch);
        let base = base.map_or(0, |batch| batch.ids.epoch_base_msgid);
        let Parts { toppar, topic } = &parts;
        let numbering = numbering(pid, base);
        let mut source = Source { toppar, topic, queue: &mut queue, numbering };
        Some(act(writer, stepped, &mut source))
    }
}

export! {
    /// Begins a message set; see [`writer::init`]. The number of messages that may go into it, 0 if
    /// there are none or the broker has no usable version.
    ///
    /// # Safety
    /// `msetw` is writable; the others are live and this is the broker's thread. The writer is
    /// ended by `rd_kafka_msgset_writer_finalize`.
    fn rd_kafka_msgset_writer_init(
        msetw: *mut rd_kafka_msgset_writer_t,
        rkb: *mut rd_kafka_broker_t,
        rktp: *mut rd_kafka_toppar_t,
        rkmq: *mut rd_kafka_msgq_t,
        pid: rd_kafka_pid_t,
        epoch_base_msgid: u64,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let (stepped, parts) = unsafe { (stepped(rkb), parts(rktp)) };
        let (Some(stepped), Some(parts), Some(at)) = (stepped, parts, NonNull::new(rkmq)) else {
            return 0;
        };
        // SAFETY: the caller's contract.
        let mut queue = unsafe { MsgQueue::at(at) };
        let Parts { toppar, topic } = &parts;
        let numbering = numbering(pid, epoch_base_msgid);
        let mut source = Source { toppar, topic, queue: &mut queue, numbering };
        let now = stepped.thread.handle.now();
        let mut state = MsgsetWriter { rkb, rktp, msgq: rkmq, ..MsgsetWriter::default() };
        let has_begun = writer::init(&mut state, &mut stepped.thread, &mut source, now);
        let count = if has_begun { state.msgcntmax } else { 0 };
        // SAFETY: the caller's contract; the layouts are the same.
        unsafe { msetw.cast::<MsgsetWriter>().write(state) };
        count
    }

    /// Moves messages into the batch and writes their records; see [`writer::write_msgq`]. 0 if a
    /// repeated batch cannot be put together again.
    ///
    /// # Safety
    /// As [`with_writer`] says; `rkmq` is the queue that the writer was initialised with.
    fn rd_kafka_msgset_writer_write_msgq(
        msetw: *mut rd_kafka_msgset_writer_t,
        rkmq: *mut rd_kafka_msgq_t,
    ) -> c_int {
        let _ = rkmq;
        // SAFETY: the caller's contract.
        let is_whole = unsafe {
            with_writer(msetw, |writer, stepped, source| {
                let now = stepped.thread.handle.now();
                writer::write_msgq(writer, &stepped.thread, source.queue, now)
            })
        };
        c_int::from(is_whole.unwrap_or(false))
    }

    /// Finishes a message set and ends the writer; see [`writer::finalize`]. NULL if it is empty.
    ///
    /// # Safety
    /// As [`with_writer`] says; `message_set_size` is NULL or writable.
    fn rd_kafka_msgset_writer_finalize(
        msetw: *mut rd_kafka_msgset_writer_t,
        message_set_size: *mut usize,
    ) -> *mut rd_kafka_buf_t {
        // SAFETY: the caller's contract.
        let written = unsafe {
            with_writer(msetw, |writer, stepped, source| {
                let compressors = &mut stepped.engine.compressors;
                writer::finalize(writer, &stepped.thread, source, compressors)
            })
        };
        let Some(written) = written.flatten() else { return std::ptr::null_mut() };
        if !message_set_size.is_null() {
            // SAFETY: the caller's contract.
            unsafe { *message_set_size = written.set_bytes };
        }
        written.request.into_raw().as_ptr()
    }

    /// Makes the request of a message set, without bytes; see [`writer::alloc_buf`]. The versions,
    /// the most messages, broker, partition and queue are in the writer.
    ///
    /// # Safety
    /// As [`with_writer`] says; all other fields are zeroed.
    fn rd_kafka_msgset_writer_alloc_buf(msetw: *mut rd_kafka_msgset_writer_t) {
        // SAFETY: the caller's contract.
        unsafe {
            with_writer(msetw, |writer, stepped, source| {
                writer::alloc_buf(writer, &mut stepped.thread, source);
            });
        }
    }

    /// Writes everything that stands before the first record, into a request without bytes; see
    /// [`writer::write_produce_header`]. Afterwards the batch is to be initialised.
    ///
    /// # Safety
    /// As [`with_writer`] says; the request came from `rd_kafka_msgset_writer_alloc_buf`.
    fn rd_kafka_msgset_writer_write_Produce_header(msetw: *mut rd_kafka_msgset_writer_t) {
        // SAFETY: the caller's contract.
        unsafe {
            with_writer(msetw, |writer, stepped, source| {
                writer::write_produce_header(writer, &stepped.thread, source);
            });
        }
    }

    /// Writes the record of a message that is in the batch already; see [`writer::write_msg`].
    /// `offset` is its place in the batch; the others are 0 and NULL, since only the wrapper of a
    /// compressed set has them, which `rd_kafka_msgset_writer_compress` writes. Returns the bytes
    /// of the record.
    ///
    /// # Safety
    /// As [`with_writer`] says; the writer has a request; `rkm` is a live message.
    fn rd_kafka_msgset_writer_write_msg(
        msetw: *mut rd_kafka_msgset_writer_t,
        rkm: *mut rd_kafka_msg_t,
        offset: i64,
        attributes: i8,
        free_cb: Option<unsafe extern "C" fn(value: *mut c_void)>,
    ) -> usize {
        if rkm.is_null() || attributes != 0 || free_cb.is_some() {
            return 0;
        }
        // SAFETY: the caller's contract; the message is only looked at.
        let written = unsafe {
            let message = std::mem::ManuallyDrop::new(Msg::from_raw(rkm));
            with_writer(msetw, |writer, _, _| {
                let mut request = writer.rkbuf.take()?;
                let count = usize::try_from(offset).unwrap_or(0);
                let mut records = Records::resume(writer, count);
                let len = writer::write_msg(&mut records, &mut request.bytes(), &message);
                writer.max_timestamp = records.max_timestamp();
                writer.messages_len += len;
                writer.messages_kvlen += message.queued_len();
                writer.rkbuf = Some(request);
                Some(len)
            })
        };
        written.flatten().unwrap_or(0)
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

    /// Compresses a range of a request's bytes with gzip, at the level of the writer's topic. The
    /// range is read to its end; `ciov`, a `struct iovec`, gets the compressed bytes, which
    /// `free()` frees. 0, or -1 if that failed.
    ///
    /// # Safety
    /// As [`with_writer`] says; `slice` is a range of a request's bytes, `ciov` is writable.
    fn rd_kafka_msgset_writer_compress_gzip(
        msetw: *mut rd_kafka_msgset_writer_t,
        slice: *mut rd_slice_t,
        ciov: *mut c_void,
    ) -> c_int {
        // SAFETY: the caller's contract.
        unsafe { compress_with(Codec::Gzip, msetw, slice, ciov) }
    }

    /// As `rd_kafka_msgset_writer_compress_gzip`, with Snappy.
    ///
    /// # Safety
    /// As there.
    fn rd_kafka_msgset_writer_compress_snappy(
        msetw: *mut rd_kafka_msgset_writer_t,
        slice: *mut rd_slice_t,
        ciov: *mut c_void,
    ) -> c_int {
        // SAFETY: the caller's contract.
        unsafe { compress_with(Codec::Snappy, msetw, slice, ciov) }
    }

    /// As `rd_kafka_msgset_writer_compress_gzip`, with LZ4.
    ///
    /// # Safety
    /// As there.
    fn rd_kafka_msgset_writer_compress_lz4(
        msetw: *mut rd_kafka_msgset_writer_t,
        slice: *mut rd_slice_t,
        ciov: *mut c_void,
    ) -> c_int {
        // SAFETY: the caller's contract.
        unsafe { compress_with(Codec::Lz4, msetw, slice, ciov) }
    }

    /// As `rd_kafka_msgset_writer_compress_gzip`, with Zstandard.
    ///
    /// # Safety
    /// As there.
    fn rd_kafka_msgset_writer_compress_zstd(
        msetw: *mut rd_kafka_msgset_writer_t,
        slice: *mut rd_slice_t,
        ciov: *mut c_void,
    ) -> c_int {
        // SAFETY: the caller's contract.
        unsafe { compress_with(Codec::Zstd, msetw, slice, ciov) }
    }
}

/// The engine's compressor at work on a range.
///
/// # Safety
/// As for `rd_kafka_msgset_writer_compress_gzip`.
unsafe fn compress_with(
    codec: Codec,
    msetw: *mut rd_kafka_msgset_writer_t,
    slice: *mut rd_slice_t,
    ciov: *mut c_void,
) -> c_int {
    // SAFETY: the caller's contract.
    unsafe {
        let ciov = ciov.cast::<libc::iovec>();
        let Some(slice) = slice.as_mut().filter(|_| !ciov.is_null()) else { return -1 };
        let plain = segbuf::read_rest(slice);
        let packed = with_writer(msetw, |_, stepped, source| {
            let level = source.topic.settings.level;
            let compressor = writer::compressor(&mut stepped.engine.compressors, codec, level)?;
            let mut packed = Vec::new();
            compressor.compress(&plain, &mut packed).ok()?;
            Some(packed)
        });
        let Some(packed) = packed.flatten() else { return -1 };
        let block = heap::malloc(packed.len());
        std::ptr::copy_nonoverlapping(packed.as_ptr(), block, packed.len());
        ciov.write(libc::iovec { iov_base: block.cast(), iov_len: packed.len() });
    }
    0
}
