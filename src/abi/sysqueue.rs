//! Heads and links of the historical lists: the tail queue and the circular queue.
//!
//! The head of either may point at itself or into itself, so a head never moves.
#![forbid(unsafe_code)]
// The header needs every type; the library itself uses some.
#![allow(dead_code)]

/// Head of a tail queue.
#[repr(C)]
pub struct TailqHead<T> {
    /// The first element, NULL if there is none.
    pub tqh_first: *mut T,
    /// The pointer at the end: the last element's `tqe_next`, or `tqh_first`.
    pub tqh_last: *mut *mut T,
}

/// An element's link in a tail queue.
#[repr(C)]
pub struct TailqEntry<T> {
    /// The next element, NULL at the end.
    pub tqe_next: *mut T,
    /// The pointer that points to this element: the previous one's `tqe_next`, or `tqh_first`.
    pub tqe_prev: *mut *mut T,
}

/// Head of a circular queue.
#[repr(C)]
pub struct CircleqHead<T> {
    /// The first element; the head itself if there is none.
    pub cqh_first: *mut T,
    /// The last element; the head itself if there is none.
    pub cqh_last: *mut T,
}

/// An element's link in a circular queue.
#[repr(C)]
pub struct CircleqEntry<T> {
    /// The next element; the head at the end.
    pub cqe_next: *mut T,
    /// The previous element; the head at the beginning.
    pub cqe_prev: *mut T,
}
