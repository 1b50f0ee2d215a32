//! Sequences as the wire shows them: a batch that was sent under a producer id, epoch and sequence
//! is only ever sent again as the same messages (E3), and sequences have no hole and no overlap
//! within an epoch (E5), also when the partition was gone from the metadata meanwhile (E6).
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

use crate::proto::record::batch::ProducerStamp;

/// Topic, partition, producer id, epoch.
type Key = (usize, i32, i64, i16);

/// The sequences of an epoch in a partition.
#[derive(Default)]
struct Epoch {
    /// The messages of each batch, by its first sequence number, and the checksum of its bytes.
    batches: BTreeMap<i32, (Vec<u32>, u32)>,
    /// The sequence number of the next new batch.
    next: i32,
}

/// All sequences.
#[derive(Default)]
pub(crate) struct Sequences {
    epochs: BTreeMap<Key, Epoch>,
    /// There are places in a sequence that stay empty, as in history: of queued messages that were
    /// purged, of those whose topic went, and of a batch that failed for good while an earlier one
    /// was to be sent again.
    pub(crate) has_holes: bool,
}

impl Sequences {
    /// A batch is sent; gives the checksum of its bytes if it was sent before.
    pub(crate) fn sent(
        &mut self,
        (topic, partition): (usize, i32),
        stamp: &ProducerStamp,
        numbers: &[u32],
        given_up: impl Fn(u32, u32) -> usize,
    ) -> Result<Option<u32>, String> {
        let place = format!("t{topic} [{partition}] id {} epoch {}", stamp.id, stamp.epoch);
        let epoch = self.epochs.entry((topic, partition, stamp.id, stamp.epoch)).or_default();
        if let Some((before, sum)) = epoch.batches.get(&stamp.base_sequence) {
            let first = stamp.base_sequence;
            return match before == numbers {
                true => Ok(Some(*sum)),
                false => Err(format!("E3: {place} sequence {first}: {numbers:?} after {before:?}")),
            };
        }
        let last = epoch.batches.values().next_back().and_then(|(batch, _)| batch.last());
        let missing = usize::try_from(stamp.base_sequence - epoch.next).unwrap_or(0);
        if let (1.., Some(last), Some(first)) = (missing, last, numbers.first()) {
            self.has_holes |= given_up(*last, *first) == missing;
        }
        let is_hole = self.has_holes && missing > 0;
        if stamp.base_sequence != epoch.next && !is_hole {
            let (first, next) = (stamp.base_sequence, epoch.next);
            return Err(format!("E5: {place} sequence {first}, {next} expected: {numbers:?}"));
        }
        let count = i32::try_from(numbers.len()).unwrap_or(i32::MAX);
        epoch.next = stamp.base_sequence.wrapping_add(count) & i32::MAX;
        epoch.batches.insert(stamp.base_sequence, (numbers.to_vec(), 0));
        Ok(None)
    }

    /// Remembers the checksum of a batch that was sent.
    pub(crate) fn remember(&mut self, place: (usize, i32), stamp: &ProducerStamp, sum: u32) {
        let epoch = self.epochs.entry((place.0, place.1, stamp.id, stamp.epoch)).or_default();
        if let Some((_, last)) = epoch.batches.get_mut(&stamp.base_sequence) {
            *last = sum;
        }
    }
}
