//! What the scripted cluster knows: who leads which partition, what was asked, what is held back.

use std::collections::HashMap;
use std::net::TcpStream;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::script::{Reply, Script};

/// Something that happened at a broker, in the order of its arrival.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Instant,
    pub group: String,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Partition {
    pub leader: i32,
    pub epoch: i32,
    pub next_offset: i64,
}

#[derive(Clone, Debug, Default)]
pub struct TopicState {
    pub error: i16,
    pub partitions: Vec<Partition>,
}

pub struct State {
    pub topics: HashMap<String, TopicState>,
    pub ports: Vec<u16>,
    pub seen: Vec<Seen>,
    /// Counted since `warm`.
    pub produced: usize,
    pub metadata: usize,
    pub connections: usize,
    pub ids: usize,
    /// How many held answers may go.
    pub released: usize,
    pub held: usize,
    pub stalled: Vec<bool>,
    pub down: Vec<bool>,
    /// Brokers that metadata does not name any more.
    pub forgotten: Vec<i32>,
    pub warm: bool,
    pub closing: bool,
    pub open: Vec<(i32, TcpStream)>,
}

pub struct World {
    pub script: Script,
    state: Mutex<State>,
    changed: Condvar,
}

impl World {
    pub fn new(script: &Script, ports: Vec<u16>) -> Self {
        let partition = |&leader: &i32| Partition { leader, epoch: 1, next_offset: 0 };
        let topics = script.topics.iter().map(|topic| {
            let partitions = topic.leaders.iter().map(partition).collect();
            (topic.name.clone(), TopicState { error: 0, partitions })
        });
        let state = State {
            topics: topics.collect(),
            stalled: vec![false; ports.len() + 1],
            down: vec![false; ports.len() + 1],
            ports,
            seen: Vec::new(),
            produced: 0,
            metadata: 0,
            connections: 0,
            ids: 0,
            released: 0,
            held: 0,
            forgotten: Vec::new(),
            warm: false,
            closing: false,
            open: Vec::new(),
        };
        Self { script: script.clone(), state: Mutex::new(state), changed: Condvar::new() }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no broker thread panics with the lock")
    }

    /// Changes the state and wakes all that wait for it.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until it holds; false if it did not in time.
    pub fn wait(&self, limit: Duration, mut holds: impl FnMut(&mut State) -> bool) -> bool {
        let end = Instant::now() + limit;
        let mut state = self.lock();
        while !holds(&mut state) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).expect("as above").0;
        }
        true
    }

    /// The rule for the Produce request that just came.
    pub fn reply(&self, state: &State, broker: i32) -> Reply {
        let number = state.produced;
        let fits = |rule: &&crate::script::Rule| {
            (rule.first..=rule.last).contains(&number)
                && rule.broker.is_none_or(|wanted| wanted == broker)
        };
        if state.warm {
            return Reply::default();
        }
        self.script.rules.iter().find(fits).map(|rule| rule.reply.clone()).unwrap_or_default()
    }
}

impl State {
    pub fn note(&mut self, group: &str, text: String) {
        if !self.warm {
            self.seen.push(Seen { at: Instant::now(), group: group.to_owned(), text });
        }
    }

    /// Closes the connections of a broker, of all if it is 0.
    pub fn cut(&mut self, broker: i32) {
        self.open.retain(|(id, stream)| {
            let hit = broker == 0 || *id == broker;
            if hit {
                stream.shutdown(std::net::Shutdown::Both).ok();
            }
            !hit
        });
    }
}
