//! Metadata answers as plain C structs.

use std::ffi::{c_char, c_int};

use super::from_c;
use crate::abi::public::*;
use crate::client::metadata;
use crate::error::ErrorCode;
use crate::forward::both;
use crate::own::topic::TopicHandle;
use crate::proto::messages::{MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::sys::fence::export;
use crate::sys::heap;

/// The block that an answer is: one piece of the C heap, as the answers of every librdkafka, so
/// that whoever made it, it is freed in one way.
struct Block {
    /// NULL while it is only measured.
    start: *mut u8,
    used: usize,
}

impl Block {
    /// Room for an array, one element per item; NULL while it is only measured.
    fn array<T, U>(&mut self, items: &[T], mut make: impl FnMut(&mut Self, &T) -> U) -> *mut U {
        const { assert!(align_of::<U>() <= align_of::<u64>()) };
        let at = self.used;
        self.used += (items.len() * size_of::<U>()).next_multiple_of(align_of::<u64>());
        let start = self.start.wrapping_add(at).cast::<U>();
        for (index, item) in items.iter().enumerate() {
            let element = make(self, item);
            if !self.start.is_null() {
                // SAFETY: the block was measured with the same items, so that it has room for one
                // element per item here.
                unsafe { start.add(index).write(element) };
            }
        }
        start
    }

    fn text(&mut self, text: &str) -> *mut c_char {
        let bytes: Vec<u8> = text.bytes().chain([0]).collect();
        self.array(&bytes, |_, byte| *byte).cast()
    }

    fn ids(&mut self, ids: &[i32]) -> *mut i32 {
        self.array(ids, |_, id| *id)
    }
}

fn count<T>(items: &[T]) -> c_int {
    c_int::try_from(items.len()).unwrap_or(c_int::MAX)
}

fn partition(block: &mut Block, partition: &PartitionMetadata) -> rd_kafka_metadata_partition_t {
    rd_kafka_metadata_partition_t {
        id: partition.partition,
        err: i32::from(partition.error),
        leader: partition.leader,
        replica_cnt: count(&partition.replicas),
        replicas: block.ids(&partition.replicas),
        isr_cnt: count(&partition.in_sync),
        isrs: block.ids(&partition.in_sync),
    }
}

fn topic(block: &mut Block, topic: &TopicMetadata) -> rd_kafka_metadata_topic_t {
    rd_kafka_metadata_topic_t {
        topic: block.text(&topic.name),
        partition_cnt: count(&topic.partitions),
        partitions: block.array(&topic.partitions, partition),
        err: i32::from(topic.error),
    }
}

/// An answer in a block of its own.
fn answer(
    response: &MetadataResponse,
    broker_id: i32,
    broker_name: &str,
) -> *const rd_kafka_metadata_t {
    let write = |block: &mut Block| {
        block.array(&[()], |block, ()| rd_kafka_metadata_t {
            broker_cnt: count(&response.brokers),
            brokers: block.array(&response.brokers, |block, broker| rd_kafka_metadata_broker_t {
                id: broker.id,
                host: block.text(&broker.host),
                port: broker.port,
            }),
            topic_cnt: count(&response.topics),
            topics: block.array(&response.topics, topic),
            orig_broker_id: broker_id,
            orig_broker_name: block.text(broker_name),
        })
    };
    let mut block = Block { start: std::ptr::null_mut(), used: 0 };
    write(&mut block);
    let mut block = Block { start: heap::calloc(block.used), used: 0 };
    write(&mut block)
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
            // SAFETY: as above.
            let answer =
                unsafe { both::rd_kafka_metadata(rk, all_topics, only_rkt, metadatap, timeout_ms) };
            return answer.unwrap_or(ErrorCode::_INVALID_ARG.0);
        };
        let only = only.map(TopicHandle::share);
        match metadata::query(&handle, all_topics != 0, only, timeout_ms) {
            Ok((response, broker_id, broker_name)) => {
                // SAFETY: the caller's contract.
                unsafe { *metadatap = answer(&response, broker_id, &broker_name) };
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
        // SAFETY: the caller's contract; an answer is one block of the C heap, whoever made it.
        unsafe { heap::free(metadata.cast_mut()) };
    }
}
