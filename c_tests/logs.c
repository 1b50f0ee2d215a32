/* Where log lines go: the callback, a log queue, the default logger on standard error; and that
 * nothing else is ever written there or to standard output. */
#include <fcntl.h>

#include "test.h"

struct seen {
    int count, with_thread, debug, init, fail;
    char fail_line[512];
};

static struct seen seen;

static void look(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)rk;
    __atomic_add_fetch(&seen.count, 1, __ATOMIC_SEQ_CST);
    if (!strncmp(buf, "[thrd:", 6)) seen.with_thread++;
    if (level == 7) seen.debug++;
    if (level == 7 && !strcmp(fac, "INIT")) seen.init++;
    if (level == 3 && !strcmp(fac, "FAIL")) {
        snprintf(seen.fail_line, sizeof seen.fail_line, "%s", buf);
        __atomic_add_fetch(&seen.fail, 1, __ATOMIC_SEQ_CST);
    }
}

static rd_kafka_conf_t *refused(const char *debug) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", "127.0.0.1:1");
    if (debug) set(conf, "debug", debug);
    return conf;
}

static void callback(void) {
    rd_kafka_conf_t *conf = refused(NULL);
    rd_kafka_t *rk;
    rd_kafka_conf_set_log_cb(conf, look);
    rk = start(conf);
    WAIT_FOR(__atomic_load_n(&seen.fail, __ATOMIC_SEQ_CST), 10000);
    CHECK(seen.fail > 0, "callback: a refused connection is an ERR FAIL line");
    CHECK(strstr(seen.fail_line, "Connect to ipv4#127.0.0.1:1 failed: Connection refused (after "),
          "callback: its text");
    CHECK(strstr(seen.fail_line, "[thrd:127.0.0.1:1/bootstrap]: 127.0.0.1:1/bootstrap: "),
          "callback: thread and broker in front");
    CHECK_INT(seen.debug, 0, "callback: no debug line unless asked");
    rd_kafka_destroy(rk);

    memset(&seen, 0, sizeof seen);
    conf = refused("all");
    rd_kafka_conf_set_log_cb(conf, look);
    rk = start(conf);
    WAIT_FOR(__atomic_load_n(&seen.fail, __ATOMIC_SEQ_CST), 10000);
    CHECK_INT(seen.init, 1, "debug=all: one INIT line");
    CHECK(seen.debug > 10, "debug=all: many debug lines");
    rd_kafka_destroy(rk);

    memset(&seen, 0, sizeof seen);
    conf = refused("broker");
    set(conf, "log.thread.name", "false");
    rd_kafka_conf_set_log_cb(conf, look);
    rk = start(conf);
    WAIT_FOR(__atomic_load_n(&seen.fail, __ATOMIC_SEQ_CST), 10000);
    CHECK_INT(seen.with_thread, 0, "log.thread.name=false: no thread in front");
    rd_kafka_destroy(rk);

    memset(&seen, 0, sizeof seen);
    conf = refused(NULL);
    set(conf, "log_level", "2");
    rd_kafka_conf_set_log_cb(conf, look);
    rk = start(conf);
    sleep_ms(300);
    CHECK_INT(seen.count, 0, "log_level=2: an ERR line is not passed on");
    rd_kafka_set_log_level(rk, 3);
    WAIT_FOR(__atomic_load_n(&seen.fail, __ATOMIC_SEQ_CST), 40000);
    rd_kafka_destroy(rk);
}

static void log_queue(void) {
    rd_kafka_conf_t *conf = refused("broker,topic");
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    int lines = 0, contexts = 0;
    memset(&seen, 0, sizeof seen);
    set(conf, "log.queue", "true");
    rd_kafka_conf_set_log_cb(conf, look);
    rk = start(conf);
    queue = rd_kafka_queue_new(rk);
    CHECK_ERR(rd_kafka_set_log_queue(rk, queue), 0, "log queue: set");
    for (int64_t end = now_ms() + 10000 * slow(); (!lines || !contexts) && now_ms() < end;) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 100);
        const char *fac, *text;
        char names[256] = "";
        int level;
        if (!event) continue;
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_LOG) {
            CHECK_INT(rd_kafka_event_log(event, &fac, &text, &level), 0, "log queue: an event");
            if (level == 3 && !strcmp(fac, "FAIL") && strstr(text, "refused")) lines++;
            if (level == 7 && !rd_kafka_event_debug_contexts(event, names, sizeof names) &&
                strstr(names, "broker"))
                contexts++;
        }
        rd_kafka_event_destroy(event);
    }
    CHECK(lines > 0, "log queue: the FAIL line is an event");
    CHECK(contexts > 0, "log queue: a debug line names its contexts");
    CHECK_INT(seen.count, 0, "log queue: the callback is not called behind the queue's back");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* In a child: standard output and error go to files, which are looked at afterwards. */
static char out_path[] = "/tmp/c_test_out_XXXXXX", err_path[] = "/tmp/c_test_err_XXXXXX";

static int logs_by_default(void) {
    int out = open(out_path, O_WRONLY), err = open(err_path, O_WRONLY);
    rd_kafka_t *rk;
    dup2(out, 1);
    dup2(err, 2);
    rk = start(refused("broker"));
    sleep_ms(500);
    rd_kafka_destroy(rk);
    return 0;
}

static void read_file(const char *path, char *to, size_t room) {
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(to, 1, room - 1, file) : 0;
    to[n] = 0;
    if (file) fclose(file);
    unlink(path);
}

static void default_logger(void) {
    static char text[1 << 16];
    long seconds;
    int level, millis, well_formed = 1, lines = 0, fails = 0;
    close(mkstemp(out_path));
    close(mkstemp(err_path));
    CHECK_INT(in_child(logs_by_default, 20), 0, "default logger: the child ends well");
    read_file(out_path, text, sizeof text);
    CHECK_STR(text, "", "default logger: nothing on standard output");
    read_file(err_path, text, sizeof text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        lines++;
        if (sscanf(line, "%%%d|%ld.%3d|", &level, &seconds, &millis) != 3) well_formed = 0;
        if (strstr(line, "|FAIL|rdkafka#producer-") && strstr(line, "| [thrd:")) fails++;
    }
    CHECK(lines > 1 && well_formed, "default logger: %%level|seconds.millis| in front of all");
    CHECK(fails > 0, "default logger: facility, handle, thread");
}

int main(void) {
    default_logger();
    callback();
    log_queue();
    return finish("logs");
}
