/* Topics and partitions that do not exist or refuse: what waiting messages and later calls get. */
#include "test.h"

static struct reports reports;

static rd_kafka_t *fresh(rd_kafka_mock_cluster_t **cluster) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "topic.metadata.propagation.max.ms", "1000",
                  "topic.metadata.refresh.fast.interval.ms", "50", NULL),
        &reports);
    forget(&reports);
    *cluster = rd_kafka_handle_mock_cluster(rk);
    return rk;
}

static void unknown_topic(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = fresh(&cluster);
    rd_kafka_topic_t *rkt;
    int64_t begin = now_ms();
    rd_kafka_mock_topic_set_error(cluster, "gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    rkt = rd_kafka_topic_new(rk, "gone", NULL);
    CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0,
                               NULL),
              0, "accepted while nothing is known");
    poll_until(rk, &reports, 1, 10000);
    CHECK_INT(reports.count, 1, "reported");
    CHECK(now_ms() - begin >= 900, "not before the propagation time");
    CHECK_ERR(reports.at[0].err, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "code");
    CHECK_INT(reports.at[0].partition, -1, "no partition");
    CHECK_INT(reports.at[0].status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "status");
    CHECK_INT(reports.at[0].offset, RD_KAFKA_OFFSET_INVALID, "offset");
    errno = 0;
    CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0,
                               NULL),
              -1, "later calls are refused");
    CHECK_INT(errno, ENOENT, "errno");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "last error");
    forget(&reports);

    rd_kafka_mock_topic_set_error(cluster, "gone", 0);
    rd_kafka_mock_topic_create(cluster, "gone", 2, 1);
    for (int i = 0; i < 100; i++) {
        const struct rd_kafka_metadata *metadata;
        if (!rd_kafka_metadata(rk, 0, rkt, &metadata, 1000)) rd_kafka_metadata_destroy(metadata);
        if (!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL)) break;
        sleep_ms(50);
    }
    poll_until(rk, &reports, 1, 10000);
    CHECK(reports.count == 1 && !reports.failed, "created: the topic is back");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void appears_in_time(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = fresh(&cluster);
    rd_kafka_mock_topic_set_error(cluster, "late", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    NEED(!send_text(rk, "late", RD_KAFKA_PARTITION_UA, "x", NULL));
    rd_kafka_poll(rk, 400);
    CHECK_INT(reports.count, 0, "within the propagation time the message waits");
    rd_kafka_mock_topic_set_error(cluster, "late", 0);
    poll_until(rk, &reports, 1, 10000);
    CHECK(reports.count == 1 && !reports.failed, "the topic appears: delivered");
    rd_kafka_destroy(rk);
    forget(&reports);
}

struct attempt {
    rd_kafka_topic_t *rkt;
    int calls, accepted;
    rd_kafka_resp_err_t err;
};

/* Runs on the thread that puts the report into the queue, before anybody can take it out. */
static void on_report(rd_kafka_t *rk, void *opaque) {
    struct attempt *attempt = opaque;
    (void)rk;
    if (__atomic_add_fetch(&attempt->calls, 1, __ATOMIC_SEQ_CST) > 1) return;
    if (!rd_kafka_produce(attempt->rkt, 0, RD_KAFKA_MSG_F_COPY, "y", 1, NULL, 0, NULL))
        attempt->accepted++;
    attempt->err = rd_kafka_last_error();
}

static void refused_topic(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = fresh(&cluster);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "secret", NULL);
    struct attempt attempt = {.rkt = rkt};
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    rd_kafka_queue_cb_event_enable(queue, on_report, &attempt);
    rd_kafka_mock_push_request_errors(cluster, 0, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    NEED(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    poll_until(rk, &reports, 1, 10000);
    CHECK_INT(reports.count, 1, "authorization: reported");
    CHECK_ERR(reports.at[0].err, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "its code");
    rd_kafka_queue_cb_event_enable(queue, NULL, NULL);
    rd_kafka_queue_destroy(queue);
    CHECK(attempt.calls > 0 && !attempt.accepted, "refused as early as its report is queued");
    CHECK_ERR(attempt.err, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "with that code");
    errno = 0;
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL), -1,
              "authorization: later calls are refused");
    CHECK_INT(errno, EINVAL, "errno");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "last error");
    for (int64_t end = now_ms() + 20000; now_ms() < end; sleep_ms(20))
        if (!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "z", 1, NULL, 0, NULL)) break;
    poll_until(rk, &reports, 2, 10000);
    CHECK(reports.count == 2 && reports.failed == 1, "until metadata says that it is there");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void unknown_partition(void) {
    static const int32_t wrong[] = {4, 1000, INT32_MAX};
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = fresh(&cluster);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "four", NULL);
    rd_kafka_mock_topic_create(cluster, "four", 4, 1);
    NEED(!rd_kafka_produce(rkt, 7, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    NEED(!rd_kafka_produce(rkt, 3, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    poll_until(rk, &reports, 2, 10000);
    CHECK_INT(reports.count, 2, "both are reported");
    for (int i = 0; i < reports.count; i++)
        if (reports.at[i].err) {
            CHECK_ERR(reports.at[i].err, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "code");
            CHECK_INT(reports.at[i].status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "status");
        }
    CHECK_INT(reports.failed, 1, "one failed");
    for (int i = 0; i < 3; i++) {
        errno = 0;
        CHECK_INT(rd_kafka_produce(rkt, wrong[i], RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL), -1,
                  "known to be missing: refused");
        CHECK_INT(errno, ESRCH, "errno");
        CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "last error");
    }
    CHECK_ERR(send_text(rk, "four", 4, "x", NULL), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
              "producev gives the code");
    CHECK_INT(rd_kafka_outq_len(rk), 0, "nothing is left");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void names(void) {
    static char text[600];
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = fresh(&cluster);
    rd_kafka_topic_t *rkt, *again;
    memset(text, 'a', sizeof text - 1);
    errno = 0;
    CHECK(!rd_kafka_topic_new(rk, NULL, NULL), "a NULL name is refused");
    CHECK_INT(errno, EINVAL, "errno");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG, "last error");
    text[513] = 0;
    CHECK(!rd_kafka_topic_new(rk, text, NULL), "513 bytes are refused");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG, "last error");
    text[512] = 0;
    rkt = rd_kafka_topic_new(rk, text, NULL);
    CHECK(rkt, "512 bytes are accepted");
    CHECK_STR(rd_kafka_topic_name(rkt), text, "and kept");
    rd_kafka_topic_destroy(rkt);
    rkt = rd_kafka_topic_new(rk, "odd / \xff name", NULL);
    CHECK_STR(rd_kafka_topic_name(rkt), "odd / \xff name", "names are bytes");
    again = rd_kafka_topic_new(rk, "odd / \xff name", rd_kafka_topic_conf_new());
    CHECK(again == rkt, "the same name is the same topic");
    rd_kafka_topic_destroy(again);
    CHECK_STR(rd_kafka_topic_name(rkt), "odd / \xff name", "one reference is left");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    unknown_topic();
    appears_in_time();
    refused_topic();
    unknown_partition();
    names();
    return finish("topics");
}
