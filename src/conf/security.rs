//! The rules between security properties: TLS material, OAUTHBEARER, and what is warned about.
#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::property::Properties;
use super::{Conf, Text};

/// `security.protocol`: TLS without SASL.
const SSL: i32 = 1;
/// `security.protocol`: SASL without TLS.
const SASL_PLAINTEXT: i32 = 2;
/// `security.protocol`: SASL and TLS.
const SASL_SSL: i32 = 3;
/// `sasl.oauthbearer.method`: an OIDC provider.
const METHOD_OIDC: i32 = 1;
/// `sasl.oauthbearer.grant.type`: a signed assertion.
const GRANT_JWT_BEARER: i32 = 1;
/// `sasl.oauthbearer.metadata.authentication.type`: no cloud service.
const CLOUD_NONE: i32 = 0;
/// `sasl.oauthbearer.metadata.authentication.type`: Azure's instance metadata service.
const CLOUD_AZURE: i32 = 1;

/// Checks what contradicts itself.
///
/// # Errors
/// The text for the application.
pub(super) fn check(conf: &Conf) -> Result<(), String> {
    if conf.ssl_keystore_location.is_some() && conf.ssl_keystore_password.is_none() {
        return refuse("`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set");
    }
    if conf.ssl_ca.is_some() && (conf.ssl_ca_location.is_some() || conf.ssl_ca_pem.is_some()) {
        return refuse(
            "`ssl.ca.location` or `ssl.ca.pem`, and memory-based set_ssl_cert(CERT_CA) are \
             mutually exclusive.",
        );
    }
    check_https(conf)?;
    if is_sasl(conf) && has_mechanism(conf, b"OAUTHBEARER") {
        check_oauthbearer(conf)?;
    }
    Ok(())
}

fn refuse(text: &str) -> Result<(), String> {
    Err(text.to_owned())
}

fn check_https(conf: &Conf) -> Result<(), String> {
    let Some(location) = &conf.https_ca_location else { return Ok(()) };
    if conf.https_ca_pem.is_some() {
        return refuse("`https.ca.location` and `https.ca.pem` are mutually exclusive");
    }
    if location != "probe" && !Path::new(OsStr::from_bytes(location.as_bytes())).exists() {
        return refuse("`https.ca.location` must be an existing file or directory");
    }
    Ok(())
}

fn is_sasl(conf: &Conf) -> bool {
    matches!(conf.security_protocol, SASL_PLAINTEXT | SASL_SSL)
}

fn mechanism(conf: &Conf) -> &[u8] {
    conf.sasl_mechanisms.as_ref().map_or(b"", Text::as_bytes)
}

fn has_mechanism(conf: &Conf, name: &[u8]) -> bool {
    mechanism(conf).eq_ignore_ascii_case(name)
}

/// Do tokens come from an OIDC provider?
pub(super) fn is_oidc(conf: &Conf) -> bool {
    conf.oauthbearer_method == METHOD_OIDC
}

/// Does the library itself get them, since the application has no callback for that?
pub(super) fn gets_tokens(conf: &Conf) -> bool {
    let is_wanted = is_sasl(conf) && has_mechanism(conf, b"OAUTHBEARER") && is_oidc(conf);
    is_wanted && conf.oauthbearer_token_refresh_cb.is_none()
}

fn check_oauthbearer(conf: &Conf) -> Result<(), String> {
    let is_unsecure = conf.sasl_enable_oauthbearer_unsecure_jwt;
    if is_unsecure && conf.oauthbearer_token_refresh_cb.is_some() {
        return refuse(
            "`enable.sasl.oauthbearer.unsecure.jwt` and `oauthbearer_token_refresh_cb` are \
             mutually exclusive",
        );
    }
    if !is_oidc(conf) {
        return Ok(());
    }
    if is_unsecure {
        return refuse(
            "`enable.sasl.oauthbearer.unsecure.jwt` and `sasl.oauthbearer.method=oidc` are \
             mutually exclusive",
        );
    }
    check_endpoint(conf)?;
    if conf.oauthbearer_grant_type == GRANT_JWT_BEARER {
        check_assertion(conf)?;
    } else if conf.oauthbearer_metadata_authentication_type == CLOUD_NONE {
        for (name, is_missing) in [
            ("client.id", conf.oauthbearer_client_id.is_none()),
            ("client.secret", conf.oauthbearer_client_secret.is_none()),
        ] {
            if is_missing {
                return Err(mandatory_for_oidc(name));
            }
        }
    }
    let claim = conf.oauthbearer_sub_claim_name.as_ref();
    if claim.is_some_and(|claim| claim.as_bytes().trim_ascii().is_empty()) {
        return refuse(
            "`sasl.oauthbearer.sub.claim.name` must be non-empty and not contain only whitespace",
        );
    }
    Ok(())
}

fn mandatory_for_oidc(name: &str) -> String {
    format!("`sasl.oauthbearer.{name}` is mandatory when `sasl.oauthbearer.method=oidc` is set")
}

fn check_endpoint(conf: &Conf) -> Result<(), String> {
    if conf.oauthbearer_token_endpoint_url.is_some() {
        return Ok(());
    }
    match conf.oauthbearer_metadata_authentication_type {
        CLOUD_NONE => Err(mandatory_for_oidc("token.endpoint.url")),
        CLOUD_AZURE if !has_query(conf) => refuse(
            "`sasl.oauthbearer.token.endpoint.url` is mandatory for Azure IMDS authentication \
             when `query` isn't set",
        ),
        _ => Ok(()),
    }
}

/// Has `sasl.oauthbearer.config` the key `query`?
fn has_query(conf: &Conf) -> bool {
    let Some(config) = &conf.oauthbearer_config else { return false };
    config.expose().split(|byte| *byte == b',').any(|pair| pair.trim_ascii().starts_with(b"query="))
}

fn check_assertion(conf: &Conf) -> Result<(), String> {
    let is_set = |name: &str| conf.is_modified(&format!("sasl.oauthbearer.assertion.{name}"));
    let exclusive = |one: &str, other: &str| {
        Err(format!(
            "Mutually exclusive properties set. `sasl.oauthbearer.assertion.{one}` and \
             `sasl.oauthbearer.assertion.{other}` cannot both be set"
        ))
    };
    if conf.oauthbearer_assertion_file.is_some() {
        let others = [
            "private.key.file",
            "private.key.pem",
            "private.key.passphrase",
            "jwt.template.file",
            "claim.sub",
            "claim.aud",
            "claim.iss",
            "claim.jti.include",
            "claim.exp.seconds",
            "claim.nbf.seconds",
        ];
        return others
            .iter()
            .find(|name| is_set(name))
            .map_or(Ok(()), |name| exclusive("file", name));
    }
    let has_file = conf.oauthbearer_assertion_private_key_file.is_some();
    let has_pem = conf.oauthbearer_assertion_private_key_pem.is_some();
    match (has_file, has_pem) {
        (true, true) => exclusive("private.key.file", "private.key.pem"),
        (false, false) => refuse(
            "`sasl.oauthbearer.assertion.private.key.file` or \
             `sasl.oauthbearer.assertion.private.key.pem` is mandatory when \
             `sasl.oauthbearer.grant.type` is set to \
             `urn:ietf:params:oauth:grant-type:jwt-bearer`",
        ),
        _ => Ok(()),
    }
}

/// Warns of settings that have no effect.
pub(super) fn warn(conf: &Conf, warn: &mut impl FnMut(String)) {
    let mechanism = mechanism(conf);
    if conf.is_modified("sasl.mechanisms") && !is_sasl(conf) {
        let name = String::from_utf8_lossy(mechanism);
        warn(format!(
            "Configuration property `sasl.mechanism` set to `{name}` but `security.protocol` is \
             not configured for SASL: recommend setting `security.protocol` to SASL_SSL or \
             SASL_PLAINTEXT"
        ));
    }
    if conf.security_protocol == SASL_PLAINTEXT && mechanism == b"PLAIN" {
        warn(
            "Configuration property `sasl.mechanism` set to `PLAIN` without TLS: user name and \
             password can be read on the way to the broker"
                .to_owned(),
        );
    }
    if matches!(conf.security_protocol, SSL | SASL_SSL) {
        warn_of_tls(conf, warn);
    }
    let takes_user = mechanism.starts_with(b"SCRAM") || mechanism == b"PLAIN";
    if conf.is_modified("sasl.username") && !takes_user {
        warn(
            "Configuration property `sasl.username` only applies when `sasl.mechanism` is set to \
              PLAIN or SCRAM-SHA-.."
                .to_owned(),
        );
    }
}

/// Without these checks anybody between client and broker can be the broker.
fn warn_of_tls(conf: &Conf, warn: &mut impl FnMut(String)) {
    let off = match (conf.ssl_enable_verify, conf.ssl_endpoint_identification) {
        (false, _) => "`enable.ssl.certificate.verification` set to `false`: brokers'",
        (true, 0) => "`ssl.endpoint.identification.algorithm` set to `none`: the names in brokers'",
        (true, _) => return,
    };
    warn(format!("Configuration property {off} certificates are not checked"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conf::SetResult;

    /// The refusal of settings on top of SASL with OAUTHBEARER and an OIDC provider.
    fn refusal(settings: &[(&str, &str)]) -> Option<String> {
        let mut conf = Conf::default();
        let oidc = [
            ("security.protocol", "sasl_plaintext"),
            ("sasl.mechanisms", "oauthbearer"),
            ("sasl.oauthbearer.method", "oidc"),
        ];
        for (name, value) in oidc.iter().chain(settings) {
            let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
            assert_eq!(answer.result, SetResult::Ok, "{name}={value}: {:?}", answer.text);
        }
        check(&conf).err()
    }

    const URL: (&str, &str) = ("sasl.oauthbearer.token.endpoint.url", "https://localhost/");
    const ID: (&str, &str) = ("sasl.oauthbearer.client.credentials.client.id", "id");
    const SECRET: (&str, &str) = ("sasl.oauthbearer.client.secret", "secret");
    const JWT: (&str, &str) =
        ("sasl.oauthbearer.grant.type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    const KEY: (&str, &str) = ("sasl.oauthbearer.assertion.private.key.file", "key");
    const PEM: (&str, &str) = ("sasl.oauthbearer.assertion.private.key.pem", "pem");
    const FILE: (&str, &str) = ("sasl.oauthbearer.assertion.file", "file");
    const AZURE: (&str, &str) = ("sasl.oauthbearer.metadata.authentication.type", "azure_imds");

    #[test]
    fn what_a_grant_needs_must_be_there() {
        for (settings, text) in [
            (
                &[][..],
                "`sasl.oauthbearer.token.endpoint.url` is mandatory when \
                 `sasl.oauthbearer.method=oidc` is set",
            ),
            (
                &[URL],
                "`sasl.oauthbearer.client.id` is mandatory when `sasl.oauthbearer.method=oidc` is \
                 set",
            ),
            (
                &[URL, ID],
                "`sasl.oauthbearer.client.secret` is mandatory when \
                 `sasl.oauthbearer.method=oidc` is set",
            ),
            (
                &[AZURE],
                "`sasl.oauthbearer.token.endpoint.url` is mandatory for Azure IMDS authentication \
                 when `query` isn't set",
            ),
            (
                &[URL, JWT],
                "`sasl.oauthbearer.assertion.private.key.file` or \
                 `sasl.oauthbearer.assertion.private.key.pem` is mandatory when \
                 `sasl.oauthbearer.grant.type` is set to \
                 `urn:ietf:params:oauth:grant-type:jwt-bearer`",
            ),
            (
                &[URL, ID, SECRET, ("sasl.oauthbearer.sub.claim.name", "  ")],
                "`sasl.oauthbearer.sub.claim.name` must be non-empty and not contain only \
                 whitespace",
            ),
        ] {
            assert_eq!(refusal(settings).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_excludes_each_other_must_not_both_be_set() {
        for (settings, text) in [
            (
                &[("enable.sasl.oauthbearer.unsecure.jwt", "true")][..],
                "`enable.sasl.oauthbearer.unsecure.jwt` and `sasl.oauthbearer.method=oidc` are \
                 mutually exclusive",
            ),
            (
                &[URL, JWT, KEY, PEM],
                "Mutually exclusive properties set. \
                 `sasl.oauthbearer.assertion.private.key.file` and \
                 `sasl.oauthbearer.assertion.private.key.pem` cannot both be set",
            ),
            (
                &[URL, JWT, FILE, ("sasl.oauthbearer.assertion.claim.exp.seconds", "300")],
                "Mutually exclusive properties set. `sasl.oauthbearer.assertion.file` and \
                 `sasl.oauthbearer.assertion.claim.exp.seconds` cannot both be set",
            ),
        ] {
            assert_eq!(refusal(settings).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_lets_others_listen_or_answer_is_warned_about() {
        let ssl = ("security.protocol", "ssl");
        let no_names = ("ssl.endpoint.identification.algorithm", "none");
        let nothing = ("enable.ssl.certificate.verification", "false");
        let in_clear = ("security.protocol", "sasl_plaintext");
        for (settings, end) in [
            (&[ssl][..], None),
            (&[ssl, no_names], Some("the names in brokers' certificates are not checked")),
            (&[ssl, nothing], Some("`false`: brokers' certificates are not checked")),
            (&[no_names, nothing], None),
            (
                &[in_clear, ("sasl.mechanism", "PLAIN")],
                Some("password can be read on the way to the broker"),
            ),
            (&[in_clear, ("sasl.mechanism", "SCRAM-SHA-256")], None),
            (&[("security.protocol", "sasl_ssl"), ("sasl.mechanism", "PLAIN")], None),
        ] {
            let mut conf = Conf::default();
            for (name, value) in settings {
                let answer = conf.set(name.as_bytes(), Some(value.as_bytes()));
                assert_eq!(answer.result, SetResult::Ok, "{name}={value}");
            }
            let mut warnings = Vec::new();
            warn(&conf, &mut |text| warnings.push(text));
            assert_eq!(warnings.len(), usize::from(end.is_some()), "{settings:?}: {warnings:?}");
            assert!(end.is_none_or(|end| warnings[0].ends_with(end)), "{warnings:?}");
        }
    }

    #[test]
    fn complete_settings_pass() {
        for settings in [
            &[URL, ID, SECRET][..],
            &[URL, JWT, KEY],
            &[URL, JWT, FILE],
            &[AZURE, ("sasl.oauthbearer.config", "query=a%3Db")],
        ] {
            assert_eq!(refusal(settings), None, "{settings:?}");
        }
    }
}
