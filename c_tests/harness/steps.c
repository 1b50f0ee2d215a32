/* The formerly static steps, one by one: finding batches, parsing answers, what idempotence makes
 * of results, the header and the time limit of joint requests, compression. */
#include "harness.h"

static void answers(void) {
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[3];
    rd_kafka_buf_t *joint, *single, *answer;
    rd_kafka_Produce_result_t *results[3];
    rd_kafkap_str_t t1 = {2, "t1"}, t2 = {2, "t2"};
    const int16_t errors[] = {0, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 0};
    unsigned char bytes[256];
    size_t len;

    begin(&w, conf_with("client.id", "rdkafka", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    memset(&list, 0, sizeof list);
    joint = rd_kafka_harness_request_new(w.rkb, 7);
    for (int p = 0; p < 3; p++) {
        rktp[p] = partition(&w, rkt, p, 1, "x");
        NEED(rd_kafka_ProduceRequest(w.rkb, rktp[p], NO_PID, 0, 1, &list) == 1);
        results[p] = rd_kafka_Produce_result_new(-1001, -1);
    }
    single = list.rl_elems[0];
    len = bytes_of(joint, bytes, sizeof bytes);
    rd_kafka_fill_MultiBatch_header(w.rkb, single, joint);
    CHECK_INT(bytes_of(joint, bytes, sizeof bytes), len + 8, "id, acks and timeout are written");
    CHECK(bytes[len] == 0xff && bytes[len + 1] == 0xff, "no transactional id");
    CHECK_INT((int16_t)(bytes[len + 2] << 8 | bytes[len + 3]), -1, "acks");
    CHECK_INT(be32(bytes + len + 4), 30000, "timeout");
    for (int p = 0; p < 3; p++) rd_kafka_copy_batch_buf(list.rl_elems[p], joint);
    CHECK_INT(joint->rkbuf_u.Produce.batch_list.rl_cnt, 3, "three batches moved");
    CHECK_INT(rd_kafka_find_msgbatch(&joint->rkbuf_u.Produce.batch_list, &t1, 2), 2, "the third");
    CHECK_INT(rd_kafka_find_msgbatch(&joint->rkbuf_u.Produce.batch_list, &t1, 3), -1, "no such");
    CHECK_INT(rd_kafka_find_msgbatch(&joint->rkbuf_u.Produce.batch_list, &t2, 0), -1, "nor this");
    CHECK(get_first_msg_timeout(&joint->rkbuf_u.Produce.batch_list) > 290000 &&
              get_first_msg_timeout(&joint->rkbuf_u.Produce.batch_list) <= 300000,
          "the messages expire in five minutes");

    answer = reply("t1", 3, errors, 9);
    CHECK_ERR(rd_kafka_handle_Produce_parse(w.rkb, answer, joint, results, 1), 0, "parsed");
    for (int p = 0; p < 3; p++)
        CHECK(results[p]->errorcode == errors[p] && results[p]->offset == 9, "result %d", p);
    rd_kafka_buf_destroy_final(answer);
    answer = reply("t1", 2, errors, 9);
    CHECK_ERR(rd_kafka_handle_Produce_parse(w.rkb, answer, joint, results, 1),
              RD_KAFKA_RESP_ERR__BAD_MSG, "one partition is missing");
    rd_kafka_handle_MultiBatchProduce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, joint, NULL);
    rd_kafka_buf_destroy_final(answer);
    rd_kafka_buf_destroy_final(joint);
    for (int p = 0; p < 3; p++) {
        rd_kafka_buf_destroy_final(list.rl_elems[p]);
        rd_kafka_Produce_result_destroy(results[p]);
        rd_kafka_harness_toppar_destroy(rktp[p]);
    }
    free(list.rl_elems);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void sequences(void) {
    const rd_kafka_pid_t pid = {9, 0};
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_buf_t *rkbuf;
    rd_kafka_msgbatch_t *batch;
    struct rd_kafka_Produce_err perr;

    begin(&w, conf_with("enable.idempotence", "true", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 2, "x");
    rktp->rktp_eos.pid = pid;
    rktp->rktp_eos.epoch_base_msgid = 1;
    memset(&list, 0, sizeof list);
    NEED(rd_kafka_ProduceRequest(w.rkb, rktp, pid, 1, 1, &list) == 2);
    rkbuf = list.rl_elems[0];
    batch = &rkbuf->rkbuf_u.Produce.batch;
    CHECK(batch->first_seq == 0 && batch->first_msgid == 1, "the batch is numbered");

    memset(&perr, 0, sizeof perr);
    perr.err = RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER;
    rd_kafka_handle_idempotent_Produce_error(w.rkb, batch, &perr);
    CHECK_ERR(perr.err, 0, "a duplicate is a success");
    CHECK(perr.status == RD_KAFKA_MSG_STATUS_PERSISTED && perr.update_next_ack &&
              perr.update_next_err && !perr.actions,
          "and moves the sequence");
    memset(&perr, 0, sizeof perr);
    perr.err = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
    rd_kafka_handle_idempotent_Produce_error(w.rkb, batch, &perr);
    CHECK(perr.err == RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS && perr.incr_retry == 1 &&
              !perr.update_next_ack && perr.update_next_err,
          "other errors are the table's");
    CHECK_INT(batch->msgq.rkmq_msgs.tqh_first->rkm_u.producer.last_msgid, 2,
              "the batch's boundaries are pinned");

    rd_kafka_handle_idempotent_Produce_success(w.rkb, batch, 2);
    CHECK_INT(rktp->rktp_eos.next_ack_seq, 2, "a success moves what is acknowledged next");
    CHECK_INT(rktp->rktp_eos.acked_msgid, 2, "and the highest acknowledged message");
    rd_kafka_handle_Produce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, rkbuf, NULL);
    rd_kafka_buf_destroy_final(rkbuf);
    free(list.rl_elems);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void compression(void) {
    struct world w;
    rd_kafka_msgset_writer_t msetw;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_buf_t *rkbuf;
    char text[501];
    size_t before, after = 0;

    memset(text, 'a', 500);
    text[500] = 0;
    begin(&w, conf_with("compression.codec", "lz4", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 10, text);
    NEED(rd_kafka_msgset_writer_init(&msetw, w.rkb, rktp, &rktp->rktp_xmit_msgq, NO_PID, 0) == 10);
    CHECK_INT(msetw.msetw_compression, 3, "lz4 is wanted");
    NEED(rd_kafka_msgset_writer_write_msgq(&msetw, &rktp->rktp_xmit_msgq) == 1);
    before = msetw.msetw_messages_len;
    CHECK_INT(rd_kafka_msgset_writer_compress(&msetw, &after), 0, "it makes the records smaller");
    CHECK(after < before && after == msetw.msetw_messages_len && msetw.msetw_Attributes == 3,
          "from %zu to %zu bytes", before, after);
    rd_kafka_msgset_writer_finalize_MessageSet_v2_header(&msetw);
    CHECK_INT(rd_kafka_msgset_writer_compress(&msetw, &after), -1, "a second time does not");
    msetw.msetw_compression = 0;
    rkbuf = rd_kafka_msgset_writer_finalize(&msetw, NULL);
    NEED(rkbuf);
    rd_kafka_handle_Produce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, rkbuf, NULL);
    rd_kafka_buf_destroy_final(rkbuf);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    answers();
    sequences();
    compression();
    return finish("steps");
}
