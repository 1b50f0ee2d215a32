//! FindCoordinator 0 to 4: the broker that looks after a group or a transactional producer.
//!
//! Version 0 knows groups only; from version 4 one request asks for several keys.
#![forbid(unsafe_code)]

use kafka_protocol::messages::BrokerId;
use kafka_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use kafka_protocol::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};

use super::{Answer, Call, Malformed, text, wire_code};
use crate::error::ErrorCode;
use crate::mock::cluster::CoordinatorKind;

/// Answers a FindCoordinator request.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: FindCoordinatorRequest = call.request()?;
    let kind = match request.key_type {
        0 => Ok(CoordinatorKind::Group),
        1 => Ok(CoordinatorKind::Transaction),
        _ => Err(ErrorCode::INVALID_REQUEST),
    };
    if call.head.version >= 4 {
        let keys = request.coordinator_keys.iter();
        let coordinators = keys.map(|key| find(call, kind, key)).collect();
        return call.reply(&FindCoordinatorResponse::default().with_coordinators(coordinators));
    }
    let found = find(call, kind, &request.key);
    let mut response = FindCoordinatorResponse::default()
        .with_error_code(found.error_code)
        .with_node_id(found.node_id)
        .with_host(found.host)
        .with_port(found.port);
    if call.head.version >= 1 {
        response.error_message = found.error_message;
    }
    call.reply(&response)
}

fn find(call: &Call<'_>, kind: Result<CoordinatorKind, ErrorCode>, key: &str) -> Coordinator {
    let out = Coordinator::default().with_key(text(key));
    let found = match kind {
        _ if call.error.is_err() => Err(call.error),
        Err(error) => Err(error),
        Ok(kind) => {
            call.cluster.coordinator(kind, key).ok_or(ErrorCode::GROUP_COORDINATOR_NOT_AVAILABLE)
        }
    };
    let (id, error) = match found {
        Ok(id) => (id, ErrorCode::NO_ERROR),
        Err(error) => (-1, error),
    };
    match call.cluster.brokers.get(&id) {
        Some(broker) => {
            out.with_node_id(BrokerId(id)).with_host(text(&broker.host)).with_port(broker.port)
        }
        None => out
            .with_node_id(BrokerId(-1))
            .with_port(-1)
            .with_error_code(wire_code(error))
            .with_error_message(error.known_text().map(text)),
    }
}
