/* The four produce calls with their flags, keys, NULL and empty values, headers, timestamps and
 * opaques: what the report says, and what the broker's log has. */
#include "reader.h"

static struct reports reports;
static rd_kafka_t *rk;
static int port;

static int opaques[16];

/* Runs what was queued to its reports and reads `topic` [0] back. */
static int round_trip(const char *topic, int want, struct record *records) {
    poll_until(rk, &reports, want, 10000);
    CHECK_INT(reports.count, want, "one report a message");
    CHECK_INT(reports.failed, 0, "all delivered");
    return read_back(port, topic, 0, records, want);
}

static void plain_calls(void) {
    struct record got[8];
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "plain", NULL);
    char *given = malloc(8), buffer[] = "copied";
    static char lasting[] = "lasting";
    NEED(rkt);
    memcpy(given, "given", 6);

    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, buffer, 6, "key", 3, &opaques[0]), 0,
              "produce with F_COPY");
    memset(buffer, 'x', 6);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_FREE, given, 5, NULL, 0, &opaques[1]), 0,
              "produce with F_FREE");
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, lasting, 7, "", 0, &opaques[2]), 0,
              "produce without a flag, empty key");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, NULL, 0, "k", 1, &opaques[3]), 0,
              "produce a NULL value");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "", 0, NULL, 0, &opaques[4]), 0,
              "produce an empty value");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_FREE, "both", 4, NULL,
                               0, &opaques[5]),
              0, "F_COPY wins over F_FREE");
    CHECK_INT(rd_kafka_outq_len(rk), 6, "six are in the queue");

    CHECK_INT(round_trip("plain", 6, got), 6, "six are in the log");
    for (int i = 0; i < 6; i++) {
        CHECK(reports.at[i].opaque == &opaques[i], "opaque %d comes back", i);
        CHECK_INT(reports.at[i].offset, i, "offset in the report");
        CHECK_INT(reports.at[i].status, RD_KAFKA_MSG_STATUS_PERSISTED, "status is persisted");
        CHECK_INT(reports.at[i].partition, 0, "partition in the report");
        CHECK(reports.at[i].broker_id > 0, "broker id in the report");
        CHECK(reports.at[i].timestamp > 0, "timestamp in the report");
        CHECK(reports.at[i].latency > 0, "latency in the report");
        CHECK_INT(got[i].offset, i, "offset in the log");
    }
    CHECK_STR(got[0].value, "copied", "the copy was taken at the call");
    CHECK_STR(got[0].key, "key", "key in the log");
    CHECK_STR(got[1].value, "given", "given payload in the log");
    CHECK_INT(got[1].key_len, -1, "no key is a null key");
    CHECK_STR(got[2].value, "lasting", "referenced payload in the log");
    CHECK(reports.at[2].payload == lasting, "a referenced payload comes back as that pointer");
    CHECK(reports.at[1].payload == given, "a given payload comes back as that pointer");
    CHECK_INT(got[3].value_len, -1, "NULL is a null value");
    CHECK_INT(got[4].value_len, 0, "empty is not null");
    CHECK_STR(got[5].value, "both", "copied and kept");
    CHECK(reports.at[3].null_payload, "a null value is NULL in the report");
    CHECK_INT(rd_kafka_outq_len(rk), 0, "nothing is left");
    rd_kafka_topic_destroy(rkt);
    forget(&reports);
}

static void variadic_calls(void) {
    struct record got[8];
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "variadic", NULL);
    rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
    rd_kafka_vu_t arguments[4];
    rd_kafka_error_t *error;
    NEED(rkt && headers);
    rd_kafka_header_add(headers, "first", -1, "one", -1);
    rd_kafka_header_add(headers, "second", 6, NULL, 0);

    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("variadic"), RD_KAFKA_V_PARTITION(0),
                                RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE("v", 1),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                RD_KAFKA_V_TIMESTAMP(1234567890123),
                                RD_KAFKA_V_HEADER("a", "b", 1), RD_KAFKA_V_HEADER("n", NULL, 0),
                                RD_KAFKA_V_HEADER("text", "by length", -1),
                                RD_KAFKA_V_OPAQUE(&opaques[0]), RD_KAFKA_V_END),
              0, "producev with all arguments");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_OPAQUE(&opaques[1]), RD_KAFKA_V_HEADERS(headers),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                RD_KAFKA_V_VALUE("w", 1), RD_KAFKA_V_PARTITION(0),
                                RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_END),
              0, "producev in another order, with a headers object");

    memset(arguments, 0, sizeof arguments);
    arguments[0].vtype = RD_KAFKA_VTYPE_TOPIC, arguments[0].u.cstr = "variadic";
    arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION, arguments[1].u.i32 = 0;
    arguments[2].vtype = RD_KAFKA_VTYPE_VALUE, arguments[2].u.mem.ptr = "array";
    arguments[2].u.mem.size = 5;
    arguments[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS, arguments[3].u.i = RD_KAFKA_MSG_F_COPY;
    error = rd_kafka_produceva(rk, arguments, 4);
    CHECK(!error, "produceva: %s", error ? rd_kafka_error_string(error) : "no error");
    rd_kafka_error_destroy(error);

    CHECK_INT(round_trip("variadic", 3, got), 3, "three are in the log");
    CHECK_INT(got[0].timestamp, 1234567890123, "application's timestamp in the log");
    /* A mock broker may answer with a log-append time of its own. */
    CHECK(reports.at[0].timestamp == 1234567890123 ||
              reports.at[0].timestamp_type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
          "and in the report, unless the broker gave another");
    CHECK_INT(got[0].header_count, 3, "three headers");
    CHECK_STR(got[0].headers[0].name, "a", "header name");
    CHECK_STR(got[0].headers[0].value, "b", "header value");
    CHECK_INT(got[0].headers[1].len, -1, "null header value");
    CHECK_STR(got[0].headers[2].value, "by length", "header of length -1 is a string");
    CHECK_INT(got[1].header_count, 2, "two headers of the object");
    CHECK_STR(got[1].headers[0].value, "one", "its first value");
    CHECK_INT(got[1].headers[1].len, -1, "its null value");
    CHECK_STR(got[2].value, "array", "value of produceva");
    CHECK(reports.at[1].opaque == &opaques[1], "opaque of producev");
    CHECK(!reports.at[2].opaque, "no opaque is NULL");
    rd_kafka_topic_destroy(rkt);
    forget(&reports);
}

static void refused_calls(void) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
    rd_kafka_vu_t end = {.vtype = RD_KAFKA_VTYPE_END};
    rd_kafka_error_t *error;
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_VALUE("v", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__INVALID_ARG, "no topic");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), 77, RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__INVALID_ARG, "unknown type of argument");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_HEADER("a", "b", 1),
                                RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__CONFLICT, "HEADER then HEADERS");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_HEADERS(headers),
                                RD_KAFKA_V_HEADER("a", "b", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__CONFLICT, "HEADERS then HEADER");
    CHECK_ERR(rd_kafka_header_add(headers, "still", -1, "mine", -1), 0,
              "headers of a refused call stay the caller's");
    rd_kafka_headers_destroy(headers);

    error = rd_kafka_produceva(rk, NULL, 0);
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG, "produceva of nothing");
    CHECK_STR(rd_kafka_error_string(error), "Topic name or object required", "its text");
    rd_kafka_error_destroy(error);
    error = rd_kafka_produceva(rk, &end, 1);
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG, "END in an array");
    CHECK_STR(rd_kafka_error_string(error), "Unsupported VTYPE 0", "its text");
    rd_kafka_error_destroy(error);
    CHECK_INT(rd_kafka_outq_len(rk), 0, "nothing was queued");
}

static void batch_calls(void) {
    struct record got[8];
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "batch", NULL);
    rd_kafka_message_t messages[5];
    NEED(rkt);
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 5; i++) {
        static char text[5][4] = {"m0", "m1", "m2", "m3", "m4"};
        messages[i].payload = text[i];
        messages[i].len = 2;
        messages[i].key = text[i];
        messages[i].key_len = 1;
        messages[i]._private = &opaques[i];
        messages[i].partition = 3 - i;
    }
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, messages, 0), 0, "batch of 0");
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, messages, 5), 5, "batch of 5");
    CHECK_INT(round_trip("batch", 5, got), 5, "five are in the log");
    for (int i = 0; i < 5; i++) {
        CHECK_ERR(messages[i].err, 0, "message of the batch was accepted");
        CHECK_INT(got[i].value[1], '0' + i, "in order");
        CHECK(reports.at[i].opaque == &opaques[i], "opaque of the batch");
    }
    forget(&reports);

    messages[0].partition = 1, messages[1].partition = 2, messages[2].partition = 1;
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION,
                                     messages, 3),
              3, "batch with partitions of its own");
    poll_until(rk, &reports, 3, 10000);
    CHECK_INT(reports.count, 3, "three reports");
    for (int i = 0; i < reports.count; i++) {
        int index = (int)((int *)reports.at[i].opaque - opaques);
        CHECK_INT(reports.at[i].partition, index == 1 ? 2 : 1, "went where it said");
    }
    rd_kafka_topic_destroy(rkt);
    forget(&reports);
}

int main(void) {
    rd_kafka_mock_cluster_t *cluster;
    rk = start_collecting(conf_with("test.mock.num.brokers", "1", "linger.ms", "20", NULL),
                          &reports);
    cluster = rd_kafka_handle_mock_cluster(rk);
    NEED(cluster);
    port = port_of(rd_kafka_mock_cluster_bootstraps(cluster), 0);
    for (const char *const *topic = (const char *const[]){"plain", "variadic", "batch", NULL};
         *topic; topic++)
        NEED(!rd_kafka_mock_topic_create(cluster, *topic, 4, 1));
    plain_calls();
    variadic_calls();
    refused_calls();
    batch_calls();
    rd_kafka_destroy(rk);
    return finish("produce");
}
