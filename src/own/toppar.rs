//! `Toppar`: one partition of one topic, as the client knows it.
//!
//! What the partition lock protects is [`TopparShared`]; the transmit queue belongs to the engine
//! on the broker's thread.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::broker::Broker;
use super::store::PartitionStore;
use super::topic::Topic;
use crate::sys::lock::{Guard, Mutex, Rank};

/// Who leads a partition, according to the newest metadata.
#[derive(Clone, Default)]
pub(crate) struct Leader {
    /// Node id, -1 if none.
    pub(crate) id: i32,
    /// Leader epoch, -1 if unknown.
    pub(crate) epoch: i32,
}

/// What the partition lock protects.
pub(crate) struct TopparShared {
    /// The queued messages.
    pub(crate) store: Box<dyn PartitionStore>,
    /// The number of the newest message.
    pub(crate) last_id: u64,
    /// The leader.
    pub(crate) leader: Leader,
    /// The broker whose thread serves the partition.
    pub(crate) broker: Option<Arc<Broker>>,
    /// The broker that shall serve it once the present one let go.
    pub(crate) next_broker: Option<Arc<Broker>>,
    /// The partition is gone from the cluster; messages are refused.
    pub(crate) is_removed: bool,
}

/// Counters of the statistics.
#[derive(Default)]
pub(crate) struct TopparCounters {
    /// Messages put into requests.
    pub(crate) tx_messages: AtomicU64,
    /// Their value and key bytes.
    pub(crate) tx_bytes: AtomicU64,
}

/// One partition.
pub(crate) struct Toppar {
    /// Partition number.
    pub(crate) partition: i32,
    topic: Weak<Topic>,
    shared: Mutex<TopparShared>,
    /// Messages in flight on any broker thread, the former one included: after a migration the old
    /// thread still gets answers.
    pub(crate) in_flight: AtomicI32,
    /// Node id of the broker whose thread serves it; -1 if none does. Written by that thread when
    /// it takes the partition and when it lets go.
    broker_id: AtomicI32,
    /// The serving engine's place for it; only the serving broker's thread uses it.
    pub(crate) slot: AtomicUsize,
    /// Counters.
    pub(crate) counters: TopparCounters,
}

impl Toppar {
    /// A partition without a leader.
    pub(crate) fn new(
        topic: Weak<Topic>,
        partition: i32,
        store: Box<dyn PartitionStore>,
    ) -> Arc<Self> {
        Arc::new(Self {
            partition,
            topic,
            shared: Mutex::new(
                Rank::Toppar,
                TopparShared {
                    store,
                    last_id: 0,
                    leader: Leader { id: -1, epoch: -1 },
                    broker: None,
                    next_broker: None,
                    is_removed: false,
                },
            ),
            in_flight: AtomicI32::new(0),
            broker_id: AtomicI32::new(-1),
            slot: AtomicUsize::new(usize::MAX),
            counters: TopparCounters::default(),
        })
    }

    /// Takes the partition lock.
    pub(crate) fn lock(&self) -> Guard<'_, TopparShared> {
        self.shared.lock()
    }

    /// The topic.
    pub(crate) fn topic(&self) -> Arc<Topic> {
        self.topic.upgrade().expect("the instance keeps topics until its broker threads have ended")
    }

    /// Can messages be sent to it now (`rd_kafka_topic_partition_available`)?
    pub(crate) fn is_available(&self) -> bool {
        self.broker_id() != -1
    }

    /// Node id of the serving broker; -1 if none.
    pub(crate) fn broker_id(&self) -> i32 {
        self.broker_id.load(Ordering::Acquire)
    }

    /// A broker's thread took the partition, or (-1) let go.
    pub(crate) fn set_broker_id(&self, id: i32) {
        self.broker_id.store(id, Ordering::Release);
    }
}
