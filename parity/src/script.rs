//! A script: what the cluster looks like, how it answers, and what the application does, in one
//! text file. `parity/README.md` describes the lines.

use std::collections::BTreeMap;

/// How one Produce request is answered. Without a rule: at once, without an error.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub error: i16,
    pub offset: Option<i64>,
    pub append_time: Option<i64>,
    pub delay_ms: u64,
    pub throttle_ms: i32,
    pub record_errors: Option<Vec<(i32, Option<String>)>>,
    pub message: Option<String>,
    /// The connection is closed instead of an answer, or after it.
    pub cut: bool,
    pub close: bool,
    /// No answer at all; an answer when the script says `release`.
    pub drop: bool,
    pub hold: bool,
    /// Only so many bytes of the body; so many zero bytes more.
    pub truncate: Option<usize>,
    pub extra: usize,
    pub garbage: bool,
    pub wrong_id: bool,
    /// Other counts, names and numbers than were asked for.
    pub topics: Option<i32>,
    pub partitions: Option<i32>,
    pub name: Option<String>,
    pub partition: Option<i32>,
    /// Version 10: the current leader, its epoch, and where it listens.
    pub leader: Option<(i32, i32)>,
}

/// Which Produce requests a reply is for, counted from 1 over all brokers since `warm`.
#[derive(Clone, Debug)]
pub struct Rule {
    pub first: usize,
    pub last: usize,
    pub broker: Option<i32>,
    pub reply: Reply,
}

#[derive(Clone, Debug)]
pub struct Topic {
    pub name: String,
    pub leaders: Vec<i32>,
}

/// A difference from one library that is meant to be.
#[derive(Clone, Debug)]
pub struct Expected {
    pub side: String,
    /// Is in each line that differs.
    pub text: String,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub line: usize,
    pub words: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Script {
    pub name: String,
    pub title: String,
    pub spec: String,
    pub brokers: i32,
    pub topics: Vec<Topic>,
    /// Lowest and highest version by key; None if the key is not there.
    pub apis: BTreeMap<i16, Option<(i16, i16)>>,
    /// An old broker closes the connection when it is asked for its versions.
    pub no_api_versions: bool,
    pub settings: Vec<(String, String)>,
    pub rules: Vec<Rule>,
    /// Codes of the answers to InitProducerId, in turn; 0 afterwards.
    pub id_errors: Vec<i16>,
    pub steps: Vec<Step>,
    /// Which libraries are compared with ours; all if empty.
    pub sides: Vec<String>,
    pub expected: Vec<Expected>,
    pub pending: Option<String>,
    pub reports: String,
    pub shows: Vec<String>,
    pub manual: bool,
    pub by_partition: bool,
    /// Which partition is a matter of chance: they are called by the order of their first use.
    pub any_partition: bool,
    /// How often a request is repeated is a matter of chance.
    pub any_repeats: bool,
    /// Times may differ by so many milliseconds, and by so many percent.
    pub tolerance: (u64, u64),
}

/// Versions that every script's brokers have, unless it says otherwise.
const APIS: [(i16, i16, i16); 8] = [
    (PRODUCE, 0, 7),
    (FETCH, 0, 11),
    (LIST_OFFSETS, 0, 2),
    (METADATA, 0, 8),
    (FIND_COORDINATOR, 0, 2),
    (API_VERSIONS, 0, 3),
    (INIT_PRODUCER_ID, 0, 1),
    (24, 0, 0),
];
pub const PRODUCE: i16 = 0;
pub const FETCH: i16 = 1;
pub const LIST_OFFSETS: i16 = 2;
pub const METADATA: i16 = 3;
pub const FIND_COORDINATOR: i16 = 10;
pub const API_VERSIONS: i16 = 18;
pub const INIT_PRODUCER_ID: i16 = 22;

fn key_of(name: &str) -> Result<i16, String> {
    Ok(match name {
        "Produce" => PRODUCE,
        "Fetch" => FETCH,
        "ListOffsets" => LIST_OFFSETS,
        "Metadata" => METADATA,
        "FindCoordinator" => FIND_COORDINATOR,
        "ApiVersions" => API_VERSIONS,
        "InitProducerId" => INIT_PRODUCER_ID,
        _ => return Err(format!("no request {name}")),
    })
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}

/// `0-7` or `5`.
fn range<T: std::str::FromStr + Copy>(text: &str) -> Result<(T, T), String> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    Ok((number(low)?, number(high)?))
}

impl Script {
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut script = Self::empty(name);
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            script.line(at + 1, line).map_err(|why| format!("{name}.txt:{}: {why}", at + 1))?;
        }
        if script.topics.is_empty() {
            script.topics.push(Topic { name: "t".into(), leaders: vec![1] });
        }
        if script.title.is_empty() || script.spec.is_empty() || script.steps.is_empty() {
            return Err(format!("{name}.txt: needs a title, a spec and steps"));
        }
        Ok(script)
    }

    fn empty(name: &str) -> Self {
        Self {
            name: name.into(),
            title: String::new(),
            spec: String::new(),
            brokers: 1,
            topics: Vec::new(),
            apis: APIS.iter().map(|&(key, low, high)| (key, Some((low, high)))).collect(),
            no_api_versions: false,
            settings: Vec::new(),
            rules: Vec::new(),
            id_errors: Vec::new(),
            steps: Vec::new(),
            sides: Vec::new(),
            expected: Vec::new(),
            pending: None,
            reports: "message".into(),
            shows: Vec::new(),
            manual: false,
            by_partition: false,
            any_partition: false,
            any_repeats: false,
            tolerance: (150, 30),
        }
    }

    /// The same script in the newest version of Produce, with one library that knows it; nothing if
    /// the script has versions of its own.
    pub fn newest(&self, side: &str) -> Option<Self> {
        let is_default = APIS
            .iter()
            .all(|&(key, low, high)| self.apis.get(&key).copied().flatten() == Some((low, high)));
        let plays = self.sides.is_empty() || self.sides.iter().any(|name| name == side);
        if !is_default || self.no_api_versions || !plays {
            return None;
        }
        let mut script = self.clone();
        script.name.push_str("@v10");
        script.apis.insert(PRODUCE, Some((0, 10)));
        script.sides = vec![side.to_owned()];
        script.expected.retain(|expected| expected.side == side);
        Some(script)
    }

    fn line(&mut self, at: usize, line: &str) -> Result<(), String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let head = words[0].as_str();
        let rest = line[head.len()..].trim();
        if words.len() > 1 && head == "reply" {
            return self.rule(rest);
        }
        match head {
            "title:" => self.title = rest.into(),
            "spec:" => self.spec = rest.into(),
            "pending:" => self.pending = Some(rest.into()),
            "brokers:" => self.brokers = number(rest)?,
            "topic:" => self.topic(&words[1..])?,
            "api:" => self.api(&words[1..])?,
            "conf:" => self.conf(&words[1..])?,
            "sides:" => self.sides = words[1..].to_vec(),
            "reports:" => self.reports = rest.into(),
            "show:" => self.shows.extend_from_slice(&words[1..]),
            "order:" => self.by_partition = rest == "by-partition",
            "partitions:" => self.any_partition = rest == "any",
            "repeats:" => self.any_repeats = rest == "any",
            "poll:" => self.manual = rest == "manual",
            "tolerance:" => {
                self.tolerance =
                    (number(&words[1])?, words.get(2).map_or(Ok(30), |text| number(text))?);
            }
            "producer-ids:" => {
                for word in &words[1..] {
                    self.id_errors.push(number(word)?);
                }
            }
            "expect-difference:" => self.expect(rest)?,
            _ if head.ends_with(':') => return Err(format!("{head} is unknown")),
            _ => self.steps.push(Step { line: at, words }),
        }
        Ok(())
    }

    /// `NAME [LEADER,...]`: a partition for each leader; 0 is none.
    fn topic(&mut self, words: &[String]) -> Result<(), String> {
        let leaders = words.get(1).map_or("1", String::as_str);
        let leaders = leaders.split(',').map(number).collect::<Result<_, _>>()?;
        self.topics.push(Topic { name: words[0].clone(), leaders });
        Ok(())
    }

    /// `Produce=0-7`, `Fetch=none`, or `none`.
    fn api(&mut self, words: &[String]) -> Result<(), String> {
        for word in words {
            match word.split_once('=') {
                None => self.no_api_versions = true,
                Some((name, "none")) => _ = self.apis.insert(key_of(name)?, None),
                Some((name, text)) => _ = self.apis.insert(key_of(name)?, Some(range(text)?)),
            }
        }
        Ok(())
    }

    fn conf(&mut self, words: &[String]) -> Result<(), String> {
        for word in words {
            let (name, value) = word.split_once('=').ok_or("NAME=VALUE is wanted")?;
            self.settings.push((name.into(), value.into()));
        }
        Ok(())
    }

    /// `SIDE "TEXT" REASON`
    fn expect(&mut self, rest: &str) -> Result<(), String> {
        let mut parts = rest.splitn(3, '"');
        let side = parts.next().unwrap_or("").trim().to_owned();
        let text = parts.next().ok_or("a text in quotes is wanted")?.to_owned();
        let reason = parts.next().unwrap_or("").trim().to_owned();
        if reason.is_empty() {
            return Err("a reason is wanted".into());
        }
        self.expected.push(Expected { side, text, reason });
        Ok(())
    }

    /// `FIRST[-LAST|+] [on BROKER]: ACTION...`
    fn rule(&mut self, rest: &str) -> Result<(), String> {
        let (select, actions) = rest.split_once(':').ok_or("a colon is wanted")?;
        let select: Vec<&str> = select.split_whitespace().collect();
        let (first, last) = match select[0].strip_suffix('+') {
            Some(first) => (number(first)?, usize::MAX),
            None => range(select[0])?,
        };
        let broker = match select[1..] {
            ["on", broker] => Some(number(broker)?),
            [] => None,
            _ => return Err("N on BROKER is wanted".into()),
        };
        let reply = reply(&actions.split_whitespace().collect::<Vec<_>>())?;
        self.rules.push(Rule { first, last, broker, reply });
        Ok(())
    }
}

fn reply(words: &[&str]) -> Result<Reply, String> {
    let mut reply = Reply::default();
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "ok" => {}
            "error" => reply.error = number(value)?,
            "offset" => reply.offset = Some(number(value)?),
            "append-time" => reply.append_time = Some(number(value)?),
            "delay" => reply.delay_ms = number(value)?,
            "throttle" => reply.throttle_ms = number(value)?,
            "record-errors" => reply.record_errors = Some(record_errors(value)?),
            "message" => reply.message = Some(value.into()),
            "cut" => reply.cut = true,
            "close" => reply.close = true,
            "drop" => reply.drop = true,
            "hold" => reply.hold = true,
            "truncate" => reply.truncate = Some(number(value)?),
            "extra" => reply.extra = number(value)?,
            "garbage" => reply.garbage = true,
            "wrong-id" => reply.wrong_id = true,
            "topics" => reply.topics = Some(number(value)?),
            "partitions" => reply.partitions = Some(number(value)?),
            "name" => reply.name = Some(value.into()),
            "partition" => reply.partition = Some(number(value)?),
            "leader" => {
                let (leader, epoch) = value.split_once('@').ok_or("LEADER@EPOCH is wanted")?;
                reply.leader = Some((number(leader)?, number(epoch)?));
            }
            _ => return Err(format!("no reply {name}")),
        }
    }
    Ok(reply)
}

/// `0:text,2:null`
fn record_errors(text: &str) -> Result<Vec<(i32, Option<String>)>, String> {
    let one = |part: &str| {
        let (index, text) = part.split_once(':').ok_or("INDEX:TEXT is wanted")?;
        Ok((number(index)?, (text != "null").then(|| text.to_owned())))
    };
    text.split(',').filter(|part| !part.is_empty()).map(one).collect()
}
