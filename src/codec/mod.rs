//! Compression: the list of formats, contexts that are kept between batches, bounded decompression.

pub(crate) mod gzip;
pub(crate) mod kind;
pub(crate) mod lz4;
pub(crate) mod snappy;
pub(crate) mod zstd;

pub(crate) use kind::{Codec, CodecError, Compressor, decompress};
