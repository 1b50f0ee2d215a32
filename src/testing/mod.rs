//! The simulator: a whole instance and a cluster in one thread, from a seed. And what other tests
//! of the library as a whole may reach.
//!
//! [`simulate`] runs a world; `world.rs` says how, `audit.rs` what has to hold, `plan.rs` and
//! `faults.rs` what a seed draws, `net.rs` what lies between client and cluster.
#![forbid(unsafe_code)]

#[cfg(all(test, feature = "engine-v2"))]
mod adaptive;
mod app;
mod audit;
pub mod authority;
mod clock;
mod cut;
mod draw;
mod ending;
mod fair;
mod faults;
mod fixture;
#[cfg(all(test, feature = "engine-v2"))]
mod fork_defects;
mod inspect;
mod logs;
mod marks;
mod message;
mod mutate;
mod net;
mod party;
mod pipe;
mod plan;
mod promise;
mod record;
mod records;
mod report;
#[cfg(all(test, feature = "engine-v2"))]
mod scene;
mod sequence;
mod shrink;
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
    /// Faults, with those that were left out.
    pub faults: u32,
    /// Simulated microseconds.
    pub simulated_us: i64,
    /// What happened, if that was wanted.
    pub trace: Vec<String>,
}

/// Runs the world of an engine and a seed.
pub fn simulate(engine: &str, seed: u64, wants_trace: bool) -> Verdict {
    world::run(engine, seed, &cut::Cut::default(), wants_trace)
}

/// The same without what a scenario leaves out, as [`shrink`] says it.
///
/// # Errors
/// It is no scenario.
pub fn simulate_scenario(
    engine: &str,
    seed: u64,
    scenario: &str,
    wants_trace: bool,
) -> Result<Verdict, String> {
    Ok(world::run(engine, seed, &scenario.parse()?, wants_trace))
}

/// The smallest scenario of a seed in which the same property fails that fails in its world; none
/// if all is well there. `may_go_on` says whether there is time for another run.
pub fn shrink(engine: &str, seed: u64, mut may_go_on: impl FnMut() -> bool) -> Option<String> {
    let mut run = |cut: &cut::Cut| {
        let verdict = world::run(engine, seed, cut, false);
        let property = |text: String| text.split(':').next().unwrap_or_default().to_owned();
        shrink::Found { property: verdict.violation.map(property), faults: verdict.faults }
    };
    shrink::shrink(&mut run, &mut may_go_on).map(|cut| cut.to_string())
}

/// Has the simulator ask, after each turn of a broker's thread, for the bytes of the largest block
/// that this thread allocated since it asked last (E9).
pub fn watch_allocations(largest: fn() -> usize) {
    let _ = world::LARGEST.set(largest);
}

/// The engines that are built, by name.
pub fn engines() -> &'static [&'static str] {
    &[
        #[cfg(feature = "engine-legacy")]
        "legacy",
        #[cfg(feature = "engine-v2")]
        "v2",
    ]
}

/// Is the engine of this name built?
pub fn has_engine(name: &str) -> bool {
    let mut conf = crate::conf::Conf::default();
    let surroundings = crate::conf::Surroundings { engine_variable: None, version: "" };
    let answer = conf.set(b"produce.engine", Some(name.as_bytes()));
    answer.result == crate::conf::SetResult::Ok && conf.finalize_producer(surroundings).is_ok()
}

/// Every place that the worlds of a full run of an engine reach.
pub fn all_marks(engine: &str) -> Vec<&'static str> {
    marks::all(engine)
}
