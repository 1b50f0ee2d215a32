//! Producing: checks, limits, the message, its partition.
#![forbid(unsafe_code)]

use std::ffi::c_void;

use super::fatal;
use crate::delivery::report;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::own::headers::Headers;
use crate::own::msg::{Msg, NewMessage, Value};
use crate::own::topic::Topic;
use crate::proto::record::OVERHEAD_MAX;
use crate::sys::clock::Ts;
use crate::sys::fence;
use crate::topic::route::{self, Offer};

/// Longest key or value.
const FIELD_BYTES_MAX: usize = i32::MAX as usize;

/// What a produce call says.
pub(crate) struct Produce<'a> {
    /// The partition, or -1.
    pub(crate) partition: i32,
    /// The value.
    pub(crate) value: Value<'a>,
    /// The key.
    pub(crate) key: Option<&'a [u8]>,
    /// Headers.
    pub(crate) headers: Option<Box<Headers>>,
    /// Milliseconds since the epoch; 0 is now.
    pub(crate) timestamp_ms: i64,
    /// The application's pointer.
    pub(crate) opaque: *mut c_void,
    /// Wait when the queue is full.
    pub(crate) blocks: bool,
}

/// A message that was not taken: why, and the headers, which stay the caller's.
pub(crate) struct Refused {
    /// Why.
    pub(crate) code: ErrorCode,
    /// The headers.
    pub(crate) headers: Option<Box<Headers>>,
}

/// Takes a message. A value that was to be taken over stays the caller's if the message is refused.
///
/// # Errors
/// `_FATAL`, `MSG_SIZE_TOO_LARGE`, `_QUEUE_FULL`, `_UNKNOWN_PARTITION`, `_UNKNOWN_TOPIC`, or the
/// topic's error.
pub(crate) fn produce(handle: &Handle, topic: &Topic, call: Produce<'_>) -> Result<(), Refused> {
    if handle.has_fatal() {
        return Err(Refused { code: ErrorCode::_FATAL, headers: call.headers });
    }
    let now = handle.now();
    produce_at(handle, topic, call, now)
}

/// As [`produce`], with the time of the call; the fatal error was looked at.
pub(crate) fn produce_at(
    handle: &Handle,
    topic: &Topic,
    call: Produce<'_>,
    now: Ts,
) -> Result<(), Refused> {
    if is_too_large(handle, &call) {
        return Err(Refused { code: ErrorCode::MSG_SIZE_TOO_LARGE, headers: call.headers });
    }
    let bytes = call.value.len();
    if !admit(handle, bytes, call.blocks) {
        return Err(Refused { code: ErrorCode::_QUEUE_FULL, headers: call.headers });
    }
    // The wait for room may have been long.
    let now = if call.blocks { handle.now() } else { now };
    let timestamp_ms = match call.timestamp_ms {
        0 => handle.wall_ms(now),
        given => given,
    };
    let expires = match topic.settings.message_timeout_ms {
        0 => Ts::MAX,
        ms => now.plus_ms(ms),
    };
    let mut new = Some(NewMessage {
        partition: call.partition,
        value: call.value,
        key: call.key,
        headers: call.headers,
        timestamp_ms,
        opaque: call.opaque,
        now,
        expires,
    });
    if handle.store.writes_at_once {
        return enqueue(handle, topic, &mut new, now).map_err(|code| {
            topic.account.release(1, i64::try_from(bytes).unwrap_or(i64::MAX));
            Refused { code, headers: new.and_then(|new| new.headers) }
        });
    }
    let mut message = new.map(|new| Msg::new(topic, new));
    let code = match enqueue(handle, topic, &mut message, now) {
        Ok(()) => return Ok(()),
        Err(code) => code,
    };
    let headers = message.and_then(|mut message| {
        message.release_value();
        message.take_headers()
    });
    Err(Refused { code, headers })
}

/// Routes a message. If something panics on the way, the application must not be told that value
/// and headers are still its own when a queue has them already, nor lose them while it has the
/// message: what counts is whether the message is still in its place.
fn enqueue<M: Offer>(
    handle: &Handle,
    topic: &Topic,
    message: &mut Option<M>,
    now: Ts,
) -> Result<(), ErrorCode> {
    let routed = fence::contained(|| {
        fence::failpoint("produce, before a queue has the message");
        let routed = route::route(handle, topic, message, now);
        fence::failpoint("produce, after a queue has the message");
        routed
    });
    routed.unwrap_or_else(|| {
        fatal::raise_internal(handle, "produce");
        if message.is_some() { Err(ErrorCode::_FATAL) } else { Ok(()) }
    })
}

/// Takes a message into custody, if there is room or will be.
fn admit(handle: &Handle, bytes: usize, blocks: bool) -> bool {
    if handle.account.try_admit(bytes) {
        return true;
    }
    // In a callback of this thread: the messages that were reported before make room.
    report::settle(&handle.account);
    if blocks {
        handle.account.admit_blocking(bytes, &|| handle.is_terminating())
    } else {
        handle.account.try_admit(bytes)
    }
}

fn is_too_large(handle: &Handle, call: &Produce<'_>) -> bool {
    let (value, key) = (call.value.len(), call.key.map_or(0, <[u8]>::len));
    if value > FIELD_BYTES_MAX || key > FIELD_BYTES_MAX {
        return true;
    }
    let headers = call.headers.as_ref().map_or(0, |headers| headers.wire_len());
    let total = OVERHEAD_MAX[2].saturating_add(value).saturating_add(key).saturating_add(headers);
    total > handle.settings.message_bytes_max
}
