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
    /// Sets a property of the instance or, if there is none of this name, of its default topic
    /// configuration. Historical: `rd_kafka_conf_set`.
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
        // Quirk: the text of the first, global look-up stays in the buffer when the topic property
        // is set.
        SetAnswer { result: topic_answer.result, text: topic_answer.text.or(answer.text) }
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
        let is_lost =
            self.default_topic_conf.as_ref().is_some_and(|old| !old.modified().is_empty());
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
        return Err(format!(
            "Configuration property \"{name}\" not supported in this build: {why}"
        ));
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
        Kind::Flags { field, words, .. } => {
            return store_flags(conf, row, name, value, field, words);
        }
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
    let out_of_range = |number: i64| {
        format!(
            "Configuration property \"{name}\" value {number} is outside allowed range \
             {min}..{max}\n"
        )
    };
    let number = match leading_int(value) {
        // What doesn't fit 64 bits is refused also where its low 32 bits happen to be allowed; the
        // text shows these bits only where they explain it.
        Some(i64::MAX) => return Err(out_of_range(if min > -1 { -1 } else { i64::MAX })),
        Some(i64::MIN) => return Err(out_of_range(if min > 0 { 0 } else { i64::MIN })),
        // Quirk: only the low 32 bits of a number count.
        #[allow(clippy::cast_possible_truncation)]
        Some(number) => number as i32,
        None => match words.iter().find(|word| word.text.as_bytes().eq_ignore_ascii_case(value)) {
            Some(word) => word.value,
            None => return Err(format!("Invalid value for configuration property \"{name}\"")),
        },
    };
    if (min..=max).contains(&number) { Ok(number) } else { Err(out_of_range(number.into())) }
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
    let word =
        words.iter().find(|word| word.text.as_bytes().eq_ignore_ascii_case(value)).ok_or_else(
            || format!("Invalid value \"{shown}\" for configuration property \"{name}\""),
        )?;
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

#[cfg(test)]
mod tests {
    use super::SetResult::{Invalid, Ok, Unknown};
    use super::*;

    /// Sets one property of a fresh configuration: result, text, and the value afterwards.
    fn set_one(name: &str, value: Option<&str>) -> (SetResult, String, String) {
        let mut conf = Conf::default();
        let answer = conf.set(name.as_bytes(), value.map(str::as_bytes));
        let value = conf.value(name.as_bytes()).unwrap_or_else(|| b"<unset>".to_vec());
        let text = answer.text.unwrap_or_default();
        (answer.result, text, String::from_utf8(value).expect("the values are ASCII"))
    }

    /// Compares many sets with what the historical library answers, letter by letter.
    fn check(rows: &[(&str, Option<&str>, SetResult, &str, &str)]) {
        for (name, value, result, text, after) in rows {
            let answer = set_one(name, *value);
            let expected = (*result, (*text).to_owned(), (*after).to_owned());
            assert_eq!(answer, expected, "{name}={value:?}");
        }
    }

    #[test]
    fn integers_are_lenient_and_have_historical_texts() {
        let name = "socket.timeout.ms";
        let invalid = "Invalid value for configuration property \"socket.timeout.ms\"";
        let empty =
            "Integer configuration property \"socket.timeout.ms\" cannot be set to empty value";
        check(&[
            (name, Some("1234abc"), Ok, "", "1234"),
            (name, Some("  0x10"), Ok, "", "16"),
            (name, Some("0100"), Ok, "", "64"),
            (name, Some("4294969296"), Ok, "", "2000"),
            (name, Some("abc"), Invalid, invalid, "60000"),
            (name, Some(""), Invalid, empty, "60000"),
            (name, None, Invalid, empty, "60000"),
            (
                name,
                Some("9"),
                Invalid,
                "Configuration property \"socket.timeout.ms\" value 9 is outside allowed range \
                 10..300000\n",
                "60000",
            ),
            (
                name,
                Some("100000000000000000000"),
                Invalid,
                "Configuration property \"socket.timeout.ms\" value -1 is outside allowed range \
                 10..300000\n",
                "60000",
            ),
        ]);
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused_where_its_low_bits_are_allowed() {
        check(&[(
            "topic.metadata.refresh.interval.ms",
            Some("100000000000000000000"),
            Invalid,
            "Configuration property \"topic.metadata.refresh.interval.ms\" value \
             9223372036854775807 is outside allowed range -1..3600000\n",
            "300000",
        )]);
    }

    #[test]
    fn doubles_name_the_canonical_property_and_refuse_nan() {
        let range = |value: &str| {
            format!(
                "Configuration property \"queue.buffering.max.ms\" value {value} is outside \
                 allowed range 0..900000\n"
            )
        };
        check(&[
            ("linger.ms", Some("5ms"), Ok, "", "5"),
            ("linger.ms", Some("1e2"), Ok, "", "100"),
            ("linger.ms", Some("1.9999999"), Ok, "", "2"),
            ("linger.ms", Some("123456.789"), Ok, "", "123457"),
            ("linger.ms", Some("-5"), Invalid, &range("-5"), "5"),
            ("linger.ms", Some("900001"), Invalid, &range("900001"), "5"),
            ("linger.ms", Some("1e400"), Invalid, &range("inf"), "5"),
            ("linger.ms", Some("nan"), Invalid, &range("nan"), "5"),
            (
                "linger.ms",
                Some("x"),
                Invalid,
                "Invalid value for configuration property \"queue.buffering.max.ms\"",
                "5",
            ),
            (
                "linger.ms",
                None,
                Invalid,
                "Float configuration property \"queue.buffering.max.ms\" cannot be set to empty \
                 value",
                "5",
            ),
        ]);
    }

    #[test]
    fn bools_take_few_words_and_no_blanks() {
        let name = "socket.keepalive.enable";
        let expected = "Expected bool value for \"socket.keepalive.enable\": true or false";
        check(&[
            (name, Some("TRUE"), Ok, "", "true"),
            (name, Some("t"), Ok, "", "true"),
            (name, Some("1"), Ok, "", "true"),
            (name, Some("F"), Ok, "", "false"),
            (name, Some("0"), Ok, "", "false"),
            (name, Some("yes"), Invalid, expected, "false"),
            (name, Some(" 1"), Invalid, expected, "false"),
            (
                name,
                Some(""),
                Invalid,
                "Bool configuration property \"socket.keepalive.enable\" cannot be set to empty \
                 value",
                "false",
            ),
        ]);
    }

    #[test]
    fn choices_ignore_case_and_leading_blanks_only() {
        let name = "compression.type";
        check(&[
            (name, Some(" LZ4"), Ok, "", "lz4"),
            (name, Some("  "), Ok, "", "none"),
            (
                name,
                Some("lz4 "),
                Invalid,
                "Invalid value \"lz4 \" for configuration property \"compression.codec\"",
                "none",
            ),
            (
                name,
                None,
                Invalid,
                "Configuration property \"compression.codec\" cannot be set to empty value",
                "none",
            ),
            ("broker.address.family", Some("v4"), Ok, "", "v4"),
            ("produce.engine", Some("V1"), Ok, "", "legacy"),
            ("produce.engine", Some("v2"), Ok, "", "v2"),
        ]);
    }

    #[test]
    fn flags_accumulate_and_stop_at_a_wrong_word() {
        let mut conf = Conf::default();
        let mut debug = |value: &str| {
            let answer = conf.set(b"debug", Some(value.as_bytes()));
            (
                answer.text,
                conf.value(b"debug").map(|value| String::from_utf8_lossy(&value).into_owned()),
            )
        };
        let after = |value: &str| (None, Some(value.to_owned()));

        assert_eq!(debug("broker, +MSG"), after("broker,msg"));
        assert_eq!(debug("topic,-broker"), after("topic,msg"));
        assert_eq!(debug(","), after("topic,msg"));
        let text = "Invalid value \"nope\" for configuration property \"debug\"".to_owned();
        assert_eq!(debug("queue,nope,eos"), (Some(text), Some("topic,queue,msg".to_owned())));
        assert_eq!(debug("-all"), after(""));
        assert_eq!(conf.set(b"debug", Some(b"all")).result, Ok);
        assert_eq!(conf.debug, 0x1f_ffff);
    }

    #[test]
    fn a_feature_that_is_not_there_is_unsupported() {
        check(&[(
            "builtin.features",
            Some("zstd,plugins"),
            Invalid,
            "Unsupported value \"plugins\" for configuration property \"builtin.features\": \
             not available in this version",
            "gzip,snappy,ssl,sasl,regex,lz4,sasl_plain,sasl_scram,zstd,sasl_oauthbearer,http,oidc",
        )]);
    }

    #[test]
    fn texts_lose_leading_blanks_and_empty_means_default() {
        check(&[
            ("client.id", Some("  abc  "), Ok, "", "abc  "),
            ("client.id", Some(""), Ok, "", "rdkafka"),
            ("client.id", Some("  "), Ok, "", ""),
            ("client.rack", Some("  r"), Ok, "", "  r"),
            ("client.rack", None, Ok, "", ""),
            ("sasl.password", Some("geheim"), Ok, "", "geheim"),
            ("sasl.mechanism", Some("PLAIN"), Ok, "", "PLAIN"),
            (
                "sasl.mechanism",
                Some("a,b"),
                Invalid,
                "Invalid value for configuration property \"sasl.mechanisms\": a,b",
                "GSSAPI",
            ),
            ("broker.version.fallback", Some("0.9.0.1"), Ok, "", "0.9.0.1"),
            (
                "broker.version.fallback",
                Some("0.7.1"),
                Invalid,
                "Invalid value for configuration property \"broker.version.fallback\": 0.7.1",
                "0.10.0",
            ),
            (
                "broker.version.fallback",
                None,
                Invalid,
                "Invalid value for configuration property \"broker.version.fallback\": (null)",
                "0.10.0",
            ),
        ]);
    }

    #[test]
    fn bytes_come_back_unchanged() {
        let mut conf = Conf::default();

        assert_eq!(conf.set(b"client.id", Some(b"\xff\xfe")).result, Ok);

        assert_eq!(conf.value(b"client.id"), Some(b"\xff\xfe".to_vec()));
    }

    #[test]
    fn what_cannot_be_set_by_name_says_so() {
        check(&[
            (
                "dr_msg_cb",
                Some("1"),
                Invalid,
                "Property \"dr_msg_cb\" must be set through dedicated .._set_..() function",
                "<unset>",
            ),
            (
                "ssl_key",
                Some("1"),
                Invalid,
                "Internal property \"ssl_key\" not settable",
                "<unset>",
            ),
            (
                "ssl.ca.certificate.stores",
                Some("CA"),
                Invalid,
                "Configuration property \"ssl.ca.certificate.stores\" not supported in this \
                 build: configuration only valid on Windows",
                "Root",
            ),
            (
                "ssl.engine.location",
                Some("x"),
                Invalid,
                "Configuration property \"ssl.engine.location\" not supported in this build: \
                 OpenSSL >= 1.1.x not available at build time",
                "<unset>",
            ),
            (
                "sasl.jaas.config",
                Some("x"),
                Invalid,
                "Java JAAS configuration is not supported, see \
                 https://github.com/confluentinc/librdkafka/wiki/Using-SASL-with-librdkafka for \
                 more information.",
                "<unset>",
            ),
            (
                "plugin.library.paths",
                Some("x"),
                Invalid,
                "Configuration property \"plugin.library.paths\" not supported in this build: \
                 plugins are not available in this version",
                "<unset>",
            ),
            (
                "no.such",
                Some("x"),
                Unknown,
                "No such configuration property: \"no.such\"",
                "<unset>",
            ),
            (
                "Client.Id",
                Some("x"),
                Unknown,
                "No such configuration property: \"Client.Id\"",
                "<unset>",
            ),
        ]);
    }

    #[test]
    fn patterns_are_compiled() {
        let (result, text, after) = set_one("topic.blacklist", Some("^x,("));
        assert_eq!((result, after.as_str()), (Invalid, "<unset>"));
        assert!(text.starts_with("Failed to parse pattern \"(\": "), "{text}");
        check(&[("topic.blacklist", Some("^x,y$"), Ok, "", "^x,y$")]);
    }

    #[test]
    fn topic_properties_fall_through_and_leave_the_first_text() {
        check(&[
            ("acks", Some("All"), Ok, "No such configuration property: \"acks\"", "-1"),
            (
                "topic.acks",
                Some("1"),
                Ok,
                "No such configuration property: \"topic.acks\"",
                "<unset>",
            ),
            (
                "topic.no.such",
                Some("1"),
                Unknown,
                "No such configuration property: \"no.such\"",
                "<unset>",
            ),
            (
                "acks",
                Some("1001"),
                Invalid,
                "Configuration property \"request.required.acks\" value 1001 is outside allowed \
                 range -1..1000\n",
                "-1",
            ),
            (
                "partitioner",
                Some("Murmur2"),
                Invalid,
                "Invalid value for configuration property \"partitioner\": Murmur2",
                "consistent_random",
            ),
        ]);
    }

    #[test]
    fn a_name_of_both_scopes_means_the_global_one() {
        let mut conf = Conf::default();

        assert_eq!(conf.set(b"compression.codec", Some(b"zstd")).result, Ok);
        assert_eq!(conf.set(b"topic.compression.codec", Some(b"gzip")).result, Ok);

        let topic = conf.default_topic_conf.as_ref().expect("the second call made it");
        assert_eq!((conf.compression_codec, topic.compression_codec), (4, 1));
    }

    #[test]
    fn a_default_topic_conf_that_had_settings_is_noted_as_lost() {
        let mut conf = Conf::default();
        conf.set_default_topic_conf(Some(Marked::new(TopicConf::default())));
        assert!(!conf.default_topic_conf_overwritten);
        conf.set(b"acks", Some(b"1"));

        conf.set_default_topic_conf(None);

        assert!(conf.default_topic_conf_overwritten);
    }

    #[test]
    fn a_copy_has_what_was_set_and_nothing_derived() {
        let mut conf = Conf::default();
        for (name, value) in [("socket.timeout.ms", "777"), ("client.id", "x"), ("acks", "1")] {
            assert_eq!(conf.set(name.as_bytes(), Some(value.as_bytes())).result, Ok);
        }
        conf.max_retries = 3;
        let value = |conf: &Conf, name: &str| conf.value(name.as_bytes()).expect("it has a value");

        let copy = conf.copy(&[]);
        let filtered = conf.copy(&[b"socket.", b"client"]);

        assert_eq!(value(&copy, "socket.timeout.ms"), b"777");
        assert_eq!(value(&copy, "acks"), b"1");
        assert_eq!(value(&copy, "retries"), b"2147483647");
        assert_eq!(value(&filtered, "socket.timeout.ms"), b"60000");
        assert_eq!(value(&filtered, "client.id"), b"rdkafka");
        assert_eq!(value(&filtered, "acks"), b"1");
        assert!(!filtered.is_modified("client.id") && copy.is_modified("client.id"));
    }
}
