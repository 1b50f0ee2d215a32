//! Triggers, rounds, and that nobody is forgotten or served twice.
#![forbid(unsafe_code)]

use super::*;
use crate::sys::rand::Rng;

const QUIET: Triggers = Triggers { linger_us: 1000, has_bytes: false, is_flushing: false };

fn at(us: i64) -> Ts {
    Ts(us)
}

fn round(collector: &mut Collector) -> Vec<SlotId> {
    std::iter::from_fn(|| collector.next()).collect()
}

#[test]
fn linger_counts_from_the_oldest_message_and_takes_the_others_along() {
    let mut it = Collector::default();
    it.add(1, at(500), false);
    it.add(0, at(100), false);
    assert_eq!(it.due(1000), at(1100));
    it.collect(&QUIET, at(1099));
    assert_eq!(it.round_len(), 0);
    it.collect(&QUIET, at(1100));
    assert_eq!(it.due(1000), Ts::MAX);
    assert_eq!(round(&mut it), [1, 0]);
}

#[test]
fn a_flush_a_full_batch_and_enough_bytes_do_not_wait() {
    for (triggers, is_full, is_due) in [
        (QUIET, false, false),
        (QUIET, true, true),
        (Triggers { is_flushing: true, ..QUIET }, false, true),
        (Triggers { has_bytes: true, ..QUIET }, false, true),
    ] {
        let mut it = Collector::default();
        it.add(3, at(0), is_full);
        it.collect(&triggers, at(1));
        assert_eq!(it.round_len(), usize::from(is_due), "{triggers:?} {is_full}");
    }
}

#[test]
fn fullness_follows_what_is_told_last() {
    let mut it = Collector::default();
    it.add(0, at(0), true);
    it.add(0, at(0), false);
    it.collect(&QUIET, at(1));
    assert_eq!(it.round_len(), 0);
    it.add(0, at(0), true);
    it.collect(&QUIET, at(1));
    assert_eq!(round(&mut it), [0]);
}

#[test]
fn who_becomes_ready_during_a_round_goes_behind_it() {
    let mut it = Collector::default();
    it.add(0, at(0), true);
    it.add(1, at(0), true);
    it.collect(&QUIET, at(1));
    assert_eq!(it.next(), Some(0));
    it.add(0, at(1), true);
    it.collect(&QUIET, at(2));
    assert_eq!(round(&mut it), [1, 0]);
}

#[test]
fn who_did_not_fit_is_first_in_the_next_request() {
    let mut it = Collector::default();
    (0..4).for_each(|id| it.add(id, at(0), true));
    it.collect(&QUIET, at(1));
    assert_eq!((it.next(), it.next()), (Some(0), Some(1)));
    it.first_again(1);
    it.last_again(0);
    assert_eq!(round(&mut it), [1, 2, 3, 0]);
}

#[test]
fn who_left_is_not_served_and_may_come_again() {
    let mut it = Collector::default();
    it.add(0, at(0), true);
    it.add(1, at(0), false);
    it.remove(0);
    it.add(0, at(9), false);
    assert_eq!(it.due(1000), at(1000));
    it.remove(1);
    assert_eq!(it.due(1000), at(1009));
    it.collect(&QUIET, at(1008));
    assert_eq!(it.round_len(), 0);
    it.collect(&QUIET, at(1009));
    it.remove(0);
    assert_eq!(it.next(), None);
}

#[test]
fn nobody_waits_longer_than_one_round() {
    const COUNT: usize = 20;
    let mut rng = Rng::from_system();
    let mut it = Collector::default();
    let mut waits = [0_usize; COUNT];
    let mut is_in = [false; COUNT];
    for turn in 0..20_000 {
        for _ in 0..rng.between(0, 4) {
            let id = usize::try_from(rng.between(0, COUNT as i64 - 1)).expect("small");
            it.add(id, at(turn), rng.between(0, 3) == 0);
            is_in[id] = true;
        }
        it.collect(&Triggers { linger_us: 5, ..QUIET }, at(turn));
        // The hog is ready again at once.
        if let Some(id) = it.next() {
            assert!(std::mem::replace(&mut is_in[id], false), "{id} was served for nothing");
            for (other, wait) in waits.iter_mut().enumerate() {
                *wait = if is_in[other] && other != id { *wait + 1 } else { 0 };
                assert!(*wait <= 3 * COUNT, "{other} starves");
            }
            if id == 0 {
                it.add(0, at(turn), true);
                is_in[0] = true;
            }
        }
    }
}
