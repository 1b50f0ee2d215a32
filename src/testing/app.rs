//! The application: produces, polls, flushes, purges.
#![forbid(unsafe_code)]

use std::ffi::CString;
use std::sync::Arc;

use super::draw::Draw;
use super::message::{self, Fate, LEN_MIN, Message};
use super::net::Net;
use super::plan::Plan;
use super::report::Reported;
use crate::client::produce::{Produce, produce};
use crate::client::{flush, purge};
use crate::conf::{Marked, SetResult, TopicConf};
use crate::delivery::event::Content;
use crate::delivery::poll;
use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::op::Purge;
use crate::own::backref::BackRef;
use crate::own::msg::{MsgFields, Value};
use crate::own::topic::{Topic, TopicState};
use crate::sys::clock::Ts;

/// The application's state.
pub(crate) struct App {
    handle: Arc<Handle>,
    net: Net,
    draw: Draw,
    topics: Vec<Arc<Topic>>,
    partitions: Vec<i32>,
    burst_gap_us: i64,
    burst: usize,
    /// Shortest and longest value.
    pub(crate) value_len: (usize, usize),
    borrowed: i64,
    /// Messages that are still to be produced.
    left: u32,
    /// Pause between polls.
    pub(crate) poll_gap_us: i64,
    produce_at: Ts,
    poll_at: Ts,
    /// A flush runs, until this time.
    flush_until: Option<Ts>,
    has_purged: bool,
    /// Messages that are in custody, as the application counts them.
    pub(crate) in_custody: i64,
    /// Bytes of their values.
    pub(crate) bytes_in_custody: i64,
}

impl App {
    /// An application that begins now.
    pub(crate) fn new(handle: Arc<Handle>, net: Net, draw: Draw, plan: &Plan, now: Ts) -> Self {
        let topic = |index: usize| {
            let name = CString::new(message::topic_name(index)).expect("no zero byte");
            let owner = BackRef::cleared::<Handle>;
            let conf = plan.topic_acks.get(index).map(|acks| {
                let mut conf = Marked::new(TopicConf::default());
                let answer = conf.set(b"acks", Some(acks.as_bytes()));
                assert_eq!(answer.result, SetResult::Ok, "acks={acks}");
                conf
            });
            crate::topic::find_or_create(&handle, owner, &name, conf).expect("a good name").0
        };
        Self {
            topics: (0..plan.partitions.len()).map(topic).collect(),
            handle,
            net,
            draw,
            partitions: plan.partitions.clone(),
            burst_gap_us: plan.burst_gap_us,
            burst: plan.burst,
            value_len: (LEN_MIN, plan.value_len.max(LEN_MIN)),
            borrowed: plan.borrowed,
            left: plan.messages,
            poll_gap_us: plan.poll_gap_us,
            produce_at: now,
            poll_at: now,
            flush_until: None,
            has_purged: false,
            in_custody: 0,
            bytes_in_custody: 0,
        }
    }

    /// When it wants to run.
    pub(crate) fn due(&self) -> Ts {
        let produce_at = if self.left > 0 { self.produce_at } else { Ts::MAX };
        produce_at.min(self.poll_at)
    }

    /// Has it produced everything?
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// It gives up producing.
    pub(crate) fn stop(&mut self) {
        self.left = 0;
    }

    /// One turn.
    pub(crate) fn step(&mut self, now: Ts) {
        if self.left > 0 && now >= self.produce_at {
            let count = self.draw.count(1, self.burst);
            for _ in 0..count.min(self.left as usize) {
                self.produce_one(now);
            }
            let pause = self.draw.between(1, self.burst_gap_us.saturating_mul(2));
            self.produce_at = now + pause;
        }
        if now >= self.poll_at {
            self.poll(now);
            self.poll_at = now + self.draw.between(1, self.poll_gap_us * 2).min(self.poll_gap_us);
        }
        self.go_on_flushing(now);
    }

    fn produce_one(&mut self, now: Ts) {
        self.left -= 1;
        let topic = self.draw.count(0, self.topics.len() - 1);
        let count = self.partitions[topic];
        let partition = match self.draw.count(0, 9) {
            0..=3 => -1,
            9 if self.draw.chance(5) => i32::from(i16::MAX),
            _ => i32::try_from(self.draw.between(0, i64::from(count) - 1)).unwrap_or(0),
        };
        self.produce(topic, partition, now);
    }

    /// Produces a message; gives its number.
    pub(crate) fn produce(&mut self, topic: usize, partition: i32, now: Ts) -> u32 {
        let len = self.draw.count(self.value_len.0, self.value_len.1);
        let is_borrowed = self.draw.chance(self.borrowed);
        let has_key = self.draw.chance(30);
        let mut net = self.net.lock();
        let number = u32::try_from(net.audit.messages.len()).unwrap_or(u32::MAX);
        let bytes = message::value(number, len);
        let mut message = Message::new(topic, partition, len, now);
        message.lost_us = net.audit.lost_us;
        let value = if is_borrowed {
            net.marks.reach("borrowed values");
            Value::Borrow(message.lend(bytes.clone()), len)
        } else {
            Value::Copy(&bytes)
        };
        net.audit.messages.push(message);
        drop(net);
        let key = number.to_be_bytes();
        let call = Produce {
            partition,
            value,
            key: has_key.then_some(&key[..]),
            headers: None,
            timestamp_ms: 0,
            opaque: std::ptr::without_provenance_mut(number as usize),
            blocks: false,
        };
        let result = produce(&self.handle, &self.topics[topic], call);
        let len = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let wanted = (self.in_custody + 1, self.bytes_in_custody + len);
        let mut guard = self.net.lock();
        let net = &mut *guard;
        let answer = result.as_ref().err().map(|refused| refused.code);
        net.audit.admitted(answer, wanted, &mut net.marks);
        match result {
            Ok(()) => {
                (self.in_custody, self.bytes_in_custody) = wanted;
                net.audit.note(|| format!("produced {number} to t{topic} [{partition}]"));
            }
            Err(refused) => {
                let is_unknown = refused.code == ErrorCode::_UNKNOWN_TOPIC;
                net.marks.reach_if(is_unknown, "unknown topic refused");
                let message = &mut net.audit.messages[number as usize];
                message.fate = Fate::Refused(refused.code);
                message.scribble();
            }
        }
        number
    }

    /// Takes the reports that wait.
    pub(crate) fn poll(&mut self, now: Ts) {
        let handle = Arc::clone(&self.handle);
        let next = || poll::next_event(&handle, &handle.reply_queue, Ts::ZERO);
        while let Some(poll::Next::Own(mut event)) = next() {
            if let Content::Stats { json: Some(document), .. } = &event.content {
                let mut net = self.net.lock();
                net.marks.reach("statistics");
                if let Some(record) = &mut net.audit.record {
                    record.documents.push(document.to_string_lossy().into_owned());
                }
            }
            while let Some(message) = event.next_message() {
                let report = seen(message);
                self.in_custody -= 1;
                let mut guard = self.net.lock();
                let net = &mut *guard;
                let len = net.audit.messages.get(report.number as usize).map_or(0, |it| it.len);
                self.bytes_in_custody -= i64::try_from(len).unwrap_or(0);
                net.audit.reported(&report, now, &mut net.marks);
            }
        }
    }

    /// Begins a flush, unless one runs.
    pub(crate) fn flush(&mut self, until: Ts) {
        match self.flush_until {
            None => flush::begin(&self.handle),
            Some(other) if other >= until => return,
            Some(_) => {}
        }
        self.flush_until = Some(until);
    }

    /// Does a flush run?
    pub(crate) fn is_flushing(&self) -> bool {
        self.flush_until.is_some()
    }

    fn go_on_flushing(&mut self, now: Ts) {
        let Some(until) = self.flush_until else { return };
        let is_done = self.handle.account.messages() == 0 && self.handle.reply_queue.len() == 0;
        if is_done || now >= until {
            flush::end(&self.handle);
            self.flush_until = None;
            let place = if is_done { "flush done" } else { "flush timed out" };
            self.net.lock().marks.reach(place);
        }
    }

    /// Purges.
    pub(crate) fn purge(&mut self) {
        let which =
            Purge { queue: self.draw.chance(80), in_flight: self.draw.chance(60), aborts: false };
        purge::purge(&self.handle, which, false);
        let mut net = self.net.lock();
        net.marks.reach("purge");
        let is_legacy = net.audit.promise.is_legacy;
        net.audit.sequences.has_holes |= which.queue && is_legacy;
        drop(net);
        self.has_purged = which.queue;
    }

    /// Has it purged queues since the last look?
    pub(crate) fn take_purged(&mut self) -> bool {
        std::mem::take(&mut self.has_purged)
    }

    /// A topic has another partition.
    pub(crate) fn grown(&mut self, topic: usize, count: i32) {
        self.partitions[topic] = count;
    }

    /// Every partition that is known, with its topic's number.
    pub(crate) fn known(&self) -> Vec<(usize, i32)> {
        let of = |(index, topic): (usize, &Arc<Topic>)| {
            let count = topic.table().partitions.len();
            (0..count).map(move |at| (index, i32::try_from(at).unwrap_or(0)))
        };
        self.topics.iter().enumerate().flat_map(of).collect()
    }

    /// Does the client take a topic for one that does not exist?
    pub(crate) fn lacks_topic(&self) -> bool {
        self.topics.iter().any(|topic| topic.table().state != TopicState::Exists)
    }

    /// The topics.
    pub(crate) fn topics(&self) -> &[Arc<Topic>] {
        &self.topics
    }
}

fn seen(message: &MsgFields) -> Reported {
    Reported {
        number: u32::try_from(message.opaque().addr()).unwrap_or(u32::MAX),
        error: message.error(),
        status: message.status(),
        partition: message.partition(),
        offset: message.offset(),
        timestamp: (message.timestamp_ms(), message.timestamp_kind()),
    }
}
