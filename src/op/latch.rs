//! A counter that threads wait for.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::sys::lock::{Condvar, Mutex, Rank};

/// Counts down to zero.
pub(crate) struct Latch {
    left: Mutex<usize>,
    zero: Condvar,
}

impl Latch {
    /// A latch that opens after `count` calls of [`Latch::count_down`].
    pub(crate) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { left: Mutex::new(Rank::Leaf, count), zero: Condvar::new() })
    }

    /// One less to wait for.
    pub(crate) fn count_down(&self) {
        let mut left = self.left.lock();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.zero.notify_all();
        }
    }

    /// Waits until the count is zero.
    pub(crate) fn wait(&self) {
        let mut left = self.left.lock();
        while *left != 0 {
            self.zero.wait(&mut left, None);
        }
    }
}
