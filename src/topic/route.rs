//! Which partition a message goes to: the given one, the sticky one, or a partitioner's.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::partition;
use super::partitioner::{self, Partitioner};
use crate::callback;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::own::msg::{Msg, MsgFields, NewMessage};
use crate::own::store::Enqueued;
use crate::own::topic::{Table, Topic, TopicState, Unassigned};
use crate::own::toppar::{HeldToppar, Toppar};
use crate::sys::clock::Ts;
use crate::sys::rand::Rng;

/// No partition yet (`RD_KAFKA_PARTITION_UA`).
pub(crate) const UNASSIGNED: i32 = -1;

/// What a produce call brings: a message object, or what one would be made of, for engines that
/// write records when messages come.
pub(crate) trait Offer: Sized {
    /// The wanted partition, or [`UNASSIGNED`].
    fn partition(&self) -> i32;
    /// The key.
    fn key(&self) -> Option<&[u8]>;
    /// The application's pointer.
    fn opaque(&self) -> *mut c_void;
    /// A message object, which waits for a partition.
    fn into_object(self, topic: &Topic) -> Msg;
    /// Goes from its place onto a partition's queue.
    fn enqueue(
        place: &mut Option<Self>,
        shared: &mut HeldToppar<'_>,
        topic: &Topic,
    ) -> Option<Enqueued>;
}

impl Offer for Msg {
    fn partition(&self) -> i32 {
        MsgFields::partition(self)
    }

    fn key(&self) -> Option<&[u8]> {
        MsgFields::key(self)
    }

    fn opaque(&self) -> *mut c_void {
        MsgFields::opaque(self)
    }

    fn into_object(self, _: &Topic) -> Msg {
        self
    }

    #[inline]
    fn enqueue(
        place: &mut Option<Self>,
        shared: &mut HeldToppar<'_>,
        _: &Topic,
    ) -> Option<Enqueued> {
        place.take().map(|message| shared.enqueue(message))
    }
}

impl Offer for NewMessage<'_> {
    fn partition(&self) -> i32 {
        self.partition
    }

    fn key(&self) -> Option<&[u8]> {
        self.key
    }

    fn opaque(&self) -> *mut c_void {
        self.opaque
    }

    fn into_object(self, topic: &Topic) -> Msg {
        Msg::new(topic, self)
    }

    #[inline]
    fn enqueue(
        place: &mut Option<Self>,
        shared: &mut HeldToppar<'_>,
        topic: &Topic,
    ) -> Option<Enqueued> {
        let news = shared.enqueue_new(topic, place.as_ref()?);
        *place = None;
        Some(news)
    }
}

/// Chooses a partition and enqueues; without metadata the message waits in the topic. The message
/// is taken out of its place when a queue gets it; a refused one stays there.
///
/// Historical: `rd_kafka_msg_partitioner`.
pub(crate) fn route<M: Offer>(
    handle: &Handle,
    topic: &Topic,
    message: &mut Option<M>,
    now: Ts,
) -> Result<(), ErrorCode> {
    loop {
        let table = topic.table();
        match table.state {
            TopicState::NotExists => return Err(ErrorCode::_UNKNOWN_TOPIC),
            TopicState::Error(code) => return Err(code),
            TopicState::Exists if !table.partitions.is_empty() => {
                if topic.has_unassigned() {
                    // Earlier messages are on their way from the unassigned queue to their
                    // partitions: this one follows them, or the partition's order would be lost.
                    let mut unassigned = topic.unassigned();
                    if topic.has_unassigned() {
                        wait(&mut unassigned, topic, message);
                        return Ok(());
                    }
                }
                return place(handle, topic, table, message, now);
            }
            TopicState::Unknown | TopicState::Exists => {
                let mut unassigned = topic.unassigned();
                // The main thread replaces the table first and empties this queue then, so a
                // message that was put here under a table that is no longer current would wait for
                // the next change.
                if topic.is_current(table) {
                    wait(&mut unassigned, topic, message);
                    return Ok(());
                }
            }
        }
    }
}

/// Puts a message behind those without a partition.
fn wait<M: Offer>(unassigned: &mut Unassigned<'_>, topic: &Topic, message: &mut Option<M>) {
    if let Some(message) = message.take() {
        unassigned.wait(message.into_object(topic));
    }
}

/// Gives a message of the unassigned queue its partition. A refused one stays in its place.
pub(crate) fn assign(
    handle: &Handle,
    topic: &Topic,
    message: &mut Option<Msg>,
    now: Ts,
) -> Result<(), ErrorCode> {
    let table = topic.table();
    match table.state {
        TopicState::NotExists => Err(ErrorCode::_UNKNOWN_TOPIC),
        TopicState::Error(code) => Err(code),
        _ => place(handle, topic, table, message, now),
    }
}

/// Chooses the partition and enqueues.
fn place<M: Offer>(
    handle: &Handle,
    topic: &Topic,
    table: &Table,
    message: &mut Option<M>,
    now: Ts,
) -> Result<(), ErrorCode> {
    let Some(waiting) = message.as_ref() else { return Ok(()) };
    let toppar = choose(handle, topic, table, waiting, now)?;
    partition::enqueue(toppar, topic, message, now, linger_us(handle))
}

/// How long a message may wait for others now.
fn linger_us(handle: &Handle) -> i64 {
    if handle.is_flushing() { 0 } else { handle.settings.linger_us }
}

fn choose<'t>(
    handle: &Handle,
    topic: &Topic,
    table: &'t Table,
    message: &impl Offer,
    now: Ts,
) -> Result<&'t Arc<Toppar>, ErrorCode> {
    let number = match message.partition() {
        UNASSIGNED => partition_for(handle, topic, table, message, now),
        fixed => fixed,
    };
    usize::try_from(number)
        .ok()
        .and_then(|at| table.partitions.get(at))
        .ok_or(ErrorCode::_UNKNOWN_PARTITION)
}

fn partition_for(
    handle: &Handle,
    topic: &Topic,
    table: &Table,
    message: &impl Offer,
    now: Ts,
) -> i32 {
    let count = i32::try_from(table.partitions.len()).unwrap_or(i32::MAX);
    let key = message.key();
    let builtin = topic.settings.partitioner;
    if is_sticky(handle, topic, builtin, key) {
        return sticky(handle, topic, table, count, now);
    }
    if let Some(custom) = topic.settings.custom_partitioner {
        return callback::partition(custom, topic, key, count, message.opaque());
    }
    with_rng(|rng| builtin.partition(key, count, rng, |at| is_available(table, at))).unwrap_or(0)
}

thread_local! {
    /// The thread's generator, made at its first draw. It needs no destructor.
    static RNG: Cell<Option<Rng>> = const { Cell::new(None) };
}

/// Seeds this thread's generator.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn seed(rng: Rng) {
    RNG.set(Some(rng));
}

fn with_rng<R>(draw: impl FnOnce(&mut Rng) -> R) -> R {
    let mut rng = RNG.take().unwrap_or_else(Rng::from_system);
    let drawn = draw(&mut rng);
    RNG.set(Some(rng));
    drawn
}

fn is_available(table: &Table, number: i32) -> bool {
    usize::try_from(number)
        .ok()
        .and_then(|at| table.partitions.get(at))
        .is_some_and(|toppar| toppar.is_available())
}

/// Sticky partitioning is for messages without a key, unless the partitioner promises a place for
/// these too.
fn is_sticky(handle: &Handle, topic: &Topic, builtin: Partitioner, key: Option<&[u8]>) -> bool {
    if handle.settings.sticky_ms <= 0 {
        return false;
    }
    match topic.settings.custom_partitioner {
        Some(_) => key.is_none(),
        None => builtin.sticks(key),
    }
}

fn sticky(handle: &Handle, topic: &Topic, table: &Table, count: i32, now: Ts) -> i32 {
    let current = topic.sticky_partition().load(Ordering::Relaxed);
    let drawn_at = Ts(topic.sticky_since().load(Ordering::Relaxed));
    let is_due = now >= drawn_at.plus_ms(handle.settings.sticky_ms);
    if !is_due && is_available(table, current) {
        return current;
    }
    let drawn = with_rng(|rng| partitioner::random(count, rng, |at| is_available(table, at)));
    let drawn = drawn.unwrap_or(0);
    topic.sticky_partition().store(drawn, Ordering::Relaxed);
    topic.sticky_since().store(now.0, Ordering::Relaxed);
    drawn
}
