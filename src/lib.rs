//! A drop-in replacement for librdkafka's producer: the same C symbols, structs and behaviour.
//!
//! The modules stand in the order in which a message meets them; ARCHITECTURE.md is the map.

#[cfg(not(panic = "unwind"))]
compile_error!("build with panic = \"unwind\": the panic fence needs it");

// Facts.
pub(crate) mod codec;
pub(crate) mod proto;
// Doors.
pub(crate) mod capi;
// Parts.
pub(crate) mod conf;
// Ground.
pub(crate) mod abi;
pub(crate) mod error;
pub(crate) mod sys;
