/* Measures a producer library through its public C interface: CPU time of the whole process per
 * delivered message, or the memory of messages that nobody takes.
 *
 *     produce -b ADDRESS [-n MESSAGES] [-s BYTES] [-p PARTITIONS] [-k] [-j THREADS]
 *             [-r MESSAGES_A_SECOND] [-w] [-0] [-X NAME=VALUE]...
 *     produce -m [-b ADDRESS] [-n MESSAGES] [-s BYTES] [-X NAME=VALUE]...
 *                                   queue them and print their memory, without a broker, or with
 *                                   one, if the properties let them linger
 *
 * One producing thread that does as it can polls as well; several, or one at a given rate, leave
 * that to a thread of its own, and at a rate the time from the call to the report is taken of each
 * message. With -w the warm-up counts as well, so that two runs of different lengths differ by
 * messages only; with -0 nothing is produced at a rate, which shows what this program costs.
 * Prints one line: NAME=VALUE pairs. The library is the one that the loader finds. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#define PAYLOADS 1024
#define THREADS_MAX 64

static struct {
    long count, size, rate;
    int partitions, keyed, threads, is_empty;
} load = {1000000, 100, 0, 1, 0, 1, 0};

static rd_kafka_t *rk;
static rd_kafka_topic_t *rkt;
static char *payloads;
static long delivered, failed;
static int *latencies_us;
static atomic_int is_over;

static double clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double wall_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

static void on_delivery(rd_kafka_t *instance, const rd_kafka_message_t *message, void *opaque) {
    (void)instance;
    (void)opaque;
    if (message->_private) {
        double since = wall_ns() - (double)(intptr_t)message->_private;
        latencies_us[delivered] = (int)(since / 1000);
    }
    if (message->err) failed++;
    else delivered++;
}

static double cpu_ns(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) * 1e3;
}

static long memory_kilobytes(const char *format) {
    char line[256];
    long size = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, format, &size) == 1) break;
    if (file) fclose(file);
    return size;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[256];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof errstr) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "produce: %s\n", errstr);
        exit(1);
    }
}

/* Payloads like log lines: of each 32 bytes the first half is random letters, the second one text
 * that comes again. */
static void make_payloads(void) {
    static const char letters[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    static const char line[] =
        "level=info host=web-1 path=/orders status=200 took_ms=17 user=anonymous region=north ";
    unsigned long state = 88172645463325252ul;
    payloads = malloc((size_t)(PAYLOADS * load.size));
    for (long i = 0; i < PAYLOADS * load.size; i++) {
        long at = i % load.size;
        state = state * 6364136223846793005ul + 1442695040888963407ul;
        payloads[i] = at % 32 < 16 ? letters[state >> 58] : line[at % (long)(sizeof line - 1)];
    }
}

static void wait_until(double due_ns) {
    long due = (long)due_ns;
    struct timespec t = {due / 1000000000, due % 1000000000};
    if (wall_ns() < due_ns) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void one(long number, int partition, int polls, void *opaque) {
    char key[] = "key-000";
    size_t key_len = load.keyed ? sizeof key - 1 : 0;
    /* By hand: formatting would cost more than what is measured. */
    if (load.keyed)
        for (long digit = 0, rest = number; digit < 3; digit++, rest /= 10)
            key[6 - digit] = (char)('0' + rest % 10);
    char *payload = payloads + number % PAYLOADS * load.size;
    while (rd_kafka_produce(rkt, partition, RD_KAFKA_MSG_F_COPY, payload, (size_t)load.size,
                            load.keyed ? key : NULL, key_len, opaque)) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            fprintf(stderr, "produce: %s\n", rd_kafka_err2str(rd_kafka_last_error()));
            exit(1);
        }
        if (polls) rd_kafka_poll(rk, 10);
        else usleep(500);
    }
}

static void flat_out(long count) {
    for (long i = 0; i < count; i++) {
        one(i, (int)(i % load.partitions), 1, NULL);
        if (i % 64 == 0) rd_kafka_poll(rk, 0);
    }
}

static void wait_for(long count) {
    double end = wall_ns() + 120e9;
    while (delivered + failed < count && wall_ns() < end) rd_kafka_poll(rk, 100);
}

static void *poll_loop(void *unused) {
    while (!atomic_load(&is_over)) rd_kafka_poll(rk, 100);
    return unused;
}

/* One of several producing threads, or one that keeps to a rate. */
static void *produce_loop(void *number) {
    int id = (int)(intptr_t)number;
    long count = load.count / load.threads;
    int partition = (int)((long)id * load.partitions / load.threads);
    double rate = (double)load.rate / load.threads, start = wall_ns();
    for (long i = 0; i < count; i++) {
        void *opaque = NULL;
        if (load.rate) {
            wait_until(start + (double)i * 1e9 / rate);
            opaque = (void *)(intptr_t)wall_ns();
        }
        if (!load.is_empty) one(i, partition, 0, opaque);
        if (++partition == load.partitions) partition = 0;
    }
    return NULL;
}

static void with_threads(void) {
    pthread_t poller, producers[THREADS_MAX];
    double end;
    pthread_create(&poller, NULL, poll_loop, NULL);
    for (int i = 0; i < load.threads; i++)
        pthread_create(&producers[i], NULL, produce_loop, (void *)(intptr_t)i);
    for (int i = 0; i < load.threads; i++) pthread_join(producers[i], NULL);
    end = wall_ns() + 60e9;
    while (rd_kafka_outq_len(rk) > 0 && wall_ns() < end) usleep(2000);
    atomic_store(&is_over, 1);
    pthread_join(poller, NULL);
}

static int compare(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static int in_memory(int has_broker) {
    long before, after;
    if (has_broker) {
        flat_out(load.partitions);
        rd_kafka_flush(rk, 10000);
    }
    for (long i = 0; i < 1000; i++) one(i, 0, 1, NULL);
    before = memory_kilobytes("VmRSS: %ld");
    for (long i = 0; i < load.count; i++) one(i, 0, 1, NULL);
    after = memory_kilobytes("VmRSS: %ld");
    printf("bytes=%.0f queued=%d\n", (double)(after - before) * 1024 / (double)load.count,
           rd_kafka_outq_len(rk));
    fflush(stdout);
    _exit(0);
}

static int measure(int is_warm) {
    double cpu, wall;
    /* Connection and metadata are not measured. */
    flat_out(load.partitions);
    wait_for(load.partitions);
    delivered = failed = 0;
    if (is_warm) load.count -= load.partitions;
    cpu = cpu_ns();
    wall = wall_ns();
    if (load.rate || load.threads > 1) {
        with_threads();
    } else {
        flat_out(load.count);
        wait_for(load.count);
    }
    cpu = cpu_ns() - cpu;
    wall = wall_ns() - wall;
    printf("cpu_ns=%.0f wall_ns=%.0f delivered=%ld failed=%ld", cpu / (double)load.count,
           wall / (double)load.count, delivered, failed);
    if (load.rate && delivered == load.count) {
        qsort(latencies_us, (size_t)delivered, sizeof *latencies_us, compare);
        printf(" p50_us=%d p99_us=%d", latencies_us[delivered / 2],
               latencies_us[delivered * 99 / 100]);
    }
    puts("");
    return load.is_empty || (delivered == load.count && !failed) ? 0 : 1;
}

int main(int argc, char **argv) {
    const char *broker = NULL;
    int option, memory = 0, is_warm = 0, status;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[256], topic[32], *equals;

    while ((option = getopt(argc, argv, "b:n:s:p:kj:r:wm0X:")) != -1) switch (option) {
        case 'b': broker = optarg; break;
        case 'n': load.count = atol(optarg); break;
        case 's': load.size = atol(optarg); break;
        case 'p': load.partitions = atoi(optarg); break;
        case 'k': load.keyed = 1; break;
        case 'j': load.threads = atoi(optarg); break;
        case 'r': load.rate = atol(optarg); break;
        case 'w': is_warm = 1; break;
        case 'm': memory = 1; break;
        case '0': load.is_empty = 1; break;
        case 'X':
            if (!(equals = strchr(optarg, '='))) return 2;
            *equals = 0;
            set(conf, optarg, equals + 1);
            break;
        default: return 2;
        }
    if ((!broker && !memory) || load.threads < 1 || load.threads > THREADS_MAX) return 2;
    load.count -= load.count % load.threads;
    make_payloads();
    latencies_us = calloc((size_t)load.count + 1, sizeof *latencies_us);
    set(conf, "bootstrap.servers", broker ? broker : "127.0.0.1:1");
    set(conf, "log_level", memory ? "0" : "4");
    if (memory) set(conf, "queue.buffering.max.messages", "10000000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    if (!rk) {
        fprintf(stderr, "produce: %s\n", errstr);
        return 1;
    }
    snprintf(topic, sizeof topic, "bench-p%d", load.partitions);
    rkt = rd_kafka_topic_new(rk, topic, NULL);
    status = memory ? in_memory(broker != NULL) : measure(is_warm);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return status;
}
