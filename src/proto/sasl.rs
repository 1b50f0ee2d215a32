//! SaslHandshake and SaslAuthenticate. As in `messages.rs`, requests are written by
//! `kafka-protocol` and responses are read here.
#![forbid(unsafe_code)]

use bytes::Bytes;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslHandshakeRequest};
use kafka_protocol::protocol::{Encodable, StrBytes};

use super::wire::{DecodeError, Read, Result};

/// Highest SaslHandshake version of the client. With 1 the broker expects SaslAuthenticate requests
/// afterwards, with 0 bare tokens.
pub(crate) const HANDSHAKE_MAX: i16 = 1;
/// Highest SaslAuthenticate version of the client.
pub(crate) const AUTHENTICATE_MAX: i16 = 1;

/// Most mechanisms that a broker may name.
const MECHANISMS_MAX: usize = 100;

/// A SaslHandshake request's body.
pub(crate) fn handshake_request(version: i16, mechanism: &str) -> Result<Vec<u8>> {
    let mechanism = StrBytes::from_string(mechanism.to_owned());
    encoded(&SaslHandshakeRequest::default().with_mechanism(mechanism), version)
}

/// The error code of a SaslHandshake response, and the mechanisms that the broker has.
pub(crate) fn handshake_response(body: &[u8]) -> Result<(i16, Vec<String>)> {
    let mut read = Read::new(body);
    let error = read.i16()?;
    let count = read.count_of(false, MECHANISMS_MAX, 2)?;
    let mut mechanisms = Vec::with_capacity(count);
    for _ in 0..count {
        mechanisms.push(String::from_utf8_lossy(read.string(false)?).into_owned());
    }
    Ok((error, mechanisms))
}

/// A SaslAuthenticate request's body.
pub(crate) fn authenticate_request(version: i16, token: &[u8]) -> Result<Vec<u8>> {
    let token = Bytes::copy_from_slice(token);
    encoded(&SaslAuthenticateRequest::default().with_auth_bytes(token), version)
}

/// A SaslAuthenticate answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthenticateResponse<'a> {
    /// Error code.
    pub(crate) error: i16,
    /// What the broker says about it.
    pub(crate) error_text: String,
    /// The mechanism's bytes.
    pub(crate) token: &'a [u8],
    /// Milliseconds until the client must authenticate again; 0: never.
    pub(crate) lifetime_ms: i64,
}

/// A SaslAuthenticate response.
pub(crate) fn authenticate_response(version: i16, body: &[u8]) -> Result<AuthenticateResponse<'_>> {
    let mut read = Read::new(body);
    let error = read.i16()?;
    let text = read.nullable_string(false)?.unwrap_or_default();
    let error_text = String::from_utf8_lossy(text).into_owned();
    let len = usize::try_from(read.i32()?).unwrap_or(0);
    let token = read.take(len)?;
    let lifetime_ms = if version >= 1 { read.i64()?.max(0) } else { 0 };
    Ok(AuthenticateResponse { error, error_text, token, lifetime_ms })
}

fn encoded(message: &impl Encodable, version: i16) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    message
        .encode(&mut body, version)
        .map_err(|error| DecodeError::Bad(format!("cannot write version {version}: {error}")))?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::{SaslAuthenticateResponse, SaslHandshakeResponse};
    use kafka_protocol::protocol::Decodable;

    #[test]
    fn answers_are_read_as_the_witness_wrote_them() {
        let names = ["PLAIN", "SCRAM-SHA-512"];
        let listed = names.map(StrBytes::from_static_str).to_vec();
        let answer =
            SaslHandshakeResponse::default().with_error_code(33).with_mechanisms(listed.clone());
        for version in 0..=HANDSHAKE_MAX {
            let body = encoded(&answer, version).expect("it can be written");
            let read = handshake_response(&body).expect("it can be read");
            assert_eq!(read, (33, names.map(str::to_owned).to_vec()));
        }
        for version in 0..=AUTHENTICATE_MAX {
            let mut answer = SaslAuthenticateResponse::default()
                .with_error_code(58)
                .with_error_message(Some(StrBytes::from_static_str("no")))
                .with_auth_bytes(Bytes::from_static(b"token"));
            answer.session_lifetime_ms = if version >= 1 { 7 } else { 0 };
            let body = encoded(&answer, version).expect("it can be written");
            let read = authenticate_response(version, &body).expect("it can be read");
            let expected = AuthenticateResponse {
                error: 58,
                error_text: "no".to_owned(),
                token: b"token",
                lifetime_ms: answer.session_lifetime_ms,
            };
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn requests_are_what_the_witness_reads() {
        for version in 0..=1 {
            let mut body = Bytes::from(handshake_request(version, "PLAIN").expect("written"));
            let read = SaslHandshakeRequest::decode(&mut body, version).expect("read");
            assert_eq!(read.mechanism.as_str(), "PLAIN");
            let mut body = Bytes::from(authenticate_request(version, b"\0u\0p").expect("written"));
            let read = SaslAuthenticateRequest::decode(&mut body, version).expect("read");
            assert_eq!(&read.auth_bytes[..], b"\0u\0p");
        }
    }

    #[test]
    fn answers_that_end_early_or_lie_about_lengths_are_errors() {
        let whole = [0, 0, 0xff, 0xff, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 9];
        for len in 0..whole.len() {
            assert!(authenticate_response(1, &whole[..len]).is_err(), "{len} bytes");
        }
        assert_eq!(authenticate_response(1, &whole).map(|answer| answer.lifetime_ms), Ok(9));
        assert!(handshake_response(&[0, 0, 0x7f, 0xff, 0xff, 0xff]).is_err());
        assert!(handshake_response(&[0, 0, 0, 0, 0, 1, 0, 9, b'x']).is_err());
    }
}
