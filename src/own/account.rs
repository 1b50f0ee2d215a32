//! How many messages and bytes an instance has accepted and not yet reported, and who waits for
//! room.
//!
//! `client/produce.rs` admits; dropping a [`Msg`](super::msg::Msg) or handing a report out
//! releases. Counters are atomics: the lock is taken only by threads that wait, and by a releaser
//! who sees one waiting.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use super::slab::Slabs;
use crate::sys::lock::{Condvar, Mutex, Rank};

/// Messages and value bytes in an instance's custody.
pub(crate) struct Account {
    messages: AtomicI64,
    bytes: AtomicI64,
    /// `queue.buffering.max.messages`; 0 is unlimited.
    messages_max: i64,
    /// `queue.buffering.max.kbytes`, in bytes.
    bytes_max: i64,
    waiters: AtomicUsize,
    gate: Mutex<()>,
    released: Condvar,
    /// Room for its messages.
    pub(super) slabs: Slabs,
}

impl Account {
    /// An empty account with its limits.
    pub(crate) fn new(messages_max: i64, bytes_max: i64) -> Self {
        Self {
            messages: AtomicI64::new(0),
            bytes: AtomicI64::new(0),
            messages_max,
            bytes_max,
            waiters: AtomicUsize::new(0),
            gate: Mutex::new(Rank::Leaf, ()),
            released: Condvar::new(),
            slabs: Slabs::new(),
        }
    }

    /// Takes one message of `bytes` value bytes into custody, unless a limit forbids it.
    pub(crate) fn try_admit(&self, bytes: usize) -> bool {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX / 2);
        let messages_max = if self.messages_max == 0 { i64::MAX } else { self.messages_max };
        if !add_within(&self.messages, 1, messages_max) {
            return false;
        }
        let fits = add_within(&self.bytes, bytes, self.bytes_max);
        if !fits {
            self.messages.fetch_sub(1, Ordering::AcqRel);
        }
        fits
    }

    /// Waits for room, then admits. `gives_up` is asked at least ten times a second; `true` ends
    /// the wait.
    pub(crate) fn admit_blocking(&self, bytes: usize, gives_up: &dyn Fn() -> bool) -> bool {
        if self.try_admit(bytes) {
            return true;
        }
        self.waiters.fetch_add(1, Ordering::SeqCst);
        let mut gate = self.gate.lock();
        let admitted = loop {
            if self.try_admit(bytes) {
                break true;
            }
            if gives_up() {
                break false;
            }
            self.released.wait(&mut gate, Some(100_000));
        };
        drop(gate);
        self.waiters.fetch_sub(1, Ordering::SeqCst);
        admitted
    }

    /// Gives messages back that were reported or dropped.
    pub(crate) fn release(&self, messages: i64, bytes: i64) {
        if messages == 0 && bytes == 0 {
            return;
        }
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        let left = self.messages.fetch_sub(messages, Ordering::SeqCst) - messages;
        debug_assert!(left >= 0, "account below zero: {left}");
        if self.waiters.load(Ordering::SeqCst) != 0 {
            let _gate = self.gate.lock();
            self.released.notify_all();
        }
    }

    /// After how many reported messages they should be given back at the latest: few calls when
    /// there is room for many, prompt ones when somebody waits or the limit is low.
    pub(crate) fn release_step(&self) -> i64 {
        const MAX: i64 = 256;
        const WITH_WAITERS: i64 = 16;
        let step =
            if self.messages_max == 0 { MAX } else { (self.messages_max / 16).clamp(1, MAX) };
        // Relaxed: only the size of a step depends on it.
        match self.waiters.load(Ordering::Relaxed) {
            0 => step,
            _ => step.min(WITH_WAITERS),
        }
    }

    /// Messages in custody.
    pub(crate) fn messages(&self) -> i64 {
        self.messages.load(Ordering::Acquire)
    }

    /// Value bytes in custody.
    pub(crate) fn bytes(&self) -> i64 {
        self.bytes.load(Ordering::Acquire)
    }

    /// Waits until something is released, at most `limit_us` microseconds; returns at once if
    /// nothing is in custody.
    pub(crate) fn wait_release(&self, limit_us: i64) {
        self.waiters.fetch_add(1, Ordering::SeqCst);
        let mut gate = self.gate.lock();
        if self.messages() != 0 {
            self.released.wait(&mut gate, Some(limit_us));
        }
        drop(gate);
        self.waiters.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Adds to a counter unless it would go above `most`; a refused amount is never visible to others.
fn add_within(counter: &AtomicI64, amount: i64, most: i64) -> bool {
    let add = |value: i64| value.checked_add(amount).filter(|sum| *sum <= most);
    counter.fetch_update(Ordering::AcqRel, Ordering::Acquire, add).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_exact() {
        let account = Account::new(2, 100);
        assert!(account.try_admit(50));
        assert!(!account.try_admit(51), "byte limit");
        assert!(account.try_admit(50));
        assert!(!account.try_admit(0), "message limit");
        account.release(2, 100);
        assert_eq!((account.messages(), account.bytes()), (0, 0));
    }

    #[test]
    fn small_accounts_are_given_back_to_at_once() {
        let step = |max| Account::new(max, 100).release_step();
        assert_eq!((step(0), step(100_000), step(64), step(1)), (256, 256, 4, 1));
    }

    #[test]
    fn a_waiter_is_admitted_after_a_release() {
        let account = std::sync::Arc::new(Account::new(1, 1000));
        assert!(account.try_admit(1));
        let other = std::sync::Arc::clone(&account);
        let waiter = std::thread::spawn(move || other.admit_blocking(1, &|| false));
        account.release(1, 1);
        assert!(waiter.join().expect("no panic"));
        assert_eq!(account.messages(), 1);
    }
}
