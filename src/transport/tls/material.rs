//! Certificates and keys in their encodings: what `rd_kafka_conf_set_ssl_cert` takes, and what
//! files and texts of the configuration hold.
#![forbid(unsafe_code)]

use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::reason::{Reason, forget_errors};
use crate::conf::{Cert, Secret};

/// `rd_kafka_cert_enc_t`.
const PKCS12: i32 = 0;
const DER: i32 = 1;
const PEM: i32 = 2;

/// What a certificate from memory is for (`rd_kafka_cert_type_t`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// The client's certificate.
    PublicKey = 0,
    /// The client's key.
    PrivateKey = 1,
    /// Certificates that brokers' must come from.
    Authority = 2,
}

impl Purpose {
    /// The purpose of a number.
    pub(crate) fn of_number(number: i32) -> Option<Self> {
        let all = [Self::PublicKey, Self::PrivateKey, Self::Authority];
        all.into_iter().find(|purpose| *purpose as i32 == number)
    }

    fn name(self) -> &'static str {
        match self {
            Self::PublicKey => "public-key",
            Self::PrivateKey => "private-key",
            Self::Authority => "CA",
        }
    }
}

/// A certificate and those that lead from it to an authority.
pub(super) struct Chain {
    pub(super) leaf: X509,
    pub(super) rest: Vec<X509>,
}

/// Checks that a certificate or key from memory can be read.
///
/// # Errors
/// The text for the application.
///
/// Historical: `rd_kafka_cert_new`.
pub(crate) fn check(
    purpose: Purpose,
    cert: &Cert,
    password: Option<&Secret>,
) -> Result<(), String> {
    forget_errors();
    let read = match purpose {
        Purpose::PublicKey => chain(cert, password).map(drop),
        Purpose::PrivateKey => key(cert, password).map(drop),
        Purpose::Authority => authorities(cert, password).map(drop),
    };
    read.map_err(|stack| {
        let names = ["PKCS#12", "DER", "PEM"];
        let encoding = usize::try_from(cert.encoding).ok().and_then(|at| names.get(at));
        let reason = Reason::of(&stack, false).last;
        let hint = match (purpose, password) {
            (Purpose::PrivateKey, None) => {
                " (ssl.key.password must be set before a key that needs it)"
            }
            _ => "",
        };
        format!(
            "Failed to read {} (encoding {}): {reason}{hint}",
            purpose.name(),
            encoding.unwrap_or(&"?")
        )
    })
}

/// The client's certificate with its chain.
pub(super) fn chain(cert: &Cert, password: Option<&Secret>) -> Result<Chain, ErrorStack> {
    let bytes = cert.data.expose();
    match cert.encoding {
        PKCS12 => {
            let store = pkcs12(bytes, password)?;
            let rest = store.ca.map(|stack| stack.into_iter().collect()).unwrap_or_default();
            Ok(Chain { leaf: store.cert.ok_or_else(ErrorStack::get)?, rest })
        }
        DER => Ok(Chain { leaf: X509::from_der(bytes)?, rest: Vec::new() }),
        _ => chain_of_pem(bytes),
    }
}

/// The certificates of a PEM text.
pub(super) fn chain_of_pem(bytes: &[u8]) -> Result<Chain, ErrorStack> {
    let leaf = X509::from_pem(bytes)?;
    let rest = X509::stack_from_pem(bytes)?.into_iter().skip(1).collect();
    Ok(Chain { leaf, rest })
}

/// The client's key.
pub(super) fn key(cert: &Cert, password: Option<&Secret>) -> Result<PKey<Private>, ErrorStack> {
    let bytes = cert.data.expose();
    match cert.encoding {
        PKCS12 => pkcs12(bytes, password)?.pkey.ok_or_else(ErrorStack::get),
        DER => PKey::private_key_from_der(bytes),
        _ => key_of_pem(bytes, password),
    }
}

/// The key in a PEM text.
pub(crate) fn key_of_pem(
    bytes: &[u8],
    password: Option<&Secret>,
) -> Result<PKey<Private>, ErrorStack> {
    PKey::private_key_from_pem_callback(bytes, |buffer| {
        let password = password.map_or(&b""[..], Secret::expose);
        let len = password.len().min(buffer.len());
        buffer[..len].copy_from_slice(&password[..len]);
        Ok(len)
    })
}

/// Certificates of authorities.
pub(super) fn authorities(cert: &Cert, password: Option<&Secret>) -> Result<Vec<X509>, ErrorStack> {
    let bytes = cert.data.expose();
    let found = match cert.encoding {
        PKCS12 => {
            let store = pkcs12(bytes, password)?;
            let listed = store.ca.into_iter().flatten();
            store.cert.into_iter().chain(listed).collect()
        }
        DER => vec![X509::from_der(bytes)?],
        PEM => X509::stack_from_pem(bytes)?,
        _ => Vec::new(),
    };
    // A text without certificates is no error to OpenSSL.
    if found.is_empty() {
        Err(X509::from_pem(bytes).err().unwrap_or_else(ErrorStack::get))
    } else {
        Ok(found)
    }
}

/// The parts of a PKCS#12 store.
pub(super) fn pkcs12(
    bytes: &[u8],
    password: Option<&Secret>,
) -> Result<openssl::pkcs12::ParsedPkcs12_2, ErrorStack> {
    let password = password.map(|word| String::from_utf8_lossy(word.expose()));
    Pkcs12::from_der(bytes)?.parse2(password.as_deref().unwrap_or_default())
}
