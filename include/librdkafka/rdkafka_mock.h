/* A Kafka cluster inside the program, for tests. It speaks the protocol over loopback sockets. */

#ifndef _RDKAFKA_MOCK_H_
#define _RDKAFKA_MOCK_H_

/* Generated from the declarations in src/ by scripts/headers.sh. Do not edit. */

#include <stddef.h>
#include <stdint.h>
#include "rdkafka.h"

struct rd_kafka_mock_cgrp_consumer_target_assignment_s;

struct rd_kafka_mock_cluster_s;

struct rd_kafka_mock_request_s;

/** A mock cluster. */
typedef struct rd_kafka_mock_cluster_s rd_kafka_mock_cluster_t;

/** Assignment that a mock group shall reach. */
typedef struct rd_kafka_mock_cgrp_consumer_target_assignment_s rd_kafka_mock_cgrp_consumer_target_assignment_t;

/** A request that a mock broker received. */
typedef struct rd_kafka_mock_request_s rd_kafka_mock_request_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- Mock cluster ---------------------------------------------------------------------------- */

/**
 * Has the next `cnt` requests of a type meet these errors (`rd_kafka_resp_err_t`), one each.
 *
 * `RD_KAFKA_RESP_ERR__TRANSPORT` closes the connection.
 *
 * Requires: `mcluster` is NULL or live; `cnt` errors follow.
 */
void rd_kafka_mock_push_request_errors(rd_kafka_mock_cluster_t *mcluster,
                                       int16_t api_key,
                                       size_t cnt,
                                       ...);

/**
 * Has a broker's next `cnt` requests of a type meet these errors (`rd_kafka_resp_err_t`), each answered after
 * its round-trip time (`int`, milliseconds).
 *
 * Requires: `mcluster` is NULL or live; `cnt` pairs of an error and a time follow.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_push_request_error_rtts(rd_kafka_mock_cluster_t *mcluster,
                                                                 int32_t broker_id,
                                                                 int16_t api_key,
                                                                 size_t cnt,
                                                                 ...);

/**
 * Has a partition meet these errors (`rd_kafka_resp_err_t`) in the next `cnt` requests of a type.
 *
 * The topic is created if need be.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated; `cnt` errors follow.
 */
rd_kafka_resp_err_t rd_kafka_mock_partition_push_request_errors(rd_kafka_mock_cluster_t *mcluster,
                                                                const char *topic,
                                                                int32_t partition,
                                                                int16_t api_key,
                                                                size_t cnt,
                                                                ...);

/* ---- Mock cluster: what consumers need ------------------------------------------------------- */

/** Sets the follower that consumers are sent to; -1: none. */
rd_kafka_resp_err_t rd_kafka_mock_partition_set_follower(rd_kafka_mock_cluster_t *mcluster,
                                                         const char *topic,
                                                         int32_t partition,
                                                         int32_t broker_id);

/** Sets the follower's first offset and end; -1: the leader's. */
rd_kafka_resp_err_t rd_kafka_mock_partition_set_follower_wmarks(rd_kafka_mock_cluster_t *mcluster,
                                                                const char *topic,
                                                                int32_t partition,
                                                                int64_t lo,
                                                                int64_t hi);

/** Metrics that the cluster asks clients for. */
rd_kafka_resp_err_t rd_kafka_mock_telemetry_set_requested_metrics(rd_kafka_mock_cluster_t *mcluster,
                                                                  char **metrics,
                                                                  size_t metrics_cnt);

/** How often clients shall push metrics, milliseconds. */
rd_kafka_resp_err_t rd_kafka_mock_telemetry_set_push_interval(rd_kafka_mock_cluster_t *mcluster,
                                                              int64_t push_interval_ms);

/** An assignment for each member, copied; the caller destroys it. */
rd_kafka_mock_cgrp_consumer_target_assignment_t *rd_kafka_mock_cgrp_consumer_target_assignment_new(char **member_ids,
                                                                                                   int member_cnt,
                                                                                                   rd_kafka_topic_partition_list_t **assignment);

/** Destroys an assignment. */
void rd_kafka_mock_cgrp_consumer_target_assignment_destroy(rd_kafka_mock_cgrp_consumer_target_assignment_t *target_assignment);

/** Sets the assignment that a group shall reach. */
void rd_kafka_mock_cgrp_consumer_target_assignment(rd_kafka_mock_cluster_t *mcluster,
                                                   const char *group_id,
                                                   rd_kafka_mock_cgrp_consumer_target_assignment_t *target_assignment);

/** Session timeout of consumer groups, milliseconds. */
void rd_kafka_mock_set_group_consumer_session_timeout_ms(rd_kafka_mock_cluster_t *mcluster,
                                                         int group_consumer_session_timeout_ms);

/** Heartbeat interval of consumer groups, milliseconds. */
void rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(rd_kafka_mock_cluster_t *mcluster,
                                                            int group_consumer_heartbeat_interval_ms);

/** Session timeout of share groups, milliseconds. */
void rd_kafka_mock_sharegroup_set_session_timeout(rd_kafka_mock_cluster_t *mcluster,
                                                  int session_timeout_ms);

/** Heartbeat interval of share groups, milliseconds. */
void rd_kafka_mock_sharegroup_set_heartbeat_interval(rd_kafka_mock_cluster_t *mcluster,
                                                     int heartbeat_interval_ms);

/** How often a record is delivered at most; 0: no limit. Default 5. */
void rd_kafka_mock_sharegroup_set_max_delivery_attempts(rd_kafka_mock_cluster_t *mcluster,
                                                        int max_attempts);

/** How long a record is locked, milliseconds; 0: the session timeout. */
void rd_kafka_mock_sharegroup_set_record_lock_duration(rd_kafka_mock_cluster_t *mcluster,
                                                       int lock_duration_ms);

/** 0: all records; 1: none of open or aborted transactions. */
void rd_kafka_mock_sharegroup_set_isolation_level(rd_kafka_mock_cluster_t *mcluster, int level);

/** Most members of a group; 0: no limit. */
void rd_kafka_mock_sharegroup_set_max_size(rd_kafka_mock_cluster_t *mcluster, int max_size);

/** Most fetch sessions of a broker; 0: no limit. Default 2000. */
void rd_kafka_mock_sharegroup_set_max_fetch_sessions(rd_kafka_mock_cluster_t *mcluster,
                                                     int max_fetch_sessions);

/** Most locked records of a partition; 0: no limit. Default 2000. */
void rd_kafka_mock_sharegroup_set_max_record_locks(rd_kafka_mock_cluster_t *mcluster,
                                                   int max_record_locks);

/** Where a new group begins; 0: at the end, 1: at the beginning. */
void rd_kafka_mock_sharegroup_set_auto_offset_reset(rd_kafka_mock_cluster_t *mcluster,
                                                    int auto_offset_reset);

/** Sets the assignments that the members of a share group shall reach. */
void rd_kafka_mock_sharegroup_target_assignment(rd_kafka_mock_cluster_t *mcluster,
                                                const char *group_id,
                                                const char **member_ids,
                                                rd_kafka_topic_partition_list_t **assignments,
                                                size_t member_cnt);

/** Member ids of a share group; the caller frees the array and each string with `free()`. */
rd_kafka_resp_err_t rd_kafka_mock_sharegroup_get_member_ids(rd_kafka_mock_cluster_t *mcluster,
                                                            const char *group_id,
                                                            char ***member_ids_out,
                                                            size_t *member_cnt_out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* _RDKAFKA_MOCK_H_ */
