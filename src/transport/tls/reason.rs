//! OpenSSL's errors in the words in which history told them.
#![forbid(unsafe_code)]

use openssl::error::{Error, ErrorStack};

use crate::sys::socket::errno_text;

/// Set in the code of an error of the system, whose number is the rest.
const SYSTEM_FLAG: u64 = 0x8000_0000;

/// The last error, which is told to the application, and those before it, which are logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reason {
    /// The last error's text.
    pub(crate) last: String,
    /// The others' texts, oldest first.
    pub(crate) earlier: Vec<String>,
}

impl Reason {
    /// The reason in an error stack. `is_verbose`: with the place in OpenSSL's sources.
    ///
    /// Historical: `rd_kafka_ssl_error`.
    pub(crate) fn of(stack: &ErrorStack, is_verbose: bool) -> Self {
        let mut texts: Vec<String> =
            stack.errors().iter().map(|error| text(error, is_verbose)).collect();
        let last =
            texts.pop().unwrap_or_else(|| "No further error information available".to_owned());
        Self { last, earlier: texts }
    }
}

/// Forgets what earlier calls left on this thread's error queue: it would be taken for the reason
/// of a later failure.
pub(crate) fn forget_errors() {
    while Error::get().is_some() {}
}

fn text(error: &Error, is_verbose: bool) -> String {
    #[allow(clippy::useless_conversion)] // Its width depends on the platform.
    let code = u64::from(error.code());
    let library = error.library().unwrap_or_default();
    let reason = match error.reason() {
        Some(reason) => reason.to_owned(),
        None if code & SYSTEM_FLAG != 0 => {
            errno_text(i32::try_from(code & !SYSTEM_FLAG).unwrap_or_default())
        }
        None => format!("reason({})", error.reason_code()),
    };
    let library =
        if library.is_empty() && code & SYSTEM_FLAG != 0 { "system library" } else { library };
    let mut text = format!("error:{code:08X}:{library}::{reason}");
    if let Some(data) = error.data().filter(|data| !data.is_empty()) {
        text = format!("{text}: {data}");
    }
    if is_verbose {
        let function = error.function().unwrap_or_default();
        text = format!("{}:{}:{function} {text}", error.file(), error.line());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::ssl::{SslContext, SslMethod};

    fn stack() -> ErrorStack {
        let mut builder = SslContext::builder(SslMethod::tls_client()).expect("a context");
        forget_errors();
        builder.set_certificate_chain_file("/does/not/exist").expect_err("no file")
    }

    #[test]
    fn the_last_error_is_told_and_the_cause_is_kept() {
        let reason = Reason::of(&stack(), false);
        assert_eq!(reason.last, "error:0A080002:SSL routines::system lib");
        let cause = &reason.earlier[0];
        assert!(cause.starts_with("error:80000002:system library::No such file"), "{cause}");
    }

    #[test]
    fn a_verbose_text_has_the_place() {
        let last = Reason::of(&stack(), true).last;
        assert!(last.ends_with(" error:0A080002:SSL routines::system lib"), "{last}");
        assert!(last.contains(".c:"), "{last}");
    }

    #[test]
    fn an_empty_queue_has_a_text_too() {
        forget_errors();
        let reason = Reason::of(&ErrorStack::get(), false);
        assert_eq!(reason.last, "No further error information available");
        assert!(reason.earlier.is_empty());
    }

    #[test]
    fn what_was_left_on_the_queue_can_be_forgotten() {
        stack().put();
        forget_errors();
        assert!(ErrorStack::get().errors().is_empty());
    }
}
