//! The requests that a mock cluster tracked, as C sees them.
//!
//! A request is a copy on the C heap that the application owns; it begins with a mark. NULL is
//! tolerated everywhere.
// Exported functions are public for the linker; the crate's own users never name them.
#![allow(unreachable_pub)]

use super::mock::{from_c, slice};
use crate::abi::public::rd_kafka_mock_cluster_t;
use crate::mock::{MockCluster, Request};
use crate::sys::fence::export;
use crate::sys::heap;

/// What a request object begins with.
const REQUEST_MARK: [u8; 8] = *b"rdkmockr";

/// A request that a mock broker received.
#[allow(non_camel_case_types)]
#[repr(C)]
pub struct rd_kafka_mock_request_t {
    mark: [u8; 8],
    request: Request,
}

/// # Safety
/// `request` is NULL or a live request.
unsafe fn request_from_c<'a>(request: *const rd_kafka_mock_request_t) -> Option<&'a Request> {
    // SAFETY: the caller's contract; nobody writes to a request.
    let request = unsafe { request.as_ref() }?;
    (request.mark == REQUEST_MARK).then_some(&request.request)
}

export! {
    /// Begins to note requests.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_start_request_tracking(mcluster: *mut rd_kafka_mock_cluster_t) {
        // SAFETY: the caller's contract.
        if let Some(cluster) = unsafe { from_c(mcluster) } {
            cluster.start_tracking();
        }
    }

    /// Stops noting requests and forgets them.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_stop_request_tracking(mcluster: *mut rd_kafka_mock_cluster_t) {
        // SAFETY: the caller's contract.
        if let Some(cluster) = unsafe { from_c(mcluster) } {
            cluster.stop_tracking();
        }
    }

    /// Forgets the requests noted so far.
    ///
    /// # Safety
    /// `mcluster` is NULL or live.
    fn rd_kafka_mock_clear_requests(mcluster: *mut rd_kafka_mock_cluster_t) {
        // SAFETY: the caller's contract.
        if let Some(cluster) = unsafe { from_c(mcluster) } {
            cluster.clear_requests();
        }
    }

    /// The requests noted so far, or NULL for none; `rd_kafka_mock_request_destroy_array` frees
    /// them.
    ///
    /// # Safety
    /// `mcluster` is NULL or live; `cntp` is NULL or writable.
    fn rd_kafka_mock_get_requests(
        mcluster: *mut rd_kafka_mock_cluster_t,
        cntp: *mut usize,
    ) -> *mut *mut rd_kafka_mock_request_t {
        // SAFETY: the caller's contract.
        let requests = unsafe { from_c(mcluster) }.map_or(Vec::new(), MockCluster::requests);
        // SAFETY: the caller's contract.
        let Some(count) = (unsafe { cntp.as_mut() }) else { return std::ptr::null_mut() };
        *count = requests.len();
        if requests.is_empty() {
            return std::ptr::null_mut();
        }
        let array: *mut *mut rd_kafka_mock_request_t =
            heap::malloc(requests.len() * size_of::<*mut rd_kafka_mock_request_t>()).cast();
        for (index, request) in requests.into_iter().enumerate() {
            let copy = heap::malloc(size_of::<rd_kafka_mock_request_t>());
            let copy = copy.cast::<rd_kafka_mock_request_t>();
            // SAFETY: both blocks are fresh, aligned for anything, and have room for what's
            // written.
            unsafe {
                copy.write(rd_kafka_mock_request_t { mark: REQUEST_MARK, request });
                array.add(index).write(copy);
            }
        }
        array
    }

    /// Frees a request.
    ///
    /// # Safety
    /// `mreq` is NULL or a request that nobody uses any more.
    fn rd_kafka_mock_request_destroy(mreq: *mut rd_kafka_mock_request_t) {
        // SAFETY: the caller's contract.
        if unsafe { request_from_c(mreq) }.is_some() {
            // SAFETY: marked, so it came from `rd_kafka_mock_get_requests`; the mark goes, so that
            // a second call is seen as long as the block isn't used again.
            unsafe {
                (*mreq).mark = [0; 8];
                heap::free(mreq);
            }
        }
    }

    /// Frees requests and the array they're in.
    ///
    /// # Safety
    /// `mreqs` is NULL, or what `rd_kafka_mock_get_requests` gave, with its count.
    fn rd_kafka_mock_request_destroy_array(
        mreqs: *mut *mut rd_kafka_mock_request_t,
        mreq_cnt: usize,
    ) {
        // SAFETY: the caller's contract.
        for mreq in unsafe { slice(mreqs, mreq_cnt) } {
            // SAFETY: each element is a request of its own.
            unsafe { rd_kafka_mock_request_destroy(*mreq) };
        }
        // SAFETY: the array is a block of the C heap, or NULL.
        unsafe { heap::free(mreqs) };
    }

    /// The broker that received a request; -1 for NULL.
    ///
    /// # Safety
    /// `mreq` is NULL or live.
    fn rd_kafka_mock_request_id(mreq: *mut rd_kafka_mock_request_t) -> i32 {
        // SAFETY: the caller's contract.
        unsafe { request_from_c(mreq) }.map_or(-1, |request| request.broker_id)
    }

    /// A request's type; -1 for NULL.
    ///
    /// # Safety
    /// `mreq` is NULL or live.
    fn rd_kafka_mock_request_api_key(mreq: *mut rd_kafka_mock_request_t) -> i16 {
        // SAFETY: the caller's contract.
        unsafe { request_from_c(mreq) }.map_or(-1, |request| request.api_key)
    }

    /// When a request was received, in microseconds of the monotonic clock; -1 for NULL.
    ///
    /// # Safety
    /// `mreq` is NULL or live.
    fn rd_kafka_mock_request_timestamp(mreq: *mut rd_kafka_mock_request_t) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { request_from_c(mreq) }.map_or(-1, |request| request.received_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_tolerated_and_no_requests_are_null() {
        let null = std::ptr::null_mut::<rd_kafka_mock_cluster_t>();
        // SAFETY: every function says that NULL is allowed.
        unsafe {
            let mut count = 7;
            assert!(rd_kafka_mock_get_requests(null, &raw mut count).is_null());
            assert_eq!(count, 0);
            rd_kafka_mock_request_destroy(std::ptr::null_mut());
            rd_kafka_mock_request_destroy_array(std::ptr::null_mut(), 0);
            assert_eq!(rd_kafka_mock_request_api_key(std::ptr::null_mut()), -1);
        }
    }

    #[test]
    fn tracked_requests_are_copies_that_are_freed_together() {
        let cluster = MockCluster::new(1).expect("loopback is there");
        cluster.start_tracking();
        let address = cluster.bootstraps().to_owned();
        // ApiVersions 0 with correlation id 1 and no client id.
        let frame = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
        let mut client = std::net::TcpStream::connect(address).expect("it listens");
        std::io::Write::write_all(&mut client, &frame).expect("written");
        std::io::Read::read_exact(&mut client, &mut [0; 8]).expect("answered");

        let handle = super::super::mock::into_c(Box::new(cluster));
        // SAFETY: the handle is live until it's destroyed; the array is used before it's freed.
        unsafe {
            let mut count = 0;
            let requests = rd_kafka_mock_get_requests(handle, &raw mut count);
            super::super::mock::rd_kafka_mock_cluster_destroy(handle);
            assert_eq!(count, 1);
            assert_eq!(rd_kafka_mock_request_api_key(*requests), 18);
            assert_eq!(rd_kafka_mock_request_id(*requests), 1);
            assert!(rd_kafka_mock_request_timestamp(*requests) > 0);
            rd_kafka_mock_request_destroy_array(requests, count);
        }
    }
}
