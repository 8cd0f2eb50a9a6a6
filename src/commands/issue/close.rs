//! `ghp issue close`: the work is done and committed.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Did, Report, Rights};
use crate::domain::escalation::Escalation;
use crate::domain::escape::one_line;
use crate::domain::handoff::Handoff;
use crate::domain::id::IssueId;
use crate::domain::issue::{Issue, State, open_parts};
use crate::domain::memory::Memory;
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::git::{checkouts, uncommitted};
use crate::project::Project;

/// Close an issue: finished, committed and tested
///
/// Refused while its worktree holds uncommitted work, or while it has open parts. Whoever waits for it goes on.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which; yours when left out
    #[arg(value_name = "N")]
    pub issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let rights = Rights::of(project)?;
    let number = super::meant(project, args.issue, "issue close")?;
    if let Some(issue) = project
        .store()?
        .load::<Issue>(&number.to_string())?
        .filter(|issue| issue.is_open())
    {
        refuse_uncommitted(project, &issue)?;
    }
    let mut report = project.decide(&rights.by, "issue close", |transaction| {
        let mut issue = super::load(transaction, number)?;
        if !issue.is_open() {
            return Ok(Report::of(&issue, Did::Nothing));
        }
        let all = super::all_in(transaction)?;
        refuse_dispossessed(
            &rights,
            transaction
                .board()?
                .agents
                .get(&rights.by)
                .and_then(|entry| entry.issue),
            &issue,
        )?;
        rights.require(&issue, &all, "closing")?;
        let parts = open_parts(number, &all);
        if let Some(first) = parts.first() {
            let parts: Vec<String> = parts.iter().map(|part| format!("#{part}")).collect();
            let said = format!("#{number} has open parts: {}", parts.join(", "));
            return Err(Error::new(Kind::Failed, said)
                .hint("close them first")
                .next(format!("ghp issue show {first}")));
        }
        issue.state = State::Closed;
        issue.closed_at = Some(project.now());
        if let Some(holder) = issue.assignee.clone()
            && let Some(entry) = transaction
                .known(&holder)?
                .filter(|entry| entry.issue == Some(number))
        {
            entry.set_status("done");
            if rights.is(&holder) {
                entry.beat(project.now(), Some(format!("Closed #{number}")));
            }
        }
        transaction.say(format!("#{number} closed: {}", issue.title), Some(number));
        super::save(transaction, &issue)?;
        Ok(Report::of(&issue, Did::Closed))
    })?;
    if report.did == Did::Closed && taught(project, number)? {
        report.next = Some(format!(
            "ghp memory add \"What was learned\" --issue {number}"
        ));
    }
    Ok(report)
}

/// Whether something was learned on the issue that nobody has kept: a question about it was decided, or it was handed on.
fn taught(project: &Project, number: u64) -> Result<bool> {
    let store = project.store()?;
    let is_asked = store.readable::<Escalation>()?.iter().any(|question| {
        let core = &question.core;
        core.issue == Some(number) && core.decided_at.is_some() && !question.withdrawn
    });
    let is_handed = || -> Result<bool> {
        let handoffs = store.readable::<Handoff>()?;
        Ok(handoffs.iter().any(|it| it.core.issue == Some(number)))
    };
    if !is_asked && !is_handed()? {
        return Ok(false);
    }
    let memories = store.readable::<Memory>()?;
    Ok(!memories.iter().any(|memory| memory.issue == Some(number)))
}

/// The caller's entry says that it holds the issue, and it is another's now.
fn refuse_dispossessed(rights: &Rights, works_on: Option<u64>, issue: &Issue) -> Result<()> {
    match (&rights.agent, &issue.assignee) {
        (Some(me), Some(owner)) if me != owner && works_on == Some(issue.number) => {
            Err(crate::commands::dispossessed(me, issue.number, owner))
        }
        _ => Ok(()),
    }
}

/// Refuses while a worktree on the issue's branch holds what no commit does.
fn refuse_uncommitted(project: &Project, issue: &Issue) -> Result<()> {
    let Some(branch) = &issue.branch else {
        return Ok(());
    };
    for worktree in checkouts::on_branch(&project.place, branch)?
        .into_iter()
        .filter_map(|place| place.worktree)
    {
        let paths = uncommitted::paths(&worktree)?;
        if let Some(first) = paths.first() {
            return Err(still_uncommitted(
                issue.number,
                worktree,
                first,
                paths.len() - 1,
            ));
        }
    }
    Ok(())
}

fn still_uncommitted(number: u64, worktree: PathBuf, first: &str, more: usize) -> Error {
    let at = worktree.display();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Error::new(
        Kind::Failed,
        format!(
            "#{number} has uncommitted work in {at}: {}{more}",
            one_line(first, 60)
        ),
    )
    .hint("commit it, or ignore or remove what does not belong to it")
    .next(format!("git -C {} status", shell::path(&worktree)))
}
