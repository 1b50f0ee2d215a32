//! A turn of the engine in parts, for C code that steps it (feature `c-harness`).
#![forbid(unsafe_code)]

use super::Engine;
use crate::broker::request::Request;
use crate::broker::thread::BrokerThread;
use crate::own::list::List;
use crate::proto::pid::Pid;
use crate::sys::clock::Ts;

/// What one partition's part of a turn may be.
pub(in crate::engine::legacy) struct May {
    /// The producer id.
    pub(in crate::engine::legacy) pid: Option<Pid>,
    /// Expired messages are looked for.
    pub(in crate::engine::legacy) scan: bool,
    /// Requests are made.
    pub(in crate::engine::legacy) send: bool,
}

impl Engine {
    /// One partition's part of a turn, for C code that leaves the others out: it counts as in no
    /// list before. Returns its deadline, and how many messages went into requests.
    pub(in crate::engine::legacy) fn serve_one(
        &mut self,
        thread: &mut BrokerThread,
        at: usize,
        may: May,
        kept: Option<&mut List<Request>>,
        now: Ts,
    ) -> (Ts, usize) {
        let is_idempotent = thread.handle.settings.is_idempotent;
        self.pid = may.pid.filter(|_| is_idempotent);
        match may.scan {
            true => {
                self.active.retain(|other| *other != at);
                self.scan_one(thread, at, self.pid.is_some(), now);
            }
            false => self.look(thread, at, now),
        }
        let has_room = thread.outbufs.len() < thread.handle.settings.outbufs_max;
        let may_send = may.send && has_room && thread.is_up() && !thread.handle.has_fatal();
        self.pending.retain(|other| *other != at);
        let count = match may_send && (self.pid.is_some() || !is_idempotent) {
            true => self.send_one(thread, at, kept, now),
            false => 0,
        };
        (self.slots[at].as_ref().map_or(Ts::MAX, |slot| slot.due), count)
    }

    /// The next turn looks for expired messages.
    pub(in crate::engine::legacy) fn scan_next(&mut self) {
        self.scan_at = Ts::ZERO;
    }
}
