/* An instance, a broker whose thread the program steps, and partitions and messages of it. */
#ifndef HARNESS_H
#define HARNESS_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_internal.h>

#include "../test.h"

static const rd_kafka_pid_t NO_PID = {-1, -1};

struct world {
    rd_kafka_t *rk;
    rd_kafka_broker_t *rkb;
    struct reports reports;
};

static inline void begin(struct world *w, rd_kafka_conf_t *conf, int16_t produce_max) {
    memset(w, 0, sizeof *w);
    w->rk = start_collecting(conf, &w->reports);
    w->rkb = rd_kafka_harness_broker_new(w->rk, 1, produce_max);
    NEED(w->rkb);
}

static inline void end(struct world *w) {
    rd_kafka_harness_broker_destroy(w->rkb);
    rd_kafka_destroy(w->rk);
    forget(&w->reports);
}

/* `count` messages with the same value on the transmit queue of a new partition. */
static inline rd_kafka_toppar_t *partition(struct world *w, rd_kafka_topic_t *rkt, int32_t number,
                                           int count, const char *value) {
    rd_kafka_toppar_t *rktp = rd_kafka_harness_toppar_new(w->rkb, rkt, number);
    NEED(rktp);
    for (int i = 0; i < count; i++) {
        rd_kafka_msg_t *rkm = rd_kafka_harness_msg_new(rkt, value, strlen(value), "k", 1);
        NEED(rkm);
        rd_kafka_toppar_enq_msg(rktp, rkm, 1);
    }
    NEED(rktp->rktp_msgq.rkmq_msg_cnt == count);
    rd_kafka_harness_take(rktp);
    NEED(rktp->rktp_xmit_msgq.rkmq_msg_cnt == count && !rktp->rktp_msgq.rkmq_msg_cnt);
    return rktp;
}

/* All bytes of a request, from its segments. */
static inline size_t bytes_of(const rd_kafka_buf_t *rkbuf, unsigned char *to, size_t room) {
    const rd_segment_t *seg;
    size_t len = 0;
    for (seg = rkbuf->rkbuf_buf.rbuf_segments.tqh_first; seg; seg = seg->seg_link.tqe_next) {
        NEED(seg->seg_absof == len && len + seg->seg_of <= room);
        memcpy(to + len, seg->seg_p, seg->seg_of);
        len += seg->seg_of;
    }
    NEED(len == rkbuf->rkbuf_buf.rbuf_len);
    return len;
}

static inline int32_t be32(const unsigned char *at) {
    return (int32_t)((uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]);
}

/* The answer to a request of version 7: one topic, `count` partitions from 0 on with these errors. */
static inline rd_kafka_buf_t *reply(const char *topic, int count, const int16_t *errors,
                                    int64_t offset) {
    unsigned char bytes[1024], *p = bytes;
    size_t len = strlen(topic);
#define PUT(value, size)                                                                        \
    for (int shift_ = 8 * ((size) - 1); shift_ >= 0; shift_ -= 8)                               \
    *p++ = (unsigned char)((uint64_t)(value) >> shift_)
    PUT(1, 4);
    PUT(len, 2);
    memcpy(p, topic, len), p += len;
    PUT(count, 4);
    for (int i = 0; i < count; i++) {
        PUT(i, 4);
        PUT(errors[i], 2);
        PUT(offset, 8);
        PUT(-1, 8); /* append time */
        PUT(0, 8);  /* the log's start */
    }
    PUT(0, 4); /* throttle */
#undef PUT
    return rd_kafka_harness_reply_new((char *)bytes, (size_t)(p - bytes));
}

#endif
