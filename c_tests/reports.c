/* The ways a delivery report reaches the application: both callbacks, events, the background
 * thread, only errors, none. */
#include "test.h"

#define COUNT 50

static int plain_count, plain_failed;
static const void *plain_opaque;

static void plain_report(rd_kafka_t *rk, void *payload, size_t len, rd_kafka_resp_err_t err,
                         void *opaque, void *msg_opaque) {
    (void)rk;
    (void)msg_opaque;
    plain_opaque = opaque;
    plain_count++;
    if (err || len != 5 || memcmp(payload, "hello", 5)) plain_failed++;
}

static void send_many(rd_kafka_t *rk) {
    for (int i = 0; i < COUNT; i++)
        NEED(!send_text(rk, "t", i % 4, "hello", (void *)(intptr_t)(i + 1)));
}

static void old_callback(void) {
    int mine;
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "2", NULL);
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_cb(conf, plain_report);
    rd_kafka_conf_set_opaque(conf, &mine);
    rk = start(conf);
    CHECK(rd_kafka_opaque(rk) == &mine, "rd_kafka_opaque is the configuration's");
    send_many(rk);
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK_INT(plain_count, COUNT, "dr_cb: one report a message");
    CHECK_INT(plain_failed, 0, "dr_cb: payload and length");
    CHECK(plain_opaque == &mine, "dr_cb: the configuration's opaque");
    rd_kafka_destroy(rk);
}

static void message_callback(void) {
    struct reports reports = {0};
    int seen[COUNT + 1] = {0}, once = 1;
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "2", NULL), &reports);
    send_many(rk);
    poll_until(rk, &reports, COUNT, 10000);
    CHECK_INT(reports.count, COUNT, "dr_msg_cb: one report a message");
    for (int i = 0; i < reports.count; i++) seen[(intptr_t)reports.at[i].opaque]++;
    for (int i = 1; i <= COUNT; i++) once = once && seen[i] == 1;
    CHECK(once, "dr_msg_cb: each opaque once");
    CHECK_INT(rd_kafka_poll(rk, 0), 0, "nothing more to poll");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void events(void) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "2", NULL);
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    int count = 0, drained = 0, sums_match = 1;
    int64_t end;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    rk = start(conf);
    queue = rd_kafka_queue_get_main(rk);
    send_many(rk);
    CHECK_ERR(rd_kafka_flush(rk, 500), RD_KAFKA_RESP_ERR__TIMED_OUT,
              "flush in event mode serves nothing: unread reports count");
    for (end = now_ms() + 10000 * slow(); count < COUNT && now_ms() < end;) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 100);
        const rd_kafka_message_t *message;
        size_t here, taken = 0;
        if (!event) continue;
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
            here = rd_kafka_event_message_count(event);
            if (!drained) {
                CHECK_STR(rd_kafka_event_name(event), "DeliveryReport", "name of the event");
                CHECK_ERR(rd_kafka_event_error(event), 0, "error of the event");
            }
            while ((message = rd_kafka_event_message_next(event))) {
                taken++;
                if (message->err || message->len != 5 || !message->_private) sums_match = 0;
            }
            if (taken != here) sums_match = 0;
            count += (int)taken;
            drained = 1;
        }
        rd_kafka_event_destroy(event);
    }
    CHECK_INT(count, COUNT, "events: one report a message");
    CHECK(sums_match, "events: message_count agrees with message_next");
    send_many(rk);
    for (count = 0, end = now_ms() + 10000 * slow(); count < COUNT && now_ms() < end;) {
        const rd_kafka_message_t *array[COUNT];
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 100);
        count += (int)rd_kafka_event_message_array(event, array, COUNT);
        rd_kafka_event_destroy(event);
    }
    CHECK_INT(count, COUNT, "events: message_array gives them too");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

static pthread_t background_thread;
static int background_count;

static void in_background(rd_kafka_t *rk, rd_kafka_event_t *event, void *opaque) {
    (void)rk;
    (void)opaque;
    background_thread = pthread_self();
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
        __atomic_add_fetch(&background_count, (int)rd_kafka_event_message_count(event),
                           __ATOMIC_SEQ_CST);
    rd_kafka_event_destroy(event);
}

static void background(void) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "1", NULL);
    rd_kafka_queue_t *main_queue, *background_queue;
    rd_kafka_t *rk;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    rd_kafka_conf_set_background_event_cb(conf, in_background);
    rk = start(conf);
    main_queue = rd_kafka_queue_get_main(rk);
    background_queue = rd_kafka_queue_get_background(rk);
    CHECK(background_queue, "there is a background queue");
    rd_kafka_queue_forward(main_queue, background_queue);
    send_many(rk);
    WAIT_FOR(__atomic_load_n(&background_count, __ATOMIC_SEQ_CST) == COUNT, 10000);
    CHECK_INT(background_count, COUNT, "background: one report a message");
    CHECK(!pthread_equal(background_thread, pthread_self()), "background: on another thread");
    rd_kafka_queue_destroy(background_queue);
    rd_kafka_queue_destroy(main_queue);
    rd_kafka_destroy(rk);
}

static void only_errors(void) {
    struct reports reports = {0};
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "delivery.report.only.error", "true", NULL),
        &reports);
    send_many(rk);
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK_INT(reports.count, 0, "only errors: no report of a delivered message");
    rd_kafka_mock_push_request_errors(rd_kafka_handle_mock_cluster(rk), 0, 1,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    NEED(!send_text(rk, "t", 0, "hello", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK_INT(reports.count, 1, "only errors: a report of a failed one");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void nobody_asks(void) {
    rd_kafka_t *rk = start(conf_with("test.mock.num.brokers", "1", NULL));
    send_many(rk);
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "without a callback: flush");
    CHECK_INT(rd_kafka_outq_len(rk), 0, "without a callback: nothing is left");
    rd_kafka_destroy(rk);
}

/* A callback may produce and ask; the report that it causes comes, too. */
static int chained;

static void produce_again(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)message;
    (void)opaque;
    if (++chained < 5) NEED(!send_text(rk, "t", 0, "again", NULL));
    rd_kafka_outq_len(rk);
}

static void produce_in_callback(void) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "1", NULL);
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, produce_again);
    rk = start(conf);
    NEED(!send_text(rk, "t", 0, "first", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 20000), 0, "flush serves what callbacks produce");
    CHECK_INT(chained, 5, "five in a chain");
    rd_kafka_destroy(rk);
}

/* What a message brought: the numbers of its payload, key and header are its opaque. Those of even
 * numbers are not copied. */
static char lasting[COUNT + 1][16];
static int whole_count, whole_failed;

static void send_whole(rd_kafka_t *rk) {
    for (int i = 1; i <= COUNT; i++) {
        int length = snprintf(lasting[i], sizeof lasting[i], "value %d", i);
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        NEED(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(i % 4),
                                RD_KAFKA_V_VALUE(lasting[i], (size_t)length),
                                RD_KAFKA_V_KEY(key, strlen(key)),
                                RD_KAFKA_V_MSGFLAGS(i % 2 ? RD_KAFKA_MSG_F_COPY : 0),
                                RD_KAFKA_V_TIMESTAMP(2000000000000 - i),
                                RD_KAFKA_V_HEADER("number", key, -1),
                                RD_KAFKA_V_OPAQUE((void *)(intptr_t)i), RD_KAFKA_V_END));
    }
}

static void look(const rd_kafka_message_t *message) {
    int i = (int)(intptr_t)message->_private;
    char key[16];
    const void *header = NULL;
    size_t size = 0;
    rd_kafka_headers_t *headers = NULL;
    rd_kafka_timestamp_type_t type;
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    int is_good;
    snprintf(key, sizeof key, "%d", i);
    is_good = i >= 1 && i <= COUNT && !message->err && message->partition == i % 4 &&
              message->offset >= 0 && message->len == strlen(lasting[i]) &&
              !memcmp(message->payload, lasting[i], message->len) &&
              (message->payload == lasting[i]) == !(i % 2) && message->key_len == strlen(key) &&
              !memcmp(message->key, key, message->key_len) &&
              (timestamp == 2000000000000 - i || type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) &&
              rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_PERSISTED &&
              rd_kafka_message_latency(message) >= 0 && rd_kafka_message_broker_id(message) > 0 &&
              !strcmp(rd_kafka_topic_name(message->rkt), "t") &&
              /* Those of every third message are not asked for. */
              (i % 3 == 0 || (!rd_kafka_message_headers(message, &headers) &&
                              !rd_kafka_header_get_last(headers, "number", &header, &size) &&
                              size == strlen(key) && !memcmp(header, key, size)));
    whole_count++;
    if (!is_good) whole_failed++;
}

static void look_in_callback(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    (void)opaque;
    look(message);
}

static void whole_messages(void) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "2", NULL);
    const rd_kafka_message_t *many[COUNT];
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    int64_t end;
    rd_kafka_conf_set_dr_msg_cb(conf, look_in_callback);
    rk = start(conf);
    send_whole(rk);
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "whole messages: flush");
    CHECK_INT(whole_count, COUNT, "whole messages: all are reported");
    CHECK_INT(whole_failed, 0, "whole messages: with everything that they brought");
    rd_kafka_destroy(rk);

    whole_count = whole_failed = 0;
    conf = conf_with("test.mock.num.brokers", "2", NULL);
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    rk = start(conf);
    queue = rd_kafka_queue_get_main(rk);
    send_whole(rk);
    for (end = now_ms() + 10000 * slow(); whole_count < COUNT && now_ms() < end;) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 100);
        size_t count, i;
        if (!event) continue;
        /* All are looked at when all were taken: they last as long as the event. */
        count = rd_kafka_event_message_array(event, many, COUNT);
        for (i = 0; i < count; i++) look(many[i]);
        rd_kafka_event_destroy(event);
    }
    CHECK_INT(whole_count, COUNT, "whole messages in events: all are reported");
    CHECK_INT(whole_failed, 0, "whole messages in events: with everything that they brought");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

int main(void) {
    old_callback();
    whole_messages();
    message_callback();
    events();
    background();
    only_errors();
    nobody_asks();
    produce_in_callback();
    return finish("reports");
}
