//! Producing one message, and many.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use super::{from_c, into_c};
use crate::abi::msg::{MSG_F_BLOCK, MSG_F_COPY, MSG_F_FREE, MSG_F_PARTITION};
use crate::abi::public::*;
use crate::client::produce::{self, Produce};
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::own::msg::Value;
use crate::sys::fence::export;

/// The value of a message, as the flags say.
///
/// # Safety
/// `payload` is NULL, or readable for `len` bytes until the report (until the call returns with
/// `F_COPY`), and on the C heap with `F_FREE`.
pub(super) unsafe fn value<'a>(payload: *mut c_void, len: usize, flags: c_int) -> Value<'a> {
    let Some(pointer) = NonNull::new(payload.cast::<u8>()) else { return Value::Null(len) };
    if flags & MSG_F_COPY != 0 {
        // SAFETY: the caller's contract. An impossible length is refused for its size, without
        // being looked at.
        return match unsafe { from_c::bytes(payload, len) } {
            Some(bytes) => Value::Copy(bytes),
            None => Value::Borrow(pointer, len),
        };
    }
    if flags & MSG_F_FREE != 0 {
        return Value::Take(pointer, len);
    }
    Value::Borrow(pointer, len)
}

/// A key; a length that cannot be is kept, so that the size check refuses it.
///
/// # Safety
/// `key` is NULL or readable for `len` bytes.
pub(super) unsafe fn key<'a>(
    key: *const c_void,
    len: usize,
) -> Result<Option<&'a [u8]>, ErrorCode> {
    if i32::try_from(len).is_err() {
        return Err(ErrorCode::MSG_SIZE_TOO_LARGE);
    }
    // SAFETY: the caller's contract.
    Ok(unsafe { from_c::bytes(key, len) })
}

export! {
    /// Takes a message for a topic. 0, or -1 with last error and errno.
    ///
    /// `msgflags`: `F_COPY` copies the payload; `F_FREE` frees it after the report (not if the call
    /// fails); neither: it stays the caller's and must not change before the report. `F_BLOCK`
    /// waits when the queue is full. The key is always copied.
    ///
    /// # Safety
    /// `rkt` is NULL or a live topic object; payload and key are NULL or readable for their
    /// lengths, as the flags say.
    fn rd_kafka_produce(
        rkt: *mut rd_kafka_topic_t,
        partition: i32,
        msgflags: c_int,
        payload: *mut c_void,
        len: usize,
        key: *const c_void,
        keylen: usize,
        msg_opaque: *mut c_void,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let topic = unsafe { from_c::topic(rkt) };
        let Some((topic, handle)) =
            topic.and_then(|topic| Handle::of_topic(topic).map(|handle| (topic, handle)))
        else {
            into_c::fail(ErrorCode::_INVALID_ARG, libc::EINVAL);
            return -1;
        };
        // SAFETY: the caller's contract.
        let result = unsafe { self::key(key, keylen) }.and_then(|key| {
            let call = Produce {
                partition,
                // SAFETY: the caller's contract.
                value: unsafe { value(payload, len, msgflags) },
                key,
                headers: None,
                timestamp_ms: 0,
                opaque: msg_opaque,
                blocks: msgflags & MSG_F_BLOCK != 0,
            };
            produce::produce(handle, topic, call).map_err(|refused| refused.code)
        });
        match result {
            Ok(()) => {
                into_c::set_last_error(ErrorCode::NO_ERROR);
                0
            }
            Err(code) => {
                into_c::fail(code, into_c::errno_of(code));
                -1
            }
        }
    }

    /// Takes many messages for a topic; each one's `err` says whether it was taken. Returns how
    /// many were.
    ///
    /// With `F_PARTITION` each message has its own partition. All get the time of the call.
    ///
    /// # Safety
    /// `rkt` is NULL or a live topic object; `rkmessages` has `message_cnt` messages with payloads
    /// and keys as for
    /// `rd_kafka_produce`.
    fn rd_kafka_produce_batch(
        rkt: *mut rd_kafka_topic_t,
        partition: i32,
        msgflags: c_int,
        rkmessages: *mut rd_kafka_message_t,
        message_cnt: c_int,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let topic = unsafe { from_c::topic(rkt) };
        let Some((topic, handle)) =
            topic.and_then(|topic| Handle::of_topic(topic).map(|handle| (topic, handle)))
        else {
            into_c::fail(ErrorCode::_INVALID_ARG, libc::EINVAL);
            return 0;
        };
        let count = usize::try_from(message_cnt).unwrap_or(0);
        if count == 0 || rkmessages.is_null() {
            return 0;
        }
        // SAFETY: the caller's contract.
        let messages = unsafe { std::slice::from_raw_parts_mut(rkmessages, count) };
        let now = handle.now();
        let timestamp_ms = handle.wall_ms(now);
        let mut taken = 0;
        let mut sticks = handle.has_fatal().then_some(ErrorCode::_FATAL);
        for message in messages {
            let code = match sticks {
                Some(code) => code,
                None => {
                    let own = msgflags & MSG_F_PARTITION != 0;
                    // SAFETY: the caller's contract.
                    unsafe {
                        one_of_batch(
                            handle,
                            topic,
                            message,
                            if own { message.partition } else { partition },
                            msgflags,
                            (timestamp_ms, now),
                        )
                    }
                }
            };
            message.err = code.0;
            if code.is_ok() {
                taken += 1;
            } else if code == ErrorCode::_QUEUE_FULL && msgflags & MSG_F_BLOCK == 0 {
                sticks = Some(code);
            }
        }
        if sticks == Some(ErrorCode::_FATAL) {
            into_c::fail(ErrorCode::_FATAL, libc::ECANCELED);
        }
        taken
    }
}

/// Takes one message of a batch.
///
/// # Safety
/// Payload and key of `message` are as for `rd_kafka_produce`.
unsafe fn one_of_batch(
    handle: &Handle,
    topic: &crate::own::topic::Topic,
    message: &rd_kafka_message_t,
    partition: i32,
    flags: c_int,
    (timestamp_ms, now): (i64, crate::sys::clock::Ts),
) -> ErrorCode {
    // SAFETY: the caller's contract.
    let key = match unsafe { key(message.key, message.key_len) } {
        Ok(key) => key,
        Err(code) => return code,
    };
    let call = Produce {
        partition,
        // SAFETY: the caller's contract.
        value: unsafe { value(message.payload, message.len, flags) },
        key,
        headers: None,
        timestamp_ms,
        opaque: message._private,
        blocks: flags & MSG_F_BLOCK != 0,
    };
    match produce::produce_at(handle, topic, call, now) {
        Ok(()) => ErrorCode::NO_ERROR,
        Err(refused) => refused.code,
    }
}
