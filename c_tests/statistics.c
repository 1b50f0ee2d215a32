/* Statistics as JSON and as structs: who gets which, when, and that both tell the same. */
#include "test.h"

/* Engine `v2`'s part is checked where that engine runs: its own key says so. */
static int is_v2;

struct seen {
    pthread_t thread;
    int json, typed;        /* how many came */
    int typed_first;        /* each typed one came right before its JSON */
    int64_t last_ts, produced, answered;
    int64_t latencies, partitions, messages, reqsize, fill, fill_max, waits;
    int adaptive_enabled, waiting_max;
    int64_t adaptive_linger_us;
    int64_t json_latencies, json_messages, json_waits; /* sums of the windows' counts */
    int agree, sums, names, request_counts, toppars;
    char *kept;
};

/* The number behind the first `key` after `at`; -1 if there is none. */
static long long number_after(const char *at, const char *key) {
    const char *found = at ? strstr(at, key) : NULL;
    return found ? strtoll(found + strlen(key), NULL, 10) : -1;
}

/* The counts of a window over all brokers. */
static int64_t counts_of(const char *json, const char *key) {
    int64_t sum = 0;
    for (const char *at = strstr(json, key); at; at = strstr(at + 1, key))
        sum += number_after(at, "\"cnt\":");
    return sum;
}

static int on_json(rd_kafka_t *rk, char *json, size_t json_len, void *opaque) {
    struct seen *seen = opaque;
    (void)rk;
    NEED(seen);
    seen->json++;
    seen->typed_first = seen->typed_first && (!seen->typed || seen->typed == seen->json);
    seen->thread = pthread_self();
    seen->agree = seen->agree && strlen(json) == json_len &&
                  (!seen->typed || number_after(json, "\"ts\":") == seen->last_ts);
    is_v2 = strstr(json, "\"produce_engine\": \"v2\"") != NULL;
    if (strstr(json, "\"nodeid\"")) /* there are brokers */
        seen->agree = seen->agree && is_v2 == (strstr(json, "\"produce_fill\"") != NULL) &&
                      is_v2 == (strstr(json, "\"adaptive\"") != NULL);
    seen->json_latencies += counts_of(json, "\"int_latency\"");
    seen->json_messages += counts_of(json, "\"produce_messages\"");
    seen->json_waits += counts_of(json, "\"batch_wait\"");
    free(seen->kept);
    seen->kept = json;
    return 1;
}

static void on_typed(rd_kafka_t *rk, const rd_kafka_stats_t *stats, void *opaque) {
    struct seen *seen = opaque;
    int64_t tx = 0, txmsgs = 0;
    NEED(seen && stats);
    seen->typed++;
    seen->typed_first = seen->typed_first && (!seen->json || seen->typed == seen->json + 1);
    seen->agree = seen->agree && pthread_equal(pthread_self(), seen->thread);
    seen->agree = seen->agree && stats->ts_us > seen->last_ts && !stats->has_cgrp &&
                  stats->type == RD_KAFKA_PRODUCER && stats->msg_max == 100000;
    seen->names = seen->names && !strcmp(stats->name, rd_kafka_name(rk));
    seen->last_ts = stats->ts_us;
    for (uint32_t i = 0; i < stats->broker_cnt; i++) {
        const rd_kafka_broker_stats_t *b = &stats->brokers[i];
        tx += b->tx;
        seen->latencies += b->int_latency.cnt;
        seen->partitions += b->produce_partitions.sum;
        seen->messages += b->produce_messages.sum;
        seen->reqsize += b->produce_reqsize.sum;
        seen->fill += b->produce_fill.cnt;
        if (b->produce_fill.max > seen->fill_max) seen->fill_max = b->produce_fill.max;
        seen->waits += b->batch_wait.cnt;
        seen->answered += b->rtt.cnt;
        seen->adaptive_enabled += b->adaptive_enabled;
        if (b->adaptive_linger_us > seen->adaptive_linger_us)
            seen->adaptive_linger_us = b->adaptive_linger_us;
        for (uint32_t r = 0; r < b->req_cnt; r++)
            if (!strcmp(b->reqs[r].name, "Produce") && b->reqs[r].count > 0)
                seen->request_counts = 1;
        for (uint32_t t = 0; t < b->toppar_cnt; t++)
            if (!strcmp(b->toppars[t].topic, "t") && b->toppars[t].partition >= 0)
                seen->toppars = 1;
    }
    for (uint32_t i = 0; i < stats->topic_cnt; i++) {
        const rd_kafka_topic_stats_t *t = &stats->topics[i];
        NEED(t->partition_cnt > 0 && t->partitions);
        seen->sums = seen->sums && t->partitions[t->partition_cnt - 1].partition == -1;
        seen->names = seen->names && !strcmp(t->name, "t");
        for (uint32_t p = 0; p + 1 < t->partition_cnt; p++) {
            txmsgs += t->partitions[p].txmsgs;
            if (t->partitions[p].xmit_msgq_cnt > seen->waiting_max)
                seen->waiting_max = t->partitions[p].xmit_msgq_cnt;
        }
    }
    seen->sums = seen->sums && stats->tx == tx && stats->txmsgs == txmsgs;
    seen->produced = stats->txmsgs;
}

static void begin(struct seen *seen) {
    memset(seen, 0, sizeof *seen);
    seen->thread = pthread_self();
    seen->agree = seen->sums = seen->names = seen->typed_first = 1;
}

/* Serves statistics until `condition` holds. */
#define POLL_UNTIL(rk, condition)                                                               \
    do {                                                                                        \
        int64_t end_ = now_ms() + 10000 * slow();                                               \
        while (!(condition) && now_ms() < end_) rd_kafka_poll(rk, 20);                          \
    } while (0)

static rd_kafka_conf_t *conf(struct seen *seen) {
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "1", "statistics.interval.ms",
                                      "100", "linger.ms", "1", NULL);
    rd_kafka_conf_set_opaque(conf, seen);
    return conf;
}

static void send_some(rd_kafka_t *rk, int count) {
    for (int i = 0; i < count; i++)
        CHECK_ERR(send_text(rk, "t", i % 4, "value", NULL), 0, "produce");
    CHECK_ERR(rd_kafka_flush(rk, 10000 * slow()), 0, "flush");
}

/* Both forms of one interval tell of the same windows. */
static void both(void) {
    struct seen seen;
    rd_kafka_conf_t *c;
    rd_kafka_t *rk;
    begin(&seen);
    c = conf(&seen);
    rd_kafka_conf_set_stats_cb(c, on_json);
    rd_kafka_conf_set_stats_cb_typed(c, on_typed);
    rk = start(c);
    send_some(rk, 40);
    POLL_UNTIL(rk, seen.latencies == 40 && (!is_v2 || seen.messages == 40) && seen.json > 2 &&
                       seen.request_counts && seen.toppars);
    CHECK(seen.json > 2 && seen.json == seen.typed, "each poll gives both: %d, %d", seen.json,
          seen.typed);
    CHECK(seen.typed_first, "structs come first");
    CHECK(seen.agree, "they agree, on the polling thread, and time goes on");
    CHECK(seen.sums && seen.names, "sums are those of the parts");
    CHECK(seen.request_counts && seen.toppars, "requests and partitions are listed");
    CHECK_INT(seen.produced, 40, "messages sent");
    CHECK_INT(seen.latencies, 40, "each message was measured once");
    CHECK_INT(seen.json_latencies, seen.latencies, "and is in both forms");
    CHECK(seen.answered > 0, "round trips were measured");
    CHECK_INT(seen.adaptive_enabled, 0, "adaptive batching is off");
    CHECK_INT(seen.adaptive_linger_us, 0, "so there is nothing to tell of it");
    if (is_v2) {
        CHECK_INT(seen.messages, 40, "v2: each message was in a request");
        CHECK(seen.partitions >= 4, "v2: partitions of requests: %lld", (long long)seen.partitions);
        CHECK_INT(seen.waits, seen.partitions, "v2: one wait for each partition of a request");
        CHECK_INT(seen.json_waits, seen.waits, "v2: the same in JSON");
        CHECK(seen.json_messages == seen.fill, "v2: one value for each request in both forms");
        CHECK(seen.reqsize > 40 * 5, "v2: bytes of requests");
        CHECK(seen.fill_max <= 1000, "v2: a request is not longer than its limit");
    } else {
        CHECK_INT(seen.messages + seen.partitions + seen.waits + seen.fill, 0,
                  "legacy: no windows of requests");
        CHECK_INT(seen.waiting_max, 0, "legacy: nobody counts what the thread took");
    }
    free(seen.kept);
    rd_kafka_destroy(rk);
}

/* What the engine collected is seen while it lingers. */
static void waiting(void) {
    struct seen seen;
    rd_kafka_conf_t *c;
    rd_kafka_t *rk;
    begin(&seen);
    c = conf(&seen);
    set(c, "linger.ms", "60000");
    rd_kafka_conf_set_stats_cb_typed(c, on_typed);
    rk = start(c);
    send_some(rk, 4);
    for (int i = 0; i < 8; i++) CHECK_ERR(send_text(rk, "t", i % 4, "value", NULL), 0, "produce");
    if (is_v2) {
        POLL_UNTIL(rk, seen.waiting_max > 0);
        CHECK(seen.waiting_max > 0, "v2: a partition's messages wait for a request");
    } else {
        POLL_UNTIL(rk, seen.typed > 2);
        CHECK_INT(seen.waiting_max, 0, "legacy: that is not told");
    }
    CHECK_INT(seen.json, 0, "nobody asked for JSON");
    CHECK_ERR(rd_kafka_flush(rk, 10000 * slow()), 0, "flush");
    rd_kafka_destroy(rk);
}

static void adaptive(void) {
    struct seen seen;
    rd_kafka_conf_t *c;
    rd_kafka_t *rk;
    begin(&seen);
    c = conf(&seen);
    set(c, "adaptive.batching.enable", "true");
    rd_kafka_conf_set_stats_cb_typed(c, on_typed);
    rk = start(c);
    send_some(rk, 4);
    POLL_UNTIL(rk, seen.typed > 2 && (!is_v2 || seen.adaptive_linger_us > 0));
    CHECK(seen.adaptive_enabled > 0, "adaptive batching is on");
    if (is_v2)
        CHECK(seen.adaptive_linger_us >= 5000 && seen.adaptive_linger_us <= 500000,
              "v2: the linger is within its bounds: %lld", (long long)seen.adaptive_linger_us);
    else CHECK_INT(seen.adaptive_linger_us, 0, "legacy: nothing is adapted");
    rd_kafka_destroy(rk);
}

/* An event has the forms that somebody wants, and they live as long as it does. */
static void events(int with_callback, int with_event) {
    struct seen seen;
    rd_kafka_conf_t *c;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *event = NULL;
    const rd_kafka_stats_t *stats;
    const char *json;
    int64_t end = now_ms() + 10000 * slow();
    begin(&seen);
    c = conf(&seen);
    if (with_callback) rd_kafka_conf_set_stats_cb_typed(c, on_typed);
    if (with_event) rd_kafka_conf_set_events(c, RD_KAFKA_EVENT_STATS);
    rk = start(c);
    queue = rd_kafka_queue_get_main(rk);
    while (!event && now_ms() < end) {
        event = rd_kafka_queue_poll(queue, 100);
        if (event && rd_kafka_event_type(event) != RD_KAFKA_EVENT_STATS) {
            rd_kafka_event_destroy(event);
            event = NULL;
        }
    }
    NEED(event);
    stats = rd_kafka_event_stats_typed(event);
    json = rd_kafka_event_stats(event);
    CHECK_INT(stats != NULL, with_callback, "structs for who has a callback for them");
    CHECK_INT(json != NULL, !with_callback || with_event, "JSON for who asked for it, or nothing");
    if (stats && json)
        CHECK_INT(number_after(json, "\"ts\":"), stats->ts_us, "both are of one moment");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
    if (stats)
        CHECK(!strncmp(stats->name, "rdkafka#producer-", 17) && stats->age_us > 0,
              "structs outlive the instance");
    CHECK_INT(seen.typed, 0, "who takes the event gets no callback");
    rd_kafka_event_destroy(event);
}

int main(void) {
    if (IS_STOCK) {
        printf("skipped: typed statistics are not there\n");
        return finish("statistics");
    }
    both();
    waiting();
    adaptive();
    events(0, 1);
    events(1, 0);
    events(1, 1);
    return finish("statistics");
}
