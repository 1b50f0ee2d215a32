/* purge of a request of which the broker has only a part. A relay stands between the client and the
 * mock cluster and stops reading when it is told to, so that a large request gets stuck. */
#include "test.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static struct reports reports;

/* ---- the relay ---- */

static int listener;
static volatile int paused, connections;

struct pair {
    int client, broker;
};

/* Passes bytes on until one side closes; nothing of the client's while paused. */
static void *relay(void *arg) {
    struct pair pair = *(struct pair *)arg;
    static _Thread_local char bytes[65536];
    free(arg);
    for (;;) {
        struct pollfd fds[2] = {{pair.client, paused ? 0 : POLLIN, 0}, {pair.broker, POLLIN, 0}};
        if (poll(fds, 2, 10) < 0) break;
        for (int i = 0; i < 2; i++) {
            ssize_t n, at = 0;
            int to = i ? pair.client : pair.broker;
            if (fds[i].revents & POLLHUP && paused) goto over;
            if (!(fds[i].revents & (POLLIN | POLLHUP)) || (i == 0 && paused)) continue;
            if ((n = recv(fds[i].fd, bytes, sizeof bytes, 0)) <= 0) goto over;
            for (ssize_t sent; at < n; at += sent)
                if ((sent = send(to, bytes + at, (size_t)(n - at), MSG_NOSIGNAL)) <= 0) goto over;
        }
    }
over:
    close(pair.client);
    close(pair.broker);
    return NULL;
}

/* Connects to the relay in place of the broker, and the relay to the broker. */
static int connect_through(int fd, const struct sockaddr *addr, int len, const char *id,
                           void *opaque) {
    struct sockaddr_in relay_at;
    socklen_t relay_len = sizeof relay_at;
    struct pair *pair = malloc(sizeof *pair);
    int small = 32768;
    pthread_t thread;
    (void)id, (void)opaque;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    NEED(pair && !getsockname(listener, (struct sockaddr *)&relay_at, &relay_len));
    pair->broker = socket(addr->sa_family, SOCK_STREAM, 0);
    if (connect(pair->broker, addr, (socklen_t)len)) return errno;
    if (connect(fd, (struct sockaddr *)&relay_at, relay_len) && errno != EINPROGRESS) return errno;
    pair->client = accept(listener, NULL, NULL);
    NEED(pair->client >= 0);
    connections++;
    NEED(!pthread_create(&thread, NULL, relay, pair));
    pthread_detach(thread);
    return 0;
}

static void start_relay(void) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int small = 32768;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    NEED(!bind(listener, (struct sockaddr *)&any, sizeof any) && !listen(listener, 16));
}

/* ---- the tests ---- */

static const struct report *of(char first) {
    for (int i = 0; i < reports.count; i++)
        if (reports.at[i].text[0] == first) return &reports.at[i];
    printf("NOT OK no report of %c\n", first);
    exit(1);
}

/* One request in flight, a large one half written, one behind them; each of a partition of its own,
 * since not every engine goes on with one that waits for an answer. */
static rd_kafka_t *with_half_a_request(void) {
    static char large[8 << 20];
    rd_kafka_conf_t *conf = conf_with(
        "test.mock.num.brokers", "1", "linger.ms", "0", "batch.num.messages", "1",
        "message.max.bytes", "16000000", "reconnect.backoff.ms", "20", NULL);
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk;
    rd_kafka_conf_set_connect_cb(conf, connect_through);
    rk = start_collecting(conf, &reports);
    cluster = rd_kafka_handle_mock_cluster(rk);
    NEED(!rd_kafka_mock_topic_create(cluster, "t", 3, 1));
    NEED(!send_text(rk, "t", 0, "warm", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1 && !reports.failed);
    forget(&reports);
    paused = 1;
    sleep_ms(50);
    NEED(!send_text(rk, "t", 0, "in flight", NULL));
    sleep_ms(200);
    memset(large, 'L', sizeof large - 1);
    NEED(!send_text(rk, "t", 1, large, NULL));
    sleep_ms(300);
    NEED(!send_text(rk, "t", 2, "queued", NULL));
    return rk;
}

static void goes_on(rd_kafka_t *rk, int before) {
    forget(&reports);
    paused = 0;
    NEED(!send_text(rk, "t", 0, "after", NULL));
    poll_until(rk, &reports, 1, 15000);
    CHECK(reports.count == 1 && !reports.failed, "the next message is delivered");
    CHECK(connections > before, "on another connection");
    rd_kafka_destroy(rk);
    forget(&reports);
}

static void purge_of_everything(void) {
    rd_kafka_t *rk = with_half_a_request();
    int before = connections;
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), 0, "purge");
    poll_until(rk, &reports, 3, 5000);
    CHECK_INT(reports.count, 3, "each message is reported");
    CHECK_ERR(of('i')->err, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, "the one in flight");
    CHECK_INT(of('i')->status, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED, "its fate is unknown");
    CHECK_ERR(of('L')->err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "the half-written one");
    CHECK_INT(of('L')->status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "the broker cannot have it");
    CHECK_ERR(of('q')->err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "the queued one");
    goes_on(rk, before);
}

static void purge_of_the_queue(void) {
    rd_kafka_t *rk = with_half_a_request();
    int before = connections;
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0, "purge of the queue");
    poll_until(rk, &reports, 3, 3000);
    CHECK_INT(reports.count, 3, "each message is reported");
    CHECK_ERR(of('i')->err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "the one in flight: by the closing");
    CHECK_INT(of('i')->status,
              IS_STOCK ? RD_KAFKA_MSG_STATUS_NOT_PERSISTED
                       : RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED,
              "the broker may have it");
    CHECK_ERR(of('L')->err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "the half-written one");
    CHECK_INT(of('L')->status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "the broker cannot have it");
    CHECK_ERR(of('q')->err, RD_KAFKA_RESP_ERR__PURGE_QUEUE, "the queued one");
    goes_on(rk, before);
}

int main(void) {
    start_relay();
    purge_of_everything();
    purge_of_the_queue();
    return finish("half_written");
}
