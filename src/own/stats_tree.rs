//! `StatsTree`: typed statistics (`rd_kafka_stats_t`), one tree of plain structs.
//!
//! Who owns: the operation, then the event or the callback that shows it. Who frees: dropping it;
//! everything that its pointers lead to goes with it. It never changes once it is made.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use crate::abi::stats::*;

/// Structs of numbers, texts and pointers, for which zero is a value.
///
/// # Safety
/// All bytes of the type may be zero.
pub(crate) unsafe trait Plain: Sized {
    /// All zero.
    fn zeroed() -> Self {
        // SAFETY: the trait's promise.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

// SAFETY: numbers, arrays of characters, structs of these, and pointers; the same holds below.
unsafe impl Plain for rd_kafka_stats_t {}
// SAFETY: as above.
unsafe impl Plain for rd_kafka_broker_stats_t {}
// SAFETY: as above.
unsafe impl Plain for rd_kafka_topic_stats_t {}
// SAFETY: as above.
unsafe impl Plain for rd_kafka_partition_stats_t {}
// SAFETY: as above.
unsafe impl Plain for rd_kafka_avg_stats_t {}
// SAFETY: as above.
unsafe impl Plain for rd_kafka_eos_stats_t {}
// SAFETY: as above.
unsafe impl Plain for rd_kafka_req_count_t {}
// SAFETY: as above.
unsafe impl Plain for rd_kafka_broker_toppar_ref_t {}

/// Writes a text, cut to its place, with a NUL behind it; the place is zeroed.
pub(crate) fn write_text(place: &mut [c_char], text: &str) {
    let room = place.len().saturating_sub(1);
    let cut = (0..=text.len().min(room)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    for (to, from) in place.iter_mut().zip(text[..cut].bytes()) {
        *to = from as c_char;
    }
}

/// A broker and what its pointers lead to.
pub(crate) struct BrokerPart {
    /// Its numbers, without pointers and counts.
    pub(crate) stats: Box<rd_kafka_broker_stats_t>,
    /// Requests by kind.
    pub(crate) requests: Vec<rd_kafka_req_count_t>,
    /// Partitions that it serves.
    pub(crate) toppars: Vec<rd_kafka_broker_toppar_ref_t>,
}

/// A topic and its partitions.
pub(crate) struct TopicPart {
    /// Its numbers, without pointer and count.
    pub(crate) stats: rd_kafka_topic_stats_t,
    /// Its partitions.
    pub(crate) partitions: Vec<rd_kafka_partition_stats_t>,
}

/// The tree.
pub(crate) struct StatsTree {
    root: Box<rd_kafka_stats_t>,
    /// What pointers lead to; the vectors' memory stays at its place.
    _brokers: Vec<rd_kafka_broker_stats_t>,
    _topics: Vec<rd_kafka_topic_stats_t>,
    _requests: Vec<Vec<rd_kafka_req_count_t>>,
    _toppars: Vec<Vec<rd_kafka_broker_toppar_ref_t>>,
    _partitions: Vec<Vec<rd_kafka_partition_stats_t>>,
}

// SAFETY: the pointers lead to memory that the tree owns, and nobody writes there.
unsafe impl Send for StatsTree {}
// SAFETY: as above.
unsafe impl Sync for StatsTree {}

/// The address and the number of elements, for C code; NULL and 0 if there are none.
fn array<T>(elements: &mut Vec<T>) -> (*mut T, u32) {
    let count = u32::try_from(elements.len()).unwrap_or(u32::MAX);
    (if count == 0 { std::ptr::null_mut() } else { elements.as_mut_ptr() }, count)
}

impl StatsTree {
    /// A tree of these parts; `root` has the instance's numbers.
    pub(crate) fn new(
        mut root: Box<rd_kafka_stats_t>,
        brokers: Vec<BrokerPart>,
        topics: Vec<TopicPart>,
    ) -> Self {
        let (mut requests, mut toppars, mut partitions) = (Vec::new(), Vec::new(), Vec::new());
        let mut broker_stats = Vec::with_capacity(brokers.len());
        for BrokerPart { mut stats, requests: mut counts, toppars: mut served } in brokers {
            (stats.reqs, stats.req_cnt) = array(&mut counts);
            (stats.toppars, stats.toppar_cnt) = array(&mut served);
            requests.push(counts);
            toppars.push(served);
            broker_stats.push(*stats);
        }
        let mut topic_stats = Vec::with_capacity(topics.len());
        for TopicPart { mut stats, partitions: mut of_topic } in topics {
            (stats.partitions, stats.partition_cnt) = array(&mut of_topic);
            partitions.push(of_topic);
            topic_stats.push(stats);
        }
        (root.brokers, root.broker_cnt) = array(&mut broker_stats);
        (root.topics, root.topic_cnt) = array(&mut topic_stats);
        Self {
            root,
            _brokers: broker_stats,
            _topics: topic_stats,
            _requests: requests,
            _toppars: toppars,
            _partitions: partitions,
        }
    }

    /// The address for C code, which lives as long as the tree.
    pub(crate) fn as_c(&self) -> *const rd_kafka_stats_t {
        &raw const *self.root
    }

    /// The root.
    #[cfg(test)]
    pub(crate) fn root(&self) -> &rd_kafka_stats_t {
        &self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_may_move_and_its_pointers_lead_to_the_same_parts() {
        let broker = |id, requests| {
            let mut stats = Box::new(rd_kafka_broker_stats_t::zeroed());
            stats.nodeid = id;
            BrokerPart { stats, requests, toppars: Vec::new() }
        };
        let count = |count| rd_kafka_req_count_t { count, ..rd_kafka_req_count_t::zeroed() };
        let topic = TopicPart {
            stats: rd_kafka_topic_stats_t::zeroed(),
            partitions: (0..3)
                .map(|partition| rd_kafka_partition_stats_t {
                    partition,
                    ..rd_kafka_partition_stats_t::zeroed()
                })
                .collect(),
        };
        let brokers = vec![broker(1, vec![count(5), count(6)]), broker(2, Vec::new())];
        let root = Box::new(rd_kafka_stats_t::zeroed());
        let tree = Box::new(StatsTree::new(root, brokers, vec![topic]));
        let tree = std::thread::spawn(move || *tree).join().expect("no panic");
        let root = tree.root();
        assert_eq!((root.broker_cnt, root.topic_cnt), (2, 1));
        // SAFETY: the counts say how many there are, and the tree is alive.
        let (brokers, topics) = unsafe {
            (
                std::slice::from_raw_parts(root.brokers, 2),
                std::slice::from_raw_parts(root.topics, 1),
            )
        };
        assert_eq!((brokers[0].nodeid, brokers[1].nodeid), (1, 2));
        // SAFETY: as above.
        let (requests, partitions) = unsafe {
            (
                std::slice::from_raw_parts(brokers[0].reqs, brokers[0].req_cnt as usize),
                std::slice::from_raw_parts(topics[0].partitions, topics[0].partition_cnt as usize),
            )
        };
        assert_eq!(requests.iter().map(|one| one.count).collect::<Vec<_>>(), [5, 6]);
        assert_eq!(partitions.iter().map(|one| one.partition).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(brokers[1].reqs.is_null() && brokers[1].toppars.is_null());
    }

    #[test]
    fn texts_are_cut_at_a_whole_character_and_end_with_nul() {
        let mut place = [0; 6];
        write_text(&mut place, "abcd\u{e9}");
        assert_eq!(place.map(|char| char as u8), *b"abcd\0\0");
        write_text(&mut place, "xy");
        assert_eq!(place[..2].iter().map(|char| *char as u8).collect::<Vec<_>>(), *b"xy");
    }
}
