//! What idempotence has to know of an instance and of a partition. Plain data: the rules are in
//! [`eos`](crate::eos) and in the engines.
//!
//! [`Eos`] and [`LastErr`] stand behind the partition's lock; [`Idempotence`] has its own, under
//! which nothing else is locked.
#![forbid(unsafe_code)]

use std::sync::atomic::AtomicI32;

use crate::error::ErrorCode;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;
use crate::sys::lock::{Guard, Mutex, Rank};

/// A partition's idempotence (`rktp_eos`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub(crate) struct Eos {
    /// The producer id under which the partition's messages are sent.
    pub(crate) pid: Pid,
    /// The highest acknowledged message id.
    pub(crate) acked_msgid: u64,
    /// The message id that has sequence number 0 in this epoch.
    pub(crate) epoch_base_msgid: u64,
    /// The sequence number that is acknowledged next.
    pub(crate) next_ack_seq: i32,
    /// The sequence number that fails next, if one does.
    pub(crate) next_err_seq: i32,
    /// Nothing is sent until everything in flight has been answered.
    pub(crate) wait_drain: bool,
}

impl Eos {
    /// Messages that were never sent go with an aborted transaction: the next one takes their place
    /// in the sequence.
    pub(crate) fn skip(&mut self, count: usize) {
        self.epoch_base_msgid = self.epoch_base_msgid.wrapping_add(count as u64);
    }
}

/// How a batch's messages are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchIds {
    /// The producer id; without it there are no numbers.
    pub(crate) pid: Pid,
    /// Sequence number of the first message; -1 without.
    pub(crate) first_seq: i32,
    /// Its message id; 0 without.
    pub(crate) first_msgid: u64,
    /// The message id that has sequence number 0.
    pub(crate) epoch_base_msgid: u64,
    /// Message id of the last message, if the batch was sent before: it has the same ones again. 0
    /// if its end is free.
    pub(crate) last_msgid: u64,
}

/// A partition's last error (`rktp_last_err`): it explains the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct LastErr {
    /// The error.
    pub(crate) err: ErrorCode,
    /// What was done about it, as the historical flags.
    pub(crate) actions: i32,
    /// When; zero if there was none.
    pub(crate) ts: Ts,
    /// First message id of the batch.
    pub(crate) base_msgid: u64,
    /// Its first sequence number.
    pub(crate) base_seq: i32,
    /// Its last sequence number.
    pub(crate) last_seq: i32,
}

impl Default for LastErr {
    fn default() -> Self {
        Self {
            err: ErrorCode::NO_ERROR,
            actions: 0,
            ts: Ts::ZERO,
            base_msgid: 0,
            base_seq: 0,
            last_seq: 0,
        }
    }
}

/// What a partition that comes back goes on with.
///
/// Historical: `rd_kafka_partition_msgid_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SavedIds {
    /// The partition.
    pub(crate) partition: i32,
    /// The newest message's id.
    pub(crate) last_id: u64,
    /// The producer id.
    pub(crate) pid: Pid,
    /// The message id with sequence number 0.
    pub(crate) epoch_base_msgid: u64,
}

/// The instance's state (`rd_kafka_idemp_state_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdempState {
    /// Not begun, or not idempotent.
    Init,
    /// The instance ends.
    Term,
    /// A fatal error was raised.
    FatalError,
    /// A producer id is wanted.
    ReqPid,
    /// A broker is wanted that gives one.
    WaitTransport,
    /// A broker was asked.
    WaitPid,
    /// There is one.
    Assigned,
    /// Everything in flight is waited for; then another producer id is wanted.
    DrainReset,
    /// Everything in flight is waited for; then the epoch rises.
    DrainBump,
}

impl IdempState {
    /// The word in logs and statistics.
    ///
    /// Historical: `rd_kafka_idemp_state2str`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Init => "Init",
            Self::Term => "Terminate",
            Self::FatalError => "FatalError",
            Self::ReqPid => "RequestPID",
            Self::WaitTransport => "WaitTransport",
            Self::WaitPid => "WaitPID",
            Self::Assigned => "Assigned",
            Self::DrainReset => "DrainReset",
            Self::DrainBump => "DrainBump",
        }
    }
}

/// The instance's idempotence (`rk_eos`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Idempotence {
    /// The state.
    pub(crate) state: IdempState,
    /// When it was entered.
    pub(crate) since: Ts,
    /// The producer id; usable in state `Assigned` only.
    pub(crate) pid: Pid,
    /// How many ids were acquired.
    pub(crate) epoch_count: i32,
    /// When the main thread looks at it; `Ts::MAX` if something else comes first.
    pub(crate) due: Ts,
}

impl Idempotence {
    /// Nothing has begun.
    pub(crate) const NEW: Self = Self {
        state: IdempState::Init,
        since: Ts::ZERO,
        pid: Pid::NONE,
        epoch_count: 0,
        due: Ts::MAX,
    };

    /// The producer id with which messages may be sent now.
    ///
    /// Historical: `rd_kafka_idemp_get_pid`.
    pub(crate) fn usable_pid(&self) -> Option<Pid> {
        (self.state == IdempState::Assigned && self.pid.is_valid()).then_some(self.pid)
    }
}

/// The same for all threads.
pub(crate) struct SharedIdempotence {
    shared: Mutex<Idempotence>,
    /// How many partitions have messages in flight.
    pub(crate) toppars_in_flight: AtomicI32,
}

impl SharedIdempotence {
    /// Nothing has begun.
    pub(crate) fn new() -> Self {
        Self {
            shared: Mutex::new(Rank::Leaf, Idempotence::NEW),
            toppars_in_flight: AtomicI32::new(0),
        }
    }

    /// Takes its lock.
    pub(crate) fn lock(&self) -> Guard<'_, Idempotence> {
        self.shared.lock()
    }
}
