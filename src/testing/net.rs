//! A network in memory, between a broker's thread and the mock cluster's connections: seeded
//! delays, partial writes, cuts within a frame, resets, silence.
//!
//! Per connection and direction it is an ordered stream, as TCP is: a single answer is never lost
//! in the middle. What passes is shown to the audit.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::os::fd::RawFd;
use std::sync::Arc;

use bytes::BytesMut;

use super::audit::Audit;
use super::clock::SimClock;
use super::draw::Draw;
use super::marks::Marks;
use super::mutate::{self, DAMAGES, Damage};
use super::pipe::{Pipe, Speed};
use crate::mock::cluster::Cluster;
use crate::mock::connection::Connection;
use crate::sys::clock::{Clock, Ts};
use crate::sys::lock::{Guard, Mutex, Rank};
use crate::sys::socket::Address;
use crate::transport::connect::{Attempt, Connect, Peer};
use crate::transport::{Closure, ConnectError, ConnectState, Transport, TransportError};

/// The port of broker 1; the others follow.
pub(crate) const FIRST_PORT: u16 = 10_001;

/// What new connections to a broker meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    /// They come about.
    Open,
    /// They are refused.
    Refusing,
    /// Nobody answers.
    Silent,
}

/// How a client's end of a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Client {
    /// The outcome comes at this time.
    Connecting(Ts, Door),
    Connected,
    Gone,
}

/// A connection.
pub(crate) struct Link {
    /// The broker at its other end.
    pub(crate) broker: i32,
    client: Client,
    /// To the broker.
    pub(crate) up: Pipe,
    /// From the broker.
    pub(crate) down: Pipe,
    /// The sender is not served before.
    blocked_until: Ts,
    /// The broker's end; `None` after it closed.
    server: Option<Connection>,
    was_reset: bool,
}

/// The network and the cluster behind it.
pub(crate) struct Inner {
    clock: Arc<SimClock>,
    draw: Draw,
    /// The cluster.
    pub(crate) cluster: Cluster,
    /// Connections that at least one end still has.
    pub(crate) links: BTreeMap<RawFd, Link>,
    next_link: RawFd,
    /// How fast bytes travel.
    pub(crate) speed: Speed,
    /// What new connections meet, by broker.
    pub(crate) doors: BTreeMap<i32, Door>,
    /// Longest time that a connection takes to come about, in microseconds.
    pub(crate) connect_us: i64,
    /// The next answers are damaged.
    pub(crate) damages: usize,
    /// How; drawn without it.
    pub(crate) forced: Option<Damage>,
    /// What passes is looked at here.
    pub(crate) audit: Audit,
    /// The places that were reached.
    pub(crate) marks: Marks,
}

/// A shared network.
#[derive(Clone)]
pub(crate) struct Net(Arc<Mutex<Inner>>);

impl Net {
    /// A network around a cluster.
    pub(crate) fn new(
        clock: Arc<SimClock>,
        draw: Draw,
        cluster: Cluster,
        speed: Speed,
        audit: Audit,
    ) -> Self {
        let doors = cluster.brokers.keys().map(|id| (*id, Door::Open)).collect();
        Self(Arc::new(Mutex::new(
            Rank::Leaf,
            Inner {
                clock,
                draw,
                cluster,
                links: BTreeMap::new(),
                next_link: 1,
                speed,
                doors,
                connect_us: 1_000,
                damages: 0,
                forced: None,
                audit,
                marks: Marks::default(),
            },
        )))
    }

    /// The inside, to look at and to change.
    pub(crate) fn lock(&self) -> Guard<'_, Inner> {
        self.0.lock()
    }
}

impl Link {
    /// It takes nothing before a time.
    #[cfg(test)]
    pub(crate) fn block(&mut self, until: Ts) {
        self.blocked_until = until;
    }
}

impl Inner {
    /// Moves bytes that have arrived at brokers, and lets brokers answer.
    pub(crate) fn advance(&mut self, now: Ts) {
        let ids: Vec<RawFd> = self.links.keys().copied().collect();
        for id in ids {
            let Some(mut link) = self.links.remove(&id) else { continue };
            self.serve(id, &mut link, now);
            let is_over = link.client == Client::Gone && link.server.is_none();
            if !is_over {
                self.links.insert(id, link);
            }
        }
        self.audit.now = now;
        self.audit.look_at_logs(&mut self.cluster, &mut self.marks);
    }

    fn serve(&mut self, id: RawFd, link: &mut Link, now: Ts) {
        let Some(server) = &mut link.server else { return };
        let mut is_closed = false;
        let mut out = BytesMut::new();
        if link.up.is_readable(now) {
            let bytes = link.up.read(usize::MAX, now);
            is_closed = server.receive(&mut self.cluster, &bytes, now).is_err();
            is_closed |= link.up.is_over(now);
        }
        if is_closed || server.due() <= now || server.is_behind(&self.cluster) {
            is_closed |= server.transmit(&mut self.cluster, now, &mut out).is_err();
        }
        if !out.is_empty() && self.damages > 0 {
            let how = self.forced.unwrap_or_else(|| self.draw.pick(&DAMAGES));
            is_closed |= self.damage(id, &mut out, how);
        }
        link.down.put(&out, &self.speed, &mut self.draw, now);
        if is_closed {
            link.server = None;
            link.down.end(now);
        }
    }

    /// Damages an answer to a Produce request; `true`: nothing more comes after it.
    fn damage(&mut self, id: RawFd, out: &mut BytesMut, how: Damage) -> bool {
        let Some(is_flexible) = self.audit.awaits_produce(id, out) else { return false };
        if !mutate::damage(out, how, is_flexible) {
            return false;
        }
        self.damages -= 1;
        self.marks.reach(match how {
            Damage::Count => "answer with a false count",
            Damage::Len => "frame with a false length",
            _ => "answer cut short",
        });
        how == Damage::Len
    }

    /// The next time after `now` at which something happens by itself.
    pub(crate) fn next(&self, now: Ts) -> Ts {
        let of = |link: &Link| {
            let client = match link.client {
                Client::Connecting(at, Door::Open | Door::Refusing) => at,
                Client::Connecting(..) | Client::Gone => Ts::MAX,
                Client::Connected => link.down.next(),
            };
            let server = link.server.as_ref().map_or(Ts::MAX, Connection::due);
            let up = if link.server.is_some() { link.up.next() } else { Ts::MAX };
            [client, server, up, link.blocked_until]
        };
        let times = self.links.values().flat_map(of);
        times.filter(|at| *at > now).min().unwrap_or(Ts::MAX)
    }

    /// What poll would find at a client's descriptor.
    pub(crate) fn poll(&self, fd: RawFd, wants: (bool, bool), now: Ts) -> (bool, bool) {
        let Some(link) = self.links.get(&fd) else { return (false, false) };
        match link.client {
            Client::Gone | Client::Connecting(_, Door::Silent) => (false, false),
            Client::Connecting(at, _) => (false, wants.1 && at <= now),
            Client::Connected => {
                let has_room = link.up.room(&self.speed) > 0 && link.blocked_until <= now;
                let is_over = link.down.is_over(now);
                (wants.0 && link.down.is_readable(now), wants.1 && (has_room || is_over))
            }
        }
    }

    /// A broker ends: its connections break, or end in good order.
    pub(crate) fn drop_links(&mut self, broker: i32, is_reset: bool, now: Ts) {
        for link in self.links.values_mut().filter(|link| link.broker == broker) {
            link.server = None;
            link.was_reset = is_reset;
            if is_reset { link.down.break_now(now) } else { link.down.end(now) }
        }
    }

    /// Connections that both ends have.
    pub(crate) fn open_links(&self) -> Vec<RawFd> {
        let is_open = |link: &Link| link.client == Client::Connected && link.server.is_some();
        self.links.iter().filter(|(_, link)| is_open(link)).map(|(id, _)| *id).collect()
    }
}

/// The client's end of a connection.
struct SimTransport {
    net: Net,
    fd: RawFd,
}

impl Transport for SimTransport {
    fn fd(&self) -> RawFd {
        self.fd
    }

    fn wants(&self) -> (bool, bool) {
        let net = self.net.lock();
        match net.links.get(&self.fd).map(|link| link.client) {
            Some(Client::Connecting(..)) => (false, true),
            _ => (true, false),
        }
    }

    fn connect_step(&mut self) -> Result<ConnectState, ConnectError> {
        let mut net = self.net.lock();
        let now = net.clock.now();
        let Some(link) = net.links.get_mut(&self.fd) else { return Ok(ConnectState::Connected) };
        match link.client {
            Client::Connecting(at, door) if at > now || door == Door::Silent => {
                Ok(ConnectState::InProgress)
            }
            Client::Connecting(_, Door::Refusing) => {
                net.marks.reach("connection refused");
                let text = "Connect to ipv4#127.0.0.1 failed: Connection refused".to_owned();
                Err(ConnectError::Connect(text))
            }
            _ => {
                link.client = Client::Connected;
                Ok(ConnectState::Connected)
            }
        }
    }

    fn send(&mut self, slices: &[IoSlice<'_>]) -> Result<usize, TransportError> {
        let mut guard = self.net.lock();
        let net = &mut *guard;
        let now = net.clock.now();
        let Some(link) = net.links.get_mut(&self.fd) else { return Ok(0) };
        if link.server.is_none() && link.down.is_over(now) {
            net.marks.reach("send on a dead connection");
            return Err(TransportError::System("Broken pipe".to_owned()));
        }
        let bytes = slices.iter().flat_map(|slice| slice.iter().copied()).collect::<Vec<u8>>();
        let room = match link.blocked_until <= now {
            true => link.up.room(&net.speed),
            false => 0,
        };
        let mut count = bytes.len().min(room);
        if count > 1 && net.draw.chance(net.speed.splits) {
            count = net.draw.count(1, count);
            link.blocked_until = now + net.draw.between(0, 3_000);
            net.marks.reach("partial write");
        }
        if count < bytes.len() && room == count {
            net.marks.reach("full window");
        }
        link.up.put(&bytes[..count], &net.speed, &mut net.draw, now);
        let broker = link.broker;
        net.audit.sent((self.fd, broker), &bytes[..count], now, &mut net.marks);
        Ok(count)
    }

    fn recv_into(&mut self, bytes: &mut Vec<u8>, max: usize) -> Result<usize, TransportError> {
        let mut guard = self.net.lock();
        let net = &mut *guard;
        let now = net.clock.now();
        let Some(link) = net.links.get_mut(&self.fd) else { return Ok(0) };
        let got = link.down.read(max, now);
        if got.is_empty() {
            if !link.down.is_over(now) {
                return Ok(0);
            }
            let how = if link.was_reset { Closure::Reset } else { Closure::Closed };
            net.marks.reach(if link.was_reset { "reset" } else { "closed by the broker" });
            return Err(TransportError::Disconnected(how));
        }
        bytes.extend_from_slice(&got);
        net.audit.received(self.fd, &got, now, &mut net.marks);
        Ok(got.len())
    }
}

impl Drop for SimTransport {
    fn drop(&mut self) {
        let mut guard = self.net.lock();
        let net = &mut *guard;
        let now = net.clock.now();
        if let Some(link) = net.links.get_mut(&self.fd) {
            link.client = Client::Gone;
            link.blocked_until = Ts::ZERO;
            // What was written may arrive or be lost.
            if net.draw.chance(50) { link.up.end(now) } else { link.up.break_now(now) }
        }
        net.audit.closed(self.fd, now, &mut net.marks);
    }
}

/// Makes connections in the network.
pub(crate) struct SimConnect(pub(crate) Net);

impl Connect for SimConnect {
    fn begin(&self, _: Peer<'_>, address: &Address, now: Ts) -> Result<Attempt, ConnectError> {
        let mut guard = self.0.lock();
        let net = &mut *guard;
        let broker = i32::from(address.port()) - i32::from(FIRST_PORT) + 1;
        let door = net.doors.get(&broker).copied().unwrap_or(Door::Refusing);
        let at = now + net.draw.between(1, net.connect_us);
        if door == Door::Silent {
            net.marks.reach("connection attempt without an answer");
        }
        let fd = net.next_link;
        net.next_link += 1;
        net.links.insert(
            fd,
            Link {
                broker,
                client: Client::Connecting(at, door),
                up: Pipe::new(),
                down: Pipe::new(),
                blocked_until: Ts::ZERO,
                server: (door == Door::Open).then(|| Connection::new(broker)),
                was_reset: false,
            },
        );
        let transport = Box::new(SimTransport { net: self.0.clone(), fd });
        Ok(Attempt { transport, deadline: net.audit.setup_deadline(now), warnings: Vec::new() })
    }
}
