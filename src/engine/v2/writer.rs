//! Writes batches: how many messages fit, their records, the codec, the header.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::format::Format;
use super::sealed::{Encoded, Sealed, Stamp};
use crate::broker::thread::BrokerThread;
use crate::codec::{Codec, Compressor};
use crate::conf::settings::Settings;
use crate::log::{context, level};
use crate::own::msg::MsgFields;
use crate::own::msgq::MsgQueue;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::record::batch::{self, BatchWriter, HEADER_BYTES, ProducerStamp};
use crate::proto::record::message::MessageSetWriter;
use crate::proto::record::{NewRecord, OVERHEAD_MAX};

/// Codec contexts, one per codec and level.
pub(super) type Compressors = Vec<((i16, i32), Compressor)>;

fn record(message: &MsgFields) -> NewRecord<'_> {
    NewRecord {
        timestamp: message.timestamp_ms(),
        key: message.key(),
        value: message.value(),
        headers: match message.headers() {
            Some(headers) => headers,
            None => &(),
        },
    }
}

/// Takes the messages of the next batch from the head of `queue`: as many as the limits allow, and
/// at least one.
pub(super) fn cut(queue: &mut MsgQueue, settings: &Settings, magic: i8) -> MsgQueue {
    let limit = settings.message_bytes_max.min(settings.batch_bytes_max);
    let most = settings.batch_messages_max.max(1);
    let mut len = if magic == 2 { HEADER_BYTES } else { 0 };
    let base = queue.front().map_or(0, MsgFields::timestamp_ms);
    let mut count = 0;
    for message in queue.iter().take(most) {
        let index = i32::try_from(count).unwrap_or(i32::MAX);
        len += match magic {
            2 => record(message).len_in_batch(base, index),
            _ => record(message).len_in_set(magic),
        };
        if count > 0 && len > limit {
            break;
        }
        count += 1;
    }
    if count == queue.len() {
        return queue.take();
    }
    let mut taken = MsgQueue::new();
    for _ in 0..count {
        taken.push_back(queue.pop_front().expect("so many were counted"));
    }
    taken
}

/// Makes the bytes of a batch, unless it has them in a format that the broker knows.
pub(super) fn encode(
    thread: &BrokerThread,
    topic: &Topic,
    toppar: &Toppar,
    sealed: &mut Sealed,
    format: &Format,
    compressors: &mut Compressors,
) {
    let is_right = |it: &Encoded| (it.magic, it.wanted) == (format.magic, format.codec);
    if sealed.encoded.as_ref().is_some_and(is_right) {
        return;
    }
    let compressor = compressor(compressors, format.codec, topic.settings.level);
    let (bytes, used) = write(&sealed.messages, format.magic, sealed.stamp, compressor);
    if let Some(failure) = failure(compressors, format.codec, topic.settings.level) {
        let codec = format.codec.name();
        let text = format!("{codec} compression failed: {failure}: sending uncompressed");
        let facility = codec.to_ascii_uppercase();
        thread.handle.log.broker(level::ERR, &facility, &thread.name, text);
    }
    tell(thread, topic, toppar, sealed, format, bytes.len(), used);
    sealed.encoded =
        Some(Encoded { bytes: Arc::new(bytes), magic: format.magic, wanted: format.codec });
}

/// The bytes of a batch or message set, and the codec that was used.
fn write(
    messages: &MsgQueue,
    magic: i8,
    stamp: Stamp,
    compressor: Option<&mut Compressor>,
) -> (Vec<u8>, Codec) {
    let fields = usize::try_from(messages.bytes()).unwrap_or(0);
    let mut out = Vec::with_capacity(HEADER_BYTES + fields + messages.len() * OVERHEAD_MAX[0]);
    let base = messages.front().map_or(0, MsgFields::timestamp_ms);
    let used = if magic == 2 {
        let mut writer = BatchWriter::start(&mut out, base);
        for message in messages.iter() {
            writer.push(&mut out, &record(message));
        }
        writer.finish(&mut out, producer(stamp), compressor)
    } else {
        let mut writer = MessageSetWriter::start(&out, magic, base);
        for message in messages.iter() {
            writer.push(&mut out, &record(message));
        }
        writer.finish(&mut out, compressor)
    };
    (out, used)
}

/// What a batch says of its producer.
fn producer(stamp: Stamp) -> ProducerStamp {
    match stamp.pid.is_valid() {
        false => ProducerStamp::NONE,
        true => ProducerStamp {
            id: stamp.pid.id,
            epoch: stamp.pid.epoch,
            base_sequence: stamp.first_seq,
            is_transactional: false,
        },
    }
}

/// Gives a finished record batch other numbers.
pub(super) fn restamp(encoded: &mut Encoded, stamp: Stamp) {
    // Requests that had them are gone, so that nothing is copied.
    batch::restamp(Arc::make_mut(&mut encoded.bytes), producer(stamp));
}

/// The debug line of a batch.
fn tell(
    thread: &BrokerThread,
    topic: &Topic,
    toppar: &Toppar,
    sealed: &Sealed,
    format: &Format,
    len: usize,
    used: Codec,
) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let (name, partition, count) =
        (topic.display_name(), toppar.partition(), sealed.messages.len());
    let (version, magic, codec) = (format.version, format.magic, used.name());
    let text = format_args!(
        "{name} [{partition}]: Produce MessageSet with {count} message(s) ({len} bytes, ApiVersion \
         {version}, MsgVersion {magic}, {codec})"
    );
    thread.debug(context::MSG, "PRODUCE", text);
}

fn position(kept: &Compressors, codec: Codec, level: i32) -> Option<usize> {
    kept.iter().position(|(key, _)| *key == (codec.bits(), level))
}

/// The kept context of a codec and level.
fn compressor(kept: &mut Compressors, codec: Codec, level: i32) -> Option<&mut Compressor> {
    if codec == Codec::None {
        return None;
    }
    let at = position(kept, codec, level).unwrap_or_else(|| {
        kept.push(((codec.bits(), level), Compressor::new(codec, level)));
        kept.len() - 1
    });
    Some(&mut kept[at].1)
}

/// Why the last batch was not compressed, if it should have been.
fn failure(kept: &mut Compressors, codec: Codec, level: i32) -> Option<crate::codec::CodecError> {
    let at = position(kept, codec, level)?;
    kept[at].1.take_failure()
}
