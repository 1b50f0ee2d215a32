//! Builders: an instance without threads, with a network and a clock of the world's.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::sync::Arc;

use super::plan::Plan;
use crate::broker::set;
use crate::conf::{Conf, Hook, Marked, SetResult, Surroundings};
use crate::engine::choose;
use crate::handle::{Handle, HandleParts};
use crate::log::Logger;
use crate::own::broker::{Broker, BrokerSource};
use crate::security::Security;
use crate::sys::clock::Clock;

thread_local! {
    /// Brokers that wait for their threads: a world runs in one thread. Also those that are gone
    /// again, since their threads have to let go what they were given.
    static ADDED: RefCell<Vec<Arc<Broker>>> = const { RefCell::new(Vec::new()) };
}

/// Takes the brokers that wait for their threads.
pub(super) fn added() -> Vec<Arc<Broker>> {
    ADDED.take()
}

/// The configuration of a plan, finalized; an error if this build does not take it.
fn configuration(plan: &Plan, wants_trace: bool) -> Result<Box<Marked<Conf>>, String> {
    let mut conf = Marked::new(Conf::default());
    let mut set = |name: &str, value: &str| {
        let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
        match answer.result {
            SetResult::Ok => Ok(()),
            _ => Err(format!("{name}={value} is refused")),
        }
    };
    for (name, value) in &plan.conf {
        set(name, value)?;
    }
    // Reports and errors as events: the application of the world is safe code.
    set("enabled_events", "9")?;
    if wants_trace {
        set("log.queue", "true")?;
        set("debug", "broker,topic,metadata,msg,protocol")?;
    }
    conf.log_cb = Hook::Unset;
    conf.finalize_producer(Surroundings { engine_variable: None, version: "sim" })?;
    Ok(conf)
}

/// Does this build make idempotent producers?
pub(crate) fn knows_idempotence() -> bool {
    let mut conf = Conf::default();
    let answer = conf.set(b"enable.idempotence", Some(b"true"));
    let surroundings = Surroundings { engine_variable: None, version: "sim" };
    answer.result == SetResult::Ok && conf.finalize_producer(surroundings).is_ok()
}

/// An instance of a plan, with its bootstrap brokers.
pub(crate) fn instance(
    plan: &Plan,
    clock: Arc<dyn Clock>,
    bootstrap: &str,
    wants_trace: bool,
) -> Arc<Handle> {
    let conf = configuration(plan, wants_trace).expect("plans are drawn from what is allowed");
    let handle = Handle::new(HandleParts {
        name: c"sim#producer-1".to_owned(),
        log: Logger::new(&conf, "sim#producer-1"),
        clock,
        report_mode: conf.report_mode(),
        internal: Broker::new(BrokerSource::Internal, -1, "", 0).expect("a descriptor"),
        store: choose::store_kind(conf.engine),
        start_broker: |_, broker| {
            ADDED.with_borrow_mut(|added| added.push(Arc::clone(broker)));
            Ok(())
        },
        mock: None,
        security: Security::default(),
        conf,
    });
    ADDED.take();
    handle.bootstrap.lock().push(bootstrap.to_owned());
    assert!(set::add_configured(&handle, bootstrap) > 0, "no bootstrap server");
    handle
}
