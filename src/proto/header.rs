//! Request and response headers, and framing by length.
#![forbid(unsafe_code)]

use super::api;
use super::wire::{DecodeError, Read, Result, Write, string_len};

/// Where the correlation id stands in a request frame.
pub(crate) const CORRELATION_ID_AT: usize = 8;

/// Starts a frame: size (patched by [`finish`]), key, version, correlation id (patched when sent),
/// client id, tags.
pub(crate) fn start(out: &mut impl Write, api_key: i16, version: i16, client_id: &str) {
    out.put_i32(0);
    out.put_i16(api_key);
    out.put_i16(version);
    out.put_i32(0);
    out.put_string(Some(client_id.as_bytes()), false);
    out.put_no_tags(api::is_flexible(api_key, version));
}

/// Bytes that [`start`] writes.
pub(crate) fn len(api_key: i16, version: i16, client_id: &str) -> usize {
    12 + string_len(Some(client_id.as_bytes()), false)
        + usize::from(api::is_flexible(api_key, version))
}

/// Patches the size of a complete frame.
pub(crate) fn finish(frame: &mut [u8]) {
    let size = i32::try_from(frame.len() - 4).unwrap_or(i32::MAX);
    frame[..4].copy_from_slice(&size.to_be_bytes());
}

/// Patches the correlation id.
pub(crate) fn set_correlation_id(frame: &mut [u8], id: i32) {
    frame[CORRELATION_ID_AT..CORRELATION_ID_AT + 4].copy_from_slice(&id.to_be_bytes());
}

/// The length of a frame's rest, from its first four bytes.
pub(crate) fn frame_len(size: [u8; 4], most: usize) -> Result<usize> {
    let size = i32::from_be_bytes(size);
    match usize::try_from(size) {
        Ok(len) if (4..=most).contains(&len) => Ok(len),
        _ => Err(DecodeError::Bad(format!("invalid frame size {size} (4..{most} expected)"))),
    }
}

/// Reads a response header behind the size: gives the correlation id.
pub(crate) fn read_response(read: &mut Read<'_>, api_key: i16, version: i16) -> Result<i32> {
    let id = read.i32()?;
    skip_response_tags(read, api_key, version)?;
    Ok(id)
}

/// Reads the rest of a response header behind the correlation id. ApiVersions answers never have
/// tags.
pub(crate) fn skip_response_tags(read: &mut Read<'_>, api_key: i16, version: i16) -> Result<()> {
    read.skip_tags(api_key != api::API_VERSIONS && api::is_flexible(api_key, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_as_long_as_it_says() {
        for version in [3, 10] {
            let mut out = Vec::new();
            start(&mut out, api::PRODUCE, version, "rdkafka");
            assert_eq!(out.len(), len(api::PRODUCE, version, "rdkafka"));
        }
    }

    #[test]
    fn frame_sizes_are_checked() {
        assert!(frame_len((-1i32).to_be_bytes(), 100).is_err());
        assert!(frame_len(3i32.to_be_bytes(), 100).is_err());
        assert!(frame_len(101i32.to_be_bytes(), 100).is_err());
        assert_eq!(frame_len(100i32.to_be_bytes(), 100), Ok(100));
    }
}
