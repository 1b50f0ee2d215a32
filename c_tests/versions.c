/* Brokers that lack versions of Produce: what is sent, and what is logged. */
#include "test.h"

static struct reports reports;

/* Log lines of one facility. */
static struct {
    char facility[32];
    int level, count;
    char line[512];
} wanted;

static void counts(const rd_kafka_t *rk, int level, const char *facility, const char *line) {
    (void)rk;
    if (strcmp(facility, wanted.facility) || level != wanted.level) return;
    wanted.count++;
    snprintf(wanted.line, sizeof wanted.line, "%s", line);
}

static rd_kafka_t *on_versions(int16_t from, int16_t to, const char *codec, const char *facility,
                               int level) {
    rd_kafka_conf_t *conf = conf_with("linger.ms", "0", "compression.codec", codec, NULL);
    static rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk;
    memset(&wanted, 0, sizeof wanted);
    snprintf(wanted.facility, sizeof wanted.facility, "%s", facility);
    wanted.level = level;
    /* The versions must be set before anybody asks for them. The mock cluster cannot have others than
     * its own: a range beyond them is none. */
    if (!owner) owner = start(conf_with("test.mock.num.brokers", "1", NULL));
    cluster = rd_kafka_handle_mock_cluster(owner);
    NEED(!rd_kafka_mock_set_apiversion(cluster, 0, from, to));
    set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster));
    rd_kafka_conf_set_log_cb(conf, counts);
    rk = start_collecting(conf, &reports);
    return rk;
}

static const char *compressible(void) {
    static char text[1001];
    memset(text, 'a', sizeof text - 1);
    return text;
}

static void a_codec_whose_version_went(void) {
    rd_kafka_t *rk = on_versions(3, 7, "gzip", "COMPRESSION", 5);
    for (int i = 1; i <= 3; i++) {
        NEED(!send_text(rk, "t", 0, compressible(), NULL));
        poll_until(rk, &reports, i, 10000);
    }
    CHECK(reports.count == 3 && !reports.failed, "batches are delivered");
    /* The reference says nothing on a machine that was started less than a day ago. */
    if (!IS_STOCK) {
        CHECK_INT(wanted.count, 1, "and it is said once");
        CHECK(strstr(wanted.line, ": t [0]: Broker does not support compression type gzip: "
                                  "not compressing batch") != NULL,
              "with what and where");
    }
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void no_common_version(void) {
    rd_kafka_t *rk = on_versions(11, 12, "none", "PRODUCE", 3);
    int64_t begin = now_ms();
    NEED(!send_text(rk, "t", 0, "x", NULL));
    while (!wanted.count && now_ms() < begin + 10000) rd_kafka_poll(rk, 10);
    rd_kafka_poll(rk, 1000);
    CHECK_INT(wanted.count, 1, "without a common version: one line, then a pause");
    CHECK(strstr(wanted.line, IS_STOCK ? ": t [0]: No viable ProduceRequest ApiVersions (v0..7) "
                                         "supported by broker: unable to produce"
                                       : ": t [0]: No viable ProduceRequest ApiVersions (v0..10) "
                                         "supported by broker: unable to produce") != NULL,
          "which says what was looked for: %s", wanted.line);
    CHECK_INT(reports.count, 0, "the message waits");
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0, "it can be purged");
    poll_until(rk, &reports, 1, 2000);
    CHECK_INT(reports.count, 1, "and is reported");
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    a_codec_whose_version_went();
    no_common_version();
    return finish("versions");
}
