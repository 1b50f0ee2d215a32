//! `ProduceResult`: what a broker said of a batch (`rd_kafka_Produce_result_t`).
//!
//! Who allocates and frees: the response's handler makes one per batch and drops it when the batch
//! is settled. Texts are on the C heap; messages get copies of their own, so that none points here
//! afterwards.

use std::ffi::{CStr, c_char};
use std::ptr::NonNull;

use crate::abi::produce_result::{
    rd_kafka_Produce_result_record_error_t, rd_kafka_Produce_result_t,
};
use crate::error::ErrorCode;
use crate::sys::heap;

/// What a broker said of a batch.
#[repr(transparent)]
pub(crate) struct ProduceResult(NonNull<rd_kafka_Produce_result_t>);

impl ProduceResult {
    /// A result without error.
    ///
    /// Historical: `rd_kafka_Produce_result_new`.
    pub(crate) fn new(offset: i64, timestamp: i64) -> Self {
        let raw = heap::calloc(size_of::<rd_kafka_Produce_result_t>());
        let raw = raw.cast::<rd_kafka_Produce_result_t>();
        // SAFETY: the block is fresh and zeroed, a valid result; `calloc` never gives NULL.
        unsafe {
            (*raw).offset = offset;
            (*raw).timestamp = timestamp;
            Self(NonNull::new_unchecked(raw))
        }
    }

    fn raw(&self) -> *mut rd_kafka_Produce_result_t {
        self.0.as_ptr()
    }

    /// Gives the result to C code.
    pub(crate) fn into_raw(self) -> *mut rd_kafka_Produce_result_t {
        std::mem::ManuallyDrop::new(self).raw()
    }

    /// Takes a result back.
    ///
    /// # Safety
    /// `raw` came from [`ProduceResult::into_raw`], and only one of the results made of it is
    /// dropped.
    pub(crate) unsafe fn from_raw(raw: NonNull<rd_kafka_Produce_result_t>) -> Self {
        Self(raw)
    }

    /// The error.
    pub(crate) fn error(&self) -> ErrorCode {
        // SAFETY: the result is alive as long as `self`; the same holds below.
        ErrorCode(unsafe { (*self.raw()).errorcode })
    }

    /// Sets the error.
    pub(crate) fn set_error(&mut self, error: ErrorCode) {
        // SAFETY: as above, and `&mut self`.
        unsafe { (*self.raw()).errorcode = error.0 };
    }

    /// Offset of the first message.
    pub(crate) fn offset(&self) -> i64 {
        // SAFETY: as above.
        unsafe { (*self.raw()).offset }
    }

    /// The log's append time; -1 if messages keep theirs.
    pub(crate) fn timestamp(&self) -> i64 {
        // SAFETY: as above.
        unsafe { (*self.raw()).timestamp }
    }

    /// Sets offset and append time.
    pub(crate) fn set_place(&mut self, offset: i64, timestamp: i64) {
        // SAFETY: as above, and `&mut self`.
        unsafe {
            (*self.raw()).offset = offset;
            (*self.raw()).timestamp = timestamp;
        }
    }

    /// The broker's text.
    pub(crate) fn text(&self) -> Option<&CStr> {
        // SAFETY: as above; the text is NULL or was made by `set_text`.
        unsafe { text((*self.raw()).errstr) }
    }

    /// Sets the broker's text.
    pub(crate) fn set_text(&mut self, text: &[u8]) {
        // SAFETY: as above, and `&mut self`; the former text was made here.
        unsafe {
            heap::free((*self.raw()).errstr);
            (*self.raw()).errstr = heap::string(text);
        }
    }

    /// Blames a record: its index in the batch and the broker's text.
    pub(crate) fn blame(&mut self, index: i64, text: Option<&[u8]>) {
        let errstr = text.map_or(std::ptr::null_mut(), heap::string);
        // SAFETY: as above, and `&mut self`; the array is NULL or came from here.
        unsafe {
            let raw = self.raw();
            let count = (*raw).record_errors_cnt as usize;
            if count == 0 || count.is_power_of_two() {
                let bytes = size_of::<rd_kafka_Produce_result_record_error_t>();
                let room = heap::realloc((*raw).record_errors.cast(), 2 * count.max(1) * bytes);
                (*raw).record_errors = room.cast();
            }
            let blamed = rd_kafka_Produce_result_record_error_t { batch_index: index, errstr };
            (*raw).record_errors.add(count).write(blamed);
            (*raw).record_errors_cnt += 1;
        }
    }

    fn blamed_raw(&self) -> &[rd_kafka_Produce_result_record_error_t] {
        // SAFETY: as above; the first `record_errors_cnt` elements are written.
        unsafe {
            match (*self.raw()).record_errors_cnt {
                0 => &[],
                count => std::slice::from_raw_parts((*self.raw()).record_errors, count as usize),
            }
        }
    }

    /// The blamed records: index and text of each, in the broker's order.
    pub(crate) fn blamed(&self) -> impl ExactSizeIterator<Item = (i64, Option<&CStr>)> {
        // SAFETY: the texts are NULL or were made by `blame`, and live as long as `self`.
        self.blamed_raw().iter().map(|it| (it.batch_index, unsafe { text(it.errstr) }))
    }

    /// A copy of everything.
    ///
    /// Historical: `rd_kafka_Produce_result_copy`.
    pub(crate) fn copy(&self) -> Self {
        let mut copy = Self::new(self.offset(), self.timestamp());
        copy.set_error(self.error());
        if let Some(text) = self.text() {
            copy.set_text(text.to_bytes());
        }
        for (index, text) in self.blamed() {
            copy.blame(index, text.map(CStr::to_bytes));
        }
        copy
    }
}

/// # Safety
/// `text` is NULL or a NUL-terminated string that lives during `'a`.
unsafe fn text<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's contract.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

/// Historical: `rd_kafka_Produce_result_destroy`.
impl Drop for ProduceResult {
    fn drop(&mut self) {
        // SAFETY: the result and what it points to were made here and are nobody else's.
        unsafe {
            for blamed in self.blamed_raw() {
                heap::free(blamed.errstr);
            }
            heap::free((*self.raw()).record_errors);
            heap::free((*self.raw()).errstr);
            heap::free(self.raw());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(result: &ProduceResult) -> String {
        let blamed: Vec<_> = result.blamed().collect();
        let (error, offset, timestamp) = (result.error().0, result.offset(), result.timestamp());
        format!("{error} {offset} {timestamp} {:?} {blamed:?}", result.text())
    }

    #[test]
    fn a_copy_is_equal_and_outlives_its_source() {
        let mut result = ProduceResult::new(-1001, -1);
        assert_eq!(shown(&result), "0 -1001 -1 None []");
        result.set_error(ErrorCode::INVALID_RECORD);
        result.set_place(7, 8);
        result.set_text(b"first");
        result.set_text(b"all bad");
        for index in 0..5 {
            result.blame(index, (index != 2).then_some(&b"bad"[..]));
        }
        let copy = result.copy();
        assert_eq!(shown(&copy), shown(&result));
        drop(result);
        let bad = "Some(\"bad\")";
        let blamed = format!("[(0, {bad}), (1, {bad}), (2, None), (3, {bad}), (4, {bad})]");
        assert_eq!(shown(&copy), format!("87 7 8 Some(\"all bad\") {blamed}"));
    }
}
