//! The doors: the public C functions, one file per section of the header.
//!
//! A door turns C values into Rust ones, asks the core and turns the answer into C values.

pub(crate) mod mock;
mod mock_journal;
