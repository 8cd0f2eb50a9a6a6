//! Who holds an issue: what `claim`, `start`, `assign` and `release` have in common.

use std::path::PathBuf;

use serde::Serialize;

use crate::documents::paged::Paged;
use crate::domain::agent::{ENDED, Entry};
use crate::domain::id::AgentId;
use crate::domain::issue::Issue;
use crate::domain::time::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::git::checkouts;
use crate::project::{Caller, Project};
use crate::store::Transaction;

/// Who now holds an issue, and where it is worked on.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    /// The issue.
    pub issue: u64,
    /// Its title.
    pub title: String,
    /// The agent this is about; absent when nobody held what was released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The issue's branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Where it is worked on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<PathBuf>,
    /// Whether a branch or a worktree was made.
    pub created: bool,
    /// Whether everybody agrees: always, without a coordination remote.
    pub confirmed: bool,
    /// How often the issue has changed hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
    /// Whether it was so before.
    pub already: bool,
    /// The command to type next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Holding {
    /// What there is to say about an issue that is, or was, an agent's.
    pub(crate) fn of(issue: &Issue, agent: Option<&str>, already: bool) -> Holding {
        Holding {
            issue: issue.number,
            title: issue.title.clone(),
            agent: agent.map(str::to_owned),
            branch: issue.branch.clone(),
            worktree: None,
            created: false,
            confirmed: true,
            fence: issue.fence,
            already,
            next: None,
        }
    }

    /// The same with the command to type next.
    pub(crate) fn then(self, next: impl Into<String>) -> Holding {
        Holding {
            next: Some(next.into()),
            ..self
        }
    }
}

/// The agent that is calling; a person is told how to name one.
pub(crate) fn agent(project: &Project, for_whom: &str) -> Result<AgentId> {
    match project.caller()? {
        Caller::Human(_) => Err(Error::new(
            Kind::NoAgent,
            "you are the human here: say which agent it is for",
        )
        .next(for_whom)),
        _ => project.me().cloned(),
    }
}

/// The other worktree that has the issue's branch, where it is the agent's to work in: there is no second checkout of it.
pub(crate) fn elsewhere(project: &Project, issue: &Issue, agent: &str) -> Result<Option<PathBuf>> {
    let Some(branch) = &issue.branch else {
        return Ok(None);
    };
    let places = checkouts::on_branch(&project.place, branch)?;
    if places
        .iter()
        .any(|place| place.git_dir == project.place.git_dir)
    {
        return Ok(None);
    }
    let place = places
        .into_iter()
        .find(|place| place.label().is_none_or(|label| label == agent));
    Ok(place.and_then(|place| place.worktree))
}

/// An agent takes an issue for itself; `false`: it held it before. Refused when the issue is closed, blocked, or
/// somebody else's.
pub(crate) fn take(
    transaction: &mut Transaction<'_>,
    issue: &mut Paged<Issue>,
    agent: &AgentId,
) -> Result<bool> {
    let number = issue.number;
    refuse_closed(issue)?;
    if !issue.is_held_by(agent.as_str()) && issue.assignee.is_none() {
        refuse_blocked(transaction, issue)?;
    }
    issue.claim(agent.as_str()).map_err(|held| {
        Error::new(Kind::ClaimHeld, format!("#{number} is {}'s", held.by))
            .hint("take another")
            .next("ghp claim --next")
    })
}

/// What there is to write down of an issue that only entries knew, when it is assigned.
pub(crate) fn untold(number: u64, by: &str, now: Timestamp) -> Paged<Issue> {
    Paged::new(Issue {
        number,
        title: format!("Issue {number}"),
        created_at: Some(now),
        created_by: Some(by.to_owned()),
        ..Issue::default()
    })
}

/// Refuses an issue that is closed.
pub(crate) fn refuse_closed(issue: &Issue) -> Result<()> {
    let number = issue.number;
    if issue.is_open() {
        return Ok(());
    }
    Err(Error::new(Kind::Conflict, format!("#{number} is closed"))
        .hint("take another, or open it again")
        .next(format!("ghp issue reopen {number}")))
}

/// Refuses an issue that waits for an open one, naming it and who works on it.
pub(crate) fn refuse_blocked(transaction: &mut Transaction<'_>, issue: &Issue) -> Result<()> {
    let mut open = Vec::new();
    for number in &issue.blocked_by {
        if let Some(blocker) = transaction
            .load::<Issue>(&number.to_string())?
            .filter(|blocker| blocker.is_open())
        {
            let by = blocker
                .assignee
                .as_deref()
                .map_or_else(String::new, |name| format!(" ({name})"));
            open.push(format!("#{number}{by}"));
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        format!("#{} is blocked by {}", issue.number, open.join(", ")),
    )
    .hint("take another, or wait until it can go on")
    .next("ghp next --wait"))
}

/// The agent's entry says that it works on the issue; `false`: it said so before.
pub(crate) fn work_on(
    transaction: &mut Transaction<'_>,
    agent: &AgentId,
    issue: &Issue,
    now: Timestamp,
    action: &str,
) -> Result<bool> {
    let entry = transaction.entry(agent.as_str())?;
    let resting = entry.status.is_none() || entry.word() == "idle" || ENDED.contains(&entry.word());
    if entry.issue == Some(issue.number) && entry.fence == issue.fence && !resting {
        return Ok(false);
    }
    entry.issue = Some(issue.number);
    entry.fence = issue.fence;
    entry.set_status("starting");
    entry.beat(now, Some(format!("{action} #{}", issue.number)));
    Ok(true)
}

/// The agent's entry names an issue, whoever holds it; the fence is that of the agent's own claim, or none.
pub(crate) fn name(transaction: &mut Transaction<'_>, agent: &AgentId, number: u64) -> Result<()> {
    let own = transaction
        .load::<Issue>(&number.to_string())?
        .filter(|issue| issue.is_held_by(agent.as_str()));
    let entry = transaction.entry(agent.as_str())?;
    entry.issue = Some(number);
    entry.fence = own.and_then(|issue| issue.fence);
    Ok(())
}

/// The entry of an agent that was given an issue points at it, unless the agent is at work on another of its own.
pub(crate) fn point(
    transaction: &mut Transaction<'_>,
    agent: &AgentId,
    issue: &Issue,
) -> Result<()> {
    let works_on = transaction
        .entry(agent.as_str())?
        .issue
        .filter(|number| *number != issue.number);
    if let Some(number) = works_on
        && let Some(other) = transaction.load::<Issue>(&number.to_string())?
        && other.is_open()
        && other.is_held_by(agent.as_str())
    {
        return Ok(());
    }
    let entry = transaction.entry(agent.as_str())?;
    entry.issue = Some(issue.number);
    entry.fence = issue.fence;
    if entry.status.is_none() || entry.ended() {
        // It has not spoken yet: no time stamp, so that it never looks more alive than it is.
        entry.set_status("idle");
    }
    Ok(())
}

/// The entry lets go of an issue; `false`: it did not name it.
pub(crate) fn let_go(entry: &mut Entry, number: u64) -> bool {
    if entry.issue != Some(number) {
        return false;
    }
    entry.issue = None;
    entry.fence = None;
    entry.set_status("idle");
    true
}
