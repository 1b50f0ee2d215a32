//! The windows of the statistics as C code sees them: locked windows, whose numbers stand in the
//! historical averages (`rd_avg_t`) again when the lock is let go.
//!
//! The averages belong to the struct that they are in. Their numbers are written one by one, under
//! the windows' lock and not their own; histograms are the windows' alone.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

use super::window::{BrokerWindows, TopicWindows, Window};
use crate::abi::rd::rd_avg_t;
use crate::sys::lock::Guard;

/// Windows, of which each has an average.
pub(crate) trait WindowSet<const N: usize> {
    /// The windows, in the order of the averages.
    fn all(&self) -> [&Window; N];
}

impl WindowSet<4> for BrokerWindows {
    fn all(&self) -> [&Window; 4] {
        [&self.int_latency, &self.outbuf_latency, &self.rtt, &self.throttle]
    }
}

impl WindowSet<2> for TopicWindows {
    fn all(&self) -> [&Window; 2] {
        [&self.batch_bytes, &self.batch_messages]
    }
}

/// Locked windows.
pub(crate) struct Shown<'a, W: WindowSet<N>, const N: usize> {
    held: Guard<'a, W>,
    averages: [*mut rd_avg_t; N],
}

impl<'a, W: WindowSet<N>, const N: usize> Shown<'a, W, N> {
    /// Locked windows and their averages.
    ///
    /// # Safety
    /// The averages live during `'a`, and their numbers are written here only.
    pub(super) unsafe fn new(held: Guard<'a, W>, averages: [*mut rd_avg_t; N]) -> Self {
        Self { held, averages }
    }
}

impl<W: WindowSet<N>, const N: usize> Deref for Shown<'_, W, N> {
    type Target = W;

    fn deref(&self) -> &W {
        &self.held
    }
}

impl<W: WindowSet<N>, const N: usize> DerefMut for Shown<'_, W, N> {
    fn deref_mut(&mut self) -> &mut W {
        &mut self.held
    }
}

impl<W: WindowSet<N>, const N: usize> Drop for Shown<'_, W, N> {
    fn drop(&mut self) {
        for (window, average) in self.held.all().into_iter().zip(self.averages) {
            // SAFETY: the promise of `new`; the places are aligned and the lock is still held.
            unsafe { show(window, average) };
        }
    }
}

/// # Safety
/// `average` is alive, and its numbers are written by one thread at a time.
unsafe fn show(window: &Window, average: *mut rd_avg_t) {
    let now = window.now();
    let count = i32::try_from(now.count).unwrap_or(i32::MAX);
    // SAFETY: the caller's contract; C code may read meanwhile.
    unsafe {
        let values = &raw mut (*average).ra_v;
        for (place, number) in [
            (&raw mut (*values).maxv, now.max),
            (&raw mut (*values).minv, now.min),
            (&raw mut (*values).sum, now.sum),
            (&raw mut (*values).avg, now.sum / i64::from(count).max(1)),
        ] {
            AtomicI64::from_ptr(place).store(number, Ordering::Relaxed);
        }
        AtomicI32::from_ptr(&raw mut (*values).cnt).store(count, Ordering::Relaxed);
        AtomicI32::from_ptr(&raw mut (*average).ra_enabled).store(1, Ordering::Relaxed);
    }
}
