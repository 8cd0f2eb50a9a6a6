//! The name of a group.

use std::fmt;
use std::str::FromStr;

use crate::domain::escape::one_line;
use crate::domain::id::AgentId;

/// Words of `ghp group`, which no group may be called.
const RESERVED: &[&str] = &[
    "join", "leave", "share", "context", "peers", "log", "report", "disband", "group", "groups",
];

/// The name of a group: the grammar and the reserved words of agents' names, and the words of `ghp group`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupName(String);

impl GroupName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no name for a group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadGroupName {
    /// Not of the grammar.
    #[error(
        "\"{0}\" is not a name for a group: use lower-case letters, digits, \".\", \"_\" and \"-\", at most 64, such as research-team"
    )]
    Grammar(String),
    /// A word with a meaning of its own.
    #[error("\"{0}\" is a reserved word: choose another name, such as research-team")]
    Reserved(String),
}

impl crate::error::Explain for BadGroupName {
    fn kind(&self) -> crate::error::Kind {
        crate::error::Kind::Usage
    }
    fn next(&self) -> Option<String> {
        Some("ghp help groups".to_owned())
    }
}

impl FromStr for GroupName {
    type Err = BadGroupName;
    fn from_str(text: &str) -> Result<GroupName, BadGroupName> {
        let reserved = RESERVED.iter().chain(crate::domain::id::RESERVED);
        if reserved.into_iter().any(|word| *word == text) {
            return Err(BadGroupName::Reserved(text.to_owned()));
        }
        // One grammar for all names that become files.
        match text.parse::<AgentId>() {
            Ok(_) => Ok(GroupName(text.to_owned())),
            Err(_) => Err(BadGroupName::Grammar(one_line(text, 80))),
        }
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
