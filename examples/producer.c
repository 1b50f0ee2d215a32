/* An ordinary producer: every line of the given files becomes a message.
 *
 *     producer [options] FILE...
 *       -b LIST        bootstrap addresses; without it an embedded mock cluster is used
 *       -m COUNT       brokers of the embedded cluster (3)
 *       -t TOPIC       topic (lines)
 *       -p PARTITIONS  create the topic with as many partitions (embedded cluster only)
 *       -k             lines are KEY<TAB>VALUE; otherwise the key is FILE:LINE
 *       -X NAME=VALUE  any configuration property
 *       -w             stay alive until standard input ends, so that the cluster can be read from
 *
 * Each message has the headers `file` and `line`. It uses nothing but the public header, polls as
 * it goes, waits when the queue is full, and counts each delivery report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

struct summary {
    long delivered, failed;
    long long bytes;
    rd_kafka_resp_err_t first_error;
};

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    struct summary *summary = opaque;
    (void)rk;
    if (message->err) {
        if (!summary->failed++) summary->first_error = message->err;
        return;
    }
    summary->delivered++;
    summary->bytes += (long long)(message->len + message->key_len);
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "producer: %s: %s\n", what, why);
    exit(1);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[512];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof errstr) != RD_KAFKA_CONF_OK)
        fail(name, errstr);
}

static void produce_line(rd_kafka_t *rk, const char *topic, const char *key, size_t key_len,
                         const char *value, size_t len, const char *file, const char *number) {
    rd_kafka_resp_err_t err;
    while ((err = rd_kafka_producev(
                rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                RD_KAFKA_V_KEY((void *)key, key_len), RD_KAFKA_V_VALUE((void *)value, len),
                RD_KAFKA_V_HEADER("file", file, -1), RD_KAFKA_V_HEADER("line", number, -1),
                RD_KAFKA_V_END)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(rk, 100);
    if (err) fail("produce", rd_kafka_err2str(err));
}

static long produce_file(rd_kafka_t *rk, const char *topic, const char *path, int keyed) {
    char *line = NULL, key[512], number[32];
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t room = 0;
    ssize_t len;
    long count = 0;
    FILE *file = fopen(path, "r");
    if (!file) fail(path, strerror(errno));
    while ((len = getline(&line, &room, file)) != -1) {
        char *value = line, *tab = keyed ? memchr(line, '\t', (size_t)len) : NULL;
        if (len && line[len - 1] == '\n') line[--len] = 0;
        snprintf(number, sizeof number, "%ld", ++count);
        if (tab) {
            value = tab + 1;
            produce_line(rk, topic, line, (size_t)(tab - line), value,
                         (size_t)(line + len - value), name, number);
        } else {
            int n = snprintf(key, sizeof key, "%s:%ld", path, count);
            produce_line(rk, topic, key, (size_t)n, line, (size_t)len, name, number);
        }
        if (count % 100 == 0) rd_kafka_poll(rk, 0);
    }
    free(line);
    fclose(file);
    return count;
}

static int report(const struct summary *s, long produced, double wall, double cpu) {
    fprintf(stderr, "library:   librdkafka %s\n", rd_kafka_version_str());
    fprintf(stderr, "produced:  %ld messages, %lld bytes\n", produced, s->bytes);
    fprintf(stderr, "reports:   %ld delivered, %ld failed%s%s\n", s->delivered, s->failed,
            s->failed ? ", first: " : "", s->failed ? rd_kafka_err2name(s->first_error) : "");
    fprintf(stderr, "rate:      %.0f messages/s\n", (double)produced / wall);
    fprintf(stderr, "cpu:       %.0f ns/message (the whole process)\n",
            cpu * 1e9 / (double)(produced ? produced : 1));
    return s->delivered == produced && !s->failed ? 0 : 1;
}

static void property(rd_kafka_conf_t *conf, char *pair) {
    char *equals = strchr(pair, '=');
    if (!equals) fail(pair, "NAME=VALUE expected");
    *equals = 0;
    set(conf, pair, equals + 1);
}

int main(int argc, char **argv) {
    const char *topic = "lines", *brokers = NULL, *embedded = "3";
    int option, partitions = 0, keyed = 0, wait = 0, status;
    struct summary summary = {0};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_mock_cluster_t *cluster = NULL;
    rd_kafka_t *rk;
    long produced = 0;
    double wall, cpu;
    char errstr[512];

    while ((option = getopt(argc, argv, "b:m:t:p:kX:w")) != -1) switch (option) {
        case 'b': brokers = optarg; break;
        case 'm': embedded = optarg; break;
        case 't': topic = optarg; break;
        case 'p': partitions = atoi(optarg); break;
        case 'k': keyed = 1; break;
        case 'X': property(conf, optarg); break;
        case 'w': wait = 1; break;
        default: return 2;
        }
    set(conf, brokers ? "bootstrap.servers" : "test.mock.num.brokers",
        brokers ? brokers : embedded);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, &summary);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    if (!rk) fail("rd_kafka_new", errstr);
    if (!brokers) cluster = rd_kafka_handle_mock_cluster(rk);
    if (cluster && partitions) rd_kafka_mock_topic_create(cluster, topic, partitions, 1);

    wall = seconds_now();
    cpu = cpu_seconds();
    for (; optind < argc; optind++) produced += produce_file(rk, topic, argv[optind], keyed);
    if (rd_kafka_flush(rk, 300000)) fprintf(stderr, "producer: flush timed out\n");
    status = report(&summary, produced, seconds_now() - wall, cpu_seconds() - cpu);

    if (wait) {
        /* Who reads the cluster waits for this line. */
        printf("%s\n", cluster ? rd_kafka_mock_cluster_bootstraps(cluster) : brokers);
        fflush(stdout);
        while (getchar() != EOF) {
        }
    }
    rd_kafka_destroy(rk);
    return status;
}
