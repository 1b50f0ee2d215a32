//! Fields of the protocol, big-endian: read from requests, put into responses.

use std::io;

/// Reads fields; a request that ends early is an error of the connection.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    pub fn take(&mut self, size: usize) -> io::Result<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(size).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.0 = tail;
        Ok(head)
    }

    pub fn i8(&mut self) -> io::Result<i8> {
        self.take(1).map(|b| b[0].cast_signed())
    }

    pub fn i16(&mut self) -> io::Result<i16> {
        self.take(2).map(|b| i16::from_be_bytes([b[0], b[1]]))
    }

    pub fn i32(&mut self) -> io::Result<i32> {
        self.take(4).map(|b| i32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }

    pub fn i64(&mut self) -> io::Result<i64> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(i64::from_be_bytes(bytes))
    }

    pub fn uvarint(&mut self) -> io::Result<u64> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift > 63 {
                return Ok(value);
            }
        }
    }

    pub fn varint(&mut self) -> io::Result<i64> {
        let value = self.uvarint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn sized(&mut self, size: i64) -> io::Result<Option<&'a [u8]>> {
        usize::try_from(size).ok().map(|size| self.take(size)).transpose()
    }

    /// A nullable string or nullable bytes, by the width of its length.
    pub fn string(&mut self, compact: bool) -> io::Result<Option<String>> {
        let size = if compact { self.uvarint()?.cast_signed() - 1 } else { self.i16()?.into() };
        Ok(self.sized(size)?.map(|text| String::from_utf8_lossy(text).into_owned()))
    }

    pub fn bytes(&mut self, compact: bool) -> io::Result<Option<&'a [u8]>> {
        let size = if compact { self.uvarint()?.cast_signed() - 1 } else { self.i32()?.into() };
        self.sized(size)
    }

    pub fn varbytes(&mut self) -> io::Result<Option<&'a [u8]>> {
        let size = self.varint()?;
        self.sized(size)
    }

    pub fn count(&mut self, compact: bool) -> io::Result<i64> {
        if compact { Ok(self.uvarint()?.cast_signed() - 1) } else { self.i32().map(i64::from) }
    }

    pub fn tags(&mut self, compact: bool) -> io::Result<()> {
        if compact {
            for _ in 0..self.uvarint()? {
                self.uvarint()?;
                let size = self.uvarint()?;
                self.take(usize::try_from(size).unwrap_or(usize::MAX))?;
            }
        }
        Ok(())
    }
}

/// Writes fields; `compact` is that of the version.
pub struct Out {
    pub bytes: Vec<u8>,
    pub compact: bool,
}

impl Out {
    pub fn new(compact: bool) -> Self {
        Self { bytes: Vec::new(), compact }
    }

    pub fn i8(&mut self, value: i8) {
        self.bytes.push(value.cast_unsigned());
    }

    pub fn i16(&mut self, value: i16) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub fn uvarint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub fn string(&mut self, text: Option<&str>) {
        let size = text.map_or(-1, |text| text.len() as i64);
        if self.compact {
            self.uvarint((size + 1).cast_unsigned());
        } else {
            self.i16(size as i16);
        }
        self.bytes.extend_from_slice(text.unwrap_or("").as_bytes());
    }

    pub fn count(&mut self, count: i32) {
        if self.compact {
            self.uvarint((i64::from(count) + 1).cast_unsigned());
        } else {
            self.i32(count);
        }
    }

    /// Tagged fields, none of them in versions that have no such thing.
    pub fn tags(&mut self, tags: &[(u64, Vec<u8>)]) {
        if self.compact {
            self.uvarint(tags.len() as u64);
            for (tag, bytes) in tags {
                self.uvarint(*tag);
                self.uvarint(bytes.len() as u64);
                self.bytes.extend_from_slice(bytes);
            }
        }
    }
}
