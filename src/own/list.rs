//! `List`: a vector of owned pointers (`rd_list_t`).
//!
//! Who owns: the list owns its elements and the array of pointers, which is on the C heap. Who
//! frees: dropping the list drops both. The historical struct may move; a list that is part of
//! another struct is used in place through [`List::at`].

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::abi::rd::rd_list_t;
use crate::sys::heap;

/// Room of a list's first array.
const FIRST_CAPACITY: i32 = 4;

/// An owner that is nothing but a pointer.
///
/// # Safety
/// The type is a transparent wrapper of a pointer that is not NULL.
pub(crate) unsafe trait Pointer: Sized {}

/// A vector of pointers.
#[repr(transparent)]
pub(crate) struct List<T: Pointer> {
    list: rd_list_t,
    elements: PhantomData<T>,
}

// SAFETY: the list owns all that it points to.
unsafe impl<T: Pointer + Send> Send for List<T> {}

impl<T: Pointer> List<T> {
    /// An empty list.
    pub(crate) fn new() -> Self {
        // SAFETY: zeroes are an empty list.
        Self { list: unsafe { std::mem::zeroed() }, elements: PhantomData }
    }

    /// Access to a list that is part of something else.
    ///
    /// # Safety
    /// `at` is zeroed or a list of `T`s; nobody else uses it as long as the result does.
    pub(crate) unsafe fn at<'a>(at: NonNull<rd_list_t>) -> &'a mut Self {
        // SAFETY: the type is a transparent list; the rest is the caller's contract.
        unsafe { at.cast::<Self>().as_mut() }
    }

    /// Appends an element.
    pub(crate) fn push(&mut self, element: T) {
        let list = &mut self.list;
        if list.rl_cnt == list.rl_size {
            list.rl_size = list.rl_size.saturating_mul(2).max(FIRST_CAPACITY);
            let bytes = list.rl_size as usize * size_of::<*mut c_void>();
            // SAFETY: the array is NULL or came from here; the old one is forgotten.
            list.rl_elems = unsafe { heap::realloc(list.rl_elems.cast(), bytes) }.cast();
        }
        // SAFETY: the array has room for one more element, which is a pointer.
        unsafe { list.rl_elems.add(list.rl_cnt as usize).cast::<T>().write(element) };
        list.rl_cnt += 1;
    }

    /// Takes the last element out.
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.list.rl_cnt == 0 {
            return None;
        }
        self.list.rl_cnt -= 1;
        // SAFETY: the element was written by `push`, and the count says that it is gone.
        Some(unsafe { self.list.rl_elems.add(self.list.rl_cnt as usize).cast::<T>().read() })
    }
}

impl<T: Pointer> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        if self.list.rl_cnt == 0 {
            return &[];
        }
        // SAFETY: the first `rl_cnt` elements are written, and each is a pointer.
        unsafe {
            std::slice::from_raw_parts(self.list.rl_elems.cast::<T>(), self.list.rl_cnt as usize)
        }
    }
}

impl<T: Pointer> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        if self.list.rl_cnt == 0 {
            return &mut [];
        }
        let count = self.list.rl_cnt as usize;
        // SAFETY: as above, and `&mut self`.
        unsafe { std::slice::from_raw_parts_mut(self.list.rl_elems.cast::<T>(), count) }
    }
}

impl<T: Pointer> Drop for List<T> {
    fn drop(&mut self) {
        while self.pop().is_some() {}
        // SAFETY: the array is NULL or came from `push`.
        unsafe { heap::free(self.list.rl_elems) };
        self.list.rl_elems = std::ptr::null_mut();
        self.list.rl_size = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[repr(transparent)]
    #[derive(PartialEq, Debug)]
    struct Number(Box<u16>);

    // SAFETY: a box is a pointer that is not NULL.
    unsafe impl Pointer for Number {}

    proptest! {
        #[test]
        fn a_list_behaves_as_a_vector(
            ops in proptest::collection::vec((0u8..4, any::<u16>()), 0..60),
        ) {
            let (mut list, mut model) = (List::new(), Vec::new());
            for (op, value) in ops {
                match op {
                    0..=2 => {
                        list.push(Number(Box::new(value)));
                        model.push(value);
                    }
                    _ => prop_assert_eq!(list.pop().map(|it: Number| *it.0), model.pop()),
                }
                list.sort_by_key(|it| it.0.clone());
                model.sort_unstable();
                let found: Vec<u16> = list.iter().map(|it| *it.0).collect();
                prop_assert_eq!(&found, &model);
            }
        }
    }
}
