/* Processes with a peer: ends without destroy, children of a fork that use it afresh, or end what
 * their parent made. */
#include "peer.h"

/* What a process leaves behind at its end is no leak. */
static int leaves;
#ifdef __SANITIZE_ADDRESS__
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return leaves; }
#endif

static rd_kafka_t *parents, *producer;

static int consume_all(rd_kafka_t *rk, int count) {
    rd_kafka_topic_partition_list_t *list = both_partitions("t", 0);
    int got = 0;
    if (rd_kafka_assign(rk, list)) return 0;
    rd_kafka_topic_partition_list_destroy(list);
    for (int64_t end = now_ms() + 30000 * slow(); got < count && now_ms() < end;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
        if (!m) continue;
        if (!m->err) got++;
        rd_kafka_message_destroy(m);
    }
    return got;
}

static int exits_without_destroy(void) {
    rd_kafka_t *rk = start_consumer(consumer_conf("g-exit"));
    leaves = 1;
    if (consume_all(rk, 6) != 6) return 1;
    exit(0);
}

static int consumes_after_fork(void) {
    rd_kafka_t *rk = start_consumer(consumer_conf("g-fork"));
    if (consume_all(rk, 6) != 6) return 1;
    rd_kafka_destroy(rk);
    return 0;
}

static int asks_after_fork(void) {
    int64_t low = -1, high = -1;
    rd_kafka_t *rk = start(conf_with("bootstrap.servers", servers, NULL));
    if (rd_kafka_query_watermark_offsets(rk, "t", 0, &low, &high, 20000)) return 1;
    rd_kafka_destroy(rk);
    return low == 0 && high == 3 ? 0 : 2;
}

/* The producer has a shadow here, whose threads are the parent's. */
static int ends_the_parents_producer(void) {
    rd_kafka_destroy(producer);
    return 0;
}

int main(void) {
    struct reports reports = {0};
    rd_kafka_t *cluster;
    int64_t low = -1, high = -1;
    if (!has_peer()) return 0;
    cluster = start_cluster(&reports);
    produce_all(cluster, &reports, "t", 6);
    CHECK_INT(in_child(consumes_after_fork, 60), 0, "a child consumes");
    parents = start_consumer(consumer_conf("g-parent"));
    CHECK_INT(consume_all(parents, 6), 6, "the parent consumes");
    CHECK_INT(in_child(consumes_after_fork, 60), 0, "so does a child afterwards");
    CHECK_INT(in_child(exits_without_destroy, 60), 0, "a process may end with a consumer");
    producer = start(conf_with("bootstrap.servers", servers, NULL));
    CHECK_ERR(rd_kafka_query_watermark_offsets(producer, "t", 1, &low, &high, 20000), 0,
              "a shadow is made");
    CHECK_INT(in_child(asks_after_fork, 60), 0, "a child makes its own");
    if (!IS_STOCK)
        CHECK_INT(in_child(ends_the_parents_producer, 60), 0, "and may end its parent's producer");
    CHECK_ERR(rd_kafka_query_watermark_offsets(producer, "t", 1, &low, &high, 20000), 0,
              "which goes on in the parent");
    rd_kafka_destroy(producer);
    rd_kafka_destroy(parents);
    rd_kafka_destroy(cluster);
    forget(&reports);
    return finish("peer_forks");
}
