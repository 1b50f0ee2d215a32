//! PLAIN (RFC 4616): user name and password in clear.
#![forbid(unsafe_code)]

use super::{Client, Credentials, Next};
use crate::conf::Secret;

/// One PLAIN authentication.
pub(crate) struct Plain(Credentials);

impl Plain {
    /// With these credentials.
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self(credentials)
    }
}

impl Client for Plain {
    /// No identity to act as, the user name, the password.
    fn first(&mut self) -> Result<Secret, String> {
        let Credentials { user, password } = &self.0;
        Ok(Secret::of_parts(&[b"\0", user.expose(), b"\0", password.expose()]))
    }

    /// The broker says nothing more: an error comes as the response's code.
    fn next(&mut self, _message: &[u8]) -> Result<Next, String> {
        Ok(Next::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_name_and_password_behind_zero_bytes() {
        let secret = |text: &str| Secret::from(text.as_bytes());
        let (user, password) = (secret("alice"), secret("p\u{e4}ss"));
        let mut client = Plain::new(Credentials { user, password });
        let first = client.first().expect("nothing is missing");
        assert_eq!(first.expose(), "\0alice\0p\u{e4}ss".as_bytes());
        assert_eq!(client.next(b""), Ok(Next::Done));
    }
}
