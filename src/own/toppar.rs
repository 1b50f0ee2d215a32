//! `Toppar`: one partition of one topic, as the client knows it.
//!
//! What the partition lock protects is [`TopparShared`]; the transmit queue belongs to the engine
//! on the broker's thread.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::broker::Broker;
use super::eos::{Eos, LastErr, SavedIds};
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
    /// Idempotence.
    pub(crate) eos: Eos,
    /// The last error.
    pub(crate) last_err: LastErr,
    /// The serving thread waits until fewer messages are in flight: whoever takes the last one out
    /// of the way puts the partition onto the ready list.
    pub(crate) is_held: bool,
    /// The highest id of a message that waits to be sent again and may be in the log: up to here
    /// producer id and sequence stay, so that the broker knows it again. 0 if there is none.
    pub(crate) unresolved_to: u64,
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
                    eos: Eos::default(),
                    last_err: LastErr::default(),
                    is_held: false,
                    unresolved_to: 0,
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

    /// What the partition goes on with should it come back; nothing if its messages have no
    /// sequence.
    ///
    /// Historical: `rd_kafka_topic_keep_partition_msgid`.
    pub(crate) fn saved_ids(&self) -> Option<SavedIds> {
        let shared = self.lock();
        shared.eos.pid.is_valid().then_some(SavedIds {
            partition: self.partition,
            last_id: shared.last_id,
            pid: shared.eos.pid,
            epoch_base_msgid: shared.eos.epoch_base_msgid,
        })
    }

    /// Goes on where a former partition of the same number ended.
    pub(crate) fn restore_ids(&self, saved: &mut Vec<SavedIds>) {
        let Some(at) = saved.iter().position(|ids| ids.partition == self.partition) else { return };
        let ids = saved.swap_remove(at);
        let mut shared = self.lock();
        shared.last_id = ids.last_id;
        shared.eos.pid = ids.pid;
        shared.eos.epoch_base_msgid = ids.epoch_base_msgid;
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
