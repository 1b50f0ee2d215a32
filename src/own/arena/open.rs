//! `Open`: the batch that takes a partition's messages, and how a record is written into it.
//!
//! Who owns and who frees is as for [`Batch`], which an open batch becomes.

use std::sync::Arc;

use super::{
    Batch, Limits, Messages, OUTSIDE, PLACE_END, ROOM_MIN, Room, SLACK_BYTES, Slot, TAKEN, signed,
};
use crate::own::account::Account;
use crate::own::bytes::Bytes;
use crate::own::msg::{NewMessage, Status, Value};
use crate::own::segbuf::REFERENCED_FROM;
use crate::proto::record::NewRecord;
use crate::proto::record::batch::{BatchWriter, HEADER_BYTES};
use crate::proto::record::frame::Frame;
use crate::proto::varint;
use crate::proto::wire::Buffer;
use crate::sys::clock::Ts;

/// What came of an attempt to write a record.
enum Pushed {
    /// It is in; its slot's flags.
    In(u32),
    /// There is no room for it.
    Full,
    /// It is not such a record.
    Other,
}

/// A batch that takes messages.
pub(crate) struct Open {
    bytes: Bytes,
    writer: BatchWriter,
    messages: Messages,
}

impl Open {
    /// A batch for a message with this id, which comes first and is pushed next.
    pub(crate) fn new(account: &Arc<Account>, first: &NewMessage<'_>, id: u64, room: Room) -> Self {
        let mut bytes = Bytes::with_capacity(room.bytes.max(ROOM_MIN.0));
        let writer = BatchWriter::start(&mut bytes, first.timestamp_ms);
        let timeout_us = match first.expires {
            Ts::MAX => i64::MAX,
            expires => expires - first.now,
        };
        let messages = Messages {
            slots: Vec::with_capacity(room.messages.max(ROOM_MIN.1)),
            given: Vec::new(),
            ended: 0,
            first_id: id,
            since: first.now,
            timeout_us,
            queued_bytes: 0,
            value_bytes: 0,
            account: Arc::clone(account),
        };
        Self { bytes, writer, messages }
    }

    /// Writes a message behind the others, if it goes in there: it has the next id, and the limits
    /// allow it.
    #[inline(always)]
    pub(crate) fn push(&mut self, new: &NewMessage<'_>, id: u64, limits: Limits) -> bool {
        let count = self.messages.slots.len();
        let age_us = new.now.0.wrapping_sub(self.messages.since.0);
        if count >= limits.messages
            || id != self.messages.first_id + count as u64
            || age_us > i64::from(u32::MAX)
        {
            return false;
        }
        let at = self.bytes.plain().len();
        let room = if count == 0 { usize::MAX } else { limits.bytes };
        let flags = match self.push_plain(new, room) {
            Pushed::In(flags) => flags,
            Pushed::Full => return false,
            Pushed::Other => match self.push_any(new, room) {
                Some(flags) => flags,
                None => return false,
            },
        };
        let messages = &mut self.messages;
        // Other threads may have called earlier and come later.
        let last = messages.slots.last().map_or(0, |slot| slot.age_us);
        let age_us = (age_us.max(0) as u32).max(last);
        debug_assert!(at < PLACE_END as usize, "batches are shorter");
        messages.slots.push(Slot { opaque: new.opaque, place: at as u32 | flags, age_us });
        true
    }

    /// Writes a record as most are, of short numbers and without headers, if there is room for it.
    #[inline(always)]
    fn push_plain(&mut self, new: &NewMessage<'_>, room: usize) -> Pushed {
        if new.headers.is_some() {
            return Pushed::Other;
        }
        let value = match new.value {
            Value::Copy(value) => value,
            Value::Null(_) => return Pushed::Other,
            Value::Borrow(start, len) | Value::Take(start, len) => {
                // SAFETY: the application promised that so much is readable, until the report.
                unsafe { std::slice::from_raw_parts(start.as_ptr(), len) }
            }
        };
        let (key_len, len) = (new.key.map(<[u8]>::len), value.len());
        let frame = Frame::next(&self.writer, new.timestamp_ms, key_len, Some(len));
        let Some(frame) = frame else { return Pushed::Other };
        if self.bytes.len() + frame.len > room {
            return Pushed::Full;
        }
        self.bytes.put_framed(&frame, new.key.unwrap_or_default(), value);
        self.writer.count_in(new.timestamp_ms);
        self.messages.value_bytes += len as i64;
        self.messages.queued_bytes += (len + key_len.unwrap_or(0)) as i64;
        let is_plain = matches!(new.value, Value::Copy(_)) && self.messages.given.is_empty();
        Pushed::In(if is_plain { 0 } else { self.give(&new.value) })
    }

    /// Writes any record, if there is room for it; its slot's flags.
    #[inline(never)]
    fn push_any(&mut self, new: &NewMessage<'_>, room: usize) -> Option<u32> {
        let record = record(new);
        let body_len = self.writer.body_len(&record);
        if self.bytes.len() + varint::len_i64(signed(body_len)) + body_len > room {
            return None;
        }
        let mut flags = self.give(&new.value);
        if new.value.len() >= REFERENCED_FROM
            && matches!(new.value, Value::Borrow(..) | Value::Take(..))
        {
            flags |= OUTSIDE;
            // SAFETY: the value is the application's, which leaves it alone until the report, or
            // the batch's until then; records are gone before.
            unsafe { self.bytes.refer_to_next() };
        }
        self.writer.push_sized(&mut self.bytes, &record, body_len);
        let (value, key) = (signed(new.value.len()), new.key.map_or(0, |key| signed(key.len())));
        self.messages.value_bytes += value;
        self.messages.queued_bytes += value + key;
        Some(flags)
    }

    /// Remembers the pointer that the application gave, if the value is not copied; the flags.
    #[inline(never)]
    fn give(&mut self, value: &Value<'_>) -> u32 {
        let (given, flags) = match *value {
            Value::Copy(_) | Value::Null(0) if self.messages.given.is_empty() => return 0,
            Value::Null(len) => (std::ptr::without_provenance_mut(len), 0),
            Value::Copy(_) => (std::ptr::null_mut(), 0),
            Value::Borrow(start, _) => (start.as_ptr(), 0),
            Value::Take(start, _) => (start.as_ptr(), TAKEN),
        };
        self.messages.given.resize(self.messages.slots.len(), std::ptr::null_mut());
        self.messages.given.push(given);
        flags
    }

    /// How many messages.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.messages.slots.len()
    }

    /// Value and key bytes of all messages.
    #[inline]
    pub(crate) fn queued_bytes(&self) -> i64 {
        self.messages.queued_bytes
    }

    /// Bytes that the records take.
    #[inline]
    pub(crate) fn record_bytes(&self) -> usize {
        self.bytes.len() - HEADER_BYTES
    }

    /// When the first message was produced.
    pub(crate) fn since(&self) -> Ts {
        self.messages.since
    }

    /// When the first message expires.
    pub(crate) fn expires(&self) -> Ts {
        self.messages.expires(0)
    }

    /// Id of the first message.
    pub(crate) fn first_id(&self) -> u64 {
        self.messages.first_id
    }

    /// Nothing more comes in.
    pub(crate) fn close(mut self) -> Batch {
        self.bytes.trim(SLACK_BYTES);
        let slots = &mut self.messages.slots;
        if (slots.capacity() - slots.len()) * size_of::<Slot>() > SLACK_BYTES {
            slots.shrink_to_fit();
        }
        Batch {
            bytes: Arc::new(self.bytes),
            writer: self.writer,
            messages: self.messages,
            status: Status::NotPersisted,
            is_whole: true,
        }
    }
}

/// The value as it is sent.
#[inline]
fn wire_value<'a>(new: &NewMessage<'a>) -> Option<&'a [u8]> {
    match new.value {
        Value::Null(_) => None,
        Value::Copy(bytes) => Some(bytes),
        Value::Borrow(start, len) | Value::Take(start, len) => {
            // SAFETY: the application promised that so much is readable, until the report.
            Some(unsafe { std::slice::from_raw_parts(start.as_ptr(), len) })
        }
    }
}

/// What a message's record is made of.
fn record<'a>(new: &'a NewMessage<'_>) -> NewRecord<'a> {
    NewRecord {
        timestamp: new.timestamp_ms,
        key: new.key,
        value: wire_value(new),
        headers: match &new.headers {
            Some(headers) => &**headers,
            None => &(),
        },
    }
}
