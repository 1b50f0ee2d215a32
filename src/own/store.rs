//! How a partition keeps its queued messages: the engine's half of a partition, behind the
//! partition lock.
//!
//! Each engine has its own store (`engine/*/store.rs`); everything outside the engines meets only
//! this trait.
#![forbid(unsafe_code)]

use std::any::Any;

use super::msg::Msg;
use super::msgq::MsgQueue;
use crate::sys::clock::Ts;

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

/// A partition's queued messages.
pub(crate) trait PartitionStore: Send + Any {
    /// Takes a numbered message.
    fn enqueue(&mut self, message: Msg) -> Enqueued;

    /// Takes messages back that are sent again, or that a former broker had; keeps the order.
    /// `messages` is empty afterwards.
    fn requeue(&mut self, messages: &mut MsgQueue) -> Enqueued;

    /// Moves expired messages to `out`.
    fn take_expired(&mut self, now: Ts, out: &mut MsgQueue);

    /// Moves all messages to `out`.
    fn drain(&mut self, out: &mut MsgQueue);

    /// The partition changed its broker: the next message makes it ready again, whatever was
    /// signalled before.
    fn forget_signals(&mut self) -> Enqueued;

    /// How many messages are queued here.
    fn len(&self) -> usize;

    /// Their value and key bytes.
    fn bytes(&self) -> i64;

    /// The store itself, for its engine.
    fn as_any(&mut self) -> &mut dyn Any;
}
