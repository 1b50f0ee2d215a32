//! `Msg`: an owned message (`rd_kafka_msg_t`).
//!
//! Who allocates: [`Msg::new`], a place in a C-heap block ([`slab`](super::slab)) for the struct,
//! the key and a copied value. Who frees: dropping the `Msg` (value if the library owns it,
//! headers, the broker's text, the place) and gives the account its message back. A `Msg` is the
//! only handle to its message; queues own theirs as raw links and give `Msg`s out.

use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::headers::Headers;
use super::slab;
use super::topic::Topic;
use crate::abi::msg::*;
use crate::abi::public::{rd_kafka_headers_t, rd_kafka_message_t};
use crate::abi::sysqueue::TailqEntry;
use crate::error::ErrorCode;
use crate::sys::clock::Ts;
use crate::sys::heap;

/// Offset of a message that has none (`RD_KAFKA_OFFSET_INVALID`).
pub(crate) const OFFSET_INVALID: i64 = -1001;

/// The link of a message that is in no queue.
const UNLINKED: TailqEntry<rd_kafka_msg_t> =
    TailqEntry { tqe_next: std::ptr::null_mut(), tqe_prev: std::ptr::null_mut() };

/// Whether a message is in the log (`rd_kafka_msg_status_t`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(i32)]
pub(crate) enum Status {
    /// Never appended.
    NotPersisted = 0,
    /// Sent, and the outcome is unknown.
    PossiblyPersisted = 1,
    /// Acknowledged.
    Persisted = 2,
}

/// The value of a new message.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// No value (null on the wire); the length is only reported back.
    Null(usize),
    /// Copied into the message.
    Copy(&'a [u8]),
    /// Referenced; the application keeps it alive until the report.
    Borrow(NonNull<u8>, usize),
    /// Taken over; freed with the C heap's `free` after the report.
    Take(NonNull<u8>, usize),
}

impl Value<'_> {
    /// Length in bytes, as the application gave it.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Null(len) | Self::Borrow(_, len) | Self::Take(_, len) => *len,
            Self::Copy(bytes) => bytes.len(),
        }
    }
}

/// What a produce call knows about a message.
pub(crate) struct NewMessage<'a> {
    /// The wanted partition, or -1.
    pub(crate) partition: i32,
    /// The value.
    pub(crate) value: Value<'a>,
    /// The key; always copied.
    pub(crate) key: Option<&'a [u8]>,
    /// Headers; owned by the message from now on.
    pub(crate) headers: Option<Box<Headers>>,
    /// Milliseconds since the epoch.
    pub(crate) timestamp_ms: i64,
    /// The application's pointer.
    pub(crate) opaque: *mut c_void,
    /// Time of the call.
    pub(crate) now: Ts,
    /// When it expires.
    pub(crate) expires: Ts,
}

/// The fields of a message, wherever it is owned.
#[repr(transparent)]
pub(crate) struct MsgFields(rd_kafka_msg_t);

/// An owned message.
pub(crate) struct Msg(NonNull<rd_kafka_msg_t>);

// SAFETY: a `Msg` is the only handle to its block. The value that it may reference belongs to the
// application, which promised to leave it alone until the report; the opaque pointer is only
// carried.
unsafe impl Send for Msg {}

impl Msg {
    /// Builds a message of `topic` that is already admitted to the topic's account.
    pub(crate) fn new(topic: &Topic, new: NewMessage<'_>) -> Self {
        let key_len = new.key.map_or(0, <[u8]>::len);
        let copied = match new.value {
            Value::Copy(bytes) => bytes.len(),
            _ => 0,
        };
        let size = size_of::<rd_kafka_msg_t>() + copied + key_len;
        let account = &topic.account;
        let (block, offset) = account.slabs.take(size, account.messages());
        let block = block.as_ptr().cast::<rd_kafka_msg_t>();
        let mut flags = MSG_F_FREE_RKM | MSG_F_ACCOUNT | MSG_F_PRODUCER;
        // SAFETY: the block is fresh and `size` bytes long: the struct, then the value's copy, then
        // the key's copy.
        unsafe {
            let tail = block.cast::<u8>().add(size_of::<rd_kafka_msg_t>());
            let (payload, len) = match new.value {
                Value::Null(len) => (std::ptr::null_mut(), len),
                Value::Copy(bytes) => {
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), tail, copied);
                    (tail, copied)
                }
                Value::Borrow(ptr, len) => (ptr.as_ptr(), len),
                Value::Take(ptr, len) => {
                    flags |= MSG_F_FREE;
                    (ptr.as_ptr(), len)
                }
            };
            let key = match new.key {
                None => std::ptr::null_mut(),
                Some(bytes) => {
                    let at = tail.add(copied);
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, key_len);
                    at
                }
            };
            block.write(rd_kafka_msg_t {
                rkm_rkmessage: rd_kafka_message_t {
                    err: 0,
                    rkt: topic.as_c().cast_mut(),
                    partition: new.partition,
                    payload: payload.cast(),
                    len,
                    key: key.cast(),
                    key_len,
                    offset: OFFSET_INVALID,
                    _private: new.opaque,
                },
                rkm_link: UNLINKED,
                rkm_flags: flags,
                rkm_tstype: 1,
                rkm_timestamp: new.timestamp_ms,
                rkm_headers: new
                    .headers
                    .map_or(std::ptr::null_mut(), |headers| Box::into_raw(headers).cast()),
                rkm_status: Status::NotPersisted as i32,
                rkm_broker_id: -1,
                rkm_u: rd_kafka_msg_u_t { producer: unsent(new.now, new.expires) },
            });
            slab_offset(block).write(offset);
            Self(NonNull::new_unchecked(block))
        }
    }

    /// Gives the message to an intrusive list.
    pub(crate) fn into_raw(self) -> *mut rd_kafka_msg_t {
        std::mem::ManuallyDrop::new(self).0.as_ptr()
    }

    /// Takes a message back from an intrusive list.
    ///
    /// # Safety
    /// `raw` came from [`Msg::into_raw`] and is in no list any more.
    pub(crate) unsafe fn from_raw(raw: *mut rd_kafka_msg_t) -> Self {
        // SAFETY: `into_raw` never gives NULL.
        Self(unsafe { NonNull::new_unchecked(raw) })
    }
}

impl Deref for Msg {
    type Target = MsgFields;
    fn deref(&self) -> &MsgFields {
        // SAFETY: `MsgFields` is a transparent `rd_kafka_msg_t`; the block lives as long as `self`.
        unsafe { self.0.cast().as_ref() }
    }
}

impl DerefMut for Msg {
    fn deref_mut(&mut self) -> &mut MsgFields {
        // SAFETY: as above, and `&mut self` makes this the only reference.
        unsafe { self.0.cast().as_mut() }
    }
}

impl Drop for Msg {
    fn drop(&mut self) {
        drop(self.take_headers());
        if let Some(len) = self.leave_account()
            && let Some(topic) = self.topic()
        {
            topic.account.release(1, len);
        }
        let block = self.0.as_ptr();
        // SAFETY: the block is ours and nobody else's. The value is freed only if the application
        // gave it to us, the text only if `set_error_text` made it; both are on the C heap.
        unsafe {
            if (*block).rkm_flags & MSG_F_FREE != 0 {
                heap::free((*block).rkm_rkmessage.payload);
            }
            if !(*block).rkm_u.producer.errstr.is_null() {
                heap::free((*block).rkm_u.producer.errstr.cast_mut());
            }
            slab::give_back((self.0.cast(), slab_offset(block).read()));
        }
    }
}

impl MsgFields {
    /// The value; `None` is null on the wire.
    pub(crate) fn value(&self) -> Option<&[u8]> {
        bytes(self.0.rkm_rkmessage.payload, self.0.rkm_rkmessage.len, self)
    }

    /// The key; `None` is null on the wire.
    pub(crate) fn key(&self) -> Option<&[u8]> {
        bytes(self.0.rkm_rkmessage.key, self.0.rkm_rkmessage.key_len, self)
    }

    /// Length of value and key, as queues count it.
    pub(crate) fn queued_len(&self) -> usize {
        self.0.rkm_rkmessage.len + self.0.rkm_rkmessage.key_len
    }

    /// The headers, if it has any object.
    pub(crate) fn headers(&self) -> Option<&Headers> {
        // SAFETY: a non-NULL pointer is a `Headers` that this message owns.
        unsafe { self.0.rkm_headers.cast::<Headers>().as_ref() }
    }

    /// The headers' address for C, NULL if none.
    pub(crate) fn headers_as_c(&self) -> *mut rd_kafka_headers_t {
        self.0.rkm_headers
    }

    /// Takes the headers out.
    pub(crate) fn take_headers(&mut self) -> Option<Box<Headers>> {
        let raw = std::mem::replace(&mut self.0.rkm_headers, std::ptr::null_mut());
        // SAFETY: a non-NULL pointer came from `Box::into_raw` and was just taken out of its only
        // place.
        (!raw.is_null()).then(|| unsafe { Box::from_raw(raw.cast::<Headers>()) })
    }

    /// Gives the message headers; the former ones are dropped.
    pub(crate) fn set_headers(&mut self, headers: Option<Box<Headers>>) {
        drop(self.take_headers());
        self.0.rkm_headers =
            headers.map_or(std::ptr::null_mut(), |headers| Box::into_raw(headers).cast());
    }

    /// Gives the value back to the application, which keeps it after a failed produce call.
    pub(crate) fn release_value(&mut self) {
        self.0.rkm_flags &= !MSG_F_FREE;
    }

    /// Takes the message out of the account without releasing it; returns its value's length if it
    /// was counted. The caller releases for many messages at once.
    pub(crate) fn leave_account(&mut self) -> Option<i64> {
        let counted = self.0.rkm_flags & MSG_F_ACCOUNT != 0;
        self.0.rkm_flags &= !MSG_F_ACCOUNT;
        counted.then_some(self.0.rkm_rkmessage.len as i64)
    }

    /// The topic, which outlives its messages.
    pub(crate) fn topic(&self) -> Option<&Topic> {
        // SAFETY: a message is made for a live `Topic`, and the instance keeps topics until its
        // messages are gone.
        unsafe { self.0.rkm_rkmessage.rkt.cast::<Topic>().as_ref() }
    }

    /// The message as the application sees it.
    pub(crate) fn as_public(&mut self) -> *mut rd_kafka_message_t {
        &raw mut self.0.rkm_rkmessage
    }

    /// Timestamp in milliseconds since the epoch.
    pub(crate) fn timestamp_ms(&self) -> i64 {
        self.0.rkm_timestamp
    }

    /// Kind of the timestamp: 0 none, 1 create time, 2 log append time.
    pub(crate) fn timestamp_kind(&self) -> c_int {
        self.0.rkm_tstype
    }

    /// The broker stamped the message.
    pub(crate) fn set_log_append_time(&mut self, ms: i64) {
        self.0.rkm_timestamp = ms;
        self.0.rkm_tstype = 2;
    }

    /// The partition; -1 as long as it has none.
    pub(crate) fn partition(&self) -> i32 {
        self.0.rkm_rkmessage.partition
    }

    /// Assigns a partition.
    pub(crate) fn set_partition(&mut self, partition: i32) {
        self.0.rkm_rkmessage.partition = partition;
    }

    /// The application's opaque pointer.
    pub(crate) fn opaque(&self) -> *mut c_void {
        self.0.rkm_rkmessage._private
    }

    /// The error of the report.
    pub(crate) fn error(&self) -> ErrorCode {
        ErrorCode(self.0.rkm_rkmessage.err)
    }

    /// Sets the error of the report.
    pub(crate) fn set_error(&mut self, code: ErrorCode) {
        self.0.rkm_rkmessage.err = code.0;
    }

    /// The broker's text, owned by the message.
    pub(crate) fn error_text(&self) -> *const c_char {
        self.0.rkm_u.producer.errstr
    }

    /// Gives the message its own copy of the broker's text.
    pub(crate) fn set_error_text(&mut self, text: &[u8]) {
        // SAFETY: the former text, if any, was made here.
        unsafe { heap::free(self.0.rkm_u.producer.errstr.cast_mut()) };
        self.0.rkm_u.producer.errstr = heap::string(text);
    }

    /// The offset.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn offset(&self) -> i64 {
        self.0.rkm_rkmessage.offset
    }

    /// Sets the offset.
    pub(crate) fn set_offset(&mut self, offset: i64) {
        self.0.rkm_rkmessage.offset = offset;
    }

    /// Whether the message is in the log.
    pub(crate) fn status(&self) -> c_int {
        self.0.rkm_status
    }

    /// Sets the status; "not persisted" never overwrites another one.
    pub(crate) fn set_status(&mut self, status: Status) {
        if status != Status::NotPersisted {
            self.0.rkm_status = status as i32;
        }
    }

    /// Node id of the broker that gave the final result; -1 if none did.
    pub(crate) fn broker_id(&self) -> i32 {
        self.0.rkm_broker_id
    }

    /// Sets the node id.
    pub(crate) fn set_broker_id(&mut self, id: i32) {
        self.0.rkm_broker_id = id;
    }

    /// Number within its partition; 0 before it has one.
    pub(crate) fn id(&self) -> u64 {
        self.0.rkm_u.producer.msgid
    }

    /// Numbers the message.
    pub(crate) fn set_id(&mut self, id: u64) {
        self.0.rkm_u.producer.msgid = id;
    }

    /// The last message's number of the batch that this message is the first of; 0 as long as the
    /// batch's boundaries are free.
    pub(crate) fn last_id_of_batch(&self) -> u64 {
        self.0.rkm_u.producer.last_msgid
    }

    /// Pins the boundaries of the batch that this message is the first of.
    pub(crate) fn set_last_id_of_batch(&mut self, id: u64) {
        self.0.rkm_u.producer.last_msgid = id;
    }

    /// Time of the produce call.
    pub(crate) fn enqueued(&self) -> Ts {
        Ts(self.0.rkm_u.producer.ts_enq)
    }

    /// When it expires.
    pub(crate) fn expires(&self) -> Ts {
        Ts(self.0.rkm_u.producer.ts_timeout)
    }

    /// Not before this time is it sent again.
    pub(crate) fn backoff(&self) -> Ts {
        Ts(self.0.rkm_u.producer.ts_backoff)
    }

    /// Sets the end of the back-off.
    pub(crate) fn set_backoff(&mut self, until: Ts) {
        self.0.rkm_u.producer.ts_backoff = until.0;
    }

    /// How often it was sent again.
    pub(crate) fn retries(&self) -> i32 {
        self.0.rkm_u.producer.retries
    }

    /// Counts another attempt.
    pub(crate) fn add_retry(&mut self) {
        self.0.rkm_u.producer.retries = self.0.rkm_u.producer.retries.saturating_add(1);
    }

    /// The message that a public pointer belongs to.
    ///
    /// # Safety
    /// `message` is NULL or was given out by this library for a producer's message that is still
    /// alive, and no other reference to it is in use.
    pub(crate) unsafe fn from_public<'a>(
        message: *const rd_kafka_message_t,
    ) -> Option<&'a mut Self> {
        // SAFETY: the public part is at offset 0 of the message.
        unsafe { message.cast_mut().cast::<Self>().as_mut() }
    }
}

/// The producer's part of a message that was never sent.
#[inline]
fn unsent(now: Ts, expires: Ts) -> rd_kafka_msg_producer_t {
    rd_kafka_msg_producer_t {
        ts_timeout: expires.0,
        ts_enq: now.0,
        ts_backoff: 0,
        msgid: 0,
        last_msgid: 0,
        retries: 0,
        errstr: std::ptr::null(),
    }
}

/// Where a message keeps how far it is behind the start of its block: in the gap that the
/// historical struct has before its last field.
fn slab_offset(message: *mut rd_kafka_msg_t) -> *mut u32 {
    const GAP: usize = offset_of!(rd_kafka_msg_t, rkm_u.producer.errstr) - size_of::<u32>();
    const RETRIES: usize = offset_of!(rd_kafka_msg_t, rkm_u.producer.retries);
    const { assert!(GAP == RETRIES + size_of::<c_int>()) };
    message.wrapping_byte_add(GAP).cast()
}

fn bytes(ptr: *mut c_void, len: usize, _owner: &MsgFields) -> Option<&[u8]> {
    // SAFETY: value and key are readable for their lengths as long as the message lives: copies are
    // in its block, borrowed and taken values were promised by the application.
    (!ptr.is_null()).then(|| unsafe { std::slice::from_raw_parts(ptr.cast::<u8>(), len) })
}
