//! Version numbers and the list of debug contexts.

use std::ffi::{CStr, c_char, c_int};

use once_cell::sync::OnceCell;

use crate::sys::env;
use crate::sys::fence::export;

/// The API level: 2.16.0, release.
const API_VERSION: u32 = 0x0210_00ff;

/// Lowers the reported number, for bindings that look for an older one.
const API_VERSION_VARIABLE: &str = "RDKAFKA_API_VERSION";

/// The API level, then who we are.
const VERSION_TEXT: &CStr = match CStr::from_bytes_with_nul(
    concat!("2.16.0-oxide-", env!("CARGO_PKG_VERSION"), "\0").as_bytes(),
) {
    Ok(text) => text,
    Err(_) => panic!("a package version has no NUL"),
};

/// The API level as text, for the core.
pub(crate) fn version_text() -> &'static str {
    VERSION_TEXT.to_str().unwrap_or("2.16.0")
}

const DEBUG_CONTEXTS: &CStr = c"all,generic,broker,topic,metadata,feature,queue,msg,protocol,cgrp,\
security,fetch,interceptor,plugin,consumer,admin,eos,mock,assignor,conf";

export! {
    /// The API level as a number: major, minor, revision, and 0xff for a release.
    fn rd_kafka_version() -> c_int {
        // Read once: the environment may change under us, a version may not.
        static VERSION: OnceCell<u32> = OnceCell::new();
        let version = VERSION.get_or_init(|| reported_version(env::var(API_VERSION_VARIABLE)));
        version.cast_signed()
    }

    /// The API level as text, and the version of this library.
    fn rd_kafka_version_str() -> *const c_char {
        VERSION_TEXT.as_ptr()
    }

    /// The values of the property `debug`, separated by commas.
    fn rd_kafka_get_debug_contexts() -> *const c_char {
        DEBUG_CONTEXTS.as_ptr()
    }
}

/// The version that `wanted` lowers the API level to; what is higher or no version changes nothing.
fn reported_version(wanted: Option<String>) -> u32 {
    wanted
        .and_then(|text| parsed_version(&text))
        .filter(|version| *version < API_VERSION)
        .unwrap_or(API_VERSION)
}

/// The number of a text like `2.10.1`.
fn parsed_version(text: &str) -> Option<u32> {
    let mut parts = text.split('.').map(|part| part.parse::<u8>().ok());
    let number = u32::from_be_bytes([parts.next()??, parts.next()??, parts.next()??, 0xff]);
    parts.next().is_none().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_lowers_the_number_and_nothing_else() {
        let reported = |text: &str| reported_version(Some(text.to_owned()));
        assert_eq!(reported_version(None), 0x0210_00ff);
        assert_eq!(reported("2.10.1"), 0x020a_01ff);
        for ignored in ["2.16.1", "3.0.0", "2.10", "2.10.1.4", "two", "", "2.300.1", "-2.1.1"] {
            assert_eq!(reported(ignored), API_VERSION, "{ignored:?}");
        }
    }

    #[test]
    fn the_text_names_the_level_and_the_library() {
        let text = VERSION_TEXT.to_str().expect("ASCII");
        assert_eq!(text, format!("2.16.0-oxide-{}", env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn there_are_twenty_contexts_without_blanks() {
        let contexts = DEBUG_CONTEXTS.to_str().expect("ASCII");
        assert_eq!(contexts.split(',').count(), 20);
        assert!(contexts.bytes().all(|byte| byte == b',' || byte.is_ascii_lowercase()));
    }
}
