//! The historical tags of a Produce response: who leads a partition now, and where brokers are
//! (KIP-951).
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::c_char;

use super::layout::layout;
use super::rd::rd_kafkap_str_t;

/// Who leads a partition.
#[repr(C)]
pub struct rd_kafkap_CurrentLeader_t {
    /// Node id.
    pub LeaderId: i32,
    /// Leader epoch.
    pub LeaderEpoch: i32,
}

/// Where a broker is.
#[repr(C)]
pub struct rd_kafkap_NodeEndpoint_t {
    /// Node id.
    pub NodeId: i32,
    /// Host.
    pub Host: rd_kafkap_str_t,
    /// Port.
    pub Port: i32,
    /// Rack.
    pub Rack: rd_kafkap_str_t,
}

/// Where brokers are.
#[repr(C)]
pub struct rd_kafkap_NodeEndpoints_t {
    /// How many.
    pub NodeEndpointCnt: i32,
    /// The brokers, owned.
    pub NodeEndpoints: *mut rd_kafkap_NodeEndpoint_t,
}

/// Who leads which partition.
#[repr(C)]
pub struct rd_kafkap_Produce_reply_tags_Partition_t {
    /// Partition number.
    pub Partition: i32,
    /// Its leader.
    pub CurrentLeader: rd_kafkap_CurrentLeader_t,
}

/// A partition of a topic.
#[repr(C)]
pub struct rd_kafkap_Produce_reply_tags_Topic_t {
    /// The topic's name, owned.
    pub TopicName: *mut c_char,
    /// The partition.
    pub Partition: rd_kafkap_Produce_reply_tags_Partition_t,
}

/// The tags of a response, or of one of its partitions.
#[repr(C)]
pub struct rd_kafkap_Produce_reply_tags_t {
    /// Does the partition have a new leader?
    pub leader_change_cnt: i32,
    /// Where brokers are: of the response only.
    pub NodeEndpoints: rd_kafkap_NodeEndpoints_t,
    /// The partition, of one only.
    pub Topic: rd_kafkap_Produce_reply_tags_Topic_t,
}

layout! { rd_kafkap_CurrentLeader_t: size 8, align 4; LeaderId @ 0, LeaderEpoch @ 4 }
layout! { rd_kafkap_NodeEndpoint_t: size 48, align 8; NodeId @ 0, Host @ 8, Port @ 24, Rack @ 32 }
layout! { rd_kafkap_NodeEndpoints_t: size 16, align 8; NodeEndpointCnt @ 0, NodeEndpoints @ 8 }
layout! { rd_kafkap_Produce_reply_tags_Partition_t: size 12, align 4;
Partition @ 0, CurrentLeader @ 4 }
layout! { rd_kafkap_Produce_reply_tags_Topic_t: size 24, align 8; TopicName @ 0, Partition @ 8 }
layout! { rd_kafkap_Produce_reply_tags_t: size 48, align 8;
leader_change_cnt @ 0, NodeEndpoints @ 8, Topic @ 24 }
