"""Produces and consumes for a while in one process, and prints what the process has.

    soak.py BOOTSTRAP TOPIC SECONDS

One line every second: kilobytes of memory, threads, descriptors, messages delivered, messages consumed.
"""
import os
import sys
import time

from confluent_kafka import Consumer, Producer

servers, topic, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
delivered = consumed = failed = 0


def on_delivery(error, _message):
    global delivered, failed
    delivered += not error
    failed += bool(error)


def count_of(folder):
    return len(os.listdir(folder))


def resident_kb():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


producer = Producer({"bootstrap.servers": servers, "linger.ms": 5, "statistics.interval.ms": 1000,
                     "stats_cb": lambda text: None})
consumer = Consumer({"bootstrap.servers": servers, "group.id": "g-" + topic,
                     "auto.offset.reset": "earliest", "statistics.interval.ms": 1000,
                     "stats_cb": lambda text: None})
consumer.subscribe([topic])
end, tick = time.time() + seconds, time.time() + 1
value = b"x" * 200
while time.time() < end:
    for _ in range(50):
        producer.produce(topic, key=b"k", value=value, headers={"h": b"v"}, on_delivery=on_delivery)
    producer.poll(0)
    for message in consumer.consume(100, timeout=0.02):
        consumed += not message.error()
    if time.time() >= tick:
        tick += 1
        print(resident_kb(), count_of("/proc/self/task"), count_of("/proc/self/fd"), delivered,
              consumed, flush=True)
producer.flush(30)
deadline = time.time() + 30
while consumed < delivered and time.time() < deadline:
    for message in consumer.consume(100, timeout=0.2):
        consumed += not message.error()
consumer.close()
print("end", delivered, consumed, failed, flush=True)
sys.exit(failed > 0 or consumed != delivered)
