/* What the tests of the peer share: a producer with its mock cluster, consumers beside it. */
#ifndef PEER_H
#define PEER_H

#include "test.h"

/* A producer with a mock cluster of its own; its servers are in `servers`. */
static char servers[256];

static inline rd_kafka_t *start_cluster(struct reports *reports) {
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "2", NULL), reports);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    NEED(cluster);
    snprintf(servers, sizeof servers, "%s", rd_kafka_mock_cluster_bootstraps(cluster));
    return rk;
}

static inline rd_kafka_conf_t *consumer_conf(const char *group) {
    return conf_with("bootstrap.servers", servers, "group.id", group, "auto.offset.reset",
                     "earliest", "enable.partition.eof", "true", NULL);
}

static inline rd_kafka_t *start_consumer(rd_kafka_conf_t *conf) {
    char errstr[512] = "";
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, errstr, sizeof errstr);
    if (!rk) {
        printf("NOT OK consumer: %s\n", errstr);
        exit(1);
    }
    return rk;
}

/* Without a librdkafka beside ours there is nothing to test: said aloud, and an error where the
 * references are required. */
static inline int has_peer(void) {
    char errstr[512] = "";
    rd_kafka_t *rk =
        rd_kafka_new(RD_KAFKA_CONSUMER, conf_with(NULL), errstr, sizeof errstr);
    const char *required = getenv("RDKAFKA_REQUIRE_REFERENCES");
    if (rk) {
        rd_kafka_destroy(rk);
        return 1;
    }
    NEED(!required || strcmp(required, "1"));
    printf("skipped: %s\n", errstr);
    return 0;
}

static inline void produce_all(rd_kafka_t *rk, struct reports *reports, const char *topic,
                               int count) {
    int before = reports->count;
    for (int i = 0; i < count; i++) {
        char key[16], value[32];
        snprintf(key, sizeof key, "k%d", i);
        snprintf(value, sizeof value, "value %d", i);
        NEED(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(i % 2),
                                RD_KAFKA_V_VALUE(value, strlen(value)),
                                RD_KAFKA_V_KEY(key, strlen(key)),
                                RD_KAFKA_V_HEADER("number", value, -1),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END));
    }
    poll_until(rk, reports, before + count, 20000);
    NEED(reports->count == before + count && !reports->failed);
}

static inline rd_kafka_topic_partition_list_t *both_partitions(const char *topic,
                                                               int64_t offset) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(2);
    rd_kafka_topic_partition_list_add(list, topic, 0)->offset = offset;
    rd_kafka_topic_partition_list_add(list, topic, 1)->offset = offset;
    return list;
}

#endif
