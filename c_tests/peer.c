/* Consumers, which are a real librdkafka's: one process produces, consumes and administers. Whose
 * an object is shows nowhere. */
#include "peer.h"

static struct {
    rd_kafka_t *rk;
    int rebalances, commits, stats, logs, wrong_rk, wrong_opaque;
} seen;

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque) {
    if (rk != seen.rk) seen.wrong_rk++;
    if (opaque != &seen) seen.wrong_opaque++;
    seen.rebalances++;
    if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) rd_kafka_assign(rk, partitions);
    else rd_kafka_assign(rk, NULL);
}

static void on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t err,
                      rd_kafka_topic_partition_list_t *offsets, void *opaque) {
    if (rk != seen.rk) seen.wrong_rk++;
    if (opaque != &seen) seen.wrong_opaque++;
    if (!err && offsets && offsets->cnt > 0) seen.commits++;
}

static int on_stats(rd_kafka_t *rk, char *json, size_t len, void *opaque) {
    if (rk != seen.rk) seen.wrong_rk++;
    if (opaque != &seen) seen.wrong_opaque++;
    if (json[0] == '{' && json[len] == 0) seen.stats++;
    free(json); /* ours, since 1 is answered: the allocator is the program's */
    return 1;
}

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)level, (void)fac, (void)buf;
    if (rk && rd_kafka_name(rk)) __atomic_add_fetch(&seen.logs, 1, __ATOMIC_SEQ_CST);
}

/* Takes messages until `count` came; the sum of what their values say. */
static int consume_some(rd_kafka_t *rk, int count, int *sum) {
    int got = 0;
    int64_t end = now_ms() + 30000 * slow();
    while (got < count && now_ms() < end) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
        if (!m) continue;
        if (!m->err) {
            got++;
            *sum += atoi((char *)m->payload + 6);
        }
        rd_kafka_message_destroy(m);
    }
    return got;
}

static void message_parts(rd_kafka_t *rk, const rd_kafka_message_t *m) {
    rd_kafka_headers_t *headers = NULL, *copy;
    rd_kafka_timestamp_type_t kind;
    const void *value;
    const char *name;
    size_t size;
    CHECK_STR(rd_kafka_topic_name(m->rkt), "assigned", "a message's topic has its name");
    CHECK(rd_kafka_message_timestamp(m, &kind) > 0 && kind == RD_KAFKA_TIMESTAMP_CREATE_TIME,
          "a message has its time");
    CHECK_ERR(rd_kafka_message_headers(m, &headers), 0, "a message has headers");
    CHECK_INT(rd_kafka_header_cnt(headers), 1, "one of them");
    CHECK_ERR(rd_kafka_header_get_all(headers, 0, &name, &value, &size), 0, "which is read");
    CHECK_STR(name, "number", "its name");
    CHECK(size == m->len && !memcmp(value, m->payload, size), "its value");
    CHECK_ERR(rd_kafka_header_get_last(headers, "number", &value, &size), 0, "found by name");
    CHECK_ERR(rd_kafka_header_get(headers, 1, "number", &value, &size),
              RD_KAFKA_RESP_ERR__NOENT, "there is no second one");
    copy = rd_kafka_headers_copy(headers);
    CHECK_ERR(rd_kafka_header_add(copy, "more", -1, "x", -1), 0, "a copy can grow");
    CHECK_INT(rd_kafka_header_cnt(copy), 2, "and has grown");
    CHECK_ERR(rd_kafka_header_remove(copy, "number"), 0, "and shrink");
    rd_kafka_headers_destroy(copy);
    CHECK(!rd_kafka_message_errstr(m), "no error, no text");
    CHECK(rd_kafka_message_status(m) == RD_KAFKA_MSG_STATUS_PERSISTED ||
              rd_kafka_message_status(m) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED,
          "a status is answered");
    CHECK_INT(rd_kafka_type(rk), RD_KAFKA_CONSUMER, "a consumer is one");
    CHECK(strstr(rd_kafka_name(rk), "#consumer-"), "and is called so");
}

static void assigned(rd_kafka_t *producer, struct reports *reports) {
    rd_kafka_t *rk;
    rd_kafka_conf_t *conf = consumer_conf("g-assigned");
    rd_kafka_topic_partition_list_t *list = both_partitions("assigned", 0), *answer = NULL;
    rd_kafka_message_t *m = NULL;
    int got = 0, parts = 0, ends = 0;
    int64_t low = -1, high = -1, end;
    produce_all(producer, reports, "assigned", 10);
    rk = start_consumer(conf);
#ifndef STOCK
    rd_kafka_topic_partition_set_leader_epoch(&list->elems[0], -1);
#endif
    CHECK_ERR(rd_kafka_assign(rk, list), 0, "partitions are assigned");
    CHECK_ERR(rd_kafka_assignment(rk, &answer), 0, "and told");
    CHECK_INT(answer->cnt, 2, "both");
    CHECK(rd_kafka_topic_partition_list_find(answer, "assigned", 1), "by name");
    {
        rd_kafka_topic_partition_list_t *copy = rd_kafka_topic_partition_list_copy(answer);
        CHECK_INT(copy->cnt, 2, "a list of theirs is copied");
        rd_kafka_topic_partition_list_del(copy, "assigned", 0);
        rd_kafka_topic_partition_list_sort(copy, NULL, NULL);
        rd_kafka_topic_partition_list_destroy(copy);
    }
    rd_kafka_topic_partition_list_destroy(answer);
    end = now_ms() + 30000 * slow();
    while ((got < 10 || ends < 2) && now_ms() < end) {
        if (!(m = rd_kafka_consumer_poll(rk, 100))) continue;
        if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ends++;
        else if (!m->err && ++got == 1) message_parts(rk, m), parts = 1;
        rd_kafka_message_destroy(m);
    }
    CHECK_INT(got, 10, "everything is consumed");
    CHECK_INT(ends, 2, "and the ends are told");
    CHECK(parts, "a message was looked at");
    CHECK_ERR(rd_kafka_query_watermark_offsets(rk, "assigned", 0, &low, &high, 10000), 0,
              "watermarks are asked for");
    CHECK_INT(low * 100 + high, 5, "five messages in a partition");
    CHECK_ERR(rd_kafka_query_watermark_offsets(producer, "assigned", 1, &low, &high, 10000), 0,
              "a producer asks for watermarks as well");
    CHECK_INT(low * 100 + high, 5, "with the same answer");
    CHECK_ERR(rd_kafka_committed(rk, list, 10000), 0, "committed offsets are asked for");
    CHECK_INT(list->elems[0].offset, RD_KAFKA_OFFSET_INVALID, "there are none");
    list->elems[0].offset = 3;
    list->elems[1].offset = 4;
    CHECK_ERR(rd_kafka_commit(rk, list, 0), 0, "offsets are committed");
    CHECK_ERR(rd_kafka_committed(rk, list, 10000), 0, "and asked for again");
    CHECK_INT(list->elems[0].offset * 10 + list->elems[1].offset, 34, "as committed");
#ifndef STOCK
    /* A leader epoch goes along, as far as the peer knows such a thing. */
    rd_kafka_topic_partition_set_leader_epoch(&list->elems[0], 7);
    CHECK_INT(rd_kafka_topic_partition_get_leader_epoch(&list->elems[0]), 7, "an epoch is set");
    answer = rd_kafka_topic_partition_list_copy(list);
    CHECK_ERR(rd_kafka_commit(rk, answer, 0), 0, "and committed");
    CHECK(rd_kafka_topic_partition_get_leader_epoch(&answer->elems[0]) == 7 ||
              rd_kafka_topic_partition_get_leader_epoch(&answer->elems[0]) == -1,
          "it is still there, or nobody knows it");
    rd_kafka_topic_partition_set_leader_epoch(&answer->elems[0], 9);
    rd_kafka_topic_partition_list_destroy(rd_kafka_topic_partition_list_copy(answer));
    rd_kafka_topic_partition_list_del_by_idx(answer, 0);
    rd_kafka_topic_partition_list_destroy(answer);
#endif
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(rk);
}

#ifndef STOCK
/* A share consumer, if the peer has such; if not, an answer. */
static void shared(void) {
    char errstr[256] = "";
    rd_kafka_conf_t *conf = conf_with("bootstrap.servers", servers, "group.id", "g-share", NULL);
    rd_kafka_share_t *share = rd_kafka_share_consumer_new(conf, errstr, sizeof errstr);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_messages_t *messages = NULL;
    rd_kafka_topic_partition_list_add(topics, "assigned", -1);
    CHECK(share || *errstr, "a share consumer, or why not: %s", errstr);
    if (share) {
        CHECK_ERR(rd_kafka_share_subscribe(share, topics), 0, "it subscribes");
        rd_kafka_error_destroy(rd_kafka_share_poll(share, 100, &messages));
        CHECK_INT(rd_kafka_messages_count(messages), 0, "there is nothing to share");
        rd_kafka_messages_destroy(messages);
        rd_kafka_error_destroy(rd_kafka_share_destroy(share));
    } else {
        CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, "and the code");
        set(conf, "group.id", "still-ours");
        rd_kafka_conf_destroy(conf);
    }
    rd_kafka_topic_partition_list_destroy(topics);
}
#endif

static void grouped(rd_kafka_t *producer, struct reports *reports) {
    rd_kafka_conf_t *conf = consumer_conf("g-grouped");
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1), *subscribed;
    rd_kafka_consumer_group_metadata_t *metadata;
    char *member;
    int sum = 0;
    produce_all(producer, reports, "grouped", 20);
    memset(&seen, 0, sizeof seen);
    rd_kafka_conf_set_opaque(conf, &seen);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
    rd_kafka_conf_set_stats_cb(conf, on_stats);
    rd_kafka_conf_set_log_cb(conf, on_log);
    set(conf, "statistics.interval.ms", "100");
    set(conf, "debug", "consumer,cgrp");
    seen.rk = start_consumer(conf);
    CHECK(rd_kafka_opaque(seen.rk) == &seen, "the opaque pointer is handed on");
    CHECK_ERR(rd_kafka_poll_set_consumer(seen.rk), 0, "one queue for all");
    rd_kafka_topic_partition_list_add(topics, "grouped", -1);
    CHECK_ERR(rd_kafka_subscribe(seen.rk, topics), 0, "a topic is subscribed to");
    CHECK_INT(consume_some(seen.rk, 20, &sum), 20, "everything is consumed");
    CHECK_INT(sum, 190, "each message once");
    CHECK_ERR(rd_kafka_subscription(seen.rk, &subscribed), 0, "the subscription is told");
    CHECK_INT(subscribed->cnt, 1, "one topic");
    rd_kafka_topic_partition_list_destroy(subscribed);
    CHECK_ERR(rd_kafka_commit(seen.rk, NULL, 0), 0, "offsets are committed");
    member = rd_kafka_memberid(seen.rk);
    CHECK(member && *member, "the member has an id");
    rd_kafka_mem_free(seen.rk, member);
    metadata = rd_kafka_consumer_group_metadata(seen.rk);
    CHECK(metadata, "the group has metadata");
    rd_kafka_consumer_group_metadata_destroy(metadata);
    for (int64_t end = now_ms() + 10000 * slow(); !seen.stats && now_ms() < end;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(seen.rk, 50);
        if (m) rd_kafka_message_destroy(m);
    }
    CHECK_ERR(rd_kafka_consumer_close(seen.rk), 0, "the consumer closes");
    CHECK(seen.rebalances >= 2, "partitions came and went: %d", seen.rebalances);
    CHECK(seen.stats > 0 && seen.logs > 0, "statistics and log lines came");
    CHECK_INT(seen.wrong_rk + seen.wrong_opaque, 0, "with the instance and pointer of the consumer");
    rd_kafka_destroy(seen.rk);
    rd_kafka_topic_partition_list_destroy(topics);

    if (IS_STOCK) return; /* its mock cluster keeps the first member for the whole session */

    /* A second member of the group goes on where the first one stopped. */
    topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, "grouped", -1);
    conf = consumer_conf("g-grouped");
    rd_kafka_conf_set_opaque(conf, &seen);
    rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
    seen.rk = start_consumer(conf);
    produce_all(producer, reports, "grouped", 4);
    CHECK_ERR(rd_kafka_subscribe(seen.rk, topics), 0, "subscribed again");
    sum = 0;
    CHECK_INT(consume_some(seen.rk, 4, &sum), 4, "only what is new is consumed");
    CHECK_INT(sum, 6, "and nothing twice");
    CHECK_ERR(rd_kafka_commit(seen.rk, NULL, 1), 0, "a commit is sent");
    for (int64_t end = now_ms() + 10000 * slow(); !seen.commits && now_ms() < end;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(seen.rk, 50);
        if (m) rd_kafka_message_destroy(m);
    }
    CHECK(seen.commits > 0, "and its callback runs");
    rd_kafka_topic_partition_list_destroy(topics);
    rd_kafka_destroy(seen.rk); /* closes */
}

static int simple_count;

static void on_consume(rd_kafka_message_t *m, void *opaque) {
    if (!m->err && opaque == &simple_count && !strcmp(rd_kafka_topic_name(m->rkt), "simple"))
        simple_count++;
}

static void simple(rd_kafka_t *producer, struct reports *reports) {
    rd_kafka_t *rk = start_consumer(consumer_conf("g-simple"));
    rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
    rd_kafka_topic_t *topic;
    rd_kafka_message_t *many[8], *one = NULL;
    rd_kafka_queue_t *queue;
    char errstr[128];
    ssize_t got = 0;
    produce_all(producer, reports, "simple", 12);
    NEED(!rd_kafka_topic_conf_set(topic_conf, "auto.offset.reset", "earliest", errstr,
                                  sizeof errstr));
    rd_kafka_topic_conf_set_opaque(topic_conf, &simple_count);
    topic = rd_kafka_topic_new(rk, "simple", topic_conf);
    NEED(topic);
    CHECK_STR(rd_kafka_topic_name(topic), "simple", "a consumer's topic object has its name");
    CHECK(rd_kafka_topic_opaque(topic) == &simple_count, "and its opaque pointer");
    CHECK_INT(rd_kafka_consume_start(topic, 0, 0), 0, "a partition is started");
    CHECK_INT(rd_kafka_consume_start(topic, -7, 0), -1, "a strange one is not");
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "and why");
    for (int64_t end = now_ms() + 20000 * slow(); !one && now_ms() < end;)
        one = rd_kafka_consume(topic, 0, 200);
    CHECK(one && !one->err && one->offset == 0, "one message");
    if (one) rd_kafka_message_destroy(one);
    for (int64_t end = now_ms() + 20000 * slow(); got < 2 && now_ms() < end;) {
        ssize_t count = rd_kafka_consume_batch(topic, 0, 200, many, 2 - got);
        for (ssize_t i = 0; i < count; i++) rd_kafka_message_destroy(many[i]);
        if (count > 0) got += count;
    }
    CHECK_INT(got, 2, "two in a batch");
    for (int64_t end = now_ms() + 20000 * slow(); simple_count < 3 && now_ms() < end;)
        rd_kafka_consume_callback(topic, 0, 200, on_consume, &simple_count);
    CHECK_INT(simple_count, 3, "three by callback");
    CHECK_INT(rd_kafka_consume_stop(topic, 0), 0, "stopped");
    queue = rd_kafka_queue_new(rk);
    CHECK_INT(rd_kafka_consume_start_queue(topic, 1, 0, queue), 0, "started on a queue");
    simple_count = 0;
    for (int64_t end = now_ms() + 20000 * slow(); simple_count < 6 && now_ms() < end;)
        rd_kafka_consume_callback_queue(queue, 200, on_consume, &simple_count);
    CHECK_INT(simple_count, 6, "all of the other partition from the queue");
    CHECK_INT(rd_kafka_consume_stop(topic, 1), 0, "stopped");
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
}

/* What was consumed is produced again with its headers, which change sides. */
static void mirrored(rd_kafka_t *producer, struct reports *reports) {
    rd_kafka_t *rk = start_consumer(consumer_conf("g-mirrored"));
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    int got = 0, mirrored = 0, with_headers = 0, before;
    produce_all(producer, reports, "mirror-in", 6);
    rd_kafka_topic_partition_list_add(list, "mirror-in", 0)->offset = 0;
    NEED(!rd_kafka_assign(rk, list));
    before = reports->count;
    for (int64_t end = now_ms() + 20000 * slow(); got < 3 && now_ms() < end;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
        rd_kafka_headers_t *headers = NULL;
        if (!m) continue;
        if (!m->err) {
            got++;
            NEED(!rd_kafka_message_detach_headers(m, &headers));
            if (!rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("mirror-out"),
                                   RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(m->payload, m->len),
                                   RD_KAFKA_V_HEADERS(headers),
                                   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END))
                mirrored++;
            else rd_kafka_headers_destroy(headers);
            /* And the other way round. */
            headers = rd_kafka_headers_new(1);
            NEED(!rd_kafka_header_add(headers, "back", -1, "yes", -1));
            rd_kafka_message_set_headers(m, headers);
            headers = NULL;
            if (!rd_kafka_message_headers(m, &headers) && rd_kafka_header_cnt(headers) == 1)
                with_headers++;
        }
        rd_kafka_message_destroy(m);
    }
    CHECK_INT(mirrored, 3, "headers of consumed messages are produced");
    CHECK_INT(with_headers, 3, "ours are put on consumed messages");
    poll_until(producer, reports, before + 3, 20000);
    list->elems[0].offset = 0;
    free(list->elems[0].topic);
    list->elems[0].topic = strdup("mirror-out");
    NEED(!rd_kafka_assign(rk, list));
    got = with_headers = 0;
    for (int64_t end = now_ms() + 20000 * slow(); got < 3 && now_ms() < end;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
        rd_kafka_headers_t *headers = NULL;
        const void *value;
        size_t size;
        if (!m) continue;
        if (!m->err && !strcmp(rd_kafka_topic_name(m->rkt), "mirror-out")) {
            got++;
            if (!rd_kafka_message_headers(m, &headers) &&
                !rd_kafka_header_get_last(headers, "number", &value, &size) &&
                size == m->len && !memcmp(value, m->payload, size))
                with_headers++;
        }
        rd_kafka_message_destroy(m);
    }
    CHECK_INT(with_headers, 3, "and arrive with the messages");
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(rk);
}

static void configurations(void) {
    rd_kafka_conf_t *conf = consumer_conf("g-conf"), *copy;
    const rd_kafka_conf_t *of_instance;
    rd_kafka_topic_conf_t *topic_conf;
    rd_kafka_t *rk;
    const struct rd_kafka_metadata *metadata = NULL;
    char text[128], errstr[256];
    size_t size = sizeof text;
    rk = start_consumer(conf);
    of_instance = rd_kafka_conf(rk);
    CHECK(of_instance, "a consumer has a configuration");
    CHECK(!rd_kafka_conf_get(of_instance, "group.id", text, &size), "which is read");
    CHECK_STR(text, "g-conf", "with what was set");
    copy = rd_kafka_conf_dup(of_instance);
    CHECK(copy, "and copied");
    topic_conf = rd_kafka_default_topic_conf_dup(rk);
    size = sizeof text;
    CHECK(topic_conf && !rd_kafka_topic_conf_get(topic_conf, "auto.offset.reset", text, &size),
          "so is its default topic configuration");
    CHECK_STR(text, "smallest", "with what was set");
    rd_kafka_topic_conf_destroy(topic_conf);
    CHECK_ERR(rd_kafka_metadata(rk, 1, NULL, &metadata, 10000), 0, "a consumer asks for metadata");
    CHECK(metadata && metadata->broker_cnt == 2, "and learns of the brokers");
    rd_kafka_metadata_destroy(metadata);
    CHECK(rd_kafka_thread_cnt() > 2, "its threads are counted");
    CHECK_INT(rd_kafka_outq_len(rk), 0, "nothing waits");
    CHECK_ERR(rd_kafka_flush(rk, 10), RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
              "a consumer has nothing to flush");
    rd_kafka_destroy(rk);

    /* The copy makes another one; a value that only the peer refuses comes back with its text. */
    rk = start_consumer(copy);
    rd_kafka_destroy(rk);
    conf = conf_with("bootstrap.servers", servers, "session.timeout.ms", "5000",
                     "max.poll.interval.ms", "1000", "group.id", "g", NULL);
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, errstr, sizeof errstr);
    CHECK(!rk, "contradictions are refused");
    CHECK(strstr(errstr, "max.poll.interval.ms"), "with the reason: %s", errstr);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG, "and the code");
    set(conf, "max.poll.interval.ms", "6000"); /* it is still ours */
    rk = start_consumer(conf);
    rd_kafka_destroy(rk);
}

static void consumers_own_cluster(void) {
    rd_kafka_t *rk = start_consumer(conf_with("test.mock.num.brokers", "3", "group.id", "g", NULL));
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    const struct rd_kafka_metadata *metadata = NULL;
    CHECK(cluster, "a consumer can have a mock cluster");
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "made", 3, 1), 0, "which is driven as usual");
    CHECK_ERR(rd_kafka_metadata(rk, 1, NULL, &metadata, 10000), 0, "and answers");
    CHECK(metadata && metadata->broker_cnt == 3 && metadata->topic_cnt == 1 &&
              metadata->topics[0].partition_cnt == 3,
          "with its brokers and topics");
    rd_kafka_metadata_destroy(metadata);
    CHECK(!rd_kafka_mock_cluster_handle(cluster) || rd_kafka_mock_cluster_handle(cluster) == rk ||
              IS_STOCK,
          "it belongs to the consumer");
    rd_kafka_destroy(rk);
}

static void errors(void) {
    rd_kafka_t *rk = start_consumer(consumer_conf("g-errors"));
    rd_kafka_topic_partition_list_t *list = both_partitions("assigned", 0);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(rk, list, 100);
    char errstr[64];
    CHECK(!error || rd_kafka_error_code(error), "an error object of theirs has a code");
    CHECK(!error || strlen(rd_kafka_error_string(error)), "a text");
    CHECK(!error || strlen(rd_kafka_error_name(error)), "a name");
    if (error) rd_kafka_error_is_fatal(error), rd_kafka_error_is_retriable(error);
    rd_kafka_error_destroy(error);
    error = rd_kafka_init_transactions(rk, 10);
    CHECK(error && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__INVALID_ARG,
          "a consumer has no transactions");
    rd_kafka_error_destroy(error);
    CHECK_ERR(rd_kafka_fatal_error(rk, errstr, sizeof errstr), 0, "there was no fatal error");
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(rk);
}

int main(void) {
    struct reports reports = {0};
    rd_kafka_t *producer;
    if (!has_peer()) return 0;
    producer = start_cluster(&reports);
    assigned(producer, &reports);
    grouped(producer, &reports);
    simple(producer, &reports);
    mirrored(producer, &reports);
    configurations();
    consumers_own_cluster();
    errors();
#ifndef STOCK
    shared();
#endif
    rd_kafka_destroy(producer);
    CHECK_INT(rd_kafka_wait_destroyed(10000), 0, "everything of both sides is gone");
    CHECK_INT(rd_kafka_thread_cnt(), 0, "and no thread is left");
    forget(&reports);
    return finish("peer");
}
