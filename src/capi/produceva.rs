//! Producing with a list of typed values (`rd_kafka_produceva`, and the body of
//! `rd_kafka_producev`).

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use super::produce::{key, value};
use super::{from_c, into_c, topic as topic_door};
use crate::abi::msg::MSG_F_BLOCK;
use crate::abi::public::*;
use crate::capi::error_object;
use crate::client::produce::{self, Produce};
use crate::error::{Error, ErrorCode};
use crate::forward::{both, headers};
use crate::handle::Handle;
use crate::own::headers::Headers;
use crate::own::topic::{Topic, TopicHandle};
use crate::sys::fence::export;
use crate::topic;

/// `rd_kafka_vtype_t`.
mod vtype {
    pub(super) const TOPIC: i32 = 1;
    pub(super) const RKT: i32 = 2;
    pub(super) const PARTITION: i32 = 3;
    pub(super) const VALUE: i32 = 4;
    pub(super) const KEY: i32 = 5;
    pub(super) const OPAQUE: i32 = 6;
    pub(super) const MSGFLAGS: i32 = 7;
    pub(super) const TIMESTAMP: i32 = 8;
    pub(super) const HEADER: i32 = 9;
    pub(super) const HEADERS: i32 = 10;
}

/// What the values say.
struct Call {
    topic: Option<Arc<Topic>>,
    partition: i32,
    value: (*mut c_void, usize),
    key: (*const c_void, usize),
    opaque: *mut c_void,
    flags: c_int,
    timestamp_ms: i64,
    /// Headers that were built from single ones.
    built: Option<Box<Headers>>,
    /// The caller's headers object.
    given: *mut rd_kafka_headers_t,
    /// The caller's headers object, of a peer; `built` has a copy.
    foreign: *mut rd_kafka_headers_t,
}

impl Call {
    fn new() -> Self {
        Self {
            topic: None,
            partition: -1,
            value: (std::ptr::null_mut(), 0),
            key: (std::ptr::null(), 0),
            opaque: std::ptr::null_mut(),
            flags: 0,
            timestamp_ms: 0,
            built: None,
            given: std::ptr::null_mut(),
            foreign: std::ptr::null_mut(),
        }
    }

    /// Takes one value.
    ///
    /// # Safety
    /// The union of `vu` has the member that its type says, valid as for `rd_kafka_producev`.
    unsafe fn take(&mut self, handle: &Handle, vu: &rd_kafka_vu_t) -> Result<(), Error> {
        // SAFETY: the caller's contract.
        unsafe {
            match vu.vtype {
                vtype::TOPIC => {
                    let name = from_c::text(vu.u.cstr).unwrap_or(c"");
                    let owner = || topic_door::owner(handle);
                    self.topic = Some(topic::find_or_create(handle, owner, name, None)?.0);
                }
                vtype::RKT => {
                    let topic = from_c::topic(vu.u.rkt);
                    let is_ours = |topic: &&Topic| {
                        Handle::of_topic(topic).is_some_and(|owner| std::ptr::eq(owner, handle))
                    };
                    if topic.is_some_and(|topic| !is_ours(&topic)) {
                        let text = "The topic object belongs to another instance";
                        return Err(invalid(text.to_owned()));
                    }
                    self.topic = topic.map(TopicHandle::share);
                }
                vtype::PARTITION => self.partition = vu.u.i32,
                vtype::VALUE => self.value = (vu.u.mem.ptr, vu.u.mem.size),
                vtype::KEY => self.key = (vu.u.mem.ptr, vu.u.mem.size),
                vtype::OPAQUE => self.opaque = vu.u.ptr,
                vtype::MSGFLAGS => self.flags = vu.u.i,
                vtype::TIMESTAMP => self.timestamp_ms = vu.u.i64,
                vtype::HEADER => return self.header(&vu.u.header),
                vtype::HEADERS => return self.headers(vu.u.headers),
                other => return Err(invalid(format!("Unsupported VTYPE {other}"))),
            }
        }
        Ok(())
    }

    /// Adds a header.
    ///
    /// # Safety
    /// Name and value are NULL or readable for their lengths.
    unsafe fn header(&mut self, header: &rd_kafka_vu_header_t) -> Result<(), Error> {
        if !self.given.is_null() || !self.foreign.is_null() {
            let text = "VTYPE_HEADER and VTYPE_HEADERS are mutually exclusive";
            return Err(Error::new(ErrorCode::_CONFLICT, text));
        }
        // SAFETY: the caller's contract.
        unsafe {
            let Some(name) = from_c::text(header.name) else {
                return Err(invalid("VTYPE_HEADER without a name".to_owned()));
            };
            let value = match usize::try_from(header.size) {
                Ok(len) => from_c::bytes(header.val, len),
                // -1: the value is a string.
                Err(_) => from_c::text(header.val.cast()).map(|text| text.to_bytes()),
            };
            self.built
                .get_or_insert_with(|| Box::new(Headers::with_capacity(8)))
                .add(name.to_bytes(), value);
        }
        Ok(())
    }

    /// Takes a headers object.
    ///
    /// # Safety
    /// `headers` is NULL or a live headers object.
    unsafe fn headers(&mut self, headers: *mut rd_kafka_headers_t) -> Result<(), Error> {
        if self.built.is_some() {
            let text = "VTYPE_HEADERS and VTYPE_HEADER are mutually exclusive";
            return Err(Error::new(ErrorCode::_CONFLICT, text));
        }
        // SAFETY: the caller's contract.
        if unsafe { from_c::headers(headers) }.is_some() {
            self.given = headers;
        // SAFETY: as above.
        } else if let Some(copy) = unsafe { headers::imported(headers) } {
            self.built = Some(copy);
            self.foreign = headers;
        }
        Ok(())
    }
}

fn invalid(text: String) -> Error {
    Error::new(ErrorCode::_INVALID_ARG, text)
}

/// Produces what the values say.
///
/// # Safety
/// Each value is valid as for `rd_kafka_producev`.
unsafe fn produce_values(handle: &Handle, values: &[rd_kafka_vu_t]) -> Result<(), Error> {
    if let Some(fatal) = handle.fatal() {
        into_c::fail(ErrorCode::_FATAL, libc::ECANCELED);
        let text = format!(
            "Producing not allowed since a previous fatal error was raised: {}",
            fatal.reason
        );
        return Err(Error::new(fatal.code, text).fatal());
    }
    let mut call = Call::new();
    for vu in values {
        // SAFETY: the caller's contract.
        unsafe { call.take(handle, vu)? };
    }
    let topic =
        call.topic.take().ok_or_else(|| invalid("Topic name or object required".to_owned()))?;
    let failed = |code: ErrorCode| Error::new(code, format!("Failed to produce message: {code}"));
    // SAFETY: the caller's contract.
    let key = unsafe { key(call.key.0, call.key.1) }.map_err(failed)?;
    let was_given = !call.given.is_null();
    let headers = match was_given {
        // SAFETY: it was checked in `headers`; it is the message's from now on, and given back if
        // it is refused.
        true => Some(unsafe { Box::from_raw(call.given.cast::<Headers>()) }),
        false => call.built.take(),
    };
    let result = produce::produce(
        handle,
        &topic,
        Produce {
            partition: call.partition,
            // SAFETY: the caller's contract.
            value: unsafe { value(call.value.0, call.value.1, call.flags) },
            key,
            headers,
            timestamp_ms: call.timestamp_ms,
            opaque: call.opaque,
            blocks: call.flags & MSG_F_BLOCK != 0,
        },
    );
    if result.is_ok() {
        // SAFETY: the caller gave them up; NULL is nobody's.
        unsafe { both::rd_kafka_headers_destroy(call.foreign) };
    }
    result.map_err(|refused| {
        if was_given && let Some(headers) = refused.headers {
            // The object stays the caller's, at the address that the caller has.
            let _ = Box::into_raw(headers);
        }
        failed(refused.code)
    })
}

/// The body of `rd_kafka_producev`; the C part made an array of the variadic values.
///
/// # Safety
/// `rk` is NULL or a live instance; `vus` has `cnt` values, valid as for `rd_kafka_producev`.
pub(crate) unsafe extern "C" fn producev_body(
    rk: *mut rd_kafka_t,
    vus: *const rd_kafka_vu_t,
    cnt: usize,
) -> rd_kafka_resp_err_t {
    crate::sys::fence::fenced(
        "rd_kafka_producev",
        || rk.addr(),
        || {
            crate::sys::fence::failpoint("rd_kafka_producev");
            // SAFETY: the caller's contract.
            match unsafe { produce_array(rk, vus, cnt) } {
                Ok(()) => ErrorCode::NO_ERROR.0,
                Err(error) if error.is_fatal => ErrorCode::_FATAL.0,
                Err(error) => error.code.0,
            }
        },
    )
}

/// Produces what an array of values says.
///
/// # Safety
/// As for [`producev_body`].
unsafe fn produce_array(
    rk: *mut rd_kafka_t,
    vus: *const rd_kafka_vu_t,
    cnt: usize,
) -> Result<(), Error> {
    // SAFETY: the caller's contract.
    unsafe {
        let handle =
            from_c::handle(rk).ok_or_else(|| invalid("No producer instance".to_owned()))?;
        let values = match vus.is_null() {
            true => &[],
            false => std::slice::from_raw_parts(vus, cnt),
        };
        produce_values(&handle, values)
    }
}

export! {
    /// Produces what an array of typed values says: NULL, or an error object that the caller
    /// destroys. Headers given as an object are the library's if the call succeeds.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `vus` has `cnt` values, valid as for `rd_kafka_producev`.
    fn rd_kafka_produceva(
        rk: *mut rd_kafka_t,
        vus: *const rd_kafka_vu_t,
        cnt: usize,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        match unsafe { produce_array(rk, vus, cnt) } {
            Ok(()) => std::ptr::null_mut(),
            Err(error) => error_object::into_c(Err(error)),
        }
    }
}
