//! The mock cluster's C functions.
//!
//! A cluster is a boxed `MockCluster`, which begins with a mark. NULL is tolerated everywhere. The
//! variadic functions call the `_impl` functions at the end; tracked requests are
//! `mock_journal.rs`.
// Exported functions are public for the linker; the crate's own users never name them.
#![allow(unreachable_pub)]

use std::borrow::Cow;
use std::ffi::{CStr, c_char, c_int};

use crate::abi::public::{rd_kafka_mock_cluster_t, rd_kafka_resp_err_t, rd_kafka_t};
use crate::error::ErrorCode;
use crate::mock::{Fault, MockCluster};
use crate::sys::fence::export;

/// The cluster behind a handle.
///
/// # Safety
/// `cluster` is NULL or a live cluster.
pub(super) unsafe fn from_c<'a>(
    cluster: *const rd_kafka_mock_cluster_t,
) -> Option<&'a MockCluster> {
    // SAFETY: a live handle is a boxed MockCluster, which changes only behind its own locks.
    let cluster = unsafe { cluster.cast::<MockCluster>().as_ref() }?;
    cluster.is_marked().then_some(cluster)
}

/// # Safety
/// `text` is NULL or NUL-terminated.
unsafe fn text<'a>(text: *const c_char) -> Option<Cow<'a, str>> {
    if text.is_null() {
        return None;
    }
    // SAFETY: it isn't NULL, so the caller says that it's NUL-terminated.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy())
}

/// # Safety
/// `items` is readable for `count` elements, or `count` is 0, or `items` is NULL.
pub(super) unsafe fn slice<'a, T>(items: *const T, count: usize) -> &'a [T] {
    if items.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: neither NULL nor empty, so the caller says that the elements are there.
    unsafe { std::slice::from_raw_parts(items, count) }
}

fn status(result: Option<Result<(), ErrorCode>>) -> rd_kafka_resp_err_t {
    match result {
        None => ErrorCode::_INVALID_ARG.0,
        Some(Ok(())) => ErrorCode::NO_ERROR.0,
        Some(Err(error)) => error.0,
    }
}

/// The handle of a cluster that is handed to C.
pub(crate) fn into_c(cluster: Box<MockCluster>) -> *mut rd_kafka_mock_cluster_t {
    Box::into_raw(cluster).cast()
}

export! {
    /// Starts a mock cluster of `broker_cnt` brokers on loopback. NULL if it can't be started.
    /// Destroy it before `rk`.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_mock_cluster_new(
        rk: *mut rd_kafka_t,
        broker_cnt: c_int,
    ) -> *mut rd_kafka_mock_cluster_t {
        let Ok(mut cluster) = MockCluster::new(broker_cnt) else {
            return std::ptr::null_mut();
        };
        cluster.set_owner(rk.expose_provenance());
        into_c(Box::new(cluster))
    }

    /// Stops a cluster and closes its connections.
    ///
    /// # Safety
    /// `mcluster` is NULL, or a cluster of `rd_kafka_mock_cluster_new` that nobody uses any more.
    fn rd_kafka_mock_cluster_destroy(mcluster: *mut rd_kafka_mock_cluster_t) {
        // SAFETY: the caller's contract.
        if unsafe { from_c(mcluster) }.is_some() {
            // SAFETY: marked, so it came from `into_c`, and this is its last use.
            drop(unsafe { Box::from_raw(mcluster.cast::<MockCluster>()) });
        }
    }

    /// The instance that the cluster was made with.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_cluster_handle(mcluster: *const rd_kafka_mock_cluster_t) -> *mut rd_kafka_t {
        // SAFETY: the caller's contract.
        let owner = unsafe { from_c(mcluster) }.map_or(0, MockCluster::owner);
        std::ptr::with_exposed_provenance_mut(owner)
    }

    /// The cluster's `bootstrap.servers`; valid as long as the cluster.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_cluster_bootstraps(mcluster: *const rd_kafka_mock_cluster_t) -> *const c_char {
        // SAFETY: the caller's contract.
        let cluster = unsafe { from_c(mcluster) };
        cluster.map_or(std::ptr::null(), |cluster| cluster.bootstraps_c().as_ptr())
    }

    /// Forgets the errors that were pushed for a request type.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_clear_request_errors(
        mcluster: *mut rd_kafka_mock_cluster_t,
        api_key: i16,
    ) {
        // SAFETY: the caller's contract.
        if let Some(cluster) = unsafe { from_c(mcluster) } {
            cluster.clear_errors(api_key);
        }
    }

    /// Has the next requests of a type meet these errors, one each. `_TRANSPORT` closes the
    /// connection.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `errors` has `cnt` elements.
    fn rd_kafka_mock_push_request_errors_array(
        mcluster: *mut rd_kafka_mock_cluster_t,
        api_key: i16,
        cnt: usize,
        errors: *const rd_kafka_resp_err_t,
    ) {
        // SAFETY: the caller's contract.
        unsafe { mock_push_request_errors_array_impl(mcluster, api_key, cnt, errors) };
    }

    /// How many pushed errors wait for a broker's requests of a type.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `cntp` is NULL or writable.
    fn rd_kafka_mock_broker_error_stack_cnt(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
        api_key: i16,
        cntp: *mut usize,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (cluster, count) = (unsafe { from_c(mcluster) }, unsafe { cntp.as_mut() });
        status(cluster.zip(count).map(|(cluster, count)| {
            *count = cluster.broker_fault_count(broker_id, api_key)?;
            Ok(())
        }))
    }

    /// The error that metadata answers give for a topic. The topic is made if it isn't there.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_topic_set_error(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        err: rd_kafka_resp_err_t,
    ) {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        // The historical function has no result to tell a failure with.
        let _ = given.map(|(cluster, topic)| cluster.set_topic_error(&topic, ErrorCode(err)));
    }

    /// Creates a topic.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_topic_create(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition_cnt: c_int,
        replication_factor: c_int,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        status(given.map(|(cluster, topic)| {
            cluster.create_topic(&topic, partition_cnt, replication_factor)
        }))
    }

    /// Deletes a topic.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_topic_delete(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        status(given.map(|(cluster, topic)| cluster.delete_topic(&topic)))
    }

    /// Moves a partition's leader; -1 leaves it without one.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_partition_set_leader(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition: i32,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        let leader = Some(broker_id).filter(|id| *id != -1);
        status(given.map(|(cluster, topic)| cluster.set_leader(&topic, partition, leader)))
    }

    /// Sends a partition's consumers to a follower; -1 sends them to the leader again.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_partition_set_follower(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition: i32,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        status(given.map(|(cluster, topic)| cluster.set_follower(&topic, partition, broker_id)))
    }

    /// The bounds of what a partition's follower has; -1 means as the leader.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_partition_set_follower_wmarks(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition: i32,
        lo: i64,
        hi: i64,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        status(given.map(|(cluster, topic)| {
            cluster.set_follower_bounds(&topic, partition, lo, hi)
        }))
    }

    /// Has the next metadata answer name this leader and epoch for a partition.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_partition_push_leader_response(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition: c_int,
        leader_id: i32,
        leader_epoch: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        status(given.map(|(cluster, topic)| {
            cluster.push_leader_response(&topic, partition, leader_id, leader_epoch)
        }))
    }

    /// Moves the start of a partition's log to an offset.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated.
    fn rd_kafka_mock_partition_delete_records(
        mcluster: *mut rd_kafka_mock_cluster_t,
        topic: *const c_char,
        partition: i32,
        before_offset: i64,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(topic) });
        status(given.map(|(cluster, topic)| {
            cluster.delete_records(&topic, partition, before_offset)
        }))
    }

    /// Cuts a broker's connections and stops listening; -1 means all brokers.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_broker_set_down(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        status(unsafe { from_c(mcluster) }.map(|cluster| cluster.broker_down(broker_id)))
    }

    /// Lets a broker listen again; -1 means all brokers.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_broker_set_up(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        status(unsafe { from_c(mcluster) }.map(|cluster| cluster.broker_up(broker_id)))
    }

    /// The address that metadata answers give for a broker.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `host` is NULL or NUL-terminated.
    fn rd_kafka_mock_broker_set_host_port(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
        host: *const c_char,
        port: c_int,
    ) {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(host) });
        // The historical function has no result to tell a failure with.
        let _ = given.map(|(cluster, host)| cluster.set_host_port(broker_id, &host, port));
    }

    /// How long a broker's answers wait, in milliseconds; -1 means all brokers.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_broker_set_rtt(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
        rtt_ms: c_int,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        status(unsafe { from_c(mcluster) }.map(|cluster| cluster.set_rtt(broker_id, rtt_ms)))
    }

    /// A broker's rack.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `rack` is NULL or NUL-terminated.
    fn rd_kafka_mock_broker_set_rack(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
        rack: *const c_char,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(unsafe { text(rack) });
        status(given.map(|(cluster, rack)| cluster.set_rack(broker_id, &rack)))
    }

    /// Adds a broker and deals the partitions out again.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_broker_add(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        status(unsafe { from_c(mcluster) }.map(|cluster| cluster.add_broker(broker_id)))
    }

    /// Removes a broker; its connections are cut and its partitions go to the others.
    ///
    /// # Safety
    /// `cluster` is NULL or live.
    fn rd_kafka_mock_broker_decommission(
        cluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        status(unsafe { from_c(cluster) }.map(|cluster| cluster.decommission_broker(broker_id)))
    }

    /// Hides a broker from metadata answers; its partitions go to the others, its connections stay.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_broker_remove_from_metadata(
        mcluster: *mut rd_kafka_mock_cluster_t,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        status(unsafe { from_c(mcluster) }.map(|cluster| cluster.hide_broker(broker_id)))
    }

    /// The coordinator of a key; `key_type` is `group` or `transaction`.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `key_type` and `key` are NULL or NUL-terminated.
    fn rd_kafka_mock_coordinator_set(
        mcluster: *mut rd_kafka_mock_cluster_t,
        key_type: *const c_char,
        key: *const c_char,
        broker_id: i32,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (kind, key) = unsafe { (text(key_type), text(key)) };
        // SAFETY: the caller's contract.
        let given = unsafe { from_c(mcluster) }.zip(kind.zip(key));
        status(given.map(|(cluster, (kind, key))| cluster.set_coordinator(&kind, &key, broker_id)))
    }

    /// The controller that metadata answers name; -1 for none.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_set_controller_id(
        mcluster: *mut rd_kafka_mock_cluster_t,
        controller_id: i32,
    ) {
        // SAFETY: the caller's contract.
        if let Some(cluster) = unsafe { from_c(mcluster) } {
            cluster.set_controller(controller_id);
        }
    }

    /// Narrows the versions that brokers offer of a request type.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_set_apiversion(
        mcluster: *mut rd_kafka_mock_cluster_t,
        api_key: i16,
        min_version: i16,
        max_version: i16,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let cluster = unsafe { from_c(mcluster) };
        status(cluster.map(|cluster| cluster.set_versions(api_key, min_version, max_version)))
    }

    /// How long a group waits for more members after its first one joined.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_group_initial_rebalance_delay_ms(
        mcluster: *mut rd_kafka_mock_cluster_t,
        delay_ms: i32,
    ) {
        // SAFETY: the caller's contract.
        if let Some(cluster) = unsafe { from_c(mcluster) } {
            cluster.set_group_initial_delay_ms(delay_ms);
        }
    }
}

/// The body of `rd_kafka_mock_push_request_errors` and of its array form.
///
/// # Safety
/// `mcluster` is NULL or live; `errors` has `cnt` elements.
pub(crate) unsafe fn mock_push_request_errors_array_impl(
    mcluster: *mut rd_kafka_mock_cluster_t,
    api_key: i16,
    cnt: usize,
    errors: *const rd_kafka_resp_err_t,
) {
    // SAFETY: the caller's contract.
    let (cluster, errors) = unsafe { (from_c(mcluster), slice(errors, cnt)) };
    if let Some(cluster) = cluster {
        let errors: Vec<ErrorCode> = errors.iter().copied().map(ErrorCode).collect();
        cluster.push_errors(api_key, &errors);
    }
}

/// The body of `rd_kafka_mock_broker_push_request_error_rtts`.
///
/// # Safety
/// `mcluster` is NULL or live; `errs` and `rtts` have `cnt` elements each.
pub(crate) unsafe fn mock_broker_push_request_error_rtts_impl(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
    api_key: i16,
    cnt: usize,
    errs: *const rd_kafka_resp_err_t,
    rtts: *const c_int,
) -> rd_kafka_resp_err_t {
    // SAFETY: the caller's contract.
    let (errors, rtts) = unsafe { (slice(errs, cnt), slice(rtts, cnt)) };
    let pairs = errors.iter().zip(rtts);
    let faults: Vec<Fault> =
        pairs.map(|(error, rtt)| Fault { error: ErrorCode(*error), rtt_ms: *rtt }).collect();
    // SAFETY: the caller's contract.
    let cluster = unsafe { from_c(mcluster) };
    status(cluster.map(|cluster| cluster.push_broker_faults(broker_id, api_key, &faults)))
}

/// The body of `rd_kafka_mock_partition_push_request_errors`.
///
/// # Safety
/// `mcluster` is NULL or live; `topic` is NULL or NUL-terminated; `errors` has `cnt` elements.
pub(crate) unsafe fn mock_partition_push_request_errors_impl(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: i32,
    api_key: i16,
    cnt: usize,
    errors: *const rd_kafka_resp_err_t,
) -> rd_kafka_resp_err_t {
    // SAFETY: the caller's contract.
    let (topic, errors) = unsafe { (text(topic), slice(errors, cnt)) };
    let errors: Vec<ErrorCode> = errors.iter().copied().map(ErrorCode).collect();
    // SAFETY: the caller's contract.
    let given = unsafe { from_c(mcluster) }.zip(topic);
    status(
        given.map(|(cluster, topic)| {
            cluster.push_partition_errors(&topic, partition, api_key, &errors)
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_tolerated_everywhere() {
        let null = std::ptr::null_mut::<rd_kafka_mock_cluster_t>();
        let invalid = ErrorCode::_INVALID_ARG.0;
        // SAFETY: every function says that NULL is allowed.
        unsafe {
            rd_kafka_mock_cluster_destroy(null);
            assert!(rd_kafka_mock_cluster_handle(null).is_null());
            assert!(rd_kafka_mock_cluster_bootstraps(null).is_null());
            assert_eq!(rd_kafka_mock_topic_create(null, std::ptr::null(), 1, 1), invalid);
            assert_eq!(rd_kafka_mock_broker_set_down(null, 1), invalid);
        }
    }

    #[test]
    fn a_cluster_is_driven_through_its_handle() {
        // SAFETY: the handle is live until it's destroyed at the end; all strings are C literals.
        unsafe {
            let cluster = rd_kafka_mock_cluster_new(std::ptr::null_mut(), 2);
            let bootstraps = CStr::from_ptr(rd_kafka_mock_cluster_bootstraps(cluster));
            assert_eq!(bootstraps.to_bytes().split(|byte| *byte == b',').count(), 2);
            assert_eq!(rd_kafka_mock_topic_create(cluster, c"t".as_ptr(), 2, 2), 0);
            assert_eq!(rd_kafka_mock_partition_set_leader(cluster, c"t".as_ptr(), 1, 1), 0);
            let unknown = ErrorCode::BROKER_NOT_AVAILABLE.0;
            assert_eq!(rd_kafka_mock_partition_set_leader(cluster, c"t".as_ptr(), 1, 9), unknown);
            let pushed = mock_broker_push_request_error_rtts_impl(
                cluster,
                1,
                0,
                2,
                [7, 0].as_ptr(),
                [10, 20].as_ptr(),
            );
            assert_eq!(pushed, 0);
            let mut count = 0;
            let counted = rd_kafka_mock_broker_error_stack_cnt(cluster, 1, 0, &raw mut count);
            assert_eq!((counted, count), (0, 2));
            assert_eq!(rd_kafka_mock_broker_set_down(cluster, -1), 0);
            assert_eq!(rd_kafka_mock_broker_set_up(cluster, -1), 0);
            rd_kafka_mock_cluster_destroy(cluster);
        }
    }

    #[test]
    fn zero_brokers_make_no_cluster() {
        // SAFETY: no precondition is broken.
        assert!(unsafe { rd_kafka_mock_cluster_new(std::ptr::null_mut(), 0) }.is_null());
    }
}
