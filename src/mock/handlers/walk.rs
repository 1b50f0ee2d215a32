//! A walk over a request's bytes before they are decoded: are they as long as their counts and lengths say?
//!
//! The crate that decodes reserves room for as many elements as a count names, so a count of two thousand million in a
//! request of thirty bytes must never reach it. A shape is a row of words:
//!
//! | word | meaning |
//! | --- | --- |
//! | `1` `2` `4` `8` `16` | so many bytes |
//! | `s`, `b` | a string, bytes: null allowed, compact in flexible versions |
//! | `[ … ]` | an array of what's between |
//! | `t` | tagged fields; nothing in versions that aren't flexible |
//! | `5+…`, `8-…` | the word, or the array it opens, since or until that version |
#![forbid(unsafe_code)]

/// A position in a request.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    is_flexible: bool,
}

impl<'a> Cursor<'a> {
    /// The beginning of `bytes`.
    pub(crate) fn new(bytes: &'a [u8], is_flexible: bool) -> Self {
        Self { rest: bytes, is_flexible }
    }

    /// How many bytes are left.
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn uvarint(&mut self) -> Option<u32> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(value).ok();
            }
        }
        None
    }

    /// The next `N` bytes.
    pub(crate) fn int<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A compact length or count: one is added to it, so that 0 means null.
    fn compact(&mut self) -> Option<Option<usize>> {
        Some((self.uvarint()? as usize).checked_sub(1))
    }

    fn sized(&mut self, length: Option<usize>) -> Option<Option<&'a [u8]>> {
        match length {
            None => Some(None),
            Some(length) => self.take(length).map(Some),
        }
    }

    /// The number of elements of an array; null counts as 0.
    pub(crate) fn array(&mut self) -> Option<usize> {
        if self.is_flexible {
            return Some(self.compact()?.unwrap_or(0));
        }
        match i32::from_be_bytes(self.int()?) {
            -1 => Some(0),
            count => usize::try_from(count).ok(),
        }
    }

    /// A string, which may be null.
    pub(crate) fn string(&mut self) -> Option<Option<&'a [u8]>> {
        let length = if self.is_flexible {
            self.compact()?
        } else {
            match i16::from_be_bytes(self.int()?) {
                -1 => None,
                length => Some(usize::try_from(length).ok()?),
            }
        };
        self.sized(length)
    }

    /// Bytes, which may be null.
    pub(crate) fn bytes(&mut self) -> Option<Option<&'a [u8]>> {
        let length = if self.is_flexible {
            self.compact()?
        } else {
            match i32::from_be_bytes(self.int()?) {
                -1 => None,
                length => Some(usize::try_from(length).ok()?),
            }
        };
        self.sized(length)
    }

    /// Skips tagged fields, if the version has them.
    pub(crate) fn tags(&mut self) -> Option<()> {
        if !self.is_flexible {
            return Some(());
        }
        for _ in 0..self.uvarint()? {
            self.uvarint()?;
            let size = self.uvarint()?;
            self.take(size as usize)?;
        }
        Some(())
    }
}

/// Is `body` as long as its counts and lengths say? Bytes behind the last word are not looked at.
pub(crate) fn fits(shape: &str, body: &[u8], version: i16, is_flexible: bool) -> bool {
    let words: Vec<&str> = shape.split_whitespace().collect();
    let mut cursor = Cursor::new(body, is_flexible);
    walk(&words, &mut cursor, version).is_some()
}

fn walk(words: &[&str], cursor: &mut Cursor<'_>, version: i16) -> Option<()> {
    let mut at = 0;
    while at < words.len() {
        let (word, is_there) = strip_versions(words[at], version);
        let is_array = word == "[";
        let end = if is_array { closing(words, at) } else { at };
        if is_there && is_array {
            for _ in 0..cursor.array()? {
                walk(&words[at + 1..end], cursor, version)?;
            }
        } else if is_there {
            match word {
                "s" => cursor.string().map(|_| ())?,
                "b" => cursor.bytes().map(|_| ())?,
                "t" => cursor.tags()?,
                size => cursor.take(size.parse().ok()?).map(|_| ())?,
            }
        }
        at = end + 1;
    }
    Some(())
}

/// The word without its version bounds, and whether `version` lies within them.
fn strip_versions(word: &str, version: i16) -> (&str, bool) {
    let (mut word, mut is_there) = (word, true);
    while let Some(at) = word.find(['+', '-']) {
        let bound: i16 = word[..at].parse().unwrap_or(0);
        is_there &= if word.as_bytes()[at] == b'+' { version >= bound } else { version <= bound };
        word = &word[at + 1..];
    }
    (word, is_there)
}

/// The position of the bracket that closes the one at `open`.
fn closing(words: &[&str], open: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(open) {
        if word.ends_with('[') {
            depth += 1;
        } else if *word == "]" {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_without_its_elements_does_not_fit() {
        let shape = "[ s t ] 4";
        assert!(fits(shape, &[0, 0, 0, 1, 0, 1, b'x', 1, 2, 3, 4], 0, false));
        assert!(!fits(shape, &[0x7f, 0xff, 0xff, 0xff, 0, 1, b'x', 1, 2, 3, 4], 0, false));
        assert!(fits(shape, &[2, 2, b'x', 0, 1, 2, 3, 4], 0, true));
        assert!(!fits(shape, &[0xff, 0xff, 0xff, 0xff, 0x0f, 2, b'x', 0], 0, true));
    }

    #[test]
    fn words_outside_their_versions_are_skipped_with_what_they_enclose() {
        let shape = "2+[ s [ 4 ] ] 1-1 3+1-8 2";
        assert!(fits(shape, &[9, 1, 2], 1, false));
        assert!(!fits(shape, &[9, 1], 1, false));
        assert!(fits(shape, &[0, 0, 0, 0, 1, 2], 2, false));
    }

    #[test]
    fn null_is_allowed_and_other_negative_lengths_are_not() {
        assert!(fits("s", &[0xff, 0xff], 0, false));
        assert!(!fits("s", &[0xff, 0xfe], 0, false));
        assert!(fits("b", &[0xff; 4], 0, false));
        assert!(fits("s", &[0], 0, true));
    }
}
