/* Arguments that no caller should give. Each is a child of its own: whatever happens, the answer is
 * checked there, a valid call must work afterwards, and no signal may end it.
 * What ends stock librdkafka is asked of ours only. */
#include "test.h"

static rd_kafka_t *rk;
static struct reports reports;
static char errstr[256];

/* A body answers the line of the first expectation that failed. */
#define EXPECT(condition)                                                                       \
    do {                                                                                        \
        if (!(condition)) return __LINE__ & 0xff ? __LINE__ & 0xff : 1;                         \
    } while (0)

static rd_kafka_topic_t *open_producer(void) {
    rd_kafka_topic_t *rkt;
    rk = start_collecting(conf_with("test.mock.num.brokers", "1", "linger.ms", "1", NULL),
                          &reports);
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "t", 2, 1);
    rkt = rd_kafka_topic_new(rk, "t", NULL);
    NEED(rkt);
    return rkt;
}

/* The next valid call works, and everything is given back. */
static int still_works(rd_kafka_topic_t *rkt) {
    int before = reports.count;
    EXPECT(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "valid", 5, NULL, 0, NULL));
    EXPECT(!rd_kafka_flush(rk, 10000 * slow()));
    EXPECT(reports.count == before + 1 && !reports.at[before].err);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
    return 0;
}

#ifndef STOCK
static int null_handles(void) {
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_destroy(NULL);
    rd_kafka_destroy_flags(NULL, 0);
    EXPECT(rd_kafka_poll(NULL, 0) == 0);
    EXPECT(rd_kafka_flush(NULL, 0) == RD_KAFKA_RESP_ERR__INVALID_ARG);
    EXPECT(rd_kafka_purge(NULL, 1) == RD_KAFKA_RESP_ERR__INVALID_ARG);
    EXPECT(rd_kafka_outq_len(NULL) == 0);
    rd_kafka_conf_destroy(NULL);
    EXPECT(!rd_kafka_conf_dup(NULL));
    EXPECT(!rd_kafka_topic_new(NULL, "t", NULL));
    rd_kafka_topic_destroy(NULL);
    EXPECT(!rd_kafka_topic_name(NULL));
    rd_kafka_queue_destroy(NULL);
    rd_kafka_headers_destroy(NULL);
    rd_kafka_message_destroy(NULL);
    rd_kafka_topic_conf_destroy(NULL);
    EXPECT(!rd_kafka_name(NULL));
    return still_works(rkt);
}

static int null_topic(void) {
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_error_t *error;
    rd_kafka_vu_t topic = {.vtype = RD_KAFKA_VTYPE_TOPIC};
    errno = 0;
    EXPECT(rd_kafka_produce(NULL, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL) == -1);
    EXPECT(errno == EINVAL);
    EXPECT(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__INVALID_ARG);
    EXPECT(rd_kafka_producev(NULL, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_END) ==
           RD_KAFKA_RESP_ERR__INVALID_ARG);
    topic.u.cstr = "t";
    error = rd_kafka_produceva(NULL, &topic, 1);
    EXPECT(rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_error_destroy(error);
    EXPECT(rd_kafka_produce_batch(NULL, 0, 0, NULL, 0) == 0);
    return still_works(rkt);
}

static int null_name_of_property(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    errstr[0] = 0;
    EXPECT(rd_kafka_conf_set(conf, NULL, "1", errstr, sizeof errstr) == RD_KAFKA_CONF_UNKNOWN);
    EXPECT(errstr[0]);
    rd_kafka_conf_destroy(conf);
    return 0;
}

static int header_without_name(void) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
    EXPECT(rd_kafka_header_add(headers, NULL, -1, "x", 1) == RD_KAFKA_RESP_ERR__INVALID_ARG);
    EXPECT(!rd_kafka_header_add(headers, "name", -1, "x", 1));
    rd_kafka_headers_destroy(headers);
    return 0;
}

static int destroyed_twice(void) {
    rd_kafka_t *other = start(conf_with("bootstrap.servers", "127.0.0.1:1", NULL));
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_destroy(other);
    rd_kafka_destroy(other);
    EXPECT(rd_kafka_poll(other, 0) == 0);
    return still_works(rkt);
}

static int strange_type(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_t *rkt = open_producer();
    EXPECT(!rd_kafka_new((rd_kafka_type_t)9, conf, errstr, sizeof errstr));
    EXPECT(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_conf_destroy(conf);
    return still_works(rkt);
}

static int conf_used_twice(void) {
    rd_kafka_conf_t *conf = conf_with("bootstrap.servers", "127.0.0.1:1", NULL);
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_t *first = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    EXPECT(first);
    EXPECT(!rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr));
    EXPECT(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_destroy(first);
    return still_works(rkt);
}

/* With an unknown partition the headers that were built for the message are freed once. */
static int produceva_with_a_header(void) {
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_vu_t arguments[3];
    rd_kafka_error_t *error;
    EXPECT(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    EXPECT(!rd_kafka_flush(rk, 10000));
    memset(arguments, 0, sizeof arguments);
    arguments[0].vtype = RD_KAFKA_VTYPE_RKT, arguments[0].u.rkt = rkt;
    arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION, arguments[1].u.i32 = 99;
    arguments[2].vtype = RD_KAFKA_VTYPE_HEADER, arguments[2].u.header.name = "h";
    arguments[2].u.header.val = "v", arguments[2].u.header.size = 1;
    error = rd_kafka_produceva(rk, arguments, 3);
    EXPECT(rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    rd_kafka_error_destroy(error);
    return still_works(rkt);
}
#endif

static int null_where_allowed(void) {
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_event_destroy(NULL);
    rd_kafka_error_destroy(NULL);
    EXPECT(rd_kafka_event_type(NULL) == RD_KAFKA_EVENT_NONE);
    return still_works(rkt);
}

static int null_value_of_property(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[64];
    size_t size = sizeof text;
    set(conf, "client.id", "mine");
    EXPECT(rd_kafka_conf_set(conf, "client.id", NULL, errstr, sizeof errstr) == RD_KAFKA_CONF_OK);
    EXPECT(!rd_kafka_conf_get(conf, "client.id", text, &size));
    EXPECT(!strcmp(text, "rdkafka"));
    EXPECT(rd_kafka_conf_set(conf, "linger.ms", NULL, errstr, sizeof errstr) ==
           RD_KAFKA_CONF_INVALID);
    rd_kafka_conf_destroy(conf);
    return 0;
}

static int null_data_with_a_length(void) {
    rd_kafka_topic_t *rkt = open_producer();
    EXPECT(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, NULL, 5, NULL, 3, NULL));
    EXPECT(!rd_kafka_flush(rk, 10000 * slow()));
    EXPECT(reports.count == 1 && reports.at[0].null_payload && reports.at[0].null_key);
    return still_works(rkt);
}

static int unknown_flags(void) {
    rd_kafka_topic_t *rkt = open_producer();
    EXPECT(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY | 0x100, "x", 1, NULL, 0, NULL));
    EXPECT(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_FREE, "x", 1, NULL, 0,
                             NULL));
    EXPECT(!rd_kafka_flush(rk, 10000 * slow()));
    EXPECT(reports.count == 2 && !reports.failed);
    return still_works(rkt);
}

static int partitions_out_of_range(void) {
    rd_kafka_topic_t *rkt = open_producer(), *other = rd_kafka_topic_new(rk, "u", NULL);
    int32_t wrong[] = {-2, INT32_MIN, INT32_MAX};
    EXPECT(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    EXPECT(!rd_kafka_flush(rk, 10000 * slow()));
    for (int i = 0; i < 3; i++) {
        errno = 0;
        EXPECT(rd_kafka_produce(rkt, wrong[i], RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL) == -1);
        EXPECT(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && errno == ESRCH);
    }
    rd_kafka_topic_destroy(other);
    return still_works(rkt);
}

static int partitions_before_metadata(void) {
    int32_t wrong[] = {-2, INT32_MIN, INT32_MAX};
    rd_kafka_topic_t *rkt;
    rk = start_collecting(
        conf_with("bootstrap.servers", "127.0.0.1:1", "message.timeout.ms", "200", NULL),
        &reports);
    rkt = rd_kafka_topic_new(rk, "t", NULL);
    for (int i = 0; i < 3; i++)
        EXPECT(!rd_kafka_produce(rkt, wrong[i], RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    EXPECT(!rd_kafka_flush(rk, 5000 * slow()));
    EXPECT(reports.count == 3 && reports.failed == 3);
    for (int i = 0; i < 3; i++) EXPECT(reports.at[i].err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return 0;
}

static int negative_counts_and_times(void) {
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_message_t message = {.payload = "x", .len = 1};
    EXPECT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, &message, 0) == 0);
    EXPECT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, &message, -5) == 0);
    EXPECT(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1),
                              RD_KAFKA_V_TIMESTAMP(-5), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_END));
    EXPECT(!rd_kafka_flush(rk, 10000 * slow()));
    EXPECT(reports.count == 1 && !reports.failed);
    EXPECT(rd_kafka_poll(rk, INT_MIN) == 0);
    return still_works(rkt);
}

static int headers_of_odd_sizes(void) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(4);
    const void *value;
    size_t size;
    EXPECT(!rd_kafka_header_add(headers, "null", -1, NULL, 5));
    EXPECT(!rd_kafka_header_get(headers, 0, "null", &value, &size) && !value && size == 0);
    EXPECT(!rd_kafka_header_add(headers, "text", -1, "hello", -1));
    EXPECT(!rd_kafka_header_get(headers, 0, "text", &value, &size) && size == 5);
    EXPECT(((const char *)value)[5] == 0);
    EXPECT(rd_kafka_header_get(headers, 1, "text", &value, &size) ==
           RD_KAFKA_RESP_ERR__NOENT);
    EXPECT(rd_kafka_header_remove(headers, "nobody") == RD_KAFKA_RESP_ERR__NOENT);
    EXPECT(!rd_kafka_header_remove(headers, "text"));
    EXPECT(rd_kafka_header_cnt(headers) == 1);
    rd_kafka_headers_destroy(headers);
    headers = rd_kafka_headers_new((size_t)1 << 40);
    EXPECT(headers);
    rd_kafka_headers_destroy(headers);
    return 0;
}

static int topic_twice(void) {
    rd_kafka_topic_t *rkt = open_producer(), *other = rd_kafka_topic_new(rk, "other", NULL);
    EXPECT(other);
    EXPECT(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("other"), RD_KAFKA_V_RKT(rkt),
                              RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_END));
    rd_kafka_topic_destroy(other);
    EXPECT(!rd_kafka_flush(rk, 10000 * slow()));
    EXPECT(reports.count == 1 && !reports.failed);
    return still_works(rkt);
}

static int empty_and_long_names(void) {
    rd_kafka_topic_t *rkt = open_producer(), *odd;
    static char name[514];
    memset(name, 'n', 513);
    EXPECT(!rd_kafka_topic_new(rk, name, NULL));
    name[400] = 0;
    EXPECT((odd = rd_kafka_topic_new(rk, name, NULL)));
    rd_kafka_topic_destroy(odd);
    EXPECT((odd = rd_kafka_topic_new(rk, "", NULL)));
    EXPECT(!strcmp(rd_kafka_topic_name(odd), ""));
    rd_kafka_topic_destroy(odd);
    return still_works(rkt);
}

static int numbers_of_odd_forms(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[64];
    size_t size = sizeof text;
    EXPECT(!rd_kafka_conf_set(conf, "message.max.bytes", "0x1000", errstr, sizeof errstr));
    EXPECT(!rd_kafka_conf_get(conf, "message.max.bytes", text, &size) && !strcmp(text, "4096"));
    EXPECT(!rd_kafka_conf_set(conf, "message.max.bytes", "010000", errstr, sizeof errstr));
    size = sizeof text;
    EXPECT(!rd_kafka_conf_get(conf, "message.max.bytes", text, &size) && !strcmp(text, "4096"));
    EXPECT(rd_kafka_conf_set(conf, "message.max.bytes", "100000000000000000000", errstr,
                             sizeof errstr) == RD_KAFKA_CONF_INVALID);
    rd_kafka_conf_destroy(conf);
    return 0;
}

/* Transactional calls on a plain producer answer. */
static int transactional_calls(void) {
    rd_kafka_topic_t *rkt = open_producer();
    rd_kafka_error_t *error = rd_kafka_begin_transaction(rk);
    EXPECT(rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__NOT_CONFIGURED);
    rd_kafka_error_destroy(error);
    error = rd_kafka_init_transactions(rk, 100);
    EXPECT(rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__NOT_CONFIGURED);
    rd_kafka_error_destroy(error);
    error = rd_kafka_commit_transaction(rk, 100);
    EXPECT(rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__NOT_CONFIGURED);
    rd_kafka_error_destroy(error);
    return still_works(rkt);
}

#define ROW(body) {#body, body}

int main(void) {
    static const struct {
        const char *name;
        int (*body)(void);
    } rows[] = {
        ROW(null_where_allowed),
        ROW(null_value_of_property),
        ROW(null_data_with_a_length),
        ROW(unknown_flags),
        ROW(partitions_out_of_range),
        ROW(partitions_before_metadata),
        ROW(negative_counts_and_times),
        ROW(headers_of_odd_sizes),
        ROW(topic_twice),
        ROW(empty_and_long_names),
        ROW(numbers_of_odd_forms),
        ROW(transactional_calls),
#ifndef STOCK
        ROW(null_handles),
        ROW(null_topic),
        ROW(null_name_of_property),
        ROW(header_without_name),
        ROW(destroyed_twice),
        ROW(strange_type),
        ROW(conf_used_twice),
        ROW(produceva_with_a_header),
#endif
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(in_child(rows[i].body, 30), 0, rows[i].name);
    return finish("bad_inputs");
}
