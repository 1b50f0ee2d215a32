/* Queue limits at the exact message and byte, waiting for room, and the size limit at the byte. */
#include "test.h"

static struct reports reports;

static void message_limit(void) {
    /* Without a broker: an error about one would wait in the queue and count. */
    rd_kafka_t *rk =
        start_collecting(conf_with("queue.buffering.max.messages", "10", NULL), &reports);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    rd_kafka_message_t batch[4];
    for (int i = 0; i < 8; i++) CHECK_ERR(send_text(rk, "t", 0, "x", NULL), 0, "below the limit");
    memset(batch, 0, sizeof batch);
    for (int i = 0; i < 4; i++) batch[i].payload = "y", batch[i].len = 1;
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, batch, 4), 2,
              "a batch takes what fits");
    CHECK_ERR(batch[1].err, 0, "the second of the batch fits");
    CHECK_ERR(batch[2].err, RD_KAFKA_RESP_ERR__QUEUE_FULL, "the third does not");
    CHECK_ERR(batch[3].err, RD_KAFKA_RESP_ERR__QUEUE_FULL, "nor the fourth");
    CHECK_ERR(send_text(rk, "t", 0, "x", NULL), RD_KAFKA_RESP_ERR__QUEUE_FULL,
              "the eleventh is refused");
    CHECK_INT(rd_kafka_outq_len(rk), 10, "ten are queued");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL), -1,
              "produce refuses, too");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL, "last error");

    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0, "purge");
    CHECK_ERR(send_text(rk, "t", 0, "x", NULL), RD_KAFKA_RESP_ERR__QUEUE_FULL,
              "unread reports count");
    poll_until(rk, &reports, 10, 2000);
    CHECK_INT(reports.count, 10, "the refused ones have no report");
    CHECK_ERR(send_text(rk, "t", 0, "x", NULL), 0, "room again");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void byte_limit(void) {
    static char kilobyte[1024];
    rd_kafka_t *rk = start_collecting(conf_with("bootstrap.servers", "127.0.0.1:1",
                                                "queue.buffering.max.kbytes", "4", NULL),
                                      &reports);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    for (int i = 0; i < 4; i++)
        CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, kilobyte, 1024, "key", 3, NULL), 0,
                  "keys are not counted");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, kilobyte, 1, NULL, 0, NULL), -1,
              "one byte more is refused");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL, "last error");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, NULL, 0, "k", 1, NULL), 0,
              "an empty message fits");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_flush(rk, 1000);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void *purges_later(void *rk) {
    sleep_ms(300);
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE);
    for (int i = 0; i < 20 && rd_kafka_outq_len(rk) > 1; i++) rd_kafka_poll(rk, 50);
    return NULL;
}

static void blocking(void) {
    rd_kafka_t *rk = start_collecting(conf_with("bootstrap.servers", "127.0.0.1:1",
                                                "queue.buffering.max.messages", "1", NULL),
                                      &reports);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    pthread_t thread;
    int64_t begin;
    NEED(!send_text(rk, "t", 0, "x", NULL));
    pthread_create(&thread, NULL, purges_later, rk);
    begin = now_ms();
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK, "y", 1, NULL, 0,
                               NULL),
              0, "F_BLOCK waits for room");
    CHECK(now_ms() - begin >= 200, "it did wait");
    pthread_join(thread, NULL);
    CHECK_INT(reports.count, 1, "the first was reported");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_flush(rk, 1000);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void size_limit(void) {
    static char text[1024];
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "message.max.bytes", "1000", NULL), &reports);
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, text, 964, NULL, 0, NULL), 0,
              "964 bytes fit a limit of 1000");
    errno = 0;
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, text, 965, NULL, 0, NULL), -1,
              "965 do not");
    CHECK_INT(errno, EMSGSIZE, "errno");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "last error");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, text, 961, "abc", 3, NULL), 0,
              "961 fit with a key of 3");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, text, 962, "abc", 3, NULL), -1,
              "962 do not");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE(text, 960),
                                RD_KAFKA_V_HEADER("h", "v", 1), RD_KAFKA_V_END),
              0, "960 fit with a header of 4 bytes");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE(text, 964),
                                RD_KAFKA_V_HEADER("h", "v", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "964 do not");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, text, SIZE_MAX, NULL, 0, NULL), -1,
              "SIZE_MAX is refused before any arithmetic");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "as too large");
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, text, 1, "k", SIZE_MAX, NULL), -1,
              "so is a key of SIZE_MAX");
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "the accepted ones");
    CHECK_INT(reports.count - reports.failed, 3, "are delivered");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    message_limit();
    byte_limit();
    blocking();
    size_limit();
    return finish("limits");
}
