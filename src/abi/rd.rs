//! The historical small parts: lists, byte buffers, averages, intervals, atomics, locks, strings.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicI32, AtomicI64};

use super::layout::layout;
use super::public::opaque;
use super::sysqueue::{TailqEntry, TailqHead};

/// Microseconds of the monotonic clock.
pub type rd_ts_t = i64;
/// A truth value.
pub type rd_bool_t = bool;
/// A checksum that is being computed.
pub type rd_crc32_t = u32;
/// A socket.
pub type rd_socket_t = c_int;
/// A mutual exclusion lock; `mtx_t` of C11 is one.
pub type mtx_t = libc::pthread_mutex_t;
/// A condition; `cnd_t` of C11 is one.
pub type cnd_t = libc::pthread_cond_t;
/// A lock for one writer or many readers.
pub type rwlock_t = libc::pthread_rwlock_t;
/// A thread.
pub type thrd_t = libc::pthread_t;

/// A number that several threads change.
#[repr(C)]
pub struct rd_atomic32_t {
    /// The number.
    pub val: AtomicI32,
}

/// A number that several threads change.
#[repr(C)]
pub struct rd_atomic64_t {
    /// The number.
    pub val: AtomicI64,
}

/// A count of references.
#[repr(C)]
pub struct rd_refcnt_t {
    /// The count.
    pub val: AtomicI32,
}

layout! { rd_atomic32_t: size 4, align 4; val @ 0 }
layout! { rd_atomic64_t: size 8, align 8; val @ 0 }
layout! { rd_refcnt_t: size 4, align 4; val @ 0 }
layout! { mtx_t: size 40, align 8; }
layout! { rwlock_t: size 56, align 8; }

/// A list of pointers.
#[repr(C)]
pub struct rd_list_t {
    /// Elements that there is room for.
    pub rl_size: c_int,
    /// Elements in use.
    pub rl_cnt: c_int,
    /// The elements, on the C heap.
    pub rl_elems: *mut *mut c_void,
    /// Frees an element; NULL: the list does not own its elements.
    pub rl_free_cb: Option<unsafe extern "C" fn(element: *mut c_void)>,
    /// `RD_LIST_F_...`.
    pub rl_flags: c_int,
    /// Size of the elements of a list that holds them itself.
    pub rl_elemsize: c_int,
    /// The memory of these elements.
    pub rl_p: *mut c_void,
}

layout! { rd_list_t: size 40, align 8;
rl_size @ 0, rl_cnt @ 4, rl_elems @ 8, rl_free_cb @ 16, rl_flags @ 24, rl_elemsize @ 28, rl_p @ 32 }

/// A piece of a byte buffer.
#[repr(C)]
pub struct rd_segment_t {
    /// Its place among the pieces.
    pub seg_link: TailqEntry<rd_segment_t>,
    /// The bytes.
    pub seg_p: *mut c_char,
    /// How many are written.
    pub seg_of: usize,
    /// How many there is room for.
    pub seg_size: usize,
    /// Where the piece begins in the buffer.
    pub seg_absof: usize,
    /// Frees the bytes; NULL: they belong to someone else.
    pub seg_free: Option<unsafe extern "C" fn(bytes: *mut c_void)>,
    /// `RD_SEGMENT_F_...`.
    pub seg_flags: c_int,
    /// How many of the written bytes were erased.
    pub seg_erased: usize,
}

layout! { rd_segment_t: size 72, align 8;
seg_link @ 0, seg_link.tqe_next @ 0, seg_link.tqe_prev @ 8, seg_p @ 16, seg_of @ 24, seg_size @ 32,
seg_absof @ 40, seg_free @ 48, seg_flags @ 56, seg_erased @ 64 }

/// A byte buffer in pieces.
#[repr(C)]
pub struct rd_buf_t {
    /// The pieces.
    pub rbuf_segments: TailqHead<rd_segment_t>,
    /// How many.
    pub rbuf_segment_cnt: usize,
    /// The piece that is written to next.
    pub rbuf_wpos: *mut rd_segment_t,
    /// Bytes written.
    pub rbuf_len: usize,
    /// Bytes of them that were erased.
    pub rbuf_erased: usize,
    /// Bytes that there is room for.
    pub rbuf_size: usize,
    /// Memory for pieces, in one block.
    pub rbuf_extra: *mut c_char,
    /// How much of it is used.
    pub rbuf_extra_len: usize,
    /// Its size.
    pub rbuf_extra_size: usize,
}

layout! { rd_buf_t: size 80, align 8;
rbuf_segments @ 0, rbuf_segments.tqh_first @ 0, rbuf_segments.tqh_last @ 8, rbuf_segment_cnt @ 16,
rbuf_wpos @ 24, rbuf_len @ 32, rbuf_erased @ 40, rbuf_size @ 48, rbuf_extra @ 56,
rbuf_extra_len @ 64, rbuf_extra_size @ 72 }

/// A range of a byte buffer, being read.
#[repr(C)]
pub struct rd_slice_t {
    /// The buffer.
    pub buf: *const rd_buf_t,
    /// The piece that is read next.
    pub seg: *const rd_segment_t,
    /// Where in that piece.
    pub rof: usize,
    /// Where the range begins in the buffer.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

layout! { rd_slice_t: size 40, align 8; buf @ 0, seg @ 8, rof @ 16, start @ 24, end @ 32 }

opaque! {
    /// A histogram of the statistics.
    rd_hdr_histogram_t;
}

/// What an average saw since it was rolled over.
#[repr(C)]
pub struct rd_avg_values_t {
    /// Largest value.
    pub maxv: i64,
    /// Smallest value.
    pub minv: i64,
    /// Average.
    pub avg: i64,
    /// Sum.
    pub sum: i64,
    /// Number of values.
    pub cnt: c_int,
    /// When it was rolled over; not kept.
    pub start: rd_ts_t,
}

/// What an average's histogram said when it was rolled over.
#[repr(C)]
pub struct rd_avg_histogram_t {
    /// 50 percent of the values are not larger.
    pub p50: i64,
    /// 75 percent.
    pub p75: i64,
    /// 90 percent.
    pub p90: i64,
    /// 95 percent.
    pub p95: i64,
    /// 99 percent.
    pub p99: i64,
    /// 99.99 percent.
    pub p99_99: i64,
    /// Values outside the range.
    pub oor: i64,
    /// Memory of the histogram.
    pub hdrsize: i32,
    /// Standard deviation.
    pub stddev: f64,
    /// Mean.
    pub mean: f64,
}

/// An average. With statistics `ra_v` has the numbers since the last time that they were written;
/// the library does not take `ra_lock`, and keeps the histogram elsewhere.
#[repr(C)]
pub struct rd_avg_t {
    /// The values.
    pub ra_v: rd_avg_values_t,
    /// Protects the average.
    pub ra_lock: mtx_t,
    /// Are values taken?
    pub ra_enabled: c_int,
    /// 0: values are measured; 1: they are counted.
    pub ra_type: c_int,
    /// The histogram.
    pub ra_hdr: *mut rd_hdr_histogram_t,
    /// What it said.
    pub ra_hist: rd_avg_histogram_t,
}

layout! { rd_avg_t: size 184, align 8;
ra_v @ 0, ra_v.maxv @ 0, ra_v.minv @ 8, ra_v.avg @ 16, ra_v.sum @ 24, ra_v.cnt @ 32, ra_v.start @ 40,
ra_lock @ 48, ra_enabled @ 88, ra_type @ 92, ra_hdr @ 96, ra_hist @ 104, ra_hist.p50 @ 104,
ra_hist.p75 @ 112, ra_hist.p90 @ 120, ra_hist.p95 @ 128, ra_hist.p99 @ 136, ra_hist.p99_99 @ 144,
ra_hist.oor @ 152, ra_hist.hdrsize @ 160, ra_hist.stddev @ 168, ra_hist.mean @ 176 }

/// Keeps something from happening too often.
#[repr(C)]
pub struct rd_interval_t {
    /// When it happened last.
    pub ri_ts_last: rd_ts_t,
    /// The least time between two, if it is fixed.
    pub ri_fixed: rd_ts_t,
    /// More time to wait, once, milliseconds.
    pub ri_backoff: c_int,
}

layout! { rd_interval_t: size 24, align 8; ri_ts_last @ 0, ri_fixed @ 8, ri_backoff @ 16 }

/// A string of the protocol.
#[repr(C)]
pub struct rd_kafkap_str_t {
    /// Length, -1 for none.
    pub len: c_int,
    /// The bytes, with a NUL behind them if they were copied.
    pub str: *const c_char,
}

layout! { rd_kafkap_str_t: size 16, align 8; len @ 0, str @ 8 }

/// Id and epoch of an idempotent producer.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct rd_kafka_pid_t {
    /// Id, -1 for none.
    pub id: i64,
    /// Epoch, -1 for none.
    pub epoch: i16,
}

layout! { rd_kafka_pid_t: size 16, align 8; id @ 0, epoch @ 8 }

/// Calls a function at its time; not used.
#[repr(C)]
pub struct rd_kafka_timer_t {
    /// Its place among the timers.
    pub rtmr_link: TailqEntry<rd_kafka_timer_t>,
    /// When it is due.
    pub rtmr_next: rd_ts_t,
    /// How long between two calls; 0: it does not run.
    pub rtmr_interval: rd_ts_t,
    /// Does it run once only?
    pub rtmr_oneshot: rd_bool_t,
    /// The function.
    pub rtmr_callback: *mut c_void,
    /// What the function gets.
    pub rtmr_arg: *mut c_void,
}

layout! { rd_kafka_timer_t: size 56, align 8;
rtmr_link @ 0, rtmr_next @ 16, rtmr_interval @ 24, rtmr_oneshot @ 32, rtmr_callback @ 40, rtmr_arg @ 48 }
