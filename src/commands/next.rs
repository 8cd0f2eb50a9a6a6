//! `ghp next`: the one thing to do now, with the command that does it.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::Item;
use super::{holding, inbox};
use crate::documents::brief::Brief;
use crate::domain::agent::Entry;
use crate::domain::issue::{Issue, choices};
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::{Caller, Project};

/// Say what to do now: what waits on you first, then your unblocked issue, then one you can take
///
/// Changes nothing. With --wait it returns when there is something to do.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Wait until there is something, at most this long (exit 9)
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
}

/// What to do now; without an item: nothing.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// Who asks.
    #[serde(rename = "for")]
    pub for_whom: String,
    /// The thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Item>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let for_whom = match project.caller()? {
        Caller::Agent(agent) => agent.to_string(),
        Caller::Human(_) => "human".to_owned(),
        Caller::Unnamed(_) => project.me()?.to_string(),
    };
    let Some(patience) = args.wait else {
        return Ok(Report {
            item: first(project)?,
            for_whom,
        });
    };
    let watch = project.watch()?;
    let deadline = patience.deadline();
    loop {
        project.refresh()?;
        if let Some(item) = first(project)? {
            return Ok(Report {
                item: Some(item),
                for_whom,
            });
        }
        if !watch.changed(deadline)? {
            return Err(
                Error::new(Kind::TimedOut, "there is still nothing to do").next("ghp next --wait")
            );
        }
    }
}

/// The first thing to do, if there is any.
fn first(project: &Project) -> Result<Option<Item>> {
    let issues = project.store()?.briefs()?;
    match of_inbox(project, &issues)? {
        Some(item) => Ok(Some(item)),
        None => an_issue(project, &issues),
    }
}

/// What waits on the caller; else what there was to hear since it was last heard of. Older news stays in the inbox, or
/// it would hide the caller's issue for a day.
fn of_inbox(project: &Project, issues: &BTreeMap<u64, Brief>) -> Result<Option<Item>> {
    let items = inbox::waiting_among(project, issues)?;
    let spoke = match project.caller()? {
        Caller::Agent(me) => project
            .store()?
            .status()?
            .agents
            .get(me.as_str())
            .and_then(Entry::seen),
        _ => None,
    };
    let is_news = |item: &&Item| spoke.is_none_or(|spoke| item.told_at.is_none_or(|at| at > spoke));
    Ok(items
        .iter()
        .find(|item| inbox::is_waiting(item))
        .or_else(|| items.iter().find(is_news))
        .cloned())
}

/// The caller's own unblocked issue, else one that can be taken.
fn an_issue(project: &Project, issues: &BTreeMap<u64, Brief>) -> Result<Option<Item>> {
    let me = match project.caller()? {
        Caller::Agent(agent) => Some(agent.as_str()),
        _ => None,
    };
    // The one in hand before the others that are held.
    let works_on = me
        .map(|me| -> Result<_> {
            Ok(project
                .store()?
                .status()?
                .agents
                .get(me)
                .and_then(|entry| entry.issue))
        })
        .transpose()?
        .flatten();
    let choices = choices(me.unwrap_or_default(), issues);
    let is_mine = |number: &u64| me.is_some() && issues[number].assignee.as_deref() == me;
    let own = works_on.filter(|number| choices.contains(number) && is_mine(number));
    let Some(number) = own.or(choices.first().copied()) else {
        return Ok(None);
    };
    let issue = project.store()?.load::<Issue>(&number.to_string())?;
    issue.map(|issue| item(project, &issue, me)).transpose()
}

fn item(project: &Project, issue: &Issue, me: Option<&str>) -> Result<Item> {
    let number = issue.number;
    let here = project.place.head()?.branch().map(str::to_owned);
    let elsewhere = match me.filter(|me| issue.is_held_by(me)) {
        Some(me) => holding::elsewhere(project, issue, me)?,
        None => None,
    };
    let next = match me {
        _ if let Some(path) = elsewhere => format!("cd {}", shell::path(&path)),
        None => format!("ghp start {number} --worktree --for worker-1"),
        Some(me) if issue.is_held_by(me) && issue.branch.is_some() && issue.branch == here => {
            format!("ghp issue show {number}")
        }
        Some(me) if project.place.label().as_deref() == Some(me) => format!("ghp start {number}"),
        Some(_) => format!("ghp start {number} --worktree"),
    };
    Ok(Item {
        kind: "issue",
        id: number.to_string(),
        from: issue.created_by.clone().unwrap_or_default(),
        to: issue.assignee.clone(),
        issue: Some(number),
        title: issue.title.clone(),
        status: "open".to_owned(),
        created_at: issue.created_at,
        age_seconds: issue.created_at.map(|at| project.now().since(at).max(0)),
        paths: issue.scope.clone(),
        next,
        noun: "issue",
        ..Item::default()
    })
}
