//! Which agent a harness's session is: `<common>/ghp/sessions/HARNESS-ID.json`.
//!
//! A harness may give a session another id (`/clear`) or run its hooks in the environment of another terminal, so the
//! session's id is what an agent is known by.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::reminder::Reminders;
use super::{Refused, What};
use crate::commands::matter::Item;
use crate::domain::harness::SessionId;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;
use crate::store::layout::{self, local};

/// How many sessions are remembered before old ones are looked for.
const MANY: usize = 100;
/// How often in a row a session is kept going with tasks.
const MOST_IN_A_ROW: u8 = 6;
/// How long a session is remembered then, in seconds: 30 days.
const MEMORY: i64 = 30 * 24 * 3600;

/// What is known of a session.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Binding {
    /// Which agent it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// When it began (RFC 3339).
    at: String,
    /// In which worktree.
    worktree: String,
    /// Where the harness keeps what was said in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    transcript: String,
    /// How often in a row it was kept going with a task.
    #[serde(skip_serializing_if = "is_none")]
    in_a_row: u8,
    /// What it was told of: `ID STATUS`.
    told: Vec<String>,
    /// What is known of memories about paths, and which of them it was told of.
    #[serde(flatten)]
    pub reminders: Reminders,
}

impl Binding {
    /// What is known of this session; a damaged note is none.
    pub(super) fn load(project: &Project, harness: &str, session: &SessionId) -> Result<Binding> {
        let text = project
            .store()?
            .local_text(&layout::session(harness, session))?;
        let binding = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(binding.unwrap_or_default())
    }

    /// The session begins here, as this agent, which has read what waits.
    pub(super) fn begin(
        &mut self,
        project: &Project,
        me: &AgentId,
        waiting: &[Item],
        transcript: Option<&Path>,
    ) {
        let place = &project.place;
        let worktree = place.worktree.as_deref().unwrap_or(&place.git_dir);
        *self = Binding {
            agent: Some(me.clone()),
            at: project.now().to_string(),
            worktree: worktree.display().to_string(),
            transcript: transcript.map_or_else(String::new, |path| path.display().to_string()),
            in_a_row: 0,
            told: waiting.iter().map(key).collect(),
            reminders: Reminders::default(),
        };
    }

    /// Whether it may be kept going with another task; counts. Claude Code ends a turn that was kept going eight times.
    pub(super) fn may_go_on(&mut self, what: What) -> bool {
        self.in_a_row = match what {
            What::StopAgain => self.in_a_row.saturating_add(1),
            _ => 0,
        };
        self.in_a_row < MOST_IN_A_ROW
    }

    /// What it has not been told of.
    pub(super) fn untold<'i>(&self, items: &'i [Item]) -> Vec<&'i Item> {
        let is_new = |item: &&Item| !self.told.contains(&key(item));
        items.iter().filter(is_new).collect()
    }

    /// It has been told of these.
    pub(super) fn tell(&mut self, project: &Project, items: &[Item]) {
        if self.at.is_empty() {
            self.at = project.now().to_string();
        }
        self.told = items.iter().map(key).collect();
    }

    /// Remembers it; among many, those of long ago are forgotten.
    pub(super) fn save(
        &self,
        project: &Project,
        harness: &str,
        session: &SessionId,
    ) -> Result<(), Refused> {
        let store = project.store()?;
        let path = layout::session(harness, session);
        let is_new = store.local_text(&path)?.is_none();
        let text = serde_json::to_string(self).unwrap_or_else(|_| unreachable!("plain fields"));
        store.set_local_text(&path, &(text + "\n"))?;
        if is_new {
            let names = store.local_names(local::SESSIONS)?;
            let now = i64::try_from(clock::nanos() / 1_000_000_000).unwrap_or(i64::MAX);
            for name in names.iter().filter(|_| names.len() > MANY) {
                let old = format!("{}/{name}", local::SESSIONS);
                let written = store.local_written_at(&old)?;
                if written.is_some_and(|at| now - at / 1_000_000_000 > MEMORY) {
                    store.remove_local(&old)?;
                }
            }
        }
        Ok(())
    }
}

/// Where the harness keeps what was said in the agent's last session; of a person, in the last one of this worktree.
pub(crate) fn transcript_of(project: &Project, agent: Option<&str>) -> Result<Option<PathBuf>> {
    let store = project.store()?;
    let place = &project.place;
    let here = place.worktree.as_deref().unwrap_or(&place.git_dir);
    let here = here.display().to_string();
    let mut last: Option<Binding> = None;
    for name in store.local_names(local::SESSIONS)? {
        let text = store.local_text(&format!("{}/{name}", local::SESSIONS))?;
        let Some(binding) = text.and_then(|text| serde_json::from_str::<Binding>(&text).ok())
        else {
            continue;
        };
        let is_its_own = match agent {
            Some(agent) => binding
                .agent
                .as_ref()
                .is_some_and(|own| own.as_str() == agent),
            None => binding.worktree == here,
        };
        let is_later = last.as_ref().is_none_or(|last| last.at < binding.at);
        if is_its_own && is_later && !binding.transcript.is_empty() {
            last = Some(binding);
        }
    }
    Ok(last.map(|last| PathBuf::from(last.transcript)))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(number: &u8) -> bool {
    *number == 0
}

/// What makes a thing that waits a new one.
fn key(item: &Item) -> String {
    let at = item.told_at.map(|at| format!(" {at}")).unwrap_or_default();
    format!("{} {}{at}", item.id, item.status)
}
