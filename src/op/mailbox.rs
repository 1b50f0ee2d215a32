//! Operations for a thread of ours, and slots for single answers.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::sync::Arc;

use crate::sys::clock::{Clock, Ts};
use crate::sys::lock::{Condvar, Mutex, Rank};

/// A queue that one thread serves.
pub(crate) struct Mailbox<T> {
    waiting: Mutex<VecDeque<T>>,
    filled: Condvar,
}

impl<T> Mailbox<T> {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self { waiting: Mutex::new(Rank::Queue, VecDeque::new()), filled: Condvar::new() }
    }

    /// Puts an operation in and wakes the thread.
    pub(crate) fn push(&self, op: T) {
        self.waiting.lock().push_back(op);
        self.filled.notify_one();
    }

    /// Does nothing wait?
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.lock().is_empty()
    }

    /// Takes everything; waits for something until `until`.
    pub(crate) fn take(&self, clock: &dyn Clock, until: Ts, into: &mut VecDeque<T>) {
        let mut waiting = self.waiting.lock();
        while waiting.is_empty() {
            let now = clock.now();
            if now >= until {
                return;
            }
            let limit = (until != Ts::MAX).then(|| until - now);
            self.filled.wait(&mut waiting, limit);
        }
        into.append(&mut waiting);
    }
}

/// Room for one answer that another thread gives.
pub(crate) struct Slot<T> {
    answer: Mutex<Option<T>>,
    given: Condvar,
}

impl<T> Slot<T> {
    /// No answer yet.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { answer: Mutex::new(Rank::Leaf, None), given: Condvar::new() })
    }

    /// Gives the answer.
    pub(crate) fn give(&self, answer: T) {
        *self.answer.lock() = Some(answer);
        self.given.notify_all();
    }

    /// Waits for the answer until `until`.
    pub(crate) fn wait(&self, clock: &dyn Clock, until: Ts) -> Option<T> {
        let mut answer = self.answer.lock();
        loop {
            if let Some(answer) = answer.take() {
                return Some(answer);
            }
            let now = clock.now();
            if now >= until {
                return None;
            }
            let limit = (until != Ts::MAX).then(|| until - now);
            self.given.wait(&mut answer, limit);
        }
    }
}
