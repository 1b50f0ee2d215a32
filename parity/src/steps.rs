//! Plays a script with one library: obeys its steps, the application's by telling the C program,
//! the cluster's by changing the world.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::broker::Cluster;
use crate::driver::Driver;
use crate::script::{Script, Step};
use crate::stats;
use crate::transcript::{Line, Transcript};
use crate::world::Partition;

/// How long a `wait` waits.
const LIMIT_MS: u64 = 8000;
/// What still comes after the last step belongs to it.
const SETTLE: Duration = Duration::from_millis(60);
/// What still comes of `warm`.
const WARM: Duration = Duration::from_millis(30);

struct Play<'a> {
    script: &'a Script,
    cluster: Cluster,
    driver: Driver,
    start: Instant,
    results: Vec<(Instant, String)>,
    /// Commands whose ends were not waited for.
    running: usize,
}

pub fn play(script: &Script, program: &Path, library: &Path) -> Result<Transcript, String> {
    let cluster = Cluster::start(script).map_err(|error| error.to_string())?;
    let driver = Driver::start(program, library).map_err(|error| error.to_string())?;
    let results = Vec::new();
    let mut play = Play { script, cluster, driver, start: Instant::now(), results, running: 0 };
    play.check_library(library)?;
    play.set_up()?;
    for step in &script.steps {
        play.step(step).map_err(|why| format!("line {}: {why}", step.line))?;
    }
    play.join()?;
    std::thread::sleep(SETTLE);
    Ok(play.transcript())
}

fn count(words: &[&str], at: usize) -> Result<usize, String> {
    let word = words.get(at).ok_or("a number is missing")?;
    word.parse().map_err(|_| format!("{word} is no number"))
}

impl Play<'_> {
    /// Two runs of the same library would always agree.
    fn check_library(&mut self, folder: &Path) -> Result<(), String> {
        let wanted = folder.join("librdkafka.so.1").canonicalize();
        let wanted = wanted.map_err(|error| format!("{}: {error}", folder.display()))?;
        let reply = self.ask("library")?;
        if reply != format!("library {}", wanted.display()) {
            return Err(format!("the program has another library: {reply}"));
        }
        Ok(())
    }

    fn set_up(&mut self) -> Result<(), String> {
        let script = self.script;
        let shows = |what: &str| script.shows.iter().any(|show| show == what);
        let mut commands = vec![format!("callback reports {}", script.reports)];
        if shows("throttle") {
            commands.push("callback throttle on".into());
        }
        if shows("statistics") {
            commands.push("callback stats on".into());
            commands.push("conf statistics.interval.ms 100".into());
        }
        if script.manual {
            commands.push("manual".into());
        }
        commands.push(format!("conf bootstrap.servers {}", self.cluster.bootstrap()));
        for (name, value) in &script.settings {
            commands.push(format!("conf {name} {value}"));
        }
        commands.push(format!("new {}", script.reports));
        for command in commands {
            let reply = self.ask(&command)?;
            if command.starts_with("conf") && reply != "conf 0" || command.starts_with("new ") {
                self.results.push((Instant::now(), format!("{reply} {}", self.setting(&command))));
            }
        }
        self.start = Instant::now();
        Ok(())
    }

    /// A command without what changes from run to run.
    fn setting<'b>(&self, command: &'b str) -> &'b str {
        if command.contains("bootstrap") { "" } else { command }
    }

    fn ask(&mut self, command: &str) -> Result<String, String> {
        self.driver.send(command).map_err(|error| error.to_string())?;
        Ok(self.driver.reply()?.1)
    }

    fn result(&mut self, text: String) {
        self.results.push((Instant::now(), text));
    }

    /// Waits for the ends of commands that began with `&`.
    fn join(&mut self) -> Result<(), String> {
        while self.running > 0 {
            self.running -= 1;
            let reply = self.driver.reply()?;
            self.results.push(reply);
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let words: Vec<&str> = step.words.iter().map(String::as_str).collect();
        match words[0] {
            "sleep" => {
                std::thread::sleep(Duration::from_millis(count(&words, 1)? as u64));
                Ok(())
            }
            "mark" => {
                self.start = Instant::now();
                Ok(())
            }
            "wait" => self.wait(&words),
            "join" => self.join(),
            "warm" => self.warm(&words),
            "statistics" => self.statistics(),
            "count" => self.count(&words),
            "produce" => self.produce(&words),
            "&" => {
                self.running += 1;
                self.driver.send(&words[1..].join(" ")).map_err(|error| error.to_string())
            }
            "topic" => self.ask(&words.join(" ")).map(|_| ()),
            "poll" | "flush" | "purge" | "length" | "fatal" | "break" | "destroy" => {
                self.driver.send(&words.join(" ")).map_err(|error| error.to_string())?;
                self.running += 1;
                self.join()
            }
            _ => self.cluster_step(&words),
        }
    }

    fn cluster_step(&mut self, words: &[&str]) -> Result<(), String> {
        let at = |at| count(words, at);
        let world = self.cluster.world.clone();
        match words[0] {
            "release" => {
                let more = if words.get(1) == Some(&"all") { 1 << 40 } else { at(1)? };
                world.change(|state| state.released += more);
            }
            "cut" => {
                let broker = at(1)? as i32;
                world.change(|state| state.cut(broker));
            }
            "stall" | "unstall" => {
                let broker = at(1)?;
                world.change(|state| state.stalled[broker] = words[0] == "stall");
            }
            "down" | "up" => {
                let broker = at(1)?;
                world.change(|state| {
                    state.down[broker] = words[0] == "down";
                    if state.down[broker] {
                        state.cut(broker as i32);
                    }
                });
            }
            "forget" => {
                let broker = at(1)? as i32;
                world.change(|state| state.forgotten.push(broker));
            }
            "leader" => {
                let (number, leader) = (at(2)?, at(3)? as i32);
                world.change(|state| {
                    let topic = state.topics.get_mut(words[1]).ok_or("no such topic")?;
                    let partition = topic.partitions.get_mut(number).ok_or("no partition")?;
                    partition.leader = leader;
                    partition.epoch += 1;
                    Ok::<(), String>(())
                })?;
            }
            "partitions" => {
                let wanted = at(2)?;
                world.change(|state| {
                    let topic = state.topics.entry(words[1].into()).or_default();
                    let fresh = Partition { leader: 1, epoch: 1, next_offset: 0 };
                    topic.partitions.resize(wanted, fresh);
                });
            }
            "topic-error" => {
                let code = at(2)? as i16;
                world.change(|state| state.topics.entry(words[1].into()).or_default().error = code);
            }
            other => return Err(format!("no step {other}")),
        }
        Ok(())
    }

    fn warm(&mut self, words: &[&str]) -> Result<(), String> {
        let world = self.cluster.world.clone();
        world.change(|state| state.warm = true);
        let reply = self.ask(&words.join(" "))?;
        if reply != "warm done" {
            return Err(reply);
        }
        // Without acks a report comes before the request has arrived.
        std::thread::sleep(WARM);
        world.change(|state| {
            state.warm = false;
            state.seen.clear();
            (state.produced, state.metadata, state.connections, state.ids) = (0, 0, 0, 0);
        });
        self.driver.with(|inbox| {
            inbox.events.clear();
            inbox.reports = 0;
        });
        self.start = Instant::now();
        Ok(())
    }

    /// `produce TOPIC PARTITION NAMES [OPTION...]`, with NAMES like `x1` or `x1..x25`.
    fn produce(&mut self, words: &[&str]) -> Result<(), String> {
        let names = words.get(3).ok_or("produce TOPIC PARTITION NAMES is wanted")?;
        let split = |name: &str| -> Result<(String, u32), String> {
            let digits = name.find(|c: char| c.is_ascii_digit()).ok_or("a name has a number")?;
            let number = name[digits..].parse().map_err(|_| format!("bad name {name}"))?;
            Ok((name[..digits].to_owned(), number))
        };
        let (first, last) = names.split_once("..").unwrap_or((names, names));
        let ((prefix, first), (_, last)) = (split(first)?, split(last)?);
        let command = format!(
            "produce {} {} {prefix} {first} {last} {}",
            words[1],
            words[2],
            words[4..].join(" ")
        );
        let reply = self.ask(&command)?;
        self.result(reply);
        Ok(())
    }

    /// `wait produce|reports|metadata|connections|ids N [MS]`
    fn wait(&mut self, words: &[&str]) -> Result<(), String> {
        let (what, wanted) = (words[1], count(words, 2)?);
        let limit = if words.len() > 3 { count(words, 3)? as u64 } else { LIMIT_MS };
        let limit = Duration::from_millis(limit);
        let mut have = 0;
        let met = if what == "reports" {
            self.driver.wait(limit, |inbox| {
                have = inbox.reports;
                have >= wanted
            })
        } else {
            let world = self.cluster.world.clone();
            world.wait(limit, |state| {
                have = match what {
                    "produce" => state.produced,
                    "metadata" => state.metadata,
                    "connections" => state.connections,
                    _ => state.ids,
                };
                have >= wanted
            })
        };
        if self.driver.gone() {
            return Err("the program died".into());
        }
        if !met {
            self.result(format!("wait {what} {wanted} timed out at {have}"));
        }
        Ok(())
    }

    /// `count metadata|connections`: how many there were since `warm`.
    fn count(&mut self, words: &[&str]) -> Result<(), String> {
        let state = self.cluster.world.lock();
        let number = match words.get(1) {
            Some(&"metadata") => state.metadata,
            Some(&"connections") => state.connections,
            Some(&"produce") => state.produced,
            _ => return Err("what is to be counted?".into()),
        };
        drop(state);
        self.result(format!("{} {number}", words[1..].join(" ")));
        Ok(())
    }

    /// Of a moment after this one.
    fn statistics(&mut self) -> Result<(), String> {
        let before = self.driver.with(|inbox| inbox.statistics);
        if !self.driver.wait(Duration::from_secs(5), |inbox| inbox.statistics > before + 1) {
            return Err("no statistics".into());
        }
        let json = self.driver.with(|inbox| inbox.latest.clone());
        for line in stats::describe(&json) {
            self.result(line);
        }
        Ok(())
    }

    fn transcript(&self) -> Transcript {
        let line = |(at, text): &(Instant, String)| {
            let ms = at.checked_duration_since(self.start).map_or(-1, |d| d.as_millis() as i64);
            Line { first_ms: ms, last_ms: ms, text: text.clone() }
        };
        let mut transcript = Transcript::default();
        transcript.add("results", self.results.iter().map(line).collect());
        let state = self.cluster.world.lock();
        let mut seen: Vec<_> = state.seen.iter().collect();
        let group = |group: &str| -> String {
            let words = group.split(' ').take(if self.script.by_partition { 3 } else { 2 });
            words.collect::<Vec<_>>().join(" ")
        };
        seen.sort_by_key(|seen| group(&seen.group));
        for one in seen {
            let text = (one.at, one.text.clone());
            transcript.push(&group(&one.group), line(&text));
        }
        drop(state);
        let errors = self.script.shows.iter().any(|show| show == "errors");
        self.driver.with(|inbox| {
            let mut events: Vec<_> = inbox.events.clone();
            events.retain(|(_, text)| errors || !text.starts_with("E "));
            if self.script.by_partition {
                // Names of messages begin with letters that tell partitions apart.
                let kind = |text: &str| -> String {
                    text.chars().take_while(|c| !c.is_ascii_digit()).collect()
                };
                events.sort_by_key(|(_, text)| kind(text));
            }
            transcript.add("reports", events.iter().map(line).collect());
        });
        if self.script.any_partition {
            transcript.rename_partitions();
        }
        if self.script.any_repeats {
            transcript.drop_repeats();
        }
        transcript.collapse();
        transcript
    }
}
