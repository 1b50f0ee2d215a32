//! Answers and the results that they give, partition by partition.
#![forbid(unsafe_code)]

use std::ffi::CStr;

use proptest::prelude::*;

use super::*;
use crate::delivery::fixture::{accepted, instance};
use crate::engine::v2::sealed::Sealed;
use crate::engine::v2::store::Store;
use crate::handle::Handle;
use crate::own::backref::BackRef;
use crate::own::broker::{Broker, BrokerSource};
use crate::own::fixture::batch;
use crate::own::msgq::Order;
use crate::proto::produce::response_table::{Answer, Bytes, PLAIN};

/// A broker's thread that nobody runs, and a request's batches.
struct World {
    thread: BrokerThread,
    parts: Vec<Part>,
    _topics: Vec<Arc<Topic>>,
}

impl World {
    /// Partitions 0 and 3 of `t1`, and 3 of `t2`.
    fn new() -> Self {
        let handle = instance(|_| {});
        let broker = Broker::new(BrokerSource::Learned, 1, "b", 9092).expect("a descriptor");
        let owner = BackRef::cleared::<Handle>;
        let topics = [c"t1", c"t2"].map(|name: &CStr| {
            crate::topic::find_or_create(&handle, owner, name, None).expect("a good name").0
        });
        let part = |topic: &Arc<Topic>, number| {
            let store = Store::boxed(&handle.settings, Order::Fifo);
            let messages = batch([accepted(&handle, topic, 1)]);
            let toppar = Toppar::new(Arc::downgrade(topic), number, store);
            Part { toppar, sealed: Box::new(Sealed::new(messages)) }
        };
        let parts = vec![part(&topics[0], 0), part(&topics[0], 3), part(&topics[1], 3)];
        Self { thread: BrokerThread::new(handle, broker), parts, _topics: topics.into() }
    }

    /// Error and offset of each batch.
    fn results(&mut self, body: &[u8], version: i16) -> Vec<(i32, i64)> {
        let results = results(&mut self.thread, &self.parts, body, version);
        results.iter().map(|it| (it.error().0, it.offset())).collect()
    }
}

const fn answer(partition: i32, error: i16, offset: i64) -> Answer {
    Answer { partition, error, offset, ..PLAIN }
}

const UNKNOWN: (i32, i64) = (ErrorCode::_BAD_MSG.0, OFFSET_INVALID);

#[test]
fn each_result_finds_its_batch_in_whatever_order() {
    for version in 0..=10 {
        for topics in [
            &[("t1", &[answer(0, 0, 5), answer(3, 7, 6)][..]), ("t2", &[answer(3, 19, 7)])][..],
            &[("t2", &[answer(3, 19, 7)]), ("t1", &[answer(3, 7, 6), answer(0, 0, 5)])],
            &[("t1", &[answer(3, 7, 6)]), ("t2", &[answer(3, 19, 7)]), ("t1", &[answer(0, 0, 5)])],
        ] {
            let body = Bytes::body(version, false, topics, 0, &[]);
            let results = World::new().results(&body, version);
            assert_eq!(results, [(0, 5), (7, 6), (19, 7)], "version {version}");
        }
    }
}

#[test]
fn a_partition_that_is_missing_is_unknown_and_the_others_are_not() {
    let body = Bytes::body(9, false, &[("t1", &[answer(3, 0, 6)])], 0, &[]);
    assert_eq!(World::new().results(&body, 9), [UNKNOWN, (0, 6), UNKNOWN]);
}

#[test]
fn a_partition_that_is_named_twice_does_not_stand_for_one_that_is_missing() {
    let twice = [answer(0, 0, 5), answer(0, 7, 9)];
    let body = Bytes::body(9, false, &[("t1", &twice), ("t2", &[answer(3, 0, 7)])], 0, &[]);
    assert_eq!(World::new().results(&body, 9), [(0, 5), UNKNOWN, (0, 7)]);
}

#[test]
fn a_partition_that_was_not_asked_for_touches_nobody() {
    let foreign = [answer(9, 0, 1)];
    let all = [answer(0, 0, 5), answer(3, 0, 6)];
    let topics =
        [("other", &foreign[..]), ("t1", &all), ("t2", &[answer(3, 0, 7), answer(0, 7, 8)])];
    let body = Bytes::body(9, false, &topics, 0, &[]);
    assert_eq!(World::new().results(&body, 9), [(0, 5), (0, 6), (0, 7)]);
}

proptest! {
    #[test]
    fn what_stands_before_the_break_counts_and_the_rest_is_unknown(
        version in 0i16..=10,
        share in 0.0f64..1.0,
    ) {
        let topics =
            [("t1", &[answer(0, 0, 5), answer(3, 7, 6)][..]), ("t2", &[answer(3, 19, 7)])];
        let body = Bytes::body(version, false, &topics, 0, &[]);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let cut = (body.len() as f64 * share) as usize;
        let results = World::new().results(&body[..cut], version);
        let mut is_over = false;
        for (result, whole) in results.into_iter().zip([(0, 5), (7, 6), (19, 7)]) {
            is_over |= result != whole;
            let is_unknown = result.0 < 0 && result.1 == OFFSET_INVALID;
            let is_right = if is_over { is_unknown } else { result == whole };
            prop_assert!(is_right, "{result:?}");
        }
    }
}
