//! Functions for people who debug.

use std::ffi::c_int;

use libc::FILE;

use crate::abi::public::rd_kafka_t;
use crate::forward::call::forward;

forward! {
    /// Writes the instance's state to `fp`, for people.
    fn rd_kafka_dump(fp: *mut FILE, rk: *mut rd_kafka_t) = (), Consumer;

    /// Runs the built-in unit tests. Number of failures.
    fn rd_kafka_unittest() -> c_int = 0, Native;
}
