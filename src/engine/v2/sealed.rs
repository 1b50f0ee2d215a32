//! A batch whose messages are settled: it is sent, and sent again, with these and no others.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::codec::Codec;
use crate::own::msg::{MsgFields, Status};
use crate::own::msgq::MsgQueue;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// A batch as it stands in a request.
pub(super) struct Encoded {
    /// The record batch, or the message set.
    pub(super) bytes: Arc<Vec<u8>>,
    /// Message format: 0, 1 or 2.
    pub(super) magic: i8,
    /// The codec that the broker was to get; records that it does not make smaller go plain.
    pub(super) wanted: Codec,
}

/// The numbers of a batch under a producer id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The producer id; without it there are no numbers.
    pub(super) pid: Pid,
    /// Sequence number of the first message; -1 without.
    pub(super) first_seq: i32,
}

impl Stamp {
    /// A producer without numbers.
    pub(super) const NONE: Self = Self { pid: Pid::NONE, first_seq: -1 };
}

/// A batch.
pub(super) struct Sealed {
    /// Its messages; never empty.
    pub(super) messages: MsgQueue,
    /// Its bytes; nothing before it is sent, and after some of its messages expired.
    pub(super) encoded: Option<Encoded>,
    /// Its numbers.
    pub(super) stamp: Stamp,
    /// Counted attempts.
    pub(super) retries: i32,
    /// It is not sent again before.
    pub(super) backoff: Ts,
}

impl Sealed {
    /// A batch of messages that were in none.
    pub(super) fn new(messages: MsgQueue) -> Self {
        Self { messages, encoded: None, stamp: Stamp::NONE, retries: 0, backoff: Ts::ZERO }
    }

    /// Message id of the first message.
    pub(super) fn first_id(&self) -> u64 {
        self.messages.front().map_or(0, MsgFields::id)
    }

    /// Message id of the last message.
    pub(super) fn last_id(&self) -> u64 {
        self.messages.back().map_or(0, MsgFields::id)
    }

    /// When the first message expires.
    pub(super) fn expires(&self) -> Ts {
        self.messages.front().map_or(Ts::MAX, MsgFields::expires)
    }

    /// How many messages, as counters have it.
    pub(super) fn count(&self) -> i32 {
        i32::try_from(self.messages.len()).unwrap_or(i32::MAX)
    }

    /// Gives it numbers. Bytes with other ones get them too.
    pub(super) fn set_stamp(&mut self, stamp: Stamp) {
        if stamp != self.stamp {
            self.stamp = stamp;
            if let Some(encoded) = self.encoded.as_mut().filter(|encoded| encoded.magic == 2) {
                super::writer::restamp(encoded, stamp);
            }
        }
    }

    /// Something is known of its messages.
    pub(super) fn set_status(&mut self, status: Status) {
        self.messages.iter_mut().for_each(|message| message.set_status(status));
    }

    /// Takes out what expired. As a whole if `is_whole`: a broker does not know a part of it again.
    pub(super) fn take_expired(&mut self, is_whole: bool, now: Ts, out: &mut MsgQueue) {
        if self.expires() > now {
            return;
        }
        if is_whole {
            out.append(&mut self.messages);
        } else {
            self.messages.take_expired(now, out);
        }
        self.encoded = None;
    }
}
