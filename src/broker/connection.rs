//! The connection's life: when to connect, which states follow, back-off after failures.
#![forbid(unsafe_code)]

use std::os::fd::RawFd;

use super::request::RequestQueue;
use super::thread::BrokerThread;
use super::version;
use crate::callback::{
    CloseSocketCallback, ConnectCallback, Opaque, ResolveCallback, SocketCallback,
};
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::op::MainOp;
use crate::op::Op;
use crate::own::broker::{Broker, BrokerSource, BrokerState};
use crate::sys::clock::Ts;
use crate::sys::rand::Rng;
use crate::transport::connect::{Connect, ConnectOptions, Connector};
use crate::transport::resolve::{AddressFamily, Endpoint, ResolveOptions, Resolver};
use crate::transport::{ConnectState, Transport};

/// A repeated identical failure is told again after this time, in microseconds.
const REPEAT_AFTER_US: i64 = 30_000_000;

/// The connection of a broker.
pub(crate) struct Connection {
    transport: Option<Box<dyn Transport>>,
    connect: Box<dyn Connect>,
    resolver: Resolver,
    /// Received bytes that make no whole frame yet.
    pub(crate) input: Vec<u8>,
    is_readable: bool,
    is_writable: bool,
    /// The kernel took less than was offered: wait until it takes more.
    pub(crate) is_blocked: bool,
    /// No attempt before this time.
    retry_at: Ts,
    backoff_ms: i64,
    /// When the present attempt or setup is given up.
    setup_until: Ts,
    /// Last use, for `connections.max.idle.ms`.
    pub(crate) used_at: Ts,
    /// The last failure, when it was told, and how often it came again since.
    last_failure: Option<(ErrorCode, String, Ts, u32)>,
}

impl Connection {
    /// Not connected to a broker.
    pub(crate) fn new(
        handle: &Handle,
        broker: &Broker,
        connect: Box<dyn Connect>,
        rng: Rng,
    ) -> Self {
        Self {
            transport: None,
            connect,
            resolver: Resolver::new(endpoint(broker), resolve_options(handle), rng),
            input: Vec::new(),
            is_readable: false,
            is_writable: false,
            is_blocked: false,
            retry_at: Ts::ZERO,
            backoff_ms: 0,
            setup_until: Ts::MAX,
            used_at: Ts::ZERO,
            last_failure: None,
        }
    }

    /// What the thread waits for: descriptor (-1 for none), to read, to write.
    pub(crate) fn interest(&self, outbufs: &RequestQueue) -> (RawFd, bool, bool) {
        match &self.transport {
            None => (-1, false, false),
            Some(transport) => {
                let (read, write) = transport.wants();
                (transport.fd(), read, write || (self.is_blocked && !outbufs.is_empty()))
            }
        }
    }

    /// What poll found.
    pub(crate) fn set_events(&mut self, is_readable: bool, is_writable: bool) {
        self.is_readable |= is_readable;
        self.is_writable |= is_writable;
        if is_writable {
            self.is_blocked = false;
        }
    }

    /// Was there something to read? Asking forgets it.
    pub(crate) fn take_readable(&mut self) -> bool {
        std::mem::take(&mut self.is_readable)
    }

    /// Is there a socket that took everything before?
    pub(crate) fn takes_bytes(&self) -> bool {
        self.transport.is_some() && !self.is_blocked
    }

    /// Goes on over a transport of the test.
    #[cfg(test)]
    pub(crate) fn go_over(&mut self, transport: Box<dyn Transport>) {
        self.transport = Some(transport);
    }

    /// The transport, if there is one.
    pub(crate) fn transport(&mut self) -> Option<&mut (dyn Transport + 'static)> {
        self.transport.as_deref_mut()
    }
}

/// Moves the connection on; returns when it wants to be looked at again.
pub(crate) fn advance(thread: &mut BrokerThread, now: Ts) -> Ts {
    if thread.broker.source() == BrokerSource::Internal {
        return Ts::MAX;
    }
    match thread.broker.state() {
        BrokerState::Init | BrokerState::Down | BrokerState::TryConnect => {
            let wants = thread.wants_connection || !thread.handle.settings.connects_sparsely;
            if !wants {
                return Ts::MAX;
            }
            if now < thread.connection.retry_at {
                return thread.connection.retry_at;
            }
            begin(thread, now)
        }
        BrokerState::Connect => go_on(thread, now),
        BrokerState::Up => idle_check(thread, now),
        _ => setup_check(thread, now),
    }
}

/// When the next attempt to connect is due; never if none is wanted or the connection stands.
pub(crate) fn next_attempt(thread: &BrokerThread) -> Ts {
    let wants = thread.wants_connection || !thread.handle.settings.connects_sparsely;
    let is_internal = thread.broker.source() == BrokerSource::Internal;
    if wants && !is_internal && thread.broker.state() == BrokerState::Down {
        thread.connection.retry_at
    } else {
        Ts::MAX
    }
}

fn opaque(handle: &Handle) -> Opaque {
    Opaque(handle.conf.opaque.as_ptr())
}

fn endpoint(broker: &Broker) -> Endpoint {
    let names = broker.names();
    Endpoint::new(&names.host, names.port)
}

/// What makes an instance's connections.
pub(crate) fn connector(handle: &Handle) -> Connector {
    let (settings, conf) = (&handle.settings, &handle.conf);
    let opaque = opaque(handle);
    Connector::new(ConnectOptions {
        send_buffer_bytes: settings.socket_send_bytes,
        receive_buffer_bytes: settings.socket_receive_bytes,
        has_keepalive: settings.socket_keepalive,
        has_nagle_disabled: settings.socket_nodelay,
        setup_timeout_ms: i32::try_from(settings.setup_timeout_ms).unwrap_or(i32::MAX),
        socket: conf.socket_cb.set().map(|function| SocketCallback { function, opaque }),
        connect: conf.connect_cb.map(|function| ConnectCallback { function, opaque }),
        close: conf.closesocket_cb.map(|function| CloseSocketCallback { function, opaque }),
    })
}

fn resolve_options(handle: &Handle) -> ResolveOptions {
    let opaque = opaque(handle);
    let resolve = handle.conf.resolve_cb;
    ResolveOptions {
        family: AddressFamily::from_conf(handle.settings.address_family)
            .unwrap_or(AddressFamily::Any),
        ttl_ms: i32::try_from(handle.settings.address_ttl_ms).unwrap_or(i32::MAX),
        callback: resolve.map(|function| ResolveCallback { function, opaque }),
    }
}

fn begin(thread: &mut BrokerThread, now: Ts) -> Ts {
    use std::sync::atomic::Ordering;
    let names = thread.broker.names();
    thread.name.clone_from(&names.name);
    enter(thread, BrokerState::TryConnect, now);
    thread.broker.counters().connects.fetch_add(1, Ordering::Relaxed);
    let address = match thread.connection.resolver.next(now) {
        Ok(address) => address,
        Err(error) => {
            fail(thread, error.code(), &error.to_string(), now);
            return thread.connection.retry_at;
        }
    };
    enter(thread, BrokerState::Connect, now);
    thread.handle.log.debug(
        context::BROKER,
        "CONNECT",
        &thread.name,
        format_args!("{}: Connecting to {address}", thread.name),
    );
    match thread.connection.connect.begin(&names.address, &address, now) {
        Ok(attempt) => {
            for warning in &attempt.warnings {
                let text = &warning.text;
                thread.handle.log.broker(warning.level, warning.facility, &thread.name, text);
            }
            thread.connection.setup_until = attempt.deadline;
            thread.connection.transport = Some(attempt.transport);
            thread.connection.is_blocked = false;
            thread.connection.input.clear();
            go_on(thread, now)
        }
        Err(error) => {
            fail(thread, error.code(), &error.to_string(), now);
            thread.connection.retry_at
        }
    }
}

/// The broker has another address: a connection to the old one is closed, as planned.
pub(crate) fn renamed(thread: &mut BrokerThread, now: Ts) {
    let new = endpoint(&thread.broker);
    thread.name = thread.broker.name();
    if new.to_string() == thread.connection.resolver.endpoint().to_string() {
        return;
    }
    thread.connection.resolver.move_to(new);
    if thread.connection.transport.take().is_some() {
        fail_requests(thread, ErrorCode::_TRANSPORT, now);
        enter(thread, BrokerState::Down, now);
    }
    thread.connection.retry_at = now;
}

fn go_on(thread: &mut BrokerThread, now: Ts) -> Ts {
    let progress = match thread.connection.transport() {
        Some(transport) => transport.connect_step(),
        None => return Ts::MAX,
    };
    match progress {
        Ok(ConnectState::Connected) => {
            thread.connection.used_at = now;
            thread.debug(context::BROKER, "CONNECTED", format_args!("Connected"));
            version::begin(thread, now);
            setup_check(thread, now)
        }
        Ok(ConnectState::InProgress) => setup_check(thread, now),
        Err(error) => {
            fail(thread, error.code(), &error.to_string(), now);
            thread.connection.retry_at
        }
    }
}

fn setup_check(thread: &mut BrokerThread, now: Ts) -> Ts {
    if thread.broker.state() == BrokerState::Up {
        return Ts::MAX;
    }
    let until = thread.connection.setup_until;
    if now < until {
        return until;
    }
    let state = thread.broker.state().name();
    let text = format!("Connection setup timed out in state {state}");
    fail(thread, ErrorCode::_TRANSPORT, &text, now);
    thread.connection.retry_at
}

fn idle_check(thread: &mut BrokerThread, now: Ts) -> Ts {
    let idle_ms = thread.handle.settings.idle_max_ms;
    let is_busy = !thread.outbufs.is_empty() || !thread.waitresps.is_empty();
    if idle_ms == 0 || is_busy {
        return Ts::MAX;
    }
    let until = thread.connection.used_at.plus_ms(idle_ms);
    if now < until {
        return until;
    }
    close_idle(thread, now);
    Ts::MAX
}

/// A planned close: nobody is told, nothing counts as down.
fn close_idle(thread: &mut BrokerThread, now: Ts) {
    thread.handle.log.debug(
        context::BROKER,
        "FAIL",
        &thread.name,
        format_args!("{}: Connection max idle time exceeded", thread.name),
    );
    thread.connection.transport = None;
    thread.wants_connection = false;
    thread.connection.retry_at = now;
    enter(thread, BrokerState::Init, now);
}

/// Enters a state, with its debug line.
pub(crate) fn enter(thread: &BrokerThread, state: BrokerState, now: Ts) {
    thread.handle.log.debug(
        context::BROKER,
        "STATE",
        &thread.name,
        format_args!(
            "{}: Broker changed state {} -> {}",
            thread.name,
            thread.broker.state().name(),
            state.name()
        ),
    );
    thread.broker.set_state(state, now);
}

/// The connection is usable.
pub(crate) fn up(thread: &mut BrokerThread, now: Ts) {
    thread.connection.setup_until = Ts::MAX;
    thread.connection.backoff_ms = 0;
    thread.timed_out_in_a_row = 0;
    thread.broker.set_gives_producer_ids(thread.versions.has_idempotent_producer());
    enter(thread, BrokerState::Up, now);
    thread.handle.main.push(MainOp::BrokerUp(std::sync::Arc::clone(&thread.broker)));
}

/// The connection failed, or could not be made: it is closed, its requests are failed in the
/// historical order, and the application is told.
///
/// Historical: `rd_kafka_broker_fail`.
pub(crate) fn fail(thread: &mut BrokerThread, code: ErrorCode, text: &str, now: Ts) {
    use std::sync::atomic::Ordering;
    let before = thread.broker.state();
    let age_ms = now.since(thread.broker.state_since()) / 1000;
    thread.connection.transport = None;
    thread.connection.input.clear();
    thread.connection.setup_until = Ts::MAX;
    if before >= BrokerState::Up {
        thread.broker.counters().disconnects.fetch_add(1, Ordering::Relaxed);
    }
    if before == BrokerState::ApiVersionQuery {
        thread.asking.has_failed();
    }
    thread.debug(context::BROKER, "BROKERFAIL", format_args!("failed: {code}: {text}"));
    enter(thread, BrokerState::Down, now);
    back_off(thread, now);
    if !thread.handle.is_terminating() && !thread.broker.is_terminating() {
        let pause_ms = (thread.connection.retry_at - now) / 1000;
        let next = format_args!("Next connection attempt not before {pause_ms}ms from now");
        thread.debug(context::BROKER, "RECONNECT", next);
    }
    tell(thread, code, text, before, age_ms, now);
    fail_requests(thread, code, now);
    thread.handle.main.push(MainOp::BrokerDown(std::sync::Arc::clone(&thread.broker)));
}

fn back_off(thread: &mut BrokerThread, now: Ts) {
    let settings = &thread.handle.settings;
    let (first, most) = (settings.reconnect_ms, settings.reconnect_max_ms);
    let connection = &mut thread.connection;
    connection.backoff_ms = match connection.backoff_ms {
        0 => first,
        doubled => (doubled * 2).min(most),
    };
    // Between 75 and 150 percent, so that many clients do not come back at once.
    let jittered = connection.backoff_ms * thread.rng.between(75, 150) / 100;
    connection.retry_at = now.plus_ms(jittered.min(most));
}

fn fail_requests(thread: &mut BrokerThread, code: ErrorCode, now: Ts) {
    while let Some(request) = thread.waitresps.pop_front() {
        request.finish(thread, Err(code), now);
    }
    let unsent = match code {
        ErrorCode::_TIMED_OUT => ErrorCode::_TIMED_OUT_QUEUE,
        other => other,
    };
    // Handlers may put new requests in; those are for the next connection.
    let mut old = thread.outbufs.take();
    while let Some(request) = old.pop_front() {
        request.finish(thread, Err(unsent), now);
    }
}

/// Logs a failure and raises it, unless it is the same as the last one and that was told lately.
fn tell(
    thread: &mut BrokerThread,
    code: ErrorCode,
    text: &str,
    before: BrokerState,
    age_ms: i64,
    now: Ts,
) {
    let terminating = thread.handle.is_terminating() || thread.broker.is_terminating();
    if terminating || code == ErrorCode::_PURGE_QUEUE {
        // The application's own doing.
        return;
    }
    let connection = &mut thread.connection;
    let mut suppressed = 0;
    if let Some((last_code, last_text, told_at, count)) = &mut connection.last_failure
        && *last_code == code
        && last_text == text
        && *told_at != Ts::ZERO
    {
        if now.since(*told_at) < REPEAT_AFTER_US {
            *count += 1;
            return;
        }
        suppressed = std::mem::take(count);
    }
    // Quirk: the first repetition gets through, since its interval has not begun.
    let is_repetition =
        connection.last_failure.as_ref().is_some_and(|last| last.0 == code && last.1 == text);
    let told_at = if is_repetition { now } else { Ts::ZERO };
    connection.last_failure = Some((code, text.to_owned(), told_at, 0));
    let again = match suppressed {
        0 => String::new(),
        count => format!(", {count} identical error(s) suppressed"),
    };
    let text = format!("{text} (after {age_ms}ms in state {}{again})", before.name());
    let is_close = before >= BrokerState::Up && code == ErrorCode::_TRANSPORT;
    let level = match is_close {
        true if !thread.handle.settings.logs_connection_close => return,
        true if thread.waitresps.len() > 1 => level::WARNING,
        true => level::INFO,
        false => level::ERR,
    };
    let name = &thread.name;
    thread.handle.log.broker(level, "FAIL", name, &text);
    let text = format!("{name}: {text}");
    thread.handle.reply_queue.push(Op::Error { code, text });
}

/// What a closed connection is called: the most likely mistake, if there is one.
pub(crate) fn disconnected_text(thread: &BrokerThread, now: Ts) -> &'static str {
    const UP_SHORTLY_US: i64 = 2_000_000;
    match thread.broker.state() {
        BrokerState::ApiVersionQuery => {
            "Disconnected while requesting ApiVersion: might be caused by incorrect \
             security.protocol configuration (connecting to a SSL listener?) or broker version is \
             < 0.10 (see api.version.request)"
        }
        BrokerState::Up if now.since(thread.broker.state_since()) < UP_SHORTLY_US => {
            "Disconnected: verify that security.protocol is correctly configured, broker might \
             require SASL authentication"
        }
        _ => "Disconnected",
    }
}
