//! Memory of the C heap for applications. The instance is ignored, as it always was.

use std::ffi::c_void;

use crate::abi::public::rd_kafka_t;
use crate::sys::fence::export;

export! {
    /// `num` times `size` bytes, zeroed; NULL if there is no memory.
    fn rd_kafka_mem_calloc(_rk: *mut rd_kafka_t, num: usize, size: usize) -> *mut c_void {
        // SAFETY: calloc has no precondition.
        unsafe { libc::calloc(num, size) }
    }

    /// `size` bytes; NULL if there is no memory.
    fn rd_kafka_mem_malloc(_rk: *mut rd_kafka_t, size: usize) -> *mut c_void {
        // SAFETY: malloc has no precondition.
        unsafe { libc::malloc(size) }
    }

    /// Gives memory back that this library returned. NULL is allowed.
    ///
    /// # Safety
    /// `ptr` is NULL or came from the C heap, and nobody uses it any more.
    fn rd_kafka_mem_free(_rk: *mut rd_kafka_t, ptr: *mut c_void) {
        // SAFETY: the caller's contract.
        unsafe { libc::free(ptr) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null_mut;

    #[test]
    fn memory_comes_from_the_c_heap_and_too_much_is_null() {
        // SAFETY: blocks are freed once, by either function, as both are the C heap's.
        unsafe {
            let zeroed = rd_kafka_mem_calloc(null_mut(), 3, 8).cast::<[u8; 24]>();
            assert_eq!(*zeroed, [0; 24]);
            libc::free(zeroed.cast());
            rd_kafka_mem_free(null_mut(), rd_kafka_mem_malloc(null_mut(), 10));
            rd_kafka_mem_free(null_mut(), null_mut());
            assert!(rd_kafka_mem_malloc(null_mut(), usize::MAX / 4).is_null());
            assert!(rd_kafka_mem_calloc(null_mut(), usize::MAX / 4, 8).is_null());
        }
    }
}
