//! The mock cluster's thread: sockets and time around `connection.rs`.
//!
//! One thread serves every broker of a cluster. Others change the cluster under its lock; what
//! concerns sockets (a broker that goes down, up, or is new) waits until the thread has done it.
#![forbid(unsafe_code)]

use std::io;
use std::sync::Arc;

use bytes::{Buf, BytesMut};

use super::cluster::Cluster;
use super::connection::Connection;
use crate::sys::clock::{Clock, SystemClock, Ts};
use crate::sys::listen::{Listener, Stream};
use crate::sys::lock::{Condvar, Guard, Mutex, Rank};
use crate::sys::poll::{PollFd, poll};
use crate::sys::thread::{self, Thread};
use crate::sys::wake::Wake;

/// How much is read at a time.
const READ_BYTES: usize = 256 * 1024;
/// A client that doesn't read its answers isn't read from either, once so much waits for it.
const UNREAD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long no connection is accepted after accepting failed, in milliseconds: the process is out
/// of descriptors.
const ACCEPT_PAUSE_MS: i64 = 100;

/// A running cluster.
pub(crate) struct Server {
    shared: Arc<Shared>,
    thread: Option<Thread>,
}

struct Shared {
    cluster: Mutex<Cluster>,
    gate: Mutex<Gate>,
    served: Condvar,
    wake: Wake,
}

/// What other threads ask of the cluster's thread.
#[derive(Default)]
struct Gate {
    is_stopping: bool,
    is_dead: bool,
    /// Sockets of brokers that begin to listen.
    doors: Vec<(i32, Listener)>,
    asked: u64,
    served: u64,
}

impl Server {
    /// Starts the thread. `doors` are the brokers' sockets.
    pub(crate) fn start(cluster: Cluster, doors: Vec<(i32, Listener)>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            cluster: Mutex::new(Rank::Leaf, cluster),
            gate: Mutex::new(Rank::Leaf, Gate::default()),
            served: Condvar::new(),
            wake: Wake::new()?,
        });
        let (runner, mourner) = (Arc::clone(&shared), Arc::clone(&shared));
        let body = move || Runner::new(&runner, doors).run();
        let on_panic = move || {
            mourner.gate.lock().is_dead = true;
            mourner.served.notify_all();
        };
        let thread = thread::spawn("rdk:mock", false, body, on_panic)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The cluster, to look at.
    pub(crate) fn cluster(&self) -> Guard<'_, Cluster> {
        self.shared.cluster.lock()
    }

    /// Changes the cluster; answers that wait see it at once.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Cluster) -> R) -> R {
        let result = change(&mut self.cluster());
        self.shared.wake.wake();
        result
    }

    /// Makes a broker listen.
    pub(crate) fn open(&self, broker_id: i32, door: Listener) {
        self.shared.gate.lock().doors.push((broker_id, door));
        self.settle();
    }

    /// Waits until the sockets are as the brokers' states say.
    pub(crate) fn settle(&self) {
        let mut gate = self.shared.gate.lock();
        gate.asked += 1;
        let asked = gate.asked;
        self.shared.wake.wake();
        while gate.served < asked && !gate.is_dead {
            self.shared.served.wait(&mut gate, None);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.gate.lock().is_stopping = true;
        self.shared.wake.wake();
        if let Some(thread) = self.thread.take() {
            thread.join();
        }
    }
}

/// The thread's own state.
struct Runner<'a> {
    shared: &'a Shared,
    doors: Vec<(i32, Listener)>,
    clients: Vec<Client>,
    scratch: Vec<u8>,
    /// No connection is accepted before this.
    accept_from: Ts,
}

/// An open connection.
struct Client {
    stream: Stream,
    connection: Connection,
    unsent: BytesMut,
    is_over: bool,
}

impl<'a> Runner<'a> {
    fn new(shared: &'a Shared, doors: Vec<(i32, Listener)>) -> Self {
        let scratch = vec![0; READ_BYTES];
        Self { shared, doors, clients: Vec::new(), scratch, accept_from: Ts::ZERO }
    }

    fn run(mut self) {
        while self.pass_gate() {
            let mut fds = self.descriptors(SystemClock.now());
            poll(&mut fds, self.timeout_us(SystemClock.now()));
            if fds[0].is_readable() {
                self.shared.wake.clear();
            }
            let now = SystemClock.now();
            self.serve(&fds[1 + self.doors.len()..], now);
            self.accept(now);
        }
    }

    /// Does what other threads asked for; `false` when the thread has to end.
    fn pass_gate(&mut self) -> bool {
        let mut gate = self.shared.gate.lock();
        if gate.is_stopping {
            return false;
        }
        if gate.asked == gate.served {
            return true;
        }
        let asked = gate.asked;
        self.doors.append(&mut gate.doors);
        drop(gate);
        let cluster = self.shared.cluster.lock();
        let is_up = |id: i32| cluster.brokers.get(&id).is_some_and(|broker| broker.is_up);
        self.doors.retain(|(id, _)| is_up(*id));
        self.clients.retain(|client| is_up(client.connection.broker_id()));
        drop(cluster);
        self.shared.gate.lock().served = asked;
        self.shared.served.notify_all();
        true
    }

    /// The wake-up, the doors and the clients, in this order.
    fn descriptors(&self, now: Ts) -> Vec<PollFd> {
        let may_accept = now >= self.accept_from;
        let wake = PollFd::new(self.shared.wake.fd(), true, false);
        let doors = self.doors.iter().map(|(_, door)| PollFd::new(door.fd(), may_accept, false));
        let clients = self.clients.iter().map(|client| {
            let may_read = client.unsent.len() < UNREAD_BYTES_MAX;
            PollFd::new(client.stream.fd(), may_read, !client.unsent.is_empty())
        });
        std::iter::once(wake).chain(doors).chain(clients).collect()
    }

    fn timeout_us(&self, now: Ts) -> i64 {
        let dues = self.clients.iter().map(|client| client.connection.due());
        let pause = if now < self.accept_from { self.accept_from } else { Ts::MAX };
        match dues.chain([pause]).min() {
            None | Some(Ts::MAX) => -1,
            Some(due) => due.since(now),
        }
    }

    /// Reads from every client that sent something, then writes what is due. `fds` are the clients'
    /// descriptors.
    fn serve(&mut self, fds: &[PollFd], now: Ts) {
        let mut cluster = self.shared.cluster.lock();
        for (client, fd) in self.clients.iter_mut().zip(fds) {
            if fd.is_readable() {
                client.read(&mut cluster, &mut self.scratch, now);
            }
        }
        for client in &mut self.clients {
            // What one client appends, another may wait for; so this comes after all have been
            // read.
            if client.connection.due() <= now || client.connection.is_behind(&cluster) {
                client.transmit(&mut cluster, now);
            }
        }
        drop(cluster);
        for client in &mut self.clients {
            client.write();
        }
        self.clients.retain(|client| !client.is_over);
    }

    fn accept(&mut self, now: Ts) {
        if now < self.accept_from {
            return;
        }
        for (broker_id, door) in &self.doors {
            loop {
                match door.accept() {
                    Ok(Some(stream)) => self.clients.push(Client::new(stream, *broker_id)),
                    Ok(None) => break,
                    Err(_) => {
                        self.accept_from = now.plus_ms(ACCEPT_PAUSE_MS);
                        break;
                    }
                }
            }
        }
    }
}

impl Client {
    fn new(stream: Stream, broker_id: i32) -> Self {
        let connection = Connection::new(broker_id);
        Self { stream, connection, unsent: BytesMut::new(), is_over: false }
    }

    fn read(&mut self, cluster: &mut Cluster, scratch: &mut [u8], now: Ts) {
        match self.stream.read(scratch) {
            Ok(None) => {}
            Ok(Some(0)) | Err(_) => self.is_over = true,
            Ok(Some(count)) => {
                let received = self.connection.receive(cluster, &scratch[..count], now);
                if received.is_err() {
                    // Requests before the one that closes the connection get their answers, as far
                    // as they're due.
                    self.transmit(cluster, now);
                    self.is_over = true;
                }
            }
        }
    }

    fn transmit(&mut self, cluster: &mut Cluster, now: Ts) {
        self.is_over |= self.connection.transmit(cluster, now, &mut self.unsent).is_err();
    }

    fn write(&mut self) {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(Some(count)) => self.unsent.advance(count),
                Ok(None) => return,
                Err(_) => {
                    self.is_over = true;
                    return;
                }
            }
        }
        // What is written whole is given back: an emptied buffer points behind its block, where a
        // leak checker of a program that exits does not find it.
        self.unsent = BytesMut::new();
    }
}
