/* What every C test shares: checks that print one line each, a producer on its own mock cluster, a
 * collector of delivery reports, and children for inputs that may crash.
 *
 * A program is `int main(void)`, calls its cases and ends with `return finish("topic");`.
 * With -DSTOCK the expectations are those of librdkafka 2.0.2 where it differs. */
#ifndef TEST_H
#define TEST_H

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#ifdef STOCK
#define IS_STOCK 1
#else
#define IS_STOCK 0
#endif

/* Valgrind and sanitizers make everything slower: run.sh sets TEST_SLOW to a factor. */
static inline int slow(void) {
    const char *factor = getenv("TEST_SLOW");
    return factor && atoi(factor) > 0 ? atoi(factor) : 1;
}

/* ---- checks ---- */

static int checks_passed, checks_failed;

static inline int check_at(const char *file, int line, int ok, const char *format, ...) {
    va_list args;
    va_start(args, format);
    printf(ok ? "ok     " : "NOT OK ");
    vprintf(format, args);
    va_end(args);
    if (!ok) printf("  (%s:%d)", file, line);
    printf("\n");
    fflush(stdout);
    if (ok) checks_passed++;
    else checks_failed++;
    return ok;
}

#define CHECK(condition, ...) check_at(__FILE__, __LINE__, !!(condition), __VA_ARGS__)

#define CHECK_INT(got, want, name)                                                              \
    do {                                                                                        \
        long long got_ = (long long)(got), want_ = (long long)(want);                           \
        if (got_ == want_) check_at(__FILE__, __LINE__, 1, "%s", name);                         \
        else check_at(__FILE__, __LINE__, 0, "%s: got %lld, want %lld", name, got_, want_);     \
    } while (0)

#define CHECK_ERR(got, want, name)                                                              \
    do {                                                                                        \
        int got_ = (int)(got), want_ = (int)(want);                                             \
        if (got_ == want_) check_at(__FILE__, __LINE__, 1, "%s", name);                         \
        else                                                                                    \
            check_at(__FILE__, __LINE__, 0, "%s: got %d (%s), want %d (%s)", name, got_,        \
                     rd_kafka_err2name((rd_kafka_resp_err_t)got_), want_,                       \
                     rd_kafka_err2name((rd_kafka_resp_err_t)want_));                            \
    } while (0)

#define CHECK_STR(got, want, name)                                                              \
    do {                                                                                        \
        const char *got_ = (got), *want_ = (want);                                              \
        if (got_ && !strcmp(got_, want_)) check_at(__FILE__, __LINE__, 1, "%s", name);          \
        else                                                                                    \
            check_at(__FILE__, __LINE__, 0, "%s: got \"%s\", want \"%s\"", name,                \
                     got_ ? got_ : "(null)", want_);                                            \
    } while (0)

/* Without this nothing that follows makes sense. */
#define NEED(condition)                                                                         \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            printf("NOT OK needed: %s  (%s:%d)\n", #condition, __FILE__, __LINE__);             \
            exit(1);                                                                            \
        }                                                                                       \
    } while (0)

static inline int finish(const char *topic) {
    printf("%s: %d passed, %d failed\n", topic, checks_passed, checks_failed);
    return checks_failed ? 1 : 0;
}

/* ---- time ---- */

static inline int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void sleep_ms(int ms) {
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    while (nanosleep(&t, &t) == -1 && errno == EINTR) {
    }
}

/* Polls `condition` for at most `ms` milliseconds. */
#define WAIT_FOR(condition, ms)                                                                 \
    do {                                                                                        \
        int64_t end_ = now_ms() + (int64_t)(ms) * slow();                                       \
        while (!(condition) && now_ms() < end_) sleep_ms(5);                                    \
    } while (0)

/* ---- delivery reports ---- */

struct report {
    rd_kafka_resp_err_t err;
    rd_kafka_msg_status_t status;
    int32_t partition;
    int32_t broker_id;
    int64_t offset;
    int64_t timestamp;
    rd_kafka_timestamp_type_t timestamp_type;
    int64_t latency;
    size_t len, key_len;
    int null_payload, null_key;
    void *payload;
    void *opaque;
    char text[32]; /* the first bytes of the payload */
};

struct reports {
    int count, failed;
    int keep; /* how many of them `at` has room for */
    struct report *at;
};

static inline struct report report_of(const rd_kafka_message_t *m) {
    struct report r;
    memset(&r, 0, sizeof r);
    r.err = m->err;
    r.status = rd_kafka_message_status(m);
    r.partition = m->partition;
    r.broker_id = rd_kafka_message_broker_id(m);
    r.offset = m->offset;
    r.timestamp = rd_kafka_message_timestamp(m, &r.timestamp_type);
    r.latency = rd_kafka_message_latency(m);
    r.len = m->len;
    r.key_len = m->key_len;
    r.null_payload = !m->payload;
    r.null_key = !m->key;
    r.payload = m->payload;
    r.opaque = m->_private;
    if (m->payload) {
        size_t n = m->len < sizeof r.text - 1 ? m->len : sizeof r.text - 1;
        memcpy(r.text, m->payload, n);
    }
    return r;
}

static inline void collect(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
    struct reports *to = opaque;
    (void)rk;
    if (!to) return;
    if (to->count == to->keep) {
        to->keep = to->keep ? 2 * to->keep : 64;
        to->at = realloc(to->at, (size_t)to->keep * sizeof *to->at);
        NEED(to->at);
    }
    to->at[to->count++] = report_of(m);
    if (m->err) to->failed++;
}

static inline void forget(struct reports *r) {
    free(r->at);
    memset(r, 0, sizeof *r);
}

/* ---- producers ---- */

static inline void swallow_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)rk;
    if (getenv("TEST_LOG")) fprintf(stderr, "%d %s %s\n", level, fac, buf);
}

static inline void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[256];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof errstr) != RD_KAFKA_CONF_OK) {
        printf("NOT OK conf %s=%s: %s\n", name, value, errstr);
        exit(1);
    }
}

/* A configuration with the given name, value pairs, ended by NULL. */
static inline rd_kafka_conf_t *conf_with(const char *name, ...) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    va_list args;
    rd_kafka_conf_set_log_cb(conf, swallow_log);
    va_start(args, name);
    for (; name; name = va_arg(args, const char *)) set(conf, name, va_arg(args, const char *));
    va_end(args);
    return conf;
}

static inline rd_kafka_t *start(rd_kafka_conf_t *conf) {
    char errstr[512];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    if (!rk) {
        printf("NOT OK rd_kafka_new: %s\n", errstr);
        exit(1);
    }
    return rk;
}

/* A producer whose reports are collected in `reports`, which may be NULL. */
static inline rd_kafka_t *start_collecting(rd_kafka_conf_t *conf, struct reports *reports) {
    rd_kafka_conf_set_dr_msg_cb(conf, collect);
    rd_kafka_conf_set_opaque(conf, reports);
    return start(conf);
}

static inline rd_kafka_resp_err_t send_text(rd_kafka_t *rk, const char *topic, int32_t partition,
                                            const char *text, void *opaque) {
    return rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_VALUE((void *)text, strlen(text)),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(opaque),
                             RD_KAFKA_V_END);
}

static inline void poll_until(rd_kafka_t *rk, const struct reports *r, int count, int ms) {
    int64_t end = now_ms() + (int64_t)ms * slow();
    while (r->count < count && now_ms() < end) rd_kafka_poll(rk, 20);
}

/* ---- children ---- */

/* Runs `body` in a child. Answers 0 if it returned 0, its exit status otherwise, 256 + signal if
 * a signal ended it and 999 if it did not end within `seconds`. */
static inline int in_child(int (*body)(void), int seconds) {
    int status;
    int64_t end = now_ms() + (int64_t)seconds * 1000 * slow();
    pid_t pid;
    fflush(NULL);
    pid = fork();
    if (!pid) _exit(body());
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (now_ms() > end) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return 999;
        }
        sleep_ms(2);
    }
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- census ---- */

#include <dirent.h>

static inline int entries_of(const char *path) {
    DIR *dir = opendir(path);
    int count = 0;
    NEED(dir);
    while (readdir(dir)) count++;
    closedir(dir);
    return count - 2;
}

static inline int thread_count(void) { return entries_of("/proc/self/task"); }
/* Without the descriptor that reads the directory itself. */
static inline int descriptor_count(void) { return entries_of("/proc/self/fd") - 1; }

#endif
