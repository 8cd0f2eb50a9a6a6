//! `ghp session`: a provider at work in a cave.

pub mod attach;
pub mod context;
pub mod gc;
pub(crate) mod headless;
pub(crate) mod heard;
pub mod list;
pub mod new;
mod observe;
pub mod output;
pub mod rm;
pub mod send;
pub mod show;
pub mod stop;
mod surroundings;
pub mod turn;
pub mod wait;

use serde::Serialize;

use crate::domain::session::State;
use crate::domain::time::Timestamp;
use crate::sessions::{Record, Status};
pub(crate) use observe::{Seen, all, named};

/// A session as programs read it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its id, which its processes have as `GHP_SESSION`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its agent.
    pub agent: String,
    /// The issue that it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// What runs in it.
    pub provider: String,
    /// What keeps its terminal.
    pub backend: String,
    /// Whether it has no screen.
    #[serde(skip_serializing_if = "is_false")]
    pub headless: bool,
    /// What it is doing.
    pub state: State,
    /// With what it ended; without a screen its last turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Its cave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cave: Option<String>,
    /// The branch that it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// How long ago it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
}

impl Row {
    /// A session that was looked at.
    pub(crate) fn of(seen: &Seen, now: Timestamp) -> Row {
        Row::new(&seen.record, &seen.status, seen.state, now)
    }

    fn new(record: &Record, status: &Status, state: State, now: Timestamp) -> Row {
        let (exit_code, signal) = match status {
            Status::Exited { code, signal } | Status::Resting { code, signal } => (*code, *signal),
            _ => (None, None),
        };
        let cave = record.cave.as_ref();
        Row {
            id: record.id.clone(),
            name: record.name.to_string(),
            agent: record.agent.to_string(),
            issue: record.issue,
            provider: record.provider.clone(),
            backend: record.backend.clone(),
            headless: record.headless,
            state,
            exit_code,
            signal,
            cave: cave.map(|cave| cave.display().to_string()),
            branch: record.branch.clone(),
            age_seconds: Timestamp::parse(&record.created).map(|made| now.since(made).max(0)),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(flag: &bool) -> bool {
    !flag
}
