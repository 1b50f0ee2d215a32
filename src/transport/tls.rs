//! TLS over TCP: the handshake in steps, then records instead of bytes.
//!
//! Nothing blocks: what OpenSSL waits for is what the thread polls for. Bytes that were taken and
//! did not fit into the socket are kept here and go out first.
#![forbid(unsafe_code)]

pub(crate) mod context;
pub(crate) mod material;
pub(crate) mod reason;
mod verify;

use std::io::{self, IoSlice, Read, Write};
use std::os::fd::RawFd;
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::provider::Provider;
use openssl::ssl::{Error, ErrorCode, Ssl, SslContext, SslStream, SslVerifyMode};
use openssl::x509::X509VerifyResult;

use super::connect::{OptionWarning, Peer};
use super::plain::PlainTransport;
use super::{Closure, ConnectError, ConnectState, Transport, TransportError};
use crate::conf::Conf;
use crate::sys::file::Stamp;
use crate::sys::lock::{Mutex, Rank};
use crate::sys::socket::error_text;
use context::{Authority, LoadError, TlsOptions};
use reason::{Reason, forget_errors};
pub(crate) use verify::Verification;

/// Most bytes in a record; smaller pieces are put together.
const RECORD_BYTES: usize = 16 * 1024;

const LOG_ERR: i32 = 3;
const LOG_WARNING: i32 = 4;

/// An instance's TLS: the configuration, and the context that was made of it.
pub(crate) struct Tls {
    options: TlsOptions,
    /// How broker names are checked.
    pub(crate) verification: Verification,
    loaded: Mutex<Loaded>,
    /// Unloaded when they go, so they go last.
    _providers: Vec<Provider>,
}

struct Loaded {
    context: SslContext,
    stamps: Vec<Stamp>,
}

impl Tls {
    /// Loads what the configuration names.
    ///
    /// # Errors
    /// The property that cannot be used, and why.
    pub(crate) fn new(conf: &Conf, verification: Verification) -> Result<Self, LoadError> {
        let providers = load_providers(conf)?;
        let options = TlsOptions::of(conf);
        let stamps = stamps(&options);
        let context = options.load()?;
        Ok(Self {
            options,
            verification,
            loaded: Mutex::new(Rank::Leaf, Loaded { context, stamps }),
            _providers: providers,
        })
    }

    /// The context for a new connection: made anew if a file changed since. If the new files cannot
    /// be used the former context stays, with a warning.
    fn context(&self, warnings: &mut Vec<OptionWarning>) -> SslContext {
        let mut loaded = self.loaded.lock();
        let now = stamps(&self.options);
        if now != loaded.stamps {
            match self.options.load() {
                Ok(context) => *loaded = Loaded { context, stamps: now },
                Err(error) => warnings.push(OptionWarning {
                    level: LOG_WARNING,
                    facility: "SSL",
                    text: format!(
                        "Changed TLS files cannot be used, the former ones stay: {}",
                        error.text
                    ),
                }),
            }
        }
        loaded.context.clone()
    }

    /// A connection over `tcp`, which was begun, to a broker. `rk` is the instance's address.
    ///
    /// # Errors
    /// OpenSSL has no room, or cannot check such a name.
    pub(crate) fn connection(
        &self,
        tcp: PlainTransport,
        peer: Peer<'_>,
        rk: usize,
        warnings: &mut Vec<OptionWarning>,
    ) -> Result<TlsTransport, ConnectError> {
        forget_errors();
        let context = self.context(warnings);
        let notes = Arc::new(Mutex::new(Rank::Leaf, Vec::new()));
        let stream = self.verification.session(&context, peer, rk, &notes).and_then(|mut ssl| {
            ssl.set_connect_state();
            SslStream::new(ssl, Wire(tcp))
        });
        let is_verbose = self.options.is_verbose;
        let stream = stream.map_err(|stack| {
            ConnectError::Tls(format!(
                "Failed to create new SSL transport: {}",
                Reason::of(&stack, is_verbose).last
            ))
        })?;
        Ok(TlsTransport {
            stream,
            stage: Stage::Tcp,
            wants_write: false,
            read_wants_write: false,
            record: Vec::with_capacity(RECORD_BYTES),
            unsent: Vec::new(),
            clear: vec![0; RECORD_BYTES].into(),
            failure: None,
            verifies: self.options.verifies,
            is_verbose,
            notes,
        })
    }
}

/// A context for HTTPS.
///
/// # Errors
/// The text for the application.
pub(crate) fn https_context(authority: &Authority) -> Result<SslContext, String> {
    forget_errors();
    let told = |prefix: &str, stack: &ErrorStack| {
        let prefix = prefix.replace("ssl.ca.", "https.ca.");
        format!("{prefix}{}", Reason::of(stack, false).last)
    };
    let mut builder = context::new_builder().map_err(|stack| told("", &stack))?;
    builder.set_verify(SslVerifyMode::PEER);
    authority.load(&mut builder).map_err(|(prefix, stack)| told(&prefix, &stack))?;
    Ok(builder.build())
}

/// A session with a host for HTTPS.
///
/// # Errors
/// OpenSSL has no room, or cannot check such a name.
pub(crate) fn https_session(context: &SslContext, host: &str) -> Result<Ssl, ErrorStack> {
    forget_errors();
    let verification = Verification { checks_names: true, verifies: true, callback: None };
    let notes = Arc::new(Mutex::new(Rank::Leaf, Vec::new()));
    verification.session(context, Peer { name: host, host, id: -1 }, 0, &notes)
}

/// Loads the providers of a comma-separated list.
fn load_providers(conf: &Conf) -> Result<Vec<Provider>, LoadError> {
    let Some(list) = &conf.ssl_providers else { return Ok(Vec::new()) };
    let list = list.to_str();
    let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        let text = "ssl.providers expects a comma-separated list of OpenSSL 3.0.x providers";
        return Err(text.to_owned().into());
    }
    let load = |name: &str| {
        forget_errors();
        Provider::load(None, name).map_err(|stack| {
            let Reason { last, earlier } = Reason::of(&stack, false);
            let text = format!("Failed to load OpenSSL provider \"{name}\": {last}");
            LoadError { text, earlier }
        })
    };
    names.into_iter().map(load).collect()
}

fn stamps(options: &TlsOptions) -> Vec<Stamp> {
    options.files().into_iter().map(Stamp::of).collect()
}

/// A TCP connection as OpenSSL sees it.
struct Wire(PlainTransport);

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.socket().recv(bytes)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.socket().send_vectored(&[IoSlice::new(bytes)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Tcp,
    Handshake,
    Open,
}

/// A TLS connection.
pub(crate) struct TlsTransport {
    stream: SslStream<Wire>,
    stage: Stage,
    /// What OpenSSL waited for last: that the socket takes bytes, or else that it has some.
    wants_write: bool,
    /// Reading waits until the socket takes bytes.
    read_wants_write: bool,
    /// Pieces of requests on their way into one record.
    record: Vec<u8>,
    /// Bytes that `send` took and OpenSSL could not write yet.
    unsent: Vec<u8>,
    /// Where OpenSSL puts what it decrypts.
    clear: Box<[u8]>,
    /// What happened after bytes that were received before it.
    failure: Option<TransportError>,
    verifies: bool,
    is_verbose: bool,
    /// Written by the verify callback.
    notes: Arc<Mutex<Vec<OptionWarning>>>,
}

/// What became of an operation of OpenSSL.
enum Outcome {
    /// The socket has or takes no more.
    WouldBlock,
    /// The connection is over.
    Failed(TransportError),
}

impl TlsTransport {
    /// What an error of OpenSSL means here.
    ///
    /// Historical: `rd_kafka_transport_ssl_io_update`.
    fn outcome(&mut self, error: &Error) -> Outcome {
        match error.code() {
            ErrorCode::WANT_READ => {
                self.wants_write = false;
                return Outcome::WouldBlock;
            }
            ErrorCode::WANT_WRITE => {
                self.wants_write = true;
                return Outcome::WouldBlock;
            }
            ErrorCode::ZERO_RETURN => {
                return Outcome::Failed(TransportError::Disconnected(Closure::Closed));
            }
            _ => {}
        }
        Outcome::Failed(match (error.io_error(), error.ssl_error()) {
            (Some(error), _) if error.kind() == io::ErrorKind::ConnectionReset => {
                TransportError::Disconnected(Closure::Reset)
            }
            (Some(error), _) => {
                TransportError::System(format!("SSL transport error: {}", error_text(error)))
            }
            (None, Some(stack)) => self.told(stack),
            (None, None) => TransportError::Disconnected(Closure::Closed),
        })
    }

    /// An error stack as an error; what is in front of its last entry goes to the log.
    fn told(&self, stack: &ErrorStack) -> TransportError {
        let Reason { last, earlier } = Reason::of(stack, self.is_verbose);
        let note = |text| OptionWarning { level: LOG_ERR, facility: "SSL", text };
        self.notes.lock().extend(earlier.into_iter().map(note));
        TransportError::System(last)
    }

    /// One step of the handshake.
    ///
    /// Historical: `rd_kafka_transport_ssl_handshake`.
    fn handshake(&mut self) -> Result<ConnectState, ConnectError> {
        forget_errors();
        let Err(error) = self.stream.do_handshake() else {
            self.check_peer()?;
            self.stage = Stage::Open;
            return Ok(ConnectState::Connected);
        };
        match self.outcome(&error) {
            Outcome::WouldBlock => Ok(ConnectState::Handshake),
            Outcome::Failed(TransportError::Disconnected(_)) => Err(ConnectError::Connect(
                "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?"
                    .to_owned(),
            )),
            Outcome::Failed(TransportError::System(text)) => {
                let hint = hint(&text);
                Err(ConnectError::Tls(format!("SSL handshake failed: {text}{hint}")))
            }
        }
    }

    /// The handshake is over: was the broker's certificate good?
    ///
    /// Historical: `rd_kafka_transport_ssl_verify`.
    fn check_peer(&self) -> Result<(), ConnectError> {
        if !self.verifies {
            return Ok(());
        }
        let ssl = self.stream.ssl();
        if ssl.peer_certificate().is_none() {
            let text = "Broker did not provide a certificate";
            return Err(ConnectError::Tls(text.to_owned()));
        }
        let result = ssl.verify_result();
        if result != X509VerifyResult::OK {
            let text = format!("Failed to verify broker certificate: {}", result.error_string());
            return Err(ConnectError::Tls(text));
        }
        Ok(())
    }

    /// Writes all of `bytes`, or keeps the rest. Is everything written?
    fn write(&mut self, bytes: &[u8]) -> Result<bool, TransportError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            forget_errors();
            match self.stream.ssl_write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) => match self.outcome(&error) {
                    Outcome::WouldBlock => {
                        self.unsent = rest.to_vec();
                        return Ok(false);
                    }
                    Outcome::Failed(error) => return Err(error),
                },
            }
        }
        Ok(true)
    }

    /// Writes what is left of earlier calls. Is nothing left?
    fn flush(&mut self) -> Result<bool, TransportError> {
        if self.unsent.is_empty() {
            return Ok(true);
        }
        let unsent = std::mem::take(&mut self.unsent);
        self.write(&unsent)
    }

    /// As [`Transport::send`], with `record` to put pieces together in. Answers how many bytes were
    /// taken.
    fn send_pieces(
        &mut self,
        slices: &[IoSlice<'_>],
        record: &mut Vec<u8>,
    ) -> Result<usize, TransportError> {
        let mut taken = 0;
        for slice in slices {
            let mut rest = &slice[..];
            while !rest.is_empty() {
                // Whole records of a large piece need no copy.
                let room = RECORD_BYTES - record.len();
                let (piece, behind) = rest.split_at(room.min(rest.len()));
                (rest, taken) = (behind, taken + piece.len());
                let is_written = if piece.len() == RECORD_BYTES {
                    self.write(piece)?
                } else {
                    record.extend_from_slice(piece);
                    record.len() < RECORD_BYTES || {
                        let is_written = self.write(record)?;
                        record.clear();
                        is_written
                    }
                };
                if !is_written {
                    return Ok(taken);
                }
            }
        }
        self.write(record)?;
        Ok(taken)
    }
}

impl Transport for TlsTransport {
    fn fd(&self) -> RawFd {
        self.stream.get_ref().0.fd()
    }

    fn wants(&self) -> (bool, bool) {
        match self.stage {
            Stage::Tcp => self.stream.get_ref().0.wants(),
            Stage::Handshake => (!self.wants_write, self.wants_write),
            // A writable socket wakes the thread, which then finds the failure.
            Stage::Open => {
                let has_more = !self.unsent.is_empty() || self.failure.is_some();
                (true, has_more || self.read_wants_write)
            }
        }
    }

    fn connect_step(&mut self) -> Result<ConnectState, ConnectError> {
        match self.stage {
            Stage::Open => Ok(ConnectState::Connected),
            Stage::Handshake => self.handshake(),
            Stage::Tcp => match self.stream.get_mut().0.connect_step()? {
                ConnectState::Connected => {
                    self.stage = Stage::Handshake;
                    // The first message is ours.
                    self.wants_write = true;
                    Ok(ConnectState::Handshake)
                }
                state => Ok(state),
            },
        }
    }

    fn send(&mut self, slices: &[IoSlice<'_>]) -> Result<usize, TransportError> {
        if !self.flush()? {
            return Ok(0);
        }
        let mut record = std::mem::take(&mut self.record);
        let taken = self.send_pieces(slices, &mut record);
        record.clear();
        self.record = record;
        taken
    }

    fn recv_into(&mut self, bytes: &mut Vec<u8>, max: usize) -> Result<usize, TransportError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if self.stage != Stage::Open {
            // What the socket has is the handshake's.
            return Ok(0);
        }
        self.flush()?;
        self.read_wants_write = false;
        let mut clear = std::mem::take(&mut self.clear);
        let mut got = 0;
        let mut failure = None;
        while got < max {
            forget_errors();
            let most = clear.len().min(max - got);
            match self.stream.ssl_read(&mut clear[..most]) {
                Ok(count) => {
                    bytes.extend_from_slice(&clear[..count]);
                    got += count;
                }
                Err(error) => {
                    match self.outcome(&error) {
                        Outcome::WouldBlock => self.read_wants_write = self.wants_write,
                        Outcome::Failed(error) => failure = Some(error),
                    }
                    break;
                }
            }
        }
        self.clear = clear;
        match failure {
            Some(failure) if got == 0 => Err(failure),
            later => {
                self.failure = later;
                Ok(got)
            }
        }
    }

    fn take_warnings(&mut self) -> Vec<OptionWarning> {
        std::mem::take(&mut *self.notes.lock())
    }
}

/// What may be wrong.
fn hint(text: &str) -> &'static str {
    if text.contains("unexpected message") {
        return ": client SSL authentication might be required (see ssl.key.location and \
                ssl.certificate.location and consult the broker logs for more information)";
    }
    if text.contains("error:0A000086") {
        return ": broker certificate could not be verified, verify that ssl.ca.location is \
                correctly configured or root CA certificates are installed (install \
                ca-certificates package)";
    }
    ""
}

#[cfg(test)]
mod tests;
