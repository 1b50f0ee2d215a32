//! A broker's thread in a world: its turns, its sleep, and what wakes it.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::sync::atomic::Ordering;

use super::net::Inner;
use crate::broker::thread::BrokerThread;
use crate::engine::seam::ProducerEngine;
use crate::sys::clock::Ts;

/// Wake-ups in vain that a thread may have within a second, one after the other; one for each
/// partition, whose linger may be over, comes on top.
const VAIN_MAX: usize = 25;

/// What woke a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Waking {
    /// It did not sleep, or was told of news.
    News,
    /// Its connection.
    Connection,
    /// Its deadline.
    Deadline,
}

/// A broker's thread.
pub(super) struct Party {
    /// Its state.
    pub(super) thread: BrokerThread,
    /// Its engine.
    pub(super) engine: Box<dyn ProducerEngine>,
    /// When it wants to run.
    pub(super) until: Ts,
    /// It does not run before.
    pub(super) starves_until: Ts,
    /// What it waits for: descriptor, to read, to write.
    interest: (RawFd, bool, bool),
    is_asleep: bool,
    vain: VecDeque<Ts>,
}

/// What a turn may change.
#[derive(PartialEq, Eq)]
pub(super) struct Signature([u64; 10]);

impl Party {
    /// A thread that begins.
    pub(super) fn new(thread: BrokerThread, engine: Box<dyn ProducerEngine>, now: Ts) -> Self {
        Self {
            thread,
            engine,
            until: now,
            starves_until: Ts::ZERO,
            interest: (-1, false, false),
            is_asleep: false,
            vain: VecDeque::new(),
        }
    }

    /// May it run?
    pub(super) fn may_run(&self, net: &Inner, now: Ts) -> bool {
        if self.starves_until > now {
            return false;
        }
        let (fd, read, write) = self.interest;
        !self.is_asleep
            || !self.thread.broker.is_asleep()
            || self.until <= now
            || net.poll(fd, (read, write), now) != (false, false)
    }

    /// Wakes it, as poll would.
    pub(super) fn wake(&mut self, net: &Inner, now: Ts) -> Waking {
        if !self.is_asleep {
            return Waking::News;
        }
        let was_told = !self.thread.broker.is_asleep();
        self.is_asleep = false;
        self.thread.broker.is_awake();
        let (fd, read, write) = self.interest;
        let (is_readable, is_writable) = net.poll(fd, (read, write), now);
        self.thread.connection.set_events(is_readable, is_writable);
        match (was_told, is_readable || is_writable) {
            (true, _) => Waking::News,
            (_, true) => Waking::Connection,
            _ => Waking::Deadline,
        }
    }

    /// It goes to sleep, unless there is news.
    pub(super) fn fall_asleep(&mut self, until: Ts) {
        self.until = until;
        self.is_asleep = self.thread.broker.may_sleep(until);
        self.interest = self.thread.connection.interest(&self.thread.outbufs);
    }

    /// What a turn may change.
    pub(super) fn signature(&self) -> Signature {
        let thread = &self.thread;
        let counters = thread.broker.counters();
        Signature([
            counters.tx_bytes.load(Ordering::Relaxed),
            counters.rx_bytes.load(Ordering::Relaxed),
            counters.connects.load(Ordering::Relaxed).unsigned_abs().into(),
            counters.request_timeouts.load(Ordering::Relaxed),
            thread.outbufs.len() as u64,
            thread.waitresps.len() as u64,
            thread.broker.state() as u64,
            self.engine.held() as u64,
            thread.handle.reply_queue.len() as u64,
            thread.handle.account.messages().cast_unsigned(),
        ])
    }

    /// Notes a wake-up; `true`: there are too many of them that changed nothing.
    pub(super) fn is_busy_loop(&mut self, is_vain: bool, partitions: usize, now: Ts) -> bool {
        if !is_vain {
            self.vain.clear();
            return false;
        }
        self.vain.push_back(now);
        while self.vain.front().is_some_and(|at| *at + 1_000_000 < now) {
            self.vain.pop_front();
        }
        self.vain.len() > VAIN_MAX + partitions
    }
}
