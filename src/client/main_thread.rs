//! The main thread: operations, metadata, timers.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::broker::set;
use crate::delivery::poll::raise;
use crate::eos::acquire;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::metadata::refresh::{Question, Refresh, connect_any};
use crate::metadata::{apply, hint};
use crate::op::{MainOp, Purge};
use crate::own::broker::Broker;
use crate::own::topic::Topic;
use crate::proto::messages::WantedTopics;
use crate::stats;
use crate::sys::clock::Ts;
use crate::sys::rand::Rng;
use crate::topic::unassigned;

/// Microseconds between looks at messages that wait for metadata.
const UNASSIGNED_SCAN_US: i64 = 1_000_000;

/// What belongs to the main thread.
pub(crate) struct MainThread {
    handle: Arc<Handle>,
    refresh: Refresh,
    unassigned_at: Ts,
    /// When the next statistics are due; `Ts::MAX` if they are off.
    stats_at: Ts,
    /// When "all brokers are down" was raised last; zero if they are not.
    all_down_at: Ts,
    rng: Rng,
    is_over: bool,
}

impl MainThread {
    /// The state of a thread that has not begun.
    pub(crate) fn new(handle: Arc<Handle>, mut rng: Rng) -> Self {
        let stats_at = match handle.has_stats {
            true => handle.now().plus_ms(handle.settings.statistics_ms),
            false => Ts::MAX,
        };
        Self {
            handle,
            refresh: Refresh::new(Rng::from_seed(rng.next_u64())),
            unassigned_at: Ts::ZERO,
            stats_at,
            all_down_at: Ts::ZERO,
            rng,
            is_over: false,
        }
    }

    /// The thread's body: until the instance ends.
    pub(crate) fn run(mut self) {
        self.begin();
        let mut ops = VecDeque::new();
        let mut until = Ts::ZERO;
        while !self.is_over {
            let handle = Arc::clone(&self.handle);
            handle.main.take(&*handle.clock, until, &mut ops);
            until = self.turn(&mut ops, handle.now());
        }
        self.refresh.end();
        acquire::end(&self.handle, self.handle.now());
    }

    /// Before the first turn.
    pub(crate) fn begin(&self) {
        acquire::start(&self.handle, self.handle.now());
    }

    /// One turn; returns when the next one is due.
    pub(crate) fn turn(&mut self, ops: &mut VecDeque<MainOp>, now: Ts) -> Ts {
        for op in ops.drain(..) {
            self.serve_op(op, now);
        }
        self.step(now)
    }

    /// Is every question answered, and every leader known?
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn is_settled(&self) -> bool {
        self.refresh.is_settled()
    }

    /// One turn without operations; returns when the next one is due.
    fn step(&mut self, now: Ts) -> Ts {
        if self.handle.is_terminating() {
            return Ts::MAX;
        }
        let until = self.scan_unassigned(now);
        let until = until.min(self.refresh.serve(&self.handle, now));
        let until = until.min(self.rebootstrap(now));
        let until = until.min(acquire::serve(&self.handle, &mut self.rng, now));
        until.min(self.emit_stats(now))
    }

    /// Statistics, if they are due. A thread that came late does not make up for what it missed.
    fn emit_stats(&mut self, now: Ts) -> Ts {
        if now >= self.stats_at {
            stats::emit(&self.handle, now);
            let interval_ms = self.handle.settings.statistics_ms;
            let next = self.stats_at.plus_ms(interval_ms);
            self.stats_at = if next > now { next } else { now.plus_ms(interval_ms) };
        }
        self.stats_at
    }

    fn serve_op(&mut self, op: MainOp, now: Ts) {
        let handle = Arc::clone(&self.handle);
        match op {
            MainOp::Wakeup => {}
            MainOp::Terminate => self.is_over = true,
            MainOp::BrokerUp(broker) => self.broker_up(&broker, now),
            MainOp::BrokerDown(broker) => self.broker_down(&broker, now),
            MainOp::Metadata { request, broker, result } => {
                let answer = self.refresh.answered(&handle, request, &broker, result, now);
                if let Some(answer) = answer
                    && !handle.is_terminating()
                {
                    if apply::apply(&handle, &answer, now) {
                        self.refresh.want_leaders(&handle, now);
                    }
                    acquire::look(&handle, &mut self.rng, now);
                }
            }
            MainOp::ProducerId { broker, result } => {
                acquire::answered(&handle, &broker, result, now);
            }
            MainOp::QueryTopic(topic) => self.refresh.want(topic),
            MainOp::LeaderUnavailable(topic) => {
                topic.control().set_wants_leader(true);
                self.refresh.want_leaders_soon(&handle, now);
            }
            MainOp::LeaderHint { topic, partition, leader_id, leader_epoch, endpoints } => {
                hint::follow(&handle, &topic, partition, leader_id, leader_epoch, &endpoints);
            }
            MainOp::ApplicationMetadata { all_topics, only, timeout_ms, reply } => {
                let wanted = self.wanted(all_topics, only);
                let until = now.plus_ms(timeout_ms);
                self.refresh.ask_for(Question { wanted, until, reply });
            }
            MainOp::Fatal => {
                let purge = Purge { queue: true, in_flight: false, aborts: false };
                super::purge::purge(&handle, purge, false);
            }
        }
    }

    fn wanted(&self, all_topics: bool, only: Option<Arc<Topic>>) -> WantedTopics {
        let name = |topic: &Topic| topic.display_name().into_owned();
        if all_topics {
            return WantedTopics::All;
        }
        let names: Vec<String> = match only {
            Some(topic) => vec![name(&topic)],
            None => self.handle.topics.read().values().map(|topic| name(topic)).collect(),
        };
        if names.is_empty() { WantedTopics::None } else { WantedTopics::Named(names) }
    }

    fn broker_up(&mut self, broker: &Broker, now: Ts) {
        // A connection shows that the outage is over: marks of others mean "tried and failed
        // since".
        for other in &self.handle.brokers.read().all {
            other.mark_down(false);
        }
        broker.mark_down(false);
        self.handle.down_count.store(0, Ordering::Release);
        self.all_down_at = Ts::ZERO;
        if broker.id() < 0 {
            self.refresh.refresh_now();
        } else {
            // Metadata comes before the first of these: a bootstrap broker may be gone afterwards,
            // and the request with it.
            acquire::look(&self.handle, &mut self.rng, now);
        }
    }

    fn broker_down(&mut self, broker: &Broker, now: Ts) {
        if broker.is_terminating() || self.handle.is_terminating() {
            return;
        }
        if !broker.mark_down(true) {
            self.handle.down_count.fetch_add(1, Ordering::AcqRel);
        }
        self.refresh.refresh_soon(&self.handle);
        let total = self.handle.brokers.read().all.len();
        let down = usize::try_from(self.handle.down_count.load(Ordering::Acquire)).unwrap_or(0);
        if down < total {
            connect_any(&self.handle, &mut self.rng);
            return;
        }
        let pause_ms = self.handle.settings.reconnect_max_ms;
        if self.all_down_at == Ts::ZERO || now >= self.all_down_at.plus_ms(pause_ms) {
            self.all_down_at = now;
            let text = format!("{down}/{total} brokers are down");
            raise(&self.handle, ErrorCode::_ALL_BROKERS_DOWN, text);
            if self.handle.settings.rebootstraps {
                self.start_again();
            }
        }
        connect_any(&self.handle, &mut self.rng);
    }

    /// Adds the bootstrap servers again: the cluster may have moved.
    fn start_again(&self) {
        let lists = self.handle.bootstrap.lock().clone();
        for list in lists {
            set::add_configured(&self.handle, &list);
        }
    }

    /// Starts again when metadata stays unanswered for too long.
    fn rebootstrap(&mut self, now: Ts) -> Ts {
        let settings = &self.handle.settings;
        let since = self.refresh.unanswered_since;
        if !settings.rebootstraps || settings.rebootstrap_after_ms == 0 || since == Ts::MAX {
            return Ts::MAX;
        }
        let due = since.plus_ms(settings.rebootstrap_after_ms);
        if now < due {
            return due;
        }
        self.refresh.unanswered_since = now;
        self.start_again();
        now.plus_ms(settings.rebootstrap_after_ms)
    }

    /// Messages that wait for metadata expire here, and topics without partitions are asked for:
    /// they may have been made, or allowed.
    ///
    /// Historical: `rd_kafka_topic_scan_all`.
    fn scan_unassigned(&mut self, now: Ts) -> Ts {
        let topics: Vec<Arc<Topic>> = self
            .handle
            .topics
            .read()
            .values()
            .filter(|topic| topic.table().partitions.is_empty())
            .cloned()
            .collect();
        if topics.is_empty() {
            return Ts::MAX;
        }
        if now < self.unassigned_at {
            return self.unassigned_at;
        }
        self.unassigned_at = now + UNASSIGNED_SCAN_US;
        for topic in topics {
            unassigned::expire(&self.handle, &topic, now);
            if apply::is_stale(&topic, now) {
                apply::forget_absence(&topic, now);
                self.refresh.want(topic);
            }
        }
        self.unassigned_at
    }
}
