/* Engine `v2`: what goes into one request, when it goes, and that each partition keeps its order. */
#include "reader.h"

#define PRODUCE 0
#define PARTITIONS 10

static struct reports reports;

/* A producer whose topics are known; `conf` has an engine-neutral rest. */
static rd_kafka_t *producer(rd_kafka_conf_t *conf, rd_kafka_mock_cluster_t **cluster) {
    rd_kafka_t *rk;
    set(conf, "test.mock.num.brokers", "1");
    set(conf, "produce.engine", "v2");
    rk = start_collecting(conf, &reports);
    *cluster = rd_kafka_handle_mock_cluster(rk);
    NEED(!rd_kafka_mock_topic_create(*cluster, "t1", PARTITIONS, 1));
    NEED(!rd_kafka_mock_topic_create(*cluster, "t2", PARTITIONS, 1));
    for (int p = 0; p < PARTITIONS; p++) {
        NEED(!send_text(rk, "t1", p, "first", NULL));
        NEED(!send_text(rk, "t2", p, "first", NULL));
    }
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "the topics are known");
    NEED(!reports.failed);
    forget(&reports);
    memset(&reports, 0, sizeof reports);
    rd_kafka_mock_start_request_tracking(*cluster);
    return rk;
}

static void end(rd_kafka_t *rk) {
    rd_kafka_destroy(rk);
    forget(&reports);
    memset(&reports, 0, sizeof reports);
}

static int produce_requests(rd_kafka_mock_cluster_t *cluster) {
    size_t count = 0, produce = 0;
    rd_kafka_mock_request_t **all = rd_kafka_mock_get_requests(cluster, &count);
    for (size_t i = 0; i < count; i++) produce += rd_kafka_mock_request_api_key(all[i]) == PRODUCE;
    rd_kafka_mock_request_destroy_array(all, count);
    return (int)produce;
}

static char *filled(int bytes) {
    static char text[20000];
    memset(text, 'x', (size_t)bytes);
    text[bytes] = 0;
    return text;
}

/* Requests for `each` messages of `bytes` bytes on each of `partitions` partitions. */
static int requests_for(const char *name, const char *value, int partitions, int each, int bytes) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_conf_t *conf = conf_with("linger.ms", "200", NULL);
    rd_kafka_t *rk;
    int count;
    if (name) set(conf, name, value);
    rk = producer(conf, &cluster);
    for (int i = 0; i < each; i++)
        for (int p = 0; p < partitions; p++)
            NEED(!send_text(rk, p % 2 ? "t1" : "t2", p / 2, filled(bytes), NULL));
    poll_until(rk, &reports, partitions * each, 10000);
    CHECK(reports.count == partitions * each && !reports.failed, "all delivered: %d, %d failed",
          reports.count, reports.failed);
    count = produce_requests(cluster);
    end(rk);
    return count;
}

static void limits(void) {
    CHECK_INT(requests_for(NULL, NULL, 20, 5, 100), 1, "one request for twenty partitions");
    CHECK_INT(requests_for("produce.request.max.partitions", "2", 5, 1, 10), 3,
              "at most two partitions a request");
    CHECK_INT(requests_for("batch.num.messages", "2", 1, 5, 10), 3,
              "at most two messages a batch, one batch a request");
    CHECK_INT(requests_for("batch.size", "200", 1, 5, 100), 5, "one message fills 200 bytes");
    CHECK_INT(requests_for("message.max.bytes", "1200", 4, 1, 800), 4,
              "two of 800 bytes do not fit into 1200");
    CHECK(requests_for("batch.size", "16384", 10, 1000, 100) <= 14,
          "a batch's limit is not the request's");
}

/* Milliseconds until `want` of `each` messages on each of `partitions` partitions are delivered. */
static int64_t wait_of(const char *name, const char *value, int partitions, int each, int bytes,
                       int want) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_conf_t *conf = conf_with("broker.linger.ms", "1500", name, value, NULL);
    rd_kafka_t *rk = producer(conf, &cluster);
    int64_t begin = now_ms();
    for (int i = 0; i < each; i++)
        for (int p = 0; p < partitions; p++)
            NEED(!send_text(rk, "t1", p, filled(bytes), NULL));
    poll_until(rk, &reports, want, 10000);
    CHECK(reports.count >= want && !reports.failed, "delivered");
    begin = now_ms() - begin;
    end(rk);
    return begin;
}

static void triggers(void) {
    int64_t waited = wait_of("batch.num.messages", "1000", 3, 2, 10, 6);
    CHECK(waited >= 1490 && waited < 1900 * slow(), "linger: %d ms", (int)waited);
    waited = wait_of("batch.num.messages", "10", 1, 10, 10, 10);
    CHECK(waited < 1000 * slow(), "a full batch goes at once: %d ms", (int)waited);
    waited = wait_of("batch.size", "1000", 1, 9, 100, 8);
    CHECK(waited < 1000 * slow(), "by bytes, too: %d ms", (int)waited);
    waited = wait_of("broker.batch.max.bytes", "5000", 10, 1, 500, 10);
    CHECK(waited < 1000 * slow(), "enough bytes of all partitions: %d ms", (int)waited);
}

/* One failed batch does not let the next ones of its partition pass. */
static void order(const char *in_flight) {
    static struct record records[8];
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "0", "batch.num.messages", "1",
                                        "max.in.flight", in_flight, "retry.backoff.ms", "50", NULL),
                              &cluster);
    const char *texts[] = {"A", "B", "C", "D"};
    int port = port_of(rd_kafka_mock_cluster_bootstraps(cluster), 0), good = 1;
    rd_kafka_mock_push_request_errors(cluster, PRODUCE, 2,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    for (int i = 0; i < 4; i++) NEED(!send_text(rk, "t1", 0, texts[i], NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush");
    CHECK(reports.count == 4 && !reports.failed, "all delivered");
    CHECK_INT(read_back(port, "t1", 0, records, 5), 5, "records in the log");
    for (int i = 0; i < 4; i++) good = good && !strcmp(records[i + 1].value, texts[i]);
    CHECK(good, "in order with %s in flight", in_flight);
    end(rk);
}

/* Topics with other acknowledgements or time limits never share a request. */
static void terms(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "200", NULL), &cluster);
    rd_kafka_topic_conf_t *conf = rd_kafka_topic_conf_new();
    rd_kafka_topic_t *rkt;
    char errstr[128];
    NEED(!rd_kafka_topic_conf_set(conf, "acks", "1", errstr, sizeof errstr));
    NEED(!rd_kafka_mock_topic_create(cluster, "t3", PARTITIONS, 1));
    rkt = rd_kafka_topic_new(rk, "t3", conf);
    for (int round = 0; round < 2; round++) {
        if (round == 1) rd_kafka_mock_clear_requests(cluster);
        for (int p = 0; p < PARTITIONS; p++) {
            NEED(!send_text(rk, "t1", p, "all", NULL));
            NEED(!rd_kafka_produce(rkt, p, RD_KAFKA_MSG_F_COPY, "one", 3, NULL, 0, NULL));
        }
        poll_until(rk, &reports, (round + 1) * 2 * PARTITIONS, 10000);
    }
    CHECK(reports.count == 4 * PARTITIONS && !reports.failed, "all delivered");
    CHECK_INT(produce_requests(cluster), 2, "one request for each kind");
    rd_kafka_topic_destroy(rkt);
    end(rk);
}

/* A silent broker: the socket's time limit counts, not only the message's. */
static void silent_broker(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "0", "socket.timeout.ms", "1000", "retries",
                                        "0", "message.timeout.ms", "15000", NULL),
                              &cluster);
    int64_t begin;
    rd_kafka_mock_broker_set_rtt(cluster, 1, 10000);
    begin = now_ms();
    NEED(!send_text(rk, "t1", 0, "x", NULL));
    poll_until(rk, &reports, 1, 12000);
    CHECK(reports.count == 1 && reports.failed == 1, "it fails");
    CHECK(now_ms() - begin < 4000 * slow(), "after the socket's time limit");
    end(rk);
}

static void acks_zero(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "100", "acks", "0", NULL), &cluster);
    NEED(!send_text(rk, "t1", 0, "x", NULL));
    poll_until(rk, &reports, 1, 5000);
    CHECK_INT(reports.count, 1, "reported when it was written");
    CHECK_INT(reports.at[0].offset, RD_KAFKA_OFFSET_INVALID, "no offset is invented");
    CHECK_INT(reports.at[0].status, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED, "nobody said more");
    end(rk);
}

static int64_t cpu_ms(void) { return (int64_t)clock() * 1000 / CLOCKS_PER_SEC; }

/* Without linger, and nothing can be sent: the thread sleeps. */
static void blocked(int is_down) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk = producer(conf_with("linger.ms", "0", "max.in.flight", "1", NULL), &cluster);
    int64_t used;
    if (is_down) rd_kafka_mock_broker_set_down(cluster, 1);
    else rd_kafka_mock_broker_set_rtt(cluster, 1, 1500);
    for (int p = 0; p < PARTITIONS; p++) {
        NEED(!send_text(rk, "t1", p, "x", NULL));
        sleep_ms(20);
    }
    used = cpu_ms();
    sleep_ms(1000);
    used = cpu_ms() - used;
    CHECK(used < 200 * slow(), "%s: %d ms of processor time in a second",
          is_down ? "no broker" : "no answer", (int)used);
    if (is_down) rd_kafka_mock_broker_set_up(cluster, 1);
    else rd_kafka_mock_broker_set_rtt(cluster, 1, 0);
    CHECK_ERR(rd_kafka_flush(rk, 20000), 0, "it goes on");
    CHECK(reports.count == PARTITIONS && !reports.failed, "all delivered");
    end(rk);
}

static int rounds, requests, others;

static void on_debug(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)rk;
    if (level != 7 || !strcmp(fac, "INIT")) return;
    if (strcmp(fac, "BATCHCOL")) others++;
    else if (strstr(buf, "partition(s) to send because of flush")) rounds++;
    else if (strstr(buf, "ProduceRequest with 10 partition(s), 20 message(s), ")) requests++;
}

/* The debug context of the collector tells why a round begins and what is in a request. */
static void debug_context(void) {
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_conf_t *conf = conf_with("linger.ms", "60000", "debug", "batchcol", NULL);
    rd_kafka_t *rk;
    rd_kafka_conf_set_log_cb(conf, on_debug);
    rk = producer(conf, &cluster);
    rounds = requests = others = 0;
    for (int i = 0; i < 2; i++)
        for (int p = 0; p < PARTITIONS; p++)
            CHECK_ERR(send_text(rk, "t1", p, "x", NULL), 0, "produce");
    CHECK_INT(rounds + requests, 0, "nothing goes before its time");
    CHECK_ERR(rd_kafka_flush(rk, 20000), 0, "flush");
    CHECK_INT(reports.count, 2 * PARTITIONS, "delivered");
    end(rk);
    CHECK_INT(rounds, 1, "one round, because of the flush");
    CHECK_INT(requests, 1, "one request with all partitions");
    CHECK_INT(others, 0, "other contexts are silent");
}

int main(void) {
    if (IS_STOCK) {
        printf("skipped: librdkafka has no such engine\n");
        return finish("engine_v2");
    }
    limits();
    triggers();
    order("1");
    order("5");
    terms();
    silent_broker();
    acks_zero();
    blocked(0);
    blocked(1);
    debug_context();
    return finish("engine_v2");
}
