//! How an instance's connections are secured: the protocol, the SASL mechanism with its credentials
//! and tokens, and TLS.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::callback::{Opaque, VerifyCallback};
use crate::conf::{Conf, Secret};
use crate::op::queue::OpQueue;
use crate::sasl::oauthbearer::{OauthBearer, TokenStore};
use crate::sasl::oidc::Provider;
use crate::sasl::plain::Plain;
use crate::sasl::scram::Scram;
use crate::sasl::{Client, Credentials, Mechanism};
use crate::sys::lock::{Mutex, Rank};
use crate::transport::SecurityProtocol;
use crate::transport::tls::context::LoadError;
use crate::transport::tls::{Tls, Verification};

/// `sasl.oauthbearer.method`: an OIDC provider.
const METHOD_OIDC: i32 = 1;

/// An instance's security.
pub(crate) struct Security {
    /// `security.protocol`.
    pub(crate) protocol: SecurityProtocol,
    /// `sasl.mechanisms`, if the protocol has SASL.
    pub(crate) mechanism: Option<Mechanism>,
    credentials: Mutex<Credentials>,
    /// `sasl.oauthbearer.method=oidc`: where the library itself gets tokens.
    pub(crate) provider: Option<Provider>,
    /// Tokens of OAUTHBEARER.
    pub(crate) tokens: Mutex<TokenStore>,
    /// Requests for tokens go here, if the application wants a queue for them.
    pub(crate) queue: Option<Arc<OpQueue>>,
    tls: Option<Arc<Tls>>,
}

impl Default for Security {
    /// None.
    fn default() -> Self {
        Self {
            protocol: SecurityProtocol::Plaintext,
            mechanism: None,
            provider: None,
            credentials: Mutex::new(Rank::Leaf, Credentials::default()),
            tokens: Mutex::new(Rank::Leaf, TokenStore::default()),
            queue: None,
            tls: None,
        }
    }
}

impl Security {
    /// The security of a finalized configuration.
    ///
    /// # Errors
    /// What cannot be used, and why.
    pub(crate) fn of(conf: &Conf) -> Result<Self, LoadError> {
        let protocol = SecurityProtocol::from_conf(conf.security_protocol)
            .unwrap_or(SecurityProtocol::Plaintext);
        let mechanism = if protocol.has_sasl() { Some(mechanism(conf)?) } else { None };
        let is_oauth = mechanism == Some(Mechanism::OauthBearer);
        let has_queue = is_oauth && conf.sasl_enable_callback_queue;
        // An application with a callback gets them itself.
        let gets_tokens = is_oauth
            && conf.oauthbearer_method == METHOD_OIDC
            && conf.oauthbearer_token_refresh_cb.is_none();
        let credentials = Credentials {
            user: conf.sasl_username.clone().unwrap_or_default(),
            password: conf.sasl_password.clone().unwrap_or_default(),
        };
        let tls = match protocol.has_tls() {
            true => Some(Arc::new(Tls::new(conf, verification(conf))?)),
            false => None,
        };
        Ok(Self {
            protocol,
            mechanism,
            provider: gets_tokens.then(|| Provider::of(conf)),
            credentials: Mutex::new(Rank::Leaf, credentials),
            tokens: Mutex::new(Rank::Leaf, TokenStore::default()),
            queue: has_queue.then(OpQueue::new),
            tls,
        })
    }

    /// TLS, if connections have it.
    pub(crate) fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }

    /// Other credentials, from the next authentication on.
    pub(crate) fn set_credentials(&self, user: &[u8], password: &[u8]) {
        let (user, password) = (Secret::from(user), Secret::from(password));
        *self.credentials.lock() = Credentials { user, password };
    }

    /// Is there what an authentication needs?
    ///
    /// Historical: `rd_kafka_sasl_ready`.
    pub(crate) fn is_ready(&self) -> bool {
        self.mechanism != Some(Mechanism::OauthBearer) || self.tokens.lock().has_token()
    }

    /// The client's side of a new authentication.
    ///
    /// # Errors
    /// The text for the application.
    pub(crate) fn client(&self, mechanism: Mechanism) -> Result<Box<dyn Client>, String> {
        let credentials = || self.credentials.lock().clone();
        Ok(match mechanism {
            Mechanism::Plain => Box::new(Plain::new(credentials())),
            Mechanism::Scram(hash) => Box::new(Scram::new(hash, credentials())),
            Mechanism::OauthBearer => Box::new(OauthBearer::new(self.tokens.lock().token()?)),
        })
    }
}

fn mechanism(conf: &Conf) -> Result<Mechanism, String> {
    let name = conf.sasl_mechanisms.as_ref().map(|name| name.to_str()).unwrap_or_default();
    let mechanism = Mechanism::of_name(&name)?;
    let has_both = conf.sasl_username.is_some() && conf.sasl_password.is_some();
    if mechanism.takes_password() && !has_both {
        return Err("sasl.username and sasl.password must be set".to_owned());
    }
    Ok(mechanism)
}

fn verification(conf: &Conf) -> Verification {
    Verification {
        checks_names: conf.ssl_endpoint_identification != 0,
        verifies: conf.ssl_enable_verify,
        callback: conf
            .ssl_cert_verify_cb
            .map(|function| VerifyCallback { function, opaque: Opaque(conf.opaque.as_ptr()) }),
    }
}
