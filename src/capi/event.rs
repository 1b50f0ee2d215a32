//! Events.

use std::ffi::{c_char, c_int, c_void};

use super::{from_c, into_c};
use crate::abi::public::*;
use crate::conf::property::DEBUG_CONTEXTS;
use crate::delivery::event::{Content, Event, kind};
use crate::error::ErrorCode;
use crate::own::mark::{self, Mark};
use crate::sys::fence::export;

/// The event behind an address; `None` for NULL or something that is no event of ours.
///
/// # Safety
/// `rkev` is NULL or a live event that no other thread uses.
unsafe fn event<'a>(rkev: *mut rd_kafka_event_t) -> Option<&'a mut Event> {
    // SAFETY: the mark is an event's first field.
    unsafe {
        if !mark::is(rkev, Mark::EVENT) {
            return None;
        }
        rkev.cast::<Event>().as_mut()
    }
}

export! {
    /// The event's kind; 0 for NULL.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_type(rkev: *const rd_kafka_event_t) -> rd_kafka_event_type_t {
        // SAFETY: the caller's contract.
        unsafe { event(rkev.cast_mut()) }.map_or(kind::NONE, |event| event.kind())
    }

    /// The name of the event's kind; a static text.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_name(rkev: *const rd_kafka_event_t) -> *const c_char {
        // SAFETY: the caller's contract.
        let kind = unsafe { event(rkev.cast_mut()) }.map_or(kind::NONE, |event| event.kind());
        let name = match kind {
            kind::NONE => c"(NONE)",
            kind::DR => c"DeliveryReport",
            kind::LOG => c"Log",
            kind::ERROR => c"Error",
            kind::STATS => c"Statistics",
            kind::THROTTLE => c"Throttle",
            _ => c"?unknown?",
        };
        name.as_ptr()
    }

    /// Frees an event and everything that belongs to it. NULL is allowed.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event that is not used again.
    fn rd_kafka_event_destroy(rkev: *mut rd_kafka_event_t) {
        // SAFETY: the caller's contract; events come from boxes.
        unsafe {
            if let Some(event) = event(rkev) {
                drop(Box::from_raw(&raw mut *event));
            }
        }
    }

    /// The next message of a delivery report event, or NULL. It belongs to the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_message_next(rkev: *mut rd_kafka_event_t) -> *const rd_kafka_message_t {
        // SAFETY: the caller's contract.
        unsafe { event(rkev) }
            .and_then(|event| event.next_message())
            .map_or(std::ptr::null(), |message| message.as_public().cast_const())
    }

    /// Takes up to `size` messages of a delivery report event into `rkmessages`; returns how many. They belong to the
    /// event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event; `rkmessages` has room for `size` pointers.
    fn rd_kafka_event_message_array(
        rkev: *mut rd_kafka_event_t,
        rkmessages: *mut *const rd_kafka_message_t,
        size: usize,
    ) -> usize {
        // SAFETY: the caller's contract.
        let Some(event) = (unsafe { event(rkev) }) else { return 0 };
        let mut count = 0;
        while count < size {
            let Some(message) = event.next_message() else { break };
            // SAFETY: the caller's contract.
            unsafe { *rkmessages.add(count) = message.as_public() };
            count += 1;
        }
        count
    }

    /// How many messages of the event were not taken yet.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_message_count(rkev: *mut rd_kafka_event_t) -> usize {
        // SAFETY: the caller's contract.
        unsafe { event(rkev) }.map_or(0, |event| event.message_count())
    }

    /// The configuration of a SASL token event; such events do not come from this version.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_config_string(_rkev: *mut rd_kafka_event_t) -> *const c_char {
        std::ptr::null()
    }

    /// The error of an error event or of a report.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_error(rkev: *mut rd_kafka_event_t) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        match unsafe { event(rkev) }.map(|event| &event.content) {
            Some(Content::Error { code, .. }) => code.0,
            Some(Content::Report { report, .. }) => report.error.0,
            _ => ErrorCode::NO_ERROR.0,
        }
    }

    /// The text of the event's error; it lives as long as the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_error_string(rkev: *mut rd_kafka_event_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { event(rkev) }.map(|event| &event.content) {
            Some(Content::Error { text, .. }) => text.as_ptr(),
            // SAFETY: err2str takes any number.
            Some(Content::Report { report, .. }) => unsafe {
                super::codes::rd_kafka_err2str(report.error.0)
            },
            // SAFETY: as above.
            _ => unsafe { super::codes::rd_kafka_err2str(0) },
        }
    }

    /// Is the event's error a fatal one?
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_error_is_fatal(rkev: *mut rd_kafka_event_t) -> c_int {
        // SAFETY: the caller's contract.
        match unsafe { event(rkev) }.map(|event| &event.content) {
            Some(Content::Error { is_fatal, .. }) => c_int::from(*is_fatal),
            _ => 0,
        }
    }

    /// The pointer of an admin request or commit; producer events have none.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_opaque(_rkev: *mut rd_kafka_event_t) -> *mut c_void {
        std::ptr::null_mut()
    }

    /// Facility, text and level of a log event: 0, or -1 for another event. The texts live as long as the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event; the results are NULL or live.
    fn rd_kafka_event_log(
        rkev: *mut rd_kafka_event_t,
        fac: *mut *const c_char,
        str: *mut *const c_char,
        level: *mut c_int,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let Some(Content::Log { level: its_level, facility, text, .. }) =
            (unsafe { event(rkev) }).map(|event| &event.content)
        else {
            return -1;
        };
        // SAFETY: the caller's contract.
        unsafe {
            if let Some(fac) = fac.as_mut() {
                *fac = facility.as_ptr();
            }
            if let Some(str) = str.as_mut() {
                *str = text.as_ptr();
            }
            if let Some(level) = level.as_mut() {
                *level = *its_level;
            }
        }
        0
    }

    /// The debug contexts of a log event as a list: 0, or -1 for another event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event; `dst` is NULL or writable for `dstsize` bytes.
    fn rd_kafka_event_debug_contexts(
        rkev: *mut rd_kafka_event_t,
        dst: *mut c_char,
        dstsize: usize,
    ) -> c_int {
        // Quirk: history knows the first seventeen contexts here.
        const LISTED: usize = 17;
        // SAFETY: the caller's contract.
        let Some(Content::Log { contexts, .. }) =
            (unsafe { event(rkev) }).map(|event| &event.content)
        else {
            return -1;
        };
        let names: Vec<&str> = DEBUG_CONTEXTS
            .iter()
            .take(LISTED)
            .filter(|(_, bit)| i64::from(*contexts) & bit != 0)
            .map(|(name, _)| *name)
            .collect();
        // SAFETY: the caller's contract.
        unsafe { into_c::text(dst, dstsize, &names.join(",")) };
        0
    }

    /// The statistics of a statistics event as JSON; NULL for another event. It lives as long as the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_stats(rkev: *mut rd_kafka_event_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { event(rkev) }.map(|event| &event.content) {
            Some(Content::Stats(json)) => json.as_ptr(),
            _ => std::ptr::null(),
        }
    }

    /// The partitions of a rebalance or commit event; producer events have none.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_topic_partition_list(
        _rkev: *mut rd_kafka_event_t,
    ) -> *mut rd_kafka_topic_partition_list_t {
        std::ptr::null_mut()
    }

    /// The partition of an error event; producer events have none.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_topic_partition(
        _rkev: *mut rd_kafka_event_t,
    ) -> *mut rd_kafka_topic_partition_t {
        std::ptr::null_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_events_are_nothing() {
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(rd_kafka_event_type(std::ptr::null()), 0);
            assert_eq!(rd_kafka_event_message_count(std::ptr::null_mut()), 0);
            rd_kafka_event_destroy(std::ptr::null_mut());
            assert!(from_c::text(rd_kafka_event_name(std::ptr::null())).is_some());
        }
    }
}
