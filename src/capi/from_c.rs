//! C values become Rust values: strings, byte ranges, text buffers.
//!
//! A function whose name ends in `_or_null` answers NULL with `None`; the others answer it with an
//! error.

use std::ffi::{CStr, c_char, c_void};

use crate::conf::{Mark, Marked};
use crate::error::ErrorCode;

/// The bytes of a C string, without its NUL; they may be no UTF-8.
///
/// # Safety
/// `text` is NULL, or NUL-terminated and unchanged during `'a`.
pub(crate) unsafe fn bytes_or_null<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: it isn't NULL, so the caller says that it's NUL-terminated and stays.
    Some(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// The bytes of a C string; NULL is `_INVALID_ARG`.
///
/// # Safety
/// As [`bytes_or_null`].
pub(crate) unsafe fn bytes<'a>(text: *const c_char) -> Result<&'a [u8], ErrorCode> {
    // SAFETY: the caller's contract is the same.
    unsafe { bytes_or_null(text) }.ok_or(ErrorCode::_INVALID_ARG)
}

/// A C string as text; `None` for NULL and for bytes that are no UTF-8.
///
/// # Safety
/// As [`bytes_or_null`].
pub(crate) unsafe fn text_or_null<'a>(text: *const c_char) -> Option<&'a str> {
    // SAFETY: the caller's contract is the same.
    std::str::from_utf8(unsafe { bytes_or_null(text) }?).ok()
}

/// A C string as text; NULL and bytes that are no UTF-8 are `_INVALID_ARG`.
///
/// # Safety
/// As [`bytes_or_null`].
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, ErrorCode> {
    // SAFETY: the caller's contract is the same.
    unsafe { text_or_null(text) }.ok_or(ErrorCode::_INVALID_ARG)
}

/// `len` bytes at `data`; `None` for NULL, whatever `len` says: NULL is never read.
///
/// # Safety
/// `data` is NULL, or `len` bytes there are readable and unchanged during `'a`.
pub(crate) unsafe fn slice_or_null<'a>(data: *const c_void, len: usize) -> Option<&'a [u8]> {
    if data.is_null() {
        return None;
    }
    // SAFETY: it isn't NULL, so the caller says that the bytes are there. No object is larger than
    // `isize::MAX`.
    Some(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) })
}

/// `count` elements at `items`; none for NULL.
///
/// # Safety
/// `items` is NULL, or `count` elements there are initialised and unchanged during `'a`.
pub(crate) unsafe fn items<'a, T>(items: *const T, count: usize) -> &'a [T] {
    if items.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: neither NULL nor empty, so the caller says that the elements are there.
    unsafe { std::slice::from_raw_parts(items, count) }
}

/// The first eight bytes of an object.
///
/// # Safety
/// `object` is NULL, or an object of this library or of a peer that is at least eight bytes long.
unsafe fn mark(object: *const c_void) -> Option<u64> {
    if object.is_null() {
        return None;
    }
    // SAFETY: it isn't NULL, so the caller says that eight bytes are there.
    Some(unsafe { object.cast::<u64>().read_unaligned() })
}

/// A configuration object of ours for reading, whoever owns it; `None` for NULL and for anything
/// else.
///
/// # Safety
/// `object` is NULL or a live object, and nobody changes it during `'a`.
pub(crate) unsafe fn object_or_null<'a, T: Mark>(object: *const c_void) -> Option<&'a Marked<T>> {
    // SAFETY: the caller's contract is the same.
    let mark = unsafe { mark(object) }?;
    // SAFETY: only `Marked<T>` begins with these marks.
    (mark == T::OURS || mark == T::TAKEN).then(|| unsafe { &*object.cast::<Marked<T>>() })
}

/// A configuration object that its application owns, for writing; `None` for NULL, for one that an
/// instance owns, and for anything else.
///
/// # Safety
/// `object` is NULL or a live object, and nobody else uses it during `'a`.
pub(crate) unsafe fn own_object_or_null<'a, T: Mark>(
    object: *mut c_void,
) -> Option<&'a mut Marked<T>> {
    // SAFETY: the caller's contract is the same.
    let mark = unsafe { mark(object) }?;
    // SAFETY: only `Marked<T>` begins with this mark.
    (mark == T::OURS).then(|| unsafe { &mut *object.cast::<Marked<T>>() })
}

/// A configuration object that its application gives up; `None` as [`own_object_or_null`].
///
/// # Safety
/// `object` is NULL or a live object, and nobody else uses it from now on.
pub(crate) unsafe fn given_object_or_null<T: Mark>(object: *mut c_void) -> Option<Box<Marked<T>>> {
    // SAFETY: the caller's contract includes this one.
    let object = unsafe { own_object_or_null::<T>(object) }?;
    // SAFETY: every object with this mark came out of a box in `capi`.
    Some(unsafe { Box::from_raw(object) })
}

/// The caller's buffer for an error text.
pub(crate) struct ErrStr {
    buffer: *mut c_char,
    size: usize,
}

/// The buffer of an `errstr, errstr_size` pair; NULL and size 0 are buffers that hold nothing.
///
/// # Safety
/// `buffer` is NULL or writable for `size` bytes as long as the result is used.
pub(crate) unsafe fn errstr(buffer: *mut c_char, size: usize) -> ErrStr {
    ErrStr { buffer, size: if buffer.is_null() { 0 } else { size } }
}

impl ErrStr {
    /// Writes as much of `text` as fits, and a NUL.
    pub(crate) fn write(&mut self, text: &str) {
        if self.size == 0 {
            return;
        }
        let text = text.as_bytes();
        let text = &text[..text.iter().position(|byte| *byte == 0).unwrap_or(text.len())];
        let len = text.len().min(self.size - 1);
        // SAFETY: `len` + 1 <= `size`, and `errstr` was promised that many writable bytes.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr(), self.buffer.cast::<u8>(), len);
            *self.buffer.add(len) = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_its_buffer_and_nul_terminated() {
        for (size, expected) in [
            (0, *b"########"),
            (1, *b"\0#######"),
            (4, *b"abc\0####"),
            (7, *b"abcdef\0#"),
            (8, *b"abcdef\0#"),
        ] {
            let mut buffer = *b"########";

            // SAFETY: the buffer is longer than `size`.
            unsafe { errstr(buffer.as_mut_ptr().cast(), size) }.write("abcdef");

            assert_eq!(buffer, expected, "size {size}");
        }
    }

    #[test]
    fn a_null_buffer_takes_nothing() {
        // SAFETY: NULL is allowed.
        unsafe { errstr(std::ptr::null_mut(), 100) }.write("text");
    }

    #[test]
    fn null_is_never_read() {
        // SAFETY: NULL is allowed everywhere here.
        unsafe {
            assert_eq!(bytes_or_null(std::ptr::null()), None);
            assert_eq!(bytes(std::ptr::null()), Err(ErrorCode::_INVALID_ARG));
            assert_eq!(text(std::ptr::null()), Err(ErrorCode::_INVALID_ARG));
            assert_eq!(slice_or_null(std::ptr::null(), 5), None);
            assert!(items::<i32>(std::ptr::null(), 5).is_empty());
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_are_no_text() {
        // SAFETY: literals end in NUL.
        unsafe {
            assert_eq!(bytes(c"\xff".as_ptr()), Ok(b"\xff".as_slice()));
            assert_eq!(text(c"\xff".as_ptr()), Err(ErrorCode::_INVALID_ARG));
            assert_eq!(text(c"\u{fc}".as_ptr()), Ok("\u{fc}"));
        }
    }
}
