//! What a report says beside the public fields of its message.

use std::ffi::c_char;

use super::from_c;
use crate::abi::public::*;
use crate::error::ErrorCode;
use crate::forward::{both, headers};
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
    /// Frees a consumed message. Messages of reports belong to their report: nothing happens to
    /// those.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_destroy(rkmessage: *mut rd_kafka_message_t) {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_message_destroy(rkmessage) };
    }

    /// The text of a message's error. Quirk: of a produced message it is the payload, if there is
    /// one.
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

    /// The broker's text about a failed message; NULL if it gave none. It lives as long as the
    /// message.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message of a report.
    fn rd_kafka_message_produce_errstr(rkmessage: *const rd_kafka_message_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { message(rkmessage) } {
            Some(message) if message.error().is_err() => message.error_text(),
            Some(_) => std::ptr::null(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_message_produce_errstr(rkmessage) }
                .unwrap_or(std::ptr::null()),
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
        let message = unsafe { message(rkmessage) };
        if message.is_none() {
            // SAFETY: as above.
            let answer = unsafe { both::rd_kafka_message_timestamp(rkmessage, tstype) };
            if let Some(timestamp) = answer {
                return timestamp;
            }
        }
        let message = message.filter(|message| message.error().is_ok());
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
        let Some(message) = (unsafe { message(rkmessage) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_message_latency(rkmessage) }.unwrap_or(-1);
        };
        let now = message.topic().and_then(Handle::of_topic).map(Handle::now);
        now.map_or(-1, |now| now - message.enqueued())
    }

    /// Node id of the broker that gave the final result; -1 if none did.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_broker_id(rkmessage: *const rd_kafka_message_t) -> i32 {
        // SAFETY: the caller's contract.
        match unsafe { message(rkmessage) } {
            Some(message) => message.broker_id(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_message_broker_id(rkmessage) }.unwrap_or(-1),
        }
    }

    /// Is the message in the log: not (0), possibly (1), yes (2).
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_status(rkmessage: *const rd_kafka_message_t) -> rd_kafka_msg_status_t {
        // SAFETY: the caller's contract.
        match unsafe { message(rkmessage) } {
            Some(message) => message.status(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_message_status(rkmessage) }.unwrap_or(0),
        }
    }

    /// The leader epoch of a consumed message; -1 for others.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_leader_epoch(rkmessage: *const rd_kafka_message_t) -> i32 {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_message_leader_epoch(rkmessage) }.unwrap_or(-1)
    }

    /// How often a share consumer got the message; 0 for others.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message.
    fn rd_kafka_message_delivery_count(rkmessage: *const rd_kafka_message_t) -> i16 {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_message_delivery_count(rkmessage) }.unwrap_or(0)
    }

    /// How many messages a share consumer's batch has; 0 for NULL.
    ///
    /// # Safety
    /// `messages` is NULL or live.
    fn rd_kafka_messages_count(messages: *const rd_kafka_messages_t) -> usize {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_messages_count(messages) }.unwrap_or(0)
    }

    /// Frees a share consumer's batch. NULL is allowed.
    ///
    /// # Safety
    /// `messages` is NULL, or a batch that is not used again.
    fn rd_kafka_messages_destroy(messages: *mut rd_kafka_messages_t) {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_messages_destroy(messages) };
    }

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
            if hdrsp.is_null() {
                return ErrorCode::_INVALID_ARG.0;
            }
            let message = message(rkmessage);
            if message.is_none()
                && let Some(answer) = both::rd_kafka_message_headers(rkmessage, hdrsp)
            {
                return answer;
            }
            match message.map(|message| message.headers_as_c()) {
                Some(headers) if !headers.is_null() => {
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
            let message = message(rkmessage);
            if message.is_none()
                && let Some(answer) = both::rd_kafka_message_detach_headers(rkmessage, hdrsp)
            {
                return answer;
            }
            match message.and_then(|message| message.take_headers()) {
                Some(headers) => {
                    *hdrsp = headers.into_raw();
                    ErrorCode::NO_ERROR.0
                }
                None => ErrorCode::_NOENT.0,
            }
        }
    }

    /// Gives a message headers; the former ones are destroyed. The message owns them from now on.
    ///
    /// # Safety
    /// `rkmessage` is NULL or a live message; `hdrs` is NULL or a live headers object that is not
    /// used again.
    fn rd_kafka_message_set_headers(
        rkmessage: *mut rd_kafka_message_t,
        hdrs: *mut rd_kafka_headers_t,
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            match message(rkmessage) {
                Some(message) => message.set_headers(super::headers::taken(hdrs)),
                None => match Headers::from_raw(hdrs) {
                    Some(own) => {
                        if let Some(hdrs) = headers::exported(&own) {
                            both::rd_kafka_message_set_headers(rkmessage, hdrs);
                        }
                    }
                    None => _ = both::rd_kafka_message_set_headers(rkmessage, hdrs),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::ptr::{null, null_mut};

    use super::*;
    use crate::delivery::fixture::*;
    use crate::own::msg::Status;

    #[test]
    fn a_delivered_message_has_time_broker_and_status() {
        let handle = instance(report_events);
        let mut sent = accepted(&handle, &topic(&handle), 7);
        sent.set_status(Status::Persisted);
        sent.set_broker_id(4);
        sent.set_log_append_time(1_700_000_000_123);
        let public = sent.as_public();
        let mut kind = -1;
        // SAFETY: the message is live.
        unsafe {
            assert_eq!(rd_kafka_message_timestamp(public, &raw mut kind), 1_700_000_000_123);
            assert_eq!(rd_kafka_message_timestamp(public, null_mut()), 1_700_000_000_123);
            assert_eq!(rd_kafka_message_status(public), 2);
            assert_eq!(rd_kafka_message_broker_id(public), 4);
            assert_eq!(rd_kafka_message_leader_epoch(public), -1);
            assert_eq!(rd_kafka_message_delivery_count(public), 0);
            assert!(rd_kafka_message_produce_errstr(public).is_null());
            assert!(rd_kafka_message_errstr(public).is_null());
            rd_kafka_message_destroy(public);
            assert_eq!((*public).len, VALUE.len());
        }
        assert_eq!(kind, 2);
    }

    #[test]
    fn a_failed_message_has_no_time_and_the_brokers_text() {
        let handle = instance(report_events);
        let mut failed = accepted(&handle, &topic(&handle), 7);
        failed.set_error(ErrorCode::INVALID_RECORD);
        failed.set_error_text(b"bad record");
        let public = failed.as_public();
        let mut kind = -1;
        // SAFETY: the message is live; its texts are NUL-terminated.
        unsafe {
            assert_eq!(rd_kafka_message_timestamp(public, &raw mut kind), -1);
            let text = CStr::from_ptr(rd_kafka_message_produce_errstr(public));
            assert_eq!(text, c"bad record");
            assert_eq!(rd_kafka_message_errstr(public).cast(), (*public).payload.cast_const());
            (*public).payload = null_mut();
            let text = CStr::from_ptr(rd_kafka_message_errstr(public));
            assert_eq!(text, c"Broker: Broker failed to validate record");
            assert_eq!(rd_kafka_message_status(public), 0);
            assert_eq!(rd_kafka_message_broker_id(public), -1);
        }
        assert_eq!(kind, 0);
    }

    #[test]
    fn headers_are_lent_moved_and_replaced() {
        let handle = instance(report_events);
        let mut sent = accepted(&handle, &topic(&handle), 7);
        let public = sent.as_public();
        let mut found = null_mut();
        let given = Box::new(Headers::new()).into_raw();
        // SAFETY: the message is live; the headers are given away once and destroyed once.
        unsafe {
            let noent = ErrorCode::_NOENT.0;
            assert_eq!(rd_kafka_message_headers(public, &raw mut found), noent);
            assert_eq!(rd_kafka_message_detach_headers(public, &raw mut found), noent);
            rd_kafka_message_set_headers(public, given);
            assert_eq!(rd_kafka_message_headers(public, &raw mut found), 0);
            assert_eq!(found, given);
            assert_eq!(rd_kafka_message_headers(public, null_mut()), ErrorCode::_INVALID_ARG.0);
            assert_eq!(rd_kafka_message_detach_headers(public, &raw mut found), 0);
            assert_eq!(rd_kafka_message_headers(public, &raw mut found), noent);
            assert_eq!(found, given, "a failure leaves the result alone");
            rd_kafka_message_set_headers(public, Box::new(Headers::new()).into_raw());
            rd_kafka_message_set_headers(public, given);
            rd_kafka_message_set_headers(public, null_mut());
            assert_eq!(rd_kafka_message_headers(public, &raw mut found), noent);
        }
    }

    #[test]
    fn null_messages_are_nothing() {
        // SAFETY: NULL is allowed.
        unsafe {
            rd_kafka_message_destroy(null_mut());
            assert_eq!(rd_kafka_message_timestamp(null(), null_mut()), -1);
            assert_eq!(rd_kafka_message_latency(null()), -1);
            assert_eq!(rd_kafka_message_status(null()), 0);
            assert!(rd_kafka_message_errstr(null()).is_null());
            rd_kafka_message_set_headers(null_mut(), null_mut());
        }
    }
}
