//! The engine selector, and the only place that spells the engines' names: the explicit setting, else the environment,
//! else `legacy`.
//!
//! The environment is read by the caller and handed in, so that a test can play any environment.
#![forbid(unsafe_code)]

use super::property::{Word, alias_word, word};

/// The environment variable that chooses the engine of producers whose configuration doesn't.
pub(crate) const ENGINE_VARIABLE: &str = "RDKAFKA_PRODUCE_ENGINE";

/// What sends a producer's messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Engine {
    /// The historical one: a partition's broker thread makes its batches.
    #[default]
    Legacy,
    /// The broker-centric one.
    V2,
}

/// Words of `produce.engine`; `v1` is understood and never printed.
pub(super) const WORDS: &[Word] = &[word("legacy", 0), alias_word("v1", 0), word("v2", 1)];
