//! Events.

use std::ffi::{c_char, c_int, c_void};

use super::into_c;
use crate::abi::public::*;
use crate::abi::stats::rd_kafka_stats_t;
use crate::conf::context;
use crate::delivery::event::{Content, Event, kind};
use crate::error::ErrorCode;
use crate::forward::both;
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
        match unsafe { event(rkev.cast_mut()) } {
            Some(event) => event.kind(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_event_type(rkev) }.unwrap_or(kind::NONE),
        }
    }

    /// The name of the event's kind; a static text.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_name(rkev: *const rd_kafka_event_t) -> *const c_char {
        // SAFETY: the caller's contract.
        let Some(event) = (unsafe { event(rkev.cast_mut()) }) else {
            // SAFETY: as above.
            let name = unsafe { both::rd_kafka_event_name(rkev) };
            return name.unwrap_or(c"(NONE)".as_ptr());
        };
        let name = match event.kind() {
            kind::NONE => c"(NONE)",
            kind::DR => c"DeliveryReport",
            kind::LOG => c"Log",
            kind::ERROR => c"Error",
            kind::STATS => c"Statistics",
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
            match event(rkev) {
                Some(event) => drop(Box::from_raw(&raw mut *event)),
                None => _ = both::rd_kafka_event_destroy(rkev),
            }
        }
    }

    /// The next message of a delivery report event, or NULL. It belongs to the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_message_next(rkev: *mut rd_kafka_event_t) -> *const rd_kafka_message_t {
        // SAFETY: the caller's contract.
        let message = match unsafe { event(rkev) } {
            Some(event) => event.next_message().map(|message| message.as_public().cast_const()),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_event_message_next(rkev) },
        };
        message.unwrap_or(std::ptr::null())
    }

    /// Takes up to `size` messages of a delivery report event into `rkmessages`; returns how many.
    /// They belong to the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event; `rkmessages` has room for `size` pointers.
    fn rd_kafka_event_message_array(
        rkev: *mut rd_kafka_event_t,
        rkmessages: *mut *const rd_kafka_message_t,
        size: usize,
    ) -> usize {
        // SAFETY: the caller's contract.
        let Some(event) = (unsafe { event(rkev) }) else {
            // SAFETY: as above.
            let count = unsafe { both::rd_kafka_event_message_array(rkev, rkmessages, size) };
            return count.unwrap_or(0);
        };
        let size = if rkmessages.is_null() { 0 } else { size };
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
        match unsafe { event(rkev) } {
            Some(event) => event.message_count(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_event_message_count(rkev) }.unwrap_or(0),
        }
    }

    /// The configuration of a SASL token event; NULL for another event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_config_string(rkev: *mut rd_kafka_event_t) -> *const c_char {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_event_config_string(rkev) }.unwrap_or(std::ptr::null())
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
            Some(Content::Batch(report)) => report.error().0,
            Some(_) => ErrorCode::NO_ERROR.0,
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_event_error(rkev) }.unwrap_or(ErrorCode::NO_ERROR.0),
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
            Some(Content::Batch(report)) => unsafe {
                super::codes::rd_kafka_err2str(report.error().0)
            },
            // SAFETY: as above.
            Some(_) => unsafe { super::codes::rd_kafka_err2str(0) },
            // SAFETY: the caller's contract; and as above.
            None => unsafe {
                let text = both::rd_kafka_event_error_string(rkev);
                text.unwrap_or_else(|| super::codes::rd_kafka_err2str(0))
            },
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
            Some(_) => 0,
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_event_error_is_fatal(rkev) }.unwrap_or(0),
        }
    }

    /// The pointer of an admin request or commit; producer events have none.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_opaque(rkev: *mut rd_kafka_event_t) -> *mut c_void {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_event_opaque(rkev) }.unwrap_or(std::ptr::null_mut())
    }

    /// Facility, text and level of a log event: 0, or -1 for another event. The texts live as long
    /// as the event.
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
        let Some(event) = (unsafe { event(rkev) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_event_log(rkev, fac, str, level) }.unwrap_or(-1);
        };
        let Content::Log { level: its_level, facility, text, .. } = &event.content else {
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
        let Some(event) = (unsafe { event(rkev) }) else {
            // SAFETY: as above.
            let answer = unsafe { both::rd_kafka_event_debug_contexts(rkev, dst, dstsize) };
            return answer.unwrap_or(-1);
        };
        let Content::Log { contexts, .. } = &event.content else { return -1 };
        let names: Vec<&str> = context::WORDS
            .iter()
            .take(LISTED)
            .filter(|word| *contexts & word.value.cast_unsigned() != 0)
            .map(|word| word.text)
            .collect();
        // SAFETY: the caller's contract.
        unsafe { into_c::text(dst, dstsize, &names.join(",")) };
        0
    }

    /// The statistics of a statistics event as JSON; NULL for another event. It lives as long as
    /// the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_stats(rkev: *mut rd_kafka_event_t) -> *const c_char {
        // SAFETY: the caller's contract.
        match unsafe { event(rkev) }.map(|event| &event.content) {
            Some(Content::Stats { json: Some(json), .. }) => json.as_ptr(),
            Some(_) => std::ptr::null(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_event_stats(rkev) }.unwrap_or(std::ptr::null()),
        }
    }

    /// The statistics of a statistics event as structs; NULL for another event, and if there is no
    /// typed callback. They live as long as the event.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_stats_typed(rkev: *mut rd_kafka_event_t) -> *const rd_kafka_stats_t {
        // SAFETY: the caller's contract.
        match unsafe { event(rkev) }.map(|event| &event.content) {
            Some(Content::Stats { typed: Some(tree), .. }) => tree.as_c(),
            _ => std::ptr::null(),
        }
    }

    /// The partitions of a rebalance or commit event; producer events have none.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_topic_partition_list(
        rkev: *mut rd_kafka_event_t,
    ) -> *mut rd_kafka_topic_partition_list_t {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_event_topic_partition_list(rkev) }.unwrap_or(std::ptr::null_mut())
    }

    /// The partition of an error event; producer events have none.
    ///
    /// # Safety
    /// `rkev` is NULL or a live event.
    fn rd_kafka_event_topic_partition(
        rkev: *mut rd_kafka_event_t,
    ) -> *mut rd_kafka_topic_partition_t {
        // SAFETY: the caller's contract.
        unsafe { both::rd_kafka_event_topic_partition(rkev) }.unwrap_or(std::ptr::null_mut())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::ptr::{null, null_mut};

    use super::*;
    use crate::delivery::fixture::*;
    use crate::handle::Handle;
    use crate::op::{LogLine, Op, Report, Statistics};
    use crate::own::stats_tree::{Plain, StatsTree};

    fn given(handle: &Handle, op: Op) -> *mut rd_kafka_event_t {
        Box::into_raw(Event::of(handle, op).unwrap_or_else(|_| panic!("an event"))).cast()
    }

    /// # Safety
    /// `text` is NUL-terminated and lives as long as the result is used.
    unsafe fn text<'a>(text: *const c_char) -> &'a str {
        // SAFETY: the caller's contract.
        unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8")
    }

    #[test]
    fn a_report_event_gives_its_messages_in_order_one_by_one_or_many() {
        let handle = instance(report_events);
        let (messages, topic) = (messages(&handle, 5), topic(&handle));
        let report = Report { messages, topic, error: ErrorCode::_PURGE_QUEUE, place: None };
        let event = given(&handle, Op::Report(report));
        let mut some = [null(); 3];
        // SAFETY: the event is live until destroyed, and its messages with it.
        unsafe {
            assert_eq!(rd_kafka_event_type(event), 1);
            assert_eq!(text(rd_kafka_event_name(event)), "DeliveryReport");
            assert_eq!(rd_kafka_event_error(event), -152);
            assert_eq!(text(rd_kafka_event_error_string(event)), "Local: Purged in queue");
            assert_eq!(rd_kafka_event_error_is_fatal(event), 0);
            assert_eq!(rd_kafka_event_message_count(event), 5);
            let first = rd_kafka_event_message_next(event);
            assert_eq!(((*first)._private.addr(), (*first).err), (0, -152));
            assert_eq!(rd_kafka_event_message_array(event, null_mut(), 3), 0);
            assert_eq!(rd_kafka_event_message_array(event, some.as_mut_ptr(), 3), 3);
            assert_eq!(some.map(|message| (*message)._private.addr()), [1, 2, 3]);
            assert_eq!(rd_kafka_event_message_array(event, some.as_mut_ptr(), 3), 1);
            assert!(rd_kafka_event_message_next(event).is_null());
            assert_eq!((*first).len, VALUE.len(), "taken messages live as long as the event");
            assert!(rd_kafka_event_stats(event).is_null());
            assert!(rd_kafka_event_opaque(event).is_null());
            assert!(rd_kafka_event_topic_partition_list(event).is_null());
            assert!(rd_kafka_event_topic_partition(event).is_null());
            assert!(rd_kafka_event_config_string(event).is_null());
            rd_kafka_event_destroy(event);
        }
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn a_log_event_gives_facility_text_level_and_contexts() {
        let handle = instance(|_| {});
        let (facility, line) = ("SEND".to_owned(), "[thrd:app]: x".to_owned());
        let line = LogLine { level: 7, facility, text: line, contexts: 0x42 | 0x8_0000 };
        let event = given(&handle, Op::Log(line));
        let (mut facility, mut line, mut level) = (null(), null(), 0);
        let mut contexts = [0; 32];
        // SAFETY: the event is live until destroyed; the results are live.
        unsafe {
            assert_eq!((rd_kafka_event_type(event), rd_kafka_event_error(event)), (4, 0));
            assert_eq!(text(rd_kafka_event_name(event)), "Log");
            let code = rd_kafka_event_log(event, &raw mut facility, &raw mut line, &raw mut level);
            assert_eq!((code, level), (0, 7));
            assert_eq!((text(facility), text(line)), ("SEND", "[thrd:app]: x"));
            assert_eq!(rd_kafka_event_log(event, null_mut(), null_mut(), null_mut()), 0);
            let room = contexts.len();
            assert_eq!(rd_kafka_event_debug_contexts(event, contexts.as_mut_ptr(), room), 0);
            assert_eq!(text(contexts.as_ptr()), "broker,msg", "telemetry is not listed");
            assert_eq!(rd_kafka_event_debug_contexts(event, contexts.as_mut_ptr(), 4), 0);
            assert_eq!(text(contexts.as_ptr()), "bro");
            rd_kafka_event_destroy(event);
        }
    }

    #[test]
    fn a_statistics_event_gives_json_and_nothing_else() {
        let handle = instance(|_| {});
        let event = given(&handle, Op::json("{\"name\":1}"));
        // SAFETY: the event is live until destroyed.
        unsafe {
            assert_eq!(rd_kafka_event_type(event), 0x40);
            assert_eq!(text(rd_kafka_event_name(event)), "Statistics");
            assert_eq!(text(rd_kafka_event_stats(event)), "{\"name\":1}");
            assert!(rd_kafka_event_stats_typed(event).is_null(), "there is no typed callback");
            assert_eq!(text(rd_kafka_event_error_string(event)), "Success");
            assert_eq!(rd_kafka_event_log(event, null_mut(), null_mut(), null_mut()), -1);
            assert_eq!(rd_kafka_event_debug_contexts(event, null_mut(), 0), -1);
            assert!(rd_kafka_event_message_next(event).is_null());
            rd_kafka_event_destroy(event);
        }
    }

    #[test]
    fn typed_statistics_live_as_long_as_their_event() {
        let handle = instance(|_| {});
        let mut root = Box::new(rd_kafka_stats_t::zeroed());
        root.age_us = 5;
        let tree = Box::new(StatsTree::new(root, Vec::new(), Vec::new()));
        let made = Statistics { json: None, typed: Some(tree) };
        let event = given(&handle, Op::Stats(made));
        drop(handle);
        // SAFETY: the event is live until destroyed; NULL is allowed.
        unsafe {
            assert_eq!((*rd_kafka_event_stats_typed(event)).age_us, 5);
            assert!(rd_kafka_event_stats(event).is_null(), "nobody asked for JSON");
            rd_kafka_event_destroy(event);
            assert!(rd_kafka_event_stats_typed(null_mut()).is_null());
        }
    }

    #[test]
    fn a_fatal_error_event_has_the_underlying_code() {
        let handle = instance(|_| {});
        handle.store_fatal(ErrorCode::_FENCED, "why");
        let text_of_poll = "Fatal error".to_owned();
        let op = Op::Error { code: ErrorCode::_FATAL, text: text_of_poll };
        let event = given(&handle, op);
        // SAFETY: the event is live until destroyed.
        unsafe {
            assert_eq!((rd_kafka_event_type(event), rd_kafka_event_error(event)), (8, -144));
            assert_eq!(text(rd_kafka_event_error_string(event)), "why");
            assert_eq!(rd_kafka_event_error_is_fatal(event), 1);
            rd_kafka_event_destroy(event);
        }
    }

    #[test]
    fn null_events_are_nothing() {
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(rd_kafka_event_type(null()), 0);
            assert_eq!(text(rd_kafka_event_name(null())), "(NONE)");
            assert_eq!(rd_kafka_event_error(null_mut()), 0);
            assert_eq!(rd_kafka_event_message_count(null_mut()), 0);
            assert!(rd_kafka_event_message_next(null_mut()).is_null());
            rd_kafka_event_destroy(null_mut());
        }
    }
}
