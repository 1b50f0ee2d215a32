//! Signed assertions (RFC 7523): what the client shows a token endpoint in the place of a secret.
#![forbid(unsafe_code)]

use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use serde_json::{Map, Value};

use super::token::url_safe;
use crate::conf::{Conf, Secret};
use crate::sys::socket::error_text;
use crate::sys::{file, rand};
use crate::transport::tls::material::key_of_pem;

/// `sasl.oauthbearer.assertion.algorithm`: a signature with an elliptic curve.
const ES256: i32 = 1;
/// Bytes of each of the two numbers of such a signature.
const ES256_BYTES: i32 = 32;
/// Most bytes of an assertion, a key or a template.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where assertions come from.
#[derive(Debug)]
pub(crate) struct Assertions {
    /// A file with a complete one; nothing else counts then.
    file: Option<Secret>,
    key_file: Option<Secret>,
    key_pem: Option<Secret>,
    passphrase: Option<Secret>,
    template_file: Option<Secret>,
    is_es256: bool,
    /// Names and values.
    claims: [(&'static str, Option<Secret>); 3],
    has_id: bool,
    lifetime_s: i64,
    not_before_s: i64,
}

impl Assertions {
    /// As the configuration says.
    pub(crate) fn of(conf: &Conf) -> Self {
        Self {
            file: conf.oauthbearer_assertion_file.clone(),
            key_file: conf.oauthbearer_assertion_private_key_file.clone(),
            key_pem: conf.oauthbearer_assertion_private_key_pem.clone(),
            passphrase: conf.oauthbearer_assertion_private_key_passphrase.clone(),
            template_file: conf.oauthbearer_assertion_jwt_template_file.clone(),
            is_es256: conf.oauthbearer_assertion_algorithm == ES256,
            claims: [
                ("sub", conf.oauthbearer_assertion_claim_subject.clone()),
                ("iss", conf.oauthbearer_assertion_claim_issuer.clone()),
                ("aud", conf.oauthbearer_assertion_claim_audience.clone()),
            ],
            has_id: conf.oauthbearer_assertion_claim_jti_include,
            lifetime_s: conf.oauthbearer_assertion_claim_expiration_s.into(),
            not_before_s: conf.oauthbearer_assertion_claim_not_before_s.into(),
        }
    }

    /// An assertion: read anew, or made and signed.
    ///
    /// # Errors
    /// What went wrong, for the log; no file's content is in it.
    pub(crate) fn next(&self, now_ms: i64) -> Result<Secret, String> {
        if let Some(file) = &self.file {
            let content = read(file)?;
            return Ok(Secret::from(content.expose().trim_ascii()));
        }
        let (mut header, mut payload) = match &self.template_file {
            Some(file) => template(read(file)?.expose())?,
            None => (Map::new(), Map::new()),
        };
        header.insert("alg".into(), if self.is_es256 { "ES256" } else { "RS256" }.into());
        header.insert("typ".into(), "JWT".into());
        let now_s = now_ms / 1000;
        payload.insert("iat".into(), now_s.into());
        payload.insert("exp".into(), (now_s + self.lifetime_s).into());
        payload.insert("nbf".into(), (now_s - self.not_before_s).into());
        for (name, value) in &self.claims {
            if let Some(value) = value {
                let value = String::from_utf8_lossy(value.expose());
                payload.insert((*name).into(), value.into());
            }
        }
        if self.has_id {
            let mut random = [0; 16];
            rand::fill(&mut random);
            let id = uuid::Builder::from_random_bytes(random).into_uuid();
            payload.insert("jti".into(), id.to_string().into());
        }
        self.sign(&Value::from(header), &Value::from(payload))
    }

    fn sign(&self, header: &Value, payload: &Value) -> Result<Secret, String> {
        let encoded = |value: &Value| url_safe(value.to_string().as_bytes());
        let unsigned = format!("{}.{}", encoded(header), encoded(payload));
        let failed = |_: ErrorStack| "Failed to sign the assertion".to_owned();
        let key = self.key()?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key).map_err(failed)?;
        let mut signature = signer.sign_oneshot_to_vec(unsigned.as_bytes()).map_err(failed)?;
        if self.is_es256 {
            signature = two_numbers(&signature).map_err(failed)?;
        }
        Ok(Secret::of_parts(&[unsigned.as_bytes(), b".", url_safe(&signature).as_bytes()]))
    }

    fn key(&self) -> Result<PKey<Private>, String> {
        let pem = match (&self.key_pem, &self.key_file) {
            (Some(pem), _) => pem.clone(),
            (None, Some(file)) => read(file)?,
            (None, None) => return Err("There is no private key".to_owned()),
        };
        key_of_pem(pem.expose(), self.passphrase.as_ref())
            .map_err(|_| "Failed to load private key".to_owned())
    }
}

/// A signature as JSON Web Signatures have it, from the form that OpenSSL gives.
fn two_numbers(signature: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let signature = EcdsaSig::from_der(signature)?;
    let (r, s) = (signature.r().to_vec_padded(ES256_BYTES)?, signature.s());
    Ok([r, s.to_vec_padded(ES256_BYTES)?].concat())
}

/// What a header or a payload says.
type Claims = Map<String, Value>;

/// The header and the payload of a template.
fn template(content: &[u8]) -> Result<(Claims, Claims), String> {
    let json: Value = serde_json::from_slice(content)
        .map_err(|_| "Failed to parse JWT template JSON".to_owned())?;
    let part = |name: &str| json.get(name)?.as_object().cloned();
    part("header")
        .zip(part("payload"))
        .ok_or_else(|| "JWT template must contain both 'header' and 'payload' objects".to_owned())
}

/// A file whose name and content are secrets.
fn read(name: &Secret) -> Result<Secret, String> {
    let mut content = file::read(file::path(name.expose()), FILE_BYTES_MAX)
        .map_err(|error| format!("Failed to read a file: {}", error_text(&error)))?;
    let secret = Secret::from(content.as_slice());
    content.fill(0);
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use openssl::base64;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::nid::Nid;
    use openssl::rsa::Rsa;
    use openssl::sign::Verifier;

    use super::*;
    use crate::conf::SetResult;

    fn assertions(settings: &[(&str, &str)]) -> Assertions {
        let mut conf = Conf::default();
        for (name, value) in settings {
            let name = format!("sasl.oauthbearer.assertion.{name}");
            let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok, "{name}: {:?}", answer.text);
        }
        Assertions::of(&conf)
    }

    fn decoded(part: &str) -> Vec<u8> {
        let part = part.replace('-', "+").replace('_', "/");
        let padding = "=".repeat(part.len().wrapping_neg() % 4);
        base64::decode_block(&format!("{part}{padding}")).expect("base64")
    }

    /// The three parts of an assertion.
    fn parts(assertion: &Secret) -> (String, Value, Value, Vec<u8>) {
        let text = std::str::from_utf8(assertion.expose()).expect("it is text");
        let (unsigned, signature) = text.rsplit_once('.').expect("three parts");
        let (header, payload) = unsigned.split_once('.').expect("three parts");
        let json = |part| serde_json::from_slice(&decoded(part)).expect("JSON");
        (unsigned.to_owned(), json(header), json(payload), decoded(signature))
    }

    fn pem(key: &PKey<Private>) -> String {
        String::from_utf8(key.private_key_to_pem_pkcs8().expect("PEM")).expect("text")
    }

    #[test]
    fn an_rsa_assertion_says_what_the_configuration_says_and_verifies() {
        let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
        let assertions = assertions(&[
            ("private.key.pem", &pem(&key)),
            ("claim.sub", "me"),
            ("claim.iss", "us"),
            ("claim.aud", "them"),
            ("claim.exp.seconds", "100"),
            ("claim.nbf.seconds", "7"),
            ("claim.jti.include", "true"),
        ]);

        let (unsigned, header, mut payload, signature) =
            parts(&assertions.next(1_000_000_500).expect("a signature"));

        assert_eq!(header, serde_json::json!({"alg": "RS256", "typ": "JWT"}));
        let id = payload.as_object_mut().expect("an object").remove("jti").expect("an id");
        assert_eq!(id.as_str().expect("text").len(), 36);
        let expected = serde_json::json!({
            "iat": 1_000_000, "exp": 1_000_100, "nbf": 999_993, "sub": "me", "iss": "us",
            "aud": "them",
        });
        assert_eq!(payload, expected);
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
        assert!(verifier.verify_oneshot(&signature, unsigned.as_bytes()).expect("no failure"));
    }

    #[test]
    fn a_curve_s_signature_is_two_numbers() {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
        let key = EcKey::generate(&group).expect("a key");
        let key = PKey::from_ec_key(key).expect("a key");
        let locked = key
            .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_128_cbc(), b"word")
            .expect("PEM");
        let locked = String::from_utf8(locked).expect("text");
        let assertions = assertions(&[
            ("algorithm", "ES256"),
            ("private.key.pem", &locked),
            ("private.key.passphrase", "word"),
        ]);

        let (unsigned, header, _, signature) = parts(&assertions.next(5).expect("a signature"));

        assert_eq!(header["alg"], "ES256");
        assert_eq!(signature.len(), 64);
        let number = |bytes: &[u8]| openssl::bn::BigNum::from_slice(bytes).expect("a number");
        let (r, s) = (number(&signature[..32]), number(&signature[32..]));
        let signature = EcdsaSig::from_private_components(r, s).expect("a signature");
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
        let der = signature.to_der().expect("bytes");
        assert!(verifier.verify_oneshot(&der, unsigned.as_bytes()).expect("no failure"));
    }

    #[test]
    fn a_template_gives_what_is_not_set_otherwise() {
        let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("template");
        let content =
            br#"{"header": {"kid": "k", "alg": "none"}, "payload": {"x": 1, "sub": "y"}}"#;
        std::fs::write(&path, content).expect("it can be written");
        let assertions = assertions(&[
            ("private.key.pem", &pem(&key)),
            ("jwt.template.file", path.to_str().expect("text")),
            ("claim.sub", "me"),
        ]);
        let (_, header, payload, _) = parts(&assertions.next(5).expect("a signature"));
        assert_eq!(header, serde_json::json!({"alg": "RS256", "typ": "JWT", "kid": "k"}));
        assert_eq!((&payload["x"], &payload["sub"]), (&1.into(), &"me".into()));

        std::fs::write(&path, b"{\"header\": {}}").expect("it can be written");
        assert_eq!(
            assertions.next(5),
            Err("JWT template must contain both 'header' and 'payload' objects".to_owned())
        );
    }

    #[test]
    fn a_file_is_read_anew_each_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("assertion");
        let assertions = assertions(&[("file", path.to_str().expect("text"))]);
        let text = assertions.next(5).expect_err("no file");
        assert_eq!(text, "Failed to read a file: No such file or directory");
        for content in ["one.two.three\n", "four.five.six"] {
            std::fs::write(&path, content).expect("it can be written");
            let read = assertions.next(5).expect("a file");
            assert_eq!(read.expose(), content.trim().as_bytes());
        }
    }

    #[test]
    fn a_key_that_cannot_be_used_is_not_quoted() {
        let text = assertions(&[("private.key.pem", "canary")]).next(5).expect_err("no key");
        assert_eq!(text, "Failed to load private key");
    }
}
