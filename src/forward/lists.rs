//! Partition lists that go to the peer and come from it: plain structs, but for the hidden part of
//! an element, which belongs to the side that made it.

use super::peer::{Peer, opened, peer_functions};
use crate::abi::public::{rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t};
use crate::own::partition_list::{self, Foreign, List};
use crate::sys::heap;

mod call {
    use super::*;

    peer_functions! {
        fn rd_kafka_topic_partition_destroy(elem: *mut rd_kafka_topic_partition_t);
        fn rd_kafka_topic_partition_get_leader_epoch(
            elem: *const rd_kafka_topic_partition_t,
        ) -> i32;
        fn rd_kafka_topic_partition_set_leader_epoch(
            elem: *mut rd_kafka_topic_partition_t, leader_epoch: i32,
        );
        fn rd_kafka_topic_partition_list_copy(
            list: *const rd_kafka_topic_partition_list_t,
        ) -> *mut rd_kafka_topic_partition_list_t;
    }
}

/// From now on hidden parts of the peer are freed, copied, read and written by the peer.
pub(super) fn teach(_peer: &Peer) {
    partition_list::set_foreign(Foreign { free, copy, leader_epoch, set_leader_epoch });
}

/// Frees all that an element has.
fn free(elem: &mut rd_kafka_topic_partition_t) {
    let Some(peer) = opened() else { return };
    let block = heap::calloc(size_of::<rd_kafka_topic_partition_t>());
    let block = block.cast::<rd_kafka_topic_partition_t>();
    // SAFETY: the block is fresh and has room for an element; what moves there leaves the element,
    // which is empty afterwards. The peer frees what it made, and the block.
    unsafe {
        std::ptr::swap(block, elem);
        call::rd_kafka_topic_partition_destroy(peer, block);
    }
}

/// A copy of the hidden part of an element.
fn copy(elem: &rd_kafka_topic_partition_t) -> *mut std::ffi::c_void {
    let Some(peer) = opened() else { return std::ptr::null_mut() };
    let one = rd_kafka_topic_partition_list_t {
        cnt: 1,
        size: 1,
        elems: std::ptr::from_ref(elem).cast_mut(),
    };
    // SAFETY: a list of one live element, which is only read; the copy is a list of the peer's, on
    // the C heap, and its element's hidden part is taken out before the rest is freed.
    unsafe {
        let copied = call::rd_kafka_topic_partition_list_copy(peer, &raw const one);
        let Some(mut list) = copied.and_then(|copied| List::from_raw(copied)) else {
            return std::ptr::null_mut();
        };
        let first = list.elems_mut().first_mut();
        let part = first.map(|copy| std::mem::replace(&mut copy._private, std::ptr::null_mut()));
        list.destroy();
        part.unwrap_or(std::ptr::null_mut())
    }
}

fn leader_epoch(elem: &rd_kafka_topic_partition_t) -> i32 {
    let none = partition_list::NO_LEADER_EPOCH;
    let Some(peer) = opened() else { return none };
    // SAFETY: a live element with a hidden part of the peer's.
    unsafe { call::rd_kafka_topic_partition_get_leader_epoch(peer, elem) }.unwrap_or(none)
}

fn set_leader_epoch(elem: &mut rd_kafka_topic_partition_t, leader_epoch: i32) {
    if let Some(peer) = opened() {
        // SAFETY: a live element with a hidden part of the peer's, or none.
        unsafe { call::rd_kafka_topic_partition_set_leader_epoch(peer, elem, leader_epoch) };
    }
}

/// Gives a list to the peer: hidden parts that are ours become the peer's. A peer that has no
/// leader epochs gets none.
///
/// # Safety
/// `list` is NULL or live, and nobody else uses it.
pub(super) unsafe fn hand_over(list: *mut rd_kafka_topic_partition_list_t) {
    // SAFETY: the caller's contract.
    let Some(mut list) = (unsafe { List::from_raw(list) }) else { return };
    for elem in list.elems_mut() {
        if let Some(epoch) = partition_list::take_own_part(elem) {
            set_leader_epoch(elem, epoch);
        }
    }
}
