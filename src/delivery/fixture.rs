//! For tests: an instance without threads, its topic, and reports for it.
#![forbid(unsafe_code)]

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::event::kind;
use super::report;
use crate::conf::Conf;
use crate::conf::set::SetResult;
use crate::conf::value::Marked;
use crate::error::ErrorCode;
use crate::handle::{Handle, HandleParts, ReportMode};
use crate::log::Logger;
use crate::op::{LogLine, Op};
use crate::own::backref::BackRef;
use crate::own::broker::{Broker, BrokerSource};
use crate::own::fixture;
use crate::own::lot::Lot;
use crate::own::msg::{Msg, NewMessage, Value};
use crate::own::msgq::MsgQueue;
use crate::own::store::StoreKind;
use crate::own::topic::Topic;
use crate::security::Security;
use crate::sys::clock::{Clock, SystemClock, Ts};

/// Value bytes of each message.
pub(crate) const VALUE: &[u8] = b"value";

/// A clock that moves on by a millisecond each time somebody looks at it: what took how long does
/// not depend on the machine.
pub(crate) struct LookedAt(AtomicI64);

impl LookedAt {
    /// A clock at which nobody looked yet.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_000_000)))
    }
}

impl Clock for LookedAt {
    fn now(&self) -> Ts {
        Ts(self.0.fetch_add(1_000, Ordering::SeqCst))
    }

    fn wall_ms(&self) -> i64 {
        self.now().0 / 1000
    }
}

/// An instance that logs to a queue, and whatever `configure` sets.
pub(crate) fn instance(configure: impl FnOnce(&mut Conf)) -> Arc<Handle> {
    instance_by(Arc::new(SystemClock), configure)
}

/// The same by another clock.
pub(crate) fn instance_by(clock: Arc<dyn Clock>, configure: impl FnOnce(&mut Conf)) -> Arc<Handle> {
    let mut conf = Marked::new(Conf::default());
    set(&mut conf, b"log.queue", b"true");
    configure(&mut conf);
    let has_callback = conf.dr_cb.is_some() || conf.dr_msg_cb.is_some();
    let wants_events = conf.enabled_events & kind::DR != 0;
    Handle::new(HandleParts {
        name: c"test#producer-1".to_owned(),
        log: Logger::new(&conf, "test#producer-1"),
        clock,
        report_mode: match (has_callback, wants_events) {
            (true, _) => ReportMode::Callback,
            (false, true) => ReportMode::Event,
            (false, false) => ReportMode::None,
        },
        internal: Broker::new(BrokerSource::Internal, -1, "", 0).expect("a descriptor"),
        store: StoreKind {
            make: |_, _| unreachable!("no test here enqueues"),
            writes_at_once: false,
        },
        start_broker: |_, _| Ok(()),
        mock: None,
        security: Security::default(),
        conf,
    })
}

/// Sets a property.
pub(crate) fn set(conf: &mut Conf, name: &[u8], value: &[u8]) {
    assert_eq!(conf.set(name, Some(value)).result, SetResult::Ok);
}

/// Turns the event of reports on.
pub(crate) fn report_events(conf: &mut Conf) {
    set(conf, b"enabled_events", b"1");
}

/// The topic `t` of an instance.
pub(crate) fn topic(handle: &Handle) -> Arc<Topic> {
    let owner = BackRef::cleared::<Handle>;
    crate::topic::find_or_create(handle, owner, c"t", None).expect("a good name").0
}

/// A message in custody whose opaque is `number`.
pub(crate) fn accepted(handle: &Handle, topic: &Topic, number: usize) -> Msg {
    assert!(handle.account.try_admit(VALUE.len()), "room");
    let new = NewMessage {
        partition: 3,
        value: Value::Copy(VALUE),
        key: Some(b"key"),
        headers: None,
        timestamp_ms: 1_700_000_000_000,
        opaque: number as *mut c_void,
        now: handle.now(),
        expires: Ts::MAX,
    };
    Msg::new(topic, new)
}

/// Messages `0..count`.
pub(crate) fn messages(handle: &Handle, count: usize) -> MsgQueue {
    let topic = topic(handle);
    let mut messages = MsgQueue::new();
    (0..count).for_each(|number| messages.push_back(accepted(handle, &topic, number)));
    messages
}

/// Reports messages `0..count` with an error.
pub(crate) fn report_some(handle: &Handle, count: usize, error: ErrorCode) {
    report::report(handle, &topic(handle), messages(handle, count), error);
}

/// Reports messages `0..count` that were records already.
pub(crate) fn report_records(handle: &Handle, count: usize, error: ErrorCode) {
    let topic = topic(handle);
    let message = |number: usize| {
        let mut message = accepted(handle, &topic, number);
        message.set_id(1 + number as u64);
        message
    };
    let lot = Lot { batches: vec![fixture::batch((0..count).map(message))], ..Lot::default() };
    report::report_lot(handle, &fixture::toppar(&topic, 3), lot, error);
}

/// The lines that the instance logged.
pub(crate) fn lines(handle: &Handle) -> Vec<LogLine> {
    let queue = handle.log.queue().expect("the fixture sets log.queue");
    std::iter::from_fn(|| queue.pop(&SystemClock, Ts::ZERO))
        .map(|op| match op {
            Op::Log(line) => line,
            _ => panic!("only lines are logged"),
        })
        .collect()
}
