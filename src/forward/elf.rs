//! The one change that a copy of the peer needs: its own names come first where it looks for names.
#![forbid(unsafe_code)]

use std::ops::Range;

const PT_DYNAMIC: u32 = 2;
const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_SYMBOLIC: u64 = 16;
const DT_FLAGS: u64 = 30;
/// In `DT_FLAGS`: what `DT_SYMBOLIC` says as an entry of its own.
const DF_SYMBOLIC: u64 = 2;
const PT_LOAD: u32 = 1;
/// Bytes of an entry of the dynamic section.
const ENTRY: usize = 16;
/// The start of a 64-bit, little-endian file.
const MAGIC: &[u8] = b"\x7fELF\x02\x01";

/// Why a file cannot be used.
pub(super) type Failure = &'static str;

/// Makes the image of a library look for names in itself first.
///
/// # Errors
/// It is no library of this kind of machine, or has no room for the entry.
pub(super) fn bind_to_itself(image: &mut [u8]) -> Result<(), Failure> {
    let entries = dynamic(image)?;
    let tag = |image: &[u8], at: usize| number(image, at, 8).unwrap_or(DT_NULL);
    let places: Vec<usize> = entries.step_by(ENTRY).collect();
    let is_end = |at: &&usize| tag(image, **at) == DT_NULL;
    let used = places.iter().position(|at| is_end(&at)).unwrap_or(places.len());
    if let Some(at) = places[..used].iter().find(|at| tag(image, **at) == DT_FLAGS) {
        let flags = number(image, at + 8, 8).unwrap_or(0) | DF_SYMBOLIC;
        image[at + 8..at + ENTRY].copy_from_slice(&flags.to_le_bytes());
        return Ok(());
    }
    // Linkers leave more than one end mark; the last one must stay.
    match places[used..] {
        [first, second, ..] if tag(image, second) == DT_NULL => {
            image[first..first + 8].copy_from_slice(&DT_SYMBOLIC.to_le_bytes());
            Ok(())
        }
        _ => Err("its dynamic section has no room"),
    }
}

/// Names of the libraries that a library asks for.
///
/// # Errors
/// It is no library of this kind of machine.
pub(super) fn needs(image: &[u8]) -> Result<Vec<String>, Failure> {
    let entries = dynamic(image)?;
    let all: Vec<(u64, u64)> = entries
        .step_by(ENTRY)
        .map_while(|at| Some((number(image, at, 8)?, number(image, at + 8, 8)?)))
        .take_while(|(tag, _)| *tag != DT_NULL)
        .collect();
    let table = all.iter().find(|(tag, _)| *tag == DT_STRTAB);
    let table = table.and_then(|(_, address)| offset_of(image, *address));
    let table = table.ok_or("it has no names")?;
    let text = |offset: u64| {
        let start = table.checked_add(usize::try_from(offset).ok()?)?;
        let rest = image.get(start..)?;
        let len = rest.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(&rest[..len]).into_owned())
    };
    let needed = all.iter().filter(|(tag, _)| *tag == DT_NEEDED);
    Ok(needed.filter_map(|(_, offset)| text(*offset)).collect())
}

/// Where the dynamic section is.
fn dynamic(image: &[u8]) -> Result<Range<usize>, Failure> {
    if !image.starts_with(MAGIC) {
        return Err("it is no 64-bit ELF file");
    }
    let section = headers(image).find(|header| header.kind == PT_DYNAMIC);
    let range = section.and_then(|header| {
        let start = usize::try_from(header.offset).ok()?;
        let len = usize::try_from(header.size).ok()? / ENTRY * ENTRY;
        let end = start.checked_add(len)?;
        (end <= image.len()).then_some(start..end)
    });
    range.ok_or("it has no dynamic section")
}

/// A program header.
struct Header {
    kind: u32,
    offset: u64,
    address: u64,
    size: u64,
}

fn headers(image: &[u8]) -> impl Iterator<Item = Header> {
    let start = number(image, 32, 8).and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
    let size = number(image, 54, 2).unwrap_or(0) as usize;
    let count = number(image, 56, 2).unwrap_or(0) as usize;
    (0..count).map_while(move |index| {
        let at = start.checked_add(index * size)?;
        Some(Header {
            kind: u32::try_from(number(image, at, 4)?).ok()?,
            offset: number(image, at.checked_add(8)?, 8)?,
            address: number(image, at.checked_add(16)?, 8)?,
            size: number(image, at.checked_add(32)?, 8)?,
        })
    })
}

/// Where in the file an address of the loaded library is.
fn offset_of(image: &[u8], address: u64) -> Option<usize> {
    let load = headers(image).filter(|header| header.kind == PT_LOAD);
    let mut at = load.filter_map(|header| {
        let inside = address.checked_sub(header.address).filter(|inside| *inside < header.size)?;
        usize::try_from(header.offset.checked_add(inside)?).ok()
    });
    at.next()
}

/// A little-endian number of up to eight bytes.
fn number(image: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = image.get(at..at.checked_add(len)?)?;
    let mut number = [0; 8];
    number[..len].copy_from_slice(bytes);
    Some(u64::from_le_bytes(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with one program header, the dynamic section, and these entries.
    fn file(entries: &[(u64, u64)]) -> Vec<u8> {
        let mut image = vec![0; 64 + 2 * 56];
        image[..MAGIC.len()].copy_from_slice(MAGIC);
        image[32] = 64;
        image[54] = 56;
        image[56] = 2;
        let at = image.len() as u64;
        let (size, strings) = (entries.len() * ENTRY, b"\0libfirst.so\0libsecond.so\0");
        image[64] = PT_DYNAMIC as u8;
        image[64 + 8..64 + 16].copy_from_slice(&at.to_le_bytes());
        image[64 + 32..64 + 40].copy_from_slice(&(size as u64).to_le_bytes());
        image[120] = PT_LOAD as u8;
        image[120 + 16..120 + 24].copy_from_slice(&0x1000u64.to_le_bytes());
        let len = at + size as u64 + strings.len() as u64;
        image[120 + 32..120 + 40].copy_from_slice(&len.to_le_bytes());
        for (tag, value) in entries {
            image.extend(tag.to_le_bytes());
            image.extend(value.to_le_bytes());
        }
        image.extend(strings);
        image
    }

    fn entries(image: &[u8]) -> Vec<(u64, u64)> {
        let places = dynamic(image).expect("a file").step_by(ENTRY);
        let entry = |at| Some((number(image, at, 8)?, number(image, at + 8, 8)?));
        places.filter_map(entry).collect()
    }

    #[test]
    fn flags_that_are_there_get_one_more() {
        let mut image = file(&[(DT_NEEDED, 1), (DT_FLAGS, 8), (0, 0)]);
        assert_eq!(bind_to_itself(&mut image), Ok(()));
        assert_eq!(entries(&image), [(DT_NEEDED, 1), (DT_FLAGS, 10), (0, 0)]);
    }

    #[test]
    fn without_flags_a_spare_end_mark_is_used_and_the_last_one_stays() {
        let mut image = file(&[(DT_NEEDED, 1), (0, 0), (0, 0)]);
        assert_eq!(bind_to_itself(&mut image), Ok(()));
        assert_eq!(entries(&image), [(DT_NEEDED, 1), (DT_SYMBOLIC, 0), (0, 0)]);

        let mut full = file(&[(DT_NEEDED, 1), (0, 0)]);
        let before = full.clone();
        assert!(bind_to_itself(&mut full).is_err());
        assert_eq!(full, before);
    }

    #[test]
    fn flags_behind_the_end_are_none() {
        let mut image = file(&[(0, 0), (0, 0), (DT_FLAGS, 0)]);
        assert_eq!(bind_to_itself(&mut image), Ok(()));
        assert_eq!(entries(&image)[0], (DT_SYMBOLIC, 0));
    }

    #[test]
    fn the_names_of_needed_libraries_are_read_from_the_file() {
        let strings = |count: u64| 0x1000 + 64 + 2 * 56 + count * ENTRY as u64;
        let image = file(&[(DT_NEEDED, 1), (DT_STRTAB, strings(4)), (DT_NEEDED, 13), (0, 0)]);
        assert_eq!(needs(&image), Ok(vec!["libfirst.so".to_owned(), "libsecond.so".to_owned()]));
        assert!(needs(&file(&[(DT_NEEDED, 1), (0, 0)])).is_err());
    }

    #[test]
    fn cut_and_strange_files_are_refused() {
        let whole = file(&[(DT_NEEDED, 1), (DT_FLAGS, 8), (0, 0)]);
        for len in 0..whole.len() - 26 {
            let mut cut = whole[..len].to_vec();
            assert!(bind_to_itself(&mut cut).is_err(), "{len} bytes");
            assert!(needs(&cut).is_err());
        }
        assert!(bind_to_itself(&mut b"#!/bin/sh".to_vec()).is_err());
    }
}
