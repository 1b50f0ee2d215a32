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
    ///
    /// Historical: `rd_kafka_msgset_writer_compress_snappy`.
    pub(crate) fn compress(
        &mut self,
        source: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), CodecError> {
        let whole;
        let source = match source {
            [only] => only,
            pieces => {
                whole = pieces.concat();
                &whole[..]
            }
        };
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
        let size = usize::try_from(u32::from_be_bytes(*size)).unwrap_or(usize::MAX);
        let packed = tail.get(..size).ok_or_else(|| CodecError("frame ends early".to_owned()))?;
        out.extend(block(packed, limit - out.len())?);
        rest = &tail[size..];
    }
    if !rest.is_empty() {
        return Err(CodecError("frame ends early".to_owned()));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(source: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Compress::new().compress(&[source], &mut out).expect("compresses");
        out
    }

    #[test]
    fn blocks_are_raw_and_begin_with_their_length() {
        let block = packed(&[b'a'; 300]);
        assert_eq!(block[..2], [0xac, 0x02]);
        assert_eq!(decompress(&block, 300), Ok(vec![b'a'; 300]));
    }

    #[test]
    fn a_length_above_the_limit_is_refused_before_it_is_believed() {
        let error = decompress(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0], 1 << 20).expect_err("4 GiB");
        assert!(error.0.contains("at most 1048576 allowed"), "{error}");
    }

    #[test]
    fn javas_frames_are_read() {
        let block = packed(&[b'a'; 300]);
        let mut frame = JAVA_MAGIC.to_vec();
        frame.extend([0, 0, 0, 1, 0, 0, 0, 1]);
        for _ in 0..2 {
            frame.extend(u32::try_from(block.len()).expect("short").to_be_bytes());
            frame.extend(&block);
        }
        assert_eq!(decompress(&frame, 600), Ok(vec![b'a'; 600]));
        assert!(decompress(&frame, 599).is_err());
        assert!(decompress(&frame[..frame.len() - 1], 600).is_err());
        frame.push(0);
        assert!(decompress(&frame, 600).is_err());
    }
}
