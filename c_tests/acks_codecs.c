/* acks 0, 1 and all; the four codecs with their levels: reports, and the codec in the log. */
#include "reader.h"

static void acks(const char *value, int64_t offset_known, rd_kafka_msg_status_t status) {
    struct reports reports = {0};
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "3", "acks", value, NULL), &reports);
    int good = 1;
    for (int i = 0; i < 30; i++) NEED(!send_text(rk, "t", i % 4, "x", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK(reports.count == 30 && !reports.failed, "acks=%s: %d delivered", value, reports.count);
    for (int i = 0; i < reports.count; i++) {
        struct report *r = &reports.at[i];
        good = good && r->status == status && r->broker_id > 0 && r->timestamp > 0 &&
               /* Unknown offsets of one batch count up from the invalid one. */
               (offset_known ? r->offset >= 0
                             : r->offset >= RD_KAFKA_OFFSET_INVALID &&
                                   r->offset < RD_KAFKA_OFFSET_INVALID + 30);
    }
    CHECK(good, "acks=%s: status, broker, timestamp and offset", value);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void codec(const char *name, int attribute, const char *level) {
    static struct record records[8];
    static char text[4000];
    struct reports reports = {0};
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk;
    int attributes = -1, fd, got;
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "1", "compression.codec", name,
                                      "linger.ms", "50", NULL);
    if (level) set(conf, "compression.level", level);
    rk = start_collecting(conf, &reports);
    cluster = rd_kafka_handle_mock_cluster(rk);
    rd_kafka_mock_topic_create(cluster, "t", 1, 1);
    for (size_t i = 0; i < sizeof text - 1; i++) text[i] = "abcdefgh"[i / 7 % 8];
    for (int i = 0; i < 100; i++) NEED(!send_text(rk, "t", 0, text, NULL));
    CHECK_ERR(rd_kafka_flush(rk, 20000), 0, "flush");
    CHECK(reports.count == 100 && !reports.failed, "%s level %s: delivered", name,
          level ? level : "default");
    fd = connect_to(port_of(rd_kafka_mock_cluster_bootstraps(cluster), 0));
    got = fetch_once(fd, "t", 0, 0, records, 8, &attributes);
    close(fd);
    CHECK(got >= 0 && (attributes & 7) == attribute, "%s level %s: attribute in the log is %d",
          name, level ? level : "default", attributes & 7);
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    acks("0", 0, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED);
    acks("1", 1, RD_KAFKA_MSG_STATUS_PERSISTED);
    acks("-1", 1, RD_KAFKA_MSG_STATUS_PERSISTED);
    acks("all", 1, RD_KAFKA_MSG_STATUS_PERSISTED);
    codec("none", 0, NULL);
    codec("gzip", 1, NULL);
    codec("gzip", 1, "9");
    codec("gzip", 0, "0"); /* stores only: nothing gets smaller, sent as it is */
    codec("snappy", 2, NULL);
    codec("lz4", 3, NULL);
    codec("lz4", 3, "12");
    codec("zstd", 4, NULL);
    codec("zstd", 4, "1");
    codec("zstd", 4, "12");
    return finish("acks_codecs");
}
