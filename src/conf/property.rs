//! What a property is: its name, kind, range, default, role and description.
#![forbid(unsafe_code)]

/// Which kind of client a property is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// All clients.
    Any,
    /// Producers.
    Producer,
    /// Consumers.
    Consumer,
}

/// How often applications need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Importance {
    /// Most do.
    High,
    /// Some do.
    Medium,
    /// Few do.
    Low,
}

impl Importance {
    /// The word in listings.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// Names with their numbers; of several names with one number the first is printed.
pub(crate) type Names = &'static [(&'static str, i64)];

/// The kind of a property, with its range and default.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number, or a name for one.
    Int {
        /// Lowest.
        min: i64,
        /// Highest.
        max: i64,
        /// Default.
        default: i64,
        /// Names.
        names: Names,
    },
    /// A number.
    Float {
        /// Lowest.
        min: f64,
        /// Highest.
        max: f64,
        /// Default.
        default: f64,
    },
    /// One of several words.
    Enum {
        /// The words.
        names: Names,
        /// Default.
        default: i64,
    },
    /// A list of words, each one bit.
    Flags {
        /// The words.
        names: Names,
        /// Default.
        default: i64,
    },
    /// Text, with its default.
    Text(Option<&'static str>),
    /// A list of regular expressions.
    Patterns,
    /// Set through a function of its own.
    Pointer,
    /// Never set by name.
    Internal,
    /// Another name of the named property.
    Alias(&'static str),
    /// Known from other clients and refused with this text.
    Refused(&'static str),
}

/// No flag.
pub(crate) const PLAIN: u8 = 0;
/// Kept for old applications; using it logs a warning.
pub(crate) const DEPRECATED: u8 = 1;
/// May change; using it logs a warning.
pub(crate) const EXPERIMENTAL: u8 = 2;
/// Not listed.
pub(crate) const HIDDEN: u8 = 4;
/// A secret.
pub(crate) const SENSITIVE: u8 = 8;

/// One property.
#[derive(Debug)]
pub(crate) struct Property {
    /// Name.
    pub(crate) name: &'static str,
    /// Kind of client.
    pub(crate) role: Role,
    /// How often it is needed.
    pub(crate) importance: Importance,
    /// `DEPRECATED`, `EXPERIMENTAL`, `HIDDEN`, `SENSITIVE`.
    pub(crate) flags: u8,
    /// Kind, range, default.
    pub(crate) kind: Kind,
    /// What it does.
    pub(crate) description: &'static str,
}

impl Property {
    /// Has it any of these flags?
    pub(crate) fn is(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }
}

/// A line of a table.
pub(crate) const fn row(
    name: &'static str,
    role: Role,
    importance: Importance,
    flags: u8,
    kind: Kind,
    description: &'static str,
) -> Property {
    Property { name, role, importance, flags, kind, description }
}

/// Features and their bits.
#[rustfmt::skip]
pub(crate) const FEATURES: Names = &[
    ("gzip", 0x1), ("snappy", 0x2), ("ssl", 0x4), ("sasl", 0x8), ("regex", 0x10), ("lz4", 0x20),
    ("sasl_gssapi", 0x40), ("sasl_plain", 0x80), ("sasl_scram", 0x100), ("plugins", 0x200), ("zstd", 0x400),
    ("sasl_oauthbearer", 0x800), ("http", 0x1000), ("oidc", 0x2000),
];

/// The features of this build: codecs and regular expressions.
pub(crate) const FEATURES_BUILT: i64 = 0x1 | 0x2 | 0x10 | 0x20 | 0x400;

/// Debug contexts and their bits.
#[rustfmt::skip]
pub(crate) const DEBUG_CONTEXTS: Names = &[
    ("generic", 0x1), ("broker", 0x2), ("topic", 0x4), ("metadata", 0x8), ("feature", 0x10), ("queue", 0x20),
    ("msg", 0x40), ("protocol", 0x80), ("cgrp", 0x100), ("security", 0x200), ("fetch", 0x400),
    ("interceptor", 0x800), ("plugin", 0x1000), ("consumer", 0x2000), ("admin", 0x4000), ("eos", 0x8000),
    ("mock", 0x10000), ("assignor", 0x20000), ("conf", 0x40000), ("telemetry", 0x80000), ("all", 0xfffff),
];
