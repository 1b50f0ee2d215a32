//! Asking a broker for a producer id: the main thread's part.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::change;
use super::idempotence::{Acquired, Failure, failure};
use crate::delivery::fatal;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::metadata::apply::wake_all;
use crate::op::{BrokerOp, ControlRequest, MainOp};
use crate::own::broker::Broker;
use crate::proto::api;
use crate::proto::messages::{self, INIT_PRODUCER_ID_MAX};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::sys::rand::Rng;

/// The main thread's name in logs.
const MAIN: &str = "main";

/// An idempotent producer begins to want its producer id.
///
/// Historical: `rd_kafka_idemp_init`.
pub(crate) fn start(handle: &Handle, now: Ts) {
    if handle.settings.is_idempotent {
        change(handle, MAIN, |it, _| it.start(now));
    }
}

/// The instance ends.
///
/// Historical: `rd_kafka_idemp_term`.
pub(crate) fn end(handle: &Handle, now: Ts) {
    if handle.settings.is_idempotent {
        change(handle, MAIN, |it, _| it.end(now));
    }
}

/// Looks if that is due; returns when it is next.
pub(crate) fn serve(handle: &Arc<Handle>, rng: &mut Rng, now: Ts) -> Ts {
    if !handle.settings.is_idempotent {
        return Ts::MAX;
    }
    let due = handle.idempotence.lock().due;
    if now < due {
        return due;
    }
    look(handle, rng, now);
    handle.idempotence.lock().due
}

/// Asks a broker if a producer id is wanted. Called when that is due, and when metadata or a broker
/// came.
///
/// Historical: `rd_kafka_idemp_pid_fsm`.
pub(crate) fn look(handle: &Arc<Handle>, rng: &mut Rng, now: Ts) {
    if !handle.settings.is_idempotent
        || !change(handle, MAIN, |it, has_fatal| it.wants_broker(has_fatal, now))
    {
        return;
    }
    match choose(handle, rng) {
        Ok(broker) => ask(handle, &broker, now),
        Err((code, text)) => {
            handle.log.debug(context::EOS, "PIDBROKER", MAIN, format_args!("{text}"));
            match failure(code) {
                Failure::Fatal(code) => give_up(handle, code, &text, now),
                Failure::Temporary => change(handle, MAIN, |it, _| it.has_no_broker(now)),
            }
        }
    }
}

/// A broker that is up and gives producer ids, any.
///
/// Historical: `rd_kafka_idemp_broker_any`.
fn choose(handle: &Handle, rng: &mut Rng) -> Result<Arc<Broker>, (ErrorCode, String)> {
    let brokers = handle.brokers.read();
    let up: Vec<&Arc<Broker>> =
        brokers.all.iter().filter(|broker| broker.is_up() && !broker.is_terminating()).collect();
    let able: Vec<&Arc<Broker>> =
        up.iter().copied().filter(|broker| broker.gives_producer_ids()).collect();
    if let Some(last) = able.len().checked_sub(1) {
        let drawn = rng.between(0, i64::try_from(last).unwrap_or(0));
        return Ok(Arc::clone(able[usize::try_from(drawn).unwrap_or(0)]));
    }
    let (up, known) = (up.len(), brokers.all.len());
    Err(match up {
        0 => {
            let text =
                format!("No brokers available for Idempotent producer ({known} broker(s) known)");
            (ErrorCode::_TRANSPORT, text)
        }
        _ => {
            let text = format!(
                "Idempotent producer not supported by any of the {up} connected broker(s): \
                 requires Apache Kafka broker version >= 0.11.0"
            );
            (ErrorCode::_UNSUPPORTED_FEATURE, text)
        }
    })
}

/// Historical: `rd_kafka_InitProducerIdRequest`.
fn ask(handle: &Arc<Handle>, broker: &Arc<Broker>, now: Ts) {
    let text = format_args!("{}: Acquiring ProducerId", broker.name());
    handle.log.debug(context::EOS, "GETPID", MAIN, text);
    change(handle, MAIN, |it, has_fatal| it.asked(has_fatal, now));
    let (main, of_broker) = (Arc::clone(handle), Arc::clone(broker));
    broker.push(BrokerOp::Request(ControlRequest {
        api: api::INIT_PRODUCER_ID,
        version_min: 0,
        version_max: INIT_PRODUCER_ID_MAX,
        timeout_ms: handle.settings.socket_timeout_ms,
        encode: Box::new(|version| {
            messages::init_producer_id_request(version, None, -1, Pid::NONE)
                .map_err(|error| error.code())
        }),
        on_response: Box::new(move |result| {
            let result = result.and_then(|response| {
                let read = messages::init_producer_id_response(response.version, &response.body);
                let answer = read.map_err(|error| error.code())?;
                match answer.error {
                    0 => Ok(answer.pid),
                    code => Err(ErrorCode(i32::from(code))),
                }
            });
            main.main.push(MainOp::ProducerId { broker: of_broker, result });
        }),
    }));
}

/// A broker answered, or the request failed.
///
/// Historical: `rd_kafka_handle_InitProducerId`.
pub(crate) fn answered(handle: &Handle, broker: &Broker, result: Result<Pid, ErrorCode>, now: Ts) {
    let pid = match result {
        Ok(pid) => pid,
        Err(code) => return failed(handle, broker, code, now),
    };
    let former = handle.idempotence.lock().pid;
    match change(handle, MAIN, |it, has_fatal| it.acquired(pid, has_fatal, now)) {
        Acquired::Ignored => {
            let text = format_args!("{}: Ignoring InitProduceId response ({pid})", broker.name());
            handle.log.debug(context::EOS, "GETPID", MAIN, text);
        }
        Acquired::Invalid => {
            let text = format!("Acquired invalid PID{{{},{}}}: ignoring", pid.id, pid.epoch);
            handle.log.broker(level::WARNING, "GETPID", &broker.name(), text);
            failed(handle, broker, ErrorCode::_BAD_MSG, now);
        }
        Acquired::Assigned => {
            let text = match former.is_valid() {
                true => format!("Acquired {pid} (previous {former})"),
                false => format!("Acquired {pid}"),
            };
            handle.log.debug(context::EOS, "GETPID", MAIN, format_args!("{text}"));
            wake_all(handle);
        }
    }
}

/// Historical: `rd_kafka_idemp_request_pid_failed`.
fn failed(handle: &Handle, broker: &Broker, code: ErrorCode, now: Ts) {
    let name = broker.name();
    let text = format_args!("{name}: Failed to acquire PID: {code}");
    handle.log.debug(context::EOS, "GETPID", MAIN, text);
    if code == ErrorCode::_DESTROY || handle.is_terminating() {
        return;
    }
    let text = format!("Failed to acquire idempotence PID from broker {name}: {code}");
    match failure(code) {
        Failure::Fatal(fatal) => {
            let is_fenced = fatal == ErrorCode::_FENCED;
            let preface = if is_fenced { "Producer fenced by newer instance: " } else { "" };
            give_up(handle, fatal, &format!("{preface}{text}"), now);
        }
        Failure::Temporary => {
            if change(handle, MAIN, |it, has_fatal| it.failed(Failure::Temporary, has_fatal, now)) {
                handle.log.log(level::WARNING, "GETPID", MAIN, format_args!("{text}: retrying"));
            }
        }
    }
}

fn give_up(handle: &Handle, code: ErrorCode, text: &str, now: Ts) {
    fatal::raise(handle, code, text);
    change(handle, MAIN, |it, has_fatal| it.failed(Failure::Fatal(code), has_fatal, now));
}
