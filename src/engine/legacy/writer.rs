//! The message set writer: versions, headers, messages from the transmit queue, compression.
#![forbid(unsafe_code)]

use super::serve::Slot;
use crate::broker::request::Request;
use crate::broker::thread::BrokerThread;
use crate::codec::{Codec, Compressor};
use crate::log::{context, level};
use crate::own::msg::MsgFields;
use crate::proto::produce::{RequestParams, SingleWriter, VERSION_MAX};
use crate::proto::record::batch::{BatchWriter, ProducerStamp};
use crate::proto::record::message::MessageSetWriter;
use crate::proto::record::{NewRecord, OVERHEAD_MAX, RecordHeaders};
use crate::proto::wire::Buffer;
use crate::proto::{api, header};
use crate::sys::clock::Ts;

/// How long a partition waits whose broker offers no usable version, in microseconds.
const UNSUPPORTED_BACKOFF_US: i64 = 5_000_000;

/// A request that was written.
pub(super) struct Written {
    /// Its bytes and messages.
    pub(super) request: Request,
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
    let Some(format) = choose(thread, slot.topic.settings.codec) else {
        give_up_for_a_while(thread, slot, now);
        return None;
    };
    let settings = &thread.handle.settings;
    let limit = settings.message_bytes_max.min(settings.batch_bytes_max);
    let count_max = slot.xmit.len().min(settings.batch_messages_max);
    let queued = usize::try_from(slot.xmit.bytes()).unwrap_or(0) + count_max * 36 + 256;
    let block = thread.block(queued.min(limit + 256));
    let settings = &thread.handle.settings;
    let mut request = Request::new(api::PRODUCE, format.version, block);
    request.batch().init(&slot.toppar);
    let mut bytes = request.bytes();
    header::start(&mut bytes, api::PRODUCE, format.version, &settings.client_id);
    let params = RequestParams {
        version: format.version,
        transactional_id: None,
        acks: slot.topic.settings.acks,
        timeout_ms: slot.topic.settings.request_timeout_ms,
    };
    let name = slot.topic.name().to_bytes();
    let skeleton = SingleWriter::start(&mut bytes, &params, name, slot.toppar.partition);
    let mut records = Records::start(&mut bytes, format.magic, base_timestamp);
    let mut len = skeleton.limited_len(&bytes);
    let mut count = 0;
    while count < count_max {
        let Some(message) = slot.xmit.front() else { break };
        let is_too_much = count > 0 && len + size_max(message, format.magic) > limit;
        if is_too_much || message.backoff() > now {
            break;
        }
        let Some(message) = slot.xmit.pop_front() else { break };
        len += request.put_message(message, |bytes, message| records.push(bytes, message));
        count += 1;
    }
    let compressor = compressor(compressors, format.codec, slot.topic.settings.level);
    let mut bytes = request.bytes();
    records.finish(thread, &mut bytes, compressor);
    let set_bytes = skeleton.records_len(&bytes);
    skeleton.finish(&mut bytes);
    SingleWriter::end(&mut bytes, format.version);
    request.finalize();
    tell(thread, slot, count, request.len(), &format);
    Some(Written { request, set_bytes })
}

/// The debug line of a batch.
fn tell(thread: &BrokerThread, slot: &Slot, count: usize, len: usize, format: &Format) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let text = format_args!(
        "{} [{}]: Produce MessageSet with {count} message(s) ({len} bytes, ApiVersion {}, \
         MsgVersion {}, {})",
        slot.topic.display_name(),
        slot.toppar.partition,
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
    fn start(bytes: &mut impl Buffer, magic: i8, base_timestamp: i64) -> Self {
        match magic {
            2 => Self::Batch(BatchWriter::start(bytes, base_timestamp)),
            _ => Self::Set(MessageSetWriter::start(bytes, magic, base_timestamp)),
        }
    }

    fn push(&mut self, bytes: &mut impl Buffer, message: &MsgFields) -> usize {
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
        }
    }

    fn finish(
        self,
        thread: &BrokerThread,
        bytes: &mut impl Buffer,
        mut compressor: Option<&mut Compressor>,
    ) {
        match self {
            Self::Batch(batch) => {
                batch.finish(bytes, ProducerStamp::NONE, compressor.as_deref_mut());
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
    let (has_feature, since) = match codec {
        Codec::None | Codec::Gzip | Codec::Snappy => (true, 0),
        Codec::Lz4 => (versions.has_lz4(), 0),
        Codec::Zstd => (versions.has_zstd(), 7),
    };
    // Quirk: the broker must have a version up to the one that brought the codec, so one that
    // dropped version 0 gets gzip, snappy and lz4 plain.
    let is_known = has_feature && versions.supported(api::PRODUCE, 0, since).is_some();
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
