//! What a seed draws before anything happens: the configuration, the cluster, the load, and which
//! kinds of faults there are.
#![forbid(unsafe_code)]

use super::draw::Draw;
use super::pipe::Speed;
use super::promise::Promise;
use crate::proto::api;

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// A connection is cut behind some byte.
    Cut,
    /// One direction of a connection, or all of a broker's, stands still.
    Stall,
    /// A broker is down for a while.
    Down,
    /// A partition gets another leader.
    Move,
    /// A partition is without a leader for a while.
    Leaderless,
    /// Metadata answers name wrong leaders.
    Lie,
    /// Produce requests are answered with an error.
    Error,
    /// Answers are late.
    Delay,
    /// Answers speak of throttling.
    Throttle,
    /// The application purges.
    Purge,
    /// The application flushes.
    Flush,
    /// A topic gets another partition.
    Grow,
    /// A log loses its end.
    Truncate,
    /// A topic is gone for a while.
    Hide,
    /// A topic has fewer partitions for a while.
    Shrink,
    /// A broker is gone from the metadata for a while.
    Unlist,
    /// A thread does not run for a while.
    Starve,
    /// The whole process does not run for a while.
    Suspend,
    /// The wall clock is set.
    Wall,
    /// An answer's body is cut short.
    Damage,
    /// The application polls seldom.
    Slow,
}

/// Every kind.
const KINDS: [Kind; 21] = [
    Kind::Cut,
    Kind::Stall,
    Kind::Down,
    Kind::Move,
    Kind::Leaderless,
    Kind::Lie,
    Kind::Error,
    Kind::Delay,
    Kind::Throttle,
    Kind::Purge,
    Kind::Flush,
    Kind::Grow,
    Kind::Truncate,
    Kind::Hide,
    Kind::Shrink,
    Kind::Unlist,
    Kind::Starve,
    Kind::Suspend,
    Kind::Wall,
    Kind::Damage,
    Kind::Slow,
];

/// Kinds that leave the order alone when one request is in flight: nothing but the connection
/// fails, and the leader stays. The others let history send the next batch before the failed one
/// (X1).
const ORDERLY: [Kind; 8] = [
    Kind::Cut,
    Kind::Down,
    Kind::Throttle,
    Kind::Purge,
    Kind::Flush,
    Kind::Grow,
    Kind::Wall,
    Kind::Slow,
];

/// How a world ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// Faults stop; everything has to come right.
    Calm,
    /// The instance is destroyed in the middle.
    Destroyed,
    /// A fatal error is raised in the middle.
    Fatal,
}

/// A plan.
pub(crate) struct Plan {
    /// Properties and their values.
    pub(crate) conf: Vec<(&'static str, String)>,
    /// Brokers.
    pub(crate) brokers: usize,
    /// Partitions of each topic.
    pub(crate) partitions: Vec<i32>,
    /// Messages.
    pub(crate) messages: u32,
    /// Pause between bursts, in microseconds.
    pub(crate) burst_gap_us: i64,
    /// Most messages of a burst.
    pub(crate) burst: usize,
    /// Longest value.
    pub(crate) value_len: usize,
    /// Pause between polls, in microseconds.
    pub(crate) poll_gap_us: i64,
    /// So many of a hundred values are borrowed.
    pub(crate) borrowed: i64,
    /// Kinds of faults.
    pub(crate) kinds: Vec<Kind>,
    /// Pause between faults, in microseconds.
    pub(crate) fault_gap_us: i64,
    /// When faults end, from the beginning, in microseconds.
    pub(crate) calm_us: i64,
    /// The highest versions of requests that brokers offer: key, version.
    pub(crate) versions: Vec<(i16, i16)>,
    /// The network.
    pub(crate) speed: Speed,
    /// How it ends.
    pub(crate) ending: Ending,
    /// What is promised.
    pub(crate) promise: Promise,
    /// The longest pause that a recovery may take, in microseconds.
    pub(crate) recovery_us: i64,
    /// `acks` of the topics that have their own.
    pub(crate) topic_acks: &'static [&'static str],
}

impl Plan {
    /// The plan of an engine and a seed. An instance that does not know idempotence gets none.
    pub(crate) fn of(engine: &str, seed: u64, knows_idempotence: bool) -> Self {
        let mut draw = Draw::of(seed, "plan");
        let kinds = kinds(&mut draw);
        let mut conf = Settings::default();
        conf.set("produce.engine", engine);
        let is_legacy = engine == "legacy";
        let mut promise = configure(&mut conf, &mut draw, &kinds, is_legacy, knows_idempotence);
        let recovery = control_plane(&mut conf, &mut draw);
        let is_large = draw.chance(3);
        let topics = draw.count(1, 4);
        let most = if draw.chance(10) { 32 } else { 6 };
        let partitions = (0..topics).map(|_| draw.pick(&[1, 2, 3, most])).collect();
        let is_small_window = draw.chance(15);
        let versions = versions(&mut draw, &mut conf, promise.is_idempotent);
        if !is_legacy {
            promise.partitions_max = of_v2(&mut conf, &mut Draw::of(seed, "plan.v2"));
        }
        Self {
            brokers: draw.count(1, 5),
            partitions,
            messages: if is_large { 3_000 } else { draw.pick(&[40, 120, 200, 300]) },
            burst_gap_us: draw.pick(&[500, 5_000, 20_000, 60_000]),
            burst: draw.pick(&[1, 3, 10, 40]),
            value_len: draw.pick(&[8, 40, 200, 900]),
            poll_gap_us: draw.pick(&[1_000, 10_000, 50_000]),
            borrowed: draw.pick(&[0, 0, 50]),
            fault_gap_us: draw.pick(&[20_000, 100_000, 300_000, 1_000_000]),
            calm_us: draw.pick(&[500_000, 2_000_000, 5_000_000, 12_000_000]),
            speed: Speed {
                latency_us: draw.pick(&[(20, 300), (200, 5_000), (1_000, 60_000)]),
                bytes_per_ms: draw.pick(&[50, 2_000, 1_000_000]),
                window: if is_small_window { draw.count(100, 3_000) } else { 1 << 20 },
                splits: draw.pick(&[0, 0, 20, 60]),
            },
            ending: draw.pick(&ENDINGS),
            kinds,
            versions,
            promise,
            recovery_us: recovery,
            topic_acks: &[],
            conf: conf.0,
        }
    }
}

/// Most worlds become calm.
const ENDINGS: [Ending; 20] = {
    let mut endings = [Ending::Calm; 20];
    endings[0] = Ending::Destroyed;
    endings[1] = Ending::Fatal;
    endings
};

/// A third of the worlds has one kind, a third some, a third all.
fn kinds(draw: &mut Draw) -> Vec<Kind> {
    let mut kinds = match draw.count(0, 8) {
        0..=2 => vec![draw.pick(&KINDS)],
        3 | 4 => {
            let share = draw.between(20, 70);
            KINDS.into_iter().filter(|_| draw.chance(share)).collect()
        }
        5 => ORDERLY.to_vec(),
        _ => KINDS.to_vec(),
    };
    if draw.chance(50) {
        // Rare ones that most other kinds would hide.
        kinds.retain(|kind| {
            !matches!(kind, Kind::Suspend | Kind::Truncate | Kind::Hide | Kind::Shrink)
        });
    }
    kinds
}

/// A quarter of the clusters are older, and some so old that they know message sets only.
fn versions(draw: &mut Draw, conf: &mut Settings, is_idempotent: bool) -> Vec<(i16, i16)> {
    if !draw.chance(25) {
        return Vec::new();
    }
    if draw.chance(30) && !is_idempotent {
        // The cluster reads no compressed sets.
        conf.set("compression.codec", "none");
        let (produce, fetch) = draw.pick(&[(0, 0), (1, 1), (2, 4), (2, 11)]);
        return vec![(api::PRODUCE, produce), (api::FETCH, fetch), (api::METADATA, 1)];
    }
    let is_zstd = conf.0.iter().any(|(_, value)| value == "zstd");
    let produce = if is_zstd { draw.pick(&[7, 8, 9]) } else { draw.pick(&[3, 5, 7, 8, 9]) };
    vec![(api::PRODUCE, produce), (api::METADATA, draw.pick(&[1, 4, 7, 9, 12]))]
}

/// What only engine `v2` has. Gives how many partitions a request may have.
fn of_v2(conf: &mut Settings, draw: &mut Draw) -> usize {
    let partitions = conf.one(draw, "produce.request.max.partitions", &[0, 0, 0, 1, 2, 5]);
    if draw.chance(30) {
        // Below each time limit that is drawn.
        conf.one(draw, "broker.linger.ms", &[0, 20, 300]);
    }
    conf.one(draw, "broker.batch.max.bytes", &[-1, -1, 0, 500, 20_000]);
    if draw.chance(25) {
        conf.set("adaptive.batching.enable", true);
        conf.one(draw, "adaptive.linger.min.ms", &[0, 5]);
        conf.one(draw, "adaptive.linger.max.ms", &[5, 50, 300]);
        conf.one(draw, "adaptive.batch.min.bytes", &[100, 16_384]);
        conf.one(draw, "adaptive.batch.max.bytes", &[16_384, 1_000_000]);
        conf.one(draw, "adaptive.adjustment.interval.ms", &[10, 100]);
    }
    usize::try_from(partitions).unwrap_or(0)
}

#[derive(Default)]
struct Settings(Vec<(&'static str, String)>);

impl Settings {
    fn set(&mut self, name: &'static str, value: impl ToString) {
        self.0.push((name, value.to_string()));
    }

    /// One of the values, also given back.
    fn one(&mut self, draw: &mut Draw, name: &'static str, values: &[i64]) -> i64 {
        let value = draw.pick(values);
        self.set(name, value);
        value
    }
}

/// What concerns messages, and what follows for the promises.
fn configure(
    conf: &mut Settings,
    draw: &mut Draw,
    kinds: &[Kind],
    is_legacy: bool,
    knows_idempotence: bool,
) -> Promise {
    let wants_idempotence = draw.chance(40);
    let is_idempotent = wants_idempotence && knows_idempotence;
    let is_lifo = draw.chance(6) && !is_idempotent;
    let acks = if is_idempotent { -1 } else { draw.pick(&[-1, -1, 1, 0]) };
    let in_flight = match is_idempotent {
        true => draw.pick(&[1, 2, 5]),
        false => draw.pick(&[1, 1, 2, 5, 1_000_000]),
    };
    let retries = match is_idempotent {
        true => i64::from(i32::MAX),
        false => draw.pick(&[0, 1, 3, i64::from(i32::MAX), i64::from(i32::MAX)]),
    };
    conf.set("enable.idempotence", is_idempotent);
    conf.set("acks", acks);
    if draw.chance(30) && is_legacy {
        conf.set("multibatch", true);
    }
    conf.set("max.in.flight", in_flight);
    conf.set("message.send.max.retries", retries);
    conf.set("queuing.strategy", if is_lifo { "lifo" } else { "fifo" });
    let first_ms = conf.one(draw, "retry.backoff.ms", &[1, 20, 100, 400]);
    let most_ms = conf.one(draw, "retry.backoff.max.ms", &[400, 1_000, 3_000]);
    let timeout_ms = conf.one(draw, "message.timeout.ms", &[0, 400, 1_500, 5_000, 30_000]);
    conf.one(draw, "linger.ms", &[0, 1, 5, 50, 300]);
    let batch_messages_max = conf.one(draw, "batch.num.messages", &[1, 2, 10, 100, 10_000]);
    conf.one(draw, "batch.size", &[200, 1_500, 1_000_000]);
    conf.one(draw, "message.max.bytes", &[1_200, 3_000, 1_000_000]);
    let ahead: &[i64] = if is_idempotent { &[1] } else { &[1, 1, 1, 2, 4] };
    conf.one(draw, "queue.buffering.backpressure.threshold", ahead);
    let most = conf.one(draw, "queue.buffering.max.messages", &[20, 100_000, 100_000]);
    let most_kb = conf.one(draw, "queue.buffering.max.kbytes", &[4, 1_048_576, 1_048_576]);
    conf.set("compression.codec", draw.pick(&["none", "none", "gzip", "snappy", "lz4", "zstd"]));
    conf.one(draw, "sticky.partitioning.linger.ms", &[0, 10, 200]);
    conf.set("partitioner", draw.pick(&["consistent_random", "random", "murmur2_random"]));
    let is_calm = kinds.iter().all(|kind| ORDERLY.contains(kind));
    let is_orderly = in_flight == 1 && (is_calm || !is_legacy);
    Promise {
        is_legacy,
        is_idempotent,
        acks: i16::try_from(acks).unwrap_or(-1),
        keeps_order: !is_lifo && (is_idempotent || is_orderly),
        is_fifo: !is_lifo,
        retry_us: (first_ms * 1000, most_ms * 1000),
        batch_messages_max: usize::try_from(batch_messages_max).unwrap_or(1),
        timeout_us: timeout_ms * 1000,
        custody_max: (most, most_kb * 1024),
        partitions_max: 0,
        slack_us: 0,
        socket_us: 0,
        setup_ms: 0,
    }
}

/// What concerns connections and metadata. Gives the longest pause in microseconds.
fn control_plane(conf: &mut Settings, draw: &mut Draw) -> i64 {
    let socket_ms = conf.one(draw, "socket.timeout.ms", &[300, 1_000, 5_000, 20_000]);
    let setup_ms = conf.one(draw, "socket.connection.setup.timeout.ms", &[1_000, 3_000]);
    conf.one(draw, "socket.max.fails", &[0, 1, 3]);
    conf.one(draw, "reconnect.backoff.ms", &[1, 50, 100, 500]);
    let most_ms = conf.one(draw, "reconnect.backoff.max.ms", &[500, 2_000, 10_000]);
    conf.one(draw, "topic.metadata.refresh.interval.ms", &[1_000, 5_000, 30_000, 300_000]);
    conf.one(draw, "topic.metadata.refresh.fast.interval.ms", &[10, 100, 500]);
    conf.one(draw, "topic.metadata.propagation.max.ms", &[0, 1_000, 30_000]);
    conf.set("enable.sparse.connections", draw.chance(70));
    conf.one(draw, "connections.max.idle.ms", &[0, 0, 400, 3_000]);
    conf.one(draw, "statistics.interval.ms", &[0, 0, 0, 0, 500]);
    conf.one(draw, "broker.address.ttl", &[0, 1_000]);
    conf.set("topic.metadata.refresh.sparse", draw.chance(70));
    conf.set("metadata.recovery.strategy", draw.pick(&["rebootstrap", "none"]));
    conf.one(draw, "metadata.recovery.rebootstrap.trigger.ms", &[0, 2_000, 300_000]);
    (socket_ms + setup_ms + most_ms) * 1000
}
