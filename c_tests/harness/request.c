/* The request path: rd_kafka_ProduceRequest kept or sent, its structs, its answer, and what is
 * called back. */
#include "harness.h"

static void kept(void) {
    static unsigned char bytes[4096];
    struct world w;
    rd_list_t list;
    rd_kafka_buf_t *rkbuf, *answer;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp, *other;
    const rd_kafka_msgbatch_t *batch;
    const int16_t errors[] = {0};
    size_t len, start, end_pos;
    int good = 1;

    begin(&w, conf_with("client.id", "rdkafka", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 3, "hello");
    other = rd_kafka_harness_toppar_new(w.rkb, rkt, 1);
    memset(&list, 0, sizeof list);

    CHECK_INT(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 1, &list), 3, "messages");
    CHECK_INT(list.rl_cnt, 1, "the request is kept");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 0, "and not sent");
    CHECK_INT(rktp->rktp_xmit_msgq.rkmq_msg_cnt, 0, "the transmit queue is empty");
    CHECK_INT(rktp->rktp_msgs_inflight.val, 3, "three messages are in flight");
    rkbuf = list.rl_elems[0];
    CHECK_INT(rkbuf->rkbuf_reqhdr.ApiKey, 0, "Produce");
    CHECK_INT(rkbuf->rkbuf_reqhdr.ApiVersion, 7, "in the broker's version");
    CHECK_INT(rkbuf->rkbuf_u.Produce.batch_list.rl_cnt, 0, "it has a batch of its own");
    batch = &rkbuf->rkbuf_u.Produce.batch;
    CHECK(batch->rktp == rktp, "the batch is the partition's");
    CHECK_INT(batch->msgq.rkmq_msg_cnt, 3, "with its messages");
    CHECK_INT(batch->msgq.rkmq_msg_bytes, 3 * 6, "and their bytes");
    CHECK_INT(batch->pid.id, -1, "no producer id");
    CHECK_INT(batch->first_seq, -1, "no sequence number");
    for (const rd_kafka_msg_t *rkm = batch->msgq.rkmq_msgs.tqh_first; rkm;
         rkm = rkm->rkm_link.tqe_next)
        good = good && rkm->rkm_rkmessage.len == 5 && rkm->rkm_u.producer.msgid > 0;
    CHECK(good, "messages are numbered");

    len = bytes_of(rkbuf, bytes, sizeof bytes);
    start = rkbuf->rkbuf_u.Produce.batch_start_pos;
    end_pos = rkbuf->rkbuf_u.Produce.batch_end_pos;
    CHECK(start > 40 && start < end_pos && end_pos == len, "the batch's place in the bytes");
    CHECK_INT(be32(bytes + start), (int)(end_pos - start - 4), "it begins with its length");
    CHECK_INT(bytes[start + 4 + 16], 2, "a record batch");
    CHECK_INT(be32(bytes + start + 4 + 57), 3, "of three records");
    CHECK(buf_contains_toppar(rkbuf, rktp) && !buf_contains_toppar(rkbuf, other),
          "it has one partition's messages");

    answer = reply("t1", 1, errors, 42);
    rd_kafka_handle_Produce(w.rk, w.rkb, 0, answer, rkbuf, NULL);
    CHECK_INT(rktp->rktp_msgs_inflight.val, 0, "nothing is in flight any more");
    CHECK_INT(batch->msgq.rkmq_msg_cnt, 0, "the messages left the batch");
    poll_until(w.rk, &w.reports, 3, 2000);
    CHECK(w.reports.count == 3 && !w.reports.failed, "three are delivered");
    for (int i = 0; i < w.reports.count; i++)
        CHECK(w.reports.at[i].offset == 42 + i &&
                  w.reports.at[i].status == RD_KAFKA_MSG_STATUS_PERSISTED,
              "message %d at its offset", i);
    rd_kafka_buf_destroy_final(answer);
    rd_kafka_buf_destroy_final(rkbuf);
    free(list.rl_elems);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_harness_toppar_destroy(other);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void sent_and_called_back(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    const rd_kafka_buf_t *rkbuf;

    begin(&w, conf_with("retry.backoff.ms", "1", NULL), 10);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 2, "x");
    CHECK_INT(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 0, NULL), 2, "messages");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 1, "the request is in the output queue");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_msg_cnt.val, 2, "with its messages");
    rkbuf = w.rkb->rkb_outbufs.rkbq_bufs.tqh_first;
    CHECK(rkbuf && rkbuf->rkbuf_totlen == rkbuf->rkbuf_buf.rbuf_len, "it is complete");
    CHECK(rkbuf->rkbuf_ts_timeout > rkbuf->rkbuf_ts_enq, "it has a time limit");
    CHECK_INT(rd_kafka_broker_bufq_purge_by_toppar(w.rkb, &w.rkb->rkb_outbufs, 0, rktp,
                                                   RD_KAFKA_RESP_ERR__RETRY),
              1, "it is called back");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 0, "the output queue is empty");
    CHECK_INT(rktp->rktp_msgq.rkmq_msg_cnt, 2, "the messages are back");
    CHECK_INT(rktp->rktp_msgq.rkmq_msgs.tqh_first->rkm_u.producer.retries, 0,
              "and no attempt counts");
    CHECK_INT(rktp->rktp_msgs_inflight.val, 0, "nothing is in flight");
    CHECK_INT(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 0, NULL), 0,
              "an empty transmit queue makes no request");
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void blamed_records(void) {
    struct world w;
    rd_list_t list;
    rd_kafka_buf_t *rkbuf;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_Produce_result_record_error_t errors[2] = {{0, strdup("bad")}, {2, NULL}};
    rd_kafka_Produce_result_t *result = rd_kafka_Produce_result_new(7, -1), *copy;

    begin(&w, conf_with("retries", "0", NULL), 8);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 3, "x");
    memset(&list, 0, sizeof list);
    NEED(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 1, &list) == 3);
    rkbuf = list.rl_elems[0];
    CHECK(result->offset == 7 && result->timestamp == -1 && !result->errorcode,
          "a new result has no error");
    result->errorcode = RD_KAFKA_RESP_ERR_INVALID_RECORD;
    result->record_errors = malloc(sizeof errors);
    memcpy(result->record_errors, errors, sizeof errors);
    result->record_errors_cnt = 2;
    copy = rd_kafka_Produce_result_copy(result);
    rd_kafka_Produce_result_destroy(result);
    CHECK(copy->record_errors_cnt == 2 && !strcmp(copy->record_errors[0].errstr, "bad") &&
              !copy->record_errors[1].errstr && copy->errorcode == 87,
          "a copy has everything");
    rd_kafka_msgbatch_handle_Produce_result(w.rkb, &rkbuf->rkbuf_u.Produce.batch, copy->errorcode,
                                            copy, rkbuf);
    rd_kafka_Produce_result_destroy(copy);
    poll_until(w.rk, &w.reports, 3, 2000);
    CHECK_INT(w.reports.count, 3, "all are reported");
    if (w.reports.count == 3) {
        CHECK_ERR(w.reports.at[0].err, RD_KAFKA_RESP_ERR_INVALID_RECORD, "the first is blamed");
        CHECK_ERR(w.reports.at[1].err, RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD, "not this");
        CHECK_ERR(w.reports.at[2].err, RD_KAFKA_RESP_ERR_INVALID_RECORD, "the third is blamed");
    }
    rd_kafka_buf_destroy_final(rkbuf);
    free(list.rl_elems);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void wakeups(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_ts_t next = INT64_MAX;

    begin(&w, conf_with("linger.ms", "5", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 2, "x");
    mtx_lock(&rktp->rktp_lock);
    CHECK(!rd_kafka_msgq_allow_wakeup_at(&rktp->rktp_msgq, &rktp->rktp_xmit_msgq, &next, 1,
                                         1000000, 10, 1000),
          "two of ten messages make no batch yet");
    CHECK_INT(rktp->rktp_msgq.rkmq_wakeup.msg_cnt, 8, "eight more wake the thread");
    CHECK(next < INT64_MAX && !rktp->rktp_msgq.rkmq_wakeup.signalled, "or the linger time");
    CHECK(rd_kafka_msgq_allow_wakeup_at(&rktp->rktp_msgq, &rktp->rktp_xmit_msgq, &next, 1, 1000000,
                                        2, 1000),
          "two of two do");
    CHECK(rktp->rktp_msgq.rkmq_wakeup.signalled, "and nothing needs to wake it");
    mtx_unlock(&rktp->rktp_lock);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    kept();
    sent_and_called_back();
    blamed_records();
    wakeups();
    return finish("request");
}
