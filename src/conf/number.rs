//! Numbers as the C library reads and prints them: `strtol`, `strtod` and `%g`, without its locale.
#![forbid(unsafe_code)]

/// Is it a blank in the C locale?
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// The text without its leading blanks.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    &text[blanks..]
}

/// Sign and rest.
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn is_hex(text: &[u8]) -> bool {
    text.len() > 2
        && text[0] == b'0'
        && matches!(text[1], b'x' | b'X')
        && text[2].is_ascii_hexdigit()
}

/// The integer at the beginning of `text`: blanks, sign, then decimal, octal or hexadecimal digits.
/// What follows is ignored; too large values saturate. `None` if there is no digit. Historical:
/// `strtol` with base 0.
pub(super) fn leading_int(text: &[u8]) -> Option<i64> {
    let (is_negative, text) = sign(trim_start(text));
    let (radix, digits) = match text {
        _ if is_hex(text) => (16, &text[2..]),
        [b'0', ..] => (8, text),
        _ => (10, text),
    };
    let mut value: Option<i64> = None;
    for byte in digits {
        let Some(digit) = char::from(*byte).to_digit(radix) else { break };
        let digit = i64::from(digit);
        let digit = if is_negative { -digit } else { digit };
        value = Some(value.unwrap_or(0).saturating_mul(i64::from(radix)).saturating_add(digit));
    }
    value
}

/// Length of a run of ASCII digits.
fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Length of the decimal number at the beginning of `text`; 0 if there is none.
fn decimal_len(text: &[u8]) -> usize {
    let whole = digits(text);
    let mut len = whole;
    if text.get(len) == Some(&b'.') {
        let fraction = digits(&text[len + 1..]);
        if whole + fraction == 0 {
            return 0;
        }
        len += 1 + fraction;
    }
    if len > 0 && matches!(text.get(len), Some(b'e' | b'E')) {
        let has_sign = matches!(text.get(len + 1), Some(b'+' | b'-'));
        let start = len + 1 + usize::from(has_sign);
        let exponent = text.get(start..).map_or(0, digits);
        if exponent > 0 {
            len = start + exponent;
        }
    }
    len
}

/// A hexadecimal number `0x1.8p3`; the caller has seen its first digit.
fn hexadecimal(text: &[u8]) -> f64 {
    let mut value = 0.0;
    let mut scale = 1.0;
    let mut is_fraction = false;
    let mut at = 2;
    while let Some(byte) = text.get(at) {
        match char::from(*byte).to_digit(16) {
            Some(digit) if is_fraction => {
                scale /= 16.0;
                value += f64::from(digit) * scale;
            }
            Some(digit) => value = value * 16.0 + f64::from(digit),
            None if *byte == b'.' && !is_fraction => is_fraction = true,
            None => break,
        }
        at += 1;
    }
    if matches!(text.get(at), Some(b'p' | b'P')) {
        let (is_negative, exponent) = sign(&text[at + 1..]);
        let len = digits(exponent);
        let exponent = std::str::from_utf8(&exponent[..len]).unwrap_or("");
        let exponent = if exponent.is_empty() { 0 } else { exponent.parse().unwrap_or(99_999) };
        value *= 2f64.powi(if is_negative { -exponent } else { exponent });
    }
    value
}

/// The number at the beginning of `text`; what follows is ignored. `None` if there is none.
/// Historical: `strtod` in the C locale.
pub(super) fn leading_double(text: &[u8]) -> Option<f64> {
    let (is_negative, text) = sign(trim_start(text));
    let starts_with =
        |word: &[u8]| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let value = if is_hex(text) {
        hexadecimal(text)
    } else if starts_with(b"inf") {
        f64::INFINITY
    } else if starts_with(b"nan") {
        f64::NAN
    } else {
        let len = decimal_len(text);
        std::str::from_utf8(&text[..len]).ok()?.parse().ok()?
    };
    Some(if is_negative { -value } else { value })
}

/// A number with up to six significant digits, as `%g` prints it.
pub(crate) fn general(value: f64) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan".to_owned() } else { "nan".to_owned() };
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf".to_owned() } else { "inf".to_owned() };
    }
    // Rounding to six digits decides the exponent, so it's read from the rounded text.
    let rounded = format!("{value:.5e}");
    let (mantissa, exponent) = rounded.split_once('e').expect("`{:e}` always prints an exponent");
    let exponent: i32 = exponent.parse().expect("`{:e}` prints an integer exponent");
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return without_trailing_zeros(&format!("{value:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_trailing_zeros(mantissa), exponent.abs())
}

fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_strtol_reads_them() {
        for (text, value) in [
            ("1234abc", Some(1234)),
            ("  \t7", Some(7)),
            ("0x1F", Some(31)),
            ("0X", Some(0)),
            ("0xg", Some(0)),
            ("010", Some(8)),
            ("09", Some(0)),
            ("-5", Some(-5)),
            ("+5", Some(5)),
            ("- 5", None),
            ("", None),
            ("all", None),
            ("100000000000000000000", Some(i64::MAX)),
            ("-100000000000000000000", Some(i64::MIN)),
            ("9223372036854775807", Some(i64::MAX)),
        ] {
            assert_eq!(leading_int(text.as_bytes()), value, "{text:?}");
        }
    }

    #[test]
    fn doubles_are_read_as_strtod_reads_them() {
        for (text, value) in [
            ("5ms", Some(5.0)),
            ("1e2", Some(100.0)),
            ("1e", Some(1.0)),
            ("1e+", Some(1.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            (".", None),
            ("", None),
            ("e5", None),
            (" -0.25x", Some(-0.25)),
            ("0x10", Some(16.0)),
            ("0x1.8p1", Some(3.0)),
            ("infinity", Some(f64::INFINITY)),
            ("-inf", Some(f64::NEG_INFINITY)),
            ("1e400", Some(f64::INFINITY)),
            ("1,5", Some(1.0)),
        ] {
            assert_eq!(leading_double(text.as_bytes()), value, "{text:?}");
        }
        assert!(leading_double(b"nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn numbers_print_with_six_significant_digits() {
        for (value, text) in [
            (5.0, "5"),
            (0.1, "0.1"),
            (900_000.0, "900000"),
            (1_000_000.0, "1e+06"),
            (999_999.5, "1e+06"),
            (123_456.789, "123457"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.0, "0"),
            (4.9, "4.9"),
            (1e100, "1e+100"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(general(value), text);
        }
    }
}
