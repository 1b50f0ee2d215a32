//! InitProducerId 0 to 4: an id and an epoch for an idempotent or transactional producer.
//!
//! From version 3 a producer says which id it has. Without a transactional id it gets a new one in
//! any case, as from a broker; with one, the epoch rises.
#![forbid(unsafe_code)]

use kafka_protocol::messages::ProducerId;
use kafka_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use kafka_protocol::messages::init_producer_id_response::InitProducerIdResponse;

use super::{Answer, Call, Malformed, wire_code};
use crate::error::ErrorCode;

/// Answers an InitProducerId request.
pub(crate) fn handle(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: InitProducerIdRequest = call.request()?;
    let known = Some((request.producer_id.0, request.producer_epoch)).filter(|(id, _)| *id >= 0);
    let ids = &mut call.cluster.producer_ids;
    let given = match &request.transactional_id {
        _ if call.error.is_err() => Err(call.error),
        None => Ok(ids.fresh()),
        Some(id) if id.is_empty() => Err(ErrorCode::INVALID_REQUEST),
        Some(id) => ids.transactional(id, known),
    };
    let (error, (id, epoch)) = match given {
        Ok(given) => (ErrorCode::NO_ERROR, given),
        Err(error) => (error, (-1, -1)),
    };
    let response = InitProducerIdResponse::default()
        .with_error_code(wire_code(error))
        .with_producer_id(ProducerId(id))
        .with_producer_epoch(epoch);
    call.reply(&response)
}
