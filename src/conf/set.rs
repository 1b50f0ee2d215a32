//! Setting a property by name: parse one value, check it, store it.
//!
//! The texts are the historical ones, letter by letter: applications show them, and test for them.
#![forbid(unsafe_code)]

use super::number::{general, leading_double, leading_int, trim_start};
use super::property::{Field, Kind, Properties, Property, Word};
use super::value::{Marked, Secret, Text};
use super::{Conf, TopicConf};
use crate::sys::regex::Regex;

/// What happened to a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SetResult {
    /// There is no such property.
    Unknown,
    /// The value is not allowed, or the property can't be set by name.
    Invalid,
    /// The value is stored.
    Ok,
}

/// The answer to a `set`: also a success may come with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SetAnswer {
    /// What happened.
    pub(crate) result: SetResult,
    /// What is written to the caller's text buffer, if anything.
    pub(crate) text: Option<String>,
}

impl Conf {
    /// Sets a property of the instance or, if there is none of this name, of its default topic configuration.
    /// Historical: `rd_kafka_conf_set`.
    pub(crate) fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> SetAnswer {
        let answer = set(self, name, value);
        if answer.result != SetResult::Unknown {
            return answer;
        }
        if self.default_topic_conf.is_none() {
            self.set_default_topic_conf(Some(Marked::new(TopicConf::default())));
        }
        let Some(topic) = self.default_topic_conf.as_mut() else { return answer };
        let topic_answer = topic.set(name, value);
        // Quirk: the text of the first, global look-up stays in the buffer when the topic property is set.
        SetAnswer {
            result: topic_answer.result,
            text: topic_answer.text.or(answer.text),
        }
    }

    /// A copy for the application. Historical: `rd_kafka_conf_dup_filter`.
    pub(crate) fn copy(&self, prefixes: &[&[u8]]) -> Self {
        let mut copy = self.duplicate(prefixes);
        copy.default_topic_conf_overwritten = false;
        copy.default_topic_conf =
            copy.default_topic_conf.map(|topic| Marked::new(topic.duplicate(&[])));
        copy
    }

    /// Replaces the default topic configuration.
    pub(crate) fn set_default_topic_conf(&mut self, conf: Option<Box<Marked<TopicConf>>>) {
        let is_lost = self.default_topic_conf.as_ref().is_some_and(|old| !old.modified().is_empty());
        self.default_topic_conf_overwritten |= is_lost;
        self.default_topic_conf = conf;
        self.mark_modified("default_topic_conf");
    }
}

impl TopicConf {
    /// Sets a property; a leading `topic.` is ignored. Historical: `rd_kafka_topic_conf_set`.
    pub(crate) fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> SetAnswer {
        set(self, name.strip_prefix(b"topic.").unwrap_or(name), value)
    }
}

fn set<C: Properties>(conf: &mut C, name: &[u8], value: Option<&[u8]>) -> SetAnswer {
    let value = value.filter(|value| !value.is_empty());
    let Some(row) = C::find(name) else {
        let name = String::from_utf8_lossy(name);
        return SetAnswer {
            result: SetResult::Unknown,
            text: Some(format!("No such configuration property: \"{name}\"")),
        };
    };
    match store(conf, row, &C::table()[row], value) {
        Ok(()) => SetAnswer { result: SetResult::Ok, text: None },
        Err(text) => SetAnswer { result: SetResult::Invalid, text: Some(text) },
    }
}

/// Parses `value`, stores it and notes that the application did so.
fn store<C: Properties>(
    conf: &mut C,
    row: usize,
    property: &Property<C>,
    value: Option<&[u8]>,
) -> Result<(), String> {
    let name = property.name;
    if let Some(why) = property.unsupported() {
        return Err(format!("Configuration property \"{name}\" not supported in this build: {why}"));
    }
    match &property.kind {
        Kind::Bool { field, .. } => *(field.of_mut)(conf) = parse_bool(name, value)?,
        Kind::Int { field, min, max, words, .. } => {
            *(field.of_mut)(conf) = parse_int(name, value, *min, *max, words)?;
        }
        Kind::Double { field, min, max, .. } => {
            *(field.of_mut)(conf) = parse_double(name, value, *min, *max)?;
        }
        Kind::Choice { field, words, .. } => {
            // Quirk: a value of blanks only changes nothing and is no error.
            let Some(choice) = parse_choice(name, value, words)? else { return Ok(()) };
            *(field.of_mut)(conf) = choice;
        }
        Kind::Flags { field, words, .. } => return store_flags(conf, row, name, value, field, words),
        Kind::Text { field, default, check, is_raw } => {
            let value = if *is_raw { value } else { value.map(trim_start) };
            check_text(name, value, *check)?;
            let default = default.map(str::as_bytes);
            *(field.of_mut)(conf) = value.or(default).map(Text::from);
        }
        Kind::Secret { field } => {
            *(field.of_mut)(conf) = value.map(trim_start).map(Secret::from);
        }
        Kind::Patterns { field } => {
            check_patterns(value)?;
            *(field.of_mut)(conf) = value.map(Text::from);
        }
        Kind::Plugins { field } => {
            refuse_plugins(name, value)?;
            *(field.of_mut)(conf) = None;
        }
        Kind::Pointer { .. } => {
            return Err(format!(
                "Property \"{name}\" must be set through dedicated .._set_..() function"
            ));
        }
        Kind::Internal { .. } => return Err(format!("Internal property \"{name}\" not settable")),
        Kind::Refused => return Err(property.description().to_owned()),
        Kind::Alias(_) => unreachable!("`find` leads an alias to its target"),
    }
    conf.modified_mut().set(row);
    Ok(())
}

fn parse_bool(name: &str, value: Option<&[u8]>) -> Result<bool, String> {
    let value = value.ok_or_else(|| empty_text("Bool", name))?;
    match value.to_ascii_lowercase().as_slice() {
        b"true" | b"t" | b"1" => Ok(true),
        b"false" | b"f" | b"0" => Ok(false),
        _ => Err(format!("Expected bool value for \"{name}\": true or false")),
    }
}

fn parse_int(
    name: &str,
    value: Option<&[u8]>,
    min: i32,
    max: i32,
    words: &[Word],
) -> Result<i32, String> {
    let value = value.ok_or_else(|| empty_text("Integer", name))?;
    let out_of_range = |number: i32| {
        format!(
            "Configuration property \"{name}\" value {number} is outside allowed range \
             {min}..{max}\n"
        )
    };
    let number = match leading_int(value) {
        // What doesn't fit 64 bits is refused also where its low 32 bits happen to be allowed.
        Some(i64::MAX) => return Err(out_of_range(-1)),
        Some(i64::MIN) => return Err(out_of_range(0)),
        // Quirk: only the low 32 bits of a number count.
        #[allow(clippy::cast_possible_truncation)]
        Some(number) => number as i32,
        None => match words.iter().find(|word| word.text.as_bytes().eq_ignore_ascii_case(value)) {
            Some(word) => word.value,
            None => return Err(format!("Invalid value for configuration property \"{name}\"")),
        },
    };
    if (min..=max).contains(&number) { Ok(number) } else { Err(out_of_range(number)) }
}

fn parse_double(name: &str, value: Option<&[u8]>, min: f64, max: f64) -> Result<f64, String> {
    let value = value.ok_or_else(|| empty_text("Float", name))?;
    let number = leading_double(value)
        .ok_or_else(|| format!("Invalid value for configuration property \"{name}\""))?;
    // Not a number is in no range.
    if (min..=max).contains(&number) {
        return Ok(number);
    }
    let (number, min, max) = (general(number), general(min), general(max));
    Err(format!(
        "Configuration property \"{name}\" value {number} is outside allowed range {min}..{max}\n"
    ))
}

/// The number of a word; `None` for a value of blanks only.
fn parse_choice(name: &str, value: Option<&[u8]>, words: &[Word]) -> Result<Option<i32>, String> {
    let value = value.ok_or_else(|| empty_text("", name))?;
    let value = trim_start(value);
    if value.is_empty() {
        return Ok(None);
    }
    find_word(name, value, words).map(|word| Some(word.value))
}

/// The row of a word, in any case, that this build accepts.
fn find_word<'w>(name: &str, value: &[u8], words: &'w [Word]) -> Result<&'w Word, String> {
    let shown = String::from_utf8_lossy(value);
    let word = words
        .iter()
        .find(|word| word.text.as_bytes().eq_ignore_ascii_case(value))
        .ok_or_else(|| format!("Invalid value \"{shown}\" for configuration property \"{name}\""))?;
    match word.unsupported {
        None => Ok(word),
        Some(why) => Err(format!(
            "Unsupported value \"{shown}\" for configuration property \"{name}\": {why}"
        )),
    }
}

/// Adds and removes the words of a comma-separated list. Words before a wrong one stay applied.
fn store_flags<C: Properties>(
    conf: &mut C,
    row: usize,
    name: &str,
    value: Option<&[u8]>,
    field: &Field<C, i32>,
    words: &[Word],
) -> Result<(), String> {
    let value = value.ok_or_else(|| empty_text("", name))?;
    for item in value.split(|byte| *byte == b',') {
        let item = trim_start(item);
        let (is_removed, item) = match item {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, item),
        };
        if item.is_empty() {
            continue;
        }
        let bits = find_word(name, item, words)?.value;
        let flags = (field.of_mut)(conf);
        *flags = if is_removed { *flags & !bits } else { *flags | bits };
        conf.modified_mut().set(row);
    }
    Ok(())
}

fn check_text(
    name: &str,
    value: Option<&[u8]>,
    check: Option<fn(&[u8]) -> bool>,
) -> Result<(), String> {
    let Some(check) = check else { return Ok(()) };
    if value.is_some_and(check) {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(value.unwrap_or(b"(null)"));
    Err(format!("Invalid value for configuration property \"{name}\": {shown}"))
}

/// The items of a pattern list.
pub(crate) fn patterns(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b',').filter(|item| !item.is_empty())
}

fn check_patterns(value: Option<&[u8]>) -> Result<(), String> {
    for pattern in patterns(value.unwrap_or_default()) {
        if let Err(why) = Regex::new(pattern) {
            let pattern = String::from_utf8_lossy(pattern);
            return Err(format!("Failed to parse pattern \"{pattern}\": {why}"));
        }
    }
    Ok(())
}

fn refuse_plugins(name: &str, value: Option<&[u8]>) -> Result<(), String> {
    match value {
        None => Ok(()),
        Some(_) => Err(format!(
            "Configuration property \"{name}\" not supported in this build: \
             plugins are not available in this version"
        )),
    }
}

/// The text for a value that is missing.
fn empty_text(kind: &str, name: &str) -> String {
    let subject = match kind {
        "" => "Configuration".to_owned(),
        kind => format!("{kind} configuration"),
    };
    format!("{subject} property \"{name}\" cannot be set to empty value")
}
