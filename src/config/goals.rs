//! How to start an external agent-runtime. In a repository's file it wants [`super::trust`].

use serde_json::Value;

use super::layers::{Config, ConfigError};
use crate::domain::time::Duration;

/// The key.
pub const KEY: &str = "coordination.goals";

/// A goals server, as it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoalsServer {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How long a command waits for it, all in all.
    pub deadline: Duration,
}

impl GoalsServer {
    /// What an object says; `None` when it is of another form.
    pub(super) fn of(value: &Value) -> Option<GoalsServer> {
        let object = value.as_object()?;
        if !object.keys().all(|key| key == "mcp" || key == "deadline") {
            return None;
        }
        let words = object.get("mcp")?.as_array()?;
        let words = words.iter().map(|word| word.as_str().map(str::to_owned));
        let command = words.collect::<Option<Vec<String>>>()?;
        let is_word = |word: &String| !word.contains('\0');
        if command.first()?.is_empty() || !command.iter().all(is_word) {
            return None;
        }
        let deadline = match object.get("deadline") {
            None => Duration::from_seconds(5),
            Some(said) => said.as_str()?.parse().ok()?,
        };
        // Nobody waits for ever before a group can be joined.
        (1..=300)
            .contains(&deadline.seconds())
            .then_some(GoalsServer { command, deadline })
    }
}

impl Config {
    /// The server that groups are registered with, and the setting as it stands, for asking whether it is trusted.
    pub fn goals_server(&self) -> Result<Option<(GoalsServer, Value)>, ConfigError> {
        let value = self.get(KEY)?.0;
        Ok(GoalsServer::of(&value).map(|server| (server, value)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_a_server() {
        let server = GoalsServer::of(&json!({"mcp": ["python3", "-m", "x"]})).expect("a server");
        assert_eq!((server.command.len(), server.deadline.seconds()), (3, 5));
        let quick = GoalsServer::of(&json!({"mcp": ["x"], "deadline": "2s"})).expect("a server");
        assert_eq!(quick.deadline.seconds(), 2);
        for bad in [
            json!({}),
            json!({"mcp": []}),
            json!({"mcp": [""]}),
            json!({"mcp": "x"}),
            json!({"mcp": [1]}),
            json!({"mcp": ["x"], "deadline": "soon"}),
            json!({"mcp": ["x"], "deadline": "1h"}),
            json!({"mcp": ["x"], "env": {}}),
        ] {
            assert_eq!(GoalsServer::of(&bad), None, "{bad}");
        }
    }
}
