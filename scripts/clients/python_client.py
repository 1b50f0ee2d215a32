"""Producer, consumer and admin client of confluent-kafka in one process.

    python_client.py BOOTSTRAP TOPIC

Prints one line for each thing that it saw; exits with 1 if something is missing.
"""
import os
import sys
import threading
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

servers, topic = sys.argv[1:3]
failures = 0


def check(name, condition, detail=""):
    global failures
    print("ok    " if condition else "NOT OK", name, "" if condition else detail, flush=True)
    failures += not condition


print("confluent-kafka", confluent_kafka.version(), "on", confluent_kafka.libversion())

# Admin client: a producer to the library, answered on its background thread.
admin = AdminClient({"bootstrap.servers": servers})
futures = admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)],
                              request_timeout=20)
futures[topic].result(30)
check("a topic is made", True)
futures = admin.create_partitions([NewPartitions(topic, 3)], request_timeout=20)
futures[topic].result(30)
metadata = admin.list_topics(topic, timeout=20)
check("it has three partitions", len(metadata.topics[topic].partitions) == 3)
try:
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)],
                        request_timeout=20)[topic].result(30)
    check("a topic is not made twice", False)
except confluent_kafka.KafkaException as error:
    check("a topic is not made twice",
          error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS, error)

# Producer.
good, bad, stats = [], [], []
producer = Producer({"bootstrap.servers": servers, "linger.ms": 5, "compression.type": "lz4",
                     "enable.idempotence": True, "statistics.interval.ms": 200,
                     "stats_cb": stats.append, "error_cb": print})
COUNT = 1000
for i in range(COUNT):
    producer.produce(topic, key=b"k%d" % (i % 7), value=b"v%d" % i, headers={"h": b"%d" % i},
                     on_delivery=lambda e, m: (bad if e else good).append(m.latency()
                     if hasattr(m, "latency") else 0))
    producer.poll(0)
check("everything is delivered", producer.flush(30) == 0 and len(good) == COUNT and not bad,
      (len(good), bad[:3]))

# Consumer, in a group, while another thread goes on producing.
rebalances, offsets, consumer_stats = [], [], []
consumer = Consumer({"bootstrap.servers": servers, "group.id": "g-" + topic,
                     "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     "statistics.interval.ms": 200, "stats_cb": consumer_stats.append,
                     "on_commit": lambda e, p: offsets.append((e, len(p)))})
consumer.subscribe([topic], on_assign=lambda c, p: rebalances.append(len(p)),
                   on_revoke=lambda c, p: rebalances.append(-len(p)))


def more():
    for i in range(100):
        producer.produce(topic, value=b"v%d" % (COUNT + i), headers=[("h", b"%d" % (COUNT + i))])
    producer.flush(30)


thread = threading.Thread(target=more)
thread.start()
seen, end = {}, time.time() + 60
while len(seen) < COUNT + 100 and time.time() < end:
    message = consumer.poll(1)
    if message is None or message.error():
        continue
    value = message.value()
    check_headers = message.headers() == [("h", value[1:])]
    if value in seen or not check_headers:
        check("messages come once, with their headers", False, (value, message.headers()))
        break
    seen[value] = message.offset()
thread.join()
check("everything is consumed", len(seen) == COUNT + 100, len(seen))
check("partitions were assigned", rebalances[:1] == [3], rebalances)
end = time.time() + 30
while not (stats and consumer_stats) and time.time() < end:
    producer.poll(0.1)
    consumer.poll(0.1)
check("statistics of both came", stats and consumer_stats, (len(stats), len(consumer_stats)))
committed = consumer.commit(asynchronous=False)
check("offsets are committed", sum(p.offset for p in committed) == COUNT + 100, committed)
low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=20)
check("watermarks are asked for", low == 0 and high > 0, (low, high))
asked = consumer.committed([TopicPartition(topic, p) for p in range(3)], timeout=20)
check("committed offsets are asked for", sum(p.offset for p in asked) == COUNT + 100, asked)
consumer.seek(TopicPartition(topic, 0, 0))
times = consumer.offsets_for_times([TopicPartition(topic, 0, 0)], timeout=20)
check("offsets are asked for by time", times[0].offset == 0, times)
consumer.close()
check("partitions were revoked", rebalances[-1:] == [-3], rebalances)

# Which files the process has, for those who doubt.
with open("/proc/self/maps") as maps:
    mapped = sorted({line.split()[-1] for line in maps if "librdkafka" in line})
print("maps", *[os.path.basename(path) for path in mapped])
sys.exit(1 if failures else 0)
