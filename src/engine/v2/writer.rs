//! Finishes batches: the header and the codec; message sets for brokers that know no others.
#![forbid(unsafe_code)]

use std::sync::Arc;

use super::format::Format;
use super::sealed::{Encoded, Sealed, Stamp};
use crate::broker::thread::BrokerThread;
use crate::codec::{Codec, Compressor};
use crate::conf::settings::Settings;
use crate::log::{context, level};
use crate::own::arena::Batch;
use crate::own::bytes::Bytes;
use crate::own::topic::Topic;
use crate::own::toppar::Toppar;
use crate::proto::record::OVERHEAD_MAX;
use crate::proto::record::batch::{self, ProducerStamp};
use crate::proto::record::message::MessageSetWriter;

/// Codec contexts, one per codec and level.
pub(super) type Compressors = Vec<((i16, i32), Compressor)>;

/// How many messages of a batch go together: all of them, but for message sets, whose messages take
/// more room than the records that were counted when they came.
pub(super) fn fitting(batch: &Batch, settings: &Settings, magic: i8) -> usize {
    if magic == 2 {
        return batch.len();
    }
    let limit = settings.message_bytes_max.min(settings.batch_bytes_max);
    let mut len = 0;
    let ends = (0..batch.len()).map(|at| {
        len += batch.message(at).record().len_in_set(magic);
        len
    });
    ends.take_while(|len| *len <= limit).count().max(1)
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
    let (other, used) = write(&mut sealed.batch, format.magic, sealed.stamp, compressor);
    if let Some(failure) = failure(compressors, format.codec, topic.settings.level) {
        let codec = format.codec.name();
        let text = format!("{codec} compression failed: {failure}: sending uncompressed");
        let facility = codec.to_ascii_uppercase();
        thread.handle.log.broker(level::ERR, &facility, &thread.name, text);
    }
    let other = other.map(|bytes| Arc::new(Bytes::from(bytes)));
    sealed.encoded = Some(Encoded { other, magic: format.magic, wanted: format.codec });
    tell(thread, topic, toppar, sealed, format, used);
}

/// The bytes of a compressed batch or of a message set, and the codec that was used. None: they are
/// the batch's own.
fn write(
    batch: &mut Batch,
    magic: i8,
    stamp: Stamp,
    compressor: Option<&mut Compressor>,
) -> (Option<Vec<u8>>, Codec) {
    if magic < 2 {
        let (set, used) = message_set(batch, magic, compressor);
        return (Some(set), used);
    }
    if let Some(compressor) = compressor
        && let Some(smaller) = batch.compressed(producer(stamp), compressor)
    {
        return (Some(smaller), compressor.codec());
    }
    batch.seal(producer(stamp));
    (None, Codec::None)
}

/// A message set, for a broker that does not know record batches.
fn message_set(batch: &Batch, magic: i8, compressor: Option<&mut Compressor>) -> (Vec<u8>, Codec) {
    let mut out = Vec::with_capacity(batch.record_bytes() + batch.len() * OVERHEAD_MAX[1]);
    let mut writer = MessageSetWriter::start(&out, magic, batch.message(0).timestamp_ms);
    for at in 0..batch.len() {
        writer.push(&mut out, &batch.message(at).record());
    }
    let used = writer.finish(&mut out, compressor);
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

/// Gives a finished record batch the numbers that it has now.
pub(super) fn restamp(sealed: &mut Sealed) {
    let stamp = producer(sealed.stamp);
    let Some(encoded) = sealed.encoded.as_mut().filter(|encoded| encoded.magic == 2) else {
        return;
    };
    match &mut encoded.other {
        // Requests that had them are gone, so that nothing is copied.
        Some(bytes) => batch::restamp(Arc::make_mut(bytes), stamp),
        None => sealed.batch.seal(stamp),
    }
}

/// The debug line of a batch.
fn tell(
    thread: &BrokerThread,
    topic: &Topic,
    toppar: &Toppar,
    sealed: &Sealed,
    format: &Format,
    used: Codec,
) {
    if !thread.handle.log.debugs(context::MSG) {
        return;
    }
    let (name, partition) = (topic.display_name(), toppar.partition());
    let (count, len) = (sealed.batch.len(), sealed.bytes().len());
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
