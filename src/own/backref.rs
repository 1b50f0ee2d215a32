//! `BackRef`: a topic's way back to the instance that owns it.
//!
//! Who owns: nobody; the instance owns the topic. The instance clears the reference before it goes,
//! so a topic object that an application still holds answers "gone" instead of reading freed
//! memory.

use std::any::TypeId;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A reference upwards that is valid until cleared.
pub(crate) struct BackRef {
    target: AtomicPtr<()>,
    kind: TypeId,
}

impl BackRef {
    /// A reference to `target`.
    ///
    /// # Safety
    /// `target` stays where it is and alive until [`BackRef::clear`] was called and all calls that
    /// began before it returned. `T` is shareable between threads.
    pub(crate) unsafe fn new<T: Sync + 'static>(target: *const T) -> Self {
        Self { target: AtomicPtr::new(target.cast_mut().cast()), kind: TypeId::of::<T>() }
    }

    /// A reference to an owner that went.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn cleared<T: Sync + 'static>() -> Self {
        Self { target: AtomicPtr::new(std::ptr::null_mut()), kind: TypeId::of::<T>() }
    }

    /// The owner's address; NULL after it went.
    pub(crate) fn address(&self) -> *mut () {
        self.target.load(Ordering::Acquire)
    }

    /// The owner; `None` after it went.
    pub(crate) fn get<T: Sync + 'static>(&self) -> Option<&T> {
        assert!(self.kind == TypeId::of::<T>(), "a topic's owner is of another type");
        // Acquire pairs with the store of the pointer at creation: the owner's fields are visible.
        let target = self.target.load(Ordering::Acquire).cast::<T>();
        // SAFETY: by the contract of `new` the target lives until cleared.
        unsafe { target.as_ref() }
    }

    /// The owner goes.
    pub(crate) fn clear(&self) {
        self.target.store(std::ptr::null_mut(), Ordering::Release);
    }
}
