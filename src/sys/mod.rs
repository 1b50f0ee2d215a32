//! The operating system: clock, locks, descriptors, threads, the C heap. Nothing here knows Kafka.
//!
//! Unsafe code is allowed in this folder and says at each block why it is sound.

pub(crate) mod clock;
pub(crate) mod env;
pub(crate) mod fence;
pub(crate) mod heap;
pub(crate) mod heap_text;
pub(crate) mod library;
pub(crate) mod listen;
pub(crate) mod lock;
pub(crate) mod notify;
pub(crate) mod poll;
pub(crate) mod process;
pub(crate) mod rand;
pub(crate) mod regex;
pub(crate) mod resolve;
pub(crate) mod socket;
pub(crate) mod stderr;
pub(crate) mod thread;
pub(crate) mod wake;
