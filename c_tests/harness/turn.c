/* The broker's turn: which partitions get a request, in which order, and when the next turn is due.
 * The program is the thread. */
#include "harness.h"

static void put(struct world *w, rd_kafka_topic_t *rkt, rd_kafka_toppar_t *rktp, int count) {
    (void)w;
    for (int i = 0; i < count; i++) {
        rd_kafka_msg_t *rkm = rd_kafka_harness_msg_new(rkt, "x", 1, NULL, 0);
        NEED(rkm);
        rd_kafka_toppar_enq_msg(rktp, rkm, rkm->rkm_u.producer.ts_enq);
    }
}

static rd_kafka_buf_t *take_first(rd_kafka_broker_t *rkb) {
    return rkb->rkb_outbufs.rkbq_bufs.tqh_first;
}

static void linger_and_round(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[3];
    const int16_t errors[] = {0};
    rd_ts_t now, next;
    int order[3];

    begin(&w, conf_with("linger.ms", "100", "batch.num.messages", "4", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    for (int p = 0; p < 3; p++) {
        rktp[p] = rd_kafka_harness_toppar_new(w.rkb, rkt, p);
        rd_kafka_harness_join(w.rkb, rktp[p]);
        put(&w, rkt, rktp[p], 2);
    }
    now = rktp[2]->rktp_msgq.rkmq_msgs.tqh_first->rkm_u.producer.ts_enq;
    next = rd_kafka_harness_serve(w.rkb, now);
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 0, "nothing is sent before the linger time");
    CHECK(next > now && next <= now + 100000, "the next turn is due when it is over");
    CHECK_INT(rktp[0]->rktp_xmit_msgq.rkmq_msg_cnt, 2, "the thread has the messages");
    CHECK_INT(rktp[0]->rktp_msgq.rkmq_wakeup.msg_cnt, 2, "two more would fill the batch");

    put(&w, rkt, rktp[1], 2);
    rd_kafka_harness_serve(w.rkb, now + 10);
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 1, "a full batch is sent at once");
    CHECK(buf_contains_toppar(take_first(w.rkb), rktp[1]), "it is that partition's");
    CHECK_INT(rktp[1]->rktp_msgs_inflight.val, 4, "four messages are in flight");
    CHECK_INT(rktp[1]->rktp_c.tx_msgs.val, 4, "and counted");

    put(&w, rkt, rktp[2], 2);
    rd_kafka_harness_serve(w.rkb, now + 20);
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 1, "back-pressure: one request waits, no more");

    for (int turn = 0; turn < 3; turn++) {
        rd_kafka_buf_t *rkbuf = take_first(w.rkb), *answer;
        NEED(rkbuf);
        order[turn] = rkbuf->rkbuf_u.Produce.batch.rktp->rktp_partition;
        answer = reply("t1", 1, errors, 0);
        rd_kafka_handle_Produce(w.rk, w.rkb, 0, answer, rkbuf, NULL);
        rd_kafka_buf_destroy_final(answer);
        /* The socket took it: it leaves the output queue with the partition's purge. */
        rd_kafka_harness_forget(w.rkb);
        rd_kafka_harness_serve(w.rkb, now + 200000);
    }
    CHECK(order[0] == 1 && order[1] == 2 && order[2] == 0,
          "who was ready first is served first: %d %d %d", order[0], order[1], order[2]);
    poll_until(w.rk, &w.reports, 10, 2000);
    CHECK(w.reports.count == 10 && !w.reports.failed, "all %d are delivered", w.reports.count);
    for (int p = 0; p < 3; p++) rd_kafka_harness_toppar_destroy(rktp[p]);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    linger_and_round();
    return finish("turn");
}
