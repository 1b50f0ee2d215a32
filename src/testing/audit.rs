//! The oracle: what passes on the wire, what stands in the logs, and what was reported, against
//! each other and against the promises.
//!
//! Properties are named as in the table of promises: E1 is "in one place", P1 "one report" and so
//! on.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::RawFd;

use super::logs::Known;
use super::marks::{ANSWERS, Marks};
use super::message::{self, Fate, Message};
use super::promise::Promise;
use super::record::{Record, Sent};
use super::records;
use super::report::Reported;
use super::sequence::Sequences;
use super::wire::{Asked, Batch, Wire, take_frame};
use crate::error::ErrorCode;
use crate::own::msg::Status;
use crate::proto::produce;
use crate::proto::wire::Read;
use crate::proto::{api, header};
use crate::sys::clock::Ts;

/// A message may be reported so much later than its time limit, in microseconds. Messages are
/// looked at once a second; one that expired since may still go into a request, which gets 100 ms;
/// and requests are looked at once a second. History does so, and it is twice what is promised.
const LATE_LEGACY_US: i64 = 2_150_000;
/// What is promised.
const LATE_US: i64 = 1_100_000;

/// The oracle.
pub(crate) struct Audit {
    /// What is promised.
    pub(crate) promise: Promise,
    /// Messages by number.
    pub(crate) messages: Vec<Message>,
    wires: BTreeMap<RawFd, Wire>,
    pub(super) logs: BTreeMap<(usize, i32), Known>,
    pub(super) seen_changes: u64,
    /// Batches that are on the wire as a whole, by broker, and by topic and partition.
    pub(crate) made: BTreeMap<i32, BTreeMap<(usize, i32), u64>>,
    /// Producer ids that stand in the log of a topic and partition, and since when.
    pub(super) producers: BTreeMap<(usize, i32, i64), Ts>,
    /// When the network looked last.
    pub(crate) now: Ts,
    /// A broker refused a batch behind one that it refused before, since it did not know the
    /// producer; nothing of that producer is in the log. History's producers may die of it.
    pub(crate) was_unknown: bool,
    /// Of idempotent producers.
    pub(crate) sequences: Sequences,
    /// A broker's thread ends: what was in flight with it counts as not persisted, as in history.
    pub(crate) is_decommissioning: bool,
    /// What is wrong.
    pub(crate) violations: Vec<String>,
    /// Produce requests and reports with their times, if somebody wants to know.
    pub(crate) record: Option<Record>,
    /// What happened to messages, if somebody wants to know.
    pub(crate) notes: Option<Vec<String>>,
    /// For how long the process or one of its threads did not run, in microseconds.
    pub(crate) lost_us: i64,
    /// Bytes that passed, for the trace.
    pub(crate) passed: u64,
}

impl Audit {
    /// Nothing happened yet.
    pub(crate) fn new(promise: Promise) -> Self {
        Self {
            promise,
            messages: Vec::new(),
            wires: BTreeMap::new(),
            logs: BTreeMap::new(),
            seen_changes: 0,
            made: BTreeMap::new(),
            producers: BTreeMap::new(),
            now: Ts::ZERO,
            was_unknown: false,
            sequences: Sequences::default(),
            is_decommissioning: false,
            violations: Vec::new(),
            record: None,
            notes: None,
            lost_us: 0,
            passed: 0,
        }
    }

    /// Notes what happened.
    pub(crate) fn note(&mut self, text: impl FnOnce() -> String) {
        if let Some(notes) = &mut self.notes {
            notes.push(text());
        }
    }

    /// A property does not hold.
    pub(crate) fn fail(&mut self, property: &str, text: impl std::fmt::Display) {
        self.violations.push(format!("{property}: {text}"));
    }

    /// Until when a connection that is begun now must be usable.
    pub(crate) fn setup_deadline(&self, now: Ts) -> Ts {
        now.plus_ms(self.promise.setup_ms)
    }

    /// The application produced: was the message taken or refused as the limits say (P11)? `wanted`
    /// is what would be in custody with it.
    pub(crate) fn admitted(
        &mut self,
        refusal: Option<ErrorCode>,
        wanted: (i64, i64),
        marks: &mut Marks,
    ) {
        let (messages_max, bytes_max) = self.promise.custody_max;
        let fits = wanted.0 <= messages_max && wanted.1 <= bytes_max;
        let is_full = refusal == Some(ErrorCode::_QUEUE_FULL);
        let is_right = match refusal {
            None => fits,
            Some(ErrorCode::_QUEUE_FULL) => !fits,
            Some(_) => true,
        };
        marks.reach_if(is_full && wanted.0 > messages_max, "queue full");
        marks.reach_if(is_full && wanted.1 > bytes_max, "queue full of bytes");
        if !is_right {
            self.fail(
                "P11",
                format_args!(
                    "{refusal:?} with {wanted:?} of at most {:?}",
                    (messages_max, bytes_max)
                ),
            );
        }
    }

    /// Is an answer on a connection one to a Produce request, and is that flexible?
    pub(crate) fn awaits_produce(&self, fd: RawFd, frame: &[u8]) -> Option<bool> {
        let id = i32::from_be_bytes(frame.get(4..8)?.try_into().ok()?);
        let mut asked = self.wires.get(&fd)?.asked.iter();
        let asked = asked.find(|asked| asked.correlation_id == id && asked.api == api::PRODUCE)?;
        Some(api::is_flexible(asked.api, asked.version))
    }

    /// The client wrote bytes.
    pub(crate) fn sent(
        &mut self,
        (fd, broker): (RawFd, i32),
        bytes: &[u8],
        now: Ts,
        marks: &mut Marks,
    ) {
        self.passed = self.passed.wrapping_mul(31).wrapping_add(bytes.len() as u64);
        let mut wire = self.wires.remove(&fd).unwrap_or_default();
        wire.up.extend_from_slice(bytes);
        while let Some(frame) = take_frame(&mut wire.up) {
            match self.request(&frame, now, marks) {
                Some(asked) => {
                    let made = self.made.entry(broker).or_default();
                    for batch in &asked.batches {
                        *made.entry((batch.topic, batch.partition)).or_default() += 1;
                    }
                    if let Some(record) = self.record.as_mut().filter(|_| asked.api == api::PRODUCE)
                    {
                        let batch = |it: &Batch| (it.topic, it.partition, it.numbers.clone());
                        let batches = asked.batches.iter().map(batch).collect();
                        record.requests.push(Sent { at: now, broker, len: frame.len(), batches });
                    }
                    wire.asked.push_back(asked);
                }
                None => self.fail("E10", "a request that cannot be read"),
            }
        }
        let produces = wire.asked.iter().filter(|asked| asked.api == api::PRODUCE).count();
        marks.reach_if(produces > 1, "several requests in flight");
        self.wires.insert(fd, wire);
    }

    fn request(&mut self, frame: &[u8], now: Ts, marks: &mut Marks) -> Option<Asked> {
        let mut read = Read::new(frame);
        let api = read.i16().ok()?;
        let version = read.i16().ok()?;
        let correlation_id = read.i32().ok()?;
        read.string(false).ok()?;
        read.skip_tags(api::is_flexible(api, version)).ok()?;
        let sent_at = now;
        let mut asked = Asked { correlation_id, api, version, sent_at, batches: Vec::new() };
        marks.reach_if(api == api::METADATA && version < 12, "older Metadata");
        if api == api::PRODUCE {
            marks.reach(if version < 10 { "older Produce" } else { "newest Produce" });
            let request = produce::read_request(&mut read, version).ok()?;
            for sent in &request.partitions {
                let topic = message::topic_index(sent.topic);
                let records = sent.records.unwrap_or_default();
                let batch = self.batch(topic, sent.partition, records, now, marks);
                asked.batches.push(batch);
            }
            let topics: BTreeSet<_> = request.partitions.iter().map(|it| it.topic).collect();
            let count = request.partitions.len();
            marks.reach_if(count > 1, "several partitions in a request");
            marks.reach_if(topics.len() > 1, "several topics in a request");
            let most = self.promise.partitions_max;
            marks.reach_if(most > 1 && count == most, "most partitions in a request");
            if most > 0 && count > most {
                self.fail("request", format_args!("{count} partitions, {most} at most"));
            }
            marks.reach(match request.acks {
                0 => "acks 0",
                1 => "acks 1",
                _ => "acks all",
            });
        }
        Some(asked)
    }

    /// A batch is on the wire as a whole.
    fn batch(
        &mut self,
        topic: usize,
        partition: i32,
        records: &[u8],
        now: Ts,
        marks: &mut Marks,
    ) -> Batch {
        let sum = crc32c::crc32c(records);
        let head = match records::read(records) {
            Ok(read) => read,
            Err(error) => {
                self.fail("E8", format_args!("batch for t{topic} [{partition}]: {error}"));
                return Batch::default();
            }
        };
        self.check_producer(head.producer.id);
        head.note(marks);
        let values = &head.values;
        if values.len() > self.promise.batch_messages_max {
            self.fail("batch", format_args!("{} messages in a batch", values.len()));
        }
        let mut numbers = Vec::with_capacity(values.len());
        for value in values {
            match self.known(value, topic, partition) {
                Ok(number) => numbers.push(number),
                Err(text) => self.fail("E8", text),
            }
        }
        for number in &numbers {
            self.message_sent(*number, now, marks);
            self.messages[*number as usize].sent_to = partition;
        }
        if self.promise.is_idempotent {
            let messages = &self.messages;
            let (is_legacy, timeout_us) = (self.promise.is_legacy, self.promise.timeout_us);
            let given_up = |after: u32, before: u32| {
                if !is_legacy {
                    return 0;
                }
                let between = &messages[after as usize + 1..(before.max(after + 1)) as usize];
                // Those that were sent, and those that expired before: history numbers messages.
                let has_expired = |it: &Message| match it.fate {
                    Fate::NotPersisted(_) => it.reported_in == partition,
                    Fate::Waiting => timeout_us > 0 && now >= it.produced_at + timeout_us,
                    _ => false,
                };
                let is_his = |it: &Message| it.sent_to == partition || has_expired(it);
                between.iter().filter(|it| it.topic == topic && is_his(it)).count()
            };
            let place = (topic, partition);
            match self.sequences.sent(place, &head.producer, &numbers, given_up) {
                Ok(None) => {}
                // Engine `legacy` writes it anew, perhaps for another broker; `v2` keeps its bytes.
                Ok(Some(_)) if is_legacy => {}
                Ok(Some(before)) if before == sum => marks.reach("sent again byte by byte"),
                Ok(Some(_)) => self.fail("E3", format_args!("other bytes for {numbers:?}")),
                Err(violation) => self.violations.push(violation),
            }
            self.sequences.remember(place, &head.producer, sum);
        }
        if self.promise.is_fifo && !numbers.is_sorted() {
            self.fail("P4", format_args!("batch for t{topic} [{partition}]: {numbers:?}"));
        }
        self.note(|| format!("sent t{topic} [{partition}]: {numbers:?}"));
        let stamp = (head.producer.id, head.producer.base_sequence);
        Batch { numbers, topic, partition, stamp }
    }

    fn check_producer(&mut self, id: i64) {
        if self.promise.is_idempotent && id < 0 {
            self.fail("E7", "a batch without a producer id");
        }
    }

    fn message_sent(&mut self, number: u32, now: Ts, marks: &mut Marks) {
        let pause = (self.promise.retry_us.0 * 80 / 100).min(self.promise.retry_us.1);
        let message = &mut self.messages[number as usize];
        message.sends += 1;
        marks.reach_if(message.sends > 1, "retry");
        marks.reach_if(message.sends > 2, "third attempt");
        let (fate, failed_at) = (message.fate, message.failed_at);
        if fate != Fate::Waiting {
            self.fail("E1", format_args!("message {number} is sent, though {fate:?}"));
        }
        if failed_at != Ts::ZERO && now < failed_at + pause {
            let text = format_args!("message {number} again after {} us", now - failed_at);
            self.violations.push(format!("E15: {text}, {pause} at least"));
        }
    }

    /// The number in a value, if the message belongs here.
    pub(super) fn known(&self, value: &[u8], topic: usize, partition: i32) -> Result<u32, String> {
        let number = message::number(value).ok_or("a value that no message has")?;
        let Some(message) = self.messages.get(number as usize) else {
            return Err(format!("message {number} was never produced"));
        };
        let is_right = message.topic == topic && message.len == value.len();
        let is_there = message.partition == -1 || message.partition == partition;
        match is_right && is_there {
            true => Ok(number),
            false => Err(format!("message {number} in t{topic} [{partition}], {} b", value.len())),
        }
    }

    /// The client read bytes.
    pub(crate) fn received(&mut self, fd: RawFd, bytes: &[u8], now: Ts, marks: &mut Marks) {
        self.passed = self.passed.wrapping_mul(37).wrapping_add(bytes.len() as u64);
        let mut wire = self.wires.remove(&fd).unwrap_or_default();
        wire.down.extend_from_slice(bytes);
        while let Some(frame) = take_frame(&mut wire.down) {
            self.answer(&mut wire, &frame, now, marks);
        }
        marks.reach_if(!wire.down.is_empty(), "answer split");
        self.wires.insert(fd, wire);
    }

    fn answer(&mut self, wire: &mut Wire, frame: &[u8], now: Ts, marks: &mut Marks) {
        let mut read = Read::new(frame);
        let Ok(id) = read.i32() else { return };
        while let Some(asked) = wire.asked.pop_front() {
            if asked.correlation_id != id {
                // With acks=0 there is no answer.
                if asked.api != api::PRODUCE || self.promise.acks != 0 {
                    self.fail("model", format_args!("answer {id} out of order"));
                }
                continue;
            }
            if asked.api == api::PRODUCE {
                self.produce_answer(&asked, &mut read, now, marks);
            }
            return;
        }
        self.fail("model", format_args!("answer {id} to nothing"));
    }

    fn produce_answer(&mut self, asked: &Asked, read: &mut Read<'_>, now: Ts, marks: &mut Marks) {
        let response = header::skip_response_tags(read, asked.api, asked.version)
            .and_then(|()| produce::read_response(read, asked.version));
        let Ok(response) = response else {
            for number in asked.batches.iter().flat_map(|batch| &batch.numbers) {
                let message = &mut self.messages[*number as usize];
                message.is_exempt = self.promise.is_legacy;
                message.failed_at = Ts::ZERO;
            }
            return;
        };
        marks.reach_if(response.throttle_ms > 0, "throttled");
        for (batch, result) in asked.batches.iter().zip(&response.partitions) {
            marks.reach_if(result.current_leader.is_some(), "leader hint");
            let code = ErrorCode(i32::from(result.error));
            if code.is_ok() {
                continue;
            }
            let place = ANSWERS.iter().find(|(listed, _)| *listed == code);
            if let Some((_, place)) = place {
                marks.reach(place);
            }
            self.note(|| format!("answered {code:?}: {:?}", batch.numbers));
            if code == ErrorCode::UNKNOWN_PRODUCER_ID {
                self.producer_unknown(batch, asked.sent_at);
            }
            for number in &batch.numbers {
                self.came_back(*number, asked.sent_at, now);
            }
        }
    }

    /// A broker said that it does not know the producer of a batch that was sent to it then.
    fn producer_unknown(&mut self, batch: &Batch, sent_at: Ts) {
        let (id, first) = batch.stamp;
        let since = self.producers.get(&(batch.topic, batch.partition, id));
        let was_there = since.is_some_and(|since| *since <= sent_at);
        match was_there || first == 0 {
            false => self.was_unknown = true,
            true => self.fail("model", "a broker forgot a producer"),
        }
    }

    /// A message may be sent again after a pause, unless the client gave its request up already.
    fn came_back(&mut self, number: u32, sent_at: Ts, now: Ts) {
        let half = |us: i64| if us == 0 { i64::MAX } else { us / 2 };
        let message = &mut self.messages[number as usize];
        let is_late = now - sent_at > half(self.promise.socket_us)
            || now - message.produced_at > half(self.promise.timeout_us);
        message.failed_at = if is_late { Ts::ZERO } else { now };
    }

    /// The client closed a connection.
    pub(crate) fn closed(&mut self, fd: RawFd, now: Ts, marks: &mut Marks) {
        let Some(wire) = self.wires.remove(&fd) else { return };
        self.note(|| format!("closed {fd}"));
        marks.reach_if(!wire.up.is_empty(), "cut inside a request");
        marks.reach_if(!wire.down.is_empty(), "cut inside an answer");
        let in_flight = wire.asked.iter().flat_map(|asked| {
            let numbers = asked.batches.iter().flat_map(|batch| &batch.numbers);
            numbers.map(|number| (*number, asked.sent_at))
        });
        for (number, sent_at) in in_flight {
            self.came_back(number, sent_at, now);
            let message = &mut self.messages[number as usize];
            message.is_exempt |= self.is_decommissioning && self.promise.is_legacy;
            marks.reach(if message.in_log > 0 {
                "appended and cut off"
            } else {
                "written and lost"
            });
            marks.reach("cut with requests in flight");
        }
        let is_before = wire.down.is_empty() && !wire.asked.is_empty();
        marks.reach_if(is_before, "cut before an answer");
    }

    /// The application got a report.
    pub(crate) fn reported(&mut self, report: &Reported, now: Ts, marks: &mut Marks) {
        let number = report.number;
        self.note(|| format!("{report:?}"));
        let Some(message) = self.messages.get_mut(number as usize) else {
            return self.fail("P1", format_args!("a report for {number}, which does not exist"));
        };
        let before = message.fate;
        let fate = match (report.error.is_ok(), report.status) {
            (true, _) => Fate::Ok,
            (false, 0) => Fate::NotPersisted(report.error),
            (false, _) => Fate::Unknown(report.error),
        };
        message.fate = fate;
        message.reported_in = report.partition;
        message.scribble();
        let lost_us = self.lost_us - message.lost_us;
        let late_us = now - message.produced_at - self.promise.timeout_us - lost_us;
        let (in_log, was_truncated) = (message.in_log, message.was_truncated);
        let (is_exempt, sends) = (message.is_exempt, message.sends);
        if before != Fate::Waiting {
            self.fail("P1", format_args!("message {number}: {fate:?} after {before:?}"));
        }
        let expected = match (fate, self.promise.acks) {
            (Fate::Ok, 0) => Some(Status::PossiblyPersisted as i32),
            (Fate::Ok, _) => Some(Status::Persisted as i32),
            _ => None,
        };
        let is_right = expected.map_or(report.status != Status::Persisted as i32, |expected| {
            expected == report.status
        });
        if !is_right {
            let status = report.status;
            self.fail("E12", format_args!("message {number}: {fate:?} with status {status}"));
        }
        if fate == Fate::Ok && self.promise.acks != 0 {
            self.check_ok(report, in_log > 0 || was_truncated);
        }
        if matches!(fate, Fate::NotPersisted(_)) && in_log > 0 && !is_exempt {
            self.fail("P3", format_args!("message {number} is in the log, though {fate:?}"));
        }
        // The scan ends at the first message whose time is not over: the newest, if it goes first.
        let late = if self.promise.is_legacy { LATE_LEGACY_US } else { LATE_US };
        let most_us = late + self.promise.slack_us;
        let is_bounded = self.promise.timeout_us > 0 && self.promise.is_fifo;
        if is_bounded && late_us > most_us {
            self.fail("P7", format_args!("message {number}: {fate:?}, {late_us} us late"));
        }
        report.note(sends, marks);
        if let Some(record) = &mut self.record {
            record.reports.push((now, *report));
        }
    }

    /// An ok message stands where its report says.
    fn check_ok(&mut self, report: &Reported, is_in_log: bool) {
        let number = report.number;
        let topic = self.messages[number as usize].topic;
        if !is_in_log {
            return self.fail("P2", format_args!("message {number} is ok and not in the log"));
        }
        let Some(known) = self.logs.get(&(topic, report.partition)) else {
            return self.fail("P2", format_args!("message {number}: no such partition"));
        };
        if known.was_truncated {
            return;
        }
        if self.promise.is_idempotent && report.offset < 0 {
            // A later batch's success was this one's as well; nobody said where it stands.
            return;
        }
        let mut at = usize::try_from(report.offset).unwrap_or(usize::MAX);
        for batch in &known.batches {
            if let Some(found) = batch.get(at).copied() {
                if found != number {
                    let offset = report.offset;
                    self.fail("P2", format_args!("{found} at {offset}, {number} expected"));
                }
                return;
            }
            at -= batch.len();
        }
        self.fail("P2", format_args!("message {number}: no offset {}", report.offset));
    }

    /// How many accepted messages have no report.
    pub(crate) fn waiting(&self) -> usize {
        self.messages.iter().filter(|message| message.fate == Fate::Waiting).count()
    }
}
