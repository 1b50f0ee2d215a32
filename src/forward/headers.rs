//! Record headers that change sides: a consumed message's headers that are produced again, or ours
//! that are put on a consumed message.

use std::ffi::{c_char, c_void};

use super::both;
use super::peer::{self, peer_functions};
use crate::abi::public::rd_kafka_headers_t;
use crate::own::headers::Headers;

peer_functions! {
    fn rd_kafka_headers_new(count: usize) -> *mut rd_kafka_headers_t;
}

/// A copy of the peer's headers as ours; `None` if they are not the peer's.
///
/// # Safety
/// `headers` is NULL or live.
pub(crate) unsafe fn imported(headers: *const rd_kafka_headers_t) -> Option<Box<Headers>> {
    // SAFETY: the caller's contract; names are NUL-terminated, and values as long as they say, as
    // long as the headers live.
    unsafe {
        let count = both::rd_kafka_header_cnt(headers)?;
        let mut copy = Box::new(Headers::with_capacity(count));
        for at in 0..count {
            let mut name: *const c_char = std::ptr::null();
            let (mut value, mut size): (*const c_void, usize) = (std::ptr::null(), 0);
            let (namep, valuep, sizep) = (&raw mut name, &raw mut value, &raw mut size);
            if both::rd_kafka_header_get_all(headers, at, namep, valuep, sizep)? != 0 {
                break;
            }
            let value =
                (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size));
            copy.add(std::ffi::CStr::from_ptr(name).to_bytes(), value);
        }
        Some(copy)
    }
}

/// A copy of our headers as the peer's; `None` without a peer.
pub(crate) fn exported(headers: &Headers) -> Option<*mut rd_kafka_headers_t> {
    let peer = peer::opened()?;
    // SAFETY: the object is new; names and values are copied from where they are.
    unsafe {
        let copy = rd_kafka_headers_new(peer, headers.len())?;
        for (name, value) in headers.iter() {
            let (start, len) = match value {
                Some(value) => (value.as_ptr().cast(), value.len()),
                None => (std::ptr::null(), 0),
            };
            let name_len = isize::try_from(name.len()).unwrap_or(isize::MAX);
            let len = isize::try_from(len).unwrap_or(isize::MAX);
            both::rd_kafka_header_add(copy, name.as_ptr().cast(), name_len, start, len);
        }
        Some(copy)
    }
}
