//! LZ4 frames: independent blocks of 64 KiB, no checksums, no content size.
//!
//! Unsafe code: the calls of the C library. Each context is owned by a value here, freed when it
//! drops, and used through `&mut` only.

use std::ffi::CStr;
use std::ptr;

use lz4_sys as c;

use super::CodecError;

/// Highest level.
const LEVEL_MAX: i32 = 12;
/// Most bytes of a frame header.
const HEADER_BYTES_MAX: usize = 19;
/// The library's interface version (`LZ4F_VERSION`).
const VERSION: u32 = 100;

/// A kept compression context.
pub(crate) struct Compress {
    context: c::LZ4FCompressionContext,
    preferences: c::LZ4FPreferences,
}

impl Compress {
    /// `level` -1 is level 0, the fast mode.
    pub(crate) fn new(level: i32) -> Self {
        let mut context = c::LZ4FCompressionContext(ptr::null_mut());
        // SAFETY: `context` is a place for the new context; on failure it stays NULL, which
        // `compress` reports.
        unsafe { c::LZ4F_createCompressionContext(&mut context, VERSION) };
        let preferences = c::LZ4FPreferences {
            frame_info: c::LZ4FFrameInfo {
                block_size_id: c::BlockSize::Default,
                block_mode: c::BlockMode::Independent,
                content_checksum_flag: c::ContentChecksum::NoChecksum,
                frame_type: c::FrameType::Frame,
                content_size: 0,
                dict_id: 0,
                block_checksum_flag: c::BlockChecksum::NoBlockChecksum,
            },
            compression_level: u32::try_from(level.min(LEVEL_MAX)).unwrap_or(0),
            auto_flush: 0,
            favor_dec_speed: 0,
            reserved: [0; 3],
        };
        Self { context, preferences }
    }

    /// Appends the compressed `source` to `out`, which is empty.
    ///
    /// Historical: `rd_kafka_msgset_writer_compress_lz4`.
    pub(crate) fn compress(
        &mut self,
        source: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), CodecError> {
        if self.context.0.is_null() {
            return Err(CodecError("no memory for an LZ4 context".to_owned()));
        }
        let preferences = &raw const self.preferences;
        // SAFETY: the context is live; each call gets the free rest of `out` and its length, and
        // returns how much of it is initialised; `bound` covers all calls together: each one's own
        // bound has room for what the calls before it kept back.
        unsafe {
            let bound_of = |len| c::LZ4F_compressBound(len, preferences);
            let pieces: usize = source.iter().map(|piece| bound_of(piece.len())).sum();
            let bound = HEADER_BYTES_MAX + pieces + bound_of(0);
            out.reserve(bound);
            let room = out.as_mut_ptr();
            let mut len = check(c::LZ4F_compressBegin(self.context, room, bound, preferences))?;
            for piece in source {
                len += check(c::LZ4F_compressUpdate(
                    self.context,
                    room.add(len),
                    bound - len,
                    piece.as_ptr(),
                    piece.len(),
                    ptr::null(),
                ))?;
            }
            let end = c::LZ4F_compressEnd(self.context, room.add(len), bound - len, ptr::null());
            len += check(end)?;
            out.set_len(len);
        }
        Ok(())
    }
}

impl Drop for Compress {
    fn drop(&mut self) {
        // SAFETY: the context is ours; NULL is allowed.
        unsafe { c::LZ4F_freeCompressionContext(self.context) };
    }
}

/// Decompresses at most `limit` bytes.
pub(crate) fn decompress(source: &[u8], limit: usize) -> Result<Vec<u8>, CodecError> {
    let mut context = c::LZ4FDecompressionContext(ptr::null_mut());
    // SAFETY: `context` is a place for the new context.
    check(unsafe { c::LZ4F_createDecompressionContext(&mut context, VERSION) })?;
    let result = inflate(context, source, limit);
    // SAFETY: made above, used by nobody any more.
    unsafe { c::LZ4F_freeDecompressionContext(context) };
    result
}

fn inflate(
    context: c::LZ4FDecompressionContext,
    source: &[u8],
    limit: usize,
) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    let mut chunk = vec![0u8; 64 * 1024];
    let mut at = 0;
    loop {
        let (mut got, mut used) = (chunk.len(), source.len() - at);
        // SAFETY: both pointers are readable or writable for the lengths given beside them.
        let hint = check(unsafe {
            c::LZ4F_decompress(
                context,
                chunk.as_mut_ptr(),
                &mut got,
                source[at..].as_ptr(),
                &mut used,
                ptr::null(),
            )
        })?;
        out.extend_from_slice(&chunk[..got]);
        at += used;
        if out.len() > limit {
            return Err(CodecError(format!("more than {limit} bytes")));
        }
        if hint == 0 && at == source.len() {
            return Ok(out);
        }
        if used == 0 && got == 0 {
            return Err(CodecError("frame ends early".to_owned()));
        }
    }
}

fn check(code: usize) -> Result<usize, CodecError> {
    // SAFETY: both functions only look at the number; the name is a static string.
    unsafe {
        if c::LZ4F_isError(code) == 0 {
            return Ok(code);
        }
        let name = CStr::from_ptr(c::LZ4F_getErrorName(code));
        Err(CodecError(name.to_string_lossy().into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(source: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Compress::new(-1).compress(&[source], &mut out).expect("compresses");
        out
    }

    #[test]
    fn the_frame_has_the_historical_header() {
        let frame = packed(&[b'a'; 500]);
        assert_eq!(frame[..7], [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
        assert_eq!(frame[frame.len() - 4..], [0; 4]);
    }

    #[test]
    fn what_follows_a_frame_is_read_as_another_one() {
        let frame = packed(&[b'a'; 500]);
        let twice = [&frame[..], &frame[..]].concat();
        assert_eq!(decompress(&twice, 1000).map(|plain| plain.len()), Ok(1000));
        let junk = [&frame[..], b"junk, more of it"].concat();
        assert!(decompress(&junk, 1000).is_err());
        assert!(decompress(&frame[..frame.len() - 1], 1000).is_err());
    }

    #[test]
    fn blocks_above_the_frame_size_are_split() {
        let source: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
        assert_eq!(decompress(&packed(&source), 1 << 20), Ok(source));
    }
}
