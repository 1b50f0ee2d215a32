//! CreateTopics 2 to 5 and CreatePartitions 0 to 3, as test suites need them: counts are honoured,
//! configurations are accepted and not looked at.
#![forbid(unsafe_code)]

use kafka_protocol::messages::create_partitions_request::CreatePartitionsRequest;
use kafka_protocol::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use kafka_protocol::messages::create_topics_response::{
    CreatableTopicResult, CreateTopicsResponse,
};

use super::{Answer, Call, Malformed, text, wire_code};
use crate::error::ErrorCode;

/// Answers a CreateTopics request.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: CreateTopicsRequest = call.request()?;
    let mut results = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let error = match may_change(call) {
            Ok(()) => create_one(call, topic, request.validate_only).err(),
            Err(error) => Some(error),
        };
        let mut result = CreatableTopicResult::default().with_name(topic.name.clone());
        if let Some(error) = error {
            result.error_code = wire_code(error);
            result.error_message = error.known_text().map(text);
        }
        results.push(result);
    }
    call.reply(&CreateTopicsResponse::default().with_topics(results))
}

fn create_one(
    call: &mut Call<'_>,
    topic: &CreatableTopic,
    validate_only: bool,
) -> Result<(), ErrorCode> {
    let name = topic.name.as_str();
    if validate_only {
        let is_there = call.cluster.topics.contains_key(name);
        return if is_there { Err(ErrorCode::TOPIC_ALREADY_EXISTS) } else { Ok(()) };
    }
    let assigned = topic.assignments.len();
    let (count, factor) = match topic.assignments.first() {
        Some(first) => (assigned as i32, first.broker_ids.len() as i32),
        None => (topic.num_partitions, i32::from(topic.replication_factor)),
    };
    call.cluster.create_topic(name, count, factor)
}

/// Answers a CreatePartitions request.
pub(crate) fn grow(call: &mut Call<'_>) -> Result<Answer, Malformed> {
    let request: CreatePartitionsRequest = call.request()?;
    let mut results = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let error = match may_change(call) {
            Ok(()) if request.validate_only => None,
            Ok(()) => call.cluster.grow_topic(topic.name.as_str(), topic.count).err(),
            Err(error) => Some(error),
        };
        let mut result = CreatePartitionsTopicResult::default().with_name(topic.name.clone());
        if let Some(error) = error {
            result.error_code = wire_code(error);
            result.error_message = error.known_text().map(text);
        }
        results.push(result);
    }
    call.reply(&CreatePartitionsResponse::default().with_results(results))
}

/// Only the controller creates, unless an error was pushed.
fn may_change(call: &Call<'_>) -> Result<(), ErrorCode> {
    if call.error.is_err() {
        return Err(call.error);
    }
    if call.cluster.controller_id != call.broker_id {
        return Err(ErrorCode::NOT_CONTROLLER);
    }
    Ok(())
}
