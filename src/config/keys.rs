//! Every key of the configuration: its form, its default, what it means.

use serde_json::Value;

use super::env_vars;
use crate::domain::glob::Glob;
use crate::domain::id::AgentId;
use crate::domain::time::Duration;

/// What a key's value must look like.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// Text.
    Text,
    /// Text or null.
    TextOrNull,
    /// `90s`, `10m`, `2h`, `7d`.
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `alert`, `release` or `reassign:AGENT`.
    StalePolicy,
    /// A whole number in this range.
    Number(u64, u64),
    /// A list of names of agents.
    Agents,
    /// A list of texts.
    Texts,
    /// A list of globs.
    Globs,
    /// An object from issue numbers to names of agents.
    AgentByIssue,
    /// An object of texts.
    TextByText,
    /// How to start a goals server.
    GoalsServer,
    /// Any object.
    Object,
    /// A list of programs, each with its words.
    Commands,
}

impl Form {
    /// The form in words, for messages.
    pub fn words(self) -> String {
        match self {
            Form::Text => "text".to_owned(),
            Form::TextOrNull => "text or null".to_owned(),
            Form::Duration => "a duration such as \"10m\"".to_owned(),
            Form::Word(words) => format!("one of {}", words.join(", ")),
            Form::StalePolicy => "\"alert\", \"release\" or \"reassign:AGENT\"".to_owned(),
            Form::Number(low, high) => format!("a whole number from {low} to {high}"),
            Form::Agents => "a list of agents' names such as [\"lead\"]".to_owned(),
            Form::Texts => "a list of texts".to_owned(),
            Form::Globs => "a list of paths such as [\"README.md\", \"src/core/**\"]".to_owned(),
            Form::AgentByIssue => "an object such as {\"140\": \"epic-auth\"}".to_owned(),
            Form::TextByText => "an object of texts".to_owned(),
            Form::GoalsServer => {
                "an object such as {\"mcp\": [\"agent-runtime\"], \"deadline\": \"5s\"}".to_owned()
            }
            Form::Object => "an object".to_owned(),
            Form::Commands => {
                "a list of commands such as [[\"npm\", \"ci\"], [\"make\", \"deps\"]]".to_owned()
            }
        }
    }

    /// Whether the value has this form.
    pub fn fits(self, value: &Value) -> bool {
        let agent = |value: &Value| {
            value
                .as_str()
                .is_some_and(|name| name.parse::<AgentId>().is_ok())
        };
        let list = |of: &dyn Fn(&Value) -> bool| {
            value.as_array().is_some_and(|items| items.iter().all(of))
        };
        match self {
            Form::Text => value.is_string(),
            Form::TextOrNull => value.is_string() || value.is_null(),
            Form::Duration => {
                value
                    .as_str()
                    .is_some_and(|text| text.parse::<Duration>().is_ok())
                    || value.as_u64().is_some_and(|n| n < 1 << 31)
            }
            Form::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Form::StalePolicy => value.as_str().is_some_and(|word| {
                matches!(word, "alert" | "release")
                    || word
                        .strip_prefix("reassign:")
                        .is_some_and(|name| name.parse::<AgentId>().is_ok())
            }),
            Form::Number(low, high) => value
                .as_u64()
                .is_some_and(|number| (low..=high).contains(&number)),
            Form::Agents => list(&agent),
            Form::Texts => list(&|item| item.is_string()),
            Form::Globs => {
                list(&|item| item.as_str().is_some_and(|glob| Glob::parse(glob).is_ok()))
            }
            Form::AgentByIssue => value.as_object().is_some_and(|map| {
                map.iter()
                    .all(|(issue, name)| issue.parse::<u64>().is_ok() && agent(name))
            }),
            Form::TextByText => value
                .as_object()
                .is_some_and(|map| map.values().all(Value::is_string)),
            Form::GoalsServer => value.as_object().is_some_and(|object| {
                object.is_empty() || super::goals::GoalsServer::of(value).is_some()
            }),
            Form::Object => value.is_object(),
            Form::Commands => list(&|command| {
                let words = command.as_array().map(Vec::as_slice).unwrap_or_default();
                words
                    .first()
                    .and_then(Value::as_str)
                    .is_some_and(|word| !word.is_empty())
                    && words.iter().all(Value::is_string)
            }),
        }
    }
}

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Dotted, as `ghp config get` takes it.
    pub name: &'static str,
    /// What its value must look like.
    pub form: Form,
    /// Its default, as JSON.
    pub default: &'static str,
    /// The environment variable that overrides it.
    pub env: Option<&'static str>,
    /// Whether it decides what programs are run: a repository's then wants [`super::trust`].
    pub runs: bool,
    /// What it means, one line.
    pub does: &'static str,
}

const fn key(name: &'static str, form: Form, default: &'static str, does: &'static str) -> Key {
    Key {
        name,
        form,
        default,
        env: None,
        runs: false,
        does,
    }
}

/// Every key we know; others are somebody else's and are kept.
pub const KEYS: &[Key] = &[
    key(
        "mainBranch",
        Form::Text,
        "\"main\"",
        "the branch that work ends up on",
    ),
    key(
        "branchPattern",
        Form::Text,
        "\"{user}/{number}-{title}\"",
        "how an issue's branch is named",
    ),
    Key {
        env: Some(env_vars::STALE_AFTER),
        ..key(
            "coordination.staleAfter",
            Form::Duration,
            "\"10m\"",
            "silence after which an agent is stale",
        )
    },
    key(
        "coordination.stalePolicy",
        Form::StalePolicy,
        "\"alert\"",
        "what `ghp stale --apply` does: alert, release or reassign:AGENT",
    ),
    key(
        "coordination.expireAfter",
        Form::Duration,
        "\"60m\"",
        "silence after which an agent is taken to be gone",
    ),
    key(
        "coordination.orchestrators",
        Form::Agents,
        "[]",
        "agents that lead",
    ),
    key(
        "coordination.epics",
        Form::AgentByIssue,
        "{}",
        "agents that manage a parent issue",
    ),
    key(
        "coordination.humans",
        Form::Texts,
        "[]",
        "mail addresses of people, for checks of ranges of commits",
    ),
    key(
        "coordination.assignees",
        Form::TextByText,
        "{}",
        "names of agents by the login an issue source uses",
    ),
    key(
        "coordination.sharedFiles",
        Form::Globs,
        "[]",
        "files that an orchestrator or a person must approve",
    ),
    key(
        "coordination.protectedBranches",
        Form::Texts,
        "null",
        "branches that only orchestrators and people work on; [mainBranch] when unset",
    ),
    key(
        "coordination.outsideScope",
        Form::Word(&["approve", "deny", "allow"]),
        "\"approve\"",
        "what happens to paths outside an issue's scope",
    ),
    key(
        "coordination.maxPeers",
        Form::Number(1, 1024),
        "32",
        "how many agents a group holds",
    ),
    key(
        "coordination.issues",
        Form::Word(&["local", "github"]),
        "\"local\"",
        "where issues live",
    ),
    key(
        "coordination.remote",
        Form::TextOrNull,
        "null",
        "the git remote that carries claims and documents between machines",
    ),
    key(
        "coordination.refSpace",
        Form::Text,
        "\"refs/ghp/\"",
        "where claims live on the remote",
    ),
    Key {
        env: Some(env_vars::LOCK_TIMEOUT),
        ..key(
            "coordination.lockTimeout",
            Form::Duration,
            "\"10s\"",
            "how long to wait for the lock",
        )
    },
    key(
        "coordination.caves",
        Form::Text,
        "\"../{repo}.caves/{name}\"",
        "where worktrees for agents are made",
    ),
    key(
        "coordination.copyFiles",
        Form::Texts,
        "[\".env\"]",
        "globs of untracked files copied into such a worktree",
    ),
    Key {
        runs: true,
        ..key(
            "coordination.setup",
            Form::Commands,
            "[]",
            "commands that make a new cave fit to work in",
        )
    },
    key(
        "coordination.setupTimeout",
        Form::Duration,
        "\"10m\"",
        "how long they may take together",
    ),
    Key {
        runs: true,
        ..key(
            "coordination.providers",
            Form::Object,
            "{}",
            "programs for sessions beside the built-in ones",
        )
    },
    key(
        "coordination.memory",
        Form::Word(&["local", "mem0"]),
        "\"local\"",
        "where memories live: local or mem0",
    ),
    key(
        "coordination.mem0",
        Form::Object,
        "{}",
        "a mem0 server: url, hosted, user; only in the person's own file",
    ),
    Key {
        env: Some(env_vars::EDITOR_TIMEOUT),
        ..key(
            "coordination.editorTimeout",
            Form::Duration,
            "\"30m\"",
            "how long `ghp editor` waits for an answer",
        )
    },
    key(
        "coordination.retries",
        Form::Number(0, 100),
        "2",
        "how often a task is tried again whose agent is gone",
    ),
    key(
        "coordination.limited",
        Form::Word(&["reroute", "retry", "ask"]),
        "\"reroute\"",
        "what becomes of a task whose agent's provider does not answer: another agent's, tried again, or a person's",
    ),
    key(
        "coordination.limitedFor",
        Form::Duration,
        "\"15m\"",
        "how long an agent rests whose provider did not answer",
    ),
    key(
        "coordination.senders",
        Form::Texts,
        "[]",
        "who may send tasks by mail or webhook",
    ),
    Key {
        runs: true,
        ..key(
            "coordination.reply",
            Form::Texts,
            "[]",
            "the command by which their answers leave, such as [\"sendmail\", \"-t\"]",
        )
    },
    Key {
        runs: true,
        ..key(
            "coordination.goals",
            Form::GoalsServer,
            "{}",
            "an external agent-runtime that groups are registered with: mcp (a command), deadline (5s)",
        )
    },
    Key {
        runs: true,
        ..key(
            "coordination.profiles",
            Form::Object,
            "{}",
            "kinds of agents that can be started",
        )
    },
];

/// The key of this name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
