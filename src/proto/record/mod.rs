//! Record batches (message format 2) and message sets (formats 0 and 1).
#![forbid(unsafe_code)]

pub(crate) mod batch;
pub(crate) mod message;
pub(crate) mod reader;

/// Gets a header's name and value.
pub(crate) type VisitHeader<'a> = &'a mut dyn FnMut(&[u8], Option<&[u8]>);

/// The headers of a record, wherever they are kept.
pub(crate) trait RecordHeaders {
    /// How many.
    fn count(&self) -> usize;
    /// Bytes that they take in a record, without their count.
    fn wire_len(&self) -> usize;
    /// Gives each name and value, in order.
    fn each(&self, visit: VisitHeader<'_>);
}

/// No headers at all.
impl RecordHeaders for () {
    fn count(&self) -> usize {
        0
    }

    fn wire_len(&self) -> usize {
        0
    }

    fn each(&self, _visit: &mut dyn FnMut(&[u8], Option<&[u8]>)) {}
}

/// What is written of one record.
pub(crate) struct NewRecord<'a> {
    /// Milliseconds since the epoch.
    pub(crate) timestamp: i64,
    /// The key; `None` is null.
    pub(crate) key: Option<&'a [u8]>,
    /// The value; `None` is null.
    pub(crate) value: Option<&'a [u8]>,
    /// The headers.
    pub(crate) headers: &'a dyn RecordHeaders,
}

/// Most bytes that a record's frame takes beside key, value and headers, by message format.
pub(crate) const OVERHEAD_MAX: [usize; 3] = [26, 34, 36];
