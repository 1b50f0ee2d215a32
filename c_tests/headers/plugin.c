/* A plugin: the function types of interceptors, declared and used. */
#include <librdkafka/rdkafka.h>

static rd_kafka_interceptor_f_on_new_t on_new;
static rd_kafka_interceptor_f_on_send_t on_send;
static rd_kafka_interceptor_f_on_acknowledgement_t on_acknowledgement;

/* The plugin's entry, by its type. */
rd_kafka_plugin_f_conf_init_t conf_init;

static rd_kafka_resp_err_t on_send(rd_kafka_t *rk, rd_kafka_message_t *rkmessage, void *ic_opaque) {
    (void)rk;
    (void)ic_opaque;
    return rkmessage->err;
}

static rd_kafka_resp_err_t
on_acknowledgement(rd_kafka_t *rk, rd_kafka_message_t *rkmessage, void *ic_opaque) {
    return on_send(rk, rkmessage, ic_opaque);
}

static rd_kafka_resp_err_t on_new(
    rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *ic_opaque, char *errstr, size_t errstr_size) {
    rd_kafka_resp_err_t err;

    (void)conf;
    (void)errstr;
    (void)errstr_size;
    err = rd_kafka_interceptor_add_on_send(rk, "plugin", on_send, ic_opaque);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return err;
    return rd_kafka_interceptor_add_on_acknowledgement(rk, "plugin", on_acknowledgement, ic_opaque);
}

rd_kafka_resp_err_t
conf_init(rd_kafka_conf_t *conf, void **plug_opaquep, char *errstr, size_t errstr_size) {
    (void)errstr;
    (void)errstr_size;
    *plug_opaquep = NULL;
    return rd_kafka_conf_interceptor_add_on_new(conf, "plugin", on_new, NULL);
}
