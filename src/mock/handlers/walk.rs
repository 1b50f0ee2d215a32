//! A walk over a request's bytes before they are decoded: are they as long as their counts and
//! lengths say?
//!
//! The crate that decodes reserves room for as many elements as a count names, so a count of two
//! thousand million in a request of thirty bytes must never reach it. A shape is a row of words:
//!
//! | word | meaning |
//! | --- | --- |
//! | `1` `2` `4` `8` `16` | so many bytes |
//! | `s`, `b` | a string, bytes: null allowed, compact in flexible versions |
//! | `[ … ]` | an array of what's between |
//! | `t` | tagged fields; nothing in versions that aren't flexible |
//! | `5+…`, `8-…` | the word, or the array it opens, since or until that version |
#![forbid(unsafe_code)]

use crate::proto::wire::{DecodeError, Read, Result};

/// Is `body` as long as its counts and lengths say? Bytes behind the last word are not looked at.
pub(crate) fn fits(shape: &str, body: &[u8], version: i16, is_flexible: bool) -> bool {
    let words: Vec<&str> = shape.split_whitespace().collect();
    walk(&words, &mut Read::new(body), version, is_flexible).is_ok()
}

fn walk(words: &[&str], read: &mut Read<'_>, version: i16, is_flexible: bool) -> Result<()> {
    let mut at = 0;
    while at < words.len() {
        let (word, is_there) = strip_versions(words[at], version);
        let is_array = word == "[";
        let end = if is_array { closing(words, at) } else { at };
        if is_there && is_array {
            for _ in 0..read.count(is_flexible, usize::MAX)? {
                walk(&words[at + 1..end], read, version, is_flexible)?;
            }
        } else if is_there {
            scalar(word, read, is_flexible)?;
        }
        at = end + 1;
    }
    Ok(())
}

fn scalar(word: &str, read: &mut Read<'_>, is_flexible: bool) -> Result<()> {
    match word {
        "s" => read.nullable_string(is_flexible).map(|_| ()),
        "b" => skip_bytes(read, is_flexible),
        "t" => read.skip_tags(is_flexible),
        size => {
            let size = size.parse().map_err(|_| DecodeError::Bad(format!("shape word {size}")))?;
            read.take(size).map(|_| ())
        }
    }
}

fn skip_bytes(read: &mut Read<'_>, is_flexible: bool) -> Result<()> {
    let length = if is_flexible { i64::from(read.uvarint()?) - 1 } else { i64::from(read.i32()?) };
    if length == -1 {
        return Ok(());
    }
    read.take(usize::try_from(length).map_err(|_| read.bad("length"))?).map(|_| ())
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
