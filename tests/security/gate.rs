//! A broker's front with TLS and SASL, before a broker of the mock cluster: it authenticates its
//! clients as a broker would, and hands everything else on. It can also be as bad as a broker can.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{
    ApiVersionsResponse, RequestHeader, SaslAuthenticateRequest, SaslAuthenticateResponse,
    SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use openssl::base64;
use openssl::hash::{MessageDigest, hash};
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;
use rdkafka::testing::authority::{Authority, Identity};

const API_VERSIONS: i16 = 18;
const SASL_HANDSHAKE: i16 = 17;
const SASL_AUTHENTICATE: i16 = 36;

/// What a gate is like.
pub(super) struct Manner {
    /// TLS with this identity.
    pub(super) identity: Option<Identity>,
    /// Clients must show a certificate of this authority.
    pub(super) clients: Option<Authority>,
    /// SASL: mechanism, user name and password; the password is the token of OAUTHBEARER.
    pub(super) users: Vec<(&'static str, &'static str, String)>,
    /// Milliseconds until a client must authenticate again.
    pub(super) lifetime_ms: i64,
    /// What it does instead of being a broker.
    pub(super) mischief: Mischief,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            identity: None,
            clients: None,
            users: Vec::new(),
            lifetime_ms: 0,
            mischief: Mischief::None,
        }
    }
}

/// How a gate misbehaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mischief {
    None,
    /// Says nothing, from the first byte on.
    Silence,
    /// Says what is no TLS, no Kafka, nothing.
    Garbage,
    /// Answers requests of SASL with a frame that is no answer.
    GarbageToSasl,
    /// Announces an answer of SASL that is far too long.
    HugeSasl,
    /// Closes when it is asked for its mechanisms.
    CloseAtSasl,
    /// A byte each time somebody would have waited long enough for a whole answer.
    Drip,
    /// In SCRAM, does not know the password.
    Impostor,
}

/// A gate, until it is dropped.
pub(super) struct Gate {
    pub(super) port: u16,
    manner: Arc<Mutex<Manner>>,
    /// Successful authentications.
    pub(super) logins: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Gate {
    /// A gate before the broker at `behind` (`host:port`).
    pub(super) fn new(behind: Arc<Mutex<String>>, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let manner = Arc::new(Mutex::new(manner));
        let (logins, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (of_thread, count, over) =
            (Arc::clone(&manner), Arc::clone(&logins), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if over.load(Ordering::Acquire) {
                    break;
                }
                let (manner, count) = (Arc::clone(&of_thread), Arc::clone(&count));
                let behind = behind.lock().expect("no panic").clone();
                // A client that goes is none of the gate's business.
                std::thread::spawn(move || {
                    client.ok().and_then(|client| serve(client, &behind, &manner, &count))
                });
            }
        });
        Self { port, manner, logins, is_over }
    }

    /// Is another gate from the next connection on.
    pub(super) fn change(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.manner.lock().expect("no panic"));
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// `None`: the connection is over, whyever.
fn serve(
    client: TcpStream,
    behind: &str,
    manner: &Mutex<Manner>,
    logins: &AtomicUsize,
) -> Option<()> {
    client.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let (acceptor, mischief) = {
        let manner = manner.lock().expect("no panic");
        (manner.identity.as_ref().map(|_| acceptor(&manner)), manner.mischief)
    };
    let mut client = client;
    match mischief {
        Mischief::Silence => {
            std::io::copy(&mut client, &mut std::io::sink()).ok()?;
            return None;
        }
        Mischief::Garbage => {
            let mut first = [0; 4];
            client.read_exact(&mut first).ok()?;
            client.write_all(&[0xff; 4000]).ok()?;
            std::io::copy(&mut client, &mut std::io::sink()).ok()?;
            return None;
        }
        Mischief::Drip => {
            let bytes = [22u8, 3, 3, 1, 0, 2, 0, 0, 0xfc, 3, 3];
            for byte in bytes.iter().cycle() {
                client.write_all(std::slice::from_ref(byte)).ok()?;
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        _ => {}
    }
    let stream: Box<dyn Stream> = match acceptor {
        Some(acceptor) => Box::new(acceptor.accept(client).ok()?),
        None => Box::new(client),
    };
    Session { stream, behind: TcpStream::connect(behind).ok()?, manner, logins }.run()
}

fn acceptor(manner: &Manner) -> SslAcceptor {
    let identity = manner.identity.as_ref().expect("there is TLS");
    let mut builder =
        SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("an acceptor");
    builder.set_private_key(&identity.key).expect("a key");
    builder.set_certificate(&identity.cert).expect("a certificate");
    if let Some(clients) = &manner.clients {
        let mut store = X509StoreBuilder::new().expect("a store");
        store.add_cert(clients.cert.clone()).expect("it fits");
        builder.set_verify_cert_store(store.build()).expect("it fits");
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    }
    builder.build()
}

/// One client.
struct Session<'a> {
    stream: Box<dyn Stream>,
    behind: TcpStream,
    manner: &'a Mutex<Manner>,
    logins: &'a AtomicUsize,
}

/// A request's header and what is behind it.
struct Asked {
    api: i16,
    version: i16,
    id: i32,
    frame: Vec<u8>,
    body: Bytes,
}

impl Session<'_> {
    fn run(mut self) -> Option<()> {
        let has_sasl = !self.manner.lock().expect("no panic").users.is_empty();
        let mut is_known = !has_sasl;
        loop {
            let asked = read_asked(&mut *self.stream)?;
            match asked.api {
                API_VERSIONS => self.versions(&asked, has_sasl)?,
                SASL_HANDSHAKE => is_known = self.authenticate(asked)?,
                // Nobody gets through unknown.
                _ if !is_known => return None,
                _ => {
                    let answer = self.ask_behind(&asked.frame)?;
                    self.stream.write_all(&answer).ok()?;
                }
            }
        }
    }

    fn ask_behind(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        self.behind.write_all(frame).ok()?;
        read_frame(&mut self.behind)
    }

    /// The broker's versions and those of SASL.
    fn versions(&mut self, asked: &Asked, has_sasl: bool) -> Option<()> {
        let answer = self.ask_behind(&asked.frame)?;
        if !has_sasl {
            return self.stream.write_all(&answer).ok();
        }
        let mut body = Bytes::copy_from_slice(&answer[8..]);
        let mut versions = ApiVersionsResponse::decode(&mut body, asked.version).ok()?;
        for (key, max) in [(SASL_HANDSHAKE, 1), (SASL_AUTHENTICATE, 2)] {
            let range = ApiVersion::default().with_api_key(key).with_max_version(max);
            versions.api_keys.push(range);
        }
        self.answer(asked.id, asked.version, &versions)
    }

    fn answer(&mut self, id: i32, version: i16, message: &impl Encodable) -> Option<()> {
        let mut frame = BytesMut::new();
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(&id.to_be_bytes());
        message.encode(&mut frame, version).ok()?;
        let size = u32::try_from(frame.len() - 4).ok()?;
        frame[..4].copy_from_slice(&size.to_be_bytes());
        self.stream.write_all(&frame).ok()
    }

    /// From the mechanism to the last message. `Some(true)`: the client is known.
    fn authenticate(&mut self, mut asked: Asked) -> Option<bool> {
        let (users, lifetime_ms, mischief) = {
            let manner = self.manner.lock().expect("no panic");
            (manner.users.clone(), manner.lifetime_ms, manner.mischief)
        };
        if mischief == Mischief::CloseAtSasl {
            return None;
        }
        if mischief == Mischief::HugeSasl {
            self.stream.write_all(&0x0020_0000u32.to_be_bytes()).ok()?;
        }
        if mischief == Mischief::GarbageToSasl {
            let mut frame = 8u32.to_be_bytes().to_vec();
            frame.extend_from_slice(&asked.id.to_be_bytes());
            frame.extend_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
            self.stream.write_all(&frame).ok()?;
        }
        let request = SaslHandshakeRequest::decode(&mut asked.body, asked.version).ok()?;
        let mechanism = request.mechanism.to_string();
        let names = users.iter().map(|user| StrBytes::from_static_str(user.0)).collect();
        let user = users.into_iter().find(|user| user.0 == mechanism);
        let error = if user.is_some() { 0 } else { 33 };
        let answer = SaslHandshakeResponse::default().with_error_code(error).with_mechanisms(names);
        self.answer(asked.id, asked.version, &answer)?;
        let (_, name, password) = user?;
        let mut judge = Judge::new(&mechanism, name, &password, mischief == Mischief::Impostor);
        loop {
            let mut asked = read_asked(&mut *self.stream)?;
            if asked.api != SASL_AUTHENTICATE {
                return None;
            }
            let request = SaslAuthenticateRequest::decode(&mut asked.body, asked.version).ok()?;
            let verdict = judge.hear(&request.auth_bytes);
            let mut answer = SaslAuthenticateResponse::default();
            match &verdict {
                Verdict::Say(bytes) | Verdict::Known(bytes) => {
                    answer.auth_bytes = Bytes::copy_from_slice(bytes);
                }
                Verdict::Unknown => {
                    answer.error_code = 58;
                    let text = StrBytes::from_static_str("Authentication failed: who is that?");
                    answer.error_message = Some(text);
                }
            }
            if let Verdict::Known(_) = &verdict {
                self.logins.fetch_add(1, Ordering::AcqRel);
                answer.session_lifetime_ms = if asked.version >= 1 { lifetime_ms } else { 0 };
            }
            self.answer(asked.id, asked.version, &answer)?;
            match verdict {
                Verdict::Say(_) => {}
                Verdict::Known(_) => return Some(true),
                Verdict::Unknown => return None,
            }
        }
    }
}

fn read_frame(stream: &mut (impl Read + ?Sized)) -> Option<Vec<u8>> {
    let mut size = [0; 4];
    stream.read_exact(&mut size).ok()?;
    let mut frame = vec![0; 4 + usize::try_from(u32::from_be_bytes(size)).ok()?];
    frame[..4].copy_from_slice(&size);
    stream.read_exact(&mut frame[4..]).ok()?;
    Some(frame)
}

fn read_asked(stream: &mut dyn Stream) -> Option<Asked> {
    let frame = read_frame(stream)?;
    let number = |at: usize| i16::from_be_bytes([frame[at], frame[at + 1]]);
    let (api, version) = (number(4), number(6));
    let header_version = if api == API_VERSIONS && version >= 3 { 2 } else { 1 };
    let mut body = Bytes::copy_from_slice(&frame[4..]);
    let id = match api {
        API_VERSIONS | SASL_HANDSHAKE | SASL_AUTHENTICATE => {
            RequestHeader::decode(&mut body, header_version).ok()?.correlation_id
        }
        _ => 0,
    };
    Some(Asked { api, version, id, frame, body })
}

/// What comes of a client's message.
enum Verdict {
    Say(Vec<u8>),
    Known(Vec<u8>),
    Unknown,
}

/// The broker's side of a mechanism.
struct Judge {
    mechanism: String,
    user: String,
    password: String,
    is_impostor: bool,
    /// SCRAM: what was said so far, and what the client must know.
    said: Option<(String, Vec<u8>)>,
    refused: bool,
}

impl Judge {
    fn new(mechanism: &str, user: &str, password: &str, is_impostor: bool) -> Self {
        Self {
            mechanism: mechanism.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            is_impostor,
            said: None,
            refused: false,
        }
    }

    fn hear(&mut self, message: &[u8]) -> Verdict {
        let text = String::from_utf8_lossy(message).into_owned();
        match self.mechanism.as_str() {
            "PLAIN" => match text == format!("\0{}\0{}", self.user, self.password) {
                true => Verdict::Known(Vec::new()),
                false => Verdict::Unknown,
            },
            "OAUTHBEARER" => self.hear_token(&text),
            _ => self.hear_proof(&text).unwrap_or(Verdict::Unknown),
        }
    }

    fn hear_token(&mut self, text: &str) -> Verdict {
        if self.refused {
            return Verdict::Unknown;
        }
        if text.contains(&format!("\x01auth=Bearer {}", self.password)) {
            return Verdict::Known(Vec::new());
        }
        self.refused = true;
        Verdict::Say(b"{\"status\":\"invalid_token\"}".to_vec())
    }

    fn hear_proof(&mut self, text: &str) -> Option<Verdict> {
        let digest = match self.mechanism.as_str() {
            "SCRAM-SHA-512" => MessageDigest::sha512(),
            _ => MessageDigest::sha256(),
        };
        let mut salted = vec![0; digest.size()];
        pbkdf2_hmac(self.password.as_bytes(), b"salt", 4096, digest, &mut salted).ok()?;
        let Some((said, client_key)) = &self.said else {
            let bare = text.strip_prefix("n,,")?;
            let nonce = bare.strip_prefix(&format!("n={},r=", self.user))?;
            let first = format!("r={nonce}server,s={},i=4096", base64::encode_block(b"salt"));
            let client_key = hmac(digest, &salted, b"Client Key");
            self.said = Some((format!("{bare},{first}"), client_key));
            return Some(Verdict::Say(first.into_bytes()));
        };
        let (bare, proof) = text.split_once(",p=")?;
        let said = format!("{said},{bare}");
        let stored = hash(digest, client_key).ok()?;
        let signature = hmac(digest, &stored, said.as_bytes());
        let expected: Vec<u8> =
            client_key.iter().zip(&signature).map(|(key, sign)| key ^ sign).collect();
        if base64::decode_block(proof).ok()? != expected {
            return None;
        }
        let mut shown = hmac(digest, &hmac(digest, &salted, b"Server Key"), said.as_bytes());
        if self.is_impostor {
            shown[0] ^= 1;
        }
        let last = format!("v={}", base64::encode_block(&shown));
        Some(Verdict::Known(last.into_bytes()))
    }
}

fn hmac(digest: MessageDigest, key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = PKey::hmac(key).expect("a key");
    let mut signer = Signer::new(digest, &key).expect("a signer");
    signer.sign_oneshot_to_vec(message).expect("a hash")
}
