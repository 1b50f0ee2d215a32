//! The structs and handle types of the public headers.
#![forbid(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};

#[allow(unused_imports)] // Some are for the headers only.
pub use super::codes::{
    rd_kafka_cert_enc_t, rd_kafka_cert_type_t, rd_kafka_conf_res_t, rd_kafka_msg_status_t,
    rd_kafka_timestamp_type_t, rd_kafka_type_t, rd_kafka_vtype_t,
};
pub use super::handles::rd_kafka_messages_t;
use super::layout::layout;

/// An error code; see [`crate::error::ErrorCode`].
pub type rd_kafka_resp_err_t = c_int;
/// Event kind, one bit each.
pub type rd_kafka_event_type_t = c_int;

macro_rules! opaque {
    ($($(#[$meta:meta])* $name:ident;)*) => {
        $($(#[$meta])* #[repr(C)] pub struct $name { _private: [u8; 0] })*
    };
}
pub(crate) use opaque;

opaque! {
    /// An instance.
    rd_kafka_t;
    /// A topic object.
    rd_kafka_topic_t;
    /// An instance's configuration.
    rd_kafka_conf_t;
    /// A topic's configuration.
    rd_kafka_topic_conf_t;
    /// A queue of events.
    rd_kafka_queue_t;
    /// An event.
    rd_kafka_event_t;
    /// An error object.
    rd_kafka_error_t;
    /// Record headers.
    rd_kafka_headers_t;
    /// A mock cluster.
    rd_kafka_mock_cluster_t;
    /// A universally unique id.
    rd_kafka_Uuid_t;
}

/// A message as applications see it.
#[repr(C)]
pub struct rd_kafka_message_t {
    /// Error code; 0 for a delivered message.
    pub err: rd_kafka_resp_err_t,
    /// The topic object, borrowed.
    pub rkt: *mut rd_kafka_topic_t,
    /// Partition number.
    pub partition: i32,
    /// Value bytes.
    pub payload: *mut c_void,
    /// Length of the value.
    pub len: usize,
    /// Key bytes.
    pub key: *mut c_void,
    /// Length of the key.
    pub key_len: usize,
    /// Offset in the log.
    pub offset: i64,
    /// The application's opaque pointer.
    pub _private: *mut c_void,
}

layout! { rd_kafka_message_t: size 72, align 8;
err @ 0, rkt @ 8, partition @ 16, payload @ 24, len @ 32, key @ 40, key_len @ 48, offset @ 56, _private @ 64 }

/// A topic, a partition and an offset.
#[repr(C)]
pub struct rd_kafka_topic_partition_t {
    /// Topic name.
    pub topic: *mut c_char,
    /// Partition number.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Metadata, on the C heap.
    pub metadata: *mut c_void,
    /// Size of the metadata.
    pub metadata_size: usize,
    /// The application's opaque pointer.
    pub opaque: *mut c_void,
    /// Error code.
    pub err: rd_kafka_resp_err_t,
    /// The library's own.
    pub _private: *mut c_void,
}

layout! { rd_kafka_topic_partition_t: size 64, align 8;
topic @ 0, partition @ 8, offset @ 16, metadata @ 24, metadata_size @ 32, opaque @ 40, err @ 48, _private @ 56 }

/// A growing list of partitions.
#[repr(C)]
pub struct rd_kafka_topic_partition_list_t {
    /// Elements in use.
    pub cnt: c_int,
    /// Elements allocated.
    pub size: c_int,
    /// The elements, on the C heap.
    pub elems: *mut rd_kafka_topic_partition_t,
}

layout! { rd_kafka_topic_partition_list_t: size 16, align 8; cnt @ 0, size @ 4, elems @ 8 }

/// A broker in a metadata answer.
#[repr(C)]
pub struct rd_kafka_metadata_broker_t {
    /// Node id.
    pub id: i32,
    /// Host name.
    pub host: *mut c_char,
    /// Port.
    pub port: c_int,
}

layout! { rd_kafka_metadata_broker_t: size 24, align 8; id @ 0, host @ 8, port @ 16 }

/// A partition in a metadata answer.
#[repr(C)]
pub struct rd_kafka_metadata_partition_t {
    /// Partition number.
    pub id: i32,
    /// Error code.
    pub err: rd_kafka_resp_err_t,
    /// Leader's node id.
    pub leader: i32,
    /// Number of replicas.
    pub replica_cnt: c_int,
    /// Node ids of the replicas.
    pub replicas: *mut i32,
    /// Number of in-sync replicas.
    pub isr_cnt: c_int,
    /// Node ids of the in-sync replicas.
    pub isrs: *mut i32,
}

layout! { rd_kafka_metadata_partition_t: size 40, align 8;
id @ 0, err @ 4, leader @ 8, replica_cnt @ 12, replicas @ 16, isr_cnt @ 24, isrs @ 32 }

/// A topic in a metadata answer.
#[repr(C)]
pub struct rd_kafka_metadata_topic_t {
    /// Topic name.
    pub topic: *mut c_char,
    /// Number of partitions.
    pub partition_cnt: c_int,
    /// The partitions.
    pub partitions: *mut rd_kafka_metadata_partition_t,
    /// Error code.
    pub err: rd_kafka_resp_err_t,
}

layout! { rd_kafka_metadata_topic_t: size 32, align 8; topic @ 0, partition_cnt @ 8, partitions @ 16, err @ 24 }

/// A metadata answer.
#[repr(C)]
pub struct rd_kafka_metadata_t {
    /// Number of brokers.
    pub broker_cnt: c_int,
    /// The brokers.
    pub brokers: *mut rd_kafka_metadata_broker_t,
    /// Number of topics.
    pub topic_cnt: c_int,
    /// The topics.
    pub topics: *mut rd_kafka_metadata_topic_t,
    /// Node id of the broker that answered.
    pub orig_broker_id: i32,
    /// Name of the broker that answered.
    pub orig_broker_name: *mut c_char,
}

layout! { rd_kafka_metadata_t: size 48, align 8;
broker_cnt @ 0, brokers @ 8, topic_cnt @ 16, topics @ 24, orig_broker_id @ 32, orig_broker_name @ 40 }

/// A code with its name and description.
#[repr(C)]
pub struct rd_kafka_err_desc {
    /// The code.
    pub code: rd_kafka_resp_err_t,
    /// Short name.
    pub name: *const c_char,
    /// Description.
    pub desc: *const c_char,
}

layout! { rd_kafka_err_desc: size 24, align 8; code @ 0, name @ 8, desc @ 16 }

/// A value and its length, in an argument of `rd_kafka_produceva`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_vu_mem_t {
    /// The bytes.
    pub ptr: *mut c_void,
    /// How many.
    pub size: usize,
}

/// A header, in an argument of `rd_kafka_produceva`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_vu_header_t {
    /// Name.
    pub name: *const c_char,
    /// Value; NULL is a value.
    pub val: *const c_void,
    /// Length of the value; -1: the value is a string.
    pub size: isize,
}

/// The value of an argument of `rd_kafka_produceva`; its tag says which field counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub union rd_kafka_vu_u {
    /// Topic name.
    pub cstr: *const c_char,
    /// Topic object.
    pub rkt: *mut rd_kafka_topic_t,
    /// Flags.
    pub i: c_int,
    /// Partition.
    pub i32: i32,
    /// Timestamp, milliseconds since the epoch.
    pub i64: i64,
    /// Value or key.
    pub mem: rd_kafka_vu_mem_t,
    /// One header.
    pub header: rd_kafka_vu_header_t,
    /// All headers.
    pub headers: *mut rd_kafka_headers_t,
    /// The application's opaque pointer.
    pub ptr: *mut c_void,
    /// Room for what later versions add.
    pub _pad: [c_char; 64],
}

/// An argument of `rd_kafka_produceva`: a tag and a value.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rd_kafka_vu_t {
    /// Which argument this is.
    pub vtype: rd_kafka_vtype_t,
    /// Its value.
    pub u: rd_kafka_vu_u,
}

layout! { rd_kafka_vu_t: size 72, align 8; vtype @ 0, u @ 8 }
layout! { rd_kafka_vu_mem_t: size 16, align 8; ptr @ 0, size @ 8 }
layout! { rd_kafka_vu_header_t: size 24, align 8; name @ 0, val @ 8, size @ 16 }

/// A member of a consumer group.
#[repr(C)]
pub struct rd_kafka_group_member_info {
    /// Member id, given by the broker.
    pub member_id: *mut c_char,
    /// The member's `client.id`.
    pub client_id: *mut c_char,
    /// The member's host.
    pub client_host: *mut c_char,
    /// What the member subscribed to, as it was sent.
    pub member_metadata: *mut c_void,
    /// Its size, bytes.
    pub member_metadata_size: c_int,
    /// What the member was assigned, as it was sent.
    pub member_assignment: *mut c_void,
    /// Its size, bytes.
    pub member_assignment_size: c_int,
}

layout! { rd_kafka_group_member_info: size 56, align 8;
member_id @ 0, client_id @ 8, client_host @ 16, member_metadata @ 24, member_metadata_size @ 32,
member_assignment @ 40, member_assignment_size @ 48 }

/// A consumer group.
#[repr(C)]
pub struct rd_kafka_group_info {
    /// The broker that told of it.
    pub broker: rd_kafka_metadata_broker_t,
    /// Group id.
    pub group: *mut c_char,
    /// The broker's error for this group.
    pub err: rd_kafka_resp_err_t,
    /// State.
    pub state: *mut c_char,
    /// Protocol type, `consumer` for consumers.
    pub protocol_type: *mut c_char,
    /// Name of the assignor.
    pub protocol: *mut c_char,
    /// The members.
    pub members: *mut rd_kafka_group_member_info,
    /// Number of members.
    pub member_cnt: c_int,
}

layout! { rd_kafka_group_info: size 80, align 8;
broker @ 0, group @ 24, err @ 32, state @ 40, protocol_type @ 48, protocol @ 56, members @ 64, member_cnt @ 72 }

/// Consumer groups, from `rd_kafka_list_groups`.
#[repr(C)]
pub struct rd_kafka_group_list {
    /// The groups.
    pub groups: *mut rd_kafka_group_info,
    /// Number of groups.
    pub group_cnt: c_int,
}

layout! { rd_kafka_group_list: size 16, align 8; groups @ 0, group_cnt @ 8 }
