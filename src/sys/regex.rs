//! POSIX extended regular expressions of the C library: the historical meaning of patterns in
//! configuration values.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;

/// A compiled expression.
pub(crate) struct Regex {
    /// Boxed, since the C library does not say that its struct may be moved.
    inner: Box<libc::regex_t>,
}

impl Regex {
    /// Compiles `pattern`.
    ///
    /// # Errors
    /// The C library's text if the pattern is malformed.
    pub(crate) fn new(pattern: &[u8]) -> Result<Self, String> {
        let pattern = CString::new(pattern).map_err(|_| "Invalid pattern".to_owned())?;
        let mut inner = Box::new(MaybeUninit::<libc::regex_t>::zeroed());
        // SAFETY: the struct is writable and `pattern` ends in NUL.
        let code = unsafe {
            let flags = libc::REG_EXTENDED | libc::REG_NOSUB;
            libc::regcomp(inner.as_mut_ptr(), pattern.as_ptr(), flags)
        };
        if code != 0 {
            return Err(error_text(code, inner.as_ptr()));
        }
        // SAFETY: `regcomp` succeeded, so the struct is initialised.
        Ok(Self { inner: unsafe { inner.assume_init() } })
    }

    /// Does the expression match somewhere in `text`? A text with a NUL inside matches nothing.
    #[cfg(test)]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        let Ok(text) = CString::new(text) else { return false };
        // SAFETY: the expression is compiled and `text` ends in NUL; no positions are asked for.
        let code = unsafe {
            libc::regexec(&raw const *self.inner, text.as_ptr(), 0, std::ptr::null_mut(), 0)
        };
        code == 0
    }
}

impl Drop for Regex {
    fn drop(&mut self) {
        // SAFETY: compiled in `new`, and never used again.
        unsafe { libc::regfree(&raw mut *self.inner) }
    }
}

fn error_text(code: i32, regex: *const libc::regex_t) -> String {
    let mut text = [0u8; 256];
    // SAFETY: the struct was given to `regcomp` with this result; the buffer is as long as we say.
    let len =
        unsafe { libc::regerror(code, regex, text.as_mut_ptr().cast::<c_char>(), text.len()) };
    String::from_utf8_lossy(&text[..len.clamp(1, text.len()) - 1]).into_owned()
}

// SAFETY: an expression is only read after `new`; glibc and musl lock inside `regexec` what they
// cache.
unsafe impl Send for Regex {}
// SAFETY: as above.
unsafe impl Sync for Regex {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_anywhere_unless_anchored() {
        let anywhere = Regex::new(b"a+b").expect("the pattern is fine");
        let anchored = Regex::new(b"^a+b$").expect("the pattern is fine");

        assert!(anywhere.is_match(b"xaaby"));
        assert!(!anchored.is_match(b"xaaby"));
        assert!(anchored.is_match(b"aab"));
    }

    #[test]
    fn a_malformed_pattern_gives_a_text() {
        let text = Regex::new(b"(").err().expect("the pattern is malformed");

        assert!(!text.is_empty());
    }
}
