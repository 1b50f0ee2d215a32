/* The library's interface: producing to Apache Kafka. Link with -lrdkafka. */

#ifndef _RDKAFKA_H_
#define _RDKAFKA_H_

/* Generated from the declarations in src/ by scripts/headers.sh. Do not edit. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <inttypes.h>
#include <sys/types.h>
#include <sys/socket.h>
#include "rdkafka_stats.h"

/* Defined by <netdb.h> and <sys/socket.h>, for programs that ask for POSIX. */
struct addrinfo;
struct sockaddr;

/** Version of the interface: 0xMMmmrrxx, major, minor, revision; ff says that it is a release. */
#define RD_KAFKA_VERSION 0x021000ff

/** Names that the property `debug` takes. */
#define RD_KAFKA_DEBUG_CONTEXTS \
    "all,generic,broker,topic,metadata,feature,queue,msg,protocol,cgrp,security,fetch,interceptor," \
    "plugin,consumer,admin,eos,mock,assignor,conf"

/** Partition that the partitioner chooses. */
#define RD_KAFKA_PARTITION_UA ((int32_t)-1)

/** Offset of the first message. */
#define RD_KAFKA_OFFSET_BEGINNING (-2)
/** One after the last message. */
#define RD_KAFKA_OFFSET_END (-1)
/** The committed offset. */
#define RD_KAFKA_OFFSET_STORED (-1000)
/** No offset. */
#define RD_KAFKA_OFFSET_INVALID (-1001)
/** Where offsets that count from the end begin. */
#define RD_KAFKA_OFFSET_TAIL_BASE (-2000)
/** `CNT` messages before the end. */
#define RD_KAFKA_OFFSET_TAIL(CNT) (RD_KAFKA_OFFSET_TAIL_BASE - (CNT))

/* Later names of error codes. */
#define RD_KAFKA_RESP_ERR_NOT_LEADER_OR_FOLLOWER RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION
/* Earlier names of error codes. */
#define RD_KAFKA_RESP_ERR_GROUP_LOAD_IN_PROGRESS RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS
#define RD_KAFKA_RESP_ERR_GROUP_COORDINATOR_NOT_AVAILABLE \
    RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE
#define RD_KAFKA_RESP_ERR_NOT_COORDINATOR_FOR_GROUP RD_KAFKA_RESP_ERR_NOT_COORDINATOR

/* Arguments of rd_kafka_producev(). */

/** End of the list; always the last argument. */
#define RD_KAFKA_V_END RD_KAFKA_VTYPE_END
/** Topic by name (`const char *`). */
#define RD_KAFKA_V_TOPIC(topic) RD_KAFKA_VTYPE_TOPIC, (const char *)(topic)
/** Topic by object (`rd_kafka_topic_t *`). */
#define RD_KAFKA_V_RKT(rkt) RD_KAFKA_VTYPE_RKT, (rd_kafka_topic_t *)(rkt)
/** Partition (`int32_t`); without it the partitioner chooses. */
#define RD_KAFKA_V_PARTITION(partition) RD_KAFKA_VTYPE_PARTITION, (int32_t)(partition)
/** Value and its length in bytes. */
#define RD_KAFKA_V_VALUE(VALUE, LEN) RD_KAFKA_VTYPE_VALUE, (void *)(VALUE), (size_t)(LEN)
/** Key and its length in bytes. */
#define RD_KAFKA_V_KEY(KEY, LEN) RD_KAFKA_VTYPE_KEY, (void *)(KEY), (size_t)(LEN)
/** Pointer that the delivery report gives back. */
#define RD_KAFKA_V_OPAQUE(msg_opaque) RD_KAFKA_VTYPE_OPAQUE, (void *)(msg_opaque)
/** `RD_KAFKA_MSG_F_...`. */
#define RD_KAFKA_V_MSGFLAGS(msgflags) RD_KAFKA_VTYPE_MSGFLAGS, (int)(msgflags)
/** Timestamp, milliseconds since the epoch; without it the current time. */
#define RD_KAFKA_V_TIMESTAMP(timestamp) RD_KAFKA_VTYPE_TIMESTAMP, (int64_t)(timestamp)
/** One header: name, value, length in bytes (-1: the value is a string). */
#define RD_KAFKA_V_HEADER(NAME, VALUE, LEN) \
    RD_KAFKA_VTYPE_HEADER, (const char *)(NAME), (const void *)(VALUE), (ssize_t)(LEN)
/** All headers (`rd_kafka_headers_t *`), which the library takes if the call succeeds; no single ones then. */
#define RD_KAFKA_V_HEADERS(HDRS) RD_KAFKA_VTYPE_HEADERS, (rd_kafka_headers_t *)(HDRS)


/** `rd_kafka_destroy_flags`: don't leave the group and don't commit offsets. */
#define RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE 8

/** The library frees the payload with `free()` once the message is reported. */
#define RD_KAFKA_MSG_F_FREE 1

/** The library copies the payload. */
#define RD_KAFKA_MSG_F_COPY 2

/** Wait when the queue is full. */
#define RD_KAFKA_MSG_F_BLOCK 4

/** `rd_kafka_produce_batch`: each message names its partition. */
#define RD_KAFKA_MSG_F_PARTITION 8

/** `rd_kafka_purge`: messages that wait in queues. */
#define RD_KAFKA_PURGE_F_QUEUE 1

/** `rd_kafka_purge`: messages that were sent and not answered. */
#define RD_KAFKA_PURGE_F_INFLIGHT 2

/** `rd_kafka_purge`: don't wait for the queues to be purged. */
#define RD_KAFKA_PURGE_F_NON_BLOCKING 4

/** No event. */
#define RD_KAFKA_EVENT_NONE 0

/** Delivery reports. */
#define RD_KAFKA_EVENT_DR 1

/** A consumed message. */
#define RD_KAFKA_EVENT_FETCH 2

/** A log line. */
#define RD_KAFKA_EVENT_LOG 4

/** An error of the instance. */
#define RD_KAFKA_EVENT_ERROR 8

/** Partitions are assigned or revoked. */
#define RD_KAFKA_EVENT_REBALANCE 16

/** Offsets were committed. */
#define RD_KAFKA_EVENT_OFFSET_COMMIT 32

/** Statistics. */
#define RD_KAFKA_EVENT_STATS 64

/** Result of `rd_kafka_CreateTopics`. */
#define RD_KAFKA_EVENT_CREATETOPICS_RESULT 100

/** Result of `rd_kafka_DeleteTopics`. */
#define RD_KAFKA_EVENT_DELETETOPICS_RESULT 101

/** Result of `rd_kafka_CreatePartitions`. */
#define RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT 102

/** Result of `rd_kafka_AlterConfigs`. */
#define RD_KAFKA_EVENT_ALTERCONFIGS_RESULT 103

/** Result of `rd_kafka_DescribeConfigs`. */
#define RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT 104

/** Result of `rd_kafka_DeleteRecords`. */
#define RD_KAFKA_EVENT_DELETERECORDS_RESULT 105

/** Result of `rd_kafka_DeleteGroups`. */
#define RD_KAFKA_EVENT_DELETEGROUPS_RESULT 106

/** Result of `rd_kafka_DeleteConsumerGroupOffsets`. */
#define RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT 107

/** The application shall set a new OAUTHBEARER token. */
#define RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH 256

/** Only for `rd_kafka_conf_set_events`: start the background thread. */
#define RD_KAFKA_EVENT_BACKGROUND 512

/** Result of `rd_kafka_CreateAcls`. */
#define RD_KAFKA_EVENT_CREATEACLS_RESULT 1024

/** Result of `rd_kafka_DescribeAcls`. */
#define RD_KAFKA_EVENT_DESCRIBEACLS_RESULT 2048

/** Result of `rd_kafka_DeleteAcls`. */
#define RD_KAFKA_EVENT_DELETEACLS_RESULT 4096

/** Result of `rd_kafka_ListConsumerGroups`. */
#define RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT 8192

/** Result of `rd_kafka_DescribeConsumerGroups`. */
#define RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT 16384

/** Result of `rd_kafka_ListConsumerGroupOffsets`. */
#define RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT 32768

/** Result of `rd_kafka_AlterConsumerGroupOffsets`. */
#define RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT 65536

/** Result of `rd_kafka_IncrementalAlterConfigs`. */
#define RD_KAFKA_EVENT_INCREMENTALALTERCONFIGS_RESULT 131072

/** Result of `rd_kafka_DescribeUserScramCredentials`. */
#define RD_KAFKA_EVENT_DESCRIBEUSERSCRAMCREDENTIALS_RESULT 262144

/** Result of `rd_kafka_AlterUserScramCredentials`. */
#define RD_KAFKA_EVENT_ALTERUSERSCRAMCREDENTIALS_RESULT 524288

/** Result of `rd_kafka_DescribeTopics`. */
#define RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT 1048576

/** Result of `rd_kafka_DescribeCluster`. */
#define RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT 2097152

/** Result of `rd_kafka_ListOffsets`. */
#define RD_KAFKA_EVENT_LISTOFFSETS_RESULT 4194304

/** Result of `rd_kafka_ElectLeaders`. */
#define RD_KAFKA_EVENT_ELECTLEADERS_RESULT 8388608

/** An error code. Codes below -100 are the client's own. */
enum rd_kafka_resp_err_t {
    /** Before the client's own codes. */
    RD_KAFKA_RESP_ERR__BEGIN = -200,
    /** Local: Bad message format */
    RD_KAFKA_RESP_ERR__BAD_MSG = -199,
    /** Local: Invalid compressed data */
    RD_KAFKA_RESP_ERR__BAD_COMPRESSION = -198,
    /** Local: Broker handle destroyed for termination */
    RD_KAFKA_RESP_ERR__DESTROY = -197,
    /** Local: Communication failure with broker */
    RD_KAFKA_RESP_ERR__FAIL = -196,
    /** Local: Broker transport failure */
    RD_KAFKA_RESP_ERR__TRANSPORT = -195,
    /** Local: Critical system resource failure */
    RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE = -194,
    /** Local: Host resolution failure */
    RD_KAFKA_RESP_ERR__RESOLVE = -193,
    /** Local: Message timed out */
    RD_KAFKA_RESP_ERR__MSG_TIMED_OUT = -192,
    /** Broker: No more messages */
    RD_KAFKA_RESP_ERR__PARTITION_EOF = -191,
    /** Local: Unknown partition */
    RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION = -190,
    /** Local: File or filesystem error */
    RD_KAFKA_RESP_ERR__FS = -189,
    /** Local: Unknown topic */
    RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC = -188,
    /** Local: All broker connections are down */
    RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN = -187,
    /** Local: Invalid argument or configuration */
    RD_KAFKA_RESP_ERR__INVALID_ARG = -186,
    /** Local: Timed out */
    RD_KAFKA_RESP_ERR__TIMED_OUT = -185,
    /** Local: Queue full */
    RD_KAFKA_RESP_ERR__QUEUE_FULL = -184,
    /** Local: ISR count insufficient */
    RD_KAFKA_RESP_ERR__ISR_INSUFF = -183,
    /** Local: Broker node update */
    RD_KAFKA_RESP_ERR__NODE_UPDATE = -182,
    /** Local: SSL error */
    RD_KAFKA_RESP_ERR__SSL = -181,
    /** Local: Waiting for coordinator */
    RD_KAFKA_RESP_ERR__WAIT_COORD = -180,
    /** Local: Unknown group */
    RD_KAFKA_RESP_ERR__UNKNOWN_GROUP = -179,
    /** Local: Operation in progress */
    RD_KAFKA_RESP_ERR__IN_PROGRESS = -178,
    /** Local: Previous operation in progress */
    RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS = -177,
    /** Local: Existing subscription */
    RD_KAFKA_RESP_ERR__EXISTING_SUBSCRIPTION = -176,
    /** Local: Assign partitions */
    RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS = -175,
    /** Local: Revoke partitions */
    RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS = -174,
    /** Local: Conflicting use */
    RD_KAFKA_RESP_ERR__CONFLICT = -173,
    /** Local: Erroneous state */
    RD_KAFKA_RESP_ERR__STATE = -172,
    /** Local: Unknown protocol */
    RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL = -171,
    /** Local: Not implemented */
    RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED = -170,
    /** Local: Authentication failure */
    RD_KAFKA_RESP_ERR__AUTHENTICATION = -169,
    /** Local: No offset stored */
    RD_KAFKA_RESP_ERR__NO_OFFSET = -168,
    /** Local: Outdated */
    RD_KAFKA_RESP_ERR__OUTDATED = -167,
    /** Local: Timed out in queue */
    RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE = -166,
    /** Local: Required feature not supported by broker */
    RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE = -165,
    /** Local: Awaiting cache update */
    RD_KAFKA_RESP_ERR__WAIT_CACHE = -164,
    /** Local: Operation interrupted */
    RD_KAFKA_RESP_ERR__INTR = -163,
    /** Local: Key serialization error */
    RD_KAFKA_RESP_ERR__KEY_SERIALIZATION = -162,
    /** Local: Value serialization error */
    RD_KAFKA_RESP_ERR__VALUE_SERIALIZATION = -161,
    /** Local: Key deserialization error */
    RD_KAFKA_RESP_ERR__KEY_DESERIALIZATION = -160,
    /** Local: Value deserialization error */
    RD_KAFKA_RESP_ERR__VALUE_DESERIALIZATION = -159,
    /** Local: Partial response */
    RD_KAFKA_RESP_ERR__PARTIAL = -158,
    /** Local: Read-only object */
    RD_KAFKA_RESP_ERR__READ_ONLY = -157,
    /** Local: No such entry */
    RD_KAFKA_RESP_ERR__NOENT = -156,
    /** Local: Read underflow */
    RD_KAFKA_RESP_ERR__UNDERFLOW = -155,
    /** Local: Invalid type */
    RD_KAFKA_RESP_ERR__INVALID_TYPE = -154,
    /** Local: Retry operation */
    RD_KAFKA_RESP_ERR__RETRY = -153,
    /** Local: Purged in queue */
    RD_KAFKA_RESP_ERR__PURGE_QUEUE = -152,
    /** Local: Purged in flight */
    RD_KAFKA_RESP_ERR__PURGE_INFLIGHT = -151,
    /** Local: Fatal error */
    RD_KAFKA_RESP_ERR__FATAL = -150,
    /** Local: Inconsistent state */
    RD_KAFKA_RESP_ERR__INCONSISTENT = -149,
    /** Local: Gap-less ordering would not be guaranteed if proceeding */
    RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE = -148,
    /** Local: Maximum application poll interval (max.poll.interval.ms) exceeded */
    RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED = -147,
    /** Local: Unknown broker */
    RD_KAFKA_RESP_ERR__UNKNOWN_BROKER = -146,
    /** Local: Functionality not configured */
    RD_KAFKA_RESP_ERR__NOT_CONFIGURED = -145,
    /** Local: This instance has been fenced by a newer instance */
    RD_KAFKA_RESP_ERR__FENCED = -144,
    /** Local: Application generated error */
    RD_KAFKA_RESP_ERR__APPLICATION = -143,
    /** Local: Group partition assignment lost */
    RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST = -142,
    /** Local: No operation performed */
    RD_KAFKA_RESP_ERR__NOOP = -141,
    /** Local: No offset to automatically reset to */
    RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET = -140,
    /** Local: Partition log truncation detected */
    RD_KAFKA_RESP_ERR__LOG_TRUNCATION = -139,
    /** Local: an invalid record in the same batch caused the failure of this message too */
    RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD = -138,
    /** Local: Broker handle destroyed without termination */
    RD_KAFKA_RESP_ERR__DESTROY_BROKER = -137,
    /** After the client's own codes. */
    RD_KAFKA_RESP_ERR__END = -100,
    /** Unknown broker error */
    RD_KAFKA_RESP_ERR_UNKNOWN = -1,
    /** Success */
    RD_KAFKA_RESP_ERR_NO_ERROR = 0,
    /** Broker: Offset out of range */
    RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE = 1,
    /** Broker: Invalid message */
    RD_KAFKA_RESP_ERR_INVALID_MSG = 2,
    /** Broker: Unknown topic or partition */
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART = 3,
    /** Broker: Invalid message size */
    RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE = 4,
    /** Broker: Leader not available */
    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE = 5,
    /** Broker: Not leader for partition */
    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION = 6,
    /** Broker: Request timed out */
    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT = 7,
    /** Broker: Broker not available */
    RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE = 8,
    /** Broker: Replica not available */
    RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE = 9,
    /** Broker: Message size too large */
    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE = 10,
    /** Broker: StaleControllerEpochCode */
    RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH = 11,
    /** Broker: Offset metadata string too large */
    RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE = 12,
    /** Broker: Broker disconnected before response received */
    RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION = 13,
    /** Broker: Coordinator load in progress */
    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS = 14,
    /** Broker: Coordinator not available */
    RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE = 15,
    /** Broker: Not coordinator */
    RD_KAFKA_RESP_ERR_NOT_COORDINATOR = 16,
    /** Broker: Invalid topic */
    RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION = 17,
    /** Broker: Message batch larger than configured server segment size */
    RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE = 18,
    /** Broker: Not enough in-sync replicas */
    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS = 19,
    /** Broker: Message(s) written to insufficient number of in-sync replicas */
    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20,
    /** Broker: Invalid required acks value */
    RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS = 21,
    /** Broker: Specified group generation id is not valid */
    RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION = 22,
    /** Broker: Inconsistent group protocol */
    RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL = 23,
    /** Broker: Invalid group.id */
    RD_KAFKA_RESP_ERR_INVALID_GROUP_ID = 24,
    /** Broker: Unknown member */
    RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID = 25,
    /** Broker: Invalid session timeout */
    RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT = 26,
    /** Broker: Group rebalance in progress */
    RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS = 27,
    /** Broker: Commit offset data size is not valid */
    RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE = 28,
    /** Broker: Topic authorization failed */
    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED = 29,
    /** Broker: Group authorization failed */
    RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED = 30,
    /** Broker: Cluster authorization failed */
    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED = 31,
    /** Broker: Invalid timestamp */
    RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP = 32,
    /** Broker: Unsupported SASL mechanism */
    RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM = 33,
    /** Broker: Request not valid in current SASL state */
    RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE = 34,
    /** Broker: API version not supported */
    RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION = 35,
    /** Broker: Topic already exists */
    RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS = 36,
    /** Broker: Invalid number of partitions */
    RD_KAFKA_RESP_ERR_INVALID_PARTITIONS = 37,
    /** Broker: Invalid replication factor */
    RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR = 38,
    /** Broker: Invalid replica assignment */
    RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT = 39,
    /** Broker: Configuration is invalid */
    RD_KAFKA_RESP_ERR_INVALID_CONFIG = 40,
    /** Broker: Not controller for cluster */
    RD_KAFKA_RESP_ERR_NOT_CONTROLLER = 41,
    /** Broker: Invalid request */
    RD_KAFKA_RESP_ERR_INVALID_REQUEST = 42,
    /** Broker: Message format on broker does not support request */
    RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT = 43,
    /** Broker: Policy violation */
    RD_KAFKA_RESP_ERR_POLICY_VIOLATION = 44,
    /** Broker: Broker received an out of order sequence number */
    RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER = 45,
    /** Broker: Broker received a duplicate sequence number */
    RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER = 46,
    /** Broker: Producer attempted an operation with an old epoch */
    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH = 47,
    /** Broker: Producer attempted a transactional operation in an invalid state */
    RD_KAFKA_RESP_ERR_INVALID_TXN_STATE = 48,
    /**
     * Broker: Producer attempted to use a producer id which is not currently assigned to its transactional id
     */
    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING = 49,
    /**
     * Broker: Transaction timeout is larger than the maximum value allowed by the broker's max.transaction.timeout.ms
     */
    RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT = 50,
    /**
     * Broker: Producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing
     */
    RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS = 51,
    /**
     * Broker: Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer
     */
    RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED = 52,
    /** Broker: Transactional Id authorization failed */
    RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53,
    /** Broker: Security features are disabled */
    RD_KAFKA_RESP_ERR_SECURITY_DISABLED = 54,
    /** Broker: Operation not attempted */
    RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED = 55,
    /** Broker: Disk error when trying to access log file on disk */
    RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR = 56,
    /** Broker: The user-specified log directory is not found in the broker config */
    RD_KAFKA_RESP_ERR_LOG_DIR_NOT_FOUND = 57,
    /** Broker: SASL Authentication failed */
    RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED = 58,
    /** Broker: Unknown Producer Id */
    RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID = 59,
    /** Broker: Partition reassignment is in progress */
    RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS = 60,
    /** Broker: Delegation Token feature is not enabled */
    RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTH_DISABLED = 61,
    /** Broker: Delegation Token is not found on server */
    RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_NOT_FOUND = 62,
    /** Broker: Specified Principal is not valid Owner/Renewer */
    RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_OWNER_MISMATCH = 63,
    /** Broker: Delegation Token requests are not allowed on this connection */
    RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64,
    /** Broker: Delegation Token authorization failed */
    RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65,
    /** Broker: Delegation Token is expired */
    RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_EXPIRED = 66,
    /** Broker: Supplied principalType is not supported */
    RD_KAFKA_RESP_ERR_INVALID_PRINCIPAL_TYPE = 67,
    /** Broker: The group is not empty */
    RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP = 68,
    /** Broker: The group id does not exist */
    RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND = 69,
    /** Broker: The fetch session ID was not found */
    RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND = 70,
    /** Broker: The fetch session epoch is invalid */
    RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH = 71,
    /** Broker: No matching listener */
    RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND = 72,
    /** Broker: Topic deletion is disabled */
    RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED = 73,
    /** Broker: Leader epoch is older than broker epoch */
    RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH = 74,
    /** Broker: Leader epoch is newer than broker epoch */
    RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH = 75,
    /** Broker: Unsupported compression type */
    RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE = 76,
    /** Broker: Broker epoch has changed */
    RD_KAFKA_RESP_ERR_STALE_BROKER_EPOCH = 77,
    /** Broker: Leader high watermark is not caught up */
    RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE = 78,
    /** Broker: Group member needs a valid member ID */
    RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED = 79,
    /** Broker: Preferred leader was not available */
    RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE = 80,
    /** Broker: Consumer group has reached maximum size */
    RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED = 81,
    /** Broker: Static consumer fenced by other consumer with same group.instance.id */
    RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID = 82,
    /** Broker: Eligible partition leaders are not available */
    RD_KAFKA_RESP_ERR_ELIGIBLE_LEADERS_NOT_AVAILABLE = 83,
    /** Broker: Leader election not needed for topic partition */
    RD_KAFKA_RESP_ERR_ELECTION_NOT_NEEDED = 84,
    /** Broker: No partition reassignment is in progress */
    RD_KAFKA_RESP_ERR_NO_REASSIGNMENT_IN_PROGRESS = 85,
    /** Broker: Deleting offsets of a topic while the consumer group is subscribed to it */
    RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC = 86,
    /** Broker: Broker failed to validate record */
    RD_KAFKA_RESP_ERR_INVALID_RECORD = 87,
    /** Broker: There are unstable offsets that need to be cleared */
    RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT = 88,
    /** Broker: Throttling quota has been exceeded */
    RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED = 89,
    /**
     * Broker: There is a newer producer with the same transactionalId which fences the current one
     */
    RD_KAFKA_RESP_ERR_PRODUCER_FENCED = 90,
    /** Broker: Request illegally referred to resource that does not exist */
    RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND = 91,
    /** Broker: Request illegally referred to the same resource twice */
    RD_KAFKA_RESP_ERR_DUPLICATE_RESOURCE = 92,
    /** Broker: Requested credential would not meet criteria for acceptability */
    RD_KAFKA_RESP_ERR_UNACCEPTABLE_CREDENTIAL = 93,
    /**
     * Broker: Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters
     */
    RD_KAFKA_RESP_ERR_INCONSISTENT_VOTER_SET = 94,
    /** Broker: Invalid update version */
    RD_KAFKA_RESP_ERR_INVALID_UPDATE_VERSION = 95,
    /** Broker: Unable to update finalized features due to server error */
    RD_KAFKA_RESP_ERR_FEATURE_UPDATE_FAILED = 96,
    /** Broker: Request principal deserialization failed during forwarding */
    RD_KAFKA_RESP_ERR_PRINCIPAL_DESERIALIZATION_FAILURE = 97,
    /** Broker: Unknown topic id */
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID = 100,
    /** Broker: The log's topic ID did not match the topic ID in the request */
    RD_KAFKA_RESP_ERR_INCONSISTENT_TOPIC_ID = 103,
    /** Broker: The member epoch is fenced by the group coordinator */
    RD_KAFKA_RESP_ERR_FENCED_MEMBER_EPOCH = 110,
    /** Broker: The instance ID is still used by another member in the consumer group */
    RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID = 111,
    /** Broker: The assignor or its version range is not supported by the consumer group */
    RD_KAFKA_RESP_ERR_UNSUPPORTED_ASSIGNOR = 112,
    /** Broker: The member epoch is stale */
    RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH = 113,
    /** Broker: The request was sent to an endpoint of the wrong type */
    RD_KAFKA_RESP_ERR_MISMATCHED_ENDPOINT_TYPE = 114,
    /** Broker: This endpoint type is not supported yet */
    RD_KAFKA_RESP_ERR_UNSUPPORTED_ENDPOINT_TYPE = 115,
    /** Broker: This controller ID is not known */
    RD_KAFKA_RESP_ERR_UNKNOWN_CONTROLLER_ID = 116,
    /** Broker: Client sent a push telemetry request with an invalid or outdated subscription ID */
    RD_KAFKA_RESP_ERR_UNKNOWN_SUBSCRIPTION_ID = 117,
    /**
     * Broker: Client sent a push telemetry request larger than the maximum size the broker will accept
     */
    RD_KAFKA_RESP_ERR_TELEMETRY_TOO_LARGE = 118,
    /** Broker: The controller has considered the broker registration to be invalid */
    RD_KAFKA_RESP_ERR_INVALID_REGISTRATION = 119,
    /** Broker: The server encountered an error with the transaction */
    RD_KAFKA_RESP_ERR_TRANSACTION_ABORTABLE = 120,
    /** Broker: The record state is invalid */
    RD_KAFKA_RESP_ERR_INVALID_RECORD_STATE = 121,
    /** Broker: The share session was not found */
    RD_KAFKA_RESP_ERR_SHARE_SESSION_NOT_FOUND = 122,
    /** Broker: The share session epoch is invalid */
    RD_KAFKA_RESP_ERR_INVALID_SHARE_SESSION_EPOCH = 123,
    /** Broker: The share-group state epoch did not match */
    RD_KAFKA_RESP_ERR_FENCED_STATE_EPOCH = 124,
    /** Broker: The voter key doesn't match the receiving replica's key */
    RD_KAFKA_RESP_ERR_INVALID_VOTER_KEY = 125,
    /** Broker: The voter is already part of the set of voters */
    RD_KAFKA_RESP_ERR_DUPLICATE_VOTER = 126,
    /** Broker: The voter is not part of the set of voters */
    RD_KAFKA_RESP_ERR_VOTER_NOT_FOUND = 127,
    /** Broker: The regular expression is not valid */
    RD_KAFKA_RESP_ERR_INVALID_REGULAR_EXPRESSION = 128,
    /** Broker: Client metadata is stale, client should rebootstrap to obtain new metadata */
    RD_KAFKA_RESP_ERR_REBOOTSTRAP_REQUIRED = 129,
    /** Broker: The supplied topology is invalid */
    RD_KAFKA_RESP_ERR_STREAMS_INVALID_TOPOLOGY = 130,
    /** Broker: The supplied topology epoch is invalid */
    RD_KAFKA_RESP_ERR_STREAMS_INVALID_TOPOLOGY_EPOCH = 131,
    /** Broker: The supplied topology epoch is outdated */
    RD_KAFKA_RESP_ERR_STREAMS_TOPOLOGY_FENCED = 132,
    /** Broker: The limit of share sessions has been reached */
    RD_KAFKA_RESP_ERR_SHARE_SESSION_LIMIT_REACHED = 133,
    /** After all codes. */
    RD_KAFKA_RESP_ERR_END_ALL = 134,
};

/** What a message's timestamp says. */
enum rd_kafka_timestamp_type_t {
    /** There is no timestamp. */
    RD_KAFKA_TIMESTAMP_NOT_AVAILABLE = 0,
    /** When the producer made the message. */
    RD_KAFKA_TIMESTAMP_CREATE_TIME = 1,
    /** When the broker appended the message to its log. */
    RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME = 2,
};

/** Is a message in the broker's log? */
enum rd_kafka_msg_status_t {
    /** It is not: it was never sent, or it was rejected. */
    RD_KAFKA_MSG_STATUS_NOT_PERSISTED = 0,
    /** It was sent and not acknowledged. */
    RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED = 1,
    /** It is, as far as the required acknowledgements say. */
    RD_KAFKA_MSG_STATUS_PERSISTED = 2,
};

/** Outcome of a configuration call. */
enum rd_kafka_conf_res_t {
    /** No property has this name. */
    RD_KAFKA_CONF_UNKNOWN = -2,
    /** The value is not valid, or the property cannot be used in this build. */
    RD_KAFKA_CONF_INVALID = -1,
    /** The value was taken. */
    RD_KAFKA_CONF_OK = 0,
};

/** What a certificate or key is for. */
enum rd_kafka_cert_type_t {
    /** The client's certificate. */
    RD_KAFKA_CERT_PUBLIC_KEY = 0,
    /** The client's private key. */
    RD_KAFKA_CERT_PRIVATE_KEY = 1,
    /** Certificates of the authorities that sign the brokers'. */
    RD_KAFKA_CERT_CA = 2,
    /** Number of the values above. */
    RD_KAFKA_CERT__CNT = 3,
};

/** How a certificate or key is encoded. */
enum rd_kafka_cert_enc_t {
    /** PKCS#12. */
    RD_KAFKA_CERT_ENC_PKCS12 = 0,
    /** DER, binary X.509. */
    RD_KAFKA_CERT_ENC_DER = 1,
    /** PEM. */
    RD_KAFKA_CERT_ENC_PEM = 2,
    /** Number of the values above. */
    RD_KAFKA_CERT_ENC__CNT = 3,
};

/** What an instance is. */
enum rd_kafka_type_t {
    /** Sends messages. */
    RD_KAFKA_PRODUCER = 0,
    /** Receives messages. */
    RD_KAFKA_CONSUMER = 1,
};

/** Tags of the arguments of `rd_kafka_producev` and `rd_kafka_produceva`. */
enum rd_kafka_vtype_t {
    /** End of the argument list; only for `rd_kafka_producev`. */
    RD_KAFKA_VTYPE_END = 0,
    /** `const char *`: topic name. */
    RD_KAFKA_VTYPE_TOPIC = 1,
    /** `rd_kafka_topic_t *`: topic object. */
    RD_KAFKA_VTYPE_RKT = 2,
    /** `int32_t`: partition. */
    RD_KAFKA_VTYPE_PARTITION = 3,
    /** `void *` and `size_t`: value and its length. */
    RD_KAFKA_VTYPE_VALUE = 4,
    /** `void *` and `size_t`: key and its length. */
    RD_KAFKA_VTYPE_KEY = 5,
    /** `void *`: the application's pointer, given back in the delivery report. */
    RD_KAFKA_VTYPE_OPAQUE = 6,
    /** `int`: `RD_KAFKA_MSG_F_...` flags. */
    RD_KAFKA_VTYPE_MSGFLAGS = 7,
    /** `int64_t`: timestamp, milliseconds since the epoch. */
    RD_KAFKA_VTYPE_TIMESTAMP = 8,
    /**
     * `const char *`, `const void *` and `ssize_t`: one header's name, value and length (-1:
     * the value is a string).
     */
    RD_KAFKA_VTYPE_HEADER = 9,
    /** `rd_kafka_headers_t *`: all headers; they belong to the library if the call succeeds. */
    RD_KAFKA_VTYPE_HEADERS = 10,
};

/** State of a consumer group. */
enum rd_kafka_consumer_group_state_t {
    /** Not known. */
    RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN = 0,
    /** Members are joining. */
    RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE = 1,
    /** Members wait for their assignment. */
    RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE = 2,
    /** Members consume. */
    RD_KAFKA_CONSUMER_GROUP_STATE_STABLE = 3,
    /** The group is gone. */
    RD_KAFKA_CONSUMER_GROUP_STATE_DEAD = 4,
    /** There are offsets and no members. */
    RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY = 5,
    /** Number of the values above. */
    RD_KAFKA_CONSUMER_GROUP_STATE__CNT = 6,
};

/** Protocol of a consumer group. */
enum rd_kafka_consumer_group_type_t {
    /** Not known. */
    RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN = 0,
    /** The broker assigns partitions. */
    RD_KAFKA_CONSUMER_GROUP_TYPE_CONSUMER = 1,
    /** A member assigns partitions. */
    RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC = 2,
    /** Number of the values above. */
    RD_KAFKA_CONSUMER_GROUP_TYPE__CNT = 3,
};

/** What a share consumer says of a record. */
enum rd_kafka_share_AcknowledgeType_s {
    /** It was processed. */
    RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_ACCEPT = 1,
    /** Deliver it again. */
    RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_RELEASE = 2,
    /** Never deliver it again. */
    RD_KAFKA_SHARE_ACKNOWLEDGE_TYPE_REJECT = 3,
};

/** What one of the library's threads does. */
enum rd_kafka_thread_type_t {
    /** The instance's main thread. */
    RD_KAFKA_THREAD_MAIN = 0,
    /** The background event thread. */
    RD_KAFKA_THREAD_BACKGROUND = 1,
    /** A broker's thread. */
    RD_KAFKA_THREAD_BROKER = 2,
};

/** Admin requests, for `rd_kafka_AdminOptions_new`. */
enum rd_kafka_admin_op_t {
    /** Options for any request. */
    RD_KAFKA_ADMIN_OP_ANY = 0,
    /** `rd_kafka_CreateTopics`. */
    RD_KAFKA_ADMIN_OP_CREATETOPICS = 1,
    /** `rd_kafka_DeleteTopics`. */
    RD_KAFKA_ADMIN_OP_DELETETOPICS = 2,
    /** `rd_kafka_CreatePartitions`. */
    RD_KAFKA_ADMIN_OP_CREATEPARTITIONS = 3,
    /** `rd_kafka_AlterConfigs`. */
    RD_KAFKA_ADMIN_OP_ALTERCONFIGS = 4,
    /** `rd_kafka_DescribeConfigs`. */
    RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS = 5,
    /** `rd_kafka_DeleteRecords`. */
    RD_KAFKA_ADMIN_OP_DELETERECORDS = 6,
    /** `rd_kafka_DeleteGroups`. */
    RD_KAFKA_ADMIN_OP_DELETEGROUPS = 7,
    /** `rd_kafka_DeleteConsumerGroupOffsets`. */
    RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS = 8,
    /** `rd_kafka_CreateAcls`. */
    RD_KAFKA_ADMIN_OP_CREATEACLS = 9,
    /** `rd_kafka_DescribeAcls`. */
    RD_KAFKA_ADMIN_OP_DESCRIBEACLS = 10,
    /** `rd_kafka_DeleteAcls`. */
    RD_KAFKA_ADMIN_OP_DELETEACLS = 11,
    /** `rd_kafka_ListConsumerGroups`. */
    RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS = 12,
    /** `rd_kafka_DescribeConsumerGroups`. */
    RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS = 13,
    /** `rd_kafka_ListConsumerGroupOffsets`. */
    RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS = 14,
    /** `rd_kafka_AlterConsumerGroupOffsets`. */
    RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS = 15,
    /** `rd_kafka_IncrementalAlterConfigs`. */
    RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS = 16,
    /** `rd_kafka_DescribeUserScramCredentials`. */
    RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS = 17,
    /** `rd_kafka_AlterUserScramCredentials`. */
    RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS = 18,
    /** `rd_kafka_DescribeTopics`. */
    RD_KAFKA_ADMIN_OP_DESCRIBETOPICS = 19,
    /** `rd_kafka_DescribeCluster`. */
    RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER = 20,
    /** `rd_kafka_ListOffsets`. */
    RD_KAFKA_ADMIN_OP_LISTOFFSETS = 21,
    /** `rd_kafka_ElectLeaders`. */
    RD_KAFKA_ADMIN_OP_ELECTLEADERS = 22,
    /** Number of the values above. */
    RD_KAFKA_ADMIN_OP__CNT = 23,
};

/** Which records a reader sees. */
enum rd_kafka_IsolationLevel_t {
    /** All records. */
    RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED = 0,
    /** No records of open or aborted transactions. */
    RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED = 1,
};

/** What an access control entry is about. */
enum rd_kafka_AclOperation_t {
    /** Not known. */
    RD_KAFKA_ACL_OPERATION_UNKNOWN = 0,
    /** Any; only in a filter. */
    RD_KAFKA_ACL_OPERATION_ANY = 1,
    /** All operations. */
    RD_KAFKA_ACL_OPERATION_ALL = 2,
    /** Read. */
    RD_KAFKA_ACL_OPERATION_READ = 3,
    /** Write. */
    RD_KAFKA_ACL_OPERATION_WRITE = 4,
    /** Create. */
    RD_KAFKA_ACL_OPERATION_CREATE = 5,
    /** Delete. */
    RD_KAFKA_ACL_OPERATION_DELETE = 6,
    /** Alter. */
    RD_KAFKA_ACL_OPERATION_ALTER = 7,
    /** Describe. */
    RD_KAFKA_ACL_OPERATION_DESCRIBE = 8,
    /** Requests between brokers. */
    RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION = 9,
    /** Read configurations. */
    RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS = 10,
    /** Change configurations. */
    RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS = 11,
    /** Produce with idempotence. */
    RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE = 12,
    /** Number of the values above. */
    RD_KAFKA_ACL_OPERATION__CNT = 13,
};

/** How a partition's leader is elected. */
enum rd_kafka_ElectionType_t {
    /** The preferred replica. */
    RD_KAFKA_ELECTION_TYPE_PREFERRED = 0,
    /** The first live replica, in sync or not. */
    RD_KAFKA_ELECTION_TYPE_UNCLEAN = 1,
};

/** Where a configuration value comes from. */
enum rd_kafka_ConfigSource_t {
    /** Not known. */
    RD_KAFKA_CONFIG_SOURCE_UNKNOWN_CONFIG = 0,
    /** Set for the topic. */
    RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG = 1,
    /** Set for the broker while it runs. */
    RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG = 2,
    /** Set for all brokers while they run. */
    RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG = 3,
    /** From the broker's file. */
    RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG = 4,
    /** Built in. */
    RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG = 5,
    /** Set for the group. */
    RD_KAFKA_CONFIG_SOURCE_GROUP_CONFIG = 8,
    /** One more than the highest value above. */
    RD_KAFKA_CONFIG_SOURCE__CNT = 9,
};

/** How a resource name is matched. */
enum rd_kafka_ResourcePatternType_t {
    /** Not known. */
    RD_KAFKA_RESOURCE_PATTERN_UNKNOWN = 0,
    /** Any; only in a filter. */
    RD_KAFKA_RESOURCE_PATTERN_ANY = 1,
    /** Whatever would apply to the name; only in a filter. */
    RD_KAFKA_RESOURCE_PATTERN_MATCH = 2,
    /** The name itself. */
    RD_KAFKA_RESOURCE_PATTERN_LITERAL = 3,
    /** Names that begin so. */
    RD_KAFKA_RESOURCE_PATTERN_PREFIXED = 4,
    /** Number of the values above. */
    RD_KAFKA_RESOURCE_PATTERN_TYPE__CNT = 5,
};

/** Kind of a resource. */
enum rd_kafka_ResourceType_t {
    /** Not known. */
    RD_KAFKA_RESOURCE_UNKNOWN = 0,
    /** Any; only in a filter. */
    RD_KAFKA_RESOURCE_ANY = 1,
    /** A topic. */
    RD_KAFKA_RESOURCE_TOPIC = 2,
    /** A consumer group. */
    RD_KAFKA_RESOURCE_GROUP = 3,
    /** A broker, or the whole cluster. */
    RD_KAFKA_RESOURCE_BROKER = 4,
    /** A transactional id. */
    RD_KAFKA_RESOURCE_TRANSACTIONAL_ID = 5,
    /** Number of the values above. */
    RD_KAFKA_RESOURCE__CNT = 6,
};

/** What an incremental change does with a value. */
enum rd_kafka_AlterConfigOpType_t {
    /** Sets it. */
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET = 0,
    /** Goes back to the default. */
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE = 1,
    /** Adds to a list. */
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_APPEND = 2,
    /** Takes from a list. */
    RD_KAFKA_ALTER_CONFIG_OP_TYPE_SUBTRACT = 3,
    /** Number of the values above. */
    RD_KAFKA_ALTER_CONFIG_OP_TYPE__CNT = 4,
};

/** SCRAM mechanism. */
enum rd_kafka_ScramMechanism_t {
    /** Not known. */
    RD_KAFKA_SCRAM_MECHANISM_UNKNOWN = 0,
    /** SCRAM-SHA-256. */
    RD_KAFKA_SCRAM_MECHANISM_SHA_256 = 1,
    /** SCRAM-SHA-512. */
    RD_KAFKA_SCRAM_MECHANISM_SHA_512 = 2,
    /** Number of the values above. */
    RD_KAFKA_SCRAM_MECHANISM__CNT = 3,
};

/** Does an access control entry allow or deny? */
enum rd_kafka_AclPermissionType_t {
    /** Not known. */
    RD_KAFKA_ACL_PERMISSION_TYPE_UNKNOWN = 0,
    /** Any; only in a filter. */
    RD_KAFKA_ACL_PERMISSION_TYPE_ANY = 1,
    /** It denies. */
    RD_KAFKA_ACL_PERMISSION_TYPE_DENY = 2,
    /** It allows. */
    RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW = 3,
    /** Number of the values above. */
    RD_KAFKA_ACL_PERMISSION_TYPE__CNT = 4,
};

/** Offsets that `rd_kafka_ListOffsets` can be asked for, besides timestamps in milliseconds. */
enum rd_kafka_OffsetSpec_t {
    /** That of the record with the latest timestamp. */
    RD_KAFKA_OFFSET_SPEC_MAX_TIMESTAMP = -3,
    /** The first. */
    RD_KAFKA_OFFSET_SPEC_EARLIEST = -2,
    /** One after the last. */
    RD_KAFKA_OFFSET_SPEC_LATEST = -1,
};

struct rd_kafka_AclBinding_s;

struct rd_kafka_AdminOptions_s;

struct rd_kafka_AlterConsumerGroupOffsets_s;

struct rd_kafka_AlterUserScramCredentials_result_response_s;

struct rd_kafka_ConfigEntry_s;

struct rd_kafka_ConfigResource_s;

struct rd_kafka_ConsumerGroupDescription_s;

struct rd_kafka_ConsumerGroupListing_s;

struct rd_kafka_DeleteAcls_result_response_s;

struct rd_kafka_DeleteConsumerGroupOffsets_s;

struct rd_kafka_DeleteGroup_s;

struct rd_kafka_DeleteRecords_s;

struct rd_kafka_DeleteTopic_s;

struct rd_kafka_ElectLeaders_s;

struct rd_kafka_ListConsumerGroupOffsets_s;

struct rd_kafka_ListConsumerGroupsResult_s;

struct rd_kafka_ListOffsetsResultInfo_s;

struct rd_kafka_MemberAssignment_s;

struct rd_kafka_MemberDescription_s;

struct rd_kafka_NewPartitions_s;

struct rd_kafka_NewTopic_s;

struct rd_kafka_Node_s;

struct rd_kafka_ScramCredentialInfo_s;

struct rd_kafka_TopicCollection_s;

struct rd_kafka_TopicDescription_s;

struct rd_kafka_TopicPartitionInfo_s;

struct rd_kafka_UserScramCredentialAlteration_s;

struct rd_kafka_UserScramCredentialsDescription_s;

struct rd_kafka_Uuid_s;

struct rd_kafka_acl_result_s;

struct rd_kafka_conf_s;

struct rd_kafka_consumer_group_metadata_s;

struct rd_kafka_error_s;

struct rd_kafka_group_result_s;

struct rd_kafka_headers_s;

struct rd_kafka_messages_s;

struct rd_kafka_op_s;

struct rd_kafka_queue_s;

struct rd_kafka_s;

struct rd_kafka_share_partition_offsets_list_s;

struct rd_kafka_share_partition_offsets_s;

struct rd_kafka_share_s;

struct rd_kafka_topic_conf_s;

struct rd_kafka_topic_partition_result_s;

struct rd_kafka_topic_result_s;

struct rd_kafka_topic_s;

typedef enum rd_kafka_resp_err_t rd_kafka_resp_err_t;

/** A code with its name and description. */
struct rd_kafka_err_desc {
    /** The code. */
    rd_kafka_resp_err_t code;
    /** Short name. */
    const char *name;
    /** Description. */
    const char *desc;
};

/** An error object. */
typedef struct rd_kafka_error_s rd_kafka_error_t;

/** An instance. */
typedef struct rd_kafka_s rd_kafka_t;

/** A universally unique id. */
typedef struct rd_kafka_Uuid_s rd_kafka_Uuid_t;

/** A topic, a partition and an offset. */
struct rd_kafka_topic_partition_s {
    /** Topic name. */
    char *topic;
    /** Partition number. */
    int32_t partition;
    /** Offset. */
    int64_t offset;
    /** Metadata, on the C heap. */
    void *metadata;
    /** Size of the metadata. */
    size_t metadata_size;
    /** The application's opaque pointer. */
    void *opaque;
    /** Error code. */
    rd_kafka_resp_err_t err;
    /** The library's own. */
    void *_private;
};

typedef struct rd_kafka_topic_partition_s rd_kafka_topic_partition_t;

/** A growing list of partitions. */
struct rd_kafka_topic_partition_list_s {
    /** Elements in use. */
    int cnt;
    /** Elements allocated. */
    int size;
    /** The elements, on the C heap. */
    rd_kafka_topic_partition_t *elems;
};

typedef struct rd_kafka_topic_partition_list_s rd_kafka_topic_partition_list_t;

/** Record headers. */
typedef struct rd_kafka_headers_s rd_kafka_headers_t;

/** A topic object. */
typedef struct rd_kafka_topic_s rd_kafka_topic_t;

/** A message as applications see it. */
struct rd_kafka_message_s {
    /** Error code; 0 for a delivered message. */
    rd_kafka_resp_err_t err;
    /** The topic object, borrowed. */
    rd_kafka_topic_t *rkt;
    /** Partition number. */
    int32_t partition;
    /** Value bytes. */
    void *payload;
    /** Length of the value. */
    size_t len;
    /** Key bytes. */
    void *key;
    /** Length of the key. */
    size_t key_len;
    /** Offset in the log. */
    int64_t offset;
    /** The application's opaque pointer. */
    void *_private;
};

typedef struct rd_kafka_message_s rd_kafka_message_t;

typedef enum rd_kafka_timestamp_type_t rd_kafka_timestamp_type_t;

typedef enum rd_kafka_msg_status_t rd_kafka_msg_status_t;

/** A batch of messages of a share consumer. */
typedef struct rd_kafka_messages_s rd_kafka_messages_t;

/** An instance's configuration. */
typedef struct rd_kafka_conf_s rd_kafka_conf_t;

/** An event. */
typedef struct rd_kafka_op_s rd_kafka_event_t;

typedef enum rd_kafka_conf_res_t rd_kafka_conf_res_t;

typedef enum rd_kafka_cert_type_t rd_kafka_cert_type_t;

typedef enum rd_kafka_cert_enc_t rd_kafka_cert_enc_t;

/** A topic's configuration. */
typedef struct rd_kafka_topic_conf_s rd_kafka_topic_conf_t;

typedef enum rd_kafka_type_t rd_kafka_type_t;

typedef enum rd_kafka_vtype_t rd_kafka_vtype_t;

/** A value and its length, in an argument of `rd_kafka_produceva`. */
struct rd_kafka_vu_mem_s {
    /** The bytes. */
    void *ptr;
    /** How many. */
    size_t size;
};

typedef struct rd_kafka_vu_mem_s rd_kafka_vu_mem_t;

/** A header, in an argument of `rd_kafka_produceva`. */
struct rd_kafka_vu_header_s {
    /** Name. */
    const char *name;
    /** Value; NULL is a value. */
    const void *val;
    /** Length of the value; -1: the value is a string. */
    ssize_t size;
};

typedef struct rd_kafka_vu_header_s rd_kafka_vu_header_t;

/** The value of an argument of `rd_kafka_produceva`; its tag says which field counts. */
union rd_kafka_vu_u {
    /** Topic name. */
    const char *cstr;
    /** Topic object. */
    rd_kafka_topic_t *rkt;
    /** Flags. */
    int i;
    /** Partition. */
    int32_t i32;
    /** Timestamp, milliseconds since the epoch. */
    int64_t i64;
    /** Value or key. */
    rd_kafka_vu_mem_t mem;
    /** One header. */
    rd_kafka_vu_header_t header;
    /** All headers. */
    rd_kafka_headers_t *headers;
    /** The application's opaque pointer. */
    void *ptr;
    /** Room for what later versions add. */
    char _pad[64];
};

/** An argument of `rd_kafka_produceva`: a tag and a value. */
struct rd_kafka_vu_s {
    /** Which argument this is. */
    rd_kafka_vtype_t vtype;
    /** Its value. */
    union rd_kafka_vu_u u;
};

typedef struct rd_kafka_vu_s rd_kafka_vu_t;

/** A queue of events. */
typedef struct rd_kafka_queue_s rd_kafka_queue_t;

/** Event kind, one bit each. */
typedef int rd_kafka_event_type_t;

/** A broker in a metadata answer. */
struct rd_kafka_metadata_broker {
    /** Node id. */
    int32_t id;
    /** Host name. */
    char *host;
    /** Port. */
    int port;
};

typedef struct rd_kafka_metadata_broker rd_kafka_metadata_broker_t;

/** A partition in a metadata answer. */
struct rd_kafka_metadata_partition {
    /** Partition number. */
    int32_t id;
    /** Error code. */
    rd_kafka_resp_err_t err;
    /** Leader's node id. */
    int32_t leader;
    /** Number of replicas. */
    int replica_cnt;
    /** Node ids of the replicas. */
    int32_t *replicas;
    /** Number of in-sync replicas. */
    int isr_cnt;
    /** Node ids of the in-sync replicas. */
    int32_t *isrs;
};

typedef struct rd_kafka_metadata_partition rd_kafka_metadata_partition_t;

/** A topic in a metadata answer. */
struct rd_kafka_metadata_topic {
    /** Topic name. */
    char *topic;
    /** Number of partitions. */
    int partition_cnt;
    /** The partitions. */
    rd_kafka_metadata_partition_t *partitions;
    /** Error code. */
    rd_kafka_resp_err_t err;
};

typedef struct rd_kafka_metadata_topic rd_kafka_metadata_topic_t;

/** A metadata answer. */
struct rd_kafka_metadata {
    /** Number of brokers. */
    int broker_cnt;
    /** The brokers. */
    rd_kafka_metadata_broker_t *brokers;
    /** Number of topics. */
    int topic_cnt;
    /** The topics. */
    rd_kafka_metadata_topic_t *topics;
    /** Node id of the broker that answered. */
    int32_t orig_broker_id;
    /** Name of the broker that answered. */
    char *orig_broker_name;
};

typedef struct rd_kafka_metadata rd_kafka_metadata_t;

/** What a transaction must know of a consumer group. */
typedef struct rd_kafka_consumer_group_metadata_s rd_kafka_consumer_group_metadata_t;

/** A member of a consumer group. */
struct rd_kafka_group_member_info {
    /** Member id, given by the broker. */
    char *member_id;
    /** The member's `client.id`. */
    char *client_id;
    /** The member's host. */
    char *client_host;
    /** What the member subscribed to, as it was sent. */
    void *member_metadata;
    /** Its size, bytes. */
    int member_metadata_size;
    /** What the member was assigned, as it was sent. */
    void *member_assignment;
    /** Its size, bytes. */
    int member_assignment_size;
};

/** A consumer group. */
struct rd_kafka_group_info {
    /** The broker that told of it. */
    rd_kafka_metadata_broker_t broker;
    /** Group id. */
    char *group;
    /** The broker's error for this group. */
    rd_kafka_resp_err_t err;
    /** State. */
    char *state;
    /** Protocol type, `consumer` for consumers. */
    char *protocol_type;
    /** Name of the assignor. */
    char *protocol;
    /** The members. */
    struct rd_kafka_group_member_info *members;
    /** Number of members. */
    int member_cnt;
};

/** Consumer groups, from `rd_kafka_list_groups`. */
struct rd_kafka_group_list {
    /** The groups. */
    struct rd_kafka_group_info *groups;
    /** Number of groups. */
    int group_cnt;
};

typedef enum rd_kafka_consumer_group_state_t rd_kafka_consumer_group_state_t;

typedef enum rd_kafka_consumer_group_type_t rd_kafka_consumer_group_type_t;

/** A share consumer. */
typedef struct rd_kafka_share_s rd_kafka_share_t;

/** Acknowledged offsets of partitions. */
typedef struct rd_kafka_share_partition_offsets_list_s rd_kafka_share_partition_offsets_list_t;

/** Acknowledged offsets of a partition. */
typedef struct rd_kafka_share_partition_offsets_s rd_kafka_share_partition_offsets_t;

typedef enum rd_kafka_share_AcknowledgeType_s rd_kafka_share_AcknowledgeType_t;

/** A property is set. `RD_KAFKA_CONF_UNKNOWN`: it is none of the interceptor's. */
typedef rd_kafka_conf_res_t (rd_kafka_interceptor_f_on_conf_set_t)(rd_kafka_conf_t *conf,
                                                                    const char *name,
                                                                    const char *val,
                                                                    char *errstr,
                                                                    size_t errstr_size,
                                                                    void *ic_opaque);

/** A configuration was copied; the interceptor adds itself to the copy. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_conf_dup_t)(rd_kafka_conf_t *new_conf,
                                                                    const rd_kafka_conf_t *old_conf,
                                                                    size_t filter_cnt,
                                                                    const char **filter,
                                                                    void *ic_opaque);

/** A configuration is destroyed. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_conf_destroy_t)(void *ic_opaque);

/** An instance is made; further interceptors are added here. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_new_t)(rd_kafka_t *rk,
                                                               const rd_kafka_conf_t *conf,
                                                               void *ic_opaque,
                                                               char *errstr,
                                                               size_t errstr_size);

/** An instance is destroyed. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_destroy_t)(rd_kafka_t *rk, void *ic_opaque);

/** A message is produced. It runs in the caller's thread; the partition is not known yet. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_send_t)(rd_kafka_t *rk,
                                                                rd_kafka_message_t *rkmessage,
                                                                void *ic_opaque);

/** A message got its final result. It runs in one of the library's threads. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_acknowledgement_t)(rd_kafka_t *rk,
                                                                           rd_kafka_message_t *rkmessage,
                                                                           void *ic_opaque);

/** A message is about to be given to the application. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_consume_t)(rd_kafka_t *rk,
                                                                   rd_kafka_message_t *rkmessage,
                                                                   void *ic_opaque);

/** Offsets were committed. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_commit_t)(rd_kafka_t *rk,
                                                                  const rd_kafka_topic_partition_list_t *offsets,
                                                                  rd_kafka_resp_err_t err,
                                                                  void *ic_opaque);

/** A request was sent. It runs in the broker's thread. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_request_sent_t)(rd_kafka_t *rk,
                                                                        int sockfd,
                                                                        const char *brokername,
                                                                        int32_t brokerid,
                                                                        int16_t api_key,
                                                                        int16_t api_version,
                                                                        int32_t corr_id,
                                                                        size_t size,
                                                                        void *ic_opaque);

/** A response was received. `rtt` is in microseconds; -1 if not known. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_response_received_t)(rd_kafka_t *rk,
                                                                             int sockfd,
                                                                             const char *brokername,
                                                                             int32_t brokerid,
                                                                             int16_t api_key,
                                                                             int16_t api_version,
                                                                             int32_t corr_id,
                                                                             size_t size,
                                                                             int64_t rtt,
                                                                             rd_kafka_resp_err_t err,
                                                                             void *ic_opaque);

typedef enum rd_kafka_thread_type_t rd_kafka_thread_type_t;

/** One of the library's threads started. It runs in that thread. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_thread_start_t)(rd_kafka_t *rk,
                                                                        rd_kafka_thread_type_t thread_type,
                                                                        const char *thread_name,
                                                                        void *ic_opaque);

/** One of the library's threads ends. It runs in that thread. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_thread_exit_t)(rd_kafka_t *rk,
                                                                       rd_kafka_thread_type_t thread_type,
                                                                       const char *thread_name,
                                                                       void *ic_opaque);

/** A broker's connection changed its state. */
typedef rd_kafka_resp_err_t (rd_kafka_interceptor_f_on_broker_state_change_t)(rd_kafka_t *rk,
                                                                               int32_t broker_id,
                                                                               const char *secproto,
                                                                               const char *name,
                                                                               int port,
                                                                               const char *state,
                                                                               void *ic_opaque);

/** A broker in a description. */
typedef struct rd_kafka_Node_s rd_kafka_Node_t;

/** Result of `rd_kafka_CreateTopics`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_CreateTopics_result_t;

/** Result of `rd_kafka_DeleteTopics`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DeleteTopics_result_t;

/** Result of `rd_kafka_CreatePartitions`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_CreatePartitions_result_t;

/** Result of `rd_kafka_AlterConfigs`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_AlterConfigs_result_t;

/** Result of `rd_kafka_IncrementalAlterConfigs`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_IncrementalAlterConfigs_result_t;

/** Result of `rd_kafka_DescribeConfigs`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DescribeConfigs_result_t;

/** Result of `rd_kafka_DeleteRecords`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DeleteRecords_result_t;

/** Result of `rd_kafka_ListConsumerGroups`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_ListConsumerGroups_result_t;

/** Result of `rd_kafka_DescribeConsumerGroups`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DescribeConsumerGroups_result_t;

/** Result of `rd_kafka_DescribeTopics`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DescribeTopics_result_t;

/** Result of `rd_kafka_DescribeCluster`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DescribeCluster_result_t;

/** Result of `rd_kafka_DeleteGroups`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DeleteGroups_result_t;

/** Result of `rd_kafka_DeleteConsumerGroupOffsets`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DeleteConsumerGroupOffsets_result_t;

/** Result of `rd_kafka_CreateAcls`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_CreateAcls_result_t;

/** Result of `rd_kafka_DescribeAcls`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DescribeAcls_result_t;

/** Result of `rd_kafka_DeleteAcls`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DeleteAcls_result_t;

/** Result of `rd_kafka_ListConsumerGroupOffsets`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_ListConsumerGroupOffsets_result_t;

/** Result of `rd_kafka_AlterConsumerGroupOffsets`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_AlterConsumerGroupOffsets_result_t;

/** Result of `rd_kafka_ListOffsets`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_ListOffsets_result_t;

/** Result of `rd_kafka_DescribeUserScramCredentials`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_DescribeUserScramCredentials_result_t;

/** Result of `rd_kafka_AlterUserScramCredentials`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_AlterUserScramCredentials_result_t;

/** Result of `rd_kafka_ElectLeaders`; it is the event itself and lives as long. */
typedef rd_kafka_event_t rd_kafka_ElectLeaders_result_t;

/** Outcome for a topic. */
typedef struct rd_kafka_topic_result_s rd_kafka_topic_result_t;

/** Outcome for a consumer group. */
typedef struct rd_kafka_group_result_s rd_kafka_group_result_t;

/** Outcome for a partition. */
typedef struct rd_kafka_topic_partition_result_s rd_kafka_topic_partition_result_t;

/** Options of an admin request. */
typedef struct rd_kafka_AdminOptions_s rd_kafka_AdminOptions_t;

typedef enum rd_kafka_admin_op_t rd_kafka_admin_op_t;

typedef enum rd_kafka_IsolationLevel_t rd_kafka_IsolationLevel_t;

/** A topic to create. */
typedef struct rd_kafka_NewTopic_s rd_kafka_NewTopic_t;

/** A topic to delete. */
typedef struct rd_kafka_DeleteTopic_s rd_kafka_DeleteTopic_t;

/** Partitions to add to a topic. */
typedef struct rd_kafka_NewPartitions_s rd_kafka_NewPartitions_t;

/** Records to delete. */
typedef struct rd_kafka_DeleteRecords_s rd_kafka_DeleteRecords_t;

/** Topics to describe. */
typedef struct rd_kafka_TopicCollection_s rd_kafka_TopicCollection_t;

/** Description of a topic. */
typedef struct rd_kafka_TopicDescription_s rd_kafka_TopicDescription_t;

/** Description of a partition. */
typedef struct rd_kafka_TopicPartitionInfo_s rd_kafka_TopicPartitionInfo_t;

typedef enum rd_kafka_AclOperation_t rd_kafka_AclOperation_t;

/** Offset of a partition. */
typedef struct rd_kafka_ListOffsetsResultInfo_s rd_kafka_ListOffsetsResultInfo_t;

/** Partitions whose leaders shall be elected. */
typedef struct rd_kafka_ElectLeaders_s rd_kafka_ElectLeaders_t;

typedef enum rd_kafka_ElectionType_t rd_kafka_ElectionType_t;

typedef enum rd_kafka_ConfigSource_t rd_kafka_ConfigSource_t;

/** A configuration entry of the cluster. */
typedef struct rd_kafka_ConfigEntry_s rd_kafka_ConfigEntry_t;

typedef enum rd_kafka_ResourcePatternType_t rd_kafka_ResourcePatternType_t;

typedef enum rd_kafka_ResourceType_t rd_kafka_ResourceType_t;

/** A resource with configuration entries. */
typedef struct rd_kafka_ConfigResource_s rd_kafka_ConfigResource_t;

typedef enum rd_kafka_AlterConfigOpType_t rd_kafka_AlterConfigOpType_t;

/** A consumer group in a list of groups. */
typedef struct rd_kafka_ConsumerGroupListing_s rd_kafka_ConsumerGroupListing_t;

/** Description of a consumer group. */
typedef struct rd_kafka_ConsumerGroupDescription_s rd_kafka_ConsumerGroupDescription_t;

/** Description of a member of a consumer group. */
typedef struct rd_kafka_MemberDescription_s rd_kafka_MemberDescription_t;

/** Partitions assigned to a member. */
typedef struct rd_kafka_MemberAssignment_s rd_kafka_MemberAssignment_t;

/** A consumer group to delete. */
typedef struct rd_kafka_DeleteGroup_s rd_kafka_DeleteGroup_t;

/** A consumer group whose offsets shall be listed. */
typedef struct rd_kafka_ListConsumerGroupOffsets_s rd_kafka_ListConsumerGroupOffsets_t;

/** A consumer group whose offsets shall be changed. */
typedef struct rd_kafka_AlterConsumerGroupOffsets_s rd_kafka_AlterConsumerGroupOffsets_t;

/** A consumer group whose offsets shall be deleted. */
typedef struct rd_kafka_DeleteConsumerGroupOffsets_s rd_kafka_DeleteConsumerGroupOffsets_t;

typedef enum rd_kafka_ScramMechanism_t rd_kafka_ScramMechanism_t;

/** Mechanism and iterations of a SCRAM credential. */
typedef struct rd_kafka_ScramCredentialInfo_s rd_kafka_ScramCredentialInfo_t;

/** SCRAM credentials of a user. */
typedef struct rd_kafka_UserScramCredentialsDescription_s rd_kafka_UserScramCredentialsDescription_t;

/** Change of a user's SCRAM credential. */
typedef struct rd_kafka_UserScramCredentialAlteration_s rd_kafka_UserScramCredentialAlteration_t;

/** Outcome of a change of a SCRAM credential. */
typedef struct rd_kafka_AlterUserScramCredentials_result_response_s rd_kafka_AlterUserScramCredentials_result_response_t;

/** Outcome for an access control entry. */
typedef struct rd_kafka_acl_result_s rd_kafka_acl_result_t;

typedef enum rd_kafka_AclPermissionType_t rd_kafka_AclPermissionType_t;

/** An access control entry. */
typedef struct rd_kafka_AclBinding_s rd_kafka_AclBinding_t;

/** A filter for access control entries. */
typedef rd_kafka_AclBinding_t rd_kafka_AclBindingFilter_t;

/** Outcome of one filter of `rd_kafka_DeleteAcls`. */
typedef struct rd_kafka_DeleteAcls_result_response_s rd_kafka_DeleteAcls_result_response_t;

typedef enum rd_kafka_OffsetSpec_t rd_kafka_OffsetSpec_t;

/** A list of consumer groups. */
typedef struct rd_kafka_ListConsumerGroupsResult_s rd_kafka_ListConsumerGroupsResult_t;

/** The function `conf_init` that a plugin exports. It adds its interceptors to `conf`. */
typedef rd_kafka_resp_err_t (rd_kafka_plugin_f_conf_init_t)(rd_kafka_conf_t *conf,
                                                             void **plug_opaquep,
                                                             char *errstr,
                                                             size_t errstr_size);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- Version --------------------------------------------------------------------------------- */

/** The API level as a number: major, minor, revision, and 0xff for a release. */
int rd_kafka_version(void);

/** The API level as text, and the version of this library. */
const char *rd_kafka_version_str(void);

/** The values of the property `debug`, separated by commas. */
const char *rd_kafka_get_debug_contexts(void);

/* ---- Error codes ----------------------------------------------------------------------------- */

/**
 * The table of all codes, indexed by code + 200. Holes are all zero.
 *
 * Requires: Both pointers are NULL or writable.
 */
void rd_kafka_get_err_descs(const struct rd_kafka_err_desc **errdescs, size_t *cntp);

/** The text of a code: `Local: Timed out`. */
const char *rd_kafka_err2str(rd_kafka_resp_err_t err);

/** The short name of a code: `_TIMED_OUT`. */
const char *rd_kafka_err2name(rd_kafka_resp_err_t err);

/** The thread's last error: of calls that return NULL or -1. */
rd_kafka_resp_err_t rd_kafka_last_error(void);

/** The code for an `errno` (deprecated form of error handling). */
rd_kafka_resp_err_t rd_kafka_errno2err(int errnox);

/** This thread's `errno` (deprecated form of error handling). */
int rd_kafka_errno(void);

/* ---- Error objects --------------------------------------------------------------------------- */

/**
 * The error's code; no error for NULL.
 *
 * Requires: `error` is NULL or a live error object.
 */
rd_kafka_resp_err_t rd_kafka_error_code(const rd_kafka_error_t *error);

/**
 * The name of the error's code; empty for NULL.
 *
 * Requires: `error` is NULL or a live error object.
 */
const char *rd_kafka_error_name(const rd_kafka_error_t *error);

/**
 * The error's text, as long as the object lives; empty for NULL.
 *
 * Requires: `error` is NULL or a live error object.
 */
const char *rd_kafka_error_string(const rd_kafka_error_t *error);

/**
 * Is the instance dead?
 *
 * Requires: `error` is NULL or a live error object.
 */
int rd_kafka_error_is_fatal(const rd_kafka_error_t *error);

/**
 * May the same call succeed later?
 *
 * Requires: `error` is NULL or a live error object.
 */
int rd_kafka_error_is_retriable(const rd_kafka_error_t *error);

/**
 * Must the current transaction be aborted?
 *
 * Requires: `error` is NULL or a live error object.
 */
int rd_kafka_error_txn_requires_abort(const rd_kafka_error_t *error);

/**
 * Destroys the object. NULL is allowed.
 *
 * Requires: The caller owns `error` and nobody uses it any more.
 */
void rd_kafka_error_destroy(rd_kafka_error_t *error);

/**
 * Makes an error object with a text formatted as by `printf`; the text of the code if `fmt`
 * is NULL.
 *
 * The caller destroys it.
 *
 * Requires: The arguments fit the format.
 */
rd_kafka_error_t *rd_kafka_error_new(rd_kafka_resp_err_t code, const char *fmt, ...);

/* ---- Memory ---------------------------------------------------------------------------------- */

/** `num` times `size` bytes, zeroed; NULL if there is no memory. */
void *rd_kafka_mem_calloc(rd_kafka_t *rk, size_t num, size_t size);

/** `size` bytes; NULL if there is no memory. */
void *rd_kafka_mem_malloc(rd_kafka_t *rk, size_t size);

/**
 * Gives memory back that this library returned. NULL is allowed.
 *
 * Requires: `ptr` is NULL or came from the C heap, and nobody uses it any more.
 */
void rd_kafka_mem_free(rd_kafka_t *rk, void *ptr);

/* ---- Topic ids ------------------------------------------------------------------------------- */

/** A new id of these bits; the caller owns it. */
rd_kafka_Uuid_t *rd_kafka_Uuid_new(int64_t most_significant_bits, int64_t least_significant_bits);

/**
 * A copy of the id; the caller owns it. NULL for NULL.
 *
 * Requires: `uuid` is NULL or a live id.
 */
rd_kafka_Uuid_t *rd_kafka_Uuid_copy(const rd_kafka_Uuid_t *uuid);

/**
 * The id in base64, without padding; it lives as long as the id. NULL for NULL.
 *
 * Requires: `uuid` is NULL or a live id that no other thread uses.
 */
const char *rd_kafka_Uuid_base64str(const rd_kafka_Uuid_t *uuid);

/**
 * The lower half. 0 for NULL.
 *
 * Requires: `uuid` is NULL or a live id.
 */
int64_t rd_kafka_Uuid_least_significant_bits(const rd_kafka_Uuid_t *uuid);

/**
 * The upper half. 0 for NULL.
 *
 * Requires: `uuid` is NULL or a live id.
 */
int64_t rd_kafka_Uuid_most_significant_bits(const rd_kafka_Uuid_t *uuid);

/**
 * Destroys the id. NULL is allowed.
 *
 * Requires: The caller owns `uuid` and nobody uses it any more.
 */
void rd_kafka_Uuid_destroy(rd_kafka_Uuid_t *uuid);

/* ---- Partition lists ------------------------------------------------------------------------- */

/**
 * Destroys an element that stands alone. NULL is allowed.
 *
 * Requires: The caller owns `rktpar`, which is no element of a list, and nobody uses it any more.
 */
void rd_kafka_topic_partition_destroy(rd_kafka_topic_partition_t *rktpar);

/**
 * Sets the leader epoch; -1 takes it away.
 *
 * Requires: `rktpar` is NULL or a live element that nobody else uses.
 */
void rd_kafka_topic_partition_set_leader_epoch(rd_kafka_topic_partition_t *rktpar,
                                               int32_t leader_epoch);

/**
 * The leader epoch; -1 if there is none.
 *
 * Requires: `rktpar` is NULL or a live element.
 */
int32_t rd_kafka_topic_partition_get_leader_epoch(const rd_kafka_topic_partition_t *rktpar);

/** A new, empty list with room for `size` elements; the caller owns it. */
rd_kafka_topic_partition_list_t *rd_kafka_topic_partition_list_new(int size);

/**
 * Destroys the list and all it owns. NULL is allowed.
 *
 * Requires: The caller owns `rkparlist` and nobody uses it any more.
 */
void rd_kafka_topic_partition_list_destroy(rd_kafka_topic_partition_list_t *rkparlist);

/**
 * Appends an element; it may move when the list grows. NULL for a NULL list.
 *
 * Requires: `rktparlist` is NULL or a live list that nobody else uses; `topic` is NULL or ends with NUL.
 */
rd_kafka_topic_partition_t *rd_kafka_topic_partition_list_add(rd_kafka_topic_partition_list_t *rktparlist,
                                                              const char *topic,
                                                              int32_t partition);

/**
 * Appends one element for each partition from `start` to `stop`, which is included.
 *
 * Requires: As [`rd_kafka_topic_partition_list_add`].
 */
void rd_kafka_topic_partition_list_add_range(rd_kafka_topic_partition_list_t *rktparlist,
                                             const char *topic,
                                             int32_t start,
                                             int32_t stop);

/**
 * Removes the first element of that topic and partition. 1: removed, 0: there is none.
 *
 * Requires: As [`rd_kafka_topic_partition_list_add`].
 */
int rd_kafka_topic_partition_list_del(rd_kafka_topic_partition_list_t *rktparlist,
                                      const char *topic,
                                      int32_t partition);

/**
 * Removes the element at `idx`. 1: removed, 0: there is none.
 *
 * Requires: `rktparlist` is NULL or a live list that nobody else uses.
 */
int rd_kafka_topic_partition_list_del_by_idx(rd_kafka_topic_partition_list_t *rktparlist, int idx);

/**
 * A copy of the list; the caller owns it. NULL for NULL.
 *
 * Requires: `src` is NULL or a live list that does not change meanwhile.
 */
rd_kafka_topic_partition_list_t *rd_kafka_topic_partition_list_copy(const rd_kafka_topic_partition_list_t *src);

/**
 * Sets the offset of the first element of that topic and partition.
 *
 * Requires: As [`rd_kafka_topic_partition_list_add`].
 */
rd_kafka_resp_err_t rd_kafka_topic_partition_list_set_offset(rd_kafka_topic_partition_list_t *rktparlist,
                                                             const char *topic,
                                                             int32_t partition,
                                                             int64_t offset);

/**
 * The first element of that topic and partition, inside the list; NULL if there is none.
 *
 * Requires: `rktparlist` is NULL or a live list that does not change meanwhile; `topic` is NULL or
 * NUL-terminated.
 */
rd_kafka_topic_partition_t *rd_kafka_topic_partition_list_find(const rd_kafka_topic_partition_list_t *rktparlist,
                                                               const char *topic,
                                                               int32_t partition);

/**
 * Sorts by `cmp`; without one by topic, then by partition.
 *
 * Requires: `rktparlist` is NULL or a live list that nobody else uses; `cmp` is NULL or may be called
 * with any two elements and `cmp_opaque`.
 */
void rd_kafka_topic_partition_list_sort(rd_kafka_topic_partition_list_t *rktparlist,
                                        int (*cmp)(const void *a, const void *b, void *cmp_opaque),
                                        void *cmp_opaque);

/* ---- Record headers -------------------------------------------------------------------------- */

/** A new, empty list of headers with room for `initial_count`. */
rd_kafka_headers_t *rd_kafka_headers_new(size_t initial_count);

/**
 * Destroys the list. NULL is allowed.
 *
 * Requires: The caller owns `hdrs` and nobody uses it any more.
 */
void rd_kafka_headers_destroy(rd_kafka_headers_t *hdrs);

/**
 * A copy of the list; the caller owns it.
 *
 * Requires: `src` is NULL or a live list that does not change meanwhile.
 */
rd_kafka_headers_t *rd_kafka_headers_copy(const rd_kafka_headers_t *src);

/**
 * Appends a header; name and value are copied. A size of -1 means NUL-terminated text; a NULL
 * value is an absent value.
 *
 * Requires: `hdrs` is NULL or a live list that nobody else uses; `name` and `value` are NULL or readable
 * for their sizes.
 */
rd_kafka_resp_err_t rd_kafka_header_add(rd_kafka_headers_t *hdrs,
                                        const char *name,
                                        ssize_t name_size,
                                        const void *value,
                                        ssize_t value_size);

/**
 * Removes all headers of that name; `_NOENT` if there are none.
 *
 * Requires: `hdrs` is NULL or a live list that nobody else uses; `name` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_header_remove(rd_kafka_headers_t *hdrs, const char *name);

/**
 * The value of the last header of that name.
 *
 * Requires: `hdrs` is NULL or a live list; `name` is NULL or NUL-terminated; the other pointers are NULL
 * or writable.
 */
rd_kafka_resp_err_t rd_kafka_header_get_last(const rd_kafka_headers_t *hdrs,
                                             const char *name,
                                             const void **valuep,
                                             size_t *sizep);

/**
 * The value of the `idx`-th header of that name.
 *
 * Requires: As [`rd_kafka_header_get_last`].
 */
rd_kafka_resp_err_t rd_kafka_header_get(const rd_kafka_headers_t *hdrs,
                                        size_t idx,
                                        const char *name,
                                        const void **valuep,
                                        size_t *sizep);

/**
 * Name and value of the `idx`-th header.
 *
 * Requires: `hdrs` is NULL or a live list; the other pointers are NULL or writable.
 */
rd_kafka_resp_err_t rd_kafka_header_get_all(const rd_kafka_headers_t *hdrs,
                                            size_t idx,
                                            const char **namep,
                                            const void **valuep,
                                            size_t *sizep);

/**
 * How many headers the list has.
 *
 * Requires: `hdrs` is NULL or a live list.
 */
size_t rd_kafka_header_cnt(const rd_kafka_headers_t *hdrs);

/* ---- Messages -------------------------------------------------------------------------------- */

/**
 * Frees a consumed message. Messages of reports belong to their report: nothing happens to
 * those.
 *
 * Requires: `rkmessage` is NULL or a live message.
 */
void rd_kafka_message_destroy(rd_kafka_message_t *rkmessage);

/**
 * The text of a message's error. Quirk: of a produced message it is the payload, if there is
 * one.
 *
 * Requires: `rkmessage` is NULL or a live message.
 */
const char *rd_kafka_message_errstr(const rd_kafka_message_t *rkmessage);

/**
 * The broker's text about a failed message; NULL if it gave none. It lives as long as the
 * message.
 *
 * Requires: `rkmessage` is NULL or a live message of a report.
 */
const char *rd_kafka_message_produce_errstr(const rd_kafka_message_t *rkmessage);

/**
 * The message's timestamp in milliseconds, and its kind; -1 for a failed message.
 *
 * Requires: `rkmessage` is NULL or a live message; `tstype` is NULL or live.
 */
int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *rkmessage,
                                   rd_kafka_timestamp_type_t *tstype);

/**
 * Microseconds from the produce call to now; -1 if unknown.
 *
 * Requires: `rkmessage` is NULL or a live message.
 */
int64_t rd_kafka_message_latency(const rd_kafka_message_t *rkmessage);

/**
 * Node id of the broker that gave the final result; -1 if none did.
 *
 * Requires: `rkmessage` is NULL or a live message.
 */
int32_t rd_kafka_message_broker_id(const rd_kafka_message_t *rkmessage);

/**
 * Is the message in the log: not (0), possibly (1), yes (2).
 *
 * Requires: `rkmessage` is NULL or a live message.
 */
rd_kafka_msg_status_t rd_kafka_message_status(const rd_kafka_message_t *rkmessage);

/**
 * The leader epoch of a consumed message; -1 for others.
 *
 * Requires: `rkmessage` is NULL or a live message.
 */
int32_t rd_kafka_message_leader_epoch(const rd_kafka_message_t *rkmessage);

/**
 * How often a share consumer got the message; 0 for others.
 *
 * Requires: `rkmessage` is NULL or a live message.
 */
int16_t rd_kafka_message_delivery_count(const rd_kafka_message_t *rkmessage);

/**
 * How many messages a share consumer's batch has; 0 for NULL.
 *
 * Requires: `messages` is NULL or live.
 */
size_t rd_kafka_messages_count(const rd_kafka_messages_t *messages);

/**
 * Frees a share consumer's batch. NULL is allowed.
 *
 * Requires: `messages` is NULL, or a batch that is not used again.
 */
void rd_kafka_messages_destroy(rd_kafka_messages_t *messages);

/**
 * The message's headers; they belong to it. `_NOENT` if it has none.
 *
 * Requires: `rkmessage` is NULL or a live message; `hdrsp` is live.
 */
rd_kafka_resp_err_t rd_kafka_message_headers(const rd_kafka_message_t *rkmessage,
                                             rd_kafka_headers_t **hdrsp);

/**
 * Takes the headers out of a message: the caller destroys them. `_NOENT` if it has none.
 *
 * Requires: `rkmessage` is NULL or a live message; `hdrsp` is live.
 */
rd_kafka_resp_err_t rd_kafka_message_detach_headers(rd_kafka_message_t *rkmessage,
                                                    rd_kafka_headers_t **hdrsp);

/**
 * Gives a message headers; the former ones are destroyed. The message owns them from now on.
 *
 * Requires: `rkmessage` is NULL or a live message; `hdrs` is NULL or a live headers object that is not
 * used again.
 */
void rd_kafka_message_set_headers(rd_kafka_message_t *rkmessage,
                                  rd_kafka_headers_t *hdrs);

/* ---- Configuration --------------------------------------------------------------------------- */

/**
 * The callback of the background event thread.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_background_event_cb(rd_kafka_conf_t *conf,
                                           void (*event_cb)(rd_kafka_t *rk,
                                                            rd_kafka_event_t *rkev,
                                                            void *opaque));

/**
 * The delivery report callback, old form.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_dr_cb(rd_kafka_conf_t *conf, void (*dr_cb)(rd_kafka_t *rk,
                                                                  void *payload,
                                                                  size_t len,
                                                                  rd_kafka_resp_err_t err,
                                                                  void *opaque,
                                                                  void *msg_opaque));

/**
 * The delivery report callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_dr_msg_cb(rd_kafka_conf_t *conf,
                                 void (*dr_msg_cb)(rd_kafka_t *rk,
                                                   const rd_kafka_message_t *rkmessage,
                                                   void *opaque));

/**
 * A consumer's message callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_consume_cb(rd_kafka_conf_t *conf,
                                  void (*consume_cb)(rd_kafka_message_t *rkmessage, void *opaque));

/**
 * A consumer's rebalance callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_rebalance_cb(rd_kafka_conf_t *conf,
                                    void (*rebalance_cb)(rd_kafka_t *rk,
                                                         rd_kafka_resp_err_t err,
                                                         rd_kafka_topic_partition_list_t *partitions,
                                                         void *opaque));

/**
 * A consumer's commit callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_offset_commit_cb(rd_kafka_conf_t *conf,
                                        void (*offset_commit_cb)(rd_kafka_t *rk,
                                                                 rd_kafka_resp_err_t err,
                                                                 rd_kafka_topic_partition_list_t *offsets,
                                                                 void *opaque));

/**
 * The error callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_error_cb(rd_kafka_conf_t *conf, void (*error_cb)(rd_kafka_t *rk,
                                                                        int err,
                                                                        const char *reason,
                                                                        void *opaque));

/**
 * The throttle callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_throttle_cb(rd_kafka_conf_t *conf,
                                   void (*throttle_cb)(rd_kafka_t *rk,
                                                       const char *broker_name,
                                                       int32_t broker_id,
                                                       int throttle_time_ms,
                                                       void *opaque));

/**
 * The log callback; NULL switches logging off.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_log_cb(rd_kafka_conf_t *conf, void (*log_cb)(const rd_kafka_t *rk,
                                                                    int level,
                                                                    const char *fac,
                                                                    const char *buf));

/**
 * The statistics callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_stats_cb(rd_kafka_conf_t *conf, int (*stats_cb)(rd_kafka_t *rk,
                                                                       char *json,
                                                                       size_t json_len,
                                                                       void *opaque));

/**
 * The typed statistics callback.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_stats_cb_typed(rd_kafka_conf_t *conf,
                                      void (*stats_cb)(rd_kafka_t *rk,
                                                       const rd_kafka_stats_t *stats,
                                                       void *opaque));

/**
 * The callback that makes sockets.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_socket_cb(rd_kafka_conf_t *conf, int (*socket_cb)(int domain,
                                                                         int type,
                                                                         int protocol,
                                                                         void *opaque));

/**
 * The callback that connects sockets.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_connect_cb(rd_kafka_conf_t *conf,
                                  int (*connect_cb)(int sockfd,
                                                    const struct sockaddr *addr,
                                                    int addrlen,
                                                    const char *id,
                                                    void *opaque));

/**
 * The callback that closes sockets.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_closesocket_cb(rd_kafka_conf_t *conf, int (*closesocket_cb)(int sockfd,
                                                                                   void *opaque));

/**
 * The callback that opens files.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_open_cb(rd_kafka_conf_t *conf, int (*open_cb)(const char *pathname,
                                                                     int flags,
                                                                     mode_t mode,
                                                                     void *opaque));

/**
 * The callback that resolves host names.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_resolve_cb(rd_kafka_conf_t *conf,
                                  int (*resolve_cb)(const char *node,
                                                    const char *service,
                                                    const struct addrinfo *hints,
                                                    struct addrinfo **res,
                                                    void *opaque));

/**
 * The callback that gets new OAUTHBEARER tokens.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_oauthbearer_token_refresh_cb(rd_kafka_conf_t *conf,
                                                    void (*oauthbearer_token_refresh_cb)(rd_kafka_t *rk,
                                                                                         const char *oauthbearer_config,
                                                                                         void *opaque));

/**
 * The pointer handed to callbacks.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_opaque(rd_kafka_conf_t *conf, void *opaque);

/**
 * The pointer handed to an OpenSSL engine.
 *
 * Requires: `conf` is NULL or live; the argument stays valid as long as an instance uses
 * `conf`.
 */
void rd_kafka_conf_set_engine_callback_data(rd_kafka_conf_t *conf, void *callback_data);

/**
 * A configuration with all defaults.
 *
 * Requires: None; the caller owns the result.
 */
rd_kafka_conf_t *rd_kafka_conf_new(void);

/**
 * Frees a configuration that no instance has taken.
 *
 * Requires: `conf` is NULL, or a configuration that nobody uses any more.
 */
void rd_kafka_conf_destroy(rd_kafka_conf_t *conf);

/**
 * A copy of a configuration, also of an instance's.
 *
 * Requires: `conf` is NULL or live.
 */
rd_kafka_conf_t *rd_kafka_conf_dup(const rd_kafka_conf_t *conf);

/**
 * A copy without the properties whose names begin with one of the filters.
 *
 * Requires: `conf` is NULL or live; `filter` has `filter_cnt` strings.
 */
rd_kafka_conf_t *rd_kafka_conf_dup_filter(const rd_kafka_conf_t *conf,
                                          size_t filter_cnt,
                                          const char **filter);

/**
 * The configuration of an instance, as it is in force; it belongs to the instance, and is for
 * reading only.
 *
 * Requires: `rk` is NULL or a live instance.
 */
const rd_kafka_conf_t *rd_kafka_conf(rd_kafka_t *rk);

/**
 * Sets a property by name.
 *
 * Requires: `conf` is NULL or live; `name` and `value` are NULL or NUL-terminated; `errstr` is NULL or
 * has `errstr_size` bytes.
 */
rd_kafka_conf_res_t rd_kafka_conf_set(rd_kafka_conf_t *conf,
                                      const char *name,
                                      const char *value,
                                      char *errstr,
                                      size_t errstr_size);

/**
 * A property's value as text.
 *
 * Requires: `conf` is NULL or live; `name` is NULL or NUL-terminated; `dest` is NULL or has `*dest_size`
 * bytes; `dest_size` is NULL or valid.
 */
rd_kafka_conf_res_t rd_kafka_conf_get(const rd_kafka_conf_t *conf,
                                      const char *name,
                                      char *dest,
                                      size_t *dest_size);

/**
 * All properties that have a value, as an array of names and values.
 *
 * Requires: `conf` is NULL or live; `cntp` is NULL or valid. `rd_kafka_conf_dump_free` frees the result.
 */
const char **rd_kafka_conf_dump(rd_kafka_conf_t *conf,
                                size_t *cntp);

/**
 * Frees the result of a dump.
 *
 * Requires: `arr` is NULL, or the unchanged result of a dump with its count, which nobody uses any more.
 */
void rd_kafka_conf_dump_free(const char **arr,
                             size_t cnt);

/**
 * Prints the table of all properties to a stream of the application.
 *
 * Requires: `fp` is NULL or an open stream.
 */
void rd_kafka_conf_properties_show(FILE *fp);

/**
 * Enables events, as a bit mask of `RD_KAFKA_EVENT_*`.
 *
 * Requires: `conf` is NULL or live.
 */
void rd_kafka_conf_set_events(rd_kafka_conf_t *conf, int events);

/**
 * Serves SASL callbacks from a queue of their own.
 *
 * Requires: `conf` is NULL or live.
 */
void rd_kafka_conf_enable_sasl_queue(rd_kafka_conf_t *conf, int enable);

/**
 * The callback that judges a broker's certificate.
 *
 * Requires: `conf` is NULL or live; the callback is NULL or callable as long as an instance uses `conf`.
 */
rd_kafka_conf_res_t rd_kafka_conf_set_ssl_cert_verify_cb(rd_kafka_conf_t *conf,
                                                         int (*ssl_cert_verify_cb)(rd_kafka_t *rk,
                                                                                   const char *broker_name,
                                                                                   int32_t broker_id,
                                                                                   int *x509_error,
                                                                                   int depth,
                                                                                   const char *buf,
                                                                                   size_t size,
                                                                                   char *errstr,
                                                                                   size_t errstr_size,
                                                                                   void *opaque));

/**
 * Sets a certificate or key from memory; NULL takes it away. The bytes are copied, and read
 * when a connection needs them.
 *
 * Requires: `conf` is NULL or live; `buffer` is NULL or has `size` bytes; `errstr` is NULL or has
 * `errstr_size` bytes.
 */
rd_kafka_conf_res_t rd_kafka_conf_set_ssl_cert(rd_kafka_conf_t *conf,
                                               rd_kafka_cert_type_t cert_type,
                                               rd_kafka_cert_enc_t cert_enc,
                                               const void *buffer,
                                               size_t size,
                                               char *errstr,
                                               size_t errstr_size);

/**
 * Sets the configuration of topics that are made without one; it moves into `conf`.
 *
 * Requires: `conf` is NULL or live; `tconf` is NULL, or a live topic configuration that nobody uses
 * any more.
 */
void rd_kafka_conf_set_default_topic_conf(rd_kafka_conf_t *conf, rd_kafka_topic_conf_t *tconf);

/**
 * The default topic configuration, NULL if there is none; it stays a part of `conf`.
 *
 * Requires: `conf` is NULL or live.
 */
rd_kafka_topic_conf_t *rd_kafka_conf_get_default_topic_conf(rd_kafka_conf_t *conf);

/* ---- Topic configuration --------------------------------------------------------------------- */

/**
 * A topic configuration with all defaults.
 *
 * Requires: None; the caller owns the result.
 */
rd_kafka_topic_conf_t *rd_kafka_topic_conf_new(void);

/**
 * A copy of a topic configuration.
 *
 * Requires: `conf` is NULL or live.
 */
rd_kafka_topic_conf_t *rd_kafka_topic_conf_dup(const rd_kafka_topic_conf_t *conf);

/**
 * A copy of an instance's default topic configuration; one with all defaults if it has none.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_topic_conf_t *rd_kafka_default_topic_conf_dup(rd_kafka_t *rk);

/**
 * Frees a topic configuration that no topic, instance or configuration has taken.
 *
 * Requires: `topic_conf` is NULL, or a topic configuration that nobody uses any more.
 */
void rd_kafka_topic_conf_destroy(rd_kafka_topic_conf_t *topic_conf);

/**
 * Sets a property by name.
 *
 * Requires: `conf` is NULL or live; `name` and `value` are NULL or NUL-terminated; `errstr` is NULL or
 * has `errstr_size` bytes.
 */
rd_kafka_conf_res_t rd_kafka_topic_conf_set(rd_kafka_topic_conf_t *conf,
                                            const char *name,
                                            const char *value,
                                            char *errstr,
                                            size_t errstr_size);

/**
 * A property's value as text.
 *
 * Requires: `conf` is NULL or live; `name` is NULL or NUL-terminated; `dest` is NULL or has `*dest_size`
 * bytes; `dest_size` is NULL or valid.
 */
rd_kafka_conf_res_t rd_kafka_topic_conf_get(const rd_kafka_topic_conf_t *conf,
                                            const char *name,
                                            char *dest,
                                            size_t *dest_size);

/**
 * All properties that have a value, as an array of names and values.
 *
 * Requires: `conf` is NULL or live; `cntp` is NULL or valid. `rd_kafka_conf_dump_free` frees the result.
 */
const char **rd_kafka_topic_conf_dump(rd_kafka_topic_conf_t *conf,
                                      size_t *cntp);

/**
 * The pointer handed to the topic's callbacks.
 *
 * Requires: `conf` is NULL or live.
 */
void rd_kafka_topic_conf_set_opaque(rd_kafka_topic_conf_t *conf, void *rkt_opaque);

/**
 * The topic's partitioner; it wins over the property `partitioner`.
 *
 * Requires: `topic_conf` is NULL or live; the callback is NULL, or callable as long as a topic uses
 * `topic_conf`.
 */
void rd_kafka_topic_conf_set_partitioner_cb(rd_kafka_topic_conf_t *topic_conf,
                                            int32_t (*partitioner)(const rd_kafka_topic_t *rkt,
                                                                   const void *keydata,
                                                                   size_t keylen,
                                                                   int32_t partition_cnt,
                                                                   void *rkt_opaque,
                                                                   void *msg_opaque));

/**
 * The order of the topic's messages. Kept and not used: `queuing.strategy` decides.
 *
 * Requires: `topic_conf` is NULL or live.
 */
void rd_kafka_topic_conf_set_msg_order_cmp(rd_kafka_topic_conf_t *topic_conf,
                                           int (*msg_order_cmp)(const rd_kafka_message_t *a,
                                                                const rd_kafka_message_t *b));

/* ---- Partitioners ---------------------------------------------------------------------------- */

/**
 * Any partition, an available one if the first or second draw finds one.
 *
 * Requires: `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
 */
int32_t rd_kafka_msg_partitioner_random(const rd_kafka_topic_t *rkt,
                                        const void *key,
                                        size_t keylen,
                                        int32_t partition_cnt,
                                        void *rkt_opaque,
                                        void *msg_opaque);

/**
 * CRC-32 of the key; absent and empty keys go to one partition.
 *
 * Requires: `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
 */
int32_t rd_kafka_msg_partitioner_consistent(const rd_kafka_topic_t *rkt,
                                            const void *key,
                                            size_t keylen,
                                            int32_t partition_cnt,
                                            void *rkt_opaque,
                                            void *msg_opaque);

/**
 * CRC-32 of the key; absent and empty keys go anywhere.
 *
 * Requires: `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
 */
int32_t rd_kafka_msg_partitioner_consistent_random(const rd_kafka_topic_t *rkt,
                                                   const void *key,
                                                   size_t keylen,
                                                   int32_t partition_cnt,
                                                   void *rkt_opaque,
                                                   void *msg_opaque);

/**
 * The Java client's hash of the key; absent keys go to one partition.
 *
 * Requires: `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
 */
int32_t rd_kafka_msg_partitioner_murmur2(const rd_kafka_topic_t *rkt,
                                         const void *key,
                                         size_t keylen,
                                         int32_t partition_cnt,
                                         void *rkt_opaque,
                                         void *msg_opaque);

/**
 * The Java client's hash of the key; absent keys go anywhere.
 *
 * Requires: `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
 */
int32_t rd_kafka_msg_partitioner_murmur2_random(const rd_kafka_topic_t *rkt,
                                                const void *key,
                                                size_t keylen,
                                                int32_t partition_cnt,
                                                void *rkt_opaque,
                                                void *msg_opaque);

/**
 * FNV-1a of the key; absent keys go to one partition.
 *
 * Requires: `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
 */
int32_t rd_kafka_msg_partitioner_fnv1a(const rd_kafka_topic_t *rkt,
                                       const void *key,
                                       size_t keylen,
                                       int32_t partition_cnt,
                                       void *rkt_opaque,
                                       void *msg_opaque);

/**
 * FNV-1a of the key; absent keys go anywhere.
 *
 * Requires: `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
 */
int32_t rd_kafka_msg_partitioner_fnv1a_random(const rd_kafka_topic_t *rkt,
                                              const void *key,
                                              size_t keylen,
                                              int32_t partition_cnt,
                                              void *rkt_opaque,
                                              void *msg_opaque);

/* ---- Instances ------------------------------------------------------------------------------- */

/**
 * Makes an instance and starts its threads. It takes `conf` if it succeeds; otherwise `conf`
 * stays the caller's,
 * `errstr` has the reason, and `rd_kafka_last_error` and errno are set.
 *
 * Requires: `conf` is NULL or a live configuration; `errstr` is NULL or writable for `errstr_size`
 * bytes.
 */
rd_kafka_t *rd_kafka_new(rd_kafka_type_t type,
                         rd_kafka_conf_t *conf,
                         char *errstr,
                         size_t errstr_size);

/**
 * Ends an instance: waits for its threads, drops queued messages without report. NULL is
 * allowed.
 *
 * Requires: `rk` is NULL or a live instance that is not used again.
 */
void rd_kafka_destroy(rd_kafka_t *rk);

/**
 * As `rd_kafka_destroy`; the flags are for consumers.
 *
 * Requires: `rk` is NULL or a live instance that is not used again.
 */
void rd_kafka_destroy_flags(rd_kafka_t *rk, int flags);

/**
 * The instance's name; it lives as long as the instance.
 *
 * Requires: `rk` is NULL or a live instance.
 */
const char *rd_kafka_name(const rd_kafka_t *rk);

/**
 * Producer or consumer.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_type_t rd_kafka_type(const rd_kafka_t *rk);

/**
 * The pointer that was set with `rd_kafka_conf_set_opaque`.
 *
 * Requires: `rk` is NULL or a live instance.
 */
void *rd_kafka_opaque(const rd_kafka_t *rk);

/**
 * The cluster's id, from metadata; waits for it up to `timeout_ms`. Freed by the caller; NULL
 * if unknown.
 *
 * Requires: `rk` is NULL or a live instance.
 */
char *rd_kafka_clusterid(rd_kafka_t *rk, int timeout_ms);

/**
 * The controller's node id, from metadata; waits for it up to `timeout_ms`. -1 if unknown.
 *
 * Requires: `rk` is NULL or a live instance.
 */
int32_t rd_kafka_controllerid(rd_kafka_t *rk, int timeout_ms);

/**
 * Adds brokers to start from; returns how many entries of the list are usable.
 *
 * Requires: `rk` is NULL or a live instance; `brokerlist` is NULL or NUL-terminated.
 */
int rd_kafka_brokers_add(rd_kafka_t *rk, const char *brokerlist);

/**
 * Node ids of the brokers that metadata named; freed by the caller. NULL and 0 if there are
 * none.
 *
 * Requires: `rk` is NULL or a live instance; `cntp` is NULL or live.
 */
int32_t *rd_kafka_brokers_learned_ids(rd_kafka_t *rk, size_t *cntp);

/**
 * The first fatal error, and its reason in `errstr`; 0 if there was none.
 *
 * Requires: `rk` is NULL or a live instance; `errstr` is NULL or writable for `errstr_size` bytes.
 */
rd_kafka_resp_err_t rd_kafka_fatal_error(rd_kafka_t *rk, char *errstr, size_t errstr_size);

/**
 * Raises a fatal error, for tests of applications.
 *
 * Requires: `rk` is NULL or a live instance; `reason` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_test_fatal_error(rd_kafka_t *rk,
                                              rd_kafka_resp_err_t err,
                                              const char *reason);

/** How many threads of the library run in this process. */
int rd_kafka_thread_cnt(void);

/** Waits until all instances of the process are gone: 0, or -1 with `_TIMED_OUT`. */
int rd_kafka_wait_destroyed(int timeout_ms);

/* ---- Topics ---------------------------------------------------------------------------------- */

/**
 * A topic object; the same one for the same name. It takes `conf`, also if it fails (NULL,
 * with last error and errno). Given back with `rd_kafka_topic_destroy`.
 *
 * Requires: `rk` is NULL or a live instance; `topic` is NULL or NUL-terminated; `conf` is NULL or a live
 * topic configuration that is not used again.
 */
rd_kafka_topic_t *rd_kafka_topic_new(rd_kafka_t *rk,
                                     const char *topic,
                                     rd_kafka_topic_conf_t *conf);

/**
 * Gives a topic object back. NULL is allowed.
 *
 * Requires: `rkt` is NULL or a live topic object that is not used again.
 */
void rd_kafka_topic_destroy(rd_kafka_topic_t *rkt);

/**
 * The topic's name; it lives as long as the topic object.
 *
 * Requires: `rkt` is NULL or a live topic object.
 */
const char *rd_kafka_topic_name(const rd_kafka_topic_t *rkt);

/**
 * The pointer that was set with `rd_kafka_topic_conf_set_opaque`.
 *
 * Requires: `rkt` is NULL or a live topic object.
 */
void *rd_kafka_topic_opaque(const rd_kafka_topic_t *rkt);

/**
 * Has the partition a leader now? For partitioners.
 *
 * Requires: `rkt` is NULL or a live topic object.
 */
int rd_kafka_topic_partition_available(const rd_kafka_topic_t *rkt, int32_t partition);

/* ---- Producing ------------------------------------------------------------------------------- */

/**
 * Takes a message for a topic. 0, or -1 with last error and errno.
 *
 * `msgflags`: `F_COPY` copies the payload; `F_FREE` frees it after the report (not if the call
 * fails); neither: it stays the caller's and must not change before the report. `F_BLOCK`
 * waits when the queue is full. The key is always copied.
 *
 * Requires: `rkt` is NULL or a live topic object; payload and key are NULL or readable for their
 * lengths, as the flags say.
 */
int rd_kafka_produce(rd_kafka_topic_t *rkt,
                     int32_t partition,
                     int msgflags,
                     void *payload,
                     size_t len,
                     const void *key,
                     size_t keylen,
                     void *msg_opaque);

/**
 * Takes many messages for a topic; each one's `err` says whether it was taken. Returns how
 * many were.
 *
 * With `F_PARTITION` each message has its own partition. All get the time of the call.
 *
 * Requires: `rkt` is NULL or a live topic object; `rkmessages` has `message_cnt` messages with payloads
 * and keys as for
 * `rd_kafka_produce`.
 */
int rd_kafka_produce_batch(rd_kafka_topic_t *rkt,
                           int32_t partition,
                           int msgflags,
                           rd_kafka_message_t *rkmessages,
                           int message_cnt);

/**
 * Produces one message; its parts are given as `RD_KAFKA_V_...`, the last one is
 * `RD_KAFKA_V_END`.
 *
 * A topic is needed; everything else is optional. Key and headers are copied, the value as
 * `RD_KAFKA_V_MSGFLAGS` says. `RD_KAFKA_V_HEADERS` is taken only if the call succeeds.
 * Returns 0 or an error.
 *
 * Requires: `rk` is a live producer; each tag is followed by its values; the list is ended.
 */
rd_kafka_resp_err_t rd_kafka_producev(rd_kafka_t *rk, ...);

/**
 * Produces what an array of typed values says: NULL, or an error object that the caller
 * destroys. Headers given as an object are the library's if the call succeeds.
 *
 * Requires: `rk` is NULL or a live instance; `vus` has `cnt` values, valid as for `rd_kafka_producev`.
 */
rd_kafka_error_t *rd_kafka_produceva(rd_kafka_t *rk,
                                     const rd_kafka_vu_t *vus,
                                     size_t cnt);

/* ---- Polling --------------------------------------------------------------------------------- */

/**
 * Serves callbacks on this thread; waits for the first up to `timeout_ms` (0: not at all, -1:
 * for ever). Returns how many operations were served.
 *
 * Requires: `rk` is NULL or a live instance.
 */
int rd_kafka_poll(rd_kafka_t *rk, int timeout_ms);

/** Ends the present round of callbacks on this thread. */
void rd_kafka_yield(rd_kafka_t *rk);

/**
 * Waits until every accepted message is reported, serving callbacks, at most `timeout_ms` (-1:
 * for ever).
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_resp_err_t rd_kafka_flush(rd_kafka_t *rk, int timeout_ms);

/**
 * Reports queued and in-flight messages as purged, as the flags say.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_resp_err_t rd_kafka_purge(rd_kafka_t *rk, int purge_flags);

/**
 * How many messages and operations wait: messages that are not reported, and operations that
 * are not served.
 *
 * Requires: `rk` is NULL or a live instance.
 */
int rd_kafka_outq_len(rd_kafka_t *rk);

/* ---- Queues ---------------------------------------------------------------------------------- */

/**
 * A new queue, to forward others to. Given back with `rd_kafka_queue_destroy`.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_queue_t *rd_kafka_queue_new(rd_kafka_t *rk);

/**
 * The queue that `rd_kafka_poll` serves.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_queue_t *rd_kafka_queue_get_main(rd_kafka_t *rk);

/**
 * The background thread's queue; the thread is started if it was not. NULL if it cannot be.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_queue_t *rd_kafka_queue_get_background(rd_kafka_t *rk);

/**
 * Gives a queue object back. NULL is allowed.
 *
 * Requires: `rkqu` is NULL or a live queue object that is not used again.
 */
void rd_kafka_queue_destroy(rd_kafka_queue_t *rkqu);

/**
 * Everything that comes into `src` goes to `dst`; NULL ends that. Circles are ignored.
 *
 * Requires: `src` is NULL or a live queue object; `dst` too.
 */
void rd_kafka_queue_forward(rd_kafka_queue_t *src, rd_kafka_queue_t *dst);

/**
 * The next operation as an event, or NULL after `timeout_ms` (-1: for ever). The caller
 * destroys it.
 *
 * Requires: `rkqu` is NULL or a live queue object.
 */
rd_kafka_event_t *rd_kafka_queue_poll(rd_kafka_queue_t *rkqu, int timeout_ms);

/**
 * Serves callbacks of a queue on this thread; returns how many operations were served.
 *
 * Requires: `rkqu` is NULL or a live queue object.
 */
int rd_kafka_queue_poll_callback(rd_kafka_queue_t *rkqu, int timeout_ms);

/**
 * How many operations wait in a queue, or where it is forwarded to.
 *
 * Requires: `rkqu` is NULL or a live queue object.
 */
size_t rd_kafka_queue_length(rd_kafka_queue_t *rkqu);

/**
 * Ends a poll that waits on the queue.
 *
 * Requires: `rkqu` is NULL or a live queue object.
 */
void rd_kafka_queue_yield(rd_kafka_queue_t *rkqu);

/**
 * Writes `payload` to `fd` when the queue gets its first operation; a negative `fd` ends that.
 * The payload is copied; the descriptor stays the application's and should be non-blocking.
 *
 * Requires: `rkqu` is NULL or a live queue object; `payload` is readable for `size` bytes.
 */
void rd_kafka_queue_io_event_enable(rd_kafka_queue_t *rkqu,
                                    int fd,
                                    const void *payload,
                                    size_t size);

/**
 * Calls `event_cb` when the queue gets its first operation, on the thread that puts it in;
 * NULL ends that.
 *
 * Requires: `rkqu` is NULL or a live queue object.
 */
void rd_kafka_queue_cb_event_enable(rd_kafka_queue_t *rkqu,
                                    void (*event_cb)(rd_kafka_t *rk, void *qev_opaque),
                                    void *qev_opaque);

/* ---- Events ---------------------------------------------------------------------------------- */

/**
 * The event's kind; 0 for NULL.
 *
 * Requires: `rkev` is NULL or a live event.
 */
rd_kafka_event_type_t rd_kafka_event_type(const rd_kafka_event_t *rkev);

/**
 * The name of the event's kind; a static text.
 *
 * Requires: `rkev` is NULL or a live event.
 */
const char *rd_kafka_event_name(const rd_kafka_event_t *rkev);

/**
 * Frees an event and everything that belongs to it. NULL is allowed.
 *
 * Requires: `rkev` is NULL or a live event that is not used again.
 */
void rd_kafka_event_destroy(rd_kafka_event_t *rkev);

/**
 * The next message of a delivery report event, or NULL. It belongs to the event.
 *
 * Requires: `rkev` is NULL or a live event.
 */
const rd_kafka_message_t *rd_kafka_event_message_next(rd_kafka_event_t *rkev);

/**
 * Takes up to `size` messages of a delivery report event into `rkmessages`; returns how many.
 * They belong to the event.
 *
 * Requires: `rkev` is NULL or a live event; `rkmessages` has room for `size` pointers.
 */
size_t rd_kafka_event_message_array(rd_kafka_event_t *rkev,
                                    const rd_kafka_message_t **rkmessages,
                                    size_t size);

/**
 * How many messages of the event were not taken yet.
 *
 * Requires: `rkev` is NULL or a live event.
 */
size_t rd_kafka_event_message_count(rd_kafka_event_t *rkev);

/**
 * The configuration of a SASL token event; NULL for another event.
 *
 * Requires: `rkev` is NULL or a live event.
 */
const char *rd_kafka_event_config_string(rd_kafka_event_t *rkev);

/**
 * The error of an error event or of a report.
 *
 * Requires: `rkev` is NULL or a live event.
 */
rd_kafka_resp_err_t rd_kafka_event_error(rd_kafka_event_t *rkev);

/**
 * The text of the event's error; it lives as long as the event.
 *
 * Requires: `rkev` is NULL or a live event.
 */
const char *rd_kafka_event_error_string(rd_kafka_event_t *rkev);

/**
 * Is the event's error a fatal one?
 *
 * Requires: `rkev` is NULL or a live event.
 */
int rd_kafka_event_error_is_fatal(rd_kafka_event_t *rkev);

/**
 * The pointer of an admin request or commit; producer events have none.
 *
 * Requires: `rkev` is NULL or a live event.
 */
void *rd_kafka_event_opaque(rd_kafka_event_t *rkev);

/**
 * Facility, text and level of a log event: 0, or -1 for another event. The texts live as long
 * as the event.
 *
 * Requires: `rkev` is NULL or a live event; the results are NULL or live.
 */
int rd_kafka_event_log(rd_kafka_event_t *rkev, const char **fac, const char **str, int *level);

/**
 * The debug contexts of a log event as a list: 0, or -1 for another event.
 *
 * Requires: `rkev` is NULL or a live event; `dst` is NULL or writable for `dstsize` bytes.
 */
int rd_kafka_event_debug_contexts(rd_kafka_event_t *rkev, char *dst, size_t dstsize);

/**
 * The statistics of a statistics event as JSON; NULL for another event. It lives as long as
 * the event.
 *
 * Requires: `rkev` is NULL or a live event.
 */
const char *rd_kafka_event_stats(rd_kafka_event_t *rkev);

/**
 * The statistics of a statistics event as structs; NULL for another event, and if there is no
 * typed callback. They live as long as the event.
 *
 * Requires: `rkev` is NULL or a live event.
 */
const rd_kafka_stats_t *rd_kafka_event_stats_typed(rd_kafka_event_t *rkev);

/**
 * The partitions of a rebalance or commit event; producer events have none.
 *
 * Requires: `rkev` is NULL or a live event.
 */
rd_kafka_topic_partition_list_t *rd_kafka_event_topic_partition_list(rd_kafka_event_t *rkev);

/**
 * The partition of an error event; producer events have none.
 *
 * Requires: `rkev` is NULL or a live event.
 */
rd_kafka_topic_partition_t *rd_kafka_event_topic_partition(rd_kafka_event_t *rkev);

/* ---- Logs ------------------------------------------------------------------------------------ */

/**
 * Writes a log line to standard error.
 *
 * Requires: `rk` is NULL or a live instance; the texts are NULL or NUL-terminated.
 */
void rd_kafka_log_print(const rd_kafka_t *rk, int level, const char *fac, const char *buf);

/**
 * Writes a log line to syslog.
 *
 * Requires: `rk` is NULL or a live instance; the texts are NULL or NUL-terminated.
 */
void rd_kafka_log_syslog(const rd_kafka_t *rk, int level, const char *fac, const char *buf);

/**
 * Sets the highest syslog level that an instance logs.
 *
 * Requires: `rk` is NULL or a live instance.
 */
void rd_kafka_set_log_level(rd_kafka_t *rk, int level);

/**
 * Sets the log callback of an instance (deprecated); NULL discards logs.
 *
 * Requires: `rk` is NULL or a live instance.
 */
void rd_kafka_set_logger(rd_kafka_t *rk, void (*func)(const rd_kafka_t *rk,
                                                      int level,
                                                      const char *fac,
                                                      const char *buf));

/**
 * Says where log lines go with `log.queue=true`: NULL is the main queue. `_NOT_CONFIGURED`
 * without that property.
 *
 * Requires: `rk` is NULL or a live instance; `rkqu` is NULL or a live queue object.
 */
rd_kafka_resp_err_t rd_kafka_set_log_queue(rd_kafka_t *rk, rd_kafka_queue_t *rkqu);

/* ---- Metadata -------------------------------------------------------------------------------- */

/**
 * Asks the cluster for metadata: of all topics, of one, or of those that the instance knows.
 * The answer is freed with `rd_kafka_metadata_destroy`. `_TRANSPORT` without a usable broker,
 * `_TIMED_OUT` after `timeout_ms`.
 *
 * Requires: `rk` is NULL or a live instance; `only_rkt` is NULL or a live topic object; `metadatap` is
 * live.
 */
rd_kafka_resp_err_t rd_kafka_metadata(rd_kafka_t *rk,
                                      int all_topics,
                                      rd_kafka_topic_t *only_rkt,
                                      const rd_kafka_metadata_t **metadatap,
                                      int timeout_ms);

/**
 * Frees a metadata answer. NULL is allowed.
 *
 * Requires: `metadata` is NULL or came from `rd_kafka_metadata` and is not used again.
 */
void rd_kafka_metadata_destroy(const rd_kafka_metadata_t *metadata);

/* ---- Transactions ---------------------------------------------------------------------------- */

/**
 * Gets the producer its id, waiting up to `timeout_ms`. An error object that the caller
 * destroys, or NULL.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_error_t *rd_kafka_init_transactions(rd_kafka_t *rk, int timeout_ms);

/**
 * Begins a transaction. An error object that the caller destroys, or NULL.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_error_t *rd_kafka_begin_transaction(rd_kafka_t *rk);

/**
 * Sends consumed offsets with the transaction. An error object that the caller destroys, or
 * NULL.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_error_t *rd_kafka_send_offsets_to_transaction(rd_kafka_t *rk,
                                                       const rd_kafka_topic_partition_list_t *offsets,
                                                       const rd_kafka_consumer_group_metadata_t *cgmetadata,
                                                       int timeout_ms);

/**
 * Commits the transaction. An error object that the caller destroys, or NULL.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *rk, int timeout_ms);

/**
 * Aborts the transaction. An error object that the caller destroys, or NULL.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_error_t *rd_kafka_abort_transaction(rd_kafka_t *rk, int timeout_ms);

/**
 * Group metadata of a consumer, for `rd_kafka_send_offsets_to_transaction`; the caller
 * destroys it. NULL if it has no group.
 */
rd_kafka_consumer_group_metadata_t *rd_kafka_consumer_group_metadata(rd_kafka_t *rk);

/** Group metadata with a group id only; the caller destroys it. */
rd_kafka_consumer_group_metadata_t *rd_kafka_consumer_group_metadata_new(const char *group_id);

/** Group metadata with all its parts; the caller destroys it. */
rd_kafka_consumer_group_metadata_t *rd_kafka_consumer_group_metadata_new_with_genid(const char *group_id,
                                                                                    int32_t generation_id,
                                                                                    const char *member_id,
                                                                                    const char *group_instance_id);

/** Group id; lives as long as the object. */
const char *rd_kafka_consumer_group_metadata_group_id(const rd_kafka_consumer_group_metadata_t *group_metadata);

/** Group instance id or NULL; lives as long as the object. */
const char *rd_kafka_consumer_group_metadata_group_instance_id(const rd_kafka_consumer_group_metadata_t *group_metadata);

/** Member id; lives as long as the object. */
const char *rd_kafka_consumer_group_metadata_member_id(const rd_kafka_consumer_group_metadata_t *group_metadata);

/** Generation id. */
int32_t rd_kafka_consumer_group_metadata_generation_id(const rd_kafka_consumer_group_metadata_t *group_metadata);

/** Destroys group metadata. */
void rd_kafka_consumer_group_metadata_destroy(rd_kafka_consumer_group_metadata_t *group_metadata);

/**
 * Writes group metadata into a new buffer, which the caller frees with `rd_kafka_mem_free`.
 * NULL or an error that the caller destroys.
 */
rd_kafka_error_t *rd_kafka_consumer_group_metadata_write(const rd_kafka_consumer_group_metadata_t *cgmd,
                                                         void **bufferp,
                                                         size_t *sizep);

/**
 * Reads group metadata from a buffer of `rd_kafka_consumer_group_metadata_write`; the caller
 * destroys it. NULL or an error that the caller destroys.
 */
rd_kafka_error_t *rd_kafka_consumer_group_metadata_read(rd_kafka_consumer_group_metadata_t **cgmdp,
                                                        const void *buffer,
                                                        size_t size);

/* ---- Consumers ------------------------------------------------------------------------------- */

/**
 * The consumer's member id in its group; the caller frees it with `rd_kafka_mem_free`. NULL if
 * it has none.
 */
char *rd_kafka_memberid(const rd_kafka_t *rk);

/** Sends what goes to the instance's main queue to that of `rd_kafka_consumer_poll`. */
rd_kafka_resp_err_t rd_kafka_poll_set_consumer(rd_kafka_t *rk);

/**
 * Stops fetching the given partitions, or sending to them. Each element of `partitions` gets
 * its own error.
 */
rd_kafka_resp_err_t rd_kafka_pause_partitions(rd_kafka_t *rk,
                                              rd_kafka_topic_partition_list_t *partitions);

/** Takes up the given partitions again. Each element of `partitions` gets its own error. */
rd_kafka_resp_err_t rd_kafka_resume_partitions(rd_kafka_t *rk,
                                               rd_kafka_topic_partition_list_t *partitions);

/** Asks the leader for a partition's first offset and its end; waits at most `timeout_ms`. */
rd_kafka_resp_err_t rd_kafka_query_watermark_offsets(rd_kafka_t *rk,
                                                     const char *topic,
                                                     int32_t partition,
                                                     int64_t *low,
                                                     int64_t *high,
                                                     int timeout_ms);

/** A consumed partition's first offset and its end, as last seen; asks nobody. */
rd_kafka_resp_err_t rd_kafka_get_watermark_offsets(rd_kafka_t *rk,
                                                   const char *topic,
                                                   int32_t partition,
                                                   int64_t *low,
                                                   int64_t *high);

/**
 * Looks up offsets by time: on entry each `offset` is a timestamp in milliseconds, afterwards
 * the first offset at or after it.
 */
rd_kafka_resp_err_t rd_kafka_offsets_for_times(rd_kafka_t *rk,
                                               rd_kafka_topic_partition_list_t *offsets,
                                               int timeout_ms);

/**
 * The queue of `rd_kafka_consumer_poll`. The caller destroys the reference; NULL if there is
 * none.
 */
rd_kafka_queue_t *rd_kafka_queue_get_consumer(rd_kafka_t *rk);

/**
 * The queue of one assigned partition. The caller destroys the reference; NULL if there is
 * none.
 */
rd_kafka_queue_t *rd_kafka_queue_get_partition(rd_kafka_t *rk,
                                               const char *topic,
                                               int32_t partition);

/**
 * Starts consuming a partition at `offset` or `RD_KAFKA_OFFSET_...`. 0, or -1 with
 * `rd_kafka_last_error`.
 */
int rd_kafka_consume_start(rd_kafka_topic_t *rkt, int32_t partition, int64_t offset);

/** As `rd_kafka_consume_start`, with the messages going to `rkqu`. */
int rd_kafka_consume_start_queue(rd_kafka_topic_t *rkt,
                                 int32_t partition,
                                 int64_t offset,
                                 rd_kafka_queue_t *rkqu);

/** Stops consuming a partition and drops what was fetched. 0, or -1 with `rd_kafka_last_error`. */
int rd_kafka_consume_stop(rd_kafka_topic_t *rkt, int32_t partition);

/** Continues consuming at another offset; waits at most `timeout_ms`, not at all if 0. */
rd_kafka_resp_err_t rd_kafka_seek(rd_kafka_topic_t *rkt,
                                  int32_t partition,
                                  int64_t offset,
                                  int timeout_ms);

/**
 * Continues consuming partitions at the offsets in the list. Each element gets its own error;
 * NULL or an error that the caller destroys.
 */
rd_kafka_error_t *rd_kafka_seek_partitions(rd_kafka_t *rk,
                                           rd_kafka_topic_partition_list_t *partitions,
                                           int timeout_ms);

/**
 * Takes one message of a partition. The caller destroys it; NULL with `rd_kafka_last_error` if
 * none came within `timeout_ms`.
 */
rd_kafka_message_t *rd_kafka_consume(rd_kafka_topic_t *rkt, int32_t partition, int timeout_ms);

/**
 * Takes up to `rkmessages_size` messages of a partition, which the caller destroys. Their
 * number, or -1 with `rd_kafka_last_error`.
 */
ssize_t rd_kafka_consume_batch(rd_kafka_topic_t *rkt,
                               int32_t partition,
                               int timeout_ms,
                               rd_kafka_message_t **rkmessages,
                               size_t rkmessages_size);

/**
 * Hands messages of a partition to `consume_cb`. Their number, or -1 with
 * `rd_kafka_last_error`.
 */
int rd_kafka_consume_callback(rd_kafka_topic_t *rkt,
                              int32_t partition,
                              int timeout_ms,
                              void (*consume_cb)(rd_kafka_message_t *rkmessage, void *opaque),
                              void *commit_opaque);

/** As `rd_kafka_consume`, from a queue. */
rd_kafka_message_t *rd_kafka_consume_queue(rd_kafka_queue_t *rkqu, int timeout_ms);

/** As `rd_kafka_consume_batch`, from a queue. */
ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *rkqu,
                                     int timeout_ms,
                                     rd_kafka_message_t **rkmessages,
                                     size_t rkmessages_size);

/** As `rd_kafka_consume_callback`, from a queue. */
int rd_kafka_consume_callback_queue(rd_kafka_queue_t *rkqu,
                                    int timeout_ms,
                                    void (*consume_cb)(rd_kafka_message_t *rkmessage, void *opaque),
                                    void *commit_opaque);

/** Stores one after `offset`, to be committed. Use `rd_kafka_offsets_store` instead. */
rd_kafka_resp_err_t rd_kafka_offset_store(rd_kafka_topic_t *rkt, int32_t partition, int64_t offset);

/** Stores offsets, to be committed. Each element of `offsets` gets its own error. */
rd_kafka_resp_err_t rd_kafka_offsets_store(rd_kafka_t *rk,
                                           rd_kafka_topic_partition_list_t *offsets);

/**
 * Stores the offset after a message, to be committed. NULL or an error that the caller
 * destroys.
 */
rd_kafka_error_t *rd_kafka_offset_store_message(rd_kafka_message_t *rkmessage);

/**
 * Joins the group with these topics; a name that begins with `^` is a regular expression. The
 * list is copied.
 */
rd_kafka_resp_err_t rd_kafka_subscribe(rd_kafka_t *rk,
                                       const rd_kafka_topic_partition_list_t *topics);

/** Leaves all subscribed topics. */
rd_kafka_resp_err_t rd_kafka_unsubscribe(rd_kafka_t *rk);

/** The subscribed topics; the caller destroys the list. */
rd_kafka_resp_err_t rd_kafka_subscription(rd_kafka_t *rk, rd_kafka_topic_partition_list_t **topics);

/**
 * Takes one message or error and serves callbacks; the caller destroys it. NULL if nothing
 * came within `timeout_ms`.
 */
rd_kafka_message_t *rd_kafka_consumer_poll(rd_kafka_t *rk, int timeout_ms);

/** Leaves the group and commits stored offsets; serves the rebalance callback meanwhile. */
rd_kafka_resp_err_t rd_kafka_consumer_close(rd_kafka_t *rk);

/**
 * Starts closing; events of the last rebalance go to `rkqu`. NULL or an error that the caller
 * destroys.
 */
rd_kafka_error_t *rd_kafka_consumer_close_queue(rd_kafka_t *rk, rd_kafka_queue_t *rkqu);

/** Is the consumer closed? 1 or 0. */
int rd_kafka_consumer_closed(rd_kafka_t *rk);

/** Adds partitions to the assignment. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_incremental_assign(rd_kafka_t *rk,
                                              const rd_kafka_topic_partition_list_t *partitions);

/** Takes partitions from the assignment. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_incremental_unassign(rd_kafka_t *rk,
                                                const rd_kafka_topic_partition_list_t *partitions);

/** `NONE`, `EAGER` or `COOPERATIVE`; NULL on error. Valid until the next call. */
const char *rd_kafka_rebalance_protocol(rd_kafka_t *rk);

/** Sets the assignment; NULL consumes nothing. The list is copied. */
rd_kafka_resp_err_t rd_kafka_assign(rd_kafka_t *rk,
                                    const rd_kafka_topic_partition_list_t *partitions);

/** The assignment; the caller destroys the list. */
rd_kafka_resp_err_t rd_kafka_assignment(rd_kafka_t *rk,
                                        rd_kafka_topic_partition_list_t **partitions);

/** Was the assignment lost, so that its offsets can't be committed? 1 or 0. */
int rd_kafka_assignment_lost(rd_kafka_t *rk);

/**
 * Commits offsets, or the stored ones if `offsets` is NULL. `is_async` 0: waits for the
 * answer.
 */
rd_kafka_resp_err_t rd_kafka_commit(rd_kafka_t *rk,
                                    const rd_kafka_topic_partition_list_t *offsets,
                                    int is_async);

/** Commits the offset after a message. `is_async` 0: waits for the answer. */
rd_kafka_resp_err_t rd_kafka_commit_message(rd_kafka_t *rk,
                                            const rd_kafka_message_t *rkmessage,
                                            int is_async);

/** Commits offsets; the outcome goes to `rkqu`, or to `cb` from there. */
rd_kafka_resp_err_t rd_kafka_commit_queue(rd_kafka_t *rk,
                                          const rd_kafka_topic_partition_list_t *offsets,
                                          rd_kafka_queue_t *rkqu,
                                          void (*cb)(rd_kafka_t *rk,
                                                     rd_kafka_resp_err_t err,
                                                     rd_kafka_topic_partition_list_t *offsets,
                                                     void *opaque),
                                          void *commit_opaque);

/**
 * Asks for committed offsets of the partitions; waits at most `timeout_ms`. Each element gets
 * offset and error.
 */
rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t *rk,
                                       rd_kafka_topic_partition_list_t *partitions,
                                       int timeout_ms);

/** Offsets after the last consumed messages. Each element gets offset and error. */
rd_kafka_resp_err_t rd_kafka_position(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *partitions);

/**
 * Lists consumer groups, all if `group` is NULL. `_PARTIAL`: some brokers didn't answer. The
 * caller destroys the list.
 */
rd_kafka_resp_err_t rd_kafka_list_groups(rd_kafka_t *rk,
                                         const char *group,
                                         const struct rd_kafka_group_list **grplistp,
                                         int timeout_ms);

/** Destroys a list of `rd_kafka_list_groups`. */
void rd_kafka_group_list_destroy(const struct rd_kafka_group_list *grplist);

/** Name of a group state; NULL if there is no such state. */
const char *rd_kafka_consumer_group_state_name(rd_kafka_consumer_group_state_t state);

/** Group state of a name, upper or lower case. */
rd_kafka_consumer_group_state_t rd_kafka_consumer_group_state_code(const char *name);

/** Name of a group type; NULL if there is no such type. */
const char *rd_kafka_consumer_group_type_name(rd_kafka_consumer_group_type_t type);

/** Group type of a name, upper or lower case. */
rd_kafka_consumer_group_type_t rd_kafka_consumer_group_type_code(const char *name);

/* ---- Share consumers ------------------------------------------------------------------------- */

/** A message of the batch; it lives as long as the batch and is never destroyed by itself. */
rd_kafka_message_t *rd_kafka_messages_get(const rd_kafka_messages_t *messages, size_t index);

/** As `rd_kafka_queue_get_sasl`, for a share consumer. */
rd_kafka_queue_t *rd_kafka_share_queue_get_sasl(rd_kafka_share_t *rkshare);

/** As `rd_kafka_oauthbearer_set_token`, for a share consumer. */
rd_kafka_resp_err_t rd_kafka_share_oauthbearer_set_token(rd_kafka_share_t *rkshare,
                                                         const char *token_value,
                                                         int64_t md_lifetime_ms,
                                                         const char *md_principal_name,
                                                         const char **extensions,
                                                         size_t extension_size,
                                                         char *errstr,
                                                         size_t errstr_size);

/** As `rd_kafka_oauthbearer_set_token_failure`, for a share consumer. */
rd_kafka_resp_err_t rd_kafka_share_oauthbearer_set_token_failure(rd_kafka_share_t *rkshare,
                                                                 const char *errstr);

/** Number of partitions in the list. */
size_t rd_kafka_share_partition_offsets_list_count(const rd_kafka_share_partition_offsets_list_t *list);

/** A partition of the list; lives as long as the list. */
const rd_kafka_share_partition_offsets_t *rd_kafka_share_partition_offsets_list_get(const rd_kafka_share_partition_offsets_list_t *list,
                                                                                    size_t index);

/** Destroys a list that the caller owns; one that a callback got is only lent. */
void rd_kafka_share_partition_offsets_list_destroy(rd_kafka_share_partition_offsets_list_t *list);

/** Topic, partition and error; lives as long as the list. */
const rd_kafka_topic_partition_t *rd_kafka_share_partition_offsets_partition(const rd_kafka_share_partition_offsets_t *partition_offsets);

/** The offsets; they live as long as the list. */
const int64_t *rd_kafka_share_partition_offsets_offsets(const rd_kafka_share_partition_offsets_t *partition_offsets);

/** Number of offsets. */
size_t rd_kafka_share_partition_offsets_offsets_cnt(const rd_kafka_share_partition_offsets_t *partition_offsets);

/** Makes a share consumer. It takes `conf` if it succeeds; else NULL and `errstr`. */
rd_kafka_share_t *rd_kafka_share_consumer_new(rd_kafka_conf_t *conf,
                                              char *errstr,
                                              size_t errstr_size);

/**
 * Sets the callback that hears of committed acknowledgements. NULL or an error that the caller
 * destroys.
 */
rd_kafka_error_t *rd_kafka_share_set_acknowledgement_commit_cb(rd_kafka_share_t *rkshare,
                                                               void (*share_acknowledgement_commit_cb)(rd_kafka_share_t *rkshare,
                                                                                                       rd_kafka_share_partition_offsets_list_t *partitions,
                                                                                                       rd_kafka_resp_err_t err,
                                                                                                       void *opaque),
                                                               void *opaque);

/** Subscribes to topics by name. The list is copied. */
rd_kafka_resp_err_t rd_kafka_share_subscribe(rd_kafka_share_t *rkshare,
                                             const rd_kafka_topic_partition_list_t *topics);

/** Leaves all topics. */
rd_kafka_resp_err_t rd_kafka_share_unsubscribe(rd_kafka_share_t *rkshare);

/** The subscribed topics; the caller destroys the list. */
rd_kafka_resp_err_t rd_kafka_share_subscription(rd_kafka_share_t *rkshare,
                                                rd_kafka_topic_partition_list_t **topics);

/**
 * Takes a batch of messages, which the caller destroys; waits at most `timeout_ms`. NULL or an
 * error that the caller destroys.
 */
rd_kafka_error_t *rd_kafka_share_poll(rd_kafka_share_t *rkshare,
                                      int timeout_ms,
                                      rd_kafka_messages_t **rkmessages);

/** Says that a message was processed. */
rd_kafka_resp_err_t rd_kafka_share_acknowledge(rd_kafka_share_t *rkshare,
                                               const rd_kafka_message_t *rkmessage);

/** Says what became of a message. */
rd_kafka_resp_err_t rd_kafka_share_acknowledge_type(rd_kafka_share_t *rkshare,
                                                    const rd_kafka_message_t *rkmessage,
                                                    rd_kafka_share_AcknowledgeType_t type);

/** Says what became of the message at an offset. */
rd_kafka_resp_err_t rd_kafka_share_acknowledge_offset(rd_kafka_share_t *rkshare,
                                                      const char *topic,
                                                      int32_t partition,
                                                      int64_t offset,
                                                      rd_kafka_share_AcknowledgeType_t type);

/** Sends the acknowledgements. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_share_commit_async(rd_kafka_share_t *rkshare);

/**
 * Sends the acknowledgements and waits at most `timeout_ms`. The caller destroys the list,
 * which may be NULL, and the error.
 */
rd_kafka_error_t *rd_kafka_share_commit_sync(rd_kafka_share_t *rkshare,
                                             int timeout_ms,
                                             rd_kafka_topic_partition_list_t **partitions);

/** Leaves the group. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_share_consumer_close(rd_kafka_share_t *rkshare);

/** Starts leaving the group; events go to `rkqu`. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_share_consumer_close_queue(rd_kafka_share_t *rkshare,
                                                      rd_kafka_queue_t *rkqu);

/** Is it closed? 1 or 0. */
int rd_kafka_share_consumer_closed(rd_kafka_share_t *rkshare);

/** Closes and destroys a share consumer. An error, which the caller destroys, leaves it alive. */
rd_kafka_error_t *rd_kafka_share_destroy(rd_kafka_share_t *rkshare);

/** As `rd_kafka_share_destroy`, with `RD_KAFKA_DESTROY_F_...`. */
rd_kafka_error_t *rd_kafka_share_destroy_flags(rd_kafka_share_t *rkshare, int flags);

/**
 * As `rd_kafka_set_log_queue`, for a share consumer. NULL or an error that the caller
 * destroys.
 */
rd_kafka_error_t *rd_kafka_share_set_log_queue(rd_kafka_share_t *rkshare, rd_kafka_queue_t *rkqu);

/** As `rd_kafka_sasl_background_callbacks_enable`, for a share consumer. */
rd_kafka_error_t *rd_kafka_share_sasl_background_callbacks_enable(rd_kafka_share_t *rkshare);

/** As `rd_kafka_sasl_set_credentials`, for a share consumer. */
rd_kafka_error_t *rd_kafka_share_sasl_set_credentials(rd_kafka_share_t *rkshare,
                                                      const char *username,
                                                      const char *password);

/* ---- SASL and OAUTHBEARER -------------------------------------------------------------------- */

/**
 * The queue of OAUTHBEARER refreshes. The caller destroys the reference; NULL if there is
 * none.
 */
rd_kafka_queue_t *rd_kafka_queue_get_sasl(rd_kafka_t *rk);

/**
 * Serves OAUTHBEARER refreshes on the background thread. NULL or an error that the caller
 * destroys.
 */
rd_kafka_error_t *rd_kafka_sasl_background_callbacks_enable(rd_kafka_t *rk);

/**
 * Sets user name and password for the next authentication; both are copied. NULL or an error
 * that the caller destroys.
 */
rd_kafka_error_t *rd_kafka_sasl_set_credentials(rd_kafka_t *rk,
                                                const char *username,
                                                const char *password);

/**
 * Sets a token and its life time (milliseconds since the epoch). `extensions` are
 * `extension_size` strings, names and values in turn. All is copied.
 */
rd_kafka_resp_err_t rd_kafka_oauthbearer_set_token(rd_kafka_t *rk,
                                                   const char *token_value,
                                                   int64_t md_lifetime_ms,
                                                   const char *md_principal_name,
                                                   const char **extensions,
                                                   size_t extension_size,
                                                   char *errstr,
                                                   size_t errstr_size);

/** Says that no token could be had; an error event follows and a refresh is tried again. */
rd_kafka_resp_err_t rd_kafka_oauthbearer_set_token_failure(rd_kafka_t *rk, const char *errstr);

/* ---- Interceptors ---------------------------------------------------------------------------- */

/** Adds an interceptor of set properties. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_conf_interceptor_add_on_conf_set(rd_kafka_conf_t *conf,
                                                              const char *ic_name,
                                                              rd_kafka_interceptor_f_on_conf_set_t *on_conf_set,
                                                              void *ic_opaque);

/** Adds an interceptor of copied configurations. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_conf_interceptor_add_on_conf_dup(rd_kafka_conf_t *conf,
                                                              const char *ic_name,
                                                              rd_kafka_interceptor_f_on_conf_dup_t *on_conf_dup,
                                                              void *ic_opaque);

/** Adds an interceptor of destroyed configurations. */
rd_kafka_resp_err_t rd_kafka_conf_interceptor_add_on_conf_destroy(rd_kafka_conf_t *conf,
                                                                  const char *ic_name,
                                                                  rd_kafka_interceptor_f_on_conf_destroy_t *on_conf_destroy,
                                                                  void *ic_opaque);

/** Adds an interceptor of new instances. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_conf_interceptor_add_on_new(rd_kafka_conf_t *conf,
                                                         const char *ic_name,
                                                         rd_kafka_interceptor_f_on_new_t *on_new,
                                                         void *ic_opaque);

/** Adds an interceptor of the instance's end. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_destroy(rd_kafka_t *rk,
                                                        const char *ic_name,
                                                        rd_kafka_interceptor_f_on_destroy_t *on_destroy,
                                                        void *ic_opaque);

/** Adds an interceptor of produced messages. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_send(rd_kafka_t *rk,
                                                     const char *ic_name,
                                                     rd_kafka_interceptor_f_on_send_t *on_send,
                                                     void *ic_opaque);

/** Adds an interceptor of final results. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_acknowledgement(rd_kafka_t *rk,
                                                                const char *ic_name,
                                                                rd_kafka_interceptor_f_on_acknowledgement_t *on_acknowledgement,
                                                                void *ic_opaque);

/** Adds an interceptor of consumed messages. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_consume(rd_kafka_t *rk,
                                                        const char *ic_name,
                                                        rd_kafka_interceptor_f_on_consume_t *on_consume,
                                                        void *ic_opaque);

/** Adds an interceptor of committed offsets. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_commit(rd_kafka_t *rk,
                                                       const char *ic_name,
                                                       rd_kafka_interceptor_f_on_commit_t *on_commit,
                                                       void *ic_opaque);

/** Adds an interceptor of sent requests. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_request_sent(rd_kafka_t *rk,
                                                             const char *ic_name,
                                                             rd_kafka_interceptor_f_on_request_sent_t *on_request_sent,
                                                             void *ic_opaque);

/** Adds an interceptor of received responses. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_response_received(rd_kafka_t *rk,
                                                                  const char *ic_name,
                                                                  rd_kafka_interceptor_f_on_response_received_t *on_response_received,
                                                                  void *ic_opaque);

/** Adds an interceptor of threads that start. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_thread_start(rd_kafka_t *rk,
                                                             const char *ic_name,
                                                             rd_kafka_interceptor_f_on_thread_start_t *on_thread_start,
                                                             void *ic_opaque);

/** Adds an interceptor of threads that end. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_thread_exit(rd_kafka_t *rk,
                                                            const char *ic_name,
                                                            rd_kafka_interceptor_f_on_thread_exit_t *on_thread_exit,
                                                            void *ic_opaque);

/** Adds an interceptor of broker states. `_CONFLICT`: it was added before. */
rd_kafka_resp_err_t rd_kafka_interceptor_add_on_broker_state_change(rd_kafka_t *rk,
                                                                    const char *ic_name,
                                                                    rd_kafka_interceptor_f_on_broker_state_change_t *on_broker_state_change,
                                                                    void *ic_opaque);

/* ---- Admin requests: options and results ----------------------------------------------------- */

/** Node id. */
int rd_kafka_Node_id(const rd_kafka_Node_t *node);

/** Host name; lives as long as the node. */
const char *rd_kafka_Node_host(const rd_kafka_Node_t *node);

/** Port. */
uint16_t rd_kafka_Node_port(const rd_kafka_Node_t *node);

/** Rack or NULL; lives as long as the node. */
const char *rd_kafka_Node_rack(const rd_kafka_Node_t *node);

/** The event as a result of `rd_kafka_CreateTopics`; NULL if it is none. */
const rd_kafka_CreateTopics_result_t *rd_kafka_event_CreateTopics_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DeleteTopics`; NULL if it is none. */
const rd_kafka_DeleteTopics_result_t *rd_kafka_event_DeleteTopics_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_CreatePartitions`; NULL if it is none. */
const rd_kafka_CreatePartitions_result_t *rd_kafka_event_CreatePartitions_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_AlterConfigs`; NULL if it is none. */
const rd_kafka_AlterConfigs_result_t *rd_kafka_event_AlterConfigs_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_IncrementalAlterConfigs`; NULL if it is none. */
const rd_kafka_IncrementalAlterConfigs_result_t *rd_kafka_event_IncrementalAlterConfigs_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DescribeConfigs`; NULL if it is none. */
const rd_kafka_DescribeConfigs_result_t *rd_kafka_event_DescribeConfigs_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DeleteRecords`; NULL if it is none. */
const rd_kafka_DeleteRecords_result_t *rd_kafka_event_DeleteRecords_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_ListConsumerGroups`; NULL if it is none. */
const rd_kafka_ListConsumerGroups_result_t *rd_kafka_event_ListConsumerGroups_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DescribeConsumerGroups`; NULL if it is none. */
const rd_kafka_DescribeConsumerGroups_result_t *rd_kafka_event_DescribeConsumerGroups_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DescribeTopics`; NULL if it is none. */
const rd_kafka_DescribeTopics_result_t *rd_kafka_event_DescribeTopics_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DescribeCluster`; NULL if it is none. */
const rd_kafka_DescribeCluster_result_t *rd_kafka_event_DescribeCluster_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DeleteGroups`; NULL if it is none. */
const rd_kafka_DeleteGroups_result_t *rd_kafka_event_DeleteGroups_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DeleteConsumerGroupOffsets`; NULL if it is none. */
const rd_kafka_DeleteConsumerGroupOffsets_result_t *rd_kafka_event_DeleteConsumerGroupOffsets_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_CreateAcls`; NULL if it is none. */
const rd_kafka_CreateAcls_result_t *rd_kafka_event_CreateAcls_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DescribeAcls`; NULL if it is none. */
const rd_kafka_DescribeAcls_result_t *rd_kafka_event_DescribeAcls_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DeleteAcls`; NULL if it is none. */
const rd_kafka_DeleteAcls_result_t *rd_kafka_event_DeleteAcls_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_ListConsumerGroupOffsets`; NULL if it is none. */
const rd_kafka_ListConsumerGroupOffsets_result_t *rd_kafka_event_ListConsumerGroupOffsets_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_AlterConsumerGroupOffsets`; NULL if it is none. */
const rd_kafka_AlterConsumerGroupOffsets_result_t *rd_kafka_event_AlterConsumerGroupOffsets_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_ListOffsets`; NULL if it is none. */
const rd_kafka_ListOffsets_result_t *rd_kafka_event_ListOffsets_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_DescribeUserScramCredentials`; NULL if it is none. */
const rd_kafka_DescribeUserScramCredentials_result_t *rd_kafka_event_DescribeUserScramCredentials_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_AlterUserScramCredentials`; NULL if it is none. */
const rd_kafka_AlterUserScramCredentials_result_t *rd_kafka_event_AlterUserScramCredentials_result(rd_kafka_event_t *rkev);

/** The event as a result of `rd_kafka_ElectLeaders`; NULL if it is none. */
const rd_kafka_ElectLeaders_result_t *rd_kafka_event_ElectLeaders_result(rd_kafka_event_t *rkev);

/** Error for the topic. */
rd_kafka_resp_err_t rd_kafka_topic_result_error(const rd_kafka_topic_result_t *topicres);

/** Text of the error, or NULL; lives as long as the result. */
const char *rd_kafka_topic_result_error_string(const rd_kafka_topic_result_t *topicres);

/** Topic name; lives as long as the result. */
const char *rd_kafka_topic_result_name(const rd_kafka_topic_result_t *topicres);

/** Error for the group, or NULL; lives as long as the result. */
const rd_kafka_error_t *rd_kafka_group_result_error(const rd_kafka_group_result_t *groupres);

/** Group id; lives as long as the result. */
const char *rd_kafka_group_result_name(const rd_kafka_group_result_t *groupres);

/** Partitions of the group, or NULL; lives as long as the result. */
const rd_kafka_topic_partition_list_t *rd_kafka_group_result_partitions(const rd_kafka_group_result_t *groupres);

/** Topic and partition; lives as long as the result. */
const rd_kafka_topic_partition_t *rd_kafka_topic_partition_result_partition(const rd_kafka_topic_partition_result_t *partition_result);

/** Error for the partition; lives as long as the result. */
const rd_kafka_error_t *rd_kafka_topic_partition_result_error(const rd_kafka_topic_partition_result_t *partition_result);

/**
 * Options for a request, with its defaults; the caller destroys them. NULL if there is no such
 * request.
 */
rd_kafka_AdminOptions_t *rd_kafka_AdminOptions_new(rd_kafka_t *rk, rd_kafka_admin_op_t for_api);

/** Destroys options. */
void rd_kafka_AdminOptions_destroy(rd_kafka_AdminOptions_t *options);

/** How long the whole request may take, milliseconds; -1: `socket.timeout.ms`. */
rd_kafka_resp_err_t rd_kafka_AdminOptions_set_request_timeout(rd_kafka_AdminOptions_t *options,
                                                              int timeout_ms,
                                                              char *errstr,
                                                              size_t errstr_size);

/** How long the brokers may take to carry it out, milliseconds; 0: don't wait for it. */
rd_kafka_resp_err_t rd_kafka_AdminOptions_set_operation_timeout(rd_kafka_AdminOptions_t *options,
                                                                int timeout_ms,
                                                                char *errstr,
                                                                size_t errstr_size);

/** Check only, don't change anything. */
rd_kafka_resp_err_t rd_kafka_AdminOptions_set_validate_only(rd_kafka_AdminOptions_t *options,
                                                            int true_or_false,
                                                            char *errstr,
                                                            size_t errstr_size);

/** Send the request to this broker. */
rd_kafka_resp_err_t rd_kafka_AdminOptions_set_broker(rd_kafka_AdminOptions_t *options,
                                                     int32_t broker_id,
                                                     char *errstr,
                                                     size_t errstr_size);

/**
 * Fail while there are offsets of open transactions. NULL or an error that the caller
 * destroys.
 */
rd_kafka_error_t *rd_kafka_AdminOptions_set_require_stable_offsets(rd_kafka_AdminOptions_t *options,
                                                                   int true_or_false);

/** Ask for the allowed operations too. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_AdminOptions_set_include_authorized_operations(rd_kafka_AdminOptions_t *options,
                                                                          int true_or_false);

/** List only groups in these states. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_AdminOptions_set_match_consumer_group_states(rd_kafka_AdminOptions_t *options,
                                                                        const rd_kafka_consumer_group_state_t *consumer_group_states,
                                                                        size_t consumer_group_states_cnt);

/** List only groups of these types. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_AdminOptions_set_match_consumer_group_types(rd_kafka_AdminOptions_t *options,
                                                                       const rd_kafka_consumer_group_type_t *consumer_group_types,
                                                                       size_t consumer_group_types_cnt);

/** Isolation level of the offsets. NULL or an error that the caller destroys. */
rd_kafka_error_t *rd_kafka_AdminOptions_set_isolation_level(rd_kafka_AdminOptions_t *options,
                                                            rd_kafka_IsolationLevel_t value);

/** Pointer that `rd_kafka_event_opaque` of the result gives back. */
void rd_kafka_AdminOptions_set_opaque(rd_kafka_AdminOptions_t *options, void *ev_opaque);

/* ---- Admin requests: topics, partitions, records, offsets, cluster --------------------------- */

/**
 * A topic to create; -1: the broker's default number of partitions or replicas. The caller
 * destroys it; NULL and `errstr` if an argument is not valid.
 */
rd_kafka_NewTopic_t *rd_kafka_NewTopic_new(const char *topic,
                                           int num_partitions,
                                           int replication_factor,
                                           char *errstr,
                                           size_t errstr_size);

/** Destroys a topic to create. */
void rd_kafka_NewTopic_destroy(rd_kafka_NewTopic_t *new_topic);

/** Destroys topics to create, not the array itself. */
void rd_kafka_NewTopic_destroy_array(rd_kafka_NewTopic_t **new_topics, size_t new_topic_cnt);

/** Brokers of one partition's replicas; partitions are given in ascending order. */
rd_kafka_resp_err_t rd_kafka_NewTopic_set_replica_assignment(rd_kafka_NewTopic_t *new_topic,
                                                             int32_t partition,
                                                             int32_t *broker_ids,
                                                             size_t broker_id_cnt,
                                                             char *errstr,
                                                             size_t errstr_size);

/** Sets a property of the new topic; both strings are copied. */
rd_kafka_resp_err_t rd_kafka_NewTopic_set_config(rd_kafka_NewTopic_t *new_topic,
                                                 const char *name,
                                                 const char *value);

/** Creates topics. `RD_KAFKA_EVENT_CREATETOPICS_RESULT` follows on `rkqu`. */
void rd_kafka_CreateTopics(rd_kafka_t *rk,
                           rd_kafka_NewTopic_t **new_topics,
                           size_t new_topic_cnt,
                           const rd_kafka_AdminOptions_t *options,
                           rd_kafka_queue_t *rkqu);

/** Outcome for each topic. */
const rd_kafka_topic_result_t **rd_kafka_CreateTopics_result_topics(const rd_kafka_CreateTopics_result_t *result,
                                                                    size_t *cntp);

/** A topic to delete; the caller destroys it. */
rd_kafka_DeleteTopic_t *rd_kafka_DeleteTopic_new(const char *topic);

/** Destroys a topic to delete. */
void rd_kafka_DeleteTopic_destroy(rd_kafka_DeleteTopic_t *del_topic);

/** Destroys topics to delete, not the array itself. */
void rd_kafka_DeleteTopic_destroy_array(rd_kafka_DeleteTopic_t **del_topics, size_t del_topic_cnt);

/** Deletes topics. `RD_KAFKA_EVENT_DELETETOPICS_RESULT` follows on `rkqu`. */
void rd_kafka_DeleteTopics(rd_kafka_t *rk,
                           rd_kafka_DeleteTopic_t **del_topics,
                           size_t del_topic_cnt,
                           const rd_kafka_AdminOptions_t *options,
                           rd_kafka_queue_t *rkqu);

/** Outcome for each topic. */
const rd_kafka_topic_result_t **rd_kafka_DeleteTopics_result_topics(const rd_kafka_DeleteTopics_result_t *result,
                                                                    size_t *cntp);

/**
 * A topic's new number of partitions; the caller destroys it. NULL and `errstr` if an argument
 * is not valid.
 */
rd_kafka_NewPartitions_t *rd_kafka_NewPartitions_new(const char *topic,
                                                     size_t new_total_cnt,
                                                     char *errstr,
                                                     size_t errstr_size);

/** Destroys the request. */
void rd_kafka_NewPartitions_destroy(rd_kafka_NewPartitions_t *new_parts);

/** Destroys the requests, not the array itself. */
void rd_kafka_NewPartitions_destroy_array(rd_kafka_NewPartitions_t **new_parts,
                                          size_t new_parts_cnt);

/** Brokers of one new partition's replicas; the index counts from the first new one. */
rd_kafka_resp_err_t rd_kafka_NewPartitions_set_replica_assignment(rd_kafka_NewPartitions_t *new_parts,
                                                                  int32_t new_partition_idx,
                                                                  int32_t *broker_ids,
                                                                  size_t broker_id_cnt,
                                                                  char *errstr,
                                                                  size_t errstr_size);

/** Adds partitions to topics. `RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT` follows on `rkqu`. */
void rd_kafka_CreatePartitions(rd_kafka_t *rk,
                               rd_kafka_NewPartitions_t **new_parts,
                               size_t new_parts_cnt,
                               const rd_kafka_AdminOptions_t *options,
                               rd_kafka_queue_t *rkqu);

/** Outcome for each topic. */
const rd_kafka_topic_result_t **rd_kafka_CreatePartitions_result_topics(const rd_kafka_CreatePartitions_result_t *result,
                                                                        size_t *cntp);

/**
 * Records before the offsets of the list, to delete; the list is copied. The caller destroys
 * it.
 */
rd_kafka_DeleteRecords_t *rd_kafka_DeleteRecords_new(const rd_kafka_topic_partition_list_t *before_offsets);

/** Destroys the request. */
void rd_kafka_DeleteRecords_destroy(rd_kafka_DeleteRecords_t *del_records);

/** Destroys the requests, not the array itself. */
void rd_kafka_DeleteRecords_destroy_array(rd_kafka_DeleteRecords_t **del_records,
                                          size_t del_record_cnt);

/** Deletes records. `RD_KAFKA_EVENT_DELETERECORDS_RESULT` follows on `rkqu`. */
void rd_kafka_DeleteRecords(rd_kafka_t *rk,
                            rd_kafka_DeleteRecords_t **del_records,
                            size_t del_record_cnt,
                            const rd_kafka_AdminOptions_t *options,
                            rd_kafka_queue_t *rkqu);

/** First offsets afterwards, with an error for each partition. */
const rd_kafka_topic_partition_list_t *rd_kafka_DeleteRecords_result_offsets(const rd_kafka_DeleteRecords_result_t *result);

/** Topics by name, to describe; names are copied. The caller destroys it. */
rd_kafka_TopicCollection_t *rd_kafka_TopicCollection_of_topic_names(const char **topics,
                                                                    size_t topics_cnt);

/** Destroys a collection of topics. */
void rd_kafka_TopicCollection_destroy(rd_kafka_TopicCollection_t *topics);

/** Describes topics. `RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT` follows on `rkqu`. */
void rd_kafka_DescribeTopics(rd_kafka_t *rk,
                             const rd_kafka_TopicCollection_t *topics,
                             const rd_kafka_AdminOptions_t *options,
                             rd_kafka_queue_t *rkqu);

/** Description of each topic. */
const rd_kafka_TopicDescription_t **rd_kafka_DescribeTopics_result_topics(const rd_kafka_DescribeTopics_result_t *result,
                                                                          size_t *cntp);

/** Description of each partition. */
const rd_kafka_TopicPartitionInfo_t **rd_kafka_TopicDescription_partitions(const rd_kafka_TopicDescription_t *topicdesc,
                                                                           size_t *cntp);

/** Allowed operations; NULL if they weren't asked for. */
const rd_kafka_AclOperation_t *rd_kafka_TopicDescription_authorized_operations(const rd_kafka_TopicDescription_t *topicdesc,
                                                                               size_t *cntp);

/** Topic name. */
const char *rd_kafka_TopicDescription_name(const rd_kafka_TopicDescription_t *topicdesc);

/** Topic id. */
const rd_kafka_Uuid_t *rd_kafka_TopicDescription_topic_id(const rd_kafka_TopicDescription_t *topicdesc);

/** Is it one of Kafka's own topics? 1 or 0. */
int rd_kafka_TopicDescription_is_internal(const rd_kafka_TopicDescription_t *topicdesc);

/** Error for the topic, or NULL. */
const rd_kafka_error_t *rd_kafka_TopicDescription_error(const rd_kafka_TopicDescription_t *topicdesc);

/** Partition number. */
int rd_kafka_TopicPartitionInfo_partition(const rd_kafka_TopicPartitionInfo_t *partition);

/** The leader, or NULL. */
const rd_kafka_Node_t *rd_kafka_TopicPartitionInfo_leader(const rd_kafka_TopicPartitionInfo_t *partition);

/** Replicas that are in sync. */
const rd_kafka_Node_t **rd_kafka_TopicPartitionInfo_isr(const rd_kafka_TopicPartitionInfo_t *partition,
                                                        size_t *cntp);

/** All replicas. */
const rd_kafka_Node_t **rd_kafka_TopicPartitionInfo_replicas(const rd_kafka_TopicPartitionInfo_t *partition,
                                                             size_t *cntp);

/** Describes the cluster. `RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT` follows on `rkqu`. */
void rd_kafka_DescribeCluster(rd_kafka_t *rk,
                              const rd_kafka_AdminOptions_t *options,
                              rd_kafka_queue_t *rkqu);

/** The brokers. */
const rd_kafka_Node_t **rd_kafka_DescribeCluster_result_nodes(const rd_kafka_DescribeCluster_result_t *result,
                                                              size_t *cntp);

/** Allowed operations; NULL if they weren't asked for. */
const rd_kafka_AclOperation_t *rd_kafka_DescribeCluster_result_authorized_operations(const rd_kafka_DescribeCluster_result_t *result,
                                                                                     size_t *cntp);

/** The controller, or NULL. */
const rd_kafka_Node_t *rd_kafka_DescribeCluster_result_controller(const rd_kafka_DescribeCluster_result_t *result);

/** Cluster id. */
const char *rd_kafka_DescribeCluster_result_cluster_id(const rd_kafka_DescribeCluster_result_t *result);

/** Topic, partition, offset and error. */
const rd_kafka_topic_partition_t *rd_kafka_ListOffsetsResultInfo_topic_partition(const rd_kafka_ListOffsetsResultInfo_t *result_info);

/** Timestamp of the record at the offset, milliseconds; -1 if not known. */
int64_t rd_kafka_ListOffsetsResultInfo_timestamp(const rd_kafka_ListOffsetsResultInfo_t *result_info);

/** Offset of each partition. */
const rd_kafka_ListOffsetsResultInfo_t **rd_kafka_ListOffsets_result_infos(const rd_kafka_ListOffsets_result_t *result,
                                                                           size_t *cntp);

/**
 * Looks up offsets; each `offset` of the list is an `RD_KAFKA_OFFSET_SPEC_...` or a timestamp
 * in milliseconds. `RD_KAFKA_EVENT_LISTOFFSETS_RESULT` follows on `rkqu`.
 */
void rd_kafka_ListOffsets(rd_kafka_t *rk,
                          rd_kafka_topic_partition_list_t *topic_partitions,
                          const rd_kafka_AdminOptions_t *options,
                          rd_kafka_queue_t *rkqu);

/**
 * Partitions whose leaders shall be elected, all if NULL; the list is copied. The caller
 * destroys it.
 */
rd_kafka_ElectLeaders_t *rd_kafka_ElectLeaders_new(rd_kafka_ElectionType_t election_type,
                                                   rd_kafka_topic_partition_list_t *partitions);

/** Destroys the request. */
void rd_kafka_ElectLeaders_destroy(rd_kafka_ElectLeaders_t *elect_leaders);

/** Elects leaders. `RD_KAFKA_EVENT_ELECTLEADERS_RESULT` follows on `rkqu`. */
void rd_kafka_ElectLeaders(rd_kafka_t *rk,
                           rd_kafka_ElectLeaders_t *elect_leaders,
                           const rd_kafka_AdminOptions_t *options,
                           rd_kafka_queue_t *rkqu);

/** Outcome for each partition. */
const rd_kafka_topic_partition_result_t **rd_kafka_ElectLeaders_result_partitions(const rd_kafka_ElectLeaders_result_t *result,
                                                                                  size_t *cntp);

/* ---- Admin requests: configurations ---------------------------------------------------------- */

/** Name of a configuration source. */
const char *rd_kafka_ConfigSource_name(rd_kafka_ConfigSource_t confsource);

/** Name of the property. */
const char *rd_kafka_ConfigEntry_name(const rd_kafka_ConfigEntry_t *entry);

/** Value of the property; NULL if it is secret or not set. */
const char *rd_kafka_ConfigEntry_value(const rd_kafka_ConfigEntry_t *entry);

/** Where the value comes from. */
rd_kafka_ConfigSource_t rd_kafka_ConfigEntry_source(const rd_kafka_ConfigEntry_t *entry);

/** Is it read-only? 1, 0 or -1 if not known. */
int rd_kafka_ConfigEntry_is_read_only(const rd_kafka_ConfigEntry_t *entry);

/** Is it the default? 1, 0 or -1 if not known. */
int rd_kafka_ConfigEntry_is_default(const rd_kafka_ConfigEntry_t *entry);

/** Is it secret? 1, 0 or -1 if not known. */
int rd_kafka_ConfigEntry_is_sensitive(const rd_kafka_ConfigEntry_t *entry);

/** Is it a synonym? 1, 0 or -1 if not known. */
int rd_kafka_ConfigEntry_is_synonym(const rd_kafka_ConfigEntry_t *entry);

/** Synonyms of the property. */
const rd_kafka_ConfigEntry_t **rd_kafka_ConfigEntry_synonyms(const rd_kafka_ConfigEntry_t *entry,
                                                             size_t *cntp);

/** Name of a pattern type. */
const char *rd_kafka_ResourcePatternType_name(rd_kafka_ResourcePatternType_t resource_pattern_type);

/** Name of a resource type. */
const char *rd_kafka_ResourceType_name(rd_kafka_ResourceType_t restype);

/** A resource; the caller destroys it. NULL if an argument is not valid. */
rd_kafka_ConfigResource_t *rd_kafka_ConfigResource_new(rd_kafka_ResourceType_t restype,
                                                       const char *resname);

/** Destroys a resource. */
void rd_kafka_ConfigResource_destroy(rd_kafka_ConfigResource_t *config);

/** Destroys resources, not the array itself. */
void rd_kafka_ConfigResource_destroy_array(rd_kafka_ConfigResource_t **config, size_t config_cnt);

/** Sets a property, for `rd_kafka_AlterConfigs`; both strings are copied. */
rd_kafka_resp_err_t rd_kafka_ConfigResource_set_config(rd_kafka_ConfigResource_t *config,
                                                       const char *name,
                                                       const char *value);

/**
 * Adds a change, for `rd_kafka_IncrementalAlterConfigs`. NULL or an error that the caller
 * destroys.
 */
rd_kafka_error_t *rd_kafka_ConfigResource_add_incremental_config(rd_kafka_ConfigResource_t *config,
                                                                 const char *name,
                                                                 rd_kafka_AlterConfigOpType_t op_type,
                                                                 const char *value);

/** The properties of the resource. */
const rd_kafka_ConfigEntry_t **rd_kafka_ConfigResource_configs(const rd_kafka_ConfigResource_t *config,
                                                               size_t *cntp);

/** Type of the resource. */
rd_kafka_ResourceType_t rd_kafka_ConfigResource_type(const rd_kafka_ConfigResource_t *config);

/** Name of the resource. */
const char *rd_kafka_ConfigResource_name(const rd_kafka_ConfigResource_t *config);

/** Error for the resource. */
rd_kafka_resp_err_t rd_kafka_ConfigResource_error(const rd_kafka_ConfigResource_t *config);

/** Text of the error, or NULL. */
const char *rd_kafka_ConfigResource_error_string(const rd_kafka_ConfigResource_t *config);

/**
 * Replaces configurations: what isn't given goes back to its default.
 * `RD_KAFKA_EVENT_ALTERCONFIGS_RESULT` follows on `rkqu`.
 */
void rd_kafka_AlterConfigs(rd_kafka_t *rk,
                           rd_kafka_ConfigResource_t **configs,
                           size_t config_cnt,
                           const rd_kafka_AdminOptions_t *options,
                           rd_kafka_queue_t *rkqu);

/** Outcome for each resource. */
const rd_kafka_ConfigResource_t **rd_kafka_AlterConfigs_result_resources(const rd_kafka_AlterConfigs_result_t *result,
                                                                         size_t *cntp);

/** Changes configurations. `RD_KAFKA_EVENT_INCREMENTALALTERCONFIGS_RESULT` follows on `rkqu`. */
void rd_kafka_IncrementalAlterConfigs(rd_kafka_t *rk,
                                      rd_kafka_ConfigResource_t **configs,
                                      size_t config_cnt,
                                      const rd_kafka_AdminOptions_t *options,
                                      rd_kafka_queue_t *rkqu);

/** Outcome for each resource. */
const rd_kafka_ConfigResource_t **rd_kafka_IncrementalAlterConfigs_result_resources(const rd_kafka_IncrementalAlterConfigs_result_t *result,
                                                                                    size_t *cntp);

/** Reads configurations. `RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT` follows on `rkqu`. */
void rd_kafka_DescribeConfigs(rd_kafka_t *rk,
                              rd_kafka_ConfigResource_t **configs,
                              size_t config_cnt,
                              const rd_kafka_AdminOptions_t *options,
                              rd_kafka_queue_t *rkqu);

/** Each resource with its properties. */
const rd_kafka_ConfigResource_t **rd_kafka_DescribeConfigs_result_resources(const rd_kafka_DescribeConfigs_result_t *result,
                                                                            size_t *cntp);

/* ---- Admin requests: consumer groups --------------------------------------------------------- */

/** Lists consumer groups. `RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT` follows on `rkqu`. */
void rd_kafka_ListConsumerGroups(rd_kafka_t *rk,
                                 const rd_kafka_AdminOptions_t *options,
                                 rd_kafka_queue_t *rkqu);

/** Group id. */
const char *rd_kafka_ConsumerGroupListing_group_id(const rd_kafka_ConsumerGroupListing_t *grplist);

/** Does the group only keep offsets? 1 or 0. */
int rd_kafka_ConsumerGroupListing_is_simple_consumer_group(const rd_kafka_ConsumerGroupListing_t *grplist);

/** State of the group. */
rd_kafka_consumer_group_state_t rd_kafka_ConsumerGroupListing_state(const rd_kafka_ConsumerGroupListing_t *grplist);

/** Type of the group. */
rd_kafka_consumer_group_type_t rd_kafka_ConsumerGroupListing_type(const rd_kafka_ConsumerGroupListing_t *grplist);

/** The groups. */
const rd_kafka_ConsumerGroupListing_t **rd_kafka_ListConsumerGroups_result_valid(const rd_kafka_ListConsumerGroups_result_t *result,
                                                                                 size_t *cntp);

/** Errors of brokers that couldn't answer. */
const rd_kafka_error_t **rd_kafka_ListConsumerGroups_result_errors(const rd_kafka_ListConsumerGroups_result_t *result,
                                                                   size_t *cntp);

/** Describes consumer groups. `RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT` follows on `rkqu`. */
void rd_kafka_DescribeConsumerGroups(rd_kafka_t *rk,
                                     const char **groups,
                                     size_t groups_cnt,
                                     const rd_kafka_AdminOptions_t *options,
                                     rd_kafka_queue_t *rkqu);

/** Description of each group. */
const rd_kafka_ConsumerGroupDescription_t **rd_kafka_DescribeConsumerGroups_result_groups(const rd_kafka_DescribeConsumerGroups_result_t *result,
                                                                                          size_t *cntp);

/** Group id. */
const char *rd_kafka_ConsumerGroupDescription_group_id(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** Error for the group, or NULL. */
const rd_kafka_error_t *rd_kafka_ConsumerGroupDescription_error(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** Does the group only keep offsets? 1 or 0. */
int rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** Name of the assignor. */
const char *rd_kafka_ConsumerGroupDescription_partition_assignor(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** Allowed operations; NULL if they weren't asked for. */
const rd_kafka_AclOperation_t *rd_kafka_ConsumerGroupDescription_authorized_operations(const rd_kafka_ConsumerGroupDescription_t *grpdesc,
                                                                                       size_t *cntp);

/** State of the group. */
rd_kafka_consumer_group_state_t rd_kafka_ConsumerGroupDescription_state(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** The group's coordinator, or NULL. */
const rd_kafka_Node_t *rd_kafka_ConsumerGroupDescription_coordinator(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** Type of the group. */
rd_kafka_consumer_group_type_t rd_kafka_ConsumerGroupDescription_type(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** Number of members. */
size_t rd_kafka_ConsumerGroupDescription_member_count(const rd_kafka_ConsumerGroupDescription_t *grpdesc);

/** One of the members; NULL if `idx` is too large. */
const rd_kafka_MemberDescription_t *rd_kafka_ConsumerGroupDescription_member(const rd_kafka_ConsumerGroupDescription_t *grpdesc,
                                                                             size_t idx);

/** The member's `client.id`. */
const char *rd_kafka_MemberDescription_client_id(const rd_kafka_MemberDescription_t *member);

/** The member's `group.instance.id`, or NULL. */
const char *rd_kafka_MemberDescription_group_instance_id(const rd_kafka_MemberDescription_t *member);

/** The member's id. */
const char *rd_kafka_MemberDescription_consumer_id(const rd_kafka_MemberDescription_t *member);

/** The member's host. */
const char *rd_kafka_MemberDescription_host(const rd_kafka_MemberDescription_t *member);

/** The member's assignment. */
const rd_kafka_MemberAssignment_t *rd_kafka_MemberDescription_assignment(const rd_kafka_MemberDescription_t *member);

/** The assignment that the member shall reach, or NULL. */
const rd_kafka_MemberAssignment_t *rd_kafka_MemberDescription_target_assignment(const rd_kafka_MemberDescription_t *member);

/** The assigned partitions. */
const rd_kafka_topic_partition_list_t *rd_kafka_MemberAssignment_partitions(const rd_kafka_MemberAssignment_t *assignment);

/** A group to delete; the caller destroys it. */
rd_kafka_DeleteGroup_t *rd_kafka_DeleteGroup_new(const char *group);

/** Destroys a group to delete. */
void rd_kafka_DeleteGroup_destroy(rd_kafka_DeleteGroup_t *del_group);

/** Destroys groups to delete, not the array itself. */
void rd_kafka_DeleteGroup_destroy_array(rd_kafka_DeleteGroup_t **del_groups, size_t del_group_cnt);

/** Deletes groups. `RD_KAFKA_EVENT_DELETEGROUPS_RESULT` follows on `rkqu`. */
void rd_kafka_DeleteGroups(rd_kafka_t *rk,
                           rd_kafka_DeleteGroup_t **del_groups,
                           size_t del_group_cnt,
                           const rd_kafka_AdminOptions_t *options,
                           rd_kafka_queue_t *rkqu);

/** Outcome for each group. */
const rd_kafka_group_result_t **rd_kafka_DeleteGroups_result_groups(const rd_kafka_DeleteGroups_result_t *result,
                                                                    size_t *cntp);

/**
 * A group and partitions, all if NULL, whose offsets shall be listed; the list is copied. The
 * caller destroys it.
 */
rd_kafka_ListConsumerGroupOffsets_t *rd_kafka_ListConsumerGroupOffsets_new(const char *group_id,
                                                                           const rd_kafka_topic_partition_list_t *partitions);

/** Destroys the request. */
void rd_kafka_ListConsumerGroupOffsets_destroy(rd_kafka_ListConsumerGroupOffsets_t *list_grpoffsets);

/** Destroys the requests, not the array itself. */
void rd_kafka_ListConsumerGroupOffsets_destroy_array(rd_kafka_ListConsumerGroupOffsets_t **list_grpoffsets,
                                                     size_t list_grpoffset_cnt);

/**
 * Lists committed offsets; one group at a time.
 * `RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT` follows on `rkqu`.
 */
void rd_kafka_ListConsumerGroupOffsets(rd_kafka_t *rk,
                                       rd_kafka_ListConsumerGroupOffsets_t **list_grpoffsets,
                                       size_t list_grpoffsets_cnt,
                                       const rd_kafka_AdminOptions_t *options,
                                       rd_kafka_queue_t *rkqu);

/** Offsets of each group. */
const rd_kafka_group_result_t **rd_kafka_ListConsumerGroupOffsets_result_groups(const rd_kafka_ListConsumerGroupOffsets_result_t *result,
                                                                                size_t *cntp);

/** A group and its new offsets; the list is copied. The caller destroys it. */
rd_kafka_AlterConsumerGroupOffsets_t *rd_kafka_AlterConsumerGroupOffsets_new(const char *group_id,
                                                                             const rd_kafka_topic_partition_list_t *partitions);

/** Destroys the request. */
void rd_kafka_AlterConsumerGroupOffsets_destroy(rd_kafka_AlterConsumerGroupOffsets_t *alter_grpoffsets);

/** Destroys the requests, not the array itself. */
void rd_kafka_AlterConsumerGroupOffsets_destroy_array(rd_kafka_AlterConsumerGroupOffsets_t **alter_grpoffsets,
                                                      size_t alter_grpoffset_cnt);

/**
 * Sets committed offsets; one group at a time.
 * `RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT` follows on `rkqu`.
 */
void rd_kafka_AlterConsumerGroupOffsets(rd_kafka_t *rk,
                                        rd_kafka_AlterConsumerGroupOffsets_t **alter_grpoffsets,
                                        size_t alter_grpoffsets_cnt,
                                        const rd_kafka_AdminOptions_t *options,
                                        rd_kafka_queue_t *rkqu);

/** Outcome for each group. */
const rd_kafka_group_result_t **rd_kafka_AlterConsumerGroupOffsets_result_groups(const rd_kafka_AlterConsumerGroupOffsets_result_t *result,
                                                                                 size_t *cntp);

/**
 * A group and partitions whose offsets shall be deleted; the list is copied. The caller
 * destroys it.
 */
rd_kafka_DeleteConsumerGroupOffsets_t *rd_kafka_DeleteConsumerGroupOffsets_new(const char *group,
                                                                               const rd_kafka_topic_partition_list_t *partitions);

/** Destroys the request. */
void rd_kafka_DeleteConsumerGroupOffsets_destroy(rd_kafka_DeleteConsumerGroupOffsets_t *del_grpoffsets);

/** Destroys the requests, not the array itself. */
void rd_kafka_DeleteConsumerGroupOffsets_destroy_array(rd_kafka_DeleteConsumerGroupOffsets_t **del_grpoffsets,
                                                       size_t del_grpoffset_cnt);

/**
 * Deletes committed offsets; one group at a time.
 * `RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT` follows on `rkqu`.
 */
void rd_kafka_DeleteConsumerGroupOffsets(rd_kafka_t *rk,
                                         rd_kafka_DeleteConsumerGroupOffsets_t **del_grpoffsets,
                                         size_t del_grpoffsets_cnt,
                                         const rd_kafka_AdminOptions_t *options,
                                         rd_kafka_queue_t *rkqu);

/** Outcome for each group. */
const rd_kafka_group_result_t **rd_kafka_DeleteConsumerGroupOffsets_result_groups(const rd_kafka_DeleteConsumerGroupOffsets_result_t *result,
                                                                                  size_t *cntp);

/* ---- Admin requests: users and access control ------------------------------------------------ */

/** The mechanism. */
rd_kafka_ScramMechanism_t rd_kafka_ScramCredentialInfo_mechanism(const rd_kafka_ScramCredentialInfo_t *scram_credential_info);

/** Number of iterations. */
int32_t rd_kafka_ScramCredentialInfo_iterations(const rd_kafka_ScramCredentialInfo_t *scram_credential_info);

/** User name. */
const char *rd_kafka_UserScramCredentialsDescription_user(const rd_kafka_UserScramCredentialsDescription_t *description);

/** Error for the user, or NULL. */
const rd_kafka_error_t *rd_kafka_UserScramCredentialsDescription_error(const rd_kafka_UserScramCredentialsDescription_t *description);

/** Number of credentials. */
size_t rd_kafka_UserScramCredentialsDescription_scramcredentialinfo_count(const rd_kafka_UserScramCredentialsDescription_t *description);

/** One of the credentials; NULL if `idx` is too large. */
const rd_kafka_ScramCredentialInfo_t *rd_kafka_UserScramCredentialsDescription_scramcredentialinfo(const rd_kafka_UserScramCredentialsDescription_t *description,
                                                                                                   size_t idx);

/** Credentials of each user. */
const rd_kafka_UserScramCredentialsDescription_t **rd_kafka_DescribeUserScramCredentials_result_descriptions(const rd_kafka_DescribeUserScramCredentials_result_t *result,
                                                                                                             size_t *cntp);

/**
 * Reads users' SCRAM credentials, of all users if `user_cnt` is 0.
 * `RD_KAFKA_EVENT_DESCRIBEUSERSCRAMCREDENTIALS_RESULT` follows on `rkqu`.
 */
void rd_kafka_DescribeUserScramCredentials(rd_kafka_t *rk,
                                           const char **users,
                                           size_t user_cnt,
                                           const rd_kafka_AdminOptions_t *options,
                                           rd_kafka_queue_t *rkqu);

/**
 * A credential to set; a random salt if `salt_size` is 0. All is copied; the caller destroys
 * it.
 */
rd_kafka_UserScramCredentialAlteration_t *rd_kafka_UserScramCredentialUpsertion_new(const char *username,
                                                                                    rd_kafka_ScramMechanism_t mechanism,
                                                                                    int32_t iterations,
                                                                                    const unsigned char *password,
                                                                                    size_t password_size,
                                                                                    const unsigned char *salt,
                                                                                    size_t salt_size);

/** A credential to delete; the caller destroys it. */
rd_kafka_UserScramCredentialAlteration_t *rd_kafka_UserScramCredentialDeletion_new(const char *username,
                                                                                   rd_kafka_ScramMechanism_t mechanism);

/** Destroys a change of a credential. */
void rd_kafka_UserScramCredentialAlteration_destroy(rd_kafka_UserScramCredentialAlteration_t *alteration);

/** Destroys changes of credentials, not the array itself. */
void rd_kafka_UserScramCredentialAlteration_destroy_array(rd_kafka_UserScramCredentialAlteration_t **alterations,
                                                          size_t alteration_cnt);

/** User name. */
const char *rd_kafka_AlterUserScramCredentials_result_response_user(const rd_kafka_AlterUserScramCredentials_result_response_t *response);

/** Error for the user, or NULL. */
const rd_kafka_error_t *rd_kafka_AlterUserScramCredentials_result_response_error(const rd_kafka_AlterUserScramCredentials_result_response_t *response);

/** Outcome for each user. */
const rd_kafka_AlterUserScramCredentials_result_response_t **rd_kafka_AlterUserScramCredentials_result_responses(const rd_kafka_AlterUserScramCredentials_result_t *result,
                                                                                                                 size_t *cntp);

/**
 * Changes users' SCRAM credentials. `RD_KAFKA_EVENT_ALTERUSERSCRAMCREDENTIALS_RESULT` follows
 * on `rkqu`.
 */
void rd_kafka_AlterUserScramCredentials(rd_kafka_t *rk,
                                        rd_kafka_UserScramCredentialAlteration_t **alterations,
                                        size_t alteration_cnt,
                                        const rd_kafka_AdminOptions_t *options,
                                        rd_kafka_queue_t *rkqu);

/** Error for the entry, or NULL. */
const rd_kafka_error_t *rd_kafka_acl_result_error(const rd_kafka_acl_result_t *aclres);

/** Name of an operation. */
const char *rd_kafka_AclOperation_name(rd_kafka_AclOperation_t acl_operation);

/** Name of a permission. */
const char *rd_kafka_AclPermissionType_name(rd_kafka_AclPermissionType_t acl_permission_type);

/**
 * An access control entry; the caller destroys it. NULL and `errstr` if an argument is not
 * valid.
 */
rd_kafka_AclBinding_t *rd_kafka_AclBinding_new(rd_kafka_ResourceType_t restype,
                                               const char *name,
                                               rd_kafka_ResourcePatternType_t resource_pattern_type,
                                               const char *principal,
                                               const char *host,
                                               rd_kafka_AclOperation_t operation,
                                               rd_kafka_AclPermissionType_t permission_type,
                                               char *errstr,
                                               size_t errstr_size);

/**
 * A filter for access control entries; a NULL string matches any. The caller destroys it with
 * `rd_kafka_AclBinding_destroy`; NULL and `errstr` if an argument is not valid.
 */
rd_kafka_AclBindingFilter_t *rd_kafka_AclBindingFilter_new(rd_kafka_ResourceType_t restype,
                                                           const char *name,
                                                           rd_kafka_ResourcePatternType_t resource_pattern_type,
                                                           const char *principal,
                                                           const char *host,
                                                           rd_kafka_AclOperation_t operation,
                                                           rd_kafka_AclPermissionType_t permission_type,
                                                           char *errstr,
                                                           size_t errstr_size);

/** Destroys an entry or a filter. */
void rd_kafka_AclBinding_destroy(rd_kafka_AclBinding_t *acl_binding);

/** Destroys entries or filters, not the array itself. */
void rd_kafka_AclBinding_destroy_array(rd_kafka_AclBinding_t **acl_bindings,
                                       size_t acl_bindings_cnt);

/** Type of the resource. */
rd_kafka_ResourceType_t rd_kafka_AclBinding_restype(const rd_kafka_AclBinding_t *acl);

/** Name of the resource. */
const char *rd_kafka_AclBinding_name(const rd_kafka_AclBinding_t *acl);

/** Whom it is for. */
const char *rd_kafka_AclBinding_principal(const rd_kafka_AclBinding_t *acl);

/** From which host. */
const char *rd_kafka_AclBinding_host(const rd_kafka_AclBinding_t *acl);

/** The operation. */
rd_kafka_AclOperation_t rd_kafka_AclBinding_operation(const rd_kafka_AclBinding_t *acl);

/** Does it allow or deny? */
rd_kafka_AclPermissionType_t rd_kafka_AclBinding_permission_type(const rd_kafka_AclBinding_t *acl);

/** How the resource name is matched. */
rd_kafka_ResourcePatternType_t rd_kafka_AclBinding_resource_pattern_type(const rd_kafka_AclBinding_t *acl);

/** Error for the entry, or NULL. */
const rd_kafka_error_t *rd_kafka_AclBinding_error(const rd_kafka_AclBinding_t *acl);

/** Outcome for each entry. */
const rd_kafka_acl_result_t **rd_kafka_CreateAcls_result_acls(const rd_kafka_CreateAcls_result_t *result,
                                                              size_t *cntp);

/** Creates access control entries. `RD_KAFKA_EVENT_CREATEACLS_RESULT` follows on `rkqu`. */
void rd_kafka_CreateAcls(rd_kafka_t *rk,
                         rd_kafka_AclBinding_t **new_acls,
                         size_t new_acls_cnt,
                         const rd_kafka_AdminOptions_t *options,
                         rd_kafka_queue_t *rkqu);

/** The entries that match. */
const rd_kafka_AclBinding_t **rd_kafka_DescribeAcls_result_acls(const rd_kafka_DescribeAcls_result_t *result,
                                                                size_t *cntp);

/** Reads access control entries. `RD_KAFKA_EVENT_DESCRIBEACLS_RESULT` follows on `rkqu`. */
void rd_kafka_DescribeAcls(rd_kafka_t *rk,
                           rd_kafka_AclBindingFilter_t *acl_filter,
                           const rd_kafka_AdminOptions_t *options,
                           rd_kafka_queue_t *rkqu);

/** Outcome for each filter. */
const rd_kafka_DeleteAcls_result_response_t **rd_kafka_DeleteAcls_result_responses(const rd_kafka_DeleteAcls_result_t *result,
                                                                                   size_t *cntp);

/** Error for the filter, or NULL. */
const rd_kafka_error_t *rd_kafka_DeleteAcls_result_response_error(const rd_kafka_DeleteAcls_result_response_t *result_response);

/** The entries that were deleted. */
const rd_kafka_AclBinding_t **rd_kafka_DeleteAcls_result_response_matching_acls(const rd_kafka_DeleteAcls_result_response_t *result_response,
                                                                                size_t *matching_acls_cntp);

/**
 * Deletes the access control entries that the filters match.
 * `RD_KAFKA_EVENT_DELETEACLS_RESULT` follows on `rkqu`.
 */
void rd_kafka_DeleteAcls(rd_kafka_t *rk,
                         rd_kafka_AclBindingFilter_t **del_acls,
                         size_t del_acls_cnt,
                         const rd_kafka_AdminOptions_t *options,
                         rd_kafka_queue_t *rkqu);

/* ---- Debugging ------------------------------------------------------------------------------- */

/** Writes the instance's state to `fp`, for people. */
void rd_kafka_dump(FILE *fp, rd_kafka_t *rk);

/** Runs the built-in unit tests. Number of failures. */
int rd_kafka_unittest(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* _RDKAFKA_H_ */
