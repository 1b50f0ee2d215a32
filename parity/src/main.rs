//! Differential runs: plays each script with several libraries, and tells where ours differs.
//!
//! `parity --driver PROGRAM --ours FOLDER [--stock NAME=FOLDER]... [-j N]
//! [--attempts N] [--newest NAME] [-v] FILE...`
//! A script that differs without saying so fails, and so does a difference that is gone.

mod broker;
mod driver;
mod produce;
mod records;
mod script;
mod stats;
mod steps;
mod transcript;
mod wire;
mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use script::Script;
use transcript::{Difference, Transcript};

const OURS: &str = "ours";

#[derive(Default)]
struct Options {
    driver: PathBuf,
    /// Name and folder; ours is the first.
    sides: Vec<(String, PathBuf)>,
    jobs: usize,
    /// A machine that is busy with other things disturbs times: so often a script is played before
    /// it is said to differ.
    attempts: usize,
    /// A side that plays all scripts in the newest version as well.
    newest: Option<String>,
    verbose: bool,
    files: Vec<PathBuf>,
}

fn options() -> Result<Options, String> {
    let mut options = Options { jobs: 6, attempts: 3, ..Options::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--driver" => options.driver = value()?.into(),
            "--ours" => options.sides.insert(0, (OURS.into(), value()?.into())),
            "--stock" => {
                let value = value()?;
                let (name, folder) = value.split_once('=').ok_or("NAME=FOLDER is wanted")?;
                options.sides.push((name.into(), folder.into()));
            }
            "-j" => options.jobs = value()?.parse().map_err(|_| "-j wants a number")?,
            "--attempts" => {
                options.attempts = value()?.parse().map_err(|_| "--attempts wants a number")?;
            }
            "--newest" => options.newest = Some(value()?),
            "-v" => options.verbose = true,
            _ => options.files.push(word.into()),
        }
    }
    if options.sides.len() < 2 || options.sides[0].0 != OURS {
        return Err("--ours and --stock are wanted".into());
    }
    Ok(options)
}

type Outcome = Result<Transcript, String>;
type Outcomes = BTreeMap<(String, String), Outcome>;

/// Plays each script with each of its sides, several at a time.
fn play_all(options: &Options, scripts: &[&Script], jobs: usize) -> Outcomes {
    let wanted = |script: &Script, side: &str| {
        side == OURS || script.sides.is_empty() || script.sides.iter().any(|name| name == side)
    };
    let mut work = Vec::new();
    for &script in scripts {
        for (side, folder) in &options.sides {
            if wanted(script, side) {
                work.push((script, side, folder));
            }
        }
    }
    work.reverse();
    let (work, outcomes) = (Mutex::new(work), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let next = work.lock().expect("no panic").pop();
                    let Some((script, side, folder)) = next else { return };
                    let outcome = steps::play(script, &options.driver, folder);
                    let key = (script.name.clone(), side.clone());
                    outcomes.lock().expect("no panic").insert(key, outcome);
                }
            });
        }
    });
    outcomes.into_inner().expect("no panic")
}

/// What is wrong with a script's outcomes; nothing if nothing is.
fn judge(script: &Script, outcomes: &Outcomes) -> Vec<String> {
    let mut wrong = Vec::new();
    let get = |side: &str| outcomes.get(&(script.name.clone(), side.to_owned()));
    let ours = match get(OURS) {
        Some(Ok(ours)) => ours,
        Some(Err(why)) => return vec![format!("ours: {why}")],
        None => return vec!["not played".into()],
    };
    if ours.timed_out() {
        wrong.push("a wait timed out with ours:".into());
        wrong.extend(ours.to_string().lines().map(|line| format!("  {line}")));
    }
    for ((name, side), outcome) in outcomes {
        if *name != script.name || side == OURS {
            continue;
        }
        match outcome {
            Err(why) => wrong.push(format!("{side}: {why}")),
            Ok(theirs) => compare(script, side, ours, theirs, &mut wrong),
        }
    }
    wrong
}

fn compare(
    script: &Script,
    side: &str,
    ours: &Transcript,
    theirs: &Transcript,
    wrong: &mut Vec<String>,
) {
    let differences = ours.compare(theirs, script.tolerance);
    let expected: Vec<_> = script.expected.iter().filter(|one| one.side == side).collect();
    let unexpected: Vec<&Difference> = differences
        .iter()
        .filter(|one| !expected.iter().any(|expected| one.text.contains(&expected.text)))
        .collect();
    if !unexpected.is_empty() {
        wrong.push(format!("differs from {side} (- there, + ours, ~ both at other times):"));
        wrong.extend(unexpected.iter().map(|difference| format!("  {difference}")));
    }
    for one in expected {
        if !differences.iter().any(|difference| difference.text.contains(&one.text)) {
            wrong.push(format!("no longer differs from {side} in \"{}\"", one.text));
        }
    }
}

fn read(files: &[PathBuf]) -> Result<Vec<Script>, String> {
    let one = |file: &PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
        Script::parse(&name, &text)
    };
    files.iter().map(one).collect()
}

/// How many scripts ended how.
#[derive(Default)]
struct Tally {
    same: usize,
    expected: usize,
    pending: usize,
    failed: usize,
}

fn tell(script: &Script, wrong: &[String], attempts: usize, tally: &mut Tally) {
    let again = if attempts > 1 { format!(" (attempt {attempts})") } else { String::new() };
    let line = |word: &str| println!("{word:<9} {:<28} {}{again}", script.name, script.title);
    match (&script.pending, wrong.is_empty()) {
        (Some(why), _) => {
            line("pending");
            println!("            {}: {why}", if wrong.is_empty() { "same" } else { "differs" });
            tally.pending += 1;
        }
        (None, true) if script.expected.is_empty() => {
            line("same");
            tally.same += 1;
        }
        (None, true) => {
            line("expected");
            for expected in &script.expected {
                println!("            {}: {}", expected.side, expected.reason);
            }
            tally.expected += 1;
        }
        (None, false) => {
            line("DIFFERENT");
            tally.failed += 1;
        }
    }
    if script.pending.is_none() || std::env::var_os("PARITY_PENDING").is_some() {
        wrong.iter().for_each(|line| println!("    {line}"));
    }
}

fn show(script: &Script, outcomes: &Outcomes) {
    for ((name, side), outcome) in outcomes {
        if *name == script.name {
            println!("---- {name} with {side}");
            match outcome {
                Ok(transcript) => print!("{transcript}"),
                Err(why) => println!("{why}"),
            }
        }
    }
}

fn run() -> Result<bool, String> {
    let options = options()?;
    if !Path::new(&options.driver).exists() {
        return Err(format!("no program {}", options.driver.display()));
    }
    let mut scripts = read(&options.files)?;
    if let Some(side) = &options.newest {
        let more: Vec<_> = scripts.iter().filter_map(|script| script.newest(side)).collect();
        scripts.extend(more);
    }
    let mut open: Vec<&Script> = scripts.iter().collect();
    let mut tally = Tally::default();
    for attempt in 1..=options.attempts {
        let jobs = if attempt == 1 { options.jobs } else { 2 };
        let outcomes = play_all(&options, &open, jobs);
        let last = attempt == options.attempts;
        open.retain(|script| {
            let wrong = judge(script, &outcomes);
            let again = !wrong.is_empty() && !last && script.pending.is_none();
            if !again {
                if options.verbose {
                    show(script, &outcomes);
                }
                tell(script, &wrong, attempt, &mut tally);
            }
            again
        });
    }
    let Tally { same, expected, pending, failed } = tally;
    println!(
        "{} scripts: {same} same, {expected} differ as they should, {pending} pending, \
         {failed} failed",
        scripts.len()
    );
    Ok(failed == 0)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("parity: {why}");
            ExitCode::from(2)
        }
    }
}
