//! gzip: deflate in a gzip wrapper, header bytes as zlib writes them.
#![forbid(unsafe_code)]

use std::io::Read;

use flate2::{Compress as Deflate, Compression, Crc, FlushCompress, Status};

use super::CodecError;
use super::kind::total;

/// The header that zlib writes: deflate, no flags, no time, Unix.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
/// Highest level.
const LEVEL_MAX: i32 = 9;

/// Where the header says whether the slowest or the fastest algorithm was at work, and how.
const EXTRA_FLAGS_AT: usize = 8;
const SLOWEST: u8 = 2;
const FASTEST: u8 = 4;

/// A kept deflate state, and the header that goes before its output.
pub(crate) struct Compress {
    deflate: Deflate,
    header: [u8; 10],
}

impl Compress {
    /// `level` -1 is zlib's default.
    pub(crate) fn new(level: i32) -> Self {
        let level = match u32::try_from(level.min(LEVEL_MAX)) {
            Ok(level) => Compression::new(level),
            Err(_) => Compression::default(),
        };
        let mut header = HEADER;
        header[EXTRA_FLAGS_AT] = match level.level() {
            9 => SLOWEST,
            0 | 1 => FASTEST,
            _ => 0,
        };
        Self { deflate: Deflate::new(level, false), header }
    }

    /// Appends the compressed `source` to `out`.
    ///
    /// Historical: `rd_kafka_msgset_writer_compress_gzip`.
    pub(crate) fn compress(
        &mut self,
        source: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), CodecError> {
        self.deflate.reset();
        let len = total(source);
        out.reserve(len / 2 + 64);
        out.extend_from_slice(&self.header);
        let mut crc = Crc::new();
        for piece in source {
            self.add(piece, out, FlushCompress::None)?;
            crc.update(piece);
        }
        self.add(&[], out, FlushCompress::Finish)?;
        out.extend_from_slice(&crc.sum().to_le_bytes());
        // The format wants the length modulo 2^32.
        let len = u32::try_from(len & 0xffff_ffff).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_le_bytes());
        Ok(())
    }

    /// Takes a piece in, or ends the stream.
    fn add(
        &mut self,
        piece: &[u8],
        out: &mut Vec<u8>,
        flush: FlushCompress,
    ) -> Result<(), CodecError> {
        let before = self.deflate.total_in();
        loop {
            let consumed = self.deflate.total_in() - before;
            let consumed = usize::try_from(consumed).unwrap_or(usize::MAX);
            let rest = piece.get(consumed..).unwrap_or_default();
            let is_over = rest.is_empty() && flush == FlushCompress::None;
            if is_over {
                return Ok(());
            }
            let status = self
                .deflate
                .compress_vec(rest, out, flush)
                .map_err(|error| CodecError(error.to_string()))?;
            if status == Status::StreamEnd {
                return Ok(());
            }
            if out.len() == out.capacity() {
                out.reserve(out.capacity().max(4096) / 2);
            }
        }
    }
}

/// Decompresses at most `limit` bytes.
pub(crate) fn decompress(source: &[u8], limit: usize) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::MultiGzDecoder::new(source)
        .take(most)
        .read_to_end(&mut out)
        .map_err(|error| CodecError(error.to_string()))?;
    if out.len() > limit {
        return Err(CodecError(format!("more than {limit} bytes")));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_zlibs() {
        let mut out = Vec::new();
        Compress::new(-1).compress(&[b"hello hello hello"], &mut out).expect("compresses");
        assert_eq!(out[..10], HEADER);
        for (level, flags) in [(0, 4), (1, 4), (2, 0), (6, 0), (9, 2), (12, 2)] {
            let mut out = Vec::new();
            Compress::new(level).compress(&[b"hello hello hello"], &mut out).expect("compresses");
            assert_eq!(out[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, flags, 3], "level {level}");
            assert_eq!(decompress(&out, 100).as_deref(), Ok(&b"hello hello hello"[..]));
        }
    }

    #[test]
    fn the_limit_is_exact_and_a_wrong_checksum_is_noticed() {
        let mut out = Vec::new();
        Compress::new(9).compress(&[&[b'a'; 5000]], &mut out).expect("compresses");
        assert_eq!(decompress(&out, 5000).map(|plain| plain.len()), Ok(5000));
        assert!(decompress(&out, 4999).is_err());
        assert!(decompress(&out[..out.len() - 1], 5000).is_err());
        let at = out.len() - 8;
        out[at] ^= 1;
        assert!(decompress(&out, 5000).is_err());
    }
}
