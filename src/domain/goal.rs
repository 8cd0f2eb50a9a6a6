//! Goals: what agents and groups are to achieve, and whether they have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time::Timestamp;

/// The most metadata a goal holds, in bytes of its JSON.
pub const MOST_METADATA: usize = 32 << 10;
/// Collections within metadata nest no deeper.
const DEEPEST: usize = 16;

/// What became of a goal.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is worked on.
    #[default]
    Active,
    /// It was reached.
    Completed,
    /// It was given up.
    Cancelled,
}

impl Status {
    /// The word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Completed => "completed",
            Status::Cancelled => "cancelled",
        }
    }
}

/// Not a status of a goal.
#[derive(Debug, thiserror::Error)]
#[error("a goal is active, completed or cancelled")]
pub struct NoStatus;

impl FromStr for Status {
    type Err = NoStatus;
    fn from_str(word: &str) -> Result<Status, NoStatus> {
        let all = [Status::Active, Status::Completed, Status::Cancelled];
        let mut all = all.into_iter();
        all.find(|status| status.word() == word).ok_or(NoStatus)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Something to achieve.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Goal {
    /// Its document's name.
    pub id: String,
    /// One line: what is to be so.
    pub name: String,
    /// Whether it is.
    pub status: Status,
    /// The coordination group that it was set for.
    pub group: Option<String>,
    /// Who set it.
    pub from: String,
    /// When.
    pub created_at: Option<Timestamp>,
    /// When it was completed or cancelled.
    pub closed_at: Option<Timestamp>,
    /// Who did that.
    pub by: Option<String>,
    /// What others keep with it; ours are derived.
    pub metadata: Map<String, Value>,
    /// What its maker said so that a repetition makes no second one.
    pub request_id: Option<String>,
    /// What there is to say beyond the name, Markdown.
    pub body: String,
}

impl Goal {
    /// Completes or cancels it; `false`: it was so already.
    ///
    /// # Errors
    /// What became of it first, when that was something else.
    pub fn close(&mut self, status: Status, by: &str, now: Timestamp) -> Result<bool, Status> {
        match self.status {
            Status::Active => {
                self.set_status(status, by, now);
                Ok(true)
            }
            first if first == status => Ok(false),
            first => Err(first),
        }
    }

    /// Says what became of it, whatever was said before.
    pub fn set_status(&mut self, status: Status, by: &str, now: Timestamp) {
        if self.status == status {
            return;
        }
        self.status = status;
        let closed = status != Status::Active;
        self.closed_at = closed.then_some(now);
        self.by = closed.then(|| by.to_owned());
    }

    /// Sets metadata by key; null takes a key away.
    pub fn note(&mut self, metadata: &Map<String, Value>) {
        for (key, value) in metadata {
            if value.is_null() {
                self.metadata.shift_remove(key);
            } else {
                self.metadata.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Metadata as somebody says it: the text of a JSON object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata(pub Map<String, Value>);

impl FromStr for Metadata {
    type Err = BadMetadata;
    fn from_str(text: &str) -> Result<Metadata, BadMetadata> {
        match serde_json::from_str(text) {
            Ok(Value::Object(metadata)) => {
                check_metadata(&metadata)?;
                Ok(Metadata(metadata))
            }
            Ok(_) => Err(BadMetadata::NoObject),
            Err(error) => Err(BadMetadata::NoJson(error.to_string())),
        }
    }
}

/// Metadata that no goal holds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMetadata {
    /// A list, a text, …
    #[error("the metadata is no JSON object")]
    NoObject,
    /// Not JSON; why.
    #[error("the metadata is not JSON: {0}")]
    NoJson(String),
    /// Too much.
    #[error("the metadata has {0} bytes; a goal holds {MOST_METADATA}")]
    Large(usize),
    /// Too deep.
    #[error("the metadata nests more than {DEEPEST} deep")]
    Deep,
    /// A key or a text that no line of a document holds.
    #[error("a key of the metadata is empty or too long, or a text in it holds a NUL byte")]
    Odd,
}

/// Whether a goal may hold this.
pub fn check_metadata(metadata: &Map<String, Value>) -> Result<(), BadMetadata> {
    let bytes = Value::Object(metadata.clone()).to_string().len();
    if bytes > MOST_METADATA {
        return Err(BadMetadata::Large(bytes));
    }
    let key = |key: &String| !key.is_empty() && key.len() <= 128 && !key.contains('\0');
    if !metadata.keys().all(key) {
        return Err(BadMetadata::Odd);
    }
    metadata.values().try_for_each(|value| check(value, 1))
}

fn check(value: &Value, depth: usize) -> Result<(), BadMetadata> {
    match value {
        _ if depth > DEEPEST => Err(BadMetadata::Deep),
        Value::String(text) if text.contains('\0') => Err(BadMetadata::Odd),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(fields) if fields.keys().any(|key| key.contains('\0')) => {
            Err(BadMetadata::Odd)
        }
        Value::Object(fields) => fields.values().try_for_each(|item| check(item, depth + 1)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn it_is_closed_once_and_may_come_back() {
        let now = Timestamp::from_seconds(1_700_000_000);
        let mut goal = Goal::default();
        assert_eq!(goal.close(Status::Completed, "lead", now), Ok(true));
        assert_eq!(goal.close(Status::Completed, "other", now), Ok(false));
        assert_eq!(
            goal.close(Status::Cancelled, "other", now),
            Err(Status::Completed)
        );
        assert_eq!(
            (goal.by.as_deref(), goal.closed_at),
            (Some("lead"), Some(now))
        );
        goal.set_status(Status::Active, "lead", now);
        assert_eq!((goal.by, goal.closed_at), (None, None));
    }

    #[test]
    fn metadata_by_key() {
        let mut goal = Goal::default();
        goal.note(&object(&json!({"a": 1, "b": [2]})));
        goal.note(&object(&json!({"a": null, "c": {}})));
        assert_eq!(Value::Object(goal.metadata), json!({"b": [2], "c": {}}));
    }

    #[test]
    fn metadata_that_no_goal_holds() {
        assert_eq!(check_metadata(&object(&json!({"a": {"b": [1]}}))), Ok(()));
        let mut deep = json!(1);
        for _ in 0..DEEPEST {
            deep = json!([deep]);
        }
        for (bad, why) in [
            (json!({"a": deep}), BadMetadata::Deep),
            (json!({"": 1}), BadMetadata::Odd),
            (json!({"a": ["\0"]}), BadMetadata::Odd),
            (json!({"a": {"\0": 1}}), BadMetadata::Odd),
        ] {
            assert_eq!(check_metadata(&object(&bad)), Err(why), "{bad}");
        }
        let large = json!({"a": "x".repeat(MOST_METADATA)});
        assert!(matches!(
            check_metadata(&object(&large)),
            Err(BadMetadata::Large(_))
        ));
    }

    #[test]
    fn words() {
        for word in ["active", "completed", "cancelled"] {
            assert_eq!(word.parse::<Status>().expect("a status").to_string(), word);
        }
        assert!("done".parse::<Status>().is_err());
    }
}
