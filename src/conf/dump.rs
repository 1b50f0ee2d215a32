//! Printing configuration: one value, all values, and the table of all properties.
#![forbid(unsafe_code)]

use std::fmt::Write;

use super::global::GLOBAL;
use super::number::general;
use super::property::{App, Flag, Importance, Kind, Properties, Property, Word};
use super::topic::TOPIC;
use super::value::REDACTED;
use super::{Conf, TopicConf};

impl Conf {
    /// The value of a property of the instance or, if there is none, of its default topic
    /// configuration; `None` for an unknown name and for what is not set. Historical:
    /// `rd_kafka_conf_get`.
    pub(crate) fn value(&self, name: &[u8]) -> Option<Vec<u8>> {
        value(self, name).or_else(|| value::<TopicConf>(self.default_topic_conf.as_deref()?, name))
    }

    /// Is this the name of a set of words, globally or in the default topic configuration?
    pub(crate) fn is_flags(name: &[u8]) -> bool {
        Self::find(name).is_some_and(|row| matches!(GLOBAL[row].kind, Kind::Flags { .. }))
    }
}

impl TopicConf {
    /// The value of a property; `None` for an unknown name and for what is not set.
    pub(crate) fn value(&self, name: &[u8]) -> Option<Vec<u8>> {
        value(self, name)
    }
}

fn value<C: Properties>(conf: &C, name: &[u8]) -> Option<Vec<u8>> {
    print(conf, &C::table()[C::find(name)?])
}

/// Names and values of everything that has a value, in the order of the table. Secrets are in
/// clear.
pub(crate) fn dump<C: Properties>(conf: &C) -> Vec<(&'static str, Vec<u8>)> {
    C::table().iter().filter_map(|property| Some((property.name, print(conf, property)?))).collect()
}

/// Names and values of what the application has set, for the debug log: secrets are redacted.
pub(crate) fn dump_modified<C: Properties>(conf: &C) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    for (row, property) in C::table().iter().enumerate() {
        if !conf.modified().has(row) {
            continue;
        }
        if property.is(Flag::Sensitive) || matches!(property.kind, Kind::Secret { .. }) {
            pairs.push((property.name, REDACTED.to_owned()));
        } else if let Some(value) = print(conf, property) {
            pairs.push((property.name, String::from_utf8_lossy(&value).into_owned()));
        }
    }
    pairs
}

/// Names, users and values of what the application has set by name, to be set elsewhere. Secrets
/// are in clear.
pub(crate) fn modified_values<C: Properties>(conf: &C) -> Vec<(&'static str, App, Vec<u8>)> {
    let rows = C::table().iter().enumerate();
    let set = rows.filter(|(row, property)| {
        conf.modified().has(*row) && !matches!(property.kind, Kind::Pointer { .. })
    });
    set.filter_map(|(_, property)| Some((property.name, property.app, print(conf, property)?)))
        .collect()
}

/// The value of one property as text.
fn print<C>(conf: &C, property: &Property<C>) -> Option<Vec<u8>> {
    let text = match &property.kind {
        Kind::Bool { field, .. } => (field.of)(conf).to_string(),
        Kind::Int { field, .. } => (field.of)(conf).to_string(),
        Kind::Double { field, .. } => general(*(field.of)(conf)),
        Kind::Choice { field, words, .. } => {
            words.iter().find(|word| word.value == *(field.of)(conf))?.text.to_owned()
        }
        Kind::Flags { field, words, .. } => {
            let flags = *(field.of)(conf);
            let is_set = |word: &&Word| flags & word.value == word.value;
            let shown = words.iter().filter(is_set).filter(|word| word.unsupported.is_none());
            joined(shown, ",")
        }
        Kind::Text { field, .. } | Kind::Patterns { field } | Kind::Plugins { field } => {
            return (field.of)(conf).as_ref().map(|text| text.as_bytes().to_vec());
        }
        Kind::Secret { field } => {
            return (field.of)(conf).as_ref().map(|secret| secret.expose().to_vec());
        }
        Kind::Pointer { address, .. } => match address(conf) {
            0 => return None,
            address => format!("{address:#x}"),
        },
        Kind::Internal { .. } | Kind::Refused | Kind::Alias(_) => return None,
    };
    Some(text.into_bytes())
}

fn joined<'w>(words: impl Iterator<Item = &'w Word>, separator: &str) -> String {
    words.filter(|word| !word.is_alias).map(|word| word.text).collect::<Vec<_>>().join(separator)
}

/// The table of all visible properties, in Markdown. Historical: `rd_kafka_conf_properties_show`.
pub(crate) fn table() -> String {
    let mut out = String::with_capacity(64 * 1024);
    head(&mut out, "Global");
    rows(&mut out, GLOBAL);
    out.push_str("\n\n");
    head(&mut out, "Topic");
    rows(&mut out, TOPIC);
    out.push_str("\n### C/P legend: C = Consumer, P = Producer, * = both\n");
    out
}

fn head(out: &mut String, scope: &str) {
    let dashes = |count| "-".repeat(count);
    let _ = writeln!(out, "## {scope} configuration properties\n");
    let _ = writeln!(
        out,
        "{:<40} | {:>3} | {:<15} | {:>13} | {:<10} | {:<25}",
        "Property", "C/P", "Range", "Default", "Importance", "Description"
    );
    let _ = writeln!(
        out,
        "{}-|-{}-|-{}-|-{}:|-{}-| -{}",
        dashes(40),
        dashes(3),
        dashes(15),
        dashes(13),
        dashes(10),
        dashes(25)
    );
}

fn rows<C: Properties>(out: &mut String, table: &[Property<C>]) {
    for row in table {
        if row.is(Flag::Hidden) || matches!(row.kind, Kind::Refused) {
            continue;
        }
        let property = match row.kind {
            Kind::Alias(target) => {
                &table[C::find(target.as_bytes()).expect("aliases lead somewhere")]
            }
            _ => row,
        };
        let shown = Shown::of(property);
        let app = match property.app {
            App::Any => " * ",
            App::Producer => " P ",
            App::Consumer => " C ",
        };
        let importance = match property.importance {
            Importance::High => "high",
            Importance::Medium => "medium",
            Importance::Low => "low",
        };
        let _ = write!(
            out,
            "{:<40} | {app:>3} | {:<15} | {:>13} | {importance:<10} | ",
            row.name, shown.range, shown.default
        );
        if property.is(Flag::Experimental) {
            out.push_str("**EXPERIMENTAL**: subject to change or removal. ");
        }
        if property.is(Flag::Deprecated) {
            out.push_str("**DEPRECATED** ");
        }
        if let Kind::Alias(target) = row.kind {
            let _ = write!(out, "Alias for `{target}`: ");
        }
        let _ = writeln!(out, "{} <br>*Type: {}*", property.description(), shown.kind);
    }
}

/// What the table shows of a property's type.
struct Shown {
    range: String,
    default: String,
    kind: &'static str,
}

impl Shown {
    fn of<C>(property: &Property<C>) -> Self {
        match &property.kind {
            Kind::Bool { default, .. } => Self {
                range: "true, false".to_owned(),
                default: default.to_string(),
                kind: "boolean",
            },
            Kind::Int { min, max, default, .. } => Self {
                range: format!("{min} .. {max}"),
                default: default.to_string(),
                kind: "integer",
            },
            Kind::Double { min, max, default, .. } => Self {
                range: format!("{} .. {}", general(*min), general(*max)),
                default: general(*default),
                kind: "float",
            },
            Kind::Choice { default, words, .. } => Self {
                range: joined(words.iter(), ", "),
                default: joined(words.iter().filter(|word| word.value == *default).take(1), ""),
                kind: "enum value",
            },
            Kind::Flags { default, words, .. } => {
                let is_set = |word: &&Word| default & word.value == word.value;
                let default = joined(words.iter().filter(is_set), ", ");
                // A set whose default is everything isn't printed twice.
                let range =
                    if default.is_empty() { joined(words.iter(), ", ") } else { String::new() };
                Self { range, default, kind: "CSV flags" }
            }
            Kind::Text { default, .. } => Self {
                range: String::new(),
                default: default.unwrap_or_default().to_owned(),
                kind: "string",
            },
            Kind::Secret { .. } | Kind::Plugins { .. } => Self::bare("string"),
            Kind::Patterns { .. } => Self::bare("pattern list"),
            Kind::Pointer { .. } | Kind::Internal { .. } => Self::bare("see dedicated API"),
            Kind::Refused | Kind::Alias(_) => Self::bare(""),
        }
    }

    fn bare(kind: &'static str) -> Self {
        Self { range: String::new(), default: String::new(), kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_what_has_a_value_in_the_order_of_the_table() {
        let conf = Conf::default();

        let pairs = dump(&conf);

        let names: Vec<_> = pairs.iter().map(|pair| pair.0).collect();
        assert_eq!(
            names[..5],
            [
                "builtin.features",
                "client.id",
                "client.software.name",
                "message.max.bytes",
                "message.copy.max.bytes",
            ]
        );
        for absent in ["bootstrap.servers", "metadata.broker.list", "ssl_key", "sasl.jaas.config"] {
            assert!(!names.contains(&absent), "{absent}");
        }
        for (name, value) in [("linger.ms", "5"), ("debug", ""), ("client.rack", "")] {
            assert_eq!(conf.value(name.as_bytes()).as_deref(), Some(value.as_bytes()), "{name}");
        }
        let value = |name: &str| {
            let pair = pairs.iter().find(|pair| pair.0 == name).expect("the name is there");
            String::from_utf8_lossy(&pair.1).into_owned()
        };
        assert_eq!(value("queue.buffering.max.ms"), "5");
        assert_eq!(value("adaptive.alpha"), "0.1");
        assert_eq!(value("produce.engine"), "legacy");
        assert!(value("log_cb").starts_with("0x"));
    }

    #[test]
    fn a_topic_dump_is_complete() {
        let names: Vec<_> = dump(&TopicConf::default()).iter().map(|pair| pair.0).collect();

        assert_eq!(
            names,
            [
                "request.required.acks",
                "request.timeout.ms",
                "message.timeout.ms",
                "queuing.strategy",
                "produce.offset.report",
                "partitioner",
                "compression.codec",
                "compression.level",
                "auto.commit.enable",
                "auto.commit.interval.ms",
                "auto.offset.reset",
                "offset.store.path",
                "offset.store.sync.interval.ms",
                "offset.store.method",
                "consume.callback.max.messages",
            ]
        );
    }

    #[test]
    fn the_debug_dump_redacts_secrets_and_leaves_out_defaults() {
        let mut conf = Conf::default();
        for (name, value) in [
            ("sasl.password", "geheim"),
            ("sasl.username", "canary"),
            ("sasl.oauthbearer.assertion.claim.sub", "canary"),
            ("client.id", "me"),
        ] {
            conf.set(name.as_bytes(), Some(value.as_bytes()));
        }

        let redacted = "[redacted]".to_owned();
        assert_eq!(
            dump_modified(&conf),
            [
                ("client.id", "me".to_owned()),
                ("sasl.username", redacted.clone()),
                ("sasl.password", redacted.clone()),
                ("sasl.oauthbearer.assertion.claim.sub", redacted),
            ]
        );
        let debug = format!("{conf:?}");
        assert!(!debug.contains("geheim") && !debug.contains("canary"), "{debug}");
        assert_eq!(conf.value(b"sasl.password").as_deref(), Some(b"geheim".as_slice()));
    }

    #[test]
    fn the_table_has_historys_columns() {
        let table = table();
        let line = |name: &str| {
            table
                .lines()
                .find(|line| line.starts_with(&format!("{name} ")))
                .unwrap_or_else(|| panic!("{name} is missing"))
        };

        assert!(table.starts_with("## Global configuration properties\n\nProperty   "));
        assert!(table.contains("\n\n\n## Topic configuration properties\n\nProperty   "));
        assert!(table.ends_with("\n\n### C/P legend: C = Consumer, P = Producer, * = both\n"));
        assert_eq!(
            line("message.max.bytes"),
            "message.max.bytes                        |  *  | 1000 .. 1000000000 |       1000000 \
             | medium     | Largest Produce request, in bytes; also the limit of one message. \
             <br>*Type: integer*"
        );
        assert_eq!(
            line("linger.ms"),
            "linger.ms                                |  P  | 0 .. 900000     |             5 \
             | high       | Alias for `queue.buffering.max.ms`: Time to wait for more messages \
             before a batch is sent, in milliseconds. <br>*Type: float*"
        );
        assert_eq!(
            line("queuing.strategy"),
            "queuing.strategy                         |  P  | fifo, lifo      |          fifo \
             | low        | **EXPERIMENTAL**: subject to change or removal. **DEPRECATED** Order \
             in which queued messages are sent. <br>*Type: enum value*"
        );
        assert!(!table.contains("\nclient.software.name "));
        assert!(!table.contains("\nsasl.jaas.config "));
    }
}
