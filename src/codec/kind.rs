//! `Codec`, the list of formats, and `Compressor`, which keeps a format's context and output buffer
//! between batches.
#![forbid(unsafe_code)]

use std::fmt;

use super::{gzip, lz4, snappy, zstd};

/// A compression format, with its number in batch attributes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(i16)]
pub(crate) enum Codec {
    /// Not compressed.
    #[default]
    None = 0,
    /// gzip.
    Gzip = 1,
    /// Snappy.
    Snappy = 2,
    /// LZ4 frames.
    Lz4 = 3,
    /// Zstandard.
    Zstd = 4,
}

impl Codec {
    /// The codec bits of batch attributes.
    pub(crate) fn bits(self) -> i16 {
        self as i16
    }

    /// The codec in batch attributes; `None` for a number that is not known.
    pub(crate) fn from_bits(attributes: i16) -> Option<Self> {
        Some(match attributes & 7 {
            0 => Self::None,
            1 => Self::Gzip,
            2 => Self::Snappy,
            3 => Self::Lz4,
            4 => Self::Zstd,
            _ => return None,
        })
    }

    /// The codec with this name; `None` for a name that is not known.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];
        all.into_iter().find(|codec| codec.name().eq_ignore_ascii_case(name))
    }

    /// Its name in configurations and logs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// Why bytes could not be compressed or decompressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodecError(pub(crate) String);

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Capacity that an output buffer keeps when a batch needs much less.
const OUT_KEPT_BYTES: usize = 4 << 20;

enum Context {
    None,
    Gzip(gzip::Compress),
    Snappy(Box<snappy::Compress>),
    Lz4(lz4::Compress),
    Zstd(zstd::Compress),
}

/// A codec at a level, with what is kept between batches.
pub(crate) struct Compressor {
    codec: Codec,
    context: Context,
    out: Vec<u8>,
    failure: Option<CodecError>,
}

impl Compressor {
    /// A compressor; `level` -1 is the codec's default, higher ones than the codec has are capped.
    pub(crate) fn new(codec: Codec, level: i32) -> Self {
        let context = match codec {
            Codec::None => Context::None,
            Codec::Gzip => Context::Gzip(gzip::Compress::new(level)),
            Codec::Snappy => Context::Snappy(Box::new(snappy::Compress::new())),
            Codec::Lz4 => Context::Lz4(lz4::Compress::new(level)),
            Codec::Zstd => Context::Zstd(zstd::Compress::new(level)),
        };
        Self { codec, context, out: Vec::new(), failure: None }
    }

    /// The codec.
    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Appends the compressed `source` to `out`, whatever its length.
    pub(crate) fn compress(&mut self, source: &[u8], out: &mut Vec<u8>) -> Result<(), CodecError> {
        self.fill(&[source])?;
        out.extend_from_slice(&self.out);
        Ok(())
    }

    /// Puts the compressed `source` into `self.out`.
    fn fill(&mut self, source: &[&[u8]]) -> Result<(), CodecError> {
        self.out.clear();
        if self.out.capacity() > OUT_KEPT_BYTES && total(source) < OUT_KEPT_BYTES / 2 {
            self.out = Vec::new();
        }
        match &mut self.context {
            Context::None => {
                source.iter().for_each(|piece| self.out.extend_from_slice(piece));
                Ok(())
            }
            Context::Gzip(context) => context.compress(source, &mut self.out),
            Context::Snappy(context) => context.compress(source, &mut self.out),
            Context::Lz4(context) => context.compress(source, &mut self.out),
            Context::Zstd(context) => context.compress(source, &mut self.out),
        }
    }

    /// Compresses what lies in these pieces, which are not copied (but for Snappy, that wants one);
    /// `None` if that failed (see [`Compressor::take_failure`]) or gave more bytes than there were.
    /// An equal length counts as compressed, as history has it.
    pub(crate) fn compress_if_smaller(&mut self, source: &[&[u8]]) -> Option<&[u8]> {
        if self.codec == Codec::None {
            return None;
        }
        match self.fill(source) {
            Ok(()) if self.out.len() <= total(source) => Some(&self.out),
            Ok(()) => None,
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }

    /// Why the last compression failed, once.
    pub(crate) fn take_failure(&mut self) -> Option<CodecError> {
        self.failure.take()
    }
}

/// Bytes in pieces.
pub(super) fn total(source: &[&[u8]]) -> usize {
    source.iter().map(|piece| piece.len()).sum()
}

/// Most bytes that [`decompress`] gives for an input of `len` bytes.
pub(crate) fn inflated_max(len: usize) -> usize {
    len.saturating_mul(64).clamp(1 << 20, 256 << 20)
}

/// Decompresses; refuses to give more than 64 times the input (at least 1 MiB, at most 256 MiB).
pub(crate) fn decompress(codec: Codec, source: &[u8]) -> Result<Vec<u8>, CodecError> {
    decompress_within(codec, source, inflated_max(source.len()))
}

/// Decompresses; refuses to give more than `limit` bytes.
pub(crate) fn decompress_within(
    codec: Codec,
    source: &[u8],
    limit: usize,
) -> Result<Vec<u8>, CodecError> {
    match codec {
        Codec::None if source.len() > limit => Err(CodecError(format!("more than {limit} bytes"))),
        Codec::None => Ok(source.to_vec()),
        Codec::Gzip => gzip::decompress(source, limit),
        Codec::Snappy => snappy::decompress(source, limit),
        Codec::Lz4 => lz4::decompress(source, limit),
        Codec::Zstd => zstd::decompress(source, limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CODECS: [Codec; 4] = [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    #[test]
    fn incompressible_bytes_stay_plain() {
        for codec in CODECS {
            assert_eq!(Compressor::new(codec, -1).compress_if_smaller(&[b"ab"]), None, "{codec:?}");
        }
    }

    #[test]
    fn a_compressor_can_be_used_again() {
        let text = "some text, some text, some text. ".repeat(1000);
        for codec in CODECS {
            for level in [-1, 1, 12] {
                let mut compressor = Compressor::new(codec, level);
                for _ in 0..3 {
                    let packed = compressor
                        .compress_if_smaller(&[text.as_bytes()])
                        .unwrap_or_else(|| panic!("{codec:?} {level}"));
                    assert_eq!(decompress(codec, packed).as_deref(), Ok(text.as_bytes()));
                }
            }
        }
    }

    #[test]
    fn names_and_numbers_are_each_others_inverse() {
        for number in 0..5 {
            let codec = Codec::from_bits(number).expect("0 to 4");
            assert_eq!(codec.bits(), number);
            assert_eq!(Codec::parse(codec.name()), Some(codec));
        }
        assert_eq!(Codec::from_bits(0x15), None);
        assert_eq!(Codec::parse("brotli"), None);
    }

    #[test]
    fn an_equal_length_counts_as_compressed() {
        // Distinct bytes, some of them again, others: somewhere the repetition saves just what the
        // format costs.
        let sources = (8u8..60).flat_map(|distinct| {
            (4..12u8).map(move |again| {
                (0..distinct).chain(0..again).chain(200..230).collect::<Vec<u8>>()
            })
        });
        let mut compressor = Compressor::new(Codec::Snappy, -1);
        let mut equal_count = 0;
        for source in sources {
            let mut out = Vec::new();
            compressor.compress(&source, &mut out).expect("compresses");
            let kept = compressor.compress_if_smaller(&[&source]).map(<[u8]>::len);
            assert_eq!(kept, (out.len() <= source.len()).then_some(out.len()));
            equal_count += usize::from(out.len() == source.len());
        }
        assert!(equal_count > 0);
    }

    #[test]
    fn an_output_buffer_above_the_limit_is_given_back() {
        let noise: Vec<u8> =
            (0..6_000_000u32).map(|n| n.wrapping_mul(n).to_le_bytes()[1]).collect();
        let mut compressor = Compressor::new(Codec::Lz4, -1);
        compressor.compress_if_smaller(&[&noise]);
        compressor.compress_if_smaller(&[b"few bytes"]);
        assert!(compressor.out.capacity() <= OUT_KEPT_BYTES, "{}", compressor.out.capacity());
    }

    #[test]
    fn endless_inflation_is_refused() {
        let zeros = vec![0u8; 80 << 20];
        for codec in [Codec::Gzip, Codec::Lz4, Codec::Zstd] {
            let mut compressor = Compressor::new(codec, 1);
            let packed = compressor.compress_if_smaller(&[&zeros]).expect("zeros");
            assert!(decompress(codec, packed).is_err(), "{codec:?}: {} bytes", packed.len());
        }
    }

    proptest! {
        #[test]
        fn pieces_are_compressed_like_the_whole(
            pieces in proptest::collection::vec(
                prop_oneof![
                    proptest::collection::vec(0u8..4, 0..300),
                    proptest::collection::vec(any::<u8>(), 60_000..140_000),
                    (0usize..200_000).prop_map(|len| vec![b'z'; len]),
                ],
                0..5,
            ),
            level in -1i32..4,
        ) {
            let parts: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let whole = pieces.concat();
            for codec in CODECS {
                let mut compressor = Compressor::new(codec, level);
                // Twice: nothing of the first time is left.
                for _ in 0..2 {
                    prop_assert_eq!(compressor.fill(&parts), Ok(()));
                    let unpacked = decompress_within(codec, &compressor.out, whole.len());
                    prop_assert_eq!(unpacked.as_ref(), Ok(&whole), "{:?}", codec);
                }
            }
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for codec in CODECS {
                let _ = decompress(codec, &bytes);
            }
        }
    }
}
