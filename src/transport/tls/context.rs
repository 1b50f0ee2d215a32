//! From the configuration to an OpenSSL context: authorities, certificate and key, what is offered.
//!
//! Each failure begins with the property that is at fault, as history had it.
#![forbid(unsafe_code)]

use std::path::Path;

use openssl::error::ErrorStack;
use openssl::ssl::{
    SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use openssl::x509::verify::X509VerifyFlags;

use super::material::{self, Chain};
use super::reason::{Reason, forget_errors};
use crate::conf::{Cert, Conf, Secret, Text};
use crate::sys::file;

/// Where systems keep the certificates of authorities, in the order in which they are tried.
const PROBED: [&str; 17] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-bundle.crt",
    "/etc/pki/tls/certs/ca-bundle.trust.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/cacert.pem",
    "/etc/certs/ca-certificates.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/certs",
    "/usr/local/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cacert.pem",
    "/usr/local/etc/ssl/certs/cert.pem",
    "/usr/local/etc/ssl/certs/cacert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/openssl/certs/ca-certificates.crt",
];

/// Most bytes of a key or a store.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// What the configuration says about TLS.
#[derive(Clone, Debug)]
pub(crate) struct TlsOptions {
    ciphers: Option<Text>,
    curves: Option<Text>,
    signatures: Option<Text>,
    authority: Authority,
    revoked: Option<Text>,
    certificate: Option<Cert>,
    certificate_file: Option<Text>,
    certificate_pem: Option<Secret>,
    key: Option<Cert>,
    key_file: Option<Secret>,
    key_pem: Option<Secret>,
    key_password: Option<Secret>,
    keystore: Option<(Text, Secret)>,
    /// `enable.ssl.certificate.verification`.
    pub(super) verifies: bool,
    /// Errors are told with the place in OpenSSL's sources.
    pub(super) is_verbose: bool,
}

/// Whom the client believes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authority {
    /// Certificates from memory; nothing else counts then.
    pub(crate) memory: Option<Cert>,
    /// What opens a store in memory.
    pub(crate) password: Option<Secret>,
    /// A file, a directory, or `probe`.
    pub(crate) location: Option<Text>,
    /// A PEM text.
    pub(crate) pem: Option<Secret>,
}

/// No context could be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LoadError {
    /// The text for the application.
    pub(crate) text: String,
    /// Earlier errors, for the log.
    pub(crate) earlier: Vec<String>,
}

impl From<String> for LoadError {
    fn from(text: String) -> Self {
        Self { text, earlier: Vec::new() }
    }
}

impl TlsOptions {
    /// The options of a configuration.
    pub(crate) fn of(conf: &Conf) -> Self {
        let keystore = conf.ssl_keystore_location.clone();
        let password = conf.ssl_keystore_password.clone().unwrap_or_default();
        Self {
            ciphers: conf.ssl_cipher_suites.clone(),
            curves: conf.ssl_curves_list.clone(),
            signatures: conf.ssl_sigalgs_list.clone(),
            authority: Authority {
                memory: conf.ssl_ca.clone(),
                password: conf.ssl_key_password.clone(),
                location: conf.ssl_ca_location.clone(),
                pem: conf.ssl_ca_pem.clone(),
            },
            revoked: conf.ssl_crl_location.clone(),
            certificate: conf.ssl_certificate.clone(),
            certificate_file: conf.ssl_cert_location.clone(),
            certificate_pem: conf.ssl_cert_pem.clone(),
            key: conf.ssl_key.clone(),
            key_file: conf.ssl_key_location.clone(),
            key_pem: conf.ssl_key_pem.clone(),
            key_password: conf.ssl_key_password.clone(),
            keystore: keystore.map(|file| (file, password)),
            verifies: conf.ssl_enable_verify,
            is_verbose: conf.debug != 0 || conf.log_level >= 7,
        }
    }

    /// Files whose change means another context.
    pub(super) fn files(&self) -> Vec<&Path> {
        let is_file = |location: &&Text| **location != *"probe";
        let keystore = self.keystore.as_ref().map(|(file, _)| file);
        let texts = [
            self.authority.location.as_ref().filter(is_file),
            self.revoked.as_ref(),
            self.certificate_file.as_ref(),
            keystore,
        ];
        let key = self.key_file.as_ref().map(Secret::expose);
        texts.into_iter().flatten().map(Text::as_bytes).chain(key).map(file::path).collect()
    }

    /// A context.
    ///
    /// # Errors
    /// The property that cannot be used, and OpenSSL's reason.
    ///
    /// Historical: `rd_kafka_ssl_ctx_init`.
    pub(super) fn load(&self) -> Result<SslContext, LoadError> {
        forget_errors();
        let mut builder = self.why("SSL_CTX_new() failed: ", new_builder())?;
        if let Some(list) = &self.ciphers {
            self.why("ssl.cipher.suites failed: ", builder.set_cipher_list(&list.to_str()))?;
        }
        if let Some(list) = &self.curves {
            self.why("ssl.curves.list failed: ", builder.set_groups_list(&list.to_str()))?;
        }
        if let Some(list) = &self.signatures {
            self.why("ssl.sigalgs.list failed: ", builder.set_sigalgs_list(&list.to_str()))?;
        }
        builder.set_verify(match self.verifies {
            true => SslVerifyMode::PEER,
            false => SslVerifyMode::NONE,
        });
        self.authority.load(&mut builder).map_err(|(prefix, stack)| self.error(&prefix, &stack))?;
        self.load_revoked(&mut builder)?;
        self.load_certificate(&mut builder)?;
        let has_key = self.load_key(&mut builder)?;
        if has_key {
            self.why("Private key check failed: ", builder.check_private_key())?;
        }
        forget_errors();
        Ok(builder.build())
    }

    fn error(&self, prefix: &str, stack: &ErrorStack) -> LoadError {
        let Reason { last, earlier } = Reason::of(stack, self.is_verbose);
        LoadError { text: format!("{prefix}{last}"), earlier }
    }

    fn why<T>(&self, prefix: &str, result: Result<T, ErrorStack>) -> Result<T, LoadError> {
        result.map_err(|stack| self.error(prefix, &stack))
    }

    fn load_revoked(&self, builder: &mut SslContextBuilder) -> Result<(), LoadError> {
        let Some(location) = &self.revoked else { return Ok(()) };
        let prefix = "ssl.crl.location failed: ";
        let file = openssl_path(location.as_bytes()).map_err(|text| format!("{prefix}{text}"))?;
        self.why(prefix, builder.load_verify_locations(Some(file), None))?;
        let flags = X509VerifyFlags::CRL_CHECK;
        self.why(prefix, builder.cert_store_mut().set_flags(flags))
    }

    fn load_certificate(&self, builder: &mut SslContextBuilder) -> Result<(), LoadError> {
        if let Some(cert) = &self.certificate {
            let chain = material::chain(cert, self.key_password.as_ref());
            let chain = self.why("ssl_cert failed: ", chain)?;
            self.why("ssl_cert failed: ", use_chain(builder, chain))?;
        }
        if let Some(location) = &self.certificate_file {
            let prefix = "ssl.certificate.location failed: ";
            let file =
                openssl_path(location.as_bytes()).map_err(|text| format!("{prefix}{text}"))?;
            self.why(prefix, builder.set_certificate_chain_file(file))?;
        }
        if let Some(pem) = &self.certificate_pem {
            let prefix = "ssl.certificate.pem failed: error reading certificate: ";
            let chain = self.why(prefix, material::chain_of_pem(pem.expose()))?;
            let prefix = "ssl.certificate.pem failed: setting main certificate: ";
            self.why(prefix, use_chain(builder, chain))?;
        }
        Ok(())
    }

    /// Loads the client's key; was there one?
    fn load_key(&self, builder: &mut SslContextBuilder) -> Result<bool, LoadError> {
        let password = self.key_password.as_ref();
        let mut has_key = false;
        if let Some(cert) = &self.key {
            let prefix = "ssl_key (in-memory) failed: ";
            let key = self.why(prefix, material::key(cert, password))?;
            self.why(prefix, builder.set_private_key(&key))?;
            has_key = true;
        }
        if let Some(location) = &self.key_file {
            let prefix = "ssl.key.location failed: ";
            let bytes = read(location.expose()).map_err(|error| format!("{prefix}{error}"))?;
            let key = material::key_of_pem(bytes.expose(), password);
            let key = self.why(prefix, key)?;
            self.why(prefix, builder.set_private_key(&key))?;
            has_key = true;
        }
        if let Some(pem) = &self.key_pem {
            let key = material::key_of_pem(pem.expose(), password);
            let key = self.why("ssl.key.pem failed: not in PEM format?: ", key)?;
            self.why("ssl.key.pem failed: ", builder.set_private_key(&key))?;
            has_key = true;
        }
        if let Some((location, password)) = &self.keystore {
            self.load_keystore(builder, location, password)?;
            has_key = true;
        }
        Ok(has_key)
    }

    fn load_keystore(
        &self,
        builder: &mut SslContextBuilder,
        location: &Text,
        password: &Secret,
    ) -> Result<(), LoadError> {
        let bytes = read(location.as_bytes()).map_err(|error| {
            format!("Failed to open ssl.keystore.location: {location}: {error}")
        })?;
        let prefix = format!("Failed to parse ssl.keystore.location PKCS#12 file: {location}: ");
        let unreadable = format!("Error reading ssl.keystore.location PKCS#12 file: {location}: ");
        self.why(&unreadable, openssl::pkcs12::Pkcs12::from_der(bytes.expose()))?;
        let store = self.why(&prefix, material::pkcs12(bytes.expose(), Some(password)))?;
        let prefix = "Failed to use ssl.keystore.location: ";
        let (Some(leaf), Some(key)) = (store.cert, store.pkey) else {
            return Err(format!("{prefix}it has no certificate or no key").into());
        };
        let rest = store.ca.map(|stack| stack.into_iter().collect()).unwrap_or_default();
        self.why(prefix, use_chain(builder, Chain { leaf, rest }))?;
        self.why(prefix, builder.set_private_key(&key))
    }
}

pub(super) fn new_builder() -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = SslContext::builder(SslMethod::tls_client())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    // A broker that closes without a farewell has closed.
    builder.set_options(SslOptions::IGNORE_UNEXPECTED_EOF | SslOptions::NO_RENEGOTIATION);
    builder.set_mode(SslMode::ENABLE_PARTIAL_WRITE | SslMode::ACCEPT_MOVING_WRITE_BUFFER);
    Ok(builder)
}

fn use_chain(builder: &mut SslContextBuilder, chain: Chain) -> Result<(), ErrorStack> {
    builder.set_certificate(&chain.leaf)?;
    chain.rest.into_iter().try_for_each(|cert| builder.add_extra_chain_cert(cert))
}

impl Authority {
    /// Loads the certificates of whom the client believes.
    ///
    /// # Errors
    /// The property and OpenSSL's reason.
    pub(crate) fn load(&self, builder: &mut SslContextBuilder) -> Result<(), (String, ErrorStack)> {
        if let Some(cert) = &self.memory {
            let found = material::authorities(cert, self.password.as_ref());
            return add_all(builder, found, "ssl_ca failed: ");
        }
        let is_probe = self.location.as_ref().is_some_and(|location| *location == *"probe");
        let mut has_any = false;
        if let Some(location) = self.location.as_ref().filter(|_| !is_probe) {
            let prefix = "ssl.ca.location failed: ";
            load_location(builder, location.as_bytes())
                .map_err(|stack| (prefix.to_owned(), stack))?;
            has_any = true;
        }
        if let Some(pem) = &self.pem {
            let prefix = "failed to read certificate #0 from ssl.ca.pem: not in PEM format?: ";
            let cert = Cert { encoding: 2, data: pem.clone() };
            add_all(builder, material::authorities(&cert, None), prefix)?;
            has_any = true;
        }
        if !(has_any || is_probe && probe(builder)) {
            // Without any the handshake says so.
            let _ = builder.set_default_verify_paths();
            forget_errors();
        }
        Ok(())
    }
}

fn add_all(
    builder: &mut SslContextBuilder,
    found: Result<Vec<X509>, ErrorStack>,
    prefix: &str,
) -> Result<(), (String, ErrorStack)> {
    found
        .and_then(|all| {
            all.into_iter().try_for_each(|cert| builder.cert_store_mut().add_cert(cert))
        })
        .map_err(|stack| (prefix.to_owned(), stack))
}

fn load_location(builder: &mut SslContextBuilder, location: &[u8]) -> Result<(), ErrorStack> {
    // A name that OpenSSL cannot be given is one that it does not find.
    let place = openssl_path(location).unwrap_or_else(|_| Path::new("/nonexistent"));
    match place.is_dir() {
        true => builder.load_verify_locations(None, Some(place)),
        false => builder.load_verify_locations(Some(place), None),
    }
}

/// Loads the first of the usual places that is there.
fn probe(builder: &mut SslContextBuilder) -> bool {
    PROBED.iter().any(|place| {
        let path = Path::new(place);
        let is_empty = || path.read_dir().is_ok_and(|mut entries| entries.next().is_none());
        if !path.exists() || (path.is_dir() && is_empty()) {
            return false;
        }
        let is_loaded = load_location(builder, place.as_bytes()).is_ok();
        forget_errors();
        is_loaded
    })
}

/// A path that can be given to OpenSSL's Rust side, which takes text.
fn openssl_path(bytes: &[u8]) -> Result<&Path, String> {
    std::str::from_utf8(bytes).map(Path::new).map_err(|_| "the path is no UTF-8".to_owned())
}

/// A file with a secret.
fn read(location: &[u8]) -> Result<Secret, String> {
    let mut content = file::read(file::path(location), FILE_BYTES_MAX)
        .map_err(|error| crate::sys::socket::error_text(&error))?;
    let secret = Secret::from(content.as_slice());
    content.fill(0);
    Ok(secret)
}
