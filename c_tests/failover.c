/* Leaders that move, brokers that go and come, connections that are cut: nothing is lost, each
 * message is reported once. */
#include "test.h"

static struct reports reports;

static rd_kafka_t *on_three_brokers(void) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "3", "linger.ms", "1", "retry.backoff.ms", "20",
                  "topic.metadata.refresh.fast.interval.ms", "50", "reconnect.backoff.ms", "20",
                  "reconnect.backoff.max.ms", "200", NULL),
        &reports);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    forget(&reports);
    NEED(!rd_kafka_mock_topic_create(cluster, "t", 1, 3));
    NEED(!rd_kafka_mock_partition_set_leader(cluster, "t", 0, 1));
    NEED(!send_text(rk, "t", 0, "warm", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1 && !reports.failed);
    CHECK_INT(reports.at[0].broker_id, 1, "the first goes to broker 1");
    forget(&reports);
    return rk;
}

static void delivered(rd_kafka_t *rk, int count, const char *what) {
    char seen[4096] = {0};
    int once = 1;
    poll_until(rk, &reports, count, 30000);
    for (int i = 0; i < reports.count; i++) seen[(intptr_t)reports.at[i].opaque]++;
    for (int i = 0; i < count; i++) once = once && seen[i] == 1;
    CHECK(reports.count == count && !reports.failed, "%s: %d of %d delivered", what,
          reports.count - reports.failed, count);
    CHECK(once, "%s: one report each", what);
}

static void leader_change(void) {
    rd_kafka_t *rk = on_three_brokers();
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    int elsewhere = 0;
    for (int i = 0; i < 600; i++) {
        NEED(!send_text(rk, "t", 0, "x", (void *)(intptr_t)i));
        if (i % 100 == 50) rd_kafka_mock_partition_set_leader(cluster, "t", 0, 1 + i / 100 % 3);
        rd_kafka_poll(rk, i % 20 == 0 ? 10 : 0);
    }
    delivered(rk, 600, "leader moves");
    for (int i = 0; i < reports.count; i++) elsewhere += reports.at[i].broker_id != 1;
    CHECK(elsewhere > 0, "leader moves: others took over");
    forget(&reports);

    rd_kafka_mock_partition_set_leader(cluster, "t", 0, -1);
    NEED(!send_text(rk, "t", 0, "x", (void *)0));
    rd_kafka_poll(rk, 400);
    CHECK_INT(reports.count, 0, "no leader: the message waits");
    rd_kafka_mock_partition_set_leader(cluster, "t", 0, 3);
    delivered(rk, 1, "leader again");
    CHECK_INT(reports.at[0].broker_id, 3, "the new leader took it");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void broker_down(void) {
    rd_kafka_t *rk = on_three_brokers();
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    int64_t begin;
    rd_kafka_mock_broker_set_down(cluster, 1);
    for (int i = 0; i < 100; i++) NEED(!send_text(rk, "t", 0, "x", (void *)(intptr_t)i));
    rd_kafka_poll(rk, 600);
    CHECK_INT(reports.count, 0, "broker down: messages wait");
    begin = now_ms();
    rd_kafka_mock_broker_set_up(cluster, 1);
    delivered(rk, 100, "broker up again");
    CHECK(now_ms() - begin < 2000 * slow(), "broker up again: soon (%d ms)",
          (int)(now_ms() - begin));
    forget(&reports);

    rd_kafka_mock_broker_set_down(cluster, 1);
    for (int i = 0; i < 100; i++) NEED(!send_text(rk, "t", 0, "x", (void *)(intptr_t)i));
    sleep_ms(200);
    rd_kafka_mock_partition_set_leader(cluster, "t", 0, 2);
    delivered(rk, 100, "broker down, leader moved");
    rd_kafka_mock_broker_set_up(cluster, 1);
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void cut_connections(void) {
    rd_kafka_t *rk = on_three_brokers();
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    for (int i = 0; i < 400; i++) {
        NEED(!send_text(rk, "t", 0, "x", (void *)(intptr_t)i));
        if (i % 100 == 50)
            rd_kafka_mock_push_request_errors(cluster, 0, 1, RD_KAFKA_RESP_ERR__TRANSPORT);
        rd_kafka_poll(rk, i % 10 == 0 ? 5 : 0);
    }
    delivered(rk, 400, "connections cut");
    rd_kafka_destroy(rk);
    forget(&reports);
}

/* ---- statistics of retries ---- */

static char json[1 << 16];

static int keeps_json(rd_kafka_t *rk, char *text, size_t len, void *opaque) {
    (void)rk, (void)opaque;
    if (len < sizeof json) memcpy(json, text, len + 1);
    return 0;
}

/* The sum of a counter over all brokers. */
static int summed(const char *name) {
    int sum = 0;
    for (const char *at = json; (at = strstr(at, name)); at++) sum += atoi(at + strlen(name));
    return sum;
}

static void retries_are_new_requests(void) {
    rd_kafka_conf_t *conf = conf_with(
        "test.mock.num.brokers", "1", "linger.ms", "50", "retry.backoff.ms", "10",
        "statistics.interval.ms", "100", NULL);
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk;
    rd_kafka_conf_set_stats_cb(conf, keeps_json);
    rk = start_collecting(conf, &reports);
    cluster = rd_kafka_handle_mock_cluster(rk);
    NEED(!rd_kafka_mock_topic_create(cluster, "t", 1, 1));
    rd_kafka_mock_push_request_errors(cluster, 0, 3, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    /* One message: several need not share a batch. */
    NEED(!send_text(rk, "t", 0, "x", (void *)0));
    delivered(rk, 1, "after three retries");
    json[0] = 0;
    for (int64_t end = now_ms() + 5000; summed("\"Produce\": ") < 4 && now_ms() < end;)
        rd_kafka_poll(rk, 50);
    CHECK_INT(summed("\"Produce\": "), 4, "each attempt is a Produce request");
    CHECK_INT(summed("\"txretries\":"), 0, "and none is a retry of a request");
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    leader_change();
    broker_down();
    cut_connections();
    retries_are_new_requests();
    return finish("failover");
}
