//! What a report says beside the public fields of its message.

use std::ffi::c_char;

use super::from_c;
use crate::abi::public::*;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::own::headers::Headers;
use crate::own::msg::MsgFields;
use crate::sys::fence::export;

/// The message behind a public pointer.
///
/// # Safety
/// `message` is NULL or a message that this library gave out and that is alive.
unsafe fn message<'a>(message: *const rd_kafka_message_t) -> Option<&'a mut MsgFields> {
    // SAFETY: the caller's contract. Messages of ours belong to a topic of ours.
    unsafe {
        let topic = message.as_ref()?.rkt;
        from_c::topic(topic)?;
        MsgFields::from_public(message)
    }
}

export! {
    /// Frees a consumed message. Messages of reports belong to their report: nothing happens to those.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_destroy(_rkmessage: *mut rd_kafka_message_t) {}

    /// The text of a message's error. Quirk: of a produced message it is the payload, if there is one.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_errstr(rkmessage: *const rd_kafka_message_t) -> *const c_char {
        // SAFETY: the caller's contract.
        let Some(message) = (unsafe { rkmessage.as_ref() }) else { return std::ptr::null() };
        if message.err == 0 {
            return std::ptr::null();
        }
        if !message.payload.is_null() {
            return message.payload.cast_const().cast();
        }
        // SAFETY: err2str takes any number.
        unsafe { super::codes::rd_kafka_err2str(message.err) }
    }

    /// The broker's text about a failed message; NULL if it gave none. It lives as long as the message.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message of a report.
    fn rd_kafka_message_produce_errstr(rkmessage: *const rd_kafka_message_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { message(rkmessage) } {
            Some(message) if message.error().is_err() => message.error_text(),
            _ => std::ptr::null(),
        }
    }

    /// The message's timestamp in milliseconds, and its kind; -1 for a failed message.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message; `tstype` is NULL or live.
    fn rd_kafka_message_timestamp(
        rkmessage: *const rd_kafka_message_t,
        tstype: *mut rd_kafka_timestamp_type_t,
    ) -> i64 {
        // SAFETY: the caller's contract.
        let message = unsafe { message(rkmessage) }.filter(|message| message.error().is_ok());
        let (kind, timestamp) =
            message.map_or((0, -1), |message| (message.timestamp_kind(), message.timestamp_ms()));
        // SAFETY: the caller's contract.
        if let Some(tstype) = unsafe { tstype.as_mut() } {
            *tstype = kind;
        }
        timestamp
    }

    /// Microseconds from the produce call to now; -1 if unknown.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_latency(rkmessage: *const rd_kafka_message_t) -> i64 {
        // SAFETY: the caller's contract.
        let Some(message) = (unsafe { message(rkmessage) }) else { return -1 };
        let now = message.topic().and_then(Handle::of_topic).map(Handle::now);
        now.map_or(-1, |now| now - message.enqueued())
    }

    /// Node id of the broker that gave the final result; -1 if none did.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_broker_id(rkmessage: *const rd_kafka_message_t) -> i32 {
        // SAFETY: the caller's contract.
        unsafe { message(rkmessage) }.map_or(-1, |message| message.broker_id())
    }

    /// Is the message in the log: not (0), possibly (1), yes (2).
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_status(rkmessage: *const rd_kafka_message_t) -> rd_kafka_msg_status_t {
        // SAFETY: the caller's contract.
        unsafe { message(rkmessage) }.map_or(0, |message| message.status())
    }

    /// The leader epoch of a consumed message; -1 for others.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_leader_epoch(_rkmessage: *const rd_kafka_message_t) -> i32 {
        -1
    }

    /// How often a share consumer got the message; 0 for others.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_delivery_count(_rkmessage: *const rd_kafka_message_t) -> i16 {
        0
    }

    /// How many messages a share consumer's batch has; 0 for NULL.
    ///
    /// # Safety
    /// `messages` is NULL: such batches do not come from this version.
    fn rd_kafka_messages_count(_messages: *const rd_kafka_messages_t) -> usize {
        0
    }

    /// Frees a share consumer's batch. NULL is allowed.
    ///
    /// # Safety
    /// `messages` is NULL: such batches do not come from this version.
    fn rd_kafka_messages_destroy(_messages: *mut rd_kafka_messages_t) {}

    /// The message's headers; they belong to it. `_NOENT` if it has none.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message; `hdrsp` is live.
    fn rd_kafka_message_headers(
        rkmessage: *const rd_kafka_message_t,
        hdrsp: *mut *mut rd_kafka_headers_t,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        unsafe {
            match message(rkmessage).map(|message| message.headers_as_c()) {
                Some(headers) if !headers.is_null() && !hdrsp.is_null() => {
                    *hdrsp = headers;
                    ErrorCode::NO_ERROR.0
                }
                _ => ErrorCode::_NOENT.0,
            }
        }
    }

    /// Takes the headers out of a message: the caller destroys them. `_NOENT` if it has none.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message; `hdrsp` is live.
    fn rd_kafka_message_detach_headers(
        rkmessage: *mut rd_kafka_message_t,
        hdrsp: *mut *mut rd_kafka_headers_t,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        unsafe {
            if hdrsp.is_null() {
                return ErrorCode::_INVALID_ARG.0;
            }
            match message(rkmessage).and_then(|message| message.take_headers()) {
                Some(headers) => {
                    *hdrsp = Box::into_raw(headers).cast();
                    ErrorCode::NO_ERROR.0
                }
                None => ErrorCode::_NOENT.0,
            }
        }
    }

    /// Gives a message headers; the former ones are destroyed. The message owns them from now on.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message; `hdrs` is NULL or a live headers object that is not used again.
    fn rd_kafka_message_set_headers(
        rkmessage: *mut rd_kafka_message_t,
        hdrs: *mut rd_kafka_headers_t,
    ) {
        // SAFETY: the caller's contract; headers come from boxes.
        unsafe {
            if let Some(message) = message(rkmessage) {
                let headers = from_c::headers(hdrs)
                    .map(|headers: &mut Headers| Box::from_raw(&raw mut *headers));
                message.set_headers(headers);
            }
        }
    }
}
