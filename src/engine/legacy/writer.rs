//! The message set writer: versions, headers, messages from the transmit queue, compression.
#![forbid(unsafe_code)]

use super::format::{self, Format};
use super::idempotence;
use super::serve::Slot;
use crate::broker::request::Request;
use crate::broker::thread::BrokerThread;
use crate::codec::{Codec, Compressor};
use crate::delivery::fatal;
use crate::error::ErrorCode;
use crate::log::{context, level};
use crate::own::eos::BatchIds;
use crate::own::msg::MsgFields;
use crate::proto::produce::{RequestParams, SingleWriter};
use crate::proto::record::batch::{BatchWriter, ProducerStamp};
use crate::proto::record::message::MessageSetWriter;
use crate::proto::record::{NewRecord, OVERHEAD_MAX, RecordHeaders};
use crate::proto::wire::Buffer;
use crate::proto::{api, header};
use crate::sys::clock::Ts;

/// A request that was written.
pub(super) struct Written {
    /// Its bytes and messages.
    pub(super) request: Request,
    /// Version of Produce.
    pub(super) version: i16,
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
    let ids = slot.numbering.of_batch(first);
    let format = format::select(thread, slot, now)?;
    let settings = &thread.handle.settings;
    let limit = settings.message_bytes_max.min(settings.batch_bytes_max);
    let count_max = slot.xmit.len().min(settings.batch_messages_max);
    let queued = usize::try_from(slot.xmit.bytes()).unwrap_or(0) + count_max * 36 + 256;
    let block = thread.block(queued.min(limit + 256));
    let settings = &thread.handle.settings;
    let mut request = Request::new(api::PRODUCE, format.version, block);
    request.init_batch(&slot.toppar, &ids);
    let mut bytes = request.bytes();
    header::start(&mut bytes, api::PRODUCE, format.version, &settings.client_id);
    let params = RequestParams {
        version: format.version,
        transactional_id: None,
        acks: slot.topic.settings.acks,
        timeout_ms: slot.topic.settings.request_timeout_ms,
    };
    let name = slot.topic.name().to_bytes();
    let skeleton = SingleWriter::start(&mut bytes, &params, name, slot.toppar.partition());
    let mut records = Records::start(&mut bytes, format.magic, base_timestamp);
    let mut len = skeleton.limited_len(&bytes);
    let mut count = 0;
    while count < count_max {
        let Some(message) = slot.xmit.front() else { break };
        let is_too_much = count > 0 && len + size_max(message, format.magic) > limit;
        // A batch that was sent before has the same messages again: the broker knows it by them.
        let is_complete = ids.last_msgid != 0 && message.id() > ids.last_msgid;
        if is_complete || is_too_much || message.backoff() > now {
            break;
        }
        let Some(message) = slot.xmit.pop_front() else { break };
        len += request.put_message(message, |bytes, message| records.push(bytes, message));
        count += 1;
    }
    if is_broken(&mut request, &ids) {
        give_back_broken(thread, slot, request, &ids);
        return None;
    }
    let compressor = compressor(compressors, format.codec, slot.topic.settings.level);
    let mut bytes = request.bytes();
    records.finish(thread, &mut bytes, idempotence::stamp(&ids), compressor);
    let set_bytes = skeleton.records_len(&bytes);
    let part = skeleton.finish(&mut bytes);
    let len = bytes.position();
    request.set_part(part);
    tell(thread, slot, count, len, &format);
    Some(Written { request, version: format.version, set_bytes })
}

/// Does a batch that was sent before end elsewhere now? Brokers could not tell it from a new one.
fn is_broken(request: &mut Request, ids: &BatchIds) -> bool {
    let last = request.batch().and_then(|batch| batch.messages.back().map(|last| last.id()));
    ids.last_msgid != 0 && last.is_some_and(|last| last != ids.last_msgid)
}

fn give_back_broken(thread: &BrokerThread, slot: &mut Slot, mut request: Request, ids: &BatchIds) {
    drop(request.free_bytes());
    let Some(mut batch) = request.batch() else { return };
    let messages = &mut batch.messages;
    let (count, last) = (messages.len(), messages.back().map_or(0, |last| last.id()));
    let (first, end) = (ids.first_msgid, ids.last_msgid);
    let text = format!(
        "Unable to reconstruct MessageSet (currently with {count} message(s)) with msgid range \
         {first}..{end}: last message added has msgid {last}: unable to guarantee consistency"
    );
    slot.xmit.merge(messages, slot.topic.order);
    fatal::raise(&thread.handle, ErrorCode::_INCONSISTENT, &text);
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
        slot.toppar.partition(),
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
