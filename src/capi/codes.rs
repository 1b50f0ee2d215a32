//! Error codes for C code: names, texts, the table of all of them, and `errno`.
//!
//! The facts are in `error.rs`; here they get their NULs and their historical table.

use std::cell::UnsafeCell;
use std::ffi::{c_char, c_int};
use std::io::Write;
use std::ptr::null;

use super::into_c;
use crate::abi::public::{rd_kafka_err_desc, rd_kafka_resp_err_t};
use crate::error::{ERROR_CODES, ErrorCode};
use crate::sys::fence::export;

/// The code of the first row: a range marker that has a name and no text.
const BEGIN: i32 = -200;
/// The marker between the client's codes and the brokers'.
const END: i32 = -100;
/// One row for each code up to the highest known one, holes included.
const ROW_COUNT: usize = 334;

/// The table of all codes. Public, so that C code can walk it.
#[repr(transparent)]
struct Table([rd_kafka_err_desc; ROW_COUNT]);

// SAFETY: the pointers lead to statics that nobody writes.
unsafe impl Sync for Table {}

/// Every name and text of `ERROR_CODES`, each with its NUL, in the order of the rows.
static TEXTS: [u8; texts_len()] = texts();

static TABLE: Table = table();

const fn texts_len() -> usize {
    let mut len = 0;
    let mut at = 0;
    while at < ERROR_CODES.len() {
        len += ERROR_CODES[at].1.len() + 1 + ERROR_CODES[at].2.len() + 1;
        at += 1;
    }
    len
}

const fn texts() -> [u8; texts_len()] {
    let mut all = [0; texts_len()];
    let mut end = 0;
    let mut at = 0;
    while at < ERROR_CODES.len() {
        end = append(&mut all, end, ERROR_CODES[at].1.as_bytes());
        end = append(&mut all, end, ERROR_CODES[at].2.as_bytes());
        at += 1;
    }
    all
}

/// Writes `text` at `start`; answers where the next one goes, behind a byte that stays NUL.
const fn append(all: &mut [u8], start: usize, text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        all[start + at] = text[at];
        at += 1;
    }
    start + text.len() + 1
}

const fn table() -> Table {
    const HOLE: rd_kafka_err_desc = rd_kafka_err_desc { code: 0, name: null(), desc: null() };
    let mut rows = [HOLE; ROW_COUNT];
    rows[0] = rd_kafka_err_desc { code: BEGIN, name: c"_BEGIN".as_ptr(), desc: null() };
    rows[(END - BEGIN) as usize] =
        rd_kafka_err_desc { code: END, name: c"_END".as_ptr(), desc: null() };
    let mut start = 0;
    let mut at = 0;
    while at < ERROR_CODES.len() {
        let (code, name, text) = ERROR_CODES[at];
        let text_start = start + name.len() + 1;
        // SAFETY: `texts` wrote this name and this text at these places of `TEXTS`.
        let (name, desc) =
            unsafe { (TEXTS.as_ptr().add(start).cast(), TEXTS.as_ptr().add(text_start).cast()) };
        rows[(code - BEGIN) as usize] = rd_kafka_err_desc { code, name, desc };
        start = text_start + text.len() + 1;
        at += 1;
    }
    Table(rows)
}

/// The row of a known code; markers and holes are not known codes.
fn row(code: ErrorCode) -> Option<&'static rd_kafka_err_desc> {
    let index = usize::try_from(code.0.checked_sub(BEGIN)?).ok()?;
    TABLE.0.get(index).filter(|row| !row.desc.is_null())
}

/// Room for the longest text of an unknown code.
type Scratch = UnsafeCell<[u8; 32]>;

thread_local! {
    /// What `err2str` returned last for an unknown code. No destructor, so any thread may have it.
    static UNKNOWN_TEXT: Scratch = const { UnsafeCell::new([0; 32]) };
    /// What `err2name` returned last for an unknown code.
    static UNKNOWN_NAME: Scratch = const { UnsafeCell::new([0; 32]) };
}

fn unknown(scratch: &Scratch, prefix: &str, code: ErrorCode) -> *const c_char {
    let start = scratch.get();
    // SAFETY: the cell is this thread's and nothing else refers to it during this block; C code
    // that still has the pointer sees the text change, as it always did.
    unsafe {
        let buffer = &mut *start;
        buffer.fill(0);
        // "Err-" and eleven characters of number fit, with a NUL behind them.
        let _ = write!(&mut buffer[..31], "{prefix}{}?", code.0);
    }
    start.cast()
}

/// The text of a code, NUL-terminated: static, or this thread's until its next unknown code.
pub(crate) fn text(code: ErrorCode) -> *const c_char {
    match row(code) {
        Some(row) => row.desc,
        None => UNKNOWN_TEXT.with(|scratch| unknown(scratch, "Err-", code)),
    }
}

/// The short name of a code, likewise.
pub(crate) fn name(code: ErrorCode) -> *const c_char {
    match row(code) {
        Some(row) => row.name,
        None => UNKNOWN_NAME.with(|scratch| unknown(scratch, "ERR_", code)),
    }
}

/// The code for an `errno` of a failed call of this library.
fn from_errno(errno: c_int) -> ErrorCode {
    match errno {
        libc::EINVAL => ErrorCode::_INVALID_ARG,
        libc::EBUSY => ErrorCode::_CONFLICT,
        libc::ENOENT => ErrorCode::_UNKNOWN_TOPIC,
        libc::ESRCH => ErrorCode::_UNKNOWN_PARTITION,
        libc::ETIMEDOUT => ErrorCode::_TIMED_OUT,
        libc::EMSGSIZE => ErrorCode::MSG_SIZE_TOO_LARGE,
        libc::ENOBUFS => ErrorCode::_QUEUE_FULL,
        libc::ECANCELED => ErrorCode::_FATAL,
        _ => ErrorCode::_FAIL,
    }
}

export! {
    /// The table of all codes, indexed by code + 200. Holes are all zero.
    ///
    /// # Safety
    /// Both pointers are NULL or writable.
    fn rd_kafka_get_err_descs(errdescs: *mut *const rd_kafka_err_desc, cntp: *mut usize) {
        // SAFETY: not NULL; the rest is the caller's contract.
        unsafe {
            if !errdescs.is_null() {
                errdescs.write(TABLE.0.as_ptr());
            }
            if !cntp.is_null() {
                cntp.write(ROW_COUNT);
            }
        }
    }

    /// The text of a code: `Local: Timed out`.
    fn rd_kafka_err2str(err: rd_kafka_resp_err_t) -> *const c_char {
        text(ErrorCode(err))
    }

    /// The short name of a code: `_TIMED_OUT`.
    fn rd_kafka_err2name(err: rd_kafka_resp_err_t) -> *const c_char {
        name(ErrorCode(err))
    }

    /// The thread's last error: of calls that return NULL or -1.
    fn rd_kafka_last_error() -> rd_kafka_resp_err_t {
        into_c::last_error().0
    }

    /// The code for an `errno` (deprecated form of error handling).
    fn rd_kafka_errno2err(errnox: c_int) -> rd_kafka_resp_err_t {
        from_errno(errnox).0
    }

    /// This thread's `errno` (deprecated form of error handling).
    fn rd_kafka_errno() -> c_int {
        std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn owned(text: *const c_char) -> String {
        // SAFETY: the functions under test return NUL-terminated texts.
        unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8").to_owned()
    }

    #[test]
    fn every_known_code_is_in_the_table_and_nothing_else() {
        assert_eq!(ERROR_CODES.last().expect("codes").0 - BEGIN + 1, ROW_COUNT as i32);
        let mut known = 0;
        for (index, row) in TABLE.0.iter().enumerate() {
            let code = ErrorCode(index as i32 + BEGIN);
            let Some(expected) = code.known_text() else {
                let is_marker = code.0 == BEGIN || code.0 == END;
                assert!(row.desc.is_null(), "{code:?}");
                assert_eq!(row.name.is_null(), !is_marker, "{code:?}");
                assert_eq!(row.code, if is_marker { code.0 } else { 0 }, "{code:?}");
                continue;
            };
            known += 1;
            assert_eq!(row.code, code.0);
            assert_eq!(owned(row.desc), expected);
            assert_eq!(owned(row.name), code.known_name().expect("a name"));
            assert_eq!(text(code), row.desc);
            assert_eq!(name(code), row.name);
        }
        assert_eq!(known, ERROR_CODES.len());
        assert_eq!(ROW_COUNT - known, 146, "144 holes and two markers");
        assert_eq!(
            (owned(TABLE.0[0].name), owned(TABLE.0[100].name)),
            ("_BEGIN".into(), "_END".into())
        );
    }

    #[test]
    fn unknown_codes_have_a_text_of_their_thread() {
        for code in [-500, -200, -100, -2, 134, i32::MAX, i32::MIN] {
            assert_eq!(owned(text(ErrorCode(code))), format!("Err-{code}?"));
            assert_eq!(owned(name(ErrorCode(code))), format!("ERR_{code}?"));
        }
        let mine = text(ErrorCode(1000));
        let other = std::thread::spawn(|| owned(text(ErrorCode(2000)))).join().expect("no panic");
        assert_eq!((owned(mine), other), ("Err-1000?".into(), "Err-2000?".into()));
        assert_eq!(mine, text(ErrorCode(3000)), "the same buffer again");
        assert_ne!(mine, name(ErrorCode(3000)), "names have their own");
    }

    #[test]
    fn the_table_is_given_out_and_null_is_allowed() {
        let (mut rows, mut count) = (null(), 0);
        // SAFETY: locals, or NULL.
        unsafe {
            rd_kafka_get_err_descs(&raw mut rows, &raw mut count);
            rd_kafka_get_err_descs(std::ptr::null_mut(), std::ptr::null_mut());
        }
        assert_eq!((rows, count), (TABLE.0.as_ptr(), 334));
    }

    #[test]
    fn errno_becomes_a_code() {
        assert_eq!(from_errno(libc::ENOBUFS), ErrorCode::_QUEUE_FULL);
        assert_eq!(from_errno(libc::EMSGSIZE), ErrorCode::MSG_SIZE_TOO_LARGE);
        assert_eq!(from_errno(0), ErrorCode::_FAIL);
        // SAFETY: errno is this thread's.
        unsafe {
            *libc::__errno_location() = libc::ESRCH;
            assert_eq!(rd_kafka_errno(), libc::ESRCH);
        }
    }
}
