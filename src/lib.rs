//! A drop-in replacement for librdkafka's producer: the same C symbols, structs and behaviour.
//!
//! The modules stand in the order in which a message meets them; ARCHITECTURE.md is the map.

// What only one engine uses is not used where that one is not built.
#![cfg_attr(not(all(feature = "engine-legacy", feature = "engine-v2")), allow(dead_code))]

#[cfg(not(panic = "unwind"))]
compile_error!("build with panic = \"unwind\": the panic fence needs it");

// Door.
pub(crate) mod capi;
// Instance.
pub(crate) mod client;
pub(crate) mod handle;
// The way.
pub(crate) mod broker;
pub(crate) mod delivery;
pub(crate) mod engine;
pub(crate) mod topic;
pub(crate) mod transport;
// The rest of the control plane.
pub(crate) mod callback;
pub(crate) mod conf;
pub(crate) mod eos;
pub(crate) mod log;
pub(crate) mod metadata;
pub(crate) mod op;
pub(crate) mod sasl;
pub(crate) mod security;
pub(crate) mod stats;
// Facts.
pub(crate) mod codec;
pub(crate) mod proto;
// Neighbours.
pub(crate) mod forward;
pub mod mock;
// Ground.
pub(crate) mod abi;
pub mod error;
pub(crate) mod own;
pub(crate) mod sys;

/// What tests of the library as a whole may reach. Not part of it.
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
