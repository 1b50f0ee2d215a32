//! What is left out of a world: a scenario that is smaller than what its seed draws.
//!
//! In words: `messages=40 brokers=1 partitions=2 faults=3,7 without=linger.ms,batch.size`. What is
//! not named is as drawn; `faults=` is none at all.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::plan::Plan;

/// Properties on which no promise depends, so that their defaults may stand for what was drawn.
pub(super) const OPTIONAL: [&str; 23] = [
    "linger.ms",
    "batch.size",
    "compression.codec",
    "sticky.partitioning.linger.ms",
    "partitioner",
    "multibatch",
    "socket.max.fails",
    "reconnect.backoff.ms",
    "topic.metadata.refresh.interval.ms",
    "topic.metadata.refresh.fast.interval.ms",
    "topic.metadata.refresh.sparse",
    "topic.metadata.propagation.max.ms",
    "enable.sparse.connections",
    "connections.max.idle.ms",
    "statistics.interval.ms",
    "broker.address.ttl",
    "metadata.recovery.strategy",
    "metadata.recovery.rebootstrap.trigger.ms",
    "broker.linger.ms",
    "broker.batch.max.bytes",
    "adaptive.batching.enable",
    "queue.buffering.backpressure.threshold",
    "message.max.bytes",
];

/// What a world has less than its seed draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// So many messages.
    pub(super) messages: Option<u32>,
    /// So many brokers.
    pub(super) brokers: Option<usize>,
    /// At most so many partitions in each topic.
    pub(super) partitions: Option<i32>,
    /// These faults, by their number.
    pub(super) faults: Option<BTreeSet<u32>>,
    /// Without these properties.
    pub(super) without: BTreeSet<String>,
}

impl Cut {
    /// Does a fault happen?
    pub(super) fn has_fault(&self, number: u32) -> bool {
        self.faults.as_ref().is_none_or(|faults| faults.contains(&number))
    }

    /// Makes a plan smaller.
    pub(super) fn apply(&self, plan: &mut Plan) {
        plan.messages = self.messages.unwrap_or(plan.messages);
        plan.brokers = self.brokers.unwrap_or(plan.brokers);
        let most = self.partitions.unwrap_or(i32::MAX);
        plan.partitions.iter_mut().for_each(|count| *count = most.min(*count));
        plan.conf.retain(|(name, _)| !self.without.contains(*name));
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        words.extend(self.messages.map(|count| format!("messages={count}")));
        words.extend(self.brokers.map(|count| format!("brokers={count}")));
        words.extend(self.partitions.map(|count| format!("partitions={count}")));
        words.extend(self.faults.as_ref().map(|faults| {
            let numbers: Vec<String> = faults.iter().map(u32::to_string).collect();
            format!("faults={}", numbers.join(","))
        }));
        if !self.without.is_empty() {
            let names: Vec<&str> = self.without.iter().map(String::as_str).collect();
            words.push(format!("without={}", names.join(",")));
        }
        out.write_str(&words.join(" "))
    }
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut cut = Self::default();
        for word in text.split_whitespace() {
            let wrong = || format!("{word} is no part of a scenario");
            let (name, value) = word.split_once('=').ok_or_else(wrong)?;
            let list = || value.split(',').filter(|item| !item.is_empty());
            match name {
                "messages" => cut.messages = Some(value.parse().map_err(|_| wrong())?),
                "brokers" => cut.brokers = Some(value.parse().map_err(|_| wrong())?),
                "partitions" => cut.partitions = Some(value.parse().map_err(|_| wrong())?),
                "faults" => {
                    let numbers: Result<_, _> = list().map(str::parse).collect();
                    cut.faults = Some(numbers.map_err(|_| wrong())?);
                }
                "without" => cut.without = list().map(str::to_owned).collect(),
                _ => return Err(wrong()),
            }
        }
        Ok(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_can_be_said_and_read() {
        for text in [
            "",
            "faults=",
            "messages=40 brokers=1 partitions=2 faults=3,7 without=batch.size,linger.ms",
        ] {
            assert_eq!(text.parse::<Cut>().expect("a scenario").to_string(), text);
        }
        for text in ["messages=x", "message=1", "faults=a", "brokers"] {
            assert!(text.parse::<Cut>().is_err(), "{text}");
        }
    }
}
