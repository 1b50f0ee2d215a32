//! One connection to one broker: bytes in, bytes out with a due time. No sockets, no clock.
//!
//! Requests are answered in the order they came; an answer that waits holds back those behind it, as a broker's does.
//! `server.rs` gives it real bytes and time, tests give it theirs.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};

use super::cluster::Cluster;
use super::faults::Fault;
use super::handlers::{self, Answer, Call, Head, Malformed, Parked};
use crate::error::ErrorCode;
use crate::proto::wire::Read;
use crate::sys::clock::Ts;

/// The largest request; a broker's `socket.request.max.bytes`.
const REQUEST_BYTES_MAX: usize = 100 * 1024 * 1024;
/// ApiVersions, whose version the handler checks itself.
const API_VERSIONS: i16 = 18;

/// The connection has to be closed: the client sent nonsense, or a test wants it so.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl From<Malformed> for Closed {
    fn from(_: Malformed) -> Self {
        Self
    }
}

/// One connection's state.
pub(crate) struct Connection {
    broker_id: i32,
    input: BytesMut,
    answers: VecDeque<Pending>,
    /// How many of `answers` wait for the cluster.
    parked_count: usize,
    /// The cluster's change count when those were asked last.
    seen_changes: u64,
}

/// An answer on its way.
enum Pending {
    Ready { due: Ts, bytes: BytesMut },
    Parked { due: Ts, task: Box<dyn Parked> },
}

impl Connection {
    /// A new connection to a broker.
    pub(crate) fn new(broker_id: i32) -> Self {
        Self {
            broker_id,
            input: BytesMut::new(),
            answers: VecDeque::new(),
            parked_count: 0,
            seen_changes: 0,
        }
    }

    /// The broker it leads to.
    pub(crate) fn broker_id(&self) -> i32 {
        self.broker_id
    }

    /// Takes bytes from the client and handles every request that is complete.
    pub(crate) fn receive(
        &mut self,
        cluster: &mut Cluster,
        bytes: &[u8],
        now: Ts,
    ) -> Result<(), Closed> {
        self.input.extend_from_slice(bytes);
        while let Some(request) = self.next_request()? {
            self.handle(cluster, request, now)?;
        }
        Ok(())
    }

    /// The next complete request, without its length.
    fn next_request(&mut self) -> Result<Option<Bytes>, Closed> {
        let Some(length) = self.input.first_chunk::<4>() else { return Ok(None) };
        let size = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| Closed)?;
        if size > REQUEST_BYTES_MAX {
            return Err(Closed);
        }
        let missing = (4 + size).saturating_sub(self.input.len());
        if missing > 0 {
            self.input.reserve(missing);
            return Ok(None);
        }
        let mut request = self.input.split_to(4 + size).freeze();
        Ok(Some(request.split_off(4)))
    }

    fn handle(&mut self, cluster: &mut Cluster, request: Bytes, now: Ts) -> Result<(), Closed> {
        let header = Header::read(&request).ok_or(Closed)?;
        let row = handlers::row(header.api_key).ok_or(Closed)?;
        let is_offered = cluster.versions.allows(header.api_key, header.head.version);
        if !is_offered && header.api_key != API_VERSIONS {
            return Err(Closed);
        }
        cluster.journal.record(self.broker_id, header.api_key, now);
        let fault = cluster.take_fault(self.broker_id, header.api_key);
        if fault.error == ErrorCode::_TRANSPORT {
            return Err(Closed);
        }
        let is_flexible = is_offered && row.is_flexible(header.head.version);
        let (head, client_id) = (header.head, header.client_id);
        let body_at = header.body_at(is_flexible).ok_or(Closed)?;
        let due = now.plus_ms(self.delay_ms(cluster, fault));
        let mut call = Call {
            cluster,
            broker_id: self.broker_id,
            head,
            client_id: std::str::from_utf8(client_id).unwrap_or("?"),
            is_flexible,
            body: request.slice(body_at..),
            error: fault.error,
            now,
        };
        match row.answer(&mut call)? {
            Answer::Now(bytes) => self.answers.push_back(Pending::Ready { due, bytes }),
            Answer::Later(task) => {
                self.parked_count += 1;
                self.answers.push_back(Pending::Parked { due, task });
            }
            Answer::Silent => {}
            Answer::Close => return Err(Closed),
        }
        Ok(())
    }

    fn delay_ms(&self, cluster: &Cluster, fault: Fault) -> i64 {
        let own = cluster.brokers.get(&self.broker_id).map_or(0, |broker| broker.rtt_ms);
        i64::from(if fault.rtt_ms > 0 { fault.rtt_ms } else { own })
    }

    /// Writes every answer that is due, in order, with its length in front.
    pub(crate) fn transmit(&mut self, cluster: &mut Cluster, now: Ts, out: &mut BytesMut) {
        self.resume(cluster, now);
        while let Some(Pending::Ready { due, bytes }) = self.answers.front() {
            if *due > now {
                return;
            }
            out.put_u32(bytes.len() as u32);
            out.extend_from_slice(bytes);
            self.answers.pop_front();
        }
    }

    /// Asks the answers that wait, those behind the first one too: a group's members wait for each other.
    fn resume(&mut self, cluster: &mut Cluster, now: Ts) {
        let is_changed = self.seen_changes != cluster.change_count;
        if self.parked_count == 0 || !(is_changed || self.parked_due() <= now) {
            return;
        }
        self.seen_changes = cluster.change_count;
        for pending in &mut self.answers {
            let Pending::Parked { due, task } = pending else { continue };
            if let Some(bytes) = task.resume(cluster, now) {
                *pending = Pending::Ready { due: *due, bytes };
                self.parked_count -= 1;
            }
        }
    }

    fn parked_due(&self) -> Ts {
        let dues = self.answers.iter().filter_map(|pending| match pending {
            Pending::Parked { task, .. } => Some(task.due()),
            Pending::Ready { .. } => None,
        });
        dues.min().unwrap_or(Ts::MAX)
    }

    /// When `transmit` should be called again, if nothing else happens.
    pub(crate) fn due(&self) -> Ts {
        let first = match self.answers.front() {
            Some(Pending::Ready { due, .. }) => *due,
            _ => Ts::MAX,
        };
        if self.parked_count == 0 { first } else { first.min(self.parked_due()) }
    }

    /// Does an answer wait for a change of the cluster that it hasn't seen?
    pub(crate) fn is_behind(&self, cluster: &Cluster) -> bool {
        self.parked_count > 0 && self.seen_changes != cluster.change_count
    }
}

/// A request's header.
struct Header<'a> {
    api_key: i16,
    head: Head,
    client_id: &'a [u8],
    rest: Read<'a>,
}

impl<'a> Header<'a> {
    fn read(request: &'a [u8]) -> Option<Self> {
        let mut read = Read::new(request);
        let api_key = read.i16().ok()?;
        let version = read.i16().ok()?;
        let correlation_id = read.i32().ok()?;
        // Flexible headers have an ordinary string here too.
        let client_id = read.string(false).ok()?;
        Some(Self { api_key, head: Head { correlation_id, version }, client_id, rest: read })
    }

    /// Where the body begins.
    fn body_at(mut self, is_flexible: bool) -> Option<usize> {
        self.rest.skip_tags(is_flexible).ok()?;
        Some(self.rest.at())
    }
}
