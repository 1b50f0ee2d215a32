//! One request while it is put together: batches of many partitions, the topics' together.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::sync::Arc;

use super::calculator::{Calculator, Limits};
use super::sealed::Sealed;
use crate::broker::request::Request;
use crate::broker::thread::BrokerThread;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::produce::{RequestParams, Skeleton};
use crate::proto::{api, header};
use crate::sys::clock::Ts;

/// A batch in a request.
pub(super) struct Part {
    /// The partition.
    pub(super) toppar: Arc<Toppar>,
    /// The batch.
    pub(super) sealed: Box<Sealed>,
}

/// What all batches of a request have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Terms {
    acks: i16,
    timeout_ms: i32,
}

impl Terms {
    /// A topic's.
    pub(super) fn of(topic: &Topic) -> Self {
        Self { acks: topic.settings.acks, timeout_ms: topic.settings.request_timeout_ms }
    }
}

/// A request that is put together.
pub(super) struct Context {
    version: i16,
    terms: Terms,
    calculator: Calculator,
    /// The request's topics, each with its number by its address.
    topics: Vec<Arc<Topic>>,
    numbers: HashMap<*const Topic, usize>,
    parts: Vec<(usize, Part)>,
}

impl Context {
    /// An empty request.
    pub(super) fn new(version: i16, terms: Terms, client_id: &str, limits: Limits) -> Self {
        Self {
            version,
            terms,
            calculator: Calculator::new(version, client_id, limits),
            topics: Vec::new(),
            numbers: HashMap::new(),
            parts: Vec::new(),
        }
    }

    /// Does a partition of this topic go with the others?
    pub(super) fn suits(&self, topic: &Topic) -> bool {
        Terms::of(topic) == self.terms
    }

    /// May no more partitions come?
    pub(super) fn is_full(&self) -> bool {
        self.calculator.is_full()
    }

    /// Is there nothing in it?
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Takes a batch, which has its bytes, unless it does not fit any more and is given back.
    pub(super) fn add(&mut self, topic: &Arc<Topic>, part: Part) -> Option<Part> {
        let len = part.sealed.bytes().len();
        let at = Arc::as_ptr(topic);
        let number = self.numbers.get(&at).copied().unwrap_or(self.topics.len());
        if !self.calculator.add(number, topic.name().to_bytes(), len) {
            return Some(part);
        }
        if number == self.topics.len() {
            self.topics.push(Arc::clone(topic));
            self.numbers.insert(at, number);
        }
        self.parts.push((number, part));
        None
    }

    /// Writes the request; its batches are beside it.
    pub(super) fn finish(mut self, thread: &mut BrokerThread) -> (Request, Vec<Part>) {
        // The sort is stable: partitions keep the order in which they came.
        self.parts.sort_by_key(|(number, _)| *number);
        let block = thread.block(self.calculator.len());
        let mut request = Request::new(api::PRODUCE, self.version, block);
        let params = RequestParams {
            version: self.version,
            transactional_id: None,
            acks: self.terms.acks,
            timeout_ms: self.terms.timeout_ms,
        };
        let client_id = &thread.handle.settings.client_id;
        header::start(&mut request.bytes(), api::PRODUCE, self.version, client_id);
        let skeleton =
            Skeleton::begin(&mut request.bytes(), &params, self.calculator.topic_count());
        let mut parts = self.parts.iter().peekable();
        for (number, topic) in self.topics.iter().enumerate() {
            let count = self.calculator.partitions_of(number);
            skeleton.topic(&mut request.bytes(), topic.name().to_bytes(), count);
            while let Some((_, part)) = parts.next_if(|(of, _)| *of == number) {
                let bytes = part.sealed.bytes();
                let (number, len) = (part.toppar.partition(), bytes.len());
                skeleton.partition(&mut request.bytes(), number, len);
                request.put_shared(bytes);
                skeleton.end_partition(&mut request.bytes());
            }
            skeleton.end_topic(&mut request.bytes());
        }
        skeleton.end(&mut request.bytes());
        request.finalize();
        debug_assert_eq!(request.len(), self.calculator.len(), "lengths are exact");
        if self.terms.acks == 0 {
            request.expect_no_response();
        }
        (request, self.parts.into_iter().map(|(_, part)| part).collect())
    }

    /// When its oldest message was produced.
    pub(super) fn since(&self) -> Option<Ts> {
        let fresh = self.parts.iter().filter(|(_, part)| part.sealed.retries == 0);
        fresh.map(|(_, part)| part.sealed.batch.since()).min()
    }

    /// When the first message of all expires.
    pub(super) fn expires(&self) -> Ts {
        self.parts.iter().map(|(_, part)| part.sealed.expires()).min().unwrap_or(Ts::MAX)
    }
}
