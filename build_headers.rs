//! Writes the C headers (feature `headers`): makes the declarations of `src/` readable for cbindgen, runs it, and puts
//! in what it cannot express (historical struct tags, function types, section titles).
//!
//! Exported functions stand inside macros (`export!`, `absent!`, `variadic!`) that cbindgen does not expand. Here each
//! becomes a plain `extern "C"` item in a file of its own in `OUT_DIR`. No declaration is made here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

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
    ("capi/poll", "Polling"),
    ("capi/queue", "Queues"),
    ("capi/event", "Events"),
    ("capi/log", "Logs"),
    ("capi/metadata", "Metadata"),
    ("capi/mock", "Mock cluster"),
    ("capi/mock_journal", "Mock cluster: requests that it received"),
    ("forward/table/mock", "Mock cluster: what consumers need"),
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
];

/// Where the variadic functions belong; they share a file.
const VARIADIC_SECTIONS: &[(&str, &str)] = &[
    ("rd_kafka_error_new", "capi/error_object"),
    ("rd_kafka_producev", "capi/produce"),
    ("rd_kafka_mock_", "capi/mock"),
];

/// Struct tags that are not the type's name with `_s` for `_t`. C++ programs and C programs that declare a struct
/// beforehand see them.
const TAGS: &[(&str, &str)] = &[
    ("rd_kafka_event_t", "rd_kafka_op_s"),
    ("rd_kafka_metadata_t", "rd_kafka_metadata"),
    ("rd_kafka_metadata_broker_t", "rd_kafka_metadata_broker"),
    ("rd_kafka_metadata_partition_t", "rd_kafka_metadata_partition"),
    ("rd_kafka_metadata_topic_t", "rd_kafka_metadata_topic"),
];

/// Enumerations whose tag is not the type's name.
const ENUM_TAGS: &[(&str, &str)] =
    &[("rd_kafka_share_AcknowledgeType_t", "rd_kafka_share_AcknowledgeType_s")];

/// Where the types are declared.
const TYPE_FILES: &[&str] =
    &["abi/codes", "abi/public", "abi/handles", "abi/callbacks", "abi/stats", "error"];

/// A header: its file, what it includes.
struct Header {
    file: &'static str,
    guard: &'static str,
    sys_includes: &'static [&'static str],
    includes: &'static [&'static str],
}

const HEADERS: &[Header] = &[
    Header {
        file: "rdkafka.h",
        guard: "_RDKAFKA_H_",
        sys_includes: &[
            "stddef.h",
            "stdint.h",
            "stdio.h",
            "inttypes.h",
            "sys/types.h",
            "sys/socket.h",
            "netdb.h",
        ],
        includes: &["rdkafka_stats.h"],
    },
    Header {
        file: "rdkafka_mock.h",
        guard: "_RDKAFKA_MOCK_H_",
        sys_includes: &["stddef.h", "stdint.h"],
        includes: &["rdkafka.h"],
    },
    Header {
        file: "rdkafka_stats.h",
        guard: "_RDKAFKA_STATS_H_",
        sys_includes: &["stdint.h"],
        includes: &[],
    },
];

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
pub fn write() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let target = env::var_os("RDKAFKA_HEADERS_OUT")
        .map_or_else(|| root.join("include/librdkafka"), PathBuf::from);
    println!("cargo:rerun-if-env-changed=RDKAFKA_HEADERS_OUT");
    for path in ["src/abi", "src/capi", "src/forward", "src/error.rs", "cbindgen.toml"] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-changed=build_headers.rs");

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
    for item in types.items.iter().filter(|item| header_of(&item.name) == header.file) {
        text.push_str(&item.text);
    }
    let mut section = "";
    for function in functions.iter().filter(|function| header_of(&function.name) == header.file) {
        if section != function.section {
            section = &function.section;
            text.push_str(&format!("/// @section {}\n", title(section)));
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
    config.include_guard = Some(header.guard.to_owned());
    config.sys_includes = header.sys_includes.iter().map(|&name| name.to_owned()).collect();
    config.includes = header.includes.iter().map(|&name| name.to_owned()).collect();
    config.no_includes = true;
    if header.file != "rdkafka.h" {
        config.after_includes = None;
    }
    let own = types.items.iter().filter(|item| header_of(&item.name) == header.file);
    config.export.include = own.map(|item| item.name.clone()).collect();
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
        let is_function_type = line.starts_with("typedef") && line.contains("_f_");
        if is_function_type { line.replacen("(*rd_kafka_", "(rd_kafka_", 1) } else { line.to_owned() }
    });
    let mut finished = String::new();
    let mut comment: Option<String> = None;
    for line in lines {
        let line = line.trim_end();
        if line == "/**" {
            comment = Some(String::new());
            continue;
        }
        let Some(held) = &mut comment else {
            finished.push_str(line);
            finished.push('\n');
            continue;
        };
        if let Some(title) = line.strip_prefix(" * @section ") {
            finished.push_str(&format!("/* {} */\n\n", pad(title)));
        } else if line == " */" {
            if !held.is_empty() {
                finished.push_str(&format!("/**\n{held} */\n"));
            }
            comment = None;
        } else {
            held.push_str(line);
            held.push('\n');
        }
    }
    finished.trim_end().to_owned() + "\n"
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

/// All exported functions, in the order of the sections.
fn functions(source: &Path) -> Vec<Function> {
    let mut files: Vec<String> = Vec::new();
    for folder in ["capi", "forward/table"] {
        let entries = fs::read_dir(source.join(folder)).expect("the folder of the functions is there");
        let names = entries.map(|entry| entry.expect("the folder is readable").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        files.extend(names.filter_map(|name| Some(format!("{folder}/{}", name.strip_suffix(".rs")?))));
    }
    files.sort();
    let mut functions = Vec::new();
    for file in files {
        let tokens = read(&source.join(&file).with_extension("rs"));
        for macro_name in ["export", "absent", "variadic"] {
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
        assert!(after.first().is_some_and(|token| token.is("fn")), "{file}: not a function: {after:?}");
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

/// A declared type or constant.
struct Item {
    name: String,
    text: String,
}

/// The declared types, and the callbacks that are written out where they are used.
struct Types {
    items: Vec<Item>,
    callbacks: HashMap<String, Vec<Token>>,
}

impl Types {
    fn read(source: &Path) -> Self {
        let files: Vec<Vec<Token>> = TYPE_FILES
            .iter()
            .map(|file| read(&source.join(file).with_extension("rs")))
            .collect();
        let mut types = Self { items: Vec::new(), callbacks: HashMap::new() };
        for tokens in &files {
            types.error_codes(tokens);
            types.enums(tokens);
            types.opaque(tokens);
        }
        for tokens in &files {
            types.declarations(tokens);
        }
        types
    }

    fn push(&mut self, name: &str, text: String) {
        self.items.push(Item { name: name.to_owned(), text });
    }

    /// `rd_kafka_resp_err_t`, from the table of error codes.
    fn error_codes(&mut self, tokens: &[Token]) {
        let Some(block) = invocations(tokens, "error_codes").into_iter().next() else { return };
        let mut text = docs(&["An error code. Codes below -100 are the client's own.".to_owned()]);
        text.push_str("#[repr(C)] pub enum rd_kafka_resp_err_t__tag {\n");
        let mut highest = 0;
        text.push_str("/// Before the client's own codes.\nRD_KAFKA_RESP_ERR__BEGIN = -200,\n");
        let mut is_own = true;
        for row in block.split(|token| token.is(";")).filter(|row| !row.is_empty()) {
            let value: String = row[2..].iter().take_while(|token| !token.is(",")).map(Token::str).collect();
            let number: i32 = value.parse().expect("an error code is a number");
            let strings: Vec<&str> = row.iter().filter_map(Token::string).collect();
            if is_own && number > -100 {
                text.push_str("/// After the client's own codes.\nRD_KAFKA_RESP_ERR__END = -100,\n");
                is_own = false;
            }
            text.push_str(&docs(&[strings[1].to_owned()]));
            text.push_str(&format!("RD_KAFKA_RESP_ERR_{} = {value},\n", strings[0]));
            highest = highest.max(number);
        }
        text.push_str(&format!("/// After all codes.\nRD_KAFKA_RESP_ERR_END_ALL = {},\n}}\n", highest + 1));
        text.push_str("pub type rd_kafka_resp_err_t = rd_kafka_resp_err_t__tag;\n");
        self.push("rd_kafka_resp_err_t", text);
    }

    /// The rows of `c_enum!`.
    fn enums(&mut self, tokens: &[Token]) {
        for block in invocations(tokens, "c_enum") {
            let mut rest = block;
            while !rest.is_empty() {
                let (enum_docs, after) = split_docs(rest);
                let name = after[0].text.clone();
                let end = closing(after, 1);
                let mut text = format!("{}#[repr(C)] pub enum {name}__tag {{\n", docs(&enum_docs));
                for token in &after[2..end] {
                    text.push_str(&token.source());
                }
                text.push_str(&format!("}}\npub type {name} = {name}__tag;\n"));
                self.push(&name, text);
                rest = &after[end + 1..];
            }
        }
    }

    /// The rows of `opaque!`.
    fn opaque(&mut self, tokens: &[Token]) {
        for block in invocations(tokens, "opaque") {
            let mut rest = block;
            while !rest.is_empty() {
                let (type_docs, after) = split_docs(rest);
                let name = after[0].text.clone();
                let tag = tag(&name);
                let text = format!("pub struct {tag};\n{}pub type {name} = {tag};\n", docs(&type_docs));
                self.push(&name, text);
                rest = &after[2..];
            }
        }
    }

    /// Structs, unions, aliases and constants outside of macros.
    fn declarations(&mut self, tokens: &[Token]) {
        let mut at = 0;
        while at < tokens.len() {
            let (item_docs, after) = split_docs(&tokens[at..]);
            let start = tokens.len() - after.len();
            if start == tokens.len() {
                return;
            }
            let end = item_end(tokens, start);
            let item = &tokens[start..=end.min(tokens.len() - 1)];
            if item.len() > 3 && item[0].is("pub") {
                self.declaration(&item_docs, &item[1..]);
            }
            at = end + 1;
        }
    }

    fn declaration(&mut self, item_docs: &[String], item: &[Token]) {
        let name = item[1].text.clone();
        let is_known = self.items.iter().any(|known| known.name == name);
        match item[0].text.as_str() {
            _ if is_known => {}
            "struct" | "union" if name.starts_with("rd_kafka_") => {
                let tag = tag(&name);
                let body: String = self.fields(&item[2..]);
                let mut text =
                    format!("{}#[repr(C)] pub {} {tag} {body}\n", docs(item_docs), item[0].text);
                if tag != name {
                    text.push_str(&format!("pub type {name} = {tag};\n"));
                }
                self.push(&name, text);
            }
            "const" if name.starts_with("RD_KAFKA_") => {
                let text = format!("{}pub {}\n", docs(item_docs), join(item));
                self.push(&name, text);
            }
            "type" if name.starts_with("rd_kafka_") => {
                let is_function = item.iter().any(|token| token.is("fn"));
                let right = join(&self.in_c_tokens(&item[3..item.len() - 1]));
                let right = if is_function { format!("Option<{right}>") } else { right };
                self.push(&name, format!("{}pub type {name} = {right};\n", docs(item_docs)));
            }
            "type" => {
                let right = item[3..item.len() - 1].to_vec();
                self.callbacks.insert(name, right);
            }
            _ => {}
        }
    }

    /// The fields of a struct, with their texts.
    fn fields(&self, body: &[Token]) -> String {
        self.in_c_tokens(body).iter().map(Token::source).collect()
    }

    /// A signature as cbindgen shall see it.
    fn in_c(&self, signature: &[Token]) -> String {
        join(&self.in_c_tokens(signature))
    }

    /// Drops paths, writes callbacks out, names C's types.
    fn in_c_tokens(&self, tokens: &[Token]) -> Vec<Token> {
        let mut result: Vec<Token> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            let is_followed_by = |text: &str| tokens.get(at + 1).is_some_and(|next| next.is(text));
            if is_followed_by("::") && token.kind == Kind::Word {
                at += 2;
                continue;
            }
            let function_type = tokens.get(at + 2).filter(|next| {
                token.is("Option") && next.text.starts_with("rd_kafka_") && next.text.contains("_f_")
            });
            if let Some(name) = function_type {
                result.extend([Token::word("*"), Token::word("mut"), name.clone()]);
                at += 4;
                continue;
            }
            if let Some(callback) = self.callbacks.get(&token.text) {
                result.extend(self.in_c_tokens(callback));
            } else if token.text == "\"C-unwind\"" {
                result.push(Token::word("\"C\""));
            } else if token.is("isize") {
                result.push(Token::word("ssize_t"));
            } else if is_followed_by(":") && token.text.len() > 1 {
                result.push(Token { text: token.text.trim_start_matches('_').to_owned(), ..token.clone() });
                if token.text.starts_with("_p") {
                    result.pop();
                    result.push(token.clone());
                }
            } else {
                result.push(token.clone());
            }
            at += 1;
        }
        result
    }
}

/// The historical struct tag of a type.
fn tag(name: &str) -> String {
    let listed = TAGS.iter().find(|(known, _)| *known == name).map(|(_, tag)| (*tag).to_owned());
    let ruled = || name.strip_suffix("_t").map_or_else(|| name.to_owned(), |stem| format!("{stem}_s"));
    listed.unwrap_or_else(ruled)
}

/// Where the item that begins at `start` ends: at its `;` or closing brace.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut at = start;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at,
            "(" | "[" => at = closing(tokens, at),
            "{" => {
                let end = closing(tokens, at);
                // The braces of `use a::{b};` end nothing.
                return if tokens.get(end + 1).is_some_and(|next| next.is(";")) { end + 1 } else { end };
            }
            _ => {}
        }
        at += 1;
    }
    tokens.len()
}

/// The contents of every `name! { … }`.
fn invocations<'a>(tokens: &'a [Token], name: &str) -> Vec<&'a [Token]> {
    let mut found = Vec::new();
    for at in 0..tokens.len().saturating_sub(2) {
        if tokens[at].is(name) && tokens[at + 1].is("!") && tokens[at + 2].is("{") {
            let end = closing(tokens, at + 2);
            let block = &tokens[at + 3..end];
            // The pattern of a macro that uses this one.
            if !block.first().is_some_and(|token| token.is("$")) {
                found.push(block);
            }
        }
    }
    found
}

/// Leading texts and attributes of an item, and what follows them.
fn split_docs(tokens: &[Token]) -> (Vec<String>, &[Token]) {
    let mut docs = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].kind == Kind::Doc {
            docs.push(tokens[at].text.clone());
            at += 1;
        } else if tokens[at].is("#") {
            let bracket = if tokens[at + 1].is("!") { at + 2 } else { at + 1 };
            at = closing(tokens, bracket) + 1;
        } else {
            break;
        }
    }
    (docs, &tokens[at..])
}

/// Texts as doc comments; a `# Safety` heading becomes a word.
fn docs(lines: &[String]) -> String {
    let mut text = String::new();
    let mut is_safety = false;
    for line in lines {
        let line = line.trim_end();
        if line.trim() == "# Safety" {
            is_safety = true;
            continue;
        }
        let mark = if std::mem::take(&mut is_safety) { "Requires: " } else { "" };
        text.push_str(format!("/// {mark}{}", line.trim_start()).trim_end());
        text.push('\n');
    }
    text
}

fn join(tokens: &[Token]) -> String {
    tokens.iter().map(Token::source).collect()
}

/// The index of the bracket that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" if token.kind == Kind::Punct => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Punct => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    panic!("a bracket is not closed: {:?}", &tokens[open..tokens.len().min(open + 9)]);
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Doc,
    Word,
    Literal,
    Punct,
}

/// A word, sign, literal or doc line of Rust source.
#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    text: String,
}

impl Token {
    fn word(text: &str) -> Self {
        Self { kind: Kind::Word, text: text.to_owned() }
    }

    fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Punct)
    }

    fn str(&self) -> &str {
        &self.text
    }

    /// The contents of a plain string.
    fn string(&self) -> Option<&str> {
        self.text.strip_prefix('"')?.strip_suffix('"').filter(|_| self.kind == Kind::Literal)
    }

    /// The token as source, with what must separate it from the next one.
    fn source(&self) -> String {
        match self.kind {
            Kind::Doc => format!("\n/// {}\n", self.text.trim()),
            _ => format!("{} ", self.text),
        }
    }
}

fn read(path: &Path) -> Vec<Token> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    tokens(&text)
}

/// Splits Rust source into tokens. It knows as much of the language as the declarations need.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kind, len) = if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            continue;
        } else if rest.starts_with("//") {
            let line = rest.lines().next().unwrap_or(rest);
            if line.starts_with("///") && !line.starts_with("////") {
                tokens.push(Token { kind: Kind::Doc, text: line[3..].to_owned() });
            }
            rest = &rest[line.len()..];
            continue;
        } else if rest.starts_with("/*") {
            let len = rest.find("*/").map_or(rest.len(), |at| at + 2);
            rest = &rest[len..];
            continue;
        } else if let Some(len) = string_len(rest) {
            (Kind::Literal, len)
        } else if first == '\'' {
            (Kind::Literal, quote_len(rest))
        } else if first.is_alphanumeric() || first == '_' {
            rest = rest.strip_prefix("r#").unwrap_or(rest);
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            (Kind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len()))
        } else {
            let long = ["...", "->", "=>", "::"].iter().find(|sign| rest.starts_with(**sign));
            (Kind::Punct, long.map_or(first.len_utf8(), |sign| sign.len()))
        };
        tokens.push(Token { kind, text: rest[..len].to_owned() });
        rest = &rest[len..];
    }
    tokens
}

/// Length of the string literal at the start, if there is one.
fn string_len(text: &str) -> Option<usize> {
    let prefix = text.find(|c: char| !matches!(c, 'b' | 'c' | 'r'))?;
    let after = &text[prefix..];
    let hashes = after.find(|c| c != '#')?;
    if prefix > 2 || !after[hashes..].starts_with('"') {
        return None;
    }
    if text[..prefix].contains('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        let body = prefix + hashes + 1;
        return Some(body + text[body..].find(&end)? + end.len());
    }
    let mut at = prefix + 1;
    let bytes = text.as_bytes();
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (hashes == 0).then_some(at + 1)
}

/// Length of the character or lifetime at the start.
fn quote_len(text: &str) -> usize {
    if text.starts_with("'\\") {
        return 2 + text[2..].find('\'').map_or(0, |at| at + 1).max(2);
    }
    let char_len = text[1..].chars().next().map_or(0, char::len_utf8);
    if text[1 + char_len..].starts_with('\'') {
        return 2 + char_len;
    }
    1 + text[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len() - 1)
}
