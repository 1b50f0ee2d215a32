//! What threads tell each other.
//!
//! `Op` goes to the application (through `op/queue.rs`), `BrokerOp` to a broker's thread, `MainOp`
//! to the main thread.
#![forbid(unsafe_code)]

use std::ptr::NonNull;
use std::sync::Arc;

use crate::abi::public::rd_kafka_event_t;
use crate::error::ErrorCode;
use crate::own::broker::Broker;
use crate::own::msg::{Msg, Status};
use crate::own::msgq::MsgQueue;
use crate::own::reported::Reported;
use crate::own::stats_tree::StatsTree;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::messages::{BrokerEndpoint, MetadataResponse};
use crate::proto::pid::Pid;

pub(crate) mod latch;
pub(crate) mod mailbox;
pub(crate) mod queue;

use latch::Latch;

/// Delivery reports of one batch.
pub(crate) struct Report {
    /// The messages; each has its own error if the batch had several kinds, else `error` holds for
    /// all. They go before the topic, which they point to.
    pub(crate) messages: MsgQueue,
    /// The topic.
    pub(crate) topic: Arc<Topic>,
    /// The batch's error.
    pub(crate) error: ErrorCode,
    /// What a broker's answer says of the messages that are still here.
    pub(crate) place: Option<Place>,
}

/// Where a broker put a batch. Messages get it when they are reported: whoever looks at them then
/// has them at hand, the broker's thread had not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The broker's node id.
    pub(crate) broker_id: i32,
    /// The first message's offset. Quirk: offsets count up from -1 or -1001 too.
    pub(crate) offset: i64,
    /// When the broker appended them, if it stamps messages.
    pub(crate) append_time_ms: Option<i64>,
    /// Are they in the log?
    pub(crate) status: Status,
}

impl Report {
    /// The next message, with everything that is to be told of it.
    pub(crate) fn next(&mut self) -> Option<Msg> {
        let mut message = self.messages.pop_front()?;
        if message.error().is_ok() {
            message.set_error(self.error);
        }
        if let Some(place) = &mut self.place {
            message.set_broker_id(place.broker_id);
            message.set_offset(place.offset);
            message.set_status(place.status);
            place.offset = place.offset.wrapping_add(1);
            if let Some(ms) = place.append_time_ms {
                message.set_log_append_time(ms);
            }
        }
        Some(message)
    }
}

/// A log line on its way to a log queue.
#[derive(Clone, Debug)]
pub(crate) struct LogLine {
    /// Syslog level.
    pub(crate) level: i32,
    /// Facility.
    pub(crate) facility: String,
    /// Text.
    pub(crate) text: String,
    /// Debug contexts, 0 for lines that are no debug lines.
    pub(crate) contexts: u32,
}

/// Statistics: what the application asked for of one snapshot.
#[derive(Default)]
pub(crate) struct Statistics {
    /// As JSON.
    pub(crate) json: Option<String>,
    /// As structs.
    pub(crate) typed: Option<Box<StatsTree>>,
}

/// A queue of another library whose events come into one of ours.
pub(crate) trait Outside: Send + Sync {
    /// Takes its first event.
    fn take(&self) -> Option<NonNull<rd_kafka_event_t>>;
    /// Serves what waits there with callbacks, as the other library does.
    fn serve(&self);
    /// Does more wait there?
    fn has_more(&self) -> bool;
}

/// Something for the application.
pub(crate) enum Op {
    /// Delivery reports.
    Report(Report),
    /// Delivery reports of messages that were records already.
    Batch(Box<Reported>),
    /// An error of the instance or of a connection.
    Error {
        /// Its code.
        code: ErrorCode,
        /// Its reason.
        text: String,
    },
    /// A broker throttled requests.
    Throttle {
        /// The broker's name.
        broker_name: String,
        /// Its node id.
        broker_id: i32,
        /// Milliseconds.
        throttle_ms: i32,
    },
    /// A log line.
    Log(LogLine),
    /// Statistics.
    Stats(Statistics),
    /// Something waits in a queue of another library.
    Outside(Arc<dyn Outside>),
}

impl Op {
    /// Statistics as JSON only.
    #[cfg(test)]
    pub(crate) fn json(text: &str) -> Self {
        Self::Stats(Statistics { json: Some(text.to_owned()), typed: None })
    }

    /// Is it served before ordinary operations?
    pub(crate) fn is_urgent(&self) -> bool {
        matches!(self, Self::Throttle { .. } | Self::Stats(_))
    }
}

/// Which messages a purge takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Purge {
    /// Queued messages and unsent requests.
    pub(crate) queue: bool,
    /// Requests in flight.
    pub(crate) in_flight: bool,
    /// A transaction is aborted: later messages take the queued ones' place in the sequence.
    pub(crate) aborts: bool,
}

/// A response to a control-plane request.
pub(crate) struct ControlResponse {
    /// The version that was used.
    pub(crate) version: i16,
    /// The body behind the response header.
    pub(crate) body: Vec<u8>,
}

/// The answer to an application's request for metadata, with the id and name of who answered.
pub(crate) type MetadataReply = Result<(MetadataResponse, i32, String), ErrorCode>;

/// Writes a request's body for a version.
pub(crate) type EncodeBody = Box<dyn Fn(i16) -> Result<Vec<u8>, ErrorCode> + Send>;
/// Gets the response, or the reason why there is none. Runs on the broker's thread: it hands on and
/// returns.
pub(crate) type OnResponse = Box<dyn FnOnce(Result<ControlResponse, ErrorCode>) + Send>;

/// A request that is not Produce.
pub(crate) struct ControlRequest {
    /// API key.
    pub(crate) api: i16,
    /// Lowest version that will do.
    pub(crate) version_min: i16,
    /// Highest version that the client knows.
    pub(crate) version_max: i16,
    /// Milliseconds until it times out.
    pub(crate) timeout_ms: i64,
    /// Writes the body.
    pub(crate) encode: EncodeBody,
    /// Gets the answer.
    pub(crate) on_response: OnResponse,
}

/// Something for a broker's thread.
pub(crate) enum BrokerOp {
    /// Look again.
    Wakeup,
    /// The connection is wanted.
    Connect,
    /// Serve a partition.
    Join(Arc<Toppar>),
    /// Let a partition go.
    Leave(Arc<Toppar>),
    /// Send a request.
    Request(ControlRequest),
    /// Purge messages; the latch counts down when done.
    Purge(Purge, Arc<Latch>),
    /// The address or id changed: a connection to the old address is closed.
    Renamed,
}

impl BrokerOp {
    /// The broker's thread has ended: whoever waits for the operation is told. A partition that was
    /// to join is returned.
    pub(crate) fn refuse(self) -> Option<Arc<Toppar>> {
        match self {
            Self::Join(toppar) => return Some(toppar),
            Self::Request(request) => (request.on_response)(Err(ErrorCode::_DESTROY_BROKER)),
            Self::Purge(_, done) => done.count_down(),
            Self::Wakeup | Self::Connect | Self::Leave(_) | Self::Renamed => {}
        }
        None
    }
}

/// Something for the main thread.
pub(crate) enum MainOp {
    /// Look again.
    Wakeup,
    /// A broker became usable.
    BrokerUp(Arc<Broker>),
    /// A connection failed, or could not be made.
    BrokerDown(Arc<Broker>),
    /// An answer to a metadata request, or why there is none.
    Metadata {
        /// Number of the request, as `metadata/refresh.rs` gave it.
        request: u64,
        /// The broker that was asked.
        broker: Arc<Broker>,
        /// The answer.
        result: Result<MetadataResponse, ErrorCode>,
    },
    /// An answer to a request for a producer id, or why there is none.
    ProducerId {
        /// The broker that was asked.
        broker: Arc<Broker>,
        /// The answer.
        result: Result<Pid, ErrorCode>,
    },
    /// A topic needs metadata.
    QueryTopic(Arc<Topic>),
    /// A partition's leader refused: query leaders soon.
    LeaderUnavailable(Arc<Topic>),
    /// A Produce response named a new leader (KIP-951).
    LeaderHint {
        /// The topic.
        topic: Arc<Topic>,
        /// The partition.
        partition: i32,
        /// The new leader.
        leader_id: i32,
        /// Its epoch.
        leader_epoch: i32,
        /// Where brokers are.
        endpoints: Vec<BrokerEndpoint>,
    },
    /// The application asks for metadata.
    ApplicationMetadata {
        /// All topics of the cluster, or those that are known locally.
        all_topics: bool,
        /// Only this topic.
        only: Option<Arc<Topic>>,
        /// Milliseconds until it gives up.
        timeout_ms: i64,
        /// Gets the answer.
        reply: Arc<mailbox::Slot<MetadataReply>>,
    },
    /// A fatal error was raised: purge what is queued.
    Fatal,
    /// End.
    Terminate,
}
