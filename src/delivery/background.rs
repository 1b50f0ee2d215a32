//! The optional thread that gives events to the application's background callback.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::event::Event;
use crate::callback;
use crate::handle::Handle;
use crate::sys::clock::Ts;

/// The thread's body: until the instance ends.
pub(crate) fn run(handle: &Arc<Handle>) {
    while !handle.is_terminating() {
        let Some(op) = handle.background_queue.pop(&*handle.clock, Ts::MAX) else { continue };
        match handle.conf.callbacks.background_event {
            Some(function) => {
                let event = Box::into_raw(Event::of(handle, op)).cast();
                let opaque = handle.conf.callbacks.opaque;
                callback::background(function, handle.address(), event, opaque);
            }
            None => drop(op),
        }
    }
}
