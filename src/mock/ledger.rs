//! What became of each batch that was sent: appended or not, and what was answered, whether the
//! answer arrived or not.
//!
//! An audit compares it with the reports that an application got. Nothing is written down until
//! somebody asks for it.
#![forbid(unsafe_code)]

use crate::error::ErrorCode;

/// One batch of one produce request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The broker that was asked.
    pub broker_id: i32,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The batch's producer id, -1 without.
    pub producer_id: i64,
    /// The producer's epoch, -1 without.
    pub producer_epoch: i16,
    /// The batch's first sequence number, -1 without.
    pub base_sequence: i32,
    /// How many records the batch says it has.
    pub record_count: i32,
    /// Where its first record stands, if this request appended it. A duplicate isn't appended.
    pub appended_at: Option<i64>,
    /// The answer's error code. With acks=0 it stays here.
    pub answer: ErrorCode,
    /// The answer's offset, -1 with an error.
    pub base_offset: i64,
}

/// The outcomes since the ledger was opened.
#[derive(Default)]
pub(crate) struct Ledger(Option<Vec<Outcome>>);

impl Ledger {
    /// Begins to write down.
    pub(crate) fn open(&mut self) {
        self.0 = Some(Vec::new());
    }

    /// Is anybody interested?
    pub(crate) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Writes one down, if the ledger is open.
    pub(crate) fn write(&mut self, outcome: Outcome) {
        if let Some(outcomes) = &mut self.0 {
            outcomes.push(outcome);
        }
    }

    /// What was written down.
    pub(crate) fn outcomes(&self) -> &[Outcome] {
        self.0.as_deref().unwrap_or_default()
    }
}
