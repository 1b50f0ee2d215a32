//! The engine's turn on a broker's thread that nobody runs: the test is the clock and the socket.
#![forbid(unsafe_code)]

use std::io::IoSlice;
use std::os::fd::RawFd;

use super::*;
use crate::conf::Conf;
use crate::delivery::fixture::{instance, set};
use crate::handle::Handle;
use crate::own::backref::BackRef;
use crate::own::broker::{Broker, BrokerSource, BrokerState};
use crate::own::fixture::message_at;
use crate::proto::api;
use crate::proto::features::{ApiRange, ApiVersions};
use crate::transport::{ConnectError, ConnectState, Transport, TransportError};

/// A connection of which nothing is asked.
struct Idle;

impl Transport for Idle {
    fn fd(&self) -> RawFd {
        -1
    }
    fn wants(&self) -> (bool, bool) {
        (false, false)
    }
    fn connect_step(&mut self) -> Result<ConnectState, ConnectError> {
        Ok(ConnectState::Connected)
    }
    fn send(&mut self, _: &[IoSlice<'_>]) -> Result<usize, TransportError> {
        Ok(0)
    }
    fn recv_into(&mut self, _: &mut Vec<u8>, _: usize) -> Result<usize, TransportError> {
        Ok(0)
    }
}

const LINGER_US: i64 = 5000;

/// An engine with partitions on a thread whose connection is up.
struct World {
    thread: BrokerThread,
    engine: Engine,
    toppars: Vec<Arc<Toppar>>,
    topic: Arc<Topic>,
}

impl World {
    fn new(partitions: i32) -> Self {
        Self::with(partitions, |_| ())
    }

    fn with(partitions: i32, configure: impl FnOnce(&mut Conf)) -> Self {
        let handle = instance(|conf| {
            conf.buffering_max_us = LINGER_US;
            configure(conf);
        });
        let owner = BackRef::cleared::<Handle>;
        let topic = crate::topic::find_or_create(&handle, owner, c"t", None).expect("a name").0;
        let broker = Broker::new(BrokerSource::Learned, 1, "b", 9092).expect("a descriptor");
        broker.set_state(BrokerState::Up, Ts(1));
        let mut thread = BrokerThread::new(Arc::clone(&handle), broker);
        let range = |api, max| ApiRange { api, min: 0, max };
        thread.connection.go_over(Box::new(Idle));
        thread.versions = ApiVersions::new(vec![range(api::PRODUCE, 9), range(api::FETCH, 11)]);
        let mut engine = Engine::new();
        let join = |number| {
            let store = Store::boxed(&handle.settings, topic.order);
            let toppar = Toppar::new(Arc::downgrade(&topic), number, store);
            toppar.lock().set_broker(Some(Arc::clone(&thread.broker)));
            toppar
        };
        let toppars: Vec<_> = (0..partitions).map(join).collect();
        for toppar in &toppars {
            engine.partition_join(&mut thread, toppar, Ts(1));
        }
        Self { thread, engine, toppars, topic }
    }

    /// A message of so many bytes is produced to each partition, every 100 microseconds one.
    fn produce(&mut self, size: usize, from: i64) {
        for (toppar, at) in self.toppars.iter().zip((from..).step_by(100)) {
            toppar.lock().enqueue(message_at(&self.topic, size, Ts(at), Ts::MAX));
            self.thread.broker.make_ready(toppar, Ts(at));
        }
    }

    /// One turn: when it wants the next one.
    fn turn(&mut self, now: i64) -> Ts {
        self.engine.serve(&mut self.thread, Ts(now))
    }

    /// Requests that wait to be written.
    fn waiting(&self) -> usize {
        self.thread.outbufs.len()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        while let Some(request) = self.thread.outbufs.pop_front() {
            request.finish(&mut self.thread, Err(ErrorCode::_DESTROY), Ts(1_000_000));
        }
        self.engine.end(&mut self.thread, Ts(1_000_000));
    }
}

#[test]
fn a_few_partitions_are_sent_each_when_its_linger_ends() {
    let mut world = World::new(7);
    world.produce(10, 1000);
    assert_eq!((world.turn(2000), world.waiting()), (Ts(1000 + LINGER_US), 0));
    assert_eq!((world.turn(1000 + LINGER_US), world.waiting()), (Ts(1100 + LINGER_US), 1));
}

#[test]
fn many_partitions_wait_for_each_other_a_tenth_of_the_linger() {
    let mut world = World::new(8);
    world.produce(10, 1000);
    assert_eq!((world.turn(2000), world.waiting()), (Ts(1500 + LINGER_US), 0));
    assert_eq!((world.turn(1499 + LINGER_US), world.waiting()), (Ts(1500 + LINGER_US), 0));
    // The first has waited long enough, and takes along all whose linger has ended.
    assert_eq!((world.turn(1500 + LINGER_US), world.waiting()), (Ts(2100 + LINGER_US), 6));
}

#[test]
fn partitions_wait_for_each_other_a_millisecond_at_most() {
    let mut world = World::with(8, |conf| conf.buffering_max_us = 1_000_000);
    world.produce(10, 1000);
    assert_eq!(world.turn(2000), Ts(1000 + 1_000_000 + 1000));
}

#[test]
fn nobody_waits_for_others_while_the_application_flushes() {
    let mut world = World::new(8);
    world.produce(10, 1000);
    world.thread.handle.flushing.fetch_add(1, Ordering::AcqRel);
    world.turn(1900);
    assert_eq!(world.waiting(), 8);
}

#[test]
fn small_requests_are_made_for_one_write() {
    let mut world = World::new(40);
    world.produce(10, 1000);
    world.turn(20_000);
    assert_eq!((world.waiting(), world.engine.is_waiting_for_room()), (32, true));
}

#[test]
fn large_requests_and_those_that_cannot_be_written_wait_for_room_as_history_says() {
    let mut world = World::new(40);
    world.produce(9000, 1000);
    world.turn(20_000);
    assert_eq!(world.waiting(), 1);

    let mut world = World::new(40);
    world.produce(10, 1000);
    world.thread.connection.is_blocked = true;
    world.turn(20_000);
    assert_eq!(world.waiting(), 1);

    let mut world = World::with(40, |conf| set(conf, b"max.in.flight", b"3"));
    world.produce(10, 1000);
    world.turn(20_000);
    assert_eq!(world.waiting(), 3, "no more than may be in flight");
}
