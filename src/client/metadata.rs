//! The application's questions about the cluster.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::metadata::refresh::Answer;
use crate::op::MainOp;
use crate::op::mailbox::Slot;
use crate::own::topic::Topic;
use crate::sys::clock::Ts;

/// Longest wait that is a real one, in milliseconds.
const FOREVER_MS: i64 = i32::MAX as i64;

/// Asks the cluster; waits at most `timeout_ms` (negative: for ever).
pub(crate) fn query(
    handle: &Arc<Handle>,
    all_topics: bool,
    only: Option<Arc<Topic>>,
    timeout_ms: i32,
) -> Answer {
    let timeout_ms = if timeout_ms < 0 { FOREVER_MS } else { i64::from(timeout_ms) };
    let reply = Slot::new();
    let until = handle.now().plus_ms(timeout_ms);
    handle.main.push(MainOp::ApplicationMetadata {
        all_topics,
        only,
        timeout_ms,
        reply: Arc::clone(&reply),
    });
    // The main thread gives up first, with the better reason.
    let grace = until.plus_ms(50);
    reply.wait(&*handle.clock, grace).unwrap_or(Err(ErrorCode::_TIMED_OUT))
}

/// Waits until `look` finds what it wants in the cluster's description.
pub(crate) fn wait_cluster<T>(
    handle: &Handle,
    timeout_ms: i32,
    look: impl Fn(&crate::handle::Cluster) -> Option<T>,
) -> Option<T> {
    let until = match timeout_ms {
        ms if ms < 0 => Ts::MAX,
        ms => handle.now().plus_ms(i64::from(ms)),
    };
    let mut cluster = handle.cluster.lock();
    loop {
        if let Some(found) = look(&cluster) {
            return Some(found);
        }
        let now = handle.now();
        if now >= until || handle.is_terminating() {
            return None;
        }
        let limit = (until != Ts::MAX).then(|| until - now);
        handle.cluster_changed.wait(&mut cluster, limit);
    }
}
