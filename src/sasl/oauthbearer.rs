//! OAUTHBEARER (RFC 7628): the token that the client shows, and the conversation about it.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::{Client, Next};
use crate::conf::Secret;

/// Milliseconds until a refresh is asked for again after one failed.
const RETRY_MS: i64 = 10_000;

/// A token with what goes with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    value: Secret,
    /// Milliseconds since 1970, exclusive.
    expires_ms: i64,
    /// Names and values.
    extensions: Vec<(Secret, Secret)>,
}

impl Token {
    /// A token that lives until `expires_ms`; `extensions` are names and values in turn.
    ///
    /// # Errors
    /// The text for the application; it quotes neither the token nor a value.
    ///
    /// Historical: `rd_kafka_oauthbearer_set_token0`.
    pub(crate) fn new(
        value: &[u8],
        expires_ms: i64,
        extensions: &[&[u8]],
        now_ms: i64,
    ) -> Result<Self, String> {
        if !extensions.len().is_multiple_of(2) {
            return Err(format!(
                "Incorrect extension size (must be a non-negative multiple of 2): {}",
                extensions.len()
            ));
        }
        if expires_ms <= now_ms {
            return Err(format!(
                "Must supply an unexpired token: now={now_ms}ms, exp={expires_ms}ms"
            ));
        }
        check_value(value)?;
        let mut pairs = Vec::with_capacity(extensions.len() / 2);
        for pair in extensions.chunks_exact(2) {
            check_name(pair[0])?;
            check_value(pair[1])?;
            pairs.push((Secret::from(pair[0]), Secret::from(pair[1])));
        }
        Ok(Self { value: Secret::from(value), expires_ms, extensions: pairs })
    }
}

fn check_name(name: &[u8]) -> Result<(), String> {
    if name == b"auth" {
        return Err(
            "Cannot explicitly set the reserved `auth` SASL/OAUTHBEARER extension key".to_owned()
        );
    }
    if name.is_empty() {
        return Err("SASL/OAUTHBEARER extension keys must not be empty".to_owned());
    }
    match name.iter().find(|byte| !byte.is_ascii_alphabetic()) {
        Some(byte) => Err(format!(
            "SASL/OAUTHBEARER extension keys must only consist of A-Z or a-z characters: {} ({})",
            String::from_utf8_lossy(name),
            char::from(*byte)
        )),
        None => Ok(()),
    }
}

fn check_value(value: &[u8]) -> Result<(), String> {
    let is_good = |byte: &u8| matches!(byte, b'\x21'..=b'\x7e' | b' ' | b'\t' | b'\r' | b'\n');
    if value.iter().all(is_good) {
        return Ok(());
    }
    Err("SASL/OAUTHBEARER extension values must only consist of space, horizontal tab, CR, LF, \
         and visible characters (%x21-7E)"
        .to_owned())
}

/// The present token, and when the next one is wanted.
#[derive(Default, Debug)]
pub(crate) struct TokenStore {
    token: Option<Arc<Token>>,
    /// When a new one shall be asked for, milliseconds since 1970.
    refresh_ms: i64,
    /// When one was asked for last.
    asked_ms: i64,
    /// Why there was none the last time.
    failure: Option<String>,
}

impl TokenStore {
    /// Is there a token to show?
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The token.
    ///
    /// # Errors
    /// The text for the application.
    pub(crate) fn token(&self) -> Result<Arc<Token>, String> {
        self.token.clone().ok_or_else(|| {
            let reason = self.failure.as_deref().unwrap_or("(not available)");
            format!(
                "OAUTHBEARER cannot log in because there is no token available; last error: \
                 {reason}"
            )
        })
    }

    /// Takes the place of the present token; a refresh is due when four fifths of its life are
    /// over.
    pub(crate) fn set(&mut self, token: Token, now_ms: i64) {
        self.refresh_ms = now_ms + (token.expires_ms - now_ms) / 5 * 4;
        self.token = Some(Arc::new(token));
        self.failure = None;
    }

    /// There is no new token. The present one stays as long as it lives. Is it a new reason?
    ///
    /// Historical: `rd_kafka_oauthbearer_set_token_failure0`.
    pub(crate) fn fail(&mut self, reason: &str, now_ms: i64) -> bool {
        let is_new = self.failure.as_deref() != Some(reason);
        self.failure = Some(reason.to_owned());
        self.refresh_ms = now_ms + RETRY_MS;
        is_new
    }

    /// Shall a token be asked for now? Then it counts as asked for.
    pub(crate) fn take_due(&mut self, now_ms: i64) -> bool {
        let is_due = self.asked_ms == 0 || self.refresh_ms < now_ms;
        // Whoever was asked has not answered yet.
        let is_asked = self.asked_ms != 0 && self.asked_ms > self.refresh_ms;
        if !is_due || is_asked {
            return false;
        }
        self.asked_ms = now_ms;
        true
    }
}

/// One OAUTHBEARER authentication.
pub(crate) struct OauthBearer {
    token: Arc<Token>,
    /// What the broker said when it refused: it is told after the broker's last word.
    refusal: Option<String>,
}

impl OauthBearer {
    /// With this token.
    pub(crate) fn new(token: Arc<Token>) -> Self {
        Self { token, refusal: None }
    }
}

impl Client for OauthBearer {
    fn first(&mut self) -> Result<Secret, String> {
        let mut parts: Vec<&[u8]> =
            vec![b"n,,\x01auth=Bearer ", self.token.value.expose(), b"\x01"];
        for (name, value) in &self.token.extensions {
            parts.extend_from_slice(&[name.expose(), b"=", value.expose(), b"\x01"]);
        }
        parts.push(b"\x01");
        Ok(Secret::of_parts(&parts))
    }

    fn next(&mut self, message: &[u8]) -> Result<Next, String> {
        if let Some(refusal) = self.refusal.take() {
            return Err(format!("SASL OAUTHBEARER authentication failed: {refusal}"));
        }
        if message.first().is_none_or(|byte| *byte == 0) {
            return Ok(Next::Done);
        }
        self.refusal = Some(String::from_utf8_lossy(message).into_owned());
        Ok(Next::Send(Secret::from(b"\x01".as_slice())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(extensions: &[&[u8]]) -> Token {
        Token::new(b"abc.def.", 2000, extensions, 1000).expect("a good token")
    }

    #[test]
    fn the_first_message_has_the_token_and_its_extensions() {
        for (extensions, expected) in [
            (&[][..], "n,,\x01auth=Bearer abc.def.\x01\x01"),
            (&[&b"traceId"[..], b"1 2"], "n,,\x01auth=Bearer abc.def.\x01traceId=1 2\x01\x01"),
        ] {
            let mut client = OauthBearer::new(Arc::new(token(extensions)));
            let first = client.first().expect("there is a token");
            assert_eq!(first.expose(), expected.as_bytes());
            assert_eq!(client.next(b""), Ok(Next::Done));
        }
    }

    #[test]
    fn a_refusal_is_acknowledged_before_it_is_told() {
        let mut client = OauthBearer::new(Arc::new(token(&[])));
        let answer = client.next(b"{\"status\":\"invalid_token\"}");
        assert_eq!(answer, Ok(Next::Send(Secret::from(b"\x01".as_slice()))));
        let text = client.next(b"").expect_err("refused");
        assert_eq!(text, "SASL OAUTHBEARER authentication failed: {\"status\":\"invalid_token\"}");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_without_quoting_it() {
        let refusal = |value: &[u8], expires, extensions: &[&[u8]]| {
            Token::new(value, expires, extensions, 1000).expect_err("refused")
        };
        assert_eq!(
            refusal(b"t", 2000, &[b"a"]),
            "Incorrect extension size (must be a non-negative multiple of 2): 1"
        );
        assert_eq!(
            refusal(b"t", 1000, &[]),
            "Must supply an unexpired token: now=1000ms, exp=1000ms"
        );
        for text in [refusal(b"canary\x01", 2000, &[]), refusal(b"t", 2000, &[b"a", b"canary\x7f"])]
        {
            assert!(text.starts_with("SASL/OAUTHBEARER extension values must only"), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
        assert_eq!(
            refusal(b"t", 2000, &[b"auth", b"x"]),
            "Cannot explicitly set the reserved `auth` SASL/OAUTHBEARER extension key"
        );
        assert_eq!(
            refusal(b"t", 2000, &[b"", b"x"]),
            "SASL/OAUTHBEARER extension keys must not be empty"
        );
        assert_eq!(
            refusal(b"t", 2000, &[b"a1", b"x"]),
            "SASL/OAUTHBEARER extension keys must only consist of A-Z or a-z characters: a1 (1)"
        );
    }

    #[test]
    fn a_refresh_is_asked_for_once_and_again_when_its_time_comes() {
        let mut store = TokenStore::default();
        assert!(store.take_due(500), "there is no token yet");
        assert!(!store.take_due(600), "somebody is at it");

        store.set(token(&[]), 1000);
        assert!(!store.take_due(1799) && !store.take_due(1800));
        assert!(store.take_due(1801), "four fifths of its life are over");
        assert!(!store.take_due(1900));
        assert!(store.has_token());
    }

    #[test]
    fn a_failure_keeps_the_token_and_is_tried_again_later() {
        let mut store = TokenStore::default();
        assert!(store.take_due(500));
        assert!(store.fail("no", 600));
        assert!(!store.fail("no", 700), "nothing new");
        assert_eq!(
            store.token().expect_err("none yet"),
            "OAUTHBEARER cannot log in because there is no token available; last error: no"
        );
        assert!(!store.take_due(10_700));
        assert!(store.take_due(10_701));

        store.set(token(&[]), 1000);
        assert!(store.fail("no", 1100), "the same reason anew");
        assert!(store.token().is_ok());
    }
}
