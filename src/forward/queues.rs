//! Queues of both sides that lead into each other.
//!
//! What comes into a queue of the peer knocks at one of ours: a marker is put there, and whoever
//! takes it takes the peer's events from where they are. So they are waited for, counted and
//! forwarded like ours. The other way round a queue of the peer gets one of ours as its front, and
//! the application is served from that.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;

use super::absent;
use super::peer::{self, Peer, peer_functions};
use crate::abi::callbacks::QueueEventCb;
use crate::abi::public::*;
use crate::handle::Handle;
use crate::op::queue::OpQueue;
use crate::op::{Op, Outside};

mod of_peer {
    use super::*;

    peer_functions! {
        fn rd_kafka_queue_new(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t;
        fn rd_kafka_queue_destroy(queue: *mut rd_kafka_queue_t);
        fn rd_kafka_queue_poll(
            queue: *mut rd_kafka_queue_t, timeout_ms: c_int,
        ) -> *mut rd_kafka_event_t;
        fn rd_kafka_queue_poll_callback(
            queue: *mut rd_kafka_queue_t, timeout_ms: c_int,
        ) -> c_int;
        fn rd_kafka_queue_length(queue: *mut rd_kafka_queue_t) -> usize;
        fn rd_kafka_queue_forward(source: *mut rd_kafka_queue_t, target: *mut rd_kafka_queue_t);
        fn rd_kafka_queue_cb_event_enable(
            queue: *mut rd_kafka_queue_t, function: Option<QueueEventCb>, opaque: *mut c_void,
        );
        fn rd_kafka_event_destroy(event: *mut rd_kafka_event_t);
    }
}

/// A queue of the peer whose events come into one of ours.
struct Bridge {
    peer: &'static Peer,
    queue: NonNull<rd_kafka_queue_t>,
    /// Not closed yet.
    is_open: AtomicBool,
    /// The object is given back to the peer in the end.
    is_owner: AtomicBool,
    /// What the peer's callback gets; it stays where it is.
    knock: OnceLock<Knock>,
}

// SAFETY: a queue object of the peer may be used by every thread.
unsafe impl Send for Bridge {}
// SAFETY: as above.
unsafe impl Sync for Bridge {}

/// How the peer says that a queue is no longer empty.
struct Knock {
    bridge: Weak<Bridge>,
    target: Weak<OpQueue>,
}

/// Called by the peer under the queue's lock: it only puts the marker in.
extern "C-unwind" fn knocked(_rk: *mut rd_kafka_t, knock: *mut c_void) {
    // SAFETY: the bridge keeps its `Knock` until the peer does not call any more (`close`).
    let knock = unsafe { &*knock.cast::<Knock>() };
    if let (Some(bridge), Some(target)) = (knock.bridge.upgrade(), knock.target.upgrade()) {
        target.push(Op::Outside(bridge));
    }
}

impl Bridge {
    /// # Safety
    /// The queue is live until the bridge ends, or the bridge's own if `is_owner`.
    unsafe fn build(
        peer: &'static Peer,
        queue: NonNull<rd_kafka_queue_t>,
        target: &Arc<OpQueue>,
        is_owner: bool,
    ) -> Arc<Self> {
        let bridge = Arc::new(Self {
            peer,
            queue,
            is_open: AtomicBool::new(true),
            is_owner: AtomicBool::new(is_owner),
            knock: OnceLock::new(),
        });
        let (weak, to) = (Arc::downgrade(&bridge), Arc::downgrade(target));
        let knock = bridge.knock.get_or_init(|| Knock { bridge: weak, target: to });
        let opaque = (&raw const *knock).cast_mut().cast();
        // SAFETY: the caller's contract; the knock lives as long as it is called.
        unsafe {
            let queue = queue.as_ptr();
            of_peer::rd_kafka_queue_cb_event_enable(peer, queue, Some(knocked), opaque);
        }
        if !is_owner {
            // Something may have come before.
            target.push(Op::Outside(Arc::clone(&bridge) as Arc<dyn Outside>));
        }
        bridge
    }

    /// The peer does not knock any more, and markers that are left give nothing.
    fn close(&self) {
        if self.is_open.swap(false, Ordering::AcqRel) {
            let (queue, none) = (self.queue.as_ptr(), std::ptr::null_mut());
            // SAFETY: the queue is live. The peer changes the callback under the lock that it calls
            // under, so that no call runs afterwards.
            unsafe { of_peer::rd_kafka_queue_cb_event_enable(self.peer, queue, None, none) };
        }
    }

    /// Gives back what nobody took: its events may refer to an instance that ends now.
    fn empty(&self) {
        // SAFETY: the queue is live; the events are ours until they are destroyed.
        unsafe {
            let next = || of_peer::rd_kafka_queue_poll(self.peer, self.queue.as_ptr(), 0);
            while let Some(event) = next().and_then(NonNull::new) {
                of_peer::rd_kafka_event_destroy(self.peer, event.as_ptr());
            }
        }
    }
}

impl Outside for Bridge {
    fn take(&self) -> Option<NonNull<rd_kafka_event_t>> {
        if !self.is_open.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: the queue is live while the bridge is open.
        unsafe { of_peer::rd_kafka_queue_poll(self.peer, self.queue.as_ptr(), 0) }
            .and_then(NonNull::new)
    }

    fn serve(&self) {
        if self.is_open.load(Ordering::Acquire) {
            // SAFETY: as above.
            unsafe {
                of_peer::rd_kafka_queue_poll_callback(self.peer, self.queue.as_ptr(), 0);
            }
        }
    }

    fn has_more(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
            // SAFETY: as above.
            && unsafe { of_peer::rd_kafka_queue_length(self.peer, self.queue.as_ptr()) }
                .is_some_and(|length| length != 0)
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        if *self.is_owner.get_mut() {
            // SAFETY: the bridge owns the object, and is closed: the registry closes before it lets
            // go.
            unsafe { of_peer::rd_kafka_queue_destroy(self.peer, self.queue.as_ptr()) };
        }
    }
}

/// Why there is a bridge.
enum Reason {
    /// Requests of this instance of the peer (an address) are answered on our queue.
    Answers(usize),
    /// The application forwarded its queue of the peer to ours.
    Forwarded,
    /// Our queue is the front of the application's queue of the peer, served for this instance.
    Front(Arc<Handle>),
}

struct Link {
    reason: Reason,
    bridge: Arc<Bridge>,
    target: Arc<OpQueue>,
}

static LINKS: Mutex<Vec<Link>> = Mutex::new(Vec::new());
/// How many there are: without any, nobody takes the lock.
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn add(link: Link) {
    LINKS.lock().push(link);
    COUNT.fetch_add(1, Ordering::AcqRel);
}

/// Takes links out, closed.
fn remove(is_meant: impl Fn(&Link) -> bool) -> Vec<Link> {
    if COUNT.load(Ordering::Acquire) == 0 {
        return Vec::new();
    }
    let removed: Vec<Link> = {
        let mut links = LINKS.lock();
        let all = std::mem::take(&mut *links);
        let (removed, kept) = all.into_iter().partition(|link| is_meant(link));
        *links = kept;
        removed
    };
    COUNT.fetch_sub(removed.len(), Ordering::AcqRel);
    removed.iter().for_each(|link| link.bridge.close());
    removed
}

/// The queue of the peer that stands for one of ours in requests of the instance `rk`.
///
/// # Safety
/// `rk` is an instance of the peer, `queue` a live queue of ours.
pub(super) unsafe fn peer_side(
    peer: &'static Peer,
    rk: *mut rd_kafka_t,
    queue: *mut rd_kafka_queue_t,
) -> Option<*mut rd_kafka_queue_t> {
    // SAFETY: the caller's contract.
    let (target, _) = unsafe { absent::own_queue(queue) }?;
    let known = LINKS.lock().iter().find_map(|link| {
        let is_it = matches!(link.reason, Reason::Answers(of) if of == rk.addr())
            && Arc::ptr_eq(&link.target, &target);
        is_it.then(|| link.bridge.queue.as_ptr())
    });
    if known.is_some() {
        return known;
    }
    // Two threads that come here at once make two, and both work.
    // SAFETY: the instance is live; the new object is the bridge's.
    let bridge = unsafe {
        let new = of_peer::rd_kafka_queue_new(peer, rk).and_then(NonNull::new)?;
        Bridge::build(peer, new, &target, true)
    };
    let side = bridge.queue.as_ptr();
    add(Link { reason: Reason::Answers(rk.addr()), bridge, target });
    Some(side)
}

/// The queue of ours that the application is served from in the place of a queue of the peer, and
/// for which instance.
pub(crate) fn front(queue: *mut rd_kafka_queue_t) -> Option<(Arc<OpQueue>, Arc<Handle>)> {
    if COUNT.load(Ordering::Acquire) == 0 {
        return None;
    }
    LINKS.lock().iter().find_map(|link| match &link.reason {
        Reason::Front(handle) if std::ptr::eq(link.bridge.queue.as_ptr(), queue) => {
            Some((Arc::clone(&link.target), Arc::clone(handle)))
        }
        _ => None,
    })
}

/// The front of a queue of the peer for what an instance of ours sends there; `None` for NULL and
/// for queues of ours.
pub(crate) fn front_for(
    queue: *mut rd_kafka_queue_t,
    handle: &Arc<Handle>,
) -> Option<Arc<OpQueue>> {
    let peer = peer::opened()?;
    // SAFETY: a queue object of either side, or NULL, has a mark or none.
    let is_own = unsafe { crate::own::mark::is_any(queue) };
    if is_own { None } else { make_front(peer, queue, Arc::clone(handle)) }
}

/// Forwards between queues of which at least one is the peer's; NULL ends it.
///
/// # Safety
/// Both are live queues, or NULL for the target.
pub(crate) unsafe fn forward(source: *mut rd_kafka_queue_t, target: *mut rd_kafka_queue_t) {
    let Some(peer) = peer::opened() else { return };
    // SAFETY: the caller's contract.
    let (own_source, own_target) =
        unsafe { (absent::own_queue(source), absent::own_queue(target)) };
    match (own_source, own_target) {
        // From ours into one of the peer: by way of its front.
        (Some((source, handle)), None) => {
            if let Some(front) = make_front(peer, target, handle) {
                source.forward(Some(&front));
            }
        }
        (None, Some((target, _))) => {
            let Some(queue) = NonNull::new(source) else { return };
            unforward(source);
            // What stood before it goes the same way, and is not needed any more.
            for link in remove(|link| is_front_of(link, source)) {
                link.target.forward(Some(&target));
            }
            // SAFETY: the queue is live; `given_up` sees to it that it stays so.
            let bridge = unsafe { Bridge::build(peer, queue, &target, false) };
            add(Link { reason: Reason::Forwarded, bridge, target });
        }
        _ => {
            unforward(source);
            match front(source).zip(front(target)) {
                Some(((source, _), (target, _))) => _ = source.forward(Some(&target)),
                // SAFETY: both are the peer's.
                None => unsafe {
                    of_peer::rd_kafka_queue_forward(peer, source, target);
                },
            }
        }
    }
}

fn is_front_of(link: &Link, queue: *mut rd_kafka_queue_t) -> bool {
    matches!(link.reason, Reason::Front(_)) && std::ptr::eq(link.bridge.queue.as_ptr(), queue)
}

/// Ends what leads from a queue of the peer into one of ours.
fn unforward(source: *mut rd_kafka_queue_t) {
    remove(|link| {
        matches!(link.reason, Reason::Forwarded) && std::ptr::eq(link.bridge.queue.as_ptr(), source)
    });
}

fn make_front(
    peer: &'static Peer,
    queue: *mut rd_kafka_queue_t,
    handle: Arc<Handle>,
) -> Option<Arc<OpQueue>> {
    if let Some((known, _)) = front(queue) {
        return Some(known);
    }
    let (queue, target) = (NonNull::new(queue)?, OpQueue::new());
    // SAFETY: the application's queue is live until it gives it up, and then the bridge ends.
    let bridge = unsafe { Bridge::build(peer, queue, &target, false) };
    add(Link { reason: Reason::Front(handle), bridge, target: Arc::clone(&target) });
    Some(target)
}

/// The application gives a queue of the peer back; `false` if it must live on, since it leads into
/// one of ours.
pub(crate) fn given_up(queue: *mut rd_kafka_queue_t) -> bool {
    for link in remove(|link| is_front_of(link, queue)) {
        link.target.disable();
    }
    if COUNT.load(Ordering::Acquire) == 0 {
        return true;
    }
    let links = LINKS.lock();
    let mut leading = links.iter().filter(|link| {
        matches!(link.reason, Reason::Forwarded) && std::ptr::eq(link.bridge.queue.as_ptr(), queue)
    });
    // The bridge gives the object back when the forwarding ends.
    leading.next().inspect(|link| link.bridge.is_owner.store(true, Ordering::Release)).is_none()
}

/// A queue of ours ends: nothing leads into it any more.
pub(crate) fn queue_ends(queue: &Arc<OpQueue>) {
    remove(|link| Arc::ptr_eq(&link.target, queue));
}

/// An instance of the peer ends.
pub(crate) fn instance_ends(rk: *mut rd_kafka_t) {
    for link in remove(|link| matches!(link.reason, Reason::Answers(of) if of == rk.addr())) {
        link.bridge.empty();
    }
}
