//! Names: of agents, of issues, of documents.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::slug::slug;
use super::time::Timestamp;

/// Names that mean something else on a command line, so no agent may have them.
pub const RESERVED: &[&str] = &[
    "human", "any", "all", "none", "set", "rm", "show", "list", "here", "ghp",
];

/// A name that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Not of the grammar of agent names.
    #[error(
        "\"{0}\" is not a name for an agent: use lower-case letters, digits, \".\", \"_\" and \"-\", at most 64, such as worker-1"
    )]
    Agent(String),
    /// A word with a meaning of its own.
    #[error("\"{0}\" is a reserved word: choose another name, such as worker-1")]
    Reserved(String),
    /// Not an issue number.
    #[error("\"{0}\" is not an issue: write its number, such as 147 or #147")]
    Issue(String),
    /// Not a status word.
    #[error(
        "\"{0}\" is not a status: use one lower-case word such as implementing, testing or blocked (letters, digits, \"-\", at most 32)"
    )]
    Status(String),
}

impl crate::error::Explain for BadName {
    fn kind(&self) -> crate::error::Kind {
        crate::error::Kind::Usage
    }
    fn next(&self) -> Option<String> {
        Some("ghp help agents".to_owned())
    }
}

fn shown(text: &str) -> String {
    super::escape::one_line(text, 80)
}

/// The name of an agent: `[a-z0-9][a-z0-9._-]{0,63}`, no `..`, not ending in `.lock` or `.`, not reserved.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct AgentId(String);

impl AgentId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgentId {
    type Err = BadName;
    fn from_str(text: &str) -> Result<AgentId, BadName> {
        let bytes = text.as_bytes();
        let letter = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let good = matches!(bytes.first(), Some(b) if letter(b))
            && bytes.len() <= 64
            && bytes
                .iter()
                .all(|b| letter(b) || matches!(b, b'.' | b'_' | b'-'))
            && !text.contains("..")
            && !text.ends_with('.')
            && bytes.strip_suffix(b".lock").is_none()
            && !matches!(text, "con" | "nul" | "aux" | "prn");
        if RESERVED.contains(&text) {
            Err(BadName::Reserved(text.to_owned()))
        } else if good {
            Ok(AgentId(text.to_owned()))
        } else {
            Err(BadName::Agent(shown(text)))
        }
    }
}

impl TryFrom<String> for AgentId {
    type Error = BadName;
    fn try_from(text: String) -> Result<AgentId, BadName> {
        text.parse()
    }
}

impl From<AgentId> for String {
    fn from(id: AgentId) -> String {
        id.0
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of an issue. `147`, `#147` and `issue-147` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IssueId(pub u64);

impl FromStr for IssueId {
    type Err = BadName;
    fn from_str(text: &str) -> Result<IssueId, BadName> {
        let digits = text
            .strip_prefix('#')
            .or_else(|| text.strip_prefix("issue-"))
            .unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        match digits.parse() {
            Ok(number) if plain && number > 0 && number < 1 << 53 => Ok(IssueId(number)),
            _ => Err(BadName::Issue(shown(text))),
        }
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A status word: `[a-z][a-z0-9-]{0,31}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusWord(String);

impl StatusWord {
    /// The word as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StatusWord {
    type Err = BadName;
    fn from_str(text: &str) -> Result<StatusWord, BadName> {
        let good = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 32
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if good {
            Ok(StatusWord(text.to_owned()))
        } else {
            Err(BadName::Status(shown(text)))
        }
    }
}

/// A new document id, `YYYY-MM-DD-slug-xxxx`; `random` supplies the last four characters.
pub fn document_id(now: Timestamp, title: &str, random: u32) -> String {
    format!("{}-{}-{}", now.date(), slug(title, 40), tail(random))
}

/// Four base-32 characters, the first a letter (so that they never read as an issue number).
fn tail(random: u32) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let pick = |shift: u32, of: u32| char::from(LETTERS[((random >> shift) % of) as usize]);
    [pick(0, 26), pick(8, 32), pick(16, 32), pick(24, 32)]
        .into_iter()
        .collect()
}

/// Whether a file's stem is of the grammar of document ids; anything else in a folder of documents (an
/// editor's `.#x`, `x~`, `x.swp`) is not a document.
pub fn is_document_id(stem: &str) -> bool {
    let bytes = stem.as_bytes();
    let date = |b: &[u8]| {
        b.iter().enumerate().all(|(i, c)| {
            if matches!(i, 4 | 7 | 10) {
                *c == b'-'
            } else {
                c.is_ascii_digit()
            }
        })
    };
    bytes.len() >= 17
        && bytes.len() <= 64
        && date(&bytes[..11])
        && bytes[bytes.len() - 5] == b'-'
        && bytes[bytes.len() - 4].is_ascii_lowercase()
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_agents() {
        for good in ["worker-1", "a", "0", "epic_auth", "a.b", &"x".repeat(64)] {
            assert!(good.parse::<AgentId>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-rf",
            "../etc",
            "WORKER-1",
            "a b",
            "a\n",
            "a;b",
            "$(id)",
            ".a",
            "a.",
            "a..b",
            "a.lock",
            "human",
            "set",
            "con",
            "@",
            "w\u{43e}rker",
            "#(touch x)",
            &"x".repeat(65),
        ] {
            assert!(bad.parse::<AgentId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_of_issues() {
        for text in ["147", "#147", "issue-147"] {
            assert_eq!(text.parse(), Ok(IssueId(147)));
        }
        for bad in [
            "",
            "#",
            "0",
            "-1",
            "+1",
            "1.5",
            "issue-",
            "99999999999999999999",
            "９",
        ] {
            assert!(bad.parse::<IssueId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_of_documents() {
        let now = Timestamp::parse("2025-01-25T10:30:00Z").expect("a time");
        for random in [0, 7, u32::MAX, 0x1234_5678] {
            let id = document_id(now, "Which store? ghp_token", random);
            assert!(is_document_id(&id), "{id}");
            assert!(id.starts_with("2025-01-25-which-store"));
        }
        for bad in [
            ".#2025-01-25-x-abcd",
            "2025-01-25-x-abcd~",
            "2025-01-25-x-1bcd",
            "notes",
            "147",
            "",
        ] {
            assert!(!is_document_id(bad), "{bad}");
        }
    }
}
