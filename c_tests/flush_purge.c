/* flush with its timeouts, and purge by class: what is reported, in which order, with which code
 * and status. */
#include "test.h"

static struct reports reports;

static int reported(rd_kafka_resp_err_t err) {
    int count = 0;
    for (int i = 0; i < reports.count; i++) count += reports.at[i].err == err;
    return count;
}

static void flush_times(void) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "linger.ms", "5000", NULL), &reports);
    int64_t begin;
    CHECK_ERR(rd_kafka_flush(rk, 0), 0, "flush(0) of nothing");
    CHECK_ERR(rd_kafka_flush(rk, -1), 0, "flush(-1) of nothing returns");
    NEED(!send_text(rk, "t", 0, "x", NULL));
    begin = now_ms();
    CHECK_ERR(rd_kafka_flush(rk, 0), RD_KAFKA_RESP_ERR__TIMED_OUT, "flush(0) does not wait");
    CHECK(now_ms() - begin < 100 * slow(), "flush(0) returns at once");
    begin = now_ms();
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "flush waits for the report");
    CHECK(now_ms() - begin < 4000 * slow(), "flush does not wait for linger");
    CHECK_INT(reports.count, 1, "flush serves the report");
    rd_kafka_destroy(rk);
    forget(&reports);

    rk = start_collecting(conf_with("bootstrap.servers", "127.0.0.1:1", NULL), &reports);
    NEED(!send_text(rk, "t", 0, "x", NULL));
    begin = now_ms();
    CHECK_ERR(rd_kafka_flush(rk, 300), RD_KAFKA_RESP_ERR__TIMED_OUT, "flush ends at its timeout");
    CHECK(now_ms() - begin >= 290, "not before");
    CHECK(now_ms() - begin <= 350 * slow(), "at most 50 ms after");
    begin = now_ms();
    CHECK_ERR(rd_kafka_flush(rk, -7), RD_KAFKA_RESP_ERR__TIMED_OUT, "flush(-7) is like flush(0)");
    CHECK(now_ms() - begin < 100 * slow(), "it does not block");
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0, "purge");
    CHECK_ERR(rd_kafka_flush(rk, 1000), 0, "flush after a purge");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void purge_flags(void) {
    rd_kafka_t *rk = start_collecting(conf_with("bootstrap.servers", "127.0.0.1:1", NULL),
                                      &reports);
    CHECK_ERR(rd_kafka_purge(rk, 0), 0, "purge(0) does nothing");
    CHECK_ERR(rd_kafka_purge(rk, 0x100), 0, "purge accepts 0x100");
    CHECK_ERR(rd_kafka_purge(rk, 0x8), RD_KAFKA_RESP_ERR__INVALID_ARG, "purge refuses other bits");
    CHECK_ERR(rd_kafka_purge(rk, 0x203), RD_KAFKA_RESP_ERR__INVALID_ARG, "also among good ones");

    /* Messages without metadata wait unassigned: they are queued, too. */
    for (int i = 0; i < 3; i++)
        NEED(!send_text(rk, "t", i == 2 ? RD_KAFKA_PARTITION_UA : i, "x", NULL));
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_INFLIGHT), 0, "purge in flight");
    rd_kafka_poll(rk, 100);
    CHECK_INT(reports.count, 0, "in-flight purge leaves queued messages");
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0, "purge the queue");
    poll_until(rk, &reports, 3, 2000);
    CHECK_INT(reported(RD_KAFKA_RESP_ERR__PURGE_QUEUE), 3, "all three are _PURGE_QUEUE");
    for (int i = 0; i < reports.count; i++) {
        CHECK_INT(reports.at[i].status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "not persisted");
        CHECK_INT(reports.at[i].offset, RD_KAFKA_OFFSET_INVALID, "no offset");
        CHECK_INT(reports.at[i].broker_id, -1, "no broker");
        CHECK_INT(reports.at[i].timestamp, -1, "no timestamp");
    }
    CHECK_INT(rd_kafka_outq_len(rk), 0, "the account is empty");
    rd_kafka_destroy(rk);
    forget(&reports);
}

/* One request in flight (the broker is slow), the rest behind it. */
static rd_kafka_t *with_one_in_flight(void) {
    rd_kafka_t *rk = start_collecting(
        conf_with("test.mock.num.brokers", "1", "linger.ms", "0", "batch.num.messages", "1",
                  "max.in.flight", "1", NULL),
        &reports);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    rd_kafka_mock_topic_create(cluster, "t", 1, 1);
    NEED(!send_text(rk, "t", 0, "warm", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1 && !reports.failed);
    forget(&reports);
    rd_kafka_mock_broker_set_rtt(cluster, 1, 3000);
    for (int i = 0; i < 4; i++) {
        char text[4] = {'x', (char)('0' + i), 0};
        NEED(!send_text(rk, "t", 0, text, NULL));
        if (!i) sleep_ms(300);
    }
    sleep_ms(300);
    return rk;
}

static void purge_classes(void) {
    rd_kafka_t *rk = with_one_in_flight();
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), 0,
              "purge both classes");
    poll_until(rk, &reports, 4, 2000);
    CHECK_INT(reports.count, 4, "all four are reported");
    CHECK_INT(reported(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT), 1, "one was in flight");
    CHECK_INT(reported(RD_KAFKA_RESP_ERR__PURGE_QUEUE), 3, "three were queued");
    for (int i = 0; i < reports.count; i++)
        if (reports.at[i].err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
            CHECK_STR(reports.at[i].text, "x0", "the first one");
            CHECK_INT(reports.at[i].status, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED,
                      "possibly persisted");
            CHECK_INT(reports.at[i].broker_id, 1, "its broker is known");
            CHECK_INT(reports.at[i].offset, RD_KAFKA_OFFSET_INVALID, "it has no offset");
        } else {
            CHECK_INT(reports.at[i].status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "not persisted");
        }
    rd_kafka_mock_broker_set_rtt(rd_kafka_handle_mock_cluster(rk), 1, 0);
    forget(&reports);
    NEED(!send_text(rk, "t", 0, "after", NULL));
    poll_until(rk, &reports, 1, 15000);
    CHECK(reports.count == 1 && !reports.failed, "the late answer is ignored, the next is sent");
    rd_kafka_destroy(rk);
    forget(&reports);

    rk = with_one_in_flight();
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_INFLIGHT), 0, "purge what is in flight");
    poll_until(rk, &reports, 1, 2000);
    CHECK(reports.count >= 1 && reports.at[0].err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
          "it is reported first");
    CHECK_INT(reported(RD_KAFKA_RESP_ERR__PURGE_QUEUE), 0, "nothing queued is purged");
    rd_kafka_destroy(rk);
    forget(&reports);

    rk = with_one_in_flight();
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0, "purge what is queued");
    poll_until(rk, &reports, 3, 2000);
    CHECK_INT(reported(RD_KAFKA_RESP_ERR__PURGE_QUEUE), 3, "three are reported");
    poll_until(rk, &reports, 4, 15000);
    CHECK_INT(reports.count, 4, "the one in flight goes on");
    CHECK(reports.at[3].err == 0 && reports.at[3].text[1] == '0', "and is delivered");
    rd_kafka_destroy(rk);
    forget(&reports);

    rk = with_one_in_flight();
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                     RD_KAFKA_PURGE_F_NON_BLOCKING),
              0, "purge without waiting");
    poll_until(rk, &reports, 4, 5000);
    CHECK_INT(reports.count, 4, "all four are reported a little later");
    rd_kafka_destroy(rk);
    forget(&reports);
}

int main(void) {
    flush_times();
    purge_flags();
    purge_classes();
    return finish("flush_purge");
}
