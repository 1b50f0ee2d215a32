//! The defects of the first implementation of this engine's idea, each with the test that it would
//! have failed. Their numbers are those of its critique.
#![forbid(unsafe_code)]

use super::mutate::Damage;
use super::net::{Door, FIRST_PORT};
use super::scene::{Scene, Script};
use crate::error::ErrorCode;
use crate::metadata::apply;
use crate::mock::Fault;
use crate::own::msg::{OFFSET_INVALID, Status};
use crate::proto::api;
use crate::proto::produce::Skeleton;

fn fault(error: ErrorCode, rtt_ms: i32) -> Fault {
    Fault { error, rtt_ms }
}

/// The next Produce requests are answered with these.
fn answers(scene: &Scene, faults: &[Fault]) {
    scene.net().cluster.faults.push(api::PRODUCE, faults.iter().copied());
}

/// The next batches of a partition are answered with these.
fn partition_answers(scene: &Scene, partition: i32, faults: &[Fault]) {
    let mut net = scene.net();
    let partition = net.cluster.partition("t0", partition).expect("a partition");
    partition.faults.push(api::PRODUCE, faults.iter().copied());
}

/// Nothing arrives any more on any connection for so long.
fn stall(scene: &Scene, ms: i64) {
    let until = scene.now().plus_ms(ms);
    let mut net = scene.net();
    for link in net.links.values_mut() {
        link.up.stall(until);
        link.down.stall(until);
    }
}

fn reported(scene: &Scene) -> Vec<(ErrorCode, i32)> {
    scene.reports().iter().map(|(_, report)| (report.error, report.status)).collect()
}

/// B1: while the producer id was invalid, because the epoch was to rise once everything in flight
/// is answered, a scan for timeouts let batches out under producer id -1.
#[test]
fn b1_nothing_is_sent_while_the_epoch_waits_for_what_is_in_flight() {
    let mut it = Script::new(2).idempotent().begin();
    answers(&it, &[fault(ErrorCode::NO_ERROR, 5_000)]);
    it.produce(0, 0, 1);
    it.run_ms(10);
    // Behind the slow answer, so that this connection is the only place where something flies.
    partition_answers(&it, 1, &[fault(ErrorCode::MSG_SIZE_TOO_LARGE, 0)]);
    it.produce(0, 1, 1);
    it.run_ms(10);
    assert_eq!(it.sizes().len(), 2);
    it.world().handle.idempotence.lock().drain(
        crate::eos::idempotence::Drain::Bump,
        false,
        it.now(),
    );
    it.produce(0, 0, 3);
    it.produce(0, 1, 3);
    it.run_ms(4_500);
    assert_eq!(it.sizes().len(), 2, "two scans for timeouts later");
    it.finish();
    assert_eq!(it.reports().len(), 8);
}

/// B2: a batch that was sent again was cut where others had filled the request, and the producer
/// died of it.
#[test]
fn b2_a_repeated_batch_is_whole_however_full_the_request_is() {
    let mut it = Script::new(2).idempotent().with("message.max.bytes", "20000").begin();
    it.app().value_len = (900, 900);
    partition_answers(&it, 1, &[fault(ErrorCode::NOT_ENOUGH_REPLICAS, 0); 3]);
    it.produce(0, 1, 16);
    it.run_ms(5);
    for _ in 0..40 {
        it.produce(0, 0, 15);
        it.run_ms(3);
    }
    it.finish();
    let of_one = it.requests(|it| it.batches.iter().filter(|it| it.1 == 1).count());
    assert_eq!(of_one.into_iter().sum::<usize>(), 4, "four attempts");
    assert!(reported(&it).iter().all(|it| it.0.is_ok()));
}

/// B3: `batch.size` was a limit of the whole request, so that all partitions but the first sent
/// single messages.
#[test]
fn b3_the_batch_size_limits_each_batch_and_not_the_request() {
    let mut it = Script::new(10).with("batch.size", "16384").with("linger.ms", "50").begin();
    it.app().value_len = (100, 100);
    (0..10).for_each(|partition| it.produce(0, partition, 1_000));
    it.finish();
    let sizes = it.sizes();
    assert!(sizes.len() <= 10, "{} requests", sizes.len());
    let small = sizes.iter().flatten().filter(|size| **size < 100).count();
    assert!(small <= 10, "each partition ends with a smaller one: {sizes:?}");
}

/// B4: `socket.timeout.ms` was ignored for Produce requests.
#[test]
fn b4_a_silent_broker_is_given_up_after_the_socket_timeout() {
    let script = Script::new(1).with("socket.timeout.ms", "2000").with("retries", "0");
    let mut it = script.with("message.timeout.ms", "12000").begin();
    stall(&it, 30_000);
    let begin = it.now();
    it.produce(0, 0, 1);
    it.until("the report", |it| it.reports().len() == 1);
    let (at, report) = it.reports()[0];
    assert_eq!((report.error, report.status), (ErrorCode::_MSG_TIMED_OUT, 1));
    assert!(at - begin < 3_200_000, "{} us", at - begin);
}

/// B5: reports without a broker's word had offsets 0, 1, 2 and the time 0 of a broker.
#[test]
fn b5_reports_invent_neither_offsets_nor_times() {
    let mut it = Script::new(1).with("acks", "0").plan(|plan| plan.promise.acks = 0).begin();
    it.produce(0, 0, 3);
    it.finish();
    let offsets: Vec<i64> = it.reports().iter().map(|(_, report)| report.offset).collect();
    assert_eq!(offsets, [OFFSET_INVALID, OFFSET_INVALID + 1, OFFSET_INVALID + 2]);
    for (_, report) in it.reports() {
        assert_eq!(report.status, Status::PossiblyPersisted as i32);
        assert!(report.timestamp.0 > 1_600_000_000_000, "{:?}", report.timestamp);
        assert_eq!(report.timestamp.1, 1, "the time when it was created");
    }
}

/// B6: a full batch waited for the linger.
#[test]
fn b6_a_full_batch_does_not_wait() {
    for (name, value) in [("batch.num.messages", "10"), ("batch.size", "1000")] {
        let script = Script::new(2).with("linger.ms", "1000").with(name, value);
        let mut it = script.begin();
        it.app().value_len = (100, 100);
        let begin = it.now();
        it.produce(0, 0, 10);
        it.until("the first report", |it| !it.reports().is_empty());
        assert!(it.now() - begin < 20_000, "{name}: {} us", it.now() - begin);
    }
}

/// B7: with linger 0 and messages that could not be sent the thread never slept.
#[test]
fn b7_a_blocked_broker_lets_its_thread_sleep() {
    let mut it = Script::new(2).with("max.in.flight", "1").begin();
    answers(&it, &[fault(ErrorCode::NO_ERROR, 4_000)]);
    it.produce(0, 0, 1);
    it.run_ms(20);
    it.produce(0, 0, 5);
    it.produce(0, 1, 5);
    it.forget();
    it.run_ms(3_000);
    assert!(it.world().turns.0 < 60, "one request in flight: {} turns", it.world().turns.0);
    it.finish();

    let mut it = Script::new(2).with("reconnect.backoff.max.ms", "1000").begin();
    {
        let mut net = it.net();
        net.doors.insert(1, Door::Refusing);
        let now = it.now();
        net.drop_links(1, true, now);
    }
    it.produce(0, 0, 5);
    it.run_ms(20);
    it.forget();
    it.run_ms(3_000);
    assert!(it.world().turns.0 < 100, "broker down: {} turns", it.world().turns.0);
}

/// B8: the shortest round trip of any request was the measure, which on a quick connection is a few
/// microseconds, and everything seemed slow beside it: an idle broker ended at the longest linger.
#[test]
fn b8_a_healthy_broker_stays_at_the_shortest_linger() {
    let script = Script::new(8).with("adaptive.batching.enable", "true");
    let script = script.with("adaptive.linger.min.ms", "5").with("adaptive.linger.max.ms", "500");
    let mut it = script.with("message.send.max.retries", "3").begin();
    for _ in 0..3_000 {
        it.produce(0, 3, 1);
        it.run_ms(2);
        it.net().audit.record.as_mut().expect("it records").reports.clear();
    }
    let at = it.requests(|it| it.at);
    let gaps: Vec<i64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let last = &gaps[gaps.len() - 20..];
    assert!(last.iter().all(|gap| *gap < 9_000), "{last:?}");
}

/// B9: the adaptive limit of bytes was computed and not used, and nobody looked at the bounds.
#[test]
fn b9_enough_bytes_do_not_wait_for_the_adaptive_linger() {
    let script = Script::new(2).with("adaptive.batching.enable", "true");
    let script = script.with("adaptive.linger.min.ms", "400").with("adaptive.linger.max.ms", "500");
    let mut it = script.with("adaptive.batch.min.bytes", "1000").begin();
    it.app().value_len = (100, 100);
    let begin = it.now();
    it.produce(0, 0, 5);
    it.run_ms(100);
    assert_eq!(it.sizes().len(), 0, "500 bytes wait");
    it.produce(0, 1, 5);
    it.until("a report", |it| !it.reports().is_empty());
    assert!(it.now() - begin < 150_000, "{} us", it.now() - begin);
    assert_eq!(it.sizes(), [[5, 5]]);
}

/// B9: bounds that contradict each other were taken.
#[test]
fn b9_bounds_that_contradict_each_other_are_refused() {
    use crate::conf::{Conf, SetResult, Surroundings};
    for [low, high] in [
        [("adaptive.alpha", "0.5"), ("adaptive.beta", "0.4")],
        [("adaptive.linger.min.ms", "9"), ("adaptive.linger.max.ms", "8")],
        [("adaptive.batch.min.bytes", "9"), ("adaptive.batch.max.bytes", "8")],
    ] {
        let mut conf = Conf::default();
        for (name, value) in [low, high, ("produce.engine", "v2")] {
            let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok, "{name}");
        }
        let surroundings = Surroundings { engine_variable: None, version: "test" };
        let refusal = conf.finalize_producer(surroundings).expect_err(low.0);
        assert!(refusal.contains(low.0) && refusal.contains(high.0), "{refusal}");
    }
}

/// B10: all topics had the same hash, so that the results of many topics were searched for one by
/// one. Each topic's result is its own here, in requests of 300 topics.
#[test]
fn b10_each_of_many_topics_gets_its_own_result() {
    let script = Script::new(1).with("linger.ms", "20").with("retries", "0");
    let mut it = script.plan(|plan| plan.partitions = vec![1; 300]).begin();
    for topic in (0..300).step_by(7) {
        let mut net = it.net();
        let name = super::message::topic_name(topic);
        let partition = net.cluster.partition(&name, 0).expect("a partition");
        partition.faults.push(api::PRODUCE, [fault(ErrorCode::INVALID_RECORD, 0)]);
    }
    (0..300).rev().for_each(|topic| it.produce(topic, 0, 1));
    it.finish();
    assert_eq!(it.sizes().len(), 1, "one request");
    let topic_of = |number: u32| it.net().audit.messages[number as usize].topic;
    for (_, report) in it.reports() {
        let is_refused = topic_of(report.number).is_multiple_of(7);
        assert_eq!(report.error.is_err(), is_refused, "{report:?}");
    }
}

/// B11: the two forms of statistics took each other's samples away. Each sample is in one document.
#[test]
fn b11_each_sample_is_in_one_document() {
    let mut it = Script::new(4).with("statistics.interval.ms", "100").begin();
    let before = it.documents().len();
    for round in 0..50 {
        it.produce(0, round % 4, 2);
        it.run_ms(20);
    }
    it.run_ms(300);
    let documents = it.documents().split_off(before);
    assert!(documents.len() >= 10, "{} documents", documents.len());
    let samples = |document: &String| -> i64 {
        let windows = document.split("\"int_latency\":").skip(1);
        let count = |window: &str| {
            let count = window.split("\"cnt\":").nth(1).expect("a count");
            let digits = count.trim_start().split(|c: char| !c.is_ascii_digit()).next();
            digits.and_then(|digits| digits.parse::<i64>().ok()).expect("a number")
        };
        windows.map(count).sum()
    };
    // The first message may be in the first one, too.
    let sum: i64 = documents.iter().map(samples).sum();
    assert!((100..=101).contains(&sum), "{sum} samples of 100 messages");
}

/// B12: a damaged answer failed all its partitions for good, also those that had been read.
#[test]
fn b12_what_a_damaged_answer_says_counts_and_the_rest_is_sent_again() {
    for how in [Damage::Short, Damage::Half, Damage::Empty] {
        let mut it = Script::new(8).idempotent().with("linger.ms", "5").begin();
        {
            let mut net = it.net();
            (net.damages, net.forced) = (1, Some(how));
        }
        (0..8).for_each(|partition| it.produce(0, partition, 2));
        it.finish();
        assert!(reported(&it).iter().all(|it| it.0.is_ok()), "{how:?}: {:?}", reported(&it));
        let attempts: usize = it.sizes().iter().map(Vec::len).sum();
        let again = attempts - 8;
        let expected = match how {
            Damage::Half => 1..8,
            Damage::Empty => 8..9,
            _ => 0..2,
        };
        assert!(expected.contains(&again), "{how:?}: {again} batches again");
    }
}

/// B12: the address of a new leader that an answer named was dropped, so that one of a broker that
/// was not known led nowhere (KIP-951).
#[test]
fn b12_an_answer_leads_to_a_broker_that_metadata_never_named() {
    let mut it = Script::new(1).begin();
    {
        let mut net = it.net();
        net.cluster.add_broker(2, FIRST_PORT + 1);
        net.doors.insert(2, Door::Open);
        let partition = net.cluster.partition("t0", 0).expect("a partition");
        let epoch = partition.leader_epoch;
        // Metadata is behind for a while.
        partition.pushed_leaders.extend([(1, epoch); 100]);
        net.cluster.set_leader("t0", 0, Some(2)).expect("a leader");
    }
    it.produce(0, 0, 1);
    it.finish();
    assert_eq!(it.requests(|it| it.broker), [1, 2]);
    assert!(it.reports()[0].1.error.is_ok());
}

/// B13: partitions of topics with other acks broke the request at each change.
#[test]
fn b13_partitions_with_the_same_acks_share_a_request() {
    let script = Script::new(4).with("linger.ms", "20").plan(|plan| {
        plan.partitions = vec![4, 4];
        plan.topic_acks = &["1", "all"];
    });
    let mut it = script.begin();
    for partition in 0..4 {
        it.produce(0, partition, 1);
        it.produce(1, partition, 1);
    }
    it.finish();
    assert_eq!(it.sizes(), [[1; 4]; 2], "two requests, one of each kind");
}

/// B14: unsent requests of a partition went to its former leader and were refused there.
#[test]
fn b14_an_unsent_batch_goes_to_the_new_leader() {
    let script = Script::new(1).plan(|plan| plan.brokers = 2);
    let mut it = script.with("topic.metadata.refresh.interval.ms", "100").begin();
    it.net().cluster.set_leader("t0", 0, Some(2)).expect("a leader");
    it.run_ms(400);
    it.produce(0, 0, 1);
    it.until("the second broker's first report", |it| it.reports().len() == 1);
    it.forget();
    // The second one's connection takes nothing for a while.
    {
        let until = it.now().plus_ms(1_000);
        let mut net = it.net();
        let his = net.links.values_mut().filter(|link| link.broker == 2);
        his.for_each(|link| link.block(until));
    }
    it.produce(0, 0, 4);
    it.run_ms(1);
    it.net().cluster.set_leader("t0", 0, Some(1)).expect("a leader");
    {
        // Metadata says so, whoever was asked.
        let toppar = it.world().app.topics()[0].partition(0).expect("a partition").clone();
        apply::lead(&it.world().handle, &toppar, 1, 99);
    }
    it.finish();
    assert!(it.reports().iter().all(|(_, report)| report.error.is_ok()));
    assert_eq!(it.requests(|it| it.broker), [1], "nothing went to the former one");
}

/// B15: the first partition that could not send ended the request for those behind it.
#[test]
fn b15_a_partition_in_back_off_holds_nobody_up() {
    let script = Script::new(5).with("linger.ms", "5").with("retry.backoff.ms", "400");
    let mut it = script.plan(|plan| plan.promise.retry_us.0 = 400_000).begin();
    partition_answers(&it, 1, &[fault(ErrorCode::NOT_ENOUGH_REPLICAS, 0)]);
    (0..5).for_each(|partition| it.produce(0, partition, 1));
    it.until("the others", |it| it.reports().len() == 4);
    it.forget();
    let begin = it.now();
    (0..5).for_each(|partition| it.produce(0, partition, 1));
    it.until("the others", |it| it.reports().len() == 4);
    assert!(it.now() - begin < 20_000, "{} us", it.now() - begin);
    assert_eq!(it.sizes(), [[1; 4]]);
    it.finish();
}

/// B15: record headers and topics that come again were not counted, so that requests were larger
/// than allowed, and others half empty.
#[test]
fn b15_requests_are_as_large_as_allowed_and_no_larger() {
    let script = Script::new(1).with("message.max.bytes", "5000").with("linger.ms", "20");
    let mut it =
        script.with("batch.size", "1000").plan(|plan| plan.partitions = vec![6; 4]).begin();
    it.app().value_len = (60, 200);
    for partition in 0..6 {
        (0..4).for_each(|topic| it.produce(topic, partition, 20));
    }
    it.finish();
    let lens = it.requests(|it| it.len + 4);
    assert!(lens.iter().all(|len| *len <= 5_000), "{lens:?}");
    let full = lens.iter().filter(|len| **len > 4_000).count();
    assert!(4 * full >= 3 * lens.len(), "{lens:?}");
}

/// B16: lengths had room for four bytes and were moved together afterwards; a batch of 256 MiB
/// ended the process.
#[test]
fn b16_lengths_are_as_wide_as_they_have_to_be() {
    let skeleton = Skeleton::new(9);
    for (len, expected) in [
        (5, &[6][..]),
        ((1 << 21) - 2, &[0xff, 0xff, 0x7f]),
        ((1 << 28) - 2, &[0xff, 0xff, 0xff, 0x7f]),
        ((1 << 28) - 1, &[0x80, 0x80, 0x80, 0x80, 0x01]),
    ] {
        let mut out = Vec::new();
        skeleton.partition(&mut out, 3, len);
        assert_eq!(out, [&[0, 0, 0, 3], expected].concat(), "{len}");
        // The tags come behind the records.
        assert_eq!(skeleton.partition_len(len), out.len() + 1, "{len}");
    }
}

/// B17: what could not be written was lost with its queue.
#[test]
fn b17_messages_that_no_version_can_carry_stay_until_one_can() {
    let mut it = Script::new(3).with("message.timeout.ms", "60000").begin();
    let drop_links = |it: &Scene| {
        let now = it.now();
        it.net().drop_links(1, true, now);
    };
    it.net().cluster.versions.set(api::PRODUCE, 0, -1).expect("a request that is answered");
    drop_links(&it);
    (0..3).for_each(|partition| it.produce(0, partition, 4));
    it.run_ms(2_000);
    assert_eq!((it.reports().len(), it.sizes().len()), (0, 0));
    it.net().cluster.versions.set(api::PRODUCE, 0, 10).expect("a request that is answered");
    drop_links(&it);
    it.finish();
    assert_eq!(it.reports().len(), 12);
    assert!(reported(&it).iter().all(|it| it.0.is_ok()));
}

/// P1 of the critique: work per turn grew with the partitions that a broker has, busy or not.
#[test]
fn a_turn_costs_what_its_ready_partitions_cost() {
    let looks = |partitions: i32| {
        let mut it = Script::new(partitions).with("linger.ms", "2").begin();
        it.run_ms(3_000);
        it.forget();
        for round in 0..200 {
            it.produce(0, round % 4, 1);
            it.run_ms(5);
        }
        it.finish();
        it.world().turns.1
    };
    let (few, many) = (looks(4), looks(1_000));
    assert!(many <= few + few / 5, "{few} looks with 4 partitions, {many} with 1000");
}
