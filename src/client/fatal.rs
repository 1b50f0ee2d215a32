//! Raising the fatal error: the first one stays, and the instance produces nothing any more.
#![forbid(unsafe_code)]

use std::sync::{Arc, Weak};

pub(crate) use crate::delivery::fatal::raise;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::sys::fence;
use crate::sys::lock::{Mutex, Rank};

/// The instances that live. A panic stopped at a door knows the address only that C code gave, and
/// must not follow it.
static LIVE: Mutex<Vec<Weak<Handle>>> = Mutex::new(Rank::Leaf, Vec::new());

/// An instance lives: a panic at a door raises its fatal error from now on.
pub(crate) fn watch(handle: &Arc<Handle>) {
    fence::set_hook(stopped);
    LIVE.lock().push(Arc::downgrade(handle));
}

/// An instance ends.
pub(crate) fn unwatch(handle: &Arc<Handle>) {
    LIVE.lock().retain(|live| live.as_ptr() != Arc::as_ptr(handle));
}

/// A panic was stopped in the function `place`, which was called for the instance or topic at
/// `object`.
fn stopped(place: &str, object: usize) {
    if object == 0 {
        return;
    }
    // Not in the loop: topics are locked before this list is.
    let live: Vec<Arc<Handle>> = LIVE.lock().iter().filter_map(Weak::upgrade).collect();
    let is_of = |handle: &&Arc<Handle>| {
        let has_topic =
            || handle.topics.read().values().any(|topic| Arc::as_ptr(topic).addr() == object);
        handle.address() == object || has_topic()
    };
    if let Some(handle) = live.iter().find(is_of) {
        raise_internal(handle, place);
    }
}

/// A panic was stopped: the instance cannot be trusted any more.
pub(crate) fn raise_internal(handle: &Handle, place: &str) {
    raise(handle, ErrorCode::_FATAL, &format!("internal error in {place}"));
}
