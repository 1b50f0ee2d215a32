//! Scripted worlds: no faults but those that a test makes, at times that it says. All that holds in
//! drawn worlds has to hold here, too, and is looked at after each turn.
#![forbid(unsafe_code)]

use super::app::App;
use super::cut::Cut;
use super::ending;
use super::net::Inner;
use super::pipe::Speed;
use super::plan::{Ending, Plan};
use super::promise::Promise;
use super::record::{Record, Sent};
use super::report::Reported;
use super::world::World;
use crate::sys::clock::Ts;
use crate::sys::lock::Guard;

/// A quick network.
const LOOPBACK: Speed =
    Speed { latency_us: (40, 60), bytes_per_ms: 1_000_000, window: 1 << 20, splits: 0 };
/// Longer than any script.
const FOR_EVER_US: i64 = 1 << 50;

/// A scripted world of engine `v2`.
pub(super) struct Scene {
    world: World,
}

/// A scene that has not begun.
pub(super) struct Script {
    plan: Plan,
}

impl Script {
    /// One broker and one topic of `partitions`; messages go at once, and again after 20 ms.
    pub(super) fn new(partitions: i32) -> Self {
        let base = [
            ("produce.engine", "v2"),
            ("linger.ms", "0"),
            ("retry.backoff.ms", "20"),
            ("reconnect.backoff.ms", "20"),
            ("reconnect.backoff.max.ms", "50"),
            ("topic.metadata.refresh.fast.interval.ms", "20"),
        ];
        let promise = Promise {
            acks: -1,
            is_fifo: true,
            batch_messages_max: usize::MAX,
            custody_max: (i64::MAX, i64::MAX),
            retry_us: (20_000, 1_000_000),
            ..Promise::default()
        };
        let plan = Plan {
            conf: base.map(|(name, value)| (name, value.to_owned())).to_vec(),
            brokers: 1,
            partitions: vec![partitions],
            messages: 0,
            burst_gap_us: 1,
            burst: 1,
            value_len: 100,
            poll_gap_us: 1_000,
            borrowed: 0,
            kinds: Vec::new(),
            fault_gap_us: FOR_EVER_US,
            calm_us: FOR_EVER_US,
            versions: Vec::new(),
            speed: LOOPBACK,
            ending: Ending::Calm,
            promise,
            recovery_us: 0,
            topic_acks: &[],
        };
        Self { plan }
    }

    /// Sets a property.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.plan.conf.push((name, value.to_owned()));
        self
    }

    /// An idempotent producer.
    pub(super) fn idempotent(mut self) -> Self {
        self.plan.promise.is_idempotent = true;
        self.plan.promise.keeps_order = true;
        self.with("enable.idempotence", "true").with("max.in.flight", "5")
    }

    /// Changes the plan.
    pub(super) fn plan(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(&mut self.plan);
        self
    }

    /// Begins: connected, and every topic known.
    pub(super) fn begin(self) -> Scene {
        let topics = self.plan.partitions.len();
        let world =
            World::new(7, self.plan, &Cut::default(), std::env::var_os("SIM_TRACE").is_some());
        world.net.lock().audit.record = Some(Record::default());
        let mut scene = Scene { world };
        for topic in 0..topics {
            scene.produce(topic, 0, 1);
        }
        scene.until("the first messages", |it| it.reports().len() == topics);
        scene.forget();
        scene
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.world.plan.ending = Ending::Destroyed;
            ending::destroy(&mut self.world).expect("it ends in good order");
        }
    }
}

impl Scene {
    /// The time.
    pub(super) fn now(&self) -> Ts {
        self.world.now()
    }

    /// The network and the cluster.
    pub(super) fn net(&self) -> Guard<'_, Inner> {
        self.world.net.lock()
    }

    /// The application.
    pub(super) fn app(&mut self) -> &mut App {
        &mut self.world.app
    }

    /// The world.
    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// Produces messages to a partition.
    pub(super) fn produce(&mut self, topic: usize, partition: i32, count: usize) {
        let now = self.now();
        (0..count).for_each(|_| {
            self.world.app.produce(topic, partition, now);
        });
    }

    /// Lets time pass.
    pub(super) fn run_ms(&mut self, ms: i64) {
        let end = self.now().plus_ms(ms);
        self.world.steps = 0;
        self.world.limit = end;
        while self.now() < end {
            self.tick();
        }
        self.world.limit = Ts::MAX;
    }

    fn tick(&mut self) {
        let now = self.now();
        if let Err(violation) = self.world.tick(now) {
            panic!("{}\n{violation}", self.world.told());
        }
    }

    /// Lets time pass until it is so, for a minute at most.
    pub(super) fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let end = self.now().plus_ms(60_000);
        self.world.steps = 0;
        while !is_so(self) {
            if self.now() >= end {
                panic!("{}\nwaited a minute for: {what}", self.world.told());
            }
            self.tick();
        }
    }

    /// Everything is reported and answered.
    pub(super) fn finish(&mut self) {
        self.until("all reports", |it| it.world.handle.account.messages() == 0);
        let mut net = self.world.net.lock();
        let net = &mut *net;
        net.audit.finish(&mut net.marks);
        assert_eq!(net.audit.violations, [""; 0]);
        assert!(self.world.handle.fatal().is_none(), "{:?}", self.world.handle.fatal());
    }

    /// What was recorded is of no interest.
    pub(super) fn forget(&mut self) {
        self.net().audit.record = Some(Record::default());
        self.world.turns = (0, 0);
    }

    fn record<R>(&self, look: impl FnOnce(&Record) -> R) -> R {
        look(self.net().audit.record.as_ref().expect("a scene has a record"))
    }

    /// The reports.
    pub(super) fn reports(&self) -> Vec<(Ts, Reported)> {
        self.record(|record| record.reports.clone())
    }

    /// The documents of statistics.
    pub(super) fn documents(&self) -> Vec<String> {
        self.record(|record| record.documents.clone())
    }

    /// How many Produce requests there were.
    pub(super) fn request_count(&self) -> usize {
        self.record(|record| record.requests.len())
    }

    /// What each Produce request came to.
    pub(super) fn requests<R>(&self, look: impl Fn(&Sent) -> R) -> Vec<R> {
        self.record(|record| record.requests.iter().map(look).collect())
    }

    /// The number of messages of each batch, request by request.
    pub(super) fn sizes(&self) -> Vec<Vec<usize>> {
        self.requests(|it| it.batches.iter().map(|(_, _, numbers)| numbers.len()).collect())
    }
}
