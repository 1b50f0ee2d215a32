//! Zstandard frames without a content size, as a streaming writer makes them.
//!
//! Unsafe code: the calls of the C library. Each context is owned by a value here, freed when it
//! drops, and used through `&mut` only.

use std::ffi::CStr;
use std::ptr::NonNull;

use zstd_sys as c;

use super::CodecError;
use super::kind::total;

/// Highest level.
const LEVEL_MAX: i32 = 22;
/// Level for -1.
const LEVEL_DEFAULT: i32 = 3;

/// Logarithms of the smallest and the largest window limit of a reader: 8 MiB (level 12 writes 4),
/// and the library's own.
const WINDOW_LOG_MIN: i32 = 23;
const WINDOW_LOG_MAX: i32 = 27;

/// A kept compression context.
pub(crate) struct Compress(Option<NonNull<c::ZSTD_CCtx>>);

// SAFETY: the context is owned by this value and used by one thread at a time.
unsafe impl Send for Compress {}

impl Compress {
    /// `level` -1 is level 3.
    pub(crate) fn new(level: i32) -> Self {
        let level = if level < 0 { LEVEL_DEFAULT } else { level.min(LEVEL_MAX) };
        // SAFETY: no precondition; NULL means no memory, which `compress` reports.
        let context = NonNull::new(unsafe { c::ZSTD_createCCtx() });
        if let Some(context) = context {
            let parameter = c::ZSTD_cParameter::ZSTD_c_compressionLevel;
            // SAFETY: the context is live.
            unsafe { c::ZSTD_CCtx_setParameter(context.as_ptr(), parameter, level) };
        }
        Self(context)
    }

    /// Appends the compressed `source` to `out`, which is empty.
    ///
    /// Historical: `rd_kafka_msgset_writer_compress_zstd`.
    pub(crate) fn compress(
        &mut self,
        source: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), CodecError> {
        let context =
            self.0.ok_or_else(|| CodecError("no memory for a zstd context".to_owned()))?;
        // A frame that failed half-way must not be continued by this one.
        let session = c::ZSTD_ResetDirective::ZSTD_reset_session_only;
        // SAFETY: the context is live, and no call is going on: `&mut self` is the only handle.
        check(unsafe { c::ZSTD_CCtx_reset(context.as_ptr(), session) })?;
        // SAFETY: no precondition.
        let bound = unsafe { c::ZSTD_compressBound(total(source)) } + 64;
        out.reserve(bound);
        let mut output =
            c::ZSTD_outBuffer { dst: out.as_mut_ptr().cast(), size: out.capacity(), pos: 0 };
        // The end is a call of its own: a frame that is ended in its first call would carry its
        // content size.
        let (more, end) = (c::ZSTD_EndDirective::ZSTD_e_continue, c::ZSTD_EndDirective::ZSTD_e_end);
        let pieces = source.iter().map(|piece| (*piece, more));
        for (piece, end) in pieces.chain([(&[][..], end)]) {
            let mut input =
                c::ZSTD_inBuffer { src: piece.as_ptr().cast(), size: piece.len(), pos: 0 };
            loop {
                // SAFETY: the buffers describe a piece and the room of `out`; both outlive the
                // call.
                let left = check(unsafe {
                    c::ZSTD_compressStream2(context.as_ptr(), &mut output, &mut input, end)
                })?;
                let is_done = match end {
                    c::ZSTD_EndDirective::ZSTD_e_end => left == 0,
                    _ => input.pos == input.size,
                };
                if is_done {
                    break;
                }
                if output.pos == output.size {
                    return Err(CodecError("output above its bound".to_owned()));
                }
            }
        }
        // SAFETY: the library initialised the first `pos` bytes.
        unsafe { out.set_len(output.pos) };
        Ok(())
    }
}

impl Drop for Compress {
    fn drop(&mut self) {
        if let Some(context) = self.0 {
            // SAFETY: the context is ours.
            unsafe { c::ZSTD_freeCCtx(context.as_ptr()) };
        }
    }
}

/// Decompresses at most `limit` bytes.
pub(crate) fn decompress(source: &[u8], limit: usize) -> Result<Vec<u8>, CodecError> {
    // SAFETY: no precondition.
    let context = NonNull::new(unsafe { c::ZSTD_createDCtx() })
        .ok_or_else(|| CodecError("no memory for a zstd context".to_owned()))?;
    let result = cap_window(context, limit).and_then(|()| inflate(context, source, limit));
    // SAFETY: made above, used by nobody any more.
    unsafe { c::ZSTD_freeDCtx(context.as_ptr()) };
    result
}

/// A frame's header says how much memory its reader needs, and may say anything: it gets no more
/// than the output may take, or the window of the highest level that a producer can ask for.
fn cap_window(context: NonNull<c::ZSTD_DCtx>, limit: usize) -> Result<(), CodecError> {
    let log = i32::try_from(limit.max(1).ilog2()).unwrap_or(WINDOW_LOG_MAX);
    let log = log.clamp(WINDOW_LOG_MIN, WINDOW_LOG_MAX);
    let parameter = c::ZSTD_dParameter::ZSTD_d_windowLogMax;
    // SAFETY: the context is live and has not begun a frame.
    check(unsafe { c::ZSTD_DCtx_setParameter(context.as_ptr(), parameter, log) }).map(|_| ())
}

fn inflate(
    context: NonNull<c::ZSTD_DCtx>,
    source: &[u8],
    limit: usize,
) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    let mut chunk = vec![0u8; 128 * 1024];
    let mut input = c::ZSTD_inBuffer { src: source.as_ptr().cast(), size: source.len(), pos: 0 };
    loop {
        let before = input.pos;
        let mut output =
            c::ZSTD_outBuffer { dst: chunk.as_mut_ptr().cast(), size: chunk.len(), pos: 0 };
        // SAFETY: the buffers describe `source` and `chunk`.
        let hint =
            check(unsafe { c::ZSTD_decompressStream(context.as_ptr(), &mut output, &mut input) })?;
        out.extend_from_slice(&chunk[..output.pos]);
        if out.len() > limit {
            return Err(CodecError(format!("more than {limit} bytes")));
        }
        if hint == 0 && input.pos == input.size {
            return Ok(out);
        }
        if input.pos == before && output.pos == 0 {
            return Err(CodecError("frame ends early".to_owned()));
        }
    }
}

fn check(code: usize) -> Result<usize, CodecError> {
    // SAFETY: both functions only look at the number; the name is a static string.
    unsafe {
        if c::ZSTD_isError(code) == 0 {
            return Ok(code);
        }
        Err(CodecError(CStr::from_ptr(c::ZSTD_getErrorName(code)).to_string_lossy().into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_asks_for_a_huge_window_is_refused() {
        // Magic, no content size, window of 2^30 bytes, one empty last block.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00];
        let error = decompress(&frame, 1 << 20).expect_err("1 GiB");
        assert!(error.0.contains("memory"), "{error}");
    }

    #[test]
    fn frames_do_not_carry_their_content_size() {
        let mut out = Vec::new();
        Compress::new(-1).compress(&[&[b'a'; 5000]], &mut out).expect("compresses");
        assert_eq!(out[..4], [0x28, 0xb5, 0x2f, 0xfd]);
        // Frame header descriptor: no content size field, not a single segment.
        assert_eq!(out[4] & 0b1110_0000, 0, "{:#x}", out[4]);
    }

    #[test]
    fn half_a_frame_is_an_error() {
        let mut out = Vec::new();
        Compress::new(-1).compress(&[&[b'a'; 5000]], &mut out).expect("compresses");
        assert!(decompress(&out[..out.len() - 1], 1 << 20).is_err());
        assert_eq!(decompress(&out, 5000).map(|plain| plain.len()), Ok(5000));
        assert!(decompress(&out, 4999).is_err());
    }
}
