//! Which partitions are ready, when a request is due, and who is next. A function of what it is
//! told: no partition, clock or socket is looked at here.
//!
//! A ready partition waits for others, until one of the triggers fires: the application flushes, a
//! batch is full, enough bytes wait, or the oldest message waited long enough. Then all that are
//! ready make a round, and go in the order in which they became ready. Who becomes ready during a
//! round belongs to the next one, so nobody waits longer than one round behind others.
#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::sys::clock::Ts;

/// A partition's place in the engine.
pub(super) type SlotId = usize;

/// Where a partition stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Place {
    /// Nowhere: it has nothing, or may not send.
    #[default]
    Out,
    /// It waits for a trigger.
    Ready,
    /// It is in the round.
    Round,
}

#[derive(Clone, Copy, Default)]
struct Member {
    place: Place,
    since: Ts,
    is_full: bool,
    /// Tells its present stay from former ones, of which queues may still know.
    stay: u64,
}

/// What fires besides a full batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Triggers {
    /// How long the oldest message may wait, in microseconds.
    pub(super) linger_us: i64,
    /// Enough bytes wait.
    pub(super) has_bytes: bool,
    /// The application flushes.
    pub(super) is_flushing: bool,
}

/// Why a round begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trigger {
    /// The application flushes.
    Flush,
    /// A batch is full.
    Full,
    /// Enough bytes wait.
    Bytes,
    /// The oldest message waited long enough.
    Linger,
}

/// The partitions that may send.
#[derive(Default)]
pub(super) struct Collector {
    members: Vec<Member>,
    ready: VecDeque<(SlotId, u64)>,
    oldest: BinaryHeap<Reverse<(Ts, SlotId, u64)>>,
    round: VecDeque<(SlotId, u64)>,
    ready_count: usize,
    round_count: usize,
    full_count: usize,
    stays: u64,
}

impl Collector {
    fn member(&mut self, id: SlotId) -> &mut Member {
        if id >= self.members.len() {
            self.members.resize(id + 1, Member::default());
        }
        &mut self.members[id]
    }

    /// A partition may send; its oldest message is from `since`. Who is in the round stays there.
    pub(super) fn add(&mut self, id: SlotId, since: Ts, is_full: bool) {
        let member = *self.member(id);
        if member.place == Place::Round {
            return;
        }
        if member.place == Place::Ready {
            self.full_count += usize::from(is_full);
            self.full_count -= usize::from(member.is_full);
            if since != member.since {
                self.oldest.push(Reverse((since, id, member.stay)));
            }
            self.members[id] = Member { since, is_full, ..member };
            return;
        }
        self.stays += 1;
        let stay = self.stays;
        self.members[id] = Member { place: Place::Ready, since, is_full, stay };
        self.ready.push_back((id, stay));
        self.oldest.push(Reverse((since, id, stay)));
        self.ready_count += 1;
        self.full_count += usize::from(is_full);
    }

    /// A partition has nothing, or may not send now.
    pub(super) fn remove(&mut self, id: SlotId) {
        let member = *self.member(id);
        match member.place {
            Place::Out => return,
            Place::Ready => self.leave_ready(&member),
            Place::Round => self.round_count -= 1,
        }
        self.members[id].place = Place::Out;
        if self.ready_count == 0 {
            self.ready.clear();
            self.oldest.clear();
        }
    }

    fn leave_ready(&mut self, member: &Member) {
        self.ready_count -= 1;
        self.full_count -= usize::from(member.is_full);
    }

    fn is(&self, id: SlotId, stay: u64, place: Place) -> bool {
        let member = &self.members[id];
        member.stay == stay && member.place == place
    }

    /// When the oldest message was produced; nothing if no partition is ready.
    fn oldest(&mut self) -> Option<Ts> {
        while let Some(Reverse((since, id, stay))) = self.oldest.peek().copied() {
            if self.is(id, stay, Place::Ready) && self.members[id].since == since {
                return Some(since);
            }
            self.oldest.pop();
        }
        None
    }

    /// Does a trigger fire? Then everybody who is ready is in the round.
    pub(super) fn collect(&mut self, triggers: &Triggers, now: Ts) -> Option<Trigger> {
        let oldest = self.oldest()?;
        let trigger = if triggers.is_flushing {
            Trigger::Flush
        } else if self.full_count > 0 {
            Trigger::Full
        } else if triggers.has_bytes {
            Trigger::Bytes
        } else if oldest + triggers.linger_us <= now {
            Trigger::Linger
        } else {
            return None;
        };
        for (id, stay) in std::mem::take(&mut self.ready) {
            if self.is(id, stay, Place::Ready) {
                self.members[id].place = Place::Round;
                self.round.push_back((id, stay));
                self.round_count += 1;
            }
        }
        self.oldest.clear();
        (self.ready_count, self.full_count) = (0, 0);
        Some(trigger)
    }

    /// When the oldest message has waited long enough.
    pub(super) fn due(&mut self, linger_us: i64) -> Ts {
        self.oldest().map_or(Ts::MAX, |since| since + linger_us)
    }

    /// Takes who is next out of the round.
    pub(super) fn next(&mut self) -> Option<SlotId> {
        while let Some((id, stay)) = self.round.pop_front() {
            if self.is(id, stay, Place::Round) {
                self.members[id].place = Place::Out;
                self.round_count -= 1;
                return Some(id);
            }
        }
        None
    }

    fn back_in(&mut self, id: SlotId) -> (SlotId, u64) {
        self.stays += 1;
        let stay = self.stays;
        *self.member(id) = Member { place: Place::Round, stay, ..Member::default() };
        self.round_count += 1;
        (id, stay)
    }

    /// It was not its turn: it keeps its place.
    pub(super) fn first_again(&mut self, id: SlotId) {
        let entry = self.back_in(id);
        self.round.push_front(entry);
    }

    /// It does not go with the others of this request: it keeps its place in the round behind them.
    pub(super) fn last_again(&mut self, id: SlotId) {
        let entry = self.back_in(id);
        self.round.push_back(entry);
    }

    /// How many wait, in the round or for it.
    pub(super) fn len(&self) -> usize {
        self.ready_count + self.round_count
    }

    /// Who is ready or in the round.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn members(&self) -> impl Iterator<Item = SlotId> + '_ {
        (0..self.members.len()).filter(|id| self.members[*id].place != Place::Out)
    }

    /// How many are in the round.
    pub(super) fn round_len(&self) -> usize {
        self.round_count
    }
}

#[cfg(test)]
#[path = "collector/tests.rs"]
mod tests;
