//! The shapes: `#[repr(C)]` declarations with the historical names. No functions.
#![forbid(unsafe_code)]
#![allow(non_camel_case_types, non_snake_case, unreachable_pub, clippy::use_self)]

pub mod broker;
pub mod buf;
pub mod callbacks;
pub mod codes;
pub mod handles;
pub mod internal_codes;
pub mod layout;
pub mod msg;
pub mod msgbatch;
pub mod opaque;
pub mod produce_result;
pub mod produce_tags;
pub mod producer_v2;
pub mod public;
pub mod rd;
pub mod stats;
pub mod sysqueue;
pub mod topic;
pub mod toppar;
pub mod writer;
