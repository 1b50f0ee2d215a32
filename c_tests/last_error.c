/* rd_kafka_last_error and errno by failure and by thread, error objects, the texts and names of
 * codes, and the fatal error. */
#include "test.h"

static struct reports reports;

#define REFUSED(call, err, number, name)                                                        \
    do {                                                                                        \
        errno = 0;                                                                              \
        CHECK((call), name ": refused");                                                        \
        CHECK_INT(errno, number, name ": errno");                                               \
        CHECK_ERR(rd_kafka_last_error(), err, name ": last error");                             \
    } while (0)

static void *other_thread(void *unused) {
    (void)unused;
    return (void *)(intptr_t)rd_kafka_last_error();
}

static void last_errors(void) {
    char errstr[256];
    rd_kafka_conf_t *bad = conf_with("linger.ms", "1000", "message.timeout.ms", "10", NULL);
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "1", "message.max.bytes",
                                                "1000", "queue.buffering.max.messages", "3", NULL),
                                      &reports);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    static char text[2000];
    pthread_t thread;
    void *seen;
    NEED(rkt);

    REFUSED(!rd_kafka_new(RD_KAFKA_PRODUCER, bad, errstr, sizeof errstr),
            RD_KAFKA_RESP_ERR__INVALID_ARG, EINVAL, "rd_kafka_new of a bad conf");
    rd_kafka_conf_destroy(bad);
    REFUSED(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, text, 1000, NULL, 0, NULL) == -1,
            RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, EMSGSIZE, "produce of too much");
    pthread_create(&thread, NULL, other_thread, NULL);
    pthread_join(thread, &seen);
    CHECK(!seen, "another thread has a last error of its own");

    errno = 4711;
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL), 0, "produce");
    CHECK_INT(errno, 4711, "success leaves errno alone");
    CHECK_ERR(rd_kafka_last_error(), 0, "and clears the last error");
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    REFUSED(rd_kafka_produce(rkt, 99, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL) == -1,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, ESRCH, "produce to no partition");
    REFUSED(!rd_kafka_topic_new(rk, NULL, NULL), RD_KAFKA_RESP_ERR__INVALID_ARG, EINVAL,
            "topic_new of NULL");
    REFUSED(rd_kafka_wait_destroyed(50) == -1, RD_KAFKA_RESP_ERR__TIMED_OUT, ETIMEDOUT,
            "wait_destroyed with a handle alive");

    rd_kafka_mock_broker_set_down(rd_kafka_handle_mock_cluster(rk), 1);
    sleep_ms(100);
    for (int i = 0; i < 3; i++)
        NEED(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    CHECK_ERR(send_text(rk, "t", 0, "x", NULL), RD_KAFKA_RESP_ERR__QUEUE_FULL,
              "producev gives the code");
    CHECK_ERR(rd_kafka_last_error(), 0, "and leaves the last error alone");
    REFUSED(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL) == -1,
            RD_KAFKA_RESP_ERR__QUEUE_FULL, ENOBUFS, "produce into a full queue");
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void from_errno(void) {
    CHECK_ERR(rd_kafka_errno2err(EINVAL), RD_KAFKA_RESP_ERR__INVALID_ARG, "EINVAL");
    CHECK_ERR(rd_kafka_errno2err(EBUSY), RD_KAFKA_RESP_ERR__CONFLICT, "EBUSY");
    CHECK_ERR(rd_kafka_errno2err(ENOENT), RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "ENOENT");
    CHECK_ERR(rd_kafka_errno2err(ESRCH), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "ESRCH");
    CHECK_ERR(rd_kafka_errno2err(ETIMEDOUT), RD_KAFKA_RESP_ERR__TIMED_OUT, "ETIMEDOUT");
    CHECK_ERR(rd_kafka_errno2err(EMSGSIZE), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "EMSGSIZE");
    CHECK_ERR(rd_kafka_errno2err(ENOBUFS), RD_KAFKA_RESP_ERR__QUEUE_FULL, "ENOBUFS");
    CHECK_ERR(rd_kafka_errno2err(ECANCELED), RD_KAFKA_RESP_ERR__FATAL, "ECANCELED");
    CHECK_ERR(rd_kafka_errno2err(EPERM), RD_KAFKA_RESP_ERR__FAIL, "any other");
    errno = ENOENT;
    CHECK_INT(rd_kafka_errno(), ENOENT, "rd_kafka_errno");
}

static void texts(void) {
    const struct rd_kafka_err_desc *descs;
    size_t count;
    int agree = 1;
    CHECK_STR(rd_kafka_err2name(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), "_MSG_TIMED_OUT", "name");
    CHECK_STR(rd_kafka_err2str(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), "Local: Message timed out",
              "text");
    CHECK_STR(rd_kafka_err2str(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS),
              "Broker: Not enough in-sync replicas", "text of a broker's code");
    CHECK_STR(rd_kafka_err2str((rd_kafka_resp_err_t)-500), "Err--500?", "text of no code");
    CHECK_STR(rd_kafka_err2name((rd_kafka_resp_err_t)3000), "ERR_3000?", "name of no code");
    CHECK(rd_kafka_err2str((rd_kafka_resp_err_t)INT_MIN) &&
              rd_kafka_err2name((rd_kafka_resp_err_t)INT_MAX),
          "any number has a text");
    rd_kafka_get_err_descs(&descs, &count);
    CHECK(count >= 298, "the table of descriptions is there (%zu)", count);
    for (size_t i = 0; i < count; i++)
        if (descs[i].name && descs[i].desc)
            agree = agree && !strcmp(descs[i].name, rd_kafka_err2name(descs[i].code)) &&
                    !strcmp(descs[i].desc, rd_kafka_err2str(descs[i].code));
    CHECK(agree, "it agrees with err2name and err2str");
}

static void objects(void) {
    rd_kafka_error_t *error =
        rd_kafka_error_new(RD_KAFKA_RESP_ERR__TIMED_OUT, "after %d %s", 3, "tries");
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__TIMED_OUT, "code of an error");
    CHECK_STR(rd_kafka_error_string(error), "after 3 tries", "its text");
    CHECK_STR(rd_kafka_error_name(error), "_TIMED_OUT", "its name");
    CHECK(!rd_kafka_error_is_fatal(error) && !rd_kafka_error_is_retriable(error) &&
              !rd_kafka_error_txn_requires_abort(error),
          "no flag is set");
    rd_kafka_error_destroy(error);
    error = rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, NULL);
    CHECK_STR(rd_kafka_error_string(error), rd_kafka_err2str(RD_KAFKA_RESP_ERR__STATE),
              "without a text the code's");
    rd_kafka_error_destroy(error);
    CHECK_ERR(rd_kafka_error_code(NULL), 0, "code of NULL");
    CHECK_STR(rd_kafka_error_string(NULL), "", "text of NULL");
    CHECK_STR(rd_kafka_error_name(NULL), "", "name of NULL");
    rd_kafka_error_destroy(NULL);
}

static void fatal(void) {
    char errstr[256];
    /* 2.0.2 looks for fatal errors of idempotent producers only. */
    rd_kafka_t *rk = start_collecting(conf_with("bootstrap.servers", "127.0.0.1:1",
                                                "enable.idempotence", IS_STOCK ? "true" : "false",
                                                NULL),
                                      &reports);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    rd_kafka_error_t *error;
    rd_kafka_vu_t topic = {.vtype = RD_KAFKA_VTYPE_TOPIC};
    CHECK_ERR(rd_kafka_fatal_error(rk, errstr, sizeof errstr), 0, "no fatal error at first");
    for (int i = 0; i < 3; i++) NEED(!send_text(rk, "t", 0, "x", NULL));
    CHECK_ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "why"),
              0, "raise one");
    CHECK_ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, "again"),
              RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS, "the first wins");
    CHECK_ERR(rd_kafka_fatal_error(rk, errstr, sizeof errstr),
              RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "its code");
    CHECK_STR(errstr, "test_fatal_error: why", "its text");
    REFUSED(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL) == -1,
            RD_KAFKA_RESP_ERR__FATAL, ECANCELED, "produce after a fatal error");
    CHECK_ERR(send_text(rk, "t", 0, "x", NULL), RD_KAFKA_RESP_ERR__FATAL, "producev, too");
    topic.u.cstr = "t";
    error = rd_kafka_produceva(rk, &topic, 1);
    CHECK(rd_kafka_error_is_fatal(error), "produceva's error is fatal");
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
              "with the code behind it");
    rd_kafka_error_destroy(error);
    CHECK_ERR(rd_kafka_flush(rk, 5000), 0, "flush after a fatal error");
    CHECK_INT(reports.count, 3, "queued messages are reported");
    CHECK_INT(reports.failed, 3, "as failed");
    if (reports.count)
        CHECK_ERR(reports.at[0].err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "their code");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    last_errors();
    from_errno();
    texts();
    objects();
    fatal();
    return finish("last_error");
}
