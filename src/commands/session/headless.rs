//! Sessions without a screen: what one needs for its next turn, and how a turn is begun.
//!
//! Between two turns nothing runs. A turn is `ghp session turn NAME` in a terminal of the session, which runs the provider
//! once ([`super::turn`]).

use serde::{Deserialize, Serialize};

use super::surroundings;
use crate::commands::system;
use crate::config::env_vars::SESSION;
use crate::error::{Error, Kind, Result};
use crate::host::{env, process};
use crate::project::Project;
use crate::sessions::{Launch, Record, SessionManager, Sessions, Size};
use crate::store::layout::run as files;

/// What is kept from turn to turn: `<common>/ghp/run/NAME/headless.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Headless {
    /// The session's own id.
    pub session: String,
    /// The command that stands for the provider's program; empty: its own.
    pub command: Vec<String>,
    /// Who it shall be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona: Option<String>,
    /// The provider's own id of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// How many turns were begun.
    pub turns: u64,
    /// Why the last one failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Headless {
    /// That of this very session.
    pub(crate) fn load(project: &Project, record: &Record) -> Result<Headless> {
        let path = files::file(record.name.as_str(), files::HEADLESS);
        let text = project.store()?.local_text(&path)?;
        let note = text.and_then(|text| serde_json::from_str::<Headless>(&text).ok());
        note.filter(|note| note.session == record.id)
            .ok_or_else(|| {
                let said = format!("what {} needs for a turn cannot be read", record.name);
                Error::new(Kind::Unreadable, said)
                    .hint("stop it, and begin a new one in its cave")
                    .next(format!("ghp session stop {}", record.name))
            })
    }

    /// Keeps it.
    pub(crate) fn save(&self, project: &Project, name: &str) -> Result<()> {
        let text = serde_json::to_string(self).unwrap_or_else(|_| unreachable!("plain fields"));
        let path = files::file(name, files::HEADLESS);
        Ok(project.store()?.set_local_text(&path, &(text + "\n"))?)
    }
}

/// Begins a turn; it goes on when this process ends. The session takes prompts, and nobody else gives it one now.
pub(crate) fn begin(project: &Project, record: &Record, prompt: &str) -> Result<()> {
    let name = record.name.as_str();
    let path = files::file(name, files::PROMPT);
    project.store()?.set_local_text(&path, prompt)?;
    let program = process::current_program().map_err(system("find ghp"))?;
    let words = ["session", "turn", name].map(Into::into);
    let launch = Launch {
        name: record.name.clone(),
        id: record.id.clone(),
        issue: record.issue,
        provider: record.provider.clone(),
        backend: record.backend.clone(),
        cave: record.cave.clone(),
        branch: record.branch.clone(),
        directory: record.directory.clone(),
        program: [vec![program.into_os_string()], words.to_vec()].concat(),
        environment: surroundings::of(&record.name).environment,
        headless: true,
        size: Size::default(),
        started_by: record.started_by.clone(),
    };
    Ok(project.sessions()?.get(name)?.turn(&launch)?)
}

/// Whether whoever asks runs in a session of this name that has no screen.
pub(crate) fn is_asking(project: &Project, name: &str) -> Result<bool> {
    let Some(id) = env::var(SESSION) else {
        return Ok(false);
    };
    Ok(
        record(&project.sessions()?, name)?
            .is_some_and(|record| record.headless && record.id == id),
    )
}

fn record(sessions: &Sessions, name: &str) -> Result<Option<Record>> {
    match sessions.get(name) {
        Ok(session) => Ok(Some(session.record().clone())),
        Err(crate::sessions::SessionError::Nobody { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
