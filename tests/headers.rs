//! The public headers: they compile alone, and the compiler says that prototypes, values and
//! layouts are those of `tests/spec/`, of the system's librdkafka header and of the one in the
//! crate `rdkafka-sys`, wherever these have them.
//!
//! A reference that cannot be found is skipped aloud; with `RDKAFKA_REQUIRE_REFERENCES` set it is
//! an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

const HEADERS: &[&str] = &["rdkafka.h", "rdkafka_mock.h", "rdkafka_stats.h"];
const INTERNAL: &str = "rdkafka_internal.h";
/// Includes everything of ours.
const OURS: &str = "#include <librdkafka/rdkafka.h>\n#include <librdkafka/rdkafka_mock.h>\n";
/// Values that newer versions changed on purpose: the version, the number of codes, the numbers of
/// values.
const CHANGED: &[&str] = &["RD_KAFKA_VERSION", "RD_KAFKA_RESP_ERR_END_ALL"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn include() -> PathBuf {
    root().join("include")
}

fn rows(table: &str) -> Vec<Vec<String>> {
    let path = root().join("tests/spec").join(table);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{table}: {error}"));
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn pending() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("tests/spec/pending.txt")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// A compiler and what makes it take C or C++.
struct Compiler {
    program: &'static str,
    standard: &'static str,
}

const C: Compiler = Compiler { program: "cc", standard: "c11" };

fn compilers() -> Vec<Compiler> {
    let all = [
        C,
        Compiler { program: "cc", standard: "c99" },
        Compiler { program: "c++", standard: "c++11" },
        Compiler { program: "clang", standard: "c11" },
        Compiler { program: "clang++", standard: "c++11" },
    ];
    let (found, missing): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|compiler| has(compiler.program));
    for compiler in missing {
        eprintln!("skipped: no {}", compiler.program);
    }
    assert!(!found.is_empty(), "there is a C compiler");
    found
}

impl Compiler {
    fn is_cpp(&self) -> bool {
        self.standard.starts_with("c++")
    }

    /// Checks a source text; an error shows what the compiler said.
    fn check(&self, what: &str, text: &str, folders: &[&Path], flags: &[&str]) {
        let output = self.run(text, folders, &[flags, &["-fsyntax-only"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.lines().take(40).collect();
        let compiler = format!("{} -std={}", self.program, self.standard);
        assert!(output.status.success(), "{what}, {compiler}:\n{}", said.join("\n"));
    }

    fn run(&self, text: &str, folders: &[&Path], flags: &[&str]) -> std::process::Output {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let suffix = if self.is_cpp() { "cpp" } else { "c" };
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("headers-{number}.{suffix}"));
        fs::write(&path, text).expect("the folder for tests is writable");
        let mut command = Command::new(self.program);
        command.arg(format!("-std={}", self.standard)).args(flags);
        for folder in folders {
            command.arg("-I").arg(folder);
        }
        command.arg(&path).output().expect("the compiler runs")
    }
}

const STRICT: &[&str] = &["-Wall", "-Wextra", "-pedantic", "-Werror"];
/// For texts that declare things again: only a conflict counts.
const PLAIN: &[&str] = &["-Werror", "-Wno-ignored-qualifiers"];

/// A header of another librdkafka.
struct Reference {
    name: &'static str,
    /// Folder in which it is found.
    folder: PathBuf,
    /// Lines that include it.
    include: String,
}

impl Reference {
    /// What the compiler's preprocessor makes of it: its declarations, and the names of its macros.
    fn text(&self) -> String {
        preprocessed(&self.include, &self.folder)
    }
}

/// Declarations and macro names of an include line.
fn preprocessed(include: &str, folder: &Path) -> String {
    let declarations = C.run(include, &[folder], &["-E", "-P"]);
    let macros = C.run(include, &[folder], &["-E", "-dM"]);
    assert!(declarations.status.success() && macros.status.success(), "the preprocessor runs");
    let macros = String::from_utf8(macros.stdout).expect("UTF-8");
    let names =
        macros.lines().filter_map(|line| line.strip_prefix("#define ")?.split(['(', ' ']).next());
    let names: Vec<&str> = names.filter(|name| name.starts_with("RD_KAFKA_")).collect();
    String::from_utf8(declarations.stdout).expect("UTF-8") + ";\n" + &names.join("\n") + "\n"
}

/// The references that are there.
fn references() -> Vec<Reference> {
    let mut found = Vec::new();
    let system = Path::new("/usr/include/librdkafka/rdkafka.h");
    let require = env::var_os("RDKAFKA_REQUIRE_REFERENCES").is_some();
    if system.exists() {
        let folder = PathBuf::from("/usr/include");
        found.push(Reference { name: "the system's header", folder, include: OURS.to_owned() });
    } else {
        assert!(!require, "{} is needed", system.display());
        eprintln!("skipped: there is no {}", system.display());
    }
    match rdkafka_sys() {
        Some(package) => found.push(Reference {
            name: "the header of rdkafka-sys",
            folder: package.join("librdkafka/src"),
            include: "#include \"rdkafka.h\"\n#include \"rdkafka_mock.h\"\n".to_owned(),
        }),
        None => {
            assert!(!require, "the package rdkafka-sys is needed");
            eprintln!("skipped: the package rdkafka-sys cannot be had");
        }
    }
    found
}

/// The folder of the package `rdkafka-sys`: `RDKAFKA_SYS_DIR`, or where cargo puts it.
fn rdkafka_sys() -> Option<PathBuf> {
    const VERSION: &str = "4.10.0+2.12.1";
    if let Some(folder) = env::var_os("RDKAFKA_SYS_DIR") {
        return Some(folder.into());
    }
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rdkafka-sys");
    fs::create_dir_all(project.join("src")).expect("the folder for tests is writable");
    let manifest = format!(
        "[package]\nname = \"reference\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [dependencies]\nrdkafka-sys = \"={VERSION}\"\n[workspace]\n"
    );
    fs::write(project.join("Cargo.toml"), manifest).expect("the folder for tests is writable");
    fs::write(project.join("src/lib.rs"), "").expect("the folder for tests is writable");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--quiet"])
        .current_dir(&project)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let end = format!("rdkafka-sys-{VERSION}/Cargo.toml");
    let at = text.find(&end)?;
    let start = text[..at].rfind('"')? + 1;
    Some(PathBuf::from(&text[start..at + end.len() - "/Cargo.toml".len()]))
}

/// Function prototypes in a preprocessed header, by name.
fn prototypes(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for statement in statements(text) {
        let statement = statement.replace("extern \"C\" {", " ");
        if statement.contains(['{', '}']) || statement.trim_start().starts_with("typedef") {
            continue;
        }
        if let Some(name) = function_name(&statement) {
            found.insert(name, statement.trim().to_owned());
        }
    }
    found
}

/// Splits at the semicolons that are in no bracket.
fn statements(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0;
    for sign in text.chars() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if sign == ';' && depth == 0 {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            last.push(sign);
        }
    }
    found
}

/// The first name of ours before a bracket.
fn function_name(statement: &str) -> Option<String> {
    for (at, _) in statement.match_indices('(') {
        let before = statement[..at].trim_end();
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        if before[start..].starts_with("rd_kafka_") {
            return Some(before[start..].to_owned());
        }
    }
    None
}

/// All words of a text that begin so.
fn words(text: &str, start: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with(start)).map(str::to_owned).collect()
}

fn ours() -> String {
    preprocessed(OURS, &include())
}

#[test]
fn each_header_compiles_alone_in_c_and_cpp() {
    for compiler in compilers() {
        for header in HEADERS.iter().chain([&INTERNAL]) {
            let text = format!("#include <librdkafka/{header}>\nint is_not_empty;\n");
            compiler.check(header, &text, &[&include()], STRICT);
        }
    }
}

#[test]
fn functions_of_the_headers_are_those_of_the_table() {
    let ours = prototypes(&ours());
    let pending = pending();
    let table: BTreeSet<String> =
        rows("symbols.tsv").into_iter().map(|row| row[0].clone()).collect();
    let missing: Vec<_> =
        table.iter().filter(|name| !ours.contains_key(*name) && !pending.contains(*name)).collect();
    assert!(missing.is_empty(), "not declared: {missing:#?}");
    let more: Vec<_> = ours.keys().filter(|name| !table.contains(*name)).collect();
    assert!(more.is_empty(), "declared and not in the table: {more:#?}");
}

#[test]
fn each_function_is_declared_in_its_header() {
    for header in HEADERS {
        let text = fs::read_to_string(include().join("librdkafka").join(header)).expect("a header");
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with(['*', '/'])).collect();
        for row in rows("symbols.tsv") {
            let is_declared = code.contains(&format!("{}(", row[0]));
            let is_wanted = row[1] == *header && !pending().contains(&row[0]);
            assert!(!is_wanted || is_declared, "{} belongs to {header}", row[0]);
            assert!(row[1] == *header || !is_declared, "{} doesn't belong to {header}", row[0]);
        }
    }
}

#[test]
fn prototypes_are_those_of_the_table() {
    let mut text = OURS.to_owned();
    for row in rows("symbols.tsv") {
        text.push_str(&format!("{};\n", row[5]));
    }
    C.check("the table's prototypes after ours", &text, &[&include()], PLAIN);
}

#[test]
fn prototypes_are_those_of_other_headers() {
    let ours = prototypes(&ours());
    for reference in references() {
        let theirs = prototypes(&reference.text());
        let shared: Vec<&String> = ours.keys().filter(|name| theirs.contains_key(*name)).collect();
        let known =
            shared.len() + pending().iter().filter(|name| theirs.contains_key(*name)).count();
        assert!(known > 400, "{}: only {known} functions", reference.name);
        let again = |prototypes: &BTreeMap<String, String>| -> String {
            shared.iter().map(|name| format!("{};\n", prototypes[*name])).collect()
        };
        let text = reference.include.clone() + &again(&ours);
        C.check(&format!("ours after {}", reference.name), &text, &[&reference.folder], PLAIN);
        let text = OURS.to_owned() + &again(&theirs);
        C.check(&format!("{} after ours", reference.name), &text, &[&include()], PLAIN);
        let pending = pending();
        let missing: Vec<_> = theirs
            .keys()
            .filter(|name| !ours.contains_key(*name) && !pending.contains(*name))
            .collect();
        assert!(missing.is_empty(), "{}: not in ours: {missing:#?}", reference.name);
    }
}

#[test]
fn types_values_and_macros_of_other_headers_are_all_there() {
    let ours = ours();
    for reference in references() {
        let theirs = reference.text();
        for start in ["RD_KAFKA_", "rd_kafka_"] {
            let ours = words(&ours, start);
            let wanted = words(&theirs, start);
            let missing: Vec<_> = wanted
                .difference(&ours)
                .filter(|name| start != "rd_kafka_" || name.ends_with("_t") || name.ends_with("_s"))
                .collect();
            assert!(missing.is_empty(), "{}: not in ours: {missing:#?}", reference.name);
        }
    }
}

/// A text that says that each value is the table's.
fn value_asserts(table: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let rows = rows(table);
    let wanted = rows.iter().filter(|row| is_wanted(&row[0]));
    wanted.map(|row| format!("_Static_assert({} == {}, \"{0}\");\n", row[0], row[1])).collect()
}

#[test]
fn values_are_those_of_the_table_and_of_other_headers() {
    let text = OURS.to_owned() + &value_asserts("enums.tsv", |_| true);
    C.check("values of ours", &text, &[&include()], STRICT);
    for reference in references() {
        let words = words(&reference.text(), "RD_KAFKA_");
        let is_wanted = |name: &str| {
            words.contains(name) && !CHANGED.contains(&name) && !name.ends_with("__CNT")
        };
        let asserts = value_asserts("enums.tsv", is_wanted);
        assert!(asserts.lines().count() > 200, "{}: it has values", reference.name);
        let text = reference.include.clone() + &asserts;
        C.check(&format!("values of {}", reference.name), &text, &[&reference.folder], PLAIN);
    }
}

#[test]
fn error_codes_are_all_in_the_table() {
    let table: BTreeSet<String> = rows("enums.tsv").into_iter().map(|row| row[0].clone()).collect();
    let ours = words(&ours(), "RD_KAFKA_RESP_ERR_");
    let more: Vec<_> = ours.difference(&table).collect();
    assert!(more.is_empty(), "not in the table: {more:#?}");
}

/// A text that says that each field is where the table says.
fn layout_asserts(table: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let mut text = String::from("#include <stddef.h>\n");
    for row in rows(table).iter().filter(|row| is_wanted(&row[0])) {
        let name =
            if row[0].ends_with("_t") { row[0].clone() } else { format!("struct {}", row[0]) };
        let (field, offset, size) = (&row[1], &row[2], &row[3]);
        if field == "(sizeof)" {
            text.push_str(&format!("_Static_assert(sizeof({name}) == {size}, \"{name}\");\n"));
            continue;
        }
        text.push_str(&format!(
            "_Static_assert(offsetof({name}, {field}) == {offset}, \"{name}.{field}\");\n\
             _Static_assert(sizeof((({name} *)0)->{field}) == {size}, \"{name}.{field}\");\n"
        ));
    }
    text
}

#[test]
#[cfg(target_pointer_width = "64")]
fn structs_have_the_historical_layout() {
    let text = OURS.to_owned() + &layout_asserts("structs.tsv", |_| true);
    C.check("layouts of ours", &text, &[&include()], PLAIN);
    for reference in references() {
        let words = words(&reference.text(), "rd_kafka_");
        let text =
            reference.include.clone() + &layout_asserts("structs.tsv", |name| words.contains(name));
        C.check(&format!("layouts of {}", reference.name), &text, &[&reference.folder], PLAIN);
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn internal_structs_and_values_are_those_of_the_tables() {
    let text = format!(
        "#include <librdkafka/{INTERNAL}>\n{}{}",
        layout_asserts("layouts.tsv", |_| true),
        value_asserts("enums-internal.tsv", |_| true)
    );
    C.check("internal structs", &text, &[&include()], PLAIN);
}

#[test]
fn struct_tags_are_the_historical_ones() {
    // A program may declare a type beforehand, or name a struct by its tag.
    for reference in references() {
        let statements = statements(&reference.text());
        let text =
            statements.iter().map(|statement| statement.split_whitespace().collect::<Vec<_>>());
        let typedefs: Vec<String> = text
            .filter(|words| words.len() == 4 && words[0] == "typedef" && words[1] == "struct")
            .map(|words| words.join(" ") + ";\n")
            .filter(|line| line.contains(" rd_kafka_"))
            .collect();
        assert!(typedefs.len() > 30, "{}: it has opaque types", reference.name);
        let text = typedefs.concat() + OURS;
        C.check(&format!("types of {} before ours", reference.name), &text, &[&include()], PLAIN);
    }
}

#[test]
fn programs_that_use_every_part_compile() {
    let folder = root().join("c_tests/headers");
    for entry in fs::read_dir(&folder).expect("the folder of the programs") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a program");
        for compiler in compilers() {
            compiler.check(&path.display().to_string(), &text, &[&include()], STRICT);
        }
    }
}

#[test]
fn the_reference_examples_compile() {
    let Some(package) = rdkafka_sys() else {
        eprintln!("skipped: the package rdkafka-sys cannot be had");
        return;
    };
    if !pending().is_empty() {
        eprintln!("skipped: functions are missing");
        return;
    }
    let examples = package.join("librdkafka/examples");
    let ours = include().join("librdkafka");
    // Some examples include a header of the sources, which wants the configuration in the folder
    // above its own.
    let configured = Path::new(env!("CARGO_TARGET_TMPDIR")).join("configured/src");
    fs::create_dir_all(&configured).expect("the folder for tests is writable");
    let atomics = ["32", "64"].map(|bits| {
        format!(
            "#define HAVE_ATOMICS_{bits} 1\n#define ATOMIC_OP{bits}(A, B, PTR, VALUE) \\\n\
             __atomic_##A##_##B(PTR, VALUE, __ATOMIC_SEQ_CST)\n"
        )
    });
    let atomics = atomics.concat();
    fs::write(configured.with_file_name("config.h"), atomics).expect("the folder is writable");
    for entry in fs::read_dir(&examples).expect("the examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "c") {
            continue;
        }
        // They include the header beside them; a copy elsewhere finds ours. They want POSIX and
        // GNU names.
        let text = fs::read_to_string(&path).expect("an example");
        let gnu = Compiler { program: "cc", standard: "gnu11" };
        let folders: &[&Path] = &[&ours, &configured, &examples, &package.join("librdkafka/src")];
        gnu.check(&path.display().to_string(), &text, folders, &[]);
    }
}
