//! The instance's brokers: adding configured ones, learning from metadata, letting go; and their
//! threads.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::thread::{self, BrokerThread};
use crate::client::fatal;
use crate::engine;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::op::BrokerOp;
use crate::own::broker::{Broker, BrokerSource};
use crate::proto::messages::BrokerEndpoint;
use crate::sys::thread as os_thread;
use crate::transport::SecurityProtocol;
use crate::transport::resolve::parse_brokers;

/// Adds the brokers of a list; those that are known already are left out. Returns how many entries
/// are usable.
pub(crate) fn add_configured(handle: &Arc<Handle>, list: &str) -> usize {
    let mut usable = 0;
    for entry in parse_brokers(list, SecurityProtocol::Plaintext) {
        let address = match entry {
            Ok(address) => address,
            Err(error) => {
                handle.log.log(level::WARNING, "BROKER", "app", error);
                continue;
            }
        };
        usable += 1;
        let (host, port) = (address.endpoint.host().to_owned(), address.endpoint.port());
        let is_known = handle.brokers.read().all.iter().any(|broker| {
            let names = broker.names();
            names.host == host && names.port == port
        });
        if !is_known && let Some(broker) = start(handle, BrokerSource::Configured, -1, &host, port)
        {
            handle.brokers.write().all.push(broker);
        }
    }
    usable
}

/// Makes a broker and its thread; `None`, with a log and an error, when the system has no room for
/// it.
pub(crate) fn start(
    handle: &Arc<Handle>,
    source: BrokerSource,
    id: i32,
    host: &str,
    port: u16,
) -> Option<Arc<Broker>> {
    if handle.is_terminating() {
        return None;
    }
    let broker = Broker::new(source, id, host, port).ok();
    let started = broker.filter(|broker| (handle.start_broker)(handle, broker).is_ok());
    if started.is_none() {
        let text = "Unable to create broker thread".to_owned();
        handle.log.log(level::CRIT, "THREAD", "main", &text);
        crate::delivery::poll::raise(handle, ErrorCode::_CRIT_SYS_RESOURCE, text);
    }
    started
}

/// Starts the thread of a broker.
///
/// # Errors
/// The system has no thread left.
pub(crate) fn start_thread(handle: &Arc<Handle>, broker: &Arc<Broker>) -> std::io::Result<()> {
    handle.threads.lock().retain_mut(|thread| !thread.is_finished());
    let state = BrokerThread::new(Arc::clone(handle), Arc::clone(broker));
    let engine = engine::choose::new_engine(handle, broker);
    let name = format!("rdk:broker{}", broker.id());
    let (on_panic, of_broker) = (Arc::clone(handle), Arc::clone(broker));
    let thread = os_thread::spawn(
        &name,
        true,
        move || thread::run(state, engine),
        move || {
            let name = of_broker.name();
            of_broker.close_ops();
            fatal::raise_internal(&on_panic, &format!("the thread of broker {name}"));
        },
    )?;
    handle.threads.lock().push(thread);
    let added = format_args!("{}: Added new broker with NodeId {}", broker.name(), broker.id());
    handle.log.debug(context::BROKER, "BROKER", "main", added);
    Ok(())
}

/// Metadata named brokers: known ones are renamed, a configured one at the same address becomes the
/// learned one, new ones are started.
pub(crate) fn learn(handle: &Arc<Handle>, endpoints: &[BrokerEndpoint]) {
    for endpoint in endpoints {
        let Ok(port) = u16::try_from(endpoint.port) else { continue };
        let is_plausible = endpoint.id >= 0
            && port != 0
            && !endpoint.host.is_empty()
            && endpoint.host.len() <= 255
            && !endpoint.host.contains('\0');
        if !is_plausible {
            handle.log.log(
                level::WARNING,
                "BROKER",
                "main",
                format_args!("Broker {} in metadata has an impossible address", endpoint.id),
            );
            continue;
        }
        learn_one(handle, endpoint.id, &endpoint.host, port);
    }
}

fn learn_one(handle: &Arc<Handle>, id: i32, host: &str, port: u16) {
    let known = handle.brokers.read().by_id(id).cloned();
    if let Some(broker) = known {
        let names = broker.names();
        if names.host != host || names.port != port {
            broker.rename(id, host, port);
            broker.push(BrokerOp::Renamed);
        }
        return;
    }
    let configured = handle
        .brokers
        .read()
        .all
        .iter()
        .find(|broker| {
            let names = broker.names();
            broker.id() < 0 && names.host == host && names.port == port
        })
        .cloned();
    match configured {
        Some(broker) => {
            broker.rename(id, host, port);
            broker.push(BrokerOp::Renamed);
        }
        None => {
            if let Some(broker) = start(handle, BrokerSource::Learned, id, host, port) {
                handle.brokers.write().all.push(broker);
            }
        }
    }
}
