//! `Headers`: the object behind `rd_kafka_headers_t`, an ordered list of names and values.
//!
//! `capi/headers.rs` allocates it in a Box for C callers; the message that takes it over drops it.
//! Each header is one block of the C heap that never moves, so a name or a value that C code was
//! given stays where it is until that header is removed or the whole object dies.

use crate::proto::record::RecordHeaders;
use std::ptr::NonNull;

use crate::abi::public::rd_kafka_headers_t;
use crate::own::mark::{self, Mark};
use crate::sys::heap;

/// How much of an application's estimate of the header count is believed.
const CAPACITY_MAX: usize = 1024;

/// The headers of a message.
#[repr(C)]
pub(crate) struct Headers {
    mark: Mark,
    entries: Vec<Entry>,
    /// Size of all entries in a record of a v2 batch; the header count in front is not included.
    wire_len: usize,
}

// SAFETY: `Headers` owns its blocks and shares them with nobody; C code that still has pointers
// into them may only read, and only as long as it is the object's owner.
unsafe impl Send for Headers {}
// SAFETY: shared references only read.
unsafe impl Sync for Headers {}

/// One header: the name, NUL, and if there is a value the value, NUL.
struct Entry {
    block: NonNull<u8>,
    name_len: usize,
    value_len: Option<usize>,
}

impl Entry {
    fn new(name: &[u8], value: Option<&[u8]>) -> Self {
        let name_room = name.len() + 1;
        let value_room = value.map_or(0, |value| value.len() + 1);
        let start = heap::malloc(name_room + value_room);
        // SAFETY: the block is fresh and has room for both texts and their NULs, name first.
        let block = unsafe {
            copy_with_nul(name, start);
            if let Some(value) = value {
                copy_with_nul(value, start.add(name_room));
            }
            NonNull::new_unchecked(start)
        };
        Self { block, name_len: name.len(), value_len: value.map(<[u8]>::len) }
    }

    fn name(&self) -> &[u8] {
        // SAFETY: the block begins with `name_len` bytes that are never written again.
        unsafe { std::slice::from_raw_parts(self.block.as_ptr(), self.name_len) }
    }

    fn value(&self) -> Option<&[u8]> {
        // SAFETY: behind the name's NUL the block has `value_len` bytes, never written again.
        self.value_len.map(|len| unsafe {
            std::slice::from_raw_parts(self.block.as_ptr().add(self.name_len + 1), len)
        })
    }

    fn wire_len(&self) -> usize {
        // An absent value is written as length -1, which is as long as length 0.
        let value_len = self.value_len.unwrap_or(0);
        varint_len(self.name_len) + self.name_len + varint_len(value_len) + value_len
    }

    /// Is the name, read as C reads it, `name`?
    fn is_called(&self, name: &[u8]) -> bool {
        let own = self.name();
        let end = own.iter().position(|byte| *byte == 0).unwrap_or(own.len());
        own[..end] == *name
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // SAFETY: the block came from the C heap in `new` and this entry is its only owner.
        unsafe { heap::free(self.block.as_ptr()) }
    }
}

/// Copies `text` and a NUL behind it.
///
/// # Safety
/// `to` is valid for `text.len() + 1` bytes that nothing else refers to.
unsafe fn copy_with_nul(text: &[u8], to: *mut u8) {
    // SAFETY: the caller's contract.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), to, text.len());
        to.add(text.len()).write(0);
    }
}

/// Length of `len` as a zigzag varint.
fn varint_len(len: usize) -> usize {
    let significant_bits = (usize::BITS - len.leading_zeros() + 1).max(1);
    significant_bits.div_ceil(7) as usize
}

impl RecordHeaders for Headers {
    fn count(&self) -> usize {
        self.len()
    }

    fn wire_len(&self) -> usize {
        self.wire_len()
    }

    fn each(&self, visit: &mut dyn FnMut(&[u8], Option<&[u8]>)) {
        self.iter().for_each(|(name, value)| visit(name, value));
    }
}

impl Default for Headers {
    fn default() -> Self {
        Self::new()
    }
}

impl Headers {
    /// No headers.
    pub(crate) const fn new() -> Self {
        Self { mark: Mark::HEADERS, entries: Vec::new(), wire_len: 0 }
    }

    /// No headers, with room for `count` of them; a hint that is not believed beyond reason.
    pub(crate) fn with_capacity(count: usize) -> Self {
        let entries = Vec::with_capacity(count.min(CAPACITY_MAX));
        Self { mark: Mark::HEADERS, entries, wire_len: 0 }
    }

    /// Appends a header; names may repeat. An absent value is not the same as an empty one.
    pub(crate) fn add(&mut self, name: &[u8], value: Option<&[u8]>) {
        let entry = Entry::new(name, value);
        self.wire_len += entry.wire_len();
        self.entries.push(entry);
    }

    /// Removes all headers of that name; answers how many there were.
    ///
    /// A name that contains NUL is compared up to there, as history did here and only here.
    pub(crate) fn remove(&mut self, name: &[u8]) -> usize {
        let count_before = self.entries.len();
        let wire_len = &mut self.wire_len;
        self.entries.retain(|entry| {
            let stays = !entry.is_called(name);
            if !stays {
                *wire_len -= entry.wire_len();
            }
            stays
        });
        count_before - self.entries.len()
    }

    /// The value of the last header of that name.
    pub(crate) fn last(&self, name: &[u8]) -> Option<Option<&[u8]>> {
        self.entries.iter().rev().find(|entry| entry.name() == name).map(Entry::value)
    }

    /// The value of the `index`-th header of that name.
    pub(crate) fn nth(&self, name: &[u8], index: usize) -> Option<Option<&[u8]>> {
        self.entries.iter().filter(|entry| entry.name() == name).nth(index).map(Entry::value)
    }

    /// Name and value of the `index`-th header.
    pub(crate) fn at(&self, index: usize) -> Option<(&[u8], Option<&[u8]>)> {
        self.entries.get(index).map(|entry| (entry.name(), entry.value()))
    }

    /// How many headers.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Are there none?
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Names and values in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], Option<&[u8]>)> {
        self.entries.iter().map(|entry| (entry.name(), entry.value()))
    }

    /// Size of the headers in a record of a v2 batch, without the header count in front of them.
    pub(crate) fn wire_len(&self) -> usize {
        self.wire_len
    }

    /// Gives the object to C code.
    pub(crate) fn into_raw(self: Box<Self>) -> *mut rd_kafka_headers_t {
        Box::into_raw(self).cast()
    }

    /// Takes the object back from C code; `None` for NULL and for what is no object of ours.
    ///
    /// # Safety
    /// `object` is NULL or points to a live opaque object; if it is one of ours, the caller owned
    /// it and nobody uses it any more.
    pub(crate) unsafe fn from_raw(object: *mut rd_kafka_headers_t) -> Option<Box<Self>> {
        // SAFETY: the mark says that `into_raw` made the pointer; ownership is the caller's word.
        unsafe { mark::is(object, Mark::HEADERS).then(|| Box::from_raw(object.cast::<Self>())) }
    }

    /// Looks at an object of C code; `None` for NULL and for what is no object of ours.
    ///
    /// # Safety
    /// `object` is NULL or points to an opaque object that lives and does not change during `'a`.
    pub(crate) unsafe fn borrow<'a>(object: *const rd_kafka_headers_t) -> Option<&'a Self> {
        // SAFETY: the mark says that `into_raw` made the pointer; life time is the caller's word.
        unsafe { mark::is(object, Mark::HEADERS).then(|| &*object.cast::<Self>()) }
    }

    /// As [`borrow`](Self::borrow), to change the object.
    ///
    /// # Safety
    /// As `borrow`, and nobody else uses the object during `'a`.
    pub(crate) unsafe fn borrow_mut<'a>(object: *mut rd_kafka_headers_t) -> Option<&'a mut Self> {
        // SAFETY: as in `borrow`; that nobody else uses it is the caller's word.
        unsafe { mark::is(object, Mark::HEADERS).then(|| &mut *object.cast::<Self>()) }
    }
}

impl Clone for Headers {
    fn clone(&self) -> Self {
        let mut copy = Self::with_capacity(self.len());
        for (name, value) in self.iter() {
            copy.add(name, value);
        }
        copy
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        mark::bury(&mut self.mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Model = Vec<(Vec<u8>, Option<Vec<u8>>)>;

    #[derive(Clone, Debug)]
    enum Step {
        Add(Vec<u8>, Option<Vec<u8>>),
        Remove(Vec<u8>),
        Copy,
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::sample::select(vec![
                b"".to_vec(),
                b"a".to_vec(),
                b"b".to_vec(),
                b"a\0x".to_vec()
            ]),
            prop::collection::vec(any::<u8>(), 0..200),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        let value = prop::option::of(prop::collection::vec(any::<u8>(), 0..300));
        prop_oneof![
            6 => (name(), value).prop_map(|(name, value)| Step::Add(name, value)),
            2 => name().prop_map(Step::Remove),
            1 => Just(Step::Copy),
        ]
    }

    fn zigzag_varint(value: i64) -> Vec<u8> {
        let mut rest = (value << 1 ^ value >> 63) as u64;
        let mut bytes = Vec::new();
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        bytes
    }

    fn encoded(model: &Model) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value) in model {
            bytes.extend(zigzag_varint(name.len() as i64));
            bytes.extend(name);
            bytes.extend(zigzag_varint(value.as_ref().map_or(-1, |value| value.len() as i64)));
            bytes.extend(value.iter().flatten());
        }
        bytes
    }

    fn until_nul(name: &[u8]) -> &[u8] {
        name.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    proptest! {
        #[test]
        fn headers_behave_like_a_vector(steps in prop::collection::vec(step(), 0..40)) {
            let mut headers = Headers::new();
            let mut model = Model::new();
            for step in steps {
                match step {
                    Step::Add(name, value) => {
                        headers.add(&name, value.as_deref());
                        model.push((name, value));
                    }
                    Step::Remove(name) => {
                        let before = model.len();
                        model.retain(|(other, _)| until_nul(other) != name);
                        prop_assert_eq!(headers.remove(&name), before - model.len());
                    }
                    Step::Copy => headers = headers.clone(),
                }
                let content: Model =
                    headers.iter().map(|(n, v)| (n.to_vec(), v.map(<[u8]>::to_vec))).collect();
                prop_assert_eq!(&content, &model);
                prop_assert_eq!(headers.len(), model.len());
                prop_assert_eq!(headers.is_empty(), model.is_empty());
                prop_assert_eq!(headers.wire_len(), encoded(&model).len());
                prop_assert_eq!(headers.at(model.len()), None);
                for (at, (name, value)) in model.iter().enumerate() {
                    prop_assert_eq!(headers.at(at), Some((&name[..], value.as_deref())));
                    let same: Vec<_> = model.iter().filter(|(other, _)| other == name).collect();
                    prop_assert_eq!(headers.last(name), same.last().map(|(_, v)| v.as_deref()));
                    for (nth, (_, value)) in same.iter().enumerate() {
                        prop_assert_eq!(headers.nth(name, nth), Some(value.as_deref()));
                    }
                    prop_assert_eq!(headers.nth(name, same.len()), None);
                }
            }
        }

        #[test]
        fn a_varint_is_as_long_as_its_encoding(len in 0..=i64::MAX as usize) {
            for len in [len, len >> 20, len >> 40, len >> 56] {
                prop_assert_eq!(varint_len(len), zigzag_varint(len as i64).len(), "of {}", len);
            }
        }
    }

    #[test]
    fn names_and_values_stay_where_they_are_and_end_with_nul() {
        let mut headers = Headers::new();
        headers.add(b"first", Some(b""));
        let (name, value) = headers.at(0).expect("one header");
        let (name, value) = (name.as_ptr(), value.expect("a value").as_ptr());

        for _ in 0..1000 {
            headers.add(b"more", None);
        }
        assert_eq!(headers.remove(b"more"), 1000);

        let (name_now, value_now) = headers.at(0).expect("one header");
        assert_eq!((name_now.as_ptr(), value_now.expect("a value").as_ptr()), (name, value));
        // SAFETY: both texts are followed by a NUL in the same block.
        unsafe { assert_eq!((*name.add(5), *value), (0, 0)) }
    }

    #[test]
    fn an_absurd_hint_is_only_a_hint() {
        assert!(Headers::with_capacity(1 << 40).entries.capacity() <= 2 * CAPACITY_MAX);
    }

    #[test]
    fn c_code_sees_the_same_object_and_foreign_ones_are_refused() {
        let mut headers = Box::new(Headers::new());
        headers.add(b"n", Some(b"v"));
        let object = headers.into_raw();
        let foreign = [0u64; 4];

        // SAFETY: `object` is live and used by this test only; `foreign` has 32 readable bytes.
        unsafe {
            Headers::borrow_mut(object).expect("ours").add(b"m", None);
            assert_eq!(Headers::borrow(object).expect("ours").len(), 2);
            assert!(Headers::borrow(foreign.as_ptr().cast()).is_none());
            assert!(Headers::from_raw(std::ptr::null_mut()).is_none());
            assert_eq!(Headers::from_raw(object).expect("ours").last(b"n"), Some(Some(&b"v"[..])));
        }
    }
}
