//! Credentials and tokens at run time.

use std::ffi::{CStr, c_char};
use std::ptr::null_mut;

use super::{error_object, from_c, into_c, queue};
use crate::abi::public::*;
use crate::client::new;
use crate::delivery::token;
use crate::error::{Error, ErrorCode};
use crate::forward::both;
use crate::handle::Handle;
use crate::op::BrokerOp;
use crate::sasl::Mechanism;
use crate::sasl::oauthbearer::Token;
use crate::sys::fence::export;

export! {
    /// The queue of OAUTHBEARER refreshes. The caller destroys the reference; NULL if there is
    /// none.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_queue_get_sasl(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: as above.
            return unsafe { both::rd_kafka_queue_get_sasl(rk) }.unwrap_or(null_mut());
        };
        handle.security.queue.as_ref().map_or(null_mut(), |queue| queue::give(&handle, queue))
    }

    /// Serves OAUTHBEARER refreshes on the background thread. NULL or an error that the caller
    /// destroys.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance.
    fn rd_kafka_sasl_background_callbacks_enable(rk: *mut rd_kafka_t) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        let handle = unsafe { from_c::handle(rk) };
        if handle.is_none()
            // SAFETY: the caller's contract.
            && let Some(answer) = unsafe { both::rd_kafka_sasl_background_callbacks_enable(rk) }
        {
            return answer;
        }
        let queue = handle.as_ref().and_then(|handle| handle.security.queue.as_ref());
        let (Some(handle), Some(queue)) = (&handle, queue) else {
            let text = "No SASL mechanism using callbacks is configured";
            return error_object::into_c(Err(Error::new(ErrorCode::_NOT_CONFIGURED, text)));
        };
        if new::start_background(handle).is_err() {
            let text = "The background thread is not available";
            return error_object::into_c(Err(Error::new(ErrorCode::_CRIT_SYS_RESOURCE, text)));
        }
        queue.forward(Some(&handle.background_queue));
        null_mut()
    }

    /// Sets user name and password for the next authentication; both are copied. NULL or an error
    /// that the caller destroys.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; the texts are NULL or NUL-terminated.
    fn rd_kafka_sasl_set_credentials(
        rk: *mut rd_kafka_t, username: *const c_char, password: *const c_char,
    ) -> *mut rd_kafka_error_t {
        // SAFETY: the caller's contract.
        let Some(handle) = (unsafe { from_c::handle(rk) }) else {
            // SAFETY: the caller's contract.
            let answer = unsafe { both::rd_kafka_sasl_set_credentials(rk, username, password) };
            return answer.unwrap_or_else(missing_credentials);
        };
        // SAFETY: the caller's contract.
        let texts = unsafe { (from_c::text_bytes(username), from_c::text_bytes(password)) };
        let (Some(user), Some(password)) = texts else { return missing_credentials() };
        handle.security.set_credentials(user, password);
        let brokers = handle.brokers.read().all.clone();
        brokers.iter().for_each(|broker| drop(broker.push(BrokerOp::Wakeup)));
        null_mut()
    }

    /// Sets a token and its life time (milliseconds since the epoch). `extensions` are
    /// `extension_size` strings, names and values in turn. All is copied.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; the texts are NULL or NUL-terminated, `extensions` is NULL
    /// or has `extension_size` of them; `errstr` is NULL or has `errstr_size` bytes.
    fn rd_kafka_oauthbearer_set_token(
        rk: *mut rd_kafka_t, token_value: *const c_char, md_lifetime_ms: i64,
        md_principal_name: *const c_char, extensions: *mut *const c_char, extension_size: usize,
        errstr: *mut c_char, errstr_size: usize,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let outside = unsafe {
            match from_c::handle(rk) {
                Some(_) => None,
                None => both::rd_kafka_oauthbearer_set_token(
                    rk, token_value, md_lifetime_ms, md_principal_name, extensions,
                    extension_size, errstr, errstr_size,
                ),
            }
        };
        if let Some(answer) = outside {
            return answer;
        }
        // SAFETY: the caller's contract.
        let result = unsafe {
            let pointers = from_c::items(extensions, extension_size);
            let texts: Option<Vec<&[u8]>> =
                pointers.iter().map(|text| from_c::text_bytes(*text)).collect();
            let is_complete = !md_principal_name.is_null();
            match (from_c::handle(rk), from_c::text_bytes(token_value), texts) {
                (Some(handle), Some(value), Some(texts)) if is_complete => {
                    set_token(&handle, value, md_lifetime_ms, &texts)
                }
                _ => {
                    let text = "Instance, token, principal and extensions are required";
                    Err(Error::new(ErrorCode::_INVALID_ARG, text))
                }
            }
        };
        match result {
            Ok(()) => ErrorCode::NO_ERROR.0,
            Err(error) => {
                // SAFETY: the caller's contract.
                unsafe { into_c::text(errstr, errstr_size, &error.text) };
                error.code.0
            }
        }
    }

    /// Says that no token could be had; an error event follows and a refresh is tried again.
    ///
    /// # Safety
    /// `rk` is NULL or a live instance; `errstr` is NULL or NUL-terminated.
    fn rd_kafka_oauthbearer_set_token_failure(
        rk: *mut rd_kafka_t, errstr: *const c_char,
    ) -> rd_kafka_resp_err_t {
        // SAFETY: the caller's contract.
        let (handle, reason) = unsafe { (from_c::handle(rk), from_c::text(errstr)) };
        let Some(handle) = handle else {
            // SAFETY: the caller's contract.
            let answer = unsafe { both::rd_kafka_oauthbearer_set_token_failure(rk, errstr) };
            return answer.unwrap_or(ErrorCode::_INVALID_ARG.0);
        };
        if handle.security.mechanism != Some(Mechanism::OauthBearer) {
            return ErrorCode::_STATE.0;
        }
        match reason.map(CStr::to_string_lossy) {
            Some(reason) if !reason.is_empty() => token::fail(&handle, &reason),
            _ => return ErrorCode::_INVALID_ARG.0,
        }
        ErrorCode::NO_ERROR.0
    }
}

fn missing_credentials() -> *mut rd_kafka_error_t {
    let text = "Username and password are required";
    error_object::into_c(Err(Error::new(ErrorCode::_INVALID_ARG, text)))
}

fn set_token(
    handle: &Handle,
    value: &[u8],
    expires_ms: i64,
    extensions: &[&[u8]],
) -> Result<(), Error> {
    if handle.security.mechanism != Some(Mechanism::OauthBearer) {
        let text = "SASL/OAUTHBEARER is not the configured authentication mechanism";
        return Err(Error::new(ErrorCode::_STATE, text));
    }
    let token = Token::new(value, expires_ms, extensions, handle.wall_ms(handle.now()))
        .map_err(|text| Error::new(ErrorCode::_INVALID_ARG, text))?;
    token::set(handle, token);
    Ok(())
}
