//! Consumer groups of the classic kind: members, generations, assignments and committed offsets.
//!
//! The cluster only keeps the books; members choose their assignment themselves. The wire side is
//! `handlers/group.rs`.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;

use crate::error::ErrorCode;
use crate::sys::clock::Ts;

/// How long a new group waits for more members.
const INITIAL_DELAY_MS: i64 = 100;

/// Every group by its id.
pub(crate) struct Groups {
    /// How long a new group waits for more members, in milliseconds.
    pub(crate) initial_delay_ms: i64,
    groups: HashMap<String, Group>,
}

impl Default for Groups {
    fn default() -> Self {
        Self { initial_delay_ms: INITIAL_DELAY_MS, groups: HashMap::new() }
    }
}

/// One group.
#[derive(Default)]
pub(crate) struct Group {
    generation: i32,
    phase: Phase,
    protocol: String,
    leader: String,
    members: BTreeMap<String, Member>,
    committed: HashMap<(String, i32), Committed>,
}

/// Where a group is between two generations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Phase {
    /// Members may join until the time.
    Joining(Ts),
    /// The generation has begun; the leader's assignment is missing.
    Syncing,
    /// Everybody has an assignment, or there is nobody.
    #[default]
    Stable,
}

/// One member.
struct Member {
    protocols: Vec<(String, Bytes)>,
    assignment: Bytes,
    session_ms: i64,
    rebalance_ms: i64,
    heard: Ts,
    /// Has it joined the coming generation?
    has_joined: bool,
}

/// A committed offset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Committed {
    /// The next offset to read.
    pub(crate) offset: i64,
    /// The epoch of the leader that it was read from.
    pub(crate) leader_epoch: i32,
    /// The application's note.
    pub(crate) metadata: String,
}

/// What a member says when it joins.
pub(crate) struct Joining {
    /// The member, by the name it was given.
    pub(crate) member_id: String,
    /// Assignment protocols that it knows, best first, with its data for each.
    pub(crate) protocols: Vec<(String, Bytes)>,
    /// After how long without a word it's dead, in milliseconds.
    pub(crate) session_ms: i64,
    /// How long the others wait for it, in milliseconds.
    pub(crate) rebalance_ms: i64,
}

/// A generation, as a member that joined it sees it.
pub(crate) struct Generation {
    /// Its number.
    pub(crate) number: i32,
    /// The assignment protocol that all members know.
    pub(crate) protocol: String,
    /// The member that assigns.
    pub(crate) leader: String,
    /// For the leader: the members with their data.
    pub(crate) members: Vec<(String, Bytes)>,
}

impl Groups {
    /// A group, made if it isn't there.
    pub(crate) fn group(&mut self, id: &str) -> &mut Group {
        if !self.groups.contains_key(id) {
            self.groups.insert(id.to_owned(), Group::default());
        }
        self.groups.get_mut(id).expect("it was inserted above")
    }
}

impl Group {
    /// Lets a member join; [`Self::joined`] tells when the generation begins.
    pub(crate) fn join(&mut self, joining: Joining, delay_ms: i64, now: Ts) {
        self.expire(now);
        let was_empty = self.members.is_empty();
        let member = Member {
            protocols: joining.protocols,
            assignment: Bytes::new(),
            session_ms: joining.session_ms,
            rebalance_ms: joining.rebalance_ms,
            heard: now,
            has_joined: true,
        };
        self.members.insert(joining.member_id, member);
        if was_empty {
            self.phase = Phase::Joining(now.plus_ms(delay_ms));
        } else {
            self.rebalance(now);
        }
    }

    /// Begins a new round of joining, unless one goes on.
    fn rebalance(&mut self, now: Ts) {
        if !matches!(self.phase, Phase::Joining(_)) {
            let longest = self.members.values().map(|member| member.rebalance_ms).max();
            self.phase = Phase::Joining(now.plus_ms(longest.unwrap_or(0)));
        }
    }

    /// When the round of joining ends at the latest.
    pub(crate) fn joining_due(&self) -> Ts {
        match self.phase {
            Phase::Joining(due) => due,
            _ => Ts::ZERO,
        }
    }

    /// The generation that a member has joined, once it has begun.
    pub(crate) fn joined(
        &mut self,
        member_id: &str,
        now: Ts,
    ) -> Option<Result<Generation, ErrorCode>> {
        if let Phase::Joining(due) = self.phase {
            let is_first = self.generation == 0 || self.leader.is_empty();
            let is_complete = self.members.values().all(|member| member.has_joined);
            if now < due && (is_first || !is_complete) {
                return None;
            }
            self.begin();
        }
        let Some(member) = self.members.get_mut(member_id) else {
            return Some(Err(ErrorCode::UNKNOWN_MEMBER_ID));
        };
        member.heard = now;
        if self.protocol.is_empty() {
            return Some(Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL));
        }
        let data = |member: &Member| {
            let found = member.protocols.iter().find(|(name, _)| *name == self.protocol);
            found.map(|(_, data)| data.clone()).unwrap_or_default()
        };
        let is_leader = self.leader == member_id;
        let members = self.members.iter().filter(|_| is_leader);
        Some(Ok(Generation {
            number: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            members: members.map(|(id, member)| (id.clone(), data(member))).collect(),
        }))
    }

    /// Begins a generation with those that joined.
    fn begin(&mut self) {
        self.members.retain(|_, member| member.has_joined);
        self.generation += 1;
        self.phase = Phase::Syncing;
        if !self.members.contains_key(&self.leader) {
            self.leader = self.members.keys().next().cloned().unwrap_or_default();
        }
        let is_known_to_all = |name: &str| {
            self.members.values().all(|member| member.protocols.iter().any(|(it, _)| it == name))
        };
        let choice = self.members.get(&self.leader).and_then(|leader| {
            leader.protocols.iter().map(|(name, _)| name).find(|name| is_known_to_all(name))
        });
        self.protocol = choice.cloned().unwrap_or_default();
        for member in self.members.values_mut() {
            member.has_joined = false;
            member.assignment = Bytes::new();
        }
    }

    /// Is this a member of the current generation? It's noted that it lives.
    fn check(&mut self, member_id: &str, generation: i32, now: Ts) -> Result<(), ErrorCode> {
        self.expire(now);
        let member = self.members.get_mut(member_id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        member.heard = now;
        if generation != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        if matches!(self.phase, Phase::Joining(_)) {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        Ok(())
    }

    /// Takes the leader's assignments; those of other members are empty and change nothing.
    pub(crate) fn assign(
        &mut self,
        member_id: &str,
        generation: i32,
        assignments: Vec<(String, Bytes)>,
        now: Ts,
    ) -> Result<(), ErrorCode> {
        self.check(member_id, generation, now)?;
        if member_id != self.leader || self.phase != Phase::Syncing {
            return Ok(());
        }
        for (id, assignment) in assignments {
            if let Some(member) = self.members.get_mut(&id) {
                member.assignment = assignment;
            }
        }
        self.phase = Phase::Stable;
        Ok(())
    }

    /// A member's assignment, once the leader gave it.
    pub(crate) fn assigned(
        &mut self,
        member_id: &str,
        generation: i32,
        now: Ts,
    ) -> Option<Result<Bytes, ErrorCode>> {
        if let Err(error) = self.check(member_id, generation, now) {
            return Some(Err(error));
        }
        if self.phase == Phase::Syncing {
            return None;
        }
        let assignment = self.members.get(member_id).map(|member| member.assignment.clone());
        Some(assignment.ok_or(ErrorCode::UNKNOWN_MEMBER_ID))
    }

    /// A member says that it lives.
    pub(crate) fn heartbeat(
        &mut self,
        member_id: &str,
        generation: i32,
        now: Ts,
    ) -> Result<(), ErrorCode> {
        self.check(member_id, generation, now)
    }

    /// A member leaves; the others share its part.
    pub(crate) fn leave(&mut self, member_id: &str, now: Ts) -> Result<(), ErrorCode> {
        self.members.remove(member_id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        self.after_departure(now);
        Ok(())
    }

    /// Removes members that were silent for too long. Those that wait in a round of joining are
    /// alive.
    fn expire(&mut self, now: Ts) {
        let before = self.members.len();
        let is_alive = |member: &Member| now.since(member.heard) <= member.session_ms * 1000;
        self.members.retain(|_, member| member.has_joined || is_alive(member));
        if self.members.len() != before {
            self.after_departure(now);
        }
    }

    fn after_departure(&mut self, now: Ts) {
        if self.members.is_empty() {
            self.phase = Phase::Stable;
            self.leader.clear();
            return;
        }
        self.rebalance(now);
    }

    /// Notes an offset. A consumer without group membership has generation -1.
    pub(crate) fn commit(
        &mut self,
        member_id: &str,
        generation: i32,
        now: Ts,
    ) -> Result<(), ErrorCode> {
        if generation < 0 {
            return Ok(());
        }
        match self.check(member_id, generation, now) {
            // Offsets of what was read before the round began are welcome.
            Err(ErrorCode::REBALANCE_IN_PROGRESS) => Ok(()),
            other => other,
        }
    }

    /// Keeps a committed offset.
    pub(crate) fn set_committed(&mut self, topic: &str, partition: i32, committed: Committed) {
        self.committed.insert((topic.to_owned(), partition), committed);
    }

    /// The committed offset of a partition.
    pub(crate) fn committed(&self, topic: &str, partition: i32) -> Option<&Committed> {
        self.committed.get(&(topic.to_owned(), partition))
    }

    /// Every partition with a committed offset.
    pub(crate) fn committed_partitions(&self) -> Vec<(String, i32)> {
        let mut partitions: Vec<_> = self.committed.keys().cloned().collect();
        partitions.sort();
        partitions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joining(member_id: &str) -> Joining {
        Joining {
            member_id: member_id.to_owned(),
            protocols: vec![("range".to_owned(), Bytes::from_static(b"meta"))],
            session_ms: 1000,
            rebalance_ms: 500,
        }
    }

    fn ms(ms: i64) -> Ts {
        Ts::ZERO.plus_ms(ms)
    }

    /// A group of one stable member `a` in generation 1, at 100 ms.
    fn stable() -> Group {
        let mut group = Group::default();
        group.join(joining("a"), 100, ms(0));
        assert!(group.joined("a", ms(99)).is_none(), "the first member waits for others");
        assert!(group.joined("a", ms(100)).is_some_and(|it| it.is_ok()));
        let assignment = vec![("a".to_owned(), Bytes::from_static(b"all"))];
        assert_eq!(group.assign("a", 1, assignment, ms(100)), Ok(()));
        group
    }

    #[test]
    fn a_single_member_leads_and_gets_what_it_assigned() {
        let mut group = stable();
        assert_eq!(group.assigned("a", 1, ms(101)), Some(Ok(Bytes::from_static(b"all"))));
        assert_eq!(group.heartbeat("a", 1, ms(101)), Ok(()));
        assert_eq!(group.heartbeat("a", 2, ms(101)), Err(ErrorCode::ILLEGAL_GENERATION));
        assert_eq!(group.heartbeat("b", 1, ms(101)), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    }

    #[test]
    fn a_second_member_starts_a_generation_when_the_first_has_joined_again() {
        let mut group = stable();
        group.join(joining("b"), 100, ms(200));
        assert_eq!(group.heartbeat("a", 1, ms(201)), Err(ErrorCode::REBALANCE_IN_PROGRESS));
        assert!(group.joined("b", ms(201)).is_none());
        group.join(joining("a"), 100, ms(202));
        let seen_by_b = group.joined("b", ms(203)).expect("all joined").expect("known");
        assert_eq!((seen_by_b.number, seen_by_b.leader.as_str()), (2, "a"));
        assert!(seen_by_b.members.is_empty());
        let seen_by_a = group.joined("a", ms(203)).expect("all joined").expect("known");
        assert_eq!(seen_by_a.members.len(), 2);
        assert!(group.assigned("b", 2, ms(204)).is_none(), "the leader hasn't assigned");
    }

    #[test]
    fn a_member_that_does_not_join_again_is_left_behind() {
        let mut group = stable();
        group.join(joining("b"), 100, ms(200));
        let generation = group.joined("b", ms(700)).expect("time is up").expect("known");
        assert_eq!((generation.number, generation.leader.as_str()), (2, "b"));
        assert_eq!(group.heartbeat("a", 2, ms(701)), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    }

    #[test]
    fn a_silent_member_expires() {
        let mut group = stable();
        assert_eq!(group.heartbeat("a", 1, ms(1100)), Ok(()));
        assert_eq!(group.heartbeat("a", 1, ms(2101)), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    }
}
