//! The typed statistics.

use std::ptr::null;

use crate::abi::public::rd_kafka_event_t;
use crate::abi::stats::rd_kafka_stats_t;
use crate::forward::call::forward;

forward! {
    /// The statistics of an `RD_KAFKA_EVENT_STATS` event; they live as long as the event. NULL if
    /// it has none.
    fn rd_kafka_event_stats_typed(rkev: *mut rd_kafka_event_t) -> *const rd_kafka_stats_t = null();
}
