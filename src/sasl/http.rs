//! HTTP requests to token endpoints. The client is the crate `ureq`; TLS under it is OpenSSL's,
//! with the authorities that `https.ca.*` names.
#![forbid(unsafe_code)]

use std::fmt;
use std::io::{self, Read, Write};

use openssl::ssl::{HandshakeError, SslContext, SslStream};
use ureq::Agent;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout,
    TcpConnector, Transport, TransportAdapter,
};

use crate::sys::clock::Duration;
use crate::transport::tls;
use crate::transport::tls::context::Authority;
use crate::transport::tls::reason::Reason;

/// Time limit of one request.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// Statuses after which another attempt may succeed.
const TEMPORARY: [u16; 7] = [408, 425, 429, 500, 502, 503, 504];

/// No answer that can be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct HttpError {
    /// The status; 0 without an answer.
    pub(crate) status: u16,
    /// The text for the application. It never has a secret of ours: it is made of the status, or
    /// of what the provider or the system says.
    pub(crate) text: String,
}

impl HttpError {
    /// May the same request succeed a little later?
    pub(crate) fn is_temporary(&self) -> bool {
        TEMPORARY.contains(&self.status)
    }
}

/// A request.
pub(crate) struct HttpRequest<'a> {
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'static str, String)],
    /// The form to post; `None` gets.
    pub(crate) form: Option<String>,
}

/// The client's side of HTTP.
#[derive(Debug)]
pub(crate) struct HttpClient(Agent);

impl HttpClient {
    /// A client that believes these authorities.
    ///
    /// # Errors
    /// The text for the application.
    pub(crate) fn new(authority: &Authority) -> Result<Self, String> {
        let context = tls::https_context(authority)?;
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            // Credentials go where the configuration says and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(TlsConnector(context));
        Ok(Self(Agent::with_parts(config, connector, DefaultResolver::default())))
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn fetch(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, HttpError> {
        let failed = |error: ureq::Error| HttpError { status: 0, text: error.to_string() };
        let mut answer = match &request.form {
            Some(form) => {
                let mut builder = self.0.post(request.url);
                for (name, value) in request.headers {
                    builder = builder.header(*name, value);
                }
                builder.send(form.as_bytes())
            }
            None => {
                let mut builder = self.0.get(request.url);
                for (name, value) in request.headers {
                    builder = builder.header(*name, value);
                }
                builder.call()
            }
        }
        .map_err(failed)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        if !(200..300).contains(&status) {
            let said = body.map(|body| complaint(&body)).unwrap_or_default();
            return Err(HttpError { status, text: format!("HTTP error {status}{said}") });
        }
        body.map_err(failed)
    }

    /// Ends requests that run in other threads; there will be no more.
    pub(crate) fn stop(&self) {
        self.0.clone().shutdown();
    }
}

/// What a provider says about a request that it refuses (RFC 6749, section 5.2).
fn complaint(body: &[u8]) -> String {
    const CHARACTERS_MAX: usize = 200;
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) else {
        return String::new();
    };
    let texts = ["error", "error_description"].map(|name| json.get(name)?.as_str());
    let texts: Vec<&str> = texts.into_iter().flatten().collect();
    if texts.is_empty() {
        return String::new();
    }
    let all: String = texts.join(": ").chars().take(CHARACTERS_MAX).collect();
    format!(": {all}")
}

/// Puts TLS over a connection if the URL says so.
struct TlsConnector(SslContext);

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConnector")
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsConnection>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(below) = chained else { return Ok(None) };
        if !details.needs_tls() {
            return Ok(Some(Either::A(below)));
        }
        let host = details.uri.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let failed = |text: String| ureq::Error::Io(io::Error::other(text));
        let session = tls::https_session(&self.0, host)
            .map_err(|stack| failed(Reason::of(&stack, false).last))?;
        let below: Box<dyn Transport> = Box::new(below);
        let mut below = TransportAdapter::new(below, details.current_time.clone());
        below.set_timeout(details.timeout);
        let stream = session.connect(below).map_err(|error| match error {
            HandshakeError::SetupFailure(stack) => failed(Reason::of(&stack, false).last),
            HandshakeError::Failure(stream) | HandshakeError::WouldBlock(stream) => {
                let error = stream.into_error();
                failed(match error.ssl_error() {
                    Some(stack) => {
                        format!("SSL handshake failed: {}", Reason::of(stack, false).last)
                    }
                    None => format!("SSL handshake failed: {error}"),
                })
            }
        })?;
        let (input, output) =
            (details.config.input_buffer_size(), details.config.output_buffer_size());
        let buffers = LazyBuffers::new(input, output);
        Ok(Some(Either::B(TlsConnection { buffers, stream })))
    }
}

/// An HTTPS connection.
struct TlsConnection {
    buffers: LazyBuffers,
    stream: SslStream<TransportAdapter<Box<dyn Transport>>>,
}

impl fmt::Debug for TlsConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConnection")
    }
}

impl Transport for TlsConnection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let count = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(count);
        Ok(count > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
