//! The values of a table's properties, which of them were set, and how they are set and printed.
#![forbid(unsafe_code)]

use std::ffi::{CStr, CString};

use super::parse;
use super::property::{Kind, Names, Property};

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    /// No value.
    Unset,
    /// Bool, int, enum, flags.
    Int(i64),
    /// Float.
    Float(f64),
    /// Text, as the application gave it.
    Text(CString),
    /// A pointer's address; for printing only.
    Address(usize),
}

/// Why a value was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SetError {
    /// There is no such property.
    Unknown(String),
    /// The value is not allowed.
    Invalid(String),
}

impl SetError {
    /// The text for the application.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Unknown(text) | Self::Invalid(text) => text,
        }
    }
}

/// The values of one table.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    table: &'static [Property],
    values: Vec<Value>,
    is_set: Vec<bool>,
}

impl Values {
    /// The defaults of a table.
    pub(crate) fn new(table: &'static [Property]) -> Self {
        let values = table.iter().map(|property| default_of(property.kind)).collect();
        Self { table, values, is_set: vec![false; table.len()] }
    }

    /// The properties, their values, and whether each was set.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Property, &Value, bool)> {
        self.table
            .iter()
            .zip(&self.values)
            .zip(&self.is_set)
            .map(|((property, value), is_set)| (property, value, *is_set))
    }

    /// The place of a name; aliases lead to their target.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        let at = self.table.iter().position(|property| property.name.as_bytes() == name)?;
        match self.table[at].kind {
            Kind::Alias(target) => self.find(target.as_bytes()),
            _ => Some(at),
        }
    }

    fn at(&self, name: &str) -> usize {
        self.find(name.as_bytes()).expect("the library asks for names of its own tables only")
    }

    /// Was it set?
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.is_set[self.at(name)]
    }

    /// The number of a bool, int, enum or flags property.
    pub(crate) fn int(&self, name: &str) -> i64 {
        match self.values[self.at(name)] {
            Value::Int(value) => value,
            _ => 0,
        }
    }

    /// Is the bool set?
    pub(crate) fn bool(&self, name: &str) -> bool {
        self.int(name) != 0
    }

    /// The number of a float property.
    pub(crate) fn float(&self, name: &str) -> f64 {
        match self.values[self.at(name)] {
            Value::Float(value) => value,
            _ => 0.0,
        }
    }

    /// The text of a property; `None` if it is unset.
    pub(crate) fn text(&self, name: &str) -> Option<&CStr> {
        match &self.values[self.at(name)] {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text as UTF-8; what is not is replaced.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(|text| text.to_string_lossy().into_owned())
    }

    /// Changes a value without marking it as set: finalize does.
    pub(crate) fn adjust(&mut self, name: &str, value: Value) {
        let at = self.at(name);
        self.values[at] = value;
    }

    /// Sets a pointer's address, for printing.
    pub(crate) fn set_address(&mut self, name: &str, address: usize) {
        let at = self.at(name);
        self.values[at] = if address == 0 { Value::Unset } else { Value::Address(address) };
        self.is_set[at] = true;
    }

    /// Sets a number through a function of its own.
    pub(crate) fn set_int(&mut self, name: &str, value: i64) {
        let at = self.at(name);
        self.values[at] = Value::Int(value);
        self.is_set[at] = true;
    }

    /// Sets a property by name. `None` and the empty text are the same.
    ///
    /// # Errors
    /// The historical texts.
    pub(crate) fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), SetError> {
        let Some(at) = self.find(name) else {
            let name = String::from_utf8_lossy(name);
            return Err(SetError::Unknown(format!("No such configuration property: \"{name}\"")));
        };
        let value = value.filter(|value| !value.is_empty());
        let new = parse::parse(&self.table[at], value, &self.values[at]).map_err(SetError::Invalid)?;
        self.values[at] = new;
        self.is_set[at] = true;
        Ok(())
    }

    /// A property's value as text; `None` if it is unset or there is no such property.
    pub(crate) fn print(&self, name: &[u8]) -> Option<Vec<u8>> {
        let at = self.find(name)?;
        print(self.table[at].kind, &self.values[at])
    }

    /// Copies the values that were set, except names that begin with one of `filters`.
    pub(crate) fn copy_set(&self, filters: &[Vec<u8>]) -> Self {
        let mut copy = Self::new(self.table);
        for (at, property) in self.table.iter().enumerate() {
            let name = property.name.as_bytes();
            if self.is_set[at] && !filters.iter().any(|filter| name.starts_with(filter)) {
                copy.values[at] = self.values[at].clone();
                copy.is_set[at] = true;
            }
        }
        copy
    }
}

fn default_of(kind: Kind) -> Value {
    match kind {
        Kind::Bool(default) => Value::Int(i64::from(default)),
        Kind::Int { default, .. } | Kind::Enum { default, .. } | Kind::Flags { default, .. } => {
            Value::Int(default)
        }
        Kind::Float { default, .. } => Value::Float(default),
        Kind::Text(Some(text)) => Value::Text(CString::new(text).unwrap_or_default()),
        _ => Value::Unset,
    }
}

/// A value as text.
pub(crate) fn print(kind: Kind, value: &Value) -> Option<Vec<u8>> {
    let text = match (kind, value) {
        (Kind::Bool(_), Value::Int(value)) => (*value != 0).to_string(),
        (Kind::Enum { names, .. }, Value::Int(value)) => name_of(names, *value)?.to_owned(),
        (Kind::Flags { names, .. }, Value::Int(value)) => flags(names, *value),
        (Kind::Int { .. }, Value::Int(value)) => value.to_string(),
        (_, Value::Float(value)) => parse::print_float(*value),
        (_, Value::Text(text)) => return Some(text.as_bytes().to_vec()),
        (_, Value::Address(address)) => format!("{address:#x}"),
        _ => return None,
    };
    Some(text.into_bytes())
}

fn name_of(names: Names, value: i64) -> Option<&'static str> {
    names.iter().find(|(_, number)| *number == value).map(|(name, _)| *name)
}

/// The words of a flags value; a word whose bits are all covered by earlier ones is left out.
fn flags(names: Names, value: i64) -> String {
    let words: Vec<&str> = names
        .iter()
        .filter(|(_, bits)| bits.count_ones() == 1 && value & bits != 0)
        .map(|(name, _)| *name)
        .collect();
    words.join(",")
}
