//! When a batch is ready, and when to look again: the historical rule.
#![forbid(unsafe_code)]

use crate::conf::settings::Settings;
use crate::own::msgq::MsgQueue;
use crate::sys::clock::Ts;

/// Linger while the application flushes, in microseconds.
const FLUSH_LINGER_US: i64 = 1;

/// Whether a partition's transmit queue makes a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ready {
    /// There is nothing.
    Empty,
    /// Now.
    Now,
    /// At this time, if nothing fills the batch before.
    At(Ts),
}

/// Is a batch ready? A head that backs off holds everything behind it back, so that order is kept.
pub(crate) fn ready(xmit: &MsgQueue, settings: &Settings, is_flushing: bool, now: Ts) -> Ready {
    let Some(first) = xmit.front() else { return Ready::Empty };
    if first.backoff() > now {
        return Ready::At(first.backoff());
    }
    let linger_us = if is_flushing { FLUSH_LINGER_US } else { settings.linger_us };
    let due = first.enqueued() + linger_us;
    let batch_bytes_max = i64::try_from(settings.batch_bytes_max).unwrap_or(i64::MAX);
    let is_full = xmit.len() >= settings.batch_messages_max || xmit.bytes() >= batch_bytes_max;
    if is_full || now >= due { Ready::Now } else { Ready::At(due) }
}
