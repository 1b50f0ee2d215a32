//! What happens to a world: faults, what takes them back, and the calm at the end.
#![forbid(unsafe_code)]

use super::app::App;
use super::cut::Cut;
use super::draw::Draw;
use super::marks::ANSWERS;
use super::message::topic_name;
use super::net::{Door, Inner, Net};
use super::pipe::Speed;
use super::plan::{Kind, Plan};
use crate::error::ErrorCode;
use crate::mock::Fault;
use crate::proto::api;
use crate::sys::clock::Ts;

/// A speed at which everything comes right.
const CALM_SPEED: Speed =
    Speed { latency_us: (20, 300), bytes_per_ms: 1_000_000, window: 1 << 20, splits: 0 };

/// What takes a fault back.
#[derive(Clone, Copy, Debug)]
enum Undo {
    Up(i32),
    Lead(usize, i32),
    Show(usize),
    Enlarge(usize),
    List(i32),
    Rtt(i32),
    Throttle,
    Poll(i64),
}

/// What a fault does to the world itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// A thread does not run for this long.
    Starve(i64),
    /// Nothing runs for this long.
    Suspend(i64),
    /// The wall clock jumps by so many milliseconds.
    Wall(i64),
}

/// The faults of a world.
pub(crate) struct Faults {
    net: Net,
    seed: u64,
    /// Draws of the present fault.
    draw: Draw,
    /// Draws of the pauses.
    pauses: Draw,
    /// How many faults there were.
    count: u32,
    cut: Cut,
    kinds: Vec<Kind>,
    gap_us: i64,
    next_at: Ts,
    undo: Vec<(Ts, Undo)>,
    /// Faults of the library's answers that an idempotent producer cannot survive are left out.
    is_idempotent: bool,
    /// What happened last.
    pub(crate) told: Vec<String>,
}

impl Faults {
    /// The faults of a plan.
    pub(crate) fn new(net: Net, seed: u64, plan: &Plan, cut: &Cut, now: Ts) -> Self {
        Self {
            net,
            seed,
            draw: Draw::of(seed, "fault"),
            pauses: Draw::of(seed, "faults"),
            count: 0,
            cut: cut.clone(),
            kinds: plan.kinds.clone(),
            gap_us: plan.fault_gap_us,
            next_at: now + plan.fault_gap_us,
            undo: Vec::new(),
            is_idempotent: plan.promise.is_idempotent,
            told: Vec::new(),
        }
    }

    /// How many faults there were, with those that were left out.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// When something happens next.
    pub(crate) fn due(&self) -> Ts {
        self.undo.iter().map(|(at, _)| *at).fold(self.next_at, Ts::min)
    }

    /// Makes happen what is due.
    pub(crate) fn step(&mut self, app: &mut App, now: Ts) -> Effect {
        let (due, later) = std::mem::take(&mut self.undo).into_iter().partition(|it| it.0 <= now);
        self.undo = later;
        let due: Vec<(Ts, Undo)> = due;
        for (_, undo) in due {
            self.take_back(undo, app);
        }
        if now < self.next_at {
            return Effect::None;
        }
        self.next_at = now + self.pauses.between(1, self.gap_us * 2);
        // Each has its own draws: one that is left out does not change the others.
        self.count += 1;
        self.draw = Draw::of(self.seed, &format!("fault.{}", self.count));
        let Some(place) = self.draw.place(self.kinds.len()) else { return Effect::None };
        let kind = self.kinds[place];
        if !self.cut.has_fault(self.count) {
            return Effect::None;
        }
        self.told.push(format!("fault {}: {kind:?}", self.count));
        self.happen(kind, app, now)
    }

    fn happen(&mut self, kind: Kind, app: &mut App, now: Ts) -> Effect {
        let net = self.net.clone();
        match kind {
            Kind::Starve => return Effect::Starve(self.draw.between(1_000, 1_000_000)),
            Kind::Suspend => return Effect::Suspend(self.draw.pick(&[300_000, 5_000_000])),
            Kind::Wall => return Effect::Wall(self.draw.pick(&[-3_600_000, 60_000, 1 << 40])),
            Kind::Purge => app.purge(),
            Kind::Flush => app.flush(now + self.draw.pick(&[0, 20_000, 1_000_000])),
            Kind::Slow => self.slow(app, now),
            Kind::Grow => self.grow(app),
            Kind::Cut => self.cut(&mut net.lock(), now),
            Kind::Stall => self.stall(&mut net.lock(), now),
            Kind::Down => self.down(&mut net.lock(), now),
            Kind::Move | Kind::Leaderless | Kind::Lie => self.lead(&mut net.lock(), kind, now),
            Kind::Error => self.error(&mut net.lock()),
            Kind::Delay => self.delay(&mut net.lock(), now),
            Kind::Throttle => {
                net.lock().cluster.throttle_ms = self.draw.pick(&[1, 500, i32::MAX, -5]);
                self.later(now, 500_000, Undo::Throttle);
            }
            Kind::Truncate => self.truncate(&mut net.lock()),
            Kind::Hide => self.hide(&mut net.lock(), now),
            Kind::Shrink => self.shrink(&mut net.lock(), now),
            Kind::Unlist => self.unlist(&mut net.lock(), now),
            Kind::Damage => net.lock().damages += 1,
        }
        Effect::None
    }

    fn later(&mut self, now: Ts, most_us: i64, undo: Undo) {
        let at = now + self.draw.between(1_000, most_us);
        self.undo.push((at, undo));
    }

    fn slow(&mut self, app: &mut App, now: Ts) {
        let before = app.poll_gap_us;
        if before < 300_000 {
            app.poll_gap_us = 300_000;
            self.net.lock().marks.reach("slow poll");
            self.later(now, 2_000_000, Undo::Poll(before));
        }
    }

    fn grow(&mut self, app: &mut App) {
        let mut net = self.net.lock();
        let topics = net.cluster.topics.len();
        let Some(topic) = self.draw.place(topics) else { return };
        let name = topic_name(topic);
        let count = net.cluster.topics[&name].partitions.len() + 1;
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        if count < 40 && net.cluster.grow_topic(&name, count).is_ok() {
            net.marks.reach("partition added");
            app.grown(topic, count);
        }
    }

    fn broker(&mut self, net: &Inner) -> i32 {
        let ids: Vec<i32> = net.cluster.brokers.keys().copied().collect();
        self.draw.pick(&ids)
    }

    fn partition(&mut self, net: &Inner) -> (usize, i32) {
        let topic = self.draw.count(0, net.cluster.topics.len() - 1);
        let count = net.cluster.topics[&topic_name(topic)].partitions.len();
        let index = self.draw.count(0, count - 1);
        (topic, i32::try_from(index).unwrap_or(0))
    }

    fn cut(&mut self, net: &mut Inner, now: Ts) {
        let open = net.open_links();
        let Some(place) = self.draw.place(open.len()) else { return };
        let more = match self.draw.count(0, 3) {
            0 => 0,
            1 => self.draw.count(1, 20),
            _ => self.draw.count(1, 2_000),
        };
        let is_up = self.draw.chance(50);
        let Some(link) = net.links.get_mut(&open[place]) else { return };
        if is_up {
            link.up.cut_behind(more as u64, now);
        } else {
            link.down.cut_behind(more as u64, now);
        }
    }

    fn stall(&mut self, net: &mut Inner, now: Ts) {
        let until = now + self.draw.pick(&[10_000, 400_000, 3_000_000, 25_000_000]);
        let broker = self.broker(net);
        let is_whole = self.draw.chance(40);
        let (up, down) = self.draw.pick(&[(true, false), (false, true), (true, true)]);
        net.marks.reach_if(is_whole, "broker silent");
        let mut links: Vec<_> =
            net.links.iter_mut().filter(|(_, link)| link.broker == broker).collect();
        if !is_whole {
            let Some(place) = self.draw.place(links.len()) else { return };
            links = vec![links.swap_remove(place)];
        }
        for (_, link) in links {
            if up {
                link.up.stall(until);
            }
            if down {
                link.down.stall(until);
            }
        }
    }

    fn down(&mut self, net: &mut Inner, now: Ts) {
        let ids: Vec<i32> = net.cluster.brokers.keys().copied().collect();
        let all = self.draw.chance(20);
        let chosen = if all { ids } else { vec![self.draw.pick(&ids)] };
        for broker in chosen {
            if net.doors.get(&broker) != Some(&Door::Open) {
                continue;
            }
            let door = self.draw.pick(&[Door::Refusing, Door::Refusing, Door::Silent]);
            net.doors.insert(broker, door);
            net.drop_links(broker, self.draw.chance(50), now);
            self.later(now, 4_000_000, Undo::Up(broker));
        }
        net.marks.reach("broker down");
        let is_all = net.doors.values().all(|door| *door != Door::Open);
        net.marks.reach_if(is_all, "all brokers down");
    }

    fn lead(&mut self, net: &mut Inner, kind: Kind, now: Ts) {
        let (topic, index) = self.partition(net);
        let (name, broker) = (topic_name(topic), self.broker(net));
        let Some(partition) = net.cluster.partition(&name, index) else { return };
        match kind {
            Kind::Lie => {
                let leader = self.draw.pick(&[broker, broker, 99, -1]);
                let back = self.draw.pick(&[0, 1]);
                let epoch = (partition.leader_epoch - back).max(0);
                let lies = self.draw.count(1, 3);
                partition.pushed_leaders.extend((0..lies).map(|_| (leader, epoch)));
                net.marks.reach("metadata lie");
            }
            Kind::Leaderless => {
                // A broker that is known exists, so the leader can be set.
                let _ = net.cluster.set_leader(&name, index, None);
                net.marks.reach("partition without a leader");
                self.later(now, 3_000_000, Undo::Lead(topic, index));
            }
            _ => {
                let _ = net.cluster.set_leader(&name, index, Some(broker));
            }
        }
    }

    fn error(&mut self, net: &mut Inner) {
        let (code, _) = self.draw.pick(ANSWERS);
        if self.is_idempotent && code == ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER {
            return;
        }
        let count = self.draw.count(1, 4);
        let faults = std::iter::repeat_n(Fault { error: code, rtt_ms: 0 }, count);
        if self.draw.chance(60) {
            let (topic, index) = self.partition(net);
            if let Some(partition) = net.cluster.partition(&topic_name(topic), index) {
                partition.faults.push(api::PRODUCE, faults);
            }
        } else {
            net.cluster.faults.push(api::PRODUCE, faults);
        }
    }

    fn delay(&mut self, net: &mut Inner, now: Ts) {
        let broker = self.broker(net);
        let rtt_ms = self.draw.pick(&[5, 100, 1_000, 6_000]);
        if let Some(broker) = net.cluster.brokers.get_mut(&broker) {
            broker.rtt_ms = rtt_ms;
        }
        self.later(now, 2_000_000, Undo::Rtt(broker));
    }

    fn truncate(&mut self, net: &mut Inner) {
        if self.is_idempotent {
            return;
        }
        let (topic, index) = self.partition(net);
        let count = self.draw.count(1, 4);
        let Some(partition) = net.cluster.partition(&topic_name(topic), index) else { return };
        if partition.log.truncate(count) > 0 {
            net.audit.truncated(topic, index, count);
            net.marks.reach("log truncated");
        }
        net.cluster.change_count += 1;
    }

    fn hide(&mut self, net: &mut Inner, now: Ts) {
        let (topic, _) = self.partition(net);
        let error = self.draw.pick(&[
            ErrorCode::UNKNOWN_TOPIC_OR_PART,
            ErrorCode::UNKNOWN_TOPIC_OR_PART,
            ErrorCode::LEADER_NOT_AVAILABLE,
            ErrorCode::TOPIC_AUTHORIZATION_FAILED,
        ]);
        if let Some(topic) = net.cluster.topics.get_mut(&topic_name(topic)) {
            topic.error = error;
        }
        // Messages that are reported with their topic leave their places empty when it is back.
        net.audit.sequences.has_holes = net.audit.promise.is_legacy;
        self.later(now, 3_000_000, Undo::Show(topic));
    }

    /// The topic is made anew with fewer partitions, as far as metadata tells; their logs are there
    /// when they are back.
    fn shrink(&mut self, net: &mut Inner, now: Ts) {
        let (topic, index) = self.partition(net);
        let id = self.draw.between(1, i64::MAX);
        let Some(known) = net.cluster.topics.get_mut(&topic_name(topic)) else { return };
        known.listed_count = usize::try_from(index).ok().filter(|count| *count > 0);
        known.id = uuid::Uuid::from_u128(u128::from(id.unsigned_abs()));
        net.audit.sequences.has_holes |= net.audit.promise.is_legacy;
        self.later(now, 3_000_000, Undo::Enlarge(topic));
    }

    fn unlist(&mut self, net: &mut Inner, now: Ts) {
        let broker = self.broker(net);
        let listed = net.cluster.listed().count();
        if listed < 2 {
            return;
        }
        if let Some(broker) = net.cluster.brokers.get_mut(&broker) {
            broker.is_listed = false;
        }
        self.later(now, 3_000_000, Undo::List(broker));
    }

    fn take_back(&mut self, undo: Undo, app: &mut App) {
        let net = self.net.clone();
        let mut net = net.lock();
        match undo {
            Undo::Up(broker) => {
                net.doors.insert(broker, Door::Open);
            }
            Undo::Lead(topic, index) => {
                let broker = self.broker(&net);
                let name = topic_name(topic);
                let partition = net.cluster.partition(&name, index);
                if partition.is_some_and(|partition| partition.leader.is_none()) {
                    let _ = net.cluster.set_leader(&name, index, Some(broker));
                }
            }
            Undo::Show(topic) => {
                if let Some(topic) = net.cluster.topics.get_mut(&topic_name(topic)) {
                    topic.error = ErrorCode::NO_ERROR;
                }
                net.marks.reach("topic gone and back");
            }
            Undo::Enlarge(topic) => {
                if let Some(topic) = net.cluster.topics.get_mut(&topic_name(topic)) {
                    topic.listed_count = None;
                }
                net.marks.reach("partitions gone and back");
            }
            Undo::List(broker) => {
                if let Some(broker) = net.cluster.brokers.get_mut(&broker) {
                    broker.is_listed = true;
                }
                net.marks.reach("broker gone from metadata and back");
            }
            Undo::Rtt(broker) => {
                if let Some(broker) = net.cluster.brokers.get_mut(&broker) {
                    broker.rtt_ms = 0;
                }
            }
            Undo::Throttle => net.cluster.throttle_ms = 0,
            Undo::Poll(gap_us) => app.poll_gap_us = gap_us,
        }
    }

    /// Calm: nothing happens any more, and what happened is taken back.
    pub(crate) fn calm(&mut self, app: &mut App, now: Ts) {
        self.next_at = Ts::MAX;
        for (_, undo) in std::mem::take(&mut self.undo) {
            self.take_back(undo, app);
        }
        let net = self.net.clone();
        let mut guard = net.lock();
        let net = &mut *guard;
        net.speed = CALM_SPEED;
        net.damages = 0;
        net.cluster.faults.clear(api::PRODUCE);
        for broker in net.cluster.brokers.values_mut() {
            broker.faults.clear(api::PRODUCE);
        }
        for topic in net.cluster.topics.values_mut() {
            for partition in &mut topic.partitions {
                partition.faults.clear(api::PRODUCE);
                partition.pushed_leaders.clear();
            }
        }
        for link in net.links.values_mut() {
            link.up.hurry(now);
            link.down.hurry(now);
        }
    }
}
