//! C values to Rust values: one short function per kind of argument; its name says whether NULL is
//! allowed.

use std::ffi::{CStr, c_char, c_void};
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::abi::public::*;
use crate::conf::{Marked, Object};
use crate::handle::Handle;
use crate::own::headers::Headers;
use crate::own::mark::{self, Mark};
use crate::own::topic::{Topic, TopicHandle};

/// The instance behind an address; `None` for NULL or something that is no instance of ours.
///
/// # Safety
/// `rk` is NULL or a live instance.
pub(crate) unsafe fn handle(rk: *const rd_kafka_t) -> Option<ManuallyDrop<Arc<Handle>>> {
    // SAFETY: the mark is an instance's first field; a live instance was given out by
    // `Arc::into_raw`, and the reference that the application holds is not given up here.
    unsafe {
        if !mark::is(rk, Mark::HANDLE) {
            return None;
        }
        Some(ManuallyDrop::new(Arc::from_raw(rk.cast::<Handle>())))
    }
}

/// The topic behind an address; `None` for NULL or something that is no topic of ours.
///
/// # Safety
/// `rkt` is NULL or a live topic object.
pub(crate) unsafe fn topic<'a>(rkt: *const rd_kafka_topic_t) -> Option<&'a Topic> {
    // SAFETY: the caller's contract.
    unsafe { TopicHandle::borrow(rkt) }
}

/// A configuration object for reading, whoever owns it; `None` for NULL and for anything else.
///
/// # Safety
/// `object` is NULL or a live object, and nobody changes it during `'a`.
pub(crate) unsafe fn object_or_null<'a, T: Object>(object: *const c_void) -> Option<&'a Marked<T>> {
    // SAFETY: the caller's contract; only `Marked<T>` begins with these marks.
    unsafe {
        let is_ours = mark::is(object, T::OURS) || mark::is(object, T::TAKEN);
        is_ours.then(|| &*object.cast::<Marked<T>>())
    }
}

/// A configuration object that its application owns, for writing; `None` for NULL, for one that an
/// instance owns, and for anything else.
///
/// # Safety
/// `object` is NULL or a live object, and nobody else uses it during `'a`.
pub(crate) unsafe fn own_object_or_null<'a, T: Object>(
    object: *mut c_void,
) -> Option<&'a mut Marked<T>> {
    // SAFETY: the caller's contract; only `Marked<T>` begins with this mark.
    unsafe { mark::is(object, T::OURS).then(|| &mut *object.cast::<Marked<T>>()) }
}

/// A configuration object that its application gives up; `None` as [`own_object_or_null`].
///
/// # Safety
/// `object` is NULL or a live object, and nobody else uses it from now on.
pub(crate) unsafe fn given_object_or_null<T: Object>(
    object: *mut c_void,
) -> Option<Box<Marked<T>>> {
    // SAFETY: the caller's contract includes this one; every object with this mark came out of a
    // box in `capi`.
    unsafe { own_object_or_null::<T>(object).map(|object| Box::from_raw(object)) }
}

/// Headers.
///
/// # Safety
/// `headers` is NULL or a live headers object that no other thread uses.
pub(crate) unsafe fn headers<'a>(headers: *const rd_kafka_headers_t) -> Option<&'a mut Headers> {
    // SAFETY: the mark is the first field of headers.
    unsafe {
        if !mark::is(headers, Mark::HEADERS) {
            return None;
        }
        headers.cast_mut().cast::<Headers>().as_mut()
    }
}

/// A text; `None` for NULL.
///
/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's contract.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

/// The bytes of a text, without its NUL; `None` for NULL. They may be no UTF-8.
///
/// # Safety
/// `text` is NULL, or NUL-terminated and unchanged during `'a`.
pub(crate) unsafe fn text_bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: the caller's contract is the same.
    unsafe { self::text(text) }.map(CStr::to_bytes)
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

/// Bytes; `None` for NULL, whatever the length says. An impossible length counts as none.
///
/// # Safety
/// `bytes` is NULL or readable for `len` bytes.
pub(crate) unsafe fn bytes<'a>(bytes: *const c_void, len: usize) -> Option<&'a [u8]> {
    if bytes.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: the caller's contract; the length is possible.
    Some(unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), len) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_never_read() {
        // SAFETY: NULL is allowed everywhere here.
        unsafe {
            assert_eq!(text(std::ptr::null()), None);
            assert_eq!(text_bytes(std::ptr::null()), None);
            assert_eq!(bytes(std::ptr::null(), 5), None);
            assert!(items::<i32>(std::ptr::null(), 5).is_empty());
        }
    }

    #[test]
    fn the_bytes_of_a_text_may_be_no_utf8() {
        // SAFETY: a literal ends in NUL.
        assert_eq!(unsafe { text_bytes(c"\xff".as_ptr()) }, Some(b"\xff".as_slice()));
    }
}
