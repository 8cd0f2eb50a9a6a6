//! Groups stand as goals in an external agent-runtime, where one is chosen and trusted.
//!
//! Nothing that goes wrong there fails the command that changed the group: it stands already. What could not be told is
//! marked first and told with the next change of any group. Two commands never talk to the server at once, or a group might
//! become two goals: whoever finds it busy leaves its mark.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commands::goal::of_group;
use crate::config::goals::{GoalsServer, KEY};
use crate::documents::hash::checksum;
use crate::domain::group::Group;
use crate::error::{Error, Result};
use crate::host::lock::{Lock, LockError, lock};
use crate::project::Project;
use crate::runtime::{self, Goal, Kept, Server};
use crate::store::Store;
use crate::store::layout::local;

/// What is known of the server's goals.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Notes {
    /// The command that they are known of: another server has other goals.
    server: Vec<String>,
    /// By group.
    groups: BTreeMap<String, Note>,
    /// The groups that it has not been told of.
    pending: BTreeSet<String>,
}

/// What is known of one goal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    /// When the group was made, as its document has it: another one of the same name is another goal.
    created_at: Option<String>,
    /// Its id there.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    /// Whether the server can be told of changes.
    follows: bool,
    /// What it was told last, summed.
    told: u32,
}

/// Tells the server of a group that has changed. Whatever goes wrong is a warning.
pub(in crate::commands) fn register(project: &Project, group: &str) {
    if let Err(error) = try_register(project, group) {
        let next = error.next.map(|next| format!(": {next}"));
        project.warn(format!(
            "{group} stands, and is not registered yet: {}{}",
            error.message,
            next.unwrap_or_default()
        ));
    }
}

fn try_register(project: &Project, group: &str) -> Result<()> {
    let Some((server, setting)) = project.config()?.goals_server()? else {
        return Ok(());
    };
    // First the mark: whatever happens from here on, the next one tells it.
    change(project, &server, |notes| {
        notes.pending.insert(group.to_owned());
    })?;
    project.require_trust(KEY, &setting)?;
    let Some(_alone) = alone(project)? else {
        return Ok(());
    };
    let waiting = change(project, &server, |notes| notes.pending.clone())?;
    let told = tell(project, &server, &waiting);
    // What was marked while we talked, once: with more, it is the next one's.
    let later = change(project, &server, |notes| notes.pending.clone())?;
    let later: BTreeSet<String> = later.difference(&waiting).cloned().collect();
    if told.is_ok() && !later.is_empty() {
        return tell(project, &server, &later);
    }
    told
}

/// The right to talk to the server; `None`: somebody else does.
fn alone(project: &Project) -> Result<Option<Lock>> {
    let path = project.local().join(local::GOALS_LOCK);
    match lock(&path, || Duration::ZERO) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::Busy { .. }) => Ok(None),
        Err(error) => Err(crate::store::error::StoreError::Lock(error).into()),
    }
}

/// Tells the server of these groups.
fn tell(project: &Project, server: &GoalsServer, waiting: &BTreeSet<String>) -> Result<()> {
    let notes = change(project, server, |notes| notes.groups.clone())?;
    let mut goals = Vec::new();
    let mut about: Vec<(String, Note)> = Vec::new();
    let mut settled: Vec<(String, Option<Note>)> = Vec::new();
    for name in waiting {
        let Some(group) = project.store()?.group(name)? else {
            settled.push((name.clone(), None));
            continue;
        };
        let before = notes.get(name);
        let before = before.filter(|note| note.created_at == group.created_at);
        let goal = goal_of(&group, before);
        let told = checksum(format!("{goal:?}").as_bytes());
        if let Some(before) = before
            && (before.told == told || !before.follows)
        {
            settled.push((name.clone(), Some(before.clone())));
            continue;
        }
        let note = Note {
            created_at: group.created_at.clone(),
            id: None,
            follows: false,
            told,
        };
        about.push((name.clone(), note));
        goals.push(goal);
    }
    let server_there = Server {
        command: server.command.clone(),
        directory: project.local().to_owned(),
        patience: server.deadline.to_std(),
    };
    let ended = if goals.is_empty() {
        Ok(())
    } else {
        runtime::keep(&server_there, &goals, &mut |at, kept: Kept| {
            let (name, mut note) = about[at].clone();
            // The sum was made without the id, which is known only now.
            let told = Goal {
                id: kept.id.clone(),
                ..goals[at].clone()
            };
            note.told = checksum(format!("{told:?}").as_bytes());
            (note.id, note.follows) = (kept.id, kept.follows);
            settled.push((name, Some(note)));
        })
    };
    change(project, server, |notes| {
        for (name, note) in &settled {
            notes.pending.remove(name);
            match note {
                Some(note) => drop(notes.groups.insert(name.clone(), note.clone())),
                None => drop(notes.groups.remove(name)),
            }
        }
    })?;
    Ok(ended?)
}

/// The group as a goal.
fn goal_of(group: &Group, before: Option<&Note>) -> Goal {
    let objective = group.objective.clone();
    Goal {
        id: before.and_then(|note| note.id.clone()),
        name: group.name.clone(),
        description: objective.unwrap_or_else(|| format!("Coordination group {}", group.name)),
        metadata: of_group(group, true),
    }
}

/// Reads the notes, changes them and writes them, under the documents' lock. Damaged ones are begun anew.
fn change<T>(
    project: &Project,
    server: &GoalsServer,
    change: impl FnOnce(&mut Notes) -> T,
) -> Result<T, Error> {
    let _lock = Store::lock(project.local())?;
    let store = project.store()?;
    let text = store.local_text(local::GOALS)?;
    let notes = text.and_then(|text| serde_json::from_str::<Notes>(&text).ok());
    let mut notes = notes.unwrap_or_default();
    if notes.server != server.command {
        notes
            .pending
            .extend(std::mem::take(&mut notes.groups).into_keys());
        notes.server.clone_from(&server.command);
    }
    let answer = change(&mut notes);
    let text =
        serde_json::to_string_pretty(&notes).unwrap_or_else(|_| unreachable!("plain fields"));
    store.set_local_text(local::GOALS, &(text + "\n"))?;
    Ok(answer)
}
