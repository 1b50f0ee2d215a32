/* Joint requests, rule by rule: when there are some, what is in them, and how the partitions part
 * again. */
#include "harness.h"

static rd_kafka_buf_t *first_of(rd_kafka_broker_t *rkb) {
    return rkb->rkb_outbufs.rkbq_bufs.tqh_first;
}

/* Fails what is in the output queue. */
static void drop_all(struct world *w, int is_joint) {
    rd_kafka_buf_t *rkbuf;
    while ((rkbuf = first_of(w->rkb))) {
        (is_joint ? rd_kafka_handle_MultiBatchProduce : rd_kafka_handle_Produce)(
            w->rk, w->rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, rkbuf, NULL);
        rd_kafka_harness_forget(w->rkb);
    }
}

static void put(rd_kafka_topic_t *rkt, rd_kafka_toppar_t *rktp, int count) {
    for (int i = 0; i < count; i++) {
        rd_kafka_msg_t *rkm = rd_kafka_harness_msg_new(rkt, "x", 1, NULL, 0);
        NEED(rkm);
        rd_kafka_toppar_enq_msg(rktp, rkm, 1);
    }
}

/* Three partitions are ready in one turn, with two full batches each. */
static void turns(const char *multibatch, int requests, int batches) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[3];
    const int is_joint = batches > 0;

    begin(&w,
          multibatch ? conf_with("linger.ms", "0", "batch.num.messages", "2",
                                 "queue.buffering.backpressure.threshold", "10", "multibatch",
                                 multibatch, NULL)
                     : conf_with("linger.ms", "0", "batch.num.messages", "2",
                                 "queue.buffering.backpressure.threshold", "10", NULL),
          7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    for (int p = 0; p < 3; p++) {
        rktp[p] = rd_kafka_harness_toppar_new(w.rkb, rkt, p);
        rd_kafka_harness_join(w.rkb, rktp[p]);
        put(rkt, rktp[p], 4);
    }
    rd_kafka_harness_serve(w.rkb, INT64_C(1) << 50);
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, requests, "requests of a turn");
    if (is_joint) {
        const rd_list_t *list = &first_of(w.rkb)->rkbuf_u.Produce.batch_list;
        int good = list->rl_cnt == batches;
        for (int i = 0; good && i < list->rl_cnt; i++) {
            const rd_kafka_msgbatch_t *batch = list->rl_elems[i];
            good = batch->rktp == rktp[i] && batch->msgq.rkmq_msg_cnt == 2;
        }
        CHECK(good, "one batch of each partition, the second ones wait");
    } else {
        CHECK(first_of(w.rkb)->rkbuf_u.Produce.batch.rktp, "each with a batch of its own");
    }
    drop_all(&w, is_joint);
    for (int p = 0; p < 3; p++) rd_kafka_harness_toppar_destroy(rktp[p]);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

struct joint {
    struct world w;
    rd_kafka_topic_t *rkt[2];
    rd_kafka_toppar_t *rktp[6];
};

/* Six partitions, of two topics by turns, with a message each, in one request. */
static rd_kafka_buf_t *join(struct joint *j, const char *const settings[2][3], rd_kafka_conf_t *conf) {
    rd_list_t list;
    begin(&j->w, conf, 7);
    memset(&list, 0, sizeof list);
    for (int t = 0; t < 2; t++) {
        rd_kafka_topic_conf_t *topic = rd_kafka_topic_conf_new();
        char error[128];
        NEED(!settings[t][0] || !rd_kafka_topic_conf_set(topic, settings[t][0], settings[t][1],
                                                         error, sizeof error));
        j->rkt[t] = rd_kafka_topic_new(j->w.rk, t ? "t2" : "t1", topic);
    }
    for (int p = 0; p < 6; p++) {
        j->rktp[p] = partition(&j->w, j->rkt[p % 2], p / 2, 1, "x");
        NEED(rd_kafka_ProduceRequest(j->w.rkb, j->rktp[p], NO_PID, 0, 1, &list) == 1);
    }
    NEED(rd_kafka_MultiBatchProduceRequest(j->w.rkb, NO_PID, &list) == 1);
    free(list.rl_elems);
    return first_of(j->w.rkb);
}

static void part(struct joint *j) {
    drop_all(&j->w, 1);
    for (int p = 0; p < 6; p++) rd_kafka_harness_toppar_destroy(j->rktp[p]);
    for (int t = 0; t < 2; t++) rd_kafka_topic_destroy(j->rkt[t]);
    end(&j->w);
}

/* The request speaks for its first batch; each batch has its own topic's word. */
static void mixed_acks(const char *first, const char *second) {
    const char *const settings[2][3] = {{"acks", first, NULL}, {"acks", second, NULL}};
    struct joint j;
    static unsigned char bytes[4096];
    rd_kafka_buf_t *rkbuf = join(&j, settings, conf_with("client.id", "rdkafka", NULL));
    int persisted = 0, possibly = 0, none = !strcmp(first, "0");

    bytes_of(rkbuf, bytes, sizeof bytes);
    /* Behind the header with the client's id and the transactional id, which is null. */
    CHECK_INT((int16_t)(bytes[14 + 7 + 2] << 8 | bytes[14 + 7 + 3]), atoi(first),
              "acks of the first batch's topic");
    CHECK_INT(!!(rkbuf->rkbuf_flags & RD_KAFKA_OP_F_NO_RESPONSE), none,
              "an answer is waited for, or not");
    if (none) {
        rd_kafka_handle_MultiBatchProduce(j.w.rk, j.w.rkb, 0, NULL, rkbuf, NULL);
        poll_until(j.w.rk, &j.w.reports, 6, 2000);
        CHECK(j.w.reports.count == 6 && !j.w.reports.failed, "written is all that is known");
        for (int i = 0; i < j.w.reports.count; i++) {
            persisted += j.w.reports.at[i].status == RD_KAFKA_MSG_STATUS_PERSISTED;
            possibly += j.w.reports.at[i].status == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
        }
        CHECK(persisted == 3 && possibly == 3, "each as its own topic has it: %d, %d", persisted,
              possibly);
    }
    part(&j);
}

static void the_shortest_time(void) {
    const char *const settings[2][3] = {{"message.timeout.ms", "60000", NULL},
                                        {"message.timeout.ms", "2000", NULL}};
    struct joint j;
    rd_kafka_buf_t *rkbuf = join(&j, settings, conf_with(NULL));
    rd_ts_t expires = first_of(j.w.rkb)->rkbuf_ts_timeout, limit = INT64_MAX;
    const rd_list_t *list = &rkbuf->rkbuf_u.Produce.batch_list;

    for (int i = 0; i < list->rl_cnt; i++) {
        const rd_kafka_msgbatch_t *batch = list->rl_elems[i];
        rd_ts_t one = batch->msgq.rkmq_msgs.tqh_first->rkm_u.producer.ts_timeout;
        if (one < limit) limit = one;
    }
    CHECK(expires <= limit && expires > limit - 1001, "it ends with the message that ends first");
    CHECK(get_first_msg_timeout((rd_list_t *)list) <= 2000, "in two seconds");
    part(&j);
}

/* One partition leaves: its request is called back, and with it all others in it. */
static void called_back(void) {
    const char *const settings[2][3] = {{NULL}, {NULL}};
    struct joint j;
    rd_ts_t now;
    rd_kafka_buf_t *rkbuf = join(&j, settings, conf_with("retry.backoff.ms", "100", NULL));

    now = rkbuf->rkbuf_ts_enq;
    CHECK_INT(rd_kafka_broker_bufq_purge_by_toppar(j.w.rkb, &j.w.rkb->rkb_outbufs, 0, j.rktp[4],
                                                   RD_KAFKA_RESP_ERR__RETRY),
              1, "the request of one partition");
    CHECK_INT(j.w.rkb->rkb_outbufs.rkbq_cnt.val, 0, "is gone");
    for (int p = 0; p < 6; p++) {
        const rd_kafka_msg_t *rkm = j.rktp[p]->rktp_msgq.rkmq_msgs.tqh_first;
        CHECK(j.rktp[p]->rktp_msgq.rkmq_msg_cnt == 1 && rkm->rkm_u.producer.retries == 0 &&
                  rkm->rkm_u.producer.ts_backoff >= now + 80000,
              "partition %d has its message again, for later", p);
    }
    part(&j);
}

/* A cut: each partition goes its own way, after a pause of its own. */
static void cut(void) {
    const char *const settings[2][3] = {{NULL}, {NULL}};
    struct joint j;
    int same = 1;
    rd_ts_t first = 0;
    rd_kafka_buf_t *rkbuf =
        join(&j, settings, conf_with("retry.backoff.ms", "10000", "retry.backoff.max.ms", "100000",
                                     NULL));

    rd_kafka_handle_MultiBatchProduce(j.w.rk, j.w.rkb, RD_KAFKA_RESP_ERR__TRANSPORT, NULL, rkbuf,
                                      NULL);
    rd_kafka_harness_forget(j.w.rkb);
    for (int p = 0; p < 6; p++) {
        const rd_kafka_msg_t *rkm = j.rktp[p]->rktp_msgq.rkmq_msgs.tqh_first;
        CHECK(rkm && !j.rktp[p]->rktp_msgs_inflight.val, "partition %d sends again", p);
        CHECK_ERR(j.rktp[p]->rktp_last_err.err, RD_KAFKA_RESP_ERR__TRANSPORT, "and knows why");
        /* The pauses are whole percents of ten seconds; the clock moves on by much less. */
        if (!p) first = rkm->rkm_u.producer.ts_backoff;
        if (llabs(rkm->rkm_u.producer.ts_backoff - first) > 50000) same = 0;
    }
    CHECK(!same, "not all at the same time");
    part(&j);
}

/* Alone in a joint request: the same bytes as in a request of its own. */
static void alone(int16_t version) {
    static unsigned char one[4096], two[4096];
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    size_t len;

    begin(&w, conf_with("multibatch", "true", "client.id", "rdkafka", NULL), version);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 3, 1, "hello");
    NEED(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 0, NULL) == 1);
    len = bytes_of(first_of(w.rkb), one, sizeof one);
    NEED(rd_kafka_broker_bufq_purge_by_toppar(w.rkb, &w.rkb->rkb_outbufs, 0, rktp,
                                              RD_KAFKA_RESP_ERR__RETRY) == 1);
    rktp->rktp_msgq.rkmq_msgs.tqh_first->rkm_u.producer.ts_backoff = 0;
    rd_kafka_harness_take(rktp);
    memset(&list, 0, sizeof list);
    NEED(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 1, &list) == 1);
    NEED(rd_kafka_MultiBatchProduceRequest(w.rkb, NO_PID, &list) == 1);
    CHECK_INT(bytes_of(first_of(w.rkb), two, sizeof two), len, "a request of the same size");
    CHECK(!memcmp(one, two, len), "version %d: byte for byte", version);
    CHECK(first_of(w.rkb)->rkbuf_u.Produce.batch_list.rl_cnt == 1, "whose batch is in a list");
    drop_all(&w, 1);
    free(list.rl_elems);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    turns("true", 1, 3);
    turns("false", 6, 0);
    turns(NULL, 6, 0);
    mixed_acks("1", "0");
    mixed_acks("0", "1");
    the_shortest_time();
    called_back();
    cut();
    alone(2);
    alone(7);
    alone(8);
    alone(10);
    return finish("joint");
}
