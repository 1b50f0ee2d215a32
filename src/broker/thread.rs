//! `BrokerThread`: what belongs to one broker's thread, and the thread's loop around
//! [`step`](super::step).
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::connection::{self, Connection};
use super::request::{Request, RequestQueue};
use super::step;
use super::version::Asking;
use crate::engine::choose;
use crate::engine::seam::ProducerEngine;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::context;
use crate::own::broker::{Broker, BrokerState, QueueKind};
use crate::own::msg::Status;
use crate::own::msgq::MsgQueue;
use crate::own::segbuf::Block;
use crate::own::toppar::Toppar;
use crate::proto::features::ApiVersions;
use crate::sys::clock::Ts;
use crate::sys::poll::{PollFd, poll};
use crate::sys::rand::Rng;
use crate::transport::connect::Connect;

/// Blocks of request bytes that are kept for reuse, and the largest that is worth it, in bytes.
const SPARE_BLOCKS_MAX: usize = 4;
/// As many small ones may be kept: what one write takes.
const SPARE_SMALL_MAX: usize = 32;
const SMALL_BYTES: usize = 4 << 10;
const SPARE_BYTES_MAX: usize = 2 << 20;

/// Everything that one broker's thread owns. No lock: nobody else has it.
pub(crate) struct BrokerThread {
    /// The instance.
    pub(crate) handle: Arc<Handle>,
    /// What others may see of the broker.
    pub(crate) broker: Arc<Broker>,
    /// The connection.
    pub(crate) connection: Connection,
    /// What the broker supports; empty before it said so.
    pub(crate) versions: ApiVersions,
    /// Whether it is asked for that.
    pub(crate) asking: Asking,
    /// Requests that are not written yet, the first one perhaps in part.
    pub(crate) outbufs: RequestQueue,
    /// Requests in flight, in the order of their correlation ids.
    pub(crate) waitresps: RequestQueue,
    /// Jitter.
    pub(crate) rng: Rng,
    /// Last correlation id; never begins anew, so that a late answer matches nothing.
    pub(crate) correlation_id: i32,
    /// A request or a partition wants the connection.
    pub(crate) wants_connection: bool,
    /// Last throttle time that the broker reported, milliseconds.
    pub(crate) throttle_ms: i32,
    /// When the timeouts of requests are looked at next.
    pub(crate) timeouts_due: Ts,
    /// Timed-out requests since the last response.
    pub(crate) timed_out_in_a_row: u32,
    /// When the log said last that the broker does not know a codec.
    pub(crate) codec_noted_at: Option<Ts>,
    /// The name in logs; renewed when the broker gets another.
    pub(crate) name: String,
    spare: Vec<Block>,
}

impl BrokerThread {
    /// The state of a thread that has not begun.
    pub(crate) fn new(handle: Arc<Handle>, broker: Arc<Broker>) -> Self {
        let connector = connection::connector(&handle);
        Self::with(handle, broker, Rng::from_system(), Box::new(connector))
    }

    /// As [`BrokerThread::new`], with another source of jitter and of connections.
    pub(crate) fn with(
        handle: Arc<Handle>,
        broker: Arc<Broker>,
        mut rng: Rng,
        connect: Box<dyn Connect>,
    ) -> Self {
        let name = broker.name();
        broker
            .begin_work(Arc::as_ptr(&handle).cast_mut().cast(), choose::number(handle.conf.engine));
        let of_addresses = Rng::from_seed(rng.next_u64());
        Self {
            connection: Connection::new(&handle, &broker, connect, of_addresses),
            versions: ApiVersions::default(),
            asking: Asking::default(),
            outbufs: RequestQueue::of(&broker, QueueKind::Outbufs),
            waitresps: RequestQueue::of(&broker, QueueKind::Waitresps),
            rng,
            correlation_id: 0,
            wants_connection: false,
            throttle_ms: 0,
            timeouts_due: Ts::ZERO,
            timed_out_in_a_row: 0,
            codec_noted_at: None,
            spare: Vec::new(),
            name,
            handle,
            broker,
        }
    }

    /// Is the connection usable for Produce?
    pub(crate) fn is_up(&self) -> bool {
        self.broker.state() == BrokerState::Up
    }

    /// A debug line about this broker. Its name is in front; the text is only made if it is wanted.
    pub(crate) fn debug(&self, contexts: u32, facility: &str, text: std::fmt::Arguments<'_>) {
        let line = format_args!("{}: {text}", self.name);
        self.handle.log.debug(contexts, facility, &self.name, line);
    }

    /// A block for a request's bytes, perhaps one that was used before and is still warm in the
    /// cache.
    pub(crate) fn block(&mut self, expected: usize) -> Block {
        match self.spare.pop() {
            Some(mut block) => {
                block.grow(expected);
                block
            }
            None => Block::new(expected),
        }
    }

    /// Keeps a block for the next request.
    pub(crate) fn recycle(&mut self, block: Block) {
        let most = match block.capacity() {
            0..=SMALL_BYTES => SPARE_SMALL_MAX,
            capacity if capacity <= SPARE_BYTES_MAX => SPARE_BLOCKS_MAX,
            _ => 0,
        };
        if self.spare.len() < most {
            self.spare.push(block);
        }
    }

    /// Puts a request behind the others.
    pub(crate) fn enqueue(&mut self, mut request: Request, now: Ts) {
        request.set_queued_at(now);
        request.set_broker(&self.broker);
        self.wants_connection = true;
        if request.is_setup() {
            self.outbufs.push_front(request);
        } else {
            self.outbufs.push_back(request);
        }
    }

    /// Puts a request that must not wait for data before those of which nothing was written yet.
    pub(crate) fn enqueue_before_data(&mut self, mut request: Request, now: Ts) {
        request.set_queued_at(now);
        request.set_broker(&self.broker);
        self.wants_connection = true;
        let api = request.api();
        let mut behind = self.outbufs.take_where(|queued| {
            queued.correlation_id() == 0 && queued.api() != api && !queued.is_setup()
        });
        self.outbufs.push_back(request);
        self.outbufs.append(&mut behind);
    }

    /// Gives messages the broker's id and a status, and reports them.
    pub(crate) fn report(
        &self,
        toppar: &Toppar,
        mut messages: MsgQueue,
        error: ErrorCode,
        status: Status,
    ) {
        for message in messages.iter_mut() {
            message.set_status(status);
        }
        crate::delivery::report::report(&self.handle, &toppar.topic(), messages, error);
    }
}

/// The thread's body: until the broker is told to end.
pub(crate) fn run(mut thread: BrokerThread, mut engine: Box<dyn ProducerEngine>) {
    thread.handle.log.debug(
        context::BROKER,
        "BRKMAIN",
        &thread.name,
        format_args!("{}: Enter main broker thread", thread.name),
    );
    loop {
        let now = thread.handle.now();
        let until = step::step(&mut thread, &mut *engine, now);
        if step::is_over(&thread) {
            break;
        }
        sleep(&mut thread, until);
    }
    thread.debug(context::BROKER, "TERMINATE", format_args!("Leaving main broker thread"));
    step::end(&mut thread, &mut *engine);
}

/// Waits until a time, a wake-up or news from the socket.
pub(crate) fn sleep(thread: &mut BrokerThread, until: Ts) {
    if !thread.broker.may_sleep(until) {
        return;
    }
    let wake_fd = thread.broker.wake().fd();
    let timeout_us = if until == Ts::MAX { -1 } else { (until - thread.handle.now()).max(0) };
    let (fd, read, write) = thread.connection.interest(&thread.outbufs);
    let mut fds = [PollFd::new(wake_fd, true, false), PollFd::new(fd, read, write)];
    poll(&mut fds, timeout_us);
    thread.broker.is_awake();
    if fds[0].is_readable() {
        thread.broker.wake().clear();
    }
    thread.broker.counters().wakeups.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    thread.connection.set_events(fds[1].is_readable(), fds[1].is_writable());
}
