//! How a world ends: storm, calm, probes, destruction.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::message::Fate;
use super::plan::{Ending, Kind, Plan};
use super::world::World;
use crate::broker::step;
use crate::client::{close, fatal};
use crate::error::ErrorCode;
use crate::sys::clock::Ts;

/// Within this time of calm everything has come right, in microseconds; longer pauses that the
/// configuration asks for come on top.
const CALM_US: i64 = 30_000_000;
/// The reason of a fatal error that the plan asks for.
const DRAWN: &str = "drawn";
/// How long a probe is waited for before the next one.
const PROBE_US: i64 = 2_000_000;

/// How far a world is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Faults happen.
    Stormy,
    /// They stopped; everything is to be reported until this time.
    Calm { until: Ts },
    /// Every partition takes a message: those that did not yet, the messages on their way, and when
    /// the next ones are sent.
    Probing { left: Vec<(usize, i32)>, sent: Vec<u32>, next: Ts, until: Ts },
}

impl Stage {
    /// When it ends at the latest.
    pub(super) fn due(&self, calm: Ts) -> Ts {
        match self {
            Self::Stormy => calm,
            Self::Calm { until } => *until,
            Self::Probing { next, until, .. } => (*next).min(*until),
        }
    }
}

/// How much later than promised a report may be met.
pub(super) fn slack_us(plan: &Plan) -> i64 {
    let polls = plan.poll_gap_us * 2 + 50_000;
    let seldom = if plan.kinds.contains(&Kind::Slow) { 600_000 } else { 0 };
    polls + seldom
}

/// The instance is destroyed, or raises a fatal error, in the middle.
pub(super) fn early(world: &mut World) -> Result<(), String> {
    let count = world.handle.account.messages();
    match world.plan.ending {
        Ending::Destroyed => {
            world.net.lock().marks.reach_if(count > 0, "destroyed with messages");
        }
        _ => {
            world.plan.ending = Ending::Calm;
            world.tell(|| "== fatal error".to_owned());
            fatal::raise(&world.handle, ErrorCode::_FATAL, DRAWN);
            world.net.lock().marks.reach("fatal error");
        }
    }
    Ok(())
}

/// Moves on to the next stage when it is time; `true`: the world is over.
pub(super) fn go_on(world: &mut World) -> Result<bool, String> {
    let now = world.now();
    match world.stage.clone() {
        Stage::Stormy => {
            if now >= world.begin + world.plan.calm_us {
                calm(world, now);
            }
            Ok(false)
        }
        Stage::Calm { until } => {
            if is_quiet(world) {
                return probe_first(world, now);
            }
            if now >= until {
                return Err(unquiet(world));
            }
            Ok(false)
        }
        Stage::Probing { left, sent, next, until } => probe(world, left, sent, next, until, now),
    }
}

fn calm(world: &mut World, now: Ts) {
    world.tell(|| "== calm".to_owned());
    world.faults.calm(&mut world.app, now);
    world.app.stop();
    world.app.flush(Ts::MAX);
    let wait = CALM_US + world.plan.recovery_us + world.plan.promise.timeout_us;
    world.stage = Stage::Calm { until: now + wait };
}

/// Is everything reported, answered and known?
fn is_quiet(world: &World) -> bool {
    let is_idle = world
        .parties
        .iter()
        .all(|party| party.thread.outbufs.is_empty() && party.thread.waitresps.is_empty());
    is_idle
        && world.handle.account.messages() == 0
        && !world.app.is_flushing()
        && world.app.is_done()
        && world.handle.main.is_empty()
        && (world.main.is_settled() || world.app.lacks_topic())
}

fn unquiet(world: &World) -> String {
    let waiting = world.net.lock().audit.waiting();
    let settled = world.main.is_settled();
    let flushing = world.app.is_flushing();
    let busy: Vec<String> = world
        .parties
        .iter()
        .map(|party| {
            let thread = &party.thread;
            let state = thread.broker.state();
            let counts = (thread.outbufs.len(), thread.waitresps.len(), party.engine.held());
            format!("{} {state:?} {counts:?}", thread.name)
        })
        .collect();
    let property = match (waiting, flushing) {
        (1.., _) => "L1",
        (0, true) => "L4",
        _ => "L3",
    };
    format!(
        "{property}: no quiet after calm: {waiting} messages wait, metadata settled: {settled}, \
         flushing: {flushing}, {busy:?}"
    )
}

/// Is there a fatal error? A broker refuses what stands behind a hole; and history gives up when a
/// first batch was refused, one that was called back moved the sequence on, and one between them
/// is refused since the broker never heard of the producer. Others have to be drawn.
fn is_dead(world: &World) -> Result<bool, String> {
    let Some(fatal) = world.handle.fatal() else { return Ok(false) };
    let net = world.net.lock();
    let has_holes = net.audit.sequences.has_holes;
    let was_unknown = net.audit.promise.is_legacy
        && net.audit.was_unknown
        && fatal.code == ErrorCode::UNKNOWN_PRODUCER_ID;
    match fatal.reason == DRAWN || has_holes || was_unknown {
        true => Ok(true),
        false => Err(format!("P16: a fatal error that nobody drew: {fatal:?}")),
    }
}

fn probe_first(world: &mut World, now: Ts) -> Result<bool, String> {
    if is_dead(world)? {
        return Ok(true);
    }
    let left = world.app.known();
    let wait = CALM_US + world.plan.recovery_us + world.plan.promise.timeout_us;
    world.stage = Stage::Probing { left, sent: Vec::new(), next: now, until: now + wait };
    Ok(false)
}

/// Sends a message to each partition that took none yet.
fn probe(
    world: &mut World,
    mut left: Vec<(usize, i32)>,
    mut sent: Vec<u32>,
    mut next: Ts,
    until: Ts,
    now: Ts,
) -> Result<bool, String> {
    {
        let net = world.net.lock();
        let messages = &net.audit.messages;
        let ok: Vec<(usize, i32)> = sent
            .iter()
            .map(|number| &messages[*number as usize])
            .filter(|message| message.fate == Fate::Ok)
            .map(|message| (message.topic, message.partition))
            .collect();
        // An answer from before the calm may have taken a partition away.
        let known = world.app.known();
        left.retain(|place| !ok.contains(place) && known.contains(place));
        sent.retain(|number| messages[*number as usize].fate == Fate::Waiting);
    }
    if is_dead(world)? {
        return Ok(is_quiet(world));
    }
    if left.is_empty() && sent.is_empty() {
        return Ok(is_quiet(world));
    }
    if now >= until {
        return Err(format!("L1: no message gets through to {left:?} long after calm"));
    }
    if now >= next && sent.is_empty() {
        for (topic, partition) in &left {
            sent.push(world.app.produce(*topic, *partition, now));
        }
        next = now + PROBE_US;
    }
    world.stage = Stage::Probing { left, sent, next, until };
    Ok(false)
}

/// The end of the instance, in the order of `client/close.rs`.
pub(super) fn destroy(world: &mut World) -> Result<(), String> {
    let is_calm = world.plan.ending == Ending::Calm;
    if is_calm {
        let mut guard = world.net.lock();
        let net = &mut *guard;
        net.audit.finish(&mut net.marks);
        if let Some(violation) = net.audit.violations.first() {
            return Err(violation.clone());
        }
    }
    world.handle.set_terminating();
    world.handle.reply_queue.disable();
    for party in &mut world.parties {
        step::end(&mut party.thread, &mut *party.engine);
    }
    world.parties.clear();
    world.places.clear();
    close::stop(&world.handle);
    // The world, its main thread and its application have one each.
    let count = Arc::strong_count(&world.handle);
    let left = world.handle.account.messages();
    if count != 3 || left != 0 {
        return Err(format!("P10: destroyed with {left} messages, {count} references of 3"));
    }
    Ok(())
}
