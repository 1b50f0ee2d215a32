/* The message set writer: as a whole and step by step, both with the same bytes; codecs, batches
 * that are full, and batches as structs. */
#include "harness.h"

static size_t whole(struct world *w, rd_kafka_toppar_t *rktp, rd_kafka_pid_t pid,
                    unsigned char *bytes, size_t room, rd_kafka_buf_t **rkbufp) {
    size_t set = 0, len;
    *rkbufp = rd_kafka_msgset_create_ProduceRequest(w->rkb, rktp, &rktp->rktp_xmit_msgq, pid, 1,
                                                    &set);
    NEED(*rkbufp);
    len = bytes_of(*rkbufp, bytes, room);
    CHECK_INT(be32(bytes + (*rkbufp)->rkbuf_u.Produce.batch_start_pos), (int)set,
              "the size of the message set");
    return len;
}

static void release(struct world *w, rd_kafka_buf_t *rkbuf) {
    rd_kafka_handle_Produce(w->rk, w->rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, rkbuf, NULL);
    rd_kafka_buf_destroy_final(rkbuf);
}

static void steps(void) {
    static unsigned char one[4096], two[4096];
    const rd_kafka_pid_t pid = {77, 3};
    struct world w;
    rd_kafka_msgset_writer_t msetw;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *a, *b;
    rd_kafka_buf_t *first, *second;
    size_t len, len2, set = 0, at;

    begin(&w, conf_with("client.id", "rdkafka", "enable.idempotence", "true", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    a = partition(&w, rkt, 0, 4, "hello");
    b = partition(&w, rkt, 0, 4, "hello");
    len = whole(&w, a, pid, one, sizeof one, &first);

    CHECK_INT(rd_kafka_msgset_writer_init(&msetw, w.rkb, b, &b->rktp_xmit_msgq, pid, 1), 4,
              "four messages may go into it");
    CHECK_INT(msetw.msetw_ApiVersion, 7, "version");
    CHECK_INT(msetw.msetw_MsgVersion, 2, "message format");
    CHECK(msetw.msetw_rkbuf && msetw.msetw_of_MessageSetSize < msetw.msetw_of_start &&
              msetw.msetw_firstmsg.of == msetw.msetw_of_start + 61,
          "places in the request");
    CHECK_INT(rd_kafka_msgset_writer_write_msgq(&msetw, &b->rktp_xmit_msgq), 1, "written");
    CHECK_INT(msetw.msetw_messages_kvlen, 4 * 6, "bytes of keys and values");
    CHECK(msetw.msetw_MaxTimestamp >= msetw.msetw_firstmsg.timestamp, "highest timestamp");
    second = rd_kafka_msgset_writer_finalize(&msetw, &set);
    NEED(second);
    CHECK(!msetw.msetw_rkbuf, "the request left the writer");
    len2 = bytes_of(second, two, sizeof two);
    CHECK_INT(len, len2, "steps make a request of the same size");
    at = first->rkbuf_u.Produce.batch_start_pos + 4;
    CHECK_INT(be32(one + at + 43 + 4), 77, "producer id");
    CHECK_INT(one[at + 52], 3, "its epoch");
    CHECK_INT(be32(one + at + 53), 0, "first sequence number");
    CHECK_INT(first->rkbuf_u.Produce.batch.first_seq, 0, "also in the batch");
    CHECK_INT(first->rkbuf_u.Produce.batch.first_msgid, 1, "first message id");
    /* Times and what depends on them differ. */
    CHECK(!memcmp(one + at, two + at, 17) && !memcmp(one + at + 43, two + at + 43, 18),
          "and the same headers");
    release(&w, first);
    release(&w, second);
    CHECK_INT(rd_kafka_msgset_writer_init(&msetw, w.rkb, b, &b->rktp_xmit_msgq, pid, 1), 0,
              "an empty queue begins nothing");
    rd_kafka_harness_toppar_destroy(a);
    rd_kafka_harness_toppar_destroy(b);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void codec(const char *name, int bits, int16_t produce_max) {
    static unsigned char bytes[65536];
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_buf_t *rkbuf;
    char text[1001];
    size_t at;

    memset(text, 'a', 1000);
    text[1000] = 0;
    begin(&w, conf_with("compression.codec", name, NULL), produce_max);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 20, text);
    whole(&w, rktp, NO_PID, bytes, sizeof bytes, &rkbuf);
    at = rkbuf->rkbuf_u.Produce.batch_start_pos + 4;
    if (produce_max >= 3)
        CHECK(bytes[at + 22] == bits && bytes[at + 16] == 2, "%s: attributes of the batch", name);
    else
        CHECK(bytes[at + 17] == bits && bytes[at + 16] == produce_max / 2,
              "%s: attributes of the wrapper in format %d", name, bytes[at + 16]);
    release(&w, rkbuf);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

/* The example of the historical arithmetic: seven messages of 100 bytes fill 1000 bytes. */
static void full(void) {
    static unsigned char bytes[4096];
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_buf_t *rkbuf;
    char text[100];

    memset(text, 'a', 99);
    text[99] = 0;
    begin(&w, conf_with("client.id", "rdkafka", "batch.size", "1000", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 10, text);
    whole(&w, rktp, NO_PID, bytes, sizeof bytes, &rkbuf);
    CHECK_INT(rkbuf->rkbuf_u.Produce.batch.msgq.rkmq_msg_cnt, 7, "messages fill the batch");
    CHECK_INT(rktp->rktp_xmit_msgq.rkmq_msg_cnt, 3, "the others wait");
    release(&w, rkbuf);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void batches(void) {
    const rd_kafka_pid_t pid = {5, 1};
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_msgbatch_t batch;

    begin(&w, conf_with("linger.ms", "0", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 1, "x");
    rd_kafka_msgbatch_init(&batch, rktp, pid, 1);
    CHECK(batch.rktp == rktp && batch.first_seq == -1 && batch.pid.id == 5 &&
              batch.epoch_base_msgid == 1 && !batch.msgq.rkmq_msg_cnt,
          "a new batch");
    rd_kafka_msgbatch_set_first_msg(&batch, rktp->rktp_xmit_msgq.rkmq_msgs.tqh_first);
    CHECK(batch.first_msgid == 1 && batch.first_seq == 0 && !batch.last_msgid,
          "numbered by its first message");
    rd_kafka_msgbatch_ready_produce(&batch);
    CHECK_INT(rktp->rktp_msgs_inflight.val, 0, "an empty batch has nothing in flight");
    rd_kafka_msgbatch_destroy(&batch);
    CHECK(!batch.rktp, "it let the partition go");
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    steps();
    codec("gzip", 1, 7);
    codec("snappy", 2, 7);
    codec("lz4", 3, 7);
    codec("zstd", 4, 7);
    codec("gzip", 1, 2);
    codec("lz4", 3, 1);
    full();
    batches();
    return finish("writer");
}
