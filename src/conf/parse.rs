//! One value from its text, with C's number syntax and the historical error texts.
#![forbid(unsafe_code)]

use std::ffi::CString;

use super::property::{FEATURES, FEATURES_BUILT, Kind, Names, Property};
use super::values::Value;
use crate::topic::partitioner::Partitioner;

/// Parses `text` for a property; `present` is what flags are added to.
pub(crate) fn parse(
    property: &Property,
    text: Option<&[u8]>,
    present: &Value,
) -> Result<Value, String> {
    let name = property.name;
    match property.kind {
        Kind::Bool(_) => bool(name, text),
        Kind::Int { min, max, names, .. } => int(name, text, min, max, names),
        Kind::Float { min, max, .. } => float(name, text, min, max),
        Kind::Enum { names, .. } => word(name, text, names),
        Kind::Flags { names, .. } => flags(name, text, names, present),
        Kind::Text(default) => self::text(name, text, default),
        Kind::Patterns => patterns(text),
        Kind::Pointer => {
            Err(format!("Property \"{name}\" must be set through dedicated .._set_..() function"))
        }
        Kind::Internal | Kind::Alias(_) => Err(format!("Internal property \"{name}\" not settable")),
        Kind::Refused(why) => Err(why.to_owned()),
    }
}

fn bool(name: &str, text: Option<&[u8]>) -> Result<Value, String> {
    let Some(text) = text else {
        return Err(format!(
            "Bool configuration property \"{name}\" cannot be set to empty value"
        ));
    };
    match text.to_ascii_lowercase().as_slice() {
        b"true" | b"t" | b"1" => Ok(Value::Int(1)),
        b"false" | b"f" | b"0" => Ok(Value::Int(0)),
        _ => Err(format!("Expected bool value for \"{name}\": true or false")),
    }
}

fn int(
    name: &str,
    text: Option<&[u8]>,
    min: i64,
    max: i64,
    names: Names,
) -> Result<Value, String> {
    let Some(text) = text else {
        return Err(format!(
            "Integer configuration property \"{name}\" cannot be set to empty value"
        ));
    };
    let Some(number) = strtol(text) else {
        return names
            .iter()
            .find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(text))
            .map(|(_, number)| Value::Int(*number))
            .ok_or_else(|| format!("Invalid value for configuration property \"{name}\""));
    };
    // Quirk: history keeps the low 32 bits of what strtol gave.
    let number = i64::from(number as i32);
    if number < min || number > max {
        return Err(format!(
            "Configuration property \"{name}\" value {number} is outside allowed range \
             {min}..{max}\n"
        ));
    }
    Ok(Value::Int(number))
}

fn float(name: &str, text: Option<&[u8]>, min: f64, max: f64) -> Result<Value, String> {
    let Some(text) = text else {
        return Err(format!(
            "Float configuration property \"{name}\" cannot be set to empty value"
        ));
    };
    let Some(number) = strtod(text) else {
        return Err(format!("Invalid value for configuration property \"{name}\""));
    };
    // Not a number compares with nothing, so the range is asked for positively.
    if !(min..=max).contains(&number) {
        return Err(format!(
            "Configuration property \"{name}\" value {} is outside allowed range {}..{}\n",
            print_float(number),
            print_float(min),
            print_float(max)
        ));
    }
    Ok(Value::Float(number))
}

fn word(name: &str, text: Option<&[u8]>, names: Names) -> Result<Value, String> {
    let Some(text) = text else {
        return Err(format!("Configuration property \"{name}\" cannot be set to empty value"));
    };
    let trimmed = text.trim_ascii_start();
    names
        .iter()
        .find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(trimmed))
        .map(|(_, number)| Value::Int(*number))
        .ok_or_else(|| invalid_word(name, text))
}

fn invalid_word(name: &str, text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    format!("Invalid value \"{text}\" for configuration property \"{name}\"")
}

fn flags(
    name: &str,
    text: Option<&[u8]>,
    names: Names,
    present: &Value,
) -> Result<Value, String> {
    let Some(text) = text else {
        return Err(format!("Configuration property \"{name}\" cannot be set to empty value"));
    };
    let mut bits = match present {
        Value::Int(bits) => *bits,
        _ => 0,
    };
    for word in text.split(|byte| *byte == b',') {
        let word = word.trim_ascii_start();
        let (word, removes) = match word {
            [b'+', rest @ ..] => (rest, false),
            [b'-', rest @ ..] => (rest, true),
            _ => (word, false),
        };
        if word.is_empty() {
            continue;
        }
        let (known, flag) = names
            .iter()
            .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word))
            .ok_or_else(|| invalid_word(name, word))?;
        if names.as_ptr() == FEATURES.as_ptr() && flag & FEATURES_BUILT == 0 && !removes {
            return Err(format!(
                "Unsupported value \"{known}\" for configuration property \"{name}\": not \
                 available in this build"
            ));
        }
        bits = if removes { bits & !flag } else { bits | flag };
    }
    Ok(Value::Int(bits))
}

fn text(name: &str, text: Option<&[u8]>, default: Option<&str>) -> Result<Value, String> {
    let Some(text) = text else {
        return Ok(match default {
            Some(default) => Value::Text(CString::new(default).unwrap_or_default()),
            None => Value::Unset,
        });
    };
    let trimmed = text.trim_ascii_start();
    let is_valid = match name {
        "partitioner" => from_name(trimmed).is_some(),
        "broker.version.fallback" => is_release(trimmed),
        _ => true,
    };
    if !is_valid {
        let text = String::from_utf8_lossy(trimmed);
        return Err(format!("Invalid value for configuration property \"{name}\": {text}"));
    }
    let text = trimmed.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(Value::Text(CString::new(text).unwrap_or_default()))
}

fn from_name(name: &[u8]) -> Option<Partitioner> {
    std::str::from_utf8(name).ok().and_then(Partitioner::from_name)
}

/// A release number: `0.9.0`, `0.10.1.0`, `2.3`.
fn is_release(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == b'.');
    parts.all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit)) && text.contains(&b'.')
}

/// Topic patterns are a consumer's matter, but a broken one is refused here, as history does.
fn patterns(text: Option<&[u8]>) -> Result<Value, String> {
    let Some(text) = text else { return Ok(Value::Unset) };
    for pattern in text.split(|byte| *byte == b',') {
        crate::sys::regex::check(pattern).map_err(|why| {
            format!("Failed to parse pattern \"{}\": {why}", String::from_utf8_lossy(pattern))
        })?;
    }
    Ok(Value::Text(CString::new(text).unwrap_or_default()))
}

/// C's `strtol(text, &end, 0)`: leading blanks, sign, `0x` and `0` prefixes, trailing text ignored, saturating. `None` if
/// there is no number at all.
fn strtol(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            (16, rest)
        }
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let mut number: i64 = 0;
    let mut any = false;
    for digit in digits.iter().map_while(|byte| char::from(*byte).to_digit(base)) {
        any = true;
        number = number.saturating_mul(i64::from(base)).saturating_add(i64::from(digit));
    }
    any.then_some(if is_negative { -number } else { number })
}

/// C's `strtod`: the longest prefix that is a number. `None` if there is none.
fn strtod(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim_start();
    let longest = text.len().min(64);
    (1..=longest).rev().find_map(|end| text.get(..end)?.parse::<f64>().ok())
}

/// C's `%g`.
pub(crate) fn print_float(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let exponent = number.abs().log10().floor() as i32;
    if (-4..6).contains(&exponent) {
        let digits = usize::try_from(5 - exponent).unwrap_or(0);
        let text = format!("{number:.digits$}");
        if text.contains('.') {
            return text.trim_end_matches('0').trim_end_matches('.').to_owned();
        }
        return text;
    }
    let text = format!("{number:.5e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_cs_syntax() {
        for (text, number) in [
            ("12", Some(12)),
            (" 0x1f", Some(31)),
            ("010", Some(8)),
            ("1234abc", Some(1234)),
            ("-5", Some(-5)),
            ("abc", None),
            ("99999999999999999999", Some(i64::MAX)),
        ] {
            assert_eq!(strtol(text.as_bytes()), number, "{text}");
        }
    }

    #[test]
    fn numbers_print_as_c_prints_them() {
        for (number, text) in
            [(5.0, "5"), (0.5, "0.5"), (900_000.0, "900000"), (1e6, "1e+06"), (0.1, "0.1"), (299_999.9, "300000")]
        {
            assert_eq!(print_float(number), text);
        }
        assert_eq!(strtod(b"5ms"), Some(5.0));
        assert_eq!(strtod(b"1e2"), Some(100.0));
        assert_eq!(strtod(b"x"), None);
    }
}
