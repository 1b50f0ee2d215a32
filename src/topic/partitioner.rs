//! Partitioners: from a key to a partition, bit for bit as history and the Java client do it.
//!
//! Pure functions. Sticky partitions, callbacks of the application and partition tables are the
//! topic's business.
#![forbid(unsafe_code)]

use crate::sys::rand::Rng;

/// The built-in partitioners, by their names in the property `partitioner`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Partitioner {
    /// Any partition.
    Random,
    /// CRC-32 of the key.
    Consistent,
    /// As `Consistent`; without a key or with an empty one, any partition.
    #[default]
    ConsistentRandom,
    /// The Java client's hash of the key.
    Murmur2,
    /// As `Murmur2`; without a key, any partition. An empty key is hashed.
    Murmur2Random,
    /// The hash of Sarama's default partitioner.
    Fnv1a,
    /// As `Fnv1a`; without a key, any partition. An empty key is hashed.
    Fnv1aRandom,
}

/// Names and partitioners.
const NAMES: [(&str, Partitioner); 7] = [
    ("random", Partitioner::Random),
    ("consistent", Partitioner::Consistent),
    ("consistent_random", Partitioner::ConsistentRandom),
    ("murmur2", Partitioner::Murmur2),
    ("murmur2_random", Partitioner::Murmur2Random),
    ("fnv1a", Partitioner::Fnv1a),
    ("fnv1a_random", Partitioner::Fnv1aRandom),
];

impl Partitioner {
    /// The partitioner of a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(other, _)| *other == name).map(|(_, partitioner)| *partitioner)
    }

    /// The name of the partitioner.
    #[cfg(test)]
    pub(crate) fn name(self) -> &'static str {
        NAMES[self as usize].0
    }

    /// Does it ever draw a partition? Only then does a topic have a sticky partition.
    pub(crate) fn is_random_kind(self) -> bool {
        !matches!(self, Self::Consistent | Self::Murmur2 | Self::Fnv1a)
    }

    /// Does a message with this key go to the sticky partition, if stickiness is on?
    ///
    /// `Random` looks at no key, but history sticks for absent ones only; a topic with a callback
    /// of the application follows the same rule.
    pub(crate) fn sticks(self, key: Option<&[u8]>) -> bool {
        match key {
            None => self.is_random_kind(),
            Some(key) => key.is_empty() && self == Self::ConsistentRandom,
        }
    }

    /// The partition for a key, of `partition_count`; `None` if there is no partition.
    pub(crate) fn partition(
        self,
        key: Option<&[u8]>,
        partition_count: i32,
        rng: &mut Rng,
        is_available: impl Fn(i32) -> bool,
    ) -> Option<i32> {
        let hash = match (self, key) {
            (Self::Random, _)
            | (Self::ConsistentRandom, None | Some([]))
            | (Self::Murmur2Random | Self::Fnv1aRandom, None) => {
                return random(partition_count, rng, is_available);
            }
            (Self::Consistent | Self::ConsistentRandom, key) => crc32(key.unwrap_or_default()),
            (Self::Murmur2 | Self::Murmur2Random, key) => murmur2(key.unwrap_or_default()),
            (Self::Fnv1a | Self::Fnv1aRandom, key) => fnv1a(key.unwrap_or_default()),
        };
        let count = u32::try_from(partition_count).ok().filter(|count| *count > 0)?;
        Some((hash % count).cast_signed())
    }
}

/// A partition drawn evenly; if it is unavailable a second draw counts, available or not.
pub(crate) fn random(
    partition_count: i32,
    rng: &mut Rng,
    is_available: impl Fn(i32) -> bool,
) -> Option<i32> {
    if partition_count <= 0 {
        return None;
    }
    let mut draw = || rng.between(0, i64::from(partition_count) - 1) as i32;
    let first = draw();
    Some(if is_available(first) { first } else { draw() })
}

/// CRC-32 (zlib's polynomial) of the key; 0 for an empty one.
fn crc32(key: &[u8]) -> u32 {
    crc32fast::hash(key)
}

/// MurmurHash2 with the Java client's seed; its sign bit is cleared, as the Java client does.
fn murmur2(key: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const FACTOR: u32 = 0x5bd1_e995;
    let mut words = key.chunks_exact(4);
    // The length is mixed in modulo 2^32, as a C int is.
    let mut hash = SEED ^ key.len() as u32;
    for word in &mut words {
        let mut word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        word = word.wrapping_mul(FACTOR);
        word = (word ^ word >> 24).wrapping_mul(FACTOR);
        hash = hash.wrapping_mul(FACTOR) ^ word;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (at, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(FACTOR);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(FACTOR);
    (hash ^ hash >> 15) & 0x7fff_ffff
}

/// FNV-1a, 32 bits; a negative result is negated, as Sarama does.
fn fnv1a(key: &[u8]) -> u32 {
    const OFFSET: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    let hash = key.iter().fold(OFFSET, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME));
    hash.cast_signed().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of the known answers: four kinds of bytes, and words in plain text.
    fn key(kind: &str, len: usize) -> Vec<u8> {
        (0..len)
            .map(|at| match kind {
                "letters" => b'a' + (at % 26) as u8,
                "falling" => 0xff - (at * 7 % 256) as u8,
                "mixed" => (at * at * 31 + len * 17 + 5) as u8,
                "zeros" => 0,
                other => other.as_bytes()[at],
            })
            .collect()
    }

    #[test]
    fn known_answers_of_librdkafka() {
        let table = include_str!("../../tests/spec/partitioners.tsv");
        let hashing = [
            [Partitioner::Consistent, Partitioner::ConsistentRandom],
            [Partitioner::Murmur2, Partitioner::Murmur2Random],
            [Partitioner::Fnv1a, Partitioner::Fnv1aRandom],
        ];
        let mut rng = Rng::from_seed(0);
        let mut checked = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let len = fields[1].parse().expect("a length");
            let count = fields[2].parse().expect("a count");
            let key = key(fields[0], len);
            for (kinds, expected) in hashing.iter().zip(&fields[3..6]) {
                for kind in kinds {
                    if kind.sticks(Some(&key)) {
                        continue;
                    }
                    let answer = kind.partition(Some(&key), count, &mut rng, |_| false);
                    assert_eq!(answer, expected.parse().ok(), "{kind:?} of {line}");
                    checked += 1;
                }
            }
        }
        assert!(checked > 1000, "{checked} answers");
    }

    #[test]
    fn without_a_key_plain_hashes_hash_nothing() {
        let mut rng = Rng::from_seed(0);
        let mut of = |kind: Partitioner| kind.partition(None, i32::MAX, &mut rng, |_| true);
        assert_eq!(of(Partitioner::Consistent), Some(0));
        assert_eq!(of(Partitioner::Murmur2), Some(275_646_681));
        assert_eq!(of(Partitioner::Fnv1a), Some(2_128_831_035));
    }

    #[test]
    fn random_kinds_draw_without_a_key() {
        let mut rng = Rng::from_seed(7);
        for (_, kind) in NAMES {
            let keys: &[Option<&[u8]>] = match kind {
                Partitioner::Random => &[None, Some(b""), Some(b"k")],
                Partitioner::ConsistentRandom => &[None, Some(b"")],
                Partitioner::Murmur2Random | Partitioner::Fnv1aRandom => &[None],
                _ => &[],
            };
            for key in keys {
                let mut hits = [0; 5];
                for _ in 0..1000 {
                    let drawn = kind.partition(*key, 5, &mut rng, |_| true).expect("a partition");
                    hits[drawn as usize] += 1;
                }
                assert!(hits.iter().all(|hit| *hit > 120), "{kind:?} {key:?}: {hits:?}");
            }
        }
    }

    #[test]
    fn an_unavailable_partition_is_drawn_again_once() {
        let mut rng = Rng::from_seed(3);
        let mut available = 0;
        for _ in 0..4000 {
            available += i32::from(random(2, &mut rng, |partition| partition == 1) == Some(1));
        }
        // Three of four: the first draw, or the second one after an unavailable first.
        assert!((2800..3200).contains(&available), "{available}");
    }

    #[test]
    fn without_partitions_there_is_no_answer() {
        let mut rng = Rng::from_seed(3);
        for (_, kind) in NAMES {
            for count in [0, -1, i32::MIN] {
                for key in [None, Some(&b"k"[..])] {
                    assert_eq!(kind.partition(key, count, &mut rng, |_| true), None);
                }
            }
        }
    }

    #[test]
    fn absent_keys_stick_and_empty_ones_only_by_default() {
        for (name, kind) in NAMES {
            let is_plain = matches!(name, "consistent" | "murmur2" | "fnv1a");
            assert_eq!(kind.sticks(None), !is_plain, "{name}");
            assert_eq!(kind.sticks(Some(b"")), name == "consistent_random", "{name}");
            assert!(!kind.sticks(Some(b"k")), "{name}");
        }
    }

    #[test]
    fn names_lead_there_and_back() {
        for (name, kind) in NAMES {
            assert_eq!((Partitioner::from_name(name), kind.name()), (Some(kind), name));
        }
        assert_eq!(Partitioner::from_name("Random"), None);
        assert_eq!(Partitioner::default(), Partitioner::ConsistentRandom);
    }
}
