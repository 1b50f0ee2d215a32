//! Tokens that nobody signed (`enable.sasl.oauthbearer.unsecure.jwt`): for tests of a cluster, made
//! from `sasl.oauthbearer.config`.
#![forbid(unsafe_code)]

use openssl::base64;

use super::oauthbearer::Token;

/// `{"alg":"none"}`, encoded.
const HEADER: &str = "eyJhbGciOiJub25lIn0";

/// What the configuration says; `None` where it says nothing.
#[derive(Default)]
struct Wishes<'a> {
    principal_claim: Option<&'a str>,
    principal: Option<&'a str>,
    scope_claim: Option<&'a str>,
    scope: Option<&'a str>,
    life_seconds: Option<i64>,
    extensions: Vec<&'a [u8]>,
}

/// A token of a configuration.
///
/// # Errors
/// The text for the application; it quotes no value.
///
/// Historical: `rd_kafka_oauthbearer_unsecured_token0`.
pub(crate) fn unsecured(config: &[u8], now_ms: i64) -> Result<Token, String> {
    if config.is_empty() {
        return Err(invalid("must not be empty"));
    }
    let config = std::str::from_utf8(config).map_err(|_| invalid("not UTF-8"))?;
    let wishes = parse(config)?;
    let principal = wishes.principal.ok_or_else(|| invalid("no principal=<value>"))?;
    let principal_claim = wishes.principal_claim.unwrap_or("sub");
    let scope_claim = wishes.scope_claim.unwrap_or("scope");
    for (name, value) in [
        ("principal", Some(principal)),
        ("principalClaimName", Some(principal_claim)),
        ("scopeClaimName", Some(scope_claim)),
        ("scope", wishes.scope),
    ] {
        if value.is_some_and(|value| value.contains(['"', '\\'])) {
            return Err(invalid(&format!("'\"' and '\\' cannot appear in {name}")));
        }
    }
    let life_seconds = wishes.life_seconds.unwrap_or(3600);
    let expires_ms = now_ms + life_seconds * 1000;
    let claims = format!(
        "{{\"{principal_claim}\":\"{principal}\",\"iat\":{},\"exp\":{}{}}}",
        seconds(now_ms),
        seconds(expires_ms),
        scope_claims(scope_claim, wishes.scope.unwrap_or_default())
    );
    let value = format!("{HEADER}.{}.", url_safe(claims.as_bytes()));
    Token::new(value.as_bytes(), expires_ms, &wishes.extensions, now_ms)
}

fn invalid(reason: &str) -> String {
    format!("Invalid sasl.oauthbearer.config: {reason}")
}

/// Seconds with three decimals.
fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// The scopes as a claim; nothing without any. Each is named once.
fn scope_claims(claim: &str, list: &str) -> String {
    let mut scopes: Vec<&str> = Vec::new();
    for scope in list.split(',') {
        if !scope.is_empty() && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return String::new();
    }
    format!(",\"{claim}\":[\"{}\"]", scopes.join("\",\""))
}

/// Base64 for URLs, without padding.
pub(super) fn url_safe(bytes: &[u8]) -> String {
    let encoded = base64::encode_block(bytes);
    encoded.trim_end_matches('=').replace('+', "-").replace('/', "_")
}

fn parse(config: &str) -> Result<Wishes<'_>, String> {
    let mut wishes = Wishes::default();
    let mut rest = config.trim_start_matches(' ');
    while !rest.is_empty() {
        let (pair, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        let at = config.len() - rest.len();
        let (name, value) = pair.split_once('=').ok_or_else(|| unrecognized(at))?;
        let text = match name {
            "principalClaimName" => &mut wishes.principal_claim,
            "principal" => &mut wishes.principal,
            "scopeClaimName" => &mut wishes.scope_claim,
            "scope" => &mut wishes.scope,
            "lifeSeconds" => {
                wishes.life_seconds = Some(life_seconds(value)?);
                rest = behind.trim_start_matches(' ');
                continue;
            }
            _ => {
                let key = name.strip_prefix("extension_").ok_or_else(|| unrecognized(at))?;
                if key.is_empty() {
                    return Err(invalid("empty 'extension_' key"));
                }
                wishes.extensions.extend([key.as_bytes(), value.as_bytes()]);
                rest = behind.trim_start_matches(' ');
                continue;
            }
        };
        if text.is_some() {
            return Err(invalid(&format!("multiple '{name}=' entries")));
        }
        if value.is_empty() {
            return Err(invalid(&format!("empty '{name}='")));
        }
        *text = Some(value);
        rest = behind.trim_start_matches(' ');
    }
    Ok(wishes)
}

fn unrecognized(at: usize) -> String {
    format!("Unrecognized sasl.oauthbearer.config beginning at byte {at}")
}

fn life_seconds(value: &str) -> Result<i64, String> {
    if value.is_empty() {
        return Err(invalid("empty 'lifeSeconds='"));
    }
    let seconds: i64 = value.parse().map_err(|_| invalid("non-integral 'lifeSeconds='"))?;
    if !(1..=i64::from(i32::MAX)).contains(&seconds) {
        return Err(invalid("value out of range of positive int 'lifeSeconds='"));
    }
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::super::Client;
    use super::super::oauthbearer::OauthBearer;
    use super::*;

    const NOW_MS: i64 = 1_549_251_467_546;

    /// The first message of a configuration's token.
    fn first(config: &str) -> String {
        let token = unsecured(config.as_bytes(), NOW_MS).expect("a good configuration");
        let first = OauthBearer::new(token.into()).first().expect("there is a token");
        String::from_utf8(first.expose().to_vec()).expect("messages are text")
    }

    /// The claims in it.
    fn claims(config: &str) -> String {
        let message = first(config);
        let payload = message.split('.').nth(1).expect("a payload").to_owned();
        let payload = payload.replace('-', "+").replace('_', "/");
        let padded = format!("{payload}{}", "=".repeat(payload.len().wrapping_neg() % 4));
        let bytes = base64::decode_block(&padded).expect("base64");
        String::from_utf8(bytes).expect("claims are text")
    }

    #[test]
    fn claims_follow_the_configuration() {
        assert_eq!(
            claims("principal=fubar"),
            "{\"sub\":\"fubar\",\"iat\":1549251467.546,\"exp\":1549255067.546}"
        );
        assert_eq!(
            claims(
                "principal=fubar principalClaimName=azp lifeSeconds=600 \
                 scopeClaimName=roles scope=role1,,role2,role1"
            ),
            "{\"azp\":\"fubar\",\"iat\":1549251467.546,\"exp\":1549252067.546,\
             \"roles\":[\"role1\",\"role2\"]}"
        );
    }

    #[test]
    fn extensions_go_beside_the_token() {
        let message = first("principal=fubar extension_a=b extension_yz=yzval");
        assert!(message.ends_with(".\x01a=b\x01yz=yzval\x01\x01"), "{message:?}");
        assert!(message.starts_with("n,,\x01auth=Bearer eyJhbGciOiJub25lIn0."), "{message:?}");
    }

    #[test]
    fn what_is_wrong_is_named_without_its_value() {
        for (config, reason) in [
            ("", "Invalid sasl.oauthbearer.config: must not be empty"),
            ("lifeSeconds=9", "Invalid sasl.oauthbearer.config: no principal=<value>"),
            (
                "principal=a principal=canary",
                "Invalid sasl.oauthbearer.config: multiple 'principal=' entries",
            ),
            ("principal=", "Invalid sasl.oauthbearer.config: empty 'principal='"),
            (
                "principal=canary\"",
                "Invalid sasl.oauthbearer.config: '\"' and '\\' cannot appear in principal",
            ),
            (
                "principal=a lifeSeconds=canary",
                "Invalid sasl.oauthbearer.config: non-integral 'lifeSeconds='",
            ),
            (
                "principal=a lifeSeconds=0",
                "Invalid sasl.oauthbearer.config: value out of range of positive int \
                 'lifeSeconds='",
            ),
            (
                "principal=a extension_=canary",
                "Invalid sasl.oauthbearer.config: empty 'extension_' key",
            ),
            ("principal=a canary=b", "Unrecognized sasl.oauthbearer.config beginning at byte 12"),
            (
                "principal=a extension_auth=x",
                "Cannot explicitly set the reserved `auth` SASL/OAUTHBEARER extension key",
            ),
        ] {
            assert_eq!(unsecured(config.as_bytes(), NOW_MS), Err(reason.to_owned()), "{config}");
        }
    }
}
