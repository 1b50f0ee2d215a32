//! All properties: as pairs, and as the table of `rd_kafka_conf_properties_show`.
#![forbid(unsafe_code)]

use super::property::{DEPRECATED, HIDDEN, Kind, Property, Role};
use super::values::{Values, print};
use super::{global, topic};

/// Names and values in table order; unset ones and aliases are left out.
pub(crate) fn pairs(values: &Values) -> Vec<(&'static str, Vec<u8>)> {
    values
        .iter()
        .filter_map(|(property, value, _)| {
            print(property.kind, value).map(|text| (property.name, text))
        })
        .collect()
}

/// The listing of all properties that are not hidden.
pub(crate) fn listing() -> String {
    let mut out = String::new();
    for (title, table) in [("Global", global::GLOBAL), ("Topic", topic::TOPIC)] {
        out.push_str(&format!("## {title} configuration properties\n\n"));
        out.push_str(&line(["Property", "C/P", "Range", "Default", "Importance", "Description"]));
        let width = WIDTHS.map(|width| "-".repeat(width));
        out.push_str(&format!(
            "{}|{}|{}|{}:|{}|{}\n",
            width[0],
            width[1],
            width[2],
            &width[3][1..],
            width[4],
            width[5]
        ));
        for property in table.iter().filter(|property| !property.is(HIDDEN)) {
            out.push_str(&describe(property));
        }
        out.push('\n');
    }
    out.push_str("### C/P legend: C = Consumer, P = Producer, * = both\n");
    out
}

const WIDTHS: [usize; 6] = [41, 5, 17, 15, 12, 26];

fn line(cells: [&str; 6]) -> String {
    let mut out = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        let width = WIDTHS[at];
        match at {
            0 => out.push_str(&format!("{cell:width$}")),
            3 => out.push_str(&format!("| {cell:>width$} ")),
            _ => out.push_str(&format!("| {cell:width$} ")),
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn describe(property: &Property) -> String {
    let (range, default, kind) = match property.kind {
        Kind::Bool(default) => ("true, false".to_owned(), default.to_string(), "boolean"),
        Kind::Int { min, max, default, .. } => {
            (format!("{min} .. {max}"), default.to_string(), "integer")
        }
        Kind::Float { min, max, default } => {
            (format!("{min} .. {max}"), default.to_string(), "float")
        }
        Kind::Enum { names, default } => (words(names), default_word(names, default), "enum value"),
        Kind::Flags { names, .. } => (words(names), String::new(), "CSV flags"),
        Kind::Text(default) => {
            (String::new(), default.unwrap_or_default().to_owned(), "string")
        }
        Kind::Patterns => (String::new(), String::new(), "pattern list"),
        Kind::Pointer => {
            (String::new(), String::new(), "see dedicated API")
        }
        Kind::Internal | Kind::Refused(_) | Kind::Alias(_) => Default::default(),
    };
    let role = match property.role {
        Role::Any => "*",
        Role::Producer => "P",
        Role::Consumer => "C",
    };
    let deprecated = if property.is(DEPRECATED) { "**DEPRECATED** " } else { "" };
    let kind = if kind.is_empty() { String::new() } else { format!(" <br>*Type: {kind}*") };
    let description = format!("{deprecated}{}{kind}", property.description);
    let importance = property.importance.name();
    line([property.name, role, &range, &default, importance, &description])
}

fn words(names: super::property::Names) -> String {
    names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn default_word(names: super::property::Names, value: i64) -> String {
    names.iter().find(|(_, number)| *number == value).map_or_else(String::new, |(name, _)| {
        (*name).to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::super::Conf;
    use super::*;

    #[test]
    fn a_fresh_dump_has_the_defaults_in_table_order() {
        let pairs = pairs(&Conf::new().values);
        assert_eq!(pairs[1], ("client.id", b"rdkafka".to_vec()));
        let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
        assert!(!names.contains(&"bootstrap.servers"));
        assert!(names.contains(&"produce.engine"));
    }

    #[test]
    fn the_listing_has_every_property_that_is_not_hidden() {
        let listing = listing();
        assert!(listing.contains("\nlinger.ms "));
        assert!(listing.contains("\nrequest.required.acks "));
        assert!(!listing.contains("test.mock.num.brokers"));
    }
}
