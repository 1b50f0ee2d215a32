//! A mock Kafka cluster in the process: real protocol over real loopback sockets.
//!
//! [`MockCluster`] is the face for tests and for the C functions; stock clients can produce to it
//! and consume from it. Of the library it uses only `proto`, `codec`, `sys` and `error`: it must
//! not share the client's mistakes.
#![forbid(unsafe_code)]

pub(crate) mod cluster;
pub(crate) mod connection;
mod faults;
mod group;
pub(crate) mod handlers;
mod journal;
mod ledger;
mod log;
mod rules;
mod server;

use std::ffi::{CStr, CString};
use std::io;

use bytes::Bytes;

pub use crate::error::{Error, ErrorCode};
pub use faults::Fault;
pub use journal::Request;
pub use ledger::Outcome;
pub use rules::{Rules, Strictness};

use crate::proto::record::reader;
use crate::sys::listen::Listener;
use crate::sys::{env, rand};
use cluster::{Broker, Cluster, CoordinatorKind};
use server::Server;

/// What the object of the C functions begins with.
pub(crate) const MARK: [u8; 8] = *b"rdkmockc";

/// With this set to `1`, clusters begin with strict rules: C programs have no other way to ask for
/// them.
const STRICT_VARIABLE: &str = "RDKAFKA_MOCK_STRICT";

/// A cluster of brokers on loopback, served by one thread until it's dropped.
///
/// Broker ids are 1 and up. Where a broker id is asked for, -1 means all brokers.
#[repr(C)]
pub struct MockCluster {
    mark: [u8; 8],
    /// The address of the instance that the C functions were given; only handed back, and where
    /// the panic fence looks for it.
    owner: usize,
    bootstraps: CString,
    server: Server,
}

const _: () = assert!(std::mem::offset_of!(MockCluster, owner) == 8);

/// What a partition holds, for audits.
#[derive(Clone, Debug, Default)]
pub struct PartitionLog {
    /// The first offset that can be read.
    pub start_offset: i64,
    /// The offset that the next record gets.
    pub end_offset: i64,
    /// Record batches with their offsets written into them, oldest first.
    pub batches: Vec<Bytes>,
}

/// A record in a partition's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value.
    pub value: Option<Vec<u8>>,
    /// Names and values of the headers, in order.
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl PartitionLog {
    /// The records, uncompressed and decoded; the error says in which batch something is wrong.
    /// Messages of the formats before record batches are not read.
    pub fn records(&self) -> Result<Vec<Record>, Error> {
        let mut out = Vec::new();
        for (position, batch) in self.batches.iter().enumerate() {
            let (_, records) = reader::records(batch).map_err(|error| {
                Error::new(ErrorCode::_BAD_MSG, format!("Batch {position}: {error}"))
            })?;
            out.extend(records.into_iter().map(|record| Record {
                offset: record.offset,
                timestamp_ms: record.timestamp,
                key: record.key,
                value: record.value,
                headers: record.headers,
            }));
        }
        out.retain(|record| record.offset >= self.start_offset);
        Ok(out)
    }
}

impl MockCluster {
    /// Starts a cluster of `broker_count` brokers. Its rules are lenient, or strict if the
    /// environment has
    /// `RDKAFKA_MOCK_STRICT=1`.
    pub fn new(broker_count: i32) -> Result<Self, Error> {
        if broker_count < 1 {
            return Err(Error::new(
                ErrorCode::_INVALID_ARG,
                format!("A mock cluster needs at least 1 broker, not {broker_count}"),
            ));
        }
        Self::start(broker_count).map_err(|error| {
            Error::new(
                ErrorCode::_CRIT_SYS_RESOURCE,
                format!("Can't start a mock cluster: {error}"),
            )
        })
    }

    fn start(broker_count: i32) -> io::Result<Self> {
        let mut seed = [0; 8];
        rand::fill(&mut seed);
        let mut cluster = Cluster::new(u64::from_le_bytes(seed));
        let mut doors = Vec::new();
        for id in 1..=broker_count {
            let door = Listener::bind_loopback(0)?;
            cluster.add_broker(id, door.port());
            doors.push((id, door));
        }
        if env::var(STRICT_VARIABLE).is_some_and(|value| value == "1") {
            cluster.rules.strictness = Strictness::Strict;
        }
        let bootstraps = CString::new(cluster.bootstraps()).unwrap_or_default();
        let server = Server::start(cluster, doors)?;
        Ok(Self { mark: MARK, owner: 0, bootstraps, server })
    }

    /// `host:port` of the brokers it was started with, with commas between them.
    pub fn bootstraps(&self) -> &str {
        self.bootstraps.to_str().unwrap_or_default()
    }

    /// The same for C.
    pub(crate) fn bootstraps_c(&self) -> &CStr {
        &self.bootstraps
    }

    /// Does the object still have its mark?
    pub(crate) fn is_marked(&self) -> bool {
        self.mark == MARK
    }

    /// The address that [`Self::set_owner`] was given, 0 without.
    pub(crate) fn owner(&self) -> usize {
        self.owner
    }

    /// Remembers the address of the instance it belongs to.
    pub(crate) fn set_owner(&mut self, owner: usize) {
        self.owner = owner;
    }

    /// Creates a topic; a count of -1 means the default (4 partitions; 3 replicas, or as many as
    /// there are brokers).
    pub fn create_topic(
        &self,
        topic: &str,
        partition_count: i32,
        replication_factor: i32,
    ) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            // More replicas than brokers are as many as there are brokers, as history has it.
            let factor = replication_factor.min(it.brokers.len() as i32);
            it.create_topic(topic, partition_count, factor)
        })
    }

    /// Deletes a topic. It isn't made again on use, only by [`Self::create_topic`].
    pub fn delete_topic(&self, topic: &str) -> Result<(), ErrorCode> {
        self.server.change(|it| it.delete_topic(topic))
    }

    /// How many partitions a topic gets that is made on first use.
    pub fn set_partition_count_default(&self, count: i32) {
        self.server.change(|it| it.partition_count_default = count.max(1));
    }

    /// How many bytes a partition of a topic that is made from now on keeps before it drops its
    /// oldest batches.
    pub fn set_partition_bytes_max(&self, bytes: usize) {
        self.server.change(|it| it.partition_bytes_max = bytes);
    }

    /// The error that metadata answers give for a topic, which is made if it isn't there.
    pub fn set_topic_error(&self, topic: &str, error: ErrorCode) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            it.topic_or_create(topic)?.error = error;
            Ok(())
        })
    }

    /// Moves a partition's leader; `None` leaves it without one. The topic is made if it isn't
    /// there.
    pub fn set_leader(
        &self,
        topic: &str,
        partition: i32,
        leader: Option<i32>,
    ) -> Result<(), ErrorCode> {
        self.server.change(|it| it.set_leader(topic, partition, leader))
    }

    /// Has the next metadata answers name this leader and epoch for a partition, one answer for
    /// each call.
    pub fn push_leader_response(
        &self,
        topic: &str,
        partition: i32,
        leader: i32,
        leader_epoch: i32,
    ) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            let partition = it.partition_or_create(topic, partition)?;
            partition.pushed_leaders.push_back((leader, leader_epoch));
            Ok(())
        })
    }

    /// Sends the consumers of a partition to a follower; -1 sends them to the leader again.
    pub fn set_follower(
        &self,
        topic: &str,
        partition: i32,
        broker_id: i32,
    ) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            let partition = it.partition_or_create(topic, partition)?;
            partition.follower.get_or_insert_default().broker_id = broker_id;
            it.change_count += 1;
            Ok(())
        })
    }

    /// The bounds of what a partition's follower has; -1 means as the leader.
    pub fn set_follower_bounds(
        &self,
        topic: &str,
        partition: i32,
        start: i64,
        end: i64,
    ) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            let follower =
                it.partition_or_create(topic, partition)?.follower.get_or_insert_default();
            follower.start = Some(start).filter(|offset| *offset != -1);
            follower.end = Some(end).filter(|offset| *offset != -1);
            it.change_count += 1;
            Ok(())
        })
    }

    /// Moves the start of a partition's log to an offset.
    pub fn delete_records(
        &self,
        topic: &str,
        partition: i32,
        before: i64,
    ) -> Result<(), ErrorCode> {
        self.server.change(|it| it.partition_or_create(topic, partition)?.log.delete_before(before))
    }

    /// What a partition holds.
    pub fn log(&self, topic: &str, partition: i32) -> Result<PartitionLog, ErrorCode> {
        let (start_offset, end_offset, batches) = {
            let mut cluster = self.server.cluster();
            let partition = cluster.partition(topic, partition);
            let log = &partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PART)?.log;
            (log.start(), log.end(), log.batches().cloned().collect::<Vec<_>>())
        };
        // Offsets are written outside the lock, so that the cluster isn't held up by an audit.
        let batches = batches.iter().map(log::Batch::placed).collect();
        Ok(PartitionLog { start_offset, end_offset, batches })
    }

    /// Changes the checks before an append.
    pub fn set_rules(&self, rules: Rules) {
        self.server.change(|it| it.rules = rules);
    }

    /// Switches between the historical mock's checks and a broker's.
    pub fn set_strictness(&self, strictness: Strictness) {
        self.server.change(|it| it.rules.strictness = strictness);
    }

    /// How long a group waits for more members after its first one joined, in milliseconds.
    pub fn set_group_initial_delay_ms(&self, delay_ms: i32) {
        self.server.change(|it| it.groups.initial_delay_ms = i64::from(delay_ms.max(0)));
    }
}

/// Brokers.
impl MockCluster {
    fn each_broker(&self, broker_id: i32, change: impl Fn(&mut Broker)) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            if broker_id == -1 {
                it.brokers.values_mut().for_each(change);
                return Ok(());
            }
            let broker = it.brokers.get_mut(&broker_id);
            change(broker.ok_or(ErrorCode::BROKER_NOT_AVAILABLE)?);
            Ok(())
        })
    }

    /// Cuts a broker's connections and stops listening.
    pub fn broker_down(&self, broker_id: i32) -> Result<(), ErrorCode> {
        self.each_broker(broker_id, |broker| broker.is_up = false)?;
        self.server.settle();
        Ok(())
    }

    /// Listens again, on the port it had. A connection of this machine may have been given that
    /// port meanwhile; then this waits for it to end, at most 5 seconds.
    pub fn broker_up(&self, broker_id: i32) -> Result<(), ErrorCode> {
        let down: Vec<(i32, u16)> = {
            let cluster = self.server.cluster();
            if broker_id != -1 && !cluster.brokers.contains_key(&broker_id) {
                return Err(ErrorCode::BROKER_NOT_AVAILABLE);
            }
            let is_meant = |id: i32| broker_id == -1 || id == broker_id;
            let brokers = cluster.brokers.iter();
            let down = brokers.filter(|(id, broker)| is_meant(**id) && !broker.is_up);
            down.map(|(id, broker)| (*id, broker.listen_port)).collect()
        };
        for (id, port) in down {
            let door = Listener::rebind_loopback(port);
            let door = door.map_err(|_| ErrorCode::_CRIT_SYS_RESOURCE)?;
            self.each_broker(id, |broker| broker.is_up = true)?;
            self.server.open(id, door);
        }
        Ok(())
    }

    /// How long a broker's answers wait, in milliseconds.
    pub fn set_rtt(&self, broker_id: i32, rtt_ms: i32) -> Result<(), ErrorCode> {
        self.each_broker(broker_id, |broker| broker.rtt_ms = rtt_ms.max(0))
    }

    /// A broker's rack.
    pub fn set_rack(&self, broker_id: i32, rack: &str) -> Result<(), ErrorCode> {
        self.each_broker(broker_id, |broker| broker.rack = Some(rack.to_owned()))
    }

    /// The address that metadata answers give for a broker; it listens where it did.
    pub fn set_host_port(&self, broker_id: i32, host: &str, port: i32) -> Result<(), ErrorCode> {
        self.each_broker(broker_id, |broker| {
            host.clone_into(&mut broker.host);
            broker.port = port;
        })
    }

    /// Adds a broker and deals the partitions out again.
    pub fn add_broker(&self, broker_id: i32) -> Result<(), ErrorCode> {
        let is_free = |it: &Cluster| !it.brokers.contains_key(&broker_id);
        if broker_id < 0 || !is_free(&self.server.cluster()) {
            return Err(ErrorCode::_INVALID_ARG);
        }
        let door = Listener::bind_loopback(0).map_err(|_| ErrorCode::_CRIT_SYS_RESOURCE)?;
        self.server.change(|it| {
            it.add_broker(broker_id, door.port());
            it.reassign();
        });
        self.server.open(broker_id, door);
        Ok(())
    }

    /// Removes a broker: its connections are cut and its partitions go to the others.
    pub fn decommission_broker(&self, broker_id: i32) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            it.brokers.remove(&broker_id).ok_or(ErrorCode::BROKER_NOT_AVAILABLE)?;
            it.reassign();
            Ok(())
        })?;
        self.server.settle();
        Ok(())
    }

    /// Hides a broker from metadata answers; its partitions go to the others, its connections stay.
    pub fn hide_broker(&self, broker_id: i32) -> Result<(), ErrorCode> {
        self.each_broker(broker_id, |broker| broker.is_listed = false)?;
        self.server.change(Cluster::reassign);
        Ok(())
    }

    /// The broker that coordinates a group or a transactional producer. `kind` is `group` or
    /// `transaction`.
    pub fn set_coordinator(&self, kind: &str, key: &str, broker_id: i32) -> Result<(), ErrorCode> {
        let kind = match kind {
            "group" => CoordinatorKind::Group,
            "transaction" => CoordinatorKind::Transaction,
            _ => return Err(ErrorCode::_INVALID_ARG),
        };
        self.server.change(|it| it.set_coordinator(kind, key, broker_id));
        Ok(())
    }

    /// The controller that metadata answers name; -1 for none.
    pub fn set_controller(&self, broker_id: i32) {
        self.server.change(|it| it.controller_id = broker_id);
    }

    /// Narrows the versions that brokers offer of a request type; a negative `max` takes it away.
    pub fn set_versions(&self, api_key: i16, min: i16, max: i16) -> Result<(), ErrorCode> {
        self.server.change(|it| it.versions.set(api_key, min, max))
    }
}

/// Faults, and what was asked.
impl MockCluster {
    /// Has the next requests of a type meet these errors, whichever broker gets them.
    pub fn push_errors(&self, api_key: i16, errors: &[ErrorCode]) {
        let faults = errors.iter().map(|error| Fault { error: *error, rtt_ms: 0 });
        self.server.change(|it| it.faults.push(api_key, faults));
    }

    /// Forgets the cluster's errors for a request type.
    pub fn clear_errors(&self, api_key: i16) {
        self.server.change(|it| it.faults.clear(api_key));
    }

    /// Has the next requests of a type that a broker gets meet these errors and delays.
    pub fn push_broker_faults(
        &self,
        broker_id: i32,
        api_key: i16,
        faults: &[Fault],
    ) -> Result<(), ErrorCode> {
        self.server.change(|it| {
            let broker = it.brokers.get_mut(&broker_id).ok_or(ErrorCode::_UNKNOWN_BROKER)?;
            broker.faults.push(api_key, faults.iter().copied());
            Ok(())
        })
    }

    /// How many of a broker's faults wait for requests of a type.
    pub fn broker_fault_count(&self, broker_id: i32, api_key: i16) -> Result<usize, ErrorCode> {
        let cluster = self.server.cluster();
        let broker = cluster.brokers.get(&broker_id).ok_or(ErrorCode::_UNKNOWN_BROKER)?;
        Ok(broker.faults.count(api_key))
    }

    /// Has the next Produce (0) or Fetch (1) requests for a partition meet these errors, after all
    /// others.
    pub fn push_partition_errors(
        &self,
        topic: &str,
        partition: i32,
        api_key: i16,
        errors: &[ErrorCode],
    ) -> Result<(), ErrorCode> {
        let faults = errors.iter().map(|error| Fault { error: *error, rtt_ms: 0 });
        self.server.change(|it| {
            it.partition_or_create(topic, partition)?.faults.push(api_key, faults);
            Ok(())
        })
    }

    /// Begins to note requests.
    pub fn start_tracking(&self) {
        self.server.change(|it| it.journal.start());
    }

    /// Stops noting requests and forgets them.
    pub fn stop_tracking(&self) {
        self.server.change(|it| it.journal.stop());
    }

    /// Forgets the requests noted so far.
    pub fn clear_requests(&self) {
        self.server.change(|it| it.journal.clear());
    }

    /// Begins to write down what becomes of each batch that producers send.
    pub fn open_ledger(&self) {
        self.server.change(|it| it.ledger.open());
    }

    /// What became of each batch since the ledger was opened, in the order of arrival.
    pub fn ledger(&self) -> Vec<Outcome> {
        self.server.cluster().ledger.outcomes().to_vec()
    }

    /// The requests since tracking began, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.server.cluster().journal.requests().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_may_be_used_by_every_thread() {
        fn check<T: Send + Sync>() {}
        check::<MockCluster>();
    }

    #[test]
    fn a_cluster_without_brokers_is_refused() {
        let refused = MockCluster::new(0).err().map(|error| error.code);
        assert_eq!(refused, Some(ErrorCode::_INVALID_ARG));
    }
}
