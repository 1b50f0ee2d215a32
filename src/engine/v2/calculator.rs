//! How long a request will be, to the byte, before anything of it is written.
#![forbid(unsafe_code)]

use crate::proto::produce::Skeleton;
use crate::proto::{api, header};

/// What a request may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Most bytes; a request of one partition may have more.
    pub(super) bytes_max: usize,
    /// Most partitions; 0 is no limit.
    pub(super) partitions_max: usize,
}

struct TopicPart {
    name_len: usize,
    partitions: usize,
    len: usize,
}

/// The length of the request that has been accepted so far.
pub(super) struct Calculator {
    skeleton: Skeleton,
    limits: Limits,
    header_len: usize,
    topics: Vec<TopicPart>,
    /// Topics and partitions, without the request's frame.
    body_len: usize,
    partitions: usize,
}

impl Calculator {
    /// An empty request.
    pub(super) fn new(version: i16, client_id: &str, limits: Limits) -> Self {
        Self {
            skeleton: Skeleton::new(version),
            limits,
            header_len: header::len(api::PRODUCE, version, client_id),
            topics: Vec::new(),
            body_len: 0,
            partitions: 0,
        }
    }

    /// May no more partitions come?
    pub(super) fn is_full(&self) -> bool {
        self.limits.partitions_max > 0 && self.partitions >= self.limits.partitions_max
    }

    /// Accepts another partition with `records_len` bytes, if it fits; the first always does.
    /// `topic` counts the request's topics from 0.
    pub(super) fn add(&mut self, topic: usize, name: &[u8], records_len: usize) -> bool {
        debug_assert!(topic <= self.topics.len(), "topics are counted");
        let (former, partitions) = match self.topics.get(topic) {
            Some(part) => (part.len, part.partitions),
            None => (0, 0),
        };
        let topic_len = self.skeleton.topic_len(name, partitions + 1);
        let more = topic_len - former + self.skeleton.partition_len(records_len) + records_len;
        let topics = self.topics.len().max(topic + 1);
        let len = self.frame_len(topics) + self.body_len + more;
        if self.partitions > 0 && (self.is_full() || len > self.limits.bytes_max) {
            return false;
        }
        let part = TopicPart { name_len: name.len(), partitions: partitions + 1, len: topic_len };
        match self.topics.get_mut(topic) {
            Some(place) => {
                debug_assert_eq!(place.name_len, part.name_len, "a topic keeps its name");
                *place = part;
            }
            None => self.topics.push(part),
        }
        self.body_len += more;
        self.partitions += 1;
        true
    }

    fn frame_len(&self, topics: usize) -> usize {
        self.header_len + self.skeleton.frame_len(None, topics)
    }

    /// Bytes of the request.
    pub(super) fn len(&self) -> usize {
        self.frame_len(self.topics.len()) + self.body_len
    }

    /// How many partitions a topic has in it.
    pub(super) fn partitions_of(&self, topic: usize) -> usize {
        self.topics.get(topic).map_or(0, |part| part.partitions)
    }

    /// How many topics are in it.
    pub(super) fn topic_count(&self) -> usize {
        self.topics.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::produce::RequestParams;
    use crate::proto::wire::Write;
    use proptest::prelude::*;

    const NONE: Limits = Limits { bytes_max: usize::MAX, partitions_max: 0 };

    fn written(version: i16, topics: &[(String, Vec<usize>)]) -> usize {
        let mut out = Vec::new();
        header::start(&mut out, api::PRODUCE, version, "rdkafka");
        let params = RequestParams { version, transactional_id: None, acks: -1, timeout_ms: 1 };
        let skeleton = Skeleton::begin(&mut out, &params, topics.len());
        for (name, partitions) in topics {
            skeleton.topic(&mut out, name.as_bytes(), partitions.len());
            for (number, len) in (0..).zip(partitions) {
                skeleton.partition(&mut out, number, *len);
                out.put(&vec![7; *len]);
                skeleton.end_partition(&mut out);
            }
            skeleton.end_topic(&mut out);
        }
        skeleton.end(&mut out);
        out.len()
    }

    proptest! {
        #[test]
        fn lengths_are_those_of_what_is_written(
            version in 0i16..=10,
            topics in proptest::collection::vec(
                ("[a-z]{1,200}", proptest::collection::vec(0usize..20_000, 1..140)), 1..4),
            is_mixed in any::<bool>(),
        ) {
            let mut it = Calculator::new(version, "rdkafka", NONE);
            let most = topics.iter().map(|(_, lens)| lens.len()).max().unwrap_or(0);
            let order: Vec<(usize, usize)> = match is_mixed {
                false => (0..topics.len())
                    .flat_map(|t| (0..topics[t].1.len()).map(move |p| (t, p)))
                    .collect(),
                true => (0..most)
                    .flat_map(|p| (0..topics.len()).map(move |t| (t, p)))
                    .filter(|(t, p)| *p < topics[*t].1.len())
                    .collect(),
            };
            for (topic, partition) in order {
                let (name, lens) = &topics[topic];
                prop_assert!(it.add(topic, name.as_bytes(), lens[partition]));
            }
            prop_assert_eq!(it.len(), written(version, &topics));
        }
    }

    #[test]
    fn a_request_is_never_longer_than_its_limit_unless_it_has_one_partition() {
        let limits = Limits { bytes_max: 1000, partitions_max: 0 };
        let mut it = Calculator::new(9, "rdkafka", limits);
        assert!(it.add(0, b"t", 5000), "the first always fits");
        assert!(!it.add(0, b"t", 1));
        let mut it = Calculator::new(9, "rdkafka", limits);
        let mut count = 0;
        while it.add(0, b"t", 100) {
            count += 1;
            assert!(it.len() <= 1000);
        }
        assert_eq!((count, it.partitions_of(0), it.topic_count()), (9, 9, 1));
        let room = 1000 - it.len();
        assert!(it.add(0, b"t", room - 6) && it.len() == 1000, "to the byte");
    }

    #[test]
    fn partitions_are_counted_over_all_topics() {
        let mut it = Calculator::new(7, "c", Limits { partitions_max: 2, ..NONE });
        assert!(it.add(0, b"a", 1) && !it.is_full());
        assert!(it.add(1, b"b", 1) && it.is_full());
        assert!(!it.add(0, b"a", 1));
    }
}
