//! A Produce request as a list of named fields, so that a difference between two of them has a
//! name. It reads by itself: nothing of what it is used to check is asked.
#![forbid(unsafe_code)]

use crate::codec::{Codec, decompress};

/// A request's fields, in the order of the bytes: name and value.
pub(crate) type Fields = Vec<(String, String)>;

/// Fields whose values depend on the implementation of a codec; they are checked for themselves.
const OF_COMPRESSED_LENGTH: [&str; 5] =
    ["size", "records length", "batch length", "message size", "crc"];

/// The first field in which `ours` differs from `theirs`, `None` if they are equal. The correlation
/// id is not compared.
pub(crate) fn difference(ours: &Fields, theirs: &Fields) -> Option<String> {
    let shown = |field: Option<&(String, String)>| {
        field.map_or_else(|| "nothing".to_owned(), |(name, value)| format!("{name} = {value}"))
    };
    (0..ours.len().max(theirs.len())).find_map(|at| {
        let (our, their) = (ours.get(at), theirs.get(at));
        let is_excused = our.is_some_and(|(name, _)| name == "correlation id");
        let is_equal = our == their || (is_excused && our.map(|f| &f.0) == their.map(|f| &f.0));
        (!is_equal).then(|| format!("ours: {}, expected: {}", shown(our), shown(their)))
    })
}

/// The fields of a frame: sizes and checksums are checked, everything is read to its end.
pub(crate) fn fields(frame: &[u8]) -> Result<Fields, String> {
    let mut walk = Walk { bytes: frame, at: 0, fields: Vec::new(), prefix: String::new() };
    let size = walk.number("size", 4)?;
    walk.check("size", size, frame.len() - 4)?;
    walk.number("api key", 2)?;
    let version = walk.number("api version", 2)?;
    let is_flexible = version >= 9;
    walk.number("correlation id", 4)?;
    let len = walk.int(2)?;
    walk.data("client id", len)?;
    if is_flexible {
        walk.count("header tags", true)?;
    }
    if version >= 3 {
        walk.text("transactional id", is_flexible)?;
    }
    walk.number("acks", 2)?;
    walk.number("timeout", 4)?;
    for topic in 0..walk.count("topics", is_flexible)? {
        walk.prefix = format!("topic[{topic}].");
        walk.text("name", is_flexible)?;
        for partition in 0..walk.count("partitions", is_flexible)? {
            walk.prefix = format!("topic[{topic}].partition[{partition}].");
            walk.number("number", 4)?;
            let len = walk.count("records length", is_flexible)?;
            let data = walk.take(len)?;
            let prefix = walk.prefix.clone();
            walk.fields.extend(records(data, &prefix)?);
            if is_flexible {
                walk.count("tags", true)?;
            }
        }
        walk.prefix = format!("topic[{topic}].");
        if is_flexible {
            walk.count("tags", true)?;
        }
    }
    walk.prefix = String::new();
    if is_flexible {
        walk.count("tags", true)?;
    }
    walk.end()?;
    let mut fields = walk.fields;
    let is_compressed = fields.iter().any(|(name, _)| name.ends_with("codec header"));
    if is_compressed {
        fields.retain(|(name, _)| !OF_COMPRESSED_LENGTH.iter().any(|it| name.ends_with(it)));
    }
    Ok(fields)
}

fn records(data: &[u8], prefix: &str) -> Result<Fields, String> {
    match data.get(16) {
        Some(2) => batch(data, prefix),
        Some(0 | 1) => message_set(data, prefix),
        other => Err(format!("{prefix}magic: {other:?}")),
    }
}

fn batch(data: &[u8], prefix: &str) -> Result<Fields, String> {
    let mut walk = Walk { bytes: data, at: 0, fields: Vec::new(), prefix: prefix.to_owned() };
    walk.number("base offset", 8)?;
    let len = walk.number("batch length", 4)?;
    walk.check("batch length", len, data.len() - 12)?;
    walk.number("leader epoch", 4)?;
    walk.number("magic", 1)?;
    let crc = walk.number("crc", 4)?;
    walk.check_crc(crc, crc32c::crc32c(&data[21..]))?;
    let attributes = walk.number("attributes", 2)?;
    walk.number("last offset delta", 4)?;
    walk.number("base timestamp", 8)?;
    walk.number("highest timestamp", 8)?;
    walk.number("producer id", 8)?;
    walk.number("producer epoch", 2)?;
    walk.number("base sequence", 4)?;
    let count = walk.number("record count", 4)?;
    let rest = walk.take(data.len() - walk.at)?;
    let plain = walk.inflate(attributes, 2, rest)?;
    let mut inner = Walk { bytes: &plain, at: 0, fields: walk.fields, prefix: String::new() };
    for record in 0..count {
        inner.prefix = format!("{prefix}record[{record}].");
        let len = inner.varint("length")?;
        let end = inner.at + usize::try_from(len).map_err(|error| error.to_string())?;
        inner.number("attributes", 1)?;
        inner.varint("timestamp delta")?;
        inner.varint("offset delta")?;
        inner.varint_data("key")?;
        inner.varint_data("value")?;
        for header in 0..inner.varint("header count")? {
            inner.varint_data(&format!("header[{header}].name"))?;
            inner.varint_data(&format!("header[{header}].value"))?;
        }
        let at = i64::try_from(inner.at).map_err(|error| error.to_string())?;
        inner.check("record end", at, end)?;
    }
    inner.end()?;
    Ok(inner.fields)
}

fn message_set(data: &[u8], prefix: &str) -> Result<Fields, String> {
    let mut walk = Walk { bytes: data, at: 0, fields: Vec::new(), prefix: String::new() };
    for message in 0.. {
        if walk.at == data.len() {
            break;
        }
        walk.prefix = format!("{prefix}message[{message}].");
        walk.number("offset", 8)?;
        let size = walk.number("message size", 4)?;
        let size = usize::try_from(size).map_err(|error| error.to_string())?;
        let end = walk.at + size;
        let crc = walk.number("crc", 4)?;
        let covered = data.get(walk.at..end).ok_or("a message ends early")?;
        walk.check_crc(crc, crc32fast::hash(covered))?;
        let magic = walk.number("magic", 1)?;
        let attributes = walk.number("attributes", 1)?;
        if magic == 1 {
            walk.number("timestamp", 8)?;
        }
        let len = walk.int(4)?;
        walk.data("key", len)?;
        let len = walk.int(4)?;
        if attributes & 7 == 0 {
            walk.data("value", len)?;
        } else {
            let packed = walk.take(usize::try_from(len).map_err(|error| error.to_string())?)?;
            let plain = walk.inflate(attributes, magic, packed)?;
            let inner = message_set(&plain, &format!("{}inner.", walk.prefix))?;
            walk.fields.extend(inner);
        }
        let at = i64::try_from(walk.at).map_err(|error| error.to_string())?;
        walk.check("message end", at, end)?;
    }
    Ok(walk.fields)
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    fields: Fields,
    prefix: String,
}

impl<'a> Walk<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        let got = self.at.checked_add(len).and_then(|end| self.bytes.get(self.at..end));
        let got = got.ok_or_else(|| format!("{}: {len} bytes wanted at {}", self.prefix, self.at));
        self.at += len;
        got
    }

    fn note(&mut self, name: &str, value: String) {
        self.fields.push((format!("{}{name}", self.prefix), value));
    }

    /// A signed number of `width` bytes.
    fn int(&mut self, width: usize) -> Result<i64, String> {
        let bytes = self.take(width)?;
        let first = i64::from(bytes[0].cast_signed());
        Ok(bytes[1..].iter().fold(first, |sum, byte| sum << 8 | i64::from(*byte)))
    }

    fn number(&mut self, name: &str, width: usize) -> Result<i64, String> {
        let value = self.int(width)?;
        self.note(name, value.to_string());
        Ok(value)
    }

    fn unsigned(&mut self) -> Result<u64, String> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(format!("{}: an endless varint", self.prefix))
    }

    fn varint(&mut self, name: &str) -> Result<i64, String> {
        let value = self.unsigned()?;
        let value = (value >> 1).cast_signed() ^ -(value & 1).cast_signed();
        self.note(name, value.to_string());
        Ok(value)
    }

    fn varint_data(&mut self, name: &str) -> Result<(), String> {
        let len = self.varint(&format!("{name} length"))?;
        self.data(name, len)
    }

    /// A number of elements or bytes, compact or not. Tags have no compact form: their count is
    /// plain.
    fn count(&mut self, name: &str, is_flexible: bool) -> Result<usize, String> {
        let count = match (is_flexible, name.ends_with("tags")) {
            (true, true) => self.unsigned()?.cast_signed(),
            (true, false) => self.unsigned()?.cast_signed() - 1,
            (false, _) => self.int(4)?,
        };
        self.note(name, count.to_string());
        usize::try_from(count).map_err(|error| format!("{}{name}: {error}", self.prefix))
    }

    fn text(&mut self, name: &str, is_flexible: bool) -> Result<(), String> {
        let len = if is_flexible { self.unsigned()?.cast_signed() - 1 } else { self.int(2)? };
        self.data(name, len)
    }

    /// Bytes of a length; -1 is null.
    fn data(&mut self, name: &str, len: i64) -> Result<(), String> {
        if len == -1 {
            self.note(name, "null".to_owned());
            return Ok(());
        }
        let len =
            usize::try_from(len).map_err(|error| format!("{}{name}: {error}", self.prefix))?;
        let bytes = self.take(len)?;
        self.note(name, format!("{:?}", bytes.escape_ascii().to_string()));
        Ok(())
    }

    fn inflate(&mut self, attributes: i64, magic: i64, packed: &[u8]) -> Result<Vec<u8>, String> {
        let codec = i16::try_from(attributes & 7).ok().and_then(Codec::from_bits);
        let codec = codec.ok_or_else(|| format!("{}codec", self.prefix))?;
        let header_len = match codec {
            Codec::None => return Ok(packed.to_vec()),
            Codec::Gzip => 10,
            Codec::Lz4 => 7,
            // The length that it inflates to.
            Codec::Snappy => packed.iter().position(|byte| byte & 0x80 == 0).unwrap_or(0) + 1,
            Codec::Zstd => 5,
        };
        let header = packed.get(..header_len).ok_or("a codec's header ends early")?;
        self.note("codec header", format!("{header:02x?}"));
        let mut packed = packed.to_vec();
        if (codec, magic) == (Codec::Lz4, 0) {
            // Of flags 60 and 40: the checksum that the frame format wants.
            packed[6] = 0x82;
        }
        decompress(codec, &packed).map_err(|error| format!("{}{error}", self.prefix))
    }

    fn check(&self, name: &str, found: i64, expected: usize) -> Result<(), String> {
        if usize::try_from(found) == Ok(expected) {
            return Ok(());
        }
        Err(format!("{}{name}: {found}, but {expected} bytes", self.prefix))
    }

    fn check_crc(&self, found: i64, computed: u32) -> Result<(), String> {
        let found = u32::try_from(found & 0xffff_ffff).unwrap_or(0);
        if found == computed {
            return Ok(());
        }
        Err(format!("{}crc: {found:#x}, but {computed:#x} computed", self.prefix))
    }

    fn end(&self) -> Result<(), String> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            left => Err(format!("{}: {left} bytes behind the end", self.prefix)),
        }
    }
}
