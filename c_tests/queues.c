/* Queues: lengths, forwarding, wake-ups by descriptor and callback, yield, two threads polling,
 * statistics and errors as callbacks and as events. */
#include <poll.h>

#include "test.h"

static void lengths_and_forwarding(void) {
    struct reports reports = {0};
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "1", NULL), &reports);
    rd_kafka_queue_t *main_queue = rd_kafka_queue_get_main(rk), *other = rd_kafka_queue_new(rk);
    CHECK(main_queue && other, "queues exist");
    CHECK_INT(rd_kafka_queue_length(main_queue), 0, "the main queue is empty");
    CHECK(!rd_kafka_queue_poll(other, 0), "an empty queue gives no event at once");

    NEED(!send_text(rk, "t", 0, "one", NULL));
    CHECK_INT(rd_kafka_outq_len(rk), 1, "one message is out");
    WAIT_FOR(rd_kafka_queue_length(main_queue) > 0, 10000);
    CHECK_INT(rd_kafka_queue_length(main_queue), 1, "its report waits in the main queue");
    rd_kafka_queue_forward(main_queue, other);
    CHECK_INT(rd_kafka_queue_poll_callback(other, 1000), 1, "forwarded: the other queue serves");
    CHECK_INT(reports.count, 1, "forwarded: the callback ran");
    NEED(!send_text(rk, "t", 0, "two", NULL));
    WAIT_FOR(rd_kafka_queue_length(other) > 0, 10000);
    CHECK_INT(rd_kafka_poll(rk, 2000), 1, "poll follows the forwarding");
    CHECK_INT(reports.count, 2, "and serves there");
    rd_kafka_queue_forward(main_queue, NULL);
    NEED(!send_text(rk, "t", 0, "three", NULL));
    CHECK_INT(rd_kafka_queue_poll_callback(other, 300), 0, "forwarding ended");
    CHECK_INT(rd_kafka_queue_poll_callback(main_queue, 5000), 1, "the main queue serves again");
    CHECK_INT(reports.count, 3, "three reports in all");
    rd_kafka_queue_destroy(other);
    rd_kafka_queue_destroy(main_queue);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static int wakes;

static void woken(rd_kafka_t *rk, void *opaque) {
    (void)rk;
    if (opaque == &wakes) __atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST);
}

static void wake_ups(void) {
    struct reports reports = {0};
    rd_kafka_t *rk = start_collecting(conf_with("test.mock.num.brokers", "1", NULL), &reports);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    char bytes[16] = "";
    int ends[2];
    struct pollfd waiting;
    NEED(!pipe(ends));
    waiting = (struct pollfd){.fd = ends[0], .events = POLLIN};

    rd_kafka_queue_io_event_enable(queue, ends[1], "wake", 4);
    CHECK_INT(poll(&waiting, 1, 0), 0, "io event: nothing yet");
    NEED(!send_text(rk, "t", 0, "one", NULL));
    CHECK_INT(poll(&waiting, 1, 10000 * slow()), 1, "io event: readable on a report");
    CHECK_INT(read(ends[0], bytes, sizeof bytes), 4, "io event: the payload as given");
    CHECK_STR(bytes, "wake", "io event: its bytes");
    poll_until(rk, &reports, 1, 5000);
    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
    NEED(!send_text(rk, "t", 0, "two", NULL));
    poll_until(rk, &reports, 2, 5000);
    CHECK_INT(poll(&waiting, 1, 0), 0, "io event: switched off");

    rd_kafka_queue_cb_event_enable(queue, woken, &wakes);
    NEED(!send_text(rk, "t", 0, "three", NULL));
    WAIT_FOR(__atomic_load_n(&wakes, __ATOMIC_SEQ_CST) > 0, 10000);
    CHECK_INT(wakes, 1, "cb event: called once when the queue fills");
    poll_until(rk, &reports, 3, 5000);
    rd_kafka_queue_cb_event_enable(queue, NULL, NULL);
    NEED(!send_text(rk, "t", 0, "four", NULL));
    poll_until(rk, &reports, 4, 5000);
    CHECK_INT(wakes, 1, "cb event: switched off");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
    close(ends[0]);
    close(ends[1]);
    forget(&reports);
}

static int yielding_count;

static void yields(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)message;
    (void)opaque;
    yielding_count++;
    rd_kafka_yield(rk);
}

static void yield(void) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "1", "linger.ms", "50", NULL);
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, yields);
    rk = start(conf);
    for (int i = 0; i < 5; i++) NEED(!send_text(rk, "t", 0, "x", NULL));
    rd_kafka_poll(rk, 10000 * slow());
    CHECK_INT(yielding_count, 1, "yield ends the poll after one report");
    for (int i = 0; i < 50 && yielding_count < 5; i++) rd_kafka_poll(rk, 100);
    CHECK_INT(yielding_count, 5, "later polls give the rest");
    rd_kafka_destroy(rk);
}

static void *poll_a_while(void *rk) {
    for (int64_t end = now_ms() + 1500 * slow(); now_ms() < end;) rd_kafka_poll(rk, 50);
    return NULL;
}

static int shared_count;

static void counts(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    (void)message;
    (void)opaque;
    __atomic_add_fetch(&shared_count, 1, __ATOMIC_SEQ_CST);
}

static void two_threads_poll(void) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "2", NULL);
    pthread_t threads[3];
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, counts);
    rk = start(conf);
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, poll_a_while, rk);
    for (int i = 0; i < 2000; i++) NEED(!send_text(rk, "t", i % 4, "x", NULL));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    rd_kafka_flush(rk, 10000);
    CHECK_INT(shared_count, 2000, "three polling threads: each report once");
    rd_kafka_destroy(rk);
}

static int stats_count, error_count;
static char kept[64];

static int keeps_stats(rd_kafka_t *rk, char *json, size_t len, void *opaque) {
    (void)rk;
    (void)opaque;
    if (strlen(json) == len && json[0] == '{' && strstr(json, "\"msg_cnt\"")) stats_count++;
    free(json); /* answer 1: it is ours */
    return 1;
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
    (void)rk;
    (void)opaque;
    if (err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
    error_count++;
    snprintf(kept, sizeof kept, "%s", reason);
}

static void stats_and_errors(void) {
    rd_kafka_conf_t *conf =
        conf_with("bootstrap.servers", "127.0.0.1:1", "statistics.interval.ms", "100", NULL);
    rd_kafka_event_t *event;
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    int stats_events = 0, error_events = 0;
    rd_kafka_conf_set_stats_cb(conf, keeps_stats);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rk = start(conf);
    for (int64_t end = now_ms() + 10000 * slow();
         (stats_count < 3 || !error_count) && now_ms() < end;)
        rd_kafka_poll(rk, 50);
    CHECK(stats_count >= 3, "stats_cb: JSON each interval, kept by the application");
    CHECK(error_count > 0, "error_cb: all brokers down");
    CHECK_STR(kept, "1/1 brokers are down", "its text");
    rd_kafka_destroy(rk);

    conf = conf_with("bootstrap.servers", "127.0.0.1:1", "statistics.interval.ms", "100", NULL);
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_ERROR);
    rk = start(conf);
    queue = rd_kafka_queue_get_main(rk);
    for (int64_t end = now_ms() + 10000 * slow();
         (!stats_events || !error_events) && now_ms() < end;) {
        if (!(event = rd_kafka_queue_poll(queue, 100))) continue;
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_STATS)
            stats_events += rd_kafka_event_stats(event)[0] == '{';
        else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
            error_events += rd_kafka_event_error(event) && rd_kafka_event_error_string(event);
        rd_kafka_event_destroy(event);
    }
    CHECK(stats_events > 0, "statistics as an event");
    CHECK(error_events > 0, "error as an event");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

int main(void) {
    lengths_and_forwarding();
    wake_ups();
    yield();
    two_threads_poll();
    stats_and_errors();
    return finish("queues");
}
