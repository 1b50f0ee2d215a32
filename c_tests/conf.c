/* Configuration objects as an application uses them: set, get, dup, dump, defaults of topics, the
 * texts of refusals, and a conf that is used again. */
#include "test.h"

static char value[512], errstr[512];

static const char *get(const rd_kafka_conf_t *conf, const char *name) {
    size_t size = sizeof value;
    if (rd_kafka_conf_get(conf, name, value, &size) != RD_KAFKA_CONF_OK) return "(unknown)";
    if (size != strlen(value) + 1) return "(wrong size)";
    return value;
}

static void set_and_get(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    size_t size;
    CHECK_STR(get(conf, "linger.ms"), "5", "default of a float");
    CHECK_STR(get(conf, "queue.buffering.max.messages"), "100000", "default of a number");
    CHECK_STR(get(conf, "enable.idempotence"), "false", "default of a bool");
    CHECK_STR(get(conf, "compression.codec"), "none", "default of a choice");
    CHECK_STR(get(conf, "acks"), "(unknown)", "a topic property before one was set");
    CHECK_STR(get(conf, "no.such.name"), "(unknown)", "no such property");

    set(conf, "queue.buffering.max.ms", "12.5");
    CHECK_STR(get(conf, "linger.ms"), "12.5", "an alias is the same property");
    set(conf, "request.required.acks", "all");
    CHECK_STR(get(conf, "acks"), "-1", "a topic property once it was set, a name for a number");
    set(conf, "topic.partitioner", "murmur2");
    CHECK_STR(get(conf, "partitioner"), "murmur2", "prefix topic.");
    set(conf, "enable.idempotence", "TRUE");
    CHECK_STR(get(conf, "enable.idempotence"), "true", "any case");
    set(conf, "debug", "broker,topic");
    CHECK_STR(get(conf, "debug"), "broker,topic", "a set of flags");
    set(conf, "bootstrap.servers", "a:1,b:2");
    CHECK_STR(get(conf, "metadata.broker.list"), "a:1,b:2", "a string and its alias");
    set(conf, "compression.type", "zstd");
    CHECK_STR(get(conf, "compression.codec"), "zstd", "a choice");

    size = 0;
    CHECK_INT(rd_kafka_conf_get(conf, "bootstrap.servers", NULL, &size), RD_KAFKA_CONF_OK,
              "how long is it?");
    CHECK_INT(size, 8, "with its NUL");
    size = 4;
    CHECK_INT(rd_kafka_conf_get(conf, "bootstrap.servers", value, &size), RD_KAFKA_CONF_OK,
              "into a small buffer");
    CHECK_STR(value, "a:1", "cut, with NUL");
    CHECK_INT(size, 8, "the size needed is told");
    rd_kafka_conf_destroy(conf);
}

static void refuse(rd_kafka_conf_t *conf, const char *name, const char *text,
                   rd_kafka_conf_res_t want, const char *message) {
    errstr[0] = 0;
    CHECK_INT(rd_kafka_conf_set(conf, name, text, errstr, sizeof errstr), want, name);
    errstr[strcspn(errstr, "\n")] = 0; /* some historical texts end with a newline */
    CHECK(message ? !strcmp(errstr, message) : *errstr != 0, "%s=%s: %s", name, text, errstr);
}

static void refusals(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    refuse(conf, "no.such.name", "1", RD_KAFKA_CONF_UNKNOWN,
           "No such configuration property: \"no.such.name\"");
    refuse(conf, "queue.buffering.max.messages", "many", RD_KAFKA_CONF_INVALID,
           "Invalid value for configuration property \"queue.buffering.max.messages\"");
    refuse(conf, "message.max.bytes", "10", RD_KAFKA_CONF_INVALID,
           "Configuration property \"message.max.bytes\" value 10 is outside allowed range "
           "1000..1000000000");
    refuse(conf, "compression.codec", "brotli", RD_KAFKA_CONF_INVALID,
           "Invalid value \"brotli\" for configuration property \"compression.codec\"");
    refuse(conf, "enable.idempotence", "maybe", RD_KAFKA_CONF_INVALID, NULL);
    refuse(conf, "debug", "broker,nothing", RD_KAFKA_CONF_INVALID, NULL);
    refuse(conf, "queue.buffering.max.messages", "100000000000000000000", RD_KAFKA_CONF_INVALID,
           NULL);
    refuse(conf, "linger.ms", "1e400", RD_KAFKA_CONF_INVALID, NULL);
#ifndef STOCK
    refuse(conf, "linger.ms", "nan", RD_KAFKA_CONF_INVALID, NULL);
#endif
    CHECK_STR(get(conf, "linger.ms"), "5", "a refused value changes nothing");

    memset(errstr, 'x', 8);
    CHECK_INT(rd_kafka_conf_set(conf, "no.such.name", "1", errstr, 0), RD_KAFKA_CONF_UNKNOWN,
              "errstr of size 0");
    CHECK(errstr[0] == 'x', "is not touched");
    rd_kafka_conf_set(conf, "no.such.name", "1", errstr, 4);
    CHECK(!strcmp(errstr, "No ") && errstr[4] == 'x', "errstr of size 4 is cut");
    rd_kafka_conf_set(conf, "no.such.name", "1", NULL, 0);
    CHECK(1, "errstr NULL");
    rd_kafka_conf_destroy(conf);
}

static void copies_and_dumps(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new(), *copy, *filtered;
    const char *prefix[] = {"client."};
    const char **dump;
    size_t count, found = 0;
    rd_kafka_topic_conf_t *topic_conf, *topic_copy;
    set(conf, "client.id", "me");
    set(conf, "linger.ms", "3");
    copy = rd_kafka_conf_dup(conf);
    filtered = rd_kafka_conf_dup_filter(conf, 1, prefix);
    set(conf, "client.id", "other");
    CHECK_STR(get(copy, "client.id"), "me", "a copy is its own");
    CHECK_STR(get(copy, "linger.ms"), "3", "a copy has all");
    CHECK_STR(get(filtered, "client.id"), "rdkafka", "a filtered copy leaves out the prefix");
    CHECK_STR(get(filtered, "linger.ms"), "3", "and has the rest");
    dump = rd_kafka_conf_dump(copy, &count);
    CHECK(dump && count > 150 && count % 2 == 0, "dump: names and values (%zu)", count);
    for (size_t i = 0; i + 1 < count; i += 2)
        if (!strcmp(dump[i], "client.id")) found += !strcmp(dump[i + 1], "me");
    CHECK_INT(found, 1, "dump: the value that was set");
    rd_kafka_conf_dump_free(dump, count);

    topic_conf = rd_kafka_topic_conf_new();
    CHECK_INT(rd_kafka_topic_conf_set(topic_conf, "acks", "1", errstr, sizeof errstr),
              RD_KAFKA_CONF_OK, "topic conf: set");
    topic_copy = rd_kafka_topic_conf_dup(topic_conf);
    rd_kafka_topic_conf_set(topic_conf, "acks", "0", errstr, sizeof errstr);
    count = sizeof value;
    rd_kafka_topic_conf_get(topic_copy, "request.required.acks", value, &count);
    CHECK_STR(value, "1", "topic conf: a copy is its own");
    rd_kafka_topic_conf_destroy(topic_copy);
    rd_kafka_conf_set_default_topic_conf(copy, topic_conf);
    CHECK(rd_kafka_conf_get_default_topic_conf(copy) == topic_conf, "default topic conf");
    CHECK_STR(get(copy, "acks"), "0", "is seen through the global object");
    rd_kafka_conf_destroy(filtered);
    rd_kafka_conf_destroy(copy);
    rd_kafka_conf_destroy(conf);
}

static void shown(void) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    rd_kafka_conf_properties_show(file);
    fclose(file);
    CHECK(size > 10000 && strstr(text, "bootstrap.servers") && strstr(text, "## Topic"),
          "properties_show writes the table (%zu bytes)", size);
    free(text);
}

/* A refused conf stays with the caller, can be mended and used. */
static void refused_then_mended(void) {
    struct reports reports = {0};
    rd_kafka_conf_t *conf = conf_with("linger.ms", "1000", "message.timeout.ms", "10",
                                      "test.mock.num.brokers", "1", NULL);
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, collect);
    rd_kafka_conf_set_opaque(conf, &reports);
    CHECK(!rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr), "refused: %s", errstr);
    set(conf, "message.timeout.ms", "10000");
    set(conf, "linger.ms", "1");
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    CHECK(rk, "mended: accepted");
    if (!rk) return;
    CHECK_STR(get(rd_kafka_conf(rk), "linger.ms"), "1", "rd_kafka_conf shows what is in force");
    NEED(!send_text(rk, "t", 0, "x", NULL));
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "and it works");
    CHECK(reports.count == 1 && !reports.failed, "as configured");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void two_engines(void) {
#ifndef STOCK
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    CHECK_STR(get(conf, "produce.engine"), "legacy", "the engine by default");
    set(conf, "produce.engine", "v1");
    CHECK_STR(get(conf, "produce.engine"), "legacy", "v1 is another name of legacy");
    refuse(conf, "produce.engine", "v9", RD_KAFKA_CONF_INVALID, NULL);
    rd_kafka_conf_destroy(conf);
#endif
}

static void versions_and_names(void) {
    rd_kafka_t *one, *two;
    CHECK(rd_kafka_version() >= 0x020000ff, "version %x", (unsigned)rd_kafka_version());
    CHECK_INT(rd_kafka_version(), RD_KAFKA_VERSION, "the header's version is the library's");
    CHECK(rd_kafka_version_str()[0] == '2', "version %s", rd_kafka_version_str());
    CHECK(strstr(rd_kafka_get_debug_contexts(), "generic,broker,topic"), "debug contexts");
    one = start(conf_with("client.id", "name", NULL));
    two = start(conf_with("client.id", "name", NULL));
    CHECK(!strncmp(rd_kafka_name(one), "name#producer-", 14), "handle name %s",
          rd_kafka_name(one));
    CHECK(strcmp(rd_kafka_name(one), rd_kafka_name(two)), "handles have different names");
    CHECK_INT(rd_kafka_type(one), RD_KAFKA_PRODUCER, "type");
    rd_kafka_destroy(one);
    rd_kafka_destroy(two);
}

int main(void) {
    set_and_get();
    refusals();
    copies_and_dumps();
    shown();
    refused_then_mended();
    two_engines();
    versions_and_names();
    return finish("conf");
}
