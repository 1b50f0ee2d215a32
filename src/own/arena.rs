//! `Open` and `Batch`: messages of a partition as the records that they are sent as, and beside
//! each record a slot of 16 bytes with what the report needs: the opaque pointer, where the record
//! is, and when it was produced.
//!
//! Who owns: a batch owns the place in the account of each message that is in it, and the values
//! that the library has to free; a value that was only lent stays the application's until the
//! report, and its pointer stands beside the slots. Who frees: whoever reports tells the batch of
//! each message that ended; dropping the batch ends the rest. The records may be shared with the
//! request that carries them, which is gone before the batch is reported.

mod open;

use std::ffi::c_void;
use std::sync::Arc;

use super::account::Account;
use super::bytes::Bytes;
use super::msg::{Msg, NewMessage, Status};
use crate::codec::{Codec, Compressor};
use crate::proto::record::NewRecord;
use crate::proto::record::batch::{BatchWriter, HEADER_BYTES, ProducerStamp};
use crate::proto::record::view::{RawHeaders, RecordView};
use crate::proto::wire::{Buffer, Write};
use crate::sys::clock::Ts;
use crate::sys::heap;

#[cfg(any(feature = "engine-v2", test))]
pub(crate) use open::Open;

/// The value is freed after the report.
const TAKEN: u32 = 1 << 31;
/// The value is not among the records.
const OUTSIDE: u32 = 1 << 30;
/// Records begin below; no batch is longer, as `message.max.bytes` has it.
const PLACE_END: u32 = OUTSIDE;
/// A batch that has this much more memory than it needs gives it back, in bytes.
const SLACK_BYTES: usize = 4096;
/// Room that writing a record wants behind it, in bytes.
const RECORD_SLACK: usize = 256;
/// Room of a batch about which nothing is known: in bytes, and in messages.
const ROOM_MIN: (usize, usize) = (256, 4);

/// One message.
#[derive(Clone, Copy)]
struct Slot {
    opaque: *mut c_void,
    /// Where its record begins among the plain bytes, and flags.
    place: u32,
    /// Microseconds from the first message's produce call to its own.
    age_us: u32,
}

const _: () = assert!(size_of::<Slot>() == 16);

impl Slot {
    fn at(self) -> usize {
        (self.place & (PLACE_END - 1)) as usize
    }

    fn is_outside(self) -> bool {
        self.place & OUTSIDE != 0
    }
}

/// What a batch may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Messages.
    pub(crate) messages: usize,
    /// Bytes, with the header; a single message may have more.
    pub(crate) bytes: usize,
}

/// How large the last batch became: the next one gets as much room.
#[derive(Clone, Copy, Default)]
pub(crate) struct Room {
    bytes: usize,
    messages: usize,
}

/// The messages of a batch, without their records.
struct Messages {
    slots: Vec<Slot>,
    /// The pointers that the application gave for values, as many as slots, or none at all: NULL
    /// for a copied value, and for a null value the length that the application named.
    given: Vec<*mut u8>,
    /// So many, from the first, have ended.
    ended: usize,
    first_id: u64,
    since: Ts,
    /// How long a message may wait, in microseconds; `i64::MAX` is for ever.
    timeout_us: i64,
    /// Value and key bytes, as queues count them.
    queued_bytes: i64,
    /// Value bytes, as the account counts them, of the messages that did not end.
    value_bytes: i64,
    account: Arc<Account>,
}

// SAFETY: the pointers are only carried, but for values, which belong to the application, that
// promised to leave them alone until the report, or to the batch.
unsafe impl Send for Messages {}
// SAFETY: shared references only read.
unsafe impl Sync for Messages {}

impl Messages {
    fn expires(&self, at: usize) -> Ts {
        match self.timeout_us {
            i64::MAX => Ts::MAX,
            timeout_us => self.enqueued(at) + timeout_us,
        }
    }

    fn enqueued(&self, at: usize) -> Ts {
        self.since + i64::from(self.slots[at].age_us)
    }

    fn given(&self, at: usize) -> *mut u8 {
        self.given.get(at).copied().unwrap_or(std::ptr::null_mut())
    }

    /// The next message ended; its value has `len` bytes.
    fn end(&mut self, len: usize) {
        let at = self.ended;
        self.ended += 1;
        self.value_bytes -= signed(len);
        self.free_value(at);
    }

    fn free_value(&mut self, at: usize) {
        if self.slots[at].place & TAKEN != 0 {
            // SAFETY: the application gave the value to us, it is on the C heap, and the message
            // ends only once.
            unsafe { heap::free(self.given(at)) };
        }
    }

    /// Takes the first `count` messages out, whose values have `value_bytes` and with their keys
    /// `queued_bytes`.
    fn split(&mut self, count: usize, value_bytes: i64, queued_bytes: i64) -> Self {
        assert!(self.ended == 0, "a batch that is reported is not divided");
        let behind = self.slots.split_off(count);
        let given = match self.given.is_empty() {
            true => Vec::new(),
            false => self.given.split_off(count),
        };
        let (first_id, since) = (self.first_id + count as u64, self.since);
        let rest = Self {
            slots: behind,
            given,
            ended: 0,
            first_id,
            since,
            timeout_us: self.timeout_us,
            queued_bytes: self.queued_bytes - queued_bytes,
            value_bytes: self.value_bytes - value_bytes,
            account: Arc::clone(&self.account),
        };
        (self.queued_bytes, self.value_bytes) = (queued_bytes, value_bytes);
        std::mem::replace(self, rest)
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        let left = self.slots.len() - self.ended;
        (self.ended..self.slots.len()).for_each(|at| self.free_value(at));
        self.account.release(signed(left), self.value_bytes);
    }
}

fn signed(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

/// A batch whose messages are settled.
pub(crate) struct Batch {
    bytes: Arc<Bytes>,
    writer: BatchWriter,
    messages: Messages,
    /// Something is known of its messages.
    status: Status,
    /// The records are those of the messages, from the first on, and in their order.
    is_whole: bool,
}

/// A message of a batch, read from its record.
pub(crate) struct Kept<'a> {
    /// Milliseconds since the epoch.
    pub(crate) timestamp_ms: i64,
    /// The key.
    pub(crate) key: Option<&'a [u8]>,
    /// The value as it is sent.
    pub(crate) value: Option<&'a [u8]>,
    /// The pointer that the application gets back.
    pub(crate) payload: *mut u8,
    /// The length that it gets back.
    pub(crate) len: usize,
    /// The headers.
    pub(crate) headers: RawHeaders<'a>,
    /// The application's pointer.
    pub(crate) opaque: *mut c_void,
    /// Time of the produce call.
    pub(crate) enqueued: Ts,
}

impl Kept<'_> {
    /// The record.
    pub(crate) fn record(&self) -> NewRecord<'_> {
        let Self { timestamp_ms, key, value, .. } = *self;
        NewRecord { timestamp: timestamp_ms, key, value, headers: &self.headers }
    }

    fn queued_len(&self) -> usize {
        self.len + self.key.map_or(0, <[u8]>::len)
    }
}

impl Batch {
    /// How many messages did not end yet.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.messages.slots.len() - self.messages.ended
    }

    /// How many messages, those that ended as well.
    pub(crate) fn total(&self) -> usize {
        self.messages.slots.len()
    }

    /// Value and key bytes of all messages.
    pub(crate) fn queued_bytes(&self) -> i64 {
        self.messages.queued_bytes
    }

    /// Bytes that the records take.
    pub(crate) fn record_bytes(&self) -> usize {
        self.bytes.len() - HEADER_BYTES
    }

    /// Whether the messages are in the log.
    pub(crate) fn status(&self) -> Status {
        self.status
    }

    /// Sets the status; "not persisted" never overwrites another one.
    pub(crate) fn set_status(&mut self, status: Status) {
        if status != Status::NotPersisted {
            self.status = status;
        }
    }

    /// Id of the first message.
    pub(crate) fn first_id(&self) -> u64 {
        self.messages.first_id
    }

    /// Id of the last message.
    pub(crate) fn last_id(&self) -> u64 {
        self.messages.first_id + self.messages.slots.len() as u64 - 1
    }

    /// When the oldest message was produced.
    pub(crate) fn since(&self) -> Ts {
        self.messages.enqueued(0)
    }

    /// When each message was produced.
    pub(crate) fn times(&self) -> impl Iterator<Item = Ts> {
        (0..self.messages.slots.len()).map(|at| self.messages.enqueued(at))
    }

    /// When the first message expires.
    pub(crate) fn expires(&self) -> Ts {
        self.messages.expires(0)
    }

    /// What the next batch may need, after one that needed this; `former` is what was thought.
    pub(crate) fn room(&self, former: Room, limits: Limits) -> Room {
        let next = |used: usize, former: usize, most: usize| {
            (used + used / 16 + 1).min(most.max(used)).max(former - former / 8)
        };
        let (bytes, messages) = (self.bytes.plain().len(), self.messages.slots.len());
        Room {
            bytes: next(bytes, former.bytes, limits.bytes + RECORD_SLACK),
            messages: next(messages, former.messages, limits.messages),
        }
    }

    /// How many messages, from the first, are expired.
    pub(crate) fn expired(&self, now: Ts) -> usize {
        let slots = 0..self.messages.slots.len();
        slots.take_while(|at| self.messages.expires(*at) <= now).count()
    }

    /// A message, counted from 0, whether it ended or not.
    #[inline(always)]
    pub(crate) fn message(&self, at: usize) -> Kept<'_> {
        let slot = self.messages.slots[at];
        let view = RecordView::at(self.bytes.plain(), slot.at(), slot.is_outside());
        let view = view.expect("a record that we wrote ourselves");
        let given = self.messages.given(at);
        let (payload, len, value) = match (view.value_len, view.value) {
            (None, _) => (std::ptr::null_mut(), given.addr(), None),
            (Some(len), Some(value)) if given.is_null() => {
                (value.as_ptr().cast_mut(), len, Some(value))
            }
            (Some(len), Some(value)) => (given, len, Some(value)),
            (Some(len), None) => {
                // SAFETY: the value is where the application put it, and stays so until the report.
                (given, len, Some(unsafe { std::slice::from_raw_parts(given, len) }))
            }
        };
        Kept {
            timestamp_ms: self.writer.base_timestamp().wrapping_add(view.timestamp_delta),
            key: view.key,
            value,
            payload,
            len,
            headers: view.headers,
            opaque: slot.opaque,
            enqueued: self.messages.enqueued(at),
        }
    }

    /// The next message, `len` value bytes long, ended: the caller gives it back to the account.
    pub(crate) fn end(&mut self, len: usize) {
        self.messages.end(len);
    }

    /// Takes the first `count` messages out.
    pub(crate) fn split(&mut self, count: usize) -> Self {
        let (mut values, mut queued) = (0, 0);
        for at in 0..count {
            let message = self.message(at);
            values += signed(message.len);
            queued += signed(message.queued_len());
        }
        let messages = self.messages.split(count, values, queued);
        self.is_whole = false;
        let (base, latest) = (self.writer.base_timestamp(), self.writer.max_timestamp());
        let writer = BatchWriter::resume(0, base, latest, self.writer.count());
        let (bytes, status) = (Arc::clone(&self.bytes), self.status);
        Self { bytes, writer, messages, status, is_whole: false }
    }

    /// Turns the messages round: the last one is sent first.
    pub(crate) fn reverse(&mut self) {
        if self.messages.slots.len() > 1 {
            let places: Vec<usize> = (0..self.messages.slots.len()).rev().collect();
            self.write_again(&places);
            self.messages.slots.reverse();
            self.messages.given.reverse();
        }
    }

    /// Writes the records of the messages at `order` anew, in that order.
    fn write_again(&mut self, order: &[usize]) {
        let mut bytes = Bytes::with_capacity(self.bytes.plain().len());
        let base = order.first().map_or(0, |first| self.message(*first).timestamp_ms);
        let mut writer = BatchWriter::start(&mut bytes, base);
        let mut places = Vec::with_capacity(order.len());
        for at in order {
            let slot = self.messages.slots[*at];
            if slot.is_outside() {
                // SAFETY: as in `Open::push`: it is the same value.
                unsafe { bytes.refer_to_next() };
            }
            places.push(bytes.plain().len());
            writer.push(&mut bytes, &self.message(*at).record());
        }
        for (at, place) in order.iter().zip(places) {
            let slot = &mut self.messages.slots[*at];
            let flags = slot.place & (TAKEN | OUTSIDE);
            slot.place = u32::try_from(place).unwrap_or(PLACE_END) | flags;
        }
        (self.bytes, self.writer, self.is_whole) = (Arc::new(bytes), writer, true);
    }

    /// Makes the records those of the messages that are in the batch.
    pub(crate) fn make_whole(&mut self) {
        if !self.is_whole {
            let order: Vec<usize> = (0..self.messages.slots.len()).collect();
            self.write_again(&order);
        }
    }

    /// Writes the header of a plain record batch, which the batch's own bytes are from then on.
    pub(crate) fn seal(&mut self, stamp: ProducerStamp) {
        self.make_whole();
        // Requests that had the bytes are gone, so that nothing is copied.
        self.writer.write_header(Arc::make_mut(&mut self.bytes), stamp, Codec::None);
    }

    /// The record batch, compressed; nothing if that makes it no smaller.
    pub(crate) fn compressed(
        &mut self,
        stamp: ProducerStamp,
        compressor: &mut Compressor,
    ) -> Option<Vec<u8>> {
        self.make_whole();
        let records = self.bytes.parts(HEADER_BYTES);
        let codec = compressor.codec();
        let smaller = compressor.compress_if_smaller(&records)?;
        let mut out = Vec::with_capacity(HEADER_BYTES + smaller.len());
        out.put(&[0; HEADER_BYTES]);
        out.put(smaller);
        self.writer.write_header(&mut out, stamp, codec);
        Some(out)
    }

    /// Its own bytes: a plain record batch once it was sealed.
    pub(crate) fn bytes(&self) -> &Arc<Bytes> {
        &self.bytes
    }
}

impl NewMessage<'_> {
    /// Shows what a message object is made of to who writes it into a batch. The object ends; its
    /// place in the account, and a value that is to be freed, are the batch's.
    pub(crate) fn of_object<R>(mut object: Msg, use_it: impl FnOnce(&NewMessage<'_>) -> R) -> R {
        let headers = object.take_headers();
        let result = use_it(&NewMessage {
            partition: object.partition(),
            value: object.given_value(),
            key: object.key(),
            headers,
            timestamp_ms: object.timestamp_ms(),
            opaque: object.opaque(),
            now: object.enqueued(),
            expires: object.expires(),
        });
        object.leave_to_batch();
        result
    }
}

#[cfg(test)]
mod tests;
