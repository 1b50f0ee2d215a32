//! The shapes: `#[repr(C)]` declarations with the historical names. No functions.
#![forbid(unsafe_code)]
#![allow(non_camel_case_types, unreachable_pub)]

pub mod callbacks;
pub mod codes;
pub mod handles;
pub mod layout;
pub mod msg;
pub mod opaque;
pub mod public;
pub mod stats;
