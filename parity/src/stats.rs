//! The counters of the statistics that have a meaning in a comparison.

use std::fmt::Write;

use serde_json::Value;

const TOP: [&str; 4] = ["msg_cnt", "msg_size", "txmsgs", "txmsg_bytes"];
const BROKER: [&str; 6] = [
    "outbuf_cnt",
    "outbuf_msg_cnt",
    "waitresp_cnt",
    "waitresp_msg_cnt",
    "txretries",
    "req_timeouts",
];
const PARTITION: [&str; 11] = [
    "leader",
    "msgq_cnt",
    "msgq_bytes",
    "xmit_msgq_cnt",
    "xmit_msgq_bytes",
    "txmsgs",
    "txbytes",
    "msgs",
    "msgs_inflight",
    "next_ack_seq",
    "next_err_seq",
];

/// A line for the instance, one for each broker, one for each partition.
pub fn describe(json: &str) -> Vec<String> {
    let Ok(all) = serde_json::from_str::<Value>(json) else {
        return vec!["no JSON".into()];
    };
    let mut lines = vec![format!("statistics{}", fields(&all, &TOP))];
    let mut brokers: Vec<&Value> = members(&all["brokers"]).collect();
    brokers.retain(|broker| broker["nodeid"].as_i64().is_some_and(|id| id > 0));
    brokers.sort_by_key(|broker| broker["nodeid"].as_i64());
    for broker in brokers {
        let produced = broker["req"]["Produce"].as_i64().unwrap_or(-1);

        lines.push(format!(
            "statistics of broker {} Produce={produced}{}",
            broker["nodeid"],
            fields(broker, &BROKER)
        ));
    }
    for topic in members(&all["topics"]) {
        let name = topic["topic"].as_str().unwrap_or("?");
        for partition in members(&topic["partitions"]) {
            let number = partition["partition"].as_i64().unwrap_or(-2);
            if number >= 0 {
                lines.push(format!(
                    "statistics of {name}[{number}]{}",
                    fields(partition, &PARTITION)
                ));
            }
        }
    }
    lines
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(|map| map.values())
}

fn fields(value: &Value, names: &[&str]) -> String {
    let mut out = String::new();
    for name in names {
        write!(out, " {name}={}", value[*name]).ok();
    }
    out
}
