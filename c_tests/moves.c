/* Partitions that change their broker, and calls that must come back: each once hung or lost. */
#include "test.h"

#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>

static struct reports reports;

static rd_kafka_mock_cluster_t *cluster_of(rd_kafka_t *rk, int brokers, const char *topic) {
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    NEED(cluster != NULL);
    NEED(!rd_kafka_mock_topic_create(cluster, topic, 1, brokers));
    return cluster;
}

static void first_message(rd_kafka_t *rk, const char *topic) {
    NEED(!send_text(rk, topic, 0, "first", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1 && !reports.failed);
}

static void an_idle_partition_moves_off_a_broker_that_is_down(void) {
    rd_kafka_t *rk =
        start_collecting(conf_with("test.mock.num.brokers", "3", "linger.ms", "0", NULL), &reports);
    rd_kafka_mock_cluster_t *cluster = cluster_of(rk, 3, "t");
    rd_kafka_mock_partition_set_leader(cluster, "t", 0, 2);
    first_message(rk, "t");
    rd_kafka_mock_broker_set_down(cluster, 2);
    rd_kafka_mock_partition_set_leader(cluster, "t", 0, 3);
    sleep_ms(500);
    CHECK_ERR(send_text(rk, "t", 0, "second", NULL), 0, "accepted after the move");
    poll_until(rk, &reports, 2, 30000 * slow());
    CHECK_INT(reports.count, 2, "reported after the move");
    CHECK_INT(reports.failed, 0, "and delivered");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void a_partition_without_a_leader_is_purged(void) {
    rd_kafka_t *rk =
        start_collecting(conf_with("test.mock.num.brokers", "1", "linger.ms", "0", NULL), &reports);
    rd_kafka_mock_cluster_t *cluster = cluster_of(rk, 1, "t");
    rd_kafka_mock_partition_set_leader(cluster, "t", 0, -1);
    CHECK_ERR(send_text(rk, "t", 0, "waits", NULL), 0, "accepted without a leader");
    for (int i = 0; i < 10; i++) rd_kafka_poll(rk, 50);
    CHECK_INT(reports.count, 0, "it waits");
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), 0, "purge");
    poll_until(rk, &reports, 1, 10000 * slow());
    CHECK_INT(reports.count, 1, "and is purged");
    CHECK_ERR(reports.at[0].err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "as a queued one");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void *purges(void *rk) {
    for (int i = 0; i < 500; i++) rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE);
    return NULL;
}

static void threads_purge_side_by_side(void) {
    pthread_t threads[4];
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "1", NULL), &reports);
    cluster_of(rk, 1, "t");
    first_message(rk, "t");
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, purges, rk);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    CHECK_ERR(send_text(rk, "t", 0, "after", NULL), 0, "accepted after the purges");
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flushed after the purges");
    CHECK_INT(reports.count, 2, "reported after the purges");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void one_in_flight_keeps_the_order(void) {
    enum { COUNT = 20000 };
    int64_t before = -1;
    int later = 0;
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "max.in.flight", "1", "linger.ms", "0", NULL),
        &reports);
    cluster_of(rk, 1, "t");
    for (int i = 0; i < COUNT; i++) {
        NEED(!send_text(rk, "t", 0, "x", NULL));
        if (i % 100 == 0) rd_kafka_poll(rk, 0);
    }
    CHECK_ERR(rd_kafka_flush(rk, 60000), 0, "flushed");
    CHECK_INT(reports.count, COUNT, "each is reported");
    CHECK_INT(reports.failed, 0, "none failed");
    for (int i = 0; i < reports.count; i++) {
        later += reports.at[i].offset == before + 1;
        before = reports.at[i].offset;
    }
    CHECK_INT(later, COUNT, "reports rise by one, in order");
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    an_idle_partition_moves_off_a_broker_that_is_down();
    a_partition_without_a_leader_is_purged();
    threads_purge_side_by_side();
    one_in_flight_keeps_the_order();
    return finish("moves");
}
