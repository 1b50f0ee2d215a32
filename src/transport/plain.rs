//! TCP without encryption: the bytes of `broker` are the bytes on the wire.
//!
//! TLS goes on top of the same sockets, in a file of its own.
#![forbid(unsafe_code)]

use std::io::{Error, ErrorKind, IoSlice};
use std::os::fd::RawFd;

use super::{Closure, ConnectError, ConnectState, Transport, TransportError};
use crate::sys::poll::{PollFd, poll};
use crate::sys::socket::{Address, Socket, errno_text, error_text};

/// A TCP connection.
pub(crate) struct PlainTransport {
    socket: Socket,
    address: Address,
    state: ConnectState,
}

impl PlainTransport {
    /// A connection that was begun to `address`.
    pub(crate) fn connecting(socket: Socket, address: Address) -> Self {
        Self { socket, address, state: ConnectState::InProgress }
    }

    /// The socket.
    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// The peer.
    #[cfg(test)]
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    fn connect_error(&self, reason: &str) -> ConnectError {
        ConnectError::Connect(format!("Connect to {} failed: {reason}", self.address))
    }
}

impl Transport for PlainTransport {
    fn fd(&self) -> RawFd {
        self.socket.fd()
    }

    fn wants(&self) -> (bool, bool) {
        match self.state {
            ConnectState::InProgress => (false, true),
            ConnectState::Handshake | ConnectState::Connected => (true, false),
        }
    }

    fn connect_step(&mut self) -> Result<ConnectState, ConnectError> {
        if self.state == ConnectState::Connected {
            return Ok(self.state);
        }
        // SO_ERROR is 0 while the connection is being established too, so it says nothing before
        // the socket is writable.
        let mut fds = [PollFd::new(self.socket.fd(), false, true)];
        if poll(&mut fds, 0) == 0 {
            return Ok(ConnectState::InProgress);
        }
        match self.socket.take_error() {
            Ok(0) => {
                self.state = ConnectState::Connected;
                Ok(self.state)
            }
            Ok(errno) => Err(self.connect_error(&errno_text(errno))),
            Err(error) => Err(self.connect_error(&format!(
                "unable to get status from socket {}: {}",
                self.socket.fd(),
                error_text(&error)
            ))),
        }
    }

    fn send(&mut self, slices: &[IoSlice<'_>]) -> Result<usize, TransportError> {
        match self.socket.send_vectored(slices) {
            Ok(count) => Ok(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(TransportError::System(error_text(&error))),
        }
    }

    fn recv_into(&mut self, bytes: &mut Vec<u8>, max: usize) -> Result<usize, TransportError> {
        debug_assert!(max > 0, "an empty receive cannot be told from a closed connection");
        match self.socket.recv_into(bytes, max) {
            Ok(0) => Err(TransportError::Disconnected(Closure::Closed)),
            Ok(count) => Ok(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(receive_error(&error)),
        }
    }
}

/// Historical: a reset is reported in the words of a close when receiving, in the system's words
/// when sending.
fn receive_error(error: &Error) -> TransportError {
    if error.kind() == ErrorKind::ConnectionReset {
        return TransportError::Disconnected(Closure::Reset);
    }
    TransportError::System(error_text(error))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Waits for what the transport wants, or for more room to send.
    pub(in crate::transport) fn wait(fd: RawFd, (read, write): (bool, bool)) {
        let mut fds = [PollFd::new(fd, read, write)];
        assert_eq!(poll(&mut fds, 5_000_000), 1, "nothing happened at the socket");
    }

    /// Steps until the connection stands or fails.
    pub(in crate::transport) fn finish(transport: &mut dyn Transport) -> Result<(), ConnectError> {
        while transport.connect_step()? == ConnectState::InProgress {
            wait(transport.fd(), transport.wants());
        }
        Ok(())
    }

    fn connecting(address: Address) -> PlainTransport {
        let socket = Socket::new(address.family()).expect("a socket");
        socket.connect(&address).expect("loopback connects");
        PlainTransport::connecting(socket, address)
    }

    fn pair() -> (PlainTransport, Socket) {
        let (listener, address) = Socket::listen_loopback(libc::AF_INET).expect("a listener");
        let mut client = connecting(address);
        assert_eq!(client.wants(), (false, true));
        finish(&mut client).expect("loopback connects");
        assert_eq!(client.wants(), (true, false));
        wait(listener.fd(), (true, false));
        let server = listener.accept().expect("accept works").expect("a connection waits");
        (client, server)
    }

    #[test]
    fn a_refused_connection_has_the_historical_text() {
        let (listener, address) = Socket::listen_loopback(libc::AF_INET).expect("a listener");
        drop(listener);
        let Err(error) = finish(&mut connecting(address)) else { panic!("nobody listens") };
        let port = address.port();
        assert_eq!(
            error.to_string(),
            format!("Connect to ipv4#127.0.0.1:{port} failed: Connection refused")
        );
        assert_eq!(error.code(), crate::error::ErrorCode::_TRANSPORT);
    }

    #[test]
    fn bytes_go_both_ways_and_an_empty_socket_would_block() {
        let (mut client, server) = pair();
        let mut bytes = Vec::new();
        assert_eq!(client.recv_into(&mut bytes, 64), Ok(0));

        assert_eq!(client.send(&[IoSlice::new(b"re"), IoSlice::new(b"quest")]), Ok(7));
        wait(server.fd(), (true, false));
        let mut request = [0; 16];
        assert_eq!(server.recv(&mut request).expect("recv works"), 7);
        assert_eq!(&request[..7], b"request");

        server.send_vectored(&[IoSlice::new(b"answer")]).expect("send works");
        wait(client.fd(), client.wants());
        assert_eq!(client.recv_into(&mut bytes, 64), Ok(6));
        assert_eq!(bytes, b"answer");
    }

    #[test]
    fn a_full_socket_would_block() {
        let (mut client, _server) = pair();
        let block = vec![0; 1 << 20];
        let mut sent = 0;
        loop {
            match client.send(&[IoSlice::new(&block)]).expect("the peer is there") {
                0 => break,
                count => sent += count,
            }
        }
        assert!(sent > 0);
    }

    #[test]
    fn waiting_bytes_come_before_the_close() {
        let (mut client, server) = pair();
        server.send_vectored(&[IoSlice::new(b"last words")]).expect("send works");
        drop(server);
        wait(client.fd(), client.wants());
        let mut bytes = Vec::new();
        assert_eq!(client.recv_into(&mut bytes, 64), Ok(10));
        wait(client.fd(), client.wants());
        assert_eq!(
            client.recv_into(&mut bytes, 64),
            Err(TransportError::Disconnected(Closure::Closed))
        );
    }

    #[test]
    fn a_reset_is_a_disconnect_to_the_receiver_and_a_failure_to_the_sender() {
        // A peer that closes with unread bytes resets.
        let (mut client, server) = pair();
        assert_eq!(client.send(&[IoSlice::new(b"unread")]), Ok(6));
        wait(server.fd(), (true, false));
        drop(server);
        wait(client.fd(), (true, false));

        assert_eq!(
            client.recv_into(&mut Vec::new(), 64),
            Err(TransportError::Disconnected(Closure::Reset))
        );
        assert_eq!(
            client.send(&[IoSlice::new(b"more")]),
            Err(TransportError::System("Broken pipe".to_owned()))
        );
    }
}
