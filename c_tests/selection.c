/* Which engine a producer gets: its configuration, the environment, and what each says of it. */
#include "test.h"

#define VARIABLE "RDKAFKA_PRODUCE_ENGINE"

static char lines[4096]; /* "level facility text" of what was logged */

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    size_t used = strlen(lines);
    (void)rk;
    snprintf(lines + used, sizeof lines - used, "%d %s %s\n", level, fac, buf);
}

static int logged(const char *start) {
    int count = 0;
    for (const char *at = strstr(lines, start); at; at = strstr(at + 1, start)) count++;
    return count;
}

/* A producer in an environment (NULL: none) with properties, or NULL with `errstr`. */
static rd_kafka_t *made(rd_kafka_type_t type, const char *environment, const char *name,
                        const char *value, const char *name2, const char *value2,
                        char errstr[512]) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (name) set(conf, name, value);
    if (name2) set(conf, name2, value2);
    if (environment) setenv(VARIABLE, environment, 1);
    else unsetenv(VARIABLE);
    lines[0] = errstr[0] = 0;
    rk = rd_kafka_new(type, conf, errstr, 512);
    if (!rk) rd_kafka_conf_destroy(conf);
    unsetenv(VARIABLE);
    return rk;
}

static const char *engine_of(rd_kafka_t *rk) {
    static char value[32];
    size_t size = sizeof value;
    NEED(rd_kafka_conf_get(rd_kafka_conf(rk), "produce.engine", value, &size) ==
         RD_KAFKA_CONF_OK);
    return value;
}

/* The engine that wins, and how many lines the environment's word is worth. */
static void chooses(const char *environment, const char *property, const char *engine, int told) {
    char errstr[512], what[128], start[64];
    rd_kafka_t *rk = made(RD_KAFKA_PRODUCER, environment, property ? "produce.engine" : NULL,
                          property, NULL, NULL, errstr);
    snprintf(what, sizeof what, "environment \"%s\", property \"%s\"",
             environment ? environment : "", property ? property : "");
    if (!CHECK(rk, "%s: a producer (%s)", what, errstr)) return;
    CHECK_STR(engine_of(rk), engine, what);
    snprintf(start, sizeof start, "6 PRODENGINE");
    CHECK_INT(logged(start), told, "one line if the environment decided");
    CHECK(!told || strstr(lines, engine), "it names the engine");
    rd_kafka_destroy(rk);
}

static void refuses(const char *environment, const char *engine, const char *name,
                    const char *value, const char *word, const char *word2) {
    char errstr[512];
    rd_kafka_t *rk = made(RD_KAFKA_PRODUCER, environment, engine ? "produce.engine" : NULL, engine,
                          name, value, errstr);
    CHECK(!rk, "no producer: %s", errstr);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG, "the last error");
    CHECK(strstr(errstr, word) && strstr(errstr, word2), "the text has \"%s\" and \"%s\"", word,
          word2);
    if (rk) rd_kafka_destroy(rk);
}

/* A property of the other engine is put aside, aloud, where the environment chose. */
static void puts_aside(const char *environment, const char *name, const char *value) {
    char errstr[512];
    rd_kafka_t *rk =
        made(RD_KAFKA_PRODUCER, environment, name, value, NULL, NULL, errstr);
    if (!CHECK(rk, "%s with %s from the environment: a producer (%s)", name, environment, errstr))
        return;
    CHECK_STR(engine_of(rk), environment, "the environment's engine");
    CHECK(logged("4 CONFWARN") == 1 && strstr(lines, name), "one warning names the property");
    rd_kafka_destroy(rk);
}

static char document[65536];

static int on_statistics(rd_kafka_t *rk, char *json, size_t json_len, void *opaque) {
    (void)rk, (void)opaque;
    snprintf(document, sizeof document, "%.*s", (int)json_len, json);
    return 0;
}

/* Two producers with different engines, and later changes of the environment. */
static void side_by_side(void) {
    const char *engines[] = {"legacy", "v2"};
    rd_kafka_t *rk[2];
    struct reports reports[2];
    memset(reports, 0, sizeof reports);
    for (int i = 0; i < 2; i++) {
        rd_kafka_conf_t *conf =
            conf_with("test.mock.num.brokers", "1", "statistics.interval.ms", "50", NULL);
        rd_kafka_conf_set_stats_cb(conf, on_statistics);
        setenv(VARIABLE, engines[i], 1);
        rk[i] = start_collecting(conf, &reports[i]);
    }
    setenv(VARIABLE, "nonsense", 1);
    for (int i = 0; i < 2; i++) {
        int64_t end = now_ms() + 10000 * slow();
        CHECK_ERR(send_text(rk[i], "t", 0, "x", NULL), 0, "produce");
        CHECK_ERR(rd_kafka_flush(rk[i], 10000 * slow()), 0, "flush");
        CHECK(reports[i].count == 1 && !reports[i].failed, "%s: delivered", engines[i]);
        CHECK_STR(engine_of(rk[i]), engines[i], "the instance's configuration says which");
        document[0] = 0;
        while (!document[0] && now_ms() < end) rd_kafka_poll(rk[i], 20);
        CHECK_INT(strstr(document, "\"produce_engine\": \"v2\"") != NULL, i,
                  "statistics name the engine that is not the historical one");
        rd_kafka_destroy(rk[i]);
        forget(&reports[i]);
    }
    unsetenv(VARIABLE);
}

int main(void) {
    char errstr[512];
    rd_kafka_t *rk;
    if (IS_STOCK) {
        printf("skipped: librdkafka has one engine\n");
        return finish("selection");
    }
    chooses(NULL, NULL, "legacy", 0);
    chooses("", NULL, "legacy", 0);
    chooses(" \t", NULL, "legacy", 0);
    chooses("v2", NULL, "v2", 1);
    chooses(" V2 ", NULL, "v2", 1);
    chooses("v1", NULL, "legacy", 1);
    chooses("legacy", NULL, "legacy", 1);
    chooses(NULL, "v2", "v2", 0);
    chooses("v2", "legacy", "legacy", 0);
    chooses("v2", "v1", "legacy", 0);
    chooses("legacy", "V2", "v2", 0);
    chooses("nonsense", "v2", "v2", 0);

    refuses("v9", NULL, NULL, NULL, VARIABLE, "v9");
    refuses("v9", NULL, NULL, NULL, "legacy", "v2");
    refuses(NULL, "v2", "multibatch", "true", "multibatch", "produce.engine=legacy");
    refuses(NULL, "v2", "multibatch", "false", "multibatch", "produce.engine=legacy");
    refuses("legacy", "v2", "multibatch", "true", "multibatch", "produce.engine=legacy");
    refuses(NULL, NULL, "produce.request.max.partitions", "7", "produce.request.max.partitions",
            "produce.engine=v2");
    refuses(NULL, "legacy", "produce.request.max.partitions", "0",
            "produce.request.max.partitions", "produce.engine=v2");
    puts_aside("v2", "multibatch", "true");
    puts_aside("v2", "multibatch", "false");
    puts_aside("legacy", "produce.request.max.partitions", "7");
    refuses(NULL, "v2", "adaptive.alpha", "0.9", "adaptive.alpha", "adaptive.beta");
    refuses(NULL, "v2", "broker.linger.ms", "300000", "broker.linger.ms", "message.timeout.ms");

    /* What only engine v2 reads means nothing to the other one. */
    rk = made(RD_KAFKA_PRODUCER, NULL, "adaptive.alpha", "0.9", "broker.linger.ms", "300000",
              errstr);
    CHECK(rk && !logged("4 CONFWARN"), "legacy ignores properties of v2 (%s)", errstr);
    if (rk) rd_kafka_destroy(rk);
    rk = made(RD_KAFKA_PRODUCER, NULL, "produce.engine", "v2", "linger.ms", "20", errstr);
    CHECK(rk && logged("4 CONFWARN") == 1 && strstr(lines, "linger.ms"),
          "v2 takes linger.ms, with a warning (%s)", errstr);
    if (rk) rd_kafka_destroy(rk);
    rk = made(RD_KAFKA_CONSUMER, "nonsense", "group.id", "g", NULL, NULL, errstr);
    CHECK(!strstr(errstr, VARIABLE), "a consumer does not read the variable (%s)", errstr);
    if (rk) rd_kafka_destroy(rk);

    side_by_side();
    return finish("selection");
}
