/* What a debugger or a C program reads in the structs beside messages and requests: who refers to
 * what, which queue wakes whom, who is served next, and the averages of the statistics. */
#include "harness.h"

static int is_named(const rd_kafka_q_t *rkq, const char *name) {
    return rkq && rkq->rkq_name && !strcmp(rkq->rkq_name, name);
}

static void references(void) {
    const rd_kafka_pid_t pid = {1, 0};
    struct world w;
    rd_list_t list;
    struct rd_kafka_topic_s *topic;
    rd_kafka_topic_t *rkt, *again;
    rd_kafka_toppar_t *rktp, *lonely;
    rd_kafka_msgbatch_t batch;
    rd_kafka_buf_t *rkbuf, *joint;

    begin(&w, conf_with(NULL), 7);
    CHECK_INT(w.rkb->rkb_refcnt.val, 1, "a broker has one reference");
    CHECK(is_named(w.rkb->rkb_ops, "ops") && w.rkb->rkb_ops->rkq_rk == w.rk,
          "and a queue of operations");
    CHECK(w.rkb->rkb_ops->rkq_refcnt == 1 && w.rkb->rkb_ops->rkq_flags ==
              (RD_KAFKA_Q_F_ALLOCATED | RD_KAFKA_Q_F_READY), "which is open");
    CHECK(!w.rkb->rkb_ops->rkq_qlen && !w.rkb->rkb_ops->rkq_q.tqh_first, "and empty");

    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    topic = (struct rd_kafka_topic_s *)rkt;
    CHECK(topic->rkt_app_refcnt.val == 1 && topic->rkt_refcnt.val == 2,
          "a topic: the program's reference and the instance's");
    again = rd_kafka_topic_new(w.rk, "t1", NULL);
    CHECK(again == rkt && topic->rkt_app_refcnt.val == 2 && topic->rkt_refcnt.val == 3,
          "the program has two");
    rd_kafka_topic_destroy(again);
    CHECK(topic->rkt_app_refcnt.val == 1 && topic->rkt_refcnt.val == 2, "and gives one back");

    rktp = partition(&w, rkt, 0, 2, "x");
    CHECK_INT(rktp->rktp_refcnt.val, 2, "a partition: its owner's reference and the broker's");
    CHECK(rktp->rktp_msgq_wakeup_q == w.rkb->rkb_ops && w.rkb->rkb_ops->rkq_refcnt == 2,
          "its messages wake the broker");
    CHECK_INT(w.rkb->rkb_refcnt.val, 2, "which it refers to");
    rd_kafka_msgbatch_init(&batch, rktp, pid, 0);
    CHECK_INT(rktp->rktp_refcnt.val, 3, "a batch has one");
    rd_kafka_msgbatch_destroy(&batch);
    CHECK_INT(rktp->rktp_refcnt.val, 2, "as long as it is there");

    memset(&list, 0, sizeof list);
    NEED(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 1, &list) == 2);
    rkbuf = list.rl_elems[0];
    CHECK(rkbuf->rkbuf_refcnt.val == 1 && rkbuf->rkbuf_rkb == w.rkb, "a request knows its broker");
    CHECK(w.rkb->rkb_refcnt.val == 3 && rktp->rktp_refcnt.val == 3,
          "and refers to it and to the partition");
    joint = rd_kafka_harness_request_new(w.rkb, 7);
    rd_kafka_copy_batch_buf(rkbuf, joint);
    CHECK_INT(rktp->rktp_refcnt.val, 4, "the batch of a joint request does too");
    rd_kafka_buf_destroy_final(rkbuf);
    CHECK(w.rkb->rkb_refcnt.val == 2 && rktp->rktp_refcnt.val == 3, "one request went");
    rd_kafka_handle_MultiBatchProduce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, joint, NULL);
    rd_kafka_buf_destroy_final(joint);
    CHECK_INT(rktp->rktp_refcnt.val, 2, "and the other");
    free(list.rl_elems);
    rd_kafka_harness_toppar_destroy(rktp);
    CHECK(w.rkb->rkb_refcnt.val == 1 && w.rkb->rkb_ops->rkq_refcnt == 1, "and the partition");

    lonely = topic->rkt_ua;
    CHECK(lonely->rktp_refcnt.val == 1 && !lonely->rktp_msgq_wakeup_q && !lonely->rktp_broker,
          "messages without a partition wake nobody");
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

/* In a topic that is known, each partition refers to it. */
static void a_living_topic(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    struct rd_kafka_topic_s *topic;
    rd_kafka_toppar_t *rktp;
    int served = 0, count = 0;

    begin(&w, conf_with("test.mock.num.brokers", "1", NULL), 7);
    NEED(!rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(w.rk), "t1", 3, 1));
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    topic = (struct rd_kafka_topic_s *)rkt;
    NEED(!rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL));
    poll_until(w.rk, &w.reports, 1, 10000);
    NEED(w.reports.count == 1 && topic->rkt_partition_cnt == 3);
    CHECK_INT(topic->rkt_refcnt.val, 5, "three partitions, the instance and the program");
    rktp = topic->rkt_p[0];
    /* The request of the message may still be on its way out. */
    for (int64_t end = now_ms() + 10000; (!served || count != 2) && now_ms() < end; sleep_ms(5)) {
        mtx_lock(&rktp->rktp_lock);
        served = rktp->rktp_broker && rktp->rktp_broker->rkb_nodeid == 1 &&
                 rktp->rktp_msgq_wakeup_q == rktp->rktp_broker->rkb_ops;
        count = rktp->rktp_refcnt.val;
        mtx_unlock(&rktp->rktp_lock);
    }
    CHECK(served, "its broker's thread is woken by its messages");
    CHECK_INT(count, 2, "the topic's reference and the broker's");
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void the_ring(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[3];

    begin(&w, conf_with("linger.ms", "0", "queue.buffering.backpressure.threshold", "1", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    CHECK(!w.rkb->rkb_active_toppar_next, "without partitions nobody is served next");
    for (int p = 0; p < 3; p++) {
        rktp[p] = rd_kafka_harness_toppar_new(w.rkb, rkt, p);
        rd_kafka_harness_join(w.rkb, rktp[p]);
        CHECK(w.rkb->rkb_active_toppar_next == rktp[0], "the first one is");
    }
    for (int turn = 0; turn < 4; turn++) {
        rd_kafka_msg_t *rkm = rd_kafka_harness_msg_new(rkt, "x", 1, NULL, 0);
        rd_kafka_toppar_enq_msg(rktp[turn % 3], rkm, 1);
        rd_kafka_harness_serve(w.rkb, rkm->rkm_u.producer.ts_enq + 1000000);
        NEED(w.rkb->rkb_outbufs.rkbq_cnt.val == 1);
        CHECK(w.rkb->rkb_active_toppar_next == rktp[(turn + 1) % 3],
              "behind the one that was served: %d", turn);
        rd_kafka_handle_Produce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL,
                                w.rkb->rkb_outbufs.rkbq_bufs.tqh_first, NULL);
        rd_kafka_harness_forget(w.rkb);
    }
    rd_kafka_harness_toppar_destroy(rktp[1]);
    CHECK(w.rkb->rkb_active_toppar_next == rktp[2], "it goes: the one behind it");
    rd_kafka_harness_toppar_destroy(rktp[2]);
    CHECK(w.rkb->rkb_active_toppar_next == rktp[0], "behind the last comes the first");
    rd_kafka_harness_toppar_destroy(rktp[0]);
    CHECK(!w.rkb->rkb_active_toppar_next, "and nobody when all are gone");
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void averages(const char *interval, int enabled) {
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    struct rd_kafka_topic_s *topic;
    rd_kafka_toppar_t *rktp;
    const rd_avg_t *latency, *count, *size;

    begin(&w, conf_with("statistics.interval.ms", interval, NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    topic = (struct rd_kafka_topic_s *)rkt;
    latency = &w.rkb->rkb_avg_int_latency;
    count = &topic->rkt_avg_batchcnt;
    size = &topic->rkt_avg_batchsize;
    memset(&list, 0, sizeof list);
    for (int messages = 2; messages <= 4; messages += 2) {
        rktp = partition(&w, rkt, messages, messages, "x");
        NEED(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 1, &list) == messages);
        rd_kafka_handle_Produce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, list.rl_elems[0],
                                NULL);
        rd_kafka_buf_destroy_final(list.rl_elems[0]);
        list.rl_cnt = 0;
        rd_kafka_harness_toppar_destroy(rktp);
    }
    CHECK(latency->ra_enabled == enabled && count->ra_enabled == enabled &&
              size->ra_enabled == enabled,
          "averages are kept, or not");
    if (enabled) {
        CHECK_INT(latency->ra_v.cnt, 6, "six messages");
        CHECK(latency->ra_v.minv >= 0 && latency->ra_v.minv <= latency->ra_v.avg &&
                  latency->ra_v.avg <= latency->ra_v.maxv &&
                  latency->ra_v.sum >= latency->ra_v.maxv,
              "took this long");
        CHECK(count->ra_v.cnt == 2 && count->ra_v.minv == 2 && count->ra_v.maxv == 4 &&
                  count->ra_v.avg == 3 && count->ra_v.sum == 6,
              "in batches of two and of four");
        CHECK(size->ra_v.cnt == 2 && size->ra_v.minv > 61 && size->ra_v.maxv > size->ra_v.minv,
              "of some bytes");
    } else {
        CHECK(!latency->ra_v.cnt && !count->ra_v.cnt && !size->ra_v.cnt, "and have no values");
    }
    free(list.rl_elems);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    references();
    a_living_topic();
    the_ring();
    averages("3600000", 1);
    averages("0", 0);
    return finish("frames");
}
