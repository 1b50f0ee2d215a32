/* The idempotent producer as an application sees it: which settings go together, what is delivered
 * once and in order although answers are lost, and what a fatal error does. */
#include "test.h"

#define PRODUCE 0
#define INIT_PRODUCER_ID 22

static struct reports reports;
static char fatal_text[512];

/* ---- settings ---- */

static void refused(const char *name, const char *value, const char *text) {
    char errstr[512];
    rd_kafka_conf_t *conf = conf_with("enable.idempotence", "true", name, value, NULL);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    CHECK(!rk, "%s=%s is refused", name, value);
    if (rk) {
        rd_kafka_destroy(rk);
        return;
    }
    CHECK_STR(errstr, text, "with the historical text");
    rd_kafka_conf_destroy(conf);
}

static void settings_that_contradict(void) {
    refused("max.in.flight", "6", "`max.in.flight` must be set <= 5 when `enable.idempotence` is true");
    refused("retries", "0", "`retries` must be set >= 1 when `enable.idempotence` is true");
    refused("queue.buffering.backpressure.threshold", "2",
            "`queue.buffering.backpressure.threshold` must be set to 1 when `enable.idempotence` is "
            "true");
    refused("acks", "1", "`acks` must be set to `all` when `enable.idempotence` is true");
    refused("queuing.strategy", "lifo",
            "`queuing.strategy` must be set to `fifo` when `enable.idempotence` is true");
}

static void settings_that_follow(void) {
    rd_kafka_t *rk = start(conf_with("enable.idempotence", "true", "test.mock.num.brokers", "1",
                                     IS_STOCK ? NULL : "multibatch", "true", NULL));
    char value[32];
    size_t size = sizeof value;
    rd_kafka_conf_get(rd_kafka_conf(rk), "max.in.flight", value, &size);
    CHECK_STR(value, "5", "five requests in flight at most");
    size = sizeof value;
    rd_kafka_conf_get(rd_kafka_conf(rk), "retries", value, &size);
    CHECK_STR(value, "2147483647", "retries without end");
    rd_kafka_destroy(rk);
}

/* ---- delivery ---- */

static rd_kafka_t *producer(const char *name, const char *value) {
    rd_kafka_t *rk = start_collecting(
        conf_with("enable.idempotence", "true", "test.mock.num.brokers", "1", "linger.ms", "0",
                  "retry.backoff.ms", "10", "batch.num.messages", "1", name, value, NULL),
        &reports);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    NEED(cluster && !rd_kafka_mock_topic_create(cluster, "t", 1, 1));
    NEED(!send_text(rk, "t", 0, "first", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1 && !reports.failed);
    forget(&reports);
    return rk;
}

static void finish_producer(rd_kafka_t *rk) {
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void errors_that_come_and_go(void) {
    enum { COUNT = 50 };
    rd_kafka_t *rk = producer("max.in.flight", "5");
    int64_t before = 0;
    int in_order = 1;
    rd_kafka_mock_push_request_errors(
        rd_kafka_handle_mock_cluster(rk), PRODUCE, 6, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    for (int i = 0; i < COUNT; i++) NEED(!send_text(rk, "t", 0, "x", (void *)(intptr_t)i));
    poll_until(rk, &reports, COUNT, 30000);
    CHECK_INT(reports.count, COUNT, "each message is reported once");
    CHECK_INT(reports.failed, 0, "all are delivered");
    for (int i = 0; i < reports.count; i++) {
        in_order = in_order && (intptr_t)reports.at[i].opaque == i;
        /* What a later batch's success acknowledged has no offset of its own. */
        if (reports.at[i].offset < 0) continue;
        in_order = in_order && reports.at[i].offset > before;
        before = reports.at[i].offset;
    }
    CHECK(in_order, "in order");
    CHECK_ERR(rd_kafka_fatal_error(rk, NULL, 0), 0, "nothing is fatal");
    finish_producer(rk);
}

static void a_duplicate_is_a_success(void) {
    rd_kafka_t *rk = producer("linger.ms", "0");
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(rk), PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
    NEED(!send_text(rk, "t", 0, "x", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1);
    CHECK_ERR(reports.at[0].err, 0, "a duplicate is a success");
    CHECK_INT(reports.at[0].status, RD_KAFKA_MSG_STATUS_PERSISTED, "and persisted");
    CHECK_INT(reports.at[0].offset, -1, "without an offset");
    finish_producer(rk);
}

static void a_producer_that_was_forgotten(void) {
    rd_kafka_t *rk = producer("linger.ms", "0");
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(rk), PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);
    NEED(!send_text(rk, "t", 0, "x", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1);
    CHECK_ERR(reports.at[0].err, 0, "a first attempt is repeated in a new epoch");
    finish_producer(rk);
}

static void a_permanent_error_is_the_messages_own(void) {
    rd_kafka_t *rk = producer("linger.ms", "0");
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(rk), PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    NEED(!send_text(rk, "t", 0, "fails", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(!send_text(rk, "t", 0, "passes", NULL));
    poll_until(rk, &reports, 2, 10000);
    NEED(reports.count == 2);
    CHECK_ERR(reports.at[0].err, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "one fails");
    CHECK_ERR(reports.at[1].err, 0, "the next one is delivered");
    finish_producer(rk);
}

/* ---- fatal errors ---- */

static void fatal_after(const char *name, const char *value, rd_kafka_resp_err_t error,
                        rd_kafka_resp_err_t code, const char *text) {
    rd_kafka_t *rk = producer(name, value);
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(rk), PRODUCE, 1, error);
    NEED(!send_text(rk, "t", 0, "x", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1);
    CHECK_ERR(reports.at[0].err, error, "the message has its own error");
    CHECK_ERR(rd_kafka_fatal_error(rk, fatal_text, sizeof fatal_text), code, "it is fatal");
    CHECK(strstr(fatal_text, text) != NULL, "the reason is \"%s\": %s", text, fatal_text);
    CHECK_ERR(send_text(rk, "t", 0, "y", NULL), RD_KAFKA_RESP_ERR__FATAL, "nothing more is taken");
    CHECK_ERR(rd_kafka_flush(rk, 1000), 0, "and nothing is left");
    finish_producer(rk);
}

static void no_producer_id(void) {
    rd_kafka_t *rk = start_collecting(conf_with("enable.idempotence", "true",
                                                "test.mock.num.brokers", "1", NULL),
                                      &reports);
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(rk), INIT_PRODUCER_ID, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    send_text(rk, "t", 0, "never", NULL);
    WAIT_FOR(rd_kafka_fatal_error(rk, fatal_text, sizeof fatal_text), 10000);
    CHECK_ERR(rd_kafka_fatal_error(rk, fatal_text, sizeof fatal_text),
              RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "a refused producer id is fatal");
    CHECK(!strncmp(fatal_text, "Failed to acquire idempotence PID from broker ", 46),
          "with the historical text: %s", fatal_text);
    CHECK_ERR(rd_kafka_flush(rk, 5000), 0, "what was queued is reported");
    CHECK_ERR(reports.at[0].err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "as purged");
    finish_producer(rk);
}

int main(void) {
    setenv("RDKAFKA_MOCK_STRICT", "1", 1);
    settings_that_contradict();
    settings_that_follow();
    errors_that_come_and_go();
    a_duplicate_is_a_success();
    a_producer_that_was_forgotten();
    a_permanent_error_is_the_messages_own();
    fatal_after("linger.ms", "0", RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                "failed due to sequence desynchronization with broker 1 (PID{Id:");
    fatal_after("enable.gapless.guarantee", "true", RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, "unable to satisfy gap-less guarantee");
    no_producer_id();
    return finish("idempotence");
}
