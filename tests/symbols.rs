//! The symbols of the shared library are exactly those of `tests/spec/symbols.tsv`, and those that
//! are a peer's answer with an error if there is none, and survive NULL everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString, c_char, c_void};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A row of the table.
struct Row {
    name: String,
    home: String,
    prototype: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> Vec<Row> {
    let text = fs::read_to_string(root().join("tests/spec/symbols.tsv")).expect("the table");
    let rows = text.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        Row { name: columns[0].into(), home: columns[4].into(), prototype: columns[5].into() }
    });
    rows.collect()
}

/// The historical internal functions that are exported always.
fn historical() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("tests/spec/historical.tsv")).expect("the table");
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row[3] == "always").map(|row| row[0].to_owned()).collect()
}

/// The functions of engine `v2` that the table gives for its roles.
fn of_v2() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("tests/spec/v2.tsv")).expect("the table");
    let rows = text.lines().skip(1).filter_map(|line| line.split('\t').nth(2));
    rows.filter(|export| !export.starts_with("no: ")).map(str::to_owned).collect()
}

/// Functions of branches that are not merged; there is no such file when all is there.
fn pending() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("tests/spec/pending.txt")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The shared library: `RDKAFKA_LIBRARY`, or what cargo built beside this test.
fn library() -> PathBuf {
    if let Some(path) = env::var_os("RDKAFKA_LIBRARY") {
        return path.into();
    }
    let test = env::current_exe().expect("the path of this program");
    let folder = test.parent().expect("it is in a folder");
    let beside = [folder.join("librdkafka.so"), folder.with_file_name("librdkafka.so")];
    let built = beside.into_iter().filter(|path| path.exists());
    let age = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).ok();
    built.max_by_key(age).expect("cargo built the shared library")
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).arg(library()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} failed");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Names of the exported symbols, with their kinds.
fn exported() -> BTreeMap<String, String> {
    let text = run("nm", &["-D", "--defined-only"]);
    let rows = text.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words[2].to_owned(), words[1].to_owned())
    });
    rows.collect()
}

#[test]
fn every_function_of_the_table_is_exported_and_nothing_else() {
    let exported = exported();
    let pending = pending();
    let table: BTreeSet<String> = table().into_iter().map(|row| row.name).collect();
    let missing: Vec<&String> = table
        .iter()
        .filter(|name| !exported.contains_key(*name) && !pending.contains(*name))
        .collect();
    assert!(missing.is_empty(), "not exported: {missing:#?}");
    // They are the functions of engine `legacy`, and absent with it.
    let historical =
        if cfg!(feature = "engine-legacy") { historical() } else { BTreeSet::default() };
    let of_v2 = if cfg!(feature = "engine-v2") { of_v2() } else { BTreeSet::default() };
    let internal: BTreeSet<String> = historical.union(&of_v2).cloned().collect();
    let hidden: Vec<&String> =
        internal.iter().filter(|name| !exported.contains_key(*name)).collect();
    assert!(hidden.is_empty(), "not exported: {hidden:#?}");
    let is_known = |name: &String| table.contains(name) || internal.contains(name);
    let more: Vec<&String> = exported.keys().filter(|name| !is_known(name)).collect();
    assert!(more.is_empty(), "exported and not in the table: {more:#?}");
    let data: Vec<_> = exported.iter().filter(|(_, kind)| *kind != "T").collect();
    assert!(data.is_empty(), "not functions: {data:#?}");
}

#[test]
fn symbols_have_no_version() {
    let text = run("readelf", &["--dyn-syms", "-W"]);
    let own = text.lines().filter(|line| line.contains(" rd_") && !line.contains(" UND "));
    let own: Vec<&str> = own.collect();
    assert!(own.len() > 300, "readelf shows the symbols");
    let versioned: Vec<_> = own.iter().filter(|line| line.contains('@')).collect();
    assert!(versioned.is_empty(), "{versioned:#?}");
    assert!(!run("readelf", &["-V"]).contains(".gnu.version_d"), "no version definitions");
}

#[test]
fn the_soname_is_the_historical_one() {
    let text = run("readelf", &["-d"]);
    assert!(text.contains("Library soname: [librdkafka.so.1]"), "{text}");
}

/// Names behind `fn` in the files of a folder.
fn declared(folder: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root().join(folder)).expect("the folder") {
        let path = entry.expect("an entry").path();
        let file = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !file.ends_with(".rs") || !is_wanted(&file) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        let lines = text.lines().filter_map(|line| line.strip_prefix("    fn rd_"));
        names.extend(lines.filter_map(|line| Some(format!("rd_{}", line.split_once('(')?.0))));
    }
    names
}

#[test]
fn the_table_says_where_each_function_lives() {
    let of = |home: &str| -> BTreeSet<String> {
        table().into_iter().filter(|row| row.home == home).map(|row| row.name).collect()
    };
    assert_eq!(declared("src/forward/table", |_| true), of("absent"));
    assert_eq!(declared("src/capi", |file| file == "variadic.rs"), of("variadic"));
}

/// A function of the library with ten integer arguments: enough for any of them, and too many do
/// no harm.
type Any = unsafe extern "C" fn(
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
) -> usize;

struct Loaded(*mut c_void);

impl Loaded {
    fn new() -> Self {
        let path = CString::new(library().into_os_string().into_encoded_bytes()).expect("no NUL");
        // SAFETY: the library has no constructor.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!handle.is_null(), "the library can be loaded");
        Self(handle)
    }

    fn symbol(&self, name: &str) -> *mut c_void {
        let name = CString::new(name).expect("no NUL");
        // SAFETY: the handle is open, the name is NUL-terminated.
        unsafe { libc::dlsym(self.0, name.as_ptr()) }
    }

    /// Calls a function with zeros.
    fn call(&self, name: &str) -> usize {
        let symbol = self.symbol(name);
        assert!(!symbol.is_null(), "{name} is exported");
        // SAFETY: all arguments and results of the table are integers or pointers, at most ten.
        unsafe { std::mem::transmute::<*mut c_void, Any>(symbol)(0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }
    }
}

/// Names the peer; one that does not exist means none.
const PEER: &str = "RDKAFKA_PEER_LIBRARY";

#[test]
fn the_peers_functions_answer_with_an_error_without_it_and_survive_null() {
    if env::var_os(PEER).is_none() {
        // In a process of its own: the environment is every test's.
        let name = "the_peers_functions_answer_with_an_error_without_it_and_survive_null";
        let test = env::current_exe().expect("the path of this program");
        let status = Command::new(test).args(["--exact", name]).env(PEER, "/nonexistent").status();
        assert!(status.expect("the test runs").success());
        return;
    }
    let library = Loaded::new();
    for row in table().iter().filter(|row| row.home == "absent") {
        let answer = library.call(&row.name);
        let what = (row.name.as_str(), answer as i32);
        if row.prototype.starts_with("rd_kafka_resp_err_t ") {
            assert_eq!(what, (row.name.as_str(), -170), "_NOT_IMPLEMENTED");
        } else if row.prototype.starts_with("rd_kafka_error_t *") {
            if library.symbol("rd_kafka_error_code").is_null() {
                assert!(pending().contains("rd_kafka_error_code"));
                continue;
            }
            check_error_object(&library, &row.name, answer);
        } else if row.prototype.starts_with("void ") {
            // It came back.
        } else if row.prototype.split('(').next().is_some_and(|before| before.contains('*')) {
            let is_name = row.name.ends_with("_name") && row.prototype.matches('*').count() == 1;
            assert_eq!(answer != 0, is_name, "{}: NULL, or the name of value 0", row.name);
        } else {
            assert!([0, -1].contains(&(answer as i32)), "{what:?}: nothing");
        }
    }
}

/// An error object says `_NOT_IMPLEMENTED` and can be destroyed.
fn check_error_object(library: &Loaded, name: &str, object: usize) {
    assert_ne!(object, 0, "{name}: an error object");
    let call = |function: &str| {
        let symbol = library.symbol(function);
        // SAFETY: the function takes one pointer, the error object.
        unsafe {
            std::mem::transmute::<*mut c_void, unsafe extern "C" fn(usize) -> usize>(symbol)(object)
        }
    };
    assert_eq!(call("rd_kafka_error_code") as i32, -170, "{name}");
    call("rd_kafka_error_destroy");
}

#[test]
fn error_codes_have_their_historical_names_and_texts() {
    type Text = unsafe extern "C" fn(i32) -> *const c_char;
    let library = Loaded::new();
    let text = |function: &str, code: i32| {
        // SAFETY: both functions take a code and give a text.
        unsafe {
            let function = std::mem::transmute::<*mut c_void, Text>(library.symbol(function));
            CStr::from_ptr(function(code)).to_str().expect("UTF-8").to_owned()
        }
    };
    let table = fs::read_to_string(root().join("tests/spec/enums.tsv")).expect("the table");
    let rows = table.lines().filter(|line| line.starts_with("RD_KAFKA_RESP_ERR_"));
    let mut count = 0;
    for row in rows {
        let columns: Vec<&str> = row.split('\t').collect();
        let code = columns[1].parse().expect("a number");
        assert_eq!(text("rd_kafka_err2name", code), columns[4], "{row}");
        assert_eq!(text("rd_kafka_err2str", code), columns[5], "{row}");
        count += 1;
    }
    assert!(count > 150, "only {count} codes");
}
