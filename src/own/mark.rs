//! The eight bytes with which our objects begin, so that a pointer from C can be told from somebody else's object.
//!
//! No pointer, code or size looks like a mark: read as an address it is not canonical, and its upper half is neither 0
//! nor -1. Who writes: the object's constructor, and its destructor (`Mark::GONE`).

/// A mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Mark(u64);

macro_rules! marks {
    ($($(#[$meta:meta])* $name:ident = $number:literal;)*) => {
        impl Mark {
            $($(#[$meta])* pub(crate) const $name: Self = Self(0x7278_4f78_6964_6500 | $number);)*
        }
    };
}

marks! {
    /// An object that was destroyed.
    GONE = 0;
    /// An instance.
    HANDLE = 1;
    /// An instance's configuration.
    CONF = 2;
    /// A configuration that an instance took.
    CONF_TAKEN = 3;
    /// A topic's configuration.
    TOPIC_CONF = 4;
    /// A topic.
    TOPIC = 5;
    /// A queue.
    QUEUE = 6;
    /// An event.
    EVENT = 7;
    /// An error object.
    ERROR = 8;
    /// Headers.
    HEADERS = 9;
    /// A mock cluster.
    MOCK = 10;
    /// A topic id.
    UUID = 11;
}

impl Mark {
    /// Does the object at `address` begin with `mark`? `false` for NULL.
    ///
    /// # Safety
    /// `address` is NULL or points to at least eight readable bytes.
    pub(crate) unsafe fn is<T>(address: *const T, mark: Self) -> bool {
        if address.is_null() || !address.cast::<u64>().is_aligned() {
            return false;
        }
        // SAFETY: the caller's contract; the alignment was just checked. Volatile, so that the destructor's last write
        // is not optimized away and neither is this look at it.
        unsafe { address.cast::<Self>().read_volatile() == mark }
    }

    /// Overwrites the mark of an object that is about to be freed.
    pub(crate) fn retire(&mut self) {
        // SAFETY: a reference is valid for writes.
        unsafe { (&raw mut *self).write_volatile(Self::GONE) };
    }
}
