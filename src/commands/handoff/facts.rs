//! What is known of a piece of work: from git, the board, the issues and the questions.

use std::collections::BTreeSet;

use crate::commands::approval;
use crate::commands::matter::{self, Matter};
use crate::commands::memory;
use crate::domain::agent::Entry;
use crate::domain::escalation::Escalation;
use crate::domain::handoff::Facts;
use crate::domain::id::AgentId;
use crate::domain::issue::Issue;
use crate::domain::waiting::{Kind, Waits, tail};
use crate::error::Result;
use crate::git::place::Place;
use crate::git::{checkouts, uncommitted, work};
use crate::project::Project;

/// Gathers it, as of now.
pub(super) fn gather(
    project: &Project,
    me: &AgentId,
    number: u64,
    issue: Option<&Issue>,
    note: String,
) -> Result<Facts> {
    let main = project.config()?.main_branch()?;
    let entry = project
        .store()?
        .status()?
        .agents
        .get(me.as_str())
        .cloned()
        .unwrap_or_default();
    let branch = match issue.and_then(|issue| issue.branch.clone()) {
        Some(branch) => Some(branch),
        None => project
            .place
            .head()?
            .branch()
            .map(str::to_owned)
            .filter(|branch| *branch != main),
    };
    let (open, decided) = questions(project, me, number)?;
    let mut blockers = blocking_issues(project, &entry, issue)?;
    blockers.extend(open);
    let learned = issue.map(|issue| memory::binding(project, issue));
    let learned = learned.transpose()?.unwrap_or_default();
    let mut facts = Facts {
        from: me.to_string(),
        main,
        branch,
        status: entry.status,
        last_action: entry.last_action,
        context_summary: entry.context_summary,
        blockers,
        decided,
        scope: issue.map(|issue| issue.scope.clone()).unwrap_or_default(),
        memories: learned.into_iter().map(|memory| memory.id).collect(),
        issue: number,
        note,
        ..Facts::default()
    };
    read_git(project, &mut facts)?;
    Ok(facts)
}

fn read_git(project: &Project, facts: &mut Facts) -> Result<()> {
    let Some(branch) = &facts.branch else {
        return Ok(());
    };
    let done = work::since(&project.place.common, branch, &facts.main)?;
    facts.base = done.base;
    facts.commits = done.commits;
    facts.changed = done
        .changed
        .into_iter()
        .map(|it| (it.how, it.path))
        .collect();
    if let Some(worktree) = worktree_of(&project.place, branch)? {
        facts.uncommitted = uncommitted::changes(&worktree)?
            .into_iter()
            .map(|it| (it.how, it.path))
            .collect();
        facts.worktree = Some(worktree.display().to_string());
    }
    Ok(())
}

/// Where a branch is checked out.
fn worktree_of(place: &Place, branch: &str) -> Result<Option<std::path::PathBuf>> {
    Ok(checkouts::on_branch(place, branch)?
        .into_iter()
        .find_map(|place| place.worktree))
}

/// The issues that stand in the way, a line each.
fn blocking_issues(project: &Project, entry: &Entry, issue: Option<&Issue>) -> Result<Vec<String>> {
    let declared = issue
        .map(|issue| issue.blocked_by.as_slice())
        .unwrap_or_default();
    let numbers: BTreeSet<u64> = declared.iter().chain(&entry.blocked_on).copied().collect();
    let mut lines = Vec::new();
    for number in numbers {
        match project.store()?.load::<Issue>(&number.to_string())? {
            Some(other) if !other.is_open() => {}
            Some(other) => {
                let who = other
                    .assignee
                    .as_deref()
                    .map(|name| format!(", {name}'s"))
                    .unwrap_or_default();
                lines.push(format!("#{number} {} (open{who})", other.title));
            }
            None => lines.push(format!("#{number}")),
        }
    }
    Ok(lines)
}

/// The agent's questions and requests on this issue, a line each: the open ones, and the decided ones.
fn questions(project: &Project, me: &AgentId, number: u64) -> Result<(Vec<String>, Vec<String>)> {
    let kinds = [Kind::Escalation, Kind::Approval];
    let matters = matter::all(project, &kinds, |_, text| text.contains(me.as_str()))?;
    let (mut open, mut decided) = (Vec::new(), Vec::new());
    for matter in &matters {
        let core = matter.core();
        if core.from != me.as_str() || core.issue.is_some_and(|issue| issue != number) {
            continue;
        }
        let short = tail(&core.id);
        match matter {
            Matter::Escalation(asked) if asked.is_open() => {
                open.push(format!("Question {short} is open: {}", core.title));
            }
            Matter::Escalation(asked) => decided.extend(decision(asked)),
            Matter::Approval(asked) if asked.is_open() => {
                let paths = approval::listed(&asked.paths);
                open.push(format!(
                    "Approval {short} is not decided: {paths}: {}",
                    core.title
                ));
            }
            Matter::Approval(asked) if !asked.is_withdrawn() => {
                decided.push(format!("Approval {}", approval::line(matter)));
            }
            Matter::Approval(_) | Matter::Handoff(_) | Matter::Task(_) => {}
        }
    }
    Ok((open, decided))
}

fn decision(asked: &Escalation) -> Option<String> {
    let decision = asked.decision.as_ref().filter(|_| !asked.is_withdrawn())?;
    let why = asked
        .why
        .as_deref()
        .map(|why| format!(" ({why})"))
        .unwrap_or_default();
    Some(format!(
        "{} {} → {}{why}",
        tail(&asked.core.id),
        asked.core.title,
        decision.text
    ))
}
