//! The simulator: seeded worlds, each an instance and a cluster in one thread.
//!
//! Per engine that is built; `SIM_ENGINE` names the only one. `SIM_SEEDS` is the number of worlds
//! (1000 without it), `SIM_FROM` the first seed, `SIM_SEED=x` runs one world again, and with
//! `SIM_TRACE=1` tells what happens in it; with `SIM_SHRINK=1` it tells the smallest scenario in
//! which it fails, for `SIM_SCENARIO`. A full run fails if there is an interesting place that no
//! world reached.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::testing::{
    Verdict, all_marks, engines, shrink, simulate, simulate_scenario, watch_allocations,
};

/// The allocator, which remembers each thread's largest block.
struct Gauge;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

fn note(size: usize) {
    // Not there any more when a thread ends, and of no interest then.
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(size)));
}

// SAFETY: the system's allocator does the work; noting a size allocates nothing.
unsafe impl GlobalAlloc for Gauge {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: the caller's contract.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static GAUGE: Gauge = Gauge;

/// The bytes of the largest block that this thread allocated since it was asked last.
fn largest() -> usize {
    LARGEST.replace(0)
}

/// How long a scenario is made smaller.
const SHRINKING: Duration = Duration::from_secs(60);
/// Worlds of a full run.
const SEEDS: u64 = 1000;
/// One world in so many is run twice, and has to take the same course.
const TWICE_EVERY: u64 = 50;

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

/// What all worlds came to.
#[derive(Default)]
struct Total {
    marks: BTreeSet<&'static str>,
    failures: Vec<(u64, String)>,
    worlds: u64,
    messages: usize,
    steps: u64,
    simulated_us: i64,
}

impl Total {
    fn add(&mut self, seed: u64, verdict: Verdict) {
        self.worlds += 1;
        self.messages += verdict.messages;
        self.steps += verdict.steps;
        self.simulated_us += verdict.simulated_us;
        self.marks.extend(verdict.marks);
        if let Some(violation) = verdict.violation {
            self.failures.push((seed, violation));
        }
    }
}

fn world(engine: &str, seed: u64) -> Verdict {
    let mut verdict = simulate(engine, seed, false);
    if verdict.violation.is_none() && seed.is_multiple_of(TWICE_EVERY) {
        let again = simulate(engine, seed, false);
        if again.trace_hash != verdict.trace_hash || again.violation.is_some() {
            verdict.violation = Some("two runs of the seed differ".to_owned());
        }
    }
    verdict
}

/// Makes the world of a seed smaller and tells what is left of it.
fn tell_smallest(engine: &str, seed: u64) {
    let end = Instant::now() + SHRINKING;
    match shrink(engine, seed, || Instant::now() < end) {
        None => println!("seed {seed}: all is well"),
        Some(scenario) => println!("seed {seed}: fails with SIM_SCENARIO=\"{scenario}\""),
    }
}

fn main() {
    watch_allocations(largest);
    // A panic of a world is a finding of the run; its place is told.
    let wanted = std::env::var("SIM_ENGINE").ok();
    let mut wanted = engines().iter().filter(|it| wanted.as_deref().is_none_or(|one| one == **it));
    if let Some(seed) = number("SIM_SEED") {
        let engine = wanted.next().expect("SIM_ENGINE names an engine that is built");
        if std::env::var_os("SIM_SHRINK").is_some() {
            return tell_smallest(engine, seed);
        }
        let scenario = std::env::var("SIM_SCENARIO").unwrap_or_default();
        let wants_trace = std::env::var_os("SIM_TRACE").is_some();
        let verdict = simulate_scenario(engine, seed, &scenario, wants_trace)
            .unwrap_or_else(|error| panic!("{error}"));
        for line in &verdict.trace {
            println!("{line}");
        }
        match verdict.violation {
            None => println!("seed {seed}: all is well, {} steps", verdict.steps),
            Some(violation) => {
                println!("seed {seed}: {violation}");
                std::process::exit(1);
            }
        }
        return;
    }
    let (from, count) = (number("SIM_FROM").unwrap_or(1), number("SIM_SEEDS").unwrap_or(SEEDS));
    let outcomes: Vec<bool> = wanted.map(|engine| run(engine, from, count)).collect();
    if outcomes.contains(&false) {
        std::process::exit(1);
    }
}

/// Runs the worlds of an engine; `false`: not all is well.
fn run(engine: &str, from: u64, count: u64) -> bool {
    let begin = Instant::now();
    let next = AtomicU64::new(from);
    let total = Mutex::new(Total::default());
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        break;
                    }
                    let verdict = world(engine, seed);
                    total.lock().expect("no panic under the lock").add(seed, verdict);
                }
            });
        }
    });
    let mut total = total.into_inner().expect("no panic under the lock");
    total.failures.sort();
    for (seed, violation) in total.failures.iter().take(20) {
        println!("seed {seed}: {violation}");
        println!(
            "  again: SIM_ENGINE={engine} SIM_SEED={seed} SIM_TRACE=1 cargo test --features testing \
             --test simulation"
        );
    }
    let all = all_marks(engine);
    let missing: Vec<_> = all.iter().filter(|mark| !total.marks.contains(**mark)).collect();
    println!(
        "simulation: engine {engine}: {} seeds, {} of {} marks, {} messages, {} steps, {} s \
         simulated, {:.1} s, {} failed",
        total.worlds,
        all.len() - missing.len(),
        all.len(),
        total.messages,
        total.steps,
        total.simulated_us / 1_000_000,
        begin.elapsed().as_secs_f64(),
        total.failures.len()
    );
    let is_full = count >= SEEDS;
    if !missing.is_empty() {
        println!("  not reached: {missing:?}");
    }
    total.failures.is_empty() && (missing.is_empty() || !is_full)
}
