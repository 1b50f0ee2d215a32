/* The parts of the steps: a message set from its buffer to its records, codecs on a range of bytes,
 * a joint request put together by hand, what is done about an error, tags of an answer, and the
 * turn for one partition, for all, and turn after turn. */
#include <sys/uio.h>

#include "harness.h"

static rd_slice_t range(const rd_kafka_buf_t *rkbuf, size_t start, size_t end) {
    const rd_segment_t *seg = rkbuf->rkbuf_buf.rbuf_segments.tqh_first;
    while (seg && start >= seg->seg_absof + seg->seg_of) seg = seg->seg_link.tqe_next;
    NEED(seg);
    return (rd_slice_t){&rkbuf->rkbuf_buf, seg, start - seg->seg_absof, start, end};
}

static void release(struct world *w, rd_kafka_buf_t *rkbuf) {
    rd_kafka_handle_Produce(w->rk, w->rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, rkbuf, NULL);
    rd_kafka_buf_destroy_final(rkbuf);
}

static rd_kafka_msg_t *first_of(const rd_kafka_msgq_t *msgq) { return msgq->rkmq_msgs.tqh_first; }

/* A set whose buffer, header and records are made one by one, beside one that is made at once. */
static void by_hand(int16_t produce_max, int version) {
    static unsigned char one[4096], two[4096];
    const rd_kafka_pid_t pid = {77, 3};
    struct world w;
    rd_kafka_msgset_writer_t whole, msetw;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *a, *b;
    rd_kafka_buf_t *first, *second;
    rd_kafka_msg_t *rkm;
    size_t len, set = 0, before, written = 0;

    begin(&w, conf_with("client.id", "rdkafka", "enable.idempotence", version == 2 ? "true" : "false",
                        NULL),
          produce_max);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    a = partition(&w, rkt, 0, 3, "hello");
    b = partition(&w, rkt, 0, 3, "hello");
    NEED(rd_kafka_msgset_writer_init(&whole, w.rkb, a, &a->rktp_xmit_msgq, pid, 1) == 3);
    len = bytes_of(whole.msetw_rkbuf, one, sizeof one);

    memset(&msetw, 0, sizeof msetw);
    msetw.msetw_ApiVersion = whole.msetw_ApiVersion;
    msetw.msetw_MsgVersion = version;
    msetw.msetw_msgcntmax = 3;
    msetw.msetw_relative_offsets = whole.msetw_relative_offsets;
    msetw.msetw_pid = pid;
    msetw.msetw_rkb = w.rkb;
    msetw.msetw_rktp = b;
    msetw.msetw_msgq = &b->rktp_xmit_msgq;
    rd_kafka_msgset_writer_alloc_buf(&msetw);
    NEED(msetw.msetw_rkbuf);
    CHECK(!msetw.msetw_rkbuf->rkbuf_buf.rbuf_len && msetw.msetw_batch ==
              &msetw.msetw_rkbuf->rkbuf_u.Produce.batch && !msetw.msetw_batch->rktp,
          "format %d: an empty buffer, and no batch yet", version);
    rd_kafka_msgset_writer_write_Produce_header(&msetw);
    CHECK_INT(bytes_of(msetw.msetw_rkbuf, two, sizeof two), len, "a header as long");
    CHECK(!memcmp(one, two, whole.msetw_of_start), "and the same up to the message set");
    CHECK(msetw.msetw_of_start == whole.msetw_of_start &&
              msetw.msetw_of_MessageSetSize == whole.msetw_of_MessageSetSize &&
              msetw.msetw_firstmsg.of == whole.msetw_firstmsg.of,
          "with the same places");
    rd_kafka_msgbatch_init(msetw.msetw_batch, b, pid, 1);
    rd_kafka_msgbatch_set_first_msg(msetw.msetw_batch, first_of(&b->rktp_xmit_msgq));
    for (int i = 0; i < 3; i++) {
        /* It moves from the queue into the batch, and then its record is written. */
        rkm = first_of(&b->rktp_xmit_msgq);
        b->rktp_xmit_msgq.rkmq_msgs.tqh_first = rkm->rkm_link.tqe_next;
        if (rkm->rkm_link.tqe_next)
            rkm->rkm_link.tqe_next->rkm_link.tqe_prev = &b->rktp_xmit_msgq.rkmq_msgs.tqh_first;
        else
            b->rktp_xmit_msgq.rkmq_msgs.tqh_last = &b->rktp_xmit_msgq.rkmq_msgs.tqh_first;
        b->rktp_xmit_msgq.rkmq_msg_cnt--;
        b->rktp_xmit_msgq.rkmq_msg_bytes -= 6;
        rkm->rkm_link.tqe_next = NULL;
        rkm->rkm_link.tqe_prev = msetw.msetw_batch->msgq.rkmq_msgs.tqh_last;
        *msetw.msetw_batch->msgq.rkmq_msgs.tqh_last = rkm;
        msetw.msetw_batch->msgq.rkmq_msgs.tqh_last = &rkm->rkm_link.tqe_next;
        msetw.msetw_batch->msgq.rkmq_msg_cnt++;
        msetw.msetw_batch->msgq.rkmq_msg_bytes += 6;
        before = msetw.msetw_rkbuf->rkbuf_buf.rbuf_len;
        written += rd_kafka_msgset_writer_write_msg(&msetw, rkm, i, 0, NULL);
        CHECK(msetw.msetw_rkbuf->rkbuf_buf.rbuf_len == len + written,
              "format %d: the record of message %d from %zu on", version, i, before);
    }
    CHECK(msetw.msetw_messages_len == written && msetw.msetw_messages_kvlen == 18,
          "the bytes are counted");
    NEED(rd_kafka_msgset_writer_write_msgq(&whole, &a->rktp_xmit_msgq) == 1);
    CHECK_INT(written, whole.msetw_messages_len, "as many as of records that are made at once");
    first = rd_kafka_msgset_writer_finalize(&whole, &set);
    second = rd_kafka_msgset_writer_finalize(&msetw, &before);
    NEED(first && second);
    CHECK_INT(before, set, "finished to the same size");
    len = bytes_of(first, one, sizeof one);
    CHECK_INT(bytes_of(second, two, sizeof two), len, "in the same request");
    CHECK_INT(b->rktp_msgs_inflight.val, 3, "its messages are in flight");
    release(&w, first);
    release(&w, second);
    rd_kafka_harness_toppar_destroy(a);
    rd_kafka_harness_toppar_destroy(b);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void codecs(void) {
    static const unsigned char magics[][4] = {
        {0x1f, 0x8b, 8, 0}, {0}, {0x04, 0x22, 0x4d, 0x18}, {0x28, 0xb5, 0x2f, 0xfd}};
    int (*const all[])(rd_kafka_msgset_writer_t *, rd_slice_t *, void *) = {
        rd_kafka_msgset_writer_compress_gzip, rd_kafka_msgset_writer_compress_snappy,
        rd_kafka_msgset_writer_compress_lz4, rd_kafka_msgset_writer_compress_zstd};
    struct world w;
    rd_kafka_msgset_writer_t msetw;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_buf_t *rkbuf;
    char text[501];

    memset(text, 'a', 500);
    text[500] = 0;
    begin(&w, conf_with(NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 10, text);
    NEED(rd_kafka_msgset_writer_init(&msetw, w.rkb, rktp, &rktp->rktp_xmit_msgq, NO_PID, 0) == 10);
    NEED(rd_kafka_msgset_writer_write_msgq(&msetw, &rktp->rktp_xmit_msgq) == 1);
    for (int i = 0; i < 4; i++) {
        size_t from = msetw.msetw_firstmsg.of, to = from + msetw.msetw_messages_len;
        rd_slice_t slice = range(msetw.msetw_rkbuf, from, to);
        struct iovec iov = {NULL, 0};
        CHECK(!all[i](&msetw, &slice, &iov), "codec %d", i + 1);
        CHECK(iov.iov_base && iov.iov_len && iov.iov_len < 1000, "makes %zu bytes of %zu",
              iov.iov_len, to - from);
        if (i == 1)
            /* Snappy begins with the length, seven bits a byte. */
            CHECK(((unsigned char *)iov.iov_base)[0] == (((to - from) & 0x7f) | 0x80),
                  "of its format");
        else
            CHECK(!memcmp(iov.iov_base, magics[i], 4), "of its format");
        CHECK(slice.seg->seg_absof + slice.rof == to, "the range is read to its end");
        free(iov.iov_base);
        CHECK_INT(msetw.msetw_rkbuf->rkbuf_buf.rbuf_len, to, "the set stays as it is");
    }
    rkbuf = rd_kafka_msgset_writer_finalize(&msetw, NULL);
    NEED(rkbuf);
    release(&w, rkbuf);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void joined_by_hand(int16_t version) {
    static unsigned char bytes[4096], parts[2][4096];
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[2];
    rd_kafka_buf_t *joint;
    size_t of_part_cnt, at, len, lens[2];

    begin(&w, conf_with("client.id", "rdkafka", NULL), version);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    memset(&list, 0, sizeof list);
    joint = rd_kafka_harness_request_new(w.rkb, version);
    for (int p = 0; p < 2; p++) {
        rktp[p] = partition(&w, rkt, 5 + p, 1, "x");
        NEED(rd_kafka_ProduceRequest(w.rkb, rktp[p], NO_PID, 0, 1, &list) == 1);
    }
    rd_kafka_fill_MultiBatch_header(w.rkb, list.rl_elems[0], joint);
    of_part_cnt = rd_kafka_harness_open_topic(joint, "t1", 2);
    at = joint->rkbuf_buf.rbuf_len;
    CHECK_INT(at - of_part_cnt, version >= 9 ? 1 : 4, "a place for the count");
    for (int p = 0; p < 2; p++) {
        rd_kafka_buf_t *rkbuf = list.rl_elems[p];
        size_t start = rkbuf->rkbuf_u.Produce.batch_start_pos;
        rd_slice_t number = range(rkbuf, start - 4, start);
        bytes_of(rkbuf, parts[p], sizeof parts[p]);
        lens[p] = rkbuf->rkbuf_u.Produce.batch_end_pos - start;
        memmove(parts[p], parts[p] + start - 4, lens[p] + 4);
        CHECK_INT(rd_slice_read_into_buf(&number, &joint->rkbuf_buf, 5), 0,
                  "more than there is: nothing");
        CHECK_INT(rd_slice_read_into_buf(&number, &joint->rkbuf_buf, 4), 4,
                  "the partition's number");
        CHECK_INT(rd_slice_read_into_buf(&number, &joint->rkbuf_buf, 1), 0, "and no more");
        rd_kafka_copy_batch_buf(rkbuf, joint);
    }
    len = joint->rkbuf_buf.rbuf_len;
    CHECK_INT(len - at, lens[0] + lens[1] + 8, "both parts are in it");
    finalize_topic_encoding(joint, list.rl_elems[1], of_part_cnt, 2);
    CHECK_INT(bytes_of(joint, bytes, sizeof bytes), len + (version >= 9),
              "tags end the topic, where there are some");
    CHECK(version >= 9 ? bytes[of_part_cnt] == 3 && !bytes[len] : be32(bytes + of_part_cnt) == 2,
          "two partitions are counted");
    CHECK(be32(bytes + at) == 5 && be32(bytes + at + lens[0] + 4) == 6, "partitions 5 and 6");
    CHECK(!memcmp(bytes + at, parts[0], lens[0] + 4) &&
              !memcmp(bytes + at + lens[0] + 4, parts[1], lens[1] + 4),
          "with their bytes");
    rd_kafka_handle_MultiBatchProduce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL, joint, NULL);
    rd_kafka_buf_destroy_final(joint);
    for (int p = 0; p < 2; p++) {
        rd_kafka_buf_destroy_final(list.rl_elems[p]);
        rd_kafka_harness_toppar_destroy(rktp[p]);
    }
    free(list.rl_elems);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

/* The broker's own words for each message, and the codes that follow from them. */
static void record_errors(void) {
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_buf_t *rkbuf;
    rd_kafka_msg_t *rkm;
    rd_kafka_Produce_result_t *result = rd_kafka_Produce_result_new(0, -1);

    begin(&w, conf_with(NULL), 8);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 3, "x");
    memset(&list, 0, sizeof list);
    NEED(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 1, &list) == 3);
    rkbuf = list.rl_elems[0];
    result->record_errors_cnt = 2;
    result->record_errors = calloc(2, sizeof *result->record_errors);
    result->record_errors[0] = (rd_kafka_Produce_result_record_error_t){0, strdup("first")};
    result->record_errors[1] = (rd_kafka_Produce_result_record_error_t){2, strdup("third")};
    rd_kafka_msgbatch_handle_Produce_result_record_errors(result, &rkbuf->rkbuf_u.Produce.batch);
    rd_kafka_Produce_result_destroy(result);
    rkm = first_of(&rkbuf->rkbuf_u.Produce.batch.msgq);
    CHECK_ERR(rkm->rkm_rkmessage.err, RD_KAFKA_RESP_ERR_INVALID_RECORD, "the first is blamed");
    CHECK_STR(rkm->rkm_u.producer.errstr, "first", "in the broker's words");
    rkm = rkm->rkm_link.tqe_next;
    CHECK_ERR(rkm->rkm_rkmessage.err, RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD,
              "the second was in bad company");
    CHECK(strstr(rkm->rkm_u.producer.errstr, "one more more invalid"), "as history put it");
    rkm = rkm->rkm_link.tqe_next;
    CHECK_STR(rkm->rkm_u.producer.errstr, "third", "the third is blamed too");
    release(&w, rkbuf);
    free(list.rl_elems);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void an_error(rd_kafka_resp_err_t err, int again) {
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_buf_t *rkbuf;
    rd_kafka_msgbatch_t *batch;
    struct rd_kafka_Produce_err perr;

    begin(&w, conf_with("retry.backoff.ms", "1", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 2, "x");
    memset(&list, 0, sizeof list);
    NEED(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 1, &list) == 2);
    rkbuf = list.rl_elems[0];
    batch = &rkbuf->rkbuf_u.Produce.batch;
    memset(&perr, 0, sizeof perr);
    perr.err = err;
    CHECK_INT(rd_kafka_handle_Produce_error(w.rkb, rkbuf, batch, &perr), !again,
              "something is left, or not");
    CHECK_INT(batch->msgq.rkmq_msg_cnt, again ? 0 : 2, "messages in the batch");
    CHECK_INT(rktp->rktp_msgq.rkmq_msg_cnt, again ? 2 : 0, "messages that are sent again");
    CHECK_INT(perr.status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "status");
    CHECK_ERR(rktp->rktp_last_err.err, err, "the partition remembers it");
    CHECK_INT(rktp->rktp_last_err.actions, perr.actions, "and what was done");
    CHECK_INT(rktp->rktp_msgs_inflight.val, 2, "they land with the result");
    if (err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        CHECK_INT(((struct rd_kafka_topic_s *)rkt)->rkt_state, RD_KAFKA_TOPIC_S_ERROR,
                  "the topic is in error");
        CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "y", 1, NULL, 0, NULL), -1,
                  "and takes nothing more");
    }
    release(&w, rkbuf);
    free(list.rl_elems);
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void new_leader(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    struct rd_kafka_topic_s *topic;
    const struct rd_kafka_metadata *metadata;
    rd_kafkap_Produce_reply_tags_t response, *partitions = calloc(2, sizeof *partitions);
    int32_t leader = -1;
    int count = 0;

    begin(&w, conf_with("test.mock.num.brokers", "2", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    NEED(!rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(w.rk), "t1", 1, 1));
    NEED(!rd_kafka_metadata(w.rk, 0, rkt, &metadata, 10000));
    rd_kafka_metadata_destroy(metadata);
    topic = (struct rd_kafka_topic_s *)rkt;
    for (int64_t end = now_ms() + 10000; now_ms() < end && !count; sleep_ms(5)) {
        pthread_rwlock_rdlock((pthread_rwlock_t *)&topic->rkt_lock);
        count = topic->rkt_partition_cnt;
        pthread_rwlock_unlock((pthread_rwlock_t *)&topic->rkt_lock);
    }
    NEED(count == 1);

    memset(&response, 0, sizeof response);
    response.NodeEndpoints.NodeEndpointCnt = 1;
    response.NodeEndpoints.NodeEndpoints = calloc(1, sizeof *response.NodeEndpoints.NodeEndpoints);
    response.NodeEndpoints.NodeEndpoints[0].NodeId = 77;
    response.NodeEndpoints.NodeEndpoints[0].Host = (rd_kafkap_str_t){9, strdup("127.0.0.1")};
    response.NodeEndpoints.NodeEndpoints[0].Port = 9;
    partitions[1].leader_change_cnt = 1;
    partitions[1].Topic.TopicName = strdup("t1");
    partitions[1].Topic.Partition.CurrentLeader.LeaderId = 77;
    partitions[1].Topic.Partition.CurrentLeader.LeaderEpoch = 1000;
    for (int i = 0; i < 2; i++)
        rd_kafka_handle_Produce_metadata_update(w.rkb, &response, &partitions[i]);
    /* The main thread believes it: newer than what it knows. */
    for (int64_t end = now_ms() + 10000; leader != 77 && now_ms() < end; sleep_ms(5)) {
        mtx_lock(&topic->rkt_p[0]->rktp_lock);
        leader = topic->rkt_p[0]->rktp_leader_id;
        mtx_unlock(&topic->rkt_p[0]->rktp_lock);
    }
    CHECK_INT(leader, 77, "the partition's new leader");
    CHECK_INT(topic->rkt_p[0]->rktp_leader_epoch, 1000, "and its epoch");
    produce_reply_tags_cleaup(&response, partitions, 2);
    CHECK(!response.NodeEndpoints.NodeEndpointCnt && !response.NodeEndpoints.NodeEndpoints,
          "the tags are freed");
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void put(rd_kafka_topic_t *rkt, rd_kafka_toppar_t *rktp, int count) {
    for (int i = 0; i < count; i++) {
        rd_kafka_msg_t *rkm = rd_kafka_harness_msg_new(rkt, "x", 1, NULL, 0);
        NEED(rkm);
        rd_kafka_toppar_enq_msg(rktp, rkm, rkm->rkm_u.producer.ts_enq);
    }
}

static void one_partition(void) {
    struct world w;
    rd_list_t list;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[2], *stranger;
    rd_ts_t now, next = INT64_MAX;

    begin(&w, conf_with("linger.ms", "100", "batch.num.messages", "4", "message.timeout.ms", "1000",
                        NULL),
          7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    memset(&list, 0, sizeof list);
    for (int p = 0; p < 2; p++) {
        rktp[p] = rd_kafka_harness_toppar_new(w.rkb, rkt, p);
        rd_kafka_harness_join(w.rkb, rktp[p]);
        put(rkt, rktp[p], 3);
    }
    stranger = rd_kafka_harness_toppar_new(w.rkb, rkt, 2);
    now = first_of(&rktp[1]->rktp_msgq)->rkm_u.producer.ts_enq;
#define SERVE(P, NOW, SCAN, SEND, KEEP)                                                          \
    rd_kafka_toppar_producer_serve(w.rkb, P, NO_PID, NOW, &next, SCAN, SEND, 0, KEEP, &list)
    CHECK_INT(SERVE(stranger, now, 0, 1, 0), 0, "another broker's partition is left alone");
    CHECK_INT(SERVE(rktp[0], now, 0, 1, 0), 0, "nothing before the linger time");
    CHECK(next > now - 100000 && next <= now + 100000, "which is when to look again");
    CHECK(rktp[0]->rktp_xmit_msgq.rkmq_msg_cnt == 3 && rktp[1]->rktp_msgq.rkmq_msg_cnt == 3,
          "one partition's messages are taken, the other's are not");
    put(rkt, rktp[0], 2);
    CHECK_INT(SERVE(rktp[0], now + 1, 0, 0, 0), 0, "a full batch that may not be sent waits");
    CHECK_INT(SERVE(rktp[0], now + 1, 0, 1, 0), 4, "or is a request");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 1, "in the output queue");
    CHECK_INT(SERVE(rktp[1], now + 200000, 0, 1, 0), 0, "which has room for one");
    rd_kafka_handle_Produce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL,
                            w.rkb->rkb_outbufs.rkbq_bufs.tqh_first, NULL);
    rd_kafka_harness_forget(w.rkb);
    CHECK_INT(SERVE(rktp[1], now + 200000, 0, 1, 1), 3, "a request that is kept");
    CHECK(list.rl_cnt == 1 && !w.rkb->rkb_outbufs.rkbq_cnt.val, "is in the list only");
    release(&w, list.rl_elems[0]);
    list.rl_cnt = 0;
    CHECK_INT(SERVE(rktp[0], now + 5000000, 1, 0, 0), 0, "what is left expires");
    poll_until(w.rk, &w.reports, 8, 2000);
    CHECK(w.reports.count == 8 && w.reports.at[7].err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
          "and is reported when it is looked for");
#undef SERVE
    for (int p = 0; p < 2; p++) rd_kafka_harness_toppar_destroy(rktp[p]);
    rd_kafka_harness_toppar_destroy(stranger);
    free(list.rl_elems);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

static void all_partitions(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[3];
    rd_ts_t now, next = INT64_MAX;

    begin(&w, conf_with("linger.ms", "100", "queue.buffering.backpressure.threshold", "10",
                        "message.timeout.ms", "1000", NULL),
          7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    for (int p = 0; p < 3; p++) {
        rktp[p] = rd_kafka_harness_toppar_new(w.rkb, rkt, p);
        rd_kafka_harness_join(w.rkb, rktp[p]);
        put(rkt, rktp[p], 2);
    }
    now = first_of(&rktp[2]->rktp_msgq)->rkm_u.producer.ts_enq;
    CHECK_INT(rd_kafka_broker_produce_toppars(w.rkb, now, &next, 0), 0, "lingering");
    CHECK(next <= now + 100000, "until then");
    CHECK_INT(rd_kafka_broker_produce_toppars(w.rkb, now + 100000, &next, 0), 6,
              "six messages of three partitions");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 3, "in three requests");
    put(rkt, rktp[0], 1);
    w.rkb->rkb_state = RD_KAFKA_BROKER_STATE_DOWN;
    CHECK_INT(rd_kafka_broker_produce_toppars(w.rkb, now + 5000000, &next, 1), 0,
              "nothing is sent while the broker is down");
    poll_until(w.rk, &w.reports, 1, 2000);
    CHECK(w.reports.count == 1 && w.reports.at[0].err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
          "but messages expire");
    w.rkb->rkb_state = RD_KAFKA_BROKER_STATE_UP;
    for (int p = 0; p < 3; p++) {
        rd_kafka_handle_Produce(w.rk, w.rkb, RD_KAFKA_RESP_ERR__DESTROY, NULL,
                                w.rkb->rkb_outbufs.rkbq_bufs.tqh_first, NULL);
        rd_kafka_harness_forget(w.rkb);
    }

    /* The thread's loop: it comes back when the time is over, and served what was due before. */
    put(rkt, rktp[1], 2);
    now = first_of(&rktp[1]->rktp_msgq)->rkm_u.producer.ts_enq;
    rd_kafka_broker_producer_serve(w.rkb, now + 150000);
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 1, "turn after turn: a request was made");
    CHECK(buf_contains_toppar(w.rkb->rkb_outbufs.rkbq_bufs.tqh_first, rktp[1]), "of it");
    CHECK(w.rkb->rkb_c.wakeups.val > 0, "and the thread slept");
    for (int p = 0; p < 3; p++) rd_kafka_harness_toppar_destroy(rktp[p]);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    by_hand(7, 2);
    by_hand(2, 1);
    by_hand(0, 0);
    codecs();
    joined_by_hand(7);
    joined_by_hand(10);
    an_error(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 1);
    an_error(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 0);
    an_error(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 0);
    record_errors();
    new_leader();
    one_partition();
    all_partitions();
    return finish("parts");
}
