//! SCRAM (RFC 5802, RFC 7677): both sides prove that they know the password, which is not sent.
//!
//! Text errors name what is wrong with the broker's message, never a salt, a proof or a signature.
#![forbid(unsafe_code)]

use openssl::base64;
use openssl::hash::{MessageDigest, hash};
use openssl::memcmp;
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use super::{Client, Credentials, Next};
use crate::conf::Secret;
use crate::sys::rand;

/// Random bytes of a nonce; as base64 they have no comma.
const NONCE_BYTES: usize = 24;
/// Fewest rounds (RFC 7677): below, a listener could guess passwords.
const ITERATIONS_MIN: usize = 4096;
/// Most rounds: a broker must not be able to keep the thread busy.
const ITERATIONS_MAX: usize = 1_000_000;

/// The hash function of a mechanism.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    /// The hash of a mechanism's name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512].into_iter().find(|hash| hash.mechanism() == name)
    }

    /// The mechanism's name.
    pub(super) fn mechanism(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    fn digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

/// One SCRAM authentication.
pub(crate) struct Scram {
    hash: Hash,
    credentials: Credentials,
    nonce: String,
    state: State,
}

/// What the client waits for.
enum State {
    /// Salt, rounds and the broker's part of the nonce.
    ServerFirst,
    /// The broker's signature, which must be this one.
    ServerFinal { signature: Vec<u8> },
}

impl Scram {
    /// With these credentials and a new nonce.
    pub(crate) fn new(hash: Hash, credentials: Credentials) -> Self {
        let mut random = [0; NONCE_BYTES];
        rand::fill(&mut random);
        Self::with_nonce(hash, credentials, base64::encode_block(&random))
    }

    fn with_nonce(hash: Hash, credentials: Credentials, nonce: String) -> Self {
        Self { hash, credentials, nonce, state: State::ServerFirst }
    }

    /// The first message behind its header.
    fn first_bare(&self) -> Secret {
        let user = escaped(self.credentials.user.expose());
        Secret::of_parts(&[b"n=", &user, b",r=", self.nonce.as_bytes()])
    }

    /// Answers the broker's first message with the proof.
    fn prove(&mut self, message: &[u8]) -> Result<Secret, String> {
        let Challenge { nonce, salt, iterations } = self.challenge(message)?;
        let final_bare = [b"c=biws,r=", nonce].concat();
        let (proof, signature) = self
            .sign(&salt, iterations, message, &final_bare)
            .map_err(|_| "Failed to build SCRAM client-final-message".to_owned())?;
        self.state = State::ServerFinal { signature };
        let proof = base64::encode_block(&proof);
        Ok(Secret::of_parts(&[&final_bare, b",p=", proof.as_bytes()]))
    }

    fn challenge<'a>(&self, message: &'a [u8]) -> Result<Challenge<'a>, String> {
        if attribute(message, b'm').is_some() {
            return Err("Unsupported mandatory SCRAM extension".to_owned());
        }
        let wanted = |name: u8, what: &str| {
            attribute(message, name).ok_or_else(|| {
                let name = char::from(name);
                format!("{what} in server-first-message: could not find attribute ({name})")
            })
        };
        let nonce = wanted(b'r', "Server nonce")?;
        if nonce.len() <= self.nonce.len() || !nonce.starts_with(self.nonce.as_bytes()) {
            return Err("Server/client nonce mismatch in server-first-message".to_owned());
        }
        let salt = std::str::from_utf8(wanted(b's', "Salt")?).ok();
        let salt = salt.filter(|salt| !salt.is_empty());
        let salt = salt
            .and_then(|salt| base64::decode_block(salt).ok())
            .ok_or("Invalid Base64 Salt in server-first-message")?;
        let iterations = std::str::from_utf8(wanted(b'i', "Iteration count")?).ok();
        let iterations = iterations
            .and_then(|digits| digits.parse::<usize>().ok())
            .filter(|count| *count <= ITERATIONS_MAX)
            .ok_or(
                "Invalid value (not integer or too large) for Iteration count in \
                 server-first-message",
            )?;
        if iterations < ITERATIONS_MIN {
            return Err(format!(
                "Iteration count in server-first-message is too small: {iterations}, at least \
                 {ITERATIONS_MIN} expected"
            ));
        }
        Ok(Challenge { nonce, salt, iterations })
    }

    /// The client's proof and the signature that the broker must show.
    fn sign(
        &self,
        salt: &[u8],
        iterations: usize,
        server_first: &[u8],
        final_bare: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), openssl::error::ErrorStack> {
        let digest = self.hash.digest();
        let mut salted = vec![0; digest.size()];
        let password = self.credentials.password.expose();
        pbkdf2_hmac(password, salt, iterations, digest, &mut salted)?;
        let salted = Secret::from(&salted[..]);
        let client_key = hmac(digest, salted.expose(), b"Client Key")?;
        let stored_key = hash(digest, &client_key)?;
        let first_bare = self.first_bare();
        let said = [first_bare.expose(), b",", server_first, b",", final_bare].concat();
        let signature = hmac(digest, &stored_key, &said)?;
        let proof = client_key.iter().zip(&signature).map(|(key, sign)| key ^ sign).collect();
        let server_key = hmac(digest, salted.expose(), b"Server Key")?;
        Ok((proof, hmac(digest, &server_key, &said)?))
    }
}

/// What the broker's first message says.
struct Challenge<'a> {
    nonce: &'a [u8],
    salt: Vec<u8>,
    iterations: usize,
}

impl Client for Scram {
    fn first(&mut self) -> Result<Secret, String> {
        Ok(Secret::of_parts(&[b"n,,", self.first_bare().expose()]))
    }

    fn next(&mut self, message: &[u8]) -> Result<Next, String> {
        match &self.state {
            State::ServerFirst => self.prove(message).map(Next::Send),
            State::ServerFinal { signature } => verify(signature, message).map(|()| Next::Done),
        }
    }
}

/// Is the broker's last message what only someone who knows the password can say?
fn verify(signature: &[u8], message: &[u8]) -> Result<(), String> {
    if let Some(reason) = attribute(message, b'e') {
        let reason = String::from_utf8_lossy(reason);
        return Err(format!("SASL SCRAM authentication failed: broker responded with {reason}"));
    }
    let Some(shown) = attribute(message, b'v') else {
        return Err("SASL SCRAM authentication failed: no verifier or server-error returned \
                    from broker"
            .to_owned());
    };
    let shown = std::str::from_utf8(shown).ok().and_then(|text| base64::decode_block(text).ok());
    let is_same = |shown: &Vec<u8>| shown.len() == signature.len() && memcmp::eq(shown, signature);
    if shown.as_ref().is_some_and(is_same) {
        return Ok(());
    }
    Err("SASL SCRAM authentication failed: ServerSignature mismatch".to_owned())
}

/// The value of the first attribute of this name.
fn attribute(message: &[u8], name: u8) -> Option<&[u8]> {
    let mut parts = message.split(|byte| *byte == b',');
    parts.find_map(|part| part.strip_prefix(&[name, b'=']))
}

/// A user name with its separators escaped.
fn escaped(user: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(user.len());
    for byte in user {
        match byte {
            b',' => escaped.extend_from_slice(b"=2C"),
            b'=' => escaped.extend_from_slice(b"=3D"),
            other => escaped.push(*other),
        }
    }
    escaped
}

fn hmac(
    digest: MessageDigest,
    key: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let key = PKey::hmac(key)?;
    Signer::new(digest, &key)?.sign_oneshot_to_vec(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(hash: Hash, user: &str, password: &str, nonce: &str) -> Scram {
        let (user, password) = (Secret::from(user.as_bytes()), Secret::from(password.as_bytes()));
        Scram::with_nonce(hash, Credentials { user, password }, nonce.to_owned())
    }

    fn text(secret: &Secret) -> &str {
        std::str::from_utf8(secret.expose()).expect("messages are text")
    }

    fn sent(next: Result<Next, String>) -> String {
        match next {
            Ok(Next::Send(message)) => text(&message).to_owned(),
            other => panic!("a message, not {other:?}"),
        }
    }

    /// An example of a standard: the nonce, then the four messages.
    fn example(hash: Hash, nonce: &str, messages: [&str; 4]) {
        let mut client = client(hash, "user", "pencil", nonce);
        assert_eq!(text(&client.first().expect("a message")), messages[0]);
        assert_eq!(sent(client.next(messages[1].as_bytes())), messages[2]);
        assert_eq!(client.next(messages[3].as_bytes()), Ok(Next::Done));
    }

    #[test]
    fn the_examples_of_the_standards_hold() {
        example(
            Hash::Sha1,
            "fyko+d2lbbFgONRv9qkxdawL",
            [
                "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
                 p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ],
        );
        example(
            Hash::Sha256,
            "rOprNGfwEbeRWgbNEkqO",
            [
                "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ],
        );
    }

    #[test]
    fn separators_in_a_user_name_are_escaped() {
        for (name, escaped) in [
            ("just a string", "just a string"),
            ("one,that=needs", "one=2Cthat=3Dneeds"),
            ("=3D", "=3D3D"),
        ] {
            let mut client = client(Hash::Sha256, name, "x", "abc");
            let first = client.first().expect("a message");
            assert_eq!(text(&first), format!("n,,n={escaped},r=abc"));
        }
    }

    #[test]
    fn nonces_are_new_each_time_and_long() {
        let nonce = || Scram::new(Hash::Sha512, Credentials::default()).nonce;
        let (one, other) = (nonce(), nonce());
        assert_ne!(one, other);
        assert_eq!((one.len(), other.len()), (32, 32));
        assert!(!one.contains(','));
    }

    #[test]
    fn a_first_message_that_cannot_be_trusted_is_refused() {
        for (message, reason) in [
            ("r=abcdef,s=c2FsdA==,i=4096,m=x", "Unsupported mandatory SCRAM extension"),
            (
                "s=c2FsdA==,i=4096",
                "Server nonce in server-first-message: could not find attribute (r)",
            ),
            ("r=abc,s=c2FsdA==,i=4096", "Server/client nonce mismatch in server-first-message"),
            ("r=xbcdef,s=c2FsdA==,i=4096", "Server/client nonce mismatch in server-first-message"),
            ("r=abcdef,i=4096", "Salt in server-first-message: could not find attribute (s)"),
            ("r=abcdef,s=!!,i=4096", "Invalid Base64 Salt in server-first-message"),
            ("r=abcdef,s=,i=4096", "Invalid Base64 Salt in server-first-message"),
            (
                "r=abcdef,s=c2FsdA==",
                "Iteration count in server-first-message: could not find attribute (i)",
            ),
            (
                "r=abcdef,s=c2FsdA==,i=4095",
                "Iteration count in server-first-message is too small: 4095, at least 4096 \
                 expected",
            ),
        ] {
            let mut client = client(Hash::Sha256, "u", "p", "abc");
            client.first().expect("a message");
            assert_eq!(client.next(message.as_bytes()), Err(reason.to_owned()), "{message}");
        }
        for iterations in ["x", "-1", "1000001", "4096x", "", "99999999999999999999999"] {
            let mut client = client(Hash::Sha256, "u", "p", "abc");
            let message = format!("r=abcdef,s=c2FsdA==,i={iterations}");
            let reason = client.next(message.as_bytes()).expect_err("refused");
            assert!(reason.starts_with("Invalid value (not integer or too large)"), "{reason}");
        }
    }

    #[test]
    fn a_broker_that_does_not_know_the_password_is_found_out() {
        let wrong = base64::encode_block(&[7; 32]);
        for (message, reason) in [
            (format!("v={wrong}"), "ServerSignature mismatch"),
            ("v=".to_owned(), "ServerSignature mismatch"),
            ("v=!".to_owned(), "ServerSignature mismatch"),
            ("e=other-error".to_owned(), "broker responded with other-error"),
            (String::new(), "no verifier or server-error returned from broker"),
        ] {
            let mut client = client(Hash::Sha256, "u", "p", "abc");
            client.next(b"r=abcdef,s=c2FsdA==,i=4096").expect("a proof");
            let expected = format!("SASL SCRAM authentication failed: {reason}");
            assert_eq!(client.next(message.as_bytes()), Err(expected));
        }
    }

    proptest! {
        #[test]
        fn whatever_the_broker_says_is_an_error_without_the_password(
            messages in proptest::collection::vec("[rsimve]?=?[a-z0-9,=+/]{0,40}", 1..4),
        ) {
            let mut client = client(Hash::Sha256, "user", "canary", "abc");
            client.first().expect("a message");
            for message in messages {
                let reason = client.next(message.as_bytes()).expect_err("no such nonce");
                prop_assert!(!reason.contains("canary"), "{reason}");
            }
        }
    }
}
