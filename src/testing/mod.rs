//! The simulator: a whole instance and a cluster in one thread, from a seed. And what other tests
//! of the library as a whole may reach.
//!
//! [`simulate`] runs a world; `world.rs` says how, `audit.rs` what has to hold, `plan.rs` and
//! `faults.rs` what a seed draws, `net.rs` what lies between client and cluster.
#![forbid(unsafe_code)]

mod app;
mod audit;
pub mod authority;
mod clock;
mod draw;
mod ending;
mod faults;
mod fixture;
mod inspect;
mod marks;
mod message;
mod mutate;
mod net;
mod party;
mod pipe;
mod plan;
mod report;
mod sequence;
mod wire;
mod world;

use std::collections::BTreeSet;

/// Makes the next call of the exported function `name` panic behind its fence.
pub fn arm_failpoint(name: &str) {
    crate::sys::fence::arm_failpoint(name);
}

/// What became of a world.
#[derive(Debug)]
pub struct Verdict {
    /// The property that does not hold, and where; `None` if all is well.
    pub violation: Option<String>,
    /// The places that were reached.
    pub marks: BTreeSet<&'static str>,
    /// The same for two runs of a seed.
    pub trace_hash: u64,
    /// Turns of all threads.
    pub steps: u64,
    /// Messages that were produced.
    pub messages: usize,
    /// Simulated microseconds.
    pub simulated_us: i64,
    /// What happened, if that was wanted.
    pub trace: Vec<String>,
}

/// Runs the world of an engine and a seed.
pub fn simulate(engine: &str, seed: u64, wants_trace: bool) -> Verdict {
    world::run(engine, seed, wants_trace)
}

/// The engines that are built, by name.
pub fn engines() -> &'static [&'static str] {
    &[
        #[cfg(feature = "engine-legacy")]
        "legacy",
    ]
}

/// Is the engine of this name built?
pub fn has_engine(name: &str) -> bool {
    let mut conf = crate::conf::Conf::default();
    let surroundings = crate::conf::Surroundings { engine_variable: None, version: "" };
    let answer = conf.set(b"produce.engine", Some(name.as_bytes()));
    answer.result == crate::conf::SetResult::Ok && conf.finalize_producer(surroundings).is_ok()
}

/// Every place that the worlds of a full run reach.
pub fn all_marks() -> &'static [&'static str] {
    marks::ALL
}
