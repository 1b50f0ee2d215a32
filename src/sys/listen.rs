//! Listening sockets and the connections they accept, for the mock cluster. Everything is
//! non-blocking.
//!
//! The client's own connections are `socket.rs`. The standard library opens descriptors
//! close-on-exec and sends without SIGPIPE, so nothing here needs unsafe code.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

/// A listening socket.
pub(crate) struct Listener {
    socket: TcpListener,
    port: u16,
}

impl Listener {
    /// Listens on the loopback address; `port` 0 lets the system choose one.
    pub(crate) fn bind_loopback(port: u16) -> io::Result<Self> {
        let socket = TcpListener::bind(("127.0.0.1", port))?;
        socket.set_nonblocking(true)?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port })
    }

    /// As [`Self::bind_loopback`] for a port that was given up: if the kernel has chosen it for a
    /// connection since, waits at most 5 seconds for that to end.
    pub(crate) fn rebind_loopback(port: u16) -> io::Result<Self> {
        const PATIENCE: Duration = Duration::from_secs(5);
        const PAUSE: Duration = Duration::from_millis(20);
        let mut waited = Duration::ZERO;
        loop {
            match Self::bind_loopback(port) {
                Err(error) if error.kind() == ErrorKind::AddrInUse && waited < PATIENCE => {
                    std::thread::sleep(PAUSE);
                    waited += PAUSE;
                }
                done => return done,
            }
        }
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The descriptor, for poll.
    pub(crate) fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// The next connection that waits, if any.
    pub(crate) fn accept(&self) -> io::Result<Option<Stream>> {
        match self.socket.accept() {
            Ok((socket, _peer)) => {
                socket.set_nonblocking(true)?;
                socket.set_nodelay(true)?;
                Ok(Some(Stream(socket)))
            }
            Err(error) if is_not_yet(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// An accepted connection.
pub(crate) struct Stream(TcpStream);

impl Stream {
    /// The descriptor, for poll.
    pub(crate) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Reads what is there: `None` when nothing is, 0 at the end of the stream.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<Option<usize>> {
        not_yet_as_none(self.0.read(into))
    }

    /// Writes what fits: `None` when nothing does.
    pub(crate) fn write(&mut self, from: &[u8]) -> io::Result<Option<usize>> {
        not_yet_as_none(self.0.write(from))
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn not_yet_as_none(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(count) => Ok(Some(count)),
        Err(error) if is_not_yet(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
