//! Messages that say who they are: a value carries its message's number and a checksum, so that a
//! misplaced, mixed or overwritten value is seen at once.
#![forbid(unsafe_code)]

use std::ptr::NonNull;

use crate::error::ErrorCode;
use crate::sys::clock::Ts;

/// The shortest value.
pub(crate) const LEN_MIN: usize = 8;

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// Not reported yet.
    Waiting,
    /// The produce call refused it.
    Refused(ErrorCode),
    /// Reported without an error.
    Ok,
    /// Reported as not in the log.
    NotPersisted(ErrorCode),
    /// Reported as perhaps in the log.
    Unknown(ErrorCode),
}

/// A message.
pub(crate) struct Message {
    /// The number of its topic.
    pub(crate) topic: usize,
    /// The partition that it was produced to; -1 if that was left open.
    pub(crate) partition: i32,
    /// Bytes of its value.
    pub(crate) len: usize,
    /// When the produce call was made.
    pub(crate) produced_at: Ts,
    /// For how long nothing ran before that, in microseconds.
    pub(crate) lost_us: i64,
    /// What became of it.
    pub(crate) fate: Fate,
    /// How often it was written to a connection as a whole.
    pub(crate) sends: u32,
    /// The partition that it was sent to; -1 before that.
    pub(crate) sent_to: i32,
    /// The partition that its report names; -1 before that.
    pub(crate) reported_in: i32,
    /// When it came back last for another attempt; zero if never.
    pub(crate) failed_at: Ts,
    /// How often it is in the log.
    pub(crate) in_log: u32,
    /// Producer id and epoch of the batch that is in the log.
    stamp: Option<(i64, i16)>,
    /// The log lost it.
    pub(crate) was_truncated: bool,
    /// An answer for it was cut short (X2), or its broker was decommissioned with it in flight:
    /// history reports such messages as not persisted.
    pub(crate) is_exempt: bool,
    /// The value, if the library only borrows it.
    borrowed: Option<Box<[u8]>>,
}

impl Message {
    /// A message that is about to be produced.
    pub(crate) fn new(topic: usize, partition: i32, len: usize, now: Ts) -> Self {
        Self {
            topic,
            partition,
            len,
            produced_at: now,
            lost_us: 0,
            fate: Fate::Waiting,
            sends: 0,
            sent_to: -1,
            reported_in: -1,
            failed_at: Ts::ZERO,
            in_log: 0,
            stamp: None,
            was_truncated: false,
            is_exempt: false,
            borrowed: None,
        }
    }

    /// Keeps the value, for a library that only borrows it.
    pub(crate) fn lend(&mut self, value: Vec<u8>) -> NonNull<u8> {
        let value = self.borrowed.insert(value.into_boxed_slice());
        NonNull::from(&mut **value).cast()
    }

    /// It is appended with a producer id and epoch. `true`: it is in the log with others already:
    /// history numbers a batch of unknown outcome anew when the epoch rises.
    pub(crate) fn has_moved(&mut self, stamp: (i64, i16)) -> bool {
        let before = self.stamp.replace(stamp);
        before.is_some_and(|before| before != stamp)
    }

    /// The application uses the value's memory for something else.
    pub(crate) fn scribble(&mut self) {
        if let Some(value) = &mut self.borrowed {
            value.fill(0xdd);
        }
    }
}

/// The value of a message.
pub(crate) fn value(number: u32, len: usize) -> Vec<u8> {
    let len = len.max(LEN_MIN);
    let mut value = Vec::with_capacity(len);
    value.extend_from_slice(&number.to_le_bytes());
    value.extend_from_slice(&[0; 4]);
    value.resize(len, number.to_le_bytes()[0]);
    let sum = checksum(&value);
    value[4..8].copy_from_slice(&sum.to_le_bytes());
    value
}

/// The number in a value; `None` if it is no message's.
pub(crate) fn number(value: &[u8]) -> Option<u32> {
    let number = u32::from_le_bytes(*value.first_chunk::<4>()?);
    let sum = u32::from_le_bytes(value.get(4..8)?.try_into().ok()?);
    (checksum(value) == sum).then_some(number)
}

fn checksum(value: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&value[..4]), &value[8..])
}

/// The name of a topic.
pub(crate) fn topic_name(index: usize) -> String {
    format!("t{index}")
}

/// The number of a topic's name.
pub(crate) fn topic_index(name: &[u8]) -> usize {
    let digits = std::str::from_utf8(name.get(1..).unwrap_or_default()).unwrap_or_default();
    digits.parse().unwrap_or(usize::MAX)
}
