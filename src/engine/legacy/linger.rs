//! When a batch is ready, and when to look again: the historical rule.
#![forbid(unsafe_code)]

use crate::abi::msg::rd_kafka_msgq_wakeup_t;
use crate::own::msgq::MsgQueue;
use crate::sys::clock::Ts;

/// Linger while the application flushes, in microseconds.
pub(super) const FLUSH_LINGER_US: i64 = 1;

/// Whether a partition's transmit queue makes a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ready {
    /// There is nothing.
    Empty,
    /// Now.
    Now,
    /// At this time, if nothing fills the batch before.
    At(Ts),
}

/// When a batch is full, and how long its messages may wait for that.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// How long, in microseconds.
    pub(crate) linger_us: i64,
    /// Messages of a full batch.
    pub(crate) messages: i32,
    /// Bytes of a full batch.
    pub(crate) bytes: i64,
}

/// Is a batch ready? Says in the produce queue what of it wakes the thread that has `xmit`.
pub(crate) fn ready(queue: &mut MsgQueue, xmit: &MsgQueue, limits: Limits, now: Ts) -> Ready {
    let mut due = Ts::MAX;
    let is_ready = allow_wakeup_at(queue, xmit, Some(&mut due), now, limits);
    match xmit.front() {
        None => Ready::Empty,
        // A head that backs off holds everything behind it back, so that order is kept.
        Some(first) if first.backoff() > now => Ready::At(first.backoff()),
        Some(_) if is_ready => Ready::Now,
        Some(_) => Ready::At(due),
    }
}

/// The thread looked at what it has, `dest`, and goes away until its deadline, or until `queue` has
/// what a full batch lacks. Lowers the deadline to the batch's; returns whether the batch is ready.
///
/// Historical: `rd_kafka_msgq_allow_wakeup_at`.
pub(crate) fn allow_wakeup_at(
    queue: &mut MsgQueue,
    dest: &MsgQueue,
    next_wakeup: Option<&mut Ts>,
    now: Ts,
    limits: Limits,
) -> bool {
    let (count, bytes) = (i32::try_from(dest.len()).unwrap_or(i32::MAX), dest.bytes());
    let mut wakeup = queue.wakeup();
    let due = match dest.front() {
        None => now + limits.linger_us,
        Some(first) if first.backoff() > now => first.backoff(),
        Some(first) => now.max(first.enqueued() + limits.linger_us),
    };
    wakeup.on_first = dest.is_empty();
    wakeup.abstime = due.0;
    if !dest.is_empty()
        && let Some(next) = next_wakeup
    {
        *next = due.min(*next);
    }
    let is_full = count >= limits.messages || bytes >= limits.bytes;
    wakeup.signalled = is_full || count > 0 && now >= due;
    if !wakeup.signalled {
        wakeup.msg_cnt = limits.messages - count;
        wakeup.msg_bytes = limits.bytes - bytes;
    }
    queue.set_wakeup(wakeup);
    wakeup.signalled
}

/// The conditions of a partition whose thread has nothing of it.
pub(super) const IDLE: rd_kafka_msgq_wakeup_t = rd_kafka_msgq_wakeup_t {
    abstime: 0,
    msg_cnt: 0,
    msg_bytes: 0,
    on_first: true,
    signalled: false,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::own::fixture;
    use crate::own::msgq::Order;
    use crate::own::topic::Topic;

    const LIMITS: Limits = Limits { linger_us: 100, messages: 3, bytes: 1000 };

    /// Messages of these sizes, produced at 1000.
    fn queue_of(topic: &Topic, sizes: &[usize]) -> MsgQueue {
        let mut queue = MsgQueue::new();
        for size in sizes {
            queue.push_back(fixture::message_at(topic, *size, Ts(1000), Ts::MAX));
        }
        queue
    }

    /// What comes out for a transmit queue of messages of these sizes, produced at 1000.
    fn outcome(sizes: &[usize], now: i64) -> (bool, i64, rd_kafka_msgq_wakeup_t) {
        let topic = fixture::topic(Order::Fifo);
        let (mut queue, dest) = (MsgQueue::new(), queue_of(&topic, sizes));
        let mut next = Ts(5000);
        let is_ready = allow_wakeup_at(&mut queue, &dest, Some(&mut next), Ts(now), LIMITS);
        (is_ready, next.0, queue.wakeup())
    }

    #[test]
    fn an_empty_queue_waits_for_its_first_message_and_asks_for_no_wakeup() {
        let (is_ready, next, wakeup) = outcome(&[], 1010);
        assert_eq!((is_ready, next), (false, 5000));
        assert_eq!((wakeup.on_first, wakeup.signalled), (true, false));
        assert_eq!((wakeup.abstime, wakeup.msg_cnt, wakeup.msg_bytes), (1110, 3, 1000));
    }

    #[test]
    fn a_batch_waits_for_its_linger_or_for_what_it_lacks() {
        let (is_ready, next, wakeup) = outcome(&[100, 50], 1010);
        assert_eq!((is_ready, next), (false, 1100));
        assert_eq!((wakeup.on_first, wakeup.signalled), (false, false));
        assert_eq!((wakeup.abstime, wakeup.msg_cnt, wakeup.msg_bytes), (1100, 1, 850));
    }

    #[test]
    fn a_batch_is_ready_after_its_linger_and_when_it_is_full() {
        for (sizes, now) in
            [(&[1][..], 1100), (&[1, 1, 1], 1000), (&[1000], 1000), (&[999, 1], 1000)]
        {
            let (is_ready, _, wakeup) = outcome(sizes, now);
            assert!(is_ready && wakeup.signalled, "{sizes:?} at {now}");
            assert_eq!((wakeup.msg_cnt, wakeup.msg_bytes), (0, 0), "thresholds stay as they were");
        }
        assert!(!outcome(&[999], 1099).0);
    }

    #[test]
    fn a_head_that_backs_off_is_not_ready_however_full_its_batch() {
        let topic = fixture::topic(Order::Fifo);
        let (mut queue, mut dest) = (MsgQueue::new(), queue_of(&topic, &[1; 5]));
        dest.front_mut().expect("there are five").set_backoff(Ts(3000));
        assert_eq!(ready(&mut queue, &dest, LIMITS, Ts(2000)), Ready::At(Ts(3000)));
        assert_eq!(ready(&mut queue, &dest, LIMITS, Ts(3000)), Ready::Now);
    }
}
