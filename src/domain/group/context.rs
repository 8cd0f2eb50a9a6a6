//! What a group shares: values by key, each with a version that only grows.

use serde_json::Value;

use super::Group;
use crate::domain::time::Timestamp;
use crate::domain::unknown::Unknown;

/// The largest value, in bytes of JSON without spaces.
pub const LARGEST_VALUE: usize = 64 << 10;
/// The largest shared context, keys and values together, in bytes of JSON without spaces.
pub const LARGEST_CONTEXT: usize = 1 << 20;

/// How many lists and objects of a value may lie in one another: what is nested much deeper no JSON reader takes, and the
/// document could not be read again.
pub const DEEPEST_VALUE: usize = 64;
/// The highest version: the largest whole number that every JSON reader reads exactly.
pub const LAST_VERSION: u64 = (1 << 53) - 1;

/// One shared value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shared {
    /// Whatever was shared.
    pub value: Value,
    /// How often the key was written; the first time is 1.
    pub version: u64,
    /// Who wrote it last.
    pub by: Option<String>,
    /// When, as it stands in the file.
    pub at: Option<String>,
    /// Fields of nobody's we know, kept.
    pub unknown: Unknown,
}

/// A key and its new value; `None` deletes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Option<Value>,
}

/// Why something cannot be shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadShare {
    /// The key's version is another one (0: there is no such key).
    Moved {
        /// The key.
        key: String,
        /// Its version now.
        version: u64,
    },
    /// The value is larger than [`LARGEST_VALUE`].
    LargeValue {
        /// The key.
        key: String,
        /// The value's size.
        size: usize,
    },
    /// The value is nested deeper than [`DEEPEST_VALUE`].
    DeepValue {
        /// The key.
        key: String,
    },
    /// The key has had as many versions as there are.
    NoVersionLeft {
        /// The key.
        key: String,
    },
    /// The context would be larger than [`LARGEST_CONTEXT`].
    LargeContext {
        /// The size that it would have.
        size: usize,
    },
}

/// Whether this is a key: a letter, digit or `_`, then at most 127 of these and `.`, `:`, `/`, `-`.
pub fn is_key(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128
        && text.starts_with(first)
        && text
            .chars()
            .all(|c| first(c) || matches!(c, '.' | ':' | '/' | '-'))
}

/// How many lists and objects lie in one another at most.
fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

impl Group {
    /// A key's version; 0 when there is no such key.
    pub fn version(&self, key: &str) -> u64 {
        self.context.get(key).map_or(0, |shared| shared.version)
    }

    /// Writes and deletes keys, all of them or, when one cannot be, none; says which keys a deletion found nothing of by
    /// leaving them out. `expected`: the version that every key must have now.
    pub fn share(
        &mut self,
        changes: &[Share],
        expected: Option<u64>,
        by: &str,
        now: Timestamp,
    ) -> Result<Vec<String>, BadShare> {
        let mut after = self.clone();
        let mut changed = Vec::new();
        for Share { key, value } in changes {
            let version = after.version(key);
            if expected.is_some_and(|expected| expected != version) {
                let key = key.clone();
                return Err(BadShare::Moved { key, version });
            }
            match value {
                Some(value) => after.put(key, value, by, now)?,
                None if version == 0 => continue,
                None => {
                    after.context.remove(key);
                    after.deleted.insert(key.clone(), version);
                }
            }
            changed.push(key.clone());
        }
        let size = after.context_size();
        if size > LARGEST_CONTEXT && size > self.context_size() {
            return Err(BadShare::LargeContext { size });
        }
        if !changed.is_empty() {
            after.touch(now);
            *self = after;
        }
        Ok(changed)
    }

    fn put(&mut self, key: &str, value: &Value, by: &str, now: Timestamp) -> Result<(), BadShare> {
        let size = value.to_string().len();
        if size > LARGEST_VALUE {
            let key = key.to_owned();
            return Err(BadShare::LargeValue { key, size });
        }
        if depth(value) > DEEPEST_VALUE {
            let key = key.to_owned();
            return Err(BadShare::DeepValue { key });
        }
        let last = self.deleted.remove(key).unwrap_or(0).max(self.version(key));
        if last >= LAST_VERSION {
            let key = key.to_owned();
            return Err(BadShare::NoVersionLeft { key });
        }
        let shared = self.context.entry(key.to_owned()).or_default();
        shared.value = value.clone();
        shared.version = last + 1;
        shared.by = Some(by.to_owned());
        shared.at = Some(now.to_string());
        Ok(())
    }

    /// The size of what is shared, in bytes of JSON without spaces.
    pub fn context_size(&self) -> usize {
        let values = self.context.iter();
        let values = values.map(|(key, shared)| key.len() + shared.value.to_string().len());
        let deleted = self.deleted.keys().map(String::len);
        values.chain(deleted).sum()
    }
}
