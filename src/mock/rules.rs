//! What a broker checks before it appends: the batch's form, and the sequence numbers of idempotent
//! producers.
//!
//! Lenient rules are those of the historical mock cluster, which looks at hardly anything. Strict
//! rules are a broker's: a model that is kinder than Kafka hides lost and duplicated messages.
//! `log.rs` keeps what passed.
#![forbid(unsafe_code)]

use std::collections::{HashMap, VecDeque};

use crate::error::ErrorCode;
use crate::proto::record::reader;

/// Bytes of a record batch before its records.
pub(crate) const BATCH_HEADER_BYTES: usize = 61;
/// Bytes of a record batch that its length field does not count: base offset and the length itself.
pub(crate) const LENGTH_PREFIX_BYTES: usize = 12;
/// The smallest record: length, attributes, two deltas, key length, value length, header count.
const RECORD_BYTES_MIN: usize = 7;
/// How many batches of a producer a broker remembers for telling a duplicate from a gap.
const WINDOW_BATCHES: usize = 5;
/// The first version of the produce request that may carry zstd.
const ZSTD_SINCE_VERSION: i16 = 7;

/// How closely the cluster looks at what producers send.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Strictness {
    /// As the historical mock cluster: no checksum, no sequence numbers.
    #[default]
    Lenient,
    /// As a broker.
    Strict,
}

/// The checks in force. Brokers of different age differ in two error codes, so these are settings.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Lenient or strict.
    pub strictness: Strictness,
    /// The largest batch that strict rules take, in bytes.
    pub batch_bytes_max: usize,
    /// The answer to a batch that overlaps with appended ones without being one of them.
    pub overlap_error: ErrorCode,
    /// The answer to an unknown producer whose first sequence number isn't 0.
    pub unknown_producer_error: ErrorCode,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            strictness: Strictness::Lenient,
            // A broker's default of `message.max.bytes`.
            batch_bytes_max: 1_048_588,
            overlap_error: ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
            unknown_producer_error: ErrorCode::UNKNOWN_PRODUCER_ID,
        }
    }
}

impl Rules {
    /// Are the strict rules in force?
    pub(crate) fn is_strict(&self) -> bool {
        self.strictness == Strictness::Strict
    }
}

/// The header of a record batch, as far as a broker reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    /// Bytes of the whole batch.
    pub(crate) size: usize,
    /// Format version.
    pub(crate) magic: i8,
    crc: u32,
    attributes: i16,
    last_offset_delta: i32,
    /// The latest timestamp of its records, in milliseconds.
    pub(crate) max_timestamp_ms: i64,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    /// How many records it says it has.
    pub(crate) record_count: i32,
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// The integer of type `$type` at a position, or `None` past the end.
macro_rules! int_at {
    ($type:ty, $bytes:expr, $at:expr) => {
        bytes_at($bytes, $at).map(<$type>::from_be_bytes)
    };
}

/// The format version of the batch or message set that begins here.
pub(crate) fn magic_of(bytes: &[u8]) -> Option<i8> {
    int_at!(i8, bytes, 16)
}

impl BatchHeader {
    /// Reads the header at the beginning of `bytes`; `None` when it or the batch isn't complete.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let length = usize::try_from(int_at!(i32, bytes, 8)?).ok()?;
        let size = length.checked_add(LENGTH_PREFIX_BYTES)?;
        if size < BATCH_HEADER_BYTES || size > bytes.len() {
            return None;
        }
        Some(Self {
            size,
            magic: int_at!(i8, bytes, 16)?,
            crc: int_at!(u32, bytes, 17)?,
            attributes: int_at!(i16, bytes, 21)?,
            last_offset_delta: int_at!(i32, bytes, 23)?,
            max_timestamp_ms: int_at!(i64, bytes, 35)?,
            producer_id: int_at!(i64, bytes, 43)?,
            producer_epoch: int_at!(i16, bytes, 51)?,
            base_sequence: int_at!(i32, bytes, 53)?,
            record_count: int_at!(i32, bytes, 57)?,
        })
    }

    /// Producer id, epoch and first sequence number.
    pub(crate) fn producer(&self) -> (i64, i16, i32) {
        (self.producer_id, self.producer_epoch, self.base_sequence)
    }

    fn codec(&self) -> i16 {
        self.attributes & 0x7
    }

    fn is_control(&self) -> bool {
        self.attributes & 0x20 != 0
    }

    fn last_sequence(&self) -> i32 {
        next_sequence(self.base_sequence, self.record_count - 1)
    }

    /// The check of the historical mock: a count that the bytes can't hold is refused.
    pub(crate) fn check_count(&self) -> Result<(), ErrorCode> {
        let room = (self.size - BATCH_HEADER_BYTES) / RECORD_BYTES_MIN;
        let is_possible = match usize::try_from(self.record_count) {
            Ok(0) | Err(_) => false,
            Ok(count) => self.codec() != 0 || count <= room,
        };
        if is_possible { Ok(()) } else { Err(ErrorCode::INVALID_MSG_SIZE) }
    }

    /// A broker's checks of a batch's form. `bytes` are exactly the batch.
    pub(crate) fn check_form(
        &self,
        bytes: &[u8],
        rules: &Rules,
        api_version: i16,
    ) -> Result<(), ErrorCode> {
        if self.magic != 2 || crc32c::crc32c(&bytes[21..]) != self.crc {
            return Err(ErrorCode::INVALID_MSG);
        }
        if self.size > rules.batch_bytes_max {
            return Err(ErrorCode::MSG_SIZE_TOO_LARGE);
        }
        let is_zstd_early = self.codec() == 4 && api_version < ZSTD_SINCE_VERSION;
        if self.codec() > 4 || is_zstd_early {
            return Err(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
        }
        let is_count_wrong = i64::from(self.record_count) != i64::from(self.last_offset_delta) + 1;
        if is_count_wrong || self.record_count < 1 || self.is_control() {
            return Err(ErrorCode::INVALID_RECORD);
        }
        self.check_count().map_err(|_| ErrorCode::INVALID_RECORD)?;
        // A producer without an id has no epoch and no sequence; one with an id has all three.
        let has_id = self.producer_id >= 0;
        if has_id != (self.base_sequence >= 0) || has_id != (self.producer_epoch >= 0) {
            return Err(ErrorCode::INVALID_RECORD);
        }
        // As a broker does, every record is read, which also bounds what compressed bytes may
        // become.
        reader::records(bytes).map(|_| ()).map_err(|_| ErrorCode::INVALID_RECORD)
    }
}

/// The sequence number `count` after `sequence`; they wrap from 2^31 - 1 to 0.
fn next_sequence(sequence: i32, count: i32) -> i32 {
    let sum = i64::from(sequence) + i64::from(count);
    (sum & i64::from(i32::MAX)) as i32
}

/// What is to be done with a batch whose sequence numbers were checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It's new.
    Append,
    /// It stands in the log already, at this offset.
    Duplicate(i64),
}

/// What one partition knows of the idempotent producers that wrote to it.
#[derive(Default)]
pub(crate) struct Producers(HashMap<i64, Producer>);

struct Producer {
    epoch: i16,
    /// The last batches, oldest first.
    window: VecDeque<Appended>,
}

#[derive(Clone, Copy)]
struct Appended {
    first: i32,
    last: i32,
    offset: i64,
}

impl Producers {
    /// A broker's checks of epoch and sequence. Nothing changes; see [`Self::appended`].
    pub(crate) fn check(&self, batch: &BatchHeader, rules: &Rules) -> Result<Verdict, ErrorCode> {
        if batch.producer_id < 0 {
            return Ok(Verdict::Append);
        }
        let Some(producer) = self.0.get(&batch.producer_id) else {
            return from_zero(batch, rules.unknown_producer_error);
        };
        if batch.producer_epoch < producer.epoch {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if batch.producer_epoch > producer.epoch {
            return from_zero(batch, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
        producer.check_sequence(batch, rules)
    }

    /// Remembers a batch that was appended at `offset`.
    pub(crate) fn appended(&mut self, batch: &BatchHeader, offset: i64) {
        if batch.producer_id < 0 {
            return;
        }
        let producer = self
            .0
            .entry(batch.producer_id)
            .or_insert_with(|| Producer { epoch: batch.producer_epoch, window: VecDeque::new() });
        if producer.epoch != batch.producer_epoch {
            producer.epoch = batch.producer_epoch;
            producer.window.clear();
        }
        if producer.window.len() == WINDOW_BATCHES {
            producer.window.pop_front();
        }
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        producer.window.push_back(Appended { first, last, offset });
    }
}

/// A producer's first batch, or its first of a new epoch.
fn from_zero(batch: &BatchHeader, otherwise: ErrorCode) -> Result<Verdict, ErrorCode> {
    if batch.base_sequence == 0 { Ok(Verdict::Append) } else { Err(otherwise) }
}

impl Producer {
    fn check_sequence(&self, batch: &BatchHeader, rules: &Rules) -> Result<Verdict, ErrorCode> {
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        let repeated = self.window.iter().find(|known| known.first == first && known.last == last);
        if let Some(known) = repeated {
            return Ok(Verdict::Duplicate(known.offset));
        }
        let expected = self.window.back().map_or(0, |known| next_sequence(known.last, 1));
        if first == expected {
            return Ok(Verdict::Append);
        }
        // Numbers wrap, so "behind" means less than half the circle behind.
        let behind = expected.wrapping_sub(first) & i32::MAX;
        if behind < 1 << 30 {
            return Err(rules.overlap_error);
        }
        Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(epoch: i16, first: i32, count: i32) -> BatchHeader {
        BatchHeader {
            size: 100,
            magic: 2,
            crc: 0,
            attributes: 0,
            last_offset_delta: count - 1,
            max_timestamp_ms: 0,
            producer_id: 7,
            producer_epoch: epoch,
            base_sequence: first,
            record_count: count,
        }
    }

    /// Checks each (epoch, first, count) in turn and appends what may be appended, at offset 100
    /// times its position.
    fn verdicts(rules: &Rules, batches: &[(i16, i32, i32)]) -> Vec<Result<Verdict, ErrorCode>> {
        let mut producers = Producers::default();
        let mut out = Vec::new();
        for (position, (epoch, first, count)) in batches.iter().enumerate() {
            let batch = batch(*epoch, *first, *count);
            let verdict = producers.check(&batch, rules);
            if verdict == Ok(Verdict::Append) {
                producers.appended(&batch, position as i64 * 100);
            }
            out.push(verdict);
        }
        out
    }

    const OUT_OF_ORDER: Result<Verdict, ErrorCode> = Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);

    #[test]
    fn consecutive_sequences_pass_and_a_gap_does_not() {
        let got = verdicts(&Rules::default(), &[(0, 0, 3), (0, 3, 2), (0, 6, 1)]);
        assert_eq!(got, [Ok(Verdict::Append), Ok(Verdict::Append), OUT_OF_ORDER]);
    }

    #[test]
    fn an_exact_repeat_within_five_batches_is_a_duplicate_with_its_first_offset() {
        let mut script: Vec<_> = (0..6).map(|n| (0, n * 10, 10)).collect();
        script.extend([(0, 10, 10), (0, 50, 10), (0, 0, 10)]);
        let got = verdicts(&Rules::default(), &script);
        assert_eq!(got[6], Ok(Verdict::Duplicate(100)));
        assert_eq!(got[7], Ok(Verdict::Duplicate(500)));
        assert_eq!(got[8], OUT_OF_ORDER, "the sixth last batch is forgotten");
    }

    #[test]
    fn an_overlap_is_answered_by_the_switch() {
        let rules =
            Rules { overlap_error: ErrorCode::DUPLICATE_SEQUENCE_NUMBER, ..Rules::default() };
        let got = verdicts(&rules, &[(0, 0, 10), (0, 5, 10)]);
        assert_eq!(got[1], Err(ErrorCode::DUPLICATE_SEQUENCE_NUMBER));
        assert_eq!(verdicts(&Rules::default(), &[(0, 0, 10), (0, 5, 10)])[1], OUT_OF_ORDER);
    }

    #[test]
    fn an_unknown_producer_must_begin_at_zero() {
        let got = verdicts(&Rules::default(), &[(0, 4, 1)]);
        assert_eq!(got, [Err(ErrorCode::UNKNOWN_PRODUCER_ID)]);
    }

    #[test]
    fn a_new_epoch_begins_at_zero_and_fences_the_old_one() {
        let got = verdicts(&Rules::default(), &[(3, 0, 1), (4, 1, 1), (4, 0, 1), (3, 1, 1)]);
        assert_eq!(got[1], OUT_OF_ORDER);
        assert_eq!(got[2], Ok(Verdict::Append));
        assert_eq!(got[3], Err(ErrorCode::INVALID_PRODUCER_EPOCH));
    }

    #[test]
    fn sequences_wrap_after_the_largest_positive_number() {
        let mut producers = Producers::default();
        producers.appended(&batch(0, i32::MAX - 1, 1), 0);
        let rules = Rules::default();
        let over_the_edge = batch(0, i32::MAX, 3);
        assert_eq!(producers.check(&over_the_edge, &rules), Ok(Verdict::Append));
        producers.appended(&over_the_edge, 1);
        assert_eq!(producers.check(&batch(0, 2, 1), &rules), Ok(Verdict::Append));
        assert_eq!(producers.check(&batch(0, 3, 1), &rules), OUT_OF_ORDER);
    }
}
