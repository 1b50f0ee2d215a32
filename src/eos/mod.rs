//! The idempotent producer's control plane: its producer id, and the drains before that changes.
//!
//! [`idempotence`] says which state follows which, [`acquire`] asks brokers, [`drain`] is for the
//! threads whose partitions lost their sequence. What a partition does with the producer id is its
//! engine's matter.
#![forbid(unsafe_code)]

pub(crate) mod acquire;
pub(crate) mod drain;
pub(crate) mod idempotence;

use crate::handle::Handle;
use crate::log::context;
use crate::own::eos::Idempotence;

/// Changes the state under its lock; `change` is told whether there is a fatal error. `thread` is
/// the name of the calling thread.
fn change<R>(handle: &Handle, thread: &str, change: impl FnOnce(&mut Idempotence, bool) -> R) -> R {
    let has_fatal = handle.has_fatal();
    let (before, after, result) = {
        let mut idempotence = handle.idempotence.lock();
        let before = idempotence.state;
        let result = change(&mut idempotence, has_fatal);
        (before, idempotence.state, result)
    };
    if before != after {
        let (before, after) = (before.name(), after.name());
        let text = format_args!("Idempotent producer state change {before} -> {after}");
        handle.log.debug(context::EOS, "IDEMPSTATE", thread, text);
    }
    result
}
