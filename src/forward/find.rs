//! Where a peer may be: the file that the environment names, or else the libraries that the
//! program was linked against, and those of the system.
#![forbid(unsafe_code)]

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::sys::library::{self, Object};

/// The name that programs ask for.
const SONAME: &str = "librdkafka.so.1";
/// The loader's list of the libraries in the system's folders.
const CACHE: &str = "/etc/ld.so.cache";
/// Where the list begins in the file.
const CACHE_MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
/// Bytes before the first entry, and of an entry.
const CACHE_HEAD: usize = 48;
const CACHE_ENTRY: usize = 24;
/// Where libraries are when no list says so.
const FOLDERS: [&str; 6] = [
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/lib64",
];

/// The files that may be a peer, best first, each once. They may not exist.
pub(super) fn candidates(library_path: Option<&str>) -> Vec<PathBuf> {
    let cache = library::read_file(Path::new(CACHE)).unwrap_or_default();
    let mut found = of_program(&library::loaded(), library_path);
    found.extend(cached(&cache, SONAME));
    found.extend(FOLDERS.iter().map(|folder| Path::new(folder).join(SONAME)));
    let mut seen = HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    found
}

/// Is it a name of the C library? The C++ layer has another one.
fn is_library(name: &str) -> bool {
    name.strip_prefix("librdkafka").is_some_and(|rest| {
        rest.starts_with(".so") || (rest.starts_with('-') && rest.contains(".so"))
    })
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// The libraries that the process has loaded, and those that it asked for and got us instead.
fn of_program(objects: &[Object], library_path: Option<&str>) -> Vec<PathBuf> {
    let loaded = objects.iter().map(|object| object.path.clone());
    let mut found: Vec<PathBuf> = loaded.filter(|path| is_library(name_of(path))).collect();
    let folders = |list: &str| -> Vec<String> {
        list.split([':', ';']).filter(|folder| !folder.is_empty()).map(str::to_owned).collect()
    };
    for object in objects {
        for name in object.needs.iter().filter(|name| is_library(name)) {
            let origin = object.path.parent().map(|path| path.to_string_lossy().into_owned());
            let origin = origin.filter(|origin| !origin.is_empty()).unwrap_or_else(program_folder);
            for folder in object.search.iter().flat_map(|list| folders(list)) {
                let folder = folder.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin);
                found.push(Path::new(&folder).join(name));
            }
            let listed = library_path.map(folders).unwrap_or_default();
            found.extend(listed.iter().map(|folder| Path::new(folder).join(name)));
        }
    }
    found
}

fn program_folder() -> String {
    let program = library::program().unwrap_or_default();
    program.parent().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The paths of a library in the loader's list.
fn cached(cache: &[u8], name: &str) -> Vec<PathBuf> {
    let start = cache.windows(CACHE_MAGIC.len()).position(|window| window == CACHE_MAGIC);
    let Some(cache) = start.map(|start| &cache[start..]) else { return Vec::new() };
    let number = |at: usize| {
        let bytes = cache.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_ne_bytes(bytes)).ok()
    };
    let text = |at: usize| {
        let rest = cache.get(at..)?;
        Some(&rest[..rest.iter().position(|byte| *byte == 0)?])
    };
    let count = number(CACHE_MAGIC.len()).unwrap_or(0);
    let entries = (0..count).map_while(|index| {
        let at = CACHE_HEAD + index * CACHE_ENTRY;
        Some((text(number(at + 4)?)?, text(number(at + 8)?)?))
    });
    let wanted = entries.filter(|(key, _)| *key == name.as_bytes());
    wanted.map(|(_, path)| Path::new(std::ffi::OsStr::from_bytes(path)).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(path: &str, needs: &[&str], search: &[&str]) -> Object {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Object { path: path.into(), needs: owned(needs), search: owned(search) }
    }

    #[test]
    fn names_of_the_c_library_are_known_and_the_cpp_layer_is_another() {
        for name in ["librdkafka.so.1", "librdkafka.so", "librdkafka-3cb6b5e2.so.1"] {
            assert!(is_library(name), "{name}");
        }
        for name in ["librdkafka++.so.1", "librdkafka", "librdkafkaplugin.so", "libkafka.so.1"] {
            assert!(!is_library(name), "{name}");
        }
    }

    #[test]
    fn what_is_loaded_comes_before_what_was_asked_for() {
        let objects = [
            object("", &["librdkafka.so.1", "libc.so.6"], &["$ORIGIN/lib:/opt/k"]),
            object("/site/cimpl.so", &["librdkafka-12.so.1"], &["${ORIGIN}/../libs"]),
            object("/site/libs/librdkafka-12.so.1", &["libz.so.1"], &["/nowhere"]),
        ];
        let folder = program_folder();
        let expected = [
            "/site/libs/librdkafka-12.so.1".to_owned(),
            format!("{folder}/lib/librdkafka.so.1"),
            "/opt/k/librdkafka.so.1".to_owned(),
            "/mine/librdkafka.so.1".to_owned(),
            "/site/../libs/librdkafka-12.so.1".to_owned(),
            "/mine/librdkafka-12.so.1".to_owned(),
        ];
        let found = of_program(&objects, Some("/mine:"));
        assert_eq!(found, expected.map(PathBuf::from));
    }

    #[test]
    fn the_loaders_list_is_read() {
        let (key, path) = (b"librdkafka.so.1\0", b"/usr/lib/k/librdkafka.so.1\0");
        let mut cache = b"ld.so-1.7.0\0older list......".to_vec();
        let start = cache.len();
        cache.extend(CACHE_MAGIC);
        cache.extend(2u32.to_ne_bytes());
        cache.resize(start + CACHE_HEAD, 0);
        let texts = CACHE_HEAD + 2 * CACHE_ENTRY;
        for (key_at, path_at) in [(texts + 3, texts), (texts, texts + key.len())] {
            cache.extend(1u32.to_ne_bytes());
            cache.extend((key_at as u32).to_ne_bytes());
            cache.extend((path_at as u32).to_ne_bytes());
            cache.extend([0; 12]);
        }
        cache.extend(key);
        cache.extend(path);
        assert_eq!(cached(&cache, SONAME), [PathBuf::from("/usr/lib/k/librdkafka.so.1")]);
        for len in 0..cache.len() - path.len() {
            assert!(cached(&cache[..len], SONAME).is_empty(), "{len} bytes");
        }
        assert!(cached(b"", SONAME).is_empty());
    }

    #[test]
    fn each_candidate_comes_once_and_the_systems_folders_are_among_them() {
        let found = candidates(None);
        let distinct: HashSet<&PathBuf> = found.iter().collect();
        assert_eq!(distinct.len(), found.len());
        assert!(found.contains(&PathBuf::from("/usr/lib/librdkafka.so.1")));
    }
}
