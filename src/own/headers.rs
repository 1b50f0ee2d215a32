//! `Headers`: record headers (`rd_kafka_headers_t`).
//!
//! Who allocates and frees: whoever holds the box, C code or a message. Names and values are boxes of their own, so that
//! a pointer that C code got stays valid until that header is removed or the object goes.
#![forbid(unsafe_code)]

use std::ffi::{CStr, CString};

use super::mark::Mark;
use crate::proto::record::RecordHeaders;
use crate::proto::varint;

/// Headers are reserved for at most this many.
const RESERVED_MAX: usize = 1024;

/// One header.
#[derive(Clone, Debug)]
struct Header {
    name: CString,
    /// The value and one NUL behind it; `None` is null.
    value: Option<Box<[u8]>>,
}

impl Header {
    fn value(&self) -> Option<&[u8]> {
        self.value.as_deref().map(|value| &value[..value.len() - 1])
    }

    fn wire_len(&self) -> usize {
        let name = self.name.as_bytes().len();
        let value = match self.value() {
            None => 1,
            Some(value) => varint::len_i64(value.len() as i64) + value.len(),
        };
        varint::len_i64(name as i64) + name + value
    }
}

/// Headers in the order in which they were added.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Headers {
    mark: Mark,
    list: Vec<Header>,
    wire_len: usize,
}

impl Headers {
    /// No header yet; `expected` is a hint.
    pub(crate) fn new(expected: usize) -> Box<Self> {
        let list = Vec::with_capacity(expected.min(RESERVED_MAX));
        Box::new(Self { mark: Mark::HEADERS, list, wire_len: 0 })
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Adds a header. A name ends at its first NUL.
    pub(crate) fn add(&mut self, name: &[u8], value: Option<&[u8]>) {
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let value = value.map(|value| {
            let mut bytes = Vec::with_capacity(value.len() + 1);
            bytes.extend_from_slice(value);
            bytes.push(0);
            bytes.into_boxed_slice()
        });
        let header = Header { name: CString::new(name).unwrap_or_default(), value };
        self.wire_len += header.wire_len();
        self.list.push(header);
    }

    /// Removes all headers of a name; `false` if there is none.
    pub(crate) fn remove(&mut self, name: &[u8]) -> bool {
        let before = self.list.len();
        self.list.retain(|header| header.name.as_bytes() != name);
        self.wire_len = self.list.iter().map(Header::wire_len).sum();
        self.list.len() != before
    }

    /// The last header of a name: its value.
    pub(crate) fn last(&self, name: &[u8]) -> Option<Option<&[u8]>> {
        self.list.iter().rev().find(|header| header.name.as_bytes() == name).map(Header::value)
    }

    /// The header at a place: name and value.
    pub(crate) fn at(&self, index: usize) -> Option<(&CStr, Option<&[u8]>)> {
        self.list.get(index).map(|header| (header.name.as_c_str(), header.value()))
    }

    /// The value of the header of a name, counted among those of that name.
    pub(crate) fn nth(&self, index: usize, name: &[u8]) -> Option<Option<&[u8]>> {
        self.list
            .iter()
            .filter(|header| header.name.as_bytes() == name)
            .nth(index)
            .map(Header::value)
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        self.mark.retire();
    }
}

impl RecordHeaders for Headers {
    fn count(&self) -> usize {
        self.list.len()
    }

    fn wire_len(&self) -> usize {
        self.wire_len
    }

    fn each(&self, visit: &mut dyn FnMut(&[u8], Option<&[u8]>)) {
        for header in &self.list {
            visit(header.name.as_bytes(), header.value());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn empty_and_null_values_differ() {
        let mut headers = Headers::new(1 << 40);
        headers.add(b"a", Some(b""));
        headers.add(b"a", None);
        assert_eq!(headers.nth(0, b"a"), Some(Some(&b""[..])));
        assert_eq!(headers.last(b"a"), Some(None));
        assert_eq!(headers.last(b"b"), None);
        assert!(headers.remove(b"a"));
        assert_eq!((headers.len(), headers.wire_len()), (0, 0));
    }

    proptest! {
        #[test]
        fn the_wire_length_is_what_is_written(
            list in proptest::collection::vec(("[a-z]{1,90}", proptest::option::of(proptest::collection::vec(any::<u8>(), 0..90))), 0..8)
        ) {
            let mut headers = Headers::new(0);
            for (name, value) in &list {
                headers.add(name.as_bytes(), value.as_deref());
            }
            let mut written = 0;
            headers.each(&mut |name, value| {
                written += varint::len_i64(name.len() as i64) + name.len();
                written += value.map_or(1, |value| varint::len_i64(value.len() as i64) + value.len());
            });
            prop_assert_eq!(headers.wire_len(), written);
        }
    }
}
