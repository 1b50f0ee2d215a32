/* Signals belong to the application: none ends it because of us, none is delivered on our threads,
 * dispositions and masks stay as they were. */
#include <sys/time.h>

#include "test.h"

static struct reports reports;
static volatile sig_atomic_t alarms, elsewhere;
static pthread_t main_thread;

static void on_alarm(int number) {
    (void)number;
    alarms++;
    if (!pthread_equal(pthread_self(), main_thread)) elsewhere++;
}

/* The broker closes under a write: with SIGPIPE at its default that would be the end. */
static int closed_peers(void) {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *cluster;
    signal(SIGPIPE, SIG_DFL);
    rk = start_collecting(conf_with("test.mock.num.brokers", "1", "linger.ms", "0",
                                    "reconnect.backoff.ms", "10", NULL),
                          &reports);
    cluster = rd_kafka_handle_mock_cluster(rk);
    for (int i = 0; i < 20; i++) {
        for (int k = 0; k < 50; k++)
            if (send_text(rk, "t", 0, "x", NULL)) return 1;
        if (i % 2) rd_kafka_mock_broker_set_up(cluster, 1);
        else rd_kafka_mock_broker_set_down(cluster, 1);
        rd_kafka_poll(rk, 20);
    }
    rd_kafka_mock_broker_set_up(cluster, 1);
    if (rd_kafka_flush(rk, 20000)) return 2;
    rd_kafka_destroy(rk);
    return 0;
}

static void many_alarms(void) {
    struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    struct sigaction action = {.sa_handler = on_alarm}, before;
    rd_kafka_t *rk;
    sigset_t mask_before, mask_after;
    main_thread = pthread_self();
    sigaction(SIGALRM, &action, &before);
    sigemptyset(&mask_before);
    sigaddset(&mask_before, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
#ifdef STOCK
    /* Its mock thread has the caller's mask and does not survive the storm. */
    sigaddset(&mask_before, SIGALRM);
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
    rk = start_collecting(conf_with("test.mock.num.brokers", "2", NULL), &reports);
    sigdelset(&mask_before, SIGALRM);
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
#else
    setitimer(ITIMER_REAL, &often, NULL);
    rk = start_collecting(conf_with("test.mock.num.brokers", "2", NULL), &reports);
#endif
    forget(&reports);
    for (int i = 0; i < 5000; i++) {
        NEED(!send_text(rk, "t", i % 4, "x", NULL));
        if (i % 50 == 0) rd_kafka_poll(rk, 10);
    }
    CHECK_ERR(rd_kafka_flush(rk, 30000), 0, "flush under a storm of SIGALRM");
    setitimer(ITIMER_REAL, &never, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &mask_after);
    CHECK(reports.count == 5000 && !reports.failed, "all delivered");
    CHECK(alarms > 100, "there was a storm (%d)", (int)alarms);
    CHECK_INT(elsewhere, 0, "no handler ran on a thread of the library");
    CHECK(sigismember(&mask_after, SIGUSR2) == 1 && !sigismember(&mask_after, SIGALRM),
          "the caller's mask is as it was");
    sigaction(SIGALRM, NULL, &action);
    CHECK(action.sa_handler == on_alarm, "the caller's handler is as it was");
    rd_kafka_destroy(rk);
    forget(&reports);
    sigaction(SIGALRM, &before, NULL);
}

static int dispositions(void) {
    struct sigaction before[65], after;
    rd_kafka_t *rk;
    memset(before, 0, sizeof before);
    for (int s = 1; s < 65; s++) sigaction(s, NULL, &before[s]);
    rk = start(conf_with("test.mock.num.brokers", "1", NULL));
    send_text(rk, "t", 0, "x", NULL);
    rd_kafka_flush(rk, 10000);
    rd_kafka_destroy(rk);
    for (int s = 1; s < 65; s++) {
        memset(&after, 0, sizeof after);
        sigaction(s, NULL, &after);
        if (after.sa_handler != before[s].sa_handler) return s;
    }
    return 0;
}

/* Leaving without destroy, also while threads are busy. */
static int leaves_without_destroy(void) {
    rd_kafka_t *rk = start(conf_with("test.mock.num.brokers", "1", "linger.ms", "0", NULL));
    for (int i = 0; i < 1000; i++) send_text(rk, "t", 0, "x", NULL);
    exit(7);
}

int main(void) {
    int left_well = 1;
    CHECK_INT(in_child(closed_peers, 60), 0, "closed peers raise no SIGPIPE");
    CHECK_INT(in_child(dispositions, 30), 0, "no disposition is changed");
    for (int i = 0; i < 20 && left_well; i++)
        left_well = in_child(leaves_without_destroy, 20) == 7;
    CHECK(left_well, "exit without destroy keeps the exit status");
    many_alarms();
    return finish("signals");
}
