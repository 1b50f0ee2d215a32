//! Snappy: one raw block, without a frame. Java's framed blocks are read too.
#![forbid(unsafe_code)]

use super::CodecError;

/// The start of Java's frame.
const JAVA_MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];

/// A kept hash table.
pub(crate) struct Compress(snap::raw::Encoder);

impl Compress {
    /// A fresh one.
    pub(crate) fn new() -> Self {
        Self(snap::raw::Encoder::new())
    }

    /// Appends the compressed `source` to `out`, which is empty.
    pub(crate) fn compress(&mut self, source: &[u8], out: &mut Vec<u8>) -> Result<(), CodecError> {
        out.resize(snap::raw::max_compress_len(source.len()), 0);
        let len = self.0.compress(source, out).map_err(|error| CodecError(error.to_string()))?;
        out.truncate(len);
        Ok(())
    }
}

/// Decompresses at most `limit` bytes.
pub(crate) fn decompress(source: &[u8], limit: usize) -> Result<Vec<u8>, CodecError> {
    if !source.starts_with(&JAVA_MAGIC) {
        return block(source, limit);
    }
    let mut out = Vec::new();
    let mut rest = source.get(16..).unwrap_or_default();
    while let Some((size, tail)) = rest.split_first_chunk::<4>() {
        let size = u32::from_be_bytes(*size) as usize;
        let packed = tail.get(..size).ok_or_else(|| CodecError("frame ends early".to_owned()))?;
        out.extend(block(packed, limit - out.len())?);
        rest = &tail[size..];
    }
    Ok(out)
}

fn block(source: &[u8], limit: usize) -> Result<Vec<u8>, CodecError> {
    let len = snap::raw::decompress_len(source).map_err(|error| CodecError(error.to_string()))?;
    if len > limit {
        return Err(CodecError(format!("{len} bytes, at most {limit} allowed")));
    }
    snap::raw::Decoder::new().decompress_vec(source).map_err(|error| CodecError(error.to_string()))
}
