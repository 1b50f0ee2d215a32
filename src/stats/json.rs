//! The snapshot as JSON text: the historical keys in the historical order, with the historical
//! spaces between them.
//!
//! History did not escape strings; here a name with a quote or a control character leaves the
//! document valid.
#![forbid(unsafe_code)]

use std::fmt::{Display, Write};

use super::snapshot::{
    BrokerNumbers, EosNumbers, OFFSET_INVALID, PartitionNumbers, Snapshot, TopicNumbers, Windows,
};
use crate::own::producer_v2::AdaptiveNumbers;
use crate::own::window::WindowNumbers;
use crate::proto::api;

/// API keys of the requests that are always listed for a producer; others are once they were sent.
///
/// Quirk: keys without a name are listed too.
const REQUESTS: [i16; 21] =
    [0, 2, 3, 10, 17, 18, 22, 24, 25, 26, 28, 36, 60, 61, 62, 65, 66, 70, 71, 72, 73];
/// API keys that are counted.
const REQUESTS_END: i16 = 74;
/// Bytes of a document beside its brokers and partitions, and of one of these.
const BASE_BYTES: usize = 2048;
const BROKER_BYTES: usize = 2560;
const PARTITION_BYTES: usize = 1024;

/// A text with JSON in the making.
struct Text {
    out: String,
    /// Nothing stands before the next key in its object.
    is_first: bool,
}

impl Text {
    fn push(&mut self, part: impl Display) {
        write!(self.out, "{part}").expect("a string takes everything");
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push_str(", ");
        }
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        for char in text.chars() {
            match char {
                '"' | '\\' => {
                    self.out.push('\\');
                    self.out.push(char);
                }
                '\0'..='\x1f' => self.push(format_args!("\\u{:04x}", u32::from(char))),
                _ => self.out.push(char),
            }
        }
        self.out.push('"');
    }

    /// `"key":value`.
    fn tight(&mut self, key: &str, value: impl Display) {
        self.separate();
        self.push(format_args!("\"{key}\":{value}"));
    }

    /// `"key": value`.
    fn wide(&mut self, key: &str, value: impl Display) {
        self.separate();
        self.push(format_args!("\"{key}\": {value}"));
    }

    /// `"key":"value"`.
    fn string(&mut self, key: &str, value: &str) {
        self.tight(key, "");
        self.quoted(value);
    }

    /// `"key": "value"`.
    fn wide_string(&mut self, key: &str, value: &str) {
        self.wide(key, "");
        self.quoted(value);
    }

    /// `"key": { `.
    fn open(&mut self, key: &str) {
        self.separate();
        self.quoted(key);
        self.out.push_str(": { ");
        self.is_first = true;
    }

    /// `"key":{ `.
    fn open_tight(&mut self, key: &str) {
        self.tight(key, "{ ");
        self.is_first = true;
    }

    /// The end of an object: some have a space before the brace, some behind it.
    fn close(&mut self, brace: &str) {
        self.out.push_str(brace);
        self.is_first = false;
    }
}

/// The document.
///
/// Historical: `rd_kafka_stats_emit_all`.
pub(super) fn document(numbers: &Snapshot) -> String {
    let partitions: usize = numbers.topics.iter().map(|topic| topic.partitions.len() + 1).sum();
    let room = BASE_BYTES + numbers.brokers.len() * BROKER_BYTES + partitions * PARTITION_BYTES;
    let mut text = Text { out: String::with_capacity(room), is_first: true };
    text.out.push_str("{ ");
    text.wide_string("name", &numbers.name);
    text.wide_string("client_id", &numbers.client_id);
    text.wide_string("type", "producer");
    text.tight("ts", numbers.ts_us);
    text.tight("time", numbers.time_s);
    text.tight("age", numbers.age_us);
    text.tight("replyq", numbers.reply_queue_len);
    text.tight("msg_cnt", numbers.messages);
    text.tight("msg_size", numbers.bytes);
    text.tight("msg_max", numbers.messages_max);
    text.tight("msg_size_max", numbers.bytes_max);
    text.tight("simple_cnt", 0);
    text.tight("metadata_cache_cnt", numbers.cached_topic_count);
    if let Some(engine) = numbers.engine {
        text.wide_string("produce_engine", engine);
    }
    text.open_tight("brokers");
    for one in &numbers.brokers {
        broker(&mut text, one);
    }
    text.close("}");
    text.open_tight("topics");
    for one in &numbers.topics {
        topic(&mut text, one);
    }
    text.close("} ");
    if let Some(eos) = &numbers.eos {
        idempotence(&mut text, eos);
    }
    if let Some(fatal) = &numbers.fatal {
        text.open("fatal");
        text.wide_string("error", fatal.code.known_text().unwrap_or_default());
        text.wide_string("reason", &fatal.reason);
        text.wide("cnt", fatal.count);
        text.close(" }");
    }
    totals(&mut text, numbers);
    text.close("}");
    text.out
}

fn idempotence(text: &mut Text, numbers: &EosNumbers) {
    text.open("eos");
    text.wide_string("idemp_state", numbers.state.name());
    text.wide("idemp_stateage", numbers.state_age_us / 1000);
    text.wide_string("txn_state", numbers.txn_state);
    text.wide("txn_stateage", numbers.txn_state_age_us / 1000);
    text.wide("txn_may_enq", false);
    text.wide("producer_id", numbers.pid.id);
    text.wide("producer_epoch", numbers.pid.epoch);
    text.wide("epoch_cnt", numbers.epoch_count);
    text.close(" }");
}

fn totals(text: &mut Text, numbers: &Snapshot) {
    let totals = numbers.totals();
    text.tight("tx", totals.tx);
    text.tight("tx_bytes", totals.tx_bytes);
    text.tight("rx", totals.rx);
    text.tight("rx_bytes", totals.rx_bytes);
    text.tight("txmsgs", totals.tx_messages);
    text.tight("txmsg_bytes", totals.tx_message_bytes);
    text.tight("rxmsgs", 0);
    text.tight("rxmsg_bytes", 0);
}

fn broker(text: &mut Text, numbers: &BrokerNumbers) {
    text.open(&numbers.name);
    text.string("name", &numbers.name);
    text.tight("nodeid", numbers.id);
    text.string("nodename", &numbers.address);
    text.string("source", numbers.source);
    text.string("state", numbers.state.name());
    text.tight("stateage", numbers.state_age_us);
    text.tight("outbuf_cnt", numbers.outbufs.0);
    text.tight("outbuf_msg_cnt", numbers.outbufs.1);
    text.tight("waitresp_cnt", numbers.waitresps.0);
    text.tight("waitresp_msg_cnt", numbers.waitresps.1);
    text.tight("tx", numbers.tx);
    text.tight("txbytes", numbers.tx_bytes);
    text.tight("txerrs", numbers.tx_errors);
    text.tight("txretries", numbers.tx_retries);
    text.tight("txidle", numbers.tx_idle_us);
    text.tight("req_timeouts", numbers.request_timeouts);
    text.tight("rx", numbers.rx);
    text.tight("rxbytes", numbers.rx_bytes);
    text.tight("rxerrs", numbers.rx_errors);
    text.tight("rxcorriderrs", numbers.rx_unmatched);
    text.tight("rxpartial", 0);
    text.tight("rxidle", numbers.rx_idle_us);
    text.tight("zbuf_grow", 0);
    text.tight("buf_grow", 0);
    text.tight("wakeups", numbers.wakeups);
    text.tight("connects", numbers.connects);
    text.tight("disconnects", numbers.disconnects);
    windows(text, &numbers.windows);
    if let Some(numbers) = &numbers.adaptive {
        adaptive(text, numbers);
    }
    requests(text, &numbers.requests);
    text.open_tight("toppars");
    for (topic, partition) in &numbers.toppars {
        text.open(&format!("{topic}-{partition}"));
        text.string("topic", topic);
        text.tight("partition", partition);
        text.close("} ");
    }
    text.close("} ");
    text.close("} ");
}

fn requests(text: &mut Text, counts: &[u64]) {
    text.open("req");
    for (api, count) in (0..REQUESTS_END).zip(counts.iter().chain(std::iter::repeat(&0))) {
        if *count > 0 || REQUESTS.contains(&api) {
            text.wide(&api::display_name(api), count);
        }
    }
    text.close(" }");
}

/// What engine `v2` adapts; all numbers are 0 if it does not. Scores are in thousandths.
fn adaptive(text: &mut Text, numbers: &AdaptiveNumbers) {
    #[allow(clippy::cast_possible_truncation)]
    let permille = |score: f64| (score * 1000.0) as i64;
    text.open("adaptive");
    text.tight("linger_us", numbers.linger_us);
    text.tight("batch_max_bytes", numbers.bytes);
    text.tight("congestion", permille(numbers.score));
    text.tight("rtt_congestion", permille(numbers.rtt_score));
    text.tight("int_lat_congestion", permille(numbers.late_score));
    text.tight("rtt_base_us", numbers.rtt_base_us);
    text.tight("rtt_current_us", numbers.rtt_us);
    text.tight("int_lat_base_us", numbers.late_base_us);
    text.tight("int_lat_current_us", numbers.late_us);
    text.tight("adjustments_up", numbers.ups);
    text.tight("adjustments_down", numbers.downs);
    text.close(" }");
}

fn windows(text: &mut Text, windows: &Windows) {
    for (key, numbers) in windows {
        window(text, key, numbers);
    }
}

fn window(text: &mut Text, key: &str, numbers: &WindowNumbers) {
    text.open(key);
    text.tight("min", numbers.min);
    text.tight("max", numbers.max);
    text.tight("avg", numbers.average);
    text.tight("sum", numbers.sum);
    text.wide("stddev", numbers.deviation);
    for (key, value) in
        ["p50", "p75", "p90", "p95", "p99", "p99_99"].into_iter().zip(numbers.quantiles)
    {
        text.wide(key, value);
    }
    text.wide("outofrange", numbers.outside_count);
    text.wide("hdrsize", numbers.histogram_bytes);
    text.tight("cnt", numbers.count);
    text.close(" }");
}

fn topic(text: &mut Text, numbers: &TopicNumbers) {
    text.open(&numbers.name);
    text.string("topic", &numbers.name);
    text.tight("age", numbers.age_us / 1000);
    text.tight("metadata_age", numbers.metadata_age_us / 1000);
    windows(text, &numbers.windows);
    text.open_tight("partitions");
    for one in &numbers.partitions {
        partition(text, one);
    }
    text.close("} ");
    text.close("} ");
}

/// What a producer has no number for is what history says of an idle consumer.
fn partition(text: &mut Text, numbers: &PartitionNumbers) {
    text.open(&numbers.number.to_string());
    text.tight("partition", numbers.number);
    text.tight("broker", numbers.broker_id);
    text.tight("leader", numbers.leader_id);
    text.tight("desired", false);
    text.tight("unknown", numbers.is_unknown);
    text.tight("msgq_cnt", numbers.queued_messages);
    text.tight("msgq_bytes", numbers.queued_bytes);
    text.tight("xmit_msgq_cnt", 0);
    text.tight("xmit_msgq_bytes", 0);
    text.tight("fetchq_cnt", 0);
    text.tight("fetchq_size", 0);
    text.string("fetch_state", "none");
    text.tight("query_offset", OFFSET_INVALID);
    text.tight("next_offset", 0);
    text.tight("app_offset", OFFSET_INVALID);
    text.tight("stored_offset", OFFSET_INVALID);
    text.tight("stored_leader_epoch", -1);
    text.tight("commited_offset", OFFSET_INVALID);
    text.tight("committed_offset", OFFSET_INVALID);
    text.tight("committed_leader_epoch", -1);
    for key in ["eof_offset", "lo_offset", "hi_offset", "ls_offset"] {
        text.tight(key, OFFSET_INVALID);
    }
    text.tight("consumer_lag", -1);
    text.tight("consumer_lag_stored", -1);
    text.tight("leader_epoch", numbers.leader_epoch);
    text.tight("txmsgs", numbers.tx_messages);
    text.tight("txbytes", numbers.tx_bytes);
    text.tight("rxmsgs", 0);
    text.tight("rxbytes", 0);
    text.wide("msgs", numbers.messages);
    text.wide("rx_ver_drops", 0);
    text.wide("msgs_inflight", numbers.in_flight);
    text.wide("next_ack_seq", numbers.eos.next_ack_seq);
    text.wide("next_err_seq", numbers.eos.next_err_seq);
    text.wide("acked_msgid", numbers.eos.acked_msgid);
    text.close("} ");
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::UNASSIGNED;
    use super::*;
    use crate::error::ErrorCode;
    use crate::handle::Fatal;
    use crate::own::broker::BrokerState;
    use crate::own::eos::IdempState;

    /// A document of the historical producer with one broker and one topic; all numbers are 0.
    const SHAPE: &str = include_str!("../../tests/spec/stats-shape.json");

    /// As if each listed request had been sent as often as its API key says.
    fn counted(api: u64) -> u64 {
        let is_listed = i16::try_from(api).is_ok_and(|api| REQUESTS.contains(&api));
        if is_listed { api } else { 0 }
    }

    fn windows(keys: &[&'static str]) -> Windows {
        keys.iter().map(|key| (*key, WindowNumbers::default())).collect()
    }

    fn snapshot() -> Snapshot {
        let partition = |number| PartitionNumbers {
            number,
            tx_messages: 5,
            tx_bytes: 50,
            ..PartitionNumbers::default()
        };
        Snapshot {
            name: "app#producer-1".to_owned(),
            client_id: "app".to_owned(),
            brokers: vec![BrokerNumbers {
                name: "broker:9092/2".to_owned(),
                address: "broker:9092".to_owned(),
                source: "learned",
                state: BrokerState::Up,
                tx: 3,
                windows: windows(&["int_latency", "outbuf_latency", "rtt", "throttle"]),
                requests: (0..74).map(counted).collect(),
                toppars: vec![("topic-a".to_owned(), 1)],
                ..BrokerNumbers::default()
            }],
            topics: vec![TopicNumbers {
                name: "topic-b".to_owned(),
                windows: windows(&["batchsize", "batchcnt"]),
                partitions: vec![partition(0), partition(UNASSIGNED)],
                ..TopicNumbers::default()
            }],
            ..Snapshot::default()
        }
    }

    /// The document with 0 for each number that is a value.
    fn without_numbers(document: &str) -> String {
        let mut out = String::new();
        let mut is_value = false;
        for char in document.chars() {
            let is_number = char == '-' || char.is_ascii_digit();
            if is_value && is_number {
                if !out.ends_with('0') {
                    out.push('0');
                }
                continue;
            }
            is_value = (char == ':' && out.ends_with('"')) || (is_value && char == ' ');
            out.push(char);
        }
        out
    }

    #[test]
    fn keys_order_and_spaces_are_the_historical_ones() {
        assert_eq!(without_numbers(&document(&snapshot())), SHAPE.trim_end());
    }

    #[test]
    fn sums_leave_the_unassigned_queue_out() {
        let text = document(&snapshot());
        let sums = "\"tx\":3, \"tx_bytes\":0, \"rx\":0, \"rx_bytes\":0, \"txmsgs\":5, \
                    \"txmsg_bytes\":50, \"rxmsgs\":0, \"rxmsg_bytes\":0}";
        assert!(text.ends_with(sums), "{text}");
    }

    #[test]
    fn request_counts_stand_under_their_own_names() {
        let text = document(&snapshot());
        for part in ["\"Produce\": 0,", "\"ApiVersion\": 18,", "\"Unknown-62?\": 62,"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains("\"Unknown-73?\": 73 }, \"toppars\":{ "), "{text}");
    }

    #[test]
    fn requests_that_a_producer_seldom_sends_are_listed_once_they_were() {
        let mut numbers = snapshot();
        numbers.brokers[0].requests[19] = 2;
        let text = document(&numbers);
        assert!(text.contains("\"ApiVersion\": 18, \"CreateTopics\": 2, \"InitPr"), "{text}");
    }

    #[test]
    fn engine_v2_adds_its_name_its_windows_and_what_it_adapts() {
        let mut numbers = snapshot();
        numbers.engine = Some("v2");
        let broker = &mut numbers.brokers[0];
        broker.windows.extend(windows(&["produce_partitions"]));
        broker.adaptive = Some(AdaptiveNumbers {
            linger_us: 5_000,
            bytes: 16_384,
            score: 1.2345,
            rtt_score: 1.2345,
            late_score: 0.5,
            rtt_base_us: 1,
            rtt_us: 2,
            late_base_us: 3,
            late_us: 4,
            ups: 5,
            downs: 6,
            ..AdaptiveNumbers::default()
        });
        let text = document(&numbers);
        let added = "\"adaptive\": { \"linger_us\":5000, \"batch_max_bytes\":16384, \
                     \"congestion\":1234, \"rtt_congestion\":1234, \
                     \"int_lat_congestion\":500, \"rtt_base_us\":1, \"rtt_current_us\":2, \
                     \"int_lat_base_us\":3, \"int_lat_current_us\":4, \"adjustments_up\":5, \
                     \"adjustments_down\":6 }, \"req\": {";
        assert!(text.contains(added), "{text}");
        assert!(text.contains("\"produce_engine\": \"v2\", \"brokers\""), "{text}");
        let at = |key: &str| text.find(key).unwrap_or_else(|| panic!("{key} in {text}"));
        assert!(at("\"throttle\"") < at("\"produce_partitions\""));
        assert!(at("\"produce_partitions\"") < at("\"adaptive\""));
    }

    #[test]
    fn an_instance_without_brokers_and_topics_has_empty_objects() {
        let text = document(&Snapshot::default());
        assert!(text.contains("\"brokers\":{ }, \"topics\":{ } , \"tx\":0"), "{text}");
    }

    #[test]
    fn a_fatal_error_stands_before_the_sums() {
        let fatal =
            Fatal { code: ErrorCode::_FATAL, reason: "so \"it\" is\n".to_owned(), count: 2 };
        let text = document(&Snapshot { fatal: Some(fatal), ..Snapshot::default() });
        let reason = r#""reason": "so \"it\" is\u000a", "cnt": 2 }, "tx":0"#;
        assert!(text.contains("} , \"fatal\": { \"error\": \""), "{text}");
        assert!(text.contains(reason), "{text}");
    }

    #[test]
    fn an_idempotent_producer_tells_its_state_and_id() {
        let eos = EosNumbers {
            state: IdempState::Assigned,
            state_age_us: 5_999,
            txn_state: "Init",
            txn_state_age_us: 9_000,
            pid: crate::proto::pid::Pid { id: 7, epoch: 1 },
            epoch_count: 1,
        };
        let text = document(&Snapshot { eos: Some(eos), ..Snapshot::default() });
        let object = "} , \"eos\": { \"idemp_state\": \"Assigned\", \"idemp_stateage\": 5, \
                      \"txn_state\": \"Init\", \"txn_stateage\": 9, \"txn_may_enq\": false, \
                      \"producer_id\": 7, \"producer_epoch\": 1, \"epoch_cnt\": 1 }, \"tx\":0";
        assert!(text.contains(object), "{text}");
    }

    #[test]
    fn strings_are_escaped() {
        let snapshot = Snapshot { client_id: "a\\\"\u{1}é".to_owned(), ..Snapshot::default() };
        let text = document(&snapshot);
        assert!(text.contains(r#""client_id": "a\\\"\u0001é""#), "{text}");
    }
}
