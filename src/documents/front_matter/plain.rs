//! Front matter as this product writes it: a `key: value` a line, each value one that every YAML reader takes for the
//! same. It is read here without a parser, which costs some twenty times as much; whatever is not as plain as that is
//! left to the parser.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::field::{is_plain, is_word};

/// The longest number that every reader keeps exactly, in digits.
const MAX_DIGITS: usize = 15;
const ITEM: &str = "  - ";

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) enum Value<'t> {
    /// A text.
    Text(&'t str),
    /// A whole number.
    Number(u64),
    /// A list of either.
    List(Vec<Value<'t>>),
}

/// A key with its value.
#[derive(Debug)]
pub(in crate::documents) struct Line<'t> {
    /// The key.
    pub(in crate::documents) key: &'t str,
    /// Its value.
    pub(in crate::documents) value: Value<'t>,
    /// The lines of both, each with its line end.
    pub(in crate::documents) text: &'t str,
}

/// The keys in order; `None`: the front matter (its lines, without the two `---`) is not as plain as that.
pub(in crate::documents) fn lines(front: &str) -> Option<Vec<Line<'_>>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut rest = front;
    while !rest.is_empty() {
        let line = take_line(rest)?;
        let (key, value) = line.split_once(':')?;
        if !is_key(key) || lines.iter().any(|line| line.key == key) {
            return None;
        }
        let mut end = line.len() + 1;
        let value = match value.strip_prefix(' ') {
            Some(list) if list.starts_with('[') => Value::List(flow(list)?),
            Some(text) => scalar(text)?,
            None if value.is_empty() => {
                let mut items = Vec::new();
                while let Some(item) = rest[end..].strip_prefix(ITEM) {
                    let item = take_line(item)?;
                    items.push(scalar(item)?);
                    end += ITEM.len() + item.len() + 1;
                }
                // Without items it is null.
                Some(items)
                    .filter(|items| !items.is_empty())
                    .map(Value::List)?
            }
            None => return None,
        };
        let (text, after) = rest.split_at(end);
        lines.push(Line { key, value, text });
        rest = after;
    }
    Some(lines)
}

/// The same as `T`; `None` also when `T` takes none of it: the parser says why.
pub(super) fn read<T: DeserializeOwned>(front: &str) -> Option<T> {
    let lines = lines(front)?.into_iter();
    let keys = MapDeserializer::<_, Error>::new(lines.map(|line| (line.key, line.value)));
    T::deserialize(keys).ok()
}

fn take_line(text: &str) -> Option<&str> {
    text.split_once('\n').map(|(line, _)| line)
}

fn is_key(key: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.bytes().all(is_letter)
        && !is_word(key)
}

fn scalar(text: &str) -> Option<Value<'_>> {
    if let Some(number) = number(text) {
        return Some(Value::Number(number));
    }
    is_plain(text).then_some(Value::Text(text))
}

/// The items of `[a, b]`; within brackets fewer characters are plain.
fn flow(list: &str) -> Option<Vec<Value<'_>>> {
    let list = list.strip_prefix('[')?.strip_suffix(']')?;
    if list.is_empty() {
        return Some(Vec::new());
    }
    let item = |item| {
        let item: &str = item;
        let item = item.trim_matches(' ');
        let plain = item.starts_with(|first: char| first.is_ascii_alphanumeric())
            && !item.contains(['[', ']', '{', '}', '"', '\'', ':', '#']);
        plain.then(|| scalar(item)).flatten()
    };
    list.split(',').map(item).collect()
}

fn number(text: &str) -> Option<u64> {
    let is_number = (1..=MAX_DIGITS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if is_number { text.parse().ok() } else { None }
}

impl IntoDeserializer<'_, Error> for Value<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Value::Text(text) => visitor.visit_str(text),
            Value::Number(number) => visitor.visit_u64(number),
            Value::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Value::Text(text) => text
                .into_deserializer()
                .deserialize_enum(name, variants, visitor),
            other => other.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
