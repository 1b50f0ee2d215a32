//! The structs and handle types of the public headers.
#![forbid(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};

use super::layout::layout;

/// An error code; see [`crate::error::ErrorCode`].
pub type rd_kafka_resp_err_t = c_int;
/// Result of a configuration call: 0 ok, -1 invalid, -2 unknown.
pub type rd_kafka_conf_res_t = c_int;
/// Producer (0) or consumer (1).
pub type rd_kafka_type_t = c_int;
/// Message persistence: 0 not, 1 possibly, 2 persisted.
pub type rd_kafka_msg_status_t = c_int;
/// Timestamp kind: 0 not available, 1 create time, 2 log append time.
pub type rd_kafka_timestamp_type_t = c_int;
/// Event kind, one bit each.
pub type rd_kafka_event_type_t = c_int;

macro_rules! opaque {
    ($($(#[$meta:meta])* $name:ident;)*) => {
        $($(#[$meta])* #[repr(C)] pub struct $name { _private: [u8; 0] })*
    };
}

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
