//! A request on its way: bytes, deadline, and who gets the answer.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::queue::RequestQueue;
use super::thread::BrokerThread;
use crate::error::ErrorCode;
use crate::own::toppar::Toppar;
use crate::proto::header;
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
    /// When.
    pub(crate) now: Ts,
}

/// Gets the outcome, once.
pub(crate) type Handler = Box<dyn FnOnce(&mut BrokerThread, Outcome<'_>) + Send>;

/// Takes the requests out of a queue for which `is_wanted` holds.
pub(crate) fn take_where(
    queue: &mut RequestQueue,
    is_wanted: impl Fn(&Request) -> bool,
) -> Vec<Request> {
    if !queue.iter().any(&is_wanted) {
        return Vec::new();
    }
    let mut taken = Vec::new();
    for request in std::mem::take(queue) {
        if is_wanted(&request) {
            taken.push(request);
        } else {
            queue.push_back(request);
        }
    }
    taken
}

/// One request.
pub(crate) struct Request {
    /// API key.
    pub(crate) api: i16,
    /// Version.
    pub(crate) version: i16,
    /// Bytes; the frame begins at `start`.
    bytes: Vec<u8>,
    start: usize,
    /// Bytes of the frame that were written.
    pub(crate) written: usize,
    /// Correlation id; set when the first byte is written.
    pub(crate) correlation_id: i32,
    /// When it was put into the output queue.
    pub(crate) queued_at: Ts,
    /// When its last byte was written.
    pub(crate) sent_at: Ts,
    /// When it times out.
    pub(crate) expires: Ts,
    /// `false`: it is done when it is written.
    pub(crate) has_response: bool,
    /// It goes before everything else: it belongs to the connection's setup.
    pub(crate) is_setup: bool,
    /// Messages in it.
    pub(crate) message_count: usize,
    /// The partition whose messages are in it.
    pub(crate) owner: Option<Arc<Toppar>>,
    handler: Option<Handler>,
}

impl Request {
    /// A request whose frame (header and body, from `start` on) is complete.
    pub(crate) fn new(
        api: i16,
        version: i16,
        mut bytes: Vec<u8>,
        start: usize,
        handler: Handler,
    ) -> Self {
        header::finish(&mut bytes[start..]);
        Self {
            api,
            version,
            bytes,
            start,
            written: 0,
            correlation_id: 0,
            queued_at: Ts::ZERO,
            sent_at: Ts::ZERO,
            expires: Ts::MAX,
            has_response: true,
            is_setup: false,
            message_count: 0,
            owner: None,
            handler: Some(handler),
        }
    }

    /// The frame.
    pub(crate) fn frame(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The frame's unwritten rest.
    pub(crate) fn rest(&self) -> &[u8] {
        self.bytes.get(self.start + self.written..).unwrap_or_default()
    }

    /// Has every byte been written?
    pub(crate) fn is_written(&self) -> bool {
        self.rest().is_empty()
    }

    /// Gives the bytes of a written request back: a retry is written anew, and the next request
    /// finds the buffer still warm in the cache.
    pub(crate) fn free_bytes(&mut self, thread: &mut BrokerThread) {
        self.start = 0;
        thread.recycle(std::mem::take(&mut self.bytes));
    }

    /// Gives it its number on this connection.
    pub(crate) fn set_correlation_id(&mut self, id: i32) {
        self.correlation_id = id;
        header::set_correlation_id(&mut self.bytes[self.start..], id);
    }

    /// Hands the outcome to whoever waits for it. Bytes that are still there go first: nobody needs
    /// them any more.
    pub(crate) fn finish(
        mut self,
        thread: &mut BrokerThread,
        result: Result<&[u8], ErrorCode>,
        now: Ts,
    ) {
        let was_sent = self.is_written();
        thread.recycle(std::mem::take(&mut self.bytes));
        self.start = 0;
        self.written = 0;
        if let Some(handler) = self.handler.take() {
            let (version, has_response) = (self.version, self.has_response);
            handler(thread, Outcome { result, version, has_response, was_sent, now });
        }
    }
}
