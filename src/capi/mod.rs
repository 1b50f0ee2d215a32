//! The doors: one file per section of the public header. A door turns C values into Rust values,
//! asks the core, and turns the answer into C values.
// Exported functions are public for the linker; nobody names them inside the crate.
#![allow(unreachable_pub)]

pub(crate) mod from_c;
pub(crate) mod into_c;

pub(crate) mod conf;
pub(crate) mod topic_conf;
