//! Writing an application's payload to its descriptor, as a wake-up of its event loop.

use std::os::fd::RawFd;

/// A descriptor of the application and what to write to it.
pub(crate) struct Notify {
    fd: RawFd,
    payload: Box<[u8]>,
}

impl Notify {
    /// The payload is copied. The descriptor stays the application's.
    pub(crate) fn new(fd: RawFd, payload: &[u8]) -> Self {
        Self { fd, payload: payload.into() }
    }

    /// Writes the payload without waiting and without raising a signal. A descriptor with no room
    /// has woken its reader already and one without a reader wakes nobody, so the result does not
    /// matter.
    pub(crate) fn notify(&self) {
        let (data, len) = (self.payload.as_ptr().cast(), self.payload.len());
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        // SAFETY: the payload is readable for its length; a wrong descriptor is an error that
        // changes nothing.
        let sent = unsafe { libc::send(self.fd, data, len, flags) };
        if sent < 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOTSOCK) {
            self.write();
        }
    }

    /// Writes to what is no socket, if there is room now and a reader.
    fn write(&self) {
        let mut entry = libc::pollfd { fd: self.fd, events: libc::POLLOUT, revents: 0 };
        // SAFETY: one live entry; the wait is of length zero.
        unsafe { libc::poll(&raw mut entry, 1, 0) };
        if entry.revents == libc::POLLOUT {
            let (data, len) = (self.payload.as_ptr().cast(), self.payload.len());
            // SAFETY: the payload is readable for its length.
            unsafe { libc::write(self.fd, data, len) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn pipes_and_sockets_get_the_payload() {
        let (mut reader, writer) = std::io::pipe().expect("descriptors");
        Notify::new(writer.as_raw_fd(), b"pipe").notify();
        let mut bytes = [0; 4];
        reader.read_exact(&mut bytes).expect("four bytes");
        assert_eq!(&bytes, b"pipe");

        let (mut here, there) = UnixStream::pair().expect("descriptors");
        Notify::new(there.as_raw_fd(), b"sock").notify();
        here.read_exact(&mut bytes).expect("four bytes");
        assert_eq!(&bytes, b"sock");
    }

    #[test]
    fn a_full_pipe_is_not_waited_for() {
        let (_reader, mut writer) = std::io::pipe().expect("descriptors");
        // SAFETY: a live descriptor and integers.
        let size = unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_GETPIPE_SZ) };
        writer.write_all(&vec![0; size as usize]).expect("fits");
        Notify::new(writer.as_raw_fd(), b"x").notify();
    }

    #[test]
    fn a_closed_reader_raises_no_signal() {
        let (reader, writer) = std::io::pipe().expect("descriptors");
        drop(reader);
        // SAFETY: all sets are live; this thread's mask is put back. A blocked signal stays
        // pending, where it shows.
        let is_pending = unsafe {
            let mut blocked: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            let mut pending: libc::sigset_t = std::mem::zeroed();
            libc::sigaddset(&raw mut blocked, libc::SIGPIPE);
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const blocked, &raw mut before);
            Notify::new(writer.as_raw_fd(), b"x").notify();
            libc::sigpending(&raw mut pending);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
            libc::sigismember(&raw const pending, libc::SIGPIPE)
        };
        assert_eq!(is_pending, 0);
    }
}
