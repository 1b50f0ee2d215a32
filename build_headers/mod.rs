//! Writes the C headers (feature `headers`): makes the declarations of `src/` readable for
//! cbindgen, runs it, and puts in what it cannot express (historical struct tags, function types,
//! section titles).
//!
//! Exported functions stand inside macros (`export!`, `forward!`, `variadic!`) that cbindgen does
//! not expand. Here each becomes a plain `extern "C"` item in a file of its own in `OUT_DIR`. No
//! declaration is made here.

mod expand;
mod syntax;
mod types;

use std::path::{Path, PathBuf};
use std::{env, fs};

use syntax::{Token, closing, docs, invocations, read, split_docs};
use types::{ENUM_TAGS, Types, is_function_type};

/// The parts of the headers, in their order: source file and title.
const SECTIONS: &[(&str, &str)] = &[
    ("capi/version", "Version"),
    ("capi/codes", "Error codes"),
    ("capi/error_object", "Error objects"),
    ("capi/memory", "Memory"),
    ("capi/uuid", "Topic ids"),
    ("capi/topic_partition", "Partition lists"),
    ("capi/headers", "Record headers"),
    ("capi/message", "Messages"),
    ("capi/conf", "Configuration"),
    ("capi/topic_conf", "Topic configuration"),
    ("capi/partitioner", "Partitioners"),
    ("capi/handle", "Instances"),
    ("capi/topic", "Topics"),
    ("capi/produce", "Producing"),
    ("capi/produceva", "Producing"),
    ("capi/poll", "Polling"),
    ("capi/queue", "Queues"),
    ("capi/event", "Events"),
    ("capi/log", "Logs"),
    ("capi/metadata", "Metadata"),
    ("capi/mock", "Mock cluster"),
    ("capi/mock_journal", "Mock cluster: requests that it received"),
    ("forward/table/mock", "Mock cluster: what consumers need"),
    ("capi/txn", "Transactions"),
    ("forward/table/transaction", "Transactions"),
    ("forward/table/consumer", "Consumers"),
    ("forward/table/share", "Share consumers"),
    ("forward/table/security", "SASL and OAUTHBEARER"),
    ("forward/table/interceptor", "Interceptors"),
    ("forward/table/admin_request", "Admin requests: options and results"),
    ("forward/table/admin_topic", "Admin requests: topics, partitions, records, offsets, cluster"),
    ("forward/table/admin_config", "Admin requests: configurations"),
    ("forward/table/admin_group", "Admin requests: consumer groups"),
    ("forward/table/admin_access", "Admin requests: users and access control"),
    ("forward/table/debugging", "Debugging"),
    ("engine/legacy/exports", "Producer engine: legacy"),
    ("engine/legacy/exports/harness", "Producer engine: legacy, for harnesses (feature c-harness)"),
    ("engine/legacy/exports/steps", "Producer engine: legacy, steps for harnesses"),
    ("engine/legacy/exports/writing", "Producer engine: legacy, the writer for harnesses"),
    ("engine/legacy/exports/turn", "Producer engine: legacy, turns for harnesses"),
    ("engine/v2/exports", "Producer engine: v2"),
    ("engine/v2/exports/harness", "Producer engine: v2, for harnesses (feature c-harness)"),
];

/// Where the variadic functions belong; they share a file.
const VARIADIC_SECTIONS: &[(&str, &str)] = &[
    ("rd_kafka_error_new", "capi/error_object"),
    ("rd_kafka_producev", "capi/produce"),
    ("rd_kafka_mock_", "capi/mock"),
];

/// A header: its file, what it includes.
struct Header {
    file: &'static str,
    about: &'static str,
    guard: &'static str,
    sys_includes: &'static [&'static str],
    includes: &'static [&'static str],
}

const HEADERS: &[Header] = &[
    Header {
        file: "rdkafka.h",
        about: "The library's interface: producing to Apache Kafka. Link with -lrdkafka.",
        guard: "_RDKAFKA_H_",
        sys_includes: &[
            "stddef.h",
            "stdint.h",
            "stdio.h",
            "inttypes.h",
            "sys/types.h",
            "sys/socket.h",
        ],
        includes: &["rdkafka_stats.h"],
    },
    Header {
        file: "rdkafka_mock.h",
        about: "A Kafka cluster inside the program, for tests, on loopback sockets.",
        guard: "_RDKAFKA_MOCK_H_",
        sys_includes: &["stddef.h", "stdint.h"],
        includes: &["rdkafka.h"],
    },
    Header {
        file: "rdkafka_stats.h",
        about: "Statistics as plain structs, for rd_kafka_conf_set_stats_cb_typed().",
        guard: "_RDKAFKA_STATS_H_",
        sys_includes: &["stdint.h"],
        includes: &[],
    },
    Header {
        file: INTERNAL,
        about: "The historical internal structs and functions of the producer, for 64-bit Linux.",
        guard: "_RDKAFKA_INTERNAL_H_",
        sys_includes: &[
            "stdbool.h",
            "stddef.h",
            "stdint.h",
            "pthread.h",
            "sys/types.h",
            "threads.h",
        ],
        includes: &["rdkafka.h"],
    },
];

/// The header of what is not public.
const INTERNAL: &str = "rdkafka_internal.h";

/// Where the functions of that header are; the file need not exist.
const INTERNAL_FUNCTIONS: &[&str] = &[
    "engine/legacy/exports",
    "engine/legacy/exports/harness",
    "engine/legacy/exports/steps",
    "engine/legacy/exports/writing",
    "engine/legacy/exports/turn",
    "engine/v2/exports",
    "engine/v2/exports/harness",
];

/// What the internal header has after its includes: a type that <pthread.h> does not always show.
const RWLOCK: &str = "
#if defined _DEFAULT_SOURCE || defined _GNU_SOURCE || \\
    (defined _XOPEN_SOURCE && _XOPEN_SOURCE >= 500) || \\
    (defined _POSIX_C_SOURCE && _POSIX_C_SOURCE >= 200112L)
/** A lock for one writer or many readers. */
typedef pthread_rwlock_t rwlock_t;
#else
/** The place of a pthread_rwlock_t, which <pthread.h> does not declare here. */
typedef struct rwlock_s {
    long span[7];
} rwlock_t;
#endif

";

/// The header that a name belongs to.
fn header_of(name: &str) -> &'static str {
    let is_mock = name.starts_with("rd_kafka_mock_") || name == "rd_kafka_handle_mock_cluster";
    let is_stats = name.starts_with("RD_KAFKA_STATS_")
        || name == "rd_kafka_stats_t"
        || name.starts_with("rd_kafka_") && name.ends_with("_stats_t")
        || ["rd_kafka_broker_toppar_ref_t", "rd_kafka_req_count_t"].contains(&name);
    if is_mock {
        "rdkafka_mock.h"
    } else if is_stats {
        "rdkafka_stats.h"
    } else {
        "rdkafka.h"
    }
}

/// Writes all headers to the folder in `RDKAFKA_HEADERS_OUT`, or into `include/`.
pub(crate) fn write() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let target = env::var_os("RDKAFKA_HEADERS_OUT")
        .map_or_else(|| root.join("include/librdkafka"), PathBuf::from);
    println!("cargo:rerun-if-env-changed=RDKAFKA_HEADERS_OUT");
    for path in
        ["src/abi", "src/capi", "src/forward", "src/engine", "src/error.rs", "cbindgen.toml"]
    {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-changed=build_headers");

    let source = root.join("src");
    let types = Types::read(&source);
    let functions = functions(&source);
    fs::create_dir_all(&target).expect("the folder of the headers can be made");
    for header in HEADERS {
        let lowered = lower(header, &types, &functions);
        let path = out_dir.join(header.file).with_extension("rs");
        fs::write(&path, lowered).expect("OUT_DIR is writable");
        let text = render(&root, header, &path, &types);
        fs::write(target.join(header.file), text).expect("the folder of the headers is writable");
    }
}

/// The file that cbindgen reads for a header.
fn lower(header: &Header, types: &Types, functions: &[Function]) -> String {
    let mut text = String::new();
    for item in types.items.iter().filter(|item| item.header == header.file) {
        text.push_str(&item.text);
    }
    let mut last = String::new();
    for function in functions.iter().filter(|function| function.header() == header.file) {
        let title = title(&function.section);
        if title != last {
            text.push_str(&format!("/// @section {title}\n"));
            last = title;
        }
        text.push_str(&docs(&function.docs));
        let signature = types.in_c(&function.signature);
        text.push_str(&format!("#[no_mangle] pub unsafe extern \"C\" fn {signature} {{}}\n"));
    }
    text
}

/// The title of a section; that of a file not listed is its name.
fn title(section: &str) -> String {
    let listed = SECTIONS.iter().find(|(file, _)| *file == section);
    let name = section.rsplit('/').next().unwrap_or(section);
    listed.map_or_else(|| name.replace('_', " "), |(_, title)| (*title).to_owned())
}

/// Runs cbindgen and finishes its text.
fn render(root: &Path, header: &Header, lowered: &Path, types: &Types) -> String {
    let toml = root.join("cbindgen.toml");
    let mut config = cbindgen::Config::from_file(toml).expect("cbindgen.toml is valid");
    config.header = Some(format!("/* {} */", header.about));
    config.include_guard = Some(header.guard.to_owned());
    config.sys_includes = header.sys_includes.iter().map(|&name| name.to_owned()).collect();
    config.includes = header.includes.iter().map(|&name| name.to_owned()).collect();
    config.no_includes = true;
    let own = || types.items.iter().filter(|item| item.header == header.file);
    if header.file == INTERNAL {
        let forwards = own().filter_map(|item| item.forward.clone());
        config.after_includes = Some(RWLOCK.to_owned() + &forwards.collect::<String>());
    } else if header.file != "rdkafka.h" {
        config.after_includes = None;
    }
    config.export.include = own().map(|item| item.root.clone()).collect();
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(lowered)
        .generate()
        .expect("cbindgen understands the declarations");
    let mut bytes = Vec::new();
    bindings.write(&mut bytes);
    let text = String::from_utf8(bytes).expect("cbindgen writes UTF-8");
    finish(&text)
}

/// Puts in what cbindgen cannot express.
fn finish(text: &str) -> String {
    let mut text = text.to_owned();
    for (name, tag) in ENUM_TAGS {
        text = text.replace(&format!("{name}__tag"), tag);
    }
    // The tag of an enumeration is the name of its type; Rust has one name space for both.
    text = text.replace("__tag", "");
    // cbindgen writes function pointers; these are function types.
    let lines = text.lines().map(|line| {
        let pointer = line.split_once("(*").and_then(|(_, rest)| rest.split(')').next());
        if line.starts_with("typedef") && pointer.is_some_and(is_function_type) {
            line.replacen("(*rd_kafka_", "(rd_kafka_", 1)
        } else {
            line.to_owned()
        }
    });
    let mut finished = String::new();
    let mut comment: Option<Vec<String>> = None;
    for line in lines {
        let line = line.trim_end();
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim_start() == "/**" {
            comment = Some(Vec::new());
            continue;
        }
        let Some(held) = &mut comment else {
            finished.push_str(line);
            finished.push('\n');
            continue;
        };
        if let Some(title) = line.strip_prefix(" * @section ") {
            finished.push_str(&format!("/* {} */\n\n", pad(title)));
        } else if line.trim_start() == "*/" {
            finished.push_str(&comment_of(held, indent));
            comment = None;
        } else {
            held.push(line.trim_start().trim_start_matches('*').to_owned());
        }
    }
    finished.trim_end().to_owned() + "\n"
}

/// A comment in one line if it fits.
fn comment_of(lines: &[String], indent: &str) -> String {
    let indent = indent.strip_suffix(' ').unwrap_or(indent);
    match lines {
        [] => String::new(),
        [line] if indent.len() + line.len() < 94 => format!("{indent}/**{line} */\n"),
        _ => {
            let body: String = lines.iter().map(|line| format!("{indent} *{line}\n")).collect();
            format!("{indent}/**\n{body}{indent} */\n")
        }
    }
}

/// A title that stands out.
fn pad(title: &str) -> String {
    format!("{:-<94}", format!("---- {title} "))
}

/// An exported function.
struct Function {
    name: String,
    section: String,
    docs: Vec<String>,
    /// `name(arguments) -> type`, as tokens.
    signature: Vec<Token>,
}

impl Function {
    /// The header that declares it.
    fn header(&self) -> &'static str {
        let is_internal = INTERNAL_FUNCTIONS.contains(&self.section.as_str());
        if is_internal { INTERNAL } else { header_of(&self.name) }
    }
}

/// All exported functions, in the order of the sections.
fn functions(source: &Path) -> Vec<Function> {
    let mut files: Vec<String> = Vec::new();
    for folder in ["capi", "forward/table"] {
        let entries =
            fs::read_dir(source.join(folder)).expect("the folder of the functions is there");
        let names = entries.map(|entry| entry.expect("the folder is readable").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        files.extend(
            names.filter_map(|name| Some(format!("{folder}/{}", name.strip_suffix(".rs")?))),
        );
    }
    let internal = INTERNAL_FUNCTIONS.iter().map(|&file| file.to_owned());
    files.extend(internal.filter(|file| source.join(file).with_extension("rs").exists()));
    files.sort();
    let mut functions = Vec::new();
    for file in files {
        let tokens = read(&source.join(&file).with_extension("rs"));
        for (docs, signature) in expand::expanded(&tokens) {
            let name = signature[0].text.clone();
            functions.push(Function { name, section: file.clone(), docs, signature });
        }
        for macro_name in ["export", "forward", "variadic"] {
            for block in invocations(&tokens, macro_name) {
                parse_functions(block, &file, &mut functions);
            }
        }
    }
    for function in &mut functions {
        let section = VARIADIC_SECTIONS.iter().find(|(name, _)| function.name.starts_with(name));
        if let Some((_, section)) = section
            && function.section == "capi/variadic"
        {
            function.section = (*section).to_owned();
        }
        if function.header() == "rdkafka_mock.h" && !function.section.contains("mock") {
            function.section = "capi/mock".to_owned();
        }
    }
    functions.sort_by_key(|function| {
        let at = SECTIONS.iter().position(|(file, _)| *file == function.section);
        (at.unwrap_or(SECTIONS.len()), function.section.clone())
    });
    functions
}

/// Reads `docs attributes fn name(arguments) -> type { … }` or `… = answer;`, repeated.
fn parse_functions(mut rest: &[Token], file: &str, functions: &mut Vec<Function>) {
    while !rest.is_empty() {
        let (docs, after) = split_docs(rest);
        assert!(
            after.first().is_some_and(|token| token.is("fn")),
            "{file}: not a function: {after:?}"
        );
        let end = after.iter().position(|token| token.is("{") || token.is("="));
        let end = end.unwrap_or_else(|| panic!("{file}: a function without a body"));
        let signature = after[1..end].to_vec();
        let name = signature[0].text.clone();
        functions.push(Function { name, section: file.to_owned(), docs, signature });
        rest = if after[end].is("{") {
            &after[closing(after, end) + 1..]
        } else {
            let semicolon = after[end..].iter().position(|token| token.is(";"));
            &after[end + semicolon.expect("a row ends with a semicolon") + 1..]
        };
    }
}
