//! The owners: Rust types that own what C code points at. Unsafe code is allowed in this folder and
//! says at each block why it is sound.

pub(crate) mod headers;
pub(crate) mod mark;
pub(crate) mod partition_list;
