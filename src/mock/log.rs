//! A partition's log: what was appended, where it starts and ends, and what a consumer gets of it.
//!
//! A batch stays the one block of bytes that arrived; offsets are written into a copy when it's
//! read. The checks before an append are in `rules.rs`.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::rules::{self, BatchHeader, LENGTH_PREFIX_BYTES, Producers, Rules, Verdict};
use crate::error::ErrorCode;
use crate::proto::record::reader;

/// What an append came with.
pub(crate) struct Append<'a> {
    /// The checks in force.
    pub(crate) rules: &'a Rules,
    /// Version of the produce request.
    pub(crate) api_version: i16,
    /// The partition's leader epoch.
    pub(crate) leader_epoch: i32,
}

/// One partition's log.
pub(crate) struct Log {
    start: i64,
    end: i64,
    batches: VecDeque<Batch>,
    bytes: usize,
    bytes_max: usize,
    producers: Producers,
}

/// A record batch, or a single message of an old format, in the log.
#[derive(Clone)]
pub(crate) struct Batch {
    base_offset: i64,
    last_offset: i64,
    max_timestamp_ms: i64,
    leader_epoch: i32,
    magic: i8,
    /// As it arrived, base offset and leader epoch included, which mean nothing here.
    bytes: Bytes,
}

impl Batch {
    /// The batch's bytes with its place in the log written into them.
    fn write_placed(&self, out: &mut BytesMut) {
        out.extend_from_slice(&self.base_offset.to_be_bytes());
        out.extend_from_slice(&self.bytes[8..LENGTH_PREFIX_BYTES]);
        if self.magic < 2 {
            out.extend_from_slice(&self.bytes[LENGTH_PREFIX_BYTES..]);
            return;
        }
        out.extend_from_slice(&self.leader_epoch.to_be_bytes());
        out.extend_from_slice(&self.bytes[16..]);
    }

    /// A copy with its place in the log written into it.
    pub(crate) fn placed(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.bytes.len());
        self.write_placed(&mut out);
        out.freeze()
    }
}

impl Log {
    /// An empty log that drops its oldest batches when it holds more than `bytes_max`.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            start: 0,
            end: 0,
            batches: VecDeque::new(),
            bytes: 0,
            bytes_max,
            producers: Producers::default(),
        }
    }

    /// The first offset that can be read.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// The offset that the next record gets; also the high watermark, since all replicas are one.
    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    /// Every batch, oldest first.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter()
    }

    /// How many batches it holds.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn batch_count(&self) -> usize {
        self.batches.len()
    }

    /// An unclean change of leader: the new one never had the last `count` batches. What it knows
    /// of producers comes from the batches that it has. Gives the number of records that are lost.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn truncate(&mut self, count: usize) -> i64 {
        let end = self.end;
        for _ in 0..count {
            let Some(batch) = self.batches.pop_back() else { break };
            self.bytes -= batch.bytes.len();
            self.end = batch.base_offset;
        }
        self.producers = Producers::default();
        for batch in &self.batches {
            if let Some(header) = BatchHeader::read(&batch.bytes).filter(|_| batch.magic >= 2) {
                self.producers.appended(&header, batch.base_offset);
            }
        }
        end - self.end
    }

    /// Appends what a producer sent, or nothing of it. Gives the first record's offset.
    pub(crate) fn append(&mut self, records: &Bytes, how: &Append<'_>) -> Result<i64, ErrorCode> {
        let magic = rules::magic_of(records).ok_or(ErrorCode::INVALID_MSG_SIZE)?;
        match magic {
            2 if how.rules.is_strict() => self.append_strict(records, how),
            2 => self.append_lenient(records, how),
            0 | 1 => self.append_messages(records, how),
            _ => Err(ErrorCode::UNSUPPORTED_VERSION),
        }
    }

    /// Exactly one batch, and it has to pass everything that a broker checks.
    fn append_strict(&mut self, records: &Bytes, how: &Append<'_>) -> Result<i64, ErrorCode> {
        let header = BatchHeader::read(records).ok_or(ErrorCode::INVALID_MSG)?;
        if header.size != records.len() {
            return Err(ErrorCode::INVALID_RECORD);
        }
        header.check_form(records, how.rules, how.api_version)?;
        match self.producers.check(&header, how.rules)? {
            Verdict::Duplicate(offset) => Ok(offset),
            Verdict::Append => {
                let base_offset = self.end;
                self.producers.appended(&header, base_offset);
                self.push(&header, records.clone(), how.leader_epoch);
                Ok(base_offset)
            }
        }
    }

    /// Any number of batches that are whole and have a possible record count.
    fn append_lenient(&mut self, records: &Bytes, how: &Append<'_>) -> Result<i64, ErrorCode> {
        let mut accepted = Vec::with_capacity(1);
        let mut rest = records.clone();
        while !rest.is_empty() {
            let header = BatchHeader::read(&rest).ok_or(ErrorCode::INVALID_MSG_SIZE)?;
            if header.magic != 2 {
                return Err(ErrorCode::UNSUPPORTED_VERSION);
            }
            header.check_count()?;
            accepted.push((header, rest.split_to(header.size)));
        }
        let base_offset = self.end;
        for (header, bytes) in accepted {
            self.push(&header, bytes, how.leader_epoch);
        }
        Ok(base_offset)
    }

    /// A set of uncompressed messages of format 0 or 1; each is kept as a batch of one.
    fn append_messages(&mut self, records: &Bytes, how: &Append<'_>) -> Result<i64, ErrorCode> {
        let mut accepted = Vec::new();
        let mut rest = records.clone();
        while !rest.is_empty() {
            let message = Message::read(&rest).ok_or(ErrorCode::INVALID_MSG_SIZE)?;
            if message.is_compressed {
                return Err(ErrorCode::UNSUPPORTED_VERSION);
            }
            accepted.push((message, rest.split_to(message.size)));
        }
        let base_offset = self.end;
        for (message, bytes) in accepted {
            let batch = Batch {
                base_offset: self.end,
                last_offset: self.end,
                max_timestamp_ms: message.timestamp_ms,
                leader_epoch: how.leader_epoch,
                magic: message.magic,
                bytes,
            };
            self.push_batch(batch);
        }
        Ok(base_offset)
    }

    fn push(&mut self, header: &BatchHeader, bytes: Bytes, leader_epoch: i32) {
        self.push_batch(Batch {
            base_offset: self.end,
            last_offset: self.end + i64::from(header.record_count) - 1,
            max_timestamp_ms: header.max_timestamp_ms,
            leader_epoch,
            magic: header.magic,
            bytes,
        });
    }

    fn push_batch(&mut self, batch: Batch) {
        self.end = batch.last_offset + 1;
        self.bytes += batch.bytes.len();
        self.batches.push_back(batch);
        while self.bytes > self.bytes_max && self.batches.len() > 1 {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.batches.pop_front() {
            self.bytes -= oldest.bytes.len();
            self.start = self.start.max(oldest.last_offset + 1);
        }
    }

    /// The batches from the one that holds `offset`, up to `bytes_max` bytes but at least one.
    /// Empty at the end.
    pub(crate) fn read(&self, offset: i64, bytes_max: usize) -> Result<Bytes, ErrorCode> {
        if offset < self.start || offset > self.end {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        let first = self.batches.partition_point(|batch| batch.last_offset < offset);
        let mut size = 0;
        let mut last = first;
        for batch in self.batches.range(first..) {
            if last > first && size + batch.bytes.len() > bytes_max {
                break;
            }
            size += batch.bytes.len();
            last += 1;
        }
        let mut out = BytesMut::with_capacity(size);
        self.batches.range(first..last).for_each(|batch| batch.write_placed(&mut out));
        Ok(out.freeze())
    }

    /// How many bytes can be read from `offset`, counted up to `enough`.
    pub(crate) fn available(&self, offset: i64, enough: usize) -> usize {
        let first = self.batches.partition_point(|batch| batch.last_offset < offset);
        let mut size = 0;
        for batch in self.batches.range(first..) {
            size += batch.bytes.len();
            if size >= enough {
                break;
            }
        }
        size
    }

    /// Offset and timestamp of the first record of `timestamp_ms` or later.
    pub(crate) fn find_timestamp(&self, timestamp_ms: i64) -> Option<(i64, i64)> {
        let found = self.batches.iter().find(|batch| batch.max_timestamp_ms >= timestamp_ms)?;
        Some(self.first_since(found, timestamp_ms))
    }

    /// Offset and timestamp of the first record with the latest timestamp.
    pub(crate) fn latest_timestamp(&self) -> Option<(i64, i64)> {
        let found = self.batches.iter().rev().max_by_key(|batch| batch.max_timestamp_ms)?;
        Some(self.first_since(found, found.max_timestamp_ms))
    }

    /// The first record of a batch since a time; the batch's first one if its records can't be
    /// read.
    fn first_since(&self, batch: &Batch, timestamp_ms: i64) -> (i64, i64) {
        let records = reader::records(&batch.placed()).map(|(_, records)| records);
        let mut late = records.unwrap_or_default().into_iter();
        match late.find(|record| record.timestamp >= timestamp_ms && record.offset >= self.start) {
            Some(record) => (record.offset, record.timestamp),
            None => (batch.base_offset.max(self.start), batch.max_timestamp_ms),
        }
    }

    /// Moves the start to `before`, as DeleteRecords does.
    pub(crate) fn delete_before(&mut self, before: i64) -> Result<(), ErrorCode> {
        if before > self.end || before < 0 {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        self.start = self.start.max(before);
        while self.batches.front().is_some_and(|oldest| oldest.last_offset < self.start) {
            self.drop_oldest();
        }
        Ok(())
    }
}

/// A message of format 0 or 1, as far as the log needs it.
#[derive(Clone, Copy)]
struct Message {
    size: usize,
    magic: i8,
    is_compressed: bool,
    timestamp_ms: i64,
}

impl Message {
    /// Reads the message at the beginning of `bytes`; `None` when it isn't whole.
    fn read(bytes: &[u8]) -> Option<Self> {
        /// Checksum, magic, attributes, key length, value length.
        const BODY_BYTES_MIN: usize = 14;
        let length = i32::from_be_bytes(bytes.get(8..LENGTH_PREFIX_BYTES)?.try_into().ok()?);
        let size = usize::try_from(length).ok()?.checked_add(LENGTH_PREFIX_BYTES)?;
        let magic = rules::magic_of(bytes)?;
        let stamp_bytes = if magic == 1 { 8 } else { 0 };
        if size > bytes.len() || size < LENGTH_PREFIX_BYTES + BODY_BYTES_MIN + stamp_bytes {
            return None;
        }
        let timestamp_ms = match magic {
            0 => -1,
            1 => i64::from_be_bytes(bytes.get(18..26)?.try_into().ok()?),
            _ => return None,
        };
        Some(Self { size, magic, is_compressed: bytes[17] & 0x7 != 0, timestamp_ms })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An uncompressed batch of `count` records with value `v`; without a producer id if `sequence`
    /// is negative.
    pub(crate) fn batch(count: i32, producer_id: i64, sequence: i32, stamp_ms: i64) -> Bytes {
        let mut records = Vec::new();
        for delta in 0..count {
            // Length, attributes, timestamp delta, offset delta, no key, value of one byte, no
            // headers.
            let fields = [0, 0, (delta * 2) as u8, 1, 2, b'v', 0];
            records.push(fields.len() as u8 * 2);
            records.extend_from_slice(&fields);
        }
        let mut out = Vec::new();
        out.extend_from_slice(&0i64.to_be_bytes());
        out.extend_from_slice(&(49 + records.len() as i32).to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.push(2);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&0i16.to_be_bytes());
        out.extend_from_slice(&(count - 1).to_be_bytes());
        out.extend_from_slice(&stamp_ms.to_be_bytes());
        out.extend_from_slice(&stamp_ms.to_be_bytes());
        out.extend_from_slice(&producer_id.to_be_bytes());
        out.extend_from_slice(&(if producer_id < 0 { -1i16 } else { 0 }).to_be_bytes());
        out.extend_from_slice(&sequence.to_be_bytes());
        out.extend_from_slice(&count.to_be_bytes());
        out.extend_from_slice(&records);
        seal(&mut out);
        out.into()
    }

    fn seal(batch: &mut [u8]) {
        let crc = crc32c::crc32c(&batch[21..]);
        batch[17..21].copy_from_slice(&crc.to_be_bytes());
    }

    /// `batch` with some bytes replaced and the checksum made right again.
    fn with(batch: &Bytes, at: usize, bytes: &[u8]) -> Bytes {
        let mut copy = batch.to_vec();
        copy[at..at + bytes.len()].copy_from_slice(bytes);
        seal(&mut copy);
        copy.into()
    }

    fn strict() -> Rules {
        Rules { strictness: crate::mock::Strictness::Strict, ..Rules::default() }
    }

    fn how(rules: &Rules) -> Append<'_> {
        Append { rules, api_version: 7, leader_epoch: 5 }
    }

    #[test]
    fn offsets_follow_each_other_and_are_written_when_read() {
        let rules = Rules::default();
        let mut log = Log::new(usize::MAX);
        assert_eq!(log.append(&batch(3, -1, -1, 10), &how(&rules)), Ok(0));
        assert_eq!(log.append(&batch(2, -1, -1, 20), &how(&rules)), Ok(3));
        assert_eq!((log.start(), log.end()), (0, 5));

        let second = log.read(4, 1).expect("in range");
        assert_eq!(second[..8], 3i64.to_be_bytes());
        assert_eq!(second[12..16], 5i32.to_be_bytes());
        assert_eq!(log.read(5, 1).expect("the end can be read").len(), 0);
        assert_eq!(log.read(6, 1), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        assert_eq!(log.read(-1, 1), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
    }

    #[test]
    fn a_read_gives_what_fits_but_at_least_one_batch() {
        let rules = Rules::default();
        let mut log = Log::new(usize::MAX);
        let one = batch(1, -1, -1, 0);
        (0..3).for_each(|_| assert!(log.append(&one, &how(&rules)).is_ok()));
        assert_eq!(log.read(0, 0).map(|got| got.len()), Ok(one.len()));
        assert_eq!(log.read(0, one.len() * 2).map(|got| got.len()), Ok(one.len() * 2));
        assert_eq!(log.read(0, usize::MAX).map(|got| got.len()), Ok(one.len() * 3));
    }

    #[test]
    fn strict_rules_refuse_each_kind_of_damage() {
        let rules = strict();
        let good = batch(2, 9, 0, 10);
        let mut crc_wrong = good.to_vec();
        crc_wrong[20] ^= 1;
        let cases: [(&str, Bytes, ErrorCode); 9] = [
            ("crc", crc_wrong.into(), ErrorCode::INVALID_MSG),
            ("cut", good.slice(..good.len() - 1), ErrorCode::INVALID_MSG),
            (
                "two batches",
                [good.clone(), good.clone()].concat().into(),
                ErrorCode::INVALID_RECORD,
            ),
            ("count", with(&good, 57, &3i32.to_be_bytes()), ErrorCode::INVALID_RECORD),
            ("no sequence", with(&good, 53, &(-1i32).to_be_bytes()), ErrorCode::INVALID_RECORD),
            ("no id", with(&good, 43, &(-1i64).to_be_bytes()), ErrorCode::INVALID_RECORD),
            ("control", with(&good, 21, &0x20i16.to_be_bytes()), ErrorCode::INVALID_RECORD),
            (
                "codec",
                with(&good, 21, &5i16.to_be_bytes()),
                ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            ),
            ("short", good.slice(..16), ErrorCode::INVALID_MSG_SIZE),
        ];
        for (name, bytes, expected) in cases {
            let mut log = Log::new(usize::MAX);
            assert_eq!(log.append(&bytes, &how(&rules)), Err(expected), "{name}");
            assert_eq!(log.end(), 0, "{name}");
        }
        assert_eq!(Log::new(usize::MAX).append(&good, &how(&rules)), Ok(0));
    }

    #[test]
    fn zstd_needs_version_seven_of_the_request() {
        let rules = strict();
        let zstd = with(&batch(1, -1, -1, 0), 21, &4i16.to_be_bytes());
        let old = Append { api_version: 6, ..how(&rules) };
        let mut log = Log::new(usize::MAX);
        assert_eq!(log.append(&zstd, &old), Err(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
        // Allowed since then; but these records aren't zstd.
        assert_eq!(log.append(&zstd, &how(&rules)), Err(ErrorCode::INVALID_RECORD));
    }

    #[test]
    fn a_strict_duplicate_gets_its_first_offset_and_is_not_appended() {
        let rules = strict();
        let mut log = Log::new(usize::MAX);
        assert_eq!(log.append(&batch(1, -1, -1, 0), &how(&rules)), Ok(0));
        assert_eq!(log.append(&batch(2, 9, 0, 0), &how(&rules)), Ok(1));
        assert_eq!(log.append(&batch(2, 9, 0, 0), &how(&rules)), Ok(1));
        assert_eq!(log.end(), 3);
    }

    #[test]
    fn lenient_rules_take_wrong_checksums_repeats_and_several_batches() {
        let rules = Rules::default();
        let mut log = Log::new(usize::MAX);
        let mut wrong = batch(2, 9, 0, 0).to_vec();
        wrong[20] ^= 1;
        let both: Bytes = [wrong.clone(), wrong].concat().into();
        assert_eq!(log.append(&both, &how(&rules)), Ok(0));
        assert_eq!(log.end(), 4);
        let too_many = with(&batch(2, 9, 0, 0), 57, &100i32.to_be_bytes());
        assert_eq!(log.append(&too_many, &how(&rules)), Err(ErrorCode::INVALID_MSG_SIZE));
    }

    #[test]
    fn old_messages_are_kept_one_by_one_and_compressed_ones_refused() {
        let mut message = vec![0; 8];
        message.extend_from_slice(&22i32.to_be_bytes());
        message.extend_from_slice(&[0, 0, 0, 0, 1, 0]);
        message.extend_from_slice(&77i64.to_be_bytes());
        message.extend_from_slice(&[0xff; 8]);
        let rules = Rules::default();
        let mut log = Log::new(usize::MAX);
        let two: Bytes = [message.clone(), message.clone()].concat().into();
        assert_eq!(log.append(&two, &how(&rules)), Ok(0));
        assert_eq!(log.end(), 2);
        assert_eq!(log.read(1, 0).expect("in range")[..8], 1i64.to_be_bytes());
        message[17] = 1;
        assert_eq!(log.append(&message.into(), &how(&rules)), Err(ErrorCode::UNSUPPORTED_VERSION));
    }

    #[test]
    fn deleting_and_retention_move_the_start() {
        let rules = Rules::default();
        let one = batch(2, -1, -1, 0);
        let mut log = Log::new(one.len() * 2);
        (0..3).for_each(|_| assert!(log.append(&one, &how(&rules)).is_ok()));
        assert_eq!(log.start(), 2, "the oldest batch was over the limit");
        assert_eq!(log.delete_before(3), Ok(()));
        assert_eq!(log.read(2, 1), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        assert_eq!(log.read(3, 1).expect("in range")[..8], 2i64.to_be_bytes());
        assert_eq!(log.delete_before(7), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        assert_eq!(log.delete_before(6), Ok(()));
        assert_eq!(log.batches().count(), 0);
    }

    #[test]
    fn timestamps_find_the_first_batch_that_is_late_enough() {
        let rules = Rules::default();
        let mut log = Log::new(usize::MAX);
        for stamp in [10, 20, 30] {
            assert!(log.append(&batch(1, -1, -1, stamp), &how(&rules)).is_ok());
        }
        let found = [0, 11, 30, 31].map(|stamp| log.find_timestamp(stamp));
        assert_eq!(found, [Some((0, 10)), Some((1, 20)), Some((2, 30)), None]);
        assert_eq!(log.latest_timestamp(), Some((2, 30)));
    }
}
