//! Consumer group metadata, for transactions.

use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};

use crate::abi::handles::rd_kafka_consumer_group_metadata_t;
use crate::abi::public::{rd_kafka_error_t, rd_kafka_t};
use crate::forward::absent::error_and_null;
use crate::forward::call::forward;

forward! {
    /// Group metadata of a consumer, for `rd_kafka_send_offsets_to_transaction`; the caller
    /// destroys it. NULL if it has no group.
    fn rd_kafka_consumer_group_metadata(
        rk: *mut rd_kafka_t,
    ) -> *mut rd_kafka_consumer_group_metadata_t = null_mut(), Consumer;

    /// Group metadata with a group id only; the caller destroys it.
    fn rd_kafka_consumer_group_metadata_new(
        group_id: *const c_char,
    ) -> *mut rd_kafka_consumer_group_metadata_t = null_mut();

    /// Group metadata with all its parts; the caller destroys it.
    fn rd_kafka_consumer_group_metadata_new_with_genid(
        group_id: *const c_char, generation_id: i32, member_id: *const c_char,
        group_instance_id: *const c_char,
    ) -> *mut rd_kafka_consumer_group_metadata_t = null_mut();

    /// Group id; lives as long as the object.
    fn rd_kafka_consumer_group_metadata_group_id(
        group_metadata: *const rd_kafka_consumer_group_metadata_t,
    ) -> *const c_char = null();

    /// Group instance id or NULL; lives as long as the object.
    fn rd_kafka_consumer_group_metadata_group_instance_id(
        group_metadata: *const rd_kafka_consumer_group_metadata_t,
    ) -> *const c_char = null();

    /// Member id; lives as long as the object.
    fn rd_kafka_consumer_group_metadata_member_id(
        group_metadata: *const rd_kafka_consumer_group_metadata_t,
    ) -> *const c_char = null();

    /// Generation id.
    fn rd_kafka_consumer_group_metadata_generation_id(
        group_metadata: *const rd_kafka_consumer_group_metadata_t,
    ) -> i32 = -1;

    /// Destroys group metadata.
    fn rd_kafka_consumer_group_metadata_destroy(
        group_metadata: *mut rd_kafka_consumer_group_metadata_t,
    ) = ();

    /// Writes group metadata into a new buffer, which the caller frees with `rd_kafka_mem_free`.
    /// NULL or an error that the caller destroys.
    fn rd_kafka_consumer_group_metadata_write(
        cgmd: *const rd_kafka_consumer_group_metadata_t, bufferp: *mut *mut c_void,
        sizep: *mut usize,
    ) -> *mut rd_kafka_error_t = error_and_null(bufferp);

    /// Reads group metadata from a buffer of `rd_kafka_consumer_group_metadata_write`; the caller
    /// destroys it. NULL or an error that the caller destroys.
    fn rd_kafka_consumer_group_metadata_read(
        cgmdp: *mut *mut rd_kafka_consumer_group_metadata_t, buffer: *const c_void, size: usize,
    ) -> *mut rd_kafka_error_t = error_and_null(cgmdp);
}
