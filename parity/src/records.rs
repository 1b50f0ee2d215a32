//! Record data in words: what a Produce request carries, so that two of them can be compared by
//! eye. Compressed data is decompressed with decoders that are not the library's own.

use std::fmt::Write;
use std::io::{self, Read};

use crate::wire::Fields;

/// Timestamps from here on for ten minutes are the driver's: the same in every run.
const FIRST_TIMESTAMP: i64 = 1_700_000_000_000;

struct Record {
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

/// Record data as a line of words, and whether its bytes can be compared with another run's.
pub fn describe(set: &[u8]) -> (String, bool) {
    let mut out = String::new();
    match batch(set, &mut out) {
        Ok(same) => (out, same),
        Err(error) => (format!("{out} broken: {error}"), false),
    }
}

fn batch(set: &[u8], out: &mut String) -> io::Result<bool> {
    match set.get(16) {
        Some(2) => batch_v2(set, out),
        Some(magic) => messages(*magic, set, out),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn batch_v2(set: &[u8], out: &mut String) -> io::Result<bool> {
    let mut head = Fields(set);
    let (base, length, epoch) = (head.i64()?, head.i32()?, head.i32()?);
    head.i8()?;
    let crc = head.i32()?.cast_unsigned();
    let sound = crc == checksum(0x82F6_3B78, head.0) && length as usize == set.len() - 12;
    let (attributes, last_delta) = (head.i16()?, head.i32()?);
    let (first, max) = (head.i64()?, head.i64()?);
    let (id, id_epoch, sequence) = (head.i64()?, head.i16()?, head.i32()?);
    let count = head.i32()?;
    let codec = attributes & 7;
    let (plain, detail) = decompress(codec, head.0)?;
    write!(
        out,
        "v2 codec={codec}{detail} attributes={} id={id}/{id_epoch} seq={sequence} n={count}",
        attributes & !7
    )
    .ok();
    if !sound || base != 0 || epoch != 0 || last_delta != count - 1 {
        write!(out, " UNSOUND crc/length/base {base}/epoch {epoch}/last {last_delta}").ok();
    }
    let mut fields = Fields(&plain);
    let mut records = Vec::new();
    for _ in 0..count {
        records.push(record(&mut fields, first)?);
    }
    if !fields.0.is_empty() {
        write!(out, " and {} bytes more", fields.0.len()).ok();
    }
    let ours = words(&records, out);
    if ours && codec != 0 {
        write!(out, " data={:016x}", hash(&plain)).ok();
    }
    if max != records.iter().map(|record| record.timestamp).max().unwrap_or(0).max(0) {
        write!(out, " max={}", max - first).ok();
    }
    Ok(ours && codec == 0)
}

fn record(fields: &mut Fields<'_>, first: i64) -> io::Result<Record> {
    let size = usize::try_from(fields.varint()?).unwrap_or(usize::MAX);
    let mut fields = Fields(fields.take(size)?);
    fields.i8()?;
    let timestamp = first + fields.varint()?;
    fields.varint()?;
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    let (key, value) = (owned(fields.varbytes()?), owned(fields.varbytes()?));
    let mut headers = Vec::new();
    for _ in 0..fields.varint()? {
        let name = String::from_utf8_lossy(fields.varbytes()?.unwrap_or_default()).into_owned();
        headers.push((name, owned(fields.varbytes()?)));
    }
    Ok(Record { timestamp, key, value, headers })
}

/// Message sets of versions 0 and 1; a compressed one is a message around a set.
fn messages(magic: u8, set: &[u8], out: &mut String) -> io::Result<bool> {
    let (mut records, codec) = (Vec::new(), codec_of(set)?);
    write!(out, "v{magic} codec={codec}").ok();
    let (mut notes, mut data) = (String::new(), 0);
    if codec == 0 {
        inner(set, &mut records, &mut notes)?;
    } else {
        let mut wrapper = Vec::new();
        inner(set, &mut wrapper, &mut notes)?;
        let value = wrapper.first().and_then(|record| record.value.clone()).unwrap_or_default();
        let (plain, detail) = decompress(codec, &value)?;
        write!(out, "{detail} wrapper={}", wrapper.len()).ok();
        inner(&plain, &mut records, &mut notes)?;
        data = hash(&plain);
        if let [first, ..] = &records[..]
            && wrapper.iter().any(|record| record.timestamp != first.timestamp)
        {
            notes.push_str(" other-time");
        }
    }
    write!(out, " n={}{notes}", records.len()).ok();
    let ours = words(&records, out);
    if ours && codec != 0 {
        write!(out, " data={data:016x}").ok();
    }
    Ok(ours && codec == 0)
}

/// FNV-1a.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn codec_of(set: &[u8]) -> io::Result<i16> {
    set.get(17).map(|&byte| i16::from(byte & 7)).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn inner(set: &[u8], records: &mut Vec<Record>, notes: &mut String) -> io::Result<()> {
    let mut fields = Fields(set);
    while !fields.0.is_empty() {
        let (offset, size) = (fields.i64()?, fields.i32()?);
        let mut message = Fields(fields.take(usize::try_from(size).unwrap_or(usize::MAX))?);
        let crc = message.i32()?.cast_unsigned();
        if crc != checksum(0xEDB8_8320, message.0) {
            notes.push_str(" bad-crc");
        }
        if offset != records.len() as i64 {
            write!(notes, " offset={offset}").ok();
        }
        let magic = message.i8()?;
        message.i8()?;
        let timestamp = if magic == 1 { message.i64()? } else { FIRST_TIMESTAMP };
        let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        let (key, value) = (owned(message.bytes(false)?), owned(message.bytes(false)?));
        records.push(Record { timestamp, key, value, headers: Vec::new() });
    }
    Ok(())
}

/// Plain data, and what is remarkable about the frame.
fn decompress(codec: i16, data: &[u8]) -> io::Result<(Vec<u8>, String)> {
    let bad = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let mut plain = Vec::new();
    let mut detail = String::new();
    match codec {
        0 => plain.extend_from_slice(data),
        1 => {
            detail = format!(" head={:02x?}", data.get(..10).unwrap_or_default());
            flate2::read::GzDecoder::new(data).read_to_end(&mut plain)?;
        }
        2 => {
            plain = snap::raw::Decoder::new().decompress_vec(data).map_err(|_| bad("snappy"))?;
        }
        3 => {
            detail = format!(" frame={:02x?}", data.get(..7).unwrap_or_default());
            plain = lz4(data)?;
        }
        4 => {
            let mut decoder = ruzstd::decoding::StreamingDecoder::new(data)
                .map_err(|error| bad(&error.to_string()))?;
            decoder.read_to_end(&mut plain)?;
        }
        _ => return Err(bad("unknown codec")),
    }
    Ok((plain, detail))
}

/// Blocks of an LZ4 frame whose header may be wrong: magic, flags, block size, checksum.
fn lz4(data: &[u8]) -> io::Result<Vec<u8>> {
    let (mut fields, mut plain) = (Fields(data), Vec::new());
    fields.take(7)?;
    loop {
        let size = fields.i32()?.cast_unsigned().swap_bytes();
        if size == 0 {
            return Ok(plain);
        }
        let block = fields.take((size & 0x7fff_ffff) as usize)?;
        if size >> 31 == 1 {
            plain.extend_from_slice(block);
            continue;
        }
        let more = lz4_flex::block::decompress(block, 4 << 20)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        plain.extend(more);
    }
}

/// Reflected CRC-32 with the given polynomial.
fn checksum(polynomial: u32, bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (at, slot) in (0_u32..).zip(&mut table) {
        *slot = (0..8).fold(at, |crc, _| (crc >> 1) ^ (polynomial * (crc & 1)));
    }
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (crc >> 8) ^ table[((crc ^ u32::from(byte)) & 0xff) as usize])
}

/// `x1..x3` for messages with that in their values, and what else there is; whether all
/// timestamps are the driver's.
fn words(records: &[Record], out: &mut String) -> bool {
    let mut ours = true;
    let tokens: Vec<String> = records
        .iter()
        .map(|record| {
            let delta = record.timestamp - FIRST_TIMESTAMP;
            ours &= (-600_000..600_000).contains(&delta);
            token(record)
        })
        .collect();
    write!(out, " | {}", collapse(&tokens)).ok();
    ours
}

fn shown(bytes: Option<&[u8]>) -> String {
    let Some(bytes) = bytes else { return "null".into() };
    let text = String::from_utf8_lossy(bytes);
    let name = text.trim_end_matches('.');
    if name.len() == bytes.len() {
        format!("'{name}'")
    } else {
        format!("'{name}'({})", bytes.len())
    }
}

fn token(record: &Record) -> String {
    let mut out = shown(record.value.as_deref());
    if record.key.is_some() {
        out = format!("{}={out}", shown(record.key.as_deref()));
    }
    for (name, value) in &record.headers {
        write!(out, "{{{name}:{}}}", shown(value.as_deref())).ok();
    }
    out
}

/// Runs of tokens that differ in one rising number.
pub fn collapse(tokens: &[String]) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut end = at + 1;
        while end < tokens.len() && follows(&tokens[end - 1], &tokens[end]) {
            end += 1;
        }
        if end - at > 2 {
            out.push(format!("{}..{}", tokens[at], tokens[end - 1]));
            at = end;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out.join(" ")
}

/// The second is the first with its first number raised by one.
fn follows(first: &str, second: &str) -> bool {
    let digits = |text: &str| {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let size = text[start..].find(|c: char| !c.is_ascii_digit());
        let end = size.map_or(text.len(), |size| start + size);
        let number: u64 = text[start..end].parse().ok()?;
        Some((text[..start].to_owned(), number, text[end..].to_owned()))
    };
    match (digits(first), digits(second)) {
        (Some(a), Some(b)) => a.0 == b.0 && a.2 == b.2 && a.1 + 1 == b.1,
        _ => false,
    }
}
