//! Answers and what becomes of them, partition by partition. The bytes are written by the test.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::ffi::CStr;

use proptest::prelude::*;

use super::*;
use crate::delivery::fixture::instance;
use crate::engine::legacy::store::Store;
use crate::handle::Handle;
use crate::own::backref::BackRef;
use crate::own::broker::{Broker, BrokerSource};
use crate::own::msgq::Order;
use crate::own::topic::Topic;
use crate::proto::produce::response_table::{Answer, BLAMING, Bytes, PLAIN};
use crate::sys::clock::Ts;

extern "C-unwind" fn throttled_cb(
    _: *mut crate::abi::public::rd_kafka_t,
    _: *const std::ffi::c_char,
    _: i32,
    _: std::ffi::c_int,
    _: *mut std::ffi::c_void,
) {
}

/// A broker's thread that nobody runs, and partitions of two topics.
struct World {
    thread: BrokerThread,
    toppars: Vec<Arc<Toppar>>,
    /// The partitions refer to them weakly.
    _topics: Vec<Arc<Topic>>,
}

impl World {
    /// Partitions 0 and 3 of `t1`, and 3 of `t2`.
    fn new() -> Self {
        let handle = instance(|conf| conf.throttle_cb = Some(throttled_cb));
        let broker = Broker::new(BrokerSource::Learned, 1, "b", 9092).expect("a descriptor");
        let owner = BackRef::cleared::<Handle>;
        let topics = [c"t1", c"t2"].map(|name: &CStr| {
            crate::topic::find_or_create(&handle, owner, name, None).expect("a good name").0
        });
        let toppar = |topic: &Arc<Topic>, number| {
            let store = Store::boxed(&handle.settings, Order::Fifo);
            Toppar::new(Arc::downgrade(topic), number, store)
        };
        let toppars = vec![toppar(&topics[0], 0), toppar(&topics[0], 3), toppar(&topics[1], 3)];
        Self { thread: BrokerThread::new(handle, broker), toppars, _topics: topics.into() }
    }

    /// The answer to a request of the first partition.
    fn single(&mut self, body: &[u8], version: i16) -> (Result<(), ErrorCode>, ProduceResult) {
        let mut result = ProduceResult::new(OFFSET_INVALID, -1);
        let results = std::slice::from_mut(&mut result);
        let toppars = &self.toppars[..1];
        let parsed = parse(&mut self.thread, toppars, body, version, results, Matching::Alone);
        (parsed, result)
    }

    /// The answer to a request of all partitions: error and offset of each.
    fn many(&mut self, body: &[u8], version: i16) -> (Result<(), ErrorCode>, Vec<(i32, i64)>) {
        let mut results: Vec<_> =
            self.toppars.iter().map(|_| ProduceResult::new(OFFSET_INVALID, -1)).collect();
        let (toppars, results_mut) = (&self.toppars, &mut results);
        let parsed = parse(&mut self.thread, toppars, body, version, results_mut, Matching::ByName);
        (parsed, results.iter().map(|it| (it.error().0, it.offset())).collect())
    }

    /// Times that were told to the application.
    fn throttles(&self) -> Vec<i32> {
        let queue = &self.thread.handle.reply_queue;
        std::iter::from_fn(|| queue.pop(&*self.thread.handle.clock, Ts::ZERO))
            .filter_map(|op| match op {
                Op::Throttle { throttle_ms, .. } => Some(throttle_ms),
                _ => None,
            })
            .collect()
    }

    /// Hints: partition, leader, nodes.
    fn hints(&self) -> Vec<(String, i32, i32, usize)> {
        let mut ops = VecDeque::new();
        let handle = &self.thread.handle;
        handle.main.take(&*handle.clock, Ts::ZERO, &mut ops);
        ops.into_iter()
            .filter_map(|op| match op {
                MainOp::LeaderHint { topic, partition, leader_id, endpoints, .. } => {
                    let name = topic.name().to_string_lossy().into_owned();
                    Some((name, partition, leader_id, endpoints.len()))
                }
                _ => None,
            })
            .collect()
    }
}

const fn answer(partition: i32, error: i16, offset: i64) -> Answer {
    Answer { partition, error, offset, ..PLAIN }
}

#[test]
fn a_single_answer_may_name_another_partition() {
    for version in 0..=10 {
        let body = Bytes::body(version, false, &[("other", &[answer(9, 7, 55)])], 0, &[]);
        let (parsed, result) = World::new().single(&body, version);
        assert_eq!(parsed, Ok(()), "version {version}");
        assert_eq!((result.error().0, result.offset()), (7, 55));
    }
}

#[test]
fn a_single_answer_of_other_counts_is_bad_and_nothing_of_it_is_kept() {
    let wrong: [&[(&str, &[Answer])]; 4] = [
        &[],
        &[("t1", &[])],
        &[("t1", &[answer(0, 0, 5), answer(0, 0, 6)])],
        &[("t1", &[answer(0, 0, 5)]), ("t1", &[answer(0, 0, 6)])],
    ];
    for version in 0..=10 {
        for topics in wrong {
            let mut world = World::new();
            let body = Bytes::body(version, false, topics, 100, &[]);
            let (parsed, result) = world.single(&body, version);
            assert_eq!(parsed, Err(ErrorCode::_BAD_MSG), "version {version}");
            assert_eq!((result.error().0, result.offset()), (0, OFFSET_INVALID));
            assert_eq!(world.throttles(), Vec::<i32>::new());
        }
    }
}

#[test]
fn texts_and_blamed_records_reach_the_result() {
    for version in 0..=10 {
        let body = Bytes::body(version, false, &[("t1", &[BLAMING])], 0, &[]);
        let (parsed, result) = World::new().single(&body, version);
        assert_eq!(parsed, Ok(()));
        assert_eq!((result.error().0, result.offset()), (87, -1));
        assert_eq!(result.timestamp(), if version >= 2 { 1_700_000_000_000 } else { -1 });
        let blamed: Vec<_> = result.blamed().collect();
        if version < 8 {
            assert_eq!((result.text(), blamed.len()), (None, 0));
            continue;
        }
        assert_eq!(result.text(), Some(c"bad records"));
        assert_eq!(blamed, [(0, Some(c"no")), (7, None), (9, Some(c""))]);
    }
}

#[test]
fn answers_of_many_partitions_may_come_in_any_order() {
    for version in [0, 8, 10] {
        let topics: [(&str, &[Answer]); 2] =
            [("t2", &[answer(3, 6, -1)]), ("t1", &[answer(3, 0, 30), answer(0, 10, -1)])];
        let body = Bytes::body(version, false, &topics, 0, &[]);
        let (parsed, results) = World::new().many(&body, version);
        assert_eq!(parsed, Ok(()), "version {version}: errors are the partitions' own");
        assert_eq!(results, [(10, -1), (0, 30), (6, -1)]);
    }
}

#[test]
fn an_unknown_or_a_missing_partition_fails_the_whole_request() {
    let (zero, three) = (answer(0, 0, 5), answer(3, 0, 6));
    let missing: [(&str, &[Answer]); 1] = [("t1", &[zero, three])];
    let unknown: [(&str, &[Answer]); 2] =
        [("t1", &[answer(0, 0, 5), answer(3, 0, 6)]), ("t3", &[answer(3, 0, 7)])];
    for version in [3, 10] {
        for topics in [&missing[..], &unknown] {
            let body = Bytes::body(version, false, topics, 0, &[]);
            let (parsed, results) = World::new().many(&body, version);
            assert_eq!(parsed, Err(ErrorCode::_BAD_MSG), "version {version}");
            // What was read before stays.
            assert_eq!(results, [(0, 5), (0, 6), (0, OFFSET_INVALID)]);
        }
    }
}

#[test]
fn a_partition_that_is_named_twice_hides_a_missing_one() {
    let topics: [(&str, &[Answer]); 1] =
        [("t1", &[answer(0, 0, 5), Answer { partition: 3, ..BLAMING }, answer(3, 0, 7)])];
    for version in [8, 10] {
        let body = Bytes::body(version, false, &topics, 0, &[]);
        let mut world = World::new();
        let (parsed, results) = world.many(&body, version);
        assert_eq!(parsed, Ok(()), "version {version}");
        assert_eq!(results, [(0, 5), (0, 7), (0, OFFSET_INVALID)]);

        let mut results = [0; 3].map(|_| ProduceResult::new(OFFSET_INVALID, -1));
        let toppars = &world.toppars;
        parse(&mut world.thread, toppars, &body, version, &mut results, Matching::ByName)
            .expect("accepted");
        assert_eq!((results[1].text(), results[1].blamed().len()), (None, 0), "the last word");
    }
}

#[test]
fn throttling_is_told_while_it_lasts_and_once_after() {
    let mut world = World::new();
    for throttle_ms in [0, 0, 100, 70, 0, 0, -5] {
        let body = Bytes::body(7, false, &[("t1", &[PLAIN])], throttle_ms, &[]);
        assert_eq!(world.single(&body, 7).0, Ok(()));
    }
    assert_eq!(world.throttles(), [100, 70, 0]);

    // Also by an answer that is refused for its partitions later.
    let body = Bytes::body(7, false, &[("t1", &[answer(0, 0, 1)])], 30, &[]);
    assert_eq!(world.many(&body, 7).0, Err(ErrorCode::_BAD_MSG));
    assert_eq!(world.throttles(), [30]);

    let body = Bytes::body(0, false, &[("t1", &[PLAIN])], 30, &[]);
    assert_eq!(world.single(&body, 0).0, Ok(()));
    assert_eq!(world.throttles(), [0], "version 0 has no throttle time");
}

#[test]
fn a_new_leader_is_passed_on_from_version_10_on() {
    let moved = |partition| Answer { leader: Some((2, 11)), ..answer(partition, 6, -1) };
    let answers = [moved(0), answer(3, 0, 5)];
    let last = [moved(3)];
    let topics: [(&str, &[Answer]); 2] = [("t1", &answers), ("t2", &last)];
    let nodes = [(2, "second", 9_093), (5, "fifth", 9_094)];
    for version in 9..=10 {
        let mut world = World::new();
        let body = Bytes::body(version, true, &topics, 0, &nodes);
        assert_eq!(world.many(&body, version).0, Ok(()));
        let expected = match version {
            10 => vec![("t1".to_owned(), 0, 2, 2), ("t2".to_owned(), 3, 2, 2)],
            _ => vec![],
        };
        assert_eq!(world.hints(), expected, "version {version}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_answers_are_refused_or_read_and_never_panic(
        version in 0i16..=10,
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let moved = [Answer { leader: Some((2, 11)), ..answer(3, 6, -1) }];
        let topics: [(&str, &[Answer]); 2] =
            [("t1", &[answer(0, 0, 5), Answer { partition: 3, ..BLAMING }]), ("t2", &moved)];
        let mut body = Bytes::body(version, true, &topics, 9, &[(2, "second", 9_093)]);
        for (place, byte) in places {
            let at = place.index(body.len());
            body[at] = byte;
        }
        if is_cut {
            body.truncate(end.index(body.len()));
        }
        let mut world = World::new();
        let refusals = [ErrorCode::_BAD_MSG, ErrorCode::_UNDERFLOW];
        if let Err(code) = world.many(&body, version).0 {
            prop_assert!(refusals.contains(&code), "{}", code);
        }
        if let Err(code) = world.single(&body, version).0 {
            prop_assert!(refusals.contains(&code), "{}", code);
        }
    }
}
