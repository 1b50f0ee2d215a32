//! Runs the mock cluster as a process of its own, for scripts: prints the bootstrap list, serves,
//! ends after a time or by a signal.
//!
//! ```text
//! mock_server [--brokers N] [--partitions N] [--strict] [--seconds N] [--file PATH] [TOPIC...]
//! ```
//!
//! `--partitions` is what a topic gets that's made on first use; the TOPICs are made at the start.
//! `--file` is written when the cluster listens, so a script can wait for it. Without `--seconds`
//! it runs until it is killed.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use rdkafka::mock::{MockCluster, Strictness};

struct Options {
    brokers: i32,
    partitions: i32,
    strictness: Strictness,
    seconds: Option<u64>,
    file: Option<String>,
    topics: Vec<String>,
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        brokers: 1,
        partitions: 4,
        strictness: Strictness::Lenient,
        seconds: None,
        file: None,
        topics: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--brokers" => options.brokers = value()?.parse()?,
            "--partitions" => options.partitions = value()?.parse()?,
            "--strict" => options.strictness = Strictness::Strict,
            "--seconds" => options.seconds = Some(value()?.parse()?),
            "--file" => options.file = Some(value()?),
            unknown if unknown.starts_with('-') => return Err(format!("{unknown}: unknown").into()),
            topic => options.topics.push(topic.to_owned()),
        }
    }
    Ok(options)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let cluster = MockCluster::new(options.brokers).map_err(|error| error.to_string())?;
    cluster.set_partition_count_default(options.partitions);
    cluster.set_strictness(options.strictness);
    for topic in &options.topics {
        let created = cluster.create_topic(topic, options.partitions, -1);
        created.map_err(|error| format!("{topic}: {error}"))?;
    }
    println!("{}", cluster.bootstraps());
    std::io::stdout().flush()?;
    if let Some(path) = &options.file {
        // Renamed into place, so that a script never reads half of it.
        let partial = format!("{path}.partial");
        std::fs::write(&partial, format!("{}\n", cluster.bootstraps()))?;
        std::fs::rename(&partial, path)?;
    }
    match options.seconds {
        Some(seconds) => std::thread::sleep(Duration::from_secs(seconds)),
        None => loop {
            std::thread::park();
        },
    }
    Ok(())
}
