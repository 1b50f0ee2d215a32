//! The cluster's state: brokers, topics and their partitions, coordinators, producer ids. No
//! sockets, no time.
//!
//! Requests change it through the handlers, tests and applications through `mod.rs`.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use uuid::Uuid;

use super::faults::{Fault, Faults};
use super::group::Groups;
use super::handlers::Versions;
use super::journal::Journal;
use super::ledger::Ledger;
use super::log::{Append, Log};
use super::rules::Rules;
use crate::error::ErrorCode;
use crate::sys::rand::Rng;
use bytes::Bytes;

/// Partitions of a topic that is made on first use.
const PARTITION_COUNT: i32 = 4;
/// The most partitions of a topic; a request for more is a mistake, or not meant well.
const PARTITION_COUNT_MAX: i32 = 100_000;
/// Replicas of such a topic, if there are that many brokers.
const REPLICATION_FACTOR: usize = 3;
/// How much a partition keeps before it drops its oldest batches.
const PARTITION_BYTES_MAX: usize = 1 << 30;

/// Everything the cluster's brokers know.
pub(crate) struct Cluster {
    /// The cluster id.
    pub(crate) id: String,
    /// The controller, or -1.
    pub(crate) controller_id: i32,
    /// Brokers by id.
    pub(crate) brokers: BTreeMap<i32, Broker>,
    /// Topics by name.
    pub(crate) topics: BTreeMap<String, Topic>,
    /// Topics that were deleted on purpose: requests don't create them again.
    deleted: BTreeSet<String>,
    /// Partitions of a topic that is made on first use.
    pub(crate) partition_count_default: i32,
    /// What is checked before an append.
    pub(crate) rules: Rules,
    /// The request versions that brokers offer.
    pub(crate) versions: Versions,
    /// Pushed errors for whichever broker gets the request.
    pub(crate) faults: Faults,
    /// What was asked of the cluster.
    pub(crate) journal: Journal,
    /// What became of each batch.
    pub(crate) ledger: Ledger,
    /// Coordinators that were set, by kind and key.
    coordinators: HashMap<(CoordinatorKind, String), i32>,
    /// Producer ids.
    pub(crate) producer_ids: ProducerIds,
    /// Consumer groups.
    pub(crate) groups: Groups,
    /// What Produce answers say of throttling, in milliseconds.
    pub(crate) throttle_ms: i32,
    /// How much a partition keeps.
    pub(crate) partition_bytes_max: usize,
    /// Rises whenever a waiting request might have something to do.
    pub(crate) change_count: u64,
    rng: Rng,
}

/// One broker.
pub(crate) struct Broker {
    /// The address that metadata names.
    pub(crate) host: String,
    /// The port that metadata names.
    pub(crate) port: i32,
    /// The port that it listens on.
    pub(crate) listen_port: u16,
    /// Its rack.
    pub(crate) rack: Option<String>,
    /// How long each answer waits, in milliseconds.
    pub(crate) rtt_ms: i32,
    /// Does it listen?
    pub(crate) is_up: bool,
    /// Do metadata answers name it?
    pub(crate) is_listed: bool,
    /// Pushed errors for this broker.
    pub(crate) faults: Faults,
}

/// One topic.
pub(crate) struct Topic {
    /// The topic's id.
    pub(crate) id: Uuid,
    /// The error that metadata answers name.
    pub(crate) error: ErrorCode,
    /// Partitions 0 and up.
    pub(crate) partitions: Vec<Partition>,
    /// Metadata answers name only so many of them.
    pub(crate) listed_count: Option<usize>,
}

impl Topic {
    /// A partition, if it exists.
    pub(crate) fn partition(&mut self, index: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(index).ok()?)
    }
}

/// One partition.
pub(crate) struct Partition {
    /// The leader, if there is one.
    pub(crate) leader: Option<i32>,
    /// Rises with each change of leader.
    pub(crate) leader_epoch: i32,
    /// The replicas, which are all in sync.
    pub(crate) replicas: Vec<i32>,
    /// What it holds.
    pub(crate) log: Log,
    /// The follower that consumers are sent to.
    pub(crate) follower: Option<Follower>,
    /// Leader and epoch for the next metadata answers, one answer each.
    pub(crate) pushed_leaders: VecDeque<(i32, i32)>,
    /// Pushed errors for this partition.
    pub(crate) faults: Faults,
}

impl Partition {
    /// First offset and end, as a broker that may be the follower sees them.
    pub(crate) fn bounds(&self, broker_id: i32) -> (i64, i64) {
        let (start, end) = (self.log.start(), self.log.end());
        match self.follower.filter(|follower| follower.broker_id == broker_id) {
            Some(follower) => (follower.start.unwrap_or(start), follower.end.unwrap_or(end)),
            None => (start, end),
        }
    }

    fn set_leader(&mut self, leader: Option<i32>) {
        self.leader = leader;
        self.leader_epoch += 1;
    }

    /// Is `epoch`, which a client knows, the current one? A negative one means that the client
    /// knows none.
    pub(crate) fn check_epoch(&self, epoch: i32) -> Result<(), ErrorCode> {
        if epoch < 0 || epoch == self.leader_epoch {
            return Ok(());
        }
        let is_old = epoch < self.leader_epoch;
        Err(if is_old { ErrorCode::FENCED_LEADER_EPOCH } else { ErrorCode::UNKNOWN_LEADER_EPOCH })
    }
}

/// A follower that consumers read from. It sees the leader's log within bounds of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Follower {
    /// The broker; -1 if only the bounds were set.
    pub(crate) broker_id: i32,
    /// The first offset that it has, if not the leader's.
    pub(crate) start: Option<i64>,
    /// The end of what it has, if not the leader's.
    pub(crate) end: Option<i64>,
}

impl Default for Follower {
    fn default() -> Self {
        Self { broker_id: -1, start: None, end: None }
    }
}

/// What a coordinator coordinates.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum CoordinatorKind {
    /// A consumer group.
    Group,
    /// A transactional producer.
    Transaction,
}

impl Cluster {
    /// A cluster without brokers or topics. `seed` draws its ids.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::from_seed(seed);
        Self {
            id: format!("mockCluster{:x}", rng.next_u64() >> 16),
            controller_id: -1,
            brokers: BTreeMap::new(),
            topics: BTreeMap::new(),
            deleted: BTreeSet::new(),
            partition_count_default: PARTITION_COUNT,
            rules: Rules::default(),
            versions: Versions::default(),
            faults: Faults::default(),
            journal: Journal::default(),
            ledger: Ledger::default(),
            coordinators: HashMap::new(),
            producer_ids: ProducerIds {
                next: rng.between(1, 1 << 40),
                transactional: HashMap::new(),
            },
            groups: Groups::default(),
            throttle_ms: 0,
            partition_bytes_max: PARTITION_BYTES_MAX,
            change_count: 0,
            rng,
        }
    }

    /// Adds a broker that listens on a loopback port. The first one is the controller.
    pub(crate) fn add_broker(&mut self, id: i32, port: u16) {
        let broker = Broker {
            host: "127.0.0.1".to_owned(),
            port: i32::from(port),
            listen_port: port,
            rack: None,
            rtt_ms: 0,
            is_up: true,
            is_listed: true,
            faults: Faults::default(),
        };
        self.brokers.insert(id, broker);
        if self.controller_id < 0 {
            self.controller_id = id;
        }
    }

    /// `host:port` of every broker, with commas between them.
    pub(crate) fn bootstraps(&self) -> String {
        let each: Vec<_> = self
            .brokers
            .values()
            .map(|broker| format!("{}:{}", broker.host, broker.port))
            .collect();
        each.join(",")
    }

    /// Brokers that metadata answers name.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (i32, &Broker)> {
        self.brokers.iter().filter(|(_, broker)| broker.is_listed).map(|(id, broker)| (*id, broker))
    }

    fn listed_ids(&self) -> Vec<i32> {
        self.listed().map(|(id, _)| id).collect()
    }

    /// Takes the fault that a request to `broker_id` meets: the broker's own come first.
    pub(crate) fn take_fault(&mut self, broker_id: i32, api_key: i16) -> Fault {
        let own = self.brokers.get_mut(&broker_id).and_then(|it| it.faults.take(api_key));
        own.or_else(|| self.faults.take(api_key)).unwrap_or_default()
    }

    /// Creates a topic; counts of -1 mean the defaults.
    pub(crate) fn create_topic(
        &mut self,
        name: &str,
        partition_count: i32,
        replication_factor: i32,
    ) -> Result<(), ErrorCode> {
        if self.topics.contains_key(name) {
            return Err(ErrorCode::TOPIC_ALREADY_EXISTS);
        }
        let brokers = self.listed_ids();
        let count = match partition_count {
            -1 => self.partition_count_default,
            count if !(1..=PARTITION_COUNT_MAX).contains(&count) => {
                return Err(ErrorCode::INVALID_PARTITIONS);
            }
            count => count,
        };
        let factor = match usize::try_from(replication_factor) {
            Err(_) => REPLICATION_FACTOR.min(brokers.len()),
            Ok(factor) if factor == 0 || factor > brokers.len() => {
                return Err(ErrorCode::INVALID_REPLICATION_FACTOR);
            }
            Ok(factor) => factor,
        };
        let id = Uuid::from_u64_pair(self.rng.next_u64(), self.rng.next_u64());
        let (error, partitions) = (ErrorCode::NO_ERROR, Vec::new());
        let mut topic = Topic { id, error, partitions, listed_count: None };
        self.extend_topic(&mut topic, count, factor);
        self.deleted.remove(name);
        self.topics.insert(name.to_owned(), topic);
        self.change_count += 1;
        Ok(())
    }

    fn extend_topic(&self, topic: &mut Topic, count: i32, factor: usize) {
        let brokers = self.listed_ids();
        for index in topic.partitions.len()..usize::try_from(count).unwrap_or(0) {
            let replicas: Vec<i32> = brokers
                .iter()
                .cycle()
                .skip(index % brokers.len().max(1))
                .take(factor)
                .copied()
                .collect();
            topic.partitions.push(Partition {
                leader: replicas.first().copied(),
                leader_epoch: 0,
                replicas,
                log: Log::new(self.partition_bytes_max),
                follower: None,
                pushed_leaders: VecDeque::new(),
                faults: Faults::default(),
            });
        }
    }

    /// Raises a topic's number of partitions.
    pub(crate) fn grow_topic(&mut self, name: &str, count: i32) -> Result<(), ErrorCode> {
        let mut topic = self.topics.remove(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?;
        let is_more = usize::try_from(count).is_ok_and(|count| count > topic.partitions.len())
            && count <= PARTITION_COUNT_MAX;
        if is_more {
            let factor = topic.partitions.first().map_or(1, |partition| partition.replicas.len());
            self.extend_topic(&mut topic, count, factor);
        }
        self.topics.insert(name.to_owned(), topic);
        self.change_count += 1;
        if is_more { Ok(()) } else { Err(ErrorCode::INVALID_PARTITIONS) }
    }

    /// A topic, made with the defaults if it isn't there and wasn't deleted.
    pub(crate) fn topic_or_create(&mut self, name: &str) -> Result<&mut Topic, ErrorCode> {
        if self.rules.is_strict() && !is_legal_name(name) {
            return Err(ErrorCode::TOPIC_EXCEPTION);
        }
        if !self.topics.contains_key(name) {
            if self.deleted.contains(name) {
                return Err(ErrorCode::UNKNOWN_TOPIC_OR_PART);
            }
            self.create_topic(name, -1, -1)?;
        }
        self.topics.get_mut(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)
    }

    /// A partition of a topic that is made if it isn't there.
    pub(crate) fn partition_or_create(
        &mut self,
        topic: &str,
        index: i32,
    ) -> Result<&mut Partition, ErrorCode> {
        let partition = self.topic_or_create(topic)?.partition(index);
        partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)
    }

    /// A partition, if it exists.
    pub(crate) fn partition(&mut self, topic: &str, index: i32) -> Option<&mut Partition> {
        self.topics.get_mut(topic)?.partition(index)
    }

    /// Deletes a topic; requests for it are refused until it's created again.
    pub(crate) fn delete_topic(&mut self, name: &str) -> Result<(), ErrorCode> {
        self.topics.remove(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?;
        self.deleted.insert(name.to_owned());
        self.change_count += 1;
        Ok(())
    }

    /// Moves a partition's leader; `None` leaves it without one.
    pub(crate) fn set_leader(
        &mut self,
        topic: &str,
        index: i32,
        leader: Option<i32>,
    ) -> Result<(), ErrorCode> {
        let is_known = leader.is_none_or(|id| self.brokers.contains_key(&id));
        let partition = self.partition_or_create(topic, index)?;
        if !is_known {
            return Err(ErrorCode::BROKER_NOT_AVAILABLE);
        }
        partition.set_leader(leader);
        self.change_count += 1;
        Ok(())
    }

    /// Deals the partitions out again among the brokers that metadata names. The leader changes
    /// where it was another.
    pub(crate) fn reassign(&mut self) {
        let brokers = self.listed_ids();
        for topic in self.topics.values_mut() {
            for (index, partition) in topic.partitions.iter_mut().enumerate() {
                let factor = partition.replicas.len().max(1).min(brokers.len());
                let start = index % brokers.len().max(1);
                partition.replicas =
                    brokers.iter().cycle().skip(start).take(factor).copied().collect();
                let leader = partition.replicas.first().copied();
                if leader != partition.leader {
                    partition.set_leader(leader);
                }
            }
        }
        self.change_count += 1;
    }

    /// Appends what a producer sent and gives the first record's offset.
    pub(crate) fn append(
        &mut self,
        topic: &str,
        index: i32,
        records: &Bytes,
        api_version: i16,
    ) -> Result<i64, ErrorCode> {
        let partition = self.topics.get_mut(topic).and_then(|topic| topic.partition(index));
        let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?;
        let how = Append { rules: &self.rules, api_version, leader_epoch: partition.leader_epoch };
        let offset = partition.log.append(records, &how)?;
        self.change_count += 1;
        Ok(offset)
    }

    /// Says which broker coordinates a key.
    pub(crate) fn set_coordinator(&mut self, kind: CoordinatorKind, key: &str, broker_id: i32) {
        self.coordinators.insert((kind, key.to_owned()), broker_id);
    }

    /// The broker that coordinates a key: the one that was set, else one that the key's bytes
    /// choose.
    pub(crate) fn coordinator(&self, kind: CoordinatorKind, key: &str) -> Option<i32> {
        if let Some(id) = self.coordinators.get(&(kind, key.to_owned())) {
            return Some(*id).filter(|id| self.brokers.contains_key(id));
        }
        let ids = self.listed_ids();
        let sum = key.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31) + usize::from(byte));
        ids.get(sum.checked_rem(ids.len())?).copied()
    }

    /// A random number of 31 bits, for ids.
    pub(crate) fn draw(&mut self) -> u32 {
        (self.rng.next_u64() >> 33) as u32
    }
}

/// May a topic be called so? Strict clusters refuse other names, as brokers do.
fn is_legal_name(name: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&name.len()) && name != "." && name != ".." && name.bytes().all(is_legal)
}

/// Producer ids and epochs that the cluster gave out.
pub(crate) struct ProducerIds {
    next: i64,
    transactional: HashMap<String, (i64, i16)>,
}

impl ProducerIds {
    /// A new id.
    pub(crate) fn fresh(&mut self) -> (i64, i16) {
        self.next += 1;
        (self.next, 0)
    }

    /// The id of a transactional producer with its epoch raised, so that an older instance is
    /// fenced. `known` is what the producer believes to have, if anything.
    pub(crate) fn transactional(
        &mut self,
        transactional_id: &str,
        known: Option<(i64, i16)>,
    ) -> Result<(i64, i16), ErrorCode> {
        let current = self.transactional.get(transactional_id).copied();
        let next = match (current, known) {
            (Some(current), Some(known)) if current != known => {
                return Err(ErrorCode::PRODUCER_FENCED);
            }
            // The highest epoch is kept for fencing, so the id ends one before it.
            (Some((id, epoch)), _) if epoch < i16::MAX - 1 => (id, epoch + 1),
            _ => self.fresh(),
        };
        self.transactional.insert(transactional_id.to_owned(), next);
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(brokers: i32) -> Cluster {
        let mut cluster = Cluster::new(1);
        (1..=brokers).for_each(|id| cluster.add_broker(id, 9000 + id as u16));
        cluster
    }

    #[test]
    fn leaders_are_dealt_round_robin_with_replicas_behind_them() {
        let mut cluster = cluster(3);
        assert_eq!(cluster.create_topic("t", 4, 2), Ok(()));
        let dealt: Vec<_> = cluster.topics["t"]
            .partitions
            .iter()
            .map(|partition| (partition.leader, partition.replicas.clone()))
            .collect();
        assert_eq!(
            dealt,
            [
                (Some(1), vec![1, 2]),
                (Some(2), vec![2, 3]),
                (Some(3), vec![3, 1]),
                (Some(1), vec![1, 2]),
            ]
        );
    }

    #[test]
    fn bad_counts_are_refused() {
        let mut cluster = cluster(2);
        for count in [0, -2, i32::MAX] {
            assert_eq!(cluster.create_topic("t", count, 1), Err(ErrorCode::INVALID_PARTITIONS));
        }
        assert_eq!(cluster.create_topic("t", 1, 3), Err(ErrorCode::INVALID_REPLICATION_FACTOR));
        assert_eq!(cluster.create_topic("t", 1, 1), Ok(()));
        assert_eq!(cluster.create_topic("t", 1, 1), Err(ErrorCode::TOPIC_ALREADY_EXISTS));
        assert_eq!(cluster.grow_topic("t", 1), Err(ErrorCode::INVALID_PARTITIONS));
        assert_eq!(cluster.grow_topic("t", 5), Ok(()));
        assert_eq!(cluster.topics["t"].partitions.len(), 5);
    }

    #[test]
    fn a_deleted_topic_comes_back_only_by_creation() {
        let mut cluster = cluster(1);
        assert!(cluster.topic_or_create("t").is_ok());
        assert_eq!(cluster.delete_topic("t"), Ok(()));
        assert_eq!(cluster.topic_or_create("t").err(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PART));
        assert_eq!(cluster.create_topic("t", 1, 1), Ok(()));
        assert!(cluster.topic_or_create("t").is_ok());
    }

    #[test]
    fn a_change_of_leader_raises_the_epoch() {
        let mut cluster = cluster(2);
        assert_eq!(cluster.set_leader("t", 0, Some(2)), Ok(()));
        assert_eq!(cluster.set_leader("t", 0, Some(9)), Err(ErrorCode::BROKER_NOT_AVAILABLE));
        assert_eq!(cluster.set_leader("t", 7, None), Err(ErrorCode::UNKNOWN_TOPIC_OR_PART));
        let partition = cluster.partition("t", 0).expect("made by set_leader");
        assert_eq!((partition.leader, partition.leader_epoch), (Some(2), 1));
        assert_eq!(partition.check_epoch(0), Err(ErrorCode::FENCED_LEADER_EPOCH));
        assert_eq!(partition.check_epoch(1), Ok(()));
        assert_eq!(partition.check_epoch(2), Err(ErrorCode::UNKNOWN_LEADER_EPOCH));
    }

    #[test]
    fn a_transactional_producer_gets_its_id_back_with_a_higher_epoch() {
        let mut ids = cluster(1).producer_ids;
        let first = ids.transactional("tx", None).expect("new");
        let second = ids.transactional("tx", None).expect("again");
        assert_eq!((second.0, second.1), (first.0, first.1 + 1));
        assert_eq!(ids.transactional("tx", Some(first)), Err(ErrorCode::PRODUCER_FENCED));
        assert_eq!(ids.transactional("tx", Some(second)), Ok((first.0, 2)));
    }
}
