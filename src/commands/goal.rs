//! `ghp goal`: what agents and groups are to achieve; what its verbs have in common.

pub mod close;
pub mod list;
pub mod new;
pub mod show;
mod team;
pub mod update;

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};

use self::team::Teams;
pub(crate) use self::team::of_group;
use super::group::{Board, require_coordinator};
use super::{named, one_line, text};
use crate::commands::text::Message;
use crate::documents::Document;
use crate::documents::paged::Paged;
use crate::domain::goal::{Goal, Metadata, Status};
use crate::domain::group::GroupName;
use crate::domain::time::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::project::{Caller, Project};
use crate::store::Transaction;

/// What stands for no goal, and for no group.
pub(crate) const NONE: &str = "none";

/// A goal as programs see it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its full id.
    pub id: String,
    /// One line: what is to be so.
    pub name: String,
    /// What there is to say beyond that.
    pub description: String,
    /// Whether it is so.
    pub status: Status,
    /// What was kept with it; of a group's goal also `group`, `members`, `coordinator` and, of one goal alone,
    /// `sharedContext`, as the group's document has them.
    pub metadata: Map<String, Value>,
    /// Delegated tasks that those who work on it have finished.
    pub tasks_completed: u64,
    /// Who set it.
    pub from: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it was completed or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Who did that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The document.
    pub path: PathBuf,
    /// What the command did.
    #[serde(skip)]
    pub did: Did,
}

/// What a command did with a goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Looked at it.
    Shown,
    /// Set it.
    Set,
    /// Changed it.
    Changed,
    /// Nothing: it was so.
    Nothing,
}

impl Report {
    fn of(project: &Project, goal: &Goal, teams: &Teams, did: Did) -> Report {
        Report {
            id: goal.id.clone(),
            name: goal.name.clone(),
            description: goal.body.trim().to_owned(),
            status: goal.status,
            metadata: teams.metadata(goal),
            tasks_completed: teams.tasks_completed(goal),
            from: goal.from.clone(),
            created_at: goal.created_at,
            closed_at: goal.closed_at,
            by: goal.by.clone(),
            path: project.documents().join(path(&goal.id)),
            did,
        }
    }

    /// One goal whole, as it stands.
    fn whole(project: &Project, goal: &Goal, did: Did) -> Result<Report> {
        let teams = Teams::with_context(project)?;
        Ok(Report::of(project, goal, &teams, did))
    }
}

fn path(id: &str) -> String {
    format!("{}/{id}.md", Goal::FOLDER)
}

/// The full id of the goal that a word means; `None` for the word that stands for none.
pub(crate) fn id(project: &Project, word: &str) -> Result<Option<String>> {
    if word == NONE {
        return Ok(None);
    }
    let ids = project.store()?.stems::<Goal>()?;
    named::id(Goal::WORD, word, &ids).map(|id| Some(id.to_owned()))
}

/// A goal in a decision; it was there a moment ago.
fn load(transaction: &mut Transaction<'_>, id: &str) -> Result<Paged<Goal>> {
    let goal = transaction.load::<Goal>(id)?;
    goal.ok_or_else(|| named::gone::<Goal>(id))
}

/// The words of a name.
fn name(said: &str) -> Result<String> {
    let name = one_line(said, "name")?;
    if name.is_empty() {
        return Err(Error::new(Kind::Usage, "a goal needs a name")
            .next("ghp goal new \"Ten users see the dashboard\""));
    }
    text::refuse_secrets(&name, "name", "ghp goal new NAME")?;
    Ok(name)
}

/// The text beside the name; `None` when nothing was said.
fn description(verb: &str, said: &Message) -> Result<Option<String>> {
    let Some(text) = said.given(verb)? else {
        return Ok(None);
    };
    text::refuse_secrets(&text, "description", &format!("ghp {verb} --help"))?;
    let text = text.trim_matches(['\r', '\n']).trim_end();
    Ok(Some(if text.is_empty() {
        String::new()
    } else {
        format!("{text}\n")
    }))
}

/// What was said to be kept with the goal.
fn metadata(verb: &str, said: Option<Metadata>) -> Result<Map<String, Value>> {
    let metadata = said.unwrap_or_default().0;
    let text = Value::Object(metadata.clone()).to_string();
    text::refuse_secrets(&text, "metadata", &format!("ghp {verb} --help"))?;
    Ok(metadata)
}

/// Refuses whoever neither set the goal, nor is in a group that works on it, nor leads.
fn require_own_or_lead(project: &Project, goal: &Goal, teams: &Teams, what: &str) -> Result<()> {
    let maker = match project.caller()? {
        Caller::Agent(me) if teams.has(goal, me.as_str()) => me.as_str(),
        _ => &goal.from,
    };
    super::require_own_or_lead(project, maker, what)
}

/// Sets the goal of a group in a decision, and notes the group with the goals that this concerns. `goal`: `None` takes
/// the group's away.
pub(crate) fn give(
    transaction: &mut Transaction<'_>,
    group: &str,
    goal: Option<&str>,
) -> Result<bool> {
    let Some(mut found) = transaction.group(group)? else {
        return Err(Error::new(Kind::NotFound, format!("{group} is gone")).next("ghp group list"));
    };
    if found.goal.as_deref() == goal {
        return Ok(false);
    }
    if let Some(before) = found.goal.take() {
        // One that cannot be read, or is no goal's id, is the finding of `doctor`.
        if Goal::is_stem(&before)
            && let Ok(Some(mut before)) = transaction.load::<Goal>(&before)
            && before.group.as_deref() == Some(group)
        {
            before.group = None;
            transaction.save(&before)?;
        }
    }
    if let Some(id) = goal {
        let mut goal = load(transaction, id)?;
        if goal.group.is_none() {
            goal.group = Some(group.to_owned());
            transaction.save(&goal)?;
        }
    }
    found.goal = goal.map(str::to_owned);
    transaction.save_group(&found)?;
    Ok(true)
}

/// Takes a goal from the group it was set for, in a decision.
fn take(transaction: &mut Transaction<'_>, id: &str) -> Result<bool> {
    let mut goal = load(transaction, id)?;
    let Some(group) = goal.group.take() else {
        return Ok(false);
    };
    transaction.save(&goal)?;
    // The group may be gone, or typed by hand and none.
    if group.parse::<GroupName>().is_ok()
        && let Some(mut group) = transaction.group(&group)?
        && group.goal.as_deref() == Some(id)
    {
        group.goal = None;
        transaction.save_group(&group)?;
    }
    Ok(true)
}

/// A group that a goal is to be set for: it must be there, and the caller lead it.
fn group(project: &Project, name: Option<&GroupName>) -> Result<Option<String>> {
    let Some(name) = name else { return Ok(None) };
    let board = Board::of(project, project.now())?;
    let group = super::group::named_or_own(project, &board, Some(name.as_str()))?;
    let what = format!("setting the goal of {}", group.name);
    require_coordinator(project, &board, &group, &what)?;
    Ok(Some(group.name))
}
