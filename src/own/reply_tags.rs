//! `ReplyTags`: what a Produce response says of new leaders (`rd_kafkap_Produce_reply_tags_t`): the
//! response's tags, or those of one partition.
//!
//! Who allocates and frees: the response's handler makes them when a partition has a new leader,
//! and drops them when that is passed on. Names and the list of brokers are on the C heap.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use crate::abi::produce_tags::{rd_kafkap_NodeEndpoint_t, rd_kafkap_Produce_reply_tags_t};
use crate::abi::rd::rd_kafkap_str_t;
use crate::proto::messages::BrokerEndpoint;
use crate::sys::heap;

/// Tags of a response or of one of its partitions.
#[repr(transparent)]
pub(crate) struct ReplyTags(rd_kafkap_Produce_reply_tags_t);

impl ReplyTags {
    fn empty() -> Self {
        // SAFETY: numbers and pointers, for which zero is valid.
        Self(unsafe { MaybeUninit::zeroed().assume_init() })
    }

    /// The response's: where brokers are.
    pub(crate) fn of_response(endpoints: impl ExactSizeIterator<Item = BrokerEndpoint>) -> Self {
        let mut tags = Self::empty();
        let list = &mut tags.0.NodeEndpoints;
        let bytes = size_of::<rd_kafkap_NodeEndpoint_t>() * endpoints.len();
        list.NodeEndpoints = heap::calloc(bytes.max(1)).cast();
        for endpoint in endpoints {
            let len = i32::try_from(endpoint.host.len()).unwrap_or(i32::MAX);
            let host = rd_kafkap_str_t { len, str: heap::string(endpoint.host.as_bytes()) };
            // SAFETY: the list has room for as many as the iterator said.
            unsafe {
                let place = list.NodeEndpoints.add(list.NodeEndpointCnt as usize);
                (*place).NodeId = endpoint.id;
                (*place).Host = host;
                (*place).Port = endpoint.port;
            }
            list.NodeEndpointCnt += 1;
        }
        tags
    }

    /// A partition's, which has a new leader: its id and epoch.
    pub(crate) fn of_partition(topic: &CStr, partition: i32, leader: (i32, i32)) -> Self {
        let mut tags = Self::empty();
        tags.0.leader_change_cnt = 1;
        tags.0.Topic.TopicName = heap::string(topic.to_bytes());
        tags.0.Topic.Partition.Partition = partition;
        let current = &mut tags.0.Topic.Partition.CurrentLeader;
        (current.LeaderId, current.LeaderEpoch) = leader;
        tags
    }

    /// Tags that C code has, to look at.
    ///
    /// # Safety
    /// `at` is NULL, or there are tags that stay as they are during `'a`.
    #[cfg(feature = "c-harness")]
    pub(crate) unsafe fn borrow<'a>(at: *const rd_kafkap_Produce_reply_tags_t) -> Option<&'a Self> {
        // SAFETY: the caller's contract; the type is transparent.
        unsafe { at.cast::<Self>().as_ref() }
    }

    /// The partition and its new leader, if it has one.
    pub(crate) fn new_leader(&self) -> Option<NewLeader<'_>> {
        let Self(tags) = self;
        let topic = &tags.Topic;
        if tags.leader_change_cnt == 0 || topic.TopicName.is_null() {
            return None;
        }
        let leader = &topic.Partition.CurrentLeader;
        Some(NewLeader {
            // SAFETY: a name is a string that the tags own.
            topic: unsafe { CStr::from_ptr(topic.TopicName) },
            partition: topic.Partition.Partition,
            id: leader.LeaderId,
            epoch: leader.LeaderEpoch,
        })
    }

    /// Where brokers are.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = BrokerEndpoint> {
        let list = &self.0.NodeEndpoints;
        let count = usize::try_from(list.NodeEndpointCnt).unwrap_or(0);
        (0..count).map(|at| {
            // SAFETY: the list has that many, and each host as many bytes as it says.
            unsafe {
                let node = &*list.NodeEndpoints.add(at);
                let len = usize::try_from(node.Host.len).unwrap_or(0);
                let host = match len {
                    0 => &[],
                    len => std::slice::from_raw_parts(node.Host.str.cast::<u8>(), len),
                };
                let host = String::from_utf8_lossy(host).into_owned();
                BrokerEndpoint { id: node.NodeId, host, port: node.Port }
            }
        })
    }
}

/// A partition's new leader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NewLeader<'a> {
    /// Topic name.
    pub(crate) topic: &'a CStr,
    /// Partition number.
    pub(crate) partition: i32,
    /// The leader's node id.
    pub(crate) id: i32,
    /// Leader epoch.
    pub(crate) epoch: i32,
}

impl Drop for ReplyTags {
    fn drop(&mut self) {
        let Self(tags) = self;
        // SAFETY: the name, the list and the hosts are ours and on the C heap. Racks are not kept.
        unsafe {
            heap::free(tags.Topic.TopicName);
            let list = &tags.NodeEndpoints;
            for at in 0..usize::try_from(list.NodeEndpointCnt).unwrap_or(0) {
                heap::free((*list.NodeEndpoints.add(at)).Host.str.cast_mut());
                heap::free((*list.NodeEndpoints.add(at)).Rack.str.cast_mut());
            }
            heap::free(list.NodeEndpoints);
        }
    }
}

/// Frees the tags of a response and of its partitions.
///
/// Historical: `produce_reply_tags_cleaup`.
pub(crate) fn free(of_response: ReplyTags, of_partitions: Vec<ReplyTags>) {
    drop(of_partitions);
    drop(of_response);
}

/// Takes tags that C code made: the response's, and an array of those of `count` partitions, which
/// is freed.
///
/// # Safety
/// Everything is on the C heap, but for the response's tags themselves, which are empty afterwards.
#[cfg(feature = "c-harness")]
pub(crate) unsafe fn take(
    of_response: *mut rd_kafkap_Produce_reply_tags_t,
    of_partitions: *mut rd_kafkap_Produce_reply_tags_t,
    count: usize,
) -> (ReplyTags, Vec<ReplyTags>) {
    // SAFETY: the caller's contract; the type is transparent.
    unsafe {
        let response = match of_response.is_null() {
            true => ReplyTags::empty(),
            false => std::mem::replace(&mut *of_response.cast::<ReplyTags>(), ReplyTags::empty()),
        };
        let partitions = of_partitions.cast::<ReplyTags>();
        let count = if partitions.is_null() { 0 } else { count };
        let taken = (0..count).map(|at| partitions.add(at).read()).collect();
        heap::free(of_partitions);
        (response, taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out() {
        let node = |id, host: &str| BrokerEndpoint { id, host: host.to_owned(), port: 9092 + id };
        let nodes = [node(1, "one"), node(2, ""), node(3, "three")];
        let response = ReplyTags::of_response(nodes.clone().into_iter());
        assert_eq!(response.endpoints().collect::<Vec<_>>(), nodes);
        assert_eq!(response.new_leader(), None);
        let partition = ReplyTags::of_partition(c"t", 7, (2, 11));
        let expected = NewLeader { topic: c"t", partition: 7, id: 2, epoch: 11 };
        assert_eq!(partition.new_leader(), Some(expected));
        assert_eq!(partition.endpoints().count(), 0);
        free(response, vec![partition, ReplyTags::empty()]);
    }
}
