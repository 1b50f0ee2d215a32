//! A world: an instance, its application, the network and the cluster, each stepped by one thread,
//! in an order and at times that the seed draws.
//!
//! A run is a seed and nothing else. Threads are simulated as the order of their turns; a turn is
//! the function that the real thread's loop calls, and a thread that sleeps is woken as a real one
//! is: by its deadline, its connection, or its wake-up.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use super::Verdict;
use super::app::App;
use super::audit::Audit;
use super::clock::SimClock;
use super::cut::Cut;
use super::draw::{self, Draw};
use super::ending::Stage;
use super::fair::Fairness;
use super::faults::{Effect, Faults};
use super::message::topic_name;
use super::net::{FIRST_PORT, Net, SimConnect};
use super::party::{Party, Waking};
use super::plan::{Ending, Plan};
use super::{ending, fixture, inspect};
use crate::broker::step;
use crate::broker::thread::BrokerThread;
use crate::client::main_thread::MainThread;
use crate::engine::choose;
use crate::handle::Handle;
use crate::mock::Strictness;
use crate::mock::cluster::Cluster;
use crate::op::Op;
use crate::own::broker::Broker;
use crate::sys::clock::{Clock, Ts};
use crate::sys::lock;
use crate::topic::route;

/// Turns after which a world is stuck in a circle.
const STEPS_MAX: u64 = 150_000;
/// Turns of the main thread within a second that are too many.
const MAIN_TURNS_MAX: usize = 400;

/// Runs the world of an engine and a seed, without what is cut out of it.
pub(super) fn run(engine: &str, seed: u64, cut: &Cut, wants_trace: bool) -> Verdict {
    let mut plan = Plan::of(engine, seed, fixture::knows_idempotence());
    cut.apply(&mut plan);
    let mut world = World::new(seed, plan, cut, wants_trace);
    let caught = catch_unwind(AssertUnwindSafe(|| world.live()));
    let violation = match caught {
        Ok(result) => result.err(),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("P14: a panic: {}", text.unwrap_or_default()))
        }
    };
    world.verdict(violation)
}

/// The largest block that a turn may allocate: more than any request or answer of a world has, and
/// less than what an answer with a false length speaks of.
const BLOCK_BYTES_MAX: usize = 16 << 20;

/// Tells the largest block that was allocated since it was asked last.
pub(super) static LARGEST: OnceLock<fn() -> usize> = OnceLock::new();

/// A world.
pub(super) struct World {
    pub(super) clock: Arc<SimClock>,
    pub(super) net: Net,
    pub(super) handle: Arc<Handle>,
    pub(super) main: MainThread,
    pub(super) main_until: Ts,
    main_starves_until: Ts,
    /// Turns of the main thread that only its deadline asked for.
    main_turns: VecDeque<Ts>,
    pub(super) parties: Vec<Party>,
    pub(super) app: App,
    pub(super) faults: Faults,
    pub(super) plan: Plan,
    pub(super) stage: Stage,
    pub(super) draw: Draw,
    pub(super) places: inspect::Places,
    pub(super) fairness: Fairness,
    seed: u64,
    started: u64,
    pub(super) begin: Ts,
    /// Nobody sleeps beyond this time.
    pub(super) limit: Ts,
    /// Turns of brokers' threads, and looks at partitions in them.
    pub(super) turns: (u64, u64),
    pub(super) steps: u64,
    hash: u64,
    wants_trace: bool,
    trace: Vec<String>,
}

/// Who may run next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
    App,
    Faults,
    Main,
    Broker(usize),
}

fn cluster(plan: &Plan, seed: u64) -> Cluster {
    let mut cluster = Cluster::new(seed);
    cluster.rules.strictness = Strictness::Strict;
    for at in 0..plan.brokers {
        let offset = u16::try_from(at).unwrap_or(0);
        cluster.add_broker(i32::from(offset) + 1, FIRST_PORT + offset);
    }
    for (key, max) in &plan.versions {
        cluster.versions.set(*key, 0, *max).expect("a request that is answered");
    }
    for (topic, count) in plan.partitions.iter().enumerate() {
        cluster.create_topic(&topic_name(topic), *count, 1).expect("a new topic");
    }
    cluster
}

impl World {
    pub(super) fn new(seed: u64, mut plan: Plan, cut: &Cut, wants_trace: bool) -> Self {
        let clock = Arc::new(SimClock::new());
        let begin = clock.now();
        route::seed(draw::rng(seed, "partitioner"));
        let cluster = cluster(&plan, seed);
        let bootstrap = cluster.bootstraps();
        let of_clock: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let handle = fixture::instance(&plan, of_clock, &bootstrap, wants_trace);
        plan.promise.setup_ms = handle.settings.setup_timeout_ms;
        plan.promise.socket_us = handle.settings.socket_timeout_ms * 1000;
        plan.promise.slack_us = ending::slack_us(&plan);
        let audit = Audit::new(plan.promise.clone());
        let of_net = Draw::of(seed, "net");
        let net = Net::new(Arc::clone(&clock), of_net, cluster, plan.speed, audit);
        let of_app = Draw::of(seed, "app");
        let app = App::new(Arc::clone(&handle), net.clone(), of_app, &plan, begin);
        let faults = Faults::new(net.clone(), seed, &plan, cut, begin);
        let mut world = Self {
            main: MainThread::new(Arc::clone(&handle), draw::rng(seed, "main")),
            main_until: begin,
            main_starves_until: Ts::ZERO,
            main_turns: VecDeque::new(),
            parties: Vec::new(),
            clock,
            net,
            handle,
            app,
            faults,
            plan,
            stage: Stage::Stormy,
            draw: Draw::of(seed, "order"),
            places: inspect::Places::default(),
            fairness: Fairness::default(),
            seed,
            started: 0,
            begin,
            limit: Ts::MAX,
            turns: (0, 0),
            steps: 0,
            hash: 0,
            wants_trace,
            trace: Vec::new(),
        };
        world.note_plan();
        world.main.begin();
        let internal = world.handle.internal();
        world.start(internal);
        world.start_new();
        world
    }

    fn note_plan(&mut self) {
        let mut net = self.net.lock();
        let settings = &self.handle.settings;
        let marks = &mut net.marks;
        marks.reach(if settings.connects_sparsely {
            "sparse connections"
        } else {
            "eager connections"
        });
        if self.handle.conf.adaptive_batching_enabled {
            marks.reach("adaptive batching");
        }
        marks.reach_if(!self.plan.promise.is_fifo, "last in, first out");
        marks.reach_if(self.plan.promise.timeout_us == 0, "no time limit");
        drop(net);
        if self.wants_trace {
            self.net.lock().audit.notes = Some(Vec::new());
            self.trace.push(format!("configuration {:?}", self.plan.conf));
            let plan = &self.plan;
            self.trace.push(format!(
                "{} brokers, partitions {:?}, {} messages, kinds {:?}, calm at {} us, {:?}, {:?}",
                plan.brokers,
                plan.partitions,
                plan.messages,
                plan.kinds,
                plan.calm_us,
                plan.ending,
                plan.promise
            ));
        }
    }

    fn start(&mut self, broker: Arc<Broker>) {
        let rng = draw::rng(self.seed, &format!("broker.{}", self.started));
        self.started += 1;
        let connect = Box::new(SimConnect(self.net.clone()));
        let thread = BrokerThread::with(Arc::clone(&self.handle), broker, rng, connect);
        let engine = choose::new_engine(&self.handle, &thread.broker);
        self.parties.push(Party::new(thread, engine, self.clock.now()));
    }

    /// Starts the threads of brokers that were added.
    fn start_new(&mut self) {
        for broker in fixture::added() {
            self.start(broker);
        }
    }

    /// The time.
    pub(super) fn now(&self) -> Ts {
        self.clock.now()
    }

    /// A line of the trace.
    pub(super) fn tell(&mut self, text: impl FnOnce() -> String) {
        if self.wants_trace {
            let at = self.now() - self.begin;
            self.trace.push(format!("{}.{:03} {}", at / 1000, at % 1000, text()));
        }
    }

    fn tell_lines(&mut self) {
        if !self.wants_trace {
            return;
        }
        let Some(queue) = self.handle.log.queue().cloned() else { return };
        let notes = self.net.lock().audit.notes.as_mut().map(std::mem::take).unwrap_or_default();
        for note in notes {
            self.tell(|| format!("  > {note}"));
        }
        while let Some(op) = queue.pop(&*self.handle.clock, Ts::ZERO) {
            if let Op::Log(line) = op {
                self.tell(|| format!("    {} {}", line.facility, line.text));
            }
        }
    }

    /// What happened, if that was wanted.
    #[cfg(all(test, feature = "engine-v2"))]
    pub(super) fn told(&mut self) -> String {
        self.tell_lines();
        self.trace.join("\n")
    }

    /// The world's life, until its end or the first violation.
    fn live(&mut self) -> Result<(), String> {
        loop {
            let now = self.now();
            self.tick(now)?;
            if self.go_on(now)? {
                break;
            }
        }
        ending::destroy(self)
    }

    /// One turn of somebody, or a sleep.
    pub(super) fn tick(&mut self, now: Ts) -> Result<(), String> {
        self.net.lock().advance(now);
        match self.draw_turn(now) {
            Some(turn) => self.take(turn, now)?,
            None => self.sleep(now)?,
        }
        self.check()
    }

    /// Draws who runs, among those who may.
    fn draw_turn(&mut self, now: Ts) -> Option<Turn> {
        let mut may = Vec::with_capacity(self.parties.len() + 3);
        if self.app.due() <= now {
            may.push(Turn::App);
        }
        if self.faults.due() <= now {
            may.push(Turn::Faults);
        }
        let is_main_due = self.main_until <= now || !self.handle.main.is_empty();
        if is_main_due && self.main_starves_until <= now {
            may.push(Turn::Main);
        }
        let net = self.net.lock();
        for (at, party) in self.parties.iter_mut().enumerate() {
            if party.may_run(&net, now) {
                may.push(Turn::Broker(at));
            }
        }
        drop(net);
        self.draw.place(may.len()).map(|place| may[place])
    }

    fn take(&mut self, turn: Turn, now: Ts) -> Result<(), String> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(format!("E14: {STEPS_MAX} turns and no end"));
        }
        match turn {
            Turn::App => self.app.step(now),
            Turn::Faults => self.fault(now),
            Turn::Main => self.main_turn(now)?,
            Turn::Broker(at) => self.broker_turn(at, now)?,
        }
        self.tell_lines();
        let mut mix = |value: u64| self.hash = (self.hash ^ value).wrapping_mul(0x100_0000_01b3);
        mix(now.0.cast_unsigned());
        mix(match turn {
            Turn::App => 1,
            Turn::Faults => 2,
            Turn::Main => 3,
            Turn::Broker(at) => 4 + at as u64,
        });
        mix(self.net.lock().audit.passed);
        // A turn takes time.
        let took_us = self.draw.between(0, 20);
        self.clock.move_to(self.now() + took_us);
        Ok(())
    }

    fn fault(&mut self, now: Ts) {
        let effect = self.faults.step(&mut self.app, now);
        for told in std::mem::take(&mut self.faults.told) {
            self.tell(|| format!("== {told}"));
        }
        self.note_purge();
        match effect {
            Effect::None => {}
            Effect::Starve(us) => {
                let count = self.parties.len();
                let mut net = self.net.lock();
                net.marks.reach("starved thread");
                net.audit.lost_us += us;
                drop(net);
                match self.draw.count(0, count) {
                    0 => self.main_starves_until = now + us,
                    at => self.parties[at - 1].starves_until = now + us,
                }
            }
            Effect::Suspend(us) => {
                let mut net = self.net.lock();
                net.marks.reach("suspended");
                net.audit.lost_us += us;
                drop(net);
                self.clock.move_to(now + us);
            }
            Effect::Wall(ms) => {
                self.net.lock().marks.reach("wall clock jump");
                self.clock.jump_wall(ms);
            }
        }
    }

    fn main_turn(&mut self, now: Ts) -> Result<(), String> {
        let mut ops = VecDeque::new();
        self.handle.main.take(&*self.clock, Ts::ZERO, &mut ops);
        if ops.is_empty() {
            self.main_turns.push_back(now);
            self.main_turns.retain(|at| *at + 1_000_000 >= now);
            if self.main_turns.len() > MAIN_TURNS_MAX {
                return Err("E14: the main thread wakes all the time".to_owned());
            }
        }
        self.main_until = self.main.turn(&mut ops, now);
        self.start_new();
        self.places.look(self.app.topics());
        self.note_migrations();
        let until = self.main_until;
        self.tell(|| format!("main until {:?}", until - now));
        Ok(())
    }

    fn broker_turn(&mut self, at: usize, now: Ts) -> Result<(), String> {
        let before = self.look_before(at);
        let party = &mut self.parties[at];
        let waking = party.wake(&self.net.lock(), now);
        let signature = party.signature();
        if let Some(largest) = LARGEST.get() {
            largest();
        }
        let looks = lock::toppar_locks();
        let until = step::step(&mut party.thread, &mut *party.engine, now);
        if let Some(largest) = LARGEST.get() {
            let bytes = largest();
            if bytes > BLOCK_BYTES_MAX {
                return Err(format!("E9: a block of {bytes} bytes"));
            }
        }
        self.turns = (self.turns.0 + 1, self.turns.1 + lock::toppar_locks() - looks);
        let in_flight = self.parties[at].thread.waitresps.len();
        let most = self.handle.settings.in_flight_max.max(1);
        if in_flight > most {
            return Err(format!("in flight: {in_flight} requests, {most} at most"));
        }
        inspect::check_in_flight(self, at)?;
        inspect::check_fairness(self, at)?;
        inspect::check_adaptive(self, at)?;
        let party = &mut self.parties[at];
        let is_vain = waking == Waking::Deadline && party.signature() == signature;
        if party.is_busy_loop(is_vain, self.places.len(), now) {
            let name = &party.thread.name;
            return Err(format!("E14: {name} wakes in vain, next at {until:?}, now {now:?}"));
        }
        let name = self.parties[at].thread.name.clone();
        self.tell(|| format!("{name} {waking:?} until {:?}", until - now));
        self.note_turn(at, &before);
        if step::is_over(&self.parties[at].thread) {
            let mut party = self.parties.remove(at);
            self.net.lock().audit.is_decommissioning = true;
            step::end(&mut party.thread, &mut *party.engine);
            let mut net = self.net.lock();
            net.audit.is_decommissioning = false;
            net.marks.reach("broker thread ended");
            return Ok(());
        }
        self.parties[at].fall_asleep(until);
        Ok(())
    }

    /// Nobody may run: on to the next time at which somebody may.
    fn sleep(&mut self, now: Ts) -> Result<(), String> {
        let mut next = self.net.lock().next(now);
        let later = |at: Ts| if at > now { at } else { Ts::MAX };
        for at in [self.app.due(), self.faults.due(), self.main_until, self.main_starves_until] {
            next = next.min(later(at));
        }
        for party in &self.parties {
            next = next.min(later(party.until)).min(later(party.starves_until));
        }
        next = next.min(later(self.stage.due(self.begin + self.plan.calm_us)));
        next = next.min(later(self.limit));
        if next == Ts::MAX {
            return Err("E14: nobody will ever run again".to_owned());
        }
        self.clock.move_to(next);
        Ok(())
    }

    fn check(&mut self) -> Result<(), String> {
        let first = self.net.lock().audit.violations.first().cloned();
        if let Some(violation) = first {
            return Err(violation);
        }
        let is_large = self.places.len() > 24;
        if is_large && !self.steps.is_multiple_of(16) {
            return Ok(());
        }
        inspect::check_account(self)
    }

    /// Moves on from one stage of the world to the next; `true`: it is over.
    fn go_on(&mut self, now: Ts) -> Result<bool, String> {
        let is_stormy = self.stage == Stage::Stormy;
        if is_stormy && self.plan.ending != Ending::Calm && now >= self.early_end() {
            return ending::early(self).map(|()| self.plan.ending == Ending::Destroyed);
        }
        ending::go_on(self)
    }

    fn early_end(&self) -> Ts {
        self.begin + self.plan.calm_us / 2
    }

    fn verdict(mut self, violation: Option<String>) -> Verdict {
        self.tell_lines();
        let at_us = self.now() - self.begin;
        let mut guard = self.net.lock();
        let net = &mut *guard;
        let verdict = Verdict {
            violation: violation.map(|text| {
                format!("{text}\n  at step {}, {}.{:03} ms", self.steps, at_us / 1000, at_us % 1000)
            }),
            marks: net.marks.take(),
            trace_hash: self.hash,
            steps: self.steps,
            messages: net.audit.messages.len(),
            faults: self.faults.count(),
            simulated_us: at_us,
            trace: std::mem::take(&mut self.trace),
        };
        drop(guard);
        if verdict.violation.is_some() {
            // It was not destroyed in order, and what panicked may panic again.
            std::mem::forget(self);
        }
        verdict
    }
}
