//! What an instance promises by its configuration.
#![forbid(unsafe_code)]

/// What the configuration promises.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promise {
    /// What history breaks is broken.
    pub(crate) is_legacy: bool,
    /// `enable.idempotence`.
    pub(crate) is_idempotent: bool,
    /// `acks`.
    pub(crate) acks: i16,
    /// The log keeps the order of the produce calls.
    pub(crate) keeps_order: bool,
    /// `queuing.strategy=fifo`.
    pub(crate) is_fifo: bool,
    /// `retry.backoff.ms` and `retry.backoff.max.ms`, in microseconds.
    pub(crate) retry_us: (i64, i64),
    /// `batch.num.messages`.
    pub(crate) batch_messages_max: usize,
    /// Messages and value bytes that may be in custody.
    pub(crate) custody_max: (i64, i64),
    /// `produce.request.max.partitions`; 0 is any number.
    pub(crate) partitions_max: usize,
    /// `message.timeout.ms`, in microseconds; 0 is for ever.
    pub(crate) timeout_us: i64,
    /// How much later than promised a report may be met: the application polls seldom, or threads
    /// are starved.
    pub(crate) slack_us: i64,
    /// `socket.timeout.ms`, in microseconds.
    pub(crate) socket_us: i64,
    /// `socket.connection.setup.timeout.ms`.
    pub(crate) setup_ms: i64,
}
