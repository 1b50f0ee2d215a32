//! Words and signs of Rust source: as much of the language as the declarations need.

use std::fs;
use std::path::Path;

/// The contents of every `name! { … }`.
pub(crate) fn invocations<'a>(tokens: &'a [Token], name: &str) -> Vec<&'a [Token]> {
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
pub(crate) fn split_docs(tokens: &[Token]) -> (Vec<String>, &[Token]) {
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
pub(crate) fn docs(lines: &[String]) -> String {
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

pub(crate) fn join(tokens: &[Token]) -> String {
    tokens.iter().map(Token::source).collect()
}

/// The index of the bracket that closes the one at `open`.
pub(crate) fn closing(tokens: &[Token], open: usize) -> usize {
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
pub(crate) enum Kind {
    Doc,
    Word,
    Literal,
    Punct,
}

/// A word, sign, literal or doc line of Rust source.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

impl Token {
    pub(crate) fn word(text: &str) -> Self {
        Self { kind: Kind::Word, text: text.to_owned() }
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Punct)
    }

    pub(crate) fn str(&self) -> &str {
        &self.text
    }

    /// The contents of a plain string.
    pub(crate) fn string(&self) -> Option<&str> {
        self.text.strip_prefix('"')?.strip_suffix('"').filter(|_| self.kind == Kind::Literal)
    }

    /// The token as source, with what must separate it from the next one.
    pub(crate) fn source(&self) -> String {
        match self.kind {
            Kind::Doc => format!("\n/// {}\n", self.text.trim()),
            _ => format!("{} ", self.text),
        }
    }
}

pub(crate) fn read(path: &Path) -> Vec<Token> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
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
            let raw = if rest.starts_with("r#") { 2 } else { 0 };
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let len = rest[raw..].find(|c| !is_word(c)).unwrap_or(rest.len() - raw);
            (Kind::Word, raw + len)
        } else {
            let long = ["...", "->", "=>", "::"].iter().find(|sign| rest.starts_with(**sign));
            (Kind::Punct, long.map_or_else(|| first.len_utf8(), |sign| sign.len()))
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
    if let Some(escaped) = text.strip_prefix("'\\") {
        // The sign after the backslash may be a quote.
        return 3 + escaped[1..].find('\'').map_or(0, |at| at + 1);
    }
    let char_len = text[1..].chars().next().map_or(0, char::len_utf8);
    if text[1 + char_len..].starts_with('\'') {
        return 2 + char_len;
    }
    1 + text[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len() - 1)
}
