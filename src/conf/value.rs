//! The kinds of values that configuration fields have besides numbers: text, secrets, certificates,
//! callbacks.
//!
//! Values are bytes, not UTF-8: what an application sets comes back unchanged.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::fmt;
use std::hint::black_box;
use std::ops::{Deref, DerefMut};

use crate::abi::callbacks::*;
use crate::abi::opaque::Opaque;
use crate::own::mark::{self, Mark};

/// A text as the application gave it.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Text(Box<[u8]>);

impl Text {
    /// The bytes, without the NUL.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text; bytes that are no UTF-8 are replaced.
    pub(crate) fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), f)
    }
}

/// A value that must not leave the process by accident: it prints as `[redacted]` and is
/// overwritten when dropped.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Secret(Box<[u8]>);

impl Secret {
    /// The bytes in clear: for the wire, the crypto library and `rd_kafka_conf_get`, for nothing
    /// that is printed.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The parts in a row.
    pub(crate) fn of_parts(parts: &[&[u8]]) -> Self {
        Self(parts.concat().into())
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the compiler from dropping stores into memory that is freed right after.
        black_box(&self.0);
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// What is printed in the place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// A certificate or key set from memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cert {
    /// `rd_kafka_cert_enc_t`: 0 PKCS#12, 1 DER, 2 PEM.
    pub(crate) encoding: i32,
    /// The application's bytes.
    pub(crate) data: Secret,
}

/// A callback that has a built-in default, which the application can replace or take away.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Hook<F> {
    /// The library's own.
    #[default]
    BuiltIn,
    /// The application set NULL.
    Unset,
    /// The application's.
    Set(F),
}

impl<F: Copy> Hook<F> {
    /// The application's callback, if there is one.
    pub(crate) fn set(&self) -> Option<F> {
        match self {
            Self::Set(callback) => Some(*callback),
            Self::BuiltIn | Self::Unset => None,
        }
    }
}

impl<F> From<Option<F>> for Hook<F> {
    fn from(callback: Option<F>) -> Self {
        callback.map_or(Self::Unset, Self::Set)
    }
}

/// A field that `rd_kafka_conf_get` prints as an address.
pub(crate) trait Pointer {
    /// The address; 0 when unset.
    fn address(&self) -> usize;
}

/// Stands for the address of a built-in callback, which has none of its own.
static BUILT_IN: u8 = 0;

macro_rules! pointers {
    ($($callback:ty),* $(,)?) => {
        $(
            impl Pointer for Option<$callback> {
                fn address(&self) -> usize {
                    self.map_or(0, |callback| callback as usize)
                }
            }

            impl Pointer for Hook<$callback> {
                fn address(&self) -> usize {
                    match self {
                        Self::BuiltIn => (&raw const BUILT_IN).addr(),
                        Self::Unset => 0,
                        Self::Set(callback) => *callback as usize,
                    }
                }
            }
        )*
    };
}

pointers! {
    DrCb, DrMsgCb, ErrorCb, ThrottleCb, StatsCb, LogCb, BackgroundEventCb, SocketCb, ConnectCb,
    CloseSocketCb, OpenCb, ResolveCb, PartitionerCb, MsgOrderCmp, ConsumeCb, RebalanceCb,
    OauthRefreshCb, SslCertVerifyCb, StatsTypedCb,
}

impl Pointer for Opaque {
    fn address(&self) -> usize {
        Self::address(*self)
    }
}

impl<T> Pointer for Option<Box<Marked<T>>> {
    fn address(&self) -> usize {
        self.as_ref().map_or(0, |object| (&raw const **object).addr())
    }
}

/// A configuration object as C code holds it: the mark that tells ours from a peer's, then the
/// value.
#[repr(C)]
pub(crate) struct Marked<T> {
    mark: Mark,
    value: T,
}

/// A kind of configuration object and its marks.
pub(crate) trait Object {
    /// The application owns the object.
    const OURS: Mark;
    /// An instance owns the object: the application may read it, and nothing else.
    const TAKEN: Mark;
}

impl Object for super::Conf {
    const OURS: Mark = Mark::CONF;
    const TAKEN: Mark = Mark::CONF_TAKEN;
}

impl Object for super::TopicConf {
    const OURS: Mark = Mark::TOPIC_CONF;
    /// A topic keeps what the configuration says, never the object.
    const TAKEN: Mark = Self::OURS;
}

impl<T: Object> Marked<T> {
    /// An object that the application owns.
    pub(crate) fn new(value: T) -> Box<Self> {
        Box::new(Self { mark: T::OURS, value })
    }

    /// Notes that an instance owns the object.
    pub(crate) fn set_taken(&mut self) {
        self.mark = T::TAKEN;
    }

    /// Notes that the application owns the object.
    pub(crate) fn set_ours(&mut self) {
        self.mark = T::OURS;
    }
}

impl<T: Object + Clone> Clone for Marked<T> {
    /// A copy is always the application's.
    fn clone(&self) -> Self {
        Self { mark: T::OURS, value: self.value.clone() }
    }
}

impl<T> Drop for Marked<T> {
    fn drop(&mut self) {
        mark::bury(&mut self.mark);
    }
}

impl<T: fmt::Debug> fmt::Debug for Marked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> Deref for Marked<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Marked<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conf::{Conf, TopicConf};

    #[test]
    fn a_secret_never_prints_its_value() {
        let secret = Secret::from(b"hunter2".as_slice());
        let cert = Cert { encoding: 2, data: secret.clone() };

        assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
        assert!(!format!("{cert:?}").contains("hunter2"));
        assert_eq!(secret.expose(), b"hunter2");
    }

    #[test]
    fn a_copy_of_a_taken_object_is_the_applications() {
        let mut object = Marked::new(Conf::default());
        object.set_taken();

        let copy = object.clone();

        assert_eq!((object.mark, copy.mark), (Mark::CONF_TAKEN, Mark::CONF));
    }

    #[test]
    fn configurations_may_cross_threads() {
        fn check<T: Send + Sync>() {}
        check::<Marked<Conf>>();
        check::<Marked<TopicConf>>();
    }

    #[test]
    fn a_built_in_callback_has_an_address_and_an_unset_one_has_none() {
        assert_ne!(Hook::<LogCb>::BuiltIn.address(), 0);
        assert_eq!(Hook::<LogCb>::Unset.address(), 0);
    }
}
