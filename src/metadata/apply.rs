//! What an answer changes: brokers, topics, partitions, leaders, and the messages that waited for
//! them.
#![forbid(unsafe_code)]

use std::ffi::CString;
use std::sync::Arc;

use crate::broker::set;
use crate::eos::drain;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::op::{BrokerOp, MainOp};
use crate::own::broker::{Broker, BrokerSource};
use crate::own::topic::{Topic, TopicState, weak};
use crate::own::toppar::{Leader, Toppar};
use crate::proto::messages::{MetadataResponse, TopicMetadata};
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::topic::{migrate, unassigned};

/// Microseconds for which an answer without partitions is news.
const ABSENCE_US: i64 = 500_000;

/// Applies an answer. `true`: a leader is still missing.
pub(crate) fn apply(handle: &Arc<Handle>, response: &MetadataResponse, now: Ts) -> bool {
    if response.brokers.is_empty() {
        handle.log.log(
            level::WARNING,
            "METADATA",
            "main",
            "No brokers in metadata: answer ignored",
        );
        return true;
    }
    tell(handle, response);
    set::learn(handle, &response.brokers);
    let ids: Vec<i32> = response.brokers.iter().map(|broker| broker.id).collect();
    let gone = take_gone(handle, &ids);
    cluster(handle, response);
    let mut wants_leader = false;
    for topic in &response.topics {
        wants_leader |= apply_topic(handle, topic, now);
    }
    for broker in gone {
        decommission(handle, &broker);
    }
    wants_leader
}

/// The debug lines of an answer.
fn tell(handle: &Handle, response: &MetadataResponse) {
    let log = &handle.log;
    if !log.debugs(context::METADATA) {
        return;
    }
    let line = |text: std::fmt::Arguments<'_>| {
        log.debug(context::METADATA, "METADATA", "main", text);
    };
    line(format_args!("===== Received metadata ====="));
    let id = response.cluster_id.as_deref().unwrap_or_default();
    line(format_args!("ClusterId: {id}, ControllerId: {}", response.controller_id));
    let (brokers, topics) = (&response.brokers, &response.topics);
    line(format_args!("{} brokers, {} topics", brokers.len(), topics.len()));
    for broker in brokers {
        line(format_args!("  Broker {}:{} NodeId {}", broker.host, broker.port, broker.id));
    }
    for topic in topics {
        let (name, count) = (&topic.name, topic.partitions.len());
        let error = ErrorCode(i32::from(topic.error));
        line(format_args!("  Topic {name} with {count} partitions: {error}"));
    }
}

fn cluster(handle: &Handle, response: &MetadataResponse) {
    let former = {
        let mut cluster = handle.cluster.lock();
        let former = cluster.id.clone();
        cluster.id = response.cluster_id.clone().or_else(|| cluster.id.take());
        cluster.controller_id = Some(response.controller_id);
        cluster.cached_topic_count = response.topics.len();
        handle.cluster_changed.notify_all();
        former
    };
    if let (Some(old), Some(new)) = (&former, &response.cluster_id)
        && old != new
    {
        let text = format!(
            "Broker reports different ClusterId \"{new}\" than previously known \"{old}\": a \
             client must not be simultaneously connected to multiple clusters"
        );
        handle.log.log(level::WARNING, "CLUSTERID", "main", text);
    }
}

/// Takes the brokers out of the list that the cluster does not have: learned ones that are gone,
/// and configured ones, since the learned ones stand for them now.
fn take_gone(handle: &Handle, ids: &[i32]) -> Vec<Arc<Broker>> {
    let mut brokers = handle.brokers.write();
    if !brokers.all.iter().any(|broker| ids.contains(&broker.id())) {
        return Vec::new();
    }
    let (kept, gone) =
        std::mem::take(&mut brokers.all).into_iter().partition(|broker| ids.contains(&broker.id()));
    brokers.all = kept;
    gone
}

/// Ends a broker's thread. Partitions that are still with it go to the internal broker, and on from
/// there when the metadata names a leader.
fn decommission(handle: &Handle, broker: &Arc<Broker>) {
    if broker.mark_down(false) {
        handle.down_count.fetch_sub(1, std::sync::atomic::Ordering::AcqRel);
    }
    broker.terminate();
    if broker.source() == BrokerSource::Learned {
        let name = broker.name();
        handle.log.debug(
            crate::log::context::BROKER,
            "DECOMMISSION",
            "main",
            format_args!("{name}: Broker is gone from the cluster"),
        );
    }
}

fn apply_topic(handle: &Arc<Handle>, answer: &TopicMetadata, now: Ts) -> bool {
    let Ok(name) = CString::new(answer.name.as_str()) else { return false };
    let Some(topic) = crate::topic::find(handle, &name) else { return false };
    let error = ErrorCode(i32::from(answer.error));
    let has_partitions = !answer.partitions.is_empty();
    let wants_leader = match error {
        ErrorCode::NO_ERROR | ErrorCode::LEADER_NOT_AVAILABLE if has_partitions => {
            exists(handle, &topic, answer, now)
        }
        ErrorCode::NO_ERROR | ErrorCode::LEADER_NOT_AVAILABLE => {
            topic.control().set_wants_leader(true);
            true
        }
        ErrorCode::UNKNOWN_TOPIC_OR_PART if is_news_young(handle, &topic, now) => {
            topic.control().set_wants_leader(true);
            true
        }
        ErrorCode::UNKNOWN_TOPIC_OR_PART
        | ErrorCode::TOPIC_EXCEPTION
        | ErrorCode::UNKNOWN_TOPIC_ID => {
            fail_topic(handle, &topic, TopicState::NotExists, error, now);
            false
        }
        other => {
            fail_topic(handle, &topic, TopicState::Error(other), other, now);
            false
        }
    };
    topic.control().set_metadata_at(now);
    wants_leader
}

/// May the news of a topic not have reached the broker yet?
fn is_news_young(handle: &Handle, topic: &Topic, now: Ts) -> bool {
    let is_unknown = topic.table().state == TopicState::Unknown;
    let since = topic.control().state_since();
    is_unknown && now < since.plus_ms(handle.settings.metadata_propagation_ms)
}

/// The cluster has the topic.
fn exists(handle: &Arc<Handle>, topic: &Arc<Topic>, answer: &TopicMetadata, now: Ts) -> bool {
    let is_other = topic.control().replace_id(answer.id) != answer.id;
    let before = topic.table();
    // Kafka never takes partitions away: an answer with fewer is not to be believed, unless the
    // topic was made anew.
    let count = match answer.partitions.len() {
        count if is_other => count,
        count => count.max(before.partitions.len()),
    };
    let has_changed = before.partitions.len() != count || before.state != TopicState::Exists;
    if has_changed {
        if !before.partitions.is_empty() && before.partitions.len() != count {
            let text = format!(
                "Topic {} partition count changed from {} to {count}",
                topic.display_name(),
                before.partitions.len()
            );
            handle.log.log(level::NOTICE, "PARTCNT", "main", text);
        } else {
            let name = topic.display_name();
            let text = format_args!("Topic {name} exists with {count} partitions");
            handle.log.debug(context::TOPIC | context::METADATA, "PARTCNT", "main", text);
        }
        resize(handle, topic, count, now);
    }
    let mut wants_leader = false;
    for partition in &answer.partitions {
        // Never indexed by what the wire says: a number that is out of range is left out.
        let Some(toppar) = topic.partition(partition.partition) else { continue };
        let toppar = Arc::clone(toppar);
        wants_leader |= !lead(handle, &toppar, partition.leader, partition.leader_epoch);
    }
    wants_leader |= answer.partitions.len() < count && lacks_leader(handle, topic, answer);
    topic.control().set_wants_leader(wants_leader);
    unassigned::assign(handle, topic, ErrorCode::NO_ERROR, now);
    wants_leader
}

/// Is there a partition without a known leader of which the answer says nothing?
fn lacks_leader(handle: &Handle, topic: &Topic, answer: &TopicMetadata) -> bool {
    topic.table().partitions.iter().any(|toppar| {
        let number = toppar.partition();
        let is_named = answer.partitions.iter().any(|named| named.partition == number);
        let leader = toppar.lock().leader().id;
        !is_named && handle.brokers.read().by_id(leader).is_none()
    })
}

/// Gives the topic `count` partitions; those that go are let go.
fn resize(handle: &Handle, topic: &Arc<Topic>, count: usize, now: Ts) {
    let mut control = topic.control();
    let before = topic.table();
    let mut partitions: Vec<Arc<Toppar>> =
        before.partitions.iter().take(count).map(Arc::clone).collect();
    let gone: Vec<Arc<Toppar>> = before.partitions.iter().skip(count).map(Arc::clone).collect();
    for number in partitions.len()..count {
        let store = (handle.store.make)(&handle.settings, topic.order);
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        let toppar = Toppar::new(weak(topic), number, store);
        toppar.restore_ids(control.saved_ids());
        partitions.push(toppar);
    }
    control.replace_table(TopicState::Exists, partitions, now);
    drop(control);
    remove(handle, topic, &gone, now);
}

/// Lets partitions go. Should they come back, message ids and sequence go on, unless batches are
/// left of which nobody knows what will become: then there is a new epoch.
fn remove(handle: &Handle, topic: &Topic, gone: &[Arc<Toppar>], now: Ts) {
    let pid = handle.idempotence.lock().usable_pid().unwrap_or(Pid::NONE);
    let mut is_unsettled = false;
    for toppar in gone {
        is_unsettled |= toppar.is_unsettled(pid);
        migrate::remove(handle, toppar);
        is_unsettled |= toppar.is_unsettled(pid);
        let saved = toppar.saved_ids();
        topic.control().saved_ids().extend(saved);
    }
    if is_unsettled && pid.is_valid() {
        let reason = format_args!("partitions of {} are gone", topic.display_name());
        drain::epoch_bump(handle, "main", reason, now);
    }
}

/// Believes a partition's leader, unless older than what is known. `true`: the leader is known and
/// a broker of ours.
pub(crate) fn lead(handle: &Arc<Handle>, toppar: &Arc<Toppar>, leader_id: i32, epoch: i32) -> bool {
    let broker = handle.brokers.read().by_id(leader_id).cloned();
    let has_moved;
    {
        let mut shared = toppar.lock();
        let known = shared.leader();
        if epoch != -1 && known.epoch > epoch {
            drop(shared);
            // The known one counts; its broker may be known only now, or is still looked for.
            let broker = handle.brokers.read().by_id(known.id).cloned();
            if broker.is_some() {
                migrate::delegate(handle, toppar, broker.as_ref());
            }
            return broker.is_some();
        }
        has_moved = known.id != leader_id;
        shared.set_leader(Leader { id: leader_id, epoch }, broker.clone());
    }
    if has_moved && handle.log.debugs(context::TOPIC) {
        let (topic, partition) = (toppar.topic(), toppar.partition());
        let name = topic.display_name();
        let text = format_args!("{name} [{partition}]: delegate to broker {leader_id}");
        handle.log.debug(context::TOPIC, "BRKDELGT", "main", text);
    }
    migrate::delegate(handle, toppar, broker.as_ref());
    broker.is_some()
}

/// The cluster does not have the topic, or refuses it.
fn fail_topic(handle: &Handle, topic: &Arc<Topic>, state: TopicState, error: ErrorCode, now: Ts) {
    let gone: Vec<Arc<Toppar>> = {
        let mut control = topic.control();
        let before = topic.table();
        if before.state == state {
            return;
        }
        control.set_wants_leader(false);
        let gone = before.partitions.clone();
        control.replace_table(state, Vec::new(), now);
        gone
    };
    if !gone.is_empty() {
        let text = format!(
            "Topic {} partition count changed from {} to 0",
            topic.display_name(),
            gone.len()
        );
        handle.log.log(level::NOTICE, "PARTCNT", "main", text);
    }
    remove(handle, topic, &gone, now);
    unassigned::assign(handle, topic, error, now);
}

/// A broker refused the topic: it is in error until metadata says otherwise. On that broker's
/// thread, so that no report of the refusal overtakes it.
///
/// Historical: `rd_kafka_topic_set_error`.
pub(crate) fn refuse(handle: &Handle, topic: &Arc<Topic>, error: ErrorCode, now: Ts) {
    if handle.is_terminating() {
        return;
    }
    let name = topic.display_name();
    let text = format_args!("Topic {name} has permanent error: {error}");
    handle.log.debug(context::TOPIC, "TOPICERROR", "main", text);
    fail_topic(handle, topic, TopicState::Error(error), error, now);
    // The main thread asks for a topic that lacks leaders again.
    handle.main.push(MainOp::Wakeup);
}

/// Was a topic without partitions not heard of just now?
pub(crate) fn is_stale(topic: &Topic, now: Ts) -> bool {
    let control = topic.control();
    now.since(control.metadata_at().max(control.state_since())) >= ABSENCE_US
}

/// That a topic does not exist is believed for a moment only: afterwards messages wait again for
/// what the next answer says.
pub(crate) fn forget_absence(topic: &Topic, now: Ts) {
    let mut control = topic.control();
    if topic.table().state == TopicState::NotExists {
        control.replace_table(TopicState::Unknown, Vec::new(), now);
    }
}

/// Tells every broker's thread to look again.
pub(crate) fn wake_all(handle: &Handle) {
    for broker in &handle.brokers.read().all {
        broker.push(BrokerOp::Wakeup);
    }
}
