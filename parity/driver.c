/* The application of the differential runs: obeys one command a line on standard input, through the
 * public C interface only, and says on standard output what happened. The library is the one that
 * the loader finds; the program is compiled once.
 *
 *   = TEXT                                                     end of a command
 *   R NAME err= status= offset= partition= broker= time=      a delivery report
 *   T BROKER MS       E CODE       F CODE       P KEY         throttle, error, fatal, partitioner
 *   V COUNT                                                    an event of so many reports
 *   S JSON                                                     statistics
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

/* Timestamps of messages that name none: the same in every run. */
#define FIRST_TIMESTAMP INT64_C(1700000000000)
#define TOPICS_MAX 16
#define WORDS_MAX 64
#define BYTES_MAX (8 << 20)

static rd_kafka_conf_t *conf;
static rd_kafka_t *rk;
static rd_kafka_queue_t *queue; /* served instead of rd_kafka_poll() if reports are events */
static rd_kafka_topic_t *topics[TOPICS_MAX];
static int topic_count, manual, silent, verbose, yields;
static long produced, reported;
static char *filler;

static void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* ---- callbacks ---- */

static void report(const rd_kafka_message_t *message) {
    rd_kafka_timestamp_type_t type;
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    char *name = message->_private;
    reported++;
    if (!silent) {
        char when[64] = "none";
        if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME)
            snprintf(when, sizeof when, "append:%" PRId64, timestamp);
        else if (timestamp >= FIRST_TIMESTAMP && timestamp < FIRST_TIMESTAMP + 1000000)
            snprintf(when, sizeof when, "create");
        else if (timestamp > FIRST_TIMESTAMP)
            snprintf(when, sizeof when, "now");
        else if (timestamp != -1)
            snprintf(when, sizeof when, "create:%" PRId64, timestamp);
        say("R %s err=%d status=%d offset=%" PRId64 " partition=%d broker=%d time=%s size=%zu",
            name, message->err, rd_kafka_message_status(message), message->offset,
            (int)message->partition, (int)rd_kafka_message_broker_id(message), when, message->len);
    }
    free(name);
}

static void on_message(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
    (void)opaque;
    report(message);
    if (yields && !silent) rd_kafka_yield(handle);
}

/* The old callback knows neither status nor offset. */
static void on_delivery(rd_kafka_t *handle, void *payload, size_t size, rd_kafka_resp_err_t err,
                        void *opaque, void *name) {
    (void)handle;
    (void)payload;
    (void)opaque;
    reported++;
    if (!silent) say("R %s err=%d size=%zu", (char *)name, err, size);
    free(name);
}

static void on_throttle(rd_kafka_t *handle, const char *broker, int32_t id, int ms, void *opaque) {
    (void)handle;
    (void)broker;
    (void)opaque;
    say("T %d %d", (int)id, ms);
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque) {
    char text[256];
    (void)reason;
    (void)opaque;
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        say("F %d", rd_kafka_fatal_error(handle, text, sizeof text));
    else
        say("E %d", code);
}

static int on_stats(rd_kafka_t *handle, char *json, size_t size, void *opaque) {
    (void)handle;
    (void)opaque;
    say("S %.*s", (int)size, json);
    return 0;
}

static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text) {
    (void)handle;
    if (verbose) fprintf(stderr, "%d %s %s\n", level, facility, text);
}

static int32_t on_partition(const rd_kafka_topic_t *topic, const void *key, size_t size,
                            int32_t count, void *opaque, void *name) {
    (void)topic;
    (void)opaque;
    (void)name;
    say("P %.*s of %d", key ? (int)size : 4, key ? (const char *)key : "null", (int)count);
    return count - 1;
}

/* ---- set-up ---- */

static void command_conf(const char *name, const char *value) {
    char text[256];
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, text, sizeof text);
    say("= conf %d", result);
}

/* Which callbacks there are: `reports message|old|both|yield|event|none`, `throttle`, `stats`. */
static void command_callback(const char *what, const char *which) {
    if (!strcmp(what, "throttle"))
        rd_kafka_conf_set_throttle_cb(conf, on_throttle);
    else if (!strcmp(what, "stats"))
        rd_kafka_conf_set_stats_cb(conf, on_stats);
    else if (!strcmp(which, "message") || !strcmp(which, "yield"))
        rd_kafka_conf_set_dr_msg_cb(conf, on_message), yields = *which == 'y';
    else if (!strcmp(which, "old"))
        rd_kafka_conf_set_dr_cb(conf, on_delivery);
    else if (!strcmp(which, "both")) {
        rd_kafka_conf_set_dr_cb(conf, on_delivery);
        rd_kafka_conf_set_dr_msg_cb(conf, on_message);
    } else if (!strcmp(which, "event"))
        rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    say("= callback");
}

static void command_new(int events) {
    char text[256];
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (rk && events) queue = rd_kafka_queue_get_main(rk);
    if (rk) conf = NULL;
    say("= new %s", rk ? "done" : text);
}

/* The object of a topic, made with the default settings if the script made none. */
static rd_kafka_topic_t *find_topic(const char *name) {
    for (int i = 0; i < topic_count; i++)
        if (!strcmp(rd_kafka_topic_name(topics[i]), name)) return topics[i];
    return topics[topic_count++] = rd_kafka_topic_new(rk, name, NULL);
}

static void command_topic(const char *name, char **settings, int count) {
    char text[256];
    rd_kafka_topic_conf_t *own = count ? rd_kafka_topic_conf_new() : NULL;
    for (int i = 0; i < count; i++) {
        char *value = strchr(settings[i], '=');
        if (!value) continue;
        *value++ = 0;
        if (!strcmp(value, "callback"))
            rd_kafka_topic_conf_set_partitioner_cb(own, on_partition);
        else if (rd_kafka_topic_conf_set(own, settings[i], value, text, sizeof text))
            fprintf(stderr, "%s\n", text);
    }
    if (topic_count < TOPICS_MAX) topics[topic_count] = rd_kafka_topic_new(rk, name, own);
    say("= topic %s", topics[topic_count] ? "done" : rd_kafka_err2name(rd_kafka_last_error()));
    if (topics[topic_count]) topic_count++;
}

/* ---- messages ---- */

struct wanted {
    const char *topic, *key, *value;
    int partition, first, last, flags, batch, headers;
    size_t size;
    int64_t timestamp;
    char prefix[32];
    char *header[8];
};

/* The value of a message is its name, and dots up to the size. */
static const char *payload(const struct wanted *want, const char *name, size_t *size) {
    if (!strcmp(want->value, "null")) return *size = 0, NULL;
    if (!strcmp(want->value, "empty")) return *size = 0, "";
    *size = strlen(name) > want->size ? strlen(name) : want->size;
    memset(filler, '.', *size);
    memcpy(filler, name, strlen(name));
    return filler;
}

static const char *key_of(const struct wanted *want, size_t *size) {
    if (!strcmp(want->key, "null")) return *size = 0, NULL;
    if (!strcmp(want->key, "empty")) return *size = 0, "";
    return *size = strlen(want->key), want->key;
}

static rd_kafka_headers_t *headers_of(const struct wanted *want) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(want->headers);
    for (int i = 0; i < want->headers; i++) {
        const char *colon = strchr(want->header[i], ':'), *value = colon + 1;
        rd_kafka_header_add(headers, want->header[i], colon - want->header[i],
                            strcmp(value, "null") ? value : NULL, -1);
    }
    return headers;
}

static rd_kafka_resp_err_t produce_one(const struct wanted *want, const char *name) {
    size_t value_size, key_size;
    const char *value = payload(want, name, &value_size), *key = key_of(want, &key_size);
    rd_kafka_topic_t *topic = find_topic(want->topic);
    rd_kafka_headers_t *headers = want->headers ? headers_of(want) : NULL;
    char *opaque = strdup(name);
    rd_kafka_resp_err_t err = rd_kafka_producev(
        rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(want->partition),
        RD_KAFKA_V_VALUE((void *)value, value_size), RD_KAFKA_V_KEY(key, key_size),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | want->flags),
        RD_KAFKA_V_TIMESTAMP(want->timestamp == -1 ? FIRST_TIMESTAMP + produced : want->timestamp),
        RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (err) {
        if (headers) rd_kafka_headers_destroy(headers);
        free(opaque);
    }
    return err;
}

/* rd_kafka_produce_batch() of all of them; timestamps are its own. */
static void produce_batch(const struct wanted *want) {
    int count = want->last - want->first + 1, accepted;
    rd_kafka_message_t *messages = calloc(count, sizeof *messages);
    for (int i = 0; i < count; i++) {
        char name[48];
        size_t size;
        snprintf(name, sizeof name, "%s%d", want->prefix, want->first + i);
        const char *value = payload(want, name, &size);
        messages[i].payload = value ? memcpy(malloc(size + 1), value, size) : NULL;
        messages[i].len = size;
        messages[i].key = (void *)key_of(want, &messages[i].key_len);
        messages[i].partition = want->partition;
        messages[i]._private = strdup(name);
    }
    accepted = rd_kafka_produce_batch(find_topic(want->topic), want->partition,
                                      RD_KAFKA_MSG_F_COPY | want->flags, messages, count);
    produced += accepted;
    printf("= produced %d of %d", accepted, count);
    for (int i = 0; i < count; i++) {
        if (messages[i].err) {
            printf(" %s:%d", (char *)messages[i]._private, messages[i].err);
            free(messages[i]._private);
        }
        free(messages[i].payload);
    }
    say("");
    free(messages);
}

static void command_produce(const struct wanted *want) {
    char text[4096] = "";
    size_t used = 0;
    int accepted = 0, same = 0, last_error = 0;
    if (want->batch) {
        produce_batch(want);
        return;
    }
    for (int i = want->first; i <= want->last; i++) {
        char name[48];
        snprintf(name, sizeof name, "%s%d", want->prefix, i);
        int err = produce_one(want, name);
        if (!err) produced++, accepted++;
        if (err && err == last_error) {
            same++;
        } else if (used + 128 < sizeof text) {
            if (same) used += sprintf(text + used, " and %d more", same);
            if (err) used += sprintf(text + used, " %s:%d", name, err);
            same = 0;
        }
        last_error = err;
    }
    if (same) sprintf(text + used, " and %d more", same);
    say("= produced%s %d", text, accepted);
}

/* TOPIC PARTITION PREFIX FIRST LAST [size= key= value= ts= header= block batch own-partition] */
static void parse_produce(char **word, int count) {
    struct wanted want = {.topic = word[0], .key = "null", .value = "name", .timestamp = -1};
    want.partition = !strcmp(word[1], "any") ? RD_KAFKA_PARTITION_UA : atoi(word[1]);
    snprintf(want.prefix, sizeof want.prefix, "%s", word[2]);
    want.first = atoi(word[3]);
    want.last = atoi(word[4]);
    for (int i = 5; i < count; i++) {
        char *value = strchr(word[i], '=');
        value = value ? value + 1 : word[i];
        if (!strncmp(word[i], "size=", 5)) want.size = strtoul(value, NULL, 10);
        else if (!strncmp(word[i], "key=", 4)) want.key = value;
        else if (!strncmp(word[i], "value=", 6)) want.value = value;
        else if (!strcmp(word[i], "ts=now")) want.timestamp = 0;
        else if (!strncmp(word[i], "ts=", 3)) want.timestamp = FIRST_TIMESTAMP + atoll(value);
        else if (!strncmp(word[i], "header=", 7) && want.headers < 8)
            want.header[want.headers++] = value;
        else if (!strcmp(word[i], "block")) want.flags |= RD_KAFKA_MSG_F_BLOCK;
        else if (!strcmp(word[i], "own-partition")) want.flags |= RD_KAFKA_MSG_F_PARTITION;
        else if (!strcmp(word[i], "batch")) want.batch = 1;
    }
    command_produce(&want);
}

/* ---- the rest ---- */

static void serve(int ms) {
    if (!rk) return;
    if (!queue) {
        rd_kafka_poll(rk, ms);
        return;
    }
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ms);
    if (!event) return;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
        const rd_kafka_message_t *message;
        say("V %zu", rd_kafka_event_message_count(event));
        while ((message = rd_kafka_event_message_next(event))) report(message);
    }
    rd_kafka_event_destroy(event);
}

/* A message to each partition and its report: topics are known and connections are up afterwards,
 * and nobody tells of it. */
static void command_warm(char **word, int count) {
    long before = reported, sent = 0;
    int failed = 0;
    silent = 1;
    for (int i = 0; i < count; i++) {
        rd_kafka_topic_t *topic = find_topic(word[i]);
        const struct rd_kafka_metadata *metadata;
        if (!topic || rd_kafka_metadata(rk, 0, topic, &metadata, 5000)) {
            failed = 1;
            continue;
        }
        for (int p = 0; p < metadata->topics[0].partition_cnt; p++) {
            struct wanted want = {.topic = word[i], .key = "null", .value = "name", .partition = p,
                                  .timestamp = -1};
            if (!produce_one(&want, "warm")) sent++;
        }
        rd_kafka_metadata_destroy(metadata);
    }
    int is_flushed = !queue && !failed && !rd_kafka_flush(rk, 5000);
    for (int i = 0; i < 500 && !is_flushed && reported < before + sent; i++) serve(10);
    silent = 0;
    say("= warm %s", !failed && (is_flushed || reported == before + sent) ? "done" : "failed");
}

static void command_fatal(void) {
    char text[256] = "";
    say("= fatal %d", rd_kafka_fatal_error(rk, text, sizeof text));
}

/* Which library this is really. */
static void command_library(void) {
    Dl_info info = {0};
    char path[4096] = "?";
    if (dladdr((void *)(uintptr_t)rd_kafka_version, &info)) realpath(info.dli_fname, path);
    say("= library %s", path);
}

static void command_destroy(void) {
    for (int i = 0; i < topic_count; i++) rd_kafka_topic_destroy(topics[i]);
    if (queue) rd_kafka_queue_destroy(queue);
    topic_count = 0;
    queue = NULL;
    if (rk) rd_kafka_destroy(rk);
    rk = NULL;
    say("= destroyed");
}

static void obey(char *line) {
    char *word[WORDS_MAX] = {0}, *save = NULL;
    int count = 0;
    for (char *start = line; count < WORDS_MAX; start = NULL)
        if (!(word[count] = strtok_r(start, " ", &save))) break;
        else count++;
    if (!count) return;
    const char *name = word[0], *first = count > 1 ? word[1] : "";
    if (!strcmp(name, "conf")) command_conf(first, count > 2 ? word[2] : "");
    else if (!strcmp(name, "callback")) command_callback(first, count > 2 ? word[2] : "");
    else if (!strcmp(name, "library")) command_library();
    else if (!strcmp(name, "manual")) manual = 1, say("= manual");
    else if (!strcmp(name, "new")) command_new(!strcmp(first, "event"));
    else if (!strcmp(name, "topic")) command_topic(first, word + 2, count - 2);
    else if (!strcmp(name, "warm")) command_warm(word + 1, count - 1);
    else if (!strcmp(name, "produce") && count > 5) parse_produce(word + 1, count - 1);
    else if (!strcmp(name, "poll")) serve(atoi(first)), say("= polled");
    else if (!strcmp(name, "flush")) say("= flush %d", rd_kafka_flush(rk, atoi(first)));
    else if (!strcmp(name, "purge")) say("= purge %d", rd_kafka_purge(rk, atoi(first)));
    else if (!strcmp(name, "length")) say("= length %d", rd_kafka_outq_len(rk));
    else if (!strcmp(name, "fatal")) command_fatal();
    else if (!strcmp(name, "break"))
        say("= break %d", rd_kafka_test_fatal_error(rk, atoi(first), "a test"));
    else if (!strcmp(name, "destroy")) command_destroy();
    else say("= what is %s?", name);
}

int main(void) {
    static char line[1 << 16];
    size_t have = 0;
    struct pollfd in = {.fd = 0, .events = POLLIN};
    verbose = getenv("PARITY_DEBUG") != NULL;
    filler = malloc(BYTES_MAX);
    conf = rd_kafka_conf_new();
    for (;;) {
        if (poll(&in, 1, 2) > 0) {
            ssize_t got = read(0, line + have, sizeof line - 1 - have);
            if (got <= 0) _exit(0);
            have += (size_t)got;
            char *end;
            while ((end = memchr(line, '\n', have))) {
                *end = 0;
                obey(line);
                have -= (size_t)(end + 1 - line);
                memmove(line, end + 1, have);
            }
        }
        for (long before = -1; !manual && before != reported;) before = reported, serve(0);
    }
}
