//! The law on made-up links.
#![forbid(unsafe_code)]

use super::*;

const BOUNDS: Bounds = Bounds {
    linger_us: (5_000, 500_000),
    bytes: (16_384, 10_485_760),
    scores: (0.1, 0.3),
    interval_us: 100_000,
};

/// A link that takes `request_us` for each request and one microsecond for `bytes_per_us` bytes,
/// one after the other, behind a round trip of `rtt_us`.
struct Link {
    request_us: i64,
    bytes_per_us: i64,
    rtt_us: i64,
}

/// Runs 20 seconds of 10,000 messages of 100 bytes a second; gives the law, the shortest and the
/// longest linger of the last five seconds, and the longest wait at the link then.
fn run(link: &Link, mut law: Law) -> (Law, i64, i64, i64) {
    let (mut now, mut free_at, mut queued_us) = (Ts(1_000_000), Ts::ZERO, 0);
    let end = now + 20_000_000;
    let (mut least, mut most) = (i64::MAX, 0);
    let mut answers: VecDeque<(Ts, i64)> = VecDeque::new();
    let mut sent_at = now;
    while now < end {
        // Five requests are in flight at most.
        let full_until = if answers.len() >= 5 { answers[answers.len() - 5].0 } else { now };
        now = (sent_at + law.linger_us).max(full_until);
        while answers.front().is_some_and(|(at, _)| *at <= now) {
            let (at, rtt) = answers.pop_front().expect("looked at");
            law.answered(rtt, at);
        }
        let waited = now - sent_at;
        law.sent(waited);
        let begin = free_at.max(now);
        free_at = begin + link.request_us + waited / link.bytes_per_us;
        answers.push_back((free_at + link.rtt_us, free_at - now + link.rtt_us));
        sent_at = now;
        law.adjust(now);
        if end - now < 5_000_000 {
            (least, most) = (least.min(law.linger_us), most.max(law.linger_us));
            queued_us = queued_us.max(begin - now);
        }
        assert!((5_000..=500_000).contains(&law.linger_us), "within bounds");
        assert!((16_384..=10_485_760).contains(&law.bytes), "within bounds");
    }
    (law, least, most, queued_us)
}

#[test]
fn a_healthy_broker_is_left_alone_near_or_far() {
    for rtt_us in [50, 2_000, 20_000] {
        let link = Link { request_us: 30, bytes_per_us: 1000, rtt_us };
        let (law, _, most, _) = run(&link, Law::new(BOUNDS));
        assert_eq!((most, law.linger_us, law.bytes), (5_000, 5_000, 16_384), "{rtt_us}");
    }
}

#[test]
fn noise_of_microseconds_is_no_congestion() {
    let mut law = Law::new(BOUNDS);
    for turn in 0..1000 {
        let now = Ts(turn * 100_000);
        law.answered(40 + turn * 7 % 300, now);
        law.adjust(now);
        assert_eq!(law.linger_us, 5_000);
    }
}

#[test]
fn a_link_that_costs_by_the_request_gets_fewer_and_its_queue_stays_short() {
    // At the shortest linger requests come twice as fast as the link takes them.
    let link = Link { request_us: 10_000, bytes_per_us: 1000, rtt_us: 1_000 };
    let (_, least, most, queued_us) = run(&link, Law::new(BOUNDS));
    assert!(least >= 8_000, "linger stays above what the link takes: {least}");
    assert!(most <= 60_000, "and far below the bound: {most}");
    assert!(queued_us <= 50_000, "{queued_us} us in the link's queue");
}

#[test]
fn one_slow_answer_changes_nothing_and_congestion_that_lasts_does() {
    let mut law = Law::new(BOUNDS);
    let mut now = Ts(1_000_000);
    let mut turn = |law: &mut Law, rtt| {
        now = now + 100_000;
        law.answered(rtt, now);
        law.adjust(now);
        law.linger_us
    };
    assert!((0..20).all(|_| turn(&mut law, 10_000) == 5_000));
    assert_eq!(turn(&mut law, 60_000), 5_000);
    (0..20).for_each(|_| _ = turn(&mut law, 10_000));
    assert_eq!(turn(&mut law, 10_000), 5_000);
    (0..30).for_each(|_| _ = turn(&mut law, 60_000));
    let slow = law.linger_us;
    assert!(slow > 20_000, "{slow}");
    (0..200).for_each(|_| _ = turn(&mut law, 10_000));
    assert_eq!((law.linger_us, law.bytes), (5_000, 16_384), "it recovers");
}

#[test]
fn it_adjusts_once_an_interval_and_not_by_old_news() {
    let mut law = Law::new(BOUNDS);
    law.answered(10_000, Ts(1_000_000));
    assert!(law.adjust(Ts(1_000_000)));
    assert!(!law.adjust(Ts(1_099_999)));
    assert!(law.adjust(Ts(1_100_000)));
    assert!(!law.adjust(Ts(7_000_000)), "nothing was heard for six seconds");
}
