//! Values of front matter keys, and how they are written.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::entries::typed;

/// A value to write under a key.
///
/// Numbers stand in one line, `[1, 2]`. Texts stand one a line, so that git merges and shows them
/// item by item and no comma or bracket needs quotes; an empty list is `[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A text, unquoted when every YAML reader takes it for that text.
    Text(String),
    /// A number.
    Number(u64),
    /// `true` or `false`.
    Bool(bool),
    /// Texts in order.
    Texts(Vec<String>),
    /// Numbers in order.
    Numbers(Vec<u64>),
    /// Anything by name: a name a line, what it holds behind it, collections as JSON.
    Map(Map<String, Value>),
}

impl From<&str> for Field {
    fn from(text: &str) -> Field {
        Field::Text(text.to_owned())
    }
}

impl From<String> for Field {
    fn from(text: String) -> Field {
        Field::Text(text)
    }
}

impl From<u64> for Field {
    fn from(number: u64) -> Field {
        Field::Number(number)
    }
}

impl From<bool> for Field {
    fn from(value: bool) -> Field {
        Field::Bool(value)
    }
}

impl From<Vec<String>> for Field {
    fn from(texts: Vec<String>) -> Field {
        Field::Texts(texts)
    }
}

impl From<&[String]> for Field {
    fn from(texts: &[String]) -> Field {
        Field::Texts(texts.to_vec())
    }
}

impl From<Vec<u64>> for Field {
    fn from(numbers: Vec<u64>) -> Field {
        Field::Numbers(numbers)
    }
}

impl From<Map<String, Value>> for Field {
    fn from(map: Map<String, Value>) -> Field {
        Field::Map(map)
    }
}

impl Field {
    /// The lines of an entry; `comment` is empty or begins with `#`.
    pub(super) fn entry(&self, indent: &str, name: &str, comment: &str) -> String {
        let (value, items) = match self {
            Field::Text(text) => (scalar(text), String::new()),
            Field::Number(number) => (number.to_string(), String::new()),
            Field::Bool(value) => (value.to_string(), String::new()),
            Field::Numbers(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
                (format!("[{}]", numbers.join(", ")), String::new())
            }
            Field::Texts(texts) if texts.is_empty() => ("[]".into(), String::new()),
            Field::Texts(texts) => {
                let item = |text: &String| format!("{indent}  - {}\n", scalar(text));
                (String::new(), texts.iter().map(item).collect())
            }
            Field::Map(map) if map.is_empty() => ("{}".into(), String::new()),
            Field::Map(map) => {
                let item = |(name, value): (&String, &Value)| {
                    format!("{indent}  {}: {}\n", scalar(name), flow(value))
                };
                (String::new(), map.iter().map(item).collect())
            }
        };
        let mut line = format!("{indent}{name}:");
        for part in [value.as_str(), comment] {
            if !part.is_empty() {
                line.push(' ');
                line.push_str(part);
            }
        }
        format!("{line}\n{items}")
    }

    /// Whether an entry's lines already hold this value, for a reader of this type.
    pub(super) fn is(&self, entry: &str) -> bool {
        match self {
            Field::Text(text) => holds(entry, text),
            Field::Number(number) => holds(entry, number),
            Field::Bool(value) => holds(entry, value),
            Field::Texts(texts) => {
                let texts: Vec<Option<&String>> = texts.iter().map(Some).collect();
                only_value::<Vec<Option<String>>>(entry)
                    .is_some_and(|now| now.iter().map(Option::as_ref).eq(texts))
            }
            Field::Numbers(numbers) => holds(entry, numbers),
            Field::Map(map) => holds(entry, map),
        }
    }
}

fn holds<T: DeserializeOwned + PartialEq>(entry: &str, value: &T) -> bool {
    only_value::<T>(entry).as_ref() == Some(value)
}

/// The value of an entry of one key; none when it is null or of another type.
fn only_value<T: DeserializeOwned>(entry: &str) -> Option<T> {
    let map: BTreeMap<String, Option<T>> = typed(entry)?;
    map.into_values().next().flatten()
}

/// A value on one line; JSON is YAML, once what no reader takes is escaped.
fn flow(value: &Value) -> String {
    if let Value::String(text) = value {
        return scalar(text);
    }
    let mut line = String::new();
    for character in value.to_string().chars() {
        if is_printable(character) {
            line.push(character);
        } else {
            // Within a text, where alone such a character can stand.
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                line.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    line
}

/// A text as a YAML scalar on one line: plain when YAML 1.1 and 1.2 readers both read this text
/// (RFC 3339 times in UTC excepted, which stay plain for people), else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            _ if is_printable(character) => quoted.push(character),
            _ => {
                let code = u32::from(character);
                let (kind, width) = match code {
                    0..=0xff => ('x', 2),
                    0x100..=0xffff => ('u', 4),
                    _ => ('U', 8),
                };
                let escape = format!("\\{kind}{code:0width$x}");
                quoted.push_str(&escape);
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether every YAML reader takes it, unquoted, for this text.
pub(super) fn is_plain(text: &str) -> bool {
    if is_time(text) {
        return true;
    }
    let begins_well = text.starts_with(|first: char| match first {
        // Without a letter that no number or date has, it may be one: 0o17, 1e3, 12:30, 1_000.
        '0'..='9' | '.' | '_' => text.bytes().any(|byte| {
            byte.is_ascii_alphabetic() && !b"abcdefotxz".contains(&byte.to_ascii_lowercase())
        }),
        '/' => true,
        _ => first.is_alphabetic(),
    });
    begins_well && !text.ends_with([' ', ':']) && is_one_scalar(text) && !is_word(text)
}

/// Whether some reader takes it for null, a boolean or a number.
pub(super) fn is_word(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity",
        ".nan", ".inf",
    ];
    const LONGEST: usize = "infinity".len();
    text.len() <= LONGEST && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether no part of it is a key, a comment or what cannot be printed. Nearly every text is ASCII and read once.
fn is_one_scalar(text: &str) -> bool {
    let mut before = b' ';
    for byte in text.bytes() {
        if matches!((before, byte), (b':', b' ') | (b' ', b'#')) || byte.is_ascii_control() {
            return false;
        }
        before = byte;
    }
    text.is_ascii() || text.chars().all(is_printable)
}

/// `2025-01-25T10:30:00Z`, digits aside.
fn is_time(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00Z";
    text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == *form,
        })
}

/// Whether a character may stand as it is: no control, no line break of any YAML, no mark that
/// turns the direction of the text around it.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character,
            '\u{2028}'..='\u{202e}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
