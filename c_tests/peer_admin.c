/* Admin requests on a producer: a shadow of it asks the cluster, and the answers come where the
 * application waits for them. Queues of both sides lead into each other. */
#include <poll.h>

#include "peer.h"

/* Asks for a topic on `queue`. */
static void ask_for(rd_kafka_t *rk, rd_kafka_queue_t *queue, const char *topic, void *opaque) {
    char errstr[128];
    rd_kafka_NewTopic_t *wanted = rd_kafka_NewTopic_new(topic, 3, 1, errstr, sizeof errstr);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    NEED(wanted && options);
    NEED(!rd_kafka_AdminOptions_set_request_timeout(options, 20000, errstr, sizeof errstr));
    rd_kafka_AdminOptions_set_opaque(options, opaque);
    rd_kafka_CreateTopics(rk, &wanted, 1, options, queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy(wanted);
}

/* Does the event say that this topic was made? It is destroyed. */
static int says_made(rd_kafka_event_t *event, const char *topic, const void *opaque) {
    const rd_kafka_CreateTopics_result_t *result;
    const rd_kafka_topic_result_t **topics;
    size_t count = 0;
    int is_made;
    if (!event) return 0;
    result = rd_kafka_event_CreateTopics_result(event);
    topics = result ? rd_kafka_CreateTopics_result_topics(result, &count) : NULL;
    is_made = rd_kafka_event_type(event) == RD_KAFKA_EVENT_CREATETOPICS_RESULT &&
              !rd_kafka_event_error(event) && rd_kafka_event_opaque(event) == opaque &&
              count == 1 && !rd_kafka_topic_result_error(topics[0]) &&
              !strcmp(rd_kafka_topic_result_name(topics[0]), topic);
    if (!is_made)
        printf("# %s %s: %s\n", topic, rd_kafka_event_name(event),
               rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
    return is_made;
}

static rd_kafka_event_t *next(rd_kafka_queue_t *queue) {
    return rd_kafka_queue_poll(queue, 25000 * slow());
}

static void on_own_queues(rd_kafka_t *rk) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk), *main_queue = rd_kafka_queue_get_main(rk);
    rd_kafka_event_t *event;
    struct pollfd waiting;
    char bytes[8];
    int ends[2];
    ask_for(rk, queue, "first", &ends);
    CHECK(says_made(next(queue), "first", &ends), "a topic is made, answered on an own queue");
    CHECK_INT(rd_kafka_queue_length(queue), 0, "nothing else is there");
    ask_for(rk, main_queue, "second", NULL);
    CHECK(says_made(next(main_queue), "second", NULL), "another, answered on the main queue");

    NEED(!pipe(ends));
    rd_kafka_queue_io_event_enable(queue, ends[1], "x", 1);
    waiting = (struct pollfd){.fd = ends[0], .events = POLLIN};
    ask_for(rk, queue, "third", NULL);
    CHECK_INT(poll(&waiting, 1, 25000 * slow()), 1, "an answer wakes by descriptor");
    CHECK(read(ends[0], bytes, sizeof bytes) == 1, "with the payload");
    CHECK(says_made(rd_kafka_queue_poll(queue, 5000), "third", NULL), "and is there");
    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
    close(ends[0]), close(ends[1]);

    /* Several at once, and forwarded. */
    rd_kafka_queue_forward(queue, main_queue);
    ask_for(rk, queue, "fourth", &ends);
    ask_for(rk, queue, "fifth", &ends);
    event = next(main_queue);
    CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_CREATETOPICS_RESULT, "forwarded answers");
    rd_kafka_event_destroy(event);
    event = next(main_queue);
    CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_CREATETOPICS_RESULT, "each of them");
    rd_kafka_event_destroy(event);
    CHECK(!rd_kafka_queue_poll(main_queue, 0), "and no more");
    rd_kafka_queue_forward(queue, NULL);

    /* An answer that nobody waits for, served as callbacks are, is dropped. */
    ask_for(rk, main_queue, "sixth", NULL);
    WAIT_FOR(rd_kafka_queue_length(main_queue) > 0, 20000);
    rd_kafka_poll(rk, 100);
    CHECK_INT(rd_kafka_queue_length(main_queue), 0, "poll drops an answer");

    /* The queue goes while a request is on its way. */
    ask_for(rk, queue, "seventh", NULL);
    rd_kafka_queue_destroy(queue);
    rd_kafka_queue_destroy(main_queue);
}

static void other_requests(rd_kafka_t *rk) {
    const struct rd_kafka_group_list *groups = NULL;
    rd_kafka_topic_partition_list_t *list = both_partitions("first", 0);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_NewPartitions_t *more;
    rd_kafka_event_t *event;
    rd_kafka_error_t *error;
    rd_kafka_resp_err_t err;
    char errstr[128];
    CHECK_ERR(rd_kafka_offsets_for_times(rk, list, 20000), 0, "a producer asks by time");
    error = rd_kafka_seek_partitions(rk, list, 10);
    CHECK(rd_kafka_error_code(error) && *rd_kafka_error_string(error), "and cannot seek");
    rd_kafka_error_destroy(error);
    err = rd_kafka_list_groups(rk, NULL, &groups, 5000);
    CHECK(err || groups, "groups are asked for: %s", rd_kafka_err2name(err));
    if (groups) rd_kafka_group_list_destroy(groups);
    CHECK_ERR(rd_kafka_subscribe(rk, list), RD_KAFKA_RESP_ERR__UNKNOWN_GROUP,
              "a producer does not subscribe");
    more = rd_kafka_NewPartitions_new("first", 5, errstr, sizeof errstr);
    NEED(more);
    rd_kafka_CreatePartitions(rk, &more, 1, NULL, queue);
    rd_kafka_NewPartitions_destroy(more);
    event = next(queue);
    CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT,
              "a topic gets more partitions");
    CHECK_ERR(rd_kafka_event_error(event), 0, "without an error");
    rd_kafka_event_destroy(event);
    /* A request that this cluster does not know is answered with an error. */
    {
        rd_kafka_DeleteTopic_t *gone = rd_kafka_DeleteTopic_new("first");
        rd_kafka_AdminOptions_t *options =
            rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_DELETETOPICS);
        NEED(!rd_kafka_AdminOptions_set_request_timeout(options, 3000, errstr, sizeof errstr));
        rd_kafka_DeleteTopics(rk, &gone, 1, options, queue);
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_DeleteTopic_destroy(gone);
        event = next(queue);
        CHECK(event && rd_kafka_event_DeleteTopics_result(event), "a refusal is a result");
        CHECK(event && rd_kafka_event_error(event), "with an error");
        CHECK(event && strlen(rd_kafka_event_error_string(event)), "and a text");
        rd_kafka_event_destroy(event);
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_destroy(queue);
}

static struct {
    pthread_mutex_t lock;
    rd_kafka_t *rk;
    int answers, wrong;
} background = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void on_event(rd_kafka_t *rk, rd_kafka_event_t *event, void *opaque) {
    pthread_mutex_lock(&background.lock);
    if (rk != background.rk || opaque != &background) background.wrong++;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_CREATETOPICS_RESULT &&
        !rd_kafka_event_error(event))
        background.answers++;
    pthread_mutex_unlock(&background.lock);
    rd_kafka_event_destroy(event);
}

static int background_answers(void) {
    int answers;
    pthread_mutex_lock(&background.lock);
    answers = background.answers;
    pthread_mutex_unlock(&background.lock);
    return answers;
}

/* As the admin clients of language bindings do it. */
static void on_the_background_queue(void) {
    rd_kafka_conf_t *conf = conf_with("bootstrap.servers", servers, NULL);
    rd_kafka_queue_t *queue;
    rd_kafka_conf_set_background_event_cb(conf, on_event);
    rd_kafka_conf_set_opaque(conf, &background);
    pthread_mutex_lock(&background.lock);
    background.rk = start(conf);
    pthread_mutex_unlock(&background.lock);
    queue = rd_kafka_queue_get_background(background.rk);
    NEED(queue);
    ask_for(background.rk, queue, "behind-1", NULL);
    ask_for(background.rk, queue, "behind-2", NULL);
    WAIT_FOR(background_answers() == 2, 25000);
    CHECK_INT(background_answers(), 2, "answers come to the background callback");
    CHECK_INT(background.wrong, 0, "with the producer's address and pointer");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(background.rk);
}

/* Reports of a producer and messages of a consumer on one queue. */
static void one_queue_for_all(void) {
    rd_kafka_conf_t *conf = conf_with("bootstrap.servers", servers, NULL);
    rd_kafka_t *producer, *consumer = start_consumer(consumer_conf("g-one"));
    rd_kafka_queue_t *fetched = rd_kafka_queue_get_consumer(consumer), *reported, *own;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    int reports = 0, messages = 0;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    producer = start(conf);
    reported = rd_kafka_queue_get_main(producer);
    own = rd_kafka_queue_new(producer);
    NEED(fetched && reported && own);
    rd_kafka_topic_partition_list_add(list, "first", 0)->offset = 0;
    NEED(!rd_kafka_assign(consumer, list));

    rd_kafka_queue_forward(reported, fetched);
    for (int i = 0; i < 4; i++) NEED(!send_text(producer, "first", 0, "x", NULL));
    for (int64_t end = now_ms() + 25000 * slow(); reports + messages < 8 && now_ms() < end;) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(fetched, 100);
        const rd_kafka_message_t *m;
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
            reports += rd_kafka_event_message_count(event);
        while (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH &&
               (m = rd_kafka_event_message_next(event)))
            if (!m->err) messages++;
        rd_kafka_event_destroy(event);
    }
    CHECK_INT(reports * 10 + messages, 44, "a producer's reports come on a consumer's queue");
    rd_kafka_queue_forward(reported, NULL);

    rd_kafka_queue_forward(fetched, own);
    for (int i = 0; i < 4; i++) NEED(!send_text(producer, "first", 0, "y", NULL));
    messages = 0;
    for (int64_t end = now_ms() + 25000 * slow(); messages < 4 && now_ms() < end;) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(own, 100);
        const rd_kafka_message_t *m;
        while (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH &&
               (m = rd_kafka_event_message_next(event)))
            if (!m->err) messages++;
        rd_kafka_event_destroy(event);
    }
    CHECK_INT(messages, 4, "a consumer's messages come on a producer's queue");
    rd_kafka_queue_destroy(fetched); /* the forwarding stays */
    NEED(!send_text(producer, "first", 0, "z", NULL));
    for (int64_t end = now_ms() + 25000 * slow(); messages < 5 && now_ms() < end;) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(own, 100);
        const rd_kafka_message_t *m;
        while (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH &&
               (m = rd_kafka_event_message_next(event)))
            if (!m->err) messages++;
        rd_kafka_event_destroy(event);
    }
    CHECK_INT(messages, 5, "also when its object was given back");
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_destroy(own);
    rd_kafka_queue_destroy(reported);
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);
}

static void log_lines(void) {
    rd_kafka_conf_t *conf = consumer_conf("g-log");
    rd_kafka_t *consumer, *producer = start(conf_with("bootstrap.servers", servers, NULL));
    rd_kafka_queue_t *own = rd_kafka_queue_new(producer);
    rd_kafka_event_t *event = NULL;
    const char *fac, *text;
    int level;
    set(conf, "log.queue", "true");
    set(conf, "debug", "conf,broker");
    consumer = start_consumer(conf);
    CHECK_ERR(rd_kafka_set_log_queue(consumer, own), 0, "a consumer logs on a producer's queue");
    event = next(own);
    CHECK(event && !rd_kafka_event_log(event, &fac, &text, &level) && *fac && *text,
          "a line is read");
    rd_kafka_event_destroy(event);
    rd_kafka_set_log_queue(consumer, NULL);
    rd_kafka_destroy(consumer);
    rd_kafka_queue_destroy(own);
    rd_kafka_destroy(producer);
}

int main(void) {
    struct reports reports = {0};
    rd_kafka_t *rk;
    if (IS_STOCK) { /* its mock cluster has no admin requests */
        printf("skipped\n");
        return 0;
    }
    if (!has_peer()) return 0;
    rk = start_cluster(&reports);
    on_own_queues(rk);
    other_requests(rk);
    on_the_background_queue();
    one_queue_for_all();
    log_lines();
    CHECK_INT(rd_kafka_outq_len(rk), 0, "nothing waits");
    rd_kafka_destroy(rk);
    CHECK_INT(rd_kafka_wait_destroyed(10000), 0, "everything of both sides is gone");
    CHECK_INT(rd_kafka_thread_cnt(), 0, "shadows, too");
    forget(&reports);
    return finish("peer_admin");
}
