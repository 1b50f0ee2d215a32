//! Queues of operations for the application: priority, forwarding, wake-ups by descriptor or callback.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::sync::Arc;

use super::Op;
use crate::sys::clock::{Clock, Ts};
use crate::sys::lock::{Condvar, Mutex, Rank};
use crate::sys::notify::Notify;

/// Called when a queue gets its first operation, on the thread that puts it in.
pub(crate) type OnFirst = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct Inner {
    urgent: VecDeque<Op>,
    ordinary: VecDeque<Op>,
    forward: Option<Arc<OpQueue>>,
    notify: Option<Notify>,
    on_first: Option<OnFirst>,
    is_disabled: bool,
    yields: bool,
}

impl Inner {
    fn len(&self) -> usize {
        self.urgent.len() + self.ordinary.len()
    }
}

/// One queue.
pub(crate) struct OpQueue {
    inner: Mutex<Inner>,
    filled: Condvar,
}

impl OpQueue {
    /// An empty queue.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { inner: Mutex::new(Rank::Queue, Inner::default()), filled: Condvar::new() })
    }

    /// The queue to which operations really go.
    fn target(self: &Arc<Self>) -> Arc<Self> {
        let mut queue = Arc::clone(self);
        loop {
            let next = queue.inner.lock().forward.clone();
            match next {
                Some(next) => queue = next,
                None => return queue,
            }
        }
    }

    /// Puts an operation in. A disabled queue drops it.
    pub(crate) fn push(self: &Arc<Self>, op: Op) {
        self.target().put(op, false);
    }

    /// Puts an operation back in front of all others of its kind.
    pub(crate) fn push_front(self: &Arc<Self>, op: Op) {
        self.target().put(op, true);
    }

    fn put(&self, op: Op, in_front: bool) {
        let call = {
            let mut inner = self.inner.lock();
            if inner.is_disabled {
                // Dropped below, without the lock: a report's messages release their account.
                drop(inner);
                drop(op);
                return;
            }
            let was_empty = inner.len() == 0;
            let queue = if op.is_urgent() { &mut inner.urgent } else { &mut inner.ordinary };
            if in_front {
                queue.push_front(op);
            } else {
                queue.push_back(op);
            }
            self.filled.notify_one();
            if was_empty {
                if let Some(notify) = &inner.notify {
                    notify.notify();
                }
                inner.on_first.clone()
            } else {
                None
            }
        };
        if let Some(call) = call {
            call();
        }
    }

    /// Takes the first operation; waits for one until `until`. `None` also when the wait was ended by `wake`.
    pub(crate) fn pop(self: &Arc<Self>, clock: &dyn Clock, until: Ts) -> Option<Op> {
        let queue = self.target();
        let mut inner = queue.inner.lock();
        loop {
            let first = inner.urgent.pop_front();
            if let Some(op) = first.or_else(|| inner.ordinary.pop_front()) {
                return Some(op);
            }
            if std::mem::take(&mut inner.yields) || until == Ts::ZERO {
                return None;
            }
            let now = clock.now();
            if now >= until {
                return None;
            }
            queue.filled.wait(&mut inner, (until != Ts::MAX).then(|| until - now));
        }
    }

    /// Ends a waiting `pop`, or the next one that would wait.
    pub(crate) fn wake(self: &Arc<Self>) {
        let queue = self.target();
        let mut inner = queue.inner.lock();
        inner.yields = true;
        queue.filled.notify_all();
        if let Some(notify) = &inner.notify {
            notify.notify();
        }
    }

    /// How many operations wait where this queue leads.
    pub(crate) fn len(self: &Arc<Self>) -> usize {
        self.target().inner.lock().len()
    }

    /// Operations go to `target` from now on, those that wait here too; `None` ends that. A circle is refused.
    pub(crate) fn forward(self: &Arc<Self>, target: Option<&Arc<Self>>) -> bool {
        let Some(target) = target else {
            self.inner.lock().forward = None;
            return true;
        };
        if Arc::ptr_eq(&target.target(), self) {
            return false;
        }
        let moved: Vec<Op> = {
            let mut inner = self.inner.lock();
            inner.forward = Some(Arc::clone(target));
            let urgent = std::mem::take(&mut inner.urgent);
            let ordinary = std::mem::take(&mut inner.ordinary);
            self.filled.notify_all();
            urgent.into_iter().chain(ordinary).collect()
        };
        for op in moved {
            target.push(op);
        }
        true
    }

    /// Drops what waits and everything that comes: the instance ends.
    pub(crate) fn disable(&self) {
        let dropped = {
            let mut inner = self.inner.lock();
            inner.is_disabled = true;
            inner.on_first = None;
            inner.forward = None;
            self.filled.notify_all();
            (std::mem::take(&mut inner.urgent), std::mem::take(&mut inner.ordinary))
        };
        drop(dropped);
    }

    /// Takes everything out.
    pub(crate) fn drain(&self) -> Vec<Op> {
        let mut inner = self.inner.lock();
        let urgent = std::mem::take(&mut inner.urgent);
        let ordinary = std::mem::take(&mut inner.ordinary);
        urgent.into_iter().chain(ordinary).collect()
    }

    /// Writes to a descriptor when the queue gets its first operation; `None` ends that.
    pub(crate) fn set_notify(&self, notify: Option<Notify>) {
        self.inner.lock().notify = notify;
    }

    /// Calls when the queue gets its first operation; `None` ends that.
    pub(crate) fn set_on_first(&self, call: Option<OnFirst>) {
        self.inner.lock().on_first = call;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::sys::clock::SystemClock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn error(text: &str) -> Op {
        Op::Error { code: ErrorCode::_FAIL, text: text.to_owned() }
    }

    fn texts(queue: &Arc<OpQueue>) -> Vec<String> {
        std::iter::from_fn(|| queue.pop(&SystemClock, Ts::ZERO))
            .map(|op| match op {
                Op::Error { text, .. } | Op::Stats(text) => text,
                _ => "?".to_owned(),
            })
            .collect()
    }

    #[test]
    fn urgent_operations_come_first() {
        let queue = OpQueue::new();
        queue.push(error("a"));
        queue.push(Op::Stats("s".to_owned()));
        queue.push_front(error("b"));
        assert_eq!(queue.len(), 3);
        assert_eq!(texts(&queue), ["s", "b", "a"]);
    }

    #[test]
    fn forwarding_takes_along_what_waits_and_ends_when_told() {
        let (a, b, c) = (OpQueue::new(), OpQueue::new(), OpQueue::new());
        a.push(error("1"));
        assert!(a.forward(Some(&b)));
        assert!(b.forward(Some(&c)));
        assert!(!c.forward(Some(&a)), "a circle");
        a.push(error("2"));
        assert_eq!(a.len(), 2);
        assert_eq!(texts(&c), ["1", "2"]);
        a.forward(None);
        a.push(error("3"));
        assert_eq!(texts(&c), Vec::<String>::new());
        assert_eq!(texts(&a), ["3"]);
    }

    #[test]
    fn only_the_first_operation_calls() {
        let queue = OpQueue::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        queue.set_on_first(Some(Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        })));
        queue.push(error("1"));
        queue.push(error("2"));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        texts(&queue);
        queue.push(error("3"));
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_wake_ends_a_wait_and_a_disabled_queue_drops() {
        let queue = OpQueue::new();
        queue.wake();
        assert!(queue.pop(&SystemClock, Ts::MAX).is_none(), "returns at once");
        queue.push(error("1"));
        queue.disable();
        queue.push(error("2"));
        assert_eq!(queue.len(), 0);
    }
}
