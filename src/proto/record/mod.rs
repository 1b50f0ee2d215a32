//! Record batches (message format 2) and message sets (formats 0 and 1).
#![forbid(unsafe_code)]

pub(crate) mod batch;
pub(crate) mod frame;
pub(crate) mod message;
pub(crate) mod reader;
pub(crate) mod view;

use super::varint;

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

    fn each(&self, _visit: VisitHeader<'_>) {}
}

/// Headers in a slice of names and values.
impl RecordHeaders for &[(&[u8], Option<&[u8]>)] {
    fn count(&self) -> usize {
        self.len()
    }

    fn wire_len(&self) -> usize {
        self.iter().map(|(name, value)| field_len(Some(name)) + field_len(*value)).sum()
    }

    fn each(&self, visit: VisitHeader<'_>) {
        for (name, value) in *self {
            visit(name, *value);
        }
    }
}

/// A length as records write it; no slice is longer than `i64::MAX`.
#[inline]
fn signed(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

/// A nullable field's length as records write it.
#[inline]
fn signed_or_null(bytes: Option<&[u8]>) -> i64 {
    bytes.map_or(-1, |bytes| signed(bytes.len()))
}

/// Bytes that a nullable field takes, its length included.
#[inline]
pub(crate) fn field_len(bytes: Option<&[u8]>) -> usize {
    match bytes {
        None => 1,
        Some(bytes) => varint::len_i64(signed(bytes.len())) + bytes.len(),
    }
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

impl NewRecord<'_> {
    /// Most bytes that the record takes in a message format (0, 1, 2), wherever it stands: what
    /// limits are held against.
    pub(crate) fn len_max(&self, magic: usize) -> usize {
        let fields = self.key.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len);
        let headers = if magic == 2 { self.headers.wire_len() } else { 0 };
        OVERHEAD_MAX[magic.min(2)] + fields + headers
    }

    /// Bytes that the record takes in a batch with this base timestamp, `index` records after its
    /// first.
    pub(crate) fn len_in_batch(&self, base_timestamp: i64, index: i32) -> usize {
        let body = self.body_len(base_timestamp, index);
        varint::len_i64(signed(body)) + body
    }

    /// Bytes behind the record's length.
    #[inline]
    fn body_len(&self, base_timestamp: i64, index: i32) -> usize {
        1 + varint::len_i64(self.timestamp.wrapping_sub(base_timestamp))
            + varint::len_i64(i64::from(index))
            + field_len(self.key)
            + field_len(self.value)
            + varint::len_i64(signed(self.headers.count()))
            + self.headers.wire_len()
    }

    /// Bytes that the record takes in a message set: formats 0 and 1 have no headers.
    pub(crate) fn len_in_set(&self, magic: i8) -> usize {
        let fields = self.key.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len);
        message::FRAME_BYTES + if magic == 1 { 8 } else { 0 } + fields
    }
}

/// Most bytes that a record's frame takes beside key, value and headers, by message format.
pub(crate) const OVERHEAD_MAX: [usize; 3] = [26, 34, 36];
