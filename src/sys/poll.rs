//! poll(2) on a handful of descriptors.

use std::os::fd::RawFd;

/// A descriptor to wait for, and what happened to it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct PollFd(libc::pollfd);

impl PollFd {
    /// Waits for `fd` to become readable, and writable too if `write`. A negative `fd` is left out.
    pub(crate) fn new(fd: RawFd, read: bool, write: bool) -> Self {
        let mut events = 0;
        if read {
            events |= libc::POLLIN;
        }
        if write {
            events |= libc::POLLOUT;
        }
        Self(libc::pollfd { fd, events, revents: 0 })
    }

    /// Something can be read, or the peer hung up, or an error waits.
    pub(crate) fn is_readable(&self) -> bool {
        self.0.revents & (libc::POLLIN | libc::POLLHUP | libc::POLLERR | libc::POLLNVAL) != 0
    }

    /// Something can be written, or an error waits.
    pub(crate) fn is_writable(&self) -> bool {
        self.0.revents & (libc::POLLOUT | libc::POLLERR | libc::POLLNVAL) != 0
    }
}

/// Waits up to `timeout_us` microseconds (negative: for ever). Returns how many descriptors have
/// something; 0 also after a signal.
pub(crate) fn poll(fds: &mut [PollFd], timeout_us: i64) -> usize {
    let spec = libc::timespec {
        tv_sec: timeout_us.max(0) / 1_000_000,
        tv_nsec: timeout_us.max(0) % 1_000_000 * 1000,
    };
    let limit = if timeout_us < 0 { std::ptr::null() } else { &raw const spec };
    // SAFETY: PollFd is a transparent pollfd; `limit` is NULL or points to `spec`; no signal mask
    // is given.
    let count = unsafe {
        libc::ppoll(fds.as_mut_ptr().cast(), fds.len() as libc::nfds_t, limit, std::ptr::null())
    };
    usize::try_from(count).unwrap_or(0)
}
