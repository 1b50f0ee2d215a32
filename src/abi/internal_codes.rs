//! Values of the historical internal structs: states, kinds and flags.
#![forbid(unsafe_code)]
// The header has every value; the library itself uses some.
#![allow(dead_code)]

use std::ffi::c_int;

use super::codes::c_enum;

c_enum! {
    /// State of a broker's connection.
    rd_kafka_broker_state_t {
        /// Not needed yet.
        RD_KAFKA_BROKER_STATE_INIT = 0,
        /// Failed; waits for its back-off.
        RD_KAFKA_BROKER_STATE_DOWN = 1,
        /// Is about to connect.
        RD_KAFKA_BROKER_STATE_TRY_CONNECT = 2,
        /// TCP handshake.
        RD_KAFKA_BROKER_STATE_CONNECT = 3,
        /// TLS handshake.
        RD_KAFKA_BROKER_STATE_SSL_HANDSHAKE = 4,
        /// SASL without Kafka framing.
        RD_KAFKA_BROKER_STATE_AUTH_LEGACY = 5,
        /// Usable.
        RD_KAFKA_BROKER_STATE_UP = 6,
        /// Asks for the supported versions.
        RD_KAFKA_BROKER_STATE_APIVERSION_QUERY = 7,
        /// SASL mechanism handshake.
        RD_KAFKA_BROKER_STATE_AUTH_HANDSHAKE = 8,
        /// SASL authentication.
        RD_KAFKA_BROKER_STATE_AUTH_REQ = 9,
        /// SASL re-authentication.
        RD_KAFKA_BROKER_STATE_REAUTH = 10,
    }

    /// Where a broker is known from.
    rd_kafka_confsource_t {
        /// The configuration.
        RD_KAFKA_CONFIGURED = 0,
        /// Metadata.
        RD_KAFKA_LEARNED = 1,
        /// It is none; partitions without a leader wait there.
        RD_KAFKA_INTERNAL = 2,
        /// It stands for whichever broker has a task.
        RD_KAFKA_LOGICAL = 3,
    }

    /// Security protocol.
    rd_kafka_secproto_t {
        /// None.
        RD_KAFKA_PROTO_PLAINTEXT = 0,
        /// TLS.
        RD_KAFKA_PROTO_SSL = 1,
        /// SASL without TLS.
        RD_KAFKA_PROTO_SASL_PLAINTEXT = 2,
        /// SASL with TLS.
        RD_KAFKA_PROTO_SASL_SSL = 3,
    }

    /// Compression of message sets.
    rd_kafka_compression_t {
        /// None.
        RD_KAFKA_COMPRESSION_NONE = 0,
        /// gzip.
        RD_KAFKA_COMPRESSION_GZIP = 1,
        /// Snappy.
        RD_KAFKA_COMPRESSION_SNAPPY = 2,
        /// LZ4.
        RD_KAFKA_COMPRESSION_LZ4 = 3,
        /// Zstandard.
        RD_KAFKA_COMPRESSION_ZSTD = 4,
        /// A topic's: the instance's.
        RD_KAFKA_COMPRESSION_INHERIT = 5,
    }

    /// State of a topic.
    rd_kafka_topic_state_t {
        /// No metadata yet.
        RD_KAFKA_TOPIC_S_UNKNOWN = 0,
        /// The cluster has it.
        RD_KAFKA_TOPIC_S_EXISTS = 1,
        /// The cluster does not have it.
        RD_KAFKA_TOPIC_S_NOTEXISTS = 2,
        /// The cluster refuses it.
        RD_KAFKA_TOPIC_S_ERROR = 3,
    }

    /// Priority of an operation or request.
    rd_kafka_prio_t {
        /// In its turn.
        RD_KAFKA_PRIO_NORMAL = 0,
        /// Before others.
        RD_KAFKA_PRIO_MEDIUM = 1,
        /// Before most.
        RD_KAFKA_PRIO_HIGH = 2,
        /// At once.
        RD_KAFKA_PRIO_FLASH = 3,
    }

    /// Whose part of a request's union is valid, and which engine a broker has.
    rd_kafka_produce_engine_t {
        /// None: no produce request.
        RD_KAFKA_PRODUCE_NONE = 0,
        /// The engine `legacy`.
        RD_KAFKA_PRODUCE_LEGACY = 1,
        /// The engine `v2`.
        RD_KAFKA_PRODUCE_V2 = 2,
    }
}

/// The partition is gone from the cluster.
pub const RD_KAFKA_TOPPAR_F_REMOVE: c_int = 0x40;
/// The application paused it.
pub const RD_KAFKA_TOPPAR_F_APP_PAUSE: c_int = 0x10;
/// The library paused it.
pub const RD_KAFKA_TOPPAR_F_LIB_PAUSE: c_int = 0x20;
/// It will be in the transaction once the coordinator knows.
pub const RD_KAFKA_TOPPAR_F_PEND_TXN: c_int = 0x100;
/// It is in the transaction.
pub const RD_KAFKA_TOPPAR_F_IN_TXN: c_int = 0x200;
/// It is in its broker's list.
pub const RD_KAFKA_TOPPAR_F_ON_RKB: c_int = 0x1000;

/// The queue is on the heap.
pub const RD_KAFKA_Q_F_ALLOCATED: c_int = 0x1;
/// The queue takes operations.
pub const RD_KAFKA_Q_F_READY: c_int = 0x2;

/// A leader is missing.
pub const RD_KAFKA_TOPIC_F_LEADER_UNAVAIL: c_int = 0x1;

/// A request without a response.
pub const RD_KAFKA_OP_F_NO_RESPONSE: c_int = 0x2;
/// The checksum is being computed.
pub const RD_KAFKA_OP_F_CRC: c_int = 0x4;
/// Others wait for this request.
pub const RD_KAFKA_OP_F_BLOCKING: c_int = 0x8;
/// A part of the request was sent.
pub const RD_KAFKA_OP_F_SENT: c_int = 0x20;
/// The request has tagged fields.
pub const RD_KAFKA_OP_F_FLEXVER: c_int = 0x40;
/// The request is written when the broker's versions are known.
pub const RD_KAFKA_OP_F_NEED_MAKE: c_int = 0x80;

/// The list's struct is freed with it.
pub const RD_LIST_F_ALLOCATED: c_int = 0x1;
/// The list is sorted.
pub const RD_LIST_F_SORTED: c_int = 0x2;
/// The list does not grow.
pub const RD_LIST_F_FIXED_SIZE: c_int = 0x4;
/// No two elements are equal.
pub const RD_LIST_F_UNIQUE: c_int = 0x8;

/// The piece is not written to.
pub const RD_SEGMENT_F_RDONLY: c_int = 0x1;
/// The piece's struct is freed with it.
pub const RD_SEGMENT_F_FREE: c_int = 0x2;

/// The batch fails.
pub const RD_KAFKA_ERR_ACTION_PERMANENT: c_int = 0x1;
/// The error is none.
pub const RD_KAFKA_ERR_ACTION_IGNORE: c_int = 0x2;
/// Metadata is asked for.
pub const RD_KAFKA_ERR_ACTION_REFRESH: c_int = 0x4;
/// It is tried again.
pub const RD_KAFKA_ERR_ACTION_RETRY: c_int = 0x8;
/// The application is told.
pub const RD_KAFKA_ERR_ACTION_INFORM: c_int = 0x10;
/// The caller decides.
pub const RD_KAFKA_ERR_ACTION_SPECIAL: c_int = 0x20;
/// The messages are not in the log.
pub const RD_KAFKA_ERR_ACTION_MSG_NOT_PERSISTED: c_int = 0x40;
/// They may be.
pub const RD_KAFKA_ERR_ACTION_MSG_POSSIBLY_PERSISTED: c_int = 0x80;
/// They are.
pub const RD_KAFKA_ERR_ACTION_MSG_PERSISTED: c_int = 0x100;
/// The instance fails.
pub const RD_KAFKA_ERR_ACTION_FATAL: c_int = 0x200;
