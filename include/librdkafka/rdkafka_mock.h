/* A Kafka cluster inside the program, for tests, on loopback sockets. */

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

/** A request that a mock broker received. */
typedef struct rd_kafka_mock_request_s rd_kafka_mock_request_t;

/** Assignment that a mock group shall reach. */
typedef struct rd_kafka_mock_cgrp_consumer_target_assignment_s rd_kafka_mock_cgrp_consumer_target_assignment_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- Mock cluster ---------------------------------------------------------------------------- */

/**
 * The mock cluster of `test.mock.num.brokers`; it belongs to the instance. NULL if there is
 * none.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_mock_cluster_t *rd_kafka_handle_mock_cluster(const rd_kafka_t *rk);

/**
 * Starts a mock cluster of `broker_cnt` brokers on loopback. NULL if it can't be started.
 * Destroy it before `rk`.
 *
 * Requires: `rk` is NULL or a live instance.
 */
rd_kafka_mock_cluster_t *rd_kafka_mock_cluster_new(rd_kafka_t *rk, int broker_cnt);

/**
 * Stops a cluster and closes its connections.
 *
 * Requires: `mcluster` is NULL, or a cluster of `rd_kafka_mock_cluster_new` that nobody uses any more.
 */
void rd_kafka_mock_cluster_destroy(rd_kafka_mock_cluster_t *mcluster);

/**
 * The instance that the cluster was made with.
 *
 * Requires: `mcluster` is NULL or live.
 */
rd_kafka_t *rd_kafka_mock_cluster_handle(const rd_kafka_mock_cluster_t *mcluster);

/**
 * The cluster's `bootstrap.servers`; valid as long as the cluster.
 *
 * Requires: `mcluster` is NULL or live.
 */
const char *rd_kafka_mock_cluster_bootstraps(const rd_kafka_mock_cluster_t *mcluster);

/**
 * Forgets the errors that were pushed for a request type.
 *
 * Requires: `mcluster` is NULL or live.
 */
void rd_kafka_mock_clear_request_errors(rd_kafka_mock_cluster_t *mcluster, int16_t api_key);

/**
 * Has the next requests of a type meet these errors, one each. `_TRANSPORT` closes the
 * connection.
 *
 * Requires: `mcluster` is NULL or live; `errors` has `cnt` elements.
 */
void rd_kafka_mock_push_request_errors_array(rd_kafka_mock_cluster_t *mcluster,
                                             int16_t api_key,
                                             size_t cnt,
                                             const rd_kafka_resp_err_t *errors);

/**
 * How many pushed errors wait for a broker's requests of a type.
 *
 * Requires: `mcluster` is NULL or live; `cntp` is NULL or writable.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_error_stack_cnt(rd_kafka_mock_cluster_t *mcluster,
                                                         int32_t broker_id,
                                                         int16_t api_key,
                                                         size_t *cntp);

/**
 * The error that metadata answers give for a topic. The topic is made if it isn't there.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
void rd_kafka_mock_topic_set_error(rd_kafka_mock_cluster_t *mcluster,
                                   const char *topic,
                                   rd_kafka_resp_err_t err);

/**
 * Creates a topic.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_topic_create(rd_kafka_mock_cluster_t *mcluster,
                                               const char *topic,
                                               int partition_cnt,
                                               int replication_factor);

/**
 * Deletes a topic.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_topic_delete(rd_kafka_mock_cluster_t *mcluster,
                                               const char *topic);

/**
 * Moves a partition's leader; -1 leaves it without one.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_partition_set_leader(rd_kafka_mock_cluster_t *mcluster,
                                                       const char *topic,
                                                       int32_t partition,
                                                       int32_t broker_id);

/**
 * Sends a partition's consumers to a follower; -1 sends them to the leader again.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_partition_set_follower(rd_kafka_mock_cluster_t *mcluster,
                                                         const char *topic,
                                                         int32_t partition,
                                                         int32_t broker_id);

/**
 * The bounds of what a partition's follower has; -1 means as the leader.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_partition_set_follower_wmarks(rd_kafka_mock_cluster_t *mcluster,
                                                                const char *topic,
                                                                int32_t partition,
                                                                int64_t lo,
                                                                int64_t hi);

/**
 * Has the next metadata answer name this leader and epoch for a partition.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_partition_push_leader_response(rd_kafka_mock_cluster_t *mcluster,
                                                                 const char *topic,
                                                                 int partition,
                                                                 int32_t leader_id,
                                                                 int32_t leader_epoch);

/**
 * Moves the start of a partition's log to an offset.
 *
 * Requires: `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_partition_delete_records(rd_kafka_mock_cluster_t *mcluster,
                                                           const char *topic,
                                                           int32_t partition,
                                                           int64_t before_offset);

/**
 * Cuts a broker's connections and stops listening; -1 means all brokers.
 *
 * Requires: `mcluster` is NULL or live.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_set_down(rd_kafka_mock_cluster_t *mcluster,
                                                  int32_t broker_id);

/**
 * Lets a broker listen again; -1 means all brokers.
 *
 * Requires: `mcluster` is NULL or live.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_set_up(rd_kafka_mock_cluster_t *mcluster,
                                                int32_t broker_id);

/**
 * The address that metadata answers give for a broker.
 *
 * Requires: `mcluster` is NULL or live; `host` is NULL or NUL-terminated.
 */
void rd_kafka_mock_broker_set_host_port(rd_kafka_mock_cluster_t *mcluster,
                                        int32_t broker_id,
                                        const char *host,
                                        int port);

/**
 * How long a broker's answers wait, in milliseconds; -1 means all brokers.
 *
 * Requires: `mcluster` is NULL or live.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_set_rtt(rd_kafka_mock_cluster_t *mcluster,
                                                 int32_t broker_id,
                                                 int rtt_ms);

/**
 * A broker's rack.
 *
 * Requires: `mcluster` is NULL or live; `rack` is NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_set_rack(rd_kafka_mock_cluster_t *mcluster,
                                                  int32_t broker_id,
                                                  const char *rack);

/**
 * Adds a broker and deals the partitions out again.
 *
 * Requires: `mcluster` is NULL or live.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_add(rd_kafka_mock_cluster_t *mcluster, int32_t broker_id);

/**
 * Removes a broker; its connections are cut and its partitions go to the others.
 *
 * Requires: `cluster` is NULL or live.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_decommission(rd_kafka_mock_cluster_t *cluster,
                                                      int32_t broker_id);

/**
 * Hides a broker from metadata answers; its partitions go to the others, its connections stay.
 *
 * Requires: `mcluster` is NULL or live.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_remove_from_metadata(rd_kafka_mock_cluster_t *mcluster,
                                                              int32_t broker_id);

/**
 * The coordinator of a key; `key_type` is `group` or `transaction`.
 *
 * Requires: `mcluster` is NULL or live; `key_type` and `key` are NULL or NUL-terminated.
 */
rd_kafka_resp_err_t rd_kafka_mock_coordinator_set(rd_kafka_mock_cluster_t *mcluster,
                                                  const char *key_type,
                                                  const char *key,
                                                  int32_t broker_id);

/**
 * The controller that metadata answers name; -1 for none.
 *
 * Requires: `mcluster` is NULL or live.
 */
void rd_kafka_mock_set_controller_id(rd_kafka_mock_cluster_t *mcluster, int32_t controller_id);

/**
 * Narrows the versions that brokers offer of a request type.
 *
 * Requires: `mcluster` is NULL or live.
 */
rd_kafka_resp_err_t rd_kafka_mock_set_apiversion(rd_kafka_mock_cluster_t *mcluster,
                                                 int16_t api_key,
                                                 int16_t min_version,
                                                 int16_t max_version);

/**
 * How long a group waits for more members after its first one joined.
 *
 * Requires: `mcluster` is NULL or live.
 */
void rd_kafka_mock_group_initial_rebalance_delay_ms(rd_kafka_mock_cluster_t *mcluster,
                                                    int32_t delay_ms);

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
 * Has a broker's next `cnt` requests of a type meet these errors (`rd_kafka_resp_err_t`),
 * each answered after its round-trip time (`int`, milliseconds).
 *
 * Requires: `mcluster` is NULL or live; `cnt` pairs of an error and a time follow.
 */
rd_kafka_resp_err_t rd_kafka_mock_broker_push_request_error_rtts(rd_kafka_mock_cluster_t *mcluster,
                                                                 int32_t broker_id,
                                                                 int16_t api_key,
                                                                 size_t cnt,
                                                                 ...);

/**
 * Has a partition meet these errors (`rd_kafka_resp_err_t`) in the next `cnt` requests of a
 * type.
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

/* ---- Mock cluster: requests that it received ------------------------------------------------- */

/**
 * Begins to note requests.
 *
 * Requires: `mcluster` is NULL or live.
 */
void rd_kafka_mock_start_request_tracking(rd_kafka_mock_cluster_t *mcluster);

/**
 * Stops noting requests and forgets them.
 *
 * Requires: `mcluster` is NULL or live.
 */
void rd_kafka_mock_stop_request_tracking(rd_kafka_mock_cluster_t *mcluster);

/**
 * Forgets the requests noted so far.
 *
 * Requires: `mcluster` is NULL or live.
 */
void rd_kafka_mock_clear_requests(rd_kafka_mock_cluster_t *mcluster);

/**
 * The requests noted so far, or NULL for none; `rd_kafka_mock_request_destroy_array` frees
 * them.
 *
 * Requires: `mcluster` is NULL or live; `cntp` is NULL or writable.
 */
rd_kafka_mock_request_t **rd_kafka_mock_get_requests(rd_kafka_mock_cluster_t *mcluster,
                                                     size_t *cntp);

/**
 * Frees a request.
 *
 * Requires: `mreq` is NULL or a request that nobody uses any more.
 */
void rd_kafka_mock_request_destroy(rd_kafka_mock_request_t *mreq);

/**
 * Frees requests and the array they're in.
 *
 * Requires: `mreqs` is NULL, or what `rd_kafka_mock_get_requests` gave, with its count.
 */
void rd_kafka_mock_request_destroy_array(rd_kafka_mock_request_t **mreqs, size_t mreq_cnt);

/**
 * The broker that received a request; -1 for NULL.
 *
 * Requires: `mreq` is NULL or live.
 */
int32_t rd_kafka_mock_request_id(rd_kafka_mock_request_t *mreq);

/**
 * A request's type; -1 for NULL.
 *
 * Requires: `mreq` is NULL or live.
 */
int16_t rd_kafka_mock_request_api_key(rd_kafka_mock_request_t *mreq);

/**
 * When a request was received, in microseconds of the monotonic clock; -1 for NULL.
 *
 * Requires: `mreq` is NULL or live.
 */
int64_t rd_kafka_mock_request_timestamp(rd_kafka_mock_request_t *mreq);

/* ---- Mock cluster: what consumers need ------------------------------------------------------- */

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
