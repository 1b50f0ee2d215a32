//! The built-in partitioners: pure functions from a key to a partition.
#![forbid(unsafe_code)]

use std::cell::Cell;

use crate::sys::rand::Rng;

/// A built-in partitioner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Partitioner {
    /// Uniformly random.
    Random,
    /// CRC32 of the key; no key: one partition.
    Consistent,
    /// CRC32 of the key; no or empty key: random.
    ConsistentRandom,
    /// Java's hash of the key; no key: one partition.
    Murmur2,
    /// Java's hash of the key; no key: random.
    Murmur2Random,
    /// FNV-1a of the key; no key: one partition.
    Fnv1a,
    /// FNV-1a of the key; no key: random.
    Fnv1aRandom,
}

impl Partitioner {
    /// The partitioner of a configuration name.
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"random" => Self::Random,
            b"consistent" => Self::Consistent,
            b"consistent_random" => Self::ConsistentRandom,
            b"murmur2" => Self::Murmur2,
            b"murmur2_random" => Self::Murmur2Random,
            b"fnv1a" => Self::Fnv1a,
            b"fnv1a_random" => Self::Fnv1aRandom,
            _ => return None,
        })
    }

    /// Does it leave messages without a key to chance, so that they may stick to one partition for a while?
    pub(crate) fn is_random_kind(self) -> bool {
        !matches!(self, Self::Consistent | Self::Murmur2 | Self::Fnv1a)
    }
}

/// The partition of a key among `count`; `random` draws one where the partitioner leaves it to chance.
pub(crate) fn pick(
    partitioner: Partitioner,
    key: Option<&[u8]>,
    count: i32,
    random: impl FnOnce() -> i32,
) -> i32 {
    use Partitioner::*;
    match (partitioner, key) {
        (Random, _)
        | (ConsistentRandom, None | Some([]))
        | (Murmur2Random | Fnv1aRandom, None) => random(),
        (Consistent | ConsistentRandom, key) => consistent(key, count),
        (Murmur2 | Murmur2Random, key) => modulo(murmur2(key.unwrap_or_default()) & 0x7fff_ffff, count),
        (Fnv1a | Fnv1aRandom, key) => modulo(fnv1a(key.unwrap_or_default()), count),
    }
}

fn modulo(hash: u32, count: i32) -> i32 {
    match u32::try_from(count) {
        Ok(count) if count > 0 => i32::try_from(hash % count).unwrap_or(0),
        _ => 0,
    }
}

fn consistent(key: Option<&[u8]>, count: i32) -> i32 {
    modulo(crc32fast::hash(key.unwrap_or_default()), count)
}

/// Murmur 2 with the Java client's seed.
fn murmur2(key: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    let mut hash = SEED ^ key.len() as u32;
    let mut words = key.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (at, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

/// FNV-1a with 32 bits; the sign is taken off as the Go client does.
fn fnv1a(key: &[u8]) -> u32 {
    let hash = key.iter().fold(0x811c_9dc5u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    (hash as i32).unsigned_abs()
}

thread_local! {
    /// The thread's generator; 0 before its first draw. A plain cell: it needs no destructor.
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// A uniform draw from `0..count`.
pub(crate) fn random(count: i32) -> i32 {
    if count <= 1 {
        return 0;
    }
    let seed = match STATE.get() {
        0 => Rng::from_system().next_u64() | 1,
        state => state,
    };
    // One SplitMix64 step per draw.
    let next = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(next | u64::from(next == 0));
    let drawn = Rng::from_seed(next).between(0, i64::from(count) - 1);
    i32::try_from(drawn).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, key: &[u8]) -> i32 {
        let partitioner = Partitioner::from_name(name.as_bytes()).expect("known");
        pick(partitioner, Some(key), 1000, || -7)
    }

    #[test]
    fn random_kinds_leave_missing_keys_to_chance() {
        for (name, none, empty) in [
            ("random", true, true),
            ("consistent", false, false),
            ("consistent_random", true, true),
            ("murmur2", false, false),
            ("murmur2_random", true, false),
            ("fnv1a", false, false),
            ("fnv1a_random", true, false),
        ] {
            let partitioner = Partitioner::from_name(name.as_bytes()).expect("known");
            assert_eq!(pick(partitioner, None, 10, || -7) == -7, none, "{name}, no key");
            assert_eq!(pick(partitioner, Some(b""), 10, || -7) == -7, empty, "{name}, empty key");
        }
    }

    #[test]
    fn draws_reach_every_partition() {
        let mut seen = [0u32; 5];
        for _ in 0..1000 {
            seen[usize::try_from(random(5)).expect("in range")] += 1;
        }
        assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
    }

    /// Partitions of 1,000, as the reference library's exported partitioners give them.
    #[test]
    fn keys_have_their_historical_places() {
        for (key, consistent, murmur2, fnv1a) in [
            (&b""[..], 0, 681, 35),
            (b"a", 907, 524, 76),
            (b"ab", 885, 434, 946),
            (b"abc", 578, 107, 331),
            (b"abcd", 369, 100, 763),
            (b"kafka", 399, 580, 545),
            (b"21", 532, 340, 452),
            (b"giberish123patterns", 650, 477, 623),
            (b"foobar-longer-key-0123456789", 378, 889, 80),
            (b"\xff\xfe\x80x", 506, 512, 656),
        ] {
            let places = (place("consistent", key), place("murmur2", key), place("fnv1a", key));
            assert_eq!(places, (consistent, murmur2, fnv1a), "{key:?}");
        }
    }
}
