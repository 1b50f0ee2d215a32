/* Threads that have nothing to do sleep: the statistics count how often a broker's thread woke. */
#include "test.h"

static int64_t wakeups;
static int documents;

static int counts(rd_kafka_t *rk, char *json, size_t len, void *opaque) {
    int64_t sum = 0;
    (void)rk, (void)len, (void)opaque;
    for (const char *at = json; (at = strstr(at, "\"wakeups\":")); at++)
        sum += atoll(at + strlen("\"wakeups\":"));
    wakeups = sum;
    documents++;
    return 0;
}

static void wait_for_documents(rd_kafka_t *rk, int more) {
    int wanted = documents + more;
    for (int64_t end = now_ms() + 60000; documents < wanted && now_ms() < end;)
        rd_kafka_poll(rk, 100);
    NEED(documents >= wanted);
}

static void idle(const char *linger) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "2", "statistics.interval.ms",
                                      "1000", "linger.ms", linger, NULL);
    struct reports reports = {0};
    rd_kafka_t *rk;
    int64_t before;

    rd_kafka_conf_set_stats_cb(conf, counts);
    rk = start_collecting(conf, &reports);
    NEED(!send_text(rk, "t", 0, "x", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    wait_for_documents(rk, 1);
    before = wakeups;
    wait_for_documents(rk, 3);
    /* Up to four threads for three seconds or more, about once a second each: a loop that does not
     * sleep makes many thousands. */
    CHECK(wakeups - before < 200, "linger.ms=%s: %" PRId64 " wake-ups without work", linger,
          wakeups - before);
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    idle("0");
    idle("5");
    return finish("idle");
}
