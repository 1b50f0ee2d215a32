//! A NUL-terminated text on the C heap, owned until it is given away.

use std::ffi::c_char;

use super::heap;

/// The text.
pub(crate) struct HeapText(*mut c_char);

impl HeapText {
    /// A copy of `text`.
    pub(crate) fn new(text: &[u8]) -> Self {
        Self(heap::string(text))
    }

    /// Its address.
    pub(crate) fn as_ptr(&self) -> *mut c_char {
        self.0
    }

    /// C code frees it from now on.
    pub(crate) fn give_away(self) -> *mut c_char {
        std::mem::ManuallyDrop::new(self).0
    }
}

impl Drop for HeapText {
    fn drop(&mut self) {
        // SAFETY: the text is on the C heap and ours.
        unsafe { heap::free(self.0) };
    }
}
