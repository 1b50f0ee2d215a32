//! The snapshot as plain structs (`rdkafka_stats.h`): the numbers of the JSON text, and what only
//! these have.
#![forbid(unsafe_code)]

use super::snapshot::{
    BrokerNumbers, EosNumbers, OFFSET_INVALID, PartitionNumbers, Snapshot, TopicNumbers, Windows,
};
use crate::abi::codes::RD_KAFKA_PRODUCER;
use crate::abi::stats::*;
use crate::own::stats_tree::{BrokerPart, Plain, StatsTree, TopicPart, write_text};
use crate::own::window::WindowNumbers;
use crate::proto::api;

/// A counter, as the structs have it.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn small(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}

/// The tree of a snapshot.
pub(super) fn tree(numbers: &Snapshot) -> StatsTree {
    let brokers = numbers.brokers.iter().map(|one| broker(numbers, one)).collect();
    let topics = numbers.topics.iter().map(topic).collect();
    StatsTree::new(root(numbers), brokers, topics)
}

fn root(numbers: &Snapshot) -> Box<rd_kafka_stats_t> {
    let totals = numbers.totals();
    let mut root = Box::new(rd_kafka_stats_t {
        r#type: RD_KAFKA_PRODUCER,
        ts_us: numbers.ts_us,
        time_sec: numbers.time_s,
        age_us: numbers.age_us,
        replyq: i32::try_from(numbers.reply_queue_len).unwrap_or(i32::MAX),
        msg_cnt: small(numbers.messages),
        msg_size: numbers.bytes.max(0).cast_unsigned(),
        msg_max: small(numbers.messages_max),
        msg_size_max: numbers.bytes_max.max(0).cast_unsigned(),
        metadata_cache_cnt: i32::try_from(numbers.cached_topic_count).unwrap_or(i32::MAX),
        tx: number(totals.tx),
        tx_bytes: number(totals.tx_bytes),
        rx: number(totals.rx),
        rx_bytes: number(totals.rx_bytes),
        txmsgs: number(totals.tx_messages),
        txmsg_bytes: number(totals.tx_message_bytes),
        ..rd_kafka_stats_t::zeroed()
    });
    write_text(&mut root.name, &numbers.name);
    write_text(&mut root.client_id, &numbers.client_id);
    if let Some(numbers) = &numbers.eos {
        root.has_eos = 1;
        root.eos = eos(numbers);
    }
    if let Some(fatal) = &numbers.fatal {
        root.has_fatal = 1;
        root.fatal_err = fatal.code.0;
        root.fatal_cnt = i32::try_from(fatal.count).unwrap_or(i32::MAX);
        write_text(&mut root.fatal_reason, &fatal.reason);
    }
    root
}

fn eos(numbers: &EosNumbers) -> rd_kafka_eos_stats_t {
    rd_kafka_eos_stats_t {
        idemp_state: numbers.state as i32,
        idemp_stateage_us: numbers.state_age_us,
        // Without transactions it is the first state.
        txn_state: 0,
        txn_stateage_us: numbers.txn_state_age_us,
        producer_id: numbers.pid.id,
        producer_epoch: numbers.pid.epoch,
        epoch_cnt: numbers.epoch_count,
        ..rd_kafka_eos_stats_t::zeroed()
    }
}

fn window(numbers: &WindowNumbers) -> rd_kafka_avg_stats_t {
    let [p50, p75, p90, p95, p99, p99_99] = numbers.quantiles;
    rd_kafka_avg_stats_t {
        min: numbers.min,
        max: numbers.max,
        avg: numbers.average,
        sum: numbers.sum,
        cnt: number(numbers.count),
        stddev: numbers.deviation,
        p50,
        p75,
        p90,
        p95,
        p99,
        p99_99,
        oor: number(numbers.outside_count),
        hdrsize: i32::try_from(numbers.histogram_bytes).unwrap_or(i32::MAX),
        _pad: 0,
    }
}

/// The window under a key; all zero if there is none.
fn window_of(windows: &Windows, key: &str) -> rd_kafka_avg_stats_t {
    let found = windows.iter().find(|(name, _)| *name == key);
    found.map_or_else(rd_kafka_avg_stats_t::zeroed, |(_, numbers)| window(numbers))
}

fn broker(all: &Snapshot, numbers: &BrokerNumbers) -> BrokerPart {
    let of = |key| window_of(&numbers.windows, key);
    let mut stats = Box::new(rd_kafka_broker_stats_t {
        nodeid: numbers.id,
        state: numbers.state as i32,
        stateage_us: numbers.state_age_us,
        outbuf_cnt: numbers.outbufs.0,
        outbuf_msg_cnt: numbers.outbufs.1,
        waitresp_cnt: numbers.waitresps.0,
        waitresp_msg_cnt: numbers.waitresps.1,
        tx: number(numbers.tx),
        tx_bytes: number(numbers.tx_bytes),
        tx_errs: number(numbers.tx_errors),
        tx_retries: number(numbers.tx_retries),
        tx_idle_us: numbers.tx_idle_us,
        req_timeouts: number(numbers.request_timeouts),
        rx: number(numbers.rx),
        rx_bytes: number(numbers.rx_bytes),
        rx_errs: number(numbers.rx_errors),
        rx_idle_us: numbers.rx_idle_us,
        rx_corriderrs: number(numbers.rx_unmatched),
        wakeups: number(numbers.wakeups),
        connects: numbers.connects.into(),
        disconnects: numbers.disconnects.into(),
        int_latency: of("int_latency"),
        outbuf_latency: of("outbuf_latency"),
        rtt: of("rtt"),
        throttle: of("throttle"),
        produce_partitions: of("produce_partitions"),
        produce_messages: of("produce_messages"),
        produce_reqsize: of("produce_reqsize"),
        produce_fill: of("produce_fill"),
        batch_wait: of("batch_wait"),
        ..rd_kafka_broker_stats_t::zeroed()
    });
    write_text(&mut stats.name, &numbers.name);
    write_text(&mut stats.nodename, &numbers.address);
    write_text(&mut stats.source, numbers.source);
    adaptive(&mut stats, all, numbers);
    BrokerPart { stats, requests: requests(numbers), toppars: toppars(numbers) }
}

/// Adaptive batching: all zero unless it is on and there is something to adapt.
fn adaptive(stats: &mut rd_kafka_broker_stats_t, all: &Snapshot, numbers: &BrokerNumbers) {
    // Quirk: the property's value, whatever the engine.
    stats.adaptive_enabled = all.is_adaptive.into();
    let Some(adaptive) = numbers.adaptive.as_ref().filter(|_| all.is_adaptive) else { return };
    stats.adaptive_linger_us = adaptive.linger_us;
    stats.adaptive_batch_max_bytes = adaptive.bytes;
    stats.adaptive_congestion = adaptive.score;
    stats.adaptive_rtt_congestion = adaptive.rtt_score;
    stats.adaptive_int_lat_congestion = adaptive.late_score;
    stats.adaptive_rtt_base_us = adaptive.rtt_base_us;
    stats.adaptive_rtt_current_us = adaptive.rtt_us;
    stats.adaptive_int_lat_base_us = adaptive.late_base_us;
    stats.adaptive_int_lat_current_us = adaptive.late_us;
    stats.adaptive_adjustments_up = adaptive.ups;
    stats.adaptive_adjustments_down = adaptive.downs;
}

/// Kinds of requests that were sent.
fn requests(numbers: &BrokerNumbers) -> Vec<rd_kafka_req_count_t> {
    let sent = (0_i16..).zip(&numbers.requests).filter(|(_, count)| **count > 0);
    sent.map(|(api, count)| {
        let mut one =
            rd_kafka_req_count_t { count: number(*count), ..rd_kafka_req_count_t::zeroed() };
        write_text(&mut one.name, &api::display_name(api));
        one
    })
    .collect()
}

fn toppars(numbers: &BrokerNumbers) -> Vec<rd_kafka_broker_toppar_ref_t> {
    let served = numbers.toppars.iter().map(|(topic, partition)| {
        let mut one = rd_kafka_broker_toppar_ref_t {
            partition: *partition,
            ..rd_kafka_broker_toppar_ref_t::zeroed()
        };
        write_text(&mut one.topic, topic);
        one
    });
    served.collect()
}

fn topic(numbers: &TopicNumbers) -> TopicPart {
    let mut stats = rd_kafka_topic_stats_t {
        age_us: numbers.age_us,
        metadata_age_us: numbers.metadata_age_us,
        batchsize: window_of(&numbers.windows, "batchsize"),
        batchcnt: window_of(&numbers.windows, "batchcnt"),
        ..rd_kafka_topic_stats_t::zeroed()
    };
    write_text(&mut stats.name, &numbers.name);
    TopicPart { stats, partitions: numbers.partitions.iter().map(partition).collect() }
}

/// Messages that a broker's thread took over count there and not in the application's queue.
fn partition(numbers: &PartitionNumbers) -> rd_kafka_partition_stats_t {
    let queued = i32::try_from(numbers.queued_messages).unwrap_or(i32::MAX);
    let (taken, taken_bytes) = numbers.taken;
    let taken = taken.min(queued);
    let invalid = i64::from(OFFSET_INVALID);
    rd_kafka_partition_stats_t {
        partition: numbers.number,
        broker_id: numbers.broker_id,
        leader: numbers.leader_id,
        unknown: numbers.is_unknown.into(),
        msgq_cnt: queued - taken,
        msgq_bytes: (numbers.queued_bytes - taken_bytes).max(0),
        xmit_msgq_cnt: taken,
        xmit_msgq_bytes: taken_bytes.min(numbers.queued_bytes),
        query_offset: invalid,
        app_offset: invalid,
        stored_offset: invalid,
        stored_leader_epoch: -1,
        committed_offset: invalid,
        committed_leader_epoch: -1,
        eof_offset: invalid,
        lo_offset: invalid,
        hi_offset: invalid,
        ls_offset: invalid,
        consumer_lag: -1,
        consumer_lag_stored: -1,
        leader_epoch: numbers.leader_epoch,
        txmsgs: number(numbers.tx_messages),
        txbytes: number(numbers.tx_bytes),
        msgs: number(numbers.messages),
        msgs_inflight: numbers.in_flight.into(),
        next_ack_seq: numbers.eos.next_ack_seq.into(),
        next_err_seq: numbers.eos.next_err_seq.into(),
        acked_msgid: number(numbers.eos.acked_msgid),
        ..rd_kafka_partition_stats_t::zeroed()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_char;

    use super::super::snapshot::UNASSIGNED;
    use super::*;
    use crate::error::ErrorCode;
    use crate::handle::Fatal;
    use crate::own::broker::BrokerState;
    use crate::own::eos::{Eos, IdempState};
    use crate::own::producer_v2::AdaptiveNumbers;
    use crate::proto::pid::Pid;

    fn text(place: &[c_char]) -> String {
        let bytes: Vec<u8> = place.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
        String::from_utf8(bytes).expect("UTF-8")
    }

    fn window(count: u64) -> WindowNumbers {
        WindowNumbers {
            min: 1,
            max: 2,
            average: 3,
            sum: 4,
            deviation: 5,
            quantiles: [50, 75, 90, 95, 99, 9999],
            outside_count: 6,
            histogram_bytes: 7,
            count,
        }
    }

    fn learned(windows: Windows) -> BrokerNumbers {
        BrokerNumbers {
            name: "broker:9092/2".to_owned(),
            address: "broker:9092".to_owned(),
            source: "learned",
            id: 2,
            state: BrokerState::Up,
            outbufs: (1, 10),
            waitresps: (2, 20),
            tx: 3,
            tx_idle_us: -1,
            requests: vec![7, 0, 0, 1],
            toppars: vec![("t".to_owned(), 4)],
            windows,
            ..BrokerNumbers::default()
        }
    }

    #[test]
    fn a_brokers_numbers_stand_in_their_fields() {
        let keys = ["rtt", "batch_wait", "produce_fill"];
        let windows = (1..).zip(keys).map(|(count, key)| (key, window(count))).collect();
        let BrokerPart { stats, requests, toppars } =
            broker(&Snapshot::default(), &learned(windows));
        assert_eq!(
            [text(&stats.name), text(&stats.nodename), text(&stats.source)],
            ["broker:9092/2", "broker:9092", "learned"]
        );
        assert_eq!((stats.nodeid, stats.state, stats.tx, stats.tx_idle_us), (2, 6, 3, -1));
        assert_eq!((stats.outbuf_cnt, stats.outbuf_msg_cnt), (1, 10));
        assert_eq!((stats.waitresp_cnt, stats.waitresp_msg_cnt), (2, 20));
        let counts = [&stats.rtt, &stats.batch_wait, &stats.produce_fill, &stats.throttle];
        assert_eq!(counts.map(|window| window.cnt), [1, 2, 3, 0]);
        let rtt = &stats.rtt;
        assert_eq!((rtt.min, rtt.max, rtt.avg, rtt.sum, rtt.stddev), (1, 2, 3, 4, 5));
        assert_eq!([rtt.p50, rtt.p75, rtt.p90, rtt.p95], [50, 75, 90, 95]);
        assert_eq!((rtt.p99, rtt.p99_99, rtt.oor, rtt.hdrsize), (99, 9999, 6, 7));
        let requests: Vec<_> = requests.iter().map(|one| (text(&one.name), one.count)).collect();
        assert_eq!(requests, [("Produce".to_owned(), 7), ("Metadata".to_owned(), 1)]);
        assert_eq!((text(&toppars[0].topic), toppars[0].partition), ("t".to_owned(), 4));
    }

    #[test]
    fn what_is_adapted_is_told_only_where_something_is() {
        let mut numbers = learned(Vec::new());
        numbers.adaptive =
            Some(AdaptiveNumbers { linger_us: 5, score: 0.5, ..AdaptiveNumbers::default() });
        let told = |all: &Snapshot, numbers: &BrokerNumbers| {
            let stats = broker(all, numbers).stats;
            (stats.adaptive_enabled, stats.adaptive_linger_us, stats.adaptive_congestion)
        };
        let on = Snapshot { is_adaptive: true, ..Snapshot::default() };
        assert_eq!(told(&on, &numbers), (1, 5, 0.5));
        assert_eq!(told(&Snapshot::default(), &numbers), (0, 0, 0.0));
        numbers.adaptive = None;
        assert_eq!(told(&on, &numbers), (1, 0, 0.0), "engine legacy adapts nothing");
    }

    #[test]
    fn messages_that_were_taken_over_do_not_count_twice() {
        let numbers = PartitionNumbers {
            queued_messages: 5,
            queued_bytes: 50,
            taken: (3, 30),
            is_unknown: true,
            eos: Eos { acked_msgid: 9, ..Eos::default() },
            ..PartitionNumbers::default()
        };
        let stats = partition(&numbers);
        assert_eq!((stats.msgq_cnt, stats.msgq_bytes), (2, 20));
        assert_eq!((stats.xmit_msgq_cnt, stats.xmit_msgq_bytes), (3, 30));
        assert_eq!((stats.unknown, stats.desired, stats.acked_msgid), (1, 0, 9));
        assert_eq!((stats.query_offset, stats.next_offset, stats.consumer_lag), (-1001, 0, -1));
        let fewer =
            partition(&PartitionNumbers { queued_messages: 1, queued_bytes: 10, ..numbers });
        assert_eq!((fewer.msgq_cnt, fewer.xmit_msgq_cnt), (0, 1), "some went meanwhile");
    }

    #[test]
    fn the_root_has_sums_idempotence_and_the_fatal_error() {
        let of = |number, tx_messages| PartitionNumbers {
            number,
            tx_messages,
            ..PartitionNumbers::default()
        };
        let numbers = Snapshot {
            name: "n".repeat(300),
            client_id: "c".to_owned(),
            messages: 4,
            brokers: vec![learned(Vec::new()), learned(Vec::new())],
            topics: vec![TopicNumbers {
                name: "t".to_owned(),
                partitions: vec![of(0, 5), of(1, 6), of(UNASSIGNED, 100)],
                ..TopicNumbers::default()
            }],
            fatal: Some(Fatal { code: ErrorCode::_FENCED, reason: "why".to_owned(), count: 2 }),
            eos: Some(EosNumbers {
                state: IdempState::Assigned,
                state_age_us: 8,
                txn_state: "Init",
                txn_state_age_us: 9,
                pid: Pid { id: 77, epoch: 3 },
                epoch_count: 1,
            }),
            ..Snapshot::default()
        };
        let tree = tree(&numbers);
        let root = tree.root();
        assert_eq!((text(&root.name).len(), text(&root.client_id)), (255, "c".to_owned()));
        assert_eq!((root.r#type, root.msg_cnt, root.tx, root.txmsgs), (0, 4, 6, 11));
        assert_eq!((root.broker_cnt, root.topic_cnt, root.has_cgrp), (2, 1, 0));
        let eos = &root.eos;
        assert_eq!((root.has_eos, eos.idemp_state, eos.idemp_stateage_us), (1, 6, 8));
        assert_eq!((eos.producer_id, eos.producer_epoch, eos.epoch_cnt), (77, 3, 1));
        assert_eq!((root.has_fatal, root.fatal_err, root.fatal_cnt), (1, -144, 2));
        assert_eq!(text(&root.fatal_reason), "why");
    }
}
