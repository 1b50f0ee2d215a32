/* Engine `v2` step by step: what it collects, how long a request is, what is in it, what its answer
 * does, how it adapts; and what C code sees of its state. */
#include "harness.h"

#define PARTITIONS 4

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void begin_v2(struct world *w, rd_kafka_conf_t *conf) {
    memset(w, 0, sizeof *w);
    set(conf, "produce.engine", "v2");
    set(conf, "client.id", "rdkafka");
    w->rk = start_collecting(conf, &w->reports);
    NEED(!rd_kafka_harness_broker_new(w->rk, 1, 7)); /* that is for the other engine */
    w->rkb = rd_kafka_harness_broker_new_v2(w->rk, 1, 7);
    NEED(w->rkb && w->rkb->rkb_producer_engine == RD_KAFKA_PRODUCE_V2);
}

static void end_v2(struct world *w) {
    rd_kafka_harness_broker_destroy_v2(w->rkb);
    rd_kafka_destroy(w->rk);
    forget(&w->reports);
}

static const rd_kafka_broker_producer_v2_t *state_of(const rd_kafka_broker_t *rkb) {
    return rkb->rkb_producer_engine_state;
}

/* `count` messages on the queue of a partition; the engine does not know of them yet. */
static void fill(rd_kafka_topic_t *rkt, rd_kafka_toppar_t *rktp, int count, const char *value) {
    for (int i = 0; i < count; i++) {
        rd_kafka_msg_t *rkm = rd_kafka_harness_msg_new(rkt, value, strlen(value), "k", 1);
        NEED(rkm);
        rd_kafka_toppar_enq_msg(rktp, rkm, now_us());
    }
}

static rd_kafka_toppar_t *partition_v2(struct world *w, rd_kafka_topic_t *rkt, int32_t number,
                                       int count, const char *value) {
    rd_kafka_toppar_t *rktp = rd_kafka_harness_toppar_new_v2(w->rkb, rkt, number);
    NEED(rktp && rktp->rktp_producer_v2);
    fill(rkt, rktp, count, value);
    return rktp;
}

/* Partitions wait for a request, and go in one; its answer settles each for itself. */
static void collected(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp[PARTITIONS];
    rd_kafka_buf_t *rkbuf, *answer;
    rd_kafka_produce_req_toppar_t slot;
    const rd_kafka_buf_produce_v2_t *part;
    int16_t errors[PARTITIONS] = {0, 0, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 0};
    int64_t now = now_us();
    int failed = 0;

    begin_v2(&w, conf_with("linger.ms", "1000", "retries", "0", NULL));
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    for (int p = 0; p < PARTITIONS; p++) {
        rktp[p] = partition_v2(&w, rkt, p, 2 + p, "value");
        CHECK(rd_kafka_broker_batch_collector_add_v2(w.rkb, rktp[p], now), "it is collected");
        CHECK(rktp[p]->rktp_producer_v2->rktp_in_batch_collector, "and says so");
        CHECK_INT(rktp[p]->rktp_producer_v2->rktp_xmit_msgq_cnt.val, 2 + p, "with its messages");
        CHECK(rktp[p]->rktp_producer_v2->rktp_xmit_msgq_bytes.val > 0 &&
                  rktp[p]->rktp_producer_v2->rktp_ts_xmit_enq == now,
              "their bytes, and since when");
    }
    CHECK(rd_kafka_broker_batch_collector_next_wakeup_v2(w.rkb) > now &&
              rd_kafka_broker_batch_collector_next_wakeup_v2(w.rkb) <= now_us() + 1000000,
          "the oldest message waits no longer than the linger");
    CHECK_INT(rd_kafka_broker_batch_collector_maybe_send_v2(w.rkb, now, 0), 0, "nothing is due");
    CHECK_INT(rd_kafka_broker_batch_collector_send_v2(w.rkb, now), 0, "so nothing goes");
    rd_kafka_broker_batch_collector_del_v2(w.rkb, rktp[3]);
    CHECK(!rktp[3]->rktp_producer_v2->rktp_in_batch_collector, "one is taken out");
    CHECK_INT(rd_kafka_broker_batch_collector_maybe_send_v2(w.rkb, now, 1), 3,
              "a flush takes those that are collected");
    NEED(rd_kafka_broker_batch_collector_add_v2(w.rkb, rktp[3], now));
    CHECK_INT(rd_kafka_broker_batch_collector_send_v2(w.rkb, now), 2 + 3 + 4,
              "their messages go in a request");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 1, "one for all");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_msg_cnt.val, 9, "the queue counts its messages");
    CHECK(!rktp[0]->rktp_producer_v2->rktp_in_batch_collector &&
              !rktp[0]->rktp_producer_v2->rktp_xmit_msgq_cnt.val,
          "they wait no more");

    rkbuf = w.rkb->rkb_outbufs.rkbq_bufs.tqh_first;
    NEED(rkbuf && rkbuf->rkbuf_produce_engine == RD_KAFKA_PRODUCE_V2);
    part = &rkbuf->rkbuf_u.ProduceV2;
    CHECK(!part->batch.rktp && part->slot_cnt == 3 && part->slots, "it carries three batches");
    CHECK_INT(part->batch.msgq.rkmq_msg_cnt, 9, "and knows how many messages they have");
    for (size_t i = 0; i < part->slot_cnt; i++) {
        NEED(rd_kafka_produce_req_toppar_v2(rkbuf, i, &slot));
        CHECK(slot.rkprt_s_rktp == rktp[i] && slot.rkprt_msg_cnt == 2 + (int)i,
              "a batch of partition %d", (int)i);
        CHECK(slot.rkprt_pid.id == -1 && slot.rkprt_base_seq == -1 && slot.rkprt_next_seq == -1 &&
                  slot.rkprt_base_msgid == 1,
              "without sequence numbers");
        CHECK_INT(rktp[i]->rktp_msgs_inflight.val, 2 + (int)i, "its messages are in flight");
    }
    CHECK(!rd_kafka_produce_req_toppar_v2(rkbuf, 3, &slot), "there is no fourth one");

    answer = reply("t1", 3, errors, 5);
    rd_kafka_handle_Produce_v2(w.rk, w.rkb, 0, answer, rkbuf, NULL);
    rd_kafka_buf_destroy_final(answer);
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 0, "the request is gone");
    CHECK_INT(rktp[2]->rktp_msgs_inflight.val, 0, "nothing is in flight");
    poll_until(w.rk, &w.reports, 9, 10000);
    for (int i = 0; i < w.reports.count; i++) failed += !!w.reports.at[i].err;
    CHECK(w.reports.count == 9 && failed == 4, "one partition failed, the others did not: %d of %d",
          failed, w.reports.count);

    for (int p = 0; p < PARTITIONS; p++) rd_kafka_harness_toppar_destroy_v2(w.rkb, rktp[p]);
    rd_kafka_topic_destroy(rkt);
    end_v2(&w);
}

/* The length that the calculator tells is that of the request. */
static void calculated(void) {
    struct world w;
    rd_kafka_topic_t *rkt[2];
    rd_kafka_toppar_t *rktp[PARTITIONS];
    rd_kafka_produce_calculator_t *calculator;
    rd_kafka_produce_ctx_t *ctx;
    const rd_kafka_buf_t *rkbuf;
    unsigned char bytes[4096];
    size_t len, records = 0, empty;
    int64_t now = now_us();

    begin_v2(&w, conf_with("linger.ms", "1000", NULL));
    rkt[0] = rd_kafka_topic_new(w.rk, "t1", NULL);
    rkt[1] = rd_kafka_topic_new(w.rk, "another", NULL);
    ctx = rd_kafka_produce_ctx_init_v2(w.rkb, rkt[0]);
    NEED(ctx);
    for (int p = 0; p < PARTITIONS; p++) {
        rktp[p] = partition_v2(&w, rkt[p % 2], p, 1, "value");
        CHECK_INT(rd_kafka_produce_ctx_append_toppar_v2(ctx, rktp[p], now), 1, "a batch of one");
        CHECK_INT(rd_kafka_produce_ctx_append_toppar_v2(ctx, rktp[p], now), 0, "and no other one");
    }
    CHECK_INT(rd_kafka_produce_ctx_finalize_v2(ctx, now), PARTITIONS, "the request is queued");
    rkbuf = w.rkb->rkb_outbufs.rkbq_bufs.tqh_first;
    NEED(rkbuf);
    len = bytes_of(rkbuf, bytes, sizeof bytes);
    CHECK_INT(be32(bytes), (int)len - 4, "it tells its size");

    /* A batch of one: 61 bytes of header, and a record of 6 fields, key and value. */
    records = 61 + 1 + 6 + 1 + 5;
    calculator = rd_kafka_produce_calculator_init_v2(7, "rdkafka", len, 0);
    NEED(calculator);
    empty = rd_kafka_produce_calculator_size_v2(calculator);
    for (int p = 0; p < PARTITIONS; p++)
        CHECK(rd_kafka_produce_calculator_add_v2(calculator, rkt[p % 2], records), "it fits");
    CHECK_INT(rd_kafka_produce_calculator_size_v2(calculator), len, "the size is exact");
    CHECK(!rd_kafka_produce_calculator_add_v2(calculator, rkt[0], 1), "the request is full");
    CHECK_INT(rd_kafka_produce_calculator_size_v2(calculator), len, "what is refused costs nothing");
    rd_kafka_produce_calculator_destroy_v2(calculator);
    calculator = rd_kafka_produce_calculator_init_v2(7, "rdkafka", 1000, 1);
    CHECK(rd_kafka_produce_calculator_add_v2(calculator, rkt[0], 5000) &&
              rd_kafka_produce_calculator_size_v2(calculator) > empty + 5000,
          "the first always fits");
    CHECK(!rd_kafka_produce_calculator_add_v2(calculator, rkt[0], 1), "one partition is the most");
    rd_kafka_produce_calculator_destroy_v2(calculator);
    CHECK(!rd_kafka_produce_calculator_init_v2(11, "rdkafka", 1000, 1), "no such version");
    CHECK_INT(rd_kafka_produce_ctx_finalize_v2(rd_kafka_produce_ctx_init_v2(w.rkb, rkt[0]), now), 0,
              "an empty request is none");

    for (int p = 0; p < PARTITIONS; p++) rd_kafka_harness_toppar_destroy_v2(w.rkb, rktp[p]);
    for (int i = 0; i < 2; i++) rd_kafka_topic_destroy(rkt[i]);
    end_v2(&w);
    CHECK_INT(w.reports.count, 0, "reports were let go");
}

/* A turn of the thread does all of it, and its state is where C code looks for it. */
static void turn(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    const rd_kafka_broker_producer_v2_t *state;
    int64_t now = now_us();

    begin_v2(&w, conf_with("linger.ms", "1000", NULL));
    state = state_of(w.rkb);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition_v2(&w, rkt, 0, 3, "value");
    NEED(state);
    CHECK(rd_kafka_harness_serve_v2(w.rkb, now) <= now + 1000000, "it wants to be called again");
    CHECK_INT(state->rkbp_collector.rkbbcol_active_partition_cnt, 1, "a partition waits");
    CHECK(state->rkbp_collector.rkbbcol_first_add_ts > 0 &&
              state->rkbp_collector.rkbbcol_first_add_ts <= now_us(),
          "since its first message was produced");
    CHECK(!state->rkbp_collector.rkbbcol_toppars.tqh_first, "the list is empty");
    CHECK_INT(state->rkbp_produce_pid.id, -1, "there is no producer id");
    CHECK_INT(state->rkbp_produce_pid.epoch, -1, "and no epoch");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 0, "nothing is sent before its time");
    rd_kafka_harness_serve_v2(w.rkb, now_us() + 2000000);
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_cnt.val, 1, "and then it is");
    CHECK_INT(state->rkbp_collector.rkbbcol_active_partition_cnt, 0, "nobody waits");
    CHECK_INT(state->rkbp_collector.rkbbcol_first_add_ts, 0, "so there is no oldest message");
    rd_kafka_harness_toppar_destroy_v2(w.rkb, rktp);
    rd_kafka_topic_destroy(rkt);
    end_v2(&w);
}

static void adapts(void) {
    struct world w;
    const rd_kafka_broker_producer_v2_t *state;
    const rd_kafka_adaptive_params_t *params;
    int64_t now = 10000000;

    begin_v2(&w, conf_with("adaptive.batching.enable", "true", NULL));
    state = state_of(w.rkb);
    params = &state->rkbp_adaptive_params;
    CHECK(params->linger_us == 5000 && params->linger_min_us == 5000 &&
              params->linger_max_us == 500000 && params->batch_max_bytes == 16384 &&
              params->batch_max_bytes_max == 10485760,
          "limits and bounds as configured");
    CHECK(state->rkbp_adaptive_state.alpha > 0.09 && state->rkbp_adaptive_state.beta < 0.31,
          "scores as configured");
    rd_kafka_adaptive_record_rtt_v2(w.rkb, 10000, now);
    CHECK_INT(state->rkbp_adaptive_state.rtt_stats.rtt_base, 10000, "the shortest round trip");
    for (int i = 0; i < 20; i++) rd_kafka_adaptive_record_rtt_v2(w.rkb, 100000, now += 1000);
    CHECK(state->rkbp_adaptive_state.rtt_stats.rtt_current > 50000, "round trips got longer");
    for (int i = 0; i < 2; i++)
        CHECK(!rd_kafka_adaptive_adjust_v2(w.rkb, now += 100000), "one look is not enough");
    CHECK(rd_kafka_adaptive_adjust_v2(w.rkb, now += 100000), "the third one is");
    CHECK(!rd_kafka_adaptive_adjust_v2(w.rkb, now + 1), "not more often than configured");
    CHECK(state->rkbp_adaptive_state.congestion_score > 3 &&
              state->rkbp_adaptive_state.consecutive_increases == 3 &&
              state->rkbp_adaptive_state.adjustments_up == 1,
          "it is congested");
    CHECK(params->linger_us == 6001 && rd_kafka_adaptive_get_linger_us_v2(w.rkb) == 6001,
          "messages may wait longer: %lld us", (long long)params->linger_us);
    CHECK(params->batch_max_bytes == rd_kafka_adaptive_get_batch_max_bytes_v2(w.rkb) &&
              params->batch_max_bytes > 16384,
          "and requests are larger");
    for (int i = 0; i < 200; i++) rd_kafka_adaptive_record_rtt_v2(w.rkb, 10000, now += 1000);
    CHECK(rd_kafka_adaptive_adjust_v2(w.rkb, now += 100000) && params->linger_us == 5000,
          "it is calm again");
    rd_kafka_adaptive_record_int_latency_v2(w.rkb, 1000000);
    CHECK(state->rkbp_adaptive_state.int_lat_stats.int_lat_current > 0, "messages are late");
    end_v2(&w);
}

/* Another engine's broker has nothing of it, and its functions do nothing there. */
static void other_engine(void) {
    struct world w;
    rd_kafka_topic_t *rkt;
    rd_kafka_toppar_t *rktp;
    rd_kafka_produce_req_toppar_t slot;

    begin(&w, conf_with("produce.engine", "legacy", "linger.ms", "0", NULL), 7);
    rkt = rd_kafka_topic_new(w.rk, "t1", NULL);
    rktp = partition(&w, rkt, 0, 2, "value");
    CHECK_INT(w.rkb->rkb_producer_engine, RD_KAFKA_PRODUCE_LEGACY, "the other engine's broker");
    CHECK(!w.rkb->rkb_producer_engine_state && !rktp->rktp_producer_v2, "has no state of v2");
    CHECK(!rd_kafka_harness_broker_new_v2(w.rk, 2, 7), "nor can it have");
    CHECK(!rd_kafka_broker_batch_collector_add_v2(w.rkb, rktp, 1), "nothing is collected");
    CHECK_INT(rd_kafka_broker_batch_collector_maybe_send_v2(w.rkb, 1, 1), 0, "nothing is due");
    CHECK_INT(rd_kafka_broker_batch_collector_send_v2(w.rkb, 1), 0, "nothing is sent");
    CHECK_INT(rd_kafka_broker_batch_collector_next_wakeup_v2(w.rkb), 0, "nothing waits");
    CHECK(!rd_kafka_produce_ctx_init_v2(w.rkb, rkt), "there is no request");
    CHECK_INT(rd_kafka_adaptive_get_linger_us_v2(w.rkb), 0, "nothing is adapted");
    CHECK_INT(rd_kafka_ProduceRequest(w.rkb, rktp, NO_PID, 0, 0, NULL), 2, "a request of its own");
    CHECK_INT(w.rkb->rkb_outbufs.rkbq_bufs.tqh_first->rkbuf_produce_engine,
              RD_KAFKA_PRODUCE_LEGACY, "says which engine made it");
    CHECK(!rd_kafka_produce_req_toppar_v2(w.rkb->rkb_outbufs.rkbq_bufs.tqh_first, 0, &slot),
          "and has no batches of v2");
    rd_kafka_harness_toppar_destroy(rktp);
    rd_kafka_topic_destroy(rkt);
    end(&w);
}

int main(void) {
    collected();
    calculated();
    turn();
    adapts();
    other_engine();
    return finish("engine_v2");
}
