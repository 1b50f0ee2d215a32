/* The historical internal structs and functions of the producer, for 64-bit Linux. */

#ifndef _RDKAFKA_INTERNAL_H_
#define _RDKAFKA_INTERNAL_H_

/* Generated from the declarations in src/ by scripts/headers.sh. Do not edit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sys/types.h>
#include <threads.h>
#include "rdkafka.h"

#if defined _DEFAULT_SOURCE || defined _GNU_SOURCE || \
    (defined _XOPEN_SOURCE && _XOPEN_SOURCE >= 500) || \
    (defined _POSIX_C_SOURCE && _POSIX_C_SOURCE >= 200112L)
/** A lock for one writer or many readers. */
typedef pthread_rwlock_t rwlock_t;
#else
/** The place of a pthread_rwlock_t, which <pthread.h> does not declare here. */
typedef struct rwlock_s {
    long span[7];
} rwlock_t;
#endif

/** A histogram of the statistics. */
typedef struct rd_hdr_histogram_s rd_hdr_histogram_t;
/** An operation. */
typedef struct rd_kafka_op_s rd_kafka_op_t;
/** The length of a request before it is written. */
typedef struct rd_kafka_produce_calculator_s rd_kafka_produce_calculator_t;
/** A request that is put together. */
typedef struct rd_kafka_produce_ctx_s rd_kafka_produce_ctx_t;
/** Numbers of a partition that is gone; not used. */
typedef struct rd_kafka_partition_msgid_s rd_kafka_partition_msgid_t;
/** A broker's addresses; not used. */
typedef struct rd_sockaddr_list_s rd_sockaddr_list_t;
/** An address; not used. */
typedef struct rd_sockaddr_inx_s rd_sockaddr_inx_t;
/** A connection; not used. */
typedef struct rd_kafka_transport_s rd_kafka_transport_t;
/** A consumer group; not used. */
typedef struct rd_kafka_cgrp_s rd_kafka_cgrp_t;
typedef struct rd_atomic32_s rd_atomic32_t;
typedef struct rd_atomic64_s rd_atomic64_t;
typedef struct rd_refcnt_s rd_refcnt_t;
typedef struct rd_list_s rd_list_t;
typedef struct rd_segment_s rd_segment_t;
typedef struct rd_buf_s rd_buf_t;
typedef struct rd_slice_s rd_slice_t;
typedef struct rd_avg_values_s rd_avg_values_t;
typedef struct rd_avg_histogram_s rd_avg_histogram_t;
typedef struct rd_avg_s rd_avg_t;
typedef struct rd_interval_s rd_interval_t;
typedef struct rd_kafkap_str_s rd_kafkap_str_t;
typedef struct rd_kafka_pid_s rd_kafka_pid_t;
typedef struct rd_kafka_timer_s rd_kafka_timer_t;
typedef struct rd_kafka_msg_producer_s rd_kafka_msg_producer_t;
typedef struct rd_kafka_msg_u_s rd_kafka_msg_u_t;
typedef struct rd_kafka_msg_s rd_kafka_msg_t;
typedef struct rd_kafka_msgq_wakeup_s rd_kafka_msgq_wakeup_t;
typedef struct rd_kafka_msgq_s rd_kafka_msgq_t;
typedef struct rd_kafka_Produce_result_record_error rd_kafka_Produce_result_record_error_t;
typedef struct rd_kafka_Produce_result rd_kafka_Produce_result_t;
typedef struct rd_kafkap_CurrentLeader_s rd_kafkap_CurrentLeader_t;
typedef struct rd_kafkap_NodeEndpoint_s rd_kafkap_NodeEndpoint_t;
typedef struct rd_kafkap_NodeEndpoints_s rd_kafkap_NodeEndpoints_t;
typedef struct rd_kafkap_Produce_reply_tags_Partition_s rd_kafkap_Produce_reply_tags_Partition_t;
typedef struct rd_kafkap_Produce_reply_tags_Topic_s rd_kafkap_Produce_reply_tags_Topic_t;
typedef struct rd_kafkap_Produce_reply_tags_s rd_kafkap_Produce_reply_tags_t;
typedef struct rd_kafka_msgbatch_s rd_kafka_msgbatch_t;
typedef struct rd_kafka_q_s rd_kafka_q_t;
typedef struct rd_kafka_replyq_s rd_kafka_replyq_t;
typedef struct rd_kafka_buf_metadata_s rd_kafka_buf_metadata_t;
typedef struct rd_kafka_buf_produce_s rd_kafka_buf_produce_t;
typedef struct rd_kafka_buf_produce_v2_s rd_kafka_buf_produce_v2_t;
typedef struct rd_kafka_buf_end_txn_s rd_kafka_buf_end_txn_t;
typedef union rd_kafka_buf_u_s rd_kafka_buf_u_t;
typedef struct rd_kafka_buf_s rd_kafka_buf_t;
typedef struct rd_kafka_bufq_s rd_kafka_bufq_t;
typedef struct rd_kafka_msgset_writer_firstmsg_s rd_kafka_msgset_writer_firstmsg_t;
typedef struct rd_kafka_msgset_writer_s rd_kafka_msgset_writer_t;
typedef struct rd_kafka_broker_batch_collector_s rd_kafka_broker_batch_collector_t;
typedef struct rd_kafka_adaptive_rtt_stats_s rd_kafka_adaptive_rtt_stats_t;
typedef struct rd_kafka_adaptive_int_latency_stats_s rd_kafka_adaptive_int_latency_stats_t;
typedef struct rd_kafka_adaptive_state_s rd_kafka_adaptive_state_t;
typedef struct rd_kafka_adaptive_params_s rd_kafka_adaptive_params_t;
typedef struct rd_kafka_broker_producer_v2_s rd_kafka_broker_producer_v2_t;
typedef struct rd_kafka_toppar_producer_v2_s rd_kafka_toppar_producer_v2_t;
typedef struct rd_kafka_produce_req_toppar_s rd_kafka_produce_req_toppar_t;
typedef struct rd_kafka_fetch_pos_s rd_kafka_fetch_pos_t;
typedef struct rd_kafka_toppar_eos_s rd_kafka_toppar_eos_t;
typedef struct rd_kafka_toppar_counters_s rd_kafka_toppar_counters_t;
typedef struct rd_kafka_toppar_s rd_kafka_toppar_t;
typedef struct rd_kafka_broker_counters_s rd_kafka_broker_counters_t;
typedef struct rd_kafka_broker_telemetry_avg_s rd_kafka_broker_telemetry_avg_t;
typedef struct rd_kafka_broker_telemetry_historic_s rd_kafka_broker_telemetry_historic_t;
typedef struct rd_kafka_broker_telemetry_s rd_kafka_broker_telemetry_t;
typedef struct rd_kafka_broker_persistconn_s rd_kafka_broker_persistconn_t;
typedef struct rd_kafka_broker_suppress_s rd_kafka_broker_suppress_t;
typedef struct rd_kafka_broker_last_err_s rd_kafka_broker_last_err_t;
typedef struct rd_kafka_broker_monitor_s rd_kafka_broker_monitor_t;
typedef struct rd_kafka_broker_s rd_kafka_broker_t;


/** The partition is gone from the cluster. */
#define RD_KAFKA_TOPPAR_F_REMOVE 64

/** The application paused it. */
#define RD_KAFKA_TOPPAR_F_APP_PAUSE 16

/** The library paused it. */
#define RD_KAFKA_TOPPAR_F_LIB_PAUSE 32

/** It will be in the transaction once the coordinator knows. */
#define RD_KAFKA_TOPPAR_F_PEND_TXN 256

/** It is in the transaction. */
#define RD_KAFKA_TOPPAR_F_IN_TXN 512

/** It is in its broker's list. */
#define RD_KAFKA_TOPPAR_F_ON_RKB 4096

/** The queue is on the heap. */
#define RD_KAFKA_Q_F_ALLOCATED 1

/** The queue takes operations. */
#define RD_KAFKA_Q_F_READY 2

/** A leader is missing. */
#define RD_KAFKA_TOPIC_F_LEADER_UNAVAIL 1

/** A request without a response. */
#define RD_KAFKA_OP_F_NO_RESPONSE 2

/** The checksum is being computed. */
#define RD_KAFKA_OP_F_CRC 4

/** Others wait for this request. */
#define RD_KAFKA_OP_F_BLOCKING 8

/** A part of the request was sent. */
#define RD_KAFKA_OP_F_SENT 32

/** The request has tagged fields. */
#define RD_KAFKA_OP_F_FLEXVER 64

/** The request is written when the broker's versions are known. */
#define RD_KAFKA_OP_F_NEED_MAKE 128

/** The list's struct is freed with it. */
#define RD_LIST_F_ALLOCATED 1

/** The list is sorted. */
#define RD_LIST_F_SORTED 2

/** The list does not grow. */
#define RD_LIST_F_FIXED_SIZE 4

/** No two elements are equal. */
#define RD_LIST_F_UNIQUE 8

/** The piece is not written to. */
#define RD_SEGMENT_F_RDONLY 1

/** The piece's struct is freed with it. */
#define RD_SEGMENT_F_FREE 2

/** The batch fails. */
#define RD_KAFKA_ERR_ACTION_PERMANENT 1

/** The error is none. */
#define RD_KAFKA_ERR_ACTION_IGNORE 2

/** Metadata is asked for. */
#define RD_KAFKA_ERR_ACTION_REFRESH 4

/** It is tried again. */
#define RD_KAFKA_ERR_ACTION_RETRY 8

/** The application is told. */
#define RD_KAFKA_ERR_ACTION_INFORM 16

/** The caller decides. */
#define RD_KAFKA_ERR_ACTION_SPECIAL 32

/** The messages are not in the log. */
#define RD_KAFKA_ERR_ACTION_MSG_NOT_PERSISTED 64

/** They may be. */
#define RD_KAFKA_ERR_ACTION_MSG_POSSIBLY_PERSISTED 128

/** They are. */
#define RD_KAFKA_ERR_ACTION_MSG_PERSISTED 256

/** The instance fails. */
#define RD_KAFKA_ERR_ACTION_FATAL 512

/** Kinds of requests that are counted. */
#define RD_KAFKAP__NUM 74

/** Room for a name, its NUL included. */
#define RD_KAFKA_NODENAME_SIZE 256

/** State of a broker's connection. */
enum rd_kafka_broker_state_t {
    /** Not needed yet. */
    RD_KAFKA_BROKER_STATE_INIT = 0,
    /** Failed; waits for its back-off. */
    RD_KAFKA_BROKER_STATE_DOWN = 1,
    /** Is about to connect. */
    RD_KAFKA_BROKER_STATE_TRY_CONNECT = 2,
    /** TCP handshake. */
    RD_KAFKA_BROKER_STATE_CONNECT = 3,
    /** TLS handshake. */
    RD_KAFKA_BROKER_STATE_SSL_HANDSHAKE = 4,
    /** SASL without Kafka framing. */
    RD_KAFKA_BROKER_STATE_AUTH_LEGACY = 5,
    /** Usable. */
    RD_KAFKA_BROKER_STATE_UP = 6,
    /** Asks for the supported versions. */
    RD_KAFKA_BROKER_STATE_APIVERSION_QUERY = 7,
    /** SASL mechanism handshake. */
    RD_KAFKA_BROKER_STATE_AUTH_HANDSHAKE = 8,
    /** SASL authentication. */
    RD_KAFKA_BROKER_STATE_AUTH_REQ = 9,
    /** SASL re-authentication. */
    RD_KAFKA_BROKER_STATE_REAUTH = 10,
};

/** Where a broker is known from. */
enum rd_kafka_confsource_t {
    /** The configuration. */
    RD_KAFKA_CONFIGURED = 0,
    /** Metadata. */
    RD_KAFKA_LEARNED = 1,
    /** It is none; partitions without a leader wait there. */
    RD_KAFKA_INTERNAL = 2,
    /** It stands for whichever broker has a task. */
    RD_KAFKA_LOGICAL = 3,
};

/** Security protocol. */
enum rd_kafka_secproto_t {
    /** None. */
    RD_KAFKA_PROTO_PLAINTEXT = 0,
    /** TLS. */
    RD_KAFKA_PROTO_SSL = 1,
    /** SASL without TLS. */
    RD_KAFKA_PROTO_SASL_PLAINTEXT = 2,
    /** SASL with TLS. */
    RD_KAFKA_PROTO_SASL_SSL = 3,
};

/** Compression of message sets. */
enum rd_kafka_compression_t {
    /** None. */
    RD_KAFKA_COMPRESSION_NONE = 0,
    /** gzip. */
    RD_KAFKA_COMPRESSION_GZIP = 1,
    /** Snappy. */
    RD_KAFKA_COMPRESSION_SNAPPY = 2,
    /** LZ4. */
    RD_KAFKA_COMPRESSION_LZ4 = 3,
    /** Zstandard. */
    RD_KAFKA_COMPRESSION_ZSTD = 4,
    /** A topic's: the instance's. */
    RD_KAFKA_COMPRESSION_INHERIT = 5,
};

/** State of a topic. */
enum rd_kafka_topic_state_t {
    /** No metadata yet. */
    RD_KAFKA_TOPIC_S_UNKNOWN = 0,
    /** The cluster has it. */
    RD_KAFKA_TOPIC_S_EXISTS = 1,
    /** The cluster does not have it. */
    RD_KAFKA_TOPIC_S_NOTEXISTS = 2,
    /** The cluster refuses it. */
    RD_KAFKA_TOPIC_S_ERROR = 3,
};

/** Priority of an operation or request. */
enum rd_kafka_prio_t {
    /** In its turn. */
    RD_KAFKA_PRIO_NORMAL = 0,
    /** Before others. */
    RD_KAFKA_PRIO_MEDIUM = 1,
    /** Before most. */
    RD_KAFKA_PRIO_HIGH = 2,
    /** At once. */
    RD_KAFKA_PRIO_FLASH = 3,
};

/** Whose part of a request's union is valid, and which engine a broker has. */
enum rd_kafka_produce_engine_t {
    /** None: no produce request. */
    RD_KAFKA_PRODUCE_NONE = 0,
    /** The engine `legacy`. */
    RD_KAFKA_PRODUCE_LEGACY = 1,
    /** The engine `v2`. */
    RD_KAFKA_PRODUCE_V2 = 2,
};

struct rd_kafka_ApiVersion;

struct rd_kafka_q_io;

/** Microseconds of the monotonic clock. */
typedef int64_t rd_ts_t;

typedef enum rd_kafka_broker_state_t rd_kafka_broker_state_t;

typedef enum rd_kafka_confsource_t rd_kafka_confsource_t;

typedef enum rd_kafka_secproto_t rd_kafka_secproto_t;

typedef enum rd_kafka_compression_t rd_kafka_compression_t;

typedef enum rd_kafka_topic_state_t rd_kafka_topic_state_t;

typedef enum rd_kafka_prio_t rd_kafka_prio_t;

typedef enum rd_kafka_produce_engine_t rd_kafka_produce_engine_t;

/** A truth value. */
typedef bool rd_bool_t;

/** A checksum that is being computed. */
typedef uint32_t rd_crc32_t;

/** A socket. */
typedef int rd_socket_t;

/** A number that several threads change. */
struct rd_atomic32_s {
    /** The number. */
    int32_t val;
};

/** A number that several threads change. */
struct rd_atomic64_s {
    /** The number. */
    int64_t val;
};

/** A count of references. */
struct rd_refcnt_s {
    /** The count. */
    int32_t val;
};

/** A list of pointers. */
struct rd_list_s {
    /** Elements that there is room for. */
    int rl_size;
    /** Elements in use. */
    int rl_cnt;
    /** The elements, on the C heap. */
    void **rl_elems;
    /** Frees an element; NULL: the list does not own its elements. */
    void (*rl_free_cb)(void *element);
    /** `RD_LIST_F_...`. */
    int rl_flags;
    /** Size of the elements of a list that holds them itself. */
    int rl_elemsize;
    /** The memory of these elements. */
    void *rl_p;
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_segment_t {
    /** The next element, NULL at the end. */
    rd_segment_t *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    rd_segment_t **tqe_prev;
};

/** A piece of a byte buffer. */
struct rd_segment_s {
    /** Its place among the pieces. */
    struct TailqEntry_rd_segment_t seg_link;
    /** The bytes. */
    char *seg_p;
    /** How many are written. */
    size_t seg_of;
    /** How many there is room for. */
    size_t seg_size;
    /** Where the piece begins in the buffer. */
    size_t seg_absof;
    /** Frees the bytes; NULL: they belong to someone else. */
    void (*seg_free)(void *bytes);
    /** `RD_SEGMENT_F_...`. */
    int seg_flags;
    /** How many of the written bytes were erased. */
    size_t seg_erased;
};

/** Head of a tail queue. */
struct TailqHead_rd_segment_t {
    /** The first element, NULL if there is none. */
    rd_segment_t *tqh_first;
    /** The pointer at the end: the last element's `tqe_next`, or `tqh_first`. */
    rd_segment_t **tqh_last;
};

/** A byte buffer in pieces. */
struct rd_buf_s {
    /** The pieces. */
    struct TailqHead_rd_segment_t rbuf_segments;
    /** How many. */
    size_t rbuf_segment_cnt;
    /** The piece that is written to next. */
    rd_segment_t *rbuf_wpos;
    /** Bytes written. */
    size_t rbuf_len;
    /** Bytes of them that were erased. */
    size_t rbuf_erased;
    /** Bytes that there is room for. */
    size_t rbuf_size;
    /** Memory for pieces, in one block. */
    char *rbuf_extra;
    /** How much of it is used. */
    size_t rbuf_extra_len;
    /** Its size. */
    size_t rbuf_extra_size;
};

/** A range of a byte buffer, being read. */
struct rd_slice_s {
    /** The buffer. */
    const rd_buf_t *buf;
    /** The piece that is read next. */
    const rd_segment_t *seg;
    /** Where in that piece. */
    size_t rof;
    /** Where the range begins in the buffer. */
    size_t start;
    /** Where it ends. */
    size_t end;
};

/** What an average saw since it was rolled over. */
struct rd_avg_values_s {
    /** Largest value. */
    int64_t maxv;
    /** Smallest value. */
    int64_t minv;
    /** Average. */
    int64_t avg;
    /** Sum. */
    int64_t sum;
    /** Number of values. */
    int cnt;
    /** When it was rolled over; not kept. */
    rd_ts_t start;
};

/** What an average's histogram said when it was rolled over. */
struct rd_avg_histogram_s {
    /** 50 percent of the values are not larger. */
    int64_t p50;
    /** 75 percent. */
    int64_t p75;
    /** 90 percent. */
    int64_t p90;
    /** 95 percent. */
    int64_t p95;
    /** 99 percent. */
    int64_t p99;
    /** 99.99 percent. */
    int64_t p99_99;
    /** Values outside the range. */
    int64_t oor;
    /** Memory of the histogram. */
    int32_t hdrsize;
    /** Standard deviation. */
    double stddev;
    /** Mean. */
    double mean;
};

/**
 * An average. With statistics `ra_v` has the numbers since the last time that they were written;
 * the library does not take `ra_lock`, and keeps the histogram elsewhere.
 */
struct rd_avg_s {
    /** The values. */
    rd_avg_values_t ra_v;
    /** Protects the average. */
    mtx_t ra_lock;
    /** Are values taken? */
    int ra_enabled;
    /** 0: values are measured; 1: they are counted. */
    int ra_type;
    /** The histogram. */
    rd_hdr_histogram_t *ra_hdr;
    /** What it said. */
    rd_avg_histogram_t ra_hist;
};

/** Keeps something from happening too often. */
struct rd_interval_s {
    /** When it happened last. */
    rd_ts_t ri_ts_last;
    /** The least time between two, if it is fixed. */
    rd_ts_t ri_fixed;
    /** More time to wait, once, milliseconds. */
    int ri_backoff;
};

/** A string of the protocol. */
struct rd_kafkap_str_s {
    /** Length, -1 for none. */
    int len;
    /** The bytes, with a NUL behind them if they were copied. */
    const char *str;
};

/** Id and epoch of an idempotent producer. */
struct rd_kafka_pid_s {
    /** Id, -1 for none. */
    int64_t id;
    /** Epoch, -1 for none. */
    int16_t epoch;
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_kafka_timer_t {
    /** The next element, NULL at the end. */
    rd_kafka_timer_t *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    rd_kafka_timer_t **tqe_prev;
};

/** Calls a function at its time; not used. */
struct rd_kafka_timer_s {
    /** Its place among the timers. */
    struct TailqEntry_rd_kafka_timer_t rtmr_link;
    /** When it is due. */
    rd_ts_t rtmr_next;
    /** How long between two calls; 0: it does not run. */
    rd_ts_t rtmr_interval;
    /** Does it run once only? */
    rd_bool_t rtmr_oneshot;
    /** The function. */
    void *rtmr_callback;
    /** What the function gets. */
    void *rtmr_arg;
};

/** What only produced messages have. */
struct rd_kafka_msg_producer_s {
    /** When the message expires; `i64::MAX` for never. */
    rd_ts_t ts_timeout;
    /** When the produce call took it. */
    rd_ts_t ts_enq;
    /** Not before this time is it sent again. */
    rd_ts_t ts_backoff;
    /** Number within its partition, from 1; 0 before it has one. */
    uint64_t msgid;
    /**
     * Last message id of the batch that this message began when it was sent first (idempotence).
     */
    uint64_t last_msgid;
    /** How often it was sent again. */
    int retries;
    /** The broker's text; owned by the message. */
    const char *errstr;
};

/** What depends on the kind of message; ours are produced ones. */
struct rd_kafka_msg_u_s {
    /** A produced message's. */
    rd_kafka_msg_producer_t producer;
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_kafka_msg_t {
    /** The next element, NULL at the end. */
    rd_kafka_msg_t *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    rd_kafka_msg_t **tqe_prev;
};

/** A message. */
struct rd_kafka_msg_s {
    /** The public part, at offset 0. */
    rd_kafka_message_t rkm_rkmessage;
    /** The link in a queue. */
    struct TailqEntry_rd_kafka_msg_t rkm_link;
    /** `RD_KAFKA_MSG_F_*`, public and internal. */
    int rkm_flags;
    /** Kind of the timestamp. */
    rd_kafka_timestamp_type_t rkm_tstype;
    /** Timestamp, milliseconds since the epoch. */
    int64_t rkm_timestamp;
    /** Headers, owned; NULL if none. */
    rd_kafka_headers_t *rkm_headers;
    /** Persistence. */
    rd_kafka_msg_status_t rkm_status;
    /** Node id of the broker that gave the final result; -1 if none did. */
    int32_t rkm_broker_id;
    /** The producer's part. */
    rd_kafka_msg_u_t rkm_u;
};

/** When the application's enqueue wakes the broker thread. */
struct rd_kafka_msgq_wakeup_s {
    /** From this time on each enqueue wakes. */
    rd_ts_t abstime;
    /** This many messages wake. */
    int32_t msg_cnt;
    /** More than this many bytes wake. */
    int64_t msg_bytes;
    /** The first message wakes. */
    rd_bool_t on_first;
    /** The thread is awake or was woken. */
    rd_bool_t signalled;
};

/** Head of a tail queue. */
struct TailqHead_rd_kafka_msg_t {
    /** The first element, NULL if there is none. */
    rd_kafka_msg_t *tqh_first;
    /** The pointer at the end: the last element's `tqe_next`, or `tqh_first`. */
    rd_kafka_msg_t **tqh_last;
};

/** A queue of messages. */
struct rd_kafka_msgq_s {
    /** The list. */
    struct TailqHead_rd_kafka_msg_t rkmq_msgs;
    /** How many. */
    int32_t rkmq_msg_cnt;
    /** Sum of value and key lengths. */
    int64_t rkmq_msg_bytes;
    /** Wake-up conditions. */
    rd_kafka_msgq_wakeup_t rkmq_wakeup;
};

/** Why a record was rejected. */
struct rd_kafka_Produce_result_record_error {
    /** The record's place in the batch, from 0. */
    int64_t batch_index;
    /** The broker's text, owned; NULL if there is none. */
    char *errstr;
};

/** What the response says of a batch. */
struct rd_kafka_Produce_result {
    /** Offset of the first record. */
    int64_t offset;
    /**
     * Time at which the broker appended the batch, milliseconds since the epoch; -1 if the
     * messages keep their own.
     */
    int64_t timestamp;
    /** The broker's text, owned; NULL if there is none. */
    char *errstr;
    /** The rejected records, owned. */
    rd_kafka_Produce_result_record_error_t *record_errors;
    /** How many. */
    int32_t record_errors_cnt;
    /** The partition's error code. */
    rd_kafka_resp_err_t errorcode;
};

/** What is made of a batch's error. */
struct rd_kafka_Produce_err {
    /** The error. */
    rd_kafka_resp_err_t err;
    /** `RD_KAFKA_ERR_ACTION_...`. */
    int actions;
    /** By how much the messages' count of retries rises. */
    int incr_retry;
    /** Are the messages in the log? */
    rd_kafka_msg_status_t status;
    /** The next sequence number that is expected to be acknowledged. */
    int32_t next_ack_seq;
    /** The next one that may fail. */
    int32_t next_err_seq;
    /** Is `next_ack_seq` the partition's from now on? */
    rd_bool_t update_next_ack;
    /** Is `next_err_seq` the partition's from now on? */
    rd_bool_t update_next_err;
    /** The partition's producer id. */
    rd_kafka_pid_t rktp_pid;
    /** Sequence number of the batch's last message. */
    int32_t last_seq;
};

/** Who leads a partition. */
struct rd_kafkap_CurrentLeader_s {
    /** Node id. */
    int32_t LeaderId;
    /** Leader epoch. */
    int32_t LeaderEpoch;
};

/** Where a broker is. */
struct rd_kafkap_NodeEndpoint_s {
    /** Node id. */
    int32_t NodeId;
    /** Host. */
    rd_kafkap_str_t Host;
    /** Port. */
    int32_t Port;
    /** Rack. */
    rd_kafkap_str_t Rack;
};

/** Where brokers are. */
struct rd_kafkap_NodeEndpoints_s {
    /** How many. */
    int32_t NodeEndpointCnt;
    /** The brokers, owned. */
    rd_kafkap_NodeEndpoint_t *NodeEndpoints;
};

/** Who leads which partition. */
struct rd_kafkap_Produce_reply_tags_Partition_s {
    /** Partition number. */
    int32_t Partition;
    /** Its leader. */
    rd_kafkap_CurrentLeader_t CurrentLeader;
};

/** A partition of a topic. */
struct rd_kafkap_Produce_reply_tags_Topic_s {
    /** The topic's name, owned. */
    char *TopicName;
    /** The partition. */
    rd_kafkap_Produce_reply_tags_Partition_t Partition;
};

/** The tags of a response, or of one of its partitions. */
struct rd_kafkap_Produce_reply_tags_s {
    /** Does the partition have a new leader? */
    int32_t leader_change_cnt;
    /** Where brokers are: of the response only. */
    rd_kafkap_NodeEndpoints_t NodeEndpoints;
    /** The partition, of one only. */
    rd_kafkap_Produce_reply_tags_Topic_t Topic;
};

/** A batch. */
struct rd_kafka_msgbatch_s {
    /** The partition, one reference; NULL in a request that has a list of batches instead. */
    rd_kafka_toppar_t *rktp;
    /** The messages, owned. */
    rd_kafka_msgq_t msgq;
    /** The producer id and epoch with which it is sent. */
    rd_kafka_pid_t pid;
    /** Sequence number of the first message; -1 without idempotence. */
    int32_t first_seq;
    /** Number of the first message; 0 without idempotence. */
    int64_t first_msgid;
    /** The number that has sequence number 0. */
    uint64_t epoch_base_msgid;
    /**
     * Number of the last message, if the batch was sent before and must have the same messages.
     */
    uint64_t last_msgid;
};

/** Head of a tail queue. */
struct TailqHead_rd_kafka_op_t {
    /** The first element, NULL if there is none. */
    rd_kafka_op_t *tqh_first;
    /** The pointer at the end: the last element's `tqe_next`, or `tqh_first`. */
    rd_kafka_op_t **tqh_last;
};

/** A queue of operations. */
struct rd_kafka_q_s {
    /** Protects the queue. */
    mtx_t rkq_lock;
    /** Tells of news. */
    cnd_t rkq_cond;
    /** The queue that it is forwarded to. */
    rd_kafka_q_t *rkq_fwdq;
    /** The operations. */
    struct TailqHead_rd_kafka_op_t rkq_q;
    /** How many. */
    int rkq_qlen;
    /** Their bytes. */
    int64_t rkq_qsize;
    /** References. */
    int rkq_refcnt;
    /** `RD_KAFKA_Q_F_...`. */
    int rkq_flags;
    /** The instance. */
    rd_kafka_t *rkq_rk;
    /** Tells a program of news. */
    struct rd_kafka_q_io *rkq_qio;
    /** Serves operations; not used. */
    void *rkq_serve;
    /** What that function gets. */
    void *rkq_opaque;
    /** Its name. */
    const char *rkq_name;
};

/** Where an answer goes. */
struct rd_kafka_replyq_s {
    /** The queue, one reference; NULL for none. */
    rd_kafka_q_t *q;
    /** Answers of an older version are dropped. */
    int32_t version;
};

/** Header of a request. */
struct rd_kafkap_reqhdr {
    /** Bytes that follow this field. */
    int32_t Size;
    /** Which request. */
    int16_t ApiKey;
    /** Its version. */
    int16_t ApiVersion;
    /** The response has the same. */
    int32_t CorrId;
};

/** Header of a response. */
struct rd_kafkap_reshdr {
    /** Bytes that follow this field. */
    int32_t Size;
    /** Of the request. */
    int32_t CorrId;
};

/** Called with the answer, or with the error instead of one. */
typedef void (rd_kafka_resp_cb_t)(rd_kafka_t *rk,
                                   rd_kafka_broker_t *rkb,
                                   rd_kafka_resp_err_t err,
                                   rd_kafka_buf_t *reply,
                                   rd_kafka_buf_t *request,
                                   void *opaque);

/** Writes a request when its broker's versions are known. */
typedef rd_kafka_resp_err_t (rd_kafka_make_req_cb_t)(rd_kafka_broker_t *rkb,
                                                      rd_kafka_buf_t *rkbuf,
                                                      void *make_opaque);

/** A metadata request. */
struct rd_kafka_buf_metadata_s {
    /** Names of the topics. */
    rd_list_t *topics;
    /** Ids of the topics. */
    rd_list_t *topic_ids;
    /** Why it is sent. */
    char *reason;
    /** Does it ask for all topics? */
    rd_bool_t all_topics;
    /** Does it update the consumer group? */
    rd_bool_t cgrp_update;
    /** The group's subscription. */
    int32_t cgrp_subscription_version;
    /** Are racks wanted? */
    rd_bool_t force_racks;
    /** Counted down with the request's end. */
    int *decr;
    /** Protects that counter. */
    mtx_t *decr_lock;
};

/** A produce request of the legacy engine: one batch, or a list of batches. */
struct rd_kafka_buf_produce_s {
    /** The batch of a request with one; all zero in one with a list. */
    rd_kafka_msgbatch_t batch;
    /** The batches, `rd_kafka_msgbatch_t *`; empty in a request with one. */
    rd_list_t batch_list;
    /** Where the length of the one batch's records stands. */
    size_t batch_start_pos;
    /** Where that batch ends. */
    size_t batch_end_pos;
};

/** A produce request of the engine `v2`: batches of many partitions, which stay the engine's. */
struct rd_kafka_buf_produce_v2_s {
    /**
     * What all batches have together: numbers of messages and bytes, no partition and no message.
     */
    rd_kafka_msgbatch_t batch;
    /** The batches; see `rd_kafka_produce_req_toppar_v2`. */
    const void *slots;
    /** How many. */
    size_t slot_cnt;
};

/** The end of a transaction. */
struct rd_kafka_buf_end_txn_s {
    /** Commit, or abort? */
    rd_bool_t commit;
};

/**
 * What only some requests have. `rkbuf_reqhdr.ApiKey` says which is valid, and for produce
 * requests `rkbuf_produce_engine`.
 */
union rd_kafka_buf_u_s {
    /** Metadata. */
    rd_kafka_buf_metadata_t Metadata;
    /** Produce, engine `legacy`. */
    rd_kafka_buf_produce_t Produce;
    /** Produce, engine `v2`. */
    rd_kafka_buf_produce_v2_t ProduceV2;
    /** EndTxn. */
    rd_kafka_buf_end_txn_t EndTxn;
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_kafka_buf_t {
    /** The next element, NULL at the end. */
    rd_kafka_buf_t *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    rd_kafka_buf_t **tqe_prev;
};

/** A request or a response. */
struct rd_kafka_buf_s {
    /** Its place in a queue. */
    struct TailqEntry_rd_kafka_buf_t rkbuf_link;
    /** Correlation id. */
    int32_t rkbuf_corrid;
    /** When it is sent again. */
    rd_ts_t rkbuf_ts_retry;
    /** `RD_KAFKA_OP_F_...`. */
    int rkbuf_flags;
    /** Priority. */
    rd_kafka_prio_t rkbuf_prio;
    /** The bytes. */
    rd_buf_t rkbuf_buf;
    /** Reads them. */
    rd_slice_t rkbuf_reader;
    /** The connection on which a part was sent. */
    int rkbuf_connid;
    /** Bytes to receive. */
    size_t rkbuf_totlen;
    /** The checksum that is being computed. */
    rd_crc32_t rkbuf_crc;
    /** Header of the request. */
    struct rd_kafkap_reqhdr rkbuf_reqhdr;
    /** Header of the response. */
    struct rd_kafkap_reshdr rkbuf_reshdr;
    /** Expected size of the response. */
    int32_t rkbuf_expected_size;
    /** Where the answer goes. */
    rd_kafka_replyq_t rkbuf_replyq;
    /** Where it went before the request was sent again. */
    rd_kafka_replyq_t rkbuf_orig_replyq;
    /** Takes the answer. */
    rd_kafka_resp_cb_t *rkbuf_cb;
    /** The response, owned. */
    rd_kafka_buf_t *rkbuf_response;
    /** Writes the request. */
    rd_kafka_make_req_cb_t *rkbuf_make_req_cb;
    /** What that function gets. */
    void *rkbuf_make_opaque;
    /** Frees it. */
    void (*rkbuf_free_make_opaque_cb)(void *make_opaque);
    /** The broker, one reference; NULL if none. */
    rd_kafka_broker_t *rkbuf_rkb;
    /** References. */
    rd_refcnt_t rkbuf_refcnt;
    /** What `rkbuf_cb` gets. */
    void *rkbuf_opaque;
    /** How often it may be sent again. */
    int rkbuf_max_retries;
    /** How often it was. */
    int rkbuf_retries;
    /** Features that the broker must have. */
    int rkbuf_features;
    /** When it came into the output queue. */
    rd_ts_t rkbuf_ts_enq;
    /** When it was sent; once the answer is there, how long that took. */
    rd_ts_t rkbuf_ts_sent;
    /** When it fails. */
    rd_ts_t rkbuf_ts_timeout;
    /** The latest such time, whatever is tried; 0 for none. */
    rd_ts_t rkbuf_abs_timeout;
    /** Time for one try, milliseconds; 0 if `rkbuf_abs_timeout` holds. */
    int rkbuf_rel_timeout;
    /** Keep a timeout that is longer than the configuration allows? */
    rd_bool_t rkbuf_force_timeout;
    /** An offset of the request. */
    int64_t rkbuf_offset;
    /** Partitions and their versions. */
    rd_list_t *rkbuf_rktp_vers;
    /** Error while it is read. */
    rd_kafka_resp_err_t rkbuf_err;
    /** What only some requests have. */
    rd_kafka_buf_u_t rkbuf_u;
    /** What a response that is too short may mean. */
    const char *rkbuf_uflow_mitigation;
    /** Which engine's part of `rkbuf_u` is valid: `RD_KAFKA_PRODUCE_...`. */
    int rkbuf_produce_engine;
};

/** Head of a tail queue. */
struct TailqHead_rd_kafka_buf_t {
    /** The first element, NULL if there is none. */
    rd_kafka_buf_t *tqh_first;
    /** The pointer at the end: the last element's `tqe_next`, or `tqh_first`. */
    rd_kafka_buf_t **tqh_last;
};

/** A queue of requests. */
struct rd_kafka_bufq_s {
    /** The requests. */
    struct TailqHead_rd_kafka_buf_t rkbq_bufs;
    /** How many. */
    rd_atomic32_t rkbq_cnt;
    /** Messages in them; those of a list of batches do not count. */
    rd_atomic32_t rkbq_msg_cnt;
};

/** The first message of a message set. */
struct rd_kafka_msgset_writer_firstmsg_s {
    /** Where it stands in the buffer. */
    size_t of;
    /** Its timestamp. */
    int64_t timestamp;
};

/** A message set that is being written. */
struct rd_kafka_msgset_writer_s {
    /** The request, owned until it is finished. */
    rd_kafka_buf_t *msetw_rkbuf;
    /** Version of the request. */
    int16_t msetw_ApiVersion;
    /** Version of the messages: 0, 1 or 2. */
    int msetw_MsgVersion;
    /** Features of the broker that are needed. */
    int msetw_features;
    /** How it is compressed. */
    rd_kafka_compression_t msetw_compression;
    /** The most messages. */
    int msetw_msgcntmax;
    /** Bytes of messages written. */
    size_t msetw_messages_len;
    /** Bytes of keys and values in them. */
    size_t msetw_messages_kvlen;
    /** Bytes of the message set. */
    size_t msetw_MessageSetSize;
    /** Where that number stands in the buffer. */
    size_t msetw_of_MessageSetSize;
    /** Where the message set begins. */
    size_t msetw_of_start;
    /** Are offsets relative to the first message's? */
    int msetw_relative_offsets;
    /** Attributes of the batch. */
    int msetw_Attributes;
    /** The latest timestamp. */
    int64_t msetw_MaxTimestamp;
    /** Where the checksum stands in the buffer. */
    size_t msetw_of_CRC;
    /** The batch. */
    rd_kafka_msgbatch_t *msetw_batch;
    /** The first message. */
    rd_kafka_msgset_writer_firstmsg_t msetw_firstmsg;
    /** Producer id and epoch. */
    rd_kafka_pid_t msetw_pid;
    /** The broker. */
    rd_kafka_broker_t *msetw_rkb;
    /** The partition. */
    rd_kafka_toppar_t *msetw_rktp;
    /** Where the messages come from. */
    rd_kafka_msgq_t *msetw_msgq;
};

/** Head of a tail queue. */
struct TailqHead_rd_kafka_toppar_t {
    /** The first element, NULL if there is none. */
    rd_kafka_toppar_t *tqh_first;
    /** The pointer at the end: the last element's `tqe_next`, or `tqh_first`. */
    rd_kafka_toppar_t **tqh_last;
};

/** The partitions of a broker that wait for a request. */
struct rd_kafka_broker_batch_collector_s {
    /** When the oldest message that may be sent was produced; 0 for none. */
    rd_ts_t rkbbcol_first_add_ts;
    /** When the next back-off ends; 0 for none. */
    rd_ts_t rkbbcol_earliest_backoff;
    /** Partitions that may send. */
    int rkbbcol_active_partition_cnt;
    /** Not used. */
    int64_t rkbbcol_total_bytes;
    /** Always empty: the engine keeps its partitions without links through them. */
    struct TailqHead_rd_kafka_toppar_t rkbbcol_toppars;
    /** Not used: who is next stands in the engine. */
    rd_kafka_toppar_t *rkbbcol_next;
};

/** Round trips of Produce requests. */
struct rd_kafka_adaptive_rtt_stats_s {
    /** The shortest of the last seconds, microseconds. */
    rd_ts_t rtt_base;
    /** Smoothed, microseconds. */
    rd_ts_t rtt_current;
    /** Not used. */
    rd_ts_t rtt_samples[16];
    /** Not used. */
    int rtt_sample_idx;
    /** Not used. */
    int rtt_sample_cnt;
    /** When the last one was measured. */
    rd_ts_t rtt_last_update;
    /** Not used. */
    rd_ts_t rtt_base_update;
};

/** How long messages wait before they are sent. */
struct rd_kafka_adaptive_int_latency_stats_s {
    /** As long as they should, microseconds. */
    rd_ts_t int_lat_base;
    /** Smoothed time beyond that, microseconds. */
    rd_ts_t int_lat_current;
    /** Not used. */
    rd_ts_t int_lat_last_update;
    /** Not used. */
    rd_ts_t int_lat_base_update;
};

/** What adaptive batching knows of a broker. */
struct rd_kafka_adaptive_state_s {
    /** Below this score both limits fall. */
    double alpha;
    /** Above this one they rise. */
    double beta;
    /** The score: the larger of the next two. */
    double congestion_score;
    /** Excess of the round trips. */
    double rtt_congestion;
    /** Excess of the waiting time. */
    double int_lat_congestion;
    /** When the limits were looked at. */
    rd_ts_t last_adjustment;
    /** Round trips. */
    rd_kafka_adaptive_rtt_stats_t rtt_stats;
    /** Waiting times. */
    rd_kafka_adaptive_int_latency_stats_t int_lat_stats;
    /** Looks in a row that found congestion. */
    int consecutive_increases;
    /** Looks in a row that found none. */
    int consecutive_decreases;
    /** Not used. */
    double prev_throughput;
    /** Not used. */
    double prev_rtt;
    /** How often the limits rose. */
    int64_t adjustments_up;
    /** How often they fell. */
    int64_t adjustments_down;
    /** Always 0: a backlog is congestion like any other. */
    int64_t backlog_drain_events;
};

/** The limits that adaptive batching sets. */
struct rd_kafka_adaptive_params_s {
    /** How long the oldest message may wait, microseconds. */
    rd_ts_t linger_us;
    /** How many bytes are enough. */
    int64_t batch_max_bytes;
    /** The least linger. */
    rd_ts_t linger_min_us;
    /** The longest. */
    rd_ts_t linger_max_us;
    /** The fewest bytes. */
    int64_t batch_max_bytes_min;
    /** The most. */
    int64_t batch_max_bytes_max;
};

/** What engine `v2` keeps of a broker: `rkb_producer_engine_state`. */
struct rd_kafka_broker_producer_v2_s {
    /** The partitions that wait for a request. */
    rd_kafka_broker_batch_collector_t rkbp_collector;
    /** Adaptive batching; zero if it is off. */
    rd_kafka_adaptive_state_t rkbp_adaptive_state;
    /** Its limits; zero if it is off. */
    rd_kafka_adaptive_params_t rkbp_adaptive_params;
    /** Partitions of a request; not used: the windows of the statistics are elsewhere. */
    rd_avg_t rkbp_avg_produce_partitions;
    /** Messages of a request; not used. */
    rd_avg_t rkbp_avg_produce_messages;
    /** Bytes of a request; not used. */
    rd_avg_t rkbp_avg_produce_reqsize;
    /** How full a request is; not used. */
    rd_avg_t rkbp_avg_produce_fill;
    /** How long a batch waits; not used. */
    rd_avg_t rkbp_avg_batch_wait;
    /** The producer id under which the engine sends; -1 for none. */
    rd_kafka_pid_t rkbp_produce_pid;
};

/** What engine `v2` keeps of a partition: `rktp_producer_v2`. */
struct rd_kafka_toppar_producer_v2_s {
    /** It waits for a request. */
    rd_bool_t rktp_in_batch_collector;
    /** Since when; 0 if it does not. */
    rd_ts_t rktp_ts_xmit_enq;
    /** Messages that the broker's thread knows of and that wait for a request. */
    rd_atomic32_t rktp_xmit_msgq_cnt;
    /** Their bytes. */
    rd_atomic64_t rktp_xmit_msgq_bytes;
};

/** A batch in a request, as `rd_kafka_produce_req_toppar_v2` shows it; nothing in it is owned. */
struct rd_kafka_produce_req_toppar_s {
    /** 1. */
    int rkprt_assigned;
    /** Not used. */
    rd_crc32_t rkprt_crc;
    /** The partition. */
    rd_kafka_toppar_t *rkprt_s_rktp;
    /** Messages. */
    int32_t rkprt_msg_cnt;
    /** Not used: results are not kept here. */
    int64_t rkprt_produce_base_offset;
    /** Not used. */
    int16_t rkprt_produce_errorcode;
    /** Not used. */
    rd_ts_t rkprt_log_append_time;
    /** Not used. */
    int rkprt_recv;
    /** Not used. */
    char *rkprt_errstr;
    /** Not used. */
    rd_kafka_Produce_result_record_error_t *rkprt_record_errors;
    /** Not used. */
    int32_t rkprt_record_errors_cnt;
    /** The producer id and epoch; -1 without idempotence. */
    rd_kafka_pid_t rkprt_pid;
    /** Number of the first message. */
    uint64_t rkprt_base_msgid;
    /** Sequence number of the first message; -1 without idempotence. */
    int32_t rkprt_base_seq;
    /** Sequence number of the last one. */
    int32_t rkprt_last_seq;
    /** Sequence number of the next batch. */
    int32_t rkprt_next_seq;
    /** Not used: messages stay the engine's. */
    rd_kafka_msg_t *rkprt_base_rkm;
};

/** A position in the log. */
struct rd_kafka_fetch_pos_s {
    /** Offset. */
    int64_t offset;
    /** Leader epoch, -1 if not known. */
    int32_t leader_epoch;
    /** Was the epoch looked at? */
    rd_bool_t validated;
};

/** A consumer's offsets. */
struct offset_stats {
    /** The next one to fetch. */
    rd_kafka_fetch_pos_t fetch_pos;
    /** The end that was reported last. */
    int64_t eof_offset;
};

/** Idempotence of a partition. */
struct rd_kafka_toppar_eos_s {
    /** The producer id and epoch of its sequence numbers. */
    rd_kafka_pid_t pid;
    /** Number of the highest message that was acknowledged. */
    uint64_t acked_msgid;
    /** The number that has sequence number 0. */
    uint64_t epoch_base_msgid;
    /** The sequence number that is acknowledged next. */
    int32_t next_ack_seq;
    /** The sequence number that may fail next. */
    int32_t next_err_seq;
    /** Nothing is sent before the answers of all that is in flight are there. */
    rd_bool_t wait_drain;
};

/** A partition's last produce error. */
struct rd_kafka_toppar_err {
    /** The error. */
    rd_kafka_resp_err_t err;
    /** `RD_KAFKA_ERR_ACTION_...`. */
    int actions;
    /** When. */
    rd_ts_t ts;
    /** Number of the batch's first message. */
    uint64_t base_msgid;
    /** Sequence number of the batch's first message. */
    int32_t base_seq;
    /** Sequence number of its last message. */
    int32_t last_seq;
};

/** Counters of a partition. */
struct rd_kafka_toppar_counters_s {
    /** Messages put into requests. */
    rd_atomic64_t tx_msgs;
    /** Their key and value bytes. */
    rd_atomic64_t tx_msg_bytes;
    /** A consumer's. */
    rd_atomic64_t rx_msgs;
    /** A consumer's. */
    rd_atomic64_t rx_msg_bytes;
    /** Messages that the application produced. */
    rd_atomic64_t producer_enq_msgs;
    /** A consumer's. */
    rd_atomic64_t rx_ver_drops;
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_kafka_toppar_t {
    /** The next element, NULL at the end. */
    rd_kafka_toppar_t *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    rd_kafka_toppar_t **tqe_prev;
};

/** An element's link in a circular queue. */
struct CircleqEntry_rd_kafka_toppar_t {
    /** The next element; the head at the end. */
    rd_kafka_toppar_t *cqe_next;
    /** The previous element; the head at the beginning. */
    rd_kafka_toppar_t *cqe_prev;
};

/** A partition of a topic. */
struct rd_kafka_toppar_s {
    /** Its place among all partitions; not used. */
    struct TailqEntry_rd_kafka_toppar_t rktp_rklink;
    /** Its place among its broker's partitions. */
    struct TailqEntry_rd_kafka_toppar_t rktp_rkblink;
    /** Its place among those that are served. */
    struct CircleqEntry_rd_kafka_toppar_t rktp_activelink;
    /** Its place among its topic's; not used. */
    struct TailqEntry_rd_kafka_toppar_t rktp_rktlink;
    /** A consumer's. */
    struct TailqEntry_rd_kafka_toppar_t rktp_cgrplink;
    /** Its place in the transaction. */
    struct TailqEntry_rd_kafka_toppar_t rktp_txnlink;
    /** The topic. */
    rd_kafka_topic_t *rktp_rkt;
    /** Partition number. */
    int32_t rktp_partition;
    /** Node id of the leader; -1 if none. */
    int32_t rktp_leader_id;
    /** Node id of the broker whose thread serves it; -1 if none does. */
    int32_t rktp_broker_id;
    /** The leader, one reference; NULL if none. */
    rd_kafka_broker_t *rktp_leader;
    /** The broker whose thread serves it, one reference; NULL if none. */
    rd_kafka_broker_t *rktp_broker;
    /** The broker that shall serve it next, one reference; NULL if none. */
    rd_kafka_broker_t *rktp_next_broker;
    /** References. */
    rd_refcnt_t rktp_refcnt;
    /** Protects the partition. */
    mtx_t rktp_lock;
    /** The queue of the broker thread that is woken for it. */
    rd_kafka_q_t *rktp_msgq_wakeup_q;
    /** Messages of the application. */
    rd_kafka_msgq_t rktp_msgq;
    /** Messages that the broker thread took; only that thread uses it. */
    rd_kafka_msgq_t rktp_xmit_msgq;
    /** Is it fetched? */
    int rktp_fetch;
    /** Messages fetched. */
    rd_kafka_q_t *rktp_fetchq;
    /** Operations for the partition. */
    rd_kafka_q_t *rktp_ops;
    /** Messages in flight. */
    rd_atomic32_t rktp_msgs_inflight;
    /** The number of the newest message. */
    uint64_t rktp_msgid;
    /** Idempotence. */
    rd_kafka_toppar_eos_t rktp_eos;
    /** Version of operations that still count. */
    rd_atomic32_t rktp_version;
    /** A consumer's. */
    int32_t rktp_op_version;
    /** A consumer's. */
    int32_t rktp_fetch_version;
    /** A consumer's. */
    int rktp_fetch_state;
    /** Leader epoch, -1 if not known. */
    int32_t rktp_leader_epoch;
    /** A consumer's. */
    int32_t rktp_fetch_msg_max_bytes;
    /** A consumer's. */
    rd_ts_t rktp_ts_fetch_backoff;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_query_pos;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_next_fetch_start;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_last_next_fetch_start;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_offset_validation_pos;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_app_pos;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_stored_pos;
    /** A consumer's. */
    void *rktp_stored_metadata;
    /** A consumer's. */
    size_t rktp_stored_metadata_size;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_committing_pos;
    /** A consumer's. */
    rd_kafka_fetch_pos_t rktp_committed_pos;
    /** A consumer's. */
    rd_ts_t rktp_ts_committed_offset;
    /** A consumer's. */
    struct offset_stats rktp_offsets;
    /** A consumer's. */
    struct offset_stats rktp_offsets_fin;
    /** A consumer's. */
    int64_t rktp_ls_offset;
    /** A consumer's. */
    int64_t rktp_hi_offset;
    /** A consumer's. */
    int64_t rktp_lo_offset;
    /** A consumer's. */
    rd_ts_t rktp_ts_offset_lag;
    /** A consumer's. */
    char *rktp_offset_path;
    /** A consumer's. */
    void *rktp_offset_fp;
    /** A consumer's. */
    rd_kafka_resp_err_t rktp_last_error;
    /** A consumer's. */
    rd_kafka_cgrp_t *rktp_cgrp;
    /** A consumer's. */
    rd_bool_t rktp_started;
    /** A consumer's. */
    rd_kafka_replyq_t rktp_replyq;
    /** `RD_KAFKA_TOPPAR_F_...`. */
    int rktp_flags;
    /** A consumer's. */
    rd_kafka_timer_t rktp_offset_query_tmr;
    /** A consumer's. */
    rd_kafka_timer_t rktp_offset_commit_tmr;
    /** A consumer's. */
    rd_kafka_timer_t rktp_offset_sync_tmr;
    /** A consumer's. */
    rd_kafka_timer_t rktp_consumer_lag_tmr;
    /** A consumer's. */
    rd_kafka_timer_t rktp_validate_tmr;
    /** A consumer's. */
    rd_interval_t rktp_lease_intvl;
    /** A consumer's. */
    rd_interval_t rktp_new_lease_intvl;
    /** A consumer's. */
    rd_interval_t rktp_new_lease_log_intvl;
    /** A consumer's. */
    rd_interval_t rktp_metadata_intvl;
    /** A consumer's. */
    int rktp_wait_consumer_lag_resp;
    /** The last produce error. */
    struct rd_kafka_toppar_err rktp_last_err;
    /** Counters. */
    rd_kafka_toppar_counters_t rktp_c;
    /** What engine `v2` keeps of it; NULL with another engine. */
    rd_kafka_toppar_producer_v2_t *rktp_producer_v2;
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_kafka_topic_s {
    /** The next element, NULL at the end. */
    struct rd_kafka_topic_s *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    struct rd_kafka_topic_s **tqe_prev;
};

/** Head of a tail queue. */
struct TailqHead_rd_kafka_partition_msgid_t {
    /** The first element, NULL if there is none. */
    rd_kafka_partition_msgid_t *tqh_first;
    /** The pointer at the end: the last element's `tqe_next`, or `tqh_first`. */
    rd_kafka_partition_msgid_t **tqh_last;
};

/** A topic. */
struct rd_kafka_topic_s {
    /** The mark. */
    char rkt_magic[4];
    /** Behind history's mark. */
    char rkt_reserved_4[4];
    /** Its place among the instance's topics. */
    struct TailqEntry_rd_kafka_topic_s rkt_link;
    /** References. */
    rd_refcnt_t rkt_refcnt;
    /** Protects the topic. */
    rwlock_t rkt_lock;
    /** Name. */
    rd_kafkap_str_t *rkt_topic;
    /** Topic id. */
    uint64_t rkt_topic_id[5];
    /** The partition of messages that have none yet. */
    rd_kafka_toppar_t *rkt_ua;
    /** The partitions, by number. */
    rd_kafka_toppar_t **rkt_p;
    /** How many. */
    int32_t rkt_partition_cnt;
    /** The sticky partition; -1 for none. */
    int32_t rkt_sticky_partition;
    /** Until when it stays. */
    rd_interval_t rkt_sticky_intvl;
    /** Partitions that the application wants and the cluster does not have. */
    rd_list_t rkt_desp;
    /** When those are asked for again. */
    rd_interval_t rkt_desp_refresh_intvl;
    /** When the object was made. */
    rd_ts_t rkt_ts_create;
    /** When metadata arrived last. */
    rd_ts_t rkt_ts_metadata;
    /** References of the application. */
    rd_refcnt_t rkt_app_refcnt;
    /** State. */
    rd_kafka_topic_state_t rkt_state;
    /** When it changed. */
    rd_ts_t rkt_ts_state;
    /** `RD_KAFKA_TOPIC_F_...`. */
    int rkt_flags;
    /** The cluster's error. */
    rd_kafka_resp_err_t rkt_err;
    /** The instance. */
    rd_kafka_t *rkt_rk;
    /** Bytes of message sets. */
    rd_avg_t rkt_avg_batchsize;
    /** Messages in them. */
    rd_avg_t rkt_avg_batchcnt;
    /** History's configuration; not used. */
    uint64_t rkt_conf[46];
    /** Numbers of partitions that are gone; not used. */
    struct TailqHead_rd_kafka_partition_msgid_t rkt_saved_partmsgids;
};

/** Counters of a broker. */
struct rd_kafka_broker_counters_s {
    /** Bytes sent. */
    rd_atomic64_t tx_bytes;
    /** Requests sent. */
    rd_atomic64_t tx;
    /** Failed sends. */
    rd_atomic64_t tx_err;
    /** Requests sent again. */
    rd_atomic64_t tx_retries;
    /** Requests that timed out. */
    rd_atomic64_t req_timeouts;
    /** Bytes received. */
    rd_atomic64_t rx_bytes;
    /** Responses received. */
    rd_atomic64_t rx;
    /** Failed receives. */
    rd_atomic64_t rx_err;
    /** Responses without a request. */
    rd_atomic64_t rx_corrid_err;
    /** A consumer's: incomplete message sets. */
    rd_atomic64_t rx_partial;
    /** A consumer's. */
    rd_atomic64_t zbuf_grow;
    /** Not used. */
    rd_atomic64_t buf_grow;
    /** Returns from poll. */
    rd_atomic64_t wakeups;
    /** Connection attempts. */
    rd_atomic32_t connects;
    /** Lost connections. */
    rd_atomic32_t disconnects;
    /** Requests sent, by kind. */
    rd_atomic64_t reqtype[RD_KAFKAP__NUM];
    /** Last send. */
    rd_atomic64_t ts_send;
    /** Last receive. */
    rd_atomic64_t ts_recv;
};

/** Averages for telemetry; not used. */
struct rd_kafka_broker_telemetry_avg_s {
    /** From socket to response. */
    rd_avg_t rkb_avg_rtt;
    /** Throttle times. */
    rd_avg_t rkb_avg_throttle;
    /** From output queue to socket. */
    rd_avg_t rkb_avg_outbuf_latency;
    /** Fetch requests. */
    rd_avg_t rkb_avg_fetch_latency;
    /** Produce requests. */
    rd_avg_t rkb_avg_produce_latency;
};

/** What telemetry counted before; not used. */
struct rd_kafka_broker_telemetry_historic_s {
    /** Connections. */
    int32_t connects;
};

/** Telemetry; not used. */
struct rd_kafka_broker_telemetry_s {
    /** Counted before. */
    rd_kafka_broker_telemetry_historic_t rkb_historic_c;
    /** Averages. */
    rd_kafka_broker_telemetry_avg_t rd_avg_current;
    /** Averages of the time before. */
    rd_kafka_broker_telemetry_avg_t rd_avg_rollover;
};

/** Why a connection is kept. */
struct rd_kafka_broker_persistconn_s {
    /** Requests of the library. */
    int internal;
    /** A group's or transaction's coordinator. */
    rd_atomic32_t coord;
};

/** Log lines that are not written too often. */
struct rd_kafka_broker_suppress_s {
    /** The broker does not know the compression. */
    rd_interval_t unsupported_compression;
    /** A consumer's. */
    rd_interval_t unsupported_kip62;
    /** A consumer's. */
    rd_interval_t unsupported_kip345;
    /** The connection failed again with the same error. */
    rd_interval_t fail_error;
};

/** The last error of a connection. */
struct rd_kafka_broker_last_err_s {
    /** Text. */
    char errstr[512];
    /** Error. */
    rd_kafka_resp_err_t err;
    /** How often in a row. */
    int cnt;
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_kafka_broker_monitor_t {
    /** The next element, NULL at the end. */
    rd_kafka_broker_monitor_t *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    rd_kafka_broker_monitor_t **tqe_prev;
};

/** Waits for a broker's state; not used. */
struct rd_kafka_broker_monitor_s {
    /** Its place in `rkb_monitors`. */
    struct TailqEntry_rd_kafka_broker_monitor_t rkbmon_link;
    /** The broker. */
    rd_kafka_broker_t *rkbmon_rkb;
    /** Who waits. */
    rd_kafka_q_t *rkbmon_q;
    /** Called when the state changed. */
    void (*rkbmon_cb)(rd_kafka_broker_t *rkb);
};

/** An element's link in a tail queue. */
struct TailqEntry_rd_kafka_broker_t {
    /** The next element, NULL at the end. */
    rd_kafka_broker_t *tqe_next;
    /** The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`. */
    rd_kafka_broker_t **tqe_prev;
};

/** Head of a circular queue. */
struct CircleqHead_rd_kafka_toppar_t {
    /** The first element; the head itself if there is none. */
    rd_kafka_toppar_t *cqh_first;
    /** The last element; the head itself if there is none. */
    rd_kafka_toppar_t *cqh_last;
};

/** Head of a tail queue. */
struct TailqHead_rd_kafka_broker_monitor_t {
    /** The first element, NULL if there is none. */
    rd_kafka_broker_monitor_t *tqh_first;
    /** The pointer at the end: the last element's `tqe_next`, or `tqh_first`. */
    rd_kafka_broker_monitor_t **tqh_last;
};

/** A broker. */
struct rd_kafka_broker_s {
    /** Its place among the instance's brokers. */
    struct TailqEntry_rd_kafka_broker_t rkb_link;
    /** Node id; -1 if it is not known. */
    int32_t rkb_nodeid;
    /** Addresses; not used. */
    rd_sockaddr_list_t *rkb_rsal;
    /** When they were resolved. */
    rd_ts_t rkb_ts_rsal_last;
    /** The address that was tried last; not used. */
    const rd_sockaddr_inx_t *rkb_addr_last;
    /** The connection; not used. */
    rd_kafka_transport_t *rkb_transport;
    /** The next correlation id. */
    uint32_t rkb_corrid;
    /** The connection's number. */
    int rkb_connid;
    /**
     * Operations for the broker's thread. They are elsewhere: the queue says how many there are.
     */
    rd_kafka_q_t *rkb_ops;
    /** Protects the broker. */
    mtx_t rkb_lock;
    /** The longest wait. */
    int rkb_blocking_max_ms;
    /** The partitions that it serves. */
    struct TailqHead_rd_kafka_toppar_t rkb_toppars;
    /** How many. */
    int rkb_toppar_cnt;
    /** Those that are served now. */
    struct CircleqHead_rd_kafka_toppar_t rkb_active_toppars;
    /** How many. */
    int rkb_active_toppar_cnt;
    /** The one that is served first. */
    rd_kafka_toppar_t *rkb_active_toppar_next;
    /** A consumer's. */
    rd_kafka_cgrp_t *rkb_cgrp;
    /** A consumer's. */
    rd_ts_t rkb_ts_fetch_backoff;
    /** A consumer's. */
    int rkb_fetching;
    /** State of the connection. */
    rd_kafka_broker_state_t rkb_state;
    /** When it was entered. */
    rd_ts_t rkb_ts_state;
    /** When requests are looked through for timeouts. */
    rd_interval_t rkb_timeout_scan_intvl;
    /** Requests in flight that others wait for. */
    rd_atomic32_t rkb_blocking_request_cnt;
    /** `RD_KAFKA_FEATURE_...`. */
    int rkb_features;
    /** The broker's versions; not used. */
    struct rd_kafka_ApiVersion *rkb_ApiVersions;
    /** How many. */
    size_t rkb_ApiVersions_cnt;
    /** When they are asked for again. */
    rd_interval_t rkb_ApiVersion_fail_intvl;
    /** Where it is known from. */
    rd_kafka_confsource_t rkb_source;
    /** Counters. */
    rd_kafka_broker_counters_t rkb_c;
    /** Telemetry; not used. */
    rd_kafka_broker_telemetry_t rkb_telemetry;
    /** Requests that timed out, one after the other. */
    int rkb_req_timeouts;
    /** The thread. */
    thrd_t rkb_thread;
    /** References: the instance's, those of partitions and of requests. */
    rd_refcnt_t rkb_refcnt;
    /** The instance. */
    rd_kafka_t *rkb_rk;
    /** The response that is being received. */
    rd_kafka_buf_t *rkb_recv_buf;
    /** The most requests in flight. */
    int rkb_max_inflight;
    /** Requests to send. */
    rd_kafka_bufq_t rkb_outbufs;
    /** Requests in flight. */
    rd_kafka_bufq_t rkb_waitresps;
    /** Requests to send again, later. */
    rd_kafka_bufq_t rkb_retrybufs;
    /** From produce call to written batch. */
    rd_avg_t rkb_avg_int_latency;
    /** From output queue to socket. */
    rd_avg_t rkb_avg_outbuf_latency;
    /** From socket to response. */
    rd_avg_t rkb_avg_rtt;
    /** Throttle times. */
    rd_avg_t rkb_avg_throttle;
    /** Name in logs and statistics. */
    char rkb_name[RD_KAFKA_NODENAME_SIZE];
    /** `host:port`. */
    char rkb_nodename[RD_KAFKA_NODENAME_SIZE];
    /** Port. */
    uint16_t rkb_port;
    /** Host, as configured or learned. */
    char *rkb_origname;
    /** Rises when `rkb_nodename` changes. */
    int rkb_nodename_epoch;
    /** That number at the last connection attempt. */
    int rkb_connect_epoch;
    /** Name in logs. */
    char *rkb_logname;
    /** Protects it. */
    mtx_t rkb_logname_lock;
    /** Wakes the thread. */
    rd_socket_t rkb_wakeup_fd[2];
    /** How long until the next connection attempt. */
    int rkb_reconnect_backoff_ms;
    /** When that is. */
    rd_ts_t rkb_ts_reconnect;
    /** When the connection was begun. */
    rd_ts_t rkb_ts_connect;
    /** Is the connection being authenticated again? */
    rd_bool_t rkb_reauth_in_progress;
    /** Why the connection is kept. */
    rd_kafka_broker_persistconn_t rkb_persistconn;
    /** Those who wait for its state; not used. */
    struct TailqHead_rd_kafka_broker_monitor_t rkb_monitors;
    /** Waits for the state of another one; not used. */
    rd_kafka_broker_monitor_t rkb_coord_monitor;
    /** Security protocol. */
    rd_kafka_secproto_t rkb_proto;
    /** Counts in "all brokers are down"? */
    int rkb_down_reported;
    /** Log lines that are not written too often. */
    rd_kafka_broker_suppress_t rkb_suppress;
    /** The last error. */
    rd_kafka_broker_last_err_t rkb_last_err;
    /** When the connection is authenticated again; not used. */
    rd_kafka_timer_t rkb_sasl_reauth_tmr;
    /** Does the thread end? */
    rd_atomic32_t termination_in_progress;
    /** The end of history's struct. */
    uint32_t rkb_reserved_5084;
    /** The producer engine: `RD_KAFKA_PRODUCE_...`. */
    int rkb_producer_engine;
    /**
     * What that engine keeps of the broker: `rd_kafka_broker_producer_v2_t` of engine `v2`; NULL
     * with another engine.
     */
    void *rkb_producer_engine_state;
    /** What the broker's thread keeps, while it runs an engine. */
    void *rkb_thread_state;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- Producer engine: legacy ----------------------------------------------------------------- */

/**
 * Makes a Produce request of the partition's transmit queue; see [`request::produce`].
 *
 * With `skip_sending` the request is appended to `batch_bufq` and is not complete; otherwise
 * it goes into the broker's output queue. Returns the number of messages in it, 0 if none
 * could be made.
 *
 * Requires: * `rkb` and `rktp` are live; this is the broker's thread.
 * * `batch_bufq` is a list of requests if `skip_sending` is true; it owns what is appended.
 */
int rd_kafka_ProduceRequest(rd_kafka_broker_t *rkb,
                            rd_kafka_toppar_t *rktp,
                            rd_kafka_pid_t pid,
                            uint64_t epoch_base_msgid,
                            bool skip_sending,
                            rd_list_t *batch_bufq);

/**
 * Joins the kept requests into requests of many partitions; see [`multibatch::produce`].
 *
 * The list is empty afterwards. `pid` is not used. Returns the number of requests that went
 * into the output queue.
 *
 * Requires: `rkb` is live and this is its thread; `batch_bufq` is a list of requests from
 * `rd_kafka_ProduceRequest`.
 */
int rd_kafka_MultiBatchProduceRequest(rd_kafka_broker_t *rkb,
                                      rd_kafka_pid_t pid,
                                      rd_list_t *batch_bufq);

/**
 * Writes a request of messages from `rkmq`; see [`writer::create`]. The caller owns it: it is
 * freed with `rd_kafka_buf_destroy_final`. NULL if nothing could be written.
 *
 * Requires: `rkb` and `rktp` are live and this is the broker's thread; `rkmq` is a queue of the
 * partition's messages; `message_set_size` is NULL or writable.
 */
rd_kafka_buf_t *rd_kafka_msgset_create_ProduceRequest(rd_kafka_broker_t *rkb,
                                                      rd_kafka_toppar_t *rktp,
                                                      rd_kafka_msgq_t *rkmq,
                                                      rd_kafka_pid_t pid,
                                                      uint64_t epoch_base_msgid,
                                                      size_t *message_set_size);

/**
 * Frees a request: its bytes, its batches, their references to partitions. Messages that are
 * still in a batch are dropped without a report.
 *
 * Requires: `rkbuf` is NULL or a request that is in no queue; it is not used again.
 */
void rd_kafka_buf_destroy_final(rd_kafka_buf_t *rkbuf);

/**
 * Appends the next `size` bytes of a range to a request's bytes, and moves the range on;
 * nothing if there are not so many. Returns how many. A large value that is referenced there
 * is referenced in the request too. See [`SegBuf::append`].
 *
 * Requires: `slice` is a range of a request's bytes; `rbuf` is the bytes of another request. The values
 * stay as long as the bytes of both.
 */
size_t rd_slice_read_into_buf(rd_slice_t *slice,
                              rd_buf_t *rbuf,
                              size_t size);

/**
 * When does what is in `dest_rkmq` make a batch, and what of `rkmq` wakes the thread? See
 * [`linger::allow_wakeup_at`].
 *
 * Requires: The queues are live and the partition's lock is held; `next_wakeup` is NULL or writable.
 */
bool rd_kafka_msgq_allow_wakeup_at(rd_kafka_msgq_t *rkmq,
                                   const rd_kafka_msgq_t *dest_rkmq,
                                   rd_ts_t *next_wakeup,
                                   rd_ts_t now,
                                   rd_ts_t linger_us,
                                   int32_t batch_msg_cnt,
                                   int64_t batch_msg_bytes);

/**
 * Puts a message onto its partition's queue; see `topic/partition.rs`.
 *
 * Requires: `rktp` is live; `rkm` is a message in no queue, which the partition owns afterwards.
 */
void rd_kafka_toppar_enq_msg(rd_kafka_toppar_t *rktp, rd_kafka_msg_t *rkm, rd_ts_t now);

/**
 * Makes a batch that of a partition, without messages; see [`msgbatch::init`].
 *
 * Requires: `rkmb` is memory for a batch that stays at its place; `rktp` is live.
 */
void rd_kafka_msgbatch_init(rd_kafka_msgbatch_t *rkmb,
                            rd_kafka_toppar_t *rktp,
                            rd_kafka_pid_t pid,
                            uint64_t epoch_base_msgid);

/**
 * Numbers a batch by its first message; nothing happens without a producer id.
 *
 * Requires: `rkmb` is a batch, `rkm` a live message.
 */
void rd_kafka_msgbatch_set_first_msg(rd_kafka_msgbatch_t *rkmb, rd_kafka_msg_t *rkm);

/**
 * The batch's messages are in flight from now on; see [`gate::take_off`].
 *
 * Requires: `rkmb` is a batch of a partition that a thread serves which C code steps.
 */
void rd_kafka_msgbatch_ready_produce(rd_kafka_msgbatch_t *rkmb);

/**
 * Ends a batch, which has no messages any more; see [`msgbatch::destroy`].
 *
 * Requires: `rkmb` is a batch.
 */
void rd_kafka_msgbatch_destroy(rd_kafka_msgbatch_t *rkmb);

/**
 * A result without error; freed with `rd_kafka_Produce_result_destroy`.
 *
 * Requires: None is needed.
 */
rd_kafka_Produce_result_t *rd_kafka_Produce_result_new(int64_t offset, int64_t timestamp);

/**
 * A copy of everything in a result; freed with `rd_kafka_Produce_result_destroy`.
 *
 * Requires: `result` is NULL or a live result.
 */
rd_kafka_Produce_result_t *rd_kafka_Produce_result_copy(const rd_kafka_Produce_result_t *result);

/**
 * Frees a result.
 *
 * Requires: `result` is NULL or a live result, which is not used again.
 */
void rd_kafka_Produce_result_destroy(rd_kafka_Produce_result_t *result);

/* ---- Producer engine: legacy, for harnesses (feature c-harness) ------------------------------ */

/**
 * A broker without a thread and without a connection: it is up, and offers Produce up to
 * version `produce_max`. Freed with `rd_kafka_harness_broker_destroy`, before the instance.
 *
 * Requires: `rk` is a live producer of engine `legacy`.
 */
rd_kafka_broker_t *rd_kafka_harness_broker_new(rd_kafka_t *rk, int32_t nodeid, int16_t produce_max);

/**
 * Frees a harness's broker: its requests are failed with `_DESTROY`.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new`; it is not used again.
 */
void rd_kafka_harness_broker_destroy(rd_kafka_broker_t *rkb);

/**
 * A partition that a harness's broker serves. Freed with `rd_kafka_harness_toppar_destroy`.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new`; `rkt` is a live topic object of its instance.
 */
rd_kafka_toppar_t *rd_kafka_harness_toppar_new(rd_kafka_broker_t *rkb,
                                               rd_kafka_topic_t *rkt,
                                               int32_t partition);

/**
 * Frees a harness's partition, with the messages on its queues.
 *
 * Requires: `rktp` came from `rd_kafka_harness_toppar_new`; it is not used again.
 */
void rd_kafka_harness_toppar_destroy(rd_kafka_toppar_t *rktp);

/**
 * A message; value and key are copied. It belongs to the caller until it is put onto a queue.
 *
 * Requires: `rkt` is a live topic object; `payload` and `key` are NULL or readable for their lengths.
 */
rd_kafka_msg_t *rd_kafka_harness_msg_new(rd_kafka_topic_t *rkt,
                                         const void *payload,
                                         size_t len,
                                         const void *key,
                                         size_t keylen);

/**
 * Moves the messages of a partition's produce queue to its transmit queue, as its thread does.
 *
 * Requires: `rktp` came from `rd_kafka_harness_toppar_new`.
 */
void rd_kafka_harness_take(rd_kafka_toppar_t *rktp);

/**
 * The bytes of an answer, behind its header, as `rd_kafka_handle_Produce` takes them. Freed
 * with `rd_kafka_buf_destroy_final`.
 *
 * Requires: `bytes` is readable for `len`.
 */
rd_kafka_buf_t *rd_kafka_harness_reply_new(const char *bytes, size_t len);

/**
 * The broker's thread takes one turn of its engine; returns when it wants the next one.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new`.
 */
rd_ts_t rd_kafka_harness_serve(rd_kafka_broker_t *rkb, rd_ts_t now);

/**
 * Drops the first request of the output queue, as if the socket had taken it and its answer
 * had been handled.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new`.
 */
void rd_kafka_harness_forget(rd_kafka_broker_t *rkb);

/**
 * The engine serves the partition from now on, in `rd_kafka_harness_serve`; functions that
 * take the partition's queues directly are not for it any more.
 *
 * Requires: `rkb` and `rktp` came from this file's functions.
 */
void rd_kafka_harness_join(rd_kafka_broker_t *rkb, rd_kafka_toppar_t *rktp);

/**
 * Are there messages of a partition in a request? See [`Request::contains`].
 *
 * Requires: `rkbuf` is a live request, `rktp` a live partition.
 */
bool buf_contains_toppar(rd_kafka_buf_t *rkbuf, rd_kafka_toppar_t *rktp);

/**
 * Calls a partition's unsent requests back from the broker's output queue; see
 * [`request::call_back`]. `rkbq`, `ApiKey` and `err` are always the output queue, Produce and
 * `_RETRY`. Returns how many requests.
 *
 * Requires: `rkb` and `rktp` are live and this is the broker's thread.
 */
int rd_kafka_broker_bufq_purge_by_toppar(rd_kafka_broker_t *rkb,
                                         void *rkbq,
                                         int64_t api_key,
                                         rd_kafka_toppar_t *rktp,
                                         rd_kafka_resp_err_t err);

/**
 * Handles the outcome of a request with a batch of its own; see [`response::handle`].
 *
 * Requires: `rkb` is live and this is its thread; `reply` is NULL or an answer; `request` is live.
 */
void rd_kafka_handle_Produce(rd_kafka_t *rk,
                             rd_kafka_broker_t *rkb,
                             rd_kafka_resp_err_t err,
                             rd_kafka_buf_t *reply,
                             rd_kafka_buf_t *request,
                             void *opaque);

/**
 * Handles the outcome of a request of many partitions; see [`response::handle_many`].
 *
 * Requires: As for `rd_kafka_handle_Produce`.
 */
void rd_kafka_handle_MultiBatchProduce(rd_kafka_t *rk,
                                       rd_kafka_broker_t *rkb,
                                       rd_kafka_resp_err_t err,
                                       rd_kafka_buf_t *reply,
                                       rd_kafka_buf_t *request,
                                       void *opaque);

/**
 * Settles a batch; see [`outcome::settle`].
 *
 * Requires: `rkb` is live and this is its thread; `batch`, `presult` and `request` are live.
 */
void rd_kafka_msgbatch_handle_Produce_result(rd_kafka_broker_t *rkb,
                                             rd_kafka_msgbatch_t *batch,
                                             rd_kafka_resp_err_t err,
                                             const rd_kafka_Produce_result_t *presult,
                                             const rd_kafka_buf_t *request);

/**
 * Gives each message of a batch the text and the code that follow from the blamed records; see
 * [`outcome::record_errors`].
 *
 * Requires: Both are live.
 */
void rd_kafka_msgbatch_handle_Produce_result_record_errors(const rd_kafka_Produce_result_t *presult,
                                                           rd_kafka_msgbatch_t *batch);

/**
 * Orders requests by their topic; see [`multibatch::by_topic`]. -1, 0 or 1.
 *
 * Requires: Both are live requests with a batch of their own.
 */
int rd_kafka_buf_cmp_by_topic(const void *a, const void *b);

/**
 * How many of the kept requests, from `start_ind` on, go into one; see [`multibatch::select`].
 *
 * Requires: `rk` is live; `batch_bufq` is a list of requests; the others are writable.
 */
void select_batches_to_include(rd_kafka_t *rk,
                               rd_list_t *batch_bufq,
                               int start_ind,
                               int *next_ind,
                               size_t *estimated_size);

/**
 * Takes the bytes and the batch of a kept request into a request of many partitions; see
 * [`Request::absorb`].
 *
 * Requires: Both are live; `batch_rkbuf` came from `rd_kafka_ProduceRequest` with `skip_sending`.
 */
void rd_kafka_copy_batch_buf(rd_kafka_buf_t *batch_rkbuf, rd_kafka_buf_t *request_rkbuf);

/* ---- Producer engine: legacy, steps for harnesses -------------------------------------------- */

/**
 * The place of a partition's batch in a list of batches; -1 if it is not there. See
 * [`response::find`].
 *
 * Requires: `msgbatch_list` is a list of batches; the topic's name is readable.
 */
int rd_kafka_find_msgbatch(rd_list_t *msgbatch_list,
                           const rd_kafkap_str_t *topic_in_response,
                           int32_t partition_id);

/**
 * Reads an answer into the results of a request's batches; see [`response::parse`]. The error
 * of the partition for a request with a batch of its own; 0 for others, whose results have
 * theirs; or why the answer cannot be used.
 *
 * Requires: `rkb` is live and this is its thread; `rkbuf` is an answer, `request` a request; `results`
 * has one result for each of its batches.
 */
rd_kafka_resp_err_t rd_kafka_handle_Produce_parse(rd_kafka_broker_t *rkb,
                                                  rd_kafka_buf_t *rkbuf,
                                                  rd_kafka_buf_t *request,
                                                  rd_kafka_Produce_result_t **results,
                                                  bool multi_batch_request);

/**
 * What idempotence makes of an error, with the consequences for the instance; see
 * [`outcome::judge`]. Changes the error, the actions, the status and what moves in `perr`.
 *
 * Requires: `rkb` is live and this is its thread; `batch` is a batch with messages; `perr` is a writable
 * `struct rd_kafka_Produce_err`.
 */
void rd_kafka_handle_idempotent_Produce_error(rd_kafka_broker_t *rkb,
                                              rd_kafka_msgbatch_t *batch,
                                              void *perr);

/**
 * Moves a partition's sequence on after a success, and reports what it acknowledges
 * implicitly; see [`outcome::acknowledged`].
 *
 * Requires: `rkb` is live and this is its thread; `batch` is a batch with messages.
 */
void rd_kafka_handle_idempotent_Produce_success(rd_kafka_broker_t *rkb,
                                                rd_kafka_msgbatch_t *batch,
                                                int32_t next_seq);

/**
 * A request for many partitions, with its header and nothing else. Freed with
 * `rd_kafka_buf_destroy_final`.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new`.
 */
rd_kafka_buf_t *rd_kafka_harness_request_new(rd_kafka_broker_t *rkb, int16_t version);

/**
 * Writes what stands before the count of topics; see [`multibatch::fill_header`].
 *
 * Requires: `batch_rkbuf` is a kept request, `request_rkbuf` one for many partitions.
 */
void rd_kafka_fill_MultiBatch_header(rd_kafka_broker_t *rkb,
                                     rd_kafka_buf_t *batch_rkbuf,
                                     rd_kafka_buf_t *request_rkbuf);

/**
 * Milliseconds until the first message of a list of batches expires; see
 * [`multibatch::first_timeout_ms`].
 *
 * Requires: `msg_batch_list` is a list of batches of a live instance.
 */
int64_t get_first_msg_timeout(rd_list_t *msg_batch_list);

/**
 * A topic of a request for many partitions, the only one: its name, and a place for the count
 * of its partitions. Returns the place, for `finalize_topic_encoding`.
 *
 * Requires: `request_rkbuf` is a request for many partitions with a header; `topic` is a string.
 */
size_t rd_kafka_harness_open_topic(rd_kafka_buf_t *request_rkbuf, const char *topic, int part_cnt);

/**
 * Writes the count of a topic's partitions at its place, and what stands behind the last one;
 * see [`multibatch::finalize_topic`]. The count is as wide as the one that the place was made
 * for.
 *
 * Requires: `request_rkbuf` is a request for many partitions; `of_part_cnt` is such a place in it.
 */
void finalize_topic_encoding(rd_kafka_buf_t *request_rkbuf,
                             rd_kafka_buf_t *batch_rkbuf,
                             size_t of_part_cnt,
                             int part_cnt);

/**
 * What is done about a batch's error; see [`outcome::handle_error`]. Messages that are sent
 * again leave the batch. Changes the error, the actions, the status and what moves in `perr`.
 * 0 if nothing more is to be done, 1 if messages are left to be reported.
 *
 * Requires: `rkb` is live and this is its thread; `request` is live, `batch` one of its batches, with
 * messages; `perr` is a writable `struct rd_kafka_Produce_err`.
 */
int rd_kafka_handle_Produce_error(rd_kafka_broker_t *rkb,
                                  const rd_kafka_buf_t *request,
                                  rd_kafka_msgbatch_t *batch,
                                  void *perr);

/**
 * Passes on the new leader that a partition's tags name; see [`response::metadata_update`].
 *
 * Requires: `rkb` is live and this is its thread; the tags are live.
 */
void rd_kafka_handle_Produce_metadata_update(rd_kafka_broker_t *rkb,
                                             rd_kafkap_Produce_reply_tags_t *reply_level_tags,
                                             rd_kafkap_Produce_reply_tags_t *toppar_tags);

/**
 * Frees the contents of a response's tags, and the tags of its partitions with their array;
 * see [`reply_tags::free`].
 *
 * Requires: `toppar_level_tags` is an array of `num_batches` from `malloc()`, as is all that the tags
 * point to.
 */
void produce_reply_tags_cleaup(rd_kafkap_Produce_reply_tags_t *reply_level_tags,
                               rd_kafkap_Produce_reply_tags_t *toppar_level_tags,
                               int num_batches);

/* ---- Producer engine: legacy, the writer for harnesses --------------------------------------- */

/**
 * Begins a message set; see [`writer::init`]. The number of messages that may go into it, 0 if
 * there are none or the broker has no usable version.
 *
 * Requires: `msetw` is writable; the others are live and this is the broker's thread. The writer is
 * ended by `rd_kafka_msgset_writer_finalize`.
 */
int rd_kafka_msgset_writer_init(rd_kafka_msgset_writer_t *msetw,
                                rd_kafka_broker_t *rkb,
                                rd_kafka_toppar_t *rktp,
                                rd_kafka_msgq_t *rkmq,
                                rd_kafka_pid_t pid,
                                uint64_t epoch_base_msgid);

/**
 * Moves messages into the batch and writes their records; see [`writer::write_msgq`]. 0 if a
 * repeated batch cannot be put together again.
 *
 * Requires: As [`with_writer`] says; `rkmq` is the queue that the writer was initialised with.
 */
int rd_kafka_msgset_writer_write_msgq(rd_kafka_msgset_writer_t *msetw, rd_kafka_msgq_t *rkmq);

/**
 * Finishes a message set and ends the writer; see [`writer::finalize`]. NULL if it is empty.
 *
 * Requires: As [`with_writer`] says; `message_set_size` is NULL or writable.
 */
rd_kafka_buf_t *rd_kafka_msgset_writer_finalize(rd_kafka_msgset_writer_t *msetw,
                                                size_t *message_set_size);

/**
 * Makes the request of a message set, without bytes; see [`writer::alloc_buf`]. The versions,
 * the most messages, broker, partition and queue are in the writer.
 *
 * Requires: As [`with_writer`] says; all other fields are zeroed.
 */
void rd_kafka_msgset_writer_alloc_buf(rd_kafka_msgset_writer_t *msetw);

/**
 * Writes everything that stands before the first record, into a request without bytes; see
 * [`writer::write_produce_header`]. Afterwards the batch is to be initialised.
 *
 * Requires: As [`with_writer`] says; the request came from `rd_kafka_msgset_writer_alloc_buf`.
 */
void rd_kafka_msgset_writer_write_Produce_header(rd_kafka_msgset_writer_t *msetw);

/**
 * Writes the record of a message that is in the batch already; see [`writer::write_msg`].
 * `offset` is its place in the batch; the others are 0 and NULL, since only the wrapper of a
 * compressed set has them, which `rd_kafka_msgset_writer_compress` writes. Returns the bytes
 * of the record.
 *
 * Requires: As [`with_writer`] says; the writer has a request; `rkm` is a live message.
 */
size_t rd_kafka_msgset_writer_write_msg(rd_kafka_msgset_writer_t *msetw,
                                        rd_kafka_msg_t *rkm,
                                        int64_t offset,
                                        int8_t attributes,
                                        void (*free_cb)(void *value));

/**
 * Compresses the records of a message set; see [`writer::compress`]. `outlenp` gets the bytes
 * of the records afterwards. 0, or -1 if they stay as they are.
 *
 * Requires: As [`with_writer`] says; `outlenp` is NULL or writable.
 */
int rd_kafka_msgset_writer_compress(rd_kafka_msgset_writer_t *msetw, size_t *outlenp);

/**
 * Writes the header of a record batch; see [`writer::finalize_header`].
 *
 * Requires: As [`with_writer`] says.
 */
void rd_kafka_msgset_writer_finalize_MessageSet_v2_header(rd_kafka_msgset_writer_t *msetw);

/**
 * Compresses a range of a request's bytes with gzip, at the level of the writer's topic. The
 * range is read to its end; `ciov`, a `struct iovec`, gets the compressed bytes, which
 * `free()` frees. 0, or -1 if that failed.
 *
 * Requires: As [`with_writer`] says; `slice` is a range of a request's bytes, `ciov` is writable.
 */
int rd_kafka_msgset_writer_compress_gzip(rd_kafka_msgset_writer_t *msetw,
                                         rd_slice_t *slice,
                                         void *ciov);

/**
 * As `rd_kafka_msgset_writer_compress_gzip`, with Snappy.
 *
 * Requires: As there.
 */
int rd_kafka_msgset_writer_compress_snappy(rd_kafka_msgset_writer_t *msetw,
                                           rd_slice_t *slice,
                                           void *ciov);

/**
 * As `rd_kafka_msgset_writer_compress_gzip`, with LZ4.
 *
 * Requires: As there.
 */
int rd_kafka_msgset_writer_compress_lz4(rd_kafka_msgset_writer_t *msetw,
                                        rd_slice_t *slice,
                                        void *ciov);

/**
 * As `rd_kafka_msgset_writer_compress_gzip`, with Zstandard.
 *
 * Requires: As there.
 */
int rd_kafka_msgset_writer_compress_zstd(rd_kafka_msgset_writer_t *msetw,
                                         rd_slice_t *slice,
                                         void *ciov);

/* ---- Producer engine: legacy, turns for harnesses -------------------------------------------- */

/**
 * One partition's part of a turn: its messages are taken and, if they are ready, put into
 * requests; see `Engine::send_one`. `next_wakeup` becomes its deadline if that is earlier.
 * Whether a flush is going on is the instance's to know. Returns how many messages went into
 * requests.
 *
 * Requires: `rkb` and `rktp` came from `rd_kafka_harness_...`, and the partition joined the broker;
 * `next_wakeup` is NULL or writable; `batch_bufq` is a list of requests if
 * `multi_batch_request` is true.
 */
int rd_kafka_toppar_producer_serve(rd_kafka_broker_t *rkb,
                                   rd_kafka_toppar_t *rktp,
                                   rd_kafka_pid_t pid,
                                   rd_ts_t now,
                                   rd_ts_t *next_wakeup,
                                   bool do_timeout_scan,
                                   bool may_send,
                                   bool flushing,
                                   bool multi_batch_request,
                                   rd_list_t *batch_bufq);

/**
 * All partitions' part of a turn; see `Engine::produce_toppars`. `next_wakeup` becomes when
 * the next turn is wanted, if that is earlier. Returns how many messages went into requests.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new`; `next_wakeup` is NULL or writable.
 */
int rd_kafka_broker_produce_toppars(rd_kafka_broker_t *rkb,
                                    rd_ts_t now,
                                    rd_ts_t *next_wakeup,
                                    bool do_timeout_scan);

/**
 * Turn after turn until a time, asleep in between as a broker's thread is; see
 * [`ProducerEngine::serve`] and [`thread::sleep`]. There is at least one, and one when the
 * time has come.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new`.
 */
void rd_kafka_broker_producer_serve(rd_kafka_broker_t *rkb, rd_ts_t abs_timeout);

/* ---- Producer engine: v2 --------------------------------------------------------------------- */

/**
 * The partition may have something new: it waits for a request from now on if it may send, and
 * does not if it may not. False: the broker does not serve it.
 *
 * Requires: `rkb` and `rktp` are live; this is the broker's thread.
 */
bool rd_kafka_broker_batch_collector_add_v2(rd_kafka_broker_t *rkb,
                                            rd_kafka_toppar_t *rktp,
                                            rd_ts_t now);

/**
 * The partition does not wait for a request any more.
 *
 * Requires: `rkb` and `rktp` are live; this is the broker's thread.
 */
void rd_kafka_broker_batch_collector_del_v2(rd_kafka_broker_t *rkb, rd_kafka_toppar_t *rktp);

/**
 * Does something fire: a flush, a full batch, the oldest message's age? Then all that wait are
 * in the round. Returns how many partitions are in the round.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
int rd_kafka_broker_batch_collector_maybe_send_v2(rd_kafka_broker_t *rkb,
                                                  rd_ts_t now,
                                                  bool flushing);

/**
 * Makes requests of the round as long as the output queue has room. Returns how many messages
 * are in them.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
int rd_kafka_broker_batch_collector_send_v2(rd_kafka_broker_t *rkb, rd_ts_t now);

/**
 * When the oldest message that waits has waited long enough; 0 if none waits.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
rd_ts_t rd_kafka_broker_batch_collector_next_wakeup_v2(rd_kafka_broker_t *rkb);

/**
 * The length of a request without partitions yet. Freed with
 * `rd_kafka_produce_calculator_destroy_v2`.
 *
 * Requires: `client_id` is NUL-terminated.
 */
rd_kafka_produce_calculator_t *rd_kafka_produce_calculator_init_v2(int api_version,
                                                                   const char *client_id,
                                                                   size_t max_bytes,
                                                                   int max_partitions);

/**
 * Takes in a partition of a topic with so many bytes of records, if it fits; the first always
 * does.
 *
 * Requires: `rkpca` came from `rd_kafka_produce_calculator_init_v2`; `rkt` is a live topic object.
 */
bool rd_kafka_produce_calculator_add_v2(rd_kafka_produce_calculator_t *rkpca,
                                        rd_kafka_topic_t *rkt,
                                        size_t records_len);

/**
 * Bytes of the request with what it took in.
 *
 * Requires: `rkpca` came from `rd_kafka_produce_calculator_init_v2`.
 */
size_t rd_kafka_produce_calculator_size_v2(const rd_kafka_produce_calculator_t *rkpca);

/**
 * Frees it; NULL is allowed.
 *
 * Requires: `rkpca` came from `rd_kafka_produce_calculator_init_v2`, and is not used again.
 */
void rd_kafka_produce_calculator_destroy_v2(rd_kafka_produce_calculator_t *rkpca);

/**
 * A request without batches, for partitions of topics whose acks and timeout are those of
 * `rkt`. Ended with `rd_kafka_produce_ctx_finalize_v2`. NULL if nobody steps the broker.
 *
 * Requires: `rkb` and `rkt` are live; this is the broker's thread.
 */
rd_kafka_produce_ctx_t *rd_kafka_produce_ctx_init_v2(rd_kafka_broker_t *rkb, rd_kafka_topic_t *rkt);

/**
 * Seals the partition's next batch and takes it into the request. Returns how many messages it
 * has; 0 if the partition may not send or has nothing, and if the batch does not fit or does
 * not go with the others: then it is the partition's next one.
 *
 * Requires: * `rkpc` came from `rd_kafka_produce_ctx_init_v2`; this is its broker's thread.
 * * `rktp` is live.
 */
int rd_kafka_produce_ctx_append_toppar_v2(rd_kafka_produce_ctx_t *rkpc,
                                          rd_kafka_toppar_t *rktp,
                                          rd_ts_t now);

/**
 * Writes the request and puts it into the output queue. Returns how many messages it has; an
 * empty one is dropped. `rkpc` is not valid afterwards.
 *
 * Requires: `rkpc` came from `rd_kafka_produce_ctx_init_v2`; this is the broker's thread.
 */
int rd_kafka_produce_ctx_finalize_v2(rd_kafka_produce_ctx_t *rkpc, rd_ts_t now);

/**
 * What the request knows of one of its batches. False if there is none.
 *
 * Requires: `rkbuf` is NULL or a live request in a broker's queue; `to` is writable.
 */
bool rd_kafka_produce_req_toppar_v2(const rd_kafka_buf_t *rkbuf,
                                    size_t index,
                                    rd_kafka_produce_req_toppar_t *to);

/**
 * Gives the request its answer, or (`err`) the reason why there is none: each of its batches
 * is settled, and the request is freed. `reply` stays the caller's; `rk` and `opaque` are not
 * used. Nothing happens unless the request is in the broker's output queue.
 *
 * Requires: `rkb` is live and this is its thread; `reply` is NULL or live.
 */
void rd_kafka_handle_Produce_v2(rd_kafka_t *rk,
                                rd_kafka_broker_t *rkb,
                                rd_kafka_resp_err_t err,
                                rd_kafka_buf_t *reply,
                                rd_kafka_buf_t *request,
                                void *opaque);

/**
 * A Produce request was answered after so many microseconds. Nothing happens unless adaptive
 * batching is on; the same holds below.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
void rd_kafka_adaptive_record_rtt_v2(rd_kafka_broker_t *rkb, rd_ts_t rtt, rd_ts_t now);

/**
 * A request was made whose oldest message had waited so many microseconds.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
void rd_kafka_adaptive_record_int_latency_v2(rd_kafka_broker_t *rkb, rd_ts_t latency);

/**
 * Adjusts both limits, not more often than configured. True if they may have changed.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
bool rd_kafka_adaptive_adjust_v2(rd_kafka_broker_t *rkb, rd_ts_t now);

/**
 * How long the oldest message may wait, in microseconds.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
rd_ts_t rd_kafka_adaptive_get_linger_us_v2(rd_kafka_broker_t *rkb);

/**
 * How many bytes are enough for a request; 0 if adaptive batching is off.
 *
 * Requires: `rkb` is live; this is the broker's thread.
 */
int64_t rd_kafka_adaptive_get_batch_max_bytes_v2(rd_kafka_broker_t *rkb);

/* ---- Producer engine: v2, for harnesses (feature c-harness) ---------------------------------- */

/**
 * A broker without a thread and without a connection: it is up, and offers Produce up to
 * version `produce_max`. Freed with `rd_kafka_harness_broker_destroy_v2`, before the instance.
 *
 * Requires: `rk` is a live producer.
 */
rd_kafka_broker_t *rd_kafka_harness_broker_new_v2(rd_kafka_t *rk,
                                                  int32_t nodeid,
                                                  int16_t produce_max);

/**
 * Frees a harness's broker: its requests are failed with `_DESTROY`.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new_v2`; it is not used again.
 */
void rd_kafka_harness_broker_destroy_v2(rd_kafka_broker_t *rkb);

/**
 * A partition that a harness's broker serves. Freed with `rd_kafka_harness_toppar_destroy_v2`.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new_v2`; `rkt` is a live topic object of its
 * instance.
 */
rd_kafka_toppar_t *rd_kafka_harness_toppar_new_v2(rd_kafka_broker_t *rkb,
                                                  rd_kafka_topic_t *rkt,
                                                  int32_t partition);

/**
 * Frees a harness's partition, with the messages on its queues.
 *
 * Requires: Both came from this file's functions; the partition is not used again.
 */
void rd_kafka_harness_toppar_destroy_v2(rd_kafka_broker_t *rkb, rd_kafka_toppar_t *rktp);

/**
 * The broker's thread takes one turn of its engine; returns when it wants the next one.
 *
 * Requires: `rkb` came from `rd_kafka_harness_broker_new_v2`.
 */
rd_ts_t rd_kafka_harness_serve_v2(rd_kafka_broker_t *rkb, rd_ts_t now);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* _RDKAFKA_INTERNAL_H_ */
