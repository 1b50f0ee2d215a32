//! Tokens from an OIDC provider: which request its grant takes, and what its answer must have.
#![forbid(unsafe_code)]

use std::sync::OnceLock;

use openssl::base64;
use serde_json::Value;

use super::assertion::Assertions;
use super::http::{HttpClient, HttpError, HttpRequest};
use super::oauthbearer::Token;
use crate::conf::{Conf, Secret};
use crate::sys::lock::{Condvar, Mutex, Rank};
use crate::transport::tls::context::Authority;

/// `sasl.oauthbearer.grant.type`: a signed assertion.
const GRANT_JWT_BEARER: i32 = 1;
/// `sasl.oauthbearer.metadata.authentication.type`.
const CLOUD_AZURE: i32 = 1;
const CLOUD_AWS: i32 = 2;
/// Where a machine at Azure gets its tokens.
const AZURE_URL: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
/// Attempts after the first one that had a temporary failure.
const RETRIES: i64 = 4;
/// The pause before the first of them, in microseconds.
const RETRY_US: i64 = 5_000_000;

/// An OIDC provider, and what it is asked for.
pub(crate) struct Provider {
    grant: Grant,
    url: String,
    scope: Option<String>,
    /// Sent to brokers beside the token: names and values in turn.
    extensions: Vec<Vec<u8>>,
    /// The claim that names whom the token is for.
    subject_claim: String,
    authority: Authority,
    client: OnceLock<Result<HttpClient, String>>,
    /// The pause before the first repeated attempt; it grows by as much with each.
    pause_us: i64,
    is_stopped: Mutex<bool>,
    stopped: Condvar,
}

enum Grant {
    /// The client's id and secret.
    ClientCredentials { id: Secret, secret: Secret },
    /// A signed assertion.
    JwtBearer(Box<Assertions>),
    /// The machine's identity at Azure, with this query.
    Azure { query: Option<String> },
    /// The machine's identity at AWS.
    Aws,
}

impl Provider {
    /// The provider of a configuration.
    pub(crate) fn of(conf: &Conf) -> Self {
        let text = |value: &Option<crate::conf::Text>| {
            value.as_ref().map(|value| value.to_str().into_owned())
        };
        let grant = match conf.oauthbearer_metadata_authentication_type {
            CLOUD_AZURE => Grant::Azure { query: query(conf) },
            CLOUD_AWS => Grant::Aws,
            _ if conf.oauthbearer_grant_type == GRANT_JWT_BEARER => {
                Grant::JwtBearer(Box::new(Assertions::of(conf)))
            }
            _ => Grant::ClientCredentials {
                id: conf.oauthbearer_client_id.clone().unwrap_or_default(),
                secret: conf.oauthbearer_client_secret.clone().unwrap_or_default(),
            },
        };
        let pairs = text(&conf.oauthbearer_extensions).unwrap_or_default();
        let pairs = pairs.split(',').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let pem = conf.https_ca_pem.as_ref().map(|pem| Secret::from(pem.as_bytes()));
        Self {
            grant,
            url: text(&conf.oauthbearer_token_endpoint_url).unwrap_or_else(|| AZURE_URL.to_owned()),
            scope: text(&conf.oauthbearer_scope).filter(|scope| !scope.is_empty()),
            extensions: pairs.flat_map(|(name, value)| [name.into(), value.into()]).collect(),
            subject_claim: text(&conf.oauthbearer_sub_claim_name)
                .unwrap_or_else(|| "sub".to_owned()),
            authority: Authority {
                location: conf.https_ca_location.clone(),
                pem,
                ..Authority::default()
            },
            client: OnceLock::new(),
            pause_us: RETRY_US,
            is_stopped: Mutex::new(Rank::Leaf, false),
            stopped: Condvar::new(),
        }
    }

    /// A new token. Takes as long as the provider does; [`Provider::stop`] ends it.
    ///
    /// # Errors
    /// The text for the application.
    pub(crate) fn token(&self, now_ms: impl Fn() -> i64) -> Result<Token, String> {
        let (headers, form) = match &self.grant {
            Grant::Aws => {
                return Err("aws_iam OAUTHBEARER token retrieval is not implemented natively in \
                            librdkafka: set a token refresh callback"
                    .to_owned());
            }
            Grant::Azure { .. } => (vec![("Metadata", "true".to_owned())], None),
            Grant::ClientCredentials { id, secret } => {
                let both = Secret::of_parts(&[id.expose(), b":", secret.expose()]);
                let basic = format!("Basic {}", base64::encode_block(both.expose()));
                (form_headers(Some(basic)), Some(self.form("client_credentials", None)))
            }
            Grant::JwtBearer(assertions) => {
                let assertion = assertions
                    .next(now_ms())
                    .map_err(|reason| format!("Failed to create JWT assertion: {reason}"))?;
                let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                (form_headers(None), Some(self.form(grant, Some(&assertion))))
            }
        };
        let url = match &self.grant {
            Grant::Azure { query: Some(query) } => with_query(&self.url, query),
            _ => self.url.clone(),
        };
        let request = HttpRequest { url: &url, headers: &headers, form };
        let body = self.fetch(&request)?;
        self.read(&body, now_ms())
    }

    /// Ends a request that runs in another thread; there will be no more.
    pub(crate) fn stop(&self) {
        *self.is_stopped.lock() = true;
        self.stopped.notify_all();
        if let Some(Ok(client)) = self.client.get() {
            client.stop();
        }
    }

    fn form(&self, grant: &str, assertion: Option<&Secret>) -> String {
        let mut form = format!("grant_type={}", escaped(grant.as_bytes()));
        if let Some(assertion) = assertion {
            form = format!("{form}&assertion={}", escaped(assertion.expose()));
        }
        if let Some(scope) = &self.scope {
            form = format!("{form}&scope={}", escaped(scope.as_bytes()));
        }
        form
    }

    fn fetch(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, String> {
        let client = self.client.get_or_init(|| HttpClient::new(&self.authority));
        let client = client.as_ref().map_err(Clone::clone)?;
        let mut attempt = 0;
        loop {
            if *self.is_stopped.lock() {
                return Err("Terminating".to_owned());
            }
            let told = |error: HttpError| {
                let place = request.url.split('?').next().unwrap_or_default();
                let HttpError { status, text } = error;
                format!("Failed to retrieve OIDC token from \"{place}\": {text} ({status})")
            };
            match client.fetch(request) {
                Ok(body) => return Ok(body),
                Err(error) if attempt == RETRIES || !error.is_temporary() => {
                    return Err(told(error));
                }
                Err(_) => {}
            }
            attempt += 1;
            let mut is_stopped = self.is_stopped.lock();
            if !*is_stopped {
                self.stopped.wait(&mut is_stopped, Some(self.pause_us * attempt));
            }
        }
    }

    /// The token in an answer.
    fn read(&self, body: &[u8], now_ms: i64) -> Result<Token, String> {
        let json: Value = serde_json::from_slice(body)
            .map_err(|_| "Failed to parse the token endpoint's answer as JSON".to_owned())?;
        let access = self.read_field(&json, "access_token");
        let (value, expires_ms) = match (access, &self.grant) {
            // Some providers give nothing else to a bearer of assertions.
            (Err(_), Grant::JwtBearer(_)) => self.read_field(&json, "id_token")?,
            (access, _) => access?,
        };
        let extensions: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        Token::new(value.as_bytes(), expires_ms, &extensions, now_ms)
    }

    /// A token with its end.
    fn read_field<'a>(&self, json: &'a Value, field: &str) -> Result<(&'a str, i64), String> {
        let token = json
            .get(field)
            .ok_or_else(|| format!("Expected JSON response with \"{field}\" field"))?;
        let token = token.as_str().ok_or("Expected token as a string value")?;
        let claims = claims(token)?;
        let end = claims.get("exp").ok_or("Expected JSON JWT response with \"exp\" field")?;
        let end = end.as_f64().filter(|end| *end > 0.0 && *end < 1e15);
        let end = end.ok_or("Expected JSON JWT response with valid \"exp\" field")?;
        let name = &self.subject_claim;
        let subject = claims
            .get(name)
            .ok_or_else(|| format!("Expected JSON JWT response with \"{name}\" field"))?;
        if subject.as_str().is_none_or(str::is_empty) {
            return Err(format!("Expected JSON JWT response with valid \"{name}\" field"));
        }
        // Below 1e15 seconds, which is far below what fits.
        #[allow(clippy::cast_possible_truncation)]
        let end_s = end as i64;
        Ok((token, end_s * 1000))
    }
}

/// The claims of a token.
fn claims(token: &str) -> Result<Value, String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, payload, _] = parts[..] else {
        let how = if parts.len() < 3 { "less" } else { "more" };
        return Err(format!(
            "Failed to decode JWT payload: The token is invalid with {how} than 2 delimiters"
        ));
    };
    let payload = payload.replace('-', "+").replace('_', "/");
    let padding = "=".repeat(payload.len().wrapping_neg() % 4);
    let bytes = base64::decode_block(&format!("{payload}{padding}"))
        .map_err(|_| "Failed to decode JWT payload: Failed to decode base64 payload".to_owned())?;
    serde_json::from_slice(&bytes).map_err(|_| "Failed to parse JSON JWT payload".to_owned())
}

fn form_headers(authorization: Option<String>) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("Accept", "application/json".to_owned()),
        ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
    ];
    headers.extend(authorization.map(|value| ("Authorization", value)));
    headers
}

/// Bytes as they may stand in a form.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(*byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

fn with_query(url: &str, query: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{query}")
}

/// The value of `query` in `sasl.oauthbearer.config`.
fn query(conf: &Conf) -> Option<String> {
    let config = conf.oauthbearer_config.as_ref()?;
    let config = String::from_utf8_lossy(config.expose());
    let mut pairs = config.split(',').map(str::trim);
    let value = pairs.find_map(|pair| pair.strip_prefix("query="))?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests;
