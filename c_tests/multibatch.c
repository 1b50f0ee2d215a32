/* `multibatch`: the batches of one turn travel in one request; each partition is settled for
 * itself. */
#include "reader.h"

#define PRODUCE 0

static struct reports reports;

static int is_v2(void) {
    const char *engine = getenv("RDKAFKA_PRODUCE_ENGINE");
    return engine && !strcmp(engine, "v2");
}

static rd_kafka_t *producer(rd_kafka_conf_t *conf, rd_kafka_mock_cluster_t **cluster) {
    rd_kafka_t *rk;
    set(conf, "test.mock.num.brokers", "2");
    set(conf, "multibatch", "true");
    rk = start_collecting(conf, &reports);
    *cluster = rd_kafka_handle_mock_cluster(rk);
    rd_kafka_mock_topic_create(*cluster, "t1", 6, 1);
    rd_kafka_mock_topic_create(*cluster, "t2", 3, 1);
    for (int p = 0; p < 6; p++) NEED(!rd_kafka_mock_partition_set_leader(*cluster, "t1", p, 1));
    for (int p = 0; p < 3; p++) NEED(!rd_kafka_mock_partition_set_leader(*cluster, "t2", p, 1));
    /* Every partition must be known before: messages that wait for metadata come late. */
    for (int p = 0; p < 6; p++) NEED(!send_text(rk, "t1", p, "first", NULL));
    for (int p = 0; p < 3; p++) NEED(!send_text(rk, "t2", p, "first", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "the topics are known");
    forget(&reports);
    memset(&reports, 0, sizeof reports);
    rd_kafka_mock_start_request_tracking(*cluster);
    return rk;
}

static int produce_requests(rd_kafka_mock_cluster_t *cluster) {
    size_t count = 0, produce = 0;
    rd_kafka_mock_request_t **all = rd_kafka_mock_get_requests(cluster, &count);
    for (size_t i = 0; i < count; i++) produce += rd_kafka_mock_request_api_key(all[i]) == PRODUCE;
    rd_kafka_mock_request_destroy_array(all, count);
    return (int)produce;
}

static int reported(rd_kafka_resp_err_t err) {
    int count = 0;
    for (int i = 0; i < reports.count; i++) count += reports.at[i].err == err;
    return count;
}

static void end(rd_kafka_t *rk) {
    rd_kafka_destroy(rk);
    forget(&reports);
    memset(&reports, 0, sizeof reports);
}

static void one_request(const char *codec) {
    static struct record records[21];
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "300", "compression.codec", codec, NULL),
                              &cluster);
    char text[40];
    int good = 1;
    for (int i = 0; i < 20; i++)
        for (int p = 0; p < 6; p++) {
            snprintf(text, sizeof text, "%d of %d", i, p);
            NEED(!send_text(rk, "t1", p, text, NULL));
            if (p < 3) NEED(!send_text(rk, "t2", p, text, NULL));
        }
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK(reports.count == 180 && !reports.failed, "%s: all delivered", codec);
    CHECK(produce_requests(cluster) <= 3, "%s: %d requests for nine partitions", codec,
          produce_requests(cluster));
    for (int i = 0; i < reports.count; i++)
        good = good && reports.at[i].status == RD_KAFKA_MSG_STATUS_PERSISTED &&
               reports.at[i].offset > 0 && reports.at[i].broker_id == 1;
    CHECK(good, "%s: status, offset and broker", codec);
    for (int p = 0; !strcmp(codec, "none") && p < 6; p++) {
        int port = port_of(rd_kafka_mock_cluster_bootstraps(cluster), 0);
        CHECK_INT(read_back(port, "t1", p, records, 21), 21, "records in the log");
        for (int i = 0; i < 20; i++) {
            snprintf(text, sizeof text, "%d of %d", i, p);
            good = good && !strcmp(records[i + 1].value, text);
        }
    }
    CHECK(good, "%s: each partition has its messages in order", codec);
    end(rk);
}

static void split_by_size(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(
        conf_with("linger.ms", "300", "message.max.bytes", "2000", NULL), &cluster);
    char text[501];
    memset(text, 'x', 500);
    text[500] = 0;
    for (int p = 0; p < 6; p++) NEED(!send_text(rk, "t1", p, text, NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK(reports.count == 6 && !reports.failed, "all delivered");
    /* A round that begins before the flush has seen all partitions makes one request more. */
    CHECK(produce_requests(cluster) == 2 || produce_requests(cluster) == 3,
          "three batches of 612 bytes fit into 2000: %d requests", produce_requests(cluster));
    end(rk);
}

static void an_error_of_one_partition(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "300", NULL), &cluster);
    int moved = 0;
    NEED(!rd_kafka_mock_partition_set_leader(cluster, "t2", 1, 2));
    for (int i = 0; i < 5; i++)
        for (int p = 0; p < 3; p++) {
            NEED(!send_text(rk, "t1", p, "x", NULL));
            NEED(!send_text(rk, "t2", p, "y", NULL));
        }
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK(reports.count == 30 && !reports.failed, "all delivered: %d, %d failed", reports.count,
          reports.failed);
    for (int i = 0; i < reports.count; i++) {
        struct report *r = &reports.at[i];
        moved += *r->text == 'y' && r->partition == 1 && r->broker_id == 2;
    }
    CHECK_INT(moved, 5, "only the refused partition went elsewhere");
    end(rk);
}

static void retried(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "300", "retry.backoff.ms", "10", NULL),
                              &cluster);
    rd_kafka_mock_push_request_errors(cluster, PRODUCE, 2,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR__TRANSPORT);
    for (int p = 0; p < 6; p++) NEED(!send_text(rk, "t1", p, "x", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 20000), 0, "flush");
    CHECK(reports.count == 6 && !reports.failed, "all delivered after an error and a cut");
    end(rk);
}

static void purged_in_flight(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "100", NULL), &cluster);
    rd_kafka_mock_broker_set_rtt(cluster, 1, 4000);
    for (int p = 0; p < 6; p++) NEED(!send_text(rk, "t1", p, "x", NULL));
    sleep_ms(500);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_INFLIGHT), 0, "purge");
    poll_until(rk, &reports, 6, 3000);
    CHECK_INT(reported(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT), 6, "purged in flight");
    end(rk);
}

static void acks_zero(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "100", "acks", "0", NULL), &cluster);
    int good = 1;
    for (int p = 0; p < 6; p++) NEED(!send_text(rk, "t1", p, "x", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK(reports.count == 6 && !reports.failed, "all reported when they were written");
    for (int i = 0; i < reports.count; i++)
        good = good && reports.at[i].status == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
    CHECK(good, "nobody said that they are in the log");
    end(rk);
}

/* By default, and whatever is asked for with idempotence. Engine `v2` always joins. */
static void off(const char *multibatch, const char *idempotence) {
    rd_kafka_conf_t *conf =
        conf_with("linger.ms", "300", "test.mock.num.brokers", "1", "enable.idempotence",
                  idempotence, multibatch ? "multibatch" : NULL, multibatch, NULL);
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk;
    if (is_v2()) {
        rd_kafka_conf_destroy(conf);
        return;
    }
    rk = start_collecting(conf, &reports);
    cluster = rd_kafka_handle_mock_cluster(rk);
    rd_kafka_mock_topic_create(cluster, "t1", 6, 1);
    for (int p = 0; p < 6; p++) NEED(!send_text(rk, "t1", p, "first", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "the topic is known");
    forget(&reports);
    memset(&reports, 0, sizeof reports);
    rd_kafka_mock_start_request_tracking(cluster);
    for (int p = 0; p < 6; p++) NEED(!send_text(rk, "t1", p, "x", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK(reports.count == 6 && !reports.failed, "all delivered");
    CHECK_INT(produce_requests(cluster), 6, "six partitions, six requests");
    end(rk);
}

int main(void) {
    off(NULL, "false");
    off("false", "false");
    off("true", "true");
    one_request("none");
    one_request("lz4");
    split_by_size();
    an_error_of_one_partition();
    retried();
    purged_in_flight();
    acks_zero();
    return finish("multibatch");
}
