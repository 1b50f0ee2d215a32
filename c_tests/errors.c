/* What each Produce error of a broker means: retried with or without counting, or reported at once,
 * and the status in the report. With message.send.max.retries=2. */
#include "test.h"

enum meaning { PERMANENT, COUNTED, UNCOUNTED };

static const struct row {
    int code;
    enum meaning meaning;
    rd_kafka_msg_status_t status;
} rows[] = {
    /* 2.0.2 did not retry a batch that was damaged on its way. */
    {RD_KAFKA_RESP_ERR_INVALID_MSG, IS_STOCK ? PERMANENT : COUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, UNCOUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, UNCOUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, UNCOUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, UNCOUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, UNCOUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, COUNTED, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED},
    {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, COUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, UNCOUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, UNCOUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, COUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, COUNTED,
     RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED},
    {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, COUNTED, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, PERMANENT,
     RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED},
    {RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, PERMANENT,
     RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_UNKNOWN, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, PERMANENT,
     RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, PERMANENT,
     RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, PERMANENT, RD_KAFKA_MSG_STATUS_NOT_PERSISTED},
};

static struct reports reports;

/* One message to a topic of its own while the next `times` Produce requests answer `code`. */
static struct report *under(rd_kafka_t *rk, int code, int times) {
    rd_kafka_resp_err_t errors[8];
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    char topic[32];
    forget(&reports);
    snprintf(topic, sizeof topic, "error%d-%d", code, times);
    for (int i = 0; i < times; i++) errors[i] = (rd_kafka_resp_err_t)code;
    rd_kafka_mock_push_request_errors_array(cluster, 0, (size_t)times, errors);
    NEED(!send_text(rk, topic, 0, "x", NULL));
    poll_until(rk, &reports, 1, 20000);
    rd_kafka_mock_clear_request_errors(cluster, 0);
    NEED(reports.count == 1);
    return &reports.at[0];
}

static void one_row(rd_kafka_t *rk, const struct row *row) {
    const char *name = rd_kafka_err2name((rd_kafka_resp_err_t)row->code);
    struct report *report;
    if (row->meaning == PERMANENT) {
        report = under(rk, row->code, 1);
        CHECK(report->err == row->code, "%s is reported at once (%d)", name, report->err);
        CHECK(report->status == row->status, "%s has status %d (%d)", name, row->status,
              report->status);
        CHECK(report->offset == -1, "%s has offset -1", name);
        CHECK(report->broker_id > 0, "%s names the broker", name);
        return;
    }
    report = under(rk, row->code, 1);
    CHECK(!report->err && report->status == RD_KAFKA_MSG_STATUS_PERSISTED, "%s is retried (%d)",
          name, report->err);
    report = under(rk, row->code, 4);
    if (row->meaning == UNCOUNTED) {
        CHECK(!report->err, "%s is retried beyond the count (%d)", name, report->err);
        return;
    }
    CHECK(report->err == row->code, "%s ends after two retries (%d)", name, report->err);
    CHECK(report->status == row->status, "%s has status %d (%d)", name, row->status,
          report->status);
}

static void unknown_number(rd_kafka_t *rk) {
    struct report *report = under(rk, 1234, 1);
    CHECK_INT(report->err, 1234, "a number we do not know is passed through");
    CHECK_INT(report->status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "as not persisted");
}

/* A connection that is cut under a request: retried, counted, possibly persisted. */
static void transport(rd_kafka_t *rk) {
    struct report *report = under(rk, RD_KAFKA_RESP_ERR__TRANSPORT, 1);
    CHECK(!report->err, "a cut connection is retried");
    report = under(rk, RD_KAFKA_RESP_ERR__TRANSPORT, 4);
    CHECK_ERR(report->err, RD_KAFKA_RESP_ERR__TRANSPORT, "cut three times: reported");
    CHECK_INT(report->status, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED, "as possibly persisted");
}

/* Retries of one partition come in order when one request is in flight at most. */
static void order_of_a_batch(void) {
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "1", "linger.ms", "100",
                                                "retry.backoff.ms", "10", NULL),
                                      &reports);
    int ordered = 1;
    forget(&reports);
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "ordered", 1, 1);
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(rk), 0, 3,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    for (int i = 0; i < 20; i++)
        NEED(!send_text(rk, "ordered", 0, "x", (void *)(intptr_t)i));
    poll_until(rk, &reports, 20, 20000);
    CHECK(reports.count == 20 && !reports.failed, "a retried batch is delivered");
    for (int i = 0; i < reports.count; i++)
        ordered = ordered && (intptr_t)reports.at[i].opaque == i && reports.at[i].offset == i;
    CHECK(ordered, "in order, once each");
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "linger.ms", "0", "message.send.max.retries", "2",
                  "retry.backoff.ms", "1", "topic.metadata.refresh.fast.interval.ms", "10",
                  "allow.auto.create.topics", "true", NULL),
        &reports);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) one_row(rk, &rows[i]);
    unknown_number(rk);
    transport(rk);
    rd_kafka_destroy(rk);
    forget(&reports);
    order_of_a_batch();
    return finish("errors");
}
