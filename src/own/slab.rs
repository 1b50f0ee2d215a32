//! `Slabs`: where the small messages of a busy producer are: a few to a block of the C heap, one
//! behind the other as they came, so that the heap is asked less often and their order is theirs in
//! memory too.
//!
//! Who owns: a message owns its place, and each place, with whoever fills the block, a share of the
//! block. Who frees: the last of them. A message that stays keeps its whole block, therefore blocks
//! are small; and with few messages in custody, as in small tests, each has a block of its own.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, Ordering};

use crate::sys::heap;
use crate::sys::lock::{Mutex, Rank};

/// Messages of a block.
const PLACES: usize = 8;
/// Larger messages have a block of their own.
const PLACE_BYTES_MAX: usize = 512;
/// So many messages in custody make a producer busy.
const BUSY_FROM: i64 = 64;

/// The start of a block, of which places are handed out.
#[repr(C, align(8))]
struct Head {
    /// Places that were handed out, less those that were given back; as long as the block is being
    /// filled, those that were given back only, with a minus.
    shares: AtomicI32,
}

/// The block that is being filled.
struct Filling {
    head: NonNull<Head>,
    used: usize,
    capacity: usize,
    places: i32,
}

// SAFETY: the part of a block that was not handed out belongs to who fills it.
unsafe impl Send for Filling {}

/// Blocks of an account's messages.
#[repr(align(64))]
pub(crate) struct Slabs(Mutex<Option<Filling>>);

/// A place for a message, and how far it is behind the start of its block; 0 if the block is its
/// own.
pub(super) type Place = (NonNull<u8>, u32);

impl Slabs {
    /// No block yet.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Rank::Leaf, None))
    }

    /// A place of `size` bytes, not initialised, aligned for a message. `custody` is how many
    /// messages the account has.
    #[inline]
    pub(super) fn take(&self, size: usize, custody: i64) -> Place {
        let shared = match custody >= BUSY_FROM && size <= PLACE_BYTES_MAX {
            true => self.shared(size.next_multiple_of(align_of::<Head>())),
            false => None,
        };
        // SAFETY: `malloc` never gives NULL.
        shared.unwrap_or_else(|| unsafe { (NonNull::new_unchecked(heap::malloc(size)), 0) })
    }

    fn shared(&self, size: usize) -> Option<Place> {
        // Who would have to wait is served faster by the C heap.
        let mut filling = self.0.try_lock()?;
        if filling.as_ref().is_none_or(|block| block.used + size > block.capacity) {
            *filling = Some(Filling::new(size));
        }
        let block = filling.as_mut()?;
        // SAFETY: the place is in the block, behind those that were handed out.
        let place = unsafe { block.head.cast::<u8>().add(block.used) };
        let offset = u32::try_from(block.used).ok()?;
        block.used += size;
        block.places += 1;
        Some((place, offset))
    }
}

impl Filling {
    fn new(size: usize) -> Self {
        let capacity = size_of::<Head>() + PLACES * size;
        // SAFETY: `malloc` never gives NULL, and the block has room for its head.
        unsafe {
            let head = NonNull::new_unchecked(heap::malloc(capacity)).cast::<Head>();
            head.write(Head { shares: AtomicI32::new(0) });
            Self { head, used: size_of::<Head>(), capacity, places: 0 }
        }
    }
}

impl Drop for Filling {
    /// Nothing more is handed out.
    fn drop(&mut self) {
        // SAFETY: the block lives as long as somebody has a share, and we had until now.
        unsafe { settle(self.head, self.places) };
    }
}

/// Changes the shares of a block; who leaves none frees it.
///
/// # Safety
/// The block is alive, and the caller gives up a share or the right to fill it.
unsafe fn settle(head: NonNull<Head>, more: i32) {
    // AcqRel: what others did with their places comes before the end of the block.
    // SAFETY: the caller's contract; a filled block without shares is nobody's.
    unsafe {
        if head.as_ref().shares.fetch_add(more, Ordering::AcqRel) == -more {
            heap::free(head.as_ptr());
        }
    }
}

/// Gives a place back.
///
/// # Safety
/// The place came from [`Slabs::take`] and is not used any more.
#[inline]
pub(super) unsafe fn give_back((place, offset): Place) {
    // SAFETY: the caller's contract.
    unsafe {
        match usize::try_from(offset) {
            Ok(0) | Err(_) => heap::free(place.as_ptr()),
            Ok(offset) => settle(place.sub(offset).cast(), -1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_producers_messages_stand_behind_each_other() {
        let slabs = Slabs::new();
        let places: Vec<Place> = (0..3 * PLACES).map(|_| slabs.take(100, BUSY_FROM)).collect();
        for chunk in places.chunks(PLACES) {
            for (at, (place, offset)) in chunk.iter().enumerate() {
                assert_eq!(*offset as usize, size_of::<Head>() + at * 104);
                assert_eq!(place.addr().get() - chunk[0].0.addr().get(), at * 104);
            }
        }
        for (place, offset) in places {
            // SAFETY: the place is ours: all of it may be written, and then given back.
            unsafe {
                place.as_ptr().write_bytes(0xff, 100);
                give_back((place, offset));
            }
        }
    }

    #[test]
    fn few_messages_and_large_ones_have_blocks_of_their_own() {
        let slabs = Slabs::new();
        for (size, custody) in [(100, BUSY_FROM - 1), (PLACE_BYTES_MAX + 1, i64::MAX)] {
            let place = slabs.take(size, custody);
            assert_eq!(place.1, 0);
            // SAFETY: the place is ours.
            unsafe { give_back(place) };
        }
    }

    #[test]
    fn blocks_end_whoever_comes_last_and_sizes_may_differ() {
        let slabs = std::sync::Arc::new(Slabs::new());
        let (send, receive) = std::sync::mpsc::channel::<(usize, u32)>();
        let other = std::thread::spawn(move || {
            for (address, offset) in receive {
                let place = NonNull::new(std::ptr::with_exposed_provenance_mut(address));
                // SAFETY: the sender gave its place away.
                unsafe { give_back((place.expect("an address"), offset)) };
            }
        });
        for number in 0..10_000_usize {
            let (place, offset) = slabs.take(1 + number * 37 % 600, BUSY_FROM);
            if number % 3 == 0 {
                // SAFETY: the place is ours.
                unsafe { give_back((place, offset)) };
            } else {
                let address = place.as_ptr().expose_provenance();
                send.send((address, offset)).expect("the other thread listens");
            }
        }
        drop((send, slabs));
        other.join().expect("no panic");
    }
}
