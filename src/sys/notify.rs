//! Writing an application's payload to its descriptor, as a wake-up of its event loop.

use std::os::fd::RawFd;

/// A descriptor of the application and what to write to it.
pub(crate) struct Notify {
    fd: RawFd,
    payload: Vec<u8>,
}

impl Notify {
    /// The payload is copied. The descriptor stays the application's.
    pub(crate) fn new(fd: RawFd, payload: &[u8]) -> Self {
        Self { fd, payload: payload.to_vec() }
    }

    /// Writes the payload. A pipe that is full has woken its reader already, so the result does not matter.
    pub(crate) fn notify(&self) {
        // SAFETY: the payload is readable for its length; a closed descriptor is an error that changes nothing.
        unsafe { libc::write(self.fd, self.payload.as_ptr().cast(), self.payload.len()) };
    }
}
