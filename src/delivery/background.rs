//! The optional thread that gives events to the application's background callback.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::poll::{self, Next};
use crate::callback;
use crate::handle::Handle;

/// Longest wait, in milliseconds. The end of the instance wakes the thread; if the application
/// forwarded the queue, the wake-up may be taken by another thread that polls there.
const WAIT_MS: i64 = 1000;

/// The thread's body: until the instance ends.
pub(crate) fn run(handle: &Arc<Handle>) {
    let queue = &handle.background_queue;
    while !handle.is_terminating() {
        let until = handle.now().plus_ms(WAIT_MS);
        let Some(op) = queue.pop(&*handle.clock, until) else { continue };
        let Some(function) = handle.conf.background_event_cb else {
            poll::serve_op(handle, queue, op);
            continue;
        };
        let event = match Next::of(handle, queue, op) {
            Ok(Some(Next::Own(event))) => Box::into_raw(event).cast(),
            Ok(Some(Next::Outside(event))) => event.as_ptr(),
            Ok(None) => continue,
            Err(op) => {
                poll::serve_op(handle, queue, op);
                continue;
            }
        };
        let opaque = handle.conf.opaque.address();
        callback::background(function, handle.address(), event, opaque);
    }
}
