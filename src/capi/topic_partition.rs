//! Topic partitions and lists of them. What they own and how they grow is `own/partition_list.rs`.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

use crate::abi::callbacks::ListCmp;
use crate::abi::public::{
    rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t,
};
use crate::error::ErrorCode;
use crate::own::partition_list::{self, List, NO_LEADER_EPOCH};
use crate::sys::fence::export;

export! {
    /// Destroys an element that stands alone. NULL is allowed.
    ///
    /// # Safety
    /// The caller owns `rktpar`, which is no element of a list, and nobody uses it any more.
    fn rd_kafka_topic_partition_destroy(rktpar: *mut rd_kafka_topic_partition_t) {
        // SAFETY: the caller's contract.
        unsafe { partition_list::destroy_elem(rktpar) }
    }

    /// Sets the leader epoch; -1 takes it away.
    ///
    /// # Safety
    /// `rktpar` is NULL or a live element that nobody else uses.
    fn rd_kafka_topic_partition_set_leader_epoch(
        rktpar: *mut rd_kafka_topic_partition_t,
        leader_epoch: i32,
    ) {
        // SAFETY: the caller's contract.
        if let Some(elem) = unsafe { rktpar.as_mut() } {
            partition_list::set_leader_epoch(elem, leader_epoch);
        }
    }

    /// The leader epoch; -1 if there is none.
    ///
    /// # Safety
    /// `rktpar` is NULL or a live element.
    fn rd_kafka_topic_partition_get_leader_epoch(rktpar: *const rd_kafka_topic_partition_t) -> i32 {
        // SAFETY: the caller's contract.
        unsafe { rktpar.as_ref() }.map_or(NO_LEADER_EPOCH, partition_list::leader_epoch)
    }

    /// A new, empty list with room for `size` elements; the caller owns it.
    fn rd_kafka_topic_partition_list_new(size: c_int) -> *mut rd_kafka_topic_partition_list_t {
        List::new(size).as_ptr()
    }

    /// Destroys the list and all it owns. NULL is allowed.
    ///
    /// # Safety
    /// The caller owns `rkparlist` and nobody uses it any more.
    fn rd_kafka_topic_partition_list_destroy(rkparlist: *mut rd_kafka_topic_partition_list_t) {
        // SAFETY: the caller's contract.
        if let Some(list) = unsafe { List::from_raw(rkparlist) } {
            list.destroy();
        }
    }

    /// Appends an element; it may move when the list grows. NULL for a NULL list.
    ///
    /// # Safety
    /// `rktparlist` is NULL or a live list that nobody else uses; `topic` is NULL or ends with NUL.
    fn rd_kafka_topic_partition_list_add(
        rktparlist: *mut rd_kafka_topic_partition_list_t,
        topic: *const c_char,
        partition: i32,
    ) -> *mut rd_kafka_topic_partition_t {
        // SAFETY: the caller's contract.
        let (list, topic) = unsafe { (List::from_raw(rktparlist), name(topic)) };
        list.and_then(|mut list| list.add(topic, partition).map(std::ptr::from_mut))
            .unwrap_or(null_mut())
    }

    /// Appends one element for each partition from `start` to `stop`, which is included.
    ///
    /// # Safety
    /// As [`rd_kafka_topic_partition_list_add`].
    fn rd_kafka_topic_partition_list_add_range(
        rktparlist: *mut rd_kafka_topic_partition_list_t,
        topic: *const c_char,
        start: i32,
        stop: i32,
    ) {
        // SAFETY: the caller's contract.
        let (list, topic) = unsafe { (List::from_raw(rktparlist), name(topic)) };
        if let Some(mut list) = list {
            for partition in start..=stop {
                if list.add(topic, partition).is_none() {
                    break;
                }
            }
        }
    }

    /// Removes the first element of that topic and partition. 1: removed, 0: there is none.
    ///
    /// # Safety
    /// As [`rd_kafka_topic_partition_list_add`].
    fn rd_kafka_topic_partition_list_del(
        rktparlist: *mut rd_kafka_topic_partition_list_t,
        topic: *const c_char,
        partition: i32,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let (list, topic) = unsafe { (List::from_raw(rktparlist), name(topic)) };
        let removed = list.and_then(|mut list| {
            let index = list.position(topic, partition)?;
            Some(list.remove(index))
        });
        c_int::from(removed.unwrap_or(false))
    }

    /// Removes the element at `idx`. 1: removed, 0: there is none.
    ///
    /// # Safety
    /// `rktparlist` is NULL or a live list that nobody else uses.
    fn rd_kafka_topic_partition_list_del_by_idx(
        rktparlist: *mut rd_kafka_topic_partition_list_t,
        idx: c_int,
    ) -> c_int {
        // SAFETY: the caller's contract.
        let list = unsafe { List::from_raw(rktparlist) };
        let removed = match (list, usize::try_from(idx)) {
            (Some(mut list), Ok(index)) => list.remove(index),
            _ => false,
        };
        c_int::from(removed)
    }

    /// A copy of the list; the caller owns it. NULL for NULL.
    ///
    /// # Safety
    /// `src` is NULL or a live list that does not change meanwhile.
    fn rd_kafka_topic_partition_list_copy(
        src: *const rd_kafka_topic_partition_list_t,
    ) -> *mut rd_kafka_topic_partition_list_t {
        // SAFETY: the caller's contract; the list is only read.
        let list = unsafe { List::from_raw(src.cast_mut()) };
        list.map_or(null_mut(), |list| list.copy().as_ptr())
    }

    /// Sets the offset of the first element of that topic and partition.
    ///
    /// # Safety
    /// As [`rd_kafka_topic_partition_list_add`].
    fn rd_kafka_topic_partition_list_set_offset(
        rktparlist: *mut rd_kafka_topic_partition_list_t,
        topic: *const c_char,
        partition: i32,
        offset: i64,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (list, topic) = unsafe { (List::from_raw(rktparlist), name(topic)) };
        let Some(mut list) = list else { return ErrorCode::_INVALID_ARG.0 };
        match list.position(topic, partition) {
            Some(index) => {
                list.elems_mut()[index].offset = offset;
                ErrorCode::NO_ERROR.0
            }
            None => ErrorCode::_UNKNOWN_PARTITION.0,
        }
    }

    /// The first element of that topic and partition, inside the list; NULL if there is none.
    ///
    /// # Safety
    /// `rktparlist` is NULL or a live list that does not change meanwhile; `topic` is NULL or
    /// NUL-terminated.
    fn rd_kafka_topic_partition_list_find(
        rktparlist: *const rd_kafka_topic_partition_list_t,
        topic: *const c_char,
        partition: i32,
    ) -> *mut rd_kafka_topic_partition_t {
        // SAFETY: the caller's contract; the list is only read, and `position` is below its count.
        unsafe {
            let list = List::from_raw(rktparlist.cast_mut());
            match list.and_then(|list| list.position(name(topic), partition)) {
                Some(index) => (*rktparlist).elems.add(index),
                None => null_mut(),
            }
        }
    }

    /// Sorts by `cmp`; without one by topic, then by partition.
    ///
    /// # Safety
    /// `rktparlist` is NULL or a live list that nobody else uses; `cmp` is NULL or may be called
    /// with any two elements and `cmp_opaque`.
    fn rd_kafka_topic_partition_list_sort(
        rktparlist: *mut rd_kafka_topic_partition_list_t,
        cmp: Option<ListCmp>,
        cmp_opaque: *mut c_void,
    ) {
        // SAFETY: the caller's contract.
        let Some(mut list) = (unsafe { List::from_raw(rktparlist) }) else { return };
        match cmp {
            // SAFETY: the caller's contract.
            Some(cmp) => unsafe { list.sort_with(cmp, cmp_opaque) },
            None => list.sort(),
        }
    }
}

/// A topic name, `None` for NULL.
///
/// # Safety
/// `topic` is NULL or NUL-terminated, unchanged during `'a`.
unsafe fn name<'a>(topic: *const c_char) -> Option<&'a CStr> {
    // SAFETY: not NULL; the rest is the caller's contract.
    (!topic.is_null()).then(|| unsafe { CStr::from_ptr(topic) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null;

    #[test]
    fn null_lists_are_refused() {
        let t = c"t".as_ptr();
        // SAFETY: every function allows NULL.
        unsafe {
            rd_kafka_topic_partition_destroy(null_mut());
            rd_kafka_topic_partition_list_destroy(null_mut());
            rd_kafka_topic_partition_set_leader_epoch(null_mut(), 1);
            assert_eq!(rd_kafka_topic_partition_get_leader_epoch(null()), -1);
            assert!(rd_kafka_topic_partition_list_add(null_mut(), t, 0).is_null());
            rd_kafka_topic_partition_list_add_range(null_mut(), t, 0, 5);
            assert_eq!(rd_kafka_topic_partition_list_del(null_mut(), t, 0), 0);
            assert_eq!(rd_kafka_topic_partition_list_del_by_idx(null_mut(), 0), 0);
            assert!(rd_kafka_topic_partition_list_copy(null()).is_null());
            let invalid = ErrorCode::_INVALID_ARG.0;
            assert_eq!(rd_kafka_topic_partition_list_set_offset(null_mut(), t, 0, 0), invalid);
            assert!(rd_kafka_topic_partition_list_find(null(), t, 0).is_null());
            rd_kafka_topic_partition_list_sort(null_mut(), None, null_mut());
        }
    }

    #[test]
    fn a_range_ends_at_the_largest_partition() {
        // SAFETY: the list is ours until it is destroyed.
        unsafe {
            let list = rd_kafka_topic_partition_list_new(0);
            let topic = c"t".as_ptr();
            rd_kafka_topic_partition_list_add_range(list, topic, i32::MAX - 1, i32::MAX);
            rd_kafka_topic_partition_list_add_range(list, topic, 3, 2);
            assert_eq!((*list).cnt, 2);
            assert!(!rd_kafka_topic_partition_list_find(list, topic, i32::MAX).is_null());
            assert_eq!(rd_kafka_topic_partition_list_del_by_idx(list, -1), 0);
            assert_eq!(rd_kafka_topic_partition_list_del_by_idx(list, 2), 0);
            assert_eq!(rd_kafka_topic_partition_list_del(list, topic, i32::MAX), 1);
            assert_eq!(rd_kafka_topic_partition_list_del(list, topic, i32::MAX), 0);
            rd_kafka_topic_partition_list_destroy(list);
        }
    }

    #[test]
    fn elements_without_a_topic_are_found_and_sorted() {
        // SAFETY: the list is ours until it is destroyed.
        unsafe {
            let list = rd_kafka_topic_partition_list_new(4);
            for topic in [c"b".as_ptr(), null(), c"a".as_ptr()] {
                assert!(!rd_kafka_topic_partition_list_add(list, topic, 1).is_null());
            }
            rd_kafka_topic_partition_list_sort(list, None, null_mut());
            assert!((*(*list).elems).topic.is_null());
            assert_eq!(rd_kafka_topic_partition_list_set_offset(list, null(), 1, 9), 0);
            let found = rd_kafka_topic_partition_list_find(list, null(), 1);
            assert_eq!((found, (*found).offset), ((*list).elems, 9));
            rd_kafka_topic_partition_list_destroy(list);
        }
    }
}
