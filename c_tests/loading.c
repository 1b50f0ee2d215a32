/* The library as a file that a host opens itself: RTLD_LOCAL, used through dlsym, closed while its
 * threads still run, opened again; and what it leaves of the process: output, descriptors 0 to 2,
 * the locale, errno on success. */
#include <dlfcn.h>
#include <locale.h>

#include "test.h"

static int opened_and_closed(void) {
    rd_kafka_conf_t *(*conf_new)(void);
    rd_kafka_t *(*create)(rd_kafka_type_t, rd_kafka_conf_t *, char *, size_t);
    void (*destroy)(rd_kafka_t *);
    char errstr[128];
    for (int round = 0; round < 3; round++) {
        void *library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
        rd_kafka_t *kept, *ended;
        if (!library) return 1;
        *(void **)&conf_new = dlsym(library, "rd_kafka_conf_new");
        *(void **)&create = dlsym(library, "rd_kafka_new");
        *(void **)&destroy = dlsym(library, "rd_kafka_destroy");
        if (!conf_new || !create || !destroy) return 2;
        kept = create(RD_KAFKA_PRODUCER, conf_new(), errstr, sizeof errstr);
        ended = create(RD_KAFKA_PRODUCER, conf_new(), errstr, sizeof errstr);
        if (!kept || !ended) return 3;
        destroy(ended);
        /* Threads of `kept` run on: their code must not go away. */
        dlclose(library);
        sleep_ms(50);
    }
    return 0;
}

static int with_standard_descriptors_closed(void) {
    rd_kafka_t *rk;
    close(0);
    close(1);
    close(2);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), NULL, 0);
    if (!rk) return 1;
    send_text(rk, "t", 0, "x", NULL);
    rd_kafka_poll(rk, 50);
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_flush(rk, 500);
    rd_kafka_destroy(rk);
    return 0;
}

static void environment_and_locale(void) {
    char before[64];
    rd_kafka_t *rk;
    snprintf(before, sizeof before, "%s", setlocale(LC_ALL, NULL));
    setenv("MINE", "1", 1);
    rk = start(conf_with("test.mock.num.brokers", "1", NULL));
    NEED(!send_text(rk, "t", 0, "x", NULL));
    errno = 4711;
    CHECK_INT(rd_kafka_outq_len(rk), 1, "one message is out");
    CHECK_INT(errno, 4711, "success leaves errno alone");
    rd_kafka_flush(rk, 5000);
    rd_kafka_destroy(rk);
    CHECK_STR(setlocale(LC_ALL, NULL), before, "the locale is as it was");
    CHECK_STR(getenv("MINE"), "1", "so is the environment");
}

int main(void) {
    CHECK_INT(in_child(opened_and_closed, 30), 0, "opened, closed with threads, opened again");
    CHECK_INT(in_child(with_standard_descriptors_closed, 30), 0, "without descriptors 0 to 2");
    environment_and_locale();
    return finish("loading");
}
