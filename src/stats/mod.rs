//! Statistics: one snapshot of all numbers, as JSON text and as structs. The numbers are kept in
//! `own`; when a document is due is the main thread's business, who gets it is `delivery`'s.
#![forbid(unsafe_code)]

mod json;
mod snapshot;
mod typed;

use crate::handle::Handle;
use crate::op::{Op, Statistics};
use crate::sys::clock::Ts;

/// The event of statistics, in `enabled_events`.
const EVENT_STATS: i32 = 0x40;

/// Takes the numbers, begins new windows, and queues for the application what it asked for. Both
/// forms tell of the same windows.
///
/// Historical: `rd_kafka_stats_emit_all`.
pub(crate) fn emit(handle: &Handle, now: Ts) {
    let conf = &handle.conf;
    let wants_typed = conf.stats_cb_typed.is_some();
    // Quirk: who asked for nothing gets JSON.
    let wants_json = conf.stats_cb.is_some()
        || handle.settings.enabled_events & EVENT_STATS != 0
        || !wants_typed;
    let numbers = snapshot::take(handle, now);
    handle.reply_queue.push(Op::Stats(Statistics {
        json: wants_json.then(|| json::document(&numbers)),
        typed: wants_typed.then(|| Box::new(typed::tree(&numbers))),
    }));
}

#[cfg(test)]
mod tests {
    use std::ffi::{c_char, c_int, c_void};

    use super::*;
    use crate::abi::public::rd_kafka_t;
    use crate::abi::stats::rd_kafka_stats_t;
    use crate::conf::Conf;
    use crate::delivery::fixture::{instance, set};
    use crate::error::ErrorCode;

    extern "C-unwind" fn on_json(
        _rk: *mut rd_kafka_t,
        _json: *mut c_char,
        _len: usize,
        _opaque: *mut c_void,
    ) -> c_int {
        0
    }

    extern "C-unwind" fn on_structs(
        _rk: *mut rd_kafka_t,
        _stats: *const rd_kafka_stats_t,
        _opaque: *mut c_void,
    ) {
    }

    /// Which forms are made: JSON, structs.
    fn forms(configure: impl FnOnce(&mut Conf)) -> (bool, bool) {
        let handle = instance(configure);
        emit(&handle, handle.now());
        match handle.reply_queue.pop(&*handle.clock, Ts::ZERO) {
            Some(Op::Stats(made)) => (made.json.is_some(), made.typed.is_some()),
            _ => panic!("statistics"),
        }
    }

    #[test]
    fn each_form_is_made_for_those_who_asked_for_it() {
        let typed = |conf: &mut Conf| conf.stats_cb_typed = Some(on_structs);
        assert_eq!(forms(|_| {}), (true, false));
        assert_eq!(forms(|conf| conf.stats_cb = Some(on_json)), (true, false));
        assert_eq!(forms(|conf| set(conf, b"enabled_events", b"64")), (true, false));
        assert_eq!(forms(typed), (false, true));
        let both = |conf: &mut Conf| {
            typed(conf);
            conf.stats_cb = Some(on_json);
        };
        assert_eq!(forms(both), (true, true));
        let with_event = |conf: &mut Conf| {
            typed(conf);
            set(conf, b"enabled_events", b"64");
        };
        assert_eq!(forms(with_event), (true, true));
    }

    #[test]
    fn a_document_of_an_instance_with_a_fatal_error_takes_one_lock_after_the_other() {
        let handle = instance(|_| {});
        handle.store_fatal(ErrorCode::_FENCED, "why");
        emit(&handle, handle.now());
        assert!(matches!(handle.reply_queue.pop(&*handle.clock, Ts::ZERO), Some(Op::Stats(_))));
    }
}
