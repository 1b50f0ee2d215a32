//! A request's outcome, and who gets it. The request itself is [`own::buf`](crate::own::buf).
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::own::buf;
use crate::own::bufq;
use crate::own::toppar::Toppar;
use crate::proto::header;
use crate::proto::wire::Write;
use crate::sys::clock::Ts;

/// What became of a request.
pub(crate) struct Outcome<'a> {
    /// The response's body, or why there is none. Empty for a request without a response.
    pub(crate) result: Result<&'a [u8], ErrorCode>,
    /// The version that was used.
    pub(crate) version: i16,
    /// The request had an answer to wait for.
    pub(crate) has_response: bool,
    /// All bytes of the request had been given to the kernel.
    pub(crate) was_sent: bool,
    /// When its last byte was written, if all were.
    pub(crate) sent_at: Ts,
    /// When.
    pub(crate) now: Ts,
}

/// Waits for an answer.
pub(crate) type OnAnswer = Box<dyn FnOnce(&mut BrokerThread, Outcome<'_>) + Send>;

/// Gets the outcome, once.
pub(crate) enum Handler {
    /// Whoever waits for the answer.
    Once(OnAnswer),
    /// An engine. It gets the request as well, which has its batches but no bytes any more.
    Produce(fn(&mut BrokerThread, &mut Request, &Outcome<'_>)),
    /// An engine's batches of many partitions, which the request carries.
    Joint(Box<dyn Joint>),
}

/// Batches of many partitions in one request, for their engine.
pub(crate) trait Joint: Send {
    /// Is there a batch of this partition?
    fn contains(&self, toppar: &Arc<Toppar>) -> bool;

    /// The partitions, and how many messages the batch of each has.
    #[cfg(any(test, feature = "testing"))]
    fn owners(&self) -> Vec<(Arc<Toppar>, usize)>;

    /// The request's outcome, for each batch.
    fn finish(self: Box<Self>, thread: &mut BrokerThread, outcome: &Outcome<'_>);
}

/// One request.
pub(crate) type Request = buf::Request<Handler>;

/// Requests in a row.
pub(crate) type RequestQueue = bufq::RequestQueue<Handler>;

impl Request {
    /// A complete request of an API other than Produce.
    pub(crate) fn of_body(
        thread: &mut BrokerThread,
        api_key: i16,
        version: i16,
        body: &[u8],
        handler: OnAnswer,
    ) -> Self {
        let client_id = &thread.handle.settings.client_id;
        let len = header::len(api_key, version, client_id) + body.len();
        let block = thread.block(len);
        let mut request = Self::new(api_key, version, block);
        let mut bytes = request.bytes();
        header::start(&mut bytes, api_key, version, &thread.handle.settings.client_id);
        bytes.put(body);
        request.finalize();
        request.set_handler(Handler::Once(handler));
        request
    }

    /// The partitions whose batches are in it, whichever engine's, and how many messages each of
    /// those has.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn parts(&self) -> Vec<(Arc<Toppar>, usize)> {
        match self.handler() {
            Some(Handler::Joint(joint)) => joint.owners(),
            _ => self.owners(),
        }
    }

    /// Hands the outcome to whoever waits for it. Bytes that are still there go first: nobody needs
    /// them any more.
    pub(crate) fn finish(
        mut self,
        thread: &mut BrokerThread,
        result: Result<&[u8], ErrorCode>,
        now: Ts,
    ) {
        if let Some(block) = self.free_bytes() {
            thread.recycle(block);
        }
        let Some(handler) = self.take_handler() else { return };
        let outcome = Outcome {
            result,
            version: self.version(),
            has_response: self.has_response(),
            was_sent: self.is_sent(),
            sent_at: self.sent_at(),
            now,
        };
        match handler {
            Handler::Once(handler) => handler(thread, outcome),
            Handler::Produce(handle) => handle(thread, &mut self, &outcome),
            Handler::Joint(batches) => batches.finish(thread, &outcome),
        }
    }
}
