//! The public enumerations and integer macros, as the C headers show them.
//!
//! An enumeration is a C `int` here: an application may pass any value. The headers get real enums
//! from these blocks; `rd_kafka_resp_err_t` comes from the table in `error.rs`.
#![forbid(unsafe_code)]
// The headers need every value; the library itself uses some.
#![allow(dead_code)]

use std::ffi::c_int;

/// Declares a C enumeration: its type is an alias of `c_int`, its values are constants.
macro_rules! c_enum {
    ($(
        $(#[$meta:meta])*
        $type:ident { $($(#[$value_meta:meta])* $name:ident = $value:literal,)* }
    )*) => {
        $(
            $(#[$meta])*
            pub type $type = c_int;
            $($(#[$value_meta])* pub const $name: $type = $value;)*
        )*
    };
}
pub(crate) use c_enum;

c_enum! {
    /// What an instance is.
    rd_kafka_type_t {
        /// Sends messages.
        RD_KAFKA_PRODUCER = 0,
        /// Receives messages.
        RD_KAFKA_CONSUMER = 1,
    }

    /// What a message's timestamp says.
    rd_kafka_timestamp_type_t {
        /// There is no timestamp.
        RD_KAFKA_TIMESTAMP_NOT_AVAILABLE = 0,
        /// When the producer made the message.
        RD_KAFKA_TIMESTAMP_CREATE_TIME = 1,
        /// When the broker appended the message to its log.
        RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME = 2,
    }

    /// Tags of the arguments of `rd_kafka_producev` and `rd_kafka_produceva`.
    rd_kafka_vtype_t {
        /// End of the argument list; only for `rd_kafka_producev`.
        RD_KAFKA_VTYPE_END = 0,
        /// `const char *`: topic name.
        RD_KAFKA_VTYPE_TOPIC = 1,
        /// `rd_kafka_topic_t *`: topic object.
        RD_KAFKA_VTYPE_RKT = 2,
        /// `int32_t`: partition.
        RD_KAFKA_VTYPE_PARTITION = 3,
        /// `void *` and `size_t`: value and its length.
        RD_KAFKA_VTYPE_VALUE = 4,
        /// `void *` and `size_t`: key and its length.
        RD_KAFKA_VTYPE_KEY = 5,
        /// `void *`: the application's pointer, given back in the delivery report.
        RD_KAFKA_VTYPE_OPAQUE = 6,
        /// `int`: `RD_KAFKA_MSG_F_...` flags.
        RD_KAFKA_VTYPE_MSGFLAGS = 7,
        /// `int64_t`: timestamp, milliseconds since the epoch.
        RD_KAFKA_VTYPE_TIMESTAMP = 8,
        /// `const char *`, `const void *` and `ssize_t`: one header's name, value and length (-1:
        /// the value is a string).
        RD_KAFKA_VTYPE_HEADER = 9,
        /// `rd_kafka_headers_t *`: all headers; they belong to the library if the call succeeds.
        RD_KAFKA_VTYPE_HEADERS = 10,
    }

    /// Is a message in the broker's log?
    rd_kafka_msg_status_t {
        /// It is not: it was never sent, or it was rejected.
        RD_KAFKA_MSG_STATUS_NOT_PERSISTED = 0,
        /// It was sent and not acknowledged.
        RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED = 1,
        /// It is, as far as the required acknowledgements say.
        RD_KAFKA_MSG_STATUS_PERSISTED = 2,
    }

    /// Outcome of a configuration call.
    rd_kafka_conf_res_t {
        /// No property has this name.
        RD_KAFKA_CONF_UNKNOWN = -2,
        /// The value is not valid, or the property cannot be used in this build.
        RD_KAFKA_CONF_INVALID = -1,
        /// The value was taken.
        RD_KAFKA_CONF_OK = 0,
    }

    /// What a certificate or key is for.
    rd_kafka_cert_type_t {
        /// The client's certificate.
        RD_KAFKA_CERT_PUBLIC_KEY = 0,
        /// The client's private key.
        RD_KAFKA_CERT_PRIVATE_KEY = 1,
        /// Certificates of the authorities that sign the brokers'.
        RD_KAFKA_CERT_CA = 2,
        /// Number of the values above.
        RD_KAFKA_CERT__CNT = 3,
    }

    /// How a certificate or key is encoded.
    rd_kafka_cert_enc_t {
        /// PKCS#12.
        RD_KAFKA_CERT_ENC_PKCS12 = 0,
        /// DER, binary X.509.
        RD_KAFKA_CERT_ENC_DER = 1,
        /// PEM.
        RD_KAFKA_CERT_ENC_PEM = 2,
        /// Number of the values above.
        RD_KAFKA_CERT_ENC__CNT = 3,
    }

    /// State of a consumer group.
    rd_kafka_consumer_group_state_t {
        /// Not known.
        RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN = 0,
        /// Members are joining.
        RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE = 1,
        /// Members wait for their assignment.
        RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE = 2,
        /// Members consume.
        RD_KAFKA_CONSUMER_GROUP_STATE_STABLE = 3,
        /// The group is gone.
        RD_KAFKA_CONSUMER_GROUP_STATE_DEAD = 4,
        /// There are offsets and no members.
        RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY = 5,
        /// Number of the values above.
        RD_KAFKA_CONSUMER_GROUP_STATE__CNT = 6,
    }

    /// Protocol of a consumer group.
    rd_kafka_consumer_group_type_t {
        /// Not known.
        RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN = 0,
        /// The broker assigns partitions.
        RD_KAFKA_CONSUMER_GROUP_TYPE_CONSUMER = 1,
        /// A member assigns partitions.
        RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC = 2,
        /// Number of the values above.
        RD_KAFKA_CONSUMER_GROUP_TYPE__CNT = 3,
    }

    /// What one of the library's threads does.
    rd_kafka_thread_type_t {
        /// The instance's main thread.
        RD_KAFKA_THREAD_MAIN = 0,
        /// The background event thread.
        RD_KAFKA_THREAD_BACKGROUND = 1,
        /// A broker's thread.
        RD_KAFKA_THREAD_BROKER = 2,
    }

    /// Admin requests, for `rd_kafka_AdminOptions_new`.
    rd_kafka_admin_op_t {
        /// Options for any request.
        RD_KAFKA_ADMIN_OP_ANY = 0,
        /// `rd_kafka_CreateTopics`.
        RD_KAFKA_ADMIN_OP_CREATETOPICS = 1,
        /// `rd_kafka_DeleteTopics`.
        RD_KAFKA_ADMIN_OP_DELETETOPICS = 2,
        /// `rd_kafka_CreatePartitions`.
        RD_KAFKA_ADMIN_OP_CREATEPARTITIONS = 3,
        /// `rd_kafka_AlterConfigs`.
        RD_KAFKA_ADMIN_OP_ALTERCONFIGS = 4,
        /// `rd_kafka_DescribeConfigs`.
        RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS = 5,
        /// `rd_kafka_DeleteRecords`.
        RD_KAFKA_ADMIN_OP_DELETERECORDS = 6,
        /// `rd_kafka_DeleteGroups`.
        RD_KAFKA_ADMIN_OP_DELETEGROUPS = 7,
        /// `rd_kafka_DeleteConsumerGroupOffsets`.
        RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS = 8,
        /// `rd_kafka_CreateAcls`.
        RD_KAFKA_ADMIN_OP_CREATEACLS = 9,
        /// `rd_kafka_DescribeAcls`.
        RD_KAFKA_ADMIN_OP_DESCRIBEACLS = 10,
        /// `rd_kafka_DeleteAcls`.
        RD_KAFKA_ADMIN_OP_DELETEACLS = 11,
        /// `rd_kafka_ListConsumerGroups`.
        RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS = 12,
        /// `rd_kafka_DescribeConsumerGroups`.
        RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS = 13,
        /// `rd_kafka_ListConsumerGroupOffsets`.
        RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS = 14,
        /// `rd_kafka_AlterConsumerGroupOffsets`.
        RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS = 15,
        /// `rd_kafka_IncrementalAlterConfigs`.
        RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS = 16,
        /// `rd_kafka_DescribeUserScramCredentials`.
        RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS = 17,
        /// `rd_kafka_AlterUserScramCredentials`.
        RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS = 18,
        /// `rd_kafka_DescribeTopics`.
        RD_KAFKA_ADMIN_OP_DESCRIBETOPICS = 19,
        /// `rd_kafka_DescribeCluster`.
        RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER = 20,
        /// `rd_kafka_ListOffsets`.
        RD_KAFKA_ADMIN_OP_LISTOFFSETS = 21,
        /// `rd_kafka_ElectLeaders`.
        RD_KAFKA_ADMIN_OP_ELECTLEADERS = 22,
        /// Number of the values above.
        RD_KAFKA_ADMIN_OP__CNT = 23,
    }

    /// Which records a reader sees.
    rd_kafka_IsolationLevel_t {
        /// All records.
        RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED = 0,
        /// No records of open or aborted transactions.
        RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED = 1,
    }

    /// What an access control entry is about.
    rd_kafka_AclOperation_t {
        /// Not known.
        RD_KAFKA_ACL_OPERATION_UNKNOWN = 0,
        /// Any; only in a filter.
        RD_KAFKA_ACL_OPERATION_ANY = 1,
        /// All operations.
        RD_KAFKA_ACL_OPERATION_ALL = 2,
        /// Read.
        RD_KAFKA_ACL_OPERATION_READ = 3,
        /// Write.
        RD_KAFKA_ACL_OPERATION_WRITE = 4,
        /// Create.
        RD_KAFKA_ACL_OPERATION_CREATE = 5,
        /// Delete.
        RD_KAFKA_ACL_OPERATION_DELETE = 6,
        /// Alter.
        RD_KAFKA_ACL_OPERATION_ALTER = 7,
        /// Describe.
        RD_KAFKA_ACL_OPERATION_DESCRIBE = 8,
        /// Requests between brokers.
        RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION = 9,
        /// Read configurations.
        RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS = 10,
        /// Change configurations.
        RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS = 11,
        /// Produce with idempotence.
        RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE = 12,
        /// Number of the values above.
        RD_KAFKA_ACL_OPERATION__CNT = 13,
    }

    /// Where a configuration value comes from.
    rd_kafka_ConfigSource_t {
        /// Not known.
        RD_KAFKA_CONFIG_SOURCE_UNKNOWN_CONFIG = 0,
        /// Set for the topic.
        RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG = 1,
        /// Set for the broker while it runs.
        RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG = 2,
        /// Set for all brokers while they run.
        RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG = 3,
        /// From the broker's file.
        RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG = 4,
        /// Built in.
        RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG = 5,
        /// Set for the group.
        RD_KAFKA_CONFIG_SOURCE_GROUP_CONFIG = 8,
        /// One more than the highest value above.
        RD_KAFKA_CONFIG_SOURCE__CNT = 9,
    }

    /// Kind of a resource.
    rd_kafka_ResourceType_t {
        /// Not known.
        RD_KAFKA_RESOURCE_UNKNOWN = 0,
        /// Any; only in a filter.
        RD_KAFKA_RESOURCE_ANY = 1,
        /// A topic.
        RD_KAFKA_RESOURCE_TOPIC = 2,
        /// A consumer group.
        RD_KAFKA_RESOURCE_GROUP = 3,
        /// A broker, or the whole cluster.
        RD_KAFKA_RESOURCE_BROKER = 4,
        /// A transactional id.
        RD_KAFKA_RESOURCE_TRANSACTIONAL_ID = 5,
        /// Number of the values above.
        RD_KAFKA_RESOURCE__CNT = 6,
    }

    /// How a resource name is matched.
    rd_kafka_ResourcePatternType_t {
        /// Not known.
        RD_KAFKA_RESOURCE_PATTERN_UNKNOWN = 0,
        /// Any; only in a filter.
        RD_KAFKA_RESOURCE_PATTERN_ANY = 1,
        /// Whatever would apply to the name; only in a filter.
        RD_KAFKA_RESOURCE_PATTERN_MATCH = 2,
        /// The name itself.
        RD_KAFKA_RESOURCE_PATTERN_LITERAL = 3,
        /// Names that begin so.
        RD_KAFKA_RESOURCE_PATTERN_PREFIXED = 4,
        /// Number of the values above.
        RD_KAFKA_RESOURCE_PATTERN_TYPE__CNT = 5,
    }

    /// What an incremental change does with a value.
    rd_kafka_AlterConfigOpType_t {
        /// Sets it.
        RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET = 0,
        /// Goes back to the default.
        RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE = 1,
        /// Adds to a list.
        RD_KAFKA_ALTER_CONFIG_OP_TYPE_APPEND = 2,
        /// Takes from a list.
        RD_KAFKA_ALTER_CONFIG_OP_TYPE_SUBTRACT = 3,
        /// Number of the values above.
        RD_KAFKA_ALTER_CONFIG_OP_TYPE__CNT = 4,
    }

    /// Offsets that `rd_kafka_ListOffsets` can be asked for, besides timestamps in milliseconds.
    rd_kafka_OffsetSpec_t {
        /// That of the record with the latest timestamp.
        RD_KAFKA_OFFSET_SPEC_MAX_TIMESTAMP = -3,
        /// The first.
        RD_KAFKA_OFFSET_SPEC_EARLIEST = -2,
        /// One after the last.
        RD_KAFKA_OFFSET_SPEC_LATEST = -1,
    }

    /// SCRAM mechanism.
    rd_kafka_ScramMechanism_t {
        /// Not known.
        RD_KAFKA_SCRAM_MECHANISM_UNKNOWN = 0,
        /// SCRAM-SHA-256.
        RD_KAFKA_SCRAM_MECHANISM_SHA_256 = 1,
        /// SCRAM-SHA-512.
        RD_KAFKA_SCRAM_MECHANISM_SHA_512 = 2,
        /// Number of the values above.
        RD_KAFKA_SCRAM_MECHANISM__CNT = 3,
    }

    /// Does an access control entry allow or deny?
    rd_kafka_AclPermissionType_t {
        /// Not known.
        RD_KAFKA_ACL_PERMISSION_TYPE_UNKNOWN = 0,
        /// Any; only in a filter.
        RD_KAFKA_ACL_PERMISSION_TYPE_ANY = 1,
        /// It denies.
        RD_KAFKA_ACL_PERMISSION_TYPE_DENY = 2,
        /// It allows.
        RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW = 3,
        /// Number of the values above.
        RD_KAFKA_ACL_PERMISSION_TYPE__CNT = 4,
    }

    /// How a partition's leader is elected.
    rd_kafka_ElectionType_t {
        /// The preferred replica.
        RD_KAFKA_ELECTION_TYPE_PREFERRED = 0,
        /// The first live replica, in sync or not.
        RD_KAFKA_ELECTION_TYPE_UNCLEAN = 1,
    }

    /// What a share consumer says of a record.
    rd_kafka_share_AcknowledgeType_t {
        /// It was processed.
        RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_ACCEPT = 1,
        /// Deliver it again.
        RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_RELEASE = 2,
        /// Never deliver it again.
        RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_REJECT = 3,
    }
}

/// `rd_kafka_destroy_flags`: don't leave the group and don't commit offsets.
pub const RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE: c_int = 0x8;

/// The library frees the payload with `free()` once the message is reported.
pub const RD_KAFKA_MSG_F_FREE: c_int = 0x1;
/// The library copies the payload.
pub const RD_KAFKA_MSG_F_COPY: c_int = 0x2;
/// Wait when the queue is full.
pub const RD_KAFKA_MSG_F_BLOCK: c_int = 0x4;
/// `rd_kafka_produce_batch`: each message names its partition.
pub const RD_KAFKA_MSG_F_PARTITION: c_int = 0x8;

/// `rd_kafka_purge`: messages that wait in queues.
pub const RD_KAFKA_PURGE_F_QUEUE: c_int = 0x1;
/// `rd_kafka_purge`: messages that were sent and not answered.
pub const RD_KAFKA_PURGE_F_INFLIGHT: c_int = 0x2;
/// `rd_kafka_purge`: don't wait for the queues to be purged.
pub const RD_KAFKA_PURGE_F_NON_BLOCKING: c_int = 0x4;

/// No event.
pub const RD_KAFKA_EVENT_NONE: c_int = 0x0;
/// Delivery reports.
pub const RD_KAFKA_EVENT_DR: c_int = 0x1;
/// A consumed message.
pub const RD_KAFKA_EVENT_FETCH: c_int = 0x2;
/// A log line.
pub const RD_KAFKA_EVENT_LOG: c_int = 0x4;
/// An error of the instance.
pub const RD_KAFKA_EVENT_ERROR: c_int = 0x8;
/// Partitions are assigned or revoked.
pub const RD_KAFKA_EVENT_REBALANCE: c_int = 0x10;
/// Offsets were committed.
pub const RD_KAFKA_EVENT_OFFSET_COMMIT: c_int = 0x20;
/// Statistics.
pub const RD_KAFKA_EVENT_STATS: c_int = 0x40;
/// Result of `rd_kafka_CreateTopics`.
pub const RD_KAFKA_EVENT_CREATETOPICS_RESULT: c_int = 100;
/// Result of `rd_kafka_DeleteTopics`.
pub const RD_KAFKA_EVENT_DELETETOPICS_RESULT: c_int = 101;
/// Result of `rd_kafka_CreatePartitions`.
pub const RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT: c_int = 102;
/// Result of `rd_kafka_AlterConfigs`.
pub const RD_KAFKA_EVENT_ALTERCONFIGS_RESULT: c_int = 103;
/// Result of `rd_kafka_DescribeConfigs`.
pub const RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT: c_int = 104;
/// Result of `rd_kafka_DeleteRecords`.
pub const RD_KAFKA_EVENT_DELETERECORDS_RESULT: c_int = 105;
/// Result of `rd_kafka_DeleteGroups`.
pub const RD_KAFKA_EVENT_DELETEGROUPS_RESULT: c_int = 106;
/// Result of `rd_kafka_DeleteConsumerGroupOffsets`.
pub const RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT: c_int = 107;
/// The application shall set a new OAUTHBEARER token.
pub const RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH: c_int = 0x100;
/// Only for `rd_kafka_conf_set_events`: start the background thread.
pub const RD_KAFKA_EVENT_BACKGROUND: c_int = 0x200;
/// Result of `rd_kafka_CreateAcls`.
pub const RD_KAFKA_EVENT_CREATEACLS_RESULT: c_int = 0x400;
/// Result of `rd_kafka_DescribeAcls`.
pub const RD_KAFKA_EVENT_DESCRIBEACLS_RESULT: c_int = 0x800;
/// Result of `rd_kafka_DeleteAcls`.
pub const RD_KAFKA_EVENT_DELETEACLS_RESULT: c_int = 0x1000;
/// Result of `rd_kafka_ListConsumerGroups`.
pub const RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT: c_int = 0x2000;
/// Result of `rd_kafka_DescribeConsumerGroups`.
pub const RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT: c_int = 0x4000;
/// Result of `rd_kafka_ListConsumerGroupOffsets`.
pub const RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT: c_int = 0x8000;
/// Result of `rd_kafka_AlterConsumerGroupOffsets`.
pub const RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT: c_int = 0x10000;
/// Result of `rd_kafka_IncrementalAlterConfigs`.
pub const RD_KAFKA_EVENT_INCREMENTALALTERCONFIGS_RESULT: c_int = 0x20000;
/// Result of `rd_kafka_DescribeUserScramCredentials`.
pub const RD_KAFKA_EVENT_DESCRIBEUSERSCRAMCREDENTIALS_RESULT: c_int = 0x40000;
/// Result of `rd_kafka_AlterUserScramCredentials`.
pub const RD_KAFKA_EVENT_ALTERUSERSCRAMCREDENTIALS_RESULT: c_int = 0x80000;
/// Result of `rd_kafka_DescribeTopics`.
pub const RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT: c_int = 0x100000;
/// Result of `rd_kafka_DescribeCluster`.
pub const RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT: c_int = 0x200000;
/// Result of `rd_kafka_ListOffsets`.
pub const RD_KAFKA_EVENT_LISTOFFSETS_RESULT: c_int = 0x400000;
/// Result of `rd_kafka_ElectLeaders`.
pub const RD_KAFKA_EVENT_ELECTLEADERS_RESULT: c_int = 0x800000;
