/* rd_kafka_metadata in its forms, brokers_add, cluster and controller ids, partition lists. */
#include "test.h"

static void of_a_cluster(void) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_t *rk = start(conf_with("test.mock.num.brokers", "3", NULL));
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(rk);
    rd_kafka_topic_t *rkt;
    char *id;
    int found = 0;
    rd_kafka_mock_topic_create(cluster, "one", 2, 3);
    rd_kafka_mock_topic_create(cluster, "two", 5, 1);
    CHECK_ERR(rd_kafka_metadata(rk, 1, NULL, &metadata, 5000), 0, "metadata of all topics");
    CHECK_INT(metadata->broker_cnt, 3, "three brokers");
    for (int i = 0; i < metadata->broker_cnt; i++)
        CHECK(metadata->brokers[i].id >= 1 && metadata->brokers[i].id <= 3 &&
                  metadata->brokers[i].port > 0 && !strcmp(metadata->brokers[i].host, "127.0.0.1"),
              "broker %d has an address", metadata->brokers[i].id);
    CHECK(metadata->orig_broker_id >= -1 && metadata->orig_broker_name, "who answered");
    CHECK_INT(metadata->topic_cnt, 2, "two topics");
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
        int two = !strcmp(topic->topic, "two");
        CHECK_INT(topic->partition_cnt, two ? 5 : 2, "count of partitions");
        CHECK_ERR(topic->err, 0, "no error");
        for (int k = 0; k < topic->partition_cnt; k++) {
            /* The mock cluster of librdkafka 2.0.2 ignores the replication factor. */
            CHECK_INT(topic->partitions[k].replica_cnt, two && !IS_STOCK ? 1 : 3,
                      "count of replicas");
            found += topic->partitions[k].leader >= 1 && topic->partitions[k].leader <= 3;
        }
    }
    CHECK_INT(found, 7, "each partition has a leader");
    rd_kafka_metadata_destroy(metadata);

    rkt = rd_kafka_topic_new(rk, "one", NULL);
    CHECK_ERR(rd_kafka_metadata(rk, 0, rkt, &metadata, 5000), 0, "metadata of one topic");
    CHECK_INT(metadata->topic_cnt, 1, "it is alone");
    CHECK_STR(metadata->topics[0].topic, "one", "it is that one");
    rd_kafka_metadata_destroy(metadata);
    CHECK_ERR(rd_kafka_metadata(rk, 0, NULL, &metadata, 5000), 0, "metadata of known topics");
    CHECK_INT(metadata->topic_cnt, 1, "only what this handle uses");
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(rkt);

    id = rd_kafka_clusterid(rk, 5000);
    CHECK(id && *id, "cluster id: %s", id ? id : "(null)");
    rd_kafka_mem_free(rk, id);
#ifndef STOCK
    CHECK(rd_kafka_controllerid(rk, 5000) >= 1, "controller id");
#endif
    rd_kafka_destroy(rk);
}

static void added_brokers(void) {
    struct reports reports = {0};
    rd_kafka_t *owner = start(conf_with("test.mock.num.brokers", "2", NULL));
    const char *list = rd_kafka_mock_cluster_bootstraps(rd_kafka_handle_mock_cluster(owner));
    rd_kafka_t *rk = start_collecting(conf_with("linger.ms", "1", NULL), &reports);
    const struct rd_kafka_metadata *metadata;
    CHECK_INT(rd_kafka_brokers_add(rk, ""), 0, "nothing to add");
    CHECK_INT(rd_kafka_brokers_add(rk, "SSL://127.0.0.1:1"), 0, "a protocol that is not ours");
    NEED(!send_text(rk, "t", 0, "x", NULL));
    CHECK_INT(rd_kafka_brokers_add(rk, list), 2, "two are added");
    poll_until(rk, &reports, 1, 10000);
    CHECK(reports.count == 1 && !reports.failed, "a message from before is delivered");
    CHECK_ERR(rd_kafka_metadata(rk, 1, NULL, &metadata, 5000), 0, "metadata");
    CHECK_INT(metadata->broker_cnt, 2, "two brokers");
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_destroy(rk);
    rd_kafka_destroy(owner);
    forget(&reports);
}

static void without_a_broker(void) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_t *rk = start(conf_with("bootstrap.servers", "127.0.0.1:1", NULL));
    rd_kafka_resp_err_t err;
    int64_t begin = now_ms();
    err = rd_kafka_metadata(rk, 1, NULL, &metadata, 300);
    CHECK(err == RD_KAFKA_RESP_ERR__TRANSPORT || err == RD_KAFKA_RESP_ERR__TIMED_OUT,
          "no broker: %s", rd_kafka_err2name(err));
    CHECK(now_ms() - begin < 600 * slow(), "no broker: at the timeout");
    CHECK(!rd_kafka_clusterid(rk, 100), "no broker: no cluster id");
    CHECK_INT(rd_kafka_controllerid(rk, 100), -1, "no broker: no controller");
    rd_kafka_destroy(rk);
}

static void partition_lists(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1), *copy;
    rd_kafka_topic_partition_t *elem;
    CHECK_INT(list->cnt, 0, "an empty list");
    rd_kafka_topic_partition_list_add(list, "b", 2)->offset = 7;
    elem = rd_kafka_topic_partition_list_add(list, "a", 1);
    CHECK_INT(elem->offset, RD_KAFKA_OFFSET_INVALID, "a new element has no offset");
    rd_kafka_topic_partition_list_add_range(list, "c", 0, 3);
    CHECK_INT(list->cnt, 6, "six elements");
    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    CHECK_STR(list->elems[0].topic, "a", "sorted by name");
    CHECK_INT(list->elems[5].partition, 3, "and partition");
    elem = rd_kafka_topic_partition_list_find(list, "b", 2);
    CHECK(elem && elem->offset == 7, "found");
    CHECK(!rd_kafka_topic_partition_list_find(list, "b", 3), "not found");
    copy = rd_kafka_topic_partition_list_copy(list);
    CHECK_INT(rd_kafka_topic_partition_list_del(list, "b", 2), 1, "removed");
    CHECK_INT(rd_kafka_topic_partition_list_del(list, "b", 2), 0, "not there to be removed");
    CHECK_ERR(rd_kafka_topic_partition_list_set_offset(list, "a", 1, 99), 0, "offset is set");
    CHECK_ERR(rd_kafka_topic_partition_list_set_offset(list, "x", 1, 99),
              RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "not of a stranger");
    CHECK_INT(copy->cnt, 6, "the copy is its own");
    CHECK_INT(list->cnt, 5, "the list is shorter");
    rd_kafka_topic_partition_list_destroy(copy);
    rd_kafka_topic_partition_list_destroy(list);
}

int main(void) {
    of_a_cluster();
    added_brokers();
    without_a_broker();
    partition_lists();
    return finish("metadata");
}
