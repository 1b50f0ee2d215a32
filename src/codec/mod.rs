//! Compression: the list of formats, contexts that are kept between batches, bounded decompression.

// A benchmark, a fuzz target or the mock cluster uses what the client alone does not.
#![allow(dead_code)]
#![deny(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub(crate) mod gzip;
pub(crate) mod kind;
pub(crate) mod lz4;
pub(crate) mod snappy;
pub(crate) mod zstd;

pub(crate) use kind::{Codec, CodecError, Compressor, decompress};
#[allow(unused_imports)] // For callers with a limit of their own.
pub(crate) use kind::{decompress_within, inflated_max};
