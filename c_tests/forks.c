/* fork: the child's copy of a handle neither crashes nor blocks and sends nothing; the parent
 * notices nothing. */
#include "test.h"

static struct reports reports;
static rd_kafka_t *rk;

/* Answers the number of the first broken promise. */
static int child_uses_it(void) {
    int64_t begin;
    rd_kafka_resp_err_t err;
    if (send_text(rk, "t", 0, "from the child", NULL)) return 1;
    rd_kafka_poll(rk, 50);
    begin = now_ms();
    err = rd_kafka_flush(rk, 300);
    if (err != RD_KAFKA_RESP_ERR__TIMED_OUT) return 2;
    if (now_ms() - begin > 600 * slow()) return 3;
    begin = now_ms();
    rd_kafka_destroy(rk);
    if (now_ms() - begin > 1500 * slow()) return 4;
    return 0;
}

static int child_makes_its_own(void) {
    struct reports mine = {0};
    rd_kafka_t *own = start_collecting(conf_with("test.mock.num.brokers", "1", NULL), &mine);
    for (int i = 0; i < 10; i++)
        if (send_text(own, "t", 0, "x", NULL)) return 1;
    if (rd_kafka_flush(own, 10000)) return 2;
    if (mine.count != 10 || mine.failed) return 3;
    rd_kafka_destroy(own);
    forget(&mine);
    return 0;
}

static int child_leaves(void) { return 0; }

int main(void) {
    rk = start_collecting(conf_with("test.mock.num.brokers", "1", NULL), &reports);
    NEED(!send_text(rk, "t", 0, "before", NULL));
    poll_until(rk, &reports, 1, 10000);
    NEED(reports.count == 1);

    CHECK_INT(in_child(child_uses_it, 20), 0, "a child may use its copy");
    CHECK_INT(in_child(child_makes_its_own, 30), 0, "a child may make a producer of its own");
    for (int i = 0; i < 50; i++) {
        int left;
        NEED(!send_text(rk, "t", 0, "between", NULL));
        left = in_child(child_leaves, 5);
        if (left) CHECK_INT(left, 0, "a child that only leaves");
    }
    CHECK_ERR(rd_kafka_flush(rk, 10000), 0, "the parent goes on");
    CHECK_INT(reports.count, 51, "the parent has its reports");
    CHECK_INT(reports.failed, 0, "none failed");
    CHECK_INT(reports.at[reports.count - 1].offset, 50, "the children wrote nothing");
    rd_kafka_destroy(rk);
    CHECK_INT(rd_kafka_wait_destroyed(1000), 0, "the parent ends well");
    forget(&reports);
    CHECK_INT(in_child(child_makes_its_own, 30), 0, "a child after all handles are gone");
    return finish("forks");
}
