/* Statistics as plain structs, for rd_kafka_conf_set_stats_cb_typed(). */

#ifndef _RDKAFKA_STATS_H_
#define _RDKAFKA_STATS_H_

/* Generated from the declarations in src/ by scripts/headers.sh. Do not edit. */

#include <stdint.h>

/** Size of the name fields, with the NUL. */
#define RD_KAFKA_STATS_NAME_MAX 256

/** Most request types that a broker can have. */
#define RD_KAFKA_STATS_REQ_TYPES_MAX 64

/** A window of samples since the last report. */
struct rd_kafka_avg_stats_s {
    /** Smallest sample. */
    int64_t min;
    /** Largest sample. */
    int64_t max;
    /** Average. */
    int64_t avg;
    /** Sum of the samples. */
    int64_t sum;
    /** Number of samples. */
    int64_t cnt;
    /** Standard deviation. */
    int64_t stddev;
    /** Median. */
    int64_t p50;
    /** 75th percentile. */
    int64_t p75;
    /** 90th percentile. */
    int64_t p90;
    /** 95th percentile. */
    int64_t p95;
    /** 99th percentile. */
    int64_t p99;
    /** 99.99th percentile. */
    int64_t p99_99;
    /** Samples outside of the histogram's range. */
    int64_t oor;
    /** Size of the histogram, bytes. */
    int32_t hdrsize;
    /** Unused. */
    int32_t _pad;
};

typedef struct rd_kafka_avg_stats_s rd_kafka_avg_stats_t;

/** A partition. */
struct rd_kafka_partition_stats_s {
    /** Partition number; -1: messages that wait for metadata. */
    int32_t partition;
    /** Node id of the broker that handles it; -1 for none. */
    int32_t broker_id;
    /** Node id of its leader; -1 if not known. */
    int32_t leader;
    /** Was it asked for by the application? */
    int8_t desired;
    /** Is it missing in the metadata? */
    int8_t unknown;
    /** Unused. */
    int8_t _pad[2];
    /** Messages in the queue. */
    int32_t msgq_cnt;
    /** Bytes in the queue. */
    int64_t msgq_bytes;
    /** Messages that the broker thread took over. */
    int32_t xmit_msgq_cnt;
    /** Bytes of them. */
    int64_t xmit_msgq_bytes;
    /** Consumer: messages fetched and not consumed. */
    int32_t fetchq_cnt;
    /** Consumer: bytes of them. */
    int64_t fetchq_size;
    /** Consumer: state of the fetcher. */
    int32_t fetch_state;
    /** Consumer: offset asked for. */
    int64_t query_offset;
    /** Consumer: next offset to fetch. */
    int64_t next_offset;
    /** Consumer: one after the last offset given to the application. */
    int64_t app_offset;
    /** Consumer: offset stored. */
    int64_t stored_offset;
    /** Consumer: leader epoch of it. */
    int32_t stored_leader_epoch;
    /** Consumer: offset committed. */
    int64_t committed_offset;
    /** Consumer: leader epoch of it. */
    int32_t committed_leader_epoch;
    /** Consumer: end reported to the application. */
    int64_t eof_offset;
    /** Consumer: first offset of the log. */
    int64_t lo_offset;
    /** Consumer: end of the log. */
    int64_t hi_offset;
    /** Consumer: last stable offset. */
    int64_t ls_offset;
    /** Consumer: messages behind the end, by the offset committed. */
    int64_t consumer_lag;
    /** Consumer: messages behind the end, by the offset stored. */
    int64_t consumer_lag_stored;
    /** Leader epoch; -1 if not known. */
    int32_t leader_epoch;
    /** Unused. */
    int32_t _pad2;
    /** Messages sent. */
    int64_t txmsgs;
    /** Bytes sent. */
    int64_t txbytes;
    /** Messages received. */
    int64_t rxmsgs;
    /** Bytes received. */
    int64_t rxbytes;
    /** Messages that entered the partition. */
    int64_t msgs;
    /** Consumer: messages dropped because they were outdated. */
    int64_t rx_ver_drops;
    /** Messages sent and not answered. */
    int64_t msgs_inflight;
    /** Idempotence: next sequence number to be acknowledged. */
    int64_t next_ack_seq;
    /** Idempotence: next sequence number that may fail. */
    int64_t next_err_seq;
    /** Idempotence: last message id acknowledged. */
    int64_t acked_msgid;
};

typedef struct rd_kafka_partition_stats_s rd_kafka_partition_stats_t;

/** A topic. */
struct rd_kafka_topic_stats_s {
    /** Name. */
    char name[256];
    /** Age, microseconds. */
    int64_t age_us;
    /** Age of the metadata, microseconds. */
    int64_t metadata_age_us;
    /** Bytes of each batch. */
    rd_kafka_avg_stats_t batchsize;
    /** Messages of each batch. */
    rd_kafka_avg_stats_t batchcnt;
    /** Number of partitions. */
    uint32_t partition_cnt;
    /** Unused. */
    uint32_t _pad;
    /** The partitions. */
    rd_kafka_partition_stats_t *partitions;
};

typedef struct rd_kafka_topic_stats_s rd_kafka_topic_stats_t;

/** A partition that a broker handles. */
struct rd_kafka_broker_toppar_ref_s {
    /** Topic name. */
    char topic[256];
    /** Partition number; -1: messages that wait for metadata. */
    int32_t partition;
    /** Unused. */
    int32_t _pad;
};

typedef struct rd_kafka_broker_toppar_ref_s rd_kafka_broker_toppar_ref_t;

/** How often a request was sent. */
struct rd_kafka_req_count_s {
    /** Name. */
    char name[32];
    /** How often. */
    int64_t count;
};

typedef struct rd_kafka_req_count_s rd_kafka_req_count_t;

/** A broker. */
struct rd_kafka_broker_stats_s {
    /** Name. */
    char name[256];
    /** Node id; -1 for a bootstrap broker. */
    int32_t nodeid;
    /** `host:port`. */
    char nodename[256];
    /** `configured`, `learned`, `internal` or `logical`. */
    char source[32];
    /** State, as a number. */
    int32_t state;
    /** Time in that state, microseconds. */
    int64_t stateage_us;
    /** Requests that wait to be sent. */
    int32_t outbuf_cnt;
    /** Messages in them. */
    int32_t outbuf_msg_cnt;
    /** Requests that wait for their answer. */
    int32_t waitresp_cnt;
    /** Messages in them. */
    int32_t waitresp_msg_cnt;
    /** Requests sent. */
    int64_t tx;
    /** Bytes sent. */
    int64_t tx_bytes;
    /** Send errors. */
    int64_t tx_errs;
    /** Requests sent again. */
    int64_t tx_retries;
    /** Time since the last send, microseconds; -1 for never. */
    int64_t tx_idle_us;
    /** Requests that timed out. */
    int64_t req_timeouts;
    /** Responses received. */
    int64_t rx;
    /** Bytes received. */
    int64_t rx_bytes;
    /** Receive errors. */
    int64_t rx_errs;
    /** Time since the last receive, microseconds; -1 for never. */
    int64_t rx_idle_us;
    /** Responses without a request. */
    int64_t rx_corriderrs;
    /** Consumer: incomplete message sets. */
    int64_t rx_partial;
    /** Always 0. */
    int64_t zbuf_grow;
    /** Always 0. */
    int64_t buf_grow;
    /** Wake-ups of the broker thread. */
    int64_t wakeups;
    /** Connection attempts. */
    int64_t connects;
    /** Connections lost. */
    int64_t disconnects;
    /** Microseconds from the produce call to the batch. */
    rd_kafka_avg_stats_t int_latency;
    /** Microseconds from the batch to the socket. */
    rd_kafka_avg_stats_t outbuf_latency;
    /** Microseconds from request to response. */
    rd_kafka_avg_stats_t rtt;
    /** Milliseconds of throttling asked for by the broker. */
    rd_kafka_avg_stats_t throttle;
    /** Partitions of each produce request. */
    rd_kafka_avg_stats_t produce_partitions;
    /** Messages of each produce request. */
    rd_kafka_avg_stats_t produce_messages;
    /** Bytes of each produce request. */
    rd_kafka_avg_stats_t produce_reqsize;
    /** How full each produce request was, per mille. */
    rd_kafka_avg_stats_t produce_fill;
    /** Microseconds that batches waited. */
    rd_kafka_avg_stats_t batch_wait;
    /** Is adaptive batching on? */
    int8_t adaptive_enabled;
    /** Unused. */
    int8_t _pad_adaptive[7];
    /** Current linger time, microseconds. */
    int64_t adaptive_linger_us;
    /** Current limit of a batch, bytes. */
    int64_t adaptive_batch_max_bytes;
    /** Congestion, 0 to 1. */
    double adaptive_congestion;
    /** Congestion by round-trip time. */
    double adaptive_rtt_congestion;
    /** Congestion by internal latency. */
    double adaptive_int_lat_congestion;
    /** Base round-trip time, microseconds. */
    int64_t adaptive_rtt_base_us;
    /** Current round-trip time, microseconds. */
    int64_t adaptive_rtt_current_us;
    /** Base internal latency, microseconds. */
    int64_t adaptive_int_lat_base_us;
    /** Current internal latency, microseconds. */
    int64_t adaptive_int_lat_current_us;
    /** Adjustments upwards. */
    int64_t adaptive_adjustments_up;
    /** Adjustments downwards. */
    int64_t adaptive_adjustments_down;
    /** Adjustments because of a backlog. */
    int64_t adaptive_backlog_drain_events;
    /** Number of request types. */
    uint32_t req_cnt;
    /** Unused. */
    uint32_t _pad2;
    /** Requests sent, by type. */
    rd_kafka_req_count_t *reqs;
    /** Number of partitions that the broker handles. */
    uint32_t toppar_cnt;
    /** Unused. */
    uint32_t _pad;
    /** The partitions. */
    rd_kafka_broker_toppar_ref_t *toppars;
};

typedef struct rd_kafka_broker_stats_s rd_kafka_broker_stats_t;

/** The consumer group. */
struct rd_kafka_cgrp_stats_s {
    /** State, as a number. */
    int32_t state;
    /** Time in that state, microseconds. */
    int64_t stateage_us;
    /** State of joining, as a number. */
    int32_t join_state;
    /** Time since the last rebalance, microseconds. */
    int64_t rebalance_age_us;
    /** Number of rebalances. */
    int32_t rebalance_cnt;
    /** Reason of the last rebalance. */
    char rebalance_reason[256];
    /** Number of partitions assigned. */
    int32_t assignment_size;
    /** Unused. */
    int32_t _pad;
};

typedef struct rd_kafka_cgrp_stats_s rd_kafka_cgrp_stats_t;

/** The idempotent or transactional producer. */
struct rd_kafka_eos_stats_s {
    /** State of the producer id, as a number. */
    int32_t idemp_state;
    /** Time in that state, microseconds. */
    int64_t idemp_stateage_us;
    /** State of the transaction, as a number. */
    int32_t txn_state;
    /** Time in that state, microseconds. */
    int64_t txn_stateage_us;
    /** May messages be produced? */
    int8_t txn_may_enq;
    /** Unused. */
    int8_t _pad[3];
    /** Producer id; -1 for none. */
    int64_t producer_id;
    /** Producer epoch; -1 for none. */
    int16_t producer_epoch;
    /** Unused. */
    int16_t _pad2;
    /** Number of producer ids acquired. */
    int32_t epoch_cnt;
};

typedef struct rd_kafka_eos_stats_s rd_kafka_eos_stats_t;

/** Statistics of an instance. They live until the callback returns or the event is destroyed. */
struct rd_kafka_stats_s {
    /** Name. */
    char name[256];
    /** `client.id`. */
    char client_id[256];
    /** Producer or consumer (`rd_kafka_type_t`). */
    int32_t type;
    /** Unused. */
    int32_t _pad;
    /** Monotonic clock, microseconds. */
    int64_t ts_us;
    /** Wall clock, seconds since the epoch. */
    int64_t time_sec;
    /** Age, microseconds. */
    int64_t age_us;
    /** Events that wait for the application. */
    int32_t replyq;
    /** Messages accepted and not reported. */
    uint32_t msg_cnt;
    /** Bytes of them. */
    uint64_t msg_size;
    /** Most messages that may wait. */
    uint32_t msg_max;
    /** Most bytes that may wait. */
    uint64_t msg_size_max;
    /** Always 0 for a producer. */
    int32_t simple_cnt;
    /** Topics in the metadata cache. */
    int32_t metadata_cache_cnt;
    /** Requests sent. */
    int64_t tx;
    /** Bytes sent. */
    int64_t tx_bytes;
    /** Responses received. */
    int64_t rx;
    /** Bytes received. */
    int64_t rx_bytes;
    /** Messages sent. */
    int64_t txmsgs;
    /** Bytes of the messages sent. */
    int64_t txmsg_bytes;
    /** Messages received. */
    int64_t rxmsgs;
    /** Bytes of the messages received. */
    int64_t rxmsg_bytes;
    /** Number of brokers. */
    uint32_t broker_cnt;
    /** Unused. */
    uint32_t _pad2;
    /** The brokers. */
    rd_kafka_broker_stats_t *brokers;
    /** Number of topics. */
    uint32_t topic_cnt;
    /** Unused. */
    uint32_t _pad3;
    /** The topics. */
    rd_kafka_topic_stats_t *topics;
    /** Does `cgrp` count? */
    int8_t has_cgrp;
    /** Unused. */
    int8_t _pad4[7];
    /** The consumer group. */
    rd_kafka_cgrp_stats_t cgrp;
    /** Does `eos` count? */
    int8_t has_eos;
    /** Unused. */
    int8_t _pad5[7];
    /** Idempotence and transactions. */
    rd_kafka_eos_stats_t eos;
    /** Was there a fatal error? */
    int8_t has_fatal;
    /** Unused. */
    int8_t _pad6[3];
    /** Its code. */
    int32_t fatal_err;
    /** Its reason. */
    char fatal_reason[512];
    /** Number of fatal errors. */
    int32_t fatal_cnt;
    /** Unused. */
    int32_t _pad7;
};

typedef struct rd_kafka_stats_s rd_kafka_stats_t;

#endif  /* _RDKAFKA_STATS_H_ */
