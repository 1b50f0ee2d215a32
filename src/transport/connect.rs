//! Begins connections: a socket, its options and the connect, each by the application's callback if
//! it has one.
//!
//! Which address is left to `resolve`, the rest of the way to the transport's own steps, patience
//! to `broker`.
#![forbid(unsafe_code)]

use std::ffi::CString;
use std::io;
use std::sync::Arc;

use super::plain::PlainTransport;
use super::tls::Tls;
use super::{ConnectError, Transport};
use crate::callback::{CloseSocketCallback, ConnectCallback, SocketCallback};
use crate::sys::clock::Ts;
use crate::sys::socket::{Address, CloseHook, Socket, errno_text, error_text};

/// What the configuration says about connections.
pub(crate) struct ConnectOptions {
    /// `socket.send.buffer.bytes`; 0 leaves it to the system.
    pub(crate) send_buffer_bytes: i32,
    /// `socket.receive.buffer.bytes`; 0 leaves it to the system.
    pub(crate) receive_buffer_bytes: i32,
    /// `socket.keepalive.enable`.
    pub(crate) has_keepalive: bool,
    /// `socket.nagle.disable`.
    pub(crate) has_nagle_disabled: bool,
    /// `socket.connection.setup.timeout.ms`: until the broker is usable, TLS and SASL included.
    pub(crate) setup_timeout_ms: i32,
    /// `socket_cb`, if it is the application's own.
    pub(crate) socket: Option<SocketCallback>,
    /// `connect_cb`.
    pub(crate) connect: Option<ConnectCallback>,
    /// `closesocket_cb`: closes our own sockets too.
    pub(crate) close: Option<CloseSocketCallback>,
    /// With it connections are TLS.
    pub(crate) tls: Option<Arc<Tls>>,
    /// The instance's address, for the callback that judges certificates.
    pub(crate) rk: usize,
}

impl Default for ConnectOptions {
    /// The defaults of the configuration, no callback.
    fn default() -> Self {
        Self {
            send_buffer_bytes: 0,
            receive_buffer_bytes: 0,
            has_keepalive: false,
            has_nagle_disabled: true,
            setup_timeout_ms: 30_000,
            socket: None,
            connect: None,
            close: None,
            tls: None,
            rk: 0,
        }
    }
}

/// Whom a connection is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer<'a> {
    /// The broker's `host:port`.
    pub(crate) name: &'a str,
    /// Its host, which its certificate must name.
    pub(crate) host: &'a str,
    /// Its node id; -1 if unknown.
    pub(crate) id: i32,
}

/// What begins connections.
pub(crate) trait Connect: Send {
    /// Begins a connection to a broker at `address`.
    fn begin(&self, peer: Peer<'_>, address: &Address, now: Ts) -> Result<Attempt, ConnectError>;
}

/// Begins connections over TCP.
pub(crate) struct Connector {
    options: ConnectOptions,
}

/// A connection that was begun.
pub(crate) struct Attempt<T = Box<dyn Transport>> {
    /// The connection, still in progress.
    pub(crate) transport: T,
    /// When the broker must be usable.
    pub(crate) deadline: Ts,
    /// Socket options that could not be set: logged, not fatal.
    pub(crate) warnings: Vec<OptionWarning>,
}

/// A socket option could not be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OptionWarning {
    /// The syslog level.
    pub(crate) level: i32,
    /// The log's facility.
    pub(crate) facility: &'static str,
    /// The log's text.
    pub(crate) text: String,
}

impl Connect for Connector {
    fn begin(&self, peer: Peer<'_>, address: &Address, now: Ts) -> Result<Attempt, ConnectError> {
        let Attempt { transport, deadline, mut warnings } =
            self.begin_plain(peer.name, address, now)?;
        let transport: Box<dyn Transport> = match &self.options.tls {
            Some(tls) => {
                Box::new(tls.connection(transport, peer, self.options.rk, &mut warnings)?)
            }
            None => Box::new(transport),
        };
        Ok(Attempt { transport, deadline, warnings })
    }
}

impl Connector {
    /// A connector with these options.
    pub(crate) fn new(options: ConnectOptions) -> Self {
        Self { options }
    }

    /// Begins a connection to `address`. `name` is the broker's `host:port`, for `connect_cb`.
    ///
    /// Historical: `rd_kafka_transport_connect`.
    fn begin_plain(
        &self,
        name: &str,
        address: &Address,
        now: Ts,
    ) -> Result<Attempt<PlainTransport>, ConnectError> {
        let socket = self.open(address)?;
        let warnings = self.apply_options(&socket);
        self.connect(&socket, name, address).map_err(|reason| {
            ConnectError::Connect(format!("Failed to connect to broker at {address}: {reason}"))
        })?;
        Ok(Attempt {
            transport: PlainTransport::connecting(socket, *address),
            deadline: now.plus_ms(i64::from(self.options.setup_timeout_ms)),
            warnings,
        })
    }

    fn open(&self, address: &Address) -> Result<Socket, ConnectError> {
        let failed = |what: &str, error: &io::Error| {
            ConnectError::Connect(format!("{what}: {}", error_text(error)))
        };
        let family = address.family();
        if let Some(callback) = &self.options.socket {
            let fd = callback
                .invoke(family)
                .map_err(|error| failed("Failed to create socket", &error))?;
            return Socket::adopt(fd, self.close_hook())
                .map_err(|error| failed("Failed to set socket non-blocking", &error));
        }
        let mut socket =
            Socket::new(family).map_err(|error| failed("Failed to create socket", &error))?;
        if let Some(hook) = self.close_hook() {
            socket.set_close_hook(hook);
        }
        Ok(socket)
    }

    fn close_hook(&self) -> Option<CloseHook> {
        let callback = self.options.close?;
        Some(Box::new(move |fd| callback.invoke(fd)))
    }

    fn connect(&self, socket: &Socket, name: &str, address: &Address) -> Result<(), String> {
        let Some(callback) = &self.options.connect else {
            return socket.connect(address).map_err(|error| error_text(&error));
        };
        // A name with a NUL inside was never resolved, so nothing is cut here in practice.
        let name = CString::new(name.split('\0').next().unwrap_or_default())
            .expect("the text in front of a NUL has none");
        match callback.invoke(socket.fd(), address, &name) {
            0 => Ok(()),
            errno => Err(errno_text(errno)),
        }
    }

    fn apply_options(&self, socket: &Socket) -> Vec<OptionWarning> {
        let options = &self.options;
        let mut warnings = Vec::new();
        let mut check = |result: io::Result<()>, level, facility, what: &str| {
            if let Err(error) = result {
                let text = format!("{what}: {}", error_text(&error));
                warnings.push(OptionWarning { level, facility, text });
            }
        };
        if options.has_keepalive {
            let result = socket.enable_keepalive();
            check(result, LOG_DEBUG, "SOCKET", "Failed to set SO_KEEPALIVE");
        }
        if options.has_nagle_disabled {
            let result = socket.disable_nagle();
            let what = "Failed to disable Nagle (TCP_NODELAY) on socket";
            check(result, LOG_WARNING, "NAGLE", what);
        }
        let bytes = options.send_buffer_bytes;
        if bytes != 0 {
            let what = format!("Failed to set socket send buffer size to {bytes}");
            check(socket.set_send_buffer(bytes), LOG_WARNING, "SNDBUF", &what);
        }
        let bytes = options.receive_buffer_bytes;
        if bytes != 0 {
            let what = format!("Failed to set socket receive buffer size to {bytes}");
            check(socket.set_receive_buffer(bytes), LOG_WARNING, "RCVBUF", &what);
        }
        warnings
    }
}

const LOG_WARNING: i32 = 4;
const LOG_DEBUG: i32 = 7;

#[cfg(test)]
mod tests {
    use super::super::plain::tests::{finish, wait};
    use super::*;
    use crate::callback::tests::Application;
    use crate::transport::Transport;

    fn options(application: &Application) -> ConnectOptions {
        ConnectOptions {
            socket: Some(application.socket_callback()),
            connect: Some(application.connect_callback()),
            close: Some(application.close_callback()),
            ..ConnectOptions::default()
        }
    }

    #[test]
    fn a_connection_needs_no_callback() {
        let (listener, address) = Socket::listen_loopback(libc::AF_INET).expect("a listener");
        let options = ConnectOptions { has_keepalive: true, ..ConnectOptions::default() };

        let attempt = Connector::new(options).begin_plain("localhost:1", &address, Ts(5));

        let mut attempt = attempt.expect("loopback connects");
        assert_eq!(attempt.warnings, []);
        assert_eq!(attempt.deadline, Ts(30_000_005));
        assert_eq!(*attempt.transport.address(), address);
        finish(&mut attempt.transport).expect("loopback connects");
        wait(listener.fd(), (true, false));
        assert!(listener.accept().expect("accept works").is_some());
    }

    #[test]
    fn callbacks_open_connect_and_close_the_socket() {
        let (listener, address) = Socket::listen_loopback(libc::AF_INET).expect("a listener");
        let application = Application::default();

        let attempt =
            Connector::new(options(&application)).begin_plain("broker:9092", &address, Ts::ZERO);
        let mut attempt = attempt.expect("the callbacks succeed");
        let fd = attempt.transport.fd();
        finish(&mut attempt.transport).expect("loopback connects");
        wait(listener.fd(), (true, false));
        drop(attempt);

        assert_eq!(
            application.calls(),
            [
                format!("open family {} type {} protocol 6", libc::AF_INET, libc::SOCK_STREAM),
                format!("connect {fd} {address} broker:9092"),
                format!("close {fd}"),
            ]
        );
    }

    #[test]
    fn a_failing_connect_callback_closes_the_socket_and_names_the_address() {
        let application =
            Application { connect_errno: libc::ENETUNREACH, ..Application::default() };
        let address = Address::ipv4([10, 0, 0, 1], 9092);

        let result =
            Connector::new(options(&application)).begin_plain("broker:9092", &address, Ts::ZERO);

        let error = result.err().expect("the callback fails");
        assert_eq!(
            error.to_string(),
            "Failed to connect to broker at ipv4#10.0.0.1:9092: Network is unreachable"
        );
        assert_eq!(application.calls().len(), 3);
        assert!(application.calls()[2].starts_with("close "), "{:?}", application.calls());
    }

    #[test]
    fn a_refused_socket_has_the_historical_text_and_nothing_to_close() {
        let application = Application { socket_errno: libc::EMFILE, ..Application::default() };
        let address = Address::ipv4([127, 0, 0, 1], 9092);

        let result =
            Connector::new(options(&application)).begin_plain("broker:9092", &address, Ts::ZERO);

        let error = result.err().expect("the callback fails");
        assert_eq!(error.to_string(), "Failed to create socket: Too many open files");
        assert_eq!(application.calls().len(), 1, "{:?}", application.calls());
    }

    #[test]
    fn the_close_callback_closes_our_own_sockets_too() {
        let (_listener, address) = Socket::listen_loopback(libc::AF_INET).expect("a listener");
        let application = Application::default();
        let options = ConnectOptions { socket: None, connect: None, ..options(&application) };

        let attempt = Connector::new(options).begin_plain("broker:9092", &address, Ts::ZERO);
        let fd = attempt.expect("loopback connects").transport.fd();

        assert_eq!(application.calls(), [format!("close {fd}")]);
    }

    #[test]
    fn options_that_cannot_be_set_are_warnings() {
        let connector = Connector::new(ConnectOptions {
            has_keepalive: true,
            send_buffer_bytes: 1000,
            receive_buffer_bytes: 2000,
            ..ConnectOptions::default()
        });
        // A socket that is none.
        let (_reader, writer) = std::io::pipe().expect("a pipe");
        let socket = Socket::adopt(std::os::fd::IntoRawFd::into_raw_fd(writer), None);
        let warnings = connector.apply_options(&socket.expect("adoption works"));

        let reason = "Socket operation on non-socket";
        let warning = |level, facility, what: &str| OptionWarning {
            level,
            facility,
            text: format!("{what}: {reason}"),
        };
        assert_eq!(
            warnings,
            [
                warning(7, "SOCKET", "Failed to set SO_KEEPALIVE"),
                warning(4, "NAGLE", "Failed to disable Nagle (TCP_NODELAY) on socket"),
                warning(4, "SNDBUF", "Failed to set socket send buffer size to 1000"),
                warning(4, "RCVBUF", "Failed to set socket receive buffer size to 2000"),
            ]
        );
    }
}
