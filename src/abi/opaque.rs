//! The application's opaque pointers: kept and handed back, never followed.
#![forbid(unsafe_code)]

use std::ffi::c_void;

/// A pointer of the application. This library only hands it back, from whichever thread a callback
/// runs in, so it is kept as an address and may cross threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Opaque(usize);

impl Opaque {
    /// Keeps `pointer`.
    pub(crate) fn new(pointer: *mut c_void) -> Self {
        Self(pointer.expose_provenance())
    }

    /// The pointer as it was given.
    pub(crate) fn as_ptr(self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.0)
    }

    /// The address; 0 for NULL.
    pub(crate) fn address(self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_comes_back_unchanged() {
        let mut value = 7;
        let pointer = (&raw mut value).cast::<c_void>();

        assert_eq!(Opaque::new(pointer).as_ptr(), pointer);
        assert!(Opaque::default().as_ptr().is_null());
    }
}
