//! The marks: eight bytes at the start of each of our opaque objects, that tell them from a peer's.
//!
//! An object of another library begins with a pointer, a code, a size or two of those. A mark is no
//! such thing: its upper half is neither 0 nor -1 and no count that a list reaches, and as an
//! address it is not canonical, with four page-table levels as with five.

use std::sync::atomic::{AtomicU64, Ordering};

/// The first eight bytes of one of our objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Mark(u64);

/// The mark of an object that several threads share: it can be buried while they look on. As a
/// field it is eight bytes that begin as [`is`] wants them.
#[repr(transparent)]
pub(crate) struct SharedMark(AtomicU64);

impl SharedMark {
    /// The mark of a living object.
    pub(crate) const fn new(mark: Mark) -> Self {
        Self(AtomicU64::new(mark.0))
    }

    /// Marks the object as [`Mark::GONE`].
    pub(crate) fn bury(&self) {
        self.0.store(Mark::GONE.0, Ordering::Release);
    }
}

/// The upper half of every mark: the letters "oxid".
const FAMILY: u32 = u32::from_be_bytes(*b"oxid");

macro_rules! marks {
    ($($(#[$meta:meta])* $name:ident = $letters:literal;)*) => {
        impl Mark {
            $($(#[$meta])* pub(crate) const $name: Self = Self::of(*$letters);)*
        }
        /// Every mark.
        const ALL: &[Mark] = &[$(Mark::$name,)* Mark::TOPIC];
    };
}

marks! {
    /// An instance (`rd_kafka_t`).
    HANDLE = b"hndl";
    /// An instance's configuration.
    CONF = b"conf";
    /// A configuration that an instance took.
    CONF_TAKEN = b"ctak";
    /// A topic's configuration.
    TOPIC_CONF = b"tcnf";
    /// A queue of events.
    QUEUE = b"queu";
    /// An event.
    EVENT = b"evnt";
    /// An error object.
    ERROR = b"erro";
    /// Record headers.
    HEADERS = b"hdrs";
    /// The hidden part of a topic partition.
    PARTITION_PRIVATE = b"tpar";
    /// Written over a mark when its object dies, so that a second destroy is noticed while the
    /// memory has not been given to somebody else.
    GONE = b"gone";
}

impl Mark {
    /// A topic object. The historical magic comes first, since C code may look at it; behind it,
    /// where history has four unused bytes that are zero, stands what tells ours.
    pub(crate) const TOPIC: Self =
        Self((u32::from_be_bytes(*b"topc") as u64) << 32 | u32::from_le_bytes(*b"IRKT") as u64);

    /// In the order in which they are in memory.
    const fn halves(self) -> [u32; 2] {
        let [a, b] = self.bytes();
        [u32::from_ne_bytes(a), u32::from_ne_bytes(b)]
    }

    const fn of(letters: [u8; 4]) -> Self {
        Self((FAMILY as u64) << 32 | u32::from_be_bytes(letters) as u64)
    }

    /// Its bytes, for an object whose first field is not a mark.
    pub(crate) const fn bytes(self) -> [[u8; 4]; 2] {
        let [a, b, c, d, e, f, g, h] = self.0.to_ne_bytes();
        [[a, b, c, d], [e, f, g, h]]
    }
}

/// The first eight bytes of an object, in halves; `None` for NULL and misaligned pointers.
///
/// The second half is only read if `is_meant` says so of the first: where history has an error code
/// there, the other half is padding that nobody has written.
///
/// # Safety
/// `object` is NULL or points to at least eight readable bytes.
unsafe fn first_bytes<T>(object: *const T, is_meant: impl Fn(u32) -> bool) -> Option<[u32; 2]> {
    let halves = object.cast::<u32>();
    if halves.is_null() || !object.cast::<u64>().is_aligned() {
        return None;
    }
    // SAFETY: not NULL, aligned, and readable by the caller's contract. Volatile: the object may be
    // a dead one, and then the answer must not be derived from what was known when it lived.
    unsafe {
        let first = halves.read_volatile();
        is_meant(first).then(|| [first, halves.add(1).read_volatile()])
    }
}

/// Does `object` begin with `mark`? NULL and misaligned pointers begin with none.
///
/// # Safety
/// `object` is NULL or points to at least eight readable bytes.
pub(crate) unsafe fn is<T>(object: *const T, mark: Mark) -> bool {
    let expected = mark.halves();
    // SAFETY: the caller's contract.
    unsafe { first_bytes(object, |first| first == expected[0]) == Some(expected) }
}

/// Does `object` begin with any of our marks, also that of a dead one?
///
/// # Safety
/// `object` is NULL or points to at least eight readable bytes.
pub(crate) unsafe fn is_any<T>(object: *const T) -> bool {
    let is_meant = |first| ALL.iter().any(|mark| mark.halves()[0] == first);
    // SAFETY: the caller's contract.
    let found = unsafe { first_bytes(object, is_meant) };
    found.is_some_and(|found| ALL.iter().any(|mark| mark.halves() == found))
}

/// Marks a dying object as [`Mark::GONE`].
pub(crate) fn bury(mark: &mut Mark) {
    // SAFETY: a reference is valid for a write of its own type. Volatile: a plain store to memory
    // that is freed next would be optimised away.
    unsafe { std::ptr::from_mut(mark).write_volatile(Mark::GONE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_is_an_address_a_small_number_or_another_mark() {
        for (at, mark) in ALL.iter().enumerate() {
            let top_byte = mark.0 >> 56;
            let top_bits = mark.0 >> 47;
            assert!(top_byte != 0 && top_byte != 0xff, "{mark:x?} with five levels");
            assert!(top_bits != 0 && top_bits != 0x1_ffff, "{mark:x?} with four levels");
            assert!((mark.0 >> 32) as i32 > 1_000_000_000, "{mark:x?} upper half");
            assert!((mark.0 as u32) as i32 > 1_000_000_000, "{mark:x?} lower half");
            assert!(!ALL[..at].contains(mark), "{mark:x?} twice");
        }
    }

    #[test]
    fn only_the_right_mark_is_recognised() {
        let object = [Mark::HEADERS.0, 0];
        let here = object.as_ptr();
        // SAFETY: sixteen readable bytes; NULL; and a misaligned pointer to eight readable bytes.
        unsafe {
            assert!(is(here, Mark::HEADERS));
            assert!(!is(here, Mark::ERROR));
            assert!(!is(std::ptr::null::<u8>(), Mark::HEADERS));
            assert!(!is(here.cast::<u8>().add(4), Mark::HEADERS));
        }
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_topic_begins_with_the_historical_magic_and_is_no_foreign_topic() {
        assert_eq!(Mark::TOPIC.bytes()[0], *b"IRKT");
        let foreign = u64::from(u32::from_le_bytes(*b"IRKT"));
        // SAFETY: eight readable bytes.
        assert!(!unsafe { is(&raw const foreign, Mark::TOPIC) });
    }

    #[test]
    fn every_mark_is_ours_and_nothing_else_is() {
        // SAFETY: eight readable bytes each; NULL; a misaligned pointer.
        unsafe {
            for mark in ALL {
                assert!(is_any(mark), "{mark:?}");
            }
            let code_and_leftover = u64::from(FAMILY) << 32 | u64::from(-170i32 as u32);
            let topic = u64::from(u32::from_le_bytes(*b"IRKT"));
            let foreign = [0, u64::from(FAMILY), topic, code_and_leftover];
            for first in foreign {
                assert!(!is_any(&raw const first));
            }
            assert!(!is_any(std::ptr::null::<u8>()));
            let two = [Mark::QUEUE, Mark::QUEUE];
            assert!(!is_any(two.as_ptr().cast::<u8>().add(4)));
        }
    }

    #[test]
    fn a_buried_object_is_gone() {
        let mut mark = Mark::QUEUE;
        bury(&mut mark);
        assert_eq!(mark, Mark::GONE);

        let shared = SharedMark::new(Mark::HANDLE);
        // SAFETY: eight readable bytes.
        unsafe {
            assert!(is(&raw const shared, Mark::HANDLE));
            shared.bury();
            assert!(is(&raw const shared, Mark::GONE));
        }
    }
}
