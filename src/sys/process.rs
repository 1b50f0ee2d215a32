//! The process itself.

/// The process's number; a child after a fork has another one.
pub(crate) fn id() -> u32 {
    // SAFETY: getpid cannot fail.
    unsafe { libc::getpid() }.unsigned_abs()
}
