//! A descriptor that wakes a thread out of poll.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// An eventfd: non-blocking, close-on-exec.
pub(crate) struct Wake(OwnedFd);

impl Wake {
    /// A new descriptor; an error when the process has none left.
    pub(crate) fn new() -> std::io::Result<Self> {
        // SAFETY: eventfd has no precondition.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(std::io::Error::last_os_error());
        }
        // SAFETY: `fd` is fresh and nobody else owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Makes the descriptor readable.
    pub(crate) fn wake(&self) {
        let one = 1u64;
        // SAFETY: eight bytes of `one`. A full counter (EAGAIN) is readable already, so the result
        // does not matter.
        unsafe { libc::write(self.fd(), (&raw const one).cast(), 8) };
    }

    /// Makes the descriptor unreadable again.
    pub(crate) fn clear(&self) {
        let mut count = 0u64;
        // SAFETY: eight bytes of `count`. EAGAIN means it was clear.
        unsafe { libc::read(self.fd(), (&raw mut count).cast(), 8) };
    }

    /// The descriptor, for poll.
    pub(crate) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
