/* Structs by their tags and by their names, enums in switches, statistics. */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

struct rd_kafka_s;
struct rd_kafka_op_s;

int64_t sum(const struct rd_kafka_metadata *metadata, const rd_kafka_topic_partition_list_t *list) {
    const struct rd_kafka_metadata_topic *topic;
    const struct rd_kafka_metadata_partition *partition;
    const struct rd_kafka_metadata_broker *broker;
    int64_t sum = 0;
    int i, j;

    for (i = 0; i < metadata->broker_cnt; i++) {
        broker = &metadata->brokers[i];
        sum += broker->id + broker->port;
    }
    for (i = 0; i < metadata->topic_cnt; i++) {
        topic = &metadata->topics[i];
        for (j = 0; j < topic->partition_cnt; j++) {
            partition = &topic->partitions[j];
            sum += partition->leader + partition->replica_cnt + partition->isr_cnt;
        }
    }
    for (i = 0; i < list->cnt; i++)
        sum += list->elems[i].offset;
    return sum;
}

const char *group(const struct rd_kafka_group_list *groups) {
    const struct rd_kafka_group_info *info = &groups->groups[0];
    const struct rd_kafka_group_member_info *member = &info->members[0];
    return groups->group_cnt && info->member_cnt ? member->member_id : info->broker.host;
}

int is_broker_error(rd_kafka_resp_err_t err) {
    switch (err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
        return 0;
    default:
        return err > RD_KAFKA_RESP_ERR_NO_ERROR && err < RD_KAFKA_RESP_ERR_END_ALL;
    }
}

double congestion(const rd_kafka_stats_t *stats) {
    double sum = 0;
    uint32_t i;

    for (i = 0; i < stats->broker_cnt; i++)
        sum += stats->brokers[i].adaptive_congestion + (double)stats->brokers[i].rtt.p99_99;
    return stats->has_eos ? (double)stats->eos.producer_id : sum;
}

rd_kafka_resp_err_t faults(rd_kafka_mock_cluster_t *cluster) {
    rd_kafka_mock_push_request_errors(
        cluster, 0, 2, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR__TRANSPORT);
    return rd_kafka_mock_broker_push_request_error_rtts(
        cluster, 1, 0, 1, RD_KAFKA_RESP_ERR_NO_ERROR, 100);
}
