//! When metadata is asked for, and of whom: periodic refresh, new topics, missing leaders, the
//! application.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::ErrorCode;
use crate::handle::Handle;
use crate::log::{context, level};
use crate::op::mailbox::Slot;
use crate::op::{BrokerOp, ControlRequest, ControlResponse, MainOp};
use crate::own::broker::{Broker, BrokerState};
use crate::own::topic::{Topic, TopicState};
use crate::proto::api;
use crate::proto::messages::{self, METADATA_MAX, MetadataResponse, WantedTopics};
use crate::sys::clock::Ts;
use crate::sys::rand::Rng;

/// An application's answer: metadata, id and name of the broker that gave it.
pub(crate) type Answer = Result<(MetadataResponse, i32, String), ErrorCode>;

/// An application's question.
pub(crate) struct Question {
    /// What it asks for.
    pub(crate) wanted: WantedTopics,
    /// When it gives up.
    pub(crate) until: Ts,
    /// Gets the answer.
    pub(crate) reply: Arc<Slot<Answer>>,
}

/// A request in flight.
struct Asked {
    /// The topics that somebody wants to know of; asked for again if this request fails.
    topics: Vec<Arc<Topic>>,
    question: Option<Question>,
    /// It is the periodic refresh.
    is_refresh: bool,
}

impl Asked {
    fn topics(topics: Vec<Arc<Topic>>) -> Self {
        Self { topics, question: None, is_refresh: false }
    }

    fn refresh(topics: Vec<Arc<Topic>>) -> Self {
        Self { is_refresh: true, ..Self::topics(topics) }
    }

    fn question(question: Question) -> Self {
        Self { question: Some(question), ..Self::topics(Vec::new()) }
    }
}

/// Pause before a failed refresh is tried again, in milliseconds.
const FAILED_PAUSE_MS: i64 = 100;
/// Jitter of the fast leader query, in percent of its interval.
const JITTER_PERCENT: (i64, i64) = (80, 120);

/// The state of asking; the main thread's.
pub(crate) struct Refresh {
    next_number: u64,
    asked: HashMap<u64, Asked>,
    /// Questions that wait for a usable broker.
    waiting: Vec<Question>,
    /// When the periodic refresh is due.
    refresh_at: Ts,
    /// When missing leaders are asked for next; `Ts::MAX` if none is missing.
    leaders_at: Ts,
    leaders_pause_ms: i64,
    /// When the last refresh was sent.
    refreshed_at: Ts,
    /// Topics whose metadata is wanted now.
    wanted: Vec<Arc<Topic>>,
    /// When the first refresh without an answer was due; `Ts::MAX` if the last one was answered.
    pub(crate) unanswered_since: Ts,
    rng: Rng,
}

impl Refresh {
    /// Nothing is known: the first refresh is due.
    pub(crate) fn new(rng: Rng) -> Self {
        Self {
            next_number: 1,
            asked: HashMap::new(),
            waiting: Vec::new(),
            refresh_at: Ts::ZERO,
            leaders_at: Ts::MAX,
            leaders_pause_ms: 0,
            refreshed_at: Ts::ZERO,
            wanted: Vec::new(),
            unanswered_since: Ts::MAX,
            rng,
        }
    }

    /// Is nothing asked for or about to be?
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn is_settled(&self) -> bool {
        let is_idle = self.asked.is_empty() && self.waiting.is_empty() && self.wanted.is_empty();
        is_idle && self.leaders_at == Ts::MAX
    }

    /// A topic's metadata is wanted now.
    pub(crate) fn want(&mut self, topic: Arc<Topic>) {
        if !self.wanted.iter().any(|other| Arc::ptr_eq(other, &topic)) {
            self.wanted.push(topic);
        }
    }

    /// A leader is missing: ask soon, and again until it is known.
    pub(crate) fn want_leaders(&mut self, handle: &Handle, now: Ts) {
        if self.leaders_at == Ts::MAX {
            self.leaders_at = now;
            self.leaders_pause_ms = handle.settings.retry_ms;
        }
    }

    /// A leader was lost just now: ask soon, also if the last answers were without one for long.
    pub(crate) fn want_leaders_soon(&mut self, handle: &Handle, now: Ts) {
        self.want_leaders(handle, now);
        self.leaders_at = self.leaders_at.min(now.plus_ms(handle.settings.metadata_fast_ms));
    }

    /// Everything is to be asked for again, now.
    pub(crate) fn refresh_now(&mut self) {
        self.refresh_at = Ts::ZERO;
    }

    /// A connection failed, so leaders may have moved: everything is asked for again soon, but not
    /// more often than missing leaders are.
    pub(crate) fn refresh_soon(&mut self, handle: &Handle) {
        let soon = self.refreshed_at.plus_ms(handle.settings.metadata_fast_ms);
        self.refresh_at = self.refresh_at.min(soon);
    }

    /// The application asks.
    pub(crate) fn ask_for(&mut self, question: Question) {
        self.waiting.push(question);
    }

    /// Asks what is due; returns when it wants to be called again.
    pub(crate) fn serve(&mut self, handle: &Arc<Handle>, now: Ts) -> Ts {
        let mut until = self.give_up(now);
        let refresh_ms = handle.settings.metadata_refresh_ms;
        let is_refresh_due = now >= self.refresh_at;
        let is_leaders_due = now >= self.leaders_at;
        let has_work =
            is_refresh_due || is_leaders_due || !self.wanted.is_empty() || !self.waiting.is_empty();
        if !has_work {
            return until.min(self.refresh_at).min(self.leaders_at);
        }
        let Some(broker) = usable(handle, &mut self.rng) else {
            connect_any(handle, &mut self.rng);
            if is_refresh_due && self.unanswered_since == Ts::MAX {
                self.unanswered_since = now;
            }
            // A broker that comes up tells the main thread.
            return until;
        };
        for question in std::mem::take(&mut self.waiting) {
            let wanted = question.wanted.clone();
            self.send(handle, &broker, &wanted, Asked::question(question), now);
        }
        if is_refresh_due && !self.asked.values().any(|asked| asked.is_refresh) {
            let topics = std::mem::take(&mut self.wanted);
            let wanted = everything(handle);
            self.send(handle, &broker, &wanted, Asked::refresh(topics), now);
            self.refreshed_at = now;
            self.refresh_at = match refresh_ms {
                ms if ms > 0 => now.plus_ms(ms),
                _ => Ts::MAX,
            };
            if self.unanswered_since == Ts::MAX {
                self.unanswered_since = now;
            }
        }
        if !self.wanted.is_empty() {
            let topics = std::mem::take(&mut self.wanted);
            let names = topics.iter().map(|topic| name(topic)).collect();
            self.send(handle, &broker, &WantedTopics::Named(names), Asked::topics(topics), now);
        }
        if is_leaders_due {
            self.ask_for_leaders(handle, &broker, now);
        }
        if !self.asked.values().any(|asked| asked.is_refresh) {
            until = until.min(self.refresh_at.max(now));
        }
        until.min(self.leaders_at)
    }

    fn ask_for_leaders(&mut self, handle: &Arc<Handle>, broker: &Arc<Broker>, now: Ts) {
        let names: Vec<String> = handle
            .topics
            .read()
            .values()
            .filter(|topic| lacks_leader(topic))
            .map(|topic| name(topic))
            .collect();
        if names.is_empty() {
            self.leaders_at = Ts::MAX;
            return;
        }
        let asked = Asked::topics(Vec::new());
        self.send(handle, broker, &WantedTopics::Named(names), asked, now);
        let jitter = self.rng.between(JITTER_PERCENT.0, JITTER_PERCENT.1);
        // A failed request may have made this due without anybody who set the pause.
        let pause_ms = self.leaders_pause_ms.max(handle.settings.retry_ms);
        self.leaders_at = now + pause_ms * jitter * 10;
        self.leaders_pause_ms = (pause_ms * 2).min(handle.settings.retry_max_ms);
    }

    /// Questions whose time is over; returns when the next one's is.
    fn give_up(&mut self, now: Ts) -> Ts {
        let mut next = Ts::MAX;
        self.waiting.retain(|question| {
            if question.until <= now {
                question.reply.give(Err(ErrorCode::_TRANSPORT));
                return false;
            }
            next = next.min(question.until);
            true
        });
        next
    }

    fn send(
        &mut self,
        handle: &Arc<Handle>,
        broker: &Arc<Broker>,
        wanted: &WantedTopics,
        asked: Asked,
        now: Ts,
    ) {
        let request = self.next_number;
        self.next_number += 1;
        handle.log.debug(
            context::METADATA,
            "METADATA",
            "main",
            format_args!("Requesting metadata from {}: {wanted:?}", broker.name()),
        );
        let may_create = handle.settings.may_create_topics;
        let timeout_ms = match &asked.question {
            Some(question) => ((question.until - now) / 1000).clamp(1, i64::from(i32::MAX)),
            None => handle.settings.socket_timeout_ms,
        };
        let (main, of_broker) = (Arc::clone(handle), Arc::clone(broker));
        // No topic at all and "no topics" are the same question in version 0.
        let version_min = i16::from(*wanted == WantedTopics::None);
        let wanted = wanted.clone();
        self.asked.insert(request, asked);
        broker.push(BrokerOp::Request(ControlRequest {
            api: api::METADATA,
            version_min,
            version_max: METADATA_MAX,
            timeout_ms,
            encode: Box::new(move |version| {
                messages::metadata_request(version, &wanted, may_create).map_err(|e| e.code())
            }),
            on_response: Box::new(move |result| {
                let result = result.and_then(|response| read(&response));
                main.main.push(MainOp::Metadata { request, broker: of_broker, result });
            }),
        }));
    }

    /// An answer came, or a request failed. Gives the answer back if it is to be applied.
    pub(crate) fn answered(
        &mut self,
        handle: &Handle,
        request: u64,
        broker: &Arc<Broker>,
        result: Result<MetadataResponse, ErrorCode>,
        now: Ts,
    ) -> Option<MetadataResponse> {
        let asked = self.asked.remove(&request)?;
        let result = result.and_then(|response| match response.error {
            0 => Ok(response),
            code => Err(ErrorCode(i32::from(code))),
        });
        match &result {
            Ok(_) => self.unanswered_since = Ts::MAX,
            Err(code) => {
                if asked.is_refresh {
                    self.refresh_at = now.plus_ms(FAILED_PAUSE_MS);
                }
                asked.topics.into_iter().for_each(|topic| self.want(topic));
                self.leaders_at = self.leaders_at.min(now.plus_ms(FAILED_PAUSE_MS));
                if *code == ErrorCode::REBOOTSTRAP_REQUIRED {
                    self.unanswered_since = Ts::ZERO;
                }
                if !handle.is_terminating() && *code != ErrorCode::_DESTROY_BROKER {
                    let name = broker.name();
                    let text = format!("{name}: Metadata request failed: {code}");
                    handle.log.log(level::WARNING, "METADATA", "main", text);
                }
            }
        }
        if let Some(question) = asked.question {
            let is_brokers_fault =
                matches!(result, Err(ErrorCode::_DESTROY_BROKER | ErrorCode::_TRANSPORT));
            if is_brokers_fault && now < question.until {
                // Another broker may answer in time.
                self.waiting.push(question);
                return None;
            }
            let answer = result.clone().map(|response| (response, broker.id(), broker.name()));
            question.reply.give(answer);
        }
        result.ok()
    }

    /// The instance ends: nobody waits for an answer any more.
    pub(crate) fn end(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let asked = self.asked.drain().filter_map(|(_, asked)| asked.question);
        for question in waiting.into_iter().chain(asked) {
            question.reply.give(Err(ErrorCode::_DESTROY));
        }
    }
}

fn read(response: &ControlResponse) -> Result<MetadataResponse, ErrorCode> {
    messages::metadata_response(response.version, &response.body).map_err(|error| error.code())
}

fn name(topic: &Topic) -> String {
    topic.display_name().into_owned()
}

/// What the periodic refresh asks for.
fn everything(handle: &Handle) -> WantedTopics {
    if !handle.settings.metadata_is_sparse {
        return WantedTopics::All;
    }
    let names: Vec<String> = handle.topics.read().values().map(|topic| name(topic)).collect();
    if names.is_empty() { WantedTopics::None } else { WantedTopics::Named(names) }
}

fn lacks_leader(topic: &Topic) -> bool {
    let table = topic.table();
    match table.state {
        TopicState::NotExists => false,
        TopicState::Exists if !table.partitions.is_empty() => topic.control().wants_leader(),
        _ => true,
    }
}

/// A broker that is up, any.
fn usable(handle: &Handle, rng: &mut Rng) -> Option<Arc<Broker>> {
    let brokers = handle.brokers.read();
    let up: Vec<&Arc<Broker>> = brokers.all.iter().filter(|broker| broker.is_up()).collect();
    draw(&up, rng).map(Arc::clone)
}

fn draw<'a>(brokers: &[&'a Arc<Broker>], rng: &mut Rng) -> Option<&'a Arc<Broker>> {
    let last = i64::try_from(brokers.len()).ok()?.checked_sub(1)?;
    let at = usize::try_from(rng.between(0, last.max(0))).ok()?;
    brokers.get(at).copied()
}

/// Asks a broker to connect, unless one is about to be up: first one that was never tried, then
/// any.
pub(crate) fn connect_any(handle: &Handle, rng: &mut Rng) {
    let brokers = handle.brokers.read();
    // One that failed since the last success may try for ever: it is no reason not to try another.
    let is_under_way = |broker: &Broker| {
        let is_marked = broker.is_marked_down();
        !is_marked && broker.state() >= BrokerState::TryConnect
    };
    if brokers.all.iter().any(|broker| is_under_way(broker)) {
        return;
    }
    let fresh: Vec<&Arc<Broker>> =
        brokers.all.iter().filter(|broker| broker.state() == BrokerState::Init).collect();
    let all: Vec<&Arc<Broker>> = brokers.all.iter().collect();
    let drawn = draw(&fresh, rng).or_else(|| draw(&all, rng)).map(Arc::clone);
    // A line may be the application's to write, and that sees no lock of ours.
    drop(brokers);
    if let Some(broker) = drawn {
        let text = format_args!("{}: Selected for cluster connection", broker.name());
        handle.log.debug(context::BROKER | context::GENERIC, "CONNECT", "main", text);
        broker.push(BrokerOp::Connect);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::fixture::{instance, topic};
    use crate::own::broker::BrokerSource;

    #[test]
    fn a_failed_request_does_not_make_the_leader_query_run_without_a_pause() {
        let handle = instance(|_| {});
        let _topic = topic(&handle);
        let broker = Broker::new(BrokerSource::Learned, 1, "h", 9092).expect("a descriptor");
        let now = handle.now();
        broker.set_state(BrokerState::Up, now);
        handle.brokers.write().all.push(Arc::clone(&broker));
        let mut refresh = Refresh::new(Rng::from_seed(1));
        refresh.serve(&handle, now);
        let first = *refresh.asked.keys().next().expect("the first refresh was sent");
        refresh.answered(&handle, first, &broker, Err(ErrorCode::_TRANSPORT), now);
        let later = now.plus_ms(FAILED_PAUSE_MS);

        let until = refresh.serve(&handle, later);

        assert!(until > later, "it wants to run again at once");
        handle.brokers.write().all.clear();
    }
}
