//! The audit's view of the partitions' logs: what is appended, what a log loses, and what holds for
//! a log as a whole.
#![forbid(unsafe_code)]

use super::audit::Audit;
use super::marks::Marks;
use super::message::{self, Fate};
use super::records;
use crate::mock::cluster::Cluster;

/// What is known of a partition's log.
#[derive(Default)]
pub(super) struct Known {
    pub(super) batches: Vec<Vec<u32>>,
    pub(super) was_truncated: bool,
}

impl Audit {
    /// Looks at what is new in the logs.
    pub(crate) fn look_at_logs(&mut self, cluster: &mut Cluster, marks: &mut Marks) {
        if self.seen_changes == cluster.change_count {
            return;
        }
        self.seen_changes = cluster.change_count;
        for (name, topic) in &cluster.topics {
            let topic_index = message::topic_index(name.as_bytes());
            for (at, partition) in topic.partitions.iter().enumerate() {
                let index = i32::try_from(at).unwrap_or(-1);
                let mut known = self.logs.remove(&(topic_index, index)).unwrap_or_default();
                if known.batches.len() < partition.log.batch_count() {
                    let batches = partition.log.batches().skip(known.batches.len());
                    for batch in batches {
                        let numbers = self.appended(&batch.placed(), topic_index, index, marks);
                        known.batches.push(numbers);
                    }
                }
                self.logs.insert((topic_index, index), known);
            }
        }
    }

    fn appended(
        &mut self,
        batch: &[u8],
        topic: usize,
        partition: i32,
        marks: &mut Marks,
    ) -> Vec<u32> {
        let Ok(head) = records::read(batch) else {
            self.fail("model", "a batch in the log that cannot be read");
            return Vec::new();
        };
        let stamp = (head.producer.id, head.producer.epoch);
        self.producers.entry((topic, partition, head.producer.id)).or_insert(self.now);
        let mut numbers = Vec::with_capacity(head.values.len());
        for value in &head.values {
            let number = match self.known(value, topic, partition) {
                Ok(number) => number,
                Err(text) => {
                    self.fail("E8", format_args!("in the log: {text}"));
                    continue;
                }
            };
            let message = &mut self.messages[number as usize];
            message.in_log += 1;
            marks.reach_if(message.in_log > 1, "duplicate in the log");
            let (copies, fate, is_exempt) = (message.in_log, message.fate, message.is_exempt);
            let has_moved = self.messages[number as usize].has_moved(stamp);
            let has_moved = has_moved && self.promise.is_legacy;
            marks.reach_if(copies > 1 && has_moved, "duplicate in another epoch");
            if copies > 1 && self.promise.is_idempotent && !has_moved {
                self.fail("P5", format_args!("message {number} is in the log {copies} times"));
            }
            if matches!(fate, Fate::NotPersisted(_)) && !is_exempt {
                self.fail("P3", format_args!("message {number} is appended, though {fate:?}"));
            }
            numbers.push(number);
        }
        self.note(|| format!("appended t{topic} [{partition}]: {numbers:?}"));
        numbers
    }

    /// A log lost its last batches.
    pub(crate) fn truncated(&mut self, topic: usize, partition: i32, count: usize) {
        let Some(known) = self.logs.get_mut(&(topic, partition)) else { return };
        let kept = known.batches.len().saturating_sub(count);
        for number in known.batches.drain(kept..).flatten() {
            let message = &mut self.messages[number as usize];
            message.in_log -= 1;
            message.was_truncated = true;
        }
        known.was_truncated = true;
    }

    /// The end: what holds for the logs as a whole.
    pub(crate) fn finish(&mut self, marks: &mut Marks) {
        let waiting: Vec<usize> =
            (0..self.messages.len()).filter(|n| self.messages[*n].fate == Fate::Waiting).collect();
        if !waiting.is_empty() {
            self.fail("P1", format_args!("no report for {waiting:?}"));
        }
        for ((topic, partition), known) in std::mem::take(&mut self.logs) {
            let firsts = self.first_appearances(&known);
            let is_sorted = firsts.is_sorted();
            marks.reach_if(!is_sorted, "reordered in the log");
            if !is_sorted && self.promise.keeps_order {
                self.fail("P4", format_args!("t{topic} [{partition}]: {firsts:?}"));
            }
        }
    }

    /// The messages of a log in the order in which they appear first; without idempotence only
    /// those that are ok: another one may still have been under way when it was given up.
    fn first_appearances(&self, known: &Known) -> Vec<u32> {
        let mut seen = vec![false; self.messages.len()];
        let mut firsts = Vec::new();
        for number in known.batches.iter().flatten() {
            let counts =
                self.promise.is_idempotent || self.messages[*number as usize].fate == Fate::Ok;
            if counts && !std::mem::replace(&mut seen[*number as usize], true) {
                firsts.push(*number);
            }
        }
        firsts
    }
}
