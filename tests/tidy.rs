//! The house rules that no compiler checks: who may use whom, where unsafe code may be, how long
//! things may get, what must not be committed. `ARCHITECTURE.md` explains them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Layer of each top-level module of `src/`: it may use its own layer and lower ones.
const LAYERS: [(&str, u8); 27] = [
    ("sys", 0),
    ("abi", 0),
    ("error", 0),
    ("proto", 1),
    ("codec", 1),
    ("own", 2),
    ("op", 2),
    ("conf", 2),
    ("handle", 3),
    ("callback", 3),
    ("log", 3),
    ("stats", 3),
    ("mock", 3),
    ("topic", 4),
    ("metadata", 4),
    ("eos", 4),
    ("broker", 4),
    ("transport", 4),
    ("sasl", 4),
    ("delivery", 4),
    ("engine", 5),
    ("client", 6),
    ("forward", 7),
    ("capi", 8),
    ("testing", 9),
    ("lib", 10),
    ("harness", 9),
];

/// Modules that may use these and nothing else besides themselves.
const NARROW: [(&str, &[&str]); 3] = [
    ("proto", &["error", "codec"]),
    ("codec", &["error"]),
    ("mock", &["proto", "codec", "sys", "error"]),
];

/// Declared upward edges, each with its reason beside it.
const UPWARD: [(&str, &str); 3] = [
    // The engines' trait, which has no code: the broker thread's loop calls through it.
    ("broker", "engine"),
    // A broker thread that dies of a panic raises the instance's fatal error.
    ("broker", "client"),
    // The partitioners' names are values of a property.
    ("conf", "topic"),
];

/// Where unsafe code may be: folders end with a slash.
const UNSAFE: [&str; 16] = [
    "sys/",
    "own/",
    "capi/",
    "forward/",
    "callback.rs",
    "codec/lz4.rs",
    "codec/zstd.rs",
    "codec/mod.rs",
    "engine/mod.rs",
    "engine/legacy/mod.rs",
    "engine/legacy/exports.rs",
    "engine/legacy/exports/",
    "engine/v2/mod.rs",
    "engine/v2/exports.rs",
    "engine/v2/exports/",
    "lib.rs",
];

/// The folders on a message's way; their `mod.rs` says which station they are.
const STATIONS: [&str; 6] = ["capi", "client", "topic", "broker", "engine", "delivery"];

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const LINE_COLUMNS_MAX: usize = 100;

/// What opens a table: its rows are as long as they must be.
const TABLES: [&str; 3] = ["#[rustfmt::skip]", "layout! {", "forward! {"];

struct Source {
    /// Relative to `src/`.
    path: String,
    /// Everything before the tests at the bottom.
    code: String,
    whole: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split('/').next().expect("split gives one part").trim_end_matches(".rs")
    }

    /// Numbered lines of code without comments and without what is in quotes.
    fn statements(&self) -> impl Iterator<Item = (usize, String)> {
        self.code.lines().enumerate().map(|(number, line)| (number + 1, without_text(line)))
    }
}

/// A line without its comment and without the insides of string literals.
fn without_text(line: &str) -> String {
    let (mut out, mut quoted, mut previous) = (String::new(), false, ' ');
    for (at, c) in line.char_indices() {
        if !quoted && line[at..].starts_with("//") {
            break;
        }
        if c == '"' && previous != '\\' && previous != '\'' {
            quoted = !quoted;
        } else if !quoted {
            out.push(c);
        }
        previous = if previous == '\\' { ' ' } else { c };
    }
    out
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a directory entry is readable").path();
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", "build", ".git"].contains(&name.as_str()) {
                files_below(&path, extension, found);
            }
        } else if extension.is_empty() || name.ends_with(extension) {
            found.push(path);
        }
    }
    found.sort();
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut paths = Vec::new();
    files_below(&src, ".rs", &mut paths);
    assert!(!paths.is_empty(), "no sources below {}", src.display());
    paths
        .iter()
        .map(|path| {
            let whole = fs::read_to_string(path).expect("a source is UTF-8");
            let end = start_of_tests(&whole);
            Source {
                path: path.strip_prefix(&src).expect("below src").to_string_lossy().into_owned(),
                code: whole[..end].to_string(),
                whole,
            }
        })
        // A folder's `tests.rs` is its tests.
        .filter(|source| !source.path.ends_with("/tests.rs"))
        .collect()
}

/// Where the module of tests at the bottom begins: `#[cfg(test)]` or `#[cfg(all(test, …))]`,
/// attributes, `mod`.
fn start_of_tests(whole: &str) -> usize {
    whole
        .match_indices("\n#[cfg(")
        .filter(|(at, mark)| {
            let condition = &whole[at + mark.len()..];
            condition.starts_with("test)]") || condition.starts_with("all(test, ")
        })
        .find(|(at, _)| {
            let mut after = whole[at + 1..].lines();
            after.find(|line| !line.starts_with('#')).is_some_and(|line| {
                let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
                line.starts_with("mod ") && line.ends_with('{')
            })
        })
        .map_or(whole.len(), |(at, _)| at)
}

/// A table has one row a line, however long its texts are.
fn is_table_row(line: &str) -> bool {
    let row = line.trim();
    !row.starts_with("//")
        && (row.ends_with(',') || row.ends_with(';'))
        && row.contains(", ")
        && (row.contains("\", ")
            || row.contains("\");")
            || row.ends_with("\";")
            || row.ends_with(");"))
}

/// Fails with all findings at once, so that one run shows everything.
fn none(rule: &str, findings: &[String]) {
    let mut text = String::new();
    for finding in findings {
        writeln!(text, "  {finding}").expect("writing to a string");
    }
    assert!(findings.is_empty(), "{rule}: {} findings\n{text}", findings.len());
}

/// The first word of each member of a `{...}` group, whose opening brace is gone.
fn first_words(group: &str) -> Vec<String> {
    let (mut words, mut word, mut depth, mut first) = (Vec::new(), String::new(), 0, true);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            c if depth == 0 && first && (c.is_alphanumeric() || c == '_') => word.push(c),
            _ => {}
        }
        let ends = depth < 0 || depth == 0 && c == ',';
        if ends || c == ':' && depth == 0 && first {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            first = ends;
        }
        if depth < 0 {
            break;
        }
    }
    words
}

/// The modules that a line names as `crate::name`, also inside `use crate::{a, b::c}`.
fn modules_named(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let before = line[..at].chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || before == '_' || before == '$' {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            names.extend(first_words(group));
        } else {
            names.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

#[test]
fn modules_use_lower_layers_only() {
    let layers: BTreeMap<&str, u8> = LAYERS.into_iter().collect();
    let narrow: BTreeMap<&str, &[&str]> = NARROW.into_iter().collect();
    let mut findings = Vec::new();
    for source in sources() {
        let user = source.module();
        let Some(&layer) = layers.get(user) else {
            findings.push(format!("{}: module {user} is in no layer", source.path));
            continue;
        };
        for (number, line) in source.statements() {
            for used in modules_named(&line) {
                let Some(&used_layer) = layers.get(used.as_str()) else { continue };
                let allowed = used == user
                    || UPWARD.contains(&(user, used.as_str()))
                    || narrow
                        .get(user)
                        .map_or(used_layer <= layer, |only| only.contains(&used.as_str()));
                if !allowed {
                    findings.push(format!("{}:{number}: {user} uses {used}", source.path));
                }
            }
        }
    }
    none("layers", &findings);
}

fn may_be_unsafe(path: &str) -> bool {
    UNSAFE.iter().any(|place| path == *place || place.ends_with('/') && path.starts_with(place))
}

#[test]
fn the_core_forbids_unsafe_code() {
    let findings: Vec<String> = sources()
        .iter()
        .filter(|source| !may_be_unsafe(&source.path))
        // A folder's mod.rs can't forbid for a child that needs it.
        .filter(|source| !source.whole.contains("#![forbid(unsafe_code)]"))
        .map(|source| source.path.clone())
        .collect();
    none("files of the core without #![forbid(unsafe_code)]", &findings);
}

#[test]
fn each_unsafe_block_says_why_it_is_sound() {
    let mut findings = Vec::new();
    for source in sources() {
        let lines: Vec<&str> = source.code.lines().collect();
        for (number, line) in source.statements() {
            if !line.contains("unsafe {") && !line.contains("unsafe impl") {
                continue;
            }
            // The comment stands on this line or above the statement that the block is part of.
            let above = &lines[number.saturating_sub(9)..number];
            if !above.iter().any(|line| line.contains("SAFETY:")) {
                findings.push(format!("{}:{number}", source.path));
            }
        }
    }
    none("unsafe without a SAFETY comment", &findings);
}

/// Each historical function of the engine has one twin, which says so; an export cannot become a
/// copy beside it.
#[test]
fn each_historical_function_has_one_twin() {
    let mut twins: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // Engine `v2` has rules of the same names and others of its own.
    for source in sources().into_iter().filter(|source| !source.path.starts_with("engine/v2/")) {
        for line in source.code.lines().filter(|line| line.contains("Historical: `")) {
            for name in line.split('`').skip(1).step_by(2) {
                twins.entry(name.to_owned()).or_default().push(source.path.clone());
            }
        }
    }
    let table = fs::read_to_string(root().join("tests/spec/historical.tsv")).expect("the table");
    let names = table.lines().skip(1).filter_map(|row| row.split('\t').next());
    let findings: Vec<String> = names
        .filter_map(|name| match twins.get(name).map_or(&[][..], Vec::as_slice) {
            [_] => None,
            files => Some(format!("{name}: {} twins {files:?}", files.len())),
        })
        .collect();
    none("historical functions without exactly one twin", &findings);
}

/// Each is exported, or the table says why not, and C code calls it.
#[test]
fn each_historical_function_is_called_by_a_harness() {
    let folder = root().join("c_tests/harness");
    let harnesses = fs::read_dir(&folder)
        .expect("the harnesses")
        .map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("a program"));
    let harnesses = harnesses.collect::<Vec<_>>().concat();
    let table = fs::read_to_string(root().join("tests/spec/historical.tsv")).expect("the table");
    let findings: Vec<String> = table
        .lines()
        .skip(1)
        .filter(|row| {
            let columns: Vec<&str> = row.split('\t').collect();
            let is_called = harnesses.split(columns[0]).skip(1).any(|rest| {
                rest.starts_with('(') || rest.starts_with(',') || rest.starts_with('}')
            });
            match columns[3] {
                "always" | "c-harness" => !is_called,
                why => why.len() <= "no: ".len() || !why.starts_with("no: "),
            }
        })
        .map(str::to_owned)
        .collect();
    none("historical functions that no harness calls", &findings);
}

#[test]
fn files_open_with_what_they_are_for() {
    let findings: Vec<String> = sources()
        .iter()
        .filter(|source| !source.whole.starts_with("//! "))
        .map(|source| source.path.clone())
        .collect();
    none("files without a header", &findings);
}

#[test]
fn files_functions_and_lines_stay_short() {
    let mut findings = Vec::new();
    for source in sources() {
        let count = source.code.lines().count();
        if count > FILE_LINES_MAX {
            findings.push(format!("{}: {count} lines", source.path));
        }
        let mut in_table = false;
        for (number, line) in source.whole.lines().enumerate() {
            let columns = line.chars().count();
            in_table = in_table && !line.starts_with(['}', ']', ')'])
                || TABLES.iter().any(|opening| line.starts_with(opening));
            if columns > LINE_COLUMNS_MAX && !in_table && !is_table_row(line) {
                findings.push(format!("{}:{}: {columns} columns", source.path, number + 1));
            }
        }
        findings.extend(long_functions(&source));
    }
    none("too long", &findings);
}

/// rustfmt puts a function's closing brace at the indentation of its first line.
fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.code.lines().collect();
    let mut findings = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        let words: Vec<&str> = text.split_whitespace().take(6).collect();
        if text.starts_with("//") || !words.contains(&"fn") || text.ends_with(';') {
            continue;
        }
        // A prototype in a macro has no body.
        let head_end = lines[start..].iter().find(|line| line.ends_with(['{', ';', '}']));
        if head_end.is_some_and(|line| line.ends_with(';')) {
            continue;
        }
        let end_line = format!("{}}}", &line[..line.len() - text.len()]);
        let length = lines[start..].iter().position(|line| **line == end_line).map_or(0, |n| n + 1);
        if length > FUNCTION_LINES_MAX {
            findings.push(format!("{}:{}: {length} lines: {text}", source.path, start + 1));
        }
    }
    findings
}

#[test]
fn folders_on_the_way_name_their_station() {
    let findings: Vec<String> = sources()
        .iter()
        .filter(|source| STATIONS.iter().any(|folder| source.path == format!("{folder}/mod.rs")))
        .filter(|source| !source.whole.contains("Station") || !source.whole.contains("of 9"))
        .map(|source| source.path.clone())
        .collect();
    none("mod.rs without a station line", &findings);
}

#[test]
fn nothing_unfinished_or_talkative_is_committed() {
    let stray = ["todo!", "unimplemented!", "dbg!", "println!", "print!", "eprintln!", "eprint!"];
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let mut findings = Vec::new();
    for source in sources() {
        for (number, line) in source.statements() {
            for word in stray {
                if line.contains(word) {
                    findings.push(format!("{}:{number}: {word}", source.path));
                }
            }
        }
        for (number, line) in source.whole.lines().enumerate() {
            let comment = line.find("//").map_or("", |at| &line[at..]);
            for mark in marks {
                if comment.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark) {
                    findings.push(format!("{}:{}: {mark}", source.path, number + 1));
                }
            }
        }
    }
    none("stray", &findings);
}

#[test]
fn only_sys_talks_to_the_operating_system() {
    let places = ["std::time", "std::env", "std::thread", "std::net", "std::fs"];
    let mut findings = Vec::new();
    for source in sources() {
        if source.module() == "sys" || source.module() == "testing" {
            continue;
        }
        for (number, line) in source.statements() {
            for place in places {
                if line.contains(place) {
                    findings.push(format!("{}:{number}: {place}", source.path));
                }
            }
        }
    }
    none("the operating system outside src/sys", &findings);
}

#[test]
fn no_machine_is_named() {
    // In pieces, so that this file does not find itself.
    let paths = [concat!("/wor", "k/"), concat!("/ho", "me/"), concat!("/ro", "ot/")];
    let mut files = Vec::new();
    files_below(&root(), "", &mut files);
    let mut findings = Vec::new();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        // In a work tree this file says where the repository is.
        if file == root().join(".git") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if paths.iter().any(|path| line.contains(path)) {
                let name = file.strip_prefix(root()).expect("below the root").display();
                findings.push(format!("{name}:{}", number + 1));
            }
        }
    }
    none("paths of a machine", &findings);
}

#[test]
fn text_and_comments_are_told_from_code() {
    assert_eq!(without_text(r#"let a = "todo!"; // todo!"#), "let a = ; ");
    assert_eq!(without_text(r#"'"' + "x\"y" + z"#), "'' +  + z".replace("''", "'\"'"));
    assert_eq!(modules_named("use crate::sys::clock;"), ["sys"]);
    assert_eq!(
        modules_named("use crate::{own, proto::wire, sys::{a, b}};"),
        ["own", "proto", "sys"]
    );
    assert!(modules_named("$crate::sys").is_empty());
}
