/* Without a peer every function answers, and a program that only produces never opens one. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "peer.h"

static int logged;

static int maps_a_peer(void) {
    char line[1024];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    NEED(maps);
    while (fgets(line, sizeof line, maps)) found |= !!strstr(line, "librdkafka-peer");
    fclose(maps);
    return found;
}

static int refused(const char *path, const char *why) {
    char errstr[512] = "";
    rd_kafka_conf_t *conf;
    setenv("RDKAFKA_PEER_LIBRARY", path, 1);
    conf = conf_with("group.id", "g", NULL);
    errno = 0;
    if (rd_kafka_new(RD_KAFKA_CONSUMER, conf, errstr, sizeof errstr)) return 1;
    if (!strstr(errstr, path) || !strstr(errstr, why)) {
        fprintf(stderr, "%s\n", errstr);
        return 2;
    }
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED || !errno) return 3;
    if (rd_kafka_conf_set(conf, "group.id", "again", NULL, 0)) return 4; /* it is still ours */
    if (rd_kafka_new(RD_KAFKA_CONSUMER, conf, errstr, sizeof errstr)) return 5;
    rd_kafka_conf_destroy(conf);
    return 0;
}

static int no_file(void) { return refused("/nonexistent/librdkafka.so.1", "No such file"); }
static int no_library(void) { return refused("/etc/passwd", "ELF"); }
static int no_text(void) { return refused("", "RDKAFKA_PEER_LIBRARY="); }

static int ourselves(void) {
    Dl_info info;
    if (!dladdr((void *)rd_kafka_version, &info)) return 9;
    return refused(info.dli_fname, "itself");
}

static int another_library(void) {
    void *found = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
    Dl_info info;
    if (!found || !dladdr(found, &info)) return 9;
    return refused(info.dli_fname, "rd_kafka_version_str");
}

static int answers_without_a_peer(void) {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *event;
    rd_kafka_NewTopic_t *topic;
    rd_kafka_error_t *error;
    rd_kafka_topic_t *rkt;
    char errstr[64] = "";
    setenv("RDKAFKA_PEER_LIBRARY", "/nonexistent", 1);
    rk = start(conf_with("test.mock.num.brokers", "1", NULL));
    topic = rd_kafka_NewTopic_new("t", 1, 1, errstr, sizeof errstr);
    if (topic || !*errstr) return 1;
    if (rd_kafka_subscribe(rk, NULL) != RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED) return 2;
    error = rd_kafka_seek_partitions(rk, NULL, 0);
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED) return 3;
    rd_kafka_error_destroy(error);
    queue = rd_kafka_queue_new(rk);
    rd_kafka_CreateTopics(rk, NULL, 0, NULL, queue);
    event = rd_kafka_queue_poll(queue, 1000);
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED) return 4;
    if (rd_kafka_event_CreateTopics_result(event)) return 5;
    rd_kafka_event_destroy(event);
    rkt = rd_kafka_topic_new(rk, "t", NULL);
    if (rd_kafka_consume_start(rkt, 0, 0) != -1) return 6;
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED) return 7;
    if (rd_kafka_consumer_poll(rk, 0)) return 8;
    rd_kafka_topic_destroy(rkt);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
    return 0;
}

/* The function is logged once, on standard error. */
static int logs_once(void) {
    char text[4096];
    int ends[2], count = 0;
    ssize_t len;
    rd_kafka_t *rk;
    setenv("RDKAFKA_PEER_LIBRARY", "/nonexistent", 1);
    rk = start(conf_with("bootstrap.servers", "127.0.0.1:1", NULL));
    if (pipe(ends) || dup2(ends[1], 2) != 2) return 1;
    for (int i = 0; i < 3; i++) rd_kafka_unsubscribe(rk);
    len = read(ends[0], text, sizeof text - 1);
    if (len <= 0) return 2;
    text[len] = 0;
    for (char *at = text; (at = strstr(at, "rd_kafka_unsubscribe()")); at++) count++;
    if (count != 1 || !strstr(text, "/nonexistent")) return 3;
    rd_kafka_destroy(rk);
    return 0;
}

static void swallow(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)rk, (void)level, (void)fac, (void)buf;
    logged++;
}

/* What every producer does opens nothing. */
static int produces_without_opening(void) {
    struct reports reports = {0};
    rd_kafka_conf_t *conf = conf_with("test.mock.num.brokers", "1", NULL);
    rd_kafka_topic_partition_list_t *list;
    const struct rd_kafka_metadata *metadata;
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    rd_kafka_conf_set_log_cb(conf, swallow);
    rk = start_collecting(conf, &reports);
    queue = rd_kafka_queue_get_main(rk);
    produce_all(rk, &reports, "t", 4);
    if (rd_kafka_metadata(rk, 1, NULL, &metadata, 5000)) return 1;
    rd_kafka_metadata_destroy(metadata);
    list = both_partitions("t", 1);
    rd_kafka_topic_partition_list_destroy(rd_kafka_topic_partition_list_copy(list));
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_poll(queue, 0);
    rd_kafka_queue_destroy(queue);
    rd_kafka_message_destroy(NULL);
    rd_kafka_event_destroy(NULL);
    rd_kafka_NewTopic_destroy(NULL);
    rd_kafka_group_list_destroy(NULL);
    rd_kafka_consumer_group_state_name(RD_KAFKA_CONSUMER_GROUP_STATE_STABLE);
    rd_kafka_yield(rk);
    rd_kafka_flush(rk, 1000);
    rd_kafka_destroy(rk);
    if (rd_kafka_wait_destroyed(5000)) return 2;
    forget(&reports);
    return maps_a_peer() ? 3 : 0;
}

/* Loading the library costs the process nothing, closing it with a consumer that runs is no end. */
static int loads_for_nothing(void) {
    rd_kafka_conf_t *(*conf_new)(void);
    rd_kafka_t *(*create)(rd_kafka_type_t, rd_kafka_conf_t *, char *, size_t);
    void (*destroy)(rd_kafka_t *);
    char errstr[512];
    rd_kafka_t *kept, *ended;
    int threads = thread_count(), descriptors = descriptor_count();
    void *library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return 1;
    if (thread_count() != threads || descriptor_count() != descriptors || maps_a_peer()) return 2;
    *(void **)&conf_new = dlsym(library, "rd_kafka_conf_new");
    *(void **)&create = dlsym(library, "rd_kafka_new");
    *(void **)&destroy = dlsym(library, "rd_kafka_destroy");
    if (!conf_new || !create || !destroy) return 3;
    kept = create(RD_KAFKA_CONSUMER, conf_new(), errstr, sizeof errstr);
    ended = create(RD_KAFKA_CONSUMER, conf_new(), errstr, sizeof errstr);
    if (!kept || !ended) return strstr(errstr, "need a librdkafka beside") ? 0 : 4;
    if (!maps_a_peer() && !IS_STOCK && getenv("LD_LIBRARY_PATH")) return 5;
    destroy(ended);
    dlclose(library);
    sleep_ms(50);
    return 0;
}

int main(void) {
    CHECK_INT(in_child(loads_for_nothing, 30), 0, "loading costs no thread, descriptor or peer");
#ifndef STOCK
    CHECK_INT(in_child(produces_without_opening, 60), 0, "a producer opens no peer");
    CHECK_INT(in_child(no_file, 30), 0, "a peer that does not exist");
    CHECK_INT(in_child(no_library, 30), 0, "a file that is no library");
    CHECK_INT(in_child(no_text, 30), 0, "an empty name is no peer");
    CHECK_INT(in_child(ourselves, 30), 0, "this library is no peer of itself");
    CHECK_INT(in_child(another_library, 30), 0, "nor is a library with other functions");
    CHECK_INT(in_child(answers_without_a_peer, 30), 0, "everything answers");
    CHECK_INT(in_child(logs_once, 30), 0, "and says so once");
#else
    (void)no_file, (void)no_library, (void)no_text, (void)ourselves, (void)another_library;
    (void)produces_without_opening, (void)answers_without_a_peer, (void)logs_once;
#endif
    return finish("peer_absent");
}
