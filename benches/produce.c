/* Measures a producer library through its public C interface: CPU time of the whole process per
 * delivered message, or the memory of messages that nobody takes.
 *
 *     produce -b ADDRESS [-n MESSAGES] [-s BYTES] [-p PARTITIONS] [-k] [-r RATE] [-X NAME=VALUE]...
 *     produce -m [-n MESSAGES] [-s BYTES]      queue them without a broker, print peak memory
 *
 * With -r, RATE messages a second are produced, spread over the partitions, and the line has the
 * latencies from produce call to report. Prints one line: NAME=VALUE pairs. The library is the one that the loader finds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

static long delivered, failed, latency_count;
static int64_t *latencies;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    (void)opaque;
    if (latencies) latencies[latency_count++] = rd_kafka_message_latency(message);
    if (message->err) failed++;
    else delivered++;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static long quantile(double share) {
    return latency_count ? (long)latencies[(long)((double)(latency_count - 1) * share)] : -1;
}

static double cpu_ns(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) * 1e3;
}

static double wall_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static long peak_kilobytes(void) {
    char line[256];
    long peak = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &peak) == 1) break;
    if (file) fclose(file);
    return peak;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[256];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof errstr) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "produce: %s\n", errstr);
        exit(1);
    }
}

static void produce_all(rd_kafka_t *rk, rd_kafka_topic_t *rkt, long count, int partitions,
                        const char *payload, size_t size, int keyed, long rate) {
    double begin = wall_ns();
    for (long i = 0; i < count; i++) {
        while (rate && (double)i * 1e9 / (double)rate > wall_ns() - begin) rd_kafka_poll(rk, 1);
        char key[16];
        size_t key_len = keyed ? (size_t)snprintf(key, sizeof key, "key-%ld", i % 1000) : 0;
        while (rd_kafka_produce(rkt, (int32_t)(i % partitions), RD_KAFKA_MSG_F_COPY,
                                (void *)payload, size, keyed ? key : NULL, key_len, NULL)) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                fprintf(stderr, "produce: %s\n", rd_kafka_err2str(rd_kafka_last_error()));
                exit(1);
            }
            rd_kafka_poll(rk, 10);
        }
        if (i % 1000 == 0) rd_kafka_poll(rk, 0);
    }
}

static void wait_for(rd_kafka_t *rk, long count) {
    double end = wall_ns() + 120e9;
    while (delivered + failed < count && wall_ns() < end) rd_kafka_poll(rk, 100);
}

int main(int argc, char **argv) {
    const char *broker = NULL;
    long count = 1000000, size = 100, rate = 0;
    int option, partitions = 1, keyed = 0, memory = 0;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    char errstr[256], topic[32], *payload, *equals;
    double cpu, wall;

    while ((option = getopt(argc, argv, "b:n:s:p:kmr:X:")) != -1) switch (option) {
        case 'b': broker = optarg; break;
        case 'n': count = atol(optarg); break;
        case 's': size = atol(optarg); break;
        case 'p': partitions = atoi(optarg); break;
        case 'k': keyed = 1; break;
        case 'm': memory = 1; break;
        case 'r': rate = atol(optarg); break;
        case 'X':
            if (!(equals = strchr(optarg, '='))) return 2;
            *equals = 0;
            set(conf, optarg, equals + 1);
            break;
        default: return 2;
        }
    if (!broker && !memory) return 2;
    payload = malloc((size_t)size);
    for (long i = 0; i < size; i++) payload[i] = (char)('a' + i * 7 % 26);
    set(conf, "bootstrap.servers", memory ? "127.0.0.1:1" : broker);
    set(conf, "log_level", memory ? "0" : "4");
    if (memory) set(conf, "queue.buffering.max.messages", "0");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    if (!rk) {
        fprintf(stderr, "produce: %s\n", errstr);
        return 1;
    }
    snprintf(topic, sizeof topic, "bench-p%d", partitions);
    rkt = rd_kafka_topic_new(rk, topic, NULL);

    if (memory) {
        produce_all(rk, rkt, count, partitions, payload, (size_t)size, keyed, 0);
        printf("queued=%d peak_kb=%ld\n", rd_kafka_outq_len(rk), peak_kilobytes());
        fflush(stdout);
        _exit(0);
    }
    /* Connection and metadata are not measured. */
    produce_all(rk, rkt, partitions, partitions, payload, (size_t)size, keyed, 0);
    wait_for(rk, partitions);
    delivered = failed = 0;
    if (rate) latencies = malloc((size_t)count * sizeof *latencies);
    cpu = cpu_ns();
    wall = wall_ns();
    produce_all(rk, rkt, count, partitions, payload, (size_t)size, keyed, rate);
    wait_for(rk, count);
    cpu = cpu_ns() - cpu;
    wall = wall_ns() - wall;
    printf("cpu_ns=%.0f wall_ns=%.0f delivered=%ld failed=%ld peak_kb=%ld", cpu / (double)count,
           wall / (double)count, delivered, failed, peak_kilobytes());
    if (rate) {
        qsort(latencies, (size_t)latency_count, sizeof *latencies, by_size);
        printf(" p50_us=%ld p99_us=%ld", quantile(0.5), quantile(0.99));
    }
    puts("");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return delivered == count && !failed ? 0 : 1;
}
