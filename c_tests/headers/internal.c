/* The internal structs by their tags and by their names, as C code of a producer walks them. */
#include <librdkafka/rdkafka_internal.h>

struct rd_kafka_s;
struct rd_kafka_buf_s;

size_t queued(rd_kafka_broker_t *rkb) {
    const struct rd_kafka_buf_s *rkbuf;
    size_t bytes = 0;

    for (rkbuf = rkb->rkb_outbufs.rkbq_bufs.tqh_first; rkbuf; rkbuf = rkbuf->rkbuf_link.tqe_next)
        bytes += rkbuf->rkbuf_buf.rbuf_len + (size_t)rkbuf->rkbuf_reqhdr.ApiVersion;
    return rkb->rkb_producer_engine == RD_KAFKA_PRODUCE_V2 ? 0 : bytes;
}

int64_t waiting(rd_kafka_toppar_t *rktp) {
    const rd_kafka_msg_t *rkm;
    int64_t sum = 0;

    mtx_lock(&rktp->rktp_lock);
    for (rkm = rktp->rktp_msgq.rkmq_msgs.tqh_first; rkm; rkm = rkm->rkm_link.tqe_next)
        sum += (int64_t)rkm->rkm_u.producer.msgid + rkm->rkm_rkmessage.offset;
    sum += rktp->rktp_eos.pid.epoch + rktp->rktp_c.tx_msgs.val;
    mtx_unlock(&rktp->rktp_lock);
    return sum;
}

int64_t collected(const rd_kafka_broker_t *rkb, const rd_kafka_toppar_t *rktp) {
    const struct rd_kafka_broker_producer_v2_s *state =
        (const rd_kafka_broker_producer_v2_t *)rkb->rkb_producer_engine_state;
    const rd_kafka_toppar_producer_v2_t *of_partition = rktp->rktp_producer_v2;

    if (!state || !of_partition || !of_partition->rktp_in_batch_collector)
        return 0;
    return state->rkbp_collector.rkbbcol_active_partition_cnt +
           state->rkbp_adaptive_params.linger_us + of_partition->rktp_xmit_msgq_bytes.val;
}

size_t batches(const rd_kafka_buf_t *rkbuf) {
    rd_kafka_produce_req_toppar_t slot;

    if (rkbuf->rkbuf_produce_engine != RD_KAFKA_PRODUCE_V2 ||
        !rd_kafka_produce_req_toppar_v2(rkbuf, 0, &slot) || slot.rkprt_next_seq < -1)
        return 0;
    return rkbuf->rkbuf_u.ProduceV2.slot_cnt;
}

int is_multibatch(const rd_kafka_buf_t *rkbuf) {
    return rkbuf->rkbuf_produce_engine == RD_KAFKA_PRODUCE_LEGACY &&
           rkbuf->rkbuf_u.Produce.batch_list.rl_cnt > 0;
}

void on_response(rd_kafka_t *rk, rd_kafka_broker_t *rkb, rd_kafka_resp_err_t err,
                 rd_kafka_buf_t *reply, rd_kafka_buf_t *request, void *opaque) {
    rd_kafka_resp_cb_t *again = request->rkbuf_cb;

    if (again && again != on_response)
        again(rk, rkb, err, reply, request, opaque);
}

const char *name(const rd_kafka_msgset_writer_t *msetw) {
    const struct rd_kafka_topic_s *rkt = msetw->msetw_rktp->rktp_rkt;

    return rkt->rkt_state == RD_KAFKA_TOPIC_S_EXISTS ? rkt->rkt_topic->str : rkt->rkt_magic;
}
