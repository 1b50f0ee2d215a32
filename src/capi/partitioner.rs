//! The exported partitioners, for applications that name them as callbacks or call them.

use std::cell::RefCell;
use std::ffi::c_void;

use super::from_c;
use crate::abi::callbacks::PartitionerCb;
use crate::abi::public::rd_kafka_topic_t;
use crate::sys::fence::export;
use crate::sys::rand::Rng;
use crate::topic::partitioner::Partitioner;

/// The answer without partitions: unassigned.
const UNASSIGNED: i32 = -1;

thread_local! {
    /// This thread's generator, seeded by the system at first use. No destructor.
    static RNG: RefCell<Option<Rng>> = const { RefCell::new(None) };
}

macro_rules! partitioners {
    ($($(#[$meta:meta])* $name:ident = $kind:ident;)*) => {
        export! {$(
            $(#[$meta])*
            ///
            /// # Safety
            /// `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
            fn $name(
                rkt: *const rd_kafka_topic_t,
                key: *const c_void,
                keylen: usize,
                partition_cnt: i32,
                _rkt_opaque: *mut c_void,
                _msg_opaque: *mut c_void,
            ) -> i32 {
                // SAFETY: the caller's contract.
                unsafe { partition(Partitioner::$kind, rkt, key, keylen, partition_cnt) }
            }
        )*}

        /// The partitioner that a callback of the application is, if it is one of these functions:
        /// the sticky rule must see through the pointer.
        pub(crate) fn of_callback(callback: PartitionerCb) -> Option<Partitioner> {
            let address = callback as usize;
            $(if address == $name as *const () as usize {
                return Some(Partitioner::$kind);
            })*
            None
        }
    };
}

partitioners! {
    /// Any partition, an available one if the first or second draw finds one.
    rd_kafka_msg_partitioner_random = Random;
    /// CRC-32 of the key; absent and empty keys go to one partition.
    rd_kafka_msg_partitioner_consistent = Consistent;
    /// CRC-32 of the key; absent and empty keys go anywhere.
    rd_kafka_msg_partitioner_consistent_random = ConsistentRandom;
    /// The Java client's hash of the key; absent keys go to one partition.
    rd_kafka_msg_partitioner_murmur2 = Murmur2;
    /// The Java client's hash of the key; absent keys go anywhere.
    rd_kafka_msg_partitioner_murmur2_random = Murmur2Random;
    /// FNV-1a of the key; absent keys go to one partition.
    rd_kafka_msg_partitioner_fnv1a = Fnv1a;
    /// FNV-1a of the key; absent keys go anywhere.
    rd_kafka_msg_partitioner_fnv1a_random = Fnv1aRandom;
}

/// # Safety
/// `key` is NULL or readable for `keylen` bytes; `rkt` is NULL or a live topic.
unsafe fn partition(
    kind: Partitioner,
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
) -> i32 {
    // SAFETY: not NULL; the rest is the caller's contract.
    let key = (!key.is_null() && isize::try_from(keylen).is_ok())
        .then(|| unsafe { std::slice::from_raw_parts(key.cast::<u8>(), keylen) });
    RNG.with_borrow_mut(|rng| {
        let rng = rng.get_or_insert_with(Rng::from_system);
        kind.partition(key, partition_cnt, rng, |partition| is_available(rkt, partition))
    })
    .unwrap_or(UNASSIGNED)
}

/// Has the partition a leader? A caller without a topic gets the benefit of the doubt.
fn is_available(rkt: *const rd_kafka_topic_t, partition: i32) -> bool {
    // SAFETY: the door's contract: NULL or a live topic object.
    match unsafe { from_c::topic(rkt) } {
        Some(topic) => topic.partition(partition).is_some_and(|toppar| toppar.is_available()),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::{null, null_mut};

    #[test]
    fn functions_hash_as_their_kinds_do() {
        let key = b"kafka".as_ptr().cast();
        let none = null_mut();
        // SAFETY: no topic; the key has five bytes.
        unsafe {
            let consistent =
                rd_kafka_msg_partitioner_consistent(null(), key, 5, i32::MAX, none, none);
            assert_eq!(consistent, 1_539_077_399);
            let murmur2 =
                rd_kafka_msg_partitioner_murmur2_random(null(), key, 5, i32::MAX, none, none);
            assert_eq!(murmur2, 1_348_980_580);
            let fnv1a = rd_kafka_msg_partitioner_fnv1a(null(), key, 5, i32::MAX, none, none);
            assert_eq!(fnv1a, 221_496_545);
            for _ in 0..100 {
                let any = rd_kafka_msg_partitioner_random(null(), null(), 9, 3, none, none);
                assert!((0..3).contains(&any), "{any}");
            }
        }
    }

    #[test]
    fn a_null_key_is_never_read_and_no_partition_is_unassigned() {
        // SAFETY: no topic, no key.
        unsafe {
            let of = rd_kafka_msg_partitioner_murmur2;
            assert_eq!(of(null(), null(), 9, i32::MAX, null_mut(), null_mut()), 275_646_681);
            for count in [0, -1, i32::MIN] {
                assert_eq!(of(null(), null(), 0, count, null_mut(), null_mut()), -1);
            }
        }
    }

    #[test]
    fn the_sticky_rule_sees_through_a_callback() {
        unsafe extern "C-unwind" fn other(
            _: *const rd_kafka_topic_t,
            _: *const c_void,
            _: usize,
            _: i32,
            _: *mut c_void,
            _: *mut c_void,
        ) -> i32 {
            0
        }
        // SAFETY: the two types differ in what may unwind through them only, and nothing is called.
        let callback: PartitionerCb =
            unsafe { std::mem::transmute(rd_kafka_msg_partitioner_fnv1a as *const ()) };
        assert_eq!(of_callback(callback), Some(Partitioner::Fnv1a));
        assert_eq!(of_callback(other), None);
    }
}
