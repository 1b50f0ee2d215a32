//! Metadata answers as plain C structs.

use std::ffi::{c_char, c_int};

use super::from_c;
use crate::abi::public::*;
use crate::client::metadata;
use crate::error::ErrorCode;
use crate::own::topic::TopicHandle;
use crate::proto::messages::{MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::sys::fence::export;
use crate::sys::heap;

/// An array on the C heap, one element per item.
fn array<T, U>(items: &[T], make: impl Fn(&T) -> U) -> *mut U {
    let array = heap::calloc(items.len() * size_of::<U>()).cast::<U>();
    for (at, item) in items.iter().enumerate() {
        // SAFETY: the block has room for one element per item.
        unsafe { array.add(at).write(make(item)) };
    }
    array
}

fn count<T>(items: &[T]) -> c_int {
    c_int::try_from(items.len()).unwrap_or(c_int::MAX)
}

fn partition(partition: &PartitionMetadata) -> rd_kafka_metadata_partition_t {
    rd_kafka_metadata_partition_t {
        id: partition.partition,
        err: i32::from(partition.error),
        leader: partition.leader,
        replica_cnt: count(&partition.replicas),
        replicas: array(&partition.replicas, |id| *id),
        isr_cnt: count(&partition.in_sync),
        isrs: array(&partition.in_sync, |id| *id),
    }
}

fn topic(topic: &TopicMetadata) -> rd_kafka_metadata_topic_t {
    rd_kafka_metadata_topic_t {
        topic: heap::string(topic.name.as_bytes()),
        partition_cnt: count(&topic.partitions),
        partitions: array(&topic.partitions, partition),
        err: i32::from(topic.error),
    }
}

fn answer(response: &MetadataResponse, broker_id: i32, broker_name: &str) -> rd_kafka_metadata_t {
    rd_kafka_metadata_t {
        broker_cnt: count(&response.brokers),
        brokers: array(&response.brokers, |broker| rd_kafka_metadata_broker_t {
            id: broker.id,
            host: heap::string(broker.host.as_bytes()),
            port: broker.port,
        }),
        topic_cnt: count(&response.topics),
        topics: array(&response.topics, topic),
        orig_broker_id: broker_id,
        orig_broker_name: heap::string(broker_name.as_bytes()),
    }
}

export! {
    /// Asks the cluster for metadata: of all topics, of one, or of those that the instance knows.
    /// The answer is freed with `rd_kafka_metadata_destroy`. `_TRANSPORT` without a usable broker,
    /// `_TIMED_OUT` after `timeout_ms`.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `only_rkt` is NULL or a live topic object; `metadatap` is
    /// live.
    fn rd_kafka_metadata(
        rk: *mut rd_kafka_t,
        all_topics: c_int,
        only_rkt: *mut rd_kafka_topic_t,
        metadatap: *mut *const rd_kafka_metadata_t,
        timeout_ms: c_int,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (handle, only) = unsafe { (from_c::handle(rk), from_c::topic(only_rkt)) };
        let (Some(handle), false) = (handle, metadatap.is_null()) else {
            return ErrorCode::_INVALID_ARG.0;
        };
        let only = only.map(TopicHandle::share);
        match metadata::query(&handle, all_topics != 0, only, timeout_ms) {
            Ok((response, broker_id, broker_name)) => {
                let block = heap::malloc(size_of::<rd_kafka_metadata_t>());
                let block = block.cast::<rd_kafka_metadata_t>();
                // SAFETY: the block has room for the struct; the caller's contract.
                unsafe {
                    block.write(answer(&response, broker_id, &broker_name));
                    *metadatap = block;
                }
                ErrorCode::NO_ERROR.0
            }
            Err(code) => code.0,
        }
    }

    /// Frees a metadata answer. NULL is allowed.
    ///
    /// # Safety
    /// `metadata` is NULL or came from `rd_kafka_metadata` and is not used again.
    fn rd_kafka_metadata_destroy(metadata: *const rd_kafka_metadata_t) {
        // SAFETY: the caller's contract; every array and string is on the C heap.
        unsafe {
            let Some(answer) = metadata.as_ref() else { return };
            for at in 0..usize::try_from(answer.broker_cnt).unwrap_or(0) {
                heap::free((*answer.brokers.add(at)).host);
            }
            for at in 0..usize::try_from(answer.topic_cnt).unwrap_or(0) {
                let topic = &*answer.topics.add(at);
                for at in 0..usize::try_from(topic.partition_cnt).unwrap_or(0) {
                    let partition = &*topic.partitions.add(at);
                    heap::free(partition.replicas);
                    heap::free(partition.isrs);
                }
                heap::free(topic.partitions);
                heap::free::<c_char>(topic.topic);
            }
            heap::free(answer.brokers);
            heap::free(answer.topics);
            heap::free(answer.orig_broker_name);
            heap::free(metadata.cast_mut());
        }
    }
}
