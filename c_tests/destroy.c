/* The end of a handle: threads and descriptors are given back, no callback runs afterwards, objects
 * that are still held stay safe. */
#include "test.h"

static struct reports reports;
static int destroyed, late_callbacks;

static void watch(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    (void)message;
    (void)opaque;
    if (destroyed) late_callbacks++;
}

static void census(void) {
    int threads = thread_count(), descriptors = descriptor_count(), more = 0;
    int64_t begin, total = 0;
    /* The first handle may leave one-time things behind; count from the second. */
    for (int round = 0; round < 6; round++) {
        rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "2", NULL),
                                          &reports);
        forget(&reports);
        for (int i = 0; i < 10; i++) NEED(!send_text(rk, "t", i % 4, "x", NULL));
        CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
        CHECK(rd_kafka_thread_cnt() >= 3, "threads are counted (%d)", rd_kafka_thread_cnt());
        begin = now_ms();
        rd_kafka_destroy(rk);
        total += now_ms() - begin;
        if (round == 0) threads = thread_count(), descriptors = descriptor_count();
        more += thread_count() - threads + descriptor_count() - descriptors;
    }
    CHECK(total < 6 * 100 * slow(), "an idle handle ends in 100 ms (%d ms)", (int)(total / 6));
    CHECK_INT(thread_count(), threads, "no thread is left");
    CHECK_INT(descriptor_count(), descriptors, "no descriptor is left");
    CHECK_INT(more, 0, "in no round");
    CHECK_INT(rd_kafka_thread_cnt(), 0, "rd_kafka_thread_cnt is 0");
    CHECK_INT(rd_kafka_wait_destroyed(1000), 0, "wait_destroyed");
    forget(&reports);
}

static void with_queued_messages(void) {
    rd_kafka_conf_t *conf = conf_with("bootstrap.servers", "127.0.0.1:1",
                                      "queue.buffering.max.messages", "0", NULL);
    rd_kafka_t *rk;
    int64_t begin;
    rd_kafka_conf_set_dr_msg_cb(conf, watch);
    rk = start(conf);
    for (int i = 0; i < 100000; i++) NEED(!send_text(rk, "t", i % 8, "x", NULL));
    destroyed = 1;
    begin = now_ms();
    rd_kafka_destroy(rk);
    CHECK(now_ms() - begin < 500 * slow(), "with 100,000 queued messages: within 500 ms (%d ms)",
          (int)(now_ms() - begin));
    CHECK_INT(late_callbacks, 0, "no callback in or after destroy");
    CHECK_INT(rd_kafka_wait_destroyed(1000), 0, "nothing is left");
}

static void with_a_silent_broker(void) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "linger.ms", "0", NULL), &reports);
    int64_t begin;
    forget(&reports);
    NEED(!send_text(rk, "t", 0, "warm", NULL));
    poll_until(rk, &reports, 1, 10000);
    rd_kafka_mock_broker_set_rtt(rd_kafka_handle_mock_cluster(rk), 1, 60000);
    NEED(!send_text(rk, "t", 0, "x", NULL));
    sleep_ms(100);
    begin = now_ms();
    rd_kafka_destroy(rk);
    CHECK(now_ms() - begin < 500 * slow(), "with a silent broker: soon (%d ms)",
          (int)(now_ms() - begin));
    forget(&reports);
}

static void at_once(void) {
    int64_t begin = now_ms();
    for (int i = 0; i < 20; i++)
        rd_kafka_destroy_flags(start(conf_with("bootstrap.servers", "127.0.0.1:1,127.0.0.1:2",
                                               NULL)),
                               i % 2 ? RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE : 0);
    CHECK(now_ms() - begin < 20 * 200 * slow(), "20 handles, each ended at once");
    CHECK_INT(rd_kafka_wait_destroyed(2000), 0, "nothing is left");
}

/* Stock waits for, or trips over, some of these: only what it survives is asked of it. */
static void while_objects_are_held(void) {
    rd_kafka_t *rk = start(conf_with("test.mock.num.brokers", "1", NULL));
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk), *other = rd_kafka_queue_new(rk);
    int64_t begin = now_ms();
    NEED(queue && other);
    rd_kafka_queue_destroy(queue);
    rd_kafka_queue_destroy(other);
#ifndef STOCK
    {
        rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "held", NULL);
        queue = rd_kafka_queue_new(rk);
        rd_kafka_destroy(rk);
        CHECK(now_ms() - begin < 500 * slow(), "held topic and queue: destroy returns");
        CHECK_STR(rd_kafka_topic_name(rkt), "held", "a held topic still has its name");
        rd_kafka_topic_destroy(rkt);
        rd_kafka_queue_destroy(queue);
        CHECK(1, "held objects may be given back later");
    }
#else
    rd_kafka_destroy(rk);
    CHECK(now_ms() - begin < 500 * slow(), "destroy returns");
#endif
}

int main(void) {
    census();
    with_queued_messages();
    with_a_silent_broker();
    at_once();
    while_objects_are_held();
    return finish("destroy");
}
