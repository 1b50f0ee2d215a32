/* Kept requests of many partitions are joined into few, and each is settled for itself. */
#include "harness.h"

#define PARTITIONS 6

static void joined(int limit, int expected, const int16_t *errors) {
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[PARTITIONS];
    char text[501], max[16];
    int parts = 0, next = 0, order = 1, failed = 0;
    size_t size = 0;

    memset(text, 'x', 500);
    text[500] = 0;
    snprintf(max, sizeof max, "%d", limit);
    begin(&w, conf_with("multibatch", "true", "client.id", "rdkafka", "message.max.bytes", max,
                        "retries", "0", NULL),
          7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    memset(&list, 0, sizeof list);
    for (int p = 0; p < PARTITIONS; p++) {
        rktp[p] = partition(&w, rkt, p, 1, text);
        NEED(rd_kafka_ProduceRequest(w.rkb, rktp[p], NO_PID, 0, 1, &list) == 1);
    }
    CHECK_INT(list.rl_cnt, PARTITIONS, "requests are kept");
    CHECK_INT(rd_kafka_buf_cmp_by_topic(list.rl_elems[0], list.rl_elems[1]), 0,
              "requests of one topic are equal");
    select_batches_to_include(w.rk, &list, 0, &next, &size);
    CHECK_INT(next, PARTITIONS / expected, "that many fit into a request");
    CHECK(size <= (size_t)limit, "with %zu bytes", size);

    CHECK_INT(rd_kafka_MultiBatchProduceRequest(w.rkb, NO_PID, &list), expected, "requests");
    CHECK_INT(list.rl_cnt, 0, "the list is empty");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, expected, "they are in the output queue");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_msg_cnt.val, 0, "their messages do not count there");
    for (rd_kafka_buf_t *rkbuf = w.rkb->rkb_outbufs.rkbq_bufs.tqh_first; rkbuf;
         rkbuf = rkbuf->rkbuf_link.tqe_next) {
        const rd_list_t *batches = &rkbuf->rkbuf_u.Produce.batch_list;
        CHECK(!rkbuf->rkbuf_u.Produce.batch.rktp, "a joint request has no batch of its own");
        for (int i = 0; i < batches->rl_cnt; i++, parts++) {
            const rd_kafka_msgbatch_t *batch = batches->rl_elems[i];
            order = order && batch->rktp == rktp[parts] && batch->msgq.rkmq_msg_cnt == 1 &&
                    buf_contains_toppar(rkbuf, rktp[parts]);
        }
        CHECK(rkbuf->rkbuf_totlen < (size_t)limit, "it is smaller than the limit");
    }
    CHECK(parts == PARTITIONS && order, "each partition's batch is in one of them, in order");

    if (expected == 1) {
        rd_kafka_buf_t *answer = reply("t1", PARTITIONS, errors, 5);
        rd_kafka_handle_MultiBatchProduce(w.rk, w.rkb, 0, answer,
                                          w.rkb->rkb_outbufs.rkbq_bufs.tqh_first, NULL);
        rd_kafka_buf_destroy_final(answer);
        poll_until(w.rk, &w.reports, PARTITIONS, 2000);
        for (int i = 0; i < w.reports.count; i++) failed += !!w.reports.at[i].err;
        CHECK(w.reports.count == PARTITIONS && failed == 1,
              "one partition failed, the others did not: %d of %d", failed, w.reports.count);
    }
    for (int p = 0; p < PARTITIONS; p++) rd_kafka_harness_toppar_destroy(rktp[p]);
    rd_kafka_topic_destroy(rkt);
    end(&w);
    free(list.rl_elems);
}

int main(void) {
    const int16_t errors[PARTITIONS] = {0, 0, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 0, 0, 0};
    joined(100000, 1, errors);
    joined(2000, 2, errors);
    return finish("multibatch");
}
