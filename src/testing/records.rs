//! Reads what stands for a partition in a request or a log, in any message format.
#![forbid(unsafe_code)]

use super::marks::Marks;
use crate::codec::Codec;
use crate::proto::record::batch::ProducerStamp;
use crate::proto::record::reader;
use crate::proto::wire::{DecodeError, Read, Result};

/// Where the format's number stands, in sets and batches alike.
const MAGIC_AT: usize = 16;

/// Messages that belong together.
pub(super) struct Records {
    /// Their format.
    pub(super) magic: u8,
    /// Their codec, if it is known.
    pub(super) codec: Option<Codec>,
    /// Who produced them.
    pub(super) producer: ProducerStamp,
    /// Their values.
    pub(super) values: Vec<Vec<u8>>,
}

impl Records {
    /// Notes which places they reach.
    pub(super) fn note(&self, marks: &mut Marks) {
        marks.reach(match self.codec {
            Some(Codec::Gzip) => "codec gzip",
            Some(Codec::Snappy) => "codec snappy",
            Some(Codec::Lz4) => "codec lz4",
            Some(Codec::Zstd) => "codec zstd",
            _ => "codec none",
        });
        marks.reach(if self.values.len() == 1 { "batch of one" } else { "batch of many" });
        marks.reach_if(self.magic == 0, "message format 0");
        marks.reach_if(self.magic == 1, "message format 1");
    }
}

/// Reads a batch or an uncompressed set.
pub(super) fn read(bytes: &[u8]) -> Result<Records> {
    match bytes.get(MAGIC_AT).copied() {
        Some(magic @ 0..=1) => set(bytes, magic),
        _ => {
            let (head, records) = reader::records(bytes)?;
            let value = |record: reader::Record| record.value.unwrap_or_default();
            let values = records.into_iter().map(value).collect();
            Ok(Records { magic: 2, codec: head.codec(), producer: head.producer, values })
        }
    }
}

fn set(bytes: &[u8], magic: u8) -> Result<Records> {
    let mut read = Read::new(bytes);
    let mut values = Vec::new();
    while read.at() < bytes.len() {
        read.i64()?;
        let size = usize::try_from(read.i32()?).unwrap_or(usize::MAX);
        let message = read.take(size)?;
        values.push(message_value(message, magic)?);
    }
    Ok(Records { magic, codec: Some(Codec::None), producer: ProducerStamp::NONE, values })
}

fn message_value(message: &[u8], magic: u8) -> Result<Vec<u8>> {
    let bad = |what: &str| DecodeError::Bad(format!("message of format {magic}: {what}"));
    let mut read = Read::new(message);
    let sum = read.u32()?;
    if crc32fast::hash(&message[read.at()..]) != sum {
        return Err(bad("CRC"));
    }
    let head = read.take(2)?;
    if head[0] != magic || head[1] != 0 {
        return Err(bad("format or attributes"));
    }
    if magic == 1 {
        read.i64()?;
    }
    let mut field = || -> Result<Vec<u8>> {
        let len = usize::try_from(read.i32()?).unwrap_or(0);
        read.take(len).map(<[u8]>::to_vec)
    };
    field()?;
    field()
}
