//! POSIX regular expressions: only whether one is valid.

use std::ffi::{CString, c_char};

/// Checks an extended regular expression.
///
/// # Errors
/// The system's text.
pub(crate) fn check(pattern: &[u8]) -> Result<(), String> {
    let pattern = CString::new(pattern).map_err(|_| "NUL byte".to_owned())?;
    // SAFETY: `compiled` is written by regcomp before it is read; it is freed exactly if regcomp succeeded; the text
    // buffer's length is given.
    unsafe {
        let mut compiled: libc::regex_t = std::mem::zeroed();
        let flags = libc::REG_EXTENDED | libc::REG_NOSUB;
        let code = libc::regcomp(&raw mut compiled, pattern.as_ptr(), flags);
        if code == 0 {
            libc::regfree(&raw mut compiled);
            return Ok(());
        }
        let mut text = [0u8; 128];
        libc::regerror(code, &raw const compiled, text.as_mut_ptr().cast::<c_char>(), text.len());
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        Err(String::from_utf8_lossy(&text[..end]).into_owned())
    }
}
