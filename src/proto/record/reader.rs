//! Reading record batches: what the mock cluster checks, and what tests compare with.
//!
//! Every fault is named with the place; nothing is allocated beyond what the bytes justify.
#![forbid(unsafe_code)]

use super::batch::{HEADER_BYTES, ProducerStamp};
use crate::codec::{self, Codec};
use crate::proto::wire::{DecodeError, Read, Result};

/// A batch's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    /// Offset of the first record.
    pub(crate) base_offset: i64,
    /// Bytes of the whole batch.
    pub(crate) len: usize,
    /// Attribute bits.
    pub(crate) attributes: i16,
    /// Last offset minus base offset.
    pub(crate) last_offset_delta: i32,
    /// First record's timestamp.
    pub(crate) base_timestamp: i64,
    /// Highest timestamp.
    pub(crate) max_timestamp: i64,
    /// Producer id, epoch, sequence.
    pub(crate) producer: ProducerStamp,
    /// Number of records.
    pub(crate) count: i32,
}

impl BatchHeader {
    /// Its codec; `None` for a number that is not known.
    pub(crate) fn codec(&self) -> Option<Codec> {
        Codec::from_bits(self.attributes)
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Its offset.
    pub(crate) offset: i64,
    /// Milliseconds since the epoch.
    pub(crate) timestamp: i64,
    /// The key.
    pub(crate) key: Option<Vec<u8>>,
    /// The value.
    pub(crate) value: Option<Vec<u8>>,
    /// The headers.
    pub(crate) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// Fewest bytes of a record: length, attributes, two deltas, two null fields, header count.
const RECORD_BYTES_MIN: usize = 7;

/// Reads batch after batch until the bytes end or one is damaged, which is the last that is given.
pub(crate) fn read_batches(
    mut bytes: &[u8],
) -> impl Iterator<Item = Result<(BatchHeader, Vec<Record>)>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let batch = records(bytes);
        bytes = match &batch {
            Ok((header, _)) => &bytes[header.len..],
            Err(_) => &[],
        };
        Some(batch)
    })
}

/// The length of the batch at the start of `bytes`, from its first twelve bytes.
pub(crate) fn batch_len(bytes: &[u8]) -> Result<usize> {
    let mut read = Read::new(bytes);
    read.i64()?;
    let length = read.i32()?;
    let len = usize::try_from(length)
        .ok()
        .and_then(|length| length.checked_add(12))
        .filter(|len| *len >= HEADER_BYTES)
        .ok_or_else(|| DecodeError::Bad(format!("batch length {length}")))?;
    if len > bytes.len() {
        return Err(DecodeError::Underflow { wanted: len, left: bytes.len(), at: 0 });
    }
    Ok(len)
}

/// Reads and checks the header of the batch at the start of `bytes`: magic, length, count, CRC.
pub(crate) fn header(bytes: &[u8]) -> Result<BatchHeader> {
    let magic =
        *bytes.get(16).ok_or(DecodeError::Underflow { wanted: 17, left: bytes.len(), at: 0 })?;
    if magic != 2 {
        return Err(DecodeError::Bad(format!("message format {magic}, 2 expected")));
    }
    let len = batch_len(bytes)?;
    let bytes = &bytes[..len];
    let mut read = Read::new(bytes);
    let base_offset = read.i64()?;
    read.take(9)?;
    let crc = read.u32()?;
    let computed = crc32c::crc32c(&bytes[read.at()..]);
    if crc != computed {
        return Err(DecodeError::Bad(format!("CRC {computed:#010x} computed, {crc:#010x} found")));
    }
    let attributes = read.i16()?;
    let last_offset_delta = read.i32()?;
    let (base_timestamp, max_timestamp) = (read.i64()?, read.i64()?);
    let producer = ProducerStamp {
        id: read.i64()?,
        epoch: read.i16()?,
        base_sequence: read.i32()?,
        is_transactional: attributes & 0x10 != 0,
    };
    let count = read.i32()?;
    if count < 1 || last_offset_delta != count - 1 {
        return Err(DecodeError::Bad(format!(
            "{count} records, last offset delta {last_offset_delta}"
        )));
    }
    Ok(BatchHeader {
        base_offset,
        len,
        attributes,
        last_offset_delta,
        base_timestamp,
        max_timestamp,
        producer,
        count,
    })
}

/// Reads the records of the batch at the start of `bytes`.
pub(crate) fn records(bytes: &[u8]) -> Result<(BatchHeader, Vec<Record>)> {
    let header = header(bytes)?;
    let packed = &bytes[HEADER_BYTES..header.len];
    let codec = header
        .codec()
        .ok_or_else(|| DecodeError::Bad(format!("attributes {:#06x}", header.attributes)))?;
    let plain = codec::decompress(codec, packed)
        .map_err(|error| DecodeError::Bad(format!("{} records: {error}", codec.name())))?;
    let mut read = Read::new(&plain);
    let count = usize::try_from(header.count).unwrap_or(usize::MAX);
    if count > plain.len() / RECORD_BYTES_MIN {
        return Err(DecodeError::Bad(format!("{count} records in {} bytes", plain.len())));
    }
    let mut records = Vec::with_capacity(count);
    for _ in 0..header.count {
        records.push(record(&mut read, &header)?);
    }
    if read.left() != 0 {
        return Err(DecodeError::Bad(format!("{} bytes behind the last record", read.left())));
    }
    Ok((header, records))
}

fn record(read: &mut Read<'_>, batch: &BatchHeader) -> Result<Record> {
    let length = usize::try_from(read.varint()?).map_err(|_| read.bad("record length"))?;
    let mut body = Read::new(read.take(length)?);
    body.i8()?;
    let timestamp = batch.base_timestamp.wrapping_add(body.varlong()?);
    let offset = batch.base_offset.wrapping_add(body.varlong()?);
    let key = field(&mut body)?;
    let value = field(&mut body)?;
    let count = body.varint()?;
    let count = usize::try_from(count)
        .ok()
        .filter(|count| *count <= body.left())
        .ok_or_else(|| body.bad("header count"))?;
    let mut headers = Vec::new();
    for _ in 0..count {
        let name = field(&mut body)?.ok_or_else(|| body.bad("header name"))?;
        headers.push((name, field(&mut body)?));
    }
    if body.left() != 0 {
        return Err(body.bad("record end"));
    }
    Ok(Record { offset, timestamp, key, value, headers })
}

fn field(read: &mut Read<'_>) -> Result<Option<Vec<u8>>> {
    match read.varint()? {
        -1 => Ok(None),
        length => {
            let length = usize::try_from(length).map_err(|_| read.bad("field length"))?;
            Ok(Some(read.take(length)?.to_vec()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Compressor;
    use crate::proto::record::NewRecord;
    use crate::proto::record::batch::BatchWriter;
    use proptest::prelude::*;

    type Input = (i64, Option<Vec<u8>>, Option<Vec<u8>>);

    fn written(inputs: &[Input], codec: Codec) -> Vec<u8> {
        let mut out = Vec::new();
        let mut batch = BatchWriter::start(&mut out, inputs[0].0);
        for (timestamp, key, value) in inputs {
            let record = NewRecord {
                timestamp: *timestamp,
                key: key.as_deref(),
                value: value.as_deref(),
                headers: &(),
            };
            batch.push(&mut out, &record);
        }
        let mut compressor = Compressor::new(codec, -1);
        let compressor = (codec != Codec::None).then_some(&mut compressor);
        batch.finish(&mut out, ProducerStamp::NONE, compressor);
        out
    }

    fn inputs() -> impl Strategy<Value = Vec<Input>> {
        let bytes = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..200));
        proptest::collection::vec((0i64..1 << 45, bytes.clone(), bytes), 1..30)
    }

    fn one_record() -> Vec<u8> {
        written(&[(5, Some(b"key".to_vec()), None)], Codec::None)
    }

    /// `bytes` with other bytes at `at`, and a CRC that is right again.
    fn changed(bytes: &[u8], at: usize, with: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[at..at + with.len()].copy_from_slice(with);
        let crc = crc32c::crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    #[test]
    fn each_fault_is_named() {
        let good = one_record();
        let mut bad_crc = good.clone();
        bad_crc[20] ^= 1;
        for (bytes, expected) in [
            (good[..10].to_vec(), "17 bytes expected, 10 left"),
            (good[..good.len() - 1].to_vec(), "71 bytes expected, 70 left"),
            (changed(&good, 16, &[1]), "message format 1, 2 expected"),
            (changed(&good, 8, &[0, 0, 0, 48]), "batch length 48"),
            (changed(&good, 8, &[0xff; 4]), "batch length -1"),
            (bad_crc, "computed"),
            (changed(&good, 22, &[5]), "attributes 0x0005"),
            (changed(&good, 57, &[0, 0, 0, 2]), "2 records, last offset delta 0"),
            (changed(&changed(&good, 57, &[0, 0, 0, 2]), 26, &[1]), "2 records in 10 bytes"),
            (changed(&good, 61, &[0x01]), "bad record length"),
            (changed(&good, 61, &[0x10]), "1 bytes expected, 0 left"),
            (changed(&changed(&good, 65, &[4]), 68, &[1, 0]), "bad record end"),
            (changed(&good, 65, &[0x7e]), "63 bytes expected, 5 left"),
            (changed(&good, 65, &[0x03]), "bad field length"),
            (changed(&good, 70, &[0x02]), "bad header count"),
            (changed(&good, 22, &[1]), "gzip records"),
        ] {
            let error = records(&bytes).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }

    #[test]
    fn batches_are_read_one_after_the_other_up_to_a_damaged_one() {
        let good = one_record();
        let twice = [&good[..], &good[..]].concat();
        assert_eq!(read_batches(&twice).filter(Result::is_ok).count(), 2);
        let damaged = [&good[..], &good[..20], &good[..]].concat();
        assert_eq!(
            read_batches(&damaged).map(|batch| batch.is_ok()).collect::<Vec<_>>(),
            [true, false]
        );
        assert_eq!(read_batches(&[]).count(), 0);
    }

    #[test]
    fn a_batch_that_inflates_without_end_is_refused() {
        let zeros = vec![(1, None, Some(vec![0; 80 << 20]))];
        for codec in [Codec::Gzip, Codec::Lz4, Codec::Zstd] {
            let error = records(&written(&zeros, codec)).expect_err("80 MiB of zeros").to_string();
            assert!(error.contains("more than"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(inputs in inputs(), codec in 0i16..5) {
            let codec = Codec::from_bits(codec).expect("0 to 4");
            let bytes = written(&inputs, codec);
            let (header, read) = records(&bytes).expect("our own bytes");
            prop_assert_eq!(header.len, bytes.len());
            let read: Vec<Input> =
                read.into_iter().map(|it| (it.timestamp, it.key, it.value)).collect();
            prop_assert_eq!(read, inputs);
        }

        #[test]
        fn damaged_bytes_never_panic(
            inputs in inputs(),
            codec in 0i16..5,
            at in 0usize..5000,
            with in any::<u8>(),
        ) {
            let codec = Codec::from_bits(codec).expect("0 to 4");
            let mut bytes = written(&inputs, codec);
            let at = at % bytes.len();
            bytes[at] ^= with;
            // The CRC catches every change behind it, the checks before it the rest, or the change
            // is in a field that the CRC does not cover and that means nothing here.
            if with != 0 && at >= 17 {
                prop_assert!(records(&bytes).is_err());
            }
            bytes.truncate(at);
            prop_assert!(records(&bytes).is_err());
        }

        #[test]
        fn damage_with_a_right_crc_never_panics(
            inputs in inputs(),
            codec in 0i16..5,
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let codec = Codec::from_bits(codec).expect("0 to 4");
            let mut bytes = written(&inputs, codec);
            for (at, with) in changes {
                let at = 21 + at.index(bytes.len() - 21);
                bytes = changed(&bytes, at, &[with]);
            }
            if let Ok((header, records)) = records(&bytes) {
                prop_assert_eq!(usize::try_from(header.count), Ok(records.len()));
            }
        }
    }
}
