//! The doors.

pub(crate) mod variadic;
