//! Queues.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use super::from_c;
use crate::abi::callbacks::QueueEventCb;
use crate::abi::public::*;
use crate::callback;
use crate::client::new;
use crate::delivery::event::Event;
use crate::delivery::poll;
use crate::handle::Handle;
use crate::op::queue::OpQueue;
use crate::own::mark::{self, Mark};
use crate::sys::fence::export;
use crate::sys::notify::Notify;

/// A queue object of the application.
#[repr(C)]
struct Queue {
    mark: Mark,
    queue: Arc<OpQueue>,
    handle: Arc<Handle>,
}

/// Gives C code a queue object.
fn give(handle: &Arc<Handle>, queue: &Arc<OpQueue>) -> *mut rd_kafka_queue_t {
    let handle = Arc::clone(handle);
    let queue = Queue { mark: Mark::QUEUE, queue: Arc::clone(queue), handle };
    Box::into_raw(Box::new(queue)).cast()
}

/// The queue behind an address; `None` for NULL or something that is no queue of ours.
///
/// # Safety
/// `rkqu` is NULL or a live queue object.
unsafe fn borrow<'a>(rkqu: *mut rd_kafka_queue_t) -> Option<&'a Queue> {
    // SAFETY: the mark is the first field of a queue object.
    unsafe {
        if !mark::is(rkqu, Mark::QUEUE) {
            return None;
        }
        rkqu.cast::<Queue>().as_ref()
    }
}

/// The operations behind a queue object.
///
/// # Safety
/// `rkqu` is NULL or a live queue object.
pub(super) unsafe fn operations(rkqu: *mut rd_kafka_queue_t) -> Option<Arc<OpQueue>> {
    // SAFETY: the caller's contract.
    unsafe { borrow(rkqu) }.map(|queue| Arc::clone(&queue.queue))
}

export! {
    /// A new queue, to forward others to. Given back with `rd_kafka_queue_destroy`.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_queue_new(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
        // SAFETY: the caller's contract.
        unsafe { from_c::handle(rk) }
            .map_or(std::ptr::null_mut(), |handle| give(&handle, &OpQueue::new()))
    }

    /// The queue that `rd_kafka_poll` serves.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_queue_get_main(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
        // SAFETY: the caller's contract.
        unsafe { from_c::handle(rk) }
            .map_or(std::ptr::null_mut(), |handle| give(&handle, &handle.reply_queue))
    }

    /// The background thread's queue; the thread is started if it was not. NULL if it cannot be.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_queue_get_background(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else { return std::ptr::null_mut() };
        match new::start_background(&handle) {
            Ok(()) => give(&handle, &handle.background_queue),
            Err(_) => std::ptr::null_mut(),
        }
    }

    /// Gives a queue object back. NULL is allowed.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object that is not used again.
    fn rd_kafka_queue_destroy(rkqu: *mut rd_kafka_queue_t) {
        // SAFETY: the caller's contract; it came from `give`.
        unsafe {
            if borrow(rkqu).is_some() {
                let mut queue = Box::from_raw(rkqu.cast::<Queue>());
                mark::bury(&mut queue.mark);
            }
        }
    }

    /// Everything that comes into `src` goes to `dst`; NULL ends that. Circles are ignored.
    ///
    /// # Safety
    /// `src` is NULL or a live queue object; `dst` too.
    fn rd_kafka_queue_forward(src: *mut rd_kafka_queue_t, dst: *mut rd_kafka_queue_t) {
        // SAFETY: the caller's contract.
        unsafe {
            if let Some(source) = operations(src) {
                source.forward(operations(dst).as_ref());
            }
        }
    }

    /// The next operation as an event, or NULL after `timeout_ms` (-1: for ever). The caller destroys it.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_poll(
        rkqu: *mut rd_kafka_queue_t,
        timeout_ms: c_int,
    ) -> *mut rd_kafka_event_t {
        // SAFETY: the caller's contract.
        let Some(queue) = (unsafe { borrow(rkqu) }) else { return std::ptr::null_mut() };
        let until = poll::deadline(&queue.handle, timeout_ms);
        match queue.queue.pop(&*queue.handle.clock, until) {
            Some(op) => Box::into_raw(Event::of(&queue.handle, op)).cast(),
            None => std::ptr::null_mut(),
        }
    }

    /// Serves callbacks of a queue on this thread; returns how many operations were served.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_poll_callback(rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int) -> c_int {
        // SAFETY: the caller's contract.
        let Some(queue) = (unsafe { borrow(rkqu) }) else { return 0 };
        let until = poll::deadline(&queue.handle, timeout_ms);
        poll::serve(&queue.handle, &queue.queue, until)
    }

    /// How many operations wait in a queue, or where it is forwarded to.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_length(rkqu: *mut rd_kafka_queue_t) -> usize {
        // SAFETY: the caller's contract.
        unsafe { operations(rkqu) }.map_or(0, |queue| queue.len())
    }

    /// Ends a poll that waits on the queue.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_yield(rkqu: *mut rd_kafka_queue_t) {
        // SAFETY: the caller's contract.
        if let Some(queue) = unsafe { operations(rkqu) } {
            queue.wake();
        }
    }

    /// Writes `payload` to `fd` when the queue gets its first operation; a negative `fd` ends that. The payload is
    /// copied; the descriptor stays the application's and should be non-blocking.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object; `payload` is readable for `size` bytes.
    fn rd_kafka_queue_io_event_enable(
        rkqu: *mut rd_kafka_queue_t,
        fd: c_int,
        payload: *const c_void,
        size: usize,
    ) {
        // SAFETY: the caller's contract.
        let (queue, payload) = unsafe { (operations(rkqu), from_c::bytes(payload, size)) };
        if let Some(queue) = queue {
            let payload = payload.unwrap_or_default();
            queue.set_notify((fd >= 0).then(|| Notify::new(fd, payload)));
        }
    }

    /// Calls `event_cb` when the queue gets its first operation, on the thread that puts it in; NULL ends that.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_cb_event_enable(
        rkqu: *mut rd_kafka_queue_t,
        event_cb: Option<QueueEventCb>,
        qev_opaque: *mut c_void,
    ) {
        // SAFETY: the caller's contract.
        let Some(queue) = (unsafe { borrow(rkqu) }) else { return };
        let (rk, opaque) = (queue.handle.address(), qev_opaque as usize);
        queue.queue.set_on_first(event_cb.map(|function| {
            Arc::new(move || callback::queue_event(function, rk, opaque)) as _
        }));
    }
}

