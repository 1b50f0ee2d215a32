//! Record headers: the functions of `rd_kafka_headers_t`. The object itself is `own/headers.rs`.

use std::ffi::{CStr, c_char, c_void};

use crate::abi::public::{rd_kafka_headers_t, rd_kafka_resp_err_t};
use crate::error::ErrorCode;
use crate::forward::{both, headers};
use crate::own::headers::Headers;
use crate::sys::fence::export;

export! {
    /// A new, empty list of headers with room for `initial_count`.
    fn rd_kafka_headers_new(initial_count: usize) -> *mut rd_kafka_headers_t {
        Box::new(Headers::with_capacity(initial_count)).into_raw()
    }

    /// Destroys the list. NULL is allowed.
    ///
    /// # Safety
    /// The caller owns `hdrs` and nobody uses it any more.
    fn rd_kafka_headers_destroy(hdrs: *mut rd_kafka_headers_t) {
        // SAFETY: the caller's contract.
        match unsafe { Headers::from_raw(hdrs) } {
            Some(headers) => drop(headers),
            // SAFETY: as above.
            None => _ = unsafe { both::rd_kafka_headers_destroy(hdrs) },
        }
    }

    /// A copy of the list; the caller owns it.
    ///
    /// # Safety
    /// `src` is NULL or a live list that does not change meanwhile.
    fn rd_kafka_headers_copy(src: *const rd_kafka_headers_t) -> *mut rd_kafka_headers_t {
        // SAFETY: the caller's contract.
        match unsafe { Headers::borrow(src) } {
            Some(headers) => Box::new(headers.clone()).into_raw(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_headers_copy(src) }.unwrap_or(std::ptr::null_mut()),
        }
    }

    /// Appends a header; name and value are copied. A size of -1 means NUL-terminated text; a NULL
    /// value is an absent value.
    ///
    /// # Safety
    /// `hdrs` is NULL or a live list that nobody else uses; `name` and `value` are NULL or readable
    /// for their sizes.
    fn rd_kafka_header_add(
        hdrs: *mut rd_kafka_headers_t,
        name: *const c_char,
        name_size: isize,
        value: *const c_void,
        value_size: isize,
    ) -> rd_kafka_resp_err_t {
        let (given_name, given_value) = (name, value);
        // SAFETY: the caller's contract.
        let (headers, name, value) = unsafe {
            (
                Headers::borrow_mut(hdrs),
                text(name.cast(), name_size),
                text(value.cast(), if value.is_null() { 0 } else { value_size }),
            )
        };
        match (headers, name, value) {
            (Some(headers), Ok(Some(name)), Ok(value)) => {
                headers.add(name, value);
                ErrorCode::NO_ERROR.0
            }
            (None, Ok(Some(_)), Ok(_)) => {
                // SAFETY: the caller's contract; the name is there.
                let answer = unsafe {
                    both::rd_kafka_header_add(hdrs, given_name, name_size, given_value, value_size)
                };
                answer.unwrap_or(ErrorCode::_INVALID_ARG.0)
            }
            _ => ErrorCode::_INVALID_ARG.0,
        }
    }

    /// Removes all headers of that name; `_NOENT` if there are none.
    ///
    /// # Safety
    /// `hdrs` is NULL or a live list that nobody else uses; `name` is NULL or NUL-terminated.
    fn rd_kafka_header_remove(
        hdrs: *mut rd_kafka_headers_t,
        name: *const c_char,
    ) -> rd_kafka_resp_err_t {
        let given = name;
        // SAFETY: the caller's contract.
        match unsafe { (Headers::borrow_mut(hdrs), c_text(name)) } {
            (Some(headers), Some(name)) => match headers.remove(name) {
                0 => ErrorCode::_NOENT.0,
                _ => ErrorCode::NO_ERROR.0,
            },
            (None, Some(_)) => {
                // SAFETY: as above.
                let answer = unsafe { both::rd_kafka_header_remove(hdrs, given) };
                answer.unwrap_or(ErrorCode::_INVALID_ARG.0)
            }
            _ => ErrorCode::_INVALID_ARG.0,
        }
    }

    /// The value of the last header of that name.
    ///
    /// # Safety
    /// `hdrs` is NULL or a live list; `name` is NULL or NUL-terminated; the other pointers are NULL
    /// or writable.
    fn rd_kafka_header_get_last(
        hdrs: *const rd_kafka_headers_t,
        name: *const c_char,
        valuep: *mut *const c_void,
        sizep: *mut usize,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        unsafe {
            match (Headers::borrow(hdrs), c_text(name)) {
                (Some(headers), Some(name)) => give_value(headers.last(name), valuep, sizep).0,
                (None, Some(_)) => both::rd_kafka_header_get_last(hdrs, name, valuep, sizep)
                    .unwrap_or(ErrorCode::_INVALID_ARG.0),
                _ => ErrorCode::_INVALID_ARG.0,
            }
        }
    }

    /// The value of the `idx`-th header of that name.
    ///
    /// # Safety
    /// As [`rd_kafka_header_get_last`].
    fn rd_kafka_header_get(
        hdrs: *const rd_kafka_headers_t,
        idx: usize,
        name: *const c_char,
        valuep: *mut *const c_void,
        sizep: *mut usize,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        unsafe {
            match (Headers::borrow(hdrs), c_text(name)) {
                (Some(headers), Some(name)) => give_value(headers.nth(name, idx), valuep, sizep).0,
                (None, Some(_)) => both::rd_kafka_header_get(hdrs, idx, name, valuep, sizep)
                    .unwrap_or(ErrorCode::_INVALID_ARG.0),
                _ => ErrorCode::_INVALID_ARG.0,
            }
        }
    }

    /// Name and value of the `idx`-th header.
    ///
    /// # Safety
    /// `hdrs` is NULL or a live list; the other pointers are NULL or writable.
    fn rd_kafka_header_get_all(
        hdrs: *const rd_kafka_headers_t,
        idx: usize,
        namep: *mut *const c_char,
        valuep: *mut *const c_void,
        sizep: *mut usize,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let Some(headers) = (unsafe { Headers::borrow(hdrs) }) else {
            // SAFETY: as above.
            let answer = unsafe { both::rd_kafka_header_get_all(hdrs, idx, namep, valuep, sizep) };
            return answer.unwrap_or(ErrorCode::_INVALID_ARG.0);
        };
        let header = headers.at(idx);
        // SAFETY: the caller's contract.
        unsafe {
            if let Some((name, _)) = header {
                give(namep, name.as_ptr().cast());
            }
            give_value(header.map(|(_, value)| value), valuep, sizep).0
        }
    }

    /// How many headers the list has.
    ///
    /// # Safety
    /// `hdrs` is NULL or a live list.
    fn rd_kafka_header_cnt(hdrs: *const rd_kafka_headers_t) -> usize {
        // SAFETY: the caller's contract.
        match unsafe { Headers::borrow(hdrs) } {
            Some(headers) => headers.len(),
            // SAFETY: as above.
            None => unsafe { both::rd_kafka_header_cnt(hdrs) }.unwrap_or(0),
        }
    }
}

/// Takes headers of either side from C code, as ours; `None` for NULL and for what is none.
///
/// # Safety
/// The caller owns `hdrs`, and nobody uses it any more.
pub(super) unsafe fn taken(hdrs: *mut rd_kafka_headers_t) -> Option<Box<Headers>> {
    // SAFETY: the caller's contract.
    unsafe {
        Headers::from_raw(hdrs).or_else(|| {
            let copy = headers::imported(hdrs);
            both::rd_kafka_headers_destroy(hdrs);
            copy
        })
    }
}

/// A size that no text can have.
struct BadSize;

/// The bytes at `start`: `size` of them, or up to the NUL if `size` is -1; `None` for NULL.
///
/// # Safety
/// `start` is NULL or readable for that many bytes, unchanged during `'a`.
unsafe fn text<'a>(start: *const u8, size: isize) -> Result<Option<&'a [u8]>, BadSize> {
    if start.is_null() {
        return Ok(None);
    }
    if size == -1 {
        // SAFETY: -1 promises a NUL.
        return Ok(unsafe { c_text(start.cast()) });
    }
    let len = usize::try_from(size).map_err(|_| BadSize)?;
    // SAFETY: not NULL, and an `isize` cannot exceed the largest length of a slice.
    Ok(Some(unsafe { std::slice::from_raw_parts(start, len) }))
}

/// The bytes before the NUL; `None` for NULL.
///
/// # Safety
/// `start` is NULL or NUL-terminated, unchanged during `'a`.
unsafe fn c_text<'a>(start: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL; the rest is the caller's contract.
    (!start.is_null()).then(|| unsafe { CStr::from_ptr(start) }.to_bytes())
}

/// Writes a found value; an absent one is NULL with size 0. Nothing is written if none was found.
///
/// # Safety
/// Both pointers are NULL or writable.
unsafe fn give_value(
    found: Option<Option<&[u8]>>,
    valuep: *mut *const c_void,
    sizep: *mut usize,
) -> ErrorCode {
    let Some(value) = found else { return ErrorCode::_NOENT };
    // SAFETY: the caller's contract.
    unsafe {
        give(valuep, value.map_or(std::ptr::null(), |value| value.as_ptr().cast()));
        give(sizep, value.map_or(0, <[u8]>::len));
    }
    ErrorCode::NO_ERROR
}

/// Writes through a pointer unless it is NULL.
///
/// # Safety
/// `to` is NULL or writable.
unsafe fn give<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: not NULL; the rest is the caller's contract.
        unsafe { to.write(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::{null, null_mut};

    const INVALID: i32 = ErrorCode::_INVALID_ARG.0;

    #[test]
    fn null_arguments_are_refused() {
        // SAFETY: every function allows NULL.
        unsafe {
            rd_kafka_headers_destroy(null_mut());
            assert!(rd_kafka_headers_copy(null()).is_null());
            assert_eq!(rd_kafka_header_cnt(null()), 0);
            assert_eq!(rd_kafka_header_add(null_mut(), c"n".as_ptr(), -1, null(), 0), INVALID);
            assert_eq!(rd_kafka_header_remove(null_mut(), c"n".as_ptr()), INVALID);

            let hdrs = rd_kafka_headers_new(1 << 40);
            assert_eq!(rd_kafka_header_add(hdrs, null(), -1, null(), 0), INVALID);
            assert_eq!(rd_kafka_header_add(hdrs, c"n".as_ptr(), -2, null(), 0), INVALID);
            let value = c"v".as_ptr().cast();
            assert_eq!(rd_kafka_header_add(hdrs, c"n".as_ptr(), -1, value, -7), INVALID);
            assert_eq!(rd_kafka_header_remove(hdrs, null()), INVALID);
            assert_eq!(rd_kafka_header_get(hdrs, 0, null(), null_mut(), null_mut()), INVALID);
            assert_eq!(rd_kafka_header_cnt(hdrs), 0);
            rd_kafka_headers_destroy(hdrs);
        }
    }

    #[test]
    fn absent_empty_and_measured_values_are_told_apart() {
        // SAFETY: `hdrs` is live and ours; all texts have the sizes given; results are locals.
        unsafe {
            let hdrs = rd_kafka_headers_new(0);
            let hello = c"hello".as_ptr().cast();
            for (value, size) in [(null(), 5), (hello, 0), (hello, 3), (hello, -1), (null(), -1)] {
                assert_eq!(rd_kafka_header_add(hdrs, c"name".as_ptr(), -1, value, size), 0);
            }
            let mut seen = Vec::new();
            for idx in 0..rd_kafka_header_cnt(hdrs) {
                let (mut value, mut size) = (null(), usize::MAX);
                let found =
                    rd_kafka_header_get(hdrs, idx, c"name".as_ptr(), &raw mut value, &raw mut size);
                seen.push((found, value.is_null(), size));
            }
            assert_eq!(
                seen,
                [(0, true, 0), (0, false, 0), (0, false, 3), (0, false, 5), (0, true, 0)]
            );
            rd_kafka_headers_destroy(hdrs);
        }
    }

    #[test]
    fn nothing_is_written_when_nothing_is_found() {
        // SAFETY: `hdrs` is live and ours; results are locals or NULL.
        unsafe {
            let hdrs = rd_kafka_headers_new(0);
            let (mut value, mut size) = (c"old".as_ptr().cast(), 77);
            let name = c"n".as_ptr();
            let noent = ErrorCode::_NOENT.0;
            let (v, s) = (&raw mut value, &raw mut size);
            assert_eq!(rd_kafka_header_get_last(hdrs, name, v, s), noent);
            assert_eq!(rd_kafka_header_get_all(hdrs, 0, null_mut(), v, s), noent);
            assert_eq!((value.is_null(), size), (false, 77));

            assert_eq!(rd_kafka_header_add(hdrs, name, 1, null(), 0), 0);
            assert_eq!(rd_kafka_header_get_last(hdrs, name, null_mut(), s), 0);
            assert_eq!(size, 0);
            rd_kafka_headers_destroy(hdrs);
        }
    }
}
