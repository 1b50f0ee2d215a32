//! The message set writer: versions, headers, messages from the transmit queue, compression.
#![forbid(unsafe_code)]

use super::format::{self, Format};
use super::serve::Slot;
use crate::broker::thread::BrokerThread;
use crate::codec::{Codec, Compressor};
use crate::log::{context, level};
use crate::own::msg::MsgFields;
use crate::own::msgq::MsgQueue;
use crate::proto::produce::{RequestParams, SingleWriter};
use crate::proto::record::batch::{BatchWriter, ProducerStamp};
use crate::proto::record::message::MessageSetWriter;
use crate::proto::record::{NewRecord, OVERHEAD_MAX, RecordHeaders};
use crate::proto::{api, header};
use crate::sys::clock::Ts;

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
    let format = format::select(thread, slot, now)?;
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
        if is_too_much || message.backoff() > now {
            break;
        }
        records.push(&mut bytes, message);
        messages.take_front_of(&mut slot.xmit);
    }
    let compressor = compressor(compressors, format.codec, slot.topic.settings.level);
    records.finish(thread, &mut bytes, compressor);
    let set_bytes = bytes.len() - set_start;
    let start = skeleton.finish(&mut bytes);
    tell(thread, slot, &messages, bytes.len() - start, &format);
    Some(Written { version: format.version, bytes, start, messages, set_bytes })
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
