//! Queues.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use super::from_c;
use crate::abi::callbacks::QueueEventCb;
use crate::abi::public::*;
use crate::callback;
use crate::client::new;
use crate::delivery::poll::{self, Next};
use crate::forward::absent::OwnQueue;
use crate::forward::{both, queues};
use crate::handle::Handle;
use crate::op::queue::{OpQueue, WakeUp};
use crate::own::mark::{self, Mark};
use crate::sys::fence::export;
use crate::sys::notify::Notify;

/// A queue object of the application.
#[repr(C)]
struct Queue {
    mark: Mark,
    /// The instance's address, where the panic fence looks for it.
    owner: usize,
    queue: Arc<OpQueue>,
    handle: Arc<Handle>,
    /// The queue was made for this object, and ends with it.
    is_owner: bool,
}

const _: () = assert!(std::mem::offset_of!(Queue, owner) == 8);

/// Gives C code an object for one of the instance's queues.
fn give(handle: &Arc<Handle>, queue: &Arc<OpQueue>) -> *mut rd_kafka_queue_t {
    give_queue(handle, Arc::clone(queue), false)
}

fn give_queue(handle: &Arc<Handle>, queue: Arc<OpQueue>, is_owner: bool) -> *mut rd_kafka_queue_t {
    let (owner, handle) = (handle.address(), Arc::clone(handle));
    Box::into_raw(Box::new(Queue { mark: Mark::QUEUE, owner, queue, handle, is_owner })).cast()
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

/// What the application is served from: the queue itself, or what stands before one of the peer;
/// `None` if that is nothing of ours.
///
/// # Safety
/// `rkqu` is NULL or a live queue object.
unsafe fn served(rkqu: *mut rd_kafka_queue_t) -> Option<OwnQueue> {
    // SAFETY: the caller's contract.
    unsafe { parts(rkqu) }.or_else(|| queues::front(rkqu))
}

/// The operations behind a queue object, and whose they are.
///
/// # Safety
/// `rkqu` is NULL or a live queue object.
pub(super) unsafe fn parts(rkqu: *mut rd_kafka_queue_t) -> Option<OwnQueue> {
    // SAFETY: the caller's contract.
    unsafe { borrow(rkqu) }.map(|queue| (Arc::clone(&queue.queue), Arc::clone(&queue.handle)))
}

export! {
    /// A new queue, to forward others to. Given back with `rd_kafka_queue_destroy`.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_queue_new(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => give_queue(&handle, OpQueue::new(), true),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_queue_new(rk) }.unwrap_or(std::ptr::null_mut()),
        }
    }

    /// The queue that `rd_kafka_poll` serves.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_queue_get_main(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
        // SAFETY: the caller's contract.
        match unsafe { from_c::handle(rk) } {
            Some(handle) => give(&handle, &handle.reply_queue),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_queue_get_main(rk) }.unwrap_or(std::ptr::null_mut()),
        }
    }

    /// The background thread's queue; the thread is started if it was not. NULL if it cannot be.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_queue_get_background(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            let queue = unsafe { both::rd_kafka_queue_get_background(rk) };
            return queue.unwrap_or(std::ptr::null_mut());
        };
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
                if queue.is_owner {
                    // What is still forwarded here is dropped from now on.
                    queues::queue_ends(&queue.queue);
                    queue.queue.disable();
                }
            } else if queues::given_up(rkqu) {
                both::rd_kafka_queue_destroy(rkqu);
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
            match (operations(src), operations(dst)) {
                (Some(source), None) if dst.is_null() => _ = source.forward(None),
                (Some(source), Some(target)) => _ = source.forward(Some(&target)),
                _ => queues::forward(src, dst),
            }
        }
    }

    /// The next operation as an event, or NULL after `timeout_ms` (-1: for ever). The caller
    /// destroys it.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_poll(
        rkqu: *mut rd_kafka_queue_t,
        timeout_ms: c_int,
    ) -> *mut rd_kafka_event_t {
        // SAFETY: the caller's contract.
        let Some((queue, handle)) = (unsafe { served(rkqu) }) else {
            // SAFETY: as above.
            let event = unsafe { both::rd_kafka_queue_poll(rkqu, timeout_ms) };
            return event.unwrap_or(std::ptr::null_mut());
        };
        let until = poll::deadline(&handle, timeout_ms);
        match poll::next_event(&handle, &queue, until) {
            Some(Next::Own(event)) => Box::into_raw(event).cast(),
            Some(Next::Outside(event)) => event.as_ptr(),
            None => std::ptr::null_mut(),
        }
    }

    /// Serves callbacks of a queue on this thread; returns how many operations were served.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_poll_callback(rkqu: *mut rd_kafka_queue_t, timeout_ms: c_int) -> c_int {
        // SAFETY: the caller's contract.
        let Some((queue, handle)) = (unsafe { served(rkqu) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_queue_poll_callback(rkqu, timeout_ms) }.unwrap_or(0);
        };
        let until = poll::deadline(&handle, timeout_ms);
        poll::serve(&handle, &queue, until)
    }

    /// How many operations wait in a queue, or where it is forwarded to.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_length(rkqu: *mut rd_kafka_queue_t) -> usize {
        // SAFETY: the caller's contract.
        match unsafe { served(rkqu) } {
            Some((queue, _)) => queue.len(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_queue_length(rkqu) }.unwrap_or(0),
        }
    }

    /// Ends a poll that waits on the queue.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_yield(rkqu: *mut rd_kafka_queue_t) {
        // SAFETY: the caller's contract.
        match unsafe { served(rkqu) } {
            Some((queue, _)) => queue.wake(),
            // SAFETY: as above.
            None => _ = unsafe { both::rd_kafka_queue_yield(rkqu) },
        }
    }

    /// Writes `payload` to `fd` when the queue gets its first operation; a negative `fd` ends that.
    /// The payload is copied; the descriptor stays the application's and should be non-blocking.
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
        let Some((queue, _)) = (unsafe { served(rkqu) }) else {
            // SAFETY: as above.
            unsafe { both::rd_kafka_queue_io_event_enable(rkqu, fd, payload, size) };
            return;
        };
        // SAFETY: the caller's contract.
        let payload = unsafe { from_c::bytes(payload, size) }.unwrap_or_default();
        queue.set_wake_up((fd >= 0).then(|| WakeUp::Write(Notify::new(fd, payload))));
    }

    /// Calls `event_cb` when the queue gets its first operation, on the thread that puts it in;
    /// NULL ends that.
    ///
    /// # Safety
    /// `rkqu` is NULL or a live queue object.
    fn rd_kafka_queue_cb_event_enable(
        rkqu: *mut rd_kafka_queue_t,
        event_cb: Option<QueueEventCb>,
        qev_opaque: *mut c_void,
    ) {
        // SAFETY: the caller's contract.
        let Some((queue, handle)) = (unsafe { served(rkqu) }) else {
            // SAFETY: as above.
            unsafe { both::rd_kafka_queue_cb_event_enable(rkqu, event_cb, qev_opaque) };
            return;
        };
        let (rk, opaque) = (handle.address(), qev_opaque as usize);
        queue.set_wake_up(event_cb.map(|function| {
            WakeUp::Call(Box::new(move || callback::queue_event(function, rk, opaque)))
        }));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::ptr::{null, null_mut};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::event::*;
    use super::*;
    use crate::delivery::background;
    use crate::delivery::fixture::*;
    use crate::error::ErrorCode;
    use crate::op::Op;

    fn address(handle: &Arc<Handle>) -> *mut rd_kafka_t {
        Arc::as_ptr(handle).cast_mut().cast()
    }

    fn raise(handle: &Handle, code: i32) {
        handle.reply_queue.push(Op::Error { code: ErrorCode(code), text: "x".to_owned() });
    }

    /// The code of the next event, 0 if there is none.
    ///
    /// # Safety
    /// `queue` is a live queue object.
    unsafe fn next_error(queue: *mut rd_kafka_queue_t) -> i32 {
        // SAFETY: the caller's contract; the event is ours until destroyed.
        unsafe {
            let event = rd_kafka_queue_poll(queue, 0);
            let code = rd_kafka_event_error(event);
            rd_kafka_event_destroy(event);
            code
        }
    }

    #[test]
    fn events_of_the_main_queue_come_in_order_and_follow_its_forwarding() {
        let handle = instance(|_| {});
        // SAFETY: the instance is live, and so are its queue objects until destroyed.
        unsafe {
            let main = rd_kafka_queue_get_main(address(&handle));
            let own = rd_kafka_queue_new(address(&handle));
            raise(&handle, -1);
            raise(&handle, -2);
            assert_eq!(next_error(main), -1);
            rd_kafka_queue_forward(main, own);
            raise(&handle, -3);
            assert_eq!((rd_kafka_queue_length(main), rd_kafka_queue_length(own)), (2, 2));
            rd_kafka_queue_forward(own, main);
            assert_eq!((next_error(own), next_error(main)), (-2, -3), "the circle was refused");
            rd_kafka_queue_forward(main, null_mut());
            raise(&handle, -4);
            assert_eq!((next_error(own), next_error(main)), (0, -4));
            rd_kafka_queue_destroy(own);
            rd_kafka_queue_destroy(main);
        }
    }

    #[test]
    fn what_is_forwarded_to_a_destroyed_queue_is_dropped() {
        let handle = instance(report_events);
        // SAFETY: as above.
        unsafe {
            let main = rd_kafka_queue_get_main(address(&handle));
            let own = rd_kafka_queue_new(address(&handle));
            rd_kafka_queue_forward(main, own);
            report_some(&handle, 2, ErrorCode::NO_ERROR);
            assert_eq!(handle.account.messages(), 2);
            rd_kafka_queue_destroy(own);
            report_some(&handle, 2, ErrorCode::NO_ERROR);
            assert_eq!((rd_kafka_queue_length(main), handle.account.messages()), (0, 0));
            rd_kafka_queue_destroy(main);
        }
    }

    #[test]
    fn destroying_an_object_of_the_main_queue_leaves_the_queue_alone() {
        let handle = instance(|_| {});
        // SAFETY: as above.
        unsafe {
            rd_kafka_queue_destroy(rd_kafka_queue_get_main(address(&handle)));
        }
        raise(&handle, -1);
        assert_eq!(handle.reply_queue.len(), 1);
    }

    #[test]
    fn a_queue_object_may_outlive_its_instance() {
        let handle = instance(report_events);
        report_some(&handle, 2, ErrorCode::NO_ERROR);
        // SAFETY: as above; the object keeps what it needs.
        unsafe {
            let main = rd_kafka_queue_get_main(address(&handle));
            drop(handle);
            let event = rd_kafka_queue_poll(main, 0);
            rd_kafka_queue_destroy(main);
            assert_eq!(rd_kafka_event_message_count(event), 2);
            rd_kafka_event_destroy(event);
        }
    }

    #[test]
    fn a_callback_takes_the_descriptors_place_and_both_end_with_minus_one() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        extern "C-unwind" fn on_first(rk: *mut rd_kafka_t, opaque: *mut c_void) {
            assert!(!rk.is_null());
            CALLS.fetch_add(opaque.addr(), Ordering::SeqCst);
        }
        let handle = instance(|_| {});
        let (mut reader, writer) = UnixStream::pair().expect("descriptors");
        reader.set_nonblocking(true).expect("a live descriptor");
        let mut bytes = [0; 8];
        // SAFETY: as above; the payload is live.
        unsafe {
            let main = rd_kafka_queue_get_main(address(&handle));
            rd_kafka_queue_io_event_enable(main, writer.as_raw_fd(), c"ab".as_ptr().cast(), 2);
            raise(&handle, -1);
            raise(&handle, -2);
            assert_eq!(reader.read(&mut bytes).expect("written"), 2);
            rd_kafka_queue_cb_event_enable(main, Some(on_first), 5 as *mut c_void);
            rd_kafka_queue_poll_callback(main, 0);
            raise(&handle, -3);
            assert_eq!(CALLS.load(Ordering::SeqCst), 5);
            rd_kafka_queue_io_event_enable(main, -1, null(), 0);
            rd_kafka_queue_poll_callback(main, 0);
            raise(&handle, -4);
            rd_kafka_queue_destroy(main);
        }
        assert_eq!(CALLS.load(Ordering::SeqCst), 5);
        assert!(reader.read(&mut bytes).is_err(), "nothing more was written");
    }

    #[test]
    fn a_yield_ends_a_poll() {
        let handle = instance(|_| {});
        // SAFETY: as above.
        unsafe {
            let main = rd_kafka_queue_get_main(address(&handle));
            rd_kafka_queue_yield(main);
            assert!(rd_kafka_queue_poll(main, -1).is_null());
            rd_kafka_queue_yield(main);
            assert_eq!(rd_kafka_queue_poll_callback(main, -1), 0);
            rd_kafka_queue_destroy(main);
        }
    }

    #[test]
    fn the_background_thread_gives_events_away_and_serves_the_rest() {
        static EVENTS: AtomicUsize = AtomicUsize::new(0);
        static THROTTLES: AtomicUsize = AtomicUsize::new(0);
        extern "C-unwind" fn on_event(
            _rk: *mut rd_kafka_t,
            event: *mut rd_kafka_event_t,
            opaque: *mut c_void,
        ) {
            assert_eq!(opaque.addr(), 9);
            // SAFETY: the event is the callback's.
            unsafe { rd_kafka_event_destroy(event) };
            EVENTS.fetch_add(1, Ordering::SeqCst);
        }
        extern "C-unwind" fn on_throttle(
            _rk: *mut rd_kafka_t,
            _broker: *const std::ffi::c_char,
            _id: i32,
            _throttle_ms: c_int,
            _opaque: *mut c_void,
        ) {
            THROTTLES.fetch_add(1, Ordering::SeqCst);
        }
        let handle = instance(|conf| {
            report_events(conf);
            conf.background_event_cb = Some(on_event);
            conf.throttle_cb = Some(on_throttle);
            conf.opaque = crate::abi::opaque::Opaque::new(std::ptr::without_provenance_mut(9));
        });
        handle.reply_queue.forward(Some(&handle.background_queue));
        let of_thread = Arc::clone(&handle);
        let thread = std::thread::spawn(move || background::run(&of_thread));

        report_some(&handle, 3, ErrorCode::NO_ERROR);
        let broker_name = "h:1/7".to_owned();
        handle.reply_queue.push(Op::Throttle { broker_name, broker_id: 7, throttle_ms: 1 });
        while handle.account.messages() != 0 || THROTTLES.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        handle.set_terminating();
        handle.background_queue.wake();
        thread.join().expect("no panic");

        assert_eq!(EVENTS.load(Ordering::SeqCst), 1);
        assert_eq!(THROTTLES.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn without_its_callback_the_background_thread_calls_the_others() {
        static REPORTS: AtomicUsize = AtomicUsize::new(0);
        extern "C-unwind" fn on_report(
            _rk: *mut rd_kafka_t,
            _message: *const rd_kafka_message_t,
            _opaque: *mut c_void,
        ) {
            REPORTS.fetch_add(1, Ordering::SeqCst);
        }
        let handle = instance(|conf| conf.dr_msg_cb = Some(on_report));
        handle.reply_queue.forward(Some(&handle.background_queue));
        let of_thread = Arc::clone(&handle);
        let thread = std::thread::spawn(move || background::run(&of_thread));
        report_some(&handle, 3, ErrorCode::NO_ERROR);
        while handle.account.messages() != 0 {
            std::thread::yield_now();
        }
        handle.set_terminating();
        handle.background_queue.wake();
        thread.join().expect("no panic");
        assert_eq!(REPORTS.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn null_queues_are_nothing() {
        let null = null_mut();
        // SAFETY: NULL is allowed.
        unsafe {
            assert!(rd_kafka_queue_new(null_mut()).is_null());
            assert!(rd_kafka_queue_get_main(null_mut()).is_null());
            assert!(rd_kafka_queue_get_background(null_mut()).is_null());
            assert!(rd_kafka_queue_poll(null, -1).is_null());
            assert_eq!(rd_kafka_queue_poll_callback(null, -1), 0);
            assert_eq!(rd_kafka_queue_length(null), 0);
            rd_kafka_queue_forward(null, null);
            rd_kafka_queue_yield(null);
            rd_kafka_queue_io_event_enable(null, 1, std::ptr::null(), 0);
            rd_kafka_queue_cb_event_enable(null, None, null_mut());
            rd_kafka_queue_destroy(null);
        }
    }
}
