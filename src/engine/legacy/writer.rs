//! The message set writer: versions, headers, messages from the transmit queue, compression.
#![forbid(unsafe_code)]

use super::serve::Slot;
use crate::broker::thread::BrokerThread;
use crate::codec::{Codec, Compressor};
use crate::delivery::fatal;
use crate::error::ErrorCode;
use crate::log::{context, level};
use crate::own::msg::MsgFields;
use crate::own::msgq::MsgQueue;
use crate::proto::produce::{RequestParams, SingleWriter, VERSION_MAX};
use crate::proto::record::batch::{BatchWriter, ProducerStamp};
use crate::proto::record::message::MessageSetWriter;
use crate::proto::record::{NewRecord, OVERHEAD_MAX, RecordHeaders};
use crate::proto::{api, header};
use crate::sys::clock::Ts;

/// How long a partition waits whose broker offers no usable version, in microseconds.
const UNSUPPORTED_BACKOFF_US: i64 = 5_000_000;

/// A request that was written.
pub(super) struct Written {
    /// Version of Produce.
    pub(super) version: i16,
    /// Header and body; the frame begins at `start`.
    pub(super) bytes: Vec<u8>,
    /// Where the frame begins.
    pub(super) start: usize,
    /// The messages in it.
    pub(super) messages: MsgQueue,
    /// Bytes of the message set, framing included.
    pub(super) set_bytes: usize,
}

/// Which format and version a broker gets, and whether the codec may be used.
struct Format {
    magic: i8,
    version: i16,
    codec: Codec,
}

/// Writes a request of messages from the slot's transmit queue; `None` if none may go now.
///
/// Historical: `rd_kafka_msgset_create_ProduceRequest`.
pub(super) fn write(
    thread: &mut BrokerThread,
    slot: &mut Slot,
    compressors: &mut Vec<((i16, i32), Compressor)>,
    now: Ts,
) -> Option<Written> {
    let first = slot.xmit.front()?;
    if first.backoff() > now {
        return None;
    }
    let base_timestamp = first.timestamp_ms();
    let stamp = slot.numbering.stamp(first.id());
    // A batch that was sent before is written with the same messages: the broker knows it by them.
    let pinned_to = if slot.numbering.pid.is_valid() { first.last_id_of_batch() } else { 0 };
    let Some(format) = choose(thread, slot.topic.settings.codec) else {
        give_up_for_a_while(thread, slot, now);
        return None;
    };
    let settings = &thread.handle.settings;
    let limit = settings.message_bytes_max.min(settings.batch_bytes_max);
    let count_max = slot.xmit.len().min(settings.batch_messages_max);
    let queued = usize::try_from(slot.xmit.bytes()).unwrap_or(0) + count_max * 36 + 256;
    let mut bytes = thread.buffer(queued.min(limit + 256));
    let settings = &thread.handle.settings;
    header::start(&mut bytes, api::PRODUCE, format.version, &settings.client_id);
    let params = RequestParams {
        version: format.version,
        transactional_id: None,
        acks: slot.topic.settings.acks,
        timeout_ms: slot.topic.settings.request_timeout_ms,
    };
    let name = slot.topic.name().to_bytes();
    let skeleton = SingleWriter::start(&mut bytes, &params, name, slot.toppar.partition);
    let mut messages = MsgQueue::new();
    let set_start = bytes.len();
    let mut records = Records::start(&mut bytes, format.magic, base_timestamp);
    while messages.len() < count_max {
        let Some(message) = slot.xmit.front() else { break };
        let is_too_much =
            !messages.is_empty() && bytes.len() + size_max(message, format.magic) > limit;
        let is_complete = pinned_to != 0 && message.id() > pinned_to;
        if is_complete || is_too_much || message.backoff() > now {
            break;
        }
        records.push(&mut bytes, message);
        messages.take_front_of(&mut slot.xmit);
    }
    if pinned_to != 0 && messages.back().is_some_and(|last| last.id() != pinned_to) {
        give_back_broken(thread, slot, messages, pinned_to);
        return None;
    }
    let compressor = compressor(compressors, format.codec, slot.topic.settings.level);
    records.finish(thread, &mut bytes, stamp, compressor);
    let set_bytes = bytes.len() - set_start;
    let start = skeleton.finish(&mut bytes);
    tell(thread, slot, &messages, bytes.len() - start, &format);
    Some(Written { version: format.version, bytes, start, messages, set_bytes })
}

/// A repeated batch lost messages: the broker could not tell it from a new one.
fn give_back_broken(
    thread: &BrokerThread,
    slot: &mut Slot,
    mut messages: MsgQueue,
    pinned_to: u64,
) {
    let id = |message: Option<&MsgFields>| message.map_or(0, MsgFields::id);
    let (count, first, last) = (messages.len(), id(messages.front()), id(messages.back()));
    let text = format!(
        "Unable to reconstruct MessageSet (currently with {count} message(s)) with msgid range \
         {first}..{pinned_to}: last message added has msgid {last}: unable to guarantee consistency"
    );
    slot.xmit.merge(&mut messages, slot.topic.order);
    fatal::raise(&thread.handle, ErrorCode::_INCONSISTENT, &text);
}

/// The debug line of a batch.
fn tell(thread: &BrokerThread, slot: &Slot, messages: &MsgQueue, len: usize, format: &Format) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let text = format_args!(
        "{} [{}]: Produce MessageSet with {} message(s) ({len} bytes, ApiVersion {}, MsgVersion \
         {}, {})",
        slot.topic.display_name(),
        slot.toppar.partition,
        messages.len(),
        format.version,
        format.magic,
        format.codec.name()
    );
    thread.debug(context::MSG, "PRODUCE", text);
}

/// Most bytes that a message takes.
fn size_max(message: &MsgFields, magic: i8) -> usize {
    let headers = match magic {
        2 => message.headers().map_or(0, RecordHeaders::wire_len),
        _ => 0,
    };
    OVERHEAD_MAX[usize::try_from(magic).unwrap_or(2)] + message.queued_len() + headers
}

/// A batch or a message set.
enum Records {
    Batch(BatchWriter),
    Set(MessageSetWriter),
}

impl Records {
    fn start(bytes: &mut Vec<u8>, magic: i8, base_timestamp: i64) -> Self {
        match magic {
            2 => Self::Batch(BatchWriter::start(bytes, base_timestamp)),
            _ => Self::Set(MessageSetWriter::start(bytes, magic, base_timestamp)),
        }
    }

    fn push(&mut self, bytes: &mut Vec<u8>, message: &MsgFields) {
        let record = NewRecord {
            timestamp: message.timestamp_ms(),
            key: message.key(),
            value: message.value(),
            headers: match message.headers() {
                Some(headers) => headers,
                None => &(),
            },
        };
        match self {
            Self::Batch(batch) => batch.push(bytes, &record),
            Self::Set(set) => set.push(bytes, &record),
        };
    }

    fn finish(
        self,
        thread: &BrokerThread,
        bytes: &mut Vec<u8>,
        stamp: ProducerStamp,
        mut compressor: Option<&mut Compressor>,
    ) {
        match self {
            Self::Batch(batch) => {
                batch.finish(bytes, stamp, compressor.as_deref_mut());
            }
            Self::Set(set) => {
                set.finish(bytes, compressor.as_deref_mut());
            }
        }
        if let Some(compressor) = compressor
            && let Some(failure) = compressor.take_failure()
        {
            let codec = compressor.codec().name();
            let text = format!("{codec} compression failed: {failure}: sending uncompressed");
            let facility = codec.to_ascii_uppercase();
            thread.handle.log.broker(level::ERR, &facility, &thread.name, text);
        }
    }
}

/// Format and version for what the broker supports; `None` if there is no common version.
fn choose(thread: &BrokerThread, codec: Codec) -> Option<Format> {
    let versions = &thread.versions;
    let (magic, mut version_min) = if versions.has_message_v2() {
        (2, 3)
    } else if versions.has_message_v1() {
        (1, 2)
    } else {
        (0, i16::from(versions.has_throttle_time()))
    };
    let is_known = match codec {
        Codec::None | Codec::Gzip | Codec::Snappy => true,
        Codec::Lz4 => versions.has_lz4(),
        Codec::Zstd => versions.has_zstd(),
    };
    let codec = if is_known { codec } else { note_codec(thread, codec) };
    if codec == Codec::Zstd {
        version_min = version_min.max(7);
    }
    let version = versions.supported(api::PRODUCE, version_min, VERSION_MAX)?;
    Some(Format { magic, version, codec })
}

/// The broker does not know the codec: batches go plain.
fn note_codec(thread: &BrokerThread, codec: Codec) -> Codec {
    thread.handle.log.debug(
        context::MSG,
        "COMPRESSION",
        &thread.name,
        format_args!(
            "{}: Broker does not support compression type {}: not compressing batch",
            thread.name,
            codec.name()
        ),
    );
    Codec::None
}

fn give_up_for_a_while(thread: &BrokerThread, slot: &mut Slot, now: Ts) {
    let text = format!(
        "{} [{}]: No viable ProduceRequest ApiVersions between 0 and {VERSION_MAX}",
        slot.topic.display_name(),
        slot.toppar.partition
    );
    thread.handle.log.broker(level::ERR, "PRODUCE", &thread.name, text);
    if let Some(first) = slot.xmit.front_mut() {
        first.set_backoff(now + UNSUPPORTED_BACKOFF_US);
    }
}

/// The kept context of a codec and level.
fn compressor(
    kept: &mut Vec<((i16, i32), Compressor)>,
    codec: Codec,
    level: i32,
) -> Option<&mut Compressor> {
    if codec == Codec::None {
        return None;
    }
    let wanted = (codec.bits(), level);
    let at = match kept.iter().position(|(key, _)| *key == wanted) {
        Some(at) => at,
        None => {
            kept.push((wanted, Compressor::new(codec, level)));
            kept.len() - 1
        }
    };
    Some(&mut kept[at].1)
}
