//! Serving a queue on the application's thread: operations become callbacks, in order, or events.
//!
//! Who puts operations there is elsewhere; nothing is borrowed or locked while application code
//! runs.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::cell::Cell;
use std::ptr::NonNull;

use super::event::Event;
use super::report::Round;
use crate::abi::public::rd_kafka_event_t;
use crate::callback;
use crate::error::ErrorCode;
use crate::handle::{Handle, ReportMode};
use crate::log::level;
use crate::op::queue::OpQueue;
use crate::op::{Op, Report};
use crate::own::msg::MsgFields;
use crate::own::reported::Reported;
use crate::own::topic::Topic;
use crate::sys::clock::Ts;
use crate::sys::heap_text::HeapText;

thread_local! {
    /// `rd_kafka_yield` was called on this thread. A plain cell: it needs no destructor.
    static YIELDS: Cell<bool> = const { Cell::new(false) };
}

/// Ends the present round of callbacks on this thread (`rd_kafka_yield`).
pub(crate) fn yield_now() {
    YIELDS.set(true);
}

/// Did a callback of the last round ask to end it?
pub(crate) fn has_yielded() -> bool {
    YIELDS.get()
}

/// Serves the operations that wait, with callbacks; waits for the first one until `until`. What
/// comes meanwhile is left for the next call, so that this one ends also when callbacks cause
/// operations. Returns how many were served.
pub(crate) fn serve(handle: &Handle, queue: &OpQueue, until: Ts) -> i32 {
    YIELDS.set(false);
    let mut served = 0;
    let Some(first) = queue.pop(&*handle.clock, until) else { return served };
    let mut waiting = queue.len();
    let mut next = Some(first);
    while let Some(op) = next {
        served += 1;
        serve_op(handle, queue, op);
        if YIELDS.get() || waiting == 0 {
            break;
        }
        waiting -= 1;
        next = queue.pop(&*handle.clock, Ts::ZERO);
    }
    served
}

/// An event for the application.
pub(crate) enum Next {
    /// One of ours.
    Own(Box<Event>),
    /// Another library's.
    Outside(NonNull<rd_kafka_event_t>),
}

impl Next {
    /// The next event of an operation that was taken from `queue`.
    ///
    /// # Errors
    /// The operation, if it is none that becomes an event.
    pub(super) fn of(handle: &Handle, queue: &OpQueue, op: Op) -> Result<Option<Self>, Op> {
        match op {
            Op::Outside(source) => {
                let event = source.take();
                if event.is_some() && source.has_more() {
                    queue.push(Op::Outside(source));
                }
                Ok(event.map(Self::Outside))
            }
            op => Event::of(handle, op).map(|event| Some(Self::Own(event))),
        }
    }
}

/// The next operation as an event; waits for one until `until`. Operations that are no events
/// become callbacks.
pub(crate) fn next_event(handle: &Handle, queue: &OpQueue, until: Ts) -> Option<Next> {
    YIELDS.set(false);
    loop {
        match Next::of(handle, queue, queue.pop(&*handle.clock, until)?) {
            Ok(Some(event)) => return Some(event),
            Ok(None) => {}
            Err(op) => serve_op(handle, queue, op),
        }
        if YIELDS.get() {
            return None;
        }
    }
}

/// When a wait of `timeout_ms` ends: -1 is never, 0 and other negative ones are now.
pub(crate) fn deadline(handle: &Handle, timeout_ms: i32) -> Ts {
    match timeout_ms {
        -1 => Ts::MAX,
        ..=0 => Ts::ZERO,
        _ => handle.now().plus_ms(i64::from(timeout_ms)),
    }
}

/// Serves an operation that was taken from `queue`.
pub(super) fn serve_op(handle: &Handle, queue: &OpQueue, op: Op) {
    let conf = &handle.conf;
    let (rk, opaque) = (handle.address(), conf.opaque.address());
    match op {
        Op::Report(report) => serve_report(handle, queue, report),
        Op::Batch(report) => serve_batch(handle, queue, report),
        Op::Error { code, text } => match conf.error_cb {
            Some(function) => callback::error(function, rk, code.0, &text, opaque),
            None => {
                let name = handle.name().to_string_lossy();
                handle.log.log(level::ERR, "ERROR", "app", format_args!("{name}: {text}"));
            }
        },
        Op::Throttle { broker_name, broker_id, throttle_ms } => {
            if let Some(function) = conf.throttle_cb {
                callback::throttle(function, rk, &broker_name, broker_id, throttle_ms, opaque);
            }
        }
        Op::Stats(statistics) => {
            if let (Some(function), Some(tree)) = (conf.stats_cb_typed, &statistics.typed) {
                callback::stats_typed(function, rk, tree.as_c(), opaque);
            }
            if let (Some(function), Some(json)) = (conf.stats_cb, &statistics.json) {
                let text = HeapText::new(json.as_bytes());
                if callback::stats(function, rk, text.as_ptr(), json.len(), opaque) {
                    text.give_away();
                }
            }
        }
        Op::Log(line) => handle.log.emit(line.level, &line.facility, &line.text),
        Op::Outside(source) => {
            source.serve();
            if source.has_more() {
                queue.push(Op::Outside(source));
            }
        }
    }
}

fn serve_report(handle: &Handle, queue: &OpQueue, mut report: Report) {
    let conf = &handle.conf;
    let (rk, opaque) = (handle.address(), conf.opaque.address());
    if conf.dr_msg_cb.is_none() && conf.dr_cb.is_none() {
        drop_report(handle, report);
        return;
    }
    let round = Round::begin(&handle.account);
    while let Some(mut message) = report.next() {
        let public = message.as_public();
        if let Some(function) = conf.dr_msg_cb {
            callback::report(function, rk, public, opaque);
        } else if let Some(function) = conf.dr_cb {
            callback::report_old(function, rk, public, opaque);
        }
        round.finish(message);
        if YIELDS.get() && !report.messages.is_empty() {
            queue.push_front(Op::Report(report));
            break;
        }
    }
}

/// As `serve_report`, for messages that are made one by one.
fn serve_batch(handle: &Handle, queue: &OpQueue, mut report: Box<Reported>) {
    let conf = &handle.conf;
    let (rk, opaque) = (handle.address(), conf.opaque.address());
    if conf.dr_msg_cb.is_none() && conf.dr_cb.is_none() {
        while let Some(message) = report.keep() {
            tell_dropped(handle, message, message.error());
        }
        return;
    }
    let round = Round::begin(&handle.account);
    while let Some(message) = report.show() {
        let public = message.as_public();
        if let Some(function) = conf.dr_msg_cb {
            callback::report(function, rk, public, opaque);
        } else if let Some(function) = conf.dr_cb {
            callback::report_old(function, rk, public, opaque);
        }
        round.give_back(report.end());
        if YIELDS.get() && report.left() > 0 {
            queue.push_front(Op::Batch(report));
            break;
        }
    }
}

/// Reports that poll or flush meets in event mode have nobody to go to.
fn drop_report(handle: &Handle, mut report: Report) {
    debug_assert!(handle.report_mode != ReportMode::None, "reports without a mode");
    while let Some(message) = report.next() {
        tell_dropped(handle, &message, message.error());
    }
}

fn tell_dropped(handle: &Handle, message: &MsgFields, error: ErrorCode) {
    let topic = message.topic().map_or(Cow::Borrowed(""), Topic::display_name);
    handle.log.log(
        level::WARNING,
        "DRDROP",
        "app",
        format_args!(
            "Dropped delivery report for message to {topic} [{}] ({error}) with opaque {:p}: \
             flush() or poll() should not be called when EVENT_DR is enabled",
            message.partition(),
            message.opaque()
        ),
    );
}

/// Puts an error onto the reply queue, or logs it if nobody asked for errors.
pub(crate) fn raise(handle: &Handle, code: ErrorCode, text: String) {
    if handle.wants_errors() {
        handle.reply_queue.push(Op::Error { code, text });
    } else {
        let name = handle.name().to_string_lossy();
        handle.log.log(level::ERR, "ERROR", "main", format_args!("{name}: {text}"));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::ffi::{c_char, c_int, c_void};
    use std::sync::Arc;

    use super::super::fixture::*;
    use super::super::report;
    use super::*;
    use crate::abi::public::rd_kafka_t;
    use crate::conf::Conf;
    use crate::own::msgq::MsgQueue;

    /// What a callback does, with the number of the message that it got.
    type Action = Box<dyn Fn(usize)>;

    thread_local! {
        static SEEN: RefCell<Vec<(usize, i32)>> = const { RefCell::new(Vec::new()) };
        static ACTION: RefCell<Option<Action>> = const { RefCell::new(None) };
    }

    extern "C-unwind" fn on_report(
        _rk: *mut rd_kafka_t,
        _payload: *mut c_void,
        len: usize,
        code: c_int,
        _opaque: *mut c_void,
        message_opaque: *mut c_void,
    ) {
        assert_eq!(len, VALUE.len());
        let number = message_opaque.addr();
        SEEN.with_borrow_mut(|seen| seen.push((number, code)));
        // Taken out for the call, since a callback may poll and so come here again.
        let action = ACTION.take();
        if let Some(action) = &action {
            action(number);
        }
        ACTION.set(action);
    }

    extern "C-unwind" fn on_error(
        _rk: *mut rd_kafka_t,
        code: c_int,
        _reason: *const c_char,
        _opaque: *mut c_void,
    ) {
        SEEN.with_borrow_mut(|seen| seen.push((0, code)));
        if let Some(action) = ACTION.take() {
            action(0);
        }
    }

    fn with_reports(conf: &mut Conf) {
        conf.dr_cb = Some(on_report);
    }

    fn act(action: impl Fn(usize) + 'static) {
        ACTION.set(Some(Box::new(action)));
    }

    fn numbers() -> Vec<usize> {
        SEEN.take().into_iter().map(|(number, _)| number).collect()
    }

    fn serve_now(handle: &Handle) -> i32 {
        serve(handle, &handle.reply_queue, Ts::ZERO)
    }

    #[test]
    fn reports_come_in_order_each_with_its_own_error_or_the_batchs() {
        let handle = instance(with_reports);
        let mut messages = messages(&handle, 3);
        messages.iter_mut().nth(1).expect("three").set_error(ErrorCode::INVALID_RECORD);
        report::report(&handle, &topic(&handle), messages, ErrorCode::_MSG_TIMED_OUT);
        report_some(&handle, 1, ErrorCode::NO_ERROR);

        assert_eq!(serve_now(&handle), 2, "operations count, not messages");

        assert_eq!(SEEN.take(), [(0, -192), (1, 87), (2, -192), (0, 0)]);
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn records_are_reported_like_objects() {
        let handle = instance(with_reports);
        report_records(&handle, 3, ErrorCode::_PURGE_QUEUE);
        report_records(&handle, 1, ErrorCode::NO_ERROR);
        assert_eq!((serve_now(&handle), handle.account.messages()), (2, 0));
        assert_eq!(SEEN.take(), [(0, -152), (1, -152), (2, -152), (0, 0)]);
        assert_eq!(handle.account.bytes(), 0);
    }

    #[test]
    fn records_after_a_yield_come_first_next_time() {
        let handle = instance(with_reports);
        report_records(&handle, 3, ErrorCode::NO_ERROR);
        report_some(&handle, 1, ErrorCode::NO_ERROR);
        act(|number| {
            if number == 1 {
                yield_now();
            }
        });
        assert_eq!((serve_now(&handle), numbers()), (1, vec![0, 1]));
        assert_eq!((handle.reply_queue.len(), handle.account.messages()), (2, 2));
        assert_eq!((serve_now(&handle), numbers()), (2, vec![2, 0]));
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn a_report_of_records_that_poll_meets_in_event_mode_is_told_of_and_dropped() {
        let handle = instance(report_events);
        report_records(&handle, 2, ErrorCode::_PURGE_QUEUE);
        assert_eq!(serve_now(&handle), 1);
        let told = lines(&handle).into_iter().filter(|line| line.facility == "DRDROP");
        let told: Vec<String> = told.map(|line| line.text).collect();
        assert_eq!((told.len(), handle.account.messages()), (2, 0));
        assert!(
            told[1].contains("message to t [3] (") && told[1].contains("opaque 0x1"),
            "{told:?}"
        );
    }

    #[test]
    fn messages_go_back_to_the_account_some_at_a_time() {
        let handle = instance(with_reports);
        report_some(&handle, 600, ErrorCode::NO_ERROR);
        let counts = Arc::new(parking_lot::Mutex::new(Vec::new()));
        let (account, seen) = (Arc::clone(&handle.account), Arc::clone(&counts));
        act(move |_| seen.lock().push(account.messages()));

        serve_now(&handle);

        let counts = counts.lock();
        assert_eq!((counts[0], counts[255], counts[256], counts[599]), (600, 600, 344, 88));
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn a_callback_that_settles_sees_every_message_before_its_own_given_back() {
        let handle = instance(with_reports);
        report_some(&handle, 5, ErrorCode::NO_ERROR);
        let account = Arc::clone(&handle.account);
        act(move |number| {
            report::settle(&account);
            assert_eq!(account.messages(), 5 - number as i64);
        });
        serve_now(&handle);
        assert_eq!(numbers().len(), 5);
    }

    #[test]
    fn a_yield_ends_the_round_and_the_rest_comes_first_next_time() {
        let handle = instance(with_reports);
        report_some(&handle, 3, ErrorCode::NO_ERROR);
        report_some(&handle, 1, ErrorCode::_PURGE_QUEUE);
        act(|number| {
            if number == 1 {
                yield_now();
            }
        });

        assert_eq!(serve_now(&handle), 1);
        assert!(has_yielded());
        assert_eq!(numbers(), [0, 1]);
        assert_eq!(handle.reply_queue.len(), 2);
        assert_eq!(handle.account.messages(), 2);

        assert_eq!(serve_now(&handle), 2);
        assert_eq!(SEEN.take(), [(2, 0), (0, -152)]);
        assert!(!has_yielded());
    }

    #[test]
    fn a_yield_after_the_last_message_leaves_no_empty_report() {
        let handle = instance(with_reports);
        report_some(&handle, 1, ErrorCode::NO_ERROR);
        act(|_| yield_now());
        assert_eq!(serve_now(&handle), 1);
        assert_eq!(handle.reply_queue.len(), 0);
    }

    #[test]
    fn operations_that_a_callback_causes_wait_for_the_next_round() {
        let handle = instance(with_reports);
        report_some(&handle, 1, ErrorCode::NO_ERROR);
        let again = Arc::clone(&handle);
        act(move |_| report_some(&again, 1, ErrorCode::NO_ERROR));
        assert_eq!(serve_now(&handle), 1);
        assert_eq!(handle.reply_queue.len(), 1);
        ACTION.set(None);
        serve_now(&handle);
    }

    #[test]
    fn rounds_nest() {
        let handle = instance(with_reports);
        report_some(&handle, 3, ErrorCode::NO_ERROR);
        let inner = Arc::clone(&handle);
        act(move |number| {
            if number == 1 {
                report_some(&inner, 2, ErrorCode::_PURGE_QUEUE);
                assert_eq!(serve_now(&inner), 1);
            }
        });
        serve_now(&handle);
        assert_eq!(SEEN.take(), [(0, 0), (1, 0), (0, -152), (1, -152), (2, 0)]);
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn errors_go_to_their_callback_or_to_the_log() {
        let with_callback = instance(|conf| conf.error_cb = Some(on_error));
        let without = instance(|_| {});
        for handle in [&with_callback, &without] {
            let text = "h:1/2: Connect failed".to_owned();
            handle.reply_queue.push(Op::Error { code: ErrorCode::_TRANSPORT, text });
            assert_eq!(serve_now(handle), 1);
        }
        assert_eq!(SEEN.take(), [(0, -195)]);
        assert!(lines(&with_callback).is_empty());
        let lines = lines(&without);
        assert_eq!((lines[0].level, lines[0].facility.as_str()), (3, "ERROR"));
        assert_eq!(lines[0].text, "[thrd:app]: test#producer-1: h:1/2: Connect failed");
    }

    #[test]
    fn instance_errors_that_nobody_wants_are_logged_at_once() {
        let without = instance(|_| {});
        raise(&without, ErrorCode::_ALL_BROKERS_DOWN, "1/1 brokers are down".to_owned());
        assert_eq!((without.reply_queue.len(), lines(&without).len()), (0, 1));
        let with_event = instance(|conf| {
            crate::delivery::fixture::set(conf, b"enabled_events", b"8");
        });
        raise(&with_event, ErrorCode::_ALL_BROKERS_DOWN, "1/1 brokers are down".to_owned());
        assert_eq!((with_event.reply_queue.len(), lines(&with_event).len()), (1, 0));
    }

    #[test]
    fn reports_that_are_events_are_dropped_by_poll_with_a_warning_each() {
        let handle = instance(report_events);
        report_some(&handle, 2, ErrorCode::_PURGE_QUEUE);
        assert_eq!(serve_now(&handle), 1);
        let lines = lines(&handle);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[1].level, lines[1].facility.as_str()), (4, "DRDROP"));
        assert_eq!(
            lines[1].text,
            "[thrd:app]: Dropped delivery report for message to t [3] (Local: Purged in queue) \
             with opaque 0x1: flush() or poll() should not be called when EVENT_DR is enabled"
        );
        assert_eq!((handle.account.messages(), handle.account.bytes()), (0, 0));
    }

    #[test]
    fn throttling_is_no_event_but_comes_to_its_callback_when_events_are_polled() {
        extern "C-unwind" fn on_throttle(
            _rk: *mut rd_kafka_t,
            _broker: *const c_char,
            id: i32,
            throttle_ms: c_int,
            _opaque: *mut c_void,
        ) {
            SEEN.with_borrow_mut(|seen| seen.push((id as usize, throttle_ms)));
        }
        let handle = instance(|conf| conf.throttle_cb = Some(on_throttle));
        let broker_name = "h:1/7".to_owned();
        handle.reply_queue.push(Op::Throttle { broker_name, broker_id: 7, throttle_ms: 12 });
        assert!(next_event(&handle, &handle.reply_queue, Ts::ZERO).is_none());
        assert_eq!(SEEN.take(), [(7, 12)]);
    }

    #[test]
    fn what_nobody_wants_ends_quietly() {
        let handle = instance(|_| {});
        handle.reply_queue.push(Op::json("{}"));
        report::report(&handle, &topic(&handle), MsgQueue::new(), ErrorCode::_FAIL);
        assert_eq!(serve_now(&handle), 1);
        assert!(lines(&handle).is_empty());
    }

    #[test]
    fn only_minus_one_waits_for_ever() {
        let handle = instance(|_| {});
        for timeout_ms in [0, -2, i32::MIN] {
            assert_eq!(deadline(&handle, timeout_ms), Ts::ZERO);
        }
        assert_eq!(deadline(&handle, -1), Ts::MAX);
        assert!(deadline(&handle, 1) > handle.now());
    }
}
