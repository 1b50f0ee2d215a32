//! Queues of operations for the application: priority, forwarding, and wake-ups by descriptor or
//! callback.
//!
//! What an operation means to the application is decided in `delivery`. Application code is called
//! without the lock; a wake-up that was replaced or ended has returned when the call that did it
//! returns.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;

use super::Op;
use crate::sys::clock::{Clock, Ts};
use crate::sys::lock::{Condvar, Guard, Mutex, Rank};
use crate::sys::notify::Notify;

/// Serialises changes of where queues lead, so that two threads cannot close a circle together.
static FORWARDING: Mutex<()> = Mutex::new(Rank::Instance, ());

/// An emptied queue that once held more operations than this gives its memory back.
const KEPT_CAPACITY: usize = 1024;

thread_local! {
    /// Address of the queue whose wake-up runs on this thread, else 0. A plain cell: it needs no
    /// destructor.
    static WAKES_FOR: Cell<usize> = const { Cell::new(0) };
}

/// How an application that does not wait in `pop` learns that an empty queue got an operation.
pub(crate) enum WakeUp {
    /// A payload is written to a descriptor, once until the queue is looked at.
    Write(Notify),
    /// A function is called on the thread that puts the operation in.
    Call(Box<dyn Fn() + Send + Sync>),
}

impl WakeUp {
    fn run(&self) {
        match self {
            Self::Write(notify) => notify.notify(),
            Self::Call(function) => function(),
        }
    }
}

#[derive(Default)]
struct Inner {
    urgent: VecDeque<Op>,
    ordinary: VecDeque<Op>,
    forward: Option<Arc<OpQueue>>,
    wake_up: Option<Arc<WakeUp>>,
    /// The descriptor was written to and nobody has looked since.
    is_written: bool,
    /// Wake-ups that run now.
    running: usize,
    is_disabled: bool,
    yields: bool,
}

impl Inner {
    fn len(&self) -> usize {
        self.urgent.len() + self.ordinary.len()
    }

    fn add(&mut self, op: Op, place: Place) {
        let queue = if op.is_urgent() { &mut self.urgent } else { &mut self.ordinary };
        match place {
            Place::Back => queue.push_back(op),
            Place::Front => queue.push_front(op),
        }
    }

    fn take_first(&mut self) -> Option<Op> {
        let op = self.urgent.pop_front().or_else(|| self.ordinary.pop_front())?;
        if self.ordinary.is_empty() && self.ordinary.capacity() > KEPT_CAPACITY {
            self.ordinary = VecDeque::new();
        }
        Some(op)
    }

    fn take_all(&mut self) -> Vec<Op> {
        let urgent = std::mem::take(&mut self.urgent);
        let ordinary = std::mem::take(&mut self.ordinary);
        urgent.into_iter().chain(ordinary).collect()
    }

    /// The wake-up that is due, counted as running: the caller runs it without the lock.
    fn due_wake_up(&mut self) -> Option<Arc<WakeUp>> {
        let wake_up = Arc::clone(self.wake_up.as_ref()?);
        if matches!(*wake_up, WakeUp::Write(_)) && std::mem::replace(&mut self.is_written, true) {
            return None;
        }
        self.running += 1;
        Some(wake_up)
    }
}

#[derive(Clone, Copy)]
enum Place {
    Back,
    Front,
}

/// What a look at a queue found.
enum Found {
    First(Op),
    Nothing,
    /// Something changed: look again.
    News,
}

/// One queue.
pub(crate) struct OpQueue {
    inner: Mutex<Inner>,
    /// Something came, or the queue leads elsewhere.
    changed: Condvar,
    /// A wake-up has returned.
    returned: Condvar,
}

impl OpQueue {
    /// An empty queue.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Rank::Queue, Inner::default()),
            changed: Condvar::new(),
            returned: Condvar::new(),
        })
    }

    /// Puts an operation in. A disabled queue drops it.
    pub(crate) fn push(&self, op: Op) {
        self.put([op], Place::Back);
    }

    /// Puts an operation back in front of all others of its kind.
    pub(crate) fn push_front(&self, op: Op) {
        self.put([op], Place::Front);
    }

    fn put(&self, ops: impl IntoIterator<Item = Op>, place: Place) {
        let mut inner = self.inner.lock();
        if inner.is_disabled {
            // Without the lock, since a report's messages wake who waits for room.
            drop(inner);
            return ops.into_iter().for_each(drop);
        }
        if let Some(next) = inner.forward.clone() {
            drop(inner);
            return next.put(ops, place);
        }
        let was_empty = inner.len() == 0;
        for op in ops {
            inner.add(op, place);
            self.changed.notify_one();
        }
        if was_empty && inner.len() != 0 {
            self.wake_up(inner);
        }
    }

    /// Runs the wake-up that is due.
    fn wake_up(&self, mut inner: Guard<'_, Inner>) {
        let Some(wake_up) = inner.due_wake_up() else { return };
        drop(inner);
        let before = WAKES_FOR.replace(self.address());
        wake_up.run();
        WAKES_FOR.set(before);
        self.inner.lock().running -= 1;
        self.returned.notify_all();
    }

    fn address(&self) -> usize {
        (&raw const *self).addr()
    }

    /// Takes the first operation; waits for one until `until`. `None` also when the wait was ended
    /// by `wake`.
    pub(crate) fn pop(&self, clock: &dyn Clock, until: Ts) -> Option<Op> {
        loop {
            match self.look(clock, until) {
                Found::First(op) => return Some(op),
                Found::Nothing => return None,
                Found::News => {}
            }
        }
    }

    fn look(&self, clock: &dyn Clock, until: Ts) -> Found {
        let mut inner = self.inner.lock();
        if let Some(next) = inner.forward.clone() {
            drop(inner);
            return next.look(clock, until);
        }
        inner.is_written = false;
        if let Some(op) = inner.take_first() {
            return Found::First(op);
        }
        if std::mem::take(&mut inner.yields) || inner.is_disabled || until == Ts::ZERO {
            return Found::Nothing;
        }
        let now = clock.now();
        if now >= until {
            return Found::Nothing;
        }
        self.changed.wait(&mut inner, (until != Ts::MAX).then(|| until - now));
        Found::News
    }

    /// Ends a waiting `pop`, or the next one that would wait.
    pub(crate) fn wake(&self) {
        let mut inner = self.inner.lock();
        if let Some(next) = inner.forward.clone() {
            drop(inner);
            return next.wake();
        }
        inner.yields = true;
        self.changed.notify_all();
        if inner.len() == 0 {
            self.wake_up(inner);
        }
    }

    /// Ends a `pop` that waits on this very queue, wherever it is forwarded to.
    pub(crate) fn wake_here(&self) {
        let mut inner = self.inner.lock();
        inner.yields = true;
        self.changed.notify_all();
    }

    /// How many operations wait where this queue leads.
    pub(crate) fn len(&self) -> usize {
        let inner = self.inner.lock();
        match inner.forward.clone() {
            None => inner.len(),
            Some(next) => {
                drop(inner);
                next.len()
            }
        }
    }

    /// Operations go to `target` from now on, those that wait here too, in their order; `None` ends
    /// that. `false`: the queues would form a circle, nothing changes.
    pub(crate) fn forward(&self, target: Option<&Arc<Self>>) -> bool {
        let Some(target) = target else {
            let _alone = FORWARDING.lock();
            self.lead_to(None);
            return true;
        };
        loop {
            {
                let _alone = FORWARDING.lock();
                if target.leads_to(self) {
                    return false;
                }
                if self.lead_to(Some(target)) {
                    return true;
                }
            }
            // What comes while these are on their way stays here and follows them in the next
            // round.
            let waiting = self.inner.lock().take_all();
            target.put(waiting, Place::Back);
        }
    }

    /// Changes where the queue leads; `false` if operations must be moved before. Under
    /// `FORWARDING`.
    fn lead_to(&self, target: Option<&Arc<Self>>) -> bool {
        let former = {
            let mut inner = self.inner.lock();
            if target.is_some() && inner.len() != 0 {
                return false;
            }
            self.changed.notify_all();
            std::mem::replace(&mut inner.forward, target.cloned())
        };
        // Who waits at the former target on behalf of this queue looks here again.
        let mut next = former;
        while let Some(queue) = next {
            let inner = queue.inner.lock();
            queue.changed.notify_all();
            next = inner.forward.clone();
        }
        true
    }

    fn leads_to(&self, other: &Self) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        let next = self.inner.lock().forward.clone();
        next.is_some_and(|next| next.leads_to(other))
    }

    /// Drops what waits and everything that comes; ends forwarding and wake-ups.
    pub(crate) fn disable(&self) {
        let dropped = {
            let mut inner = self.inner.lock();
            inner.is_disabled = true;
            inner.take_all()
        };
        drop(dropped);
        self.forward(None);
        self.set_wake_up(None);
    }

    /// Replaces the wake-up; `None` ends it. The former one does not run any more when this
    /// returns, unless this is called from it.
    pub(crate) fn set_wake_up(&self, wake_up: Option<WakeUp>) {
        let mut inner = self.inner.lock();
        let former = std::mem::replace(&mut inner.wake_up, wake_up.map(Arc::new));
        inner.is_written = false;
        let own = usize::from(WAKES_FOR.get() == self.address());
        while inner.running > own {
            self.returned.wait(&mut inner, None);
        }
        drop(inner);
        drop(former);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::error::ErrorCode;
    use crate::sys::clock::SystemClock;

    fn error(text: &str) -> Op {
        Op::Error { code: ErrorCode::_FAIL, text: text.to_owned() }
    }

    fn text(op: Op) -> String {
        match op {
            Op::Error { text, .. } => text,
            Op::Stats(statistics) => statistics.json.unwrap_or_default(),
            _ => "?".to_owned(),
        }
    }

    fn texts(queue: &OpQueue) -> Vec<String> {
        std::iter::from_fn(|| queue.pop(&SystemClock, Ts::ZERO)).map(text).collect()
    }

    /// A wake-up that counts its calls.
    fn counted() -> (WakeUp, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let count = move || {
            counter.fetch_add(1, Ordering::SeqCst);
        };
        (WakeUp::Call(Box::new(count)), calls)
    }

    /// Two connected sockets; reading does not block.
    fn sockets() -> (UnixStream, UnixStream) {
        let (reader, writer) = UnixStream::pair().expect("descriptors");
        reader.set_nonblocking(true).expect("a live descriptor");
        (reader, writer)
    }

    fn written(reader: &mut UnixStream) -> String {
        let mut bytes = [0; 64];
        let len = reader.read(&mut bytes).unwrap_or(0);
        String::from_utf8_lossy(&bytes[..len]).into_owned()
    }

    /// A thread that waits for an operation without limit.
    fn waiter(queue: &Arc<OpQueue>) -> std::thread::JoinHandle<Option<String>> {
        let queue = Arc::clone(queue);
        let thread = std::thread::spawn(move || queue.pop(&SystemClock, Ts::MAX).map(text));
        std::thread::sleep(Duration::from_millis(20));
        thread
    }

    #[test]
    fn urgent_operations_come_first() {
        let queue = OpQueue::new();
        queue.push(error("a"));
        queue.push(Op::json("s"));
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
        a.push(error("2"));
        assert_eq!((a.len(), b.len(), c.len()), (2, 2, 2));
        assert_eq!(texts(&a), ["1", "2"], "a poll of the source takes from the end of the chain");
        a.forward(None);
        a.push(error("3"));
        b.push(error("4"));
        assert_eq!(texts(&c), ["4"]);
        assert_eq!(texts(&a), ["3"]);
    }

    #[test]
    fn circles_are_refused_and_change_nothing() {
        let (a, b, c) = (OpQueue::new(), OpQueue::new(), OpQueue::new());
        a.forward(Some(&b));
        b.forward(Some(&c));
        c.push(error("1"));
        assert!(!c.forward(Some(&a)));
        assert!(!a.forward(Some(&a)));
        assert_eq!(texts(&c), ["1"]);
        a.push(error("2"));
        assert_eq!(texts(&c), ["2"]);
    }

    #[test]
    fn forwarding_elsewhere_replaces_the_former_target() {
        let (a, b, c) = (OpQueue::new(), OpQueue::new(), OpQueue::new());
        a.forward(Some(&b));
        a.push(error("1"));
        a.forward(Some(&c));
        a.push(error("2"));
        assert_eq!((texts(&b), texts(&c)), (vec!["1".to_owned()], vec!["2".to_owned()]));
    }

    #[test]
    fn who_waits_follows_where_the_queue_leads() {
        let (a, b) = (OpQueue::new(), OpQueue::new());
        let thread = waiter(&a);
        a.forward(Some(&b));
        b.push(error("1"));
        assert_eq!(thread.join().expect("no panic").as_deref(), Some("1"));
        let thread = waiter(&a);
        a.forward(None);
        a.push(error("2"));
        assert_eq!(thread.join().expect("no panic").as_deref(), Some("2"));
    }

    #[test]
    fn forwarding_keeps_the_order_while_another_thread_pushes() {
        const COUNT: usize = 20_000;
        let (a, b) = (OpQueue::new(), OpQueue::new());
        let source = Arc::clone(&a);
        let pusher = std::thread::spawn(move || {
            (0..COUNT).for_each(|number| source.push(error(&number.to_string())));
        });
        let mut seen = Vec::new();
        while seen.len() < COUNT {
            a.forward(Some(&b));
            seen.extend(texts(&b));
            a.forward(None);
            seen.extend(texts(&b));
        }
        pusher.join().expect("no panic");
        assert!(seen.iter().enumerate().all(|(at, text)| *text == at.to_string()));
    }

    #[test]
    fn only_the_first_operation_calls() {
        let queue = OpQueue::new();
        let (wake_up, calls) = counted();
        queue.set_wake_up(Some(wake_up));
        queue.push(error("1"));
        queue.push(error("2"));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        texts(&queue);
        queue.push(error("3"));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        queue.set_wake_up(None);
        texts(&queue);
        queue.push(error("4"));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_forwarded_queue_wakes_at_its_target_only() {
        let (a, b) = (OpQueue::new(), OpQueue::new());
        let (at_source, source_calls) = counted();
        let (at_target, target_calls) = counted();
        a.push(error("1"));
        a.push(error("2"));
        a.set_wake_up(Some(at_source));
        b.set_wake_up(Some(at_target));
        a.forward(Some(&b));
        a.push(error("3"));
        assert_eq!(source_calls.load(Ordering::SeqCst), 0);
        assert_eq!(target_calls.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_descriptor_is_written_once_until_somebody_looks() {
        let queue = OpQueue::new();
        let (mut reader, writer) = sockets();
        queue.set_wake_up(Some(WakeUp::Write(Notify::new(writer.as_raw_fd(), b"now"))));
        queue.push(error("1"));
        queue.push(error("2"));
        assert_eq!(written(&mut reader), "now");
        texts(&queue);
        queue.wake();
        queue.wake();
        assert_eq!(written(&mut reader), "now", "a yield of an empty queue writes too");
        assert!(queue.pop(&SystemClock, Ts::MAX).is_none());
        queue.push(error("3"));
        queue.wake();
        assert_eq!(written(&mut reader), "now");
        queue.set_wake_up(None);
        texts(&queue);
        queue.push(error("4"));
        assert_eq!(written(&mut reader), "");
    }

    #[test]
    fn a_wake_ends_a_wait_or_the_next_one() {
        let queue = OpQueue::new();
        let thread = waiter(&queue);
        queue.wake();
        assert_eq!(thread.join().expect("no panic"), None);
        queue.wake();
        assert!(queue.pop(&SystemClock, Ts::MAX).is_none(), "returns at once");
        queue.wake();
        queue.push(error("1"));
        assert_eq!(texts(&queue), ["1"], "operations come before the yield");
    }

    #[test]
    fn a_wait_ends_in_time() {
        let queue = OpQueue::new();
        let begin = Instant::now();
        assert!(queue.pop(&SystemClock, SystemClock.now().plus_ms(20)).is_none());
        assert!(begin.elapsed() >= Duration::from_millis(20));
    }

    #[test]
    fn a_disabled_queue_drops_and_keeps_nobody() {
        let (a, b) = (OpQueue::new(), OpQueue::new());
        a.push(error("1"));
        a.disable();
        a.push(error("2"));
        a.forward(Some(&b));
        a.push(error("3"));
        assert_eq!((a.len(), b.len()), (0, 0));
        a.forward(None);
        assert!(a.pop(&SystemClock, Ts::MAX).is_none(), "does not wait for ever");
    }

    #[test]
    fn an_ended_wake_up_has_returned() {
        let queue = OpQueue::new();
        let state = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&state);
        queue.set_wake_up(Some(WakeUp::Call(Box::new(move || {
            seen.store(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(50));
            seen.store(2, Ordering::SeqCst);
        }))));
        let pusher = Arc::clone(&queue);
        let thread = std::thread::spawn(move || pusher.push(error("1")));
        while state.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        queue.set_wake_up(None);
        assert_eq!(state.load(Ordering::SeqCst), 2);
        thread.join().expect("no panic");
    }

    #[test]
    fn a_wake_up_may_end_itself() {
        let queue = OpQueue::new();
        let own = Arc::clone(&queue);
        queue.set_wake_up(Some(WakeUp::Call(Box::new(move || own.set_wake_up(None)))));
        queue.push(error("1"));
        assert_eq!(texts(&queue), ["1"]);
    }
}
