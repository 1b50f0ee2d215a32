//! What a property is: name, kind, range, default, scope, description and the field it is stored
//! in.
//!
//! The macro `properties!` makes a configuration struct and its table from one list. The rows are
//! in `global.rs` and `topic.rs`; parsing a value is in `set.rs`, printing one in `dump.rs`.
#![forbid(unsafe_code)]

use super::value::{Secret, Text};

/// Which clients use a property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum App {
    /// Both.
    Any,
    /// Producers.
    Producer,
    /// Consumers.
    Consumer,
}

/// How much a property matters to most applications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Importance {
    /// Look at it first.
    High,
    /// Tuning.
    Medium,
    /// Rarely needed.
    Low,
}

/// Something special about a property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flag {
    /// Setting it is warned about.
    Deprecated,
    /// Setting it is warned about.
    Experimental,
    /// Not in the printed table.
    Hidden,
    /// Redacted where this library prints it by its own choice.
    Sensitive,
    /// Cannot be set on any other system than Windows.
    WindowsOnly,
    /// For OpenSSL's engines, which this library does not use.
    OfEngines,
}

/// A field of a configuration struct.
pub(crate) struct Field<C, T> {
    /// Reads it.
    pub(crate) of: fn(&C) -> &T,
    /// Writes it.
    pub(crate) of_mut: fn(&mut C) -> &mut T,
}

/// An allowed word of a property and the number it stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    /// The word.
    pub(crate) text: &'static str,
    /// Its number.
    pub(crate) value: i32,
    /// Why this build does not accept it.
    pub(crate) unsupported: Option<&'static str>,
    /// Understood, but another word is printed.
    pub(crate) is_alias: bool,
}

/// A word that this build accepts.
pub(crate) const fn word(text: &'static str, value: i32) -> Word {
    Word { text, value, unsupported: None, is_alias: false }
}

/// A word that this build knows and refuses.
pub(crate) const fn unsupported(text: &'static str, value: i32, why: &'static str) -> Word {
    Word { text, value, unsupported: Some(why), is_alias: false }
}

/// A word that means the same as the first one with its number.
pub(crate) const fn alias_word(text: &'static str, value: i32) -> Word {
    Word { text, value, unsupported: None, is_alias: true }
}

/// The type of a property's value, its limits, its default, and the field that holds it.
pub(crate) enum Kind<C> {
    /// `true` or `false`.
    Bool { field: Field<C, bool>, default: bool },
    /// An integer, or a word that stands for one.
    Int { field: Field<C, i32>, min: i32, max: i32, default: i32, words: &'static [Word] },
    /// A number with decimals.
    Double { field: Field<C, f64>, min: f64, max: f64, default: f64 },
    /// One of several words.
    Choice { field: Field<C, i32>, default: i32, words: &'static [Word] },
    /// A set of words, one bit each.
    Flags { field: Field<C, i32>, default: i32, words: &'static [Word] },
    /// A text, without leading blanks unless it is raw, that `check` accepts.
    Text {
        field: Field<C, Option<Text>>,
        default: Option<&'static str>,
        check: Option<fn(&[u8]) -> bool>,
        is_raw: bool,
    },
    /// A text that is not printed.
    Secret { field: Field<C, Option<Secret>> },
    /// A list of regular expressions.
    Patterns { field: Field<C, Option<Text>> },
    /// Paths of plug-in libraries.
    Plugins { field: Field<C, Option<Text>> },
    /// Set by a function of its own.
    Pointer { address: fn(&C) -> usize, reset: fn(&mut C) },
    /// Set by no name.
    Internal { reset: fn(&mut C) },
    /// Known from another client and refused; the description is the error text.
    Refused,
    /// Another name of the property named here.
    Alias(&'static str),
}

impl<C> Kind<C> {
    pub(super) const fn bool(field: Field<C, bool>, default: bool) -> Self {
        Self::Bool { field, default }
    }

    pub(super) const fn int(field: Field<C, i32>, min: i32, max: i32, default: i32) -> Self {
        Self::Int { field, min, max, default, words: &[] }
    }

    pub(super) const fn int_or_word(
        field: Field<C, i32>,
        min: i32,
        max: i32,
        default: i32,
        words: &'static [Word],
    ) -> Self {
        Self::Int { field, min, max, default, words }
    }

    pub(super) const fn double(field: Field<C, f64>, min: f64, max: f64, default: f64) -> Self {
        Self::Double { field, min, max, default }
    }

    pub(super) const fn choice(field: Field<C, i32>, default: i32, words: &'static [Word]) -> Self {
        Self::Choice { field, default, words }
    }

    pub(super) const fn flags(field: Field<C, i32>, default: i32, words: &'static [Word]) -> Self {
        Self::Flags { field, default, words }
    }

    pub(super) const fn text(field: Field<C, Option<Text>>, default: Option<&'static str>) -> Self {
        Self::Text { field, default, check: None, is_raw: false }
    }

    pub(super) const fn raw_text(
        field: Field<C, Option<Text>>,
        default: Option<&'static str>,
    ) -> Self {
        Self::Text { field, default, check: None, is_raw: true }
    }

    pub(super) const fn checked_text(
        field: Field<C, Option<Text>>,
        default: &'static str,
        check: fn(&[u8]) -> bool,
    ) -> Self {
        Self::Text { field, default: Some(default), check: Some(check), is_raw: false }
    }

    pub(super) const fn secret(field: Field<C, Option<Secret>>) -> Self {
        Self::Secret { field }
    }

    pub(super) const fn patterns(field: Field<C, Option<Text>>) -> Self {
        Self::Patterns { field }
    }

    pub(super) const fn plugins(field: Field<C, Option<Text>>) -> Self {
        Self::Plugins { field }
    }

    pub(super) const fn refused() -> Self {
        Self::Refused
    }

    pub(super) const fn alias(target: &'static str) -> Self {
        Self::Alias(target)
    }

    /// Gives the field its default.
    pub(crate) fn reset(&self, conf: &mut C) {
        match self {
            Self::Bool { field, default } => *(field.of_mut)(conf) = *default,
            Self::Int { field, default, .. }
            | Self::Choice { field, default, .. }
            | Self::Flags { field, default, .. } => *(field.of_mut)(conf) = *default,
            Self::Double { field, default, .. } => *(field.of_mut)(conf) = *default,
            Self::Text { field, default, .. } => *(field.of_mut)(conf) = default.map(Text::from),
            Self::Patterns { field } | Self::Plugins { field } => *(field.of_mut)(conf) = None,
            Self::Secret { field } => *(field.of_mut)(conf) = None,
            Self::Pointer { reset, .. } | Self::Internal { reset } => reset(conf),
            Self::Refused | Self::Alias(_) => {}
        }
    }
}

/// One row of a property table.
pub(crate) struct Property<C> {
    /// The name, case-sensitive.
    pub(crate) name: &'static str,
    /// Who uses it.
    pub(crate) app: App,
    /// How much it matters.
    pub(crate) importance: Importance,
    /// What is special about it.
    pub(crate) flags: &'static [Flag],
    /// Type, limits, default, field.
    pub(crate) kind: Kind<C>,
    /// The description as the row's documentation spells it, with a leading blank.
    pub(super) documentation: &'static str,
}

impl<C> Property<C> {
    /// What it means, in a sentence or two.
    pub(crate) fn description(&self) -> &'static str {
        self.documentation.trim_start()
    }

    /// Does it have this flag?
    pub(crate) fn is(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// Why it cannot be set in this build.
    pub(crate) fn unsupported(&self) -> Option<&'static str> {
        if self.is(Flag::OfEngines) {
            return Some("OpenSSL >= 1.1.x not available at build time");
        }
        self.is(Flag::WindowsOnly).then_some("configuration only valid on Windows")
    }
}

/// Which properties the application has set, by position in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Modified([u64; 4]);

impl Modified {
    pub(super) fn set(&mut self, row: usize) {
        self.0[row / 64] |= 1 << (row % 64);
    }

    pub(super) fn clear(&mut self, row: usize) {
        self.0[row / 64] &= !(1 << (row % 64));
    }

    pub(super) fn has(&self, row: usize) -> bool {
        self.0[row / 64] & (1 << (row % 64)) != 0
    }

    /// Is nothing set?
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }
}

/// A configuration struct with a property table.
pub(crate) trait Properties: Sized + 'static {
    /// The rows, in the historical order.
    fn table() -> &'static [Property<Self>];

    /// What the application has set.
    fn modified(&self) -> &Modified;

    /// For noting that the application set something.
    fn modified_mut(&mut self) -> &mut Modified;

    /// Position of the property with this name; an alias leads to its target.
    fn find(name: &[u8]) -> Option<usize> {
        let at = Self::table().iter().position(|row| row.name.as_bytes() == name)?;
        match Self::table()[at].kind {
            Kind::Alias(target) => Self::find(target.as_bytes()),
            _ => Some(at),
        }
    }

    /// Has the application set this property, be it to its default?
    fn is_modified(&self, name: &str) -> bool {
        Self::find(name.as_bytes()).is_some_and(|row| self.modified().has(row))
    }

    /// Notes that the application set this property through a function of its own.
    fn mark_modified(&mut self, name: &str) {
        if let Some(row) = Self::find(name.as_bytes()) {
            self.modified_mut().set(row);
        }
    }

    /// A copy of what the application has set, without the properties whose names begin with one of
    /// `prefixes`. What finalizing derived is not copied: it is derived again.
    fn duplicate(&self, prefixes: &[&[u8]]) -> Self
    where
        Self: Clone,
    {
        let mut copy = self.clone();
        for (row, property) in Self::table().iter().enumerate() {
            let is_internal = matches!(property.kind, Kind::Internal { .. });
            if !is_internal && !self.modified().has(row) {
                property.kind.reset(&mut copy);
            }
        }
        copy.reset_prefixes(prefixes);
        copy
    }

    /// Gives back their defaults to all properties whose name begins with one of `prefixes`.
    fn reset_prefixes(&mut self, prefixes: &[&[u8]]) {
        for (row, property) in Self::table().iter().enumerate() {
            let name = property.name.as_bytes();
            if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                property.kind.reset(self);
                self.modified_mut().clear(row);
            }
        }
    }
}

/// The Rust type of a field, from the kind of its property.
macro_rules! field_type {
    (bool $args:tt) => { bool };
    (int $args:tt) => { i32 };
    (int_or_word $args:tt) => { i32 };
    (choice $args:tt) => { i32 };
    (flags $args:tt) => { i32 };
    (double $args:tt) => { f64 };
    (secret $args:tt) => { Option<$crate::conf::value::Secret> };
    (pointer ($type:ty)) => { $type };
    (internal ($type:ty)) => { $type };
    ($text:ident $args:tt) => { Option<$crate::conf::value::Text> };
}

/// The `Kind` of a row.
macro_rules! row_kind {
    (pointer [$field:ident] $args:tt) => {
        Kind::Pointer {
            address: |conf| $crate::conf::value::Pointer::address(&conf.$field),
            reset: |conf| conf.$field = Default::default(),
        }
    };
    (internal [$field:ident] $args:tt) => {
        Kind::Internal { reset: |conf| conf.$field = Default::default() }
    };
    (internal [] ()) => { Kind::Internal { reset: |_| {} } };
    ($kind:ident [$field:ident] ($($arg:expr),*)) => {
        Kind::$kind(
            Field { of: |conf| &conf.$field, of_mut: |conf| &mut conf.$field },
            $($arg),*
        )
    };
    ($kind:ident [] ($($arg:expr),*)) => { Kind::$kind($($arg),*) };
}

/// Declares a configuration struct and its table:
/// `field: "name" [App Importance Flag…] kind(arguments);` — rows without a field are names only.
macro_rules! properties {
    (
        $(#[$meta:meta])*
        struct $conf:ident as $table:ident;
        extra { $($(#[$extra_meta:meta])* $extra:ident: $extra_type:ty,)* }
        $(
            $(#[doc = $doc:literal])+
            $($field:ident:)? $name:literal [$app:ident $importance:ident $($flag:ident)*]
            $kind:ident $args:tt;
        )*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub(crate) struct $conf {
            $($(pub(crate) $field: field_type!($kind $args),)?)*
            $($(#[$extra_meta])* pub(crate) $extra: $extra_type,)*
            modified: Modified,
        }

        /// The properties, in the historical order.
        pub(crate) static $table: &[Property<$conf>] = &[$(
            Property {
                name: $name,
                app: App::$app,
                importance: Importance::$importance,
                flags: &[$(Flag::$flag),*],
                kind: row_kind!($kind [$($field)?] $args),
                documentation: concat!($($doc),+),
            },
        )*];

        impl Default for $conf {
            fn default() -> Self {
                let mut conf = Self {
                    $($($field: Default::default(),)?)*
                    $($extra: Default::default(),)*
                    modified: Modified::default(),
                };
                for property in $table {
                    property.kind.reset(&mut conf);
                }
                conf
            }
        }

        impl Properties for $conf {
            fn table() -> &'static [Property<Self>] {
                $table
            }

            fn modified(&self) -> &Modified {
                &self.modified
            }

            fn modified_mut(&mut self) -> &mut Modified {
                &mut self.modified
            }
        }
    };
}
pub(super) use {field_type, properties, row_kind};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fmt::Write;

    use super::*;
    use crate::conf::number::general;
    use crate::conf::{Conf, TopicConf};

    /// The rows of a table in the form of `tests/spec/config.tsv`.
    fn printed<C: Properties>(scope: &str) -> String {
        let mut out = String::new();
        for row in C::table() {
            let app = match row.app {
                App::Any => "*",
                App::Producer => "P",
                App::Consumer => "C",
            };
            let flags: Vec<_> = row
                .flags
                .iter()
                .filter(|flag| !matches!(flag, Flag::WindowsOnly | Flag::OfEngines))
                .map(|flag| format!("{flag:?}").to_lowercase())
                .collect();
            let [kind, min, max, default, words, alias] = columns(&row.kind);
            let importance = format!("{:?}", row.importance).to_lowercase();
            let flags = flags.join("|");
            let name = row.name;
            writeln!(
                out,
                "{name}\t{scope}\t{app}\t{kind}\t{min}\t{max}\t{default}\t{words}\t{alias}\
                 \t{importance}\t{flags}"
            )
            .expect("a string takes everything");
        }
        out
    }

    /// Type, minimum, maximum, default, words, alias.
    fn columns<C>(kind: &Kind<C>) -> [String; 6] {
        let list = |words: &[Word]| {
            let words = words.iter().filter(|word| !word.is_alias);
            words.map(|word| format!("{}={}", word.text, word.value)).collect::<Vec<_>>().join(",")
        };
        let none = String::new;
        match kind {
            Kind::Bool { default, .. } => {
                ["bool".to_owned(), none(), none(), default.to_string(), none(), none()]
            }
            Kind::Int { min, max, default, words, .. } => {
                let limits = (min.to_string(), max.to_string());
                ["int".to_owned(), limits.0, limits.1, default.to_string(), list(words), none()]
            }
            Kind::Double { min, max, default, .. } => {
                let limits = (general(*min), general(*max));
                ["double".to_owned(), limits.0, limits.1, general(*default), none(), none()]
            }
            Kind::Choice { default, words, .. } => {
                let default = words.iter().find(|word| word.value == *default);
                let default = default.map_or("?", |word| word.text).to_owned();
                ["enum".to_owned(), none(), none(), default, list(words), none()]
            }
            Kind::Flags { default, words, .. } => {
                let set = words.iter().filter(|word| default & word.value == word.value);
                let default = set.map(|word| word.text).collect::<Vec<_>>().join(",");
                ["flags".to_owned(), none(), none(), default, list(words), none()]
            }
            Kind::Text { default, is_raw, .. } => {
                let kind = if *is_raw { "kstr" } else { "string" };
                let default = match default {
                    Some("") => "\"\"",
                    other => other.unwrap_or(""),
                };
                [kind.to_owned(), none(), none(), default.to_owned(), none(), none()]
            }
            Kind::Secret { .. } | Kind::Plugins { .. } => {
                ["string".to_owned(), none(), none(), none(), none(), none()]
            }
            Kind::Patterns { .. } => ["patlist".to_owned(), none(), none(), none(), none(), none()],
            Kind::Pointer { .. } => ["ptr".to_owned(), none(), none(), none(), none(), none()],
            Kind::Internal { .. } => {
                ["internal".to_owned(), none(), none(), none(), none(), none()]
            }
            Kind::Refused => ["invalid".to_owned(), none(), none(), none(), none(), none()],
            Kind::Alias(target) => {
                ["alias".to_owned(), none(), none(), none(), none(), (*target).to_owned()]
            }
        }
    }

    #[test]
    fn the_tables_say_what_the_specification_says() {
        let specification = include_str!("../../tests/spec/config.tsv");
        let printed = printed::<Conf>("global") + &printed::<TopicConf>("topic");

        let mut expected = specification.lines().skip(2);
        for line in printed.lines() {
            assert_eq!(Some(line), expected.next());
        }
        assert_eq!(expected.next(), None, "a row is missing");
    }

    fn check_names<C: Properties>() {
        let names: HashSet<_> = C::table().iter().map(|row| row.name).collect();
        assert_eq!(names.len(), C::table().len());
        for row in C::table() {
            let found = C::find(row.name.as_bytes()).expect("the name is in the table");
            assert!(!matches!(C::table()[found].kind, Kind::Alias(_)), "{}", row.name);
            assert!(row.description().ends_with('.'), "{}", row.name);
        }
    }

    #[test]
    fn names_are_unique_described_and_lead_to_a_value() {
        check_names::<Conf>();
        check_names::<TopicConf>();
    }

    #[test]
    fn every_default_is_within_its_own_limits() {
        for row in Conf::table() {
            match &row.kind {
                Kind::Int { min, max, default, .. } => {
                    assert!((min..=max).contains(&default), "{}", row.name);
                }
                Kind::Double { min, max, default, .. } => {
                    assert!((min..=max).contains(&default), "{}", row.name);
                }
                _ => {}
            }
        }
    }
}
