//! The message set writer: a request for one partition, step by step: version and buffer, headers,
//! messages from the transmit queue, compression, the finished header.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::format::{self, Format};
use super::gate;
use super::idempotence::{self, Numbering};
use crate::broker::request::{Handler, Request};
use crate::broker::thread::BrokerThread;
use crate::codec::{Codec, Compressor};
use crate::delivery::fatal;
use crate::error::ErrorCode;
use crate::log::{context, level};
use crate::own::msg::MsgFields;
use crate::own::msgq::MsgQueue;
use crate::own::msgset_writer;
use crate::own::segbuf::SegBuf;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::produce::{RequestParams, SingleWriter};
use crate::proto::record::batch::{self, BatchWriter};
use crate::proto::record::message::MessageSetWriter;
use crate::proto::record::{NewRecord, OVERHEAD_MAX, RecordHeaders};
use crate::proto::wire::Buffer;
use crate::proto::{api, header};
use crate::sys::clock::Ts;

/// Bytes that are reserved for a request beside its messages.
const FRAME_BYTES: usize = 384;

/// The state of a message set while it is written.
pub(super) type MsgsetWriter = msgset_writer::MsgsetWriter<Handler>;

/// Codec contexts, one per codec and level.
pub(super) type Compressors = Vec<((i16, i32), Compressor)>;

/// The partition whose messages are written.
pub(super) struct Source<'a> {
    /// The partition.
    pub(super) toppar: &'a Arc<Toppar>,
    /// Its topic.
    pub(super) topic: &'a Topic,
    /// The messages; those that are written leave it.
    pub(super) queue: &'a mut MsgQueue,
    /// How the batch is numbered.
    pub(super) numbering: Numbering,
}

/// A request that was written.
pub(super) struct Written {
    /// Its bytes and messages. It is not complete: see [`SingleWriter::end`].
    pub(super) request: Request,
    /// Bytes of the message set, framing included.
    pub(super) set_bytes: usize,
}

/// Writes a request of messages from the source's queue; `None` if none may go now.
///
/// Historical: `rd_kafka_msgset_create_ProduceRequest`.
pub(super) fn create(
    thread: &mut BrokerThread,
    source: &mut Source<'_>,
    compressors: &mut Compressors,
    now: Ts,
) -> Option<Written> {
    // A head that backs off would give an empty request.
    if source.queue.front()?.backoff() > now {
        return None;
    }
    let mut writer = MsgsetWriter::default();
    if !init(&mut writer, thread, source, now) {
        return None;
    }
    if !write_msgq(&mut writer, thread, source.queue, now) {
        give_back(&mut writer, source);
        return None;
    }
    finalize(&mut writer, thread, source, compressors)
}

/// Begins a message set. `false`: there is nothing to write, or no common version.
///
/// Historical: `rd_kafka_msgset_writer_init`.
pub(super) fn init(
    writer: &mut MsgsetWriter,
    thread: &mut BrokerThread,
    source: &mut Source<'_>,
    now: Ts,
) -> bool {
    if source.queue.is_empty() {
        return false;
    }
    let Some(Format { magic, version, codec }) = format::select(thread, source, now) else {
        return false;
    };
    let count_max = source.queue.len().min(thread.handle.settings.batch_messages_max);
    writer.api_version = version;
    writer.msg_version = magic.into();
    writer.compression = codec.bits().into();
    writer.msgcntmax = i32::try_from(count_max).unwrap_or(i32::MAX);
    writer.relative_offsets = i32::from(magic == 1);
    writer.pid = source.numbering.pid;
    alloc_buf(writer, thread, source);
    write_produce_header(writer, thread, source);
    if let (Some(request), Some(first)) = (&mut writer.rkbuf, source.queue.front()) {
        request.init_batch(source.toppar, &source.numbering.of_batch(first));
    }
    true
}

/// Makes the request, with room for what is queued.
///
/// Historical: `rd_kafka_msgset_writer_alloc_buf`.
pub(super) fn alloc_buf(writer: &mut MsgsetWriter, thread: &mut BrokerThread, source: &Source<'_>) {
    let limit = limit(thread);
    let count_max = usize::try_from(writer.msgcntmax).unwrap_or(0);
    let queued = usize::try_from(source.queue.bytes()).unwrap_or(0);
    let expected = queued + count_max * OVERHEAD_MAX[2] + FRAME_BYTES;
    let block = thread.block(expected.min(limit + FRAME_BYTES));
    let mut request = Request::new(api::PRODUCE, writer.api_version, block);
    request.set_broker(&thread.broker);
    writer.batch = request.batch_as_c();
    writer.rkbuf = Some(request);
}

/// Writes everything that stands before the first record.
///
/// Historical: `rd_kafka_msgset_writer_write_Produce_header`.
pub(super) fn write_produce_header(
    writer: &mut MsgsetWriter,
    thread: &BrokerThread,
    source: &Source<'_>,
) {
    let timestamp = source.queue.front().map_or(0, |first| first.timestamp_ms());
    let version = writer.api_version;
    let Some(mut bytes) = writer.rkbuf.as_mut().map(Request::bytes) else { return };
    header::start(&mut bytes, api::PRODUCE, version, &thread.handle.settings.client_id);
    let params = RequestParams {
        version,
        transactional_id: None,
        acks: source.topic.settings.acks,
        timeout_ms: source.topic.settings.request_timeout_ms,
    };
    let name = source.topic.name().to_bytes();
    let skeleton = SingleWriter::start(&mut bytes, &params, name, source.toppar.partition());
    writer.of_message_set_size = skeleton.length_at();
    writer.of_start = bytes.position();
    writer.firstmsg.timestamp = timestamp;
    if writer.msg_version == 2 {
        BatchWriter::start(&mut bytes, timestamp);
        writer.of_crc = writer.of_start + batch::CRC_AT;
        writer.message_set_size = batch::HEADER_BYTES;
    }
    writer.firstmsg.of = bytes.position();
}

/// Moves messages from the queue into the batch and writes their records, as many as fit. `false`:
/// a batch that was sent before cannot be put together again, which is fatal.
///
/// Historical: `rd_kafka_msgset_writer_write_msgq`.
pub(super) fn write_msgq(
    writer: &mut MsgsetWriter,
    thread: &BrokerThread,
    queue: &mut MsgQueue,
    now: Ts,
) -> bool {
    let limit = limit(thread);
    let Some(mut request) = writer.rkbuf.take() else { return true };
    let last_msgid = request.batch().map_or(0, |batch| batch.ids.last_msgid);
    let skeleton = SingleWriter::resume(writer.api_version, writer.of_message_set_size);
    let mut len = skeleton.limited_len(&request.bytes());
    let mut records = Records::resume(writer, 0);
    let mut count = 0;
    while count < writer.msgcntmax {
        let Some(message) = queue.front() else { break };
        let is_too_much = count > 0 && len + size_max(message, writer.msg_version) > limit;
        // A batch that was sent before has the same messages again: the broker knows it by them.
        let is_complete = last_msgid != 0 && message.id() > last_msgid;
        if is_complete || is_too_much || message.backoff() > now {
            break;
        }
        let Some(message) = queue.pop_front() else { break };
        writer.messages_kvlen += message.queued_len();
        let written =
            request.put_message(message, |bytes, message| write_msg(&mut records, bytes, message));
        writer.messages_len += written;
        len += written;
        count += 1;
    }
    writer.max_timestamp = records.max_timestamp();
    let is_whole = last_msgid == 0 || ends_with(&mut request, last_msgid);
    if !is_whole {
        tell_broken(thread, &mut request);
    }
    writer.rkbuf = Some(request);
    is_whole
}

/// Writes the record of a message of the batch behind the others; returns the record's bytes.
///
/// Historical: `rd_kafka_msgset_writer_write_msg`.
#[inline]
pub(super) fn write_msg(
    records: &mut Records,
    bytes: &mut SegBuf<'_>,
    message: &MsgFields,
) -> usize {
    records.push(bytes, message)
}

/// Does the batch end with this message? An empty one does.
fn ends_with(request: &mut Request, last_msgid: u64) -> bool {
    let batch = request.batch();
    batch.is_none_or(|batch| batch.messages.back().is_none_or(|last| last.id() == last_msgid))
}

fn tell_broken(thread: &BrokerThread, request: &mut Request) {
    let Some(batch) = request.batch() else { return };
    let (count, last) = (batch.messages.len(), batch.messages.back().map_or(0, |last| last.id()));
    let (first, end) = (batch.ids.first_msgid, batch.ids.last_msgid);
    let text = format!(
        "Unable to reconstruct MessageSet (currently with {count} message(s)) with msgid range \
         {first}..{end}: last message added has msgid {last}: unable to guarantee consistency"
    );
    fatal::raise(&thread.handle, ErrorCode::_INCONSISTENT, &text);
}

/// Puts the messages of an unfinished set back.
fn give_back(writer: &mut MsgsetWriter, source: &mut Source<'_>) {
    let Some(mut request) = writer.rkbuf.take() else { return };
    drop(request.free_bytes());
    if let Some(mut batch) = request.batch() {
        source.queue.merge(&mut batch.messages, source.topic.order);
    }
}

/// Finishes a message set: counts, compression, header, lengths. `None`: it is empty.
///
/// Historical: `rd_kafka_msgset_writer_finalize`.
pub(super) fn finalize(
    writer: &mut MsgsetWriter,
    thread: &BrokerThread,
    source: &Source<'_>,
    compressors: &mut Compressors,
) -> Option<Written> {
    let mut request = writer.rkbuf.take()?;
    let count = request.batch().map_or(0, |batch| batch.messages.len());
    if count == 0 {
        return None;
    }
    source.toppar.count_sent(count, i64::try_from(writer.messages_kvlen).unwrap_or(i64::MAX));
    let codec = codec(writer);
    let compressor = compressor(compressors, codec, source.topic.settings.level);
    let used = compress(writer, thread, &mut request, count, compressor);
    writer.attributes = used.bits().into();
    finalize_header(writer, &mut request, count);
    let skeleton = SingleWriter::resume(writer.api_version, writer.of_message_set_size);
    let mut bytes = request.bytes();
    writer.message_set_size = skeleton.records_len(&bytes);
    let part = skeleton.finish(&mut bytes);
    let len = bytes.position();
    request.set_part(part);
    tell(writer, thread, source, count, len, codec);
    gate::take_off(thread, source.toppar, i32::try_from(count).unwrap_or(i32::MAX));
    Some(Written { request, set_bytes: writer.message_set_size })
}

/// Compresses the records, if a codec is given and that makes them no larger; returns the codec
/// that was used. A failure is logged, and the records stay as they are.
///
/// Historical: `rd_kafka_msgset_writer_compress`.
pub(super) fn compress(
    writer: &mut MsgsetWriter,
    thread: &BrokerThread,
    request: &mut Request,
    count: usize,
    compressor: Option<&mut Compressor>,
) -> Codec {
    let Some(compressor) = compressor else { return Codec::None };
    let mut bytes = request.bytes();
    let used = Records::resume(writer, count).compress(&mut bytes, compressor);
    writer.messages_len = bytes.position() - writer.firstmsg.of;
    if let Some(failure) = compressor.take_failure() {
        let codec = compressor.codec().name();
        let text = format!("{codec} compression failed: {failure}: sending uncompressed");
        let facility = codec.to_ascii_uppercase();
        thread.handle.log.broker(level::ERR, &facility, &thread.name, text);
    }
    used
}

/// Writes the header of a record batch, whose other bytes are final. Message sets have none.
///
/// Historical: `rd_kafka_msgset_writer_finalize_MessageSet_v2_header`.
pub(super) fn finalize_header(writer: &mut MsgsetWriter, request: &mut Request, count: usize) {
    let Some(ids) = request.batch().map(|batch| batch.ids) else { return };
    if let Records::Batch(batch) = Records::resume(writer, count) {
        let codec = i16::try_from(writer.attributes).ok().and_then(Codec::from_bits);
        let stamp = idempotence::stamp(&ids);
        batch.write_header(&mut request.bytes(), stamp, codec.unwrap_or(Codec::None));
    }
}

/// The debug line of a batch.
fn tell(
    writer: &MsgsetWriter,
    thread: &BrokerThread,
    source: &Source<'_>,
    count: usize,
    len: usize,
    codec: Codec,
) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let text = format_args!(
        "{} [{}]: Produce MessageSet with {count} message(s) ({len} bytes, ApiVersion {}, \
         MsgVersion {}, {})",
        source.topic.display_name(),
        source.toppar.partition(),
        writer.api_version,
        writer.msg_version,
        codec.name()
    );
    thread.debug(context::MSG, "PRODUCE", text);
}

/// Most bytes of a request.
fn limit(thread: &BrokerThread) -> usize {
    let settings = &thread.handle.settings;
    settings.message_bytes_max.min(settings.batch_bytes_max)
}

/// Most bytes that a message takes.
fn size_max(message: &MsgFields, magic: i32) -> usize {
    let headers = match magic {
        2 => message.headers().map_or(0, RecordHeaders::wire_len),
        _ => 0,
    };
    OVERHEAD_MAX[usize::try_from(magic).unwrap_or(2)] + message.queued_len() + headers
}

/// A batch or a message set.
pub(super) enum Records {
    /// A record batch (format 2).
    Batch(BatchWriter),
    /// A message set (formats 0 and 1).
    Set(MessageSetWriter),
}

impl Records {
    /// Goes on with the writer's records, of which there are `count`.
    pub(super) fn resume(writer: &MsgsetWriter, count: usize) -> Self {
        let (start, timestamp) = (writer.of_start, writer.firstmsg.timestamp);
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        match writer.msg_version {
            2 => Self::Batch(BatchWriter::resume(start, timestamp, writer.max_timestamp, count)),
            magic => {
                let magic = i8::from(magic != 0);
                Self::Set(MessageSetWriter::resume(start, magic, timestamp, count.into()))
            }
        }
    }

    fn push(&mut self, bytes: &mut SegBuf<'_>, message: &MsgFields) -> usize {
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

    pub(super) fn max_timestamp(&self) -> i64 {
        match self {
            Self::Batch(batch) => batch.max_timestamp(),
            Self::Set(_) => 0,
        }
    }

    fn compress(self, bytes: &mut SegBuf<'_>, compressor: &mut Compressor) -> Codec {
        match self {
            Self::Batch(batch) => batch.compress(bytes, compressor),
            Self::Set(set) => set.finish(bytes, Some(compressor)),
        }
    }
}

/// The codec that the set is compressed with.
pub(super) fn codec(writer: &MsgsetWriter) -> Codec {
    let bits = i16::try_from(writer.compression).ok();
    bits.and_then(Codec::from_bits).unwrap_or(Codec::None)
}

/// The kept context of a codec and level.
pub(super) fn compressor(
    kept: &mut Compressors,
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
