//! How a partition treats its queued messages: the engine's half of a partition, behind the
//! partition lock. The produce queue itself is the partition's.
//!
//! Each engine has its own store (`engine/*/store.rs`); everything outside the engines meets only
//! this trait.
#![forbid(unsafe_code)]

use std::any::Any;

use super::lot::Lot;
use super::msg::{Msg, NewMessage};
use super::msgq::{MsgQueue, Order};
use super::topic::Topic;
use crate::conf::settings::Settings;

/// What an enqueue means for the partition's broker thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Enqueued {
    /// The broker thread knows already, or its next deadline is early enough.
    Quiet,
    /// The partition was idle: it joins its broker's ready list; the thread wakes only if it sleeps
    /// beyond the linger.
    First,
    /// A batch is full: it joins its broker's ready list and the thread wakes.
    Full,
}

/// Makes the partition stores of an engine.
#[derive(Clone, Copy)]
pub(crate) struct StoreKind {
    /// Makes one.
    pub(crate) make: fn(&Settings, Order) -> Box<dyn PartitionStore>,
    /// It writes records when messages come: produce calls make no message objects.
    pub(crate) writes_at_once: bool,
}

/// What an engine does with the produce queue of a partition, `queue` throughout.
pub(crate) trait PartitionStore: Send + Any {
    /// Takes a numbered message.
    fn enqueue(&mut self, queue: &mut MsgQueue, message: Msg) -> Enqueued;

    /// Takes a message that there is no object of; `id` is its number. Only asked of stores that
    /// write records when messages come ([`StoreKind`]).
    fn enqueue_new(&mut self, _topic: &Topic, _new: &NewMessage<'_>, _id: u64) -> Enqueued {
        unreachable!("this store takes message objects")
    }

    /// Takes messages back that are sent again, or that a former broker had; keeps the order.
    /// `messages` is empty afterwards.
    fn requeue(&mut self, queue: &mut MsgQueue, messages: &mut MsgQueue) -> Enqueued;

    /// The partition changed its broker, or its queue was emptied: the next message makes it ready
    /// again, whatever was signalled before.
    fn forget_signals(&mut self, queue: &mut MsgQueue) -> Enqueued;

    /// Moves all messages to the end of `out`, in order: the produce queue's, and those that the
    /// store keeps beside it.
    fn drain(&mut self, queue: &mut MsgQueue, out: &mut Lot) {
        out.objects.append(queue);
    }

    /// Messages that the store keeps beside the produce queue, and their value and key bytes.
    fn kept(&self) -> (usize, i64) {
        (0, 0)
    }

    /// The sequence number of the next new batch, if it is not the next message's id that tells.
    fn next_sequence(&self) -> Option<i32> {
        None
    }

    /// A former partition of the same number ended before this sequence number.
    fn go_on_at(&mut self, _sequence: i32) {}

    /// How many of the waiting messages have sequence numbers already: without them there is a gap.
    fn numbered(&self) -> usize {
        0
    }

    /// Does it have batches with sequence numbers, wherever, that are not settled?
    fn is_unsettled(&self) -> bool {
        false
    }

    /// The store itself, for its engine.
    fn as_any(&mut self) -> &mut dyn Any;
}
