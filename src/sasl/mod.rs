//! What the client says to prove who it is: the mechanisms as state machines over bytes, and the
//! credentials and tokens they use.
//!
//! When a mechanism runs, and in which requests its bytes travel, is `broker/auth.rs`'s.
#![forbid(unsafe_code)]

pub(crate) mod assertion;
pub(crate) mod http;
pub(crate) mod oauthbearer;
pub(crate) mod oidc;
pub(crate) mod plain;
pub(crate) mod scram;
pub(crate) mod token;

use crate::conf::Secret;
use scram::Hash;

/// One authentication, as the client sees it.
pub(crate) trait Client: Send {
    /// The first message.
    ///
    /// # Errors
    /// The text for the application: there is nothing to begin with.
    fn first(&mut self) -> Result<Secret, String>;

    /// Takes the broker's message.
    ///
    /// # Errors
    /// The text for the application: the broker refuses, or is not who it says.
    fn next(&mut self, message: &[u8]) -> Result<Next, String>;
}

/// What follows a message of the broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Send this.
    Send(Secret),
    /// Both sides are content.
    Done,
}

/// The mechanisms of this library.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mechanism {
    /// User name and password in clear.
    Plain,
    /// A proof of the password (RFC 5802).
    Scram(Hash),
    /// A token (RFC 7628).
    OauthBearer,
}

impl Mechanism {
    /// The mechanism of a configured name.
    ///
    /// # Errors
    /// The text for the application.
    ///
    /// Historical: `rd_kafka_sasl_select_provider`.
    pub(crate) fn of_name(name: &str) -> Result<Self, String> {
        match name {
            "PLAIN" => Ok(Self::Plain),
            "OAUTHBEARER" => Ok(Self::OauthBearer),
            "GSSAPI" => Err("No provider for SASL mechanism GSSAPI: this library does not \
                             include Kerberos. Current build options: PLAIN SASL_SCRAM OAUTHBEARER"
                .to_owned()),
            _ if name.starts_with("SCRAM-SHA-") => match Hash::of_name(name) {
                Some(hash) => Ok(Self::Scram(hash)),
                None => Err(format!("Unsupported hash function: {name} (try SCRAM-SHA-512)")),
            },
            _ => Err(format!("Unsupported SASL mechanism: {name}")),
        }
    }

    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Scram(hash) => hash.mechanism(),
            Self::OauthBearer => "OAUTHBEARER",
        }
    }

    /// Does it need user name and password?
    pub(crate) fn takes_password(self) -> bool {
        self != Self::OauthBearer
    }
}

/// User name and password.
#[derive(Clone, Default, Debug)]
pub(crate) struct Credentials {
    /// The name.
    pub(crate) user: Secret,
    /// The password.
    pub(crate) password: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mechanisms_are_found_by_name_and_others_have_the_historical_text() {
        for name in ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] {
            assert_eq!(Mechanism::of_name(name).map(Mechanism::name), Ok(name));
        }
        for (name, text) in [
            ("SCRAM-SHA-3", "Unsupported hash function: SCRAM-SHA-3 (try SCRAM-SHA-512)"),
            ("plain", "Unsupported SASL mechanism: plain"),
            ("EXTERNAL", "Unsupported SASL mechanism: EXTERNAL"),
        ] {
            assert_eq!(Mechanism::of_name(name).expect_err("refused"), text);
        }
        let text = Mechanism::of_name("GSSAPI").expect_err("refused");
        assert!(text.starts_with("No provider for SASL mechanism GSSAPI: "), "{text}");
    }
}
