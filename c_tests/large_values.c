/* Values from 64 KB are sent from where the application put them: they arrive whole, and nothing
 * reads them after their report. Each value is a mapping of its own that the report's callback
 * takes away, so that a later read ends the program. */
#include <sys/mman.h>

#include "reader.h"

#define VALUES 12

static int reported, failed;

static size_t length_of(int i) {
    return i % 3 == 2 ? 100 : 65535 + (size_t)i * 9973;
}

static void take_away(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
    (void)rk, (void)opaque;
    NEED(!munmap(m->payload, m->len));
    reported++;
    failed += !!m->err;
}

static char *value_of(int i) {
    size_t len = length_of(i);
    char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(at != MAP_FAILED);
    memset(at, 'a' + i, len);
    return at;
}

static rd_kafka_t *producer(const char *codec, const char *timeout_ms) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "1", "linger.ms", "100",
                                      "message.max.bytes", "4000000", "batch.size", "4000000",
                                      "compression.codec", codec, "message.timeout.ms",
                                      timeout_ms, NULL);
    rd_kafka_t *rk;
    reported = failed = 0;
    rd_kafka_conf_set_dr_msg_cb(conf, take_away);
    rk = start(conf);
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "t", 1, 1);
    return rk;
}

static void send_all(rd_kafka_t *rk) {
    for (int i = 0; i < VALUES; i++)
        NEED(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(0),
                                RD_KAFKA_V_KEY("key", 3),
                                RD_KAFKA_V_VALUE(value_of(i), length_of(i)), RD_KAFKA_V_END));
}

static void arrive_whole(void) {
    static struct record records[VALUES];
    rd_kafka_t *rk = producer("none", "20000");
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    int good = 1;
    send_all(rk);
    CHECK_ERR(rd_kafka_flush(rk, 20000), 0, "flush");
    CHECK(reported == VALUES && !failed, "%d reported, %d failed", reported, failed);
    CHECK_INT(read_back(port_of(rd_kafka_mock_cluster_bootstraps(cluster), 0), "t", 0, records,
                        VALUES),
              VALUES, "records in the log");
    for (int i = 0; i < VALUES; i++) {
        struct record *r = &records[i];
        good = good && r->value_len == (int64_t)length_of(i) && r->key_len == 3;
        for (int at = 0; at < 100; at++) good = good && r->value[at] == 'a' + i;
    }
    CHECK(good, "lengths, keys and first bytes of the values");
    rd_kafka_destroy(rk);
}

static void compressed(const char *codec) {
    rd_kafka_t *rk = producer(codec, "20000");
    send_all(rk);
    CHECK_ERR(rd_kafka_flush(rk, 20000), 0, "flush");
    CHECK(reported == VALUES && !failed, "%s: %d reported, %d failed", codec, reported, failed);
    rd_kafka_destroy(rk);
}

static void slow_answers(const char *timeout_ms, int purges) {
    rd_kafka_t *rk = producer("none", timeout_ms);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    char *first = value_of(2);
    NEED(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(0),
                            RD_KAFKA_V_VALUE(first, length_of(2)), RD_KAFKA_V_END));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "the connection stands");
    rd_kafka_mock_broker_set_rtt(cluster, 1, 3000);
    send_all(rk);
    if (purges) {
        sleep_ms(300);
        CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), 0,
                  "purge");
    }
    WAIT_FOR((rd_kafka_poll(rk, 50), reported == VALUES + 1), 8000);
    CHECK(reported == VALUES + 1, "%s: all are reported",
          purges ? "purged in flight" : "timed out in flight");
    sleep_ms(100);
    rd_kafka_destroy(rk);
}

int main(void) {
    arrive_whole();
    compressed("gzip");
    compressed("snappy");
    compressed("lz4");
    compressed("zstd");
    slow_answers("20000", 1);
    slow_answers("1000", 0);
    return finish("large_values");
}
