/* Every argument macro of rd_kafka_producev(), with the types that programs give to them. */
#include <librdkafka/rdkafka.h>

rd_kafka_resp_err_t produce(
    rd_kafka_t *rk,
    rd_kafka_topic_t *rkt,
    rd_kafka_headers_t *headers,
    const char *text,
    char *buffer,
    size_t len,
    void *opaque) {
    rd_kafka_resp_err_t err;

    err = rd_kafka_producev(
        rk,
        RD_KAFKA_V_TOPIC("topic"),
        RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
        RD_KAFKA_V_VALUE(buffer, len),
        RD_KAFKA_V_KEY(text, len + 1),
        RD_KAFKA_V_TIMESTAMP(1234567890123),
        RD_KAFKA_V_HEADER("name", text, -1),
        RD_KAFKA_V_HEADER("empty", NULL, 0),
        RD_KAFKA_V_OPAQUE(opaque),
        RD_KAFKA_V_END);
    if (err)
        return err;
    return rd_kafka_producev(
        rk,
        RD_KAFKA_V_RKT(rkt),
        RD_KAFKA_V_VALUE(NULL, 0),
        RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_END);
}

int64_t last_ten(void) {
    return RD_KAFKA_OFFSET_TAIL(10) + RD_KAFKA_OFFSET_BEGINNING + RD_KAFKA_OFFSET_END +
           RD_KAFKA_OFFSET_STORED + RD_KAFKA_OFFSET_INVALID;
}

rd_kafka_resp_err_t argument(rd_kafka_vu_t *vu, const char *name, const void *value, ssize_t size) {
    vu->vtype = RD_KAFKA_VTYPE_HEADER;
    vu->u.header.name = name;
    vu->u.header.val = value;
    vu->u.header.size = size;
    vu->u.mem.size = 1;
    return RD_KAFKA_RESP_ERR_NOT_LEADER_OR_FOLLOWER;
}
