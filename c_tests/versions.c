/* Brokers that lack versions of Produce: what is sent, and what is logged. */
#include "test.h"
#include <netinet/in.h>
#include <sys/socket.h>

static struct reports reports;

/* Log lines of one facility. */
static struct {
    char facility[32];
    int level, count;
    char line[512];
} wanted;

static void counts(const rd_kafka_t *rk, int level, const char *facility, const char *line) {
    (void)rk;
    if (strcmp(facility, wanted.facility) || level != wanted.level) return;
    wanted.count++;
    snprintf(wanted.line, sizeof wanted.line, "%s", line);
}

static rd_kafka_t *on_versions(int16_t from, int16_t to, const char *codec, const char *facility,
                               int level) {
    rd_kafka_conf_t *conf = conf_with("linger.ms", "0", "compression.codec", codec, NULL);
    static rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk;
    memset(&wanted, 0, sizeof wanted);
    snprintf(wanted.facility, sizeof wanted.facility, "%s", facility);
    wanted.level = level;
    /* The versions must be set before anybody asks for them. The mock cluster cannot have others than
     * its own: a range beyond them is none. */
    if (!owner) owner = start(conf_with("test.mock.num.brokers", "1", NULL));
    cluster = rd_kafka_handle_mock_cluster(owner);
    NEED(!rd_kafka_mock_set_apiversion(cluster, 0, from, to));
    set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster));
    rd_kafka_conf_set_log_cb(conf, counts);
    rk = start_collecting(conf, &reports);
    return rk;
}

static const char *compressible(void) {
    static char text[1001];
    memset(text, 'a', sizeof text - 1);
    return text;
}

/* Zstandard came with version 7. */
static void a_codec_that_is_too_new(void) {
    rd_kafka_t *rk = on_versions(0, 6, "zstd", "COMPRESSION", 5);
    for (int i = 1; i <= 3; i++) {
        NEED(!send_text(rk, "t", 0, compressible(), NULL));
        poll_until(rk, &reports, i, 10000);
    }
    CHECK(reports.count == 3 && !reports.failed, "batches are delivered");
    /* The reference says nothing on a machine that was started less than a day ago. */
    if (!IS_STOCK) {
        CHECK_INT(wanted.count, 1, "and it is said once");
        CHECK(strstr(wanted.line, ": t [0]: Broker does not support compression type zstd: "
                                  "not compressing batch") != NULL,
              "with what and where");
    }
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void no_common_version(void) {
    rd_kafka_t *rk = on_versions(11, 12, "none", "PRODUCE", 3);
    int64_t begin = now_ms();
    NEED(!send_text(rk, "t", 0, "x", NULL));
    while (!wanted.count && now_ms() < begin + 10000) rd_kafka_poll(rk, 10);
    rd_kafka_poll(rk, 1000);
    CHECK_INT(wanted.count, 1, "without a common version: one line, then a pause");
    CHECK(strstr(wanted.line, IS_STOCK ? ": t [0]: No viable ProduceRequest ApiVersions (v0..7) "
                                         "supported by broker: unable to produce"
                                       : ": t [0]: No viable ProduceRequest ApiVersions (v0..10) "
                                         "supported by broker: unable to produce") != NULL,
          "which says what was looked for: %s", wanted.line);
    CHECK_INT(reports.count, 0, "the message waits");
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0, "it can be purged");
    poll_until(rk, &reports, 1, 2000);
    CHECK_INT(reports.count, 1, "and is reported");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static int asked;

static int counts_questions(rd_kafka_t *rk, char *json, size_t len, void *opaque) {
    (void)rk, (void)len, (void)opaque;
    for (const char *at = json; (at = strstr(at, "\"ApiVersion\": ")); at++)
        asked += atoi(at + strlen("\"ApiVersion\": "));
    return 0;
}

/* Brokers from 0.10 on are asked, whatever the configuration says. */
static void releases(void) {
    static const struct {
        const char *release, *codec;
        int is_asked;
    } cases[] = {{"0.8.0", "none", 0},   {"0.8.1.1", "lz4", 0}, {"0.8.2.2", "none", 0},
                 {"0.9.0.1", "none", 0}, {"0.10.0", "gzip", 1}, {"0.11.0.2", "lz4", 1},
                 {"2.8.0", "gzip", 1}};
    /* The mock cluster takes no compressed messages of the old formats; the reference's knows no
     * requests as old as these. 0.8.1 does not know LZ4, so its batches go plain. */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rd_kafka_conf_t *conf =
            conf_with("test.mock.num.brokers", "1", "linger.ms", "0", "compression.codec",
                      cases[i].codec, "api.version.request", "false", "broker.version.fallback",
                      cases[i].release, "statistics.interval.ms", "50", NULL);
        rd_kafka_t *rk;
        if (IS_STOCK && !cases[i].is_asked) {
            rd_kafka_conf_destroy(conf);
            continue;
        }
        rd_kafka_conf_set_stats_cb(conf, counts_questions);
        rk = start_collecting(conf, &reports);
        asked = 0;
        NEED(!rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(rk), "t", 1, 1));
        NEED(!send_text(rk, "t", 0, compressible(), NULL));
        poll_until(rk, &reports, 1, 10000);
        CHECK(reports.count == 1 && !reports.failed, "release %s: delivered", cases[i].release);
        for (int64_t end = now_ms() + 200; now_ms() < end;) rd_kafka_poll(rk, 50);
        CHECK_INT(asked > 0, cases[i].is_asked, "asked for its versions, or not");
        rd_kafka_destroy(rk);
        forget(&reports);
    }
}

static void a_question_that_is_refused(void) {
    static const rd_kafka_resp_err_t codes[] = {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
                                                RD_KAFKA_RESP_ERR_INVALID_REQUEST};
    for (int i = 0; i < 2; i++) {
        /* It must not ask itself. */
        rd_kafka_t *owner = start(conf_with("client.id", "owner", NULL));
        rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(owner, 1);
        rd_kafka_conf_t *conf = conf_with("linger.ms", "0", "reconnect.backoff.ms", "5000", NULL);
        int64_t begin = now_ms();
        rd_kafka_t *rk;
        NEED(!rd_kafka_mock_topic_create(cluster, "t", 1, 1));
        rd_kafka_mock_push_request_errors(cluster, 18, 1, codes[i]);
        set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster));
        memset(&wanted, 0, sizeof wanted);
        snprintf(wanted.facility, sizeof wanted.facility, "APIVERSION");
        wanted.level = 3;
        rd_kafka_conf_set_log_cb(conf, counts);
        rk = start_collecting(conf, &reports);
        NEED(!send_text(rk, "t", 0, "x", NULL));
        poll_until(rk, &reports, 1, 10000);
        CHECK(reports.count == 1 && !reports.failed && now_ms() - begin < 4000 * slow(),
              "%s: asked again on the same connection", rd_kafka_err2name(codes[i]));
        CHECK_INT(wanted.count, i, "an invalid request is told");
        rd_kafka_destroy(rk);
        rd_kafka_mock_cluster_destroy(cluster);
        rd_kafka_destroy(owner);
        forget(&reports);
    }
}

/* A broker that is older than the question: it hangs up after the first request of each connection,
 * and notes which one that was. */
static struct {
    int listener;
    pthread_t thread;
    pthread_mutex_t lock;
    int16_t first[4096];
    int count;
} ancient = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *hangs_up(void *arg) {
    int fd;
    (void)arg;
    while ((fd = accept(ancient.listener, NULL, NULL)) >= 0) {
        unsigned char head[6];
        if (recv(fd, head, sizeof head, MSG_WAITALL) == sizeof head) {
            pthread_mutex_lock(&ancient.lock);
            if (ancient.count < 4096)
                ancient.first[ancient.count++] = (int16_t)(head[4] << 8 | head[5]);
            pthread_mutex_unlock(&ancient.lock);
        }
        close(fd);
    }
    return NULL;
}

/* How often a question and another request followed each other on the first connections. */
static int changes(int *questions, int *others) {
    int changes = 0;
    pthread_mutex_lock(&ancient.lock);
    *questions = *others = 0;
    for (int i = 0; i < ancient.count; i++) {
        ++*(ancient.first[i] == 18 ? questions : others);
        if (i) changes += (ancient.first[i] == 18) != (ancient.first[i - 1] == 18);
    }
    pthread_mutex_unlock(&ancient.lock);
    return changes;
}

static void a_broker_that_does_not_know_the_question(void) {
    static const struct {
        const char *release, *fallback_ms;
        int changes, stays; /* Questions and other requests alternate; or: the others stay. */
    } cases[] = {{"0.9.0", "600000", 1, 1},
                 {"0.9.0", "500", 3, 0},
                 {"0.9.0", "0", 0, 0},
                 {"0.10.0", "600000", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t len = sizeof at;
        char address[32];
        rd_kafka_t *rk;
        int questions, others, seen = 0;
        ancient.count = 0;
        ancient.listener = socket(AF_INET, SOCK_STREAM, 0);
        NEED(!bind(ancient.listener, (struct sockaddr *)&at, len) &&
             !listen(ancient.listener, 16) &&
             !getsockname(ancient.listener, (struct sockaddr *)&at, &len) &&
             !pthread_create(&ancient.thread, NULL, hangs_up, NULL));
        snprintf(address, sizeof address, "127.0.0.1:%d", ntohs(at.sin_port));
        rk = start(conf_with("bootstrap.servers", address, "broker.version.fallback",
                             cases[i].release, "api.version.fallback.ms", cases[i].fallback_ms,
                             "reconnect.backoff.ms", "10", "reconnect.backoff.max.ms", "20",
                             "log_level", "0", NULL));
        NEED(!send_text(rk, "t", 0, "x", NULL));
        for (int64_t end = now_ms() + 30000; now_ms() < end; rd_kafka_poll(rk, 10)) {
            seen = changes(&questions, &others);
            if (questions + others >= 10 && seen >= cases[i].changes) break;
        }
        if (cases[i].stays)
            CHECK(seen == 1 && questions == 1, "asked once, and then taken for an old one: %d %d",
                  questions, others);
        else if (cases[i].changes)
            CHECK(seen >= cases[i].changes, "asked again when the time is over: %d %d", questions,
                  others);
        else
            CHECK(questions >= 10 && !others, "release %s for %s ms: asked each time: %d %d",
                  cases[i].release, cases[i].fallback_ms, questions, others);
        NEED(!rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE));
        rd_kafka_destroy(rk);
        shutdown(ancient.listener, SHUT_RDWR);
        pthread_join(ancient.thread, NULL);
        close(ancient.listener);
    }
}

int main(void) {
    releases();
    a_broker_that_does_not_know_the_question();
    a_question_that_is_refused();
    a_codec_that_is_too_new();
    no_common_version();
    return finish("versions");
}
