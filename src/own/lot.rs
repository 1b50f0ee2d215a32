//! `Lot`: messages that were taken out of a partition, whatever they were kept as.
//!
//! Who owns: the lot owns its messages; dropping it ends them and gives them back to the account.
#![forbid(unsafe_code)]

use super::arena::Batch;
use super::msgq::MsgQueue;

/// Messages in order: the batches come before the objects.
#[derive(Default)]
pub(crate) struct Lot {
    /// Messages that were records already.
    pub(crate) batches: Vec<Batch>,
    /// Message objects.
    pub(crate) objects: MsgQueue,
}

impl Lot {
    /// How many messages.
    pub(crate) fn len(&self) -> usize {
        self.batches.iter().map(Batch::len).sum::<usize>() + self.objects.len()
    }
}
