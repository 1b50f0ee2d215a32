/* The built-in partitioners, called directly and by name, and one of the application. */
#include "test.h"

static struct reports reports;

/* Known answers for 97 partitions: CRC-32, murmur2 (positive) and FNV-1a (absolute). */
static const struct {
    const char *key;
    int32_t consistent, murmur2, fnv1a;
} known[] = {
    {"kafka", 30, 28, 52},
    {"giberish123456789", 60, 88, 16},
    {"1234", 1, 88, 36},
    {"23", 38, 45, 37},
    {"hello world", 62, 70, 15},
};

static void direct(void) {
    rd_kafka_t *rk = start(conf_with("bootstrap.servers", "127.0.0.1:1", NULL));
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *key = known[i].key;
        size_t n = strlen(key);
        CHECK_INT(rd_kafka_msg_partitioner_consistent(rkt, key, n, 97, NULL, NULL),
                  known[i].consistent, "consistent");
        CHECK_INT(rd_kafka_msg_partitioner_consistent_random(rkt, key, n, 97, NULL, NULL),
                  known[i].consistent, "consistent_random with a key");
        CHECK_INT(rd_kafka_msg_partitioner_murmur2(rkt, key, n, 97, NULL, NULL), known[i].murmur2,
                  "murmur2");
        CHECK_INT(rd_kafka_msg_partitioner_murmur2_random(rkt, key, n, 97, NULL, NULL),
                  known[i].murmur2, "murmur2_random with a key");
        CHECK_INT(rd_kafka_msg_partitioner_fnv1a(rkt, key, n, 97, NULL, NULL), known[i].fnv1a,
                  "fnv1a");
        CHECK_INT(rd_kafka_msg_partitioner_fnv1a_random(rkt, key, n, 97, NULL, NULL),
                  known[i].fnv1a, "fnv1a_random with a key");
    }
    CHECK_INT(rd_kafka_msg_partitioner_consistent(NULL, "kafka", 5, 97, NULL, NULL), 30,
              "consistent needs no topic");
    CHECK_INT(rd_kafka_msg_partitioner_murmur2(NULL, "kafka", 5, 97, NULL, NULL), 28,
              "murmur2 needs no topic");
    CHECK_INT(rd_kafka_msg_partitioner_fnv1a(NULL, "kafka", 5, 97, NULL, NULL), 52,
              "fnv1a needs no topic");
    for (int i = 0; i < 100; i++) {
        int32_t p = rd_kafka_msg_partitioner_random(rkt, NULL, 0, 3, NULL, NULL);
        if (p < 0 || p > 2) CHECK(0, "random stays within the count");
    }
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static void by_name(const char *name, int32_t want) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "partitioner", name, NULL), &reports);
    int right = 1;
    forget(&reports);
    NEED(!rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "t", 97, 1));
    for (int i = 0; i < 5; i++)
        NEED(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_KEY("kafka", 5),
                                RD_KAFKA_V_VALUE("v", 1),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    for (int i = 0; i < reports.count; i++) right = right && reports.at[i].partition == want;
    CHECK(reports.count == 5 && right, "partitioner=%s goes to partition %d", name, want);
    rd_kafka_destroy(rk);
    forget(&reports);
}

/* Without keys: sticky partitioning keeps a batch together, switched off it spreads. */
static int spread(const char *sticky_linger, int count) {
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "1",
                                                "sticky.partitioning.linger.ms", sticky_linger,
                                                "linger.ms", "100", NULL),
                                      &reports);
    int used[16] = {0}, different = 0;
    forget(&reports);
    NEED(!rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "t", 16, 1));
    /* A partition without a leader is not stuck to: wait for metadata first. */
    NEED(!send_text(rk, "t", 0, "warm", NULL));
    poll_until(rk, &reports, 1, 10000);
    forget(&reports);
    for (int i = 0; i < count; i++)
        NEED(!send_text(rk, "t", RD_KAFKA_PARTITION_UA, "x", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    for (int i = 0; i < reports.count; i++) used[reports.at[i].partition]++;
    for (int i = 0; i < 16; i++) different += used[i] > 0;
    CHECK_INT(reports.count, count, "all reported");
    rd_kafka_destroy(rk);
    forget(&reports);
    return different;
}

static int marker, calls, count_given, opaque_right = 1, message_opaque_right = 1;

static int32_t always_two(const rd_kafka_topic_t *rkt, const void *key, size_t key_len,
                          int32_t count, void *opaque, void *message_opaque) {
    calls++;
    count_given = count;
    if (opaque != &marker) opaque_right = 0;
    if (message_opaque != &calls) message_opaque_right = 0;
    if (key_len == 3 && !memcmp(key, "bad", 3)) return count + 5;
    return rd_kafka_topic_partition_available(rkt, 2) ? 2 : 1;
}

static void application(void) {
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "1", NULL), &reports);
    rd_kafka_topic_conf_t *conf = rd_kafka_topic_conf_new();
    rd_kafka_topic_t *rkt;
    int right = 1;
    forget(&reports);
    NEED(!rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "t", 4, 1));
    rd_kafka_topic_conf_set_partitioner_cb(conf, always_two);
    rd_kafka_topic_conf_set_opaque(conf, &marker);
    rkt = rd_kafka_topic_new(rk, "t", conf);
    CHECK(rd_kafka_topic_opaque(rkt) == &marker, "topic opaque");
    NEED(!rd_kafka_produce(rkt, 2, RD_KAFKA_MSG_F_COPY, "warm", 4, NULL, 0, NULL));
    poll_until(rk, &reports, 1, 10000);
    CHECK_INT(calls, 0, "a given partition needs no partitioner");
    forget(&reports);
    for (int i = 0; i < 4; i++)
        NEED(!rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "x", 1, "k", 1,
                               &calls));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    for (int i = 0; i < reports.count; i++) right = right && reports.at[i].partition == 2;
    CHECK(reports.count == 4 && right, "the application's answer counts");
    CHECK(calls >= 4, "it was asked for each message");
    CHECK_INT(count_given, 4, "with the number of partitions");
    CHECK(opaque_right && message_opaque_right, "with both opaques");
    errno = 0;
    CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "x", 1, "bad", 3,
                               &calls),
              -1, "an answer beyond the count is refused");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "as unknown partition");
    CHECK_INT(errno, ESRCH, "errno");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    int different;
    direct();
    by_name("consistent", 30);
    by_name("consistent_random", 30);
    by_name("murmur2", 28);
    by_name("murmur2_random", 28);
    by_name("fnv1a", 52);
    by_name("fnv1a_random", 52);
    different = spread("5000", 50);
    CHECK(different == 1, "sticky: 50 messages without key stay together (%d)", different);
    different = spread("0", 200);
    CHECK(different > 8, "not sticky: 200 messages spread over 16 partitions (%d)", different);
    application();
    return finish("partitioners");
}
