//! Locks with a rank. A thread takes locks of rising rank only; debug builds assert it.
//!
//! The ranks are those of ARCHITECTURE.md, "Threads, locality, locks".
//!
//! A lock and who waits for it are in the lock's own words, in no table of the process: a child
//! after a fork has the table, and in it threads that do not exist there, whose stacks its own
//! threads get.

use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{self, PoisonError, TryLockError};
use std::time::Duration;

/// What a lock protects; the order in which locks are taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub(crate) enum Rank {
    /// Topic list, broker list, metadata cache.
    Instance = 10,
    /// Partition table and state of a topic.
    Topic = 20,
    /// Produce queue, message ids, leader of a partition.
    Toppar = 30,
    /// An operation queue.
    Queue = 50,
    /// Everything under which no other lock is taken.
    Leaf = 60,
}

thread_local! {
    /// One bit per rank that this thread holds. `Cell<u64>` has no destructor, so it may live in
    /// application threads.
    static HELD: Cell<u64> = const { Cell::new(0) };
}

#[cfg(any(test, feature = "testing"))]
thread_local! {
    /// How often this thread looked at a partition.
    static TOPPARS: Cell<u64> = const { Cell::new(0) };
}

/// How often this thread took the lock of a partition.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn toppar_locks() -> u64 {
    TOPPARS.get()
}

fn enter(rank: Rank) {
    #[cfg(any(test, feature = "testing"))]
    TOPPARS.set(TOPPARS.get() + u64::from(rank == Rank::Toppar));
    if cfg!(debug_assertions) {
        HELD.with(|held| {
            let mask = held.get();
            let higher_or_same = mask >> (rank as u8);
            assert!(higher_or_same == 0, "lock of rank {rank:?} taken while holding {mask:#x}");
            held.set(mask | 1 << (rank as u8));
        });
    }
}

fn leave(rank: Rank) {
    if cfg!(debug_assertions) {
        HELD.with(|held| held.set(held.get() & !(1 << (rank as u8))));
    }
}

/// Asserts, in debug builds, that this thread holds no lock of this library but those in `allowed`.
pub(crate) fn assert_only_held(allowed: &[Rank]) {
    if cfg!(debug_assertions) {
        let allowed = allowed.iter().fold(0u64, |mask, rank| mask | 1 << (*rank as u8));
        let held = HELD.with(Cell::get);
        assert!(held & !allowed == 0, "application code called while holding locks {held:#x}");
    }
}

/// A mutual exclusion lock.
pub(crate) struct Mutex<T> {
    rank: Rank,
    inner: sync::Mutex<T>,
}

impl<T> Mutex<T> {
    /// An unlocked lock.
    pub(crate) const fn new(rank: Rank, value: T) -> Self {
        Self { rank, inner: sync::Mutex::new(value) }
    }

    /// Waits for the lock.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        enter(self.rank);
        // What a panic left behind is the business of the fence that stops it.
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        Guard { rank: self.rank, inner: Some(inner) }
    }

    /// Takes the lock if nobody has it.
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        let inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        enter(self.rank);
        Some(Guard { rank: self.rank, inner: Some(inner) })
    }
}

/// A held [`Mutex`].
pub(crate) struct Guard<'a, T> {
    rank: Rank,
    /// Nothing only while it waits in [`Condvar::wait`].
    inner: Option<sync::MutexGuard<'a, T>>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        self.inner.as_ref().expect("whoever has the guard does not wait")
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("whoever has the guard does not wait")
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        leave(self.rank);
    }
}

/// A mutual exclusion lock at a place in a C struct (`mtx_t`): C code may take it too. What it
/// protects is the business of who has the struct.
#[repr(transparent)]
pub(crate) struct Mtx(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a lock is made for several threads.
unsafe impl Sync for Mtx {}
// SAFETY: an unlocked lock belongs to no thread, and a guard borrows it.
unsafe impl Send for Mtx {}

impl Mtx {
    /// An unlocked lock, for its place. It spins a little before it sleeps.
    #[cfg(target_env = "gnu")]
    pub(crate) const INIT: libc::pthread_mutex_t = libc::PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
    /// An unlocked lock, for its place.
    #[cfg(not(target_env = "gnu"))]
    pub(crate) const INIT: libc::pthread_mutex_t = libc::PTHREAD_MUTEX_INITIALIZER;

    /// The lock at a place.
    ///
    /// # Safety
    /// `at` was made of [`Mtx::INIT`], has not moved since it was first locked, and stays for `'a`.
    pub(crate) const unsafe fn at<'a>(at: *const libc::pthread_mutex_t) -> &'a Self {
        // SAFETY: the caller's contract; the type is transparent.
        unsafe { &*at.cast::<Self>() }
    }

    /// Waits for the lock.
    #[inline]
    pub(crate) fn lock(&self, rank: Rank) -> MtxGuard<'_> {
        enter(rank);
        // SAFETY: the lock is initialised and does not move while it is borrowed (see `at`).
        let code = unsafe { libc::pthread_mutex_lock(self.0.get()) };
        debug_assert_eq!(code, 0, "a lock that cannot be taken");
        MtxGuard { mtx: self, rank, thread: PhantomData }
    }
}

/// A held [`Mtx`].
pub(crate) struct MtxGuard<'a> {
    mtx: &'a Mtx,
    rank: Rank,
    /// Who took it gives it back.
    thread: PhantomData<*mut ()>,
}

impl Drop for MtxGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this thread holds the lock: the guard does not change threads.
        let code = unsafe { libc::pthread_mutex_unlock(self.mtx.0.get()) };
        debug_assert_eq!(code, 0, "a lock that was not held");
        leave(self.rank);
    }
}

/// A readers-writer lock at a place in a C struct (`rwlock_t`), as [`Mtx`] is one. Ours only write:
/// what they read often is atomic.
#[repr(transparent)]
pub(crate) struct RwMtx(UnsafeCell<libc::pthread_rwlock_t>);

// SAFETY: a lock is made for several threads.
unsafe impl Sync for RwMtx {}
// SAFETY: an unlocked lock belongs to no thread, and a guard borrows it.
unsafe impl Send for RwMtx {}

impl RwMtx {
    /// An unlocked lock, for its place.
    pub(crate) const INIT: libc::pthread_rwlock_t = libc::PTHREAD_RWLOCK_INITIALIZER;

    /// The lock at a place.
    ///
    /// # Safety
    /// `at` was made of [`RwMtx::INIT`], has not moved since it was first locked, and stays for
    /// `'a`.
    pub(crate) const unsafe fn at<'a>(at: *const libc::pthread_rwlock_t) -> &'a Self {
        // SAFETY: the caller's contract; the type is transparent.
        unsafe { &*at.cast::<Self>() }
    }

    /// Waits until nobody reads or writes.
    pub(crate) fn write(&self, rank: Rank) -> RwMtxGuard<'_> {
        enter(rank);
        // SAFETY: the lock is initialised and does not move while it is borrowed (see `at`).
        let code = unsafe { libc::pthread_rwlock_wrlock(self.0.get()) };
        debug_assert_eq!(code, 0, "a lock that cannot be taken");
        RwMtxGuard { lock: self, rank, thread: PhantomData }
    }
}

/// A [`RwMtx`] held for writing.
pub(crate) struct RwMtxGuard<'a> {
    lock: &'a RwMtx,
    rank: Rank,
    /// Who took it gives it back.
    thread: PhantomData<*mut ()>,
}

impl Drop for RwMtxGuard<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread holds the lock: the guard does not change threads.
        let code = unsafe { libc::pthread_rwlock_unlock(self.lock.0.get()) };
        debug_assert_eq!(code, 0, "a lock that was not held");
        leave(self.rank);
    }
}

/// A readers-writer lock.
pub(crate) struct RwLock<T> {
    rank: Rank,
    inner: sync::RwLock<T>,
}

impl<T> RwLock<T> {
    /// An unlocked lock.
    pub(crate) const fn new(rank: Rank, value: T) -> Self {
        Self { rank, inner: sync::RwLock::new(value) }
    }

    /// Waits until nobody writes.
    pub(crate) fn read(&self) -> ReadGuard<'_, T> {
        enter(self.rank);
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        ReadGuard { rank: self.rank, inner }
    }

    /// Waits until nobody reads or writes.
    pub(crate) fn write(&self) -> WriteGuard<'_, T> {
        enter(self.rank);
        let inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        WriteGuard { rank: self.rank, inner }
    }
}

/// A [`RwLock`] held for reading.
pub(crate) struct ReadGuard<'a, T> {
    rank: Rank,
    inner: sync::RwLockReadGuard<'a, T>,
}

impl<T> Deref for ReadGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> Drop for ReadGuard<'_, T> {
    fn drop(&mut self) {
        leave(self.rank);
    }
}

/// A [`RwLock`] held for writing.
pub(crate) struct WriteGuard<'a, T> {
    rank: Rank,
    inner: sync::RwLockWriteGuard<'a, T>,
}

impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T> Drop for WriteGuard<'_, T> {
    fn drop(&mut self) {
        leave(self.rank);
    }
}

/// A condition variable for [`Mutex`].
pub(crate) struct Condvar(sync::Condvar);

impl Condvar {
    /// Nobody waits.
    pub(crate) const fn new() -> Self {
        Self(sync::Condvar::new())
    }

    /// Gives the lock up, waits for a notification or `limit_us` microseconds (`None`: for ever),
    /// takes the lock again.
    pub(crate) fn wait<T>(&self, guard: &mut Guard<'_, T>, limit_us: Option<i64>) {
        leave(guard.rank);
        let held = guard.inner.take().expect("whoever has the guard does not wait");
        guard.inner = Some(match limit_us {
            None => self.0.wait(held).unwrap_or_else(PoisonError::into_inner),
            Some(us) => {
                let limit = Duration::from_micros(u64::try_from(us).unwrap_or(0));
                self.0.wait_timeout(held, limit).unwrap_or_else(PoisonError::into_inner).0
            }
        });
        enter(guard.rank);
    }

    /// Wakes one waiter.
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all waiters.
    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rising_ranks_are_fine() {
        let outer = Mutex::new(Rank::Topic, 1);
        let inner = Mutex::new(Rank::Queue, 2);
        let a = outer.lock();
        let b = inner.lock();
        assert_eq!(*a + *b, 3);
    }

    #[test]
    fn a_lock_in_place_keeps_others_out_and_c_code_can_take_it() {
        let place = UnsafeCell::new((Mtx::INIT, 0_u64));
        struct Shared<'a>(&'a UnsafeCell<(libc::pthread_mutex_t, u64)>);
        // SAFETY: the number is touched under the lock only.
        unsafe impl Sync for Shared<'_> {}
        let shared = Shared(&place);
        let count = |by_hand: bool| {
            let shared = &shared;
            let place = shared.0.get();
            // SAFETY: places in a tuple that lives until all threads ended.
            let (mutex, number) = unsafe { (&raw mut (*place).0, &raw mut (*place).1) };
            for _ in 0..10_000 {
                // SAFETY: the lock does not move, and the number is touched under it only.
                unsafe {
                    if by_hand {
                        assert_eq!(libc::pthread_mutex_lock(mutex), 0);
                        *number += 1;
                        assert_eq!(libc::pthread_mutex_unlock(mutex), 0);
                    } else {
                        let _held = Mtx::at(mutex).lock(Rank::Toppar);
                        *number += 1;
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| count(true));
            scope.spawn(|| count(false));
            count(false);
        });
        assert_eq!(place.into_inner().1, 30_000);
    }

    #[test]
    #[should_panic(expected = "lock of rank Toppar")]
    fn a_lock_in_place_has_a_rank() {
        let place = Mtx::INIT;
        let inner = Mutex::new(Rank::Queue, 2);
        let _b = inner.lock();
        // SAFETY: the lock stays where it is until the end.
        let _a = unsafe { Mtx::at(&raw const place) }.lock(Rank::Toppar);
    }

    #[test]
    #[should_panic(expected = "lock of rank Topic")]
    fn falling_ranks_are_caught() {
        let outer = Mutex::new(Rank::Topic, 1);
        let inner = Mutex::new(Rank::Queue, 2);
        let _b = inner.lock();
        let _a = outer.lock();
    }
}
