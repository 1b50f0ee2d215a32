//! Files that a configuration names: what they hold, and whether they changed.
#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

/// A path as a configuration has it.
pub(crate) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Up to `most` bytes of a file.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    fs::File::open(path)?.take(most).read_to_end(&mut content)?;
    Ok(content)
}

/// When a file was changed last, and its size. Not the same: it is another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    /// The present stamp; that of a file that is not there is one of its own.
    pub(crate) fn of(path: &Path) -> Self {
        let data = fs::metadata(path).ok();
        Self(data.and_then(|data| Some((data.modified().ok()?, data.len()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_another_one_after_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let none = Stamp::of(&path);
        fs::write(&path, b"one").expect("it can be written");
        let one = Stamp::of(&path);
        assert_ne!(one, none);
        assert_eq!(one, Stamp::of(&path));
        fs::write(&path, b"three").expect("it can be written");
        assert_ne!(one, Stamp::of(&path));
        assert_eq!(read(&path, 2).expect("it is there"), b"th");
    }
}
