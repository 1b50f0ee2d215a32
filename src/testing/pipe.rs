//! One direction of a connection: an ordered stream of bytes that arrive late, in pieces, or only
//! up to a point.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use super::draw::Draw;
use crate::sys::clock::Ts;

/// How fast bytes travel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speed {
    /// Shortest and longest way, in microseconds.
    pub(crate) latency_us: (i64, i64),
    /// Bytes in a millisecond.
    pub(crate) bytes_per_ms: i64,
    /// Bytes that may be under way before the sender is blocked.
    pub(crate) window: usize,
    /// So many of a hundred writes are split, and taken in part.
    pub(crate) splits: i64,
}

/// A stream.
pub(crate) struct Pipe {
    chunks: VecDeque<(Ts, Vec<u8>)>,
    /// Bytes that are under way or were not read yet.
    len: usize,
    /// Bytes that were ever put in.
    total: u64,
    /// Nothing arrives before what was sent earlier.
    last: Ts,
    /// The stream ends behind this many bytes.
    cut_at: Option<u64>,
    /// When the reader learns that nothing more comes.
    ended: Option<Ts>,
}

impl Pipe {
    /// An empty stream.
    pub(crate) fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            len: 0,
            total: 0,
            last: Ts::ZERO,
            cut_at: None,
            ended: None,
        }
    }

    /// How many bytes may be put in now.
    pub(crate) fn room(&self, speed: &Speed) -> usize {
        speed.window.saturating_sub(self.len)
    }

    /// Puts bytes in. Behind a cut they are lost, and the stream ends there.
    pub(crate) fn put(&mut self, bytes: &[u8], speed: &Speed, draw: &mut Draw, now: Ts) {
        if self.ended.is_some() {
            return;
        }
        let left = self.cut_at.map_or(usize::MAX, |at| {
            usize::try_from(at.saturating_sub(self.total)).unwrap_or(usize::MAX)
        });
        let mut rest = &bytes[..bytes.len().min(left)];
        while !rest.is_empty() {
            let piece = match draw.chance(speed.splits) {
                true => draw.count(1, rest.len()),
                false => rest.len(),
            };
            let latency = draw.between(speed.latency_us.0, speed.latency_us.1);
            let wire_us = i64::try_from(piece).unwrap_or(0) * 1000 / speed.bytes_per_ms.max(1);
            self.last = self.last.max(now + latency) + wire_us;
            self.chunks.push_back((self.last, rest[..piece].to_vec()));
            self.len += piece;
            self.total += piece as u64;
            rest = &rest[piece..];
        }
        if bytes.len() >= left {
            self.end(now);
        }
    }

    /// The stream is cut when `more` bytes have been put in from now on.
    pub(crate) fn cut_behind(&mut self, more: u64, now: Ts) {
        self.cut_at = Some(self.total + more);
        if more == 0 {
            self.end(now);
        }
    }

    /// Nothing more comes: the reader learns it behind the last byte.
    pub(crate) fn end(&mut self, now: Ts) {
        if self.ended.is_none() {
            self.ended = Some(self.last.max(now));
        }
    }

    /// What is under way is lost, and the reader learns it now.
    pub(crate) fn break_now(&mut self, now: Ts) {
        self.chunks.clear();
        self.len = 0;
        self.ended = Some(now);
    }

    /// Nothing arrives before `until`.
    pub(crate) fn stall(&mut self, until: Ts) {
        for (at, _) in &mut self.chunks {
            *at = (*at).max(until);
        }
        self.last = self.last.max(until);
        self.ended = self.ended.map(|at| at.max(until));
    }

    /// Nothing stands still any more, and no cut waits.
    pub(crate) fn hurry(&mut self, now: Ts) {
        for (at, _) in &mut self.chunks {
            *at = (*at).min(now);
        }
        self.last = self.last.min(now);
        self.ended = self.ended.map(|at| at.min(now));
        self.cut_at = None;
    }

    /// Does the reader find bytes, or the end?
    pub(crate) fn is_readable(&self, now: Ts) -> bool {
        self.next() <= now
    }

    /// Has the reader got everything, and is nothing more to come?
    pub(crate) fn is_over(&self, now: Ts) -> bool {
        self.chunks.is_empty() && self.ended.is_some_and(|at| at <= now)
    }

    /// When the reader finds something next.
    pub(crate) fn next(&self) -> Ts {
        match self.chunks.front() {
            Some((at, _)) => *at,
            None => self.ended.unwrap_or(Ts::MAX),
        }
    }

    /// Reads up to `max` bytes that have arrived.
    pub(crate) fn read(&mut self, max: usize, now: Ts) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some((at, chunk)) = self.chunks.front_mut() {
            if *at > now || out.len() == max {
                break;
            }
            let count = chunk.len().min(max - out.len());
            out.extend(chunk.drain(..count));
            if chunk.is_empty() {
                self.chunks.pop_front();
            }
        }
        self.len -= out.len();
        out
    }
}
