//! The declared types, as cbindgen shall see them.

use std::collections::HashMap;
use std::path::Path;

use super::syntax::{Kind, Token, closing, docs, invocations, join, read, split_docs};
use super::{INTERNAL, header_of};

/// Struct tags that are not the type's name with `_s` for `_t`. C++ programs and C programs that
/// declare a struct beforehand see them.
const TAGS: &[(&str, &str)] = &[
    ("rd_kafka_event_t", "rd_kafka_op_s"),
    ("rd_kafka_metadata_t", "rd_kafka_metadata"),
    ("rd_kafka_metadata_broker_t", "rd_kafka_metadata_broker"),
    ("rd_kafka_metadata_partition_t", "rd_kafka_metadata_partition"),
    ("rd_kafka_metadata_topic_t", "rd_kafka_metadata_topic"),
    ("rd_kafka_Produce_result_t", "rd_kafka_Produce_result"),
    ("rd_kafka_Produce_result_record_error_t", "rd_kafka_Produce_result_record_error"),
];

/// Enumerations whose tag is not the type's name.
pub(crate) const ENUM_TAGS: &[(&str, &str)] =
    &[("rd_kafka_share_AcknowledgeType_t", "rd_kafka_share_AcknowledgeType_s")];

/// Where the public types are declared.
const TYPE_FILES: &[&str] =
    &["abi/codes", "abi/public", "abi/handles", "abi/callbacks", "abi/stats", "error"];

/// Where the types of the internal header are declared; a struct that has another one as a field
/// comes after it.
const INTERNAL_FILES: &[&str] = &[
    "abi/internal_codes",
    "abi/sysqueue",
    "abi/rd",
    "abi/msg",
    "abi/produce_result",
    "abi/produce_tags",
    "abi/msgbatch",
    "abi/buf",
    "abi/writer",
    "abi/producer_v2",
    "abi/toppar",
    "abi/topic",
    "abi/broker",
];

/// Types that a header of the system declares.
const SYSTEM_TYPES: &[&str] = &["mtx_t", "cnd_t", "thrd_t", "rwlock_t"];

/// A declared type or constant.
pub(crate) struct Item {
    pub(crate) name: String,
    /// The header that declares it.
    pub(crate) header: &'static str,
    /// What cbindgen is asked for.
    pub(crate) root: String,
    pub(crate) text: String,
    /// A line that the header has before all structs: they refer to each other.
    pub(crate) forward: Option<String>,
}

/// The declared types, and the callbacks that are written out where they are used.
pub(crate) struct Types {
    pub(crate) items: Vec<Item>,
    callbacks: HashMap<String, Vec<Token>>,
    is_internal: bool,
}

impl Types {
    /// Reads all files with types.
    pub(crate) fn read(source: &Path) -> Self {
        let mut types = Self { items: Vec::new(), callbacks: HashMap::new(), is_internal: false };
        for files in [TYPE_FILES, INTERNAL_FILES] {
            let files = files.iter().map(|file| read(&source.join(file).with_extension("rs")));
            let files: Vec<Vec<Token>> = files.collect();
            for tokens in &files {
                types.error_codes(tokens);
                types.enums(tokens);
                types.opaque(tokens);
            }
            for tokens in &files {
                types.declarations(tokens);
            }
            types.is_internal = true;
        }
        types
    }

    fn push(&mut self, name: &str, text: String) {
        let header = if self.is_internal { INTERNAL } else { header_of(name) };
        let root = name.to_owned();
        self.items.push(Item { name: name.to_owned(), header, root, text, forward: None });
    }

    /// A struct or union. In the internal header the names come first and the bodies later.
    fn push_struct(&mut self, name: &str, item_docs: &[String], body: String) {
        let tag = tag(name);
        if !self.is_internal || tag == name {
            let typedef = format!("pub type {name} = {tag};\n");
            let typedef = if tag == name { String::new() } else { typedef };
            return self.push(name, format!("{}{body}{typedef}", docs(item_docs)));
        }
        self.push(name, format!("{}{body}", docs(item_docs)));
        let item = self.items.last_mut().expect("it was pushed");
        let kind = if item.text.contains("pub union") { "union" } else { "struct" };
        item.forward = Some(format!("typedef {kind} {tag} {name};\n"));
        item.root = tag;
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
            let value: String =
                row[2..].iter().take_while(|token| !token.is(",")).map(Token::str).collect();
            let number: i32 = value.parse().expect("an error code is a number");
            let strings: Vec<&str> = row.iter().filter_map(Token::string).collect();
            if is_own && number > -100 {
                text.push_str(
                    "/// After the client's own codes.\nRD_KAFKA_RESP_ERR__END = -100,\n",
                );
                is_own = false;
            }
            text.push_str(&docs(&[strings[1].to_owned()]));
            text.push_str(&format!("RD_KAFKA_RESP_ERR_{} = {value},\n", strings[0]));
            highest = highest.max(number);
        }
        text.push_str(&format!(
            "/// After all codes.\nRD_KAFKA_RESP_ERR_END_ALL = {},\n}}\n",
            highest + 1
        ));
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
                let is_tag = tag == name;
                let typedef = format!("{}pub type {name} = {tag};\n", docs(&type_docs));
                let typedef = if is_tag { String::new() } else { typedef };
                self.push(&name, format!("pub struct {tag};\n{typedef}"));
                if self.is_internal && !is_tag {
                    let item = self.items.last_mut().expect("it was pushed");
                    let text = type_docs.concat();
                    let comment = format!("/**{} */\n", text.trim_end());
                    item.forward = Some(format!("{comment}typedef struct {tag} {name};\n"));
                    item.text.clear();
                }
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
            _ if SYSTEM_TYPES.contains(&name.as_str()) => {}
            "struct" | "union" if self.is_internal || name.starts_with("rd_kafka_") => {
                let (kind, tag) = (&item[0].text, tag(&name));
                let body = format!("#[repr(C)] pub {kind} {tag} {}\n", self.fields(&item[2..]));
                self.push_struct(&name, item_docs, body);
            }
            "const" if name.starts_with("RD_") => {
                let text = format!("{}pub {}\n", docs(item_docs), join(item));
                self.push(&name, text);
            }
            "type" if name.starts_with("rd_") => {
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
    pub(crate) fn in_c(&self, signature: &[Token]) -> String {
        let mut tokens = self.in_c_tokens(signature);
        // An argument that the door does not look at.
        for at in 1..tokens.len() {
            if tokens[at].is(":") {
                let name = &mut tokens[at - 1].text;
                *name = name.trim_start_matches('_').to_owned();
            }
        }
        join(&tokens)
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
            let function_type = tokens
                .get(at + 2)
                .filter(|next| token.is("Option") && is_function_type(&next.text));
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
            } else if token.is("AtomicI32") {
                result.push(Token::word("i32"));
            } else if token.is("AtomicI64") {
                result.push(Token::word("i64"));
            } else {
                result.push(token.clone());
            }
            at += 1;
        }
        result
    }
}

/// Is it the name of a function type? Callbacks of that type are pointers to it.
pub(crate) fn is_function_type(name: &str) -> bool {
    name.starts_with("rd_kafka_") && (name.contains("_f_") || name.ends_with("_cb_t"))
}

/// The historical struct tag of a type.
fn tag(name: &str) -> String {
    let listed = TAGS.iter().find(|(known, _)| *known == name).map(|(_, tag)| (*tag).to_owned());
    let ruled =
        || name.strip_suffix("_t").map_or_else(|| name.to_owned(), |stem| format!("{stem}_s"));
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
                return if tokens.get(end + 1).is_some_and(|next| next.is(";")) {
                    end + 1
                } else {
                    end
                };
            }
            _ => {}
        }
        at += 1;
    }
    tokens.len()
}
