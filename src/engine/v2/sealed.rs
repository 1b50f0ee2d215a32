//! A batch whose messages are settled: it is sent, and sent again, with these and no others.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::codec::Codec;
use crate::own::arena::Batch;
use crate::own::bytes::Bytes;
use crate::own::lot::Lot;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// What a batch is in a request.
pub(super) struct Encoded {
    /// The bytes, if they are not the batch's own: compressed, or a message set.
    pub(super) other: Option<Arc<Bytes>>,
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
    /// Its messages.
    pub(super) batch: Batch,
    /// What it is in a request; nothing before it is sent, and after some of its messages expired.
    pub(super) encoded: Option<Encoded>,
    /// Its numbers.
    pub(super) stamp: Stamp,
    /// Counted attempts.
    pub(super) retries: i32,
    /// It is not sent again before.
    pub(super) backoff: Ts,
}

impl Sealed {
    /// A batch that was in no request.
    pub(super) fn new(batch: Batch) -> Self {
        Self { batch, encoded: None, stamp: Stamp::NONE, retries: 0, backoff: Ts::ZERO }
    }

    /// Message id of the first message.
    pub(super) fn first_id(&self) -> u64 {
        self.batch.first_id()
    }

    /// Message id of the last message.
    pub(super) fn last_id(&self) -> u64 {
        self.batch.last_id()
    }

    /// When the first message expires.
    pub(super) fn expires(&self) -> Ts {
        self.batch.expires()
    }

    /// How many messages, as counters have it.
    pub(super) fn count(&self) -> i32 {
        i32::try_from(self.batch.len()).unwrap_or(i32::MAX)
    }

    /// Its bytes in a request.
    pub(super) fn bytes(&self) -> &Arc<Bytes> {
        let other = self.encoded.as_ref().and_then(|encoded| encoded.other.as_ref());
        other.unwrap_or_else(|| self.batch.bytes())
    }

    /// Gives it numbers. Bytes with other ones get them too.
    pub(super) fn set_stamp(&mut self, stamp: Stamp) {
        if stamp != self.stamp {
            self.stamp = stamp;
            super::writer::restamp(self);
        }
    }

    /// What is left of it without what expired. As a whole if `is_whole`: a broker does not know a
    /// part of it again.
    pub(super) fn without_expired(
        mut self: Box<Self>,
        is_whole: bool,
        now: Ts,
        out: &mut Lot,
    ) -> Option<Box<Self>> {
        let expired = self.batch.expired(now);
        if expired == 0 {
            return Some(self);
        }
        if is_whole || expired == self.batch.len() {
            out.batches.push(self.batch);
            return None;
        }
        out.batches.push(self.batch.split(expired));
        self.encoded = None;
        Some(self)
    }
}
