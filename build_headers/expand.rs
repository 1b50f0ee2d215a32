//! Expands a file's own macros around `export!`: one row, one function.
//!
//! Only the form that doors use: a macro with one rule, whose pattern and whose body repeat one
//! row.

use super::syntax::{Kind, Token, closing, invocations, split_docs};

/// A macro that makes an exported function of a row.
struct RowMacro<'a> {
    name: &'a str,
    /// What a row looks like, behind its texts.
    pattern: &'a [Token],
    /// The function's texts and signature.
    template: &'a [Token],
}

/// A function as the macros of a file declare it: texts and signature.
pub(crate) fn expanded(tokens: &[Token]) -> Vec<(Vec<String>, Vec<Token>)> {
    let mut functions = Vec::new();
    for row_macro in row_macros(tokens) {
        for block in invocations(tokens, row_macro.name) {
            let mut rest = block;
            while !rest.is_empty() {
                let (mut docs, row) = split_docs(rest);
                let end = row.iter().position(|token| token.is(";")).expect("a row ends");
                let captures = captures(row_macro.pattern, &row[..end]);
                let (more, signature) = substituted(row_macro.template, &captures);
                docs.extend(more);
                functions.push((docs, signature));
                rest = &row[end + 1..];
            }
        }
    }
    functions
}

/// The macros of a file whose bodies have an `export!`.
fn row_macros(tokens: &[Token]) -> Vec<RowMacro<'_>> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if !tokens[at].is("macro_rules") {
            continue;
        }
        let body = &tokens[at + 4..closing(tokens, at + 3)];
        let export = body.iter().position(|token| token.is("export"));
        let Some(export) = export else { continue };
        // ( $( $(#[$meta:meta])* … ; )* ) => { export! { $( … )* } }
        let row = &body[3..closing(body, 2)];
        let meta_end = closing(row, 1) + 2;
        let pattern = &row[meta_end..row.len() - 1];
        let template = &body[export + 5..closing(body, export + 4)];
        found.push(RowMacro { name: &tokens[at + 2].text, pattern, template });
    }
    found
}

/// What the variables of a pattern stand for in a row.
fn captures<'a>(mut pattern: &[Token], mut row: &'a [Token]) -> Vec<(String, &'a [Token])> {
    let mut captures = Vec::new();
    while let Some(first) = pattern.first() {
        if !first.is("$") {
            assert!(row[0].is(&first.text), "a row fits its pattern: {row:?}");
            (pattern, row) = (&pattern[1..], &row[1..]);
            continue;
        }
        // $ name : kind
        let next = pattern.get(4);
        let end = next.and_then(|next| row.iter().position(|token| token.is(&next.text)));
        let end = end.unwrap_or(row.len());
        captures.push((pattern[1].text.clone(), &row[..end]));
        (pattern, row) = (&pattern[4..], &row[end..]);
    }
    captures
}

/// The texts of a function and its signature, variables replaced.
fn substituted(template: &[Token], captures: &[(String, &[Token])]) -> (Vec<String>, Vec<Token>) {
    let docs = template.iter().take_while(|token| !token.is("fn"));
    let docs = docs.filter(|token| token.kind == Kind::Doc).map(|token| token.text.clone());
    let start = template.iter().position(|token| token.is("fn")).expect("a function") + 1;
    let end = template.iter().skip(start).position(|token| token.is("{")).expect("a body") + start;
    let mut signature = Vec::new();
    let mut at = start;
    while at < end {
        let variable = captures.iter().find(|(name, _)| {
            template[at].is("$") && template.get(at + 1).is_some_and(|next| next.is(name))
        });
        if let Some((_, tokens)) = variable {
            signature.extend_from_slice(tokens);
            at += 2;
        } else {
            signature.push(template[at].clone());
            at += 1;
        }
    }
    (docs.collect(), signature)
}
