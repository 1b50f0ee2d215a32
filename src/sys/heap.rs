//! The C heap, for memory that C code may free or that C code gave us.

use std::ffi::{c_char, c_void};

/// `size` bytes, zeroed. Never NULL: without memory the process cannot keep a promise, so it ends
/// as Rust's own allocator would end it.
pub(crate) fn calloc(size: usize) -> *mut u8 {
    // SAFETY: calloc has no precondition.
    let block = unsafe { libc::calloc(1, size.max(1)) };
    if block.is_null() {
        std::alloc::handle_alloc_error(layout(size));
    }
    block.cast()
}

/// `size` bytes, not initialised. Never NULL.
pub(crate) fn malloc(size: usize) -> *mut u8 {
    // SAFETY: malloc has no precondition.
    let block = unsafe { libc::malloc(size.max(1)) };
    if block.is_null() {
        std::alloc::handle_alloc_error(layout(size));
    }
    block.cast()
}

/// The block, moved if need be, with room for `size` bytes. Never NULL.
///
/// # Safety
/// `block` is NULL or came from the C heap; only the returned pointer may be used afterwards.
pub(crate) unsafe fn realloc(block: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: the caller's contract.
    let moved = unsafe { libc::realloc(block.cast(), size.max(1)) };
    if moved.is_null() {
        std::alloc::handle_alloc_error(layout(size));
    }
    moved.cast()
}

fn layout(size: usize) -> std::alloc::Layout {
    std::alloc::Layout::from_size_align(size.max(1), 16)
        .unwrap_or(std::alloc::Layout::new::<u128>())
}

/// Gives a block back.
///
/// # Safety
/// `block` is NULL or came from the C heap, and nobody uses it any more.
pub(crate) unsafe fn free<T>(block: *mut T) {
    // SAFETY: the caller's contract.
    unsafe { libc::free(block.cast::<c_void>()) }
}

/// A NUL-terminated copy of `text` on the C heap; the caller of the C function frees it.
pub(crate) fn string(text: &[u8]) -> *mut c_char {
    let block = malloc(text.len() + 1);
    // SAFETY: the block is fresh and one byte longer than `text`.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), block, text.len());
        *block.add(text.len()) = 0;
    }
    block.cast()
}
