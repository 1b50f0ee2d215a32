//! Is the broker who it should be: its name in the certificate, and the application's judgement.
#![forbid(unsafe_code)]

use std::ffi::{CStr, CString};
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::ssl::{Ssl, SslContext, SslVerifyMode};
use openssl::x509::{X509NameRef, X509StoreContextRef};

use super::super::connect::{OptionWarning, Peer};
use crate::callback::VerifyCallback;
use crate::sys::lock::Mutex;
use crate::sys::resolve;

const LOG_ERR: i32 = 3;

/// How brokers' certificates are checked.
#[derive(Clone)]
pub(crate) struct Verification {
    /// `ssl.endpoint.identification.algorithm=https`: the name must be in the certificate.
    pub(crate) checks_names: bool,
    /// `enable.ssl.certificate.verification`.
    pub(crate) verifies: bool,
    /// `ssl.certificate.verify_cb`.
    pub(crate) callback: Option<VerifyCallback>,
}

impl Verification {
    /// A session with a broker, with its checks. `rk` is the instance's address.
    ///
    /// Historical: `rd_kafka_transport_ssl_set_endpoint_id`.
    pub(super) fn session(
        &self,
        context: &SslContext,
        peer: Peer<'_>,
        rk: usize,
        notes: &Arc<Mutex<Vec<OptionWarning>>>,
    ) -> Result<Ssl, ErrorStack> {
        let mut ssl = Ssl::new(context)?;
        let name = server_name(peer.host);
        let address = resolve::literal(name);
        if address.is_none() {
            ssl.set_hostname(name)?;
        }
        if self.checks_names {
            match address {
                Some(address) => ssl.param_mut().set_ip(address)?,
                None => ssl.param_mut().set_host(name)?,
            }
        }
        if let Some(callback) = self.callback {
            let mode = if self.verifies { SslVerifyMode::PEER } else { SslVerifyMode::NONE };
            let broker = CString::new(peer.name.replace('\0', " ")).unwrap_or_default();
            let (notes, id) = (Arc::clone(notes), peer.id);
            ssl.set_verify_callback(mode, move |_is_good, store| {
                let refusal = judge(callback, rk, &broker, id, store).err();
                let is_good = refusal.is_none();
                let note = |text| OptionWarning { level: LOG_ERR, facility: "SSLCERTVRFY", text };
                notes.lock().extend(refusal.map(note));
                is_good
            });
        }
        Ok(ssl)
    }
}

/// A host as certificates name it: without the zone of an IPv6 address and the dot at the end of an
/// absolute name.
fn server_name(host: &str) -> &str {
    let host = match host.split_once('%') {
        Some((address, _)) if address.contains(':') => address,
        _ => host,
    };
    match host.strip_suffix('.') {
        Some(name) if !name.is_empty() => name,
        _ => host,
    }
}

/// Asks the application about one certificate of the chain.
///
/// Historical: `rd_kafka_transport_ssl_cert_verify_cb`.
fn judge(
    callback: VerifyCallback,
    rk: usize,
    broker: &CStr,
    id: i32,
    store: &mut X509StoreContextRef,
) -> Result<(), String> {
    let Some(cert) = store.current_cert() else {
        return Err("Failed to get current certificate to verify".to_owned());
    };
    let Ok(der) = cert.to_der() else {
        return Err("Unable to convert certificate to X509 format".to_owned());
    };
    let (subject, issuer) = (oneline(cert.subject_name()), oneline(cert.issuer_name()));
    let depth = i32::try_from(store.error_depth()).unwrap_or(i32::MAX);
    let answer = callback.invoke(rk, broker, id, store.error(), depth, &der);
    store.set_error(answer.error);
    match answer.refusal {
        None => Ok(()),
        Some(reason) => Err(format!(
            "Certificate (subject={subject}, issuer={issuer}) verification callback failed: \
             {reason}"
        )),
    }
}

/// A name as `/C=SE/CN=broker`.
fn oneline(name: &X509NameRef) -> String {
    let mut text = String::new();
    for entry in name.entries() {
        let key = entry.object().nid().short_name().unwrap_or("?");
        let value = entry.data().to_string().unwrap_or_default();
        text.push_str(&format!("/{key}={value}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_zones_and_the_last_dot() {
        for (host, name) in [
            ("broker.example.", "broker.example"),
            ("broker", "broker"),
            (".", "."),
            ("", ""),
            ("fe80::1%eth0", "fe80::1"),
            ("fe80::1%25eth0", "fe80::1"),
            ("odd%name", "odd%name"),
        ] {
            assert_eq!(server_name(host), name);
        }
    }
}
