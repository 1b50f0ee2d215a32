//! The protocol facts that are ours: Produce, record batches, framing. Every other message is
//! `kafka-protocol`'s, behind `messages.rs`. Nothing here keeps state or does I/O; the mock cluster
//! and the tests use the same files.
#![forbid(unsafe_code)]
// Both sides of the protocol are written here; a build without the mock cluster or an engine leaves
// some of it unused.
#![allow(dead_code)]
#![deny(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub(crate) mod api;
pub(crate) mod features;
pub(crate) mod header;
pub(crate) mod messages;
pub(crate) mod pid;
pub(crate) mod produce;
pub(crate) mod record;
pub(crate) mod sasl;
pub(crate) mod varint;
pub(crate) mod wire;
