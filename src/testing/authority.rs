//! Certificates for tests: authorities that are made for one test and believed by nobody else.
#![forbid(unsafe_code)]

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};

/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// Someone who signs certificates.
pub struct Authority {
    /// Its own certificate.
    pub cert: X509,
    key: PKey<Private>,
}

/// A certificate and its key.
pub struct Identity {
    /// The certificate.
    pub cert: X509,
    /// The key.
    pub key: PKey<Private>,
}

impl Identity {
    /// The certificate as PEM text.
    pub fn cert_pem(&self) -> Vec<u8> {
        self.cert.to_pem().expect("a certificate can be written")
    }

    /// The key as PEM text (PKCS#8).
    pub fn key_pem(&self) -> Vec<u8> {
        self.key.private_key_to_pem_pkcs8().expect("a key can be written")
    }
}

impl Authority {
    /// A new authority.
    pub fn new(name: &str) -> Self {
        let key = new_key();
        let mut builder = builder(name, name, &key, 1);
        let ca = BasicConstraints::new().critical().ca().build().expect("an extension");
        builder.append_extension(ca).expect("it fits");
        builder.sign(&key, MessageDigest::sha256()).expect("it can be signed");
        Self { cert: builder.build(), key }
    }

    /// Its certificate as PEM text.
    pub fn pem(&self) -> Vec<u8> {
        self.cert.to_pem().expect("a certificate can be written")
    }

    /// A certificate for DNS names and addresses.
    pub fn issue(&self, names: &[&str]) -> Identity {
        self.issue_until(names, 1)
    }

    /// One that ran out yesterday.
    pub fn issue_expired(&self, names: &[&str]) -> Identity {
        self.issue_until(names, -1)
    }

    fn issue_until(&self, names: &[&str], days: i64) -> Identity {
        let key = new_key();
        let issuer = self.cert.subject_name();
        let issuer = issuer.entries().next().expect("it has a name");
        let issuer = issuer.data().to_string().expect("it is text");
        let first = names.first().copied().unwrap_or("client");
        let mut builder = builder(first, &issuer, &key, days);
        let mut alternatives = SubjectAlternativeName::new();
        for name in names {
            if name.parse::<std::net::IpAddr>().is_ok() {
                alternatives.ip(name);
            } else {
                alternatives.dns(name);
            }
        }
        if !names.is_empty() {
            let context = builder.x509v3_context(Some(&self.cert), None);
            let extension = alternatives.build(&context).expect("an extension");
            builder.append_extension(extension).expect("it fits");
        }
        builder.sign(&self.key, MessageDigest::sha256()).expect("it can be signed");
        Identity { cert: builder.build(), key }
    }
}

fn new_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

fn name(common: &str) -> X509Name {
    let mut builder = X509NameBuilder::new().expect("a name");
    builder.append_entry_by_nid(Nid::COMMONNAME, common).expect("it fits");
    builder.build()
}

/// A certificate that ends in so many days.
fn builder(subject: &str, issuer: &str, key: &PKey<Private>, days: i64) -> X509Builder {
    let mut builder = X509::builder().expect("a builder");
    let mut serial = BigNum::new().expect("a number");
    serial.rand(159, MsbOption::MAYBE_ZERO, false).expect("random bits");
    builder.set_version(2).expect("version 3");
    builder.set_serial_number(&serial.to_asn1_integer().expect("a number")).expect("it fits");
    builder.set_subject_name(&name(subject)).expect("it fits");
    builder.set_issuer_name(&name(issuer)).expect("it fits");
    builder.set_pubkey(key).expect("it fits");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.expect("after 1970").as_secs()).expect("a time");
    let at = |days: i64| Asn1Time::from_unix(now + days * DAY_S).expect("a time");
    builder.set_not_before(&at(-2)).expect("it fits");
    builder.set_not_after(&at(days)).expect("it fits");
    builder
}
