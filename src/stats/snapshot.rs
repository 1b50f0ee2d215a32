//! One struct with all numbers. It is filled under the locks, one after the other, and formatted
//! after them.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::conf::Engine;
use crate::handle::{Fatal, Handle};
use crate::own::broker::{Broker, BrokerSource, BrokerState, QueueKind};
use crate::own::eos::{Eos, IdempState};
use crate::own::producer_v2::{AdaptiveNumbers, BrokerV2, TopparV2};
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::own::window::WindowNumbers;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// The number of the queue for messages without a partition.
pub(super) const UNASSIGNED: i32 = -1;

/// No offset.
pub(super) const OFFSET_INVALID: i32 = -1001;

/// Windows under their keys.
pub(super) type Windows = Vec<(&'static str, WindowNumbers)>;

/// An instance's numbers.
#[derive(Default)]
pub(super) struct Snapshot {
    pub(super) name: String,
    pub(super) client_id: String,
    pub(super) ts_us: i64,
    pub(super) time_s: i64,
    pub(super) age_us: i64,
    pub(super) reply_queue_len: usize,
    pub(super) messages: i64,
    pub(super) bytes: i64,
    pub(super) messages_max: i64,
    pub(super) bytes_max: i64,
    pub(super) cached_topic_count: usize,
    /// The engine's name, unless it is the historical one.
    pub(super) engine: Option<&'static str>,
    /// `adaptive.batching.enable`.
    pub(super) is_adaptive: bool,
    pub(super) brokers: Vec<BrokerNumbers>,
    pub(super) topics: Vec<TopicNumbers>,
    pub(super) fatal: Option<Fatal>,
    /// Idempotent producers only.
    pub(super) eos: Option<EosNumbers>,
}

/// The numbers of an idempotent producer.
pub(super) struct EosNumbers {
    pub(super) state: IdempState,
    pub(super) state_age_us: i64,
    /// The state of transactions, which is entered when the machine starts.
    pub(super) txn_state: &'static str,
    pub(super) txn_state_age_us: i64,
    pub(super) pid: Pid,
    pub(super) epoch_count: i32,
}

/// A broker's numbers.
#[derive(Default)]
pub(super) struct BrokerNumbers {
    pub(super) name: String,
    pub(super) id: i32,
    pub(super) address: String,
    pub(super) source: &'static str,
    pub(super) state: BrokerState,
    pub(super) state_age_us: i64,
    /// Requests to be written, and messages in them.
    pub(super) outbufs: (i32, i32),
    /// Requests in flight, and messages in them.
    pub(super) waitresps: (i32, i32),
    pub(super) tx: u64,
    pub(super) tx_bytes: u64,
    pub(super) tx_errors: u64,
    pub(super) tx_retries: u64,
    /// Since the last send; -1 if there was none or the broker is not up.
    pub(super) tx_idle_us: i64,
    pub(super) request_timeouts: u64,
    pub(super) rx: u64,
    pub(super) rx_bytes: u64,
    pub(super) rx_errors: u64,
    pub(super) rx_unmatched: u64,
    /// As `tx_idle_us`.
    pub(super) rx_idle_us: i64,
    pub(super) wakeups: u64,
    pub(super) connects: i32,
    pub(super) disconnects: i32,
    pub(super) windows: Windows,
    /// What adaptive batching knows; only engine `v2` does.
    pub(super) adaptive: Option<AdaptiveNumbers>,
    /// Sent requests by API key.
    pub(super) requests: Vec<u64>,
    /// Topic and number of the partitions that it serves.
    pub(super) toppars: Vec<(String, i32)>,
}

/// A topic's numbers.
#[derive(Default)]
pub(super) struct TopicNumbers {
    pub(super) name: String,
    pub(super) age_us: i64,
    /// 0 if no metadata came.
    pub(super) metadata_age_us: i64,
    pub(super) windows: Windows,
    /// The unassigned queue is the last one.
    pub(super) partitions: Vec<PartitionNumbers>,
}

/// A partition's numbers.
#[derive(Default)]
pub(super) struct PartitionNumbers {
    pub(super) number: i32,
    pub(super) broker_id: i32,
    pub(super) leader_id: i32,
    pub(super) leader_epoch: i32,
    pub(super) is_unknown: bool,
    pub(super) queued_messages: usize,
    pub(super) queued_bytes: i64,
    /// Those of them that a broker's thread took over, and their bytes; engine `v2` tells.
    pub(super) taken: (i32, i64),
    pub(super) tx_messages: u64,
    pub(super) tx_bytes: u64,
    /// All that were ever queued.
    pub(super) messages: u64,
    pub(super) in_flight: i32,
    pub(super) eos: Eos,
}

/// Sums over brokers and partitions.
pub(super) struct Totals {
    pub(super) tx: u64,
    pub(super) tx_bytes: u64,
    pub(super) rx: u64,
    pub(super) rx_bytes: u64,
    pub(super) tx_messages: u64,
    pub(super) tx_message_bytes: u64,
}

impl Snapshot {
    /// The sums; the queue of messages without a partition is in none.
    pub(super) fn totals(&self) -> Totals {
        let of_brokers =
            |pick: fn(&BrokerNumbers) -> u64| self.brokers.iter().map(pick).sum::<u64>();
        let of_partitions = |pick: fn(&PartitionNumbers) -> u64| {
            let all = self.topics.iter().flat_map(|topic| &topic.partitions);
            all.filter(|partition| partition.number != UNASSIGNED).map(pick).sum::<u64>()
        };
        Totals {
            tx: of_brokers(|broker| broker.tx),
            tx_bytes: of_brokers(|broker| broker.tx_bytes),
            rx: of_brokers(|broker| broker.rx),
            rx_bytes: of_brokers(|broker| broker.rx_bytes),
            tx_messages: of_partitions(|partition| partition.tx_messages),
            tx_message_bytes: of_partitions(|partition| partition.tx_bytes),
        }
    }
}

/// Takes an instance's numbers; the windows begin anew.
pub(super) fn take(handle: &Handle, now: Ts) -> Snapshot {
    // The lists are copied, so that no lock of theirs is held while brokers and topics are asked.
    let brokers: Vec<Arc<Broker>> = handle.brokers.read().all.clone();
    let mut topics: Vec<Arc<Topic>> = handle.topics.read().values().cloned().collect();
    topics.sort_by(|one, other| {
        one.created().cmp(&other.created()).then_with(|| one.name().cmp(other.name()))
    });
    let mut numbers: Vec<BrokerNumbers> =
        brokers.iter().map(|one| broker(handle, one, now)).collect();
    let topics = topics
        .iter()
        .map(|one| {
            topic(handle, one, now, |toppar, server| {
                let at = brokers.iter().position(|other| Arc::ptr_eq(other, server));
                if let Some(serving) = at.and_then(|at| numbers.get_mut(at)) {
                    let name = one.display_name().into_owned();
                    serving.toppars.push((name, toppar.partition()));
                }
            })
        })
        .collect();
    // One lock after the other.
    let cached_topic_count = handle.cluster.lock().cached_topic_count;
    let eos = handle.settings.is_idempotent.then(|| eos(handle, now));
    Snapshot {
        name: handle.name().to_string_lossy().into_owned(),
        client_id: handle.settings.client_id.clone(),
        ts_us: now.0,
        time_s: handle.clock.wall_ms() / 1000,
        age_us: now.since(handle.created),
        reply_queue_len: handle.reply_queue.len(),
        messages: handle.account.messages(),
        bytes: handle.account.bytes(),
        messages_max: handle.settings.queued_messages_max,
        bytes_max: handle.settings.queued_bytes_max,
        cached_topic_count,
        engine: Some(handle.conf.engine).filter(|it| *it != Engine::Legacy).map(Engine::name),
        is_adaptive: handle.conf.adaptive_batching_enabled,
        brokers: numbers,
        topics,
        fatal: handle.fatal(),
        eos,
    }
}

fn eos(handle: &Handle, now: Ts) -> EosNumbers {
    let idempotence = *handle.idempotence.lock();
    EosNumbers {
        state: idempotence.state,
        state_age_us: now.since(idempotence.since),
        txn_state: "Init",
        // Quirk: without transactions the state was entered at time 0.
        txn_state_age_us: now.since(Ts::ZERO),
        pid: idempotence.pid,
        epoch_count: idempotence.epoch_count,
    }
}

/// A broker's windows; those of Produce requests are engine `v2`'s.
fn windows(handle: &Handle, broker: &Broker) -> Windows {
    let mut all = {
        let mut windows = broker.windows();
        vec![
            ("int_latency", windows.int_latency.roll()),
            ("outbuf_latency", windows.outbuf_latency.roll()),
            ("rtt", windows.rtt.roll()),
            ("throttle", windows.throttle.roll()),
        ]
    };
    if let Some(state) = broker.v2() {
        let mut windows = state.windows(&handle.settings);
        all.extend([
            ("produce_partitions", windows.partitions.roll()),
            ("produce_messages", windows.messages.roll()),
            ("produce_reqsize", windows.request_bytes.roll()),
            ("produce_fill", windows.fill.roll()),
            ("batch_wait", windows.batch_wait.roll()),
        ]);
    }
    all
}

fn broker(handle: &Handle, broker: &Broker, now: Ts) -> BrokerNumbers {
    use Ordering::Relaxed;
    let names = broker.names();
    let counters = broker.counters();
    let is_up = broker.is_up();
    let idle = |last: i64| if is_up && last != 0 { now.since(Ts(last)) } else { -1 };
    let since = broker.state_since();
    BrokerNumbers {
        name: names.name,
        id: broker.id(),
        address: names.address,
        source: source(broker),
        state: broker.state(),
        state_age_us: if since == Ts::ZERO { 0 } else { now.since(since) },
        outbufs: broker.queue_counts(QueueKind::Outbufs),
        waitresps: broker.queue_counts(QueueKind::Waitresps),
        tx: counters.tx.load(Relaxed),
        tx_bytes: counters.tx_bytes.load(Relaxed),
        tx_errors: counters.tx_errors.load(Relaxed),
        tx_retries: counters.tx_retries.load(Relaxed),
        tx_idle_us: idle(counters.last_tx.load(Relaxed)),
        request_timeouts: counters.request_timeouts.load(Relaxed),
        rx: counters.rx.load(Relaxed),
        rx_bytes: counters.rx_bytes.load(Relaxed),
        rx_errors: counters.rx_errors.load(Relaxed),
        rx_unmatched: counters.rx_unmatched.load(Relaxed),
        rx_idle_us: idle(counters.last_rx.load(Relaxed)),
        wakeups: counters.wakeups.load(Relaxed),
        connects: counters.connects.load(Relaxed),
        disconnects: counters.disconnects.load(Relaxed),
        windows: windows(handle, broker),
        adaptive: broker.v2().map(BrokerV2::adaptive),
        requests: counters.requests.by_api.iter().map(|count| count.load(Relaxed)).collect(),
        toppars: Vec::new(),
    }
}

/// Quirk: history replaced configured brokers by learned ones; here the same object becomes one.
fn source(broker: &Broker) -> &'static str {
    if broker.id() >= 0 { BrokerSource::Learned.name() } else { broker.source().name() }
}

/// A topic's numbers; `served` gets each partition with the broker that serves it.
fn topic(
    handle: &Handle,
    topic: &Topic,
    now: Ts,
    mut served: impl FnMut(&Toppar, &Arc<Broker>),
) -> TopicNumbers {
    let metadata_at = topic.control().metadata_at();
    let mut partitions: Vec<PartitionNumbers> = Vec::new();
    for toppar in &topic.table().partitions {
        let (numbers, server) = partition(toppar);
        if let Some(server) = server {
            served(toppar, &server);
        }
        partitions.push(numbers);
    }
    partitions.push(unassigned(topic));
    let windows = {
        let mut windows = topic.windows(&handle.settings);
        vec![("batchsize", windows.batch_bytes.roll()), ("batchcnt", windows.batch_messages.roll())]
    };
    TopicNumbers {
        name: topic.display_name().into_owned(),
        age_us: now.since(topic.created()),
        metadata_age_us: if metadata_at == Ts::ZERO { 0 } else { now.since(metadata_at) },
        windows,
        partitions,
    }
}

fn partition(toppar: &Toppar) -> (PartitionNumbers, Option<Arc<Broker>>) {
    let counts = toppar.counts();
    let mut shared = toppar.lock();
    let (queued_messages, queued_bytes) = shared.waiting();
    let numbers = PartitionNumbers {
        number: toppar.partition(),
        broker_id: toppar.broker_id(),
        leader_id: shared.leader().id,
        leader_epoch: shared.leader().epoch,
        is_unknown: shared.is_removed(),
        queued_messages,
        queued_bytes,
        taken: toppar.v2().map_or((0, 0), TopparV2::waiting),
        tx_messages: counts.sent,
        tx_bytes: counts.sent_bytes,
        messages: counts.produced,
        in_flight: toppar.in_flight().load(Ordering::Relaxed),
        eos: *shared.eos(),
    };
    (numbers, shared.broker())
}

fn unassigned(topic: &Topic) -> PartitionNumbers {
    let queue = topic.unassigned();
    PartitionNumbers {
        number: UNASSIGNED,
        broker_id: -1,
        leader_id: -1,
        leader_epoch: -1,
        queued_messages: queue.len(),
        queued_bytes: queue.bytes(),
        messages: topic.unassigned_total(),
        ..PartitionNumbers::default()
    }
}
