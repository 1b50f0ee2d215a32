/* message.timeout.ms: when a message is given up, with which code, status and order. */
#include "test.h"

static struct reports reports;

static void never_sent(void) {
    rd_kafka_t *rk = start_collecting(conf_with("bootstrap.servers", "127.0.0.1:1",
                                                "message.timeout.ms", "500", "linger.ms", "0",
                                                NULL),
                                      &reports);
    int64_t begin = now_ms(), took;
    for (int i = 0; i < 3; i++) NEED(!send_text(rk, "t", 0, "x", (void *)(intptr_t)i));
    NEED(!send_text(rk, "t", RD_KAFKA_PARTITION_UA, "x", (void *)3));
    poll_until(rk, &reports, 4, 5000);
    took = now_ms() - begin;
    CHECK_INT(reports.count, 4, "each is reported");
    CHECK(took >= 490, "not before the timeout (%d ms)", (int)took);
    CHECK(took <= (500 + 1100) * slow(), "at most 1.1 s after it (%d ms)", (int)took);
    for (int i = 0; i < reports.count; i++) {
        CHECK_ERR(reports.at[i].err, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "code");
        CHECK_INT(reports.at[i].status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "status");
        CHECK_INT(reports.at[i].offset, RD_KAFKA_OFFSET_INVALID, "offset");
        CHECK_INT(reports.at[i].broker_id, -1, "broker");
        CHECK_INT(reports.at[i].timestamp, -1, "timestamp");
    }
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void in_flight(void) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "linger.ms", "0", NULL), &reports);
    rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
    rd_kafka_topic_t *rkt;
    char errstr[128];
    int64_t begin;
    rd_kafka_topic_conf_set(topic_conf, "message.timeout.ms", "800", errstr, sizeof errstr);
    rkt = rd_kafka_topic_new(rk, "t", topic_conf);
    NEED(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "warm", 4, NULL, 0, NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1);
    forget(&reports);
    rd_kafka_mock_broker_set_rtt(rd_kafka_handle_mock_cluster(rk), 1, 10000);
    begin = now_ms();
    NEED(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "late", 4, NULL, 0, NULL));
    poll_until(rk, &reports, 1, 8000);
    CHECK_INT(reports.count, 1, "a silent broker: reported");
    CHECK(now_ms() - begin <= (800 + 1100) * slow(), "a silent broker: within 1.1 s");
    CHECK_ERR(reports.at[0].err, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "a silent broker: code");
    CHECK_INT(reports.at[0].status, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED,
              "a silent broker: it may be in the log");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void not_answered_in_time(void) {
    char errstr[256];
    rd_kafka_conf_t *conf = conf_with("bootstrap.servers", "127.0.0.1:1", "message.timeout.ms",
                                      "100", "linger.ms", "200", NULL);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    CHECK(!rk, "linger above the timeout is refused");
    CHECK(!rk && strstr(errstr, "message.timeout.ms"), "its text names the property: %s", errstr);
    if (rk) rd_kafka_destroy(rk);
    else rd_kafka_conf_destroy(conf);
}

int main(void) {
    never_sent();
    in_flight();
    not_answered_in_time();
    return finish("timeouts");
}
