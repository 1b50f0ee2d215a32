//! A drop-in replacement for librdkafka's producer: the same C symbols, structs and behaviour.
//!
//! The modules stand in the order in which a message meets them; ARCHITECTURE.md is the map.

#[cfg(not(panic = "unwind"))]
compile_error!("build with panic = \"unwind\": the panic fence needs it");

// Door.
pub(crate) mod capi;
// Neighbour.
pub(crate) mod forward;
// Facts.
pub(crate) mod codec;
pub(crate) mod proto;
// Ground.
pub(crate) mod abi;
pub(crate) mod error;
pub(crate) mod sys;
