//! How reports and failures are spelled for programs: the same bytes whichever door they leave by.

use serde::Serialize;

use crate::domain::escape;
use crate::error::{Error, Kind, Result};

/// A failure: `{"error":{"code","message",…}}`.
#[derive(Debug, Serialize)]
pub struct Failure<'a> {
    error: Told<'a>,
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    causes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
    retryable: bool,
}

impl<'a> From<&'a Error> for Failure<'a> {
    fn from(error: &'a Error) -> Failure<'a> {
        Failure {
            error: Told {
                code: error.kind.code(),
                message: &error.message,
                causes: &error.causes,
                hint: error.hint.as_deref(),
                next: error.next.as_deref(),
                retryable: error.kind.retryable(),
            },
        }
    }
}

/// A document on one line, with its line break.
pub fn line<T: Serialize>(value: &T) -> Result<String> {
    spelled(serde_json::to_string(value))
}

/// A document as a person reads it.
pub fn pretty<T: Serialize>(value: &T) -> Result<String> {
    spelled(serde_json::to_string_pretty(value))
}

fn spelled(text: serde_json::Result<String>) -> Result<String> {
    let mut text = text.map_err(|error| {
        Error::new(Kind::Failed, "the answer cannot be written as JSON")
            .because(error)
            .next("ghp doctor")
    })?;
    text.push('\n');
    Ok(escape::json(text))
}
