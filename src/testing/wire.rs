//! What the audit remembers of a connection: bytes that make no frame yet, and requests without an
//! answer.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use crate::sys::clock::Ts;

/// A batch on its way.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) numbers: Vec<u32>,
    pub(super) topic: usize,
    pub(super) partition: i32,
    /// Producer id and first sequence number.
    pub(super) stamp: (i64, i32),
}

/// A request on its way.
pub(super) struct Asked {
    pub(super) correlation_id: i32,
    pub(super) api: i16,
    pub(super) version: i16,
    pub(super) sent_at: Ts,
    pub(super) batches: Vec<Batch>,
}

/// What is known of a connection.
#[derive(Default)]
pub(super) struct Wire {
    pub(super) up: Vec<u8>,
    pub(super) down: Vec<u8>,
    pub(super) asked: VecDeque<Asked>,
}

/// Takes the first frame out, without its length.
pub(super) fn take_frame(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let size = bytes.first_chunk::<4>()?;
    let len = usize::try_from(u32::from_be_bytes(*size)).ok()?;
    if bytes.len() < 4 + len {
        return None;
    }
    let frame = bytes[4..4 + len].to_vec();
    bytes.drain(..4 + len);
    Some(frame)
}
