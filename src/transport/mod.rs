//! Stations 6 and 7: bytes out to a broker and bytes in from it, over TCP or TLS.
//!
//! A transport knows nothing of requests, states or timeouts: `broker` asks, waits and decides.
#![forbid(unsafe_code)]

pub(crate) mod connect;
pub(crate) mod plain;
pub(crate) mod resolve;
pub(crate) mod tls;

use std::fmt;
use std::io::IoSlice;
use std::os::fd::RawFd;

use crate::error::ErrorCode;
use connect::OptionWarning;

/// A connection to a broker. Nothing in it blocks.
pub(crate) trait Transport: Send {
    /// The descriptor to wait for.
    fn fd(&self) -> RawFd;

    /// What the transport itself waits for: (readable, writable). Who has bytes to send waits for
    /// writable too.
    fn wants(&self) -> (bool, bool);

    /// Goes on connecting. Call it until it answers [`ConnectState::Connected`], each time the
    /// descriptor has what [`Transport::wants`] named; before and after that it is harmless.
    fn connect_step(&mut self) -> Result<ConnectState, ConnectError>;

    /// Sends the slices in order; answers how many bytes are gone. 0: would block (or there was
    /// nothing to send).
    fn send(&mut self, slices: &[IoSlice<'_>]) -> Result<usize, TransportError>;

    /// Receives up to `max` bytes behind the end of `bytes`; answers how many. 0: would block.
    fn recv_into(&mut self, bytes: &mut Vec<u8>, max: usize) -> Result<usize, TransportError>;

    /// Lines for the log that came up since the last call.
    fn take_warnings(&mut self) -> Vec<OptionWarning> {
        Vec::new()
    }
}

/// How far a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ConnectState {
    /// Wait, then step again.
    InProgress,
    /// TCP stands, TLS does not yet: wait, then step again.
    Handshake,
    /// Bytes can be sent and received.
    Connected,
}

/// No connection came about. The text is what the application sees behind the broker's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ConnectError {
    /// The host has no address: `Failed to resolve '<host:port>': <reason>`.
    Resolve(String),
    /// There is an address, but no connection: `Connect to ipv4#… failed: <reason>` and others.
    Connect(String),
    /// The TLS handshake failed: `SSL handshake failed: <reason>` and others.
    Tls(String),
}

impl ConnectError {
    /// The code that goes with the text.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Resolve(_) => ErrorCode::_RESOLVE,
            Self::Connect(_) => ErrorCode::_TRANSPORT,
            Self::Tls(_) => ErrorCode::_SSL,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(text) | Self::Connect(text) | Self::Tls(text) => f.write_str(text),
        }
    }
}

/// A connection broke.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TransportError {
    /// The peer ended the connection. Prints `Disconnected`; `broker` may replace that by a hint.
    Disconnected(Closure),
    /// The system's text of another failure. `broker` puts `Send failed: ` or `Receive failed: `
    /// before it.
    System(String),
}

/// How the peer ended a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Closure {
    /// It closed its end.
    Closed,
    /// It reset the connection.
    Reset,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected(_) => f.write_str("Disconnected"),
            Self::System(text) => f.write_str(text),
        }
    }
}

/// `security.protocol`, with the numbers of the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum SecurityProtocol {
    /// TCP.
    Plaintext = 0,
    /// TLS.
    Ssl = 1,
    /// SASL over TCP.
    SaslPlaintext = 2,
    /// SASL over TLS.
    SaslSsl = 3,
}

impl SecurityProtocol {
    const ALL: [Self; 4] = [Self::Plaintext, Self::Ssl, Self::SaslPlaintext, Self::SaslSsl];

    /// The protocol of a configuration value.
    pub(crate) fn from_conf(value: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&protocol| protocol as i32 == value)
    }

    /// The protocol of a name, in upper or lower case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }

    /// Is there TLS?
    pub(crate) fn has_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }

    /// Is there SASL?
    pub(crate) fn has_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }

    /// The name, as in the configuration and in broker names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Ssl => "ssl",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::SaslSsl => "sasl_ssl",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_have_the_configurations_numbers_and_names() {
        let named = [(0, "plaintext"), (1, "ssl"), (2, "sasl_plaintext"), (3, "sasl_ssl")];
        for (value, name) in named {
            let protocol = SecurityProtocol::from_conf(value).expect("a known number");
            assert_eq!(protocol.name(), name);
            assert_eq!(SecurityProtocol::from_name(&name.to_uppercase()), Some(protocol));
        }
        assert_eq!(SecurityProtocol::from_conf(4), None);
        assert_eq!(SecurityProtocol::from_name("tls"), None);
    }

    #[test]
    fn every_way_of_closing_prints_the_historical_word() {
        for closure in [Closure::Closed, Closure::Reset] {
            assert_eq!(TransportError::Disconnected(closure).to_string(), "Disconnected");
        }
    }
}
